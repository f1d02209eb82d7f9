"""FieldRow: a field with its name, what to know of it, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from wizard.core.provider import MAX_TEXT
from wizard.core.secret import Secret
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.aftermath import Aftermath
from wizard.gui.widgets.line_edit import LineEdit
from wizard.gui.widgets.message import with_code
from wizard.gui.widgets.parts import HIGH, Button, Combo, Icon, Paragraph, Row, announce
from wizard.gui.widgets.secret_edit import SecretEdit
from wizard.gui.widgets.secret_tools import SecretTools
from wizard.gui.widgets.shadow import Shadow
from wizard.gui.widgets.veil import veil

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent

    from wizard.core.errors import WizardError
    from wizard.core.paste import Seen
    from wizard.core.provider import CredentialField, Provider
    from wizard.core.texts import Texts
    from wizard.gui.widgets.reveal import Showing

_EDITABLE = {"shape", "check_digit"}
"""The reasons of refusals after which a text may stand in a line, to be corrected."""


class FieldRow(QWidget):
    """What all fields share.

    `changed` with something else in it, `pasted` with the text of a paste, `moved` with what came of one that
    the customer wants in the fields where it belongs.
    """

    changed = Signal()
    pasted = Signal(str)
    moved = Signal(object)
    edit: Any  # a SecretEdit, a QLineEdit or a QComboBox
    icon = "info"

    def __init__(self, field: CredentialField, provider: Provider, edit: QWidget) -> None:
        super().__init__()
        self._field, self._provider, self.edit = field, provider, edit
        self._error: WizardError | None = None
        self._first = True
        self.aftermath = Aftermath()
        self.aftermath.undone.connect(self._undo)
        self.aftermath.used.connect(self.moved)
        self.aftermath.left.connect(self._leave)
        self._name, self._help = QLabel(), Paragraph(lines=2)  # one line or two: no jump
        self._name.setWordWrap(True)
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._mark = Icon(self.icon)
        self.edit.setObjectName(field.name)
        self._name.setBuddy(self.edit)
        self._place()

    def value(self) -> str:
        """Return what is in it, as it came."""
        raise NotImplementedError

    def filled(self) -> bool:
        """Tell whether anything is in it."""
        raise NotImplementedError

    def forget(self) -> None:
        """Empty it."""
        raise NotImplementedError

    def put(self, value: Secret | str) -> None:
        """Put a value in place of what was there."""
        raise NotImplementedError

    def take(self, seen: Seen, pasted: str, replaces: tuple[str, ...] = ()) -> None:
        """Put in what came of a paste, or say why not; what is offered `replaces` what those fields hold."""

    def tell(self, key: str, **facts: object) -> None:
        """Say something of what was just done with the value."""
        self._error = None
        self.aftermath.tell(key, **facts)
        self._say_aloud()

    def show_by(self, showing: Showing) -> None:
        """Take what shows secrets in this window; only a row for a secret needs it."""

    def label(self) -> str:
        """Return its name."""
        return self._say("label")

    @property
    def field(self) -> CredentialField:
        """What it is a row for."""
        return self._field

    @property
    def secret(self) -> bool:
        """Whether what is in it may not be shown."""
        return self._field.secret

    @property
    def required(self) -> bool:
        """Whether it may not be left out."""
        return self._field.required

    def ready(self) -> bool:
        """Tell whether it has all it needs."""
        return self.filled() or not self.required

    def accepted(self) -> bool:
        """Tell whether what is in it has the form that it must have, and nothing is asked or wrong."""
        good = bool(self._field.pattern.fullmatch(self._field.prepared(self.value())))
        return good and not (self._error or self.aftermath.refusal() or self.aftermath.asks())

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what is wrong stays said."""
        self._texts = texts
        label = self._say("label")
        self.aftermath.say(texts, self._provider)
        self._name.setText(label if self._field.required else texts.say("key.optional", label=label))
        self.edit.setAccessibleName(self._name.text().replace("&", ""))
        self._say_help()

    def show_error(self, error: WizardError, *, first: bool = True) -> None:
        """Say what is wrong with the value; where several share it, the `first` says why and what next."""
        self._error, self._first = error, first
        self._say_aloud()

    def show_warnings(self, keys: tuple[str, ...], texts: Texts) -> None:
        """Say what is risky about the value."""
        if keys:
            said = " ".join(texts.say(f"warnings.{key}", self._provider) for key in keys)
            self._show(said, "warning", Tone.WAIT)

    def _note_change(self) -> None:
        self._error = None
        self.aftermath.forget()
        self._say_help()
        self.changed.emit()

    def _see(self, seen: Seen, pasted: Secret | str, replaces: tuple[str, ...], *, held: bool = True) -> None:
        """Say what came of a paste, once what is to be held is held."""
        self._error, self._first = seen.error, True
        self.aftermath.take(seen, pasted, replaces=replaces, held=held)
        if self._error or self.aftermath.text():
            self._say_aloud()
        else:
            self._say_help()

    def _say_aloud(self) -> None:
        self._say_help()
        announce(self.edit, " ".join((self._help.text(), *self.aftermath.words())))

    def _undo(self, pasted: Secret | str) -> None:
        self.put(pasted)
        self.tell("undone")
        self.edit.setFocus()

    def _leave(self) -> None:
        self.aftermath.forget()
        self._say_aloud()
        self.edit.setFocus()

    def _say(self, part: str) -> str:
        return self._texts.say(f"fields.{self._field.name}.{part}", self._provider)

    def _say_help(self) -> None:
        if self._error:
            said = self._texts.explain(self._error, self._provider)
            whole = f"{said.what} {said.why} {said.next}" if self._first else said.what
            self._show(
                with_code(whole, self._error, self._texts, self._provider) if self._first else whole,
                "cross",
                Tone.BAD,
            )
        elif after := self.aftermath.text():
            taken = "" if self.aftermath.asks() else self._place_taken()
            self._show(f"{taken} {after}".strip(), *self.aftermath.sign())
        else:
            self._say_state()

    def _say_state(self) -> None:
        self._show(self._say("help"), self.icon, Tone.PLAIN)

    def _place_taken(self) -> str:
        """Return what is said of a value that is in its place, where that cannot be seen."""
        return ""

    def _show(self, text: str, icon: str, tone: Tone) -> None:
        self._help.setText(text)
        self.edit.setAccessibleDescription(text)
        self._help.set_tone(None if tone is Tone.PLAIN else tone)
        self._mark.show_icon(icon, tone)

    def _buttons(self) -> tuple[Button, ...]:
        return ()

    def _place(self) -> None:
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 1))
        column.addWidget(self._name)
        self.edit.setMinimumHeight(look.em(self, HIGH))
        line = Row(ends=False, least=26 if self.secret else 0)  # what is pasted is not squeezed
        line.add(self.edit, 1)
        if not self.secret:
            self.edit.setMaximumWidth(look.em(self, 32))
        if self._buttons():
            for button in self._buttons():
                button.setAutoDefault(False)
            line.add(Row(*self._buttons(), ends=False))
        if not self.secret:
            line.end()
        column.addWidget(line)
        saying = QWidget()
        self._below = below = QHBoxLayout(saying)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._help, 1)
        self._after = Row(ends=False, least=30)
        self._after.add(saying, 1)
        self._after.add(self.aftermath)
        column.addWidget(self._after)


