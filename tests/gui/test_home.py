"""Home: what needs the customer, testing all, renewing, changing, disconnecting, and what was half-done."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import anyio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from tests.gui.helpers import LANGUAGES, PRESET, filled, good_key, good_number, row_of
from tests.gui.states import read
from wizard.core import paths
from wizard.core.drafts import Draft
from wizard.core.ledger import Book, Connection, Credential
from wizard.core.vault import MemoryVault
from wizard.gui.leave_sheet import LeaveSheet
from wizard.gui.round_sheet import RoundSheet
from wizard.gui.settings_sheet import SettingsSheet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.core.secret import Secret
    from wizard.gui.pages.home import HomePage


class Watched(MemoryVault):
    """A keychain that counts how often anything is read from it."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def read(self, names: Iterable[str]) -> dict[str, Secret]:
        self.reads += 1
        return await super().read(names)


def home_with(customer: Customer, *slugs: str) -> HomePage:
    """Connect these systems, and come home."""
    for slug in slugs:
        customer.to_done(slug)
        if slug != slugs[-1]:
            customer.click(customer.window.next)
            customer.wait_page("system")
    customer.to_home()
    return customer.window._home()


def ids(customer: Customer) -> list[str]:
    return list(customer.world.store.book().connections)


def row(customer: Customer, at: int = 0) -> Connection:
    return list(customer.world.store.book().connections.values())[at]


def spoken(home: HomePage, key: str) -> str:
    return str(row_of(home.rows, key).data(Qt.ItemDataRole.AccessibleTextRole))


# What is shown


def test_what_needs_the_customer_comes_first_and_says_why(customer: Customer) -> None:
    home = home_with(customer, "fiken", "tripletex")
    first, second = ids(customer)
    assert "None of the connections need you" in home.sum.text()
    customer.click_row(home.rows, second)
    customer.refuse("key_refused", "tripletex")
    customer.click(home.test)
    customer.wait_test("failed")
    customer.click(customer.window.next)
    customer.wait_page("home")
    assert home.sum.text() == "One connection needs you."
    assert home.rows.item(0).data(Qt.ItemDataRole.UserRole) == second
    assert "The key is refused, last worked" in spoken(home, second)
    assert "Works" in spoken(home, first)
    said = read(home.about)
    assert "Tripletex no longer accepts the key. Renew the connection with a new key." in said
    assert any("hangs on one employee" in one for one in said), "advice where a key hangs on one person"
    customer.choose_language("nb")
    assert home.sum.text() == "Én tilkobling trenger deg."
    assert "Nøkkelen er avvist" in spoken(home, second)


def test_it_is_not_said_that_nobody_is_needed_while_something_waits_for_approval(customer: Customer) -> None:
    home = home_with(customer, "fiken")
    (key,) = ids(customer)
    known = customer.world.store.book()
    assert home.sum.isVisible()
    waits = replace(
        known.connections[key], tested="later", last_code="pending_approval", since=row(customer).made_at
    )
    home.show_book(replace(known, connections={key: waits}))
    assert not home.sum.isVisible()
    home.show_book(known)
    assert home.sum.isVisible()


def test_what_was_never_sent_does_not_work_where_the_bank_takes_it(customer: Customer) -> None:
    home = home_with(customer, "fiken")
    (key,) = ids(customer)
    assert "Works" in spoken(home, key)
    customer.window.say(replace(customer.window.texts, preset=replace(PRESET, demo=True)))
    assert "Not sent yet" in spoken(home, key)
    assert "Works" not in spoken(home, key)
    assert home.delivery.reminds()
    assert not home.sum.isVisible(), "the reminder has said it"


