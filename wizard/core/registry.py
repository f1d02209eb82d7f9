"""Which providers there are: the folders of `wizard.providers`, then plug-ins by entry point."""

from __future__ import annotations

import contextlib
import pkgutil
import re
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.core.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GROUP = "koble.providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The providers by slug, and what could not be loaded: its name and the kind of error.

    `held` are the plug-ins that were found and not loaded, each with the distribution that it comes from.
    """

    providers: Mapping[str, Provider] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)


def built_in(package: str = "wizard.providers") -> Registry:
    """Return the providers that come with the program; a broken folder is reported and skipped."""
    names = [one.name for one in pkgutil.iter_modules(import_module(package).__path__) if one.ispkg]
    return _gathered((name, f"{package}.{name}", "PROVIDER") for name in names)


def with_plugins(
    registry: Registry, path: Iterable[str] | None = None, *, allowed: frozenset[str] | None = frozenset()
) -> Registry:
    """Return the registry with what entry points add; one that is broken or takes a slug is skipped.

    `path` is where to look, `sys.path` unless told. `allowed` are the distributions or entry points that may
    be loaded, None for any: nothing of the others is imported, since to import is to run.
    """
    if not any(_mentioned(Path(folder)) for folder in (sys.path if path is None else path)):
        return registry
    offered = _offered()
    may = [one for one in offered if allowed is None or not one.names.isdisjoint(_normal(allowed))]
    found = _gathered((one.name, one.module, one.attribute) for one in may)
    taken = {slug: "SlugTaken" for slug in found.providers if slug in registry.providers}
    return Registry(
        providers={**found.providers, **registry.providers},
        broken={**registry.broken, **found.broken, **taken},
        held={one.name: one.distribution for one in offered if one not in may},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """What a distribution offers: the name of an entry point and where it leads."""

    name: str
    module: str
    attribute: str
    distribution: str

    @property
    def names(self) -> frozenset[str]:
        return _normal((self.name, self.distribution))


def _normal(names: Iterable[str]) -> frozenset[str]:
    """Return names in the one form in which package indexes compare them."""
    return frozenset(re.sub(r"[-_.]+", "-", name).lower() for name in names)


def _offered() -> list[_Offer]:
    """Return what distributions offer; one that cannot be read offers nothing."""
    from importlib.metadata import distributions  # costs 30 ms that few installations need pay

    found: list[_Offer] = []
    for one in distributions():
        with contextlib.suppress(Exception):
            rows = one.entry_points.select(group=GROUP)
            found += [
                _Offer(name=row.name, module=row.module, attribute=row.attr, distribution=one.name)
                for row in rows
            ]
    return found


def _gathered(places: Iterable[tuple[str, str, str]]) -> Registry:
    providers: dict[str, Provider] = {}
    broken: dict[str, str] = {}
    for name, module, attribute in places:
        try:
            provider = getattr(import_module(module), attribute)
        except Exception as caught:  # noqa: BLE001 - a plug-in may fail in any way, and must not take us along
            broken[name] = type(caught).__name__
            continue
        if isinstance(provider, Provider):
            providers[provider.slug] = provider
        else:
            broken[name] = "NotAProvider"
    return Registry(providers=providers, broken=broken)


def _mentioned(folder: Path) -> bool:
    """Tell whether any distribution in a folder of `sys.path` offers providers; reads small files only."""
    return any(f"[{GROUP}]" in _text(file) for file in folder.glob("*.dist-info/entry_points.txt"))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
