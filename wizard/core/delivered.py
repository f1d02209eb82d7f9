"""What stands in the ledger of hand-overs: made, sent, confirmed or refused, and when their keys go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wizard.core import reply
from wizard.core.errors import Busy, KeychainMissing, ReplyWrong, StartUsed
from wizard.core.ledger import Parcel
from wizard.core.provider import Looks
from wizard.core.waiting import next_look, taken, with_look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.handover import Handover
    from wizard.core.ledger import Book, Connection
    from wizard.core.reply import Outcome
    from wizard.core.store import Store

STAYS = timedelta(days=14)
"""How long a key stays after it was sent, where the partner says nothing."""

GUESSES = Looks(times=5, seconds=600)
"""How many codes that fit nothing are taken within so many seconds: then 45 bits last for ever."""

_PLACE = "reply"
_WAITS = {"file_made": "you", "sent": "partner", "confirmed": "nobody", "refused": "you"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reply code told: of which hand-over, what came of it, and which connections it is about."""

    handover: str
    outcome: Outcome
    connections: tuple[str, ...]


def unsent(book: Book, *, sends: bool) -> tuple[str, ...]:
    """Return the connections that the partner has not been sent, or could not use, and that could be sent.

    `sends` tells whether the partner takes hand-overs: then what was stored before it did counts too. What
    waits for somebody's approval, or lacks its key, cannot be sent yet.
    """
    states = {"no", "file_made", "refused", *(("not_needed",) if sends else ())}
    return tuple(
        key
        for key, row in book.connections.items()
        if row.delivered in states and not row.since and row.last_code != KeychainMissing.code
    )


def of(book: Book, connection: str) -> tuple[str, Parcel] | None:
    """Return the newest hand-over of a connection with the key that it has now, and its id."""
    row = book.connections[connection]
    found = [(key, one) for key, one in book.parcels.items() if _is_of(one, connection, row)]
    return found[-1] if found else None


def in_state(book: Book, state: str) -> tuple[tuple[str, Parcel], ...]:
    """Return the hand-overs that some connection is in this state by, the newest first."""
    newest = (of(book, key) for key, row in book.connections.items() if row.delivered == state)
    found = {one[0] for one in newest if one and one[1].state == state}
    return tuple((key, parcel) for key, parcel in reversed([*book.parcels.items()]) if key in found)


def spoken_reference(handover: str, parcel: Parcel) -> str:
    """Return what both ends know a hand-over by: its start file's reference, or how its id begins."""
    return parcel.reference or handover[:8]


def with_made(book: Book, what: Handover, connections: Iterable[str], after: str) -> Book:
    """Return the book with a hand-over whose file was made."""
    parcel = Parcel(
        connections={key: book.connections[key].credential for key in connections},
        at=what.made,
        proof=reply.derived(what.reply, what.id).hex(),
        reference=what.reference,
        after=after,
    )
    book = replace(book, parcels={**book.parcels, what.id: parcel})
    return _with_state(book, what.id, "file_made", what.made)


def with_sent(book: Book, handover: str, at: str) -> Book:
    """Return the book with a hand-over that the customer has sent; once only, and what is confirmed stays."""
    if book.parcels[handover].state in {"sent", "confirmed"}:
        return book
    return _with_state(book, handover, "sent", at)


def with_outcome(book: Book, handover: str, outcome: Outcome, at: str) -> Book:
    """Return the book as the partner's reply makes it: once confirmed, the keys go where they should.

    What is confirmed stays so, whatever older code is typed later.
    """
    if book.parcels[handover].state == "confirmed":
        return book
    book = _with_state(book, handover, outcome.name, at, outcome.cause)
    return _without_keys(book) if outcome.name == "confirmed" else book


def due(book: Book, now: datetime) -> bool:
    """Tell whether there are keys whose time has come."""
    return without_due(book, now).leaving != book.leaving


def without_due(book: Book, now: datetime) -> Book:
    """Return the book without keys that were sent long enough ago, or that are confirmed."""
    return _without_keys(book, now)


def used_by(book: Book, reference: str) -> str:
    """Return when a start file's reference was handed over from here, or an empty text."""
    made = [one for one in book.parcels.values() if reference and one.reference == reference]
    return next((one.at for one in made if one.state != "refused"), "")


