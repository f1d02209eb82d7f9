"""Calendar entries: valid by RFC 5545 whatever stands in them, the same name each time, no secret."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.core.calendar import WIDTH, Entry, calendar, entry_id, folded

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=1)))


def made(title: str = "Nøkkelen", text: str = "Åpne Koble") -> bytes:
    return calendar(Entry(uid=entry_id("a1", "key"), day=date(2027, 1, 31), title=title, text=text), NOW)


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def value(data: bytes, name: str) -> str:
    return next(line.partition(":")[2] for line in unfolded(data) if re.match(rf"{name}[:;]", line))


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def test_an_entry_is_one_whole_day_with_a_reminder() -> None:
    lines = unfolded(made())
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert value(made(), "DTSTART") == "20270131"
    assert value(made(), "DTEND") == "20270201"
    assert value(made(), "DTSTAMP") == "20261121T090000Z", "in UTC"
    assert value(made(), "TRIGGER") == "-P7D"
    begun = [line[6:] for line in lines if line.startswith("BEGIN:")]
    ended = [line[4:] for line in lines if line.startswith("END:")]
    assert begun == ended[::-1] == ["VCALENDAR", "VEVENT", "VALARM"]


def test_an_entry_saved_anew_takes_the_place_of_the_older() -> None:
    later = calendar(
        Entry(uid=entry_id("a1", "key"), day=date(2027, 2, 1), title="x", text="y"),
        NOW.astimezone(UTC) + timedelta(hours=1),
    )
    assert value(made(), "UID") == value(later, "UID")
    assert int(value(later, "SEQUENCE")) > int(value(made(), "SEQUENCE"))
    assert entry_id("a1", "key") != entry_id("a1", "stay") != entry_id("b2", "stay")
    assert "connection" not in entry_id("connection-a1", "key")


def test_what_a_calendar_would_take_for_its_own_is_escaped() -> None:
    sly = "A;B,C\\D\r\nATTENDEE:mailto:x@y.example\nEND:VEVENT"
    data = made(sly, sly)
    assert not [line for line in unfolded(data) if line.startswith("ATTENDEE")]
    assert unescaped(value(data, "SUMMARY")).splitlines()[0] == "A;B,C\\D"
    assert value(data, "SUMMARY").startswith("A\\;B\\,C\\\\D\\n")


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_the_file(title: str, text: str) -> None:
    data = made(title, text)
    assert data.endswith(b"\r\n")
    pieces = data[:-2].split(b"\r\n")
    assert all(0 < len(piece) <= WIDTH for piece in pieces)
    assert all(piece.decode().isprintable() for piece in pieces)
    assert b"\n" not in b"".join(pieces)
    assert b"\r" not in b"".join(pieces)
    names = {line.partition(":")[0].partition(";")[0] for line in unfolded(data)[:-1]}
    assert names == {
        *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "UID", "DTSTAMP", "SEQUENCE"),
        *("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP", "ACTION", "TRIGGER"),
    }


def test_a_long_line_is_folded_between_characters() -> None:
    line = "DESCRIPTION:" + "å" * 100
    pieces = folded(line).split("\r\n")
    assert len(pieces) > 1
    assert all(len(piece.encode()) <= WIDTH for piece in pieces)
    assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == line
    assert folded("x" * WIDTH) == "x" * WIDTH
