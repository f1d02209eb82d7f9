"""Shadow: what lies in a field for a secret is masked in every log and report before it is wrapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from wizard.core.provider import tidy
from wizard.core.secret import Secret

if TYPE_CHECKING:
    from wizard.gui.widgets.secret_edit import SecretEdit


class Shadow(QObject):
    """Holds what is in its field as secrets, as it came and tidied: those that live are masked."""

    def __init__(self, edit: SecretEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self._held: tuple[Secret, ...] = ()
        edit.changed.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        value = self._edit.value()
        self._held = tuple(Secret(one) for one in {value, tidy(value)} if one)
