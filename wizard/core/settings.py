"""What the owner of a connection may change without touching its key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from wizard.core import options as answers
from wizard.core.errors import BadInput, nameable
from wizard.core.provider import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from wizard.core.ledger import Book, Connection
    from wizard.core.options import Option
    from wizard.core.provider import Provider

OPTION = "option."
"""What stands before the name of an answer to the partner, where it stands among the others."""

LONGEST = 80
"""The most that a name or an address may hold, in characters."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+\.[^\s@<>,;:\"().]{2,}")
_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is set: the own name, where to write to, the day its key ends (ISO), and the partner's options."""

    label: str = ""
    contact: str = ""
    expires: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def settings_of(row: Connection) -> Settings:
    """Return what is set of a connection."""
    return Settings(label=row.label, contact=row.contact, expires=row.expires, options=row.options)


def tidied(given: Settings, asked: Iterable[Option] = ()) -> Settings:
    """Return what was typed as it is kept: a day as people write it becomes an ISO one, where it is one.

    `asked` is what the partner asks; other answers that are kept already stay.
    """
    typed = {name: plain(value)[:LONGEST] for name, value in given.options.items()}
    return Settings(
        label=plain(given.label)[:LONGEST],
        contact="".join(plain(given.contact).split())[:LONGEST],
        expires=_iso(plain(given.expires)),
        options=answers.tidied(asked, typed),
    )


def problems(
    given: Settings,
    today: date,
    providers: Iterable[Provider],
    asked: Iterable[Option] = (),
    before: Settings = Settings(),
) -> dict[str, str]:
    """Return what is wrong with what is tidied already, a reason by name; empty where all is well.

    The names of the partner's options begin with `OPTION`; `before` is what was set until now.
    """
    every = tuple(providers)
    fresh = {name: text for name, text in given.options.items() if text != before.options.get(name)}
    texts = {"label": given.label, "contact": given.contact, **_named(fresh)}
    wrong = _named(answers.wrong_in(asked, given.options, before=before.options))
    wrong |= {name: "key" for name, value in texts.items() if _is_key(value, every)}
    if given.contact and "contact" not in wrong and not _ADDRESS.fullmatch(given.contact):
        wrong["contact"] = "address"
    day = _day(given.expires)
    if given.expires and not day:
        wrong["expires"] = "day"
    elif day and day < today:
        wrong["expires"] = "past"
    return wrong


def with_settings(book: Book, connection: str, given: Settings, now: datetime) -> Book:
    """Return the book with other settings; raises `BadInput` for a connection there is not."""
    row = book.connections.get(connection)
    if not row:
        raise BadInput(reason="unknown_connection", id=nameable(connection))
    if settings_of(row) == given:
        return book
    fresh = replace(
        row,
        label=given.label,
        contact=given.contact,
        expires=given.expires,
        options=given.options,
    )
    noted = fresh.told(now.isoformat(timespec="seconds"), "changed")
    return replace(book, connections={**book.connections, connection: noted})


def _named(options: Mapping[str, str]) -> dict[str, str]:
    return {f"{OPTION}{name}": value for name, value in options.items()}


def _is_key(value: str, every: tuple[Provider, ...]) -> bool:
    from wizard.core.find import looks_like_key

    return any(looks_like_key(part, every) for part in (*value.split(), "".join(value.split())))


def _iso(text: str) -> str:
    match = _DAY.fullmatch(text.replace(" ", ""))
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
