"""The error report that is copied: which failure it was, when and where; no secret in it, and no name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.core.provider import plain
from wizard.core.secret import redacted
from wizard.core.spoken import spell, spell_bug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong, and where: `error` is None for a fault of ours, `report` names its report."""

    error: WizardError | None
    provider: Provider | None = None
    environment: str = ""
    report: str = ""

    @property
    def spoken(self) -> str:
        """The code that can be read aloud."""
        return spell(self.error, self.provider) if self.error else spell_bug()

    def facts(self) -> dict[str, str]:
        """Return what support asks for first; empty where it is not known."""
        error, provider = self.error, self.provider
        known = error.facts if error else {}
        return {
            "spoken": self.spoken,
            "code": error.code if error else "bug",
            "reason": _word(known.get("reason")),
            "stage": (error.stage or "") if error else "",
            "whose": error.lies_with if error else "us",
            "system": provider.slug if provider else "",
            "environment": self.environment if provider else "",
            "method": provider.method if provider else "",
            "http_status": _word(known.get("http_status")),
            "request_id": _word(known.get("request_id")),
            "bug": self.report,
        }


def slip(failure: Failure, texts: Texts, at: datetime) -> str:
    """Return the text to copy, in the language of `texts`; `at` is when it failed, in local time."""
    return redacted("\n".join(_lines(failure, texts, at)))


def _lines(failure: Failure, texts: Texts, at: datetime) -> Iterator[str]:
    facts = failure.facts()
    yield texts.say("slip.title", version=__version__)
    yield f"{texts.say('slip.time')}: {at.isoformat(' ', 'seconds')}"
    for name, value in facts.items():
        if value and name not in {"whose", "method"}:
            yield f"{texts.say(f'slip.{name}')}: {value}"


def _word(value: object) -> str:
    """Return a short fact of a vendor's or of ours, fit to be shown."""
    return "" if value is None else plain(str(value))[:80]
