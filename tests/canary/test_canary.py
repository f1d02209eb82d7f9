"""The canary job: a secret of its own in every field, every flow, and then a search wherever it may be."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tests.canary import bug
from tests.canary.keys import PROVIDERS, Taking, planted, ways
from tests.canary.seen import every_text
from tests.cli.helpers import KOBLE, run
from tests.gui.helpers import Maker
from tests.gui.test_seven import answer, number, settle
from tests.providers.helpers import Walk, input_for, table, trace
from wizard import cli
from wizard.core import world as worlds
from wizard.core.errors import WizardError
from wizard.core.practice import endpoints_toml, refusals_of
from wizard.core.provider import plain
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytestqt.qtbot import QtBot

    from tests.canary.keys import Planted
    from tests.canary.search import Canary, Search
    from tests.cli.helpers import Command

    Searching = Callable[[Iterable[Canary]], Search]

WAYS = ways()
EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda one: one.label)
SLOW = {"timed_out"}
SWITCHES = [(slug, name) for slug, one in PROVIDERS.items() for name in refusals_of(one) if name not in SLOW]


@contextmanager
def vendors(folder: Path, *planted: Planted, echo: bool = False) -> Iterator[tuple[Taking, Path]]:
    """Serve imitations that take the canaries; yield them and the file of their addresses."""
    with Taking(*planted, echo=echo).open() as taking:
        assert isinstance(taking, Taking)
        file = folder / "endpoints.toml"
        file.write_text(endpoints_toml(taking.endpoints), "utf-8")
        yield taking, file


@pytest.fixture(autouse=True)
def _everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Have somebody switch every log on, as a curious colleague does."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "keyring", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)


# The command line


@EVERY_WAY
@pytest.mark.parametrize("echo", [False, True], ids=["honest", "echoing"])
def test_connecting(
    way: Planted,
    echo: bool,
    koble: Command,
    home: Path,
    tmp_path: Path,
    searching: Searching,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with vendors(tmp_path, way, echo=echo) as (taking, file):
        options = ("connect", way.provider.slug, "--endpoints", str(file), "--store", "memory")
        ended = [koble(*options, *more, given=way.given) for more in ((), ("--json",), ("--language", "nb"))]
    assert {one.status for one in ended} <= ({0, 3, 5} if echo else {0}), ended
    search = searching((*way.canaries, *taking.sessions()))
    said = {"stdout": "".join(one.out for one in ended), "stderr": "".join(one.err for one in ended)}
    assert said["stdout"]
    assert (home / "state" / "Koble" / "log" / "koble.log").read_text("utf-8").count("koble.net") >= 3
    flow = f"{way.label}, {'echoing' if echo else 'honest'}, command"
    assert search.everywhere(flow, root=home, texts={**said, "records": caplog.text}) == []


@pytest.mark.parametrize("slug", PROVIDERS)
def test_every_refusal(slug: str, home: Path, searching: Searching, caplog: pytest.LogCaptureFixture) -> None:
    """Each switch of each imitation, and each answer says every key back."""
    switches = [name for one, name in SWITCHES if one == slug]
    inputs = {name: planted(PROVIDERS[slug], input_for(PROVIDERS[slug], name)) for name in switches}
    for at, (name, way) in enumerate(inputs.items()):
        if not way.canaries:
            continue
        folder = home / f"walk{at}"
        folder.mkdir()
        with Taking(way, echo=True).open() as taking:
            assert isinstance(taking, Taking)
            taking.refuse(name)
            walk = Walk(provider=PROVIDERS[slug], playground=taking, folder=folder)
            said = walked(walk, way)
        assert (folder / "connections.json").exists() or said["error"]
        search = searching((*way.canaries, *taking.sessions()))
        assert search.everywhere(name, root=folder, texts={**said, "records": caplog.text}) == [], name
        caplog.clear()


def walked(walk: Walk, way: Planted) -> dict[str, str]:
    """Walk to the end, whatever that is; return all that can be read of it."""
    said = {"error": "", "words": ""}
    try:
        said["receipts"] = repr(walk.connect(way.given, company=None))
    except WizardError as error:
        said["error"] = repr(error) + repr(vars(error)) + trace(error.with_traceback(None))
        for language in LANGUAGES:
            told = Texts(language=language).explain(error, walk.provider)
            said["words"] += plain(f"{told.what} {told.why} {told.next} {told.action}")
    said["findings"] = repr(walk.told)
    said["vault"] = repr(walk.vault.items) + str(vars(walk.vault))
    return said


@EVERY_WAY
def test_a_key_that_is_refused(
    way: Planted, koble: Command, home: Path, tmp_path: Path, searching: Searching
) -> None:
    """The imitation does not know the canary, and says it back."""
    stranger = replace(way, real={key: key for key in way.real})
    with vendors(tmp_path, stranger, echo=True) as (_, file):
        options = ("connect", way.provider.slug, "--endpoints", str(file), "--store", "memory")
        ended = [koble(*options, *more, given=way.given) for more in ((), ("--json",))]
    assert {one.status for one in ended} == {3}, ended
    texts = {"stdout": "".join(one.out for one in ended), "stderr": "".join(one.err for one in ended)}
    assert searching(way.canaries).everywhere(f"{way.label}, refused", root=home, texts=texts) == []


@EVERY_WAY
def test_input_of_the_wrong_shape(way: Planted, koble: Command, home: Path, searching: Searching) -> None:
    """A key in a name's place, in a place that there is not, in two lines, in no JSON, and as an option."""
    search, slug = searching(way.canaries), way.provider.slug
    for one in way.canaries:
        field = one.name.partition(".")[2]
        part = "answers" if field in table(way.given, "answers") else "partner"
        inputs: tuple[object, ...] = (
            {"answers": {one.value: "x"}},
            {part: {field: f"{one.value}\n{one.value} ø"}},
            {part: {"method": one.value}},
            {one.value: {}},
            {"answers": {}, "environment": one.value},
            {"answers": {}, "company": one.value, "expect": one.value},
            f'{{"answers": {{"{field}": "{one.value}'.encode(),
        )
        for given in inputs:
            for more in ((), ("--json",)):
                ended = koble("connect", slug, "--store", "memory", *more, given=given)
                assert ended.status in {2, 3}, ended
                texts = {"stdout": ended.out, "stderr": ended.err}
                assert search.everywhere(f"{way.label}, wrong shape", root=home, texts=texts) == []
        ended = koble("connect", slug, "--store", "memory", one.value, given=b"")
        assert search.everywhere("argument", root=home, texts={"out": ended.out + ended.err}) == []


