"""The free call: off unless the machine's policy allows it, reading unless told, masked, noted."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.core.helpers import straight
from tests.providers.helpers import Altered
from wizard.core import errors, paths
from wizard.core.call import Called, call, checked
from wizard.core.connect import connect
from wizard.core.policy import Policy, read_policy
from wizard.core.practice import Playground, Reply, practice_of
from wizard.core.registry import built_in
from wizard.core.secret import Secret, hidden
from wizard.core.world import Wish, World, now, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PROVIDERS = built_in().providers
TOKEN = str(practice_of(PROVIDERS["fiken"]).good["answers"]["token"])  # type: ignore[index]


def world_of(playground: Playground) -> Iterator[World]:
    with open_store(memory=True) as store:
        registry = built_in()
        yield World(registry=registry, store=store, net=straight(), endpoints=playground.endpoints)


def called(slug: str, method: str, path: str, reply: Reply) -> tuple[Called, World]:
    """Connect in practice, answer one path in a way of the test's own, and call it."""
    with Altered(PROVIDERS[slug], {f"{method} {path.partition('?')[0]}": reply}).open() as playground:
        world = next(world_of(playground))
        return anyio.run(_walk, world, slug, checked(method, path, None, write=True)), world


async def _walk(world: World, slug: str, what: object, given: Mapping[str, object] | None = None) -> Called:
    given = given or practice_of(PROVIDERS[slug]).good
    companies = (given["company"],) if "company" in given else ()
    wish = Wish(answers=given["answers"], partner=given.get("partner", {}), companies=companies)  # type: ignore[arg-type]
    order = await world.order(PROVIDERS[slug], wish)
    (receipt,) = await connect(order, net=world.net, store=world.store, tell=lambda _: None, now=now)
    for name, secret in order.partner.items():
        await world.store.set_partner(f"{slug}.production.{name}", PROVIDERS[slug], secret)
    return await call(world, receipt.connection, what)  # type: ignore[arg-type]


def test_what_the_vendor_answers_is_shown_with_every_secret_masked() -> None:
    body = {"token": "something", "echo": f"{TOKEN} is it", "plain": 7}
    answer, world = called("fiken", "GET", "/companies/x?page=1", Reply(json=body))
    assert answer.status == 200
    assert TOKEN not in answer.body
    assert '"token": "…"' in answer.body
    assert '"plain": 7' in answer.body
    (row,) = world.store.book().connections.values()
    assert row.history[-1]["event"] == "call"
    assert row.history[-1]["code"] == "GET /companies/x 200"


def test_a_key_in_a_path_is_not_kept_in_the_history() -> None:
    _, world = called("fiken", "GET", f"/companies/{TOKEN}?key={TOKEN}", Reply(json={}))
    (row,) = world.store.book().connections.values()
    assert row.history[-1]["code"] == "GET /companies/… 200"


def test_what_the_call_was_signed_with_is_masked_even_where_it_is_echoed() -> None:
    echo = {
        "Authorization": "Basic MDpzZXNzaW9uLWtleQ==",
        "said": "with Bearer eyJhbGciOi.J9.practice",
        "a": 1,
    }
    answer, _ = called("tripletex", "GET", "/echo", Reply(json=echo))
    assert "MDpz" not in answer.body
    assert "eyJ" not in answer.body
    assert '"a": 1' in answer.body


def test_a_session_that_cannot_be_closed_changes_nothing() -> None:
    replies = {"POST /voucher": Reply(json={"id": 7}), "DELETE /token/session/": Reply(status=503)}
    with Altered(PROVIDERS["tripletex"], replies).open() as playground:
        world = next(world_of(playground))
        answer = anyio.run(_walk, world, "tripletex", checked("POST", "/voucher", b"{}", write=True))
    assert answer.status == 200
    (row,) = world.store.book().connections.values()
    assert row.history[-1]["code"] == "POST /voucher 200"


def test_a_call_of_which_nothing_is_known_is_noted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.core.net.DEADLINE", 0.5)
    with Altered(PROVIDERS["fiken"], {"POST /slow": Reply(delay=2.0, json={})}).open() as playground:
        world = next(world_of(playground))
        with pytest.raises(errors.TimedOut):
            anyio.run(_walk, world, "fiken", checked("POST", "/slow", b"{}", write=True))
    (row,) = world.store.book().connections.values()
    assert row.history[-1]["code"] == "POST /slow ?"


def test_a_name_that_is_there_twice_is_asked_twice_and_control_marks_are_not_shown() -> None:
    reply = Reply(body=b"a\x1b[31mb\nc", headers={"Content-Type": "text/plain"})
    with Altered(PROVIDERS["fiken"], {"GET /many": reply}).open() as playground:
        world = next(world_of(playground))
        path = "/many?a=1&a=2&a=3&b="
        answer = anyio.run(_walk, world, "fiken", checked("GET", path, None, write=False))
        assert playground.asked[-1][1].query == {"a": "3", "b": ""}
    assert answer.body == "a[31mb\nc"


def test_what_signs_nothing_cannot_be_called(tmp_path: Path) -> None:
    with Altered(PROVIDERS["xledger"], {}).open() as playground:
        world = next(world_of(playground))
        given = practice_of(PROVIDERS["xledger"]).more["web_service"]
        with pytest.raises(errors.BadInput) as caught:
            anyio.run(_walk, world, "xledger", checked("GET", "", None, write=False), given)
    assert caught.value.facts["reason"] == "call_unsigned"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_refusal_is_an_answer_like_another(status: int) -> None:
    answer, _ = called("tripletex", "GET", "/employee", Reply(status=status, json={"code": 1}))
    assert (answer.status, answer.body) == (status, '{"code": 1}')


