"""Xledger: a key of the customer's own, a user with a password, or access for the partner's user.

Requests are counted and paid for, so the key's way asks once, and further only where that failed: three times
at most. The machine's word for an error stands in `errors[].code`, whatever the status. Two errors have no
such word, and are known by how their message begins. What an unknown key is answered is not documented.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.answers import GRAPHQL, SOAP, Answer, maybe, need, take, take_secret
from wizard.core.auth import Bearer, Soap
from wizard.core.orgnr import LENGTH, reported
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Found,
    GuideStep,
    Link,
    Method,
    Provider,
    Right,
    plain,
    tidy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.auth import Auth
    from wizard.core.errors import WizardError
    from wizard.core.secret import Secret

MOST = 2000
"""How many companies are asked for: as many as fit well within the most that an answer may hold."""

_BARE = "edges { node { dbId code description } } pageInfo { hasNextPage }"
_FULL = "edges { node { dbId code description company { companyNumber } } } pageInfo { hasNextPage }"
OWN = f"query {{ __typename entities(first: {MOST}, ownerSet: CURRENT) {{ {_FULL} }} }}"
WITH_BELOW = f"{OWN[:-2]} below: entities(first: {MOST}, ownerSet: LOWER) {{ {_FULL} }} }}"
EVERY = f"query {{ __typename entities(first: {MOST}, ownerSet: ALL) {{ {_FULL} }} }}"
NAMES = f"query {{ __typename entities(first: {MOST}, ownerSet: CURRENT) {{ {_BARE} }} }}"
PROOF = "query { __typename }"
LISTS = ("entities", "below")

_WAITS = {
    "BURST_RATE_LIMIT_REACHED": 5,
    "CONCURRENCY_LIMIT_REACHED": 1,
}  # seconds, as Xledger's sample has it
_NO_CREDITS = "INSUFFICIENT_CREDITS"
_OUR_MISTAKES = {"ARGUMENTS_OF_CORRECT_TYPE", "INVALID_VALUE"}
_CUT = "Bad format for API Token"
_SLOW = "your query timed out"

_NAMESPACE = "http://ws.xledger.net/"
_ENVELOPES = ("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")
_LOGON = "/WS/Common/Lib/Authentication.asmx"
_SESSION_KEY = re.compile(r"[!-~]{8,}")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,}")
_HEADER = re.compile(r"authorization:", re.IGNORECASE)
_LONGEST_USUAL = 6


def _token(pasted: str) -> str:
    """Return a pasted token without the header, the padding and the line breaks that may come with it."""
    value = _HEADER.sub("", tidy(pasted), count=1)
    return re.sub(r"[\r\n]+[ \t]*", "", tidy(value)).rstrip("=")


def _inspect_token(token: str, _: Environment) -> tuple[str, ...]:
    """Refuse a token that was cut: Xledger takes only one that is base64url to its last character."""
    try:
        inner = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        inner = b""
    if base64.urlsafe_b64encode(inner).decode().rstrip("=") != token:
        raise errors.FieldInvalid(fields=("api_token",), reason="cut")
    return ()


def _entity_id(typed: str) -> str:
    return re.sub(r"[\s.]", "", tidy(typed))


def _inspect_entity(number: str, _: Environment) -> tuple[str, ...]:
    """Warn of what is often given in the place of an Eier-ID: it is short, other numbers are not."""
    if len(number) == LENGTH:
        return ("organisation_number",)
    return ("internal_number",) if len(number) > _LONGEST_USUAL else ()


def _inspect_password(password: str, _: Environment) -> tuple[str, ...]:
    return () if password == password.strip() else ("space_at_end",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What GraphQL came to: the data, and errors that are not known by a code."""

    answer: Answer
    data: Mapping[str, object]
    errors: tuple[Mapping[str, object], ...]

    def companies(self) -> tuple[Company, ...]:
        """Return the companies of every list, each once, the key's own first."""
        rows = [row for name in LISTS for row in _nodes(self.data.get(name))]
        found: dict[str, Company] = {}
        for company in map(_company, rows):
            found.setdefault(company.id, company)
        return tuple(found.values())

    def facts(self) -> dict[str, int | bool]:
        """Return how many companies there are, and whether there are more than we were shown."""
        return {"count": len(self.companies()), "more": any(_more(self.data.get(name)) for name in LISTS)}


