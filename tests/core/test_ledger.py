"""The list of connections when it is damaged, old, newer than the program, or in somebody's way."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import resource
import stat
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.helpers import Chest, Small, company, store_in
from wizard.core import errors, files
from wizard.core.connect import Proof
from wizard.core.ledger import HISTORY, Book, Connection, Credential, Ledger
from wizard.core.migrate import SCHEMA, migrated
from wizard.core.secret import Secret
from wizard.core.texts import Texts
from wizard.core.vault import Keychain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.core.store import Store

SAVED = Path(__file__).parent / "ledgers"
LONG = os.environ.get("KOBLE_LONG") == "1"
NAMES = ("connections.json", "connections.bak")


def kept(folder: Path, *, key: str = "ZZkey") -> Store:
    """Return a store with one connection in it, over a keychain of its own."""
    chest = Chest()
    store = store_in(folder, Keychain(open=lambda: chest))
    one = company("one", "313000028")
    order = Small().order((), "", key=key)
    anyio.run(store.keep, Proof(order=order, companies=(one,), chosen=(one,)))
    return store


def filled(folder: Path) -> Ledger:
    kept(folder)
    return Ledger(folder / NAMES[0])


def written(folder: Path, body: dict[str, Any], name: str = NAMES[0]) -> Ledger:
    """Write a list of any form, with the sum that belongs to it."""
    text = json.dumps(body, ensure_ascii=False, indent=1)
    data = f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n"
    (folder / name).write_text(data, "utf-8")
    return Ledger(folder / NAMES[0])


def body_of(file: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(file.read_text("utf-8").partition("\n")[2])
    return body


def beside(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name not in {"home", "connections.lock"})


def reason(ledger: Ledger) -> object:
    with pytest.raises(errors.LedgerUnreadable) as caught:
        ledger.read()
    return caught.value.facts["reason"]


def texts(language: str = "en") -> Texts:
    return Texts(language=language)


# Damage


def damages(data: bytes) -> Iterator[bytes]:
    """Yield every beginning of a file, and it with one bit of each byte turned: some of them, or all."""
    every = range(len(data) - 1)
    chosen = every if LONG else sorted(random.Random(26).sample(every, 250))
    for at in chosen:
        yield data[:at]
    for at in chosen:
        for bit in range(8) if LONG else (at % 8,):
            yield data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def test_damage_of_any_kind_is_mended_by_the_copy_and_told(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    file, book = tmp_path / NAMES[0], ledger.read()
    assert not ledger.look().damaged
    for data in damages(file.read_bytes()):
        file.write_bytes(data)
        seen = ledger.look()
        assert (seen.book, seen.damaged) == (book, True)
    file.unlink()
    assert ledger.look().damaged, "one that is gone is told as well"


def test_damage_of_any_kind_to_both_is_told_and_never_an_empty_list(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    for data in damages((tmp_path / NAMES[0]).read_bytes()):
        for name in NAMES:
            (tmp_path / name).write_bytes(data)
        assert reason(ledger) == "damaged"
        with pytest.raises(errors.LedgerUnreadable):
            ledger.change(lambda _: Book())
        assert [(tmp_path / name).read_bytes() for name in NAMES] == [data] * 2, "and it is left as it is"
    (tmp_path / NAMES[0]).unlink()
    assert reason(ledger) == "damaged"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}", b"\xff\xfe", b"x\n{}", b"[" * 100_000, b"\0" * 3000], ids=repr
)
def test_what_is_no_list_at_all_is_damage(data: bytes, tmp_path: Path) -> None:
    (tmp_path / NAMES[0]).write_bytes(data)
    with pytest.raises(errors.LedgerUnreadable) as caught:
        Ledger(tmp_path / NAMES[0]).read()
    assert caught.value.facts == {"reason": "damaged", "file": NAMES[0]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schema": "3"},
        {"schema": 0},
        {"schema": SCHEMA},
        {"schema": SCHEMA, "credentials": {"c": {"moon": 1}}},
        {"schema": SCHEMA, "credentials": []},
        {"schema": 1, "credentials": {}},
    ],
    ids=repr,
)
def test_a_whole_file_of_no_known_form_is_damage(body: dict[str, Any], tmp_path: Path) -> None:
    assert reason(written(tmp_path, body)) == "damaged"


def test_a_damaged_list_is_kept_beside_once_and_told_once(tmp_path: Path) -> None:
    store = kept(tmp_path)
    before = store.book()
    (tmp_path / NAMES[0]).write_bytes(b"a cat walked over it")
    assert store.book() == before
    assert store.found() == "damaged"
    assert anyio.run(store.recover) == "damaged"
    assert store.found() == ""
    assert anyio.run(store.recover) == ""
    assert (tmp_path / f"{NAMES[0]}.damaged-1").read_bytes() == b"a cat walked over it"
    assert store.book() == before
    (tmp_path / NAMES[0]).write_bytes(b"again")
    anyio.run(store.note, next(iter(before.connections)), "seen")
    assert (tmp_path / f"{NAMES[0]}.damaged-2").read_bytes() == b"again"
    assert beside(tmp_path) == sorted([*NAMES, f"{NAMES[0]}.damaged-1", f"{NAMES[0]}.damaged-2"])


def test_a_list_that_is_gone_comes_back_from_its_copy(tmp_path: Path) -> None:
    store = kept(tmp_path)
    data = (tmp_path / NAMES[0]).read_bytes()
    (tmp_path / NAMES[0]).unlink()
    assert anyio.run(store.recover) == "damaged"
    assert (tmp_path / NAMES[0]).read_bytes() == data
    assert beside(tmp_path) == sorted(NAMES)


def test_a_copy_that_is_behind_is_made_anew_at_the_start(tmp_path: Path) -> None:
    store = kept(tmp_path)
    for spoilt in (b"", b"older"):
        (tmp_path / NAMES[1]).write_bytes(spoilt)
        if not spoilt:
            (tmp_path / NAMES[1]).unlink()
        assert anyio.run(store.recover) == ""
        assert (tmp_path / NAMES[1]).read_bytes() == (tmp_path / NAMES[0]).read_bytes()


def test_what_is_whole_is_not_written_at_the_start(tmp_path: Path) -> None:
    store = kept(tmp_path)
    before = [(tmp_path / name).stat().st_ino for name in NAMES]
    assert anyio.run(store.recover) == ""
    assert [(tmp_path / name).stat().st_ino for name in NAMES] == before
    fresh = store_in(tmp_path / "fresh")
    assert anyio.run(fresh.recover) == ""
    assert not (tmp_path / "fresh").exists()


def test_a_new_list_is_begun_by_an_act_of_its_own_only(tmp_path: Path) -> None:
    store = kept(tmp_path)
    assert anyio.run(store.rebuild) == (), "what is whole is not thrown away"
    assert len(store.book().connections) == 1
    for name in NAMES:
        (tmp_path / name).write_bytes(b"damaged")
    for act in (lambda: anyio.run(store.recover), store.book, store.ready):
        with pytest.raises(errors.LedgerUnreadable):
            act()
    assert anyio.run(store.rebuild) == tuple(f"{name}.damaged-1" for name in NAMES)
    assert store.book() == Book()
    store.ready()
    assert [(tmp_path / f"{name}.damaged-1").read_bytes() for name in NAMES] == [b"damaged"] * 2


class BadDisk:
    """A disk that cannot read the list itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = errno.EIO
        self._read = files.read
        monkeypatch.setattr(files, "read", self.read)

    def read(self, file: Path) -> bytes:
        if file.name == NAMES[0]:
            raise OSError(self.number, "no")
        return self._read(file)


