"""Consent: what a partner's preset tells before anything is stored, and the record of who agreed to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput, named
from wizard.core.said import SHORT, Said, flag, plain_text, said, table

if TYPE_CHECKING:
    from datetime import datetime

PARTS = ("reads", "why", "kept", "withdrawn")
"""What is told: what is read, what for, how long it is kept, and how the consent is taken back."""

Consented = Mapping[str, str]
"""A consent: `text` its version, `name` who gave it, if that was asked for, and `at`; or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What is told in both languages, and its version; `name` tells that a name is asked for."""

    version: str
    told: Mapping[str, Said]
    name: bool = False


def consent_in(value: object) -> Consent | None:
    """Return the consent of a preset, None where it has none; raises `BadInput` for half a one."""
    given = table(value, "consent", ("version", "name", *PARTS))
    if not given:
        return None
    for part in ("version", *PARTS):
        if part not in given:
            raise BadInput(reason="preset_missing", name=f"consent.{part}")
    return Consent(
        version=plain_text(given["version"], "consent.version", SHORT),
        told={part: said(given[part], f"consent.{part}") for part in PARTS},
        name=flag(given.get("name", False), "consent.name"),
    )


def consented(consent: Consent | None, given: Mapping[str, object], at: datetime) -> Consented:
    """Return the record of a consent that was given as `text` and perhaps `name`; nothing without a preset's.

    Raises `BadInput` where it is missing, is to another text, or lacks a name that is asked for.
    """
    if not consent:
        if given:
            raise BadInput(fields=("consent",), reason="consent_unasked")
        return {}
    if not given:
        raise BadInput(fields=("consent",), reason="consent_missing", version=consent.version)
    if unknown := given.keys() - {"text", "name"}:
        raise BadInput(fields=named(unknown), reason="unknown_key", name="text, name")
    if given.get("text") != consent.version:
        raise BadInput(fields=("consent",), reason="consent_version", version=consent.version)
    name = _name(given.get("name", ""))
    if consent.name and not name:
        raise BadInput(fields=("consent",), reason="consent_name")
    return {"text": consent.version, "name": name, "at": at.isoformat(timespec="seconds")}


def _name(value: object) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    return name if name.isprintable() and len(name) <= SHORT else ""


def practised(consent: Consent | None) -> dict[str, str]:
    """Return a consent as it would be given, for connections that are only practice."""
    return {"text": consent.version, "name": "Kari Nordmann"} if consent else {}


def common(consents: Iterable[Consented]) -> Consented:
    """Return the one consent that covers them all, as of the last: what one hand-over can carry.

    Raises `BadInput` where they differ in text or name, or some have none.
    """
    every = list(consents)
    if len({(one.get("text"), one.get("name")) for one in every}) > 1:
        raise BadInput(reason="several_consents")
    return max(every, key=lambda one: one.get("at", ""), default={})
