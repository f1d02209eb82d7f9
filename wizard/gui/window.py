"""The window: a stack of pages, Back, Next and Cancel, and one `refresh()` that derives every button."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot

from wizard.core import flow
from wizard.core.errors import FieldInvalid, PendingApproval, WizardError, is_damaged
from wizard.core.flow import ASKED_BEFORE, Walk
from wizard.core.policy import Policy
from wizard.core.provider import plain
from wizard.core.spot import spot_of
from wizard.gui import work
from wizard.gui.asides import Aside, feel_pulse, look_up
from wizard.gui.buttons import buttons_of, leading, title_of
from wizard.gui.delegation import Delegation
from wizard.gui.drafting import Drafting
from wizard.gui.guide_help import GuideHelp
from wizard.gui.keeping import Keeper
from wizard.gui.maker import HOME
from wizard.gui.papers import Papers
from wizard.gui.partner import Partner
from wizard.gui.sending import Sending
from wizard.gui.standing import Standing
from wizard.gui.starting import Starting
from wizard.gui.support import Support
from wizard.gui.walking import IDLE, UnderWay
from wizard.gui.widgets.message import Bug
from wizard.gui.widgets.parts import announce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QCloseEvent

    from wizard.core.connect import Proof, Receipt
    from wizard.core.drafts import Draft
    from wizard.core.ledger import Book, Connection
    from wizard.core.paste import Seen
    from wizard.core.provider import CredentialField, Finding, Provider
    from wizard.core.registry import Registry
    from wizard.core.spot import Spot
    from wizard.core.texts import Texts
    from wizard.gui.bridge import Bridge, Work
    from wizard.gui.widgets.delivery import SentState
    from wizard.gui.widgets.parts import Button

_NO_POLICY = Policy()
_TO_GUIDE = {"rights_missing", "scope_missing", "no_company", "wrong_tenant", "invitation_expired"}
_TO_KEY = {"key_refused", "field_invalid", "wrong_environment"}
_TO_COMPANY = {"wrong_company"}
_TO_SYSTEM = {"partner_key_needed", "bad_input"}
_TO_STORED = {"keychain_missing"}


class Window(Standing):
    """The whole wizard: asks its pages, tells them, and decides where to go; `flow` knows the order."""

    def __init__(
        self,
        *,
        providers: Mapping[str, Provider],
        texts: Texts,
        bridge: Bridge,
        practice: bool,
        platform: str,
    ) -> None:
        super().__init__(
            providers=providers, texts=texts, bridge=bridge, practice=practice, platform=platform
        )
        self._to_store: tuple[Work, Callable[[Any], None]] | None = None
        self._closing = False
        self._asked = False
        self._default: Button = self.next
        self._filled: Button = self.next
        self._pulse, self._register = Aside(bridge, self), Aside(bridge, self)
        self.helper, self.guide_help, self.papers = Support(self), GuideHelp(self), Papers(self)
        self.sending, self.starting = Sending(self), Starting(self)
        self.keeper, self.drafting, self.delegation = Keeper(self), Drafting(self), Delegation(self)
        for button, act in (
            (self.back, self.go_back),
            (self.next, self.go_next),
            (self.cancel, self.go_cancel),
        ):
            button.clicked.connect(act)
        self.language_picked.connect(self._set_language)
        self.share_wished.connect(self._set_share)
        bridge.asking.connect(self._show_asking)
        self.support.clicked.connect(self.helper.open_explain)
        self._go(flow.FIRST)

    def open_home(self) -> None:
        """Begin at home, where something is stored; what it is comes from the background."""
        self._go(HOME)

    def offer(self, registry: Registry, policy: Policy = _NO_POLICY) -> None:
        """Offer more systems than at first, as far as the policy lets, and say what could not be loaded."""
        offered = policy.offered(registry.providers)
        self._providers, self._broken = self._texts.preset.offered(offered), registry.broken
        self._system().offer(self._providers, registry.broken, chosen=policy.systems is not None)
        if refused := policy.refusal():
            self._system().show_error(refused)

    # what is shown

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what was typed stays."""
        self._texts = texts
        for page in self._pages.values():
            page.say(texts)
        self.say_frame(texts)
        self.drafting.say()
        self.delegation.say()
        self.refresh()

    def refresh(self) -> None:
        """Derive every button, and the title, from where we are: nothing else touches them."""
        page = self._pages[self.page]
        self.setWindowTitle(title_of(self._texts, page))
        self.show_world(self._test_world(), self._texts, asking=self._asked)
        self.show_place("" if self._is_beside() else self.page, self._texts)
        self.helper.show_place()
        self.show_buttons(buttons_of(self), self._texts)
        self._set_default()

    # moving

    def _go(self, name: str) -> None:
        self.page = name
        page = self._page(name)
        self.stack.setCurrentWidget(page)
        self.order_tabs()
        page.ensureVisible(0, 0, 0, 0)  # its scroll bar need not be asked for
        self.refresh()
        self._focus_first()

    @Slot()
    def _focus_first(self) -> None:
        wanted = self._pages[self.page].first_focus()
        order = (wanted, self._primary(), self.cancel)
        able = (one for one in order if one and one.isEnabled() and not one.isHidden())
        target = next(able, self)  # where nothing may be pressed, Enter has nothing to press either
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _order_steps(self) -> None:
        """Order the Tab stops anew where the guide is seen; to go there does it too."""
        if self.page == "key":
            self.order_tabs()

    @Slot()
    def go_next(self) -> None:
        """Do what the primary button says."""
        acts: dict[str, Callable[[], None]] = {
            "system": self._leave_system,
            "company": self._leave_company,
            "key": self._leave_key,
            "test": self._leave_test,
            flow.SEND: self.sending.go_on,
            "done": self.start_over,
            HOME: self.start_over,
        }
        if self.next.isEnabled():
            acts[self.page]()

    @Slot()
    def go_back(self) -> None:
        """Go one page back, keeping what was typed; a test that runs is stopped."""
        if self.page == "done":
            self.go_home()
            return
        before = flow.before(self.page, self.walk)
        if before and not self.under_way.storing:
            self._drop_job()
            self._go(before)

    @Slot()
    def go_cancel(self) -> None:
        """Stop the test that runs, else close the window."""
        if self.page == "test" and self.is_running():
            self._stop_test()
        elif self.page == flow.SEND:
            self.sending.leave()
        else:
            self.close()

    @Slot()
    def go_home(self) -> None:
        """Show what is stored, read anew."""
        self._do(work.read_book, self._show_listed).failed.connect(self._home_failed)

    @Slot()
    def start_over(self) -> None:
        """Begin a new connection."""
        self._drop_job()
        self._forget_walk()
        self._system().systems.clear_choice()
        self._go(flow.FIRST)

    @Slot()
    def start_next(self, anew: str = "") -> None:
        """Begin with the next client in the same system, environment and way; nothing else is kept."""
        self._drop_job()
        was = self.walk
        kept = Walk(system=was.system, environment=was.environment, method=was.method, anew=anew)
        self._forget_walk()
        self.walk = kept
        self._go(flow.FIRST)
        self._system().pick(kept.system)
        self._system().before.choose_environment(kept.environment)
        self.go_next()

    def _start_anew(self, anew: str = "") -> None:
        """Begin again with the system and the company of a stored connection that only a new key mends.

        With `anew`, its id, the new key must reach the same company.
        """
        expect, label = self.walk.expect, self.walk.label
        self.start_next(anew)
        self._company().fill_in(expect, label)
        if anew and expect:
            self._company().hold(expect)

    def reject(self) -> None:
        """Take Escape as Cancel."""
        self.go_cancel()

    def go_to(self, spot: Spot) -> None:
        """Show a page that lies behind, or another step of the guide; what was typed stays."""
        name = spot.name(sends=self._texts.preset.sends)
        if name != self.page:
            self._drop_job()
            self._go(name)
        if spot.step:
            self._key().show_step(spot.step - 1)
            self._focus_first()

    # the pages' own ends

    def _leave_system(self) -> None:
        slug, prepared = self._system().current(), self._ready()
        if prepared:
            self._begin(self._providers[slug], prepared)
        elif slug:
            self.under_way = replace(self.under_way, wanted=slug)
            self._prepare(slug)

    def _begin(self, provider: Provider, prepared: work.Prepared) -> None:
        kept = self.walk if self.walk.system == provider.slug else Walk()
        self.walk = Walk(
            system=provider.slug,
            environment=prepared.environment,
            method=kept.method,
            reference=self.starting.reference(provider.slug),
            anew=kept.anew,
        )
        asked = provider.by(self._method_for(provider)).fields
        required = any(one.name == ASKED_BEFORE and one.required for one in asked)
        self._company().ask_for(provider, prepared.known, required=required or prepared.assisted)
        self._key().show_provider(provider, self.walk.method, prepared.values)
        self._go("company")
        self.drafting.fill()

    @Slot()
    def _leave_company(self) -> None:
        company = self._company()
        try:
            expect = company.number()
        except FieldInvalid as error:
            company.show_error(error)
            return
        if not company.consent.complete():
            company.consent.show_missing()
            return
        label = plain(company.label.text())
        self.walk = replace(self.walk, expect=expect, label=label, picks=(), consent=company.consent.given())
        self._key().know_number(expect, self.walk.label)
        self._go("key")
        self.sending.show_mend()

    @Slot(str)
    def _look_up(self, number: str) -> None:
        """Look a company's name up in the open register, where the partner wants it; nobody waits for it."""
        if self._texts.preset.register_lookup and not self._practice:
            self._register.ask(number, look_up(number))

    def _leave_key(self) -> None:
        from wizard.core.connect import clean

        page, provider = self._key(), self._by_method()
        refusal = page.refusal()
        if refusal:
            page.show_error(refusal)
            return
        try:
            answers = clean(provider.fields, page.pasted(), self._environment())
            self._see_number()
        except WizardError as error:
            self._show_wrong(error)
            return
        page.show_warnings(answers.warnings)
        seen = self.walk.warnings == answers.warnings
        self.walk = replace(
            self.walk,
            method=provider.method,
            answers=answers.secrets,
            plain=answers.plain,
            warnings=answers.warnings,
            picks=(),
            error=None,
            proof=None,
        )
        if seen or not answers.warnings or not self.assisted():  # a test would tell; here nothing else does
            self._try()

    def _see_number(self) -> None:
        """Raise `FieldInvalid` where only the company's number could say which company it is."""
        if self.assisted() and not self.walk.expect:
            raise FieldInvalid(fields=("expect",), reason="needed")

    def _show_wrong(self, error: WizardError) -> None:
        """Take the customer to the answer that is wrong."""
        if isinstance(error, FieldInvalid) and {"expect", ASKED_BEFORE}.intersection(error.fields):
            needed = FieldInvalid(error.facts, fields=("expect",))
            self._go("company")
            self._company().show_error(needed)
        else:
            from wizard.core.paste import clearer

            page, providers = self._key(), self._providers.values()
            known = clearer(error, page.pasted(), self._by_method(), self._environment(), providers)
            page.show_error(known)

    def _look_at(self, text: str, field: CredentialField) -> Seen:
        """Return what came of a paste into a field."""
        from wizard.core.paste import look

        asked = [one for one in self._by_method().fields if one.name in self._key().fields]
        provider = replace(self._by_method(), fields=tuple(asked))
        return look(text, field, provider, self._environment(), self._providers.values())

    def _leave_test(self) -> None:
        page = self._testing()
        if page.state == "choosing":
            self.walk = replace(self.walk, picks=page.choosing.picks())
            self._test()
        elif self.walk.unseen and self.walk.proof:
            self._store(work.store_seen(self.walk, self.walk.proof), self._stored)
        elif self.walk.renews:
            self.go_home()
        elif page.state == "passed" and self.walk.proof:
            self._store(work.store(self.walk.proof), self._stored)

    # work

    @Slot(str)
    def _prepare(self, slug: str) -> None:
        """See that a picked system can be connected from here, before any key is asked for."""
        self._drop_job()
        self.under_way = UnderWay(wanted=slug if slug == self.under_way.wanted else "")
        self._feel_pulse(slug)
        ready, place = self._ready(), self._system().environment()
        self._system().before.show_assisted(assisted=bool(ready and ready.assisted))
        if slug and not ready:
            method = self._method_for(self._providers[slug])
            job = self._do(work.prepare(slug, method, place), self._note_prepared)
            job.failed.connect(self._system_failed)
        self.refresh()

    def _ready(self) -> work.Prepared | None:
        """Return what is known of the picked system in the picked environment, once it is."""
        prepared = self._prepared.get(self._system().current())
        return prepared if prepared and prepared.environment == self._system().environment() else None

    def _feel_pulse(self, slug: str) -> None:
        """Ask whether a picked system answers; nobody waits for that, and nothing depends on it."""
        place = self._system().environment()
        if slug:
            self._pulse.ask(f"{slug}.{place}", feel_pulse(slug, place))
        else:
            self._pulse.drop()

    @Slot(object)
    def _note_prepared(self, prepared: work.Prepared) -> None:
        self._prepared[prepared.slug] = prepared
        wanted, self.under_way = self.under_way.wanted, IDLE
        self._system().before.show_assisted(assisted=prepared.assisted)
        self.refresh()
        if wanted == prepared.slug == self._system().current():
            self._leave_system()

    @Slot(object)
    def _system_failed(self, error: WizardError) -> None:
        self.under_way = IDLE
        self._system().show_error(error)
        self.refresh()
        self._focus_first()

    @Slot()
    def _retry_system(self) -> None:
        if self._system().broken_list():
            self.go_home()  # where a new one can be begun
            return
        self._system().show_error(None)
        self._prepare(self._system().current())

    @Slot(bool)
    def _show_asking(self, asked: bool) -> None:  # noqa: FBT001 - as the keychain tells it
        """Say that the system is asking its user to open the keychain, as long as it does."""
        self._asked = asked
        self.refresh()
        if asked:
            announce(self, self._texts.say("window.asking"))

    def _try(self) -> None:
        """Test what the customer gave; what cannot be tested from here is stored for the partner."""
        if not self.assisted():
            self._test()
            return
        self._testing().start(self._by_method())
        self._go("test")
        self._store(work.store_assisted(self.walk), self._stored)

    def _test(self) -> None:
        self._to_store = None
        self._testing().start(self._by_method())
        self._go("test")
        again = self.walk.renews
        job = self._do(work.test_again(self.walk) if again else work.test(self.walk), self._tested)
        job.found.connect(self._test_found)
        job.failed.connect(self._test_failed)
        self.refresh()

    @Slot(object)
    def _test_found(self, finding: Finding) -> None:
        if self.page == "test" and self.is_running():
            self._testing().show_finding(finding)

    @Slot(object)
    def _tested(self, came: Proof | PendingApproval | work.Waiting | work.Again) -> None:
        if isinstance(came, work.Again):
            self._test_passed(came.proof, noted=came.noted)
        elif isinstance(came, PendingApproval):
            self._store(work.store_waiting(self.walk, came), self._show_waiting)
        elif isinstance(came, work.Waiting):
            self._show_waiting(came)
        else:
            self._test_passed(came)

    def _test_passed(self, proof: Proof, *, noted: bool = False) -> None:
        self.under_way = IDLE
        unseen = bool(self.walk.renews and proof.chosen) and not noted
        self.walk = replace(self.walk, proof=proof, error=None, unseen=unseen)
        self._testing().show_proof(proof, kept=noted)
        self.order_tabs()
        self.refresh()
        self._focus_first()

    @Slot(object)
    def _test_failed(self, error: WizardError) -> None:
        self.under_way = IDLE
        self.walk = replace(self.walk, error=error)
        may_store = self.walk.may_store_untested
        self._testing().show_error(error, may_store=may_store, action=self._other_way(error))
        self.order_tabs()
        self.refresh()
        self._focus_first()
        self._close_if_wished()

    def _other_way(self, error: WizardError) -> str:
        """Return the key of other words for the next action than the error's own, or an empty text."""
        if self._needs_new_key(error.code) and error.code not in _TO_STORED:
            return "buttons.new"
        held = error.code in _TO_COMPANY and self._company().locked
        return "key.again" if held else ""

    @Slot(str)
    def _broke(self, report: str) -> None:
        self.under_way = IDLE
        self.show_trouble(Bug(report=report))
        self._close_if_wished()

    def show_bug(self, report: str) -> None:
        """Say that something here went wrong; what is under way in the background goes on."""
        self.show_trouble(Bug(report=report))

    def show_trouble(self, trouble: WizardError | Bug) -> None:
        """Show it on the page that is shown, if that has a place for it, else on the first."""
        if self.page == "test":
            self._testing().show_error(trouble, may_store=False)
        elif self.page == HOME:
            self._home().show_error(trouble)
        elif self.page == flow.SEND:
            self.sending.show_error(trouble)
        else:
            self._go(flow.FIRST)
            self._system().show_error(trouble)
        self.refresh()
        self._focus_first()

    def _stop_test(self) -> None:
        from wizard.core.errors import Cancelled

        self._drop_job()
        self._test_failed(Cancelled())

    def _store(self, what: Work, done: Callable[[Any], None]) -> None:
        self._to_store = (what, done)
        self._testing().show_storing()
        job = self._do(what, done, storing=True)
        job.failed.connect(self._test_failed)
        self.refresh()
        self._focus_first()

    @Slot()
    def _store_later(self) -> None:
        self._store(work.store_untested(self.walk), self._stored)

    @Slot(object)
    def _stored(self, receipts: tuple[Receipt, ...]) -> None:
        self._settle(receipts)
        self.drafting.settle()
        self.delegation.done(self.walk.reference)
        self.sending.take(receipts)
        self._close_if_wished()

    def show_done(self, sent: SentState | None) -> None:
        """Show what the walk came to, and whether the partner has it."""
        self._done().sent.state = sent
        self._done().show_receipts(self.walk.receipts, self._by_method(), self.walk)
        self._go("done")

    @Slot(object)
    def _show_waiting(self, waiting: work.Waiting) -> None:
        self._settle(waiting.receipts)
        if waiting.receipts:
            self.drafting.settle()
        self._done().sent.state = None
        self._done().show_waiting(waiting, self._by_method(), self.walk)
        self._go("done")
        self._close_if_wished()

    def _settle(self, receipts: tuple[Receipt, ...]) -> None:
        """Drop what is stored now, or was before, from here: the keys first."""
        provider = self._by_method()
        self.under_way, self._to_store = IDLE, None
        self.walk = replace(
            self.walk, receipts=receipts, answers={}, proof=None, error=None, method=provider.method
        )
        self._key().forget()
        self._testing().forget()

    def _needs_new_key(self, code: str) -> bool:
        """Tell whether a stored connection failed in a way that only a new key mends."""
        if self._is_assisted() or self._is_the_partners():
            return False
        return bool(self.walk.renews) and code in _TO_KEY | _TO_GUIDE | _TO_COMPANY | _TO_SYSTEM | _TO_STORED

    @Slot(str)
    def _act(self, code: str) -> None:
        """Do the one next action of a failure."""
        leads = self._leads(code)
        if self._is_assisted():
            self.go_home()
        elif self._needs_new_key(code):
            self._start_anew()
        elif leads == "system":
            self._go(flow.FIRST)
        elif leads == "company" and not self._company().locked:
            self._to_company()
        elif leads:
            self._to_key(code)
        elif self._to_store and code.startswith(("keychain", "ledger")):
            self._store(*self._to_store)
        else:
            self._try()

    def _leads(self, code: str) -> str:
        """Return where a failure is mended, or an empty text where it is tried again."""
        if not code or self._is_the_partners():
            return ""
        tables = {"system": _TO_SYSTEM, "company": _TO_COMPANY, "key": _TO_KEY, "guide": _TO_GUIDE}
        mends = "guide" if code in self._by_method().mends else ""
        return next((name for name, codes in tables.items() if code in codes), mends)

    def _is_assisted(self) -> bool:
        """Tell whether it failed only because the partner does the testing."""
        return bool(self.walk.error and self.walk.error.facts.get("reason") == "assisted")

    def _to_company(self) -> None:
        """Ask for the number again; that of a connection which is not to be moved is taken away."""
        if self.walk.error and self.walk.error.facts.get("reason") == "renewal":
            self._company().ask_anew()
        self._go("company")

    def _is_the_partners(self) -> bool:
        """Tell whether a failure names only keys of the partner's: nothing here mends those."""
        provider, error = self._by_method(), self.walk.error
        fields = error.fields if error else ()
        keys = {one.name for one in provider.partner_keys}
        theirs = error.facts.get("whose") == "partner" if error else False
        return theirs or (bool(fields) and keys.issuperset(fields))

    def _to_key(self, code: str) -> None:
        self._go("key")
        error = self.walk.error
        if error and code in _TO_KEY:
            self._show_wrong(error)
        first = self._key().first_step() if code in _TO_GUIDE else ""
        self._key().show_mend(self._by_method().mends.get(code, first))

    # home

    @Slot(object)
    def _show_listed(self, listed: work.Listed) -> None:
        self._show_home(listed.book)
        self._home().show_found(listed.found)

    @Slot(object)
    def _show_home(self, book: Book) -> None:
        self.under_way, self._book = IDLE, book
        self._forget_walk()
        self._home().show_book(book)
        self._go(HOME)

    @Slot(str)
    def _test_stored(self, connection: str) -> None:
        row = self._walk_of(connection)
        if row and row.last_code in _TO_STORED:
            self._renew_stored(connection)
        elif row:
            self._test()

    @Slot(str)
    def _renew_stored(self, connection: str) -> None:
        """Walk with a new key for a stored connection; the old one stays until the new one is stored."""
        row = self._walk_of(connection)
        if row:
            self.walk = replace(self.walk, expect=row.expect or str(row.company["orgnr"] or ""))
            self._start_anew(connection)

    def _walk_of(self, connection: str) -> Connection | None:
        """Take up what is known of a stored connection, and return it; None where its system is not here."""
        book = self._book
        row = book.connections.get(connection) if book else None
        credential = book.credentials[row.credential] if book and row else None
        if not row or not credential or credential.provider not in self._providers:
            return None
        self.walk = Walk(
            system=credential.provider,
            method=credential.method,
            environment=credential.environment,
            plain=credential.plain,
            expect=row.expect,
            label=row.label,
            renews=connection,
        )
        return row

    @Slot(str)
    def _look_again(self, connection: str) -> None:
        """Test a connection that waited, from the page that says so."""
        self.walk = replace(self.walk, receipts=(), picks=(), renews=connection)
        self._test()

    @Slot()
    def _ask_rebuild(self) -> None:
        from wizard.gui.question import question  # which no page needs to be seen

        text = self._texts.say("home.rebuild_text")
        box = question(self, self._texts, "home.rebuild_title", text, ("rebuild", "leave"))
        box.accepted.connect(self._rebuild)
        box.open()

    @Slot()
    def _rebuild(self) -> None:
        self._do(work.rebuild, self._show_listed).failed.connect(self._home_failed)

    @Slot(object)
    def _home_failed(self, error: WizardError) -> None:
        self.under_way = IDLE
        if is_damaged(error):
            self._forget_walk()
            self._go(HOME)
        self.show_trouble(error)

    # for support

    def spot(self) -> Spot | None:
        """Return the page, and the step of the guide, as they are spoken; None beside the path."""
        step = self._key().spoken_step() if self.steps() and self.page == "key" else 0
        return None if self._is_beside() else spot_of(self.page, step, sends=self._texts.preset.sends)

    def _is_beside(self) -> bool:
        """Tell whether the page that is shown is no part of a walk: the list, or sending from there."""
        return self.page == HOME or (self.page == flow.SEND and self.sending.from_home)

    def show_on_home(self, error: WizardError) -> None:
        """Say at home what went wrong beside the list."""
        self._home().show_error(error)

    def tell_on_home(self, key: str, **facts: object) -> None:
        """Say at home what was done."""
        self._home().tell(self._texts.say(key, None, **facts))

    # closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first where a pasted key would be lost; wait for what is being stored."""
        from wizard.gui.question import is_asked

        if self.under_way.storing:
            self._closing = True
            event.ignore()
        elif self.unstored() and not self._closing:
            event.ignore()
            if not is_asked(self):
                self._ask_to_close()
        else:
            self._drop_job()
            self.drafting.keep()
            self._forget_walk()
            event.accept()

    def _ask_to_close(self) -> None:
        from wizard.gui.question import question  # which no page needs to be seen

        text = self.drafting.closing_text(secret=self._key().holds_secret())
        box = question(self, self._texts, "closing.title", text, ("yes_close", "keep_open"))
        box.accepted.connect(self._close_anyway)
        box.open()

    @Slot()
    def _close_anyway(self) -> None:
        self._closing = True
        self.close()

    def _close_if_wished(self) -> None:
        if self._closing:
            self._closing = self.walk.stored
            self.close()

    # small things

    def _primary(self) -> Button:
        """Return the button that Enter is for: at the end it closes, so that nothing begins by mistake.

        Where something is left to do there, or at home, it is what does that; where a reply code is ready it
        leads to where that is typed.
        """
        if self.page not in {"done", HOME}:
            return self.next
        last = self.next if self.page == HOME else self.back if self._done().has_code() else self.cancel
        return leading(self._pages[self.page]) or last

    def resume(self, draft: Draft) -> None:
        """Fill in what was typed before, and go on to where the key is, where somebody had come so far."""
        self._company().fill_in(draft.expect, draft.label)
        if draft.page == "key" and self._company().consent.complete():
            self._leave_company()
        if self.page == "key":
            self._key().fill_in(draft.plain, draft.step, draft.ticks)
            self._focus_first()

    def begin_with(self, system: str, environment: str, method: str) -> None:
        """Begin a walk in a system that was chosen before."""
        self.walk = Walk(system=system, environment=environment, method=method)
        self.start_next()

    def _forget_walk(self) -> None:
        self.walk = Walk()
        self._prepared, self._to_store = {}, None
        self.sending.forget()
        self.starting.forget()
        for page in self._pages.values():
            page.forget()

    def _set_default(self) -> None:
        guided = self.page == "key" and self._key().guides()
        target = self._key().following if guided else self._primary()
        if self._default is not target:
            self._default.setDefault(False)
        self._default = target
        target.setDefault(target.isEnabled())
        self._fill(target, guided=guided)

    def _fill(self, target: Button, *, guided: bool) -> None:
        """Fill the default button; one that a page has filled by itself is left to the page."""
        mine = guided or target in {self.back, self.next, self.cancel}
        if self._filled is not target:
            self._filled.lead(False)
        if mine:
            self._filled = target
            target.lead(leading(self._pages[self.page], target) is None)

    @Slot(str)
    def _set_language(self, name: str) -> None:
        self.say(replace(self._texts, language=name))

    def hold_share(self) -> None:
        """Keep customers' names and numbers masked: whoever looks after the machine has decided so."""
        self.lock_share()
        self._set_share(True)

    @Slot(bool)
    def _set_share(self, wished: bool) -> None:  # noqa: FBT001  # the signal share_wished(bool) calls it
        self.say(replace(self._texts, share_safe=wished))

    def _wire(self, name: str) -> None:
        {
            "system": self._wire_system,
            "company": self._wire_company,
            "key": self._wire_key,
            "test": self._wire_test,
            flow.SEND: self.sending.wire,
            "done": self._wire_done,
            HOME: self._wire_home,
        }[name]()
        self._pages[name].complete_changed.connect(self.refresh)
        self.helper.serve(self._pages[name])

    def _wire_system(self) -> None:
        page = self._system()
        page.picked.connect(self._prepare)
        page.opened.connect(self.go_next)
        page.retried.connect(self._retry_system)
        page.other_wished.connect(lambda: self.drafting.unless_lost(self.start_over))
        page.start.clicked.connect(self.starting.open_sheet)
        page.start_pasted.connect(self.starting.open_text)
        page.before.changed.connect(self.order_tabs)
        self._pulse.answered.connect(page.before.show_pulse)

    def _wire_company(self) -> None:
        self._company().renew_wished.connect(self._leave_company)
        self._company().home_wished.connect(lambda: self.drafting.unless_lost(self.go_home))
        self._company().numbered.connect(self._look_up)
        self.guide_help.serve_company(self._company())
        self._register.answered.connect(self._company().show_registered)

    def _wire_key(self) -> None:
        self._key().doctor = self._look_at
        self.guide_help.serve_key(self._key())
        self._key().stepped.connect(self.refresh)
        self._key().stepped.connect(self._order_steps)
        self._key().walked.connect(self._focus_first)

    def _wire_test(self) -> None:
        self._testing().acted.connect(self._act)
        self._testing().store_later.connect(self._store_later)

    def _wire_done(self) -> None:
        self._done().again_wished.connect(self.start_next)
        self._done().approved.connect(self._look_again)
        self._done().receipt_wished.connect(self.papers.open_walk)
        self.partner = Partner(self, self._done())

    def _wire_home(self) -> None:
        self.sending.wire_home(self._home().delivery)
        self._home().test_wished.connect(self._test_stored)
        self._home().renew_wished.connect(self._renew_stored)
        self.keeper.serve(self._home())
        self._home().rebuild_wished.connect(self._ask_rebuild)
        self._home().history_wished.connect(self.helper.open_history)
