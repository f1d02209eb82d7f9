"""The frame around the pages: banner, map of the path, language, contact and buttons."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from wizard.core.texts import LANGUAGES
from wizard.gui import look
from wizard.gui.beside import Beside
from wizard.gui.look import Tone
from wizard.gui.widgets.brand import Brand
from wizard.gui.widgets.footer import Footer
from wizard.gui.widgets.parts import LOW, Button, Combo, Panel, Paragraph
from wizard.gui.widgets.ring import Rings
from wizard.gui.widgets.step_map import StepMap
from wizard.gui.widgets.ticks import Tick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from wizard.core.texts import Texts

_ORDERS = {
    "win32": ("stretch", "back", "next", "gap", "cancel"),
    "darwin": ("cancel", "stretch", "back", "next"),
    "linux": ("cancel", "stretch", "back", "next"),
}

_NARROW, _SLIM = 52, 34  # lines of text
_FEW = 32  # lines of text, from the top to the bottom
_LEAST = (360, 500)  # pixels: beside a browser on a small screen
_DOWN, _ACROSS = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight

Buttons = tuple[tuple[str, bool, bool], ...]
"""The words of Back, Next and Cancel, whether each is there, and whether it may be pressed."""


def button_order(platform: str) -> tuple[str, ...]:
    """Return the platform's order of buttons; `platform` is a `sys.platform`."""
    return _ORDERS.get(platform, _ORDERS["linux"])


