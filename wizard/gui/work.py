"""What the window has done in the background: the same use cases as the command line's; no Qt here."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wizard.core.connect import Order, Proof, Receipt
    from wizard.core.flow import Walk
    from wizard.core.ledger import Book
    from wizard.core.provider import Finding
    from wizard.core.world import World

    Tell = Callable[[Finding], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A system may be connected from this machine.

    `known` are the companies connected already, name by number; `partner` names the partner's keys that are
    here; `assisted` tells that the vendor cannot be asked from here whatever the customer answers;
    `environment` is the one that was asked for, empty for the system's first.
    """

    slug: str
    known: Mapping[str, str]
    partner: frozenset[str] = frozenset()
    assisted: bool = False
    environment: str = ""


def prepare(
    slug: str, method: str = "", environment: str = ""
) -> Callable[[World, Tell], Awaitable[Prepared]]:
    """See that the keychain works and which of the partner's keys are here, before any key is asked for."""

    async def work(world: World, _: Tell) -> Prepared:
        from wizard.core.connect import testable

        provider = world.provider(slug).by(method)
        place = world.environment(provider, environment)
        partner, _notes = await world.partner(provider, place)
        if provider.every_field:
            await world.store.vault.trial()
        return Prepared(
            slug=slug,
            known=_known(world.store.book(), slug, place.name),
            partner=frozenset(partner),
            assisted=not testable(provider, provider.needs, partner),
            environment=environment,
        )

    return work


async def read_book(world: World, _: Tell) -> Book:
    """Return what is stored, after tidying up what an earlier run left half-done."""
    await world.store.recover()
    return world.store.book()


def test(walk: Walk) -> Callable[[World, Tell], Awaitable[Proof]]:
    """Test what the customer gave; for a stored connection, what is kept of it, and note how it went."""

    async def work(world: World, tell: Tell) -> Proof:
        from wizard.core.connect import examine
        from wizard.core.recheck import reexamine
        from wizard.core.world import now

        if walk.renews:
            return await reexamine(world, walk.renews, tell, walk.picks)
        return await examine(await _order(world, walk), net=world.net, tell=tell, now=now)

    return work


def store(proof: Proof) -> Callable[[World, Tell], Awaitable[tuple[Receipt, ...]]]:
    """Store what was tested."""

    async def work(world: World, _: Tell) -> tuple[Receipt, ...]:
        return await world.store.keep(proof)

    return work


def store_untested(walk: Walk) -> Callable[[World, Tell], Awaitable[tuple[Receipt, ...]]]:
    """Store a key that could not be tested now."""

    async def work(world: World, _: Tell) -> tuple[Receipt, ...]:
        return await world.store.keep_untested(await _order(world, walk))

    return work


def forget(connection: str) -> Callable[[World, Tell], Awaitable[Book]]:
    """Forget a connection, and return what is left; it may be that the command line did so meanwhile."""

    async def work(world: World, _: Tell) -> Book:
        with suppress(BadInput):
            await world.store.forget(connection)
        return world.store.book()

    return work


def _known(book: Book, slug: str, environment: str) -> dict[str, str]:
    place = (slug, environment)
    used = {key for key, one in book.credentials.items() if (one.provider, one.environment) == place}
    rows = [one for one in book.connections.values() if one.credential in used and one.company.get("orgnr")]
    return {str(one.company["orgnr"]): str(one.company["name"] or one.label) for one in rows}


async def _order(world: World, walk: Walk) -> Order:
    from wizard.core.connect import Order

    provider = world.provider(walk.system)
    environment = world.environment(provider, walk.environment)
    partner, notes = await world.partner(provider, environment)
    return Order(
        provider=provider,
        environment=environment,
        answers=walk.answers,
        partner=partner,
        picks=walk.picks,
        expect=walk.expect,
        label=walk.label,
        warnings=(*walk.warnings, *notes),
    )
