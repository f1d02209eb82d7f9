"""What every provider must do; parametrised over the registry, so that a new folder is held to it too."""

from __future__ import annotations

import base64
import logging
import re
from pathlib import Path
from string import Formatter
from urllib.parse import quote, urlsplit

import pytest

from tests.providers.helpers import Given, Walk, good, table, trace, walking
from wizard.core import errors, registry, texts
from wizard.core.errors import WizardError
from wizard.core.practice import practice_of, refusals_of
from wizard.core.preset import Preset
from wizard.core.provider import STAGES, CredentialField, Provider

BUILT_IN = registry.built_in()
PROVIDERS = tuple(BUILT_IN.providers.values())
LANGUAGES = texts.LANGUAGES
PARTNER = Preset(partner="Fjordbanken")
EVERY = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.slug)
FIELDS = [(one, field) for one in PROVIDERS for field in (*one.fields, *one.partner_keys)]
EVERY_FIELD = pytest.mark.parametrize(
    ("provider", "field"), FIELDS, ids=[f"{one.slug}-{field.name}" for one, field in FIELDS]
)
REFUSALS = [(one, name, code) for one in PROVIDERS for name, code in refusals_of(one).items()]
VARIANTS = [(one, name) for one in PROVIDERS for name in practice_of(one).variants]
INPUTS = [(one, wish) for one in PROVIDERS for wish in (good(one), *practice_of(one).more.values())]
FORBIDDEN = re.compile(r"keychain|credential|\btokens?\b|\bscopes?\b|https?:|www\.|[<>]", re.IGNORECASE)
LABELS = ("Consumer token",)
WORDS_A_STEP = 35


def own_texts(provider: Provider, language: str) -> dict[str, str]:
    return texts.load(texts.folder(provider.package) / f"texts.{language}.toml")


def said_in(provider: Provider) -> dict[str, str]:
    return {f"{at}.{key}": text for at in LANGUAGES for key, text in own_texts(provider, at).items()}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def changed(given: Given, field: str, value: object) -> dict[str, object]:
    """Return the same input with another value in one field, the customer's or the partner's."""
    part = "answers" if field in table(given, "answers") else "partner"
    return {**given, part: {**table(given, part), field: value}}


def value_of(given: Given, field: str) -> str:
    return str({**table(given, "answers"), **table(given, "partner")}[field])


def misspelt(value: str) -> str:
    """Return a key of the same shape with one character wrong."""
    return ("1" if value[0] != "1" else "2") + value[1:]


def forms(secret: str) -> set[str]:
    plain = secret.encode()
    return {secret, quote(secret, safe=""), base64.b64encode(plain).decode().rstrip("=")}


def sent(walk: Walk) -> set[str]:
    """Return what each request was signed with, taken apart: the keys that the vendor gave are among it."""
    signed = {asked.headers.get("authorization", "").partition(" ")[2] for asked in walk.asked}
    inner = {text for one in signed for text in parts(one)}
    return {one for one in signed | inner if len(one) > 7}


def parts(signed: str) -> list[str]:
    try:
        return base64.b64decode(signed, validate=True).decode().split(":")
    except ValueError:
        return []


def test_the_providers_are_there_and_none_is_broken() -> None:
    assert {"fiken", "tripletex", "poweroffice"} <= BUILT_IN.providers.keys()
    assert not BUILT_IN.broken


@pytest.mark.parametrize(("provider", "given"), INPUTS, ids=lambda one: getattr(one, "slug", ""))
def test_good_answers_pass_and_are_stored(provider: Provider, given: Given, tmp_path: Path) -> None:
    with walking(provider, tmp_path) as walk:
        (receipt,) = walk.connect(given)
    assert receipt.tested == "passed"
    assert receipt.company["orgnr"] == given.get("company")
    assert len(walk.vault.items) == len(provider.fields)
    assert walk.store.book().connections.keys() == {receipt.connection}
    assert {one.state for one in walk.told} <= {"passed", "skipped"}
    assert {one.stage for one in walk.told} <= set(STAGES)


