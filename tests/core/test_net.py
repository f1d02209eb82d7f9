"""The network door, over real sockets: every fault ends in exactly one code."""

from __future__ import annotations

import gc
import gzip
import json
import logging
import resource
import socket
import ssl
import time
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from tests.core.helpers import Peer, ask, heard, peer, refusal, relay, reply, reset, slowly, straight
from wizard.core import errors, log
from wizard.core.auth import Basic, Bearer, Both, Header, JsonBody, PathTail, Query
from wizard.core.net import MAX_BODY, Net, system_proxy, unpack
from wizard.core.network_errors import explain, has_route, tls_error
from wizard.core.provider import Environment, Finding
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
    return replace(straight(), proxies=lambda _: proxy)


# What goes wrong with an answer


def packed(body: bytes, coding: str) -> bytes:
    return reply(body, Content_Encoding=coding)


BOMB = gzip.compress(b" " * (30 << 20))
WRONG_ANSWERS = {
    "garbage": (b"SSH-2.0-OpenSSH_9.2 \x00\x01\x02\r\n\r\n", "garbled_answer"),
    "bad_gzip": (packed(b"not packed", "gzip"), "garbled_answer"),
    "truncated_gzip": (packed(gzip.compress(b'{"a": "' + b"b" * 500 + b'"}')[:-9], "gzip"), "garbled_answer"),
    "unknown_coding": (packed(b"\x1b\x02", "br"), "garbled_answer"),
    "bomb": (packed(BOMB, "gzip"), "too_large"),
    "two_megabytes": (reply(b'"' + b" " * (2 << 20) + b'"'), "too_large"),
    "captive_portal": (reply(b"<html>Sign in</html>", kind="text/html"), "captive_portal"),
    "portal_that_lies": (reply(b"\n <!doctype html>", kind="application/octet-stream"), "captive_portal"),
    "plain_text": (reply(b"hello", kind="text/plain"), "unexpected_answer"),
    "no_content_type": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "unexpected_answer"),
    "fault": (reply(b"\xff\xfe broken", "500 Oops", "text/html", X_Request_ID="r-7"), "vendor_down"),
    "maintenance": (reply(BOMB, "503 No", Content_Encoding="gzip"), "vendor_down"),
    "redirect": (reply(b"", "302 Found", Location="https://login.example.test/x?y"), "redirected"),
    "redirect_nowhere": (reply(b"", "301 Moved", Location="http://[broken"), "redirected"),
    "not_modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "redirected"),
    "proxy_wants_a_name": (reply(b"", "407 Proxy Authentication Required"), "proxy_failed"),
    "too_many": (reply(b"{}", "429 Too Many"), "busy"),
    "head_without_end": (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, "garbled_answer"),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_a_wrong_answer_has_its_own_code(name: str) -> None:
    answer, code = WRONG_ANSWERS[name]
    with peer(answer) as made:
        error = refusal(made.environment())
    assert error.code == code
    assert made.connections == 1
    assert not any(str(value).count("hello") for value in error.facts.values())


def test_facts_tell_where_a_redirect_leads_and_which_request_failed() -> None:
    with peer(WRONG_ANSWERS["redirect"][0]) as made:
        facts = refusal(made.environment()).facts
    assert facts == {"host": "127.0.0.1", "http_status": 302, "to": "login.example.test"}
    with peer(WRONG_ANSWERS["redirect_nowhere"][0]) as made:
        assert refusal(made.environment()).facts["to"] == ""
    with peer(WRONG_ANSWERS["fault"][0]) as made:
        assert refusal(made.environment()).facts == {"http_status": 500, "request_id": "r-7"}


def test_a_bomb_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with peer(WRONG_ANSWERS["bomb"][0]) as made:
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


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refusal_is_never_asked_again(status: str) -> None:
    with peer(reply(b"{}", status)) as made:
        ask(made.environment())
    assert len(made.seen) == 1


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


def test_each_way_to_lose_a_connection() -> None:
    def after_request(act: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
        def handler(taken: socket.socket) -> None:
            heard(taken)
            act(taken)

        return handler

    for act in (reset, socket.socket.close, lambda taken: taken.sendall(reply(b"{" + b" " * 99)[:-50])):
        with peer(after_request(act)) as made:
            error = refusal(made.environment())
        assert (error.code, error.stage, error.facts["host"]) == ("connection_lost", "vendor", "127.0.0.1")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = vendor(api=f"http://127.0.0.1:{server.getsockname()[1]}")
    assert refusal(environment).code == "connection_refused"


def test_a_drop_at_a_time_is_ended_by_the_deadline() -> None:
    began = time.monotonic()
    with peer(slowly(b" ", 0.02)) as made, pytest.raises(TimeoutError):
        ask(made.environment(), limit=0.5)
    assert time.monotonic() - began < 2


def test_a_name_that_is_not_found() -> None:
    away = vendor(api="https://koble-does-not-exist.invalid/v1")
    assert refusal(away).code == "name_not_found"
    assert refusal(away, replace(straight(), routed=lambda: False)).code == "offline"


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
        ("connection", "passed"),
        ("proxy", "skipped"),
        ("tls", "passed"),
        ("vendor", "passed"),
    ]


