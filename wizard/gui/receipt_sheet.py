"""ReceiptSheet: the receipt as it will be printed, and what puts it on pages of A4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, Signal
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QTextEdit

from wizard import __version__
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.sheets import Sheet
from wizard.gui.widgets.parts import Note, announce

if TYPE_CHECKING:
    from PySide6.QtGui import QPagedPaintDevice, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from wizard.core.paper import Paper
    from wizard.core.texts import Texts

_POINTS = 10.5
_SLIM = 36  # lines of text
_DOTS = 600
"""How many dots an inch a PDF is laid out with; letters are outlines at any rate."""


class ReceiptSheet(Sheet):
    """The receipt, masked where that is wished. `print_wished`, `pdf_wished`, `copy_wished` ask for it."""

    print_wished = Signal()
    pdf_wished = Signal()
    copy_wished = Signal()

    def __init__(self, parent: QWidget, texts: Texts, shown: Paper) -> None:
        super().__init__(parent, texts, "paper")
        self.preview, self.state = Preview(shown), Note()
        self.preview.setAccessibleName(texts.say("paper.preview"))
        self.print, self.pdf = self.button("paper.print"), self.button("paper.save_pdf")
        self.copy = self.button("paper.copy")
        self.print.clicked.connect(self.print_wished)
        self.pdf.clicked.connect(self.pdf_wished)
        self.copy.clicked.connect(self.copy_wished)
        self.column.addWidget(self.preview, 1)
        self.column.addWidget(self.state)
        self.finish(self.pdf, self.print, self.copy, high=44)
        self.state.setText(texts.say("paper.masked") if texts.share_safe else "")
        self.pdf.setFocus()

    def tell(self, text: str, *, good: bool = True) -> None:
        """Say what printing, saving or copying came to."""
        self.state.set_tone(Tone.GOOD if good else Tone.BAD)
        self.state.setText(text)
        announce(self.state, text)


class Preview(QTextEdit):
    """The receipt as it is read on the screen: no word in it is broken because there is little room."""

    def __init__(self, shown: Paper) -> None:
        super().__init__()
        self._shown, self._slim = shown, False
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put what a fact is called above it where there is no room for it beside."""
        super().resizeEvent(event)
        slim = self.width() < look.em(self, _SLIM)
        if slim is not self._slim:
            self._slim = slim
            self._fill()

    def _fill(self) -> None:
        self.document().setDocumentMargin(look.gap(self, 2 if self._slim else 4))
        self.setHtml(self._shown.html(slim=self._slim))


def put(paper: Paper, device: QPagedPaintDevice) -> None:
    """Lay a receipt out on the pages of a printer or a file; Qt adds its margins of 2 cm and page numbers."""
    device.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    device.setPageOrientation(QPageLayout.Orientation.Portrait)
    device.setPageMargins(QMarginsF(0, 0, 0, 0))
    made = QTextDocument()
    font = QFont(made.defaultFont())
    font.setPointSizeF(_POINTS)
    made.setDefaultFont(font)
    made.setHtml(paper.html())
    made.print_(device)


def pdf(paper: Paper) -> bytes:
    """Return a receipt as a PDF."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(paper.title)
    writer.setCreator(f"Koble {__version__}")
    writer.setResolution(_DOTS)
    put(paper, writer)
    return bytes(buffer.data().data())
