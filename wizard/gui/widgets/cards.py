"""Cards: what stands beside the list of systems, made when the first is picked and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from wizard.core.quality import verified_on
from wizard.gui import clipboard, look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import LOW, Button, Combo, Heading, Icon, Note, Panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from wizard.core.provider import Environment, Provider
    from wizard.core.pulse import Pulse
    from wizard.core.texts import Texts

PARTS = ("role", "module", "minutes", "once", "lifetime", "reads", "never", "person")
"""What a card says of a system, in this order, as far as there is something to say."""

_PULSES = {"answers": ("check", Tone.GOOD), "silent": ("warning", Tone.WAIT), "asking": ("wait", Tone.PLAIN)}
_WAYS = ("phone", "email")
_MAY_BREAK = "\u200b"


class Sheet(Panel):
    """One sheet of text with a heading; its border says whether the arrow keys scroll it."""

    def __init__(self) -> None:
        super().__init__()
        self._lit = False
        self.title = Heading(2)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*[look.gap(self, 4)] * 4)
        self.column.setSpacing(look.gap(self, 1))
        self.column.addWidget(self.title)

    def light(self, *, on: bool) -> None:
        """Show that the focus is here, or that it is not."""
        self._lit = on
        self.update()

    def aloud(self) -> str:
        """Return all that stands here, for those who hear it."""
        return " ".join(one.text() for one in self.said() if one.text() and not one.isHidden())

    def said(self) -> list[QLabel]:
        """Return the labels beneath the heading, from above."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the border heavier where the focus is."""
        super().paintEvent(event)
        if self._lit:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 2.0))
            radius = look.gap(self, 2)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), radius, radius)
            painter.end()


