"""What the command line's tests share."""

import pytest

from tests.cli.helpers import Command


@pytest.fixture
def koble(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capfdbinary, monkeypatch)
