"""What the machine's policy changes in the window: which systems there are, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import wizard
from tests.gui.helpers import LANGUAGES, PRESET, Customer, Maker
from wizard.core.policy import Policy
from wizard.core.registry import built_in
from wizard.core.texts import Texts
from wizard.gui.app import make_window
from wizard.gui.bridge import Bridge

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from wizard.core.world import World

TWO = Policy(systems=frozenset({"fiken", "tripletex"}))


def offered(customer: Customer) -> set[str]:
    return set(customer.window._system()._providers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_allowed_systems_are_offered_and_it_is_said_who_decided(make: Maker, language: str) -> None:
    customer = make(language=language)
    page, say = customer.window._system(), Texts(language=language).say
    assert not page._by_policy.isVisible()
    customer.window.offer(built_in(), TWO)
    assert offered(customer) == {"fiken", "tripletex"}
    assert page._by_policy.isVisible()
    assert page._by_policy.text() == f"{say('policy.set')} {say('policy.systems')}"
    assert set(customer.window._providers) == {"fiken", "tripletex"}


def test_from_the_first_paint_on_none_other_is_there(qtbot: QtBot) -> None:
    bridge = Bridge(practice=True)
    window = make_window(bridge, preset=PRESET, wish="en", practice=True, policy=TWO)
    qtbot.addWidget(window)
    assert set(window._system()._providers) == {"fiken", "tripletex"}
    bridge.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_is_too_old_says_so_at_once_and_asks_for_no_key(
    make: Maker, world: World, language: str
) -> None:
    policy = Policy(minimum_version="9.0")
    customer = make(language=language, world=replace(world, policy=policy))
    customer.window.offer(world.registry, policy)
    page = customer.window._system()
    assert page.message.isVisible()
    assert "9.0" in page.message.accessibleDescription() + page.message.accessibleName() + _text(page.message)
    assert not customer.window.next.isEnabled()
    page.pick("fiken")
    customer.wait(lambda: page._error is not None and page.message.isVisible())
    assert not customer.window.next.isEnabled()
    assert customer.window.page == "system"


def _text(message: object) -> str:
    from PySide6.QtWidgets import QLabel, QWidget

    assert isinstance(message, QWidget)
    return " ".join(label.text() for label in message.findChildren(QLabel))


def test_a_system_that_is_not_allowed_is_refused_beneath_the_window_too(make: Maker, world: World) -> None:
    customer = make(world=replace(world, policy=Policy(systems=frozenset({"tripletex"}))))
    customer.window._system().pick("fiken")
    customer.wait(lambda: customer.window._system()._error is not None)
    error = customer.window._system()._error
    assert error
    assert error.facts["reason"] == "policy_system"  # type: ignore[union-attr]
    assert not customer.window.next.isEnabled()


def test_the_look_up_is_off_where_the_policy_says_so() -> None:
    wished = replace(PRESET, register_lookup=True)
    assert not Policy(register_lookup=False).over(wished).register_lookup
    assert Policy().over(wished) is wished


# The window as it is started

STARTED = """
import os, sys, threading, time
from functools import partial
from pathlib import Path
from PySide6.QtWidgets import QApplication
from wizard.core import paths, policy
from wizard.gui.window import Window

folder = Path(sys.argv[1])
paths.policy = lambda: folder / "policy.toml"
policy.read_policy = partial(policy.read_policy, owner=os.getuid())

def look():
    until = time.monotonic() + 20
    while not (paths.logs() / "faults.txt").exists() and time.monotonic() < until:
        time.sleep(0.02)
    (window,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, Window)]
    texts, names = window._texts, sorted(window._providers)
    print((folder / "it-ran").exists(), names, texts.share_safe, texts.preset.register_lookup)
    sys.stdout.flush()
    os._exit(0)

threading.Thread(target=look, daemon=True).start()
from wizard.__main__ import window
sys.argv = ["koble-wizard", "--preset", str(folder / "preset.toml")]
window()
"""
PLUGIN = """
from dataclasses import replace
from pathlib import Path
from wizard.providers.fiken import PROVIDER as FIKEN
(Path(__file__).parent / "it-ran").touch()
PROVIDER = replace(FIKEN, slug="small", name="Small")
"""
DECREE = """
systems = ["fiken", "small"]
plugins = []
share_safe = true
register_lookup = false
"""


@pytest.mark.parametrize(
    ("decree", "seen"),
    [
        ("", f"True {sorted([*built_in().providers, 'small'])} False True"),
        (DECREE, "False ['fiken'] True False"),
        (DECREE.replace("[]", '["small"]'), "True ['fiken', 'small'] True False"),
        ("systems = 1", f"False {sorted(built_in().providers)} True False"),
    ],
    ids=["none", "strict", "a plug-in", "broken"],
)
def test_the_program_itself_heeds_all_of_it(tmp_path: Path, decree: str, seen: str) -> None:
    """Not the parts one by one: a plug-in lies on the path, and the preset wishes for the register."""
    info = tmp_path / "Small-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Small\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text("[koble.providers]\nsmall = small_one:PROVIDER\n", "utf-8")
    (tmp_path / "small_one.py").write_text(PLUGIN, "utf-8")
    (tmp_path / "preset.toml").write_text("register_lookup = true\n", "utf-8")
    if decree:
        (tmp_path / "policy.toml").write_text(decree, "utf-8")
        (tmp_path / "policy.toml").chmod(0o644)
    here = Path(wizard.__file__).parent.parent
    ended = subprocess.run(
        [sys.executable, "-c", STARTED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(here)))},
        capture_output=True,
        check=False,
        text=True,
        timeout=40,
    )
    assert ended.stdout.strip() == seen, ended.stderr
