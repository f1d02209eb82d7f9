"""`python -m benchmarks [a b c d e]`: measure all, or what is named, and print one table."""

from __future__ import annotations

import argparse
import platform
import sys
from typing import TYPE_CHECKING

from benchmarks import command, connection, first_paint, stall
from benchmarks.table import Row, lines

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURES: dict[str, Callable[[int], list[Row]]] = {
    "a": first_paint.measure,
    "c": connection.measure,
    "d": stall.measure,
    "e": command.measure,
}
FEWEST = 9


def main() -> None:
    """Measure and print."""
    options = parsed(sys.argv[1:])
    wanted = [MEASURES[name] for name in sorted({"a" if one == "b" else one for one in options.parts})]
    count = max(FEWEST, options.pairs)
    print(f"Python {platform.python_version()}, {platform.platform()}: medians of {count} interleaved pairs")
    table: list[Row] = []
    for measure in wanted:
        table += measure(count)
    print("\n".join(lines(table)))


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return what was asked for: all parts, at least nine pairs."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Ratios against bare programs.")
    parser.add_argument("parts", nargs="*", metavar="a|b|c|d|e", help="what to measure; all if none is named")
    parser.add_argument("--pairs", type=int, default=11, help="how many pairs of each (at least nine)")
    options = parser.parse_args(arguments)
    options.parts = options.parts or [*"abcde"]
    if unknown := set(options.parts) - set("abcde"):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
