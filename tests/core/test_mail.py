"""Letters: addresses that open them whole (RFC 6068), and answers that stay on their own line."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from wizard.core.mail import LONGEST, Letter, letter
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, Texts

VISMA = built_in().providers["visma_business"]
PARTNER = Preset(partner="Fjordbanken", email="hjelp+visma@fjordbanken.example")
ANSWERS = {
    "company": "Østre Ås & Sønn AS",
    "orgnr": "313000354",
    "version": "18.10.0",
    "hosting": "partner",
    "partner_name": "100 % Data?",
    "contact_name": "Åse #1",
    "contact_email": "ase+bank@as.example",
    "contact_phone": "+47 55 00 33 44",
}


def made(language: str = "nb", preset: Preset = PARTNER, **changes: str) -> Letter:
    return letter(Texts(language=language, preset=preset), VISMA, "support", {**ANSWERS, **changes})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_comes_out_of_its_address_as_it_went_in(language: str) -> None:
    ready = made(language)
    parts = urlsplit(ready.mailto)
    query = parse_qs(parts.query, strict_parsing=True)
    assert (parts.scheme, unquote(parts.path)) == ("mailto", PARTNER.email)
    assert query.keys() == {"subject", "body"}
    assert query["subject"] == [ready.subject]
    assert query["body"] == [ready.body.replace("\n", "\r\n")]
    assert "%0D%0A" in parts.query
    assert "+" not in parts.query
    assert ready.mailto.isascii()
    assert not set(ready.mailto) & set(' <>"\n\r')


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_holds_every_answer(language: str) -> None:
    ready = made(language)
    said = Texts(language=language).say("fields.hosting.options.partner", VISMA)
    for name, answer in ANSWERS.items():
        assert (said if name == "hosting" else answer) in ready.body
    assert ANSWERS["company"] in ready.subject
    assert "Business NXT" in ready.body
    assert "Fjordbanken" in ready.body
    assert "…" not in ready.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_left_out_reads_as_a_dash(language: str) -> None:
    needed = {name: ANSWERS[name] for name in ("company", "orgnr", "contact_name", "contact_email")}
    body = letter(Texts(language=language, preset=PARTNER), VISMA, "support", needed).body
    assert [line for line in body.split("\n") if line.endswith(": –")] == [
        line for line in body.split("\n") if "–" in line
    ]
    assert body.count(": –") == 4


def test_nothing_typed_becomes_a_line_of_its_own_or_a_header() -> None:
    evil = "A\r\nBcc: x@example.test\n\n\x00\u2028\u202eB"
    preset = Preset(
        partner="Bank\nBcc: y@example.test", email="a@b.example?bcc=c@d.example&x=\r\n, e@f.example"
    )
    ready = made(preset=preset, company=evil)
    assert (
        len(ready.body.split("\n")) == len(made().body.split("\n")) + 1
    )  # the preset's own, never the answer's
    assert "\n" not in ready.subject + ready.to
    assert ready.subject.isprintable()
    address = ready.mailto
    assert urlsplit(address).query.count("&") == 1
    assert "bcc=" not in address
    assert address.count("?") == 1
    message = EmailMessage()
    message["Subject"] = ready.subject  # the stdlib refuses line breaks here
    assert message["Bcc"] is None


def test_a_letter_that_is_too_long_for_an_address_is_copied_instead() -> None:
    long = made(company="å" * 200, contact_name="ø" * 200, partner_name="æ" * 200)
    assert long.mailto == ""
    assert "å" * 200 in long.body
    assert 0 < len(made().mailto) <= LONGEST


def test_without_an_address_the_customer_fills_it_in() -> None:
    ready = made(preset=Preset())
    assert ready.to == ""
    assert ready.mailto.startswith("mailto:?subject=")


def test_only_what_is_no_secret_is_put_into_a_letter() -> None:
    fiken = built_in().providers["fiken"]
    with pytest.raises(KeyError):
        letter(Texts(language="nb"), fiken, "support", {"token": "ZZ"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_to_somebody_else_is_not_addressed_to_the_partner(language: str) -> None:
    xledger = built_in().providers["xledger"].by("partner_user")
    preset = replace(PARTNER, values={"xledger": {"integration_user": "fjord.innsyn"}})
    ready = letter(Texts(language=language, preset=preset), xledger, "support", {})
    assert (ready.to, ready.receiver) == ("", "Xledger Support")
    assert ready.mailto.startswith("mailto:?subject=")
    assert made(language).receiver == PARTNER.email
