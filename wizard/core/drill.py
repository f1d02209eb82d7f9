"""A drill: which page practice opens, and which fault it has planted, for training and demonstrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.core import flow, own_guide
from wizard.core.errors import BadInput, every_error, nameable
from wizard.core.find import fold
from wizard.core.practice import practice_of, refusals_of, switches_of
from wizard.core.provider import plain
from wizard.core.spot import Spot, heard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

Wish = Mapping[str, object]

_SHAPES = (1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Where to go, and the switch to turn on; without a `system`, every one that has it, and no page."""

    system: str = ""
    method: str = ""
    spot: Spot = Spot(page=1)  # noqa: RUF009 - a frozen value, shared without harm
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A switch of a system's imitation: the code it ends in, and what the customer then reads.

    `own` tells that it is this system's, and not one that any system may have.
    """

    name: str
    code: str
    what: str
    why: str
    next: str
    own: bool

    @property
    def words(self) -> str:
        """The switch's name with spaces."""
        return self.name.replace("_", " ")


def drill(at: str, fault: str, providers: Mapping[str, Provider], texts: Texts) -> Drill:
    """Return what `--at` and `--fault` ask for; raises `BadInput` that says what there is instead.

    `at` is `tripletex/3.2`, or `xledger/web_service/3.2` for one of several ways to connect.
    """
    if not at:
        return Drill(fault=_switch(fault, list(providers.values()), providers.values()) if fault else "")
    parts = [part.strip() for part in at.split("/")]
    if len(parts) not in _SHAPES:
        raise BadInput(reason="at_shape")
    slug, method = parts[0].lower(), parts[1] if len(parts) == max(_SHAPES) else ""
    if slug not in providers:
        raise BadInput(reason="unknown_system", name=nameable(slug))
    provider = providers[slug]
    known = [one.name for one in provider.methods]
    if method and method not in known:
        raise BadInput(reason="at_method", known=", ".join(known) or "–", name=provider.name)
    way = provider.by(method or texts.preset.method(provider))
    spot = _spot(parts[-1] if len(parts) > 1 else "1", way, texts)
    switch = _switch(fault, [provider], providers.values()) if fault else ""
    return Drill(system=slug, method=method, spot=spot, fault=switch)


def _spot(typed: str, provider: Provider, texts: Texts) -> Spot:
    spot = heard(typed)
    if not spot:
        raise BadInput(reason="at_shape")
    sends = texts.preset.sends
    if not spot.name(sends=sends):
        raise BadInput(reason="at_page", known=str(len(flow.path(sends=sends))))
    steps = len(steps_of(provider, texts)) if spot.name(sends=sends) == "key" else 0
    if spot.step > steps:
        reason = "at_step" if steps else "at_no_steps"
        raise BadInput(reason=reason, page=str(spot.page), known=str(steps), name=provider.name)
    return spot


def steps_of(provider: Provider, texts: Texts) -> tuple[str, ...]:
    """Return the keys of a guide's steps, in the order in which they are numbered."""
    values = texts.preset.values.get(provider.slug, {})
    return tuple(step.key for step in own_guide.steps_of(provider, texts.preset, values))


def _switch(wanted: str, among: list[Provider], every: Iterable[Provider]) -> str:
    """Return the switch of that name, else the first that ends in that code; raises `BadInput` for none."""
    name = wanted.strip().lower().replace("-", "_").replace(" ", "_")
    ends = {switch: code for one in among for switch, code in refusals_of(one).items()}
    if any(name in switches_of(one) for one in among):
        return name
    code = name if name in ends.values() else _cause(wanted, every)
    found = next((switch for switch, end in ends.items() if end == code), "")
    if not found:
        raise BadInput(reason="at_fault", name=nameable(name), known=", ".join(ends))
    return found


def _cause(spoken: str, providers: Iterable[Provider]) -> str:
    """Return the code of an error that a spoken code is for, or an empty text."""
    from wizard.core.spoken import understand

    try:
        error = understand(spoken, providers).error()
    except BadInput:
        return ""
    return error.code if error else ""


def faults(provider: Provider, texts: Texts) -> tuple[Fault, ...]:
    """Return every fault that can be planted in a system, its own first."""
    own = practice_of(provider).refusals
    every = refusals_of(provider)
    order = sorted(every, key=lambda name: name not in own)
    return tuple(_fault(name, every[name], provider, texts, own=name in own) for name in order)


def _fault(name: str, code: str, provider: Provider, texts: Texts, *, own: bool) -> Fault:
    said = texts.explain(error_of(code, provider), provider)
    what, why, following = (plain(part) for part in (said.what, said.why, said.next))
    return Fault(name=name, code=code, what=what, why=why, next=following, own=own)


def error_of(code: str, provider: Provider) -> WizardError:
    """Return the error with that code, with no facts but the host, where there is only one."""
    kind = next(one for one in every_error() if one.code == code)
    hosts = provider.environments[0].hosts
    return kind({"host": next(iter(hosts))} if len(hosts) == 1 else {})


def matching(query: str, planted: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults that a query may mean, by what is said of them, their names and their codes."""
    wanted = fold(query).split()
    return tuple(
        one
        for one in planted
        if all(word in fold(f"{one.what} {one.why} {one.words} {one.name} {one.code}") for word in wanted)
    )


def answers_for(provider: Provider, switch: str = "", method: str = "") -> Wish:
    """Return practice input that a switch is told with; with a `method`, one that is for that."""
    practice = practice_of(provider)
    named = practice.uses.get(switch) if switch else None
    wishes = [practice.more[named]] if named else [practice.good, *practice.more.values()]
    return next((one for one in wishes if not method or _fits(one, provider, method)), wishes[0])


def _fits(wish: Wish, provider: Provider, method: str) -> bool:
    answers = wish.get("answers")
    given = dict(answers) if isinstance(answers, Mapping) else {}
    asked = {one.name for one in provider.by(method).fields}
    return given.pop("method", method) == method and given.keys() <= asked


def number_in(wish: Wish) -> str:
    """Return the organisation number that practice input is for, or an empty text."""
    said = (wish.get(name) for name in ("expect", "company"))
    return next((one for one in said if isinstance(one, str) and one.isdigit() and len(one) == 9), "")
