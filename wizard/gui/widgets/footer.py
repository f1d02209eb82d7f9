"""Footer: what this is and where we are, for whoever is asked on the telephone; and the ways to more help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from wizard import __version__
from wizard.gui import look
from wizard.gui.widgets.parts import Note, Quiet

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from wizard.core.spot import Spot
    from wizard.core.texts import Texts


_DOWN, _ACROSS = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
_NARROW = 36  # lines of text


class Footer(QWidget):
    """Version, preset and page in one line to be read aloud or copied, and quiet buttons beside it."""

    def __init__(self, *, practice: bool) -> None:
        super().__init__()
        self.place = Note()
        self.code, self.report, self.practice = Quiet(), Quiet(), Quiet()
        self.practice.setVisible(practice)
        self._whole = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(look.gap(self, 1))
        self._whole.addWidget(self.place, 1)
        row = QHBoxLayout()
        row.setSpacing(look.gap(self, 1))
        row.addStretch(1)
        for button in (self.practice, self.code, self.report):
            row.addWidget(button)
        self._whole.addLayout(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the line above the buttons where there is no room beside them."""
        super().resizeEvent(event)
        narrow = self.width() < look.em(self, _NARROW)
        self._whole.setDirection(_DOWN if narrow else _ACROSS)

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
