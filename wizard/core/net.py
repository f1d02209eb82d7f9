"""The only door to the network: who may be spoken to, how long, how much, and what went wrong.

httpx is imported here and in `network_errors` alone, so that a successor is a change in two files.
"""

from __future__ import annotations

import logging
import re
import ssl
import sys
import time
import urllib.request
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
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
from wizard.core.endpoints import is_loopback
from wizard.core.network_errors import explain, has_route
from wizard.core.provider import Environment, Finding

if TYPE_CHECKING:
    from wizard.core.auth import Auth

MAX_BODY = 1 << 20
"""The most that an answer may hold, decoded, in bytes."""

DEADLINE = 20.0
"""The most that a whole test may take, in seconds."""

_TIMEOUT = httpx.Timeout(15.0, connect=10.0)
_CODINGS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_HTML = ("text/html", "application/xhtml+xml")
_SECONDS = re.compile(r"(\d{1,6}) seconds?")
_WAIT_HEADERS = ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset")
_PROXY_AUTH_REQUIRED = 407
_TOO_MANY = 429

Tell = Callable[[Finding], None]


log = logging.getLogger("koble.net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """How this machine reaches the network; `platform` is a `sys.platform`."""

    platform: str = sys.platform
    proxies: Callable[[str], str] = field(default_factory=lambda: system_proxy)
    routed: Callable[[], bool] = has_route

    @asynccontextmanager
    async def open(self, environment: Environment, tell: Tell) -> AsyncIterator[Http]:
        """Open a door to one environment of one vendor: a fresh client, with no cookies of before."""
        quieten()
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        proxied = {host: self._proxy(host) for host in environment.hosts}
        async with httpx.AsyncClient(
            verify=context,
            mounts=_mounts(proxied, context),
            trust_env=False,
            follow_redirects=False,
            timeout=_TIMEOUT,
            headers={
                "User-Agent": f"Koble/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            },
            event_hooks={"request": [_guard(environment)]},
        ) as client:
            yield Http(client=client, environment=environment, net=self, tell=tell, proxied=proxied)

    def _proxy(self, host: str) -> str:
        return "" if is_loopback(host) else self.proxies(host)


class Http:
    """A door to one vendor. Paths are templates: what stands in braces is filled in, quoted, never logged."""

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        environment: Environment,
        net: Net,
        tell: Tell,
        proxied: Mapping[str, str],
    ) -> None:
        self._client = client
        self._environment = environment
        self._net = net
        self._tell = tell
        self._proxied = proxied
        self._marks = _Marks()
        self._reached = False
        self._answered = False

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
        params: Mapping[str, str] | None = None,
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

    def _address(self, endpoint: str, path: str, fills: Mapping[str, str]) -> str:
        quoted = {name: quote(value, safe="") for name, value in fills.items()}
        return self._environment.endpoints[endpoint] + path.format_map(quoted)

    async def _send(self, request: httpx.Request, auth: Auth | None, template: str, kind: Kind) -> Answer:
        began = time.perf_counter()
        marks = self._marks = _Marks()
        request.extensions["trace"] = marks.note
        status = 0
        try:
            response = await self._client.send(request, auth=auth or _unsigned, stream=True)
            status = response.status_code
            self._tell_reached(marks)
            try:
                return await _settle(response, kind)
            finally:
                await response.aclose()
        except (httpx.HTTPError, socksio.ProtocolError) as caught:  # httpx lets the latter through
            raise self._explained(caught, request.url, marks) from caught
        finally:
            spent = (time.perf_counter() - began) * 1000
            log.info("%s %s %s %s %.0f ms", request.method, request.url.host, template, status or "-", spent)

    def _explained(self, caught: Exception, url: httpx.URL, marks: _Marks) -> errors.WizardError:
        proxy = _bare_proxy(self._proxied.get(url.host, ""))
        error = explain(caught, platform=self._net.platform, proxy=proxy, routed=self._net.routed)
        error.facts = {"host": url.host, "port": url.port or 443, **error.facts}
        if error.stage == "connection":
            error.stage = marks.stage
        if marks.stage == "vendor":
            self._tell_reached(marks)
        return error

    def _tell_reached(self, marks: _Marks) -> None:
        """Report the network's own stages, once, from what the first request's connection went through."""
        if self._reached:
            return
        self._reached = True
        proxied = any(self._proxied.values())
        for stage, state, ms in marks.stages(proxied=proxied):
            self._tell(Finding(check="network", stage=stage, state=state, ms=ms))

    def _tell_answered(self) -> None:
        """Report, once, that the vendor gave an answer to work with."""
        if not self._answered:
            self._answered = True
            self._tell(Finding(check="network", stage="vendor", state="passed", ms=self._marks.waited))

    @property
    def stage(self) -> str:
        """How far the request under way has come: connection, tls or vendor."""
        return self._marks.stage


class _Marks:
    """When each part of a request began and ended, from httpcore's own events."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._spent: dict[str, float] = {}

    async def note(self, event: str, _info: object) -> None:
        part, _, moment = event.rpartition(".")
        part = part.partition(".")[2]
        now = time.perf_counter()
        if moment == "started":
            self._began[part] = now
        elif moment == "complete":
            self._spent[part] = (now - self._began[part]) * 1000

    @property
    def stage(self) -> str:
        """How far the request has come."""
        if "send_request_headers" in self._began:
            return "vendor"
        return "tls" if "start_tls" in self._began else "connection"

    @property
    def waited(self) -> int:
        """How long the vendor took to begin its answer, in milliseconds."""
        return round(self._spent.get("receive_response_headers", 0.0))

    def stages(self, *, proxied: bool) -> tuple[tuple[str, str, int], ...]:
        return (
            self._stage("connection", "connect_tcp"),
            ("proxy", "passed" if proxied else "skipped", 0),
            self._stage("tls", "start_tls"),
        )

    def _stage(self, name: str, part: str) -> tuple[str, str, int]:
        return name, "passed" if part in self._spent else "skipped", round(self._spent.get(part, 0.0))


def quieten() -> None:
    """Keep httpx and httpcore from logging addresses and headers, whatever the level of the rest."""
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.WARNING, logger.level))


