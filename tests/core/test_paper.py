"""The receipt says what is so, in both languages, in this computer's time, and never a secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from wizard.core.consent import PARTS
from wizard.core.ledger import DELIVERED, Book, Connection, Credential, Parcel
from wizard.core.options import Option
from wizard.core.paper import Circumstances, Consent, Entry, agreed, entries, moment, paper
from wizard.core.preset import Preset
from wizard.core.preset_files import open_preset
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from wizard.core.paper import Paper

PROVIDERS = built_in().providers
SUMMER = timezone(timedelta(hours=2))
AROUND = Circumstances(
    now=datetime(2026, 7, 1, 22, 30, tzinfo=UTC), zone=SUMMER, account="kari", stored_in="keychain"
)
BANK = Preset(partner="Fjordbanken", phone="55 00 11 22", email="hjelp@fjordbanken.example")
COMPANY = {"id": "fjordheim", "name": "Fjordheim AS", "orgnr": "313000028"}
ROW = Connection(
    credential="k",
    company=COMPANY,
    tested="passed",
    made_at="2026-07-01T22:15:00+00:00",
    tested_at="2026-07-01T22:16:00+00:00",
)
CREDENTIAL = Credential(provider="fiken", environment="production", items={"token": "koble fiken k token 1"})
PARCEL = Parcel(connections={"a1": "h1"}, at="2026-07-02T08:00:00+00:00", proof="PrOoF", reference="KB-77")
TEXTS = {language: Texts(language=language, preset=BANK) for language in LANGUAGES}


def made(row: Connection = ROW, language: str = "en", **more: object) -> Paper:
    """Return the receipt of one connection."""
    facts = {"key": "a1", "row": row, "credential": CREDENTIAL, "provider": PROVIDERS["fiken"], **more}
    return paper((Entry(**facts),), TEXTS[language], AROUND)  # type: ignore[arg-type]


def rows(one: Paper) -> dict[str, tuple[str, ...]]:
    return {row.name: row.lines for row in one.parts[0].rows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_when_for_whom_by_whom_how_long_and_what_next(language: str) -> None:
    text = made(language=language).text()
    wanted = [
        "Fjordheim AS",
        "313 000 028",
        "Fiken",
        "Fjordbanken",
        "55 00 11 22",
        "kari",
        "(UTC+02:00)",
        "a1",
    ]
    wanted += [TEXTS[language].say("before.lifetime", PROVIDERS["fiken"])]
    wanted += [
        TEXTS[language].say("paper.next_passed"),
        TEXTS[language].say("paper.next_end", PROVIDERS["fiken"]),
    ]
    assert [one for one in wanted if one not in text] == []
    assert "…" not in text


def test_the_time_is_this_computers_with_its_zone_and_the_day_that_is_here() -> None:
    assert moment(ROW.made_at, TEXTS["nb"], SUMMER) == "2. juli 2026 kl. 00:15 (UTC+02:00)"
    assert moment(ROW.made_at, TEXTS["en"], SUMMER) == "2 July 2026, 00:15 (UTC+02:00)"
    assert moment(ROW.made_at, TEXTS["en"], timezone(-timedelta(hours=3, minutes=30))).endswith("(UTC-03:30)")
    assert moment("yesterday", TEXTS["en"]) == "–"


def test_no_part_of_what_leads_to_a_key_is_in_it() -> None:
    text = made(parcel=PARCEL).text() + made(parcel=PARCEL).html()
    assert "koble fiken" not in text
    assert PARCEL.proof not in text
    plain = replace(CREDENTIAL, plain={"user_name": "ws@fjordheim.example"})
    assert "ws@" not in made(credential=plain).text()


def test_rights_that_are_there_and_rights_that_are_missing() -> None:
    tripletex = PROVIDERS["tripletex"]
    company = {**COMPANY, "rights": {"company": True, "vouchers": False, "unknown": True}}
    credential = replace(CREDENTIAL, provider="tripletex")
    one = rows(made(replace(ROW, company=company), provider=tripletex, credential=credential))
    say = TEXTS["en"].say
    assert one["Access that is granted"] == (say("rights.company.name", tripletex),)
    assert one["Access that is missing"] == (say("rights.vouchers.name", tripletex),)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", DELIVERED)
def test_every_state_of_a_hand_over_has_its_words(state: str, language: str) -> None:
    one = made(replace(ROW, delivered=state), language, parcel=replace(PARCEL, state=state))
    assert "KB-77" in one.text()
    assert TEXTS[language].say(f"paper.next_{'passed' if state == 'not_needed' else state}") in one.text()


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"tested": "later", "tested_at": ""}, ("not tested yet", "network")),
        ({"tested": "not_possible_here"}, ("Fjordbanken tests it", "gets in touch")),
        ({"last_code": "key_refused"}, ("last test failed", "what is wrong")),
        ({"tested": "later", "last_code": "pending_approval"}, ("waits for approval in Fiken", "approve it")),
        ({"tested": "later", "last_code": "invitation_expired"}, ("waits for approval", "run out")),
        ({"tested": "later", "until": "2026-07-06T10:00:00+00:00"}, ("valid until 6 July 2026, 12:00",)),
        ({"reference": "KB-12"}, ("Reference: KB-12",)),
        ({"label": "Main books", "company": {"name": None, "orgnr": None}}, ("Main books – Fiken",)),
        ({"company": {"name": "", "orgnr": ""}, "expect": "313000036"}, ("313 000 036",)),
    ],
)
def test_it_says_how_it_stands_and_what_is_next(change: dict[str, object], wanted: tuple[str, ...]) -> None:
    text = made(replace(ROW, **change)).text()  # type: ignore[arg-type]
    assert [one for one in wanted if one not in text] == []


def test_what_somebody_agreed_to_is_in_it_and_they_are_who_it_was_made_by() -> None:
    given = Consent(name="Kari Nordmann", at=ROW.made_at, version="2026-05", lines=("Vouchers are read.",))
    one = rows(made(consent=given))
    assert one["By"] == ("Kari Nordmann",)
    assert one["Agreed to"][0] == "Vouchers are read."
    assert "Kari Nordmann, 2 July 2026, 00:15 (UTC+02:00). Version 2026-05" in one["Agreed to"][1]
    unnamed = rows(made(consent=replace(given, name="")))
    assert unnamed["Agreed to"][1].startswith("2 July 2026")
    assert unnamed["By"] == ("the user account kari on this computer",)


AGREED = {"text": "demo-1", "name": "Kari Nordmann", "at": ROW.made_at}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_consent_of_the_ledger_is_told_in_the_words_that_were_agreed_to(language: str) -> None:
    demo = open_preset("demo", practice=True)
    texts = Texts(language=language, preset=demo)
    book = Book(credentials={"k": CREDENTIAL}, connections={"a1": replace(ROW, consent=AGREED)})
    one = paper(entries(book, ("a1",), PROVIDERS, texts), texts, AROUND)
    assert demo.consent
    told = [demo.consent.told[part][language] for part in PARTS]
    assert [said for said in told if said not in one.text() or said not in one.html()] == []
    assert "Kari Nordmann, 2" in one.text()
    assert "ersion demo-1" in one.text() or "ersjon demo-1" in one.text()


def test_of_a_text_that_the_preset_has_no_longer_only_the_version_is_told() -> None:
    demo = open_preset("demo", practice=True)
    row = replace(ROW, consent={**AGREED, "text": "demo-0"})
    for preset in (demo, replace(demo, consent=None)):
        given = agreed(row, Texts(language="en", preset=preset))
        assert given == Consent(name="Kari Nordmann", at=ROW.made_at, version="demo-0")
    assert agreed(ROW, Texts(language="en", preset=demo)) is None


def test_the_day_that_its_owner_was_told_goes_before_what_is_usual() -> None:
    usual = TEXTS["nb"].say("before.lifetime", PROVIDERS["fiken"])
    assert usual in made(language="nb").text()
    told = made(replace(ROW, expires="2027-03-01"), "nb").text()
    assert "Nøkkelen slutter å virke 1. mars 2027" in told
    assert usual not in told
    waits = replace(ROW, expires="2027-03-01", tested="later", until="2026-07-06T10:00:00+00:00")
    ends = rows(made(waits))["How long it lasts"]
    assert ends == (
        "The key stops working on 1 March 2027",
        "What it waits for is valid until 6 July 2026, 12:00 (UTC+02:00)",
    )
    assert "stops working on some day" in made(replace(ROW, expires="some day")).text()


def test_what_is_not_known_is_left_out() -> None:
    texts = Texts(language="en")
    one = Entry(key="a1", row=replace(ROW, made_at=""), credential=CREDENTIAL, provider=None)
    company = {**COMPANY, "rights": {"company": True}}
    for entry in (one, replace(one, row=replace(one.row, company=company))):
        bare = paper((entry,), texts, Circumstances(now=AROUND.now))
        assert set(rows(bare)) == {
            "Company",
            "Organisation number",
            "Accounting system",
            "State",
            "Number of the connection",
        }
        assert bare.parts[0].heading == "Fjordheim AS – fiken"


def test_where_a_key_is_stands_there_only_where_there_is_one() -> None:
    assert rows(made())["Where the key is"] == ("In this computer’s password store",)
    assert "Where the key is" not in rows(made(credential=replace(CREDENTIAL, items={})))
    nowhere = paper(
        (Entry(key="a", row=ROW, credential=CREDENTIAL, provider=None),),
        TEXTS["en"],
        replace(AROUND, stored_in="x"),
    )
    assert "Where the key is" not in rows(nowhere)
    assert nowhere.parts[0].following == (TEXTS["en"].say("paper.next_passed"),)


def test_practice_cannot_be_taken_for_the_real_thing() -> None:
    one = paper(
        (Entry(key="a", row=ROW, credential=CREDENTIAL, provider=None),),
        TEXTS["nb"],
        replace(AROUND, practice=True),
    )
    assert "ØVELSE" in one.text().split("\n\n")[1]
    assert "ØVELSE" in one.html()
    assert "ØVELSE" not in made(language="nb").text()


def test_a_test_environment_is_marked() -> None:
    credential = replace(CREDENTIAL, provider="tripletex", environment="test")
    assert "(test environment)" in made(credential=credential, provider=PROVIDERS["tripletex"]).text()


def test_names_and_numbers_are_masked_where_that_is_wished() -> None:
    texts = replace(TEXTS["en"], share_safe=True)
    given = Consent(name="Kari Nordmann", at=ROW.made_at)
    row = replace(ROW, label="Main books")
    entry = Entry(key="a1", row=row, credential=CREDENTIAL, provider=PROVIDERS["fiken"], consent=given)
    for one in (entry, replace(entry, consent=None)):
        text = paper((one,), texts, AROUND).text()
        assert [word for word in ("Fjordheim", "313 000", "kari", "Kari", "Main books") if word in text] == []
        assert "••• ••• 028" in text


class _Tags(HTMLParser):
    """Notes the tags of a page, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_name_cannot_bring_tags_of_its_own() -> None:
    name = '<img src="https://bad.example/x"><script>alert(1)</script>\u202eSA & Co'
    page = _Tags()
    page.feed(made(replace(ROW, company={**COMPANY, "name": name}, label="<b>x</b>")).html())
    assert {"img", "script", "b"}.isdisjoint(page.tags)
    assert "<script>alert(1)</script>" in page.words
    assert "\u202e" not in page.words