async def sign_in(link: Link) -> Found:
    """Ask which company the key belongs to, and which lie below it; where that fails, whether it is a key."""
    auth = Bearer(link.keys["api_token"], word="token")
    said = await _ask_at_once(link, auth)
    companies = said.companies()
    if companies or not said.errors:
        readable = not said.errors or any(company.orgnr for company in companies)
        rights = {"owner": True, "company": readable}
        return Found(auth=auth, companies=companies, rights=rights, facts=said.facts())
    await _prove(link, auth)
    return Found(auth=auth)


async def company(link: Link) -> Found:
    """Make do with what the first request told; else ask once more, for less or in another place."""
    if link.companies:
        return Found()
    readable = "owner" in link.rights
    said = await _ask(link, EVERY if readable else NAMES, link.auth)
    found = said.companies()
    if said.errors and not found and not readable:
        raise _unreadable(said)
    return Found(companies=found, rights={"owner": True, "company": readable}, facts=said.facts())


async def log_on(link: Link) -> Found:
    """Ask for a session with the user name and the password: nothing is read or sent with it."""
    values: Mapping[str, str | Secret] = {
        "sLogonID": link.plain["user_name"],
        "sPassword": link.keys["password"],
        "sApplication": "XLEDGERDEMO" if link.environment.test else "XLEDGER",
    }
    auth = Soap("LogonKey", _NAMESPACE, values)
    answer = await link.http.ask("POST", _LOGON, endpoint="soap", auth=auth, kind=SOAP)
    if answer.status == 401:
        raise _user_refused(answer)
    key = _session_key(answer)
    if not _SESSION_KEY.fullmatch(key):
        raise _user_refused(answer)
    return Found(session=take_secret({"key": key}, "key"), rights={"web_service": True})


async def told_company(link: Link) -> Found:
    """Take the company that the customer named: signing in says nothing of it."""
    return Found(companies=(told(link.plain),))


def told(plain_answers: Mapping[str, str]) -> Company:
    """Return the company that an Eier-ID names; its name and number are not known."""
    return Company(id=plain_answers.get("entity_id", ""), name="")


async def _ask(link: Link, query: str, auth: Auth | None) -> _Said:
    """Return what a query came to; raises what a status or an error's code says by itself."""
    answer = await link.http.ask("POST", "", auth=auth, json={"query": query}, kind=GRAPHQL)
    listed = answer.peek().get("errors")
    rows = tuple(one if isinstance(one, dict) else {} for one in listed) if isinstance(listed, list) else ()
    stop = _coded(answer, rows) or _by_status(answer, rows)
    if stop:
        raise stop
    data = answer.row().get("data") if rows else take(answer.row(), "data", dict)
    return _Said(answer=answer, data=data if isinstance(data, dict) else {}, errors=rows)


async def _ask_at_once(link: Link, auth: Auth) -> _Said:
    """Ask for the key's own company and those below it; where that takes too long, for less."""
    try:
        return await _ask(link, WITH_BELOW, auth)
    except errors.Busy as busy:
        if busy.facts.get("reason") != "slow":
            raise
        said = await _ask(link, OWN, auth)
        if said.errors and not said.companies():
            raise
        return said


async def _prove(link: Link, auth: Auth) -> None:
    """Tell a key that may read too little from one that is none; raises `KeyRefused` for the latter."""
    said = await _ask(link, PROOF, auth)
    if not isinstance(said.data.get("__typename"), str):
        raise _token_refused(said.answer) if said.errors else said.answer.unexpected(looked_for="__typename")


def _coded(answer: Answer, rows: tuple[Mapping[str, object], ...]) -> WizardError | None:
    """Return what an error's code says, at any status."""
    codes = _codes(rows)
    if _NO_CREDITS in codes:
        return answer.about(errors.QuotaEmpty(reset_at=_reset_at(rows)))
    pause = max((_WAITS[code] for code in codes & _WAITS.keys()), default=0)
    if pause:
        return answer.about(errors.Busy(seconds=pause, reason="timed"))
    messages = _words(rows, "message")
    if any(message.startswith(_CUT) for message in messages):
        return _token_refused(answer, "cut")
    return answer.about(errors.Busy(seconds=None, reason="slow")) if _SLOW in " ".join(messages) else None


