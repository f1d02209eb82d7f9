"""A made-up system that cannot be reached from outside: a form for the partner, and a letter."""

from __future__ import annotations

import re

from wizard.core.provider import CredentialField, Environment, GuideStep, Provider

_LINE = re.compile(r".{2,80}")


def _line(name: str, *, required: bool = True) -> CredentialField:
    return CredentialField(name=name, secret=False, required=required, pattern=_LINE)


PROVIDER = Provider(
    slug="form",
    name="Lokalbok",
    package=__name__,
    environments=(Environment(name="production", endpoints={"api": "https://lokalbok.example"}),),
    fields=(
        CredentialField(name="orgnr", secret=False, pattern=re.compile(r"[0-9]{9}")),
        _line("version"),
        CredentialField(name="hosting", secret=False, options=("own", "partner", "hosted")),
        _line("helper"),
        _line("contact"),
        CredentialField(name="email", secret=False, pattern=re.compile(r"[^@ ]+@[^@ ]+")),
        _line("phone", required=False),
        _line("moving", required=False),
    ),
    guide=(GuideStep(key="ask", mail="order"),),
    hue=200,
)
