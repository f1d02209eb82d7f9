"""Xledger: three ways in, three requests at most, and every odd answer in GraphQL and SOAP."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.providers.helpers import Given, Walk, input_for, trace, walking
from wizard.core import errors
from wizard.core.errors import WizardError
from wizard.core.practice import FAULTS, Asked, Reply, practice_of, refusals_of
from wizard.core.preset import Preset
from wizard.core.texts import LANGUAGES, Texts
from wizard.providers.xledger import EVERY, NAMES, OWN, PROOF, PROVIDER, WITH_BELOW
from wizard.providers.xledger.practice import (
    BAD_FORMAT,
    BELOW,
    BURST,
    CONCURRENCY,
    CREDITS,
    FJELLBEKK,
    GROUP,
    KONSERN,
    ORDINARY,
    PASSWORD,
    RESET_AT,
    SOAP_REFUSALS,
    USER,
    failure,
    fault,
    old_fault,
    result,
    soap,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GRAPHQL = "POST api"
LOGON = "POST /WS/Common/Lib/Authentication.asmx"
MORE = practice_of(PROVIDER).more
WEB = MORE["web_service"]
XML = {"Content-Type": "text/xml"}
NS = "{http://ws.xledger.net/}"


def queries(walk: Walk) -> list[object]:
    return [asked.json()["query"] for asked in walk.asked]


def token(value: object) -> Given:
    return {"answers": {"method": "api_token", "api_token": value}}


def web(**answers: object) -> Given:
    given = WEB["answers"]
    assert isinstance(given, dict)
    return {"answers": {**given, **answers}}


def entity_id(value: object) -> Given:
    return {"answers": {"method": "partner_user", "entity_id": value}, "expect": "313000176"}


def listed(*rows: object, **lists: object) -> Reply:
    edges = [{"cursor": "1", "node": row} for row in rows]
    return Reply(json={"data": {"__typename": "Query", "entities": {"edges": edges}, **lists}})


def sent(asked: Asked) -> ET.Element:
    call = ET.fromstring(asked.body).find(f"{{http://www.w3.org/2003/05/soap-envelope}}Body/{NS}LogonKey")
    assert call is not None
    return call


# The key: what is seen before anything is sent


@pytest.mark.parametrize(
    "pasted",
    [
        f"token {ORDINARY}",
        f"Bearer {ORDINARY}",
        f"Authorization: token {ORDINARY}",
        f"authorization:token {ORDINARY}\r\n",
        f"“{ORDINARY}”",
        f"{ORDINARY}==",
        f"{ORDINARY[:40]}\r\n   {ORDINARY[40:]}\n",
    ],
)
def test_a_key_in_any_dress_is_taken(pasted: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        assert walk.connect(token(pasted))
    assert walk.asked[0].headers["authorization"] == f"token {ORDINARY}"


@pytest.mark.parametrize("cut", ["A" * 41, "A" * 43 + "BB", "A" * 42 + "B", "Ab_-" * 30 + "Q", "-" * 42])
def test_a_key_that_was_cut_is_seen_before_it_is_sent(cut: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(token(cut))
    assert (error.code, error.fields, error.facts) == ("field_invalid", ("api_token",), {"reason": "cut"})
    assert not walk.asked
    for language in LANGUAGES:
        assert Texts(language=language).explain(error, PROVIDER).what.count("API")


@pytest.mark.parametrize(
    "odd", ["A" * 39, "A" * 40 + "+", "eyJhbGciOiJub25lIn0." * 3, "ordinary key" * 10, "øæå" * 20]
)
def test_a_key_of_another_shape_is_not_sent(odd: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(token(odd))
    assert (error.code, error.facts) == ("field_invalid", {"reason": "shape"})
    assert not walk.asked


# The key: what it finds


def test_one_request_tells_all(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (proved,) = walk.examine().chosen
    assert (proved.id, proved.name, proved.orgnr) == ("23001", "Fjellbekk Bygg AS", "313000176")
    assert proved.ids == {"db_id": "44668660"}
    assert queries(walk) == [WITH_BELOW]
    assert walk.asked[0].headers["content-type"] == "application/json"
    assert walk.facts("sign_in") == {"count": 1, "more": False}
    assert [(one.facts["right"], one.state) for one in walk.told if one.check == "right"] == [
        ("owner", "passed"),
        ("company", "passed"),
    ]


def test_a_konserns_key_lists_the_konsern_and_all_below_it(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        proof = walk.examine(token(KONSERN))
        assert [one.id for one in proof.companies] == ["24000", "24001", "24002"]
        assert proof.chosen == ()
        assert walk.refused(token(KONSERN), company="313000176").code == "wrong_company"
        with pytest.raises(errors.SeveralCompanies):
            walk.connect(token(KONSERN))
        for pick, meant in (("24000", "24000"), ("313000184", "24001")):
            (receipt,) = walk.connect(token(KONSERN), company=pick)
            assert receipt.company["id"] == meant
        (expected,) = walk.examine(token(KONSERN), expect="313000192").chosen
    assert expected.id == "24002"


def test_a_konsern_with_the_number_of_a_company_below_is_asked_about(tmp_path: Path) -> None:
    group = {**GROUP, "company": {"companyNumber": "313000184"}}
    reply = listed(group, below={"edges": [{"node": row} for row in (group, *BELOW)]})
    with walking(PROVIDER, tmp_path, {GRAPHQL: reply}) as walk:
        proof = walk.examine(expect="313000184", company=None)
    assert (len(proof.companies), proof.chosen) == (3, ())


def test_more_companies_than_are_shown_are_told_of(tmp_path: Path) -> None:
    below = {"edges": [{"node": BELOW[0]}], "pageInfo": {"hasNextPage": True}}
    with walking(PROVIDER, tmp_path, {GRAPHQL: listed(GROUP, below=below)}) as walk:
        walk.examine(company=None)
    assert walk.facts("sign_in") == {"count": 2, "more": True}


@pytest.mark.parametrize(
    ("switch", "company"),
    [
        ("ids_as_numbers", {"orgnr": "313000176", "name": "Fjellbekk Bygg AS", "id": "23001"}),
        ("number_missing", {"orgnr": None, "name": "Fjellbekk Bygg AS", "id": "23001"}),
        ("code_missing", {"orgnr": "313000176", "name": "Fjellbekk Bygg AS", "id": "44668660"}),
        ("name_missing", {"orgnr": "313000176", "name": "23001", "id": "23001"}),
        ("number_unreadable", {"orgnr": None, "name": "Fjellbekk Bygg AS", "id": "23001"}),
        ("own_list_empty", {"orgnr": "313000176", "name": "Fjellbekk Bygg AS", "id": "23001"}),
        ("slow_once", {"orgnr": "313000176", "name": "Fjellbekk Bygg AS", "id": "23001"}),
        ("below_refused", {"orgnr": "313000176", "name": "Fjellbekk Bygg AS", "id": "23001"}),
        ("gaps", {"orgnr": "313000176", "name": "Fjellbekk Bygg AS", "id": "23001"}),
    ],
)
def test_what_differs_from_answer_to_answer_ends_well(
    switch: str, company: Mapping[str, str | None], tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse(switch)
        (receipt,) = walk.connect(expect="313000176", company=None)
    assert receipt.company == company


def test_without_the_number_the_company_is_not_confirmed_and_the_right_is_missed(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse("number_unreadable")
        walk.connect(expect="313000176")
    states = {one.facts["right"]: one.state for one in walk.told if one.check == "right"}
    assert states == {"owner": "passed", "company": "failed"}
    assert {one.state for one in walk.told if one.check == "expected_company"} == {"skipped"}


def test_an_error_beside_the_data_counts_against_the_number_only_where_there_is_none(tmp_path: Path) -> None:
    bare = {**FJELLBEKK, "company": None}
    spoken = {"errors": [{"message": "Access denied."}], "data": {"entities": {"edges": [{"node": bare}]}}}
    with walking(PROVIDER, tmp_path, {GRAPHQL: Reply(json=spoken)}) as walk:
        assert walk.connect(company=None)
    assert {one.facts["right"]: one.state for one in walk.told if one.check == "right"}["company"] == "failed"


# The key: what is asked, and how often


@pytest.mark.parametrize(
    ("switch", "asked"),
    [
        ("", [WITH_BELOW]),
        ("below_refused", [WITH_BELOW]),
        ("slow_once", [WITH_BELOW, OWN]),
        ("too_slow", [WITH_BELOW, OWN]),
        ("slow_and_unreadable", [WITH_BELOW, OWN]),
        ("own_list_empty", [WITH_BELOW, EVERY]),
        ("no_company", [WITH_BELOW, EVERY]),
        ("number_unreadable", [WITH_BELOW, PROOF, NAMES]),
        ("owner_out_of_reach", [WITH_BELOW, PROOF, NAMES]),
        ("lists_refused_403", [WITH_BELOW, PROOF, NAMES]),
        ("our_mistake", [WITH_BELOW, PROOF, NAMES]),
        ("key_refused", [WITH_BELOW, PROOF]),
        ("key_refused_bare", [WITH_BELOW, PROOF]),
        ("key_refused_401", [WITH_BELOW]),
        ("key_refused_401_spoken", [WITH_BELOW]),
        ("key_refused_403", [WITH_BELOW]),
        ("key_cut", [WITH_BELOW]),
        ("burst", [WITH_BELOW]),
        ("burst_429", [WITH_BELOW]),
        ("busy_spoken", [WITH_BELOW]),
        ("quota_empty", [WITH_BELOW]),
        ("maintenance", [WITH_BELOW]),
        ("vendor_down", [WITH_BELOW]),
    ],
)
def test_further_requests_are_sent_only_where_the_first_failed(
    switch: str, asked: list[str], tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse(switch)
        with contextlib.suppress(WizardError):
            walk.examine(company=None)
    assert queries(walk) == asked


@pytest.mark.no_cover
@pytest.mark.parametrize("switch", sorted(refusals_of(PROVIDER)))
def test_never_more_than_three_requests_and_none_twice(switch: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse(switch)
        walk.refused(input_for(PROVIDER, switch), limit=0.5, company=None)
    bodies = [asked.body for asked in walk.asked]
    assert len(set(bodies)) == len(bodies) <= 3


# The key: what a refusal means


@pytest.mark.no_cover
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500, 503])
@pytest.mark.parametrize(
    ("reply", "code", "facts"),
    [
        (failure("x", BURST), "busy", {"seconds": 5, "reason": "timed"}),
        (failure("x", inside={"code": BURST}), "busy", {"seconds": 5, "reason": "timed"}),
        (failure("x", CONCURRENCY), "busy", {"seconds": 1, "reason": "timed"}),
        (failure("x", "CONCURRENCY_LIMIT_REACHED"), "busy", {"seconds": 1, "reason": "timed"}),
        (failure("x", CREDITS), "quota_empty", {"reset_at": None}),
        (failure(BAD_FORMAT), "key_refused", {"reason": "cut"}),
        (failure("Sorry, your query timed out."), "busy", {"seconds": None, "reason": "slow"}),
    ],
)
def test_a_code_means_the_same_at_any_status(
    status: int, reply: Reply, code: str, facts: Mapping[str, object], tmp_path: Path
) -> None:
    spoken = Reply(status=status, json=reply.json)
    with walking(PROVIDER, tmp_path, {GRAPHQL: spoken}) as walk:
        error = walk.refused()
    assert (error.code, error.facts) == (code, facts)
    assert error.may_store is (code != "key_refused")


@pytest.mark.parametrize(
    ("inside", "known"),
    [
        ({"resetAt": RESET_AT}, RESET_AT),
        ({"resetAt": 1796083200}, "1796083200"),
        ({"resetAt": True}, None),
        ({"resetAt": None}, None),
        ({"resetAt": ["soon"]}, None),
        ({"resetAt": " "}, None),
        ({"resetAt": "2026\u202e-12\n" + "9" * 90}, "2026-12 " + "9" * 32),
        (None, None),
    ],
)
def test_when_the_quota_fills_again_is_told_if_it_can_be(
    inside: dict[str, object] | None, known: str | None, tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path, {GRAPHQL: failure("x", CREDITS, inside=inside)}) as walk:
        error = walk.refused()
    assert (error.code, error.facts, error.stage) == ("quota_empty", {"reset_at": known}, "vendor")


def test_the_quota_goes_before_what_else_is_said(tmp_path: Path) -> None:
    rows = [{"message": BAD_FORMAT}, {"code": BURST}, {"code": CREDITS, "resetAt": RESET_AT}]
    with walking(PROVIDER, tmp_path, {GRAPHQL: Reply(json={"errors": rows})}) as walk:
        assert walk.refused().facts == {"reset_at": RESET_AT}


def test_an_unknown_key_is_told_what_cannot_be_told_apart(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(MORE["demo"], environment="production", company=None)
        walk.playground.refuse("key_cut")
        cut = walk.refused()
    assert (error.code, error.fields, error.stage) == ("key_refused", ("api_token",), "sign_in")
    said, other = (Texts(language="nb").explain(one, PROVIDER) for one in (error, cut))
    assert all(word in said.why for word in ("slettet", "miljø", "demo", "deaktivert"))
    assert said.what != other.what


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("switch", ["owner_out_of_reach", "lists_refused_403"])
def test_a_good_key_without_the_right_is_told_which_and_where(
    switch: str, language: str, tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse(switch)
        error = walk.refused()
    assert (error.code, error.stage) == ("scope_missing", "rights")
    assert error.facts == {"reason": "right", "right": "owner"}
    said = Texts(language=language).explain(error, PROVIDER)
    assert "Owner" in said.what
    assert "API tokens" in said.next
    assert "passed" in {one.state for one in walk.told if one.check == "sign_in"}


def data(**values: object) -> Reply:
    return Reply(json={"data": values})


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(json={}), "unexpected_answer"),
        (Reply(json={"data": "text"}), "unexpected_answer"),
        (Reply(json={"errors": [], "data": None}), "unexpected_answer"),
        (Reply(json={"errors": {"message": "one"}}), "unexpected_answer"),
        (Reply(json={"errors": [{"message": 7, "code": 8, "extensions": "x"}]}), "key_refused"),
        (Reply(json={"errors": [None], "data": []}), "key_refused"),
        (Reply(status=400, json={"message": "Bad Request"}), "unexpected_answer"),
        (Reply(status=404, body=b"<html>", headers={"Content-Type": "text/html"}), "unexpected_answer"),
        (Reply(status=403), "unexpected_answer"),
        (Reply(status=500, json={"message": "x"}), "vendor_down"),
        (Reply(status=502, json={"errors": "x"}), "vendor_down"),
        (Reply(body=b"{", headers={"Content-Type": "application/json"}), "unexpected_answer"),
        (data(entities=[]), "unexpected_answer"),
        (data(entities={"edges": {}}), "unexpected_answer"),
        (data(entities={"edges": ["x"]}), "unexpected_answer"),
        (data(entities={"edges": [{"node": "x"}]}), "unexpected_answer"),
        (data(), "no_company"),
        (data(entities={}), "no_company"),
        (data(entities={"edges": None, "pageInfo": "x"}), "no_company"),
        (listed({}), "unexpected_answer"),
        (listed({"code": "", "dbId": None}), "unexpected_answer"),
        (listed({"code": True}), "unexpected_answer"),
        (listed({"code": 1.5}), "unexpected_answer"),
        (listed({**FJELLBEKK, "description": ["x"]}), "unexpected_answer"),
        (listed({**FJELLBEKK, "company": "x"}), "unexpected_answer"),
        (listed({**FJELLBEKK, "company": {"companyNumber": {}}}), "unexpected_answer"),
        (listed({**FJELLBEKK, "description": "half \ud800"}), "unexpected_answer"),
    ],
)
def test_odd_answers_end_in_a_clear_code(reply: Reply, code: str, tmp_path: Path) -> None:
    escaped = (
        reply
        if reply.json is None
        else Reply(status=reply.status, body=json.dumps(reply.json).encode(), headers=reply.headers)
    )
    with walking(PROVIDER, tmp_path, {GRAPHQL: escaped}) as walk:
        assert walk.refused(company=None).code == code


@pytest.mark.parametrize("number", ["313 000 176", 313000176, "NO313000176MVA"])
def test_the_number_is_read_in_any_dress(number: object, tmp_path: Path) -> None:
    row = {**FJELLBEKK, "company": {"companyNumber": number}}
    with walking(PROVIDER, tmp_path, {GRAPHQL: listed(row)}) as walk:
        (receipt,) = walk.connect()
    assert receipt.company["orgnr"] == "313000176"


# The Eier-ID


@pytest.mark.parametrize(
    ("typed", "kept", "warnings"),
    [
        (" 23 001 ", "23001", ()),
        ("23.001", "23001", ()),
        ("100", "100", ()),
        ("44668660", "44668660", ("internal_number",)),
        ("4466866", "4466866", ("internal_number",)),
        ("313 000 176", "313000176", ("organisation_number",)),
    ],
)
def test_an_eier_id_is_tidied_and_another_number_in_its_place_is_warned_of(
    typed: str, kept: str, warnings: tuple[str, ...], tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        order = walk.order(entity_id(typed))
        assert walk.connect(entity_id(typed))[0].company["id"] == kept
    assert order.plain == {"entity_id": kept}
    assert order.warnings == tuple(("entity_id", one) for one in warnings)
    assert all(Texts(language=at).has(f"warnings.{one}", PROVIDER) for at in LANGUAGES for one in warnings)


@pytest.mark.parametrize("typed", ["12", "1234567890", "23001a", "-23001", "٢٣٠٠١", "konsern", 23001])
def test_what_is_no_eier_id_is_refused(typed: object, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(entity_id(typed))
    assert (error.code, error.fields) == ("field_invalid", ("entity_id",))


# The partner's user


def test_the_partners_user_is_let_in_without_a_secret_and_without_a_request(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(MORE["partner_user"])
        (credential,) = walk.store.book().credentials.values()
    assert not walk.asked
    assert not walk.vault.items
    assert (credential.method, credential.plain) == ("partner_user", {"entity_id": "23001"})
    assert (receipt.tested, receipt.waiting_for) == ("not_possible_here", "partner")
    assert receipt.company == {"orgnr": "313000176", "name": "", "id": "23001"}


def test_a_key_renews_what_the_partners_user_began(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (waiting,) = walk.connect(MORE["partner_user"])
        (tested,) = walk.connect()
        assert tested.connection == waiting.connection
        assert len(walk.store.book().connections) == 1


@pytest.mark.parametrize(
    ("values", "method"),
    [
        ({}, "api_token"),
        ({"integration_user": "innsyn@fjordbanken.example"}, "partner_user"),
        ({"integration_user": "innsyn@fjordbanken.example", "method": "web_service"}, "web_service"),
        ({"method": "partner_user"}, "partner_user"),
        ({"method": "carrier_pigeon"}, "api_token"),
    ],
)
def test_the_preset_settles_which_way_is_offered_first(values: Mapping[str, str], method: str) -> None:
    preset = Preset(partner="Fjordbanken", values={"xledger": values})
    assert PROVIDER.by(preset.method(PROVIDER)).method == method


def test_the_guide_names_the_partners_user_or_sends_the_customer_to_ask() -> None:
    guide = PROVIDER.by("partner_user").guide
    named = [step.key for step in guide if step.shown({"integration_user": "innsyn@fjordbanken.example"})]
    unnamed = [step.key for step in guide if step.shown({})]
    assert named == ["partner_roles", "methods", "support", "entity_id"]
    assert unnamed == ["ask_partner", "methods", "entity_id"]


def test_the_letter_to_support_says_all_that_is_needed() -> None:
    preset = Preset(
        partner="Fjordbanken", values={"xledger": {"integration_user": "innsyn@fjordbanken.example"}}
    )
    for language in LANGUAGES:
        body = Texts(language=language, preset=preset).say("mails.support.body", PROVIDER)
        assert all(
            one in body for one in ("Fjordbanken", "innsyn@fjordbanken.example", "FileUpload", "Eier-ID")
        )
        assert "{" not in body


# The imitation


def test_the_imitation_knows_a_header_and_a_call_that_koble_never_sends() -> None:
    practised = practice_of(PROVIDER).vendor("")
    bearer = practised(Asked(method="POST", path="", headers={"authorization": f"Bearer {ORDINARY}"}))
    assert bearer.json == failure(BAD_FORMAT, "UNHANDLED_ERROR").json
    upload = practised(
        Asked(method="POST", path="/WS/Common/Lib/FileUpload.asmx", body=b"<a/>", endpoint="soap")
    )
    assert upload.status == 500


# The web service


@pytest.mark.parametrize(
    ("given", "application"), [("web_service", "XLEDGER"), ("web_service_demo", "XLEDGERDEMO")]
)
def test_only_a_session_is_asked_for(given: str, application: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.connect(MORE[given])
    (asked,) = walk.asked
    assert (asked.endpoint, asked.path) == ("soap", "/WS/Common/Lib/Authentication.asmx")
    assert asked.headers["content-type"] == "application/soap+xml; charset=utf-8"
    assert "soapaction" not in asked.headers
    assert asked.headers["accept"] == "application/soap+xml, text/xml"
    assert [child.tag for child in sent(asked)] == [
        f"{NS}{one}" for one in ("sLogonID", "sPassword", "sApplication")
    ]
    assert sent(asked).findtext(f"{NS}sApplication") == application
    assert b"ReceiveFile" not in asked.body


@pytest.mark.parametrize(
    ("typed", "password", "warnings"),
    [
        (PASSWORD, PASSWORD, ()),
        ("<&>'\"]]> &amp; {x}", "<&>'\"]]> &amp; {x}", ()),
        ('"quoted"', '"quoted"', ()),
        ("'quoted'", "'quoted'", ()),
        ("{braced}", "{braced}", ()),
        ("token of mine", "token of mine", ()),
        ("Bearer x1", "Bearer x1", ()),
        ("passord\r\n", "passord", ()),
        ("\ufeffpass\u200bord\n", "passord", ()),
        (" «passord»\n", "passord", ()),
        ("A\u030arsak", "Årsak", ()),
        ("på tur ", "på tur ", ("space_at_end",)),
        (" på tur", " på tur", ("space_at_end",)),
    ],
)
def test_a_password_is_taken_as_it_is(
    typed: str, password: str, warnings: tuple[str, ...], tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path, {LOGON: soap(result("abcdefgh-1"))}) as walk:
        order = walk.order(web(password=typed))
        assert walk.connect(web(password=typed))
    assert sent(walk.asked[0]).findtext(f"{NS}sPassword") == password
    assert sent(walk.asked[0]).findtext(f"{NS}sLogonID") == USER
    assert order.warnings == tuple(("password", one) for one in warnings)


@pytest.mark.parametrize(
    "typed", ["", "\n", "abc", "x" * 201, "pass\nord", "pass\tord", "pass\x00ord", None, 1234]
)
def test_what_can_be_no_password_is_refused(typed: object, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(web(password=typed))
    assert (error.code, error.fields) == ("field_invalid", ("password",))
    assert not walk.asked


@pytest.mark.parametrize("typed", ["", "x", "two words", "a" * 101])
def test_what_can_be_no_user_name_is_refused(typed: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        assert walk.refused(web(user_name=typed)).fields == ("user_name",)


def test_the_company_is_the_one_that_was_told_and_is_not_confirmed(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(WEB, expect="313000176")
        (row,) = walk.store.book().connections.values()
        for pick in ("23001", "313000176"):
            assert walk.connect(WEB, company=pick)
        assert walk.refused(WEB, company="23002").code == "wrong_company"
    assert receipt.company == {"orgnr": None, "name": "23001", "id": "23001"}
    assert (receipt.tested, row.expect) == ("passed", "313000176")
    assert "skipped" in {one.state for one in walk.told if one.check == "expected_company"}
    assert walk.store.book().connections.keys() == {receipt.connection}


@pytest.mark.parametrize("switch", sorted(FAULTS))
def test_the_faults_of_any_vendor_end_in_their_codes_here_too(switch: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse(switch)
        error = walk.refused(WEB, limit=0.5 if switch == "timed_out" else 20.0)
    assert error.code == FAULTS[switch][0]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("inner", "version", "code"),
    [
        (fault("soap:Sender", "x"), 12, "key_refused"),
        (fault(" env:Sender ", "x"), 12, "key_refused"),
        (fault("Sender", "x"), 12, "key_refused"),
        (fault("soap:Receiver", "x"), 12, "vendor_down"),
        (old_fault("soap:Client", "x"), 11, "key_refused"),
        (old_fault("Client.Authentication", "x"), 11, "key_refused"),
        (old_fault("soap:Server.Busy", "x"), 11, "vendor_down"),
        (fault("soap:MustUnderstand", "x"), 12, "unexpected_answer"),
        (fault("", "x"), 12, "unexpected_answer"),
        (old_fault("soap:Sender", "x") + result("abcdefgh-1"), 11, "key_refused"),
    ],
)
def test_a_fault_is_whose_it_says(inner: str, version: int, code: str, status: int, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {LOGON: soap(inner, status=status, version=version)}) as walk:
        error = walk.refused(WEB)
    assert error.code == code
    if code == "vendor_down":
        assert error.facts == {"http_status": status, "reason": "fault"}
        assert "passord" in Texts(language="nb").explain(error, PROVIDER).why


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "Feil passord", "-1", "0", "false", "nøkkel-med-ø", "two\nlines"]
)
def test_a_text_in_place_of_a_key_is_a_refusal(text: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {LOGON: soap(result(text))}) as walk:
        error = walk.refused(WEB)
    assert (error.code, error.fields) == ("key_refused", ("password", "user_name"))
    said = Texts(language="nb").explain(error, PROVIDER)
    assert "passord" in said.what
    assert "Web Service" in said.why


DEEP = b"<a>" * 100_000 + b"</a>" * 100_000
BOMB = b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 500_000 + b'">]><x>' + b"&a;" * 2000 + b"</x>"


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        BOMB,
        b"<a",
        b"\xff\xfe<\x00a\x00",
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/"><a/>',
        b"<a>&undefined;</a>",
        b"<LogonKeyResult>abcdefgh-1</LogonKeyResult>",
    ],
    ids=range(9),
)
def test_xml_that_is_hostile_or_broken_ends_in_a_clear_code(body: bytes, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {LOGON: Reply(body=body, headers=XML)}) as walk:
        assert walk.refused(WEB).code == "unexpected_answer"


def test_a_signed_in_user_in_a_large_document_is_read(tmp_path: Path) -> None:
    long = soap(f"<x>{'<y/>' * 100_000}</x>" + result("abcdefgh-1"))
    with walking(PROVIDER, tmp_path, {LOGON: long}) as walk:
        assert walk.examine(WEB).chosen


@pytest.mark.parametrize("switch", ["", *sorted(SOAP_REFUSALS)])
def test_neither_password_nor_session_comes_out(
    switch: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("koble").addHandler(caplog.handler)
    said = ""
    with caplog.at_level(logging.DEBUG), walking(PROVIDER, tmp_path) as walk:
        walk.playground.refuse(switch)
        try:
            said = repr(walk.connect(WEB))
        except WizardError as error:
            said = trace(error)
    logging.getLogger("koble").removeHandler(caplog.handler)
    said += repr((walk.told, walk.order(WEB))) + caplog.text + "".join(capfd.readouterr())
    said += "".join(file.read_text("utf-8") for file in tmp_path.rglob("*") if file.is_file())
    assert "Authentication.asmx" in caplog.text
    assert not [one for one in (PASSWORD, "blåbær", "practice0key", "abcdefgh-1") if one in said]


def test_a_fault_that_repeats_the_password_is_not_passed_on(tmp_path: Path) -> None:
    echo = soap(fault("soap:Receiver", f"Cannot log on with {PASSWORD}"), status=500)
    with walking(PROVIDER, tmp_path, {LOGON: echo}) as walk:
        error: Any = walk.refused(WEB)
    assert "blåbær" not in trace(error) + repr(walk.told)
