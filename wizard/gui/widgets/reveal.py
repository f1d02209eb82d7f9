"""Reveal: a secret shown for a moment, in a small window of its own, for as long as a button is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from wizard.gui import look
from wizard.gui.affinity import affinity_of
from wizard.gui.widgets.parts import Quiet

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from wizard.gui.affinity import Affinity

LONGEST = 10_000
"""How long it is shown at most, in milliseconds."""

_MOST = 600
_WRAP = Qt.TextFlag.TextWrapAnywhere
_PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Glance(QWidget):
    """The small window. It paints its text itself, takes no focus, and has nothing to read out or select.

    Where Windows can keep it out of captures, it paints nothing before that is so.
    """

    def __init__(self, beside: QWidget, affinity: Affinity | None) -> None:
        flags = Qt.WindowType
        super().__init__(
            beside.window(),
            flags.ToolTip | flags.FramelessWindowHint | flags.WindowDoesNotAcceptFocus,
        )
        self._affinity, self._text, self._safe = affinity, "", False
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWindowTitle("Koble")
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        font = self.font()
        font.setPointSizeF(beside.font().pointSizeF() * 1.1)
        self.setFont(font)

    def show_text(self, text: str, beside: QWidget) -> bool:
        """Show a text beside a widget; tell whether it may be: else nothing is ever painted."""
        self._guard()
        if not self._safe:
            return False
        self._text = text if len(text) <= _MOST else f"{text[: _MOST // 2]} … {text[-_MOST // 2 :]}"
        self._fit(beside)
        self.show()
        return self._safe

    def shut(self) -> None:
        """Forget the text and go away."""
        self._text, self._safe = "", False
        self.hide()
        self.deleteLater()

    def event(self, event: QEvent) -> bool:
        """Ask again whenever the system has given the window another handle, or shows it."""
        if event.type() == QEvent.Type.WinIdChange:
            self._safe = False
        if event.type() in {QEvent.Type.WinIdChange, QEvent.Type.Show} and self._text:
            self._guard()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, where it may be seen."""
        colours = self.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.color(QPalette.ColorRole.Base))
        painter.setPen(QPen(look.colour_of(look.Tone.WAIT, colours), 2.0))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        if self._safe:
            painter.setPen(colours.color(QPalette.ColorRole.Text))
            painter.drawText(self._inner(self.rect()), _WRAP, self._text)
        painter.end()

    def _guard(self) -> None:
        self._safe = self._affinity is None or self._affinity.exclude(int(self.winId()))

    def _inner(self, room: QRect) -> QRect:
        edge = look.gap(self, 3)
        return room.adjusted(edge, edge, -edge, -edge)

    def _fit(self, beside: QWidget) -> None:
        """Lie above the widget, or beneath it where there is no room, as wide as it, wholly on the screen."""
        edge = look.gap(self, 3)
        screen = beside.screen().availableGeometry()
        width = min(max(beside.width(), look.em(self, 16)), screen.width())
        room = QRect(0, 0, width - 2 * edge, screen.height())
        need = self.fontMetrics().boundingRect(room, int(_WRAP), self._text)
        self.resize(width, need.height() + 2 * edge)
        at = beside.mapToGlobal(QPoint(0, 0))
        left = max(screen.left(), min(at.x(), screen.right() - width))
        above = at.y() - self.height()
        self.move(left, above if above >= screen.top() else at.y() + beside.height())


class HoldButton(Quiet):
    """A button that does something for as long as it is held, with the mouse, Space or Enter.

    `held` and `let_go`; `clicked` comes only from an assistive program, which cannot hold anything.
    """

    held = Signal()
    let_go = Signal()

    def release(self) -> None:
        """Let go, whoever holds it."""
        if self.isDown():
            self.setDown(False)
            self.let_go.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._hold()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End."""
        self.release()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin, or end with Escape; a key that is held down repeats itself, which is no news."""
        if event.key() in _PRESSES:
            if not event.isAutoRepeat():
                self._hold()
        elif event.key() == Qt.Key.Key_Escape and self.isDown():
            self.release()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """End."""
        if event.key() in _PRESSES and not event.isAutoRepeat():
            self.release()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End: who looks elsewhere has seen it."""
        self.release()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """End."""
        self.release()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """End where the button may not be pressed any more."""
        super().changeEvent(event)
        if not self.isEnabled():
            self.release()

    def _hold(self) -> None:
        if not self.isDown():
            self.setDown(True)
            self.held.emit()


class Showing:
    """What shows secrets for one window: one at a time, and for no longer than `longest` milliseconds.

    `warned` once the customer knows that others may see it; where Windows hides it from them, that is so.
    """

    def __init__(self, platform: str) -> None:
        self.affinity = affinity_of(platform)
        self.warned = self.affinity is not None
        self.longest = LONGEST
        self.glance: Glance | None = None
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.end)

    def begin(self, text: str, beside: QWidget) -> bool:
        """Show a text beside a widget; tell whether it may be shown at all."""
        self.end()
        self.glance = Glance(beside, self.affinity)
        shown = self.glance.show_text(text, beside)
        if shown:
            self._timer.start(self.longest)
        else:
            self.end()
        return shown

    def end(self) -> None:
        """Show nothing any more."""
        self._timer.stop()
        glance, self.glance = self.glance, None
        if glance:
            glance.shut()
