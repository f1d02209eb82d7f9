"""PowerOffice Go: three keys, a gateway before the API, and odd answers of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.providers.helpers import walking
from wizard.core.practice import Asked, Reply, practice_of
from wizard.core.secret import Secret
from wizard.providers.poweroffice import PROVIDER
from wizard.providers.poweroffice.practice import (
    CLIENTS,
    FORBIDDEN,
    GATEWAY,
    INVALID_CLIENT,
    MISSING_PRIVILEGE,
    NARROW,
    ORDINARY,
    PRIVILEGES,
    SUBSCRIPTION_KEY,
    vendor,
)

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "POST token"
WHO = "GET /ClientIntegrationInformation"
SETTINGS = "GET /OrganizationSettings"
MORE = practice_of(PROVIDER).more
HTML = {"Content-Type": "text/html"}
PROBLEM = {"Content-Type": "application/problem+json"}
ROW = CLIENTS[ORDINARY]


def test_the_gateway_is_shown_its_key_each_time_and_the_api_a_key_just_made(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (company,) = walk.examine().chosen
    assert [asked.path for asked in walk.asked] == ["", WHO[4:], SETTINGS[4:]]
    assert {one.headers["ocp-apim-subscription-key"] for one in walk.asked} == {SUBSCRIPTION_KEY}
    assert [one.headers["authorization"].split()[0] for one in walk.asked] == ["Basic", "Bearer", "Bearer"]
    assert walk.asked[0].body == b"grant_type=client_credentials"
    assert (company.id, company.name, company.orgnr) == (ROW["ClientId"], "Solgløtt Eiendom AS", "313000117")
    assert walk.facts("company") == {
        "subscriptions": "Accounting, Payroll",
        "valid_privileges": ", ".join(PRIVILEGES),
        "invalid_privileges": "TimeTracking_Full",
    }


def test_a_key_may_be_written_in_capitals_and_braces(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        order = walk.order(answers={"client_key": "{" + ORDINARY.upper() + "}"})
        assert walk.connect(answers={"client_key": "{" + ORDINARY + "}"})
    assert order.answers["client_key"] == Secret(ORDINARY.upper())


def test_the_settings_name_a_company_that_has_no_other_name(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(MORE["without_a_name"])
    assert (receipt.company["name"], receipt.company["orgnr"]) == ("Mølleparken Drift AS", "313000125")


@pytest.mark.parametrize(
    "reply",
    [
        FORBIDDEN,
        MISSING_PRIVILEGE,
        Reply(status=400),
        Reply(status=404, body=b"<html>", headers=HTML),
        Reply(status=422, json=["odd"]),
        Reply(),
        Reply(status=204),
        Reply(body=b" \n"),
        Reply(json={}),
        Reply(json={"OrganizationNumber": None, "LegalName": None, "Name": None}),
        Reply(json={"organizationNumber": "12 34", "name": ""}),
        Reply(json={"organizationNumber": "01010112345"}),
    ],
)
def test_a_number_that_is_not_told_is_no_failed_connection(reply: Reply, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {SETTINGS: reply}) as walk:
        (receipt,) = walk.connect(company=None, expect="313000060")
    assert receipt.company["orgnr"] is None
    assert receipt.company["name"] == "Solgløtt Eiendom AS"


@pytest.mark.parametrize("name", ["ORGANIZATIONNUMBER", "organizationNumber", "organizationnumber"])
def test_names_are_read_whatever_their_case(name: str, tmp_path: Path) -> None:
    settings = Reply(json={name: "NO 313 000 133 MVA", "legalname": None, "NAME": "By"}, headers=PROBLEM)
    who = Reply(json={"clientid": "one", "CLIENTNAME": ""})
    with walking(PROVIDER, tmp_path, {SETTINGS: settings, WHO: who}) as walk:
        (company,) = walk.examine(company=None).chosen
    assert (company.id, company.name, company.orgnr) == ("one", "By", "313000133")


def test_a_company_without_any_name_is_called_by_its_id(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {WHO: Reply(json={"ClientId": "one"}), SETTINGS: FORBIDDEN}) as walk:
        (company,) = walk.examine(company=None).chosen
    assert company.name == "one"


@pytest.mark.parametrize("odd", [None, "Accounting", 7, {"a": 1}, [None, 7, ["x"], {"a": 1}]])
def test_odd_privileges_are_left_out(odd: object, tmp_path: Path) -> None:
    row = {
        "ClientId": "one",
        "ActiveClientSubscriptions": odd,
        "ValidPrivileges": odd,
        "InvalidPrivileges": odd,
    }
    with walking(PROVIDER, tmp_path, {WHO: Reply(json=row)}) as walk:
        walk.examine(company=None)
    assert set(walk.facts("company").values()) == {""}


@pytest.mark.parametrize(
    ("reply", "code", "fields"),
    [
        (Reply(status=400, json=INVALID_CLIENT), "key_refused", ("client_key",)),
        (Reply(status=400, json={"Error": "invalid_grant"}, headers=PROBLEM), "key_refused", ("client_key",)),
        (Reply(status=400, json={"error": "unauthorized_client"}), "key_refused", ("client_key",)),
        (Reply(status=401, json={"error": "access_denied"}), "key_refused", ("client_key",)),
        (Reply(status=401), "key_refused", ("client_key",)),
        (Reply(status=401, json=["odd"]), "key_refused", ("client_key",)),
        (Reply(status=401, body=b"<html>", headers=HTML), "key_refused", ("client_key",)),
        (GATEWAY, "partner_key_refused", ("subscription_key",)),
        (Reply(status=401, json={"STATUSCODE": "401"}), "partner_key_refused", ("subscription_key",)),
        (Reply(status=400, json={"error": "invalid_scope"}), "unexpected_answer", ()),
        (Reply(status=400, json={"error": ["invalid_client"]}), "unexpected_answer", ()),
        (Reply(status=400, json={"error": {"code": "invalid_client"}}), "unexpected_answer", ()),
        (Reply(status=400, body=b"<html>", headers=HTML), "unexpected_answer", ()),
        (Reply(status=403, json=INVALID_CLIENT), "unexpected_answer", ()),
        (Reply(status=404), "unexpected_answer", ()),
        (Reply(json={}), "unexpected_answer", ()),
        (Reply(json=[]), "unexpected_answer", ()),
        (Reply(), "unexpected_answer", ()),
        (Reply(json={"access_token": None}), "unexpected_answer", ()),
        (Reply(json={"access_token": 7}), "unexpected_answer", ()),
        (Reply(json={"access_token": ""}), "unexpected_answer", ()),
        (Reply(json={"access_token": "a\r\nb"}), "unexpected_answer", ()),
        (Reply(json={"access_token": "æ"}), "unexpected_answer", ()),
        (Reply(body=b"<html>", headers=HTML), "captive_portal", ()),
        (Reply(status=500, body=b"<html>", headers=HTML), "vendor_down", ()),
    ],
)
def test_odd_answers_to_the_keys(reply: Reply, code: str, fields: tuple[str, ...], tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {TOKEN: reply}) as walk:
        error = walk.refused()
    assert (error.code, error.fields) == (code, fields)
    assert len(walk.asked) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("invalid_scope", "invalid_scope"),
        ("A whole sentence, with a key in it", None),
        ("x" * 41, None),
        (7, None),
    ],
)
def test_an_errors_name_is_kept_for_the_details(said: object, kept: str | None, tmp_path: Path) -> None:
    reply = Reply(status=400, json={"error": said}, headers={"X-Request-Id": "number"})
    with walking(PROVIDER, tmp_path, {TOKEN: reply}) as walk:
        facts = walk.refused().facts
    assert (facts.get("error"), facts["request_id"], facts["http_status"]) == (kept, "number", 400)


@pytest.mark.parametrize(
    ("at", "reply", "code"),
    [
        (WHO, GATEWAY, "partner_key_refused"),
        (WHO, Reply(status=401), "unexpected_answer"),
        (WHO, Reply(status=401, body=b"<html>", headers=HTML), "unexpected_answer"),
        (WHO, FORBIDDEN, "rights_missing"),
        (WHO, MISSING_PRIVILEGE, "unexpected_answer"),
        (WHO, Reply(status=404, json={"statusCode": 404}), "unexpected_answer"),
        (WHO, Reply(), "unexpected_answer"),
        (WHO, Reply(json=[ROW]), "unexpected_answer"),
        (WHO, Reply(json={**ROW, "ClientId": 7}), "unexpected_answer"),
        (WHO, Reply(json={**ROW, "ClientId": ""}), "unexpected_answer"),
        (WHO, Reply(json={**ROW, "ClientName": ["ABC AS"]}), "unexpected_answer"),
        (SETTINGS, GATEWAY, "partner_key_refused"),
        (SETTINGS, Reply(status=401), "unexpected_answer"),
        (SETTINGS, Reply(json=[]), "unexpected_answer"),
        (SETTINGS, Reply(json={"OrganizationNumber": 313000117}), "unexpected_answer"),
        (SETTINGS, Reply(json={"LegalName": 7}), "unexpected_answer"),
        (SETTINGS, Reply(status=429, json={"statusCode": "429", "message": "no time named"}), "busy"),
        (SETTINGS, Reply(status=503), "vendor_down"),
    ],
)
def test_odd_answers_after_the_keys(at: str, reply: Reply, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {at: reply}) as walk:
        assert walk.refused().code == code
    assert walk.nothing_stored()


def test_a_key_of_the_other_environment_cannot_be_told_from_a_wrong_one(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused({**MORE["demo"], "answers": {"client_key": NARROW}})
    assert (error.code, error.fields) == ("key_refused", ("client_key",))


def test_the_imitation_refuses_what_the_vendor_would() -> None:
    gateway = {"ocp-apim-subscription-key": SUBSCRIPTION_KEY}
    poweroffice = vendor("")
    grant = Asked(method="POST", path="", endpoint="token", headers=gateway, body=b"grant_type=password")
    assert poweroffice(grant).json == {"error": "unsupported_grant_type"}
    assert poweroffice(Asked(method="GET", path=WHO[4:], headers=gateway)).status == 401


def test_the_imitation_has_no_other_paths(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.examine()
        signed = walk.asked[-1].headers
        assert vendor("")(Asked(method="GET", path="/Customers", headers=signed)).status == 404


# What the extension may do

RIGHTS = ("extension", "module", "organisation", "accounts", "transactions", "vouchers")


@pytest.mark.parametrize(
    ("changes", "settings", "states"),
    [
        ({}, None, "ppp ppp"),
        ({"ValidPrivileges": None, "InvalidPrivileges": None}, None, "ppp sss"),
        ({"ValidPrivileges": None, "InvalidPrivileges": None}, Reply(status=404), "pps sss"),
        ({"ActiveClientSubscriptions": None}, None, "psp ppp"),
        ({"ActiveClientSubscriptions": []}, None, "pfp ppp"),
        ({"ValidPrivileges": []}, FORBIDDEN, "ppf fff"),
        ({"ValidPrivileges": ["generalledgeraccount"]}, None, "ppp pff"),
        ({"ValidPrivileges": ["COMMONSERVICES"]}, Reply(), "ppp fff"),
        ({"ValidPrivileges": ["Customer"]}, Reply(), "ppf fff"),
        ({"ValidPrivileges": None, "InvalidPrivileges": ["JournalEntryVoucher_Full"]}, None, "ppp ssf"),
        ({"ValidPrivileges": ["JournalEntryVoucher"], "InvalidPrivileges": 7}, None, "ppp ffp"),
        ({"ValidPrivileges": [None, 7], "InvalidPrivileges": "x"}, None, "ppp sss"),
        ({"ValidPrivileges": {}, "ActiveClientSubscriptions": {"a": 1}}, None, "psp sss"),
        ({}, FORBIDDEN, "ppf ppp"),
        ({}, MISSING_PRIVILEGE, "ppf ppp"),
    ],
)
def test_each_right_is_told_as_far_as_it_is_reported(
    changes: dict[str, object], settings: Reply | None, states: str, tmp_path: Path
) -> None:
    replies = {WHO: Reply(json={**ROW, **changes}), **({SETTINGS: settings} if settings else {})}
    with walking(PROVIDER, tmp_path, replies) as walk:
        assert walk.connect(company=None)
    letters = {"p": "passed", "f": "failed", "s": "skipped"}
    assert walk.rights == {
        name: letters[one] for name, one in zip(RIGHTS, states.replace(" ", ""), strict=True)
    }
    assert [asked.path for asked in walk.asked] == ["", WHO[4:], SETTINGS[4:]]
