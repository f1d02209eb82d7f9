"""The preset: one a bank, as a value. Who the partner is, how to reach it, what its integration is called."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wizard.core import paths
from wizard.core.errors import BadInput, FieldInvalid, SignatureInvalid, WizardError
from wizard.core.keys import checked
from wizard.core.orgnr import expected
from wizard.core.signed import PRESET, is_signed, trusted, verified
from wizard.core.strict import NotStrict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wizard.core.keys import Jwk
    from wizard.core.provider import CredentialField, Provider
    from wizard.core.signed import Signers

NEUTRAL_VALUES: Mapping[str, Mapping[str, str]] = {
    "poweroffice": {"integration_name": "Koble"},
    "tripletex": {"integration_name": "Koble"},
}
"""What the integration is called where no bank has said so: in practice, and for whoever tries it."""

_LINES = ("partner", "version", "phone", "email", "language", "company", "after_handover")
_FLAGS = ("test_environments", "register_lookup", "share_safe")
KNOWN = (*_LINES, *_FLAGS, "systems", "handover", "fiken")
"""What may stand in a preset; docs/preset.md says what each is for."""

AFTER = ("forget", "keep")
"""What may become of a key on the customer's machine once the partner has it."""

PERSONAL_TOKEN = ("own_use", "agreed", "closed")
"""On which ground a partner takes a personal key to Fiken, whose terms ask for one."""

UNSIGNED = ("harmless", "practice", "all")
"""What is taken from a preset that nobody signed: next to nothing, all but the keys to seal to, or all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A partner. `values` are what a guide gives to copy, by system: `integration_name` and others.

    `company` is the organisation number expected of every customer, if there is only one; `test_environments`
    shows the vendors' worlds for tests, `register_lookup` allows a company's name to be looked up in the open
    register of Brønnøysund, `share_safe` has customers' names and numbers masked from the start.

    `seal_keys` are the partner's public keys for hand-overs, the one to use first; `upload` where they may be
    sent. `after_handover` and `fiken` hold one of `AFTER` and `PERSONAL_TOKEN`, or nothing. `signer` is the
    id of the key that signed the preset, and `ignored` names what was left out because nobody did.
    With `demo` the bank is a made-up one in this program, with keys of its own (`core.demo_bank`).
    """

    partner: str = ""
    version: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    accent: str = ""
    company: str = ""
    test_environments: bool = False
    register_lookup: bool = False
    share_safe: bool = False
    values: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: NEUTRAL_VALUES)
    seal_keys: tuple[Jwk, ...] = ()
    upload: str = ""
    after_handover: str = ""
    fiken: str = ""
    signer: str = ""
    ignored: tuple[str, ...] = ()
    demo: bool = False

    @property
    def sends(self) -> bool:
        """Whether the partner takes hand-overs, so that a walk has a page to send from."""
        return bool(self.seal_keys) or self.demo

    @property
    def seal_key(self) -> Jwk | None:
        """The partner's public key that hand-overs are sealed to, or None where there are no hand-overs."""
        return self.seal_keys[0] if self.seal_keys else None

    @property
    def after(self) -> str:
        """What becomes of a key once the partner has it: `forget`, unless the partner says otherwise."""
        return self.after_handover or ("forget" if self.sends else "keep")

    @property
    def contact(self) -> str:
        """How to reach the partner, or its name."""
        return " · ".join(way for way in (self.phone, self.email) if way) or self.partner

    def closed(self, slug: str) -> bool:
        """Tell whether the partner takes no keys to this system."""
        return slug == "fiken" and self.fiken == "closed"

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