@EVERY
def test_a_number_that_is_expected_is_compared(provider: Provider, tmp_path: Path) -> None:
    number = str(good(provider)["company"])
    with walking(provider, tmp_path) as walk:
        (receipt,) = walk.connect(company=None, expect=number)
        assert receipt.company["orgnr"] == number
        assert walk.refused(company=None, expect="313000168").code == "wrong_company"


@EVERY_FIELD
@pytest.mark.parametrize(
    "value", [None, 7, "", " \u200b ", "ø" * 60, "x", "with a space in it" * 4, "a\x00b" * 30]
)
def test_a_value_of_the_wrong_shape_is_stopped_before_any_request(
    provider: Provider, field: CredentialField, value: object, tmp_path: Path
) -> None:
    with walking(provider, tmp_path) as walk:
        error = walk.refused(changed(good(provider), field.name, value))
    assert (error.code, error.fields) == ("field_invalid", (field.name,))
    assert not walk.asked
    assert walk.nothing_stored()


@EVERY_FIELD
def test_a_wrong_key_is_refused_and_nothing_is_stored(
    provider: Provider, field: CredentialField, tmp_path: Path
) -> None:
    wrong = misspelt(value_of(good(provider), field.name))
    with walking(provider, tmp_path) as walk, pytest.raises(errors.AnswerError) as caught:
        walk.connect(changed(good(provider), field.name, wrong))
    assert caught.value.code in {"key_refused", "partner_key_refused"}
    assert set(caught.value.fields) <= {one.name for one in (*provider.fields, *provider.partner_keys)}
    assert walk.nothing_stored()


@EVERY_FIELD
def test_what_a_copy_drags_along_does_no_harm(
    provider: Provider, field: CredentialField, tmp_path: Path
) -> None:
    value = value_of(good(provider), field.name)
    with walking(provider, tmp_path) as walk:
        assert walk.connect(changed(good(provider), field.name, f"\ufeff “{value}”\u200b \n"))


@pytest.mark.parametrize(("provider", "name", "code"), REFUSALS, ids=lambda one: getattr(one, "slug", None))
def test_every_switch_ends_in_its_code(provider: Provider, name: str, code: str, tmp_path: Path) -> None:
    limit = 0.3 if name == "timed_out" else 20.0
    with walking(provider, tmp_path) as walk:
        walk.playground.refuse(name)
        error = walk.refused(limit=limit, company=None)
        assert error.code == code
        assert error.stage in STAGES
        assert walk.told[-1].state == "failed"
        if name != "timed_out":
            with pytest.raises(WizardError, match=code):
                walk.connect(company=None)
    assert walk.nothing_stored()


@pytest.mark.parametrize(("provider", "name"), VARIANTS, ids=lambda one: getattr(one, "slug", None))
def test_every_variant_ends_well(provider: Provider, name: str, tmp_path: Path) -> None:
    with walking(provider, tmp_path) as walk:
        walk.playground.refuse(name)
        assert walk.connect(company=None)


@EVERY
def test_without_the_partners_keys_nothing_is_asked(provider: Provider, tmp_path: Path) -> None:
    with walking(provider, tmp_path) as walk:
        if provider.partner_keys:
            error = walk.refused(partner={})
            assert (error.code, error.fields) == (
                "partner_key_needed",
                tuple(one.name for one in provider.partner_keys),
            )
    assert not walk.asked


@EVERY
def test_only_declared_hosts_over_https(provider: Provider) -> None:
    for environment in provider.environments:
        for address in environment.endpoints.values():
            assert urlsplit(address).scheme == "https"
            assert urlsplit(address).hostname in environment.hosts
            assert not address.endswith("/")
    names = [one.name for one in provider.environments]
    assert names[0] == "production"
    assert len(set(names)) == len(names)
    assert [one.test for one in provider.environments] == [name != "production" for name in names]


