"""What every provider must do; parametrised over the registry, so that a new folder is held to it too."""

from __future__ import annotations

import base64
import logging
import re
from pathlib import Path
from string import Formatter
from urllib.parse import quote, urlsplit

import pytest

from tests.providers.helpers import (
    Given,
    Walk,
    asks,
    by_method,
    good,
    input_for,
    keys,
    method_of,
    table,
    trace,
    walking,
)
from tests.sentences import load
from wizard.core import errors, registry, texts
from wizard.core.errors import WizardError
from wizard.core.practice import practice_of, refusals_of, switches_of
from wizard.core.preset import Preset
from wizard.core.provider import STAGES, CredentialField, Provider


def _may_be(field: CredentialField, value: object) -> bool:
    """Tell whether an odd value is one that the field takes: nothing, or a single letter."""
    left_out = not field.required and (value is None or value in {"", " \u200b "})
    return left_out or (not field.secret and value == "x" and bool(field.pattern.fullmatch("x")))


def slug(one: object) -> str:
    """Return the name of a case in a list of tests."""
    return one if isinstance(one, str) else str(getattr(one, "slug", "-"))


BUILT_IN = registry.built_in()
PROVIDERS = tuple(BUILT_IN.providers.values())
LANGUAGES = texts.LANGUAGES
PARTNER = Preset(partner="Fjordbanken")
EVERY = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.slug)
INPUTS = [(one, wish) for one in PROVIDERS for wish in (good(one), *practice_of(one).more.values())]
METHODS = [(one, given) for one in PROVIDERS for given in by_method(one)]
ASKED = [(one, given) for one, given in METHODS if asks(one, given)]
FIELDS = [
    (one, given, field)
    for one, given in METHODS
    for field in (*method_of(one, given).fields, *keys(one, given))
]
REFUSALS = [
    (one, name, code)
    for one in PROVIDERS
    for name, code in refusals_of(one).items()
    if asks(one, input_for(one, name))
]
VARIANTS = [(one, name) for one in PROVIDERS for name in practice_of(one).variants]
ASSISTED = [(one, given) for one, given in METHODS if not asks(one, {**given, "partner": {}})]
EVERY_ASSISTED = pytest.mark.parametrize(("provider", "given"), ASSISTED, ids=slug)
NUMBERED = [(one, given) for one, given in ASKED if "company" in given]  # the others' vendors tell no number
EVERY_NUMBERED = pytest.mark.parametrize(("provider", "given"), NUMBERED, ids=slug)
EVERY_FIELD = pytest.mark.parametrize(
    ("provider", "given", "field"), FIELDS, ids=[f"{one.slug}-{field.name}" for one, _, field in FIELDS]
)
SECRETS = [row for row in FIELDS if row[2].secret and asks(*row[:2])]
ODD = [None, 7, "", " \u200b ", "ø" * 260, "x", "with a space in it" * 14, "a\x00b" * 80, "line\nbreak!" * 40]
WRONG = [(*row, value) for row in FIELDS for value in ODD if not _may_be(row[2], value)]
EVERY_SECRET = pytest.mark.parametrize(
    ("provider", "given", "field"), SECRETS, ids=[f"{one.slug}-{field.name}" for one, _, field in SECRETS]
)
FORBIDDEN = re.compile(r"keychain|credential|\btokens?\b|\bscopes?\b|https?:|www\.|[<>]", re.IGNORECASE)
LABELS = ("Consumer token", "API tokens", "API token", "Generate new token", "Client ID", "Tenant id")
WORDS_A_STEP = 35


VALUES = {"integration_name", "integration_user", "invitation_code", "client_id"}
CARD = ("role", "module", "minutes", "lifetime", "once", "reads", "never")


PLACEHOLDERS = {"partner", "Partner", "system", "company", "days", "seconds", *VALUES}


def own_texts(provider: Provider, language: str) -> dict[str, str]:
    return load(texts.folder(provider.package) / f"texts.{language}.toml")


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
    seven = "business_nxt fiken poweroffice tripletex visma_business visma_net xledger"
    assert sorted(BUILT_IN.providers) == seven.split()
    assert not BUILT_IN.broken


@pytest.mark.parametrize(("provider", "given"), INPUTS, ids=slug)
def test_good_answers_pass_and_are_stored(provider: Provider, given: Given, tmp_path: Path) -> None:
    with walking(provider, tmp_path) as walk:
        order = walk.order(given)
        (receipt,) = walk.connect(given)
    assert receipt.tested == ("passed" if order.testable else "not_possible_here")
    assert receipt.waiting_for == ("nobody" if order.testable else "partner")
    assert receipt.company["orgnr"] == given.get("company", given.get("expect"))
    assert len(walk.vault.items) == len(order.answers)
    assert walk.store.book().connections.keys() == {receipt.connection}
    assert {one.state for one in walk.told if one.check != "right"} <= {"passed", "skipped"}
    assert {one.stage for one in walk.told} <= set(STAGES)


