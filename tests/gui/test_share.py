"""Names and numbers masked for a shared screen, at the customer's wish or the machine's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.gui.helpers import LANGUAGES, good_key, good_number
from tests.gui.states import read
from wizard.gui.leave_sheet import LeaveSheet
from wizard.gui.widgets.letter_view import LetterView

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker

NAME, LABEL = "Fjordheim", "Kundens bok"


def tells(customer: Customer, *parts: str) -> list[str]:
    """Return what can be read in the window that holds one of the parts, spaces in numbers left out."""
    texts = read(customer.window)
    return [text for text in texts for part in parts if part in text or part in text.replace(" ", "")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_walk_tells_names_or_numbers(make: Maker, language: str) -> None:
    customer = make(language=language)
    number = good_number(customer.provider("fiken"))
    hidden = (number, NAME, LABEL)
    customer.click(customer.window.share.box)
    customer.pick("fiken")
    customer.type(number)
    assert tells(customer, number[-3:])
    customer.window._company().label.setFocus()
    customer.type(LABEL)
    assert tells(customer, *hidden) == []
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("fiken")))
    assert tells(customer, *hidden) == []
    customer.click(customer.window.next)
    customer.wait_test("passed")
    say = customer.window._texts.say
    assert tells(customer, say("test.matches_last", last=number[-3:]).replace(" ", ""))
    assert tells(customer, *hidden) == []
    customer.store()
    assert tells(customer, *hidden) == []
    customer.to_home()
    assert tells(customer, *hidden) == []
    customer.click(customer.window._home().remove)
    sheet = customer.sheet(LeaveSheet)
    assert not [part for part in hidden for said in read(sheet) if part in said]
    customer.click(sheet.close_button)
    row = next(iter(customer.world.store.book().connections.values()))
    assert row.label == LABEL, "it is stored as it was typed"
    assert row.company["orgnr"] == number


def test_the_same_walk_tells_them_otherwise(customer: Customer) -> None:
    customer.to_done("fiken")
    assert tells(customer, NAME)
    assert tells(customer, good_number(customer.provider("fiken")))


def test_the_box_hides_and_shows_at_once_and_takes_nothing_away(customer: Customer) -> None:
    customer.pick("fiken")
    customer.type("313000028")
    customer.click(customer.window.share.box)
    assert tells(customer, "313000028") == []
    customer.choose_language("nb")
    assert tells(customer, "313000028") == []
    customer.click(customer.window.share.box)
    assert tells(customer, "313000028")
    assert customer.window._company().number() == "313000028"


def test_companies_to_choose_from_are_told_apart_by_their_last_digits(customer: Customer) -> None:
    key = good_key(customer.provider("tripletex"), "accountant")
    customer.to_state("tripletex", "choosing", key=key)
    page = customer.window._testing().choosing
    page.companies._items()[0].setCheckState(Qt.CheckState.Checked)
    picks, rows = page.picks(), [item.text() for item in page.companies._items()]
    customer.click(customer.window.share.box)
    assert tells(customer, *rows) == []
    assert page.picks() == picks


def test_an_error_does_not_tell_whose_the_key_is(customer: Customer) -> None:
    customer.click(customer.window.share.box)
    customer.to_state("fiken", "failed", "313000214")
    assert tells(customer, "313000214", NAME) == []
    customer.click(customer.window.share.box)
    assert tells(customer, "313000214")


def test_a_known_company_is_not_named(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.click(customer.window.share.box)
    customer.click(customer.window.next)
    customer.pick("fiken")
    customer.type(good_number(customer.provider("fiken")))
    assert customer.window._company().known.isVisible()
    assert tells(customer, NAME) == []


def test_a_letter_is_sent_whole_whatever_is_shown(customer: Customer) -> None:
    customer.to_key("visma_business", "313000354")
    customer.window._key()._show_method("")
    customer.fill(version="23.1")
    window = customer.window
    for name, value in {"company": "Ås AS", "contact_name": "Åse", "contact_email": "a@b.example"}.items():
        window._key().fields[name].edit.setText(value)
    customer.click(window.share.box)
    view = LetterView()
    plain = {"orgnr": "313000354", "company": "Ås AS", "contact_name": "Åse"}
    mail = next(step.mail for step in customer.provider("visma_business").guide if step.mail)
    view.show_letter(customer.provider("visma_business"), mail, window._texts, plain)
    assert "Ås AS" not in view._body.text() + view._subject.text()
    assert "313000354" not in view._body.text()
    view._copy()
    for part in ("Ås AS", "313000354", "Åse"):
        assert part in QGuiApplication.clipboard().text()
    view.hide()


def test_a_window_can_begin_so(make: Maker) -> None:
    customer = make()
    assert not customer.window.share.ticked()
    texts = replace(customer.window._texts, share_safe=True)
    other = type(customer.window)(
        providers=customer.window._providers,
        texts=texts,
        bridge=customer.window._bridge,
        practice=False,
        platform="linux",
    )
    customer.qtbot.addWidget(other)
    assert other.share.ticked()
    other._company().fill_in("313000028", LABEL)
    assert other._company().orgnr.displayText() != "313000028"


def test_what_the_machine_decides_cannot_be_taken_away(customer: Customer) -> None:
    customer.window.hold_share()
    box = customer.window.share.box
    assert box.isChecked()
    assert not box.isEnabled()
    assert box.accessibleName() == customer.window._texts.say("share.held")
    box.click()
    customer.choose_language("nb")
    assert customer.window._texts.share_safe
    customer.to_state("fiken", "passed", "313000028")
    assert tells(customer, "313000028", NAME) == []


def test_it_is_ticked_by_keyboard(customer: Customer) -> None:
    customer.window.share.box.setFocus()
    customer.press(Qt.Key.Key_Space)
    assert customer.window._texts.share_safe
    assert customer.focused() is customer.window.share.box
    customer.press(Qt.Key.Key_Space)
    assert not customer.window._texts.share_safe
