"""Message: what happened, why it may be, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel

from wizard.core.share import unbroken
from wizard.core.texts import Explanation
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Button, Icon, Note, Panel, Quiet, Row, announce

if TYPE_CHECKING:
    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_ICONS = {Tone.BAD: "cross", Tone.WAIT: "warning", Tone.GOOD: "check", Tone.PLAIN: "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A fault of ours, and the name of its report."""

    report: str


class Message(Panel):
    """A message in its place; hidden until there is one. `acted` when the next action is pressed.

    One about a failure has its code, to be read aloud; `copy_wished` and `report_wished` ask for more of it.
    """

    acted = Signal()
    copy_wished = Signal()
    report_wished = Signal()

    def __init__(self, *, tone: Tone = Tone.BAD) -> None:
        super().__init__(tone=tone)
        self._icon = Icon(_ICONS[tone], tone, lines=1.4)
        self._what = QLabel()
        self._why, self._next = Note(), Note(tone=Tone.PLAIN)
        self.action = Button()
        self.action.clicked.connect(self.acted)
        self.second = Button()
        self.second.hide()
        self._second_why = Note()
        self.trouble: WizardError | Bug | None = None
        self.provider: Provider | None = None
        self.at = datetime.now().astimezone()
        self.spoken = Note(tone=Tone.PLAIN)
        self.copy, self.report = Quiet(), Quiet()
        self.copy.clicked.connect(self.copy_wished)
        self.report.clicked.connect(self.report_wished)
        self._what.setWordWrap(True)
        self._what.setTextFormat(Qt.TextFormat.PlainText)
        look.make_heading(self._what, 2)
        self._place()
        self._second_why.hide()
        self.hide()

    def explain(
        self,
        trouble: WizardError | Bug,
        texts: Texts,
        provider: Provider | None = None,
        *,
        action: bool = True,
    ) -> None:
        """Show what went wrong, and have it said aloud."""
        said = _bug(trouble, texts) if isinstance(trouble, Bug) else texts.explain(trouble, provider)
        self.at = self.at if trouble is self.trouble else datetime.now().astimezone()
        self.trouble, self.provider = trouble, provider
        self.spoken.setText(texts.say("spoken.line", code=_spoken(trouble, provider)))
        self.copy.setText(texts.say("spoken.copy"))
        self.copy.setAccessibleName(texts.say("spoken.copy_what"))
        self.report.setText(texts.say("spoken.report"))
        self._tell(said.what, said.why, said.next, said.action if action else "")

    def tell(self, what: str, why: str = "", following: str = "") -> None:
        """Show a message that is no failure, so that it has no code, and have it said aloud."""
        self.trouble = None
        self.spoken.clear()
        self._tell(what, why, following)

    def _tell(self, what: str, why: str, following: str, action: str = "") -> None:
        for label, text in ((self._what, what), (self._why, why), (self._next, following)):
            label.setText(unbroken(text))
            label.setVisible(bool(text))
        self.action.setText(action)
        self._actions.setVisible(bool(action))
        self._support.setVisible(self.trouble is not None)
        said = (what, why, following, self._second_why.text(), self.spoken.text())
        self.setAccessibleName(" ".join(part for part in said if part))
        self.show()
        announce(self, self.accessibleName())

    def forget(self) -> None:
        """Say nothing any more; which failure it was is still known, for a report."""
        for label in (self._what, self._why, self._next, self.spoken):
            label.clear()
        self.setAccessibleName("")
        self.hide()

    def offer_act(self, action: str) -> None:
        """Offer a next action beneath a message that is no failure of ours."""
        self.action.setText(action)
        self._actions.setVisible(bool(action))

    def offer_second(self, action: str = "", why: str = "") -> None:
        """Offer a second way, and why, before the message is told; no words take it away."""
        self.second.setText(action)
        self.second.setVisible(bool(action))
        self._second_why.setText(why)
        self._second_why.setVisible(bool(why))

    def _place(self) -> None:
        self.action.lead()
        self._actions = Row(self.action, self.second)
        self._actions.setContentsMargins(0, look.gap(self, 1), 0, 0)
        self.spoken.setWordWrap(False)
        self._support = Row(self.spoken, Row(self.copy, self.report, space=1))
        grid = QGridLayout(self)
        grid.setContentsMargins(*[look.gap(self, 4)] * 4)
        grid.setHorizontalSpacing(look.gap(self, 3))
        grid.setVerticalSpacing(look.gap(self, 1))
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        for row_number, widget in enumerate(
            (self._what, self._why, self._next, self._second_why, self._actions)
        ):
            grid.addWidget(widget, row_number, 1)
        grid.addWidget(self._support, 5, 1)
        grid.setColumnStretch(1, 1)


def with_code(said: str, error: WizardError, texts: Texts, provider: Provider | None) -> str:
    """Return what is said of an answer, and beneath it the code that can be read aloud."""
    return f"{said}\n{texts.say('spoken.line', code=_spoken(error, provider))}"


def _spoken(trouble: WizardError | Bug, provider: Provider | None) -> str:
    from wizard.core.spoken import spell, spell_bug  # not before something failed

    return spell_bug() if isinstance(trouble, Bug) else spell(trouble, provider)


def _bug(bug: Bug, texts: Texts) -> Explanation:
    return Explanation(
        what=texts.say("bug.what"),
        why=texts.say("bug.text"),
        next=texts.say("bug.next", report=bug.report or "–"),
        action=texts.say("buttons.again").replace("&", ""),
    )
