"""A made-up system in which somebody has to let the partner in, while the vendor may be asked rarely."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.core import errors
from wizard.core.answers import maybe, take
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Found,
    GuideStep,
    Link,
    Looks,
    Provider,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(plain: Mapping[str, str]) -> Company:
    """Return the company that the answers name."""
    return Company(id=plain.get("tenant", ""), name="")


async def look(link: Link) -> Found:
    """Ask whether the partner is let in."""
    answer = await link.http.get("/company")
    if answer.status == 403:
        raise answer.about(errors.PendingApproval(days=5, waiting_for="administrator"))
    if answer.status == 410:
        raise answer.about(errors.InvitationExpired(days=5))
    row = answer.row()
    return Found(
        companies=(
            Company(id=link.plain["tenant"], name=take(row, "name", str), orgnr=maybe(row, "orgnr", str)),
        )
    )


PROVIDER = Provider(
    slug="waits",
    name="Ventebok",
    package=__name__,
    environments=(Environment(name="production", endpoints={"api": "https://api.ventebok.example"}),),
    fields=(
        CredentialField(name="tenant", secret=False, pattern=re.compile(r"[a-z0-9-]{4,36}"), step="tenant"),
        CredentialField(name="orgnr", secret=False, pattern=re.compile(r"[0-9]{9}")),
    ),
    guide=(
        GuideStep(key="code", copy=("invitation_code",), large=True, mail="new_code"),
        GuideStep(key="tenant", field="tenant"),
    ),
    checks=(Check(name="company", stage="company", ask=look),),
    told=told,
    looks=Looks(times=1, seconds=2),
    mends={"invitation_expired": "code", "pending_approval": "code"},
    hue=30,
)
