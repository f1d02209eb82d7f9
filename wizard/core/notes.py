"""What a customer notes of a step that looks different from its guide: words, and never a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core.find import looks_like_key, tells
from wizard.core.provider import plain
from wizard.core.silence import silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.core.provider import Provider

LONGEST = 400
"""The most that a note holds, in characters; what is longer is cut."""

MOST = 20
"""How many notes are kept: the latest."""

HIDDEN = "…"

_SHORT = 12
_RUN = re.compile(r"\S+")
_EDGES = "\"'“”„‘’«»<>()[]{}`,;:!?."


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNote:
    """That a step of a guide did not fit what was seen; `number` is the one that is spoken."""

    system: str
    number: str
    step: str
    at: str
    method: str = ""
    text: str = ""


def without_keys(text: str, providers: Iterable[Provider]) -> str:
    """Return a text in which whatever may be a key or a password is hidden; its lines stay."""
    every = tuple(providers)
    return silenced(_RUN.sub(lambda run: HIDDEN if _is_key(run[0], every) else run[0], text))


def kept(text: str, providers: Iterable[Provider]) -> str:
    """Return a note as it is kept: on one line, without any key, and not too long."""
    return plain(without_keys(text, providers))[:LONGEST]


def with_note(notes: Sequence[StepNote], new: StepNote) -> tuple[StepNote, ...]:
    """Return the notes with one more; of the oldest there may be fewer."""
    return (*notes, new)[-MOST:]


def _is_key(run: str, providers: Sequence[Provider]) -> bool:
    """Tell whether a word is a key: by its looks, or by the form of a system's own keys.

    What stands before a colon or an equals sign may be the name of what follows.
    """
    parts = {part.strip(_EDGES) for part in (run, *re.split(r"[:=]", run, maxsplit=1)[1:])}
    return any(looks_like_key(one, providers) or _is_known(one, providers) for one in parts)


def _is_known(value: str, providers: Sequence[Provider]) -> bool:
    if len(value) < _SHORT:
        return False
    return any(
        tells(field, value, one)
        for one in providers
        for field in (*one.every_field, *one.partner_keys)
        if field.secret and not field.text
    )
