from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

from tests.gui.helpers import SlowVault, good_key
from wizard.core import errors
from wizard.core.vault import MemoryVault
from wizard.gui.question import question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QApplication

    from tests.gui.helpers import Customer, Maker
    from wizard.core.secret import Secret


LONG = (
    "Nøkkelen du limte inn, er ikke lagret. Noen nøkler vises bare én gang, så kanskje må du lage en ny. "
    "Det andre du valgte og skrev, blir tatt vare på i 30 dager, så du kan fortsette der du slapp."
)


class FullVault(MemoryVault):
    """A keychain that takes nothing."""

    async def keep(self, items: Mapping[str, Secret]) -> None:
        raise errors.KeychainDenied


class SlowFullVault(SlowVault):
    """A keychain that asks first, and then takes nothing."""

    async def keep(self, items: Mapping[str, Secret]) -> None:
        await super().keep(items)
        self.items.clear()
        raise errors.KeychainDenied


def filled(customer: Customer) -> None:
    customer.to_field("fiken")
    customer.paste(good_key(customer.provider("fiken")))


def test_a_pasted_key_is_not_lost_without_a_question(customer: Customer) -> None:
    filled(customer)
    customer.window.close()
    box = customer.question()
    assert "not saved" in box.informativeText()
    assert box.defaultButton().objectName() == "keep_open"
    customer.answer("keep_open")
    assert customer.window.isVisible()
    assert customer.secret.value() == good_key(customer.provider("fiken"))
    customer.click(customer.window.cancel)
    customer.answer("yes_close")
    assert not customer.window.isVisible()
    assert not customer.window._key().holds_secret()


def test_only_one_question_is_asked(customer: Customer) -> None:
    filled(customer)
    customer.window.close()
    customer.question()
    customer.window.close()
    assert len(customer.asked()) == 1


@pytest.mark.parametrize("page", ["system", "company", "key"])
def test_an_empty_window_closes_at_once(customer: Customer, page: str) -> None:
    if page != "system":
        customer.pick("fiken")
    if page == "key":
        customer.click(customer.window.next)
    customer.window.close()
    assert not customer.window.isVisible()


def test_a_window_whose_key_is_stored_closes_at_once(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.click(customer.window.cancel)
    assert not customer.window.isVisible()


def test_closing_during_a_test_ends_it_quickly(customer: Customer) -> None:
    customer.slow_down(20.0)
    customer.to_test("fiken")
    customer.window.close()
    customer.answer("yes_close")
    began = time.monotonic()
    customer.window._bridge.close()
    assert time.monotonic() - began < 2.0
    assert not customer.window.isVisible()
    assert customer.world.store.book().connections == {}


def test_staying_during_a_test_lets_it_go_on(customer: Customer) -> None:
    customer.slow_down(0.05)
    customer.to_test("fiken", "313000028")
    customer.window.close()
    customer.answer("keep_open")
    customer.wait_test("passed")
    customer.store()


def test_closing_while_storing_waits_for_it(customer: Customer) -> None:
    vault = customer.slow_keychain()
    customer.to_state("fiken", "passed", "313000028")
    customer.click(customer.window.next)
    customer.wait(lambda: vault.entered)
    assert not customer.window.back.isEnabled()
    assert not customer.window.cancel.isEnabled()
    customer.window.close()
    customer.qtbot.wait(30)
    assert customer.window.isVisible()
    assert not customer.asked()
    vault.may = True
    customer.wait(lambda: not customer.window.isVisible())
    assert len(customer.world.store.book().connections) == 1


def test_back_and_escape_do_nothing_while_storing(customer: Customer) -> None:
    vault = customer.slow_keychain()
    customer.to_state("fiken", "passed", "313000028")
    customer.click(customer.window.next)
    customer.wait(lambda: vault.entered)
    customer.window.go_back()
    assert customer.window.page == "test"
    vault.may = True
    customer.wait_page("done")


def test_a_store_that_fails_after_the_wish_to_close_asks_again(customer: Customer) -> None:
    vault = customer.world.store.vault = SlowFullVault()
    customer.to_state("fiken", "passed", "313000028")
    customer.click(customer.window.next)
    customer.wait(lambda: vault.entered)
    customer.window.close()
    vault.may = True
    customer.answer("keep_open")
    assert customer.window.isVisible()
    assert customer.world.store.book().connections == {}
    assert customer.secret.filled()


def test_a_store_that_failed_may_be_tried_again(customer: Customer) -> None:
    good, customer.world.store.vault = customer.world.store.vault, FullVault()
    customer.to_state("fiken", "passed", "313000028")
    customer.click(customer.window.next)
    customer.wait_test("failed")
    assert "not allowed to use" in customer.message()
    assert customer.world.store.book().connections == {}
    customer.world.store.vault = good
    customer.click(customer.action)
    customer.wait_page("done")
    assert len(customer.world.store.book().connections) == 1


def test_the_question_is_answered_by_keyboard(customer: Customer) -> None:
    filled(customer)
    customer.press(Qt.Key.Key_Escape)
    customer.wait(customer.question().isActiveWindow)
    customer.press(Qt.Key.Key_Return)
    customer.wait(lambda: not customer.asked())
    assert customer.window.isVisible()


@pytest.mark.parametrize("large", [False, True], ids=["text_100", "text_200"])
@pytest.mark.parametrize("width", [400, 1280])
def test_the_question_is_read_in_few_lines_and_nothing_of_it_is_cut(
    make: Maker, qapp: QApplication, width: int, *, large: bool
) -> None:
    was = QFont(qapp.font())
    font = QFont(was)
    font.setPointSizeF(was.pointSizeF() * (2 if large else 1))
    qapp.setFont(font)
    try:
        customer = make(language="nb")
        window = customer.window
        window.resize(width, 720)
        box = question(window, window.texts, "closing.title", LONG, ("yes_close", "keep_open"))
        box.open()
        customer.wait(box.isVisible)
        inside = box.contentsRect()
        shown = [one for one in box.findChildren(QWidget) if one.isVisible() and one.parent() is box]
        assert [one for one in shown if not inside.contains(one.geometry())] == []
        (text,) = (one for one in box.findChildren(QLabel) if one.text() == LONG)
        assert text.height() >= text.heightForWidth(text.width())
        assert width == 400 or text.height() <= 5 * text.fontMetrics().lineSpacing()
        box.close()
    finally:
        qapp.setFont(was)
