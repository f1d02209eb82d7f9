"""From what a network library raised to the one error that says it.

The class alone is not enough: a name that is not found, a refusal and an untrusted certificate all arrive as
`httpx.ConnectError`. So the whole chain behind an exception is walked, and TLS is told by its number, never
by its text, which Windows translates.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

import h11
import httpx
import socksio

from wizard.core import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.core.errors import Facts, ReachError, WizardError

_TLS: dict[str, dict[int, type[ReachError]]] = {
    "linux": {
        9: errors.ClockWrong,
        10: errors.TlsExpired,
        62: errors.TlsWrongName,
        63: errors.TlsWrongName,
        64: errors.TlsWrongName,
    },
    "win32": {
        0x800B0101: errors.TlsExpired,
        0x800B010F: errors.TlsWrongName,
        0x800B0102: errors.ClockWrong,
    },
    "darwin": {
        -67818: errors.TlsExpired,
        -67819: errors.ClockWrong,
        -67602: errors.TlsWrongName,
        -9814: errors.TlsExpired,
        -9815: errors.ClockWrong,
        -9843: errors.TlsWrongName,
    },
}
_NO_TLS_FAULT = (ssl.SSLEOFError, ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLZeroReturnError)
_PLAIN = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})
_TOO_OLD = (
    "PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "NO_SHARED_CIPHER",
    "HANDSHAKE_FAILURE",
    "KEY_TOO_SMALL",
)
_SIGN_IN = {"kerberos": "Kerberos", "negotiate": "Negotiate", "ntlm": "NTLM"}
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.ENETDOWN, 10050, 10051})
_HEADLESS = "peer closed connection"  # h11's words for a body that ended too early


def explain(
    caught: BaseException, *, platform: str, proxy: str, routed: Callable[[], bool], at: str = "connection"
) -> WizardError:
    """Return the error to raise for an exception of httpx's, or of the SOCKS library below it.

    `platform` is a `sys.platform`, `proxy` the proxy used as `host:port` or empty, `routed` tells whether the
    machine has a way to any network, `at` is the stage that the request had come to.
    """
    chain = tuple(_chain(caught))
    return (
        _tls(chain, platform)
        or _through_proxy(caught, chain, proxy, at)
        or _lookup(chain, routed)
        or _spoken(caught, chain)
        or _unreached(caught, chain)
    )


def tls_error(code: int, platform: str) -> type[ReachError]:
    """Return what a verification number means on a platform; an unknown one means an untrusted issuer."""
    table = _TLS.get(platform, _TLS["linux"])
    return table.get(code & 0xFFFFFFFF if platform == "win32" else code, errors.TlsUntrusted)


def proxy_refusal(status: int, schemes: tuple[str, ...]) -> Facts:
    """Return what a proxy's answer tells: its status, and why.

    We sign in to a proxy with a name and password only; `sign_in` names what only a company's own machines
    and their users can do.
    """
    if status == 407:
        company = [name for scheme, name in _SIGN_IN.items() if scheme in schemes]
        asked: Facts = {"sign_in": ", ".join(company)} if company else {}
        return {"http_status": status, **asked, "reason": "sign_in" if company else "password"}
    return {"http_status": status, "reason": "unreached" if status >= 500 else "refused"}


def unnamed(caught: Exception, *, routed: Callable[[], bool]) -> WizardError:
    """Return the error for a name that could not be looked up."""
    return _lookup(tuple(_chain(caught)), routed) or errors.NameNotFound()


def has_route() -> bool:
    """Tell whether any network can be reached; asks the routing table and sends nothing.

    The two addresses are reserved for documentation (RFC 5737, RFC 3849).
    """
    return _routes(socket.AF_INET, "192.0.2.1") or _routes(socket.AF_INET6, "2001:db8::1")


def _routes(family: socket.AddressFamily, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
    except OSError:
        return False
    return True


def _chain(caught: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [caught]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__context__, one.__cause__]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def _tls(chain: tuple[BaseException, ...], platform: str) -> WizardError | None:
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return tls_error(one.verify_code, platform)(verify_code=one.verify_code)
    broken = [one for one in chain if isinstance(one, ssl.SSLError) and not isinstance(one, _NO_TLS_FAULT)]
    return errors.TlsFailed(_handshake(broken[0])) if broken else None


def _handshake(broken: ssl.SSLError) -> Facts:
    """Return what OpenSSL's own name for the fault tells: no TLS at all, or one that is too old."""
    name = broken.reason or ""
    if name in _PLAIN:
        return {"reason": "plain"}
    return {"reason": "old"} if any(part in name for part in _TOO_OLD) else {}


def _through_proxy(
    caught: BaseException, chain: tuple[BaseException, ...], proxy: str, at: str
) -> WizardError | None:
    """Tell a proxy that is in the way: what goes wrong while it is asked to let us through is its doing."""
    if not proxy:
        return None
    refused = isinstance(caught, httpx.ProxyError | httpx.ConnectTimeout | socksio.ProtocolError)
    unreached = isinstance(caught, httpx.ConnectError) and not _reset(chain)
    return errors.ProxyFailed(proxy=proxy) if refused or unreached or at == "proxy" else None


def _lookup(chain: tuple[BaseException, ...], routed: Callable[[], bool]) -> WizardError | None:
    if any(isinstance(one, OSError) and one.errno in _NO_ROUTE for one in chain):
        return errors.Offline()
    if any(isinstance(one, socket.gaierror | UnicodeError) for one in chain):
        return errors.NameNotFound() if routed() else errors.Offline()
    return None


def _spoken(caught: BaseException, chain: tuple[BaseException, ...]) -> WizardError | None:
    """Tell a peer that broke off from one that does not speak HTTP."""
    if not isinstance(caught, httpx.RemoteProtocolError):
        return None
    protocol = next((one for one in chain if isinstance(one, h11.RemoteProtocolError)), None)
    garbled = protocol is not None and not str(protocol).startswith(_HEADLESS)
    return errors.GarbledAnswer() if garbled else errors.ConnectionLost()


def _unreached(caught: BaseException, chain: tuple[BaseException, ...]) -> WizardError:
    if isinstance(caught, httpx.TimeoutException):
        return errors.TimedOut()
    if isinstance(caught, httpx.ConnectError) and not _reset(chain):
        return errors.ConnectionRefused()
    return errors.ConnectionLost()


def _reset(chain: tuple[BaseException, ...]) -> bool:
    broken = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, ssl.SSLEOFError)
    return any(isinstance(one, broken) for one in chain)
