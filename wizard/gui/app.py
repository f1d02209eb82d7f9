"""Builds the application: Qt, the language, one bridge and one window."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLocale, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from wizard import __version__
from wizard.core import hooks, paths
from wizard.core.dumps import forbid
from wizard.core.policy import Policy, machine
from wizard.core.preset import Preset, open_preset
from wizard.core.registry import built_in, with_plugins
from wizard.core.texts import Texts, language
from wizard.gui import look, messages
from wizard.gui.bridge import Bridge
from wizard.gui.instance import RAISED, SILENT, Instance, wants_another
from wizard.gui.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_LISTEN_AFTER = 200  # milliseconds: the pages that come next go before
_NO_POLICY = Policy()
_NEEDED_SOON = ("wizard.core.background", "wizard.core.net", "wizard.core.store", "wizard.core.vault")


def run(
    *, language_wish: str = "", preset_file: str = "", practice: bool = False, test_environments: bool = False
) -> int:
    """Show the window until it is closed; return the exit status. Raises `BadInput` for a bad preset.

    `test_environments` shows the vendors' worlds for tests, whatever the preset says.
    """
    preset = open_preset(Path(preset_file), practice=practice) if preset_file else Preset()
    preset = replace(preset, test_environments=preset.test_environments or test_environments)
    policy = machine()
    preset = policy.over(preset)
    application = make_application()
    instance = Instance(practice=practice)
    if not _may_open(instance, _texts(preset, language_wish)):
        return 0
    restore, unlisten = hooks.install(), messages.listen()
    bridge = Bridge(practice=practice, preset=preset)
    window = make_window(bridge, preset=preset, wish=language_wish, practice=practice, policy=policy)
    home = not practice and _anything_stored()
    if home:
        window.open_home()
    window.show()
    _FirstPaint(window, lambda: _after_first_paint(window, policy, instance, home=home))
    sys.excepthook = BugHook(window)
    try:
        return application.exec()
    finally:
        instance.close()
        bridge.close()
        unlisten()
        restore()


def _may_open(instance: Instance, texts: Texts) -> bool:
    """Tell whether to open a window: not where there is one, unless it hangs and one is wished for."""
    claimed = instance.claim()
    return claimed != RAISED and (claimed != SILENT or wants_another(texts))


def _anything_stored() -> bool:
    """Tell whether there is a list of connections; one that may not be read is there, and home says so."""
    try:
        return (paths.data() / "connections.json").exists()
    except OSError:
        return True


def make_application() -> QApplication:
    """Return the application, in our own quiet colours where the platform's style has none of its own."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Koble")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("koble")
    if application.style().name().lower() == "fusion":
        dark = look.is_dark(application.palette())
        application.setPalette(look.palette(dark=dark))
        application.styleHints().colorSchemeChanged.connect(_follow_theme)
    return application


def _follow_theme(scheme: Qt.ColorScheme) -> None:
    """Take the other theme when the system does."""
    QApplication.setPalette(look.palette(dark=scheme is Qt.ColorScheme.Dark))


def make_window(
    bridge: Bridge, *, preset: Preset, wish: str, practice: bool, policy: Policy = _NO_POLICY
) -> Window:
    """Return the window with the systems that come with the program; plug-ins are looked for later."""
    window = Window(
        providers=policy.offered(built_in().providers),
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
    return Texts(language=language(wish or preset.language, spoken), preset=preset)


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


def _after_first_paint(window: Window, policy: Policy, instance: Instance, *, home: bool) -> None:
    window.setWindowIcon(look.window_icon(window.palette()))
    window.offer(with_plugins(built_in(), allowed=policy.loadable), policy)
    if home:
        window.go_home()
    Thread(target=_warm_up, name="koble-warm-up", daemon=True).start()
    window.make_ready()
    window.drafting.offer()
    QTimer.singleShot(_LISTEN_AFTER, instance, lambda: instance.listen(window))


def _warm_up() -> None:
    """Import what a connection needs while the customer reads: it would hold up the first click by 50 ms.

    Before that, and before there is any secret, see to it that no copy of the memory is left behind.
    """
    forbid()
    with suppress(Exception):  # what cannot be imported is reported when it is needed
        for name in _NEEDED_SOON:
            import_module(name)
        with import_module("wizard.core.background").Background():
            pass  # which has anyio load its event loop
        import_module("wizard.core.log").watch_faults(paths.logs())
