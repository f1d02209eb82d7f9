"""What the network door never does: unverified, undeclared, redirected with a key, or asked twice."""

from __future__ import annotations

import ast
import contextlib
import socket
import subprocess
import sys
import time
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
import truststore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wizard
from tests.core.helpers import Peer, after_request, heard, peer, refusal, reply, reset, slowly, straight
from wizard.core import errors, net
from wizard.core.auth import Basic, Bearer, Both, Header, JsonBody, PathTail, Query
from wizard.core.connect import Order, examine
from wizard.core.net import DEADLINE, Net
from wizard.core.provider import Environment
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.core.world import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.core.answers import Answer
    from wizard.core.auth import Auth

MODULES = sorted(Path(wizard.__file__).parent.rglob("*.py"))
KEY = Secret("ZZkey")


def send(environment: Environment, method: str = "GET", **more: Any) -> Answer:
    """Ask once through the door, by any method."""

    async def work() -> Answer:
        with anyio.fail_after(more.pop("limit", 8.0)):
            async with straight().open(environment, lambda _: None) as http:
                return await http.ask(method, more.pop("path", "/rows"), **more)

    return anyio.run(work)


# R33: the system's trust store, and no way to switch verification off


def test_the_systems_own_trust_store_is_what_every_connection_uses() -> None:
    environment = Environment(name="production", endpoints={"api": "https://vendor.test"})

    async def contexts() -> list[object]:
        proxied = straight()
        from dataclasses import replace

        from wizard.core.proxy import Proxy

        proxied = replace(proxied, proxies=lambda _: Proxy(address="http://127.0.0.1:9", source="system"))
        found: list[object] = []
        for one in (straight(), proxied):
            async with one.open(environment, lambda _: None) as http:
                client = http._client
                found += [client._transport, *(each for each in client._mounts.values() if each)]
        return [transport._pool._ssl_context for transport in found]  # type: ignore[attr-defined]

    found = anyio.run(contexts)
    assert len(found) == 3, "straight, beside the tunnel, and through it"
    assert {type(one) for one in found} == {truststore.SSLContext}


BANNED = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "_create_default_https_context"}
"""What would switch verification off, as a name, an attribute, an import or a text for `getattr`."""

SET = {"check_hostname", "verify_mode", "verify", "verify_flags"}
"""What may not be set at all; `verify` may be handed a context."""


def weak_places(tree: ast.AST) -> Iterator[str]:
    """Yield each place where verification could be switched off."""
    for node in ast.walk(tree):
        names = {getattr(node, "attr", ""), getattr(node, "id", ""), getattr(node, "name", "")}
        text = node.value if isinstance(node, ast.Constant) else ""
        yield from (str(one) for one in {*names, text} & BANNED if isinstance(one, str))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in SET:
            yield node.attr
        if isinstance(node, ast.keyword) and node.arg in SET and not _a_context(node.value):
            yield str(node.arg)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr":
            yield from (
                str(one.value) for one in node.args if isinstance(one, ast.Constant) and one.value in SET
            )


def _a_context(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "context"


@pytest.mark.no_cover
def test_no_module_switches_verification_off() -> None:
    found = {module.name: [*weak_places(ast.parse(module.read_text("utf-8")))] for module in MODULES}
    assert len(found) > 40
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "code",
    [
        "httpx.get(x, verify=False)",
        "client(verify=0)",
        "context.check_hostname = False",
        "context.verify_mode = 0",
        "context.verify_mode = ssl.CERT_NONE",
        "from ssl import CERT_NONE",
        "from ssl import CERT_NONE as fine",
        "ssl._create_unverified_context()",
        "getattr(ssl, 'CERT_NONE')",
        "setattr(context, 'check_hostname', x)",
        "wrap(check_hostname=x)",
        "context = make(verify=flag)",
    ],
)
def test_the_ban_sees_every_way(code: str) -> None:
    assert [*weak_places(ast.parse(code))] != []