@EVERY_NUMBERED
def test_a_number_that_is_expected_is_compared(provider: Provider, given: Given, tmp_path: Path) -> None:
    number = str(given["company"])
    with walking(provider, tmp_path) as walk:
        (receipt,) = walk.connect(given, company=None, expect=number)
        assert receipt.company["orgnr"] == number
        assert walk.refused(given, company=None, expect="313000168").code == "wrong_company"


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("provider", "given", "field", "value"), WRONG, ids=lambda one: getattr(one, "name", "")
)
def test_a_value_of_the_wrong_shape_is_stopped_before_any_request(
    provider: Provider, given: Given, field: CredentialField, value: object, tmp_path: Path
) -> None:
    with walking(provider, tmp_path) as walk:
        error = walk.refused(changed(given, field.name, value))
    assert (error.code, error.fields) == ("field_invalid", (field.name,))
    assert not walk.asked
    assert walk.nothing_stored()


@EVERY_SECRET
def test_a_wrong_key_is_refused_and_nothing_is_stored(
    provider: Provider, given: Given, field: CredentialField, tmp_path: Path
) -> None:
    wrong = changed(given, field.name, misspelt(value_of(given, field.name)))
    with walking(provider, tmp_path) as walk, pytest.raises(errors.AnswerError) as caught:
        walk.connect(wrong)
    assert caught.value.code in {"key_refused", "partner_key_refused"}
    assert set(caught.value.fields) <= {one.name for one in (*provider.every_field, *provider.partner_keys)}
    assert walk.nothing_stored()


@EVERY_FIELD
def test_what_a_copy_drags_along_does_no_harm(
    provider: Provider, given: Given, field: CredentialField, tmp_path: Path
) -> None:
    value = value_of(given, field.name)
    with walking(provider, tmp_path) as walk:
        assert walk.connect(changed(given, field.name, f"\ufeff “{value}”\u200b \n"))


@pytest.mark.no_cover
@pytest.mark.parametrize(("provider", "name", "code"), REFUSALS, ids=slug)
def test_every_switch_ends_in_its_code(provider: Provider, name: str, code: str, tmp_path: Path) -> None:
    limit = 0.3 if name == "timed_out" else 20.0
    given = {**input_for(provider, name), "company": None}
    with walking(provider, tmp_path) as walk:
        walk.playground.refuse(name)
        error = walk.refused(given, limit=limit)
        assert error.code == code
        assert error.stage in STAGES
        assert "failed" in {one.state for one in walk.told[-1:]}
        if code == "pending_approval":
            (receipt,) = walk.connect(given)
            assert (receipt.tested, receipt.waiting_for != "nobody") == ("later", True)
        elif name != "timed_out":
            with pytest.raises(WizardError, match=code):
                walk.connect(given)
    assert walk.nothing_stored() or code == "pending_approval"


@pytest.mark.parametrize(("provider", "name"), VARIANTS, ids=slug)
def test_every_variant_ends_well(provider: Provider, name: str, tmp_path: Path) -> None:
    with walking(provider, tmp_path) as walk:
        walk.playground.refuse(name)
        assert walk.connect(input_for(provider, name), company=None)


