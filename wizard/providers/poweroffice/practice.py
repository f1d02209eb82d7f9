"""PowerOffice Go's imitation: a client key a company, one of them without the right to read its number."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from wizard.core.practice import Asked, Practice, Reply, Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, object]

APPLICATION_KEY = "1970F6AD-E35E-4EBF-9DA7-0000000000A1"
SUBSCRIPTION_KEY = "0123456789abcdef0123456789abcdef"
ORDINARY = "5b1d9f3e-7c42-4a86-b0e9-0000000000c1"
SPARSE = "5b1d9f3e-7c42-4a86-b0e9-0000000000c2"
NARROW = "5b1d9f3e-7c42-4a86-b0e9-0000000000c3"
DEMO_APPLICATION_KEY = "1970F6AD-E35E-4EBF-9DA7-0000000000A2"
DEMO = "5b1d9f3e-7c42-4a86-b0e9-0000000000d1"

PRIVILEGES = [
    "CommonServices_Full",
    "GeneralLedgerAccount_Full",
    "JournalEntryVoucher",
    "AccountTransaction",
]
CLIENTS: Mapping[str, Row] = {
    ORDINARY: {
        "ActiveClientSubscriptions": ["Accounting", "Payroll"],
        "ClientId": "aa6d3a0c-52f1-4d0b-9d1f-000000000001",
        "ClientName": "Solgløtt Eiendom AS",
        "ValidPrivileges": PRIVILEGES,
        "InvalidPrivileges": ["TimeTracking_Full"],
        "AllowSendInvoice": False,
    },
    SPARSE: {
        "ActiveClientSubscriptions": None,
        "ClientId": "aa6d3a0c-52f1-4d0b-9d1f-000000000002",
        "ClientName": None,
        "ValidPrivileges": PRIVILEGES,
        "InvalidPrivileges": None,
    },
    NARROW: {
        "ActiveClientSubscriptions": ["Accounting"],
        "ClientId": "aa6d3a0c-52f1-4d0b-9d1f-000000000003",
        "ClientName": "Kystveien Bokhandel AS",
        "ValidPrivileges": ["JournalEntryVoucher"],
        "InvalidPrivileges": [],
    },
    DEMO: {
        "ActiveClientSubscriptions": ["Accounting"],
        "ClientId": "aa6d3a0c-52f1-4d0b-9d1f-000000000004",
        "ClientName": "Demoselskapet AS",
        "ValidPrivileges": PRIVILEGES,
        "InvalidPrivileges": [],
    },
}
_SETTINGS: Mapping[str, Row] = {
    ORDINARY: {"OrganizationNumber": "313000117", "LegalName": "Solgløtt Eiendom AS", "Name": "Solgløtt"},
    SPARSE: {"OrganizationNumber": "313 000 125", "LegalName": "Mølleparken Drift AS", "Name": "Mølleparken"},
    DEMO: {"OrganizationNumber": "313000141", "LegalName": "Demoselskapet AS", "Name": "Demoselskapet"},
}

INVALID_CLIENT: Row = {
    "error": "invalid_client",
    "error_description": "Client integration not found. "
    "Please ensure the provided keys are matching the desired environment.",
}
GATEWAY = Reply(
    status=401,
    json={
        "statusCode": 401,
        "message": "Access denied due to invalid subscription key. "
        "Make sure to provide a valid key for an active subscription.",
    },
)
FORBIDDEN = Reply(status=403, json={"title": "Forbidden", "status": 403})
MISSING_PRIVILEGE = Reply(
    status=400,
    headers={"Content-Type": "application/problem+json"},
    json={
        "title": "Missing privilege",
        "status": 400,
        "detail": "The integration does not have the required privileges to read organization settings.",
    },
)
_TOKEN, _WHO, _ORGANIZATION = "token", "/ClientIntegrationInformation", "/OrganizationSettings"

_REFUSALS: Mapping[str, tuple[str, str, Reply]] = {
    "key_refused": ("key_refused", _TOKEN, Reply(status=400, json=INVALID_CLIENT)),
    "key_refused_401": ("key_refused", _TOKEN, Reply(status=401, json=INVALID_CLIENT)),
    "key_refused_opaque": (
        "key_refused",
        _TOKEN,
        Reply(status=401, body=b"<html>Unauthorized</html>", headers={"Content-Type": "text/html"}),
    ),
    "partner_key_refused": ("partner_key_refused", _TOKEN, GATEWAY),
    "partner_key_refused_later": ("partner_key_refused", _WHO, GATEWAY),
    "grant_refused": (
        "unexpected_answer",
        _TOKEN,
        Reply(status=400, json={"error": "unsupported_grant_type"}),
    ),
    "rights_missing": ("rights_missing", _WHO, FORBIDDEN),
    "session_refused": ("unexpected_answer", _WHO, Reply(status=401)),
    "no_client_id": ("unexpected_answer", _WHO, Reply(json={"ClientId": None, "ClientName": "ABC AS"})),
}
_VARIANTS: Mapping[str, tuple[str, str, Reply]] = {
    "number_unknown_403": ("the key may not read the organisation number: a 403", _ORGANIZATION, FORBIDDEN),
    "number_unknown_400": (
        "the key may not read the organisation number: a 400",
        _ORGANIZATION,
        MISSING_PRIVILEGE,
    ),
    "right_missing": (
        "a privilege was granted, and the company lacks the module for it",
        _WHO,
        Reply(
            json={
                **CLIENTS[ORDINARY],
                "ValidPrivileges": ["CommonServices_Full"],
                "InvalidPrivileges": ["GeneralLedgerAccount_Full", "JournalEntryVoucher"],
            }
        ),
    ),
    "rights_unknown": (
        "PowerOffice does not say which privileges and modules there are",
        _WHO,
        Reply(
            json={
                **CLIENTS[ORDINARY],
                "ActiveClientSubscriptions": None,
                "ValidPrivileges": None,
                "InvalidPrivileges": None,
            }
        ),
    ),
    "number_empty": ("the settings are answered with an empty body", _ORGANIZATION, Reply()),
}
_SLOW_DOWN = {"statusCode": "429", "message": "Rate limit is exceeded. Try again in 0 seconds."}


@dataclass(slots=True)
class _Desk:
    """PowerOffice with its gateway before it, and how much it was asked."""

    refuse: str
    asked: int = 0

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        self.asked += 1
        if self.refuse == "slow_down" and self.asked == 1:
            return Reply(status=429, json=_SLOW_DOWN)
        if asked.headers.get("ocp-apim-subscription-key") != SUBSCRIPTION_KEY:
            return GATEWAY
        _, refused_path, refusal = {**_REFUSALS, **_VARIANTS}.get(self.refuse, ("", "", Reply()))
        if refused_path == (asked.endpoint if asked.endpoint == _TOKEN else asked.path):
            return refusal
        return _token(asked) if asked.endpoint == _TOKEN else _read(asked)


def _token(asked: Asked) -> Reply:
    if dict(parse_qsl(asked.body.decode())) != {"grant_type": "client_credentials"}:
        return Reply(status=400, json={"error": "unsupported_grant_type"})
    client = _client(asked)
    if not client:
        return Reply(status=400, json=INVALID_CLIENT)
    return Reply(json={"access_token": _access(asked, client), "token_type": "bearer", "expires_in": 1200})


def _client(asked: Asked) -> str:
    """Return the client key of a token request, or nothing where the two keys do not belong together."""
    demo = asked.environment == "demo"
    application = DEMO_APPLICATION_KEY if demo else APPLICATION_KEY
    for client in CLIENTS:
        signed = base64.b64encode(f"{application}:{client}".encode()).decode()
        if asked.headers.get("authorization") == f"Basic {signed}" and (client == DEMO) is demo:
            return client
    return ""


def _access(asked: Asked, client: str) -> str:
    inner = base64.urlsafe_b64encode(f"{asked.environment}:{client[-4:]}".encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{inner}.practice"


def _read(asked: Asked) -> Reply:
    signed = asked.headers.get("authorization")
    client = next((one for one in CLIENTS if signed == f"Bearer {_access(asked, one)}"), "")
    if not client:
        return Reply(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    if asked.path == _WHO:
        return Reply(json=CLIENTS[client])
    if asked.path == _ORGANIZATION:
        return Reply(json=_SETTINGS[client]) if client in _SETTINGS else FORBIDDEN
    return Reply(status=404, json={"statusCode": 404, "message": "Resource not found"})


def vendor(refuse: str) -> Vendor:
    """Return PowerOffice Go with one switch on, or none."""
    return _Desk(refuse).answer


_PARTNER = {"application_key": APPLICATION_KEY, "subscription_key": SUBSCRIPTION_KEY}
PRACTICE = Practice(
    good={"answers": {"client_key": ORDINARY}, "partner": _PARTNER, "company": "313000117"},
    more={
        "without_a_name": {"answers": {"client_key": SPARSE}, "partner": _PARTNER, "company": "313000125"},
        "hidden_number": {"answers": {"client_key": NARROW}, "partner": _PARTNER},
        "demo": {
            "answers": {"client_key": DEMO},
            "partner": {**_PARTNER, "application_key": DEMO_APPLICATION_KEY},
            "environment": "demo",
            "company": "313000141",
        },
    },
    refusals={name: code for name, (code, _, _) in _REFUSALS.items()},
    variants={
        **{name: shows for name, (shows, _, _) in _VARIANTS.items()},
        "slow_down": "the first request is answered with 429",
    },
    vendor=vendor,
)
