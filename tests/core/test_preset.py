"""The preset: what it may hold, what is refused, and that docs/preset.md says so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import wizard
from tests.core.helpers import Small
from wizard.core import errors
from wizard.core.preset import AFTER, KNOWN, PERSONAL_TOKEN, Preset
from wizard.core.preset_files import read_preset
from wizard.core.provider import Method
from wizard.core.start import VALUES as START_VALUES
from wizard.core.texts import LANGUAGES, Texts

PAGE = (Path(wizard.__file__).parent.parent / "docs" / "preset.md").read_text("utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
VALUES = ("integration_name", "integration_user", "invitation_code", "client_id", "application_key", "method")


def read(folder: Path, text: str) -> Preset:
    file = folder / "bank.toml"
    file.write_text(text, "utf-8")
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
    assert set(re.findall(r"^(\w+) =|^\[(systems)", EXAMPLE, re.MULTILINE)) >= {
        ("partner", ""),
        ("", "systems"),
    }


def test_the_page_names_all_there_is() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert set(KNOWN) <= named
    assert set(VALUES) <= named
    assert all(re.search(rf"^{name} =|^\[{name}[.\]]", EXAMPLE, re.MULTILINE) for name in KNOWN)
    assert all(f"`{word}`" in PAGE for word in (*AFTER, *PERSONAL_TOKEN, *START_VALUES))


def test_what_is_no_text_is_no_preset(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(errors.BadInput) as caught:
        read_preset(file)
    assert caught.value.facts["reason"] == "preset_not_toml"


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
    ],
)
def test_a_refusal_says_what_is_wrong(
    text: str, reason: str, said: str, language: str, tmp_path: Path
) -> None:
    error = refused(tmp_path, text)
    assert error.facts["reason"] == reason
    explained = Texts(language=language).explain(error)
    assert said in explained.what
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
