"""Codes that are read aloud: stable, unmistakable, and explained without a network in both languages."""

from __future__ import annotations

import hashlib
import os
import re
import string
from dataclasses import replace
from itertools import pairwise, product

import pytest

from tests.core.helpers import Small
from tests.sentences import load
from wizard.core import errors, paths
from wizard.core.causes import CAUSES
from wizard.core.explained import explained
from wizard.core.preset import Preset
from wizard.core.provider import STAGES, Provider
from wizard.core.registry import built_in
from wizard.core.spoken import (
    ALPHABET,
    NOBODY,
    PLUG_INS,
    SPACE,
    WORDS,
    _spelt,
    cause_of,
    letters_of,
    spell,
    spell_bug,
    understand,
)
from wizard.core.texts import LANGUAGES, Texts, folder

PROVIDERS = built_in().providers
EVERY = tuple(PROVIDERS.values())
TYPED = string.ascii_uppercase + string.digits
BUILT_IN = (*(letters_of(one) for one in EVERY), NOBODY)
DERIVED = tuple("".join(pair) for pair in product(PLUG_INS, ALPHABET[4:]))
SETTLED = (148, "46127dd9e2f52564")
"""How many causes have been given out, and the digest of those: what they were must never change."""


def read(typed: str) -> str:
    """Return what a code is taken for, or the reason for which it is refused."""
    try:
        return understand(typed, EVERY).code
    except errors.BadInput as error:
        return str(error.facts["reason"])


def test_what_was_given_out_stays_as_it_was() -> None:
    count, digest = SETTLED
    assert hashlib.sha256(" ".join(CAUSES[:count]).encode()).hexdigest()[:16] == digest
    assert len(set(CAUSES)) == len(CAUSES) < SPACE


def named_in_sentences() -> set[str]:
    """Return every cause that some sentence is about; those of single rights are told as their code's."""
    files = [paths.translations() / "en.toml", *(folder(one.package) / "texts.en.toml" for one in EVERY)]
    keys = [key.split(".")[1:-1] for file in files for key in load(file) if key.startswith("errors.")]
    return {".".join(key) for key in keys if key[-1] != "right"}


def test_every_error_and_every_reason_that_has_a_sentence_has_a_number() -> None:
    absent = ({one.code for one in errors.every_error()} | named_in_sentences()) - set(CAUSES)
    assert not absent, f"append to wizard/core/causes.py: {' '.join(sorted(absent))}"


def test_every_system_and_stage_has_its_own_letters_and_word() -> None:
    assert len(set(BUILT_IN)) == len(BUILT_IN)
    assert all(len(one) == 2 and one.isalpha() and one.isupper() for one in BUILT_IN)
    assert all(one.letters and one.letters[0] not in PLUG_INS for one in EVERY)
    assert WORDS.keys() == {*STAGES, "store", ""}
    assert len(set(WORDS.values())) == len(WORDS) <= len(ALPHABET)


def test_a_plug_in_gets_letters_that_follow_from_its_name() -> None:
    made = [replace(Small().provider(), slug=f"plug_{at}") for at in range(60)]
    assert {letters_of(one) for one in made} <= set(DERIVED)
    assert len({letters_of(one) for one in made}) > 20
    code = spell(errors.KeyRefused(), made[0])
    assert understand(code, made).provider is made[0]
    assert understand(code, EVERY).elsewhere
    assert "not known here" in explained(understand(code, EVERY), Texts(language="en")).note


def test_no_character_looks_or_sounds_like_another() -> None:
    looks = ("0OQD", "1IL7", "2Z", "5S", "6G", "8B", "UVWY", "HN")
    sounds = ("BCDEGPTV", "HK", "MN", "FS", "X6", "AH", "UQ", "IY", "JY")
    for group in (*looks, *sounds):
        assert len(set(group) & set(ALPHABET)) <= 1, group


# Every wrong character and every swap


def samples() -> list[str]:
    """Return a code of every cause, with every stage and every letters among them; all of them if asked."""
    every = os.environ.get("KOBLE_LONG") == "1"
    pairs, stages = (*BUILT_IN, *DERIVED), tuple(WORDS)
    if every:
        return [_spelt(*one) for one in product(BUILT_IN, stages, range(len(CAUSES)))]
    count = range(max(len(CAUSES), len(pairs) * 2))
    return [_spelt(pairs[at % len(pairs)], stages[at % 12], at % len(CAUSES)) for at in count]


