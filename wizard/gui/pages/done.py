"""The last page: what is connected, where the key is now, and what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel

from wizard.core.mail import addressee
from wizard.core.orgnr import spaced
from wizard.gui import look, work
from wizard.gui.buttons import leading
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.afterwards import Afterwards, given
from wizard.gui.widgets.delivery import SentNote
from wizard.gui.widgets.letter_view import LetterView
from wizard.gui.widgets.parts import Button, Icon, Note, Panel, Row, announce
from wizard.gui.widgets.waiting_panel import WaitingPanel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from wizard.core.connect import Receipt
    from wizard.core.flow import Walk
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts
    from wizard.gui.work import Waiting

_ROWS = ("company", "system", "environment", "name", "tested", "consent")
_TESTED = {"passed": "done.just_now", "later": "done.not_tested", "not_possible_here": "done.by_partner"}
_TITLES = {"later": "_later", "not_possible_here": "_assisted"}


class DonePage(Page):
    """Shows what a walk came to. `again_wished` for the next client, `approved` for the id that waited.

    `receipt_wished` for all of it on paper.
    """

    again_wished = Signal()
    receipt_wished = Signal()
    approved = Signal(str)

    def __init__(self, texts: Texts, *, practice: bool, platform: str) -> None:
        super().__init__(texts)
        self._practice, self._platform = practice, platform
        self._receipts: tuple[Receipt, ...] = ()
        self._waiting: Waiting | None = None
        self._provider: Provider | None = None
        self._walk: Walk | None = None
        self._taken = False
        self._icon = Icon("check", Tone.GOOD, lines=2.4)
        self._where, self._next = QLabel(), Note()
        self._where.setWordWrap(True)
        self._card = Panel()
        self._names = {row: Note() for row in _ROWS}
        self._values = {row: QLabel() for row in _ROWS}
        self.waiting, self.letter, self.again = WaitingPanel(), LetterView(), Button()
        self.sent, self.afterwards = SentNote(), Afterwards()
        self.receipt = Button()
        self.receipt.clicked.connect(self.receipt_wished)
        for button in (self.again, self.receipt):
            button.setAutoDefault(False)
        self.again.clicked.connect(self.again_wished)
        self.waiting.approved.connect(self._tell_approved)
        self.waiting.changed.connect(self.complete_changed)
        self.letter.taken.connect(self._note_taken)
        self.afterwards.options.missed.connect(self.bring_into_view)
        self.afterwards.options.changed.connect(self._lead)
        self._place()

    def show_receipts(self, receipts: tuple[Receipt, ...], provider: Provider, walk: Walk) -> None:
        """Show what was stored; `provider` is that of the method."""
        self._receipts, self._waiting, self._provider, self._walk = receipts, None, provider, walk
        self._taken = False
        self.say(self.texts)
        self._bring_next()
        announce(self, f"{self.title.text()}. {self._where.text()}")

    def has_code(self) -> bool:
        """Tell whether a reply code is shown, to be typed into the overview."""
        return bool(self.sent.state and self.sent.state.answer)

    def connections(self) -> tuple[str, ...]:
        """Return the ids of what was stored."""
        return tuple(one.connection for one in self._receipts)

    def show_waiting(self, waiting: Waiting, provider: Provider, walk: Walk) -> None:
        """Show a stored connection that somebody has yet to approve."""
        self._receipts, self._waiting, self._provider, self._walk = (), waiting, provider, walk
        self.say(self.texts)
        self._bring_next()
        announce(self, f"{self.title.text()}. {self._next.text()}")

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        provider, walk = self._provider, self._walk
        if not provider or not walk:
            return
        self.again.setText(texts.say("done.again", provider))
        self.receipt.setText(texts.say("paper.button"))
        plain = work.known_by(walk.expect, walk.label) | dict(walk.plain)
        self.waiting.show_waiting(self._waiting, texts, provider, plain)
        if self._waiting:
            self._say_waiting(texts, provider)
        else:
            self._say_stored(texts, provider)
        at = f"stored_in.{self._platform}"
        place = "" if self._practice or not texts.has(at) else texts.say(at)
        self.sent.amend(texts, provider, self._where, self._next, place)
        by_mail = self._tested() == "not_possible_here" and not texts.preset.sends
        mail = _mail(provider, texts) if by_mail else ""
        self.letter.show_letter(provider, mail, texts, plain)
        self._say_card(texts, provider, walk)
        self.afterwards.say(texts, provider, asks=bool(self._receipts))
        self._lead()

    def first_focus(self) -> QWidget | None:
        """Return where the partner's questions begin, while there are any."""
        return self.afterwards.options.first_open()

    def forget(self) -> None:
        """Show nothing of a walk that has ended, and count nothing down."""
        self._receipts, self._waiting, self._provider, self._walk = (), None, None, None
        self.waiting.show_waiting(None, self.texts, None, {})
        self.afterwards.forget()
        self.letter.forget()
        for label in (self.title, *self._values.values()):
            label.clear()

    @Slot()
    def _lead(self) -> None:
        """Fill what is left to do here: the partner's questions first, then its letter."""
        asks = self.afterwards.options.waits()
        self.afterwards.options.save.lead(asks)
        way = None if asks or self._taken else self.letter.way()
        for one in (self.letter.open, self.letter.copy):
            one.lead(one is way)
        self.complete_changed.emit()

    @Slot()
    def _note_taken(self) -> None:
        self._taken = True
        self._lead()

    def _bring_next(self) -> None:
        """Have in view what is left to do, however large the text is."""
        wanted = self.first_focus() or leading(self)
        if wanted:
            self.bring_into_view(wanted)

    def _say_stored(self, texts: Texts, provider: Provider) -> None:
        tested = self._tested()
        good = tested == "passed"
        self.title.setText(self._heading(texts, provider))
        self._icon.show_icon("check" if good else "wait", Tone.GOOD if good else Tone.WAIT)
        self._where.setText(self._place_of_key(texts))
        keys = {"later": "done.later", "not_possible_here": self._assisted(texts, provider)}
        own = texts.partners("next") if good else ""
        said = texts.say(keys.get(tested, "done.next"), provider)
        self._next.setText(f"{said} {own}".rstrip())
        to_do = tested == "not_possible_here" or self.has_code()
        self._next.set_tone(Tone.PLAIN if to_do else None)

    def _say_waiting(self, texts: Texts, provider: Provider) -> None:
        self.title.setText(texts.say("done.title_waiting", provider))
        self._icon.show_icon("wait", Tone.WAIT)
        self._where.setText(texts.say("done.waiting", provider))
        self._next.setText(texts.say("done.practice") if self._practice else "")

    def _say_card(self, texts: Texts, provider: Provider, walk: Walk) -> None:
        environment = provider.environment(walk.environment) or provider.environments[0]
        values = {
            "company": "\n".join(_named(receipt, texts) for receipt in self._receipts),
            "system": provider.name,
            "environment": texts.say("done.test_environment") if environment.test else "",
            "name": texts.name(walk.label),
            "tested": texts.say(_TESTED[self._tested()]) if self._receipts else "",
            "consent": given(self._receipts[0].consent, texts) if self._receipts else "",
        }
        for row, value in values.items():
            self._names[row].setText(texts.say("consent.done" if row == "consent" else f"done.{row}"))
            self._values[row].setText(value)
            for label in (self._names[row], self._values[row]):
                label.setVisible(bool(value))
        self._card.setVisible(bool(self._receipts) or bool(values["environment"]))

    def _tested(self) -> str:
        return self._receipts[0].tested if self._receipts else ""

    def _place_of_key(self, texts: Texts) -> str:
        """Return where the key is now, exactly; nothing where there is none."""
        if self._provider and not any(one.secret for one in self._provider.fields):
            return texts.say("done.practice_form" if self._practice else "done.where_form")
        place = texts.say(f"stored_in.{self._platform}") if texts.has(f"stored_in.{self._platform}") else ""
        return texts.say("done.practice") if self._practice else texts.say("done.where", place=place)

    def _assisted(self, texts: Texts, provider: Provider) -> str:
        if _mail(provider, texts):
            return "done.assisted_mail"
        has_key = any(one.secret for one in provider.fields)
        return "done.assisted" if has_key else "done.assisted_form"

    def _heading(self, texts: Texts, provider: Provider) -> str:
        tested, company = self._tested(), self._receipts[0].company["name"] or ""
        if tested in _TITLES:
            return texts.say(f"done.title{_TITLES[tested]}", provider)
        if len(self._receipts) > 1:
            return texts.say("done.title_several", count=len(self._receipts))
        return texts.say("done.title", company=company)

    def _tell_approved(self) -> None:
        if self._waiting:
            self.approved.emit(self._waiting.connection)

    def _place(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(look.gap(self, 4))
        self.column.removeWidget(self.title)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.title, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._where)
        self._fill_card()
        parts = (self.sent, self.waiting, self._card, self._next, self.afterwards, self.letter)
        for widget in parts:
            self.column.addWidget(widget)
        self.column.addWidget(Row(self.receipt, self.again))
        self.column.addStretch(1)

    def _fill_card(self) -> None:
        grid = QGridLayout(self._card)
        grid.setContentsMargins(*[look.gap(self, 4)] * 4)
        grid.setHorizontalSpacing(look.gap(self, 5))
        for at, row in enumerate(_ROWS):
            self._values[row].setWordWrap(True)
            self._values[row].setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(self._names[row], at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._values[row], at, 1)
        grid.setColumnStretch(1, 1)


def _mail(provider: Provider, texts: Texts) -> str:
    """Return the letter to the partner that a system's guide ends in, or an empty text."""
    values = texts.preset.values.get(provider.slug, {})
    mails = [step.mail for step in provider.guide if step.mail and step.shown(values)]
    return next((mail for mail in reversed(mails) if not addressee(texts, provider, mail)), "")


def _named(receipt: Receipt, texts: Texts) -> str:
    name, orgnr = texts.name(receipt.company["name"] or ""), receipt.company["orgnr"]
    number = texts.say("share.number", orgnr=spaced(orgnr)) if orgnr else ""
    return f"{name} ({number})" if name and number else name or number
