"""The paste doctor: what a pasted text brings for which field, what was taken off, or why it cannot be used.

Everything here is a function of the text and of where it was pasted; nothing is looked up or sent. No value
is in a `repr`, an error or a fact. It takes time in the order of the text's length.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wizard.core.errors import FieldInvalid, WrongEnvironment
from wizard.core.find import KEY_LENGTH, fold, owner_of, tells
from wizard.core.provider import MAX_TEXT, kind_of, undressed
from wizard.core.secret import Secret
from wizard.core.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wizard.core.errors import WizardError
    from wizard.core.provider import CredentialField, Environment, Provider

LONGEST = 50_000
"""The most that is looked at, in characters: a long e-mail. More is refused, not cut."""

REMOVED = (
    *("prose", "label", "joined", "bearer", "token", "basic", "line_break", "space", "no_break_space"),
    *("zero_width", "bom", "bidi", "nul", "quotes", "padding", "marks"),
)
"""The kinds of what may be taken off, in the order in which they are told."""

CLEARER = (
    *("of_another", "wrong_field", "other_way", "partners", "cut", "ambiguous", "broken", "too_long"),
    *("is_email", "is_address", "is_number"),
)
"""The reasons that say more than that a value does not have its field's form."""

_WORDS = {"bearer", "token", "basic"}
_WRAPPED = 20
_NAME = 80
_SHORTEST_CUT = 16
_NUMBER = re.compile(r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}")
_EMAIL = re.compile(r"[^@\s]{1,80}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,20}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+-]{1,15}://|www\.).+", re.IGNORECASE)
_ASIDE = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(r"[^\W\d_]?[^\W\d_A-ZÆØÅ]+[.,:;!?]?")
_AROUND = "\"'“”„‘’«»<>()[]{}`,;:!?."
_LEADING = " \t\u00a0>*•–-"
_KEY_WORDS = ("key", "nøkkel", "nøkkelen", "api key", "api-nøkkel", "token", "authorization")
_PASSWORD_WORDS = ("password", "passord")
_LENGTHS = (20, 24, 32, 40, 64, 128)
_GROUPS = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of a paste: what would go into which field, what was taken off, what is risky, what is wrong.

    `values` may go into their fields at once where it is `sure`, else the customer is asked first. With an
    `error`, the only value there can be is one that belongs in another field.
    """

    values: Mapping[str, Secret | str] = field(default_factory=dict, repr=False)
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: WizardError | None = None
    sure: bool = True

    @property
    def holds_secret(self) -> bool:
        """Whether any of the values may not be shown."""
        return any(isinstance(one, Secret) for one in self.values.values())


def look(
    text: str,
    wanted: CredentialField,
    provider: Provider,
    environment: Environment,
    providers: Iterable[Provider],
) -> Seen:
    """Return what a text that was pasted into the field `wanted` comes to; it raises nothing.

    `provider` is that of the method chosen; `providers` are all systems whose keys may be recognised.
    """
    case = _Case(text, wanted, provider, environment, tuple(providers))
    if len(text) > LONGEST:
        return case.refused("too_long")
    if any("\ud800" <= mark <= "\udfff" for mark in text):
        return case.refused("control")
    return case.labelled() or case.at_once() or case.joined() or case.found() or case.odd()


def clearer(
    error: WizardError,
    given: Mapping[str, object],
    provider: Provider,
    environment: Environment,
    providers: Iterable[Provider],
) -> WizardError:
    """Return the error for a secret that was refused by its form, with a reason that says more, if any."""
    named = [one for one in provider.fields if one.secret and error.fields == (one.name,)]
    text = given.get(named[0].name) if named and error.facts.get("reason") == "shape" else None
    if not isinstance(text, str):
        return error
    found = look(text, named[0], provider, environment, providers).error
    return found if found and found.facts.get("reason") in CLEARER else error


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Fit:
    """A value in a field's form, what is risky about it, and whether it is of another environment."""

    value: str
    warnings: tuple[str, ...] = ()
    elsewhere: WrongEnvironment | None = None

    @property
    def good(self) -> bool:
        return not self.warnings and not self.elsewhere