class SecretRow(FieldRow):
    """A field for a secret, to be pasted."""

    edit: SecretEdit
    icon = "lock"

    def __init__(self, field: CredentialField, provider: Provider) -> None:
        self.paste, self.clear = Button(), Button()
        super().__init__(field, provider, SecretEdit())
        Shadow(self.edit)
        self.paste.clicked.connect(self._paste)
        self.clear.clicked.connect(self._clear)
        self.edit.changed.connect(self._note_change)
        self.edit.pasted.connect(lambda: self.pasted.emit(self.edit.value()))
        self.tools = SecretTools(self.edit, field)
        self.tools.told.connect(self._tell)
        self.tools.align(self._mark.sizeHint().width() + self._below.spacing())
        self._column.addWidget(self.tools)

    def value(self) -> str:
        """Return what is in it, as it came: to be cleaned and wrapped at once."""
        return self.edit.value()

    def filled(self) -> bool:
        """Tell whether anything is in it."""
        return self.edit.filled()

    def forget(self) -> None:
        """Empty it; there is no way back."""
        self.edit.forget()

    def put(self, value: Secret | str) -> None:
        """Put a secret in place of what was there."""
        if isinstance(value, Secret):
            self.edit.put(value)

    def take(self, seen: Seen, pasted: str, replaces: tuple[str, ...] = ()) -> None:
        """Put in what came of a paste; what is not sure stays as it was pasted, and is told."""
        kept = Secret(pasted) if seen.removed and seen.sure and not seen.error else ""
        if seen.error and seen.error.facts.get("reason") == "too_long":
            self.edit.forget()
        elif kept:
            self.put(seen.values[self._field.name])
        self._see(seen, kept, replaces)

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what is wrong stays said."""
        self.paste.setText(texts.say("key.paste"))
        self.clear.setText(texts.say("key.clear"))
        self.edit.setPlaceholderText(texts.say("key.paste_here"))
        self.edit.name_actions(texts.say("key.paste"), texts.say("key.clear"))
        super().say(texts)
        self.tools.say(self.label(), texts)

    def show_by(self, showing: Showing) -> None:
        """Take what shows secrets in this window."""
        self.tools.show_by(showing)

    def _tell(self, text: str, warns: bool) -> None:  # noqa: FBT001  # the signal told(str, bool) calls it
        """Say something else of what is in it for a while; an empty text ends that."""
        if text:
            self._show(text, "warning" if warns else "info", Tone.WAIT if warns else Tone.PLAIN)
        elif hasattr(self, "_texts"):  # it is not said anything yet while it is made
            self._say_help()

    def _say_help(self) -> None:
        self.clear.setEnabled(self.filled())
        super()._say_help()

    def _say_state(self) -> None:
        if self.filled():
            self._show(self._place_taken(), "check", Tone.GOOD)
        else:
            super()._say_state()

    def _place_taken(self) -> str:
        return self._texts.say("key.filled") if self.filled() else ""

    def _buttons(self) -> tuple[Button, ...]:
        return self.paste, self.clear

    def _paste(self) -> None:
        self.edit.take_clipboard()
        self.edit.setFocus()

    def _clear(self) -> None:
        self.edit.forget()
        self.edit.setFocus()


class LineRow(FieldRow):
    """A field that is typed and shown as it is."""

    edit: LineEdit

    def __init__(self, field: CredentialField, provider: Provider) -> None:
        super().__init__(field, provider, LineEdit())
        self.edit.setMaxLength(MAX_TEXT)
        self.edit.brought.connect(self.pasted)
        self.edit.textChanged.connect(self._note_change)

    def value(self) -> str:
        """Return what is typed."""
        return self.edit.text()

    def filled(self) -> bool:
        """Tell whether anything is typed."""
        return bool(self.edit.text().strip())

    def forget(self) -> None:
        """Empty it, and what could bring it back."""
        self.edit.clear()
        self.aftermath.forget()

    def put(self, value: Secret | str) -> None:
        """Put a value in place of what was there."""
        if isinstance(value, str):
            self.edit.setText(value)

    def take(self, seen: Seen, pasted: str, replaces: tuple[str, ...] = ()) -> None:
        """Put in what came of a paste; what may not be shown, or does not fit whole, is left out."""
        reason = seen.error.facts.get("reason") if seen.error else "shape"
        shown = reason in _EDITABLE and not seen.holds_secret and len(pasted) <= MAX_TEXT
        own = seen.values.get(self._field.name) if seen.sure else None
        if own is not None or shown:
            self.put(pasted if own is None else own)
        self._see(seen, pasted if own is not None and seen.removed and shown else "", replaces, held=shown)

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what others may not see on a shared screen is veiled."""
        veil(self.edit, texts)
        super().say(texts)

    def _note_change(self) -> None:
        if hasattr(self, "_texts"):  # it is not said anything yet while it is made
            super()._note_change()


