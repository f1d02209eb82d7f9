"""The report for support: an allow-list, read by people and programs, never too large, nothing planted."""

from __future__ import annotations

import socket
import stat
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wizard.core import errors, log, secret
from wizard.core import report as module
from wizard.core.history import history, local
from wizard.core.ledger import Book, Connection, Credential
from wizard.core.policy import Policy, readable_policy
from wizard.core.preset import Preset
from wizard.core.provider import Finding
from wizard.core.registry import Registry, built_in
from wizard.core.report import LIMIT, LINES, Machine, Mask, Source, machine, mask, report, save
from wizard.core.secret import Secret
from wizard.core.slip import Failure, slip
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

FIKEN = built_in().providers["fiken"]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENGLISH = Texts(language="en", preset=Preset(partner="Fjordbanken"))
PLAIN = Mask(folder="/nowhere/at/all")
HERE = Machine(
    os="Linux debian 12 x86_64",
    python="3.11.9",
    versions={"httpx": "0.28.1", "keyring": "25.6.0", "PySide6-Essentials": "6.11.3"},
    frozen=True,
    keychain="Secret Service",
    present=frozenset({"HTTPS_PROXY", "SSL_CERT_FILE"}),
)
EVENTS = (
    {"at": "2026-03-01T09:00:00+00:00", "event": "made"},
    {"at": "2026-03-01T09:00:00+00:00", "event": "failed", "code": "pending_approval"},
    {"at": "2026-03-02T09:00:00+00:00", "event": "tested"},
    {"at": "2026-03-02T10:00:00+00:00", "event": "call", "code": "GET /companies/fjordheim 200"},
    {"at": "2026-03-02T11:00:00+00:00", "event": "failed", "code": "key_refused"},
)
ROW = Connection(
    credential="k",
    company={"id": "fjordheim-id", "name": "Fjordheim Regnskap AS", "orgnr": "313000028", "ids": {}},
    tested="passed",
    label="Hovedboken til Kari",
    expect="313000028",
    made_at="2026-03-01T09:00:00+00:00",
    tested_at="2026-03-02T09:00:00+00:00",
    last_code="key_refused",
    history=EVENTS,
)
CREDENTIAL = Credential(
    provider="fiken", environment="production", items={"token": "koble x"}, plain={"mail": "kari@fjord.no"}
)
BOOK = Book(credentials={"k": CREDENTIAL}, connections={"5d1c9e02": ROW}, leaving=("one", "two"))
FOUND = (
    Finding(check="network", stage="vendor", state="passed", ms=93, facts={"clock_minutes": 4}),
    Finding(
        check="sign_in",
        stage="sign_in",
        state="failed",
        ms=41,
        facts={"code": "key_refused", "http_status": 401, "host": "api.fiken.no"},
    ),
)
FAILURE = Failure(
    error=errors.KeyRefused(
        fields=("token",), http_status=401, request_id="7f3c2b1a-0d9e-4c55-9d0e-1a2b3c4d5e6f"
    ),
    provider=FIKEN,
    environment="production",
)


@pytest.fixture(autouse=True)
def no_other_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have only this test's secrets live: one of another's may be a word that stands here too."""
    monkeypatch.setattr(secret, "_LIVE", {}, raising=False)


def source(folder: Path, **more: Any) -> Source:
    made = Source(
        texts=ENGLISH,
        registry=Registry(providers={"fiken": FIKEN}, broken={"own_plug_in": "ImportError"}),
        machine=HERE,
        at=NOON,
        logs=folder,
        book=BOOK,
        policy=Policy(),
        preset=ENGLISH.preset,
        failure=FAILURE,
        found=FOUND,
        keychain="works",
        qt="6.11.3",
        scale=9.0,
    )
    return replace(made, **more)


def written(folder: Path, *lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "koble.log").write_text("".join(f"{line}\n" for line in lines), "utf-8")


def line(said: str, at: str = "2026-03-02 11:00:00,000") -> str:
    return f"{at} INFO koble.net {said}"


SNAPSHOT = """\
# A report from Koble for support.
# It holds no keys. Names and numbers of companies are in it only if somebody chose so.

