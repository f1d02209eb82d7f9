"""Tripletex' imitation: a company, one that hides its number, and an accountant with three clients."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wizard.core.practice import Asked, Practice, Reply, Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, object]


def token(number: int, inner: str) -> str:
    """Return a token built as Tripletex builds them; the inner part of one for tests begins with `test-`."""
    text = json.dumps({"tokenId": number, "token": inner}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


CONSUMER = token(1754, "6f0c2a54-9d1e-4b7a-8c35-practice0001")
ORDINARY = token(2913, "b3254589-71c4-4e0e-a6f2-practice0002")
HIDING = token(2914, "0e9d7c11-5a2b-4f66-9b1d-practice0003")
OFFICE = token(2915, "c58a1f70-3d94-4c08-b7e5-practice0004")
TEST_CONSUMER = token(1755, "test-6f0c2a54-9d1e-4b7a-8c35-practice0005")
TEST_ORDINARY = token(2916, "test-b3254589-71c4-4e0e-a6f2-practice0006")

OFFICE_ID = 108136001
COMPANIES: Mapping[str, Row] = {
    ORDINARY: {
        "id": 108136045,
        "name": "Havblikk Fiskemottak AS",
        "displayName": "Havblikk Fiskemottak AS (108136045)",
        "organizationNumber": "313000060",
        "type": "AS",
        "accountantOrSimilar": False,
    },
    HIDING: {"id": 108136046, "displayName": "Lyngheim Gård (108136046)"},
    OFFICE: {"id": OFFICE_ID},
    TEST_ORDINARY: {
        "id": 108136047,
        "name": "Testfjord AS",
        "displayName": "Testfjord AS (108136047)",
        "organizationNumber": "313000079",
        "type": "AS",
        "accountantOrSimilar": False,
    },
}
CLIENTS: tuple[Row, ...] = (
    {
        "id": 51001,
        "name": "Bryggen Bakeri AS",
        "organizationNumber": "313000087",
        "customerCompanyId": 108140001,
    },
    {
        "id": 51002,
        "name": "Tindeby Sport AS",
        "organizationNumber": "313000095",
        "customerCompanyId": 108140002,
    },
    {"id": 51003, "name": "Elvelangs Frisør", "organizationNumber": None},
)
_CLIENT_ROWS: Mapping[str, Row] = {
    "108140001": {
        "id": 108140001,
        "name": "Bryggen Bakeri AS",
        "organizationNumber": "313000087",
        "type": "AS",
    },
    "51003": {
        "id": 51003,
        "displayName": "Elvelangs Frisør",
        "organizationNumber": "313000109",
        "type": "ENK",
    },
}
_LIMITS = {"X-Rate-Limit-Limit": "100", "X-Rate-Limit-Remaining": "98", "X-Rate-Limit-Reset": "1"}


def error(status: int, code: int, message: str, *, developer: str | None = None, named: str = "") -> Reply:
    """Return an error in Tripletex' envelope; `named` is the field that it complains of."""
    complaint = {
        "field": named,
        "message": "The value is invalid or does not exist.",
        "path": None,
        "rootId": None,
    }
    body = {
        "status": status,
        "code": code,
        "message": message,
        "link": "https://tripletex.no/v2-docs/",
        "developerMessage": developer,
        "validationMessages": [complaint] if named else None,
        "requestId": str(uuid.uuid4()),
    }
    return Reply(status=status, json=body)


def _invalid(named: str) -> Reply:
    return error(422, 18000, "Validering feilet.", named=named)


NOT_FOUND = error(404, 6000, "Object not found")
UNAUTHORISED = error(
    401, 3000, "Unauthorized", developer="Could not log in. Check login info in Authorization header."
)
FORBIDDEN = error(403, 9000, "You do not have permission to access this feature.")
_CREATE, _WHO, _CLIENTS = "/token/session/:create", "/token/session/>whoAmI", "/company/>withLoginAccess"
_MODULES, _ENTITLEMENTS = "/company/salesmodules", "/employee/entitlement"
OWNER, USER = 18462095, 18462096
_ALL = ("ROLE_ADMINISTRATOR", "AUTH_LOGIN", "AUTH_ALL_VOUCHERS", "AUTH_COMPANY_ACCOUNTING_REPORTS")

