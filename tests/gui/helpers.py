"""A customer before the window, who clicks, types, pastes and reads; and walks to each page and state."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import anyio
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QMessageBox,
    QPushButton,
    QWidget,
)

from tests.gui.imagined import imagine
from wizard.core.practice import practice_of
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.core.texts import Texts
from wizard.core.vault import MemoryVault
from wizard.gui.bridge import Bridge
from wizard.gui.widgets.parts import Button
from wizard.gui.widgets.secret_edit import SecretEdit
from wizard.gui.window import Window

if TYPE_CHECKING:
    from builtins import type as Kind  # noqa: N812  # a customer types, too
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from pytestqt.qtbot import QtBot

    from wizard.core.practice import Asked
    from wizard.core.provider import Provider
    from wizard.core.world import World
    from wizard.gui.widgets.choices import Choices
    from wizard.gui.widgets.waiting_panel import WaitingPanel

PATIENCE = 8_000
AnySheet = TypeVar("AnySheet", bound=QDialog)
LONGEST_GUIDE = 40
PRESET = Preset(
    partner="Fjordbanken",
    phone="55 00 11 22",
    email="hjelp@fjordbanken.example",
    values={
        "tripletex": {"integration_name": "Fjordbanken Kobling"},
        "poweroffice": {"integration_name": "Fjordbanken", "application_key": "1970F6AD-E35E-4EBF"},
        "waits": {"invitation_code": "KX7Q-93MD"},
    },
)
SYSTEMS = ("fiken", "tripletex", "poweroffice")
OTHERS = tuple(sorted(built_in().providers.keys() - set(SYSTEMS)))
"""The systems with forms, several ways to connect, or an approval to wait for."""
LANGUAGES = ("nb", "en")


class SlowVault(MemoryVault):
    """A keychain that asks its user first: nothing is kept before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.may = False
        self.entered = False

    async def keep(self, items: Mapping[str, Secret]) -> None:
        """Keep all, once it may."""
        self.entered = True
        while not self.may:  # noqa: ASYNC110  # it is let go from the window's thread
            await anyio.sleep(0.005)
        await super().keep(items)


class Maker:
    """Opens windows over a world, each with its bridge and its customer."""

    def __init__(
        self, qtbot: QtBot, open_world: Callable[[], AbstractContextManager[World]], world: World
    ) -> None:
        self._qtbot, self._open_world, self._world = qtbot, open_world, world
        self._bridges: list[Bridge] = []
        self._windows: list[Window] = []

    def __call__(
        self,
        *,
        language: str = "en",
        practice: bool = False,
        platform: str = "linux",
        preset: Preset = PRESET,
        bridge: Bridge | None = None,
        world: World | None = None,
        still: bool = False,
    ) -> Customer:
        """Open a window; a `still` one is not painted on the way, but only where it is looked at."""
        opened = (lambda: nullcontext(world)) if world else self._open_world
        bridge = bridge or Bridge(practice=True, open_world=opened)
        self._bridges.append(bridge)
        window = Window(
            providers=self._world.registry.providers,
            texts=Texts(language=language, preset=preset),
            bridge=bridge,
            practice=practice,
            platform=platform,
        )
        self._windows.append(window)
        with self._qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        window.setUpdatesEnabled(not still)
        return Customer(self._qtbot, window, self._world)

    def close(self) -> None:
        """End what runs in the background, and the windows, here and now.

        Else Python might collect a window in the next test's background thread, which Qt does not survive.
        """
        vault = self._world.store.vault
        if isinstance(vault, SlowVault):
            vault.may = True
        for bridge in self._bridges:
            bridge.close()
        for widget in QApplication.topLevelWidgets():
            widget.hide()
            widget.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._windows.clear()


