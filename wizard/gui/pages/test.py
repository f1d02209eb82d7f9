"""The page that tests: four plain lines, then what was found, or what went wrong and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from wizard.core.orgnr import spaced
from wizard.core.share import last
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.check_list import CheckList
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.message import Bug, Message
from wizard.gui.widgets.parts import HIGH, Button, Heading, Icon, Note, Panel, Row, announce
from wizard.gui.widgets.rights_table import RightsTable
from wizard.gui.widgets.ticks import Tick
from wizard.gui.widgets.veil import veil

if TYPE_CHECKING:
    from wizard.core.connect import Proof
    from wizard.core.errors import WizardError
    from wizard.core.provider import Company, Finding, Provider
    from wizard.core.texts import Texts


class TestPage(Page):
    """Shows a test. `acted` with the next action's code, `store_later` where the key may be kept untested."""

    __test__ = False  # not a test case, whatever pytest takes its name for
    acted = Signal(str)
    store_later = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self._provider: Provider | None = None
        self._state = "running"
        self._error: WizardError | Bug | None = None
        self._proof: Proof | None = None
        self._intro = Note()
        self.message = Message()
        self.message.acted.connect(self._act)
        self.later = self.message.second
        self.later.clicked.connect(self.store_later)
        self.found = _Found()
        self.choosing = _Choosing()
        self.choosing.changed.connect(self.complete_changed)
        self.confirm = Tick()
        self.confirm.toggled.connect(lambda _: self.complete_changed.emit())
        self.rights = RightsTable()
        self.checks = CheckList()
        self.checks.unfolded.connect(self.bring_into_view)
        self._place()

    def start(self, provider: Provider) -> None:
        """Begin to show a test."""
        self._provider, self._error, self._proof = provider, None, None
        self.confirm.tick(False)
        self.checks.start()
        self.rights.start()
        self._show("running")

    def show_finding(self, finding: Finding) -> None:
        """Show what a stage came to."""
        self.checks.add(finding)
        self.rights.add(finding)
        self.checks.say(self.texts, self._provider, running=self._state == "running")

    def show_proof(self, proof: Proof, *, kept: bool = False) -> None:
        """Show the company that was found, or those to choose from; what is `kept` already is not stored."""
        self._proof = proof
        self._asks = not kept and any(company.orgnr is None for company in proof.chosen)
        if not proof.chosen:
            self.choosing.offer(proof, self.texts, self._provider)
        self._show("passed" if proof.chosen else "choosing")

    def show_error(self, error: WizardError | Bug, *, may_store: bool, action: str = "") -> None:
        """Show what went wrong, and what to do next; `action` is the key of other words for its button."""
        self._error, self._may_store, self._action = error, may_store, action
        if not isinstance(error, Bug):
            self.checks.note_error(error)
        self._show("failed")

    def show_storing(self) -> None:
        """Show that it is being stored, and that the system may ask."""
        self._show("storing")

    @property
    def state(self) -> str:
        """How it stands: running, choosing, passed, storing or failed."""
        return self._state

    def complete(self) -> bool:
        """Tell whether there is something to store, or something chosen."""
        if self._state == "passed":
            return not self._asks or self.confirm.ticked()
        return self._state == "choosing" and bool(self.choosing.picks())

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        provider = self._provider
        self.title.setText(texts.say(f"test.title{self._heading()}", provider))
        self._say_intro()
        self.checks.say(texts, provider, running=self._state == "running")
        self.confirm.say(texts.say("test.confirm"))
        found = self._proof.chosen if self._proof else ()
        self.rights.say(texts, provider, {company.id: texts.name(company.name) for company in found})
        if self._proof and self._proof.chosen:
            self.found.say(self._proof, texts)
        if self._proof and self._state == "choosing":
            self.choosing.say(texts, provider)
        self._say_message()

    def first_focus(self) -> QWidget | None:
        """Return the next action after a failure, the list where something is to be chosen."""
        if self._state == "failed":
            return self.message.action
        if self._state == "passed" and self._asks:
            return self.confirm.box
        return self.choosing.search if self._state == "choosing" else None

    def forget(self) -> None:
        """Drop the proof: the keys it rests on are in it; and what was said of whom it is about."""
        self._proof, self._error, self._asks = None, None, False
        self.found.forget()
        self.choosing.forget()
        self.message.forget()

    def _show(self, state: str) -> None:
        self._state = state
        self.message.setVisible(state == "failed")
        self.found.setVisible(state in {"passed", "storing"} and self._proof is not None)
        self.confirm.setVisible(state == "passed" and self._asks)
        self.checks.setVisible(state != "storing" or self._proof is not None)
        self.choosing.setVisible(state == "choosing")
        self.say(self.texts)
        if state in {"passed", "choosing"}:
            announce(self, self.title.text())
        self.complete_changed.emit()

    def _heading(self) -> str:
        storing = "_passed" if self._proof else "_storing"
        headings = {"passed": "_passed", "storing": storing, "failed": "_failed", "choosing": "_choose"}
        return headings.get(self._state, "")

    def _say_intro(self) -> None:
        keys = {"running": "intro", "storing": "waiting_for_system"}
        key = keys.get(self._state)
        self._intro.setVisible(key is not None)
        if key:
            self._intro.setText(self.texts.say(f"test.{key}", self._provider))

    def _say_message(self) -> None:
        if self._state == "failed" and self._error:
            ways = ("store_later", "later_why") if self._may_store else ()
            self.message.offer_second(*[self.texts.say(f"test.{key}") for key in ways])
            self.message.explain(self._error, self.texts, self._provider)
            if self._action:
                self.message.action.setText(self.texts.say(self._action).replace("&", ""))

    def _act(self) -> None:
        self.acted.emit("" if isinstance(self._error, Bug) or not self._error else self._error.code)

    def _place(self) -> None:
        self._may_store = self._asks = False
        self._action = ""
        self.column.addWidget(self._intro)
        self.column.addWidget(self.message)
        self.column.addWidget(self.found)
        self.column.addWidget(self.confirm)
        self.column.addWidget(self.choosing, 1)
        self.column.addWidget(self.rights)
        self.column.addWidget(self.checks)
        self.column.addStretch(0)


