"""What the search for canaries shares: a command, a place for temporary files, and a count."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.canary.search import Search
from tests.cli.helpers import Command
from tests.gui import conftest as window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tests.canary.search import Canary

qapp_cls = window.qapp_cls  # whichever test is the first in its process: there is one application for all
colours = window._own_colours


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have temporary files lie where they are searched."""
    (tmp_path / "home" / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "home" / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the folder below which everything that is written must lie."""
    return tmp_path / "home"


@pytest.fixture
def searching(request: pytest.FixtureRequest) -> Iterator[Callable[[Iterable[Canary]], Search]]:
    """Return what makes a search, whose comparisons are counted in the summary."""
    made: list[Search] = []

    def make(canaries: Iterable[Canary]) -> Search:
        made.append(Search(tuple(canaries)))
        return made[-1]

    yield make
    assert all(one.comparisons for one in made)
    request.node.user_properties.append(("canary", sum(one.comparisons for one in made)))


@pytest.fixture
def koble(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capfdbinary, monkeypatch)
