"""A secret that is shown while a button is held, compared by its fingerprint, taken off the clipboard."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

import wizard
from tests.gui.helpers import LANGUAGES, good_key, good_number
from tests.gui.looking import every_text, leaks
from tests.gui.states import read
from wizard.core.fingerprint import Fingerprint, fingerprint
from wizard.core.registry import built_in
from wizard.gui.affinity import EXCLUDED, NoAffinity, WindowsAffinity, affinity_of
from wizard.gui.widgets.reveal import LONGEST, Glance

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gui.helpers import Customer, Maker
    from wizard.gui.widgets.field_row import SecretRow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
SECRET = "73195.cAnArY-in-the-coal-mine_42"
SPACE, ENTER = Qt.Key.Key_Space, Qt.Key.Key_Return


class FakeUser32:
    """Windows' two functions; `works` or refuses, `held` is what it says afterwards."""

    def __init__(self, *, works: int = 1, asked: int = 1, held: int = EXCLUDED) -> None:
        self.works, self.asked, self.held = works, asked, held
        self.handles: list[int] = []
        self.at_call: Callable[[], None] = lambda: None

    def SetWindowDisplayAffinity(self, handle: int, wish: int) -> int:
        assert wish == EXCLUDED
        self.handles.append(handle)
        self.at_call()
        return self.works

    def GetWindowDisplayAffinity(self, handle: int, found: Any) -> int:
        assert handle == self.handles[-1]
        found._obj.value = self.held
        return self.asked


@pytest.fixture
def filled(customer: Customer) -> Customer:
    """Return a customer with a secret in the field, who has been warned."""
    return with_secret(customer)


def with_secret(customer: Customer) -> Customer:
    customer.to_field("fiken")
    customer.paste(SECRET)
    customer.window._key().showing.warned = True
    return customer


def row_of(customer: Customer) -> SecretRow:
    return next(iter(customer.window._key().fields.values()))  # type: ignore[return-value]


def glance(customer: Customer) -> Glance | None:
    """Return the window that shows it, if there is one."""
    return customer.window._key().showing.glance


def hold(customer: Customer, key: Qt.Key = SPACE) -> Glance:
    button = row_of(customer).tools.hold
    button.setFocus()
    QTest.keyPress(button, key)
    shown = glance(customer)
    assert shown
    assert shown.isVisible()
    return shown


def ink(widget: QWidget) -> set[int]:
    """Return the colours that a widget shows inside its border."""
    image = widget.grab(QRect(4, 4, widget.width() - 8, widget.height() - 8)).toImage()
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("key", [SPACE, ENTER])
def test_it_is_shown_while_a_key_is_held(filled: Customer, key: Qt.Key) -> None:
    shown = hold(filled, key)
    assert len(ink(shown)) > 1
    QTest.keyRelease(row_of(filled).tools.hold, key)
    assert glance(filled) is None
    assert not shown.isVisible()
    assert shown._text == ""
    assert filled.window.page == "key"


def test_it_is_shown_while_the_mouse_is_held(filled: Customer) -> None:
    button = row_of(filled).tools.hold
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert glance(filled)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert glance(filled) is None


def test_it_is_shown_in_a_window_of_its_own_that_takes_no_focus(filled: Customer) -> None:
    masked = filled.window.grab().toImage()
    shown = hold(filled)
    assert shown.isWindow()
    assert shown.window() is not filled.window
    assert shown.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert shown.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert row_of(filled).tools.hold.hasFocus()
    assert filled.window.isActiveWindow()
    row_of(filled).tools.hold.setDown(False)
    row_of(filled).edit.setFocus()
    assert filled.window.grab().size() == masked.size()


def test_the_main_window_looks_the_same_whatever_is_shown(filled: Customer) -> None:
    row = row_of(filled)
    pictures = []
    for value in (SECRET, SECRET[::-1], "shorter"):  # each has the form of a key: that is told
        row.edit._hold(value)
        hold(filled)
        QApplication.processEvents()
        pictures.append(filled.window.grab().toImage())
        QTest.keyRelease(row.tools.hold, SPACE)
    assert pictures[0] == pictures[1] == pictures[2]


