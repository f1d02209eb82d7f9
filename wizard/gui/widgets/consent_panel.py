"""ConsentPanel: what the partner's preset tells before anything is stored, and the tick that agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from wizard.core.consent import PARTS
from wizard.core.said import SHORT
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import HIGH, Heading, Icon, Note, Panel, Quiet, announce
from wizard.gui.widgets.ticks import Tick
from wizard.gui.widgets.veil import veil

if TYPE_CHECKING:
    from wizard.core.consent import Consent
    from wizard.core.texts import Texts


class ConsentPanel(Panel):
    """Not there where the preset asks for no consent. `missed` with where something is missing."""

    missed = Signal(QWidget)

    def __init__(self) -> None:
        super().__init__()
        self._consent: Consent | None = None
        self._texts: Texts | None = None
        self._heading, self._reads = Heading(2), Note(tone=Tone.PLAIN)
        self._rows = {part: (Note(), Note(tone=Tone.PLAIN)) for part in PARTS[1:]}
        self.more, self._rest = Quiet(), QWidget()
        self.more.clicked.connect(self._unfold)
        self.tick = Tick()
        self.tick.toggled.connect(self._answered)
        self.name, self._name_label, self._asks = QLineEdit(), QLabel(), QWidget()
        look.pad(self.name)
        self.name.setMaxLength(SHORT)
        self.name.textEdited.connect(self._answered)
        self._wrong, self._mark, self._what = "", Icon("cross", Tone.BAD), Note(tone=Tone.BAD)
        for part in (self._mark, self._what):
            keeps = part.sizePolicy()
            keeps.setRetainSizeWhenHidden(True)  # no jump
            part.setSizePolicy(keeps)
        self._place()
        self.hide()

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; the tick goes where there is another text to agree to."""
        consent = texts.preset.consent
        if consent != self._consent:
            self.tick.tick(False)
            self._wrong = ""
        self._consent, self._texts = consent, texts
        self.setVisible(consent is not None)
        if not consent:
            return
        self._heading.setText(texts.say("consent.title"))
        self._reads.setText(consent.told["reads"][texts.language])
        for part, (label, text) in self._rows.items():
            label.setText(texts.say(f"consent.{part}"))
            text.setText(consent.told[part][texts.language])
        self.tick.say(texts.say("consent.tick"))
        self._name_label.setText(texts.say("consent.name"))
        self.name.setAccessibleName(texts.say("consent.name").replace("&", ""))
        veil(self.name, texts)
        self._asks.setVisible(consent.name)
        self._say_more()
        self._say_wrong()

    def complete(self) -> bool:
        """Tell whether it is agreed to, with a name where one is asked for; or nothing is asked."""
        named = not self._consent or not self._consent.name or bool(self.name.text().strip())
        return not self._consent or (self.tick.ticked() and named)

    def show_missing(self) -> None:
        """Say what is missing, beside it, and take the customer there."""
        self._wrong = "missing_name" if self.tick.ticked() else "missing_tick"
        self._say_wrong()
        asked = self.name if self.tick.ticked() else self.tick.box
        asked.setFocus()
        announce(asked, self._what.text())
        self.missed.emit(asked)

    def given(self) -> dict[str, str]:
        """Return the version that was agreed to and the name, or nothing."""
        if not self._consent or not self.complete():
            return {}
        return {"text": self._consent.version, "name": self.name.text().strip() if self._consent.name else ""}

    def forget(self) -> None:
        """Ask anew for another company; who agrees is most likely the same."""
        self.tick.tick(False)
        self._answered()
        self._rest.hide()
        if self._texts:
            self._say_more()

    @Slot()
    def _answered(self) -> None:
        """Say nothing of what is missing any more: it is being given."""
        self._wrong = ""
        self._say_wrong()

    def _say_wrong(self) -> None:
        said = self._texts.say(f"consent.{self._wrong}") if self._texts and self._wrong else ""
        self._what.setText(said)
        self._mark.setVisible(bool(said))
        self.tick.box.setAccessibleDescription(said if self._wrong == "missing_tick" else "")
        agreed = self._texts.say("consent.tick").replace("&", "") if self._texts else ""
        self.name.setAccessibleDescription(said if self._wrong == "missing_name" else agreed)

    @Slot()
    def _unfold(self) -> None:
        self._rest.setVisible(self._rest.isHidden())
        self._say_more()

    def _say_more(self) -> None:
        if self._texts:
            self.more.setText(self._texts.say("consent.more" if self._rest.isHidden() else "consent.less"))

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[look.gap(self, 4)] * 4)
        column.setSpacing(look.gap(self, 2))
        column.addWidget(self._heading)
        column.addWidget(self._reads)
        self._place_rest(column)
        self._name_label.setBuddy(self.name)
        self.name.setMaximumWidth(look.em(self, 24))
        self.name.setMinimumHeight(look.em(self, HIGH))
        asking = QFormLayout(self._asks)
        asking.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.addRow(self._name_label, self.name)
        column.addWidget(self.tick)
        wrong = QHBoxLayout()
        wrong.setSpacing(look.gap(self, 2))
        wrong.addWidget(self._mark)
        wrong.addWidget(self._what, 1)
        column.addLayout(wrong)
        column.addWidget(self._asks)

    def _place_rest(self, column: QVBoxLayout) -> None:
        """Place what is folded away at first, and what unfolds it."""
        rest = QVBoxLayout(self._rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(look.gap(self, 1))
        for label, text in self._rows.values():
            rest.addWidget(label)
            rest.addWidget(text)
        self._rest.hide()
        row = QHBoxLayout()
        row.addWidget(self.more)
        row.addStretch(1)
        column.addWidget(self._rest)
        column.addLayout(row)
