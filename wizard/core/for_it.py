"""What IT support needs to know of a failure, as a text to copy: no secret in it, and nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import __version__
from wizard.core.provider import plain
from wizard.core.spoken import spell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.core.errors import WizardError
    from wizard.core.provider import Environment, Provider
    from wizard.core.texts import Texts

FACTS = (
    *("host", "port", "address", "issuer", "verify_code", "http_status", "sign_in", "proxy", "proxy_from"),
    *("portal", "to", "minutes", "other_host"),
)
"""The facts that are told, in this order; no others, so that nothing personal gets in by accident."""

_WORDS = {True: "yes", False: "no"}


def for_it(error: WizardError, texts: Texts, provider: Provider | None = None) -> str:
    """Return the text, in the language of `texts`."""
    lines = [_title(texts, provider), _happened(error, texts, provider), ""]
    lines += [f"{texts.say('slip.spoken')}: {spell(error, provider)}"]
    lines += [f"{texts.say(f'it.{name}')}: {value}" for name, value in _facts(error, texts)]
    doors = sorted(_doors(error, provider)) if provider and "host" in error.facts else ()
    if doors:
        lines += ["", texts.say("it.open"), *(f"  {door}" for door in doors)]
    return "\n".join([*lines, "", texts.say("it.secret")])


def _title(texts: Texts, provider: Provider | None) -> str:
    return texts.say("it.lead", provider, version=__version__)


def _happened(error: WizardError, texts: Texts, provider: Provider | None) -> str:
    key = f"it.happened.{error.code}"
    return texts.say(key) if texts.has(key) else plain(texts.explain(error, provider).what)


def _facts(error: WizardError, texts: Texts) -> Iterator[tuple[str, str]]:
    yield "stage", error.stage or "–"
    reason = error.facts.get("reason")
    yield "code", f"{error.code} ({reason})" if isinstance(reason, str) else error.code
    for name in FACTS:
        value = error.facts.get(name)
        if value is not None:
            yield name, _said(name, value, texts)


def _said(name: str, value: object, texts: Texts) -> str:
    if isinstance(value, bool):
        return texts.say(f"it.{_WORDS[value]}")
    if name == "proxy_from":
        return texts.say(f"it.{value}")
    return plain(f"{value:+}" if name == "minutes" else str(value))


def _doors(error: WizardError, provider: Provider) -> frozenset[str]:
    """Return each `host:port` that the environment in question needs."""
    return _environment(error, provider).doors


def _environment(error: WizardError, provider: Provider) -> Environment:
    host = error.facts["host"]
    return next((one for one in provider.environments if host in one.hosts), provider.environments[0])