def test_what_is_shown_can_be_read_by_no_program(filled: Customer) -> None:
    shown = hold(filled)
    assert leaks(every_text(filled.window), SECRET) == []
    assert shown.windowTitle() == "Koble"
    interface = QAccessible.queryAccessibleInterface(shown)
    assert interface.textInterface() is None
    assert interface.childCount() == 0


def test_what_is_too_long_shows_its_ends(filled: Customer) -> None:
    row_of(filled).edit._hold("x" * 5_000 + "END")
    shown = hold(filled)
    assert len(shown._text) < 700
    assert shown._text.endswith("END")
    assert shown.height() < filled.window.screen().size().height()


def leave(customer: Customer) -> None:
    """Give another window the focus."""
    other = QWidget()
    customer.qtbot.addWidget(other)
    with customer.qtbot.waitActive(other):
        other.show()
        other.activateWindow()


ENDS: dict[str, Callable[[Customer], object]] = {
    "focus": lambda c: row_of(c).edit.setFocus(),
    "escape": lambda c: QTest.keyPress(row_of(c).tools.hold, Qt.Key.Key_Escape),
    "forgotten": lambda c: row_of(c).forget(),
    "changed": lambda c: QTest.keyClicks(row_of(c).edit, "x"),
    "language": lambda c: c.choose_language("nb"),
    "said_anew": lambda c: c.window.say(c.window._texts),
    "page": lambda c: c.window.go_back(),
    "closed": lambda c: c.window.hide(),
    "disabled": lambda c: row_of(c).tools.hold.setEnabled(False),
    "window": leave,
}


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_with_whatever_comes_between(filled: Customer, end: str) -> None:
    shown = hold(filled)
    ENDS[end](filled)
    assert glance(filled) is None
    assert shown._text == ""
    assert not filled.window._key().showing._timer.isActive()
    if end != "closed":
        assert filled.window.isVisible()


@pytest.mark.parametrize("end", ["forgotten", "language", "page", "window"])
def test_it_ends_so_too_where_an_assistive_program_began(filled: Customer, end: str) -> None:
    row_of(filled).tools.hold.click()
    assert glance(filled)
    ENDS[end](filled)
    assert glance(filled) is None


def test_it_ends_by_itself(filled: Customer) -> None:
    assert LONGEST <= 10_000
    assert filled.window._key().showing.longest == LONGEST
    filled.window._key().showing.longest = 30
    shown = hold(filled)
    filled.wait(lambda: glance(filled) is None)
    assert shown._text == ""
    QTest.keyPress(row_of(filled).tools.hold, SPACE)
    assert glance(filled) is None, "it must be let go first"


def test_a_screen_reader_can_begin_and_end_it(filled: Customer) -> None:
    button = row_of(filled).tools.hold
    interface = QAccessible.queryAccessibleInterface(button).actionInterface()
    interface.doAction(interface.pressAction())
    filled.wait(lambda: glance(filled) is not None)
    assert filled.window._key().showing._timer.isActive()
    interface.doAction(interface.pressAction())
    filled.wait(lambda: glance(filled) is None)


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_elsewhere_a_warning_comes_first_once_a_window(make: Maker, platform: str, language: str) -> None:
    customer = make(platform=platform, language=language)
    customer.to_field("fiken")
    customer.paste(SECRET)
    button = row_of(customer).tools.hold
    button.setFocus()
    for answer in ("keep_hidden", "show_key"):
        QTest.keyPress(button, SPACE)
        assert glance(customer) is None
        warning = customer.window._texts.say("reveal.warning")
        assert customer.question().informativeText() == warning
        customer.answer(answer)
        assert glance(customer) is None, "who says yes has still to hold the button"
        QTest.keyRelease(button, SPACE)
        customer.wait(button.hasFocus)
    hold(customer)
    QTest.keyRelease(button, SPACE)
    hold(customer)
    assert customer.asked() == []


# Windows


def on_windows(make: Maker, user32: FakeUser32) -> Customer:
    customer = make(platform="win32")
    customer.to_field("fiken", good_number(customer.provider("fiken")))
    customer.paste(SECRET)
    customer.window._key().showing.affinity = WindowsAffinity(user32)
    return customer


