"""What a partner says in its preset: plain text in both languages, and the checks that it passes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from wizard.core.errors import BadInput

Said = Mapping[str, str]
"""A text by language."""

SPOKEN = ("nb", "en")
LONGEST = 600
"""The longest text of a partner's own, in characters."""

SHORT = 80
"""The longest name, title or label."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def table(value: object, name: str, known: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a table with no other names than the `known`; raises `BadInput` naming what is wrong."""
    if not isinstance(value, dict):
        raise BadInput(reason="preset_wrong_type", name=name)
    names = tuple(known) if known is not None else tuple(value)
    if unknown := sorted(value.keys() - set(names)):
        raise BadInput(reason="preset_unknown_key", name=f"{name}.{unknown[0]}", known=", ".join(names))
    return value


def rows(value: object, name: str, known: Iterable[str]) -> list[dict[str, Any]]:
    """Return a list of tables; raises `BadInput`."""
    if not isinstance(value, list):
        raise BadInput(reason="preset_wrong_type", name=name)
    return [table(one, f"{name}.{at}", known) for at, one in enumerate(value, 1)]


def said(value: object, name: str, most: int = LONGEST) -> Said:
    """Return a text in both languages; raises `BadInput` where one is missing, too long or not plain."""
    given = table(value, name, SPOKEN)
    for spoken in SPOKEN:
        if spoken not in given:
            raise BadInput(reason="preset_language", name=f"{name}.{spoken}")
    return {spoken: plain_text(given[spoken], f"{name}.{spoken}", most) for spoken in SPOKEN}


def plain_text(value: object, name: str, most: int = LONGEST) -> str:
    """Return a text on one line that no window takes for HTML; raises `BadInput`."""
    if not isinstance(value, str):
        raise BadInput(reason="preset_wrong_type", name=name)
    if not value.strip() or not value.isprintable() or "<" in value:
        raise BadInput(reason="preset_not_plain", name=name)
    if len(value) > most:
        raise BadInput(reason="preset_too_long", name=name, most=most)
    return value.strip()


def a_name(value: object, name: str) -> str:
    """Return a name as systems, steps and options have it; raises `BadInput`."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise BadInput(reason="preset_wrong_type", name=name)
    return value


def flag(value: object, name: str) -> bool:
    """Return what is true or false; raises `BadInput`."""
    if not isinstance(value, bool):
        raise BadInput(reason="preset_wrong_type", name=name)
    return value


def picked(value: object, name: str, known: tuple[str, ...]) -> str:
    """Return one of those that are known; raises `BadInput` naming them."""
    if not isinstance(value, str) or value not in known:
        raise BadInput(reason="preset_pick", name=name, known=", ".join(known))
    return value
