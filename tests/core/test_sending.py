"""What goes to the partner: sealed once, sent as often as it takes; only the partner's own word counts."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.core.helpers import reply
from tests.core.sealing import KEY, KEYS, a_handover, a_sealed, an_item
from wizard.core import delivered, errors
from wizard.core.demo_bank import DemoBank
from wizard.core.handover import armoured, open_sealed, seal
from wizard.core.keys import public
from wizard.core.ledger import Book, Connection, Credential, Parcel
from wizard.core.net import Net
from wizard.core.options import Option
from wizard.core.preset import Preset
from wizard.core.reply import outcome, tidied
from wizard.core.secret import Secret
from wizard.core.sending import Sealed, note_sent, pack, seal_up, send, write
from wizard.core.upload import upload
from wizard.core.vault import MemoryVault
from wizard.core.world import now, open_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wizard.core.world import World

BANK = Preset(partner="Fjordbanken", seal_keys=(public(KEY),))
WHAT = Sealed(id="f" * 32, text="", compact="x" * 10_000, file="", connections=("a",))
TAKEN = json.dumps({"id": WHAT.id}).encode()


def _is_whole(data: bytes) -> bool:
    head, there, body = data.partition(b"\r\n\r\n")
    named = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")]
    return bool(there) and len(body) >= int(named[0].split()[1])


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Take requests on a real socket, and answer each so; yield the address, and what came."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                with taken:
                    data = b""
                    while not _is_whole(data):
                        data += taken.recv(65536)
                    came.append(data)
                    answer(taken)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/in/box", came
        server.shutdown(socket.SHUT_RDWR)
    thread.join(2)


def says(body: bytes = TAKEN, status: str = "201 Created", **headers: str) -> Callable[[socket.socket], None]:
    said = reply(body, status, **headers)
    return lambda taken: taken.sendall(said)


def sent(answer: Callable[[socket.socket], None], within: float = 5.0) -> tuple[list[bytes], list[int]]:
    gone: list[int] = []
    with answering(answer) as (address, came):
        try:
            anyio.run(lambda: upload(address, WHAT, Net(patience=2.0), gone.append, within))
        finally:
            assert len(came) == 1, "sent once, whatever comes"
    return came, gone


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "409 Conflict"])
def test_it_is_sent_when_the_partner_names_its_id(status: str) -> None:
    (came,), gone = sent(says(status=status))
    head, _, body = came.partition(b"\r\n\r\n")
    assert body.decode() == WHAT.compact
    assert head.startswith(b"POST /in/box HTTP/1.1\r\n")
    lines = {line.lower() for line in head.split(b"\r\n")}
    assert {b"idempotency-key: " + WHAT.id.encode(), b"content-type: application/jose"} <= lines
    assert b"content-length: 10000" in lines
    assert gone == sorted(gone)
    assert gone[-1] == 100


PAGE = b"<!doctype html><title>Sign in</title>"
ANSWERS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "nothing": (says(b"", "204 No Content"), "strange"),
    "another id": (says(b'{"id": "another"}'), "strange"),
    "no id": (says(b'{"ok": true}'), "strange"),
    "a page": (says(PAGE, "200 OK", Content_Type="text/html"), "strange"),
    "elsewhere": (says(b"", "302 Found", Location="https://login.example.test/"), "strange"),
    "nonsense": (lambda taken: taken.sendall(b"SSH-2.0-x\r\n\r\n"), "strange"),
    "too much": (says(b'"' + b" " * (1 << 21) + b'"'), "strange"),
    "not for us": (says(b"{}", "403 Forbidden"), "refused"),
    "gone": (says(PAGE, "404 Not Found", Content_Type="text/html"), "refused"),
    "busy": (says(b"{}", "429 Too Many Requests"), "down"),
    "down": (says(b"", "503 Service Unavailable"), "down"),
    "silence": (lambda taken: taken.close(), "unknown"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_else_counts_as_sent(name: str) -> None:
    answer, reason = ANSWERS[name]
    with pytest.raises(errors.NotSent) as caught:
        sent(answer)
    assert (caught.value.facts["reason"], caught.value.facts["host"]) == (reason, "127.0.0.1")
    assert not caught.value.may_store


def test_no_answer_in_time_may_have_been_sent() -> None:
    with pytest.raises(errors.NotSent) as caught:
        sent(lambda _: time.sleep(0.4), within=0.2)
    assert caught.value.facts["reason"] == "unknown"


def test_where_nobody_is_reached_nothing_went() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        with pytest.raises(errors.NotSent) as caught:
            anyio.run(lambda: upload(address, WHAT, Net(patience=2.0), lambda _: None))
    assert caught.value.facts["reason"] == "unreached"


# Sealing


@pytest.fixture
def world() -> Iterator[World]:
    with open_world(practice=True, preset=BANK) as opened:
        yield opened


def connected(
    world: World, slug: str = "fiken", reference: str = "", options: Mapping[str, object] | None = None
) -> str:
    """Return the id of a practice connection."""
    from wizard.core.connect import connect
    from wizard.core.practice import practice_of
    from wizard.core.world import Wish

    good: Any = practice_of(world.provider(slug)).good
    wish = Wish(
        answers=good["answers"],
        expect=str(good.get("company")),
        reference=reference,
        options=options or {},
    )

    async def work() -> str:
        order = await world.order(world.provider(slug), wish)
        made = await connect(order, net=world.net, store=world.store, tell=lambda _: None, now=now)
        return made[0].connection

    return anyio.run(work)


def test_it_is_sealed_noted_and_sent(world: World) -> None:
    key = connected(world, reference="kunde-7")
    assert delivered.unsent(world.store.book(), sends=True) == (key,)
    assert delivered.unsent(world.store.book(), sends=False) == ()
    what = anyio.run(seal_up, world, (key,))
    assert open_sealed(what.text, KEYS).items[0].system == "fiken"
    assert what.file == f"koble-{what.id[:8]}.koble"
    assert delivered.in_state(world.store.book(), "file_made")[0][0] == what.id
    assert world.store.book().parcels[what.id].state == "file_made"
    with answering(says(json.dumps({"id": what.id}).encode())) as (address, came):
        there = replace(world, preset=replace(BANK, upload=address))
        told = anyio.run(lambda: send(there, what, lambda _: None))
    assert came[0].endswith(what.compact.encode())
    assert (told.reference, told.answer) == ("kunde-7", "")
    assert world.store.book().parcels[what.id].state == "sent"
    assert delivered.unsent(world.store.book(), sends=True) == ()


def test_what_is_asked_is_answered_with_the_wish_kept_and_sealed_along(world: World) -> None:
    said = {"nb": "Nummer", "en": "Number"}
    asked = Option(name="product_25", kind="product", label=said)
    preset = replace(BANK, options={"fiken": (asked,)})
    here = replace(world, preset=preset)
    key = connected(here, options={"product_25": " A-25 "})
    assert world.store.book().connections[key].options == {"product_25": "A-25"}
    what = anyio.run(seal_up, here, (key,))
    assert open_sealed(what.text, KEYS).items[0].options == {"product_25": "A-25"}
    connected(here)
    assert world.store.book().connections[key].options == {"product_25": "A-25"}, "a renewal keeps them"


def test_several_start_files_do_not_go_together(world: World) -> None:
    both = [connected(world, reference="a"), connected(world, "tripletex", reference="b")]
    with pytest.raises(errors.BadInput) as caught:
        anyio.run(pack, world, both)
    assert caught.value.facts["reason"] == "several_references"
    assert world.store.book().parcels == {}


class Renewing(MemoryVault):
    """A keychain from which a key is read just before another Koble puts a new one in its place."""

    def __init__(self, world: World, gone: bool) -> None:
        super().__init__()
        self.items = world.store.vault.items  # type: ignore[attr-defined]  # the vault in memory
        self._store, self._gone = world.store, gone

    async def read(self, names: Iterable[str]) -> dict[str, Secret]:
        found = await super().read(names)
        await self._store.amend(self._renewed)
        return found

    def _renewed(self, book: Book) -> Book:
        ((key, row),) = book.connections.items()
        fresh = replace(book.credentials[row.credential], items={})
        rows = {} if self._gone else {key: replace(row, credential="fresh")}
        return replace(book, credentials={**book.credentials, "fresh": fresh}, connections=rows)


@pytest.mark.parametrize("gone", [False, True])
def test_what_is_renewed_while_it_is_sealed_is_not_noted_as_handed_over(world: World, *, gone: bool) -> None:
    key = connected(world)
    world.store.vault = Renewing(world, gone)
    with pytest.raises(errors.LedgerUnwritable):
        anyio.run(seal_up, world, (key,))
    assert world.store.book().parcels == {}, "a reply would let the new key go, which nobody has received"


def test_without_a_key_nothing_is_sealed(world: World) -> None:
    with pytest.raises(errors.BadInput) as caught:
        anyio.run(seal_up, replace(world, preset=Preset()), ("x",))
    assert caught.value.facts["reason"] == "no_seal_key"


def test_a_file_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "koble-x.koble"
    file.write_text("older")
    (tmp_path / "koble-x.koble.new").write_text("left by a crash")
    write(file, "sealed")
    assert file.read_text() == "sealed"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.glob("koble*")] == ["koble-x.koble"]
    for wrong in (tmp_path / "nosuch" / "x", tmp_path):
        with pytest.raises(errors.BadInput):
            write(wrong, "sealed")


# The demo bank


def test_the_demo_bank_takes_what_is_sealed_to_it_once() -> None:
    with open_world(practice=True, preset=Preset(demo=True)) as world:
        key = connected(world)
        what = anyio.run(seal_up, world, (key,))
        first = anyio.run(lambda: send(world, what, lambda _: None))
        again = anyio.run(note_sent, world, what)
        assert first.answer == again.answer
        parcel = world.store.book().parcels[what.id]
        said = outcome(tidied(first.answer), bytes.fromhex(parcel.proof), what.id)
        assert said
        assert said.name == "confirmed"
        assert list(world.store.book().connections) == [key], "the bank keeps its own"
        with pytest.raises(errors.HandoverInvalid):
            anyio.run(world.bank.receive, world, armoured(a_sealed()))


@pytest.mark.parametrize(
    ("switch", "cause"), [("key_refused", "key_refused"), ("rights_missing", "rights_missing"), ("busy", "")]
)
def test_the_demo_bank_says_what_it_could_not_use(switch: str, cause: str) -> None:
    bank = DemoBank()
    with open_world(practice=True, preset=Preset(demo=True)) as world:
        assert world.playground
        text = _sealed_to(bank, world)
        world.playground.refuse(switch)
        if not cause:
            with pytest.raises(errors.Busy):
                anyio.run(bank.receive, world, text)
            return
        code = anyio.run(bank.receive, world, text)
    handover = a_handover()
    from wizard.core.reply import derived

    said = outcome(tidied(code), derived(handover.reply, handover.id), handover.id)
    assert said
    assert said.cause == cause


def test_the_demo_bank_says_that_somebody_has_yet_to_approve() -> None:
    bank = DemoBank()
    with open_world(practice=True, preset=Preset(demo=True)) as world:
        assert world.playground
        world.playground.refuse("pending_approval", "visma_net")
        code = anyio.run(bank.receive, world, _sealed_to(bank, world, "visma_net"))
    from wizard.core.reply import derived

    handover = a_handover()
    said = outcome(tidied(code), derived(handover.reply, handover.id), handover.id)
    assert said
    assert said.cause == "pending_approval"


def _sealed_to(bank: DemoBank, world: World, slug: str = "fiken") -> str:
    from wizard.core.practice import practice_of

    provider = world.provider(slug)
    answers: Any = dict(practice_of(provider).good["answers"])  # type: ignore[call-overload]
    method = str(answers.pop("method", ""))
    secret = {one.name for one in provider.by(method).fields if one.secret}
    one = an_item(
        system=slug,
        method=provider.by(method).method,
        expected="",
        company={"id": "", "name": "Fjordheim"},
        secrets={name: Secret(value) for name, value in answers.items() if name in secret},
        plain={name: value for name, value in answers.items() if name not in secret},
        tested="not_possible_here",
        rights={},
        checks={},
        at="",
    )
    return seal(a_handover(one, made=now().isoformat(timespec="seconds")), bank.key)


# What the list tells


def test_what_is_not_sent_and_what_is_waited_for() -> None:
    def row(key: str, state: str, **more: Any) -> Connection:
        return Connection(credential=key, company={}, tested="passed", delivered=state, **more)

    rows = {
        "new": row("new", "not_needed"),
        "no": row("no", "no"),
        "made": row("made", "file_made"),
        "sent": row("sent", "sent"),
        "done": row("done", "confirmed"),
        "back": row("back", "refused"),
        "waits": row("waits", "no", since="2026-03-02T12:00:00+00:00"),
        "gone": row("gone", "no", last_code="keychain_missing"),
        "fresh": row("other", "sent"),
    }
    book = Book(
        credentials={key: Credential(provider="fiken", environment="production", items={}) for key in rows},
        connections=rows,
        parcels={
            "a" * 32: Parcel(connections={"sent": "sent"}, at="", proof="", state="sent", reference="r-1"),
            "b" * 32: Parcel(connections={"back": "back"}, at="", proof="", state="refused"),
            "c" * 32: Parcel(connections={"fresh": "fresh"}, at="", proof="", state="sent"),
        },
    )
    assert delivered.unsent(book, sends=True) == ("new", "no", "made", "back")
    assert delivered.unsent(book, sends=False) == ("no", "made", "back")
    assert [key for key, _ in delivered.in_state(book, "sent")] == ["a" * 32], "not that of an older key"
    assert delivered.of(book, "new") is None
    named = {key: delivered.spoken_reference(key, one) for key, one in book.parcels.items()}
    assert [*named.values()] == ["r-1", "b" * 8, "c" * 8]
