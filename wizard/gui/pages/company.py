"""The page where the customer says which company it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from wizard.core.errors import FieldInvalid
from wizard.core.orgnr import compact, expected
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.parts import Icon, Note, announce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.texts import Texts


class CompanyPage(Page):
    """Asks for the organisation number, which may be left out, and a name of the customer's own.

    `numbered` with each valid number that is typed.
    """

    numbered = Signal(str)

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self._intro, self._known = Note(), Note(tone=Tone.PLAIN)
        self.orgnr, self.label = QLineEdit(), QLineEdit()
        self._orgnr_name, self._label_name = QLabel(), QLabel()
        self._orgnr_help, self._label_help = Note(), Note()
        self._mark = Icon()
        self._problem: FieldInvalid | None = None
        self._companies: Mapping[str, str] = {}
        self._registered = ("", "")
        self.orgnr.textEdited.connect(self._edited)
        self.label.setMaxLength(80)
        self._place()
        self.say(texts)

    def number(self) -> str:
        """Return the checked number, or an empty text; raises `FieldInvalid`."""
        return expected(self.orgnr.text()) if self.orgnr.text().strip() else ""

    def show_error(self, error: FieldInvalid | None) -> None:
        """Say what is wrong with the number, beside it, and take the customer there."""
        self._problem = error
        self._say_help()
        if error:
            announce(self.orgnr, self._orgnr_help.text())
            self.orgnr.setFocus()
            self.orgnr.selectAll()

    def know(self, companies: Mapping[str, str]) -> None:
        """Take the companies that are connected already, name by number, to say so when one is given."""
        self._companies = companies
        self._say_known()

    @Slot(object)
    def show_registered(self, found: tuple[str, str] | None) -> None:
        """Show the name that the open register has for a number; None or no name shows nothing."""
        self._registered = found or ("", "")
        self._say_help()
        if self._registered[1] and self._number_if_good() == self._registered[0]:
            announce(self.orgnr, self._orgnr_help.text())

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        self.title.setText(texts.say("company.title"))
        self._intro.setText(texts.say("company.intro"))
        self._orgnr_name.setText(texts.say("company.orgnr"))
        self._label_name.setText(texts.say("company.label"))
        self._label_help.setText(texts.say("company.label_help"))
        for field, key in ((self.orgnr, "orgnr"), (self.label, "label")):
            field.setAccessibleName(texts.say(f"company.{key}").replace("&", ""))
            field.setAccessibleDescription(texts.say(f"company.{key}_help"))
        self._say_help()

    def first_focus(self) -> QWidget:
        """Return the number."""
        return self.orgnr

    def forget(self) -> None:
        """Ask anew, for another connection."""
        self.orgnr.clear()
        self.label.clear()
        self._edited()

    def _edited(self) -> None:
        self._problem = None
        self._say_help()
        self.complete_changed.emit()
        if number := self._number_if_good():
            self.numbered.emit(number)

    def _say_known(self) -> None:
        name = self._companies.get(compact(self.orgnr.text()), "")
        self._known.setVisible(bool(name))
        self._known.setText(self.texts.say("company.known", company=name))

    def _say_help(self) -> None:
        self._say_known()
        if self._problem:
            said = self.texts.explain(self._problem)
            self._orgnr_help.setText(f"{said.what} {said.why}")
            self._orgnr_help.set_tone(Tone.BAD)
            self._mark.show_icon("cross", Tone.BAD)
        else:
            good = self._number_if_good()
            number, name = self._registered
            key = "registered" if name and number == good else "good" if good else "orgnr_help"
            self._orgnr_help.setText(self.texts.say(f"company.{key}", company=name))
            self._orgnr_help.set_tone(Tone.GOOD if good else None)
            self._mark.show_icon("check" if good else "info", Tone.GOOD if good else Tone.PLAIN)

    def _number_if_good(self) -> str:
        try:
            return self.number()
        except FieldInvalid:
            return ""

    def _place(self) -> None:
        self._orgnr_name.setBuddy(self.orgnr)
        self._label_name.setBuddy(self.label)
        for field in (self.orgnr, self.label):
            field.setMaximumWidth(look.em(self, 24))
            field.setMinimumHeight(look.em(self, 1.9))
        self.column.addWidget(self._intro)
        self.column.addSpacing(look.gap(self, 3))
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(look.gap(self, 1))
        form.addRow(self._orgnr_name, self.orgnr)
        helping = QHBoxLayout()
        helping.addWidget(self._mark)
        helping.addWidget(self._orgnr_help, 1)
        form.addRow(helping)
        gap = QVBoxLayout()
        gap.addSpacing(look.gap(self, 4))
        form.addRow(gap)
        form.addRow(self._label_name, self.label)
        form.addRow(self._label_help)
        self.column.addLayout(form)
        self._known.hide()
        self.column.addWidget(self._known)
        self.column.addStretch(1)
