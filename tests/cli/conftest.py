"""What the command line's tests share."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.cli.helpers import Command

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def koble(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capfdbinary, monkeypatch)


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """A command that ends ignores signals from then on; the tests that follow it should not."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
