"""Waiting connections: since when, how long, how often they may be looked at, and what they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.providers.helpers import Altered, Walk, good, walking
from wizard.core import errors
from wizard.core.ledger import Book, Ledger
from wizard.core.practice import Asked, Reply
from wizard.core.provider import Looks
from wizard.core.recheck import recheck, reexamine
from wizard.core.secret import Secret
from wizard.core.store import Store
from wizard.core.waiting import next_look, place_in, taken, with_look
from wizard.providers import business_nxt, visma_net
from wizard.providers.visma_net.practice import (
    CLIENT_ID,
    CLIENT_SECRET,
    GROUP,
    ORDINARY,
    TENANTS,
    organisation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.core.connect import Proof, Receipt
    from wizard.core.ledger import Connection

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TWICE = Looks(times=2, seconds=300)
KEYS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


class Customer:
    """A customer of the Visma.net ERP imitation, with the partner's keys on her machine."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.clock = walk, Clock()
        walk.now = self.clock
        for name, key in KEYS.items():
            anyio.run(self._set, f"{walk.provider.slug}.production.{name}", Secret(key))

    async def _set(self, name: str, key: Secret) -> None:
        await self.walk.store.set_partner(name, self.walk.provider, key)

    def connect(self, **changes: object) -> Receipt:
        (receipt,) = self.walk.connect(**{"company": None, "expect": "313000184", **changes})  # type: ignore[arg-type]
        return receipt

    def check(self, connection: str) -> Receipt:
        return anyio.run(lambda: recheck(self.walk.world, connection, self.walk.told.append))

    def choose(self, connection: str, *picks: str) -> Proof:
        return anyio.run(lambda: reexamine(self.walk.world, connection, self.walk.told.append, picks))

    def refused(self, connection: str) -> errors.WizardError:
        with pytest.raises(errors.WizardError) as caught:
            self.check(connection)
        return caught.value

    def row(self, connection: str) -> Connection:
        return self.walk.store.book().connections[connection]

    def refuse(self, switch: str) -> None:
        self.walk.playground.refuse(switch)

    def asks(self, act: Callable[[], object]) -> int:
        """Return how many requests something takes."""
        before = len(self.walk.asked)
        act()
        return len(self.walk.asked) - before


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Customer]:
    with walking(visma_net.PROVIDER, tmp_path) as walk:
        yield Customer(walk)


@pytest.fixture
def waiting(customer: Customer) -> str:
    """Return a connection that waits, as of the start."""
    customer.refuse("pending_approval")
    return customer.connect().connection


def looks(customer: Customer) -> int:
    """Return how many looks in vain the ledger knows of."""
    return sum(map(len, customer.walk.store.book().looks.values()))


def iso(**after: float) -> str:
    return (START + timedelta(**after)).isoformat(timespec="seconds")


def test_what_is_not_approved_yet_is_kept_as_waiting(customer: Customer, waiting: str) -> None:
    row = customer.row(waiting)
    assert (row.tested, row.waiting_for, row.last_code) == ("later", "administrator", "pending_approval")
    assert (row.since, row.until, looks(customer)) == (iso(), iso(days=5), 1)
    assert (row.company["id"], row.company["orgnr"], row.expect) == (ORDINARY, "313000184", "313000184")


def test_a_second_look_says_since_when_how_long_and_when_the_next_is(
    customer: Customer, waiting: str
) -> None:
    customer.clock.go(minutes=1)
    error = customer.refused(waiting)
    assert error.code == "pending_approval"
    assert "reason" not in error.facts
    assert {name: error.facts[name] for name in ("since", "until", "next_look", "days", "waiting_for")} == {
        "since": iso(),
        "until": iso(days=5),
        "next_look": iso(minutes=5),
        "days": 5,
        "waiting_for": "administrator",
    }


