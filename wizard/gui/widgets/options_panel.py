"""OptionsPanel: what the partner's preset asks once a system is connected, and the button that keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import HIGH, Button, Heading, Icon, Note, Panel, announce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.options import Option
    from wizard.core.texts import Texts


class OptionsPanel(Panel):
    """Not there where nothing is asked. `wished` with the values by name once all of them are fit to keep.

    `changed` when there is something to save, or no longer.
    """

    wished = Signal(object)
    changed = Signal()
    missed = Signal(QWidget)

    def __init__(self) -> None:
        super().__init__()
        self._heading, self._intro, self._state = Heading(2), Note(), Note(tone=Tone.GOOD)
        self.rows: dict[str, OptionRow] = {}
        self.save = Button()
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self._tell)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[look.gap(self, 4)] * 4)
        self._column.setSpacing(look.gap(self, 2))
        self._fields = QVBoxLayout()
        self._fields.setSpacing(look.gap(self, 3))
        self._saved, self._touched, self._saying = False, False, ""
        self._place()
        self._state.hide()
        self.hide()

    def ask(self, options: tuple[Option, ...], texts: Texts, values: Mapping[str, str] | None = None) -> None:
        """Ask these in a language; what was typed stays, else the `values` stand there."""
        if [one.option for one in self.rows.values()] != list(options):
            self._make(options, values or {})
        self.setVisible(bool(options))
        self._heading.setText(texts.say("options.title"))
        self._intro.setText(texts.say("options.intro"))
        self.save.setText(texts.say("options.save"))
        for row in self.rows.values():
            row.say(texts)
        self._saying = texts.say("options.saved")
        if self._saved:
            self._state.setText(self._saying)

    def show_saved(self) -> None:
        """Say that the values are kept."""
        self._saved, self._touched = True, False
        self._state.setText(self._saying)
        self._tell_state(Tone.GOOD)
        self.changed.emit()

    def show_failed(self, said: str) -> None:
        """Say why they are not."""
        self._state.setText(said)
        self._tell_state(Tone.BAD)

    def _tell_state(self, tone: Tone) -> None:
        self._state.set_tone(tone)
        self._state.show()
        announce(self.save, self._state.text())

    def waits(self) -> bool:
        """Tell whether there is something to save: what was typed, or what the partner cannot do without."""
        return not self._saved and (self._touched or any(row.option.required for row in self.rows.values()))

    def first_open(self) -> QLineEdit | None:
        """Return the first line that has to be filled in, if there is one."""
        lines = (row.line for row in self.rows.values() if row.option.required and not row.value())
        return next(lines, None) if self.waits() else None

    def forget(self) -> None:
        """Ask nothing any more."""
        self._make((), {})
        self.hide()

    @Slot()
    def _tell(self) -> None:
        wrong = [row for row in self.rows.values() if not row.check()]
        if wrong:
            wrong[0].line.setFocus()
            self.missed.emit(wrong[0])
            announce(wrong[0].line, wrong[0].help.text())
        else:
            self.wished.emit({name: row.value() for name, row in self.rows.items() if row.value()})

    def _unsaved(self) -> None:
        self._saved, self._touched = False, True
        self._state.hide()
        self.changed.emit()

    def _make(self, options: tuple[Option, ...], values: Mapping[str, str]) -> None:
        for row in self.rows.values():
            row.hide()
            row.deleteLater()
        self._saved = self._touched = False
        self._state.hide()
        self.rows = {one.name: OptionRow(one, values.get(one.name, "")) for one in options}
        for row in self.rows.values():
            row.line.textEdited.connect(self._unsaved)
            self._fields.addWidget(row)

    def _place(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.save)
        foot.addWidget(self._state, 1_000)
        foot.addStretch(1)
        for widget in (self._heading, self._intro):
            self._column.addWidget(widget)
        self._column.addLayout(self._fields)
        self._column.addLayout(foot)


class OptionRow(QWidget):
    """One question: its label, its line, and beneath it what helps or what is wrong."""

    def __init__(self, option: Option, value: str) -> None:
        super().__init__()
        self.option = option
        self._texts: Texts | None = None
        self._problem = ""
        self._label, self.line, self.help = QLabel(), QLineEdit(value), Note()
        self.mark = Icon("cross", Tone.BAD)
        self._label.setBuddy(self.line)
        look.pad(self.line)
        self.line.setMaxLength(40)
        self.line.setMaximumWidth(look.em(self, 16))
        self.line.setMinimumHeight(look.em(self, HIGH))
        self.line.textEdited.connect(self._edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 1))
        beneath = QHBoxLayout()
        beneath.setSpacing(look.gap(self, 2))
        beneath.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        beneath.addWidget(self.help, 1)
        for widget in (self._label, self.line):
            column.addWidget(widget)
        column.addLayout(beneath)

    def value(self) -> str:
        """Return the answer as it is kept."""
        return self.option.value(self.line.text())

    def check(self) -> bool:
        """Say what is wrong with the answer, if anything, and tell whether it is fit to keep."""
        self._problem = self.option.problem(self.line.text())
        self._say_help()
        return not self._problem

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        self._texts = texts
        label = self.option.label[texts.language]
        self._label.setText(label.replace("&", "&&"))
        self.line.setAccessibleName(label)
        self._say_help()

    def _edited(self) -> None:
        self._problem = ""
        self._say_help()

    def _say_help(self) -> None:
        texts = self._texts
        if not texts:
            return
        own = self.option.help[texts.language] if self.option.help else ""
        free = "" if self.option.required else texts.say("options.optional")
        said = texts.say(f"options.{self._problem}") if self._problem else " ".join(filter(None, (own, free)))
        self.help.setText(said)
        self.help.setVisible(bool(said))
        self.help.set_tone(Tone.BAD if self._problem else None)
        self.mark.setVisible(bool(self._problem))
        self.line.setAccessibleDescription(said)
