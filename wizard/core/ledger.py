"""Which connections there are: one small file, written whole or not at all, never a secret in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from wizard.core import errors, files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SCHEMA = 2
"""The form this program writes; one with a higher number is left alone, with a lower one read as it is."""

HISTORY = 50
"""How many of a connection's latest events are kept."""

TESTED = ("passed", "later", "not_possible_here")
DELIVERED = ("not_needed", "no", "file_made", "sent", "confirmed", "refused")
WAITING_FOR = ("nobody", "you", "administrator", "partner", "vendor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What somebody gave: its secrets lie in the keychain under `items`, by field; `plain` are the others.

    One credential may serve several connections and goes with the last of them; the partner's own keys are
    credentials without any. `generation` rises with each renewal.
    """

    provider: str
    environment: str
    items: Mapping[str, str]
    generation: int = 1
    partner: bool = False
    method: str = ""
    plain: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One company reached with a credential, and its state in three facts.

    `company` holds `id`, `name`, `orgnr` and, under `ids`, further vendor ids. `since` is when it began to
    wait for somebody's approval, `until` when what it waits for is no longer valid. Times are ISO 8601, UTC.
    `history` holds what happened to it: `at`, `event` and, where it failed, `code`.
    """

    credential: str
    company: Mapping[str, object]
    tested: str
    delivered: str = "not_needed"
    waiting_for: str = "nobody"
    label: str = ""
    expect: str = ""
    made_at: str = ""
    tested_at: str = ""
    last_code: str = ""
    since: str = ""
    until: str = ""
    history: tuple[Mapping[str, str], ...] = ()

    def told(self, at: str, event: str, code: str = "") -> Connection:
        """Return the connection with one more event in its history."""
        fresh = {"at": at, "event": event, **({"code": code} if code else {})}
        return replace(self, history=(*self.history, fresh)[-HISTORY:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All that the ledger knows.

    `pending` are item names about to be written, `leaving` those about to be dropped: both are dropped at the
    next start if the program ended in between. `looks` are the times at which a vendor was lately asked in
    vain what must not be asked too often, by `waiting.place_of`.
    """

    credentials: Mapping[str, Credential] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    looks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def swept(self) -> Book:
        """Return the book without credentials that serve nothing any more; their items are leaving."""
        used = {one.credential for one in self.connections.values()}
        idle = {key: one for key, one in self.credentials.items() if not one.partner and key not in used}
        names = tuple(name for one in idle.values() for name in one.items.values())
        kept = {key: one for key, one in self.credentials.items() if key not in idle}
        return replace(self, credentials=kept, leaving=(*self.leaving, *names))


class Ledger:
    """The file. Reading never changes it; a change holds a lock that other processes respect."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = FileLock(file.with_suffix(".lock"), mode=0o600, thread_local=False)

    def read(self) -> Book:
        """Return the book, from the backup where the file is damaged or gone; without either it is empty.

        Raises `LedgerUnreadable` where what is there cannot be used, or is a newer program's.
        """
        for file in (self._file, self._backup):
            with contextlib.suppress(FileNotFoundError, _Damaged):
                return _decode(_bytes(file))
        if self._file.exists() or self._backup.exists():
            raise errors.LedgerUnreadable(file=self._file.name)
        return Book()

    def change(self, change: Callable[[Book], Book]) -> Book:
        """Write what `change` makes of the book, and return it; the caller holds the lock."""
        book = change(self.read())
        try:
            self._write(_encode(book))
        except OSError as caught:
            raise errors.LedgerUnwritable(file=self._file.name, number=caught.errno) from None
        return book

    def lock(self) -> bool:
        """Try to keep everybody else, in this process too, from changing the ledger; True if that is so now.

        Raises `LedgerUnwritable` where it cannot even be tried.
        """
        if self._lock.is_locked:
            return False
        try:
            files.make_private(self._file.parent)
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as caught:
            raise errors.LedgerUnwritable(file=self._file.name, number=caught.errno) from None
        return True

    def unlock(self) -> None:
        """Let others change the ledger again."""
        self._lock.release()

    @property
    def _backup(self) -> Path:
        return self._file.with_suffix(".bak")

    def _write(self, data: bytes) -> None:
        """Write the file, then the same once more as the backup; each is swapped in whole.

        So the file itself is whole at any moment; the backup is for a disk that damages it later.
        """
        files.write_whole(self._file, data)
        with contextlib.suppress(OSError):  # what counts is written; an older backup would be worse than none
            files.remove(self._backup)
            files.write_whole(self._backup, data)


class _Damaged(Exception):  # never leaves this module
    """The file is not what this program wrote."""


def _bytes(file: Path) -> bytes:
    try:
        return files.read(file)
    except FileNotFoundError:
        raise
    except OSError:
        raise errors.LedgerUnreadable(file=file.name) from None


def _encode(book: Book) -> bytes:
    body = {"schema": SCHEMA, **asdict(book)}
    text = json.dumps(body, ensure_ascii=False, indent=1)
    return f"{_digest(text)}\n{text}\n".encode()


def _decode(data: bytes) -> Book:
    try:
        digest, _, text = data.decode().partition("\n")
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise _Damaged from None
    if isinstance(body, dict) and isinstance(body.get("schema"), int) and body["schema"] > SCHEMA:
        raise errors.LedgerUnreadable(reason="newer")
    if digest != _digest(text.removesuffix("\n")):
        raise _Damaged
    try:
        return _book(body)
    except (AttributeError, KeyError, TypeError):  # whole, and yet not of this form
        raise _Damaged from None


def _book(body: dict[str, Any]) -> Book:
    return Book(
        credentials={key: Credential(**row) for key, row in body["credentials"].items()},
        connections={key: _connection(row) for key, row in body["connections"].items()},
        pending=tuple(body["pending"]),
        leaving=tuple(body["leaving"]),
        looks={place: tuple(times) for place, times in body.get("looks", {}).items()},
    )


def _connection(row: dict[str, Any]) -> Connection:
    one = Connection(**row)
    return replace(one, history=tuple(one.history))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
