"""What the window does with any system: ways to connect, forms, rights, waiting, help from the partner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit

from tests.gui.helpers import LANGUAGES, PRESET, good_key, row_of, without_partner_keys
from tests.gui.states import read
from wizard.core import errors, mail
from wizard.core.texts import Texts
from wizard.core.vault import MemoryVault
from wizard.gui.widgets.guide_view import CopyRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.gui.helpers import Customer, Maker
    from wizard.core.ledger import Book, Connection
    from wizard.core.secret import Secret
    from wizard.core.world import World

DOWN, SPACE, ENTER = Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return
BLOCKED = Qt.ItemFlag.ItemIsEnabled


class FullVault(MemoryVault):
    """A keychain that takes nothing."""

    async def keep(self, items: Mapping[str, Secret]) -> None:
        raise errors.KeychainDenied


def book(customer: Customer) -> Book:
    return customer.world.store.book()


def only(customer: Customer) -> Connection:
    (row,) = book(customer).connections.values()
    return row


def asked(customer: Customer) -> int:
    """Return how often the vendor was asked for anything; the pulse asks for nothing."""
    assert customer.world.playground
    return len([one for _, one in customer.world.playground.asked if one.path])


def says(customer: Customer, text: str) -> bool:
    return any(text in one for one in read(customer.window))


# ways to connect


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_to_connect_comes_first_and_is_chosen_by_keyboard(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.to_key("methods")
    page = customer.window._key()
    assert customer.focused() is page.methods
    assert page.methods.current() == "key"
    assert set(page.fields) == {"token", "plan", "note"}
    customer.press(DOWN)
    assert page.method() == "user"
    assert set(page.fields) == {"entity", "note"}
    assert customer.focused() is page.methods
    assert page.spoken_step() == 1


def test_what_is_typed_for_one_way_stays_when_another_is_looked_at(customer: Customer) -> None:
    customer.to_field("methods")
    page = customer.window._key()
    customer.paste("fj-good")
    customer.fill(plan="large", note="Ask for Kari")
    customer.choose_method("user")
    assert page.fields["note"].value() == "Ask for Kari"
    assert "token" not in page.pasted()
    customer.fill(entity="1234")
    customer.choose_method("key")
    assert page.pasted() == {"token": "fj-good", "plan": "large", "note": "Ask for Kari"}
    assert page.complete()


def test_only_the_answers_of_the_chosen_way_are_stored(customer: Customer) -> None:
    customer.to_key("methods", "313000176")
    customer.choose_method("user")
    customer.click(customer.window._key().following)
    customer.fill(entity="1234")
    customer.choose_method("key")
    customer.click(customer.window._key().have)
    customer.paste("fj-good")
    customer.fill(plan="small")
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    (credential,) = book(customer).credentials.values()
    assert (credential.method, credential.plain) == ("key", {"plan": "small"})
    assert list(credential.items) == ["token"]


def test_a_way_that_the_partner_has_chosen_is_not_asked_for(make: Maker) -> None:
    values = {**PRESET.values, "methods": {"method": "user"}}
    customer = make(preset=replace(PRESET, values=values))
    customer.to_key("methods", "313000176")
    page = customer.window._key()
    assert not page.methods.isVisible()
    assert page.method() == "user"


def test_a_field_that_may_be_left_out_says_so_and_holds_nothing_up(customer: Customer) -> None:
    customer.to_field("methods")
    page = customer.window._key()
    customer.paste("fj-good")
    assert not customer.window.next.isEnabled()
    customer.fill(plan="small")
    assert customer.window.next.isEnabled()
    assert "optional" in page.fields["note"].edit.accessibleName()
    assert "optional" not in page.fields["token"].edit.accessibleName()


# the guide


def test_the_guide_has_the_steps_that_the_partner_needs(make: Maker) -> None:
    without = make()
    without.to_key("methods")
    assert [one.key for one in without.window._key()._steps] == ["prepare", "ask", "copy_token"]
    values = {**PRESET.values, "methods": {"integration_name": "Fjord-12"}}
    with_code = make(preset=replace(PRESET, values=values))
    with_code.to_key("methods")
    page = with_code.window._key()
    assert [one.key for one in page._steps] == ["prepare", "code", "copy_token"]
    with_code.click(page.following)
    (row,) = page.guide.findChildren(CopyRow)
    with_code.click(row.button)
    assert QGuiApplication.clipboard().text() == "Fjord-12"
    assert row._value.font().pointSizeF() > page.font().pointSizeF() * 1.4


def test_things_are_ticked_off_and_stay_so(customer: Customer) -> None:
    customer.to_key("methods")
    page = customer.window._key()
    customer.click(page.guide.ticks[0]._words)
    page.guide.ticks[1].box.setFocus()
    customer.press(SPACE)
    customer.press(SPACE)
    customer.click(page.following)
    assert page.guide.ticks == []
    customer.click(page.previous)
    assert [one.ticked() for one in page.guide.ticks] == [True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_copied_and_opened_with_the_answers_in_it(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.to_key("waits", "313000206")
    page = customer.window._key()
    opened: list[str] = []
    page.guide.letter._open_page = opened.append
    customer.click(page.have)
    customer.fill(tenant="tenant-0001")
    customer.click(page.previous)
    customer.click(page.guide.letter.copy)
    letter = mail.letter(page.texts, customer.provider("waits"), "new_code", page.plain())
    assert QGuiApplication.clipboard().text() == f"{letter.subject}\n\n{letter.body}"
    assert "tenant-0001 (313000206)" in letter.body
    customer.click(page.guide.letter.open)
    assert opened[0].startswith("mailto:hjelp@fjordbanken.example?subject=")
    assert " " not in opened[0]


def test_a_letter_names_the_company_that_was_asked_for(customer: Customer) -> None:
    customer.pick("visma_net")
    customer.type("313000206")
    customer.press(Qt.Key.Key_Tab)
    customer.type("Bokføringen")
    customer.click(customer.window.next)
    customer.wait_page("key")
    page = customer.window._key()
    while not page.guide.letter.isVisible():
        customer.click(page.following)
    assert says(customer, "Bokføringen (313000206)")


def test_without_an_address_the_letter_says_whom_to_ask(make: Maker) -> None:
    customer = make(preset=replace(PRESET, email=""))
    customer.to_key("waits", "313000206")
    assert says(customer, "ask Fjordbanken for the address")


# forms


def test_a_form_is_open_at_once_and_asks_for_no_number_twice(customer: Customer) -> None:
    customer.to_key("form", "313000214")
    page = customer.window._key()
    assert "orgnr" not in page.fields
    assert customer.focused() is page.fields["version"].edit
    assert not page.have.isVisible()
    assert not page.steps.isVisible()
    assert customer.window.next.text().replace("&", "") == "Save"
    assert not customer.window.next.isEnabled()


def test_the_form_is_filled_in_by_keyboard(customer: Customer) -> None:
    customer.to_key("form", "313000214")
    for text in ("23.1", "", "Serverhjelpen AS", "Ola", "ola@x.example"):
        if text:
            customer.type(text)
        else:
            customer.press(DOWN)
        customer.press(Qt.Key.Key_Tab)
    assert customer.window.next.isEnabled()
    customer.press(ENTER)
    customer.wait_page("done")
    assert dict(next(iter(book(customer).credentials.values())).plain) == {
        "orgnr": "313000214",
        "version": "23.1",
        "hosting": "own",
        "helper": "Serverhjelpen AS",
        "contact": "Ola",
        "email": "ola@x.example",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_answer_is_said_beside_its_field(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.to_key("form", "313000214")
    customer.fill(version="23.1", hosting="hosted", helper="Hjelp AS", contact="Ola", email="ola")
    customer.click(customer.window.next)
    rows = customer.window._key().fields
    texts = Texts(language=language)
    assert customer.window.page == "key"
    assert customer.focused() is rows["email"].edit
    assert texts.say("errors.field_invalid.plain.next") in rows["email"]._help.text()
    assert texts.say("errors.field_invalid.plain.next") not in rows["version"]._help.text()
    assert book(customer).connections == {}
    customer.type("@hjelp.example")
    assert texts.say("errors.field_invalid.plain.next") not in rows["email"]._help.text()
    customer.click(customer.window.next)
    customer.wait_page("done")


def test_an_optional_answer_of_the_wrong_shape_is_refused_too(customer: Customer) -> None:
    customer.fill_form()
    customer.fill(phone="5")
    customer.click(customer.window.next)
    assert customer.window.page == "key"
    assert "does not have the right form" in customer.window._key().fields["phone"]._help.text()


def test_back_keeps_the_form(customer: Customer) -> None:
    customer.fill_form()
    page = customer.window._key()
    before = page.pasted()
    customer.click(customer.window.back)
    customer.click(customer.window.back)
    customer.click(customer.window.next)
    customer.wait_page("company")
    customer.click(customer.window.next)
    assert page.pasted() == before


def test_a_form_is_not_lost_without_a_question(customer: Customer) -> None:
    customer.fill_form()
    customer.window.close()
    assert "What you chose and typed is kept for 30 days" in customer.question().informativeText()
    customer.answer("keep_open")
    assert customer.window._key().complete()


@pytest.mark.parametrize("slug", ["form", "waits"])
def test_the_number_may_not_be_left_out_where_nothing_else_says_which_company(
    customer: Customer, slug: str
) -> None:
    customer.pick(slug)
    company = customer.window._company()
    assert "Needed here" in company._orgnr_help.text()
    customer.click(customer.window.next)
    assert customer.window.page == "company"
    assert "is missing" in company._orgnr_help.text()
    assert customer.focused() is company.orgnr
    customer.type("313000214")
    customer.click(customer.window.next)
    customer.wait_page("key")


# what only the partner can test


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_is_stored_for_the_partner_with_its_letter(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.fill_form()
    customer.click(customer.window.next)
    customer.wait_page("done")
    row, done = only(customer), customer.window._done()
    assert (row.tested, row.waiting_for, row.delivered) == ("not_possible_here", "partner", "no")
    assert customer.world.store.vault.items == {}  # type: ignore[attr-defined]
    assert asked(customer) == 0
    assert done._next.text() == Texts(language=language, preset=PRESET).say("done.assisted_mail")
    customer.click(done.letter.copy)
    assert "313000214" in QGuiApplication.clipboard().text()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Fjordbanken has not received the key yet, and tests it later."),
        ("nb", "Fjordbanken har ikke fått nøkkelen ennå, og tester den senere."),
    ],
)
def test_a_key_that_only_the_partner_can_test_is_saved_untested(
    make: Maker, world: World, language: str, said: str
) -> None:
    customer = make(language=language, world=without_partner_keys(world))
    customer.to_field("tripletex", "313000060")
    customer.paste(good_key(customer.provider("tripletex")))
    words = customer.window.next.text().replace("&", "")
    assert words == {"en": "Save", "nb": "Lagre"}[language]
    customer.click(customer.window.next)
    customer.wait_page("done")
    assert customer.window._done()._next.text() == said
    assert not customer.window._key().holds_secret()
    assert (only(customer).tested, only(customer).waiting_for) == ("not_possible_here", "partner")
    assert len(customer.world.store.vault.items) == 1  # type: ignore[attr-defined]
    assert asked(customer) == 0
    customer.to_home()
    assert says(customer, Texts(language=language, preset=PRESET).say("state.not_possible_here"))


def test_a_key_that_cannot_be_tested_needs_the_number_first(make: Maker, world: World) -> None:
    customer = make(world=without_partner_keys(world))
    customer.pick("tripletex")
    customer.click(customer.window.next)
    assert customer.window.page == "company"


def test_a_way_that_cannot_be_tested_leads_back_to_the_number(customer: Customer) -> None:
    customer.to_key("methods")
    customer.choose_method("user")
    customer.click(customer.window._key().following)
    customer.fill(entity="1234")
    assert customer.window.next.text().replace("&", "") == "Save"
    customer.click(customer.window.next)
    company = customer.window._company()
    assert customer.window.page == "company"
    assert customer.focused() is company.orgnr
    assert "is missing" in company._orgnr_help.text()
    customer.type("313000176")
    customer.click(customer.window.next)
    assert customer.window._key().pasted()["entity"] == "1234"
    customer.click(customer.window.next)
    customer.wait_page("done")
    assert only(customer).waiting_for == "partner"


def test_what_could_not_be_saved_for_the_partner_is_saved_when_tried_again(make: Maker, world: World) -> None:
    customer = make(world=without_partner_keys(world))
    customer.to_field("tripletex", "313000060")
    customer.paste(good_key(customer.provider("tripletex")))
    good, customer.world.store.vault = customer.world.store.vault, FullVault()
    customer.click(customer.window.next)
    customer.wait_test("failed")
    assert "not allowed to use" in customer.message()
    assert book(customer).connections == {}
    assert customer.window._key().holds_secret()
    customer.world.store.vault = good
    customer.click(customer.action)
    customer.wait_page("done")
    assert only(customer).tested == "not_possible_here"


# which company


def locked(make: Maker, number: str = "313000176") -> Customer:
    return make(preset=replace(PRESET, company=number))


def test_a_number_that_the_partner_has_set_cannot_be_changed(make: Maker) -> None:
    customer = locked(make)
    customer.pick("methods")
    company = customer.window._company()
    assert customer.focused() is company.label
    assert company._orgnr_help.text() == "Set by Fjordbanken."
    company.orgnr.setFocus()
    customer.type("9")
    customer.press(Qt.Key.Key_Backspace)
    assert company.orgnr.text() == "313 000 176"
    customer.click(customer.window.next)
    assert customer.window.walk.expect == "313000176"


def test_another_company_than_the_partner_has_set_asks_for_another_key(make: Maker) -> None:
    customer = locked(make)
    customer.pick("methods")
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste("fj-other")
    customer.fill(plan="small")
    customer.click(customer.window.next)
    customer.wait_test("failed")
    assert customer.action.text() == "Paste another key"
    customer.click(customer.action)
    assert customer.window.page == "key"
    customer.window._key().fields["token"].edit.setFocus()
    customer.paste("fj-good")
    customer.click(customer.window.next)
    customer.wait_test("passed")


def test_a_set_number_that_is_none_holds_nobody_to_it(make: Maker) -> None:
    customer = locked(make, "313000175")
    customer.pick("methods")
    assert customer.focused() is customer.window._company().orgnr
    assert not customer.window._company().locked


def connected(customer: Customer) -> None:
    """Connect a company, and begin anew with its number."""
    customer.test_key("fj-good", "313000176")
    customer.wait_test("passed")
    customer.store()
    customer.click(customer.window.next)
    customer.pick("methods")
    customer.type("313 000 176")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_connected_company_is_offered_as_renewal_and_never_stored_twice(make: Maker, language: str) -> None:
    customer = make(language=language)
    connected(customer)
    company = customer.window._company()
    assert says(customer, "Fjelltoppen AS")
    customer.click(company.known.renew)
    assert customer.window.page == "key"
    customer.click(customer.window._key().have)
    customer.paste("fj-good")
    customer.fill(plan="large")
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    only(customer)
    assert [one["event"] for one in only(customer).history][-1] == "renewed"


def test_a_connected_company_may_be_looked_at_instead(customer: Customer) -> None:
    connected(customer)
    customer.click(customer.window._company().known.home)
    customer.wait_page("home")
    assert says(customer, "Fjelltoppen AS")


def test_the_offer_goes_when_the_number_changes(customer: Customer) -> None:
    connected(customer)
    assert customer.window._company().known.isVisible()
    customer.press(Qt.Key.Key_Backspace)
    assert not customer.window._company().known.isVisible()


def test_a_renewal_that_reaches_another_company_is_refused(customer: Customer) -> None:
    connected(customer)
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste("fj-other")
    customer.fill(plan="small")
    customer.click(customer.window.next)
    customer.wait_test("failed")
    assert "can be renewed, but not moved" in customer.message()
    assert customer.action.text() == "Make a new connection"
    assert only(customer).company["orgnr"] == "313000176"
    customer.click(customer.action)
    company = customer.window._company()
    assert customer.window.page == "company"
    assert company.orgnr.text() == ""
    assert customer.focused() is company.orgnr
    customer.type("313000184")
    customer.click(customer.window.next)
    assert customer.window._key().holds_secret()
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    assert {one.company["orgnr"] for one in book(customer).connections.values()} == {"313000176", "313000184"}


# several companies


def test_the_one_that_can_be_meant_is_ticked_beforehand(customer: Customer) -> None:
    customer.test_key("fj-twins", "313000176")
    customer.wait_test("choosing")
    choosing = customer.window._testing().choosing
    assert choosing.picks() == ("a1",)
    assert choosing._count.text() == "1 of 3 ticked"
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    assert only(customer).company["id"] == "a1"


def test_a_company_that_is_shut_is_grey_and_says_why(customer: Customer) -> None:
    customer.test_key("fj-many")
    customer.wait_test("choosing")
    row = row_of(customer.window._testing().choosing.companies, "c3")
    assert not row.flags() & BLOCKED
    assert "no valid contract" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "no valid contract" not in row_of(customer.window._testing().choosing.companies, "b2").data(
        Qt.ItemDataRole.AccessibleTextRole
    )


def test_all_that_are_shown_are_ticked_and_unticked(customer: Customer) -> None:
    customer.test_key("fj-many")
    customer.wait_test("choosing")
    choosing = customer.window._testing().choosing
    assert choosing.picks() == ()
    customer.click(choosing.every)
    assert choosing.picks() == ("a1", "b2", "d4")
    assert choosing._count.text() == "3 of 4 ticked"
    customer.click(choosing.none)
    assert choosing.picks() == ()
    assert not customer.window.next.isEnabled()
    choosing.search.setFocus()
    customer.type("dal")
    customer.click(choosing.every)
    assert choosing.picks() == ("b2",)
    choosing.search.clear()
    assert choosing.picks() == ("b2",)
    assert customer.window.next.isEnabled()


def test_several_are_stored_with_one_key_once_the_silent_one_is_confirmed(customer: Customer) -> None:
    customer.test_key("fj-many")
    customer.wait_test("choosing")
    customer.click(customer.window._testing().choosing.every)
    customer.click(customer.window.next)
    customer.wait_test("passed")
    assert not customer.window.next.isEnabled()
    customer.click(customer.window._testing().confirm._words)
    customer.store()
    assert len(book(customer).connections) == 3
    assert len(book(customer).credentials) == 1
    assert len(customer.world.store.vault.items) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", ["", "313000176"])
def test_a_company_without_a_number_has_to_be_confirmed_each_time(customer: Customer, number: str) -> None:
    customer.test_key("fj-silent", number)
    customer.wait_test("passed")
    page = customer.window._testing()
    assert says(customer, "Stille Vann AS")
    assert not customer.window.next.isEnabled()
    customer.window.go_next()
    assert customer.window.page == "test"
    customer.press(SPACE)
    assert customer.window.next.isEnabled()
    customer.press(SPACE)
    assert not customer.window.next.isEnabled()
    customer.press(SPACE)
    customer.click(customer.window.back)
    customer.click(customer.window.next)
    customer.wait_test("passed")
    assert not page.confirm.ticked()
    assert not customer.window.next.isEnabled()


def test_a_company_with_a_number_need_not_be_confirmed(customer: Customer) -> None:
    customer.test_key("fj-good", "313000176")
    customer.wait_test("passed")
    assert not customer.window._testing().confirm.isVisible()
    assert customer.window.next.isEnabled()


# rights


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_right_that_is_needed_is_shown_with_where_to_tick_it(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.test_key("fj-no-read", "313000176")
    customer.wait_test("failed")
    page, provider = customer.window._testing(), customer.provider("methods")
    first = page.rights.rows[0]
    texts = Texts(language=language, preset=PRESET)
    assert first.isVisible()
    for part in ("name", "where", "without"):
        assert texts.say(f"rights.read.{part}", provider).rstrip(".") in first.accessibleName()
    assert texts.say("rights.failed") in first.accessibleName()
    assert page.rights._lead.text() == texts.say("rights.missing")
    assert book(customer).connections == {}
    customer.click(customer.action)
    assert customer.window.page == "key"
    assert customer.window._key().spoken_step() == 1


def test_a_missing_right_that_one_can_do_without_stops_nothing(customer: Customer) -> None:
    customer.test_key("fj-no-export", "313000176")
    customer.wait_test("passed")
    page = customer.window._testing()
    assert page.rights.rows[0].isVisible()
    assert "Vouchers have to be sent by hand" in page.rights.rows[0].accessibleName()
    assert page.rights._lead.text() == "Something optional is missing. You can connect without it."
    assert page.checks._words["company"].text() == "OK"
    customer.store()
    assert only(customer).tested == "passed"


def test_rights_that_are_all_there_are_shown_when_asked_for(customer: Customer) -> None:
    customer.test_key("fj-good", "313000176")
    customer.wait_test("passed")
    rights = customer.window._testing().rights
    assert [one.isVisible() for one in rights.rows] == [False] * 3
    rights.fold.setFocus()
    customer.press(SPACE)
    words = [one.accessibleName() for one in rights.rows if one.isVisible()]
    assert ["granted" in one for one in words] == [True, True, False]
    assert "unknown" in words[2]
    customer.press(Qt.Key.Key_Tab)
    assert customer.focused() is rights.rows[0]


def test_a_system_without_rights_shows_none(customer: Customer) -> None:
    customer.to_key("waits", "313000206")
    customer.click(customer.window._key().have)
    customer.fill(tenant="tenant-0001")
    customer.click(customer.window.next)
    customer.wait_test("passed")
    assert not customer.window._testing().rights.isVisible()


def test_a_new_test_shows_its_own_rights_only(customer: Customer) -> None:
    customer.test_key("fj-no-export", "313000176")
    customer.wait_test("passed")
    customer.click(customer.window.back)
    customer.window._key().fields["token"].edit.setFocus()
    customer.paste("fj-good")
    customer.click(customer.window.next)
    customer.wait_test("passed")
    rights = customer.window._testing().rights
    assert len(rights.rows) == 3
    assert not rights.rows[0].isVisible()


# waiting


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_approved_yet_is_stored_as_waiting(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.wait_for_approval()
    row, texts = only(customer), Texts(language=language, preset=PRESET)
    assert (row.tested, row.waiting_for, row.last_code) == ("later", "administrator", "pending_approval")
    provider = customer.provider("waits")
    assert customer.waiting.isVisible()
    for part in ("what", "why", "next"):
        assert says(customer, texts.say(f"errors.pending_approval.{part}", provider))
    assert customer.waiting.button.text() == texts.say("waiting.approved")
    assert customer.window._done().title.text() == texts.say("done.title_waiting", provider)


def test_the_next_look_waits_until_it_is_allowed_and_nothing_is_asked_meanwhile(customer: Customer) -> None:
    customer.wait_for_approval()
    assert not customer.waiting.button.isEnabled()
    assert "sec." in customer.waiting.allowed.text()
    before = asked(customer)
    customer.wait(customer.waiting.button.isEnabled)
    assert customer.waiting.allowed.text() == "You can test now."
    customer.qtbot.wait(1_200)
    assert asked(customer) == before
    customer.click(customer.waiting.button)
    customer.wait(lambda: asked(customer) == before + 1)
    customer.wait_page("done")
    assert customer.waiting.isVisible()
    assert not customer.waiting.button.isEnabled()
    only(customer)


def test_once_it_is_approved_it_is_connected(customer: Customer) -> None:
    customer.wait_for_approval()
    customer.refuse("", "waits")
    customer.wait(customer.waiting.button.isEnabled)
    customer.waiting.button.setFocus()
    customer.press(SPACE)
    customer.wait_test("passed")
    assert (only(customer).tested, only(customer).waiting_for) == ("passed", "nobody")
    customer.click(customer.window.next)
    customer.wait_page("home")
    assert says(customer, "Works")
    assert not customer.window._home().waiting.isVisible()


def test_home_shows_what_waits_and_the_same_button(customer: Customer) -> None:
    customer.wait_for_approval()
    customer.to_home()
    home = customer.window._home()
    line = str(home.rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert "Waiting for approval, since " in line
    assert "valid until " in line
    assert not home.test.isVisible()
    assert home.waiting.button.text() == "I have &approved"
    customer.refuse("", "waits")
    customer.wait(home.waiting.button.isEnabled)
    customer.click(home.waiting.button)
    customer.wait_test("passed")


def test_an_expired_invitation_says_so_and_has_the_letter_ready(customer: Customer) -> None:
    customer.wait_for_approval()
    customer.refuse("expired", "waits")
    customer.wait(customer.waiting.button.isEnabled)
    customer.click(customer.waiting.button)
    customer.wait(lambda: says(customer, "The invitation code is no longer valid."))
    assert customer.window.page == "done"
    customer.click(customer.waiting.letter.copy)
    assert "tenant-0001 (313000206)" in QGuiApplication.clipboard().text()
    customer.to_home()
    line = str(customer.window._home().rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert "The invitation has expired" in line
    assert "since" not in line, "that is how long it has waited, not how long it has been invalid"
    assert not says(customer, "valid until ")
    assert says(customer, "valid for 5 days")
    customer.click(customer.window._home().waiting.letter.copy)
    assert "tenant-0001 (313000206)" in QGuiApplication.clipboard().text()


def test_an_invitation_that_was_never_used_is_not_stored(customer: Customer) -> None:
    customer.refuse("expired", "waits")
    customer.to_key("waits", "313000206")
    customer.click(customer.window._key().have)
    customer.fill(tenant="tenant-0001")
    customer.click(customer.window.next)
    customer.wait_test("failed")
    assert book(customer).connections == {}
    customer.click(customer.action)
    assert customer.window._key().spoken_step() == 1
    assert customer.window._key().guide.letter.isVisible()


def test_a_waiting_connection_that_could_not_be_kept_is_kept_when_tried_again(customer: Customer) -> None:
    good, customer.world.store.vault = customer.world.store.vault, FullVault()
    customer.refuse("pending", "waits")
    customer.to_key("waits", "313000206")
    customer.click(customer.window._key().have)
    customer.fill(tenant="tenant-0001")
    customer.click(customer.window.next)
    customer.wait_test("failed")
    assert book(customer).connections == {}
    before = asked(customer)
    customer.world.store.vault = good
    customer.click(customer.action)
    customer.wait_page("done")
    assert asked(customer) == before
    assert only(customer).last_code == "pending_approval"


# the next one


def test_the_next_client_in_the_same_system_starts_with_the_number(customer: Customer) -> None:
    customer.to_key("methods", "313000176")
    customer.choose_method("user")
    customer.click(customer.window._key().following)
    customer.fill(entity="1234", note="For Kari")
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.click(customer.window._done().again)
    customer.wait_page("company")
    company, page = customer.window._company(), customer.window._key()
    assert customer.window._system().current() == "methods"
    assert customer.focused() is company.orgnr
    assert company.orgnr.text() == ""
    customer.type("313000176")
    assert company.known.isVisible()
    company.orgnr.selectAll()
    customer.type("313000184")
    customer.click(customer.window.next)
    assert page.method() == "user"
    assert not any(row.filled() for row in page.fields.values())
    assert page.spoken_step() == 1
    customer.click(page.following)
    customer.fill(entity="5678")
    customer.click(customer.window.next)
    customer.wait_page("done")
    assert len(book(customer).connections) == 2


def test_a_new_connection_keeps_nothing_of_the_last(customer: Customer) -> None:
    customer.fill_form()
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.click(customer.window.next)
    assert customer.window._system().current() == ""
    customer.to_key("form", "313000222")
    assert not customer.window._key().holds_answer()


def test_no_label_of_a_field_is_without_its_line(customer: Customer) -> None:
    customer.to_key("form", "313000214")
    lines = [one for one in customer.window.findChildren(QLineEdit) if one.isVisible()]
    buddies = {label.buddy() for label in customer.window.findChildren(QLabel) if label.isVisible()}
    assert set(lines) <= buddies
