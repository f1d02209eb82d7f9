"""The network door, word for word: what it sends, what it tells, and what it says of an error's place."""

from __future__ import annotations

import gzip
import re
import socket
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.core.helpers import NOBODY, Peer, after_request, ask, peer, refusal, reply, straight
from wizard import __version__
from wizard.core import diagnose, errors, log
from wizard.core.answers import GRAPHQL, JSON, SOAP, Answer, Kind
from wizard.core.auth import Bearer
from wizard.core.net import MAX_BODY, Net
from wizard.core.provider import Environment, Finding
from wizard.core.proxy import NONE, Proxy
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.core.net import Http


def through_the_door(
    environment: Environment, work: Callable[[Http], Any], told: list[Finding], net: Net | None = None
) -> Any:
    """Return what came of some work behind one open door."""

    async def whole() -> Any:
        with anyio.fail_after(10):
            async with (net or straight()).open(environment, told.append) as http:
                return await work(http)

    return anyio.run(whole)


@contextmanager
def looked_up(monkeypatch: pytest.MonkeyPatch, takes: float = 0.0) -> Iterator[list[Any]]:
    """Note what is looked up, and have it take a while, in seconds; the answer is this machine."""
    asked: list[Any] = []
    real = anyio.getaddrinfo

    async def look(*given: Any, **more: Any) -> Any:
        asked.append((given, more))
        await anyio.sleep(takes)
        return await real("127.0.0.1", 9, type=socket.SOCK_STREAM)

    with monkeypatch.context() as patch:
        patch.setattr(anyio, "getaddrinfo", look)
        yield asked


# What is told


def stages(told: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.check, one.stage, one.state) for one in told]


def test_each_stage_is_told_once_however_often_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Finding] = []

    async def twice(http: Http) -> None:
        assert http.stage == "connection"
        assert http.where == {}
        await http.get("/a")
        assert http.stage == "vendor"
        assert http.where == {"host": "localhost", "port": made.port}
        await http.get("/b")

    with ExitStack() as stack:
        made = stack.enter_context(peer(reply()))
        asked = stack.enter_context(looked_up(monkeypatch, 0.03))
        through_the_door(made.environment("localhost"), twice, told)
    assert stages(told) == [
        ("network", "name", "passed"),
        ("network", "connection", "passed"),
        ("network", "proxy", "skipped"),
        ("network", "tls", "skipped"),
        ("network", "vendor", "passed"),
    ]
    assert 25 <= told[0].ms < 5_000
    assert all(0 <= one.ms < 5_000 for one in told)
    assert told[-1].facts == {}
    assert asked == [(("localhost", made.port), {"type": socket.SOCK_STREAM})]


def test_a_name_is_looked_up_for_the_usual_port(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Finding] = []
    with looked_up(monkeypatch) as asked:
        place = Environment(name="p", endpoints={"api": "https://localhost"})
        error = refusal(place, straight(looks_further=False), told=told)
    assert asked == [(("localhost", 443), {"type": socket.SOCK_STREAM})]
    assert stages(told)[0] == ("network", "name", "passed")
    assert (error.facts["host"], error.facts["port"]) == ("localhost", 443)


def test_an_address_is_not_looked_up() -> None:
    told: list[Finding] = []
    with peer(reply()) as made:
        ask(made.environment(), told=told)
    assert (told[0].stage, told[0].state, told[0].ms) == ("name", "skipped", 0)


@pytest.mark.parametrize(("minutes", "facts"), [(-30, {"clock_minutes": 30}), (30, {"clock_minutes": -30})])
def test_a_wrong_clock_is_told_with_the_answer(minutes: int, facts: dict[str, int]) -> None:
    told: list[Finding] = []
    at = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    with peer(reply(Date=at)) as made:
        ask(made.environment(), told=told)
    assert told[-1].facts == facts


def test_the_log_has_the_time_that_it_took(tmp_path: Path) -> None:
    log.start(tmp_path)

    def slowly(taken: socket.socket) -> None:
        taken.recv(4096)
        anyio.run(anyio.sleep, 0.05)
        taken.sendall(reply(status="404 Not"))

    with peer(slowly) as made:
        ask(made.environment())
    (line,) = re.findall(r"GET .*", (tmp_path / "koble.log").read_text("utf-8"))
    found = re.fullmatch(r"GET 127\.0\.0\.1 /rows/\{secret\} 404 (\d+) ms", line)
    assert found
    assert 45 <= int(found[1]) < 5_000


