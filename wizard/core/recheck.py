"""Test a stored connection again, with the secrets that are kept for it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.connect import Order, Proof, Receipt, examine
from wizard.core.errors import WizardError
from wizard.core.handover import key_left
from wizard.core.policy import REFUSALS
from wizard.core.store import receipt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from wizard.core.errors import Facts
    from wizard.core.ledger import Connection
    from wizard.core.provider import Environment, Finding, Provider
    from wizard.core.secret import Secret
    from wizard.core.world import World


async def recheck(world: World, connection: str, tell: Callable[[Finding], None]) -> Receipt:
    """Return a fresh receipt; raises the `WizardError` that it failed with, which the ledger then knows too.

    What only the partner can test has the receipt that it had. The company must be the one that was
    connected: another is `WrongCompany`.
    """
    try:
        async with _noted(world, connection) as order:
            proof = await _examined(world, connection, order, tell)
            proof.settled()
            key, row, credential = await world.store.tested(connection, proof.chosen)
    except errors.PartnerKeyNeeded as error:
        if error.facts.get("reason") != "assisted":
            raise
        key, (row, credential, _) = connection, await world.store.open(connection)
    return receipt(key, row, credential, world.store.vault.place)


async def reexamine(
    world: World, connection: str, tell: Callable[[Finding], None], picks: tuple[str, ...] = ()
) -> Proof:
    """Do the same for somebody who can be asked which company is meant, and return the proof.

    Where several come up, its `chosen` is empty and nothing is noted yet: ask, and call again with `picks`.
    Nor is it where nobody has seen yet that this is the company, and the vendor gives no number: ask, and
    call `Store.tested`.
    """
    async with _noted(world, connection) as order:
        proof = await _examined(world, connection, order, tell, picks)
        seen = world.store.book().connections[connection].tested == "passed"
        if proof.chosen and (seen or all(one.orgnr for one in proof.chosen)):
            await world.store.tested(connection, proof.chosen)
        return proof


async def reopened(world: World, connection: str) -> Order:
    """Return a stored connection as the order it was made with; raises `KeychainMissing`."""
    row, credential, answers = await world.store.open(connection)
    provider = world.provider(credential.provider).by(credential.method)
    environment = world.environment(provider, credential.environment)
    if key_left(row, credential, provider):
        raise errors.HandedOver(company=str(row.company["name"] or row.label))
    gone = tuple(
        one.name for one in provider.every_field if one.name in credential.items and one.name not in answers
    )
    if gone:
        raise errors.KeychainMissing(fields=gone)
    partner = await _partner(world, provider, environment)
    company = str(row.company["id"]) if row.tested == "passed" else ""  # else nobody has seen it yet
    number = row.company["orgnr"]
    return Order(
        provider=provider,
        environment=environment,
        answers=answers,
        plain=credential.plain,
        partner=partner,
        picks=(company,) if company else (),
        since=datetime.fromisoformat(row.since) if row.since else None,
        expect=row.expect or (number if isinstance(number, str) else ""),
        label=row.label,
    )


async def _partner(world: World, provider: Provider, environment: Environment) -> dict[str, Secret]:
    try:
        partner, _ = await world.partner(provider, environment)
    except errors.PartnerKeyNeeded as error:
        error.facts = {**error.facts, "reason": "stored"}  # the customer's key was made long ago
        raise
    return partner


async def _examined(
    world: World,
    connection: str,
    order: Order,
    tell: Callable[[Finding], None],
    picks: tuple[str, ...] = (),
) -> Proof:
    if not order.testable:
        assisted = world.store.book().connections[connection].tested == "not_possible_here"
        needed = (one.name for one in order.provider.partner_keys if one.required)
        missing = tuple(name for name in needed if name not in order.partner)
        raise errors.PartnerKeyNeeded(fields=missing, reason="assisted" if assisted else "stored")
    world.store.may_look(order)
    try:
        return await examine(
            replace(order, picks=picks or order.picks), net=world.net, tell=tell, now=world.clock
        )
    except errors.WrongCompany as error:
        if not picks:  # the customer knows the company by its name, not by the vendor's id
            row = world.store.book().connections[connection].company
            error.facts = {**error.facts, "expected": str(row["name"] or row["orgnr"] or row["id"])}
        raise


@contextlib.asynccontextmanager
async def _noted(world: World, connection: str) -> AsyncIterator[Order]:
    """Note in the ledger what a test failed with, if that can be; the failure goes on."""
    order: Order | None = None
    try:
        order = await reopened(world, connection)
        yield order
    except WizardError as error:
        with contextlib.suppress(WizardError):  # the first thing that failed says more
            row = await _after(world, connection, error, order)
            error.facts = {**_waits(row), **_next_look(world, order), **error.facts}
        raise


async def _after(world: World, connection: str, error: WizardError, order: Order | None) -> Connection | None:
    """Note a failure, but for one without a look: that says nothing new. Return the connection."""
    if error.facts.get("reason") in _NOT_LOOKED or isinstance(error, errors.HandedOver):
        return world.store.book().connections.get(connection)
    looked = order if isinstance(error, errors.AnswerError) else None
    _, row, _ = await world.store.tested(connection, (), error, looked)
    return row


_NOT_LOOKED = {"too_soon", "held_back", "assisted", *REFUSALS}
"""Why there was no look; nor was there one where the key is with the partner (`HandedOver`)."""


def _waits(row: Connection | None) -> Facts:
    """Return since when a connection waits, and how long what it waits for is valid."""
    return {"since": row.since, "until": row.until or None} if row and row.since else {}


def _next_look(world: World, order: Order | None) -> Facts:
    """Return when the same may be asked again, where that is not at once."""
    at = world.store.next_look(order) if order else None
    return {"next_look": at.isoformat(timespec="seconds")} if at else {}
