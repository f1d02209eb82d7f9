"""Values too long for the keychain: sealed beside it, whole or not at all, and of no use without it."""

from __future__ import annotations

import stat
import string
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.helpers import Chest, Small, company, store_in
from wizard.core import errors
from wizard.core.connect import Proof
from wizard.core.envelope import MARK, Envelope
from wizard.core.secret import Secret
from wizard.core.vault import WINDOWS_LIMIT, Keychain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from wizard.core.connect import Receipt
    from wizard.core.store import Store

T = TypeVar("T")
LONG = "ZZ" + string.ascii_letters * 320
NAME, OTHER = "koble fiken 0a1b2c3d4e5f token 1", "koble fiken 0a1b2c3d4e5f other 1"
easy = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def do(work: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(work)


def small_one(folder: Path, chest: Chest, limit: int = WINDOWS_LIMIT) -> Keychain:
    """Return a keychain that holds little, on any platform."""
    return Keychain(open=lambda: chest, limit=limit, envelope=Envelope(folder=folder / "sealed"))


def keep(keychain: Keychain, **values: str) -> None:
    do(lambda: keychain.keep({f"koble {name} 1": Secret(value) for name, value in values.items()}))


def read(keychain: Keychain, name: str) -> Secret | None:
    return do(lambda: keychain.read([f"koble {name} 1"])).get(f"koble {name} 1")


def files_in(folder: Path) -> list[Path]:
    return sorted((folder / "sealed").glob("*"))


def test_sixteen_kilobytes_and_more_come_back_and_nothing_of_them_is_legible(tmp_path: Path) -> None:
    chest = Chest()
    keychain = small_one(tmp_path, chest)
    keep(keychain, a=LONG)
    assert len(LONG) > 16 << 10
    assert read(keychain, "a") == Secret(LONG)
    (file,) = files_in(tmp_path)
    (key,) = chest.items.values()
    data = file.read_bytes()
    for value in (LONG, LONG[:12], key.removeprefix(MARK)):
        for form in (value.encode(), value.encode("utf-16-le")):
            assert form not in data
    assert LONG[:12] not in key
    assert len(key) < 100
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("value", "sealed"), [
    ("x" * WINDOWS_LIMIT, False), ("x" * (WINDOWS_LIMIT + 1), True),
    ("ø" * WINDOWS_LIMIT, False), ("ø" * (WINDOWS_LIMIT + 1), True),
    ("🔑" * (WINDOWS_LIMIT // 2), False), ("🔑" * (WINDOWS_LIMIT // 2) + "x", True),
    (MARK + "QUJD", True),
])  # fmt: skip
def test_what_fits_lies_in_the_keychain_itself(value: str, sealed: bool, tmp_path: Path) -> None:
    chest = Chest()
    keychain = small_one(tmp_path, chest)
    keep(keychain, a=value)
    assert read(keychain, "a") == Secret(value)
    assert bool(files_in(tmp_path)) is sealed
    assert (list(chest.items.values()) == [value]) is not sealed


def test_where_there_is_no_limit_no_file_is_written(tmp_path: Path) -> None:
    keychain = Keychain(open=Chest, platform="linux", envelope=Envelope(folder=tmp_path / "sealed"))
    keep(keychain, a=LONG)
    assert not (tmp_path / "sealed").exists()
    assert Keychain(platform="win32").limit == WINDOWS_LIMIT
    assert Keychain(platform="darwin").limit is None


@easy
@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=60), limit=st.integers(1, 40))
def test_any_text_comes_back_at_any_limit(value: str, limit: int, tmp_path: Path) -> None:
    keychain = small_one(tmp_path, Chest(), limit)
    keep(keychain, a=value, b=MARK + value)
    assert (read(keychain, "a"), read(keychain, "b")) == (Secret(value), Secret(MARK + value))
    do(lambda: keychain.drop(["koble a 1", "koble b 1"]))
    assert files_in(tmp_path) == []


@easy
@given(at=st.integers(0, 100), by=st.integers(1, 255))
def test_no_byte_can_be_changed_or_cut_off(at: int, by: int, tmp_path: Path) -> None:
    envelope = Envelope(folder=tmp_path / "sealed")
    kept = envelope.seal(NAME, "ZZ" + "x" * 32)
    (file,) = files_in(tmp_path)
    whole = file.read_bytes()
    at %= len(whole)
    file.write_bytes(whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :])
    assert envelope.open(NAME, kept) is None
    file.write_bytes(whole[:at])
    assert envelope.open(NAME, kept) is None
    file.write_bytes(whole)
    assert envelope.open(NAME, kept) == "ZZ" + "x" * 32


def test_neither_files_nor_keys_can_be_swapped(tmp_path: Path) -> None:
    envelope = Envelope(folder=tmp_path / "sealed")
    kept = {name: envelope.seal(name, name) for name in (NAME, OTHER)}
    assert envelope.open(NAME, kept[OTHER]) is None
    one, other = files_in(tmp_path)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    for name in kept:
        for key in (*kept.values(), MARK, MARK + "no base64", f"{MARK}QUJD"):
            assert envelope.open(name, key) is None


def test_the_same_value_is_never_sealed_the_same_way_twice(tmp_path: Path) -> None:
    envelope = Envelope(folder=tmp_path / "sealed")
    seen = set()
    for _ in range(50):
        key = envelope.seal(NAME, "ZZ")
        (file,) = files_in(tmp_path)
        seen |= {key, file.read_bytes(), file.read_bytes()[15:27]}
    assert len(seen) == 150


