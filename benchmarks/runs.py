"""Running the programs that are measured: by turns, in a home of their own, without proxies."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
U = TypeVar("U")

ROOT = Path(__file__).parent.parent
PATIENCE = 120.0
"""The most that one program may take, in seconds."""

_HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
_UNWANTED = ("proxy", "python", "qt_", "display", "wayland", "dbus", "keyring")


class CannotRun(Exception):
    """A measurement cannot be made here; the text says why."""


def by_turns(count: int, ours: Callable[[], T], bare: Callable[[], U]) -> list[tuple[T, U]]:
    """Run both by turns; one pair more than asked for, the first, is to warm caches up and is dropped."""
    return [(ours(), bare()) for _ in range(count + 1)][1:]


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """Yield an environment whose home is empty and goes afterwards; no display, no bus, no proxy in it."""
    with tempfile.TemporaryDirectory(prefix="koble-bench-") as folder:
        kept = {name: value for name, value in os.environ.items() if not _is_unwanted(name)}
        no_bus = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/no-bus", "LC_ALL": "C.UTF-8"}
        yield {**kept, **dict.fromkeys(_HOMES, folder), **no_bus}


def _is_unwanted(name: str) -> bool:
    return any(part in name.lower() for part in _UNWANTED)


def output(environ: Mapping[str, str], *command: str) -> str:
    """Run a program to its end and return what it wrote; raises `CannotRun` with its last line."""
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode:
        said = (ended.stderr.strip() or f"status {ended.returncode}").splitlines()[-1]
        msg = f"{' '.join(command[:3])}: {said}"
        raise CannotRun(msg)
    return ended.stdout


def module(environ: Mapping[str, str], name: str, *arguments: str) -> str:
    """Run a module of this checkout in an interpreter of its own; as `output`."""
    return output(environ, sys.executable, "-m", name, *arguments)
