"""The free call as a command: off unless the machine's policy says so, and what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.helpers import straight
from wizard import cli
from wizard.core.policy import Policy
from wizard.core.practice import Playground, practice_of
from wizard.core.registry import built_in
from wizard.core.world import Wish, World, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.helpers import Command

CONNECTION = "5d1c9e02"


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a machine whose administrator allows it: the file itself has to be root's."""
    monkeypatch.setattr("wizard.core.policy.read_policy", lambda _: Policy(free_call=True))


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Store a practice connection, and let the command find it; yield its id."""
    registry = built_in()
    with Playground(registry.providers).open() as playground, open_store(memory=True) as store:
        world = World(registry=registry, store=store, net=straight(), endpoints=playground.endpoints)
        monkeypatch.setattr(cli, "_world", lambda _: _As(world))
        yield cli.run(lambda: _keep(world))


class _As:
    """A world that is open already."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> World:
        return self._world

    def __exit__(self, *_: object) -> None: ...


async def _keep(world: World) -> str:
    given = practice_of(world.provider("fiken")).good["answers"]
    assert isinstance(given, dict)
    order = await world.order(world.provider("fiken"), Wish(answers=given))
    (receipt,) = await world.store.keep_untested(order)
    return receipt.connection


def test_it_is_off_unless_the_policy_says_so(koble: Command) -> None:
    for arguments in (["GET", "/x"], ["DELETE", "/x", "--allow-write"]):
        ended = koble("call", CONNECTION, *arguments, "--json")
        assert (ended.status, ended.last["code"]) == (2, "bad_input")
        assert ended.last["facts"]["reason"] == "call_not_allowed"  # type: ignore[index]


@pytest.mark.usefixtures("allowed")
def test_it_writes_only_when_told(koble: Command) -> None:
    ended = koble("call", CONNECTION, "POST", "/x", "--body", "-", "--json", given=b"{}")
    assert ended.last["facts"]["reason"] == "call_writes"  # type: ignore[index]
    ended = koble("call", CONNECTION, "GET", "/x", "--practice", "--json")
    assert ended.last["facts"]["reason"] == "unknown_connection"  # type: ignore[index]


@pytest.mark.usefixtures("allowed")
def test_it_shows_what_the_vendor_answers(koble: Command, stored: str) -> None:
    ended = koble("call", stored, "GET", "/user", "--json")
    assert (ended.status, ended.last["event"], ended.last["status"]) == (0, "answer", 200)
    assert ended.last.keys() == {"event", "connection", "status", "ms", "kind", "body"}
    ended = koble("call", stored, "GET", "/nothing")
    assert ended.status == 3
    assert ended.out.strip()
