"""Set-ups that were handed on: what is remembered, what else lies in the file, and the letter's lines."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.core.errors import BadInput
from wizard.core.handed_on import (
    LARGEST,
    MOST,
    Task,
    lines,
    load,
    place,
    save,
    save_beside,
    with_task,
    without,
)
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from pathlib import Path

TASK = Task(system="fiken", since="2026-11-20T08:15:00+00:00", reference="kunde-7", expect="313000028")
OTHER = Task(system="tripletex", since="2026-11-21T08:15:00+00:00", reference="kunde-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "koble" / "handed-on.json"


def written(file: Path, *rows: object, **more: object) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"form": 1, "tasks": rows, **more}), "utf-8")
    return file


def test_what_was_handed_on_is_found_again(file: Path) -> None:
    assert load(file) == ()
    save(file, (TASK, OTHER))
    assert load(file) == (TASK, OTHER)
    assert file.name == place().name
    save(file, ())
    assert not file.exists()


def test_only_its_owner_may_read_it(file: Path) -> None:
    save(file, (TASK,))
    if sys.platform != "win32" and os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_newest_comes_first_and_each_reference_once() -> None:
    later = replace(TASK, since="2026-11-22T08:15:00+00:00")
    assert with_task((OTHER, TASK), later) == (later, OTHER)
    assert without((OTHER, TASK), "kunde-7") == (OTHER,)
    many = tuple(replace(TASK, reference=str(at)) for at in range(MOST))
    assert with_task(many, OTHER) == (OTHER, *many[:-1])


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": "../x"},
        {"since": "yesterday"},
        {"since": "2026-11-20T08:15:00"},
        {"reference": "<b>"},
        {"reference": "å"},
        {"expect": "313000029"},
        {"expect": 313000028},
        {"token": "a secret"},
    ],
    ids=str,
)
def test_what_has_another_form_is_none(file: Path, wrong: dict[str, object]) -> None:
    assert load(written(file, asdict(TASK))) == (TASK,)
    assert load(written(file, asdict(TASK), {**asdict(OTHER), **wrong})) == ()


def test_another_form_too_much_or_no_file_is_none(file: Path) -> None:
    assert load(written(file, asdict(TASK), form=2)) == ()
    assert load(written(file, *[asdict(TASK)] * 300)) == ()
    assert file.stat().st_size > LARGEST
    file.unlink()
    file.mkdir()
    assert load(file) == ()


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=200))
def test_anything_else_is_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_bytes(data)
    assert load(file) == ()


def test_a_file_beside_takes_nobodys_place(tmp_path: Path) -> None:
    guide = tmp_path / "guide.html"
    assert save_beside(guide, "fiken.koble-start", "one") == "fiken.koble-start"
    assert save_beside(guide, "fiken.koble-start", "one") == "fiken.koble-start"
    assert save_beside(guide, "fiken.koble-start", "two") == "fiken-2.koble-start"
    (tmp_path / "fiken-3.koble-start").write_bytes(b"\xff")
    assert save_beside(guide, "fiken.koble-start", "three") == "fiken-4.koble-start"
    assert (tmp_path / "fiken.koble-start").read_text("utf-8") == "one"
    with pytest.raises(BadInput):
        save_beside(tmp_path / "none" / "guide.html", "fiken.koble-start", "one")


def test_where_every_name_is_taken_it_says_so(tmp_path: Path) -> None:
    for number in range(MOST):
        (tmp_path / ("f.koble-start" if number < 2 else f"f-{number}.koble-start")).write_text("x", "utf-8")
    with pytest.raises(BadInput) as caught:
        save_beside(tmp_path / "guide.html", "f.koble-start", "mine")
    assert caught.value.facts["file"] == "f.koble-start"


def test_the_letter_says_how_to_get_the_program_and_what_the_start_file_is() -> None:
    fiken, bank = built_in().providers["fiken"], Preset(partner="Fjordbanken")
    (only,) = lines(Texts(language="en", preset=bank), fiken)
    assert only == "If you do not have Koble, Fjordbanken will give it to you."
    knows = replace(bank, program="https://bank.example/koble")
    program, start, straight = lines(Texts(language="nb", preset=knows), fiken, until="28. november 2026")
    assert program.endswith("https://bank.example/koble")
    assert "28. november 2026" in start
    assert "«Jeg har fått en startfil»" in start
    assert "rett til Fjordbanken" in straight
