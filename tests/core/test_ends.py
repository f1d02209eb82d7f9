"""How a walk may end besides success: assisted, waiting, held back, or with a right that is missing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.core.helpers import Small, company, straight
from wizard.core import errors
from wizard.core.connect import Order, connect
from wizard.core.ledger import Ledger
from wizard.core.preset import Preset
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Found,
    GuideStep,
    Link,
    Looks,
    Method,
    Provider,
    Right,
)
from wizard.core.recheck import recheck, reexamine, reopened
from wizard.core.registry import Registry
from wizard.core.secret import Secret
from wizard.core.store import Store
from wizard.core.texts import Texts
from wizard.core.vault import MemoryVault
from wizard.core.waiting import next_look
from wizard.core.world import Wish, World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.core.connect import Receipt
    from wizard.core.provider import Finding

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NUMBER = "313000028"
LOOKS = Looks(times=2, seconds=300)


@dataclass
class Office:
    """A small vendor with two ways in, one tested by the partner, and a clock that a test turns."""

    folder: Path
    refuse: errors.WizardError | None = None
    rights: Mapping[str, bool] = field(default_factory=dict)
    orgnr: str | None = NUMBER
    now: datetime = NOON
    asked: int = 0
    told: list[Finding] = field(default_factory=list)
    preset: Preset = field(default_factory=Preset)

    def __post_init__(self) -> None:
        self.store = Store(
            vault=MemoryVault(), ledger=Ledger(self.folder / "connections.json"), now=lambda: self.now
        )

    async def _ask(self, link: Link) -> Found:
        self.asked += 1
        if self.refuse:
            raise self.refuse
        found = Company(id=link.plain.get("number", "one"), name="One AS", orgnr=self.orgnr)
        return Found(companies=(found,), rights=self.rights)

    @property
    def provider(self) -> Provider:
        number = CredentialField(name="number", secret=False, required=False)
        return Provider(
            slug="small",
            name="Small",
            package="wizard.providers.fiken",
            environments=(Environment(name="production", endpoints={"api": "http://127.0.0.1:9"}),),
            told=lambda plain: Company(id=plain.get("number", ""), name=""),
            looks=LOOKS,
            methods=(
                Method(
                    name="key",
                    fields=(CredentialField(name="key"), number),
                    guide=(GuideStep(key="one", field="key"),),
                    checks=(Check(name="ask", stage="company", ask=self._ask),),
                    rights=(
                        Right(name="read", required=True),
                        Right(name="more"),
                        Right(name="scope", required=True, code="scope_missing"),
                    ),
                ),
                Method(
                    name="partner_user",
                    fields=(number,),
                    guide=(GuideStep(key="two", field="number"), GuideStep(key="one", field="key")),
                ),
            ),
        )

    @property
    def world(self) -> World:
        registry = Registry(providers={"small": self.provider})
        return World(registry=registry, store=self.store, net=straight(), preset=self.preset)

    def order(self, expect: str = NUMBER, **answers: object) -> Order:
        wish = Wish(answers=answers or {"key": "ZZ", "number": "7"}, expect=expect)
        return anyio.run(lambda: self.world.order(self.provider, wish))

    def connect(self, expect: str = NUMBER, **answers: object) -> Receipt:
        order = self.order(expect, **answers)
        (receipt,) = anyio.run(
            lambda: connect(
                order, net=straight(), store=self.store, tell=self.told.append, now=lambda: self.now
            )
        )
        return receipt

    def check(self, connection: str) -> Receipt:
        return anyio.run(recheck, self.world, connection, self.told.append)

    def refused(self, connection: str = "", **answers: object) -> errors.WizardError:
        try:
            self.check(connection) if connection else self.connect(**answers)  # type: ignore[arg-type]
        except errors.WizardError as error:
            return error
        raise AssertionError(connection)

    def row(self, connection: str) -> dict[str, object]:
        one = self.store.book().connections[connection]
        return {"tested": one.tested, "waiting_for": one.waiting_for, "last_code": one.last_code}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


# ways in


def test_the_way_in_is_named_or_the_only_one_that_fits_or_the_partners(office: Office) -> None:
    assert office.order(key="ZZ").provider.method == "key"
    assert office.order(method="partner_user", number="7").provider.method == "partner_user"
    assert office.world.method(office.provider, ["number"]) == "partner_user"  # which is all that it needs
    assert office.world.method(office.provider, ["nothing"]) == ""
    office.preset = Preset(values={"small": {"integration_user": "bank@example.test"}})
    assert office.order(number="7").provider.method == "partner_user"
    office.preset = Preset(values={"small": {"method": "key", "integration_user": "bank@example.test"}})
    assert office.world.method(office.provider) == "key"


@pytest.mark.parametrize("method", ["nothing", 7, ["key"]])
def test_a_way_in_that_there_is_not_is_refused(office: Office, method: object) -> None:
    error = office.refused(method=method, key="ZZ")
    assert (error.code, error.fields) == ("field_invalid", ("method",))
    assert not office.asked


def test_the_provider_as_a_whole_knows_every_field_and_step_once(office: Office) -> None:
    assert [one.name for one in office.provider.every_field] == ["key", "number"]
    assert [one.key for one in office.provider.every_step] == ["one", "two"]
    assert [one.name for one in office.provider.every_right] == ["read", "more", "scope"]
    assert Small().provider().every_step == ()
    assert Small().provider().every_right == ()
    narrowed = office.provider.by("key")
    assert narrowed.by("partner_user") is narrowed
    assert Small().provider().by("whatever").method == ""


def test_a_step_is_for_those_whose_partner_has_what_it_needs() -> None:
    step = GuideStep(key="one", needs=("code",), unless=("other",))
    assert step.shown({"code": "1"})
    assert not step.shown({"code": ""})
    assert not step.shown({"code": "1", "other": "2"})


def test_an_answer_that_is_no_secret_lies_in_the_ledger_and_comes_back(office: Office) -> None:
    receipt = office.connect()
    (credential,) = office.store.book().credentials.values()
    assert (credential.plain, credential.method) == ({"number": "7"}, "key")
    order = anyio.run(reopened, office.world, receipt.connection)
    assert (order.plain, order.provider.method, order.since) == ({"number": "7"}, "key", None)


# assisted


def test_what_only_the_partner_can_test_is_kept_as_such(office: Office) -> None:
    receipt = office.connect(method="partner_user", number="7")
    assert (receipt.tested, receipt.delivered, receipt.waiting_for) == ("not_possible_here", "no", "partner")
    assert receipt.company == {"orgnr": NUMBER, "name": "", "id": "7"}
    assert not office.asked
    assert [(one.check, one.state) for one in office.told] == [("input", "passed")]
    again = office.connect(method="partner_user", number="7")
    assert again.connection == receipt.connection
    assert office.check(receipt.connection) == again  # nothing is asked, and nothing is worse than before
    assert office.row(receipt.connection)["last_code"] == ""
    with pytest.raises(errors.PartnerKeyNeeded) as caught:
        anyio.run(reexamine, office.world, receipt.connection, office.told.append)
    assert caught.value.facts["reason"] == "assisted"
    assert "tested by" in Texts(language="en").explain(caught.value, office.provider).what


def test_its_number_is_all_that_names_the_company(office: Office) -> None:
    error = office.refused(expect="", method="partner_user", number="7")
    assert (error.code, error.fields, error.facts) == ("field_invalid", ("expect",), {"reason": "needed"})
    said = Texts(language="en").explain(error, office.provider)
    assert "organisation number is missing" in said.what


def test_it_never_takes_the_place_of_one_that_works(office: Office) -> None:
    works = office.connect()
    office.connect(method="partner_user", number="7")
    assert office.row(works.connection)["tested"] == "passed"
    assert len(office.store.book().connections) == 2
    office.connect()
    assert office.row(works.connection)["tested"] == "passed"


def test_a_number_in_the_form_must_be_the_one_expected(office: Office) -> None:
    field_ = CredentialField(name="orgnr", secret=False)
    provider = replace(office.provider, methods=(), fields=(field_,))
    registry = Registry(providers={"small": provider})
    world = replace(office.world, registry=registry)

    def order(answers: dict[str, object], expect: str) -> Order:
        return anyio.run(lambda: world.order(provider, Wish(answers=answers, expect=expect)))

    assert order({"orgnr": NUMBER}, "").expect == NUMBER
    assert order({"orgnr": NUMBER}, NUMBER).expect == NUMBER
    with pytest.raises(errors.FieldInvalid) as caught:
        order({"orgnr": NUMBER}, "313000036")
    assert (caught.value.fields, caught.value.facts) == (("orgnr",), {"reason": "differs"})


# waiting


def test_what_somebody_has_yet_to_approve_waits(office: Office) -> None:
    office.refuse = errors.PendingApproval(days=5)
    receipt = office.connect()
    assert (receipt.tested, receipt.waiting_for, receipt.delivered) == (
        "later",
        "administrator",
        "not_needed",
    )
    row = office.store.book().connections[receipt.connection]
    assert (row.until, row.last_code) == ("2026-03-07T12:00:00+00:00", "pending_approval")
    order = anyio.run(reopened, office.world, receipt.connection)
    assert order.since == NOON


def test_whom_it_waits_for_and_for_how_long_is_the_vendors_matter(office: Office) -> None:
    office.refuse = errors.PendingApproval(waiting_for="vendor")
    receipt = office.connect()
    assert receipt.waiting_for == "vendor"
    assert office.store.book().connections[receipt.connection].until == ""


def test_the_same_is_asked_in_vain_twice_in_five_minutes_at_most(office: Office) -> None:
    office.refuse = errors.PendingApproval(days=5)
    receipt = office.connect()
    office.now += timedelta(minutes=1)
    error = office.refused(receipt.connection)
    assert (error.code, error.facts["since"], "reason" in error.facts) == (
        "pending_approval",
        NOON.isoformat(),
        False,
    )
    office.now += timedelta(minutes=1)
    error = office.refused(receipt.connection)
    assert (error.code, error.facts["reason"], error.facts["seconds"]) == (
        "pending_approval",
        "too_soon",
        180,
    )
    assert office.refused().facts["reason"] == "too_soon"  # nor by beginning anew
    assert office.asked == 2
    office.now += timedelta(minutes=3)
    office.refuse = None
    assert office.check(receipt.connection).connection == receipt.connection
    assert office.row(receipt.connection) == {"tested": "passed", "waiting_for": "nobody", "last_code": ""}
    row = office.store.book().connections[receipt.connection]
    assert row.until == ""
    assert [one["event"] for one in row.history] == [
        "made",
        "failed",
        "tested",
    ]  # a look not taken says nothing


def test_any_refusal_of_such_a_vendor_is_held_back(office: Office) -> None:
    office.refuse = errors.WrongTenant()
    for code in ("wrong_tenant", "wrong_tenant", "busy"):
        assert office.refused().code == code
        office.now += timedelta(seconds=1)
    assert office.asked == 2
    office.now += timedelta(minutes=6)
    assert office.refused().code == "wrong_tenant"


def test_one_that_worked_stays_what_it_is(office: Office) -> None:
    works = office.connect()
    office.refuse = errors.PendingApproval()
    assert office.refused(works.connection).code == "pending_approval"
    assert office.row(works.connection) == {
        "tested": "passed",
        "waiting_for": "nobody",
        "last_code": "pending_approval",
    }


def test_looks_are_counted_within_their_time() -> None:
    times = [NOON - timedelta(seconds=ago) for ago in (400, 200, 100)]
    assert next_look(None, times, NOON) is None
    assert next_look(LOOKS, times[:2], NOON) is None
    assert next_look(LOOKS, times, NOON) == NOON + timedelta(seconds=100)


# rights


def test_each_right_is_reported(office: Office) -> None:
    office.rights = {"read": True, "more": False}
    office.connect()
    found = {one.facts["right"]: one.state for one in office.told if one.check == "right"}
    assert found == {"read": "passed", "more": "failed", "scope": "skipped"}


@pytest.mark.parametrize(("right", "code"), [("read", "rights_missing"), ("scope", "scope_missing")])
def test_a_required_one_that_is_missing_stops(office: Office, right: str, code: str) -> None:
    office.rights = {right: False}
    error = office.refused()
    assert (error.code, error.fields, error.facts["right"]) == (code, ("key",), right)
    assert not office.store.book().connections
    assert len([one for one in office.told if one.check == "right"]) == 3


# renewal


def test_a_renewal_that_reaches_another_company_says_so(office: Office) -> None:
    office.connect()
    office.orgnr = "313000036"
    error = office.refused(key="ZZ", number="8")
    assert (error.code, error.facts["reason"]) == ("wrong_company", "renewal")
    assert "new connection" in Texts(language="en").explain(error, office.provider).next
    assert office.refused(expect="313000044").facts.get("reason") is None


def test_a_renewal_among_several_says_so_too(office: Office) -> None:
    office.connect()
    small = Small(companies=(company("one", "313000036"), company("two", "313000044")))
    order = replace(small.order(expect=NUMBER), known=frozenset({"three"}))
    with pytest.raises(errors.WrongCompany) as caught:
        anyio.run(
            lambda: connect(
                order, net=straight(), store=office.store, tell=office.told.append, now=lambda: NOON
            )
        )
    assert caught.value.facts["reason"] == "renewal"


def test_partner_keys_of_which_some_are_gone_are_named(office: Office) -> None:
    keys = (CredentialField(name="app"), CredentialField(name="sub"))
    provider = replace(office.provider, partner_keys=keys)
    world = replace(office.world, registry=Registry(providers={"small": provider}))

    async def work() -> None:
        wish = Wish(answers={"key": "ZZ", "number": "7"}, partner={"app": "1", "sub": "2"}, expect=NUMBER)
        order = await world.order(provider, wish)
        (receipt,) = await connect(
            order, net=straight(), store=office.store, tell=office.told.append, now=lambda: NOON
        )
        await office.store.set_partner("small.production.app", provider, Secret("1"))
        with pytest.raises(errors.PartnerKeyNeeded) as caught:
            await recheck(world, receipt.connection, office.told.append)
        assert (caught.value.fields, caught.value.facts["reason"]) == (("sub",), "stored")

    anyio.run(work)


# which connection is the same


def test_two_companies_of_a_group_may_share_the_vendors_id(office: Office) -> None:
    first = office.connect(method="partner_user", number="7")
    second = office.connect("313000036", method="partner_user", number="7")
    assert first.connection != second.connection
    book = office.store.book().connections
    assert {one.company["orgnr"] for one in book.values()} == {NUMBER, "313000036"}


def test_what_says_less_takes_the_place_of_nothing_that_waits(office: Office) -> None:
    office.refuse = errors.PendingApproval()
    waits = office.connect(key="ZZ", number="7")
    assisted = office.connect(method="partner_user")
    assert waits.connection != assisted.connection
    assert office.row(waits.connection)["waiting_for"] == "administrator"


def test_a_mistyped_id_that_waits_gives_way_to_the_right_one(office: Office) -> None:
    office.refuse = errors.PendingApproval()
    wrong = office.connect(key="ZZ", number="7")
    office.refuse = None
    right = office.connect(key="ZZ", number="8")
    assert right.connection == wrong.connection
    assert office.row(right.connection)["tested"] == "passed"


def test_a_renewal_whose_number_is_hidden_is_told_by_the_vendors_id(office: Office) -> None:
    office.connect()
    office.orgnr = None
    error = office.refused(key="ZZ", number="8")
    assert (error.code, error.facts["reason"]) == ("wrong_company", "renewal")
    office.connect()
    assert len(office.store.book().connections) == 1


def test_one_that_the_partner_was_to_test_needs_no_delivery_once_it_is_tested_here(office: Office) -> None:
    keys = (CredentialField(name="app"),)
    provider = replace(office.provider.by("key"), partner_keys=keys)
    world = replace(office.world, registry=Registry(providers={"small": provider}))

    async def work() -> None:
        order = await world.order(provider, Wish(answers={"key": "ZZ", "number": "7"}, expect=NUMBER))
        (receipt,) = await office.store.keep_assisted(order)
        assert receipt.delivered == "no"
        await office.store.set_partner("small.production.app", provider, Secret("1"))
        assert (await recheck(world, receipt.connection, office.told.append)).delivered == "not_needed"

    anyio.run(work)


# what was seen


def test_a_company_without_a_number_that_nobody_has_seen_is_not_noted_yet(office: Office) -> None:
    office.refuse = errors.PendingApproval()
    waits = office.connect()
    office.refuse, office.orgnr = None, None
    proof = anyio.run(reexamine, office.world, waits.connection, office.told.append)
    assert proof.chosen
    assert office.row(waits.connection)["tested"] == "later"
    anyio.run(office.store.tested, waits.connection, proof.chosen)
    assert anyio.run(reexamine, office.world, waits.connection, office.told.append).chosen
    assert office.row(waits.connection)["tested"] == "passed"


def test_a_connection_that_reaches_another_company_names_the_one_that_it_was(office: Office) -> None:
    works = office.connect()
    office.orgnr = "313000036"
    error = office.refused(works.connection)
    assert (error.code, error.facts["expected"]) == ("wrong_company", "One AS")


def test_a_company_that_was_picked_and_is_not_there_is_named_as_it_was_picked(office: Office) -> None:
    works = office.connect()
    with pytest.raises(errors.WrongCompany) as caught:
        anyio.run(reexamine, office.world, works.connection, office.told.append, ("elsewhere",))
    assert caught.value.facts["expected"] == "elsewhere"


def test_what_is_not_waited_for_is_held_back_without_speaking_of_an_approval(office: Office) -> None:
    works = office.connect()
    office.refuse = errors.LicenceMissing()
    assert [office.refused(works.connection).code for _ in range(3)] == [*["licence_missing"] * 2, "busy"]


def test_one_whose_answers_name_nobody_is_held_back_by_its_number(office: Office) -> None:
    office.refuse = errors.WrongTenant()
    assert [office.refused(key="ZZ").code for _ in range(3)] == [*["wrong_tenant"] * 2, "busy"]
    assert office.refused(expect="313000036", key="ZZ").code == "wrong_tenant"
