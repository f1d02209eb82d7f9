"""The vault over keychains that lie, refuse, hang or are too small."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

import anyio
import pytest

from tests.core.helpers import Chest
from wizard.core import errors
from wizard.core.secret import Secret
from wizard.core.vault import WINDOWS_LIMIT, Keychain, backend, classify

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
PAIR = {"koble a 1": Secret("ZZone"), "koble b 1": Secret("ZZtwo")}


def do(work: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(work)


def raising(error: BaseException) -> Callable[[], None]:
    def fault() -> None:
        raise error

    return fault


def test_all_is_kept_read_back_and_dropped() -> None:
    chest = Chest()
    keychain = Keychain(open=lambda: chest)
    do(lambda: keychain.keep(PAIR))
    assert do(lambda: keychain.read([*PAIR, "absent"])) == PAIR
    do(lambda: keychain.drop([*PAIR, "absent"]))
    do(keychain.trial)
    assert chest.items == {}


class Lying(Chest):
    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:3])


class Null(Chest):
    def set_password(self, service: str, username: str, password: str) -> None:
        self._step("set")


@pytest.mark.parametrize("kind", [Lying, Null])
def test_a_keychain_that_lies_is_found_out_and_nothing_is_left(kind: type[Chest]) -> None:
    chest = kind()
    keychain = Keychain(open=lambda: chest)
    for work in (keychain.trial, lambda: keychain.keep(PAIR)):
        with pytest.raises(errors.KeychainLied):
            do(work)
        assert chest.items == {}


@pytest.mark.parametrize("good", range(4))
def test_all_or_nothing_is_kept(good: int) -> None:
    chest = Chest(good=good)

    def fail_once() -> None:
        chest._fault = None
        raise OSError(-61, "read only")

    chest._fault = fail_once
    with pytest.raises(errors.KeychainReadOnly):
        do(lambda: Keychain(open=lambda: chest).keep(PAIR))
    assert chest.items == {}


def test_a_cleaning_up_that_fails_does_not_hide_the_first_error() -> None:
    chest = Chest(raising(OSError(-61, "read only")))
    keychain = Keychain(open=lambda: chest)
    for work in (keychain.trial, lambda: keychain.keep(PAIR)):
        with pytest.raises(errors.KeychainReadOnly):
            do(work)


def test_a_prompt_that_nobody_answers_is_told_once_and_then_at_once() -> None:
    answered = threading.Event()
    chest = Chest(lambda: answered.wait(20))
    keychain = Keychain(open=lambda: chest, patience=0.2)
    began = time.monotonic()
    for work in (lambda: keychain.keep(PAIR), keychain.trial, lambda: keychain.drop(PAIR)):
        with pytest.raises(errors.KeychainLocked):
            do(work)
    assert time.monotonic() - began < 2
    answered.set()
    do(lambda: keychain.read([]))
    deadline = time.monotonic() + 5
    while chest.calls.count("delete") < 1 or chest.items:
        assert time.monotonic() < deadline, "what a late answer let through is dropped again"
        time.sleep(0.01)
    assert do(lambda: keychain.read(PAIR)) == {}


def test_one_who_stands_in_line_too_long_gives_up_too() -> None:
    answered = threading.Event()
    chest = Chest(lambda: answered.wait(20))
    keychain = Keychain(open=lambda: chest, patience=0.2)
    seen: list[str] = []

    async def one() -> None:
        with pytest.raises(errors.KeychainLocked):
            await keychain.read(["a"])
        seen.append("locked")

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(one)
            group.start_soon(one)

    do(both)
    answered.set()
    assert seen == ["locked", "locked"]


def test_calls_come_one_at_a_time() -> None:
    running: list[int] = []
    most: list[int] = []

    def note() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.005)
        running.pop()

    keychain = Keychain(open=lambda: Chest(note))

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(keychain.read, ["a"])

    do(many)
    assert max(most) == 1


def test_windows_takes_so_many_characters_and_no_more() -> None:
    for platform, length in (("win32", WINDOWS_LIMIT), ("linux", WINDOWS_LIMIT + 1)):
        do(lambda p=platform, n=length: Keychain(open=Chest, platform=p).keep({"a": Secret("x" * n)}))  # type: ignore[misc]
    for value in ("x" * (WINDOWS_LIMIT + 1), "🔑" * (WINDOWS_LIMIT // 2 + 1)):
        chest = Chest()
        with pytest.raises(errors.KeychainTooLong) as caught:
            do(lambda v=value, c=chest: Keychain(open=lambda: c, platform="win32").keep({"a": Secret(v)}))  # type: ignore[misc]
        assert caught.value.facts == {"limit": WINDOWS_LIMIT}
        assert chest.calls == []


class KeyringLocked(Exception): ...


class PasswordSetError(Exception): ...


class NoKeyringError(Exception): ...


def around(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


MEANT = {
    "windows_denied": (OSError(5, "Zugriff verweigert"), "keychain_denied"),
    "windows_no_session": (Exception(1312, "CredWrite", "…"), "keychain_absent"),
    "windows_too_long": (Exception(1783, "CredWrite", "…"), "keychain_too_long"),
    "mac_denied_inside_keyrings_own": (
        around(PasswordSetError("Can't store"), Exception(-25293, "")),
        "keychain_denied",
    ),
    "mac_no_prompt_allowed": (around(KeyringLocked(""), Exception(-25308, "")), "keychain_locked"),
    "mac_no_keychain": (Exception(-25307, ""), "keychain_absent"),
    "locked": (KeyringLocked("Failed to unlock"), "keychain_locked"),
    "locked_deeper": (around(PasswordSetError(""), KeyringLocked("")), "keychain_locked"),
    "none": (NoKeyringError(""), "keychain_absent"),
    "bus_gone": (ConnectionResetError(), "keychain_absent"),
    "anything": (ValueError("ZZ"), "keychain_denied"),
}


@pytest.mark.parametrize("name", MEANT)
def test_what_a_keychains_own_error_means(name: str) -> None:
    caught, code = MEANT[name]
    error = classify(caught)
    assert error.code == code
    assert "ZZ" not in repr(error.facts)


@pytest.mark.parametrize("platform", ["win32", "darwin", "plan9"])
def test_no_keychain_of_another_platform_is_used(platform: str) -> None:
    with pytest.raises(errors.KeychainAbsent):
        backend(platform)


def test_windows_secrets_do_not_roam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("wizard.core.vault", fromlist=["_"])._BACKENDS, "win32", (__name__, "Usable")
    )
    assert vars(backend("win32")) == {"persist": "local machine"}


class Usable(Chest):
    priority = 1

    def __init__(self) -> None: ...
