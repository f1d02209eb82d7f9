"""The preset: one a bank, as a value. Who the partner is, how to reach it, what its integration is called."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEUTRAL_VALUES: Mapping[str, Mapping[str, str]] = {
    "poweroffice": {"integration_name": "Koble"},
    "tripletex": {"integration_name": "Koble"},
}
"""What the integration is called where no bank has said so: in practice, and for whoever tries it."""

_LINES = ("partner", "phone", "email", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A partner. `values` are what a guide gives to copy, by system: `integration_name` and others."""

    partner: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: NEUTRAL_VALUES)

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
    unknown = sorted(body.keys() - {*_LINES, "systems"})
    if unknown:
        raise BadInput(reason="preset_unknown_key", name=unknown[0])
    return Preset(
        **{name: _line(name, body[name]) for name in _LINES if name in body},
        values={slug: _table(slug, rows) for slug, rows in _body(body.get("systems", {})).items()},
    )


def _body(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(reason="preset_wrong_type", name="systems")
    return value


def _table(slug: str, rows: object) -> dict[str, str]:
    if not isinstance(rows, dict):
        raise BadInput(reason="preset_wrong_type", name=f"systems.{slug}")
    return {name: _line(f"systems.{slug}.{name}", value) for name, value in rows.items()}


def _line(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise BadInput(reason="preset_wrong_type", name=name)
    return value
