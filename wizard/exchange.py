"""The commands by which partner and customer exchange: seal, receive, reply, keys, sign, start-file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.core import errors, paths
from wizard.core.errors import WizardError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from wizard.core.connect import Receipt
    from wizard.core.delivered import Told
    from wizard.core.handover import Handover, Item
    from wizard.core.keys import Jwk, Keys
    from wizard.core.ledger import Book
    from wizard.core.provider import Provider
    from wizard.core.receive import Reference
    from wizard.core.reply import Outcome
    from wizard.core.store import Store
    from wizard.core.world import World
    from wizard.out import Out

Run = Callable[..., Any]
"""`cli.run`: does work in the background and returns what it came to."""

NAMED = 3
"""How many companies a message names before it counts them."""


# The customer's end


def seal(options: argparse.Namespace, out: Out, run: Run) -> int:
    """Seal stored connections to the partner's key: a file, or the text on standard output."""
    from wizard.core.handover import armoured, file_name
    from wizard.core.handover import seal as sealed
    from wizard.core.sending import pack
    from wizard.core.world import open_world

    preset = out.preset()
    if not preset.seal_key:
        raise errors.BadInput(reason="no_seal_key")
    with open_world(practice=options.practice, preset=preset) as world:
        world.store.vault.when_asking(out.asking)
        run(world.store.recover)
        ids = run(lambda: _practised(world, options.id)) if options.practice else list(options.id)
        before = world.store.book()
        what = run(lambda: pack(world, ids, options.contact))
        text = armoured(sealed(what, preset.seal_key))
        file = _file(options.out, file_name(what))
        _write(file, text)
        if not options.practice:  # nothing of practice is ever said to have been handed over
            _note(run, world.store, _made(what, ids, preset.after, before), file)
    _say_sealed(out, what, ids, file, text)
    return 0


async def _practised(world: World, slugs: list[str]) -> list[str]:
    """Return the ids of practice connections to these systems, made for the occasion."""
    from wizard.core.connect import connect
    from wizard.core.consent import practised
    from wizard.core.practice import practice_of
    from wizard.core.world import Wish

    ids = []
    for slug in slugs:
        provider = world.provider(slug)
        good = practice_of(provider).good
        answers, named = good["answers"], good.get("expect") or good.get("company")
        agreed = practised(world.preset.consent)
        wish = Wish(
            answers=answers if isinstance(answers, dict) else {}, expect=str(named or ""), consent=agreed
        )
        order = await world.order(provider, wish)
        made = await connect(order, net=world.net, store=world.store, tell=_silent, now=world.clock)
        ids.append(made[0].connection)
    return ids


def _silent(_: object) -> None: ...


def _file(where: str, name: str) -> Path | None:
    """Return the file to write, in a folder under a name that tells nothing; None for standard output."""
    return None if where == "-" else Path(where) / name if Path(where).is_dir() else Path(where)


def _write(file: Path | None, text: str) -> None:
    from wizard.core.keys import write_new

    if file:
        write_new(file, text.encode())


def _made(what: Handover, ids: list[str], after: str, before: Book) -> Callable[[Book], Book]:
    from wizard.core.delivered import with_made
    from wizard.core.sending import same

    return lambda book: with_made(same(book, before, tuple(ids)), what, ids, after)


def _note(run: Run, store: Store, change: Callable[[Book], Book], file: Path | None) -> None:
    """Note in the ledger that a file was made; one that is not noted could never be replied to."""
    try:
        run(lambda: store.amend(change), last=True)
    except WizardError:
        if file:
            file.unlink(missing_ok=True)
        raise


def _say_sealed(out: Out, what: Handover, ids: list[str], file: Path | None, text: str) -> None:
    if out.options.json:
        shown = "" if file else text
        name = str(file) if file else ""
        out.event("sealed", handover=what.id, connections=ids, file=name, text=shown)
    elif file:
        out.line(out.texts.say("exchange.sealed", file=str(file)))
    else:
        out.line(text.rstrip("\n"))


