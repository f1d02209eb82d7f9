"""The walk: ask each check, settle which company, keep, receipt."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from wizard.core import errors
from wizard.core.echo import quiet_company, quiet_error, quiet_finding
from wizard.core.errors import Fact, Facts, WizardError
from wizard.core.orgnr import LENGTH, compact
from wizard.core.provider import Company, Finding, Link, plain
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from datetime import datetime

    from wizard.core.net import Net
    from wizard.core.provider import Check, CredentialField, Environment, Found, Provider, Right
    from wizard.core.store import Store

Tell = Callable[[Finding], None]
log = logging.getLogger("koble.walk")
LEAVE_WITHIN = 0.8
"""The most that closing the vendor's session may take, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the customer gave, cleaned: which system, the keys, and which company is meant.

    `provider` is that of the method chosen; `answers` are the secrets, `plain` the other answers. `picks` are
    organisation numbers or vendor ids; `expect` is a checked organisation number or empty; `label` is the
    customer's own name for the connection. `warnings` are pairs of a field and the key of what is risky about
    it. `known` are the vendor's ids of the company that is expected, where it is connected already: this
    renews it. `since` is when the connection began to wait, if it waits; `reference` is the start file's;
    `consent` is as `consent.consented` records it, `options` as `options.answered` does.
    """

    provider: Provider
    environment: Environment
    answers: Mapping[str, Secret]
    partner: Mapping[str, Secret]
    plain: Mapping[str, str] = field(default_factory=dict)
    picks: tuple[str, ...] = ()
    expect: str = ""
    label: str = ""
    warnings: tuple[tuple[str, str], ...] = ()
    known: frozenset[str] = frozenset()
    since: datetime | None = None
    reference: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def testable(self) -> bool:
        """Whether the vendor can be asked from here; else the partner tests it with keys of its own."""
        return testable(self.provider, self.plain, self.partner)

    @property
    def told(self) -> Company:
        """The company that the answers name by themselves, as far as they do."""
        told = self.provider.told(self.plain) if self.provider.told else Company(id="", name="")
        return replace(told, name=told.name or self.label, orgnr=self.expect or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a test found: every company the key reaches, and the chosen ones, each proved."""

    order: Order
    companies: tuple[Company, ...]
    chosen: tuple[Company, ...]

    def settled(self) -> Proof:
        """Return the proof; raises `SeveralCompanies` where none is chosen."""
        if not self.chosen:
            raise _several(self.companies)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that all passed and all is stored; no secret in it."""

    connection: str
    provider: str
    environment: str
    company: Mapping[str, str | None]
    tested: str
    delivered: str
    waiting_for: str
    stored_in: str
    consent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers fit for use: the secrets, the others as they are shown, and warnings by field."""

    secrets: Mapping[str, Secret]
    plain: Mapping[str, str]
    warnings: tuple[tuple[str, str], ...]


def clean(
    fields: Iterable[CredentialField], given: Mapping[str, object], environment: Environment
) -> Answers:
    """Return each field's value, fit for use; raises `FieldInvalid`."""
    cleaned = {one.name: one.clean(given.get(one.name), environment) for one in fields}
    values = {name: value for name, (value, _) in cleaned.items()}
    return Answers(
        secrets={name: value for name, value in values.items() if isinstance(value, Secret)},
        plain={name: value for name, value in values.items() if isinstance(value, str)},
        warnings=tuple((name, key) for name, (_, keys) in cleaned.items() for key in keys),
    )


def testable(provider: Provider, plain: Iterable[str], partner: Iterable[str]) -> bool:
    """Tell whether the vendor can be asked with these answers and these keys of the partner's."""
    keys = {one.name for one in provider.partner_keys if one.required}
    return bool(provider.checks) and keys <= set(partner) and set(provider.needs) <= set(plain)


