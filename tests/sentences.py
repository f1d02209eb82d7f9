"""A file's sentences, read as a whole: what the program reads table by table is held against it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from wizard.core.sentences import flat

if TYPE_CHECKING:
    from pathlib import Path


def load(file: Path) -> dict[str, str]:
    """Return the sentences of one file by key."""
    return flat(tomllib.loads(file.read_text(encoding="utf-8")))
