"""The sheets that open over the window: a code explained, the report for support, a connection's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from wizard.core.errors import BadInput
from wizard.core.provider import plain
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import HIGH, Button, Heading, Icon, Note, Paragraph, Row, announce
from wizard.gui.widgets.ring import Rings
from wizard.gui.widgets.ticks import Tick
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wizard.core.history import Event
    from wizard.core.provider import Provider
    from wizard.core.report import Report
    from wizard.core.spoken import Meaning
    from wizard.core.spot import Reply, Spot
    from wizard.core.texts import Texts


class Sheet(QDialog):
    """A title, what it is for, what it holds, and a row of buttons that ends in one to close it."""

    def __init__(
        self, parent: QWidget, texts: Texts, table: str, provider: Provider | None = None, **facts: object
    ) -> None:
        super().__init__(parent)
        self.texts, self._over = texts, parent
        Rings(self)
        self.finished.connect(parent.activateWindow)  # the focus goes back to where it came from
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(texts.say(f"{table}.title"))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*[look.gap(self, 5)] * 4)
        self.column.setSpacing(look.gap(self, 3))
        title = Heading(1)
        title.setText(texts.say(f"{table}.title"))
        intro = Note()
        intro.setText(texts.say(f"{table}.intro", provider, **facts))
        self.column.addWidget(title)
        self.column.addWidget(intro)
        self.close_button = self.button("buttons.close")
        self.close_button.clicked.connect(self.reject)

    def button(self, key: str) -> Button:
        """Return a button with those words, that Enter does not press by itself."""
        made = Button()
        made.setText(self.texts.say(key))
        made.setAutoDefault(False)
        return made

    def finish(self, *buttons: Button, high: float = 36) -> None:
        """Place the buttons, and take the size, `high` in lines of text: that of the window at most."""
        row = Row(*buttons, space=3)
        row.add(self.close_button)
        self.column.addWidget(row)
        room = self._over.size()
        self.resize(min(look.em(self, 46), room.width()), min(look.em(self, high), room.height()))


class ExplainSheet(Sheet):
    """A place to type a code or a page, and what it means. `report_wished` when somebody wants to send more.

    `go_to` goes to a page, or to where a reply code belongs, and returns an empty text, or says why not.
    """

    report_wished = Signal()

    def __init__(
        self,
        parent: QWidget,
        texts: Texts,
        providers: Iterable[Provider],
        *,
        go_to: Callable[[Spot | Reply], str],
    ) -> None:
        super().__init__(parent, texts, "explain")
        self._providers, self._go_to = tuple(providers), go_to
        self.edit = QLineEdit()
        look.pad(self.edit)
        self.edit.setMaxLength(80)
        self.show_button = self.button("explain.show")
        self.report = self.button("spoken.report")
        self.said = Paragraph(tone=Tone.PLAIN)
        self.said.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)  # as its icon stands
        self._mark = Icon("cross", Tone.BAD)
        self._unsay()
        self.show_button.clicked.connect(self.show_meaning)
        self.edit.textEdited.connect(self._unsay)
        self.report.clicked.connect(self._wish_report)
        self._place()

    @Slot()
    def show_meaning(self) -> None:
        """Explain what was typed or go there, or say what looks wrong with it; all is said aloud."""
        from wizard.core.spot import Reply, Spot, read

        try:
            meant = read(self.edit.text(), self._providers)
        except BadInput as error:
            wrong = self.texts.explain(error)
            self._say(f"{wrong.what} {wrong.why}\n{wrong.next}", Tone.BAD)
            self.edit.setFocus()
            self.edit.selectAll()
            return
        if isinstance(meant, Spot | Reply):
            self._go(meant)
        else:
            self._explain(meant)

    def _go(self, where: Spot | Reply) -> None:
        """Leave the window to the page, or say why it is not shown."""
        if why := self._go_to(where):
            self._say(why, Tone.PLAIN)
        else:
            self.accept()

    def _explain(self, meant: Meaning) -> None:
        from wizard.core.explained import explained

        told = explained(meant, self.texts)
        rows = (f"{name}: {sentence}" for name, sentence in told.lines(self.texts))
        self._say("\n".join((told.spoken, *rows)), Tone.PLAIN)

    def _say(self, text: str, tone: Tone) -> None:
        self.said.set_tone(tone)
        self.said.setText(text)
        self.said.show()
        self._mark.setVisible(tone is Tone.BAD)
        self._grow()
        announce(self.said, text)

    @Slot()
    def _unsay(self) -> None:
        self.said.hide()
        self._mark.hide()

    def _grow(self) -> None:
        """Be as high as what is said asks for, where there is room."""
        layout = self.layout()
        if layout:
            layout.activate()
            need = max(layout.totalHeightForWidth(self.width()), layout.totalMinimumSize().height())
            self.resize(
                self.width(), min(max(self.height(), need), self.screen().availableGeometry().height())
            )

    def _wish_report(self) -> None:
        self.accept()
        self.report_wished.emit()

    def _place(self) -> None:
        label = QLabel(self.texts.say("explain.label"))
        label.setBuddy(self.edit)
        help_text = self.texts.say("explain.help")
        self.edit.setAccessibleName(plain(label.text()).replace("&", ""))
        self.edit.setAccessibleDescription(help_text)
        self.edit.setPlaceholderText(help_text)
        self.edit.setMinimumHeight(look.em(self, HIGH))
        row = QHBoxLayout()
        row.addWidget(self.edit, 1)
        row.addWidget(self.show_button)
        self.column.addWidget(label)
        self.column.addLayout(row)
        saying = QHBoxLayout()
        saying.setSpacing(look.gap(self, 2))
        saying.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        saying.addWidget(self.said, 1)
        self.column.addLayout(saying)
        self.column.addStretch(1)
        self.show_button.setDefault(True)
        self.show_button.lead()
        self.finish(self.report, high=24)
        self.edit.setFocus()


class ReportSheet(Sheet):
    """The report, exactly as it will be saved. `save_wished` and `copy_wished` with the text."""

    save_wished = Signal(str)
    copy_wished = Signal(str)

    def __init__(self, parent: QWidget, texts: Texts, reports: Mapping[bool, Report]) -> None:
        super().__init__(parent, texts, "report")
        self._reports = reports
        self.preview = _reading(texts.say("report.preview"))
        self.names, self.state = Tick(), Note()
        self.names.say(texts.say("report.names"))
        self.names.setEnabled(not texts.share_safe)  # what the window hides does not come up here
        self.save, self.copy = self.button("report.save_as"), self.button("report.copy")
        self.names.toggled.connect(self._show)
        self.save.clicked.connect(lambda: self.save_wished.emit(self._chosen.text))
        self.copy.clicked.connect(lambda: self.copy_wished.emit(self._chosen.text))
        self.column.addWidget(self.preview, 1)
        self.column.addWidget(self.names)
        self.column.addWidget(self.state)
        self.save.lead()
        self.finish(self.save, self.copy)
        self._show()

    def tell(self, text: str, *, good: bool = True) -> None:
        """Say what saving or copying came to."""
        self.state.set_tone(Tone.GOOD if good else Tone.BAD)
        self.state.setText(text)
        announce(self.state, text)

    @property
    def _chosen(self) -> Report:
        return self._reports[self.names.ticked()]

    def _show(self) -> None:
        chosen = self._chosen
        self.preview.setPlainText(chosen.text)
        size = -(-len(chosen.text.encode()) // 1000)
        self.state.set_tone(None)
        self.state.setText(
            self.texts.say("report.cut" if any(chosen.cut.values()) else "report.size", size=size)
        )


class HistorySheet(Sheet):
    """What happened to a connection, the latest first. `receipt_wished` for what it is, on paper."""

    receipt_wished = Signal()

    def __init__(self, parent: QWidget, texts: Texts, name: str, events: Iterable[Event]) -> None:
        super().__init__(parent, texts, "history")
        called = Heading(2)
        called.setText(name)
        self.events = _reading(texts.say("history.title"), fixed=False)
        lines = "\n".join(f"{_when(one, texts)}  {one.said}" for one in events)
        self.events.setPlainText(lines or texts.say("history.empty"))
        self.column.addWidget(called)
        self.column.addWidget(self.events, 1)
        self.receipt = self.button("paper.button")
        self.receipt.clicked.connect(self.receipt_wished)
        self.finish(self.receipt)


def _when(event: Event, texts: Texts) -> str:
    """Return when it happened, as the rest of the window writes it."""
    try:
        return moment(event.at, texts.language)
    except (ValueError, OverflowError, OSError):  # not a time
        return event.local


def _reading(name: str, *, fixed: bool = True) -> QPlainTextEdit:
    """Return a place to read a longer text in, that Tab leaves again."""
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setAccessibleName(name)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    if fixed:
        look.make_fixed(made)
    return made