_REFUSALS: Mapping[str, tuple[str, Mapping[str, Reply]]] = {
    "key_refused": ("key_refused", {_CREATE: NOT_FOUND}),
    "key_refused_422": ("key_refused", {_CREATE: _invalid("arg:employeeToken")}),
    "session_refused": ("key_refused", {_WHO: UNAUTHORISED}),
    "partner_key_refused": ("partner_key_refused", {_CREATE: _invalid("arg:consumerToken")}),
    "date_refused": ("clock_wrong", {_CREATE: _invalid("arg:expirationDate")}),
    "module_missing": ("rights_missing", {_CREATE: FORBIDDEN}),
    "rights_missing": ("rights_missing", {"/company/": FORBIDDEN, _CLIENTS: FORBIDDEN}),
    "no_clients": ("rights_missing", {"/company/": FORBIDDEN, _CLIENTS: Reply(json={"values": []})}),
    "no_company_id": ("unexpected_answer", {_WHO: Reply(json={"value": {"employeeId": 18462095}})}),
    "no_session": (
        "unexpected_answer",
        {_CREATE: Reply(status=201, json={"value": {"id": 1, "token": None}})},
    ),
}
_VARIANTS = {
    "old_session": "POST is answered with 405, and the older PUT works",
    "old_session_404": "POST is answered with 404 without a code, and the older PUT works",
    "slow_down": "the first request is answered with 429",
    "right_missing": "the owner may see the vouchers, the key may not",
    "rights_unknown": "Tripletex does not say what the key may do",
}


@dataclass(slots=True)
class _Desk:
    """What Tripletex remembers while it runs: the sessions, and whose tokens made them."""

    refuse: str
    sessions: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        self.asked += 1
        reply = self._slowed() or self._refusal(asked) or self._routed(asked)
        number = {
            "x-tlx-request-id": str(uuid.uuid4()),
            "Set-Cookie": "JSESSIONID=practice; Path=/; HttpOnly",
        }
        return replace(reply, headers={**_LIMITS, **number, **reply.headers})

    def _slowed(self) -> Reply | None:
        slow = self.refuse == "slow_down" and self.asked == 1
        return Reply(status=429, headers={"X-Rate-Limit-Reset": "0"}, body=b"") if slow else None

    def _refusal(self, asked: Asked) -> Reply | None:
        _, replies = _REFUSALS.get(self.refuse, ("", {}))
        company = "/company/" if asked.path.startswith("/company/") else ""
        return replies.get(asked.path) or replies.get(company)

    def _routed(self, asked: Asked) -> Reply:
        if asked.path == _CREATE:
            return self._create(asked)
        user, made_by = self._signed(asked)
        if not made_by:
            return UNAUTHORISED
        if asked.method == "DELETE":
            return self._leave(asked)
        if asked.path in {_MODULES, _ENTITLEMENTS} and user == "0" and made_by != OFFICE:
            return self._rights(asked)
        return _read(asked, user, made_by)

    def _rights(self, asked: Asked) -> Reply:
        """Answer what the company has ordered, or what the owner or the user of the token may do."""
        if self.refuse == "rights_unknown":
            return NOT_FOUND if asked.path == _MODULES else FORBIDDEN
        if asked.path == _MODULES:
            return _listed(["WAGE", "API_V2", "KOMPLETT"])
        narrow = self.refuse == "right_missing" and asked.query.get("employeeId") == str(USER)
        return _listed([name for name in _ALL if not narrow or name != "AUTH_ALL_VOUCHERS"])

    def _create(self, asked: Asked) -> Reply:
        if asked.method == "POST" and self.refuse == "old_session":
            return Reply(
                status=405, body=b"<html>Method Not Allowed</html>", headers={"Content-Type": "text/html"}
            )
        if asked.method == "POST" and self.refuse == "old_session_404":
            return Reply(status=404, json={"status": 404, "message": "HTTP 404 Not Found"})
        given = asked.json() if asked.method == "POST" else asked.query
        consumer, employee = given.get("consumerToken"), str(given.get("employeeToken"))
        if consumer != (TEST_CONSUMER if asked.environment == "test" else CONSUMER):
            return _invalid("arg:consumerToken")
        if employee not in COMPANIES or (employee == TEST_ORDINARY) is not (asked.environment == "test"):
            return NOT_FOUND
        return self._made(employee, str(given.get("expirationDate")), 201 if asked.method == "POST" else 200)

    def _made(self, employee: str, expires: str, status: int) -> Reply:
        session = token(19015016, str(uuid.uuid4()))
        self.sessions[session] = employee
        value = {
            "id": 19015016,
            "version": 1,
            "url": "tripletex.no/v2/token/session/19015016",
            "consumerToken": {"id": 1754, "url": "tripletex.no/v2/token/consumer/1754"},
            "employeeToken": {"id": 2913, "url": "tripletex.no/v2/token/employee/2913"},
            "expirationDate": expires,
            "token": session,
            "encryptionKey": None,
        }
        return Reply(status=status, json={"value": value})

    def _signed(self, asked: Asked) -> tuple[str, str]:
        """Return the user name of a request, and the employee token behind its session, if it has one."""
        word, _, pair = asked.headers.get("authorization", "").partition(" ")
        user, _, session = base64.b64decode(pair).decode().partition(":") if word == "Basic" else ("", "", "")
        return user, self.sessions.get(session, "")

    def _leave(self, asked: Asked) -> Reply:
        closed = self.sessions.pop(asked.path.removeprefix("/token/session/"), "")
        return Reply(status=204) if closed else NOT_FOUND


