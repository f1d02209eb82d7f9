"""The demo bank: a partner in this program, with keys of its own, that opens, tests and answers. No network.

Its keys are made when they are first needed and live as long as the program: none is ever in a file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.core.errors import PendingApproval, WizardError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from wizard.core.handover import Handover
    from wizard.core.keys import Jwk
    from wizard.core.reply import Outcome
    from wizard.core.store import Store
    from wizard.core.world import World


class DemoBank:
    """Receives what was sealed to it, once, as `koble receive` does, and answers with a reply code."""

    def __init__(self) -> None:
        self._key: Jwk | None = None
        self._answers: dict[str, str] = {}

    @property
    def key(self) -> Jwk:
        """The key to seal to; the private part never leaves."""
        from wizard.core.keys import public

        return public(self._private())

    async def receive(self, world: World, text: str) -> str:
        """Open it, test each connection with the practice vendors, and return the reply code.

        What comes twice gets the same answer. Raises what is the bank's to mend, as a real one would not.
        """
        from wizard.core.handover import open_sealed
        from wizard.core.reply import code, derived

        key = self._private()
        what = open_sealed(text, {key["kid"]: key})
        if what.id not in self._answers:
            outcome = await self._tested(world, what)
            self._answers[what.id] = code(derived(what.reply, what.id), what.id, outcome)
        return self._answers[what.id]

    def _private(self) -> Jwk:
        if not self._key:
            from wizard.core.keys import new_key

            self._key = new_key()
        return self._key

    async def _tested(self, world: World, what: Handover) -> Outcome:
        """Return what a test of all of them comes to; nothing of it is kept."""
        from wizard.core.receive import outcome_of, see_valid, tested
        from wizard.core.reply import Outcome

        try:
            see_valid(what, world.clock(), None)
            with _shelf() as store:
                own = replace(world, store=store)
                came = [await tested(own, one, {}, lambda _: None) for one in what.items]
        except WizardError as error:
            outcome = outcome_of(error)
            if not outcome:
                raise
            return outcome
        later = any(receipt.tested == "later" for receipts in came for receipt in receipts)
        return Outcome(cause=PendingApproval.code if later else "")


def _shelf() -> AbstractContextManager[Store]:
    """Return a place to keep things that is gone afterwards."""
    from wizard.core.world import open_store

    return open_store(memory=True)
