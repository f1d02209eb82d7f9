"""Every event that is noted of a connection is told in words, and in the report for support."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import wizard.core
from wizard.core import errors
from wizard.core.history import history
from wizard.core.ledger import DELIVERED, Connection
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.report import EVENTS
from wizard.core.texts import LANGUAGES, Texts

TRIPLETEX = built_in().providers["tripletex"]
HANDED = set(DELIVERED) - {"no", "not_needed"}
CODES = {"call": "GET /companies", "failed": "key_refused", "refused": "rights_missing"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_words(event: str, language: str) -> None:
    texts = Texts(language=language, preset=Preset(partner="Fjordbanken"))
    noted = {"at": "2026-03-02T12:00:00+00:00", "event": event, "code": CODES.get(event, "")}
    row = Connection(credential="k", company={}, tested="passed", history=(noted,))
    (one,) = history(row, texts, TRIPLETEX)
    assert one.said == texts.say(
        f"history.{event}",
        what=texts.explain(
            errors.RightsMissing() if event == "refused" else errors.KeyRefused(), TRIPLETEX
        ).what,
        call=CODES["call"],
    )
    assert "…" not in one.said
    assert (event in HANDED) == ("Fjordbanken" in one.said)


def test_these_are_all_that_is_noted() -> None:
    sources = [file.read_text("utf-8") for file in Path(str(wizard.core.__file__)).parent.glob("*.py")]
    told = {word for text in sources for word in re.findall(r'\.told\(.*, "([a-z_]+)"', text)}
    assert {"made", "changed"} <= told
    assert told | HANDED | {"call"} == set(EVENTS)
