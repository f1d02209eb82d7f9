"""A hand-over on its way to where the partner takes it (docs/handover.md); its id lets it count once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from wizard.core.answers import maybe
from wizard.core.errors import (
    CaptivePortal,
    GarbledAnswer,
    NotSent,
    ReachError,
    Redirected,
    TooLarge,
    UnexpectedAnswer,
    VendorDown,
)
from wizard.core.provider import Environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.core.answers import Answer
    from wizard.core.net import Net
    from wizard.core.sending import Sealed

WITHIN = 60.0
"""The most that one sending may take, in seconds."""

TYPE = "application/jose"
"""The registered type of a JWE in its compact form (RFC 7515)."""

_TAKEN_BEFORE = 409
_BUSY = (408, 425, 429)
_STRANGE = (CaptivePortal, Redirected, GarbledAnswer, TooLarge, UnexpectedAnswer)


async def upload(
    address: str, what: Sealed, net: Net, told: Callable[[int], None], within: float = WITHIN
) -> None:
    """Send it once, and return when the partner has said that it is there; raises `NotSent`.

    There is no proxy, page or redirect that can be taken for the partner: only an answer that names the id.
    """
    place = Environment(name="production", endpoints={"api": address})
    body = what.compact.encode()
    headers = {"Content-Type": TYPE, "Idempotency-Key": what.id}
    try:
        with anyio.fail_after(within):
            async with replace(net, looks_further=False).open(place, lambda _: None) as http:
                answer = await http.send(body, headers, lambda gone: told(100 * gone // len(body)))
                _see_taken(answer, what.id)
    except TimeoutError:
        raise NotSent(reason="unknown", host=_host(place)) from None
    except _STRANGE:
        raise NotSent(reason="strange", host=_host(place)) from None
    except VendorDown:
        raise NotSent(reason="down", host=_host(place)) from None
    except ReachError as error:
        if isinstance(error, NotSent):
            raise NotSent({"host": _host(place), **error.facts}) from None
        raise NotSent(reason=_reason(error), host=_host(place)) from None


def _see_taken(answer: Answer, handover: str) -> None:
    """Raise unless it was taken, now or by an earlier try of which we did not hear."""
    if answer.status in _BUSY:
        raise NotSent(reason="down")
    if not answer.ok and answer.status != _TAKEN_BEFORE:
        raise NotSent(reason="refused", number=answer.status)
    if maybe(answer.row(), "id", str) != handover:
        raise answer.unexpected(looked_for="id")


def _reason(error: ReachError) -> str:
    """Return what is known of a try that broke off: before anything could go, or after."""
    return "unknown" if error.stage == "vendor" else "unreached"


def _host(place: Environment) -> str:
    return next(iter(place.hosts))
