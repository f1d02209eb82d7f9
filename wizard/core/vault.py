"""The keychain: where secrets lie, and the other of the two places that take one out.

A call into a keychain may block for as long as a person does not answer its prompt, so each runs on one
thread of its own and is waited for with a deadline. The backend is picked by class: `keyring.get_keyring()`
would obey environment variables and files that can redirect it or run code.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import secrets
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from wizard.core import errors
from wizard.core.errors import VaultError
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

T = TypeVar("T")

PATIENCE = 60.0
"""How long the operating system may ask its user before we give up, in seconds."""

UNATTENDED = 5.0
"""The same where there is no display on which it could ask."""

WINDOWS_LIMIT = 1280
"""The most a Windows credential holds, in UTF-16 units (2560 bytes)."""

_BACKENDS = {
    "linux": ("keyring.backends.SecretService", "Keyring"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
    "darwin": ("keyring.backends.macOS", "Keyring"),
}
_OWNER = "koble"
_BY_NUMBER: dict[int, type[VaultError]] = {
    5: errors.KeychainDenied,
    1312: errors.KeychainAbsent,
    1783: errors.KeychainTooLong,
    -128: errors.KeychainDenied,
    -25293: errors.KeychainDenied,
    -25244: errors.KeychainDenied,
    -67030: errors.KeychainDenied,
    -34018: errors.KeychainDenied,
    -25307: errors.KeychainAbsent,
    -25308: errors.KeychainLocked,
    -61: errors.KeychainReadOnly,
    -25292: errors.KeychainReadOnly,
}


class Backend(Protocol):
    """What a keychain must be able to do: keyring's own interface."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the value, or None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the value."""

    def delete_password(self, service: str, username: str) -> None:
        """Drop the value; raises where there is none."""


class Vault(Protocol):
    """Where secrets are kept, by item name; each call may raise `VaultError`."""

    place: str

    async def trial(self) -> None:
        """Write, read and delete a random value: proves that keeping would work."""

    async def keep(self, items: Mapping[str, Secret]) -> None:
        """Keep all or none, each read back and compared."""

    async def read(self, names: Iterable[str]) -> dict[str, Secret]:
        """Return the values that are there."""

    async def drop(self, names: Iterable[str]) -> None:
        """Forget the values; one that is not there is as good as dropped."""


class MemoryVault:
    """Keeps until the process ends, and nowhere: for practice and for `--store memory`."""

    place = "memory"

    def __init__(self) -> None:
        self.items: dict[str, Secret] = {}

    async def trial(self) -> None:
        """Do nothing: memory always works."""

    async def keep(self, items: Mapping[str, Secret]) -> None:
        """Keep all."""
        self.items.update(items)

    async def read(self, names: Iterable[str]) -> dict[str, Secret]:
        """Return the values that are there."""
        return {name: self.items[name] for name in names if name in self.items}

    async def drop(self, names: Iterable[str]) -> None:
        """Forget the values."""
        for name in names:
            self.items.pop(name, None)


@dataclass(slots=True)
class Keychain:
    """The operating system's keychain. `open` makes the backend, on the worker's thread, at first use."""

    open: Callable[[], Backend] = field(default_factory=lambda: lambda: backend(sys.platform))
    platform: str = sys.platform
    patience: float = PATIENCE
    place: str = "keychain"
    _worker: _Worker = field(default_factory=lambda: _Worker())  # noqa: PLW0108 - defined further down
    _backend: Backend | None = None
    _hanging: Future[Any] | None = None

    async def trial(self) -> None:
        """Write, read and delete a random value: proves that keeping would work."""
        await self._call(lambda: self._try(f"koble trial {secrets.token_hex(8)}"))

    async def keep(self, items: Mapping[str, Secret]) -> None:
        """Keep all or none, each read back and compared."""
        for secret in items.values():
            self._check_length(secret)
        try:
            for name, secret in items.items():
                await self._call(lambda name=name, secret=secret: self._write(name, secret))  # type: ignore[misc]
        except VaultError:
            await self._drop_quietly(items)
            raise

    async def read(self, names: Iterable[str]) -> dict[str, Secret]:
        """Return the values that are there."""
        found = {name: await self._call(lambda name=name: self._get(name)) for name in names}  # type: ignore[misc]
        return {name: Secret(value) for name, value in found.items() if value is not None}

    async def drop(self, names: Iterable[str]) -> None:
        """Forget the values; one that is not there is as good as dropped."""
        for name in names:
            await self._call(lambda name=name: self._delete(name))  # type: ignore[misc]

    async def _drop_quietly(self, names: Iterable[str]) -> None:
        """Drop what can be dropped; behind a call that hangs it stands in line, and nobody waits for it."""
        queued = [self._worker.submit(lambda name=name: self._delete(name)) for name in names]  # type: ignore[misc]
        if not self._is_hanging():
            waited = [asyncio.wrap_future(one) for one in queued]
            await asyncio.wait(waited, timeout=self.patience)
            _ = [
                one.exception() for one in waited if one.done() and not one.cancelled()
            ]  # looked at, so silent

    def _is_hanging(self) -> bool:
        return self._hanging is not None and not self._hanging.done()

    async def _call(self, act: Callable[[], T]) -> T:
        """Do it on the worker; `KeychainLocked` after our patience, or at once behind a call that hangs."""
        if self._is_hanging():
            raise errors.KeychainLocked(waited=0)
        future = self._worker.submit(act)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.patience)
        except TimeoutError:
            self._hanging = self._hanging if self._is_hanging() else future
            raise errors.KeychainLocked(waited=round(self.patience)) from None
        except VaultError:
            raise
        except Exception as caught:  # noqa: BLE001 - a backend raises what its platform does, keyring's or not
            raise classify(caught) from None

    def _write(self, name: str, secret: Secret) -> None:
        self._open().set_password(name, _OWNER, secret.reveal())
        back = self._get(name)
        if back is None or Secret(back) != secret:
            raise errors.KeychainLied

    def _try(self, name: str) -> None:
        try:
            self._write(name, Secret(secrets.token_hex(16)))
        except Exception:
            with contextlib.suppress(Exception):  # the first thing that failed says more
                self._delete(name)
            raise
        self._delete(name)

    def _get(self, name: str) -> str | None:
        return self._open().get_password(name, _OWNER)

    def _delete(self, name: str) -> None:
        if self._get(name) is not None:
            self._open().delete_password(name, _OWNER)

    def _open(self) -> Backend:
        self._backend = self._backend or self.open()
        return self._backend

    def _check_length(self, secret: Secret) -> None:
        units = len(secret.reveal().encode("utf-16-le")) // 2
        if self.platform == "win32" and units > WINDOWS_LIMIT:
            raise errors.KeychainTooLong(limit=WINDOWS_LIMIT)


