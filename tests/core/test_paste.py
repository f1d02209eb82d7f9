"""The paste doctor: what a paste brings, what is taken off, what is recognised, and that it never guesses."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wizard.core import errors
from wizard.core.paste import CLEARER, LONGEST, REMOVED, Seen, clearer, look
from wizard.core.practice import practice_of
from wizard.core.provider import MAX_TEXT, CredentialField, Environment, Provider
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDERS = built_in().providers
EASY = settings(deadline=None, max_examples=40)
FIKEN, GO, TRIPLETEX = PROVIDERS["fiken"], PROVIDERS["poweroffice"], PROVIDERS["tripletex"]
TOKEN, USER = PROVIDERS["xledger"].by("api_token"), PROVIDERS["xledger"].by("web_service")
NXT, BUSINESS, ERP = PROVIDERS["business_nxt"], PROVIDERS["visma_business"], PROVIDERS["visma_net"]
WAYS = (FIKEN, GO, TRIPLETEX, TOKEN, USER, NXT, BUSINESS, ERP)
GUID = "5b1d9f3e-7c42-4a86-b0e9-0000000000d1"


def good(provider: Provider) -> Mapping[str, str]:
    """Return answers that the practice vendor of a method takes."""
    practice = practice_of(provider)
    rows = [dict(row["answers"]) for row in (practice.good, *practice.more.values())]  # type: ignore[call-overload]
    fit = [row for row in rows if row.pop("method", provider.method) == provider.method]
    return {name: str(value) for name, value in fit[0].items()}


def field(provider: Provider, name: str) -> CredentialField:
    return next(one for one in provider.fields if one.name == name)


def pasted(text: str, provider: Provider, name: str = "", environment: str = "production") -> Seen:
    wanted = field(provider, name) if name else provider.fields[0]
    place = provider.environment(environment)
    assert place
    return look(text, wanted, provider, place, PROVIDERS.values())


def bare(value: Secret | str) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def reason(seen: Seen) -> object:
    assert seen.error
    return seen.error.facts.get("reason")


EVERY = [(way, one.name) for way in WAYS for one in way.fields]
KEYS = [(way, one.name) for way in WAYS for one in way.fields if one.secret]
TELLING = [(way, name) for way, name in KEYS if not field(way, name).text]
names = [f"{way.slug}.{name}" for way, name in KEYS]

MARKS = st.sampled_from(
    ["\n", "\r\n", " ", "\t", "\u00a0", "\u200b", "\ufeff", "\u202e", "\u2066", "\x00", "\x1b", "\ud800"]
    + ['"', "'", "“", "”", "«", "»", "<", ">", "{", "}", "[", "]", "`", ":", "=", ",", "> ", "-"]
    + ["Bearer ", "token ", "Basic ", "Authorization: ", "client_key", "Passord: ", "token=", "Hilsen Kari"]
    + ["Eier-ID:", "Application key: ", "313000028", "kari@nordmann.no", "https://a.no/b", GUID, "e\u0301"]
    + [good(way)[name] for way, name in KEYS]
    + [good(way)[name][:25] for way, name in KEYS]
)
TEXTS = st.lists(MARKS | st.text(max_size=6), max_size=9).map("".join) | st.text(max_size=80)


@settings(deadline=None, max_examples=2000 if os.environ.get("KOBLE_LONG") else 150)
@given(TEXTS, st.sampled_from(EVERY))
@example('""73195.abc""', (FIKEN, "token"))
@example("token=token=73195.abcdefghijk", (FIKEN, "token"))
@example("““abcde””", (USER, "password"))
def test_any_text_has_an_end_and_what_comes_out_stays(text: str, where: tuple[Provider, str]) -> None:
    provider, name = where
    seen = pasted(text, provider, name)
    assert set(seen.removed) <= set(REMOVED)
    assert seen.values or seen.error
    if seen.error:
        assert name not in seen.values
        assert set(seen.error.fields) == {name}
        for language in LANGUAGES:
            said = Texts(language=language).explain(seen.error, provider)
            assert "…" not in said.what + said.why + said.next
    if seen.sure and not seen.error:
        value = bare(seen.values[name])
        again = pasted(value, provider, name)
        assert bare(again.values[name]) == value
        assert again.removed == ()
        assert field(provider, name).prepared(value) == value, "one truth: nothing is left to be cleaned"


@EASY
@given(TEXTS, st.sampled_from(EVERY))
def test_nothing_is_cut_silently(text: str, where: tuple[Provider, str]) -> None:
    provider, name = where
    seen = pasted(text, provider, name)
    for value in map(bare, seen.values.values()):
        lost = len(re.sub(r"[\s\x00]", "", text)) > len(re.sub(r"\s", "", value))
        unseen = re.search("[\u200b\ufeff\u202e\u2066\u0301]", text)
        assert not lost or seen.removed or not seen.sure or unseen or seen.error


@EASY
@given(TEXTS, st.sampled_from(EVERY))
def test_no_value_is_told(text: str, where: tuple[Provider, str]) -> None:
    canary = "ZZ73195.cAnArY-42ZZ"
    seen = pasted(f"{canary}{text}{canary}", *where)
    told = [
        repr(seen),
        str(seen),
        repr(seen.error),
        repr(seen.error and (seen.error.facts, seen.error.fields)),
    ]
    assert "cAnArY" not in " ".join(told)


DRESSES = {
    "{}": (),
    "  {}\r\n": ("line_break", "space"),
    "\u00a0{}\u2007": ("no_break_space",),
    "\ufeff{}\u200b": ("zero_width", "bom"),
    "\u202a{}\u202c": ("bidi",),
    "{}\x00": ("nul",),
    "“{}”": ("quotes",),
    "<{}>": ("quotes",),
    "`{}`": ("quotes",),
    "'\"{}\"'": ("quotes",),
    "Bearer {}": ("bearer",),
    "token  {}": ("token",),
    "Basic {}": ("basic",),
    'bearer "{}"\n': ("bearer", "line_break", "quotes"),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("where", TELLING, ids=lambda one: one[1])
def test_a_good_key_comes_out_of_any_dress(where: tuple[Provider, str], dress: str) -> None:
    key = good(where[0])[where[1]]
    seen = pasted(dress.format(key), *where)
    assert seen.values == {where[1]: Secret(key)}
    assert seen.removed == DRESSES[dress]
    assert seen.sure
    assert not seen.error


LETTERS = (
    "{label}: {key}",
    "{name}={key}",
    'export {upper} = "{key}"',
    "> **{label}:** {key}\n> \n> Hilsen Kari",
    '"{name}": "{key}",',
    '{{"x": [{{"{name}": "{key}", "n": 1, "t": null}}]}}',
    '[koble]\n{name} = "{key}"  ',
    "Hei!\n\n{label}:\n{key}\n\nMvh\nKari",
    "\ufeff{label}\t{key}",
)


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("where", TELLING, ids=lambda one: one[1])
def test_a_key_beside_its_name_is_found(where: tuple[Provider, str], language: str, letter: str) -> None:
    provider, name = where
    key = good(provider)[name]
    label = Texts(language=language).say(f"fields.{name}.label", provider)
    text = letter.format(label=label, name=name, upper=f"{provider.slug}_{name}".upper(), key=key)
    seen = pasted(text, provider, name)
    assert seen.values == {name: Secret(key)}
    assert seen.removed == ("label",)
    assert seen.sure


@pytest.mark.parametrize("where", TELLING, ids=lambda one: one[1])
def test_a_key_among_words_is_found(where: tuple[Provider, str]) -> None:
    key = good(where[0])[where[1]]
    seen = pasted(f"Hei Kari,\n\nher er nøkkelen: {key}.\n\nHilsen Ola", *where)
    assert seen.values == {where[1]: Secret(key)}
    assert seen.removed == ("prose",)


def test_a_wrapped_key_is_joined_where_only_the_whole_fits() -> None:
    for way in (GO, TRIPLETEX):
        key, name = good(way)[way.fields[0].name], way.fields[0].name
        for text in (f"{key[:20]}\n{key[20:]}", f"> {key[:20]}  \r\n> {key[20:30]}\r\n> {key[30:]}"):
            seen = pasted(text, way)
            assert (seen.values, seen.removed) == ({name: Secret(key)}, ("joined",))
    key = good(TOKEN)["api_token"]
    assert pasted(f"{key[:50]}\n{key[50:]}", TOKEN).removed == ("joined",)
    assert pasted(f"Bearer {key[:50]}\n{key[50:]}\n", TOKEN).removed == ("joined", "bearer")
    wrapped = (
        f"Brukernøkkel: {good(TRIPLETEX)['employee_token'][:60]}\n{good(TRIPLETEX)['employee_token'][60:]}"
    )
    assert pasted(wrapped, TRIPLETEX).values == {"employee_token": Secret(good(TRIPLETEX)["employee_token"])}


def test_a_key_that_may_be_a_part_is_not_taken() -> None:
    key = good(FIKEN)["token"]
    assert reason(pasted(f"{key}\nmore_Of_1t", FIKEN)) == "broken"
    assert reason(pasted(f"Hei,\n{key}\nmore_Of_1t\n\nHilsen Kari", FIKEN)) == "broken"
    assert reason(pasted(f"{key} x9", FIKEN)) == "broken"
    assert reason(pasted(f"{GUID[:9]} {GUID[9:]}", GO)) == "broken"
    assert reason(pasted("\n".join("73195.abc" * 3), FIKEN)) == "broken", "more lines than a letter wraps to"


@pytest.mark.parametrize(
    "letter",
    ["Hei,\n{}\nm0re_Of_1t\n\nHilsen Kari", "Hei\nm0re_Of_1t\n{}\nHilsen Kari", "m0re_Of_1t\n{}\nHilsen"],
)
@pytest.mark.parametrize("unseen", ["", "\u200b"])
def test_a_line_beside_a_key_that_may_belong_to_it_is_noticed(letter: str, unseen: str) -> None:
    assert reason(pasted(letter.format(GUID[:9] + unseen + GUID[9:]), GO)) == "broken"


@pytest.mark.parametrize(
    "letter",
    [
        "Hei Kari\n{}\nHilsen Ola",
        "Hei\n{}\nHilsen",
        "r3f_17\nHei Kari\n{}\nHilsen Ola\nr3f_18",
        "{}\n\nr3f_17 Hei",
    ],
)
@pytest.mark.parametrize("unseen", ["", "\u200b"])
def test_words_and_empty_lines_beside_a_key_do_not_belong_to_it(letter: str, unseen: str) -> None:
    seen = pasted(letter.format(GUID[:9] + unseen + GUID[9:]), GO)
    assert seen.values == {"client_key": Secret(GUID)}


def test_only_what_can_hardly_be_anything_else_is_found_among_words() -> None:
    """A form that a long word has too is told by letters together with digits; one that takes all, never."""

    def among_words(pattern: str) -> Seen:
        made_up = replace(FIKEN, fields=(CredentialField(name="token", pattern=re.compile(pattern)),))
        return pasted(f"Hei, om Arbeidsgiveravgiftsgrunnlag: {key} – hilsen Kari", made_up)

    for key in ("Zk9" * 8, "Zk9" * 6 + "ab"):
        assert among_words("[A-Za-z0-9]{20,40}").values == {"token": Secret(key)}
        assert among_words("[!-~]{6,64}").values == {}
    assert pasted(f"Hei, her er den: {GUID}.", ERP).values == {}, "only keys are looked for"


def test_several_keys_are_not_guessed_among() -> None:
    other = GUID.replace("5b", "6c")
    for text in (f"{GUID}\n{other}", f"a: {GUID} b: {other}", f"Client key: {GUID}\nKlientnøkkel: {other}"):
        assert reason(pasted(text, GO)) == "ambiguous"
    key = good(TOKEN)["api_token"]
    assert reason(pasted(f"{key}\n{key}", TOKEN)) == "broken"
    for two in (f"{'Zk9' * 20}\n{'Qm7' * 20}", f"{'Zk9' * 20}\nKari"):
        assert reason(pasted(two, TOKEN)) == "ambiguous"
    assert reason(pasted(f'{{"client_key": "{GUID}", "client_key": "{other}"}}', GO)) == "ambiguous"
    assert reason(pasted("1234\n5678", NXT)) == "ambiguous"
    assert pasted(f"{GUID} {GUID} hei", GO).removed == ("prose",), "the same twice is one"


def test_a_letter_with_several_values_is_offered_and_not_used() -> None:
    whole = {"user_name": "ws@x.no", "password": Secret("blå «bær»"), "entity_id": "23001"}
    letter = "Hei\n\nBrukernavn: ws@x.no\nPassord: blå «bær»\nEier-ID: 23 001\n\nHilsen Kari"
    block = 'user_name = "ws@x.no"\npassword = "blå «bær»"\nentity_id = 23001'
    text = json.dumps(
        {"user_name": "ws@x.no", "password": "blå «bær»", "entity_id": 23001}, ensure_ascii=False
    )
    lines = "\n".join(f"  {line}" for line in text[1:-1].split(", "))
    for one, name in product((letter, block, text, lines), whole):
        seen = pasted(one, USER, name)
        assert seen.values == whole
        assert not seen.sure
        assert seen.holds_secret
    escaped = pasted(
        'password = "a\\"b\\u00e5"\nuser_name = \'ws@x.no\'\nentity_id = "a\\qb"', USER, "password"
    )
    assert escaped.values == {"user_name": "ws@x.no", "password": Secret('a"bå')}
    alone = pasted("Passord: hunter22", USER, "password")
    assert (alone.values, alone.sure) == ({"password": Secret("hunter22")}, False), "it may be all password"
    for layers in ("Passord: Passord: hunter22", "““hunter22””"):
        assert reason(pasted(layers, USER, "password")) == "ambiguous"
    two = pasted("Kundenummer hos Visma: 1234567\nFirmanummer i Visma Business NXT: 7654321", NXT)
    assert two.values == {"customer_number": "1234567", "company_number": "7654321"}
    assert not two.holds_secret


BESIDE = {
    "Passord: hunter22\nHilsen Kari": "hunter22",
    "Passord:\nhunter22\nHilsen Kari": "hunter22",
    "password=XhunterX": "XhunterX",
    'password="hunter2': '"hunter2',
    "password='hun\"ter'": 'hun"ter',
}


@pytest.mark.parametrize("text", BESIDE)
def test_a_password_beside_its_name_is_taken_as_it_stands(text: str) -> None:
    assert pasted(text, USER, "password").values == {"password": Secret(BESIDE[text])}


def test_a_name_with_nothing_beside_it_brings_nothing() -> None:
    assert pasted("user_name=", USER, "user_name").values == {"user_name": "user_name="}
    assert reason(pasted("client_key=", GO)) == "shape"


def test_a_full_stop_after_a_key_in_a_letter_is_not_its_own() -> None:
    other = GUID.replace("5b", "6c")
    for end in (".", ",", "**"):
        seen = pasted(f"Applikasjonsnøkkel: {other}{end}\n**Klientnøkkel:** {GUID}{end}", GO)
        assert (seen.values, seen.removed) == ({"client_key": Secret(GUID)}, ("label",))


def test_a_name_over_two_lines_is_one() -> None:
    assert pasted("Nordavind\nAS", BUSINESS, "company").values == {"company": "Nordavind AS"}


def test_the_partners_part_of_a_letter_is_not_the_customers() -> None:
    seen = pasted(f"Application key: {GUID}", GO)
    assert reason(seen) == "partners"
    assert seen.error
    assert seen.error.facts["belongs"] == "application_key"
    both = pasted(f"Applikasjonsnøkkel: {GUID}\nKlientnøkkel: {GUID.replace('5b', '6c')}", GO)
    assert both.values == {"client_key": Secret(GUID.replace("5b", "6c"))}
    assert reason(pasted("API-nøkkel: abc", USER, "entity_id")) == "other_way"
    name = pasted("Client ID: x AS", replace(BUSINESS, partner_keys=NXT.partner_keys))
    assert name.values == {"company": "Client ID: x AS"}, "a name is a name"


FORMS = [(way, name, other) for (way, name), (other, _) in product(TELLING, TELLING) if way is not other]


@pytest.mark.parametrize(("way", "name", "other"), FORMS, ids=lambda one: getattr(one, "slug", one))
def test_a_key_of_another_system_is_recognised(way: Provider, name: str, other: Provider) -> None:
    seen = pasted(f" {good(other)[other.fields[0].name]}\n", way, name)
    assert seen.error
    assert seen.error.facts == {"reason": "of_another", "owner": other.name}
    assert not seen.values


def test_a_form_that_takes_nonsense_says_nothing() -> None:
    answers = practice_of(TRIPLETEX).more["test"]["answers"]
    key = dict(answers)["employee_token"]  # type: ignore[call-overload]
    assert TOKEN.fields[0].clean(key, TOKEN.environments[0]), "it has the form of both"
    assert reason(pasted(key, TOKEN)) == "of_another"


@pytest.mark.parametrize(("way", "name"), [(NXT, ""), (BUSINESS, ""), (USER, "user_name"), (ERP, "")])
def test_a_key_is_recognised_where_it_would_be_shown(way: Provider, name: str) -> None:
    assert reason(pasted(good(FIKEN)["token"], way, name)) == "of_another"


def test_a_value_of_another_field_is_offered_to_it() -> None:
    seen = pasted("ws@fjordheim.no", USER, "password")
    assert seen.values == {"user_name": "ws@fjordheim.no"}
    assert seen.error
    assert seen.error.facts == {"reason": "wrong_field", "belongs": "user_name"}
    assert not seen.sure
    key = good(TOKEN)["api_token"][:-1] + "g"
    assert reason(pasted(good(TOKEN)["api_token"], USER, "user_name")) in {"other_way", None}, key
    two = (CredentialField(name="a", pattern=re.compile(r"A\d{20}")), CredentialField(name="b"))
    both = replace(FIKEN, fields=(two[0], replace(two[1], pattern=re.compile(r"B\d{20}"))))
    moved = pasted("B" + "1" * 20, both, "a")
    assert (moved.values, reason(moved)) == ({"b": Secret("B" + "1" * 20)}, "wrong_field")
    three = replace(both, fields=(*both.fields, replace(both.fields[1], name="c")))
    assert (pasted("B" + "1" * 20, three, "a").values, reason(pasted("B" + "1" * 20, three, "a"))) == (
        {},
        "shape",
    )
    partner = replace(both, fields=both.fields[:1], partner_keys=both.fields[1:])
    assert reason(pasted("B" + "1" * 20, partner, "a")) == "partners"


ODD = {
    "": "empty",
    " \u200b\n": "empty",
    "kari@nordmann.no": "is_email",
    "https://go.poweroffice.net/#x": "is_address",
    "www.fiken.no/api": "is_address",
    "313 000 028": "is_number",
    "5b1d9f3e-7c42-4a86\x1b-b0e9": "control",
    "5b1d9f3e\ud800": "control",
    GUID[:28]: "cut",
    GUID[8:]: "cut",
    GUID + "a": "shape",
    "hemmelig": "shape",
    "Kjære kunde, nøkkelen er hemmelig": "shape",
    "x" * (LONGEST + 1): "too_long",
}


@pytest.mark.parametrize("text", ODD, ids=lambda text: repr(text[:20]))
def test_what_is_no_key_is_said_to_be_what_it_is(text: str) -> None:
    seen = pasted(text, GO)
    assert seen.error
    assert (seen.error.facts["reason"], seen.error.fields) == (ODD[text], ("client_key",))
    if not text.isspace():
        assert not pasted(text, GO).values


def test_what_is_called_cut_has_letters_and_digits_and_could_go_on() -> None:
    assert [reason(pasted(GUID[:size], GO)) for size in (15, 16)] == ["shape", "cut"]
    assert reason(pasted("abcdefab-cdef-abcd-", GO)) == "shape"
    field = CredentialField(name="token", pattern=re.compile("[A-Z0-9]{32}"))
    assert reason(pasted("ZK9" * 6, replace(FIKEN, fields=(field,)))) == "cut"


def test_a_long_text_is_too_long_for_a_line() -> None:
    assert reason(pasted("x" * (MAX_TEXT + 1), GO)) == "shape", "of a key its form says more"
    assert reason(pasted("x" * (MAX_TEXT + 1), BUSINESS)) == "too_long"
    assert reason(pasted("x" * (MAX_TEXT + 1), USER, "password")) == "too_long"


def test_a_systems_own_reason_goes_before() -> None:
    key = good(TOKEN)["api_token"]
    cut = pasted(key[: len(key) - len(key) % 4 - 3], TOKEN)
    assert reason(cut) == "cut"
    assert reason(pasted("313 000 029", BUSINESS, "orgnr")) == "check_digit"


def test_a_key_of_the_other_environment_is_said_to_be_one() -> None:
    key = good(TRIPLETEX)["employee_token"]
    for text in (
        key,
        f"token {key}",
        f"Hei, her er den: {key}",
        f"Brukernøkkel: {key}",
        f"{key[:30]}\n{key[30:]}",
    ):
        seen = pasted(text, TRIPLETEX, environment="test")
        assert isinstance(seen.error, errors.WrongEnvironment), text
        assert (seen.values, seen.removed) == ({}, ())


def test_what_is_risky_is_told_at_once() -> None:
    odd = pasted("not-the-usual-key-1", FIKEN)
    assert (odd.values, odd.warnings) == ({"token": Secret("not-the-usual-key-1")}, ("unusual_form",))
    assert pasted(" hunter22 ", USER, "password").warnings == ("space_at_end",)
    assert pasted("313000028", USER, "entity_id").warnings == ("organisation_number",)


REMOVALS = [
    (NXT, "customer_number", "1 234\u00a0567", "1234567", ("space", "no_break_space")),
    (USER, "entity_id", "23.001", "23001", ("marks",)),
    (USER, "password", "“blå bær”\n", "blå bær", ("line_break", "quotes")),
    (USER, "password", '"blå bær"', '"blå bær"', ()),
    (BUSINESS, "contact_email", "mailto:kari@x.no", "kari@x.no", ("label",)),
    (BUSINESS, "company", "«Nordavind  AS»", "Nordavind AS", ("space", "quotes")),
    (ERP, "tenant_id", GUID.upper(), GUID, ()),
    (TOKEN, "api_token", "Authorization: token {}==", "", ("label",)),
    (TOKEN, "api_token", "{}==", "", ("padding",)),
]


@pytest.mark.parametrize(("way", "name", "text", "value", "removed"), REMOVALS)
def test_what_a_field_takes_off_by_itself_is_told(
    way: Provider, name: str, text: str, value: str, removed: tuple[str, ...]
) -> None:
    key = good(TOKEN)["api_token"]
    seen = pasted(text.format(key), way, name)
    assert bare(seen.values[name]) == (value or key)
    assert seen.removed == removed


NAUGHTY = (
    *(
        "\u202e\u2066",
        "\ufdfd" * 50,
        "\u03a9\u2248\u00e7\u221a",
        "\U0001f468\u200d\U0001f469",
        "İ" * 99,
        "\x00" * 9,
    ),
    *("%s%n{0}{x.__class__}", "../../etc/passwd", "<script>alert(1)</script>", "'; DROP TABLE x;--"),
    *(
        '{"token": ' + "9" * 5000 + "}",
        '{"token": true}',
        "(" * 70 + ":x",
        "(a)(b): c",
        "export export token=x",
    ),
)
LONG = (
    *("{", "[", '{"a":', "=", ":", "\n", "a:\n", "token:\n", "token: x\n", ". ", "\t", '"', "Bearer ", "<>"),
    *("a@", "1.", "www.a.", "1", "A", f"{GUID} ", "Hei ", "\u200b", "e\u0301", "> x\n", "`", "313 000 028 "),
)


@pytest.mark.no_cover
@pytest.mark.parametrize("where", EVERY, ids=lambda one: one[1])
def test_naughty_texts_raise_nothing(where: tuple[Provider, str]) -> None:
    for text in (*NAUGHTY, *(one * 40 for one in LONG), "<" * 300 + ">" * 300):
        seen = pasted(text, *where)
        assert seen.values or seen.error


@pytest.mark.no_cover
@pytest.mark.parametrize("text", LONG if os.environ.get("KOBLE_LONG") else LONG[6:8], ids=repr)
def test_time_grows_with_the_length_and_no_faster(text: str) -> None:
    def spent(length: int) -> float:
        began = time.perf_counter()
        pasted((text * length)[:length], GO)
        return time.perf_counter() - began

    assert spent(LONGEST) < max(0.4, 40 * min(spent(LONGEST // 10) for _ in range(2)))


@pytest.mark.parametrize("way", [FIKEN, USER, BUSINESS], ids=lambda way: way.slug)
@pytest.mark.parametrize("text", ["x" * 10**6, '"' * 10**6, "<" * 500_000 + ">" * 500_000, "\n" * 10**6])
def test_a_million_characters_are_refused_at_once(way: Provider, text: str) -> None:
    began = time.perf_counter()
    seen = pasted(text, way)
    assert (reason(seen), seen.values) == ("too_long", {})
    assert time.perf_counter() - began < 0.1


def test_layers_are_taken_off_in_one_pass() -> None:
    deep = 100_000
    began = time.perf_counter()
    assert FIKEN.fields[0].prepared('"' * deep + "73195.abc" + '"' * deep) == "73195.abc"
    assert time.perf_counter() - began < 2.0


def test_the_command_line_gets_the_clearer_reason() -> None:
    place = GO.environments[0]
    plain = errors.FieldInvalid(fields=("client_key",), reason="shape")

    def said(text: object, error: errors.WizardError = plain) -> errors.WizardError:
        return clearer(error, {"client_key": text}, GO, place, PROVIDERS.values())

    assert said(good(FIKEN)["token"]).facts == {"reason": "of_another", "owner": "Fiken"}
    assert said(GUID[:20]).facts == {"reason": "cut"}
    assert said("hemmelig") is plain
    assert said(f"Klientnøkkel: {GUID}") is plain, "it stays strict: nothing is taken out of a letter"
    assert said(7) is plain
    empty = errors.FieldInvalid(fields=("client_key",), reason="empty")
    assert said(GUID[:20], empty) is empty
    other = errors.FieldInvalid(fields=("expect",), reason="shape")
    assert said(GUID[:20], other) is other
    wrapped = good(TRIPLETEX)["employee_token"]
    token = errors.FieldInvalid(fields=("employee_token",), reason="shape")
    text = f"{wrapped[:30]}\n{wrapped[30:]}"
    for one in TRIPLETEX.environments:
        assert clearer(token, {"employee_token": text}, TRIPLETEX, one, PROVIDERS.values()) is token
    assert all(one in CLEARER for one in ("cut", "of_another"))


def test_an_unknown_environment_of_a_made_up_system_does_no_harm() -> None:
    alone = Provider(
        slug="alone",
        name="Alone",
        package="wizard.providers.fiken",
        environments=(Environment(name="production", endpoints={}),),
        fields=(CredentialField(name="note", secret=False, required=False),),
    )
    assert pasted("", alone).error
    assert pasted("x", alone).values == {"note": "x"}
