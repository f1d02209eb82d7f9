"""The theme: which of ours is worn, in whose accent, and how the system's own choice is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication

from wizard.core.colours import is_colour
from wizard.gui import look
from wizard.gui.look import Scheme

if TYPE_CHECKING:
    from PySide6.QtGui import QPalette

WISHES = ("system", *(one.value for one in Scheme))
"""What may be wished for."""

_FIELDS = ("QLineEdit", "QPlainTextEdit", "QTextEdit", "QComboBox")
_BUTTONS = ("QPushButton", "QToolButton")
_BARS = ("QScrollBar", "QProgressBar")


def scheme_for(wish: str, *, dark: bool, stark: bool) -> Scheme:
    """Return the theme to wear: the one that is wished for, else what the system has."""
    if wish in WISHES[1:]:
        return Scheme(wish)
    return Scheme.CONTRAST if stark else Scheme.DARK if dark else Scheme.LIGHT


def dress(application: QApplication, scheme: Scheme = Scheme.LIGHT, *, accent: str = "") -> None:
    """Wear a theme of our own."""
    colours = look.palette(scheme, accent=accent)
    application.setPalette(colours)
    fields = look.fields_palette(colours)
    stark = scheme is Scheme.CONTRAST  # elsewhere a button's ground tells it
    bars = look.bars_palette(colours) if stark else colours
    worn = dict.fromkeys((*_FIELDS, *(_BUTTONS if stark else ())), fields) | dict.fromkeys(_BARS, bars)
    for name, one in worn.items():
        application.setPalette(one, name)


class Theme(QObject):
    """Wears a theme and follows the system; a style that has colours keeps them, but for the accent."""

    def __init__(self, application: QApplication, *, wish: str = "system", accent: str = "") -> None:
        super().__init__(application)
        self._application, self._wish, self._accent = application, wish, accent
        self._at_first = look.is_dark(application.palette())
        self._own = application.style().name().lower() == "fusion"
        for effect in (Qt.UIEffect.UI_General, Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_AnimateMenu):
            QApplication.setEffectEnabled(effect, False)  # nothing moves that need not, on any machine
        hints = application.styleHints()
        if wish in {Scheme.LIGHT.value, Scheme.DARK.value}:
            hints.setColorScheme(Qt.ColorScheme.Dark if wish == Scheme.DARK.value else Qt.ColorScheme.Light)
        hints.colorSchemeChanged.connect(self.follow)
        hints.accessibility().contrastPreferenceChanged.connect(self.follow)
        self.follow()

    @property
    def scheme(self) -> Scheme:
        """The theme that belongs here now."""
        hints = self._application.styleHints()
        known = hints.colorScheme()
        dark = self._at_first if known is Qt.ColorScheme.Unknown else known is Qt.ColorScheme.Dark
        stark = hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
        return scheme_for(self._wish, dark=dark, stark=stark)

    @Slot()
    def follow(self) -> None:
        """Wear what the system has now."""
        if self._own:
            dress(self._application, self.scheme, accent=self._accent)
        elif is_colour(self._accent):
            colours: QPalette = self._application.style().standardPalette()
            if not look.is_stark(colours):  # whose colours the customer has picked one by one
                self._application.setPalette(look.accented(colours, self._accent))
