"""Probes: whatever they come to does no harm, and none waits for long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest

from wizard.core import errors, probe
from wizard.core.probe import probed

if TYPE_CHECKING:
    from wizard.core.errors import WizardError

Ask = Callable[[], Awaitable[str]]
FAILED = (
    errors.VendorDown,
    errors.Busy,
    errors.UnexpectedAnswer,
    errors.TooLarge,
    errors.GarbledAnswer,
    errors.CaptivePortal,
    errors.Redirected,
    errors.ConnectionLost,
    errors.TimedOut,
)


def answers(text: str, after: float = 0.0) -> Ask:
    async def ask() -> str:
        await anyio.sleep(after)
        return text

    return ask


def fails(kind: type[WizardError]) -> Ask:
    async def ask() -> str:
        raise kind

    return ask


@pytest.mark.parametrize("kind", FAILED)
def test_whatever_happens_leaves_it_unknown(kind: type[WizardError]) -> None:
    assert anyio.run(probed, fails(kind), answers("two")) == [None, "two"]


def test_one_is_asked_after_the_other() -> None:
    under_way: list[str] = []

    async def ask() -> str:
        under_way.append("one")
        await anyio.lowlevel.checkpoint()
        assert len(under_way) == 1
        under_way.clear()
        return "answered"

    assert anyio.run(probed, ask, ask) == ["answered", "answered"]


def test_slow_answers_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PROBES_WITHIN", 0.05)
    assert anyio.run(probed, answers("fast"), answers("slow", 5), answers("never")) == ["fast", None, None]


def test_a_deadline_around_it_is_kept() -> None:
    async def work() -> None:
        with anyio.fail_after(0.05):
            await probed(answers("slow", 5))

    with pytest.raises(TimeoutError):
        anyio.run(work)
