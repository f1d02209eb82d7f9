"""Tick: a box to tick whose words wrap, as Qt's own do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from wizard.gui import look
from wizard.gui.widgets.parts import LOW

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

_INSET = 3  # pixels, for the border that shows the focus


class Tick(QWidget):
    """A box and its words; a click on the words ticks it too. `toggled` with whether it is ticked."""

    toggled = Signal(bool)

    def __init__(self, *, wraps: bool = True) -> None:
        super().__init__()
        self.box = _Box()
        self._words = QLabel()
        self._words.setWordWrap(wraps)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setBuddy(self.box)
        self.box.toggled.connect(self.toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        beside = (self.box.sizeHint().height() - self.fontMetrics().height()) // 2
        self._words.setContentsMargins(0, beside, 0, beside)
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


class _Box(QCheckBox):
    """A box as high as a line of text, in a place that is hit with ease: Qt's own stays small."""

    def sizeHint(self) -> QSize:
        """Return the size of what is to be hit."""
        side = look.em(self, LOW)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return the same: it is never smaller."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """Take a click anywhere in it."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, with a border where it has the focus."""
        side = look.em(self, 1.0)
        room = QRect(0, 0, side, side)
        room.moveTop((self.height() - side) // 2)
        room.moveLeft(_INSET)
        painter = QPainter(self)
        on, able = self.isChecked(), self.isEnabled()
        look.draw_mark(painter, room, self.palette(), look.Mark(on=on, able=able))
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(room.adjusted(1 - _INSET, 1 - _INSET, _INSET - 1, _INSET - 1))
        painter.end()
