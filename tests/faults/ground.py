"""The ground that faults are planted in: peers, proxies and certificates, all on this machine."""

from __future__ import annotations

import socket
import ssl
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.core.helpers import Handler, Peer, after_request, full_queue, heard, peer, relay, reset, straight
from wizard.core.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import trustme

    from wizard.core.net import Net

INVISIBLE = "vendor.test"
"""A vendor that only a proxy could find."""

OURS, INSPECTOR = "Trusted Test AS", "Inspection Test AS"
"""Who issues certificates: one that this machine trusts, and one that it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Where the faulty vendor answers, and the network that leads there."""

    address: str
    net: Net


@dataclass
class Ground:
    """One fault's servers, which end with it; `authority` is trusted, `inspector` is not."""

    folder: Path
    authority: trustme.CA
    inspector: trustme.CA
    stack: ExitStack = field(default_factory=ExitStack)

    def serve(self, answer: bytes | Handler, context: ssl.SSLContext | None = None) -> Peer:
        return self.stack.enter_context(peer(answer, context))

    def tls(self, name: str = "localhost", **validity: Any) -> ssl.SSLContext:
        return configured(self.authority.issue_cert(name, **validity))

    def alive(self) -> tuple[str, int]:
        """Return a host that can be reached, whatever else cannot."""
        return "127.0.0.1", self.serve(b"").port

    def planted(self, made: Peer, host: str = "localhost", **net: Any) -> Planted:
        return Planted(address=f"https://{host}:{made.port}", net=replace(straight(), **net))


