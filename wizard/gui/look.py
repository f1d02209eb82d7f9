"""How things look: spaces and sizes from the font, colours from the palette, drawings filled in with both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPalette, QPen, QPixmap

from wizard.core import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QRect
    from PySide6.QtWidgets import QLabel, QWidget

_CHECK = ((0.26, 0.52), (0.44, 0.70), (0.76, 0.32))
_SPACES = (0, 4, 8, 12, 16, 24, 32)
_EM = 16.0
_HEADINGS = {1: 1.55, 2: 1.15}


class Tone(Enum):
    """What a colour says; an icon and a word always say it too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a box is to be drawn: ticked or not, round where only one may be chosen, and whether it may be."""

    on: bool
    round: bool = False
    able: bool = True


_TONES = {
    (Tone.GOOD, False): "#17692f",
    (Tone.GOOD, True): "#6fd08c",
    (Tone.BAD, False): "#b3261e",
    (Tone.BAD, True): "#ff9a91",
    (Tone.WAIT, False): "#7a4d00",
    (Tone.WAIT, True): "#f0c060",
}
_LIGHT = {
    "Window": "#f6f7f9",
    "Base": "#ffffff",
    "AlternateBase": "#ffffff",
    "Button": "#ffffff",
    "WindowText": "#1d2733",
    "Text": "#1d2733",
    "ButtonText": "#1d2733",
    "PlaceholderText": "#5b6876",
    "Highlight": "#0b6e6e",
    "HighlightedText": "#ffffff",
    "Accent": "#0b6e6e",
    "Link": "#0b6e6e",
    "Mid": "#aeb8c2",
    "Midlight": "#dbe1e7",
    "Dark": "#8794a1",
    "ToolTipBase": "#1d2733",
    "ToolTipText": "#ffffff",
}
_DARK = {
    "Window": "#1a1f25",
    "Base": "#12161b",
    "AlternateBase": "#222931",
    "Button": "#2a323b",
    "WindowText": "#e8edf2",
    "Text": "#e8edf2",
    "ButtonText": "#e8edf2",
    "PlaceholderText": "#a5b1bd",
    "Highlight": "#4fc3bd",
    "HighlightedText": "#06211f",
    "Accent": "#4fc3bd",
    "Link": "#4fc3bd",
    "Mid": "#55626f",
    "Midlight": "#36414b",
    "Dark": "#77848f",
    "ToolTipBase": "#e8edf2",
    "ToolTipText": "#1a1f25",
}
_FADED = ("WindowText", "Text", "ButtonText")


def palette(*, dark: bool) -> QPalette:
    """Return our own quiet colours, for styles that have none of the system's."""
    made = QPalette()
    for role, colour in (_DARK if dark else _LIGHT).items():
        made.setColor(QPalette.ColorRole[role], QColor(colour))
    for role in _FADED:
        faded = QColor("#77838e" if dark else "#7b8792")
        made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], faded)
    made.setColor(
        QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, QColor("#3a4550" if dark else "#cbd3db")
    )
    return made


def gap(widget: QWidget, step: int) -> int:
    """Return a space of the scale (0 to 6), in pixels, as the widget's font has it."""
    return round(_SPACES[step] * widget.fontMetrics().height() / _EM)


def em(widget: QWidget, count: float) -> int:
    """Return so many heights of a line of text, in pixels."""
    return round(count * widget.fontMetrics().height())


def make_heading(label: QLabel, level: int) -> None:
    """Set a label as a heading of level 1 or 2, in size relative to the text around it."""
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * _HEADINGS[level])
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)


def is_dark(colours: QPalette) -> bool:
    """Tell whether light text stands on a dark ground."""
    return colours.color(QPalette.ColorRole.Window).lightness() < 128


def colour_of(tone: Tone, colours: QPalette) -> QColor:
    """Return the colour that says it on this palette's ground."""
    if tone is Tone.PLAIN:
        return colours.color(QPalette.ColorRole.WindowText)
    return QColor(_TONES[tone, is_dark(colours)])


def quiet(colours: QPalette) -> QColor:
    """Return the colour of text that explains."""
    return colours.color(QPalette.ColorRole.PlaceholderText)


def mix(over: QColor, ground: QColor, share: float) -> QColor:
    """Return the ground with a share (0 to 1) of another colour over it."""
    parts = zip(over.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in parts)
    return QColor(red, green, blue)


def draw_mark(painter: QPainter, room: QRect, colours: QPalette, mark: Mark) -> None:
    """Draw a box to tick, or a round one to choose: a style's own can hardly be seen on a dark ground."""
    role = QPalette.ColorRole
    edge = colours.color(role.Accent if mark.on else role.PlaceholderText if mark.able else role.Mid)
    radius = room.width() / (2 if mark.round else 5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, max(1.5, room.width() / 12)))
    painter.setBrush(edge if mark.on and not mark.round else colours.color(role.Base))
    painter.drawRoundedRect(QRectF(room).adjusted(1, 1, -1, -1), radius, radius)
    if not mark.on:
        return
    side, left, top = room.width(), room.left(), room.top()
    if mark.round:
        painter.setBrush(edge)
        painter.drawEllipse(QRectF(room).center(), side / 5, side / 5)
    else:
        painter.setPen(QPen(colours.color(role.HighlightedText), max(1.5, side / 8)))
        points = [QPointF(left + side * x, top + side * y) for x, y in _CHECK]
        painter.drawPolyline(points)


def icon(name: str, side: int, colour: QColor, ratio: float) -> QPixmap:
    """Return an icon of `resources/icons` in one colour; `side` in device-independent pixels."""
    return _icon(name, side, colour.name(), ratio)


def window_icon(colours: QPalette) -> QIcon:
    """Return the program's own mark, for the title bar and the task bar."""
    return QIcon(icon("koble", 64, colours.color(QPalette.ColorRole.Accent), 1.0))


def fill(template: str, colours: QPalette, words: Mapping[str, str]) -> bytes:
    """Return a drawing with the palette's colours and a language's words in it."""
    from html import escape  # its table of entities need not be read before the first paint

    role = QPalette.ColorRole
    accent = colours.color(role.Accent)
    base = colours.color(role.AlternateBase)
    dark = is_dark(colours)
    ink = colours.color(role.WindowText)
    stark = {ink.lightness(), base.lightness()} == {0, 255}  # somebody needs the most contrast there is
    soft, line = (0.4, 0.7) if stark else (0.22, 0.38) if dark else (0.16, 0.30)
    filled = Template(template).substitute(
        paper=base.name(),
        ground=mix(colours.color(role.Mid), colours.color(role.Window), 0.12).name(),
        ink=ink.name(),
        soft=mix(ink, base, soft).name(),
        line=mix(ink, base, line).name(),
        accent=accent.name(),
        on_accent=colours.color(role.HighlightedText).name(),
        tint=mix(accent, base, 0.16).name(),
        **{f"t_{name}": escape(word) for name, word in words.items()},
    )
    return filled.encode()


@lru_cache(maxsize=128)
def _icon(name: str, side: int, colour: str, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    template = (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    drawn = Template(template).substitute(ink=colour, accent=colour)
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawn.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
