"""Presets and start files that are signed, and what becomes of those that are not, or by somebody else."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.helpers import NOW
from tests.core.sealing import KEY, OTHER, SIGNERS, SIGNING, STRANGER, decoded, encoded, signed_by
from wizard.core import errors, paths, signed
from wizard.core.keys import as_toml, new_key, public
from wizard.core.preset import NEUTRAL_VALUES, Preset, fitting
from wizard.core.preset_files import open_preset, read_preset
from wizard.core.registry import built_in
from wizard.core.signed import PRESET, START, Signer, is_signed, read_signers, sign, trusted, verified
from wizard.core.start import Start, new_reference, preset_with, read_start, start_in, written
from wizard.core.texts import LANGUAGES, Texts
from wizard.core.world import Wish, open_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

quick = settings(deadline=None, max_examples=60)
PROVIDERS = built_in().providers
BANK = f"""
partner = "Fjordbanken"
version = "3"
phone = "55 00 11 22"
email = "hjelp@fjordbanken.example"
language = "nb"
company = "313000028"
register_lookup = true
after_handover = "keep"

[systems.xledger]
integration_user = "innsyn@fjordbanken.example"
method = "partner_user"

[systems.visma_net]
invitation_code = "ABC-123"

[handover]
keys = [{as_toml(OTHER)}, {as_toml(KEY)}]
use = "{KEY["kid"]}"
upload = "https://bank.example/koble"

