"""The window over a real keychain that is locked, and a person who answers it late, never or with no."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest
from PySide6.QtCore import QElapsedTimer, QTimer

from tests.gui.helpers import LANGUAGES, good_number
from tests.imitations.locked import PASSWORD, lock, locked_service
from tests.imitations.prompter import Person
from wizard.core.texts import Texts
from wizard.core.vault import Keychain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gui.helpers import Customer, Maker

LATE = 3.0
"""How long a person takes to find the question, in seconds."""


@pytest.fixture
def locked() -> Iterator[str]:
    """Return the address of a bus with a real keychain of its own, which is locked."""
    with locked_service() as address:
        yield address


def over_a_real_keychain(make: Maker, language: str = "en", patience: float = 60.0) -> Customer:
    customer = make(language=language)
    customer.world.store.vault = Keychain(platform="linux", patience=patience)
    return customer


class Heart:
    """Beats in the window's event loop, and in a thread beside it: what stops both is the machine's doing."""

    def __init__(self) -> None:
        self.longest, self.machine = 0, 0.0
        self._since = QElapsedTimer()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._beat)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_beside)

    @contextmanager
    def beating(self) -> Iterator[Heart]:
        """Beat for one block."""
        self._since.start()
        self._timer.start()
        self._thread.start()
        try:
            yield self
        finally:
            self._timer.stop()
            self._ended.set()
            self._thread.join()

    def still(self) -> bool:
        """Tell whether the window never stood still for 50 ms, unless all the machine did."""
        return self.longest <= max(50, 2000 * self.machine)

    def _beat(self) -> None:
        self.longest = max(self.longest, self._since.restart())

    def _beat_beside(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(0.005):
            now = time.monotonic()
            self.machine, before = max(self.machine, now - before), now


def asking(customer: Customer) -> bool:
    """Tell whether the window says that the system is asking."""
    window = customer.window
    said = window._texts.say("window.asking")
    return window._banner.isVisible() and said in window._banner_text.text()


@pytest.mark.real_keychain
def test_the_window_lives_while_the_system_asks_and_goes_on_when_it_is_answered(
    locked: str, make: Maker
) -> None:
    customer = over_a_real_keychain(make, "nb")
    person = Person(answer=PASSWORD, after=LATE)
    with person.before(locked):
        customer.choose("fiken")
        customer.click(customer.window.next)
        customer.wait(lambda: bool(person.asked))
        with Heart().beating() as heart:
            customer.wait(lambda: asking(customer))
            customer.qtbot.wait(round((person.after - 1.4) * 1000))
        assert 0.8 < time.monotonic() - person.asked[0] < person.after
        assert customer.window.page == "system"
        customer.wait_page("company")
        assert not asking(customer)
    assert len(person.asked) == 1
    assert heart.longest > 0
    assert heart.still(), (heart.longest, heart.machine)


@pytest.mark.real_keychain
def test_a_question_that_nobody_answers_can_be_left(locked: str, make: Maker) -> None:
    customer = over_a_real_keychain(make)
    with Person().before(locked):
        customer.choose("fiken")
        customer.wait(lambda: asking(customer))
        began = time.monotonic()
        customer.click(customer.window.cancel)
        customer.wait(lambda: not customer.window.isVisible())
        customer.window._bridge.close()
        assert time.monotonic() - began < 1


@pytest.mark.real_keychain
def test_a_no_is_said_before_any_key_is_asked_for_and_a_yes_mends_it(locked: str, make: Maker) -> None:
    customer = over_a_real_keychain(make)
    page, texts = customer.window._system(), Texts(language="en")
    person = Person(answer=None, after=0)
    with person.before(locked):
        customer.choose("fiken")
        customer.wait(page.message.isVisible)
        assert texts.say("errors.keychain_locked.dismissed.why") in page.message.accessibleName()
        assert not customer.window.next.isEnabled()
        person.answer = PASSWORD
        customer.qtbot.wait(1100)
        customer.click(page.message.action)
        customer.wait_idle()
        assert not page.message.isVisible()
        customer.click(customer.window.next)
        customer.wait_page("company")
    assert len(person.asked) == 2


@pytest.mark.real_keychain
def test_a_keychain_that_locks_before_the_key_is_stored_is_asked_for_too(locked: str, make: Maker) -> None:
    customer = over_a_real_keychain(make)
    with Person(answer=PASSWORD, after=0).before(locked):
        customer.to_state("fiken", "passed", good_number(customer.provider("fiken")))
    lock()
    person = Person(answer=PASSWORD, after=1.4)
    with person.before(locked):
        customer.click(customer.window.next)
        customer.wait(lambda: asking(customer))
        assert customer.window.storing
        customer.wait_page("done")
        assert not asking(customer)
    assert len(person.asked) == 1


@pytest.mark.real_keychain
def test_what_is_not_answered_in_time_can_be_tried_again_and_the_key_is_still_there(
    locked: str, make: Maker
) -> None:
    customer = over_a_real_keychain(make, patience=0.5)
    with Person(answer=PASSWORD, after=0).before(locked):
        customer.to_state("fiken", "passed", good_number(customer.provider("fiken")))
    lock()
    with Person().before(locked):
        customer.click(customer.window.next)
        customer.wait_test("failed")
        assert Texts(language="en").say("errors.keychain_locked.why") in customer.message()
    customer.wait(lambda: not customer.world.store.vault._hangs())  # type: ignore[attr-defined]
    customer.qtbot.wait(1100)
    with Person(answer=PASSWORD, after=0).before(locked):
        customer.click(customer.action)
        customer.wait_page("done")


def test_without_any_keychain_nothing_is_asked_for_and_nothing_written(make: Maker) -> None:
    customer = over_a_real_keychain(make)
    page = customer.window._system()
    customer.choose("fiken")
    customer.wait(page.message.isVisible)
    said = page.message.accessibleName()
    assert Texts(language="en").say("errors.keychain_absent.what") in said
    assert Texts(language="en").say("errors.keychain_absent.next") in said
    assert not customer.window.next.isEnabled()
    assert customer.window.page == "system"
    data = Path(os.environ["XDG_DATA_HOME"])
    assert [one for one in data.rglob("*") if one.is_file()] == []


# A key that is gone


def lose(customer: Customer) -> None:
    """Delete every item of the first connection behind Koble's back."""
    book = customer.world.store.book()
    names = list(next(iter(book.credentials.values())).items.values())
    anyio.run(customer.world.store.vault.drop, names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_that_is_gone_is_asked_for_again_and_the_others_still_work(make: Maker, language: str) -> None:
    customer = make(language=language)
    texts = customer.window._texts
    customer.to_done("fiken")
    fiken = good_number(customer.provider("fiken"))
    customer.click(customer.window.next)
    customer.to_done("tripletex")
    lose(customer)
    customer.to_home()
    home = customer.window._home()
    (gone, _), (works, _) = customer.world.store.book().connections.items()
    customer.click_row(home.rows, gone)
    customer.click(home.test)
    customer.wait_test("failed")
    assert texts.say("errors.keychain_missing.why") in customer.message()
    assert customer.action.text() == texts.say("errors.keychain_missing.action")
    customer.click(customer.window.next)
    customer.wait_page("home")
    assert texts.say("state.needs_key") in home._choice(gone, home._book.connections[gone]).state  # type: ignore[union-attr]
    customer.click_row(home.rows, works)
    assert home.test.text() == texts.say("home.test")
    customer.click_row(home.rows, gone)
    assert home.test.text() == texts.say("errors.keychain_missing.action")
    customer.click(home.test)
    customer.wait_page("company")
    assert customer.window._company().number() == fiken
    customer.click(customer.window.next)
    customer.wait_page("key")
    row = customer.world.store.book().connections[gone]
    assert (row.last_code, row.waiting_for) == ("keychain_missing", "you")


def test_the_message_of_a_gone_key_leads_to_where_it_is_entered(customer: Customer) -> None:
    customer.to_done("fiken")
    lose(customer)
    customer.to_home()
    customer.click(customer.window._home().test)
    customer.wait_test("failed")
    customer.click(customer.action)
    customer.wait_page("company")


def test_what_the_system_asks_is_said_in_the_language_that_is_chosen(customer: Customer) -> None:
    window = customer.window
    window._show_asking(True)
    assert asking(customer)
    window.say(replace(window._texts, language="nb"))
    assert "passordlageret" in window._banner_text.text()
    window._show_asking(False)
    assert not asking(customer)
