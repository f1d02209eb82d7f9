"""Veil: what a customer types in a line can be read by nobody while the screen is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

if TYPE_CHECKING:
    from wizard.core.texts import Texts


def veil(line: QLineEdit, texts: Texts) -> None:
    """Show dots in place of what is typed where the texts are share-safe; what is typed stays as it is."""
    line.setEchoMode(QLineEdit.EchoMode.Password if texts.share_safe else QLineEdit.EchoMode.Normal)
