"""The reply code: what became of a hand-over, in twelve letters that only its two ends can make."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.core.secret import Secret

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: without I, L, O and U; the first three are read as the digits they look like."""

CAUSES = (
    "key_refused",
    "rights_missing",
    "wrong_company",
    "no_company",
    "several_companies",
    "module_missing",
    "scope_missing",
    "licence_missing",
    "wrong_environment",
    "wrong_tenant",
    "pending_approval",
    "invitation_expired",
    "quota_empty",
    "field_invalid",
    "handover_expired",
    "reference_unknown",
)
"""Why a hand-over may be refused. Only ever added to, at the end: a code names a cause by its place here."""

LENGTH, TAG, GROUP = 12, 9, 4
_READ = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None, "–": None, ".": None})
_INFO = b"koble reply 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a hand-over: confirmed, or refused for a `cause`."""

    cause: str = ""

    @property
    def name(self) -> str:
        """`confirmed` or `refused`."""
        return "refused" if self.cause else "confirmed"


def derived(reply: Secret, handover: str) -> bytes:
    """Return the key of one hand-over's codes (HKDF with SHA-256, RFC 5869)."""
    from wizard.core.handover import reply_bytes

    drawn = hmac.digest(handover.encode(), reply_bytes(reply), hashlib.sha256)
    return hmac.digest(drawn, _INFO + b"\x01", hashlib.sha256)


def code(key: bytes, handover: str, outcome: Outcome) -> str:
    """Return the code, in groups: two letters of the outcome, nine (45 bits) of proof, one to check."""
    number = CAUSES.index(outcome.cause) + 1 if outcome.cause else 0
    head = ALPHABET[number // 32] + ALPHABET[number % 32]
    body = head + _tag(key, handover, head)
    return spaced(body + _check(body))


def spaced(bare: str) -> str:
    """Return a code's letters as it is written: in groups."""
    return "-".join(bare[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def tidied(typed: str) -> str:
    """Return a code as it was typed in its one spelling, or an empty text where it can be none."""
    bare = "".join(typed.split()).upper().translate(_READ)
    known = len(bare) == LENGTH and set(bare) <= set(ALPHABET)
    return bare if known and _check(bare[:-1]) == bare[-1] else ""


def outcome(bare: str, key: bytes, handover: str) -> Outcome | None:
    """Return what a tidied code says of this hand-over, or None where it is not about it."""
    if not hmac.compare_digest(bare[2:-1], _tag(key, handover, bare[:2])):
        return None
    number = ALPHABET.index(bare[0]) * 32 + ALPHABET.index(bare[1])
    known = ("", *CAUSES)
    return Outcome(cause=known[number] if number < len(known) else "other")


def _tag(key: bytes, handover: str, head: str) -> str:
    proof = hmac.digest(key, f"{handover} {head}".encode(), hashlib.sha256)
    number = int.from_bytes(proof[:8]) >> (64 - 5 * TAG)
    return "".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(TAG)))


def _check(body: str) -> str:
    """Return the letter that tells a slip: Luhn's sum over 32, which sees any one letter and most swaps."""
    total = 0
    for at, letter in enumerate(reversed(body)):
        value = ALPHABET.index(letter) * (1 if at % 2 else 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]