def test_nothing_is_read_from_the_keychain_before_somebody_asks(customer: Customer) -> None:
    vault = customer.world.store.vault = Watched()
    home = home_with(customer, "fiken")
    before = vault.reads
    old = (datetime.now().astimezone() - timedelta(days=90)).isoformat()
    key = ids(customer)[0]
    anyio.run(
        customer.world.store.amend,
        lambda book: replace(book, connections={key: replace(book.connections[key], tested_at=old)}),
    )
    asked = len(customer.asked_vendors())
    customer.window.go_home()
    customer.wait_idle()
    assert home.sum.text() == "One connection has not been tested for a month."
    assert "Should be tested again" in spoken(home, key)
    assert vault.reads == before
    assert len(customer.asked_vendors()) == asked
    customer.click(home.test)
    customer.wait_test("passed")
    assert vault.reads == before + 1


def many(count: int) -> Book:
    now = datetime.now().astimezone().isoformat()
    slugs = ("fiken", "tripletex")
    rows = {
        f"r{at}": Connection(
            credential=slugs[at % 2],
            company={"id": str(at), "name": f"Kystbruket {at} AS", "orgnr": "313000028"},
            tested="passed",
            tested_at=now,
            last_code="key_refused" if at % 50 == 7 else "",
        )
        for at in range(count)
    }
    made = {one: Credential(provider=one, environment="production", items={"x": "y"}) for one in slugs}
    return Book(credentials=made, connections=rows)


def shown_rows(home: HomePage) -> list[str]:
    rows = range(home.rows.count())
    return [home.rows.item(at).text() for at in rows if not home.rows.isRowHidden(at)]


def test_one_among_hundreds_is_found_by_hand_and_quickly(customer: Customer) -> None:
    home = customer.window._home()
    began = time.process_time()
    customer.window._show_home(many(400))
    QApplication.processEvents()
    assert time.process_time() - began < 1.5
    home.finder.search.setFocus()
    customer.type("bruket 399")
    assert shown_rows(home) == ["Kystbruket 399 AS"]
    assert home.about.called.text() == "Kystbruket 399 AS"
    customer.press(Qt.Key.Key_Down)
    assert customer.focused() is home.rows
    home.finder.search.setFocus()
    home.finder.search.clear()
    customer.type("navision")
    assert shown_rows(home) == []
    assert "No connections match that." in read(home)
    assert not home.about.isVisible()
    home.finder.search.clear()
    customer.type("bruket 35")
    assert shown_rows(home)[-1] == "Kystbruket 359 AS"
    QApplication.processEvents()
    high = home.rows.sizeHintForRow(350) + 2 * home.rows.spacing()
    assert home.rows.height() >= len(shown_rows(home)[:5]) * high, "whatever their places, they are seen"
    home.finder.search.clear()
    home.finder.ways.setFocus()
    customer.press(Qt.Key.Key_Down)
    assert len(shown_rows(home)) == 8
    assert home.finder.count.text() == "8 of 400"


def test_a_long_list_scrolls_by_itself_and_the_page_does_not(customer: Customer) -> None:
    home, window = customer.window._home(), customer.window
    heights = []
    for high in (720, 1000):
        window.resize(1280, high)
        window._show_home(many(60))
        for _ in range(3):
            QApplication.processEvents()
        assert not home.verticalScrollBar().isVisible()
        assert home.rows.verticalScrollBar().isVisible()
        assert overlapping(home) == []
        heights.append(home.rows.height())
    assert heights[1] - heights[0] == 280, "it takes what room there is"
    for found in ("35", "5", ""):
        home.finder.search.setText(found)
        for _ in range(3):
            QApplication.processEvents()
        assert overlapping(home) == []


def overlapping(home: HomePage) -> list[int]:
    """Return the rows that reach into the next one that is shown."""
    rows = [at for at in range(home.rows.count()) if not home.rows.isRowHidden(at)]
    boxes = [home.rows.visualItemRect(home.rows.item(at)) for at in rows]
    return [at for at, (one, following) in enumerate(pairwise(boxes)) if one.bottom() >= following.top()]


def test_nothing_is_found_by_the_hour_of_its_test(customer: Customer) -> None:
    home, book = customer.window._home(), many(60)
    at = "2026-11-20T09:57:00+00:00"
    rows = {key: replace(row, tested_at=at) for key, row in book.connections.items()}
    customer.window._show_home(replace(book, connections=rows))
    home.finder.search.setFocus()
    customer.type("57")
    assert shown_rows(home) == ["Kystbruket 57 AS"]