def partner_part(
    provider: Provider, environment: Environment, given: Mapping[str, object], kept: Mapping[str, Secret]
) -> tuple[dict[str, Secret], tuple[tuple[str, str], ...]]:
    """Return the partner's keys: those given just now, else those kept on this machine, and warnings.

    Without any, the partner tests the connection itself. Raises `PartnerKeyNeeded` naming what is missing
    where there are only some.
    """
    needed = tuple(one.name for one in provider.partner_keys if one.required)
    missing = tuple(name for name in needed if name not in {*given, *kept})
    if missing and len(missing) < len(needed):
        raise errors.PartnerKeyNeeded(fields=missing)
    fresh = [one for one in provider.partner_keys if one.name in given]
    cleaned = clean(fresh, given, environment)
    return {**kept, **cleaned.secrets}, cleaned.warnings


async def connect(
    order: Order, *, net: Net, store: Store, tell: Tell, now: Callable[[], datetime]
) -> tuple[Receipt, ...]:
    """Test and keep: a receipt a company. Raises any `WizardError`; then nothing is stored.

    Where the key reaches several companies and the order names none: `SeveralCompanies`. What only the
    partner can test, and what somebody has yet to approve, is kept as such.
    """
    if order.answers:
        await store.vault.trial()
    if not order.testable:
        _tell_assisted(order, tell)
        return await store.keep_assisted(order)
    came = await look(order, net=net, store=store, tell=tell, now=now)
    if isinstance(came, errors.PendingApproval):
        return await store.keep_waiting(order, came)
    return await store.keep(came.settled())


async def look(
    order: Order, *, net: Net, store: Store, tell: Tell, now: Callable[[], datetime]
) -> Proof | errors.PendingApproval:
    """Examine, unless the same request has failed too often just now; one that fails is noted.

    What somebody has yet to approve is returned, to be kept as waiting.
    """
    store.may_look(order)
    try:
        return await examine(order, net=net, tell=tell, now=now)
    except errors.PendingApproval as error:
        return error
    except errors.AnswerError:
        await store.note_look(order)
        raise


def _tell_assisted(order: Order, tell: Tell) -> None:
    """Report what was looked at here, and what the partner will test."""
    walk = _Walk(order, tell)
    walk.tell_input()
    for check in order.provider.checks:
        tell(Finding(check=check.name, stage=check.stage, state="skipped"))


async def examine(
    order: Order, *, net: Net, tell: Tell, now: Callable[[], datetime], limit: float | None = None
) -> Proof:
    """Ask the vendor everything that has to be true, within `limit` seconds (20 unless told).

    Where the key reaches several companies and the order does not say which, the proof's `chosen` is empty:
    ask, and examine again with `picks`.
    """
    from wizard.core.net import DEADLINE  # httpx costs 100 ms that a refused answer need not pay

    walk = _Walk(order, lambda finding: tell(quiet_finding(finding)))
    walk.tell_input()
    try:
        with anyio.fail_after(DEADLINE if limit is None else limit):
            async with net.open(order.environment, walk.tell) as http:
                link = Link(
                    http=http,
                    keys={**order.partner, **order.answers},
                    plain=order.plain,
                    environment=order.environment,
                    now=now(),
                    since=order.since,
                )
                return await walk.take(link)
    except TimeoutError:
        raise walk.failed(walk.timed_out()) from None
    except WizardError as error:
        raise walk.failed(error) from None  # what it came of speaks of what the vendor sent


def choose(companies: tuple[Company, ...], picks: tuple[str, ...], expect: str) -> tuple[Company, ...]:
    """Return the companies that are meant, or none where that is not settled.

    Raises `NoCompany`, or `WrongCompany` where a company that was named is not among them.
    """
    if not companies:
        raise errors.NoCompany
    if picks:
        if _hidden(companies) and len({compact(pick) for pick in picks}) > 1:  # it cannot be both
            raise _wrong(companies, ", ".join(picks), "company")
        meant = [_picked(companies, pick, expect) for pick in picks]
        return tuple({company.id: company for company in meant}.values())
    if len(companies) == 1:
        return companies
    if not expect or _unsettled(companies, expect):
        return ()
    return (_picked(companies, expect, expect),)


