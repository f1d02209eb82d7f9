"""Builds the application: Qt, the language, one bridge and one window."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from wizard import __version__
from wizard.core import paths
from wizard.core.preset import Preset, read_preset
from wizard.core.registry import built_in, with_plugins
from wizard.core.texts import Texts, language
from wizard.gui import look
from wizard.gui.bridge import Bridge
from wizard.gui.window import HOME, Window


def run(*, language_wish: str = "", preset_file: str = "", practice: bool = False) -> int:
    """Show the window until it is closed; return the exit status. Raises `BadInput` for a bad preset."""
    preset = read_preset(Path(preset_file)) if preset_file else Preset()
    application = make_application()
    bridge = Bridge(practice=practice)
    window = make_window(bridge, preset=preset, wish=language_wish, practice=practice)
    window.show()
    QTimer.singleShot(0, window, lambda: _after_first_paint(window, practice=practice))
    try:
        return application.exec()
    finally:
        bridge.close()


def make_application() -> QApplication:
    """Return the application, in our own quiet colours where the platform's style has none of its own."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Koble")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("koble")
    if application.style().name().lower() == "fusion":
        dark = look.is_dark(application.palette())
        application.setPalette(look.palette(dark=dark))
    return application


def make_window(bridge: Bridge, *, preset: Preset, wish: str, practice: bool) -> Window:
    """Return the window with the systems that come with the program; plug-ins are looked for once it is shown."""
    texts = Texts(language=language(wish or preset.language), preset=preset)
    return Window(
        providers=built_in().providers, texts=texts, bridge=bridge, practice=practice, platform=sys.platform
    )


def _after_first_paint(window: Window, *, practice: bool) -> None:
    registry = with_plugins(built_in())
    window.offer(registry.providers)
    for name, kind in registry.broken.items():
        print(f"koble: {name}: {kind}", file=sys.stderr)  # noqa: T201  # a plug-in that does not load is its owner's to mend
    if not practice and (paths.data() / "connections.json").exists():
        window.open_at(HOME)
