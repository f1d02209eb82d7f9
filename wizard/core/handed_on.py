"""A set-up that was handed on to somebody else: which system, since when, by which reference; no secret."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from wizard.core import files, paths
from wizard.core.errors import BadInput, FieldInvalid
from wizard.core.orgnr import expected
from wizard.core.strict import REFERENCE, NotStrict, fits, json_in, moment, taken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

FORM = 1
MOST = 50
"""How many tasks are remembered, the newest."""

LARGEST = 20_000
"""The most that such a file may hold, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What somebody else was asked to do: `since` is a time, `reference` and `expect` the start file's."""

    system: str
    since: str
    reference: str
    expect: str = ""


def place() -> Path:
    """Return where they are kept: beside the list of connections."""
    return paths.data() / "handed-on.json"


def with_task(tasks: Iterable[Task], task: Task) -> tuple[Task, ...]:
    """Return the tasks with one more, the newest first; handed on again, it counts from then."""
    return (task, *without(tasks, task.reference))[:MOST]


def without(tasks: Iterable[Task], reference: str) -> tuple[Task, ...]:
    """Return the tasks but for one: it was taken back, or done here."""
    return tuple(one for one in tasks if one.reference != reference)


def load(file: Path) -> tuple[Task, ...]:
    """Return the tasks that are remembered; what has another form than ours is none."""
    try:
        data = files.read(file)
        return _read(data) if len(data) <= LARGEST else ()
    except (OSError, NotStrict):
        return ()


def save(file: Path, tasks: tuple[Task, ...]) -> None:
    """Remember the tasks where only their owner may read, and no file where there are none.

    Raises `OSError`.
    """
    if not tasks:
        files.remove(file)
        return
    files.make_private(file.parent)
    rows = [{name: value for name, value in asdict(one).items() if value} for one in tasks]
    files.write_whole(file, json.dumps({"form": FORM, "tasks": rows}, indent=1).encode())


def save_beside(file: Path, name: str, text: str) -> str:
    """Save a text beside a file, by another name where that is taken, and return the name.

    The same text is not saved twice. Raises `BadInput`.
    """
    from wizard.core.report import save as save_text  # which the first page need not wait for

    stem, _, ending = name.partition(".")
    for number in range(1, MOST):
        target = file.with_name(name if number == 1 else f"{stem}-{number}.{ending}")
        with suppress(OSError, UnicodeDecodeError):
            if target.read_text("utf-8") == text:
                return target.name
        if not target.exists():
            save_text(target, text)
            return target.name
    raise BadInput(reason="report_exists", file=name)


def lines(texts: Texts, provider: Provider, *, until: str = "") -> tuple[str, ...]:
    """Return what a letter says besides: how to get the program and, up to a day, what the start file is."""
    preset = texts.preset
    program = "program" if preset.program else "program_ask"
    said = [texts.say(f"handed_on.mail_{program}", provider, address=preset.program, ways=preset.contact)]
    if until:
        button = texts.say("start.button").replace("&", "")
        said.append(texts.say("handed_on.mail_start", provider, day=until, button=button))
        said.append(texts.say("handed_on.mail_straight", provider))
    return tuple(said)


def _read(data: bytes) -> tuple[Task, ...]:
    body = taken(json_in(data, depth=4), {"form": int, "tasks": list})
    if body["form"] != FORM:
        raise NotStrict
    return tuple(_task(row) for row in body["tasks"][:MOST])


def _task(row: object) -> Task:
    needed = {one.name: str for one in fields(Task) if one.name != "expect"}
    known = taken(row, needed, {"expect": str})
    try:
        return Task(
            system=fits(known["system"], r"[a-z][a-z0-9_]{0,39}"),
            since=moment(known["since"]).isoformat(timespec="seconds"),
            reference=fits(known["reference"], REFERENCE),
            expect=expected(known["expect"]) if known.get("expect") else "",
        )
    except FieldInvalid:
        raise NotStrict from None
