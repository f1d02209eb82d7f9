"""The store: whatever ends it, and wherever, the old or the new is whole and nothing is orphaned."""

from __future__ import annotations

import json
import resource
import stat
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import anyio
import pytest

from tests.core.helpers import NOW, Chest, Small, company, store_in
from wizard.core import errors
from wizard.core import store as store_module
from wizard.core.connect import Proof, Receipt
from wizard.core.ledger import Book, Connection, Credential, Ledger
from wizard.core.migrate import SCHEMA
from wizard.core.secret import Secret
from wizard.core.vault import Keychain, MemoryVault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from wizard.core.provider import Company
    from wizard.core.store import Store

T = TypeVar("T")
ONE, TWO = company("one", "313000028"), company("two", "313000036")


def do(work: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(work)


def proved(*companies: Company, **secrets: str) -> Proof:
    return Proof(order=Small().order((), "", **secrets), companies=companies, chosen=companies)


def keep(store: Store, *companies: Company, **secrets: str) -> tuple[Receipt, ...]:
    return do(lambda: store.keep(proved(*companies, **secrets)))


def set_app(store: Store, value: str) -> Awaitable[None]:
    return store.set_partner("small.production.app", Small().provider(), Secret(value))


def test_renewal_keeps_the_id_and_the_birthday_and_drops_the_old_items(tmp_path: Path) -> None:
    vault = MemoryVault()
    store = store_in(tmp_path, vault)
    (first,) = keep(store, ONE, key="old")
    old = set(vault.items)
    store._now = lambda: NOW.replace(year=2027)
    (second,) = keep(store, ONE, key="new")
    assert second.connection == first.connection
    assert not old & set(vault.items)
    row = store.book().connections[second.connection]
    assert (row.made_at[:4], row.tested_at[:4], row.label) == ("2026", "2027", "Main books")


def test_forgetting_all_takes_along_what_a_crash_left_half_done(tmp_path: Path) -> None:
    """Named and perhaps written, in use by nothing: a run that was killed between the two left it so."""
    vault = MemoryVault()
    store = store_in(tmp_path, vault)
    keep(store, ONE, key="old")
    vault.items |= {"koble half": Secret("half"), "koble late": Secret("late")}
    store._ledger.change(lambda book: replace(book, pending=("koble half",), leaving=("koble late",)))
    assert do(store.forget_all).left == ()
    assert (vault.items, store.book()) == ({}, Book())


def test_a_credential_goes_with_the_last_of_its_connections(tmp_path: Path) -> None:
    vault = MemoryVault()
    store = store_in(tmp_path, vault)
    one, two = keep(store, ONE, TWO)
    (credential,) = store.book().credentials
    rows = store.book().connections
    assert {key for key, row in rows.items() if row.credential == credential} == {
        one.connection,
        two.connection,
    }
    do(lambda: store.forget(one.connection))
    assert len(vault.items) == 2
    do(lambda: store.forget(two.connection))
    assert vault.items == {}
    assert store.book() == Book()
    for work in (lambda: store.forget("x"), lambda: store.open("x"), lambda: store.tested("x", ())):
        with pytest.raises(errors.BadInput):
            do(work)


def test_a_key_that_could_not_be_tested_is_kept_and_tested_later(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    (receipt,) = do(lambda: store.keep_untested(Small().order(expect="313000028")))
    assert (receipt.tested, receipt.waiting_for) == ("later", "you")
    assert receipt.company == {"orgnr": "313000028", "name": "Main books", "id": ""}
    _, row, _ = do(lambda: store.tested(receipt.connection, (), errors.Busy()))
    assert (row.last_code, row.tested) == ("busy", "later")
    _, row, _ = do(lambda: store.tested(receipt.connection, (ONE, TWO)))
    assert (row.tested, row.waiting_for, row.company["name"]) == ("passed", "nobody", "One AS")
    assert [one.company["name"] for one in store.book().connections.values()] == ["One AS", "Two AS"]
    assert len(store.book().credentials) == 1, "what one key turned out to reach is kept with that one key"


def test_a_company_stored_untested_is_not_stored_twice(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    (untested,) = do(lambda: store.keep_untested(Small().order(expect="313000028")))
    (tested,) = keep(store, ONE)
    assert tested.connection == untested.connection
    (other,) = keep(store, TWO)
    assert other.connection != tested.connection


def test_a_key_that_was_never_tested_takes_the_place_of_none_that_works(tmp_path: Path) -> None:
    vault = MemoryVault()
    store = store_in(tmp_path, vault)
    (working,) = keep(store, ONE)
    (untested,) = do(lambda: store.keep_untested(Small().order(expect="313000028")))
    assert untested.connection != working.connection
    assert len(vault.items) == 4, "the key that works is kept until the new one has passed"
    key, row, credential = do(lambda: store.tested(untested.connection, (ONE,)))
    assert (key, row.tested) == (working.connection, "passed")
    assert list(store.book().connections) == [key], "one company, one connection"
    assert list(vault.items) == list(credential.items.values()), "and the older key is gone"


def test_two_companies_with_one_number_do_not_share_a_connection(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    (untested,) = do(lambda: store.keep_untested(Small().order(expect="313000028")))
    first, second = keep(store, ONE, company("branch", "313000028"))
    assert first.connection == untested.connection
    assert second.connection != first.connection
    assert len(store.book().connections) == 2


def test_partner_keys_are_set_listed_read_and_forgotten(tmp_path: Path) -> None:
    store, provider = store_in(tmp_path), Small().provider(partner=("app",))
    for value in ("old", "new"):
        do(lambda value=value: set_app(store, value))  # type: ignore[misc]
    assert store.partner_names() == ("small.production.app",)
    assert store.partner_fields(provider, "production") == {"app"}
    assert do(lambda: store.partner(provider, "production")) == {"app": Secret("new")}
    assert do(lambda: store.partner(provider, "test")) == {}
    do(lambda: store.forget_partner("small.production.app"))
    with pytest.raises(errors.BadInput):
        do(lambda: store.forget_partner("small.production.app"))
    assert store.book() == Book()


def test_a_locked_keychain_keeps_what_is_to_be_forgotten_named(tmp_path: Path) -> None:
    chest = Chest()
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    (receipt,) = keep(store, ONE)

    def deny() -> None:
        raise OSError(5, "denied")

    chest._fault = deny
    with pytest.raises(errors.KeychainDenied):
        do(lambda: store.forget(receipt.connection))
    do(store.recover)
    assert len(store.book().leaving) == len(chest.items) == 2
    chest._fault = None
    do(store.recover)
    assert (store.book(), chest.items) == (Book(), {})


class Choosy(Chest):
    """A keychain that will not drop some of its items, and says so item by item, or to everybody."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number, self.kept = number, set[str]()

    def delete_password(self, service: str, username: str) -> None:
        if service in self.kept:
            self.calls.append("refused")
            raise OSError(self.number, "no")
        super().delete_password(service, username)


def test_what_cannot_be_dropped_stands_in_the_way_of_nothing_else(tmp_path: Path) -> None:
    chest = Choosy(5)
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    for one in (ONE, TWO):
        keep(store, one)
    first, second = store.book().connections
    chest.kept = set(store.book().credentials[store.book().connections[first].credential].items.values())
    with pytest.raises(errors.KeychainDenied):
        do(lambda: store.forget(first))
    assert set(store.leftovers()) == chest.kept
    do(lambda: store.forget(second))
    assert {name for name, _ in chest.items} == chest.kept == set(store.leftovers())
    do(store.recover)
    assert set(store.leftovers()) == chest.kept, "they stay named for as long as it takes"
    chest.kept = set()
    do(store.recover)
    assert (chest.items, store.leftovers()) == ({}, ())


def test_a_shut_keychain_is_asked_once_and_not_item_by_item(tmp_path: Path) -> None:
    chest = Choosy(-25308)
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    (receipt,) = keep(store, ONE)
    chest.kept = {name for name, _ in chest.items}
    with pytest.raises(errors.KeychainLocked):
        do(lambda: store.forget(receipt.connection))
    assert chest.calls.count("refused") == 1
    assert len(store.leftovers()) == 2


def test_a_name_is_never_used_again_while_the_old_one_is_still_to_be_dropped(tmp_path: Path) -> None:
    chest = Choosy(5)
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    do(lambda: set_app(store, "old"))
    chest.kept = {name for name, _ in chest.items}
    with pytest.raises(errors.KeychainDenied):
        do(lambda: store.forget_partner("small.production.app"))
    chest.kept = set()
    do(lambda: set_app(store, "new"))
    provider = Small().provider(partner=("app",))
    assert do(lambda: store.partner(provider, "production")) == {"app": Secret("new")}
    assert len(chest.items) == 1


def test_what_is_in_use_is_dropped_by_nothing(tmp_path: Path) -> None:
    vault = MemoryVault()
    store = store_in(tmp_path, vault)
    keep(store, ONE)
    ledger = Ledger(tmp_path / "connections.json")
    ledger.change(lambda book: replace(book, leaving=tuple(vault.items), pending=("gone",)))
    do(store.recover)
    assert len(vault.items) == 2
    assert store.leftovers() == ()


def test_a_start_does_not_wait_for_another_koble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "TIDY_WITHIN", 0.1)
    store = store_in(tmp_path)
    other = Ledger(tmp_path / "connections.json")
    assert other.lock()
    other.change(lambda book: replace(book, leaving=("x",)))
    began = time.monotonic()
    assert do(store.recover) == ""
    assert time.monotonic() - began < 2
    assert store.leftovers() == ("x",), "that is the other one's to finish"
    other.unlock()
    do(store.recover)
    assert store.leftovers() == ()


def test_a_list_that_cannot_say_so_does_not_undo_what_is_done(tmp_path: Path) -> None:
    """Nothing is left in the keychain: that the list still names it does no harm."""
    vault = MemoryVault()
    store = store_in(tmp_path, vault)
    (receipt,) = keep(store, ONE)

    class Full(Ledger):
        def change(self, change: Callable[[Book], Book]) -> Book:
            if self.read().leaving:
                raise errors.LedgerUnwritable
            return super().change(change)

    store._ledger = Full(tmp_path / "connections.json")
    assert do(lambda: store.forget(receipt.connection))
    assert vault.items == {}
    assert len(store.leftovers()) == 2
    store._ledger = Ledger(tmp_path / "connections.json")
    do(store.recover)
    assert store.leftovers() == ()


def test_a_failed_keeping_leaves_nothing(tmp_path: Path) -> None:
    vault = MemoryVault()
    store = store_in(tmp_path, vault)

    class Full(Ledger):
        def change(self, change: Callable[[Book], Book]) -> Book:
            if change(self.read()).connections:
                raise errors.LedgerUnwritable
            return super().change(change)

    store._ledger = Full(tmp_path / "connections.json")
    with pytest.raises(errors.LedgerUnwritable):
        keep(store, ONE)
    assert vault.items == {}
    assert store.book() == Book()


def test_only_one_at_a_time_in_this_process_and_in_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "LOCK_WITHIN", 0.2)
    first, second = Ledger(tmp_path / "connections.json"), Ledger(tmp_path / "connections.json")
    assert first.lock()
    assert not first.lock()
    assert not second.lock()
    with pytest.raises(errors.LedgerUnwritable):
        keep(store_in(tmp_path), ONE)
    first.unlock()
    assert second.lock()
    second.unlock()

    async def many() -> None:
        store = store_in(tmp_path)
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(store.keep, proved(company(f"c{number}")))

    monkeypatch.setattr(store_module, "LOCK_WITHIN", 20)
    do(many)
    assert len(store_in(tmp_path).book().connections) == 8


def test_waiting_for_another_koble_can_be_cancelled(tmp_path: Path) -> None:
    other = Ledger(tmp_path / "connections.json")
    assert other.lock()

    async def work() -> bool:
        with anyio.move_on_after(0.2) as scope:
            await store_in(tmp_path).keep(proved(ONE))
        return scope.cancelled_caught

    assert do(work)
    other.unlock()


TWO_PROCESSES = """
import sys, anyio
from pathlib import Path
from tests.core.helpers import Small, company, store_in
from wizard.core.connect import Proof
store = store_in(Path(sys.argv[1]))
for number in range(10):
    one = company(f"{sys.argv[2]}{number}")
    anyio.run(store.keep, Proof(order=Small().order(), companies=(one,), chosen=(one,)))
"""


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TWO_PROCESSES, str(tmp_path)]
    both = [subprocess.Popen([*command, name]) for name in "ab"]
    assert [one.wait(30) for one in both] == [0, 0]
    book = store_in(tmp_path).book()
    assert len(book.connections) == 20
    assert not book.leaving


# The file


def filled(folder: Path) -> Ledger:
    keep(store_in(folder), ONE)
    return Ledger(folder / "connections.json")


def test_no_secret_is_in_it_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    filled(tmp_path)
    for name in ("connections.json", "connections.bak"):
        file = tmp_path / name
        assert "ZZ" not in file.read_text("utf-8")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    before = ledger.read()
    row = Connection(credential="c", company={"id": "x" * 200_000}, tested="passed")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(errors.LedgerUnwritable):
            ledger.change(lambda book: replace(book, connections={"x": row}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert ledger.read() == before


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger = Ledger(tmp_path / "file" / "connections.json")
    with pytest.raises(errors.LedgerUnwritable):
        ledger.lock()


def test_a_backup_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    (tmp_path / "connections.bak").unlink()
    (tmp_path / "connections.bak").mkdir()
    book = ledger.change(lambda book: replace(book, pending=("x",)))
    assert ledger.read() == book


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    filled(tmp_path)
    body = json.loads((tmp_path / "connections.json").read_text("utf-8").partition("\n")[2])
    assert body["schema"] == SCHEMA
    (credential,) = body["credentials"].values()
    assert credential == {**credential, "provider": "small", "generation": 1, "partner": False}
    assert Credential(**credential).environment == "production"
