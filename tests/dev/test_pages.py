"""The pages for people: what they link to is there, and what they call a thing stands so in the window."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.sentences import load
from wizard.core import paths
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, folder

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^()\s]+)\)")
QUOTED = re.compile(r"\*\*(.+?)\*\*")
LARGEST = 150 * 1024
HEADINGS = {"nb": "Norsk", "en": "English"}


def prose(page: Path) -> str:
    """Return a page without what is only shown as it is written."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return what a link may name on a page: its headings, as the forges spell them."""
    shown = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", shown, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", one).strip().lower().replace(" ", "-") for one in headings)


def leads_nowhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    return not file.exists() or bool(anchor and anchor not in anchors(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere_and_every_picture_is_told(page: Path) -> None:
    found = [one for one in LINK.findall(prose(page)) if ":" not in one[2]]
    assert [target for _, _, target in found if leads_nowhere(page, target)] == []
    assert [target for picture, told, target in found if picture and len(told) < 20] == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = ROOT / "README.md"
    assert leads_nowhere(page, "docs/nobody.md")
    assert leads_nowhere(page, "docs/user.md#nobody")
    assert not leads_nowhere(page, "docs/user.md#jeg-er-ikke-administrator")


def test_every_picture_is_small_and_shown() -> None:
    shown = {
        (page.parent / one[2]).resolve() for page in PAGES for one in LINK.findall(prose(page)) if one[0]
    }
    pictures = set((ROOT / "docs" / "images").iterdir())
    assert pictures <= shown
    assert [one.name for one in pictures if one.stat().st_size > LARGEST] == []


def part(text: str, language: str) -> str:
    """Return what a page in both languages says in one."""
    return text.partition(f"\n# {HEADINGS[language]}\n")[2].partition("\n# ")[0]


@cache
def labels(language: str) -> frozenset[str]:
    """Return every sentence of the window, without the marks for shortcut keys."""
    own = [folder(one.package) / f"texts.{language}.toml" for one in built_in().providers.values()]
    files = [paths.translations() / f"{language}.toml", *own]
    names = {one.name for one in built_in().providers.values()}
    return frozenset(text.replace("&", "") for file in files for text in load(file).values()) | names


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_guide_prints_in_bold_stands_so_in_the_window(language: str) -> None:
    quoted = QUOTED.findall(part((ROOT / "docs" / "user.md").read_text("utf-8"), language))
    assert len(quoted) > len(HEADINGS) * 10
    assert [one for one in quoted if one not in labels(language)] == []


def test_both_languages_of_the_guide_have_the_same_parts() -> None:
    text = (ROOT / "docs" / "user.md").read_text("utf-8")
    nb, en = (part(text, language) for language in LANGUAGES)
    assert nb.count("\n## ") == en.count("\n## ") > len(HEADINGS)
    assert len(QUOTED.findall(nb)) == len(QUOTED.findall(en))
    assert nb.count("\n- ") == en.count("\n- ")


def test_the_readme_too() -> None:
    walk = (ROOT / "README.md").read_text("utf-8").partition("## Walk Tripletex")[2]
    quoted = [one.replace("\n   ", " ") for one in QUOTED.findall(walk) if one != "bold"]
    assert quoted
    assert [one for one in quoted if one not in labels("en")] == []
