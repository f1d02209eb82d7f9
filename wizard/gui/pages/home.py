"""Home: a plain list of what is connected on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy

from wizard.core.errors import KeychainMissing, is_damaged
from wizard.gui import work
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.pages.system import badge_of
from wizard.gui.pages.test import spaced
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.delivery import Delivery, state_of
from wizard.gui.widgets.message import Bug, Message
from wizard.gui.widgets.parts import Button, Note, Row
from wizard.gui.widgets.waiting_panel import WaitingPanel, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from wizard.core.errors import WizardError
    from wizard.core.ledger import Book, Connection
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts


class HomePage(Page):
    """Shows the stored connections. `test_wished`, `remove_wished`, `history_wished` with the id of one."""

    test_wished = Signal(str)
    remove_wished = Signal(str)
    rebuild_wished = Signal()
    history_wished = Signal(str)

    def __init__(self, texts: Texts, providers: Mapping[str, Provider]) -> None:
        super().__init__(texts)
        self._providers = providers
        self._book: Book | None = None
        self._error: WizardError | Bug | None = None
        self._intro = Note()
        self.message = Message()
        self.found = Message(tone=Tone.WAIT)
        self._found = ""
        self.rows = Choices()
        self.rows.picked.connect(self._enable)
        self.test, self.remove, self.history, self.rebuild = Button(), Button(), Button(), Button()
        self.rebuild.clicked.connect(self.rebuild_wished)
        self.history.clicked.connect(lambda: self.history_wished.emit(self.rows.current()))
        self.test.clicked.connect(lambda: self.test_wished.emit(self.rows.current()))
        self.remove.clicked.connect(lambda: self.remove_wished.emit(self.rows.current()))
        self.waiting = WaitingPanel()
        self.waiting.approved.connect(lambda: self.test_wished.emit(self.rows.current()))
        self.delivery = Delivery(self.name_of, self._provider_of)
        self._place()
        self.say(texts)

    def show_book(self, book: Book) -> None:
        """Show what is stored."""
        self._book, self._error, self._found = book, None, ""
        self.say(self.texts)

    def show_found(self, found: str) -> None:
        """Say how the list was found, if there is anything to say of that."""
        self._found = found
        self._say_found()
        self._enable()

    def show_error(self, error: WizardError | Bug | None) -> None:
        """Say what went wrong with one of them, or nothing any more."""
        self._error = error
        self._say_error()

    def name_of(self, connection: str) -> str:
        """Return what a connection is called."""
        row = self._book.connections.get(connection) if self._book else None
        return self._name(row) if row else ""

    def _provider_of(self, connection: str) -> Provider | None:
        row = self._book.connections.get(connection) if self._book else None
        credential = self._book.credentials[row.credential] if self._book and row else None
        system = self._providers.get(credential.provider) if credential else None
        return system.by(credential.method) if system and credential else None

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        self.title.setText(texts.say("home.title"))
        self.remove.setText(texts.say("home.remove"))
        self.rebuild.setText(texts.say("home.rebuild"))
        self.history.setText(texts.say("history.button"))
        self.rows.setAccessibleName(texts.say("home.list"))
        rows = self._book.connections if self._book else {}
        self._intro.setVisible(self._book is not None)
        self._intro.setText(texts.say("home.intro" if rows else "home.empty"))
        self.rows.offer([self._choice(key, row) for key, row in rows.items()])
        if rows and not self.rows.current():
            self.rows.choose(next(iter(rows)))
        for part in (self.rows, self.remove, self.history):
            part.setVisible(bool(rows))
        self.delivery.show_book(self._book, texts)
        self._enable()
        self._say_found()
        self._say_error()

    def first_focus(self) -> QWidget | None:
        """Return the list, where there is anything in it."""
        return self.rows if self.rows.count() else None

    def _say_found(self) -> None:
        self.found.setVisible(bool(self._found))
        if self._found:
            said = (self.texts.say(f"found.{self._found}.{part}") for part in ("what", "why", "next"))
            self.found.tell(*said)

    def _say_error(self) -> None:
        self.rebuild.setVisible(is_damaged(self._error))
        self.message.setVisible(self._error is not None)
        if self._error:
            self.message.explain(self._error, self.texts, action=False)

    def _choice(self, key: str, row: Connection) -> Choice:
        assert self._book  # noqa: S101  # rows come from it
        credential = self._book.credentials[row.credential]
        provider = self._providers.get(credential.provider)
        system = provider.name if provider else credential.provider
        orgnr = row.company.get("orgnr")
        place = provider.environment(credential.environment) if provider else None
        mark = self.texts.say("environments.mark") if place and place.test else ""
        parts = [
            f"{system} {mark}".rstrip(),
            self.texts.say("test.orgnr", orgnr=spaced(str(orgnr))) if orgnr and self._named(row) else "",
            self._state(row),
            state_of(row, self.texts),
        ]
        return Choice(
            key=key,
            title=self._shown_name(row),
            line=" · ".join(part for part in parts if part),
            badge=badge_of(system),
            hue=provider.hue if provider else 0,
            system=credential.provider,
        )

    def _shown_name(self, row: Connection) -> str:
        """Return what a row is called, as it may be shown: a number in the name's place is masked as one."""
        return self.texts.name(self._name(row)) if self._named(row) else self._name(row)

    def _name(self, row: Connection) -> str:
        name = str(row.company.get("name") or "")
        if row.label and row.label != name:
            return f"{row.label} ({name})" if name else row.label
        orgnr = str(row.company.get("orgnr") or "")
        number = self.texts.say("test.orgnr", orgnr=spaced(orgnr)) if orgnr else ""
        return name or number or self.texts.say("home.unnamed")

    def _named(self, row: Connection) -> bool:
        """Tell whether the row has a name: else its number stands in the name's place."""
        return bool(row.label or row.company.get("name"))

    def _state(self, row: Connection) -> str:
        waits = {"pending_approval": "waiting", "invitation_expired": "expired"}
        if row.tested != "passed" and row.last_code in waits:
            return self._waits(row, self.texts.say(f"state.{waits[row.last_code]}"))
        if _is_gone(row):
            return self.texts.say("state.needs_key")
        state = self.texts.say(f"state.{'failed' if row.last_code else row.tested}")
        if not row.tested_at:
            return state
        when = moment(row.tested_at, self.texts.language)
        key = "home.last_worked" if row.last_code else "home.last_tested"
        return f"{state}, {self.texts.say(key, when=when)}"

    def _waits(self, row: Connection, state: str) -> str:
        """Return since when a connection waits, and until when what it waits for is valid."""
        times = {"since": work.began(row), "until": row.until}
        said = (
            self.texts.say(f"home.{name}", when=moment(at, self.texts.language))
            for name, at in times.items()
            if at
        )
        return ", ".join((state, *said))

    def _enable(self) -> None:
        chosen = self.rows.current()
        self._say_waiting(chosen)
        row = self._book.connections.get(chosen) if self._book else None
        again = "errors.keychain_missing.action" if row and _is_gone(row) else "home.test"
        self.test.setText(self.texts.say(again))
        may = bool(chosen) and self._found != "newer"  # what a newer version wrote can only be shown
        self.test.setEnabled(may)
        self.test.setVisible(self._testable(chosen) and not self.waiting.isVisibleTo(self))
        self.remove.setEnabled(may)
        self.history.setEnabled(bool(chosen))

    def _testable(self, key: str) -> bool:
        """Tell whether the vendor of the chosen connection can be asked at all."""
        row = self._book.connections.get(key) if self._book else None
        credential = self._book.credentials[row.credential] if self._book and row else None
        system = self._providers.get(credential.provider) if credential else None
        return bool(system and credential and system.by(credential.method).checks)

    def _say_waiting(self, key: str) -> None:
        """Say what the chosen connection waits for, if it waits, and what to do about it."""
        book = self._book
        row = book.connections.get(key) if book else None
        if not book or not row:
            self.waiting.show_waiting(None, self.texts, None, {})
            return
        credential = book.credentials[row.credential]
        system = self._providers.get(credential.provider)
        provider = system.by(credential.method) if system else None
        waiting = work.waiting_of(book, key, provider, datetime.now(UTC)) if provider else None
        plain = work.answers_of(row, credential)
        self.waiting.show_waiting(waiting, self.texts, provider, plain)

    def _place(self) -> None:
        self.column.addWidget(self._intro)
        self.column.addWidget(self.found)
        self.column.addWidget(self.message)
        self.column.addWidget(self.delivery)
        self.rows.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.column.addWidget(self.rows)
        buttons = (self.test, self.history, self.remove, self.rebuild)
        for button in buttons:
            button.setAutoDefault(False)
        self.column.addWidget(Row(*buttons, space=3))
        self.column.addWidget(self.waiting)
        self.column.addStretch(1)


def _is_gone(row: Connection) -> bool:
    """Tell whether a connection's key was found to be gone, so that it has to be entered again."""
    return row.last_code == KeychainMissing.code