def test_windows_hides_it_from_captures_before_it_is_painted(make: Maker) -> None:
    user32 = FakeUser32()
    customer = on_windows(make, user32)
    seen: list[str] = []

    def look() -> None:
        seen.extend(one._text for one in customer.window.findChildren(Glance) if not one.isVisible())

    user32.at_call = look
    shown = hold(customer)
    assert seen[0] == "", "nothing is in it before Windows was asked"
    assert set(user32.handles) == {int(shown.winId())}
    assert len(user32.handles) >= 2, "asked again when it is shown"
    assert customer.asked() == [], "no warning where nobody else sees it"


@pytest.mark.parametrize(
    "user32", [FakeUser32(works=0), FakeUser32(asked=0), FakeUser32(held=0), FakeUser32(held=1)]
)
def test_windows_that_cannot_hide_it_shows_nothing_and_says_so(make: Maker, user32: FakeUser32) -> None:
    customer = on_windows(make, user32)
    button = row_of(customer).tools.hold
    button.setFocus()
    QTest.keyPress(button, SPACE)
    assert glance(customer) is None
    assert not [one for one in customer.window.findChildren(Glance) if one._text or one.isVisible()]
    assert row_of(customer)._help.text() == customer.window._texts.say("reveal.refused")
    assert user32.handles


@pytest.mark.parametrize("event", [QEvent.Type.Show, QEvent.Type.WinIdChange])
def test_windows_is_asked_again_whenever_the_window_is_another(make: Maker, event: QEvent.Type) -> None:
    user32 = FakeUser32()
    shown = hold(on_windows(make, user32))
    before = len(user32.handles)
    assert len(ink(shown)) > 1
    user32.works = 0
    shown.event(QEvent(event))
    assert len(user32.handles) == before + 1
    assert len(ink(shown)) == 1, "it paints nothing any more"


def test_the_main_window_is_never_hidden_from_captures(make: Maker) -> None:
    user32 = FakeUser32()
    customer = on_windows(make, user32)
    provider = customer.provider("fiken")
    hold(customer)
    QTest.keyRelease(row_of(customer).tools.hold, SPACE)
    row_of(customer).edit.setFocus()
    customer.paste(good_key(provider))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()
    customer.to_home()
    mains = {int(customer.window.winId()), int(customer.window.windowHandle().winId())}
    assert user32.handles
    assert not mains & set(user32.handles)


def test_only_one_place_can_hide_a_window() -> None:
    root = Path(wizard.__file__).parent
    naming = {file.name for file in root.rglob("*.py") if "WindowDisplayAffinity" in file.read_text("utf-8")}
    calling = {
        file.name
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "exclude"
    }
    assert (naming, calling) == ({"affinity.py"}, {"reveal.py"})


def test_elsewhere_there_is_nothing_to_ask() -> None:
    assert affinity_of("linux") is None
    assert affinity_of("darwin") is None
    assert isinstance(affinity_of("win32"), NoAffinity)  # it is not Windows that runs this
    assert not NoAffinity().exclude(1)


# comparing

TOKEN = built_in().providers["fiken"].fields[0]


def test_a_fingerprint_is_the_same_for_the_same_key_however_it_was_copied() -> None:
    found = fingerprint(TOKEN, SECRET)
    assert found == fingerprint(TOKEN, f" “{SECRET}”\n")
    assert found == Fingerprint(length=len(SECRET), end="_42", check="7031")
    assert fingerprint(TOKEN, SECRET[:-1] + "3") != found


def test_a_short_secret_has_none() -> None:
    assert fingerprint(TOKEN, "x" * 19) is None
    assert fingerprint(TOKEN, "x" * 20)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_compared_on_request_only(make: Maker, language: str) -> None:
    customer = with_secret(make(language=language))
    row = row_of(customer)
    said = row._help.text()
    assert "_42" not in " ".join(read(customer.window))
    customer.click(row.tools.compare)
    for part in (row.label(), "32", "_42", "7031"):
        assert part in row._help.text()
    assert leaks(every_text(customer.window), SECRET) == []
    customer.click(row.tools.compare)
    assert row._help.text() == said
    customer.click(row.tools.compare)
    row.edit.setFocus()
    customer.press(Qt.Key.Key_Backspace)
    assert row._help.text() == said
    assert not row.tools.compare.isChecked()


