"""How things look: spaces and sizes from the font, colours from the palette, drawings filled in with both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPalette, QPen, QPixmap

from wizard.core import colours as c
from wizard.core import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QRect
    from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

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


class Scheme(Enum):
    """The themes that there are."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


_OWN_ACCENT = {Scheme.LIGHT: "#0b6e6e", Scheme.DARK: "#4fc3bd", Scheme.CONTRAST: "#5fe0d9"}
"""Our own colour, where a partner has none."""

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
    "Mid": "#55626f",
    "Midlight": "#36414b",
    "Dark": "#77848f",
    "ToolTipBase": "#e8edf2",
    "ToolTipText": "#1a1f25",
}
_CONTRAST = {
    "Window": "#000000",
    "Base": "#000000",
    "AlternateBase": "#000000",
    "Button": "#000000",
    "WindowText": "#ffffff",
    "Text": "#ffffff",
    "ButtonText": "#ffffff",
    "PlaceholderText": "#e4e4e4",
    "Mid": "#ffffff",
    "Midlight": "#ffffff",
    "Dark": "#ffffff",
    "ToolTipBase": "#ffffff",
    "ToolTipText": "#000000",
}
_SCHEMES = {Scheme.LIGHT: _LIGHT, Scheme.DARK: _DARK, Scheme.CONTRAST: _CONTRAST}
_FADED = {Scheme.LIGHT: "#6f7b86", Scheme.DARK: "#7d8994", Scheme.CONTRAST: "#a8a8a8"}
_DIM = {Scheme.LIGHT: "#cbd3db", Scheme.DARK: "#3a4550", Scheme.CONTRAST: "#5a5a5a"}
_INKS = ("WindowText", "Text", "ButtonText")
_GROUNDS = ("Window", "Base", "AlternateBase", "Button")
_PURE = 20.0
"""The contrast of text from which on a palette is one for those who ask for much of it."""

_FULL = 0.16
"""The greatest share of the accent that a ground has beneath text."""


def palette(scheme: Scheme = Scheme.LIGHT, *, accent: str = "") -> QPalette:
    """Return our own quiet colours, for styles that have none of the system's."""
    made = QPalette()
    for role, colour in _SCHEMES[scheme].items():
        made.setColor(QPalette.ColorRole[role], QColor(colour))
    for role in _INKS:
        made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(_FADED[scheme]))
    return accented(made, accent if c.is_colour(accent) else _OWN_ACCENT[scheme])


def accented(colours: QPalette, accent: str) -> QPalette:
    """Return a palette with an accent (`#rrggbb`), in the nearest shade that can be read everywhere on it."""
    made, role = QPalette(colours), QPalette.ColorRole
    shade = _shade(accent, _grounds_of(colours), _ratio(colours))
    for name in (role.Accent, role.Highlight, role.Link):
        made.setColor(name, QColor(*shade))
    made.setColor(role.HighlightedText, QColor(*c.ink_on(shade)))
    dim = _DIM[_scheme_of(colours)]
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(dim))
    made.setColor(QPalette.ColorGroup.Disabled, role.Accent, QColor(dim))
    return made


def fields_palette(colours: QPalette) -> QPalette:
    """Return a palette for lines to type in, whose edge can be seen: a style derives it from the window's."""
    made, ground = QPalette(colours), _rgb(colours, QPalette.ColorRole.Window)
    start = c.mix(c.ink_on(ground), ground, 1.0 if is_stark(colours) else 0.3)
    edge = QColor(*c.readable(start, ground, lambda _: [ground], c.SEEN + 0.2))
    made.setColor(QPalette.ColorRole.Window, edge.lighter(_OUTLINE))
    return made


def bars_palette(colours: QPalette) -> QPalette:
    """Return a palette for bars: their handle, and what is not filled yet, can be told from black."""
    made, role = fields_palette(colours), QPalette.ColorRole
    grey = mix(colours.color(role.WindowText), colours.color(role.Window), _BETWEEN)
    for one in (role.Button, role.Base):
        made.setColor(one, grey)
    return made


_BETWEEN = 0.43
"""So much ink is in a grey that can be told from the window, from its own ink, and from the accent."""

_OUTLINE = 140
"""So much darker than the window, in per cent, does the style draw an edge."""


