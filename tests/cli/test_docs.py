"""docs/cli.md says what is so: its examples and tables are compared with the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import wizard
from tests.cli.helpers import Command, good
from wizard import cli
from wizard.core import errors
from wizard.core.ledger import DELIVERED, TESTED, WAITING_FOR
from wizard.core.practice import practice_of
from wizard.core.provider import STAGES
from wizard.core.pulse import STATES
from wizard.core.registry import built_in
from wizard.core.spoken import ALPHABET, spell, spell_bug

PAGE = (Path(wizard.__file__).parent.parent / "docs" / "cli.md").read_text("utf-8")
EXAMPLES = {name: json.loads(body) for name, body in re.findall(r"```json (\w+)\n(.*?)```", PAGE, re.DOTALL)}


def shape(value: object) -> object:
    """Return the keys of an object, and of those in it whose keys are ours."""
    if not isinstance(value, dict):
        return type(value).__name__
    inner = {"facts", "endpoints", "answers", "partner"}
    return {key: "…" if key in inner else shape(one) for key, one in value.items()}


def test_each_example_has_the_shape_of_the_real_thing(
    koble: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked = koble("connect", "fiken", "--practice", "--json", given=good("fiken")).events
    refused = koble("connect", "fiken", "--json", given={"answers": {"token": ""}}).last
    systems = koble("systems", "--json").events
    pulse = koble("systems", "--pulse", "--practice", "--json").events[1]
    real = {
        "finding": walked[0],
        "receipt": walked[-1],
        "refused": refused,
        "explained": koble("explain", "TX-SIGNIN-4X49", "--json", "--language", "en").last,
        "report": {**koble("report", "--json").last, "report": {}},
        "system": systems[0],
        "pulse": pulse,
    }
    for name, event in real.items():
        assert shape(EXAMPLES[name]) == shape(event), name
    assert EXAMPLES["system"] == systems[0]
    assert EXAMPLES["explained"]["what"] == real["explained"]["what"]
    assert EXAMPLES["bug"]["spoken"] == spell_bug()
    assert EXAMPLES["refused"]["spoken"] == spell(errors.KeyRefused(), built_in().providers["fiken"])
    assert EXAMPLES["explained"]["guide"] == real["explained"]["guide"]
    assert EXAMPLES["input"].keys() == cli._KEYS.keys()
    monkeypatch.setattr("wizard.cli.built_in", lambda: 1 / 0)
    assert shape(koble("systems", "--json").last) == shape(EXAMPLES["bug"])


@pytest.mark.real_keychain
def test_the_examples_of_what_is_stored_too(
    keychain_bus: str, koble: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug, provider = next((slug, one) for slug, one in built_in().providers.items() if one.partner_keys)
    name = f"{slug}.production.{provider.partner_keys[0].name}"
    partner = practice_of(provider).good["partner"]
    assert isinstance(partner, dict)
    value = str(partner[provider.partner_keys[0].name]).encode()
    assert shape(koble("partner", "set", name, "--json", given=value).last) == shape(EXAMPLES["stored"])
    assert shape(koble("partner", "list", "--json").last) == shape(EXAMPLES["partner_key"])
    assert koble("partner", "forget", name, "--json").last == {"event": "forgotten", "name": name}


def test_the_shape_of_a_stored_connection(koble: Command, tmp_path: Path) -> None:
    from tests.core.helpers import Small, company, store_in  # a connection without a keychain
    from wizard.core.connect import Proof

    one = company("one", "313000028")
    store = store_in(tmp_path)
    cli.run(lambda: store.keep(Proof(order=Small().order(), companies=(one,), chosen=(one,))))
    (row,) = cli._rows(store)
    assert (row["contact"], row["expires"], row["options"], row["consent"]) == ("", "", {}, {})
    assert shape({"event": "connection", **row}) == shape(EXAMPLES["connection"])


def test_the_examples_of_the_exchange(koble: Command, tmp_path: Path) -> None:
    from tests.cli.test_exchange import BANK, FIKEN, NEW, event, private_file, receive, sealed_for
    from tests.core.sealing import KEY, SIGNING

    bank, signing = tmp_path / "bank.toml", private_file(tmp_path / "signing.json", SIGNING)
    bank.write_text(BANK, "utf-8")
    ended = receive(koble, sealed_for("fiken", FIKEN), "--deliver", "cat")
    made = koble("seal", "fiken", "--practice", "--preset", str(bank), "--out", str(tmp_path), "--json").last
    started = koble(
        "start-file", "new", "--sign-key", signing, "--out", str(tmp_path / "start"), "--json", *NEW
    )
    shown = koble("keys", "public", private_file(tmp_path / "private.json", KEY), "--json").last
    real = {
        "sealed": made,
        "item": event(ended, "item"),
        "reply": event(ended, "reply"),
        "received": ended.last,
        "key": shown,
        "signed": started.last,
    }
    for name, one in real.items():
        assert shape(EXAMPLES[name]) == shape(one), name
    answered = (Path(__file__).parent / "test_exchange.py").read_text("utf-8")
    assert all(f'"{name}": ' in answered for name in EXAMPLES["answered"])


def test_the_letters_of_each_system() -> None:
    said = dict(re.findall(r"^\| `([A-Z]{2})` \| (.*?) \|$", PAGE, re.MULTILINE))
    assert said == {one.letters: one.name for one in built_in().providers.values()}
    assert f"`{ALPHABET}`" in PAGE


def test_each_status_and_its_codes() -> None:
    rows = re.findall(r"^\| (\d) \| .*? \| (.*?) ?\|$", PAGE, re.MULTILINE)
    said = {int(status): re.findall(r"`(\w+)`", codes) for status, codes in rows}
    assert list(said) == list(range(9))
    for status, codes in said.items():
        assert codes == [one.code for one in errors.every_error() if one.status == status]


def test_each_command_and_option_is_there() -> None:
    for name in cli._COMMANDS:
        assert f"`koble {name}" in PAGE
    options = {name for action in options_of() for name in action if name.startswith("--")}
    assert options - {"--help", "--version"} <= set(re.findall(r"--[\w-]+\w", PAGE))


def options_of() -> list[list[str]]:
    top = cli.parser("")
    parsers = [
        cli.parser(),
        top,
        *(
            one
            for action in top._actions
            if isinstance(action.choices, dict)
            for one in action.choices.values()
        ),
    ]
    return [list(action.option_strings) for one in parsers for action in one._actions]


def test_each_word_is_there() -> None:
    words = (*STAGES, *STATES, *errors.WHOSE, *TESTED, *DELIVERED, *WAITING_FOR)
    for word in (*words, "passed", "failed", "skipped"):
        assert f"`{word}`" in PAGE
