"""Everything that a window lets be read: by its widgets, by assistive programs, by any program that asks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAction, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from tests.gui.looking import declared

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOKEN = tuple(QAccessible.Text)
ROLES = (*range(16), Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1)


def every_text() -> dict[str, str]:
    """Return all texts of all windows by channel: properties, accessibility, lists, the clipboard."""
    widgets = QApplication.allWidgets()
    objects = [one for widget in widgets for one in (widget, *widget.findChildren(QAction))]
    return {
        "properties": "\n".join(text for one in dict.fromkeys(objects) for text in properties(one)),
        "accessibility": "\n".join(text for one in widgets for text in spoken(one)),
        "lists": "\n".join(text for one in widgets for text in listed(one)),
        "clipboard": "\n".join(clipboard()),
    }


def properties(one: QObject) -> Iterator[str]:
    for name in declared(one.metaObject()):
        value = one.property(name)
        yield value if isinstance(value, str) else ""
    for dynamic in one.dynamicPropertyNames():
        with suppress(RuntimeError):  # of a kind that Python has no word for
            yield str(one.property(bytes(dynamic.data()).decode()))


def spoken(widget: QWidget) -> Iterator[str]:
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is not None:
        yield from (interface.text(kind) for kind in SPOKEN if kind is not QAccessible.Text.UserText)
        value, text = interface.valueInterface(), interface.textInterface()
        with suppress(AttributeError):  # there is none
            yield str(value.currentValue())
        with suppress(AttributeError):
            yield text.text(0, text.characterCount())
    asked = (Qt.InputMethodQuery.ImSurroundingText, Qt.InputMethodQuery.ImCurrentSelection)
    for one in asked:
        with suppress(RuntimeError):  # as above
            yield str(widget.inputMethodQuery(one))


def listed(widget: QWidget) -> Iterator[str]:
    model = widget.model() if isinstance(widget, QAbstractItemView) else None
    if model:
        for row in range(model.rowCount()):
            yield from (str(model.index(row, 0).data(role)) for role in ROLES)


def clipboard() -> Iterator[str]:
    held = QGuiApplication.clipboard().mimeData()
    with suppress(AttributeError):  # there is nothing on it
        for kind in held.formats():
            yield bytes(held.data(kind).data()).decode("utf-8", "replace")
