"""What helps at a step of a guide: whether the screen may be shared, what often goes wrong, whom to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from wizard.core.guide import Share
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Icon, Panel, Paragraph, Quiet, announce

if TYPE_CHECKING:
    from wizard.core.provider import GuideStep, Provider
    from wizard.core.texts import Texts

_DOWN, _ACROSS = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight


class ShareNote(Panel):
    """Says when to stop sharing the screen and when it may be shared again; aloud, when that changes."""

    def __init__(self) -> None:
        super().__init__()
        self._icon, self._text = Icon(), Paragraph(lines=2)  # whatever it says: no jump
        self._shown = self._told = Share.NOTHING
        row = QHBoxLayout(self)
        row.setContentsMargins(look.gap(self, 3), look.gap(self, 1), look.gap(self, 3), look.gap(self, 1))
        row.setSpacing(look.gap(self, 2))
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        self.hide()

    def show_share(self, share: Share, provider: Provider, texts: Texts) -> None:
        """Say it, or nothing."""
        self._shown = share
        QTimer.singleShot(0, self, self._tell)  # while a paste is taken in, a key may seem accepted
        self.setVisible(share is not Share.NOTHING)
        if share is Share.NOTHING:
            return
        good = share is Share.AGAIN
        self._tone = Tone.GOOD if good else Tone.WAIT
        self._text.set_tone(self._tone)
        self._text.setText(texts.say(f"sharing.{share.value}", provider))
        self._icon.show_icon("check" if good else "warning", self._tone)
        self.update()

    @Slot()
    def _tell(self) -> None:
        told, self._told = self._told, self._shown
        if told is not self._shown and self.isVisible():
            announce(self, self._text.text())

    def text(self) -> str:
        """Return what it says."""
        return "" if self._shown is Share.NOTHING else self._text.text()

    def forget(self) -> None:
        """Begin anew: the next that is said is news."""
        self._shown = Share.NOTHING


class Aids(QWidget):
    """Quiet ways out of a step that does not go as it says, in one row, or beneath each other.

    `other_seen` by who sees another screen, `help_wished` by who is no administrator.
    """

    other_seen = Signal()
    help_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fold, self.other, self.not_admin = Quiet(), Quiet(), Quiet()
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._unfold)
        self.other.clicked.connect(self.other_seen)
        self.not_admin.clicked.connect(self.help_wished)
        self.traps = Paragraph(tone=Tone.PLAIN)
        self.traps.hide()
        self._step = ""
        self._place()

    def show_step(self, step: GuideStep, provider: Provider, texts: Texts) -> None:
        """Offer what helps at a step; what was unfolded at another one is folded away."""
        place = f"{provider.slug}.{step.key}"
        if place != self._step:
            self.fold.setChecked(False)
        self._step = place
        said = [texts.say(f"guide.{step.key}.traps.{one}", provider) for one in step.traps]
        self.traps.setText("\n".join(f"• {one}" if len(said) > 1 else one for one in said))
        self.traps.setAccessibleName(texts.say("traps.said"))
        self.traps.setAccessibleDescription(self.traps.text())
        self.fold.setVisible(bool(said))
        self.fold.setText(texts.say("traps.show"))
        self.other.setText(texts.say("other_screen.open"))
        self.not_admin.setText(texts.say("not_admin.open"))

    def stand(self, *, narrow: bool) -> None:
        """Stand beneath each other where there is no room beside."""
        self._row.setDirection(_DOWN if narrow else _ACROSS)

    def _unfold(self, unfolded: bool) -> None:  # noqa: FBT001  # the signal toggled(bool) calls it
        self.traps.setVisible(unfolded)
        if unfolded:
            announce(self.traps, self.traps.text())

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 1))
        self._row = QBoxLayout(_ACROSS)
        self._row.setSpacing(look.gap(self, 1))
        for button in (self.fold, self.other, self.not_admin):
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._row.addStretch(1)
        column.addLayout(self._row)
        column.addWidget(self.traps)
