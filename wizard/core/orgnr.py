"""Norwegian organisation numbers: nine digits, the last one a check digit (mod 11)."""

from __future__ import annotations

import re

from wizard.core.errors import FieldInvalid

_DRESS = re.compile(r"^(?:NO)?(\d*?)(?:MVA)?$")
LENGTH = 9


def spaced(orgnr: str) -> str:
    """Return an organisation number as it is written: three and three digits; anything else as it is."""
    whole = len(orgnr) == LENGTH and orgnr.isdecimal()
    return f"{orgnr[:3]} {orgnr[3:6]} {orgnr[6:]}" if whole else orgnr


def compact(text: str) -> str:
    """Return the text without spaces, dots, a leading `NO` or a trailing `MVA`."""
    bare = re.sub(r"[\s.\u200b\ufeff-]", "", text).upper()
    match = _DRESS.match(bare)
    return match[1] if match else bare


def expected(text: str) -> str:
    """Return a number that a person gave, checked; raises `FieldInvalid` for the field `expect`."""
    from stdnum.no import orgnr  # costs 30 ms that most commands need not pay

    number = compact(text)
    if not number.isascii() or not orgnr.is_valid(number):  # other scripts' digits are valid there
        raise FieldInvalid(fields=("expect",), reason=_reason(number))
    return number


def reported(value: object) -> str | None:
    """Return a number that a vendor gave, or None where there is none.

    Test companies have numbers with a wrong check digit, so it is not checked. Anything but nine digits is
    dropped: eleven would be a person's national identity number, which is never kept.
    """
    number = compact(value) if isinstance(value, str) else ""
    return number if re.fullmatch(r"[0-9]{9}", number) else None


def _reason(number: str) -> str:
    if not number:
        return "empty"
    return "check_digit" if number.isdigit() and len(number) == LENGTH else "length"
