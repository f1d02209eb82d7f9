"""Any sequence of storing, renewing, sharing, forgetting, locking, crashing, mending and migrating."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.core.crashing import LEFT, Act, Machine, Place, SteppedChest
from tests.core.helpers import Small, company
from wizard.core import errors
from wizard.core.connect import Proof
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.store import Store

LONG = os.environ.get("KOBLE_LONG") == "1"
COMPANIES = {name: company(name, number) for name, number in (("a", "313000028"), ("b", "313000036"))}
COMPANIES["c"] = company("c")
APP = "small.production.app"
IN_1 = {"credential", "company", "tested", "delivered", "waiting_for", "label", "expect", "made_at"}
GIVEN_IN_1 = {"provider", "environment", "items", "generation", "partner"}

names = st.sampled_from(sorted(COMPANIES))
several = st.lists(names, min_size=1, max_size=3, unique=True)
values = st.integers(0, 10**6).map(str)
crashes = st.none() | st.tuples(st.integers(0, 45), st.sampled_from(LEFT), st.booleans())


class KeyringLocked(Exception):
    """What keyring raises where nobody unlocked it."""


class LockableChest(SteppedChest):
    locked = False

    def _step(self, name: str) -> None:
        super()._step(name)
        if self.locked:
            raise KeyringLocked


@dataclass(frozen=True, kw_only=True)
class Model:
    """What should be stored: a value for each company, and the partner's key."""

    values: tuple[tuple[str, str], ...] = ()
    app: str = ""

    def with_(self, names: list[str], value: str) -> Model:
        return replace(
            self, values=tuple(sorted({**dict(self.values), **dict.fromkeys(names, value)}.items()))
        )

    def without(self, name: str) -> Model:
        return replace(self, values=tuple(one for one in self.values if one[0] != name))


