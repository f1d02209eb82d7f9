"""The receipt on paper: what is connected, when, by whom, for how long and what is next; never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING

from wizard.core.consent import PARTS
from wizard.core.orgnr import spaced
from wizard.core.provider import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from wizard.core.ledger import Book, Connection, Credential, Parcel
    from wizard.core.options import Option
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_WAITS = ("pending_approval", "invitation_expired")

_SETTLED = {"passed", "confirmed"}
"""Where nothing is left to do, unless the partner asks something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What somebody agreed to: who that was, when, by which version of which words, line by line."""

    name: str = ""
    at: str = ""
    version: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One connection as the ledger has it; `provider` is None where its system is not offered here."""

    key: str
    row: Connection
    credential: Credential
    provider: Provider | None
    parcel: Parcel | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the ledger does not know: the time, this computer's zone, its user's account, where keys lie."""

    now: datetime
    zone: tzinfo | None = None
    account: str = ""
    stored_in: str = ""
    practice: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fact: what it is called, and its lines."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One connection: a heading, its facts, and what happens next."""

    heading: str
    rows: tuple[Row, ...]
    following: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole receipt; `notice` stands above all else where it is not to be mistaken for the real thing."""

    title: str
    notice: str
    lead: str
    parts: tuple[Part, ...]
    next_title: str
    foot: str

    def text(self) -> str:
        """Return it as plain text."""
        blocks = [self.title, self.notice, self.lead]
        for part in self.parts:
            rows = (f"{row.name}: {'; '.join(row.lines)}" for row in part.rows)
            blocks += ["\n".join((part.heading, *rows))]
            blocks += ["\n".join((self.next_title, *part.following))]
        return "\n\n".join(block for block in (*blocks, self.foot) if block) + "\n"

    def html(self, *, slim: bool = False) -> str:
        """Return it as a page with its own small style; whatever stands in it is text and nothing else.

        A `slim` one has what a fact is called above it, where there is no room for it beside.
        """
        body = f"<h1>{escape(self.title)}</h1>"
        body += f'<p class="notice">{escape(self.notice)}</p>' if self.notice else ""
        body += f"<p>{escape(self.lead)}</p>"
        body += "".join(_part(part, self.next_title, slim=slim) for part in self.parts)
        head = f'<meta charset="utf-8"><title>{escape(self.title)}</title><style>{_STYLE}</style>'
        return (
            f'<html><head>{head}</head><body>{body}<hr><p class="foot">{escape(self.foot)}</p></body></html>'
        )


_STYLE = """
h1 { font-size: x-large; font-weight: 600; margin-bottom: 6px; }
h2 { font-size: large; font-weight: 600; margin-top: 16px; margin-bottom: 6px; }
h3 { font-size: medium; font-weight: 600; margin-top: 14px; margin-bottom: 2px; }
p { margin-top: 2px; margin-bottom: 4px; }
td { padding: 3px 16px 3px 0; vertical-align: top; }
.name { font-weight: 600; }
.notice { font-weight: 600; }
.foot { font-size: small; }
"""
"""Sizes are relative to the reader's own text, on the screen and on paper."""


def _part(part: Part, next_title: str, *, slim: bool) -> str:
    facts = (_above if slim else _beside)(part.rows)
    following = "".join(f"<p>{escape(one)}</p>" for one in part.following)
    return f"<h2>{escape(part.heading)}</h2>{facts}<h3>{escape(next_title)}</h3>{following}"


def _beside(rows: Iterable[Row]) -> str:
    cells = "".join(
        f'<tr><td class="name" width="36%">{escape(row.name)}</td><td>{_lines(row)}</td></tr>' for row in rows
    )
    return f'<table width="100%" cellspacing="0">{cells}</table>'


def _above(rows: Iterable[Row]) -> str:
    return "".join(f'<p><span class="name">{escape(row.name)}</span><br>{_lines(row)}</p>' for row in rows)


def _lines(row: Row) -> str:
    return "<br>".join(map(escape, row.lines))


def entries(
    book: Book, keys: Iterable[str], providers: Mapping[str, Provider], texts: Texts
) -> tuple[Entry, ...]:
    """Return the stored connections with those ids; one that is not there any more is left out.

    `texts` has the partner's preset, and with it what was told before somebody agreed.
    """
    found: list[Entry] = []
    for key in keys:
        row = book.connections.get(key)
        if row:
            credential = book.credentials[row.credential]
            system = providers.get(credential.provider)
            provider = system.by(credential.method) if system else None
            parcel = _latest(book, key)
            consent = agreed(row, texts)
            found.append(
                Entry(
                    key=key,
                    row=row,
                    credential=credential,
                    provider=provider,
                    parcel=parcel,
                    consent=consent,
                )
            )
    return tuple(found)


