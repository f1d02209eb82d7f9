"""Keeping: what home lets a customer do with what is stored, each in a sheet of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot
from shiboken6 import isValid

from wizard.core.errors import BadInput
from wizard.gui.maker import HOME

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QDialog

    from wizard.core.errors import WizardError
    from wizard.core.health import Ending
    from wizard.core.ledger import Book
    from wizard.core.options import Option
    from wizard.core.provider import Finding, Provider
    from wizard.core.removal import Tried
    from wizard.core.settings import Settings
    from wizard.core.world import World
    from wizard.gui.bridge import Job
    from wizard.gui.leave_sheet import LeaveSheet
    from wizard.gui.pages.home import HomePage
    from wizard.gui.round_sheet import RoundSheet
    from wizard.gui.settings_sheet import SettingsSheet
    from wizard.gui.window import Window

    Tell = Callable[[Finding], None]
    Ask = Callable[["Window", str, str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is to be disconnected: its name, the vendor's own step, and what else hangs on the key."""

    name: str
    removal: str
    shared: int = 0
    sent: bool = False
    testable: bool = True


class Keeper(QObject):
    """Tests all, changes, disconnects, and saves a reminder. `ask_file` asks where to save it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._job: Job | None = None
        self.ask_file: Ask = _ask_file

    def serve(self, page: HomePage) -> None:
        """Do what home offers."""
        page.all_wished.connect(self.open_round)
        page.change_wished.connect(self.open_settings)
        page.remove_wished.connect(self.open_leave)
        page.calendar_wished.connect(self.save_reminder)

    @Slot()
    def open_round(self) -> None:
        """Open the place where all are tested."""
        from wizard.core.rounds import askable
        from wizard.gui.round_sheet import RoundSheet

        window, book = self._window, self._book()
        keys = askable(book, window.providers)
        systems = {key: _provider(window, book, key) for key in keys}
        known = {key: one for key, one in systems.items() if one}
        sheet = RoundSheet(window, window.texts, {key: window.shown_name(key) for key in known}, known)
        sheet.start_wished.connect(lambda wanted: self._start_round(sheet, wanted))
        sheet.stop_wished.connect(self._drop)
        sheet.finished.connect(self._left)
        sheet.open()

    @Slot(str)
    def open_settings(self, connection: str) -> None:
        """Open the place where all but the key is changed."""
        from wizard.core.settings import settings_of
        from wizard.gui.settings_sheet import SettingsSheet

        row = self._book().connections.get(connection)
        if row:
            asked = self._asked(connection)
            sheet = SettingsSheet(self._window, self._window.texts, settings_of(row), asked)
            sheet.save_wished.connect(lambda given: self._save_settings(sheet, connection, given))
            sheet.accepted.connect(self._window.go_home)
            sheet.finished.connect(self._drop)
            sheet.open()

    @Slot(str)
    def open_leave(self, connection: str) -> None:
        """Open the place where a connection ends."""
        from wizard.gui.leave_sheet import LeaveSheet

        window, book = self._window, self._book()
        if connection not in book.connections:
            return
        provider = _provider(window, book, connection)
        sheet = LeaveSheet(window, window.texts, provider, self._leaving(book, connection, provider))
        sheet.prove_wished.connect(lambda: self._prove(sheet, connection))
        sheet.remove_wished.connect(lambda: self._remove(sheet, connection))
        sheet.finished.connect(self._left)
        sheet.open()

    @Slot(str)
    def save_reminder(self, connection: str) -> None:
        """Save a calendar entry for the day on which something of a connection ends."""
        from wizard.core.health import ending

        window, book = self._window, self._book()
        end = ending(book, connection) if connection in book.connections else None
        say = window.texts.say
        kind = f"{say('calendar.kind')} (*.ics)"
        chosen = (
            self.ask_file(window, say("home.calendar"), f"{say('calendar.file')}.ics", kind) if end else ""
        )
        if end and chosen:
            self._write(Path(chosen), connection, end)

    def _write(self, file: Path, connection: str, end: Ending) -> None:
        from wizard.core.calendar import Entry, calendar, entry_id
        from wizard.core.files import write_whole
        from wizard.core.provider import plain

        window = self._window
        texts = replace(window.texts, share_safe=False)
        provider = _provider(window, self._book(), connection)
        entry = Entry(
            uid=entry_id(connection, end.kind),
            day=end.day,
            title=texts.say(f"calendar.{end.kind}", provider),
            text=texts.say("calendar.text", company=plain(window.name_of(connection))),
        )
        try:
            write_whole(file, calendar(entry, datetime.now(UTC)))
        except OSError:
            window.show_on_home(BadInput(reason="file_unwritable", file=file.name))
        else:
            window.tell_on_home("calendar.saved", file=file.name)

    def _leaving(self, book: Book, connection: str, provider: Provider | None) -> Leaving:
        from wizard.core.health import shared
        from wizard.core.removal import removal, testable

        row = book.connections[connection]
        credential = book.credentials[row.credential]
        return Leaving(
            name=self._window.shown_name(connection),
            removal=removal(self._window.texts, provider, credential.method),
            shared=len(shared(book, connection)),
            sent=row.delivered in {"sent", "confirmed"},
            testable=testable(row, credential, provider),
        )

    def _start_round(self, sheet: RoundSheet, wanted: tuple[str, ...]) -> None:
        job = self._start(sheet, _round(wanted))
        job.found.connect(sheet.show_outcome)
        job.done.connect(sheet.end)
        job.failed.connect(sheet.end)

    def _prove(self, sheet: LeaveSheet, connection: str) -> None:
        job = self._start(sheet, _try(connection))
        job.done.connect(sheet.show_tried)
        job.failed.connect(sheet.show_trouble)

    def _remove(self, sheet: LeaveSheet, connection: str) -> None:
        job = self._start(sheet, _forget(connection))
        self._job = None  # what is being taken away goes on, whoever leaves
        job.done.connect(lambda _: self._removed(sheet))
        job.failed.connect(lambda error: self._not_removed(sheet, error))

    def _removed(self, sheet: LeaveSheet) -> None:
        if _is_open(sheet):
            sheet.accept()
        elif self._window.page == HOME:
            self._window.go_home()

    def _not_removed(self, sheet: LeaveSheet, error: WizardError) -> None:
        if _is_open(sheet):
            sheet.show_trouble(error)
        elif self._window.page == HOME:
            self._window.show_on_home(error)

    @Slot()
    def _left(self) -> None:
        """Show what is stored now; a test that runs still is of no use to anybody."""
        self._drop()
        self._window.go_home()

    def _save_settings(self, sheet: SettingsSheet, connection: str, given: Settings) -> None:
        from wizard.core.settings import Settings, problems, settings_of, tidied

        asked, row = self._asked(connection), self._book().connections.get(connection)
        kept, before = tidied(given, asked), settings_of(row) if row else Settings()
        today = datetime.now().astimezone().date()
        wrong = problems(kept, today, self._window.providers.values(), asked, before)
        if wrong:
            sheet.show_problems(wrong)
            return
        job = self._start(sheet, _change(connection, kept))
        job.done.connect(lambda _: sheet.accept())
        job.failed.connect(sheet.show_trouble)

    def _start(self, sheet: QDialog, what: Callable[[World, Tell], Awaitable[object]]) -> Job:
        self._drop()
        self._job = self._window.bridge.start(what)
        self._job.broke.connect(lambda report: self._broke(sheet, report))
        return self._job

    def _broke(self, sheet: QDialog, report: str) -> None:
        """Close the sheet, so that what is said at home of a fault of ours can be read."""
        if _is_open(sheet):
            sheet.blockSignals(True)  # it would have home read anew
            sheet.reject()
        self._window.show_bug(report)

    @Slot()
    def _drop(self) -> None:
        if self._job:
            self._job.drop()
        self._job = None

    def _asked(self, connection: str) -> tuple[Option, ...]:
        """Return what the partner asks of the system of a connection."""
        book = self._book()
        row = book.connections.get(connection)
        slug = book.credentials[row.credential].provider if row else ""
        return self._window.texts.preset.options.get(slug, ())

    def _book(self) -> Book:
        from wizard.core.ledger import Book

        return self._window.book or Book()


def _is_open(sheet: QDialog) -> bool:
    """Tell whether a sheet is there still: it is deleted once it is closed."""
    return isValid(sheet) and sheet.isVisible()


def _provider(window: Window, book: Book, connection: str) -> Provider | None:
    return window.providers.get(book.credentials[book.connections[connection].credential].provider)


def _round(wanted: tuple[str, ...]) -> Callable[[World, Tell], Awaitable[None]]:
    async def work(world: World, tell: Tell) -> None:
        from wizard.core.rounds import tested

        await tested(world, wanted, cast("Callable[[object], None]", tell))

    return work


def _try(connection: str) -> Callable[[World, Tell], Awaitable[Tried]]:
    async def work(world: World, _: Tell) -> Tried:
        from wizard.core.removal import tried

        return await tried(world, connection)

    return work


def _forget(connection: str) -> Callable[[World, Tell], Awaitable[None]]:
    async def work(world: World, _: Tell) -> None:
        from contextlib import suppress

        with suppress(BadInput):  # the command line may have done so meanwhile
            await world.store.forget(connection)

    return work


def _change(connection: str, given: Settings) -> Callable[[World, Tell], Awaitable[Book]]:
    async def work(world: World, _: Tell) -> Book:
        from wizard.core.settings import with_settings

        return await world.store.amend(lambda book: with_settings(book, connection, given, world.clock()))

    return work


def _ask_file(window: Window, title: str, name: str, kind: str) -> str:  # pragma: no cover - a dialog's own
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getSaveFileName(window, title, str(Path.home() / name), kind)[0]