def read_preset(file: Path, signers: Signers | None = None, *, unsigned: str = "harmless") -> Preset:
    """Read a preset, signed by one of `signers` or not at all; raises `BadInput` naming what is wrong.

    `unsigned` is how much is taken from one that nobody signed, one of `UNSIGNED`. Raises `SignatureInvalid`
    for one that is signed, but by nobody known or not for this.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError:
        raise BadInput(reason="preset_unreadable", file=file.name) from None
    except UnicodeDecodeError:
        raise BadInput(reason="preset_not_toml", file=file.name) from None
    if not is_signed(text):
        return _allowed(preset_in(text, file.name), unsigned)
    signed = verified(text, signers or {}, PRESET)
    preset = preset_in(signed.text, file.name)
    if signed.signer.partner not in {"", preset.partner}:
        raise SignatureInvalid(reason="other_partner", partner_said=preset.partner)
    return replace(preset, signer=signed.signer.kid)


def open_preset(file: Path, *, practice: bool) -> Preset:
    """Read the preset that a program was started with, by whoever this machine trusts; raises as above.

    Unsigned, all of it counts in a checkout, whose code its user can change anyway; in practice all but the
    keys to seal to; once installed, next to nothing.
    """
    unsigned = "all" if paths.is_checkout() else "practice" if practice else "harmless"
    return read_preset(file, trusted(), unsigned=unsigned)


def preset_in(text: str, file: str) -> Preset:
    """Return the preset that a TOML text holds; raises `BadInput` naming what is wrong with it."""
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise BadInput(reason="preset_not_toml", file=file) from None
    unknown = sorted(body.keys() - set(KNOWN))
    if unknown:
        raise BadInput(reason="preset_unknown_key", name=unknown[0], known=", ".join(KNOWN))
    lines = {name: _line(name, body[name]) for name in _LINES if name in body}
    flags = {name: _flag(name, body[name]) for name in _FLAGS if name in body}
    _picked("after_handover", lines.get("after_handover", "keep"), AFTER)
    named: dict[str, Any] = {**lines, **flags, **_handover(body.get("handover", {}))}
    return Preset(
        **{**named, "company": _company(lines.get("company", ""))},
        fiken=_personal_token(body.get("fiken", {})),
        values={slug: _table(slug, rows) for slug, rows in _body(body.get("systems", {})).items()},
    )


def _allowed(preset: Preset, unsigned: str) -> Preset:
    """Return what may be taken from a preset that nobody signed, and the names of what was left out.

    A look-alike must neither name itself as the bank nor lead anything to somebody else.
    """
    if unsigned == "all":
        return preset
    if unsigned == "practice":
        ignored = ("handover",) if preset.seal_keys or preset.upload else ()
        return replace(preset, seal_keys=(), upload="", ignored=ignored)
    methods = {slug: rows["method"] for slug, rows in preset.values.items() if "method" in rows}
    neutral = {slug: dict(rows) for slug, rows in NEUTRAL_VALUES.items()}
    kept = {slug: {**neutral.get(slug, {}), "method": name} for slug, name in methods.items()}
    return Preset(language=preset.language, values={**neutral, **kept}, ignored=tuple(_left_out(preset)))


def _left_out(preset: Preset) -> Iterator[str]:
    """Yield the names of all that a preset sets and an unsigned one may not."""
    names = [name for name in (*_LINES, *_FLAGS, "fiken") if name != "language"]
    yield from (name for name in names if getattr(preset, name))
    if preset.seal_keys or preset.upload:
        yield "handover"
    for slug, rows in preset.values.items():
        yield from (f"systems.{slug}.{name}" for name in rows if name != "method")


def _handover(value: object) -> dict[str, Any]:
    """Return the keys to seal to, the one to use first, and where to; raises `BadInput`."""
    rows = _body(value, "handover")
    unknown = sorted(rows.keys() - {"keys", "use", "upload"})
    if unknown:
        raise BadInput(reason="preset_unknown_key", name=f"handover.{unknown[0]}", known="keys, use, upload")
    keys = rows.get("keys", [])
    if not isinstance(keys, list):
        raise BadInput(reason="preset_wrong_type", name="handover.keys")
    found = [_seal_key(one) for one in keys]
    use = _line("handover.use", rows.get("use", found[0]["kid"] if found else ""))
    if len({one["kid"] for one in found}) != len(found) or (use and use not in {one["kid"] for one in found}):
        raise BadInput(reason="preset_seal_key", name="handover.use")
    upload = _line("handover.upload", rows.get("upload", ""))
    if upload and not (upload.startswith("https://") and urlsplit(upload).hostname and "@" not in upload):
        raise BadInput(reason="preset_upload")
    return {"seal_keys": tuple(sorted(found, key=lambda one: one["kid"] != use)), "upload": upload}


def _seal_key(value: object) -> Jwk:
    try:
        return checked(value)
    except BadInput:
        raise BadInput(reason="preset_private_key") from None
    except NotStrict:
        raise BadInput(reason="preset_seal_key", name="handover.keys") from None


def _personal_token(value: object) -> str:
    rows = _body(value, "fiken")
    unknown = sorted(rows.keys() - {"personal_token"})
    if unknown:
        raise BadInput(reason="preset_unknown_key", name=f"fiken.{unknown[0]}", known="personal_token")
    name = "fiken.personal_token"
    return _picked(name, _line(name, rows["personal_token"]), PERSONAL_TOKEN) if rows else ""


def _picked(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadInput(reason="preset_pick", name=name, known=", ".join(known))
    return value


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


def _body(value: object, name: str = "systems") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(reason="preset_wrong_type", name=name)
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
