"""The vault and the ledger moved together, so that a crash at any point leaves the old or the new, whole.

The keychain cannot be listed, so what is about to be written is named in the ledger first. Each renewal
writes under fresh names: the old value stays whole until the ledger points at the new one, on the disk.
"""

from __future__ import annotations

import contextlib
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from wizard.core import errors
from wizard.core.connect import Order, Proof, Receipt
from wizard.core.errors import LedgerError, StoreError, VaultError, WizardError
from wizard.core.ledger import Book, Connection, Credential, Ledger
from wizard.core.secret import Secret
from wizard.core.waiting import next_look, place_of, taken, with_look

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from wizard.core.errors import Facts, PendingApproval
    from wizard.core.ledger import Seen
    from wizard.core.provider import Company, Provider
    from wizard.core.vault import Vault

LOCK_WITHIN = 70.0
"""How long to wait for another Koble to finish, in seconds: longer than a keychain prompt may take."""

TIDY_WITHIN = 2.0
"""The same before tidying up at the start, which the other one may do as well."""

_LOCK_PAUSE = 0.05

_SHUT = (errors.KeychainLocked, errors.KeychainAbsent)
"""What a keychain says when it would say it of every item: asking on would only prompt again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Came:
    """What a test of a stored connection came to."""

    companies: tuple[Company, ...]
    error: WizardError | None
    order: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was forgotten: the connections' ids and the partner's keys by name.

    `left` are the items that the keychain did not let go, `error` is why.
    """

    connections: tuple[str, ...]
    partner: tuple[str, ...]
    left: tuple[str, ...] = ()
    error: StoreError | None = None


