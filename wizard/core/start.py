"""The start file: one a customer, signed by the partner; what it answers is not asked. No secret in it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wizard.core.errors import BadInput, FieldInvalid, SignatureInvalid, StartExpired
from wizard.core.orgnr import expected
from wizard.core.signed import START, is_signed, sign, verified
from wizard.core.strict import REFERENCE, NotStrict, fits, json_in, moment, one_of, taken, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.keys import Jwk
    from wizard.core.preset import Preset
    from wizard.core.provider import Provider
    from wizard.core.signed import Signers

VERSION = 1
VALUES = ("invitation_code", "client_id", "store_search", "integration_name", "integration_user", "method")
"""What of a system's values a start file may give; none of them is a secret."""

_NEEDED = {"v": int, "system": str, "reference": str, "expires": str}
_MAY = {"environment": str, "expect": str, "values": dict, "language": str, "partner": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the partner has answered beforehand. `expires` is a time; `partner` must be the preset's."""

    system: str
    reference: str
    expires: str
    environment: str = ""
    expect: str = ""
    language: str = ""
    partner: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    signer: str = ""


def new_reference() -> str:
    """Return a reference that nobody can guess."""
    return secrets.token_hex(8)


def written(start: Start, key: Jwk) -> str:
    """Return a start file, signed; raises `BadInput` for one that no reader would take."""
    names = ("system", "environment", "expect", "values", "reference", "expires", "language", "partner")
    given = {name: getattr(start, name) for name in names if getattr(start, name)}
    body = json.dumps({"v": VERSION, **given}, ensure_ascii=False, separators=(",", ":"))
    start_in(body)
    return sign(body, key, START) + "\n"


def read_start(
    text: str, signers: Signers, preset: Preset, now: datetime, *, unsigned: bool = False
) -> Start:
    """Return a start file that counts: signed by one of `signers`, for this partner, and still valid.

    Raises `SignatureInvalid`, `StartExpired`, or `BadInput` for one that is malformed. One that nobody
    signed is taken only where the caller says so: from a checkout, and in practice.
    """
    if not is_signed(text):
        if not unsigned:
            raise SignatureInvalid(reason="unsigned")
        start = start_in(text)
    else:
        signed = verified(text, signers, START)
        start = replace(start_in(signed.text), signer=signed.signer.kid)
        _see_same(start, preset, signed.signer.partner)
    if datetime.fromisoformat(start.expires) <= now:
        raise StartExpired(expires=start.expires[:10])
    return start


def _see_same(start: Start, preset: Preset, signs_for: str) -> None:
    """Refuse a start file that names another partner than its signer's or the preset's, or another's signer.

    A signer that is known to sign for this partner may be another than the preset's: keys change.
    """
    names = {name for name in (start.partner, preset.partner, signs_for) if name}
    if len(names) > 1 or (preset.signer not in {"", start.signer} and not signs_for):
        raise SignatureInvalid(reason="other_partner", partner_said=start.partner or signs_for)


def start_in(text: str) -> Start:
    """Return the start file that a JSON text holds; raises `BadInput`."""
    try:
        body = json_in(text.encode(errors="replace"), depth=3)
        if isinstance(body, dict) and type(body.get("v")) is int and body["v"] > VERSION:
            raise BadInput(reason="start_newer")
        row = taken(body, _NEEDED, _MAY)
        return _start(row)
    except (NotStrict, FieldInvalid):
        raise BadInput(reason="start_wrong") from None


def _start(row: dict[str, Any]) -> Start:
    values = texts(row.get("values", {}))
    if row["v"] != VERSION or values.keys() - set(VALUES) or not row["reference"]:
        raise NotStrict
    return Start(
        system=fits(row["system"], r"[a-z][a-z0-9_]{0,39}"),
        environment=fits(row.get("environment", ""), r"[a-z0-9_]{0,40}"),
        expect=expected(row["expect"]) if row.get("expect") else "",
        values=values,
        reference=fits(row["reference"], REFERENCE),
        expires=moment(row["expires"]).isoformat(timespec="seconds"),
        language=one_of(row.get("language", ""), ("", "nb", "en")),
        partner=row.get("partner", ""),
    )


def preset_with(preset: Preset, start: Start, provider: Provider) -> Preset:
    """Return the preset with what a start file answers; raises `BadInput` for what the system has not."""
    if start.environment and not provider.environment(start.environment):
        raise BadInput(reason="start_wrong")
    values = {**preset.values.get(start.system, {}), **start.values}
    return replace(
        preset,
        company=start.expect or preset.company,
        language=start.language or preset.language,
        values={**preset.values, start.system: values},
    )
