"""The page of systems: searching, families, the card, the pulse, worlds for tests, and who is not here."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from tests.core.helpers import peer, reply
from tests.gui.helpers import LANGUAGES, PRESET, good_key, row_of
from tests.gui.imagined import FJELL, IMAGINED
from tests.gui.states import read
from wizard.core.net import Net
from wizard.core.register import REGISTER
from wizard.core.texts import Texts
from wizard.gui.asides import KEPT, Aside

if TYPE_CHECKING:
    from contextlib import _AsyncGeneratorContextManager

    from tests.gui.helpers import Customer, Maker
    from wizard.core.net import Http, Tell
    from wizard.core.provider import Environment
    from wizard.core.world import World
    from wizard.gui.widgets.cards import Card

DOWN, ENTER, TAB = Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Tab


def shown_rows(customer: Customer) -> list[str]:
    return [item.text() for item in customer.window._system().systems._items() if not item.isHidden()]


def card_of(customer: Customer) -> Card:
    card = customer.window._system().before.card
    assert card
    return card


# Searching


@pytest.mark.parametrize("text", ["go.pow", "POWER OFFICE", "https://go.poweroffice.net/foo"])
def test_what_is_typed_finds_a_system_and_enter_picks_it(customer: Customer, text: str) -> None:
    page = customer.window._system()
    assert customer.focused() is page.search
    customer.type(text)
    assert shown_rows(customer) == ["PowerOffice Go"]
    assert page.current() == ""
    customer.press(ENTER)
    assert page.current() == "poweroffice"
    assert customer.window.page == "system"
    customer.wait_idle()
    customer.press(ENTER)
    customer.wait_page("company")


def test_down_goes_into_what_was_found(customer: Customer) -> None:
    page = customer.window._system()
    customer.type("t")
    first = page.systems.first()
    customer.press(DOWN)
    assert customer.focused() is page.systems
    assert page.current() == first
    customer.press(DOWN)
    assert page.current() != first


def test_enter_in_an_empty_line_does_nothing(customer: Customer) -> None:
    customer.press(ENTER)
    customer.qtbot.wait(20)
    assert customer.window.page == "system"
    assert customer.window._system().current() == ""
    assert not customer.window._system().before.absent


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_found_the_next_step_is_said(make: Maker, language: str) -> None:
    customer = make(language=language)
    page = customer.window._system()
    customer.type("navision")
    assert shown_rows(customer) == []
    assert page._nothing.isVisible()
    assert page._nothing.text() == Texts(language=language).say("system.nothing")
    assert page.absent.text() in page._nothing.text()
    customer.press(DOWN)
    assert customer.focused() is page.search
    customer.press(ENTER)
    assert page.current() == ""
    page.search.clear()
    assert {one.name for one in customer.world.registry.providers.values()} <= set(shown_rows(customer))
    assert page.systems.isVisible()


def test_nothing_moves_while_one_searches(customer: Customer) -> None:
    page = customer.window._system()
    customer.choose("fiken")
    customer.wait_pulse()
    before = [one.geometry() for one in (page.search, page._results, page.absent, page.before)]
    page.search.setFocus()
    for text in ("n", "a", "v", "i"):
        customer.type(text)
        customer.qtbot.wait(5)
        assert [one.geometry() for one in (page.search, page._results, page.absent, page.before)] == before


def test_a_picked_system_that_is_filtered_away_is_let_go_of(customer: Customer) -> None:
    page = customer.window._system()
    customer.choose("fiken")
    assert customer.window.next.isEnabled()
    page.search.setFocus()
    customer.type("tripl")
    assert page.current() == ""
    assert not customer.window.next.isEnabled()


def test_a_new_connection_begins_with_an_empty_line(customer: Customer) -> None:
    customer.type("fik")
    customer.press(ENTER)
    customer.wait_idle()
    customer.to_done("fiken")
    customer.click(customer.window.next)
    assert customer.window._system().search.text() == ""
    assert customer.focused() is customer.window._system().search


def test_the_language_changes_and_the_search_stays(customer: Customer) -> None:
    customer.type("go.pow")
    customer.choose_language("nb")
    assert customer.window._system().search.text() == "go.pow"
    assert shown_rows(customer) == ["PowerOffice Go"]


# A key in the wrong place


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", ["fiken", "tripletex"])
def test_a_pasted_key_is_never_shown(make: Maker, language: str, slug: str) -> None:
    customer = make(language=language)
    window, page = customer.window, customer.window._system()
    key = good_key(customer.provider(slug))
    seen: list[str] = []
    page.search.textChanged.connect(seen.append)
    customer.type("ab")
    customer.paste(key)
    customer.wait(lambda: page.current() == slug)
    customer.wait_idle()
    assert page.search.text() == ""
    assert not any(key[:8] in text for text in [*seen, *read(window)])
    page.search.setFocus()
    customer.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.search.text() == ""
    said = page.before._notice_text
    assert said.isVisible()
    assert said.text() == Texts(language=language).say("system.key_of", customer.provider(slug))
    customer.type("x")
    assert not said.isVisible()


@pytest.mark.parametrize("key", ["sk_live_51Habcdefghijklmnop", "5b1d9f3e-7c42-4a86-b0e9-0000000000c1"])
def test_a_key_of_nobody_known_or_of_several_is_not_shown_either(customer: Customer, key: str) -> None:
    page = customer.window._system()
    customer.paste(key)
    customer.wait(page.before._notice_text.isVisible)
    assert page.search.text() == ""
    assert page.current() == ""
    assert page.before._notice_text.text() == Texts(language="en").say("system.key")


def test_a_key_that_comes_another_way_is_not_let_in(customer: Customer) -> None:
    page = customer.window._system()
    key = good_key(customer.provider("fiken"))
    page.search.insert(key)
    assert page.search.text() == ""
    customer.wait(lambda: page.current() == "fiken")
    QGuiApplication.clipboard().setText(key)
    page.search.paste()
    assert page.search.text() == ""
    assert not page.search.acceptDrops()
    interface = QAccessible.queryAccessibleInterface(page.search)
    assert key[:8] not in interface.text(QAccessible.Text.Value)


def test_of_an_address_only_the_host_is_pasted(customer: Customer) -> None:
    customer.paste("https://app.fiken.no/foretak/fjordheim?session=1234")
    assert customer.window._system().search.text() == "app.fiken.no"
    assert shown_rows(customer) == ["Fiken"]


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_of_the_line_pastes_and_clears(make: Maker, language: str) -> None:
    customer = make(language=language)
    search = customer.window._system().search
    QGuiApplication.clipboard().setText("fiken")
    texts = Texts(language=language)
    for word, left in (("key.paste", "fiken"), ("key.clear", "")):
        menu = menu_of(customer)
        action = next(one for one in menu.actions() if one.text() == texts.say(word))
        action.trigger()
        menu.close()
        assert search.text() == left


def menu_of(customer: Customer) -> QMenu:
    search = customer.window._system().search
    at = search.rect().center()
    search.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, search.mapToGlobal(at)))
    return next(menu for menu in reversed(search.findChildren(QMenu)) if menu.isVisible())


# Families


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_family_stands_together_under_its_question(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.imagine()
    rows = customer.window._system().systems
    texts = Texts(language=language)
    names = [item.text() for item in rows._items()]
    at = names.index(texts.say("system.family.visma"))
    family = [one for one in customer.world.registry.providers.values() if one.family == "visma"]
    assert names[at + 1 :] == sorted((one.name for one in family), key=str.lower)
    assert not set(names[:at]) & {one.name for one in family}
    lines = [str(row_of(rows, slug).data(Qt.ItemDataRole.AccessibleTextRole)) for slug in IMAGINED]
    for slug, line in zip(IMAGINED, lines, strict=True):
        assert texts.say("address", IMAGINED[slug]) in line


def test_a_heading_is_no_choice(customer: Customer) -> None:
    customer.imagine()
    rows = customer.window._system().systems
    heading = row_of(rows, "family.visma")
    QTest.mouseClick(
        rows.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        rows.visualItemRect(heading).center(),
    )
    assert rows.current() == ""
    customer.press(DOWN)
    seen = []
    for _ in range(rows.count()):
        seen.append(rows.current())
        customer.press(DOWN)
    assert "family.visma" not in seen
    assert {"fjell", "hav", "egen", "fiken"} <= set(seen)


def test_a_heading_goes_with_its_systems(customer: Customer) -> None:
    customer.imagine()
    customer.type("visma fjell")
    assert shown_rows(customer) == ["Which Visma do you have?", "Visma Fjell"]
    customer.window._system().search.clear()
    customer.type("fiken")
    assert shown_rows(customer) == ["Fiken"]


def test_one_of_a_family_alone_has_no_heading(customer: Customer) -> None:
    page = customer.window._system()
    others = {slug: one for slug, one in customer.world.registry.providers.items() if one.family != "visma"}
    page.offer({**others, "fjell": FJELL})
    assert all(
        not str(one.data(Qt.ItemDataRole.UserRole)).startswith("family") for one in page.systems._items()
    )


def test_a_family_without_a_question_of_its_own_has_no_heading(customer: Customer) -> None:
    strange = {slug: replace(one, family="strange") for slug, one in IMAGINED.items()}
    customer.window._system().offer(strange)
    assert len(shown_rows(customer)) == len(strange)


# The card


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_all_there_is_to_say(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.imagine()
    customer.choose("fjell")
    customer.wait_idle()
    texts = Texts(language=language, preset=PRESET)
    said = read(customer.window)
    for part in ("role", "module", "minutes", "once", "lifetime", "reads", "never", "person"):
        assert texts.say(f"system.{part}") in said
        assert texts.say(f"before.{part}", FJELL) in said
        assert texts.say(f"before.{part}", FJELL) in customer.window._system().before.accessibleDescription()


def test_a_card_leaves_out_what_nobody_says(customer: Customer) -> None:
    customer.imagine()
    customer.choose("hav")
    customer.wait_idle()
    card = card_of(customer)
    shown = [part for part, line in card._lines.items() if line.isVisible()]
    assert shown == ["role"]
    assert [part for part, name in card._names.items() if name.isVisible()] == ["role"]
    assert not card._verified.isVisible()
    assert not card._terms.isVisible()


@pytest.mark.parametrize(("language", "month"), [("nb", ". november 2026."), ("en", " November 2026.")])
def test_a_card_says_when_the_guide_was_checked(make: Maker, language: str, month: str) -> None:
    customer = make(language=language)
    customer.choose("fiken")
    assert card_of(customer)._verified.text().endswith(month)


def test_a_card_is_scrolled_by_keyboard(customer: Customer) -> None:
    customer.imagine()
    customer.window.resize(700, 420)
    customer.choose("fjell")
    customer.wait_idle()
    before = customer.window._system().before
    while customer.focused() is not before:
        customer.press(TAB)
    assert card_of(customer)._lit
    at = before.verticalScrollBar().value()
    customer.press(Qt.Key.Key_PageDown)
    assert before.verticalScrollBar().value() > at
    customer.press(TAB)
    assert not card_of(customer)._lit


# The pulse


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picked_system_says_whether_it_answers(make: Maker, language: str) -> None:
    customer = make(language=language)
    texts = Texts(language=language)
    customer.choose("fiken")
    card = card_of(customer)
    assert card._pulse_text.text() == texts.say("pulse.asking", customer.provider("fiken"))
    customer.wait_pulse()
    assert card._pulse_text.text() == texts.say("pulse.answers", customer.provider("fiken"))
    assert card._icon.isVisible()
    assert customer.asked_vendors() == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("refusal", ["vendor_down", "connection_lost"])
def test_one_that_is_silent_holds_nobody_up(make: Maker, language: str, refusal: str) -> None:
    customer = make(language=language)
    customer.refuse(refusal)
    customer.choose("fiken")
    customer.wait_pulse()
    said = Texts(language=language).say("pulse.silent", customer.provider("fiken"))
    assert card_of(customer)._pulse_text.text() == said
    assert said in customer.window._system().before.accessibleDescription()
    customer.click(customer.window.next)
    customer.wait_page("company")


def test_next_does_not_wait_for_the_pulse(customer: Customer) -> None:
    customer.slow_down(1.0)
    began = time.monotonic()
    customer.pick("fiken")
    assert time.monotonic() - began < 1.0
    assert card_of(customer)._pulse_text.text().startswith("Checking")


def test_a_slow_one_is_given_up_after_two_seconds(customer: Customer) -> None:
    customer.slow_down(5.0)
    began = time.monotonic()
    customer.choose("fiken")
    customer.wait_pulse()
    assert time.monotonic() - began < 3.0
    assert "does not answer" in card_of(customer)._pulse_text.text()


def test_the_pulse_of_another_system_is_not_heard(customer: Customer) -> None:
    customer.slow_down(0.2)
    customer.refuse("vendor_down", "fiken")
    customer.choose("fiken")
    customer.choose("tripletex")
    customer.wait_pulse()
    customer.qtbot.wait(300)
    assert card_of(customer)._pulse_text.text() == "Tripletex answers"


def test_a_system_without_an_address_has_no_pulse(customer: Customer) -> None:
    customer.imagine()
    customer.choose("egen")
    customer.wait_pulse()
    assert not card_of(customer)._pulse_text.isVisible()
    assert not card_of(customer)._icon.isVisible()


def test_a_pulse_that_cannot_be_felt_is_left_out(make: Maker, world: World) -> None:
    lost = replace(world, endpoints={})
    customer = make(world=lost)
    customer.choose("fiken")
    customer.wait_pulse()
    assert not card_of(customer)._pulse_text.isVisible()


def test_a_pulse_is_good_for_a_minute(customer: Customer) -> None:
    aside, clock = customer.window._pulse, [0.0]
    aside._now = lambda: clock[0]
    assert customer.world.playground

    def asked() -> int:
        assert customer.world.playground
        return len([slug for slug, _ in customer.world.playground.asked if slug == "fiken"])

    for slug in ("fiken", "tripletex", "fiken"):
        customer.choose(slug)
        customer.wait_pulse()
    assert asked() == 1
    assert card_of(customer)._pulse_text.text() == "Fiken answers"
    clock[0] = KEPT + 1
    for slug in ("tripletex", "fiken"):
        customer.choose(slug)
        customer.wait_pulse()
    assert asked() == 2


def test_what_breaks_aside_is_silence(customer: Customer) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    aside, heard = Aside(customer.window._bridge, customer.window), list[object]()
    aside.answered.connect(heard.append)
    aside.ask("x", broken)
    aside.ask("x", broken)
    customer.wait(lambda: heard == [None])
    assert not customer.window._system().message.isVisible()


# Worlds for tests


def elsewhere(customer: Customer, slug: str = "tripletex") -> None:
    customer.show_test_environments()
    customer.choose(slug)
    place = card_of(customer)._place
    assert place.isVisible()
    place.setFocus()
    customer.press(DOWN)
    customer.wait_idle()


def test_worlds_for_tests_are_hidden(customer: Customer) -> None:
    customer.choose("tripletex")
    assert not card_of(customer)._place.isVisible()
    assert customer.window._system().environment() == ""


def test_one_without_any_has_nothing_to_choose(customer: Customer) -> None:
    customer.show_test_environments()
    customer.choose("fiken")
    assert not card_of(customer)._place.isVisible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_world_for_tests_is_said_on_every_page_and_in_the_receipt(make: Maker, language: str) -> None:
    customer = make(language=language, preset=replace(PRESET, test_environments=True))
    window, texts = customer.window, Texts(language=language)
    provider = customer.provider("tripletex")
    said = texts.say("window.test_world", provider, environment=texts.say("environments.test"))
    elsewhere(customer)
    pages = []
    customer.click(window.next)
    customer.wait_page("company")
    pages.append(banner(customer))
    customer.click(window.next)
    customer.wait_page("key")
    pages.append(banner(customer))
    customer.click(window._key().have)
    customer.paste(good_key(provider, "test"))
    customer.click(window.next)
    customer.wait_test("passed")
    pages.append(banner(customer))
    customer.store()
    pages.append(banner(customer))
    assert pages == [said] * 4
    receipt = " ".join(value.text() for value in window._done()._values.values() if value.isVisible())
    assert texts.say("environments.mark").strip("()") in receipt.lower()
    (credential,) = customer.world.store.book().credentials.values()
    assert credential.environment == "test"
    customer.to_home()
    assert banner(customer) == ""
    customer.click(window._home().test)
    customer.wait_test("passed")
    assert banner(customer) == said
    customer.click(window.next)
    customer.wait_page("home")
    customer.click(window.next)
    assert banner(customer) == ""


def banner(customer: Customer) -> str:
    shown = customer.window._banner
    return customer.window._banner_text.text() if shown.isVisible() else ""


def test_the_banner_joins_that_of_practice(make: Maker) -> None:
    customer = make(language="en", practice=True)
    alone = banner(customer)
    elsewhere(customer)
    assert banner(customer).startswith(alone + "\n")
    assert "TEST ENVIRONMENT – Tripletex Test" in banner(customer)


def test_another_system_begins_in_the_ordinary_world(customer: Customer) -> None:
    elsewhere(customer)
    assert customer.window._system().environment() == "test"
    customer.choose("poweroffice")
    assert customer.window._system().environment() == ""
    customer.choose("tripletex")
    assert customer.window._system().environment() == ""
    assert banner(customer) == ""
    customer.wait_idle()
    customer.click(customer.window.next)
    customer.wait_page("company")
    assert customer.window.walk.environment == ""


def test_a_choice_of_world_survives_another_language(customer: Customer) -> None:
    elsewhere(customer)
    customer.choose_language("nb")
    assert customer.window._system().environment() == "test"
    assert banner(customer).startswith("TESTMILJØ – Tripletex Test")


def test_a_key_for_the_ordinary_world_is_refused_in_one_for_tests(customer: Customer) -> None:
    elsewhere(customer)
    customer.click(customer.window.next)
    customer.wait_page("company")
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("tripletex")))
    customer.click(customer.window.next)
    assert customer.window.page == "key"


def test_what_is_connected_elsewhere_is_not_known_here(customer: Customer) -> None:
    customer.to_done("tripletex")
    customer.click(customer.window.next)
    elsewhere(customer)
    customer.click(customer.window.next)
    customer.wait_page("company")
    assert customer.window._company()._companies == {}


# Whose system is not here


@pytest.mark.parametrize("language", LANGUAGES)
def test_whose_system_is_not_here_is_told_whom_to_ask(make: Maker, language: str) -> None:
    customer = make(language=language)
    page, texts = customer.window._system(), Texts(language=language, preset=PRESET)
    customer.choose("fiken")
    customer.click(page.absent)
    assert page.current() == ""
    assert not customer.window.next.isEnabled()
    sheet = page.before.absent
    assert sheet
    assert sheet.isVisible()
    assert not card_of(customer).isVisible()
    for key in ("contact", "saft_text", "saft_send"):
        assert texts.say(f"absent.{key}") in read(customer.window)
    for way, value in (("phone", PRESET.phone), ("email", PRESET.email)):
        customer.click(sheet.copies[way])
        assert QGuiApplication.clipboard().text() == value
    customer.choose("fiken")
    assert card_of(customer).isVisible()
    assert not sheet.isVisible()


def test_it_is_brought_into_view_where_it_stands_beneath_the_list(customer: Customer) -> None:
    customer.window.resize(400, 500)
    customer.wait(lambda: customer.window._system().slim())
    page = customer.window._system()
    page.verticalScrollBar().setValue(0)
    page.absent.click()
    assert page.before.absent
    customer.wait(lambda: page.verticalScrollBar().value() > 0)


def test_it_is_reached_by_keyboard(customer: Customer) -> None:
    page = customer.window._system()
    for _ in range(2):
        customer.press(TAB)
    assert customer.focused() is page.absent
    customer.press(ENTER)
    assert page.before.absent
    customer.press(TAB)
    assert customer.focused() is page.start
    customer.press(TAB)
    assert customer.focused() is page.before
    customer.press(TAB)
    assert customer.focused() is page.before.absent.copies["phone"]


def test_what_the_preset_does_not_say_is_left_out(make: Maker) -> None:
    customer = make(preset=replace(PRESET, phone=""))
    customer.click(customer.window._system().absent)
    sheet = customer.window._system().before.absent
    assert sheet
    assert not sheet.copies["phone"].isVisible()
    assert sheet.copies["email"].isVisible()


# The open register


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted(Net):
    """A network in which the open register is somewhere else."""

    register: Environment = REGISTER

    def open(self, environment: Environment, tell: Tell) -> _AsyncGeneratorContextManager[Http]:
        """Open a door, to the other place where the register was meant."""
        return Net.open(self, self.register if environment is REGISTER else environment, tell)


LOOKING = replace(PRESET, register_lookup=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_appears_beneath_the_number(make: Maker, world: World, language: str) -> None:
    with peer(reply(b'{"navn": "FJORDHEIM REGNSKAP AS"}')) as register:
        other = replace(world, net=Rerouted(register=register.environment()))
        customer = make(language=language, world=other, preset=LOOKING)
        customer.pick("fiken")
        customer.type("31300002")
        assert register.connections == 0
        customer.type("8")
        help_ = customer.window._company()._orgnr_help
        said = Texts(language=language).say("company.registered", company="FJORDHEIM REGNSKAP AS")
        customer.wait(lambda: help_.text() == said)
        customer.press(Qt.Key.Key_Backspace)
        assert "FJORDHEIM" not in help_.text()
        customer.type("8")
        assert help_.text() == said
        assert register.connections == 1


def test_a_register_that_fails_says_nothing_and_blocks_nothing(make: Maker, world: World) -> None:
    with peer(reply(b"", "503 Service Unavailable")) as register:
        customer = make(world=replace(world, net=Rerouted(register=register.environment())), preset=LOOKING)
        customer.pick("fiken")
        customer.type("313000028")
        customer.wait(lambda: register.connections == 1 and customer.window._register._job is None)
        texts = Texts(language="en")
        assert customer.window._company()._orgnr_help.text() == texts.say("company.good")
        customer.click(customer.window.next)
        customer.wait_page("key")


@pytest.mark.parametrize(("preset", "practice"), [(PRESET, False), (LOOKING, True)])
def test_nobody_is_asked_unless_the_preset_wants_it_nor_in_practice(
    make: Maker, world: World, preset: object, practice: bool
) -> None:
    with peer(reply(b'{"navn": "X"}')) as register:
        other = replace(world, net=Rerouted(register=register.environment()))
        customer = make(world=other, preset=preset, practice=practice)  # type: ignore[arg-type]
        customer.pick("fiken")
        customer.type("313000028")
        customer.qtbot.wait(100)
        assert register.connections == 0
        assert customer.window._register._job is None
