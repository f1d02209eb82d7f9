"""What the window has done in the background: the same use cases as the command line's; no Qt here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.core.errors import InvitationExpired, PendingApproval, WrongCompany
from wizard.core.waiting import next_look, place_in, taken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wizard.core.connect import Order, Proof, Receipt
    from wizard.core.errors import AnswerError, Fact
    from wizard.core.flow import Walk
    from wizard.core.ledger import Book, Connection, Credential
    from wizard.core.provider import Finding, Provider
    from wizard.core.world import World

    Tell = Callable[[Finding], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A system may be connected from this machine.

    `known` are the companies connected already, name by number; `partner` names the partner's keys that are
    here, `values` are those of them that are no secrets; `assisted` tells that the vendor cannot be asked
    from here whatever the customer answers; `environment` is the one that was asked for, empty for the
    system's first.
    """

    slug: str
    known: Mapping[str, str]
    partner: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    assisted: bool = False
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A stored connection that somebody has yet to approve: why, and when it may be looked at again."""

    connection: str
    row: Connection
    error: AnswerError
    next_look: datetime | None
    receipts: tuple[Receipt, ...] = ()


def prepare(
    slug: str, method: str = "", environment: str = ""
) -> Callable[[World, Tell], Awaitable[Prepared]]:
    """See that it can be stored here and which partner's keys are here, before any key is asked for."""

    async def work(world: World, _: Tell) -> Prepared:
        from wizard.core.connect import testable

        world.store.ready()
        world.see_open(world.provider(slug))
        provider = world.provider(slug).by(method)
        world.see_open(provider)
        place = world.environment(provider, environment)
        partner, _notes = await world.partner(provider, place)
        if any(one.secret for one in provider.every_field):
            await world.store.vault.trial()
        return Prepared(
            slug=slug,
            known=_known(world.store.book(), slug, place.name),
            partner=frozenset(partner),
            values=world.store.partner_values(provider, place.name),
            assisted=not testable(provider, provider.needs, partner),
            environment=environment,
        )

    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is stored, and what should be said of how the list was found, as `Store.recover` names it."""

    book: Book
    found: str = ""


async def read_book(world: World, _: Tell) -> Listed:
    """Return what is stored, after tidying up what an earlier run left half-done."""
    found = await world.store.recover()
    return Listed(book=world.store.book(), found=found)


async def rebuild(world: World, _: Tell) -> Listed:
    """Begin an empty list in place of one that cannot be read; that one is kept beside it."""
    await world.store.rebuild()
    return Listed(book=world.store.book())


def test(walk: Walk) -> Callable[[World, Tell], Awaitable[Proof | PendingApproval]]:
    """Test what the customer gave; what somebody has yet to approve is returned, to be stored as waiting."""

    async def work(world: World, tell: Tell) -> Proof | PendingApproval:
        from wizard.core.connect import look

        order = _held(world, walk, await _order(world, walk))
        try:
            return await look(order, net=world.net, store=world.store, tell=tell, now=world.clock)
        except WrongCompany as error:
            raise _named(world, walk, error) from None

    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What a stored connection was proved to reach; `noted` unless somebody has to see the company first."""

    proof: Proof
    noted: bool


def test_again(walk: Walk) -> Callable[[World, Tell], Awaitable[Again | Waiting]]:
    """Test what is kept of a stored connection, and note how it went; one that waits still is returned."""

    async def work(world: World, tell: Tell) -> Again | Waiting:
        from wizard.core.recheck import reexamine

        try:
            proof = await reexamine(world, walk.renews, tell, walk.picks)
            row = world.store.book().connections.get(walk.renews)
            return Again(proof=proof, noted=not row or row.tested == "passed")
        except (PendingApproval, InvitationExpired) as error:
            return _waiting(world, walk.renews, error)

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


def store_assisted(walk: Walk) -> Callable[[World, Tell], Awaitable[tuple[Receipt, ...]]]:
    """Store what only the partner can test."""

    async def work(world: World, _: Tell) -> tuple[Receipt, ...]:
        return await world.store.keep_assisted(await _order(world, walk))

    return work


def store_waiting(walk: Walk, error: PendingApproval) -> Callable[[World, Tell], Awaitable[Waiting]]:
    """Store what somebody has yet to approve."""

    async def work(world: World, _: Tell) -> Waiting:
        receipts = await world.store.keep_waiting(await _order(world, walk), error)
        return replace(_waiting(world, receipts[0].connection, error), receipts=receipts)

    return work


