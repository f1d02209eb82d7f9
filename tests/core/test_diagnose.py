"""The closer look: how long it may take, where it may go, and what nobody can trip it up with."""

from __future__ import annotations

import ast
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

import wizard
from tests.core.helpers import NOBODY, after_request, ask, full_queue, peer, refusal, reply, straight
from wizard.core import errors
from wizard.core.clock import difference, minutes_off
from wizard.core.diagnose import Scene, look_further
from wizard.core.endpoints import host_of
from wizard.core.for_it import for_it
from wizard.core.provider import Environment, Finding
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from wizard.core.errors import Fact, ReachError, WizardError

FIKEN = built_in().providers["fiken"]


def scene(**more: object) -> Scene:
    given = {"host": "localhost", "port": NOBODY, "reference": ("127.0.0.1", NOBODY), "plain_port": NOBODY}
    return Scene(**{**given, **more})  # type: ignore[arg-type]


def looked(error: ReachError, at: Scene, limit: float = 9.0) -> WizardError:
    async def work() -> WizardError:
        with anyio.fail_after(limit):
            return await look_further(error, at)

    return anyio.run(work)


# Where it may go, and for how long


def test_an_imitation_on_this_machine_is_no_reason_to_ask_elsewhere() -> None:
    for at in (
        scene(reference=("198.51.100.1", 9)),
        scene(host="a.test", address="127.0.0.1", reference=("b", 9)),
    ):
        began = time.monotonic()
        assert "other_host" not in looked(errors.ConnectionRefused(), at).facts
        assert time.monotonic() - began < 0.2


def test_it_ends_before_the_walk_does_and_tells_what_is_known() -> None:
    with full_queue() as port:
        began = time.monotonic()
        error = looked(errors.TimedOut(host="localhost"), scene(reference=("127.0.0.1", port)), 0.8)
    assert time.monotonic() - began < 0.8
    assert error.facts == {"host": "localhost"}


def test_without_time_nothing_is_asked() -> None:
    with peer(b"") as made:
        looked(errors.ConnectionRefused(), scene(reference=("127.0.0.1", made.port)), 0.2)
    assert made.connections == 0


def test_it_can_be_cancelled_at_once() -> None:
    async def work() -> float:
        began = time.monotonic()
        with anyio.move_on_after(0.1) as scope:
            scope.deadline = anyio.current_time() + 9
            async with anyio.create_task_group() as group:
                group.start_soon(look_further, errors.TimedOut(), scene(reference=("127.0.0.1", port)))
                await anyio.sleep(0.1)
                group.cancel_scope.cancel()
        return time.monotonic() - began

    with full_queue() as port:
        assert anyio.run(work) < 1


def test_a_request_that_the_vendor_took_says_nothing_of_the_way() -> None:
    error = errors.ConnectionLost()
    error.stage = "vendor"
    assert "other_host" not in looked(error, scene()).facts


def test_a_proxy_whose_address_says_no_port_is_not_asked_after() -> None:
    assert "reason" not in looked(errors.ProxyFailed(), scene(proxy="proxy.test")).facts
    with peer(b"") as made:
        there = looked(errors.ProxyFailed(), scene(proxy=f"127.0.0.1:{made.port}"))
    assert "reason" not in there.facts
    assert "reason" not in looked(errors.ProxyFailed(), scene(proxy="127.0.0.1:99999")).facts


# What nobody can trip it up with


def odd(answer: bytes) -> WizardError:
    with peer(after_request(lambda taken: taken.sendall(answer))) as made:
        return looked(errors.TlsFailed(), scene(plain_port=made.port))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe\x00",
        b"HTTP/1.1 302 Found\r\nLocation: http://[broken\r\nDate: yesterday\r\nAge: x\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://evil\x1b[31m.test/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /here\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: https://localhost/\r\n\r\n",
        b"x" * 40_000,
    ],
)
def test_an_odd_answer_without_encryption_changes_nothing(answer: bytes) -> None:
    error = odd(answer)
    assert (error.code, dict(error.facts)) == ("tls_failed", {})


