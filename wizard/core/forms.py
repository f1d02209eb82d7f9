"""The forms in which a text may stand in another: as it is, quoted, escaped, in base64, in hex, turned round.

Only what masks secrets needs them; they are made when something is first masked.
"""

from __future__ import annotations

import base64
import json
import re
from typing import NamedTuple
from urllib.parse import quote, quote_plus

LEAST = 4
"""The shortest form that is looked for, in characters: a shorter one would be found in every text."""

PIECE = 8
"""How much of the beginning or the end of a text is looked for, where it is at least twice as long."""

_IN_BASE64 = "[A-Za-z0-9+/_-]"
_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_QUOTES = tuple(
    {**_XML, '"': double, "'": single}
    for double in ('"', "&quot;", "&#34;")
    for single in ("'", "&apos;", "&#x27;", "&#39;")
)


class Form(NamedTuple):
    """One form: `text` is what to look for, `pattern` what to mask where that is found."""

    text: str
    pattern: str


class Forms(NamedTuple):
    """Every form of one text; `ends` are those whose beginning and end count as well: texts may be cut."""

    every: tuple[Form, ...]
    ends: tuple[str, ...]
    size: int


def forms_of(value: str) -> Forms:
    """Return every form of a text, none of one that is too short; lone halves of characters do no harm."""
    if len(value) < LEAST:
        return Forms((), (), len(value))
    coded = _as_base64(value)
    whole = {Form(text, re.escape(text)) for text in _as_text(value)} | coded
    ends = {value, *(one.text for one in coded)} if len(value) >= 2 * PIECE else ()
    return Forms(tuple(one for one in whole if len(one.text) >= LEAST), tuple(ends), len(value))


def without_ends(text: str, value: str, least: int = PIECE, *, mixed: bool = False) -> str:
    """Return a text in which nothing begins or ends as the value does, for as long as `least`.

    With `mixed`, only what has a digit in it counts: a password may begin with the name of a company.
    """
    once = _without_beginning(text, value, least, mixed=mixed)
    return _without_beginning(once[::-1], value[::-1], least, mixed=mixed)[::-1]


def _without_beginning(text: str, value: str, least: int, *, mixed: bool) -> str:
    at = text.find(value[:least])
    while at >= 0:
        end = at + least
        while text[end : end + 1] and text[end : end + 1] == value[end - at : end - at + 1]:
            end += 1
        if not mixed or any(mark.isdigit() for mark in text[at:end]):
            text = f"{text[:at]}…{text[end:]}"
        at = text.find(value[:least], at + 1)
    return text


def _as_text(value: str) -> set[str]:
    raw = _bytes(value)
    return {
        *_cases(value),
        value.strip(),
        value[::-1],
        raw.decode("latin-1"),
        *_replaced(value),
        *_quoted(raw),
        *_quoted(_bytes(value.lower())),
        *_escaped(value),
        *_wide(value),
        *_hex(raw),
    }


def _cases(value: str) -> set[str]:
    """Return what becomes of it in a host's name, or in a list that ignores case; not for a short word."""
    if len(value) < PIECE:
        return {value}
    bare = value.replace("-", "") if len(value) >= 2 * PIECE else value
    return {turn for one in (value, bare) for turn in (one, one.lower(), one.upper(), one.swapcase())}


def _replaced(value: str) -> set[str]:
    """Return what is left in a place that has few letters; not where that is only question marks."""
    made = {value.encode(place, "replace").decode("latin-1") for place in ("ascii", "latin-1")}
    return {one for one in made if len(one.replace("?", "")) >= LEAST}


def _quoted(raw: bytes) -> set[str]:
    found = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    found |= {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), one) for one in found}
    return found | {one.lower() for one in found if len(raw) >= PIECE}


def _escaped(value: str) -> set[str]:
    numbered = value.encode("ascii", "xmlcharrefreplace").decode()
    return {
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        ascii(value)[1:-1],
        repr(_bytes(value))[2:-1],
        numbered,
        *(_marked(value, marks) for marks in _QUOTES),
        *(_marked(value, marks).encode("ascii", "xmlcharrefreplace").decode() for marks in _QUOTES),
    }


def _marked(value: str, marks: dict[str, str]) -> str:
    return "".join(marks.get(mark, mark) for mark in value)


def _wide(value: str) -> set[str]:
    wide = (_bytes(value, "utf-16-le"), _bytes(value, "utf-16-be"))
    return {one.decode("latin-1") for one in wide} | {form for one in wide for form in _hex(one)}


def _hex(raw: bytes) -> set[str]:
    return {raw.hex(), raw.hex().upper()}


def _as_base64(value: str) -> set[Form]:
    """Return what base64 makes of it in a longer text: one of three, by where in that it begins."""
    found: set[Form] = set()
    for raw in (_bytes(value), _bytes(value, "utf-16-le")):
        for before in range(3):
            begin, end = -(-8 * before // 6), 8 * (before + len(raw)) // 6
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                core = encode(bytes(before) + raw).decode()[begin:end]
                found |= {_core(text, shared=bool(before)) for text in (core, quote(core, safe=""))}
    return found


def _core(text: str, *, shared: bool) -> Form:
    """Return a form with the characters beside it that hold some of its bits; the first may be `shared`."""
    first = f"{_IN_BASE64}?" if shared else ""
    return Form(text, f"{first}{re.escape(text)}{_IN_BASE64}?(?:=|%3D){{0,2}}")


def _bytes(value: str, encoding: str = "utf-8") -> bytes:
    return value.encode(encoding, "surrogatepass")
