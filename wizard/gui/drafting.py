"""Drafting: keeps a half-done set-up when the window is closed, and offers it the next time."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.core.drafts import Draft
    from wizard.gui.pages.page import Page
    from wizard.gui.pages.system import SystemPage
    from wizard.gui.widgets.resume import Resume
    from wizard.gui.window import Window


class Drafting(QObject):
    """What was chosen and typed, never a key. In practice nothing is kept."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.found: Draft | None = None
        self._resumes: Draft | None = None
        self.panels: dict[str, Resume] = {}

    def keep(self) -> None:
        """Keep what there is, where it is worth it; what cannot be written is not worth a question."""
        from wizard.core.drafts import place, save, worth_keeping

        draft = self._gathered()
        if draft and worth_keeping(draft):
            with suppress(OSError):
                save(place(), draft)

    def closing_text(self, *, secret: bool) -> str:
        """Return what is said to somebody who closes the window with something in it."""
        say = self._window.texts.say
        if not self._gathered():
            return say("closing.text" if secret else "closing.text_form")
        return f"{say('closing.text')} {say('draft.kept')}" if secret else say("draft.kept_form")

    @Slot()
    def offer(self) -> None:
        """Offer to go on, on the first page and at home, where something was left half-done."""
        from wizard.core.drafts import load, place

        if self._window.is_practice():
            return
        self.found = load(place(), _today(), self._window.providers)
        if self.found:
            for name in ("system", "home"):
                self._add_to(name)

    def unless_lost(self, act: Callable[[], None]) -> None:
        """Do it; ask first where a key, or another answer, would be lost by it."""
        from wizard.gui.question import is_asked, question

        window = self._window
        if not window.unstored():
            act()
        elif not is_asked(window):
            held = "closing.text" if window.key_page().holds_secret() else "closing.text_form"
            text = window.texts.say(held)
            box = question(window, window.texts, "draft.lose_title", text, ("lose", "keep_open"))
            box.accepted.connect(act)
            box.open()

    @Slot()
    def resume(self) -> None:
        """Go on where somebody stopped."""
        draft, self._resumes = self.found, self.found
        self._hide()
        if draft and draft.start:
            self._window.start_over()  # whoever had something to lose has been asked
            self._window.starting.open_text(draft.start)
        elif draft:
            preset, provider = self._window.texts.preset, self._window.providers[draft.system]
            self._window.begin_with(draft.system, draft.environment, preset.method(provider) or draft.method)

    @Slot()
    def begin_anew(self) -> None:
        """Let go of it, and begin with the choice of a system."""
        self.drop()
        self._window.start_over()

    def fill(self) -> None:
        """Fill in what is resumed, once its system is ready."""
        draft, self._resumes = self._resumes, None
        if draft and draft.system == self._window.walk.system:
            self._window.resume(draft)

    def drop(self) -> None:
        """Let go of it: it is stored now, or nobody wants it."""
        from wizard.core.drafts import drop, place

        self._hide()
        if not self._window.is_practice():
            drop(place())

    def settle(self) -> None:
        """Let go of it where what is stored now is what was half-done; another company's is offered still."""
        found, walk = self.found, self._window.walk
        if not found or (found.system == walk.system and found.expect in {"", walk.expect}):
            self.drop()

    def say(self) -> None:
        """Speak the window's language."""
        from wizard.gui.widgets.about import day_of

        if not self.found:
            return
        texts, provider = self._window.texts, self._window.providers[self.found.system]
        day = day_of(date.fromisoformat(self.found.day), texts)
        for panel in self.panels.values():
            panel.say(self.found, provider, day, texts)

    def _gathered(self) -> Draft | None:
        """Return what is worth keeping of the walk, or None where there is none under way."""
        from wizard.core.drafts import Draft, harmless

        window, walk = self._window, self._window.walk
        begun = window.page in {"company", "key", "test"} and not (walk.stored or walk.renews or walk.anew)
        if not begun or window.is_practice() or walk.system not in window.providers:
            return None
        number, label = window.company_typed()
        key = window.key_page()
        opened = window.starting.opened(walk.system)
        draft = Draft(
            system=walk.system,
            day=_today().isoformat(),
            page="company" if window.page == "company" else "key",
            method=key.method(),
            environment=walk.environment,
            expect=number,
            label=label,
            step=key.step_key(),
            start=opened[1] if opened else "",
            ticks=key.ticked(),
            plain=key.plain(),
        )
        return harmless(draft, window.providers[walk.system], window.providers.values())

    def _add_to(self, name: str) -> None:
        from wizard.gui.widgets.resume import Resume

        page: Page = self._window.page_named(name)
        panel = Resume()
        self.panels[name] = panel
        page.column.insertWidget(1, panel)
        panel.resume.clicked.connect(lambda: self.unless_lost(self.resume))
        panel.anew.clicked.connect(lambda: self.unless_lost(self.begin_anew))
        panel.resume.lead()
        page.complete_changed.connect(panel.resume.update)
        if name == "system":
            cast("SystemPage", page).picked.connect(self._stand_back)
        self.say()
        panel.show()
        self._window.refresh()

    @Slot(str)
    def _stand_back(self, picked: str) -> None:
        """Leave it to the window's own button to lead on where another system is picked."""
        self.panels["system"].resume.lead(not picked)
        self._window.refresh()

    def _hide(self) -> None:
        self.found = None
        for panel in self.panels.values():
            panel.hide()


def _today() -> date:
    return datetime.now().astimezone().date()
