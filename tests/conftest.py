"""What all tests share: a home of their own; a real keychain and X server for those that ask for them."""

from __future__ import annotations

import gc
import os
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import IO, TYPE_CHECKING

import pytest

from wizard import core, providers
from wizard.cli import ENDING
from wizard.core import log

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from pytest_cov.engine import CovController  # type: ignore[import-untyped]

UNWANTED = ("proxy", "python_keyring_backend", "keyring_property", "keychain_path", "ssl_cert")
HOMES = {
    "HOME": "",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "XDG_RUNTIME_DIR": "run",
}
BUS = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
PATIENCE = 20.0
FOLDER = stat.S_IFDIR | 0o700
HOME = pytest.StashKey[Path]()
REAL = ("real_keychain", "real_x", "real_crash")
UNMEASURED = {"canary", "dev", "gui", "packaging"}
"""Folders whose tests do not count for the coverage of core and providers: their own must reach all of it."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Find the tests unwatched, and without looking for garbage: thousands of them stay to the end."""
    if measuring(session.config) and not hasattr(session.config, "workerinput"):
        for package in (core, providers):
            for one in walk_packages(package.__path__, f"{package.__name__}."):
                import_module(one.name)  # what a module does while it is imported counts, here and once
    watch(session.config, on=False)
    gc.disable()
    found = yield
    gc.freeze()
    gc.enable()
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no coverage where it does not count: to watch each line takes longer than the test itself."""
    unmeasured = item.path.relative_to(Path(__file__).parent).parts[0] in UNMEASURED
    watch(item.config, on=not unmeasured and item.get_closest_marker("no_cover") is None)
    return (yield)


def measuring(config: pytest.Config) -> CovController | None:
    """Return what measures the coverage, if anything does here."""
    plugin = config.pluginmanager.get_plugin("_cov")
    controller: CovController | None = plugin.cov_controller if plugin else None
    return controller if controller and controller.cov else None


def watch(config: pytest.Config, *, on: bool) -> None:
    """Measure from here on, or no longer: also what a test sets up and takes down, and its threads."""
    controller = measuring(config)
    if controller and controller.started is not on:
        (controller.resume if on else controller.pause)()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test of the real thing a failure where KOBLE_REQUIRE_REAL asks for the real thing."""
    report = yield
    real = any(item.get_closest_marker(name) for name in REAL)
    if report.skipped and real and os.environ.get("KOBLE_REQUIRE_REAL") == "1":
        report.outcome = "failed"
        report.longrepr = f"KOBLE_REQUIRE_REAL=1, and this was skipped: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how often it was looked for a secret that was planted: flow by channel by secret by encoding."""
    reports = [one for some in terminalreporter.stats.values() for one in some]
    told = [one for report in reports for one in getattr(report, "user_properties", [])]
    count = sum(number for name, number in told if name == "canary")
    if count:
        terminalreporter.write_line(f"canaries: {count} comparisons, 0 hits wherever the tests passed")


@pytest.fixture(autouse=True)
def _own_world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test a home of its own, no proxy and no keychain, and its own log."""
    for name in [name for name in os.environ if name.lower().endswith(UNWANTED) or is_unwanted(name)]:
        monkeypatch.delenv(name)
    home = home_for(request)
    for name, folder in HOMES.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={home.parent}/no-bus")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    signals = {number: signal.getsignal(number) for number in ENDING}
    yield
    if request.node.get_closest_marker("real_keychain"):
        sweep()
    for number, handler in signals.items():
        signal.signal(number, handler)  # a command that ends ignores them; children inherit that
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    log.stop()  # else a test would find what another leaked masked, or written to another's file


def home_for(request: pytest.FixtureRequest) -> Path:
    """Return an empty home: in the test's own folder where it has one, else the last one if still empty."""
    if "tmp_path" in request.fixturenames:
        return made_home(request.getfixturevalue("tmp_path") / "home")
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    kept = request.config.stash.get(HOME, None)
    if kept is None or not is_new(kept):
        kept = request.config.stash[HOME] = made_home(factory.mktemp("world") / "home")
    return kept


