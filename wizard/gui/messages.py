"""Qt's own messages: into the log, masked as all that is written there, and never to a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from wizard.core import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QMessageLogContext

_GRAVE = {QtMsgType.QtWarningMsg: 30, QtMsgType.QtCriticalMsg: 40, QtMsgType.QtFatalMsg: 50}
"""What is worth a line, and how grave it is, as `logging` counts."""


def listen() -> Callable[[], None]:
    """Take Qt's messages from now on; return what gives them back."""
    before = qInstallMessageHandler(note)

    def unlisten() -> None:
        qInstallMessageHandler(before)

    return unlisten


def note(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Write a message to the log, if it is more than chatter."""
    if kind not in _GRAVE:
        return
    import logging

    from wizard.core import log

    log.start(paths.logs())
    logging.getLogger("koble.qt").log(_GRAVE[kind], "%s", text)
