"""The guide as its customer walks it: numbered, ticked off, safe on a shared screen, with ways out."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui.gate import problems, stops
from tests.gui.helpers import LANGUAGES, PRESET, good_key, row_of
from tests.gui.states import read
from tests.gui.test_layout import clipped, contrast
from tests.gui.test_report import opened
from wizard.gui import guide_help, look
from wizard.gui.guide_help import More
from wizard.gui.guide_sheets import NotAdminSheet, OtherScreenSheet
from wizard.gui.look import Scheme
from wizard.gui.sheets import ReportSheet, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.gui.pages.key import KeyPage

NAMED = 313000354


def at_step(customer: Customer, slug: str, key: str) -> KeyPage:
    """Go to a step of a guide by the way on."""
    customer.to_key(slug)
    page = customer.window._key()
    while page.step and page.step.key != key:
        customer.click(page.following)
    return page


def ticks(page: KeyPage) -> list[str]:
    return list(page.steps.ticked())


# Numbers, and what is done


@pytest.mark.parametrize("language", LANGUAGES)
def test_steps_are_numbered_as_they_are_spoken(make: Maker, language: str) -> None:
    customer = make(language=language)
    page = at_step(customer, "fiken", "open_api")
    assert [item.text().split("  ")[0] for item in page.steps._items()] == ["3.1", "3.2", "3.3", "3.4"]
    assert any("3.2" in one and "4" in one for one in read(page.guide))


@pytest.mark.parametrize("by_list", [False, True])
def test_in_a_low_window_each_step_is_shown_from_its_start(customer: Customer, *, by_list: bool) -> None:
    page = at_step(customer, "tripletex", "activate")
    customer.window.resize(customer.window.width(), 1)
    for step in page._steps[1:]:
        page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
        page._go_to(step.key) if by_list else page.following.click()
        QTest.qWait(1)
        assert page.step is step
        begins = page.share if page.share.isVisible() else page.guide
        assert 0 <= begins.mapTo(page.viewport(), QPoint()).y() < page.viewport().height()
    assert not page.share.isHidden()
    assert page.verticalScrollBar().maximum() > page.verticalScrollBar().value()
    customer.click(page.previous)
    focus = page.focusWidget()
    assert focus is not None
    assert page.viewport().rect().intersects(focus.rect().translated(focus.mapTo(page.viewport(), QPoint())))


def test_what_is_done_is_ticked_off_and_stays_so_to_and_fro(customer: Customer) -> None:
    page = at_step(customer, "tripletex", "new_key")
    assert ticks(page) == ["activate", "open_access"]
    customer.click(page.previous)
    customer.click(customer.window.back)
    customer.click(customer.window.next)
    customer.choose_language("nb")
    assert ticks(page) == ["activate", "open_access"]
    customer.click(customer.window.back)
    customer.click(customer.window.back)
    customer.pick("fiken")
    customer.click(customer.window.next)
    assert ticks(page) == []
    customer.click(page.following)
    assert ticks(page) == ["order_module"]
    customer.click(customer.window.back)
    customer.click(customer.window.back)
    customer.pick("tripletex")
    customer.click(customer.window.next)
    assert ticks(page) == ["activate", "open_access"]
    page.forget()
    page.show_provider(customer.provider("tripletex"))
    assert ticks(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_list_has_no_room_the_step_itself_says_that_it_is_done(make: Maker, language: str) -> None:
    customer = make(language=language)
    page, done = at_step(customer, "tripletex", "open_access"), {"nb": "✓ gjort", "en": "✓ done"}[language]
    customer.click(page.previous)
    assert page.steps.isVisible()
    assert not any(done in one for one in read(page.guide)), "the list shows it"
    customer.window.resize(400, 700)
    QApplication.processEvents()
    assert not page.steps.isVisible()
    assert any(one.endswith(done) for one in read(page.guide))
    customer.click(page.following)
    assert not any(done in one for one in read(page.guide)), "this one is still to be done"
    page.steps.tick("open_access", ticked=True)
    assert any(one.endswith(done) for one in read(page.guide))
    customer.window.resize(1280, 720)
    QApplication.processEvents()
    assert not any(done in one for one in read(page.guide))


def test_beside_the_browser_the_guide_takes_the_whole_width(customer: Customer) -> None:
    page = at_step(customer, "tripletex", "new_key")
    customer.window.resize(400, 700)
    QApplication.processEvents()
    margins = page.column.contentsMargins()
    assert page.guide.width() == page.viewport().width() - margins.left() - margins.right()
    assert page.have.width() == page.have.sizeHint().width(), "as wide as its words"
    customer.click(page.have)
    row = page.fields["employee_token"]
    assert row.edit.width() > row.width() / 2, "what is pasted is not squeezed"


def test_a_password_is_not_called_a_key_that_is_fetched(customer: Customer) -> None:
    customer.to_key("xledger")
    page = customer.window._key()
    said = {}
    for method in ("api_token", "web_service"):
        customer.choose_method(method)
        said[method] = (page.title.text(), page.have.text().replace("&", ""))
    assert said["api_token"] == ("Get the key in Xledger", "I already have the key")
    assert not any("key" in one for one in said["web_service"])


def test_a_tick_can_be_set_and_taken_away_in_its_box_and_by_the_keyboard(customer: Customer) -> None:
    page = at_step(customer, "fiken", "open_api")
    rect = page.steps.visualItemRect(row_of(page.steps, "order_module"))
    box = QPoint(rect.left() + 14, rect.center().y())
    viewport = page.steps.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, box)
    assert ticks(page) == []
    customer.click_row(page.steps, "new_key")
    assert page.step
    assert page.step.key == "new_key", "a click on the words leads there"
    assert ticks(page) == [], "and ticks nothing off"
    page.steps.setFocus()
    customer.press(Qt.Key.Key_Space)
    assert ticks(page) == ["new_key"]


# Sharing the screen


def test_the_screen_may_be_shared_again_when_the_field_has_the_key(
    customer: Customer, announced: list[str]
) -> None:
    page = at_step(customer, "fiken", "open_api")
    say = customer.window.texts.say
    fiken = customer.provider("fiken")
    soon, stop, again = (say(f"sharing.{one}", fiken) for one in ("soon", "stop", "again"))
    assert not page.share.isVisible()
    customer.click(page.following)
    assert page.share.text() == soon
    customer.wait(lambda: announced == [soon])
    customer.click(page.following)
    assert page.share.text() == stop
    customer.wait(lambda: announced == [soon, stop])
    customer.paste("x")
    assert page.share.text() == stop, "what is no key is not accepted"
    page.fields["token"].forget()
    customer.paste(good_key(fiken))
    assert page.share.isVisible()
    assert page.share.text() == again
    assert "copy_key" in ticks(page), "the last step is done as well"
    customer.wait(lambda: announced[-1] == again)
    customer.choose_language("nb")
    assert announced.count(again) == 1, "the same again is no news"
    customer.click(page.previous)
    assert not page.share.isVisible()
    customer.click(page.following)
    page.fields["token"].forget()
    assert "Slutt å dele" in page.share.text()


def test_a_key_of_another_system_is_not_accepted(customer: Customer) -> None:
    page = at_step(customer, "fiken", "copy_key")
    customer.paste(good_key(customer.provider("tripletex")))
    assert page.share.text() == customer.window.texts.say("sharing.stop", customer.provider("fiken"))


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is said aloud of sharing, as it comes."""
    from wizard.gui.widgets import step_aids

    said: list[str] = []
    monkeypatch.setattr(step_aids, "announce", lambda _widget, text: said.append(text))
    return said


