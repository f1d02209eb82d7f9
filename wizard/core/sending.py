"""What goes to the partner: connections sealed once, and noted; sent as often as it takes, received once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anyio import CancelScope, to_thread

from wizard.core.consent import common
from wizard.core.delivered import spoken_reference, with_made, with_sent
from wizard.core.errors import BadInput, LedgerUnwritable
from wizard.core.handover import armoured, file_name, handover, item, seal
from wizard.core.keys import write_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from wizard.core.handover import Handover, Item
    from wizard.core.ledger import Book
    from wizard.core.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A hand-over that is sealed and noted: `text` is the block of lines, `file` a name that tells nothing.

    It may be shown to anybody: only the partner can open it.
    """

    id: str
    text: str
    compact: str
    file: str
    connections: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent, and the reference that both ends know it by; `answer` is the demo bank's reply code."""

    handover: str
    reference: str
    answer: str = ""


async def pack(world: World, ids: Iterable[str], contact: str = "") -> Handover:
    """Return the hand-over of these connections; raises where they came with several start files."""
    items: list[Item] = []
    found, consents = set(), []
    for one in dict.fromkeys(ids):
        row, credential, secrets = await world.store.open(one)
        provider = world.provider(credential.provider).by(credential.method)
        world.policy.see_to(provider)
        items.append(item(row, credential, secrets, provider))
        found.add(row.reference)
        consents.append(row.consent)
    if len(found) > 1:
        raise BadInput(reason="several_references")
    what = handover(items, world.clock(), world.preset, found.pop())
    return replace(what, contact=contact, consent=common(consents))


async def seal_up(world: World, ids: tuple[str, ...]) -> Sealed:
    """Return these connections sealed to the partner; raises any `WizardError`, and then nothing is noted."""
    key = await to_thread.run_sync(world.seal_key)
    before = await to_thread.run_sync(world.store.book)
    what = await pack(world, ids)
    compact = await to_thread.run_sync(seal, what, key)
    await world.store.amend(lambda book: with_made(same(book, before, ids), what, ids, world.preset.after))
    return Sealed(id=what.id, text=armoured(compact), compact=compact, file=file_name(what), connections=ids)


def same(book: Book, before: Book, ids: tuple[str, ...]) -> Book:
    """Return the book where its keys are those that were sealed; else a reply would let a new one go."""
    if any(_key_of(book, one) != _key_of(before, one) for one in ids):
        raise LedgerUnwritable(reason="in_use")
    return book


def _key_of(book: Book, connection: str) -> str:
    row = book.connections.get(connection)
    return row.credential if row else ""


def write(file: Path, text: str) -> None:
    """Write a sealed file in place of what is there, which somebody has agreed to; raises `BadInput`."""
    beside = file.with_name(f"{file.name}.new")
    try:
        beside.unlink(missing_ok=True)
        write_new(beside, text.encode())
        beside.replace(file)
    except OSError:
        raise BadInput(reason="file_unwritable", file=file.name) from None


async def note_sent(world: World, what: Sealed) -> Sent:
    """Note that the customer has sent it; in practice the demo bank has it then, and answers."""
    return await _sent(world, what, await _at_demo(world, what))


async def send(world: World, what: Sealed, told: Callable[[int], None]) -> Sent:
    """Send it to where the partner takes it, `told` how much has gone, in per cent; note that it was sent.

    Raises `NotSent`; to send the same again does no harm, for the partner takes an id once.
    """
    answer = await _at_demo(world, what)
    if not world.preset.demo:
        from wizard.core.upload import upload

        await upload(world.preset.upload, what, world.net, told)
    return await _sent(world, what, answer)


async def _at_demo(world: World, what: Sealed) -> str:
    return await world.bank.receive(world, what.text) if world.preset.demo else ""


async def _sent(world: World, what: Sealed, answer: str) -> Sent:
    """Note it; whoever stops now comes too late for that."""
    at = world.clock().isoformat(timespec="seconds")
    with CancelScope(shield=True):
        book = await world.store.amend(lambda book: with_sent(book, what.id, at))
    reference = spoken_reference(what.id, book.parcels[what.id])
    return Sent(handover=what.id, reference=reference, answer=answer)
