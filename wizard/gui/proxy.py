"""The system's proxy for a host, as Qt finds it: scripts (PAC), discovery and the list of exceptions heeded.

Qt may take minutes over a script that it cannot fetch, cannot be stopped meanwhile, and PySide holds Python's
lock all the time: in a thread it would freeze the window. So it is asked in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING

from wizard.core.proxy import ENVIRONMENT, NONE, PAC, PROXY_OF, Proxy, environment_speaks, system_proxy

if TYPE_CHECKING:
    from PySide6.QtNetwork import QNetworkProxy

PATIENCE = 5.0
"""The most that the system may take over a host, in seconds; then its plain settings count."""

Query = Callable[[str], str | None]
"""Returns a host's proxy as an address, empty for none; None where the system did not tell in time."""


class SystemProxies:
    """Returns the proxy for a host; call it in a thread: it blocks. What it is told counts for the run.

    Variables of the environment, where they set proxies, go before everything else.
    """

    def __init__(self, query: Query | None = None, settings: Callable[[str], Proxy] = system_proxy) -> None:
        self._query = query or ask_qt
        self._settings = settings
        self._known: dict[str, Future[Proxy]] = {}
        self._lock = Lock()

    def __call__(self, host: str) -> Proxy:
        """Return the proxy for a host; takes 5 s at most."""
        with self._lock:
            known = self._known.get(host)
            mine = self._known.setdefault(host, Future())
        if known is None:
            try:
                told, proxy = self._ask(host)
                mine.set_result(proxy)
            except Exception as caught:  # noqa: BLE001 - else those who wait for it would wait for ever
                told = False
                mine.set_exception(caught)
            if not told:  # the next test asks again: the network may be another then
                self._known.pop(host, None)
        return mine.result()

    def _ask(self, host: str) -> tuple[bool, Proxy]:
        """Return whether it is known for certain, and the proxy."""
        static = self._settings(host)
        if static.source == ENVIRONMENT or environment_speaks():
            return True, static
        told = self._query(host)
        return told is not None, static if told is None else _sourced(told, static)


def _sourced(told: str, static: Proxy) -> Proxy:
    """Return the proxy that was told of; one that the plain settings do not name comes of a script."""
    if not told:
        return NONE
    found = Proxy(address=told, source=PAC)
    return static if found.bare == static.bare else found


def ask_qt(host: str, command: tuple[str, ...] = (), patience: float = PATIENCE) -> str | None:
    """Ask in a process of its own, which is ended where it takes too long."""
    try:
        ended = subprocess.run(  # noqa: S603 - our own program, with a host that a system declares
            [*(command or _ourselves()), PROXY_OF, host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        told = json.loads(ended.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return told if isinstance(told, str) else None


def _ourselves() -> tuple[str, ...]:
    """Return the command that starts this program: an installed one is its own interpreter."""
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-P", "-m", "wizard")


def tell(hosts: list[str]) -> int:
    """Write the proxy for one host as JSON on standard output; return the exit status."""
    os.write(1, json.dumps(address_of(*_system(hosts[0]))).encode())  # `sys.stdout` is None without a console
    return 0


def _system(host: str) -> tuple[str, str, int, str, str]:
    """Return what the system says of a host: kind, name, port, user and password of its first proxy."""
    from PySide6.QtCore import QUrl
    from PySide6.QtNetwork import QNetworkProxyFactory, QNetworkProxyQuery

    url = QUrl()
    url.setScheme("https")
    url.setHost(host)
    found = QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(url))
    return _parts(found[0]) if found else ("NoProxy", "", 0, "", "")


def _parts(proxy: QNetworkProxy) -> tuple[str, str, int, str, str]:
    return proxy.type().name, proxy.hostName(), proxy.port(), proxy.user(), proxy.password()


def address_of(kind: str, host: str, port: int, user: str, password: str) -> str:
    """Return a proxy of Qt's as an address, empty for none."""
    from urllib.parse import quote

    scheme = {"HttpProxy": "http", "HttpCachingProxy": "http", "Socks5Proxy": "socks5"}.get(kind)
    if not scheme or not host:
        return ""
    secret = f":{quote(password, safe='')}" if password else ""
    name = f"{quote(user, safe='')}{secret}@" if user else ""
    return f"{scheme}://{name}{f'[{host}]' if ':' in host else host}:{port}"