def test_a_key_is_never_looked_for(customer: Customer) -> None:
    home = customer.window._home()
    customer.window._show_home(many(9))
    home.finder.search.setFocus()
    customer.paste(good_key(customer.provider("fiken")))
    assert home.finder.search.text() == ""
    assert len(shown_rows(home)) == 9


def test_few_connections_need_no_search(customer: Customer) -> None:
    customer.window._show_home(many(7))
    assert not customer.window._home().finder.isVisible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_buttons_of_a_full_home_or_of_a_sheet_share_a_letter(make: Maker, language: str) -> None:
    customer = make(language=language)
    window = customer.window
    rows = {key: replace(one, expires="2036-01-31", last_code="") for key, one in many(3).connections.items()}
    window._show_home(replace(many(3), connections=rows))
    window.drafting.found = Draft(system="fiken", day="2026-11-20")
    window.drafting._add_to("home")
    assert window._home().calendar.isVisible()
    assert window._home().all.isVisible()
    assert letters(window)
    for open_sheet, kind in (
        (window.keeper.open_round, RoundSheet),
        (lambda: window.keeper.open_settings("r0"), SettingsSheet),
        (lambda: window.keeper.open_leave("r0"), LeaveSheet),
    ):
        open_sheet()
        sheet = window.findChildren(kind)[0]
        assert letters(sheet)
        sheet.hide()


def letters(widget: QWidget) -> list[str]:
    """Return the letters of what can be pressed there, and see that each is there once."""
    parts: list[QAbstractButton | QLabel] = [
        *widget.findChildren(QAbstractButton),
        *widget.findChildren(QLabel),
    ]
    here = (one for one in parts if one.isVisible() and one.window() is widget.window())
    texts = [one.text() for one in here if "&" in one.text()]
    found = [text[text.index("&") + 1].lower() for text in texts]
    assert len(set(found)) == len(found), texts
    return found


# Testing all


def test_all_are_tested_with_a_table_and_only_those_that_failed_again(customer: Customer) -> None:
    home = home_with(customer, "fiken", "tripletex")
    first, second = ids(customer)
    customer.refuse("key_refused", "fiken")
    customer.click(home.all)
    sheet = customer.sheet(RoundSheet)
    assert not sheet.again.isVisible()
    customer.click(sheet.start)
    customer.wait(lambda: len(sheet.outcomes) == 2 and not sheet.running)
    assert {key: one.state for key, one in sheet.outcomes.items()} == {first: "failed", second: "passed"}
    assert sheet.state.text() == "Finished: 1 passed, 1 to look at."
    said = str(row_of(sheet.rows, first).data(Qt.ItemDataRole.AccessibleTextRole))
    assert "Fiken does not accept the key." in said
    customer.refuse("")
    asked = len(customer.asked_vendors())
    customer.click(sheet.again)
    customer.wait(lambda: sheet.outcomes.get(first) is not None and not sheet.running)
    assert sheet.outcomes[first].state == "passed"
    assert not sheet.again.isVisible()
    world = customer.world.playground
    assert world
    late = [slug for slug, _ in world.asked][-(len(customer.asked_vendors()) - asked) :]
    assert set(late) == {"fiken"}
    customer.click(sheet.close_button)
    customer.wait_idle()
    assert "Works" in spoken(home, first)


def test_a_round_can_be_stopped_and_says_how_far_it_came(customer: Customer) -> None:
    home = home_with(customer, "fiken", "tripletex")
    customer.slow_down(20.0)
    customer.click(home.all)
    sheet = customer.sheet(RoundSheet)
    customer.click(sheet.start)
    assert sheet.running
    assert sheet.state.text() == "0 of 2 tested"
    customer.click(sheet.stop)
    assert not sheet.stop.isVisible()
    customer.press(Qt.Key.Key_Escape)
    customer.wait(lambda: not sheet.isVisible())
    customer.wait_idle()
    assert [one.last_code for one in customer.world.store.book().connections.values()] == ["", ""]


