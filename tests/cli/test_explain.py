"""The commands for support: what a code means, what happened, and the report."""

from __future__ import annotations

import json
import stat
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.cli.helpers import Command, good
from tests.cli.test_docs import EXAMPLES
from tests.core.helpers import Small, company, store_in
from wizard import cli
from wizard.core import errors, paths
from wizard.core.connect import Proof
from wizard.core.registry import built_in
from wizard.core.spoken import spell, spell_bug, understand
from wizard.core.texts import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

CODE = "TX-SIGNIN-4X49"
ONE = company("one", "313000028")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of a connection in this test's own list, whose last test failed."""
    store = store_in(paths.data())
    proof = Proof(order=Small().order(label="Mine"), companies=(ONE,), chosen=(ONE,))
    receipts = cli.run(lambda: store.keep(proof))
    key = receipts[0].connection
    cli.run(lambda: store.tested(key, (), errors.KeyRefused()))
    return key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_is_explained_in_both_languages(koble: Command, language: str) -> None:
    ended = koble("explain", "tx signin 4x49", "--language", language)
    assert ended.status == 0
    assert ended.out.startswith(f"{CODE}  [key_refused]\n")
    assert "Tripletex" in ended.out
    assert "3.6 " in ended.out, "the step of the guide"
    assert "{" not in ended.out


def test_a_code_is_explained_to_programs(koble: Command) -> None:
    told = koble("explain", CODE, "--json", "--language", "en").last
    assert (told["event"], told["spoken"], told["code"], told["system"]) == (
        "explained",
        CODE,
        "key_refused",
        "tripletex",
    )
    assert told["whose"] == "customer"
    assert koble("explain", spell_bug(), "--json").last["code"] == "bug"


@pytest.mark.parametrize("typed", ["TX-SIGNIN-4X94", "TX-SIGNON-4X49", "nonsense", ""])
def test_a_wrong_code_is_bad_input(koble: Command, typed: str) -> None:
    ended = koble("explain", typed, "--language", "en")
    assert (ended.status, ended.out) == (errors.BadInput.status, "")
    assert "KO-INPUT" not in ended.err, "a code for a wrong code would only confuse"
    assert koble("explain", typed, "--json").last["code"] == "bad_input"


def test_what_was_taken_for_a_code_is_not_repeated(koble: Command) -> None:
    ended = koble("explain", "ZZ0a1b2c3d4e5f60718293", "--json")
    assert "0a1b2c" not in f"{ended.out}{ended.err}".lower()


def test_a_refusal_ends_with_its_code(koble: Command) -> None:
    wish = {**good("fiken"), "answers": {"token": "73195.not-one-that-fiken-knows-0001"}}
    ended = koble("connect", "fiken", "--practice", "--language", "en", given=wish)
    code = ended.err.strip().splitlines()[-1].removeprefix("Error code: ")
    refused = koble("connect", "fiken", "--practice", "--json", given=wish).last
    assert refused["spoken"] == code
    assert understand(code, built_in().providers.values()).cause == refused["code"]
    explained = koble("explain", code, "--json", "--language", "en").last
    assert str(explained["what"]) in ended.err
    assert koble("report").out.count(code) == 2, "each failed walk leaves its code in the log"


def test_a_bug_has_a_code_and_is_in_the_report(koble: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("wizard.cli.built_in", lambda: 1 / 0)
        assert spell_bug() in koble("systems").err
        assert koble("systems", "--json").last["spoken"] == spell_bug()
    read = tomllib.loads(koble("report").out)
    assert read["bug"]["lines"][0] == "ZeroDivisionError"


def test_text_for_it_support_has_the_code(koble: Command) -> None:
    from wizard.core.for_it import for_it
    from wizard.core.texts import Texts

    error = errors.TlsUntrusted(host="api.fiken.no")
    fiken = built_in().providers["fiken"]
    assert spell(error, fiken) in for_it(error, Texts(language="nb"), fiken)


# The history


def test_what_happened_to_a_connection(koble: Command, kept: str) -> None:
    said = koble("history", kept, "--language", "en")
    lines = said.out.splitlines()
    assert said.status == 0
    assert "The test failed: " in lines[0]
    assert lines[-1].endswith("The connection was made.")
    assert all("(UTC" in one for one in lines)
    events = koble("history", kept, "--json").events
    assert [one["what"] for one in events] == ["failed", "made"]
    assert {(one["event"], one["connection"]) for one in events} == {("history", kept)}
    assert events[0].keys() == EXAMPLES["history"].keys()
    assert koble("history", "nothing").status == 2


# The report


def test_the_report_on_standard_output_is_what_is_saved(koble: Command, kept: str, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    shown, saved = koble("report").out, koble("report", "--out", str(file), "--language", "en")
    assert saved.out == "The report is saved in the file report.txt.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def read(text: str) -> dict[str, object]:
        found = tomllib.loads(text)
        return {**found, "koble": {**found["koble"], "made_at": ""}}

    assert read(shown) == read(file.read_text("utf-8"))
    assert read(shown)["list"] == {"state": "read", "connections": 1, "credentials": 1, "to_be_dropped": 0}
    again = koble("report", "--out", str(file), "--json")
    assert (again.status, again.last["facts"]) == (2, {"reason": "report_exists", "file": "report.txt"})


def test_names_are_in_it_only_where_they_are_asked_for(koble: Command, kept: str) -> None:
    assert "One AS" not in koble("report").out
    assert "313000028" not in koble("report").out
    named = koble("report", "--names").out
    assert 'company = "One AS"' in named
    assert 'orgnr = "313000028"' in named


def test_the_report_for_programs(koble: Command, kept: str, tmp_path: Path) -> None:
    told = koble("report", "--json").last
    assert (told["event"], told["file"]) == ("report", "")
    assert json.dumps(told["report"]).count(kept) == 1
    assert told["cut"] == {"connections": 0, "history": 0, "log_lines": 0}


def test_a_list_that_cannot_be_read_stops_no_report(koble: Command) -> None:
    folder = paths.data()
    folder.mkdir(parents=True)
    (folder / "connections.json").write_text("damaged", "utf-8")
    assert tomllib.loads(koble("report").out)["list"] == {"state": "ledger_unreadable"}
