"""The log file: what was asked of whom, how it went and how long it took; never an address in full."""

from __future__ import annotations

import logging
import os
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import TextIOWrapper

_SIZE = 512 * 1024


def start(folder: Path) -> None:
    """Write Koble's own log to a file in the folder; without it, or without the right to, go on silently."""
    logger = logging.getLogger("koble")
    if logger.handlers:
        return
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_handler(folder))


def report(folder: Path, caught: BaseException) -> str:
    """Write where a bug struck, and return the file's name.

    Only types, files, lines and functions: an exception's text may hold what a customer typed.
    """
    name = f"bug-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(_masked(caught), encoding="utf-8")
    except OSError:
        return ""
    return name


def _masked(caught: BaseException) -> str:
    lines: list[str] = []
    one: BaseException | None = caught
    while one is not None:
        lines.append(type(one).__name__)
        lines += [
            f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(one.__traceback__)
        ]
        one = one.__cause__ or one.__context__
    return "\n".join(lines) + "\n"


class _Own(RotatingFileHandler):
    """A log that only its owner may read, the next one as well."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say nothing of a full disk, or of a file that another Koble holds (Windows): the work goes on."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()


def _handler(folder: Path) -> logging.Handler:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = _Own(folder / "koble.log", maxBytes=_SIZE, backupCount=2, encoding="utf-8")
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler
