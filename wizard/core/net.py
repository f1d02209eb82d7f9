"""The only door to the network: who may be spoken to, how long, how much, and what went wrong.

httpx is imported here and in `network_errors` alone, so that a successor is a change in two files.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import anyio
import httpx
import socksio
import truststore

from wizard import __version__
from wizard.core import errors
from wizard.core.answers import JSON, Answer, Kind
from wizard.core.clock import minutes_off
from wizard.core.endpoints import host_of, is_literal, is_loopback
from wizard.core.log import quieten
from wizard.core.marks import Marks, schemes
from wizard.core.network_errors import explain, has_route, proxy_refusal, unnamed
from wizard.core.provider import STAGES, Environment, Finding, port_of
from wizard.core.proxy import NONE, Proxy, system_proxy

if TYPE_CHECKING:
    from wizard.core.auth import Auth
    from wizard.core.errors import Fact

MAX_BODY = 1 << 20
"""The most that an answer may hold, decoded, in bytes."""

DEADLINE = 20.0
"""The most that a whole test may take, in seconds."""

PATIENCE = 10.0
"""The most that making a connection may take, in seconds; a whole answer may take half as long again."""

_CODINGS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_HTML = ("text/html", "application/xhtml+xml")
_SECONDS = re.compile(r"(\d{1,6}) seconds?")
_WAIT_HEADERS = ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset")
_PROXY_AUTH_REQUIRED = 407
_TOO_MANY = 429
_PIECE = 4096  # bytes that are sent at once where somebody looks on
_A_DAY = 86_400.0  # seconds; a longer wait is told without a number

Tell = Callable[[Finding], None]


log = logging.getLogger("koble.net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """How this machine reaches the network; `platform` is a `sys.platform`.

    `proxies` may take its time: it is asked in a thread. `patience` is how long a connection may take to be
    made, in seconds. Where the vendor is not reached, `reference` is a host that is asked for a connection,
    and nothing else, and `plain_port` the vendor's port that is asked for headers without encryption; without
    `looks_further` neither is asked.
    """

    platform: str = sys.platform
    proxies: Callable[[str], Proxy] = system_proxy
    routed: Callable[[], bool] = has_route
    reference: tuple[str, int] = ("data.brreg.no", 443)
    plain_port: int = 80
    patience: float = PATIENCE
    looks_further: bool = True

    @asynccontextmanager
    async def open(self, environment: Environment, tell: Tell) -> AsyncIterator[Http]:
        """Open a door to one environment of one vendor: a fresh client, with no cookies of before."""
        quieten()
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        proxied = await self._proxied(environment.hosts)
        async with httpx.AsyncClient(
            verify=context,
            mounts=_mounts(proxied, context),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(1.5 * self.patience, connect=self.patience),
            headers={
                "User-Agent": f"Koble/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            },
            event_hooks={"request": [_guard(environment)]},
        ) as client:
            yield Http(client=client, environment=environment, net=self, tell=tell, proxied=proxied)

    async def _proxied(self, hosts: Iterable[str]) -> dict[str, Proxy]:
        """Return each host's proxy; they are asked for at the same time, never for this machine itself."""
        found = dict.fromkeys(hosts, NONE)

        async def ask(host: str) -> None:
            found[host] = await anyio.to_thread.run_sync(self.proxies, host, abandon_on_cancel=True)

        async with anyio.create_task_group() as group:
            for host in found:
                if not is_loopback(host):
                    group.start_soon(ask, host)
        return found


