"""What a provider's quality file says of it."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from wizard.core.texts import folder

if TYPE_CHECKING:
    from wizard.core.provider import Provider


def verified_on(provider: Provider) -> date | None:
    """Return the day on which the guide was last compared with the vendor's, or None where nobody says."""
    found: object = None
    with suppress(OSError, ValueError):  # a plug-in may come without the file
        text = (folder(provider.package) / "quality.toml").read_text(encoding="utf-8")
        found = tomllib.loads(text).get("verified_on")
    return found if type(found) is date else None
