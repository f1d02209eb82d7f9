"""The sheet that disconnects: the vendor's own step, the proof, then the connection goes from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.settings_sheet import Area
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.parts import Heading, Icon, Paragraph, announce

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider
    from wizard.core.removal import Tried
    from wizard.core.texts import Texts
    from wizard.gui.keeping import Leaving

_ICONS = {Tone.GOOD: "check", Tone.BAD: "cross", Tone.WAIT: "warning", Tone.PLAIN: "info"}
_TONES = {"gone": Tone.GOOD, "works": Tone.BAD}


class LeaveSheet(Sheet):
    """Three steps. `prove_wished` to ask the vendor, `remove_wished` to take it away from here."""

    prove_wished = Signal()
    remove_wished = Signal()

    def __init__(self, parent: QWidget, texts: Texts, provider: Provider | None, what: Leaving) -> None:
        super().__init__(parent, texts, "leaving")
        self._provider, self._what, self._area = provider, what, Area()
        self.state, self._icon = self._wide(Paragraph(tone=Tone.PLAIN)), Icon("info", Tone.PLAIN)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.prove, self.remove = self.button("leaving.prove"), self.button("leaving.anyway")
        self.prove.clicked.connect(self._prove)
        self.remove.clicked.connect(self._remove)
        self._place()

    @Slot(object)
    def show_tried(self, tried: Tried) -> None:
        """Say what trying the key came to."""
        said = self.texts.explain(tried.error, self._provider).what if tried.error else ""
        self._tell(f"leaving.{tried.state}", _TONES.get(tried.state, Tone.WAIT), what=said)
        proved = tried.state == "gone"
        self.remove.setText(self.texts.say("leaving.remove" if proved else "leaving.anyway"))
        self._free()
        self.prove.lead(not proved)
        self.remove.lead(proved)
        (self.remove if proved else self.prove).setFocus()

    @Slot(object)
    def show_trouble(self, error: WizardError) -> None:
        """Say why it could not be taken away, or not be looked at."""
        said = self.texts.explain(error, self._provider)
        if error.code.startswith("keychain"):  # the list was written before
            self._tell("leaving.kept", Tone.BAD, what=said.what)
        else:
            self._show(f"{said.what} {said.next}", Tone.BAD)
        self._free()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll the steps by a page, whatever has the focus."""
        bar = self._area.verticalScrollBar()
        ways = {Qt.Key.Key_PageUp: -bar.pageStep(), Qt.Key.Key_PageDown: bar.pageStep()}
        if event.key() in ways:
            bar.setValue(bar.value() + ways[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _prove(self) -> None:
        self._hold("leaving.asking")
        self.prove_wished.emit()

    def _remove(self) -> None:
        self._hold("leaving.removing")
        self.remove_wished.emit()

    def _hold(self, key: str) -> None:
        self._tell(key, Tone.PLAIN)
        for button in (self.prove, self.remove):
            button.setEnabled(False)
        self.close_button.setFocus()

    def _free(self) -> None:
        for button in (self.prove, self.remove):
            button.setEnabled(True)

    def _tell(self, key: str, tone: Tone, **facts: object) -> None:
        self._show(self.texts.say(key, self._provider, **facts), tone)

    def _show(self, text: str, tone: Tone) -> None:
        self._icon.show_icon(_ICONS[tone], tone)
        self.state.set_tone(tone)
        self.state.setText(text)
        self._area.ensureWidgetVisible(self.state)
        announce(self.state, text)

    def _place(self) -> None:
        say, what = self.texts.say, self._what
        called = Heading(2)
        called.setText(what.name)
        self._area.column.addWidget(called)
        shared = self._shared(what.shared)
        sent = say("leaving.sent", self._provider) if what.sent else ""
        self._step("leaving.step_one", " ".join(part for part in (what.removal, shared, sent) if part))
        self._step("leaving.step_two", "")
        self.state.setText(say("leaving.hint" if what.testable else "leaving.not_here", self._provider))
        telling = QHBoxLayout()
        telling.setSpacing(look.gap(self, 2))
        telling.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        telling.addWidget(self.state, 1)
        self._area.column.addLayout(telling)
        self.prove.setVisible(what.testable)
        self.prove.lead()
        self._step("leaving.step_three", say("leaving.stays" if what.shared else "leaving.erased"))
        self._area.column.addStretch(1)
        self.column.addWidget(self._area, 1)
        self.finish(self.prove, self.remove, high=30)
        self.close_button.setFocus()

    def _wide(self, text: Paragraph) -> Paragraph:
        """Make a text as wide as it will be at most: it never gets lower again than it was at first."""
        text.resize(look.em(self, 46), text.height())
        return text

    def _shared(self, others: int) -> str:
        key = "leaving.shared_one" if others == 1 else "leaving.shared"
        return self.texts.say(key, self._provider, count=others) if others else ""

    def _step(self, key: str, text: str) -> None:
        title = self._wide(Paragraph(tone=Tone.PLAIN))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        title.setText(self.texts.say(key, self._provider))
        self._area.column.addWidget(title)
        if text:
            said = self._wide(Paragraph())  # nothing of it may be cut where text is large
            said.setText(text)
            self._area.column.addWidget(said)
