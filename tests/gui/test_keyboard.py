from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from tests.gui.helpers import LANGUAGES, SYSTEMS, good_key, good_number
from tests.gui.states import STATES, bring

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton, QWidget

    from tests.gui.helpers import Customer, Maker

TAB, SPACE, ENTER, ESCAPE = Qt.Key.Key_Tab, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape
ALT = Qt.KeyboardModifier.AltModifier


def tab_to(customer: Customer, wanted: QWidget) -> None:
    """Press Tab until a widget has the focus; a trap fails the test."""
    for _ in range(30):
        if customer.focused() is wanted:
            return
        customer.press(TAB)
    pytest.fail(f"Tab does not reach {wanted}")


def mnemonic(button: QPushButton) -> Qt.Key:
    """Return the letter that is underlined."""
    text = button.text()
    assert "&" in text, text
    letter = text[text.index("&") + 1].upper()
    return Qt.Key(ord(letter))


def alt(customer: Customer, button: QPushButton) -> None:
    """Press Alt and the letter; Qt shows the button pressed for a tenth of a second, and clicks it then."""
    with customer.qtbot.waitSignal(button.clicked):
        customer.press(mnemonic(button), ALT)


def settled_focus(customer: Customer) -> QWidget:
    """Return what has the focus: something that is there and that may be used."""
    focused = customer.focused()
    assert focused
    assert focused.isVisible()
    assert focused.isEnabled()
    assert customer.window.isAncestorOf(focused)
    return focused


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SYSTEMS)
def test_the_whole_walk_by_keyboard(make: Maker, slug: str, language: str) -> None:
    customer = make(language=language, practice=True)
    window = customer.window
    assert settled_focus(customer) is window._system().search
    customer.press(Qt.Key.Key_Down)
    assert settled_focus(customer) is window._system().systems
    while window._system().current() != slug:
        customer.press(Qt.Key.Key_Down)
    customer.press(ENTER)
    customer.wait_page("company")
    assert settled_focus(customer) is window._company().orgnr
    customer.type(good_number(customer.provider(slug)))
    customer.press(ENTER)
    assert window.page == "key"
    assert settled_focus(customer) is window._key().following
    alt(customer, window._key().have)
    assert settled_focus(customer) is customer.secret
    customer.paste(good_key(customer.provider(slug)))
    alt(customer, window.next)
    customer.wait_test("passed")
    assert settled_focus(customer) is window.next
    customer.press(SPACE)
    customer.wait_page("done")
    assert settled_focus(customer) is window.cancel
    customer.press(ENTER)
    assert not window.isVisible()
    assert len(customer.world.store.book().connections) == 1


@pytest.mark.parametrize("slug", SYSTEMS)
def test_enter_leads_through_the_guide_and_to_the_test(customer: Customer, slug: str) -> None:
    window = customer.window
    customer.to_key(slug)
    guide = customer.provider(slug).guide
    found = next(at for at, step in enumerate(guide) if step.field)
    for at in range(found):
        assert window._key().spoken_step() == at + 1
        customer.press(ENTER)
    assert window._key().spoken_step() == found + 1
    tab_to(customer, customer.secret)
    customer.paste(good_key(customer.provider(slug)))
    for _ in range(len(guide)):
        if window.page == "key":
            customer.press(ENTER)
    assert window.page == "test"


def test_enter_presses_the_button_that_has_the_focus_and_no_other(customer: Customer) -> None:
    window = customer.window
    customer.to_key("fiken")
    tab_to(customer, window._key().have)
    customer.press(ENTER)
    assert window._key().spoken_step() == 4
    assert settled_focus(customer) is customer.secret
    assert window.page == "key"


def test_enter_on_a_tool_does_not_store(customer: Customer) -> None:
    window = customer.window
    customer.to_state("fiken", "passed", "313000028")
    fold = window._testing().checks.fold
    tab_to(customer, fold)
    customer.press(ENTER)
    assert fold.isChecked()
    assert window.page == "test"
    assert customer.world.store.book().connections == {}


@pytest.mark.parametrize("where", ["orgnr", "label"])
def test_enter_in_a_line_does_one_thing(customer: Customer, where: str) -> None:
    customer.pick("fiken")
    tab_to(customer, getattr(customer.window._company(), where))
    customer.press(ENTER)
    assert customer.window.page == "key"
    assert customer.window._key().spoken_step() == 1


def test_an_enter_that_is_held_down_does_not_run_on(customer: Customer) -> None:
    customer.to_field("fiken", "313000028")
    customer.paste(good_key(customer.provider("fiken")))
    customer.press(ENTER)
    for _ in range(200):
        repeated = QKeyEvent(
            QEvent.Type.KeyPress, ENTER, Qt.KeyboardModifier.NoModifier, "\r", autorep=True, count=1
        )
        QApplication.sendEvent(customer.focused() or customer.window, repeated)
        customer.qtbot.wait(1)
    assert customer.window.page == "test"
    customer.wait_test("passed")
    assert customer.world.store.book().connections == {}


