"""docs/it.md says what is so: its tables are compared with the program."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from platformdirs.macos import MacOS
from platformdirs.unix import Unix

import wizard
from wizard import __version__
from wizard.core import paths, policy
from wizard.core.net import MAX_BODY, Net
from wizard.core.policy import Policy, read_policy
from wizard.core.register import REGISTER
from wizard.core.registry import built_in
from wizard.gui.instance import Instance

if TYPE_CHECKING:
    import pytest

    from tests.cli.helpers import Command

DOCS = Path(wizard.__file__).parent.parent / "docs"
PAGE = (DOCS / "it.md").read_text("utf-8")
PROVIDERS = built_in().providers


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first column has that heading, each cell's words in backquotes."""
    (body,) = re.findall(rf"^ *\| {heading} \|.*\n *\|-.*\n((?: *\|.*\n)+)", PAGE, re.MULTILINE)
    return [
        [" ".join(re.findall(r"`([^`]+)`", cell)) for cell in line.split("|")[1:-1]]
        for line in body.splitlines()
    ]


def test_the_hosts_are_those_of_the_systems(koble: Command) -> None:
    (body,) = re.findall(r"must be open \|\n\|-.*\n((?:\|.*\n)+)", PAGE)
    told = sorted(tuple(re.findall(r"`([^`]+)`", line)) for line in body.splitlines())
    listed = [
        (one["system"], place["name"], *place["doors"])
        for one in koble("systems", "--json").events
        for place in one["environments"]  # type: ignore[attr-defined]
    ]
    assert told == sorted(listed)
    assert len(told) >= len(PROVIDERS)


def test_and_so_are_the_few_others() -> None:
    (register,) = REGISTER.doors
    assert f"`{register}`" in PAGE
    assert f"{Net().reference[0]}:{Net().reference[1]}" == register
    assert Net().plain_port == 80
    assert MAX_BODY == 1 << 20
    asked = {urlsplit(address).hostname for address in re.findall(r"https?://[^\s)]+", PAGE)}
    assert asked == set(), "and the page leads nowhere"


def test_the_keys_of_the_policy_are_in_the_table_and_in_the_example(tmp_path: Path) -> None:
    assert [row[0] for row in rows("name")] == list(policy.KEYS)
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "policy.toml"
    file.write_text(example, "utf-8")
    file.chmod(0o644)
    found = read_policy(file, owner=os.getuid())
    assert found != Policy()
    assert set(re.findall(r"^(\w+) =", example, re.MULTILINE)) == policy.KEYS.keys()
    assert found.systems is not None
    assert found.systems <= PROVIDERS.keys()
    assert found.minimum_version == __version__
    assert [row[0] for row in rows("reason")] == list(policy.REFUSALS)


def test_everything_lies_where_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    home = str(Path.home())
    for kind in (MacOS, Unix):
        place = kind("Koble", appauthor=False)
        for folder in (place.user_data_path, place.user_log_path):
            assert f"`{str(folder).replace(home, '~')}`" in PAGE
    assert Unix("Koble", appauthor=False).user_data_path == paths.data()
    (where,) = [line for line in PAGE.splitlines() if line.startswith("| your policy")]
    for platform in ("linux", "darwin"):
        assert f"`{paths.policy(platform)}`" in where


def test_the_locks_are_named_as_it_says(tmp_path: Path) -> None:
    for practice, name in ((False, "window"), (True, "practice")):
        assert f"`{name}*`" in PAGE
        made = Instance(practice=practice, folder=tmp_path / name, session="")
        made.claim()
        assert all(file.name.startswith(name) for file in (tmp_path / name).iterdir())
        made.close()
        assert list((tmp_path / name).iterdir()) == [], "it goes with the window"


def test_each_answer_that_is_kept_in_the_list_is_named() -> None:
    (body,) = re.findall(r"kept in the list \|\n *\|-.*\n((?: *\|.*\n)+)", PAGE)
    told = {(one := re.findall(r"`([^`]+)`", line))[0]: one[1:] for line in body.splitlines()}
    plain = {
        slug: [field.name for field in one.every_field if not field.secret] for slug, one in PROVIDERS.items()
    }
    assert told == {slug: names for slug, names in sorted(plain.items()) if names}


def test_the_picture_is_there_and_says_what_it_shows() -> None:
    (alternative, name) = re.search(r"!\[(.+?)\]\((.+?)\)", PAGE).groups()  # type: ignore[union-attr]
    picture = ET.parse(DOCS / name).getroot()
    assert len(alternative) > 40
    assert picture.tag.endswith("svg")
    kinds = {one.tag.rpartition("}")[2] for one in picture.iter()}
    assert {"title", "desc"} <= kinds
    assert not {"script", "image", "a", "foreignObject"} & kinds
