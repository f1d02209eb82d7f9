"""A closer look where the network failed: what else answers, who issued the certificate, what time it is.

Nothing here sends anything secret, and nothing that is found is trusted: it makes an explanation more exact.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import anyio

from wizard.core import errors
from wizard.core.clock import difference, is_wrong, whole_minutes
from wizard.core.endpoints import host_of, is_loopback
from wizard.core.provider import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from cryptography.x509 import Name

    from wizard.core.errors import Fact, ReachError, WizardError

    Probe = Callable[["Scene", "Clues"], Coroutine[None, None, None]]

LIMIT = 4.0
"""The most that looking further may take, in seconds."""

_SPARE = 0.3  # seconds kept free before the walk's own deadline, so that what is known is still told
_MAX_HEAD = 1 << 14
_NAME = 64  # characters of a name of anybody's making
_UNREACHED = (errors.NameNotFound, errors.ConnectionRefused, errors.ConnectionLost, errors.TimedOut)
_DOUBTED = (errors.TlsUntrusted, errors.TlsWrongName, errors.TlsExpired, errors.ClockWrong)
_INTERCEPTED = (
    *(errors.TlsUntrusted, errors.TlsWrongName, errors.TlsFailed, errors.CaptivePortal, errors.Redirected),
    *(errors.ConnectionRefused, errors.ConnectionLost, errors.TimedOut),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a request failed: the vendor's host, what its name stood for, the proxy as `host:port` if any."""

    host: str
    port: int
    address: str = ""
    proxy: str = ""
    reference: tuple[str, int]
    plain_port: int


@dataclass(slots=True, kw_only=True)
class Clues:
    """What looking further brought to light; None and empty for what it did not."""

    other_host: bool | None = None
    issuer: str = ""
    valid: tuple[datetime, datetime] | None = None
    ahead: timedelta | None = None
    sent_to: str = ""
    proxy_fault: str = ""


async def look_further(error: ReachError, scene: Scene) -> WizardError:
    """Return the error with more facts, or a more exact one; takes 4 s at most, never past the deadline."""
    left = anyio.current_effective_deadline() - anyio.current_time() - _SPARE
    clues = Clues()
    if left > 0 and _may_ask(scene):
        with anyio.move_on_after(min(LIMIT, left)):
            async with anyio.create_task_group() as group:
                for probe in _probes(error, scene):
                    group.start_soon(_try, probe, scene, clues)
    return _concluded(error, scene, clues)


async def _try(probe: Probe, scene: Scene, clues: Clues) -> None:
    """Ask; what goes wrong with that must not hide what went wrong before."""
    with contextlib.suppress(Exception):
        await probe(scene, clues)


def _may_ask(scene: Scene) -> bool:
    """Tell whether probes may leave this machine; a vendor that is on it is an imitation."""
    ours = is_loopback(scene.host) or is_loopback(scene.address)
    return not ours or is_loopback(scene.reference[0])


def _probes(error: ReachError, scene: Scene) -> list[Probe]:
    """Return what is worth asking; through a proxy only the proxy can be asked after."""
    if scene.proxy:
        asked = isinstance(error, errors.ProxyFailed) and "reason" not in error.facts
        return [_ask_proxy] if asked else []
    probes: list[tuple[Probe, tuple[type[WizardError], ...]]] = [
        (_ask_reference, _UNREACHED),
        (_ask_certificate, _DOUBTED),
        (_ask_plainly, (*_INTERCEPTED, *_DOUBTED)),
    ]
    return [probe for probe, kinds in probes if isinstance(error, kinds) and _before_answer(error)]


def _before_answer(error: ReachError) -> bool:
    """Tell whether the vendor itself was not reached: what breaks off after that says nothing of the way."""
    return error.stage != "vendor" or isinstance(error, errors.CaptivePortal | errors.Redirected)


# What is asked


async def _ask_reference(scene: Scene, clues: Clues) -> None:
    """Connect to another host, and send nothing."""
    clues.other_host = not await _cannot_reach(*scene.reference)


async def _ask_proxy(scene: Scene, clues: Clues) -> None:
    """Find out whether a proxy that does not answer is there at all."""
    host, _, port = scene.proxy.rpartition(":")
    if port.isdecimal():
        clues.proxy_fault = await _cannot_reach(host.strip("[]"), int(port))


async def _cannot_reach(host: str, port: int) -> str:
    """Return why no connection is made: `name` or `down`; empty where one is."""
    try:
        await anyio.getaddrinfo(host, port)
    except (OSError, UnicodeError):
        return "name"
    try:
        stream = await anyio.connect_tcp(host, port)
    except OSError:
        return "down"
    await stream.aclose()
    return ""


