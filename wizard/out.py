"""Out: where a command writes, JSON lines in UTF-8 or sentences; whatever the locale, and whoever listens."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from wizard.core import paths
from wizard.core.errors import BadInput, WizardError, is_damaged
from wizard.core.provider import plain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from wizard.core.connect import Order, Receipt
    from wizard.core.preset import Preset
    from wizard.core.provider import Finding, Provider
    from wizard.core.pulse import Pulse
    from wizard.core.start import Start
    from wizard.core.texts import Texts

BUG, WAITING = 1, 8
"""The exit statuses of a bug of ours, and of something stored that waits for somebody."""


@dataclass(slots=True)
class Out:
    """Where a command writes: JSON lines in UTF-8, or sentences in the chosen language."""

    options: argparse.Namespace
    _texts: Texts | None = None

    @property
    def texts(self) -> Texts:
        """The sentences in the chosen language; raises `BadInput` for a bad preset."""
        from wizard.core.texts import Texts, language

        if not self._texts:
            preset = self.preset()
            self._texts = Texts(language=language(self.options.language or preset.language), preset=preset)
        return self._texts

    def event(self, event: str, **facts: object) -> None:
        """Write one JSON object on one line."""
        line = json.dumps({"event": event, **facts}, ensure_ascii=False, allow_nan=False)
        self.line(line)

    def line(self, text: str) -> None:
        """Write one line."""
        write(sys.stdout, text)

    def asking(self, begun: bool) -> None:  # noqa: FBT001 - as the keychain tells it
        """Say on standard error that the system is asking its user something, where it could be seen."""
        from wizard.core.display import can_ask

        if begun and can_ask(os.environ, sys.platform):
            write(sys.stderr, self.texts.say("cli.asking"))

    def finding(self, provider: Provider) -> Callable[[Finding], None]:
        """Return what takes the findings of a walk as they come."""
        told: set[str] = set()

        def tell(finding: Finding) -> None:
            if self.options.json:
                self.event("finding", **asdict(finding))
                return
            if finding.check == "right":
                self._right(finding, provider)
                return
            if finding.state == "failed" or (finding.state == "passed" and finding.stage not in told):
                told.add(finding.stage)
                mark = {"passed": "✓", "failed": "✗"}[finding.state]
                self.line(f"{mark} {self.texts.say(f'stages.{finding.stage}', provider)}  {finding.ms} ms")
            for note in _notes(finding, self.texts, provider):
                self.line(f"! {note}")

        return tell

    def pulse(self, pulse: Pulse) -> None:
        """Write whether a system answers."""
        if self.options.json:
            self.event("pulse", **asdict(pulse))
        else:
            self.line(f"  {self.texts.say(f'cli.pulse_{pulse.state}', **asdict(pulse))}")

    def _right(self, finding: Finding, provider: Provider) -> None:
        """Write a row of the table of rights; for a missing one also where it is ticked and what is lost."""
        at = f"rights.{finding.facts['right']}"
        mark = {"passed": "✓", "failed": "✗", "skipped": "?"}[finding.state]
        say = self.texts.say
        self.line(f"  {mark} {say(f'{at}.name', provider)} – {say(f'{at}.why', provider)}")
        if finding.state == "failed":
            self.line(f"    → {say(f'{at}.where', provider)} {say(f'{at}.without', provider)}")

    def receipt(self, receipt: Receipt, provider: Provider) -> int:
        """Write what was stored; return its status."""
        if self.options.json:
            self.event("receipt", **asdict(receipt))
        else:
            company = receipt.company["name"] or provider.name
            place = self.texts.say(f"stored_in.{receipt.stored_in}")
            waits = receipt.waiting_for in {"administrator", "vendor"}
            key = "waiting" if waits else receipt.tested
            if receipt.stored_in == "memory":
                key = "nothing_kept" if receipt.tested == "passed" else "nothing_kept_untested"
            facts = {"company": company, "id": receipt.connection}
            said = self.texts.say(f"receipt.{key}", provider, place=place, **facts)
            world = provider.environment(receipt.environment)
            mark = self.texts.say("environments.mark") if world and world.test else ""
            self.line(f"{said} {mark}".rstrip())
            if after := self.texts.preset.after_text(provider.slug, self.texts.language):
                self.line(f"→ {after}")
        return 0 if receipt.waiting_for == "nobody" else WAITING

    def waiting(self, error: WizardError, provider: Provider, until: str) -> None:
        """Write why something waits, and what to do about it."""
        if not self.options.json:
            said = self.texts.explain(error, provider)
            self.line(f"{plain(said.why)} {plain(said.next)}")
            if until:
                self.line(self.texts.say("cli.until", until=until[:10]))

    def letters(self, order: Order) -> None:
        """Write the letters that are ready for the partner, where nothing but them reaches it."""
        if self.options.json or order.provider.checks:
            return
        from wizard.core.mail import addressee, letter

        values = self.texts.preset.values.get(order.provider.slug, {})
        for step in order.provider.guide:
            if step.mail and step.shown(values) and not addressee(self.texts, order.provider, step.mail):
                ready = letter(self.texts, order.provider, step.mail, order.plain)
                self.line(self.texts.say("cli.letter"))
                self.line(self.texts.say("cli.letter_to", to=ready.to or self.texts.say("cli.letter_nobody")))
                self.line(self.texts.say("cli.letter_subject", subject=ready.subject))
                self.line(f"\n{ready.body}")

    def refused(self, error: WizardError, provider: Provider | None = None) -> int:
        """Write why not, in words and codes; return its status."""
        from wizard.core.spoken import spell  # not before something failed

        said, spoken = self._texts_at_any_rate().explain(error, provider), spell(error, provider)
        if self.options.json:
            self.event(
                "refused",
                code=error.code,
                stage=error.stage,
                whose=error.lies_with,
                fields=list(error.fields),
                facts=dict(error.facts),
                message=f"{said.what} {said.why}",
                next=said.next,
                spoken=spoken,
            )
        else:
            write(sys.stderr, f"{plain(said.what)} {plain(said.why)}")
            for company in _listed(error):
                write(sys.stderr, f"  {company}")
            write(sys.stderr, f"→ {plain(said.next)}  [{error.code}]")
            if is_damaged(error):
                write(sys.stderr, self._texts_at_any_rate().say("cli.rebuild_hint"))
            self._whose(error, provider)
            if not str(error.facts.get("reason")).startswith(
                "spoken_"
            ):  # a code for a wrong code would confuse
                write(sys.stderr, self._texts_at_any_rate().say("spoken.line", code=spoken))
        return error.status

    def found(self, what: str) -> None:
        """Write what should be known of the list of connections, if anything; on standard error, as words."""
        if what:
            parts = (self.texts.say(f"found.{what}.{part}") for part in ("what", "why", "next"))
            write(sys.stderr, f"koble: {' '.join(parts)}")

    def _whose(self, error: WizardError, provider: Provider | None) -> None:
        """Write with whom it lies, and the text for IT support where it lies with them."""
        texts = self._texts_at_any_rate()
        if provider:
            write(sys.stderr, texts.say(f"whose.{error.lies_with}", provider))
        if error.lies_with == "it":
            from wizard.core.for_it import for_it

            write(sys.stderr, f"\n{for_it(error, texts, provider)}")

    def bug(self, caught: Exception) -> int:
        """Write that it is our fault, and where the masked report is."""
        from wizard.core import log
        from wizard.core.spoken import spell_bug

        report, texts, spoken = log.report(paths.logs(), caught), self._texts_at_any_rate(), spell_bug()
        if self.options.json:
            self.event("bug", report=report, spoken=spoken)
        else:
            write(
                sys.stderr, f"{texts.say('bug.line', report=report)}\n{texts.say('spoken.line', code=spoken)}"
            )
        return BUG

    def preset(self) -> Preset:
        """Return the partner's preset, with what a start file answers; raises `BadInput` for a bad one."""
        from wizard.core.preset import Preset, fitting
        from wizard.core.registry import built_in

        preset, start = self._preset(), self.start()
        if not start:
            return fitting(preset, built_in().providers) if preset != Preset() else preset
        from wizard.core.start import preset_with

        providers = built_in().providers
        if start.system not in providers:
            raise BadInput(reason="unknown_system", name=start.system)
        return fitting(preset_with(preset, start, providers[start.system]), providers)

    def start(self) -> Start | None:
        """Return the start file, if one was named; raises `BadInput`, `SignatureInvalid`, `StartExpired`."""
        name = getattr(self.options, "start", None)
        if not name:
            return None
        from wizard.core.receive import read_file
        from wizard.core.signed import trusted
        from wizard.core.start import read_start
        from wizard.core.world import now

        text = read_file(Path(name)).decode("utf-8-sig", "replace")
        unsigned = bool(self.options.practice) or paths.is_checkout()
        return read_start(text, trusted(), self._preset(), now(), unsigned=unsigned)

    def _preset(self) -> Preset:
        from wizard.core.preset_files import open_preset

        return open_preset(self.options.preset or "", practice=bool(getattr(self.options, "practice", False)))

    def note_ignored(self) -> None:
        """Say what a preset wanted and did not get, because nobody had signed it."""
        ignored = self.preset().ignored
        if ignored:
            write(sys.stderr, self.texts.say("preset.ignored", names=", ".join(ignored)))

    def _texts_at_any_rate(self) -> Texts:
        """Return the sentences even where the preset is what is wrong."""
        from wizard.core.texts import Texts, language

        try:
            return self.texts
        except WizardError:
            return Texts(language=language(self.options.language))


