"""Koble with a bug in the first check of every system: its text holds every key. Run as a program."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from wizard.core import registry

if TYPE_CHECKING:
    from wizard.core.provider import Check, Link, Provider


async def strike(link: Link) -> NoReturn:
    held = " ".join(one.reveal() for one in link.keys.values())
    raise RuntimeError(held, link, vars(link.http)) from ValueError(held)


def with_bug(provider: Provider) -> Provider:
    """Return the system with a first check that strikes, whatever the method."""
    methods = tuple(replace(one, checks=_struck(one.checks)) for one in provider.methods)
    return replace(provider, checks=_struck(provider.checks), methods=methods)


def _struck(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(replace(one, ask=strike) for one in checks)


def broken(package: str = "wizard.providers") -> registry.Registry:
    """Return the systems that come with the program, each with the bug."""
    built = _BUILT_IN(package)
    return replace(built, providers={slug: with_bug(one) for slug, one in built.providers.items()})


_BUILT_IN = registry.built_in

if __name__ == "__main__":
    registry.built_in = broken
    from wizard.__main__ import main

    sys.exit(main())
