"""What a vendor answered, and how to take it apart without trusting it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from wizard.core.errors import UnexpectedAnswer
from wizard.core.secret import Secret

T = TypeVar("T")
_SIGNABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer: `headers` by lower-case name, `body` decoded and at most 1 MB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the vendor did what it was asked (2xx)."""
        return 200 <= self.status < 300  # noqa: PLR2004  # the bounds of HTTP's own class

    @property
    def request_id(self) -> dict[str, str]:
        """The vendor's own number for the request, as a fact, where it gave one."""
        given = (
            self.headers.get("x-tlx-request-id"),
            self.headers.get("x-request-id"),
            self.peek().get("requestid"),
        )
        number = next((one for one in given if isinstance(one, str) and one), "")
        return {"request_id": number[:64]} if number else {}

    def json(self) -> object:
        """Return the body as JSON; raises `UnexpectedAnswer` where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise UnexpectedAnswer(http_status=self.status) from None

    def row(self) -> dict[str, object]:
        """Return the body as a JSON object; raises `UnexpectedAnswer` where it is none."""
        return need(self.json(), dict)

    def peek(self) -> dict[str, object]:
        """Return the body as a JSON object with lower-case keys, or an empty one: for errors of any form."""
        try:
            body = self.row()
        except UnexpectedAnswer:
            return {}
        return {key.lower(): value for key, value in body.items()}

    def unexpected(self, **facts: str | int) -> UnexpectedAnswer:
        """Return the error for an answer that the vendor's description does not foresee."""
        return UnexpectedAnswer(http_status=self.status, **{**self.request_id, **facts})


def need(value: object, kind: type[T], name: str = "") -> T:
    """Return the value if it is of that kind; raises `UnexpectedAnswer` naming what was looked for."""
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise UnexpectedAnswer(looked_for=name or kind.__name__)
    return value


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
