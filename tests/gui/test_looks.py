"""What the window shows of the real systems, and how it leads on there by keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.gui.helpers import PRESET, good_key
from tests.gui.states import read
from wizard.gui.widgets.guide_view import CopyRow
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World

DOWN, ENTER = Qt.Key.Key_Down, Qt.Key.Key_Return


def says(customer: Customer, text: str) -> bool:
    return any(text in one for one in read(customer.window))


def test_an_invitation_code_that_is_kept_here_is_shown_large(make: Maker, world: World) -> None:
    provider = world.provider("visma_net")
    anyio.run(lambda: world.store.set_partner("visma_net.production.invitation_code", provider, "ZZ-41-K"))
    customer = make(world=world)
    customer.to_key("visma_net", "313000184")
    page = customer.window._key()
    while page.spoken_step() != 3:
        customer.click(page.following)
    (row,) = page.guide.findChildren(CopyRow)
    customer.click(row.button)
    assert QGuiApplication.clipboard().text() == "ZZ-41-K"
    assert row._value.font().pointSizeF() > page.font().pointSizeF() * 1.4


def test_a_code_of_the_preset_is_shown_where_none_is_kept(make: Maker) -> None:
    values = {**PRESET.values, "visma_net": {"invitation_code": "AA-12"}}
    customer = make(preset=replace(PRESET, values=values))
    customer.to_key("visma_net", "313000184")
    page = customer.window._key()
    assert page._values() == {"invitation_code": "AA-12"}
    page.show_provider(customer.provider("visma_net"), given={"invitation_code": "BB-34"})
    assert page._values() == {"invitation_code": "BB-34"}


def test_a_form_asks_step_by_step_and_then_shows_the_letter(customer: Customer) -> None:
    customer.to_key("visma_business", "313000354")
    page = customer.window._key()

    def asked_for() -> list[str]:
        return [name for name, row in page.fields.items() if row.isVisible()]

    assert asked_for() == ["version"]
    assert customer.focused() is page.fields["version"].edit
    customer.press(ENTER)
    assert asked_for() == ["hosting", "partner_name"]
    customer.press(ENTER)
    assert asked_for() == ["company", "contact_name", "contact_email", "contact_phone"]
    customer.click(page.following)
    assert asked_for() == []
    assert not page.guide.letter.isVisible()
    assert says(customer, page.fields["company"].label())
    assert customer.focused() is page.previous
    customer.press(ENTER)
    customer.fill(company="Ås AS", contact_name="Åse", contact_email="a@b.example")
    customer.press(ENTER)
    assert page.guide.letter.isVisible()
    assert customer.focused() is page.guide.letter.open
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.to_home()
    assert not customer.window._home().test.isVisible()


def test_a_wrong_answer_of_a_form_is_shown_at_its_step(customer: Customer) -> None:
    customer.to_key("visma_business", "313000354")
    page = customer.window._key()
    customer.press(ENTER)
    customer.press(ENTER)
    customer.fill(company="Ås AS", contact_name="Åse", contact_email="a")
    customer.press(ENTER)
    customer.click(customer.window.next)
    assert page.spoken_step() == 3
    assert customer.focused() is page.fields["contact_email"].edit
    assert customer.window.page == "key"


def test_fields_appear_when_the_guide_comes_to_them(customer: Customer) -> None:
    customer.to_key("business_nxt", "313000230")
    page = customer.window._key()
    for _ in range(4):
        customer.press(ENTER)
    rows = page.fields
    assert (rows["customer_number"].isVisible(), rows["company_number"].isVisible()) == (True, False)
    assert customer.focused() is rows["customer_number"].edit
    assert customer.window.next.text().replace("&", "") == "Test the connection"
    customer.type("9123456")
    customer.press(ENTER)
    assert all(row.isVisible() for row in rows.values())
    assert customer.focused() is rows["company_number"].edit


def test_the_ways_to_connect_fold_into_a_line(customer: Customer) -> None:
    customer.to_key("xledger", "313000176")
    page = customer.window._key()
    customer.press(DOWN)
    customer.press(ENTER)
    assert not page.methods.isVisible()
    assert customer.focused() is page.following
    customer.click(page.other)
    assert customer.focused() is page.methods
    assert (page.method(), page.spoken_step()) == ("partner_user", 1)


def test_a_letter_to_the_vendor_is_not_addressed_to_the_partner(make: Maker) -> None:
    values = {**PRESET.values, "xledger": {"integration_user": "fjord.innsyn"}}
    customer = make(preset=replace(PRESET, values=values))
    customer.to_key("xledger", "313000176")
    page = customer.window._key()
    while not page.guide.letter.isVisible():
        customer.click(page.following)
    assert says(customer, "Xledger Support")
    assert not says(customer, f"To: {PRESET.email}")
    assert page.guide.letter._address.startswith("mailto:?subject=")
    customer.click(page.have)
    customer.fill(entity_id="23001")
    customer.click(customer.window.next)
    customer.wait_page("done")
    assert not customer.window._done().letter.isVisible()


def test_a_connection_in_a_test_environment_is_marked_at_home(customer: Customer) -> None:
    customer.show_test_environments()
    customer.choose("tripletex")
    card = customer.window._system().before.card
    assert card
    card._place.setFocus()
    customer.press(DOWN)
    customer.wait_idle()
    customer.click(customer.window.next)
    customer.wait_page("company")
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("tripletex"), "test"))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    customer.to_home()
    rows = customer.window._home().rows
    assert "Tripletex (test environment)" in str(rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_enter_ticks_and_then_goes_on(customer: Customer) -> None:
    customer.to_state("tripletex", "passed", key=good_key(customer.provider("tripletex"), "hidden_number"))
    page = customer.window._testing()
    assert customer.focused() is page.confirm.box
    customer.press(ENTER)
    assert page.confirm.ticked()
    customer.press(ENTER)
    customer.wait_page("done")


def test_a_time_has_its_day_before_its_month_in_both_languages() -> None:
    assert moment("2026-11-20T12:00:00+00:00", "en").startswith("20/11/2026")
    assert moment("2026-11-20T12:00:00+00:00", "nb").startswith("20.11.2026")
