"""How long the smallest command takes as a whole process, against Python with `json` alone."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.runs import CannotRun, by_turns, home, output
from benchmarks.table import Row, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

GOAL = 3.0
BARE = (sys.executable, "-c", "import json")


def commands() -> dict[str, tuple[str, ...]]:
    """Return the two ways to start it, by their row's name."""
    script = Path(sys.executable).with_name("koble.exe" if os.name == "nt" else "koble")
    return {
        "(e) python -m wizard systems --json": (sys.executable, "-m", "wizard", "systems", "--json"),
        "(e) koble systems --json": (str(script), "systems", "--json"),
    }


def measure(pairs: int) -> list[Row]:
    """Return a row for each way to start the command."""
    with home() as environ:
        return [_row(name, command, environ, pairs) for name, command in commands().items()]


def _row(name: str, command: tuple[str, ...], environ: Mapping[str, str], pairs: int) -> Row:
    try:
        taken = by_turns(pairs, lambda: seconds(environ, command), lambda: seconds(environ, BARE))
    except (CannotRun, OSError) as error:
        return Row(what=name, note=f"cannot run: {error}")
    return ratio(name, GOAL, "ms", [(ours * 1000, bare * 1000) for ours, bare in taken])


def seconds(environ: Mapping[str, str], command: tuple[str, ...]) -> float:
    """Return how long a program takes from its start to its end."""
    began = time.monotonic()
    output(environ, *command)
    return time.monotonic() - began