def reply(options: argparse.Namespace, out: Out, run: Run) -> int:
    """Take the partner's reply code: what was handed over is confirmed, or refused with what mends it."""
    from wizard.core.delivered import take_reply
    from wizard.core.world import now, open_store

    with open_store(memory=bool(options.practice)) as store:
        store.vault.when_asking(out.asking)
        run(store.recover)
        told: Told = run(lambda: take_reply(store, " ".join(options.code), now()), last=True)
        _say_told(out, told, store)
    return 0


def _say_told(out: Out, told: Told, store: Store) -> None:
    """Say what became of a hand-over, whether the keys are still here, and which step mends what failed."""
    book = store.book()
    rows = [book.connections[key] for key in told.connections if key in book.connections]
    credentials = [book.credentials[row.credential] for row in rows]
    provider = _provider(credentials[0].provider, credentials[0].method) if credentials else None
    cause = told.outcome.cause
    if out.options.json:
        out.event(
            "answered",
            handover=told.handover,
            outcome=told.outcome.name,
            code=cause,
            connections=list(told.connections),
            step=provider.mends.get(cause, "") if provider else "",
            kept=any(one.items for one in credentials),
        )
        return
    out.line(out.texts.say(f"exchange.{told.outcome.name}", count=len(told.connections)))
    kind = {one.code: one for one in errors.every_error()}.get(cause)
    if kind:
        said = out.texts.explain(kind(), provider)
        out.line(f"{said.what} {said.next}")


def _provider(slug: str, method: str) -> Provider | None:
    from wizard.core.registry import built_in, with_plugins

    found = with_plugins(built_in()).providers.get(slug)
    return found.by(method) if found else None


# The partner's end


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What a receiver has at hand: its keys, the vendors' keys, the start files it made, its command."""

    keys: Keys
    partner: Mapping[str, str]
    known: Mapping[str, Reference] | None
    command: str
    used: Path


def receive(options: argparse.Namespace, out: Out, run: Run) -> int:
    """Open what was handed over, test it with the partner's keys, hand it on; say what to reply."""
    from wizard.core.handover import MOST, open_sealed
    from wizard.core.world import open_world

    endpoints = Path(options.endpoints) if options.endpoints else None
    with _desk(options) as desk:
        data = _standard_input(MOST) if options.file == "-" else _bytes(options.file)
        what = open_sealed(data.decode("utf-8-sig", "replace"), desk.keys)
        with open_world(
            practice=options.practice, memory=True, endpoints=endpoints, preset=out.preset()
        ) as world:
            return _Receiving(world, what, desk, out, run).through()


@contextmanager
def _desk(options: argparse.Namespace) -> Iterator[_Desk]:
    """Read the keys; in practice nothing is remembered, unless a file for that is named."""
    import tempfile  # as heavy as all the rest of this module

    from wizard.core.keys import key_set, read_private
    from wizard.core.receive import partner_keys, references

    if (options.key_fd is None) == (options.key is None):
        raise errors.BadInput(reason="usage", usage="koble receive FILE --key-fd N | --key FILE")
    keys = key_set(_from(options.key_fd)) if options.key is None else read_private(Path(options.key))
    partner = partner_keys(_from(options.partner_fd)) if options.partner_fd is not None else {}
    known = references(_bytes(options.references)) if options.references else None
    with tempfile.TemporaryDirectory(prefix="koble-") as folder:
        place = Path(folder) if options.practice else paths.data()
        used = Path(options.used) if options.used else place / "received.sqlite"
        yield _Desk(keys=keys, partner=partner, known=known, command=options.deliver, used=used)