[koble]
form = 1
made_at = "2026-03-02T12:00:00+00:00"
version = "0.1.0"
frozen = true
language = "en"
partner = "Fjordbanken"
preset = ""
page = ""
names_included = false

[machine]
os = "Linux debian 12 x86_64"
python = "3.11.9"
qt = "6.11.3"
text_scale = 9.0
httpx = "0.28.1"
keyring = "25.6.0"
pyside6_essentials = "6.11.3"
keychain = "Secret Service"
keychain_last = "works"
clock_minutes_ahead = 4
set = [
  "HTTPS_PROXY",
  "SSL_CERT_FILE",
]

[policy]
free_call = false

[systems]
known = [
  "fiken",
]
broken = [
  "own_plug_in: ImportError",
]

[list]
state = "read"
connections = 1
credentials = 1
to_be_dropped = 2

[[connection]]
id = "5d1c9e02"
system = "fiken"
environment = "production"
method = ""
tested = "passed"
delivered = "not_needed"
waiting_for = "nobody"
last_code = "key_refused"
made_at = "2026-03-01T09:00:00+00:00"
tested_at = "2026-03-02T09:00:00+00:00"
history = [
  "2026-03-01T09:00:00+00:00 made",
  "2026-03-01T09:00:00+00:00 failed pending_approval",
  "2026-03-02T09:00:00+00:00 tested",
  "2026-03-02T10:00:00+00:00 call GET 200",
  "2026-03-02T11:00:00+00:00 failed key_refused",
]

[failure]
spoken = "FI-SIGNIN-4X4R"
code = "key_refused"
reason = ""
stage = "sign_in"
whose = "customer"
system = "fiken"
environment = "production"
method = ""
http_status = "401"
request_id = "7f3c2b1a-0d9e-4c55-9d0e-1a2b3c4d5e6f"
bug = ""

[[finding]]
check = "network"
stage = "vendor"
state = "passed"
ms = 93
code = ""

[[finding]]
check = "sign_in"
stage = "sign_in"
state = "failed"
ms = 41
code = "key_refused"
http_status = 401
spoken = "FI-SIGNIN-4X4R"

[bug]
name = "bug-20260302-110000-7.txt"
lines = [
  "KeyError",
  "  store.py:12 keep",
]

[log]
lines = [
  "2026-03-02 11:00:00,000 INFO koble.net GET api.fiken.no /companies 401 41 ms",
]
left_out = 1

