"""Visma Business NXT's imitation: one endpoint that answers with 200, a gateway that answers with pages."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from wizard.core.practice import Asked, Practice, Reply, Vendor
from wizard.providers.business_nxt import COMPANIES, LEDGER, READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, object]

CLIENT_ID = "isv_practice_bank"
CLIENT_SECRET = "b/made+up:secret=0123456789"
CUSTOMER, COMPANY, SECOND, CLOSED = 9123456, 5280001, 5280002, 5280003
ACCESS = "eyJhbGciOiJSUzI1NiJ9.YnVzaW5lc3Mtbnh0.practice"

NAMES: Mapping[int, str] = {COMPANY: "Elvebakken Mat AS", SECOND: "Elvebakken Eiendom AS"}
_TRACE = {"x-vbc-traceid": "4bf92f3577b34da6a3ce929d0e0e4736"}
_PAGE = (
    b"<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
    b"<center><h1>401 Authorization Required</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>"
)


def page(status: int = 401, body: bytes = _PAGE) -> Reply:
    """Return the gateway's own answer: a web page."""
    return Reply(status=status, body=body, headers={"Content-Type": "text/html", **_TRACE})


def said(data: object, *errors: Row) -> Reply:
    """Return an answer of the service behind it: always 200."""
    return Reply(json={"data": data, **({"errors": list(errors)} if errors else {})}, headers=_TRACE)


def listed(*numbers: int) -> Row:
    """Return the companies that the partner reaches."""
    items = [
        {"name": NAMES.get(one), "vismaNetCompanyId": one, "vismaNetCustomerId": CUSTOMER} for one in numbers
    ]
    return {"availableCompanies": {"totalCount": len(items), "items": items}}


def refused(error: str, status: int = 400) -> Reply:
    """Return a refusal of the place that gives keys."""
    return Reply(status=status, json={"error": error})


NOBODY: Row = {
    "message": f"Error: Could not get authorize user using VismaNetCompanyId: {COMPANY}. "
    "Description: External integration error. Status: 18.",
    "locations": [{"line": 1, "column": 27}],
    "path": ["useCompany", "generalLedgerAccount"],
}
OUTSTANDING: Row = {
    "message": f"Company {COMPANY} has 60 requests in progress. Limit is 60.",
    "extensions": {"code": "OUTSTANDING_LIMIT_EXCEEDED", "limit": 60},
}
UNKNOWN_FIELD: Row = {
    "message": "GraphQL.Validation.Errors.FieldsOnCorrectTypeError: Cannot query field 'availableCompanies' "
    "on type 'Query'.",
    "extensions": {"code": "FIELDS_ON_CORRECT_TYPE", "codes": ["FIELDS_ON_CORRECT_TYPE"]},
}
_TOKEN, _LIST, _READ = "token", COMPANIES, LEDGER

_REFUSALS: Mapping[str, tuple[str, str, Reply]] = {
    "partner_key_refused": ("partner_key_refused", _TOKEN, refused("invalid_client", 401)),
    "partner_key_refused_400": ("partner_key_refused", _TOKEN, refused("invalid_client")),
    "partner_key_refused_later": ("partner_key_refused", _LIST, page()),
    "grant_refused": ("unexpected_answer", _TOKEN, refused("unsupported_grant_type")),
    "scope_missing": ("scope_missing", _TOKEN, refused("invalid_scope")),
    "scope_too_wide": (
        "scope_missing",
        _TOKEN,
        Reply(json={"access_token": ACCESS, "scope": READ_ONLY.removesuffix("-readonly")}),
    ),
    "pending_approval": ("pending_approval", _LIST, said(listed())),
    "pending_approval_other": ("pending_approval", _LIST, said(listed(SECOND))),
    "pending_approval_words": (
        "pending_approval",
        _LIST,
        said({"availableCompanies": None}, {"message": "Could not get the companies of the customer."}),
    ),
    "rights_missing": (
        "rights_missing",
        _READ,
        said({"useCompany": {"generalLedgerAccount": None}}, NOBODY),
    ),
    "outstanding": ("busy", _READ, said(None, OUTSTANDING)),
    "gateway_busy": ("busy", _LIST, page(429, b"<html>429 Too Many Requests</html>")),
    "unknown_field": ("unexpected_answer", _LIST, said(None, UNKNOWN_FIELD)),
}


@dataclass(frozen=True, slots=True)
class _Desk:
    """Visma Connect and the service."""

    refuse: str

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        query = _TOKEN if asked.endpoint == _TOKEN else str(asked.json().get("query"))
        _, refused_query, refusal = _REFUSALS.get(self.refuse, ("", "", Reply()))
        if refused_query == query:
            return refusal
        return _token(asked, self.refuse) if asked.endpoint == _TOKEN else _query(asked, query, self.refuse)


def _token(asked: Asked, refuse: str) -> Reply:
    pair = ":".join(quote(one, safe="") for one in (CLIENT_ID, CLIENT_SECRET))
    if asked.headers.get("authorization") != f"Basic {base64.b64encode(pair.encode()).decode()}":
        return refused("invalid_client")
    form = dict(parse_qsl(asked.body.decode()))
    if form.get("grant_type") != "client_credentials":
        return refused("unsupported_grant_type")
    if form.get("scope") != READ_ONLY:
        return refused("invalid_scope")
    scope = {} if refuse == "scope_untold" else {"scope": READ_ONLY}
    return Reply(json={"access_token": ACCESS, "expires_in": 3600, "token_type": "Bearer", **scope})


def _query(asked: Asked, query: str, refuse: str) -> Reply:
    if asked.headers.get("authorization") != f"Bearer {ACCESS}":
        return page()
    variables = asked.json().get("variables")
    given = variables if isinstance(variables, dict) else {}
    if query == COMPANIES:
        return _companies(given.get("customer"), refuse)
    if query == LEDGER:
        known = given.get("company") in NAMES
        accounts = {"totalCount": 312} if known else None
        return said({"useCompany": {"generalLedgerAccount": accounts}}, *([] if known else [NOBODY]))
    return said(None, UNKNOWN_FIELD)


def _companies(customer: object, refuse: str) -> Reply:
    if refuse == "part_of_a_list":
        return said({"availableCompanies": {"totalCount": 240, "items": []}})
    return said(listed(*NAMES, CLOSED) if customer == CUSTOMER else listed())


def vendor(refuse: str) -> Vendor:
    """Return Visma Business NXT with one switch on, or none."""
    return _Desk(refuse).answer


_PARTNER = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def _given(company: int) -> dict[str, object]:
    answers = {"customer_number": str(CUSTOMER), "company_number": str(company)}
    return {"answers": answers, "partner": _PARTNER}


PRACTICE = Practice(
    good=_given(COMPANY),
    more={"another_company": _given(SECOND)},
    refusals={name: code for name, (code, _, _) in _REFUSALS.items()},
    variants={
        "scope_untold": "the answer with the key does not say what it may do",
        "part_of_a_list": "the list of companies is not shown whole",
    },
    vendor=vendor,
)
