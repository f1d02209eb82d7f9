"""The questions that the window asks in a box of their own: two buttons, the safe one first at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import HIGH

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton, QWidget

    from wizard.core.texts import Texts

_SIGN, _WIDE, _BROAD = 2.2, 22.5, 5.5  # lines of text
_SMALL = 1_024  # pixels: on such a screen Qt lets it be as wide as that


def question(
    parent: QWidget | None, texts: Texts, title: str, text: str, buttons: tuple[str, str]
) -> QMessageBox:
    """Return the question, to be opened; `buttons` name the one that says yes and the one that says no."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(texts.say("window.title"))
    box.setText(texts.say(title))
    box.setInformativeText(text)
    roles = (QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.RejectRole)
    made = [
        box.addButton(texts.say(f"buttons.{one}"), role) for one, role in zip(buttons, roles, strict=True)
    ]
    for button, name in zip(made, buttons, strict=True):
        button.setObjectName(name)
    box.setDefaultButton(made[1])
    box.setEscapeButton(made[1])
    _dress(box, made)
    return box


def _dress(box: QMessageBox, buttons: list[QPushButton]) -> None:
    """Have it look as the pages do: a heading, lines that are not too short, buttons that are easily hit."""
    side = look.em(box, _SIGN)
    box.setIconPixmap(
        look.icon("warning", side, look.colour_of(Tone.WAIT, box.palette()), box.devicePixelRatioF())
    )
    heading, text = (box.findChild(QLabel, f"qt_msgbox_{name}") for name in ("label", "informativelabel"))
    if isinstance(heading, QLabel):  # a system that draws its own questions has none
        look.make_heading(heading, 2)
    if isinstance(text, QLabel):
        text.setMinimumWidth(min(look.em(box, _WIDE), _room(box) - 3 * side))
    for button in buttons:
        button.setMinimumSize(look.em(box, _BROAD), look.em(box, HIGH))


def _room(box: QMessageBox) -> int:
    """Return how wide it may be: no wider than its window, nor than Qt makes one on this screen."""
    screen = box.screen().availableGeometry().width()
    most = screen if screen <= _SMALL else min(screen - 480, 1_000)
    parent = box.parentWidget()
    return min(most, parent.width()) if parent else most


def is_asked(parent: QWidget) -> bool:
    """Tell whether a question is open already."""
    return any(box.isVisible() for box in parent.findChildren(QMessageBox))
