"""The sheets over a guide: what is seen instead of a step, and what to send to an administrator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from wizard.core.guide_page import file_name, guide_page
from wizard.core.mail import handing
from wizard.core.notes import kept, without_keys
from wizard.core.texts import LANGUAGES
from wizard.gui import clipboard, look
from wizard.gui.look import Tone
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.parts import HIGH, Button, Combo, Heading, Icon, Note, Paragraph, announce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts
    from wizard.gui.guide_help import More

_FEW, _MANY = 3.5, 12.0
"""How high the places for a note and for a letter are at least, in lines."""


class NoteEdit(QPlainTextEdit):
    """A place for a few words; a key that is pasted here by mistake is never shown nor held. `hid` then."""

    hid = Signal()

    def __init__(self, providers: Iterable[Provider]) -> None:
        super().__init__()
        self._providers = tuple(providers)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(look.em(self, _FEW))

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take a paste or a drop without the keys in it."""
        safe, text = QMimeData(), without_keys(source.text(), self._providers)
        safe.setText(text)
        super().insertFromMimeData(safe)
        if text != source.text():
            self.hid.emit()

    def note(self) -> str:
        """Return what is written, as it may be kept; what is left in the place is the same."""
        said = kept(self.toPlainText(), self._providers)
        if without_keys(self.toPlainText(), self._providers) != self.toPlainText():
            self.setPlainText(said)
            self.hid.emit()
        return said


class OtherScreenSheet(Sheet):
    """A place to say what is seen instead of a step. `noted` with it; `report_wished` to see the report."""

    noted = Signal(str)
    report_wished = Signal()

    def __init__(
        self,
        parent: QWidget,
        texts: Texts,
        provider: Provider,
        number: str,
        providers: Iterable[Provider],
    ) -> None:
        super().__init__(parent, texts, "other_screen", provider, number=number)
        self._provider, self._number = provider, number
        self.edit = NoteEdit(providers)
        self.edit.hid.connect(self._say_hidden)
        self.hidden = Note(tone=Tone.WAIT)
        self.after = Paragraph(tone=Tone.PLAIN)
        self.keep, self.report = self.button("other_screen.keep"), self.button("other_screen.report")
        self.keep.clicked.connect(self._keep)
        self.report.clicked.connect(self._wish_report)
        self._place()

    def _keep(self) -> None:
        said = self.edit.note()
        self.edit.setReadOnly(True)
        self.keep.setEnabled(False)
        self.noted.emit(said)
        after = f"{self.texts.say('other_screen.kept')} {self._whom()}"
        self.after.setText(after)
        self.after.show()
        self.report.show()
        self.close_button.setFocus()
        announce(self.after, after)

    def _whom(self) -> str:
        """Return whom to call, and what to say there."""
        preset = self.texts.preset
        phone = preset.phone.replace(" ", "\u00a0")  # a number is read in one go
        ways = " · ".join(way for way in (phone, preset.email) if way)
        key = "other_screen.call" if ways else "other_screen.call_nobody"
        return self.texts.say(key, self._provider, ways=ways, number=self._number)

    def _say_hidden(self) -> None:
        self.hidden.setText(self.texts.say("other_screen.hidden"))
        announce(self.hidden, self.hidden.text())

    def _wish_report(self) -> None:
        self.accept()
        self.report_wished.emit()

    def _place(self) -> None:
        label, help_text = QLabel(self.texts.say("other_screen.label")), Note()
        label.setBuddy(self.edit)
        help_text.setText(self.texts.say("other_screen.help"))
        self.edit.setAccessibleName(label.text().replace("&", ""))
        self.edit.setAccessibleDescription(help_text.text())
        self.column.addWidget(label)
        self.column.addWidget(self.edit, 1)
        for part in (help_text, self.hidden, self.after):
            self.column.addWidget(part)
        self.after.hide()
        self.report.hide()
        self.keep.setDefault(True)
        self.keep.lead()
        self.finish(self.keep, self.report, high=26)
        self.edit.setFocus()