def configured(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


# Answers of a vendor whose certificate is good


def answers(answer: bytes | Handler, **net: Any) -> Callable[[Ground], Planted]:
    return lambda ground: ground.planted(ground.serve(answer, ground.tls()), **net)


def silence(taken: socket.socket) -> None:
    """Hold the line until the other end lets go."""
    while taken.recv(1024):
        pass


# A port where no good TLS is spoken


def bare(
    handler: Handler, plain: bytes | Handler = b"", *, online: bool = True, **net: Any
) -> Callable[[Ground], Planted]:
    """Plant a port that does what the handler does with what should be a handshake."""

    def plant(ground: Ground) -> Planted:
        more: dict[str, Any] = {"reference": ground.alive()} if online else {}
        more |= {"plain_port": ground.serve(plain).port} if plain else {}
        return ground.planted(ground.serve(handler), **more, **net)

    return plant


def first(act: Callable[[socket.socket], object]) -> Handler:
    def handler(taken: socket.socket) -> None:
        taken.recv(1024)
        act(taken)

    return handler


def says(answer: bytes) -> Handler:
    return first(lambda taken: taken.sendall(answer))


# Certificates


def shows(
    make: Callable[[Ground], ssl.SSLContext], plain: bytes | Handler = b"", host: str = "localhost"
) -> Callable[[Ground], Planted]:
    """Plant a certificate, and what the same host answers without encryption."""

    def plant(ground: Ground) -> Planted:
        net = {"plain_port": ground.serve(plain).port} if plain else {}
        return ground.planted(ground.serve(b"never heard", make(ground)), host, **net)

    return plant


def valid(begins: timedelta, ends: timedelta) -> Callable[[Ground], ssl.SSLContext]:
    def make(ground: Ground) -> ssl.SSLContext:
        now = datetime.now(UTC)
        return ground.tls(not_before=now + begins, not_after=now + ends)

    return make


def dated(offset: timedelta = timedelta(), age: int = 0) -> Handler:
    """Answer a request for headers with a `Date`."""

    def act(taken: socket.socket) -> None:
        said = (datetime.now(UTC) + offset).strftime("%a, %d %b %Y %H:%M:%S GMT")
        taken.sendall(f"HTTP/1.1 400 Bad\r\nDate: {said}\r\nAge: {age}\r\n\r\n".encode())

    return after_request(act)


def by_the_inspector(ground: Ground) -> ssl.SSLContext:
    return configured(ground.inspector.issue_cert("localhost"))


def with_its_root(ground: Ground) -> ssl.SSLContext:
    """Return a chain that ends in a root which nobody knows."""
    leaf = ground.inspector.issue_cert("localhost")
    file = ground.folder / "chain.pem"
    file.write_bytes(
        leaf.private_key_pem.bytes()
        + b"".join(one.bytes() for one in leaf.cert_chain_pems)
        + ground.inspector.cert_pem.bytes()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def self_signed(ground: Ground) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "router.test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(7).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(9))
    )
    made = builder.add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
    ).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file = ground.folder / "self.pem"
    file.write_bytes(key.private_bytes(pem, *form) + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def old_tls(ground: Ground) -> ssl.SSLContext:
    context = ground.tls()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


# Names and ports


def nowhere(host: str, *, online: bool, routed: bool = True) -> Callable[[Ground], Planted]:
    def plant(ground: Ground) -> Planted:
        net = replace(straight(), routed=lambda: routed)
        net = replace(net, reference=ground.alive()) if online else net
        return Planted(address=f"https://{host}", net=net)

    return plant


def nobody_listens(*, online: bool) -> Callable[[Ground], Planted]:
    def plant(ground: Ground) -> Planted:
        with socket.create_server(("127.0.0.1", 0)) as server:
            made = Peer(handler=silence, port=server.getsockname()[1])
        return ground.planted(made, "127.0.0.1", **({"reference": ground.alive()} if online else {}))

    return plant


def black_hole(*, online: bool = True, patience: float = 0.3) -> Callable[[Ground], Planted]:
    """Plant a port that takes no notice of anybody: its queue is full."""

    def plant(ground: Ground) -> Planted:
        made = Peer(handler=silence, port=ground.stack.enter_context(full_queue()))
        more: dict[str, Any] = {"reference": ground.alive()} if online else {}
        return ground.planted(made, "127.0.0.1", patience=patience, **more)

    return plant


# Proxies


def through(address: str, **net: Any) -> Planted:
    proxy = Proxy(address=address, source="system")
    return Planted(address=f"https://{INVISIBLE}", net=replace(straight(), proxies=lambda _: proxy, **net))


def proxy_at(address: str) -> Callable[[Ground], Planted]:
    return lambda _: through(address)


def proxy(act: Handler, scheme: str = "http", **net: Any) -> Callable[[Ground], Planted]:
    """Plant a proxy; a name and a password stand in its address, and must never be seen again."""
    return lambda ground: through(f"{scheme}://kari:ZZpass@127.0.0.1:{ground.serve(act).port}", **net)


def proxy_says(answer: bytes) -> Callable[[Ground], Planted]:
    return proxy(after_request(lambda taken: taken.sendall(answer)))


def proxy_hole(ground: Ground) -> Planted:
    return through(f"http://127.0.0.1:{ground.stack.enter_context(full_queue())}", patience=0.3)


def tunnel(make: Callable[[Ground], ssl.SSLContext] | None) -> Callable[[Ground], Planted]:
    """Plant a proxy that lets through, to a vendor that shows a certificate, or breaks off."""

    def plant(ground: Ground) -> Planted:
        target = ground.serve(b"never heard", make(ground)) if make else ground.serve(first(reset))

        def act(taken: socket.socket) -> None:
            heard(taken)
            taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with socket.create_connection(("127.0.0.1", target.port)) as onward:
                relay(taken, onward)

        return through(f"http://127.0.0.1:{ground.serve(act).port}")

    return plant


def socks(*said: bytes) -> Callable[[Ground], Planted]:
    def act(taken: socket.socket) -> None:
        for answer in said:
            taken.recv(1024)
            taken.sendall(answer)

    return lambda ground: through(f"socks5://127.0.0.1:{ground.serve(act).port}")