class _Found(Panel):
    """The company, or companies, that the key was proved to reach."""

    def __init__(self) -> None:
        super().__init__(tone=Tone.GOOD)
        self._icon = Icon("building", Tone.GOOD, lines=1.8)
        self._lead, self._name, self._number, self._note = Note(), Heading(2), Note(tone=Tone.PLAIN), Note()
        grid = QGridLayout(self)
        grid.setContentsMargins(*[look.gap(self, 4)] * 4)
        grid.setHorizontalSpacing(look.gap(self, 4))
        grid.setVerticalSpacing(look.gap(self, 1))
        grid.addWidget(self._icon, 0, 0, 4, 1)
        for row, label in enumerate((self._lead, self._name, self._number, self._note)):
            grid.addWidget(label, row, 1)
        grid.setColumnStretch(1, 1)

    def say(self, proof: Proof, texts: Texts) -> None:
        """Show what was found."""
        provider, expect = proof.order.provider, proof.order.expect
        self._lead.setText(texts.say("test.found"))
        self._name.setText("\n".join(texts.name(company.name) for company in proof.chosen))
        self._number.setText("\n".join(describe(company, texts) for company in proof.chosen))
        unknown = any(company.orgnr is None for company in proof.chosen)
        matches = "matches_last" if texts.share_safe else "matches"
        key = "unconfirmed" if unknown else matches if expect else ""
        self._note.setVisible(bool(key))
        self._note.set_tone(Tone.WAIT if unknown else Tone.GOOD)
        self._note.setText(texts.say(f"test.{key}", provider, last=last(expect)) if key else "")
        said = (f"{self._lead.text()} {self._name.text()}", self._number.text(), self._note.text())
        self.setAccessibleName(". ".join(part for part in said if part))

    def forget(self) -> None:
        """Say nothing of it any more."""
        for label in (self._name, self._number, self._note):
            label.clear()
        self.setAccessibleName("")