def test_of_a_short_secret_nothing_is_told(filled: Customer) -> None:
    row = row_of(filled)
    row.edit._hold("hunter2")
    filled.click(row.tools.compare)
    assert row._help.text() == filled.window._texts.say("compare.short")


def test_without_a_secret_there_are_no_tools(customer: Customer) -> None:
    customer.to_field("fiken")
    tools = row_of(customer).tools
    assert not tools.hold.isVisible()
    assert not tools.compare.isVisible()
    tools.hold.click()
    assert glance(customer) is None


# the clipboard


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_after_a_paste_the_clipboard_can_be_emptied(customer: Customer) -> None:
    customer.to_field("fiken")
    tools = row_of(customer).tools
    page = customer.window._key()
    assert not tools.offer.isVisible()
    body = page.title.parentWidget()
    assert body
    before = (body.height(), tools.geometry(), row_of(customer).height())
    good = good_key(customer.provider("fiken"))
    customer.paste(good)
    QApplication.processEvents()
    assert tools.offer.isVisible()
    assert (body.height(), tools.geometry(), row_of(customer).height()) == before
    assert customer.focused() is customer.secret
    customer.click(tools.remove)
    assert clipboard() == ""
    assert not tools.offer.isVisible()
    assert customer.secret.value() == good
    assert customer.focused() is customer.secret


def test_a_newer_copy_survives_and_ends_the_offer(customer: Customer) -> None:
    customer.to_field("fiken")
    tools = row_of(customer).tools
    customer.paste(SECRET)
    pasted = customer.secret.on_clipboard
    assert pasted
    QGuiApplication.clipboard().setText("newer")
    assert not tools.offer.isVisible()
    assert customer.secret.on_clipboard is None
    pasted.remove()
    tools._remove()
    assert clipboard() == "newer"


def test_what_is_typed_is_not_offered_to_be_removed(customer: Customer) -> None:
    customer.to_field("fiken")
    QGuiApplication.clipboard().setText("a shopping list")
    customer.type(SECRET)
    assert not row_of(customer).tools.offer.isVisible()
    assert clipboard() == "a shopping list"


def test_what_was_pasted_is_kept_as_a_digest_only(customer: Customer) -> None:
    customer.to_field("fiken")
    customer.paste(SECRET)
    pasted = customer.secret.on_clipboard
    assert SECRET.encode() not in repr(vars(pasted)).encode()


WRITES = {"setText", "setMimeData", "setImage", "setPixmap"}


def writers(source: str) -> list[int]:
    """Return the lines where something is put on a clipboard."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in WRITES and "clipboard" in ast.unparse(node.func.value).lower()
    ]


def test_one_place_only_writes_to_the_clipboard() -> None:
    root = Path(wizard.__file__).parent
    found = {file.name: writers(file.read_text("utf-8")) for file in root.rglob("*.py")}
    assert {name: len(lines) for name, lines in found.items() if lines} == {"clipboard.py": 1}
    named = {file.name for file in root.rglob("*.py") if "QClipboard" in file.read_text("utf-8")}
    assert named == {"clipboard.py", "secret_edit.py"}
    assert writers("QGuiApplication.clipboard().setText(x)") == [1]


def test_no_copy_button_of_a_walk_gives_a_secret_away(customer: Customer) -> None:
    provider = customer.provider("fiken")
    customer.refuse("key_refused", "fiken")
    key = good_key(provider)
    customer.to_state("fiken", "failed", good_number(provider))
    found = copied_by_all(customer)
    customer.click(customer.window.back)
    found += copied_by_all(customer)
    assert any(found)
    assert leaks(found, key) == []


def copied_by_all(customer: Customer) -> list[str]:
    """Press every button that copies; return what came of it."""
    from wizard.gui.widgets.parts import Button

    word = customer.window._texts.say("buttons.copy")
    found = []
    for button in customer.window.findChildren(Button):
        if button.text() == word or "copy" in button.accessibleName().lower():
            QGuiApplication.clipboard().setText("as it was")
            button.click()
            found.append(clipboard())
    return found


def test_no_window_is_left_behind(filled: Customer) -> None:
    for _ in range(5):
        hold(filled)
        QTest.keyRelease(row_of(filled).tools.hold, SPACE)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert filled.window.findChildren(Glance) == []
    assert all(isinstance(one, QWindow) for one in QGuiApplication.topLevelWindows())
