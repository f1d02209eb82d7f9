"""The preset: one a bank, as a value. Who the partner is, how to reach it, what its integration is called."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.core.errors import BadInput, FieldInvalid, WizardError
from wizard.core.orgnr import expected

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.core.provider import CredentialField, Provider

NEUTRAL_VALUES: Mapping[str, Mapping[str, str]] = {
    "poweroffice": {"integration_name": "Koble"},
    "tripletex": {"integration_name": "Koble"},
}
"""What the integration is called where no bank has said so: in practice, and for whoever tries it."""

_LINES = ("partner", "phone", "email", "language", "company")
_FLAGS = ("test_environments", "register_lookup")
KNOWN = (*_LINES, *_FLAGS, "systems")
"""What may stand in a preset; docs/preset.md says what each is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A partner. `values` are what a guide gives to copy, by system: `integration_name` and others.

    `company` is the organisation number expected of every customer, if there is only one; `test_environments`
    shows the vendors' worlds for tests, `register_lookup` allows a company's name to be looked up in the open
    register of Brønnøysund.
    """

    partner: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    company: str = ""
    test_environments: bool = False
    register_lookup: bool = False
    values: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: NEUTRAL_VALUES)

    def method(self, provider: Provider) -> str:
        """Return the method to let this partner in by, or an empty text for the system's first.

        Where the partner has a user of its own in the system, that user is given access.
        """
        names = [one.name for one in provider.methods]
        wanted = self.value(provider.slug, "method")
        fallback = "partner_user" if self.value(provider.slug, "integration_user") else ""
        return next((one for one in (wanted, fallback) if one in names), "")

    def value(self, slug: str, name: str) -> str:
        """Return a value to copy, or an empty text where the partner has none."""
        return self.values.get(slug, {}).get(name, "")


def read_preset(file: Path) -> Preset:
    """Read a preset; raises `BadInput` naming what is wrong with it."""
    try:
        body = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise BadInput(reason="preset_unreadable", file=file.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadInput(reason="preset_not_toml", file=file.name) from None
    unknown = sorted(body.keys() - set(KNOWN))
    if unknown:
        raise BadInput(reason="preset_unknown_key", name=unknown[0], known=", ".join(KNOWN))
    lines = {name: _line(name, body[name]) for name in _LINES if name in body}
    flags = {name: _flag(name, body[name]) for name in _FLAGS if name in body}
    named: dict[str, Any] = {**lines, **flags}
    return Preset(
        **{**named, "company": _company(lines.get("company", ""))},
        values={slug: _table(slug, rows) for slug, rows in _body(body.get("systems", {})).items()},
    )


def fitting(preset: Preset, providers: Mapping[str, Provider]) -> Preset:
    """Return the preset; raises `BadInput` for a value of a partner's key that cannot be one."""
    for slug, values in preset.values.items():
        for key in providers[slug].partner_keys if slug in providers else ():
            if key.name in values:
                _see_fits(f"systems.{slug}.{key.name}", key, values[key.name], providers[slug])
    return preset


def _see_fits(name: str, key: CredentialField, value: str, provider: Provider) -> None:
    try:
        key.clean(value, provider.environments[0])
    except WizardError:
        raise BadInput(reason="preset_wrong_value", name=name) from None


def _body(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(reason="preset_wrong_type", name="systems")
    return value


def _table(slug: str, rows: object) -> dict[str, str]:
    if not isinstance(rows, dict):
        raise BadInput(reason="preset_wrong_type", name=f"systems.{slug}")
    return {name: _line(f"systems.{slug}.{name}", value) for name, value in rows.items()}


def _company(number: str) -> str:
    """Return the number as nine digits; a wrong one would be expected of every customer."""
    try:
        return expected(number) if number else ""
    except FieldInvalid:
        raise BadInput(reason="preset_company") from None


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInput(reason="preset_wrong_type", name=name)
    return value


def _line(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise BadInput(reason="preset_wrong_type", name=name)
    return value
