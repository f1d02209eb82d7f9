"""Handing a set-up on with its start file: what goes along, what is remembered, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from tests.core.sealing import KEY, SIGNERS
from tests.gui.gate import problems
from tests.gui.helpers import PRESET, good_key
from tests.gui.test_report import opened
from tests.gui.test_starting import a_start
from wizard.core import handed_on, paths
from wizard.core.keys import public
from wizard.gui.app import _offer_left
from wizard.gui.guide_sheets import NotAdminSheet
from wizard.gui.widgets.parts import Button

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.core.preset import Preset
    from wizard.core.world import World

BANK = replace(PRESET, seal_keys=(public(KEY),), program="https://fjordbanken.example/koble")

SINCE = "2026-11-20T08:15:00+00:00"


def a_customer(make: Maker, world: World, preset: Preset = BANK, **more: object) -> Customer:
    one = make(preset=preset, world=replace(world, preset=preset), **more)  # type: ignore[arg-type]
    one.window.starting.signers = lambda: SIGNERS
    one.window.starting.unsigned = False
    return one


def asked(customer: Customer, text: str) -> NotAdminSheet:
    """Open a start file, and the sheet for somebody who is not the administrator."""
    customer.window.starting.open_text(text)
    customer.wait_page("key")
    customer.click(customer.window._key().aids.not_admin)
    return opened(customer, NotAdminSheet)


def handed(customer: Customer, text: str) -> None:
    customer.click(asked(customer, text).have_sent)
    customer.wait_page("home")


def said(customer: Customer, page: str = "home") -> list[str]:
    return [line.text.text() for line in customer.window.delegation.panels[page].rows]


def kept() -> tuple[handed_on.Task, ...]:
    return handed_on.load(paths.data() / "handed-on.json")


def test_it_goes_along_is_waited_for_and_taken_back(make: Maker, world: World, tmp_path: Path) -> None:
    customer, text = a_customer(make, world), a_start()
    sheet = asked(customer, text)
    assert "https://fjordbanken.example/koble" in sheet.body.toPlainText()
    assert "straight to Fjordbanken" in sheet.body.toPlainText()
    assert sheet.mail.isVisible(), "it is not too long for a mail program"
    customer.window.guide_help.ask_file = lambda _sheet, _title, name: str(tmp_path / name)
    customer.click(sheet.save)
    assert (tmp_path / "fiken.koble-start").read_text("utf-8") == text
    assert (tmp_path / "guide-fiken.html").exists()
    assert kept() == (), "that it was saved does not mean that it was sent"
    customer.click(sheet.have_sent)
    customer.wait_page("home")
    (task,) = kept()
    assert (task.system, task.reference, task.expect) == ("fiken", "kunde-7", "313000028")
    (line,) = said(customer)
    assert "connect Fiken for org. no. 313 000 028. Reference kunde-7" in line
    customer.window.share.tick(True)
    assert "313 000" not in said(customer)[0]
    assert problems(customer.window) == []
    home = customer.window.delegation.panels["home"]
    customer.click(home.rows[0].back)
    customer.answer("keep_waiting")
    assert kept() == (task,)
    customer.click(home.rows[0].back)
    customer.answer("take_back")
    assert kept() == ()
    assert home.rows == []
    assert "can still be used" in home.state.text()
    assert home.state.isVisible()
    customer.window.starting.open_text(text)
    customer.wait_page("key")


def test_the_next_start_shows_it_on_the_first_page_and_at_home(make: Maker, world: World) -> None:
    handed_on.save(
        handed_on.place(),
        (
            handed_on.Task(system="fiken", since=SINCE, reference="kunde-7"),
            handed_on.Task(system="gone", since=SINCE, reference="kunde-8"),
        ),
    )
    customer = a_customer(make, world, language="nb")
    _offer_left(customer.window)
    assert customer.window.delegation.panels["system"].isVisible()
    assert [line.split(" på at ")[1] for line in said(customer, "system")] == [
        "en annen kobler til Fiken. Referanse kunde-7."
    ]
    customer.click(customer.window.delegation.panels["system"].rows[0].back)
    customer.answer("take_back")
    assert [one.reference for one in kept()] == ["kunde-8"], "of a system that is not here nothing is lost"


def test_the_first_page_shows_the_newest_and_leads_to_all(make: Maker, world: World) -> None:
    tasks = [handed_on.Task(system="fiken", since=SINCE, reference=str(at)) for at in range(3)]
    handed_on.save(handed_on.place(), tuple(tasks))
    customer = a_customer(make, world)
    _offer_left(customer.window)
    assert len(said(customer, "system")) == 2
    customer.click(customer.window.delegation.panels["system"].all)
    customer.wait_page("home")
    assert len(said(customer)) == 3
    assert not customer.window.delegation.panels["home"].all.isVisible()


def test_who_connects_it_herself_waits_no_longer(make: Maker, world: World) -> None:
    customer, text = a_customer(make, world), a_start()
    elsewhere = handed_on.Task(system="fiken", since=SINCE, reference="of-another-window")
    handed_on.save(handed_on.place(), (elsewhere,))
    handed(customer, text)
    customer.window.starting.open_text(text)
    customer.wait_page("key")
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    assert len(kept()) == 2
    customer.click(customer.window.next)
    customer.wait_page("send")
    assert [one.reference for one in kept()] == ["of-another-window"]
    assert len(said(customer)) == 1


def test_without_keys_for_hand_overs_only_the_letter_goes(make: Maker, world: World) -> None:
    customer = a_customer(make, world, replace(BANK, seal_keys=()))
    sheet = asked(customer, a_start())
    assert not sheet.have_sent.isVisible()
    assert "start file" not in " ".join(one.text() for one in sheet.findChildren(Button))
    assert "Koble, and open it" not in sheet.body.toPlainText()
    assert "https://fjordbanken.example/koble" not in sheet.body.toPlainText()


def test_without_a_start_file_nobody_is_waited_for(make: Maker, world: World) -> None:
    customer = a_customer(make, world, replace(BANK, program=""))
    customer.to_key("tripletex")
    customer.click(customer.window._key().aids.not_admin)
    sheet = opened(customer, NotAdminSheet)
    assert not sheet.have_sent.isVisible()
    assert "Fjordbanken will give it to you" in sheet.body.toPlainText()
    assert "start file" not in sheet.body.toPlainText()


def test_a_start_file_for_another_system_does_not_go_along(make: Maker, world: World) -> None:
    customer = a_customer(make, world)
    customer.window.starting.open_text(a_start())
    customer.wait_page("key")
    assert customer.window.delegation.more(customer.provider("tripletex")).file == ""
    customer.window.starting.open_text("nonsense")
    customer.wait(lambda: customer.window.starting.sheet is not None)
    assert customer.window.delegation.more(customer.provider("fiken")).content in {"", a_start()}


def test_what_was_typed_stays_and_is_not_handed_on(make: Maker, world: World) -> None:
    customer = a_customer(make, world)
    customer.window.starting.open_text(a_start())
    customer.wait_page("key")
    customer.click(customer.window._key().have)
    key = good_key(customer.provider("fiken"))
    customer.paste(key)
    customer.click(customer.window._key().aids.not_admin)
    sheet = opened(customer, NotAdminSheet)
    customer.click(sheet.copy_body)
    assert key not in QGuiApplication.clipboard().text()
    customer.click(sheet.have_sent)
    assert len(kept()) == 1
    assert customer.window.page == "key"
    assert customer.secret.text()
    assert key not in handed_on.place().read_text("utf-8")


def test_what_cannot_be_kept_is_said(make: Maker, world: World) -> None:
    customer, text = a_customer(make, world), a_start()
    handed_on.place().mkdir(parents=True)
    (handed_on.place() / "in-the-way").touch()
    sheet = asked(customer, text)
    customer.click(sheet.have_sent)
    assert sheet.isVisible()
    assert "could not be noted" in sheet.state.text()
    sheet.reject()
    customer.window.delegation.tasks = (handed_on.Task(system="fiken", since=SINCE, reference="r"),)
    customer.window.go_home()
    customer.wait_page("home")
    customer.window.delegation._show()
    home = customer.window.delegation.panels["home"]
    customer.click(home.rows[0].back)
    customer.answer("take_back")
    assert "could not be saved" in home.state.text()
    assert len(home.rows) == 1


@pytest.mark.parametrize("page", ["system", "home"])
def test_practice_keeps_nothing(make: Maker, world: World, page: str) -> None:
    practice = replace(BANK, seal_keys=(), demo=True)
    customer = make(preset=practice, world=replace(world, preset=practice), practice=True)
    handed(customer, unsigned())
    assert len(said(customer, page)) == 1
    assert not handed_on.place().exists()


def unsigned() -> str:
    return (
        '{"v":1,"system":"fiken","reference":"kunde-7","expires":"2099-01-01T00:00:00+00:00",'
        '"expect":"313000028"}'
    )
