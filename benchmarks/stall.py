"""The longest time that the window does not answer while a connection is made."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.runs import ROOT, CannotRun, home, module
from benchmarks.table import Row, longest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GOAL = 16.0
FONTS = "/usr/share/fonts/truetype/dejavu"
PARTS = {"prepare": "system picked", "pages": "pages up to the test", "test": "test", "store": "store"}
TIMES = {"warm": "second", "cold": "first"}


def measure(count: int) -> list[Row]:
    """Return the stalls of so many first connections, each in a new process, and of the second ones there."""
    try:
        with home() as environ:
            if Path(FONTS).is_dir():
                environ |= {"QT_QPA_FONTDIR": FONTS}
            told = walks({**environ, "QT_QPA_PLATFORM": "offscreen"}, count)
    except CannotRun as error:
        return [Row(what="(d) longest stall", note=f"cannot run: {error}")]
    return rows(told)


def rows(told: Sequence[Mapping[str, float]]) -> list[Row]:
    """Return a row for all of a connection, the second and the first of a process, and one for each part."""
    idle = [one["idle"] for one in told]
    table = [
        longest(
            "(d) longest stall, start after the first paint", GOAL, [one["start"] for one in told], idle=idle
        )
    ]
    for name, when in TIMES.items():
        whole = [max(one[f"{name}_{part}"] for part in PARTS) for one in told]
        table.append(longest(f"(d) longest stall, {when} connection", GOAL, whole, idle=idle))
        for part, what in PARTS.items():
            table.append(longest(f"      {what}", GOAL, [one[f"{name}_{part}"] for one in told], idle=idle))
    return table


def walks(environ: Mapping[str, str], count: int) -> list[dict[str, float]]:
    """Walk in so many processes after a first one that warms caches up; raises `CannotRun`."""
    with vendor(environ) as told:
        file = Path(environ["HOME"], "endpoints.toml")
        file.write_text(told["endpoints"], "utf-8")
        token = told["good"]["fiken"]["answers"]["token"]
        walked = [module(environ, "benchmarks.walk", str(file), token) for _ in range(count + 1)]
        return [json.loads(one) for one in walked[1:]]


@contextmanager
def vendor(environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Run the practice vendors for the block; yield what they tell of themselves."""
    command = [sys.executable, "-m", "benchmarks.vendor"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=dict(environ), **pipes) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            msg = "the practice vendors did not start"
            raise CannotRun(msg)
        yield json.loads(line)
        if process.stdin:
            process.stdin.close()
