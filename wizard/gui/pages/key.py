"""The page with the guide, and the field docked from the step where its value is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.guide_view import GuideView
from wizard.gui.widgets.parts import Button, Icon, Note, Panel, announce
from wizard.gui.widgets.secret_edit import SecretEdit

if TYPE_CHECKING:
    from wizard.core.errors import WizardError
    from wizard.core.provider import CredentialField, Provider
    from wizard.core.texts import Texts


class KeyPage(Page):
    """Takes the customer by the hand to the key. `stepped` when another step is shown."""

    stepped = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self._provider: Provider | None = None
        self._at = 0
        self._docked = False
        self.steps = Choices(slim=True)
        self.steps.picked.connect(self._go_to)
        self.guide = GuideView()
        self.have = QPushButton()
        self.previous, self.following = Button(), Button()
        self.previous.clicked.connect(lambda: self.show_step(self._at - 1))
        self.following.clicked.connect(lambda: self.show_step(self._at + 1))
        self.have.clicked.connect(self._dock_now)
        for button in (self.have, self.previous):
            button.setAutoDefault(False)
        self.fields: dict[str, FieldRow] = {}
        self._made: dict[str, dict[str, FieldRow]] = {}
        self._terms = Note()
        self._dock = Panel()
        self._dock_column = QVBoxLayout(self._dock)
        self._place()
        self.say(texts)

    def show_provider(self, provider: Provider) -> None:
        """Show a system's guide; what was pasted for another one is kept, in case the customer comes back."""
        if self._provider is provider:
            return
        self._provider, self._at, self._docked = provider, 0, False
        for row in self.fields.values():
            row.hide()
        if provider.slug not in self._made:
            self._made[provider.slug] = self._make_fields(provider)
        self.fields = self._made[provider.slug]
        for row in self.fields.values():
            row.show()
        self.say(self.texts)
        self.show_step(0)

    def pasted(self) -> dict[str, str]:
        """Return what each field holds, as it came: to be cleaned and wrapped at once."""
        return {name: row.edit.value() for name, row in self.fields.items()}

    def holds_secret(self) -> bool:
        """Tell whether anything is typed or pasted here, for any system."""
        return any(row.edit.filled() for row in self._every_row())

    def complete(self) -> bool:
        """Tell whether every field has something in it."""
        return bool(self.fields) and all(row.edit.filled() for row in self.fields.values())

    def show_error(self, error: WizardError) -> None:
        """Say what is wrong beside its field, and take the customer there."""
        self._dock_now()
        named = [self.fields[name] for name in error.fields if name in self.fields]
        for row in named or list(self.fields.values()):
            row.show_error(error)
        if named:
            self.show_guide_for(named[0].edit.objectName())
            named[0].edit.setFocus()
            self.bring_into_view(named[0])

    def show_warnings(self, keys: tuple[str, ...]) -> None:
        """Say what is risky about a value that was accepted all the same."""
        for row in self.fields.values():
            row.show_warnings(keys, self.texts)

    def show_step(self, at: int) -> None:
        """Show the step with that index, if there is one."""
        provider = self._provider
        if not provider or not 0 <= at < len(provider.guide):
            return
        self._at = at
        self.steps.choose(provider.guide[at].key)
        self.guide.show_step(provider, at, self.texts)
        self.previous.setEnabled(at > 0)
        self.following.setEnabled(at < len(provider.guide) - 1)
        self._dock_where_found()
        self.stepped.emit()

    def show_guide_for(self, field: str) -> None:
        """Show the step where a field's value is found, else the first."""
        guide = self._provider.guide if self._provider else ()
        self.show_step(next((at for at, step in enumerate(guide) if field and step.field == field), 0))

    def show_mend(self, key: str) -> None:
        """Show the step that mends what went wrong; without one, the one that is shown stays."""
        guide = self._provider.guide if self._provider else ()
        for at, step in enumerate(guide):
            if step.key == key:
                self.show_step(at)

    def at_last_step(self) -> bool:
        """Tell whether no step follows."""
        return not self.following.isEnabled()

    def spoken_step(self) -> int:
        """Return the number of the step as it is spoken, from 1."""
        return self._at + 1

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        self.have.setText(texts.say("key.have"))
        self.previous.setText(texts.say("key.previous"))
        self.following.setText(texts.say("key.following"))
        self.steps.setAccessibleName(texts.say("key.steps"))
        provider = self._provider
        if not provider:
            return
        self.title.setText(texts.say("key.title", provider))
        self._terms.setVisible(texts.has("terms", provider))
        self._terms.setText(texts.say("terms", provider) if texts.has("terms", provider) else "")
        self.steps.offer(
            [
                Choice(key=step.key, title=f"{number}  {texts.say(f'guide.{step.key}.title', provider)}")
                for number, step in enumerate(provider.guide, 1)
            ]
        )
        for row in self.fields.values():
            row.say(texts)
        self.show_step(self._at)

    def first_focus(self) -> QWidget:
        """Return the first empty field where the fields are shown, else the way to the next step."""
        empty = [row.edit for row in self.fields.values() if not row.edit.filled()]
        return empty[0] if self._docked and empty else self.following

    def forget(self) -> None:
        """Empty every field, and begin the guide anew the next time."""
        for row in self._every_row():
            row.edit.forget()
        self._provider, self._docked = None, False

    def _go_to(self, key: str) -> None:
        guide = self._provider.guide if self._provider else ()
        at = next((at for at, step in enumerate(guide) if step.key == key), self._at)
        if at != self._at:
            self.show_step(at)

    def _changed(self) -> None:
        self._dock_where_found()
        self.complete_changed.emit()

    def _go_on(self) -> None:
        """Show the next step when the value of this one is pasted; who types is not disturbed."""
        provider = self._provider
        if self.complete() and provider and provider.guide[self._at].field:
            self.show_step(self._at + 1)

    def _every_row(self) -> list[FieldRow]:
        return [row for rows in self._made.values() for row in rows.values()]

    def _make_fields(self, provider: Provider) -> dict[str, FieldRow]:
        rows = {one.name: FieldRow(one, provider) for one in provider.fields}
        for row in rows.values():
            self._dock_column.addWidget(row)
            row.edit.changed.connect(self._changed)
            row.edit.pasted.connect(self._go_on)
        return rows

    def _dock_where_found(self) -> None:
        guide = self._provider.guide if self._provider else ()
        found = any(step.field for step in guide[: self._at + 1])
        self._docked = self._docked or found or any(row.edit.filled() for row in self.fields.values())
        self._dock.setVisible(self._docked)
        self.have.setVisible(not self._docked)

    def _dock_now(self) -> None:
        """Show the fields at once, at the step where the first empty one's value is found."""
        self._docked = True
        empty = [name for name, row in self.fields.items() if not row.edit.filled()]
        if empty:
            self.show_guide_for(empty[0])
        self._dock_where_found()
        self.first_focus().setFocus()
        self.bring_into_view(self._dock)
        self.complete_changed.emit()

    def _place(self) -> None:
        self._dock.hide()
        self.column.addWidget(self._terms)
        self._dock_column.setContentsMargins(*[look.gap(self, 4)] * 4)
        row = QHBoxLayout()
        row.setSpacing(look.gap(self, 5))
        left = QVBoxLayout()
        self.steps.setMinimumWidth(look.em(self, 12))
        self.steps.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        left.addWidget(self.steps, 1)
        left.addWidget(self.have)
        row.addLayout(left, 2)
        right = QVBoxLayout()
        right.setSpacing(look.gap(self, 3))
        right.addWidget(self.guide)
        moving = QHBoxLayout()
        moving.addWidget(self.previous)
        moving.addWidget(self.following)
        moving.addStretch(1)
        right.addLayout(moving)
        right.addStretch(1)
        row.addLayout(right, 6)
        row.addStretch(1)  # long lines are hard to read; a width limit on labels would cut their last line
        self.column.addLayout(row, 1)
        self.column.addWidget(self._dock)