def test_the_chosen_row_stays_and_the_next_takes_the_place_of_one_that_goes(customer: Customer) -> None:
    home = customer.window._home()
    anyio.run(customer.world.store.amend, lambda _: many(3))
    customer.window.go_home()
    customer.wait_idle()
    customer.click_row(home.rows, "r1")
    for going, then in (("r1", "r2"), ("r2", "r0")):
        for opened, kind in ((home.all, RoundSheet), (home.remove, LeaveSheet)):
            if opened.isVisible():
                customer.click(opened)
                customer.click(customer.sheet(kind).close_button)
                customer.wait(lambda kind=kind: not customer.window.findChildren(kind))  # type: ignore[misc]
                customer.wait_idle()
            assert home.rows.current() == going, "nothing came of it"
        anyio.run(customer.world.store.forget, going)
        customer.window.go_home()
        customer.wait_idle()
        assert home.rows.current() == then
        assert home.about.called.text() == f"Kystbruket {then[1:]} AS"


# Changing


def test_what_is_not_the_key_is_changed_and_the_key_is_not_touched(customer: Customer) -> None:
    vault = customer.world.store.vault = Watched()
    home = home_with(customer, "fiken")
    items, reads = dict(vault.items), vault.reads
    customer.click(home.change)
    sheet = customer.sheet(SettingsSheet)
    customer.type("Hovedregnskapet")
    sheet.lines["contact"].setFocus()
    customer.type("kari")
    customer.click(sheet.save)
    assert "That is not an e-mail address." in sheet.helps["contact"].text()
    assert customer.focused() is sheet.lines["contact"]
    assert row(customer).label == ""
    customer.type("kari@fjordheim.example")
    assert "e-mail address" not in sheet.helps["contact"].text()
    sheet.lines["expires"].setFocus()
    day = datetime.now().astimezone().date() + timedelta(days=5)
    customer.type(f"{day:%d.%m.%Y}")
    customer.press(Qt.Key.Key_Return)
    customer.wait(lambda: "Hovedregnskapet" in home.about.called.text())
    known = row(customer)
    wanted = ("Hovedregnskapet", "kari@fjordheim.example", day.isoformat())
    assert (known.label, known.contact, known.expires) == wanted
    assert "Will soon stop working" in spoken(home, ids(customer)[0])
    assert any("kari@fjordheim.example" in one for one in read(home.about))
    assert (vault.items, vault.reads) == (items, reads)


def test_a_key_typed_as_a_name_is_refused_and_stays_out_of_the_list(customer: Customer) -> None:
    home = home_with(customer, "fiken")
    customer.click(home.change)
    sheet = customer.sheet(SettingsSheet)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(sheet.save)
    assert "looks like a key" in sheet.helps["label"].text()
    customer.press(Qt.Key.Key_Escape)
    assert row(customer).label == ""


# A reminder


def ending_home(customer: Customer) -> HomePage:
    home = home_with(customer, "fiken")
    key = ids(customer)[0]
    anyio.run(
        customer.world.store.amend,
        lambda book: replace(
            book, connections={key: replace(book.connections[key], expires="2036-01-31", label="Hoved; regn")}
        ),
    )
    customer.window.go_home()
    customer.wait_idle()
    return home


def test_a_reminder_is_saved_that_any_calendar_opens(customer: Customer, tmp_path: Path) -> None:
    home = ending_home(customer)
    file = tmp_path / "reminder.ics"
    customer.window.keeper.ask_file = lambda *_: str(file)
    customer.click(home.calendar)
    data = file.read_bytes()
    assert b"DTSTART;VALUE=DATE:20360131\r\n" in data
    assert b"SUMMARY:The key to Fiken stops working\r\n" in data
    assert b"Hoved\\; regn" in data
    assert good_key(customer.provider("fiken")).encode() not in data
    assert "reminder.ics" in home.sum.text()


