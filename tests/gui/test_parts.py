"""The small parts: what our own drawing of them keeps that a style would lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPalette

from wizard.gui import look
from wizard.gui.look import Scheme, Tone
from wizard.gui.widgets.fold import Fold
from wizard.gui.widgets.parts import Combo, Panel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def ink_in(box: Combo) -> int:
    """Return how many pixels of its arrow's place are dark."""
    box.resize(box.sizeHint())
    image, place = box.grab().toImage(), box.arrow()
    spots = [(x, y) for x in range(place.left(), place.right()) for y in range(place.top(), place.bottom())]
    return sum(image.pixelColor(x, y).lightness() < 128 for x, y in spots)


def test_the_arrow_of_what_opens_is_as_large_as_its_text(qtbot: QtBot) -> None:
    plain, large = Combo(), Combo()
    font = large.font()
    font.setPointSizeF(2 * font.pointSizeF())
    large.setFont(font)
    for box in (plain, large):
        qtbot.addWidget(box)
        box.addItem("Norsk")
    assert ink_in(plain) > 5
    assert ink_in(large) > 3 * ink_in(plain)
    for box in (plain, large):
        assert box.fontMetrics().horizontalAdvance("Norsk") < box.arrow().left(), "the words end before it"


def test_the_arrow_of_a_fold_says_whether_it_is_open_in_the_colour_of_its_words(qtbot: QtBot) -> None:
    fold = Fold()
    qtbot.addWidget(fold)
    closed = fold.icon().pixmap(fold.iconSize()).toImage()
    fold.setChecked(True)
    opened = fold.icon().pixmap(fold.iconSize()).toImage()
    assert closed != opened
    colours = fold.palette()
    colours.setColor(QPalette.ColorRole.ButtonText, QColor("#ffffff"))
    fold.setPalette(colours)
    drawn = fold.icon().pixmap(fold.iconSize()).toImage()
    assert drawn.pixelColor(drawn.rect().center()).name() == "#ffffff"


def test_what_is_said_above_every_page_ends_in_a_line_where_its_ground_does_not_tell_it(qtbot: QtBot) -> None:
    banner = Panel(tone=Tone.WAIT, flush=True)
    qtbot.addWidget(banner)
    banner.setPalette(look.palette(Scheme.CONTRAST))
    banner.resize(40, 20)
    image = banner.grab().toImage()
    assert image.pixelColor(20, 19) == look.colour_of(Tone.WAIT, banner.palette())
    assert image.pixelColor(20, 5).name() == "#000000"