def test_a_certificate_is_looked_at_without_verification_in_one_place_and_nothing_is_sent_there() -> None:
    users = [one.name for one in MODULES if "get_server_certificate" in one.read_text("utf-8")]
    assert users == ["diagnose.py"]


# R38: no redirect is followed with a key


AUTHS: dict[str, Auth] = {
    "bearer": Bearer(KEY),
    "basic": Basic("user", KEY),
    "header": Header("X-Key", KEY),
    "query": Query({"t": KEY}),
    "path": PathTail(KEY),
    "body": JsonBody({"t": KEY}),
    "two": Both(Bearer(KEY), Header("X-Client", KEY)),
}


@pytest.mark.parametrize(
    ("name", "status"), [*((name, 307) for name in AUTHS), *(("bearer", one) for one in (301, 302, 303, 308))]
)
def test_no_key_arrives_where_a_redirect_leads(name: str, status: int) -> None:
    with peer(reply()) as other:
        target = f"http://127.0.0.1:{other.port}/taken?x=y"
        with peer(reply(b"", f"{status} Go", Location=target)) as made:
            error = refusal(made.environment(), auth=AUTHS[name])
    assert (error.code, error.facts["to"], error.facts["http_status"]) == ("redirected", "127.0.0.1", status)
    assert (other.connections, other.seen) == (0, [])
    assert len(made.seen) == 1


def test_no_variable_leads_a_request_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which proxy there is, is asked for in one place; the library is not to look for one by itself."""
    with peer(reply()) as made, peer(reply()) as other:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{other.port}")
            monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{other.port}")
        assert send(made.environment(), auth=Bearer(KEY)).ok
    assert (other.connections, len(made.seen)) == (0, 1)


def test_nor_within_the_vendors_own_host() -> None:
    with peer(reply(b"", "302 Found", Location="/elsewhere")) as made:
        assert refusal(made.environment(), auth=Bearer(KEY)).code == "redirected"
    assert len(made.seen) == 1


# R39: https to declared doors, whatever an address or a value looks like


VENDOR = "api.vendor.test"
PLACE = Environment(
    name="production", endpoints={"api": f"https://{VENDOR}/v1", "id": "https://id.vendor.test:8443"}
)


def passes(address: str) -> bool:
    """Tell whether the guard lets a request go; an address that is none at all does not get that far."""
    try:
        net._check(httpx.URL(address), PLACE)
    except (RuntimeError, httpx.InvalidURL):
        return False
    return True


@pytest.mark.parametrize(
    "address", [f"https://{VENDOR}/v1/x?y", f"https://{VENDOR.upper()}:443/", "https://id.vendor.test:8443/t"]
)
def test_a_declared_door_is_open(address: str) -> None:
    assert passes(address)


@pytest.mark.parametrize(
    "address",
    [
        f"http://{VENDOR}/v1",
        f"https://{VENDOR}:8443/v1",
        "https://id.vendor.test/t",
        f"https://{VENDOR}@evil.test/",
        f"https://user:pass@{VENDOR}/",
        f"https://user@{VENDOR}/",
        f"https://evil.test\\@{VENDOR}/",
        f"https://evil.test#{VENDOR}",
        f"https://{VENDOR}.evil.test/",
        f"https://{VENDOR}./",
        f"https://evil.test/{VENDOR}",
        "https://api.vend\u043er.test/",
        "https://xn--api-vendr.test/",
        "https://api。vendor。test.evil.test/",
        "https://127.0.0.1/",
        "http://127.0.0.1/",
        "http://localhost/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        f"https://{VENDOR}:0/",
        f"https://{VENDOR}:99999/",
        f"ftp://{VENDOR}/",
        f"//{VENDOR}/",
        f"https:{VENDOR}",
        f"https://{VENDOR}\r\nHost: evil.test",
        f"https://{VENDOR}%00.evil.test/",
        f"https://{VENDOR}%2eevil.test/",
        "",
    ],
)  # fmt: skip
def test_any_other_door_is_shut(address: str) -> None:
    assert not passes(address)


ODD = st.text(
    st.sampled_from([*":/@\\?#.[]%\r\n\t \0;,&=+-_~", *"azAZ09", "ø", "。", "\uff0f", "\u202e", "\u2028"]),
    max_size=24,
)


@given(before=ODD, after=ODD)
@settings(max_examples=300, deadline=None)
def test_what_stands_around_a_host_makes_no_other_of_it(before: str, after: str) -> None:
    address = f"https://{before}{VENDOR}{after}"
    if not passes(address):
        return
    url = httpx.URL(address)
    assert (url.scheme, url.host, url.port, url.userinfo) == ("https", VENDOR, None, b"")
    assert not set("\r\n\0 ") & set(str(url))


@pytest.fixture(scope="module")
def counted() -> Iterator[Peer]:
    with peer(reply()) as made:
        yield made


@given(value=st.text(max_size=40), name=ODD)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_stays_one_part_of_the_path(counted: Peer, value: str, name: str) -> None:
    """Whatever a customer typed: it neither leaves its place in the path nor begins a header of its own."""
    counted.seen.clear()
    with contextlib.suppress(UnicodeEncodeError):  # half a character is no text
        value.encode()
        send(counted.environment(), path="/rows/{value}/end", fills={"value": value}, params={"q": name})
        (request,) = counted.seen
        line, _, head = request.partition(b"\r\n")
        path = line.split(b" ")[1].partition(b"?")[0]
        assert (line.split(b" ")[0], line.split(b" ")[2], len(line.split(b" "))) == (b"GET", b"HTTP/1.1", 3)
        assert path.count(b"/") == 3 or value in {".", ".."}
        names = [one.partition(b":")[0].lower() for one in head.split(b"\r\n") if one]
        assert sorted(names) == [b"accept", b"accept-encoding", b"connection", b"host", b"user-agent"]


SCRIPT = """
import io, json, sys
reached = set()

