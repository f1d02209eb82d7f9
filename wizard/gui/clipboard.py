"""The clipboard: the one place that writes to it, and what is known of a paste that may still lie there."""

from __future__ import annotations

from PySide6.QtGui import QClipboard, QGuiApplication

MODES = (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)


def copy(text: str) -> None:
    """Put a text on the clipboard that is meant to be read there: never a secret, which is no `str`."""
    QGuiApplication.clipboard().setText(text)


def held(mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> str:
    """Return the text on the clipboard, or in the X selection where there is one."""
    clipboard = QGuiApplication.clipboard()
    return clipboard.text(mode) if _has(clipboard, mode) else ""


class Pasted:
    """What was pasted, known by its digest only, so that the clipboard can be emptied of just that."""

    def __init__(self, text: str) -> None:
        self._digest = _digest(text)

    def is_held(self) -> bool:
        """Tell whether it still lies on the clipboard or in the X selection."""
        return any(self._is_in(mode) for mode in MODES)

    def remove(self) -> None:
        """Empty whatever still holds it; a newer copy stays."""
        clipboard = QGuiApplication.clipboard()
        for mode in MODES:
            if self._is_in(mode):
                clipboard.clear(mode)

    def _is_in(self, mode: QClipboard.Mode) -> bool:
        text = held(mode)
        return bool(text) and _digest(text) == self._digest


def _has(clipboard: QClipboard, mode: QClipboard.Mode) -> bool:
    return mode is QClipboard.Mode.Clipboard or clipboard.supportsSelection()


def _digest(text: str) -> bytes:
    from hashlib import sha256  # not before something is pasted

    return sha256(text.encode("utf-8", "surrogatepass")).digest()
