"""LetterView: a letter to the partner that is ready to be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout

from wizard.core.mail import letter
from wizard.core.share import unbroken
from wizard.gui import clipboard, look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Button, Panel, Paragraph, Row, announce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_COPIED_FOR = 2_000


class LetterView(Panel):
    """Shows a letter, opens it in the customer's own program for mail, or copies it; `taken` then."""

    taken = Signal()

    def __init__(self, open_page: Callable[[str], object] | None = None) -> None:
        super().__init__()
        self._open_page = open_page or _open
        self._address = self._whole = self._copy_word = self._copied_word = ""
        self._lead, self._to = Paragraph(), Paragraph()
        self._subject, self._body = Paragraph(tone=Tone.PLAIN), Paragraph(tone=Tone.PLAIN)
        self.open, self.copy = Button(), Button()
        self.open.clicked.connect(self._open)
        self.copy.clicked.connect(self._copy)
        self._place()
        self.hide()

    def show_letter(self, provider: Provider, mail: str, texts: Texts, plain: Mapping[str, str]) -> None:
        """Show one of a system's letters with the customer's answers in it; without a name, none."""
        self.setVisible(bool(mail))
        if not mail:
            self.forget()
            return
        made, whole = letter(texts, provider, mail, plain), letter(_unmasked(texts), provider, mail, plain)
        self._address, self._whole = whole.mailto, f"{whole.subject}\n\n{whole.body}"
        self.open.setVisible(bool(whole.mailto))
        self._lead.setText(texts.say("mail.ready"))
        self._to.setText(texts.say("mail.to" if made.receiver else "mail.to_nobody", to=made.receiver))
        self._subject.setText(unbroken(texts.say("mail.subject", subject=made.subject)))
        self._body.setText(made.body)
        self._copy_word, self._copied_word = texts.say("buttons.copy"), texts.say("buttons.copied")
        self.open.setText(texts.say("mail.open"))
        self.copy.setText(self._copy_word)
        self.copy.setAccessibleName(texts.say("mail.copy"))

    def forget(self) -> None:
        """Hold no letter any more."""
        self.hide()
        self._address = self._whole = ""
        for label in (self._subject, self._body):
            label.clear()

    def way(self) -> Button | None:
        """Return the button that gets the letter on its way, where there is a letter."""
        best = self.copy if self.open.isHidden() else self.open
        return None if self.isHidden() else best

    def _open(self) -> None:
        self._open_page(self._address)
        self.taken.emit()

    def _copy(self) -> None:
        clipboard.copy(self._whole)
        self.taken.emit()
        self.copy.setText(self._copied_word)
        announce(self.copy, self._copied_word)
        QTimer.singleShot(_COPIED_FOR, self, lambda: self.copy.setText(self._copy_word))

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[look.gap(self, 4)] * 4)
        column.setSpacing(look.gap(self, 2))
        for button in (self.open, self.copy):
            button.setAutoDefault(False)
        column.addWidget(self._lead)
        column.addWidget(Row(self.open, self.copy))  # above the letter, however long that is
        for label in (self._to, self._subject, self._body):
            column.addWidget(label)


def _unmasked(texts: Texts) -> Texts:
    """Return the texts with nothing masked: what is sent is whole, whatever is shown."""
    return replace(texts, share_safe=False)


def _open(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
