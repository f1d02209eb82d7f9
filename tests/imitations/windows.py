"""An imitation of the Windows Credential Manager: its limit, its error numbers, its names."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.imitations.loading import load

LIMIT = 2560
"""CRED_MAX_CREDENTIAL_BLOB_SIZE, in bytes."""

TARGET = 32767
"""CRED_MAX_GENERIC_TARGET_NAME_LENGTH, in characters."""

DENIED, INVALID, NOT_FOUND, NO_SESSION, BAD_STUB = 5, 87, 1168, 1312, 1783


class Error(Exception):
    """`pywintypes.error`: the number, the function, and words in the machine's own language."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror, self.funcname, self.strerror = winerror, funcname, strerror


@dataclass
class Machine:
    """One user's credentials by target; `fails` is the number that every call ends in meanwhile."""

    credentials: dict[str, dict[str, Any]] = field(default_factory=dict)
    fails: int = 0
    calls: list[str] = field(default_factory=list)
    CRED_TYPE_GENERIC: int = 1
    CRED_PERSIST_SESSION: int = 1
    CRED_PERSIST_LOCAL_MACHINE: int = 2
    CRED_PERSIST_ENTERPRISE: int = 3

    __name__ = "win32cred"

    def find(self, name: str) -> Any:
        """Return keyring's real module over this machine."""
        assert name == "keyring.backends.Windows"
        types = SimpleNamespace(error=Error)
        return load(name, {"win32ctypes.pywin32": SimpleNamespace(pywintypes=types, win32cred=self)})

    def values(self) -> dict[str, str]:
        """Return every value that lies anywhere on this machine, by target."""
        return {name: one["CredentialBlob"].decode("utf-16-le") for name, one in self.credentials.items()}

    def CredWrite(self, Credential: dict[str, Any], Flags: int = 0) -> None:  # noqa: N803 - Windows' names
        self._call("CredWrite")
        blob = Credential["CredentialBlob"].encode("utf-16-le")
        target = Credential["TargetName"]
        if len(blob) > LIMIT:
            raise Error(BAD_STUB, "CredWrite", "Der Stub empfing falsche Daten")
        if "\x00" in target or not 0 < len(target) <= TARGET or Credential["Persist"] not in {1, 2, 3}:
            raise Error(INVALID, "CredWrite", "Falscher Parameter")
        self.credentials[target] = {**Credential, "CredentialBlob": blob}

    def CredRead(self, TargetName: str, Type: int) -> dict[str, Any]:  # noqa: N803 - as above
        self._call("CredRead")
        self._must_have(TargetName, "CredRead")
        return dict(self.credentials[TargetName])

    def CredDelete(self, TargetName: str, Type: int) -> None:  # noqa: N803 - as above
        self._call("CredDelete")
        self._must_have(TargetName, "CredDelete")
        del self.credentials[TargetName]

    def _must_have(self, target: str, function: str) -> None:
        if target not in self.credentials:
            raise Error(NOT_FOUND, function, "Element nicht gefunden")

    def _call(self, function: str) -> None:
        self.calls.append(function)
        if self.fails:
            raise Error(self.fails, function, "Unbekannter Fehler")
