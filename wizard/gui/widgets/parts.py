"""Small parts that every page uses: headings, explaining text, icons, panels, announcements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from wizard.gui import look
from wizard.gui.look import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent, QShowEvent


HIGH = 1.9
"""How high buttons and lines to type in are, in heights of a line of text."""

LOW = 1.75
"""How high the small ones beside a text are: 24 pixels where a line has 14, for no less is hit with ease."""

ARROW = 0.5
"""How wide the arrow of something that opens is, in heights of a line of text."""

_LIT = 0.12
_LEFT_FOR_ARROW = 19
"""The room that our own style leaves for its arrow, whatever the size of text, in pixels."""

_LEFT = Qt.AlignmentFlag.AlignLeft


class Heading(QLabel):
    """A heading of level 1 or 2 that wraps."""

    def __init__(self, level: int = 1) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        look.make_heading(self, level)


class Note(QLabel):
    """Text that explains: wraps, may be selected with the mouse, and stands back a little."""

    def __init__(self, *, tone: Tone | None = None) -> None:
        super().__init__()
        self._tone = tone
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._colour()

    def set_tone(self, tone: Tone | None) -> None:
        """Say something else by its colour; None stands back."""
        self._tone = tone
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        own = QLabel().palette()
        colour = look.quiet(own) if self._tone is None else look.colour_of(self._tone, own)
        own.setColor(QPalette.ColorRole.WindowText, colour)
        if self.palette() != own:  # setting it is a change of the palette, too
            self.setPalette(own)


class Paragraph(Note):
    """A longer text that takes the height it needs by itself: nested layouts forget to ask for it.

    It is `lines` high at least, so that what is said in it may change without a jump.
    """

    def __init__(self, *, tone: Tone | None = None, lines: int = 0) -> None:
        self._lines = lines
        super().__init__(tone=tone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the width asks for."""
        super().resizeEvent(event)
        self._fit()

    def setText(self, text: str) -> None:
        """Set the text, and take the height for it."""
        super().setText(text)
        self._fit()

    def _fit(self) -> None:
        least = self._lines * self.fontMetrics().lineSpacing()
        self.setMinimumHeight(0)  # else Qt's answer is never lower than what was
        self.setMinimumHeight(max(least, self.heightForWidth(self.width())))


class Button(QPushButton):
    """A button with room around its words, as high as a line to type in.

    A key that is held down presses it once only: Enter may not run on through the pages. The one that leads
    on is filled: there is one of them at a time, and it is the next thing to do.
    """

    _leads = _tight = False

    def tighten(self, tight: bool) -> None:  # noqa: FBT001  # as `lead` has it
        """Have little room around the words, or as much as there is in a roomy window."""
        self._tight = tight
        self.updateGeometry()

    def lead(self, leads: bool = True) -> None:  # noqa: FBT001, FBT002  # as Qt's own setDefault has it
        """Be the button that leads on, or be none."""
        self._leads = leads
        self.update()

    def is_next(self) -> bool:
        """Tell whether it is what is to be pressed next."""
        return self._leads and self.isEnabled()

    def leads(self) -> bool:
        """Tell whether it is filled: a native style has its own way to show the default button."""
        return self.is_next() and self.style().name().lower() == "fusion"

    def sizeHint(self) -> QSize:
        """Return the size of the words with room around them."""
        hint = super().sizeHint()
        wide = hint.width() + look.em(self, 0.8)
        if self._tight:
            words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
            wide = min(wide, words.width() + look.em(self, 1.2))
        return QSize(wide, max(hint.height(), look.em(self, HIGH)))

    def minimumSizeHint(self) -> QSize:
        """Return the same: words are never cut."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take no notice of repeats."""
        if not event.isAutoRepeat():
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a ring where the focus is: a style leaves it out until Tab is pressed."""
        filled = self.leads()
        if filled:
            self._fill()
        elif self.isFlat():
            self._write()
        else:
            super().paintEvent(event)
        if self.hasFocus():
            role, inset = QPalette.ColorRole.Accent, 1
            if filled:
                role, inset = QPalette.ColorRole.HighlightedText, 3
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().color(role), 2.0))
            painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), 3, 3)
            painter.end()

    def _fill(self) -> None:
        """Draw it in the accent, exactly: a style would mix it with greys, and the words be less clear."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        words = self.palette().color(QPalette.ColorRole.HighlightedText)
        option.palette.setColor(QPalette.ColorRole.ButtonText, words)
        painter = QStylePainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = look.lead_ground(self.palette(), hovered=self.underMouse(), pressed=self.isDown())
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)
        painter.end()

    def _write(self) -> None:
        """Draw the words only: what else a style draws of a flat one that is on looks like one turned off."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)


class Small(Button):
    """A button that stands beside a text, lower than the page's own."""

    def sizeHint(self) -> QSize:
        """Return the size of the words with room around them."""
        return QSize(super().sizeHint().width(), look.em(self, LOW))