@EVERY_WAY
def test_a_bug_in_a_check(
    way: Planted,
    koble: Command,
    home: Path,
    tmp_path: Path,
    searching: Searching,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in (cli, worlds):
        monkeypatch.setattr(place, "built_in", bug.broken)
    with vendors(tmp_path, way) as (_, file):
        options = ("connect", way.provider.slug, "--endpoints", str(file), "--store", "memory")
        ended = [koble(*options, *more, given=way.given) for more in ((), ("--json",))]
    assert [one.status for one in ended] == [1, 1], ended
    assert list((home / "state" / "Koble" / "log").glob("bug-*.txt"))
    texts = {"stdout": "".join(one.out for one in ended), "stderr": "".join(one.err for one in ended)}
    assert "Traceback" not in texts["stderr"]
    texts["records"] = caplog.text
    assert searching(way.canaries).everywhere(f"{way.label}, bug", root=home, texts=texts) == []


# The command line as a process


def test_a_bug_in_a_process_of_its_own(home: Path, tmp_path: Path, searching: Searching) -> None:
    (way,) = [one for one in WAYS if one.provider.slug == "tripletex"]
    with vendors(tmp_path, way) as (_, file):
        command = [sys.executable, "-P", "-m", "tests.canary.bug", "connect", "tripletex"]
        command += ["--endpoints", str(file), "--store", "memory"]
        given = json.dumps(way.given).encode()
        ended = subprocess.run(command, input=given, capture_output=True, check=False, timeout=40)
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr
    texts = {"stdout": ended.stdout, "stderr": ended.stderr}
    assert searching(way.canaries).everywhere("bug, process", root=home, texts=texts) == []


def test_while_it_runs_and_when_it_is_interrupted(home: Path, tmp_path: Path, searching: Searching) -> None:
    """Ctrl-C while the vendor is asked: until then nothing shows in the process, afterwards nowhere."""
    (way,) = [one for one in WAYS if one.provider.slug == "poweroffice"]
    with vendors(tmp_path, way) as (taking, file):
        taking.delay = 30.0
        command = [*KOBLE, "connect", "poweroffice", "--endpoints", str(file), "--store", "memory"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin
            process.stdin.write(json.dumps(way.given).encode())
            process.stdin.close()
            process.stdin = None
            await_request(taking)
            texts = shown_of(process.pid)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    assert process.returncode == 7, err
    texts |= {"stdout": out, "stderr": err}
    assert searching(way.canaries).everywhere("Ctrl-C", root=home, texts=texts) == []


def await_request(taking: Taking) -> None:
    deadline = time.monotonic() + 20
    while not taking.asked:
        assert time.monotonic() < deadline, "nothing was asked"
        time.sleep(0.02)


def shown_of(number: int) -> dict[str, str | bytes]:
    """Return what a process shows of itself; and see to it that its memory is closed to others."""
    place = Path(f"/proc/{number}")
    assert re.search(r"Max core file size\s+0\s+0\s", (place / "limits").read_text("utf-8"))
    assert place.stat().st_uid == 0, "what may not be dumped belongs to root"
    texts: dict[str, str | bytes] = {"cmdline": (place / "cmdline").read_bytes()}
    if os.getuid() == 0:  # nobody else may read it any more
        texts["environ"] = (place / "environ").read_bytes()
    return texts


@pytest.mark.real_keychain
def test_stored_checked_and_forgotten(
    keychain_bus: str, home: Path, tmp_path: Path, searching: Searching
) -> None:
    """With the real keychain, the partner's key on standard input: only the keychain has anything."""
    (way,) = [one for one in WAYS if one.provider.slug == "tripletex"]
    given = {name: value for name, value in way.given.items() if name != "partner"}
    with vendors(tmp_path, way) as (taking, file):
        keys = table(way.given, "partner").items()
        ended = [
            run("partner", "set", f"tripletex.production.{name}", given=str(value).encode())
            for name, value in keys
        ]
        ended.append(run("connect", "tripletex", "--json", "--endpoints", str(file), given=given))
        receipt = str(ended[-1].last["connection"])
        ended.append(run("check", "--all", "--json", "--endpoints", str(file)))
        ended.append(run("connections", "--json"))
        search = searching((*way.canaries, *taking.sessions()))
        assert search.everywhere("stored", root=home) == []
        ended += [run("report"), run("history", receipt)]
        ended += [run("forget", receipt), run("partner", "list"), run("forget", "--all", "--yes")]
    assert [one.status for one in ended] == [0] * len(ended), ended
    texts = {"stdout": "".join(one.out for one in ended), "stderr": "".join(one.err for one in ended)}
    assert search.everywhere("stored and forgotten", root=home, texts=texts) == []


# The window


@EVERY_WAY
@pytest.mark.parametrize("echo", [False, True], ids=["honest", "echoing"])
def test_the_window(
    way: Planted,
    echo: bool,
    qtbot: QtBot,
    home: Path,
    tmp_path: Path,
    searching: Searching,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with (
        vendors(tmp_path, way, echo=echo) as (_, file),
        worlds.open_world(memory=True, endpoints=file) as world,
    ):
        environment = str(way.given.get("environment", "production"))
        for name, value in table(way.given, "partner").items():
            anyio.run(
                world.store.set_partner,
                f"{way.provider.slug}.{environment}.{name}",
                way.provider,
                Secret(str(value)),
            )
        maker = Maker(qtbot, lambda: nullcontext(world), world)
        customer = maker()
        search = searching(way.canaries)
        answer(customer, way.provider.slug, way.given, number(way.given))
        QGuiApplication.clipboard().setText("something else")
        assert search.everywhere(f"{way.label}, pasted", texts=every_text()) == []
        customer.click(customer.window.next)
        settle(customer)
        search.everywhere(f"{way.label}, tested", texts=every_text())
        if customer.window.next.isEnabled() and not echo:
            customer.store()
            search.everywhere(f"{way.label}, stored", texts=every_text())
        texts = {
            **dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True)),
            "records": caplog.text,
        }
        texts["facts"] = repr(customer.window.walk.error and vars(customer.window.walk.error))
        search.everywhere(f"{way.label}, window", root=home, texts=texts)
        assert search.hits == []
        maker.close()


@pytest.mark.parametrize("slug", ["fiken", "tripletex", "poweroffice"])
def test_a_page_with_one_secret_looks_as_with_another(slug: str, qtbot: QtBot) -> None:
    with worlds.open_world(practice=True) as world:
        maker = Maker(qtbot, lambda: nullcontext(world), world)
        customer = maker()
        QApplication.setCursorFlashTime(0)
        customer.to_field(slug, "313000028")
        seen = []
        for _ in range(2):
            (value,) = table(
                planted(PROVIDERS[slug], input_for(PROVIDERS[slug], "")).given, "answers"
            ).values()
            customer.secret.setFocus()
            customer.paste(str(value))
            QApplication.processEvents()
            seen.append(customer.window.grab().toImage())
        assert seen[0] == seen[1]
        maker.close()
