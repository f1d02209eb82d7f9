"""Every fault that is planted: what it is, and the one code, stage and owner that it must end in."""

from __future__ import annotations

import gzip
import secrets
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.core.helpers import after_request, reply, reset, slowly
from tests.faults.ground import (
    INSPECTOR,
    OURS,
    answers,
    bare,
    black_hole,
    by_the_inspector,
    dated,
    first,
    nobody_listens,
    nowhere,
    old_tls,
    proxy,
    proxy_at,
    proxy_hole,
    proxy_says,
    says,
    self_signed,
    shows,
    silence,
    socks,
    tunnel,
    valid,
    with_its_root,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.faults.ground import Ground, Planted


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row. `facts` must be among those of the error; `limit` is the walk's deadline in seconds."""

    name: str
    planted: str
    code: str
    stage: str
    whose: str
    plant: Callable[[Ground], Planted]
    facts: Mapping[str, object] = field(default_factory=dict)
    limit: float = 8.0
    leaks: bool = False
    """Whether httpcore leaves its connection open, so that Python complains of it later."""


DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PEER = b"ZZpeer" + secrets.token_hex(8).encode()
"""What a peer says, and nobody may ever read: part of the key itself."""
ODD = b"SSH-2.0-" + PEER + b" \x00\x01\x02\r\n\r\n"
BOMB = gzip.compress(b" " * (30 << 20))
PORTAL = reply(b"", "302 Found", Location="http://login.guest.test/" + PEER.decode())
GRANTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
LOST = "koble-does-not-exist.invalid"


def packed(body: bytes, coding: str) -> bytes:
    return reply(body, Content_Encoding=coding)


def refused(status: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: 0\r\n\r\n".encode()


def half(taken: socket.socket) -> None:
    taken.sendall(reply(b"{" + b" " * 99)[:-50])


def half_and_reset(taken: socket.socket) -> None:
    half(taken)
    reset(taken)


def _row(
    name: str,
    planted: str,
    ending: str,
    plant: Callable[[Ground], Planted],
    facts: Mapping[str, object] | None = None,
    **more: float,
) -> Fault:
    code, stage, whose = ending.split()
    return Fault(
        name=name,
        planted=planted,
        code=code,
        stage=stage,
        whose=whose,
        plant=plant,
        facts=facts or {},
        limit=more.get("limit", 8.0),
        leaks=bool(more.get("leaks")),
    )


NAMES = (
    _row("name_unknown", "the name is not found, nor does another host answer", "name_not_found name it",
         nowhere(LOST, online=False), {"reason": "network", "other_host": False}),
    _row("name_blocked", "the name is not found; another host answers", "name_not_found name it",
         nowhere(LOST, online=True), {"reason": "only_this", "other_host": True}),
    _row("name_too_long", "a name that no look-up takes", "name_not_found name it",
         nowhere("a" * 64 + ".invalid", online=True), {"reason": "only_this"}),
    _row("offline", "the name is not found, and there is no way to any network", "offline name customer",
         nowhere(LOST, online=False, routed=False)),
)  # fmt: skip

PORTS = (
    _row("refused", "nobody listens; another host answers", "connection_refused connection it",
         nobody_listens(online=True), {"reason": "only_this"}),
    _row("all_refused", "nobody listens, nor does another host answer", "connection_refused connection it",
         nobody_listens(online=False), {"reason": "network"}),
    _row("black_hole", "packets vanish; another host answers", "timed_out connection it",
         black_hole(), {"reason": "only_this", "host": "127.0.0.1"}),
    _row("all_black", "packets vanish, nor does another host answer", "timed_out connection it",
         black_hole(online=False), {"reason": "network"}),
    _row("black_until_the_end", "packets vanish until the deadline", "timed_out connection it",
         black_hole(patience=9), {"host": "127.0.0.1"}, limit=0.4),
    _row("reset_in_handshake", "RST in the TLS handshake", "connection_lost tls it",
         bare(first(reset)), {"reason": "only_this"}),
    _row("end_in_handshake", "closed in the TLS handshake; no other host answers", "connection_lost tls it",
         bare(first(lambda _: None), online=False), {"reason": "network"}),
    _row("silent_handshake", "no answer to the TLS handshake", "timed_out tls it",
         bare(silence, patience=0.3), {"reason": "only_this"}),
    _row("portal_resets", "RST in the handshake; unencrypted, we are sent to a sign-in page",
         "captive_portal tls customer", bare(first(reset), PORTAL),
         {"reason": "portal", "portal": "login.guest.test"}),
)  # fmt: skip

CERTIFICATES = (
    _row("inspected", "a certificate of an unknown issuer (20)", "tls_untrusted tls it",
         shows(by_the_inspector), {"verify_code": 20, "issuer": INSPECTOR, "reason": "issuer"}),
    _row("self_signed", "a self-signed certificate (18)", "tls_untrusted tls it",
         shows(self_signed), {"verify_code": 18, "issuer": "router.test", "reason": "issuer"}),
    _row("own_root", "a chain with an unknown root of its own (19)", "tls_untrusted tls it",
         shows(with_its_root), {"verify_code": 19, "issuer": INSPECTOR, "reason": "issuer"}),
    _row("expired", "an expired certificate; nobody tells the time", "tls_expired tls it",
         shows(valid(-9 * DAY, -DAY)), {"verify_code": 10}),
    _row("expired_indeed", "an expired certificate; our clock is right", "tls_expired tls it",
         shows(valid(-9 * DAY, -DAY), dated()), {"reason": "clock_right"}),
    _row("expired_anyway", "an expired certificate, at the right time too", "tls_expired tls it",
         shows(valid(-9 * DAY, -5 * DAY), dated(-DAY)), {"reason": "clock_right"}),
    _row("clock_ahead", "a certificate that our clock, days ahead, takes for expired",
         "clock_wrong tls customer", shows(valid(-9 * DAY, -DAY), dated(-4 * DAY)),
         {"reason": "days", "amount": 4, "minutes": 4 * 24 * 60}),
    _row("not_yet", "a certificate that is not valid yet; nobody tells the time", "clock_wrong tls customer",
         shows(valid(9 * DAY, 99 * DAY)), {"verify_code": 9}),
    _row("not_yet_indeed", "a certificate that is not valid yet; our clock is right", "tls_expired tls it",
         shows(valid(9 * DAY, 99 * DAY), dated()), {"reason": "not_yet"}),
    _row("clock_behind", "a certificate that our clock, hours behind, takes for not yet valid",
         "clock_wrong tls customer", shows(valid(4 * HOUR, 99 * DAY), dated(5 * HOUR)),
         {"reason": "hours", "amount": 5, "minutes": -300}),
    _row("clock_a_little_behind", "a certificate that our clock, minutes behind, takes for not yet valid",
         "clock_wrong tls customer",
         shows(valid(30 * MINUTE, 99 * DAY), dated(45 * MINUTE, age=300)),
         {"reason": "minutes", "amount": 50, "minutes": -50}),
    _row("wrong_name", "a certificate for another name (62)", "tls_wrong_name tls it",
         shows(lambda ground: ground.tls("other.test")),
         {"verify_code": 62, "reason": "issuer", "issuer": OURS}),
    _row("wrong_address", "a certificate for another IP address (64)", "tls_wrong_name tls it",
         shows(lambda ground: ground.tls(), host="127.0.0.1"),
         {"verify_code": 64, "reason": "issuer", "issuer": OURS}),
    _row("portal_with_a_certificate", "another’s certificate; unencrypted, we are sent to a sign-in page",
         "captive_portal tls customer", shows(lambda ground: ground.tls("login.guest.test"), PORTAL),
         {"reason": "portal", "portal": "login.guest.test"}),
    _row("portal_that_inspects", "an unknown issuer; unencrypted, we are sent to a sign-in page",
         "captive_portal tls customer", shows(by_the_inspector, PORTAL),
         {"reason": "portal", "portal": "login.guest.test"}),
    _row("http_on_tls", "plain HTTP on a TLS port", "tls_failed tls it", bare(says(reply(PEER))),
         {"reason": "plain"}),
    _row("portal_on_tls", "plain HTTP on a TLS port; unencrypted, we are sent to a sign-in page",
         "captive_portal tls customer", bare(says(PORTAL), PORTAL),
         {"reason": "portal", "portal": "login.guest.test"}),
    _row("noise_on_tls", "a record of another protocol on a TLS port", "tls_failed tls it",
         bare(says(b"\x16\x03\x03\x00\x04" + PEER))),
    _row("old_tls", "TLS 1.1 and no newer", "tls_failed tls it", shows(old_tls), {"reason": "old"}),
)  # fmt: skip

BROKEN = (
    _row("reset_after_request", "RST after the request", "connection_lost vendor it",
         answers(after_request(reset))),
    _row("closed", "closed without an answer", "connection_lost vendor it",
         answers(after_request(socket.socket.close))),
    _row("truncated", "a body that ends too early", "connection_lost vendor it",
         answers(after_request(half))),
    _row("reset_in_body", "RST in the middle of the body", "connection_lost vendor it",
         answers(after_request(half_and_reset))),
    _row("silent", "no answer to the request", "timed_out vendor it", answers(silence, patience=0.6)),
    _row("drip", "a byte at a time, without end", "timed_out vendor it",
         answers(slowly(b" ", 0.02)), limit=0.6),
    _row("garbage", "an answer that is not HTTP", "garbled_answer vendor it", answers(ODD)),
    _row("endless_head", "headers without end", "garbled_answer vendor it",
         answers(b"HTTP/1.1 200 OK\r\nX: " + PEER * 30_000)),
    _row("bad_gzip", "a body that is not the gzip it is said to be", "garbled_answer vendor it",
         answers(packed(PEER, "gzip"))),
    _row("truncated_gzip", "gzip that ends too early", "garbled_answer vendor it",
         answers(packed(gzip.compress(PEER * 99)[:-9], "gzip"))),
    _row("unknown_coding", "a coding that was not asked for", "garbled_answer vendor it",
         answers(packed(b"\x1b\x02", "br"))),
    _row("bomb", "30 MB in 30 kB of gzip", "too_large vendor vendor", answers(packed(BOMB, "gzip"))),
    _row("two_megabytes", "an answer of 2 MB", "too_large vendor vendor",
         answers(reply(b'"' + b" " * (2 << 20) + b'"'))),
)  # fmt: skip

ANSWERS = (
    _row("redirect_loop", "a redirect to itself", "redirected vendor it",
         answers(reply(b"", "302 Found", Location="/user")), {"http_status": 302}),
    _row("redirect_away", "a redirect to another host", "redirected vendor it",
         answers(reply(b"", "307 T", Location="https://login.example.test/x?y")),
         {"to": "login.example.test"}),
    _row("redirect_to_http", "a redirect out of encryption", "redirected vendor it",
         answers(reply(b"", "301 Moved", Location="http://localhost/user")), {"to": "localhost"}),
    _row("redirect_nowhere", "a redirect to what is no address", "redirected vendor it",
         answers(reply(b"", "301 Moved", Location="http://[broken")), {"to": ""}),
    _row("not_modified", "“not modified”, which nobody asked", "redirected vendor it",
         answers(b"HTTP/1.1 304 Not Modified\r\n\r\n"), {"http_status": 304}),
    _row("web_page", "a web page instead of an answer", "captive_portal vendor customer",
         answers(reply(b"<html>" + PEER + b"</html>", kind="text/html"))),
    _row("web_page_that_lies", "a web page that says it is something else", "captive_portal vendor customer",
         answers(reply(b"\n <!doctype html>", kind="application/octet-stream"))),
    _row("wrong_type", "plain text", "unexpected_answer sign_in us", answers(reply(PEER, kind="text/plain"))),
    _row("no_type", "an answer that does not say what it is", "unexpected_answer sign_in us",
         answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")),
    _row("deep", "JSON 100,000 deep", "unexpected_answer sign_in us", answers(reply(b"[" * 100_000))),
    _row("half_json", "JSON that ends too early", "unexpected_answer sign_in us",
         answers(reply(b'{"name": '))),
    _row("other_json", "JSON of another form", "unexpected_answer sign_in us", answers(reply(b"[1]"))),
    _row("fault", "500, with a page of the vendor's", "vendor_down vendor vendor",
         answers(reply(b"<h1>" + PEER + b"</h1>", "500 Oops", "text/html", X_Request_ID="r-7")),
         {"http_status": 500, "request_id": "r-7"}),
    _row("maintenance", "503, with a bomb for a body", "vendor_down vendor vendor",
         answers(reply(BOMB, "503 No", Content_Encoding="gzip")), {"http_status": 503}),
    _row("gateway", "502, and then closed", "vendor_down vendor vendor",
         answers(after_request(lambda taken: taken.sendall(refused("502 Bad"))))),
    _row("too_many", "429, without a time", "busy vendor vendor", answers(reply(b"{}", "429 Too Many")),
         {"seconds": None}),
    _row("too_many_for_long", "429, for an hour", "busy vendor vendor",
         answers(reply(b"{}", "429 Too Many", Retry_After="3600")), {"seconds": 3601, "reason": "timed"}),
    _row("key_refused", "401", "key_refused sign_in customer", answers(reply(b"{}", "401 Unauthorized"))),
    _row("rights", "403, with a page", "rights_missing rights customer",
         answers(reply(b"<html>" + PEER + b"</html>", "403 Forbidden", "text/html"))),
    _row("unset_proxy", "407, where no proxy is set", "proxy_failed proxy it",
         answers(reply(b"", "407 Who", Proxy_Authenticate="NTLM")),
         {"reason": "unset", "sign_in": "NTLM", "http_status": 407}),
)  # fmt: skip

PROXIES = (
    _row("proxy_down", "a proxy where nobody listens", "proxy_failed proxy it",
         proxy_at("http://kari:ZZpass@127.0.0.1:9"),
         {"reason": "down", "proxy": "127.0.0.1:9", "proxy_from": "system"}),
    _row("proxy_unknown", "a proxy whose name is not found", "proxy_failed proxy it",
         proxy_at(f"http://{LOST}:8080"), {"reason": "name", "proxy": f"{LOST}:8080"}),
    _row("proxy_black_hole", "a proxy where packets vanish", "proxy_failed proxy it", proxy_hole, limit=0.9),
    _row("proxy_silent", "a proxy that does not answer", "proxy_failed proxy it",
         proxy(silence, patience=0.2)),
    _row("proxy_miswritten", "a proxy whose address is written wrong", "proxy_failed proxy it",
         proxy_at("ftp://kari:ZZpass@proxy.test:21"), {"reason": "address", "proxy": "proxy.test:21"}),
    _row("proxy_password", "407 Basic", "proxy_failed proxy it",
         proxy_says(refused("407 Who ZZpeer", "Proxy-Authenticate: Basic realm=ZZpeer")),
         {"reason": "password", "http_status": 407}),
    _row("proxy_ntlm", "407 NTLM", "proxy_failed proxy it",
         proxy_says(refused("407 Who", "Proxy-Authenticate: NTLM")),
         {"reason": "sign_in", "sign_in": "NTLM"}),
    _row("proxy_kerberos", "407 Negotiate and Kerberos, in two headers", "proxy_failed proxy it",
         proxy_says(refused("407 Who", "Proxy-Authenticate: Negotiate, Basic realm=x",
                            "Proxy-Authenticate: Kerberos")),
         {"reason": "sign_in", "sign_in": "Kerberos, Negotiate"}),
    _row("proxy_forbids", "403 to CONNECT", "proxy_failed proxy it", proxy_says(refused("403 Forbidden")),
         {"reason": "refused", "http_status": 403}),
    _row("proxy_reaches_nobody", "502 to CONNECT", "proxy_failed proxy it", proxy_says(refused("502 Bad")),
         {"reason": "unreached", "http_status": 502}),
    _row("proxy_closes", "a proxy that closes without an answer", "proxy_failed proxy it",
         proxy(after_request(socket.socket.close))),
    _row("proxy_resets", "a proxy that answers CONNECT with RST", "proxy_failed proxy it",
         proxy(after_request(reset))),
    _row("no_proxy_at_all", "a proxy that does not speak HTTP", "proxy_failed proxy it", proxy_says(ODD)),
    _row("tunnel_inspected", "an unknown issuer behind a proxy", "tls_untrusted tls it",
         tunnel(by_the_inspector),
         {"reason": "proxy", "proxy_from": "system", "host": "vendor.test"}),
    _row("tunnel_reset", "RST in the handshake behind a proxy", "connection_lost tls it", tunnel(None)),
    _row("socks_refuses", "a SOCKS proxy that takes no way to sign in", "proxy_failed proxy it",
         socks(b"\x05\xff"), leaks=True),
    _row("socks_forbids", "a SOCKS proxy that does not allow the host", "proxy_failed proxy it",
         socks(b"\x05\x00", b"\x05\x02" + GRANTED[2:]), leaks=True),
    _row("socks_garbage", "a SOCKS proxy that speaks something else", "proxy_failed proxy it", socks(PEER),
         leaks=True),
    _row("socks_closes", "a SOCKS proxy that closes", "proxy_failed proxy it", socks(b""), leaks=True),
)  # fmt: skip

FAULTS = (*NAMES, *PORTS, *CERTIFICATES, *BROKEN, *ANSWERS, *PROXIES)
