"""The page where what is stored is sealed and sent to the partner: at once, as a file, or as a text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.message import Bug, Message
from wizard.gui.widgets.parts import Heading, Icon, Note, Panel, Quiet, announce

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from wizard.core.errors import WizardError
    from wizard.core.texts import Texts

WHOLE = 100


class SendPage(Page):
    """Shows what may be sent and how. `other_wished` for another way, `acted` after a failure.

    `state` is `choosing`, `sending`, `made` once there is a file or a text that the customer has to send, or
    `failed`.
    """

    other_wished = Signal()
    acted = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self.state = "choosing"
        self._intro_key = "intro"
        self._offered: tuple[str, ...] = ("file", "text")
        self._rows: tuple[Choice, ...] = ()
        self._made: tuple[str, str] = ("", "")
        self._error: WizardError | Bug | None = None
        self._gone = 0
        self._intro, self._sealed = QLabel(), Note()
        self._intro.setWordWrap(True)
        self.rows, self.ways = Choices(), Choices()
        self._how = Heading(2)
        self.bar, self._doing = QProgressBar(), Note(tone=Tone.PLAIN)
        self.result, self._said, self._then = Panel(tone=Tone.WAIT), QLabel(), Note(tone=Tone.PLAIN)
        self.other = Quiet()
        self.message = Message()
        self.rows.ticks_changed.connect(self.complete_changed)
        self.ways.picked.connect(self._pick)
        self.other.clicked.connect(self.other_wished)
        self.message.acted.connect(self.acted)
        self._place()
        self.say(texts)

    def offer(self, ways: tuple[str, ...], rows: tuple[Choice, ...], intro: str) -> None:
        """Offer these ways, the best first, for these connections: where there are several, to be ticked."""
        self._offered, self._rows, self._intro_key = ways, rows, intro
        self.rows.offer(list(rows))
        self.ways.clear_choice()
        self.show_choosing()

    def show_choosing(self) -> None:
        """Ask how to send."""
        self._to("choosing")

    def show_sending(self, gone: int = 0) -> None:
        """Show how much has gone, in per cent; what has all gone waits for an answer."""
        self._gone = gone
        self._to("sending")

    def show_made(self, way: str, file: str = "") -> None:
        """Say that a file or a text is there, which the customer has yet to send."""
        self._made = (way, file)
        self._to("made")
        announce(self.result, f"{self._said.text()} {self._then.text()}")

    def show_error(self, error: WizardError | Bug) -> None:
        """Say why it was not sent."""
        self._error = error
        self._to("failed")

    def way(self) -> str:
        """Return the way that is chosen."""
        return self.ways.current()

    def chosen(self) -> tuple[str, ...]:
        """Return the connections to send."""
        return self.rows.ticked() if len(self._rows) > 1 else tuple(row.key for row in self._rows)

    def complete(self) -> bool:
        """Tell whether there is something to send and a way to."""
        return self.state == "made" or (bool(self.way() and self.chosen()) and self.state != "sending")

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what is chosen stays."""
        super().say(texts)
        self.title.setText(texts.say("send.title"))
        self._intro.setText(texts.say(f"send.{self._intro_key}"))
        self._sealed.setText(texts.say("send.sealed"))
        self._how.setText(texts.say("send.how"))
        self.other.setText(texts.say("send.other"))
        self.rows.setAccessibleName(texts.say("send.list"))
        self.ways.setAccessibleName(texts.say("send.how"))
        self._offer_rows()
        self._offer_ways()
        self._show()

    def first_focus(self) -> QWidget | None:
        """Return the ways while one is to be chosen; Enter must not say that something was sent."""
        return {"choosing": self.ways, "made": self.other, "failed": self.message.action}.get(self.state)

    def forget(self) -> None:
        """Begin anew with something else."""
        self._rows, self._made, self._error = (), ("", ""), None
        self.state = "choosing"

    def _pick(self) -> None:
        """Take another way than the one that failed as the answer to that."""
        if self.state == "failed":
            self._to("choosing")
        self.complete_changed.emit()

    def _offer_rows(self) -> None:
        """Name the connections as they may be shown; what is ticked stays so."""
        ticked = self.rows.ticked()
        self.rows.offer(
            [
                replace(
                    row,
                    title=self.texts.name(row.title),
                    ticked=None if row.ticked is None else row.key in ticked,
                )
                for row in self._rows
            ]
        )

    def _offer_ways(self) -> None:
        say = self.texts.say
        self.ways.offer(
            [
                Choice(key=way, title=say(f"send.{way}"), line=say(f"send.{way}_line"), radio=True)
                for way in self._offered
            ]
        )
        if not self.ways.current():
            self.ways.choose(self._offered[0])

    def _to(self, state: str) -> None:
        self.state = state
        self.say(self.texts)
        self.complete_changed.emit()

    def _show(self) -> None:
        asks = self.state in {"choosing", "failed"}
        for part in (self.ways, self._how, self._sealed):
            part.setVisible(asks)
        self._intro.setVisible(self.state != "made")
        self.rows.setVisible(asks and len(self._rows) > 1)
        self.result.setVisible(self.state == "made")
        self.bar.setVisible(self.state == "sending")
        self._doing.setVisible(self.state == "sending")
        self._show_result()
        self._show_progress()
        self.message.setVisible(self.state == "failed")
        if self.state == "failed" and self._error:
            self.message.explain(self._error, self.texts)
            self.bring_into_view(self.message)

    def _show_result(self) -> None:
        way, file = self._made
        if way:
            address = self.texts.preset.email  # the partner's own: not to be hidden from anybody
            to = f" {self.texts.say('send.to', address=address)}" if address else ""
            self._said.setText(self.texts.say(f"send.made_{way}", file=file) + to)
            self._then.setText(self.texts.say("send.then"))

    def _show_progress(self) -> None:
        key = "answering" if self._gone >= WHOLE else "sending" if self._gone else "sealing"
        self._doing.setText(self.texts.say(f"send.{key}"))
        self.bar.setAccessibleName(self._doing.text())
        self.bar.setValue(self._gone)

    def _place(self) -> None:
        self.bar.setRange(0, WHOLE)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(look.gap(self, 2))
        for part in (self._intro, self.rows, self._how, self.ways, self._sealed, self._doing, self.bar):
            self.column.addWidget(part)
        for rows in (self.rows, self.ways):
            rows.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._place_result()
        self.column.addWidget(self.result)
        self.column.addWidget(self.message)
        self.column.addStretch(1)

    def _place_result(self) -> None:
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        look.make_heading(self._said, 2)
        row = QHBoxLayout(self.result)
        row.setContentsMargins(*[look.gap(self, 4)] * 4)
        row.setSpacing(look.gap(self, 3))
        column = QVBoxLayout()
        column.setSpacing(look.gap(self, 2))
        icon = Icon("wait", Tone.WAIT, lines=1.4)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._said)
        column.addWidget(self._then)
        line = QHBoxLayout()
        line.addWidget(self.other)
        line.addStretch(1)
        column.addLayout(line)
        row.addLayout(column, 1)
