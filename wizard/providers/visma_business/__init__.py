"""Visma Business, on the customer's own premises: what the partner needs in order to set it up, as a form.

Visma hosts nothing that could be asked from here, so nothing is: what was typed is checked, kept, and put
into a letter to the partner.
"""

from __future__ import annotations

import re

from wizard.core.errors import FieldInvalid
from wizard.core.orgnr import compact
from wizard.core.provider import Company, CredentialField, Environment, GuideStep, Provider

_WORDS = re.compile(r".*\w.*")
_NUMBER = re.compile(r"[0-9]{9}")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"\\]+@(?:[^@\s,;:<>()\[\]\"\\./?#%]+\.)+[^\W\d_]{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){5,15}\D*$)[+0-9 ()./-]{5,30}")
_QUOTED = re.compile(r"[\"“”„«»']([^\"“”„«»]+)[\"“”«»']")


def _line(pasted: str) -> str:
    """Return a text on one line, without unseen marks and without quotation marks around all of it.

    A name may begin with any word, so nothing else is taken off. Control characters stay, and are refused.
    """
    from unicodedata import category

    text = " ".join("".join(mark for mark in pasted if category(mark) != "Cf").split())
    quoted = _QUOTED.fullmatch(text)
    return quoted[1].strip() if quoted else text


def _number(pasted: str) -> str:
    return compact(_line(pasted))


def _address(pasted: str) -> str:
    """Return an e-mail address without what a copied link has before it."""
    return re.sub(r"(?i)^mailto:", "", _line(pasted))


def _inspect(number: str, _: Environment) -> tuple[str, ...]:
    from stdnum.no import orgnr  # costs 30 ms that most commands need not pay

    if not orgnr.is_valid(number):
        raise FieldInvalid(fields=("orgnr",), reason="check_digit")
    return ()


PROVIDER = Provider(
    slug="visma_business",
    name="Visma Business",
    package=__name__,
    family="visma",
    hue=310,
    letters="VB",
    environments=(Environment(name="production", endpoints={}),),
    fields=(
        CredentialField(name="company", pattern=_WORDS, step="form", secret=False, prepare=_line),
        CredentialField(
            name="orgnr", pattern=_NUMBER, step="form", secret=False, prepare=_number, inspect=_inspect
        ),
        CredentialField(
            name="version", pattern=_WORDS, step="version", secret=False, required=False, prepare=_line
        ),
        CredentialField(
            name="hosting",
            pattern=re.compile(r"[a-z_]+"),
            step="hosting",
            secret=False,
            required=False,
            options=("own_server", "partner", "hosted"),
        ),
        CredentialField(
            name="partner_name", pattern=_WORDS, step="hosting", secret=False, required=False, prepare=_line
        ),
        CredentialField(name="contact_name", pattern=_WORDS, step="form", secret=False, prepare=_line),
        CredentialField(name="contact_email", pattern=_EMAIL, step="form", secret=False, prepare=_address),
        CredentialField(
            name="contact_phone", pattern=_PHONE, step="form", secret=False, required=False, prepare=_line
        ),
    ),
    told=lambda plain: Company(id="", name=plain["company"]),
    guide=(
        GuideStep(key="version", image="about.svg"),
        GuideStep(key="hosting", image="hosting.svg"),
        GuideStep(key="form", traps=("no_number",)),
        GuideStep(key="mail", mail="support", image="mail.svg"),
    ),
)