class Quiet(Button):
    """A button that stands back beside the page's own: words in the colour of links, without a border.

    A ground shows it where the mouse is over it, and for as long as it is pressed or switched on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFlat(True)
        self.setAutoDefault(False)
        self._colour()

    def sizeHint(self) -> QSize:
        """Return the size of the words, with a little room around them."""
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(words.width() + 2 * self.room(), look.em(self, LOW))

    def room(self) -> int:
        """Return how much room there is on either side of the words."""
        return look.gap(self, 2)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, then the words."""
        lit = self.isEnabled() and (self.underMouse() or self.isDown() or self.isChecked())
        if lit:
            colours = self.palette()
            ground = colours.color(QPalette.ColorRole.Link)
            ground.setAlphaF(_LIT)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            stark = look.is_stark(QApplication.palette())  # a button's own tells of its edge
            painter.setPen(colours.color(QPalette.ColorRole.Link) if stark else Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            inset = 0.5 if stark else 0.0  # so that the edge is as clear as it is thin
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 3, 3)
            painter.end()
        super().paintEvent(event)

    def _colour(self) -> None:
        own = QPushButton().palette()
        link = own.color(QPalette.ColorRole.Link)
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            own.setColor(group, QPalette.ColorRole.ButtonText, link)
        if self.palette() != own:  # setting it is a change of the palette, too
            self.setPalette(own)


class Combo(QComboBox):
    """A list to pick from, whose arrow is as large as the text: our own style's is always equally small."""

    def sizeHint(self) -> QSize:
        """Return the size that its longest line asks for, and the arrow."""
        return super().sizeHint() + self._more()

    def minimumSizeHint(self) -> QSize:
        """Return the least, with the arrow too."""
        return super().minimumSizeHint() + self._more()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, the arrow and the words, one after the other."""
        if self.style().name().lower() != "fusion":
            super().paintEvent(event)
            return
        option, control = QStyleOptionComboBox(), QStyle.SubControl
        self.initStyleOption(option)
        option.subControls = control.SC_ComboBoxFrame | control.SC_ComboBoxEditField
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = self.palette().color(group, QPalette.ColorRole.ButtonText)
        look.draw_arrow(painter, self.arrow(), ink, down=True)
        option.rect = self.rect().adjusted(0, 0, -self._more().width(), 0)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def arrow(self) -> QRect:
        """Return where the arrow is."""
        side = look.em(self, ARROW)
        left = self.width() - look.gap(self, 2) - side
        return QRect(left, (self.height() - side) // 2, side, side)

    def _more(self) -> QSize:
        """Return the room for an arrow of this size, beyond what the style leaves for its own."""
        own = self.style().name().lower() == "fusion"
        room = look.gap(self, 1) + look.em(self, ARROW) + look.gap(self, 2)
        return QSize(max(0, room - _LEFT_FOR_ARROW) if own else 0, 0)


class Icon(QLabel):
    """An icon as high as a line of text, in a colour that says something."""

    def __init__(self, name: str = "", tone: Tone = Tone.PLAIN, *, lines: float = 1.15) -> None:
        super().__init__()
        self._name, self._tone, self._lines = name, tone, lines
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._draw()

    def show_icon(self, name: str, tone: Tone) -> None:
        """Show another icon."""
        self._name, self._tone = name, tone
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the size of text."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange}:
            self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw it now: what is never shown need not be drawn, nor Qt's SVG part loaded for it."""
        super().showEvent(event)
        self._draw()

    def _draw(self) -> None:
        side = look.em(self, self._lines)
        self.setFixedSize(side, side)
        if self._name and self.isVisible():
            colour = look.colour_of(self._tone, self.palette())
            self.setPixmap(look.icon(self._name, side, colour, self.devicePixelRatioF()))