def test_an_upload_is_logged_without_what_is_asked_for_in_its_address(tmp_path: Path) -> None:
    log.start(tmp_path)
    with peer(reply()) as made:
        place = Environment(name="p", endpoints={"api": f"http://127.0.0.1:{made.port}/in?box=ZZ"})
        through_the_door(place, lambda http: http.send(b"x", {}, lambda _: None), [])
    assert "POST 127.0.0.1 /in 200 " in (tmp_path / "koble.log").read_text("utf-8")


def test_how_long_the_vendor_took_is_told() -> None:
    told: list[Finding] = []

    def slowly(taken: socket.socket) -> None:
        taken.recv(4096)
        anyio.run(anyio.sleep, 0.05)
        taken.sendall(reply())

    with peer(slowly) as made:
        ask(made.environment(), told=told)
    assert (told[-1].stage, told[-1].ms >= 45) == ("vendor", True)


# What is sent


def test_what_every_request_says_of_us() -> None:
    with peer(reply()) as made:
        ask(made.environment(), params={"q": "a b"}, path="/x/{y}", fills={"y": "å/b"})
    head = made.seen[0].decode("ascii").lower().split("\r\n")
    assert head[0] == "get /x/%c3%a5%2fb?q=a+b http/1.1"
    assert f"user-agent: koble/{__version__}" in head
    assert "accept: application/json" in head
    assert "accept-encoding: gzip, deflate" in head
    assert not [line for line in head if line.startswith("cookie")]


def test_a_signed_question_with_all_its_parts() -> None:
    async def work(http: Http) -> Answer:
        return await http.get("/c/{slug}", auth=Bearer(Secret("ZZkey")), params={"page": "2"}, slug="a b")

    with peer(reply()) as made:
        through_the_door(made.environment(), work, [])
    head = made.seen[0].decode("ascii").split("\r\n")
    assert head[0] == "GET /c/a%20b?page=2 HTTP/1.1"
    assert "Authorization: Bearer ZZkey" in head


def test_a_form_and_a_body_of_json_go_as_they_are() -> None:
    async def both(http: Http) -> None:
        await http.ask("POST", "/f", form={"a": "ø"})
        await http.ask("PUT", "/j", json={"a": "ø"})

    with peer(reply()) as made:
        through_the_door(made.environment(), both, [])
    form, body = (one.decode().split("\r\n\r\n") for one in made.seen)
    assert (form[0].split()[0], form[1]) == ("POST", "a=%C3%B8")
    assert (body[0].split()[0], body[1]) == ("PUT", '{"a":"ø"}')


def test_a_body_is_sent_once_and_how_much_of_it_has_gone_is_told() -> None:
    body, gone = b"x" * 40_000, list[int]()

    async def work(http: Http) -> Answer:
        return await http.send(body, {"Content-Type": "application/jose", "X-Id": "7"}, gone.append)

    with peer(reply(b'{"id": "7"}', "409 Conflict")) as made:
        place = Environment(name="p", endpoints={"api": f"http://127.0.0.1:{made.port}/in?box=1"})
        answer = through_the_door(place, work, [])
    assert (answer.status, answer.json()) == (409, {"id": "7"})
    head, _, sent = made.seen[0].partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0] == "POST /in?box=1 HTTP/1.1"
    assert {"Content-Length: 40000", "Content-Type: application/jose", "X-Id: 7"} <= set(lines)
    assert sent == body
    assert gone == sorted(gone)
    assert gone[-1] == len(body)
    assert len(made.seen) == 1


def test_what_a_service_says_to_a_body_must_be_json() -> None:
    async def work(http: Http) -> Answer:
        return await http.send(b"x", {}, lambda _: None)

    with peer(reply(b"hello", kind="text/plain")) as made, pytest.raises(errors.UnexpectedAnswer):
        through_the_door(made.environment(), work, [])


