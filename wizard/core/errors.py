"""The one tree of errors: codes and facts, no sentences.

    WizardError
    ├── InputError      status 2   bad_input field_invalid partner_key_needed, what is handed over and signed
    ├── AnswerError     status 3   the vendor answered, and it was not what we need
    ├── ReachError      status 4   the vendor was not reached
    ├── CompanyError    status 5   no_company several_companies wrong_company
    ├── StoreError      status 6
    │   ├── VaultError             the operating system's keychain
    │   └── LedgerError            the list of connections
    └── Cancelled       status 7

The sentences for each code stand in `translations/` and, where a provider knows better, beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOSE = ("customer", "it", "vendor", "partner", "us")
"""With whom a fault may lie: the customer, their IT support, the vendor, the partner, Koble's makers."""

Fact = str | int | bool | None | list[dict[str, str | None]]
Facts = Mapping[str, Fact]


class WizardError(Exception):
    """Something that the customer is told of, with what is known about it.

    `fields` names the answers it concerns (never their values), `stage` how far the walk had come, and
    `facts` what the sentence needs: host names, counts, company names.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    default_stage: ClassVar[str | None] = None
    whose: ClassVar[str]
    """With whom it lies, as a rule: `customer`, `it` (the customer's), `vendor`, `partner` or `us`."""
    may_store: ClassVar[bool] = False
    """Whether the key may be good all the same, so that it may be stored and tested later."""

    @property
    def lies_with(self) -> str:
        """With whom it lies: what is known of this one goes before what is so as a rule."""
        return str(self.facts.get("whose") or self.whose)

    def __init__(
        self, facts: Facts = MappingProxyType({}), /, *, fields: tuple[str, ...] = (), **more: Fact
    ) -> None:
        super().__init__(self.code)
        self.fields = fields
        self.stage = self.default_stage
        self.facts: Facts = {**facts, **more}


class InputError(WizardError):
    """What came in cannot be used; nothing was sent."""

    status = 2
    whose = "customer"
    default_stage = "input"


class BadInput(InputError):
    """The request itself is malformed: JSON, options, endpoints."""

    code = "bad_input"


class FieldInvalid(InputError):
    """An answer does not have the shape its field needs."""

    code = "field_invalid"


class PartnerKeyNeeded(InputError):
    """The system cannot be tested without the partner's own keys, and they are not here."""

    code = "partner_key_needed"
    whose = "partner"


class HandoverInvalid(InputError):
    """What was handed over cannot be opened: damaged, of another form, or sealed to another key."""

    code = "handover_invalid"


class HandoverUsed(InputError):
    """What was handed over has been received already, or is being received."""

    code = "handover_used"
    whose = "partner"


class HandoverExpired(InputError):
    """What was handed over is too old, or its start file had expired."""

    code = "handover_expired"


class ReferenceUnknown(InputError):
    """The reference of what was handed over is none of the partner's, or another customer's."""

    code = "reference_unknown"


class HandedOver(InputError):
    """The key was handed over to the partner and is no longer on this machine."""

    code = "handed_over"
    whose = "partner"


class SignatureInvalid(InputError):
    """A preset or a start file is not signed by anybody that this machine trusts."""

    code = "signature_invalid"
    whose = "partner"


class StartExpired(InputError):
    """The start file is no longer valid."""

    code = "start_expired"
    whose = "partner"


class StartUsed(InputError):
    """The start file was used on this machine already."""

    code = "start_used"


class ReplyWrong(InputError):
    """The reply code belongs to nothing that was handed over from here."""

    code = "reply_wrong"


class MethodClosed(InputError):
    """The partner does not take connections to this system this way."""

    code = "method_closed"
    whose = "partner"


class AnswerError(WizardError):
    """The vendor answered, and the connection cannot be made with that answer."""

    status = 3
    whose = "customer"
    default_stage: ClassVar[str | None] = "sign_in"


class KeyRefused(AnswerError):
    """The customer's key is wrong, removed or not yet active."""

    code = "key_refused"


class PartnerKeyRefused(AnswerError):
    """The partner's own key was refused; the customer can do nothing about it."""

    code = "partner_key_refused"
    whose = "partner"


class WrongEnvironment(AnswerError):
    """A test key in production, or the other way round."""

    code = "wrong_environment"
    default_stage = "input"


class RightsMissing(AnswerError):
    """The key is good, but may not do what we need."""

    code = "rights_missing"
    default_stage = "rights"


class ModuleMissing(AnswerError):
    """The company has not ordered the vendor's add-on for access from outside."""

    code = "module_missing"
    default_stage = "rights"


class ScopeMissing(AnswerError):
    """The key itself was not given a right that is needed, whatever its owner may do."""

    code = "scope_missing"
    default_stage = "rights"


class LicenceMissing(AnswerError):
    """The customer has no contract with the vendor for this, or it has ended."""

    code = "licence_missing"
    default_stage = "rights"


class PendingApproval(AnswerError):
    """Somebody at the customer's has not let the partner in yet, as far as can be told."""

    code = "pending_approval"


class InvitationExpired(AnswerError):
    """Nobody used the invitation while it was valid."""

    code = "invitation_expired"
    whose = "partner"


class WrongTenant(AnswerError):
    """The vendor's customer contract was named, and not the company."""

    code = "wrong_tenant"
    default_stage = "company"


class QuotaEmpty(AnswerError):
    """The key is good; what it may ask for is used up for now."""

    code = "quota_empty"
    default_stage = "vendor"
    may_store = True


class Busy(AnswerError):
    """The vendor asks us to wait longer than we may (429)."""

    code = "busy"
    whose = "vendor"
    default_stage = "vendor"
    may_store = True


class VendorDown(AnswerError):
    """The vendor answered with a fault of its own (5xx)."""

    code = "vendor_down"
    whose = "vendor"
    default_stage = "vendor"
    may_store = True


class UnexpectedAnswer(AnswerError):
    """The answer lacks something needed, or has it in another form."""

    code = "unexpected_answer"
    may_store = True
    whose = "us"
    default_stage = None


class TooLarge(AnswerError):
    """The answer is larger than any honest one."""

    code = "too_large"
    may_store = True
    whose = "vendor"
    default_stage = "vendor"


class GarbledAnswer(AnswerError):
    """The answer is not HTTP, or cannot be unpacked."""

    code = "garbled_answer"
    whose = "it"
    default_stage = "vendor"
    may_store = True


class ReachError(WizardError):
    """The vendor was not reached: the network, a proxy, TLS or the clock is in the way."""

    status = 4
    whose = "it"
    default_stage = "connection"
    may_store = True


class NameNotFound(ReachError):
    """The vendor's address could not be looked up."""

    code = "name_not_found"
    default_stage = "name"


class ConnectionRefused(ReachError):
    """Something answered that no connection is taken there."""

    code = "connection_refused"


class ConnectionLost(ReachError):
    """The connection broke before the whole answer had come."""

    code = "connection_lost"


class TimedOut(ReachError):
    """No answer within the time allowed."""

    code = "timed_out"


class TlsError(ReachError):
    """The encrypted connection could not be trusted."""

    default_stage = "tls"


class TlsUntrusted(TlsError):
    """The certificate's issuer is unknown to this machine: often a company that inspects traffic."""

    code = "tls_untrusted"


class TlsWrongName(TlsError):
    """The certificate belongs to another name."""

    code = "tls_wrong_name"


class TlsExpired(TlsError):
    """The certificate does not count at this time: expired, or not yet valid though our clock is right."""

    code = "tls_expired"


class TlsFailed(TlsError):
    """No encrypted connection could be agreed on."""

    code = "tls_failed"


class ClockWrong(TlsError):
    """This machine's clock is so wrong that keys and certificates do not count as valid."""

    code = "clock_wrong"
    whose = "customer"


class CaptivePortal(ReachError):
    """A web page came instead of an answer: a guest network's sign-in, or a filter."""

    code = "captive_portal"
    whose = "customer"
    default_stage = "vendor"


class Redirected(ReachError):
    """The answer sends us elsewhere; keys are never taken along."""

    code = "redirected"
    default_stage = "vendor"


class ProxyFailed(ReachError):
    """The proxy that this machine is set to use did not let us through."""

    code = "proxy_failed"
    default_stage = "proxy"


class Offline(ReachError):
    """This machine has no way to any network."""

    code = "offline"
    whose = "customer"
    default_stage = "name"


class NotSent(ReachError):
    """What was handed over did not reach the partner, as far as is known; the same may be sent again."""

    code = "not_sent"
    whose = "partner"
    may_store = False


class CompanyError(WizardError):
    """The key is good, but which company it is for is not settled."""

    status = 5
    whose = "customer"
    default_stage = "company"


class NoCompany(CompanyError):
    """The key reaches no company."""

    code = "no_company"


class SeveralCompanies(CompanyError):
    """The key reaches several companies, and none was named."""

    code = "several_companies"


class WrongCompany(CompanyError):
    """The key reaches another company than the one expected."""

    code = "wrong_company"


class StoreError(WizardError):
    """The connection could not be kept; nothing of it is left behind."""

    status = 6
    whose = "customer"


class VaultError(StoreError):
    """The operating system's keychain did not do its part."""


class KeychainLocked(VaultError):
    """The keychain is locked, and nobody unlocked it in time."""

    code = "keychain_locked"


class KeychainAbsent(VaultError):
    """There is no keychain to use."""

    code = "keychain_absent"
    whose = "it"


class KeychainDenied(VaultError):
    """The keychain, or its owner, said no."""

    code = "keychain_denied"


class KeychainReadOnly(VaultError):
    """The keychain can be read but not written."""

    code = "keychain_read_only"
    whose = "it"


class KeychainLied(VaultError):
    """The keychain said that it stored something, and did not."""

    code = "keychain_lied"
    whose = "it"


class KeychainTooLong(VaultError):
    """The value is longer than the keychain takes."""

    code = "keychain_too_long"
    whose = "us"


class KeychainMissing(VaultError):
    """What was kept is no longer in the keychain, or cannot be made sense of: it has to be entered again."""

    code = "keychain_missing"


class LedgerError(StoreError):
    """The list of connections could not be used."""


class LedgerUnreadable(LedgerError):
    """The list is damaged, or was written by a newer Koble; it is left as it is."""

    code = "ledger_unreadable"
    whose = "us"


class LedgerUnwritable(LedgerError):
    """The list could not be written: disk full, or no right to."""

    code = "ledger_unwritable"


class DeliveryFailed(StoreError):
    """The partner's own command did not take what was received."""

    code = "delivery_failed"
    whose = "partner"


class Cancelled(WizardError):
    """The customer stopped it."""

    code = "cancelled"
    status = 7
    whose = "customer"


def is_damaged(error: object) -> bool:
    """Tell whether it is that the list of connections is damaged, so that a new one may be begun."""
    return isinstance(error, LedgerUnreadable) and error.facts.get("reason") == "damaged"


def named(names: Iterable[str]) -> tuple[str, ...]:
    """Return those that look like names: what somebody put in a name's place by mistake may be a key."""
    return tuple(name for name in names if re.fullmatch(r"[a-z][a-z_]{0,23}", name))


def nameable(given: str) -> str:
    """Return what somebody gave for a name or an id, to say it back; `…` for what may be a key instead."""
    return given if re.fullmatch(r"[a-z][a-z_]{0,23}(\.[a-z][a-z_]{0,23}){0,2}|[0-9a-f]{1,8}", given) else "…"


def every_error() -> tuple[type[WizardError], ...]:
    """Return each error that has a code, in the order of the tree."""
    return tuple(_leaves(WizardError))


def _leaves(kind: type[WizardError]) -> list[type[WizardError]]:
    own = [kind] if "code" in vars(kind) else []
    return own + [leaf for child in kind.__subclasses__() for leaf in _leaves(child)]
