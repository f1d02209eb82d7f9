"""Every page and every state is for everybody: heard, reached by keyboard, and seen to have the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAccessible

from tests.gui.gate import Marks, order, problems, round_trip
from tests.gui.states import STATES, bring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gui.helpers import Customer


@pytest.fixture(autouse=True)
def _listened_to() -> Iterator[None]:
    """Have Qt keep what assistive programs read up to date, as it does once one listens."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.fixture(scope="module")
def marks() -> Marks:
    """Return what knows which kinds of controls have been looked at."""
    return Marks()


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_for_everybody(customer: Customer, marks: Marks, state: str) -> None:
    bring(customer, state)
    window = customer.window
    assert order(window) + round_trip(customer) + marks.missing(window) == []
    for language in ("en", "nb"):
        customer.choose_language(language)
        assert problems(window) == [], language
