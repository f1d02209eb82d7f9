"""The machine's policy: what it locks, what a broken one stops, and which plug-ins it lets in."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

import wizard
from tests.cli.helpers import Ended, good
from wizard import __version__, cli
from wizard.core import errors, paths, policy
from wizard.core.policy import Policy, machine, read_policy
from wizard.core.preset import Preset
from wizard.core.registry import built_in, with_plugins
from wizard.core.world import Wish, open_world
from wizard.gui.work import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.helpers import Command

    Decree = Callable[[str], Path]

PROVIDERS = built_in().providers
FIKEN, TRIPLETEX = PROVIDERS["fiken"], PROVIDERS["tripletex"]
NEWER = "9.0"
BROKEN = 'systems = "fiken"'


@pytest.fixture
def decree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decree:
    """Return what makes this a machine with that policy, whose administrator is whoever runs the tests."""
    file = tmp_path / "policy.toml"
    monkeypatch.setattr(paths, "policy", lambda: file)
    monkeypatch.setattr(policy, "read_policy", partial(read_policy, owner=os.getuid()))

    def write(text: str) -> Path:
        file.write_text(text, "utf-8")
        file.chmod(0o644)
        return file

    return write


# What it says


def test_every_key_is_read(decree: Decree) -> None:
    decree(
        """
        systems = ["fiken", "xledger"]
        plugins = ["koble-small"]
        free_call = true
        share_safe = true
        register_lookup = false
        minimum_version = "0.0.9"
        """
    )
    assert machine() == Policy(
        systems=frozenset({"fiken", "xledger"}),
        plugins=frozenset({"koble-small"}),
        free_call=True,
        share_safe=True,
        register_lookup=False,
        minimum_version="0.0.9",
    )
    assert machine().hides_names
    assert not Policy(share_safe=False).hides_names


def test_without_a_file_nothing_is_locked_and_nothing_odd_allowed(decree: Decree) -> None:
    found = machine()
    assert found == Policy()
    assert (found.free_call, found.share_safe, found.register_lookup) == (False, None, None)
    assert found.refusal(FIKEN) is None
    assert found.offered(PROVIDERS) == PROVIDERS


WRONG = [
    BROKEN,
    'systems = ["fiken", 7]',
    "plugins = true",
    'share_safe = "yes"',
    "register_lookup = 0",
    "minimum_version = 1",
    'minimum_version = "newest"',
    'sistems = ["fiken"]',
    "systems = [",
    "a = " + "[" * 5000,
]


@pytest.mark.parametrize("text", WRONG)
def test_a_broken_policy_allows_nothing(decree: Decree, text: str) -> None:
    file = decree(text)
    found = machine()
    refused = found.refusal(FIKEN)
    assert refused
    assert refused.facts["reason"] in {"policy_wrong", "policy_unreadable"}
    assert refused.lies_with == "it"
    assert found.loadable == frozenset(), "a checkout is no reason either"
    assert found.hides_names
    assert not found.over(Preset(register_lookup=True)).register_lookup
    assert not found.free_call
    file.write_text("", "utf-8")
    assert machine().refusal(FIKEN) is None


def test_a_policy_that_others_may_write_allows_nothing(decree: Decree) -> None:
    decree("").chmod(0o666)
    refused = machine().refusal()
    assert refused
    assert refused.facts["reason"] == "policy_not_trusted"


def test_what_the_preset_says_otherwise_is_overruled() -> None:
    for said in (False, True):
        for locked in (False, True):
            preset = Policy(register_lookup=locked).over(Preset(register_lookup=said, partner="B"))
            assert (preset.register_lookup, preset.partner) == (locked, "B")
        assert Policy().over(Preset(register_lookup=said)).register_lookup is said


@pytest.mark.parametrize(
    ("wanted", "enough"),
    [("", True), ("0", True), (__version__, True), (f"{__version__}.0", True), (NEWER, False),
     (f"{__version__}.1", False)],
)  # fmt: skip
def test_an_older_program_is_refused(wanted: str, enough: bool) -> None:
    refused = Policy(minimum_version=wanted).refusal(FIKEN)
    assert (refused is None) is enough
    assert not refused or refused.facts["reason"] == "policy_version"


@pytest.mark.parametrize(("version", "enough"), [("0.9.12", False), ("0.10rc1", True), ("dev", False)])
def test_versions_are_compared_as_numbers(
    version: str, enough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "__version__", version)
    assert (Policy(minimum_version="0.10").refusal() is None) is enough


# What it stops, and what goes on all the same


CLOSED = {
    "policy_system": 'systems = ["tripletex"]',
    "policy_version": f'minimum_version = "{NEWER}"',
    "policy_wrong": BROKEN,
    "policy_unreadable": "systems = [",
}


def test_each_way_to_refuse_is_one_that_a_test_again_does_not_count_as_a_failure() -> None:
    assert set(policy.REFUSALS) == {*CLOSED, "policy_not_trusted"}


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("reason", CLOSED)
def test_connect_refuses_with_a_sentence(decree: Decree, koble: Command, reason: str, language: str) -> None:
    decree(CLOSED[reason])
    ended = koble("connect", "fiken", "--practice", "--json", "--language", language, given=good("fiken"))
    assert (ended.status, ended.last["event"], ended.last["code"]) == (2, "refused", "bad_input")
    assert (ended.last["facts"]["reason"], ended.last["whose"]) == (reason, "it")  # type: ignore[index]
    assert "…" not in f"{ended.last['message']}{ended.last['next']}"
    assert len(ended.events) == 1, "nothing was asked of anybody"


def test_an_allowed_system_is_connected(decree: Decree, koble: Command) -> None:
    decree('systems = ["fiken"]\nminimum_version = "0.1"')
    assert koble("connect", "fiken", "--practice", "--json", given=good("fiken")).status == 0


@pytest.mark.parametrize("reason", CLOSED)
def test_no_partners_key_is_kept(decree: Decree, koble: Command, reason: str) -> None:
    decree(CLOSED[reason].replace("tripletex", "fiken"))
    ended = koble("partner", "set", "tripletex.production.consumer_token", "--json", given=b"x")
    assert (ended.status, ended.last["facts"]["reason"]) == (2, reason)  # type: ignore[index]


@pytest.mark.parametrize("reason", CLOSED)
def test_the_window_asks_for_no_key(decree: Decree, reason: str) -> None:
    decree(CLOSED[reason])
    with open_world(practice=True) as world, pytest.raises(errors.BadInput) as caught:
        anyio.run(prepare("fiken"), world, print)
    assert caught.value.facts["reason"] == reason


@pytest.mark.parametrize("reason", CLOSED)
def test_what_is_stored_is_listed_and_forgotten_and_not_used(decree: Decree, reason: str) -> None:
    with open_world(practice=True) as world:
        receipt = anyio.run(_kept, world)
        decree(CLOSED[reason])
        held = replace(world, policy=machine())
        with pytest.raises(errors.BadInput) as caught:
            anyio.run(_rechecked, held, receipt)
        assert caught.value.facts["reason"] == reason
        assert [one["last_code"] for one in cli._rows(held.store)] == [""], "it did not fail"
        assert anyio.run(held.store.forget, receipt)
        assert cli._rows(held.store) == []


async def _kept(world: object) -> str:
    from wizard.core.world import World

    assert isinstance(world, World)
    answers = good("fiken")["answers"]
    assert isinstance(answers, dict)
    order = await world.order(FIKEN, Wish(answers=answers))
    return (await world.store.keep_untested(order))[0].connection


async def _rechecked(world: object, connection: str) -> None:
    from wizard.core.recheck import recheck
    from wizard.core.world import World

    assert isinstance(world, World)
    await recheck(world, connection, lambda _: None)


def test_every_system_is_listed_and_says_whether_it_is_allowed(decree: Decree, koble: Command) -> None:
    decree('systems = ["fiken"]')
    ended = koble("systems", "--json")
    assert {one["system"]: one["allowed"] for one in ended.events} == {
        slug: slug == "fiken" for slug in PROVIDERS
    }
    assert ended.err == ""
    said = koble("systems", "--language", "nb").out.splitlines()
    assert [line for line in said if "tillatt" not in line] == [f"{'fiken':<16} Fiken"]


def test_only_an_allowed_system_is_asked_for_a_pulse(decree: Decree, koble: Command) -> None:
    decree('systems = ["fiken"]')
    events = koble("systems", "--json", "--pulse", "--practice").events
    assert {one["system"] for one in events if one["event"] == "pulse"} == {"fiken"}


@pytest.mark.parametrize("reason", sorted(CLOSED.keys() - {"policy_system"}))
def test_a_list_says_what_is_wrong_with_the_policy(decree: Decree, koble: Command, reason: str) -> None:
    decree(CLOSED[reason])
    ended = koble("systems", "--json", "--language", "en")
    assert ended.status == 0
    assert not any(one["allowed"] for one in ended.events)
    assert "IT support" in ended.err


def test_the_free_call_is_off_under_a_broken_policy(decree: Decree, koble: Command) -> None:
    decree("free_call = true\nsystems = 7")
    ended = koble("call", "5d1c9e02", "GET", "/user", "--json")
    assert ended.last["facts"]["reason"] == "policy_wrong"  # type: ignore[index]


def test_a_machine_without_a_policy_pays_nothing_for_it() -> None:
    script = """
