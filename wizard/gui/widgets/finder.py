"""Finder: finds connections among many, by what is said of them and by whether they wait for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.widgets.parts import HIGH, Combo, Note
from wizard.gui.widgets.search_edit import SearchEdit
from wizard.gui.widgets.veil import veil

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.core.texts import Texts

MANY = 8
"""How many connections there are before anybody looks for one."""

WAYS = ("all", "need", "good", "due")
"""What is shown: all, what waits for the customer, what works, what should be tested again."""


class Finder(QWidget):
    """A line to search in, what to show, and how much was found. `changed` when another is wished for."""

    changed = Signal()

    def __init__(self, is_key: Callable[[str], str | None]) -> None:
        super().__init__()
        self.search = SearchEdit(is_key, lambda: False)
        self.ways = Combo()
        self.count = Note()
        self.search.textChanged.connect(self.changed)
        self.ways.currentIndexChanged.connect(self.changed)
        for way in WAYS:
            self.ways.addItem("", way)
        for part in (self.search, self.ways):
            part.setMinimumHeight(look.em(self, HIGH))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.gap(self, 3))
        row.addWidget(self.search, 3)
        row.addWidget(self.ways)
        row.addWidget(self.count, 1)

    def way(self) -> str:
        """Return what is wished for."""
        return str(self.ways.currentData())

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        self.search.setPlaceholderText(texts.say("home.search"))
        self.search.setAccessibleName(texts.say("home.search"))
        veil(self.search, texts)
        self.search.name_actions(texts.say("home.paste"), texts.say("home.clear"))
        self.ways.setAccessibleName(texts.say("home.show"))
        for at, way in enumerate(WAYS):
            self.ways.setItemText(at, texts.say(f"home.shown.{way}"))

    def show_count(self, found: int, of: int, texts: Texts) -> None:
        """Say how many there are."""
        self.count.setText(texts.say("home.count", found=found, of=of))