def test_a_reminder_that_cannot_be_saved_is_said_and_leaving_the_question_does_nothing(
    customer: Customer, tmp_path: Path
) -> None:
    home = ending_home(customer)
    customer.window.keeper.ask_file = lambda *_: ""
    customer.click(home.calendar)
    assert not home.message.isVisible()
    customer.window.keeper.ask_file = lambda *_: str(tmp_path / "nowhere" / "reminder.ics")
    customer.click(home.calendar)
    assert "reminder.ics" in home.message.accessibleName()


def test_what_never_ends_offers_no_reminder(customer: Customer) -> None:
    assert not home_with(customer, "fiken").calendar.isVisible()


# Disconnecting


def test_a_key_that_still_works_is_said_to_and_a_refusal_is_proof(customer: Customer) -> None:
    home = home_with(customer, "fiken")
    customer.click(home.remove)
    sheet = customer.sheet(LeaveSheet)
    assert any("Personlige API-nøkler" in one for one in read(sheet)), "the vendor's own step comes first"
    customer.click(sheet.prove)
    customer.wait(sheet.prove.isEnabled)
    assert "still works in Fiken" in sheet.state.text()
    assert (sheet.prove.leads(), sheet.remove.leads()) == (True, False)
    assert sheet.remove.text().replace("&", "") == "Remove anyway"
    customer.refuse("connection_lost")
    customer.click(sheet.prove)
    customer.wait(lambda: "could not ask Fiken" in sheet.state.text())
    assert sheet.remove.text().replace("&", "") == "Remove anyway"
    assert customer.world.store.book().connections
    customer.refuse("")
    customer.refuse("key_refused", "fiken")
    customer.click(sheet.prove)
    assert (sheet.prove.leads(), sheet.remove.leads()) == (False, False), "it is asked just now"
    customer.wait(lambda: "no longer accepts the key" in sheet.state.text())
    assert (sheet.prove.leads(), sheet.remove.leads()) == (False, True)
    assert sheet.remove.text().replace("&", "") == "Remove the connection"
    customer.click(sheet.remove)
    customer.wait(lambda: home.rows.count() == 0)
    assert customer.world.store.vault.items == {}  # type: ignore[attr-defined]
    assert customer.world.store.book() == Book()


def test_no_step_is_cut_where_text_is_large_and_all_are_reached_by_keys(customer: Customer) -> None:
    home = home_with(customer, "fiken")
    was = QApplication.font()
    larger = QFont(was)
    larger.setPointSizeF(was.pointSizeF() * 2.4)
    try:
        QApplication.setFont(larger)
        customer.click(home.remove)
        sheet = customer.sheet(LeaveSheet)
        sheet.resize(700, 480)
        customer.wait(lambda: sheet._area.verticalScrollBar().maximum() > 0)
        said = [one for one in sheet.findChildren(QLabel) if one.wordWrap()]
        assert [one.text() for one in said if one.height() < one.heightForWidth(one.width())] == []
        bar = sheet._area.verticalScrollBar()
        customer.press(Qt.Key.Key_PageDown)
        assert bar.value() > 0
        customer.press(Qt.Key.Key_PageUp)
        assert bar.value() == 0
        sheet.reject()
    finally:
        QApplication.setFont(was)


def test_leaving_the_sheet_while_it_asks_removes_nothing(customer: Customer) -> None:
    home = home_with(customer, "fiken")
    customer.slow_down(20.0)
    customer.click(home.remove)
    sheet = customer.sheet(LeaveSheet)
    customer.click(sheet.prove)
    assert not sheet.remove.isEnabled()
    customer.press(Qt.Key.Key_Escape)
    customer.wait_idle()
    assert ids(customer)


# Renewing


def walk_again(customer: Customer, key: str) -> None:
    """Go from the company's page to the test with another key."""
    customer.click(customer.window.next)
    customer.wait_page("key")
    customer.click(customer.window._key().have)
    customer.paste(key)
    customer.click(customer.window.next)