import sys
from wizard import cli
assert cli.main(["systems", "--json"]) == 0
assert "tomllib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL, env=_environ())


def _environ(*folders: Path) -> dict[str, str]:
    here = Path(wizard.__file__).parent.parent
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*folders, here)))}


# Plug-ins: code that reads secrets

PLUGIN = """
from dataclasses import replace
from pathlib import Path
from wizard.providers.fiken import PROVIDER as FIKEN
(Path(__file__).parent / "it-ran").touch()
PROVIDER = replace(FIKEN, slug="small", name="Small")
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder for `sys.path` with a distribution whose module leaves a trace when it is imported."""
    folder = tmp_path / "plugins"
    info = folder / "Koble_Modest-1.dist-info"
    info.mkdir(parents=True)
    (folder / "koble_modest.py").write_text(PLUGIN, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Koble_Modest\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text("[koble.providers]\nsmall = koble_modest:PROVIDER\n", "utf-8")
    yield folder
    sys.modules.pop("koble_modest", None)


@pytest.mark.parametrize("allowed", [frozenset(), frozenset({"other", "koble"}), frozenset({""})])
def test_a_plug_in_that_is_not_named_is_never_imported(
    plugin: Path, monkeypatch: pytest.MonkeyPatch, allowed: frozenset[str]
) -> None:
    monkeypatch.syspath_prepend(plugin)
    registry = with_plugins(built_in(), allowed=allowed)
    assert "small" not in registry.providers
    assert registry.held == {"small": "Koble_Modest"}
    assert with_plugins(built_in()).held == registry.held, "none is loaded unless told"
    assert not (plugin / "it-ran").exists()
    assert "koble_modest" not in sys.modules


@pytest.mark.parametrize("name", ["small", "koble-modest", "Koble.Modest", "KOBLE_MODEST"])
def test_a_plug_in_that_is_named_is_loaded(plugin: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.syspath_prepend(plugin)
    registry = with_plugins(built_in(), allowed=frozenset({name}))
    assert registry.providers["small"].name == "Small"
    assert (registry.held, (plugin / "it-ran").exists()) == ({}, True)


def test_support_knows_the_plug_ins_that_are_allowed(
    plugin: Path, decree: Decree, koble: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(plugin)
    decree('plugins = ["other"]')
    assert "small" not in tomllib.loads(koble("report").out)["systems"]["known"]
    assert not (plugin / "it-ran").exists()
    decree('plugins = ["small"]')
    assert "small" in tomllib.loads(koble("report").out)["systems"]["known"]


def test_a_refusal_names_the_system_that_is_not_allowed(decree: Decree, koble: Command) -> None:
    decree('systems = ["fiken"]')
    said = koble("connect", "tripletex", "--language", "en", given={"answers": {}}).err
    said += koble("partner", "set", "tripletex.production.consumer_token", "--language", "en", given=b"x").err
    assert said.count("TX-INPUT-") == 4, said
    assert said.count("could not connect to Tripletex") == 2
    assert "KO-" not in said


def test_only_a_checkout_without_a_policy_loads_any(decree: Decree, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.is_checkout()
    assert machine().loadable is None
    decree("free_call = true")
    assert machine().loadable is None
    decree("plugins = []")
    assert machine().loadable == frozenset()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert not paths.is_checkout()
    assert Policy().loadable == frozenset()
    assert Policy(plugins=frozenset({"small"})).loadable == frozenset({"small"})


def test_an_installed_package_is_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("site-packages", "checkout"):
        (tmp_path / name / "wizard").mkdir(parents=True)
        (tmp_path / name / "pyproject.toml").touch()
        monkeypatch.setattr(paths, "_PACKAGE", tmp_path / name / "wizard")
        assert not paths.is_checkout()
        (tmp_path / name / "dev.py").touch()
        assert paths.is_checkout() is (name == "checkout")


INSTALLED = """
import sys
sys.frozen = True
from wizard import cli
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("arguments", [("systems", "--language", "en"), ("connect", "small", "--json")])
def test_an_installed_program_names_a_plug_in_and_does_not_run_it(
    plugin: Path, arguments: tuple[str, ...]
) -> None:
    command = [sys.executable, "-c", INSTALLED, *arguments]
    done = subprocess.run(
        command, input=b'{"answers": {}}', capture_output=True, env=_environ(plugin), check=False
    )
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    if arguments[0] == "systems":
        assert "small (from Koble_Modest) was found and not loaded" in ended.err
        assert "Small" not in ended.out
    else:
        assert ended.last["facts"]["reason"] == "unknown_system"  # type: ignore[index]
    assert not (plugin / "it-ran").exists()
