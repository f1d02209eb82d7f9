"""From the window to the bank and back: the page that sends, the overview's reply, and what stays here."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.core.sealing import KEY, KEYS
from tests.gui.helpers import PRESET, filled, good_number
from tests.gui.test_agent import type_code, wait_closed
from tests.gui.test_every_state import everything
from wizard.core.handover import open_sealed
from wizard.core.keys import public
from wizard.core.preset import Preset
from wizard.core.reply import Outcome, code, derived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.core.ledger import Book
    from wizard.core.world import World
    from wizard.gui.pages.send import SendPage
    from wizard.gui.widgets.delivery import Delivery

BANK = replace(PRESET, seal_keys=(public(KEY),))
DEMO = Preset(partner="Fjordbanken", demo=True)


class Bank(BaseHTTPRequestHandler):
    """The bank's end of an upload; `says` is what it answers next, `got` what came."""

    protocol_version = "HTTP/1.1"
    got: list[tuple[str, str, bytes]]
    says: list[tuple[int, bytes | None]]
    gate: threading.Event

    def do_POST(self) -> None:
        """Take one."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = str(self.headers["Idempotency-Key"])
        self.got.append((key, str(self.headers["Content-Type"]), body))
        self.gate.wait(5)
        status, said = self.says.pop(0) if self.says else (201, None)
        answer = json.dumps({"id": key}).encode() if said is None else said
        if status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if answer.startswith(b"<") else "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[tuple[type[Bank], str]]:
    """Serve the bank's end on a real socket; yield it and its address."""
    gate = threading.Event()
    gate.set()
    kind = type("One", (Bank,), {"got": [], "says": [], "gate": gate})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield kind, f"http://127.0.0.1:{server.server_port}/handovers"
    finally:
        gate.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def bank() -> Iterator[tuple[type[Bank], str]]:
    """Return the bank's end."""
    with listening() as one:
        yield one


def before(make: Maker, world: World, preset: Preset = BANK) -> Customer:
    """Return a customer of that bank."""
    return make(preset=preset, world=replace(world, preset=preset))


def page(customer: Customer) -> SendPage:
    return customer.window._sends()


def home(customer: Customer) -> Delivery:
    return customer.window._home().delivery


def to_send(customer: Customer, slug: str = "fiken") -> None:
    customer.to_state(slug, "passed", good_number(customer.provider(slug)))
    customer.click(customer.window.next)
    customer.wait_page("send")


def book(customer: Customer) -> Book:
    return customer.world.store.book()


def the_only(customer: Customer) -> Any:
    (row,) = book(customer).connections.values()
    return row


def reply_for(text: str, cause: str = "") -> str:
    what = open_sealed(text, KEYS)
    return code(derived(what.reply, what.id), what.id, Outcome(cause=cause))


def check_masked(customer: Customer) -> None:
    """Share the screen: no text of any widget names the company any more; stop sharing it again."""
    names = [str(row.company["name"]) for row in book(customer).connections.values()]

    def told() -> list[str]:
        return [text for text in everything(customer.window) if any(name in text for name in names)]

    customer.click(customer.window.share.box)
    assert told() == []
    customer.click(customer.window.share.box)
    assert told()


def copied(customer: Customer) -> str:
    """Send it as a text, and return that."""
    page(customer).ways.choose("text")
    customer.click(customer.window.next)
    customer.wait(lambda: page(customer).state == "made")
    return QGuiApplication.clipboard().text()


# How many pages


def test_there_is_a_page_more_only_where_the_bank_takes_handovers(make: Maker, world: World) -> None:
    assert make().window._map._count.endswith("5")
    assert before(make, world).window._map._count == "1 of 6"
    assert before(make, world, DEMO).window._map._names[-2:] == ("Send", "Done")


def test_whoever_sends_later_is_reminded(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    assert customer.window.back.isHidden()
    customer.click(customer.window.cancel)
    customer.wait_page("done")
    note = customer.window._done().sent
    assert note._what.text() == "Fjordbanken has not received the key yet."
    customer.to_home()
    assert "Fjordbanken has not received the key yet." in home(customer)._unsent.text()
    customer.click(home(customer).send)
    assert customer.window.page == "send"
    customer.click(customer.window.cancel)
    customer.wait_page("home")


def test_a_text_is_copied_said_to_be_sent_and_confirmed(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    text = copied(customer)
    (one,) = open_sealed(text, KEYS).items
    assert (one.system, one.tested) == ("fiken", "passed")
    assert the_only(customer).delivered == "file_made"
    assert "has not received it yet" in page(customer)._then.text()
    customer.click(customer.window.next)
    customer.wait_page("done")
    assert the_only(customer).delivered == "sent"
    reference = open_sealed(text, KEYS).id[:8]
    assert customer.window._done().sent._what.text() == f"Sent, reference {reference}."
    assert "not shared" not in customer.window._done()._where.text()
    customer.to_home()
    assert home(customer).isVisible()
    typed = reply_for(text).lower().replace("-", " ").replace("0", "o")
    home(customer).code.setFocus()
    customer.type(typed)
    customer.press(Qt.Key.Key_Return)
    customer.wait(lambda: the_only(customer).delivered == "confirmed")
    customer.wait(home(customer).good.isVisible)
    assert "deleted from this computer" in home(customer).good.accessibleName()
    assert customer.world.store.vault.items == {}  # type: ignore[attr-defined]


def test_a_wrong_code_is_said_plainly(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    text = copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.to_home()
    good = reply_for(text)
    swapped = (
        good[1] + good[0] + good[2:] if good[0] != good[1] else good[:-1] + ("2" if good[-1] != "2" else "3")
    )
    for typed, said in ((swapped, "slip"), ("0000-0000-0000", "belongs")):
        home(customer).code.setText(typed)
        customer.click(home(customer).use)
        customer.wait(home(customer).wrong.isVisible)
        assert home(customer).code.hasFocus()
        assert home(customer).wrong.accessibleName()
        home(customer).wrong.hide()
        assert said
    assert the_only(customer).delivered == "sent"


def test_what_the_bank_could_not_use_leads_to_the_step_that_mends_it(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer, "tripletex")
    text = copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.to_home()
    home(customer).code.setText(reply_for(text, "rights_missing"))
    customer.click(home(customer).use)
    customer.wait(home(customer).refused.isVisible)
    check_masked(customer)
    assert the_only(customer).delivered == "refused"
    assert customer.world.store.vault.items, "what was refused is kept"  # type: ignore[attr-defined]
    customer.click(home(customer).refused.action)
    customer.wait_page("company")
    customer.click(customer.window.next)
    customer.wait_page("key")
    key = customer.window._key()
    assert key._steps[key._at].key == customer.provider("tripletex").mends["rights_missing"]


def test_a_file_is_saved_under_a_name_that_tells_nothing(make: Maker, world: World, tmp_path: Path) -> None:
    customer = before(make, world)
    asked = []

    def ask(_: object, __: str, name: str, ___: str) -> str:
        asked.append(name)
        return str(tmp_path / name) if len(asked) > 1 else ""

    customer.window.sending.ask_file = ask
    to_send(customer)
    page(customer).ways.choose("file")
    customer.click(customer.window.next)
    customer.wait(lambda: len(asked) == 1)
    assert page(customer).state == "choosing", "nowhere chosen"
    customer.click(customer.window.next)
    customer.wait(lambda: page(customer).state == "made")
    (file,) = tmp_path.glob("koble-*")
    what = open_sealed(file.read_text("utf-8"), KEYS)
    assert asked == [f"koble-{what.id[:8]}.koble"] * 2, "the same was sealed once"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(book(customer).parcels) == [what.id]


# Upload


def test_it_is_sent_once_and_again_only_as_the_same(
    make: Maker, world: World, bank: tuple[type[Bank], str]
) -> None:
    kind, address = bank
    kind.says += [
        (0, None),
        (503, b""),
        (200, b"<html>sign in</html>"),
        (200, b'{"id": "another"}'),
        (409, None),
    ]
    customer = before(make, world, replace(BANK, upload=address))
    to_send(customer)
    said = []
    customer.click(customer.window.next)
    for count in range(1, 5):
        customer.wait(lambda: page(customer).state == "failed" and len(kind.got) == count)  # noqa: B023
        said.append(page(customer).message.accessibleName())
        assert the_only(customer).delivered == "file_made"
        assert "has not received the key yet" in page(customer)._intro.text()
        customer.click(page(customer).message.action)
    customer.wait_page("done")
    assert the_only(customer).delivered == "sent"
    assert len(set(kind.got)) == 1, "the same id, the same bytes"
    ((key, mime, body),) = set(kind.got)
    assert (open_sealed(body.decode(), KEYS).id, mime) == (key, "application/jose")
    for one, part in zip(
        said, ("do not know", "just now", "not Fjordbanken", "not Fjordbanken"), strict=True
    ):
        assert part in one


def test_what_is_being_sent_is_stopped(make: Maker, world: World, bank: tuple[type[Bank], str]) -> None:
    kind, address = bank
    kind.gate.clear()
    customer = before(make, world, replace(BANK, upload=address))
    to_send(customer)
    customer.click(customer.window.next)
    customer.wait(lambda: page(customer).bar.value() == 100)
    customer.click(customer.window.cancel)
    assert page(customer).state == "failed"
    assert "stopped" in page(customer).message.accessibleName()
    assert the_only(customer).delivered == "file_made"
    kind.gate.set()
    customer.click(page(customer).message.action)
    customer.wait_page("done")
    assert len(set(kind.got)) == 1


def test_without_a_network_a_file_or_text_still_goes(make: Maker, world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        customer = before(make, world, replace(BANK, upload=address))
        to_send(customer)
        customer.click(customer.window.next)
        customer.wait(lambda: page(customer).state == "failed")
    assert "Nothing was sent" in page(customer).message.accessibleName()
    page(customer).ways.choose("text")
    customer.click(customer.window.next)
    customer.wait(lambda: page(customer).state == "made")


# What stays


def test_a_key_goes_fourteen_days_after_it_was_sent(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    (name,) = book(customer).parcels
    old = (world.clock() - timedelta(days=15)).isoformat(timespec="seconds")
    anyio.run(
        world.store.amend,
        lambda book: replace(book, parcels={name: replace(book.parcels[name], at=old)}),
    )
    assert world.store.vault.items  # type: ignore[attr-defined]
    customer.to_home()
    assert world.store.vault.items == {}  # type: ignore[attr-defined]
    assert the_only(customer).delivered == "sent"


# Practice ends at the bank


@pytest.mark.parametrize("slug", ["fiken", "tripletex"])
def test_practice_ends_at_the_bank(make: Maker, world: World, slug: str) -> None:
    customer = before(make, world, DEMO)
    to_send(customer, slug)
    assert page(customer).way() == "upload"
    customer.click(customer.window.next)
    customer.wait_page("done")
    note = customer.window._done().sent
    assert note.state
    assert note.state.answer in note._more.text()
    window = customer.window
    assert window._done()._next.text() == window._texts.say("delivery.demo_next")
    assert [one for one in (window.back, window.next, window.cancel) if one.leads()] == [window.back]
    assert window.back.hasFocus()
    assert window.back.isDefault()
    customer.press(Qt.Key.Key_Return)
    customer.wait_page("home")
    assert note.state.answer in home(customer)._waits.text()
    assert home(customer).code.hasFocus(), "typing it is what comes next"
    assert filled(customer) == ["Use the reply code"]
    assert not window._home().sum.isVisible(), "somebody is needed"
    customer.click(home(customer).use)
    assert home(customer).code.hasFocus(), "there is nothing to use as yet"
    customer.type(note.state.answer)
    customer.press(Qt.Key.Key_Return)
    customer.wait(lambda: the_only(customer).delivered == "confirmed")
    customer.wait(home(customer).good.isVisible)
    assert filled(customer) == ["New connection"]
    assert window._home().rows.hasFocus()


def test_a_reply_code_typed_where_error_codes_are_is_put_in_its_place(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    text = copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    reply = reply_for(text)
    type_code(customer, reply.lower())
    customer.wait_page("home")
    wait_closed(customer)
    assert home(customer).code.text() == reply
    assert home(customer).use.hasFocus()
    assert filled(customer) == ["Use the reply code"]
    customer.press(Qt.Key.Key_Space)
    customer.wait(lambda: the_only(customer).delivered == "confirmed")
    type_code(customer, "0000-0000-0000")
    wait_closed(customer)
    message = customer.window._home().message
    customer.wait(message.isVisible)
    assert "handed over" in message.accessibleName()


def test_a_wrong_code_leaves_one_button_filled(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer)
    copied(customer)
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.to_home()
    assert filled(customer) == ["New connection"], "nobody has a code as yet"
    home(customer).code.setText("0000-0000-0000")
    assert filled(customer) == ["Use the reply code"]
    customer.click(home(customer).use)
    customer.wait(home(customer).wrong.isVisible)
    assert filled(customer) == [home(customer).wrong.action.text().replace("&", "")]


def test_what_was_copied_reaches_the_demo_bank_from_home_too(make: Maker, world: World) -> None:
    customer = before(make, world, DEMO)
    to_send(customer)
    copied(customer)
    customer.click(customer.window.cancel)
    customer.wait_page("done")
    customer.to_home()
    customer.click(home(customer).have_sent)
    customer.wait(lambda: bool(customer.window.sending.answers))
    customer.wait(home(customer).code.isVisible)
    (answer,) = customer.window.sending.answers.values()
    assert answer in home(customer)._waits.text()
    home(customer).code.setText(answer)
    customer.click(home(customer).use)
    customer.wait(lambda: the_only(customer).delivered == "confirmed")


def test_where_the_bank_takes_no_keys_to_fiken_it_says_so_before_any_is_asked_for(
    make: Maker, world: World
) -> None:
    customer = before(make, world, replace(BANK, fiken="closed"))
    customer.choose("fiken")
    system = customer.window._system()
    customer.wait(system.message.isVisible)
    assert "SAF-T" in system.message.accessibleName()
    assert BANK.phone in system.message.accessibleName()
    assert not customer.window.next.isEnabled()
    absent = system.before.absent
    assert absent
    assert absent.title.text() == "What you can do instead"
    assert absent.copies["phone"].isVisible()
    assert "SAF-T" in absent._saft.text()
    customer.click(system.message.action)
    assert not system.message.isVisible()
    assert system.current() == ""
    assert not absent.isVisible()
    customer.wait(system.search.hasFocus)
    customer.pick("tripletex")


def test_renewing_where_it_is_closed_now_leads_to_another_system(make: Maker, world: World) -> None:
    customer = before(make, world)
    to_send(customer, "fiken")
    customer.click(customer.window.cancel)
    customer.wait_page("done")
    closed = before(make, replace(world, store=customer.world.store), replace(BANK, fiken="closed"))
    closed.window.go_home()
    closed.wait_page("home")
    closed.click(closed.window._home().renew)
    message = closed.window._system().message
    closed.wait(message.isVisible)
    assert "SAF-T" in message.accessibleName()
    closed.click(message.action)
    assert (closed.window.page, closed.window._system().current()) == ("system", "")
    assert not message.isVisible()
    closed.pick("tripletex")
    assert not closed.window._company().locked, "it is another connection"


@pytest.mark.parametrize(
    ("ground", "said"), [("own_use", "own use"), ("agreed", "has agreed"), ("", "terms")]
)
def test_the_ground_for_a_personal_key_is_said(make: Maker, world: World, ground: str, said: str) -> None:
    customer = before(make, world, replace(BANK, fiken=ground))
    customer.to_key("fiken")
    assert said in customer.window._key()._terms.text()


def test_several_go_in_one_and_one_code_answers_for_all(make: Maker, world: World) -> None:
    customer = before(make, world)
    for slug in ("fiken", "tripletex"):
        to_send(customer, slug)
        customer.click(customer.window.cancel)
        customer.wait_page("done")
        customer.click(customer.window.next)
    customer.window.go_home()
    customer.wait_page("home")
    assert home(customer)._unsent.text().startswith("2 connections")
    customer.click(home(customer).send)
    assert not customer.window._map.isVisible(), "no walk, no map of one"
    page(customer).rows.tick_shown(ticked=False)
    assert not customer.window.next.isEnabled()
    page(customer).rows.tick_shown(ticked=True)
    text = copied(customer)
    assert {one.system for one in open_sealed(text, KEYS).items} == {"fiken", "tripletex"}
    customer.click(customer.window.cancel)
    customer.wait_page("home")
    customer.click(home(customer).have_sent)
    customer.wait(lambda: {one.delivered for one in book(customer).connections.values()} == {"sent"})
    customer.wait(home(customer).use.isVisible)
    check_masked(customer)
    home(customer).code.setText(reply_for(text))
    customer.click(home(customer).use)
    customer.wait(lambda: {one.delivered for one in book(customer).connections.values()} == {"confirmed"})
    customer.wait(home(customer).good.isVisible)
    check_masked(customer)


def test_a_shared_screen_names_no_company_and_leaves_the_ticks_and_the_banks_address(
    make: Maker, world: World
) -> None:
    customer = before(make, world, replace(BANK, email="hjelp@fjordbanken.example"))
    for slug in ("fiken", "tripletex"):
        to_send(customer, slug)
        customer.click(customer.window.cancel)
        customer.wait_page("done")
        customer.click(customer.window.next)
    customer.window.go_home()
    customer.wait_page("home")
    check_masked(customer)
    customer.click(home(customer).send)
    first = page(customer).chosen()[0]
    page(customer).rows.tick(first, ticked=False)
    chosen = page(customer).chosen()
    check_masked(customer)
    assert page(customer).chosen() == chosen != ()
    assert first not in chosen
    customer.click(customer.window.share.box)
    copied(customer)
    assert "hjelp@fjordbanken.example" in page(customer)._said.text()
