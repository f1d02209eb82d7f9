"""Tripletex: the customer's employee token and the partner's consumer token make a session.

The session reaches one company, or, where an accountant made the token, the accountant's clients: then the
client's id is the user name. What an error means is read from its status, `code` and
`validationMessages[].field`, never from its text, which follows the user's language.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.answers import Answer, maybe, need, take, take_secret
from wizard.core.auth import Auth, Basic, Both, JsonBody, PathTail, Query
from wizard.core.errors import UnexpectedAnswer, WizardError
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
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from wizard.core.secret import Secret

PAGE_SIZE = 1000
SESSION_DAYS = 2
_OWN = "0"  # the user name for the company that the token belongs to
_NOT_FOUND = "6000"
_CLOCK_MAY_DIFFER = 12 * 60  # minutes
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_CREATE = "/token/session/:create"
_MODULE = "API_V2"
"""The sales module for Integrasjoner; where it is not named, a token that works has it all the same."""

_SINGLE = "AUTH_"
_ENTITLEMENTS = {"vouchers": "AUTH_ALL_VOUCHERS", "reports": "AUTH_COMPANY_ACCOUNTING_REPORTS"}
"""What Tripletex calls the rights that the partner can use; it says that names may change."""

_COMPANY_FIELDS = "id,name,displayName,organizationNumber,type,accountantOrSimilar"
_CLIENT_FIELDS = "id,name,displayName,organizationNumber,customerCompanyId"


def _inspect(name: str) -> Callable[[str, Environment], tuple[str, ...]]:
    def inspect(token: str, environment: Environment) -> tuple[str, ...]:
        """Tell a token of the other environment before it is sent: one for tests has `test-` inside."""
        inner = _inner(token)
        if inner is None:
            return ("undecodable",)
        if inner.startswith("test-") is not environment.test:
            raise errors.WrongEnvironment(fields=(name,))
        return ()

    return inspect


def _inner(token: str) -> str | None:
    """Return what a token holds, or None where it is not base64 of `{"tokenId": …, "token": "…"}`."""
    bare = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        row = json.loads(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
        take(row, "tokenId", int)
        return take(row, "token", str)
    except (ValueError, RecursionError, UnexpectedAnswer):
        return None


async def sign_in(link: Link) -> Found:
    """Make a session of the two tokens."""
    answer = await _create(link)
    if answer.status == 404 and _code(answer) == _NOT_FOUND:
        raise _key_refused(answer)
    if answer.status == 422:
        raise _invalid(answer, link.now)
    session = take_secret(_value(_granted(answer, link)), "token")
    return Found(session=session, auth=Basic(_OWN, session))


async def companies(link: Link) -> Found:
    """Ask whose token it is, and for that company; an accountant's token may see its clients only."""
    me = _value(_granted(await link.http.get("/token/session/%3EwhoAmI", auth=link.auth), link))
    number = str(take(me, "companyId", int))
    params = {"fields": _COMPANY_FIELDS}
    answer = await link.http.get("/company/{id}", auth=link.auth, params=params, id=number)
    if answer.status == 403:
        clients = await _clients(link)
        return Found(companies=clients, facts={"count": len(clients), "accountant": True})
    own = _company(_value(_granted(answer, link)), number, {"user": _OWN})
    rights = {"company": True, **await _rights(link, me)}
    return Found(companies=(own,), rights=rights, facts={"count": 1, "accountant": False})


async def access(link: Link) -> Found:
    """Ask for a client's company in the client's own name; for the token's own company that is done."""
    client, session = link.company, link.session
    if not client or not session or client.ids.get("user", _OWN) == _OWN:
        return Found()
    auth = Basic(client.ids["user"], session)
    number = client.ids.get("company_id", client.id)
    answer = await link.http.get("/company/{id}", auth=auth, params={"fields": _COMPANY_FIELDS}, id=number)
    if answer.status in {401, 403}:
        raise answer.about(errors.RightsMissing(fields=("employee_token",), company=client.name))
    if answer.status == 404:
        return Found()
    filled = _filled(client, _value(_granted(answer, link)))
    return Found(companies=(filled,), rights={"company": True})


def sign(link: Link) -> Auth | None:
    """Return how to sign for a company: an accountant's client is the user name."""
    user = link.company.ids.get("user", _OWN) if link.company else _OWN
    return Basic(user, link.session) if link.session else None


