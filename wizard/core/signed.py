"""What the partner signs, a preset or a start file: JWS with Ed25519, by a key that this machine trusts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.core import paths
from wizard.core.errors import BadInput, SignatureInvalid
from wizard.core.keys import checked
from wizard.core.policy import is_trusted
from wizard.core.strict import NotStrict, decoded, encoded, json_in, taken

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.core.keys import Jwk

ALG = "Ed25519"
PRESET, START = "koble-preset+jws", "koble-start+jws"
"""What a signature is for: one for a preset is none for a start file."""

MOST = 1 << 18
"""The longest signed text, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who may sign. With `partner`, only in that partner's name."""

    kid: str
    key: Jwk
    partner: str = ""


Signers = Mapping[str, Signer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A text, and who answers for it."""

    text: str
    signer: Signer


def trusted(folder: Path | None = None, *, owner: int = 0) -> Signers:
    """Return who may sign: those that came with the program, and those that the machine's policy adds.

    Nothing else is looked at: no environment variable, no option, nothing that a customer can be talked into.
    Raises `BadInput` for a file that is malformed or that others than the user `owner` may write.
    """
    file = (folder or paths.policy().parent) / "signers.json"
    return {**read_signers(paths.resources() / "signers.json"), **_of_machine(file, owner)}


def _of_machine(file: Path, owner: int) -> Signers:
    try:
        with file.open("rb") as opened:
            if not is_trusted(os.fstat(opened.fileno()), owner):
                raise BadInput(reason="policy_not_trusted", file=str(file))
            return _signers(opened.read(MOST), file)
    except FileNotFoundError:
        return {}
    except OSError:
        raise BadInput(reason="signers_wrong", file=str(file)) from None


def read_signers(file: Path) -> Signers:
    """Return the signers of a file: a JWK set, each key perhaps with a `partner`; raises `BadInput`."""
    try:
        return _signers(file.read_bytes()[:MOST], file)
    except OSError:
        raise BadInput(reason="signers_wrong", file=str(file)) from None


def _signers(data: bytes, file: Path) -> Signers:
    try:
        found = [_signer(row) for row in taken(json_in(data), {"keys": list})["keys"]]
    except NotStrict:
        raise BadInput(reason="signers_wrong", file=str(file)) from None
    return {one.kid: one for one in found}


def _signer(row: object) -> Signer:
    if not isinstance(row, dict) or not isinstance(row.get("partner", ""), str):
        raise NotStrict
    key = checked({name: value for name, value in row.items() if name != "partner"}, "OKP")
    return Signer(kid=key["kid"], key=key, partner=row.get("partner", ""))


def is_signed(text: str) -> bool:
    """Tell whether a text claims to be signed: three parts, the first of them a JSON object."""
    return text.count(".") == 2 and text.lstrip().startswith("eyJ")


def sign(text: str, key: Jwk, kind: str) -> str:
    """Return a text signed with a private key, as JWS in its compact form."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    header = json.dumps({"alg": ALG, "kid": key["kid"], "typ": kind}, separators=(",", ":"))
    body = f"{encoded(header.encode())}.{encoded(text.encode())}"
    signature = Ed25519PrivateKey.from_private_bytes(decoded(key["d"])).sign(body.encode())
    return f"{body}.{encoded(signature)}"


def verified(text: str, signers: Signers, kind: str) -> Signed:
    """Return what is signed, and by whom; raises `SignatureInvalid`, which says what is wrong with it."""
    bare = "".join(text.split())
    try:
        header, body, signature = _parts(bare)
        signer = _named(json_in(header, depth=2), signers, kind)
        _prove(signer, bare.rpartition(".")[0].encode(), signature)
        return Signed(text=body.decode(), signer=signer)
    except (NotStrict, UnicodeDecodeError):
        raise SignatureInvalid(reason="shape") from None


def _parts(bare: str) -> list[bytes]:
    parts = bare.split(".")
    if len(bare) > MOST or len(parts) != 3:
        raise NotStrict
    return [decoded(part) for part in parts]


def _named(header: Any, signers: Signers, kind: str) -> Signer:
    """Return the signer that a header names; it may say nothing else, and nothing else counts."""
    if not isinstance(header, dict):
        raise NotStrict
    if header.get("alg") != ALG:
        raise SignatureInvalid(reason="algorithm")
    if header.keys() - {"alg", "kid", "typ"}:
        raise SignatureInvalid(reason="header")
    row = taken(header, {"alg": str, "kid": str, "typ": str})
    if row["typ"] != kind:
        raise SignatureInvalid(reason="kind")
    if row["kid"] not in signers:
        raise SignatureInvalid(reason="unknown_signer")
    return signers[row["kid"]]


def _prove(signer: Signer, body: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(decoded(signer.key["x"])).verify(signature, body)
    except InvalidSignature:
        raise SignatureInvalid(reason="forged") from None