def _by_status(answer: Answer, rows: tuple[Mapping[str, object], ...]) -> WizardError | None:
    """Return what the status says where no code did: a 403 may be about the key, or about a right."""
    if answer.status == 401 or (answer.status == 403 and answer.peek() and not rows):
        return _token_refused(answer)
    if answer.status == 429:
        return answer.about(errors.Busy(seconds=None))
    if answer.status >= 500:
        return answer.about(errors.VendorDown(http_status=answer.status))
    return None if answer.ok or rows else answer.unexpected()


def _unreadable(said: _Said) -> WizardError:
    """Return the error for companies that a good key may not read; or for our own mistake, if it is that."""
    if _codes(said.errors) & _OUR_MISTAKES:
        return said.answer.unexpected(looked_for="entities")
    return said.answer.about(errors.ScopeMissing(fields=("api_token",), reason="right", right="owner"))


def _token_refused(answer: Answer, reason: str = "") -> WizardError:
    error = errors.KeyRefused(fields=("api_token",))
    error.facts = {"reason": reason} if reason else {}
    return answer.about(error)


def _codes(rows: tuple[Mapping[str, object], ...]) -> set[str]:
    """Return the last parts of every code: it stands beside the message, or among the extensions."""
    extensions = tuple(one for row in rows if isinstance(one := row.get("extensions"), dict))
    return {code.rpartition(".")[2] for code in _words((*rows, *extensions), "code")}


def _words(rows: tuple[Mapping[str, object], ...], name: str) -> list[str]:
    return [word for row in rows if isinstance(word := row.get(name), str)]


def _reset_at(rows: tuple[Mapping[str, object], ...]) -> str | None:
    """Return when the quota is filled again, as Xledger writes it, if it says so in a form to be shown."""
    extensions = [one for row in rows if isinstance(one := row.get("extensions"), dict)]
    said = next((one["resetAt"] for one in (*extensions, *rows) if "resetAt" in one), None)
    shown = said if isinstance(said, str) or type(said) is int else ""
    return plain(str(shown))[:40] or None


def _nodes(connection: object) -> list[object]:
    """Return the rows of a list, without the gaps; a list that may not be read is null."""
    if connection is None:
        return []
    edges = maybe(connection, "edges", list) or []
    nodes = (need(edge, dict).get("node") for edge in edges if edge is not None)
    return [node for node in nodes if node is not None]


def _more(connection: object) -> bool:
    info = connection.get("pageInfo") if isinstance(connection, dict) else None
    return isinstance(info, dict) and info.get("hasNextPage") is True


def _company(node: object) -> Company:
    row = need(node, dict)
    inner, code = _text(row.get("dbId")), _text(row.get("code"))
    if not (code or inner):
        raise errors.UnexpectedAnswer(looked_for="code")
    number = _text((maybe(row, "company", dict) or {}).get("companyNumber"))
    return Company(
        id=code or inner,
        name=_text(row.get("description")) or code or inner,
        orgnr=reported(number),
        ids={"db_id": inner} if inner else {},
    )


def _text(value: object) -> str:
    """Return a text, or a whole number as one: which of them an id is differs from answer to answer."""
    if value is None:
        return ""
    whole_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole_number else need(value, str).strip()


def _session_key(answer: Answer) -> str:
    """Return what signing in gave, empty where it is left out; raises what a fault says."""
    root = answer.xml()
    for envelope in _ENVELOPES:
        body = root.find(f"{{{envelope}}}Body") if root.tag == f"{{{envelope}}}Envelope" else None
        fault = None if body is None else body.find(f"{{{envelope}}}Fault")
        if fault is not None:
            code = fault.findtext(f"{{{envelope}}}Code/{{{envelope}}}Value") or fault.findtext("faultcode")
            raise _fault(answer, code or "")
        response = None if body is None else body.find(f"{{{_NAMESPACE}}}LogonKeyResponse")
        if response is not None and answer.ok:
            return (response.findtext(f"{{{_NAMESPACE}}}LogonKeyResult") or "").strip()
    raise answer.unexpected(looked_for="LogonKeyResult")


def _fault(answer: Answer, code: str) -> WizardError:
    """Return what a fault means: whose it is, the one who asked or the one who answers."""
    kind = code.strip().rpartition(":")[2].partition(".")[0]
    if kind in {"Sender", "Client"}:
        return _user_refused(answer)
    if kind in {"Receiver", "Server"}:
        return answer.about(errors.VendorDown(http_status=answer.status, reason="fault"))
    return answer.unexpected(looked_for="LogonKeyResult")