class FieldRow(QWidget):
    """A field: its name, the line, what to know of it, and what is wrong with it."""

    def __init__(self, field: CredentialField, provider: Provider) -> None:
        super().__init__()
        self._field, self._provider = field, provider
        self._error: WizardError | None = None
        self._name, self._help = QLabel(), Note()
        self._mark = Icon("lock")
        self.edit = SecretEdit()
        self.edit.setObjectName(field.name)
        self._name.setBuddy(self.edit)
        self.paste, self.clear = QPushButton(), QPushButton()
        self.paste.clicked.connect(self._paste)
        self.clear.clicked.connect(self._clear)
        self.edit.changed.connect(self._changed)
        self._place()

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what is wrong stays said."""
        self._texts = texts
        self._name.setText(texts.say(f"fields.{self._field.name}.label", self._provider))
        self.paste.setText(texts.say("key.paste"))
        self.clear.setText(texts.say("key.clear"))
        self.edit.setPlaceholderText(texts.say("key.paste_here"))
        self.edit.setAccessibleName(self._name.text())
        self.edit.setAccessibleDescription(texts.say(f"fields.{self._field.name}.help", self._provider))
        self.edit.name_actions(texts.say("key.paste"), texts.say("key.clear"))
        self._say_help()

    def show_error(self, error: WizardError) -> None:
        """Say what is wrong with the value."""
        self._error = error
        self._say_help()
        announce(self.edit, self._help.text())

    def show_warnings(self, keys: tuple[str, ...], texts: Texts) -> None:
        """Say what is risky about the value."""
        if keys:
            self._show(
                " ".join(texts.say(f"warnings.{key}", self._provider) for key in keys), "warning", Tone.WAIT
            )

    def _changed(self) -> None:
        self._error = None
        self._say_help()

    def _say_help(self) -> None:
        filled = self.edit.filled()
        self.clear.setEnabled(filled)
        if self._error:
            said = self._texts.explain(self._error, self._provider)
            self._show(f"{said.what} {said.why} {said.next}", "cross", Tone.BAD)
        elif filled:
            self._show(self._texts.say("key.filled"), "check", Tone.GOOD)
        else:
            self._show(self._texts.say(f"fields.{self._field.name}.help", self._provider), "lock", Tone.PLAIN)

    def _show(self, text: str, icon: str, tone: Tone) -> None:
        self._help.setText(text)
        self._help.set_tone(None if tone is Tone.PLAIN else tone)
        self._mark.show_icon(icon, tone)

    def _paste(self) -> None:
        self.edit.take_clipboard()
        self.edit.setFocus()

    def _clear(self) -> None:
        self.edit.forget()
        self.edit.setFocus()

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 1))
        column.addWidget(self._name)
        row = QHBoxLayout()
        self.edit.setMinimumHeight(look.em(self, 1.9))
        row.addWidget(self.edit, 1)
        for button in (self.paste, self.clear):
            button.setAutoDefault(False)
            row.addWidget(button)
        column.addLayout(row)
        below = QHBoxLayout()
        below.addWidget(self._mark)
        below.addWidget(self._help, 1)
        column.addLayout(below)
