"""The page where the customer picks a system; its "before you start" card stands beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from wizard.core.errors import PartnerKeyNeeded
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.message import Bug, Message
from wizard.gui.widgets.parts import Heading, Note, Panel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_CARD = ("role", "module", "minutes", "lifetime")


class SystemPage(Page):
    """Shows every system. `picked` with a slug, `opened` on a double click, `retried` after a failure."""

    picked = Signal(str)
    opened = Signal()
    retried = Signal()

    def __init__(self, texts: Texts, providers: Mapping[str, Provider]) -> None:
        super().__init__(texts)
        self._providers = providers
        self._error: WizardError | Bug | None = None
        self._told_of = ""
        self._broken: tuple[str, ...] = ()
        self._intro, self._trouble = Note(), Note(tone=Tone.WAIT)
        self.systems = Choices()
        self.systems.picked.connect(self._show_card)
        self.systems.itemDoubleClicked.connect(lambda _: self.opened.emit())
        self.message = Message()
        self.message.acted.connect(self.retried)
        self._card = _Card()
        self._place()
        self.say(texts)

    def complete(self) -> bool:
        """Tell whether a system is picked that can be connected from here."""
        return bool(self.systems.current()) and self._error is None

    def current(self) -> str:
        """Return the slug of the picked system, or an empty text."""
        return self.systems.current()

    def pick(self, slug: str) -> None:
        """Pick a system."""
        self.systems.choose(slug)

    def show_error(self, error: WizardError | Bug | None) -> None:
        """Say why the picked system cannot be connected from here, or that it can."""
        self._error = error
        self._say_error()
        self.complete_changed.emit()

    def offer(self, providers: Mapping[str, Provider], broken: Iterable[str] = ()) -> None:
        """Offer more systems than at first: plug-ins are looked for after the window is there.

        `broken` are the names of those that could not be loaded.
        """
        self._providers, self._broken = providers, tuple(broken)
        self.say(self.texts)

    def say(self, texts: Texts) -> None:
        """Speak a language from now on."""
        super().say(texts)
        self.title.setText(texts.say("system.title"))
        self._intro.setText(texts.say("system.intro"))
        self.systems.setAccessibleName(texts.say("system.list"))
        self._trouble.setVisible(bool(self._broken))
        self._trouble.setText(texts.say("system.broken", names=", ".join(self._broken)))
        ordered = sorted(self._providers.values(), key=lambda one: one.name.lower())
        self.systems.offer([_choice(provider, texts) for provider in ordered])
        self._say_card()
        self._say_error()

    def first_focus(self) -> QWidget:
        """Return the list."""
        return self.systems

    def _say_card(self) -> None:
        provider = self._providers.get(self.current())
        self._card.setVisible(provider is not None)
        if provider:
            self._card.say(provider, self.texts)

    def _say_error(self) -> None:
        self.message.setVisible(self._error is not None)
        if self._error:
            provider = self._providers.get(self.current())
            other = isinstance(self._error, PartnerKeyNeeded) or not provider
            self.message.explain(self._error, self.texts, provider, action=not other)

    def _show_card(self, slug: str) -> None:
        self._say_card()
        if self._error and self._told_of != slug:
            self._error = None
            self.message.hide()
        self._told_of = slug
        self.picked.emit(slug)
        self.complete_changed.emit()

    def _place(self) -> None:
        self.column.addWidget(self._intro)
        row = QHBoxLayout()
        row.setSpacing(look.gap(self, 5))
        self.systems.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.systems.setMinimumWidth(look.em(self, 14))
        row.addWidget(self.systems, 3)
        side = QVBoxLayout()
        side.addWidget(self._card)
        side.addStretch(1)
        row.addLayout(side, 2)
        self.column.addLayout(row, 1)
        self.column.addWidget(self.message)  # beneath, so that what was clicked does not jump away
        self.column.addWidget(self._trouble)


class _Card(Panel):
    """What to have at hand before starting with one system."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Heading(2)
        self._names = {part: Note() for part in _CARD}
        self._texts = {part: QLabel() for part in _CARD}
        self._terms = Note()
        grid = QGridLayout(self)
        grid.setContentsMargins(*[look.gap(self, 4)] * 4)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._title, 0, 0)
        for row, part in enumerate(_CARD):
            self._texts[part].setWordWrap(True)
            grid.setRowMinimumHeight(3 * row + 1, look.gap(self, 3))
            grid.addWidget(self._names[part], 3 * row + 2, 0)
            grid.addWidget(self._texts[part], 3 * row + 3, 0)
        grid.setRowMinimumHeight(3 * len(_CARD) + 1, look.gap(self, 3))
        grid.addWidget(self._terms, 3 * len(_CARD) + 2, 0)

    def say(self, provider: Provider, texts: Texts) -> None:
        """Show one system's."""
        self._title.setText(texts.say("system.before"))
        for part in _CARD:
            self._names[part].setText(texts.say(f"system.{part}"))
            self._texts[part].setText(texts.say(f"before.{part}", provider))
        has_terms = texts.has("terms", provider)
        self._terms.setVisible(has_terms)
        self._terms.setText(texts.say("terms", provider) if has_terms else "")


def _choice(provider: Provider, texts: Texts) -> Choice:
    line = texts.say("summary", provider)
    return Choice(
        key=provider.slug, title=provider.name, line=line, badge=badge_of(provider.name), hue=provider.hue
    )


def badge_of(name: str) -> str:
    """Return two letters that stand for a system: our own, no vendor's logo."""
    capitals = "".join(letter for letter in name if letter.isupper())
    return (capitals if len(capitals) > 1 else name)[:2]
