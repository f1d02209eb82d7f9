"""Papers: receipts of stored connections for the window: read, shown, printed, saved as PDF, copied."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from wizard import __version__
from wizard.core.errors import BadInput
from wizard.gui import clipboard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtPrintSupport import QPrinter

    from wizard.core.ledger import Book
    from wizard.core.paper import Paper
    from wizard.core.provider import Finding
    from wizard.core.texts import Texts
    from wizard.core.world import World
    from wizard.gui.receipt_sheet import ReceiptSheet
    from wizard.gui.window import Window

    Tell = Callable[[Finding], None]
    AskFile = Callable[[ReceiptSheet, str, str, str], str]
    AskPrinter = Callable[[ReceiptSheet, Callable[[QPrinter], None]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored, where its keys are, and whether all that is practice."""

    book: Book
    place: str
    practice: bool


class Papers(QObject):
    """Makes receipts. `ask_file` asks where to, `ask_printer` hands on the printer that is picked."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.ask_file: AskFile = _ask_file
        self.ask_printer: AskPrinter = _ask_printer

    @Slot()
    def open_walk(self) -> None:
        """Open the receipt of what the walk that has ended came to."""
        walk = self._window.walk
        self.open([one.connection for one in walk.receipts] or [walk.renews])

    @Slot(str)
    def open_one(self, connection: str) -> None:
        """Open the receipt of one stored connection."""
        self.open([connection])

    def open(self, connections: Iterable[str]) -> None:
        """Open one receipt of stored connections, read anew."""
        keys = tuple(connections)
        job = self._window.bridge.start(_read)
        job.done.connect(lambda stored: self._show(stored, keys))
        job.failed.connect(self._window.show_trouble)
        job.broke.connect(self._window.show_bug)

    def _show(self, stored: Stored, keys: tuple[str, ...]) -> None:
        from wizard.gui.receipt_sheet import ReceiptSheet

        texts = self._window.texts
        whole = self._paper(stored, keys, replace(texts, share_safe=False))
        if not whole.parts:  # it was removed meanwhile
            return
        sheet = ReceiptSheet(self._window, texts, self._paper(stored, keys, texts))
        sheet.print_wished.connect(lambda: self._print(sheet, whole))
        sheet.pdf_wished.connect(lambda: self._save(sheet, whole))
        sheet.copy_wished.connect(lambda: _copy(sheet, whole))
        sheet.open()

    def _paper(self, stored: Stored, keys: tuple[str, ...], texts: Texts) -> Paper:
        from wizard.core.paper import Circumstances, entries, paper

        around = Circumstances(
            now=datetime.now().astimezone(),
            account=_account(),
            stored_in=stored.place,
            practice=stored.practice,
            version=__version__,
        )
        return paper(entries(stored.book, keys, self._window.providers, texts), texts, around)

    def _save(self, sheet: ReceiptSheet, paper: Paper) -> None:
        from wizard.core.report import save_bytes
        from wizard.gui.receipt_sheet import pdf

        say = sheet.texts.say
        name = f"{say('paper.file')}-{datetime.now().astimezone():%Y-%m-%d}.pdf"
        chosen = self.ask_file(
            sheet, say("paper.save_pdf").replace("&", ""), name, f"{say('paper.kind')} (*.pdf)"
        )
        if not chosen:
            return
        file = Path(chosen)
        try:
            save_bytes(file, pdf(paper), replace=file.exists())  # the question about that has been asked
        except BadInput as error:
            said = sheet.texts.explain(error)
            sheet.tell(f"{said.what} {said.why} {said.next}", good=False)
        else:
            sheet.tell(say("paper.saved", file=file.name))

    def _print(self, sheet: ReceiptSheet, paper: Paper) -> None:
        from PySide6.QtPrintSupport import QPrinter

        from wizard.gui.receipt_sheet import put

        def print_on(printer: QPrinter) -> None:
            put(paper, printer)
            went = printer.printerState() is not QPrinter.PrinterState.Error
            sheet.tell(sheet.texts.say("paper.printed" if went else "paper.not_printed"), good=went)

        self.ask_printer(sheet, print_on)


def _copy(sheet: ReceiptSheet, paper: Paper) -> None:
    clipboard.copy(paper.text())
    sheet.tell(sheet.texts.say("paper.copied"))


async def _read(world: World, _: Tell) -> Stored:
    """Read what is stored."""
    from anyio import to_thread

    book = await to_thread.run_sync(world.store.book)
    return Stored(book=book, place=world.store.vault.place, practice=world.playground is not None)


def _account() -> str:
    """Return the account of this computer that somebody is signed in with, as far as it can be told."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a machine without a list of accounts
        return ""


def _ask_file(
    sheet: ReceiptSheet, title: str, name: str, kind: str
) -> str:  # pragma: no cover - a dialog's own
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getSaveFileName(sheet, title, str(Path.home() / name), kind)[0]


def _ask_printer(
    sheet: ReceiptSheet, print_on: Callable[[QPrinter], None]
) -> None:  # pragma: no cover - a dialog's own
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, sheet)
    dialog.accepted.connect(lambda: print_on(printer))
    dialog.setModal(True)
    dialog.show()