[fiken]
personal_token = "agreed"
"""
TRUSTED = Preset(partner="Fjordbanken", signer=SIGNING["kid"])
BEGIN = Start(
    system="visma_net",
    environment="production",
    expect="313000028",
    language="nb",
    reference="ref-1",
    expires=(NOW + timedelta(days=7)).isoformat(),
    partner="Fjordbanken",
    values={"invitation_code": "ABC-123"},
)


def why(act: Callable[[], object], kind: type[errors.WizardError] = errors.SignatureInvalid) -> object:
    """Return why it is refused; each reason has sentences of its own, whole in both languages."""
    with pytest.raises(kind) as caught:
        act()
    for language in LANGUAGES:
        said = Texts(language=language, preset=Preset(partner="X")).explain(caught.value)
        assert "…" not in said.what + said.why + said.next
    return caught.value.facts.get("reason", "")


# Signatures


def test_what_is_signed_is_read() -> None:
    found = verified(sign(BANK, SIGNING, PRESET), SIGNERS, PRESET)
    assert (found.text, found.signer.partner) == (BANK, "Fjordbanken")
    wrapped = "\n".join(sign(BANK, SIGNING, PRESET)[at : at + 60] for at in range(0, 9999, 60))
    assert verified(wrapped, SIGNERS, PRESET).text == BANK


def test_second_libraries_agree() -> None:
    from jwcrypto import jwk, jws  # type: ignore[import-untyped]

    text = sign(BANK, SIGNING, PRESET)
    from joserfc import jws as other
    from joserfc.jwk import OKPKey

    key = OKPKey.import_key(dict(public(SIGNING)))
    assert other.deserialize_compact(text, key, ["Ed25519"]).payload.decode() == BANK
    made = other.serialize_compact(
        {"alg": "Ed25519", "kid": SIGNING["kid"], "typ": PRESET},
        BANK,
        OKPKey.import_key(dict(SIGNING)),
        ["Ed25519"],
    )
    assert verified(made, SIGNERS, PRESET).text == BANK
    header, _, signature = text.split(".")
    by_hand = jws.JWSCore(
        "EdDSA", jwk.JWK(**{**public(SIGNING), "alg": "EdDSA"}), decoded(header).decode(), BANK
    )
    assert by_hand.verify(decoded(signature)), "the same bytes under EdDSA's older name"


HEAD = {"alg": "Ed25519", "kid": SIGNING["kid"], "typ": PRESET}
HEADERS: dict[str, tuple[dict[str, object], str]] = {
    "none": ({**HEAD, "alg": "none"}, "algorithm"),
    "None": ({**HEAD, "alg": "None"}, "algorithm"),
    "older_name": ({**HEAD, "alg": "EdDSA"}, "algorithm"),
    "hmac": ({**HEAD, "alg": "HS256"}, "algorithm"),
    "nothing": ({}, "algorithm"),
    "critical": ({**HEAD, "crit": ["exp"], "exp": 1}, "header"),
    "unencoded": ({**HEAD, "crit": ["b64"], "b64": False}, "header"),
    "brings_its_key": ({**HEAD, "jwk": dict(public(STRANGER))}, "header"),
    "fetches_its_key": ({**HEAD, "jku": "https://evil.example"}, "header"),
    "certificate": ({**HEAD, "x5c": ["AA"]}, "header"),
    "for_something_else": ({**HEAD, "typ": START}, "kind"),
    "jwt": ({**HEAD, "typ": "JWT"}, "kind"),
    "untyped": ({"alg": "Ed25519", "kid": SIGNING["kid"]}, "shape"),
    "kid_of_another_kind": ({**HEAD, "kid": 5}, "shape"),
    "stranger": ({**HEAD, "kid": STRANGER["kid"]}, "unknown_signer"),
    "no_such_kid": ({**HEAD, "kid": "../signers"}, "unknown_signer"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_signature_of_another_kind_is_refused(name: str) -> None:
    header, reason = HEADERS[name]
    assert why(lambda: verified(signed_by(SIGNING, header, BANK.encode()), SIGNERS, PRESET)) == reason


def test_signed_again_with_another_key_is_refused() -> None:
    assert why(lambda: verified(sign(BANK, STRANGER, PRESET), SIGNERS, PRESET)) == "unknown_signer"
    under_a_known_name = {**STRANGER, "kid": SIGNING["kid"]}
    assert why(lambda: verified(sign(BANK, under_a_known_name, PRESET), SIGNERS, PRESET)) == "forged"
    assert why(lambda: verified(sign(BANK, SIGNING, PRESET), {}, PRESET)) == "unknown_signer"


def test_a_signature_is_for_what_it_signs() -> None:
    header, _, signature = sign(BANK, SIGNING, PRESET).split(".")
    other = encoded(BANK.replace("Fjordbanken", "Fjordbanka").encode())
    assert why(lambda: verified(f"{header}.{other}.{signature}", SIGNERS, PRESET)) == "forged"
    assert why(lambda: verified(f"{header}.{encoded(BANK.encode())}.", SIGNERS, PRESET)) == "forged"
    assert why(lambda: verified(signed_by(SIGNING, HEAD, b"\xff"), SIGNERS, PRESET)) == "shape"
    assert why(lambda: verified(f"{encoded(b'[]')}.AAAA.AAAA", SIGNERS, PRESET)) == "shape"
    assert why(lambda: verified("eyJ" + "A" * (1 << 17) + "..", SIGNERS, PRESET)) == "shape"


@quick
@given(st.data())
def test_a_bit_turned_anywhere_is_refused(data: st.DataObject) -> None:
    parts = [bytearray(decoded(part)) for part in sign(BANK, SIGNING, PRESET).split(".")]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, len(part) * 8 - 1))
    part[bit // 8] ^= 1 << bit % 8
    text = ".".join(encoded(bytes(one)) for one in parts)
    assert why(lambda: verified(text, SIGNERS, PRESET))


@quick
@given(st.data())
def test_cut_anywhere_it_is_refused(data: st.DataObject) -> None:
    text = sign(BANK, SIGNING, PRESET)
    at = data.draw(st.integers(0, len(text) - 1))
    assert why(lambda: verified(text[:at], SIGNERS, PRESET))
    assert why(lambda: verified(text + text[at], SIGNERS, PRESET))


# Who may sign


def signers_file(folder: Path, rows: object, mode: int = 0o644) -> Path:
    file = folder / "signers.json"
    file.write_text(json.dumps({"keys": rows}), "utf-8")
    file.chmod(mode)
    return file


def test_nobody_signs_for_a_program_that_was_just_installed(tmp_path: Path) -> None:
    assert json.loads((paths.resources() / "signers.json").read_text("utf-8")) == {"keys": []}
    assert trusted(tmp_path) == {}
    assert trusted() == {} or paths.policy().parent.exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="POSIX rights")
def test_the_machines_policy_adds_signers(tmp_path: Path) -> None:
    signers_file(tmp_path, [{**public(SIGNING), "partner": "Fjordbanken"}, dict(public(STRANGER))])
    found = trusted(tmp_path, owner=os.getuid())
    assert found == {**SIGNERS, STRANGER["kid"]: Signer(kid=STRANGER["kid"], key=public(STRANGER))}
    assert why(lambda: trusted(tmp_path, owner=os.getuid() + 1), errors.BadInput) == "policy_not_trusted"
    signers_file(tmp_path, [], 0o666)
    assert why(lambda: trusted(tmp_path, owner=os.getuid()), errors.BadInput) == "policy_not_trusted"


def test_no_variable_adds_a_signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signers_file(tmp_path, [dict(public(STRANGER))])
    for name in ("KOBLE_SIGNERS", "KOBLE_POLICY", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert STRANGER["kid"] not in trusted()


@pytest.mark.parametrize(
    "rows",
    [
        5,
        ["x"],
        [{**public(SIGNING), "partner": 5}],
        [dict(SIGNING)],
        [dict(public(KEY))],
        [{**public(SIGNING), "x": "AAAA"}],
    ],
)
def test_signers_of_another_form_are_refused(rows: object, tmp_path: Path) -> None:
    file = signers_file(tmp_path, rows)
    assert why(lambda: read_signers(file), errors.BadInput) in {"signers_wrong", "private_key"}


def test_a_file_of_signers_that_is_no_file_is_refused(tmp_path: Path) -> None:
    assert why(lambda: read_signers(tmp_path / "absent"), errors.BadInput) == "signers_wrong"
    (tmp_path / "signers.json").mkdir(mode=0o755)
    owner = os.getuid() if hasattr(os, "getuid") else 0
    assert why(lambda: trusted(tmp_path, owner=owner), errors.BadInput) == "signers_wrong"
    blocked = tmp_path / "file"
    blocked.write_text("x", "utf-8")
    assert why(lambda: trusted(blocked), errors.BadInput) == "signers_wrong"


# The preset


def preset(folder: Path, text: str, **more: Any) -> Preset:
    file = folder / "bank.preset"
    file.write_text(text, "utf-8")
    return read_preset(file, more.pop("signers", SIGNERS), **more)


def test_a_signed_preset_counts_wholly(tmp_path: Path) -> None:
    found = preset(tmp_path, sign(BANK, SIGNING, PRESET) + "\n")
    assert (found.partner, found.version, found.signer, found.ignored) == (
        "Fjordbanken", "3", SIGNING["kid"], (),
    )  # fmt: skip
    assert found.seal_key == public(KEY), "the one that is named comes first"
    assert [one["kid"] for one in found.seal_keys] == [KEY["kid"], OTHER["kid"]]
    assert (found.upload, found.after, found.fiken) == ("https://bank.example/koble", "keep", "agreed")
    assert found.contact == "55 00 11 22 · hjelp@fjordbanken.example"


def test_an_unsigned_preset_cannot_pose_as_the_bank(tmp_path: Path) -> None:
    found = preset(tmp_path, BANK)
    left = replace(found, ignored=())
    values = {**NEUTRAL_VALUES, "xledger": {"method": "partner_user"}}
    assert left == Preset(language="nb", values=values)
    assert set(found.ignored) == {
        "partner", "version", "phone", "email", "company", "after_handover", "register_lookup", "fiken",
        "handover", "systems.xledger.integration_user", "systems.visma_net.invitation_code",
    }  # fmt: skip
    assert found.seal_key is None
    assert found.after == "keep"
    stripped = sign(BANK, SIGNING, PRESET).split(".")[1]
    assert preset(tmp_path, decoded(stripped).decode()) == found, "a signature taken off is none"
    assert preset(tmp_path, 'language = "en"').ignored == ()


def test_in_practice_all_counts_but_where_it_is_sealed_to(tmp_path: Path) -> None:
    found = preset(tmp_path, BANK, unsigned="practice")
    assert (found.partner, found.seal_keys, found.upload, found.ignored) == (
        "Fjordbanken",
        (),
        "",
        ("handover",),
    )
    assert preset(tmp_path, 'partner = "X"', unsigned="practice").ignored == ()
    assert preset(tmp_path, BANK, unsigned="all").seal_key == public(KEY)


def test_a_preset_that_is_signed_by_nobody_known_is_refused(tmp_path: Path) -> None:
    assert why(lambda: preset(tmp_path, sign(BANK, STRANGER, PRESET))) == "unknown_signer"
    assert why(lambda: preset(tmp_path, sign(BANK, STRANGER, PRESET), unsigned="all")) == "unknown_signer"
    assert why(lambda: preset(tmp_path, sign(BANK, SIGNING, PRESET), signers=None)) == "unknown_signer"


def test_a_signer_signs_in_one_partners_name(tmp_path: Path) -> None:
    other = BANK.replace("Fjordbanken", "Sparebanken")
    assert why(lambda: preset(tmp_path, sign(other, SIGNING, PRESET))) == "other_partner"
    anybody = {SIGNING["kid"]: replace(SIGNERS[SIGNING["kid"]], partner="")}
    assert preset(tmp_path, sign(other, SIGNING, PRESET), signers=anybody).partner == "Sparebanken"


def test_what_an_installed_program_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bank.toml"
    file.write_text(BANK, "utf-8")
    assert open_preset(str(file), practice=False).partner == "Fjordbanken", "a checkout"
    monkeypatch.setattr(paths, "is_checkout", lambda: False)
    assert open_preset(str(file), practice=False).partner == ""
    assert open_preset(str(file), practice=True).partner == "Fjordbanken"
    assert open_preset(str(file), practice=True).seal_key is None


def keys(*rows: str) -> str:
    return f"[handover]\nkeys = [{', '.join(rows)}]\n"


HANDOVERS: dict[str, tuple[str, str]] = {
    "private": (keys(as_toml(KEY)[:-2] + f', d = "{KEY["d"]}" }}'), "preset_private_key"),
    "no_key": (keys('"x"'), "preset_seal_key"),
    "off_the_curve": (keys(as_toml({**KEY, "y": KEY["x"]})), "preset_seal_key"),
    "other_curve": (keys(as_toml({**KEY, "crv": "P-384"})), "preset_seal_key"),
    "signing_key": (keys(as_toml(new_key("OKP"))), "preset_seal_key"),
    "twice": (keys(as_toml(KEY), as_toml(KEY)), "preset_seal_key"),
    "use_of_another": (keys(as_toml(KEY)) + 'use = "nobody"', "preset_seal_key"),
    "use_of_none": ('[handover]\nuse = "nobody"', "preset_seal_key"),
    "no_list": ("[handover]\nkeys = 5", "preset_wrong_type"),
    "no_table": ("handover = 5", "preset_wrong_type"),
    "unknown": ("[handover]\nkey = 5", "preset_unknown_key"),
    "upload_in_clear": ('[handover]\nupload = "http://bank.example"', "preset_upload"),
    "program_in_clear": ('program = "http://bank.example"', "preset_program"),
    "upload_odd": ('[handover]\nupload = "https://[bank.example"', "preset_upload"),
    "upload_port": ('[handover]\nupload = "https://bank.example:x/"', "preset_upload"),
    "upload_two_ways": ("[handover]\nupload = 'https://bank.example\\.thief.example/'", "preset_upload"),
    "upload_in_other_letters": ('[handover]\nupload = "https://b\u00e4nk.example"', "preset_upload"),
    "upload_nowhere": ('[handover]\nupload = "https://"', "preset_upload"),
    "upload_as_somebody": ('[handover]\nupload = "https://a:b@bank.example"', "preset_upload"),
    "after": ('after_handover = "burn"', "preset_pick"),
    "fiken": ('[fiken]\npersonal_token = "perhaps"', "preset_pick"),
    "fiken_unknown": ('[fiken]\ntoken = "x"', "preset_unknown_key"),
    "fiken_no_table": ("fiken = 5", "preset_wrong_type"),
}


@pytest.mark.parametrize("name", HANDOVERS)
def test_a_preset_with_wrong_keys_says_what_is_wrong(name: str, tmp_path: Path) -> None:
    text, reason = HANDOVERS[name]
    assert why(lambda: preset(tmp_path, text, unsigned="all"), errors.BadInput) == reason
    assert KEY["d"] not in repr(text) or name == "private"


def test_what_becomes_of_a_key_unless_the_partner_says(tmp_path: Path) -> None:
    assert preset(tmp_path, keys(as_toml(KEY)), unsigned="all").after == "forget"
    assert Preset().after == "keep"
    assert Preset(partner="X").contact == "X"


async def ordered(bank: Preset, slug: str) -> object:
    from wizard.core.practice import practice_of

    with open_world(practice=True, preset=bank) as world:
        good: Any = practice_of(PROVIDERS[slug]).good
        return await world.order(world.provider(slug), Wish(answers=good["answers"], expect="313000028"))


async def settled(bank: Preset) -> object:
    from wizard.core.connect import Answers

    with open_world(practice=True, preset=bank) as world:
        answers = Answers(secrets={}, plain={}, warnings=())
        return await world.settled(world.provider("fiken"), answers, Wish())


def test_a_partner_that_takes_no_personal_keys() -> None:
    import anyio

    bank = Preset(partner="Fjordbanken", phone="55 00 11 22", fiken="closed")
    assert bank.closed("fiken")
    assert not bank.closed("tripletex")
    with pytest.raises(errors.MethodClosed) as caught:
        anyio.run(ordered, bank, "fiken")
    with pytest.raises(errors.MethodClosed):
        anyio.run(settled, bank)
    for language in LANGUAGES:
        texts = Texts(language=language, preset=bank)
        assert "55 00 11 22" in texts.explain(caught.value, PROVIDERS["fiken"]).next
    assert anyio.run(ordered, bank, "tripletex")
    assert anyio.run(ordered, replace(bank, fiken="own_use"), "fiken")


# The start file


def started(text: str, **more: Any) -> Start:
    made = {"signers": SIGNERS, "preset": TRUSTED, "now": NOW, **more}
    return read_start(text, **made)


def test_a_start_file_is_read() -> None:
    found = started(written(BEGIN, SIGNING))
    assert replace(found, signer="") == replace(BEGIN, expires="2026-03-09T12:00:00+00:00")
    assert found.signer == SIGNING["kid"]
    assert len(new_reference()) == 16
    assert started(written(BEGIN, SIGNING), preset=Preset()).partner == "Fjordbanken"


def test_what_a_start_file_answers_is_not_asked() -> None:
    found = preset_with(TRUSTED, BEGIN, PROVIDERS["visma_net"])
    assert (found.company, found.language) == ("313000028", "nb")
    assert found.value("visma_net", "invitation_code") == "ABC-123"
    assert found.value("tripletex", "integration_name") == "Koble"
    assert fitting(found, PROVIDERS) is found
    moon = replace(BEGIN, environment="moon")
    assert why(lambda: preset_with(TRUSTED, moon, PROVIDERS["visma_net"]), errors.BadInput) == "start_wrong"


def test_a_start_file_that_nobody_signed_is_refused() -> None:
    body = decoded(written(BEGIN, SIGNING).split(".")[1]).decode()
    assert why(lambda: started(body)) == "unsigned"
    assert started(body, unsigned=True).reference == "ref-1"
    none = signed_by(SIGNING, {"alg": "none", "kid": "x", "typ": START}, body.encode())
    assert why(lambda: started(none)) == "algorithm"
    assert why(lambda: started(none.rpartition(".")[0] + ".")) == "algorithm"


def test_a_start_file_that_another_signed_is_refused() -> None:
    assert why(lambda: started(written(BEGIN, STRANGER))) == "unknown_signer"
    assert why(lambda: started(written(BEGIN, {**STRANGER, "kid": SIGNING["kid"]}))) == "forged"
    assert why(lambda: started(sign(BANK, SIGNING, PRESET))) == "kind"


def test_a_start_file_is_of_the_presets_partner() -> None:
    for other in (replace(BEGIN, partner="Sparebanken"), replace(BEGIN, partner="")):
        text = written(other, SIGNING)
        assert why(lambda text=text: started(text, preset=Preset(partner="Sparebanken"))) == "other_partner"  # type: ignore[misc]
    both = {**SIGNERS, STRANGER["kid"]: Signer(kid=STRANGER["kid"], key=public(STRANGER))}
    assert why(lambda: started(written(BEGIN, STRANGER), signers=both)) == "other_partner"
    bound = {**both, STRANGER["kid"]: replace(both[STRANGER["kid"]], partner="Fjordbanken")}
    assert started(written(BEGIN, STRANGER), signers=bound).signer == STRANGER["kid"], "keys change"


def test_a_start_file_that_is_no_longer_valid_is_refused() -> None:
    text = written(BEGIN, SIGNING)
    assert why(lambda: started(text, now=NOW + timedelta(days=8)), errors.StartExpired) == ""
    assert started(text, now=NOW + timedelta(days=6)).reference == "ref-1"


STARTS: dict[str, object] = {
    "v": 0,
    "system": "../fiken",
    "environment": "a b",
    "expect": "313000029",
    "values": {"api_host": "evil.example"},
    "reference": "",
    "expires": "soon",
    "language": "de",
    "partner": 5,
    "token": "secret",
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_file_of_another_form_is_refused(name: str) -> None:
    body = json.loads(decoded(written(BEGIN, SIGNING).split(".")[1]))
    text = json.dumps({**body, name: STARTS[name]})
    assert why(lambda: start_in(text), errors.BadInput) == "start_wrong"
    assert why(lambda: started(sign(text, SIGNING, START)), errors.BadInput) == "start_wrong"


def test_more_start_files_of_another_form() -> None:
    for text in ("", "[]", '{"v": 1, "v": 1}', "[" * 9999, "\ud800"):
        assert why(lambda text=text: start_in(text), errors.BadInput) == "start_wrong"  # type: ignore[misc]
    assert why(lambda: start_in('{"v": 2}'), errors.BadInput) == "start_newer"
    assert why(lambda: written(replace(BEGIN, expect="1"), SIGNING), errors.BadInput) == "start_wrong"
    assert (
        start_in(
            json.dumps({"v": 1, "system": "a", "reference": "r", "expires": "2026-03-02T12:00:00Z"})
        ).expect
        == ""
    )


def test_what_claims_to_be_signed() -> None:
    assert is_signed(written(BEGIN, SIGNING))
    assert not is_signed(BANK)
    assert not is_signed("a.b.c")
    assert signed.ALG == "Ed25519"
