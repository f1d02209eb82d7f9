"""How far a request has come and how long each stage took, from the events of the connection itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PARTS = {"connect_tcp": "connection", "setup_socks5_connection": "proxy", "start_tls": "tls"}


class Marks:
    """When each stage of a request began and ended, from httpcore's own events.

    `said` is what a proxy answered where it was asked for a way through: its status, and the ways to sign in
    that it names.
    """

    def __init__(self) -> None:
        self.stage = "connection"
        self.said: tuple[int, tuple[str, ...]] | None = None
        self._began: dict[str, float] = {}
        self._spent: dict[str, float] = {}

    async def note(self, event: str, info: Mapping[str, object]) -> None:
        """Take an event: this is what a request's `trace` is set to."""
        name, _, moment = event.rpartition(".")
        part = name.partition(".")[2]
        if moment == "started" and part in {*_PARTS, "send_request_headers"}:
            self.stage = _PARTS.get(part) or ("proxy" if _is_connect(info) else "vendor")
            self._began[self.stage] = time.perf_counter()
        elif moment == "complete" and part in {*_PARTS, "receive_response_headers"}:
            self._spent[self.stage] = (time.perf_counter() - self._began[self.stage]) * 1000
            if self.stage == "proxy" and part not in _PARTS:
                self.said = _said(info["return_value"])

    def ms(self, stage: str) -> int:
        """How long a stage took, in milliseconds; the vendor's until its answer began."""
        return round(self._spent.get(stage, 0.0))

    def stages(self) -> tuple[tuple[str, str, int], ...]:
        """Return the connection's own stages, each with its state and milliseconds."""
        return tuple(
            (name, "passed" if name in self._spent else "skipped", self.ms(name))
            for name in ("connection", "proxy", "tls")
        )


def _is_connect(info: Mapping[str, object]) -> bool:
    return getattr(info.get("request"), "method", b"") == b"CONNECT"


def _said(answer: object) -> tuple[int, tuple[str, ...]]:
    """Return a proxy's status and the ways to sign in that it names, in small letters."""
    _, status, _, headers, *_ = answer if isinstance(answer, tuple) else (b"", 0, b"", [])
    return status, schemes(
        value.decode("latin-1") for name, value in headers if name.lower() == b"proxy-authenticate"
    )


def schemes(challenges: Iterable[str]) -> tuple[str, ...]:
    """Return the ways to sign in that `Proxy-Authenticate` headers name, in small letters."""
    return tuple(one.strip().partition(" ")[0].lower() for text in challenges for one in text.split(","))
