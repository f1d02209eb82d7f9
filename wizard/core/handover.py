"""The hand-over: connections with their secrets, sealed to the partner's key as JWE; docs/handover.md.

The third place that takes a secret out, after `auth` and `vault`: to seal it, to hand what was opened to the
partner's own program, and to look at what came once more as if it had been typed.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from wizard import __version__
from wizard.core.errors import BadInput, FieldInvalid, HandedOver, HandoverInvalid
from wizard.core.ledger import DELIVERED, TESTED, WAITING_FOR
from wizard.core.secret import Secret
from wizard.core.strict import REFERENCE, NotStrict, decoded, fits, json_in, moment, one_of, taken, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from wizard.core.connect import Answers
    from wizard.core.keys import Jwk, Keys
    from wizard.core.ledger import Connection, Credential
    from wizard.core.preset import Preset
    from wizard.core.provider import Environment, Provider

VERSION = 1
ALG, ENC = "ECDH-ES+A256KW", "A256GCM"
TYP, CTY = "koble+jwe", "koble+json"
MOST = 256 * 1024
"""The longest text, in bytes; a mail around it counts."""
MOST_ITEMS = 500
VALID = timedelta(days=30)
"""How long what was sealed is taken by the receiver."""
AHEAD = timedelta(days=1)
"""How far the sender's clock may be ahead of the receiver's."""
FIRST, LAST = "-----BEGIN KOBLE HANDOVER-----", "-----END KOBLE HANDOVER-----"
WIDTH = 76

_HEADER = {"alg": str, "enc": str, "kid": str, "typ": str, "cty": str, "epk": dict}
_POINT = {"kty": str, "crv": str, "x": str, "y": str}
_ARMOUR = re.compile(r"BEGIN KOBLE HANDOVER(.*?)END KOBLE HANDOVER", re.DOTALL)
_DASHES = "-–—‐‑‒―"  # noqa: RUF001 - what word processors make of a hyphen
_BETWEEN = re.compile(r"(?m)^[ \t]*(?:>[> \t]*)|[\s\u00a0\u200b-\u200f\u2060\ufeff\u00ad]")
_STATES = ("passed", "failed", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One connection. `company` is as the ledger has it; `rights` those found, by name.

    `checks` holds the state of each check at the newest test that passed, which was `at`; `last` is how the
    newest test failed, `code` and `at`, if it did; `options` what the partner's preset asked for, by name.
    """

    system: str
    environment: str
    company: Mapping[str, Any]
    tested: str
    delivered: str = "not_needed"
    waiting_for: str = "nobody"
    at: str = ""
    method: str = ""
    expected: str = ""
    label: str = ""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)
    rights: Mapping[str, bool] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the company is known by."""
        return str(self.company.get("name") or self.label or self.expected or self.system)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """All that is sealed at once. `reply` is what both ends make the reply code from.

    `preset` has `name` and `version`; `consent` `text` (its version), `name` and `at`, or nothing; `contact`
    is how to reach the sender.
    """

    id: str
    made: str
    reply: Secret
    items: tuple[Item, ...]
    tool: str = __version__
    reference: str = ""
    preset: Mapping[str, str] = field(default_factory=dict)
    consent: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""


def handover(items: Iterable[Item], now: datetime, preset: Preset, reference: str = "") -> Handover:
    """Return a new hand-over of these, with an id and a reply secret of its own.

    Consent and the sender's contact are added with `dataclasses.replace`.
    """
    named = {"name": preset.partner, "version": preset.version}
    return Handover(
        id=secrets.token_hex(16),
        made=_short(now.isoformat(timespec="seconds")),
        reply=Secret(secrets.token_urlsafe(16)),
        items=tuple(items),
        reference=reference,
        preset={name: value for name, value in named.items() if value},
    )


def item(row: Connection, credential: Credential, answers: Mapping[str, Secret], provider: Provider) -> Item:
    """Return a stored connection as it is handed over; raises where a secret of it is gone."""
    gone = tuple(name for name in credential.items if name not in answers)
    if gone:
        raise FieldInvalid(fields=gone, reason="gone")
    if key_left(row, credential, provider):
        raise HandedOver(reason="again", company=str(row.company.get("name") or ""))
    company = {name: value for name, value in row.company.items() if name != "rights" and value}
    rights = row.company.get("rights")
    return Item(
        system=credential.provider,
        environment=credential.environment,
        method=credential.method,
        expected=row.expect,
        company=company,
        secrets=answers,
        plain=credential.plain,
        rights=rights if isinstance(rights, dict) else {},
        checks={one.name: "passed" if row.tested == "passed" else "skipped" for one in provider.checks},
        last=_last(row),
        options=row.options,
        tested=row.tested,
        at=_short(row.tested_at),
        delivered=row.delivered,
        waiting_for=row.waiting_for,
        label=row.label,
    )


def _short(at: str) -> str:
    return at.replace("+00:00", "Z")


def key_left(row: Connection, credential: Credential, provider: Provider) -> bool:
    """Tell whether the secrets went after they were handed over, as they should."""
    needed = {one.name for one in provider.fields if one.secret and one.required}
    return row.delivered in {"sent", "confirmed"} and not needed <= credential.items.keys()


def _last(row: Connection) -> dict[str, str]:
    """Return how the newest test failed, and when; nothing where it passed."""
    if not row.last_code:
        return {}
    at = next((one["at"] for one in reversed(row.history) if one["event"] == "failed"), row.made_at)
    return {"code": row.last_code, "at": _short(at)}


def seal(what: Handover, key: Jwk) -> str:
    """Return the hand-over sealed to a public key, as JWE in its compact form."""
    from joserfc import jwe
    from joserfc.jwk import ECKey

    header = {"alg": ALG, "enc": ENC, "kid": key["kid"], "typ": TYP, "cty": CTY}
    bare: dict[str, str | list[str]] = {name: key[name] for name in ("kty", "crv", "x", "y")}
    body = json.dumps(_body(what), ensure_ascii=False, separators=(",", ":")).encode()
    sealed = jwe.encrypt_compact(header, body, ECKey.import_key(bare), registry=_registry())
    if len(sealed) > MOST * 3 // 4:
        raise BadInput(reason="handover_too_large", count=len(what.items))
    return sealed


def armoured(sealed: str) -> str:
    """Return what was sealed as a block of lines for a file, a mail or a message box."""
    lines = (sealed[at : at + WIDTH] for at in range(0, len(sealed), WIDTH))
    return "\n".join((FIRST, *lines, LAST, ""))


def reply_bytes(reply: Secret) -> bytes:
    """Return the secret that both ends make reply codes from."""
    return decoded(reply.reveal())


def file_name(what: Handover) -> str:
    """Return a name for its file, which tells nothing of whom it is about."""
    return f"koble-{what.id[:8]}.koble"


def open_sealed(text: str, keys: Keys) -> Handover:
    """Return what was sealed to one of these private keys; raises `HandoverInvalid` for all else.

    The text may be wrapped, quoted, or stand in the midst of a mail, as long as there is one.
    """
    if len(text.encode(errors="replace")) > MOST:
        raise HandoverInvalid(reason="too_large")
    try:
        return _handover(json_in(_opened(_compact(text), keys)))
    except (NotStrict, KeyError, TypeError):
        raise HandoverInvalid(reason="shape") from None


def _compact(text: str) -> str:
    """Return the JWE in a text without what carrying it added."""
    blocks = _ARMOUR.findall(text)
    if len(blocks) > 1:
        raise HandoverInvalid(reason="several")
    inner = _BETWEEN.sub("", blocks[0] if blocks else text)
    return inner.strip(_DASHES) if blocks else inner


def _opened(sealed: str, keys: Keys) -> bytes:
    """Return what a JWE holds, if it is of the one kind that there is."""
    parts = sealed.split(".")
    if len(parts) != 5:
        raise NotStrict
    header, *rest = (decoded(part) for part in parts)
    if [len(rest[at]) for at in (0, 1, 3)] != [40, 12, 16]:
        raise NotStrict
    key = _key(taken(json_in(header, depth=2), {"alg": str, "enc": str}, _ANY_HEADER), keys)
    return _decrypted(sealed, key)


_ANY_HEADER = {**_HEADER, "zip": str, "crit": list, "apu": str, "apv": str, "jwk": dict, "jku": str}


def _key(header: Mapping[str, Any], keys: Keys) -> Jwk:
    """Return the private key that a header names; raises `HandoverInvalid` for a header of another kind."""
    if header["alg"] != ALG or header["enc"] != ENC or header.keys() - _HEADER.keys():
        raise HandoverInvalid(reason="algorithm")
    kinds = taken(header, _HEADER)
    if (kinds["typ"], kinds["cty"]) != (TYP, CTY):
        raise NotStrict
    point = taken(kinds["epk"], _POINT)
    if (point["kty"], point["crv"]) != ("EC", "P-256"):
        raise HandoverInvalid(reason="algorithm")
    if kinds["kid"] not in keys:
        raise HandoverInvalid(reason="other_key")
    return keys[kinds["kid"]]


def _decrypted(sealed: str, key: Jwk) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap
    from joserfc import jwe
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    bare: dict[str, str | list[str]] = {name: key[name] for name in ("kty", "crv", "x", "y", "d")}
    try:
        return jwe.decrypt_compact(sealed, ECKey.import_key(bare), registry=_registry()).plaintext or b""
    except (JoseError, InvalidTag, InvalidUnwrap, ValueError):
        raise HandoverInvalid(reason="tampered") from None


def _registry() -> Any:
    """Return what says that only this `alg` and `enc` count, and how much is read."""
    from joserfc.jwe import JWERegistry

    registry = JWERegistry(algorithms=[ALG, ENC])
    registry.max_ciphertext_length = MOST
    return registry


def _body(what: Handover) -> dict[str, object]:
    """Return the JSON that is sealed; what is empty is left out."""
    body = {
        "v": VERSION,
        "id": what.id,
        "made": what.made,
        "tool": what.tool,
        "reply": what.reply.reveal(),
        "reference": what.reference,
        "preset": dict(what.preset),
        "consent": dict(what.consent),
        "contact": what.contact,
        "connections": [_item_body(one) for one in what.items],
    }
    return _full(body)


def _item_body(one: Item) -> dict[str, object]:
    return _full(
        {
            "system": one.system,
            "environment": one.environment,
            "method": one.method,
            "expected": one.expected,
            "company": {"id": "", "name": "", **_full(one.company)},
            "label": one.label,
            "secrets": {name: secret.reveal() for name, secret in one.secrets.items()},
            "plain": dict(one.plain),
            "rights": dict(one.rights),
            "checks": dict(one.checks),
            "tested": one.tested,
            "at": one.at,
            "last": dict(one.last),
            "options": dict(one.options),
            "delivered": one.delivered if one.delivered != "not_needed" else "",
            "waiting_for": one.waiting_for if one.waiting_for != "nobody" else "",
        }
    )


def _full(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value not in ("", None, False) and value != {}}


def _handover(body: object) -> Handover:
    """Return what the JSON says; every name and type is known, or it is refused."""
    if isinstance(body, dict) and type(body.get("v")) is int and body["v"] > VERSION:
        raise HandoverInvalid(reason="newer")
    row = taken(body, _NEEDED, _MAY)
    if row["v"] != VERSION or not 0 < len(row["connections"]) <= MOST_ITEMS:
        raise NotStrict
    preset = taken(row.get("preset", {}), {}, {"name": str, "version": str})
    consent = row.get("consent", {})
    if consent:
        consent = taken(consent, {"text": str, "name": str, "at": str})
        _moment(consent["at"])
    return Handover(
        id=fits(row["id"], r"[0-9a-f]{32}"),
        made=_moment(row["made"]),
        tool=row["tool"],
        reply=_reply(row["reply"]),
        reference=fits(row.get("reference", ""), REFERENCE),
        preset=preset,
        consent=consent,
        contact=row.get("contact", ""),
        items=tuple(_item(one) for one in row["connections"]),
    )


def _reply(text: str) -> Secret:
    if len(decoded(text)) != 16:
        raise NotStrict
    return Secret(text)


_NEEDED = {"v": int, "id": str, "made": str, "tool": str, "reply": str, "connections": list}
_MAY = {"reference": str, "preset": dict, "consent": dict, "contact": str}
_ITEM = dict.fromkeys(("system", "environment", "tested"), str) | {"company": dict}
_ITEM_MAY = {
    **dict.fromkeys(("method", "expected", "label", "at", "delivered", "waiting_for"), str),
    **dict.fromkeys(("secrets", "plain", "rights", "checks", "last", "options"), dict),
}


def _item(one: object) -> Item:
    row = taken(one, _ITEM, _ITEM_MAY)
    return Item(
        system=fits(row["system"], r"[a-z][a-z0-9_]{0,39}"),
        environment=fits(row["environment"], r"[a-z][a-z0-9_]{0,39}"),
        method=fits(row.get("method", ""), r"[a-z0-9_]{0,40}"),
        expected=fits(row.get("expected", ""), r"([0-9]{9})?"),
        company=_company(row["company"]),
        label=row.get("label", ""),
        secrets={name: Secret(value) for name, value in texts(row.get("secrets", {})).items()},
        plain=texts(row.get("plain", {})),
        rights=texts(row.get("rights", {}), bool),
        checks={name: one_of(state, _STATES) for name, state in texts(row.get("checks", {})).items()},
        last=_checked_last(row.get("last", {})),
        options=texts(row.get("options", {})),
        tested=one_of(row["tested"], TESTED),
        at=_moment(row["at"]) if row.get("at") else "",
        delivered=one_of(row.get("delivered", "not_needed"), DELIVERED),
        waiting_for=one_of(row.get("waiting_for", "nobody"), WAITING_FOR),
    )


def _company(one: object) -> dict[str, Any]:
    row = taken(one, {"id": str, "name": str}, {"orgnr": str, "ids": dict, "test": bool})
    fits(row.get("orgnr", "000000000"), r"[0-9]{9}")
    texts(row.get("ids", {}))
    return row


def _checked_last(one: dict[str, object]) -> dict[str, str]:
    if not one:
        return {}
    row = taken(one, {"code": str, "at": str})
    return {"code": fits(row["code"], r"[a-z_]{1,40}"), "at": _moment(row["at"])}


def _moment(text: str) -> str:
    moment(text)
    return text


def answers(one: Item, provider: Provider, environment: Environment) -> Answers:
    """Return what came as answers, looked at as if they had been typed; raises `InputError`."""
    from wizard.core.connect import clean

    given = {**one.plain, **{name: secret.reveal() for name, secret in one.secrets.items()}}
    known = {one.name for one in provider.fields}
    if given.keys() - known:
        raise HandoverInvalid(reason="fields", system=provider.name)
    return clean(provider.fields, given, environment)


def bundle(what: Handover, found: Iterable[Mapping[str, object]], *, again: bool) -> bytes:
    """Return what the partner's own command gets on its standard input: all of it, the secrets too.

    `found` is what the partner's own test of each connection came to; with `again` it may have come before.
    """
    rows = [{**_item_body(one), "received": dict(test)} for one, test in zip(what.items, found, strict=True)]
    body = {**_body(what), "connections": rows, "again": again}
    del body["reply"]
    return json.dumps(body, ensure_ascii=False).encode()
