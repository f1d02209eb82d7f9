"""What is there for the agent: pages that are spoken and typed, practice that opens them, faults planted."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import wizard.__main__ as front
from tests.gui.gate import problems
from tests.gui.helpers import LANGUAGES, PRESET, good_key, good_number
from tests.gui.states import read
from tests.gui.test_every_state import everything
from tests.gui.test_layout import clipped
from tests.gui.test_real_x import opened as started
from tests.gui.test_report import failed, opened
from wizard import __version__, cli
from wizard.core import errors
from wizard.core.drill import drill, faults
from wizard.core.preset_files import open_preset
from wizard.core.reply import Outcome, code
from wizard.core.settings import Settings, with_settings
from wizard.core.spot import Spot
from wizard.core.texts import Texts
from wizard.gui.app import make_window
from wizard.gui.practice_panel import PracticePanel
from wizard.gui.settings_sheet import SettingsSheet
from wizard.gui.sheets import ExplainSheet, HistorySheet, ReportSheet

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QPushButton

    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World

BANK = replace(PRESET, version="2026-03")


def type_code(customer: Customer, text: str) -> ExplainSheet:
    """Type something where codes and pages are typed."""
    customer.click(customer.window.footer.code)
    sheet = opened(customer, ExplainSheet)
    sheet.edit.setFocus()
    QTest.keyClicks(sheet.edit, text)
    QTest.keyClick(sheet.edit, Qt.Key.Key_Return)
    return sheet


def answered(customer: Customer, text: str) -> str:
    """Type something that leads nowhere; return what is said of it."""
    sheet = type_code(customer, text)
    said = sheet.said.text()
    assert sheet.said.isVisible()
    sheet.reject()
    wait_closed(customer)
    return said


def wait_closed(customer: Customer) -> None:
    """Wait until the sheet is gone; then the window is in front again, as a window manager sees to."""
    customer.wait(lambda: not customer.window.findChildren(ExplainSheet))
    with customer.qtbot.waitActive(customer.window):
        customer.window.activateWindow()


def go(customer: Customer, text: str) -> None:
    """Type a page that is gone to."""
    type_code(customer, text)
    wait_closed(customer)


# The footer


def test_the_footer_says_what_this_is_and_where_we_are(make: Maker) -> None:
    customer = make(preset=BANK)
    footer = customer.window.footer
    assert footer.place.text() == f"Koble {__version__} · Fjordbanken 2026-03 · 1"
    assert footer.place.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    customer.to_key("tripletex")
    assert footer.place.text().endswith(" · 3.1")
    customer.click(customer.window._key().following)
    assert footer.place.text().endswith(" · 3.2")
    customer.choose_language("nb")
    assert footer.place.accessibleName().endswith("side 3.2")
    customer.click(customer.window.back)
    assert footer.place.text().endswith(" · 2")
    customer.window.go_home()
    customer.wait_page("home")
    assert footer.place.text() == f"Koble {__version__} · Fjordbanken 2026-03"


def test_only_practice_has_a_way_to_plant_faults(make: Maker) -> None:
    assert make(practice=True).window.footer.practice.isVisible()
    assert not make().window.footer.practice.isVisible()


def test_the_report_is_one_click_away_and_says_the_page(customer: Customer) -> None:
    customer.to_key("tripletex")
    customer.click(customer.window._key().following)
    customer.clicks = 0
    customer.click(customer.window.footer.report)
    told = tomllib.loads(opened(customer, ReportSheet).preview.toPlainText())
    assert (told["koble"]["page"], customer.clicks) == ("3.2", 1)


def test_the_report_of_a_failure_says_the_page_too(customer: Customer) -> None:
    failed(customer)
    customer.click(customer.window._testing().message.report)
    told = tomllib.loads(opened(customer, ReportSheet).preview.toPlainText())
    assert (told["koble"]["page"], told["failure"]["code"]) == ("4", "key_refused")


# Typed


def test_a_step_of_the_guide_is_gone_to_and_nothing_is_lost(customer: Customer) -> None:
    key = good_key(customer.provider("tripletex"))
    customer.to_field("tripletex", "313000060")
    customer.paste(key)
    go(customer, "steg 3,2")
    assert customer.window._key().spoken_step() == 2
    assert customer.window._key().pasted()["employee_token"] == key
    go(customer, "2")
    assert customer.window.page == "company"
    assert customer.window._company().orgnr.text() == "313000060"
    assert customer.focused() is customer.window._company().orgnr
    customer.click(customer.window.next)
    assert customer.window._key().pasted()["employee_token"] == key


def test_from_a_failed_test_one_goes_back_to_a_step(customer: Customer) -> None:
    failed(customer)
    go(customer, "3.2")
    assert (customer.window.page, customer.window._key().spoken_step()) == ("key", 2)
    assert customer.window._key().holds_secret()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_gone_to_is_said_and_the_window_stays(make: Maker, language: str) -> None:
    customer = make(language=language)
    say = customer.window.texts.say
    assert answered(customer, "3.2") == say("spot.ahead", spot="3.2")
    assert answered(customer, "1") == say("spot.here")
    assert answered(customer, "8") == say("spot.no_page", spot="8")
    customer.to_key("fiken")
    assert answered(customer, "3.9") == say("spot.no_step", spot="3.9", count=4)
    assert customer.window.page == "key"
    reply = code(b"k" * 32, "h" * 16, Outcome())
    assert answered(customer, reply) == say("spot.reply")


def test_a_test_that_runs_or_has_passed_is_not_left(customer: Customer) -> None:
    customer.slow_down(0.3)
    customer.to_test("fiken", good_number(customer.provider("fiken")))
    assert "is running" in answered(customer, "3.2")
    customer.wait_test("passed")
    assert "not saved yet" in answered(customer, "3.2")
    assert customer.window._testing().state == "passed"
    customer.store()
    assert "no way back" in answered(customer, "3.2")
    customer.to_home()
    assert "no page numbers" in answered(customer, "3.2")


# Names and numbers


def test_a_preset_can_have_them_masked_from_the_start(make: Maker) -> None:
    bridge = make().window.bridge
    window = make_window(bridge, preset=replace(BANK, share_safe=True), wish="nb", practice=False)
    assert window.share.ticked()
    assert window.share.box.isEnabled(), "the customer may show them"
    window._company().fill_in("313000028", "Kundens bok")
    assert not [text for text in read(window) if "313000028" in text or "Kundens" in text]
    assert not make_window(bridge, preset=BANK, wish="nb", practice=False).share.ticked()
    window.deleteLater()


def test_the_lines_of_a_form_are_masked_and_kept(customer: Customer) -> None:
    customer.fill_form()
    customer.window.share.tick(True)
    helper = customer.window._key().fields["helper"].edit
    assert "Serverhjelpen" not in helper.displayText()
    assert helper.text() == "Serverhjelpen AS"
    customer.window.share.tick(False)
    assert helper.displayText() == "Serverhjelpen AS"


def test_no_sheet_tells_them_either(customer: Customer) -> None:
    customer.to_done("fiken")
    customer.to_home()
    customer.window.share.tick(True)
    customer.click(customer.window._home().history)
    sheet = opened(customer, HistorySheet)
    assert not [text for text in read(sheet) if "Fjordheim" in text]
    sheet.reject()
    (key,) = customer.world.store.book().connections
    given = Settings(label="Hovedboken", contact="kari@brukerhjelp.example")
    book = customer.world.store.book()
    anyio.run(customer.world.store.amend, lambda _: with_settings(book, key, given, customer.world.clock()))
    customer.window.go_home()
    customer.wait_idle()
    customer.click(customer.window._home().change)
    settings = opened(customer, SettingsSheet)
    lines = settings.lines
    assert (lines["label"].text(), lines["contact"].text()) == (given.label, given.contact)
    told = [*everything(settings), *everything(customer.window)]
    assert not [text for text in told for part in ("Hovedboken", "brukerhjelp", "Fjordheim") if part in text]
    settings.reject()
    customer.click(customer.window.footer.report)
    report = opened(customer, ReportSheet)
    assert not report.names.isEnabled()
    assert "Fjordheim" not in report.preview.toPlainText()


# Practice opens a page


def begin(make: Maker, at: str, fault: str = "", language: str = "en", **more: Any) -> Customer:
    """Open a practice window at a page; return who stands before it."""
    customer = make(practice=True, language=language, **more)
    window = customer.window
    window.helper.training.begin(drill(at, fault, window.providers, window.texts))
    driller = window.helper.training.driller
    assert driller
    customer.wait(lambda: driller.arrived and not window.is_running())
    return customer


@pytest.mark.parametrize(
    ("at", "spoken"),
    [
        ("fiken/1", "1"),
        ("tripletex/2", "2"),
        ("tripletex/3.2", "3.2"),
        ("xledger/web_service/3.2", "3.2"),
        ("fiken/4", "4"),
        ("business_nxt/5", "5"),
        ("visma_business/5", "5"),
    ],
)
def test_practice_opens_the_page_that_the_customer_sees(make: Maker, at: str, spoken: str) -> None:
    customer = begin(make, at)
    spot = customer.window.spot()
    assert spot
    assert spot.spoken == spoken
    slug, _, method = at.rpartition("/")[0].partition("/")
    assert customer.window.helper.training.system() == slug
    assert not method or customer.window._key().method() == method


@pytest.mark.parametrize(("at", "page"), [("fiken/5", "send"), ("fiken/6", "done")])
def test_practice_that_ends_at_the_bank_opens_what_the_map_says(
    make: Maker, world: World, at: str, page: str
) -> None:
    demo = open_preset("demo", practice=True)
    assert demo.consent
    preset = replace(demo, demo=True, consent=replace(demo.consent, name=True))
    customer = begin(make, at, preset=preset, world=replace(world, preset=preset))
    window, number = customer.window, at[-1]
    assert window.page == page
    assert window.footer.place.text().endswith(f" {number}")
    assert window._map.accessibleName().startswith(f"Page {number} of 6")
    states = {row.delivered for row in customer.world.store.book().connections.values()}
    assert states == {"sent" if page == "done" else "not_needed"}
    assert window.helper.go_to(Spot(page=7)) == window.texts.say("spot.no_page", spot="7")
    assert window.helper.go_to(Spot(page=3)) == window.texts.say("spot.stored", spot="3")
    if page == "send":
        customer.click(window.cancel)
        customer.wait_page("done")
        assert window.footer.place.text().endswith(" 6")
        customer.to_home()
        customer.click(window._home().delivery.send)
        assert window.page == "send"
        assert window.spot() is None, "no walk, no number"


def test_the_page_is_the_one_that_a_customer_comes_to(make: Maker) -> None:
    walked = make(practice=True)
    walked.to_key("tripletex", good_number(walked.provider("tripletex")))
    walked.click(walked.window._key().following)
    shown = begin(make, "tripletex/3.2")
    assert read(shown.window) == read(walked.window)
    assert shown.window.walk == walked.window.walk


def test_a_fault_is_planted_before_the_page_is_opened(make: Maker) -> None:
    customer = begin(make, "fiken/5", "TX-SIGNIN-4X49")
    assert customer.window.tested() == "failed"
    assert "key_refused" in str(customer.window.walk.error and customer.window.walk.error.code)
    assert customer.window.helper.training.planted == {"fiken": "key_refused"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--at", "fiken/4"), "at_practice"),
        (("--fault", "busy"), "at_practice"),
        (("--practice", "--at", "fiken/9"), "at_page"),
        (("--practice", "--at", "nonsense"), "unknown_system"),
        (("--practice", "--at", "fiken/4", "--fault", "nonsense"), "at_fault"),
    ],
)
def test_rubbish_opens_no_window(
    arguments: tuple[str, ...], reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.guarded([*arguments, "--language", "nb"], front._window) == errors.BadInput.status
    said = Texts(language="nb").say(f"errors.bad_input.{reason}.what", name="nonsense")
    assert said in capfd.readouterr().err


def test_they_stand_before_no_command() -> None:
    assert cli.command_in(["--at", "fiken/4", "--fault", "busy"]) is None
    assert cli.command_in(["--at", "fiken/4", "systems"]) == "systems"


@pytest.mark.real_x
def test_the_program_opens_the_page_in_a_real_window(x_server: str, tmp_path: Path) -> None:
    wished = ("--practice", "--at", "tripletex/4", "--fault", "key_refused", "--language", "nb")
    with started(x_server, tmp_path, *wished) as person:
        person.see(Texts(language="nb").say("test.title_failed"))


# The panel


def panel_of(customer: Customer) -> PracticePanel:
    """Open the panel that plants faults."""
    customer.click(customer.window.footer.practice)
    return opened(customer, PracticePanel)


def press(customer: Customer, panel: PracticePanel, button: QPushButton, expected: dict[str, str]) -> None:
    """Press a button of the panel, and wait until that is on."""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    customer.wait(lambda: panel._training.planted == expected)


def test_the_panel_needs_no_higher_screen_than_there_is(make: Maker) -> None:
    customer = make(practice=True)
    customer.to_key("tripletex", good_number(customer.provider("tripletex")))
    panel = panel_of(customer)
    panel.rows.setCurrentRow(1)
    customer.wait(panel.why.isVisible)
    assert panel.minimumSizeHint().height() < 20 * panel.fontMetrics().height()
    assert not panel.why.visibleRegion().isEmpty(), "the list left no room for it"


def test_faults_are_planted_one_after_the_other_and_taken_away(make: Maker) -> None:
    customer = make(practice=True)
    customer.to_key("fiken", good_number(customer.provider("fiken")))
    panel = panel_of(customer)
    assert panel.slug == "fiken"
    for name in ("module_missing", "key_refused", "captive_portal"):
        panel.search.setText(name)
        panel.rows.setCurrentRow(0)
        press(customer, panel, panel.plant, {"fiken": name})
        assert name.replace("_", " ") in panel.state.text()
        told = panel.what.text()
        if customer.window.page == "key":
            QTest.mouseClick(panel.fill, Qt.MouseButton.LeftButton)
            customer.click(customer.window.next)
            customer.wait_test("failed")
        else:
            customer.window._try()
            customer.wait_test("failed")
        assert told in customer.message(), "the customer reads what the panel said"
    press(customer, panel, panel.off, {})
    assert not panel.off.isEnabled()
    customer.window._try()
    customer.wait_test("passed")


def test_the_panel_finds_faults_of_any_system(make: Maker) -> None:
    customer = make(practice=True)
    panel = panel_of(customer)
    for slug, provider in customer.window.providers.items():
        panel.systems.setCurrentIndex(panel.systems.findData(slug))
        listed = [one.name for one in faults(provider, customer.window.texts)]
        assert [panel.rows.item(at).data(Qt.ItemDataRole.UserRole) for at in range(panel.rows.count())] == (
            listed
        )
        panel.rows.setCurrentRow(len(listed) - 1)
        assert panel.plant.isEnabled()
        assert panel.what.text()
    panel.search.setText("nothing of the kind")
    assert panel.rows.count() == 0
    assert not panel.plant.isEnabled()


def test_the_panel_speaks_the_language_of_the_window_and_can_be_heard(make: Maker) -> None:
    customer = make(practice=True, language="en")
    panel = panel_of(customer)
    panel.rows.setCurrentRow(2)
    for language in ("nb", "en"):
        customer.window.language.setCurrentIndex(customer.window.language.findData(language))
        say = customer.window.texts.say
        assert panel.windowTitle() == say("training.title")
        assert panel.rows.currentRow() == 2
        assert language == "en" or problems(panel) == []  # Qt keeps the rows that it has told of
        customer.wait(lambda: clipped(panel) == [])
    customer.window.close()
    assert not panel.isVisible()
