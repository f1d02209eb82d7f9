"""Ring: shows where the focus is around the controls whose style leaves that out, or shows it too faintly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

MARK = "ring"
"""The property of any other widget that wants one."""

_FAINT = (QAbstractItemView, QComboBox, QLineEdit, QToolButton, QPlainTextEdit, QTextEdit)
_WIDE = 2.0
_MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show}


class Rings(QObject):
    """Puts a ring around such a control of one window for as long as it has the focus."""

    def __init__(self, top: QWidget) -> None:
        super().__init__(top)
        self._top = top
        self._ring: _Ring | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    @Slot(QWidget, QWidget)
    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        faint = now if now and _is_faint(now) and now.window() is self._top else None
        if self._ring and not isValid(self._ring):  # it went with the row that it stood in
            self._ring = None
        if faint and not self._ring:
            self._ring = _Ring(self._top)
        if self._ring:
            self._ring.setWidget(faint)  # type: ignore[arg-type]  # Qt takes no widget for none
            self._ring.show_whole()


def _is_faint(widget: QWidget) -> bool:
    return isinstance(widget, _FAINT) or bool(widget.property(MARK))


class _Ring(QFocusFrame):
    """A line in the accent's colour; the mouse goes through it."""

    def show_whole(self) -> None:
        """Be above the control, and not cut to the rim around it: a style may do both."""
        self.clearMask()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay so whenever the control moves."""
        taken = super().eventFilter(watched, event)
        if event.type() in _MOVES:
            self.show_whole()
        return taken

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, within what holds the control: nothing outside that is seen."""
        holder = self.parentWidget()
        room = holder.rect().translated(-self.pos()) if holder else self.rect()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), _WIDE))
        painter.drawRoundedRect(self.rect().intersected(room).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
