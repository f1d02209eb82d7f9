"""When what failed may be asked again: vendors shut out who asks the same in vain too often."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.connect import Order
    from wizard.core.ledger import Book, Credential
    from wizard.core.provider import Looks, Provider

LONGEST = timedelta(hours=1)
"""How long a look in vain is remembered at most."""


def next_look(looks: Looks | None, taken: Iterable[datetime], now: datetime) -> datetime | None:
    """Return when the next look is allowed, or None where that is now; `taken` are the looks in vain."""
    if not looks:
        return None
    since = now - timedelta(seconds=looks.seconds)
    recent = sorted(one for one in taken if since < one <= now)
    if len(recent) < looks.times:
        return None
    return recent[-looks.times] + timedelta(seconds=looks.seconds)


def place_of(order: Order) -> str:
    """Return what a request that may be held back is for: the system, the environment, and whose books."""
    return f"{order.provider.slug} {order.environment.name} {order.told.id or order.expect}"


def place_in(book: Book, credential: Credential, provider: Provider) -> str:
    """Return the same for a stored credential."""
    told = provider.told(credential.plain).id if provider.told else ""
    rows = (one for one in book.connections.values() if book.credentials[one.credential] is credential)
    number = next((one.expect for one in rows), "")
    return f"{credential.provider} {credential.environment} {told or number}"


def taken(book: Book, place: str) -> list[datetime]:
    """Return when it was looked in vain, as the ledger has it."""
    return [datetime.fromisoformat(one) for one in book.looks.get(place, ())]


def with_look(book: Book, place: str, now: datetime) -> Book:
    """Return the book with one more look in vain, and without those that are long past."""
    since = now - LONGEST
    kept = {name: [one for one in taken(book, name) if since < one <= now] for name in book.looks}
    fresh = {**kept, place: [*kept.get(place, []), now]}
    return replace(
        book, looks={name: tuple(one.isoformat() for one in times) for name, times in fresh.items() if times}
    )
