"""The open register of Brønnøysund: a company's name by its organisation number. Asked only where allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from wizard.core.answers import take
from wizard.core.errors import WizardError
from wizard.core.orgnr import expected
from wizard.core.provider import Environment, plain

if TYPE_CHECKING:
    from wizard.core.net import Net

WITHIN = 2.0
"""The most that looking up a name may take, in seconds."""

REGISTER = Environment(
    name="production", endpoints={"api": "https://data.brreg.no/enhetsregisteret/api/enheter"}
)


async def name_of(orgnr: str, net: Net, environment: Environment = REGISTER) -> str | None:
    """Return the company's name, or None where the register has none or does not tell in time.

    Nothing but a checked organisation number is ever sent: eleven digits would be a person's own number.
    """
    try:
        number = expected(orgnr)
        with anyio.fail_after(WITHIN):
            async with replace(net, looks_further=False).open(environment, lambda _: None) as http:
                answer = await http.get("/{orgnr}", orgnr=number)
        return plain(take(answer.row(), "navn", str)) or None
    except (WizardError, TimeoutError):
        return None
