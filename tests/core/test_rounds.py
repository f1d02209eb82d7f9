"""Testing many, and proving that a key no longer works: what is asked, and what each answer proves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from wizard.core import errors
from wizard.core.errors import every_error
from wizard.core.practice import practice_of
from wizard.core.removal import Tried, removal, tried, verdict
from wizard.core.removal import testable as can_ask
from wizard.core.rounds import Outcome, _Round, askable, by_vendor, failed
from wizard.core.rounds import tested as in_turn
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts
from wizard.core.vault import MemoryVault
from wizard.core.world import Wish, World, open_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.core.ledger import Book


class Shut(MemoryVault):
    """A keychain that stays locked, and counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def read(self, names: Iterable[str]) -> dict[str, Secret]:
        self.asked += 1
        raise errors.KeychainLocked(reason="dismissed")


@pytest.fixture
def world() -> Iterator[World]:
    with open_world(practice=True) as opened:
        yield opened


def connected(world: World, slug: str) -> str:
    """Connect a system's good company, and return its id."""
    from wizard.core.connect import connect

    good = practice_of(world.provider(slug)).good

    async def walk() -> str:
        wish = Wish(answers=good["answers"], companies=(str(good["company"]),))  # type: ignore[arg-type]
        order = await world.order(world.provider(slug), wish)
        made = await connect(order, net=world.net, store=world.store, tell=lambda _: None, now=world.clock)
        return made[0].connection

    return anyio.run(walk)


def again(world: World, slug: str, count: int) -> list[str]:
    """Return so many more connections to other companies by the same key, as the ledger would have them."""
    first = connected(world, slug)

    def more(book: Book) -> Book:
        row = book.connections[first]
        rows = {f"more{at}": row for at in range(count)}
        return replace(book, connections={**book.connections, **rows})

    anyio.run(world.store.amend, more)
    return [first, *(f"more{at}" for at in range(count))]


def refuse(world: World, name: str, slug: str = "") -> None:
    assert world.playground
    world.playground.refuse(name, slug)


def asked(world: World) -> int:
    assert world.playground
    return len(world.playground.asked)


def round_of(world: World, keys: Iterable[str]) -> dict[str, Outcome]:
    came: list[Outcome] = []
    anyio.run(in_turn, world, keys, came.append)
    assert len({one.connection for one in came}) == len(came), "each is told once"
    return {one.connection: one for one in came}


# Many


def test_all_are_tested_and_only_what_failed_is_left_to_try_again(world: World) -> None:
    fiken, tripletex = connected(world, "fiken"), connected(world, "tripletex")
    refuse(world, "key_refused", "fiken")
    came = round_of(world, [fiken, tripletex])
    assert (came[fiken].state, came[tripletex].state) == ("failed", "passed")
    assert [one.error.code for one in came.values() if one.error] == ["key_refused"]
    assert failed(came.values()) == (fiken,)
    assert world.store.book().connections[fiken].last_code == "key_refused"
    refuse(world, "")
    assert round_of(world, failed(came.values()))[fiken].state == "passed"


def test_a_vendor_is_asked_one_at_a_time_and_several_vendors_at_once(world: World) -> None:
    queues = by_vendor(world.store.book(), ())
    assert queues == {}
    first, second = again(world, "fiken", 1)
    third = connected(world, "tripletex")
    queues = by_vendor(world.store.book(), [second, third, first, "gone"])
    assert queues == {"fiken": (second, first), "tripletex": (third,)}


def test_a_vendor_that_asks_us_to_wait_is_asked_no_more_in_this_round(world: World) -> None:
    keys = again(world, "fiken", 3)
    other = connected(world, "tripletex")
    refuse(world, "busy", "fiken")
    before = asked(world)
    came = round_of(world, [*keys, other])
    assert [came[key].state for key in keys] == ["failed", "skipped", "skipped", "skipped"]
    assert came[other].state == "passed"
    assert world.playground
    assert len([slug for slug, _ in world.playground.asked[before:] if slug == "fiken"]) == 1


def test_a_locked_keychain_is_asked_once_and_no_vendor_at_all(world: World) -> None:
    keys = again(world, "fiken", 4)
    vault = world.store.vault = Shut()
    before = asked(world)
    came = round_of(world, keys)
    assert [came[key].state for key in keys] == ["failed", *["skipped"] * 4]
    assert vault.asked == 1
    assert asked(world) == before


def test_what_has_failed_too_often_is_held_back_alone(world: World) -> None:
    under_way = _Round(world=world, tell=lambda _: None)
    under_way._note("fiken", errors.Busy(reason="held_back"))
    assert under_way.held == {}
    under_way._note("fiken", errors.QuotaEmpty())
    assert set(under_way.held) == {"fiken"}