class Customer:
    """Somebody before the window. `clicks` counts what was clicked, pasting left out."""

    def __init__(self, qtbot: QtBot, window: Window, world: World) -> None:
        self.qtbot, self.window, self.world = qtbot, window, world
        self.clicks = 0

    # hands

    def click(self, button: QWidget) -> None:
        """Press a button that is there and may be pressed."""
        assert button.isVisible()
        assert button.isEnabled()
        self.clicks += 1
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def click_row(self, rows: Choices, key: str) -> None:
        """Press a row of a list, in its middle."""
        item = row_of(rows, key)
        rows.scrollToItem(item)
        self.clicks += 1
        at = rows.visualItemRect(item).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key, wherever the focus is."""
        QTest.keyClick(self.focused() or self.window, key, modifier)

    def type(self, text: str) -> None:
        """Type a text, wherever the focus is."""
        focused = self.focused()
        assert focused
        QTest.keyClicks(focused, text)

    def paste(self, text: str) -> None:
        """Put a text on the clipboard, as a browser would, and paste it where the focus is."""
        QGuiApplication.clipboard().setText(text)
        self.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    def focused(self) -> QWidget | None:
        """Return what has the focus."""
        return QApplication.focusWidget()

    def choose_language(self, language: str) -> None:
        """Pick a language in the window's own list."""
        box = self.window.language
        box.setFocus()
        for _ in range(box.count()):
            if box.currentData() != language:
                QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() == 0 else Qt.Key.Key_Up)
        assert box.currentData() == language

    # eyes

    def look(self) -> None:
        """Have all painted that there is to see, if it was not; a fault of painting fails the test."""
        self.window.setUpdatesEnabled(True)
        assert not self.window.grab().isNull()

    def wait(self, true: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self.qtbot.waitUntil(true, timeout=PATIENCE)

    def wait_page(self, page: str) -> None:
        """Wait until a page is shown."""
        self.wait(lambda: self.window.page == page)

    def wait_test(self, state: str) -> None:
        """Wait until the test page stands so."""
        self.wait(lambda: self.window.page == "test" and self.window._testing().state == state)

    def wait_idle(self) -> None:
        """Wait until nothing is under way."""
        self.wait(lambda: not self.window.is_running())

    def wait_pulse(self) -> None:
        """Wait until it is known whether the picked system answers."""
        self.wait(lambda: self.window._pulse._job is None)

    def asked_vendors(self) -> list[Asked]:
        """Return what the practice vendors were asked, but for whether they answer."""
        assert self.world.playground
        return [one for _, one in self.world.playground.asked if (one.method, one.path) != ("GET", "")]

    def question(self) -> QMessageBox:
        """Return the question that is asked."""
        self.wait(lambda: bool(self.asked()))
        return self.asked()[0]

    def sheet(self, kind: Kind[AnySheet]) -> AnySheet:
        """Return the sheet of that kind that is open."""
        open_ones: list[AnySheet] = []

        def is_open() -> bool:
            open_ones[:] = [one for one in self.window.findChildren(kind) if one.isActiveWindow()]
            return bool(open_ones)

        self.wait(is_open)
        return open_ones[0]

    def asked(self) -> list[QMessageBox]:
        """Return the questions that are open."""
        return [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]

    def answer(self, name: str) -> None:
        """Answer the question with the button of that name."""
        box = self.question()
        button = box.findChild(QPushButton, name)
        assert button
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.wait(lambda: not self.asked())

    def message(self) -> str:
        """Return what the failed test says."""
        return self.window._testing().message.accessibleName()

    @property
    def action(self) -> QPushButton:
        """The one next action of a failed test."""
        return self.window._testing().message.action

    @property
    def secret(self) -> SecretEdit:
        """The first field of the key page."""
        edit = next(iter(self.window._key().fields.values())).edit
        assert isinstance(edit, SecretEdit)
        return edit

    @property
    def waiting(self) -> WaitingPanel:
        """What the last page says of a connection that waits."""
        return self.window._done().waiting

    @property
    def later(self) -> QAbstractButton:
        """The button that stores a key that could not be tested."""
        return self.window._testing().later

    # the way

    def provider(self, slug: str) -> Provider:
        """Return a system."""
        return self.world.provider(slug)

    def pick(self, slug: str) -> None:
        """Pick a system and go on."""
        self.choose(slug)
        self.click(self.window.next)
        self.wait_page("company")

    def choose(self, slug: str) -> None:
        """Pick a system."""
        self.click_row(self.window._system().systems, slug)

    def to_key(self, slug: str, number: str = "") -> None:
        """Go to the key page; the organisation number is typed, where it is given."""
        self.pick(slug)
        self.type(number)
        self.click(self.window.next)
        self.wait_page("key")

    def to_field(self, slug: str, number: str = "") -> None:
        """Go to the key page's field, as one does who has the key already."""
        self.to_key(slug, number)
        self.click(self.window._key().have)

    def to_test(self, slug: str, number: str = "", key: str = "") -> None:
        """Paste a key, the good one unless told, and start the test."""
        self.to_field(slug, number)
        self.paste(key or good_key(self.provider(slug)))
        self.click(self.window.next)
        self.wait_page("test")

    def to_state(self, slug: str, state: str, number: str = "", key: str = "") -> None:
        """Test, and wait until the test page stands so."""
        self.to_test(slug, number, key)
        self.wait_test(state)

    def every_step(self, slug: str) -> Iterator[str]:
        """Go through the guide of each way to connect; yield where that is."""
        self.to_key(slug, "313000214")
        page = self.window._key()
        for method in [one.name for one in self.provider(slug).methods] or [""]:
            if method and page.methods.isVisible():
                self.choose_method(method)
            yield f"{slug} {method} 1"
            for _ in range(LONGEST_GUIDE):
                if not (page.following.isVisible() and page.following.isEnabled()):
                    break
                self.click(page.following)
                yield f"{slug} {method} {page.spoken_step()}"
            assert not (page.following.isVisible() and page.following.isEnabled()), "a guide without an end"

    def choose_method(self, name: str) -> None:
        """Pick a way to connect on the key page."""
        self.click_row(self.window._key().methods, name)

    def fill(self, **values: str) -> None:
        """Type into the fields that are no secrets, or pick from them."""
        for name, value in values.items():
            edit = self.window._key().fields[name].edit
            edit.setFocus()
            if isinstance(edit, QComboBox):
                for _ in range(edit.count()):
                    if edit.currentData() != value:
                        self.press(Qt.Key.Key_Down)
                assert edit.currentData() == value
            else:
                self.type(value)

    def test_key(self, key: str, number: str = "") -> None:
        """Test a key of the made-up system with rights."""
        self.to_field("methods", number)
        self.paste(key)
        self.fill(plan="small")
        self.click(self.window.next)

    def wait_for_approval(self) -> None:
        """Give the made-up system that has to be approved all it asks for, and test."""
        self.refuse("pending", "waits")
        self.to_key("waits", "313000206")
        self.click(self.window._key().have)
        self.fill(tenant="tenant-0001")
        self.click(self.window.next)
        self.wait_page("done")

    def forget_looks(self) -> None:
        """Be past the time for which looks in vain are counted."""
        anyio.run(self.world.store._change, lambda book: replace(book, looks={}))

    def fill_form(self) -> None:
        """Fill in all that the made-up form must have."""
        self.to_key("form", "313000214")
        self.fill(version="23.1", hosting="own", helper="Serverhjelpen AS", contact="Ola")
        self.fill(email="ola@serverhjelpen.example")

    def store(self) -> None:
        """Store what passed."""
        self.click(self.window.next)
        self.wait_page("done")

    def to_done(self, slug: str) -> None:
        """Walk the whole way."""
        self.to_state(slug, "passed", good_number(self.provider(slug)))
        self.store()

    def to_home(self) -> None:
        """Go home from the last page."""
        self.click(self.window.back)
        self.wait_page("home")

    def imagine(self) -> None:
        """Have three systems more, which there are not."""
        imagine(self.world)
        self.window.offer(self.world.registry)

    def show_test_environments(self) -> None:
        """Have the preset show the vendors' worlds for tests."""
        texts = self.window._texts
        self.window.say(replace(texts, preset=replace(texts.preset, test_environments=True)))

    def refuse(self, name: str, slug: str = "") -> None:
        """Have the practice vendors refuse, or take everything again."""
        assert self.world.playground
        self.world.playground.refuse(name, slug)

    def slow_down(self, seconds: float) -> None:
        """Have the practice vendors take their time."""
        assert self.world.playground
        self.world.playground.delay = seconds

    def slow_keychain(self) -> SlowVault:
        """Have the keychain ask before it keeps anything."""
        vault = SlowVault()
        self.world.store.vault = vault
        return vault


def row_of(rows: Choices, key: str):  # type: ignore[no-untyped-def]
    """Return the row of a key."""
    return next(item for item in rows._items() if item.data(Qt.ItemDataRole.UserRole) == key)


def good_key(provider: Provider, which: str = "") -> str:
    """Return a key that the practice vendor takes."""
    practice = practice_of(provider)
    answers = (practice.more[which] if which else practice.good)["answers"]
    assert isinstance(answers, dict)
    return str(next(iter(answers.values())))


def good_number(provider: Provider) -> str:
    """Return the organisation number that belongs to the good key."""
    return str(practice_of(provider).good["company"])


def shown(window: QWidget) -> Iterator[QWidget]:
    """Yield every widget that is visible, the window itself first."""
    yield window
    yield from (one for one in window.findChildren(QWidget) if one.isVisible())


def filled(customer: Customer) -> list[str]:
    """Return the words of the filled buttons that are shown."""
    buttons = customer.window.findChildren(Button)
    return [one.text().replace("&", "") for one in buttons if one.isVisible() and one.leads()]


def middle(widget: QWidget) -> QPoint:
    """Return the middle of a widget."""
    return widget.rect().center()


def without_partner_keys(world: World) -> World:
    """Return the world as it is where the partner has not entered its own keys: not practice."""
    return replace(world, playground=None)


def with_some_partner_keys(world: World) -> World:
    """Return the world as it is where the partner has entered one of PowerOffice Go's two keys."""
    name, value = "poweroffice.production.application_key", Secret("1970F6AD-E35E-4EBF-9DA7-0000000000A1")
    anyio.run(lambda: world.store.set_partner(name, world.provider("poweroffice"), value))
    return without_partner_keys(world)
