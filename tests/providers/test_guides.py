"""Guides grow old: each was compared with the vendor's of late, is whole, and can be sent as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.gui.systems import PROVIDERS as MADE_UP
from wizard.core.guide import Share, sharing, spoken
from wizard.core.guide_page import file_name, guide_page
from wizard.core.mail import handing
from wizard.core.preset import Preset
from wizard.core.provider import GuideStep, Provider
from wizard.core.quality import verified_on
from wizard.core.registry import built_in
from wizard.core.texts import LANGUAGES, Texts, folder

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = timedelta(days=180)
TODAY = date.today()  # noqa: DTZ011  # the customer's own day
PROVIDERS = built_in().providers
GUIDES = [
    provider.by(name)
    for provider in PROVIDERS.values()
    for name in [one.name for one in provider.methods] or [""]
]
EVERY = pytest.mark.parametrize("guide", GUIDES, ids=lambda one: f"{one.slug} {one.method}".strip())
APPLICATION = "1970F6AD-E35E-4EBF-9DA7-0000000000A1"
BANK = Preset(
    partner='Fjord & "Bank" <b>',
    phone="55 00 11 22",
    email="hjelp@fjordbanken.example",
    values={
        "poweroffice": {"integration_name": "Fjord <Innsyn>", "application_key": APPLICATION},
        "tripletex": {"integration_name": "Fjord <Innsyn>"},
        "xledger": {"integration_user": "fjord.innsyn"},
        "visma_net": {"invitation_code": "KX7Q-93MD"},
        "business_nxt": {"client_id": "isv_fjord_innsyn_0000001"},
    },
)
NB, EN = (Texts(language=one, preset=BANK) for one in LANGUAGES)


def lacking(guide: Provider, today: date) -> Iterator[str]:
    """Yield what a guide lacks, each as a sentence with what to do."""
    name, day = f"The guide of {guide.name}", verified_on(guide)
    if day is None or today - day > OLDEST:
        yield (
            f"{name} was last compared with the vendor's own screens on {day}, more than {OLDEST.days} days "
            f"ago: go through it at the vendor's, mend it, and set verified_on in {guide.slug}/quality.toml."
        )
    for language in LANGUAGES:
        yield from (f"{name} {one}" for one in _unsaid(guide, Texts(language=language)))
    asked = {one.name for one in guide.fields}
    for step in guide.guide:
        if step.field and step.field not in asked:
            yield f"{name} brings {step.field} at step {step.key}, but has no such field: add or rename it."


def _unsaid(guide: Provider, texts: Texts) -> Iterator[str]:
    for step in guide.guide:
        keys = [f"guide.{step.key}.{part}" for part in ("title", "text")]
        keys += [f"guide.{step.key}.traps.{one}" for one in step.traps]
        keys += [f"images.{step.image.removesuffix('.svg')}"] if step.image else []
        yield from (
            f"lacks {key} in {texts.language}: write it." for key in keys if not texts.has(key, guide)
        )
        if step.image and not (folder(guide.package) / "images" / step.image).is_file():
            yield f"lacks the drawing {step.image} of step {step.key}: draw it."


@EVERY
def test_a_guide_is_whole_and_not_too_old(guide: Provider) -> None:
    assert list(lacking(guide, TODAY)) == []


def test_a_guide_that_is_old_or_lacks_something_is_named_with_what_to_do() -> None:
    fiken = PROVIDERS["fiken"]
    day = verified_on(fiken)
    assert day
    assert list(lacking(fiken, day + OLDEST)) == []
    (said,) = lacking(fiken, day + OLDEST + timedelta(days=1))
    assert "Fiken" in said
    assert "fiken/quality.toml" in said
    broken = replace(
        fiken, guide=(GuideStep(key="copy_key", field="moon", image="moon.svg", traps=("none",)),)
    )
    said = " ".join(lacking(broken, day))
    for name in ("moon", "images.moon", "moon.svg", "guide.copy_key.traps.none"):
        assert name in said


@EVERY
def test_what_is_to_be_pressed_is_what_stands_out_in_the_drawing(guide: Provider) -> None:
    pressed = {"copy_key": "t_copy", "press_ok": "t_ok"}
    for step in (one for one in guide.guide if one.image and one.key in pressed):
        drawn = (folder(guide.package) / "images" / step.image).read_text(encoding="utf-8")
        words = {word: ink for ink, word in re.findall(r'fill="\$(\w+)">\$(t_\w+)</text>', drawn)}
        assert words[pressed[step.key]] == "on_accent", step.image
        assert list(words.values()).count("on_accent") == 1, f"{step.image} says to press two things"


# Sharing the screen


def test_a_step_is_spoken_with_its_page() -> None:
    assert (spoken(0), spoken(9)) == ("3.1", "3.10")


STEPS = (
    GuideStep(key="menu"),
    GuideStep(key="make", leads_to_secret=True),
    GuideStep(key="maybe"),
    GuideStep(key="copy", shows_secret=True),
    GuideStep(key="after"),
)


def test_the_screen_is_kept_to_oneself_before_and_while_a_key_shows() -> None:
    assert [sharing(STEPS, at, accepted=False) for at in range(5)] == [
        Share.NOTHING,
        Share.SOON,
        Share.SOON,
        Share.STOP,
        Share.NOTHING,
    ]
    assert {sharing(STEPS, at, accepted=True) for at in (0, 1, 2, 4)} == {Share.NOTHING}
    assert sharing(STEPS, 3, accepted=True) is Share.AGAIN


@EVERY
def test_who_pastes_a_key_has_been_told_before_it_shows(guide: Provider) -> None:
    shown = {one.name for one in guide.fields if one.secret and not one.text}
    for at, step in enumerate(guide.guide):
        if step.field in shown:
            assert sharing(guide.guide, at, accepted=False) is Share.STOP
            assert sharing(guide.guide, at - 1, accepted=False) is Share.SOON


def test_where_a_search_may_find_it_at_once_the_key_is_announced_two_steps_before() -> None:
    steps = PROVIDERS["poweroffice"].guide
    assert [sharing(steps, at, accepted=False).value for at in range(6)] == [
        *("", "soon", "soon"),
        *("stop", "stop", ""),
    ]


# The page to send


class Read(HTMLParser):
    """Reads a page back: every tag with its attributes, what is open, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [found for name, found in self.tags if name == tag]


