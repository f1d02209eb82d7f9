"""The keychain: where secrets lie, and another of the three places that take one out.

A call into a keychain may block for as long as a person does not answer its prompt, so each runs on one
thread of its own and is waited for with a deadline. No call follows at once on one that a person refused, or
each would ask again. What is too long for the keychain lies in an `Envelope`, its key here. The backend is
picked by class: `keyring.get_keyring()` would obey environment variables and files that can redirect it or
run code.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import secrets
import sys
import threading
import time
import weakref
from concurrent.futures import Future
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from wizard.core import errors
from wizard.core.envelope import MARK
from wizard.core.errors import VaultError
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wizard.core.envelope import Envelope

T = TypeVar("T")

PATIENCE = 60.0
"""How long the operating system may ask its user before we give up, in seconds."""

UNATTENDED = 5.0
"""The same where there is no display on which it could ask."""

PROBE = 3.0
"""How long the keychain may take to be there at all, in seconds: nobody is asked anything yet."""

NOTICE = 1.0
"""How long a call takes before it is said that the system is asking, in seconds: unasked it takes none."""

QUIET = 1.0
"""How long after a refusal no call is made, in seconds: those that stood in line would all ask again."""

WINDOWS_LIMIT = 1280
"""The most a Windows credential holds, in UTF-16 units (2560 bytes)."""

_COPIES = 2
"""How many of one item there may be: on Windows a second under a name that keyring makes."""

_BACKENDS = {
    "linux": ("keyring.backends.SecretService", "Keyring"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
    "darwin": ("keyring.backends.macOS", "Keyring"),
}
_OWNER = "koble"
_LIMITS = {"win32": WINDOWS_LIMIT}
_BY_NUMBER: dict[int, tuple[type[VaultError], str]] = {
    5: (errors.KeychainDenied, "rules"),
    1168: (errors.KeychainMissing, ""),
    1312: (errors.KeychainAbsent, "no_session"),
    1783: (errors.KeychainTooLong, ""),
    -61: (errors.KeychainReadOnly, ""),
    -128: (errors.KeychainDenied, "said_no"),
    -25244: (errors.KeychainDenied, "of_another"),
    -25292: (errors.KeychainReadOnly, ""),
    -25293: (errors.KeychainDenied, "password"),
    -25300: (errors.KeychainMissing, ""),
    -25307: (errors.KeychainAbsent, "no_default"),
    -25308: (errors.KeychainLocked, "no_question"),
    -34018: (errors.KeychainDenied, "entitlement"),
    -67030: (errors.KeychainDenied, "signature"),
}
_WHOSE = {"rules": "it", "entitlement": "us", "signature": "us"}
_BY_NAME: dict[str, tuple[type[VaultError], str]] = {
    "KeyringLocked": (errors.KeychainLocked, "dismissed"),
    "LockedException": (errors.KeychainLocked, "dismissed"),
    "PromptDismissedException": (errors.KeychainLocked, "dismissed"),
    "NoKeyringError": (errors.KeychainAbsent, ""),
    "InitError": (errors.KeychainAbsent, "not_started"),
    "TimeoutError": (errors.KeychainAbsent, "silent"),
    "SecretServiceNotAvailableException": (errors.KeychainAbsent, ""),
    "ConnectionResetError": (errors.KeychainAbsent, ""),
    "ConnectionRefusedError": (errors.KeychainAbsent, ""),
    "ModuleNotFoundError": (errors.KeychainAbsent, ""),
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

    def when_asking(self, tell: Callable[[bool], None]) -> None:
        """Have it told, in any thread, when the system begins to ask its user, and when that is over."""

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

    def when_asking(self, tell: Callable[[bool], None]) -> None:
        """Do nothing: memory asks nobody."""

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


def _ignore(_: bool) -> None: ...  # noqa: FBT001 - as it is told


@dataclass(slots=True)
class Keychain:
    """The operating system's keychain. `open` makes the backend, on the worker's thread, at first use.

    `limit` is the most that an item holds, in UTF-16 units, or None where there is no such limit; what is
    longer goes into the `envelope`, if there is one. `quiet` is how long no call is made after a refusal.
    """

    open: Callable[[], Backend] = field(default_factory=lambda: lambda: backend(sys.platform))
    platform: str = sys.platform
    patience: float = PATIENCE
    place: str = "keychain"
    envelope: Envelope | None = None
    limit: int | None = None
    quiet: float = QUIET
    _worker: _Worker = field(default_factory=lambda: _Worker())  # noqa: PLW0108 - defined further down
    _backend: Backend | None = None
    _hanging: tuple[Future[Any], VaultError] | None = None
    _refusal: tuple[float, VaultError] | None = None
    _asking: int = 0
    _tell: Callable[[bool], None] = _ignore

    def __post_init__(self) -> None:
        self.limit = self.limit or _LIMITS.get(self.platform)

    def when_asking(self, tell: Callable[[bool], None]) -> None:
        """Have it told, in any thread, when the system begins to ask its user, and when that is over."""
        self._tell = tell

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
        """Return the values that are there and can be read."""
        found = {name: await self._call(lambda name=name: self._get(name)) for name in names}  # type: ignore[misc]
        return {name: Secret(value) for name, value in found.items() if value is not None}

    async def drop(self, names: Iterable[str]) -> None:
        """Forget the values; one that is not there is as good as dropped."""
        for name in names:
            await self._call(lambda name=name: self._delete(name))  # type: ignore[misc]

    async def _drop_quietly(self, names: Iterable[str]) -> None:
        """Drop what can be dropped; behind a call that hangs it stands in line, and nobody waits for it."""
        queued = [
            self._worker.submit(lambda name=name: self._settled(lambda: self._delete(name)))  # type: ignore[misc]
            for name in names
        ]
        if not self._hangs():
            waited = [asyncio.wrap_future(one) for one in queued]
            await asyncio.wait(waited, timeout=self.patience)
            _ = [
                one.exception() for one in waited if one.done() and not one.cancelled()
            ]  # looked at, so silent

    def _hangs(self) -> VaultError | None:
        """Return what a call that hangs was given up with, or None where none hangs."""
        future, error = self._hanging or (None, None)
        return error if future and not future.done() else None

    async def _call(self, act: Callable[[], T]) -> T:
        """Do it on the worker; raises `VaultError`: after our patience, at once behind a call that hangs."""
        if not self._backend:
            await self._wait(self._open, PROBE, errors.KeychainAbsent(reason="silent"))
        with self._told():
            return await self._wait(act, self.patience, errors.KeychainLocked(waited=round(self.patience)))

    async def _wait(self, act: Callable[[], T], seconds: float, late: VaultError) -> T:
        hangs = self._hangs()
        if hangs:
            raise _again(hangs)
        future = self._worker.submit(lambda: self._settled(act))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError:
            if not self._hangs():
                self._hanging = (future, late)
            raise late from None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell when this takes so long that the system must be asking its user, and when it ends."""
        told: list[bool] = []

        def tell() -> None:
            told.append(True)
            self._count(1)

        waiting = asyncio.get_running_loop().call_later(NOTICE, tell)
        try:
            yield
        finally:
            waiting.cancel()
            if told:
                self._count(-1)

    def _count(self, more: int) -> None:
        before, self._asking = self._asking, self._asking + more
        if bool(before) != bool(self._asking):
            self._tell(bool(self._asking))

    def _settled(self, act: Callable[[], T]) -> T:
        """Do it, on the worker: not just after a refusal, and with an error of ours for any it ends in."""
        until, refusal = self._refusal or (0.0, None)
        if refusal and time.monotonic() < until:
            raise _again(refusal)
        try:
            return act()
        except Exception as caught:  # noqa: BLE001 - a backend raises what its platform does, keyring's or not
            error = classify(caught)
            if _is_refusal(error):
                self._refusal = (time.monotonic() + self.quiet, error)
            raise error from None

    def _write(self, name: str, secret: Secret) -> None:
        self._open().set_password(name, _OWNER, self._fitting(name, secret.reveal()))
        back = self._get(name)
        if back is None or Secret(back) != secret:
            raise errors.KeychainLied

    def _try(self, name: str) -> None:
        try:
            self._write(name, Secret(secrets.token_hex(16)))
        except Exception as caught:
            if not _is_refusal(classify(caught)):
                with contextlib.suppress(Exception):  # the first thing that failed says more
                    self._delete(name)
            raise
        self._delete(name)

    def _get(self, name: str) -> str | None:
        """Return a value, or None where it is gone or cannot be made sense of."""
        try:
            kept = self._open().get_password(name, _OWNER)
        except UnicodeDecodeError:
            return None
        if kept is None or not self.envelope or not kept.startswith(MARK):
            return kept
        with _no_file():
            return self.envelope.open(name, kept)

    def _delete(self, name: str) -> None:
        """Delete an item, and see that it is gone; the file that it is the key of goes last."""
        copies = 0
        while self._is_there(name):
            copies += 1
            if copies > _COPIES:
                raise errors.KeychainLied(reason="not_deleted")
            self._delete_one(name)
        if self.envelope:
            with _no_file():
                self.envelope.drop(name)

    def _delete_one(self, name: str) -> None:
        try:
            self._open().delete_password(name, _OWNER)
        except Exception as caught:
            if _is_refusal(classify(caught)) or self._is_there(name):  # else somebody else was quicker
                raise

    def _is_there(self, name: str) -> bool:
        try:
            return self._open().get_password(name, _OWNER) is not None
        except UnicodeDecodeError:
            return True

    def _open(self) -> Backend:
        self._backend = self._backend or self.open()
        return self._backend

    def _fitting(self, name: str, value: str) -> str:
        """Return what to keep for a value: itself, or the key of the envelope that it is put into."""
        if not self.envelope or not (self._is_too_long(value) or value.startswith(MARK)):
            return value
        with _no_file():
            return self.envelope.seal(name, value)

    def _check_length(self, secret: Secret) -> None:
        if not self.envelope and self._is_too_long(secret.reveal()):
            raise errors.KeychainTooLong(limit=self.limit)

    def _is_too_long(self, value: str) -> bool:
        return self.limit is not None and len(value.encode("utf-16-le")) // 2 > self.limit