class Http:
    """A door to one vendor. Paths are templates: what stands in braces is filled in, quoted, never logged."""

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        environment: Environment,
        net: Net,
        tell: Tell,
        proxied: Mapping[str, Proxy],
    ) -> None:
        self._client = client
        self._environment = environment
        self._net = net
        self._tell = tell
        self._proxied = proxied
        self._marks = Marks()
        self._named = self._reached = self._answered = False
        self._addresses: dict[str, str] = {}
        self._where: dict[str, Fact] = {}
        self._clock = 0

    async def get(
        self, path: str, *, auth: Auth | None = None, params: Mapping[str, str] | None = None, **fills: str
    ) -> Answer:
        """Ask for something; `params` become the query."""
        return await self.ask("GET", path, auth=auth, params=params, fills=fills)

    async def ask(  # noqa: PLR0913 - a request has this many parts; all but two are named
        self,
        method: str,
        path: str,
        *,
        endpoint: str = "api",
        auth: Auth | None = None,
        params: Mapping[str, str | list[str]] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        fills: Mapping[str, str] | None = None,
        kind: Kind = JSON,
    ) -> Answer:
        """Send one request and return the whole answer, whatever its status below 500 but 3xx and 429.

        `kind` is what the vendor speaks: an answer in which it speaks of its own errors is returned whatever
        its status. A 429 was not carried out, so it is sent once more after the time that it names, if that
        is within the deadline. Raises `ReachError`, `Busy`, `VendorDown`, `TooLarge`, `GarbledAnswer`,
        `UnexpectedAnswer`.
        """

        async def once() -> Answer:
            request = self._client.build_request(
                method, self._address(endpoint, path, fills or {}), params=params, data=form, json=json
            )
            template = urlsplit(self._environment.endpoints[endpoint]).path + path
            return await self._send(request, auth, template, kind)

        answer = await once()
        if answer.status == _TOO_MANY and not kind.speaks(answer):
            await _wait(answer)
            answer = await once()
        if answer.status == _TOO_MANY and not kind.speaks(answer):
            raise _busy(_pause(answer))
        self._tell_answered()
        return answer

    async def send(self, body: bytes, headers: Mapping[str, str], gone: Callable[[int], None]) -> Answer:
        """Send a body to the endpoint itself, once, and tell how many bytes of it have gone; raises as `ask`.

        Any status below 500 but 3xx is returned.
        """
        address = self._environment.endpoints["api"]
        sized = {"Content-Length": str(len(body)), **headers}
        request = self._client.build_request("POST", address, content=_pieces(body, gone), headers=sized)
        return await self._send(request, None, urlsplit(address).path, JSON)

    def _address(self, endpoint: str, path: str, fills: Mapping[str, str]) -> str:
        quoted = {name: quote(value, safe="") for name, value in fills.items()}
        return self._environment.endpoints[endpoint] + path.format_map(quoted)

    async def _send(self, request: httpx.Request, auth: Auth | None, template: str, kind: Kind) -> Answer:
        """Return the answer; where none was reached, look further before raising."""
        marks = self._marks = Marks()
        request.extensions["trace"] = marks.note
        self._where = self._place(request.url)
        try:
            return await self._exchange(request, auth, template, kind)
        except errors.ReachError as error:
            if not self._net.looks_further:
                raise
            raise await self._looked_further(error, request.url) from error.__cause__

    async def _exchange(self, request: httpx.Request, auth: Auth | None, template: str, kind: Kind) -> Answer:
        began, status = time.perf_counter(), 0
        try:
            await self._look_up(request.url)
            response = await self._client.send(request, auth=auth or _unsigned, stream=True)
            status = response.status_code
            self._clock = self._clock or minutes_off(response.headers)
            self._tell_reached("vendor")
            try:
                return await _settle(response, kind)
            finally:
                await response.aclose()
        except (httpx.HTTPError, socksio.ProtocolError) as caught:  # httpx lets the latter through
            raise self._explained(caught, request.url) from caught
        finally:
            spent = (time.perf_counter() - began) * 1000
            log.info("%s %s %s %s %.0f ms", request.method, request.url.host, template, status or "-", spent)

    async def _look_up(self, url: httpx.URL) -> None:
        """Look the vendor's name up once, before the first request, and tell how long it took.

        The connection looks it up again by itself, and its events say nothing of it. Through a proxy the name
        is the proxy's to find.
        """
        _check(url, self._environment)
        if self._named:
            return
        self._named = True
        state, ms = "skipped", 0
        if not is_literal(url.host) and not self._proxied[url.host].address:
            began, state = time.perf_counter(), "passed"
            self._addresses[url.host] = await self._found(url)
            ms = round((time.perf_counter() - began) * 1000)
        self._marks.stage = "connection"
        self._tell(Finding(check="network", stage="name", state=state, ms=ms))

    async def _found(self, url: httpx.URL) -> str:
        self._marks.stage = "name"
        error: errors.WizardError = errors.TimedOut(self._where)
        with anyio.move_on_after(self._net.patience):
            try:
                found = await anyio.getaddrinfo(
                    url.raw_host.decode("ascii"), url.port or 443, type=socket.SOCK_STREAM
                )
                return str(found[0][4][0])
            except (OSError, UnicodeError) as caught:
                error = unnamed(caught, routed=self._net.routed)
        error.stage = "name"
        raise self._placed(error)

    def _explained(self, caught: Exception, url: httpx.URL) -> errors.WizardError:
        marks, proxy = self._marks, self._proxied[url.host].bare
        error = explain(
            caught, platform=self._net.platform, proxy=proxy, routed=self._net.routed, at=marks.stage
        )
        if error.stage == "connection":
            error.stage = marks.stage
        if isinstance(error, errors.ProxyFailed) and marks.said:
            error.facts = {**error.facts, **proxy_refusal(*marks.said)}
        self._tell_reached(error.stage or "vendor")
        return self._placed(error)

    def _place(self, url: httpx.URL) -> dict[str, Fact]:
        proxy = self._proxied.get(url.host, NONE)
        named: dict[str, Fact] = {"proxy": proxy.bare, "proxy_from": proxy.source} if proxy.address else {}
        return {"host": url.host, "port": url.port or 443, **named}

    def _placed(self, error: errors.WizardError) -> errors.WizardError:
        """Return the error with the place it concerns among its facts."""
        error.facts = {**self._where, **error.facts}
        return error

    async def _looked_further(self, error: errors.ReachError, url: httpx.URL) -> errors.WizardError:
        from wizard.core.diagnose import Scene, look_further  # needed where something failed only

        scene = Scene(
            host=url.host,
            port=url.port or 443,
            address=self._addresses.get(url.host, ""),
            proxy=self._proxied[url.host].bare,
            reference=self._net.reference,
            plain_port=self._net.plain_port,
        )
        self._placed(error)
        return await look_further(error, scene)

    def _tell_reached(self, before: str) -> None:
        """Report the network's own stages, once, as far as the first request came."""
        if self._reached:
            return
        self._reached = True
        for stage, state, ms in self._marks.stages():
            if STAGES.index(stage) < STAGES.index(before):
                self._tell(Finding(check="network", stage=stage, state=state, ms=ms))

    def _tell_answered(self) -> None:
        """Report, once, that the vendor gave an answer to work with, and how wrong our clock is by it."""
        if not self._answered:
            self._answered = True
            facts = {"clock_minutes": self._clock} if self._clock else {}
            self._tell(
                Finding(
                    check="network", stage="vendor", state="passed", ms=self._marks.ms("vendor"), facts=facts
                )
            )

    @property
    def stage(self) -> str:
        """How far the request under way has come: name, connection, proxy, tls or vendor."""
        return self._marks.stage

    @property
    def where(self) -> Mapping[str, Fact]:
        """Where the request under way goes: host, port, and the proxy where there is one."""
        return self._where


