"""Two connections in the real window, with a heartbeat: `python -m benchmarks.walk ENDPOINTS TOKEN`.

The first connection is the cold one: with it the network's modules are imported, and the pages are made. The
vendor's imitation answers from another process, so that its work is not taken for the window's.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from wizard.gui import app
from wizard.gui.bridge import Bridge
from wizard.gui.pages.system import SystemPage
from wizard.gui.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from wizard.core.world import World

W = TypeVar("W", bound=QWidget)

SYSTEM = "fiken"
READING = 0.8
"""How long the customer looks at the window before the first click, in seconds."""
PATIENCE = 20.0
"""The most that one step of the walk may take, in seconds."""


class Heart(QObject):
    """Beats every millisecond in the window's thread, and knows the longest pause between two beats."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.perf_counter()
        self._longest = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def longest(self) -> float:
        """Return the longest pause since this was last asked, in milliseconds."""
        self._beat()
        longest, self._longest = self._longest, 0.0
        return longest * 1000

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now


def main(endpoints: Path, token: str) -> None:
    """Start the program, its event loop in our hands; walk twice, print the longest pauses in ms."""

    def open_world() -> AbstractContextManager[World]:
        from wizard.core.world import open_world as opened

        return opened(memory=True, endpoints=endpoints)

    def walk_twice(_: QApplication) -> int:
        window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Window))
        print(json.dumps(walks(window, token)))
        return 0

    vars(app)["Bridge"] = partial(Bridge, open_world=open_world)
    QApplication.exec = walk_twice  # type: ignore[method-assign, assignment]
    app.run(app.Opening(language="nb"))


def walks(window: Window, token: str) -> dict[str, float]:
    """Let the window come up, rest, and walk twice; return the longest pauses of each part."""
    until(window.windowHandle().isExposed)
    heart = Heart()
    rest(READING)
    told = {"start": heart.longest()}
    rest(0.5)
    told |= {"idle": heart.longest()}
    for name in ("cold", "warm"):
        told |= walk(window, heart, token, name)
        window.start_over()
        rest(0.1)
    return told


def walk(window: Window, heart: Heart, token: str, name: str) -> dict[str, float]:
    """Make one connection as a customer does: everything is done from within the event loop."""
    heart.longest()
    step(lambda: one(window, SystemPage).systems.choose(SYSTEM))
    until(lambda: window.next.isEnabled() and not window.is_running())
    told = {f"{name}_prepare": heart.longest()}
    step(window.next.click)
    step(window.next.click)
    step(lambda: paste(window, token))
    told |= {f"{name}_pages": heart.longest()}
    step(window.next.click)
    until(window.choosing)
    step(lambda: tick(window))
    step(window.next.click)
    until(lambda: window.next.isEnabled() and not window.is_running())
    told |= {f"{name}_test": heart.longest()}
    step(window.next.click)
    until(lambda: window.page == "done")
    return told | {f"{name}_store": heart.longest()}


def paste(window: Window, token: str) -> None:
    """Paste the key where it belongs."""
    from wizard.gui.widgets.secret_edit import SecretEdit

    QGuiApplication.clipboard().setText(token)
    one(window, SecretEdit).take_clipboard()


def tick(window: Window) -> None:
    """Choose the first company."""
    from wizard.gui.pages.test import TestPage

    companies = one(window, TestPage).choosing.companies
    companies.item(0).setCheckState(Qt.CheckState.Checked)


def one(window: Window, kind: type[W]) -> W:
    """Return the window's one widget of a kind."""
    return window.findChildren(kind)[-1]


def step(act: Callable[[], None]) -> None:
    """Do something as if an event had brought it, and let the window draw what came of it."""
    QTimer.singleShot(0, act)
    rest(0.06)


def rest(seconds: float) -> None:
    """Let the event loop run for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def until(reached: Callable[[], bool]) -> None:
    """Let the event loop run until something is so; raises `TimeoutError`."""
    limit = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > limit:
            raise TimeoutError
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    rest(0.06)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
