"""The same walk without a window: JSON in, JSON lines out, a status for each kind of end."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from wizard import __version__
from wizard.core import errors, paths
from wizard.core.errors import WizardError
from wizard.core.policy import machine
from wizard.core.registry import built_in, with_plugins
from wizard.out import WAITING, Out, write

if TYPE_CHECKING:
    from wizard.core.connect import Order, Receipt
    from wizard.core.policy import Policy
    from wizard.core.provider import Environment, Finding, Provider
    from wizard.core.pulse import Pulse
    from wizard.core.registry import Registry
    from wizard.core.start import Start
    from wizard.core.store import Store
    from wizard.core.world import Wish, World

T = TypeVar("T")

MAX_INPUT = 1 << 20
THEMES = ("system", "light", "dark", "contrast")
"""The most that is read from standard input, in bytes."""

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals by which somebody asks us to end, as far as the platform has them."""

_FAILED = 400
"""The first HTTP status that is a failure."""

_KEYS = {
    "answers": dict,
    "partner": dict,
    "environment": str,
    "company": (str, list),
    "expect": str,
    "name": str,
    "consent": dict,
    "options": dict,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit status."""
    return guarded(arguments, lambda options: options.run(options, Out(options)))


def guarded(arguments: Sequence[str], act: Callable[[argparse.Namespace], int]) -> int:
    """Read the options, act on them, and return the exit status, whatever goes wrong."""
    options = argparse.Namespace(json="--json" in arguments, language="", preset=None, practice=False)
    try:
        options = parser(command_in(arguments)).parse_args(arguments)
        if options.preset:
            Out(options).note_ignored()  # a bad one is told before anything else is done
        return act(options)
    except WizardError as error:
        return Out(options).refused(error)
    except KeyboardInterrupt:
        ignore_signals()
        return Out(options).refused(errors.Cancelled())
    except Exception as caught:  # noqa: BLE001 - a bug is reported masked, never as a traceback
        return Out(options).bug(caught)


def command_in(arguments: Sequence[str]) -> str | None:
    """Return what stands where a command may, or an option that ends by itself; None means the window."""
    rest = iter(arguments)
    for argument in rest:
        if argument in {"--language", "--preset", "--at", "--fault", "--start", "--theme"}:
            next(rest, None)
        elif argument in {"-h", "--help", "--version"} or not argument.startswith("-"):
            return argument
    return None


def see_practice(options: argparse.Namespace) -> None:
    """Raise `BadInput` where a page or a fault is asked for, and it is not practice."""
    if (options.at or options.fault) and not options.practice:
        raise errors.BadInput(reason="at_practice")


def without_display(options: argparse.Namespace) -> int:
    """Say that there is no display; in practice mode, walk in the terminal instead."""
    texts = Out(options).texts
    if not options.practice or options.at or options.fault:
        raise errors.BadInput(reason="no_display")
    write(sys.stderr, texts.say("terminal.no_display"))
    return demonstrate(options)


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the reader of the command line; what it cannot read is `BadInput`.

    With `only` a command's name, the other commands' options are left out: they cost time and are not read.
    So are all commands for the window, where `only` is None.
    """
    top = _Parser(prog="koble", description="Connect an accounting system to a bank.")
    top.add_argument("--version", action="version", version=f"koble {__version__}")
    _shared(top, top=True)
    top.set_defaults(json=False, test_environments=False, at="", fault="", start=None)
    if only is None:
        top.add_argument("--test-environments", action="store_true", help="show the vendors' test worlds")
        top.add_argument("--start", metavar="FILE", help="a start file from the bank")
        top.add_argument(
            "--at", metavar="SYSTEM/PAGE", help="with --practice: the page to open, tripletex/3.2"
        )
        top.add_argument("--fault", metavar="CODE", help="with --practice: the fault to plant")
        top.add_argument("--theme", choices=THEMES, default=THEMES[0], help="the window's colours")
        return top
    commands = top.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for name in (only,) if only in _COMMANDS else _COMMANDS:
        summary, run, extend = _COMMANDS[name]
        command = commands.add_parser(name, help=summary, description=summary)
        _shared(command, top=False)
        extend(command)
        command.set_defaults(run=run)
    return top


def systems(options: argparse.Namespace, out: Out) -> int:
    """List the systems that there are; if asked, also whether those that are allowed answer."""
    policy = machine()
    registry = with_plugins(built_in(), allowed=policy.loadable)
    pulses = _pulses(options, out) if options.pulse else []
    by_name = sorted(registry.providers.items(), key=lambda one: one[1].name.lower())
    for provider in out.preset().offered(dict(by_name)).values():
        _say_system(provider, out, allowed=policy.refusal(provider) is None)
        for pulse in pulses:
            if pulse.system == provider.slug:
                out.pulse(pulse)
    _say_unused(registry, policy, out)
    return 0


def _say_system(provider: Provider, out: Out, *, allowed: bool) -> None:
    if out.options.json:
        out.event("system", **_described(provider), allowed=allowed)
    else:
        mark = "" if allowed else f"  ({out.texts.say('policy.not_allowed')})"
        out.line(f"{provider.slug:<16} {provider.name}{mark}")


def _say_unused(registry: Registry, policy: Policy, out: Out) -> None:
    """Say on standard error what was not loaded, and why nothing may be connected where that is so."""
    for name, kind in registry.broken.items():
        write(sys.stderr, f"koble: {name}: {kind}")
    for name, distribution in registry.held.items():
        write(sys.stderr, f"koble: {out.texts.say('policy.held', name=name, distribution=distribution)}")
    if refused := policy.refusal():
        said = out.texts.explain(refused)
        write(sys.stderr, f"koble: {said.what} {said.why} {said.next}")


def _pulses(options: argparse.Namespace, out: Out) -> list[Pulse]:
    """Ask every system at once whether it answers, in the environments that the preset shows."""
    from wizard.core.pulse import pulses
    from wizard.core.world import open_world

    tests = out.preset().test_environments
    file = Path(options.endpoints) if options.endpoints else None
    with open_world(practice=bool(options.practice), memory=True, endpoints=file) as world:
        places = [
            (provider, world.environment(provider, place.name))
            for provider in world.registry.providers.values()
            for place in provider.environments
            if (tests or not place.test) and not world.policy.refusal(provider)
        ]
        return run(lambda: pulses(places, world.net))


def connect(options: argparse.Namespace, out: Out) -> int:
    """Test and store a connection; the answers come as JSON on standard input."""
    wish, start = read_wish(_input()), out.start()
    with _world(options) as world:
        known = world.registry.providers.get(options.system or (start.system if start else ""))
        try:
            provider = world.provider(_system(options, start))
            _recover(world.store, out)
            world.store.ready()
            if start:
                wish = _started(wish, start, world, again=options.again)
            return _connected(world, provider, wish, out)
        except WizardError as error:
            return out.refused(error, known)


def _system(options: argparse.Namespace, start: Start | None) -> str:
    """Return the system that is meant: the start file's, where there is one."""
    named = str(options.system or "")
    if not named and not start:
        raise errors.BadInput(reason="usage", usage="koble connect SYSTEM | --start FILE")
    if start and named not in {"", start.system}:
        raise errors.BadInput(reason="start_other_system", name=start.system)
    return start.system if start else named


def _started(wish: Wish, start: Start, world: World, *, again: bool) -> Wish:
    """Return the wish with what the start file answers; what is said twice must be the same."""
    from wizard.core.delivered import see_unused
    from wizard.core.orgnr import expected

    if wish.expect and start.expect and expected(wish.expect) != start.expect:
        raise errors.FieldInvalid(fields=("expect",), reason="differs")
    if wish.environment and start.environment not in {"", wish.environment}:
        raise errors.BadInput(fields=("environment",), reason="start_other_system", name=start.environment)
    if not again:
        see_unused(world.store.book(), start.reference)
    return replace(
        wish,
        expect=start.expect or wish.expect,
        environment=start.environment or wish.environment,
        reference=start.reference,
    )


def connections(options: argparse.Namespace, out: Out) -> int:
    """List the stored connections; if asked, begin a new list where the old one is damaged."""
    with _store(options) as store:
        if options.rebuild:
            return _rebuilt(store, out)
        out.found(store.found())
        for row in _rows(store):
            if options.json:
                out.event("connection", **row)
            else:
                company = row["company"]
                name = company.get("name") or "–" if isinstance(company, Mapping) else "–"
                gone = row["last_code"] == errors.KeychainMissing.code
                state = out.texts.say("state.needs_key" if gone else f"state.{row['tested']}")
                out.line(f"{row['connection']}  {row['provider']:<16} {name}  ({state})")
    return 0


def _rebuilt(store: Store, out: Out) -> int:
    """Begin an empty list in place of one that cannot be read, and say where that is kept."""
    kept = run(store.rebuild, last=True)
    if out.options.json:
        out.event("rebuilt", files=list(kept))
    elif kept:
        out.line(out.texts.say("cli.rebuilt", files=", ".join(kept)))
    else:
        out.line(out.texts.say("cli.rebuild_not_needed"))
    return 0


def check(options: argparse.Namespace, out: Out) -> int:
    """Test stored connections again; the status is that of the first that does not pass."""
    if bool(options.id) == options.all:
        raise errors.BadInput(reason="usage", usage="koble check ID | --all")
    with _world(options) as world:
        _recover(world.store, out)
        world.store.ready()
        ids = [options.id] if options.id else list(world.store.book().connections)
        return _worst(_checked(world, one, out) for one in ids)


def _worst(statuses: Iterable[int]) -> int:
    """Return the first status that is not 0; after a cancel nothing more is begun."""
    first = 0
    for status in statuses:
        first = first or status
        if status == errors.Cancelled.status:
            return status
    return first


def call(options: argparse.Namespace, out: Out) -> int:
    """Make a call of support's own with a stored connection's keys, where the machine's policy allows it."""
    from wizard.core.call import call as make
    from wizard.core.call import checked
    from wizard.core.policy import read_policy

    if not read_policy(paths.policy()).free_call:
        raise errors.BadInput(reason="call_not_allowed", file=str(paths.policy()))
    body = _input() if options.body == "-" else None
    what = checked(options.method, options.path, body, write=options.allow_write)
    with _world(options) as world:
        _recover(world.store, out)
        called = run(lambda: make(world, options.id, what), last=True)
    if options.json:
        out.event("answer", connection=options.id, **asdict(called))
    else:
        out.line(called.body)
    return 0 if called.status < _FAILED else errors.AnswerError.status


def forget(options: argparse.Namespace, out: Out) -> int:
    """Forget a connection, and its secrets where no other connection uses them; or all that there is."""
    if bool(options.id) == options.all:
        raise errors.BadInput(reason="usage", usage="koble forget ID | --all")
    with _store(options) as store:
        if options.all:
            return _forget_all(options, store, out)
        _recover(store, out)
        gone = run(lambda: store.forget(options.id), last=True)
    if options.json:
        out.event("forgotten", connection=options.id)
    else:
        out.line(out.texts.say("cli.forgotten" if gone else "cli.forgotten_shared", id=options.id))
    return 0


def _forget_all(options: argparse.Namespace, store: Store, out: Out) -> int:
    """Forget everything, where somebody says yes to that; what the keychain does not let go is named."""
    if not options.yes and not _said_yes(len(store.book().connections), out):
        raise errors.BadInput(reason="usage", usage="koble forget --all --yes")
    gone = run(store.forget_all, last=True)
    _drop_draft(options)
    for key in gone.connections:
        _say(out, "forgotten", "cli.forgotten_name", connection=key)
    for name in gone.partner:
        _say(out, "forgotten", "cli.forgotten_name", name=name)
    for item in gone.left:
        _say(out, "left", "cli.left", item=item)
    if gone.error:
        return out.refused(gone.error)
    if not options.json:
        out.line(out.texts.say("cli.forgotten_all"))
    return 0


def _drop_draft(options: argparse.Namespace) -> None:
    """Let go of what was left half-done in the window, too; practice leaves nothing."""
    from wizard.core.drafts import drop, place

    if not options.practice:
        drop(place())


def _said_yes(count: int, out: Out) -> bool:
    """Ask at a terminal whether everything shall go; where there is none, nobody said yes."""
    if not sys.stdin or not sys.stdin.isatty():
        return False
    write(sys.stderr, out.texts.say("cli.forget_all", count=count))
    return sys.stdin.readline().strip().lower() == out.texts.say("cli.yes")


def _say(out: Out, event: str, key: str, **fact: str) -> None:
    """Write one thing that was done, by the name of what it was done to."""
    if out.options.json:
        out.event(event, **fact)
    else:
        (value,) = fact.values()
        out.line(out.texts.say(key, name=value, item=value))


def partner(options: argparse.Namespace, out: Out) -> int:
    """Keep, list or forget the partner's own keys; a key comes on standard input and is never shown."""
    with _store(options) as store:
        if options.act != "list":
            _recover(store, out)
            store.ready()
        if options.act == "list":
            for name in store.partner_names():
                _say_name(out, "partner_key", name)
        elif options.act == "set":
            return _set_partner(options.name, store, out)
        else:
            _partner_field(options.name)
            run(lambda: store.forget_partner(options.name), last=True)
            _say_name(out, "forgotten", options.name)
    return 0


def _set_partner(name: str, store: Store, out: Out) -> int:
    from wizard.core.connect import clean

    provider, environment, field = _partner_field(name)
    if refused := machine().refusal(provider):
        return out.refused(refused, provider)
    typed = bool(sys.stdin and sys.stdin.isatty())
    if typed:
        run(store.vault.trial)  # before a key is asked for
    given = _typed() if typed else _input().decode("utf-8-sig", "replace")
    try:
        fields = [one for one in provider.partner_keys if one.name == field]
        cleaned = clean(fields, {field: given}, environment)
        value = cleaned.secrets.get(field) or cleaned.plain[field]
        run(lambda: store.set_partner(name, provider, value), last=True)
    except WizardError as error:
        return out.refused(error, provider)
    _say_name(out, "stored", name)
    return 0


def _typed() -> str:  # pragma: no cover - needs a person at a terminal
    """Return a key typed at the terminal, which does not show it."""
    from getpass import getpass

    return getpass("")


def practice(options: argparse.Namespace, out: Out) -> int:
    """Serve the vendors' imitations on loopback, or print answers that they take."""
    from wizard.core.practice import Playground, endpoints_toml, practice_of

    providers = built_in().providers
    if options.system and options.system not in providers:
        raise errors.BadInput(reason="unknown_system", name=errors.nameable(options.system))
    if options.keys and options.refuse:
        raise errors.BadInput(reason="usage", usage="--refuse goes with --serve")
    if options.keys:
        good = {slug: dict(practice_of(one).good) for slug, one in sorted(providers.items())}
        out.line(json.dumps(good[options.system] if options.system else good, ensure_ascii=False))
        return 0
    with Playground(providers).open() as playground:
        if options.refuse:
            playground.refuse(options.refuse, options.system)
        out.line(endpoints_toml(playground.endpoints))
        _until_interrupted()
    return 0


def demonstrate(options: argparse.Namespace) -> int:
    """Walk a practice connection in the terminal, to a made-up bank and back, asking nothing."""
    from wizard.core.world import open_world
    from wizard.terminal import walk

    out = Out(options)
    with open_world(practice=True, preset=out.preset().practised()) as world:
        return walk(world, out, run)


def read_wish(data: bytes) -> Wish:
    """Return what `connect` is asked for; raises `BadInput` naming what is wrong, never its content."""
    from wizard.core.world import Wish

    body = _json_in(data)
    if not isinstance(body, dict):
        raise errors.BadInput(reason="not_an_object")
    for name, value in body.items():
        _right_kind(name, value)
    return Wish(
        answers=body.get("answers", {}),
        partner=body.get("partner", {}),
        environment=body.get("environment", ""),
        companies=_companies(body.get("company", [])),
        expect=_asked(body, "expect"),
        label=body.get("name", ""),
        consent=body.get("consent", {}),
        options=body.get("options", {}),
    )


def run(work: Callable[[], Awaitable[T]], *, last: bool = False) -> T:
    """Run work in the background and return what it came to; Ctrl-C cancels it and waits for how it ends.

    With `last`, nothing interrupts what is said after it: the last line and the status must agree.
    """
    from wizard.core.background import Background

    with _noted_signals(last=last) as asked, Background() as background:
        task = background.start(work)
        while not task.done_within(0.1):
            if asked:
                task.cancel()
        result = task.future.result()
    if asked and not last:
        raise KeyboardInterrupt  # it came too late for this, and in time for what would follow
    return result


@contextlib.contextmanager
def _noted_signals(*, last: bool) -> Iterator[list[int]]:
    """Note the signals that would end us: one in the midst of the thread's start would leave it hanging."""
    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in ENDING}
    if threading.current_thread() is not threading.main_thread():  # where signals cannot be set, nor arrive
        yield asked
        return
    for number in ENDING:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: asked.append(number))
    try:
        yield asked
    finally:
        if last:
            ignore_signals()
        else:
            for number, handler in before.items():
                signal.signal(number, handler or signal.SIG_DFL)


