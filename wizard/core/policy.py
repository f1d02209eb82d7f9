"""The machine's policy: what its administrator allows, in a folder that its users cannot write to."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard import __version__
from wizard.core import paths
from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wizard.core.preset import Preset
    from wizard.core.provider import Provider

REFUSALS = ("policy_unreadable", "policy_not_trusted", "policy_wrong", "policy_version", "policy_system")
"""The reasons that a refusal of the policy's may have; docs/it.md says what each is."""

_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is allowed on this machine; without a file, nothing out of the ordinary is.

    None is what the file does not say. `systems` are the slugs that may be connected, `plugins` the
    distributions or entry points that may be loaded. `fault` is what is wrong with the file: then nothing
    that it could have forbidden is allowed.
    """

    systems: frozenset[str] | None = None
    plugins: frozenset[str] | None = None
    free_call: bool = False
    share_safe: bool | None = None
    register_lookup: bool | None = None
    minimum_version: str = ""
    fault: BadInput | None = None

    def refusal(self, provider: Provider | None = None) -> BadInput | None:
        """Return why no key may be taken, kept or used here, or not for this system; None where it may."""
        if self.fault:
            return BadInput(self.fault.facts, whose="it")
        if _numbers(self.minimum_version) > _numbers(__version__):
            wanted = self.minimum_version
            return BadInput(reason="policy_version", needed=wanted, version=__version__, whose="it")
        if provider and self.systems is not None and provider.slug not in self.systems:
            return BadInput(reason="policy_system", name=provider.name, whose="it")
        return None

    def see_to(self, provider: Provider) -> None:
        """Raise `BadInput` where no key of this system may be taken, kept or used."""
        if refused := self.refusal(provider):
            raise refused

    def offered(self, providers: Mapping[str, Provider]) -> dict[str, Provider]:
        """Return the systems to choose among; where all are refused, they are told so when one is picked."""
        return {slug: one for slug, one in providers.items() if self.systems is None or slug in self.systems}

    @property
    def loadable(self) -> frozenset[str] | None:
        """The names of the plug-ins that may be loaded; None for any, as in a checkout without a policy."""
        if self.plugins is not None:
            return self.plugins
        return None if paths.is_checkout() and not self.fault else frozenset()

    @property
    def hides_names(self) -> bool:
        """Whether customers' names and numbers are masked in the window and cannot be shown."""
        return bool(self.share_safe or self.fault)

    def over(self, preset: Preset) -> Preset:
        """Return the preset with what the policy decides in its place."""
        if self.register_lookup is None and not self.fault:
            return preset
        return replace(preset, register_lookup=bool(self.register_lookup))


def machine() -> Policy:
    """Return the policy of this machine; one that cannot be relied on has a `fault` and allows nothing."""
    try:
        return read_policy(paths.policy())
    except BadInput as error:
        return Policy(fault=error)


def read_policy(file: Path, *, owner: int = 0) -> Policy:
    """Return the machine's policy, that of a machine without one where the file is not there.

    Raises `BadInput` for a file that cannot be read or is malformed, and on POSIX for one that others than
    the user `owner` (root) may write: whoever can change it could give himself leave.
    """
    try:
        body = _loaded(file, owner)
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError, RecursionError):  # what TOML and Unicode raise is a `ValueError`
        raise BadInput(reason="policy_unreadable", file=str(file)) from None
    values: dict[str, Any] = {name: _value(name, value) for name, value in body.items()}
    return Policy(**values)


def _loaded(file: Path, owner: int) -> dict[str, object]:
    with file.open("rb") as opened:
        if not is_trusted(os.fstat(opened.fileno()), owner):
            raise BadInput(reason="policy_not_trusted", file=str(file))
        import tomllib  # most machines have no policy, and need not pay for it

        return tomllib.loads(opened.read().decode("utf-8-sig"))


def readable_policy(file: Path) -> Policy | None:
    """Return the machine's policy, or None where it cannot be used."""
    try:
        return read_policy(file)
    except BadInput:
        return None


def is_trusted(found: os.stat_result, owner: int) -> bool:
    """Tell whether only `owner` may change the file; on Windows its folder's own rights see to that."""
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == owner and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _names(value: object) -> frozenset[str] | None:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return frozenset(value)


def _version(value: object) -> str | None:
    return value if isinstance(value, str) and _VERSION.fullmatch(value) else None


KEYS: Mapping[str, Callable[[object], object]] = {
    "systems": _names,
    "plugins": _names,
    "free_call": _flag,
    "share_safe": _flag,
    "register_lookup": _flag,
    "minimum_version": _version,
}
"""What may stand in the file, and what makes a value of it: None where it cannot be one."""


def _value(name: str, value: object) -> object:
    made = KEYS[name](value) if name in KEYS else None
    if made is None:
        raise BadInput(reason="policy_wrong", name=name, known=", ".join(KEYS))
    return made


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers to compare, without the zeros at its end."""
    found = _VERSION.match(version)
    numbers = [int(one) for one in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
