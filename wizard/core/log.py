"""The log file: what was asked of whom, how it went and how long it took; never an address in full.

Whatever writes to any log of this process is masked when its record is made, before any handler has it.
"""

from __future__ import annotations

import logging
import os
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.core.files import make_private
from wizard.core.silence import silenced

if TYPE_CHECKING:
    from io import TextIOWrapper

_SIZE = 512 * 1024
_TALKATIVE = (
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "h11",
    "hpack",
    "keyring",
    "secretstorage",
    "jeepney",
    "asyncio",
)
"""Libraries whose logs may name addresses, headers or items of the keychain."""


def start(folder: Path) -> None:
    """Write Koble's own log to a file in the folder; without it, or without the right to, go on silently.

    Warnings of Python's and of others go there too, instead of to a terminal.
    """
    logger = logging.getLogger("koble")
    if logger.handlers:
        return
    logging.setLogRecordFactory(_Silent)
    logging.raiseExceptions = False  # else a handler that fails writes a traceback to the terminal
    logging.captureWarnings(capture=True)
    quieten()
    handler = _handler(folder)
    handler.addFilter(_is_ours_or_grave)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    logging.getLogger().addHandler(handler)


def stop() -> None:
    """Give everything back: for tests, of which each has a log of its own."""
    logger, root = logging.getLogger("koble"), logging.getLogger()
    logger.propagate = True
    for handler in tuple(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    for handler in [one for one in root.handlers if _is_ours_or_grave in one.filters]:
        root.removeHandler(handler)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True
    logging.setLogRecordFactory(logging.LogRecord)


def quieten() -> None:
    """Keep talkative libraries to their warnings, whatever the level of the rest, or of a part of them."""
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _TALKATIVE]
    for name in (*_TALKATIVE, *known):
        logger = logging.getLogger(name)
        if logger.level or name in _TALKATIVE:
            logger.setLevel(max(logging.WARNING, logger.level))


def report(folder: Path, caught: BaseException) -> str:
    """Write where a bug struck, and return the file's name.

    Only types, files, lines and functions: an exception's text may hold what a customer typed.
    """
    name = f"bug-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    try:
        make_private(folder)
        with _private(folder / name, os.O_TRUNC) as file:
            file.write(places(caught) + "\n")
    except OSError:
        return ""
    return name


def watch_faults(folder: Path) -> None:
    """Have a fault in code that is not Python's leave a list of functions in the folder, and nothing else."""
    import faulthandler

    with suppress(OSError):
        make_private(folder)
        with _private(folder / "faults.txt", os.O_APPEND) as file:
            faulthandler.enable(file=os.dup(file.fileno()))  # which stays open to the end


def note(caught: BaseException | None) -> None:
    """Note in the log where something struck that ended nothing."""
    logging.getLogger("koble").error("passing %s", places(caught))


def places(caught: BaseException | None) -> str:
    """Return where an exception struck, and those that it came from: types, files, lines, functions."""
    lines: list[str] = []
    told: set[int] = set()
    while caught is not None and id(caught) not in told:
        told.add(id(caught))
        lines.append(type(caught).__name__)
        lines += [
            f"  {Path(f.filename).name}:{f.lineno} {f.name}"
            for f in traceback.extract_tb(caught.__traceback__)
        ]
        caught = caught.__cause__ or caught.__context__
    return silenced("\n".join(lines))


class _Silent(logging.LogRecord):
    """A record in which nothing is left to mask: neither in its text, nor in the exception that it tells of.

    A traceback ends in the exception's own text, so its places stand in for it.
    """

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.msg, self.args = silenced(_said(self)), None
        if self.exc_info:
            self.exc_text, self.exc_info = places(self.exc_info[1]), None


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as caught:  # noqa: BLE001 - what cannot be said is a mistake that logging would print raw
        return f"{record.name}: {type(caught).__name__}"


def _is_ours_or_grave(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == "koble" or record.levelno >= logging.WARNING


class _Own(RotatingFileHandler):
    """A log that only its owner may read, the next one as well."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say nothing of a full disk, or of a file that another Koble holds (Windows): the work goes on."""

    def _open(self) -> TextIOWrapper:
        return _private(Path(self.baseFilename), os.O_APPEND)


def _private(file: Path, how: int) -> TextIOWrapper:
    """Open a file for writing that only its owner may read, also where it was there before."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | how, 0o600)
    with suppress(OSError):
        file.chmod(0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")


def _handler(folder: Path) -> logging.Handler:
    try:
        make_private(folder)
        handler: logging.Handler = _Own(folder / "koble.log", maxBytes=_SIZE, backupCount=2)
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler
