"""What a second reader of the window found: what was lost, crossed over or shown as more than words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea

from tests.core.sealing import KEY, SIGNERS
from tests.core.test_ledger import newer
from tests.gui.helpers import PRESET, good_key, good_number
from tests.gui.test_list import files_of
from tests.gui.test_starting import a_start
from wizard.core import paths
from wizard.core.keys import public
from wizard.gui.leave_sheet import LeaveSheet
from wizard.gui.settings_sheet import SettingsSheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker
    from wizard.core.ledger import Book, Connection
    from wizard.core.world import World

BANK = replace(PRESET, seal_keys=(public(KEY),))


@pytest.fixture
def started(make: Maker, world: World) -> Customer:
    """Return a customer of a bank that sends start files."""
    one = make(preset=BANK, world=replace(world, preset=BANK))
    one.window.starting.signers = lambda: SIGNERS
    one.window.starting.unsigned = False
    return one


def book(customer: Customer) -> Book:
    return customer.world.store.book()


def amend(customer: Customer, **changes: Any) -> None:
    def changed(before: Book) -> Book:
        rows = {key: replace(row, **changes) for key, row in before.connections.items()}
        return replace(before, connections=rows)

    anyio.run(customer.world.store.amend, changed)


def only(customer: Customer) -> Connection:
    (row,) = book(customer).connections.values()
    return row


def test_settings_leave_the_partners_answers_alone(customer: Customer) -> None:
    customer.to_done("fiken")
    amend(customer, options={"product": "4711"})
    customer.to_home()
    customer.click(customer.window._home().change)
    sheet = customer.sheet(SettingsSheet)
    customer.type("Hovedregnskapet")
    customer.click(sheet.save)
    customer.wait(lambda: "Hovedregnskapet" in customer.window._home().about.called.text())
    assert only(customer).options == {"product": "4711"}


def test_a_start_file_for_a_system_that_is_not_offered_is_explained(make: Maker, world: World) -> None:
    preset = replace(BANK, offer=("tripletex",))
    one = make(preset=preset, world=replace(world, preset=preset))
    one.window.offer(world.registry)
    one.window.starting.signers = lambda: SIGNERS
    one.window.starting.open_text(a_start())
    one.wait(lambda: one.window.starting.sheet is not None)
    assert one.window.page == "system"


def test_a_start_file_takes_nothing_over_from_a_walk_that_was_begun(started: Customer) -> None:
    window = started.window
    started.to_field("fiken", "313000176")
    started.paste(good_key(started.provider("fiken")))
    window.go_back()
    window.go_back()
    assert window.page == "system"
    window.starting.open_text(a_start())
    started.answer("open_anyway")
    started.wait_page("key")
    assert not window._key().holds_answer(), "a key that was typed for another company"


def test_a_start_file_is_no_renewal(started: Customer) -> None:
    started.to_state("fiken", "passed", good_number(started.provider("fiken")))
    started.click(started.window.next)
    started.wait_page("send")
    started.click(started.window.cancel)
    started.wait_page("done")
    started.to_home()
    started.click(started.window._home().renew)
    started.wait_page("company")
    started.window.go_back()
    assert started.window.page == "system"
    started.window.starting.open_text(a_start(expect="313000176"))
    started.wait_page("key")
    assert started.window.walk.anew == ""
    assert started.window.walk.expect == "313000176"


def test_a_bad_start_file_does_not_make_the_window_forget_that_it_stores(
    started: Customer, tmp_path: Path
) -> None:
    vault = started.slow_keychain()
    started.to_state("fiken", "passed", good_number(started.provider("fiken")))
    started.click(started.window.next)
    started.wait(lambda: vault.entered)
    assert started.window.storing
    started.window.starting.open_file(str(tmp_path / "absent.koble-start"))
    assert started.window.storing
    vault.may = True
    started.wait_page("send")


def test_what_waits_for_somebody_is_no_longer_half_done(make: Maker) -> None:
    customer = make()
    customer.to_key("waits", "313000206")
    customer.window.close()
    customer.wait(lambda: not customer.window.isVisible())
    assert (paths.data() / "half-done.json").exists()
    later = make()
    later.window.drafting.offer()
    later.click(later.window.drafting.panels["system"].resume)
    later.wait_page("key")
    later.refuse("pending", "waits")
    later.click(later.window._key().have)
    later.fill(tenant="tenant-0001")
    later.click(later.window.next)
    later.wait_page("done")
    assert not (paths.data() / "half-done.json").exists()


def test_storing_one_company_does_not_drop_what_is_half_done_for_another(make: Maker) -> None:
    customer = make()
    customer.pick("tripletex")
    customer.type("313000176")
    customer.window.close()
    customer.wait(lambda: not customer.window.isVisible())
    later = make()
    later.window.drafting.offer()
    later.to_done("fiken")
    assert (paths.data() / "half-done.json").exists()
    later.to_home()
    assert later.window.drafting.panels["home"].isVisible()


MARKUP = "<h1>Ring 99 99 99 99</h1>"


def rich(customer: Customer) -> list[str]:
    """Return what stands in labels that would show words as something else."""
    labels = [one for one in customer.window.findChildren(QLabel) if MARKUP[:4] in one.text()]
    assert labels
    return [one.text() for one in labels if one.textFormat() is not Qt.TextFormat.PlainText]


def test_a_name_is_words_and_nothing_else(started: Customer) -> None:
    started.pick("fiken")
    started.type(good_number(started.provider("fiken")))
    started.window._company().label.setText(MARKUP)
    started.click(started.window.next)
    started.click(started.window._key().have)
    started.paste(good_key(started.provider("fiken")))
    started.click(started.window.next)
    started.wait_test("passed")
    started.click(started.window.next)
    started.wait_page("send")
    started.click(started.window.cancel)
    started.wait_page("done")
    assert rich(started) == []
    started.to_home()
    assert rich(started) == []


def test_of_a_newer_list_nothing_is_sent_or_asked(started: Customer) -> None:
    started.to_state("fiken", "passed", good_number(started.provider("fiken")))
    started.click(started.window.next)
    started.wait_page("send")
    started.click(started.window.cancel)
    started.wait_page("done")
    newer(files_of(started)[0].parent)
    started.to_home()
    home = started.window._home()
    assert "newer version" in home.found.accessibleName()
    assert home.delivery.send.isVisible()
    assert not home.delivery.send.isEnabled()


def test_a_connection_that_was_taken_away_meanwhile_is_no_fault_of_ours(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    customer.click(customer.window._home().remove)
    sheet = customer.sheet(LeaveSheet)
    (key,) = book(customer).connections
    anyio.run(customer.world.store.forget, key)
    customer.click(sheet.prove)
    customer.wait(lambda: "is not here" in sheet.state.text() or sheet.prove.isEnabled())
    customer.click(sheet.remove)
    customer.wait_idle()
    customer.wait(lambda: customer.window._home().rows.count() == 0)


def turns(customer: Customer) -> int:
    """Return in how many turns what is shown has found its place, 20 where it never does."""
    page = customer.window.stack.currentWidget()
    assert isinstance(page, QScrollArea)
    body = page.widget()
    assert body
    seen: list[tuple[int, int]] = []
    for at in range(20):
        QApplication.processEvents()
        seen.append((page.viewport().width(), body.height()))
        if at > 5 and len(set(seen[-4:])) == 1:
            return at
    return 20


def test_no_drawing_has_the_scroll_bar_come_and_go_for_ever(customer: Customer) -> None:
    customer.to_key("fiken")
    window, page = customer.window, customer.window._key()
    page.show_step(1)
    window.resize(450, 700)
    turns(customer)
    body = page.widget()
    assert body
    whole = 700 + body.height() - page.viewport().height()
    for high in range(whole - 14, whole + 8, 2):
        window.resize(450, high)
        assert turns(customer) < 20, f"at a height of {high}"


def test_what_was_half_done_is_gone_on_with_as_the_partner_wants_it_now(make: Maker) -> None:
    customer = make()
    customer.show_test_environments()
    customer.to_key("xledger", "313000028")
    customer.choose_method("web_service")
    customer.window.walk = replace(customer.window.walk, environment="demo")
    customer.window.close()
    customer.wait(lambda: not customer.window.isVisible())
    assert "demo" in (paths.data() / "half-done.json").read_text("utf-8")
    values = {"xledger": {"method": "partner_user", "integration_user": "drift@havbanken.example"}}
    later = make(preset=replace(PRESET, partner="Havbanken", values=values))
    later.window.drafting.offer()
    later.click(later.window.drafting.panels["system"].resume)
    later.wait_page("key")
    assert later.window._key().method() == "partner_user"
    assert later.window.environment() == "production"


def test_a_shared_screen_does_not_tell_whose_keys_the_bank_has(started: Customer) -> None:
    started.to_state("fiken", "passed", good_number(started.provider("fiken")))
    started.click(started.window.next)
    started.wait_page("send")
    started.window._sends().ways.choose("text")
    started.click(started.window.next)
    started.wait(lambda: started.window._sends().state == "made")
    started.click(started.window.next)
    started.wait_page("done")
    started.to_home()
    delivery = started.window._home().delivery
    name = str(only(started).company["name"])
    assert name in delivery._waits.text()
    started.window.share.tick(True)
    assert delivery._waits.isVisible()
    assert name not in delivery._waits.text()


def test_who_leaves_while_a_connection_is_taken_away_sees_that_it_is_gone(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    customer.click(customer.window._home().remove)
    sheet = customer.sheet(LeaveSheet)
    customer.click(sheet.remove)
    sheet.close()
    customer.wait(lambda: not book(customer).connections)
    customer.wait(lambda: customer.window._home().rows.count() == 0)
    assert customer.window._home().message.isHidden()


def test_who_says_twice_that_it_was_sent_has_sent_it_once(started: Customer) -> None:
    started.to_state("fiken", "passed", good_number(started.provider("fiken")))
    started.click(started.window.next)
    started.wait_page("send")
    started.window._sends().ways.choose("text")
    started.click(started.window.next)
    started.wait(lambda: started.window._sends().state == "made")
    started.window.go_next()
    started.window.go_next()
    started.wait_page("done")
    assert [one["event"] for one in only(started).history].count("sent") == 1