def _connected(world: World, provider: Provider, wish: Wish, out: Out) -> int:
    from wizard.core.connect import connect as walk
    from wizard.core.world import now

    async def work() -> tuple[Order, tuple[Receipt, ...]]:
        order = await world.order(provider, wish)
        tell = out.finding(provider)
        return order, await walk(order, net=world.net, store=world.store, tell=tell, now=now)

    order, receipts = run(work, last=True)
    status = max(out.receipt(receipt, provider) for receipt in receipts)
    _say_waiting(world, receipts[0].connection, order.provider, out)
    out.letters(order)
    return status


def _say_waiting(world: World, connection: str, provider: Provider, out: Out) -> None:
    """Say what a connection waits for, if it waits."""
    row = world.store.book().connections[connection]
    if row.since:
        out.waiting(errors.PendingApproval(), provider, row.until)


def ignore_signals() -> None:
    """Let nothing come between the last line and the status that says the same."""
    for number in ENDING:
        with contextlib.suppress(ValueError):  # not in the main thread, where there is nothing to ignore
            signal.signal(number, signal.SIG_IGN)


def _checked(world: World, connection: str, out: Out) -> int:
    from wizard.core.recheck import recheck

    book = world.store.book()
    row = book.connections.get(connection)
    provider = world.registry.providers.get(book.credentials[row.credential].provider) if row else None
    try:
        tell = out.finding(provider) if provider else _silent
        receipt = run(lambda: recheck(world, connection, tell))
        return out.receipt(receipt, world.provider(receipt.provider))
    except errors.HandedOver as error:
        return _with_partner(world, connection, error, out)
    except WizardError as error:
        return out.refused(error, provider)


