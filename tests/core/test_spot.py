from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.core.helpers import company
from wizard.core import flow
from wizard.core.connect import Receipt
from wizard.core.errors import BadInput, KeyRefused
from wizard.core.flow import Walk
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.reply import Outcome, code
from wizard.core.spoken import Meaning, spell
from wizard.core.spot import Reply, Spot, Stand, heard, keeps, obstacle, read, spot_of
from wizard.core.texts import LANGUAGES, Texts

PROVIDERS = built_in().providers
WAYS = """3.2|3,2|3 . 2| 3:2 |steg 3.2|Steg 3.2.|side 3 steg 2|page 3, step 2|3 punkt 2|3 komma 2|3/2|3-2
3\u20132|#3.2|No. 3.2|\uff13\uff0e\uff12|03.02|side 3, trinn 2|3 2""".replace("\n", "|").split("|")
OTHERS = ["", " ", ".", "-", "steg", "tre", "3.2.1", "313000028", "100", "313 000 028", "3a", "v3.2", "TX 3"]
STORED = Walk(
    receipts=(
        Receipt(
            connection="a1",
            provider="fiken",
            environment="production",
            company=company("one", "313000028").facts(),
            tested="passed",
            delivered="not_needed",
            waiting_for="nobody",
            stored_in="memory",
        ),
    )
)


@pytest.mark.parametrize("typed", WAYS)
def test_a_step_is_understood_however_it_is_typed(typed: str) -> None:
    assert heard(typed) == Spot(page=3, step=2)


@pytest.mark.parametrize("typed", ["3", "side 3", "Page 3.", "nr 3"])
def test_a_page_may_stand_alone(typed: str) -> None:
    assert heard(typed) == Spot(page=3)


@pytest.mark.parametrize("typed", [*OTHERS, "3" * 50])
def test_other_texts_are_no_page(typed: str) -> None:
    assert heard(typed) is None


@given(some.integers(1, 99), some.integers(0, 99))
def test_what_is_shown_is_understood(page: int, step: int) -> None:
    spot = Spot(page=page, step=step)
    assert heard(spot.spoken) == spot


def test_pages_of_the_path_have_numbers_and_others_none() -> None:
    assert [spot_of(name) for name in flow.PAGES] == [Spot(page=at) for at in range(1, len(flow.PAGES) + 1)]
    assert spot_of("home") is None
    assert spot_of("key", 2) == Spot(page=3, step=2)
    assert [Spot(page=at).name() for at in (0, 3, len(flow.PAGES) + 1)] == ["", "key", ""]


def test_where_something_is_sent_there_is_one_page_more() -> None:
    path = flow.path(sends=True)
    assert [spot_of(name, sends=True) for name in path] == [Spot(page=at) for at in range(1, 7)]
    assert [Spot(page=at).name(sends=True) for at in (5, 6, 7)] == [flow.SEND, "done", ""]
    assert spot_of(flow.SEND) is None
    assert obstacle(Spot(page=6), KEY, Walk(), Stand(steps=7)) == "no_page"
    assert obstacle(Spot(page=6), KEY, Walk(), Stand(steps=7, sends=True)) == "ahead"
    assert obstacle(Spot(page=5, step=1), KEY, Walk(), Stand(steps=7, sends=True)) == "no_steps"
    assert obstacle(KEY, Spot(page=5), STORED, Stand(sends=True)) == "stored"


# What was typed


def test_each_of_the_three_is_told_from_the_others() -> None:
    fiken = PROVIDERS["fiken"]
    reply = code(b"k" * 32, "h" * 16, Outcome())
    assert read("3.2", PROVIDERS.values()) == Spot(page=3, step=2)
    meant = read(spell(KeyRefused(), fiken).lower(), PROVIDERS.values())
    assert isinstance(meant, Meaning)
    assert meant.cause == "key_refused"
    assert read(reply.lower(), PROVIDERS.values()) == Reply(code=reply.replace("-", ""))


@pytest.mark.parametrize(
    ("typed", "reason"), [("", "spoken_empty"), ("TX-SIGNIN-4X94", "spoken_check"), ("3.2.1", "spoken_short")]
)
def test_what_is_none_of_them_is_refused_as_a_code(typed: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(typed, PROVIDERS.values())
    assert caught.value.facts["reason"] == reason


@given(some.text(max_size=90))
def test_any_text_is_understood_or_refused(typed: str) -> None:
    try:
        read(typed, PROVIDERS.values())
    except BadInput as error:
        assert str(error.facts["reason"]).startswith("spoken_")  # noqa: PT017  # either will do


# Going there

KEY = Spot(page=3, step=2)


@pytest.mark.parametrize(
    ("to", "here", "why"),
    [
        (Spot(page=3, step=5), KEY, ""),
        (Spot(page=1), KEY, ""),
        (Spot(page=2), Spot(page=4), ""),
        (KEY, Spot(page=4), ""),
        (KEY, KEY, "here"),
        (Spot(page=3), KEY, "here"),
        (Spot(page=4), KEY, "ahead"),
        (KEY, Spot(page=1), "ahead"),
        (Spot(page=3, step=8), KEY, "no_step"),
        (Spot(page=4, step=1), KEY, "no_steps"),
        (Spot(page=9), KEY, "no_page"),
        (Spot(page=0), KEY, "no_page"),
        (Spot(page=2), None, "beside"),
    ],
)
def test_the_window_goes_back_and_within_the_guide_only(to: Spot, here: Spot | None, why: str) -> None:
    assert obstacle(to, here, Walk(), Stand(steps=7)) == why


@pytest.mark.parametrize(
    ("tested", "why"),
    [("running", "running"), ("passed", "passed"), ("choosing", "choosing"), ("failed", ""), ("", "")],
)
def test_a_test_is_not_lost_by_going_back(tested: str, why: str) -> None:
    assert obstacle(KEY, Spot(page=4), Walk(), Stand(steps=7, tested=tested)) == why


def test_nothing_leads_back_from_what_is_stored() -> None:
    assert obstacle(KEY, Spot(page=5), STORED, Stand()) == "stored"
    assert obstacle(KEY, Spot(page=4), Walk(renews="a1"), Stand(tested="failed")) == "stored"


def test_steps_that_are_not_known_yet_are_not_denied() -> None:
    assert obstacle(Spot(page=3, step=40), Spot(page=4), Walk(), Stand()) == ""


def test_a_reply_code_leads_away_only_from_where_nothing_is_lost() -> None:
    pages = ("home", *flow.path(sends=True))
    assert [page for page in pages if not keeps(page)] == ["home", flow.FIRST, "done"]
    assert {keeps(page) for page in pages} == {"", "reply"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_obstacle_has_words(language: str) -> None:
    texts = Texts(language=language, preset=Preset(partner="Fjordbanken"))
    reasons = ("here", "no_page", "no_steps", "no_step", "beside", "ahead", "running", "passed", "choosing")
    for why in (*reasons, "stored", "reply"):
        said = texts.say(f"spot.{why}", spot="3.2", count=7)
        assert "…" not in said
