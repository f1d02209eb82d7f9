"""The world of one run: which systems, where they answer, where things are kept. Built once, handed down."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.core import errors, paths
from wizard.core.demo_bank import DemoBank
from wizard.core.errors import named
from wizard.core.policy import Policy, machine
from wizard.core.preset import Preset
from wizard.core.provider import plain
from wizard.core.registry import Registry, built_in, with_plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wizard.core.connect import Answers, Order
    from wizard.core.endpoints import Endpoints
    from wizard.core.keys import Jwk
    from wizard.core.net import Net
    from wizard.core.practice import Playground
    from wizard.core.provider import Environment, Provider
    from wizard.core.proxy import Proxy
    from wizard.core.secret import Secret
    from wizard.core.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for, as it came on standard input; keys are not wrapped yet, so not in its `repr`."""

    answers: Mapping[str, object] = field(default_factory=dict, repr=False)
    partner: Mapping[str, object] = field(default_factory=dict, repr=False)
    environment: str = ""
    companies: tuple[str, ...] = ()
    expect: str = ""
    label: str = ""
    reference: str = ""
    consent: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a walk needs. `playground` is there in practice mode only; `clock` tells the time.

    `registry` has all systems, also those that the machine's `policy` does not allow to be used.
    `bank` takes what is handed over where the preset is the demo bank's.
    """

    registry: Registry
    store: Store
    net: Net
    endpoints: Endpoints | None = None
    playground: Playground | None = None
    preset: Preset = field(default_factory=Preset)
    policy: Policy = field(default_factory=Policy)
    clock: Callable[[], datetime] = field(default_factory=lambda: now)
    bank: DemoBank = field(default_factory=DemoBank)

    def seal_key(self) -> Jwk:
        """Return the key to seal hand-overs to: the partner's, or the demo bank's; raises `BadInput`."""
        key = self.bank.key if self.preset.demo else self.preset.seal_key
        if not key:
            raise errors.BadInput(reason="no_seal_key")
        return key

    def provider(self, slug: str) -> Provider:
        """Return the system to use; raises `BadInput` for none, or one that the policy does not allow."""
        if slug not in self.registry.providers:
            raise errors.BadInput(reason="unknown_system", name=errors.nameable(slug))
        self.policy.see_to(self.registry.providers[slug])
        return self.registry.providers[slug]

    def environment(self, provider: Provider, name: str) -> Environment:
        """Return the environment with the addresses to use, the first if none is named; raises `BadInput`."""
        from wizard.core.endpoints import redirected

        name = name or self.preset.value(provider.slug, "environment")
        environment = provider.environment(name) if name else provider.environments[0]
        if not environment:
            shown = ", ".join(named([name])) or "…"
            raise errors.BadInput(fields=("environment",), reason="unknown_environment", name=shown)
        return redirected(environment, provider.slug, self.endpoints)

    async def order(self, provider: Provider, wish: Wish) -> Order:
        """Return what is wished for, cleaned and whole; raises `InputError` or `WrongEnvironment`."""
        from wizard.core.connect import clean

        self.see_open(provider)
        environment = self.environment(provider, wish.environment)
        provider, given = self._by_method(provider, wish.answers)
        _known_only(given, tuple(one.name for one in provider.fields))
        _known_only(wish.partner, tuple(one.name for one in provider.partner_keys))
        try:
            answers = clean(provider.fields, given, environment)
        except errors.FieldInvalid as error:
            from wizard.core.paste import clearer  # only what was refused needs a closer look

            raise clearer(error, given, provider, environment, self.registry.providers.values()) from None
        return await self.settled(provider, answers, wish)

    async def settled(
        self, provider: Provider, answers: Answers, wish: Wish, *, receiving: bool = False
    ) -> Order:
        """Return what is wished for with answers that are clean already; `provider` is that of the method.

        With `receiving` it was agreed to, and whatever is asked was answered, at the other end.

        Raises `InputError` where the partner's keys or the company's number do not fit.
        """
        from wizard.core.connect import Order
        from wizard.core.consent import consented
        from wizard.core.orgnr import expected

        self.see_open(provider)
        environment = self.environment(provider, wish.environment)
        number = answers.plain.get("orgnr", "")
        expect = expected(wish.expect) if wish.expect else number
        if number not in {"", expect}:
            raise errors.FieldInvalid(fields=("orgnr",), reason="differs")
        partner, notes = await self.partner(provider, environment, wish.partner)
        order = Order(
            provider=provider,
            environment=environment,
            answers=answers.secrets,
            plain=answers.plain,
            partner=partner,
            picks=wish.companies,
            expect=expect,
            label=_unkeyed(wish.label),
            warnings=(*answers.warnings, *notes),
            reference=wish.reference,
            consent={} if receiving else consented(self.preset.consent, wish.consent, self.clock()),
            options={} if receiving else self._options(provider, wish),
        )
        return replace(_named(order), known=self.store.known(order))

    def _options(self, provider: Provider, wish: Wish) -> dict[str, str]:
        """Return the answers to what the partner asks, without a key that slipped into one."""
        from wizard.core.options import answered

        asked = self.preset.options.get(provider.slug, ())
        return {name: _unkeyed(value) for name, value in answered(asked, wish.options).items()}

    def see_open(self, provider: Provider) -> None:
        """Raise `MethodClosed` where the partner takes no keys to this system."""
        if self.preset.closed(provider.slug):
            raise errors.MethodClosed(contact=self.preset.contact or None)

    def _by_method(
        self, provider: Provider, given: Mapping[str, object]
    ) -> tuple[Provider, dict[str, object]]:
        """Return the provider for the method that the answers name, or that they alone fit, and the rest."""
        rest = dict(given)
        named = rest.pop("method", "") if provider.methods else ""
        if not isinstance(named, str):
            raise errors.FieldInvalid(fields=("method",), reason="shape")
        return provider.by(named or self.method(provider, rest)), rest

    def method(self, provider: Provider, given: Iterable[str] = ()) -> str:
        """Return the method to use where none is named: the only one with such fields, else the partner's."""
        known = set(given)
        fit = [one for one in provider.methods if known and known <= {field.name for field in one.fields}]
        whole = [one for one in fit if {field.name for field in one.fields if field.required} <= known]
        only = next((found for found in (whole, fit) if len(found) == 1), None)
        return only[0].name if only else self.preset.method(provider)

    async def partner(
        self, provider: Provider, environment: Environment, given: Mapping[str, object] | None = None
    ) -> tuple[dict[str, Secret], tuple[tuple[str, str], ...]]:
        """Return the partner's keys, given or kept here, and warnings; none where there are none at all.

        The keychain is opened only for keys that the ledger says are there and that were not given just now.
        Raises `PartnerKeyNeeded` where there are only some.
        """
        from wizard.core.connect import partner_part

        given = {**self._practised(provider, environment), **(given or {})}
        names = {one.name for one in provider.partner_keys} - given.keys()
        here = names & self.store.partner_fields(provider, environment.name)
        kept = await self.store.partner(provider, environment.name) if here else {}
        return partner_part(provider, environment, given, {name: kept[name] for name in here & kept.keys()})

    def _practised(self, provider: Provider, environment: Environment) -> dict[str, object]:
        """Return the partner's keys that the imitation takes there, in practice mode."""
        if not self.playground:
            return {}
        from wizard.core.practice import practice_of

        practice = practice_of(provider)
        wishes = (*practice.more.values(), practice.good)
        there = [one for one in wishes if one.get("environment") == environment.name]
        partner = next((one.get("partner") for one in (*there, *wishes[-1:])), None)
        return partner if isinstance(partner, dict) else {}


