"""A program that stores, renews and forgets, and says so; tests that start it kill it, and lie to it.

It forks one such program for each line on its standard input, a folder: the imports are paid for once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from tests.core.helpers import NOW, Small, company
from wizard.core.connect import Proof
from wizard.core.errors import StoreError
from wizard.core.ledger import Ledger
from wizard.core.secret import Secret
from wizard.core.store import Store
from wizard.core.vault import Backend, Keychain, backend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.core.crashing import Act
    from wizard.core.provider import Company

ONE, TWO = company("one", "313000028"), company("two", "313000036")
APP = "small.production.app"
PR_SET_PTRACER, ANY = 0x59616D61, ctypes.c_ulong(-1)


class FileChest:
    """A keychain of files, each written whole: it forgets nothing when its program is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def items(self) -> dict[tuple[str, str], str]:
        found = (one for one in self._folder.iterdir() if one.suffix != ".part")
        return {(bytes.fromhex(one.name).decode(), "koble"): one.read_text("utf-8") for one in found}

    def get_password(self, service: str, username: str) -> str | None:
        with contextlib.suppress(FileNotFoundError):
            return self._file(service).read_text("utf-8")
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        part = self._file(service).with_suffix(".part")
        part.write_text(password, "utf-8")
        part.replace(self._file(service))

    def delete_password(self, service: str, username: str) -> None:
        self._file(service).unlink()

    def _file(self, service: str) -> Path:
        return self._folder / service.encode().hex()


def keep(value: str, *companies: Company) -> Act:
    order = Small().order((), "", key=value, other=value)
    return lambda store: store.keep(Proof(order=order, companies=companies, chosen=companies))


def forget(number: str) -> Act:
    def act(store: Store) -> object:
        rows = store.book().connections.items()
        return store.forget(next(key for key, one in rows if one.company["orgnr"] == number))

    return act  # type: ignore[return-value]


def set_app(value: str) -> Act:
    return lambda store: store.set_partner(APP, Small().provider(), Secret(value))


ACTS: tuple[Act, ...] = (
    keep("a", ONE, TWO),
    set_app("a"),
    keep("b", ONE),
    forget("313000028"),
    set_app("b"),
    lambda store: store.forget_partner(APP),
)


def store_over(folder: Path, chest: Backend) -> Store:
    keychain = Keychain(open=lambda: chest, platform="linux")
    return Store(vault=keychain, ledger=Ledger(folder / "list" / "connections.json"), now=lambda: NOW)


async def once(folder: Path, say: Callable[[str], object]) -> None:
    """Do everything once, and say of each that it is done, or why not: then no more is done."""
    store = store_over(folder, FileChest(folder / "items"))
    for act in ACTS:
        try:
            await act(store)
        except StoreError as error:
            say(f"no {error.code}")
            return
        say("done")


async def for_ever(folder: Path, say: Callable[[str], object]) -> None:
    """Store, renew and forget in the real keychain until somebody puts an end to it."""
    store = store_over(folder, backend("linux"))
    for number in count():
        value = f"{os.getpid()}.{number}"
        name = tuple(SOAK)[number % len(SOAK)]
        say(f"begins {name} {value}")
        await SOAK[name](value)(store)
        say("done")


SOAK: dict[str, Callable[[str], Act]] = {
    "one,two": lambda value: keep(value, ONE, TWO),
    "app": set_app,
    "one": lambda value: keep(value, ONE),
    "-two": lambda _: forget("313000036"),
}
"""What is done for ever: each names what it sets, or with a minus what it drops."""


def perform(folder: Path, what: Callable[[Path, Callable[[str], object]], Awaitable[None]]) -> None:
    """Wait until somebody opens the gate, then do it, saying each step to a file that outlives us."""
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY, 0, 0, 0)  # else only its parent may trace it
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    (folder / "gate").read_bytes()
    anyio.run(what, folder, lambda line: os.write(said, f"{line}\n".encode()))


def main() -> None:
    what = {"once": once, "for_ever": for_ever}[sys.argv[1]]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            perform(Path(line.strip()), what)
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()
