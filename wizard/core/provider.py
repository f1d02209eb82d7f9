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

_BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\u00ad"
_UNSEEN = _ZERO_WIDTH + "\ufeff" + _BIDI
_PAIRS = ('""', "''", "“”", "„“", "””", "‘’", "«»", "{}", "<>", "[]", "()", "``")
_UNDRAWN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_TYPESET = ("“”", "„“", "””", "«»")
_PREFIX = re.compile(r"(bearer|token|basic)\s+", re.IGNORECASE)
_KINDS = {
    **dict.fromkeys(_ZERO_WIDTH, "zero_width"),
    **dict.fromkeys(_BIDI, "bidi"),
    **dict.fromkeys("\u00a0\u2007\u202f", "no_break_space"),
    **dict.fromkeys("\r\n\v\f\x85\u2028\u2029", "line_break"),
    **dict.fromkeys("".join(_PAIRS), "quotes"),
    "\ufeff": "bom",
    "\x00": "nul",
    "=": "padding",
}
_PRINTABLE = re.compile(r"[!-~]+")
MAX_TEXT = 200
"""The most that a password, or an answer which is no secret, may hold, in characters."""


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

    @property
    def doors(self) -> frozenset[str]:
        """Each `host:port` that has to be open for it, and no others."""
        parts = (urlsplit(address) for address in self.endpoints.values())
        return frozenset(f"{one.hostname}:{one.port or port_of(one.scheme)}" for one in parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CredentialField:
    """Something the customer pastes, types or picks, or the partner sets up.

    `pattern` is what a value must match in full once `prepare` has taken off what a copy drags along.
    `inspect` looks at a value of the right shape without sending it anywhere: it returns the keys of
    warnings, or raises `FieldInvalid` or `WrongEnvironment`. One that is not `secret` is shown as it is and
    kept in the ledger; one with `options` is picked among them. A secret that is `text` is a password: any
    letters, and spaces and quotes that may belong to it.
    `step` names the guide step where the customer finds the value.
    """

    name: str
    pattern: re.Pattern[str] = _PRINTABLE
    step: str = ""
    inspect: Callable[[str, Environment], tuple[str, ...]] | None = None
    secret: bool = True
    text: bool = False
    required: bool = True
    options: tuple[str, ...] = ()
    prepare: Callable[[str], str] | None = None

    def clean(self, pasted: object, environment: Environment) -> tuple[Secret | str | None, tuple[str, ...]]:
        """Return the value fit for use, None for one that may be left out and is, and the keys of warnings.

        Raises `FieldInvalid` with this field's name and never its value.
        """
        value = self.prepared(pasted) if isinstance(pasted, str) else ""
        empty = pasted is None or pasted == "" or (isinstance(pasted, str) and not value)
        if empty and not self.required:
            return None, ()
        if not self._fits(value):
            raise FieldInvalid(fields=(self.name,), reason="empty" if empty else "shape")
        warnings = self.inspect(value, environment) if self.inspect else ()
        return Secret(value) if self.secret else value, warnings

    def prepared(self, pasted: str) -> str:
        """Return what was pasted without what a copy drags along; its shape is not looked at."""
        return (self.prepare or (whole if self.text else tidy))(pasted)

    def _fits(self, value: str) -> bool:
        readable = value.isprintable() and len(value) <= MAX_TEXT
        shown = _PRINTABLE.fullmatch(value) if self.secret and not self.text else readable
        return bool(shown and self.pattern.fullmatch(value)) and value in (self.options or (value,))


def port_of(scheme: str) -> int:
    """Return the port of an address that names none."""
    return 80 if scheme == "http" else 443


def tidy(pasted: str) -> str:
    """Take off what a copy drags along: white space, unseen marks, quotes or braces around it, a prefix."""
    return undressed(pasted)[0]


def undressed(pasted: str) -> tuple[str, tuple[str, ...]]:
    """Return a text as `tidy` leaves it, and the kinds of what was taken off, each once.

    What is left would be left again: layer after layer is taken off, in one pass however many there are.
    """
    value = _seen(pasted)
    kinds = dict.fromkeys(kind_of(mark) for mark in pasted if mark in _UNSEEN)
    at, end = _trimmed(value, 0, len(value), kinds)
    while end - at > 1:
        prefix = _PREFIX.match(value, at, end)
        if value[at] + value[end - 1] in _PAIRS:
            kinds["quotes"] = None
            at, end = _trimmed(value, at + 1, end - 1, kinds)
        elif prefix:
            kinds[prefix[1].lower()] = None
            at, end = _trimmed(value, prefix.end(), end, kinds)
        else:
            break
    return value[at:end], tuple(kinds)


def kind_of(mark: str) -> str:
    """Return the kind of a character that a copy may drag along, or an empty text for any other."""
    return _KINDS.get(mark) or ("space" if mark.isspace() else "")


def whole(pasted: str) -> str:
    """Take off what nobody types into a password: unseen marks, line breaks, curled quotes around it."""
    from unicodedata import normalize  # letters as a keyboard makes them, wherever they were copied from

    value = normalize("NFC", _seen(pasted)).strip("\r\n\x00")
    bare = value.strip()
    return bare[1:-1] if len(bare) > 1 and bare[0] + bare[-1] in _TYPESET else value


def plain(text: str) -> str:
    """Return somebody's text fit to be shown: no control characters, none that turn it or are not seen."""
    drawn = _UNDRAWN.sub("", text)
    kept = "".join(" " if mark.isspace() else mark for mark in drawn if mark.isprintable() or mark.isspace())
    return " ".join(kept.split())


def _trimmed(value: str, at: int, end: int, kinds: dict[str, None]) -> tuple[int, int]:
    """Return where a stretch begins and ends without blanks around it, and add their kinds."""
    while at < end and _blank(value[at]):
        kinds[kind_of(value[at])] = None
        at += 1
    while at < end and _blank(value[end - 1]):
        kinds[kind_of(value[end - 1])] = None
        end -= 1
    return at, end


def _blank(mark: str) -> bool:
    return mark.isspace() or mark == "\x00"


def _seen(value: str) -> str:
    for mark in _UNSEEN:
        value = value.replace(mark, "")
    return value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GuideStep:
    """One thing the customer does in the vendor's own program.

    `field` is the answer whose value the step brings; `copy` names values of the preset to copy from here,
    and with `large` they are shown in large letters; `opens` is the vendor's page; `image` a drawing in the
    provider's `images` folder. `ticks` are things to tick off, `mail` a letter that is ready to be sent.
    `traps` are what often goes wrong here, and how to mend it. With `shows_secret` the vendor's screen shows
    a key; with `leads_to_secret` it does once the step is done, where that is not simply the next one.
    A step with `needs` is shown only where the preset has those values, one with `unless` where it has none
    of them.
    """

    key: str
    field: str = ""
    copy: tuple[str, ...] = ()
    large: bool = False
    opens: str = ""
    image: str = ""
    ticks: tuple[str, ...] = ()
    mail: str = ""
    traps: tuple[str, ...] = ()
    shows_secret: bool = False
    leads_to_secret: bool = False
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def shown(self, values: Mapping[str, str]) -> bool:
        """Tell whether the step is for a customer of a partner with these values."""
        has = {name for name, value in values.items() if value}
        return has.issuperset(self.needs) and has.isdisjoint(self.unless)


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Something that the key, or its owner, must be allowed to do for the partner.

    A missing one that is `required` stops the connection with the error of that `code`; without another,
    something is lost that the provider's sentences name.
    """

    name: str
    required: bool = False
    code: str = "rights_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that a key reaches.

    `id` is the vendor's own name for it; `orgnr` nine digits, or None where the vendor does not tell;
    `blocked` the code of what stands in the way of using it; `ids` further vendor ids the partner needs;
    `rights` what the vendor's list of companies already says of them, by name.
    """

    id: str
    name: str
    orgnr: str | None = None
    test: bool = False
    blocked: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    rights: Mapping[str, bool] = field(default_factory=dict)

    def facts(self) -> dict[str, str | None]:
        """Return what a receipt and a list of companies say of it."""
        return {"orgnr": self.orgnr, "name": self.name, "id": self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check came to: what to sign with from now on, companies, rights by name, and facts to show."""

    auth: Auth | None = None
    session: Secret | None = None
    companies: tuple[Company, ...] = ()
    rights: Mapping[str, bool] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """What a check may use: the vendor's door, the keys, and what earlier checks found.

    `plain` are the answers that are no secrets; `since` is when a connection began to wait, if it waits.
    `companies` and `rights` are those found so far.
    """

    http: Http
    keys: Mapping[str, Secret]
    environment: Environment
    now: datetime
    plain: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    auth: Auth | None = None
    session: Secret | None = None
    company: Company | None = None
    companies: tuple[Company, ...] = ()
    rights: Mapping[str, bool] = field(default_factory=dict)

    def after(self, found: Found) -> Link:
        """Return the link as the next check shall have it."""
        return replace(
            self,
            auth=found.auth or self.auth,
            session=found.session or self.session,
            companies=found.companies or self.companies,
            rights={**self.rights, **found.rights},
        )


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
class Method:
    """One of several ways to let the partner in to the same system."""

    name: str
    fields: tuple[CredentialField, ...]
    guide: tuple[GuideStep, ...]
    checks: tuple[Check, ...] = ()
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How often the same request that fails may be sent: `times` within `seconds`."""

    times: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Provider:
    """One accounting system, as the registry knows it.

    `checks` are asked in order; `leave`, where there is one, is called at the end of every walk that began,
    to close what `checks` opened. Without checks, without the partner's keys or without an answer that it
    `needs`, the vendor cannot be asked from here: the partner does that. `told` says which company the
    answers name by themselves; `sign` how to sign for the company of a link, where that differs. `rights` are
    what the partner needs. `mends` names the guide step that mends
    what an error's code says; `hue` is the colour of the system's badge, in degrees; systems of one `family`
    are told apart by the customer; `letters` are the two that it has in spoken codes (a plug-in's follow from
    its slug). With `methods`, `by` makes of it the provider for one of them.
    """

    slug: str
    name: str
    package: str
    environments: tuple[Environment, ...]
    fields: tuple[CredentialField, ...] = ()
    checks: tuple[Check, ...] = ()
    guide: tuple[GuideStep, ...] = ()
    partner_keys: tuple[CredentialField, ...] = ()
    methods: tuple[Method, ...] = ()
    method: str = ""
    needs: tuple[str, ...] = ()
    told: Callable[[Mapping[str, str]], Company] | None = None
    rights: tuple[Right, ...] = ()
    looks: Looks | None = None
    sign: Callable[[Link], Auth | None] | None = None
    leave: Callable[[Link], Awaitable[None]] | None = None
    mends: Mapping[str, str] = field(default_factory=dict)
    hue: int = 215
    family: str = ""
    letters: str = ""

    def environment(self, name: str) -> Environment | None:
        """Return the environment of that name, or None."""
        return next((one for one in self.environments if one.name == name), None)

    def by(self, name: str) -> Provider:
        """Return the provider for one method, the first if none is named; itself where it has none.

        Raises `FieldInvalid` for a method that it does not have.
        """
        if self.method or not self.methods:
            return self
        method = next((one for one in self.methods if name in {"", one.name}), None)
        if not method:
            raise FieldInvalid(fields=("method",), reason="shape")
        return replace(
            self,
            method=method.name,
            fields=method.fields,
            guide=method.guide,
            checks=method.checks,
            rights=method.rights,
        )

    @property
    def every_field(self) -> tuple[CredentialField, ...]:
        """Every field of every method, each name once."""
        fields = {one.name: one for method in self.methods for one in method.fields}
        return tuple(fields.values()) or self.fields

    @property
    def every_step(self) -> tuple[GuideStep, ...]:
        """Every guide step of every method, each key once."""
        steps = {one.key: one for method in self.methods for one in method.guide}
        return tuple(steps.values()) or self.guide

    @property
    def every_right(self) -> tuple[Right, ...]:
        """Every right of every method, each name once."""
        rights = {one.name: one for method in self.methods for one in method.rights}
        return tuple(rights.values()) or self.rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check, one right, or one stage of the network came to.

    `state` is `passed`, `failed` or `skipped`; `ms` whole milliseconds.
    """

    check: str
    stage: str
    state: str
    ms: int = 0
    facts: Mapping[str, Fact] = field(default_factory=dict)
