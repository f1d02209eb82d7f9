"""An imitation of macOS's Security framework, beneath keyring's real calls into it through `ctypes`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.imitations.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_FOUND, DUPLICATE, PARAMETER = -25300, -25299, -50
_CLASS, _SERVICE, _ACCOUNT = "kSecClass", "kSecAttrService", "kSecAttrAccount"


class Killed(BaseException):
    """The program ended here."""


class _Arrays(type):
    def __mul__(cls, length: int) -> Callable[..., list[object]]:
        def array(*values: object) -> list[object]:
            assert len(values) == length
            return list(values)

        return array


class Pointer(metaclass=_Arrays):
    """`c_void_p`: points at whatever was put there; there are arrays of it too."""

    def __init__(self) -> None:
        self.at: Any = None

    @staticmethod
    def in_dll(_: object, name: str) -> str:
        """Return a constant of the framework: its name will do."""
        return name


class _Function:
    """A function of a library, on which `ctypes` sets what it takes and returns."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self._act = act
        self.restype: Any = None
        self.argtypes: Any = None

    def __call__(self, *values: Any) -> Any:
        return self._act(*values)


@dataclass
class Mac:
    """One user's login keychain. `fails` is what every call ends in; `killed_after` ends the program.

    It is the number of calls that change the keychain after which no more happen.
    """

    items: dict[tuple[str, str], bytes] = field(default_factory=dict)
    fails: int = 0
    killed_after: int = 1 << 30
    system: str = "Darwin"

    def find(self, name: str) -> Any:
        """Return keyring's real module over this machine."""
        assert name == "keyring.backends.macOS"
        api = load(
            f"{name}.api", {"ctypes": self._ctypes(), "ctypes.util": SimpleNamespace(find_library=str)}
        )
        platform = SimpleNamespace(system=lambda: self.system)
        return load(name, {".": SimpleNamespace(api=api), "platform": platform})

    def _ctypes(self) -> Any:
        return SimpleNamespace(
            CDLL=lambda _: self._library(),
            byref=lambda value: value,
            c_int32=lambda value=0: value,
            c_uint32=int,
            c_void_p=Pointer,
            string_at=lambda data, length: data[:length],
        )

    def _library(self) -> Any:
        functions: dict[str, Callable[..., Any]] = {
            "CFDictionaryCreate": lambda _, keys, values, *more: dict(zip(keys, values, strict=True)),
            "CFStringCreateWithCString": lambda _, text, encoding: text.partition(b"\0")[0].decode(),
            "CFNumberCreate": lambda _, kind, value: value,
            "CFDataGetBytePtr": lambda data: data.at,
            "CFDataGetLength": lambda data: len(data.at),
            "SecItemAdd": self._add,
            "SecItemCopyMatching": self._match,
            "SecItemDelete": self._delete,
        }
        constants = {"kCFTypeDictionaryKeyCallBacks": None, "kCFTypeDictionaryValueCallBacks": None}
        return SimpleNamespace(**{name: _Function(act) for name, act in functions.items()}, **constants)

    def _add(self, query: dict[str, Any], _: None) -> int:
        self._change()
        at = self._at(query)
        if self.fails or at in self.items:
            return self.fails or DUPLICATE
        self.items[at] = query["kSecValueData"].encode()
        return 0

    def _match(self, query: dict[str, Any], out: Pointer) -> int:
        at = self._at(query)
        if self.fails or at not in self.items:
            return self.fails or NOT_FOUND
        out.at = self.items[at]
        return 0

    def _delete(self, query: dict[str, Any]) -> int:
        self._change()
        at = self._at(query)
        if self.fails or at not in self.items:
            return self.fails or NOT_FOUND
        del self.items[at]
        return 0

    def _change(self) -> None:
        self.killed_after -= 1
        if self.killed_after < 0:
            raise Killed

    def _at(self, query: dict[str, Any]) -> tuple[str, str]:
        assert query[_CLASS] == "kSecClassGenericPassword"
        return query[_SERVICE], query[_ACCOUNT]