def test_a_session_is_masked_and_closed_again() -> None:
    answer, _ = called(
        "tripletex", "GET", "/ledger", Reply(body=b"x", headers={"Content-Type": "text/plain"})
    )
    assert (answer.kind, answer.body) == ("text/plain", "x")


def test_an_accountants_client_is_called_in_its_own_name() -> None:
    with Altered(PROVIDERS["tripletex"], {}).open() as playground:
        world = next(world_of(playground))
        office = practice_of(PROVIDERS["tripletex"]).more["accountant"]
        anyio.run(_walk, world, "tripletex", checked("GET", "/company/108140001", None, write=False), office)
        signed = [one.headers["authorization"][6:] for _, one in playground.asked[-2:]]
        users = [base64.b64decode(one).split(b":")[0] for one in signed]
    assert users == [b"51001", b"0"]  # the call, then the end of the session


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("STEAL", "/x", None, "call_method"),
        ("POST", "/x", None, "call_writes"),
        ("GET", "x", None, "call_path"),
        ("GET", "https://example.test/x", None, "call_path"),
        ("GET", "//example.test", None, "call_path"),
        ("GET", "/a/../../b", None, "call_path"),
        ("GET", "/a/%2e%2e/b", None, "call_path"),
        ("GET", "/x@example.test", None, "call_path"),
        ("GET", "/x\\y", None, "call_path"),
        ("GET", "/ø", None, "call_path"),
        ("GET", "/{token}", None, "call_path"),
        ("GET", "/x", b"{", "not_json"),
    ],
)
def test_what_is_malformed_is_refused_before_anything_is_opened(
    method: str, path: str, body: bytes | None, reason: str
) -> None:
    with pytest.raises(errors.BadInput) as caught:
        checked(method, path, body, write=False)
    assert caught.value.facts["reason"] == reason


def test_what_only_the_partner_can_test_cannot_be_called(tmp_path: Path) -> None:
    with open_store(memory=True) as store:
        world = World(registry=built_in(), store=store, net=straight())

        async def work() -> None:
            given = practice_of(PROVIDERS["tripletex"]).good
            wish = Wish(answers=given["answers"], expect="313000028")  # type: ignore[arg-type]
            order = await world.order(PROVIDERS["tripletex"], wish)
            (receipt,) = await store.keep_assisted(order)
            with pytest.raises(errors.PartnerKeyNeeded):
                await call(world, receipt.connection, checked("get", "/x", None, write=False))

        anyio.run(work)


def test_a_vendor_that_is_silent_is_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.core.net.DEADLINE", 0.3)
    with pytest.raises(errors.TimedOut):
        called("fiken", "GET", "/slow", Reply(delay=2.0, json={}))


def test_what_a_vendor_says_back_in_a_refusal_is_masked() -> None:
    key = str(practice_of(PROVIDERS["fiken"]).good["answers"]["token"])  # type: ignore[index]
    with pytest.raises(errors.Redirected) as caught:
        called("fiken", "GET", "/x", Reply(status=302, headers={"Location": f"https://{key}.example/"}))
    assert caught.value.facts["to"] == "….example"
    assert caught.value.__cause__ is None


def test_every_form_of_a_secret_is_hidden() -> None:
    secret = 'ø"&/=?'
    for form in ("%C3%B8%22%26%2F%3D%3F", "w7giJi89Pw==", "w7giJi89Pw", '\\u00f8\\"&/=?', secret):
        assert hidden(f"<{form}>", [Secret(secret)]) == "<…>"


# the machine's policy


def written(folder: Path, text: str, mode: int = 0o644) -> Path:
    file = folder / "policy.toml"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def test_without_a_policy_nothing_is_allowed(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "policy.toml") == Policy(free_call=False)


def test_a_policy_allows_what_it_says(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, "free_call = true"), owner=os.getuid()).free_call


@pytest.mark.parametrize(
    ("text", "mode", "owner", "reason"),
    [
        ("free_call = true", 0o664, 0, "policy_not_trusted"),
        ("free_call = true", 0o646, 0, "policy_not_trusted"),
        ("free_call = true", 0o644, 1, "policy_not_trusted"),
        ("free_call = 1", 0o644, 0, "policy_wrong"),
        ("free_cal = true", 0o644, 0, "policy_wrong"),
        ("free_call = ", 0o644, 0, "policy_unreadable"),
    ],
)
def test_a_policy_that_cannot_be_relied_on_is_refused(
    tmp_path: Path, text: str, mode: int, owner: int, reason: str
) -> None:
    with pytest.raises(errors.BadInput) as caught:
        read_policy(written(tmp_path, text, mode), owner=os.getuid() + owner)
    assert caught.value.facts["reason"] == reason


def test_a_policy_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.BadInput) as caught:
        read_policy(tmp_path, owner=os.getuid())
    assert caught.value.facts["reason"] == "policy_unreadable"


def test_windows_sees_to_the_rights_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, "free_call = true", 0o666)
    monkeypatch.delattr("os.getuid")
    assert read_policy(file).free_call


def test_where_the_policy_lies() -> None:
    assert str(paths.policy("linux")) == "/etc/koble/policy.toml"
    assert str(paths.policy("darwin")) == "/Library/Application Support/Koble/policy.toml"
    assert paths.policy("win32").name == "policy.toml"