def stored(folder: Path, keychain: Keychain) -> tuple[Store, list[Receipt]]:
    """Return a store with two connections, each with a long key of its own and a short one."""
    store = store_in(folder, keychain)
    receipts: list[Receipt] = []
    for one in (company("one", "313000028"), company("two", "313000036")):
        proof = Proof(order=Small().order(key=LONG, other=one.id), companies=(one,), chosen=(one,))
        receipts += do(lambda proof=proof: store.keep(proof))  # type: ignore[misc]
    return store, receipts


@pytest.mark.parametrize("how", ["gone", "damaged", "item_gone"])
def test_what_is_lost_is_missing_from_that_connection_alone(how: str, tmp_path: Path) -> None:
    chest = Chest()
    store, (first, second) = stored(tmp_path, small_one(tmp_path, chest))
    _, credential, _ = do(lambda: store.open(first.connection))
    item = credential.items["key"]
    file = Envelope(folder=tmp_path / "sealed")._file(item)
    if how == "gone":
        file.unlink()
    elif how == "damaged":
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    else:
        del chest.items[item, "koble"]
    _, _, answers = do(lambda: store.open(first.connection))
    assert answers == {"other": Secret("one")}
    _, _, answers = do(lambda: store.open(second.connection))
    assert answers == {"key": Secret(LONG), "other": Secret("two")}
    do(lambda: store.forget(first.connection))
    assert len(files_in(tmp_path)) == 1
    assert len(chest.items) == 2


def test_renewing_and_forgetting_leave_no_file_behind(tmp_path: Path) -> None:
    chest = Chest()
    store, receipts = stored(tmp_path, small_one(tmp_path, chest))
    before = set(files_in(tmp_path))
    store, again = stored(tmp_path, small_one(tmp_path, chest))
    assert [one.connection for one in again] == [one.connection for one in receipts]
    assert len(files_in(tmp_path)) == 2
    assert not before & set(files_in(tmp_path))
    for one in again:
        do(lambda one=one: store.forget(one.connection))  # type: ignore[misc]
    assert (files_in(tmp_path), chest.items) == ([], {})


class Ended(BaseException):
    """The program ended here."""


def ending() -> None:
    raise Ended


@pytest.mark.parametrize("good", range(14))
def test_a_crash_leaves_the_old_or_the_new_and_no_file_that_nobody_knows(good: int, tmp_path: Path) -> None:
    """The keychain ends the program at its n-th call, in the midst of a renewal; then it is recovered."""
    chest = Chest()
    _, (first, _) = stored(tmp_path, small_one(tmp_path, chest))
    dying = Chest(ending, good)
    dying.items = chest.items
    one = company("one", "313000028")
    proof = Proof(order=Small().order(key="new" + LONG, other="new"), companies=(one,), chosen=(one,))
    try:
        do(lambda: store_in(tmp_path, small_one(tmp_path, dying)).keep(proof))
        ended = False
    except Ended:
        ended = True
    store = store_in(tmp_path, small_one(tmp_path, chest))
    do(store.recover)
    _, _, answers = do(lambda: store.open(first.connection))
    old, new = {"key": LONG, "other": "one"}, {"key": "new" + LONG, "other": "new"}
    assert answers in [{name: Secret(value) for name, value in row.items()} for row in (old, new)]
    assert ended or answers["other"] == Secret("new")
    assert (len(files_in(tmp_path)), len(chest.items)) == (2, 4)
    assert not store.book().pending


def test_a_file_whose_key_never_reached_the_keychain_goes_when_the_store_recovers(tmp_path: Path) -> None:
    chest = Chest()
    store, _ = stored(tmp_path, small_one(tmp_path, chest))
    Envelope(folder=tmp_path / "sealed").seal(NAME, LONG)
    half = Envelope(folder=tmp_path / "sealed")._file(OTHER)
    half.with_name(f"{half.name}.new").write_bytes(b"half")
    do(lambda: store._change(lambda book: replace(book, pending=(NAME, OTHER))))
    do(store.recover)
    assert len(files_in(tmp_path)) == 2


def test_all_or_nothing_is_kept_of_a_long_and_a_short_one(tmp_path: Path) -> None:
    chest = Chest(good=2)

    def fail_once() -> None:
        chest._fault = None
        raise OSError(-61, "read only")

    chest._fault = fail_once
    with pytest.raises(errors.KeychainReadOnly):
        keep(small_one(tmp_path, chest), a=LONG, b="short")
    assert (files_in(tmp_path), chest.items) == ([], {})


def test_a_folder_that_cannot_be_used_is_said_and_nothing_is_kept(tmp_path: Path) -> None:
    chest = Chest()
    keychain = small_one(tmp_path, chest)
    (tmp_path / "sealed").write_text("a file", "utf-8")
    with pytest.raises(errors.KeychainDenied) as caught:
        keep(keychain, a=LONG)
    assert caught.value.facts["reason"] == "file"
    assert chest.items == {}
    (tmp_path / "sealed").unlink()
    keep(keychain, a=LONG)
    (file,) = files_in(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(errors.KeychainDenied) as caught:
        read(keychain, "a")
    assert "ZZ" not in repr(caught.value.facts)
