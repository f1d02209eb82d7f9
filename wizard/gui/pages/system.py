"""The page where the customer finds and picks a system; its "before you start" card stands beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from wizard.core.errors import BadInput, MethodClosed, PartnerKeyNeeded, is_damaged
from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.pages.page import Page
from wizard.gui.widgets.before import Before
from wizard.gui.widgets.choices import Choice, Choices
from wizard.gui.widgets.message import Bug, Message
from wizard.gui.widgets.parts import HIGH, Button, Note, Quiet, Row, announce
from wizard.gui.widgets.search_edit import SearchEdit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PySide6.QtGui import QResizeEvent

    from wizard.core.errors import WizardError
    from wizard.core.provider import Provider
    from wizard.core.texts import Texts

_LOWEST = 4.6
"""How low the list and the card may be, in lines: they scroll by themselves, the page seldom."""


class SystemPage(Page):
    """Shows every system. `picked` with a slug whenever another system or environment is picked.

    `opened` on a double click, `retried` after a failure, `other_wished` where this system is closed;
    `start_pasted` with a start file that was pasted.
    """

    widest = 110.0
    picked = Signal(str)
    opened = Signal()
    retried = Signal()
    other_wished = Signal()
    start_pasted = Signal(str)

    def __init__(self, texts: Texts, providers: Mapping[str, Provider]) -> None:
        super().__init__(texts)
        self._providers = providers
        self._error: WizardError | Bug | None = None
        self._told_of = ("", "")
        self._away = False
        self._key_of: str | None = None
        self._broken: tuple[str, ...] = ()
        self._chosen = False
        self._intro, self._trouble, self._by_policy = Note(), Note(tone=Tone.WAIT), Note(tone=Tone.PLAIN)
        self._nothing = Note(tone=Tone.PLAIN)
        self.search = SearchEdit(self._owner_of_key, self._pick_found)
        self.systems = Choices()
        self.absent = Button()
        self.start, self._pasted = Quiet(), ""
        self.absent.setAutoDefault(False)  # else Enter would press it while Next may not be pressed
        self.before = Before()
        self.message = Message()
        self._connect()
        self._place()
        self.say(texts)

    def complete(self) -> bool:
        """Tell whether a system is picked that can be connected from here."""
        return bool(self.systems.current()) and self._error is None

    def current(self) -> str:
        """Return the slug of the picked system, or an empty text."""
        return self.systems.current()

    def environment(self) -> str:
        """Return the environment that is picked, or an empty text for the system's first."""
        return self.before.environment() if self.current() else ""

    def pick(self, slug: str) -> None:
        """Pick a system."""
        self.systems.choose(slug)

    def show_error(self, error: WizardError | Bug | None) -> None:
        """Say why the picked system cannot be connected from here, or that it can."""
        self._take_error(error)
        self._say_error()
        self.complete_changed.emit()
        if error:
            self.bring_into_view(self.message)

    def broken_list(self) -> bool:
        """Tell whether what is shown is that the list of connections is damaged."""
        return is_damaged(self._error)

    def offer(
        self, providers: Mapping[str, Provider], broken: Iterable[str] = (), *, chosen: bool = False
    ) -> None:
        """Offer more systems than at first: plug-ins are looked for after the window is there.

        `broken` are the names of those that could not be loaded; `chosen` tells that the machine's policy
        says which systems there are.
        """
        self._providers, self._broken, self._chosen = providers, tuple(broken), chosen
        self.say(self.texts)

    def say(self, texts: Texts) -> None:
        """Speak a language from now on; what was searched for stays."""
        super().say(texts)
        self.title.setText(texts.say("system.title"))
        self._intro.setText(texts.partners("welcome") or texts.say("system.intro"))
        self.search.setPlaceholderText(texts.say("system.search"))
        self.search.setAccessibleName(texts.say("system.search"))
        self.search.name_actions(texts.say("key.paste"), texts.say("key.clear"))
        self.systems.setAccessibleName(texts.say("system.list"))
        self.absent.setText(texts.say("absent.title"))
        self.start.setText(texts.say("start.button"))
        self._nothing.setText(texts.say("system.nothing"))
        self._trouble.setVisible(bool(self._broken))
        self._trouble.setText(texts.say("system.broken", names=", ".join(self._broken)))
        self._by_policy.setVisible(self._chosen)
        self._by_policy.setText(f"{texts.say('policy.set')} {texts.say('policy.systems')}")
        self.systems.offer(choices(self._providers.values(), texts))
        self._filter()
        self._say_side()
        self._say_notice()
        self._say_error()

    def first_focus(self) -> QWidget:
        """Return the line to search in."""
        return self.search

    def forget(self) -> None:
        """Begin anew, for another connection."""
        self.search.clear()
        self._drop_notice()
        self.systems.clear_choice()
        self._away = False
        self._say_side()

    @Slot()
    def show_absent(self) -> None:
        """Show the way for a customer whose system is not here."""
        self.systems.clear_choice()
        self._away = True
        self._say_side()
        announce(self.absent, self.before.accessibleDescription())
        if self.slim() and self.before.absent:
            self.bring_into_view(self.before.absent)  # it is beneath the list, and beneath what is seen

    # searching

    def _matching(self) -> tuple[str, ...]:
        if not self.search.text():
            return tuple(self._providers)
        from wizard.core.find import matching  # nothing to look for on the first page

        return matching(self.search.text(), self._providers.values(), self.texts)

    @Slot()
    def _filter(self) -> None:
        found = self._matching()
        every = self._providers.values()
        self.systems.show_only({*found, *(heading_of(self._providers[slug], every) for slug in found)})
        self._results.setCurrentWidget(self.systems if found else self._nowhere)
        self._fold()
        if not found:
            announce(self.search, self._nothing.text())

    @Slot()
    def _edited(self) -> None:
        self._drop_notice()
        self._filter()

    @Slot()
    def _to_list(self) -> None:
        if self.systems.first():
            self.systems.setFocus(Qt.FocusReason.TabFocusReason)
            self.systems.choose(self.current() or self.systems.first())

    def _pick_found(self) -> bool:
        """Pick the first that was found, where something was looked for; tell whether that was so."""
        if not self.search.text().strip() or self.current():
            return False
        self.systems.choose(self.systems.first())
        provider = self._providers.get(self.current())
        if provider:  # the focus stays in the line, so it is said what was picked
            announce(self.search, f"{provider.name}. {self.before.accessibleDescription()}")
        return True

    def _owner_of_key(self, text: str) -> str | None:
        """Return whose key a text is, empty where that is not clear, or None where it is no key."""
        from wizard.core.find import looks_like_key, owner_of
        from wizard.core.signed import is_signed

        if is_signed(text):
            self._pasted = text
            return ""
        providers = self._providers.values()
        return owner_of(text, providers) if looks_like_key(text, providers) else None

    @Slot(str)
    def _take_key(self, slug: str) -> None:
        """Say that a key does not belong here; it is not kept, and nothing stays in the line."""
        self.search.setText("")
        if self._pasted:
            pasted, self._pasted = self._pasted, ""
            self.start_pasted.emit(pasted)
            return
        self.pick(slug)
        self._key_of = slug
        self._say_notice()

    def _say_notice(self) -> None:
        provider = self._providers.get(self._key_of or "")
        said = self.texts.say("system.key_of" if provider else "system.key", provider)
        self.before.show_notice("" if self._key_of is None else said)

    def _drop_notice(self) -> None:
        self._key_of = None
        self._say_notice()

    # what is shown

    def _take_error(self, error: WizardError | Bug | None) -> None:
        closed = any(isinstance(one, MethodClosed) for one in (self._error, error))
        self._error = error
        if closed:
            self._say_side()

    def _say_side(self) -> None:
        provider = self._providers.get(self.current())
        if isinstance(self._error, MethodClosed):
            self.before.show_absent(self.texts, closed=True)
        elif provider:
            self.before.show_card(provider, self.texts)
        elif self._away:
            self.before.show_absent(self.texts)
        else:
            self.before.show_choose(self.texts)

    def _say_error(self) -> None:
        self.message.setVisible(self._error is not None)
        if self._error:
            provider = self._providers.get(self.current())
            other = isinstance(self._error, PartnerKeyNeeded | BadInput) or not provider
            self.message.explain(self._error, self.texts, provider, action=not other)

    @Slot(str)
    def _show_picked(self, slug: str) -> None:
        self._away = self._away and not slug
        self._drop_notice()
        self._say_side()
        self._tell_picked()

    @Slot()
    def _act(self) -> None:
        """Try again; where the partner takes no keys, have another system chosen."""
        if isinstance(self._error, MethodClosed):
            self.other_wished.emit()
        else:
            self.retried.emit()

    @Slot()
    def _tell_picked(self) -> None:
        here = (self.current(), self.environment())
        if self._error and self._told_of != here:
            self._take_error(None)
            self.message.hide()
        self._told_of = here
        self.picked.emit(here[0])
        self.complete_changed.emit()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._edited)
        self.search.went_down.connect(self._to_list)
        self.search.refused.connect(
            self._take_key, Qt.ConnectionType.QueuedConnection
        )  # the line is busy yet
        self.systems.picked.connect(self._show_picked)
        self.systems.itemDoubleClicked.connect(lambda _: self.opened.emit())
        self.absent.clicked.connect(self.show_absent)
        self.before.moved.connect(self._tell_picked)
        self.before.changed.connect(self._fold)
        self.message.acted.connect(self._act)

    def _place(self) -> None:
        self.column.addWidget(self._intro)
        self._sides = row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(look.gap(self, 5))
        row.addLayout(self._left(), 3)
        self.before.setMinimumSize(look.em(self, 12), look.em(self, _LOWEST))
        row.addWidget(self.before, 2)
        self.column.addLayout(row, 1)
        self.column.addWidget(self.message)  # beneath, so that what was clicked does not jump away
        self.column.addWidget(self._trouble)
        self.column.addWidget(self._by_policy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the card beneath the list where there is no room beside it."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """In a slim window the page scrolls as one; else the list and the card do so, each by itself."""
        slim, least = self.slim(), look.em(self, _LOWEST)
        self._sides.setDirection(
            QBoxLayout.Direction.TopToBottom if slim else QBoxLayout.Direction.LeftToRight
        )
        width = self.viewport().width() - 2 * look.gap(self, 4)
        self._results.setMinimumHeight(max(least, self.systems.sizeHint().height()) if slim else least)
        self.before.setMinimumHeight(max(least, self.before.whole(width)) if slim else least)

    def _left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setSpacing(look.gap(self, 2))
        self.search.setMinimumHeight(look.em(self, HIGH))
        self._results, self._nowhere = QStackedWidget(), QWidget()
        self._results.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored
        )  # the list scrolls
        self._results.setMinimumSize(look.em(self, 14), look.em(self, _LOWEST))
        inner = QVBoxLayout(self._nowhere)
        inner.setContentsMargins(look.gap(self, 1), look.gap(self, 3), 0, 0)
        inner.addWidget(self._nothing)
        inner.addStretch(1)
        for widget in (self.systems, self._nowhere):
            self._results.addWidget(widget)  # one in the other's place: nothing around them moves
        left.addWidget(self.search)
        left.addWidget(self._results, 1)
        left.addWidget(Row(self.absent, self.start, space=3))
        return left


def choices(providers: Iterable[Provider], texts: Texts) -> list[Choice]:
    """Return the rows: by name, then each family of systems that are easily confused, under its question.

    Where the partner says in which order, that counts; a family stands where its first does.
    """
    known = tuple(providers)
    rows: list[Choice] = []
    for heading, one in _ordered(known, as_given=bool(texts.preset.offer)):
        if texts.has(f"system.{heading}") and all(row.key != heading for row in rows):
            line = texts.say("system.family_help")
            rows.append(Choice(key=heading, title=texts.say(f"system.{heading}"), line=line, heading=True))
        line = texts.say("address" if heading else "summary", one)
        badge = badge_of(one.name)
        rows.append(
            Choice(key=one.slug, title=one.name, line=line, badge=badge, hue=one.hue, system=one.slug)
        )
    return rows


def heading_of(provider: Provider, providers: Iterable[Provider]) -> str:
    """Return the key of the heading above a system, or an empty text: one alone is not confused with any."""
    kin = [one for one in providers if one.family == provider.family]
    return f"family.{provider.family}" if provider.family and len(kin) > 1 else ""


def _ordered(known: tuple[Provider, ...], *, as_given: bool) -> list[tuple[str, Provider]]:
    """Return the systems, each with its heading: by name or as given, families together."""
    rows = [(heading_of(one, known), one) for one in known]
    if not as_given:
        return sorted(rows, key=lambda row: (row[0], row[1].name.lower()))
    first: dict[str, int] = {}
    for at, (heading, one) in enumerate(rows):
        first.setdefault(heading or one.slug, at)
    return sorted(rows, key=lambda row: first[row[0] or row[1].slug])


def badge_of(name: str) -> str:
    """Return two letters that stand for a system: our own, no vendor's logo."""
    capitals = "".join(letter for letter in name if letter.isupper())
    return (capitals if len(capitals) > 1 else name)[:2]
