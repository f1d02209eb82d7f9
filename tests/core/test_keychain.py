"""The vault against a real Secret Service, and keyring's own contract for its backends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import pytest
import secretstorage
from keyring.testing.backend import BackendBasicTests

from tests.core.helpers import Small, company, store_in
from tests.imitations.locked import PASSWORD, locked_service
from tests.imitations.prompter import Person
from wizard.core import errors
from wizard.core.connect import Proof
from wizard.core.envelope import Envelope
from wizard.core.secret import Secret
from wizard.core.vault import Backend, Keychain, backend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from wizard.core.connect import Receipt

T = TypeVar("T")
pytestmark = pytest.mark.real_keychain


def do(work: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(work)


def items() -> list[str]:
    """Return the names of all that Koble has in the keychain."""
    with closing(secretstorage.dbus_init()) as connection:
        found = secretstorage.search_items(connection, {"username": "koble"})
        return sorted(item.get_attributes()["service"] for item in found)


def values() -> list[str]:
    """Return every value of Koble's that lies anywhere in the keychain, under whatever name."""
    with closing(secretstorage.dbus_init()) as connection:
        every = [
            item for one in secretstorage.get_all_collections(connection) for item in one.get_all_items()
        ]
        return sorted(item.get_secret().decode() for item in every if "koble" in item.get_label())


@pytest.fixture
def locked() -> Iterator[str]:
    """Return the address of a bus with a real keychain of its own, which is locked."""
    with locked_service() as address:
        yield address


@pytest.fixture
def keychain(keychain_bus: str) -> Keychain:
    return Keychain(platform="linux")


