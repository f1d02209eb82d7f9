"""How long a whole connection takes through `connect()`, against the same requests made with bare httpx."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio

from benchmarks.bare_requests import BARE, Bare, requests
from benchmarks.table import Row, ratio
from benchmarks.vendor import DELAY
from wizard.core.connect import connect
from wizard.core.log import quieten
from wizard.core.net import Net
from wizard.core.practice import Asked, Playground, practice_of
from wizard.core.registry import built_in
from wizard.core.world import Wish, World, now, open_world

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from wizard.core.provider import Provider

GOAL = 1.15


def measure(pairs: int) -> list[Row]:
    """Return a row for each system whose requests are written down in plain httpx."""
    quieten()
    providers = built_in().providers
    with Playground(providers, delay=DELAY).open() as playground, open_world(memory=True) as kept:
        world = World(registry=kept.registry, store=kept.store, net=Net(), endpoints=playground.endpoints)
        return [
            anyio.run(_row, world, playground, providers[slug], bare, pairs) for slug, bare in BARE.items()
        ]


async def _row(world: World, playground: Playground, provider: Provider, bare: Bare, pairs: int) -> Row:
    given = practice_of(provider).good
    base = playground.endpoints[provider.slug, provider.environments[0].name]["api"]
    keys = {**_texts(given.get("partner")), **_texts(given.get("answers"))}
    taken: list[tuple[float, float]] = []
    asked: tuple[list[str], list[str]] = ([], [])
    for _ in range(pairs + 1):
        ours = await _milliseconds(_connected(world, provider))
        asked = (_asked(playground), asked[1])
        plain = await _milliseconds(requests(bare, base, keys))
        asked = (asked[0], _asked(playground))
        taken.append((ours, plain))
    told = f"{len(asked[0])} requests" if asked[0] == asked[1] else "NOT THE SAME REQUESTS"
    return ratio(f"(c) connect() to {provider.name}", GOAL, "ms", taken[1:], extra=[told])


async def _connected(world: World, provider: Provider) -> None:
    """Do what `koble connect` does with one answer sheet."""
    given = practice_of(provider).good
    company = given.get("company")
    wish = Wish(
        answers=_texts(given.get("answers")),
        partner=_texts(given.get("partner")),
        companies=(company,) if isinstance(company, str) else (),
    )
    order = await world.order(provider, wish)
    await connect(order, net=world.net, store=world.store, tell=lambda _: None, now=now)


async def _milliseconds(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def _asked(playground: Playground) -> list[str]:
    """Return what the vendor was asked since the last time, without what differs each time."""
    told, playground.asked = [_told(one) for _, one in playground.asked], []
    return told


def _told(asked: Asked) -> str:
    path = asked.path if asked.method != "DELETE" else asked.path.rpartition("/")[0]
    scheme = asked.headers.get("authorization", "").partition(" ")[0]
    return f"{asked.method} {path} {sorted(asked.query.items())} {scheme} {len(asked.body)}"


def _texts(given: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
