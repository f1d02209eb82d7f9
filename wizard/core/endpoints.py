"""Hosts and addresses: which are this machine's own, and other addresses for a provider, for tests."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.core.provider import Environment, Provider

Endpoints = Mapping[tuple[str, str], Mapping[str, str]]
"""Addresses by name, for (provider, environment)."""


def is_loopback(host: str) -> bool:
    """Tell whether a host can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_literal(host: str) -> bool:
    """Tell whether a host is an address itself, with no name to look up."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def host_of(address: str) -> str:
    """Return the host that an address of anybody's making names, fit to be shown; empty where it is odd."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host if re.fullmatch(r"[a-z0-9.:_-]{1,253}", host) else ""


def read_endpoints(file: Path, providers: Mapping[str, Provider]) -> Endpoints:
    """Read `[system.environment] name = "http://127.0.0.1:…"`; raises `BadInput` naming what is wrong."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise BadInput(reason="endpoints_unreadable", file=file.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadInput(reason="endpoints_not_toml", file=file.name) from None
    return {
        (slug, name): _addresses(_environment(providers, slug, name), addresses)
        for slug, environments in tables.items()
        for name, addresses in _table(environments, slug).items()
    }


def redirected(environment: Environment, slug: str, endpoints: Endpoints | None) -> Environment:
    """Return the environment with the addresses of the file, if there is one.

    Raises `BadInput` where the file leaves it out: else what was meant for a test would go to the vendor.
    """
    if endpoints is None or not environment.endpoints:
        return environment
    addresses = endpoints.get((slug, environment.name))
    if not addresses:
        raise BadInput(reason="endpoints_missing", name=f"{slug}.{environment.name}")
    return replace(environment, endpoints=addresses)


def _environment(providers: Mapping[str, Provider], slug: str, name: str) -> Environment:
    environment = providers[slug].environment(name) if slug in providers else None
    if not environment:
        raise BadInput(reason="endpoints_unknown", name=f"{slug}.{name}")
    return environment


def _addresses(environment: Environment, given: object) -> dict[str, str]:
    """Return the addresses of one environment: all of them, or the others would go to the real vendor."""
    table = _table(given, environment.name)
    if table.keys() != environment.endpoints.keys():
        raise BadInput(reason="endpoints_incomplete", name=", ".join(sorted(environment.endpoints)))
    return {name: _loopback(name, address) for name, address in table.items()}


def _table(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(reason="endpoints_unknown", name=name)
    return value


def _loopback(name: str, address: object) -> str:
    if not isinstance(address, str) or not _is_plain_loopback(address):
        raise BadInput(reason="endpoints_not_loopback", name=name)
    return address.rstrip("/")


def _is_plain_loopback(address: str) -> bool:
    if not address.isascii() or not address.isprintable() or set(address) & set(' \\"<>`{}|^%@?#'):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and parts.port != 0 and is_loopback(parts.hostname or "")
    except ValueError:
        return False
