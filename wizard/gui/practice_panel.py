"""The practice panel: a small window beside the wizard's, which plants any fault of any system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from wizard.core.drill import Fault, faults, matching
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.parts import HIGH, Button, Combo, Heading, Note, Panel, Paragraph, announce

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

    from wizard.core.texts import Texts
    from wizard.gui.training import Training
    from wizard.gui.window import Window


class PracticePanel(QDialog):
    """Shows the faults of a system, and what the customer reads of each; plants one, and takes it away."""

    def __init__(self, window: Window, training: Training) -> None:
        super().__init__(window)
        self._window, self._training, self._texts = window, training, window.texts
        self._faults: tuple[Fault, ...] = ()
        self._title, self._intro = Heading(2), Paragraph()
        self._system_name, self._search_name = QLabel(), QLabel()
        self.systems, self.search, self.rows = Combo(), QLineEdit(), Choices(slim=True)
        look.pad(self.search)
        self._next, self._card = QLabel(), Panel()
        self.what, self.why = Paragraph(tone=Tone.PLAIN), Paragraph()
        self.plant, self.off, self.fill = Button(), Button(), Button()
        self.state = Note(tone=Tone.PLAIN)
        for slug, provider in sorted(window.providers.items(), key=lambda one: one[1].name.lower()):
            self.systems.addItem(provider.name, slug)
        self._place()
        self._connect()
        self.say(window.texts)
        self._list()
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """Go when the wizard's window goes; minimised is not gone."""
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self.close()
        return super().eventFilter(window, event)

    def open_beside(self) -> None:
        """Show it with the faults of the system that the customer is in, to the right where there is room."""
        at = self.systems.findData(self._training.system())
        if at >= 0:
            self.systems.setCurrentIndex(at)
        self._see()
        if self.isVisible():
            self.raise_()
        else:
            edge = self._window.frameGeometry()
            room = self._window.screen().availableGeometry()
            self.move(min(edge.right() + 1, room.right() - self.width()), edge.top())
            self.show()
        self.activateWindow()
        self.search.setFocus()

    @property
    def slug(self) -> str:
        """The system whose faults are shown."""
        return str(self.systems.currentData())

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what is chosen stays chosen."""
        other, self._texts = texts != self._texts or not self.windowTitle(), texts
        if other:
            self._say_words(texts.say)
            self._list()
        self._see()

    def _say_words(self, say: Callable[..., str]) -> None:
        self.setWindowTitle(say("training.title"))
        self._title.setText(say("training.title"))
        self._intro.setText(say("training.intro"))
        for label, key, buddy in (
            (self._system_name, "system", self.systems),
            (self._search_name, "search", self.search),
        ):
            label.setText(say(f"training.{key}"))
            buddy.setAccessibleName(say(f"training.{key}").replace("&", ""))
        self.search.setAccessibleDescription(say("training.search_help"))
        self.search.setPlaceholderText(say("training.search_help"))
        self.rows.setAccessibleName(say("training.faults"))
        self._next.setText(say("training.next"))
        for button, key in ((self.plant, "plant"), (self.off, "off"), (self.fill, "fill")):
            button.setText(say(f"training.{key}"))

    @Slot()
    def _list(self) -> None:
        """Show the faults of the system, those that the search means."""
        self._faults = faults(self._window.providers[self.slug], self._texts)
        found = matching(self.search.text(), self._faults)
        rows = [
            Choice(key=one.name, title=one.what, line=f"{one.words} · {self._whose(one)}", radio=True)
            for one in found
        ]
        self.rows.offer(rows)
        self._see()

    def _whose(self, fault: Fault) -> str:
        own = self._window.providers[self.slug].name
        return own if fault.own else self._texts.say("training.any")

    @Slot()
    def _see(self) -> None:
        """Show what is chosen and what is planted, and what may be done."""
        chosen = self._chosen()
        self._card.setVisible(bool(chosen))
        self.what.setText(chosen.what if chosen else "")
        self.why.setText(f"{chosen.why} {chosen.next}" if chosen else "")
        planted = self._training.planted.get(self.slug, "")
        on = next((one for one in self._faults if one.name == planted), None)
        name = self._window.providers[self.slug].name
        key = "on" if on else "none"
        self.state.setText(self._texts.say(f"training.{key}", fault=on.words if on else "", name=name))
        self.plant.setEnabled(bool(chosen) and chosen != on)
        self.off.setEnabled(bool(planted))
        self.fill.setEnabled(self._training.may_fill(self.slug))

    def _chosen(self) -> Fault | None:
        return next((one for one in self._faults if one.name == self.rows.current()), None)

    def _connect(self) -> None:
        self.systems.currentIndexChanged.connect(self._list)
        self.search.textChanged.connect(self._list)
        self.rows.picked.connect(self._see)
        self.plant.clicked.connect(lambda: self._training.plant(self.rows.current(), self.slug))
        self.off.clicked.connect(lambda: self._training.plant("", self.slug))
        self.fill.clicked.connect(lambda: self._training.fill(self.slug))
        self._training.changed.connect(self._tell)

    @Slot()
    def _tell(self) -> None:
        self._see()
        announce(self.state, self.state.text())

    def _scrolled(self) -> tuple[QScrollArea, QVBoxLayout]:
        """Return what scrolls where the text is large and the screen is low; the buttons stay beneath it."""
        area, inner = QScrollArea(), QWidget()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, look.gap(self, 1), 0)
        column.setSpacing(look.gap(self, 2))
        area.setWidget(inner)
        area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        return area, column

    def _place(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*[look.gap(self, 4)] * 4)
        whole.setSpacing(look.gap(self, 2))
        area, column = self._scrolled()
        whole.addWidget(area, 1)
        for label, field in ((self._system_name, self.systems), (self._search_name, self.search)):
            label.setBuddy(field)
            field.setMinimumHeight(look.em(self, HIGH))
        card = QVBoxLayout(self._card)
        card.setContentsMargins(*[look.gap(self, 3)] * 4)
        card.addWidget(self.what)
        card.addWidget(self.why)
        parts: tuple[QWidget, ...] = (self._title, self._intro, self._system_name, self.systems)
        parts += (self._search_name, self.search, self.rows, self._next, self._card)
        for part in parts:
            column.addWidget(part, 1 if part is self.rows else 0)
        row = QHBoxLayout()
        for button in (self.plant, self.off, self.fill):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        whole.addWidget(self.state)
        whole.addLayout(row)
        self.rows.setMinimumHeight(look.em(self, 6))
        self.rows.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # the list scrolls
        high = min(look.em(self, 44), self._window.screen().availableGeometry().height())
        self.resize(look.em(self, 31), high)
