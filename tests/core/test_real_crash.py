"""The real program, killed or lied to by the system at each call, and killed beside its real keychain."""

from __future__ import annotations

import os
import random
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.conftest import BUS, line_of, need, running, sweep, wait_for_name
from tests.core.acting import ACTS, FileChest, keep, store_over
from tests.core.crashing import State, state_of
from tests.core.helpers import company
from tests.core.test_keychain import items
from wizard.core.errors import StoreError
from wizard.core.vault import backend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONG = os.environ.get("KOBLE_LONG") == "1"
SAMPLE = 24
"""How many of the system calls the ordinary run spoils, by chance with a seed; the long one all."""

CALLS = ("openat", "write", "fsync", "close", "rename", "unlink")
ERRORS = ("EIO", "ENOSPC", "EACCES")
FILES = ("connections.json", "connections.bak")
ROUNDS = 60 if LONG else 15
ONE = company("one", "313000028")


class Nursery:
    """Forks programs that wait at a gate, ready to be traced or killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def child(self, folder: Path) -> int:
        """Return the number of a program that will act in this folder once its gate is opened."""
        folder.mkdir(exist_ok=True)
        for name in ("list", "items"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        if not (folder / "gate").exists():
            os.mkfifo(folder / "gate")
        assert self._process.stdin
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        return int(line_of(self._process.stdout))


@contextmanager
def nursery(what: str, environ: Mapping[str, str] | None = None) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.core.acting", what]
    with running(command, environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Nursery(process)


def traced(folder: Path, child: int, *spoil: str) -> list[str]:
    """Open the gate for a program under strace, and return what it did with the files of the list."""
    names = (*FILES, *(f"{name}.new" for name in FILES))
    places = [str(folder / "list"), *(str(folder / "list" / name) for name in names)]
    command = ["strace", "-f", "-y", "-p", str(child), "-o", str(folder / "trace")]
    command += ["-e", f"trace={','.join(CALLS)}", *(part for one in places for part in ("-P", one)), *spoil]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        first = said_by(tracer)
        if "attached" not in first:
            (folder / "gate").write_bytes(b"go")
            pytest.skip(f"tracing is not allowed: {first.strip()}")
        (folder / "gate").write_bytes(b"go")
        tracer.wait(30)
    return (folder / "trace").read_text("utf-8").splitlines()


def said_by(tracer: subprocess.Popen[str]) -> str:
    assert tracer.stderr
    with selectors.DefaultSelector() as selector:
        selector.register(tracer.stderr, selectors.EVENT_READ)
        return tracer.stderr.readline() if selector.select(10) else "nothing"


def said_in(folder: Path) -> list[str]:
    return (folder / "said").read_text("utf-8").splitlines()


def state_in(folder: Path) -> State:
    """Start the program again, and return what is there, seen to be whole."""
    chest = FileChest(folder / "items")
    store = store_over(folder, chest)
    assert anyio.run(store.recover) == "", "no crash looks like damage"
    assert not store.leftovers()
    return state_of(store.book(), chest.items)


def stages(folder: Path) -> list[State]:
    """Return what is there at first and after each act."""
    for name in ("list", "items"):
        (folder / name).mkdir(parents=True)
    store = store_over(folder, FileChest(folder / "items"))
    found = [state_in(folder)]
    for act in ACTS:
        anyio.run(act, store)
        found.append(state_in(folder))
    return found


@dataclass(frozen=True, kw_only=True)
class Spoilt:
    """A system call that goes wrong: the n-th of its kind that a thread makes, and how."""

    call: str
    how: str
    at: int

    @property
    def option(self) -> tuple[str, str]:
        return "-e", f"inject={self.call}:{self.how}:when={self.at}"


def spoilt(trace: list[str]) -> list[Spoilt]:
    """Return every way to spoil what a whole run did."""
    made = Counter((line.split()[0], *re.findall(r"^\d+ +(\w+)\(", line)) for line in trace)
    most = {call: max(count for key, count in made.items() if key[1:] == (call,)) for call in CALLS}
    ways = ("signal=SIGKILL", *(f"error={name}" for name in ERRORS))
    return [
        Spoilt(call=call, how=how, at=at)
        for call, count in most.items()
        for how in ways
        for at in range(1, count + 1)
    ]


def outcome(folder: Path, way: Spoilt, trace: list[str], expected: list[State]) -> str:
    """Return how it went, having seen that nothing acknowledged is lost and all else is old or new."""
    said = said_in(folder)
    done = said.count("done")
    refused = [line.split()[1] for line in said if line.startswith("no ")]
    injected = [line for line in trace if "INJECTED" in line]
    state = state_in(folder)
    if done == len(ACTS):
        assert state == expected[-1], way
        return "harmless"
    may = expected[done : done + 2]
    if refused and all("connections.json.new" in line for line in injected):
        may = expected[done : done + 1]  # it was refused before anything was swapped in
    assert state in may, (way, injected)
    assert (way.how == "signal=SIGKILL") is not bool(refused), (way, said)
    assert set(refused) <= {"ledger_unwritable", "ledger_unreadable"}, way
    return "refused" if refused else "killed"


@pytest.mark.no_cover
@pytest.mark.real_crash
def test_whatever_the_system_does_at_any_call_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    need("strace")
    expected = stages(tmp_path / "expected")
    came: Counter[str] = Counter()
    with nursery("once") as made:
        trace = traced(tmp_path / "whole", made.child(tmp_path / "whole"))
        assert said_in(tmp_path / "whole") == ["done"] * len(ACTS)
        every = spoilt(trace)
        chosen = every if LONG else random.Random(27).sample(every, SAMPLE)
        for number, way in enumerate(chosen):
            folder = tmp_path / str(number)
            trace = traced(folder, made.child(folder), *way.option)
            came[outcome(folder, way, trace, expected)] += 1
    print(f"{len(chosen)} of {len(every)} system calls spoilt: {dict(came)}")
    assert len(every) > 900
    assert min(came["killed"], came["refused"], came["harmless"]) > 0


# Beside the real keychain


class Known:
    """What the real keychain and list should hold, by what the program said before it was killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = 0
        self.values: dict[str, str] = {}
        self.acknowledged = 0

    def wait(self, count: int) -> None:
        """Wait until so many acts more are acknowledged."""
        deadline = time.monotonic() + 20
        while not (self._folder / "said").exists() or self._new().count("done") < count:
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def _new(self) -> list[str]:
        return said_in(self._folder)[self._read :]

    def heard(self) -> list[dict[str, str]]:
        """Return what may be there now: what was acknowledged, with or without what was begun last."""
        lines = self._new()
        self._read += len(lines)
        begun = dict(self.values)
        for line in lines:
            if line == "done":
                self.values, self.acknowledged = dict(begun), self.acknowledged + 1
            else:
                begun = self._after(*line.split()[1:])
        return [self.values, begun]

    def _after(self, names: str, value: str) -> dict[str, str]:
        if names.startswith("-"):
            return {name: held for name, held in self.values.items() if name != names[1:]}
        return {**self.values, **dict.fromkeys(names.split(","), value)}


