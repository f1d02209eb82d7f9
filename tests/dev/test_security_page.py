"""The security page: each requirement has its row, each row a test that exists or a dated reason why not."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
REQUIREMENTS = 84
ROW = re.compile(r"^\| R(?P<number>\d+) \| (?P<grade>[MSC]) \| (?P<says>[^|]+) \| (?P<proof>[^|]+) \|$")
TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>\w+)`")
DATED = re.compile(r"\*\*(?:Not yet|Not here)\*\* \(20\d\d-\d\d-\d\d\): .{20,}")


def rows() -> dict[int, re.Match[str]]:
    found = [ROW.match(line) for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| R")]
    assert all(found), "a row that is not of the page's form"
    return {int(row["number"]): row for row in found if row}


@cache
def known_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_every_requirement_has_its_row() -> None:
    assert sorted(rows()) == list(range(1, REQUIREMENTS))


@pytest.mark.parametrize("number", range(1, REQUIREMENTS))
def test_what_proves_it_is_there_or_why_not_is_said(number: int) -> None:
    row = rows()[number]
    named = [(one["file"], one["name"]) for one in TEST.finditer(row["proof"])]
    assert named or DATED.search(row["proof"])
    for file, name in named:
        assert name in known_in(file), f"{file} has no {name}"
        assert name.lower().startswith("test")
