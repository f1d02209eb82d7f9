"""The gate: what somebody who cannot see, or has no mouse, misses in a window, and how to mend it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTextEdit,
    QToolButton,
    QWidget,
)

from tests.gui.helpers import shown
from wizard.gui.look import Scheme, Tone
from wizard.gui.theme import dress
from wizard.gui.widgets.choices import Choices
from wizard.gui.widgets.guide_view import Drawing
from wizard.gui.widgets.message import Message
from wizard.gui.widgets.parts import Heading, Icon, Note
from wizard.gui.widgets.step_map import StepMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.gui.helpers import Customer

Role = QAccessible.Role
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QPlainTextEdit, QTextEdit)
ROLES: tuple[tuple[type[QWidget], frozenset[Role]], ...] = (
    (QCheckBox, frozenset({Role.CheckBox})),
    (QPushButton, frozenset({Role.Button, Role.ButtonMenu, Role.CheckBox})),
    (QToolButton, frozenset({Role.Button, Role.CheckBox})),
    (QComboBox, frozenset({Role.ComboBox})),
    (QLineEdit, frozenset({Role.EditableText})),
    (QAbstractItemView, frozenset({Role.List, Role.Table, Role.Tree})),
    (QPlainTextEdit, frozenset({Role.EditableText, Role.Document})),
    (QTextEdit, frozenset({Role.EditableText, Role.Document})),
)
LEAST = 3.0
"""How much lighter or darker a mark of the focus must be than what was there: WCAG 2.2, 1.4.11 and 2.4.13."""


def said(widget: QWidget, kind: QAccessible.Text = QAccessible.Text.Name) -> str:
    """Return what a screen reader says of a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(kind)


def described(widget: QWidget) -> str:
    """Return what a screen reader adds to the name."""
    return said(widget, QAccessible.Text.Description)


def called(widget: QWidget) -> str:
    """Return what to call a widget in a failure: its class, its words, and where it was made."""
    words = said(widget) or getattr(widget, "text", str)() or widget.objectName()
    holder = type(widget.parentWidget()).__name__ if widget.parentWidget() else "no parent"
    return f"{type(widget).__name__} “{words}” in {holder}"


def controls(window: QWidget) -> list[QWidget]:
    """Return what can be worked with: parts that Qt's own controls are made of are left out."""
    return [one for one in shown(window) if isinstance(one, CONTROLS) and not _is_inner(one)]


