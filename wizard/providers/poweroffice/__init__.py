"""PowerOffice Go: the customer's client key and the partner's two keys reach the customer's company.

Why a client key is refused cannot be told: one that is wrong, of another environment, not yet activated or
removed is always `invalid_client`. Names in answers are read whatever their case.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.answers import Answer, maybe, take, take_secret
from wizard.core.auth import Auth, Basic, Bearer, Both, Header
from wizard.core.orgnr import reported
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Found,
    GuideStep,
    Link,
    Provider,
    Right,
)

if TYPE_CHECKING:
    from wizard.core.errors import WizardError

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ERROR = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_PRIVILEGES = {
    "organisation": "commonservices",
    "accounts": "generalledgeraccount",
    "transactions": "accounttransaction",
    "vouchers": "journalentryvoucher",
}
_KEY_ERRORS = frozenset({"invalid_client", "invalid_grant", "unauthorized_client"})


async def sign_in(link: Link) -> Found:
    """Exchange the keys for a short-lived one."""
    auth = Both(Basic(link.keys["application_key"], link.keys["client_key"]), _gateway(link))
    form = {"grant_type": "client_credentials"}
    answer = await link.http.ask("POST", "", endpoint="token", auth=auth, form=form)
    if not answer.ok:
        raise _refusal(answer)
    return Found(auth=Both(Bearer(take_secret(_row(answer), "access_token")), _gateway(link)))


async def company(link: Link) -> Found:
    """Ask which company the key belongs to, and what it may do there."""
    answer = _known(await link.http.get("/ClientIntegrationInformation", auth=link.auth))
    if answer.status == 403:
        raise answer.about(errors.RightsMissing(fields=("client_key",)))
    if not answer.ok:
        raise answer.unexpected()
    row = _row(answer)
    facts = {
        "subscriptions": _joined(row.get("activeclientsubscriptions")),
        "valid_privileges": _joined(row.get("validprivileges")),
        "invalid_privileges": _joined(row.get("invalidprivileges")),
    }
    known = _company(row)
    settings = _known(await link.http.get("/OrganizationSettings", auth=link.auth))
    rights = {**_rights(row), **_proved(settings)}
    return Found(companies=(_described(settings, known),), rights=rights, facts=facts)


def _rights(row: dict[str, object]) -> dict[str, bool]:
    """Return what PowerOffice reports of the privileges and modules; what it does not report is unknown.

    A privilege among `InvalidPrivileges` was granted, but the company lacks the module for it.
    """
    valid, invalid = _names(row.get("validprivileges")), _names(row.get("invalidprivileges"))
    modules = _names(row.get("activeclientsubscriptions"))
    rights = {"extension": True} if modules is None else {"extension": True, "module": bool(modules)}
    for right, name in _PRIVILEGES.items():
        either = {name, f"{name}_full"}
        if valid is not None or either & (invalid or set()):
            rights[right] = bool(either & (valid or set()))
    return rights


def _proved(settings: Answer) -> dict[str, bool]:
    """Return what the answer itself proves: it counts for more than what is reported."""
    if settings.status in {400, 403}:
        return {"organisation": False}
    return {"organisation": True} if settings.ok and settings.body.strip() else {}


def _names(value: object) -> set[str] | None:
    """Return the names in a list, in lower case, or None where there is no list of names."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return {one.lower() for one in value}


def _described(answer: Answer, known: Company) -> Company:
    """Return the company with its number; a key without the right to read that is good all the same."""
    if not answer.ok:
        return known
    row = _row(answer) if answer.body.strip() else {}
    name = maybe(row, "legalname", str) or maybe(row, "name", str)
    number = reported(maybe(row, "organizationnumber", str))
    return replace(known, name=name if name and known.name == known.id else known.name, orgnr=number)


def _company(row: dict[str, object]) -> Company:
    number = take(row, "clientid", str)
    if not number:
        raise errors.UnexpectedAnswer(looked_for="clientid")
    return Company(id=number, name=maybe(row, "clientname", str) or number)


def _gateway(link: Link) -> Auth:
    return Header("Ocp-Apim-Subscription-Key", link.keys["subscription_key"])


def _refusal(answer: Answer) -> WizardError:
    """Return what a refusal at the token endpoint means."""
    said = answer.peek()
    error = _error(said)
    if answer.status == 401 and "statuscode" in said:
        return _partner_key_refused(answer)
    if answer.status == 401 or (answer.status == 400 and error in _KEY_ERRORS):
        return answer.about(errors.KeyRefused(fields=("client_key",)))
    return answer.unexpected(error=error) if error else answer.unexpected()


def _error(said: dict[str, object]) -> str:
    """Return the error's name if it looks like one, for the details; else it may be a sentence."""
    error = said.get("error")
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else ""


def _known(answer: Answer) -> Answer:
    """Stop at a 401: with a `statusCode` it is the gateway's; with a key just made no other is foreseen."""
    if answer.status == 401:
        raise _partner_key_refused(answer) if "statuscode" in answer.peek() else answer.unexpected()
    return answer


def _partner_key_refused(answer: Answer) -> WizardError:
    return answer.about(errors.PartnerKeyRefused(fields=("subscription_key",)))


def _row(answer: Answer) -> dict[str, object]:
    return {name.lower(): value for name, value in answer.row().items()}


def _joined(value: object) -> str:
    rows = value if isinstance(value, list) else []
    return ", ".join(row for row in rows if isinstance(row, str) and row.isprintable())


PROVIDER = Provider(
    slug="poweroffice",
    name="PowerOffice Go",
    package=__name__,
    hue=205,
    letters="PO",
    environments=(
        Environment(
            name="production",
            endpoints={
                "api": "https://goapi.poweroffice.net/v2",
                "token": "https://goapi.poweroffice.net/OAuth/Token",
            },
        ),
        Environment(
            name="demo",
            endpoints={
                "api": "https://goapi.poweroffice.net/Demo/v2",
                "token": "https://goapi.poweroffice.net/Demo/OAuth/Token",
            },
            test=True,
        ),
    ),
    fields=(CredentialField(name="client_key", pattern=_GUID, step="copy_key"),),
    partner_keys=(
        CredentialField(name="application_key", pattern=_GUID),
        CredentialField(name="subscription_key", pattern=re.compile(r"[!-~]{8,128}")),
    ),
    mends={"key_refused": "press_ok", "rights_missing": "open_extensions"},
    checks=(
        Check(name="sign_in", stage="sign_in", ask=sign_in),
        Check(name="company", stage="company", ask=company),
    ),
    rights=(
        Right(name="extension", required=True),
        Right(name="module"),
        Right(name="organisation"),
        Right(name="accounts"),
        Right(name="transactions"),
        Right(name="vouchers"),
    ),
    guide=(
        GuideStep(
            key="open_extensions",
            opens="https://go.poweroffice.net/",
            image="extensions.svg",
            traps=("no_settings",),
        ),
        GuideStep(
            key="add_extension",
            copy=("integration_name",),
            image="add.svg",
            traps=("not_found",),
            leads_to_secret=True,
        ),
        GuideStep(key="custom_extension", copy=("application_key",)),
        GuideStep(key="copy_key", field="client_key", image="key.svg", shows_secret=True, traps=("closed",)),
        GuideStep(key="press_ok", image="ok.svg", shows_secret=True),
        GuideStep(key="test"),
    ),
)