def test_a_third_look_within_five_minutes_is_not_taken(customer: Customer, waiting: str) -> None:
    customer.clock.go(minutes=1)
    customer.refused(waiting)
    customer.clock.go(minutes=1)
    before = customer.row(waiting)
    for _ in range(3):  # not the third, nor any after it
        found: list[errors.WizardError] = []
        assert customer.asks(lambda: found.append(customer.refused(waiting))) == 0  # noqa: B023 - called at once
        assert (found[0].code, found[0].facts["reason"]) == ("pending_approval", "too_soon")
        assert (found[0].facts["seconds"], found[0].facts["next_look"]) == (180, iso(minutes=5))
        assert found[0].facts["since"] == iso()
    assert customer.row(waiting) == before


def test_what_is_held_back_is_told_by_its_company(customer: Customer, waiting: str) -> None:
    book = customer.walk.store.book()
    credential = book.credentials[customer.row(waiting).credential]
    place = place_in(book, credential, customer.walk.provider)
    assert place == f"visma_net production {ORDINARY}"
    assert len(taken(book, place)) == 1
    unknown = place_in(book, credential, replace(customer.walk.provider, told=None))
    assert unknown == "visma_net production 313000184"


def test_neither_is_it_by_connecting_again(customer: Customer, waiting: str) -> None:
    customer.clock.go(minutes=1)
    customer.refused(waiting)
    before = customer.row(waiting)
    with pytest.raises(errors.PendingApproval) as caught:
        customer.connect()
    assert caught.value.facts["reason"] == "too_soon"
    assert customer.row(waiting) == before


def test_nor_by_starting_the_program_again(customer: Customer, waiting: str, tmp_path: Path) -> None:
    customer.clock.go(minutes=1)
    customer.refused(waiting)
    for _ in range(2):
        fresh = Store(
            vault=customer.walk.vault, ledger=Ledger(tmp_path / "connections.json"), now=customer.clock
        )
        world = replace(customer.walk.world, store=fresh)
        with pytest.raises(errors.PendingApproval) as caught:
            anyio.run(lambda world=world: recheck(world, waiting, lambda _: None))  # type: ignore[misc]
        assert caught.value.facts["reason"] == "too_soon"


def test_a_fault_of_the_network_does_not_make_a_look_forgotten(
    customer: Customer, waiting: str, tmp_path: Path
) -> None:
    customer.refuse("connection_lost")
    customer.clock.go(minutes=1)
    assert customer.refused(waiting).code == "connection_lost"
    assert looks(customer) == 1


def test_after_five_minutes_it_may_be_looked_at_again(customer: Customer, waiting: str) -> None:
    customer.clock.go(minutes=4)
    customer.refused(waiting)
    customer.clock.go(minutes=1, seconds=1)
    assert customer.asks(lambda: customer.refused(waiting)) == 1
    assert "reason" in customer.refused(waiting).facts
    customer.clock.go(minutes=5)
    assert customer.asks(lambda: customer.refused(waiting)) == 1


def test_once_approved_it_is_the_same_connection_and_works(customer: Customer, waiting: str) -> None:
    customer.refuse("")
    customer.clock.go(hours=2)
    receipt = customer.check(waiting)
    assert (receipt.connection, receipt.tested, receipt.waiting_for) == (waiting, "passed", "nobody")
    assert (receipt.company["name"], receipt.company["id"]) == ("Granlia Byggevare AS", ORDINARY)
    row = customer.row(waiting)
    assert (row.since, row.until, row.last_code) == ("", "", "")
    assert [one["event"] for one in row.history] == ["made", "tested"]
    assert list(customer.walk.store.book().connections) == [waiting]


def test_so_it_is_where_it_is_connected_again_instead(customer: Customer, waiting: str) -> None:
    customer.refuse("")
    assert customer.connect().connection == waiting
    assert customer.row(waiting).tested == "passed"
    assert list(customer.walk.store.book().connections) == [waiting]


def test_connecting_again_while_it_waits_does_not_make_the_invitation_younger(
    customer: Customer, waiting: str
) -> None:
    customer.clock.go(days=2)
    assert customer.connect().connection == waiting
    row = customer.row(waiting)
    assert (row.since, row.until) == (iso(), iso(days=5))


def test_after_five_days_the_invitation_is_too_old(customer: Customer, waiting: str) -> None:
    customer.clock.go(days=5, seconds=1)
    error = customer.refused(waiting)
    assert (error.code, error.facts["days"]) == ("invitation_expired", 5)
    assert (error.facts["since"], error.facts["until"]) == (iso(), iso(days=5))
    assert customer.row(waiting).last_code == "invitation_expired"


