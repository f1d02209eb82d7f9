"""Visma Business: a form that is checked, kept as with the partner, and put into a letter."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.providers.helpers import walking
from wizard.core import errors
from wizard.core.endpoints import read_endpoints
from wizard.core.practice import Asked, Playground, endpoints_toml, practice_of
from wizard.core.preset import Preset
from wizard.core.recheck import recheck, reexamine
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, Texts
from wizard.providers.visma_business import PROVIDER
from wizard.providers.visma_business.practice import ANSWERS, vendor

if TYPE_CHECKING:
    from pathlib import Path

MORE = practice_of(PROVIDER).more
NBSP, ZERO_WIDTH = "\u00a0", "\u200b"


def given(**changes: object) -> dict[str, object]:
    return {"answers": {**ANSWERS, **changes}}


def test_the_form_is_kept_with_the_partner_and_nothing_is_sent(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(given())
        (row,) = walk.store.book().connections.values()
        kept = walk.store.book().credentials[row.credential]
    assert receipt.company == {"orgnr": "313000354", "name": "Østre Ås Møbelverksted AS", "id": ""}
    assert (receipt.tested, receipt.waiting_for) == ("not_possible_here", "partner")
    assert kept.plain == ANSWERS
    assert not walk.vault.items
    assert not walk.asked


def test_four_answers_are_enough(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        order = walk.order({"answers": MORE["only_what_is_needed"]["answers"]})
    assert order.plain.keys() == {"company", "orgnr", "contact_name", "contact_email"}
    assert order.expect == "313000362"


@pytest.mark.parametrize("name", ["company", "orgnr", "contact_name", "contact_email"])
@pytest.mark.parametrize("empty", ["", "  ", ZERO_WIDTH, None])
def test_each_of_the_four_is_needed(name: str, empty: object, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk, pytest.raises(errors.FieldInvalid) as caught:
        walk.order(given(**{name: empty}))
    assert (caught.value.fields, caught.value.facts["reason"]) == ((name,), "empty")


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("orgnr", " NO 313 000 354 MVA ", "313000354"),
        ("orgnr", f"313{NBSP}000{NBSP}354", "313000354"),
        ("company", f"Østre{NBSP}Ås\n AS{ZERO_WIDTH}", "Østre Ås AS"),
        ("company", "“Østre Ås AS”", "Østre Ås AS"),
        ("company", "Token Bearer AS", "Token Bearer AS"),
        ("company", "«Ås» og «Øs» AS", "«Ås» og «Øs» AS"),
        ("company", "(Gamle) Ås (nye)", "(Gamle) Ås (nye)"),
        ("company", "N" * 200, "N" * 200),
        ("contact_email", "mailto:kari.åsen+bank@blåbær.example", "kari.åsen+bank@blåbær.example"),
        ("contact_email", "O'Hara_1@a-b.c.museum", "O'Hara_1@a-b.c.museum"),
        ("contact_phone", "(+47) 55 00 33 44", "(+47) 55 00 33 44"),
        ("contact_phone", "02800", "02800"),
        ("contact_phone", f"+47{NBSP}55-00.33/44", "+47 55-00.33/44"),
        ("version", "16.01", "16.01"),
        ("hosting", "own_server", "own_server"),
    ],
)
def test_what_people_type(name: str, typed: str, kept: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        assert walk.order(given(**{name: typed})).plain[name] == kept


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("orgnr", "313000355", "check_digit"),
        ("orgnr", "31300035", "shape"),
        ("orgnr", "01017012345", "shape"),
        ("company", "–", "shape"),
        ("company", "N" * 201, "shape"),
        ("company", "a\x00b", "shape"),
        ("company", "a\x1bb", "shape"),
        ("contact_email", "kari", "shape"),
        ("contact_email", "kari@åsen", "shape"),
        ("contact_email", "kari@as.example, per@as.example", "shape"),
        ("contact_email", "Kari <kari@as.example>", "shape"),
        ("contact_email", "kari@as.example?bcc=x@y.example", "shape"),
        ("contact_phone", "ring meg", "shape"),
        ("contact_phone", "1234", "shape"),
        ("hosting", "cloud", "shape"),
        ("hosting", "skyen", "shape"),
    ],
)
def test_what_cannot_be_used_is_named_and_explained(
    name: str, typed: str, reason: str, tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path) as walk, pytest.raises(errors.FieldInvalid) as caught:
        walk.order(given(**{name: typed}))
    assert (caught.value.fields, caught.value.facts["reason"]) == ((name,), reason)
    for language in LANGUAGES:
        told = Texts(language=language, preset=Preset(partner="Banken")).explain(caught.value, PROVIDER)
        assert not [part for part in (told.what, told.why, told.next) if "…" in part or typed in part]


def test_a_number_that_differs_from_the_expected_one_is_not_called_malformed(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk, pytest.raises(errors.FieldInvalid) as caught:
        walk.order({**given(), "expect": "313000362"})
    said = Texts(language="en").explain(caught.value, PROVIDER)
    assert said.what == Texts(language="en").say("errors.field_invalid.plain_differs.what")


def test_the_same_company_again_is_renewed(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (first,) = walk.connect(given())
        (second,) = walk.connect(given(contact_name="Per"))
        assert len(walk.store.book().connections) == 1
    assert first.connection == second.connection


def test_testing_it_again_says_who_does_that(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        (receipt,) = walk.connect(given())
        assert anyio.run(recheck, walk.world, receipt.connection, walk.told.append) == receipt
        with pytest.raises(errors.PartnerKeyNeeded) as caught:
            anyio.run(reexamine, walk.world, receipt.connection, walk.told.append)
    assert "Visma Business" in Texts(language="en").explain(caught.value, PROVIDER).what


def test_an_endpoints_file_copes_with_a_system_without_addresses(tmp_path: Path) -> None:
    providers = built_in().providers
    with Playground(providers).open() as playground:
        text = endpoints_toml(playground.endpoints)
    file = tmp_path / "endpoints.toml"
    file.write_text(text, "utf-8")
    assert tomllib.loads(text)["visma_business"] == {"production": {}}
    assert read_endpoints(file, providers)["visma_business", "production"] == {}
    file.write_text(text.replace("[visma_business.production]", ""), "utf-8")
    assert ("visma_business", "production") not in read_endpoints(file, providers)


def test_the_imitation_knows_no_path() -> None:
    assert vendor("")(Asked(method="GET", path="/")).status == 404


def test_the_practice_answers_are_json() -> None:
    assert json.loads(json.dumps(practice_of(PROVIDER).good)) == practice_of(PROVIDER).good
