"""The vault over keyring's real code for Windows and macOS, on imitations that keep the platforms' limits."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring.testing.backend import BackendBasicTests

from tests.core.helpers import Chest, Small, company, store_in
from tests.imitations import windows
from tests.imitations.macos import Killed, Mac
from tests.imitations.windows import Machine
from wizard.core import errors
from wizard.core.connect import Proof
from wizard.core.envelope import Envelope
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts
from wizard.core.vault import WINDOWS_LIMIT, Backend, Keychain, backend, classify

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.connect import Receipt
    from wizard.core.store import Store

T = TypeVar("T")
ONE = company("one", "313000028")
Place = tuple[str, "Machine | Mac"]


def do(work: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(work)


def keychain_on(machine: Machine | Mac, folder: Path | None = None) -> Keychain:
    platform = "win32" if isinstance(machine, Machine) else "darwin"
    envelope = Envelope(folder=folder / "sealed") if folder else None
    return Keychain(open=lambda: backend(platform, machine.find), platform=platform, envelope=envelope)


def proved(**secrets: str) -> Proof:
    return Proof(order=Small().order((), "", **secrets), companies=(ONE,), chosen=(ONE,))


def keep(store: Store, **secrets: str) -> Receipt:
    (receipt,) = do(lambda: store.keep(proved(**secrets)))
    return receipt


class Contract(BackendBasicTests):
    """Every test that keyring asks its backends to pass, but for the variables that ours does not heed."""

    def test_set_properties(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KEYRING_PROPERTY_FOO_BAR", "fizz buzz")
        self.keyring.set_properties_from_env()
        assert not hasattr(self.keyring, "foo_bar")


class TestWindowsContract(Contract):
    def init_keyring(self) -> Backend:
        return backend("win32", Machine().find)


class TestMacContract(Contract):
    def init_keyring(self) -> Backend:
        return backend("darwin", Mac().find)


class Facade:
    """Our vault with the manners of a keyring backend, so that keyring's own tests can be put to it."""

    name = "koble"

    def __init__(self, machine: Machine | Mac, folder: Path) -> None:
        self._keychain = keychain_on(machine, folder)

    def get_password(self, service: str, username: str) -> str | None:
        found = do(lambda: self._keychain.read([f"{service} {username}"]))
        return found[f"{service} {username}"].reveal() if found else None

    def set_password(self, service: str, username: str, password: str) -> None:
        do(lambda: self._keychain.keep({f"{service} {username}": Secret(password)}))

    def delete_password(self, service: str, username: str) -> None:
        do(lambda: self._keychain.drop([f"{service} {username}"]))


class FacadeContract(BackendBasicTests):
    """The same for the whole vault, but for what it does not offer: credentials by name, properties.

    To drop what is not there is no mistake in it: a recovery that is repeated must not fail.
    """

    test_credential = test_set_properties = test_new_with_properties = None  # type: ignore[assignment]
    test_wrong_username_returns_none = test_empty_username = None  # type: ignore[assignment]
    machine: type[Machine | Mac]

    def init_keyring(self) -> Facade:
        return Facade(self.machine(), Path(os.environ["HOME"]))

    def test_delete_not_present(self) -> None:
        self.keyring.delete_password("nobody", "knows")


class TestFacadeOnWindows(FacadeContract):
    machine = Machine


class TestFacadeOnMac(FacadeContract):
    machine = Mac


# Windows


def test_a_value_at_the_limit_is_taken_and_one_beyond_never_reaches_windows(tmp_path: Path) -> None:
    machine = Machine()
    name = "koble fiken 0a1b token 1"
    do(lambda: keychain_on(machine).keep({name: Secret("x" * WINDOWS_LIMIT)}))
    assert len(machine.credentials[name]["CredentialBlob"]) == windows.LIMIT
    before = len(machine.calls)
    with pytest.raises(errors.KeychainTooLong) as caught:
        do(lambda: keychain_on(machine).keep({name: Secret("x" * (WINDOWS_LIMIT + 1))}))
    assert (caught.value.facts, len(machine.calls)) == ({"limit": WINDOWS_LIMIT}, before)
    with pytest.raises(windows.Error) as refused:
        backend("win32", machine.find).set_password(name, "koble", "x" * (WINDOWS_LIMIT + 1))
    assert refused.value.winerror == windows.BAD_STUB
    long = Secret("🔑" * 8000)
    do(lambda: keychain_on(machine, tmp_path).keep({"koble long 1": long}))
    assert do(lambda: keychain_on(machine, tmp_path).read(["koble long 1"])) == {"koble long 1": long}


