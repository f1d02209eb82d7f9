"""Support: what the window does for somebody who is stuck, on whatever page it is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot, qVersion
from PySide6.QtWidgets import QApplication

from wizard.core.errors import BadInput, WizardError
from wizard.gui import clipboard
from wizard.gui.training import Training
from wizard.gui.widgets.message import Bug, Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from wizard.core.provider import Finding
    from wizard.core.report import Report, Source
    from wizard.core.slip import Failure
    from wizard.core.spot import Reply, Spot
    from wizard.core.world import World
    from wizard.gui.sheets import ReportSheet
    from wizard.gui.window import Window

    Tell = Callable[[Finding], None]
    Ask = Callable[["ReportSheet", str, str, str], str]


class Support(QObject):
    """Explains codes, gathers and saves the report, copies a failure. `ask_file` asks where to save it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.ask_file: Ask = _ask_file
        self.training = Training(window)
        window.footer.report.clicked.connect(self.open_report)
        window.footer.practice.clicked.connect(self.training.open)

    def show_place(self) -> None:
        """Show where we are, and what practice can do there."""
        self._window.footer.show_place(self._window.spot(), self._window.texts)
        self.training.say(self._window.texts)

    def go_to(self, spot: Spot | Reply) -> str:
        """Go to a page or a step where nothing is lost by that, and return an empty text, else why not."""
        from wizard.core.spot import Reply, Stand, obstacle

        window = self._window
        if isinstance(spot, Reply):
            return self._take(spot)
        stand = Stand(steps=window.steps(), tested=window.tested(), sends=window.texts.preset.sends)
        why = obstacle(spot, window.spot(), window.walk, stand)
        if not why:
            window.go_to(spot)
        return window.texts.say(f"spot.{why}", spot=spot.spoken, count=window.steps()) if why else ""

    def _take(self, reply: Reply) -> str:
        """Put a reply code where it belongs, and return an empty text, else why not."""
        from wizard.core.spot import keeps

        why = keeps(self._window.page)
        if not why:
            self._window.sending.open_reply(reply.code)
        return self._window.texts.say(f"spot.{why}") if why else ""

    def serve(self, page: QWidget) -> None:
        """Do what the messages of a page, or of a sheet, offer."""
        for message in page.findChildren(Message):
            message.copy_wished.connect(lambda message=message: self._copy(message))
            message.report_wished.connect(self.open_report)

    @Slot()
    def open_explain(self) -> None:
        """Open the place to type a code or the number of a page."""
        from wizard.gui.sheets import ExplainSheet

        window = self._window
        sheet = ExplainSheet(window, window.texts, window.providers.values(), go_to=self.go_to)
        sheet.report_wished.connect(self.open_report)
        sheet.open()

    @Slot(str)
    def open_history(self, connection: str) -> None:
        """Open what happened to a stored connection."""
        from wizard.core.history import history
        from wizard.gui.sheets import HistorySheet

        window, book = self._window, self._window.book
        row = book.connections.get(connection) if book else None
        if not book or not row:
            return
        provider = window.providers.get(book.credentials[row.credential].provider)
        events = history(row, window.texts, provider)
        name = window.texts.name(window.name_of(connection))
        sheet = HistorySheet(window, window.texts, name, events)
        sheet.receipt_wished.connect(lambda: window.papers.open_one(connection))
        sheet.open()

    @Slot()
    def open_report(self) -> None:
        """Gather the report in the background, then show it before anything is saved."""
        job = self._window.bridge.start(_gather(self._source()))
        job.done.connect(self._show_report)
        job.broke.connect(self._window.show_bug)

    @Slot(object)
    def _show_report(self, reports: Mapping[bool, Report]) -> None:
        from wizard.gui.sheets import ReportSheet

        sheet = ReportSheet(self._window, self._window.texts, reports)
        sheet.save_wished.connect(lambda text: self._save(sheet, text))
        sheet.copy_wished.connect(lambda text: self._copy_report(sheet, text))
        sheet.open()

    def _save(self, sheet: ReportSheet, text: str) -> None:
        from wizard.core.report import save

        say = sheet.texts.say
        name = f"{say('report.file')}-{datetime.now().astimezone():%Y-%m-%d}.txt"
        chosen = self.ask_file(sheet, say("report.title"), name, f"{say('report.kind')} (*.txt)")
        if not chosen:
            return
        file = Path(chosen)
        try:
            save(file, text, replace=file.exists())  # the question about that has been asked by then
        except BadInput as error:
            said = sheet.texts.explain(error)
            sheet.tell(f"{said.what} {said.why} {said.next}", good=False)
        else:
            sheet.tell(say("report.saved", file=file.name))

    def _copy_report(self, sheet: ReportSheet, text: str) -> None:
        clipboard.copy(text)
        sheet.tell(sheet.texts.say("report.copied"))

    def _copy(self, message: Message) -> None:
        from wizard.core.slip import slip
        from wizard.gui.widgets.parts import announce

        failure = self._failure(message)
        if failure:
            texts = self._window.texts
            clipboard.copy(slip(failure, texts, message.at))
            message.copy.setText(texts.say("buttons.copied"))
            announce(message.copy, texts.say("buttons.copied"))

    def _failure(self, message: Message) -> Failure | None:
        """Return what a message is about."""
        from wizard.core.slip import Failure

        trouble, walk = message.trouble, self._window.walk
        if trouble is None:
            return None
        if isinstance(trouble, Bug):
            return Failure(error=None, report=trouble.report)
        ours = bool(message.provider and message.provider.slug == walk.system)
        environment = self._window.environment() if ours else ""
        return Failure(error=trouble, provider=message.provider, environment=environment)

    def _last(self) -> Failure | None:
        """Return the failure that is shown, else the latest one that a page still knows of."""
        window = self._window
        told = [one for one in window.messages() if one.trouble]
        shown = [one for one in told if one.isVisibleTo(window)]
        return next((self._failure(one) for one in (*shown, *told)), None)

    def _source(self) -> Source:
        from wizard.core import paths
        from wizard.core.registry import Registry
        from wizard.core.report import Source, machine

        window, failure = self._window, self._last()
        spot = window.spot()
        return Source(
            page=spot.spoken if spot else window.page,
            texts=window.texts,
            registry=Registry(providers=window.providers, broken=window.broken),
            machine=machine(),
            at=datetime.now().astimezone(),
            logs=paths.logs(),
            preset=window.texts.preset,
            failure=failure,
            found=window.findings(),
            keychain=_keychain(failure, used=window.prepared()),
            notes=window.guide_help.notes,
            qt=qVersion(),
            scale=_scale(),
        )


