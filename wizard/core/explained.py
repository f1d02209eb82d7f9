"""What a spoken code means, in words: what happened, why, what next, whose it is, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core import flow
from wizard.core.own_guide import steps_of
from wizard.core.provider import plain
from wizard.core.spoken import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.core.errors import WizardError
    from wizard.core.provider import GuideStep, Provider
    from wizard.core.spoken import Meaning
    from wizard.core.texts import Texts

OF_KEY = {
    "key_refused",
    "field_invalid",
    "wrong_environment",
    "rights_missing",
    "scope_missing",
    "no_company",
}
"""The codes of what is mended where the key is made, unless the system says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The sentences; `code` is the error's own, `guide` the steps that mend it, numbered as there."""

    spoken: str
    code: str
    system: str
    stage: str
    whose: str
    what: str
    why: str
    next: str
    lies_with: str
    guide: tuple[str, ...] = ()
    note: str = ""

    def lines(self, texts: Texts) -> Iterator[tuple[str, str]]:
        """Yield what it is about and the sentence, in the order in which they are read."""
        place = f"{self.system} · {self.stage}" if self.system else self.stage
        rows = {"place": place, "what": self.what, "why": self.why, "next": self.next}
        rows |= {"whose": self.lies_with, "guide": "\n".join(self.guide), "note": self.note}
        yield from ((texts.say(f"explain.{name}"), said) for name, said in rows.items() if said)


def explained(meaning: Meaning, texts: Texts) -> Explained:
    """Return a code's meaning in the language of `texts`; facts of the other machine read as an ellipsis."""
    provider, error = meaning.provider, meaning.error()
    if error:
        error.facts = {**_facts(provider), **error.facts}
        said = texts.explain(error, provider)
        what, why, following = (plain(part) for part in (said.what, said.why, said.next))
    else:
        what, why, following = (texts.say(f"bug.{part}") for part in ("what", "text", "explained"))
    whose = error.lies_with if error else "us"
    return Explained(
        spoken=meaning.code,
        code=error.code if error else "bug",
        system=provider.name if provider else "",
        stage=_stage(meaning.stage, texts, provider),
        whose=whose,
        what=what,
        why=why,
        next=following,
        lies_with=texts.say(f"whose.{whose}", provider),
        guide=_guide(error, provider, texts) if error and provider else (),
        note=_note(meaning, texts, f"{what}{why}{following}"),
    )


def _facts(provider: Provider | None) -> dict[str, str]:
    """Return the host, where the system has only one for its real work."""
    hosts = {host for one in provider.environments[:1] for host in one.hosts} if provider else set()
    return {"host": hosts.pop()} if len(hosts) == 1 else {}


def _stage(stage: str, texts: Texts, provider: Provider | None) -> str:
    own = stage if stage in WORDS and stage not in {"", "store"} else ""
    return texts.say(f"stages.{own}", provider) if own else texts.say(f"explain.stage_{stage or 'none'}")


def _note(meaning: Meaning, texts: Texts, said: str) -> str:
    """Return what the code cannot tell: names of that machine's, or a system that is not known here."""
    notes = ("elsewhere",) * meaning.elsewhere + ("dots",) * ("…" in said)
    return " ".join(texts.say(f"explain.{note}", letters=meaning.letters) for note in notes)


def _guide(error: WizardError, provider: Provider, texts: Texts) -> tuple[str, ...]:
    """Return the steps that mend it, of each way to connect that has one."""
    number = flow.position("key")[0]
    found: list[str] = []
    for method in [one.name for one in provider.methods] or [""]:
        own = provider.by(method)
        steps = steps_of(own, texts.preset, texts.preset.values.get(own.slug, {}))
        at = next((at for at, step in enumerate(steps, 1) if _mends(step, error, own)), None)
        if at:
            said = texts.say(f"guide.{steps[at - 1].key}.title", own)
            name = f" ({texts.say(f'methods.{method}.name', own)})" if method else ""
            found.append(f"{number}.{at} {plain(said)}{name}")
    return tuple(found)


def _mends(step: GuideStep, error: WizardError, provider: Provider) -> bool:
    """Tell whether a step is the one that the system names for the code, else the one that brings the key."""
    if error.code in provider.mends:
        return step.key == provider.mends[error.code]
    secret = {one.name for one in provider.fields if one.secret}
    return error.code in OF_KEY and step.field in (set(error.fields) or secret)
