"""The sheet that takes a start file: pasted or picked; and says what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit

from wizard.core.errors import StartUsed
from wizard.gui import look
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from wizard.core.errors import WizardError
    from wizard.core.texts import Texts


class StartSheet(Sheet):
    """`given` with a text that was pasted, `file_given` with a file, `again_wished` after a warning."""

    given = Signal(str)
    file_given = Signal(str)
    again_wished = Signal()

    def __init__(self, parent: QWidget, texts: Texts) -> None:
        super().__init__(parent, texts, "start")
        self.ask_file: Callable[[QWidget, str, str], str] = _ask_file
        self.message = Message()
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName(texts.say("start.paste"))
        self.edit.setPlaceholderText(texts.say("start.paste"))
        self.edit.setTabChangesFocus(True)
        self.edit.setMinimumHeight(look.em(self, 5))
        self.use, self.file = self.button("start.use"), self.button("start.file")
        self.use.setEnabled(False)
        self.edit.textChanged.connect(self._edited)
        self.use.clicked.connect(lambda: self.given.emit(self.edit.toPlainText()))
        self.file.clicked.connect(self._pick)
        self.message.acted.connect(self._act)
        self.column.addWidget(self.message)
        self.column.addWidget(self.edit, 1)
        self.finish(self.use, self.file, high=26)
        self.edit.setFocus()

    def show_error(self, error: WizardError) -> None:
        """Say why a start file cannot be used."""
        self.message.explain(_dated(error, self.texts), self.texts)
        margins = self.column.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        self.message.setMinimumHeight(self.message.heightForWidth(room))

    @Slot()
    def _edited(self) -> None:
        self.use.setEnabled(bool(self.edit.toPlainText().strip()))
        self.message.hide()

    @Slot()
    def _act(self) -> None:
        """Use it all the same where that may be; else pick another."""
        if isinstance(self.message.trouble, StartUsed):
            self.again_wished.emit()
        else:
            self._pick()

    @Slot()
    def _pick(self) -> None:
        name = self.ask_file(self, self.texts.say("start.title"), self.texts.say("start.kind"))
        if name:
            self.file_given.emit(name)


def _dated(error: WizardError, texts: Texts) -> WizardError:
    """Return an error whose day is as it is written in the language."""
    if not isinstance(error, StartUsed):
        return error
    from wizard.core import paper

    return StartUsed({**error.facts, "at": paper.day(str(error.facts["at"]), texts)})


def _ask_file(parent: QWidget, title: str, kind: str) -> str:  # pragma: no cover - a dialog's own
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getOpenFileName(parent, title, "", f"{kind} (*.koble-start);;* (*)")[0]
