"""The last page: what is connected, where the key is now, and what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.pages.test import spaced
from wizard.gui.widgets.parts import Icon, Note, Panel, announce

if TYPE_CHECKING:
    from wizard.core.connect import Receipt
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_ROWS = ("company", "system", "name", "tested")


class DonePage(Page):
    """Shows the receipts of a walk."""

    def __init__(self, texts: Texts, *, practice: bool, platform: str) -> None:
        super().__init__(texts)
        self._practice, self._platform = practice, platform
        self._receipts: tuple[Receipt, ...] = ()
        self._provider: Provider | None = None
        self._label = ""
        self._icon = Icon("check", Tone.GOOD, lines=2.4)
        self._where, self._next = QLabel(), Note()
        self._where.setWordWrap(True)
        self._card = Panel()
        self._names = {row: Note() for row in _ROWS}
        self._values = {row: QLabel() for row in _ROWS}
        self._place()

    def show_receipts(self, receipts: tuple[Receipt, ...], provider: Provider, label: str) -> None:
        """Show what was stored."""
        self._receipts, self._provider, self._label = receipts, provider, label
        self.say(self.texts)
        announce(self, f"{self.title.text()}. {self._where.text()}")

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        provider = self._provider
        if not self._receipts or not provider:
            return
        later = self._receipts[0].tested == "later"
        self.title.setText(self._heading(texts, later=later))
        self._icon.show_icon("wait" if later else "check", Tone.WAIT if later else Tone.GOOD)
        place = texts.say(f"stored_in.{self._platform}") if texts.has(f"stored_in.{self._platform}") else ""
        self._where.setText(
            texts.say("done.practice") if self._practice else texts.say("done.where", place=place)
        )
        self._next.setText(texts.say("done.later" if later else "done.next", provider))
        values = {
            "company": "\n".join(_named(receipt) for receipt in self._receipts),
            "system": _placed(self._receipts[0], provider, texts),
            "name": self._label,
            "tested": texts.say("done.not_tested" if later else "done.just_now"),
        }
        for row, value in values.items():
            self._names[row].setText(texts.say(f"done.{row}"))
            self._values[row].setText(value)
            for label in (self._names[row], self._values[row]):
                label.setVisible(bool(value))

    def _heading(self, texts: Texts, *, later: bool) -> str:
        if later:
            return texts.say("done.title_later")
        if len(self._receipts) > 1:
            return texts.say("done.title_several", count=len(self._receipts))
        return texts.say("done.title", company=self._receipts[0].company["name"] or "")

    def _place(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(look.gap(self, 4))
        self.column.removeWidget(self.title)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.title, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._where)
        grid = QGridLayout(self._card)
        grid.setContentsMargins(*[look.gap(self, 4)] * 4)
        grid.setHorizontalSpacing(look.gap(self, 5))
        for at, row in enumerate(_ROWS):
            self._values[row].setWordWrap(True)
            grid.addWidget(self._names[row], at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._values[row], at, 1)
        grid.setColumnStretch(1, 1)
        self.column.addWidget(self._card)
        self.column.addWidget(self._next)
        self.column.addStretch(1)


def _placed(receipt: Receipt, provider: Provider, texts: Texts) -> str:
    """Return the system's name, and that the environment is one for tests where it is."""
    place = provider.environment(receipt.environment)
    mark = texts.say("environments.mark") if place and place.test else ""
    return f"{provider.name} {mark}".rstrip()


def _named(receipt: Receipt) -> str:
    name, orgnr = receipt.company["name"] or "", receipt.company["orgnr"]
    number = spaced(orgnr) if orgnr else ""
    return f"{name} ({number})" if name and number else name or number
