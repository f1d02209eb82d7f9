"""The reply, what is remembered at both ends, the partner's keys, and what is received."""

from __future__ import annotations

import base64
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.helpers import NOW, Small, company, store_in
from tests.core.sealing import CANARY, KEY, a_handover, an_item
from wizard.core import errors, keys, receive, reply, strict
from wizard.core.connect import Proof
from wizard.core.delivered import (
    STAYS,
    due,
    see_unused,
    take_reply,
    used_by,
    with_made,
    with_outcome,
    with_sent,
    without_due,
)
from wizard.core.handover import VALID
from wizard.core.reply import ALPHABET, CAUSES, LENGTH, Outcome
from wizard.core.secret import Secret
from wizard.core.used import reserved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.ledger import Book
    from wizard.core.store import Store

quick = settings(deadline=None, max_examples=60)
WHAT = a_handover()
PROOF = reply.derived(WHAT.reply, WHAT.id)


def reason(act: Callable[[], object], kind: type[errors.WizardError] = errors.BadInput) -> object:
    with pytest.raises(kind) as caught:
        act()
    return caught.value.facts.get("reason", "")


# The reply code


@pytest.mark.parametrize("cause", ["", *CAUSES])
def test_a_code_says_what_became_of_it(cause: str) -> None:
    made = reply.code(PROOF, WHAT.id, Outcome(cause=cause))
    assert (len(made), made.count("-")) == (14, 2)
    assert reply.outcome(reply.tidied(made), PROOF, WHAT.id) == Outcome(cause=cause)
    assert Outcome(cause=cause).name == ("refused" if cause else "confirmed")


def test_the_causes_keep_their_places() -> None:
    assert CAUSES[:3] == ("key_refused", "rights_missing", "wrong_company")
    assert {one.code for one in errors.every_error()} >= set(CAUSES)
    assert len(set(CAUSES)) == len(CAUSES) < 1000
    beyond = "ZZ" + reply._tag(PROOF, WHAT.id, "ZZ")
    assert reply.outcome(beyond + reply._check(beyond), PROOF, WHAT.id) == Outcome(cause="other")


@quick
@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_a_code_that_was_guessed_is_about_nothing(guess: str) -> None:
    bare = reply.tidied(guess)
    assert not bare or reply.outcome(bare, PROOF, WHAT.id) is None


def test_a_code_is_bound_to_its_hand_over_its_key_and_its_outcome() -> None:
    made = reply.tidied(reply.code(PROOF, WHAT.id, Outcome()))
    assert reply.outcome(made, PROOF, "f" * 32) is None
    other = reply.derived(Secret(base64.urlsafe_b64encode(b"another sixteen!").decode().rstrip("=")), WHAT.id)
    assert reply.outcome(made, other, WHAT.id) is None
    body = "01" + made[2:-1]
    assert reply.outcome(body + reply._check(body), PROOF, WHAT.id) is None


def test_the_proof_is_hkdf() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    expected = HKDF(algorithm=SHA256(), length=32, salt=WHAT.id.encode(), info=b"koble reply 1")
    assert expected.derive(b"sixteen bytes ok") == PROOF


@quick
@given(st.data())
def test_slips_of_the_hand_are_told(data: st.DataObject) -> None:
    made = reply.tidied(reply.code(PROOF, WHAT.id, Outcome(cause=data.draw(st.sampled_from(["", *CAUSES])))))
    at = data.draw(st.integers(0, LENGTH - 1))
    letter = data.draw(st.sampled_from(ALPHABET))
    assert (reply.tidied(made[:at] + letter + made[at + 1 :]) == "") == (letter != made[at])
    assert reply.tidied(made[:at] + made[at + 1 :]) == ""


def test_a_code_is_read_however_it_is_typed() -> None:
    made = reply.code(PROOF, WHAT.id, Outcome())
    for typed in (made, made.lower(), made.replace("-", " "), made.replace("0", "O"), made.replace("1", "l")):
        assert reply.tidied(typed) == made.replace("-", "")
    assert reply.tidied("ÅØÆ") == ""
    assert reply.tidied("") == ""


