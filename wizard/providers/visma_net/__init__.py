"""Visma.net ERP: the customer has no key; an administrator lets the partner's application in with a code.

What a token request without such a consent is answered with is not documented: `invalid_tenant` is reported
of tenants, licences and roles that do not fit, and is taken for "not yet".
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.answers import JSON, Answer, Kind, maybe, need, take_secret
from wizard.core.auth import Bearer, Form
from wizard.core.orgnr import reported
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

READ = "vismanet_erp_service_api:read"
INVITATION_DAYS = 5
"""How long an invitation code is valid, as one integrator tells; the vendor does not say."""

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_CONSENTED = frozenset({"invalid_tenant", "access_denied", "consent_required"})
_NO_LICENCE = "12027"


async def sign_in(link: Link) -> Found:
    """Get a key for the customer's company; without a consent there is none."""
    form = Form(
        {
            "grant_type": "client_credentials",
            "scope": READ,
            "client_id": link.keys["client_id"],
            "client_secret": link.keys["client_secret"],
            "tenant_id": link.plain["tenant_id"],
        }
    )
    answer = await link.http.ask("POST", "", endpoint="token", auth=form)
    if not answer.ok:
        consented = visma_connect.error_of(answer) not in _NOT_CONSENTED
        raise visma_connect.refusal(answer) if consented else answer.about(_not_yet(link))
    granted = maybe(answer.row(), "scope", str) or READ
    if READ not in granted.split():
        raise answer.about(errors.ScopeMissing(whose="partner"))
    return Found(auth=Bearer(take_secret(answer.row(), "access_token")), rights={"read": True})


def _not_yet(link: Link) -> WizardError:
    """Return that somebody has yet to approve, or that the time for it is over."""
    if link.since and link.now - link.since > timedelta(days=INVITATION_DAYS):
        return errors.InvitationExpired(days=INVITATION_DAYS)
    return errors.PendingApproval(days=INVITATION_DAYS, waiting_for="administrator")


async def organisations(link: Link) -> Found:
    """Ask which organisations the company holds; with a good key, a 401 means another kind of tenant."""
    answer = await link.http.ask("GET", "/v1/organization", auth=link.auth, kind=_LICENSED)
    if _unlicensed(answer):
        raise answer.about(errors.LicenceMissing())
    if answer.status == 401:
        raise answer.about(errors.WrongTenant(fields=("tenant_id",)))
    if answer.status == 403:
        raise answer.about(errors.ScopeMissing(whose="partner"))
    if not answer.ok:
        raise answer.unexpected()
    rows = need(answer.json(), list)
    tenant = link.plain["tenant_id"]
    companies = tuple(_company(row, tenant, alone=len(rows) == 1) for row in rows)
    return Found(companies=companies, facts={"count": len(rows), **visma_connect.numbered(answer)})


def _unlicensed(answer: Answer) -> bool:
    """Tell whether the vendor says, with whatever status, that it has no licence for the company."""
    return str(answer.peek().get("exceptionfaultcode")) == _NO_LICENCE


_LICENSED = Kind(name=JSON.name, mime=JSON.mime, speaks=_unlicensed)


def _company(row: object, tenant: str, *, alone: bool) -> Company:
    """Return an organisation: named by the tenant where it is the only one there, else by its code too."""
    code, name = maybe(row, "organizationCd", str) or "", maybe(row, "name", str) or ""
    number = reported(maybe(row, "corporateId", str))
    within = code or number or name
    if not within:
        raise errors.UnexpectedAnswer(looked_for="organizationCd")
    ids = {"tenant_id": tenant, **({"organization": code} if code else {})}
    return Company(id=tenant if alone else f"{tenant}/{within}", name=name, orgnr=number, ids=ids)


def told(answers: Mapping[str, str]) -> Company:
    """Return the company that the tenant ID names; its name is not known before it has been reached."""
    return Company(id=answers.get("tenant_id", ""), name="")


def _small(pasted: str) -> str:
    return tidy(pasted).lower()


PROVIDER = Provider(
    slug="visma_net",
    name="Visma.net ERP",
    package=__name__,
    family="visma",
    hue=350,
    letters="VN",
    environments=(
        Environment(
            name="production",
            endpoints={"api": "https://api.finance.visma.net", "token": visma_connect.ENDPOINT},
        ),
    ),
    fields=(
        CredentialField(
            name="tenant_id", pattern=_GUID, prepare=_small, step="tenant", secret=False, required=False
        ),
    ),
    partner_keys=(
        CredentialField(name="client_id", pattern=re.compile(r"[!-~]{4,100}")),
        CredentialField(name="client_secret", pattern=re.compile(r"[!-~]{8,512}")),
        CredentialField(
            name="invitation_code", pattern=re.compile(r"[!-~]{2,200}"), secret=False, required=False
        ),
    ),
    needs=("tenant_id",),
    told=told,
    rights=(Right(name="read", required=True, code="scope_missing"),),
    looks=Looks(times=2, seconds=300),
    mends={
        "pending_approval": "approve",
        "invitation_expired": "new_code",
        "wrong_tenant": "company",
        "licence_missing": "company",
    },
    checks=(
        Check(name="sign_in", stage="sign_in", ask=sign_in),
        Check(name="company", stage="company", ask=organisations),
    ),
    guide=(
        GuideStep(
            key="role",
            opens="https://admin-user-access.visma.net/",
            ticks=("integration_administrator",),
            traps=("not_yet",),
        ),
        GuideStep(key="company", opens="https://apps.visma.com/", image="company.svg", traps=("same_name",)),
        GuideStep(
            key="use_code",
            copy=("invitation_code",),
            large=True,
            opens="https://apps.visma.com/",
            image="code.svg",
            traps=("refused",),
        ),
        GuideStep(key="approve", image="approve.svg", traps=("no_button", "later")),
        GuideStep(key="new_code", mail="new_code"),
        GuideStep(key="tenant", field="tenant_id", image="tenant.svg", traps=("other_place",)),
        GuideStep(key="test"),
    ),
)