def note(event, arguments):
    if event == "socket.connect":
        reached.add(str(arguments[1][0] if isinstance(arguments[1], tuple) else "unix"))
    elif event == "socket.getaddrinfo" and arguments[0]:
        reached.add(str(arguments[0]))
    elif event in ("subprocess.Popen", "os.posix_spawn", "webbrowser.open"):
        reached.add(event)

sys.addaudithook(note)
from wizard import cli
from wizard.core.practice import practice_of
from wizard.core.registry import built_in

statuses = {}
for slug, provider in built_in().providers.items():
    sys.stdin = io.TextIOWrapper(io.BytesIO(json.dumps(dict(practice_of(provider).good)).encode()))
    statuses[slug] = cli.main(["connect", slug, "--practice", "--json"])
cli.main(["systems", "--json"])
print(json.dumps([sorted(reached), statuses]), file=sys.stderr)
"""


def test_nobody_is_told_of_a_walk() -> None:
    """No telemetry, no look for a newer version: in all walks no socket goes anywhere but to the vendor."""
    import json

    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    reached, statuses = json.loads(done.stderr.splitlines()[-1])
    assert set(reached) - {"unix"} == {"127.0.0.1"}
    assert statuses.keys() == built_in().providers.keys()
    assert set(statuses.values()) <= {0, 8}


# R40: what is never asked twice


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ONCE = {
    "401": reply(b"{}", "401 Unauthorized", Retry_After="0"),
    "403": reply(b"{}", "403 Forbidden", Retry_After="0"),
    "408": reply(b"{}", "408 Timeout", Retry_After="0"),
    "500": reply(b"{}", "500 Oops"),
    "503": reply(b"{}", "503 Down", Retry_After="0"),
    "reset": after_request(reset),
    "closed": after_request(lambda taken: taken.close()),
    "garbage": b"SSH-2.0-nothing\r\n\r\n",
}


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *(("POST", name) for name in ONCE),
        *((one, "401") for one in METHODS),
        *((one, "reset") for one in METHODS),
    ],
)
def test_nothing_is_asked_again_by_itself(method: str, name: str) -> None:
    answer = ONCE[name]
    heard_all: list[bytes] = []

    def handler(taken: socket.socket) -> None:
        if isinstance(answer, bytes):
            while request := heard(taken):
                heard_all.append(request)
                taken.sendall(answer)
        elif callable(answer):
            heard_all.append(b"one")
            answer(taken)

    with peer(handler) as made, contextlib.suppress(errors.WizardError):
        send(made.environment(), method, auth=Bearer(KEY), json={"a": 1} if method != "GET" else None)
    assert (len(heard_all), made.connections) == (1, 1)


@pytest.mark.parametrize(("method", "times", "asked"), [("POST", 9, 2), ("DELETE", 1, 2), ("GET", 1, 2)])
def test_only_too_many_is_asked_once_more_whatever_the_method(method: str, times: int, asked: int) -> None:
    answers = [reply(b"{}", "429 Slow", Retry_After="0")] * times + [reply()]
    seen: list[bytes] = []

    def handler(taken: socket.socket) -> None:
        while request := heard(taken):
            seen.append(request)
            taken.sendall(answers[len(seen) - 1])

    with peer(handler) as made, contextlib.suppress(errors.Busy):
        assert send(made.environment(), method).ok
    assert len(seen) == asked


# R36: a deadline over all, and cancel at once


def test_a_whole_test_has_twenty_seconds_at_most() -> None:
    assert DEADLINE <= 20
    assert signature(examine).parameters["limit"].default is None, "which is that"


def test_which_is_heeded_where_nobody_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "DEADLINE", 0.4)
    with peer(slowly(b" ", 0.02)) as made:
        order = Order(
            provider=built_in().providers["fiken"],
            environment=made.environment(),
            answers={"token": KEY},
            partner={},
        )
        began = time.monotonic()
        with pytest.raises(errors.TimedOut):
            anyio.run(lambda: examine(order, net=straight(), tell=lambda _: None, now=now))
    assert time.monotonic() - began < 2


def test_a_drip_is_cancelled_at_once() -> None:
    async def work() -> float:
        async with anyio.create_task_group() as group:
            group.start_soon(_drip, made.environment())
            await anyio.sleep(0.3)
            began = time.monotonic()
            group.cancel_scope.cancel()
        return time.monotonic() - began

    with peer(slowly(b" ", 0.02)) as made:
        assert anyio.run(work) < 1
    assert made.connections == 1


async def _drip(environment: Environment) -> None:
    async with straight().open(environment, lambda _: None) as http:
        await http.get("/")


def test_a_drip_ends_with_the_deadline() -> None:
    began = time.monotonic()
    with peer(slowly(b" ", 0.02)) as made, pytest.raises((TimeoutError, errors.TimedOut)):
        send(made.environment(), limit=0.5)
    assert time.monotonic() - began < 1.5


# R43: a broken IPv6 costs less than a second


def test_an_ipv6_where_packets_vanish_costs_less_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(reply()) as made, _black_hole(made.port):
        found = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", made.port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", made.port)),
        ]
        with pytest.raises(TimeoutError):
            socket.create_connection(("::1", made.port), timeout=0.2)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        began = time.monotonic()
        assert send(made.environment("localhost")).ok
        assert time.monotonic() - began < 1


@contextlib.contextmanager
def _black_hole(port: int) -> Iterator[None]:
    """Have `::1` at this port take no connection and refuse none."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket(socket.AF_INET6))
        try:
            server.bind(("::1", port))
        except OSError:
            pytest.skip("this machine has no IPv6")
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket(socket.AF_INET6))
            waiting.setblocking(False)
            waiting.connect_ex(("::1", port))
        time.sleep(0.02)
        yield


def test_the_door_is_what_it_says() -> None:
    assert Net().reference == ("data.brreg.no", 443)