def _shade(accent: str, grounds: tuple[c.Rgb, ...], ratio: float) -> c.Rgb:
    """Return the accent's shade that can be read on the grounds, and on those that have some of it."""
    ink = c.rgb(accent)

    def all_grounds(shade: c.Rgb) -> tuple[c.Rgb, ...]:
        return *grounds, *(c.mix(shade, one, _FULL) for one in grounds)

    return c.readable(ink, grounds[0], all_grounds, ratio)


def _grounds_of(colours: QPalette) -> tuple[c.Rgb, ...]:
    return tuple(_rgb(colours, QPalette.ColorRole[name]) for name in _GROUNDS)


def _scheme_of(colours: QPalette) -> Scheme:
    return Scheme.CONTRAST if is_stark(colours) else Scheme.DARK if is_dark(colours) else Scheme.LIGHT


def _ratio(colours: QPalette) -> float:
    return c.CLEAR if is_stark(colours) else c.READABLE


def _rgb(colours: QPalette, role: QPalette.ColorRole) -> c.Rgb:
    """Return a colour as it is seen: what can be seen through has the window behind it."""
    colour = colours.color(role)
    if colour.alpha() == 255:
        return _plain(colour)
    return c.mix(_plain(colour), _plain(colours.color(QPalette.ColorRole.Window)), colour.alphaF())


def _plain(colour: QColor) -> c.Rgb:
    return colour.red(), colour.green(), colour.blue()


def gap(widget: QWidget, step: int) -> int:
    """Return a space of the scale (0 to 6), in pixels, as the widget's font has it."""
    return round(_SPACES[step] * widget.fontMetrics().height() / _EM)


def em(widget: QWidget, count: float) -> int:
    """Return so many heights of a line of text, in pixels."""
    return round(count * widget.fontMetrics().height())


def pad(line: QLineEdit) -> None:
    """Leave a little room before the words of a line to type in: in our own style they touch its edge."""
    if line.style().name().lower() == "fusion":
        line.setTextMargins(gap(line, 1), 0, 0, 0)


def make_heading(label: QLabel, level: int) -> None:
    """Set a label as a heading of level 1 or 2, in size relative to the text around it."""
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * _HEADINGS[level])
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)


def make_fixed(widget: QWidget) -> None:
    """Have all letters of a widget equally wide, in its own size: what stands in columns stays in them."""
    from PySide6.QtGui import QFontDatabase  # not before something is read in columns

    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(widget.font().pointSizeF())
    widget.setFont(font)


def is_dark(colours: QPalette) -> bool:
    """Tell whether light text stands on a dark ground."""
    return colours.color(QPalette.ColorRole.Window).lightness() < 128


def is_stark(colours: QPalette) -> bool:
    """Tell whether the palette is one of high contrast, ours or the system's: pure black and white."""
    role = QPalette.ColorRole
    return _contrast(_rgb(colours, role.WindowText), _rgb(colours, role.Window)) >= _PURE


def colour_of(tone: Tone, colours: QPalette) -> QColor:
    """Return the colour that says it, in a shade that can be read on this palette's grounds."""
    if tone is Tone.PLAIN:
        return colours.color(QPalette.ColorRole.WindowText)
    return QColor(*_tone(_TONES[tone, is_dark(colours)], _grounds_of(colours), _ratio(colours)))


def quiet(colours: QPalette) -> QColor:
    """Return the colour of text that explains, in a shade that can be read."""
    ink = _rgb(colours, QPalette.ColorRole.PlaceholderText)
    return QColor(*_quiet(ink, _grounds_of(colours), _ratio(colours)))


def panel(tone: Tone, colours: QPalette, *, flush: bool = False) -> tuple[QColor, QColor]:
    """Return the ground and the edge of a panel, coloured a little by a tone."""
    role = QPalette.ColorRole
    base = colours.color(role.AlternateBase)
    if tone is Tone.PLAIN:
        return base, colours.color(role.Midlight)
    said = colour_of(tone, colours)
    if is_stark(colours):
        return base, said
    return mix(said, base, 0.14 if flush else 0.07), mix(said, base, 0.45)