def test_a_new_invitation_is_waited_for_anew(customer: Customer, waiting: str) -> None:
    customer.clock.go(days=6)
    assert customer.refused(waiting).code == "invitation_expired"
    customer.clock.go(hours=1)
    assert customer.connect().connection == waiting
    row = customer.row(waiting)
    assert (row.since, row.until) == (iso(days=6, hours=1), iso(days=11, hours=1))
    assert row.made_at == iso()
    customer.clock.go(hours=1)
    assert customer.refused(waiting).code == "pending_approval"


def test_approved_with_a_new_code_it_works_however_long_it_has_waited(
    customer: Customer, waiting: str
) -> None:
    customer.clock.go(days=90)
    customer.refuse("")
    assert customer.check(waiting).tested == "passed"


@pytest.mark.parametrize(
    "switch", ["pending_approval", "wrong_tenant", "licence_missing", "partner_key_refused"]
)
def test_what_worked_and_is_refused_later_keeps_its_keys(switch: str, customer: Customer) -> None:
    works = customer.connect().connection
    items = dict(customer.walk.vault.items)
    customer.clock.go(days=30)
    customer.refuse(switch)
    assert customer.refused(works).code == switch
    row = customer.row(works)
    assert (row.tested, row.tested_at, row.waiting_for) == ("passed", iso(), "nobody")
    assert (row.last_code, row.since, row.until) == (switch, "", "")
    assert customer.walk.vault.items == items
    assert row.credential in customer.walk.store.book().credentials


def test_another_failure_is_not_repeated_too_often_either(customer: Customer) -> None:
    works = customer.connect().connection
    customer.refuse("wrong_tenant")
    customer.clock.go(hours=1)
    for _ in range(2):
        assert customer.refused(works).code == "wrong_tenant"
        customer.clock.go(seconds=1)
    error = customer.refused(works)
    assert (error.code, error.facts["reason"], error.facts["seconds"]) == ("busy", "held_back", 298)
    assert customer.row(works).last_code == "wrong_tenant"  # what is known is not forgotten
    customer.clock.go(minutes=5)
    customer.refuse("")
    assert customer.check(works).tested == "passed"


def test_what_was_never_stored_is_held_back_too(customer: Customer) -> None:
    customer.refuse("licence_missing")
    for _ in range(2):
        with pytest.raises(errors.LicenceMissing):
            customer.connect()
        customer.clock.go(seconds=1)
    with pytest.raises(errors.Busy) as caught:
        customer.connect()
    assert caught.value.facts["reason"] == "held_back"
    other = {"tenant_id": GROUP}  # another company is another request
    with pytest.raises(errors.LicenceMissing):
        customer.connect(answers=other)


def test_what_the_partner_was_to_test_waits_once_it_can_be_asked_here(customer: Customer) -> None:
    for name in customer.walk.store.partner_names():
        anyio.run(customer.walk.store.forget_partner, name)
    receipt = customer.connect(partner={})
    assert receipt.tested == "not_possible_here"
    customer = Customer(customer.walk)
    customer.refuse("pending_approval")
    assert customer.refused(receipt.connection).facts["since"] == iso()
    row = customer.row(receipt.connection)
    assert (row.tested, row.waiting_for, row.until) == ("later", "administrator", iso(days=5))


def test_an_assisted_connection_without_its_tenant_cannot_be_asked_about(customer: Customer) -> None:
    receipt = customer.connect(answers={})
    assert customer.asks(lambda: customer.check(receipt.connection)) == 0
    assert customer.check(receipt.connection) == receipt


def test_of_several_organisations_one_takes_the_place_of_what_waited(customer: Customer) -> None:
    customer.refuse("pending_approval")
    waiting = customer.connect(answers={"tenant_id": GROUP}, expect="").connection
    customer.refuse("")
    assert customer.refused(waiting).code == "several_companies"
    assert customer.choose(waiting).chosen == ()
    assert customer.row(waiting).tested == "later"
    customer.choose(waiting, f"{GROUP}/20")
    row = customer.row(waiting)
    assert (row.tested, row.company["orgnr"]) == ("passed", "313000206")
    assert list(customer.walk.store.book().connections) == [waiting]
    assert customer.check(waiting).company["orgnr"] == "313000206"


