"""Questions that may go unanswered: what a probe is told helps, and whatever else it gets does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from wizard.core import errors
from wizard.core.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

PROBE_WITHIN = 3.0
"""The most that a question which may go unanswered may take, in seconds."""

_ANSWERED = (errors.AnswerError, errors.CaptivePortal, errors.Redirected)


async def probed(ask: Callable[[], Awaitable[T]]) -> T | None:
    """Return what was found, or None where the vendor answered anything else, or took too long.

    Raises `ReachError` where the vendor was not reached.
    """
    try:
        with anyio.move_on_after(PROBE_WITHIN):
            return await ask()
    except _ANSWERED:
        return None
    return None


async def together(*asks: Callable[[], Awaitable[T]]) -> list[T | None]:
    """Probe several at the same time, and return what each found, in their order; raises `ReachError`."""
    found: list[T | None] = [None] * len(asks)
    failed: list[WizardError] = []
    async with anyio.create_task_group() as group:

        async def one(place: int, ask: Callable[[], Awaitable[T]]) -> None:
            try:
                found[place] = await probed(ask)
            except WizardError as error:
                failed.append(error)
                group.cancel_scope.cancel()

        for place, ask in enumerate(asks):
            group.start_soon(one, place, ask)
    if failed:
        raise failed[0]
    return found
