"""Training: what practice does by itself, so that an agent can show any page and any fault at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot

from wizard.core import flow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.drill import Drill
    from wizard.core.provider import Finding
    from wizard.core.texts import Texts
    from wizard.core.world import World
    from wizard.gui.bridge import Job
    from wizard.gui.drilling import Driller
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.pages.system import SystemPage
    from wizard.gui.practice_panel import PracticePanel
    from wizard.gui.window import Window


class Training(QObject):
    """Plants faults, opens the panel that lists them, and has a page walked to; does nothing before that.

    `planted` is the fault that is on, by system.
    """

    changed = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._panel: PracticePanel | None = None
        self.planted: dict[str, str] = {}
        self.driller: Driller | None = None

    def begin(self, drill: Drill) -> None:
        """Plant what the drill plants, then walk to its page as the customer would."""
        from wizard.gui.drilling import Driller

        job = self.plant(drill.fault, drill.system)
        if drill.system:
            self.driller = Driller(self._window, drill)
            job.done.connect(self.driller.start)

    def plant(self, name: str, slug: str = "") -> Job:
        """Turn a fault on in a system, or in all that have it; an empty name turns it off."""
        job = self._window.bridge.start(_plant(name, slug))
        job.done.connect(self._note)
        job.broke.connect(self._window.show_bug)
        return job

    @Slot()
    def open(self) -> None:
        """Open the panel beside the window, or bring it forward."""
        from wizard.gui.practice_panel import PracticePanel

        if not self._panel:
            self._panel = PracticePanel(self._window, self)
        self._panel.open_beside()

    def say(self, texts: Texts) -> None:
        """Speak a language from now on, and see what may be done on the page that is shown."""
        if self._panel:
            self._panel.say(texts)

    def system(self) -> str:
        """Return the system that the customer is in, or has picked, or an empty text."""
        if self._window.page != flow.FIRST:
            return self._window.walk.system
        return cast("SystemPage", self._window.stack.currentWidget()).current()

    def may_fill(self, slug: str) -> bool:
        """Tell whether there is something to fill in for that system."""
        return self._window.page == "key" and self._window.walk.system == slug

    def fill(self, slug: str) -> None:
        """Fill in what practice takes, for the fault that is planted."""
        from wizard.gui.drilling import fill

        page = cast("KeyPage", self._window.stack.currentWidget())
        fill(page, self._window.providers[slug], self.planted.get(slug, ""))

    @Slot(object)
    def _note(self, planted: dict[str, str]) -> None:
        self.planted = planted
        self.changed.emit()


def _plant(name: str, slug: str) -> Callable[[World, Callable[[Finding], None]], Awaitable[dict[str, str]]]:
    async def work(world: World, _: Callable[[Finding], None]) -> dict[str, str]:
        if not world.playground:
            return {}
        world.playground.refuse(name, slug)
        return world.playground.switched

    return work
