"""A disk and a keychain that stop at any step, and the states that a crash or a power cut may leave."""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.core.helpers import NOW, Chest
from wizard.core.ledger import Book, Ledger
from wizard.core.store import Store
from wizard.core.vault import Keychain

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LEFT = ("kill", "power", "names")
"""What is left: all that was done; only what was flushed; all names, with what was flushed in them."""


class Ended(BaseException):
    """The program ended here: nothing after it runs."""


@dataclass
class Steps:
    """Counts what is done to disk and keychain, and ends the program before one of them, or in its midst."""

    last: int = 1 << 30
    torn: bool = False
    done: list[str] = field(default_factory=list)

    def step(self, name: str, half: Callable[[], object] = lambda: None) -> None:
        if len(self.done) >= self.last:
            if self.torn and len(self.done) == self.last:
                half()
            self.torn = False
            raise Ended
        self.done.append(name)


@dataclass
class Node:
    """What a file holds, and what of it a power cut would leave."""

    held: bytes = b""
    flushed: bytes = b""


class Disk:
    """The files of one folder, real ones, with a record of what was flushed; nothing else is touched."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.steps = folder, Steps()
        self._names: dict[str, Node] = {}
        self._flushed: dict[str, Node] = {}
        self._open: dict[int, Node | None] = {}
        self.good_flushes = 1 << 30
        self._real = {name: getattr(os, name) for name in _CALLS}
        for name in _CALLS:
            patch.setattr(os, name, getattr(self, name))

    def load(
        self,
        files: Mapping[str, bytes],
        flushed: Mapping[str, bytes] | None = None,
        lasting: Mapping[str, bytes] | None = None,
    ) -> None:
        """Begin with these files, all of them flushed unless told: what of them was, and which files last."""
        for one in self.folder.iterdir():
            self._real["unlink"](one)
        known = files if flushed is None else flushed
        self._names = {name: Node(data, known[name]) for name, data in files.items()}
        last = self._names if lasting is None else {name: Node(data, data) for name, data in lasting.items()}
        self._flushed, self._open = dict(last), {}
        for name, data in files.items():
            (self.folder / name).write_bytes(data)

    def left(self, kind: str) -> dict[str, bytes]:
        """Return the files that are there after the program or the power has gone."""
        if kind == "kill":
            return {name: node.held for name, node in self._names.items()}
        names = self._flushed if kind == "power" else self._names
        return {name: node.flushed for name, node in names.items()}

    def open(self, path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        name = self._name(path)
        if name and flags & os.O_CREAT:
            self.steps.step("open")
        descriptor: int = self._real["open"](path, flags, mode, **more)
        if name and flags & os.O_CREAT:
            self._open[descriptor] = self._names[name] = Node()
        elif str(path) == str(self.folder):
            self._open[descriptor] = None
        return descriptor

    def write(self, descriptor: int, data: Any) -> int:
        node = self._open.get(descriptor)
        if node:
            self.steps.step("write", lambda: self._write(descriptor, node, data[: len(data) // 2]))
        return self._write(descriptor, node, data)

    def _write(self, descriptor: int, node: Node | None, data: Any) -> int:
        count: int = self._real["write"](descriptor, data)
        if node:
            node.held += bytes(data[:count])
        return count

    def fsync(self, descriptor: int) -> None:
        if descriptor not in self._open:
            self._real["fsync"](descriptor)
            return
        self.steps.step("fsync")
        node = self._open[descriptor]
        if node:
            node.flushed = node.held
        elif self.good_flushes > 0:
            self.good_flushes -= 1
            self._flushed = dict(self._names)
        else:
            raise OSError(errno.EIO, "the disk failed")

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        self._real["close"](descriptor)

    def replace(self, source: Any, target: Any, **more: Any) -> None:
        self._move("replace", source, target)

    def rename(self, source: Any, target: Any, **more: Any) -> None:
        self._move("rename", source, target)

    def _move(self, call: str, source: Any, target: Any) -> None:
        name, other = self._name(source), self._name(target)
        if name:
            self.steps.step(call)
        self._real[call](source, target)
        if name:
            self._names[other] = self._names.pop(name)

    def unlink(self, path: Any, **more: Any) -> None:
        name = self._name(path)
        if name in self._names:
            self.steps.step("unlink")
        self._real["unlink"](path, **more)
        self._names.pop(name, None)

    def _name(self, path: Any) -> str:
        """Return the name of a file of ours, or an empty text; the lock goes with the process."""
        folder, _, name = str(path).rpartition("/")
        return name if folder == str(self.folder) and not name.endswith(".lock") else ""


_CALLS = ("open", "write", "fsync", "close", "replace", "rename", "unlink")


class SteppedChest(Chest):
    """A keychain whose calls are steps too; what it did is kept, whatever happens to the program."""

    steps = Steps()

    def _step(self, name: str) -> None:
        self.steps.step(name)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What lies on a machine: the files, and what is in its keychain.

    After the end of a program that is not the power's, `flushed` is what of each file was flushed, and
    `lasting` are the files that a power cut would still bring back.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    flushed: Mapping[str, bytes] | None = None
    lasting: Mapping[str, bytes] | None = None
    items: Mapping[tuple[str, str], str] = field(default_factory=dict)


Act = Callable[[Store], Awaitable[object]]
State = tuple[frozenset[tuple[object, ...]], frozenset[tuple[object, ...]]]


class Machine:
    """A machine on which the real store runs over real files, and which may stop at any step."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.disk, self.chest = Disk(folder, patch), SteppedChest()
        self._vault = Keychain(open=lambda: self.chest, quiet=0)

    def store(self) -> Store:
        return Store(vault=self._vault, ledger=Ledger(self.disk.folder / "connections.json"), now=lambda: NOW)

    async def run(self, place: Place, act: Act, last: int = 1 << 30, *, torn: bool = False) -> bool:
        """Do it in a place until a step; return whether it came to its end."""
        self.disk.load(place.files, place.flushed, place.lasting)
        self.chest.items = dict(place.items)
        self.disk.steps = self.chest.steps = Steps(last, torn)
        try:
            await act(self.store())
        except Ended:
            return False
        return True

    def left(self, kind: str) -> Place:
        place = Place(files=self.disk.left(kind), items=dict(self.chest.items))
        if kind != "kill":
            return place
        return replace(place, flushed=self.disk.left("names"), lasting=self.disk.left("power"))

    @property
    def count(self) -> int:
        return len(self.disk.steps.done)

    async def recovered(self, place: Place, found: str = "") -> State:
        """Start the program in a place, and return what there is then, seen to be whole.

        No crash may look like damage: its owner would be told for nothing.
        """
        told: list[str] = []

        async def start(store: Store) -> None:
            told.append(await store.recover())

        assert await self.run(place, start)
        assert told == [found]
        return self.state()

    def state(self) -> State:
        """Return what is stored, having seen that nothing is missing and nothing left over."""
        store = self.store()
        book = store.book()
        assert not store.leftovers()
        named = [name for one in book.credentials.values() for name in one.items.values()]
        assert sorted(name for name, _ in self.chest.items) == sorted(named), "an orphan, or a loss"
        return state_of(book, self.chest.items)


def state_of(book: Book, items: Mapping[tuple[str, str], str]) -> State:
    def values(key: str) -> tuple[tuple[str, str], ...]:
        row = book.credentials[key].items
        return tuple(sorted((name, items[item, "koble"]) for name, item in row.items()))

    rows = frozenset(
        (str(one.company["id"]), one.tested, one.waiting_for, values(one.credential))
        for one in book.connections.values()
    )
    keys = frozenset((key, values(key)) for key, one in book.credentials.items() if one.partner)
    return rows, keys


@contextmanager
def without_flushing(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Break the writing of files: nothing is flushed."""
    from wizard.core import files

    with patch.context() as broken:
        broken.setattr(files, "flush", lambda descriptor: None)
        yield


@contextmanager
def in_place(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Break the writing of files: they are written where they are."""
    from wizard.core import files

    def naive(target: Path, data: bytes) -> None:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(descriptor, data)
        files.flush(descriptor)
        os.close(descriptor)
        files.flush_folder(target.parent)

    with patch.context() as broken:
        broken.setattr(files, "write_whole", naive)
        yield
