"""What the tests of the window share: a practice world on real sockets, a window over it, and a customer."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_QPA_FONTDIR", "/usr/share/fonts/truetype/dejavu")

QApplicationFixture = pytest.FixtureRequest


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """Return the application that is made for the tests: ours, as the program has it."""
    from wizard.gui.app import Application

    return Application


@pytest.fixture(scope="session", autouse=True)
def _own_colours(qapp: object) -> None:
    """Dress the application as `app.py` does."""
    from PySide6.QtWidgets import QApplication

    from wizard.gui.theme import dress

    assert isinstance(qapp, QApplication)
    dress(qapp)


@pytest.fixture
def world() -> Iterator[World]:
    """Return a practice world: loopback vendors that can refuse, a memory vault, a temporary ledger."""
    from tests.gui.systems import open_with_made_up

    with open_with_made_up() as opened:
        yield opened


@pytest.fixture
def make(qtbot: QtBot, world: World) -> Iterator[Maker]:
    """Return what opens a window over the practice world, and closes its bridge at the end."""
    from tests.gui.helpers import Maker

    maker = Maker(qtbot, lambda: nullcontext(world), world)
    yield maker
    maker.close()


@pytest.fixture
def customer(make: Maker) -> Customer:
    """Return a customer before an English window, which is not said to be practice: so home is there."""
    return make(language="en")
