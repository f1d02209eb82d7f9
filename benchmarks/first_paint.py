"""How long until the window can be seen, and how much memory it takes then, against a bare PySide6 window."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.runs import CannotRun, by_turns, home, module
from benchmarks.table import Row, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TIME_GOAL, MEMORY_GOAL = 1.25, 1.35
NAMES = ("(a) first visible window", "(b) resident memory then")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A window that was painted: after how many milliseconds, with how many MiB, what was loaded early."""

    ms: float
    memory: float
    early: tuple[str, ...]


def measure(pairs: int) -> list[Row]:
    """Return both rows; where there is no X server, they say so."""
    try:
        with home() as environ, x_server() as display:
            environ |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
            shown = by_turns(pairs, lambda: start("ours", environ), lambda: start("bare", environ))
    except CannotRun as error:
        return [Row(what=name, note=f"cannot run: {error}") for name in NAMES]
    return rows(shown)


def rows(shown: Sequence[tuple[Shown, Shown]]) -> list[Row]:
    """Return what the pairs came to."""
    early = sorted({name for ours, _ in shown for name in ours.early})
    extra = [f"loaded before the first paint: {', '.join(early)}"] if early else ["nothing loaded too early"]
    times = [(ours.ms, bare.ms) for ours, bare in shown]
    memory = [(ours.memory, bare.memory) for ours, bare in shown]
    return [
        ratio(NAMES[0], TIME_GOAL, "ms", times, extra=extra),
        ratio(NAMES[1], MEMORY_GOAL, "MiB", memory),
    ]


def start(which: str, environ: Mapping[str, str]) -> Shown:
    """Start one of the two windows in a process of its own; both clocks are the machine's monotonic one."""
    began = time.monotonic()
    said = json.loads(module(environ, "benchmarks.windows", which))
    return Shown(ms=(said["at"] - began) * 1000, memory=said["memory"] / 1024, early=tuple(said["early"]))


@contextmanager
def x_server() -> Iterator[str]:
    """Run an X server for the block; yield its name, `:N`. Raises `CannotRun` where there is none."""
    if not shutil.which("Xvfb"):
        msg = "Xvfb is not installed"
        raise CannotRun(msg)
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writer,), stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as told:
                number = told.readline().strip()
            if not number:
                msg = "Xvfb did not start"
                raise CannotRun(msg)
            yield f":{number}"
        finally:
            server.terminate()
