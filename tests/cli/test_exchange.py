"""From the customer to the bank and back, through the front door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.helpers import KOBLE, PROVIDERS, Command, Ended, forms, good, secrets_in, written
from tests.core.sealing import KEY, OTHER, SIGNERS, SIGNING, a_handover, an_item
from tests.providers.helpers import asks, input_for
from wizard.core import paths
from wizard.core.handover import armoured, open_sealed
from wizard.core.handover import seal as sealed
from wizard.core.keys import as_set, as_toml, public
from wizard.core.practice import FAULTS, Playground, endpoints_toml, practice_of, refusals_of
from wizard.core.reply import Outcome, code, derived
from wizard.core.secret import Secret
from wizard.core.sending import pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wizard.core.handover import Handover
    from wizard.core.ledger import Book
    from wizard.core.world import World

BANK = f'partner = "Fjordbanken"\nlanguage = "en"\n[handover]\nkeys = [{as_toml(KEY)}]\n'


@pytest.fixture(scope="module")
def vendors() -> Iterator[Playground]:
    with Playground(PROVIDERS).open() as made:
        yield made


@pytest.fixture
def playground(vendors: Playground) -> Iterator[Playground]:
    yield vendors
    vendors.refuse("")


@pytest.fixture
def endpoints(playground: Playground, tmp_path: Path) -> str:
    file = tmp_path / "endpoints.toml"
    file.write_text(endpoints_toml(playground.endpoints), "utf-8")
    return str(file)


@pytest.fixture
def bank(tmp_path: Path) -> str:
    file = tmp_path / "bank.toml"
    file.write_text(BANK, "utf-8")
    return str(file)


@pytest.fixture
def private(tmp_path: Path) -> str:
    return private_file(tmp_path / "private.json", KEY)


def private_file(file: Path, key: Mapping[str, str]) -> str:
    file.write_bytes(as_set({key["kid"]: key}))
    file.chmod(0o600)
    return str(file)


def given_on(data: object) -> str:
    """Return the number of a file descriptor that gives these bytes, or this as JSON."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as out:
        out.write(data if isinstance(data, bytes) else json.dumps(data).encode())
    return str(reader)


def partner_of(slug: str, wish: Mapping[str, Any]) -> dict[str, str]:
    place = f"{slug}.{wish.get('environment', 'production')}"
    return {f"{place}.{name}": value for name, value in wish.get("partner", {}).items()}


def sealed_for(slug: str, wish: Mapping[str, Any], **more: Any) -> str:
    """Return what a customer hands over who gave these answers and could test nothing."""
    answers = dict(wish["answers"])
    method = str(answers.pop("method", ""))
    provider = PROVIDERS[slug].by(method)
    secret = {one.name for one in provider.fields if one.secret}
    expect = str(wish.get("expect") or wish.get("company") or "")
    one = an_item(
        system=slug,
        environment=wish.get("environment", "production"),
        method=provider.method,
        expected=expect if expect.isdigit() else "",
        company={"id": "", "name": "Anybody AS"},
        secrets={name: Secret(value) for name, value in answers.items() if name in secret},
        plain={name: value for name, value in answers.items() if name not in secret},
        rights={},
        checks={},
        tested="not_possible_here",
        delivered="no",
        waiting_for="partner",
        at="",
    )
    return armoured(sealed(a_handover(one, made=today(), **more), public(KEY)))


def today() -> str:
    from wizard.core.world import now

    return now().isoformat(timespec="seconds")


def event(ended: Ended, name: str) -> dict[str, Any]:
    return next(one for one in ended.events if one["event"] == name)


# All seven, in practice


