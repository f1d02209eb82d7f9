from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from tests.gui.helpers import LANGUAGES, SYSTEMS, good_key, good_number
from wizard.core.errors import every_error
from wizard.core.practice import refusals_of
from wizard.core.provider import Finding
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.provider import Provider

SLOW = {"timed_out"}
SWITCHES = [
    (slug, switch, code)
    for slug in SYSTEMS
    for switch, code in refusals_of(built_in().providers[slug]).items()
    if switch not in SLOW
]
LEADS = {
    "key_refused": "key",
    "rights_missing": "key",
    "no_company": "key",
    "wrong_company": "company",
}
STORABLE = {one.code for one in every_error() if one.may_store}


def sentences(customer: Customer, provider: Provider, language: str, code: str) -> list[str]:
    """Return what a refusal must say in a language: what happened, with its particular facts left out."""
    error = customer.window.walk.error
    assert error
    assert error.code == code
    said = Texts(language=language, preset=customer.window._texts.preset).explain(error, provider)
    return [said.what, said.why, said.next, said.action]


@pytest.mark.parametrize(("slug", "switch", "code"), SWITCHES)
def test_every_refusal_is_said_and_mended(customer: Customer, slug: str, switch: str, code: str) -> None:
    window, provider = customer.window, customer.provider(slug)
    customer.refuse(switch, slug)
    customer.to_state(slug, "failed", good_number(provider))
    for language in LANGUAGES:
        customer.choose_language(language)
        what, why, following, action = sentences(customer, provider, language, code)
        assert customer.message().startswith(f"{what} {why} {following}")
        assert customer.action.text() == action
        assert "…" not in customer.message()
    assert customer.later.isVisible() is (code in STORABLE)
    assert not window.next.isEnabled()
    customer.refuse("", slug)
    customer.click(customer.action)
    assert window.page == LEADS.get(code, "test")
    assert customer.focused()
    assert customer.focused().isVisible()  # type: ignore[union-attr]
    assert window._key().holds_secret()
    while window.page != "test":
        customer.click(window.next)
    customer.wait_test("passed")
    customer.store()
    assert len(customer.world.store.book().connections) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SYSTEMS)
def test_a_refused_key_is_corrected_where_it_was_pasted(make: Maker, slug: str, language: str) -> None:
    customer = make(language=language, practice=True)
    provider, window = customer.provider(slug), customer.window
    customer.refuse("key_refused", slug)
    customer.to_state(slug, "failed", good_number(provider))
    what = sentences(customer, provider, language, "key_refused")[0]
    customer.click(customer.action)
    row = next(iter(window._key().fields.values()))
    assert window.page == "key"
    assert customer.focused() is row.edit
    assert what in row._help.text()
    assert row.filled()
    at = window._key().spoken_step() - 1
    assert provider.guide[at].field or provider.guide[at].key == provider.mends["key_refused"]
    customer.refuse("", slug)
    customer.paste(good_key(provider))
    assert what not in row._help.text()
    customer.click(window.next)
    customer.wait_test("passed")
    customer.store()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pasted", ["x", "two words in it", "Kjære kunde, nøkkelen er hemmelig"])
def test_a_key_of_the_wrong_shape_is_pointed_out_without_a_request(
    make: Maker, language: str, pasted: str
) -> None:
    customer = make(language=language)
    window, texts = customer.window, Texts(language=language)
    customer.to_field("tripletex")
    customer.paste(pasted)
    customer.click(window.next)
    row = next(iter(window._key().fields.values()))
    assert window.page == "key"
    assert texts.say("errors.field_invalid.next") in row._help.text()
    assert customer.focused() is row.edit
    assert customer.asked_vendors() == []


def test_the_refused_key_stays_when_the_guide_is_shown(customer: Customer) -> None:
    customer.refuse("no_company")
    customer.to_state("fiken", "failed")
    customer.click(customer.action)
    assert customer.window._key().spoken_step() == 1
    assert customer.secret.value() == good_key(customer.provider("fiken"))


@pytest.mark.parametrize("slug", SYSTEMS)
def test_a_test_that_takes_too_long_may_be_stopped(customer: Customer, slug: str) -> None:
    customer.slow_down(5.0)
    customer.to_test(slug)
    assert customer.window._testing().state == "running"
    customer.click(customer.window.cancel)
    assert customer.window._testing().state == "failed"
    assert "Nothing new has been saved" in customer.message()
    customer.slow_down(0.0)
    customer.click(customer.action)
    customer.wait(lambda: customer.window._testing().state in {"passed", "choosing"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_support_needs_can_be_copied_where_it_lies_with_them(make: Maker, language: str) -> None:
    customer = make(language=language)
    texts, checks = Texts(language=language), customer.window._testing().checks
    customer.refuse("busy")
    customer.to_state("fiken", "failed")
    assert not checks.copy_for_it.isVisible()
    assert checks._whose.text() == texts.say("whose.vendor", customer.provider("fiken"))
    customer.refuse("connection_lost")
    customer.click(customer.action)
    customer.wait_idle()
    assert checks._whose.text() == texts.say("whose.it")
    customer.click(checks.copy_for_it)
    copied = QGuiApplication.clipboard().text()
    assert texts.say("it.happened.connection_lost") in copied
    assert "Koble" in copied
    assert texts.say("it.host") + ": 127.0.0.1" in copied
    assert good_key(customer.provider("fiken")) not in copied


def test_a_wrong_clock_is_told_of_though_all_went_well(customer: Customer) -> None:
    checks, provider = customer.window._testing().checks, customer.provider("fiken")
    customer.to_state("fiken", "passed", good_number(provider))
    assert not checks._whose.isVisible()
    checks.add(Finding(check="network", stage="vendor", state="passed", facts={"clock_minutes": 61}))
    checks.say(Texts(language="en"), provider, running=False)
    assert "61 minutes off by Fiken" in checks._whose.text()


def test_two_failures_in_a_row_show_the_second(customer: Customer) -> None:
    customer.refuse("busy")
    customer.to_state("fiken", "failed")
    assert "too much to do" in customer.message()
    customer.refuse("vendor_down")
    customer.click(customer.action)
    customer.wait_idle()
    assert "having problems right now" in customer.message()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_of_another_system_is_recognised_and_sent_nowhere(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.to_field("tripletex")
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.next)
    said = customer.window._key().fields["employee_token"]._help.text()
    told = {"nb": "en nøkkel til Fiken, ikke til Tripletex", "en": "a key for Fiken, not for Tripletex"}
    assert told[language] in said
    assert not customer.asked_vendors()
    assert customer.window.page == "key"
