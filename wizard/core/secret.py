"""Secret: a value that will not print, format, pickle or log; and texts with every secret masked in them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NoReturn, final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIVE: dict[int, weakref.ref[Secret]] = {}


@final
class Secret:
    """Hold a text that only `auth` and `vault` may take out again.

    Comparing two secrets takes the same time wherever they differ. CPython cannot wipe a `str`, so the
    value lives as long as the object: keep few and drop them early.
    """

    __slots__ = ("__value", "__weakref__")

    def __init__(self, value: str) -> None:
        self.__value = value
        at = id(self)
        _LIVE[at] = weakref.ref(self, lambda _: _gone(at))

    def reveal(self) -> str:
        """Return the text itself; called in `auth`, `vault` and `secret_edit` only: a test counts."""
        return self.__value

    @staticmethod
    def hide(text: str, secrets: Iterable[Secret]) -> str:
        """Return a text with every form of these secrets masked, longest first: nothing is taken out."""
        forms = {form for secret in secrets for form in _forms(secret.__value)}  # noqa: SLF001 - its own
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, "…")
        return text

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

        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would tell two secrets apart in a log


def _gone(at: int) -> None:
    _LIVE.pop(at, None)


def redacted(text: str) -> str:
    """Return a text with every form of every secret that lives in this process masked."""
    living = (one() for one in tuple(_LIVE.values()))
    return hidden(text, (one for one in living if one is not None))


def hidden(text: str, secrets: Iterable[Secret]) -> str:
    """Return a text with every form of these secrets masked, longest first."""
    return Secret.hide(text, secrets)


def _forms(value: str) -> set[str]:
    """Return how a secret may stand in a text: as it is, quoted, escaped, in base64 or in hex."""
    import base64  # these three cost a list of systems 4 ms
    import json
    from urllib.parse import quote

    raw = value.encode()
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    bare = {one.rstrip("=") for one in encoded}
    return {value, quote(value, safe=""), json.dumps(value)[1:-1], raw.hex(), *encoded, *bare} - {""}