def _with_partner(world: World, connection: str, error: WizardError, out: Out) -> int:
    """Say that only the partner can test a connection now, since its key is there and no longer here."""
    from wizard.core.store import receipt

    book = world.store.book()
    row = book.connections[connection]
    made = receipt(connection, row, book.credentials[row.credential], world.store.vault.place)
    if out.options.json:
        return out.receipt(made, world.provider(made.provider))
    said = out.texts.explain(error)
    out.line(f"{said.what} {said.why}")
    return 0 if made.waiting_for == "nobody" else WAITING


def _silent(_: Finding) -> None: ...


def _described(provider: Provider) -> dict[str, object]:
    return {
        "system": provider.slug,
        "name": provider.name,
        "fields": [*(["method"] if provider.methods else []), *(one.name for one in provider.every_field)],
        "methods": [
            {"name": one.name, "fields": [field.name for field in one.fields]} for one in provider.methods
        ],
        "partner_keys": [one.name for one in provider.partner_keys],
        "environments": [
            {
                "name": one.name,
                "test": one.test,
                "endpoints": dict(one.endpoints),
                "hosts": sorted(one.hosts),
                "doors": sorted(one.doors),
            }
            for one in provider.environments
        ],
    }


def _rows(store: Store) -> list[dict[str, object]]:
    book = store.book()
    rows: list[dict[str, object]] = []
    for key, one in book.connections.items():
        credential = book.credentials[one.credential]
        rows.append(
            {
                "connection": key,
                "provider": credential.provider,
                "environment": credential.environment,
                "company": {name: one.company.get(name) for name in ("orgnr", "name", "id")},
                "name": one.label,
                "tested": one.tested,
                "delivered": one.delivered,
                "waiting_for": one.waiting_for,
                "made_at": one.made_at,
                "tested_at": one.tested_at,
                "last_code": one.last_code,
                "method": credential.method,
                "until": one.until,
                "contact": one.contact,
                "expires": one.expires,
                "options": dict(one.options),
                "consent": dict(one.consent),
                "history": [dict(event) for event in one.history],
            }
        )
    return rows


