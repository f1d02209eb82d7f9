"""Pictures of what is sent to the partner: the page, the overview, the last page, the start file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.core.sealing import KEY
from wizard.core import errors
from wizard.core.keys import public
from wizard.core.ledger import Book, Connection, Credential, Parcel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.core.connect import Receipt
    from wizard.core.provider import Company
    from wizard.gui.window import Window

    Scene = tuple[str, Callable[[Window], object]]

AT = "2026-11-20T09:41:00+00:00"
ID = "0f1e2d3c" + "4" * 24


class Scenes:
    """Makes the scenes from what the others use: a walk to a page, a receipt, two companies."""

    def __init__(self, to: Callable[..., None], receipt: Callable[..., Receipt], *companies: Company) -> None:
        self._to, self._receipt, self._companies = to, receipt, companies

    def all(self) -> Iterator[Scene]:
        """Return every state, by name."""
        yield "send", self._sending("choosing")
        yield "send-progress", self._sending("sending")
        yield "send-file", self._sending("made")
        yield "send-unknown", self._sending("failed")
        yield "send-done-later", self._done("unsent")
        yield "send-done", self._done("sent")
        yield "send-done-practice", self._done("sent", "00AB-CDEF-GHJK")
        yield "send-home-unsent", self._home("no", "no")
        yield "send-home-file", self._home("file_made")
        yield "send-home-sent", self._home("sent", "no")
        yield "send-home-confirmed", self._home("confirmed", told=True)
        yield "send-home-wrong", self._wrong
        yield "agent-reply-ready", self._ready
        yield "agent-reply-home", self._filled
        yield "send-home-refused", self._home("refused", cause="rights_missing")
        yield "send-several", self._several
        yield "send-start", self._start(None)
        yield "send-start-forged", self._start(errors.SignatureInvalid(reason="forged"))
        yield "send-start-used", self._start(errors.StartUsed(at="2026-11-18", reason="window"))
        yield "send-fiken-closed", self._closed
        yield "handed-on-sheet", self._handing
        yield "handed-on-home", self._handed
        yield "handed-on-first", self._handed_first

    def _bank(self, window: Window) -> None:
        preset = replace(
            window.texts.preset, seal_keys=(public(KEY),), upload="https://bank.example.test/koble"
        )
        window.say(replace(window.texts, preset=preset))

    def _sending(self, state: str) -> Callable[[Window], None]:
        def arrange(window: Window) -> None:
            self._bank(window)
            self._to(window, "test")
            window._stored((self._receipt(self._companies[0]),))
            page = window._sends()
            if state == "sending":
                page.show_sending(60)
            elif state == "made":
                page.show_made("file", "koble-0f1e2d3c.koble")
            elif state == "failed":
                page.show_error(errors.NotSent(reason="unknown", host="bank.example.test"))
            window.refresh()

        return arrange

    def _done(self, name: str, answer: str = "") -> Callable[[Window], None]:
        def arrange(window: Window) -> None:
            self._sending("choosing")(window)
            window.sending._finish(name, reference="kunde-7", answer=answer)

        return arrange

    def _book(self, *states: str, cause: str = "") -> Book:
        rows: dict[str, Connection] = {}
        credentials, parcels = {}, {}
        for at, (company, state) in enumerate(zip(self._companies, states, strict=False)):
            key = f"c{at}"
            credentials[key] = Credential(provider="fiken", environment="production", items={})
            rows[key] = Connection(
                credential=key, company=company.facts(), tested="passed", tested_at=AT, delivered=state
            )
            if state != "no":
                parcels[ID[at:] + ID[:at]] = Parcel(
                    connections={key: key}, at=AT, proof="", state=state, cause=cause
                )
        return Book(credentials=credentials, connections=rows, parcels=parcels)

    def _home(self, *states: str, cause: str = "", told: bool = False) -> Callable[[Window], None]:
        def arrange(window: Window) -> None:
            from wizard.core.delivered import Told
            from wizard.core.reply import Outcome

            self._bank(window)
            window._show_home(self._book(*states, cause=cause))
            if told:
                window._home().delivery.show_told(Told(handover=ID, outcome=Outcome(), connections=("c0",)))

        return arrange

    def _wrong(self, window: Window) -> None:
        self._home("sent")(window)
        window._home().delivery.code.setText("00ab cdef ghjk")
        window._home().delivery.show_wrong(errors.ReplyWrong(reason="slip"))

    def _ready(self, window: Window) -> None:
        window.sending.answers[ID] = "00AB-CDEF-GHJK"
        self._home("sent")(window)

    def _filled(self, window: Window) -> None:
        from wizard.gui.work import Listed

        self._bank(window)
        window.sending._fill_in(Listed(book=self._book("sent")), "00ABCDEFGHJK")

    def _several(self, window: Window) -> None:
        self._home("no", "refused")(window)
        window.sending.open_from_home()

    def _start(self, error: errors.WizardError | None) -> Callable[[Window], Any]:
        def arrange(window: Window) -> None:
            from tests.shots import _paint_over, _settle

            self._bank(window)
            sheet = window.starting.open_sheet()
            if error:
                sheet.show_error(error)
            _settle()
            _paint_over(window, sheet)

        return arrange

    def _handing(self, window: Window) -> None:
        from tests.shots import _paint_over, _settle
        from wizard.core.start import Start
        from wizard.gui.guide_sheets import NotAdminSheet

        self._bank(window)
        self._to(window, "company", "tripletex")
        start = Start(system="tripletex", reference="kunde-7", expires="2026-12-05T00:00:00+00:00")
        window.starting._start, window.starting._whole = start, "…"
        window._company().not_admin.click()
        sheet = window.findChildren(NotAdminSheet)[0]
        sheet.tell("saved_both", file="veiledning-tripletex.html", start="tripletex.koble-start")
        _settle()
        _paint_over(window, sheet)

    def _handed(self, window: Window) -> None:
        self._handed_first(window)
        window._show_home(self._book("sent"))

    def _handed_first(self, window: Window) -> None:
        from wizard.core.handed_on import Task

        self._bank(window)
        window.delegation.tasks = (
            Task(system="tripletex", since=AT, reference="kunde-7", expect="313000028"),
            Task(system="fiken", since=AT, reference="kunde-9"),
        )
        window.delegation._show()

    def _closed(self, window: Window) -> None:
        from tests.shots import _picked

        preset = replace(window.texts.preset, fiken="closed")
        window.say(replace(window.texts, preset=preset))
        _picked("fiken")(window)
        window._system_failed(errors.MethodClosed(contact=preset.contact))