@pytest.mark.parametrize("slug", PROVIDERS)
def test_from_the_customer_to_the_bank_in_practice(
    slug: str, koble: Command, bank: str, private: str, tmp_path: Path
) -> None:
    made = koble("seal", slug, "--practice", "--preset", bank, "--out", str(tmp_path), "--json")
    assert made.status == 0, made.last
    file = Path(str(made.last["file"]))
    assert file.name == f"koble-{str(made.last['handover'])[:8]}.koble"
    assert file.stat().st_mode & 0o777 == 0o600
    got = tmp_path / "got.json"
    ended = koble(
        "receive", str(file), "--key", private, "--practice", "--deliver", f"tee {got}", "--json",
        "--preset", bank,
    )  # fmt: skip
    assert ended.status == 0, ended.last
    assert ended.last == {
        "event": "received",
        "connections": 1,
        "handover": made.last["handover"],
        "reference": "",
        "delivered": True,
    }
    assert event(ended, "reply")["outcome"] == "confirmed"
    row = json.loads(got.read_text("utf-8"))["connections"][0]
    assert row["system"] == slug
    asked = asks(PROVIDERS[slug], good(slug))
    assert row["received"]["tested"] == ("passed" if asked else "not_possible_here")
    said = made.out + made.err + ended.out + ended.err
    assert not [one for one in secrets_in(good(slug)) if one in said]


ANYWHERE = ("fiken", "tripletex")
"""Where the faults that any vendor may have are planted too: they are the same for all."""

CASES = [
    (slug, name)
    for slug, provider in PROVIDERS.items()
    for name in ("", *practice_of(provider).refusals, *(FAULTS if slug in ANYWHERE else ()))
    if name != "timed_out"
]


@pytest.mark.parametrize(("slug", "name"), CASES)
def test_no_secret_is_on_its_output_however_it_ends(
    slug: str, name: str, koble: Command, playground: Playground, endpoints: str, tmp_path: Path
) -> None:
    provider = PROVIDERS[slug]
    wish: Any = dict(input_for(provider, name))
    playground.refuse(name, slug)
    used = tmp_path / "home" / "used.sqlite"
    ended = koble(
        "receive", "-", "--key-fd", given_on(as_set({KEY["kid"]: KEY})), "--json", "--used", str(used),
        "--partner-fd", given_on(partner_of(slug, wish)), "--endpoints", endpoints, "--deliver", "cat",
        given=sealed_for(slug, wish).encode(),
    )  # fmt: skip
    told = ended.out + ended.err + written()
    assert not [one for one in secrets_in(wish) if one in told]
    assert not [form for form in forms(KEY["d"]) if form in told]
    refused = refusals_of(provider).get(name, "")
    if refused == "pending_approval":
        assert (ended.status, ended.last["event"], ended.last["delivered"]) == (8, "received", False)
        assert event(ended, "reply")["cause"] == "pending_approval"
    elif ended.status == 0:
        assert ended.last["delivered"] is True
        assert not refused or not provider.checks or ended.events[-3]["tested"] == "not_possible_here"
    else:
        assert ended.last["code"] == refused
    replies = [one for one in ended.events if one["event"] == "reply"]
    assert len(replies) <= 1
    for one in replies:
        messages: Any = one["messages"]
        assert all(str(one["code"]) in text and "…" not in text for text in messages.values())


# How it ends


def receive(koble: Command, text: str, *more: str, key: Mapping[str, str] = KEY) -> Ended:
    options = ("--key-fd", given_on(as_set({key["kid"]: key})), "--practice", "--json", *more)
    return koble("receive", "-", *options, given=text.encode())


FIKEN = good("fiken")


def test_what_was_received_is_refused_the_next_time(koble: Command, tmp_path: Path) -> None:
    text = sealed_for("fiken", FIKEN)
    used = ("--used", str(tmp_path / "used.sqlite"))
    only = receive(koble, text, *used)
    assert (only.status, only.last["delivered"]) == (0, False)
    assert not [one for one in only.events if one["event"] == "reply"]
    assert receive(koble, text, *used, "--deliver", "cat").status == 0
    again = receive(koble, text, *used, "--deliver", "cat")
    assert (again.status, again.last["code"]) == (2, "handover_used")
    other = receive(koble, sealed_for("fiken", FIKEN, id="f" * 32), *used, "--deliver", "cat")
    assert other.last["code"] == "handover_used", "the same reference"
    assert (
        receive(
            koble, sealed_for("fiken", FIKEN, id="e" * 32, reference=""), *used, "--deliver", "cat"
        ).status
        == 0
    )


