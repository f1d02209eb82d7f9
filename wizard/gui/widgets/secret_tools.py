"""SecretTools: what can be done with a secret that is in its field, without it leaving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from wizard.core.fingerprint import fingerprint
from wizard.gui import look
from wizard.gui.question import question
from wizard.gui.widgets.parts import Note, Quiet, announce
from wizard.gui.widgets.reveal import HoldButton

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from wizard.core.provider import CredentialField
    from wizard.core.texts import Texts
    from wizard.gui.widgets.reveal import Showing
    from wizard.gui.widgets.secret_edit import SecretEdit

_SLIM = 30  # lines of text


class SecretTools(QWidget):
    """Show it while a button is held, compare it by its fingerprint, take it off the clipboard.

    Its room is there before it is, so that nothing moves when it appears. `told` with a sentence about the
    secret, or an empty one when that is over, and whether it is a warning.
    """

    told = Signal(str, bool)

    def __init__(self, edit: SecretEdit, field: CredentialField) -> None:
        super().__init__()
        self._edit, self._field = edit, field
        self._showing: Showing | None = None
        self.hold, self.compare = HoldButton(), Quiet()
        self.compare.setCheckable(True)
        self.offer, self._left, self.remove = QWidget(), Note(), Quiet()
        self.hold.held.connect(self._begin)
        self.hold.let_go.connect(self._end)
        self.hold.clicked.connect(self._toggle)
        self.compare.toggled.connect(self._compare)
        self.remove.clicked.connect(self._remove)
        edit.changed.connect(self._note_change)
        edit.pasted.connect(self._note_clipboard)
        QGuiApplication.clipboard().changed.connect(self._note_clipboard)
        self._place()

    def align(self, left: int) -> None:
        """Begin where the words of the row above do."""
        self._row.setContentsMargins(max(0, left - self.hold.room()), 0, 0, 0)

    def show_by(self, showing: Showing) -> None:
        """Take what shows secrets in this window."""
        self._showing = showing

    def say(self, label: str, texts: Texts) -> None:
        """Speak a language from now on; nothing is shown or compared any more."""
        self._texts, self._label = texts, label
        self._quiet()
        self.hold.setText(texts.say("reveal.hold"))
        self.hold.setAccessibleDescription(texts.say("reveal.help", label=label))
        self.compare.setText(texts.say("compare.button"))
        self.compare.setAccessibleDescription(texts.say("compare.help", label=label))
        self._left.setText(texts.say("clipboard.left"))
        self.remove.setText(texts.say("clipboard.remove"))
        self.remove.setAccessibleName(texts.say("clipboard.remove_what", label=label))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer to empty the clipboard beneath, where there is no room beside."""
        super().resizeEvent(event)
        slim = self.width() < look.em(self, _SLIM)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if slim else across)
        self._offered.setContentsMargins(self.hold.room() if slim else 0, 0, 0, 0)
        self._left.setAlignment(
            (Qt.AlignmentFlag.AlignLeft if slim else Qt.AlignmentFlag.AlignRight)
            | Qt.AlignmentFlag.AlignVCenter
        )

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest part: the other may go beneath it."""
        two = self.hold.sizeHint().width() + self.compare.sizeHint().width() + look.gap(self, 4)
        return QSize(max(two, self.remove.sizeHint().width()), super().minimumSizeHint().height())

    def hideEvent(self, event: QHideEvent) -> None:
        """Show nothing on another page."""
        self._quiet()
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show nothing once the window is left, whoever asked for it."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self._end()
        return super().event(event)

    def _note_change(self) -> None:
        self._quiet()
        for button in (self.hold, self.compare):
            button.setVisible(self._edit.filled())

    def _quiet(self) -> None:
        self._end()
        self.compare.setChecked(False)

    # showing

    def _begin(self) -> None:
        if not self._showing or not self._edit.filled():
            return
        if not self._showing.warned:
            self.hold.release()
            self._warn()
        elif self._showing.begin(self._edit.value(), self._edit):
            announce(self.hold, self._texts.say("reveal.shown"))
        else:
            self._tell(self._texts.say("reveal.refused"), warns=True)

    def _end(self) -> None:
        if self._showing:
            self._showing.end()

    def _toggle(self) -> None:
        """Begin or end at the wish of an assistive program: it ends by itself, too."""
        if self._showing and self._showing.glance:
            self._end()
        else:
            self._begin()

    def _warn(self) -> None:
        buttons = ("show_key", "keep_hidden")
        text = self._texts.say("reveal.warning")
        box = question(self.window(), self._texts, "reveal.title", text, buttons)
        box.accepted.connect(self._agree)
        box.finished.connect(lambda _: self.hold.setFocus(Qt.FocusReason.OtherFocusReason))
        box.open()

    def _agree(self) -> None:
        if self._showing:
            self._showing.warned = True

    # comparing

    def _compare(self, wished: bool) -> None:  # noqa: FBT001  # the signal toggled(bool) calls it
        if not wished:
            self.told.emit("", False)
            return
        found = fingerprint(self._field, self._edit.value())
        if not found:
            self._tell(self._texts.say("compare.short"))
            return
        said = self._texts.say(
            "compare.said", label=self._label, count=found.length, end=found.end, check=found.check
        )
        self._tell(said)

    def _tell(self, text: str, *, warns: bool = False) -> None:
        self.told.emit(text, warns)
        announce(self._edit, text)

    # the clipboard

    def _note_clipboard(self) -> None:
        """Offer to empty the clipboard for as long as what was pasted lies there."""
        pasted = self._edit.on_clipboard
        if pasted and not pasted.is_held():
            self._edit.on_clipboard = pasted = None
        self.offer.setVisible(pasted is not None)

    def _remove(self) -> None:
        pasted = self._edit.on_clipboard
        if pasted:
            pasted.remove()
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._note_clipboard()
        announce(self._edit, self._texts.say("clipboard.removed"))

    def _place(self) -> None:
        self._offered = offer = QHBoxLayout(self.offer)
        offer.setContentsMargins(0, 0, 0, 0)
        offer.setSpacing(look.gap(self, 2))
        offer.addWidget(self._left, 1)
        offer.addWidget(self.remove)
        self._left.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        first = QWidget()
        two = QHBoxLayout(first)
        two.setContentsMargins(0, 0, 0, 0)
        two.setSpacing(look.gap(self, 2))
        two.addWidget(self.hold)
        two.addWidget(self.compare)
        two.addStretch(1)
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.gap(self, 2))
        row.addWidget(first)
        row.addWidget(self.offer, 1)
        for part in (self.hold, self.compare, self.offer):
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
            part.hide()
