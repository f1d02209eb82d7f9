"""The questions that the window asks in a box of their own: two buttons, the safe one first at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox

from wizard.gui import look
from wizard.gui.widgets.parts import HIGH

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from wizard.core.texts import Texts


_WIDE = 22.0  # lines of text


def question(
    parent: QWidget | None, texts: Texts, title: str, text: str, buttons: tuple[str, str]
) -> QMessageBox:
    """Return the question, to be opened; `buttons` name the one that says yes and the one that says no."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(texts.say("window.title"))
    box.setText(texts.say(title))
    box.setInformativeText(text)
    explained = box.findChild(QLabel, "qt_msgbox_informativelabel")
    if explained is not None:  # a system that draws its own questions has none
        explained.setMinimumWidth(look.em(box, _WIDE))  # else it is as narrow as the question is short
    roles = (QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.RejectRole)
    made = [
        box.addButton(texts.say(f"buttons.{one}"), role) for one, role in zip(buttons, roles, strict=True)
    ]
    for button, name in zip(made, buttons, strict=True):
        button.setObjectName(name)
        button.setMinimumHeight(look.em(box, HIGH))
    box.setDefaultButton(made[1])
    box.setEscapeButton(made[1])
    return box


def is_asked(parent: QWidget) -> bool:
    """Tell whether a question is open already."""
    return any(box.isVisible() for box in parent.findChildren(QMessageBox))
