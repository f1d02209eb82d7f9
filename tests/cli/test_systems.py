"""Whether the systems answer, and what is said where a world is one for tests."""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.cli.helpers import PROVIDERS, Command
from wizard import __main__ as front
from wizard import cli
from wizard.core.practice import Playground, endpoints_toml, practice_of
from wizard.core.pulse import WITHIN, Pulse
from wizard.out import Out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PULSE = ("systems", "--pulse", "--practice")


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(PROVIDERS).open() as made:
        yield made


@pytest.fixture
def endpoints(playground: Playground, tmp_path: Path) -> str:
    file = tmp_path / "endpoints.toml"
    file.write_text(endpoints_toml(playground.endpoints), "utf-8")
    return str(file)


@pytest.fixture
def preset(tmp_path: Path) -> str:
    file = tmp_path / "bank.toml"
    file.write_text("test_environments = true", "utf-8")
    return str(file)


def places(events: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(one["system"], one["environment"]) for one in events if one["event"] == "pulse"]


def test_a_pulse_follows_each_system(koble: Command) -> None:
    events = koble(*PULSE, "--json").events
    shown = [
        (slug, place.name) for slug, one in PROVIDERS.items() for place in one.environments if not place.test
    ]
    assert sorted(places(events)) == sorted(shown)
    for before, after in pairwise(events):
        assert after["event"] == "system" or after["system"] == before["system"]
    assert {one.get("state") for one in events} <= {None, "answers", "unknown"}


def test_worlds_for_tests_are_asked_where_the_preset_shows_them(koble: Command, preset: str) -> None:
    events = koble(*PULSE, "--json", "--preset", preset).events
    every = [(slug, place.name) for slug, one in PROVIDERS.items() for place in one.environments]
    assert sorted(places(events)) == sorted(every)


def test_the_silent_are_named_in_time(koble: Command, playground: Playground, endpoints: str) -> None:
    playground.refuse("vendor_down", "fiken")
    playground.refuse("timed_out", "tripletex")
    began = time.monotonic()
    ended = koble("systems", "--pulse", "--json", "--endpoints", endpoints)
    assert time.monotonic() - began < WITHIN + 1.0
    codes = {one["system"]: one["code"] for one in ended.events if one["event"] == "pulse"}
    assert (codes["fiken"], codes["tripletex"], codes["poweroffice"]) == ("vendor_down", "timed_out", "")
    assert ended.status == 0
    assert all("authorization" not in asked.headers for _, asked in playground.asked)


def test_the_pulse_in_words(koble: Command, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    said = koble(*PULSE, "--language", "en").out.splitlines()
    at = next(at for at, line in enumerate(said) if line.startswith("fiken"))
    assert said[at + 1].startswith("  production: answers (")
    out = Out(argparse.Namespace(json=False, language="nb", preset=None))
    for state in ("silent", "unknown"):
        out.pulse(Pulse(system="x", environment="production", state=state, code="timed_out"))
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines == ["  production: svarer ikke (timed_out)", "  production: har ingen adresse å spørre"]


def test_without_the_option_nobody_is_asked(koble: Command, playground: Playground, endpoints: str) -> None:
    assert koble("systems", "--endpoints", endpoints).status == 0
    assert not playground.asked


@pytest.mark.parametrize(("language", "mark"), [("nb", "(testmiljø)"), ("en", "(test environment)")])
def test_a_receipt_from_a_world_for_tests_says_so(koble: Command, language: str, mark: str) -> None:
    practice = practice_of(PROVIDERS["tripletex"])
    arguments = ("connect", "tripletex", "--practice", "--language", language)
    said = koble(*arguments, given=dict(practice.more["test"])).out.splitlines()
    assert said[-1].endswith(mark)
    assert mark not in koble(*arguments, given=dict(practice.good)).out


def test_the_partners_keys_of_a_world_for_tests_are_there_in_practice(koble: Command) -> None:
    given = {**practice_of(PROVIDERS["tripletex"]).more["test"], "partner": {}}
    last = koble("connect", "tripletex", "--practice", "--json", given=given).last
    assert (last["environment"], last["tested"]) == ("test", "passed")


def test_only_the_window_takes_the_option_that_shows_them(koble: Command) -> None:
    assert koble("systems", "--test-environments").status == 2
    assert cli.parser().parse_args(["--test-environments"]).test_environments
    assert not cli.parser().parse_args([]).test_environments
    assert not front._has_command(["--test-environments"])
