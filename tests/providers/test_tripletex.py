"""Tripletex: sessions, accountants' clients, clocks, and odd answers of every kind."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.providers.helpers import Given, Walk, walking
from wizard.core import errors
from wizard.core.net import Http
from wizard.core.practice import Asked, Playground, Reply, practice_of
from wizard.core.provider import Found, Link
from wizard.providers.tripletex import PAGE_SIZE, PROVIDER, access, leave
from wizard.providers.tripletex.practice import (
    CLIENTS,
    COMPANIES,
    CONSUMER,
    FORBIDDEN,
    NOT_FOUND,
    OFFICE,
    ORDINARY,
    TEST_CONSUMER,
    TEST_ORDINARY,
    UNAUTHORISED,
    error,
    token,
    vendor,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CREATE = "POST /token/session/:create"
WHO = "GET /token/session/>whoAmI"
OWN = "GET /company/108136045"
CLIENT_LIST = "GET /company/>withLoginAccess"
CLIENT = "GET /company/108140001"
MODULES = "GET /company/salesmodules"
ENTITLED = "GET /employee/entitlement"
KNOWN = ("company", "integrations", "vouchers", "reports")
MORE = practice_of(PROVIDER).more
HTML = Reply(status=404, body=b"<html>", headers={"Content-Type": "text/html"})


def value(row: object) -> Reply:
    return Reply(json={"value": row})


def steps(walk: Walk) -> list[str]:
    return [f"{asked.method} {asked.path.partition('ey')[0]}" for asked in walk.asked]


class ManyClients(Playground):
    """An accountant with many clients, answered in pages of a size that nobody agreed on."""

    def __init__(self, rows: list[Mapping[str, object]], *, size: int = PAGE_SIZE, total: int | None) -> None:
        super().__init__({"tripletex": PROVIDER})
        self.rows, self.size, self.total = rows, size, total

    def answer(self, slug: str, asked: Asked) -> Reply:
        imitated = super().answer(slug, asked)
        if asked.path != "/company/>withLoginAccess":
            return imitated
        start = int(asked.query["from"])
        return Reply(json={"fullResultSize": self.total, "values": self.rows[start : start + self.size]})


def test_an_ordinary_connection_asks_what_it_needs_and_closes_the_session(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (proved,) = walk.examine().chosen
    assert (proved.id, proved.name, proved.orgnr) == ("108136045", "Havblikk Fiskemottak AS", "313000060")
    assert proved.ids == {"user": "0"}
    assert steps(walk)[:3] == [CREATE, WHO, OWN]
    assert sorted(steps(walk)[3:-1]) == [MODULES, ENTITLED, ENTITLED]
    assert steps(walk)[-1] == "DELETE /token/session/"
    assert walk.asked[0].query == {}
    assert "cookie" not in walk.asked[0].headers


def test_the_session_is_closed_after_a_refusal_too(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse("rights_missing")
        assert walk.refused().fields == ("employee_token",)
    assert steps(walk)[-1] == "DELETE /token/session/"


def test_a_session_that_was_never_made_is_not_closed(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse("key_refused")
        walk.refused()
    assert steps(walk) == [CREATE]


@pytest.mark.parametrize("missing", [405, 404])
def test_the_older_way_is_taken_only_where_the_newer_is_not_there(missing: int, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse("old_session" if missing == 405 else "old_session_404")
        assert walk.connect()
    assert steps(walk)[:2] == [CREATE, "PUT /token/session/:create"]
    assert walk.asked[1].query.keys() == {"consumerToken", "employeeToken", "expirationDate"}


@pytest.mark.parametrize("code", [6000, "6000"])
def test_a_token_that_is_not_found_is_never_put_into_an_address(code: object, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {CREATE: Reply(status=404, json={"code": code})}) as walk:
        assert walk.refused().fields == ("employee_token",)
    assert len(walk.asked) == 1


@pytest.mark.parametrize(
    ("now", "last_day"),
    [
        ("2026-11-20T22:30:00+00:00", "2026-11-22"),
        ("2026-11-20T23:30:00+00:00", "2026-11-23"),
        ("2026-07-01T22:30:00+00:00", "2026-07-04"),
        ("2026-12-30T12:00:00-08:00", "2027-01-01"),
    ],
)
def test_the_last_day_is_reckoned_in_oslo(now: str, last_day: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.now = lambda: datetime.fromisoformat(now)
        walk.examine()
    assert walk.asked[0].json()["expirationDate"] == last_day


def test_a_company_may_hide_its_name_and_number(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {OWN: value({})}) as walk:
        (receipt,) = walk.connect(company=None)
        (hidden,) = walk.connect(MORE["hidden_number"])
    assert receipt.company == {"orgnr": None, "name": "108136045", "id": "108136045"}
    assert hidden.company["name"] == "Lyngheim Gård (108136046)"


def test_an_accountant_chooses_among_the_clients(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        given = MORE["accountant"]
        proof = walk.examine(given, company=None)
        (first,) = walk.examine(given, company="51001").chosen
        (third,) = walk.examine(given, company="51003").chosen
        (second,) = walk.examine(given, company="313000095").chosen
    assert [one.id for one in proof.companies] == ["51001", "51002", "51003"]
    assert (proof.chosen, walk.facts("companies")["accountant"]) == ((), True)
    assert first.ids == {"user": "51001", "company_id": "108140001"}
    assert (third.ids, third.orgnr) == ({"user": "51003"}, "313000109")
    assert (second.name, second.orgnr) == ("Tindeby Sport AS", "313000095")


def test_a_client_is_asked_for_in_its_own_name(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.examine(MORE["accountant"], company="51001")
    asked = next(one for one in walk.asked if one.path == "/company/108140001")
    pair = base64.b64decode(asked.headers["authorization"].partition(" ")[2]).decode()
    assert pair.startswith("51001:")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (FORBIDDEN, "rights_missing"),
        (UNAUTHORISED, "rights_missing"),
        (Reply(status=400), "unexpected_answer"),
        (value(None), "unexpected_answer"),
        (value({"name": 7}), "unexpected_answer"),
    ],
)
def test_a_client_that_does_not_let_us_in(reply: Reply, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {CLIENT: reply}) as walk:
        refused = walk.refused(MORE["accountant"])
    assert (refused.code, refused.stage) == (code, "rights")
    assert refused.facts.get("company") in {None, "Bryggen Bakeri AS"}


def test_what_the_list_said_stays_where_the_client_itself_says_nothing(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {CLIENT: value({"id": 1})}) as walk:
        (company,) = walk.examine(MORE["accountant"]).chosen
    assert (company.name, company.orgnr) == ("Bryggen Bakeri AS", "313000087")


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("count", "size", "total", "pages"),
    [
        (1, PAGE_SIZE, None, 1),
        (PAGE_SIZE, PAGE_SIZE, None, 2),
        (PAGE_SIZE + 1, PAGE_SIZE, None, 2),
        (250, 100, 250, 3),
        (3, PAGE_SIZE, 9999, 2),
        (3, PAGE_SIZE, 3, 1),
    ],
)
def test_every_page_of_clients_is_asked_for(
    count: int, size: int, total: int | None, pages: int, tmp_path: Path
) -> None:
    rows: list[Mapping[str, object]] = [{"id": number, "name": f"Client {number}"} for number in range(count)]
    with walking(PROVIDER, tmp_path) as walk, ManyClients(rows, size=size, total=total).open() as many:
        walk.playground = many
        proof = walk.examine(MORE["accountant"], company="0")
    assert len(proof.companies) == count
    assert len([one for one in walk.asked if one.path == "/company/>withLoginAccess"]) == pages


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"fullResultSize": 0, "values": []}, "rights_missing"),
        ({"values": None}, "unexpected_answer"),
        ({"values": {}}, "unexpected_answer"),
        ({"values": [None]}, "unexpected_answer"),
        ({"values": ["51001"]}, "unexpected_answer"),
        ({"values": [{**CLIENTS[0], "id": "51001"}]}, "unexpected_answer"),
        ({"values": [{**CLIENTS[0], "id": True}]}, "unexpected_answer"),
        ({"values": [{**CLIENTS[0], "customerCompanyId": "x"}]}, "unexpected_answer"),
        ({"fullResultSize": "3", "values": list(CLIENTS)}, "unexpected_answer"),
        ([], "unexpected_answer"),
    ],
)
def test_odd_lists_of_clients(body: object, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {CLIENT_LIST: Reply(json=body)}) as walk:
        assert walk.refused(MORE["accountant"]).code == code


@pytest.mark.parametrize(
    ("at", "reply", "code"),
    [
        (CREATE, Reply(status=201, json={}), "unexpected_answer"),
        (CREATE, Reply(status=201, json={"value": []}), "unexpected_answer"),
        (CREATE, Reply(status=201, json=[]), "unexpected_answer"),
        (CREATE, Reply(status=201), "unexpected_answer"),
        (CREATE, value({"token": ""}), "unexpected_answer"),
        (CREATE, value({"token": 7}), "unexpected_answer"),
        (CREATE, value({"token": "line\nbreak"}), "unexpected_answer"),
        (CREATE, value({"token": "æøå"}), "unexpected_answer"),
        (CREATE, error(400, 4000, "Bad request"), "unexpected_answer"),
        (CREATE, error(409, 7000, "Conflict"), "unexpected_answer"),
        (CREATE, UNAUTHORISED, "key_refused"),
        (CREATE, FORBIDDEN, "rights_missing"),
        (CREATE, Reply(status=422), "key_refused"),
        (CREATE, Reply(status=422, json={"validationMessages": "consumerToken"}), "key_refused"),
        (CREATE, Reply(status=422, json={"validationMessages": [None, "x", 7, {}]}), "key_refused"),
        (CREATE, Reply(status=422, json={"validationMessages": [{"field": 7}]}), "key_refused"),
        (
            CREATE,
            Reply(status=422, json={"ValidationMessages": [{"field": None}, {"field": "ARG:CONSUMERTOKEN"}]}),
            "partner_key_refused",
        ),
        (WHO, FORBIDDEN, "rights_missing"),
        (WHO, NOT_FOUND, "unexpected_answer"),
        (WHO, Reply(json={}), "unexpected_answer"),
        (WHO, Reply(body=b""), "unexpected_answer"),
        (WHO, value({"companyId": "108136045"}), "unexpected_answer"),
        (WHO, value({"companyId": 1.5}), "unexpected_answer"),
        (WHO, value({"companyId": True}), "unexpected_answer"),
        (OWN, UNAUTHORISED, "key_refused"),
        (OWN, NOT_FOUND, "unexpected_answer"),
        (OWN, value(None), "unexpected_answer"),
        (OWN, value([COMPANIES[ORDINARY]]), "unexpected_answer"),
        (OWN, value({"name": ["Havblikk"]}), "unexpected_answer"),
        (OWN, value({"name": "half a \ud83d character"}), "unexpected_answer"),
        (OWN, value({"name": "A", "organizationNumber": 313000060}), "unexpected_answer"),
        (OWN, FORBIDDEN, "rights_missing"),
    ],
)
def test_odd_answers_end_in_a_clear_code(at: str, reply: Reply, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {at: encodable(reply)}) as walk:
        assert walk.refused().code == code
    assert walk.nothing_stored()


def encodable(reply: Reply) -> Reply:
    """Return the reply as ASCII: half a character can only be written so."""
    if reply.json is None:
        return reply
    return Reply(status=reply.status, headers=reply.headers, body=json.dumps(reply.json).encode())


def test_a_404_without_a_code_in_both_ways_is_unexpected(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {CREATE: HTML, "PUT /token/session/:create": HTML}) as walk:
        refused = walk.refused()
    assert (refused.code, refused.facts["http_status"]) == ("unexpected_answer", 404)


@pytest.mark.parametrize(
    ("at", "away", "code"),
    [
        (CREATE, timedelta(hours=11), "key_refused"),
        (CREATE, timedelta(hours=13), "clock_wrong"),
        (WHO, timedelta(days=-400), "clock_wrong"),
    ],
)
def test_a_clock_that_is_far_off_is_named(at: str, away: timedelta, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {at: UNAUTHORISED}) as walk:
        walk.now = lambda: datetime.now(UTC) + away
        refused = walk.refused()
    assert (refused.code, refused.stage) == (code, "sign_in")
    if code == "clock_wrong":
        assert refused.facts["minutes"] == round(abs(away).total_seconds() / 60)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Foo 2026 99:99:99 GMT", "Fri, 20 Nov 2026 12:00:00 -0000"]
)
def test_a_clock_that_the_vendor_does_not_tell_is_not_guessed_at(date: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {CREATE: Reply(status=401, headers={"Date": date})}) as walk:
        assert walk.refused().code == "key_refused"


def test_the_vendors_own_number_is_kept(tmp_path: Path) -> None:
    in_header = Reply(status=404, json={"code": 6000}, headers={"x-tlx-request-id": "header-number"})
    in_body = Reply(status=404, json={"code": 6000, "requestId": "body-number"})
    in_neither = Reply(status=404, json={"code": 6000, "requestId": {"a": 1}})
    for reply, number in ((in_header, "header-number"), (in_body, "body-number"), (in_neither, None)):
        with walking(PROVIDER, tmp_path, {CREATE: reply}) as walk:
            assert walk.refused().facts.get("request_id") == number


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (
            {"answers": {"employee_token": TEST_ORDINARY}, "partner": {"consumer_token": CONSUMER}},
            "employee_token",
        ),
        (
            {"answers": {"employee_token": ORDINARY}, "partner": {"consumer_token": TEST_CONSUMER}},
            "consumer_token",
        ),
        ({**MORE["test"], "answers": {"employee_token": OFFICE}}, "employee_token"),
        ({**MORE["test"], "partner": {"consumer_token": CONSUMER}}, "consumer_token"),
    ],
)
def test_a_token_of_the_other_environment_is_never_sent(given: Given, field: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk, pytest.raises(errors.WrongEnvironment) as caught:
        walk.order(given)
    assert caught.value.fields == (field,)
    assert not walk.asked


@pytest.mark.parametrize(
    ("inner", "warnings"),
    [
        ('{"tokenId":1,"token":"b3254589-71c4-4e0e-a6f2-000000000000"}', ()),
        ('{"tokenId":1,"token":"???>>>~~~b3254589-71c4-4e0e-a6f2"}', ()),
        ('{"tokenId":"1","token":"b3254589-71c4-4e0e-a6f2"}', ("undecodable",)),
        ('{"tokenId":1,"token":null,"more":"b3254589-71c4-4e0e"}', ("undecodable",)),
        ('["b3254589-71c4-4e0e-a6f2","b3254589-71c4-4e0e"]', ("undecodable",)),
        ("not JSON at all, but quite long enough for that", ("undecodable",)),
        ("[" * 10_000, ("undecodable",)),
    ],
)
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_token_is_read_whatever_its_base64(
    inner: str, warnings: tuple[str, ...], padded: bool, encode: object, tmp_path: Path
) -> None:
    assert callable(encode)
    text = encode(inner.encode()).decode()
    with walking(PROVIDER, tmp_path) as walk:
        order = walk.order(answers={"employee_token": text if padded else text.rstrip("=")})
    assert order.warnings == tuple(("employee_token", one) for one in warnings)


@pytest.mark.parametrize("text", ["=" * 40, "A" * 41, "====" + "a" * 40, "--__" * 12])
def test_a_token_that_is_no_base64_is_warned_of(text: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        warned = walk.order(answers={"employee_token": text}).warnings
    assert warned == (("employee_token", "undecodable"),)


class NoDoor(Http):
    """A door that nobody may go through."""

    def __init__(self) -> None:
        """Take nothing: there is no client behind it."""


def test_there_is_nothing_to_close_without_a_session() -> None:
    link = Link(http=NoDoor(), keys={}, environment=PROVIDER.environments[0], now=datetime.now(UTC))
    assert anyio.run(leave, link) is None
    assert anyio.run(access, link) == Found()


def test_the_imitation_knows_its_own_sessions_only() -> None:
    tripletex = vendor("")
    made = tripletex(Asked(method="POST", path="/token/session/:create", body=json.dumps(tokens()).encode()))
    assert isinstance(made.json, dict)
    session = made.json["value"]["token"]
    signed = {"authorization": "Basic " + base64.b64encode(f"0:{session}".encode()).decode()}
    close = Asked(method="DELETE", path=f"/token/session/{session}", headers=signed)
    assert [tripletex(close).status for _ in range(2)] == [204, 401]
    assert tripletex(Asked(method="GET", path="/token/session/>whoAmI")).status == 401


def tokens() -> dict[str, str]:
    return {"consumerToken": CONSUMER, "employeeToken": ORDINARY, "expirationDate": "2026-11-22"}


def test_practice_keys_have_the_vendors_form() -> None:
    row = json.loads(base64.b64decode(token(7, "inner")))
    assert row == {"tokenId": 7, "token": "inner"}
    assert all(text.startswith("eyJ0b2tlbklkIjox") for text in (CONSUMER, TEST_CONSUMER))


# What the token may do


def names(*given: object) -> Reply:
    return Reply(json={"fullResultSize": len(given), "values": [{"name": one} for one in given]})


def told(company: str, integrations: str, vouchers: str, reports: str) -> dict[str, str]:
    return dict(zip(KNOWN, (company, integrations, vouchers, reports), strict=True))


def test_each_right_is_told(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        assert walk.connect()
    assert walk.rights == told("passed", "passed", "passed", "passed")
    asked = [one.query for one in walk.asked if one.path == "/employee/entitlement"]
    assert {one["employeeId"] for one in asked} == {"18462095", "18462096"}
    assert {one["fields"] for one in asked} == {"name"}


def test_a_token_may_do_what_both_its_owner_and_its_user_may(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse("right_missing")
        assert walk.connect()
    assert walk.rights == told("passed", "passed", "failed", "passed")


@pytest.mark.parametrize(
    "reply",
    [
        NOT_FOUND,
        FORBIDDEN,
        UNAUTHORISED,
        HTML,
        Reply(status=405),
        Reply(status=500),
        Reply(status=503, body=b"<html>", headers={"Content-Type": "text/html"}),
        Reply(body=b"<html>", headers={"Content-Type": "text/html"}),
        Reply(status=302, headers={"Location": "https://login.example.test/"}),
        Reply(status=429, headers={"Retry-After": "120"}),
        Reply(),
        Reply(body=b"not JSON"),
        Reply(json=[]),
        Reply(json={}),
        Reply(json={"values": None}),
        Reply(json={"values": [None]}),
        Reply(json={"values": [{"name": 7}]}),
        Reply(json={"values": [{"name": None}, {}]}),
        names(),
        names("ROLE_ADMINISTRATOR"),
        names("something", "else"),
    ],
)
def test_whatever_is_answered_a_right_is_at_most_unknown(reply: Reply, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {MODULES: reply, ENTITLED: reply}) as walk:
        (receipt,) = walk.connect()
    assert receipt.tested == "passed"
    assert walk.rights == told("passed", "skipped", "skipped", "skipped")


def test_what_one_probe_does_not_tell_another_may(tmp_path: Path) -> None:
    entitled = names("AUTH_LOGIN", "AUTH_COMPANY_ACCOUNTING_REPORTS")
    with walking(PROVIDER, tmp_path, {MODULES: NOT_FOUND, ENTITLED: entitled}) as walk:
        walk.connect()
    assert walk.rights == told("passed", "skipped", "failed", "passed")


def test_a_network_that_breaks_at_a_probe_ends_no_connection_that_works(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {MODULES: Reply(drop=True)}) as walk:
        walk.connect()
    assert walk.rights["integrations"] == "skipped"
    assert steps(walk)[-1] == "DELETE /token/session/"


@pytest.mark.parametrize(
    ("people", "asked"),
    [
        ({"employeeId": 7, "actualEmployeeId": 7}, ["7"]),
        ({"employeeId": 7}, []),
        ({"actualEmployeeId": 8}, []),
        ({"employeeId": "7", "actualEmployeeId": 8}, []),
        ({"employeeId": True, "actualEmployeeId": 8}, []),
        ({"employeeId": [7], "actualEmployeeId": {}}, []),
        ({}, []),
    ],
)
def test_only_people_who_are_named_are_asked_about(
    people: dict[str, object], asked: list[str], tmp_path: Path
) -> None:
    who = value({"companyId": 108136045, **people})
    with walking(PROVIDER, tmp_path, {WHO: who}) as walk:
        walk.connect()
    about = [one.query["employeeId"] for one in walk.asked if one.path == "/employee/entitlement"]
    assert about == asked
    assert walk.rights == told("passed", "passed", *(["passed"] * 2 if asked else ["skipped"] * 2))


def test_an_accountants_session_is_asked_nothing_that_it_may_not(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.connect(MORE["accountant"])
        assert walk.rights == told("passed", "skipped", "skipped", "skipped")
        walk.told.clear()
        walk.connect(MORE["accountant"], company="313000095")
        assert set(walk.rights.values()) == {"skipped"}
    assert not {MODULES, ENTITLED} & set(steps(walk))


def test_the_imitation_keeps_an_accountants_session_out() -> None:
    tripletex = vendor("")
    body = json.dumps({**tokens(), "employeeToken": OFFICE}).encode()
    made = tripletex(Asked(method="POST", path="/token/session/:create", body=body))
    assert isinstance(made.json, dict)
    pair = f"0:{made.json['value']['token']}".encode()
    signed = {"authorization": "Basic " + base64.b64encode(pair).decode()}
    for path in (MODULES, ENTITLED):
        assert tripletex(Asked(method="GET", path=path.partition(" ")[2], headers=signed)).status == 403
