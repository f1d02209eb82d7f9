"""Brand: the partner's logo and name, as its preset has them; nothing where it has neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from wizard.gui import look
from wizard.gui.widgets.parts import Note

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtSvg import QSvgRenderer

    from wizard.core.logo import Logo
    from wizard.core.texts import Texts

_HIGH, _WIDE = 1.7, 8.0


class Brand(QWidget):
    """Stands quietly in the frame. A screen reader says the name; the logo is only a picture of it."""

    def __init__(self) -> None:
        super().__init__()
        self._picture, self._name = Picture(), Note()
        self._name.setWordWrap(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.gap(self, 2))
        row.addWidget(self._picture)
        row.addWidget(self._name)
        self.hide()

    def say(self, texts: Texts) -> None:
        """Show what a preset has."""
        preset = texts.preset
        self._picture.show_logo(preset.logo)
        self._name.setText(preset.partner)
        self.setAccessibleName(preset.partner)
        self.setVisible(bool(preset.logo))


class Picture(QWidget):
    """A logo, as high as a line of text and as wide as it has to be."""

    def __init__(self) -> None:
        super().__init__()
        self._logo: Logo | None = None
        self._renderer: QSvgRenderer | None = None
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_logo(self, logo: Logo | None) -> None:
        """Show a logo, or nothing."""
        if logo != self._logo:
            self._logo, self._image, self._renderer = logo, QImage(), None
            if logo and logo.kind == "image/png":
                self._image = QImage.fromData(logo.data)
            elif logo:
                from PySide6.QtSvg import QSvgRenderer  # only where there is a logo to draw

                self._renderer = QSvgRenderer(QByteArray(logo.data), self)
            self.updateGeometry()
            self.update()
        self.setVisible(not self._own_size().isEmpty())

    def sizeHint(self) -> QSize:
        """Return the size in the logo's own proportions."""
        room = QSize(look.em(self, _WIDE), look.em(self, _HIGH))
        return self._own_size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._renderer:
            self._renderer.render(painter, QRectF(self.rect()))
        else:
            painter.drawImage(self.rect(), self._image)
        painter.end()

    def _own_size(self) -> QSize:
        if not self._logo:
            return QSize(0, 0)
        return self._renderer.defaultSize() if self._renderer else self._image.size()
