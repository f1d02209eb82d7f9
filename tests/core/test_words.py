"""Secrets that do not show, answers that are tidied, sentences for everything, in both languages."""

from __future__ import annotations

import ast
import copy
import json
import locale
import logging
import pickle
import re
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Formatter
from threading import Event
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.helpers import Small
from tests.sentences import load
from wizard.core import errors, orgnr, paths
from wizard.core.answers import Answer, maybe, need, take, take_secret
from wizard.core.preset import Preset, fitting
from wizard.core.preset_files import read_preset
from wizard.core.provider import MAX_TEXT, CredentialField, Environment, tidy, whole
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.core.sentences import Sentences, flat
from wizard.core.texts import LANGUAGES, Texts, folder, language

if TYPE_CHECKING:
    from collections.abc import Callable

PROVIDERS = built_in().providers
PRODUCTION = Environment(name="production", endpoints={})
MODULES = sorted(Path(paths.__file__).parent.parent.rglob("*.py"))
easy = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)


def said(act: Callable[[], object]) -> str:
    try:
        return str(act())
    except (TypeError, AttributeError) as error:
        return f"{error!r} {error}"


@easy
@given(st.text(min_size=4, alphabet=st.characters(codec="utf-8")))
def test_a_secret_is_never_told(value: str) -> None:
    value = f"ZZ{value}ZZ"
    secret = Secret(value)
    ways: list[Callable[[], object]] = [
        lambda: secret,
        lambda: repr(secret),
        lambda: f"{secret}",
        lambda: f"{secret!r:>40}",
        lambda: "{:s}".format(secret),  # noqa: UP032 - one of the ways
        lambda: "%s %r" % (secret, [secret]),  # noqa: UP031 - one of the ways
        lambda: json.dumps({"a": secret}),
        lambda: json.dumps(secret, default=str),
        lambda: pickle.dumps(secret),
        lambda: copy.copy(secret),
        lambda: copy.deepcopy({"a": secret}),
        lambda: vars(secret),
        lambda: hash(secret),
        lambda: logging.LogRecord("a", 1, "", 1, "%s", (secret,), None).getMessage(),
        lambda: ValueError(secret),
    ]
    for way in ways:
        assert "ZZ" not in said(way)
    assert secret == Secret(value)
    assert secret != Secret(value + "x")
    assert secret != value
    assert secret.reveal() == value


@pytest.mark.no_cover
def test_secrets_are_taken_out_in_three_modules_only() -> None:
    calls = {
        module.stem
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "reveal"
    }
    assert calls == {"auth", "handover", "vault", "secret_edit"}


DRESSED = {
    "  abc\n": "abc",
    "\ufeff“abc”\u200b": "abc",
    "{abc}": "abc",
    "Bearer  abc": "abc",
    "token abc": "abc",
    '"Bearer abc"': "abc",
    "a\u200bb\u202ec": "abc",
    "abc\x00": "abc",
    "a b": "a b",
    '"': '"',
    "": "",
}


@pytest.mark.parametrize("pasted", DRESSED)
def test_what_a_copy_drags_along_is_taken_off(pasted: str) -> None:
    assert tidy(pasted) == DRESSED[pasted]


@easy
@given(st.text(max_size=60))
def test_tidying_never_lengthens_and_what_is_clean_stays_clean(pasted: str) -> None:
    once = tidy(pasted)
    assert len(once) <= len(pasted)
    try:
        secret, _ = CredentialField(name="key").clean(pasted, PRODUCTION)
    except errors.FieldInvalid as error:
        assert error.fields == ("key",)  # noqa: PT017 - both ends are honest
    else:
        assert secret == Secret(once)
        assert once.isascii()
        assert " " not in once


@easy
@given(st.from_regex(r"[A-Za-z0-9._=+/-]{8,40}", fullmatch=True))
def test_a_good_key_survives_any_dress(key: str) -> None:
    for pasted in (key, f" {key}\r\n", f"“{key}”", f"\u200b{{{key}}}\ufeff", f"Bearer {key}", f"'{key}'"):
        assert tidy(pasted) == key


