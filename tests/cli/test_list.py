"""The command line when the list of connections is damaged, or was written by a newer Koble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.helpers import good
from tests.core.test_ledger import NAMES, kept, newer
from wizard.core import paths

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.helpers import Command


@pytest.fixture
def folder() -> Path:
    return paths.data()


def test_a_list_from_its_copy_is_listed_and_that_is_said(koble: Command, folder: Path) -> None:
    kept(folder)
    (folder / NAMES[0]).write_bytes(b"damaged")
    listed = koble("connections", "--json", "--language", "en")
    assert (listed.status, len(listed.events)) == (0, 1)
    assert "restored from its copy" in listed.err
    assert (folder / NAMES[0]).read_bytes() == b"damaged", "listing changes nothing"


def test_a_damaged_list_says_how_a_new_one_is_made(koble: Command, folder: Path) -> None:
    kept(folder)
    assert koble("connections", "--rebuild", "--json").last == {"event": "rebuilt", "files": []}
    assert "nothing has been changed" in koble("connections", "--rebuild", "--language", "en").out
    for name in NAMES:
        (folder / name).write_bytes(b"damaged")
    for command in (["connections"], ["forget", "x"], ["partner", "list"], ["check", "--all"]):
        refused = koble(*command, "--language", "en")
        assert (refused.status, refused.out) == (6, "")
        assert "damaged" in refused.err
        assert "koble connections --rebuild" in refused.err
    rebuilt = koble("connections", "--rebuild", "--language", "nb")
    assert rebuilt.status == 0
    assert all(f"{name}.damaged-1" in rebuilt.out for name in NAMES)
    assert (koble("connections").out, (folder / f"{NAMES[0]}.damaged-1").read_bytes()) == ("", b"damaged")


def test_a_newer_list_is_shown_and_nothing_is_stored_in_it(koble: Command, folder: Path) -> None:
    folder.mkdir(parents=True)
    newer(folder)
    data = (folder / NAMES[0]).read_bytes()
    listed = koble("connections", "--json", "--language", "en")
    assert [one["connection"] for one in listed.events] == ["11111111", "22222222"]
    assert "newer version" in listed.err
    for command, given in (
        (["connect", "fiken"], good("fiken")),
        (["forget", "11111111"], None),
        (["check", "11111111"], None),
        (["partner", "set", "tripletex.production.consumer_token"], None),
    ):
        refused = koble(*command, "--json", given=given).last
        assert (refused["code"], refused["facts"]) == ("ledger_unreadable", {"reason": "newer"})
    assert (folder / NAMES[0]).read_bytes() == data
