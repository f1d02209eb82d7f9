"""Visma Business NXT: no key of the customer's; she gives the partner's application an access group.

The vendor answers nearly everything with 200, what it refuses under `errors`; a 401 is a web page. What it
says of an application that is not registered yet is not documented: an error without a code is taken for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.core import errors
from wizard.core.answers import GRAPHQL, Answer, maybe, need, take, take_secret
from wizard.core.auth import Basic, Bearer
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Found,
    GuideStep,
    Link,
    Looks,
    Provider,
    Right,
    tidy,
)
from wizard.providers import visma_connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.errors import WizardError

READ_ONLY = "business-graphql-service-api:access-group-based-readonly"
COMPANIES = (
    "query($customer: Int!) { availableCompanies(customerNo: $customer) "
    "{ totalCount items { name vismaNetCompanyId vismaNetCustomerId } } }"
)
LEDGER = (
    "query($company: Int!) { useCompany(no: $company) { generalLedgerAccount(first: 1) { totalCount } } }"
)

_NUMBER = re.compile(r"[1-9][0-9]{3,8}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_HOME, _STORE = "https://business.visma.net/", "https://apps.visma.com/"
_BY_STORE = ("invitation_code", "store_search")
"""What a partner has whose application is found in the vendor's shop, instead of registered by hand."""
_TOO_MANY = "OUTSTANDING_LIMIT_EXCEEDED"


async def sign_in(link: Link) -> Found:
    """Get a key that may only read; one that may do more is not used."""
    auth = Basic(link.keys["client_id"], link.keys["client_secret"], quoted=True)
    form = {"grant_type": "client_credentials", "scope": READ_ONLY}
    answer = await link.http.ask("POST", "", endpoint="token", auth=auth, form=form)
    if not answer.ok:
        raise visma_connect.refusal(answer)
    granted = maybe(answer.row(), "scope", str) or READ_ONLY
    if not all(one.endswith("-readonly") for one in granted.split()):
        raise answer.about(errors.ScopeMissing(whose="partner"))
    return Found(auth=Bearer(take_secret(answer.row(), "access_token")), rights={"read_only": True})


async def companies(link: Link) -> Found:
    """Ask whether the partner reaches the company; if not, somebody has yet to let it in."""
    number = int(link.plain["company_number"])
    answer, data = await _data(link, COMPANIES, customer=int(link.plain["customer_number"]))
    page = maybe(data, "availableCompanies", dict) or {}
    rows = need(page.get("items") or [], list)
    customer = int(link.plain["customer_number"])
    rows = [one for one in rows if maybe(one, "vismaNetCustomerId", int) in {None, customer}]
    row = next((one for one in rows if take(one, "vismaNetCompanyId", int) == number), None)
    if row is None and (maybe(page, "totalCount", int) or 0) <= len(rows):
        raise answer.about(_not_yet(reached=len(rows)))
    name = maybe(row, "name", str) if row is not None else None
    company = Company(id=str(number), name=name or "", ids={"customer_number": link.plain["customer_number"]})
    return Found(companies=(company,), facts={"count": len(rows), **visma_connect.numbered(answer)})


def _not_yet(*, reached: int) -> errors.PendingApproval:
    """Return that the company is not there yet, and whether others of the same customer are."""
    if reached:
        return errors.PendingApproval(
            fields=("company_number",), waiting_for="administrator", count=reached, reason="not_among"
        )
    return errors.PendingApproval(waiting_for="administrator")


async def ledger(link: Link) -> Found:
    """Read how many accounts the general ledger has: the least that shows a right to read in the company."""
    answer, data = await _data(link, LEDGER, company=int(link.plain["company_number"]))
    accounts = maybe(maybe(data, "useCompany", dict) or {}, "generalLedgerAccount", dict)
    if accounts is not None:
        take(accounts, "totalCount", int)
    return Found(rights={"general_ledger": accounts is not None}, facts=visma_connect.numbered(answer))