def _partner_field(name: str) -> tuple[Provider, Environment, str]:
    """Return what `system.environment.key` means; raises `BadInput` where it means nothing."""
    providers = with_plugins(built_in(), allowed=machine().loadable).providers
    slug, environment, field = (*name.split("."), "", "", "")[:3]
    provider = providers.get(slug)
    world = provider.environment(environment) if provider else None
    known = [one.name for one in provider.partner_keys] if provider else []
    if not provider or not world or field not in known or name.count(".") != 2:
        raise errors.BadInput(reason="unknown_partner_key", name=errors.nameable(name))
    return provider, world, field


def _say_name(out: Out, event: str, name: str) -> None:
    if out.options.json:
        out.event(event, name=name)
    else:
        out.line(name)


def _right_kind(name: str, value: object) -> None:
    if name not in _KEYS:
        raise errors.BadInput(fields=errors.named([name]), reason="unknown_key", name=", ".join(_KEYS))
    texts = value if isinstance(value, list) else []
    if not isinstance(value, _KEYS[name]) or not all(isinstance(one, str) for one in texts):  # type: ignore[arg-type]
        raise errors.BadInput(fields=(name,), reason="wrong_kind", name=name)


def _json_in(data: bytes) -> object:
    """Return what the JSON says; half a character (a lone surrogate) is no text, so that is refused too."""
    try:
        body = json.loads(data)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise errors.BadInput(reason="not_json") from None
    return body


