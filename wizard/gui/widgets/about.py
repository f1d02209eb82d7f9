"""About: what is known of one stored connection, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from wizard.core.health import ending, health, shared, waits
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Button, Heading, Icon, Note, Panel, Paragraph, Quiet
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from datetime import date, datetime

    from wizard.core.health import Health
    from wizard.core.ledger import Book
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

TONES = {"good": Tone.GOOD, "wait": Tone.WAIT, "bad": Tone.BAD, "plain": Tone.PLAIN}

FACTS = ("tested", "waits", "ends", "contact", "serves", "person")
"""What is said of a connection beneath its state, in this order, as far as there is something to say."""


class About(Panel):
    """The connection that is chosen: its state in words, its times, and the buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.called, self._icon = Heading(2), Icon("check", Tone.GOOD, lines=1.3)
        self._state, self._why = Note(tone=Tone.PLAIN), Paragraph()
        self.facts = {name: Paragraph(tone=Tone.PLAIN) for name in FACTS}
        self.facts["person"].setAlignment(Qt.AlignmentFlag.AlignTop)  # as its icon stands
        self._person_icon = Icon("warning", Tone.WAIT)
        self.test, self.renew = Button(), Button()
        self.calendar, self.change, self.history, self.remove = Quiet(), Quiet(), Quiet(), Quiet()
        for button in (self.test, self.renew):
            button.setAutoDefault(False)
        self._place()

    def show_connection(
        self, book: Book, key: str, provider: Provider | None, texts: Texts, now: datetime
    ) -> None:
        """Show one of the book's connections."""
        row = book.connections[key]
        known = health(row, now, sends=texts.preset.sends)
        self._show_state(known, provider, texts)
        for name, said in said_of(book, key, provider, texts).items():
            self.facts[name].setText(said)
            self.facts[name].setVisible(bool(said))
        self._person_icon.setVisible(bool(self.facts["person"].text()))
        self.calendar.setVisible(ending(book, key) is not None)

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        self.renew.setText(texts.say("home.renew"))
        self.calendar.setText(texts.say("home.calendar"))
        self.change.setText(texts.say("home.change"))
        self.history.setText(texts.say("history.button"))
        self.remove.setText(texts.say("home.leave"))

    def _show_state(self, known: Health, provider: Provider | None, texts: Texts) -> None:
        tone = TONES[known.tone]
        self._icon.show_icon(known.icon, tone)
        self._state.set_tone(tone)
        self._state.setText(texts.say(f"state.{known.cause}", provider))
        self._why.setText(texts.say(f"health.{known.cause}", provider))
        self.setAccessibleDescription(f"{self._state.text()}. {self._why.text()}")

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[look.gap(self, 4)] * 4)
        column.setSpacing(look.gap(self, 2))
        column.addWidget(self.called)
        state = QHBoxLayout()
        state.setSpacing(look.gap(self, 2))
        state.addWidget(self._icon)
        state.addWidget(self._state, 1)
        column.addLayout(state)
        column.addWidget(self._why)
        for name in FACTS[:-1]:
            column.addWidget(self.facts[name])
        column.addWidget(self.calendar, 0, Qt.AlignmentFlag.AlignLeft)
        person = QGridLayout()
        person.setHorizontalSpacing(look.gap(self, 2))
        person.addWidget(self._person_icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        person.addWidget(self.facts["person"], 0, 1)
        column.addLayout(person)
        self._place_buttons(column)

    def _place_buttons(self, column: QVBoxLayout) -> None:
        for buttons in ((self.test, self.renew), (self.change, self.history, self.remove)):
            row = QHBoxLayout()
            row.setSpacing(look.gap(self, 2))
            for one in buttons:
                row.addWidget(one)
            row.addStretch(1)
            column.addLayout(row)


def said_of(book: Book, key: str, provider: Provider | None, texts: Texts) -> dict[str, str]:
    """Return what is said of a connection beneath its state; empty where there is nothing to say."""
    row = book.connections[key]
    whom, since = waits(book, key)
    return {
        "tested": texts.say("home.tested_at", when=moment(row.tested_at, texts.language))
        if row.tested_at
        else "",
        "waits": _waits(whom, since, provider, texts),
        "ends": _ends(book, key, texts),
        "contact": texts.say("home.contact", email=row.contact) if row.contact else "",
        "serves": _serves(len(shared(book, key)), texts),
        "person": _person(book, key, provider, texts),
    }


def day_of(day: date, texts: Texts) -> str:
    """Return a day as it is written here."""
    return QLocale(texts.language).toString(QDate(day.year, day.month, day.day), texts.say("system.date"))


def _serves(others: int, texts: Texts) -> str:
    return texts.say("home.serves_one" if others == 1 else "home.serves", count=others) if others else ""


def _waits(whom: str, since: str, provider: Provider | None, texts: Texts) -> str:
    if not whom or not since:
        return ""
    return texts.say(f"home.waits.{whom}", provider, when=moment(since, texts.language))


def _ends(book: Book, key: str, texts: Texts) -> str:
    end = ending(book, key)
    return texts.say(f"home.ends.{end.kind}", day=day_of(end.day, texts)) if end else ""


def _person(book: Book, key: str, provider: Provider | None, texts: Texts) -> str:
    """Return the advice where a key hangs on one person: such a system says so of itself."""
    credential = book.credentials[book.connections[key].credential]
    keys = (f"removal.person_{credential.method}", "removal.person")
    found = next((one for one in keys if provider and texts.has(one, provider)), "")
    return texts.say(found, provider) if found and credential.items else ""
