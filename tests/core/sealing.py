"""What the tests of hand-overs, replies and signatures share: keys of their own, and hand-overs to seal."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wizard.core.handover import Handover, Item, seal
from wizard.core.keys import new_key, public
from wizard.core.secret import Secret
from wizard.core.signed import Signer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.keys import Jwk, Keys

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = new_key()
OTHER = new_key()
KEYS: Keys = {KEY["kid"]: KEY}
SIGNING = new_key("OKP")
STRANGER = new_key("OKP")
SIGNERS = {SIGNING["kid"]: Signer(kid=SIGNING["kid"], key=public(SIGNING), partner="Fjordbanken")}
CANARY = "ZZcanary.8rT2-is-not-a-key"


def an_item(**more: Any) -> Item:
    made = Item(
        system="fiken",
        environment="production",
        expected="313000028",
        company={"id": "fjordheim-regnskap-as", "name": "Fjordheim Regnskap AS", "orgnr": "313000028"},
        secrets={"token": Secret(CANARY)},
        rights={"company": True, "api": False},
        checks={"sign_in": "passed"},
        tested="passed",
        at="2026-03-02T12:00:00Z",
    )
    return replace(made, **more)


def a_handover(*items: Item, **more: Any) -> Handover:
    made = Handover(
        id="fedcba9876543210" * 2,
        made="2026-03-02T12:00:00Z",
        reply=Secret(encoded(b"sixteen bytes ok")),
        items=items or (an_item(),),
        reference="ref-1",
        preset={"name": "Fjordbanken", "version": "3"},
        consent={"text": "1", "name": "Kari Nordmann", "at": "2026-03-02T12:00:00+01:00"},
        contact="kari@example.test",
    )
    return replace(made, **more)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header_of(sealed: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(decoded(sealed.split(".", maxsplit=1)[0]))
    return row


def with_header(sealed: str, header: object) -> str:
    body = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return ".".join((encoded(body), *sealed.split(".")[1:]))


def sealed_body(body: object, key: Jwk = KEY) -> str:
    """Return any JSON, or any bytes, sealed as a hand-over would be."""
    from joserfc import jwe
    from joserfc.jwk import ECKey

    header = {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "kid": key["kid"],
        "typ": "koble+jwe",
        "cty": "koble+json",
    }
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return jwe.encrypt_compact(
        header, data, ECKey.import_key(dict(public(key))), [header["alg"], header["enc"]]
    )


def a_sealed(**more: Any) -> str:
    return seal(a_handover(**more), public(KEY))


def body_of(what: Handover) -> dict[str, Any]:
    from wizard.core.handover import _body

    body: dict[str, Any] = json.loads(json.dumps(_body(what)))
    return body


def signed_by(key: Jwk, header: Mapping[str, object], body: bytes) -> str:
    """Return a JWS with whatever header, the signature as it should be for it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = f"{encoded(json.dumps(header).encode())}.{encoded(body)}"
    signature = Ed25519PrivateKey.from_private_bytes(decoded(key["d"])).sign(text.encode())
    return f"{text}.{encoded(signature)}"
