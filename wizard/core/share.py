"""Share-safe: names and numbers as they are written, and masked for whoever shares the screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = frozenset(
    {"company", "companies", "found", "partner_name", "contact_name", "contact_email", "contact_phone"}
    | {"email", "contact"}
)
"""The facts that name a company or a person."""

NUMBERS = frozenset({"orgnr", "expected", "found_as"})
"""The facts that are organisation numbers."""

_DOTS = "•••••"
_TOLD = 3
_NUMBER = re.compile(r"(?:\b\d{3} \d{3}|••• •••) \d{3}\b")


def unbroken(text: str) -> str:
    """Return a text in which no line ends within an organisation number, masked or not."""
    return _NUMBER.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def written(facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts with the organisation numbers among them as they are written."""
    from wizard.core.orgnr import spaced  # not before something failed

    return {
        key: spaced(value) if key in NUMBERS and isinstance(value, str) else value
        for key, value in facts.items()
    }


def masked(facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts with every name as dots, and of every number the last three digits only."""
    return {key: _mask(key, value) for key, value in facts.items()}


def name(text: str) -> str:
    """Return dots for a name, always as many; nothing for none."""
    return _DOTS if text else ""


def number(text: str) -> str:
    """Return an organisation number of which the last three digits can be read; dots for what has none."""
    return f"••• ••• {last(text)}" if last(text) else name(text)


def last(text: str) -> str:
    """Return the last three digits of a number: enough for two people to see that they mean the same."""
    return "".join(mark for mark in text if mark.isdigit())[-_TOLD:]


def _mask(key: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    return name(value) if key in NAMES else number(value) if key in NUMBERS else value
