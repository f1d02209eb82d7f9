from __future__ import annotations

import pytest

from wizard.core import share
from wizard.core.errors import WrongCompany
from wizard.core.fingerprint import Fingerprint, fingerprint
from wizard.core.orgnr import spaced
from wizard.core.provider import CredentialField
from wizard.core.registry import built_in
from wizard.core.texts import Texts

FACTS = {"company": "Fjordheim AS", "orgnr": "313 000 028", "count": 3, "found": "", "host": "api.fiken.no"}


def test_names_become_dots_and_of_numbers_three_digits_are_left() -> None:
    assert share.masked(FACTS) == {**FACTS, "company": "•••••", "orgnr": "••• ••• 028"}


def test_a_short_and_a_long_name_look_alike() -> None:
    assert share.name("Ås") == share.name("Sammenslutningen av Nordnorske Kystfiskebruk")
    assert (share.name(""), share.number("")) == ("", "")


@pytest.mark.parametrize("written", ["313000028", "313 000 028", "NO 313 000 028 MVA"])
def test_a_number_tells_its_last_digits_however_it_is_written(written: str) -> None:
    assert share.number(written) == "••• ••• 028"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_number_in_an_error_stands_there_as_it_is_written(language: str) -> None:
    facts = {"expected": "313000028", "found": "Nordlys AS", "found_as": "313000036"}
    texts, fiken = Texts(language=language), built_in().providers["fiken"]
    said = texts.explain(WrongCompany(facts, fields=("token",)), fiken)
    assert "313 000 028" in said.why
    assert "(313 000 036)" in said.why
    other = texts.explain(WrongCompany({**facts, "found_as": "23002", "expected": "One AS"}), fiken)
    assert "(23002)" in other.why
    assert "One AS" in other.why
    counted = texts.explain(WrongCompany({"expected": "313000028", "count": 4, "reason": "not_among"}), fiken)
    assert "313 000 028" in counted.what
    assert "4" in counted.why


def test_only_nine_digits_are_an_organisation_number() -> None:
    as_it_is = ("", "One AS", "23002", "31300002x", "01017012345", "313 000 028")
    assert tuple(spaced(one) for one in as_it_is) == as_it_is
    assert spaced("313000028") == "313 000 028"


def test_no_line_ends_within_a_number() -> None:
    whole = {"Er 313 000 028 riktig?": "313~000~028", "Er ••• ••• 028 riktig?": "•••~•••~028"}
    for text, wanted in whole.items():
        assert wanted in share.unbroken(text).replace("\N{NO-BREAK SPACE}", "~")
        assert share.unbroken(text).replace("\N{NO-BREAK SPACE}", " ") == text
    for text in ("Vent 300 sekunder", "port 443 100", "1313 000 0281"):
        assert share.unbroken(text) == text


def test_a_name_in_the_place_of_a_number_is_masked_as_a_name() -> None:
    assert share.number("One AS") == "•••••"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_what_is_said_of_an_error_is_masked_too(language: str) -> None:
    facts = {"expected": "313000028", "found": "Nordlys AS", "found_as": "313000036"}
    error, fiken = WrongCompany(facts, fields=("token",)), built_in().providers["fiken"]
    hidden = Texts(language=language, share_safe=True).explain(error, fiken)
    shown = Texts(language=language).explain(error, fiken)
    assert "Nordlys AS" in shown.why
    for part in facts.values():
        for known in (part, spaced(part)):
            assert known not in f"{hidden.what} {hidden.why} {hidden.next}"
    assert "028" in hidden.why


@pytest.mark.parametrize("key", ["waits", "answered", "refused"])
def test_several_companies_in_one_hand_over_are_masked_together(key: str) -> None:
    texts = Texts(language="nb", share_safe=True)
    said = texts.say(f"delivery.{key}", companies="Fjordheim AS, Nordlys AS", when="nå", reference="k-7")
    assert "•••••" in said
    assert not {"Fjordheim", "Nordlys"} & set(said.split())


def test_names_are_shown_where_nobody_shares() -> None:
    assert Texts(language="nb").name("Fjordheim AS") == "Fjordheim AS"
    assert Texts(language="nb", share_safe=True).name("Fjordheim AS") == "•••••"


def test_a_fingerprint_is_of_the_value_as_it_will_be_used() -> None:
    token = built_in().providers["fiken"].fields[0]
    password = CredentialField(name="password", pattern=token.pattern, text=True)
    small = CredentialField(name="id", pattern=token.pattern, prepare=str.lower)
    value = "73195.pRacticeKeyForFiken_8rT2"
    assert fingerprint(token, f"Bearer {value} ") == Fingerprint(length=30, end="rT2", check="1745")
    assert fingerprint(password, f"{value}\n") == fingerprint(token, value)
    assert fingerprint(small, value) == fingerprint(small, value.lower()) != fingerprint(token, value)
    assert fingerprint(token, "x" * 19) is None
    assert fingerprint(token, "x" * 20)


def test_the_check_number_says_next_to_nothing_of_the_value() -> None:
    token = built_in().providers["fiken"].fields[0]
    found = [fingerprint(token, f"{at:>020}abc") for at in range(3_000)]
    checks = {one.check for one in found if one}
    assert all(len(one) == 4 and one.isdigit() for one in checks)
    assert 2_400 < len(checks) < 2_800  # as many as chance leaves different; some values share theirs
