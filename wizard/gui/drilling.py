"""Driller: walks to a page in practice, pressing what the customer would press."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Slot

from wizard.core import flow
from wizard.core.consent import practised
from wizard.core.drill import answers_for, number_in
from wizard.core.flow import Walk
from wizard.core.secret import Secret
from wizard.gui.widgets.ticks import Tick

if TYPE_CHECKING:
    from wizard.core.drill import Drill
    from wizard.core.provider import Provider
    from wizard.gui.pages.company import CompanyPage
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.pages.page import Page
    from wizard.gui.pages.system import SystemPage
    from wizard.gui.window import Window

_PAUSE = 15  # milliseconds between two moves
_TRIES = 2  # a page that warns asks to be left twice


class Driller(QObject):
    """Goes on page by page until the drill's is there, or one stays: its fault is what is shown then."""

    def __init__(self, window: Window, drill: Drill) -> None:
        super().__init__(window)
        self._window, self._drill = window, drill
        self._tries = Counter[str]()
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._move)
        self.arrived = False

    @Slot()
    def start(self) -> None:
        """Begin."""
        self._timer.start()

    @Slot()
    def _move(self) -> None:
        """Do what leads on from the page that is shown, unless something is under way."""
        page = self._window.page
        moves = {"system": self._system, "company": self._company, "key": self._key, "test": self._test}
        moves[flow.SEND] = self._window.go_next
        if self._window.is_running():
            return
        self._tries[page] += 1
        if page not in moves or self._is_there() or self._tries[page] > _TRIES:
            self._arrive()
        else:
            moves[page]()

    def _is_there(self) -> bool:
        page = self._window.page
        picked = page != flow.FIRST or self._choice().current() == self._drill.system
        sends = self._window.texts.preset.sends
        return picked and flow.position(page, sends=sends)[0] >= self._drill.spot.page

    def _arrive(self) -> None:
        self._timer.stop()
        self.arrived = True
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
        page.consent.name.setText(practised(self._window.texts.preset.consent).get("name", ""))
        self._tick_all()
        self._window.go_next()

    def _key(self) -> None:
        page = cast("KeyPage", self._window.stack.currentWidget())
        fill(page, self._window.providers[self._drill.system], self._drill.fault)
        self._window.go_next()

    def _test(self) -> None:
        if self._window.tested() == "passed":
            self._tick_all()
            self._window.go_next()
        else:
            self._arrive()

    def _tick_all(self) -> None:
        """Tick what has to be agreed to or confirmed on the page that is shown."""
        page = cast("Page", self._window.stack.currentWidget())
        for tick in page.findChildren(Tick):
            tick.tick(True)


def fill(page: KeyPage, provider: Provider, switch: str) -> None:
    """Fill in what practice takes for a fault, as one does who has the key already."""
    answers = answers_for(provider, switch, page.method()).get("answers")
    if not page.have.isHidden():
        page.have.click()
    for name, value in answers.items() if isinstance(answers, dict) else ():
        row = page.fields.get(name)
        if row:
            row.put(Secret(str(value)) if row.secret else str(value))