async def _pieces(body: bytes, gone: Callable[[int], None]) -> AsyncIterator[bytes]:
    """Yield a body piece by piece, and tell how much of it was asked for."""
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]
        gone(min(at + _PIECE, len(body)))


def unpack(body: bytes, coding: str) -> bytes:
    """Undo `Content-Encoding`; raises `TooLarge` past 1 MB and `GarbledAnswer` for what cannot be undone."""
    for name in reversed([part.strip().lower() for part in coding.split(",")]):
        if name not in {"", "identity"}:
            body = _inflate(body, _CODINGS.get(name, ()))
    return body


def _inflate(body: bytes, windows: tuple[int, ...]) -> bytes:
    for window in windows:
        try:
            return _inflate_as(body, window)
        except zlib.error:
            continue
    raise errors.GarbledAnswer


def _inflate_as(body: bytes, window: int) -> bytes:
    out = bytearray()
    while body:
        engine = zlib.decompressobj(window)
        out += engine.decompress(body, MAX_BODY + 1 - len(out))
        if len(out) > MAX_BODY:
            raise errors.TooLarge
        if not engine.eof:
            raise errors.GarbledAnswer
        body = engine.unused_data
    return bytes(out)


async def _settle(response: httpx.Response, kind: Kind) -> Answer:
    status = response.status_code
    headers = {name.lower(): value for name, value in response.headers.items()}
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return await _spoken_of(response, Answer(status=status, headers=headers, body=b""), kind)
    if status == _PROXY_AUTH_REQUIRED:
        asked = proxy_refusal(status, schemes([headers.get("proxy-authenticate", "")]))
        raise errors.ProxyFailed(asked, reason="unset")
    if response.has_redirect_location or httpx.codes.is_redirect(status):
        to = host_of(headers.get("location", ""))
        raise errors.Redirected(http_status=status, host=response.request.url.host, to=to)
    body = unpack(await _read(response), headers.get("content-encoding", ""))
    answer = Answer(status=status, headers=headers, body=body)
    if answer.ok and body:
        _check_type(answer, kind)
    return answer


