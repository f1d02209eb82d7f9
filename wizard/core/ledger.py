"""Which connections there are: one small file, written whole or not at all, never a secret in it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from wizard.core import errors, files
from wizard.core.migrate import SCHEMA, known_part, migrated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from wizard.core.errors import Facts

HISTORY = 50
"""How many of a connection's latest events are kept."""

TESTED = ("passed", "later", "not_possible_here")
DELIVERED = ("not_needed", "no", "file_made", "sent", "confirmed", "refused")
WAITING_FOR = ("nobody", "you", "administrator", "partner", "vendor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What somebody gave: its secrets lie in the keychain under `items`, by field; `plain` are the others.

    One credential may serve several connections and goes with the last of them; the partner's own keys are
    credentials without any. No item's name is ever used twice; `generation` counts a partner key's renewals.
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
    `history` holds what happened to it: `at`, `event` and, where it failed, `code`. `reference` is that of
    the start file that it was made with; `consent` holds `text` (its version), `name` and `at`, or nothing.
    `contact` is where its owner wants to be written to, `expires` the day from which the key no longer works,
    as its owner was told it, and `options` what the partner's preset asked for, by name.
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
    reference: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""
    expires: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Mapping[str, str], ...] = ()

    def told(self, at: str, event: str, code: str = "") -> Connection:
        """Return the connection with one more event in its history."""
        fresh = {"at": at, "event": event, **({"code": code} if code else {})}
        return replace(self, history=(*self.history, fresh)[-HISTORY:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A hand-over as its sender knows it: which connections with which credential, and what came of it.

    `proof` is what its reply codes are checked with (decision 30); `after` says whether the keys go once the
    partner has them: `forget` or `keep`. `state` has been one of `DELIVERED` since `at`.
    """

    connections: Mapping[str, str]
    at: str
    proof: str
    reference: str = ""
    after: str = "forget"
    state: str = "file_made"
    cause: str = ""


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
    parcels: Mapping[str, Parcel] = field(default_factory=dict)

    def swept(self) -> Book:
        """Return the book without credentials that serve nothing any more; their items are leaving."""
        used = {one.credential for one in self.connections.values()}
        idle = {key: one for key, one in self.credentials.items() if not one.partner and key not in used}
        names = tuple(name for one in idle.values() for name in one.items.values())
        kept = {key: one for key, one in self.credentials.items() if key not in idle}
        return replace(self, credentials=kept, leaving=(*self.leaving, *names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A book as it was found.

    `damaged` where the list itself is damaged or gone, and the book comes from its copy. `schema` is the form
    that it has on the disk: an older one is brought forward, of a newer one this is what we know.
    """

    book: Book
    schema: int = SCHEMA
    damaged: bool = False

    @property
    def newer(self) -> bool:
        """Whether a newer Koble wrote it, so that it is not to be written over."""
        return self.schema > SCHEMA


class Ledger:
    """The file. Reading never changes it; a change holds a lock that other processes respect."""

    def __init__(self, file: Path) -> None:
        from filelock import FileLock  # 15 ms that the window's first page need not wait for

        self._file = file
        self._lock = FileLock(file.with_suffix(".lock"), mode=0o600, thread_local=False)

    def read(self) -> Book:
        """Return the book, from the copy where the list is damaged or gone; without either it is empty.

        Raises `LedgerUnreadable` where what is there cannot be used.
        """
        return self.look().book

    def look(self) -> Seen:
        """Return the book, and how it was found; raises `LedgerUnreadable`."""
        damaged = False
        for file in (self._file, self._backup):
            try:
                return replace(_decode(_bytes(file)), damaged=file is not self._file)
            except FileNotFoundError:
                continue
            except _Damaged:
                damaged = True
        if damaged:
            raise errors.LedgerUnreadable(reason="damaged", file=self._file.name)
        return Seen(book=Book())

    def change(self, change: Callable[[Book], Book]) -> Book:
        """Write what `change` makes of the book, and return it; the caller holds the lock.

        What was damaged is kept beside, and what an older Koble wrote too. Raises `LedgerUnreadable`, also
        where a newer one wrote it, or `LedgerUnwritable`: then it is as it was.
        """
        seen = self.look()
        if seen.newer:
            raise errors.LedgerUnreadable(reason="newer")
        book = change(seen.book)
        with self._writing():
            self._keep_what_was(seen)
            self._write(_encode(book))
        return book

    def rebuild(self) -> tuple[str, ...]:
        """Begin an empty list where there is one that cannot be used, and return the files it is kept in now.

        The caller holds the lock. Raises `LedgerUnreadable` where it may be whole, or `LedgerUnwritable`.
        """
        try:
            self.look()
        except errors.LedgerUnreadable as error:
            if error.facts["reason"] != "damaged":
                raise
            with self._writing():
                kept = tuple(self._set_aside(file) for file in (self._file, self._backup) if file.exists())
                self._write(_encode(Book()))
            return kept
        return ()

    def is_even(self) -> bool:
        """Tell whether the list and its copy are the same, as they are if nothing came between them."""
        return _content(self._file) == _content(self._backup)

    def lock(self) -> bool:
        """Try to keep everybody else, in this process too, from changing the ledger; True if that is so now.

        Raises `LedgerUnwritable` where it cannot even be tried.
        """
        from filelock import Timeout

        if self._lock.is_locked:
            return False
        try:
            with self._writing():
                files.make_private(self._file.parent)
                self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def unlock(self) -> None:
        """Let others change the ledger again."""
        self._lock.release()

    @property
    def _backup(self) -> Path:
        return self._file.with_suffix(".bak")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what the system says no with into `LedgerUnwritable`, by what can be done about it."""
        from filelock import Timeout

        try:
            yield
        except Timeout:  # an OSError too: somebody else has the lock
            raise
        except OSError as caught:
            facts: Facts = {"file": self._file.name, "number": caught.errno}
            reason = _REASONS.get(caught.errno or 0)
            raise errors.LedgerUnwritable({**facts, "reason": reason} if reason else facts) from None

    def _write(self, data: bytes) -> None:
        """Write the file, then the same once more as its copy; each is swapped in whole.

        So the file itself is whole at any moment; the copy is for a disk that damages it later.
        """
        files.write_whole(self._file, data)
        with contextlib.suppress(OSError):  # what counts is written; an older copy would be worse than none
            files.remove(self._backup)
        with contextlib.suppress(OSError):
            files.write_whole(self._backup, data)

    def _keep_what_was(self, seen: Seen) -> None:
        """Keep beside what the next writing would take away: a damaged list, or one in an older form."""
        if seen.damaged and self._file.exists():
            self._set_aside(self._file)
        older = self._file.with_suffix(f".bak-v{seen.schema}")
        if seen.schema < SCHEMA and not older.exists():
            files.write_whole(older, files.read(self._backup if seen.damaged else self._file))

    def _set_aside(self, file: Path) -> str:
        """Give a damaged file a name that none has yet, and return that."""
        names = (file.with_name(f"{file.name}.damaged-{number}") for number in count(1))
        free = next(name for name in names if not name.exists())
        files.patiently(lambda: file.rename(free))
        return free.name


_REASONS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "not_allowed"),
}
"""Why a list cannot be written, where something can be done about it."""


class _Damaged(Exception):  # never leaves this module
    """The file is not what this program wrote."""


def _bytes(file: Path) -> bytes:
    """Return a file's content; what cannot be read now may be whole all the same, unless the disk failed."""
    try:
        return files.read(file)
    except FileNotFoundError:
        raise
    except OSError as caught:
        if caught.errno in {errno.EIO, errno.EISDIR}:
            raise _Damaged from None
        raise errors.LedgerUnreadable(reason="shut", file=file.name, number=caught.errno) from None


def _content(file: Path) -> bytes | None:
    try:
        return files.read(file)
    except OSError:
        return None


def _encode(book: Book) -> bytes:
    body = {"schema": SCHEMA, **asdict(book)}
    text = json.dumps(body, ensure_ascii=False, indent=1)
    return f"{_digest(text)}\n{text}\n".encode()


def _decode(data: bytes) -> Seen:
    """Return what is in a file. Its first line is the SHA-256 of the rest, in every form there will be."""
    try:
        digest, _, text = data.decode().partition("\n")
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise _Damaged from None
    if digest != _digest(text.removesuffix("\n")):
        raise _Damaged
    try:
        return _newer(body) if body["schema"] > SCHEMA else _seen(body)
    except (AttributeError, KeyError, TypeError):  # whole, and yet not of this form
        raise _Damaged from None


def _seen(body: dict[str, Any]) -> Seen:
    fresh = migrated(body)
    if fresh["schema"] != SCHEMA:
        raise _Damaged
    return Seen(book=_book(fresh), schema=body["schema"])


def _newer(body: dict[str, Any]) -> Seen:
    names = ([one.name for one in fields(kind)] for kind in (Credential, Connection))
    try:
        return Seen(book=_book(known_part(body, *names)), schema=body["schema"])
    except (AttributeError, KeyError, TypeError):
        raise errors.LedgerUnreadable(reason="newer") from None


def _book(body: dict[str, Any]) -> Book:
    return Book(
        credentials={key: Credential(**row) for key, row in body["credentials"].items()},
        connections={key: _connection(row) for key, row in body["connections"].items()},
        pending=tuple(body["pending"]),
        leaving=tuple(body["leaving"]),
        looks={place: tuple(times) for place, times in body["looks"].items()},
        parcels={key: Parcel(**row) for key, row in body.get("parcels", {}).items()},
    )


def _connection(row: dict[str, Any]) -> Connection:
    one = Connection(**row)
    return replace(one, history=tuple(one.history))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
