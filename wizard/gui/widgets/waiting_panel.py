"""WaitingPanel: what a stored connection waits for, and the way to look again once it is approved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt, QTimer, QTimeZone, Signal
from PySide6.QtWidgets import QGridLayout

from wizard.core.errors import InvitationExpired
from wizard.core.health import valid_until
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.letter_view import LetterView
from wizard.gui.widgets.parts import Button, Heading, Icon, Note, Panel, Row, announce
from wizard.gui.work import began

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts
    from wizard.gui.work import Waiting

_TICK = 1_000
_WRITTEN = {"en": "en_GB"}
"""English as it is written here: the day before the month."""

_IN_SECONDS = 90


class WaitingPanel(Panel):
    """Counts down to the next look that is allowed; never asks by itself. `approved` when pressed.

    `changed` when something else in it is to be done next. An invitation that is over can only be asked for
    anew: the letter leads on, and what looks again stands back.
    """

    approved = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__(tone=Tone.WAIT)
        self._waiting: Waiting | None = None
        self._texts: Texts | None = None
        self._icon = Icon("wait", Tone.WAIT, lines=1.4)
        self._what = Heading(2)
        self._why, self._next = Note(), Note(tone=Tone.PLAIN)
        self._times, self.allowed = Note(tone=Tone.PLAIN), Note()
        self.button = Button()
        self.button.clicked.connect(self.approved)
        self.letter = LetterView()
        self._asked = self._gives_way = False
        self.letter.taken.connect(self._note_asked)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._count_down)
        self._place()
        self.hide()

    def show_waiting(
        self, waiting: Waiting | None, texts: Texts, provider: Provider | None, plain: Mapping[str, str]
    ) -> None:
        """Show what is waited for, or nothing."""
        self._asked = self._asked and waiting is self._waiting
        self._waiting, self._texts = waiting, texts
        self.setVisible(waiting is not None)
        if not waiting or not provider:
            self._timer.stop()
            self.letter.forget()
            return
        said = texts.explain(waiting.error, provider)
        self._what.setText(said.what)
        self._why.setText(said.why)
        self._next.setText(said.next)
        self._times.setText(" ".join(_times(waiting, texts)))
        self.button.setText(texts.say("waiting.approved"))
        self.letter.show_letter(provider, _mail(provider, waiting), texts, plain)
        self._say_allowed()
        self._lead()
        if self._left() > 0:
            self._timer.start()

    def give_way(self, gives_way: bool) -> None:  # noqa: FBT001  # as `Button.lead` has it
        """Have no button that leads on while something else on the page does."""
        self._gives_way = gives_way
        self._lead()

    def _lead(self) -> None:
        """Fill the button that is to be pressed next."""
        over = self._waiting is not None and _is_over(self._waiting)
        way = (None if self._asked else self.letter.way()) if over else self.button
        for one in (self.button, self.letter.open, self.letter.copy):
            one.lead(one is way and not self._gives_way)

    def _note_asked(self) -> None:
        self._asked = True
        self._lead()
        self.changed.emit()

    def _left(self) -> int:
        """Return how many seconds there are until the next look is allowed."""
        at = self._waiting.next_look if self._waiting else None
        return max(0, -int(-(at - datetime.now(UTC)).total_seconds() // 1)) if at else 0

    def _count_down(self) -> None:
        self._say_allowed()
        if not self._left():
            self._timer.stop()
            announce(self, self.allowed.text())
            self.changed.emit()

    def _say_allowed(self) -> None:
        if not self._texts:
            return
        left = self._left()
        short = left <= _IN_SECONDS
        key = "waiting.now" if not left else "waiting.seconds" if short else "waiting.minutes"
        self.allowed.setText(self._texts.say(key, seconds=left, minutes=-(-left // 60)))
        self.button.setEnabled(not left)

    def _place(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(*[look.gap(self, 4)] * 4)
        grid.setHorizontalSpacing(look.gap(self, 3))
        grid.setVerticalSpacing(look.gap(self, 2))
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        pressing = Row(self.button, space=3, least=26, ends=False)
        pressing.add(self.allowed, 1)
        grid.addWidget(self._what, 0, 1)
        grid.addWidget(self._next, 1, 1)
        grid.addWidget(pressing, 2, 1)
        for at, widget in enumerate((self._times, self._why, self.letter), 3):
            grid.addWidget(widget, at, 1)
        grid.setColumnStretch(1, 1)


def _mail(provider: Provider, waiting: Waiting) -> str:
    """Return the letter that mends what a connection waits for, or an empty text."""
    key = provider.mends.get(InvitationExpired.code if _is_over(waiting) else waiting.error.code, "")
    return next((step.mail for step in provider.every_step if key and step.key == key), "")


def _is_over(waiting: Waiting) -> bool:
    """Tell whether what is waited for is valid no longer."""
    until = waiting.row.until
    late = bool(until) and datetime.fromisoformat(until) < datetime.now(UTC)
    return late or waiting.error.code == InvitationExpired.code


def moment(at: str, language: str) -> str:
    """Return a time of the ledger's as it is written here."""
    seconds = round(datetime.fromisoformat(at).timestamp())
    local = QDateTime.fromSecsSinceEpoch(seconds, QTimeZone.utc()).toLocalTime()
    return QLocale(_WRITTEN.get(language, language)).toString(local, QLocale.FormatType.ShortFormat)


def _times(waiting: Waiting, texts: Texts) -> list[str]:
    """Return since when it waits, and until when that which is waited for is valid."""
    row = waiting.row
    said = [texts.say("waiting.since", when=moment(began(row), texts.language))]
    until = valid_until(row)
    if until:
        said.append(texts.say("waiting.until", when=moment(until, texts.language)))
    return said