def agreed(row: Connection, texts: Texts) -> Consent | None:
    """Return what was agreed to when a connection was made, or None where nothing was asked.

    The sentences stand there as long as the preset has the same version of them: no others were agreed to.
    """
    given, told = row.consent, texts.preset.consent
    if not given:
        return None
    same = told if told and told.version == given.get("text") else None
    lines = (f"{texts.say(f'consent.{part}')}: {same.told[part][texts.language]}" for part in PARTS if same)
    return Consent(
        name=given.get("name", ""), at=given.get("at", ""), version=given.get("text", ""), lines=tuple(lines)
    )


def paper(stored: Iterable[Entry], texts: Texts, around: Circumstances) -> Paper:
    """Return the receipt of connections."""
    say = texts.say
    parts = tuple(_made(one, texts, around) for one in stored)
    foot = {"when": moment(around.now.isoformat(), texts, around.zone), "version": around.version}
    return Paper(
        title=say("paper.heading"),
        notice=say("paper.practice") if around.practice else "",
        lead=say("paper.lead"),
        parts=parts,
        next_title=say("paper.next"),
        foot=say("paper.foot", None, **foot),
    )


def moment(at: str, texts: Texts, zone: tzinfo | None = None) -> str:
    """Return a time of the ledger's as it is written out here, and how far that is from UTC."""
    try:
        here = datetime.fromisoformat(at).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # before 1970, on Windows
        return "–"
    offset = f"{here:%z}"
    facts = {
        "day": str(here.day),
        "month": texts.say(f"paper.month.{here.month}"),
        "year": str(here.year),
        "time": f"{here:%H:%M}",
        "zone": f"UTC{offset[:3]}:{offset[3:5]}",
    }
    return texts.say("paper.when", None, **facts)


def day(at: str, texts: Texts) -> str:
    """Return a day of the ledger's as it is written out here; one that is none as it stands there."""
    try:
        one = date.fromisoformat(at)
    except ValueError:
        return plain(at)
    month = texts.say(f"paper.month.{one.month}")
    return texts.say("paper.day", None, day=str(one.day), month=month, year=str(one.year))


def _latest(book: Book, key: str) -> Parcel | None:
    """Return the latest hand-over that a connection went with."""
    went = [one for one in book.parcels.values() if key in one.connections]
    return max(went, key=lambda one: one.at, default=None)


def _made(one: Entry, texts: Texts, around: Circumstances) -> Part:
    facts = {
        "company": (texts.name(plain(str(one.row.company.get("name") or ""))),),
        "orgnr": _number(one, texts),
        "system": (_system(one, texts),),
        "name": (texts.name(one.row.label),),
        "receiver": _receiver(texts),
        "made": (moment(one.row.made_at, texts, around.zone) if one.row.made_at else "",),
        "by": _by(one, texts, around),
        "state": (_state(one, texts, around.zone),),
        "rights": _rights(one, texts, has=True),
        "missing": _rights(one, texts, has=False),
        "ends": _ends(one, texts, around.zone),
        "key": _place(one, texts, around),
        "handed": _handed(one, texts, around.zone),
        "consent": _consent(one, texts, around.zone),
        "options": _options(one, texts),
        "id": (one.key,),
    }
    rows = tuple(
        Row(name=texts.say(f"paper.{name}", one.provider), lines=tuple(line for line in lines if line))
        for name, lines in facts.items()
        if any(lines)
    )
    return Part(heading=_heading(one, texts), rows=rows, following=_following(one, texts))


def _heading(one: Entry, texts: Texts) -> str:
    name = plain(str(one.row.company.get("name") or "")) or one.row.label
    system = one.provider.name if one.provider else one.credential.provider
    return f"{texts.name(name)} – {system}" if name else system


def _number(one: Entry, texts: Texts) -> tuple[str, ...]:
    orgnr = str(one.row.company.get("orgnr") or one.row.expect)
    return (texts.say("share.number", orgnr=spaced(orgnr)),) if orgnr else ()


def _system(one: Entry, texts: Texts) -> str:
    if not one.provider:
        return one.credential.provider
    place = one.provider.environment(one.credential.environment)
    mark = texts.say("environments.mark") if place and place.test else ""
    return f"{one.provider.name} {mark}".rstrip()


def _receiver(texts: Texts) -> tuple[str, ...]:
    preset = texts.preset
    ways = " · ".join(way for way in (preset.phone, preset.email) if way)
    return (preset.partner, ways) if preset.partner else ()


def _by(one: Entry, texts: Texts, around: Circumstances) -> tuple[str, ...]:
    """Return who agreed to it, else whose account on this computer it was made with."""
    if one.consent and one.consent.name:
        return (texts.name(plain(one.consent.name)),)
    account = texts.name(plain(around.account))
    return (texts.say("paper.account", account=account),) if account else ()


