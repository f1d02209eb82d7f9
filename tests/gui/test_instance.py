"""A second start raises the first window: real processes, a real X server, and whoever knocks wrongly."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QLockFile, QSysInfo, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from tests.conftest import need
from tests.gui.test_real_x import PATIENCE, Person, environ, opened
from wizard.core import paths
from wizard.core.texts import Texts
from wizard.gui.instance import (
    FIRST,
    RAISED,
    SILENT,
    Instance,
    bring_forward,
    data_folder,
    session_of,
    wants_another,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

TITLE = Texts(language="en").say("system.title")[:20]
CLAIM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from wizard.gui.instance import Instance
application = QCoreApplication([])
made = Instance(practice=sys.argv[2] == "practice", folder=Path(sys.argv[1]), session=sys.argv[3])
print(made.claim(*sys.argv[5:], starting=0.2, answers=0.4), flush=True)
if sys.argv[4] == "stay":
    sys.stdin.read()
"""


@contextmanager
def claiming(folder: Path, mode: str = "window", session: str = "") -> Iterator[subprocess.Popen[str]]:
    """Claim the place in a process of its own, which then holds it without ever answering."""
    command = [sys.executable, "-c", CLAIM, str(folder), mode, session, "stay"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def claimed(folder: Path, mode: str = "window", session: str = "") -> str:
    """Return what a start comes to that ends at once."""
    command = [sys.executable, "-c", CLAIM, str(folder), mode, session, "go"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return done.stdout.strip()


# The whole program


def starts(display: str, home: Path, *options: str) -> int:
    """Start the program again; return the status it ends with by itself."""
    command = [sys.executable, "-m", "wizard", "--language", "en", *options]
    done = subprocess.run(
        command,
        env=environ(display, home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode


def see(person: Person) -> None:
    """Wait for the window of that very process: all of them have one title."""
    deadline = time.monotonic() + PATIENCE
    words = ("search", "--onlyvisible", "--all", "--pid", str(person.process.pid), "--name", f"^{TITLE}")
    while not (found := person.xdotool(*words).split()):
        assert time.monotonic() < deadline, person.titles()
        time.sleep(0.05)
    person.window = found[-1]


def wait_for_focus(person: Person) -> None:
    deadline = time.monotonic() + PATIENCE
    while person.xdotool("getwindowfocus") != person.window:
        assert time.monotonic() < deadline, "the first window did not come forward"
        time.sleep(0.05)


@pytest.mark.real_x
def test_a_second_start_raises_the_first_and_a_killed_one_is_no_hindrance(
    x_server: str, tmp_path: Path
) -> None:
    need("xdotool")
    with ExitStack() as stack:
        first = stack.enter_context(opened(x_server, tmp_path, "--language", "en"))
        see(first)
        other = stack.enter_context(opened(x_server, tmp_path, "--language", "en", "--practice"))
        see(other)  # the real and the practice window are two
        assert other.window != first.window
        other.xdotool("windowfocus", "--sync", other.window)
        assert starts(x_server, tmp_path) == 0
        wait_for_focus(first)
        assert starts(x_server, tmp_path, "--practice") == 0
        wait_for_focus(other)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(PATIENCE)
        third = stack.enter_context(opened(x_server, tmp_path, "--language", "en"))
        see(third)
        assert starts(x_server, tmp_path) == 0
        wait_for_focus(third)
        assert third.process.poll() is None


@pytest.mark.real_x
def test_one_that_hangs_is_said_so_and_another_may_be_opened(x_server: str, tmp_path: Path) -> None:
    need("xdotool")
    texts = Texts(language="en")
    with opened(x_server, tmp_path, "--language", "en") as first:
        see(first)
        assert starts(x_server, tmp_path) == 0  # so that it listens by now
        first.process.send_signal(signal.SIGSTOP)
        try:
            with opened(x_server, tmp_path, "--language", "en") as second:
                second.see(texts.say("window.title") + "$")
                second.press("Escape")
                assert second.process.wait(PATIENCE) == 0
        finally:
            first.process.send_signal(signal.SIGCONT)


# The place


def test_whoever_is_there_first_holds_it_until_he_ends_however_he_does(tmp_path: Path) -> None:
    with claiming(tmp_path) as first:
        assert said(first) == FIRST
        assert claimed(tmp_path) == SILENT
        assert claimed(tmp_path, mode="practice") == FIRST
        assert claimed(tmp_path, session=":7") == FIRST
        first.kill()
        first.wait(PATIENCE)
        assert list(tmp_path.glob("*.lock")), "kill -9 leaves the lock behind"
        assert claimed(tmp_path) == FIRST


@pytest.mark.qt_log_ignore("does not support raise")
def test_one_listens_and_raises_for_its_user_only(tmp_path: Path, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    first = Instance(practice=False, folder=tmp_path, session="")
    assert first.claim() == FIRST
    first.listen(window)
    for place in (Path(first.place), *tmp_path.glob("*.lock")):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0, place
    command = [sys.executable, "-c", CLAIM, str(tmp_path), "window", "", "go"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as second:
        wait_for_the_end(second, qtbot)
        assert said(second) == RAISED
    assert not window.isMinimized()
    first.close()
    assert claimed(tmp_path) == FIRST


def wait_for_the_end(process: subprocess.Popen[str], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=int(PATIENCE * 1000))


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_second_starts_file_is_opened_by_the_first(tmp_path: Path, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    first = Instance(practice=False, folder=tmp_path, session="")
    assert first.claim() == FIRST
    first.listen(window)
    opened: list[str] = []
    first.file_wished.connect(opened.append)
    for name in ("Fjordbanken øst.koble-start", "\udcff.koble-start", "x" * 250 + "/" + "y" * 250):
        command = [sys.executable, "-c", CLAIM, str(tmp_path), "window", "", "go", name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as second:
            wait_for_the_end(second, qtbot)
            assert said(second) == RAISED
        assert opened.pop() == str(tmp_path / name)
    assert window.isVisible()
    first.close()


@pytest.mark.real_x
def test_a_start_file_goes_to_the_window_that_is_open(x_server: str, tmp_path: Path) -> None:
    need("xdotool")
    file = tmp_path / "kunde.koble-start"
    file.write_text("this is none", "utf-8")
    with opened(x_server, tmp_path, "--language", "en") as first:
        see(first)
        assert starts(x_server, tmp_path, "--start", file.name) == 0
        first.see(Texts(language="en").say("start.title"))
        assert first.process.poll() is None


WRONG = [b"rais", b"x" * 100_000, b"raise!\n", b"\x00\xff\n\n\n\n\n", b""]
WRONG += [b"open \n", b"open zz\n", b"open 2f746d70", b"open \xff\n", b"Open 2f746d70\n"]


@pytest.mark.parametrize("asked", WRONG)
def test_nothing_else_is_heard(tmp_path: Path, qtbot: QtBot, asked: bytes) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    first = Instance(practice=False, folder=tmp_path, session="")
    first.claim()
    first.listen(window)
    first.file_wished.connect(lambda _: window.show())
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(first.place)
        client.settimeout(0.0)
        client.send(asked[:4096])
        qtbot.wait(30)
        with contextlib.suppress(OSError):  # it was reset, or nothing came
            assert client.recv(10) == b""
    assert not window.isVisible()
    first.close()


def test_a_place_that_cannot_be_made_or_is_held_elsewhere_is_no_reason_to_stay_away(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = Instance(practice=False, folder=tmp_path / "file" / "there", session="")
    assert nowhere.claim() == FIRST
    nowhere.listen(QWidget())
    nowhere.close()
    lock = tmp_path / "window.lock"
    lock.write_text(f"1\nkoble\nanother-machine\n{'0' * 32}\n{'0' * 32}\n", "utf-8")
    _, host, _ = _info(lock)
    assert host == "another-machine" != QSysInfo.machineHostName()
    assert Instance(practice=False, folder=tmp_path, session="").claim() == FIRST


def _info(lock: Path) -> tuple[int, str, str]:
    return QLockFile(str(lock)).getLockInfo()


def test_a_long_path_has_a_short_name(tmp_path: Path) -> None:
    deep = Instance(practice=False, folder=tmp_path / ("x" * 120), session="")
    assert len(deep.place) < 90
    assert deep.place != Instance(practice=True, folder=tmp_path / ("x" * 120), session="").place
    short = Instance(practice=True, folder=Path("/tmp/k"), session=":0")
    assert short.place == "/tmp/k/practice-_0.socket"


def test_the_folder_is_the_one_of_all_that_is_kept(tmp_path: Path) -> None:
    assert data_folder() == paths.data()


@pytest.mark.parametrize(
    ("named", "session"),
    [({"DISPLAY": ":0.1"}, ":0"), ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-1"}, "wayland-1"), ({}, "")],
)
def test_a_session_is_where_a_window_can_be_seen(named: dict[str, str], session: str) -> None:
    assert session_of(named, "linux") == session
    assert session_of(named, "darwin") == ""


# What is shown


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_question_comes_forward_with_its_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowMaximized | Qt.WindowState.WindowMinimized)
    box = QMessageBox(window)
    box.open()
    bring_forward(window)
    assert window.isMaximized()
    assert not window.isMinimized()
    assert box.isVisible()
    box.reject()


@pytest.mark.parametrize(("button", "wished"), [("open_anyway", True), ("close", False)])
@pytest.mark.parametrize("language", ["nb", "en"])
def test_another_window_is_wished_for_or_not(qtbot: QtBot, language: str, button: str, wished: bool) -> None:
    texts = Texts(language=language)

    def click() -> None:
        (box,) = [one for one in _boxes() if one.isVisible()]
        assert box.text() == texts.say("instance.title")
        (pressed,) = [one for one in box.buttons() if one.objectName() == button]
        pressed.click()

    from PySide6.QtCore import QTimer

    QTimer.singleShot(50, click)
    assert wants_another(texts) is wished


def _boxes() -> list[QMessageBox]:
    from PySide6.QtWidgets import QApplication

    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox)]


def test_a_second_start_loads_qts_network_and_the_first_waits_with_it(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from wizard.gui.instance import Instance
assert Instance(practice=False, folder=Path(sys.argv[1]), session="").claim() == "first"
assert "PySide6.QtNetwork" not in sys.modules and "platformdirs" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=dict(os.environ))