class _Choosing(QWidget):
    """The companies that a key reaches, to be ticked; found by name or number where there are many."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._texts: Texts | None = None
        self._companies: tuple[Company, ...] = ()
        self._intro, self._count = Note(tone=Tone.PLAIN), Note()
        self.search = QLineEdit()
        look.pad(self.search)
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumHeight(look.em(self, HIGH))
        self.companies = Choices()
        self.companies.ticks_changed.connect(self._note_ticks)
        self.search.textChanged.connect(self.companies.show_matching)
        self.every, self.none = Button(), Button()
        self.every.clicked.connect(lambda: self.companies.tick_shown(ticked=True))
        self.none.clicked.connect(lambda: self.companies.tick_shown(ticked=False))
        self._place()

    def picks(self) -> tuple[str, ...]:
        """Return the ids of the ticked companies."""
        return self.companies.ticked()

    def offer(self, proof: Proof, texts: Texts, provider: Provider | None) -> None:
        """Show companies; ticked is the one that the expected number belongs to, if that can be told."""
        self._companies = proof.companies
        self.search.clear()
        self._fill(texts, provider, _match(proof.companies, proof.order.expect))
        self._say_count(texts)

    def forget(self) -> None:
        """Show no companies any more."""
        self._companies = ()
        self.search.clear()
        self.companies.offer([])

    def say(self, texts: Texts, provider: Provider | None) -> None:
        """Speak a language; what is ticked stays ticked."""
        self._texts = texts
        self._intro.setText(texts.say("test.choose", count=len(self._companies)))
        self.search.setPlaceholderText(texts.say("test.search"))
        self.search.setAccessibleName(texts.say("test.search"))
        veil(self.search, texts)
        self.companies.setAccessibleName(texts.say("test.title_choose"))
        self.every.setText(texts.say("test.tick_shown"))
        self.none.setText(texts.say("test.tick_none"))
        self._fill(texts, provider, frozenset(self.picks()))
        self._say_count(texts)

    def _note_ticks(self) -> None:
        if self._texts:
            self._say_count(self._texts)
            announce(self._count, self._count.text())
        self.changed.emit()

    def _say_count(self, texts: Texts) -> None:
        ticked, count = len(self.picks()), len(self._companies)
        self._count.setText(texts.say("test.ticked", ticked=ticked, count=count))

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._intro, self.search):
            column.addWidget(widget)
        column.addWidget(self.companies, 1)
        self.companies.setMinimumHeight(look.em(self, 9))
        row = Row(self.every, self.none, ends=False)
        for button in (self.every, self.none):
            button.setAutoDefault(False)
        row.add(self._count, 1)
        column.addWidget(row)

    def _fill(self, texts: Texts, provider: Provider | None, ticked: frozenset[str]) -> None:
        self.companies.offer(
            [
                Choice(
                    key=one.id,
                    title=texts.name(one.name),
                    line=describe(one, texts, provider),
                    enabled=not one.blocked,
                    ticked=one.id in ticked,
                )
                for one in self._companies
            ]
        )
        self.companies.show_matching(self.search.text())


def describe(company: Company, texts: Texts, provider: Provider | None = None) -> str:
    """Return what is known of a company on one line."""
    number = (
        texts.say("test.orgnr", orgnr=spaced(company.orgnr)) if company.orgnr else texts.say("test.no_number")
    )
    parts = [number]
    if company.test:
        parts.append(texts.say("test.test_company"))
    if company.blocked:
        parts.append(_blocked(company.blocked, texts, provider))
    return " · ".join(parts)


def _blocked(code: str, texts: Texts, provider: Provider | None) -> str:
    """Return why a company cannot be chosen."""
    if code != "module_missing" and texts.has(f"errors.{code}.what", provider):
        return texts.say(f"errors.{code}.what", provider).rstrip(".")
    return texts.say("test.blocked", provider)


def _match(companies: tuple[Company, ...], expect: str) -> frozenset[str]:
    """Return the id of the company that the expected number belongs to, where only one can be meant."""
    fit = [one for one in companies if expect and one.orgnr == expect and not one.blocked]
    real = [one for one in fit if not one.test] if len(fit) > 1 else fit
    return frozenset(one.id for one in real) if len(real) == 1 else frozenset()
