"""Afterwards: what the partner says is left to do once a system is stored, and what it asks then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.options_panel import OptionsPanel
from wizard.gui.widgets.parts import Heading, Note, Panel
from wizard.gui.widgets.waiting_panel import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.provider import Provider
    from wizard.core.texts import Texts


class Afterwards(QWidget):
    """Empty where the preset says and asks nothing of a system."""

    def __init__(self) -> None:
        super().__init__()
        self._left, self._heading, self._text = Panel(), Heading(2), Note(tone=Tone.PLAIN)
        self.options = OptionsPanel()
        inner = QVBoxLayout(self._left)
        inner.setContentsMargins(*[look.gap(self, 4)] * 4)
        inner.setSpacing(look.gap(self, 1))
        inner.addWidget(self._heading)
        inner.addWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.gap(self, 3))
        column.addWidget(self._left)
        column.addWidget(self.options)
        self.hide()

    def say(self, texts: Texts, provider: Provider, *, asks: bool) -> None:
        """Speak a language; what was typed stays. With `asks` something is stored that answers belong to."""
        said = texts.preset.after_text(provider.slug, texts.language)
        options = texts.preset.options.get(provider.slug, ()) if asks else ()
        self._heading.setText(texts.say("own.after"))
        self._text.setText(said)
        self._left.setVisible(bool(said))
        self.options.ask(options, texts)
        self.setVisible(bool(said or options))

    def forget(self) -> None:
        """Show nothing of a walk that has ended."""
        self.options.forget()
        self.hide()


def given(consent: Mapping[str, str], texts: Texts) -> str:
    """Return a consent as a receipt says it: who, to which version, and when; empty where there is none."""
    if not consent:
        return ""
    at = moment(consent["at"], texts.language)
    name = texts.name(consent["name"])
    return texts.say(
        "consent.given_by" if name else "consent.given", name=name, version=consent["text"], at=at
    )
