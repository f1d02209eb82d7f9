from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QContextMenuEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.gui import looking
from tests.gui.helpers import SYSTEMS, good_key, good_number
from tests.gui.looking import every_text, leaks
from wizard.core.practice import practice_of
from wizard.core.registry import built_in
from wizard.core.secret import Secret
from wizard.gui.widgets.secret_edit import SecretEdit

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.gui.helpers import Customer

EVERY = sorted(built_in().providers)
SECRET = "73195.cAnArY-in-the-coal-mine_42"
CTRL = Qt.KeyboardModifier.ControlModifier


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


def answers(edit: SecretEdit) -> list[str]:
    """Return all that the line tells to whoever asks."""
    return [*looking.contents(edit), *looking.properties(edit), *looking.spoken(edit), *looking.answers(edit)]


def test_nothing_tells_the_secret(edit: SecretEdit) -> None:
    QTest.keyClicks(edit, SECRET)
    edit.selectAll()
    told = answers(edit)
    assert edit.value() == SECRET
    assert edit.selectedText()
    assert leaks(told, SECRET) == []


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


@pytest.mark.parametrize("mode", list(QLineEdit.EchoMode))
def test_no_echo_mode_has_anything_to_undo_or_to_copy(edit: SecretEdit, mode: QLineEdit.EchoMode) -> None:
    copied("as it was")
    edit.setEchoMode(mode)
    QTest.keyClicks(edit, SECRET)
    copied(SECRET)
    edit.take_clipboard()
    copied("as it was")
    edit.selectAll()
    edit.copy()
    told = answers(edit)
    assert edit.value() == SECRET
    edit.cut()
    assert set(clipboard()) <= {*"as it was", "•"}  # a line that shows its dots may copy dots
    edit.forget()
    for _ in range(3):
        edit.undo()
        QTest.keyClick(edit, Qt.Key.Key_Z, CTRL)
    assert not edit.isUndoAvailable()
    told += answers(edit)
    for _ in range(3):
        edit.redo()
    assert (edit.value(), edit.text()) == ("", "")
    assert leaks(told + answers(edit), SECRET) == []


def test_nothing_comes_back_on_another_page_or_in_another_walk(customer: Customer) -> None:
    customer.to_field("fiken")
    edit = customer.secret
    customer.paste(SECRET)
    customer.choose_language("nb")
    assert edit.value() == SECRET
    assert leaks(every_text(customer.window), SECRET) == []
    customer.click(customer.window.back)
    customer.window.start_over()
    for _ in range(3):
        edit.undo()
        edit.redo()
    assert (edit.value(), edit.text()) == ("", "")
    assert leaks(every_text(customer.window), SECRET) == []


def test_a_press_that_is_dragged_takes_nothing_along(edit: SecretEdit) -> None:
    copied("as it was")
    QTest.keyClicks(edit, SECRET)
    edit.selectAll()
    QTest.mousePress(edit, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    for at in range(10, 120, 10):
        QTest.mouseMove(edit, QPoint(at, 8))
    QTest.mouseRelease(edit, Qt.MouseButton.LeftButton, pos=QPoint(110, 8))
    assert edit.value() == SECRET
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


def masked(customer: Customer, value: str) -> QImage:
    """Return the page's picture with a value in each secret field of which there is nothing to say."""
    page = customer.window._key()
    for row in page.fields.values():
        if row.secret:
            row.forget()
            row.put(Secret(value))
    customer.window.cancel.setFocus()
    page.show_step(page._at)
    QApplication.processEvents()
    return customer.window.grab().toImage()


@pytest.mark.parametrize("slug", EVERY)
def test_no_page_shows_anything_of_the_secret_by_its_pixels(customer: Customer, slug: str) -> None:
    for _ in customer.every_step(slug):
        if not any(row.secret and row.isVisible() for row in customer.window._key().fields.values()):
            continue
        first = masked(customer, SECRET)
        assert masked(customer, SECRET[::-1]) == first
        assert masked(customer, SECRET[:7]) == first
        assert masked(customer, SECRET * 9) == first


@pytest.mark.parametrize("slug", EVERY)
def test_no_step_in_any_language_tells_the_secret(customer: Customer, slug: str) -> None:
    for at, _ in enumerate(customer.every_step(slug)):
        for row in customer.window._key().fields.values():
            if row.secret and row.isVisible():
                QTest.keyClicks(row.edit, SECRET)
        customer.choose_language("en" if at % 2 else "nb")
        assert leaks(every_text(customer.window), SECRET) == []
    if customer.window.next.isEnabled():
        customer.click(customer.window.next)
        assert leaks(every_text(customer.window), SECRET) == []


def test_the_search_for_secrets_finds_one_that_is_planted(customer: Customer) -> None:
    customer.to_field("fiken")
    plants = (
        customer.window.setWindowTitle,
        customer.window.cancel.setToolTip,
        customer.window.cancel.setWhatsThis,
        customer.secret.setObjectName,
        customer.secret.setAccessibleDescription,
        lambda text: customer.window.language.setItemText(0, text),
    )
    for plant in plants:
        plant(f"see {SECRET[5:12]}")
        assert leaks(every_text(customer.window), SECRET), plant
        plant("nothing")
        assert leaks(every_text(customer.window), SECRET) == []


@pytest.mark.parametrize("slug", SYSTEMS)
@pytest.mark.parametrize("dress", ["\n{}\r\n", "\ufeff{}\u200b", "\u200e {} \t", "“{}”", "Bearer {}"])
def test_what_a_copy_drags_along_does_no_harm(customer: Customer, slug: str, dress: str) -> None:
    provider = customer.provider(slug)
    customer.to_state(slug, "passed", good_number(provider), dress.format(good_key(provider)))
    customer.store()


@pytest.mark.parametrize("slug", SYSTEMS)
def test_the_secret_is_nowhere_in_the_window(
    customer: Customer, slug: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provider = customer.provider(slug)
    key, partner = good_key(provider), practice_of(provider).good.get("partner", {})
    assert isinstance(partner, dict)
    secrets = [key, *partner.values()]

    def check() -> None:
        told = [*every_text(customer.window), caplog.text]
        assert not [text for secret in secrets for text in leaks(told, str(secret))]

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
