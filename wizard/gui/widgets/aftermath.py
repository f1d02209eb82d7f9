"""Aftermath: what came of a paste, in words, and what the customer can do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets.parts import LOW, Small

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.core.errors import WizardError
    from wizard.core.paste import Seen
    from wizard.core.provider import Provider
    from wizard.core.secret import Secret
    from wizard.core.texts import Texts


class Aftermath(QWidget):
    """Its buttons stand beside the words, in a place that is kept free for them: nothing jumps.

    `undone` with the text as it was pasted, `used` with what is offered, `left` when that is declined.
    """

    undone = Signal(object)
    used = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self._pasted: Secret | str = ""
        self._replaces: tuple[str, ...] = ()
        self._held = False
        self._told: tuple[str, dict[str, object]] = "", {}
        self.act, self.leave = Small(), Small()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.act, self.leave):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.setFixedHeight(look.em(self, LOW))
        self.act.clicked.connect(self._act)
        self.leave.clicked.connect(self.left)
        self.forget()

    def take(self, seen: Seen, pasted: Secret | str, *, replaces: tuple[str, ...], held: bool) -> None:
        """Take what came of a paste, and the text itself where it may be put back.

        `replaces` are the fields that would lose what they hold; `held` tells that the field has the text.
        """
        self._seen, self._pasted, self._replaces, self._held = seen, pasted, replaces, held
        self._told = "", {}
        self._show()

    def tell(self, key: str, **facts: object) -> None:
        """Say something instead, with nothing to do about it."""
        self.forget()
        self._told = key, facts

    def forget(self) -> None:
        """Forget the paste: there is nothing to put back."""
        self._seen, self._pasted, self._replaces, self._held = None, "", (), False
        self._told = "", {}
        self._show()

    def say(self, texts: Texts, provider: Provider) -> None:
        """Speak a language from now on."""
        self._texts, self._provider = texts, provider
        self._show()

    def text(self) -> str:
        """Return what came of the paste, or an empty text where there is nothing to say."""
        key, facts = self._told
        if key:
            return self._say(key, **facts)
        seen = self._seen
        if not seen or seen.error:
            return ""
        said = [self._removed(seen.removed)] if seen.sure and seen.removed else []
        said += [self._texts.say(f"warnings.{one}", self._provider) for one in seen.warnings if seen.sure]
        return " ".join(said if seen.sure else [self._offer(seen), *self._loss()])

    def refusal(self) -> WizardError | None:
        """Return why what was pasted, and is still there, cannot be used."""
        return self._seen.error if self._seen is not None else None

    def asks(self) -> bool:
        """Tell whether the customer is asked what to do."""
        return bool(self._seen is not None and not self._seen.sure)

    def sign(self) -> tuple[str, Tone]:
        """Return the icon and the tone that go with the words."""
        if self.asks():
            return "info", Tone.WAIT
        return ("warning", Tone.WAIT) if self._seen and self._seen.warnings else ("check", Tone.GOOD)

    def words(self) -> list[str]:
        """Return the words on the buttons that are there."""
        return [button.text() for button in (self.act, self.leave) if not button.isHidden()]

    def _act(self) -> None:
        seen, pasted = self._seen, self._pasted
        if seen and seen.sure:
            self.undone.emit(pasted)
        else:
            self.used.emit(seen)

    def _show(self) -> None:
        """Show the buttons that there is something to do for."""
        act, leave = self._keys()
        for button, key in ((self.act, act), (self.leave, leave)):
            button.setVisible(bool(key))
            if key:
                button.setText(self._say(key))

    def _keys(self) -> tuple[str, str]:
        seen = self._seen
        if not seen:
            return "", ""
        if seen.error:
            return ("move" if seen.values and not self._replaces else ""), ""
        if not seen.sure:
            return ("use" if len(seen.values) > 1 else "use_one"), ("keep" if self._held else "leave")
        return ("undo" if self._pasted else ""), ""

    def _removed(self, kinds: Iterable[str]) -> str:
        things = dict.fromkeys(self._say(f"things.{kind}") for kind in kinds)
        return self._say("removed", things=self._listed(list(things)))

    def _offer(self, seen: Seen) -> str:
        if len(seen.values) == 1:
            return self._say("found_one", names=self.label(*seen.values))
        return self._say("found", count=len(seen.values), names=self.names(seen.values))

    def _loss(self) -> list[str]:
        return [self._say("replaces", names=self.names(self._replaces))] if self._replaces else []

    def names(self, fields: Iterable[str]) -> str:
        """Return the labels of fields, as they are listed in a sentence."""
        return self._listed([self._say("quoted", name=self.label(name)) for name in fields])

    def label(self, name: str) -> str:
        """Return a field's label."""
        return self._texts.say(f"fields.{name}.label", self._provider)

    def _listed(self, words: list[str]) -> str:
        last = words[-2:]
        return ", ".join([*words[:-2], f" {self._say('and')} ".join(last)])

    def _say(self, key: str, **facts: object) -> str:
        return self._texts.say(f"paste.{key}", None, **facts)