def _again(error: VaultError) -> VaultError:
    """Return the same error, without where it was raised before."""
    return type(error)(error.facts)


def _is_refusal(error: VaultError) -> bool:
    """Tell whether a person was asked in vain, or could not be: the next call would ask again."""
    return isinstance(error, errors.KeychainLocked) or error.facts.get("reason") in {"said_no", "password"}


@contextlib.contextmanager
def _no_file() -> Iterator[None]:
    """Raise `KeychainDenied` where the file of an envelope cannot be written, read or removed."""
    try:
        yield
    except OSError as caught:
        raise errors.KeychainDenied(reason="file", number=caught.errno) from None


def backend(platform: str, find: Callable[[str], Any] = import_module) -> Backend:
    """Return the one backend that a platform may use; raises `KeychainAbsent` where it cannot work.

    `find` returns a module by its name. keyring would let `KEYRING_PROPERTY_…` variables set any attribute,
    and `KEYCHAIN_PATH` one on macOS; here they are not heeded.
    """
    module, name = _BACKENDS.get(platform, _BACKENDS["linux"])
    kind = getattr(find(module), name)
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
    if isinstance(caught, VaultError):
        return caught
    chain = tuple(_chain(caught))
    number = next((part for one in chain for part in _numbers(one) if part in _BY_NUMBER), None)
    if number is not None:
        kind, reason = _BY_NUMBER[number]
        return kind({"number": number, **_facts(reason)})
    known = (_BY_NAME[type(one).__name__] for one in chain if type(one).__name__ in _BY_NAME)
    kind, reason = next(known, (errors.KeychainDenied, ""))
    return kind({"kind": type(caught).__name__, **_facts(reason)})


