from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.helpers import LANGUAGES, SYSTEMS, good_key, good_number
from tests.gui.states import read
from wizard.core.texts import Texts
from wizard.gui.bridge import Bridge
from wizard.gui.leave_sheet import LeaveSheet

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.ledger import Connection


def only(customer: Customer) -> Connection:
    (row,) = customer.world.store.book().connections.values()
    return row


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SYSTEMS)
def test_each_system_is_connected_and_stored(make: Maker, slug: str, language: str) -> None:
    customer = make(language=language, practice=True)
    provider = customer.provider(slug)
    customer.to_state(slug, "passed", good_number(provider))
    assert customer.world.store.book().connections == {}
    customer.store()
    row = only(customer)
    assert (row.tested, row.company["orgnr"]) == ("passed", good_number(provider))
    assert customer.window._done().title.text().startswith(str(row.company["name"]))
    assert not customer.window._key().holds_secret()
    assert not customer.window.walk.answers
    assert not customer.window._testing()._proof


@pytest.mark.parametrize("slug", SYSTEMS)
def test_the_kept_secret_is_what_was_pasted(customer: Customer, slug: str) -> None:
    customer.to_done(slug)
    (kept,) = customer.world.store.vault.items.values()  # type: ignore[attr-defined]
    assert kept.reveal() == good_key(customer.provider(slug))


def test_a_bridge_opens_its_own_practice_world(make: Maker) -> None:
    bridge = Bridge(practice=True)
    customer = make(language="nb", practice=True, bridge=bridge)
    customer.to_done("fiken")
    assert bridge._world
    assert len(bridge._world.store.book().connections) == 1
    assert customer.world.store.book().connections == {}


def test_fiken_takes_six_clicks(customer: Customer) -> None:
    customer.to_done("fiken")
    assert customer.clicks <= 6


def test_the_name_of_ones_own_is_stored_and_shown(customer: Customer) -> None:
    customer.pick("fiken")
    customer.type("313 000 028")
    customer.press(Qt.Key.Key_Tab)
    customer.type("Main books")
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    assert only(customer).label == "Main books"
    customer.to_home()
    assert "Main books" in customer.window._home().rows.item(0).text()


@pytest.mark.parametrize("number", ["313000029", "12345", "not a number"])
def test_a_number_with_a_slip_is_pointed_out_before_any_key(customer: Customer, number: str) -> None:
    customer.pick("fiken")
    customer.type(number)
    customer.click(customer.window.next)
    company = customer.window._company()
    assert customer.window.page == "company"
    assert "not valid" in company._orgnr_help.text()
    assert customer.focused() is company.orgnr
    assert company.orgnr.text() == number
    customer.type("313000028")
    customer.click(customer.window.next)
    customer.wait_page("key")


def test_a_double_click_on_a_system_goes_on(customer: Customer) -> None:
    rows = customer.window._system().systems
    customer.click_row(rows, "fiken")
    at = rows.visualItemRect(rows.currentItem()).center()
    QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    customer.wait_page("company")


def test_next_pressed_too_early_does_not_carry_another_system_along(customer: Customer) -> None:
    rows = customer.window._system().systems
    customer.click_row(rows, "fiken")
    customer.click(customer.window.next)
    customer.click_row(rows, "tripletex")
    customer.wait_idle()
    customer.qtbot.wait(30)
    assert customer.window.page == "system"


def test_several_companies_are_listed_found_and_ticked(customer: Customer) -> None:
    window = customer.window
    customer.to_state("fiken", "choosing")
    choosing = window._testing().choosing
    rows = choosing.companies
    assert rows.count() == 4
    assert not window.next.isEnabled()
    assert customer.focused() is choosing.search
    customer.type("nordlys")
    assert [row.text() for row in rows._items() if not row.isHidden()] == ["Nordlys Kaffebrenneri AS"]
    choosing.search.clear()
    customer.type("313 000 028")
    assert [row.text() for row in rows._items() if not row.isHidden()] == ["Fjordheim Regnskap AS"]
    choosing.search.clear()
    customer.click_row(rows, "fjordheim-regnskap-as")
    assert window.next.isEnabled()
    customer.click_row(rows, "fjordheim-regnskap-as")
    assert not window.next.isEnabled()


def test_a_company_is_ticked_by_space(customer: Customer) -> None:
    customer.to_state("fiken", "choosing")
    choosing = customer.window._testing().choosing
    customer.press(Qt.Key.Key_Tab)
    assert customer.focused() is choosing.companies
    customer.press(Qt.Key.Key_Down)
    customer.press(Qt.Key.Key_Down)
    customer.press(Qt.Key.Key_Space)
    assert choosing.picks() == (str(choosing.companies.current()),)
    customer.press(Qt.Key.Key_Space)
    assert choosing.picks() == ()


def test_a_company_without_access_cannot_be_ticked(customer: Customer) -> None:
    customer.to_state("fiken", "choosing")
    choosing = customer.window._testing().choosing
    customer.click_row(choosing.companies, "skogstien-barnehage-sa")
    assert choosing.picks() == ()
    assert not customer.window.next.isEnabled()


