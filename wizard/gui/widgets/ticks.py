"""Tick: a box to tick whose words wrap, as Qt's own do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from wizard.gui import look

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent


class Tick(QWidget):
    """A box and its words; a click on the words ticks it too. `toggled` with whether it is ticked."""

    toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox()
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setBuddy(self.box)
        self.box.toggled.connect(self.toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.gap(self, 2))
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def say(self, words: str) -> None:
        """Set the words; one letter may be marked with an ampersand."""
        self._words.setText(words)
        self.box.setAccessibleName(words.replace("&", ""))

    def ticked(self) -> bool:
        """Tell whether it is ticked."""
        return self.box.isChecked()

    def tick(self, ticked: bool) -> None:  # noqa: FBT001  # as Qt's own setChecked has it
        """Tick it, or take the tick away."""
        self.box.setChecked(ticked)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick it wherever it was clicked."""
        if event.button() is Qt.MouseButton.LeftButton and self._words.geometry().contains(
            event.position().toPoint()
        ):
            self.box.toggle()