def test_a_command_that_fails_leaves_it_to_be_received_again(koble: Command, tmp_path: Path) -> None:
    text, got = sealed_for("fiken", FIKEN), tmp_path / "got.json"
    used = ("--used", str(tmp_path / "used.sqlite"))
    failed = receive(koble, text, *used, "--deliver", "false")
    assert (failed.status, failed.last["code"], failed.last["facts"]) == (6, "delivery_failed", {"number": 1})
    assert not [one for one in failed.events if one["event"] == "reply"]
    assert receive(koble, text, *used, "--deliver", f"tee {got}").status == 0
    assert json.loads(got.read_text("utf-8"))["again"] is True


def test_another_company_is_told_and_not_handed_on(koble: Command, tmp_path: Path) -> None:
    got = tmp_path / "got.json"
    wish = {"answers": good("tripletex")["answers"], "expect": "313000028"}
    ended = receive(koble, sealed_for("tripletex", wish), "--deliver", f"tee {got}")
    assert (ended.status, ended.last["code"]) == (5, "wrong_company")
    reply = event(ended, "reply")
    what = a_handover()
    expected = code(derived(what.reply, what.id), what.id, Outcome(cause="wrong_company"))
    assert (reply["outcome"], reply["cause"], reply["code"]) == ("refused", "wrong_company", expected)
    assert "Anybody AS" in reply["messages"]["en"]
    assert not got.exists()


def test_without_the_vendors_keys_nothing_is_taken_on_trust(koble: Command, endpoints: str) -> None:
    for slug in ("tripletex", "poweroffice"):
        ended = koble(
            "receive", "-", "--key-fd", given_on(as_set({KEY["kid"]: KEY})), "--json",
            "--endpoints", endpoints,
            given=sealed_for(slug, good(slug)).encode(),
        )  # fmt: skip
        assert (ended.status, ended.last["code"]) == (2, "partner_key_needed")
        assert "--partner-fd" in str(ended.last["next"])


def test_several_are_received_together_or_not_at_all(koble: Command, tmp_path: Path) -> None:
    token = Secret(FIKEN["answers"]["token"])  # type: ignore[index]
    one = an_item(secrets={"token": token}, tested="later", company={"id": "", "name": "First AS"})
    two = an_item(
        secrets={"token": token},
        tested="later",
        company={"id": "", "name": "Second AS"},
        expected="313000036",
    )
    wrong = an_item(
        secrets={"token": Secret("ZZ-is-not-a-key")}, tested="later", company={"id": "", "name": "Third AS"}
    )
    got = tmp_path / "got.json"
    text = armoured(sealed(a_handover(one, two, wrong, one, made=today()), public(KEY)))
    ended = receive(koble, text, "--deliver", f"tee {got}")
    assert (ended.status, ended.last["code"]) == (3, "key_refused")
    assert "Third AS" in event(ended, "reply")["messages"]["nb"]
    assert not got.exists()
    good_ones = armoured(sealed(a_handover(one, two, one, two, made=today()), public(KEY)))
    ended = receive(koble, good_ones, "--deliver", f"tee {got}")
    assert (ended.status, ended.last["connections"]) == (0, 4)
    assert [one["n"] for one in ended.events if one["event"] == "item"] == [1, 2, 3, 4]
    assert "First AS, Second AS, First AS and 1 more" in event(ended, "reply")["messages"]["en"]
    assert len(json.loads(got.read_text("utf-8"))["connections"]) == 4


def test_what_is_not_for_us_or_not_whole_is_refused(koble: Command, tmp_path: Path) -> None:
    text = sealed_for("fiken", FIKEN)
    for wrong, reason in ((text[:300], "shape"), ("", "shape"), ("A" * 300_000, "too_large")):
        ended = receive(koble, wrong)
        facts: Any = ended.last["facts"]
        assert (ended.status, ended.last["code"], facts["reason"]) == (2, "handover_invalid", reason)
    other = receive(koble, text, key=OTHER)
    assert other.last["code"] == "handover_invalid"
    old = armoured(sealed(a_handover(made="2020-01-01T00:00:00Z"), public(KEY)))
    assert receive(koble, old).last["code"] == "handover_expired"


