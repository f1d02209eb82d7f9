"""No copy of this process's memory is left behind when it dies, nor read by others while it lives."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE, for prctl
_NO_BOX = 0x1 | 0x2  # SEM_FAILCRITICALERRORS and SEM_NOGPFAULTERRORBOX: no window of Windows' own
_NO_HEAP = 0x1  # WER_FAULT_REPORTING_FLAG_NOHEAP: no memory in a report to Microsoft


def forbid(
    *,
    dumpable: bool = False,
    platform: str = sys.platform,
    library: Callable[[str | None], Any] | None = None,
) -> None:
    """Switch core dumps off for good; what the platform does not allow is left as it is.

    With `dumpable`, a debugger may still look at the process. No variable of the machine's switches this.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ImportError, OSError, AttributeError):
        if platform == "linux" and not dumpable:
            _library(library, None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
        elif platform == "win32":
            kernel = _library(library, "kernel32")
            kernel.SetErrorMode(_NO_BOX)
            kernel.WerSetFlags(_NO_HEAP)


def _library(given: Callable[[str | None], Any] | None, name: str | None) -> Any:
    if given:
        return given(name)
    import ctypes  # costs 3 ms

    return ctypes.CDLL(name)
