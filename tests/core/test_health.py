"""How a connection is: each cause from its three facts, what ends, who is waited for, and what is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from wizard.core.errors import every_error
from wizard.core.health import (
    STATES,
    Ending,
    due,
    ending,
    health,
    in_need,
    matching,
    shared,
    sorted_keys,
    to_approve,
    waits,
)
from wizard.core.ledger import Book, Connection, Credential, Parcel
from wizard.core.texts import LANGUAGES, Texts

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
COMPANY = {"id": "1", "name": "Fjordheim", "orgnr": "313000028"}
PASSED = Connection(credential="k", company=COMPANY, tested="passed", tested_at=NOW.isoformat())


def cause(**more: object) -> str:
    return health(replace(PASSED, **more), NOW).cause  # type: ignore[arg-type]


def book(*parcels: Parcel, **rows: Connection) -> Book:
    credential = Credential(provider="fiken", environment="production", items={})
    sent = {f"p{at}": one for at, one in enumerate(parcels)}
    return Book(credentials={"k": credential}, connections=rows, parcels=sent)


def days(count: int) -> str:
    return (NOW + timedelta(days=count)).date().isoformat()


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "passed"),
        ({"tested_at": (NOW - timedelta(days=30)).isoformat()}, "passed"),
        ({"tested_at": (NOW - timedelta(days=30, seconds=1)).isoformat()}, "stale"),
        ({"tested_at": "long ago"}, "passed"),
        ({"expires": days(15)}, "passed"),
        ({"expires": days(14)}, "ending"),
        ({"expires": days(1)}, "ending"),
        ({"expires": days(0)}, "ended"),
        ({"expires": "some day"}, "passed"),
        ({"tested": "later"}, "later"),
        ({"tested": "not_possible_here", "delivered": "no"}, "not_possible_here"),
        ({"delivered": "sent"}, "sent"),
        ({"delivered": "file_made"}, "file_made"),
        ({"delivered": "confirmed", "last_code": "key_refused"}, "confirmed"),
        ({"delivered": "refused"}, "refused"),
        ({"delivered": "sent", "last_code": "key_refused"}, "key_refused"),
        ({"tested": "later", "last_code": "pending_approval"}, "waiting"),
        ({"last_code": "pending_approval"}, "approval_gone"),
        ({"tested": "later", "last_code": "invitation_expired"}, "expired"),
        ({"last_code": "scope_missing"}, "access"),
        ({"last_code": "licence_missing"}, "module"),
        ({"last_code": "wrong_tenant"}, "company"),
        ({"last_code": "quota_empty"}, "busy"),
        ({"last_code": "garbled_answer"}, "vendor"),
        ({"last_code": "proxy_failed"}, "unreached"),
        ({"last_code": "tls_untrusted"}, "unreached"),
        ({"last_code": "partner_key_refused"}, "partner_key"),
        ({"last_code": "keychain_denied"}, "shut"),
        ({"last_code": "keychain_missing"}, "needs_key"),
        ({"last_code": "a_newer_code"}, "failed"),
    ],
    ids=repr,
)
def test_each_state_comes_of_the_facts(more: dict[str, object], wanted: str) -> None:
    assert cause(**more) == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "unsent"),
        ({"delivered": "no"}, "unsent"),
        ({"tested": "not_possible_here", "delivered": "no"}, "unsent"),
        ({"tested_at": "2026-01-01T00:00:00+00:00"}, "unsent"),
        ({"delivered": "sent"}, "sent"),
        ({"delivered": "confirmed"}, "confirmed"),
        ({"delivered": "refused"}, "refused"),
        ({"delivered": "file_made"}, "file_made"),
        ({"tested": "later"}, "later"),
        ({"tested": "later", "last_code": "pending_approval"}, "waiting"),
        ({"last_code": "key_refused"}, "key_refused"),
        ({"expires": days(0)}, "ended"),
    ],
    ids=repr,
)
def test_where_the_partner_takes_hand_overs_nothing_works_before_it_was_sent(
    more: dict[str, object], wanted: str
) -> None:
    row = replace(PASSED, **more)  # type: ignore[arg-type]
    assert health(row, NOW, sends=True).cause == wanted
    assert in_need(book(a=row), NOW, sends=True) == (("a",) if STATES[wanted].yours else ())
    assert due(book(a=row), NOW, sends=True) == ()
    assert health(row, NOW).cause != "unsent"


def test_what_waits_for_approval_is_known() -> None:
    waiting = replace(PASSED, tested="later", last_code="pending_approval")
    assert to_approve(book(a=PASSED, b=waiting), NOW) == ("b",)
    assert to_approve(book(a=PASSED), NOW) == ()


def test_no_failure_of_the_network_the_vendor_or_the_keychain_is_left_without_a_word_of_its_own() -> None:
    from wizard.core import errors

    kinds = (errors.ReachError, errors.AnswerError, errors.VaultError, errors.CompanyError)
    codes = [one.code for one in every_error() if issubclass(one, kinds)]
    assert len(codes) > 30
    codes.remove("not_sent")  # of a hand-over, never of a test
    assert [code for code in codes if cause(last_code=code) == "failed"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_has_a_word_an_advice_and_an_icon(language: str) -> None:
    texts = Texts(language=language)
    words = [texts.say(f"state.{one}") for one in STATES]
    assert all(words)
    assert len({texts.say(f"health.{one}") for one in STATES}) == len(STATES)
    assert {one.icon for one in STATES.values()} <= {
        "check",
        "info",
        "warning",
        "cross",
        "dash",
        "wait",
        "lock",
    }
    assert all(one.icon == "check" for one in STATES.values() if one.tone == "good")


def test_what_only_the_customer_can_mend_comes_first_and_is_counted() -> None:
    known = book(a=PASSED, b=replace(PASSED, last_code="key_refused"), c=replace(PASSED, last_code="busy"))
    assert in_need(known, NOW) == ("b",)
    assert sorted_keys(known, NOW) == ("b", "a", "c")
    old = replace(PASSED, tested_at="2026-01-01T00:00:00+00:00")
    assert due(book(a=PASSED, b=old), NOW) == ("b",)


def test_what_ends_is_known() -> None:
    waiting = replace(PASSED, tested="later", last_code="pending_approval", until="2026-11-25T08:00:00+00:00")
    assert ending(book(a=waiting), "a") == Ending(kind="approval", day=date(2026, 11, 25))
    assert ending(book(a=replace(waiting, until="")), "a") is None
    over = replace(waiting, last_code="invitation_expired")
    assert ending(book(a=over), "a") is None, "it was said to be no longer valid"
    assert ending(book(a=PASSED), "a") is None
    key = replace(PASSED, expires="2027-01-31")
    assert ending(book(a=key), "a") == Ending(kind="key", day=date(2027, 1, 31))


@pytest.mark.parametrize(
    ("parcel", "state", "wanted"),
    [
        ({"state": "sent"}, "sent", Ending(kind="stay", day=date(2026, 12, 5))),
        ({"state": "sent", "after": "keep"}, "sent", None),
        ({"state": "file_made"}, "file_made", None),
        ({"state": "sent"}, "confirmed", None),
        ({"state": "sent", "at": "never"}, "sent", None),
        ({"state": "sent", "connections": {"a": "older"}}, "sent", None),
    ],
    ids=repr,
)
def test_a_key_that_was_sent_goes_after_a_fortnight(
    parcel: dict[str, object], state: str, wanted: Ending | None
) -> None:
    made = Parcel(connections={"a": "k"}, at=NOW.isoformat(), proof="")
    sent = replace(made, **parcel)  # type: ignore[arg-type]
    assert ending(book(sent, a=replace(PASSED, delivered=state)), "a") == wanted


def test_for_whom_and_since_when() -> None:
    parcel = Parcel(connections={"a": "k"}, at="2026-11-20T10:00:00+00:00", proof="", state="sent")
    made = replace(PASSED, made_at="2026-11-01T10:00:00+00:00")
    assert waits(book(a=PASSED), "a") == ("", "")
    assert waits(book(a=replace(made, waiting_for="you")), "a") == ("you", made.made_at)
    sent = replace(made, waiting_for="partner", delivered="sent")
    assert waits(book(parcel, a=sent), "a") == ("partner", parcel.at)
    assert (
        waits(book(parcel, a=replace(sent, since="2026-11-02T10:00:00+00:00")), "a")[1][:10] == "2026-11-02"
    )
    unsent = replace(made, waiting_for="partner", delivered="no")
    assert waits(book(parcel, a=unsent), "a") == ("partner", made.made_at)


def test_others_by_the_same_key_are_known() -> None:
    known = book(a=PASSED, b=PASSED, c=replace(PASSED, credential="other"))
    assert shared(known, "a") == ("b",)
    assert shared(known, "c") == ()


def test_rows_are_found_by_every_word_and_whatever_the_spaces() -> None:
    said = [("a", "Kystbruket 7 AS Fiken org.nr. 313 000 028"), ("b", "Skogstien Tripletex")]
    assert matching(said, "") == {"a", "b"}
    assert matching(said, "fiken KYST") == {"a"}
    assert matching(said, "313000028") == {"a"}
    assert matching(said, "kyst tripletex") == frozenset()
