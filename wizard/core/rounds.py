"""Testing many connections: one at a time a vendor, several vendors at once, and what each came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.errors import WizardError
from wizard.core.removal import testable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wizard.core.ledger import Book
    from wizard.core.provider import Provider
    from wizard.core.world import World

_SHUT = (errors.KeychainLocked, errors.KeychainAbsent, errors.KeychainDenied)
_HELD = (errors.Busy, errors.QuotaEmpty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What testing one of them came to: `passed`, `failed`, or `skipped` where it was not asked at all."""

    connection: str
    state: str
    error: WizardError | None = None


@dataclass(slots=True, kw_only=True)
class _Round:
    """One round under way. What stands in the way of all is asked about once: a prompt is no storm."""

    world: World
    tell: Callable[[Outcome], None]
    shut: WizardError | None = None
    held: dict[str, WizardError] = field(default_factory=dict)

    async def ask(self, vendor: str, connection: str) -> None:
        """Test one, unless something stands in the way of all like it."""
        before = self.shut or self.held.get(vendor)
        if before:
            self.tell(Outcome(connection=connection, state="skipped", error=before))
            return
        try:
            await _recheck(self.world, connection)
        except WizardError as error:
            self._note(vendor, error)
            self.tell(Outcome(connection=connection, state="failed", error=error))
        else:
            self.tell(Outcome(connection=connection, state="passed"))

    def _note(self, vendor: str, error: WizardError) -> None:
        if isinstance(error, _SHUT):
            self.shut = error
        elif isinstance(error, _HELD) and error.facts.get("reason") != "held_back":  # that is this one's
            self.held[vendor] = error


async def tested(world: World, connections: Iterable[str], tell: Callable[[Outcome], None]) -> None:
    """Test them; `tell` hears of each as soon as it is known. A vendor is never asked twice at a time."""
    import anyio  # home is shown before anything runs in the background

    book, under_way = world.store.book(), _Round(world=world, tell=tell)
    async with anyio.create_task_group() as group:
        for vendor, mine in by_vendor(book, connections).items():
            group.start_soon(_queue, under_way, vendor, mine)


def by_vendor(book: Book, connections: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return those that are still there by system, each in the order given."""
    queues: dict[str, tuple[str, ...]] = {}
    for key in connections:
        row = book.connections.get(key)
        vendor = book.credentials[row.credential].provider if row else ""
        if vendor:
            queues[vendor] = (*queues.get(vendor, ()), key)
    return queues


def askable(book: Book, providers: Mapping[str, Provider]) -> tuple[str, ...]:
    """Return the connections whose vendor can be asked from here."""
    rows = book.connections.items()
    known = ((key, row, book.credentials[row.credential]) for key, row in rows)
    return tuple(key for key, row, one in known if testable(row, one, providers.get(one.provider)))


def failed(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Return what is to be tried again."""
    return tuple(one.connection for one in outcomes if one.state != "passed")


async def _queue(under_way: _Round, vendor: str, mine: tuple[str, ...]) -> None:
    for connection in mine:
        await under_way.ask(vendor, connection)


async def _recheck(world: World, connection: str) -> None:
    """Test one as it is done by itself; what somebody has to look at first is not passed here."""
    from wizard.core.recheck import reexamine

    proof = await reexamine(world, connection, lambda _: None)
    proof.settled()
    row = world.store.book().connections.get(connection)
    if row and row.tested != "passed":
        raise errors.SeveralCompanies(companies=[one.facts() for one in proof.chosen])
