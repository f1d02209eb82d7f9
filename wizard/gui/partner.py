"""Partner: what the window does for a preset beyond showing it: it keeps the answers to its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wizard.core.errors import WizardError
    from wizard.core.ledger import Book
    from wizard.core.world import World
    from wizard.gui.bridge import Job
    from wizard.gui.pages.done import DonePage
    from wizard.gui.window import Window


class Partner(QObject):
    """Keeps what a customer answers at the end, with the connections that were just stored."""

    def __init__(self, window: Window, page: DonePage) -> None:
        super().__init__(window)
        self._window, self._page = window, page
        self._job: Job | None = None
        page.afterwards.options.wished.connect(self._keep)

    @Slot(object)
    def _keep(self, values: Mapping[str, str]) -> None:
        from datetime import date

        from wizard.core.settings import Settings, problems

        if problems(Settings(options=values), date.min, self._window.providers.values()):
            self._page.afterwards.options.show_failed(self._window.texts.say("settings.wrong.key"))
            return
        self._job = self._window.bridge.start(keep_options(self._page.connections(), values))
        self._job.done.connect(self._kept)
        self._job.failed.connect(self._failed)

    @Slot(object)
    def _failed(self, error: WizardError) -> None:
        said = self._window.texts.explain(error)
        self._page.afterwards.options.show_failed(f"{said.what} {said.next}")

    @Slot(object)
    def _kept(self, _: object) -> None:
        self._job = None
        self._page.afterwards.options.show_saved()


def keep_options(
    connections: tuple[str, ...], values: Mapping[str, str]
) -> Callable[[World, object], Awaitable[Book]]:
    """Keep answers in the list of connections."""

    async def work(world: World, _: object) -> Book:
        from wizard.core.options import with_options

        at = world.clock().isoformat(timespec="seconds")
        return await world.store.amend(lambda book: with_options(book, connections, values, at))

    return work