def test_each_certificate_that_cannot_be_trusted(trusted: trustme.CA) -> None:
    soon, later = datetime.now(UTC) + timedelta(days=9), datetime.now(UTC) + timedelta(days=99)
    before = datetime.now(UTC) - timedelta(days=9)
    contexts = {
        "tls_untrusted": server(trustme.CA()),
        "tls_wrong_name": server(trusted, "other.test"),
        "tls_expired": server(trusted, not_before=LONG_AGO, not_after=before),
        "clock_wrong": server(trusted, not_before=soon, not_after=later),
    }
    for code, context in contexts.items():
        with peer(reply(), context) as made:
            error = refusal(made.environment("localhost"))
        assert (error.code, error.stage, made.seen) == (code, "tls", []), code
        assert error.facts["host"] == "localhost"


def test_a_wrong_address_is_a_wrong_name(trusted: trustme.CA) -> None:
    with peer(reply(), server(trusted)) as made:
        assert refusal(made.environment("127.0.0.1")).code == "tls_wrong_name"


def test_no_common_tls(trusted: trustme.CA) -> None:
    old = server(trusted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with peer(reply(), old) as made:
        assert refusal(made.environment("localhost")).code == "tls_failed"


def test_plain_http_where_tls_should_be() -> None:
    def plain(taken: socket.socket) -> None:
        taken.recv(1024)
        taken.sendall(reply())

    with peer(plain) as made:
        environment = vendor(api=f"https://localhost:{made.port}")
        assert refusal(environment).code == "tls_failed"


def test_broken_off_in_the_handshake() -> None:
    def break_off(taken: socket.socket) -> None:
        taken.recv(1024)
        reset(taken)

    def end(taken: socket.socket) -> None:
        taken.recv(1024)

    for handler in (break_off, end):
        with peer(handler) as made:
            assert refusal(vendor(api=f"https://localhost:{made.port}")).code == "connection_lost"


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
def proxy(answer: bytes, target: int = 0) -> Iterator[Peer]:
    """Serve a proxy that answers CONNECT, and carries on to a local port where one is given."""
    made = Peer(handler=lambda _: None)

    def handler(taken: socket.socket) -> None:
        made.seen.append(heard(taken))
        taken.sendall(answer)
        if target:
            with socket.create_connection(("127.0.0.1", target)) as onward:
                relay(taken, onward)

    made.handler = handler
    with made.open():
        yield made


def test_a_proxy_of_the_environment_is_used(trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Finding] = []
    with (
        peer(reply(), server(trusted, VENDOR)) as target,
        proxy(b"HTTP/1.1 200 OK\r\n\r\n", target.port) as made,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{made.port}")
        assert ask(vendor(), Net(), told=told).ok
    assert made.seen[0].startswith(b"CONNECT vendor.test:443 ")
    assert b"ZZfilled" not in made.seen[0]
    assert [(one.stage, one.state) for one in told][:2] == [
        ("connection", "passed"),
        ("proxy", "passed"),
    ]


def test_loopback_is_never_proxied_and_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "spared.test")
    with peer(reply()) as made:
        assert ask(made.environment(), Net()).ok
    assert system_proxy("spared.test") == ""
    assert system_proxy(VENDOR) == "http://127.0.0.1:9"
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert system_proxy(VENDOR) == "socks5://127.0.0.1:9"
    monkeypatch.delenv("ALL_PROXY")
    assert system_proxy(VENDOR) == ""


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"",
        b"what?\r\n\r\n",
    ],
)
def test_a_proxy_that_says_no_is_named_without_its_password(answer: bytes) -> None:
    with proxy(answer) as made:
        error = refusal(vendor(), through(f"http://kari:ZZpass%40word@127.0.0.1:{made.port}"))
    assert error.code in {"proxy_failed", "connection_lost", "garbled_answer"}
    if answer[:4] == b"HTTP":
        assert error.code == "proxy_failed"
        assert error.facts == {"host": VENDOR, "port": 443, "proxy": f"127.0.0.1:{made.port}"}
    assert "ZZpass" not in repr(error.facts)


def test_a_dead_proxy() -> None:
    error = refusal(vendor(), through("http://127.0.0.1:9"))
    assert (error.code, error.stage) == ("proxy_failed", "proxy")
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore leaves it open
@pytest.mark.parametrize(
    "answers", [[b"\x05\xff"], [b"\x05\x00", b"\x05\x02" + GRANTED[2:]], [b"GET"], [b""]]
)
def test_a_socks_proxy_that_says_no(answers: list[bytes]) -> None:
    with peer(socks(answers)) as made:
        assert refusal(vendor(), through(f"socks5://127.0.0.1:{made.port}")).code == "proxy_failed"
    gc.collect()


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
    first, second, third = (one.decode("latin-1") for one in made.seen)
    assert first.startswith("GET /p/Z%C3%B8%2Fk%3Fy?t=Z%C3%B8%2Fk%3Fy&u=1 ")
    assert "X-Key: plain" in first
    assert "Authorization: Basic dXNlcjpaw7gvaz95" in first
    assert json.loads(second.partition("\r\n\r\n")[2].encode("latin-1")) == {"a": "Zø/k?y", "b": "c"}
    assert second.lower().count("content-type") == 1
    assert "Authorization: Token plain" in third
