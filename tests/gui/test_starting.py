"""Start files in the window: what they answer is not asked, and each that is not trusted is explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from tests.core.sealing import KEY, KEYS, SIGNERS, SIGNING, STRANGER, encoded, signed_by
from tests.gui.helpers import PRESET, good_key
from wizard.core import paper
from wizard.core.handover import open_sealed
from wizard.core.keys import public
from wizard.core.signed import START, sign
from wizard.core.start import Start, written
from wizard.core.world import now

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.core.keys import Jwk
    from wizard.core.world import World
    from wizard.gui.app import Application

BANK = replace(PRESET, seal_keys=(public(KEY),))
NUMBER = "313000028"


@pytest.fixture
def customer(make: Maker, world: World) -> Customer:
    """Return a customer of a bank whose signature this machine knows."""
    one = make(preset=BANK, world=replace(world, preset=BANK))
    one.window.starting.signers = lambda: SIGNERS
    one.window.starting.unsigned = False
    return one


def a_start(key: Jwk = SIGNING, days: int = 7, **more: object) -> str:
    expires = (now() + timedelta(days=days)).isoformat(timespec="seconds")
    made = Start(system="fiken", reference="kunde-7", expires=expires, expect=NUMBER, partner="Fjordbanken")
    return written(replace(made, **more), key)  # type: ignore[arg-type]


def test_what_it_answers_is_not_asked(customer: Customer) -> None:
    customer.window.starting.open_text(a_start(language="nb"))
    customer.wait_page("key")
    window = customer.window
    assert (window.walk.system, window.walk.expect, window.walk.reference) == ("fiken", NUMBER, "kunde-7")
    assert window.texts.language == window.language.currentData() == "nb"
    assert window._map._count == "3 av 6"
    customer.click(window._key().have)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(window.next)
    customer.wait_test("passed")
    customer.click(window.next)
    customer.wait_page("send")
    (row,) = customer.world.store.book().connections.values()
    assert row.reference == "kunde-7"
    window._sends().ways.choose("text")
    customer.click(window.next)
    customer.wait(lambda: window._sends().state == "made")
    assert open_sealed(QGuiApplication.clipboard().text(), KEYS).reference == "kunde-7"
    customer.click(window.next)
    customer.wait_page("done")
    assert window._done().sent._what.text() == "Sendt, referanse kunde-7."
    customer.click(window.next)
    assert window.texts.preset.company == "", "the next customer is another one"
    window.starting.open_text(a_start())
    customer.wait(lambda: window.starting.sheet is not None)
    assert window.starting.sheet
    said = window.starting.sheet.message.accessibleName()
    assert "allerede brukt" in said
    assert paper.day(now().date().isoformat(), window.texts) in said
    assert "--again" not in window.starting.sheet.message.accessibleName()
    customer.click(window.starting.sheet.message.action)
    customer.wait_page("key")


def test_what_was_left_half_done_goes_on_with_its_start_file(make: Maker, customer: Customer) -> None:
    customer.window.starting.open_text(a_start())
    customer.wait_page("key")
    customer.window.close()
    customer.wait(lambda: not customer.window.isVisible())
    later = make(preset=BANK, world=replace(customer.world, preset=BANK))
    later.window.starting.signers = lambda: SIGNERS
    later.window.starting.unsigned = False
    later.window.drafting.offer()
    later.click(later.window.drafting.panels["system"].resume)
    later.wait_page("key")
    assert (later.window.walk.reference, later.window.walk.expect) == ("kunde-7", NUMBER)
    later.window.close()
    later.wait(lambda: not later.window.isVisible())
    stranger = make(preset=BANK, world=replace(customer.world, preset=BANK))
    stranger.window.starting.signers = dict
    stranger.window.drafting.offer()
    stranger.click(stranger.window.drafting.panels["system"].resume)
    stranger.wait(lambda: stranger.window.starting.sheet is not None)
    assert stranger.window.page == "system", "what it answers is believed anew, and not because it was"


def test_a_half_done_start_file_is_gone_on_with_after_one_question(make: Maker, customer: Customer) -> None:
    customer.window.starting.open_text(a_start())
    customer.wait_page("key")
    customer.window.close()
    customer.wait(lambda: not customer.window.isVisible())
    later = make(preset=BANK, world=replace(customer.world, preset=BANK))
    later.window.starting.signers = lambda: SIGNERS
    later.window.starting.unsigned = False
    later.window.drafting.offer()
    later.to_field("tripletex")
    later.paste(good_key(later.provider("tripletex")))
    later.click(later.window.back)
    later.click(later.window.back)
    later.click(later.window.drafting.panels["system"].resume)
    later.answer("lose")
    later.wait_page("key")
    assert later.asked() == []
    assert not later.window._key().holds_secret()
    assert later.window.walk.reference == "kunde-7"


def _bare() -> str:
    return '{"v":1,"system":"fiken","reference":"r","expires":"2999-01-01T00:00:00+00:00"}'


def _changed() -> str:
    header, _, signature = a_start().strip().split(".")
    return f"{header}.{encoded(_bare().encode())}.{signature}"


WRONG = {
    "forged": (_changed, "somebody has changed it"),
    "unknown": (lambda: a_start(STRANGER), "somebody we do not know"),
    "expired": (lambda: a_start(days=-1), "no longer valid"),
    "stripped": (_bare, "Nobody has signed it"),
    "no_algorithm": (
        lambda: signed_by(SIGNING, {"alg": "none", "kid": SIGNING["kid"], "typ": START}, _bare().encode()),
        "signed in a way",
    ),
    "other_kind": (lambda: sign(_bare(), SIGNING, "koble-preset+jws"), "another use"),
    "other_bank": (lambda: a_start(partner="Havbanken"), "Havbanken"),
    "cut": (lambda: a_start()[:-9], "cannot be trusted"),
    "other_system": (lambda: a_start(system="nosuch"), "nosuch"),
    "nonsense": (lambda: "hello", "cannot be trusted"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_that_is_not_to_be_trusted_is_explained(customer: Customer, name: str) -> None:
    make_text, said = WRONG[name]
    window = customer.window
    window.starting.open_text(make_text())
    customer.wait(lambda: window.starting.sheet is not None)
    assert window.starting.sheet
    told = window.starting.sheet.message.accessibleName()
    assert said.lower() in told.lower(), told
    window.starting.sheet.message.copy.click()
    assert told.rpartition(" ")[2] in QGuiApplication.clipboard().text(), "its code can be copied"
    assert window.page == "system"
    assert window.walk.system == ""
    assert window.texts.preset == BANK


@pytest.mark.parametrize("pasted", [False, True])
def test_one_for_a_system_that_is_closed_leads_to_the_others(
    make: Maker, world: World, *, pasted: bool
) -> None:
    preset = replace(BANK, fiken="closed")
    customer = make(preset=preset, world=replace(world, preset=preset))
    window = customer.window
    window.starting.signers = lambda: SIGNERS
    if pasted:
        window.starting.open_sheet()
    window.starting.open_text(a_start())
    customer.wait(window._system().message.isVisible)
    assert window._system().current() == "fiken"
    assert "keys for Fiken" in window._system().message.accessibleName()
    assert window.starting.sheet is None


def test_it_is_pasted_on_the_first_page_or_picked_or_opened(customer: Customer, tmp_path: Path) -> None:
    window = customer.window
    window._system().search.setFocus()
    customer.paste(a_start(system="tripletex", expect=""))
    customer.wait_page("company")
    assert window.walk.system == "tripletex"
    window.start_over()
    customer.click(window._system().start)
    sheet = window.starting.sheet
    assert sheet
    assert not sheet.use.isEnabled()
    file = tmp_path / "kunde.koble-start"
    sheet.ask_file = lambda *_: str(file)
    customer.click(sheet.file)
    assert "kunde.koble-start" in sheet.message.accessibleName(), "it is not there"
    sheet.edit.setPlainText(a_start())
    customer.click(sheet.use)
    customer.wait_page("key")
    file.write_text(a_start(system="poweroffice", expect=""), "utf-8")
    application = cast("Application", QApplication.instance())
    application.file_opened.connect(window.starting.open_file)
    QApplication.sendEvent(application, QFileOpenEvent(str(file)))  # as macOS does
    customer.wait(lambda: window.page == "company" and window.walk.system == "poweroffice")


def test_what_was_typed_is_not_lost_without_a_question(customer: Customer) -> None:
    customer.to_field("fiken", NUMBER)
    customer.paste(good_key(customer.provider("fiken")))
    customer.window.starting.open_text(a_start(system="tripletex"))
    customer.answer("keep_open")
    assert customer.window.walk.system == "fiken"
    assert customer.secret.text()
    customer.window.starting.open_text(a_start(system="tripletex"))
    customer.answer("open_anyway")
    customer.wait(lambda: customer.window.page == "key" and customer.window.walk.system == "tripletex")
