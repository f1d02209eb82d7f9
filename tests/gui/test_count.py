"""How much it takes: clicks and keys from the opened window to a stored Fiken connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui.helpers import good_key, good_number, row_of
from wizard.gui.widgets.field_row import SecretRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from tests.gui.helpers import Customer

CLICKS = 6
"""The most that it may take besides pasting; with the keyboard one is left, for a tick of consent."""
KEYS = 8
"""The most keys pressed, besides the digits of the number and pasting."""
ENTER = Qt.Key.Key_Return


class Counter(QObject):
    """Counts what the customer's hands do, wherever in the program it arrives; each press once."""

    def __init__(self) -> None:
        super().__init__()
        self.clicks = 0
        self._last: object = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let it pass."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            at = (event.timestamp(), event.globalPosition().toTuple())
            self.clicks += at != self._last
            self._last = at
        return False


@pytest.fixture
def counter() -> Iterator[Counter]:
    """Return what counts for the whole program."""
    made = Counter()
    application = QApplication.instance()
    assert application
    application.installEventFilter(made)
    yield made
    application.removeEventFilter(made)


def click(widget: QWidget) -> None:
    """Click in the middle of what is there to be clicked."""
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("pastes", ["with_the_keyboard", "with_the_button"])
def test_fiken_takes_six_clicks_at_most_besides_pasting(
    customer: Customer, counter: Counter, pastes: str
) -> None:
    window, fiken = customer.window, customer.provider("fiken")
    rows = window._system().systems
    at = rows.visualItemRect(row_of(rows, "fiken")).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    click(window.next)
    customer.wait_page("company")
    customer.paste(good_number(fiken))
    click(window.next)
    customer.wait_page("key")
    if pastes == "with_the_button":
        click(window._key().have)
        QGuiApplication.clipboard().setText(good_key(fiken))
        row = window._key().fields["token"]
        assert isinstance(row, SecretRow)
        click(row.paste)
        counter.clicks -= 1  # that was pasting
    else:
        customer.paste(good_key(fiken))  # anywhere on the page
    click(window.next)
    customer.wait_test("passed")
    click(window.next)
    customer.wait_page("done")
    assert counter.clicks == CLICKS - (pastes == "with_the_keyboard")
    assert len(customer.world.store.book().connections) == 1


def test_through_the_whole_guide_enter_takes_the_place_of_clicks(
    customer: Customer, counter: Counter
) -> None:
    """Who walks the guide to its end and never takes the hands off the keyboard clicks nothing at all."""
    window, fiken = customer.window, customer.provider("fiken")
    pressed = 0

    def press(key: Qt.Key) -> None:
        nonlocal pressed
        pressed += 1
        customer.press(key)

    customer.type("fiken")
    press(ENTER)  # picks it, so that its card can be read
    customer.wait_idle()
    press(ENTER)
    customer.wait_page("company")
    customer.paste(good_number(fiken))
    press(ENTER)
    customer.wait_page("key")
    while customer.focused() is not customer.secret and pressed < 12:
        press(ENTER)
    customer.paste(good_key(fiken))
    while window.page == "key" and pressed < 12:
        press(ENTER)
    customer.wait_test("passed")
    press(ENTER)
    customer.wait_page("done")
    assert counter.clicks == 0
    assert pressed <= KEYS, pressed
    assert QGuiApplication.clipboard().text() == good_key(fiken)