def printable(company: Company) -> Company:
    """Return the company with a name that can be shown: no control characters, none that turn text round."""
    quiet = quiet_company(company)  # which looks through marks that would part a key
    return replace(quiet, name=plain(quiet.name) or quiet.id)


def confirm(company: Company, expect: str) -> str:
    """Return `passed`, or `skipped` with nothing to compare; raises `WrongCompany` where they differ."""
    if not expect or company.orgnr is None:
        return "skipped"
    if company.orgnr != expect:
        raise _wrong((company,), expect, "expect")
    return "passed"


def _unsettled(companies: tuple[Company, ...], expect: str) -> bool:
    """Tell whether several have the expected number, or may have it since the vendor does not give theirs."""
    numbers = [company.orgnr for company in companies]
    return numbers.count(expect) > 1 or (None in numbers and expect not in numbers)


def _picked(companies: tuple[Company, ...], pick: str, expect: str) -> Company:
    """Return the company of that id or number, or the one within what further id of the vendor's names.

    The only one there is is meant where it hides its number.
    """
    bare = compact(pick)
    meant = [one for one in companies if pick.casefold() == one.id.casefold()]
    meant = meant or [one for one in companies if bare and bare == one.orgnr]
    meant = meant or [one for one in companies if pick in one.ids.values() and expect in {"", one.orgnr}]
    if not meant and _hidden(companies) and len(bare) == LENGTH and bare.isdigit() and expect in {"", bare}:
        meant = list(companies)
    if not meant:
        raise _wrong(companies, pick, "expect" if pick == expect else "company")
    if len(meant) > 1:
        raise _several(meant)
    return meant[0]


def _hidden(companies: tuple[Company, ...]) -> bool:
    return len(companies) == 1 and companies[0].orgnr is None


def _several(companies: Iterable[Company]) -> errors.SeveralCompanies:
    return errors.SeveralCompanies(companies=[company.facts() for company in companies])


def _wrong(companies: tuple[Company, ...], wanted: str, field: str) -> errors.WrongCompany:
    facts: dict[str, Fact] = {
        "expected": plain(wanted)[:40],
        "companies": [company.facts() for company in companies],
        "count": len(companies),
    }
    if len(companies) == 1:
        one = companies[0]
        facts |= {"found": one.name, "found_orgnr": one.orgnr, "found_as": one.orgnr or plain(one.id)}
    else:
        facts |= {"reason": "not_among"}
    return errors.WrongCompany(facts, fields=(field,))


def _missing(right: Right, provider: Provider) -> WizardError:
    kinds = {kind.code: kind for kind in errors.every_error()}
    fields = tuple(one.name for one in provider.fields if one.secret)
    return kinds[right.code](fields=fields, reason="right", right=right.name)


def _note_failure(error: WizardError, provider: Provider) -> None:
    """Write the code to the log, where a report for support finds it."""
    from wizard.core.spoken import spell  # not before something failed

    log.info("failed %s %s %s", error.stage, error.code, spell(error, provider))


