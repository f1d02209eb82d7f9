"""The vault over keychains that lie, refuse, hang or are too small."""

from __future__ import annotations

import ast
import contextlib
import gc
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import pytest

import wizard
from tests.core.helpers import Chest
from wizard.core import errors
from wizard.core.secret import Secret
from wizard.core.vault import _BACKENDS, WINDOWS_LIMIT, Keychain, MemoryVault, backend, classify

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


class KeyringLocked(Exception): ...


class PasswordSetError(Exception): ...


class PasswordDeleteError(Exception): ...


class NoKeyringError(Exception): ...


class CredentialError(Exception):
    """As of Windows, where the number is beside the arguments."""

    winerror = 5


def test_all_is_kept_read_back_and_dropped() -> None:
    chest = Chest()
    keychain = Keychain(open=lambda: chest)
    do(lambda: keychain.keep(PAIR))
    assert do(lambda: keychain.read([*PAIR, "absent"])) == PAIR
    do(lambda: keychain.drop([*PAIR, "absent"]))
    do(keychain.trial)
    assert chest.items == {}


def test_memory_keeps_and_drops_as_a_keychain_does() -> None:
    memory = MemoryVault()
    do(memory.trial)
    do(lambda: memory.keep(PAIR))
    assert do(lambda: memory.read([*PAIR, "absent"])) == PAIR
    do(lambda: memory.drop(["koble a 1", "absent"]))
    assert do(lambda: memory.read(PAIR)) == {"koble b 1": PAIR["koble b 1"]}


class Lying(Chest):
    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:3])


class Null(Chest):
    def set_password(self, service: str, username: str, password: str) -> None:
        self._step("set")


class Keeping(Chest):
    """Says that it deleted something, and did not."""

    def delete_password(self, service: str, username: str) -> None:
        self._step("delete")


class Raced(Chest):
    """Somebody else deletes first, or the keychain breaks."""

    def delete_password(self, service: str, username: str) -> None:
        if self.items.pop((service, username)) == "ZZtwo":
            self.items[service, username] = "ZZtwo"
        raise PasswordDeleteError


@pytest.mark.parametrize("kind", [Lying, Null])
def test_a_keychain_that_lies_is_found_out_and_nothing_is_left(kind: type[Chest]) -> None:
    chest = kind()
    keychain = Keychain(open=lambda: chest)
    for work in (keychain.trial, lambda: keychain.keep(PAIR)):
        with pytest.raises(errors.KeychainLied):
            do(work)
        assert chest.items == {}


def test_a_keychain_that_does_not_delete_is_found_out_too() -> None:
    chest = Keeping()
    keychain = Keychain(open=lambda: chest)
    for work in (keychain.trial, lambda: keychain.keep(PAIR)):
        with contextlib.suppress(errors.KeychainLied):
            do(work)
    with pytest.raises(errors.KeychainLied) as caught:
        do(lambda: keychain.drop(PAIR))
    assert caught.value.facts == {"reason": "not_deleted"}


def test_to_delete_what_somebody_else_deletes_meanwhile_is_no_error() -> None:
    chest = Raced()
    keychain = Keychain(open=lambda: chest)
    do(lambda: keychain.keep(PAIR))
    do(lambda: keychain.drop(["koble a 1"]))
    with pytest.raises(errors.KeychainDenied):
        do(lambda: keychain.drop(["koble b 1"]))


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


class Broken(Chest):
    """Cannot be written, and then does what a test has it do when it is asked for anything."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError(-61, "read only")


def test_a_cleaning_up_that_fails_does_not_hide_the_first_error(caplog: pytest.LogCaptureFixture) -> None:
    chest = Broken(raising(OSError(5, "denied")))
    keychain = Keychain(open=lambda: chest)
    for work in (keychain.trial, lambda: keychain.keep(PAIR)):
        with pytest.raises(errors.KeychainReadOnly):
            do(work)
    gc.collect()
    assert caplog.records == [], "nor is it told of by anybody else"


def test_a_cleaning_up_that_hangs_is_given_up() -> None:
    answered = threading.Event()
    chest = Broken(lambda: answered.wait(20))
    began = time.monotonic()
    with pytest.raises(errors.KeychainReadOnly):
        do(lambda: Keychain(open=lambda: chest, patience=0.2).keep(PAIR))
    assert time.monotonic() - began < 2
    answered.set()


def test_a_call_that_hangs_does_not_keep_the_program_from_ending() -> None:
    script = """
