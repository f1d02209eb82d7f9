"""Home: what is connected on this machine, how each is, and what can be done about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from wizard.core.errors import KeychainMissing, is_damaged
from wizard.core.health import due, health, in_need, matching, sorted_keys, to_approve
from wizard.core.orgnr import spaced
from wizard.core.rounds import askable
from wizard.gui import look, work
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.pages.system import badge_of
from wizard.gui.widgets.about import TONES, About
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.delivery import Delivery
from wizard.gui.widgets.finder import MANY, Finder
from wizard.gui.widgets.message import Bug, Message
from wizard.gui.widgets.parts import Button, Icon, Note, announce
from wizard.gui.widgets.waiting_panel import WaitingPanel, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from PySide6.QtGui import QResizeEvent

    from wizard.core.errors import WizardError
    from wizard.core.health import Health
    from wizard.core.ledger import Book, Connection
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_SIDE_BY_SIDE = 50.0
"""How wide the page must be, in lines of text, for what is chosen to stand beside the list."""

_ROWS = 7
"""How many rows are shown before the list scrolls by itself."""

_ABOVE, _LEAST = 13.5, 14.0
"""How high is what stands above a long list, and how high the list is at least, in lines of text."""


class HomePage(Page):
    """Shows the stored connections. Each wish comes with the id of the chosen one, but for `all_wished`."""

    test_wished = Signal(str)
    renew_wished = Signal(str)
    change_wished = Signal(str)
    remove_wished = Signal(str)
    history_wished = Signal(str)
    calendar_wished = Signal(str)
    all_wished = Signal()
    rebuild_wished = Signal()

    def __init__(
        self,
        texts: Texts,
        providers: Mapping[str, Provider],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(texts)
        self._providers, self._now = providers, now
        self._book: Book | None = None
        self._error: WizardError | Bug | None = None
        self._found = ""
        self._intro, self._sum_icon, self.sum = Note(), Icon(), Note(tone=Tone.PLAIN)
        self.message, self.found = Message(), Message(tone=Tone.WAIT)
        self.finder, self._nothing = Finder(self._owner_of_key), Note()
        self.rows, self.about = _Rows(), About()
        self.all, self.rebuild = Button(), Button()
        self.test, self.renew, self.change = self.about.test, self.about.renew, self.about.change
        self.remove, self.history, self.calendar = (
            self.about.remove,
            self.about.history,
            self.about.calendar,
        )
        self.waiting = WaitingPanel()
        self.delivery = Delivery(self.name_of, self._way_of)
        self._connect()
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

    def tell(self, text: str) -> None:
        """Say what was done, in the place of how all is."""
        self.sum.setText(text)
        self.sum.show()
        announce(self.sum, text)

    def name_of(self, connection: str) -> str:
        """Return what a connection is called."""
        row = self._book.connections.get(connection) if self._book else None
        return self._name(row) if row else ""

    def shown_name(self, connection: str) -> str:
        """Return what a connection is called, as it may be shown."""
        row = self._book.connections.get(connection) if self._book else None
        return self._shown_name(row) if row else ""

    def _way_of(self, connection: str) -> Provider | None:
        """Return the system by the way that a connection was made."""
        row = self._book.connections.get(connection) if self._book else None
        credential = self._book.credentials[row.credential] if self._book and row else None
        system = self._providers.get(credential.provider) if credential else None
        return system.by(credential.method) if system and credential else None

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        self.title.setText(texts.say("home.title"))
        self.about.say(texts)
        self.finder.say(texts)
        self.rebuild.setText(texts.say("home.rebuild"))
        self.all.setText(texts.say("home.all"))
        self._nothing.setText(texts.say("home.nothing_found"))
        self.rows.setAccessibleName(texts.say("home.list"))
        rows = self._book.connections if self._book else {}
        self._intro.setVisible(self._book is not None)
        self._intro.setText(texts.say("home.intro" if rows else "home.empty"))
        self._offer()
        self.delivery.show_book(self._book, texts)
        self._say_sum()
        self._filter()
        self._enable()
        self._say_found()
        self._say_error()

    def first_focus(self) -> QWidget | None:
        """Return what is to be done next, else the list, where there is anything in it."""
        if self.delivery.ready() and self.delivery.isEnabled():
            return self.delivery.code
        if not self.rebuild.isHidden():
            return self.rebuild
        return self.rows if self.rows.count() else None

    def complete(self) -> bool:
        """Tell whether something new can be connected: a list that a newer version wrote takes nothing in."""
        return self._found != "newer"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put what is chosen beside the list where there is room, else beneath it."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= look.em(self, _SIDE_BY_SIDE)
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._halves.setDirection(way)
        self.rows.fit(self.viewport().height())

    def _offer(self) -> None:
        """Show the rows anew; where the chosen one is gone, the one that has taken its place is chosen."""
        at = max(0, self.rows.currentRow())
        self.rows.offer([self._choice(key, row) for key, row in self._sorted()])
        if not self.rows.current():
            self.rows.setCurrentRow(min(at, self.rows.count() - 1))

    def _sorted(self) -> list[tuple[str, Connection]]:
        book = self._book
        keys = sorted_keys(book, self._now(), sends=self.texts.preset.sends) if book else ()
        return [(key, book.connections[key]) for key in keys] if book else []

    def _say_sum(self) -> None:
        """Say above the list whether anything in it waits for the customer, or should be tested again."""
        book, say, now, sends = self._book, self.texts.say, self._now(), self.texts.preset.sends
        need = len(in_need(book, now)) if book else 0  # what is only not sent is told of by `delivery`
        old = len(due(book, now, sends=sends)) if book else 0
        said = [say("home.need_one" if need == 1 else "home.need", count=need)] if need else []
        said += [say("home.due_one" if old == 1 else "home.due", count=old)] if old else []
        self.sum.setText(" ".join(said or [say("home.all_good")]))
        self._sum_icon.show_icon(*(("warning", Tone.WAIT) if said else ("check", Tone.GOOD)))
        asked = self.delivery.reminds() or self.delivery.ready() or bool(book and to_approve(book, now))
        silent = not said and asked  # then something may need the customer
        for part in (self.sum, self._sum_icon):
            part.setVisible(bool(book and book.connections) and not silent)
        self.all.setVisible(bool(book and len(askable(book, self._providers)) > 1))

    @Slot()
    def _filter(self) -> None:
        """Show what is looked for, where there are many."""
        rows = self._sorted()
        self.finder.setVisible(len(rows) >= MANY)
        found = self._found_among(rows) if len(rows) >= MANY else {key for key, _ in rows}
        self.rows.show_only(found)
        if found and not self.rows.current():
            self.rows.choose(self.rows.first())
        self.rows.setVisible(bool(found))
        self._nothing.setVisible(bool(rows) and not found)
        self.finder.show_count(len(found), len(rows), self.texts)
        if rows and not found:
            announce(self.finder, self._nothing.text())

    def _found_among(self, rows: list[tuple[str, Connection]]) -> set[str]:
        way = self.finder.way()
        said = [(key, self._said(key, row)) for key, row in rows if _is_shown(self._health(row), way)]
        return set(matching(said, self.finder.search.text()))

    def _said(self, key: str, row: Connection) -> str:
        """Return what a row is found by: not its times, for any number stands in some time."""
        choice = self._choice(key, row)
        return f"{choice.title} {choice.line} {self._state_of(row)}"

    def _owner_of_key(self, text: str) -> str | None:
        """Return whose key a text is, or None where it is no key: such a one is not looked for."""
        from wizard.core.find import looks_like_key, owner_of

        providers = self._providers.values()
        return owner_of(text, providers) if looks_like_key(text, providers) else None

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
        number = self.texts.say("test.orgnr", orgnr=spaced(str(orgnr))) if orgnr and self._named(row) else ""
        known = self._health(row)
        return Choice(
            key=key,
            title=self._shown_name(row),
            line=" · ".join(part for part in (f"{system} {mark}".rstrip(), number) if part),
            badge=badge_of(system),
            hue=provider.hue if provider else 0,
            system=credential.provider,
            state=self._state(row, self._state_of(row)),
            sign=(known.icon, TONES[known.tone]),
        )

    def _state_of(self, row: Connection) -> str:
        """Return the word for a connection's state."""
        assert self._book  # noqa: S101  # rows come from it
        provider = self._providers.get(self._book.credentials[row.credential].provider)
        return self.texts.say(f"state.{self._health(row).cause}", provider)

    def _health(self, row: Connection) -> Health:
        return health(row, self._now(), sends=self.texts.preset.sends)

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

    def _state(self, row: Connection, state: str) -> str:
        """Return the word for a connection's state, and the time that belongs to it."""
        if row.tested != "passed" and row.last_code in {"pending_approval", "invitation_expired"}:
            return self._waits(row, state) if row.last_code == "pending_approval" else state
        if not row.tested_at or _is_gone(row):
            return state
        when = _in_one(moment(row.tested_at, self.texts.language))
        key = "home.last_worked" if row.last_code else "home.last_tested"
        return f"{state}, {self.texts.say(key, when=when)}"

    def _waits(self, row: Connection, state: str) -> str:
        """Return since when a connection waits, and until when what it waits for is valid."""
        times = {"since": work.began(row), "until": row.until}
        said = (
            self.texts.say(f"home.{name}", when=_in_one(moment(at, self.texts.language)))
            for name, at in times.items()
            if at
        )
        return ", ".join((state, *said))

    @Slot()
    def _enable(self) -> None:
        chosen = self.rows.current()
        self._say_waiting(chosen)
        row = self._book.connections.get(chosen) if self._book else None
        again = "errors.keychain_missing.action" if row and _is_gone(row) else "home.test"
        self.test.setText(self.texts.say(again))
        may = bool(chosen) and self._found != "newer"  # what a newer version wrote can only be shown
        for button in (self.test, self.renew, self.change, self.remove):
            button.setEnabled(may)
        self.all.setEnabled(self._found != "newer")
        self.delivery.setEnabled(self._found != "newer")
        testable = bool(self._book and chosen in askable(self._book, self._providers))
        self.test.setVisible((testable or bool(row and _is_gone(row))) and not self.waiting.isVisibleTo(self))
        self.renew.setVisible(self._provider_of(chosen) is not None)
        self.history.setEnabled(bool(chosen))
        self.about.setVisible(row is not None)
        if self._book and row:
            self.about.called.setText(self._shown_name(row))
            provider = self._provider_of(chosen)
            self.about.show_connection(self._book, chosen, provider, self.texts, self._now())
        self.complete_changed.emit()

    def _provider_of(self, key: str) -> Provider | None:
        row = self._book.connections.get(key) if self._book else None
        return (
            self._providers.get(self._book.credentials[row.credential].provider)
            if self._book and row
            else None
        )

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
        waiting = work.waiting_of(book, key, provider, self._now()) if provider else None
        plain = work.answers_of(row, credential)
        self.waiting.show_waiting(waiting, self.texts, provider, plain)

    @Slot()
    def _give_way(self) -> None:
        """Have one button at a time that leads on."""
        self.waiting.give_way(self.delivery.leads())
        self.complete_changed.emit()

    def _connect(self) -> None:
        wishes = (
            (self.test, self.test_wished),
            (self.waiting.approved, self.test_wished),
            (self.renew, self.renew_wished),
            (self.change, self.change_wished),
            (self.remove, self.remove_wished),
            (self.history, self.history_wished),
            (self.calendar, self.calendar_wished),
        )
        for source, wish in wishes:
            pressed = source.clicked if isinstance(source, Button) else source
            pressed.connect(lambda *_, wish=wish: wish.emit(self.rows.current()))
        self.rows.picked.connect(self._enable)
        self.delivery.changed.connect(self._give_way)
        self.waiting.changed.connect(self.complete_changed)
        self.rebuild.clicked.connect(self.rebuild_wished)
        self.all.clicked.connect(self.all_wished)
        self.finder.changed.connect(self._filter)
        self.finder.search.went_down.connect(self.rows.setFocus)

    def _place(self) -> None:
        self.column.addWidget(self._intro)
        for part in (self.found, self.message, self.rebuild, self.delivery):
            self.column.addWidget(part)
        summing = QHBoxLayout()
        summing.setSpacing(look.gap(self, 2))
        summing.addWidget(self._sum_icon)
        summing.addWidget(self.sum, 1_000)
        summing.addStretch(1)  # where nothing is said, the button still stands to the right
        summing.addWidget(self.all)
        self.column.addLayout(summing)
        self.column.addWidget(self.finder)
        self._halves = QHBoxLayout()
        self._halves.setSpacing(look.gap(self, 4))
        self._halves.addLayout(_column(self.rows, self._nothing), 5)
        self._halves.addLayout(_column(self.about, self.waiting), 6)
        self.column.addLayout(self._halves)
        self.column.addStretch(1)
        self.all.setAutoDefault(False)
        self.rebuild.lead()
        for button in (self.all, self.rebuild):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)


