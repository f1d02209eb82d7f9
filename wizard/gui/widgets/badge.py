"""Badge: a small drawing of our own that stands for a system; no vendor's logo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from wizard.gui import look

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QColor, QPalette

_GRID = 24.0
_STROKE = 1.9

Lines = tuple[tuple[tuple[float, float], ...], ...]
Boxes = tuple[tuple[float, float, float, float, float], ...]
"""Left, top, width, height and how round the corners are."""

# Lines and boxes on a grid of 24, drawn without Qt's SVG part: the first page shall be there at once.
_DRAWINGS: dict[str, tuple[Lines, Boxes]] = {
    # a receipt with a torn edge
    "fiken": (
        (
            (
                (6.5, 19.5),
                (6.5, 4.5),
                (17.5, 4.5),
                (17.5, 19.5),
                (14.75, 17.5),
                (12, 19.5),
                (9.25, 17.5),
                (6.5, 19.5),
            ),
            ((9.5, 8.5), (14.5, 8.5)),
            ((9.5, 12.5), (14.5, 12.5)),
        ),
        (),
    ),
    # a briefcase
    "poweroffice": (
        (((9, 8), (9, 5.5), (15, 5.5), (15, 8)), ((4.5, 13), (19.5, 13)), ((12, 12), (12, 14.5))),
        ((4.5, 8, 15, 10.5, 1.8),),
    ),
    # three sheets, one behind the other
    "tripletex": (
        (
            ((7.5, 7.5), (7.5, 4.5), (19.5, 4.5), (19.5, 14), (16.5, 14)),
            ((10.5, 7.5), (16.5, 7.5), (16.5, 16.5)),
        ),
        ((4.5, 10.5, 9, 9, 1.2),),
    ),
    # an open ledger
    "xledger": (
        (
            ((12, 7), (9.5, 5.5), (4.5, 5.5), (4.5, 17), (9.5, 17), (12, 18.5)),
            ((12, 7), (14.5, 5.5), (19.5, 5.5), (19.5, 17), (14.5, 17), (12, 18.5)),
            ((12, 7), (12, 18.5)),
        ),
        (),
    ),
    # a server of one's own
    "visma_business": (
        (
            ((7.5, 8.25), (9, 8.25)),
            ((7.5, 15.75), (9, 15.75)),
            ((12.5, 8.25), (16.5, 8.25)),
            ((12.5, 15.75), (16.5, 15.75)),
        ),
        ((4.5, 5, 15, 6.5, 1.6), (4.5, 12.5, 15, 6.5, 1.6)),
    ),
    # a step ahead
    "business_nxt": ((((5.5, 6), (11.5, 12), (5.5, 18)), ((12.5, 6), (18.5, 12), (12.5, 18))), ()),
    # a window onto the net
    "visma_net": (
        (
            ((4.5, 9.5), (19.5, 9.5)),
            ((7.2, 7.3), (7.4, 7.3)),
            ((10.0, 7.3), (10.2, 7.3)),
            ((12, 12), (12, 16.5)),
            ((9.5, 14.2), (14.5, 14.2)),
        ),
        ((4.5, 5, 15, 14, 1.8),),
    ),
}

DRAWN = frozenset(_DRAWINGS)
"""The systems that have a drawing; others have two letters."""


def draw_badge(painter: QPainter, tile: QRect, colours: QPalette, badge: tuple[str, str, int]) -> None:
    """Draw a tile with a system's own drawing, else with letters; `badge` is slug, letters and hue."""
    slug, letters, hue = badge
    ground, edge, ink = look.tile(hue, colours)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, 1.0))
    painter.setBrush(ground)
    painter.drawRoundedRect(tile, tile.width() / 4, tile.width() / 4)
    if slug in _DRAWINGS:
        _draw(painter, tile, ink, _DRAWINGS[slug])
    else:
        _letter(painter, tile, ink, letters)


def _letter(painter: QPainter, tile: QRect, ink: QColor, letters: str) -> None:
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.Bold)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, letters)


def _draw(painter: QPainter, tile: QRect, ink: QColor, drawing: tuple[Lines, Boxes]) -> None:
    inner = QRectF(tile)
    inner = inner.adjusted(*[one * inner.width() * 0.14 for one in (1, 1, -1, -1)])
    unit = inner.width() / _GRID

    def place(x: float, y: float) -> QPointF:
        return QPointF(inner.x() + x * unit, inner.y() + y * unit)

    pen = QPen(ink, _STROKE * unit)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    lines, boxes = drawing
    for line in lines:
        painter.drawPolyline([place(x, y) for x, y in line])
    for left, top, width, height, corner in boxes:
        box = QRectF(place(left, top), place(left + width, top + height))
        painter.drawRoundedRect(box, corner * unit, corner * unit)
