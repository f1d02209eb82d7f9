"""Visma Connect: where the partner's application gets a short-lived key, the same for every Visma system.

The customer has no key here; what is refused at this place, but for who has not consented yet, is the
partner's to mend. The form of a refusal is `{"error": …}`, its status 400 or 401.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.core import errors

if TYPE_CHECKING:
    from wizard.core.answers import Answer
    from wizard.core.errors import WizardError

ENDPOINT = "https://connect.visma.com/connect/token"
PARTNER = ("client_id", "client_secret")

_ERROR = re.compile(r"[a-z_]{1,40}")
_APPLICATION = frozenset({"invalid_client", "unauthorized_client"})


def error_of(answer: Answer) -> str:
    """Return the name of the error that a refusal speaks of, or an empty text where it has none."""
    error = answer.peek().get("error")
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else ""


def refusal(answer: Answer) -> WizardError:
    """Return what a refusal means that has nothing to do with the customer."""
    error = error_of(answer)
    if error == "invalid_scope":
        return answer.about(errors.ScopeMissing(error=error, whose="partner"))
    if error in _APPLICATION or (answer.status == 401 and not error):
        return answer.about(errors.PartnerKeyRefused(fields=PARTNER))
    return answer.unexpected(error=error) if error else answer.unexpected()


def numbered(answer: Answer) -> dict[str, str]:
    """Return the vendor's own number for a request as a fact: its support asks for it."""
    return {"request_id": answer.request_id} if answer.request_id else {}
