"""Which preset counts, how much of it, and what one may build on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.sealing import SIGNERS, SIGNING
from wizard.core import paths
from wizard.core.errors import BadInput, SignatureInvalid
from wizard.core.keys import new_key, public
from wizard.core.logo import checked
from wizard.core.preset import fitting, preset_in
from wizard.core.preset_chain import DEEPEST, merged
from wizard.core.preset_files import MACHINES, bundled_names, open_preset, read_preset, self_contained
from wizard.core.registry import built_in
from wizard.core.signed import PRESET, Signer, sign
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.core.preset import Preset

LOOK_ALIKE = """
partner = "Fjordbanken"
phone = "55 99 99 99"
email = "hjelp@elsewhere.example"
accent = "#FF0000"
logo = "bank.svg"
language = "en"
offer = ["tripletex", "fiken"]
[texts]
welcome = { nb = "Ring oss.", en = "Call us." }
[consent]
version = "1"
reads = { nb = "a", en = "a" }
why = { nb = "a", en = "a" }
kept = { nb = "a", en = "a" }
withdrawn = { nb = "a", en = "a" }
[systems.xledger]
method = "partner_user"
integration_user = "thief@elsewhere.example"
environment = "production"
[guide.fiken]
after = { nb = "Send nøkkelen på e-post.", en = "Mail the key." }
[[options.fiken]]
name = "pin"
kind = "number"
label = { nb = "PIN", en = "PIN" }
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bank.svg").write_bytes(SVG)
    return tmp_path


def write(folder: Path, name: str, text: str, *, signed: bool = False) -> Path:
    file = folder / name
    file.write_text(sign(text, SIGNING, PRESET) if signed else text, "utf-8")
    return file


def read(file: Path, unsigned: str = "harmless") -> Preset:
    return read_preset(file, SIGNERS, unsigned=unsigned)


def reason(file: Path, unsigned: str = "harmless") -> str:
    with pytest.raises(BadInput) as caught:
        read(file, unsigned)
    return str(caught.value.facts["reason"])


def test_a_look_alike_sets_the_language_and_the_systems_and_nothing_else(folder: Path) -> None:
    preset = read(write(folder, "bank.toml", LOOK_ALIKE))
    assert (preset.language, preset.offer, preset.value("xledger", "method")) == (
        "en", ("tripletex", "fiken"), "partner_user",
    )  # fmt: skip
    assert (preset.partner, preset.contact, preset.accent, preset.logo, preset.consent) == (
        "", "", "", None, None,
    )  # fmt: skip
    assert not preset.texts
    assert not preset.own
    assert not preset.options
    assert preset.value("xledger", "integration_user") == ""
    assert preset.value("xledger", "environment") == ""
    assert set(preset.ignored) == {
        *("partner", "phone", "email", "accent", "logo", "texts", "consent", "guide", "options"),
        *("systems.xledger.integration_user", "systems.xledger.environment"),
    }


def test_signed_it_is_whole_with_its_logo_as_data(folder: Path) -> None:
    text = self_contained(LOOK_ALIKE, folder / "bank.toml")
    preset = read(write(folder, "bank.preset", text, signed=True))
    assert preset.logo == checked(SVG)
    assert (preset.partner, preset.accent, preset.ignored) == ("Fjordbanken", "#FF0000", ())
    assert preset.consent
    assert preset.own["fiken"].after["en"] == "Mail the key."


def test_a_signed_one_takes_no_logo_from_beside_it(folder: Path) -> None:
    assert reason(write(folder, "bank.preset", LOOK_ALIKE, signed=True)) == "preset_logo_unreadable"


def test_only_the_logo_line_is_changed_for_signing(folder: Path) -> None:
    plain = 'partner = "Fjordbanken"\n'
    assert self_contained(plain, folder / "x") == plain
    whole = self_contained("logo = 'bank.svg'\n" + plain, folder / "x")
    assert self_contained(whole, folder / "x") == whole
    odd = '"logo" = "bank.svg"\n'
    with pytest.raises(BadInput):
        self_contained(odd, folder / "x")


def test_a_logo_of_full_size_can_be_signed(folder: Path) -> None:
    large = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x09\x00\x00\x00\x09".ljust(100 * 1024, b"x")
    (folder / "bank.png").write_bytes(large)
    text = self_contained('partner = "Fjordbanken"\nlogo = "bank.png"', folder / "x")
    logo = read(write(folder, "bank.preset", text, signed=True)).logo
    assert logo
    assert logo.data == large


