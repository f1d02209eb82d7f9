"""Whatever is logged, warned or raised: masked, in its owner's file, and never a raw traceback."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import io
import logging
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import threading
import warnings
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

import pytest

from tests.canary.keys import canary
from tests.canary.search import Search
from wizard.core import dumps, hooks, log, paths
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.canary.search import Canary

TALK = (
    "httpx",
    "httpcore",
    "httpcore.http11",
    "keyring",
    "asyncio",
    "secretstorage",
    "h11",
    "jeepney.io.blocking",
)


@pytest.fixture
def held() -> Iterator[tuple[Canary, str]]:
    """Return a canary that lives as a secret, and its value."""
    one = canary("fiken", "token")
    secret = Secret(one.value)
    yield one, one.value
    del secret


@pytest.fixture
def written(tmp_path: Path, held: tuple[Canary, str], capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what tells what is in the log, after it has been searched together with all that was said."""
    log.start(paths.logs())

    def read() -> str:
        said = dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))
        assert Search([held[0]]).everywhere("log", root=tmp_path, texts=said) == []
        assert said["stderr"] == ""
        return (paths.logs() / "koble.log").read_text("utf-8")

    return read


def test_any_record_is_masked_before_any_handler_has_it(
    written: Callable[[], str], held: tuple[Canary, str], caplog: pytest.LogCaptureFixture
) -> None:
    _, value = held
    for name in ("koble.net", "somebody.else"):
        logger = logging.getLogger(name)
        logger.error("with %s and %r", value, value)
        logger.error(f"in the text {value}")  # noqa: G004 - as somebody else may
        logger.error("%(key)s", {"key": value})
        logger.error("%d", value)
        logger.warning("too few %s %s", *[value])
        try:
            int(value)
        except ValueError:
            logger.exception("while reading %s", value)
            logger.exception("again", stack_info=True)
    told = written()
    assert told.count("ValueError\n  test_log.py:") == 4
    assert told.count("in the text …") == 2
    assert "koble.net: TypeError" in told
    assert not [one for one in caplog.records if one.args or one.exc_info]
    assert Search([held[0]]).everywhere("records", texts={"records": caplog.text}) == []


def test_what_others_chat_about_is_not_in_our_file(
    written: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="other")
    logging.getLogger("other").info("chatter")
    logging.getLogger("other").warning("grave")
    logging.getLogger("koble.x").info("ours")
    told = written()
    assert "chatter" not in told
    (grave, ours) = told.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING other grave", grave)
    assert ours.endswith(" INFO koble.x ours")


def test_a_log_of_somebody_elses_that_fails_says_nothing_on_the_terminal(
    written: Callable[[], str], held: tuple[Canary, str]
) -> None:
    stream = io.StringIO()
    stream.close()
    logger, handler = logging.getLogger("other"), logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.warning("grave %s", held[1])
    logger.removeHandler(handler)
    assert "other grave …" in written()


def test_talkative_libraries_are_kept_to_warnings(caplog: pytest.LogCaptureFixture) -> None:
    for name in TALK:
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.CRITICAL, logger="h11")
    caplog.set_level(logging.DEBUG)  # last: each of these sets what is recorded at all
    logging.getLogger("httpcore.proxy")
    log.quieten()
    for name in TALK:
        logging.getLogger(name).info("too much")
    assert not caplog.records
    assert logging.getLogger("h11").level == logging.CRITICAL
    assert logging.getLogger("httpcore.proxy").level == logging.NOTSET
    assert not logging.getLogger("httpcore.proxy").isEnabledFor(logging.DEBUG)


