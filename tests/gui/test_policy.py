"""What the machine's policy changes in the window: which systems there are, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.gui.helpers import LANGUAGES, PRESET, Customer, Maker
from wizard.core.policy import Policy
from wizard.core.registry import built_in
from wizard.core.texts import Texts
from wizard.gui.app import make_window
from wizard.gui.bridge import Bridge

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from wizard.core.world import World

TWO = Policy(systems=frozenset({"fiken", "tripletex"}))


def offered(customer: Customer) -> set[str]:
    return set(customer.window._system()._providers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_allowed_systems_are_offered_and_it_is_said_who_decided(make: Maker, language: str) -> None:
    customer = make(language=language)
    page, say = customer.window._system(), Texts(language=language).say
    assert not page._by_policy.isVisible()
    customer.window.offer(built_in(), TWO)
    assert offered(customer) == {"fiken", "tripletex"}
    assert page._by_policy.isVisible()
    assert page._by_policy.text() == f"{say('policy.set')} {say('policy.systems')}"
    assert set(customer.window._providers) == {"fiken", "tripletex"}


def test_from_the_first_paint_on_none_other_is_there(qtbot: QtBot) -> None:
    bridge = Bridge(practice=True)
    window = make_window(bridge, preset=PRESET, wish="en", practice=True, policy=TWO)
    qtbot.addWidget(window)
    assert set(window._system()._providers) == {"fiken", "tripletex"}
    bridge.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_is_too_old_says_so_at_once_and_asks_for_no_key(
    make: Maker, world: World, language: str
) -> None:
    policy = Policy(minimum_version="9.0")
    customer = make(language=language, world=replace(world, policy=policy))
    customer.window.offer(world.registry, policy)
    page = customer.window._system()
    assert page.message.isVisible()
    assert "9.0" in page.message.accessibleDescription() + page.message.accessibleName() + _text(page.message)
    assert not customer.window.next.isEnabled()
    page.pick("fiken")
    customer.wait(lambda: page._error is not None and page.message.isVisible())
    assert not customer.window.next.isEnabled()
    assert customer.window.page == "system"


def _text(message: object) -> str:
    from PySide6.QtWidgets import QLabel, QWidget

    assert isinstance(message, QWidget)
    return " ".join(label.text() for label in message.findChildren(QLabel))


def test_a_system_that_is_not_allowed_is_refused_beneath_the_window_too(make: Maker, world: World) -> None:
    customer = make(world=replace(world, policy=Policy(systems=frozenset({"tripletex"}))))
    customer.window._system().pick("fiken")
    customer.wait(lambda: customer.window._system()._error is not None)
    error = customer.window._system()._error
    assert error
    assert error.facts["reason"] == "policy_system"  # type: ignore[union-attr]
    assert not customer.window.next.isEnabled()


def test_the_look_up_is_off_where_the_policy_says_so() -> None:
    wished = replace(PRESET, register_lookup=True)
    assert not Policy(register_lookup=False).over(wished).register_lookup
    assert Policy().over(wished) is wished
