"""Notes of steps that look different: words are kept, and a key never is."""

from __future__ import annotations

import pytest

from wizard.core.notes import HIDDEN, LONGEST, MOST, StepNote, kept, with_note, without_keys
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.secret import Secret

PROVIDERS = built_in().providers
KEYS = {
    f"{slug} {name} {which}": str(value)
    for slug, provider in PROVIDERS.items()
    for which, given in {"good": practice_of(provider).good, **practice_of(provider).more}.items()
    for name, value in dict(given["answers"]).items()  # type: ignore[call-overload]
    if any(one.name == name and one.secret and not one.text for one in provider.every_field)
}
WORDS = (
    "Knappen heter Ny nøkkel, ikke Legg til.",
    "Står på steg 3.2, kode TX-SIGNIN-3F7K.",
    "Siden go.poweroffice.net/settings/extensions2 er tom, versjon 18.10.0.",
    "Org.nr. 313 000 354, feltet «Klientnøkkel» mangler.",
    "",
)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_in_a_note_is_hidden_however_it_stands_there(name: str) -> None:
    key = KEYS[name]
    for text in (key, f"Se her: {key}.", f"nøkkel={key}", f"«{key}»,", f"Bearer {key}", f"a\n{key}\nb"):
        said = kept(text, PROVIDERS.values())
        assert key not in said
        assert HIDDEN in said


def test_a_short_key_is_known_by_its_systems_form_and_a_sum_of_money_is_none() -> None:
    assert kept("den er 12345.abcDEF90 her", PROVIDERS.values()) == f"den er {HIDDEN} her"
    assert kept("modulen koster 1500.00 nå", PROVIDERS.values()) == "modulen koster 1500.00 nå"


@pytest.mark.parametrize("text", WORDS)
def test_words_are_kept_as_they_are(text: str) -> None:
    assert without_keys(text, PROVIDERS.values()) == text
    assert kept(text, PROVIDERS.values()) == text


def test_a_password_that_is_named_or_typed_elsewhere_is_hidden() -> None:
    typed = Secret("blåbær på tur")
    assert "blåbær" not in kept("jeg skrev blåbær på tur der", PROVIDERS.values())
    assert typed is not None
    assert "sommer" not in kept("passord: sommer", PROVIDERS.values())


def test_a_note_stands_on_one_line_and_is_not_too_long() -> None:
    assert kept("a\r\n\u202eb\tc", PROVIDERS.values()) == "a b c"
    assert len(kept("ord " * 500, PROVIDERS.values())) == LONGEST


def test_the_latest_notes_are_kept() -> None:
    notes: tuple[StepNote, ...] = ()
    for at in range(MOST + 3):
        notes = with_note(notes, StepNote(system="fiken", number="3.2", step="x", at="", text=str(at)))
    assert [one.text for one in notes] == [str(at) for at in range(3, MOST + 3)]
