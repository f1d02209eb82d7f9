"""The window's foot: few words on one line, three quiet buttons, and one filled button a page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from tests.gui.gate import problems
from tests.gui.gate import stops as reached
from tests.gui.helpers import LANGUAGES, PRESET, filled
from tests.gui.test_layout import clipped
from tests.gui.test_report import opened
from tests.gui.test_sending import before, copied, home, to_send
from wizard.gui.sheets import ExplainSheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World
    from wizard.gui.widgets.parts import Button


def corner(customer: Customer, widget: QWidget) -> QPoint:
    """Return where a widget begins in the window."""
    return widget.mapTo(customer.window, QPoint())


def resized(customer: Customer, width: int, height: int) -> None:
    customer.window.resize(width, height)
    QApplication.processEvents()


def quiet(customer: Customer) -> list[Button]:
    footer = customer.window.footer
    return [footer.beside, footer.code, footer.report]


# The foot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(1280, 720), (1024, 700)])
def test_in_a_wide_window_all_is_on_one_line(make: Maker, language: str, size: tuple[int, int]) -> None:
    customer = make(language=language, practice=True)
    resized(customer, *size)
    window = customer.window
    assert len({corner(customer, one).y() for one in quiet(customer)}) == 1
    place = window.footer.place
    assert corner(customer, place).x() < corner(customer, window.footer.beside).x()
    last = window.footer.report
    words = corner(customer, last).x() + last.width() - last.room()
    assert words == corner(customer, window.next).x() + window.next.width(), "words end where buttons do"


@pytest.mark.parametrize("language", LANGUAGES)
def test_beside_the_browser_the_three_stand_in_one_row_beneath(make: Maker, language: str) -> None:
    customer = make(language=language, practice=True)
    resized(customer, 400, 700)
    footer = customer.window.footer
    assert customer.window.width() == 400
    assert len({corner(customer, one).y() for one in quiet(customer)}) == 1
    assert corner(customer, footer.place).y() + footer.place.height() <= corner(customer, footer.code).y()
    assert (
        corner(customer, footer.beside).x() + footer.beside.room()
        == corner(customer, customer.window.cancel).x()
    )
    gaps = corner(customer, footer.code).x() - corner(customer, footer.beside).x() - footer.beside.width()
    assert gaps < footer.beside.room(), "they belong together"


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_not_even_three_fit_they_stand_one_above_the_other(make: Maker, language: str) -> None:
    customer = make(language=language)
    font = QApplication.font()
    try:
        larger = QApplication.font()
        larger.setPointSizeF(font.pointSizeF() * 2)
        QApplication.setFont(larger)
        again = make(language=language)
        resized(again, 400, 700)
        assert again.window.width() == 400
        assert len({corner(again, one).x() for one in quiet(again)}) == 1
        assert len({corner(again, one).y() for one in quiet(again)}) == 3
        for one in quiet(again):
            assert corner(again, one).x() + one.width() <= 400
            assert one.width() == one.sizeHint().width()
    finally:
        QApplication.setFont(font)
    assert customer.window.isVisible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_low_window_the_foot_leaves_the_page_its_room(make: Maker, language: str) -> None:
    font = QApplication.font()
    try:
        larger = QApplication.font()
        larger.setPointSizeF(font.pointSizeF() * 2)
        QApplication.setFont(larger)
        customer = make(language=language, preset=replace(PRESET, email="hjelp@fjordbanken.example"))
        resized(customer, 1280, 720)
        window, asked = customer.window, customer.window._contact
        assert corner(customer, asked).y() >= corner(customer, window.stack).y() + window.stack.height()
        middle = corner(customer, asked).y() + asked.height() // 2
        assert abs(middle - corner(customer, window.cancel).y() - window.cancel.height() // 2) <= 1
        assert corner(customer, asked).x() >= corner(customer, window.cancel).x() + window.cancel.width()
        below = 720 - corner(customer, window.stack).y() - window.stack.height()
        assert below <= 0.23 * 720, "a quarter or more of the window is not the page's"
        assert not clipped(window)
        resized(customer, 1280, 1000)
        assert corner(customer, asked).y() < corner(customer, window.cancel).y(), "there is room above"
        window.say(replace(window.texts, preset=replace(window.texts.preset, email=f"{'lang.' * 40}no")))
        resized(customer, 1280, 720)
        assert corner(customer, asked).y() < corner(customer, window.cancel).y(), "it needs more lines"
    finally:
        QApplication.setFont(font)


def test_practice_has_its_button_where_practice_is_said(make: Maker) -> None:
    customer = make(practice=True)
    footer = customer.window.footer
    assert footer.practice.isVisible()
    assert corner(customer, footer.practice).y() < corner(customer, customer.window.stack).y()
    assert footer.practice in reached(customer.window)
    assert not problems(customer.window)


# One filled button


def test_where_a_page_says_what_to_do_next_the_button_beneath_is_not_filled(
    make: Maker, world: World
) -> None:
    customer = before(make, world)
    to_send(customer)
    customer.click(customer.window.cancel)
    customer.wait_page("done")
    customer.to_home()
    assert filled(customer) == ["Send …"]
    assert not customer.window._home().sum.isVisible(), "not sent, so it is not said that all is well"
    customer.window._home().tell("done")
    assert customer.window._home().sum.isVisible()


def test_a_code_that_is_wrong_leads_back_to_where_it_is_typed(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    assert customer.window.footer.place.text().endswith(" · 6"), "the number that the map shows"
    customer.to_home()
    home(customer).code.setText("0000-0000-0000")
    customer.click(home(customer).use)
    customer.wait(home(customer).wrong.isVisible)
    assert filled(customer) == [home(customer).wrong.action.text().replace("&", "")]


def test_what_a_code_means_is_not_hidden_by_the_buttons_beneath(make: Maker) -> None:
    customer = make(language="en")
    resized(customer, 400, 700)
    customer.click(customer.window.footer.code)
    sheet = opened(customer, ExplainSheet)
    sheet.edit.setText("PO-SIGNIN-4X47")
    sheet.show_meaning()
    QApplication.processEvents()
    assert sheet.said.geometry().bottom() < sheet.report.mapTo(sheet, QPoint()).y()
    assert sheet.said.height() >= sheet.said.heightForWidth(sheet.said.width())