class Panel(QFrame):
    """A quiet ground with a thin border, coloured a little by a tone; a `flush` one fills the whole width."""

    def __init__(self, *, tone: Tone = Tone.PLAIN, flush: bool = False) -> None:
        super().__init__()
        self._tone, self._flush = tone, flush
        self.setFrameShape(QFrame.Shape.NoFrame)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        base, edge = look.panel(self._tone, self.palette(), flush=self._flush)
        painter = QPainter(self)
        if self._flush:
            painter.fillRect(self.rect(), base)
            if look.is_stark(self.palette()):  # where its ground is the window's, a line tells where it ends
                painter.fillRect(0, self.height() - 2, self.width(), 2, edge)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(edge, 1.0))
            painter.setBrush(base)
            radius = look.gap(self, 2)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), radius, radius)
        painter.end()


class Row(QWidget):
    """Widgets side by side; one beneath the other where there is no room for that.

    There is none where they would be cut, or, with `least`, where the row is narrower than so many lines.
    """

    def __init__(self, *parts: QWidget, space: int = 2, least: float = 0.0, ends: bool = True) -> None:
        super().__init__()
        self._least, self._parts = least, list(parts)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(look.gap(self, space))
        for part in parts:
            self._box.addWidget(part, 0, _LEFT if isinstance(part, Quiet) else Qt.AlignmentFlag(0))
        if ends:
            self._box.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def add(self, part: QWidget, stretch: int = 0) -> None:
        """Add a widget at the end."""
        self._parts.append(part)
        self._box.addWidget(part, stretch)

    def end(self) -> None:
        """Leave what room there is at the end."""
        self._box.addStretch()

    def folded(self) -> bool:
        """Tell whether the parts stand one beneath the other."""
        return self._box.direction() is QBoxLayout.Direction.TopToBottom

    def sizeHint(self) -> QSize:
        """Return the width at which all stand side by side."""
        hints = [one.sizeHint() for one in self._shown()]
        need = sum(one.width() for one in hints) + self._box.spacing() * max(0, len(hints) - 1)
        margins = self._box.contentsMargins()
        return QSize(need + margins.left() + margins.right(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest part: the others go beneath it."""
        widths = [self._narrowest(one) for one in self._shown()]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Look anew whether there is room, whenever a part comes, goes or says something else."""
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self._turn()
        return super().event(event)

    def _turn(self) -> None:
        shown = self._shown()
        need = sum(one.sizeHint().width() if not self._least else self._narrowest(one) for one in shown)
        need += self._box.spacing() * max(0, len(shown) - 1)
        room = self.width() >= max(need, look.em(self, self._least))
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        if self.folded() is room:
            self._box.setDirection(across if room else down)
            self.updateGeometry()
            self._box.activate()  # Qt has laid it out for this event already

    def _shown(self) -> list[QWidget]:
        return [one for one in self._parts if not one.isHidden()]

    def _narrowest(self, part: QWidget) -> int:
        return max(part.minimumWidth(), part.minimumSizeHint().width())


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say something that appeared without the focus moving there."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # many enums: not before it is needed

    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