async def _spoken_of(response: httpx.Response, bare: Answer, kind: Kind) -> Answer:
    """Return a fault in which the vendor says what is wrong; raises `VendorDown` for any other."""
    down = bare.about(errors.VendorDown(http_status=bare.status))
    if not kind.mime.fullmatch(_mime(bare)):
        raise down
    try:
        body = unpack(await _read(response), bare.headers.get("content-encoding", ""))
    except (errors.TooLarge, errors.GarbledAnswer):
        raise down from None
    answer = replace(bare, body=body)
    if not kind.speaks(answer):
        raise down
    return answer


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_BODY:
            raise errors.TooLarge
    return bytes(body)


def _mime(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_type(answer: Answer, kind: Kind) -> None:
    mime = _mime(answer)
    page = answer.body.lstrip()[:9].lower().startswith((b"<html", b"<!doctype"))
    tagged = answer.body.lstrip().startswith(b"<") and kind is JSON
    if mime in _HTML or (not kind.mime.fullmatch(mime) and (page or tagged)):
        raise errors.CaptivePortal(http_status=answer.status)
    if not kind.mime.fullmatch(mime):
        raise answer.unexpected(looked_for=kind.name)


async def _wait(answer: Answer) -> None:
    pause = _pause(answer)
    remaining = anyio.current_effective_deadline() - anyio.current_time()
    if pause is None or pause >= remaining:
        raise _busy(pause)
    await anyio.sleep(pause)


def _busy(pause: float | None) -> errors.Busy:
    if pause is None or pause > _A_DAY:
        return errors.Busy(seconds=None)
    return errors.Busy(seconds=_whole(pause), reason="timed")


def _pause(answer: Answer) -> float | None:
    """Return how long a 429 asks us to wait, in seconds, or None where it does not say."""
    for name in _WAIT_HEADERS:
        value = answer.headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
            return float(value) + 0.1
        if name == "retry-after" and value:
            return _until(value, answer.headers.get("date", ""))
    said = _SECONDS.search(str(answer.peek().get("message", "")))
    return float(said[1]) + 0.1 if said else None


def _until(moment: str, now: str) -> float | None:
    """Return the seconds between two HTTP dates, by the vendor's clock, or ours where it does not tell."""
    try:
        since = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(moment) - since).total_seconds())
    except (TypeError, ValueError):
        return None


def _whole(seconds: float) -> int:
    return -int(-seconds // 1)


def _guard(environment: Environment) -> Callable[[httpx.Request], object]:
    async def guard(request: httpx.Request) -> None:
        _check(request.url, environment)

    return guard


def _check(url: httpx.URL, environment: Environment) -> None:
    """Stop a request to a host or port that nobody declared, or with a user in it: a bug, however it came."""
    port = port_of(url.scheme) if url.port is None else url.port
    declared = f"{url.host}:{port}" in environment.doors and not url.userinfo
    if not declared or not (url.scheme == "https" or is_loopback(url.host)):
        msg = "a request to an undeclared host was stopped"
        raise RuntimeError(msg)


def _mounts(
    proxied: Mapping[str, Proxy], context: ssl.SSLContext
) -> dict[str, httpx.AsyncBaseTransport | None]:
    return {
        f"all://{host}": _tunnel(host, proxy, context) for host, proxy in proxied.items() if proxy.address
    }


def _tunnel(host: str, proxy: Proxy, context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    try:
        return httpx.AsyncHTTPTransport(verify=context, proxy=proxy.address, trust_env=False)
    except (ValueError, httpx.InvalidURL):
        raise errors.ProxyFailed(
            host=host, port=443, proxy=proxy.bare, proxy_from=proxy.source, reason="address"
        ) from None


def _unsigned(request: httpx.Request) -> httpx.Request:
    return request
