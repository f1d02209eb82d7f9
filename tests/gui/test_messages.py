"""Qt's own messages, and what strikes in a slot: masked into the log, and nothing on a terminal."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer, qCritical, qDebug, qWarning

from tests.canary.keys import canary
from tests.canary.search import Search
from wizard.core import hooks, paths
from wizard.core.secret import Secret, redacted
from wizard.gui import messages

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.gui.helpers import Customer


@pytest.mark.no_qt_log
def test_what_qt_says_is_masked_in_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one = canary("fiken", "token")
    kept = Secret(one.value)
    unlisten = messages.listen()
    try:
        qDebug(f"chatter {one.value}")
        assert not paths.logs().exists()
        qWarning(f"warning {one.value}")
        qCritical(f"critical {one.value}")
    finally:
        unlisten()
    said = dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))
    assert said == {"stdout": "", "stderr": ""}
    told = (paths.logs() / "koble.log").read_text("utf-8")
    assert "WARNING koble.qt warning …" in told
    assert "ERROR koble.qt critical …" in told
    assert "chatter" not in told
    assert Search([one]).everywhere("Qt", root=tmp_path) == []
    del kept


@pytest.mark.no_qt_log
def test_what_strikes_in_a_slot_is_reported(
    qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = canary("fiken", "token")

    def strike() -> None:
        raise ValueError(one.value)

    before, restore = sys.excepthook, hooks.install()
    sys.excepthook = hooks.uncaught  # pytest-qt has put its own there
    try:
        QTimer.singleShot(0, strike)
        qtbot.waitUntil(lambda: any(paths.logs().glob("bug-*.txt")))
    finally:
        restore()
        sys.excepthook = before
    said = dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))
    assert "Traceback" not in said["stderr"]
    assert Search([one]).everywhere("slot", root=tmp_path, texts=said) == []


def test_what_lies_in_a_field_is_masked_before_it_is_wrapped(customer: Customer) -> None:
    one = canary("fiken", "token")
    customer.to_field("fiken")
    customer.paste(f"  Bearer {one.value}\n")
    assert redacted(f"<{one.value}>") == "<…>"
    assert redacted(f"<  Bearer {one.value}\n>") == "<…>"
    customer.secret.forget()
    assert one.value in redacted(f"<{one.value}>")


WATCHED = """
import ctypes, os, resource, sys, threading, time
from PySide6.QtCore import qWarning
from wizard.core import paths

def look():
    faults = paths.logs() / "faults.txt"
    until = time.monotonic() + 20
    while not faults.exists() and time.monotonic() < until:
        time.sleep(0.02)
    qWarning("planted warning")
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
    print(faults.exists(), dumpable, resource.getrlimit(resource.RLIMIT_CORE), type(sys.excepthook).__name__)
    sys.stdout.flush()
    os._exit(0)

threading.Thread(target=look, daemon=True).start()
from wizard.__main__ import window
sys.argv = ["koble-wizard", "--practice"]
window()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how it keeps the process's memory")
def test_the_program_itself_guards_its_memory_and_its_messages() -> None:
    """Not the parts one by one: the window as it is started, a moment after it has painted itself."""
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED], capture_output=True, check=False, text=True, timeout=40
    )
    assert ended.stdout.split("\n")[0] == "True 0 (0, 0) BugHook", ended.stderr
    assert ended.stderr == ""
    assert "WARNING koble.qt planted warning" in (paths.logs() / "koble.log").read_text("utf-8")