def test_a_disk_that_cannot_read_the_list_is_damage_and_a_closed_door_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = filled(tmp_path)
    book, disk = ledger.read(), BadDisk(monkeypatch)
    assert ledger.look().damaged
    assert ledger.read() == book
    assert not ledger.is_even()
    disk.number = errno.EACCES
    with pytest.raises(errors.LedgerUnreadable) as caught:
        ledger.rebuild()
    assert caught.value.facts == {"reason": "shut", "file": NAMES[0], "number": errno.EACCES}
    assert beside(tmp_path) == sorted(NAMES)


def test_a_folder_in_its_place_is_damage_and_can_be_set_aside(tmp_path: Path) -> None:
    (tmp_path / NAMES[0]).mkdir()
    ledger = Ledger(tmp_path / NAMES[0])
    assert reason(ledger) == "damaged"
    assert ledger.rebuild() == (f"{NAMES[0]}.damaged-1",)
    assert ledger.read() == Book()


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("why", ["damaged", "shut", "newer"])
def test_each_way_a_list_cannot_be_read_is_said(why: str, language: str) -> None:
    said = texts(language).explain(errors.LedgerUnreadable(reason=why))
    plain = texts(language).explain(errors.LedgerUnreadable())
    assert said.next != plain.next or why == "damaged"
    assert all((said.what, said.why, said.next))


