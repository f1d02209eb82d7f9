"""Every system by keyboard alone, from the opened window to the receipt; the focus is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from tests.gui.helpers import good_key
from tests.gui.test_keyboard import alt, settled_focus, tab_to
from tests.gui.test_seven import PROVIDERS, number, settle
from tests.providers.helpers import asks, good, table
from wizard.gui.receipt_sheet import ReceiptSheet
from wizard.gui.widgets.secret_edit import SecretEdit

if TYPE_CHECKING:
    from tests.gui.helpers import Customer

ENTER, ESCAPE, DOWN, SPACE = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Space


class NoMouse(QWidget):
    """Refuses to let any click pass unseen."""

    def __init__(self) -> None:
        super().__init__()
        self.clicks = 0

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Count clicks, of which there may be none."""
        self.clicks += event.type() is QEvent.Type.MouseButtonPress
        return False


def give(customer: Customer, name: str, value: str) -> None:
    """Go to a field with Tab and put something in, with keys."""
    edit = customer.window._key().fields[name].edit
    tab_to(customer, edit)
    if isinstance(edit, SecretEdit):
        customer.paste(value)
    elif isinstance(edit, QComboBox):
        for _ in range(edit.findData(value)):
            customer.press(DOWN)
    else:
        customer.type(value)
    settled_focus(customer)


def to_fields(customer: Customer, slug: str) -> None:
    """Pick a system, give the number and come to the fields, with keys; see the focus after each page."""
    window = customer.window
    customer.press(DOWN)
    while window._system().current() != slug:
        customer.press(DOWN)
    customer.wait_idle()
    customer.press(ENTER)
    customer.wait_page("company")
    settled_focus(customer)
    customer.type(number(good(PROVIDERS[slug])) or "313000168")
    customer.press(ENTER)
    customer.wait_page("key")
    settled_focus(customer)
    method = str(table(good(PROVIDERS[slug]), "answers").get("method", ""))
    if method and window._key().methods.isVisible():
        tab_to(customer, window._key().methods)
        while window._key().methods.current() != method:
            customer.press(DOWN)
    if window._key().have.isVisible():
        alt(customer, window._key().have)
    settled_focus(customer)


@pytest.mark.parametrize("slug", sorted(PROVIDERS))
def test_every_system_is_walked_to_its_receipt_with_keys_only(customer: Customer, slug: str) -> None:
    mouse, window = NoMouse(), customer.window
    application = QApplication.instance()
    assert application
    application.installEventFilter(mouse)
    to_fields(customer, slug)
    answers = table(good(PROVIDERS[slug]), "answers")
    left = [name for name in window._key().fields if name in answers]
    while left:
        for name in [one for one in left if window._key().fields[one].isVisible()]:
            give(customer, name, str(answers[name]))
            left.remove(name)
        if left:
            alt(customer, window._key().following)
    alt(customer, window.next)
    settle(customer)
    settled_focus(customer)
    if asks(PROVIDERS[slug], good(PROVIDERS[slug])):
        if not window.next.isEnabled():  # the vendor gives no number: somebody has to look
            assert customer.focused() is window._testing().confirm.box
            customer.press(SPACE)
        alt(customer, window.next)
        customer.wait_page("done")
    settled_focus(customer)
    alt(customer, window._done().receipt)
    customer.wait(lambda: bool(window.findChildren(ReceiptSheet)))
    customer.wait(lambda: customer.focused() is window.findChildren(ReceiptSheet)[0].pdf)
    customer.press(ESCAPE)
    customer.wait(lambda: not window.findChildren(ReceiptSheet))
    customer.wait(lambda: customer.focused() is not None)
    settled_focus(customer)
    application.removeEventFilter(mouse)
    assert mouse.clicks == 0


def test_the_focus_is_somewhere_after_every_turn(customer: Customer) -> None:
    window = customer.window
    customer.refuse("key_refused", "fiken")
    to_fields(customer, "fiken")
    customer.paste(good_key(customer.provider("fiken")))
    alt(customer, window.next)
    customer.wait_test("failed")
    assert settled_focus(customer) is customer.action
    customer.press(SPACE)  # goes to the key
    assert settled_focus(customer) is customer.secret
    customer.refuse("", "fiken")
    alt(customer, window.back)
    settled_focus(customer)
    alt(customer, window.next)
    settled_focus(customer)
    customer.choose_language("nb")
    settled_focus(customer)
    alt(customer, window.next)
    customer.wait_test("passed")
    alt(customer, window.next)
    customer.wait_page("done")
    settled_focus(customer)
    alt(customer, window.back)
    customer.wait_page("home")
    settled_focus(customer)
    alt(customer, window.next)
    customer.wait_page("system")
    settled_focus(customer)


def test_a_key_can_be_pasted_wherever_the_focus_is_on_its_page(customer: Customer) -> None:
    customer.to_key("fiken")
    assert customer.focused() is not customer.secret
    customer.paste(good_key(customer.provider("fiken")))
    assert customer.secret.filled()
    assert customer.window.page == "key"
    settled_focus(customer)


def test_a_paste_elsewhere_replaces_no_key_that_is_there(customer: Customer) -> None:
    customer.to_field("fiken")
    customer.paste(good_key(customer.provider("fiken")))
    tab_to(customer, customer.window.back)
    customer.paste("something else")
    assert customer.secret.value() == good_key(customer.provider("fiken"))
