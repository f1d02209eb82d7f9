"""What is there for somebody who is stuck or in a hurry: on a small screen, by keyboard, by ear."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollBar, QVBoxLayout, QWidget

from tests.gui.gate import problems
from tests.gui.gate import stops as reached
from tests.gui.helpers import LANGUAGES, PRESET, good_key
from tests.gui.states import bring
from tests.gui.test_layout import clipped, contrast
from tests.gui.test_paste import LETTER, row_at
from wizard.core import errors
from wizard.gui import look
from wizard.gui.look import Scheme, Tone
from wizard.gui.practice_panel import PracticePanel
from wizard.gui.question import question
from wizard.gui.sheets import ExplainSheet, HistorySheet, ReportSheet
from wizard.gui.widgets.field_row import SecretRow
from wizard.gui.widgets.parts import Paragraph, Quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.gui.helpers import Customer, Maker

READABLE = 4.5
SMALL = (1024, 700)


@pytest.fixture(params=[1.0, 2.0], ids=["text_100", "text_200"])
def scale(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Scale all text, and take it back."""
    was = QFont(qapp.font())
    larger = QFont(was)
    larger.setPointSizeF(was.pointSizeF() * float(request.param))
    qapp.setFont(larger)
    yield
    qapp.setFont(was)


def offered(customer: Customer) -> None:
    row_at(customer, "password", "xledger", "web_service")
    customer.paste(LETTER)


def removed(customer: Customer) -> None:
    row_at(customer, "token")
    customer.paste(f" Bearer {good_key(customer.provider('fiken'))}\n")


def of_another(customer: Customer) -> None:
    row_at(customer, "token")
    customer.paste(good_key(customer.provider("tripletex")))


def compared(customer: Customer) -> None:
    removed(customer)
    row = customer.window._key().fields["token"]
    assert isinstance(row, SecretRow)
    customer.click(row.tools.compare)


def found(customer: Customer) -> None:
    bring(customer, "home")
    customer.window._home().show_found("damaged")


def damaged(customer: Customer) -> None:
    customer.window.go_home()
    customer.wait_page("home")
    customer.window._home_failed(errors.LedgerUnreadable(reason="damaged"))


def asking(customer: Customer) -> None:
    bring(customer, "passed")
    customer.window._show_asking(True)


def hidden(customer: Customer) -> None:
    bring(customer, "home")
    customer.window.share.tick(True)