# Older and newer


@pytest.mark.parametrize("name", ["schema-1", "schema-2-first", "schema-2", "schema-3", "schema-4"])
def test_an_older_list_is_brought_forward_and_kept(name: str, tmp_path: Path) -> None:
    data = (SAVED / f"{name}.json").read_bytes()
    for file in NAMES:
        (tmp_path / file).write_bytes(data)
    ledger, number = Ledger(tmp_path / NAMES[0]), int(name[7])
    seen = ledger.look()
    assert (seen.schema, seen.damaged, seen.newer) == (number, False, False)
    assert (tmp_path / NAMES[0]).read_bytes() == data, "reading changes nothing"
    row = seen.book.connections["11111111"]
    assert (row.company["name"], row.label, row.tested) == ("Blåbær & Sønn AS", "Hovedbok", "passed")
    assert seen.book.credentials["small.production.app"].generation == 3
    assert seen.book.leaving == ("koble small eeee key 1",)
    assert seen.book.credentials["0a1b2c3d4e5f"].method == ("entra" if number > 1 else "")
    assert ledger.change(lambda book: book) == seen.book == ledger.read()
    assert (tmp_path / f"connections.bak-v{number}").read_bytes() == data
    assert body_of(tmp_path / NAMES[0])["schema"] == SCHEMA
    assert "Blåbær & Sønn AS" in (tmp_path / NAMES[0]).read_text("utf-8"), "as a person reads it"
    ledger.change(lambda book: replace(book, pending=()))
    assert beside(tmp_path) == sorted([*NAMES, f"connections.bak-v{number}"])


def test_the_first_copy_of_an_older_list_stays(tmp_path: Path) -> None:
    data = (SAVED / "schema-1.json").read_bytes()
    (tmp_path / "connections.bak-v1").write_bytes(b"kept before")
    (tmp_path / NAMES[0]).write_bytes(b"damaged")
    (tmp_path / NAMES[1]).write_bytes(data)
    Ledger(tmp_path / NAMES[0]).change(lambda book: book)
    assert (tmp_path / "connections.bak-v1").read_bytes() == b"kept before"
    (tmp_path / "connections.bak-v1").unlink()
    (tmp_path / NAMES[0]).write_bytes(b"damaged")
    (tmp_path / NAMES[1]).write_bytes(data)
    Ledger(tmp_path / NAMES[0]).change(lambda book: book)
    assert (tmp_path / "connections.bak-v1").read_bytes() == data


def test_of_an_older_list_and_a_copy_that_is_behind_the_list_is_kept(tmp_path: Path) -> None:
    data = (SAVED / "schema-2.json").read_bytes()
    (tmp_path / NAMES[0]).write_bytes(data)
    (tmp_path / NAMES[1]).write_bytes((SAVED / "schema-1.json").read_bytes())
    Ledger(tmp_path / NAMES[0]).change(lambda book: book)
    assert (tmp_path / "connections.bak-v2").read_bytes() == data


