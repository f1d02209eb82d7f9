"""A walk through one provider over real sockets, with a vault and a ledger that leave nothing behind."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
import pytest

from wizard.core.connect import Order, Proof, Receipt, clean, connect, examine, partner_part
from wizard.core.endpoints import redirected
from wizard.core.errors import WizardError
from wizard.core.ledger import Ledger
from wizard.core.net import Net
from wizard.core.practice import Asked, Playground, Reply, practice_of
from wizard.core.proxy import NONE
from wizard.core.store import Store
from wizard.core.vault import MemoryVault

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.core.provider import Finding, Provider

Given = Mapping[str, object]
Replies = Mapping[str, Reply]


class Altered(Playground):
    """The imitation, but for some answers: by `METHOD /path`, at the token endpoint by `METHOD token`."""

    def __init__(self, provider: Provider, replies: Replies) -> None:
        super().__init__({provider.slug: provider})
        self._replies = replies

    def answer(self, slug: str, asked: Asked) -> Reply:
        imitated = super().answer(slug, asked)
        return self._replies.get(f"{asked.method} {asked.path or asked.endpoint}", imitated)


@dataclass
class Walk:
    """One customer at one machine: where the vendor answers, what was told, what is stored."""

    provider: Provider
    playground: Playground
    folder: Path
    vault: MemoryVault = field(default_factory=MemoryVault)
    told: list[Finding] = field(default_factory=list)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def asked(self) -> list[Asked]:
        return [asked for _, asked in self.playground.asked]

    @property
    def store(self) -> Store:
        return Store(vault=self.vault, ledger=Ledger(self.folder / "connections.json"), now=self.now)

    def order(self, given: Given | None = None, **changes: object) -> Order:
        """Return an order from what `koble connect` would read."""
        wish = {**(good(self.provider) if given is None else given), **changes}
        environment = self.provider.environment(str(wish.get("environment", "production")))
        assert environment
        answers, warnings = clean(self.provider.fields, table(wish, "answers"), environment)
        partner, more = partner_part(self.provider, environment, table(wish, "partner"), {})
        return Order(
            provider=self.provider,
            environment=redirected(environment, self.provider.slug, self.playground.endpoints),
            answers=answers,
            partner=partner,
            picks=(str(wish["company"]),) if wish.get("company") else (),
            expect=str(wish.get("expect", "")),
            warnings=(*warnings, *more),
        )

    def connect(self, given: Given | None = None, **changes: object) -> tuple[Receipt, ...]:
        order = self.order(given, **changes)
        return anyio.run(
            lambda: connect(order, net=straight(), store=self.store, tell=self.told.append, now=self.now)
        )

    def examine(self, given: Given | None = None, limit: float = 20.0, **changes: object) -> Proof:
        order = self.order(given, **changes)
        return anyio.run(
            lambda: examine(order, net=straight(), tell=self.told.append, now=self.now, limit=limit)
        )

    def refused(self, given: Given | None = None, limit: float = 20.0, **changes: object) -> WizardError:
        """Return the error that an examination ends in."""
        with pytest.raises(WizardError) as caught:
            self.examine(given, limit, **changes)
        return caught.value

    def facts(self, check: str) -> Mapping[str, object]:
        return next(one.facts for one in self.told if one.check == check)

    def nothing_stored(self) -> bool:
        return (
            not self.vault.items and not self.store.book().connections and not self.store.book().credentials
        )


@contextmanager
def walking(provider: Provider, folder: Path, replies: Replies | None = None) -> Iterator[Walk]:
    """Serve the provider's imitation, with some answers altered, to one customer."""
    with Altered(provider, replies or {}).open() as playground:
        yield Walk(provider=provider, playground=playground, folder=folder)


def straight() -> Net:
    """Return a network without proxies, whatever this machine is set to."""
    return Net(proxies=lambda _: NONE)


def good(provider: Provider) -> Given:
    return practice_of(provider).good


def table(wish: Given, name: str) -> dict[str, object]:
    found = wish.get(name, {})
    assert isinstance(found, dict)
    return found


def trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
