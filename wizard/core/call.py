"""A call of support's own to the vendor, signed with a stored connection's keys; what it prints is masked."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import anyio

from wizard.core import errors
from wizard.core.answers import Kind
from wizard.core.auth import hidden
from wizard.core.errors import BadInput
from wizard.core.provider import Company, Link
from wizard.core.recheck import reopened
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
_SECRET_NAMES = re.compile(r'("[^"]*(?:token|secret|passw?ord|key)[^"]*"\s*:\s*)"[^"]*"', re.IGNORECASE)
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
    if not _PATH.fullmatch(path) or not path.isascii() or ".." in path or path.startswith("//"):
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
    try:
        with anyio.fail_after(DEADLINE):
            called = await _called(world, order, company, what)
    except TimeoutError:
        raise errors.TimedOut from None
    path = urlsplit(what.path).path
    await world.store.note(connection, "call", f"{what.method} {path} {called.status}")
    return called


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
            return await _asked(link, what)
        finally:
            if order.provider.leave and link.session:
                with anyio.CancelScope(shield=True, deadline=anyio.current_time() + 1):
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
        params=dict(parse_qsl(parts.query, keep_blank_values=True)) or None,
        json=what.body,
        kind=_ANY,
    )
    secrets = [*link.keys.values(), *([link.session] if link.session else [])]
    return _shown(answer, secrets, round((time.perf_counter() - began) * 1000))


def _shown(answer: Answer, secrets: list[Secret], spent: int) -> Called:
    text = hidden(answer.body.decode("utf-8", "replace"), secrets)
    return Called(
        status=answer.status,
        ms=spent,
        kind=answer.headers.get("content-type", "").partition(";")[0],
        body=_SECRET_NAMES.sub(r'\1"…"', text)[:SHOWN],
    )
