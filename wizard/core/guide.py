"""What a guide says of its steps: the number that is spoken, and when a screen may be shared."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from wizard.core import flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.core.provider import GuideStep

_PAGE = "key"


class Share(Enum):
    """What is said to somebody whose screen others may see."""

    NOTHING = ""
    SOON = "soon"
    STOP = "stop"
    AGAIN = "again"


def spoken(at: int) -> str:
    """Return the number of a step as it is shown and spoken: that of the page, then its own from 1."""
    return f"{flow.position(_PAGE)[0]}.{at + 1}"


def sharing(steps: Sequence[GuideStep], at: int, *, accepted: bool) -> Share:
    """Return what to say of sharing the screen at a step.

    `accepted` tells that every key that is asked for is in its field, and may be used.
    """
    step, following = steps[at], steps[at + 1 : at + 2]
    if step.shows_secret:
        return Share.AGAIN if accepted else Share.STOP
    soon = step.leads_to_secret or any(one.shows_secret for one in following)
    return Share.SOON if soon and not accepted else Share.NOTHING
