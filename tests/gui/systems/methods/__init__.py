"""A made-up system with two ways to connect: a key with rights, and a user that only the partner can test."""

from __future__ import annotations

import re

from wizard.core import errors
from wizard.core.answers import maybe, need, take
from wizard.core.auth import Bearer
from wizard.core.provider import (
    Check,
    Company,
    CredentialField,
    Environment,
    Found,
    GuideStep,
    Link,
    Method,
    Provider,
    Right,
)


async def sign_in(link: Link) -> Found:
    """Ask which companies the key reaches, and what it may do."""
    auth = Bearer(link.keys["token"])
    answer = await link.http.get("/companies", auth=auth)
    if answer.status == 401:
        raise answer.about(errors.KeyRefused(fields=("token",)))
    companies = tuple(
        Company(
            id=take(row, "id", str),
            name=take(row, "name", str),
            orgnr=maybe(row, "orgnr", str),
            blocked=maybe(row, "blocked", str) or "",
        )
        for row in need(answer.row().get("companies"), list)
    )
    rights = need(answer.row().get("rights"), dict)
    return Found(auth=auth, companies=companies, rights={name: bool(has) for name, has in rights.items()})


PROVIDER = Provider(
    slug="methods",
    name="Fjellregnskap",
    package=__name__,
    environments=(
        Environment(name="production", endpoints={"api": "https://api.fjellregnskap.example"}),
        Environment(name="test", endpoints={"api": "https://test.fjellregnskap.example"}, test=True),
    ),
    methods=(
        Method(
            name="key",
            fields=(
                CredentialField(name="token", pattern=re.compile(r"[!-~]{6,64}"), step="copy_token"),
                CredentialField(name="plan", secret=False, options=("small", "large")),
                CredentialField(name="note", secret=False, required=False, pattern=re.compile(r".{2,40}")),
            ),
            guide=(
                GuideStep(key="prepare", ticks=("user", "module")),
                GuideStep(key="code", copy=("integration_name",), large=True, needs=("integration_name",)),
                GuideStep(key="ask", mail="new_code", unless=("integration_name",)),
                GuideStep(key="copy_token", field="token"),
            ),
            checks=(Check(name="sign_in", stage="company", ask=sign_in),),
            rights=(Right(name="read", required=True), Right(name="export"), Right(name="extra")),
        ),
        Method(
            name="user",
            fields=(
                CredentialField(name="entity", secret=False, pattern=re.compile(r"[0-9]{3,6}")),
                CredentialField(name="note", secret=False, required=False, pattern=re.compile(r".{2,40}")),
            ),
            guide=(GuideStep(key="give", ticks=("user",)), GuideStep(key="entity", field="entity")),
        ),
    ),
    mends={"rights_missing": "prepare"},
    hue=120,
)