def _keychain(failure: Failure | None, *, used: bool) -> str:
    """Return what the keychain last came to, as far as the window has heard of it."""
    code = failure.error.code if failure and failure.error else ""
    return code if code.startswith("keychain") else "works" if used else "not_asked"


def _scale() -> float:
    """Return how large text is, in points, times how large the screen makes it."""
    application = cast("QApplication", QApplication.instance())
    return round(application.font().pointSizeF() * application.devicePixelRatio(), 1)


def _gather(source: Source) -> Callable[[World, Tell], Awaitable[dict[bool, Report]]]:
    """Read what lies on the disk, and make the report, with and without the names of companies."""

    async def work(world: World, _: Tell) -> dict[bool, Report]:
        from anyio import to_thread

        return await to_thread.run_sync(lambda: _made(source, world))

    return work


def _made(source: Source, world: World) -> dict[bool, Report]:
    from dataclasses import replace

    from wizard.core import paths
    from wizard.core.policy import readable_policy
    from wizard.core.report import mask, report

    try:
        source = replace(source, book=world.store.book())
    except WizardError as error:
        source = replace(source, trouble=error.code)
    source = replace(source, policy=readable_policy(paths.policy()))
    return {names: report(source, mask(source.book, names=names)) for names in (False, True)}


def _ask_file(
    sheet: ReportSheet, title: str, name: str, kind: str
) -> str:  # pragma: no cover - a dialog's own
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getSaveFileName(sheet, title, str(Path.home() / name), kind)[0]
