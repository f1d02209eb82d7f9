"""A partner's own steps, warnings and last words: where they stand, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.core.errors import BadInput
from wizard.core.own_guide import MOST, OWN, own_in, see_steps, steps_of
from wizard.core.preset import Preset, fitting
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, Texts

SAID = {"nb": "Opprett konto", "en": "Make an account"}
STEP: dict[str, Any] = {"before": "copy_key", "title": SAID, "text": SAID}
WARNING = {"step": "copy_key", "text": SAID}
FIKEN = built_in().providers["fiken"]


def preset(**guide: Any) -> Preset:
    return Preset(own=own_in({"fiken": guide}))


def test_own_steps_stand_where_they_are_put() -> None:
    own = preset(steps=[STEP, {**STEP, "before": "order_module"}, _late("copy_key"), _late("copy_key")])
    keys = [step.key for step in steps_of(FIKEN, own, {})]
    assert keys == [
        "preset_2",
        "order_module",
        "open_api",
        "new_key",
        "preset_1",
        "copy_key",
        "preset_3",
        "preset_4",
    ]
    assert [one.key for one in steps_of(FIKEN, Preset(), {})] == [one.key for one in FIKEN.guide]


def _late(key: str) -> dict[str, Any]:
    return {"after": key, "title": SAID, "text": SAID}


def test_beside_a_step_that_is_not_shown_nothing_is() -> None:
    provider = built_in().providers["xledger"].by("partner_user")
    row = {**STEP, "before": "partner_roles"}
    own = Preset(own=own_in({"xledger": {"steps": [row]}}))
    assert "preset_1" not in [one.key for one in steps_of(provider, own, {})]
    assert "preset_1" in [one.key for one in steps_of(provider, own, {"integration_user": "x"})]


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_speak_both_languages(language: str) -> None:
    texts = Texts(language=language, preset=preset(steps=[STEP], warnings=[WARNING, WARNING], after=SAID))
    assert texts.say("guide.preset_1.title", FIKEN) == SAID[language]
    assert texts.say("guide.preset_1.text", FIKEN) == SAID[language]
    assert texts.warning(FIKEN, "copy_key") == f"{SAID[language]} {SAID[language]}"
    assert texts.warning(FIKEN, "new_key") == ""
    assert texts.preset.after_text("fiken", language) == SAID[language]
    assert texts.preset.after_text("tripletex", language) == ""
    assert Texts(language=language).warning(FIKEN, "copy_key") == ""


def test_no_systems_step_has_a_name_that_a_partners_could_have() -> None:
    for provider in built_in().providers.values():
        guides = [provider.by(one.name).guide for one in provider.methods] or [provider.guide]
        assert not [step.key for guide in guides for step in guide if step.key.startswith(OWN)]


def test_a_brace_in_a_text_is_only_a_brace() -> None:
    own = preset(steps=[{**STEP, "text": {"nb": "{partner.__class__}", "en": "{0}"}}])
    assert Texts(language="en", preset=own).say("guide.preset_1.text", FIKEN) == "{0}"


@pytest.mark.parametrize(
    ("guide", "reason", "name"),
    [
        ({"steps": [{**STEP, "after": "copy_key"}]}, "preset_missing", "guide.fiken.steps.1.before"),
        ({"steps": [{"title": SAID, "text": SAID}]}, "preset_missing", "guide.fiken.steps.1.before"),
        ({"steps": [{"before": "a", "title": SAID}]}, "preset_missing", "guide.fiken.steps.1.text"),
        ({"steps": [{**STEP, "opens": "x"}]}, "preset_unknown_key", "guide.fiken.steps.1.opens"),
        ({"steps": [{**STEP, "text": {"nb": "x"}}]}, "preset_language", "guide.fiken.steps.1.text.en"),
        ({"steps": [STEP] * (MOST + 1)}, "preset_options", "guide.fiken"),
        ({"warnings": [{"step": "copy_key"}]}, "preset_missing", "guide.fiken.warnings.1.text"),
        ({"warnings": "x"}, "preset_wrong_type", "guide.fiken.warnings"),
        ({"after": "x"}, "preset_wrong_type", "guide.fiken.after"),
        ({"after": {"nb": "<b>x</b>", "en": "x"}}, "preset_not_plain", "guide.fiken.after.nb"),
        ({"after": {"nb": "x\ny", "en": "x"}}, "preset_not_plain", "guide.fiken.after.nb"),
        ({"after": {"nb": "x", "en": " "}}, "preset_not_plain", "guide.fiken.after.en"),
        ({"after": {"nb": "x" * 601, "en": "x"}}, "preset_too_long", "guide.fiken.after.nb"),
        ({"after": {"nb": 1, "en": "x"}}, "preset_wrong_type", "guide.fiken.after.nb"),
        ({"after": {**SAID, "sv": "x"}}, "preset_unknown_key", "guide.fiken.after.sv"),
    ],
)
def test_what_cannot_be_shown_is_named(guide: dict[str, Any], reason: str, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        preset(**guide)
    assert (caught.value.facts["reason"], caught.value.facts["name"]) == (reason, name)


@pytest.mark.parametrize(
    "row", [{"steps": [{**STEP, "before": "nowhere"}]}, {"warnings": [{**WARNING, "step": "nowhere"}]}]
)
def test_a_step_that_the_guide_has_not_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        fitting(preset(**row), built_in().providers)
    assert caught.value.facts["reason"] == "preset_step"
    assert "copy_key" in str(caught.value.facts["known"])


def test_a_step_of_any_way_to_connect_will_do() -> None:
    own = own_in(
        {"xledger": {"steps": [{**STEP, "before": "partner_roles"}, {**STEP, "before": "copy_key"}]}}
    )
    see_steps(own["xledger"], built_in().providers["xledger"])
