"""Fiken: pages, odd answers, and which 401 means a dead key."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.providers.helpers import walking
from wizard.core.net import Http
from wizard.core.practice import Asked, Playground, Reply
from wizard.core.provider import Found, Link
from wizard.providers.fiken import PAGE_SIZE, PROVIDER, access
from wizard.providers.fiken.practice import COMPANIES

if TYPE_CHECKING:
    from pathlib import Path

USER, LIST = "GET /user", "GET /companies"
ROW = COMPANIES[0]


class ManyCompanies(Playground):
    """Fiken with more companies than fit on a page, and silent on how many pages there are."""

    def __init__(self, count: int) -> None:
        super().__init__({"fiken": PROVIDER})
        self.rows = [{"slug": f"company-{number}", "name": f"Company {number}"} for number in range(count)]

    def answer(self, slug: str, asked: Asked) -> Reply:
        imitated = super().answer(slug, asked)
        start = int(asked.query.get("page", 0)) * PAGE_SIZE
        return imitated if asked.path == "/user" else Reply(json=self.rows[start : start + PAGE_SIZE])


@pytest.mark.parametrize(("count", "asked"), [(1, 1), (99, 1), (100, 2), (201, 3)])
def test_every_page_is_asked_for_where_fiken_is_silent(count: int, asked: int, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk, ManyCompanies(count).open() as many:
        walk.playground = many
        proof = walk.examine(company="company-0")
    assert len(proof.companies) == count
    assert [one.query["page"] for one in walk.asked[1:]] == [str(page) for page in range(asked)]


class WrongCounts(ManyCompanies):
    """Fiken with counts in its headers that do not fit what it lists."""

    def __init__(self, count: int, **headers: str) -> None:
        super().__init__(count)
        self.headers = {f"Fiken-Api-{name}-Count": value for name, value in headers.items()}

    def answer(self, slug: str, asked: Asked) -> Reply:
        return replace(super().answer(slug, asked), headers=self.headers)


@pytest.mark.parametrize(
    ("headers", "asked"),
    [({"Page": "0"}, 3), ({"Page": "1", "Result": "250"}, 3), ({"Page": "999999"}, 4), ({"Page": "-1"}, 3)],
)
def test_wrong_counts_lose_no_company_and_do_not_go_on_for_ever(
    headers: dict[str, str], asked: int, tmp_path: Path
) -> None:
    with walking(PROVIDER, tmp_path) as walk, WrongCounts(250, **headers).open() as many:
        walk.playground = many
        assert len(walk.examine(company="company-249").companies) == 250
    assert len(walk.asked) - 1 == asked


class SamePage(ManyCompanies):
    """Fiken, giving its first page whatever page is asked for."""

    def answer(self, slug: str, asked: Asked) -> Reply:
        return super().answer(slug, replace(asked, query={**asked.query, "page": "0"}))


def test_the_same_page_again_is_not_taken_for_all_there_is(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk, SamePage(250).open() as many:
        walk.playground = many
        assert walk.refused().code == "unexpected_answer"
    assert len(walk.asked) == 3


def test_every_request_has_a_number_of_its_own(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        walk.connect()
    numbers = [asked.headers["x-request-id"] for asked in walk.asked]
    assert len(set(numbers)) == len(numbers) == 2


def test_test_companies_and_those_without_access_are_marked(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        proof = walk.examine(company=None)
        assert walk.refused(company="313000044").code == "module_missing"
    assert [one.test for one in proof.companies] == [False, False, False, True]
    assert [one.blocked for one in proof.companies] == ["", "", "module_missing", ""]
    assert proof.chosen == ()


def test_an_unusual_key_is_warned_of_and_tried(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        warned = walk.order(answers={"token": "unusual-but-possible"}).warnings
        assert warned == (("token", "unusual_form"),)


@pytest.mark.parametrize(
    ("at", "reply", "code"),
    [
        (USER, Reply(status=402), "module_missing"),
        (USER, Reply(status=403), "rights_missing"),
        (USER, Reply(status=404), "unexpected_answer"),
        (USER, Reply(json=None), "unexpected_answer"),
        (USER, Reply(json={"name": 7}), "unexpected_answer"),
        (LIST, Reply(json={"companies": []}), "unexpected_answer"),
        (LIST, Reply(json=[None]), "unexpected_answer"),
        (LIST, Reply(json=[[ROW]]), "unexpected_answer"),
        (LIST, Reply(json=[{**ROW, "slug": None}]), "unexpected_answer"),
        (LIST, Reply(json=[{**ROW, "slug": ""}]), "unexpected_answer"),
        (LIST, Reply(json=[{**ROW, "name": 7}]), "unexpected_answer"),
        (LIST, Reply(json=[{**ROW, "organizationNumber": 313000028}]), "unexpected_answer"),
        (LIST, Reply(json=[{**ROW, "hasApiAccess": "yes"}]), "unexpected_answer"),
        (LIST, Reply(body=b"[", headers={"Content-Type": "application/json"}), "unexpected_answer"),
    ],
)
def test_odd_answers_end_in_a_clear_code(at: str, reply: Reply, code: str, tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {at: reply}) as walk:
        assert walk.refused().code == code


@pytest.mark.parametrize("row", [{}, {"organizationNumber": None, "hasApiAccess": None, "testCompany": None}])
def test_what_is_not_needed_may_be_missing(row: dict[str, object], tmp_path: Path) -> None:
    bare = {"slug": "one", "name": "One", **row}
    with walking(PROVIDER, tmp_path, {USER: Reply(json={}), LIST: Reply(json=[bare])}) as walk:
        (receipt,) = walk.connect(company=None)
    assert receipt.company == {"orgnr": None, "name": "One", "id": "one"}


def test_a_page_count_that_is_none_is_not_believed(tmp_path: Path) -> None:
    reply = Reply(json=[ROW], headers={"Fiken-Api-Page-Count": "many"})
    with walking(PROVIDER, tmp_path, {LIST: reply}) as walk:
        assert walk.connect()
    assert re.fullmatch(r"[0-9]", walk.asked[-1].query["page"])


# Rights, from what is read anyhow


@pytest.mark.parametrize(
    ("row", "states"),
    [
        ({}, ["passed", "passed"]),
        ({"hasApiAccess": None}, ["passed", "skipped"]),
    ],
)
def test_rights_are_read_from_the_list(row: dict[str, object], states: list[str], tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path, {LIST: Reply(json=[{**ROW, **row}])}) as walk:
        assert walk.connect()
    assert walk.rights == dict(zip(("company", "api"), states, strict=True))
    assert [asked.path for asked in walk.asked] == ["/user", "/companies"]


def test_a_company_without_access_is_refused_as_before(tmp_path: Path) -> None:
    with walking(PROVIDER, tmp_path) as walk:
        error = walk.refused(company="313000044")
    assert (error.code, error.stage, error.fields) == ("module_missing", "rights", ())
    assert error.facts == {"company": "Skogstien Barnehage SA"}
    assert walk.rights == {}


def test_there_is_nothing_to_say_of_no_company() -> None:
    link = Link(http=NoDoor(), keys={}, environment=PROVIDER.environments[0], now=datetime.now(UTC))
    assert anyio.run(access, link) == Found()


class NoDoor(Http):
    """A door that nobody may go through."""

    def __init__(self) -> None:
        """Take nothing: there is no client behind it."""
