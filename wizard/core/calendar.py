"""A calendar entry for a day, as a file that every calendar opens (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from wizard.core.provider import plain

if TYPE_CHECKING:
    from datetime import date, datetime

WIDTH = 75
"""The most that a line may hold, in bytes, without its end (RFC 5545, 3.1)."""

BEFORE = 7
"""How many days beforehand the calendar reminds."""

_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happens on a day; the same `uid` takes the place of an entry that was saved before."""

    uid: str
    day: date
    title: str
    text: str


def entry_id(connection: str, kind: str) -> str:
    """Return an entry's name: always the same for a connection and a kind, and nothing of either in it."""
    from hashlib import sha256

    return f"{sha256(f'koble {connection} {kind}'.encode()).hexdigest()[:24]}@koble.invalid"


def calendar(entry: Entry, now: datetime) -> bytes:
    """Return the file: one entry for a whole day, with a reminder a week before. Nothing in it is secret."""
    title = _text(entry.title)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Koble//Koble//NO",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{int(now.timestamp()) // 60}",
        f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{title}",
        f"DESCRIPTION:{_text(entry.text)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{title}",
        f"TRIGGER:-P{BEFORE}D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def folded(line: str) -> str:
    """Return a line in pieces of at most 75 bytes, none of which ends within a character."""
    pieces, piece, size = [], "", 0
    for mark in line:
        width = len(mark.encode())
        if size + width > WIDTH:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + mark, size + width
    return "\r\n".join((*pieces, piece))


def _text(text: str) -> str:
    """Return a text as a value: without what a calendar would take for its own, line by line."""
    whole = text.encode(errors="replace").decode()
    return "\n".join(plain(line) for line in whole.splitlines()).translate(_ESCAPED)
