"""Training: what practice does by itself, so that an agent can show any page and any fault at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from wizard.core import flow
from wizard.core.drill import Drill, answers_for, number_in
from wizard.core.flow import Walk
from wizard.core.secret import Secret
from wizard.gui.widgets.ticks import Tick

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.provider import Finding
    from wizard.core.texts import Texts
    from wizard.core.world import World
    from wizard.gui.bridge import Job
    from wizard.gui.pages.company import CompanyPage
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.pages.page import Page
    from wizard.gui.pages.system import SystemPage
    from wizard.gui.practice_panel import PracticePanel
    from wizard.gui.window import Window

_PAUSE = 15  # milliseconds between two moves
_TRIES = 2  # a page that warns asks to be left twice


class Training(QObject):
    """Plants faults, walks to a page, fills in what practice takes. `planted` is what is on, by system."""

    changed = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._panel: PracticePanel | None = None
        self.planted: dict[str, str] = {}
        self._drill, self._tries = Drill(), Counter[str]()
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._move)

    def begin(self, drill: Drill) -> None:
        """Plant what the drill plants, then walk to its page as the customer would."""
        self._drill, self._tries = drill, Counter()
        job = self.plant(drill.fault, drill.system)
        if drill.system:
            job.done.connect(self._timer.start)

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
        window = self._window
        return self._choice().current() if window.page == flow.FIRST else window.walk.system

    def may_fill(self, slug: str) -> bool:
        """Tell whether there is something to fill in for that system."""
        return self._window.page == "key" and self._window.walk.system == slug

    def fill(self, slug: str) -> None:
        """Fill in what practice takes, for the fault that is planted."""
        page = cast("KeyPage", self._window.stack.currentWidget())
        wish = answers_for(self._window.providers[slug], self.planted.get(slug, ""), page.method())
        answers = wish.get("answers")
        if not page.have.isHidden():
            page.have.click()
        for name, value in answers.items() if isinstance(answers, dict) else ():
            row = page.fields.get(name)
            if row:
                row.put(Secret(str(value)) if row.secret else str(value))

    @Slot(object)
    def _note(self, planted: dict[str, str]) -> None:
        self.planted = planted
        self.changed.emit()

    @Slot()
    def _move(self) -> None:
        """Do what leads on from the page that is shown, unless something is under way."""
        window = self._window
        if window.is_running():
            return
        page = window.page
        moves = {"system": self._system, "company": self._company, "key": self._key, "test": self._test}
        there = page not in moves or flow.position(page)[0] >= self._drill.spot.page
        self._tries[page] += 1
        picked = page != flow.FIRST or self._choice().current() == self._drill.system
        if (there and picked) or self._tries[page] > _TRIES:
            self._arrive()
        else:
            moves[page]()

    def _arrive(self) -> None:
        self._timer.stop()
        if self._window.page == "key" and self._drill.spot.step:
            self._window.go_to(self._drill.spot)

    def _choice(self) -> SystemPage:
        return cast("SystemPage", self._window.stack.currentWidget())

    def _system(self) -> None:
        page, drill = self._choice(), self._drill
        if page.current() != drill.system:
            page.pick(drill.system)
            return
        self._window.walk = Walk(system=drill.system, method=drill.method)
        self._window.go_next()

    def _company(self) -> None:
        page = cast("CompanyPage", self._window.stack.currentWidget())
        wish = answers_for(self._window.providers[self._drill.system], self._drill.fault, self._drill.method)
        page.fill_in(number_in(wish), "")
        self._tick_all()
        self._window.go_next()

    def _tick_all(self) -> None:
        """Tick what has to be agreed to or confirmed on the page that is shown."""
        page = cast("Page", self._window.stack.currentWidget())
        for tick in page.findChildren(Tick):
            tick.tick(True)

    def _key(self) -> None:
        self.fill(self._drill.system)
        self._window.go_next()

    def _test(self) -> None:
        if self._window.tested() == "passed":
            self._tick_all()
            self._window.go_next()
        else:
            self._arrive()


def _plant(name: str, slug: str) -> Callable[[World, Callable[[Finding], None]], Awaitable[dict[str, str]]]:
    async def work(world: World, _: Callable[[Finding], None]) -> dict[str, str]:
        if not world.playground:
            return {}
        world.playground.refuse(name, slug)
        return world.playground.switched

    return work