def test_windows_keeps_no_old_value_after_renewals_and_lets_nothing_roam(tmp_path: Path) -> None:
    """keyring by itself would: its second write to one name leaves the first under `user@name`."""
    stale = Machine()
    plain = backend("win32", stale.find)
    plain.set_password("name", "koble", "old")
    plain.set_password("name", "koble", "new")
    assert sorted(stale.values().values()) == ["new", "old"]

    machine = Machine()
    store = store_in(tmp_path, keychain_on(machine, tmp_path))
    for value in ("ZZold", "ZZnewer", "ZZnewest"):
        keep(store, key=value, other=f"{value} too")
    assert sorted(machine.values().values()) == ["ZZnewest", "ZZnewest too"]
    assert {one["Persist"] for one in machine.credentials.values()} == {Machine.CRED_PERSIST_LOCAL_MACHINE}
    assert len({one["TargetName"] for one in machine.credentials.values()}) == 2
    do(lambda: store.forget(next(iter(store.book().connections))))
    assert machine.credentials == {}


def test_a_second_copy_that_keyring_made_is_deleted_too() -> None:
    machine = Machine()
    keychain = keychain_on(machine)
    for value in ("old", "new"):
        do(lambda value=value: keychain.keep({"koble a 1": Secret(value)}))  # type: ignore[misc]
    assert len(machine.credentials) == 2
    do(lambda: keychain.drop(["koble a 1"]))
    assert machine.credentials == {}


def test_what_somebody_else_wrote_over_an_item_is_as_good_as_missing_and_can_be_dropped() -> None:
    machine = Machine()
    keychain = keychain_on(machine)
    do(lambda: keychain.keep({"koble a 1": Secret("ZZ"), "koble b 1": Secret("ZZ")}))
    machine.credentials["koble a 1"]["CredentialBlob"] = b"\xff\xff\xff"
    assert do(lambda: keychain.read(["koble a 1", "koble b 1"])) == {"koble b 1": Secret("ZZ")}
    do(lambda: keychain.drop(["koble a 1", "koble b 1"]))
    assert machine.credentials == {}


# macOS


@pytest.mark.parametrize("calls", range(9))
def test_a_mac_that_ends_between_delete_and_add_keeps_the_old_or_has_the_new(
    calls: int, tmp_path: Path
) -> None:
    mac = Mac()
    receipt = keep(store_in(tmp_path, keychain_on(mac)), key="old", other="old")
    mac.killed_after = calls
    store = store_in(tmp_path, keychain_on(mac))
    try:
        keep(store, key="new", other="new")
        ended = False
    except Killed:
        ended = True
    mac.killed_after = 1 << 30
    store = store_in(tmp_path, keychain_on(mac))
    do(store.recover)
    _, _, answers = do(lambda: store.open(receipt.connection))
    allowed = [{name: Secret(value) for name in ("key", "other")} for value in ("old", "new")]
    assert answers in (allowed if ended else allowed[1:])
    assert len(mac.items) == 2


def test_keyring_by_itself_would_lose_it() -> None:
    """Why each renewal has names of its own: the same name is deleted first, then added."""
    mac = Mac()
    plain = backend("darwin", mac.find)
    plain.set_password("name", "koble", "old")
    mac.killed_after = 1
    with pytest.raises(Killed):
        plain.set_password("name", "koble", "new")
    assert mac.items == {}


def test_a_mac_without_the_framework_has_no_keychain() -> None:
    with pytest.raises(errors.KeychainAbsent):
        backend("darwin", Mac(system="Linux").find)


# What each number means