@contextmanager
def open_world(
    *,
    practice: bool = False,
    memory: bool = False,
    endpoints: Path | None = None,
    preset: Preset | None = None,
    proxies: Callable[[str], Proxy] | None = None,
) -> Iterator[World]:
    """Open the world of a run; in practice and in memory nothing outlives it, nor is the keychain touched.

    `proxies` knows more of the system's proxies than the settings that the core can read.
    """
    from wizard.core.endpoints import read_endpoints
    from wizard.core.net import Net

    policy = machine()
    registry = with_plugins(built_in(), allowed=policy.loadable)
    given = read_endpoints(endpoints, registry.providers) if endpoints else None
    with _kept(memory=memory or practice) as store, _playground(registry, practice=practice) as playground:
        yield World(
            registry=registry,
            store=store,
            net=Net(proxies=proxies) if proxies else Net(),
            endpoints=playground.endpoints if given is None and playground else given,
            playground=playground,
            preset=preset or Preset(),
            policy=policy,
        )


def _unkeyed(label: str) -> str:
    """Return the customer's own name for a connection fit to be stored: a key that slipped into it is not."""
    from wizard.core.secret import unechoed

    return unechoed(plain(label))


def _named(order: Order) -> Order:
    """Return the order; raises `FieldInvalid` where only the number could name the company."""
    if not order.testable and not order.expect:
        raise errors.FieldInvalid(fields=("expect",), reason="needed")
    return order


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
    from wizard.core.envelope import Envelope
    from wizard.core.ledger import Ledger
    from wizard.core.store import Store
    from wizard.core.vault import Keychain, MemoryVault

    if not memory:
        keychain = Keychain(patience=_patience(), envelope=Envelope(folder=paths.data() / "sealed"))
        yield Store(vault=keychain, ledger=Ledger(paths.data() / "connections.json"), now=now)
        return
    with tempfile.TemporaryDirectory(prefix="koble-") as folder:
        yield Store(vault=MemoryVault(), ledger=Ledger(Path(folder) / "connections.json"), now=now)


def _patience() -> float:
    """Return how long the keychain may ask its user: briefly where there is no display to ask on."""
    from wizard.core.display import can_ask
    from wizard.core.vault import PATIENCE, UNATTENDED

    return PATIENCE if can_ask(os.environ, sys.platform) else UNATTENDED


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
        reason = "unknown_field" if names else "no_such_keys"
        raise errors.BadInput(fields=named(unknown), reason=reason, name=", ".join(sorted(names)))
