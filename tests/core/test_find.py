"""Finding a system by name, nickname and address, and telling a key from all that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.helpers import Small
from tests.gui.imagined import providers
from wizard.core.find import fold, host_in, looks_like_key, matching, owner_of
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.texts import Texts

SYSTEMS = tuple(providers().values())
NORDIC = Texts(language="nb")
VISMA = {"fjell", "hav", "egen"}
KEYS = {
    "fiken": practice_of(built_in().providers["fiken"]).good["answers"]["token"],  # type: ignore[index]
    "tripletex": practice_of(built_in().providers["tripletex"]).good["answers"]["employee_token"],  # type: ignore[index]
    "poweroffice": practice_of(built_in().providers["poweroffice"]).good["answers"]["client_key"],  # type: ignore[index]
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"fiken", "tripletex", "poweroffice", *VISMA}),
        ("  ", {"fiken", "tripletex", "poweroffice", *VISMA}),
        ("FIK", {"fiken"}),
        ("power office", {"poweroffice"}),
        ("go power", {"poweroffice"}),
        ("vfr", {"fjell"}),
        ("asen", {"fjell"}),
        ("ÅSEN", {"fjell"}),
        ("egen server", {"egen"}),
        ("visma", VISMA),
        ("visma.example", {"fjell", "hav"}),
        ("fjell.visma.example", {"fjell"}),
        ("demo.fjell.visma.example", {"fjell"}),
        ("https://go.poweroffice.net/foo", {"poweroffice"}),
        ("https://www.fiken.no/", {"fiken"}),
        ("kari@app.fiken.no:443", {"fiken"}),
        ("https://tripletex.no/execute/menu?companyId=1", {"tripletex"}),
        ("poweroffice.ne", {"poweroffice"}),
        ("navision", set()),
        ("https://login.example.com/visma", set()),
    ],
)
def test_what_a_customer_knows_finds_her_system(query: str, found: set[str]) -> None:
    assert set(matching(query, SYSTEMS, NORDIC)) == found


def test_without_any_system_nothing_is_found() -> None:
    assert matching("fiken.no", (), NORDIC) == ()


def test_a_system_without_nicknames_is_found_by_its_name() -> None:
    assert matching("small", [Small().provider()], NORDIC) == ("small",)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(query: str) -> None:
    matching(query, SYSTEMS, NORDIC)
    looks_like_key(query, SYSTEMS)


def test_small_letters_without_accents() -> None:
    assert fold("  Ærlig \n ØST Åsen É ") == "aerlig ost asen e"


def test_hosts() -> None:
    assert host_in(" HTTPS://kari@WWW.Fiken.no:443/x?y#z ") == "fiken.no"
    for text in ("", "fiken", "73195.12", "http://", "a b.no", "x@y"):
        assert host_in(text) == "", text


@pytest.mark.parametrize("slug", KEYS)
@pytest.mark.parametrize("dress", ["{}", " {}\n", "Bearer {}", "“{}”"])
def test_a_key_is_known_and_so_is_whose_it_is(slug: str, dress: str) -> None:
    pasted = dress.format(KEYS[slug])
    assert looks_like_key(pasted, SYSTEMS)
    assert owner_of(pasted, SYSTEMS) == slug


def test_a_key_for_a_test_environment_is_known_too() -> None:
    answers = practice_of(built_in().providers["tripletex"]).more["test"]["answers"]
    assert owner_of(answers["employee_token"], SYSTEMS) == "tripletex"  # type: ignore[index]


def test_a_key_of_nobody_known_is_a_key_all_the_same() -> None:
    for key in ("sk_live_51Habcdefghijklmnop", "a1" * 10, "9f86d081-8c7e-4d2b_b9f0-1c2d3e4f5a6b"):
        assert looks_like_key(key, SYSTEMS), key
        assert owner_of(key, SYSTEMS) == "", key


def test_a_form_that_two_systems_share_names_neither() -> None:
    fiken = built_in().providers["fiken"]
    assert owner_of(KEYS["fiken"], (fiken, fiken)) == ""
    assert looks_like_key(KEYS["fiken"], (fiken, fiken))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fiken",
        "regnskapsprogrammetvårt",
        "Visma Business NXT 2024 lokal",
        "https://app.fiken.no/foretak/fjordheim-regnskap-as/1234567",
        "go.poweroffice.net/5c8a2e1b-1111",
        "12345678901234567890123",
    ],
)
def test_what_one_looks_for_is_no_key(text: str) -> None:
    assert not looks_like_key(text, SYSTEMS)