NUMBERS: dict[int, tuple[type[Machine | Mac], str, str, str]] = {
    5: (Machine, "keychain_denied", "rules", "it"),
    1312: (Machine, "keychain_absent", "no_session", "it"),
    1783: (Machine, "keychain_too_long", "", "us"),
    -128: (Mac, "keychain_denied", "said_no", "customer"),
    -25244: (Mac, "keychain_denied", "of_another", "customer"),
    -25293: (Mac, "keychain_denied", "password", "customer"),
    -25307: (Mac, "keychain_absent", "no_default", "it"),
    -25308: (Mac, "keychain_locked", "no_question", "customer"),
    -34018: (Mac, "keychain_denied", "entitlement", "us"),
    -61: (Mac, "keychain_read_only", "", "it"),
    -67030: (Mac, "keychain_denied", "signature", "us"),
}


@pytest.mark.parametrize("number", NUMBERS)
def test_each_number_ends_every_call_in_an_error_of_its_own(number: int) -> None:
    kind, code, reason, whose = NUMBERS[number]
    keychain = keychain_on(kind(fails=number))
    for act in (
        keychain.trial,
        lambda: keychain.keep({"koble a 1": Secret("ZZ")}),
        lambda: keychain.read(["koble a 1"]),
        lambda: keychain.drop(["koble a 1"]),
    ):
        with pytest.raises(errors.VaultError) as caught:
            do(act)
        error = caught.value
        assert (error.code, error.facts.get("reason", ""), error.facts["number"]) == (code, reason, number)
        assert error.lies_with == whose


@pytest.mark.parametrize("number", [1168, -25300])
def test_what_is_not_there_is_no_error_to_read_or_to_drop(number: int) -> None:
    keychain = keychain_on(Machine() if number > 0 else Mac())
    assert do(lambda: keychain.read(["koble a 1"])) == {}
    do(lambda: keychain.drop(["koble a 1"]))
    assert classify(Exception(number, "gone")).code == "keychain_missing"


NAMED = {
    "NoKeyringError": ("keychain_absent", ""),
    "KeyringLocked": ("keychain_locked", "dismissed"),
    "InitError": ("keychain_absent", "not_started"),
    "TimeoutError": ("keychain_absent", "silent"),
}


@pytest.mark.parametrize("name", NAMED)
def test_errors_without_a_number_are_told_apart_by_their_class(name: str) -> None:
    error = classify(type(name, (Exception,), {})("ZZ"))
    assert (error.code, error.facts.get("reason", "")) == NAMED[name]
    assert "ZZ" not in repr(error.facts)


def test_no_two_numbers_that_mean_different_things_are_told_in_the_same_words() -> None:
    every = [classify(Exception(number)) for number in (*NUMBERS, 1168)]
    every += [classify(type(name, (Exception,), {})()) for name in NAMED]
    every += [
        errors.KeychainLied(),
        errors.KeychainLied(reason="not_deleted"),
        errors.KeychainLocked(waited=60),
    ]
    every += [errors.KeychainDenied(reason="file"), errors.KeychainDenied()]
    for language in LANGUAGES:
        said = [Texts(language=language).explain(error) for error in every]
        assert len({(one.what, one.why, one.next) for one in said}) == len(every)
        for one in said:
            assert all((one.what, one.why, one.next, one.action))
            assert not re.search(r"(?i)unknown|ukjent|-?\d{3}", f"{one.what} {one.why}")


# Names


TYPED = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=TYPED, name=TYPED, value=TYPED)
def test_no_name_holds_anything_that_somebody_typed(
    label: str, name: str, value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names")
    chest = Chest()
    store = store_in(
        folder, Keychain(open=lambda: chest, limit=8, envelope=Envelope(folder=folder / "sealed"))
    )
    order = Small().order(key=f"ZZ{value}", other="x" * 30)
    one = company("one")
    made = Proof(
        order=type(order)(**{**fields_of(order), "label": label, "plain": {"note": name}}),
        companies=(one,),
        chosen=(one,),
    )
    do(lambda: store.keep(made))
    for item, owner in chest.items:
        assert re.fullmatch(r"koble small [0-9a-f]{12} (key|other) 1", item)
        assert owner == "koble"
    for file in (folder / "sealed").iterdir():
        assert re.fullmatch(r"[0-9a-f]{32}\.sealed", file.name)


def fields_of(order: object) -> dict[str, Any]:
    return {name: getattr(order, name) for name in type(order).__dataclass_fields__}  # type: ignore[attr-defined]