def see_unused(book: Book, reference: str) -> None:
    """Raise `StartUsed` where a start file's reference was handed over from here."""
    at = used_by(book, reference)
    if at:
        raise StartUsed(at=at[:10], reference=reference)


async def take_reply(store: Store, typed: str, now: datetime) -> Told:
    """Return what a reply code tells, and note it; raises `ReplyWrong` for one that fits nothing here.

    Slips of the hand are told by the code itself and are not counted; the rest is, against guessing.
    """
    bare = reply.tidied(typed)
    if not bare:
        raise ReplyWrong(reason="slip")
    _see_not_guessing(store.book(), now)
    told = _told(store.book(), bare)
    if not told:
        await store.amend(lambda book: with_look(book, _PLACE, now))
        raise ReplyWrong(reason="none_here")
    at = now.isoformat(timespec="seconds")
    book = await store.amend(lambda book: with_outcome(book, told.handover, told.outcome, at))
    parcel = book.parcels[told.handover]
    return replace(told, outcome=reply.Outcome(cause=parcel.cause))


def _see_not_guessing(book: Book, now: datetime) -> None:
    at = next_look(GUESSES, taken(book, _PLACE), now)
    if at:
        raise Busy(seconds=round((at - now).total_seconds()), reason="reply")


def _told(book: Book, bare: str) -> Told | None:
    for key, parcel in book.parcels.items():
        outcome = reply.outcome(bare, bytes.fromhex(parcel.proof), key)
        if outcome:
            return Told(handover=key, outcome=outcome, connections=tuple(parcel.connections))
    return None


def _with_state(book: Book, handover: str, state: str, at: str, cause: str = "") -> Book:
    """Return the book with a hand-over and its connections in another state, each noted in its history.

    A connection that has had a new key since is left alone; so is one that was handed over anew, unless the
    partner has it now.
    """
    parcel = replace(book.parcels[handover], state=state, at=at, cause=cause)
    rows = {key: row for key, row in book.connections.items() if _is_of(parcel, key, row)}
    if state != "confirmed":
        later = [*book.parcels.values()][[*book.parcels].index(handover) + 1 :]
        rows = {key: row for key, row in rows.items() if not any(_is_of(one, key, row) for one in later)}
    changed = {key: _delivered(row, state, at, cause) for key, row in rows.items()}
    return replace(
        book,
        parcels={**book.parcels, handover: parcel},
        connections={**book.connections, **changed},
    )


def _is_of(parcel: Parcel, connection: str, row: Connection) -> bool:
    """Tell whether a connection was handed over with it, with the key that it has now."""
    return parcel.connections.get(connection) == row.credential


def _delivered(row: Connection, state: str, at: str, cause: str) -> Connection:
    waits = row.waiting_for if row.since else _WAITS[state]  # somebody's approval is waited for still
    return replace(row, delivered=state, waiting_for=waits).told(at, state, cause)


def _without_keys(book: Book, now: datetime | None = None) -> Book:
    """Return the book without the secrets of credentials all of whose connections the partner has."""
    kept = [key for key, one in book.credentials.items() if one.items and not one.partner]
    gone = {key for key in kept if _goes(book, key, now)}
    names = tuple(name for key in sorted(gone) for name in book.credentials[key].items.values())
    left = {key: replace(one, items={}) if key in gone else one for key, one in book.credentials.items()}
    return replace(book, credentials=left, leaving=(*book.leaving, *names))


def _goes(book: Book, credential: str, now: datetime | None) -> bool:
    served = {key: row for key, row in book.connections.items() if row.credential == credential}
    return all(_has_left(book, key, row, now) for key, row in served.items())


def _has_left(book: Book, key: str, row: Connection, now: datetime | None) -> bool:
    """Tell whether the newest hand-over that left a connection in its state lets its key go."""
    of = [one for one in book.parcels.values() if _is_of(one, key, row) and one.state == row.delivered]
    return bool(of) and _may_go(of[-1], now)


def _may_go(parcel: Parcel, now: datetime | None) -> bool:
    if parcel.after != "forget":
        return False
    sent = now and parcel.state == "sent" and now - datetime.fromisoformat(parcel.at) >= STAYS
    return parcel.state == "confirmed" or bool(sent)
