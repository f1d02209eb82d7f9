"""Delegation: a set-up that goes to somebody else with its start file, and what is remembered of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from wizard.gui.guide_help import More

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.core.handed_on import Task
    from wizard.core.provider import Provider
    from wizard.core.start import Start
    from wizard.gui.pages.page import Page
    from wizard.gui.widgets.handed_on import HandedOn
    from wizard.gui.window import Window

_PAGES = {"system": 2, "home": 50}
"""Where they are shown, and how many there: the first page is for choosing a system."""


class Delegation(QObject):
    """Says what goes along with the guide, remembers what was handed on, and lets it be taken back.

    `tasks` are those that are waited for. In practice nothing is kept on the disk.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.tasks: tuple[Task, ...] = ()
        self.panels: dict[str, HandedOn] = {}
        window.guide_help.more = self.more

    def more(self, provider: Provider) -> More:
        """Return what else to send for a system: nothing where the partner takes no hand-overs."""
        window = self._window
        if not window.texts.preset.sends:
            return More()
        opened = window.starting.opened(provider.slug)
        if not opened:
            return More(lines=self._lines(provider))
        start, text = opened
        return More(
            lines=self._lines(provider, start.expires),
            file=f"{provider.slug}.koble-start",
            content=text,
            hand_on=partial(self.hand_on, start),
        )

    def hand_on(self, start: Start) -> bool:
        """Remember that it was handed on, and show that at home; tell whether it could be remembered."""
        from wizard.core.handed_on import Task, with_task

        since = datetime.now(UTC).isoformat(timespec="seconds")
        task = Task(system=start.system, since=since, reference=start.reference, expect=start.expect)
        if not self._keep(lambda tasks: with_task(tasks, task)):
            return False
        self._show()
        if not self._window.unstored():  # what was typed stays where it is
            self._window.go_home()
        return True

    @Slot()
    def offer(self) -> None:
        """Show on the first page and at home what is waited for, where there is anything."""
        self.tasks = self._all()
        if self.tasks:
            self._show()

    def done(self, reference: str) -> None:
        """Wait no longer for what is stored here now."""
        from wizard.core.handed_on import without

        waits = any(one.reference == reference for one in self._all())
        if waits and self._keep(lambda tasks: without(tasks, reference)):
            self._show()

    def say(self) -> None:
        """Speak the window's language."""
        for panel in self.panels.values():
            panel.show_tasks(self.tasks, self._window.providers, self._window.texts)

    @Slot(str)
    def ask_back(self, reference: str) -> None:
        """Ask whether a task is to be taken back."""
        from wizard.gui.question import question

        window = self._window
        text = window.texts.say("handed_on.back_text")
        box = question(window, window.texts, "handed_on.back_title", text, ("take_back", "keep_waiting"))
        box.accepted.connect(lambda: self._take_back(reference))
        box.open()

    def _take_back(self, reference: str) -> None:
        from wizard.core.handed_on import without

        kept = self._keep(lambda tasks: without(tasks, reference))
        self._show()
        for panel in self.panels.values():
            panel.tell("taken" if kept else "unsaved", self._window.texts, good=kept)
        self._window.order_tabs()

    def _all(self) -> tuple[Task, ...]:
        """Return what is waited for now: another window may have handed something on."""
        from wizard.core.handed_on import load, place

        return self.tasks if self._window.is_practice() else load(place())

    def _keep(self, change: Callable[[tuple[Task, ...]], tuple[Task, ...]]) -> bool:
        from wizard.core.handed_on import place, save

        tasks = change(self._all())
        try:
            if not self._window.is_practice():
                save(place(), tasks)
        except OSError:
            return False
        self.tasks = tasks
        return True

    def _show(self) -> None:
        from wizard.gui.widgets.handed_on import HandedOn

        for name, most in _PAGES.items():
            if name not in self.panels:
                page: Page = self._window.page_named(name)
                panel = self.panels[name] = HandedOn(most=most)
                page.column.insertWidget(1, panel)
                panel.back_wished.connect(self.ask_back)
                panel.all.clicked.connect(self._window.go_home)
        self.say()

    def _lines(self, provider: Provider, until: str = "") -> dict[str, tuple[str, ...]]:
        from wizard.core.handed_on import lines
        from wizard.core.texts import LANGUAGES
        from wizard.gui.widgets.about import day_of

        made = {}
        for language in LANGUAGES:
            texts = replace(self._window.texts, language=language)
            day = day_of(datetime.fromisoformat(until).astimezone().date(), texts) if until else ""
            made[language] = lines(texts, provider, until=day)
        return made
