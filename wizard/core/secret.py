"""Secret: a value that will not print, format, pickle or log."""

from __future__ import annotations

from typing import NoReturn, final


@final
class Secret:
    """Hold a text that only `auth` and `vault` may take out again.

    Comparing two secrets takes the same time wherever they differ. CPython cannot wipe a `str`, so the
    value lives as long as the object: keep few and drop them early.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Return the text itself; called in `auth` and `vault` only, and a test counts the calls."""
        return self.__value

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