class Card(Sheet):
    """What to have at hand before starting with one system, and whether it answers just now."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._provider: Provider | None = None
        self._texts: Texts | None = None
        self._pulse: Pulse | None = None
        self._icon, self._pulse_text = Icon(), Note(tone=Tone.PLAIN)
        self._assisted_icon, self._assisted = Icon("info", Tone.WAIT), Note(tone=Tone.WAIT)
        self.show_assisted(assisted=False)
        self._place, self._place_name = Combo(), QLabel()
        self._place.setMinimumHeight(look.em(self, LOW))
        self._place.currentIndexChanged.connect(self._move)
        self._names = {part: Note() for part in PARTS}
        self._lines = {part: QLabel() for part in PARTS}
        self._terms, self._verified = Note(), Note()
        self._lay_out()

    def environment(self) -> str:
        """Return the environment that is picked, or an empty text for the first."""
        name = str(self._place.currentData() or "")
        return "" if not self._provider or name == self._provider.environments[0].name else name

    def choose_environment(self, name: str) -> None:
        """Pick an environment, where it is offered."""
        at = self._place.findData(name)
        if at >= 0:
            self._place.setCurrentIndex(at)

    def say(self, provider: Provider, texts: Texts) -> None:
        """Show one system's; another one begins in its first environment."""
        if provider is not self._provider:
            self._pulse = None
        self._offer_places(provider, texts)
        self._provider, self._texts = provider, texts
        self.title.setText(texts.say("system.before"))
        for part in PARTS:
            key = f"before.{part}"
            said = texts.say(key, provider) if texts.has(key, provider) else ""
            self._names[part].setText(texts.say(f"system.{part}"))
            self._lines[part].setText(said)
            self._names[part].setVisible(bool(said))
            self._lines[part].setVisible(bool(said))
        self._show_if(self._terms, texts.terms(provider))
        self._show_if(self._verified, checked(provider, texts))
        self._assisted.setText(texts.say("system.assisted", provider))
        self._say_pulse()

    def said(self) -> list[QLabel]:
        """Return the labels beneath the heading, from above."""
        rows = [one for part in PARTS for one in (self._names[part], self._lines[part])]
        return [self._pulse_text, self._assisted, *rows, self._terms, self._verified]

    def show_assisted(self, *, assisted: bool) -> None:
        """Say that the partner does the testing, or leave it out."""
        self._assisted_icon.setVisible(assisted)
        self._assisted.setVisible(assisted)

    def show_pulse(self, pulse: Pulse | None) -> None:
        """Say whether the system answers; None where that could not be asked."""
        self._pulse = pulse
        if pulse:
            self._say_pulse()
        else:
            self._show_pulse_as("")

    def _say_pulse(self) -> None:
        provider, pulse = self._provider, self._pulse
        here = provider.environment(self.environment()) or provider.environments[0] if provider else None
        if not provider or not here or "api" not in here.endpoints:
            self._show_pulse_as("")
        elif pulse and (pulse.system, pulse.environment) == (provider.slug, here.name):
            self._show_pulse_as(pulse.state)
        else:
            self._show_pulse_as("asking")

    def _show_pulse_as(self, state: str) -> None:
        shown = state in _PULSES
        if shown and self._texts:
            self._icon.show_icon(*_PULSES[state])
            self._pulse_text.setText(self._texts.say(f"pulse.{state}", self._provider))
        self._icon.setVisible(shown)
        self._pulse_text.setVisible(shown)

    def _offer_places(self, provider: Provider, texts: Texts) -> None:
        places = shown_environments(provider, texts)
        at = self._place.currentIndex() if provider is self._provider else 0
        self._place.blockSignals(True)
        self._place.clear()
        for one in places:
            self._place.addItem(name_of_environment(one, texts), one.name)
        self._place.setCurrentIndex(at if 0 <= at < len(places) else 0)
        self._place.blockSignals(False)
        self._place_name.setText(texts.say("system.environment"))
        self._place.setAccessibleName(texts.say("system.environment").replace("&", ""))
        for widget in (self._place, self._place_name):
            widget.setVisible(len(places) > 1)

    def _move(self) -> None:
        self._say_pulse()
        self.moved.emit()

    def _add_row(self, lead: QWidget, rest: QWidget) -> None:
        row = QHBoxLayout()
        row.setSpacing(look.gap(self, 2))
        row.addWidget(lead, 0, Qt.AlignmentFlag.AlignTop if isinstance(lead, Icon) else Qt.AlignmentFlag(0))
        row.addWidget(rest, 1)
        self.column.addLayout(row)

    def _show_if(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _lay_out(self) -> None:
        self._place_name.setBuddy(self._place)
        self._add_row(self._icon, self._pulse_text)
        self._add_row(self._assisted_icon, self._assisted)
        self._add_row(self._place_name, self._place)
        for part in PARTS:
            self._lines[part].setWordWrap(True)
            self._lines[part].setTextFormat(Qt.TextFormat.PlainText)
            self._names[part].setContentsMargins(0, look.gap(self, 2), 0, 0)
            self.column.addWidget(self._names[part])
            self.column.addWidget(self._lines[part])
        for note in (self._terms, self._verified):
            note.setContentsMargins(0, look.gap(self, 2), 0, 0)
            self.column.addWidget(note)


class Absent(Sheet):
    """Whom to ask where a system is not here, and what may be done instead."""

    def __init__(self) -> None:
        super().__init__()
        self._ask, self._saft, self._send = QLabel(), QLabel(), QLabel()
        self._names = {way: Note() for way in _WAYS}
        self._values = {way: QLabel() for way in _WAYS}
        self._ways: dict[str, str] = {}
        self.copies = {way: Button() for way in _WAYS}
        self._second = Heading(2)
        for label in (self._ask, self._saft, self._send, *self._values.values()):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()

    def say(self, texts: Texts, *, closed: bool = False) -> None:
        """Speak a language; `closed` where the system is here, but the partner takes no keys to it."""
        self.title.setText(texts.say("absent.instead" if closed else "absent.title"))
        self._ask.setText(texts.say("absent.contact"))
        self._ways = {"phone": texts.preset.phone, "email": texts.preset.email}
        for way, value in self._ways.items():
            self._names[way].setText(texts.say(f"absent.{way}"))
            self._values[way].setText(value.replace("@", f"@{_MAY_BREAK}"))
            self.copies[way].setText(texts.say("buttons.copy"))
            self.copies[way].setAccessibleName(texts.say(f"absent.copy_{way}"))
            for widget in (self._names[way], self._values[way], self.copies[way]):
                widget.setVisible(bool(value))
        self._second.setText(texts.say("absent.saft"))
        self._saft.setText(texts.say("absent.saft_text"))
        self._send.setText(texts.say("absent.saft_send"))

    def said(self) -> list[QLabel]:
        """Return the labels beneath the heading, from above."""
        ways = [one for way in _WAYS for one in (self._names[way], self._values[way])]
        return [self._ask, *ways, self._second, self._saft, self._send]

    def _lay_out(self) -> None:
        self.column.setSpacing(look.gap(self, 2))
        self.column.addWidget(self._ask)
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.gap(self, 3))
        grid.setVerticalSpacing(look.gap(self, 1))
        for row, way in enumerate(_WAYS):
            self.copies[way].setAutoDefault(False)
            self.copies[way].clicked.connect(self._copier(way))
            grid.addWidget(self._names[way], 2 * row, 0, Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(self.copies[way], 2 * row, 1)
            grid.addWidget(self._values[way], 2 * row + 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.column.addLayout(grid)
        self._second.setContentsMargins(0, look.gap(self, 3), 0, 0)
        for widget in (self._second, self._saft, self._send):
            self.column.addWidget(widget)

    def _copier(self, way: str) -> Callable[[], None]:
        return lambda: clipboard.copy(self._ways[way])


def shown_environments(provider: Provider, texts: Texts) -> list[Environment]:
    """Return the environments to choose among: the preset's one, else all but those it does not show."""
    wanted = provider.environment(texts.preset.value(provider.slug, "environment"))
    if wanted:
        return [wanted]
    return [one for one in provider.environments if not one.test or texts.preset.test_environments]


def name_of_environment(environment: Environment, texts: Texts) -> str:
    """Return what an environment is called."""
    key = f"environments.{environment.name}"
    return texts.say(key) if texts.has(key) else environment.name


def checked(provider: Provider, texts: Texts) -> str:
    """Return when the guide was last compared with the vendor's, or an empty text where nobody says."""
    day = verified_on(provider)
    if not day:
        return ""
    when = QLocale(texts.language).toString(QDate(day.year, day.month, day.day), texts.say("system.date"))
    return texts.say("system.verified", date=when)