@pytest.mark.parametrize("page", ["system", "company", "key"])
def test_escape_closes_where_nothing_is_lost(customer: Customer, page: str) -> None:
    if page != "system":
        customer.pick("fiken")
    if page == "key":
        customer.press(ENTER)
    assert customer.window.page == page
    customer.press(ESCAPE)
    assert not customer.window.isVisible()


def test_escape_stops_a_test_and_then_asks(customer: Customer) -> None:
    customer.slow_down(5.0)
    customer.to_test("fiken")
    customer.press(ESCAPE)
    assert customer.window._testing().state == "failed"
    assert customer.window.isVisible()
    customer.press(ESCAPE)
    customer.question()
    QApplication.sendEvent(
        customer.question(), QKeyEvent(QEvent.Type.KeyPress, ESCAPE, Qt.KeyboardModifier.NoModifier)
    )
    customer.wait(lambda: not customer.asked())
    assert customer.window.isVisible()
    assert customer.secret.filled()


def test_the_stopped_test_says_nothing_more(customer: Customer) -> None:
    customer.slow_down(0.05)
    customer.to_test("fiken", "313000028")
    customer.press(ESCAPE)
    told = customer.message()
    customer.qtbot.wait(300)
    assert customer.window._testing().state == "failed"
    assert customer.message() == told


ORDERS = {
    "linux": ["cancel", "back", "next"],
    "darwin": ["cancel", "back", "next"],
    "win32": ["back", "next", "cancel"],
}


@pytest.mark.parametrize("platform", ORDERS)
def test_the_buttons_stand_as_on_the_platform(make: Maker, platform: str) -> None:
    customer = make(platform=platform)
    customer.pick("fiken")
    window = customer.window
    buttons = {"back": window.back, "next": window.next, "cancel": window.cancel}
    across = sorted(buttons, key=lambda name: buttons[name].x())
    assert across == ORDERS[platform]
    assert len({button.y() for button in buttons.values()}) == 1


def test_back_keeps_what_was_typed(customer: Customer) -> None:
    window = customer.window
    customer.pick("tripletex")
    customer.type("313000060")
    customer.press(TAB)
    customer.type("Main books")
    customer.press(ENTER)
    alt(customer, window._key().have)
    customer.paste(good_key(customer.provider("tripletex")))
    for page in ("company", "system"):
        alt(customer, window.back)
        assert window.page == page
        settled_focus(customer)
    assert window._system().current() == "tripletex"
    assert not window.back.isVisible()
    for page in ("company", "key", "test"):
        alt(customer, window.next)
        customer.wait_page(page)
    assert window._company().orgnr.text() == "313000060"
    assert window._company().label.text() == "Main books"
    customer.wait_test("passed")


def test_back_from_a_running_test_cancels_it(customer: Customer) -> None:
    window = customer.window
    customer.slow_down(0.15)
    customer.to_test("fiken", "313000028")
    alt(customer, window.back)
    assert window.page == "key"
    assert not window.is_running()
    assert customer.secret.filled()
    customer.qtbot.wait(400)
    assert window.page == "key"
    assert len(customer.asked_vendors()) == 1


def test_back_is_over_once_it_is_stored(customer: Customer) -> None:
    customer.to_done("fiken")
    assert "overview" in customer.window.back.text()


def tab_ring(customer: Customer) -> list[QWidget]:
    """Return what Tab leads to, once round."""
    if settled_focus(customer) is customer.window:  # nothing may be pressed just then
        customer.press(TAB)
    start = settled_focus(customer)
    ring = [start]
    for _ in range(60):
        customer.press(TAB)
        if settled_focus(customer) is start:
            return ring
        ring.append(settled_focus(customer))
    pytest.fail("Tab does not come round")


@pytest.mark.parametrize("state", STATES)
def test_tab_goes_round_and_back(customer: Customer, state: str) -> None:
    bring(customer, state)
    ring = tab_ring(customer)
    customer.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert settled_focus(customer) is ring[-1]


@pytest.mark.parametrize("state", STATES)
def test_no_two_visible_buttons_share_a_letter(make: Maker, state: str) -> None:
    customer = make(language="nb")
    bring(customer, state)
    for language in LANGUAGES:
        customer.choose_language(language)
        texts = underlined(customer)
        letters = [text[text.index("&") + 1].lower() for text in texts]
        assert texts, language
        assert len(set(letters)) == len(letters), texts


def underlined(customer: Customer) -> list[str]:
    """Return the texts that can be seen and hold an underlined letter."""
    buttons = customer.window.findChildren(QAbstractButton)
    labels = [one for one in customer.window.findChildren(QLabel) if one.buddy() is not None]
    texts = [one.text() for one in buttons if one.isVisible() and "&" in one.text()]
    return texts + [one.text() for one in labels if one.isVisible() and "&" in one.text()]
