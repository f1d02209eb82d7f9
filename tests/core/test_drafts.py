"""Half-done set-ups: what is kept, what never is, for how long, and whatever else lies in the file."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.core.drafts import LARGEST, Draft, drop, harmless, load, place, save, worth_keeping
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

PROVIDERS = built_in().providers
TODAY = date(2026, 11, 21)
DRAFT = Draft(
    system="xledger",
    day="2026-11-20",
    page="key",
    method="partner_user",
    environment="production",
    expect="313000028",
    label="Hovedregnskapet",
    step="entity_id",
    ticks=("xledger.ask_partner.web_service",),
    plain={"entity_id": "4711"},
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "koble" / "half-done.json"


def found(file: Path, today: date = TODAY) -> Draft | None:
    return load(file, today, PROVIDERS)


def written(file: Path, **more: object) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"form": 1, **asdict(DRAFT), **more}), "utf-8")
    return file


def test_what_was_kept_is_found_again(file: Path) -> None:
    save(file, DRAFT)
    assert found(file) == DRAFT
    drop(file)
    assert found(file) is None
    drop(file)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_read_it(file: Path) -> None:
    before = os.umask(0)
    try:
        save(file, DRAFT)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_it_is_kept_for_thirty_days_and_then_removed(file: Path) -> None:
    save(file, replace(DRAFT, day="2026-10-22"))
    assert found(file)
    assert found(file, date(2026, 11, 22)) is None
    assert not file.exists()


@pytest.mark.parametrize("day", ["2026-11-23", "soon", ""])
def test_a_day_that_cannot_be_is_too_old(file: Path, day: str) -> None:
    assert found(written(file, day=day)) is None
    assert not file.exists()


def test_picking_a_system_is_not_worth_keeping() -> None:
    assert not worth_keeping(Draft(system="fiken", day="2026-11-20"))
    assert worth_keeping(Draft(system="fiken", day="2026-11-20", label="x"))
    assert worth_keeping(Draft(system="fiken", day="2026-11-20", page="key"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"form": 2}',
        b'{"form": 1}',
        b'{"form": 1, "system": 3, "day": "x"}',
        b"[" * 9999,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_a_file_that_is_no_draft_is_left_alone(file: Path, data: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    assert found(file) is None


def test_a_huge_file_is_not_read_into_a_draft(file: Path) -> None:
    assert found(written(file, label="x" * LARGEST)) is None


def test_a_system_that_is_not_here_is_not_offered_and_is_kept(file: Path) -> None:
    assert found(written(file, system="navision")) is None
    assert file.exists()


def test_what_the_system_no_longer_has_is_left_out(file: Path) -> None:
    odd = {"method": "fax", "environment": "moon", "page": "done", "ticks": "x", "plain": [1], "label": 7}
    kept = found(written(file, **odd))
    assert kept
    assert (kept.method, kept.environment, kept.page, kept.ticks, kept.plain) == ("", "", "key", (), {})
    assert kept.label == ""
    assert kept.expect == DRAFT.expect


def test_the_start_file_is_kept_as_it_came_and_only_as_text(file: Path) -> None:
    text = "eyJhbGciOiJFZERTQSJ9.e30.c2ln\n"
    save(file, harmless(replace(DRAFT, start=text), PROVIDERS["xledger"], PROVIDERS.values()))
    draft = found(file)
    assert draft
    assert draft.start == text
    for wrong in (7, None, ["x"]):
        draft = found(written(file, start=wrong))
        assert draft
        assert draft.start == ""
    key = Secret("eyJhbGciOiJFZERTQSJ9")
    assert harmless(replace(DRAFT, start=text), PROVIDERS["xledger"], PROVIDERS.values()).start == ""
    del key


def test_marks_that_turn_text_round_are_gone(file: Path) -> None:
    kept = found(written(file, label="Hoved\u202eregn\u0000skap", ticks=["a", 3], plain={"entity_id": 4}))
    assert kept
    assert kept.label == "Hovedregnskap"
    assert (kept.ticks, kept.plain) == (("a",), {})


# Never a key


def secrets_of(slug: str) -> list[str]:
    answers = practice_of(PROVIDERS[slug]).good["answers"]
    assert isinstance(answers, dict)
    names = {one.name for one in PROVIDERS[slug].every_field if one.secret and not one.text}
    return [str(value) for name, value in answers.items() if name in names]


CANARIES = [(slug, key) for slug in sorted(PROVIDERS) for key in secrets_of(slug)]


@pytest.mark.parametrize(("slug", "key"), CANARIES, ids=[slug for slug, _ in CANARIES])
def test_no_key_of_any_system_is_kept_wherever_it_was_typed(file: Path, slug: str, key: str) -> None:
    for typed in (
        {"label": key},
        {"label": f"Min nøkkel {key}"},
        {"label": f"{key[:9]} {key[9:]}"},
        {"expect": key},
        {"plain": {"entity_id": key, slug: key}},
    ):
        save(file, harmless(replace(DRAFT, **typed), PROVIDERS["xledger"], PROVIDERS.values()))
        said = file.read_text("utf-8")
        assert key not in said
        assert key[9:] not in said


def test_there_are_keys_to_look_for() -> None:
    assert len(CANARIES) >= 4


def test_the_answers_of_secret_fields_are_not_kept_even_where_they_look_like_nothing() -> None:
    draft = replace(DRAFT, plain={"password": "sommer", "username": "kari@fjordheim.example", "token": "abc"})
    kept = harmless(draft, PROVIDERS["xledger"], PROVIDERS.values())
    secret = {one.name for one in PROVIDERS["xledger"].every_field if one.secret}
    assert secret
    assert not secret.intersection(kept.plain)


def test_a_short_password_that_is_at_hand_is_not_kept_as_a_name() -> None:
    held = Secret("sommer-2026")
    kept = harmless(replace(DRAFT, label="sommer-2026"), PROVIDERS["xledger"], PROVIDERS.values())
    assert kept.label == ""
    assert isinstance(held, Secret)


def test_a_draft_written_by_somebody_else_brings_no_key_either(file: Path) -> None:
    (key,) = secrets_of("fiken")
    kept = found(written(file, label=key, expect="12345678901", plain={"entity_id": key}))
    assert kept
    assert (kept.label, kept.expect, kept.plain) == ("", "", {})


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda one: (
            st.lists(one, max_size=3)
            | st.dictionaries(
                st.sampled_from(["system", "day", "plain", "ticks", "page", "x"]), one, max_size=4
            )
        ),
        max_leaves=9,
    )
)
def test_nothing_in_the_file_can_make_it_fail(tmp_path_factory: pytest.TempPathFactory, body: object) -> None:
    file = tmp_path_factory.mktemp("drafts") / "half-done.json"
    more = body if isinstance(body, dict) else {"label": body}
    assert found(written(file, **more)) is None or file.exists()


def test_it_goes_with_all_else_and_practice_leaves_it_alone() -> None:
    from wizard import cli

    save(place(), DRAFT)
    assert cli.main(("forget", "--all", "--yes", "--practice")) == 0
    assert place().exists()
    assert cli.main(("forget", "--all", "--yes")) == 0
    assert not place().exists()