def test_so_it_is_where_one_of_them_is_connected_again(customer: Customer) -> None:
    customer.refuse("pending_approval")
    waiting = customer.connect(answers={"tenant_id": GROUP}, expect="313000206").connection
    customer.refuse("")
    assert customer.connect(answers={"tenant_id": GROUP}, expect="313000206").connection == waiting
    assert list(customer.walk.store.book().connections) == [waiting]


class Grown(Altered):
    """The imitation, whose company has got a second organisation."""

    grown = False

    def answer(self, slug: str, asked: Asked) -> Reply:
        imitated = super().answer(slug, asked)
        rows = [*TENANTS[ORDINARY], organisation("2", "Granlia Transport AS", "313000222")]
        return Reply(json=rows) if self.grown and asked.endpoint == "api" else imitated


def test_a_company_that_gets_a_second_organisation_is_still_the_same(tmp_path: Path) -> None:
    playground = Grown(visma_net.PROVIDER, {})
    with playground.open():
        customer = Customer(Walk(provider=visma_net.PROVIDER, playground=playground, folder=tmp_path))
        works = customer.connect().connection
        playground.grown = True
        receipt = customer.check(works)
    assert (receipt.connection, receipt.company["orgnr"]) == (works, "313000184")
    assert receipt.company["id"] == f"{ORDINARY}/1"
    assert list(customer.walk.store.book().connections) == [works]


def test_where_nobody_says_how_long_there_is_no_end_to_it(tmp_path: Path) -> None:
    with walking(business_nxt.PROVIDER, tmp_path) as walk:
        customer = Customer(walk)
        walk.vault.items.clear()  # the partner's keys are given each time instead
        partner = good(business_nxt.PROVIDER)["partner"]
        customer.refuse("pending_approval")
        waiting = customer.connect(partner=partner, expect="").connection
        customer.clock.go(days=30)
        assert customer.connect(partner=partner, expect="").connection == waiting
        row = customer.row(waiting)
    assert (row.since, row.until, row.tested) == (iso(), "", "later")


def test_looks_count_for_so_many_seconds() -> None:
    def at(seconds: int) -> datetime:
        return START + timedelta(seconds=seconds)

    assert next_look(None, [at(0), at(0)], at(0)) is None
    assert next_look(TWICE, [at(0)], at(1)) is None
    assert next_look(TWICE, [at(10), at(0)], at(20)) == at(300)
    assert next_look(TWICE, [at(0), at(10), at(20)], at(30)) == at(310)
    assert next_look(TWICE, [at(0), at(10)], at(300)) is None
    assert next_look(TWICE, [at(900), at(901)], at(20)) is None  # a clock that was set back


def test_looks_are_forgotten_after_an_hour() -> None:
    book = with_look(with_look(Book(), "one", START), "two", START + timedelta(minutes=59))
    assert taken(book, "one") == [START]
    book = with_look(book, "two", START + timedelta(minutes=61))
    assert book.looks.keys() == {"two"}
    assert len(taken(book, "two")) == 2


def test_what_is_not_stored_is_held_back_too_and_after_a_new_start(
    tmp_path: Path, customer: Customer
) -> None:
    customer.refuse("wrong_tenant")
    for code in ("wrong_tenant", "wrong_tenant", "busy", "busy"):
        with pytest.raises(errors.AnswerError, match=code):
            customer.connect()
        customer.clock.go(seconds=1)
        customer.walk.__dict__.pop("store", None)  # as a program that starts anew


def test_a_clock_that_goes_on_counts_each_look_once(customer: Customer, waiting: str) -> None:
    def ticking() -> datetime:
        customer.clock.go(microseconds=7)
        return customer.clock()

    customer.walk.store._now = ticking
    assert looks(customer) == 1
    assert "reason" not in customer.refused(waiting).facts
    assert looks(customer) == 2
    assert customer.refused(waiting).facts["reason"] == "too_soon"
