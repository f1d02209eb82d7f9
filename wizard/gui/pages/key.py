"""The page with the guide, and the fields beneath its text from the step where the first value is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QTimer, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from wizard.core.flow import ASKED_BEFORE
from wizard.core.guide import sharing, spoken
from wizard.core.own_guide import steps_of
from wizard.core.paste import Seen
from wizard.core.provider import CredentialField
from wizard.gui import look, work
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.field_row import FieldRow, row_for
from wizard.gui.widgets.guide_view import GuideView, Steps
from wizard.gui.widgets.parts import Button, Heading, Note, Panel, Row
from wizard.gui.widgets.reveal import Showing
from wizard.gui.widgets.secret_edit import SecretEdit
from wizard.gui.widgets.step_aids import Aids, ShareNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from wizard.core.errors import WizardError
    from wizard.core.provider import GuideStep, Provider
    from wizard.core.texts import Texts

Doctor = Callable[[str, CredentialField], Seen]
"""Looks at what was pasted into a field."""

_NARROW = 54.0
_PASSES = 3
_LONGEST_NAME = 24.0

_STEP = "step "
"""What comes before a step's name where its tick is kept beside those of a guide's lists."""


class KeyPage(Page):
    """Takes the customer by the hand to the key.

    `stepped` when another step is shown, `walked` when the focus belongs elsewhere after that.
    """

    widest = 110.0
    stepped = Signal()
    walked = Signal()

    def __init__(self, texts: Texts, *, platform: str = "linux") -> None:
        super().__init__(texts)
        self.showing = Showing(platform)
        self._base: Provider | None = None
        self._provider: Provider | None = None
        self._steps: Steps = ()
        self._given: Mapping[str, str] = {}
        self._number = self._label = ""
        self._at = self._reached = 0
        self._docked = self._all = self._narrow = self._open = False
        self.methods, self._methods_title = Choices(), Heading(2)
        self._chosen_name, self.other = Note(tone=Tone.PLAIN), Button()
        self.steps = Choices(slim=True)
        self._ticked: set[tuple[str, str]] = set()
        self.share, self.aids = ShareNote(), Aids()
        self.guide = GuideView()
        self.have, self.previous, self.following = Button(), Button(), Button()
        self._missing = Note(tone=Tone.WAIT)
        self.fields: dict[str, FieldRow] = {}
        self._made: dict[str, dict[str, FieldRow]] = {}
        self._terms, self._dock = Note(), Panel()
        self._dock_column = QVBoxLayout(self._dock)
        self.doctor: Doctor = lambda _text, _field: Seen()
        self._connect()
        self._place()
        self.say(texts)

    def show_provider(
        self, provider: Provider, method: str = "", given: Mapping[str, str] | None = None
    ) -> None:
        """Show a system's guide; what was pasted for another one is kept, in case the customer comes back.

        `given` are values of the partner's that are kept on this machine; they go before the preset's.
        """
        if self._base is provider and self._given == (given or {}):
            return
        self._base, self._docked, self._given = provider, False, given or {}
        if provider.slug not in self._made:
            self._made[provider.slug] = self._make_fields(provider)
        self._show_method(method or self.texts.preset.method(provider))
        self.say(self.texts)
        self.show_step(0)

    @property
    def provider(self) -> Provider | None:
        """The system whose guide is shown, for the way to connect that is chosen."""
        return self._provider

    @property
    def step(self) -> GuideStep | None:
        """The step that is shown."""
        return self._steps[self._at] if self._steps else None

    def method(self) -> str:
        """Return the way to connect that is chosen, or an empty text where there is only one."""
        return self._provider.method if self._provider else ""

    def know_number(self, number: str, label: str = "") -> None:
        """Take the company's number and the customer's name for it, which were asked for before."""
        self._number, self._label = number, label
        self._say_letter()

    def pasted(self) -> dict[str, str]:
        """Return what each field holds, as it came: to be cleaned and wrapped at once."""
        known = {ASKED_BEFORE: self._number} if self._asked_before() else {}
        return known | {name: row.value() for name, row in self.fields.items()}

    def plain(self) -> dict[str, str]:
        """Return the answers that are no secrets, as far as they are given."""
        rows = {name: row.value().strip() for name, row in self.fields.items() if not row.secret}
        rows |= {ASKED_BEFORE: self._number} if self._asked_before() else {}
        return {name: value for name, value in rows.items() if value}

    def expected(self) -> dict[str, str]:
        """Return the answers that are no secrets as they will be: what is required will be given."""
        required = {name: "?" for name, row in self.fields.items() if not row.secret and row.required}
        return required | self.plain()

    def holds_secret(self) -> bool:
        """Tell whether any key is typed or pasted here, for any system."""
        return any(row.filled() for row in self._every_row() if row.secret)

    def holds_answer(self) -> bool:
        """Tell whether anything is typed, pasted or picked here, for any system."""
        return any(row.filled() for row in self._every_row())

    def complete(self) -> bool:
        """Tell whether every field that is required has something in it."""
        return self._provider is not None and all(row.ready() for row in self.fields.values())

    def refusal(self) -> WizardError | None:
        """Return why a key that was pasted, and is still there, may not be sent to this system."""
        keys = [row for row in self.fields.values() if row.secret and not row.field.text and row.filled()]
        return next((error for row in keys if (error := row.aftermath.refusal())), None)

    def show_error(self, error: WizardError) -> None:
        """Say what is wrong beside its field, and take the customer there."""
        self._dock_now()
        named = [self.fields[name] for name in error.fields if name in self.fields]
        secret = [row for row in self.fields.values() if row.secret]
        for at, row in enumerate(named or secret or list(self.fields.values())):
            row.show_error(error, first=at == 0)
        if named:
            self.show_guide_for(named[0].edit.objectName())
            named[0].edit.setFocus()
            self.bring_into_view(named[0])

    def show_warnings(self, warnings: tuple[tuple[str, str], ...]) -> None:
        """Say what is risky about values that were accepted all the same, each beside its field."""
        for name, row in self.fields.items():
            row.show_warnings(tuple(key for field, key in warnings if field == name), self.texts)

    def show_step(self, at: int) -> None:
        """Show the step with that index, if there is one."""
        provider = self._provider
        if provider and 0 <= at < len(self._steps):
            self._at, self._reached = at, max(at, self._reached)
            self.steps.choose(self._steps[at].key)
            self.guide.show_step(provider, self._steps, at, self.texts, self._values())
            self._say_done()
            self.aids.show_step(self._steps[at], provider, self.texts)
            self._say_share()
            self._say_letter()
            self._fold_methods()
            self.previous.setEnabled(at > 0)
        self.following.setEnabled(at < len(self._steps) - 1)
        self._dock_where_found()
        self._lay_out_now()
        self.stepped.emit()

    def _connect(self) -> None:
        self.methods.picked.connect(self._switch)
        self.steps.picked.connect(self._go_to)
        self.steps.ticks_changed.connect(self._note_ticks)
        self.aids.fold.toggled.connect(lambda: self.bring_into_view(self.aids.traps))
        self.previous.clicked.connect(lambda: self._walk_to(self._at - 1))
        self.following.clicked.connect(self._go_further)
        self.have.clicked.connect(self._dock_now)
        self.other.clicked.connect(self._show_ways)
        for button in (self.have, self.previous, self.other):
            button.setAutoDefault(False)

    def _lay_out_now(self) -> None:
        """Give every part its place at once: texts and pictures take their heights one after the other."""
        for _ in range(_PASSES if self.isVisible() else 0):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    def show_guide_for(self, field: str) -> None:
        """Show the step where a field's value is found, or is asked for, else the first."""
        fields = self._provider.fields if self._provider else ()
        asked = next((one.step for one in fields if one.name == field), "")
        found = [at for at, step in enumerate(self._steps) if field and step.field == field]
        found += [at for at, step in enumerate(self._steps) if asked and step.key == asked]
        self.show_step(found[0] if found else 0)

    def show_mend(self, key: str) -> None:
        """Show the step that mends what went wrong; without one, the one that is shown stays."""
        for at, step in enumerate(self._steps):
            if step.key == key:
                self.show_step(at)

    def step_key(self) -> str:
        """Return the key of the step that is shown, or an empty text."""
        return self._steps[self._at].key if self._steps else ""

    def fill_in(self, plain: Mapping[str, str], step: str, ticks: Iterable[str] = ()) -> None:
        """Take answers that are no secrets from before, and show the step where somebody stopped."""
        for name, value in plain.items():
            if name in self.fields and not self.fields[name].secret:
                self.fields[name].put(value)
        self._take_ticks(ticks)
        self.show_step(self._at)
        self.show_mend(step)

    def first_step(self) -> str:
        """Return the key of the guide's first step, or an empty text."""
        return self._steps[0].key if self._steps else ""

    def at_last_step(self) -> bool:
        """Tell whether no step follows."""
        return not self.following.isEnabled()

    def guides(self) -> bool:
        """Tell whether Enter leads on through the guide: until all is answered, or nothing is needed."""
        touched = any(row.filled() for row in self.fields.values())
        done = self.complete() and touched and not self._stepwise()
        return not self.at_last_step() and not done

    def spoken_step(self) -> int:
        """Return the number of the step as it is spoken, from 1."""
        return self._at + 1

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        self.have.setText(texts.say("key.have" if self._asks_key() else "key.have_form"))
        self.previous.setText(texts.say("key.previous"))
        self.following.setText(texts.say("key.following"))
        self.other.setText(texts.say("key.other"))
        self.steps.setAccessibleName(texts.say("key.steps"))
        provider = self._provider
        if not provider:
            return
        self.title.setText(texts.say("key.title" if self._asks_key() else "key.title_form", provider))
        self._terms.setText(texts.terms(provider))
        self._terms.setVisible(bool(self._terms.text()))
        self._say_methods()
        self.steps.offer([self._choice(at, step, provider) for at, step in enumerate(self._steps)])
        for row in self._made[provider.slug].values():
            row.say(texts)
        self.show_step(self._at)

    def first_focus(self) -> QWidget:
        """Return the methods to choose from, else the first empty field that is shown, else the next step."""
        untouched = self._at == 0 and not any(row.filled() for row in self.fields.values())
        if self.methods.isVisible() and untouched and not self._docked:
            return self.methods
        empty: list[QWidget] = [row.edit for row in self._asked_here() if not row.filled()]
        if self._docked and empty:
            return empty[0]
        letter = self.guide.letter
        if self._stepwise() and letter.isVisible():
            return letter.open
        return self.previous if self.at_last_step() and not self.complete() else self.following

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a key that is pasted anywhere on the page: who has it already need not look for the field."""
        row = next((one for one in self.fields.values() if one.secret and not one.filled()), None)
        if row and event.matches(QKeySequence.StandardKey.Paste) and isinstance(row.edit, SecretEdit):
            self._dock_now()
            row.edit.setFocus()
            row.edit.take_clipboard()
        else:
            super().keyPressEvent(event)

    def forget(self) -> None:
        """Empty every field, and begin the guide anew the next time."""
        for row in self._every_row():
            row.forget()
        self.guide.forget()
        self.share.forget()
        self._ticked = set()
        self._base, self._docked, self._given = None, False, {}
        self._number = self._label = ""

    def _show_method(self, name: str) -> None:
        """Show the guide and the fields of one way to connect; what the others hold stays in them."""
        if not self._base:
            return
        self._provider = self._base.by(name)
        values = self._values()
        self._steps = steps_of(self._provider, self.texts.preset, values)
        self._at = self._reached = 0
        self._all = False
        for row in self._every_row():
            row.hide()
        made = self._made[self._base.slug]
        wanted = [one.name for one in self._provider.fields if one.name != ASKED_BEFORE]
        self.fields = {name: made[name] for name in wanted}
        for row in self.fields.values():
            self._dock_column.addWidget(row)  # again, so that they stand in this method's order

    def _switch(self, name: str) -> None:
        if name and self._base and name != self.method():
            self._docked = False
            self._show_method(name)
            self.say(self.texts)
            self.complete_changed.emit()

    def _say_methods(self) -> None:
        """Offer the ways to connect, unless there is one only or the partner has chosen."""
        base = self._base or self._provider
        self._open = bool(base and len(base.methods) > 1 and not self.texts.preset.method(base))
        self._fold_methods()
        if not base or not self._open:
            return
        say = self.texts.say
        self._methods_title.setText(say("key.methods"))
        self.methods.setAccessibleName(say("key.methods"))
        rows = [
            Choice(
                key=one.name,
                title=say(f"methods.{one.name}.name", base),
                line=say(f"methods.{one.name}.help", base),
                radio=True,
            )
            for one in base.methods
        ]
        chosen = self.method()
        said = say("key.chosen", method=say(f"methods.{chosen}.name", base))
        self._chosen_name.setText(said)
        width = self._chosen_name.fontMetrics().horizontalAdvance(said) + 2
        self._chosen_name.setMinimumWidth(min(width, look.em(self, _LONGEST_NAME)))
        self.methods.blockSignals(True)
        self.methods.offer(rows)
        self.methods.choose(chosen)
        self.methods.blockSignals(False)

    def _fold_methods(self) -> None:
        """Show the ways to connect on the first step; later the chosen one, and how to change it."""
        first = self._at == 0
        for widget in (self.methods, self._methods_title):
            widget.setVisible(self._open and first)
        self._chosen.setVisible(self._open and not first)

    def _show_ways(self) -> None:
        self.show_step(0)
        self.methods.setFocus()

    def _walk_to(self, at: int) -> None:
        """Show a step; the focus goes along where it asks for something, or the way on ends there."""
        pressed = self.following if at > self._at else self.previous
        goes = self.methods.hasFocus() or self._stepwise()
        asked = self._visible_rows()
        self.show_step(at)
        if goes or not pressed.isEnabled() or self._visible_rows() != asked:
            self.walked.emit()
        QTimer.singleShot(0, self, self._see_start)

    def _see_start(self) -> None:
        """Scroll to the focus, but not past the start of the step: its warning and its text come first.

        A field is seen with what is said beneath it.
        """
        first = self.share if self.share.isVisible() else self.guide
        view, focus, gap = self.viewport(), self.focusWidget(), look.gap(self, 2)
        self.verticalScrollBar().setValue(0)
        begins = first.mapTo(view, QPoint()).y() - gap if self._at else 0
        if focus is not None:
            last = next((row for row in self.fields.values() if row.isAncestorOf(focus)), focus)
            ends = last.mapTo(view, last.rect().bottomLeft()).y() + gap
            self.verticalScrollBar().setValue(min(ends - view.height(), begins))

    def _visible_rows(self) -> list[FieldRow]:
        return self._asked_here() if self._docked else []

    def _values(self) -> dict[str, str]:
        """Return what the partner gave to copy: what is kept here goes before what the preset has."""
        preset = self.texts.preset.values.get(self._base.slug, {}) if self._base else {}
        return {**preset, **self._given}

    def _stepwise(self) -> bool:
        """Tell whether each step of a form asks for its own answers."""
        asked = (
            {one.step for one in self._provider.fields if one.name != ASKED_BEFORE}
            if self._provider
            else set()
        )
        several = len(self._steps) > 1 and self._open_at_once()
        return several and {step.key for step in self._steps}.issuperset(asked)

    def _asked_here(self) -> list[FieldRow]:
        """Return the fields to show: in a form those of the step, else those that the guide has come to."""
        places = {step.key: at for at, step in enumerate(self._steps)}
        fields = self._provider.fields if self._provider else ()
        found = {one.name: places.get(one.step, 0) for one in fields}
        if self._stepwise():
            return [row for name, row in self.fields.items() if found[name] == self._at]
        late = len(self._steps) if self._all else self._reached
        return [row for name, row in self.fields.items() if found[name] <= late or row.filled()]

    def _is_form(self) -> bool:
        """Tell whether nothing secret is asked for."""
        return not any(row.secret for row in self.fields.values())

    def _asks_key(self) -> bool:
        """Tell whether a key is asked for; a password is none, and is not fetched anywhere."""
        return any(row.secret and not row.field.text for row in self.fields.values())

    def _asked_before(self) -> bool:
        fields = self._provider.fields if self._provider else ()
        return bool(self._number) and any(one.name == ASKED_BEFORE for one in fields)

    def _go_to(self, key: str) -> None:
        at = next((at for at, step in enumerate(self._steps) if step.key == key), self._at)
        if at != self._at:
            self.show_step(at)
            QTimer.singleShot(0, self, self._see_start)

    def _choice(self, at: int, step: GuideStep, provider: Provider) -> Choice:
        """Return a row of the list of steps: its number as it is spoken, and whether it is done."""
        title = f"{spoken(at)}  {self.texts.say(f'guide.{step.key}.title', provider)}"
        return Choice(key=step.key, title=title, ticked=(provider.slug, step.key) in self._ticked)

    def ticked(self) -> tuple[str, ...]:
        """Return what is ticked off: steps, and what is ticked within them."""
        slug = self._provider.slug if self._provider else ""
        steps = (f"{_STEP}{key}" for one, key in sorted(self._ticked) if one == slug)
        return (*self.guide.ticked(), *steps)

    def _take_ticks(self, ticks: Iterable[str]) -> None:
        slug, kept = (self._provider.slug if self._provider else ""), tuple(ticks)
        self.guide.take_ticks(one for one in kept if not one.startswith(_STEP))
        self._ticked |= {(slug, one.removeprefix(_STEP)) for one in kept if one.startswith(_STEP)}

    def _note_ticks(self) -> None:
        """Keep what is ticked off, for whenever this guide is shown again."""
        slug = self._provider.slug if self._provider else ""
        done = {(slug, key) for key in self.steps.ticked()}
        self._ticked = done | (self._ticked - {(slug, step.key) for step in self._steps})
        self._say_done()

    def _say_done(self) -> None:
        """Say of the step that it is done where the list that would show it has no room."""
        if self._provider and self.step:
            done = (self._provider.slug, self.step.key) in self._ticked
            self.guide.show_done(self.texts, done=done and self._narrow)

    def _go_further(self) -> None:
        """Show the next step: with that, the one that is shown is done."""
        if step := self.step:
            self.steps.tick(step.key, ticked=True)
        self._walk_to(self._at + 1)

    def _say_share(self) -> None:
        """Say whether the screen may be shared at this step."""
        if self._provider and self._steps:
            keys = [row for row in self.fields.values() if row.secret and row.required]
            accepted = bool(keys) and all(row.accepted() for row in keys)
            share = sharing(self._steps, self._at, accepted=accepted)
            self.share.show_share(share, self._provider, self.texts)

    def _changed(self) -> None:
        self._dock_where_found()
        self._say_share()
        self._say_letter()
        self.complete_changed.emit()

    def _say_letter(self) -> None:
        """Show the letter of this step; before a form with steps is filled in, what is missing."""
        if not self._provider or not self._steps:
            return
        mail = self._steps[self._at].mail
        missing = [row.label() for row in self.fields.values() if not row.ready()]
        held = bool(mail and missing and self._stepwise())
        self._missing.setVisible(held)
        self._missing.setText(self.texts.say("key.missing", fields=", ".join(missing)) if held else "")
        answers = work.known_by(self._number, self._label) | self.plain()
        self.guide.show_letter(self._provider, "" if held else mail, self.texts, answers)

    def _open_at_once(self) -> bool:
        """Tell whether the fields are not what the guide's steps end in, so that they are shown at once."""
        found = {step.field for step in self._steps if step.field}
        asked = {one.name for one in self._provider.fields if one.required} if self._provider else set()
        return not found or (self._is_form() and not found.issuperset(asked - {ASKED_BEFORE}))

    def _go_on(self) -> None:
        """Show the next step when the value of this one is pasted; who types is not disturbed."""
        if self.complete() and self._steps and self._steps[self._at].field:
            self.show_step(self._at + 1)

    def _look_at(self, row: FieldRow, text: str) -> None:
        """Have a paste looked at, and its field say what came of it."""
        seen = self.doctor(text, row.field)
        own = row.field.name
        replaced = [name for name in seen.values if name != own and self.fields[name].filled()]
        row.take(seen, text, tuple(replaced))
        self._say_share()
        self._lay_out_now()
        if seen.sure and not seen.error:
            self.steps.tick(row.field.step, ticked=True)
            self._go_on()
        else:
            self.bring_into_view(row)

    def _use(self, row: FieldRow, seen: Seen) -> None:
        """Put what a paste brought into the fields where it belongs, and say so."""
        if row.field.name not in seen.values:
            row.forget()
        for name, value in seen.values.items():
            self.fields[name].put(value)
        if seen.error:
            row = self.fields[next(iter(seen.values))]
            row.tell("moved", name=row.label())
            row.edit.setFocus()
        else:
            row.tell("filled", names=row.aftermath.names(seen.values))
            self.first_focus().setFocus()
        self._go_on()

    def _every_row(self) -> list[FieldRow]:
        return [row for rows in self._made.values() for row in rows.values()]

    def _make_fields(self, provider: Provider) -> dict[str, FieldRow]:
        rows = {one.name: row_for(one, provider) for one in provider.every_field if one.name != ASKED_BEFORE}
        for row in rows.values():
            self._dock_column.addWidget(row)
            row.show_by(self.showing)
            row.changed.connect(self._changed)
            row.pasted.connect(partial(self._look_at, row))
            row.moved.connect(partial(self._use, row))
        return rows

    def _dock_where_found(self) -> None:
        found = any(step.field for step in self._steps[: self._at + 1])
        filled = any(row.filled() for row in self.fields.values())
        self._docked = self._docked or found or filled or self._open_at_once()
        several = len(self._steps) > 1
        here = self._asked_here()
        for row in self.fields.values():
            row.setVisible(row in here)
        self._dock.setVisible(self._docked and bool(here))
        self.steps.setVisible(several and not self._narrow)
        self.previous.setVisible(several)
        self.following.setVisible(several)
        for part in (self.guide, self.guide.beneath, self.aids):
            part.setVisible(bool(self._steps))
        self._have_row.setVisible(not self._docked)

    def _dock_now(self) -> None:
        """Show the fields at once, at the step where the first empty one's value is found."""
        self._docked = self._all = True
        empty = [name for name, row in self.fields.items() if not row.filled()]
        if empty:
            self.show_guide_for(empty[0])
        self._dock_where_found()
        self.first_focus().setFocus()
        self.bring_into_view(self._dock)
        self.complete_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the list of steps out where there is no room beside it: each says its number anyway."""
        super().resizeEvent(event)
        self._narrow = self.viewport().width() < look.em(self, _NARROW)
        self.steps.setVisible(len(self._steps) > 1 and not self._narrow)
        self.aids.stand(narrow=self._narrow)
        self._across.setStretch(2, 0 if self._narrow else 1)
        self._say_done()

    def _place(self) -> None:
        self._dock.hide()
        self._chosen = Row(self._chosen_name, self.other, space=3)
        self._have_row = Row(self.have)  # as wide as its words, also where it stands beneath
        for widget in (self._methods_title, self.methods, self._chosen, self._terms):
            self.column.addWidget(widget)
        self.methods.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.steps.setMinimumWidth(look.em(self, 12))
        self.steps.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._dock_column.setContentsMargins(*[look.gap(self, 4)] * 4)
        self._dock_column.setSpacing(look.gap(self, 3))
        self._across = row = QHBoxLayout()
        row.setSpacing(look.gap(self, 5))
        row.addWidget(self.steps, 2)
        row.addLayout(self._make_right(), 6)
        row.addStretch(1)  # long lines are hard to read; a width limit on labels would cut their last line
        self.column.addLayout(row, 1)

    def _make_right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(look.gap(self, 3))
        moving = Row(Row(self.previous, self.following))
        moving.add(self._have_row)
        for widget in (self.share, self.guide, self._dock, self._missing):
            right.addWidget(widget)
        right.addWidget(moving)
        right.addWidget(self.aids)
        right.addWidget(self.guide.beneath)
        right.addStretch(1)
        return right
