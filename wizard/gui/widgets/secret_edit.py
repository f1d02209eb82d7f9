"""SecretEdit: the only widget that ever holds a secret.

Its text is only dots, always as many; what was typed or pasted lies in a buffer of its own. So neither
accessibility, input methods, undo, drag, copy nor a screenshot has anything to show. (A QLineEdit in password
mode sends each typed character in clear to accessibility listeners on Linux.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAction, QClipboard, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu

from wizard.gui import clipboard, look

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QInputMethodEvent, QKeyEvent, QMouseEvent
    from PySide6.QtWidgets import QWidget

    from wizard.core.secret import Secret

_MASK = "•" * 12
_MOVING = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.MetaModifier,
)


class SecretEdit(QLineEdit):
    """A line for a secret: type, paste or clear. Backspace takes the last character, Delete all of them.

    `changed` whenever there is something else in it, `pasted` after a paste. `on_clipboard` is what was
    pasted, as long as it may still lie there.
    """

    changed = Signal()
    pasted = Signal()
    on_clipboard: clipboard.Pasted | None = None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look.pad(self)
        self._buffer = ""
        self._paste_word, self._clear_word = "Paste", "Clear"
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhHiddenText
        )
        self.setAcceptDrops(False)
        self.setDragEnabled(False)
        self.textChanged.connect(self._absorb)

    def name_actions(self, paste: str, clear: str) -> None:
        """Set the words of the context menu."""
        self._paste_word, self._clear_word = paste, clear

    def filled(self) -> bool:
        """Tell whether anything is in it."""
        return bool(self._buffer)

    def value(self) -> str:
        """Return what is in it, as it came: to be cleaned and wrapped at once."""
        return self._buffer

    def put(self, secret: Secret) -> None:
        """Put a secret in place of what was there: what is left of a paste, or what it was before."""
        self._hold(secret.reveal())

    @Slot()
    def forget(self) -> None:
        """Empty it; there is no way back."""
        self._hold("")

    @Slot()
    def take_clipboard(self) -> None:
        """Put what is on the clipboard in place of what was there."""
        self._take(QClipboard.Mode.Clipboard)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what is typed into the buffer; leave Tab, Enter and Escape to the window."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take_clipboard()
        elif event.key() == Qt.Key.Key_Backspace:
            self._hold("" if event.modifiers() & Qt.KeyboardModifier.ControlModifier else self._buffer[:-1])
        elif event.key() == Qt.Key.Key_Delete:
            self._hold("")
        elif event.text().isprintable() and event.text() and not _is_command(event):
            self._hold(self._buffer + event.text())
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take what an input method commits; show nothing of what it composes."""
        if event.commitString():
            self._hold(self._buffer + event.commitString())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take the X selection on a middle click ourselves; Qt would put it into the line."""
        selects = QGuiApplication.clipboard().supportsSelection()
        if event.button() == Qt.MouseButton.MiddleButton and selects:
            self._take(QClipboard.Mode.Selection)
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to paste and to clear: nothing that could take a secret out."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        paste = QAction(self._paste_word, menu)
        paste.triggered.connect(self.take_clipboard)
        clear = QAction(self._clear_word, menu)
        clear.triggered.connect(self.forget)
        clear.setEnabled(self.filled())
        menu.addActions([paste, clear])
        menu.popup(event.globalPos())

    def _take(self, mode: QClipboard.Mode) -> None:
        pasted = clipboard.held(mode)
        if pasted:
            self.on_clipboard = clipboard.Pasted(pasted)
            self._hold(pasted)
            self.pasted.emit()

    def _hold(self, value: str) -> None:
        self._cover(value)
        self.changed.emit()

    def _cover(self, value: str) -> None:
        """Take a value, and show the mask in its place."""
        self._buffer = value
        mask = _MASK if value else ""
        if self.text() != mask:  # an event a character would tell how many there are
            with QSignalBlocker(self):
                self.setText(mask)

    @Slot(str)
    def _absorb(self, text: str) -> None:
        """Take in what came past us, such as text set by an assistive program."""
        if text != (_MASK if self._buffer else ""):
            heard = QAccessible.isActive()
            if heard:
                self._hush()  # before anything else: also that the text goes again is told with the text
            self._cover(text.replace("•", ""))
            if not heard:
                self.changed.emit()

    def _hush(self) -> None:
        """Have Qt keep to itself what it is about to tell every assistive program: the text as it was set.

        What follows from the text is heard again, such as a button that may be pressed from now on.
        """
        QAccessible.setActive(False)
        QTimer.singleShot(0, lambda: QAccessible.setActive(True))  # also where the field is gone by then
        QTimer.singleShot(0, self, self.changed.emit)


def _is_command(event: QKeyEvent) -> bool:
    """Tell a shortcut from a character; AltGr (which Windows reports as Ctrl and Alt) makes characters."""
    held = [bool(event.modifiers() & one) for one in _MOVING]
    return any(held) and not (held[0] and held[1])
