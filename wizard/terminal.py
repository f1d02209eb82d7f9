"""The practice walk in a terminal, to the bank and back, asking nothing. For machines without a display."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core import flow
from wizard.core.practice import practice_of
from wizard.core.world import Wish, now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.provider import Provider
    from wizard.core.world import World
    from wizard.out import Out

SYSTEM = "fiken"


def walk(world: World, out: Out, run: Callable[[Callable[[], Awaitable[int]]], int]) -> int:
    """Walk one practice connection page by page, by means of `run`; return the status of its receipt."""
    from wizard.core.connect import connect
    from wizard.core.consent import practised

    provider = world.provider(SYSTEM)
    good = practice_of(provider).good
    expect = str(good["company"])
    _say_before(out, provider, expect, world)

    async def work() -> int:
        from wizard.core.delivered import take_reply
        from wizard.core.sending import seal_up

        agreed = practised(world.preset.consent)
        order = await world.order(provider, Wish(answers=_answers(good), expect=expect, consent=agreed))
        receipts = await connect(order, net=world.net, store=world.store, tell=out.finding(provider), now=now)
        _title(out, flow.SEND)
        sealed = await seal_up(world, (receipts[0].connection,))
        code = await world.bank.receive(world, sealed.text)
        out.line("  " + out.texts.say("delivery.demo", code=code))
        told = await take_reply(world.store, code, world.clock())
        out.line("  " + out.texts.say(f"exchange.{told.outcome.name}"))
        _title(out, "done")
        return out.receipt(receipts[0], provider)

    return run(work)


def _say_before(out: Out, provider: Provider, expect: str, world: World) -> None:
    say = out.texts.say
    out.line(say("terminal.intro"))
    _title(out, "system")
    for one in world.registry.providers.values():
        out.line(f"  {'•' if one is provider else ' '} {one.name} – {say('summary', one)}")
    _title(out, "company")
    out.line(f"  {expect}")
    _title(out, "key")
    for number, step in enumerate(provider.guide, 1):
        out.line(f"  3.{number} {say(f'guide.{step.key}.title', provider)}")
    out.line("  " + say("terminal.practice_key", provider))
    _title(out, "test")


def _title(out: Out, page: str) -> None:
    n, m = flow.position(page, sends=True)
    out.line(f"\n{out.texts.say('steps.of', n=n, m=m)}  {out.texts.say(f'pages.{page}')}")


def _answers(good: object) -> dict[str, object]:
    answers = good.get("answers") if isinstance(good, dict) else None
    return dict(answers) if isinstance(answers, dict) else {}
