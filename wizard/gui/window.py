"""The window: a stack of pages, Back, Next and Cancel, and one `refresh()` that derives every button."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QMessageBox, QPushButton

from wizard.core import flow
from wizard.core.errors import FieldInvalid, WizardError
from wizard.core.flow import Walk
from wizard.core.provider import plain
from wizard.gui import work
from wizard.gui.asides import Aside, feel_pulse, look_up
from wizard.gui.frame import Frame
from wizard.gui.pages.system import SystemPage
from wizard.gui.widgets.message import Bug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QCloseEvent

    from wizard.core.connect import Proof, Receipt
    from wizard.core.ledger import Book
    from wizard.core.provider import Finding, Provider
    from wizard.core.registry import Registry
    from wizard.core.texts import Texts
    from wizard.gui.bridge import Bridge, Job, Work
    from wizard.gui.pages.company import CompanyPage
    from wizard.gui.pages.done import DonePage
    from wizard.gui.pages.home import HomePage
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.pages.page import Page
    from wizard.gui.pages.test import TestPage

HOME = "home"
_TO_GUIDE = {"rights_missing", "no_company"}
_TO_KEY = {"key_refused", "field_invalid", "wrong_environment"}
_TO_COMPANY = {"wrong_company"}
_TO_SYSTEM = {"partner_key_needed", "bad_input"}


class Window(Frame):
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
        super().__init__(texts, practice=practice, platform=platform)
        self._providers, self._texts, self._bridge = providers, texts, bridge
        self._practice, self._platform = practice, platform
        self.walk = Walk()
        self.page = flow.FIRST
        self._pages: dict[str, Page] = {}
        self._book: Book | None = None
        self._job: Job | None = None
        self._storing = False
        self._closing = False
        self._default: QPushButton = self.next
        self._wanted = ""
        self._prepared: dict[str, work.Prepared] = {}
        self._pulse, self._register = Aside(bridge, self), Aside(bridge, self)
        for button, act in (
            (self.back, self.go_back),
            (self.next, self.go_next),
            (self.cancel, self.go_cancel),
        ):
            button.clicked.connect(act)
        self.language_picked.connect(self._set_language)
        self._go(flow.FIRST)

    def open_home(self) -> None:
        """Begin at home, where something is stored; what it is comes from the background."""
        self._go(HOME)

    def offer(self, registry: Registry) -> None:
        """Offer more systems than at first, and say which could not be loaded."""
        self._providers = registry.providers
        self._system().offer(registry.providers, registry.broken)

    @Slot()
    def make_ready(self) -> None:
        """Make the pages that come next, one at a time while nothing else is to do: no click shall wait."""
        missing = [name for name in ("company", "key", "test", "done") if name not in self._pages]
        if missing:
            self._page(missing[0])
            QTimer.singleShot(0, self, self.make_ready)

    # what is shown

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what was typed stays."""
        self._texts = texts
        for page in self._pages.values():
            page.say(texts)
        self.say_frame(texts)
        self.refresh()

    def refresh(self) -> None:
        """Derive every button, and the title, from where we are: nothing else touches them."""
        page = self._pages[self.page]
        self.setWindowTitle(_title(self._texts, page))
        self.show_world(self._test_world(), self._texts)
        self.show_place("" if self.page == HOME else self.page, self._texts)
        self.show_buttons(_buttons(self), self._texts)
        self._set_default()

    # moving

    def _go(self, name: str) -> None:
        self.page = name
        page = self._page(name)
        self.stack.setCurrentWidget(page)
        self.order_tabs()
        page.verticalScrollBar().setValue(0)
        self.refresh()
        self._focus_first()

    def _focus_first(self) -> None:
        wanted = self._pages[self.page].first_focus()
        order = (wanted, self._primary(), self.cancel)
        target = next(one for one in order if one and (one.isEnabled() or one is self.cancel))
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def go_next(self) -> None:
        """Do what the primary button says."""
        acts: dict[str, Callable[[], None]] = {
            "system": self._leave_system,
            "company": self._leave_company,
            "key": self._leave_key,
            "test": self._leave_test,
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
        if before and not self._storing:
            self._drop_job()
            self._go(before)

    @Slot()
    def go_cancel(self) -> None:
        """Stop the test that runs, else close the window."""
        if self.page == "test" and self.is_running():
            self._stop_test()
        else:
            self.close()

    @Slot()
    def go_home(self) -> None:
        """Show what is stored, read anew."""
        self._do(work.read_book, self._show_home).failed.connect(self._home_failed)

    @Slot()
    def start_over(self) -> None:
        """Begin a new connection."""
        self._drop_job()
        self._forget_walk()
        self._system().systems.clear_choice()
        self._go(flow.FIRST)

    def reject(self) -> None:
        """Take Escape as Cancel."""
        self.go_cancel()

    # the pages' own ends

    def _leave_system(self) -> None:
        slug, prepared = self._system().current(), self._ready()
        if prepared:
            self.walk = Walk(system=slug, environment=prepared.environment)
            self._company().know(prepared.known)
            self._key().show_provider(self._providers[slug])
            self._go("company")
        elif slug:
            self._wanted = slug
            self._prepare(slug)

    def _leave_company(self) -> None:
        company = self._company()
        try:
            expect = company.number()
        except FieldInvalid as error:
            company.show_error(error)
            return
        self.walk = replace(self.walk, expect=expect, label=plain(company.label.text()), picks=())
        self._go("key")

    @Slot(str)
    def _look_up(self, number: str) -> None:
        """Look a company's name up in the open register, where the partner wants it; nobody waits for it."""
        if self._texts.preset.register_lookup and not self._practice:
            self._register.ask(number, look_up(number))

    def _leave_key(self) -> None:
        from wizard.core.connect import clean

        page = self._key()
        provider = self._providers[self.walk.system]
        try:
            place = provider.environment(self.walk.environment) or provider.environments[0]
            answers = clean(provider.fields, page.pasted(), place)
        except WizardError as error:
            page.show_error(error)
            return
        page.show_warnings(answers.warnings)
        self.walk = replace(
            self.walk,
            answers=answers.secrets,
            plain=answers.plain,
            warnings=answers.warnings,
            picks=(),
            error=None,
            proof=None,
        )
        self._test()

    def _leave_test(self) -> None:
        page = self._testing()
        if page.state == "choosing":
            self.walk = replace(self.walk, picks=page.choosing.picks())
            self._test()
        elif self.walk.renews:
            self.go_home()
        elif page.state == "passed" and self.walk.proof:
            self._store(work.store(self.walk.proof))

    # work

    @Slot(str)
    def _prepare(self, slug: str) -> None:
        """See that a picked system can be connected from here, before any key is asked for."""
        self._drop_job()
        self._wanted = self._wanted if slug == self._wanted else ""
        self._feel_pulse(slug)
        ready, place = self._ready(), self._system().environment()
        self._system().before.show_assisted(assisted=bool(ready and ready.assisted))
        if slug and not ready:
            method = self._texts.preset.method(self._providers[slug])
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
        self._job = None
        self._system().before.show_assisted(assisted=prepared.assisted)
        self.refresh()
        if self._wanted == prepared.slug == self._system().current():
            self._wanted = ""
            self._leave_system()

    @Slot(object)
    def _system_failed(self, error: WizardError) -> None:
        self._job, self._wanted = None, ""
        self._system().show_error(error)
        self.refresh()
        self._focus_first()

    @Slot()
    def _retry_system(self) -> None:
        self._system().show_error(None)
        self._prepare(self._system().current())

    def _test(self) -> None:
        page = self._testing()
        page.start(self._providers[self.walk.system])
        self._go("test")
        job = self._do(work.test(self.walk), self._test_passed)
        job.found.connect(self._test_found)
        job.failed.connect(self._test_failed)
        self.refresh()

    @Slot(object)
    def _test_found(self, finding: Finding) -> None:
        if self.page == "test" and self.is_running():
            self._testing().show_finding(finding)

    @Slot(object)
    def _test_passed(self, proof: Proof) -> None:
        self._job = None
        self.walk = replace(self.walk, proof=proof, error=None)
        self._testing().show_proof(proof)
        self.refresh()
        self._focus_first()

    @Slot(object)
    def _test_failed(self, error: WizardError) -> None:
        self._job, self._storing = None, False
        self.walk = replace(self.walk, error=error)
        may_store, anew = self.walk.may_store_untested, self._needs_new_key(error.code)
        self._testing().show_error(error, may_store=may_store, anew=anew)
        self.refresh()
        self._focus_first()
        self._close_if_wished()

    @Slot(str)
    def _broke(self, report: str) -> None:
        self._job, self._storing, self._wanted = None, False, ""
        self._show_trouble(Bug(report=report))
        self._close_if_wished()

    def show_bug(self, report: str) -> None:
        """Say that something here went wrong; what is under way in the background goes on."""
        self._show_trouble(Bug(report=report))

    def _show_trouble(self, trouble: WizardError | Bug) -> None:
        """Show it on the page that is shown, if that has a place for it, else on the first."""
        if self.page == "test":
            self._testing().show_error(trouble, may_store=False)
        elif self.page == HOME:
            self._home().show_error(trouble)
        else:
            self._go(flow.FIRST)
            self._system().show_error(trouble)
        self.refresh()
        self._focus_first()

    def _stop_test(self) -> None:
        from wizard.core.errors import Cancelled

        self._drop_job()
        self._test_failed(Cancelled())

    def _store(self, what: Work) -> None:
        self._storing = True
        self._testing().show_storing()
        job = self._do(what, self._stored)
        job.failed.connect(self._test_failed)
        self.refresh()

    @Slot()
    def _store_later(self) -> None:
        self._store(work.store_untested(self.walk))

    @Slot(object)
    def _stored(self, receipts: tuple[Receipt, ...]) -> None:
        self._job, self._storing = None, False
        self.walk = replace(self.walk, receipts=receipts, answers={}, proof=None)
        self._key().forget()
        self._testing().forget()
        self._done().show_receipts(receipts, self._providers[self.walk.system], self.walk.label)
        self._go("done")
        self._close_if_wished()

    def _needs_new_key(self, code: str) -> bool:
        """Tell whether a stored connection failed in a way that only a new key mends."""
        return bool(self.walk.renews) and code in _TO_KEY | _TO_GUIDE | _TO_COMPANY | _TO_SYSTEM

    @Slot(str)
    def _act(self, code: str) -> None:
        """Do the one next action of a failure."""
        if code == "" or self._is_the_partners():
            self._test()
        elif self._needs_new_key(code):
            self.start_over()
        elif code in _TO_SYSTEM:
            self._go(flow.FIRST)
        elif code in _TO_COMPANY:
            self._go("company")
        elif code in _TO_KEY | _TO_GUIDE:
            self._to_key(code)
        elif self.walk.proof and self.walk.proof.chosen and code.startswith(("keychain", "ledger")):
            self._store(work.store(self.walk.proof))
        else:
            self._test()

    def _is_the_partners(self) -> bool:
        """Tell whether a failure names only keys of the partner's: nothing here mends those."""
        provider, error = self._providers[self.walk.system], self.walk.error
        fields = error.fields if error else ()
        return bool(fields) and {one.name for one in provider.partner_keys}.issuperset(fields)

    def _to_key(self, code: str) -> None:
        self._go("key")
        error = self.walk.error
        if error and code in _TO_KEY:
            self._key().show_error(error)
        provider = self._providers[self.walk.system]
        first = provider.guide[0].key if code in _TO_GUIDE else ""
        self._key().show_mend(provider.mends.get(code, first))

    # home

    @Slot(object)
    def _show_home(self, book: Book) -> None:
        self._job, self._book = None, book
        self._forget_walk()
        self._home().show_book(book)
        self._go(HOME)

    @Slot(str)
    def _test_stored(self, connection: str) -> None:
        if not self._book:
            return
        credential = self._book.credentials[self._book.connections[connection].credential]
        if credential.provider in self._providers:
            place = credential.environment
            self.walk = Walk(system=credential.provider, environment=place, renews=connection)
            self._test()

    @Slot(str)
    def _ask_remove(self, connection: str) -> None:
        if not self._book:
            return
        credential = self._book.credentials[self._book.connections[connection].credential]
        provider = self._providers.get(credential.provider)
        facts = {"company": self._home().name_of(connection)}
        box = self._question(
            "home.remove_title", self._texts.say("home.remove_text", provider, **facts), "remove", "keep"
        )
        box.accepted.connect(lambda: self._remove(connection))
        box.open()

    def _remove(self, connection: str) -> None:
        job = self._do(work.forget(connection), self._show_home)
        job.failed.connect(self._home_failed)

    @Slot(object)
    def _home_failed(self, error: WizardError) -> None:
        self._job = None
        self._show_trouble(error)

    # closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first where a pasted key would be lost; wait for what is being stored."""
        if self._storing:
            self._closing = True
            event.ignore()
        elif self._unstored() and not self._closing:
            event.ignore()
            if any(box.isVisible() for box in self.findChildren(QMessageBox)):  # it is asked already
                return
            box = self._question("closing.title", self._texts.say("closing.text"), "yes_close", "keep_open")
            box.accepted.connect(self._close_anyway)
            box.open()
        else:
            self._drop_job()
            self._forget_walk()
            event.accept()

    @Slot()
    def _close_anyway(self) -> None:
        self._closing = True
        self.close()

    def _close_if_wished(self) -> None:
        if self._closing:
            self._closing = self.walk.stored
            self.close()

    def _unstored(self) -> bool:
        key = self._pages.get("key")
        return not self.walk.stored and key is not None and self._key().holds_secret()

    def _question(self, title: str, text: str, yes: str, no: str) -> QMessageBox:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self._texts.say("window.title"))
        box.setText(self._texts.say(title))
        box.setInformativeText(text)
        accept = box.addButton(self._texts.say(f"buttons.{yes}"), QMessageBox.ButtonRole.AcceptRole)
        refuse = box.addButton(self._texts.say(f"buttons.{no}"), QMessageBox.ButtonRole.RejectRole)
        accept.setObjectName(yes)
        refuse.setObjectName(no)
        box.setDefaultButton(refuse)
        box.setEscapeButton(refuse)
        return box

    # small things

    def _do(self, what: Work, done: Callable[[Any], None]) -> Job:
        self._drop_job()
        job = self._bridge.start(what)
        job.done.connect(done)
        job.broke.connect(self._broke)
        self._job = job
        return job

    def _drop_job(self) -> None:
        if self._job and not self._storing:
            self._job.drop()
            self._job = None

    def is_running(self) -> bool:
        """Tell whether something is under way in the background."""
        return self._job is not None

    def _test_world(self) -> str:
        """Return the words for an environment that is for tests, or an empty text in the ordinary one."""
        at_first = self.page == flow.FIRST
        slug = self._system().current() if at_first else self.walk.system
        name = self._system().environment() if at_first else self.walk.environment
        provider = self._providers.get(slug)
        place = provider.environment(name) if provider else None
        if not place or not place.test or self.page == HOME:
            return ""
        from wizard.gui.widgets.cards import name_of_environment

        called = name_of_environment(place, self._texts)
        return self._texts.say("window.test_world", provider, environment=called)

    def page_complete(self) -> bool:
        """Tell whether the page that is shown has all it needs."""
        return self._pages[self.page].complete()

    def failed(self) -> bool:
        """Tell whether the last test failed, so that its message holds the one next action."""
        return self.page == "test" and self._testing().state == "failed" and not self.walk.renews

    def choosing(self) -> bool:
        """Tell whether the customer is choosing among companies."""
        return self.page == "test" and self._testing().state == "choosing"

    @property
    def storing(self) -> bool:
        """Whether something is being stored: that is not stopped any more."""
        return self._storing

    def _primary(self) -> QPushButton:
        """Return the button that Enter is for: at the end it closes, so that nothing begins by mistake."""
        return self.cancel if self.page == "done" else self.next

    def _forget_walk(self) -> None:
        self.walk = Walk()
        self._prepared = {}
        for page in self._pages.values():
            page.forget()

    def _set_default(self) -> None:
        key = self._pages.get("key")
        guided = (
            self.page == "key" and key is not None and not key.complete() and not self._key().at_last_step()
        )
        target = self._key().following if guided else self._primary()
        if self._default is not target:
            self._default.setDefault(False)
        self._default = target
        target.setDefault(target.isEnabled())

    @Slot(str)
    def _set_language(self, name: str) -> None:
        self.say(replace(self._texts, language=name))

    # the pages, each made when it is first needed

    def _page(self, name: str) -> Page:
        if name not in self._pages:
            self._pages[name] = self._make(name)
            self.stack.addWidget(self._pages[name])
        return self._pages[name]

    def _make(self, name: str) -> Page:
        makers: dict[str, Callable[[], Page]] = {
            "system": self._make_system,
            "company": self._make_company,
            "key": self._make_key,
            "test": self._make_test,
            "done": self._make_done,
            HOME: self._make_home,
        }
        page = makers[name]()
        page.complete_changed.connect(self.refresh)
        return page

    def _make_system(self) -> SystemPage:
        page = SystemPage(self._texts, self._providers)
        page.picked.connect(self._prepare)
        page.opened.connect(self.go_next)
        page.retried.connect(self._retry_system)
        page.before.changed.connect(self.order_tabs)
        self._pulse.answered.connect(page.before.show_pulse)
        return page

    def _make_company(self) -> Page:
        from wizard.gui.pages.company import CompanyPage

        page = CompanyPage(self._texts)
        page.numbered.connect(self._look_up)
        self._register.answered.connect(page.show_registered)
        return page

    def _make_key(self) -> Page:
        from wizard.gui.pages.key import KeyPage

        page = KeyPage(self._texts)
        page.stepped.connect(self.refresh)
        page.stepped.connect(self.order_tabs)
        return page

    def _make_test(self) -> Page:
        from wizard.gui.pages.test import TestPage

        page = TestPage(self._texts)
        page.acted.connect(self._act)
        page.store_later.connect(self._store_later)
        return page

    def _make_done(self) -> Page:
        from wizard.gui.pages.done import DonePage

        return DonePage(self._texts, practice=self._practice, platform=self._platform)

    def _make_home(self) -> Page:
        from wizard.gui.pages.home import HomePage

        page = HomePage(self._texts, self._providers)
        page.test_wished.connect(self._test_stored)
        page.remove_wished.connect(self._ask_remove)
        return page

    def _system(self) -> SystemPage:
        return cast("SystemPage", self._page("system"))

    def _company(self) -> CompanyPage:
        return cast("CompanyPage", self._page("company"))

    def _key(self) -> KeyPage:
        return cast("KeyPage", self._page("key"))

    def _testing(self) -> TestPage:
        return cast("TestPage", self._page("test"))

    def _done(self) -> DonePage:
        return cast("DonePage", self._page("done"))

    def _home(self) -> HomePage:
        return cast("HomePage", self._page(HOME))


def _buttons(window: Window) -> tuple[tuple[str, bool, bool], ...]:
    """Return the words of Back, Next and Cancel, whether each is there, and whether it may be pressed."""
    page, walk, running = window.page, window.walk, window.is_running()
    complete = window.page_complete()
    if page == HOME:
        return ("back", False, False), ("new", True, True), ("close", True, True)
    if page == "done":
        return ("home", True, True), ("new", True, True), ("close", True, True)
    if page == "test":
        primary = "home" if walk.renews else "store"
        primary = "next" if window.choosing() else primary
        leads_home = primary == "home"
        cancel = "stop" if running and not window.storing else "cancel"
        back = flow.before(page, walk) is not None
        return (
            ("back", back, not window.storing),
            (primary, not window.failed(), (complete or leads_home) and not running),
            (cancel, True, not window.storing),
        )
    primary = "test" if page == "key" else "next"
    return ("back", page != flow.FIRST, True), (primary, True, complete), ("cancel", True, True)


def _title(texts: Texts, page: Page) -> str:
    heading = page.title.text()
    name = texts.say("window.title")
    return f"{heading} – {name}" if heading else name
