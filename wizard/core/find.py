"""Finding a system by what a customer knows: its name, a nickname, or the address she signs in at.

A key that is pasted here by mistake is told from all that, so that it is neither shown nor looked for.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from wizard.core.errors import FieldInvalid, WrongEnvironment
from wizard.core.provider import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.core.provider import CredentialField, Provider
    from wizard.core.texts import Texts

KEY_LENGTH = 20
"""The fewest characters without a space that are taken for a key."""

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@\s]*@)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?::\d+)?(?:[/?#].*)?"
)
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l"})


def matching(query: str, providers: Iterable[Provider], texts: Texts) -> tuple[str, ...]:
    """Return the slugs of the systems that a query may mean; all of them where it is empty."""
    known = {one.slug: _said_of(one, texts) for one in providers}
    wanted = fold(query)
    return _at(host_in(query), known) or tuple(slug for slug, said in known.items() if _means(wanted, said))


def fold(text: str) -> str:
    """Return a text as it is compared: small letters without accents, single spaces."""
    small = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return " ".join("".join(mark for mark in small if not unicodedata.combining(mark)).split())


def host_in(text: str) -> str:
    """Return the host of an address, whatever stands around it, or an empty text where it is none."""
    match = _ADDRESS.fullmatch(text.strip().lower())
    return match[1].removeprefix("www.") if match else ""


def looks_like_key(text: str, providers: Iterable[Provider]) -> bool:
    """Tell whether a text is a key rather than something to look for."""
    value = tidy(text)
    if len(value) < KEY_LENGTH or any(mark.isspace() for mark in value):
        return False
    mixed = any(mark.isdigit() for mark in value) and any(mark.isalpha() for mark in value)
    return bool(owner_of(text, providers)) or (mixed and not host_in(value))


def owner_of(text: str, providers: Iterable[Provider]) -> str:
    """Return the slug of the one system whose keys have this form, or an empty text where it is not clear."""
    value = tidy(text)
    given = [one for one in providers if any(tells(field, value, one) for field in one.every_field)]
    secret = [one for one in given if any(field.secret for field in one.every_field)]
    return given[0].slug if len(given) == 1 and secret else ""


def tells(field: CredentialField, value: str, provider: Provider) -> bool:
    """Tell whether a value has the form of a field, and that form is one by which a key can be known."""
    nonsense = (mark * len(value) for mark in "~a")
    takes = _takes(field, value, provider)
    return takes and not any(_takes(field, one, provider) for one in nonsense)


def _takes(field: CredentialField, value: str, provider: Provider) -> bool:
    try:
        return not field.clean(value, provider.environments[0])[1]
    except WrongEnvironment:
        return True
    except FieldInvalid:
        return False


def _said_of(provider: Provider, texts: Texts) -> str:
    keys = [key for key in ("nicknames", "address") if texts.has(key, provider)]
    return fold(" ".join([provider.name, *(texts.say(key, provider) for key in keys)]))


def _hosts(said: str) -> list[str]:
    """Return the hosts among the words that are said of a system."""
    found = (host_in(word.strip(",;()«»“”.")) for word in said.split())
    return [host for host in found if host]


def _at(host: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the systems that are at a host, or nearest above it, and those beneath it."""
    above = {slug: max(map(len, _above(host, said)), default=0) for slug, said in known.items()}
    nearest = max(above.values(), default=0) or -1
    return tuple(
        slug for slug, said in known.items() if above[slug] == nearest or (host and _beneath(host, said))
    )


def _above(host: str, said: str) -> list[str]:
    return [one for one in _hosts(said) if f".{host}".endswith(f".{one}")]


def _beneath(host: str, said: str) -> bool:
    return any(one.endswith(f".{host}") for one in _hosts(said))


def _means(wanted: str, said: str) -> bool:
    together = wanted.replace(" ", "") in said.replace(" ", "")
    return together or all(word in said for word in wanted.split())
