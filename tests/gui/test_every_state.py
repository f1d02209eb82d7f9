"""In every state: it is for everybody, the language goes there and back, a shared screen tells nobody.

To bring a window to a state takes longer than to look at it: so each walk there is looked at in all ways.
"""

from __future__ import annotations

import re
from contextlib import nullcontext as _holding
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit, QWidget

from tests.gui.gate import Marks, order, problems, round_trip
from tests.gui.helpers import Customer, Maker
from tests.gui.states import STATES, _own, bring, read
from tests.gui.systems import open_with_made_up
from tests.gui.test_language import OTHER, strangers, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

USER, OWN_NAME, OWN_MAIL = "kari.brukerhjelp", "Kari Brukerhjelp", "kari@brukerhjelp.example"
_NUMBER = re.compile(r"(?<!\d)\d{3}[\s\u00a0]?\d{3}[\s\u00a0]?\d{3}(?!\d)")
_TIMES = re.compile(r" *\d+ ms|port=\d+|\d{1,2}[:.]\d\d(?::\d\d)?|\d+ (?:se[ck]\.|minutt?e)")


def everything(window: QWidget) -> Iterator[str]:
    """Yield every text that any widget of the window holds, shown or not, and what is typed as it shows."""
    for widget in (window, *window.findChildren(QWidget)):
        yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())
        yield from (widget.windowTitle(), widget.statusTip(), widget.whatsThis(), *_own(widget))
        if isinstance(widget, QLineEdit):
            yield widget.displayText()


def names(customer: Customer) -> set[str]:
    """Return all that names the customer or somebody there, as far as the window has heard of it."""
    window = customer.window
    book = customer.world.store.book()
    walk = window.walk
    companies = [one.company for one in book.connections.values()]
    companies += [one.company for one in walk.receipts]
    found = [one.name for one in walk.proof.companies] if walk.proof else []
    answers = walk.plain if window.page != "key" else window._key().plain()
    typed_in = [value for name, value in answers.items() if name in {"helper", "contact", "email"}]
    every = {str(one.get("name") or "") for one in companies} | {str(one) for one in found} | set(typed_in)
    return {one for one in every if len(one) > 5} | {USER, OWN_NAME, OWN_MAIL}


def told(customer: Customer) -> list[str]:
    """Return the texts that tell a name, or a whole organisation number."""
    hidden = names(customer)
    texts = {text for text in everything(customer.window) if text}
    partner = customer.window.texts.preset
    texts = {text.replace(partner.phone.replace(" ", "\u00a0"), "") for text in texts}
    return [text for text in texts if _NUMBER.search(text) or any(name in text for name in hidden)]


def same(texts: list[str]) -> list[str]:
    """Return texts without what differs from run to run: times."""
    return [_TIMES.sub("…", text) for text in texts]


@pytest.fixture
def _listened_to() -> Iterator[None]:
    """Have Qt keep what assistive programs read up to date, as it does once one listens."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.fixture(scope="module")
def marks() -> Marks:
    """Return what knows which kinds of controls have been looked at."""
    return Marks()


@pytest.mark.usefixtures("_listened_to")
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_for_everybody_in_both_languages_and_tells_nobody_on_a_shared_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, marks: Marks, state: str
) -> None:
    for name in ("USER", "USERNAME", "LOGNAME"):
        monkeypatch.setenv(name, USER)
    fresh: dict[str, list[str]] = {}
    for language in ("en", "nb"):
        with open_with_made_up() as world:
            maker = Maker(qtbot, lambda world=world: _holding(world), world)  # type: ignore[misc]
            try:
                customer = maker(language=language, still=True)
                bring(customer, state)
                customer.look()
                fresh[language] = same(read(customer.window))
                assert order(customer.window) + problems(customer.window) == [], language
                check_language(customer, language, fresh)
                if language == "en":
                    assert round_trip(customer) + marks.missing(customer.window) == []
                check_share(customer)
            finally:
                maker.close()


def check_language(customer: Customer, first: str, fresh: dict[str, list[str]]) -> None:
    """Switch there and back: the texts are those of a new window, and nothing typed is lost."""
    had, focus = typed(customer), customer.focused()
    assert strangers(read(customer.window), first) == []
    customer.window.language.setCurrentIndex(1 - customer.window.language.currentIndex())
    after = read(customer.window)
    assert strangers(after, OTHER[first]) == []
    assert typed(customer) == had
    assert customer.focused() is focus
    if OTHER[first] in fresh:
        assert same(after) == fresh[OTHER[first]]
    customer.window.language.setCurrentIndex(1 - customer.window.language.currentIndex())
    assert same(read(customer.window)) == fresh[first]
    assert (typed(customer), customer.focused()) == (had, focus)


def check_share(customer: Customer) -> None:
    """Hide names and numbers: no text of any widget tells them any more, in either language."""
    had = typed(customer)
    customer.window.share.tick(True)
    assert not told(customer), "\n".join(told(customer))
    customer.window.language.setCurrentIndex(1 - customer.window.language.currentIndex())
    assert not told(customer), "\n".join(told(customer))
    assert typed(customer) == had
