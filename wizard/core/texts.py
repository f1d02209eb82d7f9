"""Sentences by key and language: the shell's in `translations/`, a provider's own beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from wizard.core import paths, share
from wizard.core.own_guide import OWN
from wizard.core.preset import Preset
from wizard.core.sentences import Sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider

LANGUAGES = ("nb", "en")
_OWN = f"guide.{OWN}"

RIGHT_PARTS = ("name", "where", "why", "without")
"""What is said of a right: what it is called, where to tick it, what it is for, what is lost without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What happened, why it may be, and the one thing to do next, with the words on its button."""

    what: str
    why: str
    next: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One language's sentences, with the partner's name at hand for all of them.

    Where they are `share_safe`, customers' names and numbers are masked in all of them.
    """

    language: str
    preset: Preset = Preset()  # noqa: RUF009 - a frozen value, shared without harm
    share_safe: bool = False

    def say(self, key: str, provider: Provider | None = None, **facts: object) -> str:
        """Return a sentence with its placeholders filled in; a provider's own goes before the shell's.

        Raises `KeyError` for a key that neither has. A fact that is not known reads as an ellipsis.
        """
        if key.startswith(_OWN) and provider:
            return self.preset.own[provider.slug].sentences(self.language)[key]
        own = _provider_texts(provider.package, self.language) if provider else {}
        sentence = own[key] if key in own else _shell_texts(self.language)[key]
        return _FORMATTER.vformat(sentence, (), self._known(provider, facts))

    def terms(self, provider: Provider) -> str:
        """Return what a system's terms say of its keys, on the partner's ground; empty where nothing."""
        ground = f"terms_{self.preset.fiken}" if provider.slug == "fiken" else ""
        key = next((one for one in (ground, "terms") if one and self.has(one, provider)), "")
        return self.say(key, provider) if key else ""

    def warning(self, provider: Provider, step: str) -> str:
        """Return what the partner warns of at a step of a guide, or an empty text."""
        own = self.preset.own.get(provider.slug)
        return own.warning(step, self.language) if own else ""

    def unsigned(self) -> str:
        """Return what is said of a preset that counts only in part, since nobody signed it."""
        return self.say("own.unsigned_part" if self.preset.partner else "own.unsigned")

    def partners(self, name: str) -> str:
        """Return the partner's own words, or an empty text where its preset has none."""
        return self.preset.text(name, self.language)

    def name(self, text: str) -> str:
        """Return a customer's name as it may be shown."""
        return share.name(text) if self.share_safe else text

    def has(self, key: str, provider: Provider | None = None) -> bool:
        """Tell whether there is such a sentence."""
        own = _provider_texts(provider.package, self.language) if provider else {}
        return key in own or key in _shell_texts(self.language)

    def words(self, table: str, provider: Provider) -> dict[str, str]:
        """Return a table of a provider's own words by name: what stands in its drawings."""
        own = _provider_texts(provider.package, self.language)
        return {key.partition(".")[2]: word for key, word in own.items() if key.startswith(f"{table}.")}

    def explain(self, error: WizardError, provider: Provider | None = None) -> Explanation:
        """Return the sentences for an error, the most particular there are."""
        facts = {
            **share.written(error.facts),
            "fields": self._fields(error, provider) or None,
            **self._right(error.facts.get("right"), provider),
            **self._belongs(error.facts.get("belongs"), provider),
        }
        keys = error_keys(error, provider)

        def part(name: str) -> str:
            return next(
                self.say(f"{key}.{name}", provider, **facts)
                for key in keys
                if self.has(f"{key}.{name}", provider)
            )

        return Explanation(what=part("what"), why=part("why"), next=part("next"), action=part("action"))

    def _right(self, right: object, provider: Provider | None) -> dict[str, str]:
        """Return the words for a right that is missing: its name, where it is ticked, what it is for."""
        if not isinstance(right, str) or not provider:
            return {}
        return {f"right_{part}": self.say(f"rights.{right}.{part}", provider) for part in RIGHT_PARTS}

    def _belongs(self, name: object, provider: Provider | None) -> dict[str, str]:
        """Return the label of the field that a value belongs in, where it was pasted into another."""
        key = f"fields.{name}.label"
        return {"belongs": self.say(key, provider)} if self.has(key, provider) else {}

    def _fields(self, error: WizardError, provider: Provider | None) -> str:
        labels = (f"fields.{name}.label" for name in error.fields)
        named = (self.say(key, provider) if self.has(key, provider) else key.split(".")[1] for key in labels)
        return ", ".join(named)

    def _known(self, provider: Provider | None, facts: Mapping[str, object]) -> Mapping[str, object]:
        partner = self.preset.partner or _shell_texts(self.language)["partner.unnamed"]
        return _Facts(
            {
                **(self.preset.values.get(provider.slug, {}) if provider else {}),
                **(share.masked(facts) if self.share_safe else facts),
                "partner": partner,
                "Partner": partner[:1].upper() + partner[1:],
                "system": provider.name if provider else "…",
            }
        )


def language(wish: str = "", system: str = "") -> str:
    """Return `nb` or `en`: as wished for, else as the machine's own language has it.

    `system` is that language where the caller knows more of it than Python: macOS tells a window's program.
    """
    if wish in LANGUAGES:
        return wish
    own = (
        os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or system
        or _system_language()
    )
    return "nb" if own.lower().startswith(("nb", "nn", "no")) else "en"


def folder(package: str) -> Path:
    """Return the folder of a provider: its sentences and images."""
    return Path(str(import_module(package).__file__)).parent


@cache
def _shell_texts(language: str) -> Mapping[str, str]:
    return _sentences(paths.translations() / f"{language}.toml")


@cache
def _provider_texts(package: str, language: str) -> Mapping[str, str]:
    return _sentences(folder(package) / f"texts.{language}.toml")


def _sentences(file: Path) -> Sentences:
    return Sentences(file.read_text(encoding="utf-8"))


def error_keys(error: WizardError, provider: Provider | None) -> tuple[str, ...]:
    """Return where an error's sentences may stand, the most particular first."""
    base = f"errors.{error.code}"
    given = error.facts.get("reason")
    reasons = [given] if isinstance(given, str) else []
    shown = {one.name for one in provider.every_field if not one.secret} if provider else set()
    if error.fields and shown.issuperset(error.fields):
        reasons = [*(f"plain_{reason}" for reason in reasons), "plain", *reasons]
    places = [f"{name}.{reason}" for name in error.fields for reason in reasons[:1]]
    return (*(f"{base}.{place}" for place in (*places, *error.fields, *reasons)), base)


def _system_language() -> str:
    import locale

    try:
        return locale.getlocale()[0] or ""
    except ValueError:  # the system names a language in a way that Python does not know
        return ""


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


class _Formatter(Formatter):
    """Fills in names only: no attributes, no indexes, so that a sentence cannot reach into an object."""

    def get_field(self, field_name: str, _args: object, kwargs: Mapping[str, object]) -> tuple[object, str]:
        value = kwargs[field_name]
        return "…" if value is None else value, field_name


_FORMATTER = _Formatter()
