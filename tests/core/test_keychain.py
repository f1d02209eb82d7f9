"""The vault against a real Secret Service, and keyring's own contract for its backends."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import pytest
import secretstorage
from keyring.testing.backend import BackendBasicTests

from wizard.core import errors
from wizard.core.secret import Secret
from wizard.core.vault import Backend, Keychain, backend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
pytestmark = pytest.mark.real_keychain


def do(work: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(work)


def items() -> list[str]:
    """Return the names of all that Koble has in the keychain."""
    with closing(secretstorage.dbus_init()) as connection:
        found = secretstorage.search_items(connection, {"username": "koble"})
        return sorted(item.get_attributes()["service"] for item in found)


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
