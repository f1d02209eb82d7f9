"""The world of one run: which systems, where they answer, where things are kept. Built once, handed down."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.core import errors, paths
from wizard.core.provider import Environment, Provider
from wizard.core.registry import Registry, built_in, with_plugins

if TYPE_CHECKING:
    from wizard.core.connect import Order
    from wizard.core.endpoints import Endpoints
    from wizard.core.net import Net
    from wizard.core.practice import Playground
    from wizard.core.secret import Secret
    from wizard.core.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for, as it came: `koble connect` reads it from standard input, the window from its pages."""

    answers: Mapping[str, object] = field(default_factory=dict)
    partner: Mapping[str, object] = field(default_factory=dict)
    environment: str = ""
    companies: tuple[str, ...] = ()
    expect: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a walk needs. `playground` is there in practice mode only."""

    registry: Registry
    store: Store
    net: Net
    endpoints: Endpoints = field(default_factory=dict)
    playground: Playground | None = None

    def provider(self, slug: str) -> Provider:
        """Return the system; raises `BadInput` for one there is not."""
        if slug not in self.registry.providers:
            raise errors.BadInput(reason="unknown_system", name=slug)
        return self.registry.providers[slug]

    def environment(self, provider: Provider, name: str) -> Environment:
        """Return the environment with the addresses to use, the first where none is named; raises `BadInput`."""
        from wizard.core.endpoints import redirected

        environment = provider.environment(name) if name else provider.environments[0]
        if not environment:
            raise errors.BadInput(fields=("environment",), reason="unknown_environment", name=name)
        return redirected(environment, provider.slug, self.endpoints)

    async def order(self, provider: Provider, wish: Wish) -> Order:
        """Return what is wished for, cleaned and whole; raises `InputError` or `WrongEnvironment`. Nothing is sent."""
        from wizard.core.connect import Order, clean
        from wizard.core.orgnr import expected

        environment = self.environment(provider, wish.environment)
        _known_only(wish.answers, tuple(one.name for one in provider.fields))
        _known_only(wish.partner, tuple(one.name for one in provider.partner_keys))
        expect = expected(wish.expect) if wish.expect else ""
        partner, notes = await self.partner(provider, environment, wish.partner)
        answers, warnings = clean(provider.fields, wish.answers, environment)
        return Order(
            provider=provider,
            environment=environment,
            answers=answers,
            partner=partner,
            picks=wish.companies,
            expect=expect,
            label=wish.label,
            warnings=(*warnings, *notes),
        )

    async def partner(
        self, provider: Provider, environment: Environment, given: Mapping[str, object] | None = None
    ) -> tuple[dict[str, Secret], tuple[str, ...]]:
        """Return the partner's keys, given or kept here, and warnings; raises `PartnerKeyNeeded`."""
        from wizard.core.connect import partner_part
        from wizard.core.practice import practice_of

        if not provider.partner_keys:
            return {}, ()
        kept = await self.store.partner(provider, environment.name)
        practised = practice_of(provider).good.get("partner") if self.playground else None
        practised = practised if isinstance(practised, dict) else {}
        return partner_part(provider, environment, {**practised, **(given or {})}, kept)


@contextmanager
def open_world(
    *, practice: bool = False, memory: bool = False, endpoints: Path | None = None
) -> Iterator[World]:
    """Open the world of a run; in practice and in memory nothing outlives it, and the keychain is not looked at."""
    from wizard.core.endpoints import read_endpoints
    from wizard.core.net import Net

    registry = with_plugins(built_in())
    given = read_endpoints(endpoints, registry.providers) if endpoints else {}
    with _kept(memory=memory or practice) as store, _playground(registry, practice=practice) as playground:
        yield World(
            registry=registry,
            store=store,
            net=Net(),
            endpoints=given or (playground.endpoints if playground else {}),
            playground=playground,
        )


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


@contextmanager
def open_store(*, memory: bool = False) -> Iterator[Store]:
    """Open what is stored, without a way to any network."""
    with _kept(memory=memory) as store:
        yield store


@contextmanager
def _kept(*, memory: bool) -> Iterator[Store]:
    from wizard.core.ledger import Ledger
    from wizard.core.store import Store
    from wizard.core.vault import Keychain, MemoryVault

    if not memory:
        yield Store(vault=Keychain(), ledger=Ledger(paths.data() / "connections.json"), now=now)
        return
    with tempfile.TemporaryDirectory(prefix="koble-") as folder:
        yield Store(vault=MemoryVault(), ledger=Ledger(Path(folder) / "connections.json"), now=now)


@contextmanager
def _playground(registry: Registry, *, practice: bool) -> Iterator[Playground | None]:
    if not practice:
        yield None
        return
    from wizard.core.practice import Playground

    with Playground(registry.providers).open() as playground:
        yield playground


def _known_only(given: Mapping[str, object], names: tuple[str, ...]) -> None:
    unknown = tuple(name for name in given if name not in names)
    if unknown:
        raise errors.BadInput(fields=unknown, reason="unknown_field", name=", ".join(sorted(names)))
