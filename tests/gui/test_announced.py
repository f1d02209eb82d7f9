"""What comes of a test, a paste or a copy is said aloud, and said once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QAccessible

from tests.gui.helpers import good_key
from wizard.core.errors import every_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gui.helpers import Customer, Maker

CODES = sorted({one.code for one in every_error() if one.code})


class Ear:
    """Hears what Qt would tell an assistive program."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, event: Any) -> None:
        if event.type() == QAccessible.Event.Announcement:
            self.heard.append(event.message())

    def since(self, act: Callable[[], object]) -> list[str]:
        """Return what was said while something was done."""
        before = len(self.heard)
        act()
        return self.heard[before:]


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    """Return what hears every announcement of this test."""
    heard = Ear()
    monkeypatch.setattr(QAccessible, "updateAccessibility", heard)
    return heard


def test_every_failure_is_said_once_with_all_that_is_shown(make: Maker, ear: Ear) -> None:
    customer = make(language="nb")
    customer.to_state("fiken", "passed", "313000028")
    kinds = {one.code: one for one in every_error()}
    for code in CODES:
        said = ear.since(partial(customer.window._test_failed, kinds[code]()))
        assert said == [customer.message()], code


def test_a_fault_of_ours_is_said_once(customer: Customer, ear: Ear) -> None:
    customer.to_state("fiken", "passed", "313000028")
    assert ear.since(lambda: customer.window._broke("bug-1.txt")) == [customer.message()]


def test_a_failed_walk_and_a_good_one_are_each_said_once(customer: Customer, ear: Ear) -> None:
    customer.refuse("key_refused", "fiken")
    said = ear.since(lambda: customer.to_state("fiken", "failed", "313000028"))
    assert said.count(customer.message()) == 1
    customer.click(customer.action)
    customer.refuse("", "fiken")
    customer.paste(good_key(customer.provider("fiken")))

    def go_on() -> None:
        customer.click(customer.window.next)
        customer.wait_test("passed")

    assert ear.since(go_on) == [customer.window._testing().title.text()]
    said = ear.since(customer.store)
    assert len(said) == 1
    assert said[0].startswith(customer.window._done().title.text())


PASTES = {
    "removed": f" Bearer {'73195.pRacticeKeyForFiken_8rT2'}\n",
    "cut": "7319",
    "other": "5b1d9f3e-7c42-4a86-b0e9-0000000000d1",
    "broken": "73195.pRacticeKey\nForFiken_8rT2 and more",
}


def test_what_came_of_each_paste_is_said_once(customer: Customer, ear: Ear) -> None:
    customer.to_field("fiken")
    row = customer.window._key().fields["token"]
    for name, pasted in PASTES.items():
        row.edit.setFocus()
        said = ear.since(partial(customer.paste, pasted))
        again = customer.window._key().share.text()
        said = [one for one in said if one != again]
        shown = [one for one in said if row._help.text() and row._help.text() in one]
        assert len(said) == len(shown) <= 1, (name, said)
        assert bool(said) == bool(row.aftermath.text() or row.aftermath.refusal()), (name, said)
        row.forget()


def test_each_copy_is_said_once(customer: Customer, ear: Ear) -> None:
    customer.refuse("key_refused", "fiken")
    customer.to_state("fiken", "failed", "313000028")
    page = customer.window._testing()
    customer.click(page.checks.fold)
    word = customer.window.texts.say("buttons.copied")
    for button in (page.message.copy, page.checks.copy):
        assert ear.since(partial(customer.click, button)) == [word]


def test_a_value_and_a_letter_that_are_copied_are_said_once(customer: Customer, ear: Ear) -> None:
    from tests.gui.states import bring
    from wizard.gui.widgets.guide_view import CopyRow

    bring(customer, "letter")
    page, word = customer.window._key(), customer.window.texts.say("buttons.copied")
    buttons = [one.button for one in page.guide.findChildren(CopyRow) if one.isVisible()]
    buttons += [page.guide.letter.copy] if page.guide.letter.isVisible() else []
    assert buttons
    for button in buttons:
        assert ear.since(partial(customer.click, button)) == [word]
