"""Fiken: a personal API key, and the companies that it reaches.

Fiken allows one request at a time and slows down above four a second, so everything here is asked in turn.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.answers import Answer, maybe, need, take
from wizard.core.auth import Bearer, Both
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
    import httpx

PAGE_SIZE = 100
_USUAL = re.compile(r"\d+\.[A-Za-z0-9_-]+")


def _inspect(token: str, _: Environment) -> tuple[str, ...]:
    return () if _USUAL.fullmatch(token) else ("unusual_form",)


async def sign_in(link: Link) -> Found:
    """Ask whose key it is; only a 401 here means a dead key."""
    auth = Both(Bearer(link.keys["token"]), _numbered)
    answer = await link.http.get("/user", auth=auth)
    if answer.status == 401:
        raise answer.about(errors.KeyRefused(fields=("token",)))
    _granted(answer)
    return Found(auth=auth, facts={"user": maybe(answer.row(), "name", str)})


async def companies(link: Link) -> Found:
    """Ask for every company the key reaches, page after page, until there are no more."""
    found: dict[str, Company] = {}
    page, more = 0, True
    while more:
        answer = await _page(link, page)
        rows = need(answer.json(), list)
        fresh = {company.id: company for company in map(_company, rows)}
        news = fresh.keys() - found.keys()
        found |= fresh
        if page and rows and not news:  # the same page again: there may be more that we are not shown
            raise answer.unexpected(looked_for="page")
        page += 1
        more = bool(news) and _more(answer, page, len(rows), len(found))
    tests = sum(company.test for company in found.values())
    return Found(companies=tuple(found.values()), facts={"count": len(found), "test_companies": tests})


async def access(link: Link) -> Found:
    """Refuse a company without access from outside; what Fiken would answer later is not known."""
    company = link.company
    if company and company.blocked:
        raise errors.ModuleMissing(company=company.name)
    return Found(rights=company.rights if company else {})


async def _page(link: Link, page: int) -> Answer:
    params = {"page": str(page), "pageSize": str(PAGE_SIZE)}
    return _granted(await link.http.get("/companies", auth=link.auth, params=params))


def _more(answer: Answer, pages: int, rows: int, companies: int) -> bool:
    """Tell whether there is more to ask for: by Fiken's own counts, or because the page was full."""
    said = (
        _count(answer, "fiken-api-page-count") > pages,
        _count(answer, "fiken-api-result-count") > companies,
    )
    return any(said) or rows >= PAGE_SIZE


def _count(answer: Answer, header: str) -> int:
    said = answer.headers.get(header, "")
    return int(said) if re.fullmatch(r"[0-9]{1,6}", said) else 0


def _company(row: object) -> Company:
    slug = take(row, "slug", str)
    if not slug:
        raise errors.UnexpectedAnswer(looked_for="slug")
    open_to_us = maybe(row, "hasApiAccess", bool)
    return Company(
        id=slug,
        name=take(row, "name", str),
        orgnr=reported(maybe(row, "organizationNumber", str)),
        test=maybe(row, "testCompany", bool) or False,
        blocked="module_missing" if open_to_us is False else "",
        rights={"company": True} | ({} if open_to_us is None else {"api": open_to_us}),
    )


def _granted(answer: Answer) -> Answer:
    if answer.status == 402:
        raise answer.about(errors.ModuleMissing())
    if answer.status == 403:
        raise answer.about(errors.RightsMissing(fields=("token",)))
    if not answer.ok:
        raise answer.unexpected()
    return answer


def _numbered(request: httpx.Request) -> httpx.Request:
    """Give each request a number of its own, as Fiken asks."""
    import uuid  # brings `platform` with it: 9 ms that the first page need not wait for

    request.headers["X-Request-ID"] = str(uuid.uuid4())
    return request


PROVIDER = Provider(
    slug="fiken",
    name="Fiken",
    package=__name__,
    hue=265,
    letters="FI",
    environments=(Environment(name="production", endpoints={"api": "https://api.fiken.no/api/v2"}),),
    fields=(
        CredentialField(name="token", pattern=re.compile(r"[!-~]{6,512}"), step="copy_key", inspect=_inspect),
    ),
    checks=(
        Check(name="sign_in", stage="sign_in", ask=sign_in),
        Check(name="companies", stage="company", ask=companies),
        Check(name="access", stage="rights", ask=access, per_company=True),
    ),
    rights=(
        Right(name="company", required=True),
        Right(name="api", required=True, code="module_missing"),
    ),
    guide=(
        GuideStep(key="order_module", opens="https://fiken.no/", traps=("no_menu",)),
        GuideStep(key="open_api", opens="https://fiken.no/", image="account.svg", traps=("no_api",)),
        GuideStep(key="new_key", image="keys.svg"),
        GuideStep(key="copy_key", field="token", image="copy.svg", shows_secret=True, traps=("cut",)),
    ),
)
