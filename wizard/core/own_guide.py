"""What a partner adds to a system's guide: steps and warnings of its own, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.core.errors import BadInput
from wizard.core.provider import GuideStep
from wizard.core.said import SHORT, Said, a_name, rows, said, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.preset import Preset
    from wizard.core.provider import Provider

OWN = "preset_"
"""What the keys of a partner's own steps begin with; no provider's do."""

MOST = 8
"""How many steps, and how many warnings, a partner may add to one guide."""

_STEP, _WARNING = ("before", "after", "title", "text"), ("step", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStep:
    """A step of the partner's, before or after (`late`) the step named `at`."""

    at: str
    late: bool
    title: Said
    text: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """All that a partner adds to one system; `after` is said once it is stored."""

    steps: tuple[OwnStep, ...] = ()
    warnings: tuple[tuple[str, Said], ...] = ()
    after: Mapping[str, str] = field(default_factory=dict)

    def sentences(self, language: str) -> dict[str, str]:
        """Return the titles and texts of the steps by key, as a provider's own are found."""
        found: dict[str, str] = {}
        for at, step in enumerate(self.steps, 1):
            found[f"guide.{OWN}{at}.title"] = step.title[language]
            found[f"guide.{OWN}{at}.text"] = step.text[language]
        return found

    def warning(self, step: str, language: str) -> str:
        """Return the warnings at a step as one text, empty where there are none."""
        return " ".join(text[language] for at, text in self.warnings if at == step)


def own_in(value: object) -> dict[str, Own]:
    """Return what a preset adds, by system; raises `BadInput`."""
    return {slug: _own(slug, rows_) for slug, rows_ in table(value, "guide").items()}


def _own(slug: str, value: object) -> Own:
    place = f"guide.{slug}"
    given = table(value, place, ("steps", "warnings", "after"))
    steps = rows(given.get("steps", []), f"{place}.steps", _STEP)
    warnings = rows(given.get("warnings", []), f"{place}.warnings", _WARNING)
    if max(len(steps), len(warnings)) > MOST:
        raise BadInput(reason="preset_options", name=place, most=MOST)
    return Own(
        steps=tuple(_step(row, f"{place}.steps.{at}") for at, row in enumerate(steps, 1)),
        warnings=tuple(_warning(row, f"{place}.warnings.{at}") for at, row in enumerate(warnings, 1)),
        after=said(given["after"], f"{place}.after") if "after" in given else {},
    )


def _step(row: Mapping[str, object], place: str) -> OwnStep:
    where = [name for name in ("before", "after") if name in row]
    if len(where) != 1:
        raise BadInput(reason="preset_missing", name=f"{place}.before")
    _see_there(row, place, ("title", "text"))
    return OwnStep(
        at=a_name(row[where[0]], f"{place}.{where[0]}"),
        late=where[0] == "after",
        title=said(row["title"], f"{place}.title", SHORT),
        text=said(row["text"], f"{place}.text"),
    )


def _warning(row: Mapping[str, object], place: str) -> tuple[str, Said]:
    _see_there(row, place, _WARNING)
    return a_name(row["step"], f"{place}.step"), said(row["text"], f"{place}.text")


def _see_there(row: Mapping[str, object], place: str, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in row:
            raise BadInput(reason="preset_missing", name=f"{place}.{name}")


def see_steps(own: Own, provider: Provider) -> None:
    """Raise `BadInput` where a step or a warning stands at a step that the system's guide has not."""
    guides = [provider.by(one.name).guide for one in provider.methods] or [provider.guide]
    known = sorted({step.key for guide in guides for step in guide})
    named = [(f"steps.{at}", one.at) for at, one in enumerate(own.steps, 1)]
    named += [(f"warnings.{at}", step) for at, (step, _) in enumerate(own.warnings, 1)]
    for place, step in named:
        if step not in known:
            name = f"guide.{provider.slug}.{place}"
            raise BadInput(reason="preset_step", name=name, known=", ".join(known))


def steps_of(provider: Provider, preset: Preset, values: Mapping[str, str]) -> tuple[GuideStep, ...]:
    """Return the steps for a customer of this partner: the system's that fit, with the partner's own between.

    `values` are what there is to copy. An own step beside one that is not shown is not shown either.
    """
    own = preset.own.get(provider.slug, Own())
    found: list[GuideStep] = []
    for step in provider.guide:
        if step.shown(values):
            found += [*_beside(own, step.key, late=False), step, *_beside(own, step.key, late=True)]
    return tuple(found)


def _beside(own: Own, key: str, *, late: bool) -> list[GuideStep]:
    return [
        GuideStep(key=f"{OWN}{at}")
        for at, step in enumerate(own.steps, 1)
        if (step.at, step.late) == (key, late)
    ]
