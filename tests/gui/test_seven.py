"""Every system in the window: each way in with good answers, and each refusal, waiting and assisted end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QComboBox

from tests.gui.helpers import LANGUAGES, without_partner_keys
from tests.providers.helpers import asks, by_method, good, input_for, method_of, table
from wizard.core.practice import practice_of, refusals_of
from wizard.core.registry import built_in
from wizard.core.texts import Texts
from wizard.gui.widgets.secret_edit import SecretEdit

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from tests.providers.helpers import Given
    from wizard.core.world import World

PROVIDERS = built_in().providers
WAYS = [(slug, given) for slug, one in sorted(PROVIDERS.items()) for given in by_method(one)]
WITH_PARTNER_KEYS = [slug for slug, one in sorted(PROVIDERS.items()) if one.partner_keys]
COMMON = ("vendor_down", "connection_lost", "unexpected_answer")
SPARE = "313000168"


def switches(slug: str, given: Given) -> list[tuple[str, str]]:
    """Return the refusals that are told with an input of this way in, and the code that each ends in.

    One that is stored as waiting is no refusal to the customer.
    """
    provider = PROVIDERS[slug]
    own = practice_of(provider).refusals
    method = method_of(provider, given).method
    every = [(name, code) for name, code in refusals_of(provider).items() if name in own or name in COMMON]
    meant = [(name, code, input_for(provider, name)) for name, code in every]
    return [
        (name, code)
        for name, code, told in meant
        if method_of(provider, told).method == method
        and table(told, "answers") == table(given, "answers")
        and code != "pending_approval"
    ]


def number(given: Given) -> str:
    return str(given.get("company") or given.get("expect") or "")


def answer(customer: Customer, slug: str, given: Given, expect: str) -> None:
    """Pick the system, say which company, choose the way in, and give every answer."""
    customer.to_key(slug, expect)
    page, answers = customer.window._key(), dict(table(given, "answers"))
    method = answers.pop("method", "")
    if method and page.methods.isVisible():
        customer.choose_method(str(method))
    if page.have.isVisible():
        customer.click(page.have)
    for name, value in answers.items():
        if name in page.fields:
            give(customer, name, str(value))


def give(customer: Customer, name: str, value: str) -> None:
    edit = customer.window._key().fields[name].edit
    edit.setFocus()
    if isinstance(edit, QComboBox):
        customer.fill(**{name: value})
    elif isinstance(edit, SecretEdit):
        customer.paste(value)
    else:
        customer.type(value)


def settle(customer: Customer) -> None:
    """Wait until the test has come to its end, whatever that is."""
    ends = {"passed", "failed", "choosing"}
    window = customer.window
    customer.wait(
        lambda: (
            (window.page == "done" or (window.page == "test" and window._testing().state in ends))
            and not window.is_running()
        )
    )


@pytest.mark.parametrize(("slug", "given"), WAYS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_way_in_is_walked_to_its_end(customer: Customer, slug: str, given: Given) -> None:
    answer(customer, slug, given, number(given))
    customer.click(customer.window.next)
    settle(customer)
    asked = asks(PROVIDERS[slug], given)
    if asked:
        testing = customer.window._testing()
        assert testing.state == "passed"
        if not customer.window.next.isEnabled():  # the vendor gives no number: somebody has to look
            testing.confirm.tick(True)
        customer.store()
    (row,) = customer.world.store.book().connections.values()
    assert row.tested == ("passed" if asked else "not_possible_here")
    assert row.waiting_for == ("nobody" if asked else "partner")
    assert not customer.window._key().holds_secret()


@pytest.mark.parametrize(("slug", "given"), WAYS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_refusal_is_said_in_both_languages(customer: Customer, slug: str, given: Given) -> None:
    provider = method_of(PROVIDERS[slug], given)
    told = switches(slug, given) if asks(PROVIDERS[slug], given) else []
    if told:
        answer(customer, slug, given, number(given))
    for switch, code in told:
        customer.forget_looks()
        customer.refuse(switch, slug)
        while customer.window.page in {"company", "key"}:
            customer.click(customer.window.next)
        settle(customer)
        error = customer.window.walk.error
        assert error, switch
        assert error.code == code, switch
        for language in LANGUAGES:
            customer.choose_language(language)
            said = Texts(language=language, preset=customer.window._texts.preset).explain(error, provider)
            assert customer.message().startswith(f"{said.what} {said.why} {said.next}"), switch
            assert "…" not in customer.message(), (switch, customer.message())
        leads(customer, customer.action.text(), switch)
    assert not customer.world.store.book().connections


LABELS = {
    "Show the guide": "key",
    "Go to the key": "key",
    "Paste again": "key",
    "Write again": "key",
    "Go to the company": "company",
}


def leads(customer: Customer, label: str, switch: str) -> None:
    """Press the one next action: it leads where it says, and a test that is begun again is stopped."""
    customer.forget_looks()
    customer.click(customer.action)
    assert customer.window.page == LABELS.get(label, "test"), (switch, label)
    if customer.window.page == "test":
        customer.wait_idle()
        customer.click(customer.window.back)
        customer.wait_page("key")


WAITING = [
    (slug, switch)
    for slug, one in sorted(PROVIDERS.items())
    for switch, code in practice_of(one).refusals.items()
    if code == "pending_approval"
]


@pytest.mark.parametrize(("slug", "switch"), WAITING)
def test_what_waits_is_stored_and_connected_once_it_is_approved(
    customer: Customer, slug: str, switch: str
) -> None:
    given = input_for(PROVIDERS[slug], switch)
    customer.refuse(switch, slug)
    answer(customer, slug, given, number(given))
    customer.click(customer.window.next)
    customer.wait_page("done")
    (key,) = customer.world.store.book().connections
    assert customer.world.store.book().connections[key].waiting_for == "administrator"
    customer.refuse("", slug)
    customer.to_home()
    customer.click(customer.window._home().waiting.button)
    settle(customer)
    if not customer.window.next.isEnabled():  # the vendor gives no number: somebody has to look
        assert customer.world.store.book().connections[key].tested == "later"
        customer.window._testing().confirm.tick(True)
        customer.store()
    (again,) = customer.world.store.book().connections
    assert again == key
    assert customer.world.store.book().connections[key].tested == "passed"


@pytest.mark.parametrize("slug", WITH_PARTNER_KEYS)
def test_without_the_partners_keys_it_is_stored_for_the_partner(make: Maker, world: World, slug: str) -> None:
    customer = make(world=without_partner_keys(world))
    answer(customer, slug, good(PROVIDERS[slug]), number(good(PROVIDERS[slug])) or SPARE)
    customer.click(customer.window.next)
    customer.wait_page("done")
    (row,) = world.store.book().connections.values()
    assert (row.tested, row.waiting_for, row.delivered) == ("not_possible_here", "partner", "no")
    assert not customer.asked_vendors()
