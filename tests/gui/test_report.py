"""What the window does for somebody who is stuck: codes, the report, the history."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from tests.gui.gate import problems
from tests.gui.gate import stops as reached
from tests.gui.helpers import LANGUAGES, good_key
from tests.gui.states import bring, read
from tests.gui.test_layout import clipped
from wizard.core import errors
from wizard.core.spoken import spell, spell_bug
from wizard.gui.sheets import ExplainSheet, HistorySheet, ReportSheet
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.helpers import Customer, Maker

S = TypeVar("S", bound=QWidget)


def opened(customer: Customer, kind: type[S]) -> S:
    """Return the sheet of that kind, once it is there."""
    customer.wait(lambda: any(one.isVisible() for one in customer.window.findChildren(kind)))
    return next(one for one in customer.window.findChildren(kind) if one.isVisible())


def failed(customer: Customer) -> str:
    """Have a test fail; return its code."""
    customer.refuse("key_refused", "fiken")
    customer.to_state("fiken", "failed")
    return spell(errors.KeyRefused(), customer.provider("fiken"))


def test_a_failure_shows_and_says_its_code(customer: Customer) -> None:
    code = failed(customer)
    message = customer.window._testing().message
    assert message.spoken.isVisible()
    assert code in message.spoken.text()
    assert code in message.accessibleName()
    customer.choose_language("nb")
    assert message.spoken.text() == f"Feilkode: {code}"
    customer.window._testing().checks.fold.click()
    assert code in customer.window._testing().checks._details.toPlainText()


def test_one_button_copies_the_error_report(customer: Customer) -> None:
    code = failed(customer)
    message = customer.window._testing().message
    customer.click(message.copy)
    said = QGuiApplication.clipboard().text()
    for part in (code, "key_refused", "sign_in", "fiken", "production"):
        assert part in said
    assert good_key(customer.provider("fiken")) not in said
    assert message.copy.text() == "Copied"


@pytest.mark.parametrize("state", ["company_error", "key_error", "form_error"])
def test_a_wrong_answer_has_its_code_beneath_it(customer: Customer, state: str) -> None:
    bring(customer, state)
    assert any("-INPUT-" in one for one in read(customer.window))


def test_home_and_a_bug_have_codes_and_the_report_too(customer: Customer) -> None:
    customer.window.go_home()
    customer.wait_page("home")
    customer.window._home_failed(errors.KeychainLocked())
    message = customer.window._home().message
    assert spell(errors.KeychainLocked()) in message.spoken.text()
    customer.window.show_bug("bug-20260302-110000-7.txt")
    assert spell_bug() in message.spoken.text()
    customer.click(message.copy)
    assert "bug-20260302-110000-7.txt" in QGuiApplication.clipboard().text()
    customer.click(message.report)
    told = tomllib.loads(opened(customer, ReportSheet).preview.toPlainText())
    assert told["failure"]["code"] == "bug"


# The report


def test_what_is_saved_is_what_was_shown(customer: Customer, tmp_path: Path) -> None:
    code, file = failed(customer), tmp_path / "report.txt"
    customer.click(customer.window._testing().message.report)
    sheet = opened(customer, ReportSheet)
    told = tomllib.loads(sheet.preview.toPlainText())
    assert told["failure"]["spoken"] == code
    assert told["failure"]["environment"] == "production"
    assert [one["spoken"] for one in told["finding"] if one["state"] == "failed"] == [code]
    assert told["machine"]["qt"].startswith("6.")
    assert told["machine"]["keychain_last"] == "works"
    asked: list[str] = []

    def ask(_: object, title: str, name: str, kind: str) -> str:
        asked.append(name)
        return str(file)

    customer.window.helper.ask_file = ask
    customer.click(sheet.save)
    assert file.read_text("utf-8") == sheet.preview.toPlainText()
    assert asked[0].startswith("koble-report-")
    assert sheet.state.text() == "The report is saved in the file report.txt."
    customer.click(sheet.copy)
    assert QGuiApplication.clipboard().text() == sheet.preview.toPlainText()


def test_saving_may_be_thought_better_of_and_may_fail(customer: Customer, tmp_path: Path) -> None:
    customer.window.helper.open_report()
    sheet = opened(customer, ReportSheet)
    before = sheet.state.text()
    customer.window.helper.ask_file = lambda *_: ""
    customer.click(sheet.save)
    assert sheet.state.text() == before
    customer.window.helper.ask_file = lambda *_: str(tmp_path / "none" / "x.txt")
    customer.click(sheet.save)
    assert "cannot be written" in sheet.state.text()


def test_names_come_into_it_only_with_the_tick(customer: Customer) -> None:
    customer.to_done("fiken")
    company = customer.window.walk.receipts[0].company
    customer.window.helper.open_report()
    sheet = opened(customer, ReportSheet)
    for told in (str(company["name"]), str(company["orgnr"])):
        assert told not in sheet.preview.toPlainText()
    sheet.names.tick(True)
    for told in (str(company["name"]), str(company["orgnr"])):
        assert told in sheet.preview.toPlainText()
    sheet.names.tick(False)
    assert str(company["orgnr"]) not in sheet.preview.toPlainText()


def test_a_report_is_made_while_a_test_runs(customer: Customer) -> None:
    customer.slow_down(0.3)
    customer.to_test("fiken", "313000028")
    customer.window.helper.open_report()
    opened(customer, ReportSheet).reject()
    customer.wait_test("passed")


# A code, typed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_is_explained_by_keyboard_alone(make: Maker, language: str) -> None:
    customer = make(language=language)
    window = customer.window
    assert window.support in reached(window)
    window.support.setFocus()
    customer.press(Qt.Key.Key_Return)
    sheet = opened(customer, ExplainSheet)
    sheet.activateWindow()
    QTest.keyClicks(sheet.edit, "tx signin 4x49")
    QTest.keyClick(sheet.edit, Qt.Key.Key_Return)
    assert sheet.said.isVisible()
    assert sheet.said.text().startswith("TX-SIGNIN-4X49")
    assert "3.6 " in sheet.said.text()
    QTest.keyClicks(sheet.edit, "x")
    assert not sheet.said.isVisible(), "what is said belongs to what is typed"
    QTest.keyClick(sheet.edit, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert "TX-SIGNIN" not in sheet.said.text()
    assert sheet._mark.isVisible(), "not by its colour alone"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    customer.wait(lambda: not window.findChildren(ExplainSheet))
    assert window.isVisible()


def test_from_a_code_to_the_report(customer: Customer) -> None:
    customer.click(customer.window.support)
    customer.click(opened(customer, ExplainSheet).report)
    opened(customer, ReportSheet)


# The history


def test_what_happened_to_a_connection(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    customer.click(customer.window._home().history)
    connection = customer.window._home().rows.current()
    sheet = opened(customer, HistorySheet)
    assert sheet.events.toPlainText().endswith("The connection was made.")
    assert customer.window.book
    (event,) = customer.window.book.connections[connection].history
    assert sheet.events.toPlainText().startswith(moment(event["at"], "en"))
    customer.window.helper.open_history("gone")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheets_can_be_read_and_heard(make: Maker, language: str) -> None:
    customer = make(language=language)
    customer.to_done("fiken")
    customer.to_home()
    for open_, kind in (
        (customer.window.helper.open_explain, ExplainSheet),
        (customer.window.helper.open_report, ReportSheet),
        (lambda: customer.click(customer.window._home().history), HistorySheet),
    ):
        open_()
        sheet = opened(customer, kind)
        assert problems(sheet) == []
        assert clipped(sheet) == []
        texts = [one.text() for one in sheet.findChildren(QAbstractButton)]
        texts += [one.text() for one in sheet.findChildren(QLabel)]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(set(letters)) == len(letters), texts
        assert sheet.width() <= customer.window.width()
        sheet.reject()
        customer.wait(lambda kind=kind: not customer.window.findChildren(kind))  # type: ignore[misc]