def test_the_page_says_what_the_text_says() -> None:
    one = made(parcel=PARCEL)
    page = _Tags()
    page.feed(one.html())
    for row in one.parts[0].rows:
        assert all(line in page.words for line in (row.name, *row.lines))
    assert page.tags.count("h1") == 1
    assert page.tags.count("h2") == len(one.parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_there_is_no_room_for_two_columns_it_says_the_same_in_one(language: str) -> None:
    one = made(language=language, parcel=PARCEL)
    wide, slim = _Tags(), _Tags()
    wide.feed(one.html())
    slim.feed(one.html(slim=True))
    assert slim.words == wide.words
    assert "table" in wide.tags
    assert {"table", "tr", "td"}.isdisjoint(slim.tags)
    assert one.html(slim=True).count('class="name"') == len(one.parts[0].rows)


# what the partner asks


ASKED = (
    Option(name="start", kind="date", label={"nb": "Fra", "en": "From"}, required=True),
    Option(name="product", kind="product", label={"nb": "Produkt", "en": "Product"}),
    Option(name="days", kind="number", label={"nb": "Dager", "en": "Days"}),
)


def asked(given: dict[str, str], language: str = "en", **change: object) -> Paper:
    """Return the receipt of a connection with these answers to the questions of a partner's."""
    texts = replace(TEXTS[language], preset=replace(BANK, options={"fiken": ASKED}))
    row = replace(ROW, options=given, **change)  # type: ignore[arg-type]
    entry = Entry(key="a1", row=row, credential=CREDENTIAL, provider=PROVIDERS["fiken"])
    return paper((entry,), texts, AROUND)


def test_what_the_partner_was_answered_is_in_it_in_its_words_and_order() -> None:
    given = {"days": "14", "product": "A-25", "start": "2026-03-31"}
    assert rows(asked(given))["Choices for Fjordbanken"] == (
        "From: 31 March 2026",
        "Product: A-25",
        "Days: 14",
    )
    assert rows(asked(given, "nb"))["Valg for Fjordbanken"][0] == "Fra: 31. mars 2026"
    one = asked(given)
    assert "From: 31 March 2026" in one.text()
    assert "From: 31 March 2026" in one.html()
    assert one.parts[0].following[0] == TEXTS["en"].say("paper.next_passed")


def test_an_answer_to_what_is_asked_no_longer_is_told_by_its_name_and_brings_no_tags() -> None:
    given = {"start": "soon", "sort": "<b>7</b>\u202e"}
    assert rows(asked(given))["Choices for Fjordbanken"] == ("From: soon", "sort: <b>7</b>")
    assert "<b>" not in asked(given).html()
    assert "Choices for Fjordbanken" not in rows(asked({}))
    assert rows(made(replace(ROW, options={"sort": "7"})))["Choices for Fjordbanken"] == ("sort: 7",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_partner_still_needs_to_know_is_what_comes_next(language: str) -> None:
    say = replace(TEXTS[language], preset=BANK).say
    needed, done = say("paper.next_options"), say("paper.next_passed")
    missing = asked({"product": "A-25"}, language).parts[0].following
    assert needed in missing
    assert done not in missing, "there is something left to do"
    confirmed = asked({}, language, delivered="confirmed").parts[0].following
    assert confirmed[0] == needed
    waits = asked({}, language, delivered="no").parts[0].following
    assert waits[:2] == (say("paper.next_no"), needed)
    assert needed not in asked({"start": "2026-03-31"}, language).text()


def test_the_ledger_gives_what_belongs_to_the_ids_and_the_latest_hand_over() -> None:
    late = replace(PARCEL, at="2026-08-01T08:00:00+00:00", reference="KB-78")
    book = Book(
        credentials={"k": CREDENTIAL, "g": replace(CREDENTIAL, provider="gone")},
        connections={"a1": ROW, "b2": replace(ROW, credential="g")},
        parcels={"p": late, "q": PARCEL},
    )
    one, other = entries(book, ("a1", "absent", "b2"), PROVIDERS, TEXTS["en"])
    assert (one.key, one.parcel) == ("a1", late)
    assert one.provider is not None
    assert (other.key, other.provider, other.parcel) == ("b2", None, None)
