"""The window on a real X server, walked with the keyboard by xdotool."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import line_of, need, running
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 25.0
KEY = "73195.pRacticeKeyForFiken_8rT2"
MIDDLE = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from wizard.gui.widgets.secret_edit import SecretEdit

application = QApplication([])
edit = SecretEdit()
edit.show()
QTest.qWaitForWindowExposed(edit)
application.clipboard().setText("73195.middle", QClipboard.Mode.Selection)
QTest.mouseClick(edit, Qt.MouseButton.MiddleButton)
print(edit.value(), "middle" in edit.text() + edit.displayText())
"""

HOLDER = """
import sys
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication

application = QApplication([])
for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
    application.clipboard().setText(sys.argv[1], mode)
application.processEvents()
print("copied", flush=True)
application.exec()
"""
REMOVER = """
from PySide6.QtGui import QClipboard
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from wizard.gui import clipboard
from wizard.gui.widgets.secret_edit import SecretEdit

application = QApplication([])
edit = SecretEdit()
edit.show()
QTest.qWaitForWindowExposed(edit)
edit.take_clipboard()
pasted = edit.on_clipboard
print(edit.value(), pasted.is_held())
pasted.remove()
print([clipboard.held(mode) for mode in clipboard.MODES], pasted.is_held())
"""


class Person:
    """Somebody at the keyboard of a real X server, who sees titles of windows."""

    def __init__(self, display: str, process: subprocess.Popen[str]) -> None:
        self._environ = {**os.environ, "DISPLAY": display}
        self.process = process
        self.window = ""

    def xdotool(self, *words: str) -> str:
        """Run xdotool; return what it says."""
        done = subprocess.run(
            ["xdotool", *words],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout.strip()

    def see(self, title: str) -> None:
        """Wait until the window's title begins so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            found = self.xdotool("search", "--onlyvisible", "--name", f"^{title}").split()
            if found:
                self.window = found[-1]
                return
            time.sleep(0.05)
        pytest.fail(f"no window is called {title}…, but {self.titles()}")

    def titles(self) -> str:
        """Return the titles of all windows, for a failure."""
        found = self.xdotool("search", "--onlyvisible", "--name", ".").split()
        return ", ".join(self.xdotool("getwindowname", one) for one in found)

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        self.xdotool("windowfocus", "--sync", self.window)
        self.xdotool("key", "--clearmodifiers", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--delay", "12", text)


def environ(display: str, home: Path) -> dict[str, str]:
    """Return a desktop's environment with that display and nothing of the test's own platform."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND"))}
    return {**kept, "DISPLAY": display, "HOME": str(home), "PYTHONPATH": str(ROOT)}


@contextmanager
def opened(display: str, home: Path, *options: str) -> Iterator[Person]:
    """Run the program in a window of its own; end it afterwards, if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "wizard", *options],
        env=environ(display, home),
        cwd=home,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Person(display, process)
        finally:
            if process.poll() is None:
                process.terminate()


@pytest.mark.real_x
@pytest.mark.parametrize("language", ["nb", "en"])
def test_fiken_by_keyboard_in_a_real_window(x_server: str, tmp_path: Path, language: str) -> None:
    need("xdotool")
    texts, fiken = Texts(language=language), built_in().providers["fiken"]
    say = texts.say
    with opened(x_server, tmp_path, "--practice", "--language", language) as person:
        person.see(say("system.title")[:20])
        person.press("Down", "Return")
        person.see(say("company.title")[:20])
        person.type(str(practice_of(fiken).good["company"]))
        person.press("Return")
        person.see(say("key.title", fiken))
        person.press("alt+h")
        time.sleep(0.4)
        person.type(KEY)
        person.press("Return")
        person.see(say("test.title_passed"))
        person.press("Return")
        person.see(say("send.title"))
        person.press("Return")
        person.see("Fjordheim Regnskap AS")
        person.press("Escape")
        assert person.process.wait(PATIENCE) == 0
        assert person.process.stderr
        assert person.process.stderr.read() == ""


@pytest.mark.real_x
def test_a_middle_click_takes_the_selection(x_server: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MIDDLE],
        env=environ(x_server, tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout.split() == ["73195.middle", "False"], done.stderr


@pytest.mark.real_x
def test_what_another_program_has_copied_is_removed_from_both_clipboards(
    x_server: str, tmp_path: Path
) -> None:
    around = environ(x_server, tmp_path)
    with running([sys.executable, "-c", HOLDER, KEY], around, stdout=subprocess.PIPE) as holder:
        assert line_of(holder.stdout).strip() == "copied"
        done = subprocess.run(
            [sys.executable, "-c", REMOVER],
            env=around,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.stdout.splitlines() == [f"{KEY} True", "['', ''] False"], done.stderr


@pytest.mark.parametrize("language", ["nb", "en"])
def test_without_a_display_practice_goes_on_in_the_terminal(tmp_path: Path, language: str) -> None:
    done = run_without_display(tmp_path, "--practice", "--language", language)
    assert done.returncode == 0, done.stderr
    say = Texts(language=language).say
    assert say("terminal.no_display") in done.stderr
    for page in ("system", "company", "key", "test", "done"):
        assert say(f"pages.{page}") in done.stdout
    assert "Fjordheim Regnskap AS" in done.stdout


@pytest.mark.parametrize("language", ["nb", "en"])
def test_without_a_display_and_practice_it_says_why_not(tmp_path: Path, language: str) -> None:
    done = run_without_display(tmp_path, "--language", language)
    assert done.returncode == 2
    assert Texts(language=language).say("errors.bad_input.no_display.what") in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def run_without_display(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the program where a display is named that nobody serves."""
    return subprocess.run(
        [sys.executable, "-m", "wizard", *options],
        env=environ(":9931", home),
        cwd=home,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