@dataclass(frozen=True, slots=True, repr=False)
class _Case:
    """One paste, and what is known of where it was made."""

    text: str
    wanted: CredentialField
    provider: Provider
    environment: Environment
    providers: tuple[Provider, ...]

    # the five ways to look at a text, the most telling first

    def labelled(self) -> Seen | None:
        """Look for names of fields with their values beside them: in a letter, or a block of a file."""
        names = _Names.of(self.provider)
        rows = [row for row in _rows(self.text) if names.knows(row.name)]
        found = {one.name: self._beside(one, rows, names) for one in self.provider.fields}
        if any(len(values) > 1 for values in found.values()):
            return self.refused("ambiguous")
        values = {name: one.pop() for name, one in found.items() if one}
        if set(values) == {self.wanted.name}:
            return self._own(values[self.wanted.name], "label")
        if values:
            return Seen(values={name: self._kept(name, one) for name, one in values.items()}, sure=False)
        others = [names.others[row.name] for row in rows if row.name in names.others]
        return self._of_partner(others[0]) if others else None

    def at_once(self) -> Seen | None:
        """Take a text that has the field's form once what a copy drags along is off."""
        fit = self._fit(self.text)
        if not fit or not fit.good or not self._stable(fit.value):
            return None
        if self._mixed(fit.value):
            return self.refused("ambiguous")
        return self._strange(fit.value) or self._put(fit)

    def joined(self) -> Seen | None:
        """Join a key that was wrapped, where only the whole of it has the field's form."""
        lines = _lines(self.text)
        alone = [fit for fit in map(self._fit, lines) if fit and not fit.warnings]
        if not 1 < len(lines) <= _WRAPPED or not self._key or alone:
            return None
        fit = self._fit("".join(lines))
        telling = fit and not fit.warnings and tells(self.wanted, fit.value, self.provider)
        if not fit or not telling:
            return None
        seen = self._own(fit.value, "joined")
        words = tuple(one for one in self._removed(fit.value) if one in _WORDS)
        return replace(seen, removed=(*seen.removed, *words)) if seen.removed else seen

    def found(self) -> Seen | None:
        """Find the one key of the field's form among other words."""
        words = self.text.split()
        bare = [word.strip(_AROUND) for word in words if len(word) >= KEY_LENGTH]
        fits = [fit for fit in map(self._fit, bare) if fit and not fit.warnings and self._telling(fit.value)]
        keys = {fit.value for fit in fits}
        if not keys or len(words) == 1 or self._fit(self.text):
            return None
        if len(keys) > 1:
            return self.refused("ambiguous")
        key = keys.pop()
        return self.refused("broken") if self._goes_on(key, words) else self._own(key, "prose")

    def odd(self) -> Seen:
        """Say what a text is that is not what the field takes, or take it with what is risky about it."""
        fit = self._fit(self.text)
        own = None if fit else self._own_reason()
        if own and not self.wanted.secret:
            return own
        known = self._strange(fit.value if fit else undressed(self.text)[0])
        if known or not fit:
            return known or own or self._refusal()
        if fit.elsewhere:
            return Seen(error=fit.elsewhere)
        return self._put(fit) if self._stable(fit.value) else self.refused("ambiguous")

    def refused(self, reason: str, **facts: str) -> Seen:
        """Return a refusal; the text stays where it is."""
        return Seen(error=FieldInvalid({"reason": reason, **facts}, fields=(self.wanted.name,)))

    # what they are made of

    @property
    def _key(self) -> bool:
        """Whether the field is for a key, rather than a password or something that is shown."""
        return self.wanted.secret and not self.wanted.text

    def _fit(self, text: str) -> _Fit | None:
        return _fit(self.wanted, text, self.environment)

    def _stable(self, value: str) -> bool:
        """Tell whether nothing more would be taken off a value."""
        return self.wanted.prepared(value) == value

    def _kept(self, name: str, value: str) -> Secret | str:
        secret = any(one.secret for one in self.provider.fields if one.name == name)
        return Secret(value) if secret else value

    def _put(self, fit: _Fit) -> Seen:
        values = {self.wanted.name: self._kept(self.wanted.name, fit.value)}
        return Seen(values=values, removed=self._removed(fit.value), warnings=fit.warnings)

    def _own(self, value: str, kind: str) -> Seen:
        """Take a value that was found within the text, as it would be taken alone."""
        alone = replace(self, text=value)
        if alone.labelled():
            return self.refused("ambiguous")
        seen, whole = alone.at_once() or alone.odd(), self._fit(self.text)
        return seen if seen.error else replace(seen, removed=(kind,), sure=not (whole and whole.good))

    def _beside(self, one: CredentialField, rows: list[_Row], names: _Names) -> set[str]:
        """Return the different values that stand beside a field's names and have its form."""
        beside = [row for row in rows if names.own.get(row.name) == one.name]
        fits = (row.first(one, lambda text: _fit(one, text, self.environment)) for row in beside)
        return {fit.value for fit in fits if fit}

    def _of_partner(self, name: str) -> Seen | None:
        """Refuse what stands beside the name of a field that is not asked for here."""
        fit = self._fit(self.text)
        if fit and fit.good:
            return None
        partners = name in {one.name for one in self.provider.partner_keys}
        return self.refused("partners" if partners else "other_way", belongs=name)

    def _mixed(self, value: str) -> bool:
        """Tell whether lines were put together that may be several values, or a value and a word."""
        lines = _lines(self.text)
        if len(lines) < 2 or " " in value:
            return False
        alone = [fit for fit in map(self._fit, lines) if fit and fit.good]
        return len(alone) > 1 or any(_WORD.fullmatch(line) for line in lines)

    def _telling(self, value: str) -> bool:
        """Tell whether a value of the field's form can hardly be anything else."""
        letters = any(mark.isalpha() for mark in value) and any(mark.isdigit() for mark in value)
        anything = bool(self.wanted.pattern.fullmatch("~" * len(value)))
        long = len(value) >= KEY_LENGTH and self._key
        return long and (tells(self.wanted, value, self.provider) or (letters and not anything))

    def _goes_on(self, key: str, words: list[str]) -> bool:
        """Tell whether a key may be only a part: no words are around it, or a line beside it may belong."""
        if not any(_WORD.fullmatch(word) for word in words):
            return True
        lines = [line.strip(_LEADING) for line in _visible(self.text).splitlines()]
        at = next((number for number, line in enumerate(lines) if key in line), 0)
        return any(_lone(line) for line in (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2]))

    def _strange(self, value: str) -> Seen | None:
        """Recognise what belongs elsewhere: another system's key, another field's value, an address."""
        anything = self._fit("A" * len(value))
        if tells(self.wanted, value, self.provider) and not (anything and anything.good):
            return None
        kind = self._kind(value)
        if kind:
            return self._moved(
                kind, [one for one in self._others if not one.secret and not one.options], value
            )
        others = [one for one in self.providers if one.slug != self.provider.slug and any(_secrets(one))]
        owner = "" if len(value.split()) > 1 else owner_of(value, others)
        if owner:
            return self.refused("of_another", owner=next(one.name for one in others if one.slug == owner))
        return self._of_another_field(value)

    @property
    def _others(self) -> list[CredentialField]:
        return [one for one in self.provider.fields if one.name != self.wanted.name]

    def _kind(self, value: str) -> str:
        """Return what a text is that is often pasted in place of a key, or an empty text."""
        if not self.wanted.secret:
            return ""
        known = {"is_email": _EMAIL, "is_address": _ADDRESS, **({"is_number": _NUMBER} if self._key else {})}
        return next((kind for kind, form in known.items() if form.fullmatch(value)), "")

    def _of_another_field(self, value: str) -> Seen | None:
        """Recognise a value by the form of another field, where this one's says nothing of it."""
        fit = self._fit(value)
        fits = fit and fit.good
        known = (*self.provider.every_field, *self.provider.partner_keys)
        others = [one for one in known if one.name != self.wanted.name and tells(one, value, self.provider)]
        others = [one for one in others if not fits or (one.secret and not self.wanted.secret)]
        here = {one.name for one in self.provider.fields}
        if not others:
            return None
        if others[0].name in here:
            return self._moved("", [one for one in others if one.name in here], value)
        partners = others[0] in self.provider.partner_keys
        return self.refused("partners" if partners else "other_way", belongs=others[0].name)

    def _moved(self, reason: str, others: list[CredentialField], value: str) -> Seen:
        """Refuse a value here, and offer it to the one other field that takes it."""
        fits = [(one, _fit(one, value, self.environment)) for one in others]
        taking = [(one.name, fit.value) for one, fit in fits if fit and fit.good]
        if len(taking) != 1:
            return self.refused(reason or "shape")
        name, kept = taking[0]
        seen = self.refused("wrong_field", belongs=name)
        return replace(seen, values={name: self._kept(name, kept)}, sure=False)

    def _own_reason(self) -> Seen | None:
        """Return the system's own reason, where its field says more than that the form is wrong."""
        try:
            self.wanted.clean(self.text, self.environment)
        except FieldInvalid as error:
            return None if error.facts.get("reason") in {"shape", "empty"} else Seen(error=error)
        return None

    def _refusal(self) -> Seen:
        """Say why a text does not have the field's form."""
        value, _ = undressed(self.text)
        if not value:
            return self.refused("empty")
        if any(not mark.isprintable() and not mark.isspace() for mark in value):
            return self.refused("control")
        if not self._key and len(value) > MAX_TEXT:
            return self.refused("too_long")
        return self.refused(self._reason(value))

    def _reason(self, value: str) -> str:
        together = "".join(value.split())
        if self._key and together != value and self._fit(together):
            return "broken"
        return "cut" if self._key and self._cut(value) else "shape"

    def _cut(self, value: str) -> bool:
        """Tell whether a value would have the field's form if it went on, or had begun earlier."""
        mixed = any(mark.isdigit() for mark in value) and any(mark.isalpha() for mark in value)
        if len(value) < _SHORTEST_CUT or not mixed:
            return False
        longer = [value + "A" * (length - len(value)) for length in _LENGTHS if length > len(value)]
        longer += [value + _GROUPS[len(value) :], _GROUPS[: -len(value)] + value]
        return any(self.wanted.pattern.fullmatch(one) for one in longer)

    def _removed(self, value: str) -> tuple[str, ...]:
        """Return the kinds of what is in the text and not in the value."""
        core, kinds = undressed(self.text)
        left = _gone(core, value)
        within = not _gone(value, core)
        found = {*kinds, *left} if within else set(_gone(self.text, value))
        if within and "line_break" in left and self._key:
            found = {*kinds, *left, "joined"} - {"line_break"}
        if "label" in found:
            found -= {"marks"}
        return tuple(kind for kind in REMOVED if kind in found)