def test_a_system_that_is_not_here_is_refused(koble: Command) -> None:
    for change in (
        {"system": "nothing"},
        {"environment": "moon"},
        {"plain": {"admin": "yes"}},
        {"method": "x"},
    ):
        one = an_item(**change)
        ended = receive(koble, sealed(a_handover(one, made=today()), public(KEY)))
        assert ended.status == (3 if "method" in change else 2), (
            "Fiken has one way only, whatever it is called"
        )
        assert ended.last["event"] == "refused"


def test_keys_come_by_one_way_only(koble: Command, private: str, tmp_path: Path) -> None:
    for options in (
        (),
        ("--key", private, "--key-fd", "9"),
        ("--key-fd", "98"),
        ("--key", str(tmp_path / "no")),
    ):
        ended = koble("receive", "-", *options, "--practice", "--json", given=b"x")
        assert (ended.status, ended.last["code"]) == (2, "bad_input")


def test_two_receivers_at_once(endpoints: str, private: str, tmp_path: Path) -> None:
    file, got = tmp_path / "sealed.koble", tmp_path / "got"
    file.write_text(sealed_for("fiken", FIKEN), "utf-8")
    slow = tmp_path / "slow.py"
    slow.write_text(
        f"import sys, time; time.sleep(1); open({str(got)!r}, 'a').write(sys.stdin.read() + '\\n')", "utf-8"
    )
    command = [
        *KOBLE, "receive", str(file), "--key", private, "--endpoints", endpoints, "--json",
        "--used", str(tmp_path / "used.sqlite"), "--deliver", f"{sys.executable} {slow}",
    ]  # fmt: skip
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=60)[0] for one in both]
    assert sorted(one.returncode for one in both) == [0, 2], said
    assert len(got.read_text("utf-8").splitlines()) == 1
    assert any('"handover_used"' in one for one in said)


def test_the_receiver_speaks_to_people_too(koble: Command, tmp_path: Path) -> None:
    text = sealed_for("fiken", FIKEN)
    options = ("--practice", "--language", "en")
    said = koble("receive", "-", *with_key(), *options, "--deliver", "cat", given=text.encode())
    assert said.status == 0
    assert "Reply code: 00" in said.out
    assert "Skriv inn denne svarkoden i Koble: 00" in said.out
    assert said.out.rstrip().endswith("Received and handed on.")
    tested = koble("receive", "-", *with_key(), *options, given=text.encode())
    assert "can be received again" in tested.out
    many = armoured(sealed(a_handover(an_item(), an_item(), made=today()), public(KEY)))
    said = koble("receive", "-", *with_key(), *options, given=many.encode())
    assert said.status == 3
    assert "1/2  fiken  Fjordheim Regnskap AS" in said.out
    form = a_handover(made=today(), items=(seen(sealed_for("visma_business", good("visma_business"))),))
    taken = koble(
        "receive", "-", *with_key(), *options, "--deliver", "cat", given=sealed(form, public(KEY)).encode()
    )
    assert "We have received what was handed over for" in taken.out


def with_key() -> tuple[str, str]:
    return "--key-fd", given_on(as_set({KEY["kid"]: KEY}))


def seen(text: str) -> Any:
    return open_sealed(text, {KEY["kid"]: KEY}).items[0]


# Keys, signatures, start files


