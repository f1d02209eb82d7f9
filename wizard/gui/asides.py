"""Asides: small questions in the background that nobody waits for, beside the window's one job."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.provider import Finding
    from wizard.core.pulse import Pulse
    from wizard.core.world import World
    from wizard.gui.bridge import Bridge, Job, Work

    Tell = Callable[[Finding], None]

KEPT = 60.0
"""How long an answer is good for, in seconds."""


class Aside(QObject):
    """Asks one question at a time: the next drops it. `answered` with None where it could not be asked."""

    answered = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._bridge, self._now = bridge, now
        self._job: Job | None = None
        self._asked = ""
        self._known: dict[str, tuple[float, object]] = {}

    def ask(self, name: str, what: Work) -> None:
        """Ask what has that name, unless it is being asked or was answered within the last minute."""
        since, answer = self._known.get(name, (0.0, None))
        if name == self._asked and self._job:
            return
        self.drop()
        if answer is not None and self._now() - since < KEPT:
            self.answered.emit(answer)
            return
        self._asked, self._job = name, self._bridge.start(what)
        self._job.done.connect(self._note)
        self._job.failed.connect(self._miss)
        self._job.broke.connect(self._miss)

    @Slot()
    def drop(self) -> None:
        """Ask no more; nothing is heard of what was asked."""
        if self._job:
            self._job.drop()
        self._job, self._asked = None, ""

    @Slot(object)
    def _note(self, answer: object) -> None:
        self._known[self._asked] = (self._now(), answer)
        self._job = None
        self.answered.emit(answer)

    @Slot(object)
    def _miss(self, _: object) -> None:
        self._job = None
        self.answered.emit(None)


def feel_pulse(slug: str, environment: str) -> Callable[[World, Tell], Awaitable[Pulse]]:
    """Ask whether a system answers."""

    async def work(world: World, _: Tell) -> Pulse:
        from wizard.core.pulse import pulse

        provider = world.provider(slug)
        return await pulse(provider, world.environment(provider, environment), world.net)

    return work


def look_up(number: str) -> Callable[[World, Tell], Awaitable[tuple[str, str]]]:
    """Ask the open register for the name of a company; return the number and the name, empty if unknown."""

    async def work(world: World, _: Tell) -> tuple[str, str]:
        from wizard.core.register import name_of

        return number, await name_of(number, world.net) or ""

    return work
