"""What the partner has, has not, and has answered: on the overview, and in a line on the last page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from wizard.core import delivered
from wizard.core.errors import every_error
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.message import Message
from wizard.gui.widgets.parts import HIGH, Button, Icon, Note, Panel
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PySide6.QtGui import QKeyEvent

    from wizard.core.delivered import Told
    from wizard.core.errors import WizardError
    from wizard.core.ledger import Book, Parcel
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

SHOWN = 3
"""How many hand-overs are told of, the newest first."""

_LONGEST = 60  # letters of a code, with whatever somebody types between them


class Delivery(QWidget):
    """Reminds of what is not sent, tells what waits for an answer, and takes the reply code.

    `send_wished`; `sent_wished` with a hand-over; `code_given` with what was typed; `mend_wished` with a
    connection and the cause; `changed` when it has something else to say.
    """

    send_wished = Signal()
    sent_wished = Signal(str)
    code_given = Signal(str)
    mend_wished = Signal(str, str)
    changed = Signal()

    def __init__(self, name_of: Callable[[str], str], providers: Callable[[str], Provider | None]) -> None:
        super().__init__()
        self._name_of, self._provider = name_of, providers
        self._texts: Texts | None = None
        self._book: Book | None = None
        self._told: Told | None = None
        self._answers: Mapping[str, str] = {}
        self._ready = False
        self._remind, self._unsent, self._made = Panel(tone=Tone.WAIT), QLabel(), Note(tone=Tone.PLAIN)
        self._unsent.setTextFormat(Qt.TextFormat.PlainText)
        self.send, self.have_sent = Button(), Button()
        self._reply, self._waits, self._label = Panel(), Note(tone=Tone.PLAIN), QLabel()
        self.code, self.use = _Code(), Button()
        self.refused, self.wrong, self.good = Message(), Message(), Message(tone=Tone.GOOD)
        self._connect()
        self._place()
        self.hide()

    def show_book(self, book: Book | None, texts: Texts) -> None:
        """Show what a book tells of hand-overs; where there is nothing to tell, nothing."""
        if book is not self._book:
            self.code.clear()
            self._told = None
            self.wrong.hide()
            self._ready = False
        self._book, self._texts = book, texts
        if not book:
            self.hide()
            return
        unsent, sent = delivered.unsent(book, sends=texts.preset.sends), delivered.in_state(book, "sent")
        self._say_unsent(book, unsent, texts)
        self._say_refused(book, texts)
        self._say_waits(book, sent, texts)
        self._say_told(book, texts)
        self.setVisible(bool(unsent or sent or self._told))
        self._lead()

    def leads(self) -> bool:
        """Tell whether it says what to do next."""
        shown = (self.send, self.use, self.wrong.action, self.refused.action)
        return any(one.is_next() and one.isVisibleTo(self) for one in shown)

    def reminds(self) -> bool:
        """Tell whether it says that something is not sent."""
        return not self._remind.isHidden()

    def ready(self) -> bool:
        """Tell whether a code is shown that is to be typed next."""
        return self._ready

    def fill_in(self, code: str) -> bool:
        """Put a code in its place, to be used; tell whether anything waits for one."""
        if self._reply.isHidden():
            return False
        self.code.setText(code)
        self.use.setFocus()
        return True

    def know_answers(self, answers: Mapping[str, str]) -> None:
        """Know what the demo bank has answered, by hand-over."""
        self._answers = answers

    def show_told(self, told: Told) -> None:
        """Say what a reply code told."""
        self._told = told
        if self._texts:
            self.show_book(self._book, self._texts)

    def show_wrong(self, error: WizardError) -> None:
        """Say what is wrong with the code that was typed."""
        if self._texts:
            self.good.hide()
            self.wrong.explain(error, self._texts)
            self._offer_use()
            self._again()
            self._lead()

    def _say_unsent(self, book: Book, unsent: tuple[str, ...], texts: Texts) -> None:
        self._remind.setVisible(bool(unsent))
        if not unsent:
            return
        fresh = [key for key in unsent if book.connections[key].delivered != "refused"]
        words = {0: "remind_again", 1: "remind_one"}.get(len(fresh), "remind")
        first = self._name_of((fresh or unsent)[0])
        self._unsent.setText(texts.say(f"delivery.{words}", company=first, count=len(fresh)))
        made = dict(delivered.in_state(book, "file_made"))
        newest = next(iter(made), "")
        self._made.setVisible(bool(newest))
        self.have_sent.setVisible(bool(newest))
        if newest:
            self._made.setText(texts.say("delivery.made", when=moment(made[newest].at, texts.language)))
        self.send.setText(texts.say("delivery.send"))
        self.have_sent.setText(texts.say("delivery.have_sent"))

    def _say_waits(self, book: Book, sent: tuple[tuple[str, Parcel], ...], texts: Texts) -> None:
        self._reply.setVisible(bool(sent))
        self._ready = any(key in self._answers for key, _ in sent[:SHOWN])
        self._waits.setText(
            "\n".join(line for one in sent[:SHOWN] for line in self._waiting(book, *one, texts))
        )
        self._label.setText(texts.say("delivery.code"))
        self.code.setAccessibleName(texts.say("delivery.code"))
        self.use.setText(texts.say("delivery.use"))
        self._offer_use()

    def _waiting(self, book: Book, key: str, parcel: Parcel, texts: Texts) -> Iterable[str]:
        """Yield what is waited for, and in practice what the demo bank has answered."""
        when = moment(parcel.at, texts.language)
        reference = delivered.spoken_reference(key, parcel)
        companies = self._companies(book, parcel.connections, texts)
        yield texts.say("delivery.waits", when=when, reference=reference, companies=companies)
        if key in self._answers:
            yield texts.say("delivery.demo", code=self._answers[key])

    def _say_refused(self, book: Book, texts: Texts) -> None:
        found = delivered.in_state(book, "refused")
        self.refused.setVisible(bool(found))
        for _, parcel in found[:1]:
            first = next(iter(parcel.connections))
            provider = self._provider(first)
            kind = {one.code: one for one in every_error()}.get(parcel.cause)
            companies = self._companies(book, parcel.connections, texts)
            said = texts.say("delivery.refused", companies=companies)
            told = texts.explain(kind(), provider) if kind else None
            self.refused.tell(said, told.what if told else "", told.next if told else "")
            self.refused.offer_act(texts.say("delivery.mend"))

    def _say_told(self, book: Book, texts: Texts) -> None:
        told = self._told
        self.good.setVisible(bool(told and not told.outcome.cause))
        if told and not told.outcome.cause:
            rows = [book.connections[key] for key in told.connections if key in book.connections]
            kept = any(book.credentials[row.credential].items for row in rows)
            companies = self._companies(book, told.connections, texts)
            self.good.tell(
                texts.say("delivery.answered", companies=companies),
                texts.say("delivery.key_here" if kept else "delivery.key_gone"),
            )

    def _companies(self, book: Book, keys: Iterable[str], texts: Texts) -> str:
        return ", ".join(texts.name(self._name_of(key)) for key in keys if key in book.connections)

    @Slot()
    def _give(self) -> None:
        if self.code.text().strip():
            self.wrong.hide()
            self._offer_use()
            self._lead()
            self.code_given.emit(self.code.text())
        else:
            self.code.setFocus()

    @Slot()
    def _typed(self) -> None:
        self._offer_use()
        self._lead()

    def _offer_use(self) -> None:
        """Let a code be used that is typed, or that is shown to be typed."""
        self.use.setEnabled(self._ready or bool(self.code.text().strip()))

    def _lead(self) -> None:
        """Fill what is to be pressed next: what mends a failure, a code that is typed, what is not sent."""
        troubled = not (self.wrong.isHidden() and self.refused.isHidden())
        self.use.lead(not troubled)
        self.send.lead(not troubled and (self._reply.isHidden() or not self.use.isEnabled()))
        self.changed.emit()

    @Slot()
    def _again(self) -> None:
        self.code.setFocus()
        self.code.selectAll()

    @Slot()
    def _tell_sent(self) -> None:
        newest = next(iter(delivered.in_state(self._book, "file_made")), None) if self._book else None
        if newest:
            self.sent_wished.emit(newest[0])

    @Slot()
    def _wish_mend(self) -> None:
        found = delivered.in_state(self._book, "refused") if self._book else ()
        for _, parcel in found[:1]:
            self.mend_wished.emit(next(iter(parcel.connections)), parcel.cause)

    def _connect(self) -> None:
        self.send.clicked.connect(self.send_wished)
        self.have_sent.clicked.connect(self._tell_sent)
        self.use.clicked.connect(self._give)
        self.code.returnPressed.connect(self._give)
        self.code.textChanged.connect(self._typed)
        self.wrong.acted.connect(self._again)
        self.refused.acted.connect(self._wish_mend)

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 3))
        for button in (self.send, self.have_sent, self.use):
            button.setAutoDefault(False)
        self.code.setMaxLength(_LONGEST)
        self.code.setMinimumHeight(look.em(self, HIGH))
        self.code.setFixedWidth(look.em(self, 11))
        self._label.setBuddy(self.code)
        _fill(self._remind, (self._unsent, self._made), (self.send, self.have_sent))
        _fill(self._reply, (self._waits, self._label), (self.code, self.use))
        for part in (self.good, self.refused, self._remind, self._reply, self.wrong):
            column.addWidget(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentState:
    """What the last page says of a hand-over: `name` is `unsent` or `sent`; `answer` is the demo bank's."""

    name: str
    reference: str = ""
    answer: str = ""


