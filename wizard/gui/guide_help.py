"""GuideHelp: what the window does for somebody whose guide does not fit, or who may not do what it says."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from wizard.core.errors import BadInput
from wizard.core.guide import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.core.notes import StepNote
    from wizard.core.provider import Provider
    from wizard.gui.guide_sheets import NotAdminSheet
    from wizard.gui.pages.company import CompanyPage
    from wizard.gui.pages.key import KeyPage
    from wizard.gui.window import Window

    Ask = Callable[[NotAdminSheet, str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What else goes to whoever does the guide: `lines` for the letter by language, and one more file.

    `hand_on` is what to do once all was sent; it tells whether it could be done.
    """

    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    file: str = ""
    content: str = ""
    hand_on: Callable[[], bool] | None = None


class GuideHelp(QObject):
    """Keeps notes of steps that look different, and prepares what is sent to an administrator.

    `ask_file` asks where to save a file; `more` says what else to send for a system.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.notes: tuple[StepNote, ...] = ()
        self.ask_file: Ask = _ask_file
        self.more: Callable[[Provider], More] = lambda _provider: More()

    def serve_key(self, page: KeyPage) -> None:
        """Do what the guide's page offers."""
        page.aids.other_seen.connect(self.open_other)
        page.aids.help_wished.connect(self.open_not_admin)

    def serve_company(self, page: CompanyPage) -> None:
        """Do what the company's page offers."""
        page.help_wished.connect(self.open_not_admin)

    @Slot()
    def open_other(self) -> None:
        """Open the place to say what is seen instead of the step."""
        from wizard.gui.guide_sheets import OtherScreenSheet

        window, page = self._window, self._window.guide_page()
        provider, step = page.provider, page.step
        if not provider or not step:
            return
        number = spoken(page.spoken_step() - 1)
        sheet = OtherScreenSheet(window, window.texts, provider, number, window.providers.values())
        sheet.noted.connect(lambda text: self._keep(provider, step.key, number, text))
        sheet.report_wished.connect(window.helper.open_report)
        sheet.open()

    @Slot()
    def open_not_admin(self) -> None:
        """Open what to send to somebody who may do what the guide says."""
        from wizard.core.notes import kept
        from wizard.gui.guide_sheets import NotAdminSheet

        window = self._window
        provider = window.guide_page().provider
        if not provider:
            return
        every = tuple(window.providers.values())
        typed = {name: kept(value, every) for name, value in window.typed().items()}
        more = self.more(provider)
        sheet = NotAdminSheet(window, window.texts, provider, typed, more)
        sheet.save_wished.connect(lambda name, text: self._save(sheet, name, text, more))
        sheet.sent.connect(lambda: self._hand_on(sheet, more))
        sheet.open()

    def _keep(self, provider: Provider, step: str, number: str, text: str) -> None:
        from wizard.core.notes import StepNote, with_note

        at = datetime.now().astimezone().isoformat(timespec="seconds")
        place = {"system": provider.slug, "method": provider.method, "number": number, "step": step}
        self.notes = with_note(self.notes, StepNote(**place, at=at, text=text))
        logging.getLogger("koble").info("guide differs %s %s", f"{provider.slug}/{number}", step)

    def _hand_on(self, sheet: NotAdminSheet, more: More) -> None:
        if more.hand_on and more.hand_on():
            sheet.accept()
        else:
            sheet.tell("unnoted", good=False)

    def _save(self, sheet: NotAdminSheet, name: str, text: str, more: More) -> None:
        from wizard.core.handed_on import save_beside
        from wizard.core.report import save

        chosen = self.ask_file(sheet, sheet.texts.say("not_admin.title"), name)
        if not chosen:
            return
        file = Path(chosen)
        try:
            save(file, text, replace=file.exists())  # the question about that has been asked by then
            start = save_beside(file, more.file, more.content) if more.file else ""
        except BadInput as error:
            sheet.tell("unsaved", good=False, file=str(error.facts["file"]))
        else:
            sheet.tell("saved_both" if start else "saved", file=file.name, start=start)


def _ask_file(sheet: NotAdminSheet, title: str, name: str) -> str:  # pragma: no cover - a dialog's own
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getSaveFileName(sheet, title, str(Path.home() / name))[0]
