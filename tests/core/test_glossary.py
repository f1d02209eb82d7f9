"""One word for each thing: no sentence uses what docs/words.md rules out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sentences import load
from wizard.core import paths
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, folder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "words.md").read_text("utf-8")
TOLD = re.compile(
    r"errors\..*\.(?:what|why|next)|found\..*|bug\.(?:what|text|next|explained)|health\..*"
    r"|delivery\.(?:answered|refused|key_gone|key_here)"
)
"""What a message says: its heading, why it may be, what to do next."""

HEADS = re.compile(r"\w+\.title\w*|steps\..*|pages\..*|buttons\..*|state\..*|test\.(?:passed|failed|skipped)")
FOR_ENGINEERS = ("cli.", "errors.bad_input.", "terminal.")
"""What the command line says to those who write to it; keys only they can be wrong about."""


def terms() -> list[list[str]]:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[part.strip() for part in row.strip("|").split("|")] for row in rows[1:]]


def never(language: str) -> re.Pattern[str]:
    column = 3 + LANGUAGES.index(language)
    words = [word for row in terms() for word in row[column].split(", ") if word]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})", re.IGNORECASE)


def labels() -> list[str]:
    return re.findall(r"`([^`]+)`", PAGE.partition("## Labels")[2])


def files(language: str) -> list[Path]:
    own = [folder(one.package) / f"texts.{language}.toml" for one in built_in().providers.values()]
    return [paths.translations() / f"{language}.toml", *own]


def bare(sentence: str) -> str:
    """Return a sentence without the vendors' labels, placeholders and marks for shortcut keys."""
    for label in labels():
        sentence = sentence.replace(label, "")
    return re.sub(r"\{\w*\}", "", sentence).replace("&", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_uses_a_word_that_is_ruled_out(language: str) -> None:
    ruled_out = never(language)
    found = {
        f"{file.parent.name}/{key}": match[0]
        for file in files(language)
        for key, sentence in load(file).items()
        if not key.startswith(FOR_ENGINEERS) and (match := ruled_out.search(bare(sentence)))
    }
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_glossary_is_used(language: str) -> None:
    said = " ".join(bare(text) for file in files(language) for text in load(file).values()).lower()
    column = LANGUAGES.index(language)
    stems = [re.split(r"[ ,(]", row[column])[0].lower().rstrip("e") for row in terms()]
    assert [stem for stem in stems if stem not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_made_of_whole_sentences_and_a_heading_is_none(language: str) -> None:
    said = {f"{file.parent.name}/{key}": text for file in files(language) for key, text in load(file).items()}
    told = {
        key: text
        for key, text in said.items()
        if TOLD.fullmatch(name := key.partition("/")[2]) and not name.startswith(FOR_ENGINEERS)
    }
    heads = {key: text for key, text in said.items() if HEADS.fullmatch(key.partition("/")[2])}
    assert [key for key, text in told.items() if not re.search(r"[.?]$|^\{\w+\}$", text)] == []
    assert [key for key, text in heads.items() if text.endswith(".")] == []
    assert "translations/bug.what" in told
    assert "translations/done.title_later" in heads


def test_a_word_that_is_ruled_out_is_found() -> None:
    assert never("en").search("Paste the token here")
    assert never("nb").search("Lim inn tokenet her")
    assert not never("en").search(bare("Choose API tokens"))