def test_a_working_connection_is_renewed_with_a_key_to_the_same_company_only(customer: Customer) -> None:
    home = home_with(customer, "tripletex")
    provider = customer.provider("tripletex")
    key = ids(customer)[0]
    anyio.run(
        customer.world.store.amend,
        lambda book: replace(
            book, connections={key: replace(book.connections[key], contact="kari@fjord.example")}
        ),
    )
    vault = customer.world.store.vault
    before = dict(vault.items)  # type: ignore[attr-defined]
    customer.click(home.renew)
    customer.wait_page("company")
    company = customer.window._company()
    assert company.number() == good_number(provider)
    assert company.orgnr.isReadOnly()
    assert any("old key stays" in one for one in read(customer.window))
    walk_again(customer, good_key(provider, "hidden_number"))
    customer.wait_test("failed")
    assert customer.window.walk.error
    assert customer.window.walk.error.code == "wrong_company"
    assert vault.items == before, "the old key is untouched"  # type: ignore[attr-defined]
    assert row(customer).tested == "passed"
    customer.click(customer.action)
    customer.wait_page("key")
    customer.secret.setFocus()
    customer.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    customer.paste(good_key(provider))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    assert vault.items == before, "until the new one is stored"  # type: ignore[attr-defined]
    customer.store()
    assert ids(customer) == [key]
    assert row(customer).contact == "kari@fjord.example"
    assert [one["event"] for one in row(customer).history][-1] == "renewed"
    assert vault.items.keys().isdisjoint(before)  # type: ignore[attr-defined]
    assert len(vault.items) == 1  # type: ignore[attr-defined]


def test_a_company_whose_number_the_vendor_hides_is_held_to_by_its_id(customer: Customer) -> None:
    provider = customer.provider("tripletex")
    customer.to_state("tripletex", "passed", key=good_key(provider, "hidden_number"))
    customer.click(customer.window._testing().confirm)
    customer.store()
    customer.to_home()
    (key,) = ids(customer)
    customer.click(customer.window._home().renew)
    customer.wait_page("company")
    walk_again(customer, good_key(provider))
    customer.wait_test("failed")
    assert customer.window.walk.error
    assert customer.window.walk.error.code == "wrong_company"
    assert ids(customer) == [key]


# Half-done


def stopped(customer: Customer) -> None:
    """Stop half-way through Xledger's form, with a password typed, and close the window."""
    customer.to_key("xledger", "313000028")
    customer.choose_method("web_service")
    page = customer.window._key()
    customer.click(page.have)
    page.fields["user_name"].edit.setFocus()
    customer.type("kari@fjordheim.example")
    page.fields["password"].edit.setFocus()
    customer.type("CanaryPassword77")
    customer.window.close()
    assert "kept for 30 days" in customer.question().informativeText()
    customer.answer("yes_close")
    customer.wait(lambda: not customer.window.isVisible())


def test_a_half_done_set_up_is_resumed_without_its_secrets(make: Maker) -> None:
    customer = make()
    stopped(customer)
    file = paths.data() / "half-done.json"
    said = file.read_text("utf-8")
    assert "CanaryPassword77" not in said
    assert json.loads(said)["plain"]["user_name"] == "kari@fjordheim.example"
    later = make()
    later.window.drafting.offer()
    panel = later.window.drafting.panels["system"]
    assert "you began to connect Xledger for 313 000 028" in panel.text.text()
    assert filled(later) == ["Go on"]
    later.choose("fiken")
    later.wait_idle()
    assert filled(later) == ["Next"], "another one is picked"
    later.choose_language("nb")
    assert "begynte du å koble til Xledger" in panel.text.text()
    later.click(panel.resume)
    later.wait_page("key")
    page = later.window._key()
    assert page.method() == "web_service"
    assert page.pasted()["user_name"] == "kari@fjordheim.example"
    assert page.pasted()["password"] == ""
    assert page.following.hasFocus(), "the way on is at hand, not the choice that was made before"
    assert later.window.walk.expect == "313000028"
    later.window.close()
    later.answer("yes_close")
    assert json.loads(file.read_text("utf-8"))["plain"], "what is resumed and left again is kept again"


