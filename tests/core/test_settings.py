"""What the owner of a connection may change: what is refused, what is kept; the key is not touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from wizard.core.errors import BadInput
from wizard.core.ledger import Book, Connection, Credential
from wizard.core.options import Option
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.settings import LONGEST, Settings, problems, settings_of, tidied, with_settings

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PROVIDERS = built_in().providers
ROW = Connection(credential="k", company={"id": "1", "name": "Fjordheim", "orgnr": None}, tested="passed")
BOOK = Book(
    credentials={"k": Credential(provider="fiken", environment="production", items={"token": "koble x"})},
    connections={"a1": ROW},
)


def wrong(**given: object) -> dict[str, str]:
    return problems(tidied(Settings(**given)), NOW.date(), PROVIDERS.values())  # type: ignore[arg-type]


def key() -> str:
    answers = practice_of(PROVIDERS["fiken"]).good["answers"]
    assert isinstance(answers, dict)
    return str(next(iter(answers.values())))


@pytest.mark.parametrize(
    "address", ["kari", "kari@", "@x.example", "a b@", "a@b", "a@@b.example", "a@b.example,c"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert wrong(contact=address) == {"contact": "address"}


@pytest.mark.parametrize(
    ("day", "reason"),
    [("i morgen", "day"), ("31.2.2027", "day"), ("2027", "day"), ("20.11.2026", "past"), ("1.1.26", "day")],
)
def test_what_is_no_day_to_come_is_refused(day: str, reason: str) -> None:
    assert wrong(expires=day) == {"expires": reason}


def test_a_key_is_refused_wherever_it_is_typed() -> None:
    half = f"{key()[:9]} {key()[9:]}"
    for given in ({"label": key()}, {"label": f"min {key()}"}, {"label": half}, {"contact": key()}):
        assert wrong(**given) == dict.fromkeys(given, "key")
    assert wrong(options={"product": key()}) == {"option.product": "key"}
    assert wrong(options={"label": key()}, label="Hoved") == {"option.label": "key"}, "a name of its own"


START = Option(name="start", kind="date", label={"nb": "Fra", "en": "From"}, required=True)
PRODUCT = Option(name="product_25", kind="product", label={"nb": "Nummer", "en": "Number"})


@pytest.mark.parametrize(
    ("before", "typed", "kept", "reasons"),
    [
        ({}, {"start": "31.3.2026", "product_25": ""}, {"start": "2026-03-31"}, {}),
        ({}, {"start": "", "product_25": ""}, {}, {}),
        ({}, {"start": "", "product_25": "25"}, {"product_25": "25"}, {"option.start": "needed"}),
        ({"start": "2026-01-01"}, {"start": "", "product_25": ""}, {}, {"option.start": "needed"}),
        ({}, {"start": "i vår"}, {"start": "i vår"}, {"option.start": "date"}),
        ({"gone": "7"}, {"gone": "7", "start": ""}, {"gone": "7"}, {}),
    ],
)
def test_answers_to_the_partner_are_looked_at_as_where_they_are_first_asked(
    before: dict[str, str], typed: dict[str, str], kept: dict[str, str], reasons: dict[str, str]
) -> None:
    asked = (START, PRODUCT)
    given = tidied(Settings(options=typed), asked)
    assert given.options == kept
    known = Settings(options=before)
    assert problems(given, NOW.date(), PROVIDERS.values(), asked, known) == reasons


def test_an_answer_that_is_kept_already_and_no_longer_asked_for_stands_in_nobodys_way() -> None:
    known = Settings(options={"old": key()})
    assert problems(known, NOW.date(), PROVIDERS.values(), (START,), known) == {}


def test_good_ones_are_taken_as_people_write_them() -> None:
    given = Settings(
        label=" Hoved\u200bregnskap ",
        contact=" kari@fjord.example ",
        expires="1. 2. 2027",
        options={"p": " 3 "},
    )
    kept = tidied(given)
    assert kept == Settings(
        label="Hovedregnskap", contact="kari@fjord.example", expires="2027-02-01", options={"p": "3"}
    )
    assert problems(kept, NOW.date(), PROVIDERS.values()) == {}
    assert wrong(expires="21.11.2026") == {}, "today is not over"
    assert tidied(Settings(expires="2027-02-01")).expires == "2027-02-01"
    assert len(tidied(Settings(label="x" * 200)).label) == LONGEST
    assert date.fromisoformat(kept.expires) == date(2027, 2, 1)


def test_a_change_is_noted_and_leaves_all_else_alone() -> None:
    given = Settings(label="Hoved", contact="kari@fjord.example", expires="2027-02-01", options={"p": "3"})
    after = with_settings(BOOK, "a1", given, NOW)
    row = after.connections["a1"]
    assert settings_of(row) == given
    assert row.history[-1] == {"at": "2026-11-21T09:00:00+00:00", "event": "changed"}
    back = replace(row, label="", contact="", expires="", options={}, history=())
    assert back == ROW
    assert (after.credentials, after.leaving, after.pending) == (BOOK.credentials, (), ())


def test_nothing_new_is_no_change() -> None:
    assert with_settings(BOOK, "a1", Settings(), NOW) is BOOK


def test_a_connection_that_is_gone_cannot_be_changed() -> None:
    with pytest.raises(BadInput):
        with_settings(BOOK, "b2", Settings(label="x"), NOW)
