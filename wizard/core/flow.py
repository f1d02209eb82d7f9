"""The order of the pages, as pure functions: the same walk in the window, in the terminal and in tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.connect import Proof, Receipt
    from wizard.core.errors import WizardError
    from wizard.core.secret import Secret

PAGES = ("system", "company", "key", "test", "done")
"""The pages in their order; how many there are is settled before the walk begins."""

SEND = "send"
"""The page that stands before the last one where the partner takes hand-overs."""

FIRST = PAGES[0]

ASKED_BEFORE = "orgnr"
"""The answer that the company's page asks for, so that nobody is asked twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far one customer has come.

    `method` is the way to connect that was chosen, `plain` the answers that are no secrets. `renews` is the
    stored connection that this walk tests again; with `unseen` somebody has yet to see that it is the right
    company, since the vendor gives no number. `reference` is that of the start file it began with, `consent`
    what was agreed to, `text` and `name`. `anew` is the one that gets another key, which must reach the same
    company.
    """

    system: str = ""
    expect: str = ""
    label: str = ""
    answers: Mapping[str, Secret] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    environment: str = ""
    warnings: tuple[tuple[str, str], ...] = ()
    picks: tuple[str, ...] = ()
    proof: Proof | None = None
    error: WizardError | None = None
    receipts: tuple[Receipt, ...] = ()
    renews: str = ""
    anew: str = ""
    unseen: bool = False
    reference: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)

    @property
    def stored(self) -> bool:
        """Whether something is stored: there is no way back from that."""
        return bool(self.receipts)

    @property
    def may_store_untested(self) -> bool:
        """Whether the failure says nothing about the key, so that it may be kept and tested later."""
        return bool(self.error and self.error.may_store and self.answers and not self.renews)


def path(*, sends: bool = False) -> tuple[str, ...]:
    """Return the pages of a walk; `sends` where the partner takes hand-overs."""
    return (*PAGES[:-1], SEND, PAGES[-1]) if sends else PAGES


def position(page: str, *, sends: bool = False) -> tuple[int, int]:
    """Return "n of m" for a page."""
    pages = path(sends=sends)
    return pages.index(page) + 1, len(pages)


def before(page: str, walk: Walk) -> str | None:
    """Return the page that Back leads to, or None where there is no way back."""
    at = PAGES.index(page) if page != SEND else 0
    return None if at == 0 or walk.stored or walk.renews else PAGES[at - 1]