def made_home(home: Path) -> Path:
    """Make the folders of a home that nobody else may read."""
    for folder in HOMES.values():
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    return home


def is_new(home: Path) -> bool:
    """Tell whether a home is as it was made: its folders, their rights, and nothing in them or beside it."""
    inside = [folder for folder in HOMES.values() if folder]
    wanted = {home.parent: {home.name}, home: set(inside)} | {home / one: set() for one in inside}
    if any({one.name for one in folder.iterdir()} != names for folder, names in wanted.items()):
        return False
    return all((home / folder).lstat().st_mode == FOLDER for folder in HOMES.values())


def is_unwanted(name: str) -> bool:
    """Tell a variable that could redirect a keychain or the trust in certificates."""
    return name.lower().startswith(UNWANTED)


@pytest.fixture(scope="session")
def _secret_service() -> Iterator[str]:
    with secret_service() as address:
        yield address


@pytest.fixture
def keychain_bus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a bus with an unlocked keychain, which is also set for this test."""
    need("dbus-daemon", "gnome-keyring-daemon")
    address: str = request.getfixturevalue("_secret_service")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    return address


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    """Return the name of a real X server, `:N`; for tests marked `real_x`."""
    need("Xvfb")
    reader, writer = os.pipe()
    screen = ["-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"]  # a reset turns clients away
    command = ["Xvfb", "-displayfd", str(writer), *screen]
    with running(command, pass_fds=(writer,)), os.fdopen(reader) as told:
        os.close(writer)
        yield f":{line_of(told).strip()}"


def sweep() -> None:
    """Close what keyring left open where its keychain refused or went away: no other test hears of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def need(*programs: str) -> None:
    """Skip the test where a program is not installed."""
    absent = [name for name in programs if not shutil.which(name)]
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)}")


@contextmanager
def secret_service() -> Iterator[str]:
    """Run a bus and a keychain, unlocked and empty, for one block; yield the bus's address."""
    with tempfile.TemporaryDirectory(prefix="kc-", dir="/tmp") as name:
        folder = Path(name)
        environ = {"HOME": name, "XDG_RUNTIME_DIR": name, "XDG_DATA_HOME": name, "PATH": os.environ["PATH"]}
        (folder / "bus.conf").write_text(BUS.format(folder=name), "utf-8")
        bus = ["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--print-address=1"]
        with running(bus, environ, stdout=subprocess.PIPE) as daemon:
            address = line_of(daemon.stdout).strip()
            with _keyring(folder, {**environ, "DBUS_SESSION_BUS_ADDRESS": address}):
                yield address


@contextmanager
def _keyring(folder: Path, environ: Mapping[str, str]) -> Iterator[None]:
    command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock", "-C", str(folder)]
    with running(command, environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as daemon:
        assert daemon.stdin
        daemon.stdin.write("practice")
        daemon.stdin.close()
        wait_for_name(environ["DBUS_SESSION_BUS_ADDRESS"])
        yield


@contextmanager
def running(
    command: list[str],
    environ: Mapping[str, str] | None = None,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    pass_fds: tuple[int, ...] = (),
) -> Iterator[subprocess.Popen[str]]:
    """Run a program beside the tests, and end it afterwards: that one, by its id."""
    with subprocess.Popen(
        command,
        env=environ,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()  # one that heeds nothing fails its test, and does not stop all others


def line_of(stream: IO[str] | None) -> str:
    """Return the first line a program writes; a program that writes none fails the test."""
    assert stream
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        assert selector.select(PATIENCE), "the program said nothing"
    return stream.readline()


def wait_for_name(address: str) -> None:
    """Wait until the keychain has taken its name on the bus."""
    from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]
    from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

    bus = DBusAddress("/", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus")
    asked = new_method_call(bus, "NameHasOwner", "s", ("org.freedesktop.secrets",))
    deadline = time.monotonic() + PATIENCE
    with open_dbus_connection(address) as connection:
        while not connection.send_and_get_reply(asked).body[0]:
            assert time.monotonic() < deadline, "the keychain did not start"
            time.sleep(0.02)
