"""The command line and the keychain: one that is locked, a key that is gone, and forgetting everything."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest
import secretstorage

from tests.cli.helpers import PROVIDERS, Command, forms, good, run, served
from tests.core.helpers import Chest, Small, company, store_in
from tests.imitations.locked import PASSWORD, locked_service
from tests.imitations.macos import Mac
from tests.imitations.prompter import Person
from tests.imitations.windows import Machine
from wizard import cli
from wizard.core import errors, paths
from wizard.core.connect import Proof
from wizard.core.envelope import Envelope
from wizard.core.ledger import Ledger
from wizard.core.practice import Playground, endpoints_toml
from wizard.core.secret import Secret
from wizard.core.store import Store
from wizard.core.vault import Keychain, backend
from wizard.core.world import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CANARY = "ZZcanary8rT2isNotAKey"
CRASHED = "koble fiken 000000000000 token 1"
PARTNER = "tripletex.production.consumer_token"


def items() -> list[str]:
    """Return the names of all that Koble has in the keychain."""
    with closing(secretstorage.dbus_init()) as connection:
        found = secretstorage.search_items(connection, {"username": "koble"})
        return sorted(item.get_attributes()["service"] for item in found)


@pytest.fixture
def endpoints(tmp_path: Path) -> Iterator[str]:
    with Playground(PROVIDERS).open() as made:
        file = tmp_path / "endpoints.toml"
        file.write_text(endpoints_toml(made.endpoints), "utf-8")
        yield str(file)


class Terminal(io.TextIOWrapper):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(text.encode())))


def filled(koble: Command, endpoints: str) -> list[str]:
    """Keep two connections, one of the partner's keys, and the remains of a crash; return their ids."""
    where = ("--endpoints", endpoints, "--json")
    ids = [str(koble("connect", "fiken", *where, given=good("fiken")).last["connection"])]
    ids.append(str(koble("connect", "tripletex", *where, given=good("tripletex")).last["connection"]))
    partner = good("tripletex")["partner"]
    assert isinstance(partner, dict)
    assert koble("partner", "set", PARTNER, given=str(partner["consumer_token"]).encode()).status == 0
    backend("linux").set_password(CRASHED, "koble", CANARY)
    ledger = Ledger(paths.data() / "connections.json")
    ledger.change(lambda book: replace(book, leaving=(CRASHED,)))
    return ids


@pytest.mark.real_keychain
def test_forgetting_all_leaves_nothing_of_ours_in_the_keychain(
    keychain_bus: str, koble: Command, endpoints: str
) -> None:
    ids = filled(koble, endpoints)
    assert len(items()) >= 4
    refused = koble("forget", "--all", "--json")
    assert (refused.status, refused.last["code"]) == (2, "bad_input")
    assert len(items()) >= 4
    ended = koble("forget", "--all", "--yes", "--json")
    assert ended.status == 0
    assert [one.get("connection", one.get("name")) for one in ended.events] == [*ids, PARTNER]
    assert {one["event"] for one in ended.events} == {"forgotten"}
    assert items() == []
    assert koble("connections", "--json").out == koble("partner", "list").out == ""
    again = koble("forget", "--all", "--yes", "--language", "en")
    assert (again.status, again.out) == (0, "Nothing of Koble’s is left in the password store.\n")