def test_keys_are_made_turned_over_and_shown(koble: Command, tmp_path: Path) -> None:
    file = tmp_path / "private.json"
    made = koble("keys", "new", "--out", str(file))
    assert made.out.startswith("[handover]\nkeys = [{ kty = ")
    private = json.loads(file.read_text("utf-8"))["keys"][0]["d"]
    assert private not in made.out
    assert koble("keys", "new", "--out", str(file), "--json").last["facts"] == {
        "reason": "file_exists",
        "file": "private.json",
    }
    turned = koble("keys", "rotate", str(file), "--json")
    shown = koble("keys", "public", str(file), "--json")
    assert turned.last == shown.last
    assert len(json.loads(file.read_text("utf-8"))["keys"]) == 2
    signing = tmp_path / "signing.json"
    made = koble("keys", "new", "--signing", "--out", str(signing))
    assert json.loads(made.out)["keys"][0]["crv"] == "Ed25519"
    assert json.loads(koble("keys", "public", "--signing", str(signing)).out) == json.loads(made.out)
    assert koble("keys", "public", str(signing)).status == 2
    preset = tmp_path / "bank.toml"
    preset.write_text(koble("keys", "public", str(file)).out, "utf-8")
    assert koble("connections", "--preset", str(preset), "--practice").status == 0


@pytest.fixture
def signing(tmp_path: Path) -> str:
    return private_file(tmp_path / "signing.json", SIGNING)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the program trust what an installed one does, and the tests' signer as a policy would add it."""
    monkeypatch.setattr(paths, "is_checkout", lambda: False)
    monkeypatch.setattr("wizard.core.signed.trusted", lambda: SIGNERS)


def test_a_preset_counts_once_it_is_signed(
    koble: Command, bank: str, signing: str, installed: None, tmp_path: Path
) -> None:
    ignored = koble("connections", "--preset", bank, "--language", "en")
    assert "Nobody we know has signed this preset file" in ignored.err
    assert "partner, handover" in ignored.err
    refused = koble("seal", "x", "--preset", bank, "--out", "-", "--json")
    assert (refused.status, refused.last["facts"]) == (2, {"reason": "no_seal_key"})
    made = str(tmp_path / "bank.preset")
    assert koble("sign", bank, "--key", signing, "--out", made).status == 0
    counts = koble("seal", "x", "--preset", made, "--out", "-", "--json")
    assert (counts.last["facts"], counts.err) == ({"reason": "unknown_connection", "id": "x"}, "")
    printed = koble("sign", bank, "--key", signing, "--out", "-", "--json")
    assert printed.last["text"] == Path(made).read_text("utf-8").strip()
    assert koble("sign", bank, "--key", signing, "--out", "-").out.startswith("eyJ")
    forged = tmp_path / "forged.preset"
    forged.write_text(Path(made).read_text("utf-8").strip()[:-9] + "AAAAAAAAA", "utf-8")
    assert koble("connections", "--preset", str(forged), "--json").last["code"] == "signature_invalid"


def test_a_preset_that_no_reader_would_take_is_not_signed(
    koble: Command, signing: str, tmp_path: Path
) -> None:
    file = tmp_path / "bank.toml"
    file.write_text("partner = 5", "utf-8")
    ended = koble("sign", str(file), "--key", signing, "--out", str(tmp_path / "x"), "--json")
    assert ended.last["code"] == "bad_input"
    assert not (tmp_path / "x").exists()


def start_file(koble: Command, signing: str, out: str, *more: str) -> Ended:
    return koble("start-file", "new", "--sign-key", signing, "--out", out, "--json", *more)


NEW = ("--system", "fiken", "--expect", "313000028")


def test_a_start_file_answers_what_it_knows(koble: Command, bank: str, signing: str, tmp_path: Path) -> None:
    file, known = str(tmp_path / "start.koble-start"), tmp_path / "references"
    made = start_file(koble, signing, file, *NEW, "--preset", bank, "--references", str(known))
    assert (made.status, made.last["file"], made.last["expect"]) == (0, file, "313000028")
    assert json.loads(known.read_text("utf-8"))["reference"] == made.last["reference"]
    more = start_file(
        koble, signing, "-", *NEW, "--value", "method=x", "--reference", "r-2", "--preset", bank
    )
    assert (more.last["reference"], str(more.last["text"])[:3]) == ("r-2", "eyJ")
    words = koble("start-file", "new", "--sign-key", signing, "--out", "-", *NEW)
    assert words.out.startswith("eyJ")
    for wrong, reason in (
        (("--system", "nothing"), "unknown_system"),
        (("--system", "fiken", "--environment", "moon"), "unknown_environment"),
        ((*NEW, "--value", "host=evil.example"), "start_wrong"),
        (("--system", "fiken", "--expect", "1"), "start_wrong"),
        ((*NEW, "--references", str(tmp_path / "no" / "such")), "file_unwritable"),
    ):
        ended = start_file(koble, signing, "-", *wrong)
        facts: Any = ended.last["facts"]
        assert (ended.status, facts["reason"]) == (2, reason)


