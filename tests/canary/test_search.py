"""The search finds what is planted, in each encoding and in each channel; else it proves nothing."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel, QListWidget, QWidget

from tests.canary.keys import FORMS, PROVIDERS, canary, ways
from tests.canary.search import ENCODINGS, Canary, Search, encodings
from tests.canary.seen import every_text
from wizard.core.secret import Secret, redacted
from wizard.core.silence import silenced

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

FIELDS = tuple(FORMS)
DIRTY = Canary("dirty", "  ø%41\\ \"<'&é\u2028𝄞~ ?/+=", ("0123456789abcdef",))


def test_there_is_a_canary_for_every_secret_field() -> None:
    asked = {
        f"{slug}.{field.name}"
        for slug, one in PROVIDERS.items()
        for field in (*one.every_field, *one.partner_keys)
        if field.secret
    }
    assert asked == set(FORMS)
    assert {one.name for way in ways() for one in way.canaries} == asked
    assert len(ENCODINGS) >= 30


@pytest.mark.parametrize("name", FIELDS)
def test_a_canary_has_its_fields_form_and_is_found_nowhere_else(name: str) -> None:
    slug, _, field = name.partition(".")
    every = (*PROVIDERS[slug].every_field, *PROVIDERS[slug].partner_keys)
    (meant,) = [one for one in every if one.name == field]
    first, second = canary(slug, field), canary(slug, field)
    assert meant.clean(first.value, PROVIDERS[slug].environments[0])[0] == Secret(first.value)
    assert first.value != second.value
    search = Search([first])
    assert (
        search.everywhere(
            "other", texts={"text": "\n".join(one.decode("latin-1") for _, one in encodings(second))}
        )
        == []
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_encoding_is_found_in_each_channel(encoding: str, tmp_path: Path) -> None:
    for one in (canary("fiken", "token"), DIRTY):
        for name, needle in encodings(one):
            if name != encoding or len(needle) < 4:
                continue
            planted = b"before " + needle + b" after"
            (tmp_path / "folder").mkdir(exist_ok=True)
            (tmp_path / "folder" / "koble.log").write_bytes(planted)
            (tmp_path / "folder" / "old.gz").write_bytes(gzip.compress(planted))
            with zipfile.ZipFile(tmp_path / "folder" / "diagnostics.zip", "w") as pack:
                pack.writestr("inner.txt", planted)
            hits = Search([one]).everywhere("self-test", root=tmp_path, texts={"stdout": planted})
            found = {hit.channel for hit in hits if hit.encoding == encoding}
            assert {"stdout", "file koble.log", "file old.gz", "file diagnostics.zip"} <= found, name


def test_a_name_of_a_file_is_a_channel(tmp_path: Path) -> None:
    one = canary("tripletex", "employee_token")
    (tmp_path / one.parts[0]).mkdir()
    assert Search([one]).everywhere("self-test", root=tmp_path)[0].channel == "file names"


def test_what_is_planted_in_a_window_is_found(qtbot: QtBot) -> None:
    one = canary("fiken", "token")
    for place in ("title", "tip", "name", "description", "text", "list", "clipboard", "dynamic"):
        holder = QWidget()
        qtbot.addWidget(holder)
        label, rows = QLabel(holder), QListWidget(holder)
        assert Search([one]).everywhere(place, texts=every_text()) == []
        plant(holder, label, rows, place, one.value)
        assert Search([one]).everywhere(place, texts=every_text()), place
        plant(holder, label, rows, place, "")
        rows.clear()


def plant(holder: QWidget, label: QLabel, rows: QListWidget, place: str, value: str) -> None:
    from PySide6.QtGui import QGuiApplication

    acts: dict[str, Callable[[], object]] = {
        "title": lambda: holder.setWindowTitle(value),
        "tip": lambda: label.setToolTip(value),
        "name": lambda: label.setAccessibleName(value),
        "description": lambda: label.setAccessibleDescription(value),
        "text": lambda: label.setText(value),
        "list": lambda: rows.addItem(value),
        "clipboard": lambda: QGuiApplication.clipboard().setText(value),
        "dynamic": lambda: label.setProperty("mine", value),
    }
    acts[place]()


@pytest.mark.parametrize("name", [*FIELDS, "dirty"])
def test_what_masks_and_what_searches_agree(name: str) -> None:
    """Each encoding that the search knows is masked: the two share no code."""
    one = DIRTY if name == "dirty" else canary(*name.split("."))
    secret = Secret(one.value)
    for encoding, needle in encodings(Canary(one.name, one.value, (one.value,))):
        text = needle.decode("latin-1") if encoding == "latin-1" else needle.decode("utf-8", "replace")
        if encoding.startswith("utf-16") and needle.count(0):
            text = needle.decode("latin-1")
        if len(needle) >= 4 and (len(one.value) >= 16 or encoding not in {"beginning", "end"}):
            assert needle.decode("latin-1") not in silenced(f"a: {text} b."), encoding
            assert "…" in redacted(f"<{text}>"), encoding
    del secret
