"""GuideView: one step of a provider's guide: text, things to tick off or copy; a letter and a drawing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QByteArray, QEvent, QRectF, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QFont, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from wizard.core.guide import spoken
from wizard.core.texts import folder
from wizard.gui import clipboard, look
from wizard.gui.look import Tone
from wizard.gui.widgets.cards import checked
from wizard.gui.widgets.letter_view import LetterView
from wizard.gui.widgets.parts import HIGH, Button, Heading, Note, announce
from wizard.gui.widgets.ticks import Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from wizard.core.provider import GuideStep, Provider
    from wizard.core.texts import Texts

Steps = tuple["GuideStep", ...]
"""The steps that are shown to one partner's customers."""

_COPIED_FOR = 2_000
_LARGE = 1.6
_DOWN, _ACROSS = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
_WIDEST = 28.0


class GuideView(QWidget):
    """Shows a step. `open_page` is called with the address of the vendor's page.

    `beneath` holds the letter and the drawing, for the page to place: however high they are, the way on
    stands above them.
    """

    def __init__(self, open_page: Callable[[str], object] | None = None) -> None:
        super().__init__()
        self._open_page = open_page or _browse
        self._number, self._title, self._text = Note(), Heading(2), QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._warning = Note(tone=Tone.WAIT)
        self._drawing, self._drawn = Drawing(), False
        self._verified = Note()
        self._copies, self._ticking = QVBoxLayout(), QVBoxLayout()
        self._at = self._count = 0
        self._rows: list[QWidget] = []
        self.ticks: list[Tick] = []
        self._ticked: set[str] = set()
        self.letter, self.beneath = LetterView(), QWidget()
        self.open = Button()
        self.open.setAutoDefault(False)
        self.open.clicked.connect(self._browse)
        self._address = ""
        self._place()

    def show_step(
        self, provider: Provider, steps: Steps, at: int, texts: Texts, given: Mapping[str, str]
    ) -> None:
        """Show the step with that index and what was given to copy; its letter is the page's to fill in."""
        step = steps[at]
        values = {name: given.get(name, "") for name in step.copy}
        self._at, self._count = at, len(steps)
        self.show_done(texts, done=False)
        self._number.setVisible(len(steps) > 1)
        self._title.setText(texts.say(f"guide.{step.key}.title", provider, **values))
        self._text.setText(texts.say(f"guide.{step.key}.text", provider, **values))
        self._show_warning(step, provider, texts)
        self._show_open(step, provider, texts)
        self._show_ticks(step, provider, texts)
        self._show_copies(values, provider, texts, large=step.large)
        self._show_drawing(step, provider, texts)
        self._verified.setText(checked(provider, texts))
        self._verified.setVisible(bool(self._verified.text()))

    def show_done(self, texts: Texts, *, done: bool) -> None:
        """Say which step it is, and, where nothing else shows it, that it is done."""
        key = "key.step_done" if done else "key.step"
        self._number.setText(texts.say(key, number=spoken(self._at), n=self._at + 1, m=self._count))

    def show_letter(self, provider: Provider, mail: str, texts: Texts, plain: Mapping[str, str]) -> None:
        """Show the step's letter; it is picture enough. Without a name, there is none."""
        self.letter.show_letter(provider, mail, texts, plain)
        self._drawing.setVisible(self._drawn and not mail)

    def forget(self) -> None:
        """Take every tick away."""
        self._ticked = set()

    def _show_warning(self, step: GuideStep, provider: Provider, texts: Texts) -> None:
        """Show what the partner warns of at this step, if it does."""
        said = texts.warning(provider, step.key)
        self._warning.setText(f"{texts.say('own.warning')} {said}" if said else "")
        self._warning.setVisible(bool(said))

    def ticked(self) -> tuple[str, ...]:
        """Return what is ticked, in every step."""
        return tuple(sorted(self._ticked))

    def take_ticks(self, ticked: Iterable[str]) -> None:
        """Tick what was ticked before; it shows when a step is shown anew."""
        self._ticked = set(ticked)

    def _show_ticks(self, step: GuideStep, provider: Provider, texts: Texts) -> None:
        for tick in self.ticks:
            tick.hide()
            tick.deleteLater()
        self.ticks = []
        for name in step.ticks:
            tick, place = Tick(), f"{provider.slug}.{step.key}.{name}"
            tick.say(texts.say(f"guide.{step.key}.ticks.{name}", provider))
            tick.tick(place in self._ticked)
            tick.toggled.connect(partial(self._note_tick, place))
            self._ticking.addWidget(tick)
            tick.show()  # at once: a layout would show it only when the event loop is reached
            self.ticks.append(tick)

    def _note_tick(self, place: str, ticked: bool) -> None:  # noqa: FBT001  # the signal toggled(bool)
        (self._ticked.add if ticked else self._ticked.discard)(place)

    def _show_open(self, step: GuideStep, provider: Provider, texts: Texts) -> None:
        self._address = step.opens
        self.open.setVisible(bool(step.opens))
        self.open.setText(texts.say("key.open", address=urlsplit(step.opens).hostname))
        self.open.setToolTip(texts.say("key.opens"))

    def _show_copies(
        self, values: Mapping[str, str], provider: Provider, texts: Texts, *, large: bool
    ) -> None:
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [
            _copy_row(texts.say(f"values.{name}", provider), value, texts, large=large)
            for name, value in values.items()
        ]
        for row in self._rows:
            self._copies.addWidget(row)
            row.show()

    def _show_drawing(self, step: GuideStep, provider: Provider, texts: Texts) -> None:
        self._drawn = bool(step.image)
        self._drawing.setVisible(self._drawn)
        if step.image:
            name = step.image.removesuffix(".svg")
            template = (folder(provider.package) / "images" / step.image).read_text(encoding="utf-8")
            self._drawing.draw(template, texts.words("drawing", provider))
            self._drawing.setAccessibleName(texts.say(f"images.{name}", provider))
            self._drawing.setAccessibleDescription(texts.say("key.picture"))

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 2))
        column.addWidget(self._number)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addWidget(self._warning)
        column.addLayout(self._ticking)
        column.addLayout(self._copies)
        opening = QHBoxLayout()
        opening.addWidget(self.open)
        opening.addStretch(1)
        column.addLayout(opening)
        below = QVBoxLayout(self.beneath)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.letter)
        below.addWidget(self._drawing)
        below.addWidget(self._verified)

    def _browse(self) -> None:
        self._open_page(self._address)


