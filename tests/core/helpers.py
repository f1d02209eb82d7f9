"""Peers that answer over real sockets in every wrong way, and a small vendor to walk through."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio

from wizard.core import errors
from wizard.core.connect import Order
from wizard.core.ledger import Ledger
from wizard.core.net import Net
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Finding,
    Found,
    Link,
    Provider,
)
from wizard.core.proxy import NONE
from wizard.core.secret import Secret
from wizard.core.store import Store
from wizard.core.vault import MemoryVault, Vault

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from wizard.core.answers import Answer
    from wizard.core.auth import Auth

Handler = Callable[[socket.socket], None]
NOBODY = 9
"""A port of this machine where nobody listens."""
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Peer:
    """A server on loopback that does to each connection what its handler says."""

    handler: Handler
    context: ssl.SSLContext | None = None
    port: int = 0
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0

    def environment(self, host: str = "127.0.0.1") -> Environment:
        scheme = "https" if self.context else "http"
        return Environment(name="production", endpoints={"api": f"{scheme}://{host}:{self.port}"})

    @contextmanager
    def open(self) -> Iterator[Peer]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
            thread = threading.Thread(target=self._accept, args=(server,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                with contextlib.suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
                thread.join(5)

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                taken, _ = server.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        with taken, contextlib.suppress(OSError):
            if not self.context:
                self.handler(taken)
                return
            with self.context.wrap_socket(taken, server_side=True) as safe:
                self.handler(safe)


@contextmanager
def peer(answer: bytes | Handler, context: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """Serve one answer to every request, or whatever a handler does."""
    made = Peer(handler=lambda _: None, context=context)
    made.handler = answering(made, answer) if isinstance(answer, bytes) else answer
    with made.open():
        yield made


def answering(made: Peer, answer: bytes) -> Handler:
    def handler(taken: socket.socket) -> None:
        while request := heard(taken):
            made.seen.append(request)
            taken.sendall(answer)

    return handler


def heard(taken: socket.socket) -> bytes:
    """Return a request, with its body where it has a length."""
    got = b""
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < length_in(got):
        piece = taken.recv(65536)
        if not piece:
            return b""
        got += piece
    return got


def length_in(request: bytes) -> int:
    lines = request.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    return next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)


def reset(taken: socket.socket) -> None:
    """Close with RST instead of an end."""
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    taken.close()


def after_request(act: Callable[[socket.socket], object]) -> Handler:
    def handler(taken: socket.socket) -> None:
        heard(taken)
        act(taken)

    return handler


def reply(
    body: bytes = b"{}",
    status: str = "200 OK",
    kind: str = "application/json",
    **headers: str,
) -> bytes:
    """Return an HTTP answer; an underscore in a header's name stands for a hyphen."""
    given = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def ask(
    environment: Environment,
    net: Net | None = None,
    *,
    told: list[Finding] | None = None,
    limit: float = 10.0,
    auth: Auth | None = None,
    path: str = "/rows/{secret}",
    fills: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> Answer:
    """Ask once through the door, within a limit in seconds."""

    async def work() -> Answer:
        with anyio.fail_after(limit):
            async with (net or straight()).open(
                environment, (told if told is not None else []).append
            ) as http:
                given = {"secret": "ZZfilled"} if fills is None else fills
                return await http.ask("GET", path, auth=auth, params=params, fills=given)

    return anyio.run(work)


def refusal(environment: Environment, net: Net | None = None, **more: object) -> errors.WizardError:
    """Return the error that asking ends in."""
    try:
        answer = ask(environment, net, **more)  # type: ignore[arg-type]
    except errors.WizardError as error:
        return error
    raise AssertionError(answer)


def straight(**more: Any) -> Net:
    """Return a network without proxies that has a way out; what is looked at further is on this machine."""
    return Net(
        platform="linux",
        proxies=lambda _: NONE,
        routed=lambda: True,
        reference=("127.0.0.1", NOBODY),
        plain_port=NOBODY,
        **more,
    )


@contextmanager
def full_queue() -> Iterator[int]:
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        time.sleep(0.02)
        yield server.getsockname()[1]


def relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes between two sockets until one of them ends."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=carry, args=(other, one), daemon=True)
    thread.start()
    carry(one, other)
    thread.join(5)


def slowly(piece: bytes, pause: float) -> Handler:
    """Return a handler that begins a long answer and sends it drop by drop."""

    def handler(taken: socket.socket) -> None:
        heard(taken)
        taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        while True:
            taken.sendall(piece)
            time.sleep(pause)

    return handler


@dataclass
class Small:
    """A small accounting system whose answers a test decides, and what was asked of it."""

    companies: tuple[Company, ...] = ()
    proved: Mapping[str, Company] = field(default_factory=dict)
    ask: Callable[[Link], Awaitable[None]] | None = None
    refuse: errors.WizardError | None = None
    asked: list[str] = field(default_factory=list)
    left: list[bool] = field(default_factory=list)
    leave: Callable[[], Awaitable[None]] | None = None
    environment: Environment = field(
        default_factory=lambda: Environment(name="production", endpoints={"api": "http://127.0.0.1:9"})
    )

    def provider(self, *, partner: tuple[str, ...] = ()) -> Provider:
        return Provider(
            slug="small",
            name="Small",
            package="wizard.providers.fiken",
            environments=(self.environment,),
            fields=(CredentialField(name="key"), CredentialField(name="other")),
            partner_keys=tuple(CredentialField(name=name) for name in partner),
            checks=(
                Check(name="sign_in", stage="sign_in", ask=self._sign_in),
                Check(name="companies", stage="company", ask=self._companies),
                Check(name="access", stage="rights", ask=self._access, per_company=True),
            ),
            guide=(),
            leave=self._leave,
        )

    def order(self, picks: tuple[str, ...] = (), expect: str = "", **secrets: str) -> Order:
        given = secrets or {"key": "ZZkey", "other": "ZZother"}
        return Order(
            provider=self.provider(),
            environment=self.environment,
            answers={name: Secret(value) for name, value in given.items()},
            partner={},
            picks=picks,
            expect=expect,
            label="Main books",
        )

    async def _sign_in(self, link: Link) -> Found:
        self.asked.append("sign_in")
        return Found(session=Secret("session"), auth=lambda request: request)

    async def _companies(self, link: Link) -> Found:
        self.asked.append("companies")
        if self.ask:
            await self.ask(link)
        if self.refuse:
            raise self.refuse
        return Found(companies=self.companies)

    async def _access(self, link: Link) -> Found:
        assert link.company
        self.asked.append(link.company.id)
        proved = self.proved.get(link.company.id)
        return Found(companies=(proved,) if proved else ())

    async def _leave(self, link: Link) -> None:
        assert link.session == Secret("session")
        self.left.append(True)
        if self.leave:
            await self.leave()


def company(name: str, orgnr: str | None = None) -> Company:
    return Company(id=name, name=f"{name.title()} AS", orgnr=orgnr)


def store_in(folder: Path, vault: Vault | None = None) -> Store:
    return Store(vault=vault or MemoryVault(), ledger=Ledger(folder / "connections.json"), now=lambda: NOW)


class Chest:
    """A keychain in memory that a test can make fail: after `good` calls, `fault` is raised or done."""

    def __init__(self, fault: Callable[[], object] | None = None, good: int = 0) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.calls: list[str] = []
        self._fault = fault
        self._good = good

    def get_password(self, service: str, username: str) -> str | None:
        self._step("get")
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._step("set")
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._step("delete")
        del self.items[service, username]

    def _step(self, name: str) -> None:
        self.calls.append(name)
        if self._fault and len(self.calls) > self._good:
            self._fault()