@pytest.mark.no_cover
def test_any_single_wrong_character_is_noticed() -> None:
    for number, code in enumerate(samples()):
        named = 0 if number < 60 else len(code) - 4  # all letters and all words are among the first sixty
        for at, right in list(enumerate(code))[named:]:
            for mark in TYPED if right != "-" else ():
                taken = read(f"{code[:at]}{mark}{code[at + 1 :]}")
                assert taken == code or taken.startswith("spoken_"), (code, at, mark, taken)


def test_any_swap_of_neighbours_is_noticed() -> None:
    for code in samples():
        bare = code.replace("-", "")
        for at, (first, second) in enumerate(pairwise(bare)):
            if first != second:
                swapped = f"{bare[:at]}{second}{first}{bare[at + 2 :]}"
                assert read(swapped).startswith("spoken_"), (code, swapped)


def test_the_sum_alone_tells_every_wrong_character_and_swap_of_every_number() -> None:
    every = {_spelt(NOBODY, "", at)[-4:] for at in range(SPACE)}
    assert len(every) == SPACE
    for code in every:
        for at, right in enumerate(code):
            assert not any(code[:at] + mark + code[at + 1 :] in every for mark in ALPHABET if mark != right)
        for at in range(3):
            swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
            assert swapped == code or swapped not in every


def test_letters_that_one_slip_turns_into_others_are_told_apart_by_the_sum() -> None:
    valid = {*BUILT_IN, *DERIVED}
    for pair in valid:
        near = {mark + pair[1] for mark in TYPED} | {pair[0] + mark for mark in TYPED} | {pair[::-1]}
        for other in near & valid - {pair}:
            assert _spelt(pair, "tls", 7)[-4:] != _spelt(other, "tls", 7)[-4:], (pair, other)


@pytest.mark.parametrize(
    "typed",
    [
        "TX-SIGNIN-4X49",
        "tx signin 4x49",
        "txsignin4x49",
        " “Tx – sign-in – 4X 49” ",
        "tx.51gn1n.4x49",
        "TX/SIGNIN/4 6 4 9",
        "\uff34X\u2011SIGNIN\u20144X49",
    ],
)
def test_a_code_may_be_typed_as_it_is_heard(typed: str) -> None:
    meaning = understand(typed, EVERY)
    assert (meaning.code, meaning.stage, meaning.cause) == ("TX-SIGNIN-4X49", "sign_in", "key_refused")
    assert meaning.provider is PROVIDERS["tripletex"]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "spoken_empty"),
        (" – ", "spoken_empty"),
        ("TX-4X49", "spoken_short"),
        ("QQ-SIGNIN-4X49", "spoken_letters"),
        ("TX-SIGNON-4X49", "spoken_word_near"),
        ("TX-ZZZZZZ-4X49", "spoken_word"),
        ("TX-SIGNIN-4Q49", "spoken_mark"),
        ("TX-SIGNIN-4X94", "spoken_check"),
        (_spelt("TX", "tls", SPACE - 1), "spoken_newer"),
        ("X" * 4000, "spoken_letters"),
    ],
)
def test_a_wrong_code_says_what_looks_wrong(typed: str, reason: str) -> None:
    with pytest.raises(errors.BadInput) as caught:
        understand(typed, EVERY)
    assert caught.value.facts["reason"] == reason
    for language in LANGUAGES:
        said = Texts(language=language).explain(caught.value)
        assert "…" not in f"{said.what}{said.why}{said.next}"
        assert typed.upper() not in said.what.upper() or len(typed) < 2


def test_where_the_wrong_character_stands() -> None:
    with pytest.raises(errors.BadInput) as caught:
        understand("TX-SIGNIN-4Q49", EVERY)
    assert (caught.value.facts["place"], caught.value.facts["mark"]) == (2, "Q")
    with pytest.raises(errors.BadInput) as caught:
        understand("TX-SIGNON-4X49", EVERY)
    assert caught.value.facts["name"] == "SIGNIN"


# What a code means


