"""Three systems that there are not: a family to be told apart, one with a full card, one assisted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.core.practice import Practice, Reply
from wizard.core.provider import Check, CredentialField, Environment, Found, GuideStep, Provider
from wizard.core.registry import built_in

if TYPE_CHECKING:
    from wizard.core.provider import Link
    from wizard.core.world import World


async def _nothing(_: Link) -> Found:
    return Found()


def _imagined(name: str, **more: object) -> Provider:
    slug = name.lower()
    return Provider(
        slug=slug,
        name=f"Visma {name}",
        package=f"{__name__}.{slug}",
        family="visma",
        fields=(CredentialField(name="key", pattern=re.compile(r"[a-z]{8}")),),
        guide=(GuideStep(key="copy_key", field="key"),),
        **more,  # type: ignore[arg-type]
    )


FJELL = _imagined(
    "Fjell",
    hue=20,
    environments=(
        Environment(name="production", endpoints={"api": "https://fjell.visma.example/api"}),
        Environment(name="demo", endpoints={"api": "https://demo.fjell.visma.example/api"}, test=True),
    ),
    checks=(Check(name="sign_in", stage="sign_in", ask=_nothing),),
)
HAV = _imagined(
    "Hav",
    hue=150,
    environments=(Environment(name="production", endpoints={"api": "https://hav.visma.example/api"}),),
    checks=(Check(name="sign_in", stage="sign_in", ask=_nothing),),
)
EGEN = _imagined("Egen", hue=330, environments=(Environment(name="production", endpoints={}),))
IMAGINED = {one.slug: one for one in (FJELL, HAV, EGEN)}
PRACTICE = Practice(good={}, refusals={}, vendor=lambda _: lambda _: Reply(status=404, json={}))
USUAL = ("fiken", "tripletex", "poweroffice")


def providers() -> dict[str, Provider]:
    """Return the first three systems and the three that there are not."""
    known = built_in().providers
    return {**{slug: known[slug] for slug in USUAL}, **IMAGINED}


def imagine(world: World) -> None:
    """Have a practice world know them: something answers where they would be, and takes nothing."""
    known, places = world.registry.providers, world.endpoints
    assert isinstance(known, dict)
    assert isinstance(places, dict)
    base = places["fiken", "production"]["api"].rpartition("/fiken/")[0]
    known |= IMAGINED
    for one in IMAGINED.values():
        for place in one.environments:
            at = f"{base}/{one.slug}/{place.name}"
            places[one.slug, place.name] = {name: f"{at}/{name}" for name in place.endpoints}