class Store:
    """Keeps, finds and forgets connections and the partner's own keys."""

    def __init__(self, *, vault: Vault, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self.vault = vault
        self._ledger = ledger
        self._now = now

    def book(self) -> Book:
        """Return all that the ledger knows; raises `LedgerUnreadable`."""
        return self._ledger.read()

    def ready(self) -> None:
        """Raise `LedgerUnreadable` where nothing can be kept: to be known before a secret is asked for."""
        if self._ledger.look().newer:
            raise errors.LedgerUnreadable(reason="newer")

    def found(self) -> str:
        """Return what should be said of how the list was found, as `recover` does, and change nothing."""
        return _found(self._ledger.look())

    def leftovers(self) -> tuple[str, ...]:
        """Return the names of items that the keychain should have dropped and has not yet."""
        return tuple(dict.fromkeys(_left(self.book())))

    async def rebuild(self) -> tuple[str, ...]:
        """Begin an empty list where it is damaged beyond its copy; return the files it is kept in now.

        The keychain is left as it is: the damaged list may still tell whose is what. Raises `LedgerError`.
        """
        async with self._locked():
            return await to_thread.run_sync(self._ledger.rebuild)

    async def keep(self, proof: Proof) -> tuple[Receipt, ...]:
        """Keep a tested credential and a connection a company; raises `StoreError`, then nothing is kept.

        A company that is connected already, in the same system and environment, keeps its id: it is renewed.
        """
        now = self._moment()
        rows = [
            replace(self._row(proof.order, company), tested="passed", tested_at=now)
            for company in proof.chosen
        ]
        return await self._keep(proof.order, rows)

    async def keep_untested(self, order: Order) -> tuple[Receipt, ...]:
        """Keep a credential that could not be tested now, because it may be one that is shown only once."""
        row = replace(self._row(order, order.told), waiting_for="you")
        return await self._keep(order, [row])

    async def keep_assisted(self, order: Order) -> tuple[Receipt, ...]:
        """Keep what only the partner can test."""
        row = self._row(order, order.told)
        return await self._keep(
            order, [replace(row, tested="not_possible_here", delivered="no", waiting_for="partner")]
        )

    async def keep_waiting(self, order: Order, error: PendingApproval) -> tuple[Receipt, ...]:
        """Keep what somebody has yet to approve."""
        await self.note_look(order)
        row = replace(self._row(order, order.told), last_code=error.code)
        return await self._keep(order, [self._waiting(row, error)])

    def _waiting(self, row: Connection, error: WizardError) -> Connection:
        """Return the row as one that waits, from now on unless it does already."""
        if row.since:
            return row
        days, whom = error.facts.get("days"), error.facts.get("waiting_for")
        return replace(
            row,
            tested="later",
            waiting_for=whom if isinstance(whom, str) else "administrator",
            since=self._moment(),
            until=self._moment(days) if isinstance(days, int) else "",
        )

    def known(self, order: Order) -> frozenset[str]:
        """Return the vendor's ids of the company that is expected, where it is connected already."""
        book, place = self.book(), (order.provider.slug, order.environment.name)
        rows = [one for one in book.connections.values() if _at(book, one) == place]
        meant = [one for one in rows if order.expect and order.expect in {one.company["orgnr"], one.expect}]
        return frozenset(str(one.company["id"]) for one in meant if one.tested == "passed")

    def may_look(self, order: Order) -> None:
        """Raise `PendingApproval` or `Busy` where the same request has failed too often just now."""
        at = self.next_look(order)
        if not at:
            return
        seconds = -int(-(at - self._now()).total_seconds() // 1)
        facts: Facts = {"seconds": seconds, "next_look": at.isoformat(timespec="seconds")}
        if any(row.last_code == errors.PendingApproval.code for row in self._rows_of(order)):
            raise errors.PendingApproval(facts, reason="too_soon")
        raise errors.Busy(facts, reason="held_back")

    def next_look(self, order: Order) -> datetime | None:
        """Return when the same request may be sent again, or None where that is now."""
        return next_look(order.provider.looks, taken(self.book(), place_of(order)), self._now())

    async def note_look(self, order: Order) -> None:
        """Note that a request has failed that must not be sent again too often; raises `LedgerError`."""
        if order.provider.looks:
            async with self._locked():
                await self._change(lambda book: with_look(book, place_of(order), self._now()))

    def _rows_of(self, order: Order) -> list[Connection]:
        """Return the connections whose answers name the same company by themselves."""
        provider, meant, book = order.provider, order.told.id, self.book()
        if not provider.told or not meant:
            return []
        place = (provider.slug, order.environment.name, provider.method)
        given = {
            key: provider.told(one.plain).id
            for key, one in book.credentials.items()
            if place == (one.provider, one.environment, one.method) and not one.partner
        }
        return [one for one in book.connections.values() if given.get(one.credential) == meant]

    async def open(self, connection: str) -> tuple[Connection, Credential, dict[str, Secret]]:
        """Return a connection with its secrets; raises `BadInput` for one there is not.

        Secrets that are gone from the keychain are not among them.
        """
        book = self.book()
        _must_have(book, connection)
        row = book.connections[connection]
        credential = book.credentials[row.credential]
        return row, credential, await self._read(credential)

    async def tested(
        self,
        connection: str,
        companies: tuple[Company, ...],
        error: WizardError | None = None,
        order: Order | None = None,
    ) -> tuple[str, Connection, Credential]:
        """Note what a new test came to: the companies where it passed, else the error.

        With the `order` that failed, the look in vain is counted. What was never reached and is now found to
        wait for somebody's approval waits from now on.

        A key that was stored untested may turn out to reach several: the further ones become connections of
        their own, with the same credential. One that was connected already is renewed, not doubled. Return
        the first of them. Raises `BadInput` where the connection is gone, `LedgerError`.
        """
        seen: list[str] = []
        came = _Came(companies=companies, error=error, order=order)
        async with self._locked():
            book = await self._change(lambda book: self._after(book, connection, came, seen))
            with contextlib.suppress(StoreError):  # what is left is named, and is dropped the next time
                await self._sweep()
        row = book.connections[seen[0]]
        return seen[0], row, book.credentials[row.credential]

    def _after(self, book: Book, connection: str, came: _Came, seen: list[str]) -> Book:
        """Return the book after a test, the ids of what was tested added to `seen`."""
        _must_have(book, connection)
        before = book.connections[connection]
        row = self._failed(before, came.error) if came.error else before
        passed = [self._passed(row, one) for one in came.companies]
        others = _without(book, connection)
        rows = _placed(others, book.credentials[row.credential], passed, connection) or {connection: row}
        seen += rows
        merged = {**book.connections, **rows}
        kept = {key: one for key, one in merged.items() if key != connection or key in rows}
        if came.order and came.order.provider.looks:
            book = with_look(book, place_of(came.order), self._now())
        return replace(book, connections=kept).swept()

    def _passed(self, row: Connection, company: Company) -> Connection:
        now = self._moment()
        return replace(
            row,
            company=_company(company),
            tested="passed",
            tested_at=now,
            waiting_for="nobody",
            delivered="not_needed" if row.delivered == "no" else row.delivered,
            last_code="",
            since="",
            until="",
        ).told(now, "tested")

    def _failed(self, row: Connection, error: WizardError) -> Connection:
        row = replace(row, last_code=error.code).told(self._moment(), "failed", error.code)
        if isinstance(error, errors.KeychainMissing):
            row = replace(row, waiting_for="you")  # the key has to be entered again
        pending = isinstance(error, errors.PendingApproval) and row.tested != "passed"
        return self._waiting(row, error) if pending else row

    async def note(self, connection: str, event: str, code: str = "") -> None:
        """Add to a connection's history; raises `BadInput` where it is gone, `LedgerError`."""
        async with self._locked():
            await self._change(lambda book: _with_event(book, connection, self._moment(), event, code))

    async def forget(self, connection: str) -> bool:
        """Drop a connection, and its credential with the last of them; raises `BadInput` or `StoreError`.

        Return whether the credential went too. After a `VaultError` the connection is gone; its secrets go as
        soon as the keychain allows.
        """
        async with self._locked():
            _must_have(self.book(), connection)
            credential = self.book().connections[connection].credential
            items = set(self.book().credentials[credential].items.values())
            book = await self._change(lambda book: _without(book, connection).swept())
            await self._sweep_all(items)
            return credential not in book.credentials

    async def amend(self, change: Callable[[Book], Book]) -> Book:
        """Write what `change` makes of the book, and drop the secrets that leave with it.

        Raises `LedgerError`. What the keychain does not let go now stays named, and goes the next time.
        """
        async with self._locked():
            book = await self._change(change)
            with contextlib.suppress(StoreError):
                await self._sweep()
        return book

    async def sweep_delivered(self, now: datetime) -> None:
        """Let the keys go that were sent to the partner long enough ago; raises `LedgerError`."""
        from wizard.core.delivered import due, without_due

        if due(self.book(), now):
            await self.amend(lambda book: without_due(book, now))

    async def recover(self) -> str:
        """Finish what a crash left half-done: drop what was about to be written or dropped, if that works.

        Return what its owner should be told: `damaged` where the list was, and its copy had to serve; `newer`
        where a newer Koble wrote it; else an empty text. Keys go that were sent to the partner long enough
        ago. Raises `LedgerUnreadable`.
        """
        with contextlib.suppress(StoreError):
            await self.sweep_delivered(self._now())
        seen = self._ledger.look()
        if not seen.newer and (seen.damaged or _left(seen.book) or not self._ledger.is_even()):
            with contextlib.suppress(StoreError):
                async with self._locked(TIDY_WITHIN):
                    await self._change(_as_it_is)  # so that it is on the disk, whatever the last run came to
                    await self._sweep()
        return _found(seen)

    async def set_partner(self, name: str, provider: Provider, value: Secret | str) -> None:
        """Keep one of the partner's own keys, `system.environment.key`, in place of an older one.

        One that is no secret, such as a code that customers are shown, lies in the ledger.
        """
        _, environment, field = name.split(".")
        async with self._locked():
            old = self.book().credentials.get(name)
            generation = old.generation + 1 if old else 1
            item = f"koble {name} {secrets.token_hex(6)} {generation}"
            fresh = Credential(
                provider=provider.slug,
                environment=environment,
                items={field: item} if isinstance(value, Secret) else {},
                plain={} if isinstance(value, Secret) else {field: value},
                generation=generation,
                partner=True,
            )
            items = {item: value} if isinstance(value, Secret) else {}
            await self._put(items, lambda book: _with_partner(book, name, fresh))

    async def forget_partner(self, name: str) -> None:
        """Drop one of the partner's own keys; raises `BadInput` where there is none."""
        async with self._locked():
            old = self.book().credentials.get(name)
            if not old:
                raise errors.BadInput(reason="partner_key_absent", name=name)
            await self._change(lambda book: _with_partner(book, name, None))
            await self._sweep_all(set(old.items.values()))

    async def forget_all(self) -> Gone:
        """Forget every connection and each of the partner's keys; raises `LedgerError`.

        What the keychain does not let go stays named, for the next time.
        """
        async with self._locked():
            before = self.book()
            book = await self._change(_emptied)
            left, error = await self._drop_each(book.leaving)
            await self._change(lambda book: replace(book, leaving=left))
        partner = tuple(sorted(key for key, one in before.credentials.items() if one.partner))
        return Gone(connections=tuple(before.connections), partner=partner, left=left, error=error)

    async def _drop_each(self, names: tuple[str, ...]) -> tuple[tuple[str, ...], StoreError | None]:
        """Drop item by item; return those that are left, and the first thing that stood in the way."""
        left: dict[str, StoreError] = {}
        for name in names:
            try:
                await self.vault.drop([name])
            except StoreError as caught:
                left[name] = caught
        return tuple(left), next(iter(left.values()), None)

    def partner_fields(self, provider: Provider, environment: str) -> frozenset[str]:
        """Return which of a system's partner keys are kept here, without a look into the keychain."""
        kept = self._partner(provider, environment)
        return frozenset(name for one in kept for name in (*one.items, *one.plain))

    def partner_values(self, provider: Provider, environment: str) -> dict[str, str]:
        """Return the partner's keys kept here that are no secrets, by name."""
        found: dict[str, str] = {}
        for credential in self._partner(provider, environment):
            found |= credential.plain
        return found

    def partner_names(self) -> tuple[str, ...]:
        """Return the names of the partner's keys that are kept here."""
        return tuple(sorted(key for key, one in self.book().credentials.items() if one.partner))

    async def partner(self, provider: Provider, environment: str) -> dict[str, Secret]:
        """Return the partner's keys kept here for one environment of a system, by name."""
        found: dict[str, Secret] = {}
        for credential in self._partner(provider, environment):
            found |= await self._read(credential)
        return found

    def _partner(self, provider: Provider, environment: str) -> list[Credential]:
        place = (provider.slug, environment)
        credentials = self.book().credentials.values()
        return [one for one in credentials if one.partner and (one.provider, one.environment) == place]

    async def _keep(self, order: Order, rows: list[Connection]) -> tuple[Receipt, ...]:
        key = secrets.token_hex(6)
        fresh = Credential(
            provider=order.provider.slug,
            environment=order.environment.name,
            items={name: f"koble {order.provider.slug} {key} {name} 1" for name in order.answers},
            method=order.provider.method,
            plain=order.plain,
        )
        items = {fresh.items[name]: secret for name, secret in order.answers.items()}
        async with self._locked():
            placed = _placed(self.book(), fresh, [replace(row, credential=key) for row in rows])
            await self._put(items, lambda book: _with(book, key, fresh, placed))
        return tuple(receipt(at, row, fresh, self.vault.place) for at, row in placed.items())

    async def _put(self, items: Mapping[str, Secret], commit: Callable[[Book], Book]) -> None:
        """Name the items, write them, make the book point at them, and drop what it pointed at before."""
        await self._change(lambda book: replace(book, pending=(*book.pending, *items)))
        kept = False
        try:
            await self.vault.keep(items)
            await self._change(lambda book: _settled(commit(book), items))
            kept = True
        finally:
            with contextlib.suppress(StoreError):  # what is left is named, and is dropped the next time
                await self._sweep(replaced=kept)

    async def _sweep_all(self, names: set[str]) -> None:
        """Sweep; raises `StoreError` where any of these is left, and not for what was left long before."""
        try:
            await self._sweep()
        except StoreError:
            if names.intersection(_left(self.book())):
                raise

    async def _sweep(self, *, replaced: bool = True) -> None:
        """Drop what is pending and, if it is on the disk that something `replaced` it, what is leaving.

        After a `StoreError` what could not be dropped stays named for next time.
        """
        book = self.book()
        left = dict.fromkeys(_left(book) if replaced else book.pending)
        used = {item for one in book.credentials.values() for item in one.items.values()}
        gone, refused = await self._dropped(name for name in left if name not in used)
        rid = gone | used.intersection(left)
        if rid:
            with contextlib.suppress(LedgerError):  # they stay named, and to drop them once more does no harm
                await self._change(lambda book: _rid_of(book, rid))
        if refused:
            raise refused

    async def _dropped(self, names: Iterable[str]) -> tuple[set[str], VaultError | None]:
        """Drop items one by one; return which are gone, and what the keychain said of the others.

        One that is shut is asked once: it would prompt anew for each.
        """
        gone, refused = set[str](), None
        for name in names:
            try:
                await self.vault.drop([name])
                gone.add(name)
            except VaultError as error:
                refused = error
                if isinstance(error, _SHUT):
                    break
        return gone, refused

    async def _read(self, credential: Credential) -> dict[str, Secret]:
        found = await self.vault.read(credential.items.values())
        return {field: found[item] for field, item in credential.items.items() if item in found}

    async def _change(self, change: Callable[[Book], Book]) -> Book:
        return await to_thread.run_sync(self._ledger.change, change)

    @asynccontextmanager
    async def _locked(self, within: float | None = None) -> AsyncIterator[None]:
        """Keep others from changing the ledger: the wait can be cancelled, what is done then cannot."""
        await self._wait_for_lock(LOCK_WITHIN if within is None else within)
        try:
            with anyio.CancelScope(shield=True):
                yield
        finally:
            self._ledger.unlock()

    async def _wait_for_lock(self, within: float) -> None:
        with anyio.move_on_after(within):
            while not self._ledger.lock():  # noqa: ASYNC110 - other processes send no event
                await anyio.sleep(_LOCK_PAUSE)
            return
        raise errors.LedgerUnwritable(reason="in_use")

    def _row(self, order: Order, company: Company) -> Connection:
        """Return a connection that is not tested yet."""
        now = self._moment()
        return Connection(
            credential="",
            company=_company(company),
            tested="later",
            label=order.label,
            expect=order.expect,
            reference=order.reference,
            consent=order.consent,
            options=order.options,
            made_at=now,
        ).told(now, "made")

    def _moment(self, days: int = 0) -> str:
        return (self._now() + timedelta(days=days)).isoformat(timespec="seconds")


def receipt(connection: str, row: Connection, credential: Credential, place: str) -> Receipt:
    """Return the proof of a stored connection."""
    company = {name: row.company.get(name) for name in ("orgnr", "name", "id")}
    return Receipt(
        connection=connection,
        provider=credential.provider,
        environment=credential.environment,
        company={name: value if value is None else str(value) for name, value in company.items()},
        tested=row.tested,
        delivered=row.delivered,
        waiting_for=row.waiting_for,
        stored_in=place,
        consent=row.consent,
    )


def _must_have(book: Book, connection: str) -> None:
    if connection not in book.connections:
        raise errors.BadInput(reason="unknown_connection", id=errors.nameable(connection))


def _emptied(book: Book) -> Book:
    """Return a book with nothing in it but the names of all items that there may be."""
    kept = (name for one in book.credentials.values() for name in one.items.values())
    return Book(leaving=(*book.pending, *book.leaving, *kept))


def _settled(book: Book, items: Mapping[str, Secret]) -> Book:
    return replace(book, pending=tuple(name for name in book.pending if name not in items))


def _as_it_is(book: Book) -> Book:
    return book


def _found(seen: Seen) -> str:
    return "newer" if seen.newer else "damaged" if seen.damaged else ""


def _left(book: Book) -> tuple[str, ...]:
    """Return the names of items that are not, or not yet, in use."""
    return (*book.pending, *book.leaving)


def _rid_of(book: Book, names: set[str]) -> Book:
    pending, leaving = (
        tuple(name for name in left if name not in names) for left in (book.pending, book.leaving)
    )
    return replace(book, pending=pending, leaving=leaving)


def _company(company: Company) -> dict[str, object]:
    rights = {"rights": dict(company.rights)} if company.rights else {}
    return {**company.facts(), "ids": dict(company.ids), "test": company.test, **rights}


def _placed(
    book: Book, credential: Credential, rows: list[Connection], first: str = ""
) -> dict[str, Connection]:
    """Return the rows by id: a company that is connected already keeps its own, and no two share one.

    `first` is the id for the first of them, if its company has none yet.
    """
    placed: dict[str, Connection] = {}
    for row in rows:
        same = _same(book, credential, row)
        fresh = first if first and not placed else secrets.token_hex(4)
        placed[same if same and same not in placed else fresh] = row
    return placed


def _same(book: Book, credential: Credential, row: Connection) -> str | None:
    """Return the id of the connection to the same company, in the same system and environment.

    It is told by the vendor's id, unless the numbers differ. One that was never reached may have none, or a
    wrong one: it is told by its expected number, or by the vendor's id of what the company is part of. What
    is not tested takes the place of no connection that works.
    """
    place = (credential.provider, credential.environment)
    rows = {
        key: one
        for key, one in book.connections.items()
        if place == _at(book, one) and (row.tested == "passed" or one.tested != "passed")
    }
    company, within = row.company, _ids(row)
    known = [(key, one.company, one.tested == "passed") for key, one in rows.items()]
    reached = [key for key, one, _ in known if _is_id(one["id"], company) and _may_be_same(one, company)]
    numbered = [key for key, one, seen in known if not seen and _is_number(one, company)]
    waiting = [key for key, one, seen in known if not seen and one["id"] and one["id"] in within]
    return next(iter((*reached, *numbered, *waiting)), None)


def _is_id(known: object, company: Mapping[str, object]) -> bool:
    return bool(known) and known == company["id"]


def _may_be_same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Tell whether no numbers say that two are not the same: companies of a group may share a vendor's id."""
    return not one["orgnr"] or not other["orgnr"] or one["orgnr"] == other["orgnr"]


def _is_number(one: Mapping[str, object], company: Mapping[str, object]) -> bool:
    """Tell whether one never reached has the same number, and says no more of itself than the other."""
    same = bool(one["orgnr"]) and one["orgnr"] == company["orgnr"]
    return same and bool(company["id"] or not one["id"])


def _ids(row: Connection) -> tuple[object, ...]:
    ids = row.company["ids"]
    return tuple(ids.values()) if isinstance(ids, dict) else ()


def _at(book: Book, row: Connection) -> tuple[str, str]:
    credential = book.credentials[row.credential]
    return credential.provider, credential.environment


def _with(book: Book, key: str, credential: Credential, rows: Mapping[str, Connection]) -> Book:
    kept = {at: _renewed(book.connections.get(at), row) for at, row in rows.items()}
    return replace(
        book,
        credentials={**book.credentials, key: credential},
        connections={**book.connections, **kept},
    ).swept()


def _renewed(before: Connection | None, row: Connection) -> Connection:
    """Return a connection that takes the place of another, with what happened to that before."""
    if not before:
        return row
    renewed = replace(
        row,
        made_at=before.made_at,
        history=before.history,
        contact=before.contact,  # the new key's end is not known
        options=row.options or before.options,
        consent=row.consent or before.consent,
    )
    if row.since and before.since and (not before.until or before.until > row.made_at):
        renewed = replace(renewed, since=before.since, until=before.until)  # it waits for the same still
    return renewed.told(row.made_at, "renewed")


def _with_event(book: Book, connection: str, at: str, event: str, code: str) -> Book:
    _must_have(book, connection)
    row = book.connections[connection].told(at, event, code)
    return replace(book, connections={**book.connections, connection: row})


def _without(book: Book, connection: str) -> Book:
    kept = {key: one for key, one in book.connections.items() if key != connection}
    return replace(book, connections=kept)


def _with_partner(book: Book, name: str, fresh: Credential | None) -> Book:
    old = book.credentials.get(name)
    kept = {key: one for key, one in book.credentials.items() if key != name}
    leaving = (*book.leaving, *old.items.values()) if old else book.leaving
    return replace(book, credentials={**kept, name: fresh} if fresh else kept, leaving=leaving)