def test_the_same_failure_has_the_same_code_and_nothing_of_the_customer_is_in_it() -> None:
    facts = {"host": "api.fiken.no", "expected": "313000028", "found": "Fjordheim AS"}
    for kind in errors.every_error():
        for provider in (None, *EVERY):
            bare, told = kind(), kind(facts, count=3)
            assert spell(bare, provider) == spell(told, provider) == spell(kind(), provider)


@pytest.mark.no_cover
@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_explained_in_the_words_that_its_own_machine_said(cause: str) -> None:
    for provider in (None, *EVERY):
        code = _spelt(letters_of(provider), "tls", CAUSES.index(cause))
        meaning = understand(code, EVERY)
        error = meaning.error()
        assert (error is None) == (cause == "bug")
        for language in LANGUAGES:
            said = explained(meaning, Texts(language=language))
            assert said.spoken == code
            assert all((said.what, said.why, said.next, said.lies_with, said.stage))
        if error:
            code = re.split(r"[.@]", cause)[0]
            assert error.code == code
            assert cause_of(error, provider).startswith(code)


def test_the_exact_sentence_comes_back() -> None:
    texts = Texts(language="en")
    told = [
        (errors.TimedOut(reason="network"), "fiken"),
        (errors.FieldInvalid(fields=("expect",), reason="needed"), "fiken"),
        (errors.FieldInvalid(fields=("orgnr",), reason="check_digit"), "visma_business"),
        (errors.WrongEnvironment(fields=("consumer_token",)), "tripletex"),
        (errors.KeychainLocked(), "xledger"),
    ]
    for error, slug in told:
        meaning = understand(spell(error, PROVIDERS[slug]), EVERY)
        assert explained(meaning, texts).what == texts.explain(error, PROVIDERS[slug]).what


def test_what_needs_a_name_of_the_other_machine_is_left_open_and_said_so() -> None:
    texts = Texts(language="en")
    said = explained(understand(spell(errors.NameNotFound(), PROVIDERS["tripletex"]), EVERY), texts)
    assert "tripletex.no" in said.what, "a system with one address has it filled in"
    open_ = explained(understand(spell(errors.WrongCompany(), PROVIDERS["fiken"]), EVERY), texts)
    assert "…" in open_.why
    assert "leaves out names" in open_.note


def test_with_whom_it_lies_is_in_the_code_where_it_is_not_as_usual() -> None:
    nxt = PROVIDERS["business_nxt"]
    usual, theirs = errors.ScopeMissing(), errors.ScopeMissing(whose="partner")
    assert spell(usual, nxt) != spell(theirs, nxt)
    assert explained(understand(spell(theirs, nxt), EVERY), Texts(language="en")).whose == "partner"


def test_the_step_of_the_guide_that_mends_it() -> None:
    texts = Texts(language="en", preset=Preset())

    def steps(error: errors.WizardError, slug: str) -> tuple[str, ...]:
        return explained(understand(spell(error, PROVIDERS[slug]), EVERY), texts).guide

    (step,) = steps(errors.KeyRefused(), "poweroffice")
    assert step.startswith("3.")
    assert len(steps(errors.KeyRefused(), "xledger")) >= 1
    assert all("(" in one for one in steps(errors.KeyRefused(), "xledger")), "which way to connect it is of"
    assert steps(errors.FieldInvalid(fields=("token",)), "fiken")
    assert steps(errors.TimedOut(), "fiken") == ()


def test_a_fault_of_ours_has_a_code_too() -> None:
    meaning = understand(spell_bug(), EVERY)
    assert (meaning.letters, meaning.cause, meaning.error()) == (NOBODY, "bug", None)
    said = explained(meaning, Texts(language="nb"))
    assert (said.code, said.whose, said.system, said.note) == ("bug", "us", "", "")


def test_an_error_that_nobody_has_words_for_is_a_fault_of_ours() -> None:
    own = errors.KeyRefused()
    own.code = "of_a_plug_in"  # type: ignore[misc]
    assert cause_of(own) == "bug"
    assert spell(own).startswith("KO-SIGNIN-")


def test_what_has_no_stage_and_what_is_stored() -> None:
    assert spell(errors.Cancelled()).startswith("KO-KOBLE-")
    assert spell(errors.KeychainDenied()).startswith("KO-STORE-")
    strange: Provider = PROVIDERS["fiken"]
    error = errors.KeyRefused()
    error.stage = "somewhere"
    assert spell(error, strange).startswith("FI-KOBLE-")