@EVERY_ASSISTED
def test_without_the_partners_keys_the_partner_tests_it(
    provider: Provider, given: Given, tmp_path: Path
) -> None:
    number = given.get("company") or given.get("expect") or "313000168"
    with walking(provider, tmp_path) as walk:
        answers = {name: one for name, one in table(given, "answers").items() if name != "orgnr"}
        if answers == table(given, "answers"):
            error = walk.refused(given, partner={}, company=None, expect="")
            assert (error.code, error.fields) == ("field_invalid", ("expect",))
        (receipt,) = walk.connect(given, partner={}, company=None, expect=number)
    assert (receipt.tested, receipt.delivered, receipt.waiting_for) == ("not_possible_here", "no", "partner")
    assert receipt.company["orgnr"] == number
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


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["", "key_refused", "connection_lost", "unexpected_answer", "vendor_down"])
@EVERY
def test_no_secret_comes_out_anywhere(
    provider: Provider,
    name: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    given = next(one for _, one in (*ASKED, *METHODS) if _ is provider)
    logging.getLogger("koble").addHandler(caplog.handler)
    said = ""
    with caplog.at_level(logging.DEBUG), walking(provider, tmp_path) as walk:
        if name in {"", *switches_of(provider)}:  # a system that nobody asks can refuse no key
            walk.playground.refuse(name)
        order = walk.order(given)
        try:
            said += repr(walk.connect(given))
        except WizardError as error:
            said += trace(error)
    logging.getLogger("koble").removeHandler(caplog.handler)
    said += repr((order, walk.told, walk.vault.items)) + caplog.text + "".join(capfd.readouterr())
    said += "".join(file.read_text("utf-8") for file in tmp_path.rglob("*") if file.is_file())
    plain = {one.name for one in provider.every_field if not one.secret} | {"method"}
    given_now = {**table(given, "answers"), **table(given, "partner")}
    secrets = {str(value) for name, value in given_now.items() if name not in plain}
    assert ("koble.net" in caplog.text) is asks(provider, given)
    assert not [one for secret in secrets | sent(walk) for one in forms(secret) if one in said]


@pytest.mark.no_cover
@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", errors.every_error(), ids=lambda kind: kind.code)
def test_every_code_says_what_why_and_what_next(
    provider: Provider, language: str, kind: type[WizardError]
) -> None:
    speaker = texts.Texts(language=language, preset=PARTNER)
    named = [(), *((one.name,) for one in (*provider.every_field, *provider.partner_keys))]
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
    answers = {one.name for one in provider.every_field if not one.secret}
    for key, text in first.items():
        assert placeholders(text) <= PLACEHOLDERS | (answers if key.startswith("mails.") else set())
    assert all(text.strip() == text and text for text in said_in(provider).values())


@EVERY
def test_the_words_are_a_customers(provider: Provider) -> None:
    for key, text in said_in(provider).items():
        said = text
        for label in LABELS:
            said = said.replace(label, "")
        assert not FORBIDDEN.search(said), key


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_the_provider_has_its_words(provider: Provider, language: str) -> None:
    own = own_texts(provider, language)
    wanted = {"summary", "address", "nicknames", *(f"before.{part}" for part in CARD)}
    wanted |= {f"fields.{one.name}.label" for one in (*provider.every_field, *provider.partner_keys)}
    wanted |= {f"fields.{one.name}.help" for one in provider.every_field}
    wanted |= {f"fields.{one.name}.options.{name}" for one in provider.every_field for name in one.options}
    wanted |= {f"guide.{step.key}.{part}" for step in provider.every_step for part in ("title", "text")}
    wanted |= {f"guide.{step.key}.ticks.{name}" for step in provider.every_step for name in step.ticks}
    wanted |= {f"guide.{step.key}.traps.{name}" for step in provider.every_step for name in step.traps}
    mails = [step.mail for step in provider.every_step if step.mail]
    wanted |= {f"mails.{mail}.{part}" for mail in mails for part in ("subject", "body")}
    wanted |= {f"methods.{one.name}.{part}" for one in provider.methods for part in ("name", "help")}
    wanted |= {f"rights.{one.name}.{part}" for one in provider.every_right for part in texts.RIGHT_PARTS}
    assert wanted <= own.keys()
    told = ("guide.", "fields.", "methods.", "rights.", "mails.", "before.")
    wanted |= {"before.person", *(f"fields.{one.name}.help" for one in provider.partner_keys)}
    wanted |= {f"mails.{mail}.to" for mail in mails}
    assert {key for key in own if key.startswith(told)} <= wanted
    for step in provider.every_step:
        assert len(own[f"guide.{step.key}.text"].replace("→", "").split()) <= WORDS_A_STEP


@EVERY
def test_what_mends_an_error_is_a_step_of_the_guide(provider: Provider) -> None:
    assert set(provider.mends) <= {error.code for error in errors.every_error()}
    assert set(provider.mends.values()) <= {step.key for step in provider.every_step}


@EVERY
def test_every_field_points_at_a_guide_step(provider: Provider) -> None:
    for narrowed in [provider.by(one.name) for one in provider.methods] or [provider]:
        steps = {step.key: step.field for step in narrowed.guide}
        assert len(steps) == len(narrowed.guide)
        assert all(one.step in steps for one in narrowed.fields)
        assert all(steps[one.step] == one.name for one in narrowed.fields if one.secret)


@EVERY
def test_every_image_is_there_and_has_an_alternative_text(provider: Provider) -> None:
    shown = [step.image for step in provider.every_step if step.image]
    folder = texts.folder(provider.package) / "images"
    assert shown
    assert all((folder / image).is_file() for image in shown)
    for language in LANGUAGES:
        named = {key for key in own_texts(provider, language) if key.startswith("images.")}
        assert named == {f"images.{Path(image).stem}" for image in shown}


@EVERY
def test_every_value_to_copy_has_a_name_and_every_page_to_open_is_https(provider: Provider) -> None:
    for step in provider.every_step:
        assert not step.opens or step.opens.startswith("https://")
        for language in LANGUAGES:
            assert all(texts.Texts(language=language).has(f"values.{name}") for name in step.copy)