def _notes(finding: Finding, texts: Texts, provider: Provider) -> Iterator[str]:
    """Yield what a customer should know of a finding that did not fail."""
    warnings = finding.facts.get("warnings")
    for warning in warnings if isinstance(warnings, list) else ():
        yield texts.say(f"warnings.{warning['key']}", provider)
    if finding.check == "expected_company" and finding.state == "skipped" and finding.facts.get("expected"):
        yield texts.say("test.unconfirmed", provider)
    if minutes := finding.facts.get("clock_minutes"):
        yield texts.say("it.clock_note", provider, minutes=abs(int(str(minutes))))
    if finding.facts.get("test_company"):
        yield texts.say("cli.test_company", company=finding.facts.get("name"))


def _listed(error: WizardError) -> Iterator[str]:
    """Yield the companies to choose from, each with what `company` takes."""
    companies = error.facts.get("companies")
    for one in companies if isinstance(companies, list) else ():
        yield f"{one['orgnr'] or '–':<11} {plain(str(one['id']))}  {one['name']}"


def write(stream: TextIO | None, line: str) -> None:
    """Write one line in UTF-8, whatever the locale. Where nobody reads any more, the work still goes on."""
    if stream is None:  # it was closed before the program began
        return
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
        stream.buffer.write(f"{line}\n".encode())
        stream.buffer.flush()
        return
    _forget_stream(stream)


def _forget_stream(stream: TextIO) -> None:
    """Send the rest nowhere, so that Python does not complain of it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
