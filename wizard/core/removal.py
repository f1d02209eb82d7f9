"""Taking a connection away: the vendor's own step first, then proof that the key no longer works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.errors import WizardError

if TYPE_CHECKING:
    from wizard.core.ledger import Connection, Credential
    from wizard.core.provider import Finding, Provider
    from wizard.core.texts import Texts
    from wizard.core.world import World

_SHUT_OUT = {"key_refused"}
_WITHDRAWN = {"pending_approval", "wrong_tenant"}
_NOT_HERE = {"handed_over", "keychain_missing", "partner_key_needed", "bad_input"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What trying a key once more came to.

    `state` is `gone` where the vendor refuses it, `works` where it still lets us in, `unreached` where nobody
    could be asked, `not_here` where it cannot be asked from here, or `unknown`. `error` is what was said.
    """

    state: str
    error: WizardError | None = None


async def tried(world: World, connection: str) -> Tried:
    """Try the key of a stored connection, and tell whether that proves it no longer works.

    The ledger knows afterwards what a test came to. Raises `LedgerError` where it cannot be read, `BadInput`
    where the connection was taken away meanwhile.
    """
    from wizard.core.recheck import reexamine

    row = world.store.book().connections.get(connection)
    if not row:
        raise errors.BadInput(reason="unknown_connection", id=errors.nameable(connection))
    passed = row.tested == "passed"
    try:
        await reexamine(world, connection, _unheard)
    except errors.LedgerError:
        raise
    except WizardError as error:
        return Tried(state=verdict(error, passed=passed), error=error)
    return Tried(state="works")


def verdict(error: WizardError, *, passed: bool) -> str:
    """Return what a failure says of the key; `passed` tells that it worked before.

    A refusal is proof. So is an approval that is no longer there, where there was one. What says nothing of
    the key proves nothing, and a company or a right that is missing only tells that the key was let in.
    """
    if error.code in _SHUT_OUT or (passed and error.code in _WITHDRAWN):
        return "gone"
    if error.code in _NOT_HERE:
        return "not_here"
    if isinstance(error, errors.ReachError):
        return "unreached"
    return "works" if isinstance(error, errors.CompanyError) else "unknown"


def testable(row: Connection, credential: Credential, provider: Provider | None) -> bool:
    """Tell whether there is anything here by which the vendor could be asked."""
    from wizard.core.handover import key_left

    if not provider:
        return False
    own = provider.by(credential.method)
    here = row.tested != "not_possible_here" and not key_left(row, credential, own)
    return bool(own.checks) and here


def removal(texts: Texts, provider: Provider | None, method: str) -> str:
    """Return how the customer deletes the key, or withdraws the access, in the vendor's own program."""
    keys = (f"removal.{method}", "removal.text")
    found = next((key for key in keys if provider and texts.has(key, provider)), "leaving.by_hand")
    return texts.say(found, provider)


def _unheard(_: Finding) -> None:
    """Nobody watches the stages of this test."""