class OptionRow(FieldRow):
    """A field whose value is picked among a few."""

    edit: QComboBox

    def __init__(self, field: CredentialField, provider: Provider) -> None:
        super().__init__(field, provider, _Picker())
        for name in ("", *field.options):
            self.edit.addItem("", name)
        self.edit.currentIndexChanged.connect(self._note_change)

    def value(self) -> str:
        """Return the name of what is picked, or an empty text."""
        return str(self.edit.currentData() or "")

    def filled(self) -> bool:
        """Tell whether anything is picked."""
        return bool(self.value())

    def forget(self) -> None:
        """Pick nothing."""
        self.edit.setCurrentIndex(0)

    def put(self, value: Secret | str) -> None:
        """Pick what has that name."""
        self.edit.setCurrentIndex(max(0, self.edit.findData(value)))

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what is picked stays picked."""
        self.edit.setItemText(0, texts.say("key.pick"))
        for at, name in enumerate(self._field.options, 1):
            said = texts.say(f"fields.{self._field.name}.options.{name}", self._provider)
            self.edit.setItemText(at, said)
        super().say(texts)


class _Picker(Combo):
    """A list to pick from that the wheel does not change: one scrolls the page over it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


def row_for(field: CredentialField, provider: Provider) -> FieldRow:
    """Return the row that a field needs."""
    kind = SecretRow if field.secret else OptionRow if field.options else LineRow
    return kind(field, provider)
