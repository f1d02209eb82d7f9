"""Where Python sends what nobody caught: into a report of places, and never as a traceback to a user.

Nothing is imported before something is caught: this stands at the start of every command.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


def install() -> Callable[[], None]:
    """Take over the hooks of the interpreter and of its threads; return what gives them back."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, _in_thread, _in_passing

    def restore() -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before

    return restore


def uncaught(kind: type[BaseException], caught: BaseException, _: TracebackType | None) -> None:
    """Report what ended the program, and name the report; one who interrupted it knows that."""
    if issubclass(kind, Exception):
        _say(_report(caught))


def _in_thread(arguments: Any) -> None:
    if arguments.exc_value is not None and issubclass(arguments.exc_type, Exception):
        _report(arguments.exc_value)


def _in_passing(unraisable: Any) -> None:
    """Note in the log what struck where nothing can be raised, such as while an object goes."""
    with suppress(Exception):
        from wizard.core import log, paths

        log.start(paths.logs())
        log.note(unraisable.exc_value)


def _report(caught: BaseException) -> str:
    with suppress(Exception):  # nothing may come of a report but a report
        from wizard.core import log, paths

        return log.report(paths.logs(), caught)
    return ""


def _say(report: str) -> None:
    with suppress(Exception):  # nobody may be listening
        sys.stderr.write(f"koble: {report}\n")
