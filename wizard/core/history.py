"""What happened to a connection, in words: newest first, in this computer's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.core.errors import PendingApproval, every_error
from wizard.core.provider import plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from wizard.core.ledger import Connection
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened: `at` as the ledger has it, `local` as it is read here, and what, in words."""

    at: str
    local: str
    event: str
    code: str
    said: str


def history(
    row: Connection, texts: Texts, provider: Provider | None, zone: tzinfo | None = None
) -> tuple[Event, ...]:
    """Return what is known of a connection, the newest first; `zone` is this computer's unless told."""
    events: list[Event] = []
    pending = False
    for one in row.history:
        code = one.get("code", "")
        kind = "approved" if pending and one.get("event") == "tested" else _kind(one)
        pending = kind == "waiting" or (pending and kind not in {"approved", "tested"})
        said = _said(kind, code, texts, provider)
        at = one.get("at", "")
        events.append(Event(at=at, local=local(at, zone), event=kind, code=code, said=said))
    return tuple(events[::-1])


def local(at: str, zone: tzinfo | None = None) -> str:
    """Return a time of the ledger's as it is here, and how far that is from UTC."""
    try:
        here = datetime.fromisoformat(at).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # before 1970, on Windows
        return "–"
    offset = f"{here:%z}"
    return f"{here:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:5]})"


def _kind(one: Mapping[str, str]) -> str:
    """Return the event, with a failed test that only waits for somebody told from the others."""
    waits = one.get("event") == "failed" and one.get("code") == PendingApproval.code
    return "waiting" if waits else one.get("event", "")


def _said(kind: str, code: str, texts: Texts, provider: Provider | None) -> str:
    known = {one.code: one for one in every_error()}
    what = plain(texts.explain(known[code](), provider).what) if code in known else code
    key = f"history.{kind}"
    return (
        texts.say(key, provider, what=what, call=plain(code)) if texts.has(key) else plain(f"{kind} {code}")
    )
