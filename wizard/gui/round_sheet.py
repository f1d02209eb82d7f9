"""The sheet that tests all: how far it has come, what each came to, and those that failed once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QProgressBar

from wizard.core.rounds import failed
from wizard.gui.look import Tone
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.parts import Note, announce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from wizard.core.provider import Provider
    from wizard.core.rounds import Outcome
    from wizard.core.texts import Texts

_SIGNS = {
    "passed": ("check", Tone.GOOD),
    "failed": ("cross", Tone.BAD),
    "skipped": ("dash", Tone.PLAIN),
    "waiting": ("wait", Tone.PLAIN),
}


class RoundSheet(Sheet):
    """A table of results. `start_wished` with the connections to test, `stop_wished` to test no more."""

    start_wished = Signal(tuple)
    stop_wished = Signal()

    def __init__(
        self, parent: QWidget, texts: Texts, names: Mapping[str, str], systems: Mapping[str, Provider]
    ) -> None:
        super().__init__(parent, texts, "round")
        self._names, self._systems = names, systems
        self._asked = tuple(names)
        self.outcomes: dict[str, Outcome] = {}
        self.running = False
        self.bar, self.state, self.rows = QProgressBar(), Note(tone=Tone.PLAIN), Choices()
        self.start, self.stop, self.again = (
            self.button(f"round.{one}") for one in ("start", "stop", "again")
        )
        self.start.clicked.connect(lambda: self._begin(tuple(self._names)))
        self.again.clicked.connect(lambda: self._begin(failed(self.outcomes.values())))
        self.stop.clicked.connect(self._stop)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(texts.say("round.title"))
        self.rows.setAccessibleName(texts.say("round.list"))
        for part in (self.bar, self.state):
            self.column.addWidget(part)
        self.column.addWidget(self.rows, 1)
        self.start.setDefault(True)
        for button in (self.start, self.again):
            button.lead()
        self.finish(self.start, self.stop, self.again)
        self._show()

    @Slot(object)
    def show_outcome(self, outcome: Outcome) -> None:
        """Show what one of them came to."""
        self.outcomes[outcome.connection] = outcome
        self._show()

    @Slot()
    def end(self) -> None:
        """Say that all have been tested that were to be."""
        self.running = False
        self._show()
        announce(self.state, self.state.text())

    def reject(self) -> None:
        """Stop, then close."""
        self._stop()
        super().reject()

    def _begin(self, wanted: tuple[str, ...]) -> None:
        for key in wanted:
            self.outcomes.pop(key, None)
        self._asked, self.running = wanted, True
        self._show()
        self.stop.setFocus()
        self.start_wished.emit(wanted)

    def _stop(self) -> None:
        if self.running:
            self.stop_wished.emit()
            self.end()

    def _show(self) -> None:
        self.rows.offer([self._choice(key, name) for key, name in self._names.items()])
        done = sum(key in self.outcomes for key in self._asked)
        self.bar.setMaximum(max(1, len(self._asked)))
        self.bar.setValue(done)
        self.state.setText(self._said(done))
        fresh = not self.outcomes and not self.running
        self.start.setVisible(fresh and bool(self._names))
        self.stop.setVisible(self.running)
        unwell = bool(failed(self.outcomes.values()))
        self.again.setVisible(not self.running and unwell)

    def _said(self, done: int) -> str:
        if not self._names:
            return self.texts.say("round.nothing")
        passed = sum(one.state == "passed" for one in self.outcomes.values())
        key = "progress" if self.running or not self.outcomes else "finished"
        key = "stopped" if key == "finished" and done < len(self._asked) else key
        bad = len(self.outcomes) - passed
        return self.texts.say(f"round.{key}", done=done, count=len(self._asked), passed=passed, failed=bad)

    def _choice(self, key: str, name: str) -> Choice:
        outcome = self.outcomes.get(key)
        state = outcome.state if outcome else "waiting"
        error = outcome.error if outcome else None
        what = self.texts.explain(error, self._systems[key]).what if error else ""
        return Choice(
            key=key,
            title=name,
            line=self._systems[key].name,
            state=self.texts.say(f"round.{state}", what=what),
            sign=_SIGNS[state],
        )
