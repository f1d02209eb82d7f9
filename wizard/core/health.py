"""How a stored connection is: one word for each cause, derived from its three facts and the latest test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.ledger import Book, Connection

SOON = timedelta(days=14)
"""How long beforehand it is said that a key ends."""

STALE = timedelta(days=30)
"""How old a test may be before it is due again."""

_CAUSES = {
    **dict.fromkeys(("key_refused", "wrong_environment", "field_invalid"), "key_refused"),
    **dict.fromkeys(("rights_missing", "scope_missing", "no_company"), "access"),
    **dict.fromkeys(("module_missing", "licence_missing"), "module"),
    **dict.fromkeys(("wrong_company", "wrong_tenant", "several_companies"), "company"),
    **dict.fromkeys(("busy", "quota_empty"), "busy"),
    **dict.fromkeys(("vendor_down", "unexpected_answer", "too_large", "garbled_answer"), "vendor"),
    **dict.fromkeys(("name_not_found", "connection_refused", "connection_lost", "timed_out"), "unreached"),
    **dict.fromkeys(("tls_untrusted", "tls_wrong_name", "tls_expired", "tls_failed"), "unreached"),
    **dict.fromkeys(("clock_wrong", "captive_portal", "redirected", "proxy_failed", "offline"), "unreached"),
    **dict.fromkeys(("partner_key_refused", "partner_key_needed"), "partner_key"),
    **dict.fromkeys(("keychain_locked", "keychain_absent", "keychain_denied"), "shut"),
    **dict.fromkeys(("keychain_read_only", "keychain_lied", "keychain_too_long"), "shut"),
    "keychain_missing": "needs_key",
    "invitation_expired": "expired",
    "pending_approval": "approval_gone",
}
"""What a failed test's code comes to, for somebody who looks at a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A state by its name, how it looks, and what mends it.

    `tone` is `good`, `wait`, `bad` or `plain`; `act` is `test`, `renew` or empty; `yours` tells that only the
    customer can bring it on.
    """

    cause: str
    tone: str
    icon: str
    act: str = ""
    yours: bool = False


def _named(cause: str, look: tuple[str, str], act: str = "", *, yours: bool = False) -> tuple[str, Health]:
    tone, icon = look
    return cause, Health(cause=cause, tone=tone, icon=icon, act=act, yours=yours)


_GOOD, _BAD, _WARN = ("good", "check"), ("bad", "cross"), ("wait", "warning")
_WAIT, _TOLD = ("wait", "wait"), ("plain", "info")

STATES: dict[str, Health] = dict(
    (
        _named("passed", _GOOD),
        _named("confirmed", _GOOD),
        _named("stale", _TOLD, "test"),
        _named("ending", _WARN, "renew", yours=True),
        _named("ended", _BAD, "renew", yours=True),
        _named("later", ("plain", "dash"), "test", yours=True),
        _named("not_possible_here", _WAIT),
        _named("sent", _WAIT),
        _named("file_made", _WARN, yours=True),
        _named("unsent", _WARN, yours=True),
        _named("refused", _BAD, "renew", yours=True),
        _named("waiting", _WAIT),
        _named("expired", _BAD, "test", yours=True),
        _named("approval_gone", _BAD, "test", yours=True),
        _named("needs_key", ("bad", "lock"), "renew", yours=True),
        _named("key_refused", _BAD, "renew", yours=True),
        _named("access", _BAD, "test", yours=True),
        _named("module", _BAD, "test", yours=True),
        _named("company", _BAD, "renew", yours=True),
        _named("busy", _WAIT, "test"),
        _named("vendor", _WARN, "test"),
        _named("unreached", _WARN, "test", yours=True),
        _named("partner_key", _WAIT, "test"),
        _named("shut", ("wait", "lock"), "test", yours=True),
        _named("failed", _BAD, "test", yours=True),
    )
)
"""Every state there is, by its cause."""

_TO_SEND = frozenset(("passed", "stale", "not_possible_here"))
"""In which states a connection lacks nothing but to be sent."""


def health(row: Connection, now: datetime, *, sends: bool = False) -> Health:
    """Return how a connection is. A key that ends does so at the beginning of the day that was told.

    `sends` tells whether the partner takes hand-overs: then nothing works before it was sent.
    """
    cause = _cause(row, now)
    kept = sends and row.delivered in {"no", "not_needed"}
    return STATES["unsent" if kept and cause in _TO_SEND else cause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The day on which something ends: `key`, `approval`, or the key's stay on this machine (`stay`)."""

    kind: str
    day: date