async def _ask_certificate(scene: Scene, clues: Clues) -> None:
    """Read the certificate that is shown to us, in a thread; nothing is sent, and nothing accepted."""
    from cryptography import x509  # 30 ms that only a doubtful certificate costs

    fetch = partial(ssl.get_server_certificate, (scene.host, scene.port), timeout=LIMIT / 2)
    text = await anyio.to_thread.run_sync(fetch, abandon_on_cancel=True)
    certificate = x509.load_pem_x509_certificate(text.encode("ascii"))
    clues.valid = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    clues.issuer = _name(certificate.issuer)


def _name(name: Name) -> str:
    """Return what somebody calls itself in a certificate, fit to be shown."""
    from cryptography.x509 import NameOID

    kinds = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    values = (str(one.value) for kind in kinds for one in name.get_attributes_for_oid(kind))
    return plain(next(values, ""))[:_NAME]


async def _ask_plainly(scene: Scene, clues: Clues) -> None:
    """Ask the vendor's host for its headers without encryption: a guest network answers in its place."""
    got = b""
    async with await anyio.connect_tcp(scene.host, scene.plain_port) as stream:
        await stream.send(f"HEAD / HTTP/1.1\r\nHost: {scene.host}\r\nConnection: close\r\n\r\n".encode())
        while b"\r\n\r\n" not in got and len(got) < _MAX_HEAD:
            got += await stream.receive()
    headers = _headers(got)
    clues.ahead = difference(headers)
    clues.sent_to = host_of(headers.get("location", ""))


def _headers(head: bytes) -> Mapping[str, str]:
    """Return the headers of an answer by lower-case name; of anything else none that matter."""
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    parts = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in parts}


# What follows from it


def _concluded(error: ReachError, scene: Scene, clues: Clues) -> WizardError:
    error.facts = {**error.facts, **_found(scene, clues)}
    if isinstance(error, _INTERCEPTED) and _is_portal(error, scene, clues):
        return _instead(error, errors.CaptivePortal(portal=clues.sent_to, reason="portal"))
    if isinstance(error, errors.TlsExpired | errors.ClockWrong) and clues.ahead is not None:
        return _timed(error, clues.ahead, clues)
    return _reasoned(error, _reason(error, clues))


def _found(scene: Scene, clues: Clues) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "address": scene.address or None,
        "other_host": clues.other_host,
        "issuer": clues.issuer or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _reason(error: ReachError, clues: Clues) -> str:
    """Return what makes the sentence more exact, or nothing."""
    if isinstance(error, errors.ProxyFailed):
        return clues.proxy_fault
    if clues.other_host is not None:
        return "only_this" if clues.other_host else "network"
    if isinstance(error, errors.TlsUntrusted) and error.facts.get("proxy"):
        return "proxy"
    named = clues.issuer and isinstance(error, errors.TlsUntrusted | errors.TlsWrongName)
    return "issuer" if named else ""


def _reasoned(error: ReachError, reason: str) -> ReachError:
    if reason:
        error.facts = {"reason": reason, **error.facts}
    return error


def _is_portal(error: ReachError, scene: Scene, clues: Clues) -> bool:
    """Tell a guest network: it sends us to a host that is no neighbour of the vendor's.

    Where the certificate is another's too, any other host will do.
    """
    if isinstance(error, errors.TlsWrongName):
        return clues.sent_to not in {"", scene.host}
    return bool(clues.sent_to) and _family(clues.sent_to) != _family(scene.host)


def _family(host: str) -> str:
    """Return the name that a host's owner took, whatever stands before it, and the ending."""
    return host.split(".")[-2:][0]


def _timed(error: ReachError, ahead: timedelta, clues: Clues) -> WizardError:
    """Tell a wrong clock from a certificate that has run out, by the time that somebody else has."""
    now = datetime.now(UTC) - ahead
    if is_wrong(ahead) and (not clues.valid or clues.valid[0] <= now <= clues.valid[1]):
        unit, amount = _spoken(abs(ahead))
        minutes = whole_minutes(ahead)
        return _instead(error, errors.ClockWrong(minutes=minutes, amount=amount, reason=unit))
    reason = "not_yet" if isinstance(error, errors.ClockWrong) else "clock_right"
    return _instead(error, errors.TlsExpired(reason=reason))


def _spoken(span: timedelta) -> tuple[str, int]:
    """Return a span in the unit that says it best."""
    hours = round(span / timedelta(hours=1))
    if hours < 2:
        return "minutes", whole_minutes(span)
    return ("hours", hours) if hours < 48 else ("days", round(hours / 24))


def _instead(error: WizardError, better: WizardError) -> WizardError:
    """Return the better error, with what was known of the first, where that happened."""
    better.facts = {**error.facts, **better.facts}
    better.stage = error.stage
    return better
