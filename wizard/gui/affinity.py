"""Whether a window can be kept out of screen shares: only Windows can do it, and says whether it does."""

from __future__ import annotations

import sys
from ctypes import byref
from ctypes.wintypes import DWORD
from typing import Any, Protocol

EXCLUDED = 0x11
"""WDA_EXCLUDEFROMCAPTURE: a capture shows what lies beneath the window."""


class Affinity(Protocol):
    """What can keep a window out of captures."""

    def exclude(self, handle: int) -> bool:
        """Keep the window with that handle out; tell whether it is."""
        ...


class User32(Protocol):
    """The two functions of Windows that this needs."""

    def SetWindowDisplayAffinity(self, handle: int, wish: int, /) -> int:
        """Set how a window may be captured; 0 where that cannot be."""
        ...

    def GetWindowDisplayAffinity(self, handle: int, found: Any, /) -> int:
        """Write how a window may be captured to where `found` points; 0 where that cannot be told."""
        ...


class WindowsAffinity:
    """Asks Windows, and asks again what came of it: an answer that is not sure counts as no."""

    def __init__(self, user32: User32) -> None:
        self._user32 = user32

    def exclude(self, handle: int) -> bool:
        """Keep the window with that handle out; tell whether it is."""
        if not self._user32.SetWindowDisplayAffinity(handle, EXCLUDED):
            return False
        found = DWORD(0)
        asked = self._user32.GetWindowDisplayAffinity(handle, byref(found))
        return bool(asked) and found.value == EXCLUDED


class NoAffinity:
    """Stands where Windows should be asked and cannot be."""

    def exclude(self, handle: int) -> bool:
        """Tell that the window is not kept out."""
        return False


def affinity_of(platform: str) -> Affinity | None:
    """Return what keeps windows out of captures; None where nothing does. `platform` is a `sys.platform`."""
    if platform != "win32":
        return None
    user32 = _user32()
    return WindowsAffinity(user32) if user32 else NoAffinity()


def _user32() -> Any:
    """Return Windows' own functions, with their types: a handle is as wide as a pointer."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        library = ctypes.WinDLL("user32", use_last_error=True)
        library.SetWindowDisplayAffinity.argtypes = (wintypes.HWND, wintypes.DWORD)
        library.SetWindowDisplayAffinity.restype = wintypes.BOOL
        library.GetWindowDisplayAffinity.argtypes = (wintypes.HWND, ctypes.POINTER(wintypes.DWORD))
        library.GetWindowDisplayAffinity.restype = wintypes.BOOL
        return library
    return None