def test_warnings_go_into_the_log(written: Callable[[], str], held: tuple[Canary, str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        log.stop()
        log.start(paths.logs())
        warnings.warn(f"odd key {held[1]}", UserWarning, stacklevel=1)
        log.stop()
    assert "UserWarning: odd key …" in written()


def test_a_loop_says_masked_what_nobody_awaited(written: Callable[[], str], held: tuple[Canary, str]) -> None:
    async def strike() -> None:
        raise ValueError(held[1])

    def strike_now() -> None:
        raise ValueError(held[1])

    async def work() -> None:
        task = asyncio.create_task(strike())
        asyncio.get_running_loop().call_soon(strike_now)
        await asyncio.sleep(0.01)
        del task
        gc.collect()

    asyncio.run(work())
    told = written()
    assert "Task exception was never retrieved" in told
    assert "Exception in callback" in told
    assert told.count("ValueError\n  ") == 2


def test_the_hooks(
    written: Callable[[], str], held: tuple[Canary, str], capfd: pytest.CaptureFixture[str]
) -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    restore = hooks.install()
    try:
        sys.excepthook(ValueError, ValueError(held[1]), None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        reports = list(paths.logs().glob("bug-*.txt"))
        assert [one.read_text("utf-8") for one in reports] == ["ValueError\n"]
        assert stat.S_IMODE(reports[0].stat().st_mode) == 0o600
        assert capfd.readouterr().err == f"koble: {reports[0].name}\n"
        reports[0].unlink()
        thread = threading.Thread(target=strike, args=(held[1],))
        thread.start()
        thread.join()
        (report,) = paths.logs().glob("bug-*.txt")
        assert "test_log.py" in report.read_text("utf-8")
        report.unlink()
        threading.excepthook(threading.ExceptHookArgs((SystemExit, SystemExit(), None, None)))
        threading.excepthook(threading.ExceptHookArgs((ValueError, None, None, None)))
        assert not list(paths.logs().glob("bug-*.txt"))
        Dying(held[1])
        gc.collect()
        assert "ERROR koble passing ValueError\n  test_log.py:" in written()
    finally:
        restore()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def strike(value: str) -> None:
    raise ValueError(value)


class Dying:
    """Strikes while it goes, where nothing can be raised."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __del__(self) -> None:
        strike(self.value)


def test_hooks_say_nothing_more_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def nowhere() -> Path:
        raise OSError

    monkeypatch.setattr(paths, "logs", nowhere)
    hooks.uncaught(ValueError, ValueError("ZZ"), None)
    assert capfd.readouterr().err == "koble: \n"
    restore = hooks.install()
    Dying("ZZ")
    gc.collect()
    restore()
    monkeypatch.setattr(sys, "stderr", None)  # as of a program without a terminal, on Windows
    hooks.uncaught(ValueError, ValueError("ZZ"), None)
    assert capfd.readouterr().err == ""


def test_what_strikes_before_there_is_a_log_begins_one() -> None:
    restore = hooks.install()
    Dying("ZZ")
    gc.collect()
    restore()
    assert "passing ValueError" in (paths.logs() / "koble.log").read_text("utf-8")


@pytest.mark.parametrize("place", ["log", "share/koble/log"])
def test_reports_lie_in_a_folder_that_is_their_owners(place: str, tmp_path: Path) -> None:
    writers = (lambda folder: log.report(folder, ValueError()), log.watch_faults, log.start)
    for number, write in enumerate(writers):
        folder = tmp_path / f"{number}" / place
        try:
            write(folder)
        finally:
            faulthandler.enable()
        assert len(list(folder.iterdir())) == 1
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_report_that_cannot_be_written_has_no_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert log.report(tmp_path / "file", ValueError()) == ""


def test_every_folder_that_is_made_for_it_is_its_owners(tmp_path: Path) -> None:
    log.start(tmp_path / "state" / "Koble" / "log")
    made = [tmp_path / "state", tmp_path / "state" / "Koble", tmp_path / "state" / "Koble" / "log"]
    assert [stat.S_IMODE(one.stat().st_mode) for one in made] == [0o700] * 3


def test_every_file_is_its_owners_also_one_that_was_there_and_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "koble.log").write_text("old\n", "utf-8")
    (folder / "koble.log").chmod(0o644)
    log.start(folder)
    logger = logging.getLogger("koble")
    (handler,) = logger.handlers
    assert isinstance(handler, RotatingFileHandler)
    logger.info("half a character \ud800")
    handler.doRollover()
    logger.info("next")
    names = sorted(one.name for one in folder.iterdir())
    assert names == ["koble.log", "koble.log.1"]
    assert "next" in (folder / "koble.log").read_text("utf-8")
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in names} == {0o600}
    assert "half a character \\ud800" in (folder / "koble.log.1").read_text("utf-8")


def test_a_log_grows_to_a_size_and_two_older_ones_are_kept(tmp_path: Path) -> None:
    log.start(tmp_path / "log")
    for number in range(5):
        logging.getLogger("koble").info("%s %s", number, "so it went " * 40_000)
    begun = {one.name: one.read_text("utf-8").split()[4] for one in (tmp_path / "log").iterdir()}
    assert begun == {"koble.log": "4", "koble.log.1": "3", "koble.log.2": "2"}


def test_places_end_where_an_exception_comes_from_itself() -> None:
    first, second = ValueError("ZZ"), KeyError("ZZ")
    first.__context__, second.__context__ = second, first
    assert log.places(first) == "ValueError\nKeyError"
    assert log.places(None) == ""


def test_a_fault_outside_python_leaves_functions_only(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    value = canary("fiken", "token").value
    script = f"""
import sys, ctypes
from pathlib import Path
from wizard.core import log
log.watch_faults(Path(sys.argv[1]))
def strike(key):
    ctypes.string_at(0)
strike({value!r})
"""
    ended = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, check=False)
    assert ended.returncode < 0
    assert ended.stderr == b""
    told = (folder / "faults.txt").read_text("utf-8")
    assert "in strike" in told
    assert value not in told
    assert stat.S_IMODE((folder / "faults.txt").stat().st_mode) == 0o600


def test_watching_faults_holds_a_file_open(tmp_path: Path) -> None:
    try:
        log.watch_faults(tmp_path)
        assert (tmp_path / "faults.txt").exists()
    finally:
        faulthandler.enable()


def test_faults_are_not_watched_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    was = faulthandler.is_enabled()
    log.watch_faults(tmp_path / "file")
    assert faulthandler.is_enabled() == was


# No copy of the memory


def test_a_process_that_aborts_leaves_no_copy_of_its_memory(tmp_path: Path) -> None:
    script = """
import os, resource
from wizard.core.dumps import forbid
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
forbid()
os.abort()
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGABRT, ended.stderr
    assert list(tmp_path.glob("core*")) == []


@pytest.mark.parametrize(("dumpable", "told"), [(False, "0"), (True, "1")])
def test_whether_others_may_read_the_memory(dumpable: bool, told: str) -> None:
    script = f"""
import ctypes, resource
from wizard.core.dumps import forbid
forbid(dumpable={dumpable})
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert ended.stdout.split() == [told, "0", "0"]


class Library:
    """The system's library of functions, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def __call__(self, name: str | None) -> Library:
        self.asked.append(name)
        return self

    def prctl(self, *numbers: int) -> int:
        self.asked.append(numbers)
        return -1

    def SetErrorMode(self, number: int) -> int:
        self.asked.append(number)
        return 0

    def WerSetFlags(self, number: int) -> int:
        self.asked.append(number)
        return 0


@pytest.mark.parametrize(
    ("platform", "asked"),
    [("linux", [None, (4, 0, 0, 0, 0)]), ("win32", ["kernel32", 3, 1]), ("darwin", [])],
)
def test_each_platform_is_asked_in_its_own_way(
    platform: str, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    library = Library()
    dumps.forbid(platform=platform, library=library)
    assert library.asked == asked


def test_what_a_platform_does_not_have_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(resource, "setrlimit", refuse)
    dumps.forbid(platform="win32", library=lambda _: object())
    dumps.forbid(platform="linux", dumpable=True)


def test_the_library_is_the_systems_own() -> None:
    assert dumps._library(None, None).getpid() == os.getpid()