# Drawings


@pytest.mark.parametrize("dark", [False, True], ids=["white", "black"])
def test_a_drawing_can_be_read_where_somebody_needs_the_most_contrast(*, dark: bool) -> None:
    ink, ground, accent = ("#ffffff", "#000000", "#1aebff") if dark else ("#000000", "#ffffff", "#37006e")
    role, stark = QPalette.ColorRole, look.palette(Scheme.DARK if dark else Scheme.LIGHT)
    for name in ("Window", "Base", "AlternateBase", "HighlightedText"):
        stark.setColor(role[name], QColor(ground))
    stark.setColor(role.WindowText, QColor(ink))
    stark.setColor(role.Accent, QColor(accent))
    names = ("ink", "line", "accent", "on_accent", "tint", "paper", "soft")
    found = look.fill(" ".join(f"${name}" for name in names), stark, {}).decode().split()
    said = {name: QColor(colour) for name, colour in zip(names, found, strict=True)}
    for name, least in {"ink": 7.0, "line": 4.5, "accent": 4.5, "soft": 1.5}.items():
        assert contrast(said[name], said["paper"]) >= least, name
    assert contrast(said["on_accent"], said["accent"]) >= 4.5
    assert contrast(said["ink"], said["tint"]) >= 7.0


def test_in_the_dark_the_paper_stands_out_from_what_is_behind_it() -> None:
    found = look.fill("$paper $ground", look.palette(Scheme.DARK), {}).decode().split()
    paper, ground = (QColor(one) for one in found)
    assert paper.lightness() - ground.lightness() >= 10
    assert contrast(paper, ground) >= 1.15


# What often goes wrong