# What stands in the ledger


async def filled(
    folder: Path, *names: str, credentials: int = 1, secrets: bool = True
) -> tuple[Store, list[str]]:
    """Return a store with a connection to each company, all with the same key or each with its own."""
    store = store_in(folder)
    order = Small().order() if secrets else replace(Small().order(), answers={})
    found = [company(name) for name in names]
    groups = [found] if credentials == 1 else [[one] for one in found]
    ids: list[str] = []
    for group in groups:
        made = await store.keep(Proof(order=order, companies=tuple(group), chosen=tuple(group)))
        ids += [one.connection for one in made]
    return store, ids


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    return anyio.run(work)


def secrets_in(store: Store) -> int:
    return len(store.vault.items)  # type: ignore[attr-defined]  # the vault in memory


def code_for(what: Any, cause: str = "") -> str:
    return reply.code(reply.derived(what.reply, what.id), what.id, Outcome(cause=cause))


def test_a_hand_over_from_made_to_confirmed(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        row = store.book().connections[one]
        assert (row.delivered, row.waiting_for, row.history[-1]["event"]) == ("file_made", "you", "file_made")
        await store.amend(lambda book: with_sent(book, WHAT.id, NOW.isoformat()))
        row = store.book().connections[one]
        assert (row.delivered, row.waiting_for) == ("sent", "partner")
        assert secrets_in(store) == 2
        told = await take_reply(store, code_for(WHAT), NOW)
        assert (told.handover, told.outcome.name, told.connections) == (WHAT.id, "confirmed", (one,))
        row = store.book().connections[one]
        assert (row.delivered, row.waiting_for, row.tested) == ("confirmed", "nobody", "passed")
        assert secrets_in(store) == 0, "the key has left"
        assert row.company["name"] == "One AS", "what is known of it stays"
        assert store.book().leaving == ()
        late = await take_reply(store, code_for(WHAT, "key_refused"), NOW)
        assert late.outcome.name == "confirmed", "what is confirmed stays so"
        await store.amend(lambda book: with_sent(book, WHAT.id, NOW.isoformat()))
        assert store.book().connections[one].delivered == "confirmed", "whatever is pressed too late"

    run(work)


def test_a_refused_key_is_kept_and_may_be_confirmed_later(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        told = await take_reply(store, code_for(WHAT, "rights_missing"), NOW)
        row = store.book().connections[one]
        assert (told.outcome.cause, row.delivered, row.waiting_for) == ("rights_missing", "refused", "you")
        assert row.history[-1] == {"at": NOW.isoformat(), "event": "refused", "code": "rights_missing"}
        await store.sweep_delivered(NOW + 2 * STAYS)
        assert secrets_in(store) == 2
        await take_reply(store, code_for(WHAT), NOW)
        assert secrets_in(store) == 0

    run(work)


@pytest.mark.parametrize(
    ("state", "after", "days", "left"),
    [
        ("sent", "forget", 14, 0),
        ("sent", "forget", 13, 2),
        ("sent", "keep", 99, 2),
        ("file_made", "forget", 99, 2),
        ("refused", "forget", 99, 2),
        ("confirmed", "keep", 99, 2),
    ],
)
def test_when_a_key_goes(state: str, after: str, days: int, left: int, tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        await store.amend(lambda book: with_made(book, WHAT, [one], after))
        at = NOW.isoformat()
        changes: dict[str, Callable[[Book], Book]] = {
            "sent": lambda book: with_sent(book, WHAT.id, at),
            "file_made": lambda book: book,
            "refused": lambda book: with_outcome(book, WHAT.id, Outcome(cause="key_refused"), at),
            "confirmed": lambda book: with_outcome(book, WHAT.id, Outcome(), at),
        }
        await store.amend(changes[state])
        await store.sweep_delivered(NOW + timedelta(days=days))
        assert secrets_in(store) == left
        assert not due(store.book(), NOW + timedelta(days=days))

    run(work)


def test_a_key_that_serves_others_too_stays(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one, two) = await filled(tmp_path, "one", "two")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        await take_reply(store, code_for(WHAT), NOW)
        assert secrets_in(store) == 2
        second = a_handover(id="f" * 32)
        await store.amend(lambda book: with_made(book, second, [two], "forget"))
        await take_reply(store, code_for(second), NOW)
        assert secrets_in(store) == 0

    run(work)


def test_a_new_key_is_never_lost_to_the_reply_for_the_old(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        again = await store.keep(
            Proof(order=Small().order(), companies=(company("one"),), chosen=(company("one"),))
        )
        assert again[0].connection == one
        await take_reply(store, code_for(WHAT), NOW)
        assert store.book().connections[one].delivered == "not_needed"
        assert secrets_in(store) == 2

    run(work)


def test_an_old_refusal_does_not_undo_a_newer_hand_over(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        second = a_handover(id="f" * 32)
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        await store.amend(lambda book: with_made(book, second, [one], "forget"))
        await take_reply(store, code_for(WHAT, "key_refused"), NOW)
        assert store.book().connections[one].delivered == "file_made"
        await store.forget(one)
        await take_reply(store, code_for(second), NOW)
        assert store.book().parcels[second.id].state == "confirmed"

    run(work)


def test_what_waits_for_approval_waits_for_it_still(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_in(tmp_path)
        made = await store.keep_waiting(Small().order(), errors.PendingApproval(waiting_for="administrator"))
        await store.amend(lambda book: with_made(book, WHAT, [made[0].connection], "forget"))
        assert store.book().connections[made[0].connection].waiting_for == "administrator"

    run(work)


def test_guessing_is_stopped_and_slips_are_not_counted(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        wrong = code_for(a_handover(id="f" * 32))
        for _ in range(9):
            with pytest.raises(errors.ReplyWrong) as caught:
                await take_reply(store, wrong[:-2], NOW)
            assert caught.value.facts["reason"] == "slip"
        for _ in range(5):
            with pytest.raises(errors.ReplyWrong) as caught:
                await take_reply(store, wrong, NOW)
            assert caught.value.facts["reason"] == "none_here"
        with pytest.raises(errors.Busy) as busy:
            await take_reply(store, code_for(WHAT), NOW + timedelta(seconds=10))
        assert busy.value.facts == {"seconds": 590, "reason": "reply"}
        later = NOW + timedelta(seconds=601)
        assert (await take_reply(store, code_for(WHAT), later)).outcome.name == "confirmed"

    run(work)


def test_a_reference_that_was_used_here_is_told(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        see_unused(store.book(), "ref-1")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))
        assert used_by(store.book(), "ref-1") == WHAT.made
        assert used_by(store.book(), "") == used_by(store.book(), "ref-2") == ""
        with pytest.raises(errors.StartUsed) as caught:
            see_unused(store.book(), "ref-1")
        assert caught.value.facts == {"at": "2026-03-02", "reference": "ref-1"}
        await take_reply(store, code_for(WHAT, "key_refused"), NOW)
        see_unused(store.book(), "ref-1")

    run(work)


def test_nothing_of_a_hand_over_in_the_ledger_opens_or_forges_it(tmp_path: Path) -> None:
    async def work() -> None:
        store, (one,) = await filled(tmp_path, "one")
        await store.amend(lambda book: with_made(book, WHAT, [one], "forget"))

    run(work)
    written = "".join(file.read_text("utf-8") for file in tmp_path.iterdir() if file.is_file())
    assert "ZZkey" not in written
    assert base64.urlsafe_b64encode(b"sixteen bytes ok").decode()[:20] not in written
    assert PROOF.hex() in written, "with it codes for this one hand-over are checked; see decision 30"


# Keys


def test_keys_are_private_files_that_are_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys.write_new(file, keys.as_set({KEY["kid"]: KEY}))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.read_private(file) == {KEY["kid"]: KEY}
    assert reason(lambda: keys.write_new(file, b"x")) == "file_exists"
    assert reason(lambda: keys.write_new(tmp_path / "no" / "folder", b"x")) == "file_unwritable"
    file.chmod(0o640)
    assert reason(lambda: keys.read_private(file)) == "keys_not_private"
    assert reason(lambda: keys.read_private(tmp_path / "absent")) == "keys_unreadable"


def test_a_disk_that_is_full_leaves_no_half_a_key(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    file = tmp_path / "keys.json"

    def full(descriptor: int) -> None:
        raise OSError(28, "full")

    before = os.fsync
    os.fsync = full  # type: ignore[assignment]  # a disk cannot be filled in a test
    try:
        assert reason(lambda: keys.write_new(file, b"x")) == "file_unwritable"
    finally:
        os.fsync = before
    assert not file.exists()


def test_a_key_is_turned_over_and_the_old_one_stays(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys.write_new(file, keys.as_set({KEY["kid"]: KEY}))
    both = keys.rotate(file)
    assert [*keys.read_private(file)] == [*both]
    assert [*both][1:] == [KEY["kid"]]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEY["d"] not in keys.as_toml(KEY)


def row(**more: object) -> bytes:
    made = {name: value for name, value in {**KEY, **more}.items() if value is not None}
    return json.dumps({"keys": [made]}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"keys": []}',
        b'{"keys": 5}',
        row(d=None),
        row(crv="P-384"),
        row(kty="RSA"),
        row(use="sig"),
        row(alg="dir"),
        row(kid=""),
        row(kid="a b"),
        row(more="x"),
        row(x="AAAA"),
        row(x=KEY["y"]),
        row(d="!" * 43),
        row().replace(b"]", b"," + json.dumps(dict(KEY)).encode() + b"]"),
    ],
)
def test_what_is_no_set_of_keys_is_refused(data: bytes) -> None:
    assert reason(lambda: keys.key_set(data)) == "keys_wrong"


def test_a_single_key_is_a_set_of_one() -> None:
    assert keys.key_set(json.dumps(dict(KEY)).encode()) == {KEY["kid"]: KEY}
    assert reason(lambda: keys.checked(KEY)) == "private_key"


# Received once


def test_what_was_received_is_not_received_again(tmp_path: Path) -> None:
    file = tmp_path / "received.sqlite"
    with reserved(file, "a" * 32, "ref", "now") as mine:
        assert not mine.again
        mine.handing_on()
        mine.done()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for handover, reference in (("a" * 32, "ref"), ("b" * 32, "ref"), ("a" * 32, "")):
        assert used(file, handover, reference) == "done"
    with reserved(file, "b" * 32, "", "now"):
        assert used(file, "b" * 32) == "in_progress"
    with reserved(file, "b" * 32, "", "now") as mine:
        assert not mine.again, "what was never handed on leaves nothing behind"


def used(file: Path, handover: str, reference: str = "") -> object:
    def act() -> None:
        with reserved(file, handover, reference, "now"):
            raise AssertionError

    return reason(act, errors.HandoverUsed)


def test_two_of_the_same_reference_at_once(tmp_path: Path) -> None:
    file = tmp_path / "received.sqlite"
    with reserved(file, "a" * 32, "ref", "now"):
        assert used(file, "b" * 32, "ref") == "in_progress"


def test_what_could_not_be_handed_on_comes_again_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "received.sqlite"

    def act() -> None:
        with reserved(file, "a" * 32, "", "now") as mine:
            mine.handing_on()
            raise errors.DeliveryFailed

    reason(act, errors.DeliveryFailed)
    with reserved(file, "a" * 32, "", "now") as mine:
        assert mine.again
    with reserved(file, "a" * 32, "", "now") as mine:
        assert mine.again


def test_what_cannot_be_remembered_is_not_received(tmp_path: Path) -> None:
    def at(file: Path) -> Callable[[], object]:
        def act() -> None:
            with reserved(file, "a" * 32, "", "now"):
                raise AssertionError

        return act

    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "not.sqlite").write_text("this is no data base at all" * 99, "utf-8")
    for name in ("file/below", "folder", "not.sqlite"):
        assert reason(at(tmp_path / name), errors.LedgerUnwritable) == "used"


RECEIVER = """
import sys, time
from pathlib import Path
from wizard.core import errors
from wizard.core.used import reserved
file, handover, mark = Path(sys.argv[1]), "a" * 32, Path(sys.argv[2])
try:
    with reserved(file, handover, "ref", "now") as mine:
        print("again" if mine.again else "mine", flush=True)
        if sys.argv[3] != "reserve":
            mine.handing_on()
        if sys.argv[3] in ("reserve", "hang"):
            print("hangs", flush=True)
            time.sleep(60)
        with mark.open("a") as out:
            out.write("delivered\\n")
        time.sleep(0.2)
        mine.done()
        print("finished", flush=True)
except errors.HandoverUsed as error:
    print(error.facts["reason"], flush=True)
"""


def receiver(file: Path, mark: Path, how: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", RECEIVER, str(file), str(mark), how],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


def test_of_two_receivers_at_once_one_succeeds(tmp_path: Path) -> None:
    file, mark = tmp_path / "received.sqlite", tmp_path / "mark"
    many = [receiver(file, mark, "through") for _ in range(3)]
    said = [one.communicate(timeout=30)[0].split()[-1] for one in many]
    assert said.count("finished") == 1, said
    assert set(said) <= {"finished", "done", "in_progress"}, "too late, or at the same time"
    assert mark.read_text("utf-8") == "delivered\n"


@pytest.mark.parametrize(("how", "then"), [("reserve", "mine"), ("hang", "again")])
def test_what_a_receiver_that_was_killed_had_can_be_received(how: str, then: str, tmp_path: Path) -> None:
    file, mark = tmp_path / "received.sqlite", tmp_path / "mark"
    with receiver(file, mark, how) as first:
        assert first.stdout
        assert first.stdout.readline() == "mine\n"
        assert first.stdout.readline() == "hangs\n"
        assert used(file, "a" * 32, "ref") == "in_progress"
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    with reserved(file, "a" * 32, "ref", "now") as mine:
        assert mine.again == (then == "again")
        mine.done()
    assert used(file, "a" * 32, "ref") == "done"


# What the partner's end looks at


def valid(made: str, known: Any = None, **more: Any) -> tuple[str, object]:
    try:
        receive.see_valid(a_handover(made=made, **more), NOW, known)
    except errors.InputError as error:
        return error.code, error.facts.get("reason")
    return "", None


def test_how_long_a_hand_over_counts() -> None:
    assert valid("2026-03-02T12:00:00Z") == ("", None)
    assert valid((NOW - VALID - timedelta(seconds=1)).isoformat()) == ("handover_expired", None)
    assert valid((NOW - VALID).isoformat()) == ("", None)
    assert valid((NOW + timedelta(days=2)).isoformat()) == ("handover_expired", "ahead")
    for far in ("0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "1999-12-31T00:00:00Z"):
        with pytest.raises(strict.NotStrict):
            strict.moment(far)


def test_only_what_was_asked_for_is_received() -> None:
    line = receive.reference_line(
        receive.Reference(
            reference="ref-1", system="fiken", expires="2026-03-09T12:00:00+00:00", expect="313000028"
        )
    )
    known = receive.references(line.encode() + b"\n")
    made = "2026-03-02T12:00:00Z"
    assert valid(made, known) == ("", None)
    assert valid(made, known, reference="") == ("reference_unknown", None)
    assert valid(made, {}) == ("reference_unknown", None)
    assert valid(made, known, items=(an_item(system="tripletex"),)) == ("reference_unknown", "of_another")
    assert valid(made, known, items=(an_item(expected="313000036"),)) == ("reference_unknown", "of_another")
    late = {"ref-1": replace(known["ref-1"], expires="2026-03-01T12:00:00+00:00")}
    assert valid(made, late) == ("handover_expired", "start")
    open_to_all = {"ref-1": replace(known["ref-1"], expect="")}
    assert valid(made, open_to_all) == ("", None)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'{"reference": "a"}',
        b'{"reference": "a b", "system": "x", "expires": "2026-03-02T12:00:00Z"}',
        b'{"reference": "a", "system": "x", "expires": "soon"}',
        b'{"reference": "a", "system": "x", "expires": "2026-03-02"}',
    ],
)
def test_a_list_of_references_of_another_form_is_refused(data: bytes) -> None:
    assert reason(lambda: receive.references(data)) == "references_wrong"


def test_the_partners_keys_come_as_one_object() -> None:
    assert receive.partner_keys(b" \n") == {}
    assert receive.partner_keys(b'{"a.b.c": "x"}') == {"a.b.c": "x"}
    for data in (b"[]", b'{"a": 1}', b"{", b'{"a": "x", "a": "y"}'):
        assert reason(lambda data=data: receive.partner_keys(data)) == "partner_keys_wrong"  # type: ignore[misc]
    assert reason(lambda: receive.read_file(Path("/nowhere/at/all"))) == "file_unreadable"


def test_the_command_gets_it_on_its_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "got it"
    receive.hand_on(f"tee '{file}'", CANARY.encode())
    assert file.read_text("utf-8") == CANARY


@pytest.mark.parametrize(
    ("command", "why"),
    [("false", None), ("/no/such/command", "not_started"), ("'", "not_started"), (" ", "not_started")],
)
def test_a_command_that_does_not_take_it(command: str, why: str | None) -> None:
    with pytest.raises(errors.DeliveryFailed) as caught:
        receive.hand_on(command, b"x")
    assert caught.value.facts == ({"reason": why} if why else {"number": 1})
    assert caught.value.status == 6


def test_a_command_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "PATIENCE", 0.1)
    before = time.monotonic()
    assert reason(lambda: receive.hand_on("sleep 30", b"x"), errors.DeliveryFailed) == "timed_out"
    assert time.monotonic() - before < 5


def test_what_the_customer_is_told() -> None:
    assert receive.outcome_of(errors.KeyRefused()) == Outcome(cause="key_refused")
    assert receive.outcome_of(errors.ScopeMissing(whose="partner")) is None
    assert receive.outcome_of(errors.VendorDown()) is None
    assert receive.outcome_of(errors.TimedOut()) is None


# Strictly read


@quick
@given(st.binary(max_size=60))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = strict.encoded(data)
    assert strict.decoded(text) == data
    for other in (text + "=", text + "\n", text + "A===", " " + text):
        with pytest.raises(strict.NotStrict):
            strict.decoded(other)


def test_base64url_that_is_none() -> None:
    for text in ("A", "AB", "A+/A", "é"):
        with pytest.raises(strict.NotStrict):
            strict.decoded(text)


def test_sqlite_is_the_only_thing_there(tmp_path: Path) -> None:
    file = tmp_path / "received.sqlite"
    with reserved(file, "a" * 32, "ref", "now") as mine:
        mine.done()
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT * FROM used").fetchall() == [("a" * 32, "ref", "done", "now")]
    db.close()


def test_a_book_without_anything_due(tmp_path: Path) -> None:
    async def work() -> None:
        store, _ = await filled(tmp_path, "one")
        assert without_due(store.book(), NOW) == store.book()

    run(work)
