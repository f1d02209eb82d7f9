"""Footer: what this is and where we are, for whoever is asked on the telephone; and the ways to more help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from wizard import __version__
from wizard.gui import look
from wizard.gui.widgets.parts import Note, Quiet

if TYPE_CHECKING:
    from wizard.core.spot import Spot
    from wizard.core.texts import Texts


class Footer(QWidget):
    """Version, preset and page in one line to be read aloud or copied, and quiet buttons beside it."""

    def __init__(self, *, practice: bool) -> None:
        super().__init__()
        self.place = Note()
        self.code, self.report, self.practice = Quiet(), Quiet(), Quiet()
        self.practice.setVisible(practice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.gap(self, 1))
        row.addWidget(self.place, 1)
        for button in (self.practice, self.code, self.report):
            row.addWidget(button)

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