def _secrets(provider: Provider) -> Iterator[CredentialField]:
    return (one for one in provider.every_field if one.secret)


def _fit(one: CredentialField, text: str, environment: Environment) -> _Fit | None:
    """Return a text as a field takes it, or None where it does not."""
    value = one.prepared(text)
    try:
        kept, warnings = one.clean(text, environment)
    except FieldInvalid:
        return None
    except WrongEnvironment as error:
        return _Fit(value=value, elsewhere=error)
    return None if kept is None else _Fit(value=value, warnings=warnings)


def _gone(before: str, after: str) -> set[str]:
    """Return the kinds of the characters that there are fewer of afterwards."""
    marks = Counter(before.casefold()) - Counter(after.casefold())
    return {kind_of(mark) or ("label" if mark.isalnum() else "marks") for mark in marks}


def _lines(text: str) -> list[str]:
    """Return the lines of a text that is one value, without what a letter puts before and after each."""
    lines = (undressed(line.lstrip(" \t>"))[0] for line in undressed(text)[0].splitlines())
    return [line for line in lines if line]


def _lone(line: str) -> bool:
    """Tell a line that may be a piece of a key from one of words, or an empty one."""
    return bool(line) and len(line.split()) == 1 and not _WORD.fullmatch(line)


@dataclass(frozen=True, slots=True, repr=False)
class _Row:
    """A text beside a name, the lines that follow it, and whether it was quoted as files quote."""

    name: str
    rest: str
    more: tuple[str, ...] = ()
    quoted: bool = False

    def first(self, one: CredentialField, fit: Callable[[str], _Fit | None]) -> _Fit | None:
        """Return the first way to read it that has the field's form."""
        return next((found for found in map(fit, self._ways(one)) if found), None)

    def _ways(self, one: CredentialField) -> list[str]:
        rest = self.rest or "".join(self.more[:1])
        if self.quoted:
            return [_unquoted(rest.rstrip(" ,;"))]
        if one.text or not one.secret:
            return [rest]
        return ["".join((self.rest, *self.more)), rest, rest.strip(" *_,;.")]