def _companies(given: str | list[str]) -> tuple[str, ...]:
    """Return the companies that are meant; one that was given empty is a mistake, not an absence."""
    names = (given,) if isinstance(given, str) else tuple(given)
    if not all(name.strip() for name in names):
        raise errors.BadInput(fields=("company",), reason="wrong_kind", name="company")
    return names


def _asked(body: Mapping[str, object], name: str) -> str:
    """Return a text that was asked for; an empty one that was given is a mistake, not an absence."""
    value = str(body.get(name, ""))
    if name in body and not value.strip():
        raise errors.FieldInvalid(fields=(name,), reason="empty")
    return value


def _input() -> bytes:
    data = sys.stdin.buffer.read(MAX_INPUT + 1) if sys.stdin else b""
    if len(data) > MAX_INPUT:
        raise errors.BadInput(reason="input_too_large")
    return data


def _recover(store: Store, out: Out) -> None:
    """Finish what a crash left half-done, and say what came of that."""
    out.found(run(store.recover))


@contextlib.contextmanager
def _world(options: argparse.Namespace) -> Iterator[World]:
    from wizard.core import log
    from wizard.core.world import open_world

    log.start(paths.logs())
    file = Path(options.endpoints) if options.endpoints else None
    with open_world(
        practice=options.practice,
        memory=options.store == "memory",
        endpoints=file,
        preset=Out(options).preset(),
    ) as world:
        world.store.vault.when_asking(Out(options).asking)
        yield world