NEW: dict[str, Callable[[Customer], None]] = {
    one.__name__: one for one in (offered, removed, of_another, compared, found, damaged, asking, hidden)
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", NEW)
def test_it_fits_a_small_screen_and_can_be_heard(make: Maker, scale: None, language: str, state: str) -> None:
    customer = make(language=language)
    NEW[state](customer)
    window = customer.window
    window.resize(*SMALL)
    QApplication.processEvents()
    QApplication.processEvents()
    assert (window.width(), window.height()) == SMALL
    assert clipped(window) == []
    bars = [one for one in window.findChildren(QScrollBar) if one.isVisible()]
    assert not [one for one in bars if one.orientation() is Qt.Orientation.Horizontal]
    assert problems(window) == []
    assert wordless(window) == []


def test_what_a_paste_came_to_is_seen_together_with_its_field(customer: Customer, scale: None) -> None:
    customer.window.resize(1280, 720)
    row = row_at(customer, "user_name", "xledger", "web_service")
    customer.paste(good_key(customer.provider("poweroffice")))
    assert "PowerOffice" in row._help.text()
    page = customer.window._key()
    for _ in range(3):
        QApplication.processEvents()
    begins, ends = (
        row.mapTo(page.viewport(), at).y() for at in (row.rect().topLeft(), row.rect().bottomLeft())
    )
    assert begins >= 0
    assert ends <= page.viewport().height()


def wordless(window: QWidget) -> list[QPushButton]:
    """Return the buttons that can be seen and say nothing."""
    return [one for one in window.findChildren(QPushButton) if one.isVisible() and not one.text()]


def test_a_message_that_is_no_failure_has_no_code_and_nothing_to_copy(customer: Customer) -> None:
    found(customer)
    message = customer.window._home().found
    assert message.isVisible()
    assert not message.copy.isVisible()
    assert not message.spoken.isVisible()
    assert message.trouble is None


def test_tab_goes_from_the_field_over_what_is_said_to_what_can_be_done_with_it(customer: Customer) -> None:
    removed(customer)
    row = customer.window._key().fields["token"]
    assert isinstance(row, SecretRow)
    tools = row.tools
    wanted = [row.edit, row.paste, row.clear, row.aftermath.act, tools.hold, tools.compare, tools.remove]
    ring = reached(customer.window)
    at = ring.index(row.edit)
    assert ring[at : at + len(wanted)] == wanted


def test_help_comes_after_the_page_and_the_names_before_it(customer: Customer) -> None:
    bring(customer, "failed")
    window = customer.window
    ring = reached(window)
    inside = [at for at, one in enumerate(ring) if window.stack.isAncestorOf(one)]
    assert ring.index(window.support) > max(inside)


def test_enter_does_nothing_while_nothing_may_be_pressed(customer: Customer) -> None:
    bring(customer, "storing")
    assert customer.focused() in {None, customer.window}
    customer.press(Qt.Key.Key_Return)
    assert not customer.window.share.ticked()
    assert not customer.window.findChildren(ExplainSheet)


@pytest.mark.parametrize("kind", [ExplainSheet, ReportSheet, HistorySheet])
def test_escape_closes_a_sheet_wherever_the_focus_is_and_the_window_stays(
    customer: Customer, kind: type[QWidget]
) -> None:
    bring(customer, "home")
    ways = {
        ExplainSheet: customer.window.helper.open_explain,
        ReportSheet: customer.window.helper.open_report,
        HistorySheet: customer.window._home().history.click,
    }
    for stop in range(len(_opened(customer, kind, ways[kind]))):
        sheet_stops = _opened(customer, kind, ways[kind])
        sheet_stops[stop].setFocus()
        QTest.keyClick(sheet_stops[stop], Qt.Key.Key_Escape)
        customer.wait(lambda: not customer.window.findChildren(kind))
    assert customer.window.isVisible()


def _opened(customer: Customer, kind: type[QWidget], open_: Callable[[], object]) -> list[QWidget]:
    """Open a sheet, unless it is open; return where its focus can be."""
    if not customer.window.findChildren(kind):
        open_()
    customer.wait(lambda: any(one.isVisible() for one in customer.window.findChildren(kind)))
    return reached(customer.window.findChildren(kind)[0])


def test_a_question_is_no_narrow_column(customer: Customer) -> None:
    texts = customer.window.texts
    said, buttons = texts.say("reveal.warning"), ("show_key", "keep_hidden")
    box = question(customer.window, texts, "reveal.title", said, buttons)
    box.show()
    QApplication.processEvents()
    (label,) = (one for one in box.findChildren(QLabel) if one.text() == said)
    assert label.height() <= 4 * label.fontMetrics().lineSpacing()
    assert box.width() <= 400, "no wider than the smallest window"
    box.close()


def test_a_paragraph_is_as_high_as_what_it_says_now(qapp: QApplication) -> None:
    holder = QWidget()
    column = QVBoxLayout(holder)
    said = Paragraph()
    column.addWidget(said)
    column.addStretch(1)
    holder.resize(200, 400)
    holder.show()
    heights = []
    for text in ("kort", "en lang tekst " * 20, "kort"):
        said.setText(text)
        qapp.processEvents()
        heights.append(said.height())
    assert heights[1] > 3 * heights[0] == 3 * heights[2]
    said.setText("en lang tekst " * 20)
    qapp.processEvents()
    holder.resize(900, 400)
    qapp.processEvents()
    assert said.height() < heights[1] / 2
    holder.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_quiet_button_can_be_read_on_every_ground(qapp: QApplication, *, dark: bool) -> None:
    try:
        qapp.setPalette(look.palette(Scheme.DARK if dark else Scheme.LIGHT))
        ink, colours = Quiet().palette().color(QPalette.ColorRole.ButtonText), qapp.palette()
        assert ink == colours.color(QPalette.ColorRole.Link)
        assert min(contrast(ink, ground) for ground in _grounds(colours)) >= READABLE
    finally:
        qapp.setPalette(look.palette())


def _grounds(colours: QPalette) -> Iterator[QColor]:
    """Yield what it stands on: the window, fields, panels of every tone, and each of them lit."""
    role, link = QPalette.ColorRole, colours.color(QPalette.ColorRole.Link)
    base = colours.color(role.AlternateBase)
    plain = [colours.color(role.Window), base]
    plain += [look.mix(look.colour_of(tone, colours), base, 0.07) for tone in Tone if tone is not Tone.PLAIN]
    for ground in plain:
        yield ground
        yield look.mix(link, ground, 0.12)


def test_a_quiet_button_follows_the_theme_and_shows_that_it_is_pressed(qapp: QApplication) -> None:
    button = Quiet()
    button.setText("Compare")
    button.setCheckable(True)
    button.resize(button.sizeHint())
    plain = button.grab().toImage()
    button.setChecked(True)
    assert button.grab().toImage() != plain
    try:
        qapp.setPalette(look.palette(Scheme.DARK))
        QApplication.processEvents()
        link = look.palette(Scheme.DARK).color(QPalette.ColorRole.Link)
        assert button.palette().color(QPalette.ColorRole.ButtonText) == link
    finally:
        qapp.setPalette(look.palette())


def test_what_is_wrong_with_an_answer_is_seen_to_its_last_line(make: Maker, scale: None) -> None:
    customer = make(language="en")
    customer.to_key("form", "313000214")
    customer.window.resize(1280, 720)
    page = customer.window._key()
    page.show_error(errors.FieldInvalid(fields=("email",), reason="shape"))
    said = page.fields["email"]._help
    customer.qtbot.wait(20)
    customer.wait(lambda: said.visibleRegion().boundingRect() == said.rect())
    assert "Error code" in said.text(), "a line that is cut makes another code of it"


def test_the_name_is_seen_where_the_number_is_set(make: Maker, scale: None) -> None:
    customer = make(preset=replace(PRESET, company="313000028"), language="en")
    customer.window.resize(1280, 720)
    customer.pick("fiken")
    label = customer.window._company().label
    assert label.hasFocus()
    customer.wait(lambda: label.visibleRegion().boundingRect() == label.rect())


def test_no_part_of_the_panel_of_faults_stands_over_another(make: Maker, scale: None) -> None:
    customer = make(practice=True, language="en")
    customer.click(customer.window.footer.practice)
    (panel,) = customer.window.findChildren(PracticePanel)
    panel.setMaximumHeight(720)
    panel.rows.setCurrentRow(1)
    customer.qtbot.wait(20)
    parts = (panel._intro, panel._system_name, panel.search, panel.rows, panel._next, panel._card)
    for above, below in pairwise(parts):
        assert above.geometry().bottom() < below.geometry().top()


def test_the_ways_beneath_the_list_of_systems_are_seen_whole(make: Maker, scale: None) -> None:
    customer = make()
    customer.window.resize(1280, 720)
    page = customer.window._system()
    customer.qtbot.wait(20)
    for button in (page.absent, page.start):
        assert button.visibleRegion().boundingRect() == button.rect()