async def _data(link: Link, query: str, **variables: int) -> tuple[Answer, dict[str, Any]]:
    """Return what a query brought, empty where it was refused in words alone."""
    body = {"query": query, "variables": variables}
    answer = await link.http.ask("POST", "", auth=link.auth, json=body, kind=GRAPHQL)
    refused = answer.peek().get("errors")
    codes = [_code(one) for one in refused] if isinstance(refused, list) else []
    if not answer.ok or any(codes):
        raise answer.about(_fault(answer, codes))
    row = answer.row()
    return answer, (maybe(row, "data", dict) or {}) if codes else take(row, "data", dict)


def _fault(answer: Answer, codes: list[str]) -> WizardError:
    """Return what is wrong that has nothing to do with who was let in."""
    if answer.status == 401:
        return errors.PartnerKeyRefused(fields=visma_connect.PARTNER)
    if _TOO_MANY in codes:
        return errors.Busy(seconds=None, reason="outstanding")
    if answer.status == 429:
        return errors.Busy(seconds=None)
    if answer.status >= 500:
        return errors.VendorDown(http_status=answer.status)
    code = next(filter(None, codes), "")
    return answer.unexpected(error=code) if code else answer.unexpected()


def _code(error: object) -> str:
    """Return an error's code, or an empty text where the vendor gave it words alone."""
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def told(answers: Mapping[str, str]) -> Company:
    """Return the company that the numbers name; the vendor knows no other number of it."""
    ids = {"customer_number": answers.get("customer_number", "")}
    return Company(id=answers.get("company_number", ""), name="", ids=ids)


def _digits(pasted: str) -> str:
    return "".join(tidy(pasted).split())


PROVIDER = Provider(
    slug="business_nxt",
    name="Visma Business NXT",
    package=__name__,
    family="visma",
    hue=155,
    letters="NX",
    environments=(
        Environment(
            name="production",
            endpoints={
                "api": "https://business.visma.net/api/graphql-service",
                "token": visma_connect.ENDPOINT,
            },
        ),
    ),
    fields=(
        CredentialField(
            name="customer_number", pattern=_NUMBER, prepare=_digits, step="customer_number", secret=False
        ),
        CredentialField(
            name="company_number", pattern=_NUMBER, prepare=_digits, step="company_number", secret=False
        ),
    ),
    partner_keys=(
        CredentialField(name="client_id", pattern=re.compile(r"[!-~]{4,24}")),
        CredentialField(name="client_secret", pattern=re.compile(r"[!-~]{8,512}")),
    ),
    needs=("customer_number", "company_number"),
    told=told,
    rights=(
        Right(name="read_only", required=True, code="scope_missing"),
        Right(name="general_ledger", required=True, code="rights_missing"),
    ),
    looks=Looks(times=5, seconds=300),
    mends={"pending_approval": "access", "rights_missing": "access"},
    checks=(
        Check(name="sign_in", stage="sign_in", ask=sign_in),
        Check(name="company", stage="company", ask=companies),
        Check(name="ledger", stage="rights", ask=ledger, per_company=True),
    ),
    guide=(
        GuideStep(key="roles", ticks=("application_access", "system_supervisor"), unless=_BY_STORE),
        GuideStep(
            key="user_table",
            opens=_HOME,
            image="table.svg",
            unless=_BY_STORE,
            traps=("no_table", "no_column"),
        ),
        GuideStep(key="user", copy=("client_id",), image="user.svg", unless=_BY_STORE, traps=("misspelt",)),
        GuideStep(
            key="access",
            copy=("client_id",),
            ticks=("user", "company", "access_group"),
            image="access.svg",
            unless=_BY_STORE,
            traps=("one_only",),
        ),
        GuideStep(
            key="use_code",
            copy=("invitation_code",),
            large=True,
            opens=_STORE,
            image="code.svg",
            needs=("invitation_code",),
        ),
        GuideStep(
            key="find_app",
            copy=("store_search",),
            opens=_STORE,
            image="search.svg",
            needs=("store_search",),
            unless=("invitation_code",),
        ),
        GuideStep(key="customer_number", field="customer_number", traps=("no_number",)),
        GuideStep(key="company_number", field="company_number", image="numbers.svg"),
        GuideStep(key="test"),
    ),
)