@pytest.mark.parametrize(("answer", "language", "status"), [
    ("yes\n", "en", 0), (" JA \n", "nb", 0), ("y\n", "en", 2), ("yes\n", "nb", 2), ("", "en", 2),
])  # fmt: skip
def test_a_person_is_asked_first(
    answer: str,
    language: str,
    status: int,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed(monkeypatch, answer)
    assert cli.main(("forget", "--all", "--practice", "--language", language)) == status
    assert ("0 connections" if language == "en" else "0 tilkoblinger") in capfdbinary.readouterr()[1].decode()


@pytest.mark.parametrize("arguments", [(), ("5d1c9e02", "--all")])
def test_one_or_all_must_be_named(arguments: tuple[str, ...], koble: Command) -> None:
    ended = koble("forget", *arguments, "--json")
    assert (ended.status, ended.last["code"]) == (2, "bad_input")


class Held(Chest):
    """A keychain that does not let go of one item."""

    holds = True

    def delete_password(self, service: str, username: str) -> None:
        if self.holds and service.endswith("key 1"):
            raise PermissionError
        super().delete_password(service, username)


def test_what_the_keychain_does_not_let_go_is_named_and_tried_again(
    tmp_path: Path, koble: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    chest = Held()
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    one = company("one", "313000028")
    cli.run(lambda: store.keep(Proof(order=Small().order(), companies=(one,), chosen=(one,))))
    monkeypatch.setattr("wizard.core.world._kept", lambda **_: closing_of(store))
    (key,) = store.book().connections
    (held,) = (name for name, _ in chest.items if name.endswith("key 1"))
    ended = koble("forget", "--all", "--yes", "--json")
    assert [one["event"] for one in ended.events] == ["forgotten", "left", "refused"]
    assert ended.events[1] == {"event": "left", "item": held}
    assert (ended.status, ended.last["code"]) == (6, "keychain_denied")
    assert [name for name, _ in chest.items] == [held] == list(store.book().leaving)
    said = koble("forget", "--all", "--yes", "--language", "en")
    assert (said.status, held in said.out) == (6, True)
    chest.holds = False
    assert koble("forget", "--all", "--yes").status == 0
    assert (chest.items, store.book().leaving, key in store.book().connections) == ({}, (), False)


class closing_of:  # noqa: N801 - it reads as what it does
    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_: object) -> None: ...


# A key that is gone


@pytest.mark.real_keychain
def test_a_key_that_was_deleted_behind_our_back(keychain_bus: str, koble: Command, endpoints: str) -> None:
    try:
        gone, works = filled(koble, endpoints)
        where = ("--endpoints", endpoints, "--json")
        with closing(secretstorage.dbus_init()) as connection:
            for item in secretstorage.search_items(connection, {"username": "koble"}):
                if item.get_attributes()["service"].startswith("koble fiken"):
                    item.delete()
        ended = koble("check", "--all", *where)
        told = {str(one["event"]): one for one in ended.events}
        assert (ended.status, told["refused"]["code"]) == (6, "keychain_missing")
        assert (told["receipt"]["connection"], told["receipt"]["tested"]) == (works, "passed")
        rows = {one["connection"]: one for one in koble("connections", "--json").events}
        assert (rows[gone]["last_code"], rows[gone]["waiting_for"]) == ("keychain_missing", "you")
        assert rows[works]["last_code"] == ""
        assert "Needs the key again" in koble("connections", "--language", "en").out
        again = koble("connect", "fiken", *where, given=good("fiken")).last
        assert (again["connection"], again["waiting_for"]) == (gone, "nobody")
        assert "Needs" not in koble("connections", "--language", "en").out
    finally:
        assert koble("forget", "--all", "--yes").status == 0
    assert items() == []


# A locked one


@pytest.mark.real_keychain
@pytest.mark.real_x
def test_a_terminal_says_that_the_system_asks_and_goes_on(x_server: str, tmp_path: Path) -> None:
    person = Person(answer=PASSWORD, after=1.6)
    with locked_service() as address, person.before(address), served(tmp_path) as file:
        where = ("--endpoints", str(file), "--language", "en")
        ended = run("connect", "fiken", *where, given=good("fiken"), DISPLAY=x_server)
    assert (ended.status, ended.err) == (
        0,
        "This computer is asking you to unlock its password store. Answer there.\n",
    )
    assert len(person.asked) == 1


@pytest.mark.real_keychain
@pytest.mark.real_x
def test_so_it_does_where_no_vendor_is_asked(x_server: str) -> None:
    person = Person(answer=PASSWORD, after=1.6)
    with locked_service() as address, person.before(address):
        key = str(good("tripletex")["partner"]["consumer_token"]).encode()  # type: ignore[index]
        ended = run("partner", "set", PARTNER, "--language", "en", given=key, DISPLAY=x_server)
    assert (ended.status, ended.out) == (0, f"{PARTNER}\n"), ended
    assert ended.err == "This computer is asking you to unlock its password store. Answer there.\n"


def test_without_a_keychain_a_partner_is_told_before_it_types_a_key(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(cli, "_typed", lambda: pytest.fail("it was asked for"))
    typed(monkeypatch, "")
    assert cli.main(("partner", "set", PARTNER, "--json")) == 6
    assert json.loads(capfdbinary.readouterr()[0])["code"] == "keychain_absent"


# Nothing is written in its place


def fault(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


class Lying(Chest):
    def set_password(self, service: str, username: str, password: str) -> None:
        self._step("set")


def on(machine: Machine | Mac) -> Keychain:
    platform = "win32" if isinstance(machine, Machine) else "darwin"
    return Keychain(open=lambda: backend(platform, machine.find), platform=platform)


KEYCHAINS: dict[str, Callable[[], Keychain]] = {
    "absent": lambda: Keychain(platform="linux"),
    "locked": lambda: Keychain(open=lambda: Chest(fault(type("KeyringLocked", (Exception,), {})()))),
    "hangs": lambda: Keychain(open=lambda: Chest(lambda: time.sleep(0.3)), patience=0.05),
    "lying": lambda: Keychain(open=Lying),
    "full": lambda: Keychain(open=lambda: Chest(fault(OSError(28, "full")), good=6)),
    **{f"windows_{number}": lambda number=number: on(Machine(fails=number)) for number in (5, 1312, 1783)},  # type: ignore[misc]
    **{
        f"mac_{-number}": lambda number=number: on(Mac(fails=number))  # type: ignore[misc]
        for number in (-25293, -25308, -128, -25244, -34018, -67030)
    },
}


@pytest.mark.no_cover
@pytest.mark.parametrize("length", ["short", "long"])
@pytest.mark.parametrize("name", KEYCHAINS)
def test_no_failure_of_the_keychain_leaves_a_key_in_any_file(
    name: str, length: str, koble: Command, endpoints: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole walk, and storing without the trial before it: a key that fits, and one that is too long."""
    keychain = KEYCHAINS[name]()
    keychain.limit, keychain.envelope = 100, Envelope(folder=paths.data() / "sealed")
    store = Store(vault=keychain, ledger=Ledger(paths.data() / "connections.json"), now=now)
    monkeypatch.setattr("wizard.core.world._kept", lambda **_: closing_of(store))
    key = CANARY * (1 if length == "short" else 8)
    ended = koble("connect", "fiken", "--endpoints", endpoints, "--json", given={"answers": {"token": key}})
    one = company("one", "313000028")
    proof = Proof(order=Small().order(key=key, other=CANARY), companies=(one,), chosen=(one,))
    with pytest.raises(errors.VaultError):
        anyio.run(store.keep, proof)
    assert ended.status in {3, 6}
    for file in (one for one in Path(os.environ["HOME"]).rglob("*") if one.is_file()):
        data = file.read_bytes()
        for form in (*forms(CANARY), CANARY[:12]):
            assert form.encode() not in data, file
            assert form.encode("utf-16-le") not in data, file
    assert Secret(key) not in [Secret(ended.out), Secret(ended.err)]
    assert CANARY not in ended.out + ended.err
