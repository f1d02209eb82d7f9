"""A customer pastes: reads what was removed, undoes, moves and splits; with the real clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

from tests.gui.helpers import LANGUAGES, good_key, good_number
from wizard.core.texts import Texts
from wizard.gui.widgets import field_row

if TYPE_CHECKING:
    from tests.gui.helpers import Customer, Maker
    from wizard.gui.widgets.field_row import FieldRow

LETTER = "Hei!\n\nBrukernavn: ws@fjordheim.example\nPassord: demo-passord-2\nEier-ID: 23001\n\nHilsen Kari"
CTRL = Qt.KeyboardModifier.ControlModifier


def row_at(customer: Customer, name: str, slug: str = "fiken", method: str = "") -> FieldRow:
    """Go to a field, as one does who has the key already."""
    customer.to_key(slug)
    page = customer.window._key()
    if method:
        customer.click_row(page.methods, method)
    customer.click(page.have)
    page.fields[name].edit.setFocus()
    return page.fields[name]


def said(row: FieldRow) -> str:
    return row._help.text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_removed_is_said_and_undone(make: Maker, language: str) -> None:
    customer, texts = make(language=language), Texts(language=language)
    row = row_at(customer, "token")
    key = good_key(customer.provider("fiken"))
    customer.paste(f" Bearer {key}\n")
    assert customer.secret.value() == key
    things = [texts.say(f"paste.things.{kind}") for kind in ("bearer", "line_break", "space")]
    assert all(thing in said(row) for thing in things)
    assert texts.say("paste.and") in said(row)
    customer.click(row.aftermath.act)
    assert customer.secret.value() == f" Bearer {key}\n"
    assert texts.say("paste.undone") in said(row)
    assert row.aftermath.words() == []
    assert customer.focused() is row.edit
    customer.click(customer.window.next)
    customer.wait_page("test")


def test_what_was_pasted_is_forgotten_with_the_field(customer: Customer) -> None:
    row = row_at(customer, "token")
    for leave in (row.forget, lambda: customer.type("x"), lambda: customer.press(Qt.Key.Key_Backspace)):
        customer.paste("Bearer 73195.abcdefghijk")
        assert row.aftermath._pasted
        leave()
        assert not row.aftermath._pasted
        assert row.aftermath.words() == []
        assert row.aftermath.text() == ""


def test_a_good_paste_says_nothing_more(customer: Customer) -> None:
    row = row_at(customer, "token")
    customer.paste(good_key(customer.provider("fiken")))
    assert said(row) == Texts(language="en").say("key.filled")
    assert row.aftermath.words() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_of_another_system_is_named_and_not_sent(make: Maker, language: str) -> None:
    customer = make(language=language)
    row = row_at(customer, "token")
    customer.paste(good_key(customer.provider("tripletex")))
    assert "Tripletex" in said(row)
    assert row.filled()
    customer.click(customer.window.next)
    assert customer.window.page == "key"
    assert "Tripletex" in said(row)
    assert customer.asked_vendors() == []
    customer.paste(good_key(customer.provider("fiken")))
    assert "Tripletex" not in said(row)
    customer.click(customer.window.next)
    customer.wait_page("test")


def test_a_key_is_never_shown_in_a_line(customer: Customer) -> None:
    row = row_at(customer, "user_name", "xledger", "web_service")
    customer.paste(good_key(customer.provider("tripletex")))
    assert row.edit.text() == ""
    assert "Tripletex" in said(row)
    customer.type("ws@x.no")
    assert "Tripletex" not in said(row)


def test_a_value_in_the_wrong_field_is_moved(customer: Customer) -> None:
    row = row_at(customer, "password", "xledger", "web_service")
    customer.paste("ws@fjordheim.example")
    user = customer.window._key().fields["user_name"]
    assert "User name" in said(row)
    assert row.aftermath.words() == [Texts(language="en").say("paste.move")]
    customer.click(row.aftermath.act)
    assert user.edit.text() == "ws@fjordheim.example"
    assert not row.filled()
    assert customer.focused() is user.edit
    assert "User name" in said(user)
    row.edit.setFocus()
    customer.paste("other@fjordheim.example")
    assert row.aftermath.words() == [], "nothing is moved over what is there"


@pytest.mark.parametrize("name", ["user_name", "password", "entity_id"])
def test_a_letter_is_split(customer: Customer, name: str) -> None:
    row = row_at(customer, name, "xledger", "web_service")
    page, say = customer.window._key(), Texts(language="en").say
    customer.paste(LETTER)
    assert "3 values" in said(row)
    assert "demo-passord" not in str(page.fields["user_name"].edit.text())
    assert "demo-passord" not in str(page.fields["entity_id"].edit.text())
    assert row.aftermath.words() == [say("paste.use"), say("paste.keep" if row.secret else "paste.leave")]
    customer.click(row.aftermath.act)
    values = {"user_name": "ws@fjordheim.example", "password": "demo-passord-2", "entity_id": "23001"}
    assert page.pasted() == values
    assert say("paste.filled", names=row.aftermath.names(values)) in said(row)
    assert page.complete()


def test_a_split_may_be_declined(customer: Customer) -> None:
    row = row_at(customer, "password", "xledger", "web_service")
    customer.paste(LETTER)
    customer.click(row.aftermath.leave)
    assert row.value() == LETTER
    assert row.aftermath.words() == []
    assert said(row) == Texts(language="en").say("key.filled")


def test_what_a_split_would_replace_is_named_first(customer: Customer) -> None:
    row = row_at(customer, "password", "xledger", "web_service")
    page = customer.window._key()
    page.fields["user_name"].edit.setFocus()
    customer.type("kari")
    row.edit.setFocus()
    customer.paste(LETTER)
    assert "will be replaced" in said(row)
    assert page.fields["user_name"].edit.text() == "kari"
    customer.click(row.aftermath.act)
    assert page.fields["user_name"].edit.text() == "ws@fjordheim.example"


def test_values_for_other_fields_leave_this_one_empty(customer: Customer) -> None:
    row = row_at(customer, "password", "xledger", "web_service")
    customer.paste("Brukernavn: ws@x.no\nEier-ID: 23001")
    customer.click(row.aftermath.act)
    assert customer.window._key().pasted() == {"user_name": "ws@x.no", "password": "", "entity_id": "23001"}
    assert customer.focused() is row.edit


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
@pytest.mark.parametrize("way", ["keys", "menu", "drop"])
def test_a_line_says_what_was_removed_too(customer: Customer, way: str) -> None:
    row = row_at(customer, "customer_number", "business_nxt")
    if way == "drop":
        data = QMimeData()
        data.setText(" 1234 567\u200b")
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        row.edit.dropEvent(QDropEvent(QPointF(3, 3), copy, data, left, none))
    elif way == "menu":
        QGuiApplication.clipboard().setText(" 1234 567\u200b")
        reason = QContextMenuEvent.Reason.Mouse
        row.edit.contextMenuEvent(QContextMenuEvent(reason, QPoint(3, 3), row.edit.mapToGlobal(QPoint(3, 3))))
        menu = next(one for one in row.edit.findChildren(QMenu) if one.isVisible())
        next(one for one in menu.actions() if one.objectName() == "edit-paste").trigger()
        menu.close()
    else:
        customer.paste(" 1234 567\u200b")
    assert row.edit.text() == "1234567"
    assert "spaces and invisible characters" in said(row)
    customer.click(row.aftermath.act)
    assert row.edit.text() == " 1234 567\u200b"


def test_a_paste_into_the_middle_of_a_line_is_left_alone(customer: Customer) -> None:
    row = row_at(customer, "customer_number", "business_nxt")
    customer.type("12")
    customer.paste("34")
    assert row.edit.text() == "1234"
    assert row.aftermath.words() == []
    customer.paste("9" * 300)
    assert row.edit.text() == "1234", "nothing is cut off to make it fit"
    assert "too long" in said(row)
    customer.press(Qt.Key.Key_A, CTRL)
    customer.paste("5678")
    assert row.edit.text() == "5678"
    customer.press(Qt.Key.Key_A, CTRL)
    customer.paste("not a number")
    assert row.edit.text() == "not a number", "it may be corrected"
    assert "right form" in said(row)


def test_nothing_above_a_message_moves(customer: Customer) -> None:
    row = row_at(customer, "token")
    places = [row.edit.geometry(), row.aftermath.height(), customer.window._key()._dock.y()]
    before = row.height()
    customer.paste(f"Bearer {good_key(customer.provider('fiken'))}")
    customer.window._key()._lay_out_now()
    assert row.aftermath.act.isVisible()
    assert [row.edit.geometry(), row.aftermath.height(), customer.window._key()._dock.y()] == places
    assert row.height() == before


def test_a_long_message_has_room_at_once(customer: Customer) -> None:
    row = row_at(customer, "client_key", "poweroffice")
    font = row.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    customer.window.setFont(font)
    customer.window._key()._lay_out_now()
    customer.paste("5b1d9f3e-7c42-4a86-b0e9-0000")
    assert row._help.height() >= row._help.heightForWidth(row._help.width()) > 2 * row.fontMetrics().height()


def test_it_is_said_aloud(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    row, heard = row_at(customer, "token"), []
    monkeypatch.setattr(field_row, "announce", lambda _, text: heard.append(text))
    customer.paste("Bearer 73195.abcdefghijk")
    assert [text for text in heard if "the word Bearer" in text and text.endswith("Undo")]
    customer.paste(good_key(customer.provider("tripletex")))
    assert "Tripletex" in heard[-1]
    assert not [text for text in heard if "abcdefghijk" in text]
    assert QAccessible.queryAccessibleInterface(row.aftermath.act).text(QAccessible.Text.Name) != "73195"


def test_the_message_follows_the_language(customer: Customer) -> None:
    row = row_at(customer, "password", "xledger", "web_service")
    customer.paste(LETTER)
    customer.choose_language("nb")
    assert "Vi fant 3 verdier" in said(row)
    assert row.aftermath.words()[0] == Texts(language="nb").say("paste.use")


def test_what_is_risky_is_said_at_once(customer: Customer) -> None:
    row = row_at(customer, "token")
    customer.paste("a-rather-odd-key")
    assert Texts(language="en").say("warnings.unusual_form", customer.provider("fiken")) in said(row)


@pytest.mark.parametrize("slug", ["poweroffice", "tripletex"])
def test_a_whole_letter_with_one_key_leads_to_the_test(make: Maker, slug: str) -> None:
    customer = make(practice=True)
    provider = customer.provider(slug)
    key, number = good_key(provider), good_number(provider)
    customer.to_state(slug, "passed", number, f"Hei,\n\nher er den: {key[:30]}{key[30:]}.\n\nHilsen Kari")
    customer.store()