def found_in(folder: Path) -> dict[str, str]:
    """Start the program again over the real keychain, and return what it has, seen to be whole."""
    opened = backend("linux")
    store = store_over(folder, opened)
    assert anyio.run(store.recover) == ""
    book = store.book()
    named = sorted(name for one in book.credentials.values() for name in one.items.values())
    assert items() == named, "an orphan, or a loss"
    values = {
        key: {opened.get_password(name, "koble") for name in one.items.values()}
        for key, one in book.credentials.items()
    }
    rows = {str(one.company["id"]): values[one.credential] for one in book.connections.values()}
    rows |= {"app": values[name] for name in store.partner_names()}  # noqa: B035 - there is one at most
    assert all(len(one) == 1 for one in rows.values()), "half of one and half of another"
    return {name: str(next(iter(one))) for name, one in rows.items()}


def ended(child: int) -> None:
    """Kill a program of ours, and wait until it is gone."""
    os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.no_cover
@pytest.mark.real_keychain
def test_killed_at_any_moment_beside_the_real_keychain_nothing_is_lost(
    keychain_bus: str, tmp_path: Path
) -> None:
    chance, folder = random.Random(9), tmp_path / "soak"
    known, unfinished = Known(folder), 0
    with nursery("for_ever", dict(os.environ)) as made:
        for _ in range(ROUNDS):
            child = made.child(folder)
            (folder / "gate").write_bytes(b"go")
            known.wait(chance.randrange(2))
            time.sleep(chance.uniform(0, 0.08))
            ended(child)
            may = known.heard()
            there = found_in(folder)
            assert there in may
            unfinished += may[0] != may[1]
            known.values = there
    print(f"{ROUNDS} kills, {unfinished} of them amid an act; {known.acknowledged} acts acknowledged")
    assert unfinished > 0
    assert known.acknowledged > 0
    store = store_over(folder, backend("linux"))
    for key in store.book().connections:
        anyio.run(store.forget, key)
    if store.partner_names():
        anyio.run(store.forget_partner, store.partner_names()[0])
    assert items() == []