def test_a_company_that_nobody_has_seen_is_not_passed_in_a_round(world: World) -> None:
    key = connected(world, "tripletex")
    anyio.run(
        world.store.amend,
        lambda book: replace(
            book,
            connections={
                key: replace(
                    book.connections[key], tested="later", company=_unseen(book.connections[key].company)
                )
            },
        ),
    )
    hidden = practice_of(world.provider("tripletex")).more["hidden_number"]["answers"]
    assert isinstance(hidden, dict)
    credential = next(one for one in world.store.book().credentials.values() if not one.partner)
    (item,) = credential.items.values()
    world.store.vault.items[item] = Secret(str(next(iter(hidden.values()))))  # type: ignore[attr-defined]
    came = round_of(world, [key])
    assert came[key].state == "failed"
    assert isinstance(came[key].error, errors.SeveralCompanies)


def _unseen(company: object) -> dict[str, object]:
    assert isinstance(company, dict)
    return {**company, "id": "", "orgnr": None, "name": ""}


def test_what_cannot_be_asked_from_here_is_not_offered(world: World) -> None:
    key = connected(world, "fiken")
    book = world.store.book()
    providers = world.registry.providers
    assert askable(book, providers) == (key,)
    assert askable(book, {}) == ()
    row = book.connections[key]
    credential = book.credentials[row.credential]
    assert not can_ask(replace(row, tested="not_possible_here"), credential, providers["fiken"])
    assert not can_ask(replace(row, delivered="confirmed"), replace(credential, items={}), providers["fiken"])
    assert not can_ask(row, credential, None)
    assert not can_ask(row, replace(credential, provider="visma_business"), providers["visma_business"])


# One, to be proved gone


def test_a_key_that_the_vendor_refuses_is_proved_gone(world: World) -> None:
    key = connected(world, "fiken")
    refuse(world, "key_refused", "fiken")
    came = anyio.run(tried, world, key)
    assert (came.state, came.error and came.error.code) == ("gone", "key_refused")
    assert world.store.book().connections[key].last_code == "key_refused", "it is known here, too"


def test_a_key_that_still_works_is_said_to(world: World) -> None:
    assert anyio.run(tried, world, connected(world, "fiken")) == Tried(state="works")


@pytest.mark.parametrize(
    ("refusal", "state"),
    [("connection_lost", "unreached"), ("vendor_down", "unknown"), ("module_missing", "unknown")],
)
def test_what_says_nothing_of_the_key_proves_nothing(world: World, refusal: str, state: str) -> None:
    key = connected(world, "fiken")
    refuse(world, refusal, "fiken")
    assert anyio.run(tried, world, key).state == state


def test_what_was_taken_away_meanwhile_is_no_proof(world: World) -> None:
    with pytest.raises(errors.BadInput) as caught:
        anyio.run(tried, world, "gone")
    assert caught.value.facts == {"reason": "unknown_connection", "id": "gone"}


def test_only_a_refusal_of_the_key_is_ever_proof() -> None:
    facts: dict[str, errors.Fact] = {"companies": [], "count": 0}
    proof = {one.code for one in every_error() if verdict(one(facts), passed=False) == "gone"}
    assert proof == {"key_refused"}
    worked = {one.code for one in every_error() if verdict(one(facts), passed=True) == "gone"}
    assert worked == {"key_refused", "pending_approval", "wrong_tenant"}


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (errors.HandedOver(company="x"), "not_here"),
        (errors.KeychainMissing(fields=("token",)), "not_here"),
        (errors.KeychainLocked(), "unknown"),
        (errors.NoCompany(), "works"),
        (errors.RightsMissing(), "unknown"),
        (errors.Offline(), "unreached"),
    ],
    ids=repr,
)
def test_each_other_answer_is_told_as_what_it_is(error: errors.WizardError, state: str) -> None:
    assert verdict(error, passed=True) == state


def test_a_list_that_cannot_be_read_is_no_answer(world: World) -> None:
    key = connected(world, "fiken")

    class Broken(MemoryVault):
        async def read(self, names: Iterable[str]) -> dict[str, Secret]:
            raise errors.LedgerUnreadable(reason="damaged")

    world.store.vault = Broken()
    with pytest.raises(errors.LedgerUnreadable):
        anyio.run(tried, world, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_system_says_where_its_key_is_deleted(world: World, language: str) -> None:
    texts = Texts(language=language)
    said = set()
    for slug, provider in world.registry.providers.items():
        methods = [one.name for one in provider.methods] or [""]
        said |= {removal(texts, provider, one) for one in methods}
        assert all(
            provider.name.split(".")[0].split()[0] in removal(texts, provider, one) for one in methods
        ), slug
    assert len(said) >= len(world.registry.providers) + 2, "Xledger has one for each way"
    assert removal(texts, None, "") == texts.say("leaving.by_hand")