def test_what_each_form_was_brought_forward_to() -> None:
    first = {"schema": 1, "credentials": {"c": {"a": 1}}, "connections": {"x": {"b": 2}}}
    waits = {"since": "", "until": "", "history": [], "reference": ""}
    owner: dict[str, object] = {"consent": {}, "contact": "", "expires": "", "options": {}}
    credentials = {"c": {"method": "", "plain": {}, "a": 1}}
    assert migrated(first) == {
        "schema": 5,
        "credentials": credentials,
        "connections": {"x": {**waits, **owner, "b": 2}},
        "looks": {},
        "parcels": {},
    }
    second = {"schema": 2, "credentials": {}, "connections": {"x": {"b": 2, "looks": ["t"]}}}
    looks = {"place": ["t"]}
    third = {"schema": 3, "credentials": {}, "connections": {"x": {"b": 2}}, "looks": looks}
    fourth = {**third, "schema": 4, "connections": {"x": {"reference": "", "b": 2}}, "parcels": {}}
    fifth = {**fourth, "schema": 5, "connections": {"x": {"reference": "", **owner, "b": 2}}}
    assert migrated({**second, "looks": looks}) == fifth == migrated(third) == migrated(fourth)


texts_in = st.text(max_size=5)
rows = st.dictionaries(texts_in, st.dictionaries(texts_in, texts_in, max_size=3), max_size=3)
bodies = st.fixed_dictionaries(
    {"schema": st.integers(1, SCHEMA), "credentials": rows, "connections": rows},
    optional={"looks": st.dictionaries(texts_in, st.lists(texts_in, max_size=2), max_size=2)},
)


@settings(deadline=None, max_examples=60)
@given(bodies)
def test_to_bring_forward_twice_is_to_bring_forward_once(body: dict[str, Any]) -> None:
    once = migrated(body)
    assert once["schema"] == SCHEMA
    assert migrated(once) == once
    assert once["credentials"].keys() == body["credentials"].keys()
    assert once["connections"].keys() == body["connections"].keys()


def newer(folder: Path, **more: object) -> Ledger:
    """Write the list of a Koble that knows things we never heard of."""
    body = body_of(SAVED / "schema-2.json")
    for row in (*body["credentials"].values(), *body["connections"].values()):
        row["moon"] = {"phase": "full"}
    body["connections"]["33333333"] = {"credential": "0a1b2c3d4e5f", "company": "by number now"}
    body["connections"]["44444444"] = {**body["connections"]["11111111"], "credential": "elsewhere"}
    body["credentials"]["vaulted"] = {"provider": "small", "environment": "production", "items": ["a"]}
    return written(folder, {**body, "schema": SCHEMA + 1, "stars": [], **more})


def test_of_a_newer_list_we_show_what_we_know_and_write_nothing(tmp_path: Path) -> None:
    ledger = newer(tmp_path)
    data = (tmp_path / NAMES[0]).read_bytes()
    seen = ledger.look()
    assert seen.newer
    assert list(seen.book.connections) == ["11111111", "22222222"]
    assert seen.book.credentials.keys() == {"0a1b2c3d4e5f", "small.production.app"}
    assert (seen.book.pending, seen.book.leaving) == ((), ()), "what is left half-done there is not ours"
    chest = Chest()
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    one = company("one", "313000028")
    proof = Proof(order=Small().order(), companies=(one,), chosen=(one,))
    assert anyio.run(store.recover) == "newer"
    for act in (
        lambda: store.keep(proof),
        lambda: store.keep_untested(proof.order),
        lambda: store.set_partner("small.production.app", Small().provider(), Secret("ZZ")),
        lambda: store.forget("11111111"),
        lambda: store.tested("11111111", (one,)),
    ):
        with pytest.raises(errors.LedgerUnreadable) as caught:
            anyio.run(act)
        assert caught.value.facts == {"reason": "newer"}
    with pytest.raises(errors.LedgerUnreadable):
        store.ready()
    assert anyio.run(store.rebuild) == ()
    assert not {"set", "delete"}.intersection(chest.calls)
    assert (tmp_path / NAMES[0]).read_bytes() == data
    assert beside(tmp_path) == [NAMES[0]]