KEPT = {
    "på tur, aldri sur": "på tur, aldri sur",
    '"abc"': '"abc"',
    "{abc}": "{abc}",
    "token abc": "token abc",
    " abc ": " abc ",
    "abc\r\n": "abc",
    "\ufeffa\u200bbc\n": "abc",
    " “a b”\u200b \n": "a b",
    "A\u030arsak": "Årsak",
    "“": "“",
    "": "",
}


@pytest.mark.parametrize("pasted", KEPT)
def test_a_password_keeps_what_may_belong_to_it(pasted: str) -> None:
    assert whole(pasted) == KEPT[pasted]


def test_a_password_is_a_secret_of_any_letters() -> None:
    field = CredentialField(name="password", pattern=re.compile(r".{2,}"), text=True)
    assert field.clean("blå bær", PRODUCTION) == (Secret("blå bær"), ())
    for wrong in ("x" * (MAX_TEXT + 1), "a\tb", "a\nb", "a\x00b", "half \ud800", "", 7, None):
        with pytest.raises(errors.FieldInvalid) as caught:
            field.clean(wrong, PRODUCTION)
        assert caught.value.fields == ("password",)


def test_xml_is_read_only_without_definitions() -> None:
    def read(body: bytes) -> str:
        return Answer(status=200, headers={}, body=body).xml().tag

    assert read(b'<?xml version="1.0"?><a><b/></a>') == "a"
    for body in (b"", b"<a>", b"<!DOCTYPE a><a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        with pytest.raises(errors.UnexpectedAnswer) as caught:
            read(body)
        assert caught.value.facts == {"http_status": 200, "looked_for": "xml"}


def test_organisation_numbers() -> None:
    assert orgnr.expected(" NO 313 000 028 mva ") == "313000028"
    assert orgnr.spaced("313000028") == "313 000 028"
    for text, reason in (("", "empty"), ("313000029", "check_digit"), ("3130", "length"), ("abc", "length")):
        with pytest.raises(errors.FieldInvalid) as caught:
            orgnr.expected(text)
        assert caught.value.facts == {"reason": reason}
    assert orgnr.reported("313 000 029") == "313000029", "test companies have wrong check digits"
    assert orgnr.reported("01017012345") is None, "a person's number is never kept"
    assert orgnr.reported(313000028) is None


def answer(body: bytes, **headers: str) -> Answer:
    return Answer(status=200, headers=headers, body=body)


def test_answers_are_taken_apart_without_trust() -> None:
    row = answer(b'{"a": "x", "n": 1, "b": true, "none": null}').row()
    assert (take(row, "a", str), take(row, "n", int), take(row, "b", bool)) == ("x", 1, True)
    assert maybe(row, "none", str) is maybe(row, "absent", str) is None
    assert take_secret(row, "a") == Secret("x")
    acts: list[Callable[[], object]] = [
        lambda: take(row, "n", str),
        lambda: take(row, "b", int),
        lambda: need([], dict),
        lambda: need("\ud800", str),
        lambda: take_secret({"a": "x y"}, "a"),
        lambda: answer(b"[" * 100_000).json(),
        lambda: answer(b"[]").row(),
    ]
    for act in acts:
        with pytest.raises(errors.UnexpectedAnswer):
            act()
    assert answer(b"[]").peek() == {}
    assert answer(b'{"A": 1}').peek() == {"a": 1}
    told = answer(b'{"requestId": "r-1"}').unexpected(looked_for="x")
    assert told.facts == {"http_status": 200, "looked_for": "x", "request_id": "r-1"}
    for name in ("x-request-id", "ipp-request-id", "x-vbc-traceid"):
        assert answer(b"{}", **{name: "r-2"}).about(errors.ScopeMissing()).facts == {"request_id": "r-2"}
    assert answer(b"{}", **{"x-request-id": "no spaces"}).unexpected().facts == {"http_status": 200}


# Sentences


def files() -> list[tuple[Path, Path]]:
    pairs: list[tuple[Path, ...]] = [tuple(paths.translations() / f"{one}.toml" for one in LANGUAGES)]
    pairs += [
        tuple(folder(one.package) / f"texts.{name}.toml" for name in LANGUAGES) for one in PROVIDERS.values()
    ]
    return [(one, other) for one, other in pairs]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    for one, other in files():
        first, second = load(one), load(other)
        assert first.keys() == second.keys(), one
        for key, sentence in first.items():
            assert placeholders(sentence) == placeholders(second[key]), key


def test_no_sentence_holds_an_address_or_a_tag() -> None:
    for pair in files():
        for file in pair:
            for key, sentence in load(file).items():
                assert not re.search(r"https?:|www\.|<\w|</|&\w+;", sentence), (file, key)
                assert all(re.fullmatch(r"\w*", name) for name in placeholders(sentence)), key


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("error", errors.every_error())
def test_each_error_says_what_why_and_what_next(name: str, error: type[errors.WizardError]) -> None:
    texts = Texts(language=name)
    for provider in (None, *PROVIDERS.values()):
        fields = (provider.every_field[0].name,) if provider else ("key",)
        told = texts.explain(error(fields=fields), provider)
        for part in (told.what, told.why, told.next, told.action):
            assert part.strip()


def test_the_most_particular_sentence_is_said() -> None:
    texts = Texts(language="en", preset=Preset(partner="the Bank"))
    expect = errors.FieldInvalid(fields=("expect",), reason="length")
    assert texts.explain(expect).what == "The organisation number is not valid."
    assert texts.explain(errors.FieldInvalid(fields=("key",), reason="empty")).what == "“key” is missing."
    assert "The Bank has its own key" in texts.explain(errors.PartnerKeyNeeded(), PROVIDERS["fiken"]).why
    assert "…" in texts.explain(errors.NameNotFound(host=None)).what
    with pytest.raises(KeyError):
        texts.say("nothing.such")


@pytest.mark.parametrize(
    ("wish", "environ", "found"),
    [
        ("en", {"LC_ALL": "nb_NO.UTF-8"}, "en"),
        ("", {"LC_ALL": "nn_NO.UTF-8"}, "nb"),
        ("xx", {"LC_ALL": "", "LC_MESSAGES": "no_NO"}, "nb"),
        ("", {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "de_DE"}, "en"),
        ("", {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, "en"),
    ],
)
def test_the_language(
    wish: str, environ: dict[str, str], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert language(wish) == found


def test_a_language_that_python_does_not_know_is_no_reason_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> tuple[str, str]:
        raise ValueError

    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "getlocale", unknown)
    assert language() == "en"
    assert language(system="nb-NO") == "nb"


def test_a_providers_own_words_by_table() -> None:
    words = Texts(language="en").words("fields", PROVIDERS["fiken"])
    assert any(name.startswith("token.") for name in words)
    assert Texts(language="en").words("nothing", PROVIDERS["fiken"]) == {}


FILES = [
    *paths.translations().glob("*.toml"),
    *(one for provider in PROVIDERS.values() for one in folder(provider.package).glob("texts.*.toml")),
]


@pytest.mark.parametrize("file", FILES, ids=lambda one: f"{one.parent.name}-{one.name}")
def test_table_by_table_it_says_the_same_as_read_at_once(file: Path) -> None:
    whole = load(file)
    text = file.read_text(encoding="utf-8")
    assert dict(Sentences(text)) == whole
    assert len(Sentences(text)) == len(whole)
    sentences = Sentences(text)
    assert {key: sentences[key] for key in reversed(whole)} == whole
    assert not any(f"{key}.more" in sentences for key in whole)


def test_only_the_table_is_read_that_is_asked_for() -> None:
    sentences = Sentences('top = "0"\n[good]\nx = "1"\n[bad]\nx = not so\n')
    assert (sentences["top"], sentences["good.x"]) == ("0", "1")
    with pytest.raises(tomllib.TOMLDecodeError):
        sentences["bad.x"]


def test_two_threads_may_ask_for_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, real = Event(), tomllib.loads

    def slowly(text: str) -> dict[str, object]:
        begun.set()
        time.sleep(0.05)
        return real(text)

    monkeypatch.setattr(tomllib, "loads", slowly)
    sentences = Sentences('[a]\nx = "1"\n')
    with ThreadPoolExecutor(1) as other:
        first = other.submit(lambda: sentences["a.x"])
        begun.wait(5)
        assert sentences["a.x"] == first.result() == "1"


LONG = """first = "1"
[a]  # a comment, so this is no header that is looked for
b.c = "2"
[d]
text = '''
[e]
x = "in the text"
'''
more = \"\"\"
[f]
\\"\"\" x\"\"\"
# \"\"\" which opens nothing
[g]
x = "3"
# nor does \"\"\" this
[h]
x = "4 # 5"
"""


def test_what_only_looks_like_a_table_is_none() -> None:
    whole = flat(tomllib.loads(LONG))
    for key in whole:
        assert Sentences(LONG)[key] == whole[key]
    assert "e.x" not in Sentences(LONG)
    assert dict(Sentences(LONG)) == whole


def test_tables_are_flattened() -> None:
    assert flat({"a": {"b": {"c": "x"}}, "d": 1}) == {"a.b.c": "x", "d": "1"}


# The preset

GOOD_PRESET = """
partner = "Fjordbanken"
phone = "22 00 00 00"
[systems.fiken]
integration_name = "Fjordbanken"
"""


def test_a_preset_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text(GOOD_PRESET, "utf-8")
    preset = read_preset(file, unsigned="all")
    assert (preset.partner, preset.language) == ("Fjordbanken", "")
    assert preset.value("fiken", "integration_name") == "Fjordbanken"
    assert preset.value("nothing", "x") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("partner =", "preset_not_toml"),
        ("nothing = 1", "preset_unknown_key"),
        ("partner = 1", "preset_wrong_type"),
        ('partner = "a\\nb"', "preset_wrong_type"),
        ("systems = 1", "preset_wrong_type"),
        ("[systems]\nfiken = 1", "preset_wrong_type"),
        ("[systems.fiken]\nname = 1", "preset_wrong_type"),
    ],
)
def test_a_preset_that_is_wrong_says_where(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(errors.BadInput) as caught:
        read_preset(file)
    assert caught.value.facts["reason"] == reason
    assert "…" not in Texts(language="en").explain(caught.value).what
    with pytest.raises(errors.BadInput):
        read_preset(tmp_path / "absent.toml")


def test_a_small_provider_has_its_nouns() -> None:
    provider = Small().provider(partner=("app",))
    assert provider.environment("production") is provider.environments[0]
    assert provider.environment("moon") is None


@pytest.mark.parametrize(
    ("slug", "name", "good", "bad"),
    [
        ("business_nxt", "client_id", "isv_fjordbanken", "isv_fjordbanken_innsyn_med_langt_navn"),
        ("poweroffice", "application_key", "1970F6AD-E35E-4EBF-9DA7-0000000000A1", "1970F6AD"),
        ("not_there", "client_id", "whatever", ""),
    ],
)
def test_a_value_that_is_a_partners_key_must_be_able_to_be_one(
    slug: str, name: str, good: str, bad: str
) -> None:
    preset = Preset(values={slug: {name: good, "integration_name": "Innsyn"}})
    assert fitting(preset, PROVIDERS) is preset
    if bad:
        with pytest.raises(errors.BadInput) as caught:
            fitting(Preset(values={slug: {name: bad}}), PROVIDERS)
        assert caught.value.facts == {"reason": "preset_wrong_value", "name": f"systems.{slug}.{name}"}
