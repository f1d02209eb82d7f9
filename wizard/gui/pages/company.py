"""The page where the customer says which company it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from wizard.core.errors import FieldInvalid
from wizard.core.orgnr import compact, expected, spaced
from wizard.core.share import last
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.consent_panel import ConsentPanel
from wizard.gui.widgets.message import with_code
from wizard.gui.widgets.parts import HIGH, Button, Heading, Icon, Note, Panel, Quiet, Row, announce
from wizard.gui.widgets.veil import veil

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QShowEvent

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts


class CompanyPage(Page):
    """Asks for the organisation number first, then for a name of the customer's own.

    `numbered` with each valid number that is typed; `renew_wished` to go on with a company that is connected
    already, `home_wished` to look at what is; `help_wished` by who is no administrator.
    """

    numbered = Signal(str)
    help_wished = Signal()
    renew_wished = Signal()
    home_wished = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self._intro = Note()
        self.known = Known()
        self.known.renew.clicked.connect(self.renew_wished)
        self.known.home.clicked.connect(self.home_wished)
        self.orgnr, self.label = QLineEdit(), QLineEdit()
        for line in (self.orgnr, self.label):
            look.pad(line)
        self.not_admin = Quiet()
        self.not_admin.clicked.connect(self.help_wished)
        self.consent = ConsentPanel()
        self.consent.missed.connect(self.bring_into_view)
        self._orgnr_name, self._label_name = QLabel(), QLabel()
        self._orgnr_help, self._label_help = Note(), Note()
        self._orgnr_help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._orgnr_help.setMinimumHeight(2 * self._orgnr_help.fontMetrics().lineSpacing())  # no jump
        self._mark = Icon()
        self._problem: FieldInvalid | None = None
        self._companies: Mapping[str, str] = {}
        self._registered = ("", "")
        self._provider: Provider | None = None
        self._required = self._locked = False
        self._held = ""
        self.orgnr.textEdited.connect(self._edited)
        self.label.setMaxLength(80)
        self._place()
        self.say(texts)

    def number(self) -> str:
        """Return the checked number, or an empty text where it may be left out; raises `FieldInvalid`."""
        if self.orgnr.text().strip():
            return expected(self.orgnr.text())
        if self._required:
            raise FieldInvalid(fields=("expect",), reason="needed")
        return ""

    @property
    def locked(self) -> bool:
        """Whether the partner has set the number, so that it cannot be changed here."""
        return self._locked

    def typed(self) -> dict[str, str]:
        """Return what the customer wrote herself, and nothing that the partner has set."""
        number = "" if self._locked else self._number_if_good()
        return {"orgnr": number, "company": self.label.text().strip()}

    def show_error(self, error: FieldInvalid | None) -> None:
        """Say what is wrong with the number, beside it, and take the customer there."""
        self._problem = error
        self._say_help()
        if error:
            announce(self.orgnr, self._orgnr_help.text())
            self.orgnr.setFocus()
            self.orgnr.selectAll()

    def ask_for(self, provider: Provider, companies: Mapping[str, str], *, required: bool) -> None:
        """Take what is known before the number is asked for.

        `companies` are those that are connected already, name by number; `required` tells that the number
        may not be left out: nothing else says which company it is.
        """
        self._provider, self._companies, self._required = provider, companies, required
        self._lock()
        self._say_help()

    def fill_in(self, number: str, label: str) -> None:
        """Take the number and the name that are known from before; both may be changed."""
        if not self._locked:
            self.orgnr.setText(number)
        self.label.setText(label)
        self._edited()

    def hold(self, number: str) -> None:
        """Hold the customer to a number, or to none: the company of a connection that is renewed."""
        self._held = number
        self._lock()
        self._edited()

    def ask_anew(self) -> None:
        """Empty the number, for another company than the one that is connected."""
        if not self._locked:
            self.orgnr.clear()
        self._edited()

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
        self._lock()
        self.consent.say(texts)
        self.title.setText(texts.say("company.title"))
        self._intro.setText(texts.say("company.intro"))
        for line in (self.orgnr, self.label):
            veil(line, texts)
        self._orgnr_name.setText(texts.say("company.orgnr"))
        self._label_name.setText(texts.say("company.label"))
        self._label_help.setText(texts.say("company.label_help"))
        self.not_admin.setText(texts.say("not_admin.open"))
        for field, key in ((self.orgnr, "orgnr"), (self.label, "label")):
            field.setAccessibleName(texts.say(f"company.{key}").replace("&", ""))
        self.label.setAccessibleDescription(texts.say("company.label_help"))
        self._say_help()

    def showEvent(self, event: QShowEvent) -> None:
        """Have what is asked for seen: beneath a number that is set it may be out of sight."""
        super().showEvent(event)
        if self._locked:
            self.bring_into_view(self._label_help)

    def first_focus(self) -> QWidget:
        """Return the number, or the name where the number is the partner's."""
        return self.label if self._locked else self.orgnr

    def forget(self) -> None:
        """Ask anew, for another connection."""
        self._held = ""
        self.orgnr.clear()
        self.label.clear()
        self.consent.forget()
        self._lock()
        self._edited()

    def _lock(self) -> None:
        """Show the number that the partner has set, if it has: it is read, and not changed."""
        try:
            wanted = self.texts.preset.company or self._held
            number = expected(wanted) if wanted else ""
        except FieldInvalid:  # what is no number cannot be what the customer is held to
            number = ""
        self._locked = bool(number)
        self.orgnr.setReadOnly(self._locked)
        colours = QPalette()
        if self._locked:
            self.orgnr.setText(spaced(number))
            colours.setColor(QPalette.ColorRole.Text, look.quiet(colours))
            colours.setColor(QPalette.ColorRole.Base, colours.color(QPalette.ColorRole.Window))
        self.orgnr.setPalette(colours)

    def _edited(self) -> None:
        self._problem = None
        self._say_help()
        self.complete_changed.emit()
        if number := self._number_if_good():
            self.numbered.emit(number)

    def _say_known(self) -> None:
        name = "" if self._held else self._companies.get(compact(self.orgnr.text()), "")
        self.known.say(name, self.texts)
        if name:
            self.bring_into_view(self.known)

    def _say_help(self) -> None:
        self._say_known()
        if self._problem:
            said = self.texts.explain(self._problem, self._provider)
            whole = with_code(f"{said.what} {said.why}", self._problem, self.texts, self._provider)
            self._show_help(whole, "cross", Tone.BAD)
        elif self._locked:
            held = self._held and not self.texts.preset.company
            self._show_help(self.texts.say("company.held" if held else "company.locked"), "lock", Tone.PLAIN)
        elif good := self._number_if_good():
            self._say_good(good)
        else:
            key = "orgnr_needed" if self._required else "orgnr_help"
            self._show_help(self.texts.say(f"company.{key}", self._provider), "info", Tone.PLAIN)

    def _say_good(self, good: str) -> None:
        number, name = self._registered
        key = "registered" if name and number == good else "good"
        key = "good_last" if self.texts.share_safe else key
        said = self.texts.say(f"company.{key}", company=name, last=last(good))
        self._show_help(said, "check", Tone.GOOD)

    def _show_help(self, text: str, icon: str, tone: Tone) -> None:
        self._orgnr_help.setText(text)
        self._orgnr_help.set_tone(None if tone is Tone.PLAIN else tone)
        self._mark.show_icon(icon, tone)
        self.orgnr.setAccessibleDescription(text)

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
            field.setMinimumHeight(look.em(self, HIGH))
        self.column.addWidget(self._intro)
        self.column.addSpacing(look.gap(self, 3))
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(look.gap(self, 1))
        form.addRow(self._orgnr_name, self.orgnr)
        helping = QHBoxLayout()
        helping.setSpacing(look.gap(self, 2))
        helping.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        helping.addWidget(self._orgnr_help, 1)
        form.addRow(helping)
        self.column.addLayout(form)
        self.column.addSpacing(look.gap(self, 3))
        naming = QFormLayout()
        naming.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        naming.setVerticalSpacing(look.gap(self, 1))
        naming.addRow(self._label_name, self.label)
        naming.addRow(self._label_help)
        self.column.addLayout(naming)
        self.column.addSpacing(look.gap(self, 3))
        self.column.addWidget(self.consent)
        self.column.addWidget(self.known)  # beneath: nothing that is being filled in moves
        self.column.addStretch(1)
        self.column.addWidget(self.not_admin, 0, Qt.AlignmentFlag.AlignLeft)


class Known(Panel):
    """A company that is connected already: renew that connection, or look at what there is."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Icon("building", lines=1.8)
        self._name, self._text = Heading(2), Note()
        self.renew, self.home = Button(), Button()
        self._told = ""
        column = QVBoxLayout()
        column.setSpacing(look.gap(self, 2))
        column.addWidget(self._name)
        column.addWidget(self._text)
        for button in (self.renew, self.home):
            button.setAutoDefault(False)
        column.addWidget(Row(self.renew, self.home))
        row = QHBoxLayout(self)
        row.setContentsMargins(*[look.gap(self, 4)] * 4)
        row.setSpacing(look.gap(self, 4))
        row.addWidget(self._icon)
        row.addLayout(column, 1)
        self.hide()

    def say(self, company: str, texts: Texts) -> None:
        """Show the company of that name, or nothing; it is said aloud when it comes up."""
        self.setVisible(bool(company))
        self._name.setText(texts.name(company))
        self._text.setText(texts.say("company.known", company=company))
        self.renew.setText(texts.say("company.renew"))
        self.home.setText(texts.say("company.overview"))
        if company and company != self._told:
            announce(self, self._text.text())
        self._told = company