@contextlib.contextmanager
def _store(options: argparse.Namespace) -> Iterator[Store]:
    from wizard.core import log
    from wizard.core.world import open_store

    log.start(paths.logs())
    with open_store(memory=bool(options.practice)) as store:
        store.vault.when_asking(Out(options).asking)
        yield store


def _until_interrupted() -> None:
    """Wait; by sleeping, since Ctrl-C does not get through to one who waits for a lock on Windows."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


class _Help(argparse.HelpFormatter):
    """Help of a fixed width: to ask the terminal for its own costs 4 ms in every command."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _Help, **kwargs})

    def error(self, message: str) -> NoReturn:
        """Turn argparse's own ending into the one that all errors have.

        What was typed is not repeated where it may be a key that somebody took for an option's value.
        """
        raise errors.BadInput(reason="usage", usage=_unkeyed(message))


def _unkeyed(message: str) -> str:
    """Return what argparse says, without what it did not know where that may be a key."""
    if message.startswith("unrecognized arguments"):
        return "unrecognized arguments"
    before, invalid, rest = message.partition("invalid choice: ")
    given, choose, choices = rest.rpartition(" (choose from ")
    shown = errors.nameable(given.strip("'"))
    return f"{before}{invalid}{shown}{choose}{choices}" if invalid else message


