"""Builds the application: Qt, the language, one bridge and one window."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QLocale, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from wizard import __version__
from wizard.core import hooks, paths
from wizard.core.dumps import forbid
from wizard.core.policy import Policy, machine
from wizard.core.preset import Preset, fitting
from wizard.core.preset_files import open_preset
from wizard.core.registry import built_in, with_plugins
from wizard.core.texts import Texts, language
from wizard.gui import look, messages
from wizard.gui.bridge import Bridge
from wizard.gui.instance import RAISED, SILENT, Instance, wants_another
from wizard.gui.theme import Theme
from wizard.gui.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtGui import QFileOpenEvent

    from wizard.core.drill import Drill

_SHORT = 0.0005  # seconds
_NO_POLICY = Policy()
_CORE = ("background", "net", "store", "vault", "world", "pulse", "forms")
_NEEDED_SOON = (*(f"wizard.core.{one}" for one in _CORE), "wizard.gui.proxy", "filelock", "httpcore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How somebody wants the window: its language, the bank's preset, a start file, and its colours.

    `test_environments` shows the vendors' worlds for tests, whatever the preset says; `theme` is one of
    `theme.WISHES`. In practice `at` names the page to open and `fault` what to plant; then a window that is
    open already stays as it is.
    """

    language: str = ""
    preset: str = ""
    start: str = ""
    practice: bool = False
    test_environments: bool = False
    theme: str = "system"
    at: str = ""
    fault: str = ""


class Application(QApplication):
    """Qt's own, which tells what file macOS asks it to open: there a double click is no argument.

    A filter would see the event as well, and every other one: that makes the whole window slower.
    """

    file_opened = Signal(str)

    def event(self, event: QEvent) -> bool:
        """Take the event that names a file."""
        if event.type() == QEvent.Type.FileOpen:
            self.file_opened.emit(cast("QFileOpenEvent", event).file())
            return True
        return super().event(event)


def run(wish: Opening) -> int:
    """Show the window until it is closed; return the exit status. Raises `BadInput` for a bad preset."""
    policy = machine()
    preset = policy.over(_preset(wish))
    texts = _texts(preset, wish.language)
    drill = _drill(wish, policy, texts) if wish.at or wish.fault else None
    application = make_application(theme=wish.theme, accent=preset.accent)
    instance = Instance(practice=wish.practice)
    if not drill and not _may_open(instance, texts, wish.start):
        return 0
    restore, unlisten = hooks.install(), messages.listen()
    bridge = Bridge(practice=wish.practice, preset=preset)
    window = make_window(bridge, preset=preset, wish=wish.language, practice=wish.practice, policy=policy)
    begin = _beginning(window, wish, drill)
    window.resize(window.size().boundedTo(window.screen().availableSize()))  # large text asks for more
    window.show()
    for source in (application.file_opened, instance.file_wished):
        source.connect(window.starting.open_file)
    _FirstPaint(window, lambda: _after_first_paint(window, policy, instance, begin))
    sys.excepthook = BugHook(window)
    try:
        return application.exec()
    finally:
        instance.close()
        bridge.close()
        unlisten()
        restore()


def _preset(wish: Opening) -> Preset:
    """Return the bank's preset, as far as it fits the systems there are."""
    preset = fitting(open_preset(wish.preset, practice=wish.practice), built_in().providers)
    if wish.practice:
        preset = preset.practised()
    return replace(preset, test_environments=preset.test_environments or wish.test_environments)


def _beginning(window: Window, wish: Opening, drill: Drill | None) -> Callable[[], None]:
    """Show where the window begins, and return what is to be done there once it is seen."""
    if wish.start:
        return lambda: window.starting.open_file(wish.start)
    if drill:
        return lambda: window.helper.training.begin(drill)
    if not wish.practice and _anything_stored():
        window.open_home()
        return partial(_go_home, window)
    return partial(_offer_left, window)


def _may_open(instance: Instance, texts: Texts, start: str) -> bool:
    """Tell whether to open a window: not where there is one, unless it hangs and one is wished for."""
    claimed = instance.claim(start)
    return claimed != RAISED and (claimed != SILENT or wants_another(texts))