[cut]
connections = 0
history = 0
log_lines = 0
"""


def test_what_it_looks_like(tmp_path: Path) -> None:
    written(tmp_path, line("GET api.fiken.no /companies 401 41 ms"), "Traceback of anything: kari@fjord.no")
    (tmp_path / "bug-20260302-110000-7.txt").write_text("KeyError\n  store.py:12 keep\nkari: odd\n", "utf-8")
    assert report(source(tmp_path), PLAIN).text == SNAPSHOT


def test_a_program_reads_it_too(tmp_path: Path) -> None:
    written(tmp_path, line('odd "quotes" and \\ back\\slashes, \x7f and å'))
    for names in (False, True):
        made = report(source(tmp_path), replace(PLAIN, shown=names))
        read = tomllib.loads(made.text)
        assert read["koble"]["names_included"] is names
        assert read["log"]["lines"] == [line('odd "quotes" and \\ back\\slashes, and å')]
        assert read["connection"][0]["history"][0].endswith("made")
        assert ("company" in read["connection"][0]) is names
        assert read.keys() == made.data.keys() - {key for key, one in made.data.items() if one == []}


def test_a_list_that_cannot_be_read_and_a_policy_too(tmp_path: Path) -> None:
    made = report(source(tmp_path, book=None, trouble="ledger_unreadable", policy=None, failure=None), PLAIN)
    read = tomllib.loads(made.text)
    assert read["list"] == {"state": "ledger_unreadable"}
    assert read["policy"] == {"readable": False}
    assert read["failure"] == read["bug"] == {}
    some = Policy(systems=frozenset({"fiken", "xledger"}), share_safe=True, minimum_version="0.1")
    read = tomllib.loads(report(source(tmp_path, policy=some), PLAIN).text)
    assert read["policy"] == {
        "systems": ["fiken", "xledger"],
        "free_call": False,
        "share_safe": True,
        "minimum_version": "0.1",
    }
    assert readable_policy(tmp_path / "none.toml") == Policy()
    (tmp_path / "policy.toml").write_text("free_call = 7", "utf-8")
    assert readable_policy(tmp_path / "policy.toml") is None


def test_what_is_not_one_of_our_words_is_not_told(tmp_path: Path) -> None:
    odd = {"at": "ZZat", "event": "ZZevent", "code": "ZZcode"}
    calls = [{"at": "", "event": "call", "code": "ZZ odd"}]
    row = replace(
        ROW,
        tested="ZZ",
        delivered="ZZ",
        waiting_for="ZZ",
        last_code="ZZ",
        made_at="ZZ",
        history=(odd, *calls),
    )
    credential = replace(CREDENTIAL, provider="ZZ", environment="ZZ", method="ZZ")
    book = Book(credentials={"k": credential}, connections={"ZZ": row})
    found = (Finding(check="ZZ", stage="ZZ", state="ZZ", facts={"code": "ZZ", "http_status": "ZZ"}),)
    failure = Failure(error=errors.KeyRefused(request_id="ZZ not one", http_status=None), environment="ZZ")
    (tmp_path / "bug-ZZ.txt").write_text("ZZ not a type\n", "utf-8")
    made = report(source(tmp_path, book=book, found=found, keychain="ZZ", failure=failure), PLAIN)
    assert "ZZ" not in made.text


def test_a_bugs_report_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bug-20260302-110000-7.txt").mkdir()
    assert tomllib.loads(report(source(tmp_path), PLAIN).text)["bug"] == {}


# Nothing that was planted


@pytest.mark.parametrize("names", [False, True])
def test_no_canary_comes_through(names: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "ZZhome-canary"
    environ = {
        "USER": "ZZuser",
        "USERNAME": "ZZuser2",
        "COMPUTERNAME": "ZZPC",
        "HTTPS_PROXY": "http://ZZproxy:ZZpw@h",
    }
    monkeypatch.setattr(Path, "home", classmethod(lambda cls: home))
    monkeypatch.setattr(socket, "gethostname", lambda: "ZZhost.zzdomain.example")
    keys = [Secret("ZZsecret/7+x="), Secret("ZZ-asked-7")]
    failure = Failure(error=errors.KeyRefused(request_id="ZZ-asked-7"), provider=FIKEN)
    shapes = ("ZZsecret/7+x=", "ZZsecret%2F7%2Bx%3D", "WlpzZWNyZXQvNyt4PQ==")
    planted = (
        *(f"sent {one} away" for one in shapes),
        f"opened {home}/x and C:\\Users\\ZZother\\y and /home/ZZthird/z and /Users/ZZfourth",
        "on ZZHOST and zzhost.ZZDOMAIN.example by ZZuser at ZZPC",
        "Bearer ZZbearer and token ZZtoken and Basic ZZbasic",
        "opaque ZZ0123456789abcdefghijk",
        "2026 Traceback ZZ0exception0text0of0any0kind",
    )
    logs = tmp_path / "logs"
    written(logs, *(line(one) for one in planted), "ZZ a line of somebody else", "ValueError: ZZexception")
    log.report(logs, ValueError("ZZexception"))
    odd = (
        {"at": "ZZ", "event": "call", "code": "GET /ZZpath 200"},
        {"at": "ZZ", "event": "ZZ", "code": "ZZ"},
    )
    book = replace(BOOK, connections={"5d1c9e02": replace(ROW, history=odd)})
    preset = replace(ENGLISH.preset, partner="Bank of ZZuser")
    made = report(
        source(logs, book=book, machine=machine(environ), preset=preset, failure=failure),
        mask(book, names=names, environ=environ),
    )
    assert "zz" not in made.text.lower()
    assert "WlpzZWNy" not in made.text
    assert tomllib.loads(made.text)["machine"]["set"] == ["HTTPS_PROXY"]
    assert tomllib.loads(made.text)["log"]["left_out"] == 2
    del keys


def test_names_and_numbers_only_where_somebody_ticked_that(tmp_path: Path) -> None:
    told = ("Fjordheim Regnskap AS", "313000028", "Hovedboken til Kari", "fjordheim-id", "ola@nord.example")
    written(tmp_path, *(line(f"of {one} here") for one in (*told, "313 000 028", "kari@fjord.no")))
    hidden, shown = (report(source(tmp_path), mask(BOOK, names=names)).text for names in (False, True))
    for one in (*told, "313 000 028", "kari@fjord.no"):
        assert one not in hidden, one
    for one in told:
        assert one in shown, one


def test_the_machines_own_names_are_hidden_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")
    made = mask(None, names=True, environ={"USER": "k", "LOGNAME": "kari"})
    assert "localhost" not in made.own
    assert "k" not in made.own, "one letter is in everything"
    assert made.free("Kari and makari") == "… and makari"
    windows = Mask(folder="C:\\Folk\\kari")
    assert (
        windows.free("in C:\\Folk\\kari\\x, C:\\\\Folk\\\\kari\\\\y, C:/Folk/kari/z")
        == "in ~\\x, ~\\\\y, ~/z"
    )
    assert Mask().free("a") == "a"


# The size


def large(connections: int, events: int, label: str = "å") -> Book:
    row = replace(ROW, label=label * 300, history=tuple(EVENTS[-1] for _ in range(events)))
    return Book(credentials={"k": CREDENTIAL}, connections={f"{at:08x}": row for at in range(connections)})


@pytest.mark.parametrize(
    ("book", "lines", "cut"),
    [
        (large(1, 1), LINES, {"log_lines"}),
        (large(20, 50), LINES, {"log_lines"}),
        (large(100, 50), LINES, {"history", "log_lines"}),
        (large(60, 50), 1, {"history"}),
        (large(2_000, 1), LINES, {"connections", "history", "log_lines"}),
    ],
)
def test_it_is_never_larger_than_it_may_be(book: Book, lines: int, cut: set[str], tmp_path: Path) -> None:
    written(tmp_path, *(line(f"{at} " + "“" * 900) for at in range(lines)))
    for names in (False, True):
        made = report(source(tmp_path, book=book), replace(PLAIN, shown=names))
        assert len(made.text.encode()) <= LIMIT
        assert tomllib.loads(made.text)["cut"] == made.cut
        if names:
            assert {name for name, count in made.cut.items() if count} == cut
        kept = tomllib.loads(made.text)["log"]["lines"]
        assert len(kept) == lines - made.cut["log_lines"]
        assert not kept or kept[-1].split()[4] == str(lines - 1), "the oldest go first"


def test_only_the_end_of_the_log_is_in_it(tmp_path: Path) -> None:
    written(tmp_path, *(line(f"new {at}") for at in range(150)))
    (tmp_path / "koble.log").rename(tmp_path / "koble.log.1")
    written(tmp_path, *(line(f"newer {at}") for at in range(100)))
    lines = tomllib.loads(report(source(tmp_path), PLAIN).text)["log"]["lines"]
    assert len(lines) == LINES
    assert (lines[0].split(" ", 4)[4], lines[-1].split(" ", 4)[4]) == ("new 50", "newer 99")


# Saving it


def test_only_its_owner_may_read_it_and_nothing_is_overwritten_silently(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    save(file, "one\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(errors.BadInput) as caught:
        save(file, "two\n")
    assert caught.value.facts == {"reason": "report_exists", "file": "report.txt"}
    assert file.read_text("utf-8") == "one\n"
    file.chmod(0o644)
    save(file, "three å\n", replace=True)
    assert file.read_bytes() == "three å\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.glob("report*")] == ["report.txt"]
    with pytest.raises(errors.BadInput) as caught:
        save(tmp_path / "none" / "report.txt", "x")
    assert caught.value.facts["reason"] == "report_unwritable"


def test_on_a_full_disk_no_half_report_is_left_in_the_way(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    folder = tmp_path / "there"
    folder.mkdir()
    file = folder / "report.txt"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for replace_it in (False, True):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            with pytest.raises(errors.BadInput) as caught:
                save(file, "x" * 5000, replace=replace_it)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert caught.value.facts["reason"] == "report_unwritable"
        assert list(folder.iterdir()) == []
    save(file, "whole")


# The machine


def test_what_is_known_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found = machine({"https_proxy": "http://x", "NO_PROXY": "", "HOME": "/x"})
    assert found.present == {"HTTPS_PROXY"}
    assert found.versions["httpx"]
    assert found.os.startswith("Linux ")

    def unknown() -> Mapping[str, str]:
        raise OSError

    monkeypatch.setattr("platform.freedesktop_os_release", unknown)
    assert machine({}).os.startswith("Linux #") or machine({}).os
    assert module._version("there-is-no-such-thing") == ""
    assert "Darwin 15.1" in _as("Darwin", "15.1", monkeypatch)
    assert "Windows" in _as("Windows", "", monkeypatch)


def _as(system: str, mac: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.mac_ver", lambda: (mac, ("", "", ""), ""))
    return machine({}).os


# The error report, and the history


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_error_report_has_all_that_support_asks_for_first(language: str) -> None:
    key = Secret("7f3c2b1a")
    facts = {"http_status": 401, "request_id": "r-7f3c2b1a", "company": "Fjordheim AS", "reason": "cut"}
    failure = replace(FAILURE, error=errors.KeyRefused(facts))  # type: ignore[arg-type]
    said = slip(failure, Texts(language=language), NOON.astimezone(timezone(timedelta(hours=1))))
    for part in ("FI-SIGNIN-", "key_refused", "sign_in", "2026-03-02 13:00:00+01:00", "0.1.0", "fiken"):
        assert part in said
    assert "production" in said
    assert "401" in said
    assert "r-…" in said, "a key that lives is masked"
    assert "Fjordheim" not in said
    assert "{" not in said
    del key


def test_the_error_report_of_a_bug() -> None:
    said = slip(Failure(error=None, report="bug-1.txt"), ENGLISH, NOON)
    assert "KO-KOBLE-" in said
    assert "bug-1.txt" in said


def test_a_history_is_told_newest_first_in_words_and_local_time() -> None:
    zone = timezone(timedelta(hours=1))
    told = history(ROW, ENGLISH, FIKEN, zone)
    assert [one.event for one in told] == ["failed", "call", "approved", "waiting", "made"]
    assert told[0].local == "2026-03-02 12:00 (UTC+01:00)"
    assert told[0].said == "The test failed: Fiken does not accept the key."
    assert told[1].said == "Support asked the system: GET /companies/fjordheim 200"
    assert told[3].said.startswith("Waiting for approval: Fjordbanken")
    for language in LANGUAGES:
        for one in history(ROW, Texts(language=language), None, zone):
            assert one.said


def test_a_history_that_somebody_wrote_in() -> None:
    row = replace(ROW, history=({"at": "never", "event": "odd\x07", "code": "x"}, {}))
    assert [one.said for one in history(row, ENGLISH, FIKEN)] == ["", "odd x"]
    assert local("never") == "–"
