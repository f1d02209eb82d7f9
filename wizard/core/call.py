"""A call of support's own to the vendor, signed with a stored connection's keys; what it prints is masked."""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import anyio

from wizard.core import errors
from wizard.core.answers import Kind
from wizard.core.connect import LEAVE_WITHIN
from wizard.core.echo import quiet_error
from wizard.core.errors import BadInput, WizardError
from wizard.core.provider import Company, Link
from wizard.core.recheck import reopened
from wizard.core.secret import hidden
from wizard.core.world import now

if TYPE_CHECKING:
    from wizard.core.answers import Answer
    from wizard.core.connect import Order
    from wizard.core.secret import Secret
    from wizard.core.world import World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
READING = ("GET", "HEAD")
SHOWN = 100_000
"""The most of an answer that is shown, in characters."""

_PATH = re.compile(r"(?:/[^\s\\@#?{}]*)?(?:\?[^\s\\#]*)?")
_SECRET_NAMES = re.compile(
    r'("[^"]*(?:token|secret|passw?ord|key|authori[sz]ation|cookie)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"',
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\b(Bearer|Basic|token)\s+[A-Za-z0-9._~+/=-]{8,}")
_ANY = Kind(name="", mime=re.compile(".*"), speaks=lambda _: True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What to ask: `path` stands below the vendor's address, with its query."""

    method: str
    path: str
    body: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What came: `body` is text with every secret masked, cut at 100,000 characters."""

    status: int
    ms: int
    kind: str
    body: str


def checked(method: str, path: str, body: bytes | None, *, write: bool) -> Call:
    """Return the call to make; raises `BadInput` for one that is malformed, or writes without leave."""
    method = method.upper()
    if method not in METHODS:
        raise BadInput(reason="call_method", name=", ".join(METHODS))
    if method not in READING and not write:
        raise BadInput(reason="call_writes")
    if not _PATH.fullmatch(path) or not path.isascii() or ".." in unquote(path) or path.startswith("//"):
        raise BadInput(reason="call_path")
    try:
        return Call(method=method, path=path, body=None if body is None else json.loads(body))
    except (ValueError, RecursionError):
        raise BadInput(reason="not_json") from None


async def call(world: World, connection: str, what: Call) -> Called:
    """Sign in as the connection does, make the call, sign out, and note it in the connection's history.

    Raises any `WizardError`; a fault of the vendor's is an answer like another.
    """
    from wizard.core.net import DEADLINE

    order = await reopened(world, connection)
    if not order.testable:
        raise errors.PartnerKeyNeeded(reason="stored")
    row = world.store.book().connections[connection]
    company = Company(id=str(row.company["id"]), name="", ids=_ids(row.company.get("ids")))
    secrets = [*order.partner.values(), *order.answers.values()]
    path = hidden(unquote(urlsplit(what.path).path), secrets)
    ended = "?"  # it may have been carried out all the same
    try:
        with anyio.fail_after(DEADLINE):
            called = await _called(world, order, company, what)
            ended = str(called.status)
            return called
    except TimeoutError:
        raise errors.TimedOut from None
    except BadInput:
        ended = ""  # the call was not made
        raise
    except WizardError as error:
        raise quiet_error(error) from None
    finally:
        if ended:
            await world.store.note(connection, "call", f"{what.method} {path} {ended}")


def _ids(value: object) -> dict[str, str]:
    return {str(name): str(one) for name, one in value.items()} if isinstance(value, dict) else {}


async def _called(world: World, order: Order, company: Company, what: Call) -> Called:
    async with world.net.open(order.environment, lambda _: None) as http:
        keys = {**order.partner, **order.answers}
        link = Link(
            http=http,
            keys=keys,
            plain=order.plain,
            environment=order.environment,
            now=now(),
            company=company,
        )
        link = await _signed_in(order, link)
        try:
            if not link.auth:  # a session that is no way to sign calls
                raise BadInput(reason="call_unsigned")
            return await _asked(link, what)
        finally:
            await _leave(order, link)


async def _leave(order: Order, link: Link) -> None:
    if order.provider.leave and link.session:
        with anyio.move_on_after(LEAVE_WITHIN, shield=True), contextlib.suppress(WizardError):
            await order.provider.leave(link)


async def _signed_in(order: Order, link: Link) -> Link:
    for check in order.provider.checks:
        if check.stage == "sign_in":
            link = link.after(await check.ask(link))
    sign = order.provider.sign
    return replace(link, auth=sign(link)) if sign else link


async def _asked(link: Link, what: Call) -> Called:
    began = time.perf_counter()
    parts = urlsplit(what.path)
    answer = await link.http.ask(
        what.method,
        parts.path,
        auth=link.auth,
        params=_parameters(parts.query) or None,
        json=what.body,
        kind=_ANY,
    )
    secrets = [*link.keys.values(), *([link.session] if link.session else [])]
    return _shown(answer, secrets, round((time.perf_counter() - began) * 1000))


def _parameters(query: str) -> dict[str, str | list[str]]:
    """Return what stands in a query; a name that is there several times has a list."""
    found: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        before = found.get(name)
        found[name] = value if before is None else [*([before] if isinstance(before, str) else before), value]
    return found


def _shown(answer: Answer, secrets: list[Secret], spent: int) -> Called:
    text = hidden(_printable(answer.body.decode("utf-8", "replace")), secrets)
    return Called(
        status=answer.status,
        ms=spent,
        kind=hidden(answer.headers.get("content-type", "").partition(";")[0], secrets),
        body=_SIGNED.sub(r"\1 …", _SECRET_NAMES.sub(r'\1"…"', text))[:SHOWN],
    )


def _printable(text: str) -> str:
    """Return a text without characters that would steer a terminal; its lines stay."""
    return "".join(mark for mark in text if mark.isprintable() or mark in "\n\t")
