"""Resume: a set-up that was left half-done, and the two ways on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from wizard.core.orgnr import compact, spaced
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import Button, Heading, Icon, Panel, Paragraph

if TYPE_CHECKING:
    from wizard.core.drafts import Draft
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_DIGITS = 9


class Resume(Panel):
    """Says what was begun and when; `resume` and `anew` are its buttons."""

    def __init__(self) -> None:
        super().__init__(tone=Tone.WAIT)
        self._title, self.text = Heading(2), Paragraph(tone=Tone.PLAIN)
        self.resume, self.anew = _Resuming(), Button()
        column, buttons = QVBoxLayout(), QHBoxLayout()
        column.setSpacing(look.gap(self, 2))
        column.addWidget(self._title)
        column.addWidget(self.text)
        buttons.setSpacing(look.gap(self, 2))
        for button in (self.resume, self.anew):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(*[look.gap(self, 4)] * 4)
        row.setSpacing(look.gap(self, 3))
        row.addWidget(Icon("wait", Tone.WAIT, lines=1.4), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)

    def say(self, draft: Draft, provider: Provider, day: str, texts: Texts) -> None:
        """Speak a language from now on."""
        number = compact(draft.expect)  # as it was typed: it need not be whole
        company = draft.label or (spaced(number) if len(number) == _DIGITS else draft.expect)
        key = "draft.text_for" if company else "draft.text"
        self._title.setText(texts.say("draft.title"))
        self.text.setText(texts.say(key, provider, day=day, company=company))
        self.resume.setText(texts.say("draft.resume"))
        self.anew.setText(texts.say("draft.anew"))


class _Resuming(Button):
    """Leads on, but where something else on its page does: that one waits for an answer."""

    def leads(self) -> bool:
        """Tell whether it is filled."""
        panel = self.parentWidget()
        page = panel.parentWidget() if panel else None
        others = [one for one in page.findChildren(Button) if one is not self] if page else []
        return super().leads() and not any(one.isVisible() and one.leads() for one in others)
