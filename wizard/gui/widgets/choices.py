"""Lists to choose from: systems, companies, connections, steps; a row has a title and a line beneath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from wizard.gui import look
from wizard.gui.widgets.badge import draw_badge

if TYPE_CHECKING:
    from collections.abc import Container

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent

    from wizard.gui.look import Tone

_LINE = Qt.ItemDataRole.UserRole + 1
_BADGE = Qt.ItemDataRole.UserRole + 2
_HUE = Qt.ItemDataRole.UserRole + 3
_HEADING = Qt.ItemDataRole.UserRole + 4
_KEY = Qt.ItemDataRole.UserRole
_RADIO = Qt.ItemDataRole.UserRole + 5
_SYSTEM = Qt.ItemDataRole.UserRole + 6
_STATE = Qt.ItemDataRole.UserRole + 7
_SIGN = Qt.ItemDataRole.UserRole + 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A row: its badge is a `system`'s drawing, else the letters `badge`, in the colour `hue`, in degrees.

    `ticked` is None where there is nothing to tick; with `radio` the row that is chosen shows as such. A
    `heading` stands above rows and is none itself. A `state` stands beneath all else, with an icon and in a
    tone, which are its `sign`.
    """

    key: str
    title: str
    line: str = ""
    badge: str = ""
    hue: int = 0
    system: str = ""
    enabled: bool = True
    ticked: bool | None = None
    heading: bool = False
    radio: bool = False
    state: str = ""
    sign: tuple[str, Tone] | None = None


