"""HandedOn: what somebody else was asked to do, since when, and a button to take each back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wizard.core.orgnr import spaced
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Button, Heading, Icon, Note, Panel, Paragraph, announce
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.handed_on import Task
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts


class HandedOn(Panel):
    """A line for each task, or for the newest `most`, and a button to see `all` then.

    `back_wished` with the reference of the one to take back.
    """

    back_wished = Signal(str)

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self._most = most
        self._title, self._more, self.state = Heading(2), Note(), Note()
        self.all = Button()
        self.all.setAutoDefault(False)
        self._tasks: tuple[Task, ...] = ()
        self.rows: list[_Line] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(look.gap(self, 2))
        column, row = QVBoxLayout(), QHBoxLayout(self)
        column.setSpacing(look.gap(self, 2))
        column.addWidget(self._title)
        column.addLayout(self._lines)
        for part in (self._more, self.state):
            column.addWidget(part)
        column.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)
        self.state.hide()
        row.setContentsMargins(*[look.gap(self, 4)] * 4)
        row.setSpacing(look.gap(self, 3))
        row.addWidget(Icon("wait", Tone.PLAIN, lines=1.4), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.hide()

    def show_tasks(self, tasks: tuple[Task, ...], providers: Mapping[str, Provider], texts: Texts) -> None:
        """Show the tasks of the systems there are, in the language of `texts`."""
        known = tuple(one for one in tasks if one.system in providers)
        shown = known[: self._most]
        if shown != self._tasks:
            self.state.hide()
            self._make(shown)
        for line, task in zip(self.rows, shown, strict=True):
            line.say(task, providers[task.system], texts)
        self._title.setText(texts.say("handed_on.title"))
        self._title.setVisible(bool(shown))
        self._more.setText(texts.say("handed_on.more"))
        self._more.setVisible(bool(shown))
        self.all.setText(texts.say("handed_on.all", count=len(known)))
        self.all.setVisible(shown != known)
        self.setVisible(bool(shown))

    def tell(self, key: str, texts: Texts, *, good: bool) -> None:
        """Say what came of taking one back."""
        self.state.set_tone(Tone.GOOD if good else Tone.BAD)
        self.state.setText(texts.say(f"handed_on.{key}"))
        self.state.show()
        self.setVisible(True)
        announce(self.state, self.state.text())

    def _make(self, tasks: tuple[Task, ...]) -> None:
        for line in self.rows:
            self._lines.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._tasks, self.rows = tasks, [_Line() for _ in tasks]
        for line, task in zip(self.rows, tasks, strict=True):
            self._lines.addWidget(line)
            line.back.clicked.connect(lambda *_, key=task.reference: self.back_wished.emit(key))


class _Line(QWidget):
    """A task, and the button to take it back."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.back = Paragraph(tone=Tone.PLAIN), Button()
        self.back.setAutoDefault(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.gap(self, 3))
        row.addWidget(self.text, 1)
        row.addWidget(self.back)

    def say(self, task: Task, provider: Provider, texts: Texts) -> None:
        """Speak a language from now on."""
        facts = {"when": moment(task.since, texts.language), "reference": task.reference}
        key = "handed_on.row_for" if task.expect else "handed_on.row"
        said = texts.say(key, provider, orgnr=spaced(task.expect), **facts)
        self.text.setText(said)
        self.back.setText(texts.say("handed_on.back"))
        self.back.setAccessibleDescription(said)
