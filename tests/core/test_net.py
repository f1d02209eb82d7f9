"""The network door, over real sockets: every fault ends in exactly one code."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import logging
import resource
import socket
import ssl
import zlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from tests.core.helpers import Peer, ask, heard, peer, refusal, relay, reply, straight
from tests.faults.table import BOMB
from wizard.core import errors, log
from wizard.core.auth import Basic, Bearer, Both, Header, JsonBody, PathTail, Query
from wizard.core.net import MAX_BODY, Net, unpack
from wizard.core.network_errors import explain, has_route, tls_error
from wizard.core.provider import Environment, Finding
from wizard.core.proxy import NONE, Proxy, system_proxy
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
from typing import Any

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
VENDOR = "vendor.test"


def vendor(**endpoints: str) -> Environment:
    return Environment(name="production", endpoints=endpoints or {"api": f"https://{VENDOR}/v1"})


def through(proxy: str) -> Net:
    return replace(straight(), proxies=lambda _: Proxy(address=proxy, source="system"))


# What an answer may be (what goes wrong with one is planted in tests/faults)


def packed(body: bytes, coding: str) -> bytes:
    return reply(body, Content_Encoding=coding)


def test_a_bomb_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with peer(packed(BOMB, "gzip")) as made:
        assert refusal(made.environment()).code == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 12 * 1024  # in kilobytes


GOOD = {
    "plain": reply(b'{"a": 1}'),
    "gzip": packed(gzip.compress(b'{"a": 1}'), "gzip"),
    "gzip_twice_begun": packed(gzip.compress(b'{"a"') + gzip.compress(b": 1}"), "x-gzip"),
    "deflate": packed(zlib.compress(b'{"a": 1}'), "deflate"),
    "raw_deflate": packed(zlib.compress(b'{"a": 1}', wbits=-15), "deflate"),
    "both": packed(gzip.compress(zlib.compress(b'{"a": 1}')), "deflate, gzip"),
    "identity": packed(b'{"a": 1}', "identity"),
    "problem": reply(b'{"a": 1}', kind="application/problem+json; charset=utf-8"),
}


@pytest.mark.parametrize("name", GOOD)
def test_an_honest_answer_is_unpacked(name: str) -> None:
    with peer(GOOD[name]) as made:
        assert ask(made.environment()).json() == {"a": 1}


def test_an_answer_may_be_empty_or_refuse() -> None:
    with peer(b"HTTP/1.1 204 No Content\r\n\r\n") as made:
        assert ask(made.environment()).body == b""
    with peer(reply(b"<html>no</html>", "401 Unauthorized", "text/html")) as made:
        assert ask(made.environment()).status == 401
    assert unpack(b"{}", "") == b"{}"
    assert len(unpack(gzip.compress(b"x" * MAX_BODY), "gzip")) == MAX_BODY


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "500 Oops", "302 Found"])
def test_a_refusal_is_never_asked_again(status: str) -> None:
    with peer(reply(b"{}", status)) as made, contextlib.suppress(errors.WizardError):
        ask(made.environment())
    assert len(made.seen) == made.connections == 1


# How long to wait


def busy(**headers: str) -> bytes:
    return reply(b'{"message": "slow down"}', "429 Too Many", **headers)


def dates(seconds: int) -> dict[str, str]:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    form = "%a, %d %b %Y %H:%M:%S GMT"
    return {"Retry_After": (at + timedelta(seconds=seconds)).strftime(form), "Date": at.strftime(form)}


WAITS: dict[str, tuple[bytes, int, int | None]] = {
    "seconds": (busy(Retry_After="0"), 2, 1),
    "tripletex": (busy(X_Rate_Limit_Reset="0"), 2, 1),
    "date": (busy(**dates(0)), 2, 0),
    "text": (reply(b'{"message": "Try again in 1 seconds."}', "429 Too Many"), 2, 2),
    "says_nothing": (busy(), 1, None),
    "too_long": (busy(Retry_After="3600"), 1, 3601),
    "not_a_date": (busy(Retry_After="tomorrow"), 1, None),
    "date_without_a_clock": (busy(Retry_After=dates(5)["Retry_After"]), 2, 0),
    "far_date": (busy(**dates(86_400)), 1, 86_400),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_busy_vendor_is_asked_once_more_at_most(name: str) -> None:
    answer, times, seconds = WAITS[name]
    with peer(answer) as made:
        error = refusal(made.environment())
    assert (error.code, error.facts["seconds"], len(made.seen)) == ("busy", seconds, times)


def test_a_vendor_that_was_busy_may_answer_the_second_time() -> None:
    answers = [reply(b'{"a": 1}'), busy(Retry_After="0")]

    def handler(taken: socket.socket) -> None:
        while heard(taken):
            taken.sendall(answers.pop())

    with peer(handler) as made:
        assert ask(made.environment()).json() == {"a": 1}


# What goes wrong with a connection


def wrapped(kind: type[httpx.HTTPError], *causes: BaseException) -> BaseException:
    caught: BaseException = kind("text that is never shown")
    first = caught
    for cause in causes:
        caught.__context__ = cause
        caught = cause
    return first


TOLD = {
    "connect_timeout": (wrapped(httpx.ConnectTimeout, TimeoutError()), "timed_out"),
    "read_timeout": (wrapped(httpx.ReadTimeout), "timed_out"),
    "no_route": (wrapped(httpx.ConnectError, OSError(101, "unreachable")), "offline"),
    "windows_no_route": (wrapped(httpx.ConnectError, OSError(10051, "nicht erreichbar")), "offline"),
    "idna": (wrapped(httpx.ConnectError, UnicodeError("label too long")), "name_not_found"),
    "both_families": (
        wrapped(httpx.ConnectError, OSError("all failed"), ExceptionGroup("", [socket.gaierror(-2, "")])),
        "name_not_found",
    ),
    "write_error": (wrapped(httpx.WriteError, BrokenPipeError()), "connection_lost"),
}


@pytest.mark.parametrize("name", TOLD)
def test_the_whole_chain_behind_an_exception_is_looked_at(name: str) -> None:
    caught, code = TOLD[name]
    assert explain(caught, platform="linux", proxy="", routed=lambda: True).code == code


def test_a_chain_that_bites_its_own_tail_ends() -> None:
    one, other = OSError(), httpx.ConnectError("")
    one.__cause__, other.__cause__ = other, one
    assert explain(other, platform="linux", proxy="", routed=lambda: True).code == "connection_refused"


def test_a_way_to_a_network_is_asked_of_the_routing_table() -> None:
    assert has_route() in {True, False}


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


def server(authority: trustme.CA, name: str = "localhost", **validity: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **validity).configure_cert(context)
    return context


def test_a_trusted_server_is_spoken_to_and_each_stage_is_told(trusted: trustme.CA) -> None:
    told: list[Finding] = []
    with peer(reply(), server(trusted)) as made:
        assert ask(made.environment("localhost"), told=told).ok
    assert [(one.stage, one.state) for one in told] == [
        ("name", "passed"),
        ("connection", "passed"),
        ("proxy", "skipped"),
        ("tls", "passed"),
        ("vendor", "passed"),
    ]


NUMBERS = {
    "linux": {9: "clock_wrong", 10: "tls_expired", 18: "tls_untrusted", 20: "tls_untrusted",
              62: "tls_wrong_name", 64: "tls_wrong_name"},
    "win32": {0x800B0101: "tls_expired", 0x800B0109: "tls_untrusted", 0x800B010F: "tls_wrong_name",
              0x800B0101 - (1 << 32): "tls_expired", 0x800B0102: "clock_wrong"},
    "darwin": {-67818: "tls_expired", -67819: "clock_wrong", -67602: "tls_wrong_name",
               -67843: "tls_untrusted"},
    "freebsd14": {10: "tls_expired"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "number", "code"), [(p, n, c) for p, table in NUMBERS.items() for n, c in table.items()]
)
def test_each_platform_has_its_own_numbers(platform: str, number: int, code: str) -> None:
    caught = ssl.SSLCertVerificationError(1, "ein Text in der Sprache von Windows")
    caught.verify_code = number
    error = explain(wrapped(httpx.ConnectError, caught), platform=platform, proxy="", routed=lambda: True)
    assert (error.code, error.facts["verify_code"]) == (code, number)
    assert tls_error(number, platform).code == code


# Proxies


@contextmanager
def proxy(target: int) -> Iterator[Peer]:
    """Serve a proxy that lets through, to a local port."""
    made = Peer(handler=lambda _: None)

    def handler(taken: socket.socket) -> None:
        made.seen.append(heard(taken))
        taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", target)) as onward:
            relay(taken, onward)

    made.handler = handler
    with made.open():
        yield made


def test_a_proxy_of_the_environment_is_used(trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Finding] = []
    with (
        peer(reply(), server(trusted, VENDOR)) as target,
        proxy(target.port) as made,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{made.port}")
        assert ask(vendor(), Net(), told=told).ok
    assert made.seen[0].startswith(b"CONNECT vendor.test:443 ")
    assert b"ZZfilled" not in made.seen[0]
    assert [(one.stage, one.state) for one in told] == [
        ("name", "skipped"),
        ("connection", "passed"),
        ("proxy", "passed"),
        ("tls", "passed"),
        ("vendor", "passed"),
    ]


def test_loopback_is_never_proxied_and_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "spared.test")
    with peer(reply()) as made:
        assert ask(made.environment(), Net()).ok
    assert system_proxy("spared.test") == NONE
    assert system_proxy(VENDOR) == Proxy(address="http://127.0.0.1:9", source="environment")
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert system_proxy(VENDOR) == Proxy(address="socks5://127.0.0.1:9", source="environment")
    monkeypatch.delenv("ALL_PROXY")
    assert system_proxy(VENDOR) == NONE


def test_a_proxy_that_does_not_answer_is_told_from_what_is_behind_it() -> None:
    hung = explain(wrapped(httpx.ConnectTimeout), platform="linux", proxy="p:1", routed=lambda: True)
    assert hung.code == "proxy_failed"
    cut = wrapped(httpx.ConnectError, ConnectionResetError())
    assert explain(cut, platform="linux", proxy="p:1", routed=lambda: True).code == "connection_lost"


@pytest.mark.parametrize("address", ["ftp://p:1", "http://u:ZZpass@p:none", "socks4://p:1", "http://[::1"])
def test_a_proxy_that_is_written_wrong(address: str) -> None:
    error = refusal(vendor(), through(address))
    assert error.code == "proxy_failed"
    assert "ZZpass" not in repr(error.facts)


def socks(answers: list[bytes], target: int = 0) -> Callable[[socket.socket], None]:
    def handler(taken: socket.socket) -> None:
        for answer in answers:
            taken.recv(1024)
            taken.sendall(answer)
        if target:
            with socket.create_connection(("127.0.0.1", target)) as onward:
                relay(taken, onward)

    return handler


GRANTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


def test_a_socks_proxy(trusted: trustme.CA) -> None:
    with (
        peer(reply(), server(trusted, VENDOR)) as target,
        peer(socks([b"\x05\x00", GRANTED], target.port)) as made,
    ):
        assert ask(vendor(), through(f"socks5://127.0.0.1:{made.port}")).ok


# What is never done


def test_a_key_is_not_taken_along_to_another_host() -> None:
    with (
        peer(reply()) as other,
        peer(reply(b"", "307 T", Location=f"http://127.0.0.1:{other.port}/")) as made,
    ):
        error = refusal(made.environment(), auth=Bearer(Secret("ZZkey")))
    assert error.code == "redirected"
    assert other.connections == 0
    assert b"ZZkey" in made.seen[0]


@pytest.mark.parametrize(
    "address",
    ["http://vendor.test", "ftp://localhost", "http://169.254.169.254", "http://localhost.evil.test"],
)
def test_only_https_to_declared_hosts_is_ever_spoken(address: str) -> None:
    with pytest.raises((RuntimeError, httpx.UnsupportedProtocol, errors.WizardError)) as caught:
        ask(vendor(api=address))
    assert not isinstance(caught.value, errors.WizardError) or address.startswith("ftp")


def test_an_undeclared_host_is_stopped() -> None:
    def elsewhere(request: httpx.Request) -> httpx.Request:
        request.url = request.url.copy_with(host="127.0.0.2")
        return request

    with peer(reply()) as made, pytest.raises(RuntimeError, match="undeclared"):
        ask(made.environment(), auth=elsewhere)
    assert made.seen == []


def test_the_log_holds_templates_and_never_addresses_or_keys(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.start(tmp_path)
    with caplog.at_level(logging.DEBUG), peer(reply()) as made:
        ask(made.environment(), auth=Bearer(Secret("ZZkey")), params={"q": "ZZquery"})
    refusal(vendor(api="http://localhost:1"))
    told = (tmp_path / "koble.log").read_text("utf-8")
    assert "GET 127.0.0.1 /rows/{secret} 200 " in told
    assert "GET localhost /rows/{secret} - " in told
    for text in (told, caplog.text):
        assert "ZZ" not in text
    assert not [one for one in caplog.records if one.name.startswith("http")]


def test_every_way_to_sign_arrives() -> None:
    key = Secret("Zø/k?y")
    plain = Secret("plain")
    auths = Both(
        Both(Both(Basic("user", key), Header("X-Key", plain)), Query({"t": key, "u": "1"})), PathTail(key)
    )
    with peer(reply()) as made:
        ask(made.environment(), auth=auths, path="/p/", fills={})
        ask(
            made.environment(),
            auth=Both(Basic(plain, plain), JsonBody({"a": key, "b": "c"})),
            fills={},
            path="/",
        )
        ask(made.environment(), auth=Bearer(plain, "Token"), fills={}, path="/")
        ask(made.environment(), auth=Basic("a:b", key, quoted=True), fills={}, path="/")
    first, second, third, fourth = (one.decode("latin-1") for one in made.seen)
    assert first.startswith("GET /p/Z%C3%B8%2Fk%3Fy?t=Z%C3%B8%2Fk%3Fy&u=1 ")
    assert "X-Key: plain" in first
    assert "Authorization: Basic dXNlcjpaw7gvaz95" in first
    assert json.loads(second.partition("\r\n\r\n")[2].encode("latin-1")) == {"a": "Zø/k?y", "b": "c"}
    assert second.lower().count("content-type") == 1
    assert "Authorization: Token plain" in third
    assert f"Authorization: Basic {base64.b64encode(b'a%3Ab:Z%C3%B8%2Fk%3Fy').decode()}" in fourth