def connect(koble: Command, *more: str, given: object = None) -> Ended:
    answers = {"answers": FIKEN["answers"]} if given is None else given
    return koble("connect", *more, "--practice", "--json", given=answers)


def test_connecting_with_a_start_file(
    koble: Command, bank: str, signing: str, installed: None, tmp_path: Path
) -> None:
    file, preset = str(tmp_path / "start"), str(tmp_path / "bank.preset")
    koble("sign", bank, "--key", signing, "--out", preset)
    start_file(koble, signing, file, *NEW, "--environment", "production", "--preset", preset)
    use = ("--start", file, "--preset", preset)
    ended = connect(koble, *use)
    assert (ended.status, ended.last["company"]["orgnr"]) == (0, "313000028")  # type: ignore[index]
    assert connect(koble, "fiken", *use).status == 0
    other = connect(koble, "tripletex", *use)
    assert other.last["facts"] == {"reason": "start_other_system", "name": "fiken"}
    expect = connect(koble, *use, given={"answers": FIKEN["answers"], "expect": "313000036"})
    assert (expect.last["code"], expect.last["fields"]) == ("field_invalid", ["expect"])
    assert "start file" in str(expect.last["message"]) or "startfilen" in str(expect.last["message"])
    world = connect(koble, *use, given={"answers": FIKEN["answers"], "environment": "test"})
    assert world.last["code"] == "bad_input"
    assert connect(koble).last["code"] == "bad_input"
    stripped = tmp_path / "stripped"
    from tests.core.sealing import decoded

    stripped.write_bytes(decoded(Path(file).read_text("utf-8").split(".")[1]))
    assert connect(koble, "--start", str(stripped), "--preset", preset).status == 0, "in practice"
    ended = koble("connect", "--start", str(stripped), "--preset", preset, "--json", given={})
    assert (ended.last["code"], ended.last["facts"]) == ("signature_invalid", {"reason": "unsigned"})


def test_a_start_file_for_a_system_that_is_not_here(koble: Command, tmp_path: Path) -> None:
    file = tmp_path / "start"
    row = {"v": 1, "system": "nothing", "reference": "r", "expires": "2099-01-01T00:00:00Z"}
    file.write_text(json.dumps(row), "utf-8")
    assert connect(koble, "--start", str(file)).last["facts"] == {
        "reason": "unknown_system",
        "name": "nothing",
    }


# The whole way, with a real keychain