import anyio, threading
from wizard.core import errors
from wizard.core.vault import Keychain
class Hanging:
    def get_password(self, *_):
        threading.Event().wait(20)
try:
    anyio.run(Keychain(open=Hanging, patience=0.1).read, ["a"])
except errors.KeychainLocked:
    print("given up")
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=15, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"given up\n", b"")


@pytest.mark.parametrize("error", [OSError(-128, "no"), OSError(-25293, "wrong"), KeyringLocked()], ids=repr)
def test_nothing_is_asked_again_just_after_a_person_refused(error: Exception) -> None:
    chest = Chest(raising(error), good=1)
    keychain = Keychain(open=lambda: chest)
    chest.items["koble a 1", "koble"] = "ZZ"
    for _ in range(2):
        with pytest.raises(errors.VaultError) as caught:
            do(lambda: keychain.drop(["koble a 1"]))
        assert caught.value.facts == classify(error).facts
        assert chest.calls == ["get", "delete"]
    with pytest.raises(errors.VaultError):
        do(keychain.trial)
    assert chest.calls == ["get", "delete"]


def test_a_prompt_that_nobody_answers_is_told_once_and_then_at_once() -> None:
    answered = threading.Event()
    chest = Chest(lambda: answered.wait(20))
    keychain = Keychain(open=lambda: chest, patience=0.2)
    spent: list[float] = []
    for work in (lambda: keychain.keep(PAIR), keychain.trial, lambda: keychain.drop(PAIR)):
        began = time.monotonic()
        with pytest.raises(errors.KeychainLocked) as caught:
            do(work)
        spent.append(time.monotonic() - began)
        assert caught.value.facts == {"waited": 0}, "as much as its patience, in whole seconds"
    assert spent[0] < 2
    assert max(spent[1:]) < 0.2
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


def test_after_a_refusal_those_who_stood_in_line_do_not_ask_again() -> None:
    """Twenty who wait for the same locked keychain, and a person who says no to the first question."""
    prompts: list[str] = []

    def ask() -> None:
        prompts.append("?")
        time.sleep(0.05)
        raise KeyringLocked

    chest = Chest(ask)
    keychain = Keychain(open=lambda: chest)
    ended: list[str] = []

    async def one() -> None:
        with pytest.raises(errors.KeychainLocked) as caught:
            await keychain.read(["koble a 1"])
        ended.append(str(caught.value.facts["reason"]))

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(one)

    do(many)
    assert (prompts, ended) == (["?"], ["dismissed"] * 20)
    for work in (keychain.trial, lambda: keychain.keep(PAIR)):  # what cleans up asks nobody either
        keychain._refusal = None
        prompts.clear()
        with pytest.raises(errors.KeychainLocked):
            do(work)
        assert prompts == ["?"]
    keychain._refusal = (time.monotonic() - 1, errors.KeychainLocked())
    chest._fault = None
    do(keychain.trial)


def test_it_is_told_once_that_the_system_is_asking_and_when_that_is_over() -> None:
    told: list[bool] = []
    chest = Chest(lambda: time.sleep(1.3))
    keychain = Keychain(open=lambda: chest)
    keychain.when_asking(told.append)

    async def both() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(keychain.read, ["koble a 1"])
            await anyio.sleep(1.15)
            assert told == [True]
            chest._fault = None

    do(both)
    assert told == [True, False]
    do(keychain.trial)
    assert told == [True, False]