def _is_inner(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return isinstance(parent, QLineEdit | QComboBox) or (
        isinstance(parent, QAbstractScrollArea) and isinstance(widget, QAbstractButton)
    )


def stops(window: QWidget) -> list[QWidget]:
    """Return the widgets that Tab should reach, in its order, once round."""
    ring: list[QWidget] = []
    at = window.nextInFocusChain()
    while at is not None and at is not window:
        if at.isVisible() and at.isEnabled() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            ring.append(at)
        at = at.nextInFocusChain()
    return ring


def problems(window: QWidget) -> list[str]:
    """Return everything that the gate asks for and that is not so."""
    return [
        *names(window),
        *labels(window),
        *letters(window),
        *states(window),
        *lists(window),
        *pictures(window),
        *wrongs(window),
        *headings(window),
    ]


def names(window: QWidget) -> Iterator[str]:
    """Yield what has no name, a name that hides its words, a wrong role, or no way to it by Tab."""
    ring = stops(window)
    for one in {id(each): each for each in (*controls(window), *ring)}.values():
        if not said(one).strip():
            yield f"no name: {called(one)}: setAccessibleName, or a text"
        if "&" in said(one).replace("&&", ""):
            yield f"a mark for the letter is said aloud: {called(one)}"
        role = QAccessible.queryAccessibleInterface(one).role()
        wanted = next((roles for kind, roles in ROLES if isinstance(one, kind)), None)
        if wanted and role not in wanted:
            yield f"role {role.name}: {called(one)}"
        if isinstance(one, CONTROLS) and one.isEnabled() and one not in ring:
            yield f"Tab does not come to {called(one)}: its focusPolicy is {one.focusPolicy().name}"
        if not isinstance(one, CONTROLS) and not (said(one) and _tells(one)):
            yield f"takes the focus, and a screen reader hears nothing of what it is for: {called(one)}"
    yield from _twins(ring)


def _tells(widget: QWidget) -> bool:
    return bool(described(widget)) or len(said(widget).split()) > 2


def _twins(ring: Iterable[QWidget]) -> Iterator[str]:
    """Yield buttons that are called the same: nobody who hears them could tell them apart."""
    seen: dict[str, QWidget] = {}
    for one in ring:
        name = said(one)
        if isinstance(one, QAbstractButton) and name in seen and described(one) == described(seen[name]):
            yield f"two buttons are called the same: {called(one)} and {called(seen[name])}"
        seen.setdefault(name, one)


def labels(window: QWidget) -> Iterator[str]:
    """Yield lines without a label to be seen, without a description, and names without the words seen."""
    buddies = {id(one.buddy()) for one in window.findChildren(QLabel) if _is_label(one)}
    for one in controls(window):
        if isinstance(one, QLineEdit | QComboBox) and id(one) not in buddies and not _tells_itself(one):
            yield f"no label is its buddy: {called(one)}"
        if isinstance(one, QLineEdit) and not described(one) and not one.placeholderText():
            yield f"no description: {called(one)}: its help text belongs there"
        if isinstance(one, QAbstractButton) and (words := plain(one.text())) and words not in said(one):
            yield f"the name does not hold the words that are seen, “{words}”: {called(one)}"


def _is_label(one: QLabel) -> bool:
    """Tell whether it stands there as the label of something."""
    return one.isVisible() and one.buddy() is not None


def _tells_itself(one: QWidget) -> bool:
    """Tell whether a control says by its own words what it is for: a search, the list of languages."""
    if isinstance(one, QLineEdit):
        return bool(one.placeholderText()) and one.placeholderText() in said(one)
    return isinstance(one, QComboBox) and isinstance(one.itemData(0), str) and one.itemData(0) in {"nb", "en"}


def plain(words: str) -> str:
    """Return the words of a button without the mark for its letter."""
    return words.replace("&", "").rstrip("… ")


def letters(window: QWidget) -> Iterator[str]:
    """Yield letters that two things on the page share."""
    texts = [one.text() for one in window.findChildren(QAbstractButton) if one.isVisible()]
    texts += [one.text() for one in window.findChildren(QLabel) if _is_label(one)]
    seen: dict[str, str] = {}
    for text in (one for one in texts if "&" in one):
        letter = text[text.index("&") + 1].lower()
        if letter in seen:
            yield f"Alt+{letter} is for both “{seen[letter]}” and “{text}”"
        seen[letter] = text


def states(window: QWidget) -> Iterator[str]:
    """Yield what is ticked, shut off or read-only, and is not said to be."""
    for one in controls(window):
        state: Any = QAccessible.queryAccessibleInterface(one).state()
        facts = {"disabled": not one.isEnabled(), "invisible": False}
        if isinstance(one, QAbstractButton) and one.isCheckable():
            facts |= {"checked": one.isChecked(), "checkable": True}
        if isinstance(one, QLineEdit | QPlainTextEdit | QTextEdit):
            facts |= {"readOnly": one.isReadOnly()}
        for name, wanted in facts.items():
            if bool(getattr(state, name)) is not wanted:
                yield f"“{name}” is said to be {not wanted}: {called(one)}"


def lists(window: QWidget) -> Iterator[str]:
    """Yield rows that say nothing, or do not say that they are ticked or picked."""
    for rows in (one for one in shown(window) if isinstance(one, Choices)):
        interface = QAccessible.queryAccessibleInterface(rows)
        for at, item in enumerate(rows._items()):
            cell: Any = interface.child(at)
            name = cell.text(QAccessible.Text.Name) if cell else ""
            if item.text() not in name or str(item.data(Qt.ItemDataRole.UserRole + 1) or "") not in name:
                yield f"the row “{item.text()}” of {called(rows)} is heard as “{name}”"
            ticked = item.data(Qt.ItemDataRole.CheckStateRole)
            if ticked is not None and cell.state().checked != (
                Qt.CheckState(ticked) is Qt.CheckState.Checked
            ):
                yield f"nobody hears whether “{item.text()}” is ticked"
            if bool(cell.state().selected) != item.isSelected():
                yield f"nobody hears whether “{item.text()}” is picked"


def pictures(window: QWidget) -> Iterator[str]:
    """Yield pictures without words in their place; icons stand beside words and are no more than that."""
    for one in shown(window):
        if isinstance(one, Drawing | StepMap) and not said(one).strip():
            yield f"nothing instead of the picture: {called(one)}"
        bare = isinstance(one, QLabel) and not isinstance(one, Icon | Drawing) and not one.pixmap().isNull()
        if bare and not said(one).strip():
            yield f"a picture that nobody hears of: {called(one)}: name it, or put an Icon beside words"
        if isinstance(one, Icon) and _is_alone(one):
            yield f"an icon without words beside it: {called(one)}"


def _is_alone(icon: Icon) -> bool:
    holder = icon.parentWidget()
    beside = holder.findChildren(QLabel) if holder else []
    return not any(one.text() for one in beside if one.isVisible() and one is not icon)


def wrongs(window: QWidget) -> Iterator[str]:
    """Yield what is said to be wrong in red, and is not said by what it is about."""
    every = [f"{said(one)} {described(one)}" for one in shown(window)]
    for one in shown(window):
        words = one.text() if isinstance(one, Note) and one._tone is Tone.BAD else ""
        if words and not any(words in text for text in every if text.strip() != words):
            yield f"only to be seen, in no name and no description: {called(one)}"
        if isinstance(one, Message):
            labels = [each for each in one.findChildren(QLabel) if each.isVisible() and each.text()]
            texts = [each.text().replace("\u00a0", " ") for each in labels]  # no line ends within a number
            yield from (f"not in the message's name: {text}" for text in texts if text not in said(one))


def headings(window: Any) -> Iterator[str]:
    """Yield a page without a heading of its own, and a window that is not called by it."""
    if not hasattr(window, "page"):  # a sheet over the window
        return
    titles = [one for one in window.findChildren(Heading) if one.isVisible() and one.text()]
    page = window._pages[window.page]
    if page.title not in titles:
        yield f"the page {window.page} has no heading"
    if not window.windowTitle().startswith(page.title.text()):
        yield f"the window is called “{window.windowTitle()}”, the page “{page.title.text()}”"


def order(window: Any) -> list[str]:
    """Return where Tab does not go as the eye does, and buttons that come before the page."""
    ring = stops(window)
    inside = [one for one in ring if window.stack.isAncestorOf(one)]
    found: list[str] = []
    for above, below in pairwise(inside):
        first, second = box(above), box(below)
        beside = first.top() < second.bottom() and second.top() < first.bottom()
        if not (first.top() <= second.top() or beside or second.left() > first.right()):
            found.append(f"Tab goes up, from {called(above)} to {called(below)}")
    feet = [ring.index(one) for one in (window.back, window.next, window.cancel) if one in ring]
    if inside and feet and max(ring.index(one) for one in inside) > min(feet):
        found.append("Tab comes to the buttons at the foot before the page is done")
    return found


def box(widget: QWidget) -> QRect:
    """Return where a widget lies in its window."""
    return widget.rect().translated(widget.mapTo(widget.window(), QPoint(0, 0)))


def round_trip(customer: Customer) -> list[str]:
    """Press Tab until it comes round, then once back; return what is wrong with the way."""
    window, wanted = customer.window, stops(customer.window)
    if customer.focused() not in wanted:
        customer.press(Qt.Key.Key_Tab)
    start, ring = customer.focused(), []
    for _ in range(len(wanted) + 1):
        ring.append(customer.focused())
        customer.press(Qt.Key.Key_Tab)
        if customer.focused() is start:
            break
    else:
        return [f"Tab does not come round: {', '.join(called(one) for one in ring[-4:] if one)}"]
    found = [f"Tab passes by {called(one)}" for one in wanted if one not in ring]
    found += [f"Tab stops where nothing is: {one}" for one in ring if one not in wanted]
    customer.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    if customer.focused() is not ring[-1]:
        found.append(f"Shift+Tab does not lead back to {called(ring[-1] or window)}")
    return found


# the mark of the focus


class Marks:
    """Sees that the focus is seen, on each kind of control once, in the light and in the dark theme."""

    def __init__(self) -> None:
        self._seen: set[tuple[object, ...]] = set()

    def missing(self, window: QWidget) -> list[str]:
        """Return the controls of this window on which nobody could see that they have the focus."""
        fresh = {_kind(one): one for one in stops(window) if _kind(one) not in self._seen}
        self._seen |= fresh.keys()
        found: list[str] = []
        before = QApplication.focusWidget()
        for dark in (True, False) if fresh else ():
            dress(_application(), Scheme.DARK if dark else Scheme.LIGHT)
            QApplication.processEvents()
            found += [_unseen(one, window, dark=dark) for one in fresh.values()]
        if before and before.isVisible():
            before.setFocus()
        return [one for one in found if one]


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _kind(widget: QWidget) -> tuple[object, ...]:
    flags = (getattr(widget, name, bool)() for name in ("isDefault", "isFlat", "isCheckable", "isReadOnly"))
    return (type(widget), *flags)


def _unseen(widget: QWidget, window: QWidget, *, dark: bool) -> str:
    """Return what to say where the focus changes too little of what is seen, else an empty text."""
    other = next((one for one in stops(window) if one is not widget), None)
    if other is None:
        return ""
    _scroll_to(widget)
    area = box(widget).adjusted(-3, -3, 3, 3).intersected(window.rect())
    other.setFocus(Qt.FocusReason.TabFocusReason)
    without = _picture(window, area)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    changed = _changed(without, _picture(window, area))
    wanted = min(area.width(), area.height())
    theme = "dark" if dark else "light"
    told = f"{changed} points change, {wanted} are the least"
    return f"the focus is not seen ({theme}; {told}): {called(widget)}" if changed < wanted else ""


def _scroll_to(widget: QWidget) -> None:
    """Bring it into view, as Tab does."""
    holder = widget.parentWidget()
    while holder:
        if isinstance(holder, QScrollArea):
            holder.ensureWidgetVisible(widget)
        holder = holder.parentWidget()


def _picture(window: QWidget, area: QRect) -> QImage:
    return window.grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)


def _changed(one: QImage, other: QImage) -> int:
    """Return how many points differ as much as a mark has to."""
    width, height = min(one.width(), other.width()), min(one.height(), other.height())
    pairs: dict[tuple[int, int], int] = {}
    for y in range(height):
        for x in range(width):
            pair = one.pixel(x, y), other.pixel(x, y)
            if pair[0] != pair[1]:
                pairs[pair] = pairs.get(pair, 0) + 1
    return sum(count for (a, b), count in pairs.items() if contrast(QColor(a), QColor(b)) >= LEAST)


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours, as WCAG computes it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    red, green, blue = (_linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
