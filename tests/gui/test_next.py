"""The one filled button is what is to be pressed next, and Enter presses it: at the end, and at home."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.gui.helpers import filled
from tests.gui.test_receipt import sheet_of
from tests.gui.test_sending import before, copied, home, to_send
from wizard.core.preset import Preset
from wizard.core.preset_files import open_preset
from wizard.core.reply import Outcome

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.options import Option
    from wizard.core.world import World

ASKED = open_preset("demo", practice=True).options["poweroffice"]
RETURN = Qt.Key.Key_Return


def asked(make: Maker, world: World, options: tuple[Option, ...]) -> Customer:
    """Return a customer at the end of a walk, whose bank asks something then."""
    preset = Preset(partner="Fjordbanken", options={"fiken": options})
    customer = make(preset=preset, world=replace(world, preset=preset))
    customer.to_done("fiken")
    return customer


# The last page


def test_a_letter_that_is_to_be_sent_comes_before_closing(customer: Customer) -> None:
    customer.fill_form()
    opened: list[str] = []
    customer.click(customer.window.next)
    customer.wait_page("done")
    letter = customer.window._done().letter
    letter._open_page = opened.append
    assert filled(customer) == ["Open in the mail program"]
    assert customer.focused() is letter.open
    assert letter.open.isDefault()
    customer.press(RETURN)
    assert [one.partition(":")[0] for one in opened] == ["mailto"]
    assert filled(customer) == ["Close"]
    assert customer.window.isVisible()


def test_a_letter_that_no_mail_program_takes_is_copied_first(customer: Customer) -> None:
    customer.fill_form()
    customer.click(customer.window.next)
    customer.wait_page("done")
    letter = customer.window._done().letter
    letter.open.hide()  # as where the letter is too long for an address
    customer.window._done()._lead()
    assert filled(customer) == ["Copy"]
    letter.copy.setFocus()
    customer.press(RETURN)
    assert "313000214" in QGuiApplication.clipboard().text()
    assert filled(customer) == ["Close"]


def test_what_the_partner_cannot_do_without_is_asked_before_closing(make: Maker, world: World) -> None:
    customer = asked(make, world, ASKED)
    panel = customer.window._done().afterwards.options
    first, second = (panel.rows[name].line for name in ("start", "product_25"))
    assert filled(customer) == ["Save the choices"]
    assert customer.focused() is first
    customer.press(RETURN)
    assert customer.window.isVisible(), "Enter in a line does not close the window"
    assert panel.rows["start"].help.text() == customer.window.texts.say("options.needed")
    customer.type("31.03.2026")
    customer.press(RETURN)
    customer.wait(panel._state.isVisible)
    assert filled(customer) == ["Close"]
    second.setFocus()
    customer.type("A-25")
    assert filled(customer) == ["Save the choices"], "what is typed is not lost"
    customer.press(RETURN)
    customer.wait(panel._state.isVisible)
    customer.click(customer.window._done().receipt)
    shown = sheet_of(customer).preview.toPlainText()
    assert "Include invoices from: 31 March 2026" in shown
    assert "Product number, 25% VAT: A-25" in shown


def test_what_may_be_left_out_does_not_stand_before_closing(make: Maker, world: World) -> None:
    customer = asked(make, world, ASKED[1:])
    assert filled(customer) == ["Close"]
    assert customer.focused() is customer.window.cancel
    line = customer.window._done().afterwards.options.rows["product_25"].line
    line.setFocus()
    customer.type("A")
    assert filled(customer) == ["Save the choices"]
    customer.window.start_over()
    assert customer.window.page == "system"


def test_while_nothing_may_be_asked_closing_is_next_and_then_looking_again(customer: Customer) -> None:
    customer.wait_for_approval()
    assert filled(customer) == ["Close"]
    customer.wait(customer.waiting.button.isEnabled)
    assert filled(customer) == ["I have approved"]
    assert customer.waiting.button.isDefault()


def test_an_invitation_that_is_over_is_asked_for_anew(customer: Customer) -> None:
    customer.wait_for_approval()
    waiting = customer.window._done()._waiting
    assert waiting
    row = replace(waiting.row, until="2026-01-01T12:00:00+00:00")
    customer.window._show_waiting(replace(waiting, row=row, receipts=(), next_look=None))
    letter = customer.waiting.letter
    assert customer.waiting.button.isEnabled(), "looking again is allowed, and not what helps"
    assert filled(customer) == ["Open in the mail program"]
    assert customer.focused() is letter.open
    customer.click(letter.copy)
    assert filled(customer) == ["Close"]
    customer.choose_language("nb")
    assert filled(customer) == ["Lukk"]


# Home


def test_at_home_what_is_not_sent_is_next_then_the_code_then_what_was_refused(
    make: Maker, world: World
) -> None:
    customer = before(make, world)
    to_send(customer)
    customer.click(customer.window.cancel)
    customer.wait_page("done")
    assert filled(customer) == ["Close"], "it was put off a moment ago"
    customer.to_home()
    assert filled(customer) == ["Send …"]
    assert home(customer).send.isDefault()
    customer.click(home(customer).send)
    customer.wait_page("send")
    copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("home")
    assert filled(customer) == ["New connection"]
    home(customer).code.setText("0000")
    assert filled(customer) == ["Use the reply code"]
    home(customer).code.clear()
    assert filled(customer) == ["New connection"]
    (key,) = customer.world.store.book().parcels
    row = customer.world.store.book().parcels[key]
    refused = replace(row, state="refused", cause=Outcome(cause="rights_missing").cause)
    book = replace(customer.world.store.book(), parcels={key: refused})
    rows = {name: replace(one, delivered="refused") for name, one in book.connections.items()}
    customer.window._show_home(replace(book, connections=rows))
    assert filled(customer) == ["Show me what to do"]
    customer.window.start_over()
    customer.window._show_home(replace(book, connections=rows))
    assert filled(customer) == ["Show me what to do"], "and once more"
