"""The bridge between the window's thread and the network's: the only code that crosses threads.

Work runs in the background; a `Job` tells the window how it goes. Signals cross threads queued, so whatever
receives one must be a slot of a QObject. The window never waits.
"""

from __future__ import annotations

from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from wizard.core import paths
from wizard.core.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    from wizard.core.background import Background, Task
    from wizard.core.preset import Preset
    from wizard.core.provider import Finding
    from wizard.core.world import World

    Work = Callable[[World, Callable[[Finding], None]], Awaitable[object]]


class Job(QObject):
    """Work under way. One of `done`, `failed` and `broke` comes at the end, unless it was dropped before.

    What the background tells is queued to the job itself, which passes it on in the window's thread: so
    nothing is heard of a job that was dropped, not even what was already under way.
    """

    found = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    broke = Signal(str)
    _arrived = Signal(str, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._task: Task[object] | None = None
        self._dropped = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def drop(self) -> None:
        """Stop it, if it can still be stopped; nothing more is heard of it."""
        self._dropped = True
        if self._task:
            self._task.cancel()

    def follow(self, task: Task[object]) -> None:
        """Tell how the task ends."""
        self._task = task
        task.future.add_done_callback(self._tell)

    def tell(self, finding: Finding) -> None:
        """Pass on a finding; called in the background."""
        self._arrived.emit("found", finding)

    def _tell(self, future: Future[object]) -> None:
        error = future.exception()
        if error is None:
            self._arrived.emit("done", future.result())
        elif isinstance(error, WizardError):
            self._arrived.emit("failed", error)
        else:
            self._arrived.emit("broke", _reported(error))

    @Slot(str, object)
    def _deliver(self, what: str, came: object) -> None:
        if not self._dropped:
            {"found": self.found, "done": self.done, "failed": self.failed, "broke": self.broke}[what].emit(
                came
            )
        if what != "found":
            self.deleteLater()


class Bridge(QObject):
    """Starts work in the background, which opens its world at the first piece of it.

    `open_world` opens another world than the machine's own: one for tests. `asking` tells when the system
    begins to ask its user to open the keychain, and when that is over.
    """

    asking = Signal(bool)

    def __init__(
        self,
        *,
        practice: bool,
        preset: Preset | None = None,
        open_world: Callable[[], AbstractContextManager[World]] | None = None,
    ) -> None:
        super().__init__()
        self._practice, self._preset = practice, preset
        self._make_world = open_world
        self._stack = ExitStack()
        self._opened = ExitStack()
        self._opening = Lock()
        self._background: Background | None = None
        self._world: World | None = None

    def start(self, work: Work) -> Job:
        """Begin the work; connect to the job at once, before the event loop is reached again."""
        job = Job(self)

        async def run() -> object:
            from anyio import to_thread

            return await work(await to_thread.run_sync(self._open), job.tell)

        job.follow(self._running().start(run))
        return job

    @Slot()
    def close(self) -> None:
        """End it: what runs is cancelled, what is being stored is waited for."""
        self._stack.close()
        self._opened.close()

    def _running(self) -> Background:
        if not self._background:
            from wizard.core.background import Background

            self._background = self._stack.enter_context(Background())
        return self._background

    def _open(self) -> World:
        """Open the world, in a thread of its own: neither the window nor other work waits for it."""
        with self._opening:
            if not self._world:
                from wizard.core import log
                from wizard.core.world import open_world
                from wizard.gui.proxy import SystemProxies

                log.start(paths.logs())
                make = self._make_world or (
                    lambda: open_world(practice=self._practice, preset=self._preset, proxies=SystemProxies())
                )
                self._world = self._opened.enter_context(make())
                self._world.store.vault.when_asking(self.asking.emit)
            return self._world


def _reported(error: BaseException) -> str:
    from wizard.core import log

    return log.report(paths.logs(), error)