def test_a_keychain_that_never_comes_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is that of a probe: nobody was asked anything yet."""
    monkeypatch.setattr("wizard.core.vault.PROBE", 0.2)
    come = threading.Event()

    def never() -> Chest:
        come.wait(20)
        return Chest()

    keychain = Keychain(open=never)
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(errors.KeychainAbsent) as caught:
            do(keychain.trial)
        assert caught.value.facts == {"reason": "silent"}
    assert time.monotonic() - began < 1
    come.set()


def test_giving_up_a_call_lets_go_at_once() -> None:
    answered = threading.Event()
    keychain = Keychain(open=lambda: Chest(lambda: answered.wait(20)))

    async def cancelled() -> None:
        with anyio.move_on_after(0.1):
            await keychain.trial()

    began = time.monotonic()
    do(cancelled)
    assert time.monotonic() - began < 1
    answered.set()


STATES: dict[str, tuple[Callable[[], Chest], str]] = {
    "ok": (Chest, ""),
    "locked": (lambda: Chest(raising(KeyringLocked())), "keychain_locked"),
    "absent": (lambda: Chest(raising(NoKeyringError())), "keychain_absent"),
    "denied": (lambda: Chest(raising(Exception(-25244, "owner"))), "keychain_denied"),
    "read_only": (lambda: Chest(raising(OSError(-61, "read only"))), "keychain_read_only"),
    "lying": (Lying, "keychain_lied"),
    "null": (Null, "keychain_lied"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_trial_tells_which_state_it_is_in(state: str) -> None:
    make, code = STATES[state]
    chest = make()
    try:
        do(Keychain(open=lambda: chest).trial)
        found = ""
    except errors.VaultError as error:
        found = error.code
    assert found == code
    assert chest.items == {}


def test_the_thread_ends_once_nobody_has_the_keychain_any_more() -> None:
    before = set(threading.enumerate())
    keychain = Keychain(open=Chest)
    do(keychain.trial)
    (thread,) = (one for one in set(threading.enumerate()) - before if one.name == "koble-keychain")
    assert thread.is_alive()
    del keychain
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


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
    "ours": (errors.KeychainLied(), "keychain_lied"),
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


def test_what_is_told_of_a_keychains_own_error() -> None:
    assert classify(OSError(1783, "too long")).facts == {"number": 1783}
    assert classify(OSError(5, "denied")).facts == {"number": 5, "reason": "rules", "whose": "it"}
    assert classify(CredentialError("denied")).facts["number"] == 5
    assert classify(ValueError("ZZ")).facts == {"kind": "ValueError"}
    assert classify(NoKeyringError("ZZ")).facts == {"kind": "NoKeyringError"}
    assert classify(KeyringLocked("ZZ")).facts == {"kind": "KeyringLocked", "reason": "dismissed"}


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


# No plain-text way round it

ROOT = Path(wizard.__file__).parent
WRITES = {
    "write_text", "write_bytes", "write_whole", "open", "fdopen", "write", "writelines", "dump", "mkstemp",
    "NamedTemporaryFile", "FileHandler", "RotatingFileHandler", "QFile", "QSaveFile", "QSettings",
}  # fmt: skip


def writers(source: str) -> list[str]:
    """Return what a module calls that may write a file, by name, but for methods of its own objects."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    own = {"self", "envelope"}
    named = [one.id for one in calls if isinstance(one, ast.Name)]
    named += [one.attr for one in calls if isinstance(one, ast.Attribute) and not {name_of(one.value)} & own]
    return sorted(name for name in named if name in WRITES)


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_whoever_may_take_a_secret_out_writes_no_file_but_a_sealed_one() -> None:
    """The first two are the only ones that may (another test counts that); the vault hands to the third."""
    source = {
        name: (ROOT / "core" / f"{name}.py").read_text("utf-8") for name in ("auth", "vault", "envelope")
    }
    assert {name: writers(text) for name, text in source.items()} == {
        "auth": [],
        "vault": [],
        "envelope": ["write_whole"],
    }
    for planted in ('open("x", "w")', "path.write_text(v)", "json.dump(v, f)", "os.write(1, v)"):
        assert writers(source["vault"] + planted) != []


@pytest.mark.no_cover
def test_nothing_but_three_named_keychains_is_ever_asked_for() -> None:
    found: set[str] = set()
    for module in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else ""
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [text] if isinstance(text, str) and re.fullmatch(r"keyrings?(\.[\w.]+)?", text) else []
            names += [node.attr] if isinstance(node, ast.Attribute) and "keyring" in node.attr else []
            found |= {name for name in names if name.startswith("keyring") or "keyring" in name}
    found.remove("keyring")  # the name of its logger, in `log`
    assert found == {one for one, _ in _BACKENDS.values()}
    assert found == {f"keyring.backends.{name}" for name in ("SecretService", "Windows", "macOS")}