@contextmanager
def bus(folder: Path) -> Iterator[dict[str, str]]:
    """Run a bus of its own; yield the environment for a keychain on it."""
    environ = {name: str(folder) for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME")}
    (folder / "bus.conf").write_text(BUS.format(folder=folder), "utf-8")
    command = ["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--print-address=1"]
    with running(command, {**environ, "PATH": os.environ["PATH"]}, stdout=subprocess.PIPE) as daemon:
        address = line_of(daemon.stdout).strip()
        yield {**environ, "PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": address}


@contextmanager
def keyring(folder: Path, environ: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run the keychain over a folder, unlocked with the same password each time."""
    command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock", "-C", str(folder)]
    with running(command, environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as daemon:
        assert daemon.stdin
        daemon.stdin.write("practice")
        daemon.stdin.close()
        wait_for_name(environ["DBUS_SESSION_BUS_ADDRESS"])
        yield daemon


def stored(folder: Path, value: str, daemon: subprocess.Popen[str], pause: float | None) -> bool:
    """Store while the keychain is killed: right after it is acknowledged, or after a pause amid it."""
    timer = threading.Timer(pause or 0, daemon.kill)
    if pause is not None:
        timer.start()
    try:
        store = store_over(folder, backend("linux"))
        anyio.run(keep(value, ONE), store)
    except StoreError:
        return False
    else:
        return True
    finally:
        daemon.kill()
        timer.cancel()
        daemon.wait(10)


@pytest.mark.no_cover
@pytest.mark.real_keychain
def test_the_keychain_killed_right_after_it_said_yes_has_kept_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("dbus-daemon", "gnome-keyring-daemon")
    chance, came, before = random.Random(5), Counter[bool](), ""
    with tempfile.TemporaryDirectory(prefix="kc-", dir="/tmp") as name, bus(Path(name)) as environ:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", environ["DBUS_SESSION_BUS_ADDRESS"])
        for number in range(ROUNDS if LONG else 6):
            pause = chance.uniform(0.01, 0.12) if number % 2 else None
            with keyring(Path(name), environ) as daemon:
                acknowledged = stored(tmp_path, str(number), daemon, pause)
            sweep()
            with keyring(Path(name), environ):
                there = found_in(tmp_path).get("one", "")
            assert there in ({str(number)} if acknowledged else {before, str(number)})
            came[acknowledged] += 1
            before = there
    print(f"the keychain killed {came.total()} times, {came[True]} after it had said yes")
    assert came[True] >= came.total() // 2