ODD_ROWS: tuple[dict[str, object], ...] = (
    {"history": "none"},
    {"history": ["one"]},
    {"tested": 7},
    {"label": None},
    {"options": "none"},
    {"company": {"id": "1", "name": "x"}},
    {"company": ["id", "name", "orgnr"]},
)


@pytest.mark.parametrize("odd", ODD_ROWS, ids=repr)
def test_of_a_newer_list_only_rows_that_can_be_shown_are(odd: dict[str, object], tmp_path: Path) -> None:
    row = body_of(SAVED / "schema-2.json")["connections"]["11111111"]
    bare = {name: row[name] for name in ("credential", "tested", "company")}
    untested = {name: row[name] for name in ("credential", "company", "history")}
    rows = {"bare": bare, "odd": {**row, **odd}, "untested": untested}
    assert newer(tmp_path, connections=rows).read().connections.keys() == {"bare"}


@pytest.mark.parametrize(
    "more", [{"connections": []}, {"credentials": None}, {"connections": {"a": 1}}], ids=repr
)
def test_a_list_that_is_too_new_to_show_is_said_to_be_newer(more: dict[str, object], tmp_path: Path) -> None:
    ledger = newer(tmp_path, **more)
    assert reason(ledger) == "newer"
    with pytest.raises(errors.LedgerUnreadable):
        ledger.rebuild()


def test_a_newer_list_that_is_damaged_is_damage(tmp_path: Path) -> None:
    ledger = newer(tmp_path)
    data = (tmp_path / NAMES[0]).read_bytes()
    (tmp_path / NAMES[0]).write_bytes(data[:-30] + b"x" + data[-29:])
    assert reason(ledger) == "damaged"


# Writing


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("size", [0, 100, 1000])
def test_a_full_disk_is_told_with_what_to_do_and_nothing_is_lost(size: int, tmp_path: Path) -> None:
    store = kept(tmp_path)
    before, chest = store.book(), store.vault._backend  # type: ignore[attr-defined]
    items = dict(chest.items)
    two = company("two", "313000036")
    proof = Proof(order=Small().order(key="ZZnew"), companies=(two,), chosen=(two,))
    with small_disk(size), pytest.raises(errors.LedgerUnwritable) as caught:
        anyio.run(store.keep, proof)
    assert caught.value.facts["reason"] == "full"
    assert "full" in texts("en").explain(caught.value).what
    assert store.book() == before
    assert chest.items == items, "no secret is written that the list could not name"
    assert beside(tmp_path) == sorted(NAMES), "and no half-written file takes up room"
    anyio.run(store.keep, proof)
    assert len(store.book().connections) == 2


