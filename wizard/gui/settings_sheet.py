"""The sheet that changes what is not the key: own name, whom to contact, the day the key ends, options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from wizard.core.settings import LONGEST, Settings
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.parts import HIGH, Icon, Note, announce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from wizard.core.errors import WizardError
    from wizard.core.texts import Texts

NAMES = ("label", "contact", "expires")


class SettingsSheet(Sheet):
    """A line for each. `save_wished` with what was typed; `add_line` adds one for an option."""

    save_wished = Signal(object)

    def __init__(self, parent: QWidget, texts: Texts, given: Settings) -> None:
        super().__init__(parent, texts, "settings")
        self.lines: dict[str, QLineEdit] = {}
        self.helps: dict[str, Note] = {}
        self.marks: dict[str, Icon] = {}
        values = {"label": given.label, "contact": given.contact, "expires": _written(given.expires)}
        for name in NAMES:
            self.add_line(
                name, texts.say(f"settings.{name}"), texts.say(f"settings.{name}_help"), values[name]
            )
        self._state = Note(tone=Tone.BAD)
        self.save = self.button("settings.save")
        self.save.setDefault(True)
        self.save.clicked.connect(lambda: self.save_wished.emit(self.given()))
        self._ended = False

    def add_line(self, name: str, label: str, help_text: str, value: str) -> None:
        """Add a line with its name and what it is for; every name once."""
        edit, called, helped = QLineEdit(), QLabel(label), Note()
        edit.setMaxLength(LONGEST)
        edit.setText(value)
        edit.setMinimumHeight(look.em(self, HIGH))
        shown = QLineEdit.EchoMode.Password if self.texts.share_safe else QLineEdit.EchoMode.Normal
        edit.setEchoMode(shown)
        edit.setAccessibleName(label.replace("&", ""))
        edit.setAccessibleDescription(help_text)
        called.setBuddy(edit)
        helped.setText(help_text)
        edit.textEdited.connect(lambda: self._clear(name, help_text))
        self.lines[name], self.helps[name] = edit, helped
        mark = self.marks[name] = Icon("cross", Tone.BAD)
        mark.hide()
        beneath = QHBoxLayout()
        beneath.setSpacing(look.gap(self, 2))
        beneath.addWidget(mark)
        beneath.addWidget(helped, 1)
        one = QVBoxLayout()
        one.setSpacing(look.gap(self, 1))
        one.addWidget(called)
        one.addWidget(edit)
        one.addLayout(beneath)
        self.column.addLayout(one)

    def open(self) -> None:
        """Place the buttons beneath all lines, and show it."""
        if not self._ended:
            self._ended = True
            self.column.addWidget(self._state)
            self.column.addStretch(1)
            self.finish(self.save, high=26)
        super().open()
        self.lines["label"].setFocus()

    def given(self) -> Settings:
        """Return what is typed, as it came."""
        typed = {name: edit.text() for name, edit in self.lines.items()}
        options = {name: value for name, value in typed.items() if name not in NAMES}
        return Settings(options=options, **{name: typed[name] for name in NAMES})

    def show_problems(self, wrong: Mapping[str, str]) -> None:
        """Say beside each line what is wrong with it, and go to the first."""
        for name, reason in wrong.items():
            said = self.texts.say(f"settings.wrong.{reason}")
            self.marks[name].show()
            self.helps[name].set_tone(Tone.BAD)
            self.helps[name].setText(said)
            self.lines[name].setAccessibleDescription(said)
        first = next(name for name in self.lines if name in wrong)
        self.lines[first].setFocus()
        self.lines[first].selectAll()
        announce(self.lines[first], self.helps[first].text())

    def show_trouble(self, error: WizardError) -> None:
        """Say why it could not be saved."""
        said = self.texts.explain(error)
        self._state.setText(f"{said.what} {said.next}")
        announce(self._state, self._state.text())

    def _clear(self, name: str, help_text: str) -> None:
        self.marks[name].hide()
        self.helps[name].set_tone(None)
        self.helps[name].setText(help_text)
        self.lines[name].setAccessibleDescription(help_text)


def _written(iso: str) -> str:
    """Return a day as people write it here."""
    return ".".join(reversed(iso.split("-"))) if iso.count("-") == 2 else iso