def _read(asked: Asked, user: str, made_by: str) -> Reply:
    own = COMPANIES[made_by]
    if asked.path == _WHO:
        return _who_am_i(own) if user == "0" else UNAUTHORISED
    if asked.path == _CLIENTS:
        return _client_list(asked) if made_by == OFFICE else FORBIDDEN
    if user == "0":
        return _company(asked, {} if made_by == OFFICE else {str(own["id"]): own}, FORBIDDEN)
    client = next((row for row in CLIENTS if str(row["id"]) == user and made_by == OFFICE), None)
    return _company(asked, _CLIENT_ROWS, NOT_FOUND) if client else UNAUTHORISED


def _who_am_i(own: Row) -> Reply:
    number = own["id"]
    value = {
        "employeeId": OWNER,
        "actualEmployeeId": USER,
        "employee": {"id": OWNER, "url": f"tripletex.no/v2/employee/{OWNER}"},
        "companyId": number,
        "company": {"id": number, "url": f"tripletex.no/v2/company/{number}"},
        "language": "no",
        "loggedInWithConnect": False,
        "employeeIsProxy": False,
    }
    return Reply(json={"value": value})


def _listed(names: list[str]) -> Reply:
    """Return names as a list, with what the vendor says of each besides."""
    rows = [{"id": number, "name": name, "costStartDate": None} for number, name in enumerate(names, 1)]
    body = {"fullResultSize": len(rows), "from": 0, "count": len(rows), "versionDigest": None}
    return Reply(json={**body, "values": rows})


def _client_list(asked: Asked) -> Reply:
    start, count = int(asked.query.get("from", 0)), int(asked.query.get("count", 1000))
    rows = CLIENTS[start : start + count]
    body = {"fullResultSize": len(CLIENTS), "from": start, "count": len(rows), "versionDigest": None}
    return Reply(json={**body, "values": list(rows)})


def _company(asked: Asked, rows: Mapping[str, Row], otherwise: Reply) -> Reply:
    row = rows.get(asked.path.removeprefix("/company/"))
    return Reply(json={"value": row}) if row else otherwise


def vendor(refuse: str) -> Vendor:
    """Return Tripletex with one switch on, or none."""
    return _Desk(refuse).answer


_PARTNER = {"consumer_token": CONSUMER}
PRACTICE = Practice(
    good={"answers": {"employee_token": ORDINARY}, "partner": _PARTNER, "company": "313000060"},
    more={
        "accountant": {"answers": {"employee_token": OFFICE}, "partner": _PARTNER, "company": "313000087"},
        "hidden_number": {"answers": {"employee_token": HIDING}, "partner": _PARTNER},
        "test": {
            "answers": {"employee_token": TEST_ORDINARY},
            "partner": {"consumer_token": TEST_CONSUMER},
            "environment": "test",
            "company": "313000079",
        },
    },
    refusals={name: code for name, (code, _) in _REFUSALS.items()},
    variants=_VARIANTS,
    vendor=vendor,
)
