"""When what failed may be asked again: vendors shut out who asks the same in vain too often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.provider import Looks


def next_look(looks: Looks | None, taken: Iterable[datetime], now: datetime) -> datetime | None:
    """Return when the next look is allowed, or None where that is now; `taken` are the looks in vain."""
    recent = _recent(looks, taken, now)
    if not looks or len(recent) < looks.times:
        return None
    return recent[-looks.times] + timedelta(seconds=looks.seconds)


def noted(looks: Looks | None, taken: Iterable[datetime], now: datetime) -> tuple[datetime, ...]:
    """Return the looks in vain that still count, with one more."""
    return (*_recent(looks, taken, now), now) if looks else ()


def _recent(looks: Looks | None, taken: Iterable[datetime], now: datetime) -> list[datetime]:
    since = now - timedelta(seconds=looks.seconds if looks else 0)
    return sorted(one for one in taken if since < one <= now)
