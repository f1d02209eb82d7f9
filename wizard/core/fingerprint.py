"""A fingerprint of a secret: what two people may read to each other to see that they mean the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core.provider import tidy, whole

if TYPE_CHECKING:
    from wizard.core.provider import CredentialField

SHORTEST = 20
_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """How many characters, the last three, and a check number of four digits.

    It does not help guessing: of a value of twenty characters or more, three are told; the check number is
    SHA-256 over the value, of which four digits are kept, so that one guess in ten thousand fits it.
    """

    length: int
    end: str
    check: str


def fingerprint(field: CredentialField, pasted: str) -> Fingerprint | None:
    """Return that of a value as it will be used; None for one that is too short to tell anything of."""
    value = (field.prepare or (whole if field.text else tidy))(pasted)
    if len(value) < SHORTEST:
        return None
    return Fingerprint(length=len(value), end=value[-_TOLD:], check=_check(value))


def _check(value: str) -> str:
    from hashlib import sha256  # not before somebody compares

    digest = sha256(value.encode("utf-8", "surrogatepass")).digest()
    return f"{int.from_bytes(digest, 'big') % 10_000:04}"
