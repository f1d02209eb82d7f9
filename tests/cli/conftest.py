"""What the command line's tests share."""

from __future__ import annotations

import pytest

from tests.cli.helpers import Command


@pytest.fixture
def koble(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capfdbinary, monkeypatch)