def store_seen(walk: Walk, proof: Proof) -> Callable[[World, Tell], Awaitable[tuple[Receipt, ...]]]:
    """Note that a stored connection reaches the right company, as somebody has seen now."""

    async def work(world: World, _: Tell) -> tuple[Receipt, ...]:
        from wizard.core.store import receipt

        key, row, credential = await world.store.tested(walk.renews, proof.chosen)
        return (receipt(key, row, credential, world.store.vault.place),)

    return work


def waiting_of(book: Book, key: str, provider: Provider, now: datetime) -> Waiting | None:
    """Return what a stored connection waits for, or None for one that does not wait."""
    row = book.connections[key]
    kinds = {one.code: one for one in (PendingApproval, InvitationExpired)}
    if row.tested == "passed" or row.last_code not in kinds:
        return None
    facts: dict[str, Fact] = {"since": began(row), "until": row.until or None, "days": _days(row)}
    error = kinds[row.last_code](facts)
    at = next_look(
        provider.looks, taken(book, place_in(book, book.credentials[row.credential], provider)), now
    )
    return Waiting(connection=key, row=row, error=error, next_look=at)


def began(row: Connection) -> str:
    """Return when a connection began to wait."""
    return row.since or row.made_at


def known_by(number: str, label: str) -> dict[str, str]:
    """Return what a company is known by, for a letter: its number, and the customer's name for it."""
    said = f"{label} ({number})" if label and number else label or number
    return {name: value for name, value in (("orgnr", number), ("company", said)) if value}


def answers_of(row: Connection, credential: Credential) -> dict[str, str]:
    """Return the answers of a stored connection that are no secrets, for a letter."""
    number = str(row.company.get("orgnr") or "")
    return known_by(number, row.label) | dict(credential.plain)


def _days(row: Connection) -> int | None:
    """Return how many days what is waited for was valid, as far as that is known."""
    if not row.until:
        return None
    return (datetime.fromisoformat(row.until) - datetime.fromisoformat(began(row))).days


def _waiting(world: World, connection: str, error: AnswerError) -> Waiting:
    book = world.store.book()
    row = book.connections[connection]
    provider = world.provider(book.credentials[row.credential].provider)
    known = waiting_of(book, connection, provider, world.clock())
    if not known:
        raise error
    if error.facts.get("reason"):  # too soon: what is waited for says more than that
        return known
    error.facts = {**known.error.facts, **error.facts}
    return replace(known, error=error)


def _known(book: Book, slug: str, environment: str) -> dict[str, str]:
    place = (slug, environment)
    used = {key for key, one in book.credentials.items() if (one.provider, one.environment) == place}
    rows = [one for one in book.connections.values() if one.credential in used and one.company.get("orgnr")]
    names = ((str(one.company["orgnr"]), one.company["name"] or one.label) for one in rows)
    return {number: str(name or number) for number, name in names}


def _held(world: World, walk: Walk, order: Order) -> Order:
    """Return the order of a renewal held to its company: by the vendor's id, where that gives no number."""
    row = world.store.book().connections.get(walk.anew)
    if not row or row.tested != "passed" or row.company["orgnr"]:
        return order
    return replace(order, picks=(str(row.company["id"]),))


def _named(world: World, walk: Walk, error: WrongCompany) -> WrongCompany:
    """Return the error of a renewal with the company's name in place of what the vendor calls it."""
    row = world.store.book().connections.get(walk.anew)
    if row:
        known = str(row.company["name"] or row.company["orgnr"] or row.label)
        error.facts = {**error.facts, "expected": known, "reason": "renewal"}
    return error


async def _order(world: World, walk: Walk) -> Order:
    """Return what the customer gave as the order that the command line would make of it."""
    from wizard.core.connect import Answers
    from wizard.core.world import Wish

    wish = Wish(
        environment=walk.environment,
        companies=walk.picks,
        expect=walk.expect,
        label=walk.label,
        reference=walk.reference,
        consent=walk.consent,
    )
    given = Answers(secrets=walk.answers, plain=walk.plain, warnings=walk.warnings)
    return await world.settled(world.provider(walk.system).by(walk.method), given, wish)
