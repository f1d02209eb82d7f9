"""Which proxy stands between this machine and a host, and who set it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ENVIRONMENT, SYSTEM, PAC = "environment", "system", "pac"
PROXY_OF = "--proxy-of"
"""The argument with which the window starts the program anew, to ask the system for a host's proxy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy's address, empty for none; `source` is `environment`, `system`, `pac` or empty.

    A name and password may stand in the address, so it is not in the `repr`: show `bare`.
    """

    address: str = field(default="", repr=False)
    source: str = ""

    @property
    def bare(self) -> str:
        """The proxy as `host:port`, without the name and password that may stand before it."""
        return re.split(r"[/?#]", self.address.rpartition("@")[2].rpartition("//")[2], maxsplit=1)[0]


NONE = Proxy()


def system_proxy(host: str) -> Proxy:
    """Return the proxy that the environment, or the platform's static settings, name for an https host.

    The list of hosts to go around it is heeded. What a script (PAC) would say only the window can ask.
    """
    from urllib.request import getproxies, proxy_bypass  # 20 ms that the first paint need not wait for

    if proxy_bypass(host):
        return NONE
    proxies = getproxies()
    address = proxies.get("https") or proxies.get("all") or ""
    if not address:
        return NONE
    source = ENVIRONMENT if environment_speaks() else SYSTEM
    return Proxy(address=address if "://" in address else f"http://{address}", source=source)


def environment_speaks() -> bool:
    """Tell whether environment variables set proxies: then they count, and nothing else does."""
    from urllib.request import getproxies_environment

    return bool(getproxies_environment())