@pytest.mark.parametrize("name", ["", "key_refused", "connection_lost", "unexpected_answer", "vendor_down"])
@EVERY
def test_no_secret_comes_out_anywhere(
    provider: Provider,
    name: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    given = good(provider)
    logging.getLogger("koble").addHandler(caplog.handler)
    said = ""
    with caplog.at_level(logging.DEBUG), walking(provider, tmp_path) as walk:
        walk.playground.refuse(name)
        order = walk.order()
        try:
            said += repr(walk.connect())
        except WizardError as error:
            said += trace(error)
    logging.getLogger("koble").removeHandler(caplog.handler)
    said += repr((order, walk.told, walk.vault.items)) + caplog.text + "".join(capfd.readouterr())
    said += "".join(file.read_text("utf-8") for file in tmp_path.rglob("*") if file.is_file())
    secrets = {str(value) for part in ("answers", "partner") for value in table(given, part).values()}
    assert "koble.net" in caplog.text
    assert not [one for secret in secrets | sent(walk) for one in forms(secret) if one in said]


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", errors.every_error(), ids=lambda kind: kind.code)
def test_every_code_says_what_why_and_what_next(
    provider: Provider, language: str, kind: type[WizardError]
) -> None:
    speaker = texts.Texts(language=language, preset=PARTNER)
    named = [(), *((one.name,) for one in (*provider.fields, *provider.partner_keys))]
    for fields in named:
        said = speaker.explain(kind(fields=fields), provider)
        assert all([said.what, said.why, said.next, said.action])


@EVERY
def test_both_languages_have_the_same_keys_and_placeholders(provider: Provider) -> None:
    first, second = (own_texts(provider, language) for language in LANGUAGES)
    assert list(first) == list(second)
    assert {key: placeholders(text) for key, text in first.items()} == {
        key: placeholders(text) for key, text in second.items()
    }
    assert set().union(*map(placeholders, first.values())) <= {"partner", "Partner", "system", "company"}
    assert all(text.strip() == text and text for text in said_in(provider).values())


@EVERY
def test_the_words_are_a_customers(provider: Provider) -> None:
    partners = tuple(f"fields.{one.name}." for one in provider.partner_keys)
    for key, text in said_in(provider).items():
        said = text
        for label in LABELS if key.partition(".")[2].startswith(partners) else ():
            said = said.replace(label, "")
        assert not FORBIDDEN.search(said), key


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_the_provider_has_its_words(provider: Provider, language: str) -> None:
    own = own_texts(provider, language)
    wanted = {"summary", "address", "before.role", "before.module", "before.minutes", "before.lifetime"}
    wanted |= {f"fields.{one.name}.label" for one in (*provider.fields, *provider.partner_keys)}
    wanted |= {f"fields.{one.name}.help" for one in provider.fields}
    wanted |= {f"guide.{step.key}.{part}" for step in provider.guide for part in ("title", "text")}
    assert wanted <= own.keys()
    assert {key for key in own if key.startswith("guide.")} <= wanted
    for step in provider.guide:
        assert len(own[f"guide.{step.key}.text"].replace("→", "").split()) <= WORDS_A_STEP


@EVERY
def test_what_mends_an_error_is_a_step_of_the_guide(provider: Provider) -> None:
    assert set(provider.mends) <= {error.code for error in errors.every_error()}
    assert set(provider.mends.values()) <= {step.key for step in provider.guide}


@EVERY
def test_every_field_points_at_a_guide_step(provider: Provider) -> None:
    steps = {step.key: step.field for step in provider.guide}
    assert len(steps) == len(provider.guide)
    assert all(steps[one.step] == one.name for one in provider.fields)


@EVERY
def test_every_image_is_there_and_has_an_alternative_text(provider: Provider) -> None:
    shown = [step.image for step in provider.guide if step.image]
    folder = texts.folder(provider.package) / "images"
    assert shown
    assert all((folder / image).is_file() for image in shown)
    for language in LANGUAGES:
        named = {key for key in own_texts(provider, language) if key.startswith("images.")}
        assert named == {f"images.{Path(image).stem}" for image in shown}


@EVERY
def test_every_value_to_copy_has_a_name_and_every_page_to_open_is_https(provider: Provider) -> None:
    for step in provider.guide:
        assert not step.opens or step.opens.startswith("https://")
        for language in LANGUAGES:
            assert all(texts.Texts(language=language).has(f"values.{name}") for name in step.copy)
