"""A set-up that was left half-done: what was chosen and typed, never a secret, for at most thirty days."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from wizard.core import files, paths
from wizard.core.errors import FieldInvalid
from wizard.core.orgnr import expected
from wizard.core.provider import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wizard.core.provider import Provider

FORM = 1
KEPT = timedelta(days=30)
"""How long a half-done set-up is kept."""

LARGEST = 20_000
"""The most that such a file may hold, in bytes."""

PAGES = ("company", "key")
"""The pages where somebody can go on; who had come to the test begins where the key is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """How far somebody had come, on which day. `step` is the key of the guide's step that was shown.

    `start` is the text of the start file it began with, which is checked anew when it goes on.
    """

    system: str
    day: str
    page: str = "company"
    method: str = ""
    environment: str = ""
    expect: str = ""
    label: str = ""
    step: str = ""
    start: str = ""
    ticks: tuple[str, ...] = ()
    plain: Mapping[str, str] = field(default_factory=dict)


def place() -> Path:
    """Return where it is kept: beside the list of connections."""
    return paths.data() / "half-done.json"


def worth_keeping(draft: Draft) -> bool:
    """Tell whether more was done than to pick a system."""
    return draft.page != "company" or bool(draft.expect or draft.label)


def harmless(draft: Draft, provider: Provider, providers: Iterable[Provider]) -> Draft:
    """Return the draft with nothing in it that may be a key: only answers of fields that are no secrets."""
    from wizard.core.secret import unechoed

    every = tuple(providers)
    known = {one.name for one in provider.every_field if not one.secret}
    kept = {name: value for name, value in draft.plain.items() if name in known and _is_plain(value, every)}
    return replace(
        draft,
        plain=kept,
        label=draft.label if _is_plain(draft.label, every) else "",
        expect=_number(draft.expect),
        start=draft.start if unechoed(draft.start) == draft.start else "",
    )


def save(file: Path, draft: Draft) -> None:
    """Keep it where only its owner may read; raises `OSError`."""
    files.make_private(file.parent)
    body = {"form": FORM, **asdict(draft)}
    files.write_whole(file, json.dumps(body, ensure_ascii=False, indent=1).encode())


def drop(file: Path) -> None:
    """Keep it no longer; what cannot be removed is too old one day."""
    with suppress(OSError):
        files.remove(file)


def load(file: Path, today: date, providers: Mapping[str, Provider]) -> Draft | None:
    """Return what was kept, or None where there is nothing fit for use; what is too old is removed."""
    try:
        data = files.read(file)
    except OSError:
        return None
    draft = _read(data)
    if draft and not _is_fresh(draft, today):
        drop(file)
        return None
    provider = providers.get(draft.system) if draft else None
    return harmless(_fitting(draft, provider), provider, providers.values()) if draft and provider else None


def _read(data: bytes) -> Draft | None:
    """Return what a file holds; anybody may have written it."""
    try:
        body = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or body.pop("form", None) != FORM:
        return None
    texts = {one.name for one in fields(Draft)} - {"ticks", "plain", "start"}
    given = {name: plain(value) for name, value in body.items() if name in texts and isinstance(value, str)}
    if not {"system", "day"} <= given.keys():
        return None
    ticks, answers, start = body.get("ticks"), body.get("plain"), body.get("start")
    return Draft(
        start=start if isinstance(start, str) else "",
        ticks=tuple(one for one in ticks if isinstance(one, str)) if isinstance(ticks, list) else (),
        plain=_texts(answers) if isinstance(answers, dict) else {},
        **given,
    )


def _texts(answers: Mapping[str, object]) -> dict[str, str]:
    return {name: plain(value) for name, value in answers.items() if isinstance(value, str)}


def _is_fresh(draft: Draft, today: date) -> bool:
    try:
        day = date.fromisoformat(draft.day)
    except ValueError:
        return False
    return day <= today + timedelta(days=1) and today - day <= KEPT


def _fitting(draft: Draft, provider: Provider) -> Draft:
    """Return the draft as far as the system still has what it names."""
    methods = {one.name for one in provider.methods}
    return replace(
        draft,
        page=draft.page if draft.page in PAGES else "key",
        method=draft.method if draft.method in methods else "",
        environment=draft.environment if provider.environment(draft.environment) else "",
    )


def _is_plain(value: str, providers: tuple[Provider, ...]) -> bool:
    """Tell whether no part of an answer, nor the whole with its blanks taken out, looks like a key."""
    from wizard.core.find import looks_like_key
    from wizard.core.secret import unechoed

    parts = (*value.split(), "".join(value.split())) if value else ()
    return unechoed(value) == value and not any(looks_like_key(one, providers) for one in parts)


def _number(text: str) -> str:
    try:
        return expected(text) if text else ""
    except FieldInvalid:
        return ""
