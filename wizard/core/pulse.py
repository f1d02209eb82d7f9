"""The vendor's pulse: whether it answers at all, asked without any key, in two seconds at most."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from wizard.core import errors
from wizard.core.answers import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.net import Net
    from wizard.core.provider import Environment, Provider

WITHIN = 2.0
"""The most that a pulse may take, in seconds."""

STATES = ("answers", "silent", "unknown")

_ANYTHING = Kind(name="anything", mime=re.compile(r".*"), speaks=lambda _: True)
_ANSWERED = (errors.Redirected, errors.CaptivePortal, errors.TooLarge, errors.GarbledAnswer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Whether a system answers, how many milliseconds it took, and the code of what stood in the way.

    `state` is `answers`, `silent`, or `unknown` for a system that has no address to ask.
    """

    system: str
    environment: str
    state: str
    ms: int = 0
    code: str = ""


UNASKED = "-"
"""Stands for a code where the way to the vendor was not found in time, so that it was not asked."""


async def pulse(provider: Provider, environment: Environment, net: Net) -> Pulse:
    """Ask the vendor's address for anything at all: whatever it answers below 500 is an answer."""
    if "api" not in environment.endpoints:
        return Pulse(system=provider.slug, environment=environment.name, state="unknown")
    began = time.perf_counter()
    code = await _code(environment, net)
    spent = round((time.perf_counter() - began) * 1000)
    state = "unknown" if code == UNASKED else "silent" if code else "answers"
    code = "" if code == UNASKED else code
    return Pulse(system=provider.slug, environment=environment.name, state=state, ms=spent, code=code)


async def pulses(places: Iterable[tuple[Provider, Environment]], net: Net) -> list[Pulse]:
    """Ask all at once, and return what each came to, in the order in which they were given."""
    asked = list(places)
    found: dict[int, Pulse] = {}

    async def note(at: int) -> None:
        found[at] = await pulse(*asked[at], net)

    async with anyio.create_task_group() as group:
        for at in range(len(asked)):
            group.start_soon(note, at)
    return [found[at] for at in range(len(asked))]


async def _code(environment: Environment, net: Net) -> str:
    """Return the code of what stood in the way, an empty text where the vendor answered, or `UNASKED`."""
    asked = False
    try:
        with anyio.fail_after(WITHIN):
            async with replace(net, looks_further=False).open(environment, lambda _: None) as http:
                asked = True
                answer = await http.ask("GET", "", kind=_ANYTHING)
    except _ANSWERED:
        return ""
    except TimeoutError:
        return errors.TimedOut.code if asked else UNASKED
    except errors.WizardError as error:
        return error.code
    return errors.VendorDown.code if answer.status >= 500 else ""
