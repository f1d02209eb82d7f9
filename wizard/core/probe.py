"""Questions that may go unanswered: what a probe is told helps, and whatever else it gets does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from wizard.core.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

PROBES_WITHIN = 3.0
"""The most that questions which may go unanswered may take in all, in seconds."""


async def probed(*asks: Callable[[], Awaitable[T]]) -> list[T | None]:
    """Ask one after the other, and return what each found, None where that failed or took too long."""
    found: list[T | None] = [None] * len(asks)
    with anyio.move_on_after(PROBES_WITHIN):
        for place, ask in enumerate(asks):
            found[place] = await _found(ask)
    return found


async def _found(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await ask()
    except WizardError:
        return None