class NotAdminSheet(Sheet):
    """A letter and the guide for an administrator. `save_wished` with a file's name and what is in it.

    `sent` where the customer says so, which is asked only where somebody waits for it.
    """

    save_wished = Signal(str, str)
    sent = Signal()

    def __init__(
        self, parent: QWidget, texts: Texts, provider: Provider, typed: Mapping[str, str], more: More
    ) -> None:
        super().__init__(parent, texts, "not_admin", provider)
        self._provider, self._typed, self._more = provider, typed, more
        self.open_page: Callable[[str], object] = _open
        self.language = Combo()
        self.subject, self.body, self.state = QLineEdit(), QPlainTextEdit(), Note()
        look.pad(self.subject)
        self.save, self.mail = self.button(self._named_for("save")), self.button("mail.open")
        self.have_sent = self.button("buttons.have_sent")
        self.copy_subject, self.copy_body = self.button("buttons.copy"), self.button("buttons.copy")
        self._address = self._whole_subject = self._whole_body = ""
        for one in LANGUAGES:
            self.language.addItem(texts.say(f"language.{one}"), one)
        self.language.setCurrentIndex(LANGUAGES.index(texts.language))
        self._connect()
        self._place()
        self._show()

    def tell(self, key: str, *, good: bool = True, **facts: str) -> None:
        """Say what saving came to, or noting that it was sent."""
        self.state.set_tone(Tone.GOOD if good else Tone.BAD)
        self.state.setText(self.texts.say(f"not_admin.{key}", None, **facts))
        announce(self.state, self.state.text())

    def _connect(self) -> None:
        self.language.currentIndexChanged.connect(self._show)
        self.save.clicked.connect(self._save)
        self.have_sent.clicked.connect(self.sent)
        self.mail.clicked.connect(lambda: self.open_page(self._address))
        self.copy_subject.clicked.connect(lambda: self._copy(self.copy_subject, self._whole_subject))
        self.copy_body.clicked.connect(lambda: self._copy(self.copy_body, self._whole_body))

    def _show(self) -> None:
        """Show the letter in the language that is picked; what is sent is whole, whatever is shown."""
        texts = self._chosen
        more = self._more.lines.get(texts.language, ())
        shown = handing(texts, self._provider, self._typed, more)
        whole = handing(replace(texts, share_safe=False), self._provider, self._typed, more)
        self.subject.setText(shown.subject)
        self.subject.setCursorPosition(0)
        self.body.setPlainText(shown.body)
        self._whole_subject, self._whole_body, self._address = whole.subject, whole.body, whole.mailto
        self.mail.setVisible(bool(self._address))
        for button in (self.copy_subject, self.copy_body):
            button.setText(self.texts.say("buttons.copy"))

    @property
    def _chosen(self) -> Texts:
        return replace(self.texts, language=str(self.language.currentData()))

    def _save(self) -> None:
        texts = self._chosen
        self.save_wished.emit(file_name(self._provider, texts), guide_page(self._provider, texts))

    def _copy(self, button: Button, text: str) -> None:
        clipboard.copy(text)
        button.setText(self.texts.say("buttons.copied"))
        announce(button, button.text())

    def _place(self) -> None:
        area, inner = QScrollArea(), QWidget()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, look.gap(self, 2), 0)
        column.setSpacing(look.gap(self, 2))
        never = Paragraph(tone=Tone.WAIT)
        never.setText(self.texts.say("not_admin.never"))
        never.setAlignment(Qt.AlignmentFlag.AlignTop)
        warning = QHBoxLayout()
        warning.setSpacing(look.gap(self, 2))
        warning.addWidget(Icon("warning", Tone.WAIT), 0, Qt.AlignmentFlag.AlignTop)
        warning.addWidget(never, 1)
        column.addLayout(warning)
        column.addSpacing(look.gap(self, 2))
        column.addWidget(self._headed(self._named_for("save_help")))
        column.addLayout(_row(self.save))
        column.addWidget(self.state)
        column.addWidget(self._headed(self._named_for("mail_help")))
        self._place_letter(column)
        area.setWidget(inner)
        area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.column.addWidget(area, 1)
        self.save.lead()
        self.have_sent.setVisible(self._more.hand_on is not None)
        self.finish(self.have_sent, high=44)
        self.save.setFocus()

    def _place_letter(self, column: QVBoxLayout) -> None:
        self.subject.setReadOnly(True)
        self.subject.setAccessibleDescription(self.texts.say("not_admin.mail_help"))
        self.subject.setMinimumHeight(look.em(self, HIGH))
        self.body.setReadOnly(True)
        self.body.setTabChangesFocus(True)
        self.body.setMinimumHeight(look.em(self, _MANY))
        language = self._named("language", self.language)
        column.addLayout(_row(language, self.language))
        column.addWidget(self._named("subject", self.subject))
        subject = QHBoxLayout()
        subject.addWidget(self.subject, 1)
        subject.addWidget(self.copy_subject)
        column.addLayout(subject)
        column.addWidget(self._named("body", self.body))
        column.addWidget(self.body, 1)
        column.addLayout(_row(self.mail, self.copy_body))
        for button, key in ((self.copy_subject, "copy_subject"), (self.copy_body, "copy_body")):
            button.setAccessibleName(self.texts.say(f"not_admin.{key}"))

    def _headed(self, key: str) -> Heading:
        made = Heading(2)
        made.setText(self.texts.say(key))
        return made

    def _named_for(self, key: str) -> str:
        """Return the key of the words, which are others where the start file goes along."""
        return f"not_admin.{key}_both" if self._more.file else f"not_admin.{key}"

    def _named(self, key: str, widget: QWidget) -> QLabel:
        label = QLabel(self.texts.say(f"not_admin.{key}"))
        label.setBuddy(widget)
        widget.setAccessibleName(label.text().replace("&", ""))
        return label


def _row(*parts: QWidget) -> QHBoxLayout:
    """Return a row that begins with the parts."""
    made = QHBoxLayout()
    for part in parts:
        made.addWidget(part)
    made.addStretch(1)
    return made


def _open(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
