"""Starting: a start file that was opened or pasted; what it answers is not asked, a bad one is explained."""

# ruff: noqa: SLF001 - it is a part of the window, in a file of its own

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from wizard.core import flow, paths
from wizard.core.errors import BadInput, MethodClosed, StartUsed, WizardError
from wizard.gui import work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.core.preset import Preset
    from wizard.core.provider import Finding
    from wizard.core.signed import Signers
    from wizard.core.start import Start
    from wizard.core.world import World
    from wizard.gui.start_sheet import StartSheet
    from wizard.gui.window import Window

    Tell = Callable[[Finding], None]

ENDING = ".koble-start"
"""How the name of a start file ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a start file came to: the preset with its answers, and the system prepared."""

    start: Start
    text: str
    preset: Preset
    prepared: work.Prepared


class Starting(QObject):
    """Opens start files, and remembers the one that the walk began with.

    `unsigned` tells whether one that nobody signed counts: in practice and from a checkout.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._start: Start | None = None
        self._whole = ""
        self._before: Preset | None = None
        self._text = ""
        self.sheet: StartSheet | None = None
        self.signers: Callable[[], Signers] = _trusted
        self.unsigned = window._practice or paths.is_checkout()

    def reference(self, slug: str) -> str:
        """Return the reference of the start file that a walk to this system began with."""
        return self._start.reference if self._start and self._start.system == slug else ""

    def opened(self, slug: str) -> tuple[Start, str] | None:
        """Return the start file that a walk to this system began with, and its text, if there was one."""
        return (self._start, self._whole) if self._start and self._start.system == slug else None

    def open_file(self, name: str) -> None:
        """Open a start file; one that cannot be read is explained."""
        from wizard.core.receive import read_file

        try:
            self.open_text(read_file(Path(name)).decode("utf-8-sig", "replace"))
        except BadInput as error:  # what is under way goes on
            self.open_sheet().show_error(error)

    def open_text(self, text: str, *, again: bool = False) -> None:
        """Open a start file as text; first ask where something that was typed would be lost."""
        window, self._text = self._window, text
        if window.unstored() or window.storing:
            from wizard.gui.question import question

            said = window.texts.say("start.unstored")
            box = question(window, window.texts, "start.title", said, ("open_anyway", "keep_open"))
            box.accepted.connect(lambda: self._open(again=again))
            box.open()
        else:
            self._open(again=again)

    @Slot()
    def open_sheet(self) -> StartSheet:
        """Open the place to paste one, or to pick a file."""
        from wizard.gui.start_sheet import StartSheet

        if not self.sheet:
            self.sheet = StartSheet(self._window, self._window.texts)
            self.sheet.given.connect(self.open_text)
            self.sheet.file_given.connect(self.open_file)
            self.sheet.again_wished.connect(self._open_again)
            self.sheet.finished.connect(self._closed)
            self._window.helper.serve(self.sheet)
            self.sheet.open()
        return self.sheet

    def forget(self) -> None:
        """Take its answers back: the next walk begins without them."""
        if self._before:
            before, self._before, self._start = self._before, None, None
            self._window.say(replace(self._window.texts, preset=before))

    def _open(self, *, again: bool = False) -> None:
        window = self._window
        if window.storing:
            return
        if window.page != flow.FIRST or self._start or window.walk.system:
            window.start_over()
        given = _read(self, self._text, again=again)
        window._do(given, self._opened).failed.connect(self._explain)
        window.refresh()

    @Slot()
    def _open_again(self) -> None:
        self._open(again=True)

    @Slot(object)
    def _opened(self, came: Started) -> None:
        from wizard.gui.walking import IDLE

        window, start = self._window, came.start
        if self.sheet:
            self.sheet.accept()
        window.under_way = IDLE
        self._before, self._start, self._whole = window.texts.preset, start, came.text
        language = start.language or window.texts.language
        window.say(replace(window.texts, preset=came.preset, language=language))
        window.show_language(language)
        window._system().pick(start.system)
        window._drop_job()
        window.under_way = IDLE
        window._prepared[start.system] = came.prepared
        window._begin(window.providers[start.system], came.prepared)
        if start.expect and window.page == "company" and window._company().consent.complete():
            window._leave_company()

    @Slot(object)
    def _explain(self, error: WizardError) -> None:
        from wizard.gui.walking import IDLE

        self._window.under_way = IDLE
        self._window.refresh()
        if isinstance(error, MethodClosed):  # which is said where another system can be chosen
            if self.sheet:
                self.sheet.accept()
            self._window._system().pick(str(error.facts["slug"]))
        else:
            self.open_sheet().show_error(error)

    @Slot()
    def _closed(self) -> None:
        self.sheet = None


def _trusted() -> Signers:
    from wizard.core.signed import trusted

    return trusted()


def _read(starting: Starting, text: str, *, again: bool) -> Callable[[World, Tell], Awaitable[Started]]:
    """See that a start file counts, and prepare the system that it names."""
    preset, offered = starting._window.texts.preset, frozenset(starting._window.providers)
    signers, unsigned = starting.signers, starting.unsigned

    async def read(world: World, tell: Tell) -> Started:
        from wizard.core.delivered import see_unused
        from wizard.core.start import preset_with, read_start

        start = read_start(text, signers(), preset, world.clock(), unsigned=unsigned)
        provider = world.provider(start.system)
        if start.system not in offered:
            raise BadInput(reason="unknown_system", name=start.system)
        whole = preset_with(preset, start, provider)
        if not again:
            try:
                see_unused(world.store.book(), start.reference)
            except StartUsed as error:
                raise StartUsed({**error.facts, "reason": "window"}) from None
        try:
            preparing = work.prepare(start.system, whole.method(provider), start.environment)
            prepared = await preparing(world, tell)
        except MethodClosed as error:
            raise MethodClosed({**error.facts, "slug": start.system}) from None
        return Started(start=start, text=text, preset=whole, prepared=prepared)

    return read