def system_proxy(host: str) -> str:
    """Return the proxy that the environment, or the platform's static settings, name for an https host."""
    if urllib.request.proxy_bypass(host):
        return ""
    proxies = urllib.request.getproxies()
    proxy = proxies.get("https") or proxies.get("all") or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


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
        raise errors.ProxyFailed(http_status=status)
    if response.has_redirect_location or httpx.codes.is_redirect(status):
        to = _host_of(headers.get("location", ""))
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
    if pause is None:
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
        """Stop a request to a host that nobody declared: a bug, whatever led to it."""
        url = request.url
        declared = url.host in environment.hosts
        if not declared or not (url.scheme == "https" or is_loopback(url.host)):
            msg = "a request to an undeclared host was stopped"
            raise RuntimeError(msg)

    return guard


def _mounts(
    proxied: Mapping[str, str], context: ssl.SSLContext
) -> dict[str, httpx.AsyncBaseTransport | None]:
    return {f"all://{host}": _tunnel(host, proxy, context) for host, proxy in proxied.items() if proxy}


def _tunnel(host: str, proxy: str, context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    try:
        return httpx.AsyncHTTPTransport(verify=context, proxy=proxy, trust_env=False)
    except (ValueError, httpx.InvalidURL):
        raise errors.ProxyFailed(host=host, proxy=_bare_proxy(proxy)) from None


def _bare_proxy(proxy: str) -> str:
    """Return a proxy as `host:port`, without the name and password that may stand before it."""
    return re.split(r"[/?#]", proxy.rpartition("@")[2].rpartition("//")[2], maxsplit=1)[0]


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _unsigned(request: httpx.Request) -> httpx.Request:
    return request