def row_ground(colours: QPalette, *, chosen: bool, hovered: bool) -> QColor:
    """Return the ground of a row: some of the accent, so much that what explains can still be read."""
    share = 0.12 if chosen else 0.05 if hovered else 0.0
    base, accent = colours.color(QPalette.ColorRole.AlternateBase), colours.color(QPalette.ColorRole.Accent)
    inks = (_plain(quiet(colours)), _rgb(colours, QPalette.ColorRole.Text))
    return QColor(*c.tint(_plain(accent), _plain(base), share, inks, _ratio(colours)))


def lead_ground(colours: QPalette, *, hovered: bool = False, pressed: bool = False) -> QColor:
    """Return the ground of the button that leads on; its words are in the colour of highlighted text."""
    role = QPalette.ColorRole
    away = QColor(*c.ink_on(_rgb(colours, role.HighlightedText)))
    return mix(away, colours.color(role.Highlight), 0.22 if pressed else 0.12 if hovered else 0.0)


def track(colours: QPalette) -> QColor:
    """Return the colour of the part of a way that lies ahead."""
    role = QPalette.ColorRole
    if is_stark(colours):
        return mix(colours.color(role.WindowText), colours.color(role.Window), 0.42)
    return colours.color(role.Midlight)


def tile(hue: int, colours: QPalette) -> tuple[QColor, QColor, QColor]:
    """Return the ground, the edge and the ink of a system's badge; `hue` in degrees."""
    if is_stark(colours):
        white = colours.color(QPalette.ColorRole.WindowText)
        return colours.color(QPalette.ColorRole.Window), white, white
    if is_dark(colours):
        ground = QColor.fromHsl(hue, 80, 70)
        return ground, ground, QColor.fromHsl(hue, 140, 225)
    ground = QColor.fromHsl(hue, 110, 228)
    return ground, ground, QColor.fromHsl(hue, 130, 68)


def mix(over: QColor, ground: QColor, share: float) -> QColor:
    """Return the ground with a share (0 to 1) of another colour over it."""
    return QColor(*c.mix(_plain(over), _plain(ground), share))


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


def draw_arrow(painter: QPainter, room: QRect, colour: QColor, *, down: bool) -> None:
    """Draw the arrow of something that opens, beneath it or, where it is closed, to its right."""
    middle, side = QRectF(room).center(), room.width() / 2
    along, across = (
        (QPointF(0, side / 2), QPointF(side, 0)) if down else (QPointF(side / 2, 0), QPointF(0, side))
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon([middle - along - across, middle - along + across, middle + along])


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
    behind = (role.Base, 0.7) if dark and not stark else (role.Mid, 0.12)
    ground = mix(colours.color(behind[0]), colours.color(role.Window), behind[1])  # darker than the paper
    soft, line = (0.4, 0.7) if stark else (0.22, 0.38) if dark else (0.16, 0.30)
    filled = Template(template).substitute(
        paper=base.name(),
        ground=ground.name(),
        ink=ink.name(),
        soft=mix(ink, base, soft).name(),
        line=mix(ink, base, line).name(),
        accent=accent.name(),
        on_accent=colours.color(role.HighlightedText).name(),
        tint=mix(accent, base, 0.16).name(),
        **{f"t_{name}": escape(word) for name, word in words.items()},
    )
    return filled.encode()


@lru_cache(maxsize=64)
def _contrast(one: c.Rgb, other: c.Rgb) -> float:
    """Return the contrast ratio: each text asks for that of ink and ground, again and again."""
    return c.contrast(one, other)


@lru_cache(maxsize=64)
def _quiet(ink: c.Rgb, grounds: tuple[c.Rgb, ...], ratio: float) -> c.Rgb:
    """Return the shade of an ink that can be read on the grounds: hundreds of texts ask for it."""
    return c.readable(ink, grounds[0], lambda _: grounds, ratio)


@lru_cache(maxsize=64)
def _tone(tone: str, grounds: tuple[c.Rgb, ...], ratio: float) -> c.Rgb:
    """Return a tone's shade that can be read on the grounds, and on those that have some of it."""

    def all_grounds(shade: c.Rgb) -> tuple[c.Rgb, ...]:
        return *grounds, *(c.mix(shade, one, 0.14) for one in grounds)

    return c.readable(c.rgb(tone), grounds[0], all_grounds, ratio)


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