def _facts(reason: str) -> dict[str, str]:
    """Return what is known by a reason: the reason itself, and with whom it lies where that is another."""
    named = {"reason": reason} if reason else {}
    return named | ({"whose": _WHOSE[reason]} if reason in _WHOSE else {})


def _chain(caught: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what it came from: keyring puts its own around the platform's."""
    while caught is not None:
        yield caught
        caught = caught.__cause__ or caught.__context__


def _numbers(caught: BaseException) -> list[int]:
    """Return the error numbers in an exception: its `winerror`, and any whole number among its arguments."""
    parts = [getattr(caught, "winerror", None), *caught.args]
    return [part for part in parts if isinstance(part, int)]


class _Worker:
    """One thread for all calls into a keychain, so that prompts come one at a time.

    A daemon: a call that hangs in a prompt must not keep the program from ending. The thread ends once nobody
    can give it work any more.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        weakref.finalize(self, self._waiting.put, None).atexit = False

    def submit(self, act: Callable[[], T]) -> Future[T]:
        """Run it when its turn comes; a wait that was given up before then takes it out of the line."""
        future: Future[T] = Future()
        self._waiting.put(lambda: _run(future, act))
        if not self._thread:
            self._thread = threading.Thread(
                target=_work, args=(self._waiting,), name="koble-keychain", daemon=True
            )
            self._thread.start()
        return future


def _work(waiting: queue.SimpleQueue[Callable[[], None] | None]) -> None:
    while _took(waiting.get()):
        pass


def _took(act: Callable[[], None] | None) -> bool:
    """Do it, and keep nothing of it: a thread that waits must not hold the keychain it works for."""
    if act:
        act()
    return act is not None


def _run(future: Future[T], act: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = act()
    except BaseException as caught:  # noqa: BLE001 - whatever it is belongs to the one who waits
        future.set_exception(caught)
    else:
        future.set_result(result)