class StoreMachine(RuleBasedStateMachine):
    """The real store and ledger over real files, beside a dict."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self._patch, self._folder = pytest.MonkeyPatch(), tempfile.TemporaryDirectory(prefix="koble-m-")
        self.machine = Machine(Path(self._folder.name), self._patch)
        self.chest = self.machine.chest = LockableChest()
        self.place, self.model = Place(), Model()

    def teardown(self) -> None:
        self._patch.undo()
        self._folder.cleanup()

    # what is done

    @rule(names=several, value=values, crash=crashes)
    def keep(self, names: list[str], value: str, crash: tuple[int, str, bool] | None) -> None:
        chosen = tuple(COMPANIES[name] for name in names)
        order = Small().order((), "", key=value, other=value)
        proof = Proof(order=order, companies=chosen, chosen=chosen)
        self._do(lambda store: store.keep(proof), self.model.with_(names, value), crash)

    @rule(name=names, crash=crashes)
    def forget(self, name: str, crash: tuple[int, str, bool] | None) -> None:
        def act(store: Store) -> object:
            rows = store.book().connections.items()
            return store.forget(next((key for key, one in rows if one.company["id"] == name), "none"))

        self._do(act, self.model.without(name), crash, even_locked=True)  # type: ignore[arg-type]

    @rule(value=values, crash=crashes)
    def set_app(self, value: str, crash: tuple[int, str, bool] | None) -> None:
        provider = Small().provider()
        after = replace(self.model, app=value)
        self._do(lambda store: store.set_partner(APP, provider, Secret(value)), after, crash)

    @rule(crash=crashes)
    def forget_app(self, crash: tuple[int, str, bool] | None) -> None:
        after = replace(self.model, app="")
        self._do(lambda store: store.forget_partner(APP), after, crash, even_locked=True)

    @rule(crash=crashes)
    def recover(self, crash: tuple[int, str, bool] | None) -> None:
        self._do(lambda store: store.recover(), self.model, crash)
        if crash is None and not self.chest.locked:
            assert not self.machine.store().leftovers()
            assert len(self.place.items) == len(_live(self.machine.store()))

    @rule()
    def lock(self) -> None:
        self.chest.locked = True

    @rule()
    def unlock(self) -> None:
        self.chest.locked = False

    @rule(schema=st.sampled_from([1, 2]))
    def come_from_an_older_program(self, schema: int) -> None:
        files = {name: _older(data, schema) for name, data in self.place.files.items() if name in _LISTS}
        self.place = replace(self.place, files={**self.place.files, **files}, flushed=None, lasting=None)
        self.machine.disk.load(self.place.files)

    @rule(data=st.binary(max_size=40))
    def damage(self, data: bytes) -> None:
        """Damage the list itself, where it has a copy that says the same."""
        list_, copy = (self.place.files.get(name) for name in _LISTS)
        if list_ is not None and list_ == copy:
            files = {**self.place.files, _LISTS[0]: data}
            self.place = replace(self.place, files=files, flushed=None, lasting=None)
            self.machine.disk.load(self.place.files)

    def _do(
        self, act: Act, after: Model, crash: tuple[int, str, bool] | None, *, even_locked: bool = False
    ) -> None:
        last, kind, torn = crash or (1 << 30, "kill", False)
        before, refused = self.model, False
        try:
            done = anyio.run(lambda: self.machine.run(self.place, act, last, torn=torn))
        except errors.StoreError:
            done, refused = False, True
            assert self.chest.locked, "only a locked keychain says no here"
        except errors.BadInput:
            done = True
            assert before == after, "only what is not there cannot be forgotten"
        self.place = self.machine.left(kind)
        self.machine.disk.load(self.place.files, self.place.flushed, self.place.lasting)
        if refused:
            self.model = after if even_locked else before
        elif done:
            self.model = after
        else:
            self.model = self._seen()
            assert self.model in {before, after}

    # what is always so

    @invariant()
    def one_step_more(self) -> None:
        type(self).steps += 1

    @invariant()
    def what_is_stored_is_what_should_be(self) -> None:
        assert self._seen() == self.model

    @invariant()
    def nothing_is_in_the_keychain_that_the_list_does_not_name(self) -> None:
        store = self.machine.store()
        there = {name for name, _ in self.place.items}
        assert there <= _live(store) | set(store.leftovers())
        assert _live(store) <= there
        assert not _live(store) & set(store.leftovers())

    def _seen(self) -> Model:
        book, items = self.machine.store().book(), self.place.items
        found = {
            key: {items[item, "koble"] for item in one.items.values()}
            for key, one in book.credentials.items()
        }
        assert all(len(one) == 1 for one in found.values()), "half of one and half of another"
        values = {key: next(iter(one)) for key, one in found.items()}
        rows = [(str(one.company["id"]), values[one.credential]) for one in book.connections.values()]
        return Model(values=tuple(sorted(rows)), app=values.get(APP, ""))


_LISTS = ("connections.json", "connections.bak")


def _live(store: Store) -> set[str]:
    return {item for one in store.book().credentials.values() for item in one.items.values()}


def _older(data: bytes, schema: int) -> bytes:
    """Return a list as an older program would have written it; what is damaged stays so."""
    digest, _, text = data.decode("utf-8", "replace").partition("\n")
    text = text.removesuffix("\n")
    if digest != hashlib.sha256(text.encode()).hexdigest():
        return data
    body = json.loads(text)
    body["schema"] = min(schema, body["schema"])
    body.pop("looks", None)
    if schema == 1:
        body["credentials"] = _cut(body["credentials"], GIVEN_IN_1)
        body["connections"] = _cut(body["connections"], IN_1)
    text = json.dumps(body, ensure_ascii=False, indent=1)
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n".encode()


def _cut(rows: Mapping[str, Mapping[str, object]], names: set[str]) -> dict[str, dict[str, object]]:
    return {key: {name: row[name] for name in names if name in row} for key, row in rows.items()}


def test_whatever_is_done_in_whatever_order_the_old_or_the_new_is_whole() -> None:
    run_state_machine_as_test(
        StoreMachine,
        settings=settings(
            max_examples=400 if LONG else 8,
            stateful_step_count=50 if LONG else 40,
            deadline=None,
            derandomize=not LONG,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{StoreMachine.steps} steps")
    assert StoreMachine.steps >= (10_000 if LONG else 200)
