"""Whether there is a display that a window can be shown on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_X_NAME = re.compile(r"(?P<host>[^:]*):(?P<number>\d{1,5})(?:\.\d+)?")
_X_PORT = 6000


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a window can be shown. `platform` is a `sys.platform`; only Linux may lack a display.

    Qt ends the whole program where a display is named but does not answer, so it is asked first.
    """
    chosen = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return chosen not in {"", "xcb", "wayland"} or can_ask(environ, platform)


def can_ask(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether the system itself could show a person a question."""
    if platform in {"win32", "darwin"}:
        return True
    return _wayland(environ) or _x(environ.get("DISPLAY", ""))


def _wayland(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and _answers(Path(environ.get("XDG_RUNTIME_DIR", "/nowhere")) / name)


def _x(name: str) -> bool:
    match = _X_NAME.fullmatch(name)
    if not match:
        return False
    if match["host"] in {"", "unix"}:
        return _answers(Path("/tmp/.X11-unix") / f"X{match['number']}")  # noqa: S108 - where X servers listen
    import socket  # as below

    try:
        socket.create_connection((match["host"], _X_PORT + int(match["number"])), timeout=2.0).close()
    except OSError:
        return False
    return True


def _answers(path: Path) -> bool:
    import socket  # costs 3 ms that most commands need not pay

    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
    except OSError:
        return False
    return True
