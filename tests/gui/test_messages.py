"""Qt's own messages, and what strikes in a slot: masked into the log, and nothing on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer, qCritical, qDebug, qWarning

from tests.canary.keys import canary
from tests.canary.search import Search
from wizard.core import hooks, paths
from wizard.core.secret import Secret, redacted
from wizard.gui import messages

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.gui.helpers import Customer


@pytest.mark.no_qt_log
def test_what_qt_says_is_masked_in_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one = canary("fiken", "token")
    kept = Secret(one.value)
    unlisten = messages.listen()
    try:
        qDebug(f"chatter {one.value}")
        assert not paths.logs().exists()
        qWarning(f"warning {one.value}")
        qCritical(f"critical {one.value}")
    finally:
        unlisten()
    said = dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))
    assert said == {"stdout": "", "stderr": ""}
    told = (paths.logs() / "koble.log").read_text("utf-8")
    assert "WARNING koble.qt warning …" in told
    assert "ERROR koble.qt critical …" in told
    assert "chatter" not in told
    assert Search([one]).everywhere("Qt", root=tmp_path) == []
    del kept


@pytest.mark.no_qt_log
def test_what_strikes_in_a_slot_is_reported(
    qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = canary("fiken", "token")

    def strike() -> None:
        raise ValueError(one.value)

    before, restore = sys.excepthook, hooks.install()
    sys.excepthook = hooks.uncaught  # pytest-qt has put its own there
    try:
        QTimer.singleShot(0, strike)
        qtbot.waitUntil(lambda: any(paths.logs().glob("bug-*.txt")))
    finally:
        restore()
        sys.excepthook = before
    said = dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))
    assert "Traceback" not in said["stderr"]
    assert Search([one]).everywhere("slot", root=tmp_path, texts=said) == []


def test_what_lies_in_a_field_is_masked_before_it_is_wrapped(customer: Customer) -> None:
    one = canary("fiken", "token")
    customer.to_field("fiken")
    customer.paste(f"  Bearer {one.value}\n")
    assert redacted(f"<{one.value}>") == "<…>"
    assert redacted(f"<  Bearer {one.value}\n>") == "<…>"
    customer.secret.forget()
    assert one.value in redacted(f"<{one.value}>")
