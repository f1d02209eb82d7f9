"""Each point at which the program or the power may go: the old or the new, whole, and nothing left over."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.core.crashing import LEFT, Act, Machine, Place, State, in_place, without_flushing
from tests.core.helpers import Small, company
from wizard.core import errors
from wizard.core.connect import Proof
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from wizard.core.provider import Company
    from wizard.core.store import Store

LONG = os.environ.get("KOBLE_LONG") == "1"
SECOND = 300
"""How many crashes of the recovery itself the ordinary run tries, by chance with a seed; the long one all."""

ONE, TWO = company("one", "313000028"), company("two", "313000036")
APP = "small.production.app"
OLDER = Path(__file__).parent / "ledgers" / "schema-1.json"


def keep(value: str, *companies: Company) -> Act:
    order = Small().order((), "", key=value, other=value)
    return lambda store: store.keep(Proof(order=order, companies=companies, chosen=companies))


def keep_untested(value: str) -> Act:
    return lambda store: store.keep_untested(Small().order((), "313000028", key=value))


def keep_waiting(value: str) -> Act:
    return lambda store: store.keep_waiting(
        Small().order((), "313000028", key=value), errors.PendingApproval(days=14)
    )


def passed(*companies: Company) -> Act:
    """Return a test that passed, of the last connection there is."""
    return lambda store: store.tested(list(store.book().connections)[-1], companies)


def forget(store: Store) -> object:
    return store.forget(next(iter(store.book().connections)))


def set_app(value: str) -> Act:
    return lambda store: store.set_partner(APP, Small().provider(), Secret(value))


def forget_app(store: Store) -> object:
    return store.forget_partner(APP)


SCENES: dict[str, tuple[tuple[Act, ...], Act]] = {
    "first": ((), keep("new", ONE)),
    "several": ((), keep("new", ONE, TWO)),
    "renew": ((keep("old", ONE, TWO), set_app("old")), keep("new", ONE)),
    "renew_both": ((keep("old", ONE, TWO),), keep("new", ONE, TWO)),
    "forget_one": ((keep("old", ONE, TWO),), forget),  # type: ignore[dict-item]
    "forget_last": ((keep("old", ONE),), forget),  # type: ignore[dict-item]
    "partner": ((keep("old", ONE),), set_app("new")),
    "partner_again": ((keep("old", ONE), set_app("old")), set_app("new")),
    "partner_forgotten": ((keep("old", ONE), set_app("old")), forget_app),  # type: ignore[dict-item]
    "more_companies": ((keep_untested("old"),), passed(ONE, TWO)),
    "waiting": ((), keep_waiting("new")),
    "approved": ((keep_waiting("old"),), passed(ONE)),
    "untested_then_merged": ((keep("old", ONE), keep_untested("new")), passed(ONE)),
}


@dataclass(frozen=True, kw_only=True)
class Crash:
    """A place that a crash left, and what may be there after the next start."""

    place: Place
    may: tuple[State, ...]


async def prepared(machine: Machine, acts: tuple[Act, ...]) -> Place:
    place = Place()
    for act in acts:
        assert await machine.run(place, act)
        place = machine.left("power")
    return place


async def crashes(machine: Machine, start: Place, act: Act) -> AsyncIterator[Crash]:
    """Yield what each crash in an act leaves, and each power cut right after its end."""
    old = await machine.recovered(start)
    assert await machine.run(start, act)
    new, steps = machine.state(), machine.disk.steps.done
    for place in [machine.left(kind) for kind in LEFT]:
        yield Crash(place=place, may=(new,))
    for last, name in enumerate(steps):
        for torn in (False, True) if name == "write" else (False,):
            assert not await machine.run(start, act, last, torn=torn)
            for place in [machine.left(kind) for kind in LEFT]:
                yield Crash(place=place, may=(old, new))


async def survived(machine: Machine, crash: Crash) -> int:
    """Start again after a crash; return in how many steps that was done."""
    assert await machine.recovered(crash.place) in crash.may
    steps = machine.count
    assert await machine.recovered(machine.left("power")) in crash.may, "what recovery did lasts"
    return steps


async def survived_twice(machine: Machine, crash: Crash, last: int, kind: str) -> None:
    """Start again after a crash, which ends in another, and again."""
    await machine.run(crash.place, lambda store: store.recover(), last)
    assert await machine.recovered(machine.left(kind)) in crash.may


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    (tmp_path / "Koble").mkdir()
    return Machine(tmp_path / "Koble", monkeypatch)


async def enumerated(machine: Machine) -> tuple[int, int, int]:
    """Try every crash, and then crashes of the recovery; return how many there are, and were tried.

    What one crash leaves just as another did is not tried again: it would be the same.
    """
    seconds: list[tuple[Crash, int, str]] = []
    first, tried = 0, list[Crash]()
    for acts, act in SCENES.values():
        tried_here: list[Crash] = []
        async for crash in crashes(machine, await prepared(machine, acts), act):
            first += 1
            if LONG or crash not in tried_here:
                tried_here.append(crash)
                steps = await survived(machine, crash)
                seconds += [(crash, last, kind) for last in range(steps) for kind in LEFT]
        tried += tried_here
    chosen = seconds if LONG else random.Random(26).sample(seconds, SECOND)
    for one in chosen:
        await survived_twice(machine, *one)
    return first, len(tried), len(chosen)


@pytest.mark.no_cover
def test_a_crash_at_any_point_leaves_the_old_or_the_new_and_nothing_over(machine: Machine) -> None:
    first, tried, second = anyio.run(enumerated, machine)
    print(f"{first} crashes, {tried} tried and {second} with another one while recovering")
    assert first >= 1000
    assert tried + second >= 1000
    assert second >= SECOND


@pytest.mark.parametrize("broken", [without_flushing, in_place])
def test_and_a_careless_writing_would_be_found_out(
    broken: Callable[[pytest.MonkeyPatch], Iterator[None]],
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def violations() -> int:
        found = 0
        acts, act = SCENES["renew"]
        start = await prepared(machine, acts)
        with broken(monkeypatch):  # type: ignore[attr-defined]
            async for crash in crashes(machine, start, act):
                try:
                    await survived(machine, crash)
                except (AssertionError, errors.LedgerUnreadable):
                    found += 1
        return found

    assert anyio.run(violations) > 0


def test_a_disk_that_fails_to_flush_which_files_there_are_loses_nothing_then_either(machine: Machine) -> None:
    """What can be read again may be gone after a power cut: nothing is dropped on its word."""

    async def work() -> int:
        refused = 0
        start = await prepared(machine, (keep("old", ONE, TWO), set_app("old")))
        old = await machine.recovered(start)
        for act in (keep("new", ONE), forget, set_app("new"), forget_app):
            assert await machine.run(start, act)  # type: ignore[arg-type]
            new = machine.state()
            for good in range(10):
                machine.disk.good_flushes = good
                may: tuple[State, ...]
                try:
                    await machine.run(start, act)  # type: ignore[arg-type]
                    may = (new,)
                except errors.LedgerUnwritable:
                    may, refused = (old, new), refused + 1
                machine.disk.good_flushes = 1 << 30
                for place in [machine.left(kind) for kind in LEFT]:
                    assert await machine.recovered(place) in may
        return refused

    assert anyio.run(work) > 4


@pytest.mark.parametrize("kind", LEFT)
def test_an_older_list_is_brought_forward_whatever_happens_then(kind: str, machine: Machine) -> None:
    async def work() -> None:
        items = {("koble small 0a1b2c3d4e5f key 1", "koble"): "old", ("koble small eeee key 1", "koble"): "x"}
        more = {("koble small 0a1b2c3d4e5f other 1", "koble"): "old"}
        partner = {("koble small.production.app 3", "koble"): "old"}
        start = Place(files={"connections.json": OLDER.read_bytes()}, items={**items, **more, **partner})
        old = await machine.recovered(start)
        new_act = keep("new", ONE)
        assert await machine.run(start, new_act)
        may = (old, machine.state())
        for last in range(machine.count):
            assert not await machine.run(start, new_act, last)
            left = machine.left(kind)
            assert await machine.recovered(left) in may
            kept = [name for name in machine.disk.left("power") if name == "connections.bak-v1"]
            assert not kept or machine.disk.left("power")[kept[0]] == OLDER.read_bytes()

    anyio.run(work)


@pytest.mark.parametrize("kind", LEFT)
def test_mending_a_damaged_list_may_be_interrupted_anywhere(kind: str, machine: Machine) -> None:
    async def work() -> None:
        start = await prepared(machine, (keep("old", ONE, TWO),))
        old = await machine.recovered(start)
        damaged = Place(files={**start.files, "connections.json": b"damaged"}, items=start.items)
        assert await machine.recovered(damaged, "damaged") == old
        for last in range(machine.count):
            await machine.run(damaged, lambda store: store.recover(), last)
            left = machine.left(kind)
            told = "" if "connections.json" in left.files and left.files != damaged.files else "damaged"
            assert await machine.recovered(left, told) == old
            kept = machine.disk.left("kill").get("connections.json.damaged-1")
            assert kept == b"damaged"

    anyio.run(work)
