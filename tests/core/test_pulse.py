"""The pulse, the open register and the quality file: small questions that hold nobody up."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.core.helpers import Small, heard, peer, reply, reset, straight
from wizard.core.practice import Playground
from wizard.core.provider import Environment
from wizard.core.pulse import STATES, WITHIN, Pulse, pulse, pulses
from wizard.core.quality import verified_on
from wizard.core.register import REGISTER, name_of
from wizard.core.registry import built_in

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tests.core.helpers import Handler

PROVIDER = Small().provider()
SLOW = WITHIN + 0.8
ANSWERS: dict[str, bytes] = {
    "json": reply(),
    "unauthorized": reply(b"", "401 Unauthorized"),
    "absent": reply(b"gone", "404 Not Found", "text/plain"),
    "html": reply(b"<html>welcome</html>", kind="text/html"),
    "elsewhere": reply(b"", "302 Found", Location="https://login.example.test/"),
    "busy": reply(b"", "429 Too Many Requests", Retry_After="1"),
    "large": reply(b"x" * (1 << 21), kind="text/plain"),
    "garbled": reply(b"x", Content_Encoding="gzip"),
}


def felt(environment: Environment) -> Pulse:
    return anyio.run(lambda: pulse(PROVIDER, environment, straight()))


def never(taken: socket.socket) -> None:
    heard(taken)
    time.sleep(SLOW)


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_is_below_500_is_an_answer(name: str) -> None:
    with peer(ANSWERS[name]) as vendor:
        found = felt(vendor.environment())
    assert (found.system, found.environment, found.state, found.code) == (
        "small",
        "production",
        "answers",
        "",
    )
    assert len(vendor.seen) == 1
    assert b"authorization" not in vendor.seen[0].lower()
    assert vendor.seen[0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(b"", "503 Service Unavailable"), "vendor_down"),
        (reply(b"<html>", "500 Oops", "text/html"), "vendor_down"),
        (reset, "connection_lost"),
        (never, "timed_out"),
    ],
)
def test_silence_has_a_code(answer: bytes | Handler, code: str) -> None:
    began = time.monotonic()
    with peer(answer) as vendor:
        found = felt(vendor.environment())
        spent = time.monotonic() - began
    assert (found.state, found.code) == ("silent", code)
    assert spent < WITHIN + 0.7
    assert found.ms <= 1000 * (WITHIN + 0.7)
    assert found.state in STATES


def test_a_system_without_an_address_is_not_asked() -> None:
    assert felt(Environment(name="production", endpoints={})).state == "unknown"


def test_all_are_asked_at_once() -> None:
    with peer(never) as one, peer(reply()) as other:
        places = [(PROVIDER, one.environment()), (PROVIDER, other.environment())] * 3
        began = time.monotonic()
        found = anyio.run(lambda: pulses(places, straight()))
        spent = time.monotonic() - began
    assert [one.state for one in found] == ["silent", "answers"] * 3
    assert spent < WITHIN + 0.7


def test_every_system_has_a_pulse_in_practice() -> None:
    providers = built_in().providers
    with Playground(providers).open() as playground:
        places = [
            (one, replace(place, endpoints=playground.endpoints[slug, place.name]))
            for slug, one in providers.items()
            for place in one.environments
            if place.endpoints
        ]
        found = anyio.run(lambda: pulses(places, straight()))
    assert {one.state for one in found} == {"answers"}


# The register


def looked_up(orgnr: str, environment: Environment) -> str | None:
    return anyio.run(lambda: name_of(orgnr, straight(), environment))


def test_a_company_has_a_name() -> None:
    with peer(reply(b'{"organisasjonsnummer": "313000028", "navn": "FJORDHEIM  REGNSKAP AS"}')) as register:
        assert looked_up("313 000 028", register.environment()) == "FJORDHEIM REGNSKAP AS"
    assert register.seen[0].startswith(b"GET /313000028 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"{}", "404 Not Found"),
        reply(b'{"navn": ""}'),
        reply(b'{"navn": 7}'),
        reply(b"[]"),
        reply(b"<html>", kind="text/html"),
        reply(b"", "503 Service Unavailable"),
        reset,
        never,
    ],
)
def test_what_the_register_does_not_tell_is_nothing(answer: bytes | Handler) -> None:
    began = time.monotonic()
    with peer(answer) as register:
        assert looked_up("313000028", register.environment()) is None
        assert time.monotonic() - began < WITHIN + 0.7


@pytest.mark.parametrize("number", ["01017012345", "313000029", "", "3130", "31300002\uff18", "../enheter"])
def test_nothing_but_a_checked_number_is_sent(number: str) -> None:
    with peer(reply(b'{"navn": "X"}')) as register:
        assert looked_up(number, register.environment()) is None
    assert register.connections == 0


def test_only_one_register_is_asked() -> None:
    assert REGISTER.hosts == {"data.brreg.no"}


# The quality file


def test_the_day_of_the_last_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(verified_on(built_in().providers["fiken"]), date)
    monkeypatch.syspath_prepend(str(tmp_path))
    for at, text in enumerate(
        (None, "verified_on = [", 'verified_on = "soon"', "verified_on = 2026-01-02T03:04:05")
    ):
        package = tmp_path / f"koble_plugged_{at}"
        package.mkdir()
        (package / "__init__.py").write_text("", "utf-8")
        if text is not None:
            (package / "quality.toml").write_text(text, "utf-8")
        assert verified_on(replace(PROVIDER, package=package.name)) is None
