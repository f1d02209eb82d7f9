"""What a vendor says, before anybody is shown it or anything is stored: its answers are not trusted.

A vendor that says a key back, as a company's name or the number of a request, must not bring it on a screen
or into the list of connections.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from wizard.core.errors import UnexpectedAnswer, WizardError
from wizard.core.provider import plain
from wizard.core.secret import unechoed

if TYPE_CHECKING:
    from wizard.core.errors import Fact, Facts
    from wizard.core.provider import Company, Finding

E = TypeVar("E", bound=WizardError)


def quiet_finding(finding: Finding) -> Finding:
    """Return what a check came to, with every secret in its facts masked."""
    return replace(finding, facts=quiet_facts(finding.facts))


def quiet_error(error: E) -> E:
    """Return the error, with every secret in its facts masked."""
    error.facts = quiet_facts(error.facts)
    return error


def quiet_company(company: Company) -> Company:
    """Return the company, with every secret in its name masked.

    Raises `UnexpectedAnswer` where one stands in an id, which would be kept and sent.
    """
    ids = (company.id, *company.ids.values())
    if any(unechoed(one) != one for one in ids):
        raise UnexpectedAnswer(looked_for="id")
    return replace(company, name=_said(company.name))


def quiet_facts(facts: Facts) -> Facts:
    """Return facts with every secret in them masked."""
    return {name: _quiet(value) for name, value in facts.items()}


def _quiet(value: Fact) -> Fact:
    if isinstance(value, str):
        return _said(value)
    if isinstance(value, list):
        return [{name: one and _said(one) for name, one in row.items()} for row in value]
    return value


def _said(text: str) -> str:
    """Return a text masked as it would be shown: unseen marks in it may part a key, and are left out then."""
    shown = plain(text)
    masked = unechoed(shown)
    return unechoed(text) if masked == shown else masked