ALLOWED = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "nav",
        "article",
        "h1",
        "h2",
        "p",
        "a",
        "strong",
        "span",
    ),
    *("dl", "dt", "dd", "ol", "ul", "li"),
    *("svg", "g", "rect", "circle", "line", "path", "text", "ellipse", "polyline", "polygon", "tspan"),
}


@EVERY
def test_the_page_is_whole_and_holds_nothing_that_runs_or_is_fetched(guide: Provider) -> None:
    page = guide_page(guide, NB)
    read = Read(page)
    assert read.open == []
    assert {tag for tag, _ in read.tags} <= ALLOWED
    for tag, found in read.tags:
        assert not [name for name in found if name.startswith("on") or name in {"style", "src", "srcset"}]
        assert tag == "a" or "href" not in found
    assert "url(" not in page
    assert "@import" not in page
    assert "$" not in page, "every placeholder of the drawings is filled in"
    opened = {step.opens for step in guide.guide if step.opens}
    outside = {one["href"] for one in read.all("a") if not one["href"].startswith("#")}
    assert outside <= opened


def test_the_page_allows_its_own_style_and_nothing_else() -> None:
    import base64
    import hashlib

    page = guide_page(PROVIDERS["fiken"], NB)
    (said,) = [one["content"] for one in Read(page).all("meta") if "http-equiv" in one]
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert said == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "prefers-color-scheme:dark" in style
    assert "@media print" in style


@EVERY
def test_the_page_says_the_guide_in_both_languages_and_switches_by_anchor(guide: Provider) -> None:
    for texts, other in ((NB, EN), (EN, NB)):
        read = Read(guide_page(guide, texts))
        assert read.all("html") == [{"lang": texts.language}]
        parts = [(one["id"], one["lang"], one["class"]) for one in read.all("article")]
        assert parts == [
            (other.language, other.language, "other"),
            (texts.language, texts.language, "first"),
        ]
        assert [one["href"] for one in read.all("a")][:2] == [f"#{texts.language}", f"#{other.language}"]
        for one in (texts, other):
            values = BANK.values.get(guide.slug, {})
            for at, step in enumerate(step for step in guide.guide if step.shown(values)):
                known = {name: BANK.value(guide.slug, name) for name in step.copy}
                assert one.say(f"guide.{step.key}.text", guide, **known) in read.text
                assert f"{spoken(at)} " in read.text
            assert one.say("guide_page.never", guide) in read.text
            assert BANK.contact in read.text
    single = Read(guide_page(guide, NB, ("nb",)))
    assert [one["lang"] for one in single.all("article")] == ["nb"]
    assert single.all("nav") == []


