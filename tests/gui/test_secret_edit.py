from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QContextMenuEvent,
    QDropEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.gui.helpers import SYSTEMS, good_key, good_number
from wizard.core.practice import practice_of
from wizard.gui.widgets.secret_edit import SecretEdit

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.gui.helpers import Customer

SECRET = "73195.cAnArY-in-the-coal-mine_42"
CTRL = Qt.KeyboardModifier.ControlModifier
QUERIES = [one for one in Qt.InputMethodQuery if one.name not in {"ImQueryInput", "ImQueryAll"}]


@pytest.fixture
def edit(qtbot: QtBot) -> SecretEdit:
    line = SecretEdit()
    qtbot.addWidget(line)
    with qtbot.waitActive(line):
        line.show()
    line.setFocus()
    return line


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def copied(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def properties(thing: QObject) -> list[str]:
    """Return every property of an object that is a text."""
    meta = thing.metaObject()
    names = [str(meta.property(at).name()) for at in range(meta.propertyCount())]
    names += [bytes(name.data()).decode() for name in thing.dynamicPropertyNames()]
    values: list[object] = []
    for name in names:
        with suppress(RuntimeError):  # a kind of value that Python has no word for is no text
            values.append(thing.property(name))
    return [value for value in values if isinstance(value, str)]


def spoken(widget: QWidget) -> list[str]:
    """Return every text that an assistive program can read off a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    texts = [interface.text(kind) for kind in QAccessible.Text if kind is not QAccessible.Text.UserText]
    lines = interface.textInterface()
    if lines is not None:
        texts += [lines.text(0, lines.characterCount())]
    return texts


def answers(edit: SecretEdit) -> list[str]:
    """Return all that the line tells to whoever asks."""
    asked: list[Any] = [edit.inputMethodQuery(query) for query in QUERIES]
    told = [edit.text(), edit.displayText(), edit.selectedText(), *properties(edit), *spoken(edit)]
    return told + [str(value) for value in asked if isinstance(value, str | int)]


def test_nothing_tells_the_secret(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, SECRET)
    edit.selectAll()
    told = answers(edit)
    assert edit.value() == SECRET
    assert edit.selectedText()
    for part in (SECRET, SECRET[:5], SECRET[-5:]):
        assert not [text for text in told if part in text]


def test_not_even_its_length_is_told(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, "ab")
    short = answers(edit)
    edit.forget()
    QTest.keyClicks(edit, SECRET)
    assert answers(edit) == short


@pytest.mark.parametrize("others", ["same length", "another length"])
def test_two_secrets_look_alike_to_the_pixel(edit: SecretEdit, others: str) -> None:
    pictures = []
    other = SECRET[::-1] if others == "same length" else "ab"
    edit.clearFocus()
    for value in (SECRET, other):
        copied(value)
        edit.take_clipboard()
        pictures.append(edit.grab().toImage())
    assert pictures[0] == pictures[1]


def test_what_is_typed_is_taken(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, "Abc 1.2_-æ")
    assert edit.value() == "Abc 1.2_-æ"


@pytest.mark.parametrize("how", ["ctrl_v", "shift_insert", "slot"])
def test_what_is_pasted_replaces_what_was_there(edit: SecretEdit, how: str) -> None:
    QTest.keyClicks(edit, "old")
    copied(SECRET)
    if how == "ctrl_v":
        QTest.keyClick(edit, Qt.Key.Key_V, CTRL)
    elif how == "shift_insert":
        QTest.keyClick(edit, Qt.Key.Key_Insert, Qt.KeyboardModifier.ShiftModifier)
    else:
        edit.paste()
    assert edit.value() == SECRET


def test_what_an_input_method_commits_is_taken_and_nothing_of_what_it_composes(edit: SecretEdit) -> None:
    QApplication.sendEvent(edit, QInputMethodEvent("compo", []))
    assert edit.value() == ""
    assert "compo" not in edit.displayText()
    event = QInputMethodEvent("", [])
    event.setCommitString(SECRET)
    QApplication.sendEvent(edit, event)
    assert edit.value() == SECRET
    assert SECRET not in "".join(answers(edit))


@pytest.mark.parametrize("before", ["", "old"])
def test_what_an_assistive_program_sets_is_taken(edit: SecretEdit, before: str) -> None:
    QTest.keyClicks(edit, before)
    interface = QAccessible.queryAccessibleInterface(edit)
    interface.setText(QAccessible.Text.Value, SECRET)
    assert edit.value() == SECRET
    assert SECRET not in "".join(answers(edit))


def test_alt_gr_makes_characters_and_alt_does_not(edit: SecretEdit) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    for modifier, text in ((both, "@"), (Qt.KeyboardModifier.AltModifier, "x")):
        QApplication.sendEvent(edit, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_2, modifier, text))
    assert edit.value() == "@"


@pytest.mark.parametrize("key", ["backspace", "ctrl_backspace", "delete"])
def test_what_takes_away(edit: SecretEdit, key: str) -> None:
    QTest.keyClicks(edit, "abc")
    presses = {
        "backspace": (Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier, "ab"),
        "ctrl_backspace": (Qt.Key.Key_Backspace, CTRL, ""),
        "delete": (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, ""),
    }
    which, modifier, left = presses[key]
    QTest.keyClick(edit, which, modifier)
    assert edit.value() == left
    assert bool(edit.text()) is bool(left)


def test_the_last_character_taken_away_empties_it(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, "a")
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert not edit.filled()
    assert edit.text() == ""
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert not edit.filled()


@pytest.mark.parametrize("key", [Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_A])
def test_shortcuts_take_nothing_out_and_bring_nothing_back(edit: SecretEdit, key: Qt.Key) -> None:
    copied("as it was")
    QTest.keyClicks(edit, SECRET)
    edit.selectAll()
    QTest.keyClick(edit, key, CTRL)
    edit.copy()
    assert edit.value() == SECRET
    edit.cut()
    assert clipboard() == "as it was"
    edit.forget()
    edit.undo()
    edit.redo()
    QTest.keyClick(edit, Qt.Key.Key_Z, CTRL)
    assert (edit.value(), edit.text()) == ("", "")
    assert clipboard() == "as it was"


def test_nothing_can_be_dragged_out_or_dropped_in(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, "abc")
    assert not edit.dragEnabled()
    data = QMimeData()
    data.setText(SECRET)
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(edit, drop)
    assert edit.value() == "abc"
    assert not edit.acceptDrops()


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
def test_the_menu_offers_to_paste_and_to_clear_only(edit: SecretEdit, qtbot: QtBot) -> None:
    edit.name_actions("Lim inn", "Tøm")
    copied(SECRET)
    reason = QContextMenuEvent.Reason.Keyboard
    for at, left in ((0, SECRET), (1, "")):
        QApplication.sendEvent(edit, QContextMenuEvent(reason, QPoint(2, 2), edit.mapToGlobal(QPoint(2, 2))))
        menu = edit.findChildren(QMenu)[-1]
        assert [action.text() for action in menu.actions()] == ["Lim inn", "Tøm"]
        menu.actions()[at].trigger()
        menu.close()
        assert edit.value() == left
    assert not [action for action in edit.findChildren(QAction) if "cop" in action.text().lower()]


def test_a_middle_click_pastes_nothing_into_the_line_itself(edit: SecretEdit) -> None:
    copied(SECRET)
    QTest.mouseClick(edit, Qt.MouseButton.MiddleButton)
    assert edit.value() in {"", SECRET}
    assert SECRET not in "".join(answers(edit))


def test_a_double_click_selects_dots_only(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, SECRET)
    event = QMouseEvent(
        QMouseEvent.Type.MouseButtonDblClick,
        QPointF(9, 9),
        QPointF(9, 9),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(edit, event)
    assert set(edit.selectedText()) <= {"•", "●", "*"}


def test_an_empty_clipboard_leaves_what_is_there(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, "abc")
    QGuiApplication.clipboard().clear()
    QTest.keyClick(edit, Qt.Key.Key_V, CTRL)
    assert edit.value() == "abc"


def test_a_huge_paste_is_refused_and_not_cut(customer: Customer) -> None:
    customer.to_field("fiken")
    customer.paste("x" * 1_000_000)
    row = next(iter(customer.window._key().fields.values()))
    assert not row.filled()
    assert not customer.window.next.isEnabled()
    assert "too long" in row._help.text()
    assert len(row._help.text()) < 500


@pytest.mark.parametrize("slug", SYSTEMS)
@pytest.mark.parametrize("dress", ["\n{}\r\n", "\ufeff{}\u200b", "\u200e {} \t", "“{}”", "Bearer {}"])
def test_what_a_copy_drags_along_does_no_harm(customer: Customer, slug: str, dress: str) -> None:
    provider = customer.provider(slug)
    customer.to_state(slug, "passed", good_number(provider), dress.format(good_key(provider)))
    customer.store()


def everything(window: QWidget) -> list[str]:
    """Return every text in the tree of widgets, hidden ones too."""
    found: list[str] = []
    for widget in [window, *window.findChildren(QWidget)]:
        found += properties(widget) + spoken(widget)
        for action in widget.actions():
            found += properties(action)
    return found


@pytest.mark.parametrize("slug", SYSTEMS)
def test_the_secret_is_nowhere_in_the_window(
    customer: Customer, slug: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provider = customer.provider(slug)
    key, partner = good_key(provider), practice_of(provider).good.get("partner", {})
    assert isinstance(partner, dict)
    secrets = [key, *partner.values()]

    def check() -> None:
        told = [*everything(customer.window), caplog.text]
        assert not [text for text in told for secret in secrets if secret in text]

    for refusal in ("key_refused", "connection_lost"):
        customer.refuse(refusal, slug)
        if refusal == "key_refused":
            customer.to_state(slug, "failed", good_number(provider))
        else:
            customer.click(customer.window.next)
            customer.wait_test("failed")
        check()
        customer.click(customer.window.back)
        check()
    customer.refuse("", slug)
    customer.click(customer.window.next)
    customer.wait_test("passed")
    check()
    customer.store()
    check()
    assert clipboard() == key
    written = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not [text for text in written for secret in secrets if str(secret).encode() in text]
