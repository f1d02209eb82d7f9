"""Probes: what is answered anyhow does no harm, what is not reached is told, and none waits for long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import anyio
import pytest

from wizard.core import errors, probe
from wizard.core.probe import probed, together

if TYPE_CHECKING:
    from wizard.core.errors import WizardError

Ask = Callable[[], Awaitable[str]]
ANSWERED = (
    errors.VendorDown,
    errors.Busy,
    errors.UnexpectedAnswer,
    errors.TooLarge,
    errors.GarbledAnswer,
    errors.CaptivePortal,
    errors.Redirected,
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


@pytest.mark.parametrize("kind", ANSWERED)
def test_whatever_is_answered_leaves_it_unknown(kind: type[WizardError]) -> None:
    assert anyio.run(probed, fails(kind)) is None


def test_all_are_asked_at_once_and_told_in_their_order() -> None:
    async def work() -> tuple[list[str | None], float]:
        began = anyio.current_time()
        found = await together(answers("one", 0.2), answers("two", 0.1), fails(errors.VendorDown))
        return found, anyio.current_time() - began

    found, spent = anyio.run(work)
    assert found == ["one", "two", None]
    assert spent < 0.29


@pytest.mark.parametrize("kind", [errors.ConnectionLost, errors.TimedOut, errors.NameNotFound])
def test_a_vendor_that_is_not_reached_is_told_at_once(kind: type[WizardError]) -> None:
    async def work() -> None:
        with anyio.fail_after(1):
            await together(answers("slow", 2), fails(kind))

    with pytest.raises(kind):
        anyio.run(work)


def test_a_slow_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PROBE_WITHIN", 0.05)

    async def work() -> list[str | None]:
        return await together(answers("slow", 5), answers("fast"))

    assert anyio.run(work) == [None, "fast"]


def test_a_deadline_around_it_is_kept() -> None:
    async def work() -> None:
        with anyio.fail_after(0.05):
            await together(answers("slow", 5))

    with pytest.raises(TimeoutError):
        anyio.run(work)
