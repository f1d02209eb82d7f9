"""The commands for support: explain a code, the history of a connection, a report of this machine."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.core import errors, paths, policy
from wizard.core.errors import WizardError
from wizard.core.registry import built_in, with_plugins
from wizard.out import write

if TYPE_CHECKING:
    import argparse

    from wizard.core.ledger import Book
    from wizard.core.registry import Registry
    from wizard.core.report import Source
    from wizard.out import Out


def _registry() -> Registry:
    """Return the systems, with the plug-ins that the machine's policy lets be loaded."""
    return with_plugins(built_in(), allowed=policy.machine().loadable)


def explain(options: argparse.Namespace, out: Out) -> int:
    """Say what a spoken code means."""
    from wizard.core.explained import explained
    from wizard.core.spoken import understand

    registry = _registry()
    said = explained(understand(options.code, registry.providers.values()), out.texts)
    if options.json:
        system = next((slug for slug, one in registry.providers.items() if one.name == said.system), "")
        out.event("explained", **{**asdict(said), "system": system})
    else:
        out.line(f"{said.spoken}  [{said.code}]")
        for name, sentence in said.lines(out.texts):
            out.line(f"{name}: {sentence}")
    return 0


def history(options: argparse.Namespace, out: Out) -> int:
    """Say what happened to a connection, the newest first."""
    from wizard.core.history import history as told

    book = _book(options)
    row = book.connections.get(options.id)
    if row is None:
        raise errors.BadInput(reason="unknown_connection", id=errors.nameable(options.id))
    provider = _registry().providers.get(book.credentials[row.credential].provider)
    for one in told(row, out.texts, provider):
        if options.json:
            facts = {"at": one.at, "local": one.local, "what": one.event, "code": one.code, "said": one.said}
            out.event("history", connection=options.id, **facts)
        else:
            out.line(f"{one.local}  {one.said}")
    return 0


def report(options: argparse.Namespace, out: Out) -> int:
    """Write the report for support, or show it."""
    from wizard.core.report import mask, save
    from wizard.core.report import report as made

    source = _source(options, out)
    ready = made(source, mask(source.book, names=options.names))
    if options.out:
        save(Path(options.out), ready.text)
    if options.json:
        size = len(ready.text.encode())
        out.event("report", file=options.out, bytes=size, cut=dict(ready.cut), report=dict(ready.data))
    elif options.out:
        out.line(out.texts.say("report.saved", file=Path(options.out).name))
    else:
        write(sys.stdout, ready.text.rstrip("\n"))
    return 0


def _source(options: argparse.Namespace, out: Out) -> Source:
    from wizard.core.report import Source, machine

    book, trouble = _book_if_readable(options)
    return Source(
        texts=out.texts,
        registry=_registry(),
        machine=machine(),
        at=datetime.now().astimezone(),
        logs=paths.logs(),
        book=book,
        trouble=trouble,
        policy=policy.readable_policy(paths.policy()),
        preset=out.texts.preset,
    )


def _book(options: argparse.Namespace) -> Book:
    from wizard.core.world import open_store

    with open_store(memory=bool(options.practice)) as store:
        return store.book()


def _book_if_readable(options: argparse.Namespace) -> tuple[Book | None, str]:
    """Return the list of connections, or the code of what is wrong with it."""
    try:
        return _book(options), ""
    except WizardError as error:
        return None, error.code


def for_explain(command: argparse.ArgumentParser) -> None:
    """Add what `explain` takes."""
    command.add_argument("code", metavar="CODE")
    _json(command)


def for_history(command: argparse.ArgumentParser) -> None:
    """Add what `history` takes."""
    command.add_argument("id", metavar="ID")
    _json(command)


def for_report(command: argparse.ArgumentParser) -> None:
    """Add what `report` takes."""
    command.add_argument("--out", metavar="FILE", default="", help="write it to a file that is not there yet")
    command.add_argument("--names", action="store_true", help="with the names and numbers of companies")
    _json(command)


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON object a line")
