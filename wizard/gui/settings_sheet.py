"""The sheet that changes what is not the key: own name, whom to contact, the day the key ends, options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from wizard.core.options import KINDS
from wizard.core.settings import LONGEST, OPTION, Settings
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.parts import HIGH, Heading, Icon, Note, announce
from wizard.gui.widgets.veil import veil

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.errors import WizardError
    from wizard.core.options import Option
    from wizard.core.texts import Texts

NAMES = ("label", "contact", "expires")

_HIGH = 5
"""How high a question of the partner's is, in lines of text."""


class SettingsSheet(Sheet):
    """A line for each, and for each of the partner's questions. `save_wished` with what was typed."""

    save_wished = Signal(object)

    def __init__(
        self, parent: QWidget, texts: Texts, given: Settings, options: tuple[Option, ...] = ()
    ) -> None:
        super().__init__(parent, texts, "settings")
        self._before, self._options = given, options
        self._area = Area() if options else None
        self._rows = self._area.column if self._area else self.column
        self.lines: dict[str, QLineEdit] = {}
        self.helps: dict[str, Note] = {}
        self.marks: dict[str, Icon] = {}
        values = {"label": given.label, "contact": given.contact, "expires": _written(given.expires)}
        for name in NAMES:
            self.add_line(
                name, texts.say(f"settings.{name}"), texts.say(f"settings.{name}_help"), values[name]
            )
        if options:
            self._add_options()
        self._state = Note(tone=Tone.BAD)
        self.save = self.button("settings.save")
        self.save.setDefault(True)
        self.save.lead()
        self.save.clicked.connect(lambda: self.save_wished.emit(self.given()))
        self._ended = False

    def _add_options(self) -> None:
        """Add a line for each of the partner's questions, beneath a heading of their own."""
        heading, texts = Heading(2), self.texts
        heading.setText(texts.say("options.title"))
        self._rows.addSpacing(look.gap(self, 2))
        self._rows.addWidget(heading)
        for one in self._options:
            kept = self._before.options.get(one.name, "")
            own = one.help[texts.language] if one.help else ""
            free = "" if one.required else texts.say("options.optional")
            label = one.label[texts.language].replace("&", "&&")
            value = _written(kept) if one.kind == "date" else kept
            self.add_line(OPTION + one.name, label, " ".join(filter(None, (own, free))), value)

    def add_line(self, name: str, label: str, help_text: str, value: str) -> None:
        """Add a line with its name and what it is for; every name once."""
        edit, called, helped = QLineEdit(), QLabel(label), Note()
        look.pad(edit)
        edit.setMaxLength(LONGEST)
        edit.setText(value)
        edit.setMinimumHeight(look.em(self, HIGH))
        if name in NAMES:
            veil(edit, self.texts)
        edit.setAccessibleName(re.sub("&(.)", r"\1", label))
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
        self._rows.addLayout(one)

    def open(self) -> None:
        """Place the buttons beneath all lines, and show it."""
        if not self._ended:
            self._ended = True
            self._rows.addStretch(1)
            if self._area:
                self.column.addWidget(self._area, 1)
            self.column.addWidget(self._state)
            self.finish(self.save, high=26 + _HIGH * len(self._options))
        super().open()
        self.lines["label"].setFocus()

    def given(self) -> Settings:
        """Return what is typed, as it came."""
        typed = {name: edit.text() for name, edit in self.lines.items()}
        answers = {one.name: typed[OPTION + one.name] for one in self._options}
        options = {**self._before.options, **answers}
        return Settings(options=options, **{name: typed[name] for name in NAMES})

    def show_problems(self, wrong: Mapping[str, str]) -> None:
        """Say beside each line what is wrong with it, and go to the first."""
        for name, reason in wrong.items():
            table = "options" if reason in {"needed", *KINDS} else "settings.wrong"
            said = self.texts.say(f"{table}.{reason}")
            self.marks[name].show()
            self.helps[name].set_tone(Tone.BAD)
            self.helps[name].setText(said)
            self.lines[name].setAccessibleDescription(said)
        first = next(name for name in self.lines if name in wrong)
        self.lines[first].setFocus()
        self.lines[first].selectAll()
        if self._area:
            self._area.ensureWidgetVisible(self.helps[first])
            self._area.ensureWidgetVisible(self.lines[first])
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


class Area(QScrollArea):
    """A column that scrolls: questions may be more than a window is high."""

    def __init__(self) -> None:
        super().__init__()
        self.setViewport(QWidget())  # to ask for Qt's own has PySide load every widget class: 10 ms
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(0, 0, look.gap(self, 3), 0)
        self.column.setSpacing(look.gap(self, 3))
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)


def _written(iso: str) -> str:
    """Return a day as people write it here."""
    return ".".join(reversed(iso.split("-"))) if iso.count("-") == 2 else iso