def _anything_stored() -> bool:
    """Tell whether there is a list of connections; one that may not be read is there, and home says so."""
    try:
        return (paths.data() / "connections.json").exists()
    except OSError:
        return True


def make_application(*, theme: str = "system", accent: str = "") -> Application:
    """Return the application, in our own quiet colours where the platform's style has none of its own."""
    application = Application(sys.argv[:1])
    application.setApplicationName("Koble")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("koble")
    Theme(application, wish=theme, accent=accent)
    return application


def make_window(
    bridge: Bridge, *, preset: Preset, wish: str, practice: bool, policy: Policy = _NO_POLICY
) -> Window:
    """Return the window with the systems that come with the program; plug-ins are looked for later."""
    window = Window(
        providers=preset.offered(policy.offered(built_in().providers)),
        texts=_texts(preset, wish),
        bridge=bridge,
        practice=practice,
        platform=sys.platform,
    )
    if policy.hides_names:
        window.hold_share()
    return window


def _texts(preset: Preset, wish: str) -> Texts:
    spoken = next(iter(QLocale.system().uiLanguages()), "")
    spoken_here = language(wish or preset.language, spoken)
    return Texts(language=spoken_here, preset=preset, share_safe=preset.share_safe)


class BugHook:
    """A `sys.excepthook`, which is where PySide sends what a slot raises: it is shown, and reported masked.

    Python's own would print it to a terminal that most customers do not have, with what was typed in it.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._showing = False

    def __call__(self, kind: type[BaseException], caught: BaseException, trace: TracebackType | None) -> None:
        """Report it; show it, unless it came of showing one."""
        from wizard.core import log

        if not isinstance(caught, Exception):
            return
        report = log.report(paths.logs(), caught)
        if not self._showing:
            self._showing = True
            try:
                self._window.show_bug(report)
            finally:
                self._showing = False


class _FirstPaint(QObject):
    """Acts once the window has painted itself for the first time: a timer alone would fire before that."""

    def __init__(self, window: Window, act: Callable[[], None]) -> None:
        super().__init__(window)
        self._act = act
        window.windowHandle().installEventFilter(self)

    def eventFilter(self, handle: QObject, event: QEvent) -> bool:
        """Let the window paint itself; then it is our turn."""
        if event.type() == QEvent.Type.Expose:
            handle.removeEventFilter(self)
            QTimer.singleShot(0, self, self._act)
        return False


def _go_home(window: Window) -> None:
    window.go_home()
    _offer_left(window)


def _offer_left(window: Window) -> None:
    """Offer to go on with what was left half-done, and show what somebody else was asked to do."""
    window.delegation.offer()
    window.drafting.offer()


def _drill(wish: Opening, policy: Policy, texts: Texts) -> Drill:
    """Return the page that practice is to open, among the systems that may be connected here."""
    from wizard.core.drill import drill

    return drill(wish.at, wish.fault, policy.offered(built_in().providers), texts)


def _after_first_paint(window: Window, policy: Policy, instance: Instance, begin: Callable[[], None]) -> None:
    sys.setswitchinterval(_SHORT)  # the window, which needs Python often and briefly, goes before its threads
    forbid()  # before there is any secret: no copy of the memory is left behind
    QTimer.singleShot(0, window, lambda: window.setWindowIcon(look.window_icon(window.palette())))
    window.offer(with_plugins(built_in(), allowed=policy.loadable), policy)
    begin()
    window.make_ready(
        partial(import_module, "PySide6.QtNetwork"),
        lambda: instance.listen(window),
        Thread(target=_warm_up, name="koble-warm-up", daemon=True).start,
    )


def _warm_up() -> None:
    """Import what a connection needs while the customer reads: it would hold up the first click by 50 ms.

    What is there when it ends stays to the end, so that the collector need not look at it ever again.
    """
    gc.disable()
    with suppress(Exception):  # what cannot be imported is reported when it is needed
        for name in _NEEDED_SOON:
            import_module(name)
        with import_module("wizard.core.background").Background():
            pass  # which has anyio load its event loop
        import_module("wizard.core.log").watch_faults(paths.logs())
    gc.freeze()
    gc.enable()
