"""docs/handover.md, its schema and its vectors: what a bank's developer builds a receiver from is so."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError  # type: ignore[import-untyped]

import wizard
from tests.core.sealing import KEYS, a_handover, a_sealed, an_item, body_of, header_of
from wizard.core import reply
from wizard.core.handover import FIRST, LAST, MOST, VALID, VERSION, _handover, bundle, open_sealed
from wizard.core.keys import key_set
from wizard.core.preset import Preset
from wizard.core.reply import CAUSES, Outcome
from wizard.core.secret import Secret
from wizard.core.signed import read_signers
from wizard.core.start import read_start
from wizard.core.strict import NotStrict

DOCS = Path(wizard.__file__).parent.parent / "docs"
VECTORS = DOCS / "vectors"
PAGE = (DOCS / "handover.md").read_text("utf-8")
SCHEMA = json.loads((DOCS / "handover.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
PRIVATE = (VECTORS / "private-key-for-tests-only.json").read_bytes()
EXAMPLE = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "items",
    [
        (an_item(),),
        (an_item(last={"code": "busy", "at": "2026-03-02T12:00:00Z"}, label="x", waiting_for="partner"),),
        (
            an_item(company={"id": "1", "name": "A", "ids": {"tenant": "t"}, "test": True}),
            an_item(method="m"),
        ),
        (an_item(options={"start": "2026-03-31"}),),
        (an_item(secrets={}, plain={"entity_id": "1"}, tested="not_possible_here", at="", checks={}),),
    ],
)
def test_what_we_seal_is_what_the_schema_says(items: Any) -> None:
    VALIDATOR.validate(body_of(a_handover(*items)))
    VALIDATOR.validate(body_of(a_handover(*items, reference="", preset={}, consent={}, contact="")))


@pytest.mark.parametrize("part", ["v", "id", "made", "tool", "reply", "connections"])
def test_the_schema_and_the_reader_need_the_same(part: str) -> None:
    body = body_of(a_handover())
    del body[part]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(body)
    with pytest.raises(NotStrict):
        _handover(body)


def test_the_example_of_the_page_is_what_the_first_vector_holds() -> None:
    VALIDATOR.validate(EXAMPLE)
    assert json.loads((VECTORS / "one.json").read_text("utf-8")) == EXAMPLE


@pytest.mark.parametrize("name", ["one", "several"])
def test_the_vectors_open(name: str) -> None:
    text = (VECTORS / f"{name}.koble").read_text("utf-8")
    body = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    VALIDATOR.validate(body)
    assert body_of(open_sealed(text, key_set(PRIVATE))) == body


@pytest.mark.parametrize("name", ["one", "several"])
def test_a_second_library_opens_the_vectors_by_what_the_page_says(name: str) -> None:
    from jwcrypto import jwe, jwk  # type: ignore[import-untyped]

    lines = (VECTORS / f"{name}.koble").read_text("utf-8").split()
    text = "".join(lines)
    inner = re.fullmatch(r"-----BEGINKOBLEHANDOVER-----(.*)-----ENDKOBLEHANDOVER-----", text)
    assert inner
    opened = jwe.JWE(algs=["ECDH-ES+A256KW", "A256GCM"])
    opened.deserialize(inner[1], key=jwk.JWK(**json.loads(PRIVATE)["keys"][0]))
    assert json.loads(opened.payload) == json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    assert opened.jose_header["typ"] == "koble+jwe"


def test_the_replies_of_the_vectors() -> None:
    rows = json.loads((VECTORS / "reply.json").read_text("utf-8"))
    assert json.loads((VECTORS / "several.json").read_text("utf-8"))["reply"] == rows["reply"]
    key = reply.derived(Secret(rows["reply"]), rows["handover"])
    assert key.hex() == rows["key"]
    for name, code in rows["codes"].items():
        outcome = Outcome(cause="" if name == "confirmed" else name)
        assert reply.code(key, rows["handover"], outcome) == code


def test_the_start_file_of_the_vectors() -> None:
    signers = read_signers(VECTORS / "signer.json")
    text = (VECTORS / "start.koble-start").read_text("utf-8")
    start = read_start(text, signers, Preset(partner="Fjordbanken"), datetime(2026, 3, 2, tzinfo=UTC))
    assert (start.system, start.reference) == ("visma_net", "ref-1")


def test_the_page_says_what_is_so() -> None:
    header = header_of(a_sealed())
    said = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE))
    assert said == {name: header[name] for name in ("alg", "enc", "typ", "cty")}
    assert all(f"| `{name}` |" in PAGE for name in header)
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert rows == [(str(number), cause) for number, cause in enumerate(CAUSES, 1)]
    assert f"`{reply.ALPHABET}`" in PAGE
    assert f"`{reply._INFO.decode()}`" in PAGE
    assert FIRST in PAGE
    assert LAST in PAGE
    assert f"more than {MOST // 1024} KB" in PAGE
    assert f"older than {VALID.days} days" in PAGE
    assert f"a `v` above {VERSION} is a newer format" in PAGE
    assert {file.name for file in VECTORS.iterdir()} == set(
        re.findall(r"[\w-]+\.(?:koble-start|koble|json)\b", PAGE.split("## Vectors")[1])
    )


def test_the_bundle_is_the_page_s() -> None:
    row = json.loads(
        bundle(open_sealed(a_sealed(), KEYS), [{"tested": "passed", "company": {}}], again=False)
    )
    inner = {name: value for name, value in row.items() if name != "again"} | {"reply": EXAMPLE["reply"]}
    del inner["connections"][0]["received"]
    VALIDATOR.validate(inner)
