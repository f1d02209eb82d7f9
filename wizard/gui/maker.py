"""Paged: a frame with its pages, each made when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Slot

from wizard.core import flow
from wizard.gui.frame import Frame
from wizard.gui.pages.system import SystemPage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts
    from wizard.gui.pages.company import CompanyPage
    from wizard.gui.pages.done import DonePage
    from wizard.gui.pages.home import HomePage
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.pages.page import Page
    from wizard.gui.pages.send import SendPage
    from wizard.gui.pages.test import TestPage

HOME = "home"
_NEXT = ("company", "key", "test", "done")


class Paged(Frame):
    """Makes its pages and knows them by name; `_wire` connects one that was just made."""

    def __init__(
        self, *, providers: Mapping[str, Provider], texts: Texts, practice: bool, platform: str
    ) -> None:
        super().__init__(texts, practice=practice, platform=platform)
        self._providers, self._texts = providers, texts
        self._practice, self._platform = practice, platform
        self._pages: dict[str, Page] = {}

    @Slot()
    def make_ready(self) -> None:
        """Make the pages that come next, one at a time while nothing else is to do: no click shall wait."""
        missing = [name for name in _NEXT if name not in self._pages]
        if not self._system().before.card:
            self._system().before.make_card()
        elif missing:
            self._page(missing[0])
        if missing:
            QTimer.singleShot(0, self, self.make_ready)

    def _wire(self, name: str) -> None:
        """Connect a page that was just made."""
        raise NotImplementedError

    def _page(self, name: str) -> Page:
        if name not in self._pages:
            self._pages[name] = self._make(name)
            self.stack.addWidget(self._pages[name])
            self._wire(name)
        return self._pages[name]

    def _make(self, name: str) -> Page:
        makers: dict[str, Callable[[], Page]] = {
            "system": lambda: SystemPage(self._texts, self._providers),
            "company": self._make_company,
            "key": self._make_key,
            "test": self._make_test,
            flow.SEND: self._make_send,
            "done": self._make_done,
            HOME: self._make_home,
        }
        return makers[name]()

    def _make_company(self) -> Page:
        from wizard.gui.pages.company import CompanyPage

        return CompanyPage(self._texts)

    def _make_key(self) -> Page:
        from wizard.gui.pages.key import KeyPage

        return KeyPage(self._texts, platform=self._platform)

    def _make_test(self) -> Page:
        from wizard.gui.pages.test import TestPage

        return TestPage(self._texts)

    def _make_send(self) -> Page:
        from wizard.gui.pages.send import SendPage

        return SendPage(self._texts)

    def _make_done(self) -> Page:
        from wizard.gui.pages.done import DonePage

        return DonePage(self._texts, practice=self._practice, platform=self._platform)

    def _make_home(self) -> Page:
        from wizard.gui.pages.home import HomePage

        return HomePage(self._texts, self._providers)

    def _system(self) -> SystemPage:
        return cast("SystemPage", self._page("system"))

    def _company(self) -> CompanyPage:
        return cast("CompanyPage", self._page("company"))

    def _key(self) -> KeyPage:
        return cast("KeyPage", self._page("key"))

    def _testing(self) -> TestPage:
        return cast("TestPage", self._page("test"))

    def _sends(self) -> SendPage:
        return cast("SendPage", self._page(flow.SEND))

    def _done(self) -> DonePage:
        return cast("DonePage", self._page("done"))

    def _home(self) -> HomePage:
        return cast("HomePage", self._page(HOME))