@EVERY
def test_every_drawing_on_the_page_says_what_it_shows(guide: Provider) -> None:
    values = BANK.values.get(guide.slug, {})
    images = [step.image for step in guide.guide if step.image and step.shown(values)]
    drawn = Read(guide_page(guide, EN, ("en",))).all("svg")
    said = [EN.say(f"images.{one.removesuffix('.svg')}", guide) for one in images]
    assert [(one["role"], one["aria-label"]) for one in drawn] == [("img", one) for one in said]


def test_what_a_partner_is_called_is_no_markup_there() -> None:
    page = guide_page(PROVIDERS["tripletex"], NB)
    assert "<b>" not in page
    assert "<Innsyn>" not in page
    assert 'Fjord & "Bank" <b>' in Read(page).text
    assert "Fjord <Innsyn>" in Read(page).text


def test_a_key_of_the_partners_is_not_on_the_page() -> None:
    page = guide_page(PROVIDERS["poweroffice"], NB)
    assert APPLICATION not in page
    assert "Applikasjonsnøkkelen: står i Koble" in page
    assert "isv_fjord_innsyn_0000001" not in guide_page(PROVIDERS["business_nxt"], NB)
    assert "KX7Q-93MD" in guide_page(PROVIDERS["visma_net"], NB), "a code to be used once is no key"
    nobody = guide_page(PROVIDERS["visma_net"], Texts(language="nb"))
    assert Texts(language="nb").say("key.ask_value", name=NB.say("values.invitation_code")) in nobody


def test_the_page_says_when_the_guide_was_checked_unless_nobody_did() -> None:
    day = verified_on(PROVIDERS["fiken"])
    assert day
    assert f"{day.day}.{day.month:02}.{day.year}" in guide_page(PROVIDERS["fiken"], NB)
    unknown = guide_page(MADE_UP["form"], Texts(language="nb"))
    assert "sist sjekket" not in unknown
    assert "Spørsmål?" not in unknown


def test_the_file_is_named_after_the_system() -> None:
    assert file_name(PROVIDERS["visma_net"], NB) == "veiledning-visma-net.html"
    assert file_name(PROVIDERS["fiken"], EN) == "guide-fiken.html"


# The letter that goes with it


@EVERY
@pytest.mark.parametrize("texts", [NB, EN], ids=LANGUAGES)
def test_the_letter_fits_a_mail_programs_address(guide: Provider, texts: Texts) -> None:
    typed = {"company": "Østre Ås og Øvre Årdal Regnskapskontor Samvirke SA", "orgnr": "313000354"}
    ready = handing(texts, guide, typed)
    assert ready.mailto.startswith("mailto:?subject=")
    assert texts.say("before.role", guide) in ready.body
    assert typed["company"] in ready.body
    assert "313000354" in ready.body
    assert texts.say("not_admin.mail_never", guide) in ready.body
    assert APPLICATION not in ready.body


def test_the_letter_holds_what_was_typed_and_nothing_else() -> None:
    bare = handing(NB, PROVIDERS["fiken"], {"company": "", "orgnr": ""})
    assert "Selskap:" not in bare.body
    assert not re.search(r"\d{9}", bare.body)
    assert "\n\n\n" not in bare.body
    lone = handing(Texts(language="nb"), PROVIDERS["fiken"], {}, ("Programmet hentes her.",))
    assert "Programmet hentes her." in lone.body
    assert "Lurer du på noe" not in lone.body, "nobody is named to ask"
    shared = handing(replace(NB, share_safe=True), PROVIDERS["fiken"], {"company": "X", "orgnr": "313000354"})
    assert "313000354" not in shared.body
    wild = handing(NB, PROVIDERS["fiken"], {"company": "A\r\nBcc: x@y.example\u202e"})
    assert "\nBcc" not in wild.body
