"""Standing: how things stand in the window, for whoever serves it; to ask changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core import flow
from wizard.gui.maker import HOME
from wizard.gui.walking import Walking
from wizard.gui.widgets.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.ledger import Book
    from wizard.core.provider import Finding, Provider
    from wizard.core.texts import Texts
    from wizard.gui.bridge import Bridge
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.pages.page import Page


class Standing(Walking):
    """Answers the objects that do a part of the window's work (`Support(window)` and the like)."""

    @property
    def texts(self) -> Texts:
        """The sentences in the language that is spoken."""
        return self._texts

    @property
    def providers(self) -> Mapping[str, Provider]:
        """The systems that are offered."""
        return self._providers

    @property
    def bridge(self) -> Bridge:
        """What starts work in the background."""
        return self._bridge

    @property
    def book(self) -> Book | None:
        """What home shows."""
        return self._book

    @property
    def broken(self) -> Mapping[str, str]:
        """The systems that could not be loaded, and why."""
        return self._broken

    def steps(self) -> int:
        """Return how many steps the guide has, 0 where there is none as yet."""
        return self._key().steps.count() if self.walk.system and "key" in self._pages else 0

    def tested(self) -> str:
        """Return how the test on the page that is shown stands, or an empty text on another page."""
        return "" if self.page != "test" else "running" if self.is_running() else self._testing().state

    def guide_page(self) -> KeyPage:
        """Return the page with the guide of the system that is picked."""
        return self._key()

    def typed(self) -> dict[str, str]:
        """Return what the customer wrote of the company, and nothing that the partner has set."""
        return self._company().typed()

    def environment(self) -> str:
        """Return which of its worlds the system is connected in, if one is."""
        return self._environment().name if self.walk.system in self._providers else ""

    def name_of(self, connection: str) -> str:
        """Return what a stored connection is called."""
        return self._home().name_of(connection)

    def shown_name(self, connection: str) -> str:
        """Return what a stored connection is called, as it may be shown."""
        return self._home().shown_name(connection)

    def findings(self) -> tuple[Finding, ...]:
        """Return what the stages of the last test came to."""
        return self._testing().checks.findings if "test" in self._pages else ()

    def messages(self) -> list[Message]:
        """Return the places for messages, the test's first."""
        order = (one for one in ("test", HOME, flow.FIRST) if one in self._pages)
        return [message for name in order for message in self._pages[name].findChildren(Message)]

    def prepared(self) -> bool:
        """Tell whether the keychain was tried, and worked."""
        return bool(self._prepared)

    def unstored(self) -> bool:
        """Tell whether anything is typed or pasted that is stored nowhere."""
        return not self.walk.stored and "key" in self._pages and self._key().holds_answer()

    def _test_world(self) -> str:
        """Return the words for an environment that is for tests, or an empty text in the ordinary one."""
        at_first = self.page == flow.FIRST
        slug = self._system().current() if at_first else self.walk.system
        name = self._system().environment() if at_first else self.walk.environment
        provider = self._providers.get(slug)
        place = provider.environment(name) if provider else None
        if not place or not place.test or self.page == HOME:
            return ""
        from wizard.gui.widgets.cards import name_of_environment

        called = name_of_environment(place, self._texts)
        return self._texts.say("window.test_world", provider, environment=called)

    def page_complete(self) -> bool:
        """Tell whether the page that is shown has all it needs."""
        return self._pages[self.page].complete()

    def failed(self) -> bool:
        """Tell whether the last test failed, so that its message holds the one next action."""
        return self.page == "test" and self._testing().state == "failed" and not self.walk.renews

    def choosing(self) -> bool:
        """Tell whether the customer is choosing among companies."""
        return self.page == "test" and self._testing().state == "choosing"

    def is_practice(self) -> bool:
        """Tell whether this is practice, where nothing is kept."""
        return self._practice

    def page_named(self, name: str) -> Page:
        """Return a page by its name, made if it was not yet."""
        return self._page(name)

    def key_page(self) -> KeyPage:
        """Return the page with the guide and the fields."""
        return self._key()

    def company_typed(self) -> tuple[str, str]:
        """Return the number and the name on the company's page."""
        company = self._company()
        return company.orgnr.text(), company.label.text()
