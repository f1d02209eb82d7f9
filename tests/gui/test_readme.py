"""Who never saw the window walks Tripletex in practice with nothing but what stands in README.md."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QLabel

import wizard
from wizard.core.preset import Preset

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.core.ledger import Connection
    from wizard.core.world import World

PAGE = (Path(wizard.__file__).parent.parent / "README.md").read_text("utf-8")
WALK = PAGE.partition("## Walk Tripletex")[2].partition("\n## ")[0]
STEPS = 5
"""How often *Next step* is pressed until the field is there."""


def press(customer: Customer, label: str) -> None:
    """Press the button with that label, which README has to name."""
    assert f"**{label}**" in WALK
    buttons = customer.window.findChildren(QAbstractButton)
    (button,) = [one for one in buttons if one.isVisible() and one.text().replace("&", "") == label]
    customer.click(button)


def rows(customer: Customer) -> list[Connection]:
    return list(customer.world.store.book().connections.values())


def test_tripletex_is_walked_by_what_the_readme_says(make: Maker, world: World) -> None:
    (number,) = re.findall(r"`(\d{9})`", WALK)
    (key,) = re.findall(r"^ *(eyJ\w+)$", WALK, re.MULTILINE)
    preset = Preset(demo=True)
    customer = make(practice=True, preset=preset, world=replace(world, preset=preset))
    window = customer.window
    customer.choose("tripletex")
    press(customer, "Next")
    customer.wait_page("company")
    customer.type(number)
    press(customer, "Next")
    customer.wait_page("key")
    for _ in range(STEPS):
        press(customer, "Next step")
    assert window._key().spoken_step() == STEPS + 1
    customer.paste(key)
    press(customer, "Test the connection")
    customer.wait_test("passed")
    press(customer, "Save the connection")
    customer.wait_page("send")
    press(customer, "Send now")
    customer.wait_page("done")
    press(customer, "Go to overview")
    customer.wait(window._home().delivery.use.isVisible)
    told = " ".join(label.text() for label in window._home().delivery.findChildren(QLabel))
    customer.click(window._home().delivery.code)
    customer.type(re.findall(r"code (\w{4}-\w{4}-\w{4})", told)[0])
    press(customer, "Use the reply code")
    customer.wait(lambda: [one.delivered for one in rows(customer)] == ["confirmed"])
