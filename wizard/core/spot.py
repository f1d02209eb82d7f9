"""Page and step as they are spoken: `3.2` is the second step of the third page; and what was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from wizard.core import flow
from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.flow import Walk
    from wizard.core.provider import Provider
    from wizard.core.spoken import Meaning

_WORD = r"(?:side|page|steg|step|trinn|punkt|point|komma|comma|prikk|dot|nummer|number|nr|no)(?![a-z])"
_MARK = r"[\s.,:;/·•–-]"
_SPOT = re.compile(
    rf"(?:{_WORD}|{_MARK}|#)*(\d{{1,2}})(?:(?:{_MARK}|{_WORD})+(\d{{1,2}}))?{_MARK}*", re.IGNORECASE
)
_LONGEST = 40
_LOST = {"running", "passed", "choosing"}
_FREE = {"home", flow.FIRST, "done"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A page by its number, and one of its steps; 0 means the page as a whole.

    Numbers are those of the map above the pages: one more where the partner takes hand-overs (`sends`).
    """

    page: int
    step: int = 0

    @property
    def spoken(self) -> str:
        """Return it as it is said and shown."""
        return f"{self.page}.{self.step}" if self.step else str(self.page)

    def name(self, *, sends: bool = False) -> str:
        """Return the page's name, or an empty text where there is no such page."""
        pages = flow.path(sends=sends)
        return pages[self.page - 1] if 0 < self.page <= len(pages) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What has the form of the partner's reply code; whether it is one, only the hand-over can tell."""

    code: str


def spot_of(page: str, step: int = 0, *, sends: bool = False) -> Spot | None:
    """Return where a page of the path is, or None for one that stands beside it."""
    there = page in flow.path(sends=sends)
    return Spot(page=flow.position(page, sends=sends)[0], step=step) if there else None


def heard(typed: str) -> Spot | None:
    """Return the page and step that a text names, however that is written, or None where it names none."""
    found = _SPOT.fullmatch(normalize("NFKC", typed[:_LONGEST]).strip())
    return Spot(page=int(found[1]), step=int(found[2] or 0)) if found else None


def read(typed: str, providers: Iterable[Provider]) -> Spot | Reply | Meaning:
    """Return what was typed: a page, an error code, or a reply code; raises `BadInput` for none of them."""
    from wizard.core.reply import tidied
    from wizard.core.spoken import understand

    if spot := heard(typed):
        return spot
    try:
        return understand(typed, providers)
    except BadInput:
        if reply := tidied(typed):
            return Reply(code=reply)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How the walk stands beside its page.

    `steps` is how many steps the page with the guide has, 0 where that is not known yet; `tested` is how the
    last test stands, as the page for it says, or an empty text where there is none to lose; `sends` tells
    that the partner takes hand-overs.
    """

    steps: int = 0
    tested: str = ""
    sends: bool = False


def obstacle(to: Spot, here: Spot | None, walk: Walk, stand: Stand) -> str:
    """Return why the window cannot go there without losing anything, or an empty text where it can."""
    if unknown := _unknown(to, stand.steps, to.name(sends=stand.sends)):
        return unknown
    if here is None:
        return "beside"
    if to.page == here.page:
        return "here" if to.step in {0, here.step} else ""
    if to.page > here.page:
        return "ahead"
    return "stored" if walk.stored or walk.renews else stand.tested if stand.tested in _LOST else ""


def keeps(page: str) -> str:
    """Return why a page is not left for the overview, where a reply code belongs; an empty text if it is.

    It is left only where nothing of a walk would be lost.
    """
    return "" if page in _FREE else "reply"


def _unknown(to: Spot, steps: int, name: str) -> str:
    """Return why there is no such page or step, or an empty text where there may be."""
    if not name:
        return "no_page"
    if to.step and name != "key":
        return "no_steps"
    return "no_step" if steps and to.step > steps else ""
