from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gui.helpers import LANGUAGES, with_some_partner_keys, without_partner_keys
from wizard.core import errors
from wizard.core.texts import Texts
from wizard.core.vault import MemoryVault

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World


SECRET = "a secret nobody should see"


class NoKeychain(MemoryVault):
    """A machine without a keychain, until there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.there = False

    async def trial(self) -> None:
        """Say that there is none."""
        if not self.there:
            raise errors.KeychainAbsent


class BrokenKeychain(MemoryVault):
    """A keychain with a fault that nobody thought of."""

    async def trial(self) -> None:
        """Break."""
        raise ZeroDivisionError(SECRET)


def refused(customer: Customer, slug: str) -> str:
    """Pick a system that cannot be connected from here; return what is said."""
    page = customer.window._system()
    customer.click_row(page.systems, slug)
    customer.wait(page.message.isVisible)
    assert not customer.window.next.isEnabled()
    return page.message.accessibleName()


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_of_the_partner_keys_is_said_before_any_key_is_asked_for(
    make: Maker, world: World, language: str
) -> None:
    customer = make(language=language, world=with_some_partner_keys(world))
    texts = Texts(language=language, preset=customer.window._texts.preset)
    said = refused(customer, "poweroffice")
    assert texts.say("errors.partner_key_needed.what", customer.provider("poweroffice")) in said
    assert texts.say("errors.partner_key_needed.next") in said
    assert not customer.window._system().message.action.isVisible()
    customer.window.go_next()
    assert customer.window.page == "system"


@pytest.mark.parametrize("slug", ["tripletex", "poweroffice"])
def test_without_any_partner_key_the_partner_tests_it(make: Maker, world: World, slug: str) -> None:
    customer = make(world=without_partner_keys(world))
    customer.click_row(customer.window._system().systems, slug)
    customer.wait_idle()
    assert not customer.window._system().message.isVisible()
    assert customer.window._prepared[slug].assisted
    assert customer.window._prepared[slug].partner == frozenset()


def test_with_the_partner_keys_it_is_tested_here(customer: Customer) -> None:
    customer.pick("poweroffice")
    prepared = customer.window._prepared["poweroffice"]
    assert not prepared.assisted
    assert prepared.partner == {"application_key", "subscription_key"}


def test_a_system_that_needs_no_partner_key_may_still_be_picked(make: Maker, world: World) -> None:
    customer = make(world=with_some_partner_keys(world))
    refused(customer, "poweroffice")
    customer.pick("fiken")
    customer.click(customer.window.back)
    assert not customer.window._system().message.isVisible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", ["tripletex", "poweroffice"])
def test_where_the_partner_tests_it_that_is_said_before_she_starts(
    make: Maker, world: World, language: str, slug: str
) -> None:
    customer = make(language=language, world=without_partner_keys(world))
    texts = Texts(language=language, preset=customer.window._texts.preset)
    customer.choose("fiken")
    customer.wait_idle()
    card = customer.window._system().before.card
    assert card
    assert not card._assisted.isVisible()
    customer.choose(slug)
    customer.wait_idle()
    assert card._assisted.isVisible()
    assert card._assisted.text() == texts.say("system.assisted", customer.provider(slug))
    assert "Fjordbanken" in card._assisted.text()
    customer.choose("fiken")
    assert not card._assisted.isVisible()
    customer.choose(slug)
    assert card._assisted.isVisible()
    customer.click(customer.window.next)
    customer.wait_page("company")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_keychain_is_said_before_any_key_is_asked_for(make: Maker, language: str) -> None:
    customer = make(language=language)
    vault = NoKeychain()
    customer.world.store.vault = vault
    assert Texts(language=language).say("errors.keychain_absent.what") in refused(customer, "fiken")
    vault.there = True
    customer.click(customer.window._system().message.action)
    customer.wait_idle()
    assert not customer.window._system().message.isVisible()
    customer.click(customer.window.next)
    customer.wait_page("company")


def test_next_pressed_at_once_waits_for_the_answer(make: Maker) -> None:
    customer = make()
    customer.world.store.vault = NoKeychain()
    customer.click_row(customer.window._system().systems, "fiken")
    customer.click(customer.window.next)
    customer.wait(customer.window._system().message.isVisible)
    customer.qtbot.wait(20)
    assert customer.window.page == "system"
    assert customer.focused()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bug_is_ours_and_is_said_without_a_traceback(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.world.store.vault = BrokenKeychain()
    said = refused(customer, "fiken")
    assert Texts(language=language).say("bug.what") in said
    for inner in ("ZeroDivision", "Traceback", "nobody should see"):
        assert inner not in said
