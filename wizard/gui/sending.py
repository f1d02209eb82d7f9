"""Sending: what the window does for the page that sends to the partner, and for the reply on the overview."""

# ruff: noqa: SLF001 - it is a part of the window, in a file of its own

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from wizard.core import flow
from wizard.core.errors import BadInput, NotSent, ReplyWrong, WizardError
from wizard.core.flow import Walk
from wizard.core.provider import Finding
from wizard.gui import clipboard
from wizard.gui.widgets.choices import Choice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.connect import Receipt
    from wizard.core.delivered import Told
    from wizard.core.ledger import Book
    from wizard.core.sending import Sealed, Sent
    from wizard.core.world import World
    from wizard.gui.bridge import Job
    from wizard.gui.frame import Buttons
    from wizard.gui.pages.send import SendPage
    from wizard.gui.widgets.delivery import Delivery
    from wizard.gui.widgets.message import Bug
    from wizard.gui.window import Window
    from wizard.gui.work import Listed

    Tell = Callable[[Finding], None]

_WORDS = {"upload": "send_now", "file": "save_file", "text": "copy_text"}


class Sending(QObject):
    """Seals once, sends by the way that was chosen, and notes it. `ask_file` asks where to save."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._sealed: Sealed | None = None
        self._way = self._mend = ""
        self.from_home = False
        self.answers: dict[str, str] = {}
        self._for_demo: dict[str, Sealed] = {}
        self.ask_file: Callable[[Window, str, str, str], str] = _ask_file

    def wire(self) -> None:
        """Connect the page that was just made."""
        self._page().other_wished.connect(self.choose_anew)
        self._page().acted.connect(self.go_on)

    def wire_home(self, delivery: Delivery) -> None:
        """Connect what the overview shows of it."""
        delivery.know_answers(self.answers)
        delivery.send_wished.connect(self.open_from_home)
        delivery.sent_wished.connect(self._note_home)
        delivery.code_given.connect(self._take_code)
        delivery.mend_wished.connect(self._mend_stored)

    # the page

    def take(self, receipts: tuple[Receipt, ...]) -> bool:
        """Go on to the page after something was stored; tell whether it is to be sent at all."""
        window = self._window
        waits = any(one.waiting_for in {"administrator", "vendor"} for one in receipts)
        self._begin(home=False)
        if not window.texts.preset.sends or waits or window.walk.renews:
            window.show_done(None)
            return False
        provider = window._by_method()
        form = not any(one.secret for one in provider.fields)
        several = True if len(receipts) > 1 else None
        rows = tuple(
            Choice(key=one.connection, title=str(one.company["name"] or provider.name), ticked=several)
            for one in receipts
        )
        self._page().offer(self._ways(), rows, "intro_form" if form else "intro")
        window._go(flow.SEND)
        return True

    @Slot()
    def open_from_home(self) -> None:
        """Open the page for what has not been sent."""
        window, book = self._window, self._window.book
        if not book:
            return
        self._begin(home=True)
        from wizard.core.delivered import unsent

        keys = unsent(book, sends=window.texts.preset.sends)
        rows = tuple(self._row(book, key, alone=len(keys) == 1) for key in keys)
        self._page().offer(self._ways(), rows, "intro_several" if len(rows) > 1 else "intro")
        window._go(flow.SEND)

    def open_reply(self, code: str) -> None:
        """Show the overview with a reply code in its place, or say there that nothing waits for one."""
        from wizard.gui.work import read_book

        job = self._window._do(read_book, lambda listed: self._fill_in(listed, code))
        job.failed.connect(self._window._home_failed)

    def _fill_in(self, listed: Listed, code: str) -> None:
        from wizard.core.reply import spaced

        self._window._show_listed(listed)
        if not self._window._home().delivery.fill_in(spaced(code)):
            self._window.show_on_home(ReplyWrong(reason="none_here"))

    def buttons(self) -> Buttons:
        """Return the words of Back, Next and Cancel while the page is shown."""
        page = self._page()
        sending = page.state == "sending"
        word = "have_sent" if page.state == "made" else _WORDS.get(page.way(), "send_now")
        primary = (word, page.state != "failed", page.complete())
        return ("back", False, False), primary, ("stop_sending" if sending else "send_later", True, True)

    @Slot()
    def go_on(self) -> None:
        """Do what the primary button says, or the same once more after a failure."""
        page = self._page()
        if page.state == "made" and self._sealed:
            self._do(_note(self._sealed), self._sent)
            return
        self._way, ids = page.way(), page.chosen()
        page.show_sending()
        if self._sealed and self._sealed.connections == ids:
            self._go_out(self._sealed)
        else:
            self._do(_seal(ids), self._go_out)

    @Slot()
    def leave(self) -> None:
        """Stop what is being sent; else go on without sending."""
        if self._page().state == "sending":
            self._window._drop_job()
            self._failed(NotSent(reason="stopped"))
        else:
            self._finish("unsent")

    @Slot()
    def choose_anew(self) -> None:
        """Ask for another way to send the same."""
        self._page().show_choosing()
        self._window.refresh()
        self._window._focus_first()

    def show_error(self, trouble: WizardError | Bug) -> None:
        """Say on the page what went wrong."""
        self._page().show_error(trouble)

    def forget(self) -> None:
        """Drop what was sealed: what is begun anew is sealed anew."""
        self._sealed = None

    def show_mend(self) -> None:
        """Open the guide at the step that mends what the partner could not use, once."""
        step, self._mend = self._mend, ""
        if step:
            self._window._key().show_mend(step)

    # what comes of it

    @Slot(object)
    def _go_out(self, what: Sealed) -> None:
        self._sealed = what
        if self._window.texts.preset.demo:
            self._for_demo[what.id] = what
        if self._way == "upload":
            job = self._do(_send(what), self._sent)
            job.found.connect(self._show_gone)
        elif self._way == "file":
            self._idle()
            self._save(what)
        else:
            self._idle()
            clipboard.copy(what.text)
            self._page().show_made("text")
        self._window.refresh()
        self._window._focus_first()

    def _save(self, what: Sealed) -> None:
        from wizard.core.sending import write

        say = self._window.texts.say
        kind = f"{say('send.save_kind')} (*.koble)"
        chosen = self.ask_file(self._window, say("send.save_title"), what.file, kind)
        if not chosen:
            self.choose_anew()
            return
        try:
            write(Path(chosen), what.text)
        except BadInput as error:
            self._failed(error)
        else:
            self._page().show_made("file", Path(chosen).name)

    @Slot(object)
    def _show_gone(self, finding: Finding) -> None:
        if self._page().state == "sending":
            self._page().show_sending(int(finding.ms))

    @Slot(object)
    def _sent(self, sent: Sent) -> None:
        if sent.answer:
            self.answers[sent.handover] = sent.answer
        self._idle()
        self._finish("sent", reference=sent.reference, answer=sent.answer)

    @Slot(object)
    def _failed(self, error: WizardError) -> None:
        self._idle()
        self.show_error(error)
        self._window.refresh()
        self._window._focus_first()

    def _finish(self, state: str, **facts: str) -> None:
        from wizard.gui.widgets.delivery import SentState

        if self.from_home:
            self._window.go_home()
        else:
            self._window.show_done(SentState(name=state, **facts))

    # the overview

    @Slot(str)
    def _note_home(self, handover: str) -> None:
        made = self._for_demo.get(handover)
        if made:
            self._at_home(_note(made), self._at_demo)
        else:
            self._at_home(_note_id(handover), self._window._show_home)

    @Slot(object)
    def _at_demo(self, sent: Sent) -> None:
        """Show at home what the demo bank has answered."""
        self.answers[sent.handover] = sent.answer
        self._window.go_home()

    @Slot(str)
    def _take_code(self, code: str) -> None:
        self._at_home(_reply(code), self._told)

    @Slot(object)
    def _told(self, came: tuple[Book, Told]) -> None:
        book, told = came
        self._window._show_home(book)
        self._window._home().delivery.show_told(told)

    @Slot(object)
    def _wrong(self, error: WizardError) -> None:
        self._idle()
        self._window._home().delivery.show_wrong(error)
        self._window.refresh()

    @Slot(str, str)
    def _mend_stored(self, connection: str, cause: str) -> None:
        """Begin again with the company of a stored connection, towards the step that mends the cause."""
        window, book = self._window, self._window.book
        row = book.connections[connection] if book else None
        if not book or not row:
            return
        credential = book.credentials[row.credential]
        provider = window.providers.get(credential.provider)
        if provider:
            number = row.expect or str(row.company.get("orgnr") or "")
            window.walk = Walk(
                system=credential.provider,
                method=credential.method,
                environment=credential.environment,
                expect=number,
                label=row.label,
            )
            window._start_anew()
            self._mend = provider.by(credential.method).mends.get(cause, "")

    # small things

    def _begin(self, *, home: bool) -> None:
        self.from_home, self._sealed, self._mend = home, None, ""

    def _page(self) -> SendPage:
        return self._window._sends()

    def _ways(self) -> tuple[str, ...]:
        preset = self._window.texts.preset
        return ("upload", "file", "text") if preset.upload or preset.demo else ("file", "text")

    def _row(self, book: Book, key: str, *, alone: bool) -> Choice:
        row = book.connections[key]
        provider = self._window.providers.get(book.credentials[row.credential].provider)
        ticked = None if alone else row.delivered != "refused"
        return Choice(
            key=key, title=self._window.name_of(key), line=provider.name if provider else "", ticked=ticked
        )

    def _do(self, what: Callable[[World, Tell], Awaitable[object]], done: Callable[..., None]) -> Job:
        job = self._window._do(what, done)
        job.failed.connect(self._failed)
        self._window.refresh()
        return job

    def _at_home(self, what: Callable[[World, Tell], Awaitable[object]], done: Callable[..., None]) -> None:
        self._window._do(what, done).failed.connect(self._wrong)

    def _idle(self) -> None:
        from wizard.gui.walking import IDLE

        self._window.under_way = IDLE


def _seal(ids: tuple[str, ...]) -> Callable[[World, Tell], Awaitable[Sealed]]:
    """Seal connections to the partner, and note it."""

    async def work(world: World, _: Tell) -> Sealed:
        from wizard.core.sending import seal_up

        return await seal_up(world, ids)

    return work


def _send(what: Sealed) -> Callable[[World, Tell], Awaitable[Sent]]:
    """Send what is sealed to the partner's address; the per cent that has gone stands in a finding's `ms`."""

    async def work(world: World, tell: Tell) -> Sent:
        from wizard.core.sending import send

        return await send(
            world, what, lambda gone: tell(Finding(check="send", stage="vendor", state="passed", ms=gone))
        )

    return work


def _note(what: Sealed) -> Callable[[World, Tell], Awaitable[Sent]]:
    """Note that the customer has sent what was sealed."""

    async def work(world: World, _: Tell) -> Sent:
        from wizard.core.sending import note_sent

        return await note_sent(world, what)

    return work


def _note_id(handover: str) -> Callable[[World, Tell], Awaitable[Book]]:
    """Note that the customer has sent what was sealed in an earlier run."""

    async def work(world: World, _: Tell) -> Book:
        from wizard.core.delivered import with_sent

        at = world.clock().isoformat(timespec="seconds")
        return await world.store.amend(lambda book: with_sent(book, handover, at))

    return work


def _reply(code: str) -> Callable[[World, Tell], Awaitable[tuple[Book, Told]]]:
    """Take a reply code; return what is stored then, and what it told."""

    async def work(world: World, _: Tell) -> tuple[Book, Told]:
        from wizard.core.delivered import take_reply

        told = await take_reply(world.store, code, world.clock())
        return world.store.book(), told

    return work


def _ask_file(window: Window, title: str, name: str, kind: str) -> str:  # pragma: no cover - a dialog's own
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getSaveFileName(window, title, str(Path.home() / name), kind)[0]