class Drawing(QWidget):
    """A drawing of a vendor's screen, in the colours of the theme."""

    def __init__(self) -> None:
        super().__init__()
        self._template = ""
        self._words: Mapping[str, str] = {}
        self._renderer = QSvgRenderer(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, template: str, words: Mapping[str, str]) -> None:
        """Show a template, filled in."""
        self._template, self._words = template, words
        self._render()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the width asks for."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._render()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it at the left, as wide as there is room."""
        painter = QPainter(self)
        self._renderer.render(painter, QRectF(0, 0, self._shown_width(), self.height()))
        painter.end()

    def _shown_width(self) -> int:
        return min(self.width() - self._bar(), look.em(self, _WIDEST))

    def _bar(self) -> int:
        """Return the room that a scroll bar would take which is not there.

        A drawing that is higher without the bar, and thereby brings it, would have it come and go for ever.
        """
        holder = self.parentWidget()
        while holder and not isinstance(holder, QScrollArea):
            holder = holder.parentWidget()
        body = holder.widget() if isinstance(holder, QScrollArea) else None
        if not isinstance(holder, QScrollArea) or not body:
            return 0
        taken = holder.maximumViewportSize().width() - body.width()
        return min(max(0, holder.verticalScrollBar().sizeHint().width() - taken), self.width() // 2)

    def _fit(self) -> None:
        """Take the height for the width; a height of its own, since nested layouts forget to ask."""
        box = self._renderer.viewBoxF()
        if box.width():
            self.setFixedHeight(round(self._shown_width() * box.height() / box.width()))

    def _render(self) -> None:
        if self._template:
            self._renderer.load(QByteArray(look.fill(self._template, self.palette(), self._words)))
            self._fit()
            self.update()


class CopyRow(QWidget):
    """A value to copy, and the button that does; not for secrets. A large one can be read aloud from it."""

    def __init__(self, name: str, value: str, texts: Texts, *, large: bool = False) -> None:
        super().__init__()
        self._texts = texts
        label = QLabel(f"{name}:")
        self._value = QLineEdit(value)
        look.pad(self._value)
        self._value.setReadOnly(True)
        self._value.setAccessibleName(name)
        self._value.setAccessibleDescription(texts.say("paper.to_copy"))
        self._value.setMinimumHeight(look.em(self, HIGH))
        label.setBuddy(self._value)
        self.button = Button(texts.say("buttons.copy"))
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(texts.say("key.copy_value", name=name))
        self.button.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addWidget(self._value, 1)
        row.addWidget(self.button)
        whole = QBoxLayout(_DOWN if large else _ACROSS, self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(label)
        whole.addLayout(row, 1)
        if large:
            self._enlarge()

    def _enlarge(self) -> None:
        font = QFont(self._value.font())
        font.setPointSizeF(font.pointSizeF() * _LARGE)
        font.setWeight(QFont.Weight.DemiBold)
        self._value.setFont(font)
        self._value.setCursorPosition(0)

    def _copy(self) -> None:
        clipboard.copy(self._value.text())
        self.button.setText(self._texts.say("buttons.copied"))
        announce(self.button, self._texts.say("buttons.copied"))
        QTimer.singleShot(_COPIED_FOR, self, lambda: self.button.setText(self._texts.say("buttons.copy")))


def _copy_row(name: str, value: str, texts: Texts, *, large: bool) -> QWidget:
    """Return a row to copy from; where the partner has given nothing, a line that says whom to ask."""
    if value:
        return CopyRow(name, value, texts, large=large)
    note = Note()
    note.setText(texts.say("key.ask_value", name=name))
    return note


def _browse(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
