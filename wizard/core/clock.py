"""Whether this machine's clock agrees with the one that an answer names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLERANCE = timedelta(seconds=120)
"""How far a clock may be off before anything is said of it."""


def difference(headers: Mapping[str, str], now: datetime | None = None) -> timedelta | None:
    """Return how far our clock is ahead of an answer's `Date`, less if behind, or None where it names none.

    `headers` are by lower-case name. What a store on the way kept has an `Age`, which is added.
    """
    try:
        said = parsedate_to_datetime(headers.get("date", ""))
        age = timedelta(seconds=int(headers.get("age", "0")))
        return (now or datetime.now(UTC)) - (said if said.tzinfo else said.replace(tzinfo=UTC)) - age
    except (TypeError, ValueError, OverflowError):
        return None


def is_wrong(ahead: timedelta | None) -> bool:
    """Tell whether a clock is so far off that it matters."""
    return ahead is not None and abs(ahead) > TOLERANCE


def minutes_off(headers: Mapping[str, str]) -> int:
    """Return by how many minutes our clock is ahead (less than 0: behind), or 0 where that is little."""
    ahead = difference(headers)
    return whole_minutes(ahead) if ahead is not None and is_wrong(ahead) else 0


def whole_minutes(span: timedelta) -> int:
    """Return a span in minutes."""
    return round(span / timedelta(minutes=1))
