from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAccessible

from tests.gui.gate import problems
from tests.gui.helpers import LANGUAGES, OTHERS, SYSTEMS

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SYSTEMS)
def test_every_step_of_every_guide_can_be_heard(make: Maker, slug: str, language: str) -> None:
    customer = make(language=language)
    customer.to_key(slug)
    for _ in customer.provider(slug).guide[1:]:
        assert problems(customer.window) == []
        customer.click(customer.window._key().following)
    assert problems(customer.window) == []


@pytest.mark.parametrize("slug", OTHERS)
def test_every_step_and_form_of_the_other_systems_can_be_heard(customer: Customer, slug: str) -> None:
    for at in customer.every_step(slug):
        assert problems(customer.window) == [], at


def test_rows_are_said_with_the_line_beneath(customer: Customer) -> None:
    rows = customer.window._system().systems
    interface = QAccessible.queryAccessibleInterface(rows)
    names = [interface.child(at).text(QAccessible.Text.Name) for at in range(interface.childCount())]
    assert any(name.startswith("Fiken. ") for name in names)


def test_the_title_of_the_window_says_the_page(customer: Customer) -> None:
    customer.pick("fiken")
    assert customer.window.windowTitle().startswith(customer.window._company().title.text())
