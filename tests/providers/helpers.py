"""A walk through one provider over real sockets, with a vault and a ledger that leave nothing behind."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import anyio
import pytest

from wizard.core.connect import Order, Proof, Receipt, connect, examine, testable
from wizard.core.errors import WizardError
from wizard.core.ledger import Ledger
from wizard.core.net import Net
from wizard.core.practice import Asked, Playground, Reply, practice_of
from wizard.core.proxy import NONE
from wizard.core.registry import Registry
from wizard.core.store import Store
from wizard.core.vault import MemoryVault
from wizard.core.world import Wish, World

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.core.provider import CredentialField, Finding, Provider

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

    @cached_property
    def store(self) -> Store:
        return Store(vault=self.vault, ledger=Ledger(self.folder / "connections.json"), now=self.now)

    def order(self, given: Given | None = None, **changes: object) -> Order:
        """Return an order, made of what `koble connect` would read."""
        wish = {**(good(self.provider) if given is None else given), **changes}
        company = wish.get("company")
        asked = Wish(
            answers=table(wish, "answers"),
            partner=table(wish, "partner"),
            environment=str(wish.get("environment", "")),
            companies=(str(company),) if company else (),
            expect=str(wish.get("expect", "")),
        )
        return anyio.run(lambda: self.world.order(self.provider, asked))

    @property
    def world(self) -> World:
        return World(
            registry=Registry(providers={self.provider.slug: self.provider}),
            store=self.store,
            net=straight(),
            endpoints=self.playground.endpoints,
            clock=self.now,
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

    @property
    def rights(self) -> dict[object, str]:
        """What was told of each right: `passed`, `failed`, or `skipped` where it is not known."""
        return {one.facts["right"]: one.state for one in self.told if one.check == "right"}

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


def method_of(provider: Provider, given: Given) -> Provider:
    """Return the provider for the method that an input names."""
    return provider.by(str(table(given, "answers").get("method", "")))


def asks(provider: Provider, given: Given) -> bool:
    """Tell whether the vendor can be asked with an input."""
    return testable(method_of(provider, given), table(given, "answers"), table(given, "partner"))


def by_method(provider: Provider) -> list[Given]:
    """Return one good input for each method, one in all where there are none."""
    found: dict[str, Given] = {}
    for given in (good(provider), *practice_of(provider).more.values()):
        found.setdefault(method_of(provider, given).method, given)
    return list(found.values())


def input_for(provider: Provider, switch: str) -> Given:
    """Return the input that a switch is told with."""
    practice = practice_of(provider)
    return practice.more[practice.uses[switch]] if switch in practice.uses else practice.good


def keys(provider: Provider, given: Given) -> tuple[CredentialField, ...]:
    """Return the partner keys that an input holds."""
    return tuple(one for one in provider.partner_keys if one.name in table(given, "partner"))
