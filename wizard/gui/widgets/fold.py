"""Fold: a quiet button that shows and hides what is beneath it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QToolButton

from wizard.gui import look
from wizard.gui.widgets.parts import ARROW, LOW


class Fold(QToolButton):
    """Switched on while that is open; its arrow is as large as its text: a style's always has one size."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setMinimumHeight(look.em(self, LOW))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggled.connect(self._draw)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        side, room, ratio = look.em(self, ARROW), look.gap(self, 1), self.devicePixelRatioF()
        size = QSize(side + 2 * room, side)
        drawn = QPixmap(size * ratio)
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        ink = self.palette().color(QPalette.ColorRole.ButtonText)
        look.draw_arrow(painter, QRect(room, 0, side, side), ink, down=self.isChecked())
        painter.end()
        self.setIconSize(size)
        self.setIcon(QIcon(drawn))
