"""The hand-over: what is sealed comes out again, and everything else is refused with a sentence."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.helpers import Small, company, store_in
from tests.core.sealing import (
    CANARY,
    KEY,
    KEYS,
    NOW,
    OTHER,
    a_handover,
    a_sealed,
    an_item,
    body_of,
    decoded,
    encoded,
    header_of,
    sealed_body,
    with_header,
)
from wizard.core import errors
from wizard.core.connect import Proof
from wizard.core.handover import (
    FIRST,
    LAST,
    MOST,
    MOST_ITEMS,
    Handover,
    answers,
    armoured,
    bundle,
    file_name,
    handover,
    item,
    key_left,
    open_sealed,
    seal,
)
from wizard.core.keys import new_key, public
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIKEN = built_in().providers["fiken"]
quick = settings(deadline=None, max_examples=60)


def refused(text: str, keys: Any = KEYS) -> str:
    """Return why it is refused; each reason has its sentences in both languages."""
    with pytest.raises(errors.HandoverInvalid) as caught:
        open_sealed(text, keys)
    for language in LANGUAGES:
        said = Texts(language=language).explain(caught.value)
        assert "…" not in said.what + said.why + said.next
    return str(caught.value.facts["reason"])


def test_what_is_sealed_comes_out_again() -> None:
    what = a_handover(
        an_item(
            label="Main books", last={"code": "busy", "at": "2026-03-02T12:00:00Z"}, waiting_for="partner"
        ),
        an_item(system="xledger", method="api_token", plain={"entity_id": "23001"}, secrets={}),
    )
    assert open_sealed(seal(what, public(KEY)), KEYS) == what
    bare = a_handover(an_item(rights={}, checks={}, at=""), reference="", preset={}, consent={}, contact="")
    assert open_sealed(seal(bare, public(KEY)), KEYS) == bare


@quick
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60),
    st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.booleans(), max_size=5),
)
def test_whatever_the_secret_and_the_rights(value: str, rights: dict[str, bool]) -> None:
    what = (
        a_handover(an_item(secrets={"token": Secret(value)}, rights=rights))
        if value.isprintable()
        else a_handover()
    )
    assert open_sealed(armoured(seal(what, public(KEY))), KEYS) == what


def test_nothing_is_seen_from_outside() -> None:
    what = a_handover()
    text = armoured(seal(what, public(KEY)))
    assert CANARY not in text
    assert encoded(CANARY.encode())[:12] not in text
    assert file_name(what) == "koble-fedcba98.koble"
    assert header_of(open_text(text)).keys() == {"alg", "enc", "kid", "typ", "cty", "epk"}
    assert CANARY not in repr(what)
    assert seal(what, public(KEY)) != seal(what, public(KEY)), "a key of its own each time"


def open_text(text: str) -> str:
    return "".join(text.splitlines()[1:-1])


MAILS: dict[str, Callable[[str], str]] = {
    "bare": open_text,
    "as_it_is": lambda text: text,
    "windows": lambda text: text.replace("\n", "\r\n"),
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "quoted_twice": lambda text: "".join(f">> {line}\n" for line in text.splitlines()),
    "in_a_mail": lambda text: f"Hei!\n\n{text}\n\nHilsen Kari\nwww.example.test",
    "on_one_line": lambda text: " ".join(text.split("\n")),
    "typeset_dashes": lambda text: text.replace("-----", "––—"),
    "no_break_spaces": lambda text: text.replace("\n", "\u00a0\n\u200b"),
    "wrapped_anew": lambda text: re.sub(r"(.{40})", r"\1\n", open_text(text)),
    "a_mark_at_the_beginning": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("name", MAILS)
def test_what_a_mail_makes_of_it_is_read(name: str) -> None:
    assert open_sealed(MAILS[name](armoured(a_sealed())), KEYS) == a_handover()


def test_one_at_a_time() -> None:
    assert refused(armoured(a_sealed()) * 2) == "several"


def test_one_tripletex_connection_fits_a_message_box() -> None:
    provider = built_in().providers["tripletex"]
    from wizard.core.practice import practice_of

    token = practice_of(provider).good["answers"]["employee_token"]  # type: ignore[index]
    one = an_item(
        system="tripletex",
        expected="313000060",
        company={"id": "", "name": "Havblikk Fiskemottak AS", "orgnr": "313000060"},
        secrets={"employee_token": Secret(token)},
        rights={},
        checks={check.name: "skipped" for check in provider.checks},
        tested="not_possible_here",
        delivered="no",
        waiting_for="partner",
        at="",
    )
    plain = replace(
        a_handover(one), consent={}, contact="", reference="0123456789abcdef", preset={"name": "Fjordbanken"}
    )
    assert len(armoured(seal(plain, public(KEY)))) <= 1300
    tested = replace(
        one,
        rights={right.name: True for right in provider.rights},
        checks={check.name: "passed" for check in provider.checks},
        company={"id": "108136045", "name": "Havblikk Fiskemottak AS", "orgnr": "313000060"},
        tested="passed",
        delivered="not_needed",
        waiting_for="nobody",
        at="2026-03-02T12:00:00Z",
    )
    assert len(armoured(seal(replace(plain, items=(tested,)), public(KEY)))) <= 1400


# What is refused


@quick
@given(st.data())
def test_a_text_cut_anywhere_is_refused(data: st.DataObject) -> None:
    text = a_sealed()
    at = data.draw(st.integers(0, len(text) - 1))
    assert refused(text[:at]) in {"shape", "tampered", "algorithm"}
    assert refused(text[at + 1 :]) in {"shape", "tampered", "algorithm"}


@quick
@given(st.data())
def test_a_bit_turned_anywhere_is_refused(data: st.DataObject) -> None:
    parts = [bytearray(decoded(part)) for part in a_sealed().split(".")]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, len(part) * 8 - 1))
    part[bit // 8] ^= 1 << bit % 8
    assert refused(".".join(encoded(bytes(one)) for one in parts)) in {
        "shape", "tampered", "algorithm", "other_key",
    }  # fmt: skip


@quick
@given(st.data())
def test_another_letter_anywhere_is_refused_even_where_it_means_the_same(data: st.DataObject) -> None:
    text = a_sealed()
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABab01-_.=+/"))
    if letter != text[at]:
        assert refused(text[:at] + letter + text[at + 1 :]) in {"shape", "tampered", "algorithm", "other_key"}


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    text = a_sealed()  # the last letter of the tag has four bits that mean nothing
    other = next(
        letter
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        if letter != text[-1] and decoded(text[-22:-1] + letter) == decoded(text[-22:])
    )
    assert refused(text[:-1] + other) == "shape"


@quick
@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    assert refused(text) in {"shape", "several"}
    assert refused(f"{FIRST}\n{text}\n{LAST}") in {"shape", "several"}


@pytest.mark.parametrize("tail", [".", ".x", "x", "====", ".eyJ9", "AAAA"])
def test_garbage_at_the_end_is_refused(tail: str) -> None:
    assert refused(a_sealed() + tail) in {"shape", "tampered"}


def changed(**more: object) -> str:
    text = a_sealed()
    header = {**header_of(text), **more}
    return with_header(text, {name: value for name, value in header.items() if value is not None})


HEADERS: dict[str, tuple[dict[str, object], str]] = {
    "none": ({"alg": "none"}, "algorithm"),
    "dir": ({"alg": "dir"}, "algorithm"),
    "without_wrapping": ({"alg": "ECDH-ES"}, "algorithm"),
    "weaker_wrapping": ({"alg": "ECDH-ES+A128KW"}, "algorithm"),
    "password": ({"alg": "PBES2-HS256+A128KW"}, "algorithm"),
    "rsa1_5": ({"alg": "RSA1_5"}, "algorithm"),
    "cbc": ({"enc": "A256CBC-HS512"}, "algorithm"),
    "weaker": ({"enc": "A128GCM"}, "algorithm"),
    "zip": ({"zip": "DEF"}, "algorithm"),
    "critical": ({"crit": ["exp"]}, "algorithm"),
    "brings_a_key": ({"jwk": {"kty": "EC"}}, "algorithm"),
    "fetches_a_key": ({"jku": "https://evil.example.test"}, "algorithm"),
    "unknown": ({"x": "y"}, "shape"),
    "no_alg": ({"alg": None}, "shape"),
    "no_enc": ({"enc": None}, "shape"),
    "no_kid": ({"kid": None}, "shape"),
    "kid_of_another_kind": ({"kid": 7}, "shape"),
    "other_type": ({"typ": "JWE"}, "shape"),
    "other_content": ({"cty": "JWT"}, "shape"),
    "no_point": ({"epk": None}, "shape"),
    "point_without_x": ({"epk": {"kty": "EC", "crv": "P-256", "y": "AA"}}, "shape"),
    "private_point": ({"epk": {**KEY}}, "shape"),
    "other_curve": ({"epk": {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}}, "algorithm"),
    "off_the_curve": ({"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, "tampered"),
    "unknown_key": ({"kid": "nobody"}, "other_key"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_of_another_kind_is_refused(name: str) -> None:
    more, reason = HEADERS[name]
    assert refused(changed(**more)) == reason


def test_a_header_that_says_two_things_is_refused() -> None:
    text = a_sealed()
    twice = json.dumps(header_of(text))[:-1] + ', "alg": "none"}'
    assert refused(with_header(text, twice.encode())) == "shape"
    assert refused(with_header(text, b"[]")) == "shape"
    assert refused(with_header(text, b"\xff")) == "shape"


def test_what_is_sealed_to_another_is_refused() -> None:
    other = seal(a_handover(), public(OTHER))
    assert refused(other) == "other_key"
    assert refused(other, {}) == "other_key"
    swapped = {OTHER["kid"]: {**KEY, "kid": OTHER["kid"]}}
    assert refused(other, swapped) == "tampered"


def test_the_parts_of_two_do_not_make_a_third() -> None:
    one, other = a_sealed().split("."), a_sealed().split(".")
    for at in range(5):
        mixed = [*one[:at], other[at], *one[at + 1 :]]
        assert refused(".".join(mixed)) == "tampered"


def test_what_is_too_large_is_not_even_looked_at() -> None:
    assert refused("A" * (MOST + 1)) == "too_large"
    assert refused("ø" * (MOST // 2 + 1)) == "too_large"
    many = [an_item()] * MOST_ITEMS
    with pytest.raises(errors.BadInput) as caught:
        seal(a_handover(*many, *many, *many), public(KEY))
    assert caught.value.facts["reason"] == "handover_too_large"


BODIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a_list": (lambda body: [body], "shape"),
    "nothing": (lambda body: {}, "shape"),
    "newer": (lambda body: {**body, "v": 2}, "newer"),
    "newer_and_quite_different": (lambda body: {"v": 3, "all": "new"}, "newer"),
    "older_than_the_first": (lambda body: {**body, "v": 0}, "shape"),
    "true_is_no_number": (lambda body: {**body, "v": True}, "shape"),
    "unknown_name": (lambda body: {**body, "more": 1}, "shape"),
    "no_connections": (lambda body: {**body, "connections": []}, "shape"),
    "too_many": (lambda body: {**body, "connections": body["connections"] * (MOST_ITEMS + 1)}, "shape"),
    "id": (lambda body: {**body, "id": "../../etc/passwd"}, "shape"),
    "reply": (lambda body: {**body, "reply": "AAAA"}, "shape"),
    "reference": (lambda body: {**body, "reference": "a b"}, "shape"),
    "made": (lambda body: {**body, "made": "yesterday"}, "shape"),
    "made_nowhere": (lambda body: {**body, "made": "2026-03-02T12:00:00"}, "shape"),
    "consent": (lambda body: {**body, "consent": {"name": "x"}}, "shape"),
    "line_break": (lambda body: {**body, "contact": "a\nb"}, "shape"),
    "long": (lambda body: {**body, "contact": "a" * 9000}, "shape"),
    "deep": (lambda body: {**body, "consent": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}}, "shape"),
    "text_for_a_table": (lambda body: {**body, "preset": "Fjordbanken"}, "shape"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_another_form_is_refused(name: str) -> None:
    change, reason = BODIES[name]
    assert refused(sealed_body(change(body_of(a_handover())))) == reason


ITEMS: dict[str, object] = {
    "system": "../fiken",
    "environment": "PRODUCTION",
    "method": "a b",
    "expected": "01017012345",
    "tested": "perhaps",
    "delivered": "perhaps",
    "waiting_for": "Godot",
    "at": "now",
    "secrets": {"token": 5},
    "plain": {"a": ["b"]},
    "rights": {"a": "yes"},
    "checks": {"a": "b"},
    "last": {"code": "A!", "at": "2026-03-02T12:00:00Z"},
    "company": {"id": "a"},
    "more": "x",
}


@pytest.mark.parametrize("name", ITEMS)
def test_a_connection_of_another_form_is_refused(name: str) -> None:
    body = body_of(a_handover())
    body["connections"] = [{**body["connections"][0], name: ITEMS[name]}]
    assert refused(sealed_body(body)) == "shape"


def test_numbers_that_are_no_organisations_are_refused() -> None:
    for orgnr in ("01017012345", "31300002", ""):
        body = body_of(a_handover())
        body["connections"][0]["company"]["orgnr"] = orgnr
        assert refused(sealed_body(body)) == "shape"
    body = body_of(a_handover())
    body["connections"] = ["fiken"]
    assert refused(sealed_body(body)) == "shape"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"{",
        b'{"v": NaN}',
        b"[" * 100_000,
        b'{"v": 1, "v": 1}',
        b'{"v": "\\ud800"}',
        b"1" * 5000,
        b'{"v": 1} {}',
        json.dumps({str(at): "x" for at in range(200)}).encode(),
    ],
)
def test_what_is_no_strict_json_is_refused(body: bytes) -> None:
    assert refused(sealed_body(body)) == "shape"


# What is packed, and unpacked


async def kept(tmp_path: Path, **more: Any) -> tuple[Any, Any, Any]:
    store = store_in(tmp_path)
    one = company("one", "313000028")
    order = Small().order(expect="313000028")
    made = await store.keep(Proof(order=order, companies=(one,), chosen=(one,)))
    return await store.open(made[0].connection)


def run(work: Any) -> Any:
    import anyio

    return anyio.run(lambda: work)


def test_a_stored_connection_is_packed(tmp_path: Path) -> None:
    row, credential, secrets = run(kept(tmp_path))
    provider = Small().provider()
    packed = item(row, credential, secrets, provider)
    assert (packed.expected, packed.tested, packed.label) == ("313000028", "passed", "Main books")
    assert packed.checks == {"sign_in": "passed", "companies": "passed", "access": "passed"}
    assert packed.secrets.keys() == {"key", "other"}
    assert packed.name == "One AS"
    failed = replace(row, last_code="key_refused").told("2026-03-03T12:00:00+00:00", "failed", "key_refused")
    assert item(failed, credential, secrets, provider).last == {
        "code": "key_refused",
        "at": "2026-03-03T12:00:00Z",
    }
    never = replace(row, last_code="busy", history=())
    assert item(never, credential, secrets, provider).last["at"] == "2026-03-02T12:00:00Z"
    right = replace(row, company={**row.company, "rights": {"company": True}}, tested="later")
    packed = item(right, credential, secrets, provider)
    assert packed.rights == {"company": True}
    assert set(packed.company) == {"id", "name", "orgnr"}
    assert set(packed.checks.values()) == {"skipped"}
    made = handover([packed], NOW, Preset(partner="Fjordbanken"), "ref-1")
    assert (made.preset, made.made, len(made.id)) == ({"name": "Fjordbanken"}, "2026-03-02T12:00:00Z", 32)
    assert open_sealed(seal(made, public(KEY)), KEYS) == made


def test_a_key_that_is_gone_is_not_packed(tmp_path: Path) -> None:
    row, credential, _ = run(kept(tmp_path))
    with pytest.raises(errors.FieldInvalid) as caught:
        item(row, credential, {}, Small().provider())
    assert caught.value.facts["reason"] == "gone"
    left = replace(row, delivered="confirmed"), replace(credential, items={})
    assert key_left(*left, Small().provider())
    with pytest.raises(errors.HandedOver):
        item(*left, {}, Small().provider())


def test_what_came_is_looked_at_as_if_it_had_been_typed() -> None:
    made = answers(an_item(), FIKEN, FIKEN.environments[0])
    assert made.secrets == {"token": Secret(CANARY)}
    with pytest.raises(errors.FieldInvalid):
        answers(an_item(secrets={"token": Secret("a b")}), FIKEN, FIKEN.environments[0])
    with pytest.raises(errors.HandoverInvalid) as caught:
        answers(an_item(plain={"admin": "yes"}), FIKEN, FIKEN.environments[0])
    assert caught.value.facts == {"reason": "fields", "system": "Fiken"}


def test_the_bundle_has_all_but_what_the_reply_is_made_from() -> None:
    what = a_handover()
    row = json.loads(bundle(what, [{"tested": "passed"}], again=True))
    assert row["connections"][0]["secrets"] == {"token": CANARY}
    assert row["connections"][0]["received"] == {"tested": "passed"}
    assert (row["id"], row["again"], "reply" in row) == (what.id, True, False)


def test_a_second_library_opens_what_we_seal() -> None:
    from jwcrypto import jwe, jwk  # type: ignore[import-untyped]

    opened = jwe.JWE(algs=["ECDH-ES+A256KW", "A256GCM"])
    opened.deserialize(a_sealed(), key=jwk.JWK(**KEY))
    assert json.loads(opened.payload) == body_of(a_handover())


def test_we_open_what_a_second_library_seals() -> None:
    from jwcrypto import jwe, jwk

    header = {**header_of(a_sealed())}
    del header["epk"]
    made = jwe.JWE(json.dumps(body_of(a_handover())), json.dumps(header))
    made.add_recipient(jwk.JWK(**public(KEY)))
    assert open_sealed(made.serialize(compact=True), KEYS) == a_handover()
    squeezed = jwe.JWE(json.dumps(body_of(a_handover())), json.dumps({**header, "zip": "DEF"}))
    squeezed.add_recipient(jwk.JWK(**public(KEY)))
    assert refused(squeezed.serialize(compact=True)) == "algorithm"


def test_old_keys_stay_readable_beside_the_new() -> None:
    fresh = new_key()
    both = {fresh["kid"]: fresh, **KEYS}
    assert isinstance(open_sealed(a_sealed(), both), Handover)
    assert open_sealed(seal(a_handover(), public(fresh)), both) == a_handover()
