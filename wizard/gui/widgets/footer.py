"""Footer: what this is and where we are, for whoever is asked on the telephone; and the ways to more help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from wizard import __version__
from wizard.gui import look
from wizard.gui.widgets.parts import Note, Quiet, Row

if TYPE_CHECKING:
    from wizard.core.spot import Spot
    from wizard.core.texts import Texts


_DOWN, _ACROSS = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight


class Footer(QWidget):
    """Version, preset and page in one line to be read aloud or copied, and three quiet buttons beside it.

    A fourth, `practice`, is made here and stands where practice is said: above the page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.place = Note()
        self.code, self.report, self.practice, self.beside = Quiet(), Quiet(), Quiet(), Quiet()
        self._buttons = Row(self.beside, self.code, self.report, space=1)
        self.place.setContentsMargins(self.report.room(), 0, 0, 0)  # its words begin where the buttons' do
        self._whole = QBoxLayout(_ACROSS, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(look.gap(self, 1))
        self._whole.addWidget(self.place, 1)
        self._whole.addWidget(self._buttons)

    def event(self, event: QEvent) -> bool:
        """Put the line above the buttons where there is no room beside them."""
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            line = self.place.fontMetrics().horizontalAdvance(self.place.text()) + 2 * self.report.room()
            need = line + self._whole.spacing() + self._buttons.sizeHint().width()
            way = _DOWN if self.width() < need else _ACROSS
            if self._whole.direction() is not way:
                self._whole.setDirection(way)
                self.updateGeometry()
        return super().event(event)

    def show_place(self, spot: Spot | None, texts: Texts) -> None:
        """Show where we are; None is a page beside the path, which has no number."""
        preset = texts.preset
        bank = f"{preset.partner} {preset.version}".strip()
        program = f"{texts.say('window.title')} {__version__}"
        self.place.setText(" · ".join(filter(None, (program, bank, spot.spoken if spot else ""))))
        page = texts.say("footer.page", spot=spot.spoken) if spot else ""
        self.place.setAccessibleName(", ".join(filter(None, (program, bank, page))))
        self.code.setText(texts.say("explain.menu"))
        self.report.setText(texts.say("footer.report"))
        self.practice.setText(texts.say("training.menu"))
