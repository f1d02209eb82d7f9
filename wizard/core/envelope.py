"""Values too long for a keychain: sealed in a file each, the key to which lies in the keychain."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core import files

if TYPE_CHECKING:
    from pathlib import Path

MARK = "koble-sealed-1:"
"""What a keychain item begins with that holds a key to a file, and not the value itself."""

_FORM = b"KOBLE-SEALED-1\n"
_KEY, _NONCE = 32, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A folder with a file for each long value, encrypted with AES-256-GCM.

    The key is new with each value and is returned, to be kept in the keychain; it is written nowhere else.
    A file is named after the item that it belongs to and bound to that name, so that two cannot be swapped;
    whoever knows the item's name can drop the file. Each method may raise `OSError`.
    """

    folder: Path

    def seal(self, name: str, text: str) -> str:
        """Write the value, whole or not at all; return what to keep in the keychain under that name."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # few installations need it

        key, nonce = secrets.token_bytes(_KEY), secrets.token_bytes(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound(name))
        files.make_private(self.folder)
        files.write_whole(self._file(name), _FORM + nonce + sealed)
        return MARK + base64.b64encode(key).decode()

    def open(self, name: str, kept: str) -> str | None:
        """Return the value, or None where the file is gone or is not what was written for that item."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        with contextlib.suppress(FileNotFoundError, ValueError, InvalidTag):
            before, begun, data = files.read(self._file(name)).partition(_FORM)
            key = base64.b64decode(kept.removeprefix(MARK), validate=True)
            if begun and not before:
                return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], _bound(name)).decode()
        return None

    def drop(self, name: str) -> None:
        """Remove what was written for that item, or was about to be; it may be gone already."""
        file = self._file(name)
        for one in (file, file.with_name(f"{file.name}.new")):  # as `files` calls what is not whole yet
            files.remove(one)

    def _file(self, name: str) -> Path:
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.sealed"


def _bound(name: str) -> bytes:
    """Return what a file is bound to: its form and its item's name, which no other item ever has."""
    return _FORM + name.encode()