class _Rows(Choices):
    """A list that scrolls by itself where there are many rows, and measures only the first of them."""

    def __init__(self) -> None:
        super().__init__()
        self._room = 0
        self._shown: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def fit(self, high: int) -> None:
        """Scroll by itself where there are many rows, so that the page, which is so high, need not."""
        self._room = max(high - look.em(self, _ABOVE), look.em(self, _LEAST))
        self.updateGeometry()

    def show_only(self, keys: Container[str]) -> None:
        """Hide the rows that are not among the keys."""
        super().show_only(keys)
        self._shown = [row for row in range(self.count()) if not self.isRowHidden(row)]
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size at which the first rows need not be scrolled to, or all that there is room for."""
        first = [self.sizeHintForRow(row) + 2 * self.spacing() for row in self._shown[:_ROWS]]
        high = sum(first)
        if len(self._shown) > len(first) and self._room:
            high = min(self._room, high * len(self._shown) // len(first))
        return QSize(super(Choices, self).sizeHint().width(), high + 2 * self.spacing())

    def minimumSizeHint(self) -> QSize:
        """Return the same height: the page scrolls rather than the list is squeezed."""
        return QSize(look.em(self, 14), self.sizeHint().height())


def _in_one(when: str) -> str:
    """Return a time whose day and hour stay on one line."""
    return when.replace(" ", "\u00a0")


def _column(*widgets: QWidget) -> QVBoxLayout:
    made = QVBoxLayout()
    made.setSpacing(look.gap(widgets[0], 3))
    for one in widgets:
        made.addWidget(one)
    made.addStretch(1)
    return made


def _is_shown(known: Health, way: str) -> bool:
    ways = {"need": known.yours, "good": known.tone == "good", "due": known.cause == "stale"}
    return ways.get(way, True)


def _is_gone(row: Connection) -> bool:
    """Tell whether a connection's key was found to be gone, so that it has to be entered again."""
    return row.last_code == KeychainMissing.code
