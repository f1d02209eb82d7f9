"""Secret: a value that will not print, format, pickle or log; and texts with every secret masked in them."""

from __future__ import annotations

import re
import weakref
from functools import cache
from typing import TYPE_CHECKING, NoReturn, final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.core.forms import Forms

ECHO = 8
"""How long a secret must be to be masked in what a vendor says: a short password may be a company's name."""

CUT = 16
"""How much of a secret's beginning or end is one, in what a vendor says."""

_LIVE: dict[int, weakref.ref[Secret]] = {}


@final
class Secret:
    """Hold a text that only `auth`, `vault` and `handover` may take out again.

    `str()` and `%s` say `Secret(…)`, so that a line of a log does not fail; an f-string is a mistake in the
    code, and raises. It has no length, no items and no hash, and is true even when empty. Comparing two takes
    the same time wherever they differ. The value lies in a closure, where nothing that lists an object's
    attributes shows it. CPython cannot wipe a `str`, so it lives as long as the object: keep few and drop
    them early.
    """

    __slots__ = ("__forms", "__take", "__weakref__")

    def __init__(self, value: str) -> None:
        self.__take: Callable[[], str] = lambda: value
        self.__forms: Callable[[], Forms] = cache(lambda: _forms(value))
        at = id(self)
        _LIVE[at] = weakref.ref(self, lambda _, gone=_LIVE.pop: gone(at, None))  # type: ignore[misc]

    def reveal(self) -> str:
        """Return the text itself; called in `auth`, `handover`, `vault` and `secret_edit` only."""
        return self.__take()

    @staticmethod
    def forms(secrets: Iterable[Secret]) -> list[Forms]:
        """Return the forms of each, for masking alone."""
        return [one.__forms() for one in secrets]  # noqa: SLF001 - its own

    def __repr__(self) -> str:
        return "Secret(…)"

    def __format__(self, spec: str) -> NoReturn:
        msg = "a Secret cannot be formatted"
        raise TypeError(msg)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a Secret cannot be pickled or copied"
        raise TypeError(msg)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # costs 3 ms that a list of systems need not pay

        mine, its = (one.__take().encode("utf-8", "surrogatepass") for one in (self, other))  # noqa: SLF001
        return hmac.compare_digest(mine, its)

    __hash__ = None  # type: ignore[assignment]  # a hash would tell two secrets apart in a log


def redacted(text: str) -> str:
    """Return a text with every form of every secret that lives in this process masked, and its ends too.

    It is for what may be written anywhere: a log, a report.
    """
    from wizard.core.forms import without_ends

    living = Secret.forms(_living())
    text = _masked(text, living)
    for end in _ends(living):
        text = without_ends(text, end)
    return text


def unechoed(text: str) -> str:
    """Return what somebody else said, with every living secret of 8 characters or more masked in it.

    So is what is left of a longer one that was cut.
    """
    from wizard.core.forms import without_ends

    living = [one for one in Secret.forms(_living()) if one.size >= ECHO]
    text = _masked(text, living)
    for end in _ends(living):
        text = without_ends(text, end, CUT, mixed=True)
    return text


def hidden(text: str, secrets: Iterable[Secret]) -> str:
    """Return a text with every form of these secrets masked, longest first."""
    return _masked(text, Secret.forms(secrets))


def _masked(text: str, every: Iterable[Forms]) -> str:
    found = {form for forms in every for form in forms.every if form.text in text}
    for form in sorted(found, key=lambda one: len(one.text), reverse=True):
        text = re.sub(form.pattern, "…", text)
    return text


def _ends(living: Iterable[Forms]) -> set[str]:
    return {end for one in living for end in one.ends}


def _living() -> list[Secret]:
    living = (one() for one in _LIVE.copy().values())
    return [one for one in living if one is not None]


def _forms(value: str) -> Forms:
    from wizard.core.forms import forms_of  # base64 and json cost a list of systems 4 ms

    return forms_of(value)
