"""Visma Business NXT: a key that may only read, answers that are always 200, and companies not yet there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

import pytest

from tests.providers.helpers import Altered, Walk, walking
from wizard.core.practice import Asked, Reply, practice_of
from wizard.core.preset import Preset
from wizard.core.texts import Texts
from wizard.providers.business_nxt import COMPANIES, LEDGER, PROVIDER, READ_ONLY, told
from wizard.providers.business_nxt.practice import (
    ACCESS,
    CLIENT_ID,
    CLIENT_SECRET,
    CLOSED,
    COMPANY,
    CUSTOMER,
    NOBODY,
    OUTSTANDING,
    SECOND,
    UNKNOWN_FIELD,
    listed,
    page,
    refused,
    said,
    vendor,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wizard.core import errors

TOKEN = "POST token"
MORE = practice_of(PROVIDER).more
HTML = {"Content-Type": "text/html"}
KEY = {"access_token": "made-up-0001", "token_type": "Bearer", "expires_in": 3600}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BANK = Preset(partner="Fjordbanken")


class Answering(Altered):
    """The imitation, but for the answers to some queries."""

    def __init__(self, queries: Mapping[str, Reply]) -> None:
        super().__init__(PROVIDER, {})
        self.queries = queries

    def answer(self, slug: str, asked: Asked) -> Reply:
        imitated = super().answer(slug, asked)
        return self.queries.get(str(asked.json().get("query")), imitated)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    with walking(PROVIDER, tmp_path) as made:
        yield made


def answered(query: str, reply: Reply, folder: Path) -> errors.WizardError:
    """Return what an examination ends in where one query is answered so."""
    with Answering({query: reply}).open() as playground:
        made = Walk(provider=PROVIDER, playground=playground, folder=folder)
        error = made.refused()
        assert made.nothing_stored()
        return error


def numbers(company: object, customer: object = str(CUSTOMER)) -> dict[str, object]:
    return {"customer_number": customer, "company_number": company}


def pair(user: str, password: str) -> str:
    return base64.b64encode(f"{quote(user, safe='')}:{quote(password, safe='')}".encode()).decode()


def test_three_requests_prove_a_connection(walk: Walk) -> None:
    (company,) = walk.examine().chosen
    first, second, third = walk.asked
    assert first.headers["authorization"] == f"Basic {pair(CLIENT_ID, CLIENT_SECRET)}"
    form = dict(parse_qsl(first.body.decode()))
    assert form == {"grant_type": "client_credentials", "scope": READ_ONLY}
    assert second.json() == {"query": COMPANIES, "variables": {"customer": CUSTOMER}}
    assert third.json() == {"query": LEDGER, "variables": {"company": COMPANY}}
    assert {one.headers["authorization"] for one in (second, third)} == {f"Bearer {ACCESS}"}
    assert {(one.method, one.path) for one in (second, third)} == {("POST", "")}
    assert (company.id, company.name, company.orgnr) == (str(COMPANY), "Elvebakken Mat AS", None)
    assert company.ids == {"customer_number": str(CUSTOMER)}


def test_a_key_is_asked_for_at_the_services_endpoint_and_may_only_read() -> None:
    (production,) = PROVIDER.environments
    assert production.endpoints["api"].endswith("/api/graphql-service")
    assert READ_ONLY.endswith("-readonly")
    assert "mutation" not in COMPANIES + LEDGER


def test_both_rights_are_told_and_the_trace_is_kept(walk: Walk) -> None:
    walk.examine()
    rights = {one.facts["right"]: one.state for one in walk.told if one.check == "right"}
    assert rights == {"read_only": "passed", "general_ledger": "passed"}
    assert walk.facts("company") == {"count": 3, "request_id": TRACE}
    assert walk.facts("ledger") == {"request_id": TRACE}


def test_a_number_that_is_expected_cannot_be_compared_and_is_no_failure(walk: Walk) -> None:
    (receipt,) = walk.connect(expect="313000222")
    assert (receipt.tested, receipt.company["orgnr"]) == ("passed", None)
    assert next(one for one in walk.told if one.check == "expected_company").state == "skipped"


@pytest.mark.parametrize("value", ["5 280 001", "5\u00a0280\u00a0001", " “5280001” "])
def test_a_number_may_be_written_with_spaces(value: str, walk: Walk) -> None:
    (receipt,) = walk.connect(answers=numbers(value, " 9 123 456"))
    assert receipt.company["id"] == str(COMPANY)


@pytest.mark.parametrize(
    "value", ["", "528", "0528001", "5280001000", "5280001a", "-5280001", "٥٢٨٠٠٠١", 5280001]
)
@pytest.mark.parametrize("field", ["customer_number", "company_number"])
def test_what_is_no_number_is_stopped_here(field: str, value: object, walk: Walk) -> None:
    given = {"customer_number": str(CUSTOMER), "company_number": str(COMPANY), field: value}
    error = walk.refused(answers=given)
    assert (error.code, error.fields) == ("field_invalid", (field,))
    assert not walk.asked


def test_a_client_id_longer_than_a_user_name_is_stopped_here(walk: Walk) -> None:
    partner = {"client_id": "isv_" + "x" * 21, "client_secret": CLIENT_SECRET}
    error = walk.refused(partner=partner)
    assert (error.code, error.fields) == ("field_invalid", ("client_id",))


def test_the_numbers_name_the_company_before_it_is_reached(walk: Walk) -> None:
    assert told({}).id == ""
    (receipt,) = walk.connect(partner={}, expect="313000222")
    assert (receipt.tested, receipt.company["id"]) == ("not_possible_here", str(COMPANY))
    (row,) = walk.store.book().connections.values()
    assert row.company["ids"] == {"customer_number": str(CUSTOMER)}


@pytest.mark.parametrize(
    ("reply", "code", "fields"),
    [
        (refused("invalid_client"), "partner_key_refused", ("client_id", "client_secret")),
        (refused("invalid_client", 401), "partner_key_refused", ("client_id", "client_secret")),
        (page(), "partner_key_refused", ("client_id", "client_secret")),
        (refused("invalid_scope"), "scope_missing", ()),
        (refused("invalid_tenant"), "unexpected_answer", ()),
        (refused("invalid_grant"), "unexpected_answer", ()),
        (Reply(status=400), "unexpected_answer", ()),
        (Reply(json={**KEY, "scope": READ_ONLY.removesuffix("-readonly")}), "scope_missing", ()),
        (
            Reply(json={**KEY, "scope": f"{READ_ONLY} {READ_ONLY.removesuffix('-readonly')}"}),
            "scope_missing",
            (),
        ),
        (Reply(json={**KEY, "scope": 7}), "unexpected_answer", ()),
        (Reply(json={"scope": READ_ONLY}), "unexpected_answer", ()),
        (Reply(json=[]), "unexpected_answer", ()),
        (Reply(body=b"<html>", headers=HTML), "captive_portal", ()),
        (Reply(status=503), "vendor_down", ()),
    ],
)
def test_odd_answers_to_the_partners_keys(
    reply: Reply, code: str, fields: tuple[str, ...], tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path, {TOKEN: reply}) as walk:
        error = walk.refused()
    assert (error.code, error.fields) == (code, fields)
    assert len(walk.asked) == 1


def words(message: str = "No access.") -> dict[str, object]:
    return {"message": message}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (page(), "partner_key_refused"),
        (Reply(status=401, json={"errors": [words()]}), "partner_key_refused"),
        (Reply(status=403), "unexpected_answer"),
        (Reply(status=404, body=b"<html>", headers=HTML), "unexpected_answer"),
        (Reply(status=400, json={"errors": [words()]}), "unexpected_answer"),
        (Reply(status=400, json={"errors": [UNKNOWN_FIELD]}), "unexpected_answer"),
        (Reply(status=429, json={"errors": [words()]}), "busy"),
        (page(429), "busy"),
        (Reply(status=500, json={"errors": [words()]}), "vendor_down"),
        (page(502), "vendor_down"),
        (page(200), "captive_portal"),
        (said(None, OUTSTANDING), "busy"),
        (said(None, words(), OUTSTANDING), "busy"),
        (said(listed(COMPANY), OUTSTANDING), "busy"),
        (said(None, UNKNOWN_FIELD), "unexpected_answer"),
        (said(None, words(), UNKNOWN_FIELD), "unexpected_answer"),
        (said(None), "unexpected_answer"),
        (said([]), "unexpected_answer"),
        (Reply(json={}), "unexpected_answer"),
        (Reply(json=[]), "unexpected_answer"),
        (Reply(), "unexpected_answer"),
        (Reply(json={"errors": []}), "unexpected_answer"),
        (Reply(json={"errors": [words()], "data": 7}), "unexpected_answer"),
    ],
)
@pytest.mark.parametrize("query", [COMPANIES, LEDGER], ids=["companies", "ledger"])
def test_odd_answers_of_the_service(query: str, reply: Reply, code: str, tmp_path: Path) -> None:
    assert answered(query, reply, tmp_path).code == code


@pytest.mark.parametrize(
    "reply",
    [
        said(listed()),
        said({"availableCompanies": None}),
        said({"availableCompanies": {"totalCount": None, "items": None}}),
        said({}),
        said(None, words()),
        said({"availableCompanies": None}, words()),
        Reply(json={"errors": [words()]}),
        Reply(json={"errors": ["words", None, {"extensions": "x"}, {"extensions": {"code": 7}}]}),
        Reply(json={"errors": [{"extensions": {"code": "a sentence with a key in it"}}]}),
    ],
)
def test_a_company_that_is_not_there_yet_is_waited_for(reply: Reply, tmp_path: Path) -> None:
    error = answered(COMPANIES, reply, tmp_path)
    assert (error.code, error.fields, error.stage) == ("pending_approval", (), "sign_in")
    assert error.facts["waiting_for"] == "administrator"
    assert "days" not in error.facts


def test_that_other_companies_are_reached_is_said(tmp_path: Path) -> None:
    error = answered(COMPANIES, said(listed(SECOND)), tmp_path)
    assert (error.code, error.fields) == ("pending_approval", ("company_number",))
    assert (error.facts["reason"], error.facts["request_id"]) == ("not_among", TRACE)
    assert "andre selskaper" in Texts(language="nb", preset=BANK).explain(error, PROVIDER).what


def test_a_wrong_customer_number_is_among_what_may_be_the_cause(walk: Walk) -> None:
    error = walk.refused(answers=numbers(str(COMPANY), "9999999"))
    assert error.code == "pending_approval"
    assert "kundenummeret" in Texts(language="nb", preset=BANK).explain(error, PROVIDER).why


@pytest.mark.parametrize(
    "items",
    [
        [None],
        ["x"],
        [{"name": "x"}],
        [{"vismaNetCompanyId": str(COMPANY)}],
        [{"vismaNetCompanyId": True}],
        [{"vismaNetCompanyId": COMPANY, "name": 7}],
        {"a": 1},
    ],
)
def test_odd_rows_of_companies(items: object, tmp_path: Path) -> None:
    reply = said({"availableCompanies": {"totalCount": 1, "items": items}})
    assert answered(COMPANIES, reply, tmp_path).code == "unexpected_answer"


@pytest.mark.parametrize("name", [None, ""])
def test_a_company_without_a_name_is_called_by_its_number(name: str | None, tmp_path: Path) -> None:
    row = {"vismaNetCompanyId": COMPANY, "name": name}
    reply = said({"availableCompanies": {"totalCount": 1, "items": [row]}})
    with Answering({COMPANIES: reply}).open() as playground:
        (company,) = Walk(provider=PROVIDER, playground=playground, folder=tmp_path).examine().chosen
    assert company.name == str(COMPANY)


@pytest.mark.parametrize(
    "reply",
    [
        said({"useCompany": {"generalLedgerAccount": None}}, NOBODY),
        said({"useCompany": None}, NOBODY),
        said(None, NOBODY),
        said({"useCompany": {"generalLedgerAccount": None}}),
        said({"useCompany": {}}),
        said({}),
    ],
)
def test_a_company_that_may_not_be_read_lacks_a_right(reply: Reply, tmp_path: Path) -> None:
    error = answered(LEDGER, reply, tmp_path)
    assert (error.code, error.stage) == ("rights_missing", "rights")
    assert (error.facts["reason"], error.facts["right"]) == ("right", "general_ledger")
    for language in ("nb", "en"):
        spoken = Texts(language=language, preset=BANK).explain(error, PROVIDER)
        assert "Fjordbanken" in spoken.what
        assert "Connect Application Access" in spoken.why


def test_a_company_that_is_listed_without_an_access_group_lacks_a_right(walk: Walk) -> None:
    assert walk.refused(answers=numbers(str(CLOSED))).code == "rights_missing"
    assert next(one.state for one in walk.told if one.facts.get("right") == "general_ledger") == "failed"


@pytest.mark.parametrize("accounts", [{}, {"totalCount": None}, {"totalCount": "312"}, [], 7])
def test_odd_accounts(accounts: object, tmp_path: Path) -> None:
    reply = said({"useCompany": {"generalLedgerAccount": accounts}})
    assert answered(LEDGER, reply, tmp_path).code == "unexpected_answer"


def test_an_empty_ledger_may_be_read(tmp_path: Path) -> None:
    reply = said({"useCompany": {"generalLedgerAccount": {"totalCount": 0}}})
    with Answering({LEDGER: reply}).open() as playground:
        assert Walk(provider=PROVIDER, playground=playground, folder=tmp_path).examine().chosen


@pytest.mark.parametrize(
    ("reply", "error"), [(said(None, UNKNOWN_FIELD), "FIELDS_ON_CORRECT_TYPE"), (page(403), None)]
)
def test_an_errors_code_and_the_trace_are_kept_for_support(
    reply: Reply, error: str | None, tmp_path: Path
) -> None:
    facts = answered(COMPANIES, reply, tmp_path).facts
    assert (facts.get("error"), facts["request_id"]) == (error, TRACE)


def test_too_many_in_progress_says_how_long_that_may_last(tmp_path: Path) -> None:
    error = answered(LEDGER, said(None, OUTSTANDING), tmp_path)
    assert error.may_store
    assert "halv time" in Texts(language="nb", preset=BANK).explain(error, PROVIDER).next


def steps(**values: str) -> list[str]:
    return [step.key for step in PROVIDER.guide if step.shown(values)]


def test_the_guide_goes_by_tables_by_code_or_by_name_as_the_partner_has_it() -> None:
    after = ["customer_number", "company_number", "test"]
    tables = ["roles", "user_table", "user", "access", *after]
    assert steps() == steps(client_id=CLIENT_ID) == steps(client_id=CLIENT_ID, invitation_code="") == tables
    assert steps(invitation_code="AB12", client_id=CLIENT_ID) == ["use_code", *after]
    assert steps(store_search="Fjordbanken Innsyn") == ["find_app", *after]
    assert steps(store_search="Fjordbanken Innsyn", invitation_code="AB12") == ["use_code", *after]


def test_the_imitation_refuses_what_the_vendor_would() -> None:
    def ask(body: bytes, authorization: str = f"Basic {pair(CLIENT_ID, CLIENT_SECRET)}") -> Reply:
        headers = {"authorization": authorization}
        return vendor("")(Asked(method="POST", path="", endpoint="token", headers=headers, body=body))

    assert ask(b"grant_type=password").json == {"error": "unsupported_grant_type"}
    assert ask(b"grant_type=client_credentials&scope=openid").json == {"error": "invalid_scope"}
    bare = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    assert ask(b"", f"Basic {bare}").json == {"error": "invalid_client"}
    signed = {"authorization": f"Bearer {ACCESS}"}
    assert vendor("")(Asked(method="POST", path="", headers={"authorization": "Bearer x"})).status == 401
    odd = Asked(
        method="POST", path="", headers=signed, body=b'{"query": "{ availableCustomers { totalCount } }"}'
    )
    assert "errors" in str(vendor("")(odd).json)
    bare_query = Asked(method="POST", path="", headers=signed, body=b'{"query": 7, "variables": []}')
    assert "errors" in str(vendor("")(bare_query).json)