def _shared(command: argparse.ArgumentParser, *, top: bool) -> None:
    """Add the options that stand before a command, or after it, with the same meaning."""
    unset = None if top else argparse.SUPPRESS
    command.add_argument("--language", choices=("nb", "en"), default=unset, help="bokmål or English")
    command.add_argument(
        "--preset", metavar="FILE", default=unset, help="the partner's preset, or the name of one of ours"
    )
    command.add_argument(
        "--practice", action="store_true", default=unset, help="imitations instead of the vendors"
    )


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON object a line")


def _walks(command: argparse.ArgumentParser) -> None:
    command.add_argument("--endpoints", metavar="FILE", help="other addresses, loopback only (TOML)")
    command.add_argument(
        "--store", choices=("keychain", "memory"), default="keychain", help="where to keep it"
    )
    _json(command)


def _for_systems(command: argparse.ArgumentParser) -> None:
    command.add_argument("--pulse", action="store_true", help="ask each system whether it answers")
    command.add_argument("--endpoints", metavar="FILE", help="other addresses, loopback only (TOML)")
    _json(command)


def _for_connect(command: argparse.ArgumentParser) -> None:
    command.add_argument("system", metavar="SYSTEM", nargs="?")
    command.add_argument("--start", metavar="FILE", help="the partner's start file for this customer")
    command.add_argument("--again", action="store_true", help="use a start file that was used before")
    _walks(command)


def _for_connections(command: argparse.ArgumentParser) -> None:
    command.add_argument("--rebuild", action="store_true", help="begin a new list in place of a damaged one")
    _json(command)


