"""Options: typed questions of a partner's, and answers that are kept in the list of connections."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.core.errors import BadInput
from wizard.core.ledger import Book, Connection
from wizard.core.options import MOST, Option, answered, options_in, with_options

SAID = {"nb": "Fra", "en": "From"}
ROW: dict[str, Any] = {"name": "start", "kind": "date", "label": SAID}


def option(kind: str, *, required: bool = False) -> Option:
    return Option(name="x", kind=kind, label=SAID, required=required)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", " 31.03.2026 ", "2026-03-31"),
        ("date", "2026-03-31", "2026-03-31"),
        ("date", "31.02.2026", ""),
        ("date", "i går", ""),
        ("number", "007", "007"),
        ("number", "1,5", ""),
        ("number", "-1", ""),
        ("number", "١٢", ""),
        ("product", "A-25/1.b", "A-25/1.b"),
        ("product", "1 2", ""),
        ("product", "é", ""),
        ("product", "x" * 41, ""),
    ],
)
def test_an_answer_is_of_its_kind(kind: str, text: str, value: str) -> None:
    assert option(kind).value(text) == value
    assert option(kind).problem(text) == ("" if value else kind)


def test_only_what_is_required_is_needed() -> None:
    assert option("date", required=True).problem("  ") == "needed"
    assert option("date").problem("") == ""


def test_a_preset_asks_by_system() -> None:
    (one,) = options_in({"fiken": [{**ROW, "help": SAID, "required": True}]})["fiken"]
    assert (one.name, one.kind, one.required, one.help) == ("start", "date", True, SAID)
    assert options_in({}) == {}


@pytest.mark.parametrize(
    ("rows", "reason", "name"),
    [
        ([{**ROW, "kind": "colour"}], "preset_pick", "options.fiken.1.kind"),
        ([{**ROW, "name": "Start"}], "preset_wrong_type", "options.fiken.1.name"),
        ([{**ROW, "required": 1}], "preset_wrong_type", "options.fiken.1.required"),
        ([{"name": "a", "kind": "date"}], "preset_missing", "options.fiken.1.label"),
        ([ROW, {**ROW, "label": {"nb": "Fra"}}], "preset_language", "options.fiken.2.label.en"),
        ([{**ROW, "label": {"nb": "x" * 81, "en": "y"}}], "preset_too_long", "options.fiken.1.label.nb"),
        ([{**ROW, "default": "x"}], "preset_unknown_key", "options.fiken.1.default"),
        ([ROW, ROW], "preset_options", "options.fiken"),
        ([{**ROW, "name": f"a{at}"} for at in range(MOST + 1)], "preset_options", "options.fiken"),
        ({}, "preset_wrong_type", "options.fiken"),
        (["x"], "preset_wrong_type", "options.fiken.1"),
    ],
)
def test_a_question_that_cannot_be_asked_is_named(rows: object, reason: str, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        options_in({"fiken": rows})
    assert (caught.value.facts["reason"], caught.value.facts["name"]) == (reason, name)


ASKED = options_in(
    {
        "fiken": [
            {**ROW, "required": True},
            {"name": "most", "kind": "number", "label": SAID},
            {"name": "product_25", "kind": "product", "label": SAID},
        ]
    }
)["fiken"]


def test_answers_that_come_with_the_wish_are_kept_as_those_that_are_typed() -> None:
    given = {"start": "31.03.2026", "most": "", "product_25": " A-25 "}
    assert answered(ASKED, given) == {"start": "2026-03-31", "product_25": "A-25"}
    assert answered(ASKED, {}) == answered((), {}) == {}


@pytest.mark.parametrize(
    ("given", "reason", "fields"),
    [
        ({"product_25": "1"}, "option_needed", ("options",)),
        ({"start": ""}, "option_needed", ("options",)),
        ({"start": "soon"}, "option_date", ("options",)),
        ({"start": 20260331}, "option_date", ("options",)),
        ({"start": "2026-03-31", "most": "1,5"}, "option_number", ("options",)),
        ({"start": "2026-03-31", "most": None}, "option_number", ("options",)),
        ({"start": "2026-03-31", "product_25": "a b"}, "option_product", ("options",)),
        ({"start": "2026-03-31", "colour": "red"}, "unknown_key", ("colour",)),
        ({"start": "2026-03-31", "A KEY!": "red"}, "unknown_key", ()),
    ],
)
def test_an_answer_that_is_wrong_or_was_not_asked_for_is_refused(
    given: dict[str, object], reason: str, fields: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as caught:
        answered(ASKED, given)
    assert (caught.value.facts["reason"], caught.value.fields) == (reason, fields)


def test_where_nothing_is_asked_no_answer_is_taken() -> None:
    with pytest.raises(BadInput) as caught:
        answered((), {"start": "2026-03-31"})
    assert caught.value.facts["reason"] == "option_unasked"


def test_answers_are_kept_with_the_connections_that_are_there() -> None:
    row = Connection(credential="c", company={}, tested="passed")
    book = with_options(Book(connections={"a": row, "b": row}), ["a", "gone"], {"x": "1"}, "2026")
    assert book.connections["a"].options == {"x": "1"}
    assert book.connections["a"].history[-1]["event"] == "options"
    assert book.connections["b"] is row
    assert set(book.connections) == {"a", "b"}
