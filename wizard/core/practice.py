"""Practice: each provider's own small imitation of its vendor, and the loopback server that speaks for it.

An imitation is a callable from `Asked` to `Reply`; it is used by tests, demonstrations and training. The
faults that any network or vendor may have are planted here; a provider's own refusals beside it, in
`practice.py`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from wizard.core.errors import BadInput, nameable

if TYPE_CHECKING:
    from wizard.core.endpoints import Endpoints
    from wizard.core.provider import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the imitation sees it: `path` decoded, below the endpoint; header names in lower case.

    Where a key may stand is not in its `repr`: somebody may practise with a real one.
    """

    method: str
    path: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    environment: str = "production"
    endpoint: str = "api"

    def json(self) -> Mapping[str, object]:
        """Return the body as a JSON object, or an empty one."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: `json`, or `body` as it is; `delay` in seconds; `drop` closes without a word."""

    status: int = 200
    json: object = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False


_REMEMBERED = 10_000

Vendor = Callable[[Asked], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A provider's imitation.

    `good` is the input that `koble connect` takes and that passes, `more` others by what each shows.
    `refusals` maps the name of each switch to the code it ends in, `variants` the name of each that ends well
    to what it shows; `uses` names the input among `more` that a switch is told with, where it is not `good`.
    `vendor` makes the imitation with one switch on, or none.
    """

    good: Mapping[str, object]
    refusals: Mapping[str, str]
    vendor: Callable[[str], Vendor]
    variants: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)


FAULTS: Mapping[str, tuple[str, Reply]] = {
    "busy": (
        "busy",
        Reply(status=429, headers={"Retry-After": "120"}, json={"message": "Too many requests"}),
    ),
    "vendor_down": ("vendor_down", Reply(status=503, body=b"<html>maintenance</html>")),
    "captive_portal": (
        "captive_portal",
        Reply(body=b"<html><title>Guest network</title></html>", headers={"Content-Type": "text/html"}),
    ),
    "redirected": ("redirected", Reply(status=302, headers={"Location": "https://login.example.test/"})),
    "unexpected_answer": ("unexpected_answer", Reply(json=["something", "else"])),
    "too_large": ("too_large", Reply(body=b'"' + b" " * (1 << 21) + b'"')),
    "garbled_answer": (
        "garbled_answer",
        Reply(body=b"not packed at all", headers={"Content-Encoding": "gzip"}),
    ),
    "connection_lost": ("connection_lost", Reply(drop=True)),
    "timed_out": ("timed_out", Reply(delay=30.0, json={})),
}
"""Faults that any vendor may have: the code each ends in, and what is answered to everything."""


def practice_of(provider: Provider) -> Practice:
    """Return the provider's imitation; imported only when somebody practises."""
    made: Practice = import_module(f"{provider.package}.practice").PRACTICE
    return made


def refusals_of(provider: Provider) -> dict[str, str]:
    """Return every switch of a provider's imitation and the code that it ends in."""
    return {**{name: code for name, (code, _) in FAULTS.items()}, **practice_of(provider).refusals}


def switches_of(provider: Provider) -> tuple[str, ...]:
    """Return the names of every switch of a provider's imitation, those that end well last."""
    return (*refusals_of(provider), *practice_of(provider).variants)


def imitation(provider: Provider, refuse: str = "") -> Vendor:
    """Return the vendor's imitation with a switch on; raises `BadInput` for a switch it does not have."""
    if refuse in FAULTS:
        return lambda _: FAULTS[refuse][1]
    if refuse and refuse not in switches_of(provider):
        raise BadInput(reason="unknown_refusal", name=nameable(refuse))
    return practice_of(provider).vendor(refuse)


class Playground:
    """Loopback servers for several vendors at once, each under a path of its own.

    `refuse` may be changed at any time, for one system or for all; `asked` keeps what each was asked.
    """

    def __init__(self, providers: Mapping[str, Provider], *, delay: float = 0.0) -> None:
        self.delay = delay
        self.asked: list[tuple[str, Asked]] = []
        self._providers = providers
        self._vendors = {slug: imitation(provider) for slug, provider in providers.items()}
        self._on: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    @property
    def endpoints(self) -> Endpoints:
        """Where each environment of each system answers."""
        return {
            (slug, environment.name): {
                name: f"http://127.0.0.1:{self._server.server_port}/{slug}/{environment.name}/{name}"
                for name in environment.endpoints
            }
            for slug, provider in self._providers.items()
            for environment in provider.environments
        }

    def refuse(self, name: str, slug: str = "") -> None:
        """Turn a switch on, or all off with an empty name; raises `BadInput` where no system has it."""
        slugs = [slug] if slug else list(self._providers)
        known = [one for one in slugs if not name or name in switches_of(self._providers[one])]
        if not known:
            raise BadInput(reason="unknown_refusal", name=nameable(name))
        for one in known:
            self._vendors[one] = imitation(self._providers[one], name)
            self._on[one] = name

    @property
    def switched(self) -> dict[str, str]:
        """The switch that is on, by system; those with none are left out."""
        return {slug: name for slug, name in self._on.items() if name}

    def answer(self, slug: str, asked: Asked) -> Reply:
        """Answer as that vendor would."""
        self.asked.append((slug, asked))
        del self.asked[:-_REMEMBERED]
        return self._vendors[slug](asked) if slug in self._vendors else Reply(status=404, json={})

    @contextmanager
    def open(self) -> Iterator[Playground]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def endpoints_toml(endpoints: Endpoints) -> str:
    """Return the endpoints as the file that `--endpoints` reads."""
    tables = (
        f"[{slug}.{environment}]\n"
        + "".join(f'{name} = "{address}"\n' for name, address in addresses.items())
        for (slug, environment), addresses in endpoints.items()
    )
    return "\n".join(tables)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that broke off is part of practice."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "KoblePractice"
    sys_version = ""
    disable_nagle_algorithm = True
    playground: ClassVar[Playground]

    def handle_one_request(self) -> None:
        """Take one request of any method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        slug, asked = self._asked()
        reply = self.playground.answer(slug, asked)
        time.sleep(self.playground.delay + reply.delay)
        self._send(reply)

    def _asked(self) -> tuple[str, Asked]:
        url = urlsplit(self.path)
        slug, environment, endpoint, rest = (*url.path[1:].split("/", 3), "", "", "")[:4]
        length = int(self.headers.get("Content-Length") or 0)
        return slug, Asked(
            method=self.command,
            path="/" + unquote(rest) if rest else "",
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            environment=environment,
            endpoint=endpoint,
        )

    def _send(self, reply: Reply) -> None:
        if reply.drop:
            self.close_connection = True
            return
        body = reply.body if reply.json is None else json.dumps(reply.json, ensure_ascii=False).encode()
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: addresses may hold keys."""


def _handler(playground: Playground) -> type[BaseHTTPRequestHandler]:
    """Return a kind of handler that answers for one playground."""
    return type("Handler", (_Handler,), {"playground": playground})
