"""The preset: what it may hold, what is refused, and that docs/preset.md says so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import wizard
from tests.core.helpers import Small
from wizard.core import errors, logo, paths
from wizard.core.consent import PARTS
from wizard.core.options import KINDS
from wizard.core.options import MOST as MOST_OPTIONS
from wizard.core.own_guide import MOST as MOST_STEPS
from wizard.core.preset import AFTER, KNOWN, PERSONAL_TOKEN, TEXTS, Preset, fitting
from wizard.core.preset_chain import DEEPEST
from wizard.core.preset_files import MACHINES, bundled_names, read_preset
from wizard.core.provider import Method
from wizard.core.registry import built_in
from wizard.core.said import LONGEST, SHORT
from wizard.core.start import VALUES as START_VALUES
from wizard.core.texts import LANGUAGES, Texts

PAGE = (Path(wizard.__file__).parent.parent / "docs" / "preset.md").read_text("utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
VALUES = (
    "integration_name",
    "integration_user",
    "invitation_code",
    "client_id",
    "application_key",
    "method",
    "environment",
)


def read(folder: Path, text: str) -> Preset:
    file = folder / "bank.toml"
    file.write_text(text, "utf-8")
    (folder / "fjordbanken.svg").write_bytes((paths.resources() / "presets" / "fjordbanken.svg").read_bytes())
    return read_preset(file, unsigned="all")


def refused(folder: Path, text: str) -> errors.BadInput:
    with pytest.raises(errors.BadInput) as caught:
        read(folder, text)
    return caught.value


def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    preset = read(tmp_path, EXAMPLE)
    assert (preset.partner, preset.company, preset.language) == ("Fjordbanken", "313000028", "nb")
    assert (preset.test_environments, preset.register_lookup) == (False, False)
    assert (preset.after, preset.fiken, preset.version) == ("forget", "agreed", "2026-03")
    assert preset.seal_key
    assert preset.value("xledger", "method") == "partner_user"
    assert (preset.accent, preset.offer[0], preset.text("next", "nb")) == (
        "#0B5A6B", "tripletex", "Vi henter de første tallene i natt.",
    )  # fmt: skip
    assert preset.logo
    assert preset.consent
    assert (preset.consent.version, preset.consent.name) == ("2", True)
    assert preset.own["tripletex"].steps
    assert preset.options["poweroffice"][0].required
    fitting(preset, built_in().providers)
    assert set(re.findall(r"^(\w+) =|^\[(systems)", EXAMPLE, re.MULTILINE)) >= {
        ("partner", ""),
        ("", "systems"),
    }


def test_the_page_names_all_there_is() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert set(KNOWN) <= named
    assert set(VALUES) <= named
    assert all(re.search(rf"^{name} =|^\[+{name}[.\]]", EXAMPLE, re.MULTILINE) for name in KNOWN)
    assert {*KINDS, *PARTS, *TEXTS, *bundled_names(), "version"} <= named
    limits = (MOST_OPTIONS, MOST_STEPS, DEEPEST, LONGEST, SHORT, logo.MOST // 1024, logo.WIDEST)
    assert all(re.search(rf"\b{limit}\b", PAGE) for limit in limits)
    assert f"`{MACHINES}`" in PAGE
    assert all(f"`{word}`" in PAGE for word in (*AFTER, *PERSONAL_TOKEN, *START_VALUES))


def test_what_is_no_text_is_no_preset(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(errors.BadInput) as caught:
        read_preset(file)
    assert caught.value.facts["reason"] == "preset_not_toml"


def test_a_preset_may_have_names_masked_from_the_start(tmp_path: Path) -> None:
    assert not Preset().share_safe
    assert read(tmp_path, "share_safe = true").share_safe
    assert refused(tmp_path, 'share_safe = "yes"').facts["name"] == "share_safe"


def test_both_switches_are_off_unless_they_are_turned_on(tmp_path: Path) -> None:
    assert not Preset().test_environments
    assert not Preset().register_lookup
    preset = read(tmp_path, "test_environments = true\nregister_lookup = true")
    assert (preset.test_environments, preset.register_lookup) == (True, True)


@pytest.mark.parametrize("number", ["NO 313 000 028 MVA", "313000028"])
def test_the_company_is_nine_digits(number: str, tmp_path: Path) -> None:
    assert read(tmp_path, f'company = "{number}"').company == "313000028"
    assert read(tmp_path, 'company = ""').company == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ('company = "313000029"', "preset_company", "company"),
        ('company = "01017012345"', "preset_company", "company"),
        ('company = "Fjordheim"', "preset_company", "company"),
        ("company = 313000028", "preset_wrong_type", "company"),
        ('test_environments = "yes"', "preset_wrong_type", "test_environments"),
        ("register_lookup = 1", "preset_wrong_type", "register_lookup"),
        ("compny = 1", "preset_unknown_key", "compny"),
        ('accent = "red"', "preset_accent", "accent"),
        ('accent = "#12345"', "preset_accent", "accent"),
        ("accent = 1", "preset_wrong_type", "accent"),
        ('offer = "fiken"', "preset_wrong_type", "offer"),
        ("offer = [1]", "preset_wrong_type", "offer"),
        ("logo = 1", "preset_wrong_type", "logo"),
        ('logo = "absent.svg"', "preset_logo_unreadable", "absent.svg"),
        ('logo = "data:image/png;base64,AAAA"', "preset_logo_kind", "PNG"),
        ('logo = "hostile.svg"', "preset_logo_hostile", "script"),
        ('logo = "large.png"', "preset_logo_large", "logo"),
        ("extends = 1", "preset_wrong_type", "extends"),
        ('extends = "absent.toml"', "preset_extends_absent", "absent.toml"),
        ('extends = "bank.toml"', "preset_extends_loop", "bank.toml"),
        ('[texts]\nhello = "x"', "preset_unknown_key", "texts.hello"),
        ('texts = "x"', "preset_wrong_type", "texts"),
        ('[texts]\nnext = { nb = "x" }', "preset_language", "texts.next.en"),
        ('[texts]\nnext = { nb = "<b>", en = "x" }', "preset_not_plain", "texts.next.nb"),
        (f'[texts]\nnext = {{ nb = "{"x" * 601}", en = "x" }}', "preset_too_long", "texts.next.nb"),
        ('[consent]\nversion = "1"', "preset_missing", "consent.reads"),
        ('[consent]\ntext = "1"', "preset_unknown_key", "consent.text"),
        ("guide = 1", "preset_wrong_type", "guide"),
        ("[guide]\nfiken = 1", "preset_wrong_type", "guide.fiken"),
        ("[options]\nfiken = 1", "preset_wrong_type", "options.fiken"),
        ("a = " + "[" * 5000, "preset_not_toml", "bank.toml"),
    ],
)
def test_a_refusal_says_what_is_wrong(
    text: str, reason: str, said: str, language: str, tmp_path: Path
) -> None:
    (tmp_path / "hostile.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "utf-8")
    (tmp_path / "large.png").write_bytes(b"x" * (logo.MOST + 1))
    error = refused(tmp_path, text)
    assert error.facts["reason"] == reason
    explained = Texts(language=language).explain(error)
    assert said in explained.what or (said == "logo" and "logo" in explained.what.lower())
    assert "…" not in explained.what + explained.why
    assert "01017012345" not in explained.what + explained.why


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_name_is_told_which_are_known(language: str, tmp_path: Path) -> None:
    why = Texts(language=language).explain(refused(tmp_path, "nothing = 1")).why
    assert all(name in why for name in KNOWN)


def test_the_method_is_the_wished_one_or_the_one_for_a_user_of_the_partners() -> None:
    ways = tuple(Method(name=name, fields=(), guide=()) for name in ("own_key", "partner_user"))
    provider = replace(Small().provider(), methods=ways)
    values = [{}, {"method": "partner_user"}, {"method": "smoke"}, {"integration_user": "a@b.example"}]
    chosen = [Preset(values={"small": one}).method(provider) for one in values]
    assert chosen == ["", "partner_user", "", "partner_user"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_of_an_unsigned_one_asks_nobody_whom_only_it_names(language: str) -> None:
    nameless = Texts(language=language, preset=Preset(ignored=("partner", "phone")))
    assert nameless.unsigned() == nameless.say("own.unsigned")
    partly = Texts(language=language, preset=Preset(partner="Fjordbanken", ignored=("handover",)))
    assert partly.unsigned() == partly.say("own.unsigned_part")
    assert "Fjordbanken" in partly.unsigned()
