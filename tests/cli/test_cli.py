"""The command line through its front door: what it takes, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.helpers import EXPECT, KOBLE, PROVIDERS, Command, forms, good, run, secrets_in, served, written
from tests.conftest import need, secret_service
from tests.core.helpers import peer, slowly
from tests.providers.helpers import asks, input_for
from wizard import __main__ as front
from wizard import cli
from wizard.core import errors
from wizard.core.practice import Playground, endpoints_toml, practice_of, refusals_of
from wizard.core.provider import Finding
from wizard.core.texts import Texts
from wizard.core.world import Wish, open_world
from wizard.out import _notes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWERS = {"token": "ZZcanary.8rT2-is-not-a-key"}
PRACTICE = ("connect", "fiken", "--practice", "--json")


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(PROVIDERS).open() as made:
        yield made


@pytest.fixture
def endpoints(playground: Playground, tmp_path: Path) -> str:
    file = tmp_path / "endpoints.toml"
    file.write_text(endpoints_toml(playground.endpoints), "utf-8")
    return str(file)


# What comes in

BAD = {
    "nothing": (b"", "bad_input", []),
    "not_json": (b"{", "bad_input", []),
    "deep": (b"[" * 100_000, "bad_input", []),
    "a_list": (b"[]", "bad_input", []),
    "too_large": (b" " * ((1 << 20) + 1), "bad_input", []),
    "half_a_character": (b'{"name": "\\ud800"}', "bad_input", []),
    "unknown_key": ({"secret": "x"}, "bad_input", ["secret"]),
    "wrong_kind": ({"answers": "x"}, "bad_input", ["answers"]),
    "company_of_numbers": ({"company": [1]}, "bad_input", ["company"]),
    "empty_company": ({"company": [" "]}, "bad_input", ["company"]),
    "empty_expect": ({"expect": " "}, "field_invalid", ["expect"]),
    "bad_expect": ({"expect": "313000029", "answers": {"token": "x" * 9}}, "field_invalid", ["expect"]),
    "short_expect": ({"expect": "31300", "answers": {"token": "x" * 9}}, "field_invalid", ["expect"]),
    "dressed_expect": ({"expect": "NO", "answers": {"token": "x" * 9}}, "field_invalid", ["expect"]),
    "unknown_environment": ({"environment": "moon"}, "bad_input", ["environment"]),
    "unknown_field": ({"answers": {"nothing": "x"}}, "bad_input", ["nothing"]),
    "unknown_partner": ({"partner": {"nothing": "x"}}, "bad_input", ["nothing"]),
    "no_answers": ({}, "field_invalid", ["token"]),
    "bad_answer": ({"answers": {"token": "ZZ canary with space"}}, "field_invalid", ["token"]),
    "not_a_text": ({"answers": {"token": 5}}, "field_invalid", ["token"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_before_anything_else_is_tried(name: str, koble: Command) -> None:
    given, code, fields = BAD[name]
    ended = koble(
        "connect", "fiken", "--json", given=given
    )  # the keychain is absent here: 6 would come later
    assert (ended.status, ended.last["code"], ended.last["fields"]) == (2, code, fields)
    assert ended.last["stage"] == "input"
    assert "ZZ" not in ended.out
    assert "…" not in str(ended.last["message"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("connect",),
        ("connect", "nothing"),
        ("connect", "fiken", "--token", "ZZcanary"),
        ("nothing",),
        ("check",),
        ("check", "x", "--all"),
        ("partner", "set", "fiken.production.token"),
        ("partner", "set", "x"),
        ("partner", "forget", "tripletex.production.consumer_token"),
        ("forget", "x"),
        ("check", "x"),
        ("connect", "fiken", "--endpoints", "/nowhere"),
        ("connect", "fiken", "--js"),
        ("connections", "--preset", "/nowhere"),
        ("practice", "--keys", "nothing"),
        ("practice", "--serve", "--refuse", "nothing"),
        ("systems", "--language", "xx"),
    ],
)
def test_what_cannot_be_done_ends_with_two(arguments: tuple[str, ...], koble: Command) -> None:
    ended = koble(*arguments, "--json", given={"answers": ANSWERS})
    assert (ended.status, ended.last["event"], ended.last["code"]) == (2, "refused", "bad_input")
    assert "ZZ" not in ended.out + ended.err
    plain = koble(*arguments, given={"answers": ANSWERS})
    assert plain.status == 2
    assert plain.out == ""
    assert "[bad_input]" in plain.err


@pytest.mark.parametrize("form", ["utf-8-sig", "utf-16"])
def test_json_from_other_shells_is_read(form: str, koble: Command) -> None:
    given = json.dumps(good("fiken")).encode(form)
    assert koble(*PRACTICE, given=given).status == 0


# How it ends


def test_a_receipt(koble: Command) -> None:
    ended = koble(*PRACTICE, given=good("fiken"))
    assert ended.status == 0
    assert ended.last["event"] == "receipt"
    assert [one["stage"] for one in ended.events[:-1]] == [
        "input", "name", "connection", "proxy", "tls", "vendor", "sign_in", "company", "rights", "company",
        "rights", "rights",
    ]  # fmt: skip
    plain = koble(*PRACTICE[:-1], "--language", "en", given=good("fiken"))
    assert plain.status == 0
    assert "✓ Signing in with the key" in plain.out
    assert "Fjordheim Regnskap AS is tested and works." in plain.out


def test_a_receipt_for_each_of_a_list_of_companies(koble: Command) -> None:
    wish = {**good("fiken"), "company": [EXPECT, "nordlys-kaffebrenneri-as"], "name": "Both"}
    receipts = [one for one in koble(*PRACTICE, given=wish).events if one["event"] == "receipt"]
    assert [one["company"]["orgnr"] for one in receipts] == [EXPECT, "313000036"]  # type: ignore[index]


def test_rights_are_told_as_a_table(koble: Command) -> None:
    narrow = {**good("poweroffice"), **practice_of(PROVIDERS["poweroffice"]).more["hidden_number"]}
    said = koble("connect", "poweroffice", "--practice", "--language", "en", given=narrow)
    assert said.status == 0
    assert "  ✓ At least one active module – " in said.out
    assert "  ✗ Organisation number (CommonServices) – " in said.out
    assert "    → The access follows the extension." in said.out
    assert "✗ The access" not in said.out
    office = practice_of(PROVIDERS["tripletex"]).more["accountant"]
    assert "  ? See all vouchers – " in koble("connect", *TEXT, given=office).out


TEXT = ("tripletex", "--practice", "--language", "en")


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_letter_follows_what_only_the_partner_can_do(language: str, koble: Command, tmp_path: Path) -> None:
    preset = tmp_path / "bank.toml"
    preset.write_text('partner = "Fjordbanken"\nemail = "hjelp@fjordbanken.example"\n', "utf-8")
    where = ("connect", "visma_business", "--practice", "--language", language)
    said = koble(*where, "--preset", str(preset), given=good("visma_business"))
    assert said.status == 8
    lines = said.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith(": hjelp@fjordbanken.example"))
    assert "Østre Ås Møbelverksted AS (313000354)" in lines[at + 1]
    assert "18.10.0" in said.out
    assert "Fjordbanken" in said.out
    without = koble(*where, given=good("visma_business")).out
    assert (
        "adressen du har fått av banken din" if language == "nb" else "the address you have from"
    ) in without
    silent = koble(*where, "--json", given=good("visma_business"))
    assert [one["event"] for one in silent.events] == ["finding", "receipt"]


def test_a_letter_to_the_vendor_is_not_said_to_be_for_the_partner(koble: Command) -> None:
    answers = practice_of(PROVIDERS["xledger"]).more["partner_user"]
    said = koble("connect", "xledger", "--practice", "--language", "en", given=answers)
    assert said.status == 8
    assert "Send this e-mail" not in said.out


@pytest.mark.parametrize("slug", PROVIDERS)
def test_good_answers_pass_everywhere(slug: str, koble: Command, endpoints: str) -> None:
    ended = koble("connect", slug, "--endpoints", endpoints, "--store", "memory", "--json", given=good(slug))
    assert ended.status == (0 if asks(PROVIDERS[slug], good(slug)) else 8), ended.last


CASES = [
    (slug, name)
    for slug, provider in PROVIDERS.items()
    if asks(provider, good(slug))
    for name, code in {"": "", **refusals_of(provider)}.items()
    if code != "timed_out"
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("slug", "name"), CASES)
def test_no_secret_is_found_anywhere_however_it_ends(
    slug: str, name: str, koble: Command, playground: Playground, endpoints: str
) -> None:
    provider = PROVIDERS[slug]
    wish = dict(input_for(provider, name))
    playground.refuse(name, slug)
    ended = koble("connect", slug, "--endpoints", endpoints, "--store", "memory", "--json", given=wish)
    code = refusals_of(provider).get(name)
    told = ended.out + ended.err + written()
    if code == "pending_approval":  # no failure: it is stored, and waits
        assert (ended.status, ended.last["tested"]) == (8, "later")
    else:
        assert ended.last.get("code") == code
        assert ended.status == next((one.status for one in errors.every_error() if one.code == code), 0)
    assert not [one for one in secrets_in(wish) if one in told]


@pytest.mark.parametrize("slug", PROVIDERS)
def test_no_refused_secret_is_found_either(slug: str, koble: Command, endpoints: str) -> None:
    provider = PROVIDERS[slug]
    for part, fields in (("answers", provider.fields), ("partner", provider.partner_keys)):
        for one in (field for field in fields if field.secret):
            canary = f"ZZ{one.name}-ø canary"
            wish = {**good(slug), part: {**dict(good(slug).get(part, {})), one.name: canary}}  # type: ignore[call-overload]
            ended = koble(
                "connect", slug, "--endpoints", endpoints, "--store", "memory", "--json", given=wish
            )
            assert (ended.status, ended.last["code"], ended.last["fields"]) == (
                2,
                "field_invalid",
                [one.name],
            )
            assert not [form for form in forms(canary) if form in ended.out + ended.err + written()]


def test_some_partner_keys_without_the_others_come_before_the_keychain(koble: Command) -> None:
    wish = good("poweroffice")
    partner = wish["partner"]
    assert isinstance(partner, dict)
    wish["partner"] = {"application_key": partner["application_key"]}
    ended = koble("connect", "poweroffice", "--json", given=wish)
    assert (ended.status, ended.last["code"]) == (2, "partner_key_needed")
    assert ended.last["fields"] == ["subscription_key"]


def test_without_any_partner_keys_the_partner_tests_it(koble: Command) -> None:
    for slug in ("poweroffice", "tripletex"):
        wish = {**good(slug), "partner": {}, "company": "313000028"}
        where = ("connect", slug, "--store", "memory", "--json")
        ended = koble(*where, given=wish)
        assert (ended.status, ended.last["code"], ended.last["fields"]) == (2, "field_invalid", ["expect"])
        ended = koble(*where, given={**wish, "expect": "313000028"})
        assert (ended.status, ended.last["tested"], ended.last["waiting_for"]) == (
            8,
            "not_possible_here",
            "partner",
        )
        assert {one["state"] for one in ended.events[1:-1]} == {"skipped"}
        said = koble("connect", slug, "--store", "memory", given={**wish, "expect": "313000028"})
        assert said.status == 8
        assert said.out.strip().endswith(".")


def test_companies_that_are_not_settled(koble: Command) -> None:
    answers = good("fiken")["answers"]
    several = koble(*PRACTICE, given={"answers": answers})
    assert (several.status, several.last["code"]) == (5, "several_companies")
    facts = several.last["facts"]
    assert isinstance(facts, dict)
    assert facts["companies"][0] == {
        "orgnr": EXPECT,
        "name": "Fjordheim Regnskap AS",
        "id": "fjordheim-regnskap-as",
    }
    assert koble(*PRACTICE, given={"answers": answers, "expect": "NO 313 000 036 MVA"}).status == 0
    wrong = koble(*PRACTICE, given={"answers": answers, "company": "nowhere"})
    assert (wrong.status, wrong.last["code"], wrong.last["fields"]) == (5, "wrong_company", ["company"])
    other = koble(*PRACTICE, given={"answers": answers, "company": EXPECT, "expect": "313000036"})
    assert (other.status, other.last["code"]) == (5, "wrong_company")


def test_companies_to_choose_from_are_listed_for_people_too(koble: Command) -> None:
    ended = koble(*PRACTICE[:-1], "--language", "en", given={"answers": good("fiken")["answers"]})
    assert ended.status == 5
    assert "313000028   fjordheim-regnskap-as  Fjordheim Regnskap AS" in ended.err


def test_what_was_accepted_with_a_doubt_is_said(koble: Command) -> None:
    good_token = json.loads(koble("practice", "--keys", "tripletex").out)
    partner = good_token["partner"]
    odd = {"answers": {"employee_token": "A" * 44}, "partner": partner}
    ended = koble("connect", "tripletex", "--practice", "--language", "en", given=odd)
    assert "! " in ended.out
    tested = {**good("fiken"), "company": "313000052"}
    assert "is a test company" in koble(*PRACTICE[:-1], "--language", "en", given=tested).out


def test_a_number_that_could_not_be_compared_is_said(koble: Command) -> None:
    hidden = {**practice_of(PROVIDERS["tripletex"]).more["hidden_number"], "expect": EXPECT}
    ended = koble("connect", "tripletex", "--practice", "--language", "en", given=hidden)
    assert ended.status == 0
    assert "does not give the organisation number" in ended.out


def test_what_stands_in_the_place_of_a_name_is_not_repeated(koble: Command) -> None:
    canary = "73195.ZZcanary"
    wishes: list[dict[str, object]] = [{"answers": {canary: "x"}}, {canary: {}}]
    for given in [*wishes, {"answers": ANSWERS, "partner": {canary: "x"}}]:
        ended = koble(*PRACTICE, given=given)
        assert (ended.status, ended.last["code"], ended.last["fields"]) == (2, "bad_input", [])
        assert "ZZcanary" not in ended.out + ended.err


def test_no_keychain(koble: Command, endpoints: str) -> None:
    ended = koble("connect", "fiken", "--endpoints", endpoints, "--json", given=good("fiken"))
    assert (ended.status, ended.last["code"]) == (6, "keychain_absent")


def test_a_bug_is_reported_without_what_it_was_about(koble: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        secret = ANSWERS["token"]
        raise ValueError(secret)

    monkeypatch.setattr("wizard.core.connect.choose", broken)
    for arguments in (PRACTICE, PRACTICE[:-1]):
        ended = koble(*arguments, given={"answers": good("fiken")["answers"]})
        assert ended.status == 1
        assert "ZZ" not in ended.out + ended.err + written()
        if "--json" in arguments:
            assert ended.last["event"] == "bug"
            assert "ValueError\n" in written()
            assert "test_cli.py" in written()


def test_the_other_commands(koble: Command) -> None:
    assert [one["system"] for one in koble("systems", "--json").events] == sorted(
        PROVIDERS, key=lambda slug: PROVIDERS[slug].name.casefold()
    )
    assert "Fiken" in koble("systems").out
    assert koble("connections", "--json").out == ""
    assert koble("connections", "--practice").status == 0
    assert koble("check", "--all", "--json").status == 0
    keys = json.loads(koble("practice", "--keys").out)
    assert keys.keys() == PROVIDERS.keys()
    assert json.loads(koble("practice", "--keys", "fiken").out) == keys["fiken"]
    assert koble("partner", "list", "--json").out == ""


def test_practice_without_a_display_walks_in_the_terminal(
    koble: Command, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def window(options: object) -> int:
        return cli.without_display(options)  # type: ignore[arg-type]

    assert cli.guarded(["--practice", "--language", "en"], window) == 0
    out, err = capfdbinary.readouterr()
    assert "Fjordheim Regnskap AS is tested and works." in out.decode()
    assert re.search(r"the practice bank has opened and tested it.* code \w{4}", out.decode(), re.IGNORECASE)
    assert "has confirmed that the hand-over arrived" in out.decode()
    assert re.findall(r"^(\d) of 6", out.decode(), re.MULTILINE) == list("123456")
    assert "There is no display" in err.decode()
    assert cli.guarded([], window) == 2


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], None),
        (["--practice"], None),
        (["--language", "nb", "--preset", "x"], None),
        (["--language"], None),
        (["--practice", "connect"], "connect"),
        (["--help"], "--help"),
    ],
)
def test_whether_there_is_a_command(arguments: list[str], found: str | None) -> None:
    assert cli.command_in(arguments) == found
    assert front._has_command(arguments) is (found is not None)


# As a process


def test_utf8_whatever_the_locale() -> None:
    ended = run(
        *PRACTICE, given={}, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert ended.status == 2
    assert ended.last["code"] == "field_invalid"
    plain = run(
        "connect", "fiken", "--language", "nb", given={}, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert plain.status == 2
    assert "nøkkel" in plain.err.lower() or "→" in plain.err


def test_a_reader_that_has_gone_changes_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    wish = json.dumps(good("fiken")).encode()
    ended = subprocess.run(
        [*KOBLE, *PRACTICE], input=wish, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")
    closed = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard systems --json >&-"], capture_output=True, check=False
    )
    assert (closed.returncode, closed.stderr) == (0, b"")
    no_input = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard connect fiken --json <&-"], capture_output=True, check=False
    )
    assert no_input.returncode == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_while_the_vendor_hangs(number: signal.Signals, tmp_path: Path) -> None:
    with peer(slowly(b" ", 0.1)) as made:
        file = tmp_path / "endpoints.toml"
        file.write_text(f'[fiken.production]\napi = "http://127.0.0.1:{made.port}"\n', "utf-8")
        command = [*KOBLE, "connect", "fiken", "--endpoints", str(file), "--store", "memory", "--json"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(good("fiken")))
            process.stdin.close()
            deadline = time.monotonic() + 20
            while not made.connections:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.send_signal(number)
            began = time.monotonic()
            last = json.loads(process.stdout.read().splitlines()[-1])
            assert process.wait(10) == 7
    assert time.monotonic() - began < 3
    assert (last["event"], last["code"]) == ("refused", "cancelled")


@pytest.mark.no_cover
@pytest.mark.parametrize("delay", [0.08, 0.11, 0.12, 0.13, 0.14, 0.16, 0.2, 0.3])
def test_a_signal_at_any_moment_ends_it_with_a_status_that_says_so(delay: float, tmp_path: Path) -> None:
    with peer(slowly(b" ", 0.1)) as made:
        file = tmp_path / "endpoints.toml"
        file.write_text(f'[fiken.production]\napi = "http://127.0.0.1:{made.port}"\n', "utf-8")
        command = [*KOBLE, "connect", "fiken", "--endpoints", str(file), "--store", "memory", "--json"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdin
            process.stdin.write(json.dumps(good("fiken")))
            process.stdin.flush()
            process.stdin.close()
            process.stdin = None
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
    if out:  # else it came before Python had begun with us
        assert (process.returncode, json.loads(out.splitlines()[-1])["code"]) == (7, "cancelled")


def test_version_and_help() -> None:
    assert run("--version").out.startswith("koble ")
    assert "connect" in run("--help").out


def items() -> list[str]:
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        return [item.get_label() for item in secretstorage.search_items(connection, {"username": "koble"})]
    finally:
        connection.close()


@pytest.mark.no_cover
@pytest.mark.real_keychain
def test_from_end_to_end_with_a_real_keychain(keychain_bus: str, tmp_path: Path, koble: Command) -> None:
    with served(tmp_path) as file:
        where = ("--endpoints", str(file), "--json")
        made = run("connect", "fiken", *where, given=good("fiken"))
        assert made.status == 0, made
        assert (made.last["stored_in"], len(items())) == ("keychain", 1)
        key = str(made.last["connection"])
        again = run("connect", "fiken", *where, given=good("fiken"))
        assert (again.last["connection"], len(items())) == (key, 1)
        assert [one["connection"] for one in run("connections", "--json").events] == [key]
        assert EXPECT not in koble("connections").err
        assert run("check", key, *where).last["tested"] == "passed"
        assert koble("check", "--all", *where).status == 0

        for slug, provider in PROVIDERS.items():
            partner = good(slug).get("partner", {})
            assert isinstance(partner, dict)
            for one in (key for key in provider.partner_keys if key.name in partner):
                name = f"{slug}.production.{one.name}"
                ended = koble("partner", "set", name, "--json", given=f" {partner[one.name]}\n".encode())
                assert ended.last == {"event": "stored", "name": name}
            wish = {**good(slug), "partner": {}}
            ended = koble("connect", slug, *where, given=wish)
            assert ended.status == (0 if asks(provider, good(slug)) else 8), ended.last
            assert koble("forget", str(ended.last["connection"])).status == 0 or slug == "fiken"
        names = koble("partner", "list").out.split()
        assert names == sorted(names)
        for name in names:
            assert koble("partner", "forget", name, "--json").last == {"event": "forgotten", "name": name}
    down = koble("check", "--all", *where)
    assert [one["code"] for one in down.events if one["event"] == "refused"] in ([], ["connection_refused"])
    for row in koble("connections", "--json").events:
        assert koble("forget", str(row["connection"]), "--json").status == 0
    assert items() == []
    assert not [one for slug in PROVIDERS for one in secrets_in(good(slug)) if one in written()]


@pytest.mark.real_keychain
def test_a_locked_keychain_is_told_soon(tmp_path: Path, endpoints: str) -> None:
    need("dbus-daemon", "gnome-keyring-daemon")
    lock = "import secretstorage as s; c = s.dbus_init(); s.get_default_collection(c).lock()"
    with secret_service() as address:
        environ = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}
        subprocess.run([sys.executable, "-c", lock], env=environ, check=True)
        began = time.monotonic()
        where = ("--endpoints", endpoints, "--json")
        ended = run("connect", "fiken", *where, given=good("fiken"), DBUS_SESSION_BUS_ADDRESS=address)
    assert (ended.status, ended.last["code"]) == (6, "keychain_locked"), ended
    assert time.monotonic() - began < 9


def test_each_code_has_the_status_that_is_promised() -> None:
    promised = {
        2: "bad_input field_invalid partner_key_needed handover_invalid handover_used handover_expired "
        "reference_unknown handed_over signature_invalid start_expired start_used reply_wrong method_closed",
        3: "key_refused partner_key_refused wrong_environment rights_missing module_missing scope_missing "
        "licence_missing pending_approval invitation_expired wrong_tenant quota_empty busy vendor_down "
        "unexpected_answer too_large garbled_answer",
        4: "name_not_found connection_refused connection_lost timed_out tls_untrusted tls_wrong_name "
        "tls_expired tls_failed clock_wrong captive_portal redirected proxy_failed offline not_sent",
        5: "no_company several_companies wrong_company",
        6: "keychain_locked keychain_absent keychain_denied keychain_read_only keychain_lied "
        "keychain_too_long keychain_missing ledger_unreadable ledger_unwritable delivery_failed",
        7: "cancelled",
    }
    told = {status: {one.code for one in errors.every_error() if one.status == status} for status in promised}
    assert told == {status: set(codes.split()) for status, codes in promised.items()}
    assert all(practice_of(one).refusals for one in PROVIDERS.values() if one.name != "Visma Business")


# With whom it lies


@pytest.mark.parametrize(("language", "whose"), [("en", "IT support"), ("nb", "IT-ansvarlig")])
def test_it_support_is_told_on_standard_error_what_it_needs(
    language: str, whose: str, koble: Command, tmp_path: Path
) -> None:
    file = tmp_path / "endpoints.toml"
    file.write_text('[fiken.production]\napi = "http://127.0.0.1:9/v2"', "utf-8")
    command = ("connect", "fiken", "--store", "memory", "--endpoints", str(file))
    plain = koble(*command, "--language", language, given=good("fiken"))
    assert (plain.status, plain.out.count("Port")) == (4, 0)
    assert whose in plain.err
    assert "Port: 9" in plain.err
    told = koble(*command, "--json", given=good("fiken"))
    assert (told.last["code"], told.last["whose"], told.err) == ("connection_refused", "it", "")


def test_whose_else_it_is_takes_one_line(koble: Command) -> None:
    ended = koble(*PRACTICE[:-1], "--language", "en", given={"answers": {"token": ""}})
    assert "You can mend this yourself." in ended.err
    assert "Koble" not in ended.err


def test_a_wrong_clock_is_told_of() -> None:
    finding = Finding(check="network", stage="vendor", state="passed", facts={"clock_minutes": -61})
    (note,) = _notes(finding, Texts(language="en"), PROVIDERS["fiken"])
    assert "61 minutes off by Fiken" in note


# A key in a name's place

KEY = str(practice_of(PROVIDERS["fiken"]).good["answers"]["token"])  # type: ignore[index]


@pytest.mark.parametrize(
    "before",
    [
        *(["connect"], ["check"], ["forget"], ["history"], ["partner", "set"], ["partner", "forget"]),
        *([], ["--language"], ["connect", "fiken", "--store"], ["practice", "--serve", "--refuse"]),
        *(["practice", "--keys"], ["explain"], ["systems"], ["partner"]),
    ],
    ids=" ".join,
)
def test_a_key_in_the_place_of_a_name_is_not_said_back(before: list[str], koble: Command) -> None:
    for more in ([], ["--json"] if before[:1] != ["practice"] else []):
        ended = koble(*before, KEY, *more, given={"answers": {}})
        assert ended.status == errors.BadInput.status
        assert KEY not in ended.out + ended.err


def test_a_slip_in_a_name_is_said_back(koble: Command) -> None:
    assert "fikn" in koble("connect", "fikn", given={}).err
    assert "chekc" in koble("chekc").err
    assert "0badc0de" in koble("check", "0badc0de").err


def test_a_key_in_the_name_of_a_connection_is_not_kept() -> None:
    with open_world(practice=True) as world:
        given = Wish(answers={"token": KEY}, label=f"Books of {KEY}")
        order = cli.run(lambda: world.order(PROVIDERS["fiken"], given))
    assert order.label == "Books of …"
