from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.gui.helpers import LANGUAGES, OTHERS, SYSTEMS, with_some_partner_keys
from tests.gui.states import ONLY, STATES, bring, read, system_for
from tests.gui.systems import PROVIDERS
from tests.sentences import load
from wizard.core import paths
from wizard.core.registry import built_in
from wizard.core.texts import folder

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World
    from wizard.gui.pages.company import CompanyPage
    from wizard.gui.pages.key import KeyPage

OTHER = {"nb": "en", "en": "nb"}
LONG = 9
_GAP = re.compile(r"\{[A-Za-z_]*\}")
_COUNTING = re.compile(r"\d+ sek?c?\.")


@cache
def catalogue(language: str) -> tuple[str, ...]:
    """Return every sentence of a language, the shell's and each system's."""
    files = [paths.translations() / f"{language}.toml"]
    files += [
        folder(one.package) / f"texts.{language}.toml"
        for one in (*built_in().providers.values(), *PROVIDERS.values())
    ]
    return tuple(text.replace("&", "") for file in files for text in load(file).values())


@cache
def pieces(language: str) -> frozenset[str]:
    """Return what is said in this language only, without what is filled in."""
    other = "\n".join(catalogue(OTHER[language]))
    parts = (part.strip(" .,:;()") for text in catalogue(language) for part in _GAP.split(text))
    return frozenset(part for part in parts if len(part) > 2 and part not in other)


def strangers(texts: list[str], language: str) -> list[str]:
    """Return the texts that are in the other language."""
    return [text for text in texts if is_strange(text, language)]


@cache
def is_strange(text: str, language: str) -> bool:
    """Tell a text of the other language: most are on many pages, and are looked at once."""
    return text in pieces(OTHER[language]) or any(piece in text for piece in long_pieces(OTHER[language]))


@cache
def long_pieces(language: str) -> tuple[str, ...]:
    """Return what is said in this language only, and is so long that it is known within a text."""
    return tuple(piece for piece in pieces(language) if len(piece) >= LONG and " " in piece)


def typed(customer: Customer) -> tuple[object, ...]:
    """Return all that the customer has typed, pasted, ticked or picked, and where that was."""
    window = customer.window
    company, key, test = (window._pages.get(name) for name in ("company", "key", "test"))
    return (
        window.page,
        window._system().current(),
        written(company) if company else (),  # type: ignore[arg-type]
        asked(window._key()) if key else (),
        (test.state, test.choosing.picks(), test.choosing.search.text()) if test else (),  # type: ignore[attr-defined]
        window.is_running(),
    )


def written(page: CompanyPage) -> tuple[object, ...]:
    """Return what is written and ticked on the page about the company."""
    consent = page.consent
    return (page.orgnr.text(), page.label.text(), consent.name.text(), consent.tick.ticked())


def asked(page: KeyPage) -> tuple[object, ...]:
    """Return what is chosen, answered and ticked on the key page."""
    ticks = [one.ticked() for one in page.guide.ticks]
    return (page.pasted(), page.spoken_step(), page.method(), ticks)


@pytest.mark.parametrize("state", ["guide", "key_refused", "failed"])
@pytest.mark.parametrize("slug", SYSTEMS)
def test_each_system_speaks_both_languages(make: Maker, state: str, slug: str) -> None:
    customer = make(language="nb")
    bring(customer, state, slug)
    check(customer, "nb")


def check(customer: Customer, first: str) -> None:
    """Change the language there and back."""
    before, had = read(customer.window), typed(customer)
    assert strangers(before, first) == []
    customer.choose_language(OTHER[first])
    after = read(customer.window)
    assert strangers(after, OTHER[first]) == []
    assert len(after) == len(before)
    assert typed(customer) == had
    customer.choose_language(first)
    assert standing(read(customer.window)) == standing(before)
    assert typed(customer) == had


def standing(texts: list[str]) -> list[str]:
    """Return the texts without the seconds that are counted down."""
    return [_COUNTING.sub("", text) for text in texts]


@pytest.mark.parametrize("first", LANGUAGES)
def test_a_system_that_cannot_be_connected_says_so_in_both(make: Maker, world: World, first: str) -> None:
    customer = make(language=first, world=with_some_partner_keys(world))
    customer.choose("poweroffice")
    customer.wait(customer.window._system().message.isVisible)
    customer.wait_pulse()
    check(customer, first)
    assert not customer.window.next.isEnabled()


@pytest.mark.parametrize("slug", SYSTEMS)
def test_each_step_of_each_guide_changes(make: Maker, slug: str) -> None:
    customer = make(language="en")
    customer.to_key(slug)
    for _ in customer.provider(slug).guide[1:]:
        check(customer, "en")
        customer.click(customer.window._key().following)
    check(customer, "en")


@pytest.mark.parametrize("slug", OTHERS)
def test_each_step_and_form_of_the_other_systems_changes(make: Maker, slug: str) -> None:
    customer = make(language="en")
    for _ in customer.every_step(slug):
        check(customer, "en")


def test_what_finds_strangers_finds_them() -> None:
    assert strangers(["Which accounting system do you use?"], "nb")
    assert strangers(["Nettet"], "en")
    assert not strangers(["Rediger konto", "System", "Fiken"], "en")
    assert set(ONLY) <= set(STATES)
    assert system_for("choosing") == "fiken"
