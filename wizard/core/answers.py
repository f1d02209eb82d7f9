"""What a vendor answered, and how to take it apart without trusting it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from wizard.core.errors import Fact, UnexpectedAnswer, WizardError
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

T = TypeVar("T")
E = TypeVar("E", bound=WizardError)
_JSON_WORDS: dict[type, str] = {dict: "object", list: "array", str: "string", int: "number", bool: "boolean"}
_SIGNABLE = re.compile(r"[!-~]+")
_REQUEST_IDS = ("x-tlx-request-id", "x-request-id", "ipp-request-id", "x-vbc-traceid")
"""The headers in which vendors number a request: what their support asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer: `headers` by lower-case name, `body` decoded and at most 1 MB.

    Neither is in its `repr`: a session's key may stand in both.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the vendor did what it was asked (2xx)."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        """The vendor's own number for the request, or an empty text where it gave none."""
        given = (*map(self.headers.get, _REQUEST_IDS), self.peek().get("requestid"))
        return next((one[:64] for one in given if isinstance(one, str) and _SIGNABLE.fullmatch(one)), "")

    def json(self) -> object:
        """Return the body as JSON; raises `UnexpectedAnswer` where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise UnexpectedAnswer(http_status=self.status) from None

    def row(self) -> dict[str, object]:
        """Return the body as a JSON object; raises `UnexpectedAnswer` where it is none."""
        return need(self.json(), dict)

    def xml(self) -> Element:
        """Return the body as XML; raises `UnexpectedAnswer` where it is none, or brings definitions with it.

        A document type is refused outright: it is what entities that swell, and that fetch, are made of.
        """
        from xml.etree.ElementTree import ParseError

        from defusedxml import ElementTree

        try:
            made: Element = ElementTree.fromstring(self.body, forbid_dtd=True)
        except (ParseError, ValueError, LookupError, RecursionError):  # what is forbidden is a ValueError
            raise UnexpectedAnswer(http_status=self.status, looked_for="xml") from None
        return made

    def peek(self) -> dict[str, object]:
        """Return the body as a JSON object with lower-case keys, or an empty one: for errors of any form."""
        try:
            body = self.row()
        except UnexpectedAnswer:
            return {}
        return {key.lower(): value for key, value in body.items()}

    def about(self, error: E) -> E:
        """Return the error with the vendor's own number for the request among its facts, if there is one."""
        if self.request_id:
            error.facts = {"request_id": self.request_id, **error.facts}
        return error

    def unexpected(self, **facts: Fact) -> UnexpectedAnswer:
        """Return the error for an answer that the vendor's description does not foresee."""
        return self.about(UnexpectedAnswer(facts, http_status=self.status))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a vendor speaks: its name, its types of content, and whether it speaks of an error of its own."""

    name: str
    mime: re.Pattern[str]
    speaks: Callable[[Answer], bool] = lambda _: False


_JSON_TYPES = re.compile(r"application/(?:[\w.-]+\+)?json|text/json")
JSON = Kind(name="application/json", mime=_JSON_TYPES)
GRAPHQL = Kind(
    name="application/json",
    mime=_JSON_TYPES,
    speaks=lambda answer: isinstance(answer.peek().get("errors"), list),
)
SOAP = Kind(
    name="application/soap+xml",
    mime=re.compile(r"(?:application|text)/(?:[\w.-]+\+)?xml"),
    speaks=lambda answer: b"Envelope" in answer.body[:2000],
)


def need(value: object, kind: type[T], name: str = "") -> T:
    """Return the value if it is of that kind; raises `UnexpectedAnswer` naming what was looked for."""
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)) or _broken(value):
        raise UnexpectedAnswer(looked_for=name or _JSON_WORDS.get(kind, kind.__name__))
    return value


def _broken(value: object) -> bool:
    """Tell a text with half a character in it (a lone surrogate), which could not be written anywhere."""
    return isinstance(value, str) and any("\ud800" <= mark <= "\udfff" for mark in value)


def take(row: object, name: str, kind: type[T]) -> T:
    """Return `row[name]`, of that kind; raises `UnexpectedAnswer` where either is not so."""
    return need(need(row, dict, name).get(name), kind, name)


def take_secret(row: object, name: str) -> Secret:
    """Return `row[name]`, a key fit to sign with; raises `UnexpectedAnswer` where it is none."""
    value = take(row, name, str)
    if not _SIGNABLE.fullmatch(value):
        raise UnexpectedAnswer(looked_for=name)
    return Secret(value)


def maybe(row: object, name: str, kind: type[T]) -> T | None:
    """Return `row[name]` of that kind, or None where it is absent or null; raises `UnexpectedAnswer` else."""
    value = need(row, dict, name).get(name)
    return None if value is None else need(value, kind, name)