def _user_refused(answer: Answer) -> WizardError:
    return answer.about(errors.KeyRefused(fields=("password", "user_name")))


_ENTITY_FIELD = CredentialField(
    name="entity_id",
    pattern=re.compile(r"[0-9]{3,9}"),
    step="entity_id",
    inspect=_inspect_entity,
    secret=False,
    prepare=_entity_id,
)
_TOKEN_FIELD = CredentialField(
    name="api_token", pattern=_TOKEN, step="copy_key", inspect=_inspect_token, prepare=_token
)
_USER_FIELD = CredentialField(
    name="user_name", pattern=re.compile(r"\S{2,100}"), step="user_name", secret=False
)
_PASSWORD_FIELD = CredentialField(
    name="password", pattern=re.compile(r".{4,}"), step="password", inspect=_inspect_password, text=True
)
_ENTITY_STEP = GuideStep(
    key="entity_id",
    field="entity_id",
    opens="https://www.xledger.net/",
    image="entity.svg",
    traps=("long_number",),
)
_ROLES = ("web_service", "file_upload", "group_level")
_WAYS_IN = ("file_upload_method", "no_certificate", "every_environment")
_METHODS_STEP = GuideStep(key="methods", ticks=_WAYS_IN, image="method.svg")

PROVIDER = Provider(
    slug="xledger",
    name="Xledger",
    package=__name__,
    hue=185,
    letters="XL",
    environments=(
        Environment(
            name="production",
            endpoints={"api": "https://www.xledger.net/graphql", "soap": "https://ws.xledger.net"},
        ),
        Environment(
            name="demo",
            endpoints={"api": "https://demo.xledger.net/graphql", "soap": "https://wsdemo.xledger.net"},
            test=True,
        ),
    ),
    told=told,
    mends={"key_refused": "copy_key", "scope_missing": "rights", "no_company": "choose_company"},
    methods=(
        Method(
            name="api_token",
            fields=(_TOKEN_FIELD,),
            checks=(
                Check(name="sign_in", stage="sign_in", ask=sign_in),
                Check(name="company", stage="company", ask=company),
            ),
            rights=(Right(name="owner", required=True, code="scope_missing"), Right(name="company")),
            guide=(
                GuideStep(key="choose_company", opens="https://www.xledger.net/", traps=("one_company",)),
                GuideStep(
                    key="open_keys",
                    opens="https://www.xledger.net/f/api-tokens",
                    image="keys.svg",
                    traps=("no_menu", "other_place"),
                ),
                GuideStep(
                    key="rights",
                    ticks=("owner", "company", "others"),
                    image="rights.svg",
                ),
                GuideStep(
                    key="copy_key",
                    field="api_token",
                    image="copy.svg",
                    shows_secret=True,
                    traps=("closed", "demo"),
                ),
                GuideStep(key="keep_open", shows_secret=True),
            ),
        ),
        Method(
            name="partner_user",
            fields=(_ENTITY_FIELD,),
            guide=(
                GuideStep(
                    key="ask_partner",
                    opens="https://www.xledger.net/",
                    image="access.svg",
                    ticks=_ROLES,
                    unless=("integration_user",),
                    traps=("no_menu",),
                ),
                GuideStep(
                    key="partner_roles",
                    copy=("integration_user",),
                    large=True,
                    opens="https://www.xledger.net/",
                    image="access.svg",
                    ticks=_ROLES,
                    needs=("integration_user",),
                    traps=("no_menu",),
                ),
                _METHODS_STEP,
                GuideStep(key="support", mail="support", needs=("integration_user",)),
                _ENTITY_STEP,
            ),
        ),
        Method(
            name="web_service",
            fields=(_USER_FIELD, _PASSWORD_FIELD, _ENTITY_FIELD),
            checks=(
                Check(name="sign_in", stage="sign_in", ask=log_on),
                Check(name="company", stage="company", ask=told_company),
            ),
            rights=(Right(name="web_service", required=True), Right(name="file_upload")),
            guide=(
                GuideStep(
                    key="own_roles",
                    opens="https://www.xledger.net/",
                    image="access.svg",
                    ticks=_ROLES,
                    traps=("no_menu",),
                ),
                _METHODS_STEP,
                GuideStep(key="user_name", field="user_name"),
                GuideStep(key="password", field="password"),
                _ENTITY_STEP,
            ),
        ),
    ),
)
