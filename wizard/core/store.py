"""The vault and the ledger moved together, so that a crash at any point leaves the old or the new, whole.

The keychain cannot be listed, so what is about to be written is named in the ledger first. Each renewal
writes under fresh names: the old value stays whole until the ledger points at the new one.
"""

from __future__ import annotations

import contextlib
import secrets
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from wizard.core import errors
from wizard.core.connect import Order, Proof, Receipt
from wizard.core.errors import StoreError
from wizard.core.ledger import Book, Connection, Credential, Ledger
from wizard.core.provider import Company, Provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from wizard.core.secret import Secret
    from wizard.core.vault import Vault

LOCK_WITHIN = 70.0
"""How long to wait for another Koble to finish, in seconds: longer than a keychain prompt may take."""

_LOCK_PAUSE = 0.05


class Store:
    """Keeps, finds and forgets connections and the partner's own keys."""

    def __init__(self, *, vault: Vault, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self.vault = vault
        self._ledger = ledger
        self._now = now

    def book(self) -> Book:
        """Return all that the ledger knows; raises `LedgerUnreadable`."""
        return self._ledger.read()

    async def keep(self, proof: Proof) -> tuple[Receipt, ...]:
        """Keep a tested credential and a connection a company; raises `StoreError`, then nothing is kept.

        A company that is connected already, in the same system and environment, keeps its id: it is renewed.
        """
        rows = [self._row(proof.order, company, "passed") for company in proof.chosen]
        return await self._keep(proof.order, rows)

    async def keep_untested(self, order: Order) -> tuple[Receipt, ...]:
        """Keep a credential that could not be tested now, because it may be one that is shown only once."""
        company = Company(id="", name=order.label, orgnr=order.expect or None)
        return await self._keep(order, [self._row(order, company, "later")])

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
        self, connection: str, companies: tuple[Company, ...], code: str
    ) -> tuple[str, Connection, Credential]:
        """Note what a new test came to: the companies where it passed, else the error's `code`.

        A key that was stored untested may turn out to reach several: the further ones become connections of
        their own, with the same credential. One that was connected already is renewed, not doubled. Return
        the first of them. Raises `BadInput` where the connection is gone, `LedgerError`.
        """
        noted: list[str] = []
        async with self._locked():
            book = await self._change(lambda book: self._noted(book, connection, companies, code, noted))
            with contextlib.suppress(StoreError):  # what is left is named, and is dropped the next time
                await self._sweep()
        row = book.connections[noted[0]]
        return noted[0], row, book.credentials[row.credential]

    def _noted(
        self, book: Book, connection: str, companies: tuple[Company, ...], code: str, noted: list[str]
    ) -> Book:
        """Return the book after a test, the ids of what was tested added to `noted`."""
        _must_have(book, connection)
        now = self._now().isoformat(timespec="seconds")
        row = replace(book.connections[connection], last_code=code)
        passed = [
            replace(row, company=_company(one), tested="passed", tested_at=now, waiting_for="nobody")
            for one in companies
        ]
        others = _without(book, connection)
        rows = _placed(others, book.credentials[row.credential], passed, connection) or {connection: row}
        noted += rows
        merged = {**book.connections, **rows}
        kept = {key: one for key, one in merged.items() if key != connection or key in rows}
        return replace(book, connections=kept).swept()

    async def forget(self, connection: str) -> bool:
        """Drop a connection, and its credential with the last of them; raises `BadInput` or `StoreError`.

        Return whether the credential went too. After a `VaultError` the connection is gone; its secrets go as
        soon as the keychain allows.
        """
        async with self._locked():
            _must_have(self.book(), connection)
            credential = self.book().connections[connection].credential
            book = await self._change(lambda book: _without(book, connection).swept())
            await self._sweep()
            return credential not in book.credentials

    async def recover(self) -> None:
        """Finish what a crash left half-done: drop what was about to be written or dropped, if that works."""
        book = self.book()
        if book.pending or book.leaving:
            with contextlib.suppress(StoreError):
                async with self._locked():
                    await self._sweep()

    async def set_partner(self, name: str, provider: Provider, secret: Secret) -> None:
        """Keep one of the partner's own keys, `system.environment.key`, in place of an older one."""
        _, environment, field = name.split(".")
        async with self._locked():
            old = self.book().credentials.get(name)
            generation = old.generation + 1 if old else 1
            item = f"koble {name} {generation}"
            fresh = Credential(
                provider=provider.slug,
                environment=environment,
                items={field: item},
                generation=generation,
                partner=True,
            )
            await self._put({item: secret}, lambda book: _with_partner(book, name, fresh))

    async def forget_partner(self, name: str) -> None:
        """Drop one of the partner's own keys; raises `BadInput` where there is none."""
        async with self._locked():
            if name not in self.book().credentials:
                raise errors.BadInput(reason="partner_key_absent", name=name)
            await self._change(lambda book: _with_partner(book, name, None))
            await self._sweep()

    def partner_fields(self, provider: Provider, environment: str) -> frozenset[str]:
        """Return which of a system's partner keys are kept here, without a look into the keychain."""
        return frozenset(name for one in self._partner(provider, environment) for name in one.items)

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
        )
        items = {fresh.items[name]: secret for name, secret in order.answers.items()}
        async with self._locked():
            placed = _placed(self.book(), fresh, [replace(row, credential=key) for row in rows])
            await self._put(items, lambda book: _with(book, key, fresh, placed))
        return tuple(receipt(at, row, fresh, self.vault.place) for at, row in placed.items())

    async def _put(self, items: Mapping[str, Secret], commit: Callable[[Book], Book]) -> None:
        """Name the items, write them, make the book point at them, and drop what it pointed at before."""
        await self._change(lambda book: replace(book, pending=(*book.pending, *items)))
        try:
            await self.vault.keep(items)
            await self._change(lambda book: _settled(commit(book), items))
        finally:
            with contextlib.suppress(StoreError):  # what is left is named, and is dropped the next time
                await self._sweep()

    async def _sweep(self) -> None:
        """Drop every item that is pending or leaving; after a `StoreError` they stay named for next time."""
        book = self.book()
        names = (*book.pending, *book.leaving)
        if names:
            await self.vault.drop(names)
            await self._change(lambda book: replace(book, pending=(), leaving=()))

    async def _read(self, credential: Credential) -> dict[str, Secret]:
        found = await self.vault.read(credential.items.values())
        return {field: found[item] for field, item in credential.items.items() if item in found}

    async def _change(self, change: Callable[[Book], Book]) -> Book:
        return await to_thread.run_sync(self._ledger.change, change)

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Keep others from changing the ledger: the wait can be cancelled, what is done then cannot."""
        await self._wait_for_lock()
        try:
            with anyio.CancelScope(shield=True):
                yield
        finally:
            self._ledger.unlock()

    async def _wait_for_lock(self) -> None:
        with anyio.move_on_after(LOCK_WITHIN):
            while not self._ledger.lock():  # noqa: ASYNC110 - other processes send no event
                await anyio.sleep(_LOCK_PAUSE)
            return
        raise errors.LedgerUnwritable(reason="in_use")

    def _row(self, order: Order, company: Company, tested: str) -> Connection:
        now = self._now().isoformat(timespec="seconds")
        return Connection(
            credential="",
            company=_company(company),
            tested=tested,
            waiting_for="nobody" if tested == "passed" else "you",
            label=order.label,
            expect=order.expect,
            made_at=now,
            tested_at=now if tested == "passed" else "",
        )


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
    )


def _must_have(book: Book, connection: str) -> None:
    if connection not in book.connections:
        raise errors.BadInput(reason="unknown_connection", id=connection)


def _settled(book: Book, items: Mapping[str, Secret]) -> Book:
    return replace(book, pending=tuple(name for name in book.pending if name not in items))


def _company(company: Company) -> dict[str, object]:
    return {**company.facts(), "ids": dict(company.ids), "test": company.test}


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

    It is told by the vendor's id. One that was never reached has none: it is told by its expected number, and
    takes the place of no connection that works.
    """
    place = (credential.provider, credential.environment)
    rows = {
        key: one.company
        for key, one in book.connections.items()
        if place == (book.credentials[one.credential].provider, book.credentials[one.credential].environment)
    }
    company = row.company
    reached = (key for key, one in rows.items() if one["id"] and one["id"] == company["id"])
    unreached = (
        key
        for key, one in rows.items()
        if not one["id"] and one["orgnr"] and one["orgnr"] == company["orgnr"]
    )
    return next(reached, None) or next(unreached, None)


def _with(book: Book, key: str, credential: Credential, rows: Mapping[str, Connection]) -> Book:
    made = {at: one.made_at for at, one in book.connections.items()}
    kept = {at: replace(row, made_at=made.get(at, row.made_at)) for at, row in rows.items()}
    return replace(
        book,
        credentials={**book.credentials, key: credential},
        connections={**book.connections, **kept},
    ).swept()


def _without(book: Book, connection: str) -> Book:
    kept = {key: one for key, one in book.connections.items() if key != connection}
    return replace(book, connections=kept)


def _with_partner(book: Book, name: str, fresh: Credential | None) -> Book:
    old = book.credentials.get(name)
    kept = {key: one for key, one in book.credentials.items() if key != name}
    leaving = (*book.leaving, *old.items.values()) if old else book.leaving
    return replace(book, credentials={**kept, name: fresh} if fresh else kept, leaving=leaving)
