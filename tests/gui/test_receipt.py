"""The receipt in the window: read, printed, saved as PDF, copied; by keyboard and without a secret."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtPrintSupport import QPrinter

from tests.gui.helpers import LANGUAGES, good_key, good_number
from tests.gui.looking import leaks
from tests.gui.states import bring
from wizard.core.consent import PARTS
from wizard.core.preset_files import open_preset
from wizard.gui.receipt_sheet import ReceiptSheet
from wizard.gui.sheets import HistorySheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QTextDocument
    from PySide6.QtWidgets import QApplication

    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World


def sheet_of(customer: Customer) -> ReceiptSheet:
    """Return the receipt that is open."""
    customer.wait(lambda: bool(customer.window.findChildren(ReceiptSheet)))
    return customer.window.findChildren(ReceiptSheet)[0]


def opened(customer: Customer, slug: str = "fiken") -> ReceiptSheet:
    """Walk to the end and open the receipt from there."""
    customer.to_done(slug)
    customer.click(customer.window._done().receipt)
    return sheet_of(customer)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def inside(pdf: bytes) -> bytes:
    """Return all that is in a PDF, its packed streams unpacked."""
    found = b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found += zlib.decompress(stream)
        except zlib.error:
            found += stream
    return pdf + found


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_saved_as_a_real_pdf_in_a4(make: Maker, tmp_path: Path, language: str) -> None:
    customer, file = make(language=language), tmp_path / "receipt.pdf"
    sheet = opened(customer)
    customer.window.papers.ask_file = lambda *_: str(file)
    customer.click(sheet.pdf)
    data = file.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert pages(data) == 1
    assert re.search(rb"/MediaBox \[0 0 595[.\d]* 84[12][.\d]*\]", data), "not A4"
    whole = inside(data)
    assert b"beginbfchar" in whole or b"beginbfrange" in whole, "its text cannot be copied out"
    key = good_key(customer.provider("fiken"))
    assert leaks([whole.decode("latin-1"), sheet.preview.toPlainText()], key) == []
    assert file.name in sheet.state.text()
    assert file.stat().st_mode & 0o077 == 0


def test_it_is_printed_on_the_printer_that_is_picked(customer: Customer, tmp_path: Path) -> None:
    file = tmp_path / "printed.pdf"
    sheet = opened(customer)

    def ask(_: ReceiptSheet, print_on: Callable[[QPrinter], None]) -> None:
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(file))
        print_on(printer)

    customer.window.papers.ask_printer = ask
    customer.click(sheet.print)
    assert pages(file.read_bytes()) == 1
    assert sheet.state.text() == sheet.texts.say("paper.printed")


def test_a_printer_that_fails_is_said_and_points_to_the_pdf(customer: Customer, tmp_path: Path) -> None:
    sheet = opened(customer)

    class Broken(QPrinter):
        def printerState(self) -> QPrinter.PrinterState:
            return QPrinter.PrinterState.Error

    def ask(_: ReceiptSheet, print_on: Callable[[QPrinter], None]) -> None:
        printer = Broken()
        printer.setOutputFileName(str(tmp_path / "x.pdf"))
        print_on(printer)

    customer.window.papers.ask_printer = ask
    customer.click(sheet.print)
    assert sheet.state.text() == sheet.texts.say("paper.not_printed")


def test_it_is_copied_as_plain_text(customer: Customer) -> None:
    sheet = opened(customer)
    customer.click(sheet.copy)
    text = QGuiApplication.clipboard().text()
    assert "Fjordheim Regnskap AS" in text
    assert "313 000 028" in text
    assert "<" not in text
    assert leaks([text], good_key(customer.provider("fiken"))) == []
    assert sheet.state.text() == sheet.texts.say("paper.copied")


def test_the_consent_is_on_the_screen_in_the_copy_and_in_the_file(
    make: Maker, world: World, tmp_path: Path
) -> None:
    demo = open_preset("demo", practice=True)
    assert demo.consent
    preset = replace(demo, consent=replace(demo.consent, name=True), seal_keys=(), demo=False)
    customer = make(preset=preset, world=replace(world, preset=preset))
    customer.pick("fiken")
    customer.type(good_number(customer.provider("fiken")))
    customer.window._company().consent.tick.tick(True)
    customer.window._company().consent.name.setText("Kari Nordmann")
    customer.window.refresh()
    customer.click(customer.window.next)
    customer.click(customer.window._key().have)
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.click(customer.window.next)
    customer.wait_page("done")
    customer.window.share.tick(True)
    customer.click(customer.window._done().receipt)
    sheet = sheet_of(customer)
    told = [demo.consent.told[part]["en"] for part in PARTS]
    shown = sheet.preview.toPlainText()
    assert [said for said in told if said not in shown] == []
    assert "Kari Nordmann" not in shown
    customer.click(sheet.copy)
    copied = QGuiApplication.clipboard().text()
    assert [said for said in (*told, "Kari Nordmann", "Version demo-1") if said not in copied] == []
    file = tmp_path / "receipt.pdf"
    customer.window.papers.ask_file = lambda *_: str(file)
    customer.click(sheet.pdf)
    assert pages(file.read_bytes()) == 1


def test_a_folder_that_cannot_be_written_to_is_said(customer: Customer, tmp_path: Path) -> None:
    sheet = opened(customer)
    customer.window.papers.ask_file = lambda *_: str(tmp_path / "absent" / "receipt.pdf")
    customer.click(sheet.pdf)
    assert "receipt.pdf" in sheet.state.text()
    assert "cannot be written" in sheet.state.text()


def test_nothing_is_saved_where_no_file_is_picked(customer: Customer) -> None:
    sheet = opened(customer)
    customer.window.papers.ask_file = lambda *_: ""
    customer.click(sheet.pdf)
    assert sheet.state.text() == ""


def test_it_is_masked_on_the_screen_and_whole_on_paper(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.window.share.tick(True)
    customer.click(customer.window._done().receipt)
    sheet = sheet_of(customer)
    shown = sheet.preview.toPlainText()
    assert "Fjordheim" not in shown
    assert "028" in shown
    assert sheet.state.text() == sheet.texts.say("paper.masked")
    customer.click(sheet.copy)
    assert "Fjordheim Regnskap AS" in QGuiApplication.clipboard().text()


def test_practice_says_so_on_paper(make: Maker) -> None:
    sheet = opened(make(practice=True))
    assert "PRACTICE" in sheet.preview.toPlainText()


def test_it_opens_from_the_details_at_home_too(customer: Customer) -> None:
    bring(customer, "home")
    customer.click(customer.window._home().history)
    (history,) = customer.window.findChildren(HistorySheet)
    customer.click(history.receipt)
    assert "Fjordheim Regnskap AS" in sheet_of(customer).preview.toPlainText()


def test_what_waits_has_a_receipt_that_says_for_whom(customer: Customer) -> None:
    customer.wait_for_approval()
    customer.click(customer.window._done().receipt)
    assert "waits for approval" in sheet_of(customer).preview.toPlainText()


def test_what_was_removed_meanwhile_opens_nothing(customer: Customer) -> None:
    customer.to_done("fiken")
    window = customer.window
    (key,) = customer.world.store.book().connections
    window.walk = replace(
        window.walk, receipts=tuple(replace(one, connection="gone") for one in window.walk.receipts)
    )
    customer.click(window._done().receipt)
    customer.qtbot.wait(150)
    assert not window.findChildren(ReceiptSheet)
    assert key in customer.world.store.book().connections


def test_it_is_read_and_left_by_keyboard(customer: Customer) -> None:
    sheet = opened(customer)
    customer.wait(lambda: customer.focused() is sheet.pdf)
    seen = []
    for _ in range(5):
        customer.press(Qt.Key.Key_Tab)
        seen.append(customer.focused())
    assert set(seen) == {sheet.preview, sheet.pdf, sheet.print, sheet.copy, sheet.close_button}
    customer.press(Qt.Key.Key_Escape)
    customer.wait(lambda: not customer.window.findChildren(ReceiptSheet))
    assert customer.window.isVisible()
    assert customer.window.page == "done"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True], ids=["text_100", "text_200"])
def test_beside_the_browser_no_word_of_it_is_broken(
    make: Maker, qapp: QApplication, language: str, *, large: bool
) -> None:
    was = QFont(qapp.font())
    font = QFont(was)
    font.setPointSizeF(was.pointSizeF() * (2 if large else 1))
    qapp.setFont(font)
    try:
        customer = make(language=language)
        customer.window.resize(560 if large else 400, 700)
        sheet = opened(customer)
        customer.wait(lambda: sheet.preview.width() > 200)
        assert broken(sheet.preview.document()) == []
        bar = sheet.preview.horizontalScrollBar()
        assert not bar.isVisible()
    finally:
        qapp.setFont(was)


def test_where_there_is_room_the_facts_stand_beside_what_they_are_called(customer: Customer) -> None:
    customer.window.resize(400, 700)
    sheet = opened(customer)
    sheet.resize(320, 700)
    assert not sheet.preview.document().rootFrame().childFrames(), "no table"
    sheet.resize(900, 700)
    assert len(sheet.preview.document().rootFrame().childFrames()) == 1, "a table"
    sheet.resize(320, 700)
    assert not sheet.preview.document().rootFrame().childFrames()


def broken(document: QTextDocument) -> list[str]:
    """Return the words that are on two lines."""
    found, block = [], document.begin()
    while block.isValid():
        text, layout = block.text(), block.layout()
        for at in range(1, layout.lineCount()):
            start = layout.lineAt(at).textStart()
            if not text[start - 1].isspace() and not text[start].isspace():
                found.append(text[:start].split()[-1] + text[start:].split()[0])
        block = block.next()
    return found
