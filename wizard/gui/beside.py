"""Beside: the window narrow, as high as the screen, at its edge and on top: beside the customer's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QObject, QRect, Qt, Slot

from wizard.gui import look

if TYPE_CHECKING:
    from wizard.core.texts import Texts
    from wizard.gui.frame import Frame
    from wizard.gui.widgets.parts import Quiet

_WIDTH, _LINES = 400, 26.0
_SHARE = 2.5


def strip(screen: QRect, width: int, edges: QMargins) -> QRect:
    """Return where the window stands within its `edges`, the system's frame: at the right of a screen."""
    inner = screen.marginsRemoved(edges)
    wide = min(width, inner.width())
    return QRect(inner.right() - wide + 1, inner.top(), wide, inner.height())


class Beside(QObject):
    """Puts a window beside the browser and back, when its button is pressed."""

    def __init__(self, window: Frame, button: Quiet) -> None:
        super().__init__(window)
        self._window, self.button = window, button
        self._before: QRect | None = None
        button.clicked.connect(self.change)

    @property
    def on(self) -> bool:
        """Whether the window stands beside the browser."""
        return self._before is not None

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        self._texts = texts
        self.button.setText(texts.say("beside.back" if self.on else "beside.go"))
        self.button.setAccessibleDescription(texts.say("beside.back_help" if self.on else "beside.go_help"))
        self.button.setToolTip(self.button.accessibleDescription())

    @Slot()
    def change(self) -> None:
        """Go there, or come back as it was before."""
        window, before = self._window, self._before
        if before is None:
            self._before = window.geometry()
            self._keep_on_top(on=True)
            window.setGeometry(self._strip())
        else:
            self._before = None
            self._keep_on_top(on=False)
            window.setGeometry(before)
        self.say(self._texts)
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _strip(self) -> QRect:
        window = self._window
        outer, inner = window.frameGeometry(), window.geometry()
        edges = QMargins(
            inner.left() - outer.left(),
            inner.top() - outer.top(),
            outer.right() - inner.right(),
            outer.bottom() - inner.bottom(),
        )
        room = window.screen().availableGeometry()
        return strip(room, self._width(room), edges)

    def _width(self, room: QRect) -> int:
        """Return 400 pixels, more where text is large, but leave the browser most of the screen."""
        wished = max(_WIDTH, look.em(self._window, _LINES))
        return max(self._window.minimumWidth(), min(wished, round(room.width() / _SHARE)))

    def _keep_on_top(self, *, on: bool) -> None:
        """Stay above other windows, or do not; a window that is shown has to be shown anew for that."""
        self._window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, on)
        self._window.show()
        self._window.activateWindow()
