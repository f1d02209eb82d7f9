"""Paged: a frame with its pages, each made when it is first needed."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Slot

from wizard.core import flow
from wizard.gui.frame import Frame
from wizard.gui.pages.system import SystemPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
_PAGES, _CARD = "wizard.gui.pages", "wizard.gui.widgets.about"
_PAUSE = 1  # milliseconds: with none, Qt would do one after the other before it looks for a click
_HEAVY = {
    "key": ("wizard.core.paste", "wizard.gui.widgets.secret_edit", "wizard.gui.widgets.secret_tools"),
    "done": ("wizard.core.ledger", "wizard.core.delivered"),
}
"""What the code of a page is in need of, and takes as long to load as all the rest of it."""


class Paged(Frame):
    """Makes its pages and knows them by name; `_wire` connects one that was just made."""

    def __init__(
        self, *, providers: Mapping[str, Provider], texts: Texts, practice: bool, platform: str
    ) -> None:
        super().__init__(texts, practice=practice, platform=platform)
        self._providers, self._texts = providers, texts
        self._practice, self._platform = practice, platform
        self._pages: dict[str, Page] = {}
        self._to_make: Iterator[Callable[[], object]] = iter(())

    def make_ready(self, *then: Callable[[], object]) -> None:
        """Make what comes next, a little at a time: no click shall wait. Afterwards do what else is given."""
        self._to_make = iter((*self._steps_ahead(), *then))
        self._make_some()

    @Slot()
    def _make_some(self) -> None:
        if make := next(self._to_make, None):
            make()
            QTimer.singleShot(_PAUSE, self, self._make_some)

    def _steps_ahead(self) -> Iterator[Callable[[], object]]:
        """Yield what takes the window about as long as it may be busy: a part of its code, or a page."""
        yield partial(import_module, _CARD)
        yield self._system().before.make_card
        for name in _NEXT:
            yield from (partial(import_module, one) for one in (*_HEAVY.get(name, ()), f"{_PAGES}.{name}"))
            yield partial(self._page, name)

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