def valid_until(row: Connection) -> str:
    """Return until when what is waited for is valid; nothing where the vendor says that it is not."""
    return "" if row.last_code == "invitation_expired" else row.until


def ending(book: Book, key: str) -> Ending | None:
    """Return what of a connection ends by itself, and when; None where nothing does."""
    row = book.connections[key]
    if row.tested != "passed" and row.last_code in {"pending_approval", "invitation_expired"}:
        return _ends("approval", valid_until(row))
    return _stay(book, key, row) or _ends("key", row.expires)


def waits(book: Book, key: str) -> tuple[str, str]:
    """Return for whom a connection waits and since when; an empty text where that is not known."""
    row = book.connections[key]
    if row.waiting_for == "nobody":
        return "", ""
    handed = [one.at for one in book.parcels.values() if one.connections.get(key) == row.credential]
    told = handed[-1] if handed and row.delivered not in {"no", "not_needed"} else ""
    return row.waiting_for, row.since or told or row.made_at


def shared(book: Book, key: str) -> tuple[str, ...]:
    """Return the other connections that live by the same key."""
    credential = book.connections[key].credential
    return tuple(at for at, row in book.connections.items() if row.credential == credential and at != key)


def in_need(book: Book, now: datetime, *, sends: bool = False) -> tuple[str, ...]:
    """Return the connections that wait for the customer."""
    return tuple(key for key, row in book.connections.items() if health(row, now, sends=sends).yours)


def due(book: Book, now: datetime, *, sends: bool = False) -> tuple[str, ...]:
    """Return the connections whose latest test is too old to say anything."""
    return _in_cause("stale", book, now, sends=sends)


def to_approve(book: Book, now: datetime) -> tuple[str, ...]:
    """Return the connections that wait until somebody, maybe the customer, has approved them."""
    return _in_cause("waiting", book, now)


def _in_cause(cause: str, book: Book, now: datetime, *, sends: bool = False) -> tuple[str, ...]:
    rows = book.connections.items()
    return tuple(key for key, row in rows if health(row, now, sends=sends).cause == cause)


def sorted_keys(book: Book, now: datetime, *, sends: bool = False) -> tuple[str, ...]:
    """Return the connections as they are listed: those that wait for the customer first, else as stored."""
    first = in_need(book, now, sends=sends)
    return (*first, *(key for key in book.connections if key not in set(first)))


def matching(said: Iterable[tuple[str, str]], query: str) -> frozenset[str]:
    """Return the keys of those whose text has every word of a query, wherever its spaces are."""
    wanted = query.casefold().split()
    together = "".join(wanted)
    return frozenset(key for key, text in said if _has(text.casefold(), wanted, together))


def _has(text: str, wanted: list[str], together: str) -> bool:
    return all(word in text for word in wanted) or together in "".join(text.split())


def _cause(row: Connection, now: datetime) -> str:
    waiting = row.tested != "passed" and row.last_code == "pending_approval"
    if row.delivered in {"refused", "confirmed"}:
        return row.delivered
    if waiting:
        return "waiting"
    if row.last_code:
        return _CAUSES.get(row.last_code, "failed")
    if row.delivered in {"sent", "file_made"}:
        return row.delivered
    return _aged(row, now) if row.tested == "passed" else row.tested


def _aged(row: Connection, now: datetime) -> str:
    end = _ends("key", row.expires)
    if end and end.day - now.date() <= SOON:
        return "ended" if end.day <= now.date() else "ending"
    at = _moment(row.tested_at)
    return "stale" if at and now - at > STALE else "passed"


def _stay(book: Book, key: str, row: Connection) -> Ending | None:
    """Return when a key that was sent goes from here, where it does."""
    from wizard.core.delivered import STAYS  # the list's lock need not be there for the first page

    of = [one for one in book.parcels.values() if one.connections.get(key) == row.credential]
    goes = of and of[-1].state == row.delivered == "sent" and of[-1].after == "forget"
    at = _moment(of[-1].at) if goes else None
    return Ending(kind="stay", day=(at + STAYS).date()) if at else None


def _ends(kind: str, at: str) -> Ending | None:
    day = _moment(at)
    return Ending(kind=kind, day=day.date()) if day else None


def _moment(at: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(at)
    except ValueError:  # nothing, or what somebody wrote into the list by hand
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
