"""What the partner has received already: SQLite, so that of two receivers at once only one succeeds.

reserved → handed on → done. A lock is held for as long as a receiver works on a hand-over and goes with its
process; what a process that died had reserved can be reserved anew. Whether its command had got the bundle
is not known then, so the next one is told: the partner's command sees the same id `again`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core.errors import HandoverUsed, LedgerUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLE = """CREATE TABLE IF NOT EXISTS used (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL
) STRICT"""
_DONE = "SELECT id FROM used WHERE state = 'done' AND (id = ? OR (reference = ? AND reference != ''))"
_BUSY = 10.0


@dataclass(slots=True)
class Reserved:
    """A hand-over that is this receiver's; `again` where an earlier one may have handed it on."""

    again: bool
    _db: sqlite3.Connection
    _id: str

    def handing_on(self) -> None:
        """Note that the partner's command is about to get it."""
        self._note("handing_on")

    def done(self) -> None:
        """Note that the partner's command has it."""
        self._note("done")

    def _note(self, state: str) -> None:
        with _writing(self._db):
            self._db.execute("UPDATE used SET state = ? WHERE id = ?", (state, self._id))


@contextmanager
def reserved(file: Path, handover: str, reference: str, at: str) -> Iterator[Reserved]:
    """Keep a hand-over from every other receiver for one block.

    Raises `HandoverUsed` for one that was received, or that another receiver is at; `LedgerUnwritable`.
    """
    with _locked(file, reference or handover), closing(_open(file)) as db:
        again = _reserve(db, (handover, reference, at))
        try:
            yield Reserved(again, db, handover)
        finally:
            with _writing(db):  # what was never handed on leaves nothing behind
                db.execute("DELETE FROM used WHERE id = ? AND state = 'reserved'", (handover,))


def _reserve(db: sqlite3.Connection, row: tuple[str, str, str]) -> bool:
    """Put it down as reserved; return whether it may have been handed on before."""
    handover, reference, at = row
    with _writing(db):
        if db.execute(_DONE, (handover, reference)).fetchone():
            raise HandoverUsed(reason="done")
        before = db.execute("SELECT state FROM used WHERE id = ?", (handover,)).fetchone()
        again = before is not None and before[0] == "handing_on"
        if not again:
            db.execute("INSERT OR REPLACE INTO used VALUES (?, ?, 'reserved', ?)", (handover, reference, at))
    return again


@contextmanager
def _locked(file: Path, name: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    folder = file.with_name(file.name + ".locks")
    lock = FileLock(folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire(blocking=False)
    except Timeout:
        raise HandoverUsed(reason="in_progress") from None
    except OSError as caught:
        raise LedgerUnwritable(reason="used", file=file.name, number=caught.errno) from None
    try:
        yield
    finally:
        lock.release()


def _open(file: Path) -> sqlite3.Connection:
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        db = sqlite3.connect(file, timeout=_BUSY, isolation_level=None)
    except (OSError, sqlite3.Error):
        raise LedgerUnwritable(reason="used", file=file.name) from None
    with _writing(db):
        db.execute(_TABLE)
    return db


@contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    """Do it whole or not at all, and on the disk when it is done."""
    try:
        db.execute("BEGIN IMMEDIATE")
        with db:
            yield
    except sqlite3.Error:
        raise LedgerUnwritable(reason="used", file="") from None
