"""Before: what stands beside the list of systems, a card for the picked one or the way without any."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Note, Panel, announce

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent

    from wizard.core.provider import Provider
    from wizard.core.pulse import Pulse
    from wizard.core.texts import Texts
    from wizard.gui.widgets.cards import Absent, Card, Sheet

AnySheet = TypeVar("AnySheet", bound="Sheet")


class Before(QScrollArea):
    """Scrolls by itself, by keyboard too.

    `moved` when another environment is picked, `changed` when something else stands there.
    """

    moved = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setViewport(QWidget())  # to ask for Qt's own has PySide load every widget class: 10 ms
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored
        )  # it scrolls, the page not
        self._notice, self._notice_text = Panel(tone=Tone.WAIT), Note(tone=Tone.PLAIN)
        self._choose = Note()
        self.card: Card | None = None
        self.absent: Absent | None = None
        self._body = body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.gap(self, 3))
        self._column.addWidget(self._notice)
        self._column.addWidget(self._choose)
        self._column.addStretch(1)
        inner = QHBoxLayout(self._notice)
        inner.setContentsMargins(*[look.gap(self, 3)] * 4)
        inner.addWidget(self._notice_text)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        self._notice.hide()

    def environment(self) -> str:
        """Return the environment that is picked, or an empty text for the first."""
        return self.card.environment() if self.card else ""

    def whole(self, width: int) -> int:
        """Return how high it has to be for nothing in it to be scrolled to."""
        return max(self._body.heightForWidth(width), self._body.minimumSizeHint().height())

    def choose_environment(self, name: str) -> None:
        """Pick an environment of the system that is shown, where it is offered."""
        if self.card and name:
            self.card.choose_environment(name)

    def show_notice(self, text: str) -> None:
        """Say something above all else, or nothing more."""
        self._notice_text.setText(text)
        self._notice.setVisible(bool(text))
        if text:
            self.verticalScrollBar().setValue(0)
            announce(self, text)

    def show_choose(self, texts: Texts) -> None:
        """Say that a system is to be picked."""
        self._choose.setText(texts.say("system.choose"))
        self._show(self._choose)

    def show_absent(self, texts: Texts, *, closed: bool = False) -> None:
        """Show the way for a system that is not here, or that the partner takes no keys to."""
        from wizard.gui.widgets.cards import Absent  # not before it is needed: the first page shall be quick

        if not self.absent:
            self.absent = self._added(Absent())
        self.absent.say(texts, closed=closed)
        self._show(self.absent)

    def show_card(self, provider: Provider, texts: Texts) -> None:
        """Show what to have at hand for a system."""
        card = self.make_card()
        card.say(provider, texts)
        self._show(card)

    def make_card(self) -> Card:
        """Return the card; made ahead while nothing else is to do, so that no pick waits for it."""
        from wizard.gui.widgets.cards import Card  # as above

        if not self.card:
            self.card = self._added(Card())
            self.card.hide()
            self.card.moved.connect(self.moved)
        return self.card

    def show_assisted(self, *, assisted: bool) -> None:
        """Say on the card that the partner does the testing, or leave it out."""
        if self.card:
            self.card.show_assisted(assisted=assisted)
            self.setAccessibleDescription(self.card.aloud())

    def show_pulse(self, pulse: Pulse | None) -> None:
        """Say on the card whether the system answers; None where that could not be asked."""
        if self.card:
            self.card.show_pulse(pulse)
            self.setAccessibleDescription(self.card.aloud())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the focus is."""
        super().focusInEvent(event)
        self._light()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it is elsewhere."""
        super().focusOutEvent(event)
        self._light()

    def _added(self, sheet: AnySheet) -> AnySheet:
        self._column.insertWidget(self._column.count() - 1, sheet)
        return sheet

    def _light(self) -> None:
        for sheet in (self.card, self.absent):
            if sheet:
                sheet.light(on=self.hasFocus())

    def _show(self, shown: QWidget) -> None:
        for one in (self._choose, self.card, self.absent):
            if one:
                one.setVisible(one is shown)
        sheet = next((one for one in (self.card, self.absent) if one is shown), None)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if sheet else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(sheet.title.text() if sheet else "")
        self.setAccessibleDescription(sheet.aloud() if sheet else "")
        self.verticalScrollBar().setValue(0)
        self.changed.emit()