async def leave(link: Link) -> None:
    """Close the session, so that it does not live on for two days."""
    if link.session:
        auth = Both(Basic(_OWN, link.session), PathTail(link.session))
        await link.http.ask("DELETE", "/token/session/{token}", auth=auth, fills={"token": ""})


async def _rights(link: Link, me: Mapping[str, object]) -> dict[str, bool]:
    """Ask what the token may do, as far as Tripletex tells: whatever else it answers, that stays unknown.

    A token may do what both its owner and its user may. An accountant's session is not asked: it would be
    refused.
    """
    from wizard.core.probe import probed  # brings anyio with it, which a list of the systems need not

    people = [me.get("employeeId"), me.get("actualEmployeeId")]
    asked = list(dict.fromkeys(map(str, people))) if all(type(one) is int for one in people) else []
    modules, *entitlements = await probed(
        partial(_names, link, "/company/salesmodules", {}),
        *(partial(_names, link, "/employee/entitlement", {"employeeId": one}) for one in asked),
    )
    rights = {"integrations": True} if _MODULE in (modules or ()) else {}
    return {**rights, **_entitled([one or frozenset() for one in entitlements])}


async def _names(link: Link, path: str, params: Mapping[str, str]) -> frozenset[str]:
    answer = await link.http.get(path, auth=link.auth, params={**params, "fields": "name"})
    if not answer.ok:
        raise answer.unexpected()
    names = (maybe(row, "name", str) for row in take(answer.row(), "values", list))
    return frozenset(name for name in names if name)


def _entitled(lists: list[frozenset[str]]) -> dict[str, bool]:
    """Return which entitlements all lists name; nothing where one holds no single entitlement to go by."""
    if not lists or not all(any(name.startswith(_SINGLE) for name in one) for one in lists):
        return {}
    return {right: all(name in one for one in lists) for right, name in _ENTITLEMENTS.items()}


async def _create(link: Link) -> Answer:
    """Ask for a session; where the newer way is not there, the older one, with the tokens in the address.

    A 404 with code 6000 is an answer about the token, and gives no reason to put it into an address.
    """
    values: Mapping[str, str | Secret] = {
        "consumerToken": link.keys["consumer_token"],
        "employeeToken": link.keys["employee_token"],
        "expirationDate": _expires(link.now),
    }
    answer = await link.http.ask("POST", _CREATE, auth=JsonBody(values))
    if answer.status == 405 or (answer.status == 404 and _code(answer) != _NOT_FOUND):
        return await link.http.ask("PUT", _CREATE, auth=Query(values))
    return answer


def _expires(now: datetime) -> str:
    """Return the session's last day, as it is in Oslo: by UTC it would be a day short just after midnight."""
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    return (now.astimezone(ZoneInfo("Europe/Oslo")).date() + timedelta(days=SESSION_DAYS)).isoformat()


async def _clients(link: Link) -> tuple[Company, ...]:
    """Return the clients that the token may sign in to, page after page; raises `RightsMissing` for none."""
    found: dict[str, Company] = {}
    read, total = 0, 1
    while read < total:
        rows, total = await _client_page(link, read)
        fresh = {client.id: client for client in map(_client, rows)}
        if fresh.keys() <= found.keys():
            break
        found |= fresh
        read += len(rows)
    if not found:
        raise errors.RightsMissing(fields=("employee_token",))
    return tuple(found.values())


async def _client_page(link: Link, start: int) -> tuple[list[object], int]:
    """Return a page and how many clients there are; unless it is said, after a full page more may follow."""
    params = {"from": str(start), "count": str(PAGE_SIZE), "fields": _CLIENT_FIELDS}
    answer = await link.http.get("/company/%3EwithLoginAccess", auth=link.auth, params=params)
    body = _granted(answer, link).row()
    rows = take(body, "values", list)
    said = maybe(body, "fullResultSize", int)
    read = start + len(rows)
    return rows, said if said is not None else read + (len(rows) == PAGE_SIZE)


def _client(row: object) -> Company:
    number = str(take(row, "id", int))
    company_id = maybe(row, "customerCompanyId", int)
    ids = {"user": number} if company_id is None else {"user": number, "company_id": str(company_id)}
    return _company(need(row, dict), number, ids)