def backend(platform: str) -> Backend:
    """Return the one backend that a platform may use; raises `KeychainAbsent` where it cannot work.

    keyring would let `KEYRING_PROPERTY_…` variables set any attribute, and `KEYCHAIN_PATH` one on macOS; here
    they are not heeded.
    """
    module, name = _BACKENDS.get(platform, _BACKENDS["linux"])
    kind = getattr(import_module(module), name)
    plain: Any = type(name, (kind,), {"set_properties_from_env": lambda _: None, "keychain": None})
    try:
        _ = plain.priority  # keyring's way to ask whether a backend can work here
    except Exception:  # noqa: BLE001 - it asks the system, and says no in any way
        raise errors.KeychainAbsent from None
    made: Backend = plain()
    if platform == "win32":
        made.persist = "local machine"  # type: ignore[attr-defined]  # else it roams with the user's profile
    return made


def classify(caught: BaseException) -> VaultError:
    """Return what a keychain's own exception means: by its number where it has one, else by its class."""
    chain = tuple(_chain(caught))
    number = next((part for one in chain for part in _numbers(one) if part in _BY_NUMBER), None)
    if number is not None:
        return _BY_NUMBER[number](number=number)
    named = next((_BY_NAME[type(one).__name__] for one in chain if type(one).__name__ in _BY_NAME), None)
    return (named or errors.KeychainDenied)(kind=type(caught).__name__)


def _chain(caught: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what it came from: keyring puts its own around the platform's."""
    while caught is not None:
        yield caught
        caught = caught.__cause__ or caught.__context__


_BY_NAME: dict[str, type[VaultError]] = {
    "KeyringLocked": errors.KeychainLocked,
    "LockedException": errors.KeychainLocked,
    "PromptDismissedException": errors.KeychainLocked,
    "NoKeyringError": errors.KeychainAbsent,
    "InitError": errors.KeychainAbsent,
    "SecretServiceNotAvailableException": errors.KeychainAbsent,
    "ConnectionResetError": errors.KeychainAbsent,
    "ConnectionRefusedError": errors.KeychainAbsent,
    "ModuleNotFoundError": errors.KeychainAbsent,
}


def _numbers(caught: BaseException) -> list[int]:
    """Return the error numbers in an exception: its `winerror`, and any whole number among its arguments."""
    parts = [getattr(caught, "winerror", None), *caught.args]
    return [part for part in parts if isinstance(part, int)]


class _Worker:
    """One thread for all calls into a keychain, so that prompts come one at a time.

    A daemon: a call that hangs in a prompt must not keep the program from ending.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, act: Callable[[], T]) -> Future[T]:
        """Run it when its turn comes; a wait that was given up before then takes it out of the line."""
        future: Future[T] = Future()
        self._waiting.put(lambda: _run(future, act))
        if not self._thread:
            self._thread = threading.Thread(target=self._work, name="koble-keychain", daemon=True)
            self._thread.start()
        return future

    def _work(self) -> None:
        while True:
            self._waiting.get()()


def _run(future: Future[T], act: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = act()
    except BaseException as caught:  # noqa: BLE001 - whatever it is belongs to the one who waits
        future.set_exception(caught)
    else:
        future.set_result(result)
