"""Consent from the command line: asked for where the preset asks, kept, and carried to the bank."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.helpers import Command, good
from tests.cli.test_exchange import private_file
from tests.core.sealing import KEY
from wizard.core.handover import open_sealed
from wizard.core.keys import as_toml
from wizard.core.preset_files import open_preset

if TYPE_CHECKING:
    from pathlib import Path

ASKED = ("--preset", "demo", "--practice", "--json")


def wish(**consent: Any) -> dict[str, object]:
    return {**good("fiken"), "consent": consent}


def test_what_was_agreed_to_is_in_the_receipt(koble: Command) -> None:
    ended = koble("connect", "fiken", *ASKED, given=wish(text="demo-1", name="Kari Nordmann"))
    consent = ended.last["consent"]
    assert isinstance(consent, dict)
    assert (ended.status, consent["text"], consent["name"]) == (0, "demo-1", "Kari Nordmann")
    assert consent["at"].startswith("2")


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (good("fiken"), "consent_missing"),
        (wish(text="demo-0"), "consent_version"),
        (wish(text="demo-1", place="Bergen"), "unknown_key"),
        ({**good("fiken"), "consent": "yes"}, "wrong_kind"),
    ],
)
def test_without_it_nothing_is_begun(
    koble: Command, given: dict[str, object], reason: str, language: str
) -> None:
    ended = koble("connect", "fiken", *ASKED, "--language", language, given=given)
    assert ended.last["event"] == "refused"
    assert (ended.last["fields"], ended.last["facts"]["reason"]) == (  # type: ignore[index]
        ["place" if reason == "unknown_key" else "consent"], reason,
    )  # fmt: skip
    assert not [one for one in ended.events if one["event"] == "finding"]
    assert "…" not in str(ended.last["message"]) + str(ended.last["next"])


def test_where_none_is_asked_none_is_taken(koble: Command) -> None:
    ended = koble("connect", "fiken", "--practice", "--json", given=wish(text="1"))
    assert ended.last["facts"] == {"reason": "consent_unasked"}


def test_it_goes_along_with_what_is_handed_over(koble: Command, tmp_path: Path) -> None:
    bank = tmp_path / "bank.toml"
    bank.write_text(f'extends = "demo"\n[handover]\nkeys = [{as_toml(KEY)}]', "utf-8")
    file = tmp_path / "out.koble"
    ended = koble("seal", "fiken", "--practice", "--preset", str(bank), "--out", str(file))
    assert ended.status == 0
    opened = open_sealed(file.read_text("utf-8"), {KEY["kid"]: KEY})
    assert opened.consent["text"] == "demo-1"
    assert opened.consent["at"]
    key = private_file(tmp_path / "private.json", KEY)
    got = ("--deliver", f"tee {tmp_path / 'got.json'}", "--preset", str(bank), "--json")
    received = koble("receive", str(file), "--key", key, "--practice", *got)
    assert received.status == 0, "it is not asked for again at the bank's end"
    delivered = json.loads((tmp_path / "got.json").read_text("utf-8"))
    assert delivered["consent"] == opened.consent


def options(**given: object) -> dict[str, object]:
    """Return a wish for PowerOffice, of which the demo bank asks something."""
    return {**good("poweroffice"), "consent": {"text": "demo-1"}, "options": given}


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (options(product_25="25"), "option_needed"),
        (options(start="soon"), "option_date"),
        (options(start="2026-03-31", product_25="a b"), "option_product"),
        (options(start="2026-03-31", colour="red"), "unknown_key"),
        ({**options(), "options": "none"}, "wrong_kind"),
    ],
)
def test_an_answer_that_is_wrong_begins_nothing(
    koble: Command, given: dict[str, object], reason: str, language: str
) -> None:
    ended = koble("connect", "poweroffice", *ASKED, "--language", language, given=given)
    assert (ended.last["event"], ended.last["facts"]["reason"]) == ("refused", reason)  # type: ignore[index]
    assert not [one for one in ended.events if one["event"] == "finding"]
    assert "…" not in str(ended.last["message"]) + str(ended.last["next"])


def test_answers_go_along_and_nobody_is_asked_where_the_preset_asks_nothing(koble: Command) -> None:
    taken = koble("connect", "poweroffice", *ASKED, given=options(start="31.03.2026", product_25="25"))
    assert (taken.status, taken.last["event"]) == (0, "receipt")
    none = {**good("fiken"), "consent": {"text": "demo-1"}, "options": {"start": "2026-03-31"}}
    ended = koble("connect", "fiken", *ASKED, given=none)
    assert ended.last["facts"] == {"reason": "option_unasked"}


def test_words_say_what_is_left_to_do(koble: Command) -> None:
    given = {**good("tripletex"), "consent": {"text": "demo-1"}}
    ended = koble("connect", "tripletex", "--preset", "demo", "--practice", given=given)
    after = open_preset("demo", practice=True).after_text("tripletex", "en")
    assert after
    assert after in ended.out or open_preset("demo", practice=True).after_text("tripletex", "nb") in ended.out


def test_only_what_the_preset_offers_is_listed_in_its_order(koble: Command) -> None:
    listed = [one["system"] for one in koble("systems", "--preset", "escali", "--json").events]
    assert listed == list(open_preset("escali", practice=True).offer)


def test_a_name_that_is_no_preset_is_a_file(koble: Command) -> None:
    ended = koble("systems", "--preset", "nobody", "--json")
    assert ended.last["facts"] == {"reason": "preset_unreadable", "file": "nobody"}


def test_a_closed_system_is_refused_with_whom_to_ask(koble: Command, tmp_path: Path) -> None:
    bank = tmp_path / "bank.toml"
    bank.write_text('extends = "escali"\n[fiken]\npersonal_token = "closed"', "utf-8")
    ended = koble(
        "connect",
        "fiken",
        "--preset",
        str(bank),
        "--practice",
        "--json",
        "--language",
        "en",
        given=good("fiken"),
    )
    assert ended.last["code"] == "method_closed"
    assert "support.nordnet@stacc.com" in str(ended.last["next"])
    assert "SAF-T" in str(ended.last["next"])