def _company(row: dict[str, object], number: str, ids: Mapping[str, str]) -> Company:
    """Return what the token may see of a company: the rest is left out of the answer."""
    return Company(id=number, name=_name(row) or number, orgnr=_orgnr(row), ids=ids)


def _filled(client: Company, row: dict[str, object]) -> Company:
    return replace(client, name=_name(row) or client.name, orgnr=_orgnr(row) or client.orgnr)


def _name(row: dict[str, object]) -> str:
    return maybe(row, "name", str) or maybe(row, "displayName", str) or ""


def _orgnr(row: dict[str, object]) -> str | None:
    return reported(maybe(row, "organizationNumber", str))


def _value(answer: Answer) -> dict[str, object]:
    return take(answer.row(), "value", dict)


def _code(answer: Answer) -> str:
    return str(answer.peek().get("code"))


def _granted(answer: Answer, link: Link) -> Answer:
    if answer.status == 401:
        raise _unauthorised(answer, link.now)
    if answer.status == 403:
        raise answer.about(errors.RightsMissing(fields=("employee_token",)))
    if not answer.ok:
        raise answer.unexpected()
    return answer


def _unauthorised(answer: Answer, now: datetime) -> WizardError:
    """Return why a session just made does not count: its last day came from this machine's clock."""
    minutes = _minutes_off(answer, now)
    if minutes is not None and minutes > _CLOCK_MAY_DIFFER:
        return _clock_wrong(answer, now)
    return _key_refused(answer)


def _invalid(answer: Answer, now: datetime) -> WizardError:
    """Return what a 422 complains of, by the field that it names."""
    named = _named_fields(answer)
    if "consumertoken" in named:
        return answer.about(errors.PartnerKeyRefused(fields=("consumer_token",)))
    if "expirationdate" in named:
        return _clock_wrong(answer, now)
    return _key_refused(answer)


def _named_fields(answer: Answer) -> str:
    rows = answer.peek().get("validationmessages")
    named = [row.get("field") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return " ".join(str(field) for field in named).lower()


def _key_refused(answer: Answer) -> WizardError:
    return answer.about(errors.KeyRefused(fields=("employee_token",)))


def _clock_wrong(answer: Answer, now: datetime) -> WizardError:
    error = errors.ClockWrong(minutes=_minutes_off(answer, now))
    error.stage = "sign_in"
    return answer.about(error)


def _minutes_off(answer: Answer, now: datetime) -> int | None:
    """Return how many minutes this machine's clock is from the vendor's, or None where that is not told."""
    from wizard.core.clock import difference, whole_minutes  # brings what a list of the systems need not

    ahead = difference(answer.headers, now)
    return None if ahead is None else whole_minutes(abs(ahead))


PROVIDER = Provider(
    slug="tripletex",
    name="Tripletex",
    package=__name__,
    hue=25,
    letters="TX",
    environments=(
        Environment(name="production", endpoints={"api": "https://tripletex.no/v2"}),
        Environment(name="test", endpoints={"api": "https://api-test.tripletex.tech/v2"}, test=True),
    ),
    fields=(
        CredentialField(
            name="employee_token", pattern=_TOKEN, step="copy_key", inspect=_inspect("employee_token")
        ),
    ),
    partner_keys=(
        CredentialField(name="consumer_token", pattern=_TOKEN, inspect=_inspect("consumer_token")),
    ),
    checks=(
        Check(name="sign_in", stage="sign_in", ask=sign_in),
        Check(name="companies", stage="company", ask=companies),
        Check(name="access", stage="rights", ask=access, per_company=True),
    ),
    rights=(
        Right(name="company", required=True),
        Right(name="integrations"),
        Right(name="vouchers"),
        Right(name="reports"),
    ),
    sign=sign,
    leave=leave,
    mends={"rights_missing": "rights"},
    guide=(
        GuideStep(key="activate", opens="https://tripletex.no/", traps=("no_subscription",)),
        GuideStep(key="open_access", opens="https://tripletex.no/", image="employee.svg", traps=("no_tab",)),
        GuideStep(key="new_key", copy=("integration_name",), image="new_key.svg", traps=("in_list",)),
        GuideStep(key="accountant", traps=("not_there",)),
        GuideStep(key="rights", image="rights.svg", traps=("grey",)),
        GuideStep(
            key="copy_key", field="employee_token", image="copy.svg", shows_secret=True, traps=("closed",)
        ),
        GuideStep(key="keep_open", shows_secret=True),
    ),
)
