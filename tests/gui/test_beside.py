"""The window beside the customer's browser: narrow, at the edge of the screen, above the others, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from tests.gui.helpers import shown
from wizard.gui.beside import strip
from wizard.gui.widgets.parts import Row

if TYPE_CHECKING:
    from tests.gui.helpers import Customer

LAPTOP = QRect(0, 0, 1366, 728)  # 1366×768 less the task bar


def test_it_stands_at_the_right_edge_with_its_frame_on_the_screen() -> None:
    frame = QMargins(8, 31, 8, 8)
    inner = strip(LAPTOP, 400, frame)
    outer = inner.marginsAdded(frame)
    assert LAPTOP.contains(outer)
    assert (inner.width(), outer.height(), outer.right()) == (400, LAPTOP.height(), LAPTOP.right())


def test_it_stands_on_the_screen_that_it_is_on() -> None:
    second = QRect(1366, 40, 1920, 1040)
    assert second.contains(strip(second, 400, QMargins()))
    assert strip(QRect(0, 0, 300, 600), 400, QMargins()) == QRect(0, 0, 300, 600)


def test_one_press_puts_it_beside_the_browser_and_keeps_what_was_typed(customer: Customer) -> None:
    window = customer.window
    window.setGeometry(10, 20, 1000, 640)
    customer.type("fiken")
    screen = window.screen().availableGeometry()
    customer.click(window.beside.button)
    QApplication.processEvents()
    assert window.beside.on
    assert window.isVisible()
    assert window.width() <= 420
    assert screen.contains(window.frameGeometry())
    assert window.frameGeometry().right() == screen.right()
    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert window.focusWidget() is window.beside.button
    assert window._system().search.text() == "fiken"


def test_one_more_press_brings_it_back(customer: Customer) -> None:
    window = customer.window
    before = window.geometry()
    for _ in range(2):
        customer.click(window.beside.button)
        QApplication.processEvents()
    assert not window.beside.on
    assert window.isVisible()
    assert window.geometry() == before
    assert not window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint


def test_its_button_says_what_it_does_in_both_languages(customer: Customer) -> None:
    button = customer.window.beside.button
    said = [button.text()]
    customer.click(button)
    said.append(button.text())
    customer.choose_language("nb")
    said.append(button.text())
    assert len(set(said)) == 3
    assert button.accessibleDescription() == button.toolTip() != ""


def test_it_can_be_as_narrow_as_360_pixels(customer: Customer) -> None:
    customer.window.resize(200, 200)
    assert customer.window.width() <= 360
    assert customer.window.height() <= 560


@pytest.mark.parametrize("size", [QSize(1024, 700), QSize(1920, 1080), QSize(3840, 2160)], ids=str)
def test_what_belongs_together_stays_together_on_every_screen(customer: Customer, size: QSize) -> None:
    window = customer.window
    customer.pick("fiken")
    window.resize(size)
    for _ in range(3):
        QApplication.processEvents()
    page = window._company()
    far = max(one.mapTo(window, one.rect().topRight()).x() for one in shown(page) if one.inherits("QLabel"))
    assert far <= 1_000


def test_a_row_folds_where_there_is_no_room_and_unfolds_again(qapp: QApplication) -> None:
    one, two = QPushButton("the first of them"), QPushButton("the second of them")
    holder = QWidget()
    row = Row(one, two)
    row.setParent(holder)
    holder.show()
    needed = row.sizeHint().width()
    for width, folded in ((needed, False), (needed - 1, True), (needed, False)):
        row.resize(width, 200)
        QApplication.processEvents()
        assert row.folded() is folded
        assert (one.y() == two.y()) is not folded
    assert row.minimumSizeHint().width() < needed
    two.hide()
    row.resize(needed - 1, 200)
    QApplication.processEvents()
    assert not row.folded()
