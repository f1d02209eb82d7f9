"""The partner's end: what was handed over is looked at, tested with the partner's own keys, and handed on."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.connect import connect
from wizard.core.handover import AHEAD, VALID, answers
from wizard.core.reply import CAUSES, Outcome
from wizard.core.strict import REFERENCE, NotStrict, fits, json_in, moment, taken, texts
from wizard.core.world import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta
    from pathlib import Path

    from wizard.core.connect import Order, Receipt
    from wizard.core.errors import WizardError
    from wizard.core.handover import Handover, Item
    from wizard.core.provider import Finding, Provider
    from wizard.core.world import World

MOST = 1 << 20
"""The most that is read of the partner's keys or references, in bytes."""

PATIENCE = 600.0
"""How long the partner's command may take, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A start file that was made: for which system and company, and until when it is valid."""

    reference: str
    system: str
    expires: str
    expect: str = ""


def partner_keys(data: bytes) -> dict[str, str]:
    """Return the partner's own keys by `system.environment.key`; raises `BadInput`, which names none."""
    try:
        return dict(texts(json_in(data[: MOST + 1]))) if data.strip() else {}
    except NotStrict:
        raise errors.BadInput(reason="partner_keys_wrong") from None


def references(data: bytes) -> dict[str, Reference]:
    """Return the start files that were made, one JSON object a line; raises `BadInput`."""
    try:
        rows = [_reference(json_in(line)) for line in data[: MOST + 1].splitlines() if line.strip()]
    except NotStrict:
        raise errors.BadInput(reason="references_wrong") from None
    return {one.reference: one for one in rows}


def _reference(row: object) -> Reference:
    known = dict.fromkeys(("reference", "system", "expires"), str)
    one = Reference(**taken(row, known, {"expect": str}))
    fits(one.reference, REFERENCE)
    moment(one.expires)
    return one


def reference_line(one: Reference) -> str:
    """Return the line that remembers a start file that was made."""
    return json.dumps(asdict(one)) + "\n"


def see_valid(
    what: Handover, now: datetime, known: Mapping[str, Reference] | None, valid: timedelta = VALID
) -> None:
    """Raise `HandoverExpired` for what is too old, `ReferenceUnknown` for what was not asked for.

    Without the references `known`, whatever reference it has will do.
    """
    made = moment(what.made)
    if made + valid < now:
        raise errors.HandoverExpired(made=what.made[:10], days=valid.days)
    if made > now + AHEAD:
        raise errors.HandoverExpired(reason="ahead", made=what.made[:10])
    if known is not None:
        _see_asked_for(what, made, known)


def _see_asked_for(what: Handover, made: datetime, known: Mapping[str, Reference]) -> None:
    if what.reference not in known:
        raise errors.ReferenceUnknown(reference=what.reference or None)
    one = known[what.reference]
    if moment(one.expires) < made:
        raise errors.HandoverExpired(reason="start", made=what.made[:10])
    others = [row for row in what.items if row.system != one.system or one.expect not in {"", row.expected}]
    if others:
        raise errors.ReferenceUnknown(reason="of_another", reference=what.reference)


async def tested(
    world: World, one: Item, partner: Mapping[str, str], tell: Callable[[Finding], None]
) -> tuple[Receipt, ...]:
    """Test one connection with the partner's keys, keeping nothing; raises any `WizardError`.

    Where a system can be tested, the partner's keys for it must be there: nothing is taken on trust.
    """
    provider = world.provider(one.system).by(one.method)
    order = await _order(world, provider, one, partner)
    missing = tuple(
        key.name for key in provider.partner_keys if key.required and key.name not in order.partner
    )
    if provider.checks and missing:
        raise errors.PartnerKeyNeeded(fields=missing, reason="receiving")
    return await connect(order, net=world.net, store=world.store, tell=tell, now=world.clock)


async def _order(world: World, provider: Provider, one: Item, partner: Mapping[str, str]) -> Order:
    environment = world.environment(provider, one.environment)
    prefix = f"{one.system}.{one.environment}."
    given = {name.removeprefix(prefix): key for name, key in partner.items() if name.startswith(prefix)}
    known = {key.name for key in provider.partner_keys}
    company = str(one.company["id"]) if one.tested == "passed" else ""
    wish = Wish(
        partner={name: key for name, key in given.items() if name in known},
        environment=one.environment,
        companies=(company,) if company else (),
        expect=one.expected,
        label=one.label,
    )
    return await world.settled(provider, answers(one, provider, environment), wish, receiving=True)


def outcome_of(error: WizardError) -> Outcome | None:
    """Return what the customer is to be told, or None where it is the partner's to act, or to try again."""
    told = error.code in CAUSES and error.lies_with == "customer"
    return Outcome(cause=error.code) if told else None


def hand_on(command: str, bundle: bytes) -> None:
    """Give what was received to the partner's command on its standard input; raises `DeliveryFailed`.

    There is no shell, and what the command writes is not ours to show: it knows the secrets.
    """
    try:
        words = shlex.split(command, posix=os.name == "posix")
        done = subprocess.run(  # noqa: S603 - the partner's own command, as it stands on the command line
            words,
            input=bundle,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, ValueError, IndexError):
        raise errors.DeliveryFailed(reason="not_started") from None
    except subprocess.TimeoutExpired:
        raise errors.DeliveryFailed(reason="timed_out") from None
    if done.returncode:
        raise errors.DeliveryFailed(number=done.returncode)


def read_file(file: Path) -> bytes:
    """Return what a file of the partner's holds; raises `BadInput`."""
    try:
        with file.open("rb") as stream:
            return stream.read(MOST + 1)
    except OSError:
        raise errors.BadInput(reason="file_unreadable", file=file.name) from None