class Frame(QDialog):
    """A dialog, for its default button and Escape; to the customer it is a window."""

    language_picked = Signal(str)
    share_wished = Signal(bool)

    def __init__(self, texts: Texts, *, practice: bool, platform: str) -> None:
        super().__init__()
        flag = Qt.WindowType
        self.setWindowFlags(flag.Window | flag.WindowMinMaxButtonsHint | flag.WindowCloseButtonHint)
        self.stack = QStackedWidget()
        self._map = StepMap()
        self._banner, self._banner_text = Panel(tone=Tone.WAIT, flush=True), QLabel()
        self._practice, self._share_held = practice, False
        self._contact = Paragraph()
        self.back, self.next, self.cancel = Button(), Button(), Button()
        self.footer, self.brand = Footer(), Brand()
        self.support = self.footer.code
        self._help, self._narrow, self._slim, self._low = QWidget(), False, False, False
        self.beside = Beside(self, self.footer.beside)
        self.language = _language_box(texts)
        self.language.setMinimumHeight(look.em(self, LOW))
        self.language.currentIndexChanged.connect(self._tell_language)
        self.share = Tick(wraps=False)
        self.share.tick(texts.share_safe)
        self.share.toggled.connect(self.share_wished)
        self._lay_out(button_order(platform))
        self.say_frame(texts)
        Rings(self)

    def say_frame(self, texts: Texts) -> None:
        """Speak a language from now on."""
        self.show_world("", texts)
        self.brand.say(texts)
        phone = texts.preset.phone.replace(" ", "\u00a0")  # a number is read in one go
        ways = " · ".join(way for way in (phone, texts.preset.email) if way)
        self._contact.setText(texts.say("window.contact" if ways else "window.contact_nobody", ways=ways))
        self.language.setAccessibleName(texts.say("language.choose"))
        self.share.say(texts.say("share.held" if self._share_held else "share.hide"))
        self.beside.say(texts)

    def show_language(self, name: str) -> None:
        """Show which language is spoken, where it was not picked here."""
        self.language.setCurrentIndex(LANGUAGES.index(name))

    def lock_share(self) -> None:
        """Tick the box that masks names and numbers, and let nobody take the tick away."""
        self._share_held = True
        self.share.tick(True)
        self.share.setEnabled(False)

    def show_world(self, elsewhere: str, texts: Texts, *, asking: bool = False) -> None:
        """Say above every page that this is practice, and what else it is that is not the real thing.

        With `asking`, also that the system is asking something that has to be answered first.
        """
        said = [texts.say("window.asking")] if asking else []
        said += [texts.say("window.practice")] if self._practice else []
        said += [elsewhere] if elsewhere else []
        said += [texts.unsigned()] if texts.preset.ignored else []
        self._banner_text.setText("\n".join(said))
        self._banner.setVisible(bool(said))

    def show_place(self, page: str, texts: Texts) -> None:
        """Show where on the path a page is; an empty name hides the map."""
        self._map.setVisible(bool(page))
        if page:
            self._map.show_place(page, texts)

    def show_buttons(self, buttons: Buttons, texts: Texts) -> None:
        """Show the three buttons."""
        for button, (key, shown, enabled) in zip((self.back, self.next, self.cancel), buttons, strict=True):
            button.setText(texts.say(f"buttons.{key}"))
            button.setVisible(shown)
            button.setEnabled(enabled)
        self._turn_foot()

    @Slot()
    def order_tabs(self) -> None:
        """Have Tab go as the eye does: pages and steps are made later than the buttons beneath them."""
        layout = self.layout()
        stops = list(_stops(layout)) if layout else []
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the buttons their room."""
        super().resizeEvent(event)
        narrow, slim = (self.width() < look.em(self, lines) for lines in (_NARROW, _SLIM))
        changed = (narrow, slim) != (self._narrow, self._slim)
        self._narrow, self._low = narrow, self.height() < look.em(self, _FEW)
        if slim != self._slim:
            self._slim = slim
            self._place_top()
        self._whole.setSpacing(look.gap(self, 2 if self._low else 3))
        self._turn_foot()
        if changed:
            self.order_tabs()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the button that has the focus, else the default one; a tick is not taken away."""
        focused = self.focusWidget()
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and event.isAutoRepeat():
            return
        ticked = isinstance(focused, QCheckBox) and focused.isChecked()
        if enter and isinstance(focused, QAbstractButton) and focused.isEnabled() and not ticked:
            focused.click()
        else:
            super().keyPressEvent(event)

    def _tell_language(self, at: int) -> None:
        self.language_picked.emit(str(self.language.itemData(at)))

    def _lay_out(self, order: tuple[str, ...]) -> None:
        self._whole = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 3))
        column.addWidget(self._banner)
        self._fill_banner()
        column.addLayout(self._top_row())
        column.addWidget(self.stack, 1)
        column.addWidget(_rule())
        column.addLayout(self._bottom(order))
        self.resize(look.em(self, 64), look.em(self, 47))
        self.setMinimumSize(*_LEAST)

    def _fill_banner(self) -> None:
        """Put what is said above every page in its place, and in practice the way to plant a fault."""
        self._said = row = QHBoxLayout(self._banner)
        row.setSpacing(look.gap(self, 3))
        self._banner_text.setWordWrap(True)
        self._banner_text.setTextFormat(Qt.TextFormat.PlainText)
        self._banner_text.setMinimumHeight(look.em(self, LOW))
        row.addWidget(self._banner_text, 1)
        row.addWidget(self.footer.practice)
        self.footer.practice.setVisible(self._practice)

    def _top_row(self) -> QBoxLayout:
        self._top = row = QBoxLayout(_ACROSS)
        kept = self._map.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # the headings of all pages stand equally high
        self._map.setSizePolicy(kept)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(look.gap(self, 3))
        tools.addStretch(1)
        for part in (self.share, self.language):
            tools.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.brand)
        row.addWidget(self._map, 1_000)
        row.addStretch(1)  # where there is no map, what follows still stands to the right
        row.addWidget(self._tools)
        self._place_top()
        return row

    def _place_top(self) -> None:
        """Put the map beside what shares the row with it, or above that; a slim window has less edge."""
        edge = look.gap(self, 4 if self._slim else 5)
        self._top.setDirection(_DOWN if self._slim else _ACROSS)
        self._top.setContentsMargins(edge, look.gap(self, 3), edge, 0)
        self._top.setSpacing(look.gap(self, 2) if self._slim else edge)
        for button in (self.back, self.next, self.cancel):
            button.setMinimumWidth(0 if self._slim else look.em(self, 5.5))
            button.tighten(self._slim)
        if hasattr(self, "_foot"):
            self._leave_edges(edge)
        room, high = self.footer.practice.room(), look.gap(self, 1)
        self._said.setContentsMargins(edge, high, edge - room, high)

    def _bottom(self, order: tuple[str, ...]) -> QVBoxLayout:
        foot, row = QVBoxLayout(), QHBoxLayout()
        self._foot, self._foot_row = foot, row
        self._leave_edges(look.gap(self, 5))
        row.setSpacing(look.gap(self, 2))
        parts = {"back": self.back, "next": self.next, "cancel": self.cancel}
        for part in order:
            if part in parts:
                row.addWidget(parts[part])
            elif part == "gap":
                row.addSpacing(look.gap(self, 3))
            else:
                self._help_at = row.count()
                row.addStretch()
        foot.addLayout(row)
        foot.addWidget(self.footer)
        self._make_help()
        return foot

    def _leave_edges(self, edge: int) -> None:
        """Have the words of the quiet buttons, not their grounds, stand where all else ends."""
        room = self.footer.report.room()
        self._foot.setContentsMargins(edge - room, 0, edge - room, look.gap(self, 2))
        self._foot_row.setContentsMargins(room, 0, room, 0)

    def _make_help(self) -> None:
        """Make what says whom to ask."""
        column = QVBoxLayout(self._help)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._contact)
        self._place_help(above=False)

    def _turn_foot(self) -> None:
        """Have the buttons one above the other, the way on first, where not even tight ones fit."""
        shown = [one for one in (self.back, self.next, self.cancel) if not one.isHidden()]
        need = sum(one.sizeHint().width() + self._foot_row.spacing() for one in shown)
        fits = need <= self.width() - 2 * look.gap(self, 4) or not self._slim
        up = QBoxLayout.Direction.BottomToTop
        self._foot_row.setDirection(_ACROSS if fits else up)
        above = self._narrow and not (self._low and not self._slim and self._help_fits(shown))
        if above is not (self._foot.indexOf(self._help) >= 0):
            self._place_help(above=above)

    def _help_fits(self, shown: list[Button]) -> bool:
        """Tell whether it fits between the buttons in two lines: in a low window, one of its own is dear."""
        taken = sum(max(one.minimumWidth(), one.sizeHint().width()) for one in shown)
        room = self.width() - taken - 2 * look.gap(self, 5) - (len(shown) + 1) * look.gap(self, 3)
        words, wrapped = self._contact.fontMetrics(), Qt.TextFlag.TextWordWrap
        need = words.boundingRect(QRect(0, 0, room, self.height()), wrapped, self._contact.text())
        return need.width() <= room and need.height() <= 2 * words.lineSpacing()

    def _place_help(self, *, above: bool) -> None:
        """Put it between the buttons, or above them where the window is narrow."""
        if above:
            left = self.footer.report.room()
            self._foot.insertWidget(0, self._help)
        else:
            left = look.gap(self, 3 if self._help_at else 0)
            self._foot_row.insertWidget(self._help_at, self._help, 1)
        self._help.setContentsMargins(left, 0, 0, 0)


