"""Options: what a partner asks once a system is connected, such as product numbers; never a key."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput, named
from wizard.core.said import SHORT, Said, a_name, flag, picked, rows, said, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.core.ledger import Book

KINDS = ("date", "number", "product")
"""A day, a whole number, or the vendor's number of a product."""

MOST = 12
"""How many a system may have: more is a form, not a question."""

_KEYS = ("name", "kind", "label", "help", "required")
_PRODUCT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
_NUMBER = re.compile(r"\d{1,9}")
_DAYS = ("%Y-%m-%d", "%d.%m.%Y")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One question. `kind` is one of `KINDS`."""

    name: str
    kind: str
    label: Said
    help: Said | None = None
    required: bool = False

    def problem(self, text: str) -> str:
        """Return what is wrong with an answer: `needed`, the kind that it is not, or an empty text."""
        if not text.strip():
            return "needed" if self.required else ""
        return "" if self.value(text) else self.kind

    def value(self, text: str) -> str:
        """Return an answer as it is kept, a day as 2026-03-31; an empty text where it cannot be one."""
        bare = text.strip()
        if self.kind == "date":
            return _day(bare)
        shape = _PRODUCT if self.kind == "product" else _NUMBER
        return bare if shape.fullmatch(bare) and bare.isascii() else ""


def options_in(value: object) -> dict[str, tuple[Option, ...]]:
    """Return the options of a preset by system; raises `BadInput`."""
    return {slug: _options(slug, rows_) for slug, rows_ in table(value, "options").items()}


def _options(slug: str, value: object) -> tuple[Option, ...]:
    place = f"options.{slug}"
    found = [_option(row, f"{place}.{at}") for at, row in enumerate(rows(value, place, _KEYS), 1)]
    if len(found) > MOST or len({one.name for one in found}) < len(found):
        raise BadInput(reason="preset_options", name=place, most=MOST)
    return tuple(found)


def _option(row: Mapping[str, object], place: str) -> Option:
    for part in ("name", "kind", "label"):
        if part not in row:
            raise BadInput(reason="preset_missing", name=f"{place}.{part}")
    return Option(
        name=a_name(row["name"], f"{place}.name"),
        kind=picked(row["kind"], f"{place}.kind", KINDS),
        label=said(row["label"], f"{place}.label", SHORT),
        help=said(row["help"], f"{place}.help") if "help" in row else None,
        required=flag(row.get("required", False), f"{place}.required"),
    )


def _day(text: str) -> str:
    for shape in _DAYS:
        with suppress(ValueError):
            return datetime.strptime(text, shape).date().isoformat()  # noqa: DTZ007 - a day has no zone
    return ""


def tidied(asked: Iterable[Option], values: Mapping[str, str]) -> dict[str, str]:
    """Return answers as they are kept, or as they came where they cannot be; none where nothing was typed.

    What the preset asks for no longer stays as it is.
    """
    known = {one.name: one for one in asked}
    kept = {name: known[name].value(text) or text if name in known else text for name, text in values.items()}
    return {name: value for name, value in kept.items() if value}


def wrong_in(
    asked: Iterable[Option], values: Mapping[str, str], *, before: Mapping[str, str]
) -> dict[str, str]:
    """Return what is wrong with answers, by name; where all are left for later, as `before`, nothing is."""
    every = tuple(asked)
    if not any(values.get(one.name) or before.get(one.name) for one in every):
        return {}
    wrong = {one.name: one.problem(values.get(one.name, "")) for one in every}
    return {name: problem for name, problem in wrong.items() if problem}


def answered(asked: Iterable[Option], given: Mapping[str, object]) -> dict[str, str]:
    """Return answers that came with the wish for a connection as they are kept; none where none came.

    Raises `BadInput` for a name that is not asked for, a wrong answer, and where a needed one is missing.
    """
    every = {one.name: one for one in asked}
    if not given:
        return {}
    if not every:
        raise BadInput(fields=("options",), reason="option_unasked")
    if unknown := given.keys() - every.keys():
        raise BadInput(fields=named(unknown), reason="unknown_key", name=", ".join(every))
    for name, one in every.items():
        text = given.get(name, "")
        problem = one.problem(text) if isinstance(text, str) else one.kind
        if problem:
            raise BadInput(fields=("options",), reason=f"option_{problem}", name=name)
    return tidied(every.values(), {name: str(text) for name, text in given.items()})


def with_options(book: Book, connections: Iterable[str], values: Mapping[str, str], at: str) -> Book:
    """Return the book with these answers kept for the connections that are still there."""
    ids = [key for key in connections if key in book.connections]
    kept = {key: replace(book.connections[key], options=dict(values)).told(at, "options") for key in ids}
    return replace(book, connections={**book.connections, **kept})