# What an answer may be


KINDS = {
    "page": (reply(b" <HTML>", kind="text/plain"), JSON, "captive_portal"),
    "doctype": (reply(b"<!DocType html>", kind="text/plain"), SOAP, "captive_portal"),
    "tagged": (reply(b" <a/>", kind="text/plain"), JSON, "captive_portal"),
    "tagged_where_tags_are_spoken": (reply(b"<a/>", kind="text/plain"), SOAP, "unexpected_answer"),
    "called_a_page": (reply(b"{}", kind="Text/HTML; charset=x"), JSON, "captive_portal"),
    "called_json": (reply(b"<html>", kind="Application/JSON ;charset=utf-8"), JSON, ""),
    "text": (reply(b"hello", kind="text/plain"), JSON, "unexpected_answer"),
    "no_kind": (reply(b"{}", kind=""), JSON, "unexpected_answer"),
    "refused_as_text": (reply(b"no", "401 No", kind="text/plain"), JSON, ""),
    "empty": (reply(b"", kind="text/html"), JSON, ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_kind_an_answer_is_of(name: str) -> None:
    answer, kind, code = KINDS[name]
    assert code_of(answer, kind) == code


def code_of(answer: bytes, kind: Kind) -> str:
    async def work(http: Http) -> Answer:
        return await http.ask("POST", "/", kind=kind)

    with peer(answer) as made:
        try:
            through_the_door(made.environment(), work, [])
        except errors.WizardError as error:
            status = error.facts.get("http_status", 0)
            return error.code if status in {0, int(answer.split()[1])} else f"{error.code} {status}"
    return ""


ERRORS = b'{"errors": [{"message": "no"}]}'
FAULTS = {
    "spoken": (reply(ERRORS, "500 Oops"), GRAPHQL, ""),
    "packed": (reply(gzip.compress(ERRORS), "503 Oops", Content_Encoding="gzip"), GRAPHQL, ""),
    "another_kind": (reply(ERRORS, "500 Oops", kind="text/plain"), GRAPHQL, "vendor_down"),
    "nothing_said": (reply(b"{}", "500 Oops"), GRAPHQL, "vendor_down"),
    "not_packed": (reply(ERRORS, "500 Oops", Content_Encoding="gzip"), GRAPHQL, "vendor_down"),
    "too_much": (reply(ERRORS + b" " * MAX_BODY, "502 Oops"), GRAPHQL, "vendor_down"),
    "in_json": (reply(ERRORS, "599 Oops"), JSON, "vendor_down"),
    "just_below": (reply(ERRORS, "499 Oops"), JSON, ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_which_the_vendor_speaks_is_an_answer(name: str) -> None:
    answer, kind, code = FAULTS[name]
    assert code_of(answer, kind) == code


# What a refusal says

REFUSED: dict[str, tuple[bytes, str, dict[str, object]]] = {
    "moved": (
        reply(b"", "302 Found", Location="https://other.test/x?y"),
        "redirected",
        {"http_status": 302, "host": "127.0.0.1", "to": "other.test"},
    ),
    "moved_nowhere": (
        reply(b"", "301 Moved"),
        "redirected",
        {"http_status": 301, "host": "127.0.0.1", "to": ""},
    ),
    "proxy": (
        reply(b"", "407 No", Proxy_Authenticate="Negotiate"),
        "proxy_failed",
        {"http_status": 407, "reason": "unset"},
    ),
    "busy": (
        reply(b'{"message": "in 90 seconds"}', "429 No"),
        "busy",
        {"seconds": 91, "reason": "timed"},
    ),
    "text": (reply(b"hello", kind="text/plain"), "unexpected_answer", {"looked_for": "application/json"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_refusal_says(name: str) -> None:
    answer, code, facts = REFUSED[name]
    with peer(answer) as made:
        error = refusal(made.environment())
    assert error.code == code
    assert {one: error.facts.get(one) for one in facts} == facts


# Where it was, when it went wrong


def test_a_name_that_is_not_known_is_where_it_ends() -> None:
    told: list[Finding] = []
    place = Environment(name="p", endpoints={"api": "https://nosuch.invalid"})
    for routed, code in ((True, "name_not_found"), (False, "offline")):
        net = Net(platform="linux", proxies=lambda _: NONE, routed=lambda: routed, looks_further=False)  # noqa: B023  # asked at once
        error = refusal(place, net, told=told)
        assert (error.code, error.stage) == (code, "name")
        where = {"host": "nosuch.invalid", "port": 443}
        assert where.items() <= error.facts.items()
    assert told == []


def test_a_name_that_nobody_answers_for_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Environment(name="p", endpoints={"api": "https://slow.test"})
    met: list[str] = []

    async def work(http: Http) -> None:
        try:
            await http.get("/")
        finally:
            met.append(http.stage)

    with looked_up(monkeypatch, 5.0), pytest.raises(errors.TimedOut) as caught:
        through_the_door(place, work, [], straight(looks_further=False, patience=0.05))
    assert (caught.value.stage, met) == ("name", ["name"])
    assert caught.value.facts == {"host": "slow.test", "port": 443}


def test_what_was_reached_is_told_before_what_was_not() -> None:
    told: list[Finding] = []
    refused = refusal(Peer(handler=lambda _: None, port=NOBODY).environment(), told=told)
    assert (refused.code, refused.stage, stages(told)) == (
        "connection_refused",
        "connection",
        [("network", "name", "skipped")],
    )
    told.clear()
    with peer(after_request(lambda _: None)) as made:
        lost = refusal(made.environment(), straight(looks_further=False), told=told)
    assert (lost.code, lost.stage) == ("connection_lost", "vendor")
    assert [one.stage for one in told] == ["name", "connection", "proxy", "tls"]


def test_each_host_is_asked_for_its_own_proxy() -> None:
    asked: list[str] = []

    def proxies(host: str) -> Proxy:
        asked.append(host)
        return NONE

    ends = {"api": "https://a.invalid", "auth": "https://b.invalid", "near": "http://127.0.0.1:9"}
    refusal(
        Environment(name="p", endpoints=ends), Net(platform="linux", proxies=proxies, looks_further=False)
    )
    assert sorted(asked) == ["a.invalid", "b.invalid"]


def test_a_proxy_that_is_written_wrong_is_named_with_its_source() -> None:
    net = Net(platform="linux", proxies=lambda _: Proxy(address="ftp://u:p@p.test:1", source="system"))
    error = refusal(Environment(name="p", endpoints={"api": "https://vendor.test"}), net)
    facts = {"host": "vendor.test", "port": 443, "proxy": "p.test:1", "proxy_from": "system"}
    assert error.facts == {**facts, "reason": "address"}


def test_what_is_looked_at_further(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes: list[diagnose.Scene] = []

    async def look(error: errors.ReachError, scene: diagnose.Scene) -> errors.WizardError:
        assert error.facts["port"] == scene.port
        scenes.append(scene)
        return error

    monkeypatch.setattr(diagnose, "look_further", look)
    made = Peer(handler=lambda _: None, port=NOBODY)
    refusal(made.environment("localhost"), straight())
    assert scenes == [
        diagnose.Scene(
            host="localhost",
            port=NOBODY,
            address=scenes[0].address,
            proxy="",
            reference=("127.0.0.1", NOBODY),
            plain_port=NOBODY,
        )
    ]
    assert scenes[0].address in {"127.0.0.1", "::1"}
    refusal(made.environment("localhost"), straight(looks_further=False))
    assert len(scenes) == 1
    net = Net(platform="linux", proxies=lambda _: Proxy(address=f"http://127.0.0.1:{NOBODY}", source="pac"))
    error = refusal(Environment(name="p", endpoints={"api": "https://vendor.test:8443"}), net)
    where = {"host": "vendor.test", "port": 8443, "proxy": f"127.0.0.1:{NOBODY}", "proxy_from": "pac"}
    assert where.items() <= error.facts.items()
    assert (scenes[1].host, scenes[1].port, scenes[1].proxy) == ("vendor.test", 8443, f"127.0.0.1:{NOBODY}")
    assert (scenes[1].address, scenes[1].reference, scenes[1].plain_port) == ("", ("data.brreg.no", 443), 80)