def _for_check(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", nargs="?")
    command.add_argument("--all", action="store_true", help="every stored connection")
    _walks(command)


def _for_call(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID")
    command.add_argument("method", metavar="METHOD")
    command.add_argument("path", metavar="PATH")
    command.add_argument("--body", choices=("-",), help="JSON to send, from standard input")
    command.add_argument("--allow-write", action="store_true", help="allow other methods than GET")
    _walks(command)


def _for_forget(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", nargs="?")
    command.add_argument("--all", action="store_true", help="every connection and every key")
    command.add_argument("--yes", action="store_true", help="do not ask whether to")
    _json(command)


def _for_partner(command: argparse.ArgumentParser) -> None:
    acts = command.add_subparsers(dest="act", required=True, metavar="set|list|forget", parser_class=_Parser)
    for act in ("set", "forget"):
        one = acts.add_parser(act)
        one.add_argument("name", metavar="SYSTEM.ENVIRONMENT.KEY")
        _shared(one, top=False)
        _json(one)
    listing = acts.add_parser("list")
    _shared(listing, top=False)
    _json(listing)


def _for_practice(command: argparse.ArgumentParser) -> None:
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--serve", action="store_true", help="serve until interrupted; prints the endpoints file"
    )
    which.add_argument("--keys", action="store_true", help="print answers that the imitations take")
    command.add_argument("--refuse", metavar="NAME", default="", help="make the imitations refuse")
    command.add_argument("system", metavar="SYSTEM", nargs="?", default="")


def _for_seal(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", nargs="+")
    command.add_argument("--out", metavar="FILE", required=True, help="a new file, a folder, or -")
    command.add_argument("--contact", metavar="TEXT", default="", help="how to reach the sender")
    _json(command)


def _for_receive(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE")
    command.add_argument("--key-fd", metavar="N", type=int, help="file descriptor with the private keys")
    command.add_argument("--key", metavar="FILE", help="the private keys in a file only you may read")
    command.add_argument("--partner-fd", metavar="N", type=int, help="file descriptor with the vendors' keys")
    command.add_argument("--deliver", metavar="COMMAND", default="", help="what gets the opened bundle")
    command.add_argument("--used", metavar="FILE", help="where it is remembered what was received")
    command.add_argument("--references", metavar="FILE", help="the start files that were made")
    command.add_argument("--endpoints", metavar="FILE", help="other addresses, loopback only (TOML)")
    _json(command)


def _for_reply(command: argparse.ArgumentParser) -> None:
    command.add_argument("code", metavar="CODE", nargs="+")
    _json(command)


def _for_keys(command: argparse.ArgumentParser) -> None:
    metavar = "new|rotate|public"
    acts = command.add_subparsers(dest="act", required=True, metavar=metavar, parser_class=_Parser)
    for act in metavar.split("|"):
        one = acts.add_parser(act)
        one.set_defaults(signing=False)
        if act == "new":
            one.add_argument("--out", dest="file", metavar="FILE", required=True, help="a new file")
        else:
            one.add_argument("file", metavar="FILE")
        if act != "rotate":
            one.add_argument("--signing", action="store_true", help="a key that signs")
        _shared(one, top=False)
        _json(one)


def _for_sign(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE")
    command.add_argument("--key", metavar="FILE", required=True, help="the private key that signs")
    command.add_argument("--out", metavar="FILE", required=True, help="a new file, or -")
    _json(command)


def _for_start_file(command: argparse.ArgumentParser) -> None:
    acts = command.add_subparsers(dest="act", required=True, metavar="new", parser_class=_Parser)
    one = acts.add_parser("new")
    one.add_argument("--system", metavar="SYSTEM", required=True)
    one.add_argument("--environment", metavar="NAME", default="")
    one.add_argument("--expect", metavar="NUMBER", default="", help="the organisation number")
    one.add_argument("--reference", metavar="TEXT", default="", help="a random one unless given")
    one.add_argument("--days", metavar="N", type=int, default=30, help="how long it is valid")
    one.add_argument("--value", metavar="NAME=TEXT", action="append", default=[], help="a value to copy")
    one.add_argument("--sign-key", metavar="FILE", required=True)
    one.add_argument("--references", metavar="FILE", help="where to remember it, for receive")
    one.add_argument("--out", metavar="FILE", required=True, help="a new file, or -")
    _shared(one, top=False)
    _json(one)


def _exchanged(name: str) -> _Run:
    def act(options: argparse.Namespace, out: Out) -> int:
        from wizard import exchange  # what other commands need not load

        return int(getattr(exchange, name)(options, out, run))

    return act


def _support(name: str) -> Callable[..., Any]:
    def act(*given: object) -> Any:
        from wizard import support  # what other commands need not load

        return getattr(support, name)(*given)

    return act


_Run = Callable[[argparse.Namespace, Out], int]
_COMMANDS: Mapping[str, tuple[str, _Run, Callable[[argparse.ArgumentParser], None]]] = {
    "systems": ("list the systems", systems, _for_systems),
    "connect": ("test and store a connection", connect, _for_connect),
    "connections": ("list the stored connections", connections, _for_connections),
    "check": ("test stored connections again", check, _for_check),
    "call": ("call the vendor with a stored connection's keys", call, _for_call),
    "history": ("what happened to a stored connection", _support("history"), _support("for_history")),
    "forget": ("forget a stored connection", forget, _for_forget),
    "partner": ("the partner's own keys", partner, _for_partner),
    "explain": ("what a code that was read aloud means", _support("explain"), _support("for_explain")),
    "report": ("a report for support, without secrets", _support("report"), _support("for_report")),
    "practice": ("imitations of the vendors", practice, _for_practice),
    "seal": ("seal connections to the partner's key", _exchanged("seal"), _for_seal),
    "reply": ("take the partner's reply code", _exchanged("reply"), _for_reply),
    "receive": ("the partner's end: open, test, hand on", _exchanged("receive"), _for_receive),
    "keys": ("the partner's keys to open with", _exchanged("keys"), _for_keys),
    "sign": ("sign a preset", _exchanged("sign"), _for_sign),
    "start-file": ("make a start file for one customer", _exchanged("start_file"), _for_start_file),
}
