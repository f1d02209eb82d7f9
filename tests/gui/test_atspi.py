"""What a real assistive program hears and reads of the real window, on a real X server: never a secret."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import BUS, PATIENCE, line_of, need, running
from tests.gui.looking import leaks
from tests.gui.test_real_x import environ, opened
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.gui.test_real_x import Person

LISTENER = Path(__file__).with_name("atspi_listener.py")
PYTHON = "/usr/bin/python3"
LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
HAS_ATSPI = 'import gi; gi.require_version("Atspi", "2.0"); from gi.repository import Atspi'
NUMBER = "313000028"
TYPED, PASTED, WRITTEN = "48213.tYpEdBirdKq7Zw", "59724.pAsTeDfishVm3Hx", "60935.wRiTtEncowJb5Ny"
COPY = """
import sys
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.show()
application.clipboard().setText(sys.argv[1])
application.processEvents()
print("copied", flush=True)
application.exec()
"""


class Ear:
    """The assistive program: what it has told so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._take, daemon=True)
        self._reader.start()

    def ask(self, line: str, answer: str) -> dict[str, Any]:
        """Ask for something; return the line that answers it."""
        before = len(self.told)
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self.wait(lambda one: answer in one, before)

    def wait(self, true: Callable[[dict[str, Any]], bool], since: int = 0) -> dict[str, Any]:
        """Wait until it has told something."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for one in self.told[since:]:
                if true(one):
                    return one
            time.sleep(0.02)
        last = [one["data"] for one in self.told if "announcement" in one.get("event", "")][-5:]
        pytest.fail(f"not heard among {len(self.told)} lines; announced last: {last}")

    def texts(self) -> list[str]:
        """Return all that it heard and read, and what it heard of each object, joined: keys come singly."""
        found = [text for one in self.told for text in (*one.get("says", ()), one.get("data", ""))]
        found += [str(one.get("source", one.get("read", ""))) for one in self.told]
        return found + list(self.spelled().values())

    def spelled(self) -> dict[str, str]:
        """Return what came into each object and what left it, event by event, as one text; dots left out."""
        joined: dict[str, str] = {}
        for one in self.told:
            what = str(one.get("event", ""))
            if what.startswith("object:text-changed"):
                place = f"{what} {one['source']}"
                joined[place] = joined.get(place, "") + one["data"].strip("•●")
        return joined

    def _take(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.told.append(json.loads(line))


@contextmanager
def hearing(display: str, folder: Path) -> Iterator[tuple[dict[str, str], Ear]]:
    """Run a bus, the service for assistive programs and one that listens; end them all afterwards."""
    with ExitStack() as stack:
        (folder / "bus.conf").write_text(BUS.format(folder=folder), "utf-8")
        bus = ["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--print-address=1"]
        around = {**environ(display, folder), "XDG_RUNTIME_DIR": str(folder)}
        daemon = stack.enter_context(running(bus, around, stdout=subprocess.PIPE))
        around["DBUS_SESSION_BUS_ADDRESS"] = line_of(daemon.stdout).strip()
        stack.enter_context(running([LAUNCHER, "--launch-immediately"], around))
        listener = [PYTHON, str(LISTENER)]
        process = stack.enter_context(
            running(listener, around, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        )
        ear = Ear(process)
        ear.wait(lambda one: one.get("done") == "listening")
        always = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_ACCESSIBILITY": "1"}
        yield {**around, **always, "QT_QPA_PLATFORM": "xcb"}, ear


def need_atspi() -> None:
    """Skip the test where there is no service for assistive programs, or nothing to speak to it with."""
    need("xdotool", "dbus-daemon")
    if not Path(LAUNCHER).exists():
        pytest.skip(f"not installed: {LAUNCHER}")
    if subprocess.run([PYTHON, "-c", HAS_ATSPI], check=False, capture_output=True).returncode:
        pytest.skip("not installed: gir1.2-atspi-2.0")


def walk(person: Person, around: dict[str, str], ear: Ear) -> None:
    """Type a number, type a key, paste another, compare it, show it, and have a third written in."""
    say, fiken = Texts(language="en").say, built_in().providers["fiken"]
    person.see(say("system.title")[:20])
    person.press("Down", "Return")
    person.see(say("company.title")[:20])
    person.type(NUMBER)
    ear.wait(lambda one: "text-changed" in one.get("event", "") and NUMBER in one["says"])
    person.press("Return")
    person.see(say("key.title", fiken))
    person.press("alt+h")
    ear.wait(lambda one: say("fields.token.label", fiken) in one.get("says", ()))
    person.type(TYPED)
    ear.wait(lambda one: say("key.filled") in str(one.get("says")) or "•" in one.get("data", ""))
    with running([sys.executable, "-c", COPY, PASTED], around, stdout=subprocess.PIPE) as other:
        assert line_of(other.stdout).strip() == "copied"
        person.press("ctrl+v", "Tab", "Tab", "Tab", "space")
        ear.wait(lambda one: say("reveal.title") in str(one.get("says")))
        person.xdotool("key", "Left", "space")
        time.sleep(0.3)
        person.xdotool("keydown", "space")
        ear.wait(lambda one: say("reveal.shown") in str(one.get("data")))
        ear.ask("read", "done")
        person.xdotool("keyup", "space")


@pytest.mark.real_x
def test_a_screen_reader_hears_all_but_the_secret(
    x_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_atspi()
    with hearing(x_server, tmp_path) as (around, ear):
        for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, around[name])
        with opened(x_server, tmp_path, "--practice", "--language", "en") as person:
            walk(person, around, ear)
            ear.ask("read", "done")
            assert ear.ask(f"write {WRITTEN}", "wrote")["wrote"]
            before = len(ear.told)
            person.press("shift+Tab")
            ear.wait(lambda one: one.get("event") == "object:state-changed:focused", before)
            ear.ask("read", "done")
    assert NUMBER in "".join(ear.spelled().values())
    assert [one for one in ear.told if "password text/Personal API key" in one.get("read", "")]
    assert [one for one in ear.told if one.get("event", "").startswith("window:activate")]
    assert leaks(ear.texts(), TYPED) == []
    assert leaks(ear.texts(), PASTED) == []
    assert leaks(ear.texts(), WRITTEN) == []
