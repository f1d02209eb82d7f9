"""The nouns: what an accounting system is to Koble.

A provider is a value: `PROVIDER = Provider(...)` in a folder under `wizard.providers`, with its sentences in
`texts.nb.toml` and `texts.en.toml` and its imitation in `practice.py` beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.core.errors import Fact, FieldInvalid
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from wizard.core.auth import Auth
    from wizard.core.net import Http

STAGES = ("input", "name", "connection", "proxy", "tls", "vendor", "sign_in", "company", "rights", "sample")
"""How far a test has come, in the order in which it gets there."""

_UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad"
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_PAIRS = ('""', "''", "“”", "„“", "””", "‘’", "«»", "{}", "<>", "[]", "()", "``")
_PREFIX = re.compile(r"(?:bearer|token)[\s\u200b]+", re.IGNORECASE)
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Environment:
    """One of a vendor's worlds: `production`, or one for tests.

    `endpoints` maps a name (`api`, `token`) to an `https` address without a slash at its end.
    """

    name: str
    endpoints: Mapping[str, str]
    test: bool = False

    @property
    def hosts(self) -> frozenset[str]:
        """The host names that may be spoken to, and no others."""
        return frozenset(urlsplit(address).hostname or "" for address in self.endpoints.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CredentialField:
    """Something the customer pastes, or the partner sets up.

    `pattern` is what a cleaned value must match in full. `inspect` looks at a value of the right shape
    without sending it anywhere: it returns the keys of warnings, or raises `FieldInvalid` or
    `WrongEnvironment`.
    `step` names the guide step where the customer finds the value.
    """

    name: str
    pattern: re.Pattern[str] = _PRINTABLE
    step: str = ""
    inspect: Callable[[str, Environment], tuple[str, ...]] | None = None

    def clean(self, pasted: object, environment: Environment) -> tuple[Secret, tuple[str, ...]]:
        """Return the value fit for use and the keys of warnings about it.

        Raises `FieldInvalid` with this field's name and never its value.
        """
        value = tidy(pasted) if isinstance(pasted, str) else ""
        if not self.pattern.fullmatch(value) or not _PRINTABLE.fullmatch(value):
            empty = pasted is None or pasted == "" or (isinstance(pasted, str) and not value)
            raise FieldInvalid(fields=(self.name,), reason="empty" if empty else "shape")
        warnings = self.inspect(value, environment) if self.inspect else ()
        return Secret(value), warnings


def tidy(pasted: str) -> str:
    """Take off what a copy drags along: white space, unseen marks, one pair of quotes or braces, a prefix."""
    value = _trim(pasted)
    if len(value) > 1 and value[0] + value[-1] in _PAIRS:
        value = _trim(value[1:-1])
    return _trim(_PREFIX.sub("", value, count=1)) if _PREFIX.match(value) else value


def plain(text: str) -> str:
    """Return somebody's text fit to be shown: no control characters, none that turn it round."""
    kept = "".join(" " if mark.isspace() else mark for mark in text if mark.isprintable() or mark.isspace())
    return " ".join(kept.split())


def _trim(value: str) -> str:
    for mark in _UNSEEN:
        value = value.replace(mark, "")
    return value.strip().strip("\x00")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GuideStep:
    """One thing the customer does in the vendor's own program.

    `field` is the answer whose value the step brings; `copy` names values of the preset to copy from here;
    `opens` is the vendor's page; `image` a drawing in the provider's `images` folder.
    """

    key: str
    field: str = ""
    copy: tuple[str, ...] = ()
    opens: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that a key reaches.

    `id` is the vendor's own name for it; `orgnr` nine digits, or None where the vendor does not tell;
    `blocked` the code of what stands in the way of using it; `ids` further vendor ids the partner needs.
    """

    id: str
    name: str
    orgnr: str | None = None
    test: bool = False
    blocked: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)

    def facts(self) -> dict[str, str | None]:
        """Return what a receipt and a list of companies say of it."""
        return {"orgnr": self.orgnr, "name": self.name, "id": self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check came to: what to sign with from now on, companies, and facts to show."""

    auth: Auth | None = None
    session: Secret | None = None
    companies: tuple[Company, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """What a check may use: the vendor's door, the keys, and what earlier checks found."""

    http: Http
    keys: Mapping[str, Secret]
    environment: Environment
    now: datetime
    auth: Auth | None = None
    session: Secret | None = None
    company: Company | None = None

    def after(self, found: Found) -> Link:
        """Return the link as the next check shall have it."""
        return replace(self, auth=found.auth or self.auth, session=found.session or self.session)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Check:
    """One read-only question to the vendor.

    One that is `per_company` is asked for each chosen company, and what it finds of a company replaces what
    was known.
    """

    name: str
    stage: str
    ask: Callable[[Link], Awaitable[Found]]
    per_company: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Provider:
    """One accounting system, as the registry knows it.

    `checks` are asked in order; `leave`, where there is one, is called at the end of every walk that began,
    to close what `checks` opened. `mends` names the guide step that mends what an error's code says; `hue`
    is the colour of the system's badge, in degrees.
    """

    slug: str
    name: str
    package: str
    environments: tuple[Environment, ...]
    fields: tuple[CredentialField, ...]
    checks: tuple[Check, ...]
    guide: tuple[GuideStep, ...]
    partner_keys: tuple[CredentialField, ...] = ()
    leave: Callable[[Link], Awaitable[None]] | None = None
    mends: Mapping[str, str] = field(default_factory=dict)
    hue: int = 215

    def environment(self, name: str) -> Environment | None:
        """Return the environment of that name, or None."""
        return next((one for one in self.environments if one.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check, or one stage of the network, came to.

    `state` is `passed`, `failed` or `skipped`; `ms` whole milliseconds.
    """

    check: str
    stage: str
    state: str
    ms: int = 0
    facts: Mapping[str, Fact] = field(default_factory=dict)