def _language_box(texts: Texts) -> Combo:
    box = Combo()
    for name in LANGUAGES:
        box.addItem(texts.say(f"language.{name}"), name)
    box.setCurrentIndex(LANGUAGES.index(texts.language))
    return box


def _stops(layout: QLayout) -> Iterator[QWidget]:
    """Yield what may take the focus, in the order in which it is laid out."""
    for part in _parts(layout):
        if isinstance(part, QLayout):
            yield from _stops(part)
            continue
        if part.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            yield part
        inner = part.widget() if isinstance(part, QScrollArea) else part
        within = inner.layout() if inner else None
        if within:
            yield from _stops(within)


def _parts(layout: QLayout) -> list[QWidget | QLayout]:
    """Return a layout's widgets and layouts in its order.

    Its items are not asked for: Qt deletes them without Python seeing, and what comes in their place crashes.
    Of the pages, only the one that is shown is gone through: Tab reaches no other before it is shown itself.
    """
    owner = layout.parentWidget()
    if isinstance(owner, QStackedWidget):
        return [one for one in (owner.currentWidget(),) if one]
    widgets = [one for one in owner.children() if isinstance(one, QWidget)] if owner else []
    inner = [one for one in layout.children() if isinstance(one, QLayout)]
    placed: list[tuple[int, QWidget | QLayout]] = [(layout.indexOf(one), one) for one in widgets]
    placed += [(layout.indexOf(one), one) for one in inner]
    return [one for at, one in sorted(placed, key=lambda row: row[0]) if at >= 0]


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.HLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setForegroundRole(QPalette.ColorRole.Midlight)
    return rule