def _state(one: Entry, texts: Texts, zone: tzinfo | None) -> str:
    row = one.row
    kind = "waiting" if row.last_code in _WAITS and row.tested != "passed" else row.tested
    kind = "failed" if row.tested == "passed" and row.last_code else kind
    when = moment(row.tested_at, texts, zone) if row.tested_at else ""
    return texts.say(f"paper.state_{kind}", one.provider, when=when)


def _rights(one: Entry, texts: Texts, *, has: bool) -> tuple[str, ...]:
    """Return the names of the rights that were found, or found missing."""
    found, provider = one.row.company.get("rights"), one.provider
    if not isinstance(found, dict) or not provider:
        return ()
    known = [right.name for right in provider.rights if found.get(right.name) is has]
    return tuple(texts.say(f"rights.{name}.name", provider) for name in known)


def _ends(one: Entry, texts: Texts, zone: tzinfo | None) -> tuple[str, ...]:
    """Return the day its owner says the key ends, and until when it may wait; else how long one lasts."""
    expires = texts.say("paper.expires", day=day(one.row.expires, texts)) if one.row.expires else ""
    waits = one.row.until and one.row.tested != "passed"
    until = texts.say("paper.until", when=moment(one.row.until, texts, zone)) if waits else ""
    if expires or until:
        return tuple(line for line in (expires, until) if line)
    provider = one.provider
    key = "before.lifetime"
    return (texts.say(key, provider),) if provider and texts.has(key, provider) else ()


def _place(one: Entry, texts: Texts, around: Circumstances) -> tuple[str, ...]:
    """Return where the key is; nothing where there never was one, or it has left."""
    key = f"stored_in.{around.stored_in}"
    if not one.credential.items or not around.stored_in:
        return ()
    return (texts.say("paper.place", place=texts.say(key)),) if texts.has(key) else ()


def _handed(one: Entry, texts: Texts, zone: tzinfo | None) -> tuple[str, ...]:
    """Return how far a hand-over has come, since when, and what it is called."""
    reference = one.parcel.reference if one.parcel else one.row.reference
    named = texts.say("paper.reference", reference=plain(reference)) if reference else ""
    if not one.parcel:
        return (named,)
    when = moment(one.parcel.at, texts, zone)
    return (texts.say(f"paper.handed_{one.parcel.state}", one.provider, when=when), named)


def _consent(one: Entry, texts: Texts, zone: tzinfo | None) -> tuple[str, ...]:
    given = one.consent
    if not given:
        return ()
    facts = {
        "name": texts.name(plain(given.name)),
        "when": moment(given.at, texts, zone),
        "version": plain(given.version),
    }
    key = "paper.consented" if given.name else "paper.consented_unnamed"
    return (*map(plain, given.lines), texts.say(key, None, **facts))


def _options(one: Entry, texts: Texts) -> tuple[str, ...]:
    """Return what was answered to the partner's questions, in its words; by name what it asks no longer."""
    asked, given = {option.name: option for option in _asked(one, texts)}, one.row.options
    names = [*(name for name in asked if name in given), *(name for name in given if name not in asked)]
    return tuple(_answer(name, asked.get(name), given[name], texts) for name in names)


def _answer(name: str, option: Option | None, value: str, texts: Texts) -> str:
    label = option.label[texts.language] if option else plain(name)
    said = day(value, texts) if option and option.kind == "date" else plain(value)
    return f"{label}: {said}"


def _asked(one: Entry, texts: Texts) -> tuple[Option, ...]:
    return texts.preset.options.get(one.credential.provider, ())


def _lacks_answers(one: Entry, texts: Texts) -> bool:
    """Tell whether the partner has yet to be told something that it cannot do without."""
    given = one.row.options
    return any(option.problem(given.get(option.name, "")) for option in _asked(one, texts))


def _following(one: Entry, texts: Texts) -> tuple[str, ...]:
    """Return what happens next, and how the access is ended."""
    ended = one.provider is not None and bool(one.credential.items)
    stage, lacks = _stage(one.row), _lacks_answers(one, texts)
    keys = [] if lacks and stage in _SETTLED else [f"next_{stage}"]
    keys += [*(["next_options"] if lacks else []), *(["next_end"] if ended else [])]
    return tuple(texts.say(f"paper.{key}", one.provider) for key in keys)


def _stage(row: Connection) -> str:
    """Return the name of what a connection stands before."""
    if row.tested != "passed" and row.last_code in _WAITS:
        return row.last_code
    if row.delivered != "not_needed":
        return row.delivered
    return "failed" if row.tested == "passed" and row.last_code else row.tested
