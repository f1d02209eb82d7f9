"""Page: what every page is to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.widgets.parts import Heading

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from wizard.core.texts import Texts

_SLIM = 34  # lines of text, as in the frame
_LAID_OUT = (0, 20)  # milliseconds: texts above it may take their heights one after the other


class Page(QScrollArea):
    """A page scrolls by itself. It holds widgets and decides nothing: the window asks it and tells it."""

    complete_changed = Signal()
    widest = 62.0
    """How wide the page is at most, in lines of text: what belongs together stays together."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.setViewport(QWidget())  # to ask for Qt's own has PySide load every widget class: 10 ms
        self.texts = texts
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._body = body = QWidget()
        self.column = QVBoxLayout(body)
        self._leave_edges()
        self.column.setSpacing(look.gap(self, 3))
        self.title = Heading(1)
        self.column.addWidget(self.title)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay as narrow as can be read with ease."""
        super().resizeEvent(event)
        self._leave_edges()

    def slim(self) -> bool:
        """Tell whether there is room for one thing beside another."""
        return self.viewport().width() < look.em(self, _SLIM)

    def _leave_edges(self) -> None:
        width = self.viewport().width()
        edge = look.gap(self, 4 if self.slim() else 5)
        right = max(edge, width - edge - look.em(self, self.widest))
        self.column.setContentsMargins(edge, look.gap(self, 2), right, look.gap(self, 4))

    def complete(self) -> bool:
        """Tell whether the customer may go on from here."""
        return True

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what was typed stays."""
        self.texts = texts

    def first_focus(self) -> QWidget | None:
        """Return where the focus belongs when the page is shown."""
        return None

    def bring_into_view(self, widget: QWidget) -> None:
        """Scroll to a widget of this page, once it is laid out: to all of it, or at least to its top."""
        if self.isAncestorOf(widget):
            for wait in _LAID_OUT:
                QTimer.singleShot(wait, widget, lambda: self._scroll_to(widget))

    def _scroll_to(self, widget: QWidget) -> None:
        """Do what Qt's own does for a text only as far as its cursor."""
        at = widget.mapTo(self._body, QPoint())
        for high in (at.y() + widget.height(), at.y()):
            self.ensureVisible(at.x(), high, 0, look.gap(self, 6))

    def forget(self) -> None:
        """Drop what belongs to the walk that has ended, secrets first."""