@dataclass(slots=True)
class _Receiving:
    """One hand-over on its way through: all of it or nothing, since one code answers for it."""

    world: World
    what: Handover
    desk: _Desk
    out: Out
    run: Run
    at: Item | None = None

    def through(self) -> int:
        """Return the exit status; the last line is `received` or `refused`."""
        from wizard.core.receive import see_valid
        from wizard.core.used import reserved

        now = self.world.clock()
        moment = now.isoformat(timespec="seconds")
        try:
            with reserved(self.desk.used, self.what.id, self.what.reference, moment) as mine:
                see_valid(self.what, now, self.desk.known)
                receipts = [self._tested(one, at) for at, one in enumerate(self.what.items, 1)]
                if any(one.tested == "later" for one in receipts):
                    return self._pending()
                if self.desk.command:
                    mine.handing_on()
                    self._hand_on(receipts, again=mine.again)
                    mine.done()
        except WizardError as error:
            return self._refused(error)
        return self._received(works=all(one.tested == "passed" for one in receipts))

    def _tested(self, one: Item, number: int) -> Receipt:
        from wizard.core.receive import tested

        provider = self.world.provider(one.system)
        self.at = one
        self._say_item(one, number)
        tell = self.out.finding(provider)
        receipt: Receipt = self.run(lambda: tested(self.world, one, self.desk.partner, tell))[0]
        self.out.receipt(receipt, provider)
        return receipt

    def _say_item(self, one: Item, number: int) -> None:
        facts = {"system": one.system, "environment": one.environment, "company": one.name}
        count = len(self.what.items)
        if self.out.options.json:
            self.out.event("item", n=number, of=count, **facts)
        elif count > 1:
            self.out.line(f"{number}/{count}  {one.system}  {one.name}")

    def _hand_on(self, receipts: list[Receipt], *, again: bool) -> None:
        from wizard.core.handover import bundle
        from wizard.core.receive import hand_on

        found = [{"tested": one.tested, "company": dict(one.company)} for one in receipts]
        hand_on(self.desk.command, bundle(self.what, found, again=again))

    def _received(self, *, works: bool) -> int:
        from wizard.core.reply import Outcome

        delivered = bool(self.desk.command)
        if delivered:
            self._reply(Outcome(), said="confirmed" if works else "taken")
        self._say_received(delivered=delivered)
        return 0

    def _pending(self) -> int:
        """Say that somebody at the customer's has yet to approve; the same file can be received again."""
        from wizard.core.reply import Outcome
        from wizard.out import WAITING

        self._reply(Outcome(cause=errors.PendingApproval.code), errors.PendingApproval())
        self._say_received(delivered=False)
        return WAITING

    def _say_received(self, *, delivered: bool) -> None:
        facts = {"handover": self.what.id, "reference": self.what.reference, "delivered": delivered}
        if self.out.options.json:
            self.out.event("received", connections=len(self.what.items), **facts)
        else:
            self.out.line(self.out.texts.say("exchange.received" if delivered else "exchange.only_tested"))

    def _refused(self, error: WizardError) -> int:
        from wizard.core.receive import outcome_of

        outcome = outcome_of(error)
        if outcome:
            self._reply(outcome, error)
        return self.out.refused(error, self.world.provider(self.at.system) if self.at else None)

    def _reply(self, outcome: Outcome, error: WizardError | None = None, said: str = "") -> None:
        """Write the code that the customer is to have, and a message that can be sent as it is."""
        from wizard.core.reply import code, derived

        made = code(derived(self.what.reply, self.what.id), self.what.id, outcome)
        messages = {language: self._message(language, made, error or said) for language in ("nb", "en")}
        if self.out.options.json:
            facts = {"handover": self.what.id, "reference": self.what.reference, "outcome": outcome.name}
            self.out.event("reply", **facts, cause=outcome.cause, code=made, messages=messages)
        else:
            self.out.line(f"{self.out.texts.say('exchange.reply')} {made}")
            self.out.line("\n" + "\n\n".join(messages.values()) + "\n")

    def _message(self, language: str, made: str, what: WizardError | str) -> str:
        from wizard.core.texts import Texts

        texts = Texts(language=language, preset=self.out.preset())
        names = [one.name for one in self.what.items]
        more = texts.say("exchange.more", count=len(names) - NAMED) if len(names) > NAMED else ""
        who = f"{', '.join(names[:NAMED])}{more}"
        if isinstance(what, str):
            return texts.say(f"exchange.message_{what}", companies=who, code=made)
        provider = self.world.provider(self.at.system) if self.at else None
        said = texts.explain(what, provider)
        which = self.at.name if self.at else who
        return texts.say("exchange.message_refused", companies=which, why=said.what, code=made)


# Keys, signatures, start files


