"""RightsTable: each right that the partner needs, whether it is there, where to tick it, what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from wizard.gui import look
from wizard.gui.look import Tone
from wizard.gui.widgets import ring
from wizard.gui.widgets.fold import Fold
from wizard.gui.widgets.parts import Heading, Icon, Note, Panel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.core.provider import Finding, Provider
    from wizard.core.texts import Texts

_LOOKS = {
    "passed": ("check", Tone.GOOD),
    "failed": ("cross", Tone.BAD),
    "skipped": ("dash", Tone.PLAIN),
}


class RightsTable(QWidget):
    """Shown at once when a right is missing, else when asked for; hidden where a system has none."""

    def __init__(self) -> None:
        super().__init__()
        self._findings: list[Finding] = []
        self._said: tuple[object, ...] = ()
        self.fold = Fold()
        self.fold.toggled.connect(self._unfold)
        self._panel = Panel()
        self._rows = QVBoxLayout(self._panel)
        self._rows.setContentsMargins(*[look.gap(self, 4)] * 4)
        self._rows.setSpacing(look.gap(self, 3))
        self._lead = Note(tone=Tone.PLAIN)
        self._rows.addWidget(self._lead)
        self.rows: list[RightRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold)
        column.addWidget(self._panel)
        self.start()

    def start(self) -> None:
        """Forget the last test."""
        self._findings, self._said = [], ()
        self._clear()
        self.fold.setChecked(False)
        self._unfold(open_=False)
        self.hide()

    def add(self, finding: Finding) -> None:
        """Note what a right came to; other findings are not for here."""
        if finding.check == "right":
            self._findings.append(finding)

    def say(self, texts: Texts, provider: Provider | None, names: Mapping[str, str]) -> None:
        """Show the rights in a language; `names` are those of the companies, by the vendor's id."""
        self.setVisible(bool(self._findings and provider))
        said = (texts.language, len(self._findings), provider, *names.items())
        if not self._findings or not provider or said == self._said:
            return
        self._said = said
        self._clear()
        missing = [one for one in self._findings if one.state == "failed"]
        stops = any(one.facts.get("required") for one in missing)
        self.fold.setText(texts.say("rights.show"))
        self._lead.setText(texts.say(f"rights.{'missing' if stops else 'spared' if missing else 'all'}"))
        companies = {str(one.facts["company"]) for one in self._findings}
        for one in sorted(self._findings, key=lambda one: one.state != "failed"):
            name = names.get(str(one.facts["company"]), "") if len(companies) > 1 else ""
            row = RightRow(one, texts, provider, name)
            self.rows.append(row)
            self._rows.addWidget(row)
            row.show()
        if missing:
            self.fold.setChecked(True)

    def _clear(self) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []

    def _unfold(self, open_: bool) -> None:  # noqa: FBT001  # the signal toggled(bool) calls it
        self._panel.setVisible(open_)


class RightRow(QWidget):
    """One right: an icon and a word, its name, where it is ticked, and what it is for or what is lost."""

    def __init__(self, finding: Finding, texts: Texts, provider: Provider, company: str) -> None:
        super().__init__()
        right, state = str(finding.facts["right"]), finding.state
        said = {part: texts.say(f"rights.{right}.{part}", provider) for part in ("name", "where", "why")}
        lost = texts.say(f"rights.{right}.without", provider) if state == "failed" else said["why"]
        self._word, self._name = QLabel(), Heading(2)
        self._word.setText(texts.say(f"rights.{state}"))
        self._name.setText(
            texts.say("rights.of", right=said["name"], company=company) if company else said["name"]
        )
        self._where, self._why = Note(tone=Tone.PLAIN), Note()
        self._where.setText(texts.say("rights.where", where=said["where"]))
        self._why.setText(lost)
        need = "rights.required" if finding.facts.get("required") else "rights.optional"
        self._need = Note()
        self._need.setText(texts.say(need))
        parts = (self._name, self._word, self._need, self._where, self._why)
        self.setAccessibleName(". ".join(part.text().rstrip(".") for part in parts))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty(ring.MARK, True)  # as Qt has it
        self._place(*_LOOKS[state])

    def _place(self, icon: str, tone: Tone) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.gap(self, 2))
        grid.setVerticalSpacing(look.gap(self, 0) + 2)
        grid.addWidget(Icon(icon, tone), 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._word, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._need, 1, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._name, 0, 2)
        grid.addWidget(self._where, 1, 2)
        grid.addWidget(self._why, 2, 2)
        grid.setColumnMinimumWidth(1, look.em(self, 4.5))
        grid.setColumnStretch(2, 1)
