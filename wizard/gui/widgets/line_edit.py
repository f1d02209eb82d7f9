"""LineEdit: a line whose pastes are looked at before anything of them is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLineEdit

from wizard.gui import look

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QDropEvent, QKeyEvent


class LineEdit(QLineEdit):
    """A line to type in. `brought` with a text that was pasted or dropped in place of all there was.

    What is pasted into the middle of something is put there as usual, unless it is too long for the line.
    """

    brought = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        look.pad(self)

    @Slot()
    def take_clipboard(self) -> None:
        """Bring what is on the clipboard."""
        self._bring(QGuiApplication.clipboard().text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See a paste before it happens."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take_clipboard()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the usual menu, whose paste is ours."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() == "edit-paste":
                action.triggered.disconnect()
                action.triggered.connect(self.take_clipboard)
        menu.popup(event.globalPos())

    def dropEvent(self, event: QDropEvent) -> None:
        """See what is dropped before it is shown."""
        event.acceptProposedAction()
        self._bring(event.mimeData().text())

    def _bring(self, text: str) -> None:
        among = self.text() not in {"", self.selectedText()}
        if among and len(text) <= self.maxLength() - len(self.text()):
            self.insert(text)
        elif text:
            self.brought.emit(text)