def test_a_key_typed_as_a_name_is_not_kept_with_the_rest(make: Maker) -> None:
    customer = make()
    customer.pick("fiken")
    customer.type("313000028")
    customer.window._company().label.setFocus()
    key = good_key(customer.provider("fiken"))
    customer.type(key)
    customer.window.close()
    said = (paths.data() / "half-done.json").read_text("utf-8")
    assert "313000028" in said
    assert key[-12:] not in said


def test_beginning_anew_lets_go_of_it(make: Maker) -> None:
    stopped(make())
    later = make()
    later.window.drafting.offer()
    later.click(later.window.drafting.panels["system"].anew)
    assert later.window.page == "system"
    assert not later.window.drafting.panels["system"].isVisible()
    assert not (paths.data() / "half-done.json").exists()


@pytest.mark.parametrize("button", ["resume", "anew"])
def test_going_on_with_it_or_anew_does_not_lose_a_key_without_a_question(make: Maker, button: str) -> None:
    stopped(make())
    later = make()
    later.window.drafting.offer()
    later.to_field("fiken")
    later.paste(good_key(later.provider("fiken")))
    later.click(later.window.back)
    later.click(later.window.back)
    panel = later.window.drafting.panels["system"]
    later.click(getattr(panel, button))
    assert "shown only once" in later.question().informativeText()
    assert later.question().defaultButton().objectName() == "keep_open"
    later.answer("keep_open")
    assert later.window.page == "system"
    assert panel.isVisible()
    assert later.window._key().holds_secret()
    assert (paths.data() / "half-done.json").exists()
    later.click(getattr(panel, button))
    later.answer("lose")
    later.wait(lambda: later.window.page == ("key" if button == "resume" else "system"))
    assert not panel.isVisible()
    assert not later.window._key().holds_secret()


def test_the_overview_of_a_known_company_is_not_opened_over_a_key_without_a_question(
    customer: Customer,
) -> None:
    number = good_number(customer.provider("fiken"))
    customer.to_done("fiken")
    customer.click(customer.window.next)
    customer.to_field("fiken", number)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.back)
    customer.click(customer.window._company().known.home)
    customer.answer("keep_open")
    assert customer.window.page == "company"
    assert customer.secret.value() == good_key(customer.provider("fiken"))
    customer.click(customer.window._company().known.home)
    customer.answer("lose")
    customer.wait_page("home")
    assert not customer.window._key().holds_secret()


def test_what_is_stored_is_no_longer_half_done(make: Maker) -> None:
    customer = make()
    customer.pick("fiken")
    customer.type(good_number(customer.provider("fiken")))
    customer.window.close()
    customer.wait(lambda: not customer.window.isVisible())
    assert (paths.data() / "half-done.json").exists()
    later = make()
    later.window.drafting.offer()
    later.click(later.window.drafting.panels["system"].resume)
    later.wait_page("company")
    assert later.window._company().number() == good_number(later.provider("fiken"))
    later.click(later.window.next)
    later.wait_page("key")
    later.click(later.window._key().have)
    later.paste(good_key(later.provider("fiken")))
    later.click(later.window.next)
    later.wait_test("passed")
    later.store()
    assert not (paths.data() / "half-done.json").exists()


def test_nothing_is_kept_where_nothing_was_done_nor_in_practice(make: Maker) -> None:
    customer = make(preset=PRESET, practice=True)
    customer.pick("fiken")
    customer.type("313000028")
    customer.window.close()
    picked = make()
    picked.pick("fiken")
    picked.window.close()
    assert not (paths.data() / "half-done.json").exists()


@pytest.mark.parametrize("data", ["{", '{"form": 1, "system": "fiken", "day": "2020-01-01"}'])
def test_a_file_that_is_no_use_is_offered_to_nobody(make: Maker, data: str) -> None:
    paths.data().mkdir(parents=True, exist_ok=True)
    (paths.data() / "half-done.json").write_text(data, "utf-8")
    customer = make()
    customer.window.drafting.offer()
    assert customer.window.drafting.panels == {}
