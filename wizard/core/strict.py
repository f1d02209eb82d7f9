"""Reading what others wrote without trust: JSON and base64url in one form only, and rows of known shape."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIRST_YEAR = 2000
LONGEST = 8192
"""The most characters that one text may hold."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


REFERENCE = r"[A-Za-z0-9._-]{0,64}"
"""What a partner may call a customer's start file, and the hand-over that answers it."""


class NotStrict(ValueError):
    """It has another form than the one there is."""


def json_in(data: bytes, depth: int = 8) -> object:
    """Return what JSON says; refuses names given twice, NaN, half characters, more than `depth` levels."""
    try:
        text = data.decode()
        body = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise NotStrict from None
    if _deeper(body, depth):
        raise NotStrict
    return body


def decoded(text: str) -> bytes:
    """Return what base64url without padding holds; refuses every other spelling of the same bytes."""
    try:
        found = _BASE64URL.fullmatch(text) and base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise NotStrict from None
    if not isinstance(found, bytes) or encoded(found) != text:
        raise NotStrict
    return found


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def taken(row: object, needed: Mapping[str, type], may: Mapping[str, type] | None = None) -> dict[str, Any]:
    """Return an object that has all `needed` names, and others only among `may`, each of its type."""
    kinds = {**(may or {}), **needed}
    if not isinstance(row, dict) or not needed.keys() <= row.keys() <= kinds.keys():
        raise NotStrict
    for name, value in row.items():
        if type(value) is not kinds[name]:
            raise NotStrict
        see_text(value)
    return row


def texts(row: object, kind: type = str, most: int = 100) -> dict[str, Any]:
    """Return an object of which each value is of one type, whatever its names."""
    if not isinstance(row, dict) or len(row) > most or not all(type(one) is kind for one in row.values()):
        raise NotStrict
    for part in (*row.keys(), *row.values()):
        see_text(part)
    return row


def one_of(value: object, known: Iterable[str]) -> str:
    """Return a text that is one of those known."""
    if not isinstance(value, str) or value not in tuple(known):
        raise NotStrict
    return value


def fits(text: str, pattern: str) -> str:
    """Return a text that matches in full."""
    if not re.fullmatch(pattern, text, re.ASCII):
        raise NotStrict
    return text


def moment(text: str) -> datetime:
    """Return a time in this millennium, with its zone, as UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotStrict from None
    if at.tzinfo is None or not FIRST_YEAR <= at.year < FIRST_YEAR + 999:
        raise NotStrict
    return at.astimezone(UTC)


def see_text(value: object) -> None:
    """Refuse a text that cannot be shown, or is longer than any honest one."""
    if isinstance(value, str) and (len(value) > LONGEST or not value.isprintable()):
        raise NotStrict


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise NotStrict
    return row


def _no_constant(_: str) -> object:
    raise NotStrict


def _deeper(value: object, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (depth == 0 or any(_deeper(one, depth - 1) for one in inner))