@pytest.mark.real_keychain
def test_there_and_back_again(
    keychain_bus: str, koble: Command, bank: str, private: str, signing: str, endpoints: str, tmp_path: Path
) -> None:
    start, known = str(tmp_path / "start"), str(tmp_path / "references")
    start_file(koble, signing, start, *NEW, "--preset", bank, "--references", known, "--reference", "kunde-7")
    begin = ("connect", "--start", start, "--preset", bank, "--endpoints", endpoints, "--json")
    # the signer is none that this machine trusts
    assert koble(*begin, given={"answers": FIKEN["answers"]}).last["code"] == "signature_invalid"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wizard.core.signed.trusted", lambda: SIGNERS)
        made = koble(*begin, given={"answers": FIKEN["answers"]})
        assert made.status == 0
        one = str(made.last["connection"])
        sealed_now = koble(
            "seal", one, "--preset", bank, "--out", str(tmp_path), "--contact", "Kari", "--json"
        )
        assert sealed_now.status == 0, sealed_now.last
        used_start = koble(*begin, given={"answers": FIKEN["answers"]})
        assert used_start.last["code"] == "start_used"
    file = str(sealed_now.last["file"])
    (row,) = koble("connections", "--json").events
    assert (row["delivered"], row["waiting_for"]) == ("file_made", "you")
    taken = koble(
        "receive", file, "--key", private, "--endpoints", endpoints, "--references", known,
        "--deliver", "cat", "--json", "--preset", bank,
    )  # fmt: skip
    assert (taken.status, taken.last["reference"]) == (0, "kunde-7")
    reply = str(event(taken, "reply")["code"])
    assert (
        koble("reply", reply[:-1] + ("0" if reply[-1] != "0" else "1"), "--json").last["code"]
        == "reply_wrong"
    )
    told = koble("reply", *reply.lower().split("-"), "--json")
    assert told.last == {
        "event": "answered",
        "handover": sealed_now.last["handover"],
        "outcome": "confirmed",
        "code": "",
        "connections": [one],
        "step": "",
        "kept": False,
    }
    (row,) = koble("connections", "--json").events
    assert (row["delivered"], row["waiting_for"], row["tested"]) == ("confirmed", "nobody", "passed")
    checked = koble("check", one, "--endpoints", endpoints, "--json")
    assert (checked.status, checked.last["event"], checked.last["delivered"]) == (0, "receipt", "confirmed")
    said = koble("check", one, "--endpoints", endpoints, "--preset", bank)
    assert "is with Fjordbanken now" in said.out
    again = koble("seal", one, "--preset", bank, "--out", "-", "--json")
    assert again.last["code"] == "handed_over"
    assert koble("forget", one).status == 0
    assert koble("reply", reply, "--json").last["outcome"] == "confirmed"


async def packing_while_renewed(world: World, ids: Sequence[str], contact: str = "") -> Handover:
    """Pack while another Koble puts a new key in the place of the one that is packed."""
    what = await pack(world, ids, contact)

    def renewed(book: Book) -> Book:
        row = book.connections[ids[0]]
        credentials = {**book.credentials, "fresh": book.credentials[row.credential]}
        return replace(
            book,
            credentials=credentials,
            connections={**book.connections, ids[0]: replace(row, credential="fresh")},
        )

    await world.store.amend(renewed)
    return what


@pytest.mark.real_keychain
def test_a_refusal_opens_the_step_that_mends_it(
    keychain_bus: str, koble: Command, bank: str, tmp_path: Path
) -> None:
    wish = {"answers": good("tripletex")["answers"], "expect": "313000060"}
    made = koble("connect", "tripletex", "--preset", bank, "--json", given=wish)
    assert (made.status, made.last["tested"]) == (8, "not_possible_here")
    one = str(made.last["connection"])
    printed = koble("seal", one, one, "--preset", bank, "--out", "-")
    what = open_sealed(printed.out, {KEY["kid"]: KEY})
    assert len(what.items) == 1
    refused = code(derived(what.reply, what.id), what.id, Outcome(cause="rights_missing"))
    said = koble("reply", refused, "--preset", bank)
    assert "The key is still here." in said.out
    told = koble("reply", refused, "--json").last
    assert (told["code"], told["step"], told["kept"]) == ("rights_missing", "rights", True)
    assert koble("check", one, "--json").status == 8
    other = koble("connect", "tripletex", "--preset", bank, "--json", given={**wish, "expect": "313000087"})
    fresh = str(other.last["connection"])
    file = tmp_path / "there"
    file.write_text("x", "utf-8")
    assert koble("seal", fresh, "--preset", bank, "--out", str(file), "--json").last["code"] == "bad_input"
    (_, row) = koble("connections", "--json").events
    assert row["delivered"] == "no", "nothing is noted where nothing was written"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wizard.core.sending.pack", packing_while_renewed)
        raced = koble("seal", fresh, "--preset", bank, "--out", str(tmp_path), "--json")
    assert raced.last["code"] == "ledger_unwritable", "a reply would let a key go that nobody has received"
    assert list(tmp_path.glob("*.koble")) == []
    (_, row) = koble("connections", "--json").events
    assert row["delivered"] == "no"
    for id_ in (one, fresh):
        koble("forget", id_)
