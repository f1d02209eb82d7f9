"""Visma.net ERP's imitation: companies that let the partner in, and a customer contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from wizard.core.practice import Asked, Practice, Reply, Vendor
from wizard.providers.visma_net import READ

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, object]

CLIENT_ID = "isv_practice_bank"
CLIENT_SECRET = "Zr4pQ8w!x-made-up~0123456789"
ORDINARY = "7d0c1f52-3a9b-11ee-be56-000000000001"
GROUP = "7d0c1f52-3a9b-11ee-be56-000000000002"
NUMBERLESS = "7d0c1f52-3a9b-11ee-be56-000000000003"
CONTRACT = "c4b7e0aa-91d2-4f6e-8a35-000000000009"
"""The customer contract of the same name as a company: it gets a key, and the API refuses it."""

NOBODY = "0b6f2c11-58e4-4c7d-9f20-00000000000f"
"""A tenant whose administrator has not approved anything."""


def organisation(code: str, name: str, number: str | None) -> Row:
    """Return an organisation as the API tells of it."""
    return {
        "organizationCd": code,
        "name": name,
        "organizationType": "WithoutBranches",
        "fileTaxByBranches": False,
        "baseCurrency": "NOK",
        "corporateId": number,
        "vatRegistrationId": number and f"NO{number}MVA",
        "lastModifiedDateTime": "2026-10-02T08:15:00",
        "branches": [{"number": "1", "name": name}],
    }


TENANTS: Mapping[str, list[Row]] = {
    ORDINARY: [organisation("1", "Granlia Byggevare AS", "313000184")],
    GROUP: [
        organisation("10", "Havbris Holding AS", "313000192"),
        organisation("20", "Havbris Drift AS", "313000206"),
    ],
    NUMBERLESS: [organisation("1", "Skogkanten Kafé AS", None)],
}

NO_LICENCE: Row = {
    "ExceptionType": "IPPException",
    "ExceptionMessage": "No license for this company.",
    "ExceptionFaultCode": "12027",
    "ExceptionMessageID": "12027_6f0d7a3e-0000-4000-8000-000000000001",
    "ExceptionDetails": "",
}
TOO_MANY: Row = {"Message": "Same request made too many times"}
_TOKEN, _ORGANISATIONS = "token", "/v1/organization"
_NUMBER = {"Ipp-Request-Id": "ipp-7f3a2c"}


def refused(error: str, status: int = 400) -> Reply:
    """Return a refusal of the place that gives keys."""
    return Reply(status=status, json={"error": error})


_REFUSALS: Mapping[str, tuple[str, str, Reply]] = {
    "pending_approval": ("pending_approval", _TOKEN, refused("invalid_tenant")),
    "pending_approval_denied": ("pending_approval", _TOKEN, refused("access_denied", 403)),
    "partner_key_refused": ("partner_key_refused", _TOKEN, refused("invalid_client", 401)),
    "partner_key_refused_400": ("partner_key_refused", _TOKEN, refused("invalid_client")),
    "grant_refused": ("unexpected_answer", _TOKEN, refused("unsupported_grant_type")),
    "scope_missing": ("scope_missing", _TOKEN, refused("invalid_scope")),
    "scope_missing_403": ("scope_missing", _ORGANISATIONS, Reply(status=403, headers=_NUMBER)),
    "wrong_tenant": ("wrong_tenant", _ORGANISATIONS, Reply(status=401, headers=_NUMBER)),
    "licence_missing": ("licence_missing", _ORGANISATIONS, Reply(status=403, json=NO_LICENCE)),
    "licence_missing_500": ("licence_missing", _ORGANISATIONS, Reply(status=500, json=NO_LICENCE)),
    "same_too_often": (
        "busy",
        _ORGANISATIONS,
        Reply(status=429, json=TOO_MANY, headers={"Retry-After": "411", "X-RateLimit-Remaining": "0"}),
    ),
    "no_company": ("no_company", _ORGANISATIONS, Reply(json=[])),
    "queued": ("unexpected_answer", _ORGANISATIONS, Reply(status=202, json={"stateLocation": "…"})),
}


@dataclass(slots=True)
class _Desk:
    """Visma Connect and the API behind it, and how much they were asked."""

    refuse: str
    asked: int = 0

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        self.asked += 1
        if self.refuse == "slow_down" and self.asked == 1:
            return Reply(
                status=429, headers={"X-RateLimit-Reset": "0", "X-RateLimit-Policy": "4-fixed-window"}
            )
        _, refused_path, refusal = _REFUSALS.get(self.refuse, ("", "", Reply()))
        if refused_path == (asked.endpoint if asked.endpoint == _TOKEN else asked.path):
            return refusal
        return _token(asked, self.refuse) if asked.endpoint == _TOKEN else _read(asked)


def _token(asked: Asked, refuse: str) -> Reply:
    form = dict(parse_qsl(asked.body.decode()))
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        return refused("invalid_client")
    if form.get("grant_type") != "client_credentials":
        return refused("unsupported_grant_type")
    if form.get("scope") != READ:
        return refused("invalid_scope")
    tenant = form.get("tenant_id", "")
    if tenant not in {*TENANTS, CONTRACT}:
        return refused("invalid_tenant")
    scope = {} if refuse == "scope_untold" else {"scope": READ}
    return Reply(
        json={"access_token": _access(tenant), "expires_in": 3600, "token_type": "Bearer", **scope},
    )


def _access(tenant: str) -> str:
    return f"eyJhbGciOiJSUzI1NiJ9.{tenant.replace('-', '')}.practice"


def _read(asked: Asked) -> Reply:
    signed = asked.headers.get("authorization")
    tenant = next((one for one in TENANTS if signed == f"Bearer {_access(one)}"), "")
    if asked.path != _ORGANISATIONS:
        return Reply(status=404, headers=_NUMBER)
    return Reply(json=TENANTS[tenant], headers=_NUMBER) if tenant else Reply(status=401, headers=_NUMBER)


def vendor(refuse: str) -> Vendor:
    """Return Visma.net ERP with one switch on, or none."""
    return _Desk(refuse).answer


_PARTNER = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
PRACTICE = Practice(
    good={"answers": {"tenant_id": ORDINARY}, "partner": _PARTNER, "company": "313000184"},
    more={
        "one_of_two": {"answers": {"tenant_id": GROUP}, "partner": _PARTNER, "company": "313000206"},
        "hidden_number": {"answers": {"tenant_id": NUMBERLESS}, "partner": _PARTNER},
        "without_a_tenant": {"answers": {}, "partner": _PARTNER, "expect": "313000214"},
    },
    refusals={name: code for name, (code, _, _) in _REFUSALS.items()},
    variants={
        "slow_down": "the first request is answered with 429",
        "scope_untold": "the answer with the key does not say what it may do",
    },
    vendor=vendor,
)