def test_a_right_click_ticks_nothing(customer: Customer) -> None:
    customer.to_state("fiken", "choosing")
    rows = customer.window._testing().choosing.companies
    at = rows.visualItemRect(rows.item(0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, at)
    assert rows.ticked() == ()


def test_two_companies_share_one_credential(customer: Customer) -> None:
    customer.to_state("fiken", "choosing")
    rows = customer.window._testing().choosing.companies
    for key in ("fjordheim-regnskap-as", "nordlys-kaffebrenneri-as"):
        customer.click_row(rows, key)
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    book = customer.world.store.book()
    assert len(book.connections) == 2
    assert len(book.credentials) == 1
    assert len({row.credential for row in book.connections.values()}) == 1
    assert "2 companies" in customer.window._done().title.text()


def test_an_accountant_chooses_among_clients(customer: Customer) -> None:
    provider = customer.provider("tripletex")
    customer.to_state("tripletex", "choosing", key=good_key(provider, "accountant"))
    rows = customer.window._testing().choosing.companies
    assert rows.count() == 3
    customer.click_row(rows, rows._items()[0].data(Qt.ItemDataRole.UserRole))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    assert only(customer).company["name"] == "Bryggen Bakeri AS"


@pytest.mark.parametrize(
    ("slug", "which"), [("tripletex", "hidden_number"), ("poweroffice", "hidden_number")]
)
def test_a_company_without_a_number_is_shown_for_the_customer_to_confirm(
    customer: Customer, slug: str, which: str
) -> None:
    customer.to_state(slug, "passed", key=good_key(customer.provider(slug), which))
    page = customer.window._testing()
    assert "check that the name is right" in page.found.accessibleName()
    assert not customer.window.next.isEnabled()
    assert customer.focused() is page.confirm.box
    customer.press(Qt.Key.Key_Space)
    assert customer.window.next.isEnabled()
    customer.store()


def test_the_wrong_company_leads_back_to_the_number(customer: Customer) -> None:
    customer.to_state("tripletex", "failed", "313000036")
    assert "belongs to another company" in customer.message()
    assert "Havblikk" in customer.message()
    customer.click(customer.action)
    assert customer.window.page == "company"
    assert customer.window._company().orgnr.text() == "313000036"
    assert customer.focused() is customer.window._company().orgnr
    customer.window._company().orgnr.selectAll()
    customer.type("313000060")
    customer.click(customer.window.next)
    assert customer.window._key().holds_secret()
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()


def test_a_dropped_network_is_no_reason_to_make_a_new_key(customer: Customer) -> None:
    window = customer.window
    customer.refuse("connection_lost")
    customer.to_state("fiken", "failed", "313000028")
    customer.click(customer.later)
    customer.wait_page("done")
    assert only(customer).tested == "later"
    assert "–" not in window._done()._values["company"].text()
    assert not window._key().holds_secret()
    customer.to_home()
    home = window._home()
    assert "Not tested yet" in str(home.rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole))
    customer.click(home.test)
    customer.wait_test("failed")
    assert not customer.later.isVisible()
    customer.click(window.next)
    customer.wait_page("home")
    assert "Could not be reached" in str(home.rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole))
    customer.refuse("")
    customer.click(home.test)
    customer.wait_test("passed")
    customer.click(window.next)
    customer.wait_page("home")
    assert only(customer).tested == "passed"
    assert "Works" in str(home.rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_disconnecting_is_done_in_a_sheet_that_can_be_left(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    home = customer.window._home()
    customer.click(home.remove)
    sheet = customer.sheet(LeaveSheet)
    assert any("Fjordheim" in one for one in read(sheet))
    customer.click(sheet.close_button)
    customer.wait_idle()
    only(customer)
    customer.click(home.remove)
    customer.click(customer.sheet(LeaveSheet).remove)
    customer.wait(lambda: home.rows.count() == 0)
    book = customer.world.store.book()
    assert (book.connections, book.credentials) == ({}, {})
    assert customer.world.store.vault.items == {}  # type: ignore[attr-defined]
    assert not home.about.isVisible()


def test_a_renewal_that_is_stopped_leads_home(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    customer.slow_down(5.0)
    customer.click(customer.window._home().test)
    customer.wait_test("running")
    customer.click(customer.window.cancel)
    customer.wait_test("failed")
    customer.click(customer.window.next)
    customer.wait_page("home")


def test_a_new_connection_begins_with_nothing_picked(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.click(customer.window.next)
    assert customer.window.page == "system"
    assert customer.window._system().current() == ""
    assert not customer.window.next.isEnabled()
    assert Texts(language="en").say("buttons.next") == customer.window.next.text()
    customer.to_key("fiken")
    assert customer.window._company().orgnr.text() == ""


def test_a_stored_key_that_is_refused_leads_to_a_new_one_for_the_same_company(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    customer.refuse("key_refused")
    customer.click(customer.window._home().test)
    customer.wait_test("failed")
    customer.click(customer.action)
    customer.wait_page("company")
    assert customer.window.walk.system == "fiken"
    assert customer.window._company().number() == good_number(customer.provider("fiken"))
    assert customer.window._company().known.isVisible()
    customer.refuse("")
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    assert len(customer.world.store.book().connections) == 1