@pytest.mark.parametrize("slug", ["fiken", "xledger"])
def test_what_often_goes_wrong_is_folded_away_until_it_is_asked_for(customer: Customer, slug: str) -> None:
    customer.to_key(slug)
    page = customer.window._key()
    assert page.aids.fold.isVisible()
    assert not page.aids.traps.isVisible()
    customer.click(page.aids.fold)
    assert page.aids.traps.isVisible()
    assert page.aids.traps.text()
    assert problems(customer.window) == []
    customer.click(page.following)
    assert not page.aids.traps.isVisible()
    page.show_mend("keep_open" if slug == "xledger" else "new_key")
    assert not page.aids.fold.isVisible(), "nothing is known there"


def test_the_guide_says_when_it_was_checked(make: Maker) -> None:
    customer = make(language="nb")
    customer.to_key("fiken")
    assert any(one.startswith("Veiledningen ble sist sjekket ") for one in read(customer.window))


# Something else


def test_another_screen_is_noted_with_the_step_and_without_the_key(customer: Customer) -> None:
    page = at_step(customer, "fiken", "open_api")
    key = good_key(customer.provider("fiken"))
    customer.click(page.aids.other)
    sheet = opened(customer, OtherScreenSheet)
    customer.wait(sheet.edit.hasFocus)
    assert "3.2" in " ".join(read(sheet))
    customer.type("The button is called Nytt. ")
    customer.paste(f"My key: {key}")
    assert key not in sheet.edit.toPlainText(), "it is not shown for a moment"
    sheet.edit.undo()
    sheet.edit.redo()
    assert key not in sheet.edit.toPlainText()
    assert "has been taken out" in sheet.hidden.text()
    customer.click(sheet.keep)
    assert key not in " ".join(read(sheet))
    assert "55\u00a000\u00a011\u00a022" in sheet.after.text()
    assert "3.2" in sheet.after.text()
    (note,) = customer.window.guide_help.notes
    assert (note.system, note.number, note.step) == ("fiken", "3.2", "open_api")
    assert "The button is called Nytt." in note.text
    assert key not in note.text
    customer.click(sheet.report)
    text = opened(customer, ReportSheet).preview.toPlainText()
    (told,) = tomllib.loads(text)["note"]
    assert (told["system"], told["number"], told["step"]) == ("fiken", "3.2", "open_api")
    assert "The button is called Nytt." in told["text"]
    assert key not in text


def test_a_key_that_was_typed_is_taken_out_when_the_note_is_kept(customer: Customer) -> None:
    page = at_step(customer, "tripletex", "open_access")
    customer.click(page.aids.other)
    sheet = opened(customer, OtherScreenSheet)
    key = good_key(customer.provider("tripletex"))
    sheet.edit.setPlainText(key)
    customer.click(sheet.keep)
    assert key not in sheet.edit.toPlainText()
    assert sheet.hidden.text()
    assert customer.window.guide_help.notes[0].text == "…"


def test_a_drop_is_looked_at_like_a_paste(customer: Customer) -> None:
    page = at_step(customer, "fiken", "open_api")
    customer.click(page.aids.other)
    sheet, dropped = opened(customer, OtherScreenSheet), QMimeData()
    dropped.setText(good_key(customer.provider("fiken")))
    sheet.edit.insertFromMimeData(dropped)
    assert sheet.edit.toPlainText() == "…"


def test_a_note_may_be_empty_and_nobody_may_be_known_to_call(make: Maker) -> None:
    customer = make(language="nb", preset=replace(PRESET, phone="", email=""))
    page = at_step(customer, "fiken", "open_api")
    customer.click(page.aids.other)
    sheet = opened(customer, OtherScreenSheet)
    customer.click(sheet.keep)
    assert "Ta kontakt med Fjordbanken, og si at du står på steg 3.2 i Fiken." in sheet.after.text()
    assert customer.window.guide_help.notes[0].text == ""


# Somebody else


def test_the_letter_can_be_sent_and_copied_in_both_languages(make: Maker) -> None:
    customer = make(language="nb")
    customer.pick("fiken")
    customer.type(str(NAMED))
    customer.click(customer.window._company().not_admin)
    sheet = opened(customer, NotAdminSheet)
    sent: list[str] = []
    sheet.open_page = sent.append
    assert "Send aldri nøkler" in sheet.body.toPlainText()
    assert str(NAMED) in sheet.body.toPlainText(), "the customer wrote that herself"
    customer.click(sheet.copy_subject)
    assert QGuiApplication.clipboard().text() == sheet.subject.text()
    customer.click(sheet.copy_body)
    assert QGuiApplication.clipboard().text() == sheet.body.toPlainText()
    sheet.language.setCurrentIndex(1)
    assert "Never send keys" in sheet.body.toPlainText()
    customer.click(sheet.mail)
    (address,) = sent
    assert parse_qs(urlsplit(address).query)["subject"] == [sheet.subject.text()]


