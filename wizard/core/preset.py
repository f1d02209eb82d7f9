"""The preset: one a bank, as a value. Who the partner is, how to reach it, what its integration is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wizard.core.errors import BadInput, FieldInvalid, WizardError
from wizard.core.orgnr import expected
from wizard.core.said import a_name, picked, said, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.core.consent import Consent
    from wizard.core.keys import Jwk
    from wizard.core.logo import Logo
    from wizard.core.options import Option
    from wizard.core.own_guide import Own
    from wizard.core.provider import CredentialField, Provider
    from wizard.core.said import Said

NEUTRAL_VALUES: Mapping[str, Mapping[str, str]] = {
    "poweroffice": {"integration_name": "Koble"},
    "tripletex": {"integration_name": "Koble"},
}
"""What the integration is called where no bank has said so: in practice, and for whoever tries it."""

_LINES = ("partner", "version", "phone", "email", "program", "language", "company", "after_handover")
_FLAGS = ("test_environments", "register_lookup", "share_safe")
_MORE = ("extends", "accent", "logo", "offer", "texts", "consent", "guide", "options")
KNOWN = (*_LINES, *_FLAGS, *_MORE, "systems", "handover", "fiken")
"""What may stand in a preset; docs/preset.md says what each is for."""

AFTER = ("forget", "keep")
"""What may become of a key on the customer's machine once the partner has it."""

PERSONAL_TOKEN = ("own_use", "agreed", "closed")
"""On which ground a partner takes a personal key to Fiken, whose terms ask for one."""

TEXTS = ("welcome", "next")
"""What a partner may say in its own words: above the list of systems, and at the end."""

_ADDRESS = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
    r"(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}))?"
    r"(?:[/?][!$%&'()*+,./:;=?~\w-]*)?",
    re.ASCII | re.IGNORECASE,
)
"""Plain letters only: an address that two programs read in two ways may lead to two places."""

_ACCENT = re.compile(r"#[0-9A-Fa-f]{6}")


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

    `program` is an address where customers get this program.
    `accent` is a colour, `#RRGGBB`; `offer` the systems to choose among, in that order, all where it is
    empty; `texts` the partner's own words by one of `TEXTS`; `own` and `options` are by system.
    """

    partner: str = ""
    version: str = ""
    phone: str = ""
    email: str = ""
    program: str = ""
    language: str = ""
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
    accent: str = ""
    logo: Logo | None = None
    offer: tuple[str, ...] = ()
    texts: Mapping[str, Said] = field(default_factory=dict)
    consent: Consent | None = None
    own: Mapping[str, Own] = field(default_factory=dict)
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)

    @property
    def sends(self) -> bool:
        """Whether the partner takes hand-overs, so that a walk has a page to send from."""
        return bool(self.seal_keys) or self.demo

    def practised(self) -> Preset:
        """Return the preset for practice: what is sent goes to a made-up bank, and nowhere else."""
        return replace(self, demo=True, seal_keys=(), upload="")

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

    def offered(self, providers: Mapping[str, Provider]) -> dict[str, Provider]:
        """Return the systems to choose among, in the partner's order; all where it names none of them."""
        found = {slug: providers[slug] for slug in self.offer if slug in providers}
        return found or dict(providers)

    def text(self, name: str, language: str) -> str:
        """Return the partner's own words, or an empty text where it has none."""
        return self.texts.get(name, {}).get(language, "")

    def after_text(self, slug: str, language: str) -> str:
        """Return what is to be done once this system is stored, or an empty text."""
        return self.own[slug].after.get(language, "") if slug in self.own else ""

    def value(self, slug: str, name: str) -> str:
        """Return a value to copy, or an empty text where the partner has none."""
        return self.values.get(slug, {}).get(name, "")


def preset_in(text: str, file: str, folder: Path | None = None) -> Preset:
    """Return the preset that a TOML text holds; raises `BadInput` naming what is wrong with it.

    A logo's file is looked for in `folder`. What it extends is not looked for.
    """
    return made(body_in(text, file), folder)


def body_in(text: str, file: str) -> dict[str, Any]:
    """Return the tables of a TOML text; raises `BadInput`, also for a name that is not known."""
    import tomllib  # most machines have no preset, and need not pay for it

    try:
        body = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise BadInput(reason="preset_not_toml", file=file) from None
    unknown = sorted(body.keys() - set(KNOWN))
    if unknown:
        raise BadInput(reason="preset_unknown_key", name=unknown[0], known=", ".join(KNOWN))
    return body


def made(body: Mapping[str, Any], folder: Path | None = None) -> Preset:
    """Return the preset that these tables are; raises `BadInput` naming what is wrong with them."""
    from wizard.core.consent import consent_in  # these are needed only where there is a preset
    from wizard.core.options import options_in
    from wizard.core.own_guide import own_in

    lines = {name: _line(name, body[name]) for name in _LINES if name in body}
    flags = {name: _flag(name, body[name]) for name in _FLAGS if name in body}
    picked(lines.get("after_handover", "keep"), "after_handover", AFTER)
    _see_address(lines.get("program", ""), "preset_program")
    if "extends" in body:
        _line("extends", body["extends"])
    named: dict[str, Any] = {**lines, **flags, **_handover(body.get("handover", {})), **_looks(body, folder)}
    return Preset(
        **{**named, "company": _company(lines.get("company", ""))},
        fiken=_personal_token(body.get("fiken", {})),
        values={slug: _table(slug, rows) for slug, rows in _body(body.get("systems", {})).items()},
        texts={name: said(one, f"texts.{name}") for name, one in _texts(body).items()},
        consent=consent_in(body.get("consent", {})),
        own=own_in(body.get("guide", {})),
        options=options_in(body.get("options", {})),
    )


def _texts(body: Mapping[str, Any]) -> dict[str, Any]:
    return table(body.get("texts", {}), "texts", TEXTS)


def _looks(body: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the colour, the logo and the systems to choose among; raises `BadInput`."""
    accent, offer = _line("accent", body.get("accent", "")), body.get("offer", [])
    if accent and not _ACCENT.fullmatch(accent):
        raise BadInput(reason="preset_accent")
    if not isinstance(offer, list):
        raise BadInput(reason="preset_wrong_type", name="offer")
    logo = None
    if "logo" in body:
        from wizard.core.logo import logo_in

        logo = logo_in(body["logo"], folder)
    return {"accent": accent, "logo": logo, "offer": tuple(a_name(one, "offer") for one in offer)}


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
    _see_address(upload, "preset_upload")
    return {"seal_keys": tuple(sorted(found, key=lambda one: one["kid"] != use)), "upload": upload}


def _see_address(address: str, reason: str) -> None:
    """Refuse what is no encrypted web address, or names a user; nothing may stay nothing."""
    if address and not _ADDRESS.fullmatch(address):
        raise BadInput(reason=reason)


def _seal_key(value: object) -> Jwk:
    from wizard.core.keys import checked
    from wizard.core.strict import NotStrict

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
    return picked(_line(name, rows["personal_token"]), name, PERSONAL_TOKEN) if rows else ""


def fitting(preset: Preset, providers: Mapping[str, Provider]) -> Preset:
    """Return the preset; raises `BadInput` for a value that a system cannot take, or a step it has not."""
    for slug in preset.own.keys() & providers.keys():
        from wizard.core.own_guide import see_steps

        see_steps(preset.own[slug], providers[slug])
    for slug, values in preset.values.items():
        if slug in providers and "environment" in values:
            known = tuple(one.name for one in providers[slug].environments)
            picked(values["environment"], f"systems.{slug}.environment", known)
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