class SentNote(Panel):
    """A line on the last page: whether the partner has it. What else is said there must not say otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.state: SentState | None = None
        self._icon, self._what, self._more = Icon(), QLabel(), Note(tone=Tone.PLAIN)
        self._what.setWordWrap(True)
        self._what.setTextFormat(Qt.TextFormat.PlainText)
        row, column = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(*[look.gap(self, 4)] * 4)
        row.setSpacing(look.gap(self, 3))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._what)
        column.addWidget(self._more)
        row.addLayout(column, 1)
        self.hide()

    def amend(self, texts: Texts, provider: Provider, where: QLabel, following: QLabel, place: str) -> None:
        """Say it; `place` is that of the key, empty in practice, where what is said of that stays."""
        state = self.state
        self.setVisible(state is not None)
        if not state:
            return
        has_key = any(one.secret for one in provider.fields)
        form = "" if has_key or state.name != "unsent" else "_form"
        self._icon.show_icon("check" if state.name == "sent" else "wait", Tone.PLAIN)
        self._what.setText(texts.say(f"delivery.{state.name}{form}", reference=state.reference))
        self._more.setText(texts.say("delivery.demo", code=state.answer) if state.answer else "")
        self._more.setVisible(bool(state.answer))
        following.setText(texts.say(f"delivery.{'demo' if state.answer else state.name}_next"))
        if state.name == "sent" and place:
            stays = "sent" if texts.preset.after == "forget" else "kept"
            where.setText(texts.say(f"delivery.where_{stays if has_key else 'form'}", place=place))


class _Code(QLineEdit):
    """A line whose Enter is for the button beside it, not for the window's own."""

    def __init__(self) -> None:
        super().__init__()
        look.pad(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter here."""
        super().keyPressEvent(event)
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.accept()


def _fill(panel: Panel, lines: Iterable[QLabel], parts: Iterable[QWidget]) -> None:
    column, row = QVBoxLayout(panel), QHBoxLayout()
    column.setContentsMargins(*[look.gap(panel, 4)] * 4)
    column.setSpacing(look.gap(panel, 2))
    for line in lines:
        line.setWordWrap(True)
        column.addWidget(line)
    row.setSpacing(look.gap(panel, 3))
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    column.addLayout(row)