def test_one_builds_on_another_table_by_table(folder: Path) -> None:
    write(folder, "base.toml", LOOK_ALIKE)
    above = 'extends = "base.toml"\nphone = "1"\noffer = ["fiken"]\n[systems.xledger]\nenvironment = "demo"'
    preset = read(write(folder, "bank.toml", above), "all")
    assert (preset.partner, preset.phone, preset.offer) == ("Fjordbanken", "1", ("fiken",))
    assert preset.values["xledger"] == {
        "method": "partner_user", "integration_user": "thief@elsewhere.example", "environment": "demo",
    }  # fmt: skip
    assert preset.logo == checked(SVG)


def test_tables_are_joined_and_the_rest_is_replaced() -> None:
    below: dict[str, Any] = {"a": {"b": 1, "c": {"d": 2}}, "e": [1], "f": {"g": 1}}
    above: dict[str, Any] = {"a": {"b": 3, "c": {"x": 4}}, "e": [2], "f": 5}
    assert merged(below, above) == {"a": {"b": 3, "c": {"d": 2, "x": 4}}, "e": [2], "f": 5}
    assert below["a"] == {"b": 1, "c": {"d": 2}}


def test_each_part_counts_as_far_as_it_is_vouched_for(folder: Path) -> None:
    text = 'extends = "demo"\nlanguage = "en"\nphone = "55 99 99 99"'
    preset = read(write(folder, "bank.toml", text))
    assert (preset.partner, preset.language, preset.phone) == ("Fjordbanken", "en", "55 00 11 22")
    assert preset.ignored == ("phone",)
    write(folder, "base.preset", 'partner = "Fjordbanken"\nphone = "1"', signed=True)
    preset = read(write(folder, "bank.toml", 'extends = "base.preset"\nemail = "x"'))
    assert (preset.partner, preset.phone, preset.email, preset.ignored) == (
        "Fjordbanken",
        "1",
        "",
        ("email",),
    )
    assert preset.signer == SIGNING["kid"]


def test_a_signed_one_builds_on_nothing_that_anybody_can_change(folder: Path) -> None:
    write(folder, "base.toml", 'phone = "55 99 99 99"')
    signed = write(folder, "bank.preset", 'partner = "Fjordbanken"\nextends = "base.toml"', signed=True)
    assert reason(signed) == reason(signed, "all") == "preset_extends_unsigned"
    good = write(folder, "good.preset", 'partner = "Fjordbanken"\nextends = "escali"', signed=True)
    assert read(good).value("tripletex", "integration_name") == "Stacc_EscaliFinancials"
    write(folder, "base.toml", 'partner = "Fjordbanken"\nphone = "1"', signed=True)
    assert read(signed).phone == "1"


def test_one_banks_name_is_never_joined_to_anothers_keys(folder: Path) -> None:
    other = new_key("OKP")
    signers = {**SIGNERS, other["kid"]: Signer(kid=other["kid"], key=public(other), partner="Havbanken")}
    signed = write(folder, "bank.preset", 'partner = "Fjordbanken"\nextends = "base.toml"', signed=True)
    below = f"""
partner = "Havbanken"
[handover]
upload = "https://havbanken.example/"
keys = [{toml(public(new_key()))}]
"""
    (folder / "base.toml").write_text(sign(below, other, PRESET), "utf-8")
    with pytest.raises(SignatureInvalid) as caught:
        read_preset(signed, signers)
    assert caught.value.facts["reason"] == "other_partner"


