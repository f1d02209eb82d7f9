from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from tests.gui.helpers import LANGUAGES, OTHERS, SYSTEMS, shown
from tests.gui.states import ONLY, STATES, bring
from wizard.gui import look
from wizard.gui.look import Scheme, Tone
from wizard.gui.theme import dress
from wizard.gui.widgets.choices import Choices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gui.helpers import Customer, Maker

ROLE = QPalette.ColorRole
READABLE = 4.5
WIDE, HIGH = 1280, 720
BESIDE = (360, 680)
TARGET = 24
LONGEST = "nb"  # its words are; one language is enough, and quicker
_CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
TURNS = 20


@pytest.fixture(params=[1.0, 2.0], ids=["text_100", "text_200"])
def scale(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[float]:
    """Scale all text, the large one in high contrast, and take it back."""
    was = QFont(qapp.font())
    larger = QFont(was)
    larger.setPointSizeF(was.pointSizeF() * float(request.param))
    qapp.setFont(larger)
    if request.param > 1:
        dress(qapp, Scheme.CONTRAST)
    yield float(request.param)
    qapp.setFont(was)
    dress(qapp)


def clipped(window: QWidget) -> list[str]:
    """Return the labels and buttons whose text does not fit."""
    found: list[str] = []
    for widget in shown(window):
        if isinstance(widget, QLabel) and widget.text():
            found += _short(widget)
        elif isinstance(widget, Choices):
            found += _low(widget)
        elif isinstance(widget, QPushButton) and widget.text():
            need, have = widget.minimumSizeHint(), widget.size()
            if need.width() > have.width() or need.height() > have.height():
                found.append(f"button {widget.text()!r}: {have} of {need}")
    return found


def _low(rows: Choices) -> list[str]:
    """Return the rows that are lower than their text, were they chosen."""
    heavy = QFont(rows.font())
    heavy.setWeight(QFont.Weight.DemiBold)
    found: list[str] = []
    for item in rows._items():
        if not item.isHidden():
            line = str(item.data(Qt.ItemDataRole.UserRole + 1) or "")
            tick = item.data(Qt.ItemDataRole.CheckStateRole) is not None
            lead = 1.1 if tick else 2.2 if item.data(Qt.ItemDataRole.UserRole + 2) else 0
            pad, rect = rows.itemDelegate()._pad, rows.visualItemRect(item)  # type: ignore[attr-defined]
            pad = look.gap(rows, pad)
            width = rect.width() - 2 * pad - 2 - (look.em(rows, lead) + pad if lead else 0)
            need = _text_height(heavy, item.text(), width) + 2 * pad + 2
            need += _text_height(rows.font(), line, width) if line else 0
            found += [f"row {item.text()!r}: {rect.height()} of {need}"] if need > rect.height() else []
    return found


def _text_height(font: QFont, text: str, width: int) -> int:
    room = QRect(0, 0, width, 10_000)
    return QFontMetrics(font).boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()


def _short(label: QLabel) -> list[str]:
    if label.wordWrap():
        need = label.heightForWidth(label.width())
        return [f"label {label.text()!r}: {label.height()} of {need}"] if need > label.height() else []
    need = label.sizeHint().width()
    return [f"label {label.text()!r}: {label.width()} of {need}"] if need > label.width() else []


def fit(customer: Customer) -> None:
    """Make the window as large as a small screen, and let it settle: a few turns, or a moment more."""
    customer.window.resize(WIDE, HIGH)
    QApplication.processEvents()
    QApplication.processEvents()
    for _ in range(TURNS):
        if not clipped(customer.window):
            return
        customer.qtbot.wait(10)


def check(customer: Customer) -> None:
    """See that nothing is cut off, and that the window is no larger than the screen."""
    fit(customer)
    assert clipped(customer.window) == []
    assert customer.window.width() <= WIDE
    assert customer.window.height() <= HIGH
    page = customer.window.stack.currentWidget()
    assert isinstance(page, QWidget)
    bars = [one for one in page.findChildren(QScrollBar) if one.isVisible()]
    assert not [one for one in bars if one.orientation() is Qt.Orientation.Horizontal]


def check_beside(customer: Customer) -> None:
    """See that it stands beside a browser, with all that can be pressed as large as it has to be."""
    window = customer.window
    assert too_small(window) == []
    window.resize(*BESIDE)
    for _ in range(4):
        QApplication.processEvents()
    assert (window.width(), window.height()) == BESIDE
    assert clipped(window) == []
    assert too_small(window) == []
    page = window.stack.currentWidget()
    assert isinstance(page, QScrollArea)
    assert page.horizontalScrollBar().maximum() == 0
    window.resize(WIDE, HIGH)


def too_small(window: QWidget) -> list[str]:
    """Return what is to be pressed or typed in, and is harder to hit than WCAG 2.2 lets it be."""
    found: list[str] = []
    for widget in shown(window):
        rects = [QRect(QPoint(), widget.size())] if isinstance(widget, _CONTROLS) else []
        if isinstance(widget, Choices):
            rects = [widget.visualItemRect(one) for one in widget._items() if not one.isHidden()]
        if not isinstance(widget.parent(), QLineEdit):  # a line's own cross: nothing else is near it
            found += [f"{widget}: {one}" for one in rects if min(one.width(), one.height()) < TARGET]
    return found


def in_each_language(customer: Customer, scale: float) -> None:
    """Check it in the language it began in, and in the other: the way there takes longer than the look."""
    began = customer.window.language.currentData()
    for language in sorted(LANGUAGES, key=lambda one: one != began):
        customer.choose_language(language)
        check(customer)
        if scale == 1 and language == LONGEST:
            check_beside(customer)
    customer.look()
    customer.window.setUpdatesEnabled(False)


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_cut_off(make: Maker, scale: float, state: str) -> None:
    practice = state not in {"home", "home_failed", "done_later"}
    customer = make(language="nb", practice=practice, still=True)
    bring_anyway(customer, state)
    in_each_language(customer, scale)


def bring_anyway(customer: Customer, state: str) -> None:
    """Bring the window there with the system that has the longest words."""
    bring(customer, state, ONLY.get(state, ("tripletex",))[-1])


@pytest.mark.parametrize("slug", SYSTEMS)
def test_no_step_of_a_guide_is_cut_off(make: Maker, scale: float, slug: str) -> None:
    customer = make(language="nb", still=True)
    customer.to_key(slug)
    for _ in customer.provider(slug).guide[1:]:
        in_each_language(customer, scale)
        customer.click(customer.window._key().following)
    in_each_language(customer, scale)


@pytest.mark.parametrize("slug", OTHERS)
def test_no_step_or_form_of_the_other_systems_is_cut_off(make: Maker, scale: float, slug: str) -> None:
    customer = make(language="nb", still=True)
    for _ in customer.every_step(slug):
        in_each_language(customer, scale)


def luminance(colour: QColor) -> float:
    """Return the relative luminance, as WCAG 2 has it."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (ROLE.WindowText, ROLE.Window),
        (ROLE.WindowText, ROLE.Base),
        (ROLE.Text, ROLE.Base),
        (ROLE.Text, ROLE.AlternateBase),
        (ROLE.ButtonText, ROLE.Button),
        (ROLE.PlaceholderText, ROLE.Window),
        (ROLE.PlaceholderText, ROLE.Base),
        (ROLE.HighlightedText, ROLE.Highlight),
        (ROLE.ToolTipText, ROLE.ToolTipBase),
        (ROLE.Link, ROLE.Window),
    ],
)
def test_text_can_be_read(ink: QPalette.ColorRole, ground: QPalette.ColorRole, *, dark: bool) -> None:
    colours = look.palette(Scheme.DARK if dark else Scheme.LIGHT)
    assert contrast(colours.color(ink), colours.color(ground)) >= READABLE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("tone", Tone)
def test_tones_can_be_read_on_every_ground(tone: Tone, *, dark: bool) -> None:
    colours = look.palette(Scheme.DARK if dark else Scheme.LIGHT)
    said, base = look.colour_of(tone, colours), colours.color(ROLE.Base)
    grounds = [base, colours.color(ROLE.Window), look.mix(said, base, 0.07), look.mix(said, base, 0.14)]
    assert min(contrast(said, ground) for ground in grounds) >= READABLE
    quiet = look.quiet(colours)
    assert contrast(quiet, look.mix(said, base, 0.07)) >= READABLE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_on_a_chosen_row_can_be_read(*, dark: bool) -> None:
    colours = look.palette(Scheme.DARK if dark else Scheme.LIGHT)
    chosen = look.mix(colours.color(ROLE.Accent), colours.color(ROLE.Base), 0.12)
    assert contrast(colours.color(ROLE.Text), chosen) >= READABLE
    assert contrast(look.quiet(colours), chosen) >= READABLE


def test_dark_is_told_from_light() -> None:
    assert look.is_dark(look.palette(Scheme.DARK))
    assert not look.is_dark(look.palette())


def test_the_window_follows_the_theme(qapp: QApplication, customer: Customer) -> None:
    try:
        qapp.setPalette(look.palette(Scheme.DARK))
        QApplication.processEvents()
        customer.pick("fiken")
        intro = customer.window._company()._intro.palette().color(ROLE.WindowText)
        title = customer.window._system()._intro.palette().color(ROLE.WindowText)
        assert intro == title == look.quiet(look.palette(Scheme.DARK))
    finally:
        qapp.setPalette(look.palette())