@pytest.mark.parametrize("to", ["www.vendor.localhost", "vendor.test", "localhost.vendor.example"])
def test_a_neighbour_of_the_vendors_is_no_portal(to: str) -> None:
    with peer(reply(b"", "301 Moved", Location=f"https://{to}/")) as made:
        at = scene(host="api.vendor.localhost", plain_port=made.port)
        assert looked(errors.TlsFailed(), at).code == "tls_failed"


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_certificate_that_cannot_be_read_is_left_out(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssl.get_server_certificate", lambda *_, **__: text)
    assert "issuer" not in looked(errors.TlsUntrusted(), scene()).facts


def test_no_certificate_is_ever_taken_unseen() -> None:
    for module in sorted(Path(wizard.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            assert getattr(node, "attr", "") not in {
                "CERT_NONE",
                "CERT_OPTIONAL",
                "_create_unverified_context",
            }
            if isinstance(node, ast.keyword) and node.arg in {"verify", "check_hostname"}:
                assert not isinstance(node.value, ast.Constant), module


def test_a_host_that_anybody_names_is_fit_to_be_shown() -> None:
    assert host_of("https://Login.Example.test:8443/x?y") == "login.example.test"
    for address in ("", "http://[broken", "https://a\u202eb.test/", f"https://{'a' * 300}.test/", "/x"):
        assert host_of(address) == ""


# The clock


def said(offset: timedelta, **more: str) -> dict[str, str]:
    return {"date": (datetime.now(UTC) + offset).strftime("%a, %d %b %Y %H:%M:%S GMT"), **more}


def test_the_clock_is_compared_with_what_an_answer_says() -> None:
    assert minutes_off(said(timedelta(hours=1))) == -60
    assert minutes_off(said(timedelta(hours=-1))) == 60
    assert minutes_off(said(timedelta(seconds=100))) == 0
    assert minutes_off(said(timedelta(hours=-1), age="3600")) == 0
    assert difference({"date": "Mon, 02 Mar 2026 12:00:00 -0000"}) is not None, "a date without a zone is UTC"
    for headers in ({}, {"date": "soon"}, {"date": "x", "age": "9" * 30}, said(timedelta(), age="9" * 30)):
        assert difference(headers) is None


@pytest.mark.parametrize(("hours", "minutes"), [(1, -60), (-1, 60), (0, None)])
def test_a_wrong_clock_is_noted_with_the_vendors_answer(hours: int, minutes: int | None) -> None:
    told: list[Finding] = []
    with peer(reply(Date=said(timedelta(hours=hours))["date"])) as made:
        assert ask(made.environment(), told=told).ok
    (vendor,) = [one for one in told if one.stage == "vendor"]
    assert vendor.facts.get("clock_minutes") == minutes


# The look-up


def test_a_look_up_that_takes_for_ever_ends_as_a_connection_would(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await anyio.sleep(60)

    monkeypatch.setattr(anyio, "getaddrinfo", never)
    net = straight(patience=0.1)
    error = refusal(Environment(name="production", endpoints={"api": "https://vendor.test"}), net)
    assert (error.code, error.stage, error.facts["host"]) == ("timed_out", "name", "vendor.test")


def test_a_name_is_looked_up_once_a_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[Finding] = []

    async def twice() -> None:
        async with straight().open(made.environment("localhost"), looked_up.append) as http:
            await http.get("/one")
            await http.get("/two")

    with peer(reply()) as made:
        anyio.run(twice)
    assert [one.stage for one in looked_up].count("name") == 1


# The text for IT support


def test_it_support_reads_what_it_needs_and_nothing_personal() -> None:
    facts: dict[str, Fact] = {
        "host": "api.fiken.no",
        "port": 443,
        "issuer": "Inspector\u202e AS",
        "verify_code": 20,
    }
    more: dict[str, Fact] = {
        "proxy": "p:8080",
        "proxy_from": "pac",
        "other_host": True,
        "minutes": 60,
        "name": "Kari Nordmann",
    }
    error = errors.TlsUntrusted({**facts, **more}, reason="issuer")
    english, norwegian = (for_it(error, Texts(language=one), FIKEN) for one in ("en", "nb"))
    for line in (
        "not in this computer’s trust store",
        "Stage: tls",
        "Code: tls_untrusted (issuer)",
        "Certificate issued by: Inspector AS",
        "Proxy set by: a proxy script (PAC)",
        "Other hosts can be reached: yes",
        "behind (−): +60",
        "  api.fiken.no:443",
    ):
        assert line in english
    assert "Proxyen er satt av: et proxyskript (PAC)" in norwegian
    assert "Kari" not in english + norwegian
    assert "…" not in english + norwegian


def test_a_keychain_needs_no_open_doors() -> None:
    told = for_it(errors.KeychainAbsent(), Texts(language="en"), FIKEN)
    assert "This computer has no password store we can use." in told
    assert "443" not in told
    assert "accounting" not in for_it(errors.KeychainAbsent(), Texts(language="en"))


def test_the_doors_are_those_of_the_environment_in_question() -> None:
    tripletex = built_in().providers["tripletex"]
    for environment in tripletex.environments:
        host = min(environment.hosts)
        told = for_it(errors.TimedOut(host=host), Texts(language="en"), tripletex)
        assert f"  {host}:443" in told
        others = {one for other in tripletex.environments for one in other.hosts} - environment.hosts
        assert not [one for one in others if f"  {one}:" in told]


def test_each_error_says_whose_it_is() -> None:
    for one in errors.every_error():
        assert one.whose in errors.WHOSE
        for language in ("nb", "en"):
            assert "…" not in Texts(language=language).say(f"whose.{one.whose}", FIKEN)


def test_a_closed_port_can_be_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert (
        looked(errors.ConnectionRefused(), scene(reference=("127.0.0.1", port))).facts["reason"] == "network"
    )
