"""A real window that is walked by names only, through AT-SPI, as somebody walks it who cannot see it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PATIENCE
from tests.gui.test_atspi import hearing, need_atspi
from tests.gui.test_real_x import opened
from wizard.core.errors import KeyRefused
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.test_atspi import Ear

NB = Texts(language="nb")
FIKEN = built_in().providers["fiken"]
GOOD, WRONG = "73195.pRacticeKeyForFiken_8rT2", "73195.pRacticeKeyThatIsWrong_1"
SLOW = 3.0
"""After so many seconds everything is asked for anew: a machine with much to do may lose an event."""
BUTTON = "push button|button"


class Blind:
    """Somebody who knows roles and names, and what is said aloud, and nothing else of the window."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._last: dict[str, str] = {}

    def act(self, do: str, role: str, name: str, text: str = "") -> None:
        """Do something with what is called so, as soon as it is there."""
        wish = {"do": do, "role": role, "name": name.replace("&", ""), "text": text}
        began = time.monotonic()
        while (spent := time.monotonic() - began) < PATIENCE:
            if self._ear.ask(json.dumps({**wish, "anew": spent > SLOW}), "did")["did"]:
                self._last = wish
                return
            if spent > SLOW and self._last.get("do") == "press":  # nothing came of it: anybody presses again
                self._ear.ask(json.dumps({**self._last, "anew": True}), "did")
                self._last = {}
            time.sleep(0.05)
        pytest.fail(f"{do}: there is no {role} called “{name}” that can be seen and used")

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.act("press", BUTTON, name)

    def hear(self, text: str) -> None:
        """Wait until something is announced that begins so; it is said once."""
        is_said = self._is_said(text)
        self._ear.wait(is_said)

    def times(self, text: str) -> int:
        """Return how many times something was announced that begins so."""
        is_said = self._is_said(text)
        return sum(1 for one in self._ear.told if is_said(one))

    @staticmethod
    def _is_said(text: str):  # type: ignore[no-untyped-def]
        return lambda one: (
            one.get("event", "").startswith("object:announcement") and str(one["data"]).startswith(text)
        )


def to_the_key(blind: Blind) -> None:
    """Go from the first page to the field for the key."""
    say = NB.say
    blind.act("pick", "list item", "Fiken")
    blind.press(say("buttons.next"))
    number = str(practice_of(FIKEN).good["company"])
    blind.act("type", "text", say("company.orgnr"), number)
    blind.press(say("buttons.next"))
    blind.press(say("key.have"))


@pytest.mark.real_x
def test_from_the_first_page_to_a_stored_connection_through_a_failure(
    x_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_atspi()
    say, failure = NB.say, NB.explain(KeyRefused(fields=("token",)), FIKEN)
    with hearing(x_server, tmp_path) as (around, ear):
        for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, around[name])
        with opened(x_server, tmp_path, "--practice", "--language", "nb"):
            blind = Blind(ear)
            to_the_key(blind)
            field = say("fields.token.label", FIKEN)
            blind.act("type", "password text", field, WRONG)
            blind.press(say("buttons.test"))
            blind.hear(failure.what)
            assert blind.times(failure.what) == 1
            blind.press(failure.action)  # which leads to the field, where it is said again
            blind.act("type", "password text", field, GOOD)
            blind.press(say("buttons.test"))
            blind.hear(say("test.title_passed"))
            blind.press(say("buttons.store"))
            blind.press(say("buttons.send_now"))
            blind.hear(say("done.title", company="Fjordheim Regnskap AS"))
            blind.press(say("paper.button"))
            blind.press(say("paper.copy"))
            blind.hear(say("paper.copied"))
            wanted = (failure.what, say("test.title_passed"), say("paper.copied"))
            assert [blind.times(text) for text in wanted] == [2, 1, 1]