@dataclass(slots=True)
class _Walk:
    """One examination under way: what is being asked now, and since when."""

    order: Order
    tell: Tell
    link: Link | None = None
    reached: str | None = None
    at: Check | None = None
    since: float = field(default_factory=time.perf_counter)
    rights: dict[str, bool] = field(default_factory=dict)

    def tell_input(self) -> None:
        warnings: list[dict[str, str | None]] = [
            {"key": key, "field": field} for field, key in self.order.warnings
        ]
        self.tell(Finding(check="input", stage="input", state="passed", facts={"warnings": warnings}))

    async def take(self, link: Link) -> Proof:
        """Ask every check; what the vendor opened for us is closed again however it ends."""
        self.link = link
        try:
            companies = await self._ask_once(link)
            chosen = self._chosen(companies)
            proved = [await self._prove(self.link, company) for company in chosen]
            return Proof(order=self.order, companies=companies, chosen=tuple(proved))
        finally:
            self.reached = link.http.stage  # before leaving, which is a request of its own
            await self._leave(self.link)

    async def _ask_once(self, link: Link) -> tuple[Company, ...]:
        companies: tuple[Company, ...] = ()
        for check in self.order.provider.checks:
            if not check.per_company:
                found = await self._ask(check, link)
                self.link = link = link.after(found)
                companies = found.companies or companies
        return tuple(map(printable, companies))

    def _chosen(self, companies: tuple[Company, ...]) -> tuple[Company, ...]:
        try:
            return choose(companies, self.order.picks, self.order.expect)
        except errors.WrongCompany as error:
            raise self._of_renewal(error) from None

    def _of_renewal(self, error: errors.WrongCompany) -> errors.WrongCompany:
        """Return the error with its way out where a connection was to be renewed: a new one instead."""
        if self.order.known:
            error.facts = {**error.facts, "reason": "renewal"}
        return error

    async def _prove(self, link: Link, company: Company) -> Company:
        known = dict(self.rights)
        for check in self.order.provider.checks:
            if check.per_company:
                found = await self._ask(check, replace(link, company=company))
                company = printable(found.companies[0]) if found.companies else company
        try:
            state = confirm(company, self.order.expect)
            self._see_known(company)
        except errors.WrongCompany as error:
            raise self._of_renewal(error) from None
        facts: Facts = {"orgnr": company.orgnr, "name": company.name, "expected": self.order.expect or None}
        facts = {**facts, "test_company": True} if company.test else facts
        self.tell(Finding(check="expected_company", stage="company", state=state, facts=facts))
        self._settle_rights(company)
        company = replace(company, rights=self._needed_rights())
        self.rights = known
        return company

    def _needed_rights(self) -> dict[str, bool]:
        """Return what was found of the rights that the partner needs."""
        names = (right.name for right in self.order.provider.rights)
        return {name: self.rights[name] for name in names if name in self.rights}

    def _see_known(self, company: Company) -> None:
        """Raise `WrongCompany` where what is renewed has another id, and no number that tells otherwise."""
        if self.order.known and company.orgnr is None and company.id not in self.order.known:
            raise _wrong((company,), self.order.expect, "expect")

    def _settle_rights(self, company: Company) -> None:
        """Report each right that the partner needs; raises for the first that is required and missing."""
        for right in self.order.provider.rights:
            has = self.rights.get(right.name)
            state = "skipped" if has is None else "passed" if has else "failed"
            facts: Facts = {"right": right.name, "required": right.required, "company": company.id}
            self.tell(Finding(check="right", stage="rights", state=state, facts=facts))
        for right in self.order.provider.rights:
            if right.required and self.rights.get(right.name) is False:
                raise _missing(right, self.order.provider)

    async def _ask(self, check: Check, link: Link) -> Found:
        self.at, self.since = check, time.perf_counter()
        found = await check.ask(link)
        self.rights |= found.rights
        self._tell(check.name, check.stage, "passed", found.facts)
        self.at = None
        return found

    async def _leave(self, link: Link) -> None:
        leave = self.order.provider.leave
        if leave and link.session:
            with anyio.move_on_after(LEAVE_WITHIN, shield=True), contextlib.suppress(WizardError):
                await leave(link)

    def timed_out(self) -> WizardError:
        """Return the error for a deadline that passed, with how far the request had come."""
        error = errors.TimedOut(self.link.http.where if self.link else {})
        error.stage = self.reached or error.stage
        return error

    def failed(self, error: WizardError) -> WizardError:
        """Report the failure where it happened; return the error, its stage filled in and no key in it."""
        error = quiet_error(error)
        error.stage = error.stage or (self.at.stage if self.at else "vendor")
        self._tell(self.at.name if self.at else "company", error.stage, "failed", {"code": error.code})
        _note_failure(error, self.order.provider)
        return error

    def _tell(self, check: str, stage: str, state: str, facts: Facts) -> None:
        spent = round((time.perf_counter() - self.since) * 1000)
        self.tell(Finding(check=check, stage=stage, state=state, ms=spent, facts=facts))
