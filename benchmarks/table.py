"""The table: a row a measurement, each with its goal and how far the single runs lay apart."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEADINGS = ("", "measured", "min–max", "goal", "ours", "bare, idle", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; all but `what` are ready to print."""

    what: str
    measured: str = "–"
    spread: str = "–"
    goal: str = "–"
    ours: str = "–"
    bare: str = "–"
    note: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells from left to right."""
        return (self.what, self.measured, self.spread, self.goal, self.ours, self.bare, self.note)


def ratio(
    what: str, goal: float, unit: str, pairs: Sequence[tuple[float, float]], *, extra: Iterable[str] = ()
) -> Row:
    """Return the row of pairs (ours, bare): the median of their ratios."""
    ratios = [ours / bare for ours, bare in pairs]
    at = median(ratios)
    return Row(
        what=what,
        measured=f"{at:.2f}",
        spread=f"{min(ratios):.2f}–{max(ratios):.2f}",
        goal=f"≤ {goal:g}",
        ours=f"{median(ours for ours, _ in pairs):.0f} {unit}",
        bare=f"{median(bare for _, bare in pairs):.0f} {unit}",
        note="; ".join((verdict(at, goal), *extra)),
    )


def longest(what: str, goal: float, stalls: Sequence[float], *, idle: Sequence[float]) -> Row:
    """Return the row of stalls in milliseconds, beside those of the same window with nothing to do."""
    at = median(stalls)
    return Row(
        what=what,
        measured=f"{at:.1f} ms",
        spread=f"{min(stalls):.1f}–{max(stalls):.1f}",
        goal=f"≤ {goal:g} ms",
        ours=f"{at:.1f} ms",
        bare=f"{median(idle):.1f} ms",
        note=verdict(at, goal),
    )


def verdict(at: float, goal: float) -> str:
    """Return whether a goal is met, in a word."""
    return "ok" if at <= goal else "MISSED"


def lines(rows: Iterable[Row]) -> list[str]:
    """Return the table as text, its columns aligned."""
    table = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in table]
