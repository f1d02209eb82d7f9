"""The report for support: what is so on this machine, name by name, and the end of the log, masked.

Everything in it stands in a list of what may be told; whatever is free text goes through `Mask`. It is TOML:
somebody reads it from top to bottom, and a program reads it too.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.core.errors import BadInput, every_error
from wizard.core.ledger import DELIVERED, TESTED, WAITING_FOR, Book, Connection
from wizard.core.preset import Preset
from wizard.core.provider import STAGES, plain
from wizard.core.secret import redacted
from wizard.core.silence import silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from wizard.core.notes import StepNote
    from wizard.core.policy import Policy
    from wizard.core.provider import Finding
    from wizard.core.registry import Registry
    from wizard.core.slip import Failure
    from wizard.core.texts import Texts

LIMIT = 200_000
"""The most that a report takes, in bytes."""

LINES = 200
"""How many of the log's last lines are in it, if there is room."""

EVENTS = (
    *("made", "renewed", "tested", "failed", "call", "changed", "options"),
    *("file_made", "sent", "confirmed", "refused"),
)
PRESENT = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""The variables of which it is told whether they are set, and nothing more."""

KEYCHAINS = {"linux": "Secret Service", "win32": "Credential Manager", "darwin": "Keychain"}

_FOR_CONNECTIONS = 120_000
_LONGEST = 400
_MOST = 100
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) ([A-Z]{4,8}) (koble[a-z_.]*) (.*)")
_OF_BUG = re.compile(r"[A-Za-z_][\w.]*|  [\w.<>-]+:\d+ [\w<>]+", re.ASCII)
_STEP = re.compile(r"\d{1,2}\.\d{1,2}", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}")
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[+-]\d\d:\d\d|Z)?)?", re.ASCII)
_MAIL = re.compile(r"[^\s@<>\"']+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<!\d)\d{3} ?\d{3} ?\d{3}(?!\d)")
_FOLDERS = re.compile(r"(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})[^/\\\s\"']+")
_OPAQUE = re.compile(
    r"(?<![A-Za-z0-9+/_=.~-])(?=[A-Za-z+/_=.~-]*\d)"
    r"(?=[0-9+/_=.~-]*[A-Za-z])[A-Za-z0-9+/_=.~-]{20,}"
)
_SIGNED = re.compile(r"\b(Bearer|Basic|token)\s+\S+", re.IGNORECASE)

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is so of the machine and the program; `present` are the names of variables that are set."""

    os: str
    python: str
    versions: Mapping[str, str]
    frozen: bool
    keychain: str
    present: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What must not be told: `own` words of this machine, `names` of companies and people, `folder` home."""

    folder: str = ""
    own: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shown: bool = False

    def free(self, text: str) -> str:
        """Return a text of anybody's making fit to be told; with `shown`, names and numbers stay."""
        text = redacted(text)
        for form in (self.folder, self.folder.replace("\\", "\\\\"), self.folder.replace("\\", "/")):
            text = text.replace(form, "~") if len(form) > 1 else text
        text = _without(_FOLDERS.sub("~", text), self.own)
        if not self.shown:
            text = _NUMBER.sub("…", _without(text, self.names))
            text = _MAIL.sub("…", text) if "@" in text else text  # it takes its time
        return plain(_OPAQUE.sub("…", _SIGNED.sub(r"\1 …", text)))[:_LONGEST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """All that a report is made of. `book` is None where the list cannot be read, for the reason `trouble`.

    `found` and `failure` are of the last walk, `page` is the one that is shown, as it is spoken; `keychain`
    is what the keychain last came to, `clock` how many minutes ours is ahead; `notes` say which steps of a
    guide did not fit, `qt` and `scale` what the window knows of itself.
    """

    texts: Texts
    registry: Registry
    machine: Machine
    at: datetime
    logs: Path
    book: Book | None = None
    trouble: str = ""
    policy: Policy | None = None
    preset: Preset = field(default_factory=Preset)
    failure: Failure | None = None
    found: Sequence[Finding] = ()
    keychain: str = "not_asked"
    notes: Sequence[StepNote] = ()
    qt: str = ""
    scale: float = 0.0
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report as text, exactly as it is saved, and by section; `cut` is what there was no room for."""

    text: str
    data: Mapping[str, object]
    cut: Mapping[str, int]


def machine(environ: Mapping[str, str] = os.environ) -> Machine:
    """Look at this machine; asks nobody, and opens no keychain."""
    import platform

    names = {name.upper() for name, value in environ.items() if value}
    return Machine(
        os=_os(platform.system()),
        python=platform.python_version(),
        versions={name: _version(name) for name in ("httpx", "keyring", "PySide6-Essentials")},
        frozen=bool(getattr(sys, "frozen", False)),
        keychain=KEYCHAINS.get(sys.platform, KEYCHAINS["linux"]),
        present=frozenset(names.intersection(PRESENT)),
    )


def mask(book: Book | None, *, names: bool, environ: Mapping[str, str] = os.environ) -> Mask:
    """Return what hides this machine's names and its user's, and unless `names` those of companies."""
    import socket

    host = socket.gethostname()
    users = {environ.get(name, "") for name in ("USER", "USERNAME", "LOGNAME")}
    home = str(Path.home())
    own = {host, host.partition(".")[0], Path(home).name, environ.get("COMPUTERNAME", ""), *users}
    said = {str(one).strip() for one in _names(book)} if book else set()
    return Mask(
        folder=home,
        own=tuple(one for one in own - {"localhost"} if len(one) > 1),
        names=tuple(one for one in said if len(one) > 1),
        shown=names,
    )


def report(source: Source, hide: Mask) -> Report:
    """Return the report, of 200 kB at most: where it would be more, histories and old log lines are cut."""
    before, after = _before(source, hide), _after(source, hide)
    base = len(_rendered(source.texts, {**before, **after}).encode()) + 1_000
    connections, fewer = _connections(source.book, hide, min(_FOR_CONNECTIONS, LIMIT - base))
    base += _size({"connection": connections})
    every, odd = _log(source.logs, hide)
    lines = _latest(every, LIMIT - base)
    cut = {**fewer, "log_lines": len(every) - len(lines)}
    data = {**before, "connection": connections, **after}
    data |= {"log": {"lines": lines, "left_out": odd}, "cut": cut}
    return Report(text=_rendered(source.texts, data), data=data, cut=cut)


def save(file: Path, text: str, *, replace: bool = False) -> None:
    """Write a report that only its owner may read; raises `BadInput` where that fails or it is there.

    With `replace`, somebody has said that what is there may go: it does once the new one is whole.
    """
    save_bytes(file, text.encode(), replace=replace)


def save_bytes(file: Path, data: bytes, *, replace: bool = False) -> None:
    """Write what is no text, such as a receipt as PDF, in the same way."""
    target = file.with_name(f"{file.name}.new") if replace else file
    try:
        if replace:
            target.unlink(missing_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(data)
            target.replace(file)
        except OSError:
            with contextlib.suppress(OSError):  # half a report would be in the next one's way
                target.unlink()
            raise
    except FileExistsError:
        raise BadInput(reason="report_exists", file=file.name) from None
    except (OSError, ValueError):
        raise BadInput(reason="report_unwritable", file=file.name) from None


# The sections


def _before(source: Source, hide: Mask) -> dict[str, object]:
    registry = source.registry
    return {
        "koble": _program(source, hide),
        "machine": _machine(source, hide),
        "policy": _policy(source.policy) if source.policy else {"readable": False},
        "systems": {
            "known": [_word(slug) for slug in sorted(registry.providers)][:_MOST],
            "broken": [f"{hide.free(name)}: {hide.free(kind)}" for name, kind in registry.broken.items()][
                :_MOST
            ],
        },
        "list": _list(source),
    }


def _policy(policy: Policy) -> Row:
    """Return what the machine's policy decides; what it says nothing of is left out."""
    told = {one.name: getattr(policy, one.name) for one in fields(policy) if one.name != "fault"}
    lists = {name: sorted(map(_word, value)) for name, value in told.items() if isinstance(value, frozenset)}
    plain = {name: value for name, value in told.items() if isinstance(value, bool)}
    oldest = {"minimum_version": policy.minimum_version} if policy.minimum_version else {}
    return {**lists, **plain, **oldest}


def _program(source: Source, hide: Mask) -> Row:
    return {
        "form": 1,
        "made_at": source.at.isoformat(timespec="seconds"),
        "version": __version__,
        "frozen": source.machine.frozen,
        "language": source.texts.language,
        "partner": hide.free(source.preset.partner),
        "preset": hide.free(source.preset.version),
        "page": hide.free(source.page),
        "names_included": hide.shown,
    }


def _machine(source: Source, hide: Mask) -> Row:
    own = source.machine
    return {
        "os": hide.free(own.os),
        "python": hide.free(own.python),
        "qt": hide.free(source.qt),
        "text_scale": source.scale,
        **{name.lower().replace("-", "_"): hide.free(one) for name, one in own.versions.items()},
        "keychain": own.keychain,
        "keychain_last": _known(source.keychain, (*_codes(), "works", "not_asked")),
        "clock_minutes_ahead": _clock(source.found),
        "set": sorted(own.present),
    }


def _after(source: Source, hide: Mask) -> dict[str, object]:
    failure = source.failure
    facts = failure.facts() if failure else {}
    return {
        "failure": {
            name: _request(said) if name == "request_id" else hide.free(said) for name, said in facts.items()
        },
        "finding": [_finding(one, failure) for one in source.found[-_MOST:]],
        "note": [_note(one, hide) for one in source.notes],
        "bug": _bug(source.logs),
    }


def _list(source: Source) -> Row:
    book = source.book
    if book is None:
        return {"state": _known(source.trouble, _codes())}
    return {
        "state": "read",
        "connections": len(book.connections),
        "credentials": len(book.credentials),
        "to_be_dropped": len(book.pending) + len(book.leaving),
    }


def _finding(one: Finding, failure: Failure | None) -> Row:
    """Return what a stage came to: of its facts only numbers and codes."""
    row: Row = {"check": _word(one.check), "stage": _known(one.stage, STAGES), "state": _word(one.state)}
    row |= {"ms": one.ms, "code": _known(str(one.facts.get("code", "")), _codes())}
    status = one.facts.get("http_status")
    failed = one.state == "failed" and failure and one.facts.get("code") == failure.facts()["code"]
    row |= {"http_status": status} if isinstance(status, int) else {}
    return {**row, "spoken": failure.spoken} if failed and failure else row


def _note(one: StepNote, hide: Mask) -> Row:
    """Return where a guide did not fit, and what was noted of it."""
    number = one.number if _STEP.fullmatch(one.number) else "?"
    row: Row = {"at": _time(one.at), "system": _word(one.system), "method": _word(one.method)}
    return {**row, "number": number, "step": _word(one.step), "text": hide.free(silenced(one.text))}


def _connections(book: Book | None, hide: Mask, room: int) -> tuple[list[Row], dict[str, int]]:
    """Return the connections with as much of their history as there is room for, and what was cut."""
    rows = list(book.connections.items()) if book else []
    found: list[Row] = []
    for events in (50, 5, 0):
        found = _fitting((_connection(key, row, book, hide, events) for key, row in rows if book), room)
        if len(found) == len(rows):
            break
    whole = sum(len(row.history) for _, row in rows)
    kept = sum(min(len(row.history), events) for _, row in rows[: len(found)])
    return found, {"connections": len(rows) - len(found), "history": whole - kept}


def _fitting(rows: Iterable[Row], room: int) -> list[Row]:
    """Return as many of the first rows as there is room for."""
    found: list[Row] = []
    for row in rows:
        room -= _size({"connection": [row]})
        if room < 0:
            break
        found.append(row)
    return found


def _connection(key: str, row: Connection, book: Book, hide: Mask, events: int) -> Row:
    credential = book.credentials[row.credential]
    told: Row = {
        "id": _known(key, (key,) if re.fullmatch(r"[0-9a-f]{1,16}", key) else ()),
        "system": _word(credential.provider),
        "environment": _word(credential.environment),
        "method": _word(credential.method),
        "tested": _known(row.tested, TESTED),
        "delivered": _known(row.delivered, DELIVERED),
        "waiting_for": _known(row.waiting_for, WAITING_FOR),
        "last_code": _known(row.last_code, _codes()),
    }
    times = {name: _time(getattr(row, name)) for name in ("made_at", "tested_at", "since", "until")}
    told |= {name: at for name, at in times.items() if at}
    if hide.shown:
        named = {"company": row.company.get("name"), "orgnr": row.company.get("orgnr")}
        named |= {"label": row.label, "expected": row.expect}
        told |= {name: hide.free(str(value)) for name, value in named.items() if value}
    return {**told, "history": [_event(one) for one in row.history[len(row.history) - events :]]}


def _event(one: Mapping[str, str]) -> str:
    """Return what happened and when; of a call of support's own the method and the status."""
    event, code = _known(one.get("event", ""), EVENTS), one.get("code", "")
    if event == "call":
        called = re.fullmatch(r"([A-Z]{3,6}) .* (\d{3}|\?)", code)
        code = " ".join(called.groups()) if called else "?"
    else:
        code = _known(code, _codes())
    return " ".join(part for part in (_time(one.get("at", "")), event, code) if part)


def _bug(logs: Path) -> Row:
    """Return the newest report of a fault of ours: types, files, lines and functions."""
    files = sorted(logs.glob("bug-*.txt"))[-1:]
    for file in files:
        with contextlib.suppress(OSError):
            lines = file.read_text("utf-8", "replace").splitlines()
            return {
                "name": _file(file.name),
                "lines": [one for one in lines if _OF_BUG.fullmatch(one)][:_MOST],
            }
    return {}


def _log(logs: Path, hide: Mask) -> tuple[list[str], int]:
    """Return the last lines of the log that have our own form, and how many others there were among them."""
    lines: list[str] = []
    for name in ("koble.log.1", "koble.log"):
        with contextlib.suppress(OSError):
            lines += (logs / name).read_text("utf-8", "replace").splitlines()
    fit = [_LINE.fullmatch(line) for line in lines[-LINES:]]
    ours = [(*one.groups()[:3], hide.free(one[4])) for one in fit if one]
    return [" ".join(parts) for parts in ours], len(fit) - len(ours)


def _latest(lines: list[str], room: int) -> list[str]:
    """Return as many of the last lines as there is room for."""
    kept: list[str] = []
    for line in reversed(lines):
        room -= len(_value(line).encode()) + 6
        if room < 0:
            break
        kept.append(line)
    return kept[::-1]


# Small things


def _os(system: str) -> str:
    import platform

    if system == "Linux":
        with contextlib.suppress(OSError):
            known = platform.freedesktop_os_release()
            return f"Linux {known.get('ID', '')} {known.get('VERSION_ID', '')} {platform.machine()}"
    mac = platform.mac_ver()[0]
    return f"{system} {mac or platform.version()} {platform.machine()}"


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:  # an installed program has no list of what it was built from
        return ""


def _names(book: Book) -> Iterable[object]:
    for row in book.connections.values():
        yield from (
            row.company.get("name") or "",
            row.company.get("orgnr") or "",
            row.company.get("id") or "",
        )
        yield from (row.label, row.expect)
    for credential in book.credentials.values():
        yield from (one for one in credential.plain.values() if len(one) > 3)


def _without(text: str, words: tuple[str, ...]) -> str:
    lowered = text.lower()
    there = [word for word in words if word.lower() in lowered]  # there may be thousands of names
    for word in sorted(there, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", "…", text, flags=re.IGNORECASE)
    return text


@cache
def _codes() -> frozenset[str]:
    return frozenset(one.code for one in every_error())


def _known(word: str, words: Iterable[str]) -> str:
    """Return a word of ours as it is; anything else that stands in its place may be anything."""
    return word if not word or word in words else "?"


def _word(word: str) -> str:
    return word if not word or _WORD.fullmatch(word) else "?"


def _time(at: str) -> str:
    return at if _TIME.fullmatch(at) else "?"


def _file(name: str) -> str:
    return name if re.fullmatch(r"bug-[0-9-]{1,40}\.txt", name) else "?"


def _request(name: str) -> str:
    """Return the vendor's number for a request, which its support asks for: opaque, and no key of ours."""
    return redacted(name) if re.fullmatch(r"[A-Za-z0-9._:-]{1,80}", name) else ""


def _clock(found: Sequence[Finding]) -> int:
    known = (one.facts.get("clock_minutes") for one in found)
    return next((one for one in known if isinstance(one, int)), 0)


# How it is written


def _rendered(texts: Texts, data: Mapping[str, object]) -> str:
    lines = [f"# {line}" for line in texts.say("report.head").splitlines()]
    for name, section in data.items():
        lines += _section(name, section)
    return "\n".join(lines) + "\n"


def _section(name: str, section: object) -> list[str]:
    if isinstance(section, Mapping):
        return ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in section.items())]
    rows = section if isinstance(section, list) else []
    return [line for row in rows for line in ("", f"[[{name}]]", *_section("", row)[2:])]


def _value(value: object) -> str:
    if isinstance(value, list):
        return "".join(["[", *(f"\n  {_value(one)}," for one in value), "\n" * bool(value), "]"])
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _size(data: Mapping[str, object]) -> int:
    return sum(len(line.encode()) + 1 for name, section in data.items() for line in _section(name, section))
