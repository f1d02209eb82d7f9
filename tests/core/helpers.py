"""Peers that answer over real sockets in every wrong way, and a small vendor to walk through."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio

from wizard.core import errors
from wizard.core.answers import Answer
from wizard.core.net import Net
from wizard.core.provider import Environment, Finding

if TYPE_CHECKING:
    from wizard.core.auth import Auth

Handler = Callable[[socket.socket], None]
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
    """Return a request's head."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = taken.recv(65536)
        if not piece:
            return b""
        got += piece
    return got


def reset(taken: socket.socket) -> None:
    """Close with RST instead of an end."""
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    taken.close()


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
            async with (net or straight()).open(environment, (told if told is not None else []).append) as http:
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


def straight() -> Net:
    """Return a network without proxies that has a way out."""
    return Net(platform="linux", proxies=lambda _: "", routed=lambda: True)


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
