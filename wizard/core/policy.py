"""The machine's policy: what its administrator allows, in a folder that its users cannot write to."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is allowed on this machine; without a file, nothing out of the ordinary is."""

    free_call: bool = False


def read_policy(file: Path, *, owner: int = 0) -> Policy:
    """Return the machine's policy, that of a machine without one where the file is not there.

    Raises `BadInput` for a file that cannot be read or is malformed, and on POSIX for one that others than
    the user `owner` (root) may write: whoever can change it could give himself leave.
    """
    try:
        if not _is_trusted(file, owner):
            raise BadInput(reason="policy_not_trusted", file=str(file))
        body = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Policy()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadInput(reason="policy_unreadable", file=file.name) from None
    known = {one.name for one in fields(Policy)}
    wrong = sorted(name for name, value in body.items() if name not in known or not isinstance(value, bool))
    if wrong:
        raise BadInput(reason="policy_wrong", name=wrong[0])
    return Policy(**body)


def readable_policy(file: Path) -> Policy | None:
    """Return the machine's policy, or None where it cannot be used."""
    try:
        return read_policy(file)
    except BadInput:
        return None


def _is_trusted(file: Path, owner: int) -> bool:
    """Tell whether only `owner` may change the file; on Windows its folder's own rights see to that."""
    if not hasattr(os, "getuid"):
        return True
    found = file.stat()
    return found.st_uid == owner and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
