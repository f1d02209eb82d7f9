"""Consent: asked for by a preset only, to the text that it has, with a name where it wants one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wizard.core.consent import Consent, common, consent_in, consented, practised
from wizard.core.errors import BadInput

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAID = {"nb": "Hovedbok.", "en": "The ledger."}
WHOLE: dict[str, Any] = {"version": "2", "reads": SAID, "why": SAID, "kept": SAID, "withdrawn": SAID}


def asked(*, name: bool = False) -> Consent:
    consent = consent_in({**WHOLE, "name": name})
    assert consent
    return consent


def refused(consent: Consent | None, given: dict[str, object]) -> str:
    with pytest.raises(BadInput) as caught:
        consented(consent, given, AT)
    return str(caught.value.facts["reason"])


def test_it_is_kept_with_version_name_and_time() -> None:
    given = consented(asked(name=True), {"text": "2", "name": "  Kari   Nordmann "}, AT)
    assert given == {"text": "2", "name": "Kari Nordmann", "at": "2026-03-02T12:00:00+00:00"}


def test_without_a_presets_there_is_none() -> None:
    assert consent_in({}) is None
    assert consented(None, {}, AT) == {}
    assert refused(None, {"text": "2"}) == "consent_unasked"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "consent_missing"),
        ({"text": "1"}, "consent_version"),
        ({"name": "Kari"}, "consent_version"),
        ({"text": True}, "consent_version"),
        ({"text": "2", "at": "2020"}, "unknown_key"),
    ],
)
def test_what_is_no_consent_to_this_text_is_refused(given: dict[str, object], reason: str) -> None:
    assert refused(asked(), given) == reason


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", 7])
def test_a_name_that_is_asked_for_is_needed(name: object) -> None:
    assert refused(asked(name=True), {"text": "2", "name": name}) == "consent_name"
    assert consented(asked(), {"text": "2", "name": name}, AT)["name"] == ""


@pytest.mark.parametrize("part", WHOLE)
def test_half_a_consent_is_refused(part: str) -> None:
    with pytest.raises(BadInput) as caught:
        consent_in({name: value for name, value in WHOLE.items() if name != part})
    assert caught.value.facts == {"reason": "preset_missing", "name": f"consent.{part}"}


def test_one_hand_over_carries_one_consent_as_of_the_last() -> None:
    first = {"text": "2", "name": "Kari", "at": "2026-03-02T12:00:00+00:00"}
    last = {**first, "at": "2026-03-02T12:05:00+00:00"}
    assert common([last, first]) == last
    assert common([{}, {}]) == {}
    assert common([]) == {}


@pytest.mark.parametrize("other", [{}, {"text": "3", "name": "Kari"}, {"text": "2", "name": "Ola"}])
def test_different_consents_do_not_go_together(other: dict[str, str]) -> None:
    with pytest.raises(BadInput) as caught:
        common([{"text": "2", "name": "Kari", "at": "2026"}, other])
    assert caught.value.facts["reason"] == "several_consents"


def test_practice_agrees_to_whatever_is_asked() -> None:
    assert consented(asked(name=True), practised(asked(name=True)), AT)["text"] == "2"
    assert practised(None) == {}