class Choices(QListWidget):
    """A list of choices. `picked` when another row is current, `ticks_changed` when a tick changes."""

    picked = Signal(str)
    ticks_changed = Signal()

    def __init__(self, *, slim: bool = False) -> None:
        super().__init__()
        self.setViewport(QWidget())  # to ask for Qt's own has PySide load every widget class: 10 ms
        self.setItemDelegate(_Rows(self, slim=slim))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(False)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSpacing(look.gap(self, 0) + 2)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.currentItemChanged.connect(self._tell_picked)
        self.itemSelectionChanged.connect(self._follow_selection)
        self.itemChanged.connect(lambda _: self.ticks_changed.emit())

    def offer(self, choices: list[Choice]) -> None:
        """Show these rows; the current one stays current where it is among them."""
        current = self.current()
        self.blockSignals(True)
        self._drop_rows()
        for choice in choices:
            self.addItem(_item(choice))
        self.choose(current)
        self.blockSignals(False)
        if self.current() != current:
            self._tell_picked()

    def _drop_rows(self) -> None:
        """Empty the list, with the rows held meanwhile: PySide frees them before Qt is done with them."""
        rows = self._items()
        self.clear()
        rows.clear()

    def current(self) -> str:
        """Return the key of the current row, or an empty text."""
        return str(self.currentIndex().data(_KEY) or "")

    def choose(self, key: str) -> None:
        """Make a row current; an unknown key makes none so."""
        for item in self._items():
            if item.data(_KEY) == key:
                self.setCurrentItem(item)
                return

    def tick(self, key: str, *, ticked: bool) -> None:
        """Tick the row of that key, or take its tick away."""
        for item in self._items():
            if item.data(_KEY) == key:
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def clear_choice(self) -> None:
        """Make no row current."""
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())

    def ticked(self) -> tuple[str, ...]:
        """Return the keys of the ticked rows."""
        return tuple(
            str(item.data(_KEY)) for item in self._items() if item.checkState() is Qt.CheckState.Checked
        )

    def first(self) -> str:
        """Return the key of the first row that is shown and may be picked, or an empty text."""
        rows = (item for item in self._items() if not item.isHidden() and item.flags())
        return next((str(item.data(_KEY)) for item in rows), "")

    def show_only(self, keys: Container[str]) -> None:
        """Hide the rows and headings that are not among the keys; a current row that goes is let go of."""
        for item in self._items():
            item.setHidden(str(item.data(_KEY)) not in keys)
        if self.current() and self.current() not in keys:
            self.clear_choice()

    def tick_shown(self, *, ticked: bool) -> None:
        """Tick every row that is shown and may be ticked, or take the ticks of those away."""
        state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        self.blockSignals(True)
        for item in self._items():
            if not item.isHidden() and item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                item.setCheckState(state)
        self.blockSignals(False)
        self.viewport().update()
        self.ticks_changed.emit()

    def show_matching(self, text: str) -> None:
        """Hide the rows in which the text does not occur."""
        wanted = text.casefold().strip()
        for item in self._items():
            shown = f"{item.text()} {item.data(_LINE)}".casefold()
            item.setHidden(wanted not in shown and wanted.replace(" ", "") not in shown.replace(" ", ""))

    def sizeHint(self) -> QSize:
        """Return the size at which no row need be scrolled to."""
        rows = sum(self.sizeHintForRow(row) + 2 * self.spacing() for row in range(self.count()))
        return QSize(super().sizeHint().width(), rows + 2 * self.spacing())

    def doItemsLayout(self) -> None:
        """Lay the rows out, once more where that brought a scroll bar: Qt would let narrower rows overlap."""
        width = self.viewport().width()
        super().doItemsLayout()
        if self.viewport().width() != width:
            super().doItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current row in sight when the list is laid out anew."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.scheduleDelayedItemsLayout()  # at once: Qt would let rows overlap for a tenth of a second
        self.updateGeometry()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus without making a choice: Qt would make the first row current."""
        if self.currentIndex().isValid():
            super().focusInEvent(event)
        else:
            QAbstractScrollArea.focusInEvent(self, event)
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter to the window's default button."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _follow_selection(self) -> None:
        """Make a row current that an assistive program has selected: Qt leaves that to the mouse and keys."""
        selected = self.selectedIndexes()
        if selected and selected[0] != self.currentIndex():
            self.setCurrentIndex(selected[0])

    def _tell_picked(self) -> None:
        self.picked.emit(self.current())


def _item(choice: Choice) -> QListWidgetItem:
    item = QListWidgetItem(choice.title)
    item.setData(_KEY, choice.key)
    item.setData(_LINE, choice.line)
    item.setData(_BADGE, choice.badge)
    item.setData(_HUE, choice.hue)
    item.setData(_HEADING, choice.heading)
    item.setData(_RADIO, choice.radio)
    item.setData(_SYSTEM, choice.system)
    item.setData(_STATE, choice.state)
    item.setData(_SIGN, choice.sign)
    said = (one for one in (choice.title, choice.line, choice.state) if one)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, ". ".join(said))
    flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
    if choice.ticked is not None:
        flags |= Qt.ItemFlag.ItemIsUserCheckable
        item.setCheckState(Qt.CheckState.Checked if choice.ticked else Qt.CheckState.Unchecked)
    item.setFlags(flags if choice.enabled and not choice.heading else Qt.ItemFlag.NoItemFlags)
    return item


class _Rows(QStyledItemDelegate):
    """Draws a row: tick or badge, title, line beneath, and a border where it is chosen or has the focus."""

    def __init__(self, view: Choices, *, slim: bool) -> None:
        super().__init__(view)
        self._view = view
        self._slim = slim
        self._pad = 2

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size that the text needs at the list's width."""
        pad = look.gap(self._view, self._pad)
        width = max(80, self._view.viewport().width() - 2 * self._view.spacing())
        text = self._text_width(width, index)
        height = _height(_heavy(option.font), str(index.data() or ""), text)
        line = str(index.data(_LINE) or "")
        height += _height(option.font, line, text) if line else 0
        state = str(index.data(_STATE) or "")
        height += _height(option.font, state, text - self._sign(index)) if state else 0
        return QSize(width, max(height, self._lead(index)) + 2 * pad + 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect.adjusted(1, 1, -1, -1)
        if not index.data(_HEADING):
            self._draw_ground(painter, option, rect)
        pad = look.gap(self._view, self._pad)
        inner = rect.adjusted(pad, pad, -pad, -pad)
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
            self._draw_tick(painter, option, inner, index)
        elif index.data(_RADIO):
            self._draw_radio(painter, option, inner)
        elif index.data(_BADGE):
            self._draw_badge(painter, inner, index)
        lead = self._lead(index)
        self._draw_text(painter, option, inner.adjusted(lead + pad if lead else 0, 0, 0, 0), index)
        painter.restore()

    def editorEvent(self, event, model, option, index):  # type: ignore[no-untyped-def]
        """Tick wherever in the row the mouse was pressed; in a slim one, which leads on, in its box only."""
        if event.type() == event.Type.MouseButtonRelease and index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            beside = self._slim and event.position().x() > option.rect.left() + self._box_width()
            if event.button() is not Qt.MouseButton.LeftButton or beside:
                return False
            was = index.data(Qt.ItemDataRole.CheckStateRole)
            now = (
                Qt.CheckState.Unchecked
                if Qt.CheckState(was) is Qt.CheckState.Checked
                else Qt.CheckState.Checked
            )
            return model.setData(index, now.value, Qt.ItemDataRole.CheckStateRole)
        return super().editorEvent(event, model, option, index)

    def _draw_ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        colours = self._view.palette()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        accent = colours.color(QPalette.ColorRole.Accent)
        ground = look.row_ground(colours, chosen=chosen, hovered=hovered)
        edge = accent if chosen or focused else colours.color(QPalette.ColorRole.Midlight)
        painter.setPen(QPen(edge, 2.0 if chosen or focused else 1.0))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, look.gap(self._view, 2), look.gap(self._view, 2))

    def _draw_tick(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        inner: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        able = bool(option.state & QStyle.StateFlag.State_Enabled)
        side = look.em(self._view, 1.1)
        top = inner.top() + (inner.height() - side) // 2 if self._slim else inner.top()
        room = QRect(inner.left(), top, side, side)
        look.draw_mark(painter, room, self._view.palette(), look.Mark(on=on, able=able))

    def _draw_radio(self, painter: QPainter, option: QStyleOptionViewItem, inner: QRect) -> None:
        on = bool(option.state & QStyle.StateFlag.State_Selected)
        side = look.em(self._view, 1.1)
        room = QRect(inner.left(), inner.top(), side, side)
        look.draw_mark(painter, room, self._view.palette(), look.Mark(on=on, round=True))

    def _draw_badge(
        self, painter: QPainter, inner: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        side = look.em(self._view, 2.2)
        tile = QRect(inner.left(), inner.top() + (inner.height() - side) // 2, side, side)
        badge = (str(index.data(_SYSTEM) or ""), str(index.data(_BADGE)), int(index.data(_HUE)))
        painter.setFont(self._view.font())
        draw_badge(painter, tile, self._view.palette(), badge)

    def _draw_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        colours = self._view.palette()
        usable = bool(option.state & QStyle.StateFlag.State_Enabled) or bool(index.data(_HEADING))
        group = QPalette.ColorGroup.Active if usable else QPalette.ColorGroup.Disabled
        title, line = str(index.data() or ""), str(index.data(_LINE) or "")
        font = self._title_font(option)
        top = _height(font, title, area.width())
        if not line:
            top = area.height()
        painter.setFont(font)
        painter.setPen(colours.color(group, QPalette.ColorRole.Text))
        at = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRect(area.left(), area.top(), area.width(), top), at, title)
        painter.setFont(option.font)
        painter.setPen(look.quiet(colours) if usable else colours.color(group, QPalette.ColorRole.Text))
        painter.drawText(area.adjusted(0, top, 0, 0), Qt.TextFlag.TextWordWrap, line)
        if index.data(_SIGN):
            self._draw_state(
                painter, area.adjusted(0, top + _height(option.font, line, area.width()), 0, 0), index
            )

    def _draw_state(self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw how it is: an icon, and the words beside it."""
        name, tone = index.data(_SIGN)
        colour = look.colour_of(tone, self._view.palette())
        side = look.em(self._view, 1.0)
        painter.drawPixmap(area.topLeft(), look.icon(name, side, colour, self._view.devicePixelRatioF()))
        painter.setPen(colour)
        words = area.adjusted(self._sign(index), 0, 0, 0)
        painter.drawText(words, Qt.TextFlag.TextWordWrap, str(index.data(_STATE)))

    def _sign(self, index: QModelIndex | QPersistentModelIndex) -> int:
        return look.em(self._view, 1.35) if index.data(_SIGN) else 0

    def _title_font(self, option: QStyleOptionViewItem) -> QFont:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        return _heavy(option.font) if chosen or not self._slim else QFont(option.font)

    def _lead(self, index: QModelIndex | QPersistentModelIndex) -> int:
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None or index.data(_RADIO):
            return look.em(self._view, 1.1)
        return look.em(self._view, 2.2) if index.data(_BADGE) else 0

    def _box_width(self) -> int:
        """Return how much of a row, from its left, is the box and the room around it."""
        return look.em(self._view, 1.1) + look.gap(self._view, self._pad) * 3 // 2 + 1

    def _text_width(self, width: int, index: QModelIndex | QPersistentModelIndex) -> int:
        pad = look.gap(self._view, self._pad)
        lead = self._lead(index)
        return width - 2 * pad - 2 - (lead + pad if lead else 0)


def _heavy(font: QFont) -> QFont:
    """Return the font of a title; a chosen row has it too, so that every row is high enough for it."""
    heavy = QFont(font)
    heavy.setWeight(QFont.Weight.DemiBold)
    return heavy


def _height(font: QFont, text: str, width: int) -> int:
    area = QRect(0, 0, max(1, width), 10_000)
    return QFontMetrics(font).boundingRect(area, Qt.TextFlag.TextWordWrap, text).height()