def _unquoted(text: str) -> str:
    """Return a text as files mean it: without its quotes, and with what is escaped within double ones."""
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'":
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What the fields of a system are called: those asked for here, and the others."""

    own: Mapping[str, str]
    others: Mapping[str, str]

    @classmethod
    def of(cls, provider: Provider) -> _Names:
        """Return the names of the fields, in both languages."""
        secrets = [one for one in provider.fields if one.secret]
        general = (_PASSWORD_WORDS if secrets[0].text else _KEY_WORDS) if len(secrets) == 1 else ()
        own = {_bare(word): secrets[0].name for word in general}
        own |= {name: one.name for one in provider.fields for name in _called(one, provider)}
        others = (*provider.every_field, *provider.partner_keys)
        names = {name: one.name for one in others for name in _called(one, provider)}
        return cls(own=own, others={name: one for name, one in names.items() if name not in own})

    def knows(self, name: str) -> bool:
        """Tell whether a field is called so."""
        return name in self.own or name in self.others


def _called(one: CredentialField, provider: Provider) -> set[str]:
    """Return what a field is called: by its name and its labels, also with what they have in brackets."""
    key = f"fields.{one.name}.label"
    texts = (Texts(language=language) for language in LANGUAGES)
    labels = [said.say(key, provider) for said in texts if said.has(key, provider)]
    asides = [aside for label in labels for aside in _ASIDE.findall(label)]
    return {_bare(name) for name in (one.name, f"{provider.slug}_{one.name}", *labels, *asides)}


def _bare(name: str) -> str:
    """Return a name as it is compared: its letters and digits, whatever is in brackets left out."""
    return "".join(mark for mark in fold(_ASIDE.sub("", name)) if mark.isalnum())


def _rows(text: str) -> list[_Row]:
    """Return each text that stands beside a name, in JSON or line by line."""
    seen = _visible(text)
    return _json_rows(seen) or _line_rows(seen.splitlines())


def _visible(text: str) -> str:
    return "".join(mark for mark in text if kind_of(mark) not in {"zero_width", "bom", "bidi"})


def _json_rows(text: str) -> list[_Row]:
    if not text.lstrip().startswith(("{", "[")):
        return []
    try:
        body = json.loads(text, object_pairs_hook=_Pairs)
        return list(_flat(body))
    except (ValueError, RecursionError):
        return []


class _Pairs(list[tuple[str, object]]):
    """The names and values of a JSON object: a name may be there twice."""


def _flat(body: object) -> Iterator[_Row]:
    for name, value in body if isinstance(body, _Pairs) else ():
        if isinstance(value, str | int):
            yield _Row(_bare(name), str(value))
        yield from _flat(value)
    if isinstance(body, list) and not isinstance(body, _Pairs):
        for one in body:
            yield from _flat(one)


def _line_rows(lines: list[str]) -> list[_Row]:
    parted = [_parted(line) for line in lines]
    return [
        _Row(name, rest, _following(lines, parted, at), quoted)
        for at, (name, rest, quoted) in enumerate(parted)
        if name
    ]


def _following(lines: list[str], parted: list[tuple[str, str, bool]], at: int) -> tuple[str, ...]:
    """Return the lines after one, to the next that has a name or is empty."""
    found: list[str] = []
    for number in range(at + 1, min(at + 1 + _WRAPPED, len(lines))):
        line = lines[number].strip(" \t\u00a0>")
        if parted[number][0] or (not line and found):
            break
        found += [line] if line else []
    return tuple(found)


def _parted(line: str) -> tuple[str, str, bool]:
    """Return what may be a name at the beginning of a line, what follows it, and whether it is quoted."""
    bare = line.lstrip(_LEADING).removeprefix("export ")
    at = next((at for at, mark in enumerate(bare[:_NAME]) if mark in ":=\t"), 0)
    name, rest = bare[:at], bare[at + 1 :].strip()
    quoted = bool(at) and (bare[at] == "=" or name.rstrip().endswith(('"', "'")))
    return _bare(name), rest, quoted
