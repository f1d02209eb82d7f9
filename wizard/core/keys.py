"""Keys of the partner's for sealing and signing, as JWK: made, read, checked, turned over; never shown."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput
from wizard.core.strict import NotStrict, decoded, json_in, taken

if TYPE_CHECKING:
    from pathlib import Path

Jwk = Mapping[str, str]
Keys = Mapping[str, Jwk]
"""Keys by their `kid`; the first is the current one."""

MOST = 1 << 16
"""The largest file of keys, in bytes."""

KID = r"[A-Za-z0-9._-]{1,64}"
_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_MEMBERS = {
    "EC": {"kty": "EC", "crv": "P-256", "use": "enc", "alg": "ECDH-ES+A256KW"},
    "OKP": {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "Ed25519"},
}
_POINT = {"EC": ("x", "y"), "OKP": ("x",)}


def new_key(kty: str = "EC") -> Jwk:
    """Return a new private key: `EC` (P-256) to open what was sealed, `OKP` (Ed25519) to sign."""
    from joserfc.jwk import ECKey, OKPKey

    made = ECKey.generate_key("P-256") if kty == "EC" else OKPKey.generate_key("Ed25519")
    return {**_MEMBERS[kty], "kid": made.thumbprint()[:16], **_texts(made.as_dict(private=True))}


def _texts(row: Mapping[str, object]) -> dict[str, str]:
    return {name: str(row[name]) for name in ("x", "y", "d") if name in row}


def public(key: Jwk) -> Jwk:
    """Return the part that everybody may know."""
    return {name: value for name, value in key.items() if name != "d"}


def checked(row: object, kty: str = "EC", *, private: bool = False) -> Jwk:
    """Return a key that can be one; raises `NotStrict`, or `BadInput` for a private one where none may be."""
    if isinstance(row, dict) and not private and "d" in row:
        raise BadInput(reason="private_key")
    numbers = (*_POINT[kty], *(("d",) if private else ()))
    needed = dict.fromkeys(("kty", "crv", "kid", *numbers), str)
    key: Jwk = taken(row, needed, {"use": str, "alg": str})
    known = _MEMBERS[kty]
    whole = all(key[name] == known[name] for name in known if name in key)
    sizes = {len(decoded(key[name])) for name in numbers}
    if not whole or sizes != {32} or not re.fullmatch(KID, key["kid"]):
        raise NotStrict
    if kty == "EC" and not _on_curve(*(int.from_bytes(decoded(key[name])) for name in "xy")):
        raise NotStrict
    return key


def _on_curve(x: int, y: int) -> bool:
    """Tell whether a point is one of P-256; without cryptography, which the first page need not wait for."""
    return max(x, y) < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0


def key_set(data: bytes, kty: str = "EC", *, private: bool = True) -> Keys:
    """Return the keys of a JWK set, or of one JWK; raises `BadInput`."""
    try:
        body = json_in(data[: MOST + 1])
        rows = body["keys"] if isinstance(body, dict) and "keys" in body else [body]
        found = [checked(row, kty, private=private) for row in rows]
    except (NotStrict, TypeError):
        raise BadInput(reason="keys_wrong") from None
    named = {key["kid"]: key for key in found}
    if not named or len(named) != len(found):
        raise BadInput(reason="keys_wrong")
    return named


def read_private(file: Path, kty: str = "EC") -> Keys:
    """Return the keys of a file that only its owner may read; raises `BadInput`."""
    return key_set(private_bytes(file), kty)


def private_bytes(file: Path) -> bytes:
    """Return what a file holds that only its owner may read; raises `BadInput`."""
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if hasattr(os, "getuid") and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise BadInput(reason="keys_not_private", file=file.name)
            return stream.read(MOST + 1)
    except OSError:
        raise BadInput(reason="keys_unreadable", file=file.name) from None


def write_new(file: Path, data: bytes) -> None:
    """Write a file that only its owner may read, and that was not there before; raises `BadInput`."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise BadInput(reason="file_exists", file=file.name) from None
    except OSError:
        raise BadInput(reason="file_unwritable", file=file.name) from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        with contextlib.suppress(OSError):  # half a file would be worse than none
            file.unlink()
        raise BadInput(reason="file_unwritable", file=file.name) from None


def as_set(keys: Keys) -> bytes:
    """Return keys as the JWK set that is written."""
    return (json.dumps({"keys": [dict(one) for one in keys.values()]}, indent=1) + "\n").encode()


def rotate(file: Path) -> Keys:
    """Put a new key before those of a file, all of which stay readable; return them, raises `BadInput`.

    The file is what it was, or has the new key too, wherever the machine stops.
    """
    keys = read_private(file)
    fresh = new_key()
    both = {fresh["kid"]: fresh, **keys}
    beside = file.with_name(file.name + ".new")
    write_new(beside, as_set(both))
    beside.replace(file)
    return both


def as_toml(key: Jwk) -> str:
    """Return a public key as a line of `[handover] keys` in a preset."""
    inner = ", ".join(f'{name} = "{value}"' for name, value in public(key).items())
    return f"{{ {inner} }}"