def keys(options: argparse.Namespace, out: Out, _run: Run) -> int:
    """Make the partner's keys, turn them over, or print the public one for the preset."""
    from wizard.core.keys import as_set, new_key, read_private, rotate, write_new

    file = Path(options.file)
    if options.act == "new":
        made = new_key("OKP" if options.signing else "EC")
        write_new(file, as_set({made["kid"]: made}))
    elif options.act == "rotate":
        made = next(iter(rotate(file).values()))
    else:
        made = next(iter(read_private(file, "OKP" if options.signing else "EC").values()))
    _say_key(out, made)
    return 0


def _say_key(out: Out, made: Jwk) -> None:
    from wizard.core.keys import as_toml, public

    if out.options.json:
        out.event("key", key=dict(public(made)))
    elif made["kty"] == "EC":
        out.line(f"[handover]\nkeys = [{as_toml(made)}]")
    else:
        out.line(json.dumps({"keys": [dict(public(made))]}))


def sign(options: argparse.Namespace, out: Out, _run: Run) -> int:
    """Sign a preset; one that no reader would take is not signed."""
    from wizard.core.preset import fitting, preset_in
    from wizard.core.preset_files import self_contained
    from wizard.core.registry import built_in
    from wizard.core.signed import PRESET
    from wizard.core.signed import sign as signed

    text = self_contained(_bytes(options.file).decode("utf-8-sig", "replace"), Path(options.file))
    fitting(preset_in(text, Path(options.file).name), built_in().providers)
    made = signed(text, _signing_key(options.key), PRESET)
    return _say_signed(out, options.out, f"{made}\n")


def start_file(options: argparse.Namespace, out: Out, _run: Run) -> int:
    """Make a start file for one customer, signed, and remember its reference."""
    from wizard.core.receive import Reference, reference_line
    from wizard.core.start import Start, new_reference, written
    from wizard.core.world import now

    start = Start(
        system=options.system,
        environment=options.environment,
        expect=options.expect,
        language=options.language or "",
        reference=options.reference or new_reference(),
        expires=(now() + timedelta(days=options.days)).isoformat(timespec="seconds"),
        partner=out.preset().partner,
        values=dict(_pair(one) for one in options.value),
    )
    _see_system(start.system, start.environment)
    text = written(start, _signing_key(options.sign_key))
    known = Reference(
        reference=start.reference, system=start.system, expires=start.expires, expect=start.expect
    )
    if options.references:
        _append(Path(options.references), reference_line(known))
    return _say_signed(out, options.out, text, **asdict(known))


def _see_system(slug: str, environment: str) -> None:
    from wizard.core.registry import built_in, with_plugins

    provider = with_plugins(built_in()).providers.get(slug)
    if not provider:
        raise errors.BadInput(reason="unknown_system", name=slug)
    if environment and not provider.environment(environment):
        raise errors.BadInput(reason="unknown_environment", name=environment)


def _pair(given: str) -> tuple[str, str]:
    name, _, value = given.partition("=")
    return name, value


def _append(file: Path, line: str) -> None:
    """Add a line to the list of references, in one piece."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as stream:
            stream.write(line.encode())
    except OSError:
        raise errors.BadInput(reason="file_unwritable", file=file.name) from None


def _signing_key(file: str) -> Jwk:
    from wizard.core.keys import read_private

    return next(iter(read_private(Path(file), "OKP").values()))


def _say_signed(out: Out, where: str, text: str, **facts: str) -> int:
    file = _file(where, "")
    _write(file, text)
    if out.options.json:
        out.event("signed", file=where if file else "", text="" if file else text.strip(), **facts)
    else:
        out.line(out.texts.say("exchange.signed", file=where) if file else text.strip())
    return 0


# What comes in


def _bytes(name: str) -> bytes:
    from wizard.core.receive import read_file

    return read_file(Path(name))


def _from(descriptor: int) -> bytes:
    """Return what a file descriptor gives, which no other program can look at."""
    from wizard.core.receive import MOST

    try:
        with os.fdopen(descriptor, "rb", closefd=descriptor > 2) as stream:
            return stream.read(MOST + 1)
    except OSError:
        raise errors.BadInput(reason="no_descriptor", number=descriptor) from None


def _standard_input(most: int) -> bytes:
    return sys.stdin.buffer.read(most + 1) if sys.stdin else b""
