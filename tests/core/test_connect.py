"""The walk: what is asked, which company is meant, and what is left behind when it ends."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.core.helpers import NOW, Chest, Small, company, peer, slowly, store_in, straight
from wizard.core import errors
from wizard.core.background import Background
from wizard.core.connect import (
    Proof,
    Receipt,
    choose,
    clean,
    confirm,
    connect,
    examine,
    partner_part,
    printable,
)
from wizard.core.provider import Company, CredentialField, Environment, Finding, Link
from wizard.core.secret import Secret
from wizard.core.vault import Keychain, MemoryVault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.core.store import Store

ONE, TWO, THREE = company("one", "313000028"), company("two", "313000036"), company("three")


def walk(
    small: Small, store: Store, told: list[Finding] | None = None, **order: object
) -> tuple[Receipt, ...]:
    tell = (told if told is not None else []).append
    made = small.order(**order)  # type: ignore[arg-type]
    return anyio.run(lambda: connect(made, net=straight(), store=store, tell=tell, now=lambda: NOW))


def proof(
    small: Small, limit: float | None = None, told: list[Finding] | None = None, **order: object
) -> Proof:
    tell = (told if told is not None else []).append
    made = small.order(**order)  # type: ignore[arg-type]
    return anyio.run(lambda: examine(made, net=straight(), tell=tell, now=lambda: NOW, limit=limit))


def test_a_whole_walk_ends_in_a_receipt(tmp_path: Path) -> None:
    small, store, told = (
        Small((ONE,), {"one": company("one", "313000028")}),
        store_in(tmp_path),
        list[Finding](),
    )
    (receipt,) = walk(small, store, told, expect="313000028")
    assert (receipt.provider, receipt.environment, receipt.tested) == ("small", "production", "passed")
    assert (receipt.delivered, receipt.waiting_for, receipt.stored_in) == ("not_needed", "nobody", "memory")
    assert receipt.company == {"orgnr": "313000028", "name": "One AS", "id": "one"}
    assert [(one.check, one.state) for one in told] == [
        ("input", "passed"),
        ("sign_in", "passed"),
        ("companies", "passed"),
        ("access", "passed"),
        ("expected_company", "passed"),
    ]
    assert small.left == [True]
    assert list(store.book().connections) == [receipt.connection]


def test_which_companies_are_meant() -> None:
    both = (ONE, TWO)
    assert choose((ONE,), (), "") == (ONE,)
    assert choose(both, (), "") == ()
    assert choose(both, (), "313000036") == (TWO,)
    assert choose(both, ("313 000 028", "two"), "") == both
    assert choose(both, ("one", "313000028", "one"), "") == (ONE,)
    assert choose((ONE, THREE), (), "313000036") == (), "the expected one may be the one without a number"
    assert choose((ONE, THREE), (), "313000028") == (ONE,)
    with pytest.raises(errors.NoCompany):
        choose((), ("one",), "")


def test_two_companies_with_the_same_number_are_not_settled() -> None:
    twins = (ONE, company("twin", "313000028"))
    assert choose(twins, (), "313000028") == ()
    assert choose(twins, ("TWIN",), "") == (twins[1],), "an id says which, whatever its case"
    with pytest.raises(errors.SeveralCompanies) as caught:
        choose(twins, ("313000028",), "")
    assert [one["id"] for one in caught.value.facts["companies"]] == ["one", "twin"]  # type: ignore[index,union-attr]


def test_a_number_names_the_only_company_even_where_the_vendor_hides_it() -> None:
    assert choose((THREE,), ("313 000 036",), "") == (THREE,)
    with pytest.raises(errors.WrongCompany):
        choose((THREE,), ("somebody",), "")
    for picks, expect in ((("313000036", "313000028"), ""), (("313000036",), "313000028")):
        with pytest.raises(errors.WrongCompany) as caught:
            choose((THREE,), picks, expect)
        assert caught.value.fields == ("company",), "it cannot be both"


def test_a_wrong_pick_is_not_blamed_on_the_expected_number() -> None:
    with pytest.raises(errors.WrongCompany) as caught:
        choose((ONE, TWO), ("nobody",), "313000028")
    assert caught.value.fields == ("company",)
    assert caught.value.facts["expected"] == "nobody"


def test_a_name_that_would_fool_the_eye_is_made_plain() -> None:
    fooling = Company(id="x", name="Good\u202e\x1b[31m\n  AS\x07")
    assert printable(fooling).name == "Good[31m AS"
    assert printable(Company(id="x", name="\u200b")).name == "x"


@pytest.mark.parametrize(
    ("picks", "expect", "field"), [(("four",), "", "company"), ((), "313000052", "expect")]
)
def test_a_company_that_is_not_among_them(picks: tuple[str, ...], expect: str, field: str) -> None:
    with pytest.raises(errors.WrongCompany) as caught:
        choose((ONE, TWO), picks, expect)
    assert caught.value.fields == (field,)
    assert caught.value.facts["expected"] == (expect or "four")
    assert caught.value.facts["companies"] == [ONE.facts(), TWO.facts()]


def test_what_cannot_be_compared_is_skipped() -> None:
    assert confirm(ONE, "") == confirm(THREE, "313000028") == "skipped"
    assert confirm(ONE, "313000028") == "passed"
    with pytest.raises(errors.WrongCompany):
        confirm(ONE, "313000036")


def test_a_vendor_that_gives_no_number_can_be_connected(tmp_path: Path) -> None:
    told: list[Finding] = []
    (receipt,) = walk(Small((THREE,)), store_in(tmp_path), told, expect="313000028")
    assert receipt.company["orgnr"] is None
    assert told[-1].check == "expected_company"
    assert told[-1].state == "skipped"


def test_several_companies_are_listed_and_nothing_is_stored(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with pytest.raises(errors.SeveralCompanies) as caught:
        walk(Small((ONE, TWO)), store)
    assert caught.value.facts["companies"] == [ONE.facts(), TWO.facts()]
    assert not store.book().credentials
    assert walk(Small((ONE, TWO)), store, picks=("one", "two"))[1].company["name"] == "Two AS"
    assert len(store.book().credentials) == 1


def test_a_company_that_turns_out_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.WrongCompany):
        walk(
            Small((THREE,), {"three": company("three", "313000036")}), store_in(tmp_path), expect="313000028"
        )


def test_a_failure_is_told_where_it_happened() -> None:
    told: list[Finding] = []
    small = Small(refuse=errors.UnexpectedAnswer())
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        proof(small, told=told)
    assert caught.value.stage == "company"
    assert (told[-1].check, told[-1].stage, told[-1].state) == ("companies", "company", "failed")
    assert told[-1].facts == {"code": "unexpected_answer"}
    assert small.left == [True]
    with pytest.raises(errors.NoCompany):
        proof(Small(), told=told)
    assert (told[-1].check, told[-1].stage) == ("company", "company")


def hanging(port: int) -> Small:
    async def ask(link: Link) -> None:
        await link.http.get("/companies")

    return Small(
        (ONE,),
        ask=ask,
        environment=Environment(name="production", endpoints={"api": f"http://127.0.0.1:{port}"}),
    )


def test_the_deadline_ends_a_walk_and_the_session_is_closed() -> None:
    with peer(slowly(b" ", 0.02)) as made:
        small = hanging(made.port)
        with pytest.raises(errors.TimedOut) as caught:
            proof(small, limit=0.3)
    assert caught.value.stage == "vendor"
    assert small.left == [True]


def test_a_deadline_before_any_answer_is_the_connections() -> None:
    async def ask(_: Link) -> None:
        await anyio.sleep(9)

    with pytest.raises(errors.TimedOut) as caught:
        proof(Small((ONE,), ask=ask), limit=0.1)
    assert caught.value.stage == "connection"


def test_leaving_takes_little_time_and_its_failure_does_not_matter() -> None:
    async def slow() -> None:
        await anyio.sleep(30)

    async def broken() -> None:
        raise errors.VendorDown

    for leave in (slow, broken):
        began = time.monotonic()
        assert proof(Small((ONE,), leave=leave)).chosen == (ONE,)
        assert time.monotonic() - began < 2


def cancelled(store: Store, small: Small, when: Callable[[], bool]) -> tuple[Receipt, ...]:
    """Cancel a walk as soon as something is so; return its receipt, if it still came to one."""
    with Background() as background:
        task = background.start(
            lambda: connect(small.order(), net=straight(), store=store, tell=lambda _: None, now=lambda: NOW)
        )
        deadline = time.monotonic() + 10
        while not when():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        began = time.monotonic()
        task.cancel()
        try:
            return task.future.result(10)
        finally:
            assert time.monotonic() - began < 1.5


def test_cancel_during_a_request_shows_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with peer(slowly(b" ", 0.05)) as made:
        small = hanging(made.port)
        with pytest.raises(errors.Cancelled):
            cancelled(store, small, lambda: made.connections == 1)
    assert small.left == [True]
    assert not store.book().credentials


def test_cancel_during_storing_comes_too_late_and_the_receipt_comes(tmp_path: Path) -> None:
    chest = Chest(lambda: time.sleep(0.15), good=5)  # the trial takes five calls
    store = store_in(tmp_path, Keychain(open=lambda: chest))
    (receipt,) = cancelled(store, Small((ONE,)), lambda: len(chest.calls) > 5)
    assert list(store.book().connections) == [receipt.connection]
    assert len(chest.items) == 2


def test_a_keychain_that_does_not_work_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    def deny() -> None:
        raise OSError(5, "denied")

    small = Small((ONE,))
    with pytest.raises(errors.KeychainDenied):
        walk(small, store_in(tmp_path, Keychain(open=lambda: Chest(deny))))
    assert small.asked == []


def test_answers_and_partner_keys_are_cleaned() -> None:
    environment = Environment(name="production", endpoints={})

    def inspect(value: str, _: Environment) -> tuple[str, ...]:
        return ("odd",) if value == "b" else ()

    fields = (CredentialField(name="one", inspect=inspect), CredentialField(name="two", inspect=inspect))
    cleaned = clean(fields, {"one": " a\n", "two": "“b”"}, environment)
    assert cleaned.secrets == {"one": Secret("a"), "two": Secret("b")}
    assert (cleaned.plain, cleaned.warnings) == ({}, (("two", "odd"),))
    with pytest.raises(errors.FieldInvalid) as caught:
        clean(fields, {"one": 5, "two": "ZZ ZZ"}, environment)
    assert (caught.value.fields, caught.value.facts) == (("one",), {"reason": "shape"})

    provider = Small().provider(partner=("app", "sub"))
    keys = {"app": Secret("kept"), "sub": Secret("kept")}
    assert partner_part(provider, environment, {"app": "given"}, keys)[0]["app"] == Secret("given")
    with pytest.raises(errors.PartnerKeyNeeded) as needed:
        partner_part(provider, environment, {}, {"app": Secret("kept")})
    assert needed.value.fields == ("sub",)


def test_background_that_is_not_open_starts_nothing() -> None:
    async def work() -> None: ...

    with pytest.raises(RuntimeError):
        Background().start(work)


def test_leaving_the_background_cancels_what_runs_and_a_late_cancel_is_harmless() -> None:
    ended, began = list[str](), threading.Event()

    async def work() -> None:
        began.set()
        try:
            await anyio.sleep(30)
        finally:
            ended.append("ended")

    with Background() as background:
        task = background.start(work)
        assert began.wait(5)
    assert ended == ["ended"]
    with pytest.raises(errors.Cancelled):
        task.future.result(10)
    task.cancel()


def test_memory_keeps_and_forgets() -> None:
    vault = MemoryVault()

    async def work() -> dict[str, Secret]:
        await vault.trial()
        await vault.keep({"a": Secret("1"), "b": Secret("2")})
        await vault.drop(["a", "absent"])
        return await vault.read(["a", "b"])

    assert anyio.run(work) == {"b": Secret("2")}


def test_a_company_says_what_it_is() -> None:
    assert Company(id="x", name="X", ids={"more": "1"}).facts() == {"orgnr": None, "name": "X", "id": "x"}
