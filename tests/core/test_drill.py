from __future__ import annotations

from dataclasses import replace

import pytest

from wizard.core.drill import (
    Drill,
    answers_for,
    drill,
    error_of,
    faults,
    matching,
    number_in,
    steps_of,
)
from wizard.core.errors import BadInput
from wizard.core.practice import Playground, practice_of, refusals_of
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.spot import Spot
from wizard.core.texts import LANGUAGES, Texts

PROVIDERS = built_in().providers
TEXTS = Texts(language="en")


def refused(at: str, fault: str = "") -> BadInput:
    with pytest.raises(BadInput) as caught:
        drill(at, fault, PROVIDERS, TEXTS)
    return caught.value


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        ("tripletex/3.2", Drill(system="tripletex", spot=Spot(page=3, step=2))),
        (" Tripletex / steg 3,2 ", Drill(system="tripletex", spot=Spot(page=3, step=2))),
        ("fiken/4", Drill(system="fiken", spot=Spot(page=4))),
        ("fiken", Drill(system="fiken")),
        ("xledger/web_service/3.1", Drill(system="xledger", method="web_service", spot=Spot(page=3, step=1))),
    ],
)
def test_a_page_of_a_system(at: str, meant: Drill) -> None:
    assert drill(at, "", PROVIDERS, TEXTS) == meant


def test_where_the_bank_takes_hand_overs_there_is_a_page_more() -> None:
    sends = replace(TEXTS, preset=replace(TEXTS.preset, demo=True))
    assert drill("fiken/6", "", PROVIDERS, sends) == Drill(system="fiken", spot=Spot(page=6))
    with pytest.raises(BadInput) as caught:
        drill("fiken/7", "", PROVIDERS, sends)
    assert "from 1 to 6" in TEXTS.explain(caught.value).why
    with pytest.raises(BadInput) as caught:
        drill("fiken/5.1", "", PROVIDERS, sends)
    assert caught.value.facts["reason"] == "at_no_steps"


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("fiken/", "at_shape"),
        ("fiken/tre", "at_shape"),
        ("fiken/3.2.1", "at_shape"),
        ("a/b/c/d", "at_shape"),
        ("3.2", "unknown_system"),
        ("nosuch/3.2", "unknown_system"),
        ("/3.2", "unknown_system"),
        ("fiken/6", "at_page"),
        ("fiken/0", "at_page"),
        ("fiken/3.9", "at_step"),
        ("fiken/4.1", "at_no_steps"),
        ("fiken/token/3.1", "at_method"),
        ("xledger/nosuch/3.1", "at_method"),
        ("xledger/partner_user/3.40", "at_step"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_rubbish_is_refused_with_what_there_is(at: str, reason: str, language: str) -> None:
    error = refused(at)
    assert error.facts["reason"] == reason
    said = Texts(language=language).explain(error)
    assert "…" not in said.what + said.why or reason == "unknown_system"


def test_what_may_be_a_key_is_not_said_back() -> None:
    said = TEXTS.explain(refused("0a1b2c3d4e5f60718293a4b5/3.2"))
    assert "0a1b2c" not in f"{said}"
    assert "0a1b2c" not in f"{TEXTS.explain(refused('fiken/4', '0a1b2c3d4e5f60718293a4b5'))}"


@pytest.mark.parametrize(
    ("fault", "switch"),
    [
        ("key_refused", "key_refused"),
        ("Key-Refused", "key_refused"),
        ("TX-SIGNIN-4X49", "key_refused"),
        ("clock_wrong", "date_refused"),
        ("busy", "busy"),
        ("slow_down", "slow_down"),
    ],
)
def test_a_fault_has_three_names(fault: str, switch: str) -> None:
    assert drill("tripletex/4", fault, PROVIDERS, TEXTS).fault == switch


@pytest.mark.parametrize(
    "fault", ["nonsense", "quota_empty", "TX-SIGNIN-4X94", "KO-KOBLE-4X49", "401_with_a_good_key"]
)
def test_a_fault_that_the_system_does_not_have_is_refused(fault: str) -> None:
    error = refused("tripletex/4", fault)
    assert error.facts["reason"] == "at_fault"
    assert "date_refused" in TEXTS.explain(error).why


def test_a_fault_alone_is_for_every_system_that_has_it() -> None:
    assert drill("", "quota_empty", PROVIDERS, TEXTS) == Drill(fault="quota_empty")
    assert drill("", "", PROVIDERS, TEXTS) == Drill()
    assert refused("", "nonsense").facts["reason"] == "at_fault"


def test_steps_that_the_partner_does_not_need_are_not_numbered() -> None:
    for provider in PROVIDERS.values():
        for way in [provider.by(one.name) for one in provider.methods] or [provider]:
            assert len(steps_of(way, TEXTS)) <= len(way.guide)
    texts = replace(TEXTS, preset=Preset(values={"xledger": {"method": "partner_user"}}))
    assert drill("xledger/3.1", "", PROVIDERS, texts).method == ""


# The faults


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", sorted(PROVIDERS))
def test_every_fault_of_every_system_can_be_planted_and_has_words(slug: str, language: str) -> None:
    provider = PROVIDERS[slug]
    listed = faults(provider, Texts(language=language))
    assert {one.name for one in listed} == refusals_of(provider).keys()
    assert all(one.what and one.why and one.next for one in listed)
    assert [one.own for one in listed] == sorted((one.own for one in listed), reverse=True)
    playground = Playground(PROVIDERS)
    for one in listed:
        playground.refuse(one.name, slug)
        assert playground.switched == {slug: one.name}
        assert drill(slug, one.name, PROVIDERS, TEXTS).fault == one.name
    playground.refuse("", slug)
    assert playground.switched == {}
    playground._server.server_close()


def test_a_fault_is_found_by_its_words_its_name_and_its_code() -> None:
    listed = faults(PROVIDERS["tripletex"], TEXTS)
    assert [one.name for one in matching("clock", listed)] == ["date_refused"]
    assert [one.name for one in matching("date refused", listed)] == ["date_refused"]
    assert [one.name for one in matching("CLOCK_WRONG", listed)] == ["date_refused"]
    assert matching("", listed) == listed
    assert matching("navision", listed) == ()


def test_the_host_is_named_where_there_is_one_only() -> None:
    assert error_of("connection_lost", PROVIDERS["fiken"]).facts["host"] == "api.fiken.no"
    assert "host" not in error_of("connection_lost", PROVIDERS["visma_business"]).facts


# What practice takes


def test_each_way_to_connect_has_answers_of_its_own() -> None:
    for provider in PROVIDERS.values():
        for method in [one.name for one in provider.methods] or [""]:
            answers = answers_for(provider, "", method)["answers"]
            assert isinstance(answers, dict)
            assert answers.get("method", method) == method
            fields = {one.name for one in provider.by(method).fields}
            assert answers.keys() - {"method"} <= fields


def test_a_switch_is_told_with_its_own_answers() -> None:
    xledger = PROVIDERS["xledger"]
    assert answers_for(xledger, "user_refused") is practice_of(xledger).more["web_service"]
    assert answers_for(xledger, "key_refused") is practice_of(xledger).good


def test_the_number_that_belongs_to_the_answers() -> None:
    assert number_in(practice_of(PROVIDERS["fiken"]).good) == "313000028"
    assert number_in(practice_of(PROVIDERS["visma_business"]).good) == "313000354"
    assert number_in({"company": ["a"], "expect": "12"}) == ""