def test_what_the_partner_has_set_or_a_key_by_mistake_is_not_in_the_letter(make: Maker) -> None:
    customer = make(preset=replace(PRESET, company="313000028"))
    customer.pick("fiken")
    key = good_key(customer.provider("fiken"))
    customer.window._company().label.setText(key)
    customer.click(customer.window._company().not_admin)
    body = opened(customer, NotAdminSheet).body.toPlainText()
    assert "313000028" not in body
    assert key not in body


def test_no_key_that_is_pasted_is_in_the_letter_or_the_page(customer: Customer, tmp_path: Path) -> None:
    key = good_key(customer.provider("fiken"))
    page = at_step(customer, "fiken", "copy_key")
    customer.paste(key)
    customer.click(page.aids.not_admin)
    sheet, file = opened(customer, NotAdminSheet), tmp_path / "guide.html"
    customer.window.guide_help.ask_file = lambda _sheet, _title, name: str(file) if name else ""
    customer.click(sheet.save)
    said = file.read_text("utf-8")
    assert said.startswith("<!DOCTYPE html>")
    assert key not in said + sheet.body.toPlainText()
    assert "guide.html" in sheet.state.text()


def test_saving_asks_for_a_name_and_says_where_it_fails(customer: Customer, tmp_path: Path) -> None:
    at_step(customer, "xledger", "choose_company")
    customer.click(customer.window._key().aids.not_admin)
    sheet = opened(customer, NotAdminSheet)
    asked: list[str] = []

    def given_up(_sheet: NotAdminSheet, _title: str, name: str) -> str:
        asked.append(name)
        return ""

    customer.window.guide_help.ask_file = given_up
    customer.click(sheet.save)
    assert asked == ["guide-xledger.html"]
    assert sheet.state.text() == ""
    customer.window.guide_help.ask_file = lambda *_: str(tmp_path / "none" / "guide.html")
    customer.click(sheet.save)
    assert "could not be saved" in sheet.state.text()


def test_more_can_go_along(customer: Customer, tmp_path: Path) -> None:
    more = More(lines={"en": ("Get the program here.",)}, file="start.koble", content="whole")
    (tmp_path / "start.koble").write_text("another customer's", "utf-8")
    customer.window.guide_help.more = lambda _provider: more
    at_step(customer, "fiken", "order_module")
    customer.click(customer.window._key().aids.not_admin)
    sheet = opened(customer, NotAdminSheet)
    assert "Get the program here." in sheet.body.toPlainText()
    customer.window.guide_help.ask_file = lambda _sheet, _title, name: str(tmp_path / name)
    for _ in range(2):
        customer.click(sheet.save)
        assert "start-2.koble" in sheet.state.text()
    assert {one.name: one.read_text("utf-8") for one in tmp_path.glob("*.koble")} == {
        "start.koble": "another customer's",
        "start-2.koble": "whole",
    }
    assert not sheet.have_sent.isVisible(), "nobody waits for it"
    sheet.sent.emit()
    assert "could not be noted" in sheet.state.text()


def test_a_shared_screen_shows_no_number_but_the_letter_is_whole(customer: Customer) -> None:
    customer.pick("fiken")
    customer.type(str(NAMED))
    customer.window.share.tick(True)
    customer.click(customer.window._company().not_admin)
    sheet = opened(customer, NotAdminSheet)
    assert str(NAMED) not in sheet.body.toPlainText()
    customer.click(sheet.copy_body)
    assert str(NAMED) in QGuiApplication.clipboard().text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheets_can_be_heard_reached_and_read(make: Maker, language: str) -> None:
    customer = make(language=language)
    page = at_step(customer, "fiken", "open_api")
    for button, kind in ((page.aids.other, OtherScreenSheet), (page.aids.not_admin, NotAdminSheet)):
        customer.click(button)
        sheet = opened(customer, kind)
        QApplication.processEvents()
        assert problems(sheet) == []
        assert clipped(sheet) == []
        ring = stops(sheet)
        assert sheet.close_button in ring
        letters = [one[one.index("&") + 1].lower() for one in _lettered(sheet)]
        assert len(set(letters)) == len(letters), letters
        customer.press(Qt.Key.Key_Escape)
        assert not sheet.isVisible()


def _lettered(sheet: Sheet) -> list[str]:
    from PySide6.QtWidgets import QAbstractButton, QLabel

    buttons = [one.text() for one in sheet.findChildren(QAbstractButton) if one.isVisible()]
    labels = [one.text() for one in sheet.findChildren(QLabel) if one.buddy() is not None and one.isVisible()]
    return [one for one in (*buttons, *labels) if "&" in one]


def test_without_a_guide_there_is_nothing_to_open(customer: Customer) -> None:
    customer.window.guide_help.open_other()
    customer.window.guide_help.open_not_admin()
    assert not customer.window.findChildren(OtherScreenSheet)
    assert not customer.window.findChildren(NotAdminSheet)
    assert guide_help.More() == More()
