"""Looking: every text that a window holds, wherever it is kept; for whoever searches it for a secret."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMetaObject, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QListWidget, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERIES = [one for one in Qt.InputMethodQuery if one.name not in {"ImQueryInput", "ImQueryAll"}]
NO_TEXTS = frozenset(
    {"bool", "int", "double", "QSize", "QRect", "QPoint", "QRegion", "QIcon", "QPixmap", "QPalette", "QFont"}
    | {"QCursor", "QLocale", "QSizePolicy"}
)
"""Kinds of properties that never hold a text: to ask each of them takes longer than all the others."""
KNOWN: dict[tuple[str, int], list[str]] = {}
"""The properties of each class that was asked for them."""

TEXTS = [one for one in QAccessible.Text if one.name != "UserText"]
RUN = 6
"""So many characters of a secret in a row are too many."""


def properties(thing: QObject) -> list[str]:
    """Return every property of an object that is a text."""
    names = [*declared(thing.metaObject())]
    names += [bytes(name.data()).decode() for name in thing.dynamicPropertyNames()]
    values: list[object] = []
    for name in names:
        with suppress(RuntimeError):  # a kind of value that Python has no word for is no text
            values.append(thing.property(name))
    return [value for value in values if isinstance(value, str)]


def declared(meta: QMetaObject) -> list[str]:
    """Return the properties of a class that may hold a text: all but those of a kind that is never one."""
    key = meta.className(), meta.propertyCount()
    if key not in KNOWN:
        every = [meta.property(at) for at in range(meta.propertyCount())]
        maybe = [one for one in every if str(one.typeName()) not in NO_TEXTS and not one.isEnumType()]
        KNOWN[key] = [str(one.name()) for one in maybe]
    return KNOWN[key]


def spoken(widget: QObject) -> list[str]:
    """Return every text that an assistive program can read off a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    texts: list[Any] = [interface.text(one) for one in TEXTS]
    lines = interface.textInterface()
    if lines is not None:
        texts += [lines.text(0, lines.characterCount())]
    return [text for text in texts if isinstance(text, str)]


def answers(widget: QWidget) -> list[str]:
    """Return what a widget tells an input method."""
    asked: list[Any] = []
    for query in QUERIES:
        with suppress(RuntimeError):  # as above
            asked.append(widget.inputMethodQuery(query))
    return [str(value) for value in asked if isinstance(value, str | int)]


def contents(widget: QWidget) -> list[str]:
    """Return what stands in a widget."""
    if isinstance(widget, QLineEdit):
        return [widget.text(), widget.displayText(), widget.selectedText()]
    if isinstance(widget, QComboBox):
        return [widget.itemText(at) for at in range(widget.count())]
    if isinstance(widget, QListWidget):
        items = [widget.item(at) for at in range(widget.count())]
        roles = range(int(Qt.ItemDataRole.UserRole) + 8)
        return [str(item.data(role)) for item in items for role in roles if item.data(role) is not None]
    return []


def every_text(window: QWidget) -> list[str]:
    """Return every text in the tree of widgets, hidden ones, other windows and actions too."""
    others = [one for one in QApplication.topLevelWidgets() if one is not window]
    found: list[str] = []
    for widget in {id(one): one for top in (window, *others) for one in _tree(top)}.values():
        found += properties(widget) + spoken(widget) + answers(widget) + contents(widget)
        for action in widget.actions():
            found += properties(action)
    return found + process_texts()


def _tree(top: QWidget) -> Iterator[QWidget]:
    yield top
    yield from top.findChildren(QWidget)


def process_texts() -> list[str]:
    """Return what the system tells others of this process: its arguments and its environment."""
    files = [Path("/proc/self") / name for name in ("cmdline", "environ")]
    return [file.read_bytes().decode("utf-8", "replace") for file in files if file.exists()]


def runs(secret: str) -> set[str]:
    """Return every part of a secret that is too long to be told: all of a short one."""
    return {secret[at : at + RUN] for at in range(max(1, len(secret) - RUN + 1))}


def leaks(texts: list[str], secret: str) -> list[str]:
    """Return the texts that tell a part of a secret; most often one look at all of them is enough."""
    parts = runs(secret)
    everything = "\0".join(texts)
    if not any(part in everything for part in parts):
        return []
    return [text for text in texts if any(part in text for part in parts)]