def toml(row: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{name} = "{value}"' for name, value in row.items()) + "}"


def test_a_forged_one_below_refuses_the_whole(folder: Path) -> None:
    write(folder, "base.preset", sign('phone = "1"', SIGNING, PRESET)[:-4] + "AAAA")
    with pytest.raises(SignatureInvalid):
        read(write(folder, "bank.toml", 'extends = "base.preset"'))


@pytest.mark.parametrize("name", ["absent.toml", "../base.toml", "/etc/hostname", "nobody", ""])
def test_what_it_builds_on_is_ours_or_beside_it(name: str, folder: Path) -> None:
    write(folder.parent, "base.toml", "")
    assert reason(write(folder, "bank.toml", f'extends = "{name}"')) == "preset_extends_absent"


def test_circles_and_towers_are_refused(folder: Path) -> None:
    write(folder, "a.toml", 'extends = "b.toml"')
    write(folder, "b.toml", 'extends = "a.toml"')
    assert reason(folder / "a.toml") == "preset_extends_loop"
    assert reason(write(folder, "c.toml", 'extends = "c.toml"')) == "preset_extends_loop"
    for at in range(DEEPEST):
        write(folder, f"t{at}.toml", f'extends = "t{at + 1}.toml"')
    write(folder, f"t{DEEPEST}.toml", 'language = "en"')
    assert reason(folder / "t0.toml") == "preset_extends_deep"
    assert read(folder / "t1.toml").language == "en"


def test_a_fault_below_is_told(folder: Path) -> None:
    write(folder, "base.toml", 'accent = "red"')
    assert reason(write(folder, "bank.toml", 'extends = "base.toml"')) == "preset_accent"


def test_the_wished_one_goes_before_the_machines_and_that_before_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = os.getuid()
    assert open_preset(practice=False, folder=folder, owner=me).partner == ""
    write(folder, MACHINES, 'partner = "Maskinbanken"\nlogo = "bank.svg"')
    monkeypatch.setattr(paths, "is_checkout", lambda: False)
    machines = open_preset(practice=False, folder=folder, owner=me)
    assert (machines.partner, machines.logo, machines.ignored) == ("Maskinbanken", checked(SVG), ())
    assert open_preset("escali", practice=False, folder=folder, owner=me).partner == "Stacc Escali"
    file = write(folder, "bank.toml", 'partner = "X"')
    assert open_preset(str(file), practice=False, folder=folder, owner=me).ignored == ("partner",)


def test_what_others_may_write_is_not_the_machines(folder: Path) -> None:
    file = write(folder, MACHINES, 'partner = "Maskinbanken"')
    file.chmod(0o666)
    with pytest.raises(BadInput) as caught:
        open_preset(practice=False, folder=folder, owner=os.getuid())
    assert caught.value.facts["reason"] == "policy_not_trusted"


def test_what_the_machines_builds_on_must_be_the_administrators_too(folder: Path) -> None:
    write(folder, MACHINES, 'extends = "base.toml"')
    base = write(folder, "base.toml", 'partner = "Maskinbanken"')
    assert open_preset(practice=False, folder=folder, owner=os.getuid()).partner == "Maskinbanken"
    base.chmod(0o666)
    with pytest.raises(BadInput) as caught:
        open_preset(practice=False, folder=folder, owner=os.getuid())
    assert caught.value.facts["reason"] == "preset_extends_unsigned"


@pytest.mark.parametrize("name", bundled_names())
def test_ours_fit_the_systems_and_need_no_signature(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "is_checkout", lambda: False)
    preset = fitting(open_preset(name, practice=False), built_in().providers)
    assert preset.partner
    assert preset.contact
    assert not preset.ignored
    assert not preset.seal_key
    assert set(preset.offer) <= set(built_in().providers)


def test_there_are_a_demo_bank_and_escalis() -> None:
    assert bundled_names() == ("demo", "escali")
    demo, escali = (open_preset(name, practice=True) for name in bundled_names())
    assert demo.consent
    assert demo.logo
    assert demo.accent
    assert [one.kind for one in demo.options["poweroffice"]][:2] == ["date", "product"]
    assert escali.value("xledger", "integration_user") == "integration@escali.no"
    assert escali.email == "support.nordnet@stacc.com"
    assert list(escali.offered(built_in().providers)) == list(escali.offer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_words_are_in_the_language_spoken(language: str) -> None:
    texts = Texts(language=language, preset=open_preset("demo", practice=True))
    other = Texts(language="en" if language == "nb" else "nb", preset=texts.preset)
    assert texts.partners("welcome") != other.partners("welcome") != ""
    assert Texts(language=language).partners("welcome") == ""


def test_where_none_of_the_offered_is_here_all_are() -> None:
    providers = built_in().providers
    assert preset_in('offer = ["gone"]', "x").offered(providers) == dict(providers)


@pytest.mark.parametrize(
    ("ground", "language", "said"),
    [
        ("agreed", "en", "has agreed with Fiken"),
        ("own_use", "nb", "selskapets egen løsning"),
        ("", "en", "Agree with Fjordbanken"),
        ("closed", "nb", "Avtal"),
    ],
)
def test_fikens_terms_are_said_on_the_partners_ground(ground: str, language: str, said: str) -> None:
    text = (
        f'partner = "Fjordbanken"\n[fiken]\npersonal_token = "{ground}"'
        if ground
        else 'partner = "Fjordbanken"'
    )
    providers = built_in().providers
    texts = Texts(language=language, preset=preset_in(text, "x"))
    assert said in texts.terms(providers["fiken"])
    assert texts.terms(providers["tripletex"]) == ""


def test_an_environment_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        fitting(preset_in('[systems.fiken]\nenvironment = "moon"', "x"), built_in().providers)
    assert caught.value.facts["name"] == "systems.fiken.environment"
    assert "production" in str(caught.value.facts["known"])
