"""Visma.net ERP: a key that needs a consent, tenants of the wrong kind, licences, and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from tests.providers.helpers import table, walking
from wizard.core import errors
from wizard.core.practice import Asked, Reply, practice_of
from wizard.core.preset import Preset
from wizard.core.provider import Company, Environment
from wizard.core.texts import Texts
from wizard.providers.visma_net import PROVIDER, READ, told
from wizard.providers.visma_net.practice import (
    CLIENT_ID,
    CLIENT_SECRET,
    CONTRACT,
    GROUP,
    NO_LICENCE,
    NOBODY,
    ORDINARY,
    organisation,
    refused,
    vendor,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.providers.helpers import Walk

TOKEN, ORGANISATIONS = "POST token", "GET /v1/organization"
MORE = practice_of(PROVIDER).more
HTML = {"Content-Type": "text/html"}
KEY = {"access_token": "made-up-0001", "token_type": "Bearer", "expires_in": 3600}
ROW = organisation("1", "Granlia Byggevare AS", "313000184")
NUMBERED = {"Ipp-Request-Id": "ipp-1"}
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def tenant(value: str) -> dict[str, str]:
    return {"tenant_id": value}


def test_two_requests_prove_a_connection_and_no_header_is_sent_that_is_not_needed(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (company,) = walk.examine().chosen
    first, second = walk.asked
    assert (first.method, first.endpoint, second.path) == ("POST", "token", "/v1/organization")
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in first.headers
    assert dict(parse_qsl(first.body.decode())) == {
        "grant_type": "client_credentials",
        "scope": READ,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "tenant_id": ORDINARY,
    }
    assert second.headers["authorization"].startswith("Bearer eyJ")
    assert second.headers["accept"] == "application/json"
    assert not {"erp-api-background", "ipp-company-id", "ipp-application-type"} & second.headers.keys()
    assert (company.id, company.name, company.orgnr) == (ORDINARY, "Granlia Byggevare AS", "313000184")
    assert company.ids == {"tenant_id": ORDINARY, "organization": "1"}


def test_the_vendors_own_number_for_the_request_is_kept_for_its_support(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.examine()
        assert walk.facts("company") == {"count": 1, "request_id": "ipp-7f3a2c"}
    with walking(PROVIDER, tmp_path, {ORGANISATIONS: Reply(json=[ROW])}) as walk:
        walk.examine()
        assert walk.facts("company") == {"count": 1}


@pytest.mark.parametrize(
    "pasted", [ORDINARY.upper(), "{" + ORDINARY + "}", f"  “{ORDINARY}”\u200b\n", ORDINARY]
)
def test_a_tenant_id_may_be_written_in_many_ways_and_is_one(pasted: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(answers=tenant(pasted))
    assert receipt.company["id"] == ORDINARY


@pytest.mark.parametrize(
    "version", ["c232ab00-9414-11ec-b3c8-9f6bdeced846", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"]
)
def test_a_guid_of_any_version_is_a_tenant_id(version: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        assert walk.refused(answers=tenant(version)).code == "pending_approval"


@pytest.mark.parametrize(
    "wrong", [ORDINARY[:-1], ORDINARY + "0", ORDINARY.replace("-", ""), "g" + ORDINARY[1:]]
)
def test_what_is_no_guid_is_stopped_here(wrong: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(answers=tenant(wrong))
    assert (error.code, error.fields) == ("field_invalid", ("tenant_id",))
    assert not walk.asked


@pytest.mark.parametrize("answers", [{}, {"tenant_id": ""}, {"tenant_id": None}])
def test_without_a_tenant_id_the_partner_tests_it(answers: dict[str, object], tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(answers=answers, company=None)
        assert (error.code, error.fields) == ("field_invalid", ("expect",))
        (receipt,) = walk.connect(answers=answers, company=None, expect="313000184")
    assert (receipt.tested, receipt.waiting_for) == ("not_possible_here", "partner")
    assert (receipt.company["id"], receipt.company["orgnr"]) == ("", "313000184")
    assert not walk.asked


def test_the_tenant_id_names_the_company_before_it_is_reached() -> None:
    assert told({"tenant_id": ORDINARY}) == Company(id=ORDINARY, name="")
    assert told({}).id == ""


@pytest.mark.parametrize(
    ("reply", "code", "fields"),
    [
        (refused("invalid_tenant"), "pending_approval", ()),
        (refused("invalid_tenant", 401), "pending_approval", ()),
        (refused("access_denied", 403), "pending_approval", ()),
        (refused("consent_required"), "pending_approval", ()),
        (refused("invalid_client"), "partner_key_refused", ("client_id", "client_secret")),
        (refused("invalid_client", 401), "partner_key_refused", ("client_id", "client_secret")),
        (refused("unauthorized_client"), "partner_key_refused", ("client_id", "client_secret")),
        (Reply(status=401), "partner_key_refused", ("client_id", "client_secret")),
        (
            Reply(status=401, body=b"<html>", headers=HTML),
            "partner_key_refused",
            ("client_id", "client_secret"),
        ),
        (refused("invalid_scope"), "scope_missing", ()),
        (refused("invalid_request"), "unexpected_answer", ()),
        (refused("server_error", 401), "unexpected_answer", ()),
        (Reply(status=400, json={"error": ["invalid_tenant"]}), "unexpected_answer", ()),
        (Reply(status=400, json={"error": "A sentence with a key in it"}), "unexpected_answer", ()),
        (Reply(status=400, body=b"<html>", headers=HTML), "unexpected_answer", ()),
        (Reply(status=403), "unexpected_answer", ()),
        (Reply(json={**KEY, "scope": "vismanet_erp_service_api:create"}), "scope_missing", ()),
        (Reply(json={**KEY, "scope": READ + "ing"}), "scope_missing", ()),
        (Reply(json={**KEY, "scope": [READ]}), "unexpected_answer", ()),
        (Reply(json={}), "unexpected_answer", ()),
        (Reply(json=[KEY]), "unexpected_answer", ()),
        (Reply(json={**KEY, "access_token": None}), "unexpected_answer", ()),
        (Reply(json={**KEY, "access_token": "a\r\nb"}), "unexpected_answer", ()),
        (Reply(body=b"<html>", headers=HTML), "captive_portal", ()),
        (Reply(status=429, json={}), "busy", ()),
        (Reply(status=500, json={"error": "invalid_tenant"}), "vendor_down", ()),
    ],
)
def test_odd_answers_to_the_partners_keys(
    reply: Reply, code: str, fields: tuple[str, ...], tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path, {TOKEN: reply}) as walk:
        error = walk.refused()
    assert (error.code, error.fields) == (code, fields)
    assert {asked.endpoint for asked in walk.asked} == {"token"}
    assert walk.nothing_stored()


@pytest.mark.parametrize("scope", [READ, f"{READ} vismanet_erp_service_api:create", "", None])
def test_a_key_that_may_read_is_used(scope: str | None, tmp_path: Path) -> None:
    reply = Reply(json={**KEY, "scope": scope})
    with walking(PROVIDER, tmp_path, {TOKEN: reply, ORGANISATIONS: Reply(json=[ROW])}) as walk:
        walk.examine()
    right = next(one for one in walk.told if one.check == "right")
    assert (right.state, right.facts["right"]) == ("passed", "read")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=401, headers=NUMBERED), "wrong_tenant"),
        (Reply(status=401, json={"Message": "Unauthorized"}), "wrong_tenant"),
        (Reply(status=401, json=NO_LICENCE), "licence_missing"),
        (Reply(status=400, json=NO_LICENCE), "licence_missing"),
        (Reply(status=403, json=NO_LICENCE), "licence_missing"),
        (Reply(status=429, json=NO_LICENCE), "licence_missing"),
        (Reply(status=500, json=NO_LICENCE), "licence_missing"),
        (Reply(json=NO_LICENCE), "licence_missing"),
        (Reply(status=403, json={"exceptionfaultcode": 12027}), "licence_missing"),
        (Reply(status=500, json={**NO_LICENCE, "ExceptionFaultCode": "12028"}), "vendor_down"),
        (Reply(status=500, body=str(NO_LICENCE).encode(), headers=HTML), "vendor_down"),
        (Reply(status=400, json={**NO_LICENCE, "ExceptionFaultCode": None}), "unexpected_answer"),
        (Reply(status=403), "scope_missing"),
        (Reply(status=403, json={"Message": "Forbidden"}), "scope_missing"),
        (Reply(status=404), "unexpected_answer"),
        (Reply(status=412), "unexpected_answer"),
        (Reply(status=202, json={"stateLocation": "x"}), "unexpected_answer"),
        (Reply(status=429, json={"Message": "Same request made too many times"}), "busy"),
        (Reply(json={}), "unexpected_answer"),
        (Reply(), "unexpected_answer"),
        (Reply(json=[]), "no_company"),
        (Reply(json=[None]), "unexpected_answer"),
        (Reply(json=[{}]), "unexpected_answer"),
        (Reply(json=[{"organizationCd": 7}]), "unexpected_answer"),
        (Reply(json=[{**ROW, "corporateId": 313000184}]), "unexpected_answer"),
        (Reply(json=[{**ROW, "name": ["x"]}]), "unexpected_answer"),
        (Reply(status=302, headers={"Location": "https://login.example.test"}), "redirected"),
    ],
)
def test_odd_answers_from_the_api(reply: Reply, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {ORGANISATIONS: reply}) as walk:
        assert walk.refused().code == code
    assert walk.nothing_stored()


@pytest.mark.parametrize("seconds", ["411", "3600"])
def test_how_long_to_wait_is_told_where_the_vendor_does(seconds: str, tmp_path: Path) -> None:
    headers = {"X-RateLimit-Reset": seconds, "X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "0"}
    with walking(PROVIDER, tmp_path, {ORGANISATIONS: Reply(status=429, headers=headers)}) as walk:
        error = walk.refused()
    assert (error.code, error.facts["reason"], error.facts["seconds"]) == ("busy", "timed", int(seconds) + 1)
    assert len(walk.asked) == 2  # not once more


@pytest.mark.parametrize(
    ("at", "reply"),
    [
        (TOKEN, Reply(status=400, json={"error": "invalid_tenant"}, headers=NUMBERED)),
        (ORGANISATIONS, Reply(status=401, headers=NUMBERED)),
        (ORGANISATIONS, Reply(status=403, headers=NUMBERED)),
        (ORGANISATIONS, Reply(status=403, json=NO_LICENCE, headers=NUMBERED)),
        (ORGANISATIONS, Reply(status=404, headers=NUMBERED)),
    ],
)
def test_each_refusal_keeps_the_vendors_number(at: str, reply: Reply, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {at: reply}) as walk:
        assert walk.refused().facts["request_id"] == "ipp-1"


def test_the_customer_contract_gets_a_key_and_is_told_from_the_company(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(answers=tenant(CONTRACT))
    assert (error.code, error.fields, error.stage) == ("wrong_tenant", ("tenant_id",), "company")
    assert len(walk.asked) == 2
    said = Texts(language="nb", preset=Preset(partner="Fjordbanken")).explain(error, PROVIDER)
    assert "kundeavtalen" in said.what
    assert "Change organization" in said.next


def test_another_companys_tenant_is_not_taken_for_the_one_that_is_expected(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(company=None, expect="313000192")
    assert error.code == "wrong_company"
    assert error.facts["found_orgnr"] == "313000184"


def test_a_company_without_a_number_is_good_and_its_name_is_shown(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(MORE["hidden_number"], expect="313000214")
    assert (receipt.company["name"], receipt.company["orgnr"]) == ("Skogkanten Kafé AS", None)
    assert walk.facts("expected_company")["expected"] == "313000214"


@pytest.mark.parametrize("number", ["NO 313 000 184 MVA", "313.000.184", "313000184"])
def test_the_number_is_read_however_it_is_dressed(number: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {ORGANISATIONS: Reply(json=[{**ROW, "corporateId": number}])}) as walk:
        (company,) = walk.examine(company=None).chosen
    assert company.orgnr == "313000184"


@pytest.mark.parametrize("number", ["01010112345", "", "12 34", None])
def test_what_is_no_organisation_number_is_not_kept(number: str | None, tmp_path: Path) -> None:
    row = {**ROW, "corporateId": number, "vatRegistrationId": "NO313000192MVA"}
    with walking(PROVIDER, tmp_path, {ORGANISATIONS: Reply(json=[row])}) as walk:
        (company,) = walk.examine(company=None).chosen
    assert company.orgnr is None  # the number for VAT may be that of a group


def test_several_organisations_are_offered_and_one_is_chosen_by_its_number(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        proof = walk.examine(MORE["one_of_two"], company=None)
        assert [one.id for one in proof.companies] == [f"{GROUP}/10", f"{GROUP}/20"]
        assert proof.chosen == ()
        (receipt,) = walk.connect(MORE["one_of_two"], company=f"{GROUP}/10")
    assert receipt.company["name"] == "Havbris Holding AS"


@pytest.mark.parametrize(
    ("row", "within"),
    [({"corporateId": "313000184"}, "313000184"), ({"name": "By AS"}, "By AS"), (ROW, "1")],
)
def test_an_organisation_without_a_code_is_told_by_what_else_it_has(
    row: dict[str, object], within: str, tmp_path: Path
) -> None:
    rows = Reply(json=[row, organisation("20", "Havbris Drift AS", "313000206")])
    with walking(PROVIDER, tmp_path, {ORGANISATIONS: rows}) as walk:
        first, _ = walk.examine(company=None).companies
    assert first.id == f"{ORDINARY}/{within}"


def since(walk: Walk, days: float) -> errors.WizardError:
    """Return what a connection is told that has been waiting for so many days."""
    order = replace(walk.order(answers=tenant(NOBODY), company=None), since=NOW - timedelta(days=days))
    walk.now = lambda: NOW
    walk.order = lambda *_, **__: order  # type: ignore[method-assign]
    return walk.refused()


@pytest.mark.parametrize(
    ("days", "code"), [(0, "pending"), (5, "pending"), (5.01, "expired"), (90, "expired")]
)
def test_an_invitation_is_too_old_after_five_days(days: float, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = since(walk, days)
    assert error.code == {"pending": "pending_approval", "expired": "invitation_expired"}[code]
    assert error.facts["days"] == 5


@pytest.mark.parametrize("language", ["nb", "en"])
def test_what_may_still_be_the_cause_is_said(language: str) -> None:
    texts = Texts(language=language, preset=Preset(partner="Fjordbanken"))
    said = texts.explain(errors.PendingApproval(days=5, waiting_for="administrator"), PROVIDER)
    assert "Tenant id" in said.why
    assert "15" in said.why
    assert said.action in {"Jeg har godkjent", "I have approved"}
    soon = texts.explain(errors.PendingApproval(reason="too_soon", seconds=120), PROVIDER)
    assert "120" in soon.next
    assert "5" in texts.explain(errors.InvitationExpired(days=5), PROVIDER).why


def test_the_letter_for_a_new_code_names_the_partner_and_the_company() -> None:
    step = next(one for one in PROVIDER.guide if one.mail)
    assert PROVIDER.mends["invitation_expired"] == step.key
    for language in ("nb", "en"):
        texts = Texts(language=language, preset=Preset(partner="Fjordbanken"))
        body = texts.say(f"mails.{step.mail}.body", PROVIDER, company="Granlia AS")
        assert "Fjordbanken" in body
        assert "Granlia AS" in body


def test_the_code_is_shown_large_to_copy_and_needs_not_be_a_key_of_the_partners() -> None:
    step = next(one for one in PROVIDER.guide if one.key == "use_code")
    assert (step.copy, step.large) == (("invitation_code",), True)
    code = next(one for one in PROVIDER.partner_keys if one.name == "invitation_code")
    assert not code.required


@pytest.mark.parametrize("part", [{"client_id": CLIENT_ID}, {"client_secret": CLIENT_SECRET}])
def test_half_of_the_partners_keys_is_said(part: dict[str, str], tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk, pytest.raises(errors.PartnerKeyNeeded) as caught:
        walk.order(partner=part)
    assert caught.value.fields == tuple({"client_id", "client_secret"} - part.keys())


def test_an_invitation_code_alone_leaves_the_test_to_the_partner(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(partner={"invitation_code": "AB12-CD34"}, company=None, expect="313000184")
    assert receipt.tested == "not_possible_here"
    assert not walk.asked


def test_the_imitation_refuses_what_the_vendor_would() -> None:
    def ask(**changed: str) -> Reply:
        form = {"grant_type": "client_credentials", "scope": READ, "tenant_id": ORDINARY}
        form |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **changed}
        body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
        return vendor("")(Asked(method="POST", path="", endpoint="token", body=body))

    assert ask(grant_type="password").json == {"error": "unsupported_grant_type"}
    assert ask(scope="openid").json == {"error": "invalid_scope"}
    assert ask(tenant_id=NOBODY).json == {"error": "invalid_tenant"}
    assert vendor("")(Asked(method="GET", path="/v1/branch")).status == 404
    assert vendor("")(Asked(method="GET", path="/v1/organization")).status == 401


def test_only_the_real_world_is_known() -> None:
    (production,) = PROVIDER.environments
    assert isinstance(production, Environment)
    assert production.hosts == {"api.finance.visma.net", "connect.visma.com"}
    assert table(MORE["without_a_tenant"], "answers") == {}
