from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from tests.gui.helpers import LANGUAGES, OTHERS, SYSTEMS, shown
from tests.gui.states import STATES, bring
from wizard.gui.widgets.choices import Choices
from wizard.gui.widgets.guide_view import Drawing
from wizard.gui.widgets.message import Message
from wizard.gui.widgets.secret_edit import SecretEdit
from wizard.gui.widgets.step_map import StepMap

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker


def said(widget: QWidget, kind: QAccessible.Text = QAccessible.Text.Name) -> str:
    """Return what a screen reader says of a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(kind)


def reached(window: QWidget) -> list[QWidget]:
    """Return the widgets that Tab reaches, in its order, once round."""
    ring: list[QWidget] = []
    at = window.nextInFocusChain()
    while at is not None and at is not window:
        if at.isVisible() and at.isEnabled() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            ring.append(at)
        at = at.nextInFocusChain()
    return ring


def problems(window: QWidget) -> list[str]:
    """Return what somebody who cannot see would miss."""
    found = [f"no name: {one}" for one in reached(window) if not said(one).strip()]
    for widget in shown(window):
        found += _about(widget)
    return found


def _about(widget: QWidget) -> list[str]:
    found: list[str] = []
    if isinstance(widget, SecretEdit) and not said(widget, QAccessible.Text.Description):
        found.append(f"no description: {said(widget)}")
    if isinstance(widget, Drawing | StepMap | Choices) and not said(widget):
        found.append(f"nothing instead of the picture: {widget}")
    if isinstance(widget, Message):
        texts = [one.text() for one in widget.findChildren(QLabel) if one.isVisible() and one.text()]
        found += [f"not in the message's name: {text}" for text in texts if text not in said(widget)]
    return found


@pytest.mark.parametrize("state", STATES)
def test_everything_has_a_name_that_can_be_said(customer: Customer, state: str) -> None:
    bring(customer, state)
    assert problems(customer.window) == []


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


@pytest.mark.parametrize("state", ["company", "key"])
def test_every_line_has_a_label_and_a_description(customer: Customer, state: str) -> None:
    bring(customer, state)
    labelled = [one.buddy() for one in customer.window.findChildren(QLabel) if one.isVisible()]
    for line in customer.window.findChildren(QLineEdit):
        if line.isVisible():
            assert line in labelled
            assert said(line, QAccessible.Text.Description)


@pytest.mark.parametrize("state", STATES)
def test_tab_goes_where_the_eye_goes(customer: Customer, state: str) -> None:
    bring(customer, state)
    window = customer.window
    ring = [one for one in reached(window) if window.stack.isAncestorOf(one)]
    for above, below in pairwise(ring):
        first, second = box(above), box(below)
        beside = first.top() < second.bottom() and second.top() < first.bottom()
        assert first.top() <= second.top() or beside or second.left() > first.right(), (above, below)


def box(widget: QWidget):  # type: ignore[no-untyped-def]
    """Return where a widget lies in its window."""
    return widget.rect().translated(widget.mapTo(widget.window(), QPoint(0, 0)))


@pytest.mark.parametrize("state", STATES)
def test_the_pages_come_before_the_buttons(customer: Customer, state: str) -> None:
    bring(customer, state)
    window = customer.window
    ring = reached(window)
    inside = [at for at, one in enumerate(ring) if window.stack.isAncestorOf(one)]
    buttons = [ring.index(one) for one in (window.back, window.next, window.cancel) if one in ring]
    assert not inside or not buttons or max(inside) < min(buttons)


def test_rows_are_said_with_the_line_beneath(customer: Customer) -> None:
    rows = customer.window._system().systems
    interface = QAccessible.queryAccessibleInterface(rows)
    names = [interface.child(at).text(QAccessible.Text.Name) for at in range(interface.childCount())]
    assert any(name.startswith("Fiken. ") for name in names)


def test_the_title_of_the_window_says_the_page(customer: Customer) -> None:
    customer.pick("fiken")
    assert customer.window.windowTitle().startswith(customer.window._company().title.text())