class NoCopies:
    """A disk that takes the list and not its copy."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._write = files.write_whole
        monkeypatch.setattr(files, "write_whole", self.write_whole)

    def write_whole(self, target: Path, data: bytes) -> None:
        if target.name == NAMES[1]:
            raise OSError(errno.ENOSPC, "full")
        self._write(target, data)


def test_a_copy_that_cannot_be_written_is_no_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = filled(tmp_path)
    NoCopies(monkeypatch)
    ledger.change(lambda book: replace(book, looks={"x": ()}))
    assert beside(tmp_path) == [NAMES[0]]


class NoRoom(Ledger):
    """A ledger on a disk that is full from the n-th change on."""

    good = 0

    def change(self, change: Any) -> Book:
        self.good -= 1
        if self.good < 0:
            raise errors.LedgerUnwritable(reason="full")
        return super().change(change)


@pytest.mark.parametrize("good", [0, 1, 2, 3])
def test_a_disk_that_fills_up_midway_leaves_no_orphan(good: int, tmp_path: Path) -> None:
    store = kept(tmp_path, key="ZZold")
    chest = store.vault._backend  # type: ignore[attr-defined]
    store._ledger = NoRoom(tmp_path / NAMES[0])
    store._ledger.good = good
    one = company("one", "313000028")
    try:
        anyio.run(store.keep, Proof(order=Small().order(key="ZZnew"), companies=(one,), chosen=(one,)))
        stored = True
    except errors.LedgerUnwritable:
        stored = False
    assert stored == (good >= 2)
    store._ledger = Ledger(tmp_path / NAMES[0])
    anyio.run(store.recover)
    ((name, value),) = chest.items.items()
    assert value == ("ZZnew" if stored else "ZZold")
    (credential,) = store.book().credentials.values()
    assert list(credential.items.values()) == [name[0]]


@pytest.mark.parametrize(
    ("number", "why"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EROFS, "not_allowed"), (errno.EIO, None)],
)
def test_why_it_cannot_be_written_is_told_apart(number: int, why: str | None, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / NAMES[0])
    with pytest.raises(errors.LedgerUnwritable) as caught, ledger._writing():
        raise OSError(number, "no")
    assert caught.value.facts.get("reason") == why
    for language in ("nb", "en"):
        assert texts(language).explain(caught.value).next


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(errors.LedgerUnwritable) as caught:
            ledger.change(lambda book: book)
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.facts["reason"] == "not_allowed"


def test_all_are_their_owners_alone_whatever_the_mask(tmp_path: Path) -> None:
    folder, before = tmp_path / "share" / "Koble", os.umask(0)
    try:
        store = kept(folder, key="ZZcanary")
        (folder / NAMES[0]).write_bytes(b"damaged")
        anyio.run(store.recover)
    finally:
        os.umask(before)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (folder.parent, *folder.iterdir())}
    assert modes.pop("share") == 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes.pop(f"{NAMES[0]}.damaged-1") == 0o600
    assert modes == dict.fromkeys((*NAMES, "connections.lock"), 0o600)
    assert not [one for one in folder.iterdir() if b"canary" in one.read_bytes()]


def test_all_that_was_written_is_read_again(tmp_path: Path) -> None:
    row = Connection(credential="c", company={"id": "1", "name": "", "orgnr": None}, tested="later")
    credential = Credential(
        provider="small", environment="production", items={"key": "koble 1"}, plain={"a": "b"}
    )
    book = Book(
        credentials={"c": credential},
        connections={"x": row.told("2026", "made")},
        pending=("a",),
        leaving=("b",),
        looks={"small": ("2026",)},
    )
    ledger = Ledger(tmp_path / NAMES[0])
    assert ledger.change(lambda _: book) == ledger.read() == book


def test_the_latest_events_are_kept() -> None:
    row = Connection(credential="c", company={"id": "1", "name": "", "orgnr": None}, tested="later")
    for number in range(HISTORY + 2):
        row = row.told(f"{number}", "looked") if number % 2 else row.told(f"{number}", "failed", "offline")
    assert len(row.history) == HISTORY
    assert row.history[:2] == (
        {"at": "2", "event": "failed", "code": "offline"},
        {"at": "3", "event": "looked"},
    )


def test_one_at_a_time_may_change_it(tmp_path: Path) -> None:
    one, other = (Ledger(tmp_path / "new" / NAMES[0]) for _ in range(2))
    assert [one.lock(), one.lock(), other.lock()] == [True, False, False]
    thread = threading.Thread(target=one.unlock)  # whoever took it, any thread may give it back
    thread.start()
    thread.join()
    assert [other.lock(), one.lock()] == [True, False]
    other.unlock()


def test_a_copy_that_cannot_be_taken_away_is_in_nobodys_way(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    (tmp_path / NAMES[1]).unlink()
    (tmp_path / NAMES[1]).mkdir()
    book = ledger.change(lambda book: replace(book, looks={"x": ("2026",)}))
    assert ledger.read() == book


def test_a_rest_of_a_crash_is_in_nobodys_way(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    (tmp_path / f"{NAMES[0]}.new").write_bytes(b"half")
    row = Connection(credential="c", company={"id": "1", "name": "", "orgnr": None}, tested="later")
    credential = Credential(provider="small", environment="production", items={})
    ledger.change(lambda _: Book(credentials={"c": credential}, connections={"x": row}))
    assert list(ledger.read().connections) == ["x"]
    assert beside(tmp_path) == sorted(NAMES)
    assert files.read(tmp_path / NAMES[0]) == files.read(tmp_path / NAMES[1])