class TestKeyringsOwnContract(BackendBasicTests):
    """Every test that keyring asks its backends to pass."""

    @pytest.fixture(autouse=True)
    def _bus(self, keychain_bus: str) -> None: ...

    def init_keyring(self) -> Backend:
        return backend("linux")

    def test_set_properties(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The one rule that is turned round: ours heeds no variables."""
        monkeypatch.setenv("KEYRING_PROPERTY_FOO_BAR", "fizz buzz")
        self.keyring.set_properties_from_env()
        assert vars(backend("linux")) == vars(self.keyring) == {}


def test_what_is_kept_is_read_and_dropped_again(keychain: Keychain) -> None:
    kept = {"koble a 1": Secret("1.ø “quoted” 🔑"), "koble b 1": Secret("x" * 20_000)}
    do(lambda: keychain.keep(kept))
    assert items() == ["koble a 1", "koble b 1"]
    read = do(lambda: keychain.read([*kept, "koble absent 1"]))
    assert read == kept
    do(lambda: keychain.drop([*kept, "koble absent 1"]))
    assert items() == []


def test_a_trial_leaves_nothing_behind(keychain: Keychain) -> None:
    do(keychain.trial)
    assert items() == []


def test_variables_and_files_cannot_redirect_it(
    keychain_bus: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(
        "[backend]\ndefault-keyring=keyring.backends.null.Keyring\n", "utf-8"
    )
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("KEYRING_PROPERTY_PRIORITY", "99")
    monkeypatch.setenv("KEYRING_PROPERTY_APPID", "somebody else")
    made = backend("linux")
    assert type(made).__bases__[0].__module__ == "keyring.backends.SecretService"
    assert vars(made) == {}
    keychain = Keychain(platform="linux")
    do(lambda: keychain.keep({"koble c 1": Secret("1")}))
    assert items() == ["koble c 1"]
    do(lambda: keychain.drop(["koble c 1"]))


def test_without_a_bus_there_is_no_keychain() -> None:
    began = time.monotonic()
    with pytest.raises(errors.KeychainAbsent):
        do(Keychain(platform="linux").trial)
    assert time.monotonic() - began < 3


# A locked one, and a person


def test_twenty_who_wait_for_a_locked_keychain_ask_once_and_all_go_on(locked: str) -> None:
    keychain = Keychain(platform="linux")
    person = Person(answer=PASSWORD, after=0.3)
    with person.before(locked):
        assert do(lambda: twenty(keychain)) == ["read"] * 20
    assert len(person.asked) == 1


def test_twenty_who_are_told_no_ask_once_and_a_later_one_asks_again(locked: str) -> None:
    keychain = Keychain(platform="linux")
    person = Person(answer=None, after=0.3)
    with person.before(locked):
        assert do(lambda: twenty(keychain)) == ["dismissed"] * 20
        assert len(person.asked) == 1
        with pytest.raises(errors.KeychainLocked):  # keeping, and dropping again what was not kept
            do(lambda: keychain.keep({"koble a 1": Secret("ZZ")}))
        assert len(person.asked) == 1
        person.answer = PASSWORD
        time.sleep(1.0)
        do(keychain.trial)
    assert len(person.asked) == 2
    assert values() == []


async def twenty(keychain: Keychain) -> list[str]:
    ended: list[str] = []

    async def one() -> None:
        try:
            await keychain.read(["koble a 1"])
            ended.append("read")
        except errors.KeychainLocked as error:
            ended.append(str(error.facts["reason"]))

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(one)
    return ended


def test_a_question_that_nobody_answers_is_given_up_and_what_is_answered_late_leaves_nothing(
    locked: str,
) -> None:
    keychain = Keychain(platform="linux", patience=0.5)
    person = Person()
    with person.before(locked):
        began = time.monotonic()
        with pytest.raises(errors.KeychainLocked):
            do(lambda: keychain.keep({"koble a 1": Secret("ZZ")}))
        assert 0.4 < time.monotonic() - began < 1.5
        assert len(person.asked) == 1
    deadline = time.monotonic() + 5
    while keychain._hangs():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with Person(answer=PASSWORD, after=0).before(locked):
        time.sleep(1.0)
        do(Keychain(platform="linux").trial)
    assert values() == []


# Rotation, and nothing left


def test_a_renewal_leaves_no_old_value_anywhere(keychain: Keychain, tmp_path: Path) -> None:
    store = store_in(tmp_path, keychain)
    one = company("one", "313000028")
    for value in ("ZZold", "ZZnewer", "ZZnewest"):
        order = Small().order(key=value, other=f"{value} too")
        do(lambda order=order: store.keep(Proof(order=order, companies=(one,), chosen=(one,))))  # type: ignore[misc]
        assert values() == [value, f"{value} too"]
    do(lambda: store.forget(next(iter(store.book().connections))))
    assert values() == []


def test_what_was_deleted_behind_our_back_is_missing_from_that_connection_alone(
    keychain: Keychain, tmp_path: Path
) -> None:
    store = store_in(tmp_path, keychain)
    receipts: list[Receipt] = []
    for one in (company("one", "313000028"), company("two", "313000036")):
        proof = Proof(order=Small().order(key=f"ZZ{one.id}", other="ZZ"), companies=(one,), chosen=(one,))
        receipts += do(lambda proof=proof: store.keep(proof))  # type: ignore[misc]
    _, credential, _ = do(lambda: store.open(receipts[0].connection))
    with closing(secretstorage.dbus_init()) as connection:
        for item in secretstorage.search_items(connection, {"service": credential.items["key"]}):
            item.delete()
    assert do(lambda: store.open(receipts[0].connection))[2].keys() == {"other"}
    assert do(lambda: store.open(receipts[1].connection))[2]["key"] == Secret("ZZtwo")
    gone = do(store.forget_all)
    assert (len(gone.connections), gone.left, gone.error) == (2, (), None)
    assert values() == []


def test_the_envelope_over_a_real_keychain(keychain_bus: str, tmp_path: Path) -> None:
    """As on Windows: the limit is one of the vault's properties."""
    keychain = Keychain(platform="linux", limit=1280, envelope=Envelope(folder=tmp_path / "sealed"))
    long = Secret("ZZ" * 8192)
    do(lambda: keychain.keep({"koble a 1": long}))
    assert len(values()[0]) < 100
    assert do(lambda: keychain.read(["koble a 1"])) == {"koble a 1": long}
    do(lambda: keychain.drop(["koble a 1"]))
    assert (values(), list((tmp_path / "sealed").iterdir())) == ([], [])


# Nothing else is used in its place

ALT = """
from keyring.backend import KeyringBackend
class PlaintextKeyring(KeyringBackend):
    priority = 99
    def set_password(self, service, username, password): open({file!r}, "w").write(password)
    def get_password(self, service, username): return None
    def delete_password(self, service, username): ...
"""
WALK = """
import anyio, sys
from pathlib import Path
from wizard.core import errors, paths
from wizard.core.envelope import Envelope
from wizard.core.secret import Secret
from wizard.core.vault import Keychain
import keyring
assert type(keyring.get_keyring()).__name__ == "PlaintextKeyring"
keychain = Keychain(limit=20, envelope=Envelope(folder=paths.data() / "sealed"))
for act in (keychain.trial, lambda: keychain.keep({"koble a 1": Secret("ZZcanary")})):
    try:
        anyio.run(act)
    except errors.KeychainAbsent:
        print("absent")
"""


def test_a_plain_text_keychain_that_is_installed_is_never_used(tmp_path: Path) -> None:
    """keyring itself would take it, without a word, where there is no bus."""
    folder, file = tmp_path / "site" / "keyrings" / "alt", tmp_path / "plain.txt"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("", "utf-8")
    (folder / "file.py").write_text(ALT.format(file=str(file)), "utf-8")
    info = tmp_path / "site" / "keyrings.alt-5.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: keyrings.alt\nVersion: 5.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[keyring.backends]\nfile = keyrings.alt.file\n", "utf-8")
    root = str(Path(errors.__file__).parents[2])
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), root)),
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
    }
    ended = subprocess.run(
        [sys.executable, "-c", WALK], env=environ, capture_output=True, text=True, check=False
    )
    assert (ended.stdout.split(), ended.stderr) == (["absent"] * 2, "")
    assert not file.exists()
    assert not [one for one in tmp_path.rglob("*") if one.is_file() and b"ZZcanary" in one.read_bytes()]
