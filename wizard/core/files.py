"""Files that must not be lost: written whole or not at all, and readable by their owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 0.9)
"""How long to wait before each further try, in seconds: 2.45 in all."""

HELD = frozenset({5, 32, 33})
"""Windows' error numbers where a virus scanner, an indexer or another program has the file for a moment."""

_FAILED = frozenset({errno.EIO, errno.ENOSPC, errno.EDQUOT})
"""What a folder's flush may end in that means the disk failed, not that this folder cannot be flushed."""

_FULL_FLUSH = 51
"""F_FULLFSYNC of macOS: through the drive's own cache, which fsync leaves alone there."""


def write_whole(target: Path, data: bytes) -> None:
    """Write beside, flush to the disk, then swap: `target` is what it was or what it shall be, never half.

    When this returns, it is on the disk. Raises `OSError`: then it is the old file, unless it was the
    folder's flush that failed; a power cut may then bring back the old one.
    """
    fresh = target.with_name(f"{target.name}.new")
    try:
        remove(fresh)
        _write(fresh, data)
        patiently(lambda: _swap(fresh, target))
    except OSError:
        with contextlib.suppress(OSError):  # the first thing that failed says more
            remove(fresh)
        raise
    flush_folder(target.parent)


def read(file: Path) -> bytes:
    """Return what is in a file; raises `OSError`."""
    return patiently(file.read_bytes)


def remove(file: Path) -> None:
    """Remove a file, if it is there; raises `OSError`."""
    patiently(lambda: file.unlink(missing_ok=True))


def make_private(folder: Path) -> None:
    """Make a folder that is its owner's alone, and those above it that are missing; raises `OSError`."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def patiently(act: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """Do it, again after a pause where somebody else has the file for a moment; raises `OSError`."""
    for pause in PAUSES:
        try:
            return act()
        except OSError as caught:
            if getattr(caught, "winerror", None) not in HELD:
                raise
            sleep(pause)
    return act()


def flush(descriptor: int, platform: str = sys.platform) -> None:
    """Have the disk keep what was written; raises `OSError`."""
    if platform == "darwin":
        import fcntl  # Windows has none

        with contextlib.suppress(OSError):  # not every file system can
            fcntl.fcntl(descriptor, _FULL_FLUSH)
            return
    os.fsync(descriptor)


def flush_folder(folder: Path) -> None:
    """Have the disk keep which files there are; raises `OSError` where the disk fails.

    Windows opens no folders, and some file systems flush none: those keep it by themselves.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        flush(descriptor)
    except OSError as caught:
        if caught.errno in _FAILED:
            raise
    finally:
        os.close(descriptor)


def _write(fresh: Path, data: bytes) -> None:
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        flush(descriptor)
    finally:
        os.close(descriptor)


def _swap(fresh: Path, target: Path, kernel: Any = None, platform: str = sys.platform) -> None:
    """Put one file in another's place. On Windows through to the disk, since no folder is flushed there."""
    if platform != "win32":
        fresh.replace(target)
        return
    import ctypes

    kernel = kernel or ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    if not kernel.MoveFileExW(str(fresh), str(target), _REPLACE_AND_WRITE_THROUGH):
        raise _windows_error(ctypes)


_REPLACE_AND_WRITE_THROUGH = 0x1 | 0x8


def _windows_error(ctypes: Any) -> OSError:
    error: OSError = ctypes.WinError(ctypes.get_last_error())
    return error
