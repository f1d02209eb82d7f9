"""StepMap: the whole path, and where on it we are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from wizard.core import flow
from wizard.gui import look

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from wizard.core.texts import Texts


class StepMap(QWidget):
    """One bar a page, filled as far as we are, its name beneath; names give way when it is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._count = ""
        self._at = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_place(self, page: str, texts: Texts) -> None:
        """Show which page of how many this is."""
        sends = texts.preset.sends
        n, m = flow.position(page, sends=sends)
        self._at = n - 1
        self._names = tuple(texts.say(f"pages.{name}") for name in flow.path(sends=sends))
        self._count = texts.say("steps.of", n=n, m=m)
        self.setAccessibleName(texts.say("steps.spoken", n=n, m=m, page=self._names[self._at]))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a bar and a line of text."""
        return QSize(look.em(self, 20), look.em(self, 1.25) + look.gap(self, 2))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(look.em(self, 8), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars and the names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        space = look.gap(self, 2)
        width = (self.width() - space * (len(self._names) - 1)) / max(1, len(self._names))
        roomy = all(
            self._metrics(at).horizontalAdvance(self._label(at)) <= width for at in range(len(self._names))
        )
        for at in range(len(self._names)):
            left = round(at * (width + space))
            self._draw_bar(painter, QRect(left, 0, round(width), look.gap(self, 1)), at)
            if roomy:
                self._draw_name(painter, left, round(width), at, self._label(at))
        if not roomy and self._names:
            self._draw_name(painter, 0, self.width(), self._at, f"{self._count}  {self._names[self._at]}")
        painter.end()

    def _label(self, at: int) -> str:
        return f"✓ {self._names[at]}" if at < self._at else f"{at + 1}  {self._names[at]}"

    def _draw_bar(self, painter: QPainter, bar: QRect, at: int) -> None:
        colours = self.palette()
        done = at <= self._at
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(QPalette.ColorRole.Accent) if done else look.track(colours))
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)

    def _draw_name(self, painter: QPainter, left: int, width: int, at: int, name: str) -> None:
        painter.setFont(self._font(at))
        colours = self.palette()
        painter.setPen(
            colours.color(QPalette.ColorRole.WindowText) if at == self._at else look.quiet(colours)
        )
        top = look.gap(self, 1) + look.gap(self, 1)
        painter.drawText(QRect(left, top, width, self.height() - top), Qt.AlignmentFlag.AlignTop, name)

    def _font(self, at: int) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if at == self._at else QFont.Weight.Normal)
        return font

    def _metrics(self, at: int) -> QFontMetrics:
        return QFontMetrics(self._font(at))
