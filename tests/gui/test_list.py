"""The window when the list of connections is damaged, newer than the program, or cannot be written."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from tests.core.test_ledger import newer
from tests.gui.helpers import good_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.gui.helpers import Customer


def files_of(customer: Customer) -> tuple[Path, Path]:
    ledger = customer.world.store._ledger
    return ledger._file, ledger._backup


def spoil(customer: Customer) -> None:
    for file in files_of(customer):
        file.write_text("not a list", "utf-8")


def test_a_list_from_its_copy_is_shown_and_that_is_said_once(customer: Customer) -> None:
    customer.to_done("fiken")
    file, _ = files_of(customer)
    file.write_text("not a list", "utf-8")
    customer.to_home()
    home = customer.window._home()
    assert home.found.isVisible()
    assert "restored from its copy" in home.found.accessibleName()
    assert home.rows.count() == 1
    assert not home.rebuild.isVisible()
    customer.choose_language("nb")
    assert "hentet fra kopien" in home.found.accessibleName()
    assert file.with_name(f"{file.name}.damaged-1").read_text("utf-8") == "not a list"
    customer.window.go_home()
    customer.wait_idle()
    assert not home.found.isVisible()


def test_a_list_that_cannot_be_read_is_said_and_a_new_one_is_begun_when_asked_twice(
    customer: Customer,
) -> None:
    customer.to_done("fiken")
    spoil(customer)
    customer.click(customer.window.back)
    customer.wait_page("home")
    home = customer.window._home()
    customer.wait(home.message.isVisible)
    assert "damaged" in home.message.accessibleName()
    assert customer.focused() is home.rebuild
    assert (home.rebuild.leads(), customer.window.next.leads()) == (True, False)
    customer.press(Qt.Key.Key_Return)
    customer.answer("leave")
    assert home.message.isVisible()
    assert files_of(customer)[0].read_text("utf-8") == "not a list"
    customer.click(home.rebuild)
    customer.answer("rebuild")
    customer.wait_idle()
    assert not home.message.isVisible()
    assert not home.rebuild.isVisible()
    assert home.rows.count() == 0
    kept = sorted(one.name for one in files_of(customer)[0].parent.glob("*.damaged-*"))
    assert len(kept) == 2
    customer.click(customer.window.next)
    customer.pick("tripletex")
    customer.wait_page("company")


def test_a_walk_after_a_list_that_could_not_be_read_is_a_new_one(customer: Customer) -> None:
    customer.to_done("fiken")
    kept = files_of(customer)[0].read_bytes()
    spoil(customer)
    customer.click(customer.window.back)
    customer.wait_page("home")
    files_of(customer)[0].write_bytes(kept)
    customer.click(customer.window.next)
    customer.pick("tripletex")
    customer.wait_page("company")
    assert customer.window.back.isEnabled()
    assert not customer.window.walk.stored


def test_who_picks_a_system_while_the_list_is_damaged_is_led_to_it(customer: Customer) -> None:
    spoil(customer)
    customer.choose("fiken")
    said = customer.window._system().message
    customer.wait(said.isVisible)
    customer.click(said.action)
    customer.wait_page("home")
    customer.wait(customer.window._home().rebuild.isVisible)


def test_a_newer_list_is_shown_and_said_before_any_key_is_asked_for(customer: Customer) -> None:
    file, copy = files_of(customer)
    newer(file.parent)
    data = file.read_bytes()
    customer.window.go_home()
    customer.wait_page("home")
    home = customer.window._home()
    assert home.rows.count() == 2
    assert "newer version" in home.found.accessibleName()
    assert (home.test.isEnabled(), home.remove.isEnabled()) == (False, False)
    assert home.history.isEnabled()
    assert not customer.window.next.isEnabled(), "home says itself that nothing new can be connected"
    assert customer.focused() is home.rows
    customer.window.start_over()  # as one is who began before
    customer.choose("fiken")
    said = customer.window._system().message
    customer.wait(said.isVisible)
    assert "newer version" in said.accessibleName()
    assert not customer.window.next.isEnabled()
    assert file.read_bytes() == data
    assert not copy.exists()


class Full:
    """A disk that is full until something is thrown away."""

    def __init__(self) -> None:
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, self._limits[1]))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


@pytest.fixture
def disk() -> Iterator[Full]:
    disk = Full()
    yield disk
    disk.free()


def test_a_key_that_found_the_disk_full_is_stored_when_there_is_room(customer: Customer, disk: Full) -> None:
    customer.to_state("fiken", "passed", good_number(customer.provider("fiken")))
    answers = dict(customer.window.walk.answers)
    assert answers
    disk.fill()
    customer.click(customer.window.next)
    customer.wait_test("failed")
    disk.free()
    assert "disk is full" in customer.message()
    assert customer.window.walk.answers == answers, "what may be shown only once is still here"
    assert customer.world.store.book().connections == {}
    asked = len(customer.asked_vendors())
    customer.click(customer.action)
    customer.wait_page("done")
    assert len(customer.asked_vendors()) == asked, "it was tested already"
    (row,) = customer.world.store.book().connections.values()
    assert row.tested == "passed"
    vault = customer.world.store.vault
    assert list(vault.items.values()) == list(answers.values())  # type: ignore[attr-defined]
