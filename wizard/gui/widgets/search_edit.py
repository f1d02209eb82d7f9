"""SearchEdit: a line to search in; a key that is pasted there by mistake never gets into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QValidator
from PySide6.QtWidgets import QLineEdit

from wizard.gui import look

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QContextMenuEvent, QKeyEvent

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class SearchEdit(QLineEdit):
    """A line to search in. `is_key` tells a key from other text; `take_enter` whether Enter was for the line.

    `went_down` when the customer leaves it for the list. What is refused is told to nobody: `refused` brings
    what `is_key` made of it.
    """

    refused = Signal(str)
    went_down = Signal()

    def __init__(self, is_key: Callable[[str], str | None], take_enter: Callable[[], bool]) -> None:
        super().__init__()
        look.pad(self)
        self._is_key, self._take_enter = is_key, take_enter
        self._paste_word, self._clear_word = "Paste", "Clear"
        self.setAcceptDrops(False)
        self.setClearButtonEnabled(True)
        self.setValidator(_NoKeys(self, self._admits))

    def name_actions(self, paste: str, clear: str) -> None:
        """Set the words of the context menu."""
        self._paste_word, self._clear_word = paste, clear

    @Slot()
    def take_clipboard(self) -> None:
        """Put in what is on the clipboard; of an address only its host, for more may stand in it."""
        from wizard.core.find import host_in

        pasted = QGuiApplication.clipboard().text().strip()
        if self._admits(pasted):
            self.insert(host_in(pasted) or pasted)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep what is pasted from Qt, which tells assistive programs of it before anyone can say no."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take_clipboard()
        elif event.key() == Qt.Key.Key_Down:
            self.went_down.emit()
        elif event.key() in _ENTER and not event.isAutoRepeat() and self._take_enter():
            event.accept()
        elif event.key() in _ENTER:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to paste and to clear, in the window's own language."""
        from PySide6.QtGui import QAction  # both cost time that the first page need not take
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for word, act in ((self._paste_word, self.take_clipboard), (self._clear_word, self.clear)):
            action = QAction(word, menu)
            action.triggered.connect(act)
            menu.addAction(action)
        menu.popup(event.globalPos())

    def _admits(self, text: str) -> bool:
        owner = self._is_key(text)
        if owner is not None:
            self.refused.emit(owner)
        return owner is None


class _NoKeys(QValidator):
    """Refuses what `admits` does not let in, whatever way it came: then it was never in the line."""

    def __init__(self, line: SearchEdit, admits: Callable[[str], bool]) -> None:
        super().__init__(line)
        self._admits = admits

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """Let the text in, or not."""
        state = QValidator.State.Acceptable if self._admits(text) else QValidator.State.Invalid
        return state, text, at
