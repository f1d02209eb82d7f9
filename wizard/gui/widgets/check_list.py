"""CheckList: four plain lines of a test, and the technical stages folded beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from wizard.gui import clipboard, look
from wizard.gui.look import Tone
from wizard.gui.widgets.fold import Fold
from wizard.gui.widgets.message import with_code
from wizard.gui.widgets.parts import Button, Icon, Note, Panel, Row, announce

if TYPE_CHECKING:
    from wizard.core.errors import WizardError
    from wizard.core.provider import Finding, Provider
    from wizard.core.texts import Texts

LINES = {
    "network": ("name", "connection", "proxy", "tls"),
    "vendor": ("vendor",),
    "key": ("input", "sign_in"),
    "company": ("company", "rights", "sample"),
}
"""Which stages each plain line stands for."""

_FEW, _MANY = 5, 14  # lines of details

_LOOKS = {
    "pending": ("dash", Tone.PLAIN),
    "running": ("wait", Tone.WAIT),
    "passed": ("check", Tone.GOOD),
    "failed": ("cross", Tone.BAD),
    "skipped": ("dash", Tone.PLAIN),
}


def line_states(findings: list[Finding], *, running: bool) -> dict[str, str]:
    """Return the state of each plain line: pending, running, passed, failed or skipped."""
    told = {(one.stage, one.state) for one in findings if not _spared(one)}
    failed = next(
        (line for line, stages in LINES.items() if any((stage, "failed") in told for stage in stages)), ""
    )
    states: dict[str, str] = {}
    for line, stages in LINES.items():
        if line == failed:
            states[line] = "failed"
        elif (stages[-1 if line != "company" else 0], "passed") in told or (
            line == "network" and _reached(told)
        ):
            states[line] = "passed"
        else:
            states[line] = "pending" if running else "skipped"
    first = next((line for line, state in states.items() if state == "pending"), "")
    return {**states, first: "running"} if running and first else states


def _spared(one: Finding) -> bool:
    """Tell a right that is missing and can be done without: the test passes all the same."""
    return one.check == "right" and one.state == "failed" and not one.facts.get("required")


def _reached(told: set[tuple[str, str]]) -> bool:
    return bool({("connection", "passed"), ("vendor", "passed"), ("vendor", "failed")} & told)


class CheckList(Panel):
    """Four lines, each with an icon, a name and a word; with whom it lies; what to tell support, folded.

    `unfolded` with what came up then.
    """

    unfolded = Signal(QWidget)

    def __init__(self) -> None:
        super().__init__()
        self._findings: list[Finding] = []
        self._error: WizardError | None = None
        self._icons = {line: Icon() for line in LINES}
        self._names = {line: QLabel() for line in LINES}
        self._words = {line: Note() for line in LINES}
        self.fold = Fold()
        self.fold.toggled.connect(self._unfold)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        look.make_fixed(self._details)
        self.copy = Button()
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(lambda: self._copy(self._details.toPlainText()))
        self._whose = Note()
        self._for_it = self._copied = ""
        self.copy_for_it = Button()
        self.copy_for_it.setAutoDefault(False)
        self.copy_for_it.clicked.connect(lambda: self._copy(self._for_it))
        self._place()
        self._unfold(open_=False)

    def start(self) -> None:
        """Forget the last test."""
        self._findings, self._error = [], None

    def add(self, finding: Finding) -> None:
        """Note what a stage came to."""
        self._findings.append(finding)

    def note_error(self, error: WizardError) -> None:
        """Note what it failed with."""
        self._error = error

    def say(self, texts: Texts, provider: Provider | None, *, running: bool) -> None:
        """Show it all in a language."""
        for line, state in line_states(self._findings, running=running).items():
            self._icons[line].show_icon(*_LOOKS[state])
            self._names[line].setText(texts.say(f"test.{line}", provider))
            self._words[line].setText(texts.say(f"test.{state}"))
        self.fold.setText(texts.say("test.details"))
        self._details.setAccessibleName(texts.say("test.details"))
        self.copy.setText(texts.say("buttons.copy"))
        self._copied = texts.say("buttons.copied")
        self._details.setPlainText("\n".join(self._lines(texts, provider)))
        self._fit()
        self._say_whose(texts, provider)

    def _say_whose(self, texts: Texts, provider: Provider | None) -> None:
        """Say with whom it lies, and have the text for IT support ready where it lies with them."""
        error = self._error
        theirs = bool(error and error.lies_with == "it")
        said = [texts.say(f"whose.{error.lies_with}", provider)] if error else []
        said += [
            texts.say("it.clock_note", provider, minutes=abs(int(str(minutes))))
            for one in self._findings
            if (minutes := one.facts.get("clock_minutes"))
        ]
        self._whose.setVisible(bool(said))
        self._whose.setText("\n".join(said))
        self.copy_for_it.setVisible(theirs)
        self.copy_for_it.setText(texts.say("it.copy"))
        self._for_it = _text_for_it(error, texts, provider) if error and theirs else ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the stages of the last test came to."""
        return tuple(self._findings)

    @property
    def error(self) -> WizardError | None:
        """What the last test failed with, if it failed."""
        return self._error

    def _lines(self, texts: Texts, provider: Provider | None) -> list[str]:
        lines = [
            _columns(one.stage, texts.say(f"test.{one.state}"), f"{one.ms} ms", _facts(one.facts))
            for one in self._findings
        ]
        if self._error:
            lines += [
                f"{self._error.code} ({self._error.stage or '–'})  {_facts(self._error.facts)}".rstrip(),
                with_code("", self._error, texts, provider).strip(),
            ]
        return lines

    def _copy(self, text: str) -> None:
        clipboard.copy(text)
        announce(self, self._copied)

    def _unfold(self, open_: bool) -> None:  # noqa: FBT001  # the signal toggled(bool) calls it
        self._details.setVisible(open_)
        self.copy.setVisible(open_)
        if open_:
            self.unfolded.emit(self._details)

    def _fit(self) -> None:
        """Have the details as high as they are long, so that nothing empty is scrolled through."""
        lines = min(max(self._details.blockCount() + 1, _FEW), _MANY)
        edges = 2 * (self._details.frameWidth() + round(self._details.document().documentMargin()))
        self._details.setFixedHeight(lines * self._details.fontMetrics().lineSpacing() + edges)

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[look.gap(self, 4)] * 4)
        column.setSpacing(look.gap(self, 3))
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.gap(self, 4))
        grid.setVerticalSpacing(look.gap(self, 3))
        for row, line in enumerate(LINES):
            grid.addWidget(self._icons[line], row, 0)
            grid.addWidget(self._names[line], row, 1)
            grid.addWidget(self._words[line], row, 2)
        grid.setColumnStretch(2, 1)  # each word near its line
        column.addLayout(grid)
        column.addWidget(self._whose)
        column.addWidget(Row(self.fold, self.copy_for_it, self.copy))
        column.addWidget(self._details)


def _text_for_it(error: WizardError, texts: Texts, provider: Provider | None) -> str:
    from wizard.core.for_it import for_it  # not before something failed

    return for_it(error, texts, provider)


def _columns(stage: str, state: str, spent: str, facts: str) -> str:
    return f"{stage:<11} {state:<11} {spent:>8}  {facts}".rstrip()


def _facts(facts: object) -> str:
    """Return facts as support reads them: plain values only, so no names of companies."""
    pairs = facts.items() if hasattr(facts, "items") else ()
    return "  ".join(f"{name}={value}" for name, value in pairs if name in _TELLING and value is not None)


_TELLING = frozenset(
    {
        "host",
        "port",
        "address",
        "issuer",
        "reason",
        "other_host",
        "proxy_from",
        "sign_in",
        "portal",
        "to",
        "clock_minutes",
        "http_status",
        "request_id",
        "verify_code",
        "proxy",
        "seconds",
        "minutes",
        "looked_for",
        "count",
        "code",
        "number",
    }
)
"""The facts that support needs; an allow-list, so that nothing personal gets in by accident."""
