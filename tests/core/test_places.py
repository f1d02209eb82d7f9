"""Endpoints, displays, logs, plug-ins, practice, the order of pages and the world of a run."""

from __future__ import annotations

import http.client
import logging
import os
import socket
import stat
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.core.helpers import NOW, Small, straight
from wizard.core import errors, flow, log, paths
from wizard.core.answers import Answer
from wizard.core.display import can_ask, has_display
from wizard.core.endpoints import is_loopback, read_endpoints, redirected
from wizard.core.network_errors import _routes
from wizard.core.practice import (
    Asked,
    Playground,
    endpoints_toml,
    imitation,
    practice_of,
    refusals_of,
    switches_of,
)
from wizard.core.provider import CredentialField
from wizard.core.recheck import recheck, reexamine, reopened
from wizard.core.registry import Registry, built_in, with_plugins
from wizard.core.secret import Secret
from wizard.core.texts import Texts
from wizard.core.world import Wish, World, open_store, open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.core.provider import Finding

PROVIDERS = built_in().providers


# Endpoints

REFUSED = [
    "http://kari@127.0.0.1/", "http://127.0.0.1@evil.test", "http://evil.test", "http://127.0.0.1.evil.test",
    "http://10.0.0.1", "http://0.0.0.0", "http://169.254.169.254", "http://127.1", "http://2130706433",
    "http://0x7f.0.0.1", "http://127.0.0.1\\@evil.test", "http://127.0.0.1:0", "http://127.0.0.1:99999",
    "http://127.0.0.1:x", "http://127.0.0.1?x=1", "http://127.0.0.1#x", "ftp://127.0.0.1", "127.0.0.1",
    "http://ⓛocalhost", "http://localhost。evil.test", "http://[::2]", "http://[::1", "http://127.0.0.1 /",
    "http://127.0.0.1/%2e", "file:///etc/passwd", "http://", "", "http://localhost.", "http://127.0.0.1\t",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_only_plain_loopback_addresses_are_taken(address: str, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.toml"
    file.write_text(f"[fiken.production]\napi = {chr(39)}{address}{chr(39)}\n", "utf-8")
    with pytest.raises(errors.BadInput):
        read_endpoints(file, PROVIDERS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[nothing.production]\napi = 'http://127.0.0.1'", "endpoints_unknown"),
        ("[fiken.moon]\napi = 'http://127.0.0.1'", "endpoints_unknown"),
        ("fiken = 1", "endpoints_unknown"),
        ("[fiken]\nproduction = 1", "endpoints_unknown"),
        ("[fiken.production]\napi = 1", "endpoints_not_loopback"),
        ("[fiken.production]\ntoken = 'http://127.0.0.1'", "endpoints_incomplete"),
        ("[fiken.production]", "endpoints_incomplete"),
        ("[fiken", "endpoints_not_toml"),
    ],
)
def test_an_endpoints_file_that_is_wrong_says_where(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(errors.BadInput) as caught:
        read_endpoints(file, PROVIDERS)
    assert caught.value.facts["reason"] == reason
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(errors.BadInput):
        read_endpoints(file, PROVIDERS)


def test_loopback_addresses_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.toml"
    for address in ("http://127.0.0.1:80/v2/", "https://[::1]:1", "http://localhost", "http://127.9.9.9"):
        file.write_text(f'\ufeff[fiken.production]\napi = "{address}"\n', "utf-8")
        given = read_endpoints(file, PROVIDERS)
        environment = redirected(PROVIDERS["fiken"].environments[0], "fiken", given)
        assert environment.endpoints["api"] == address.rstrip("/")
        assert all(is_loopback(host) for host in environment.hosts)
        with pytest.raises(errors.BadInput) as caught:
            redirected(environment, "other", given)
        assert caught.value.facts == {"reason": "endpoints_missing", "name": "other.production"}
        assert redirected(environment, "other", None) is environment
    file.write_text("# nothing\n", "utf-8")
    with pytest.raises(errors.BadInput):
        redirected(PROVIDERS["fiken"].environments[0], "fiken", read_endpoints(file, PROVIDERS))


# Display, paths, log


def test_a_display_that_answers(tmp_path: Path) -> None:
    assert has_display({}, "win32")
    assert has_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert not can_ask({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    for name in ("", "nonsense", ":4711", "unix:4711", "127.0.0.1:59000"):
        assert not has_display({"DISPLAY": name}, "linux")
    assert not has_display({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux")
    short = Path("/tmp") / f"koble-{os.getpid()}"
    short.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short / "w"))
        server.listen()
        assert has_display({"WAYLAND_DISPLAY": "w", "XDG_RUNTIME_DIR": str(short)}, "linux")
    (short / "w").unlink()
    short.rmdir()
    try:
        server = socket.create_server(("127.0.0.1", 6042))
    except OSError:
        return
    with server:
        assert has_display({"DISPLAY": "127.0.0.1:42.0"}, "linux")


def test_folders() -> None:
    home = Path(os.environ["HOME"])
    assert home in paths.data().parents
    assert home in paths.logs().parents
    assert paths.resources().is_dir()
    assert paths._beside("core").parent.name == "wizard"


def test_the_log_is_its_owners_and_a_missing_folder_does_not_matter(tmp_path: Path) -> None:
    log.start(tmp_path / "log")
    log.start(tmp_path / "other")
    assert not (tmp_path / "other").exists()
    assert stat.S_IMODE((tmp_path / "log" / "koble.log").stat().st_mode) == 0o600
    log.stop()
    (tmp_path / "file").touch()
    log.start(tmp_path / "file")
    logging.getLogger("koble").info("nobody hears this")


def test_a_log_that_can_no_longer_be_written_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log.start(tmp_path / "log")
    logger = logging.getLogger("koble")
    logger.info("%d", "no number")
    assert capfd.readouterr().err == ""


def test_what_holds_unwrapped_keys_does_not_show_them() -> None:
    canary = "ZZcanary"
    wish = Wish(answers={"token": canary}, partner={"app": canary})
    asked = Asked(method="GET", path=canary, query={"k": canary}, headers={"k": canary}, body=canary.encode())
    answer = Answer(status=200, headers={"set-cookie": canary}, body=canary.encode())
    assert canary not in f"{wish!r}{asked!r}{answer!r}"


def test_a_report_names_places_and_no_values(tmp_path: Path) -> None:
    def strike() -> None:
        try:
            os.environ["ZZCANARY"]
        except KeyError:
            raise ValueError("ZZcanary") from None

    with pytest.raises(ValueError, match="ZZ") as caught:
        strike()
    name = log.report(tmp_path / "log", caught.value)
    told = (tmp_path / "log" / name).read_text("utf-8")
    assert told.startswith("ValueError\n")
    assert "KeyError" in told
    assert "test_places.py" in told
    assert "ZZ" not in told
    (tmp_path / "file").touch()
    assert log.report(tmp_path / "file", caught.value) == ""


def test_no_route() -> None:
    assert not _routes(socket.AF_INET6, "192.0.2.1")


# Plug-ins

PLUGIN = """
from dataclasses import replace
from wizard.providers.fiken import PROVIDER as FIKEN
PROVIDER = replace(FIKEN, slug="small", name="Small")
TAKEN = replace(FIKEN, name="Not Fiken")
NOTHING = 1
"""
ENTRY_POINTS = """
[koble.providers]
small = koble_small:PROVIDER
taken = koble_small:TAKEN
nothing = koble_small:NOTHING
absent = koble_absent:PROVIDER
"""


def test_a_plug_in_is_found_and_a_broken_one_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "koble_small.py").write_text(PLUGIN, "utf-8")
    info = tmp_path / "koble_small-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: koble-small\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    (tmp_path / "other.dist-info").mkdir()
    (tmp_path / "other.dist-info" / "entry_points.txt").write_bytes(b"\xff")
    monkeypatch.syspath_prepend(tmp_path)
    registry = with_plugins(built_in(), allowed=None)
    assert registry.providers["small"].name == "Small"
    assert registry.providers["fiken"] is PROVIDERS["fiken"]
    assert registry.broken == {
        "nothing": "NotAProvider",
        "absent": "ModuleNotFoundError",
        "fiken": "SlugTaken",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "wizard", "systems"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Small" in ended.stdout
    assert "absent: ModuleNotFoundError" in ended.stderr


def test_a_broken_folder_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"good": "from wizard.providers.fiken import PROVIDER", "bad": "1 / 0"}.items():
        (tmp_path / "many" / name).mkdir(parents=True)
        (tmp_path / "many" / name / "__init__.py").write_text(text, "utf-8")
    (tmp_path / "many" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    registry = built_in("many")
    assert list(registry.providers) == ["fiken"]
    assert registry.broken == {"bad": "ZeroDivisionError"}
    registry = Registry()
    assert with_plugins(registry, []) is registry
    (tmp_path / "odd.dist-info").mkdir()
    (tmp_path / "odd.dist-info" / "entry_points.txt").write_bytes(b"\xff")
    assert with_plugins(registry, [str(tmp_path)]) is registry


# Practice


def test_switches_and_endpoints() -> None:
    fiken = PROVIDERS["fiken"]
    assert set(refusals_of(fiken)) <= set(switches_of(fiken))
    for name in switches_of(fiken):
        imitation(fiken, name)(Asked(method="GET", path="/user"))
    with pytest.raises(errors.BadInput):
        imitation(fiken, "nothing")
    with Playground(PROVIDERS).open() as playground, pytest.raises(errors.BadInput):
        playground.refuse("nothing")
    assert (
        Asked(method="GET", path="/", body=b"{").json()
        == Asked(method="GET", path="/", body=b"[]").json()
        == {}
    )
    assert Asked(method="GET", path="/", body=b'{"a": 1}').json() == {"a": 1}


def test_the_playground_answers_over_a_socket_and_stays_up(tmp_path: Path) -> None:
    with Playground(PROVIDERS).open() as playground:
        address = playground.endpoints["fiken", "production"]["api"]
        port = int(address.split(":")[2].split("/")[0])
        file = tmp_path / "e.toml"
        file.write_text(endpoints_toml(playground.endpoints), "utf-8")
        assert read_endpoints(file, PROVIDERS) == playground.endpoints
        with socket.create_connection(("127.0.0.1", port)) as rude:
            rude.sendall(b"\x00\x01garbage\r\n\r\n")
            rude.recv(100)
        with socket.create_connection(("127.0.0.1", port)):
            pass
        for path in ("/nothing/at/all", "/"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("PUT", path, b"{}")
            assert connection.getresponse().status == 404
            connection.close()
        playground.refuse("connection_lost", "fiken")
        with pytest.raises(http.client.RemoteDisconnected):
            urllib.request.urlopen(f"{address}/user")
        playground.refuse("")


# Pages


def test_the_order_of_the_pages() -> None:
    assert [flow.position(page) for page in flow.PAGES][-1] == (5, 5)
    walk = flow.Walk()
    assert [flow.before(page, walk) for page in flow.PAGES] == [None, "system", "company", "key", "test"]
    stored = flow.Walk(system="fiken", answers={"a": Secret("x")}, receipts=(SimpleNamespace(),))  # type: ignore[arg-type]
    assert flow.before("done", stored) is None
    assert flow.before("test", replace(walk, renews="x")) is None
    lost = replace(stored, error=errors.ConnectionLost())
    assert lost.may_store_untested
    assert not replace(lost, renews="x").may_store_untested
    assert not replace(lost, error=errors.KeyRefused()).may_store_untested
    assert not walk.may_store_untested


# The world of a run


@pytest.fixture
def world() -> Iterator[World]:
    with open_world(practice=True) as made:
        yield replace(made, net=straight())


def connected(world: World, slug: str = "fiken", **changes: object) -> str:
    good = practice_of(PROVIDERS[slug]).good
    answers = good["answers"]
    assert isinstance(answers, dict)
    wish = Wish(answers=answers, companies=(str(good["company"]),) if good.get("company") else ())

    async def work() -> str:
        from wizard.core.connect import connect

        order = await world.order(world.provider(slug), wish)
        (receipt,) = await connect(order, net=world.net, store=world.store, tell=silent, now=lambda: NOW)
        return receipt.connection

    return anyio.run(work)


def silent(_: Finding) -> None: ...


def test_the_customers_own_name_is_one_plain_line(world: World) -> None:
    answers = practice_of(PROVIDERS["fiken"]).good["answers"]
    assert isinstance(answers, dict)
    wish = Wish(answers=answers, label=" Main\n\u202ebooks \ud83d")

    async def work() -> str:
        return (await world.order(world.provider("fiken"), wish)).label

    assert anyio.run(work) == "Main books"


def test_a_stored_connection_is_tested_again(world: World) -> None:
    key = connected(world)
    assert anyio.run(recheck, world, key, silent).tested == "passed"
    assert world.playground
    world.playground.refuse("key_refused")
    with pytest.raises(errors.KeyRefused):
        anyio.run(recheck, world, key, silent)
    assert world.store.book().connections[key].last_code == "key_refused"
    world.playground.refuse("")
    assert anyio.run(recheck, world, key, silent).connection == key
    assert world.store.book().connections[key].last_code == ""


def test_what_cannot_be_tested_again_says_why(world: World) -> None:
    with pytest.raises(errors.BadInput):
        anyio.run(recheck, world, "nothing", silent)
    key = connected(world)
    anyio.run(world.store.vault.drop, list(world.store.vault.items))  # type: ignore[attr-defined]
    with pytest.raises(errors.KeychainMissing) as caught:
        anyio.run(reopened, world, key)
    assert caught.value.fields == ("token",)


def test_partner_keys_that_are_gone_are_no_reason_to_make_a_new_key(world: World) -> None:
    key = connected(world, "tripletex")
    with pytest.raises(errors.PartnerKeyNeeded) as caught:
        anyio.run(recheck, replace(world, playground=None), key, silent)
    assert caught.value.facts["reason"] == "stored"
    said = Texts(language="en").explain(caught.value, PROVIDERS["tripletex"])
    assert "You can keep your key" in said.next


def test_an_untested_connection_may_turn_out_to_be_several(world: World) -> None:
    async def work() -> None:
        answers = practice_of(PROVIDERS["fiken"]).good["answers"]
        assert isinstance(answers, dict)
        order = await world.order(world.provider("fiken"), Wish(answers=answers, expect=""))
        (receipt,) = await world.store.keep_untested(order)
        with pytest.raises(errors.SeveralCompanies):
            await recheck(world, receipt.connection, silent)
        assert not (await reexamine(world, receipt.connection, silent)).chosen
        number = str(practice_of(PROVIDERS["fiken"]).good["company"])
        proof = await reexamine(world, receipt.connection, silent, (number,))
        row = world.store.book().connections[receipt.connection]
        assert (row.tested, row.last_code, row.company["id"]) == ("passed", "", proof.chosen[0].id)

    anyio.run(work)


def test_partner_keys_kept_here_are_used_and_the_missing_are_named(tmp_path: Path) -> None:
    provider = Small().provider(partner=("app", "sub"))
    registry = Registry(providers={"small": provider})
    environment = provider.environments[0]
    with open_store(memory=True) as store:
        world = World(registry=registry, store=store, net=straight())

        async def work() -> None:
            assert await world.partner(provider, environment) == ({}, ())  # the partner tests it
            await store.set_partner("small.production.app", provider, Secret("app"))
            with pytest.raises(errors.PartnerKeyNeeded) as caught:
                await world.partner(provider, environment)
            assert caught.value.fields == ("sub",)
            await store.set_partner("small.production.sub", provider, Secret("sub"))
            keys, _ = await world.partner(provider, environment, {"app": "given"})
            assert keys == {"app": Secret("given"), "sub": Secret("sub")}
            keys, _ = await world.partner(provider, environment, {"app": "1", "sub": "2"})
            assert keys == {"app": Secret("1"), "sub": Secret("2")}

        anyio.run(work)


def test_a_partners_code_that_is_no_secret_lies_in_the_ledger(tmp_path: Path) -> None:
    code = CredentialField(name="code", secret=False, required=False)
    provider = replace(Small().provider(), partner_keys=(CredentialField(name="app"), code))
    with open_store(memory=True) as store:

        async def work() -> None:
            await store.set_partner("small.production.app", provider, Secret("app"))
            await store.set_partner("small.production.code", provider, "AB-12")
            assert store.partner_values(provider, "production") == {"code": "AB-12"}
            assert await store.partner(provider, "production") == {"app": Secret("app")}
            assert store.partner_fields(provider, "production") == {"app", "code"}
            await store.forget_partner("small.production.code")
            assert store.partner_names() == ("small.production.app",)

        anyio.run(work)


def test_practice_brings_the_partners_keys_and_a_prompt_has_patience(world: World) -> None:
    for slug in PROVIDERS:
        assert connected(world, slug)
    with open_store() as store:
        assert store.vault.patience == 5.0  # type: ignore[attr-defined]
