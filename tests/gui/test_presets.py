"""A partner's preset in the window: consent, own words, logo, questions, and one that nobody signed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QWindow
from PySide6.QtWidgets import QLineEdit

from tests.gui.helpers import good_key, good_number
from tests.gui.states import read as read_all
from tests.gui.test_announced import Ear
from wizard.core.own_guide import own_in
from wizard.core.preset import Preset
from wizard.core.preset_files import open_preset
from wizard.core.texts import Texts
from wizard.gui.settings_sheet import SettingsSheet
from wizard.gui.widgets.afterwards import given
from wizard.gui.widgets.brand import Brand

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication

    from tests.gui.helpers import Customer, Maker
    from wizard.core.world import World

DEMO = open_preset("demo", practice=True)


@pytest.fixture
def at_bank(make: Maker, world: World) -> Callable[..., Customer]:
    """Open a window of a bank's with the demo bank's preset, or with changes to it."""

    def open_window(language: str = "en", **changes: Any) -> Customer:
        preset = replace(DEMO, **changes)
        return make(language=language, preset=preset, world=replace(world, preset=preset))

    return open_window


def only(customer: Customer) -> Any:
    (row,) = customer.world.store.book().connections.values()
    return row


class Clicks(QObject):
    """Counts what is pressed with the mouse, once each, however many widgets hear of it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, target: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.MouseButtonPress and isinstance(target, QWindow)
        return False


def test_fiken_with_consent_takes_six_clicks_besides_pasting(
    at_bank: Callable[..., Customer], qapp: QApplication
) -> None:
    customer = at_bank()
    counter = Clicks()
    qapp.installEventFilter(counter)
    customer.pick("fiken")
    customer.type("313000028")
    customer.click(customer.window._company().consent.tick.box)
    customer.click(customer.window.next)
    customer.wait_page("key")
    customer.paste(good_key(customer.provider("fiken")))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.click(customer.window.next)
    customer.wait_page("done")
    qapp.removeEventFilter(counter)
    assert counter.count <= 6
    consent = only(customer).consent
    assert (consent["text"], consent["name"]) == ("demo-1", "")
    assert consent["at"]


def test_nobody_goes_on_without_the_tick_and_whoever_tries_is_told_why(
    at_bank: Callable[..., Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, ear = at_bank(), Ear()
    monkeypatch.setattr(QAccessible, "updateAccessibility", ear)
    panel = customer.window._company().consent
    customer.pick("fiken")
    customer.type("313000029")
    customer.press(Qt.Key.Key_Return)
    assert customer.focused() is customer.window._company().orgnr, "the first mistake first"
    assert panel._mark.isHidden()
    customer.type("313000028")
    high = panel.height()
    for go_on in (lambda: customer.press(Qt.Key.Key_Return), lambda: customer.click(customer.window.next)):
        assert ear.since(go_on) == ["Tick this box to go on."]
        assert customer.window.page == "company"
        assert "Tick this box to go on." in read(customer)
        assert panel.tick.box.accessibleDescription() == "Tick this box to go on."
        assert customer.focused() is panel.tick.box
        assert panel.height() == high, "nothing moves"
    customer.choose_language("nb")
    assert "Sett haken her for å gå videre." in read(customer)
    customer.click(panel.tick.box)
    assert panel._mark.isHidden()
    assert panel.tick.box.accessibleDescription() == ""
    customer.click(customer.window.next)
    assert customer.window.page == "key"


def test_a_name_is_asked_for_where_the_preset_wants_it(at_bank: Callable[..., Customer]) -> None:
    assert DEMO.consent
    customer = at_bank(consent=replace(DEMO.consent, name=True))
    customer.pick("fiken")
    panel = customer.window._company().consent
    customer.click(panel.tick.box)
    customer.click(customer.window.next)
    assert customer.window.page == "company"
    assert "Write your name to go on." in read(customer)
    assert customer.focused() is panel.name
    customer.type("Kari Nordmann")
    assert "Write your name to go on." not in read(customer)
    assert panel.given() == {"text": "demo-1", "name": "Kari Nordmann"}
    customer.click(customer.window.next)
    assert customer.window.walk.consent == panel.given()


def test_the_rest_of_the_text_unfolds_in_either_language(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank()
    customer.pick("fiken")
    assert "Remove the access" not in read(customer)
    customer.click(customer.window._company().consent.more)
    assert "Remove the access" in read(customer)
    customer.choose_language("nb")
    assert "Fjern tilgangen" in read(customer)


def test_another_text_is_another_consent(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank()
    customer.pick("fiken")
    panel = customer.window._company().consent
    customer.click(panel.tick.box)
    customer.choose_language("nb")
    assert panel.complete(), "the same text in another language"
    assert DEMO.consent
    other = replace(DEMO, consent=replace(DEMO.consent, version="demo-2"))
    customer.window.say(replace(customer.window._texts, preset=other))
    assert not panel.complete()


def test_the_next_company_is_asked_anew(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank()
    customer.pick("fiken")
    customer.click(customer.window._company().consent.tick.box)
    customer.window.start_over()
    customer.pick("fiken")
    customer.click(customer.window.next)
    assert customer.window.page == "company"
    assert customer.window._company().consent.given() == {}
    customer.window.start_over()
    customer.pick("fiken")
    assert "Tick this box to go on." not in read(customer), "nobody has tried for this one"


def test_without_a_consent_there_is_no_tick(customer: Customer) -> None:
    customer.pick("fiken")
    panel = customer.window._company().consent
    assert panel.isHidden()
    assert panel.complete()
    assert panel.given() == {}


def test_a_paste_anywhere_on_the_page_finds_the_field(customer: Customer) -> None:
    customer.to_key("fiken")
    customer.paste(good_key(customer.provider("fiken")))
    assert customer.window._key().complete()
    customer.window._key().forget()


def stored(customer: Customer, slug: str) -> None:
    customer.pick(slug)
    customer.type(good_number(customer.provider(slug)))
    customer.click(customer.window._company().consent.tick.box)
    customer.click(customer.window.next)
    customer.wait_page("key")
    customer.paste(good_key(customer.provider(slug)))
    customer.click(customer.window.next)
    customer.wait_test("passed")
    customer.store()


def test_what_is_left_and_what_is_asked_stand_on_the_last_page(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank()
    stored(customer, "poweroffice")
    said = read(customer)
    assert "Agree with your accountant that VAT" in said
    assert "Fjordbanken fetches the first figures overnight." in said
    assert "Version demo-1" in said
    panel = customer.window._done().afterwards.options
    customer.click(panel.save)
    assert "This is needed." in read(customer)
    assert panel.rows["start"].mark.isVisible(), "it is not only red"
    customer.wait(lambda: not panel.rows["start"].help.visibleRegion().isEmpty())
    assert customer.focused() is panel.rows["start"].line
    customer.type("31.02.2026")
    assert not panel.rows["start"].mark.isVisible()
    customer.click(panel.save)
    assert "such as 31.03.2026" in read(customer)
    panel.rows["start"].line.clear()
    customer.type("31.03.2026")
    customer.click(panel.rows["product_25"].line)
    customer.type("3025")
    customer.click(panel.save)
    customer.wait(lambda: "The choices are saved." in read(customer))
    assert only(customer).options == {"start": "2026-03-31", "product_25": "3025"}
    customer.click(panel.rows["product_25"].line)
    customer.press(Qt.Key.Key_End)
    customer.type("1")
    assert "The choices are saved." not in read(customer)
    customer.choose_language("nb")
    assert panel.rows["product_25"].line.text() == "30251"
    customer.window.start_over()
    assert not panel.rows


@pytest.mark.parametrize(("language", "day"), [("nb", "31.03.2026"), ("en", "31/03/2026")])
def test_a_consent_says_when_as_the_rest_of_the_window_does(language: str, day: str) -> None:
    consent = {"text": "demo-1", "name": "Kari Nordmann", "at": "2026-03-31T12:00:00+00:00"}
    assert day in given(consent, Texts(language=language, preset=DEMO))


def test_a_key_in_a_questions_line_is_refused(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank(options={"fiken": DEMO.options["poweroffice"][1:]})
    stored(customer, "fiken")
    panel = customer.window._done().afterwards.options
    panel.rows["product_25"].line.setText(good_key(customer.provider("fiken")))
    customer.click(panel.save)
    assert "It looks like a key." in read(customer)
    assert only(customer).options == {}


def test_what_is_asked_can_be_answered_and_changed_from_home(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank(options={"fiken": DEMO.options["poweroffice"]})
    stored(customer, "fiken")
    customer.to_home()
    customer.click(customer.window._home().change)
    sheet = customer.sheet(SettingsSheet)
    assert {"Choices for Fjordbanken", "Include invoices from"} <= set(read_all(sheet))
    customer.click(sheet.save)
    customer.wait(lambda: not customer.window.findChildren(SettingsSheet))
    assert only(customer).options == {}, "whoever changes nothing is not held up by them"
    customer.wait_idle()
    customer.click(customer.window._home().change)
    sheet = customer.sheet(SettingsSheet)
    sheet.lines["option.product_25"].setFocus()
    customer.type("3025")
    customer.click(sheet.save)
    assert "This is needed." in read_all(sheet)
    assert customer.focused() is sheet.lines["option.start"]
    customer.type("31.03.2026")
    customer.click(sheet.save)
    customer.wait(lambda: only(customer).options == {"start": "2026-03-31", "product_25": "3025"})
    customer.wait(lambda: not customer.window.findChildren(SettingsSheet))
    customer.wait_idle()
    customer.window.share.tick(True)
    customer.click(customer.window._home().change)
    sheet = customer.sheet(SettingsSheet)
    assert sheet.lines["option.start"].text() == "31.03.2026"
    hidden = {name for name, line in sheet.lines.items() if line.echoMode() is QLineEdit.EchoMode.Password}
    assert hidden == {"label", "contact", "expires"}
    sheet.lines["option.product_25"].clear()
    customer.click(sheet.save)
    customer.wait(lambda: only(customer).options == {"start": "2026-03-31"})
    customer.wait(lambda: not customer.window.findChildren(SettingsSheet))
    customer.wait_idle()


def test_answers_that_cannot_be_kept_are_said_so(
    at_bank: Callable[..., Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = at_bank(options={"fiken": DEMO.options["poweroffice"][1:]})
    stored(customer, "fiken")
    monkeypatch.setattr("wizard.core.ledger.files.write_whole", _full)
    panel = customer.window._done().afterwards.options
    customer.click(panel.save)
    customer.wait(panel._state.isVisible)
    assert "The disk is" in read(customer)
    assert "The choices are saved." not in read(customer)
    assert only(customer).options == {}


def _full(*_: object) -> None:
    raise OSError(28, "full")


def test_own_steps_and_warnings_are_in_the_guide(at_bank: Callable[..., Customer]) -> None:
    said = {"nb": "Egen sak", "en": "Matter of our own"}
    row = {"before": "order_module", "title": said, "text": said}
    own = own_in({"fiken": {"steps": [row], "warnings": [{"step": "order_module", "text": said}]}})
    customer = at_bank(own=own, consent=None)
    customer.to_key("fiken")
    assert "Matter of our own" in read(customer)
    assert "Note: Matter of our own" not in read(customer)
    customer.click(customer.window._key().following)
    assert "Note: Matter of our own" in read(customer)


def test_the_welcome_and_the_order_are_the_partners(at_bank: Callable[..., Customer]) -> None:
    customer = at_bank(offer=("tripletex", "fiken"))
    assert "how to let Fjordbanken read" in read(customer)
    customer.window.offer(_registry(customer))
    rows = customer.window._system().systems
    keys = [rows.item(at).data(Qt.ItemDataRole.UserRole) for at in range(rows.count())]
    assert keys == ["tripletex", "fiken"]


def _registry(customer: Customer) -> Any:
    return customer.world.registry


def test_a_logo_is_shown_with_the_name(at_bank: Callable[..., Customer], make: Maker) -> None:
    brand = at_bank().window.findChild(Brand)
    assert brand
    assert brand.isVisible()
    assert brand.accessibleName() == "Fjordbanken"
    assert brand._picture.sizeHint().height() == brand._picture.sizeHint().width() > 0
    plain = make(preset=Preset()).window.findChild(Brand)
    assert plain
    assert not plain.isVisible()


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_preset_that_nobody_signed_is_said_above_every_page(make: Maker, language: str) -> None:
    customer = make(language=language, preset=Preset(ignored=("partner", "phone")))
    wanted = "Nobody we know has signed" if language == "en" else "Ingen vi kjenner, har signert"
    assert wanted in read(customer)
    customer.pick("fiken")
    assert wanted in read(customer)
    assert wanted not in read(make(language=language))
    part = read(make(language=language, preset=replace(DEMO, ignored=("handover",))))
    assert wanted in part
    assert "logo" not in part, "nothing is said to be left out that is there"


def test_the_presets_environment_is_the_only_one_offered(make: Maker, world: World) -> None:
    preset = Preset(values={"tripletex": {"environment": "test"}})
    customer = make(preset=preset, world=replace(world, preset=preset))
    customer.choose("tripletex")
    customer.wait_idle()
    assert customer.window._system().environment() == "test"
    assert "test environment" in read(customer).lower()
    customer.click(customer.window.next)
    customer.wait_page("company")
    assert customer.window.walk.environment == "test"


def test_a_closed_system_is_said_so_before_any_key_is_asked_for(make: Maker, world: World) -> None:
    preset = replace(DEMO, fiken="closed")
    customer = make(preset=preset, world=replace(world, preset=preset))
    customer.choose("fiken")
    customer.wait_idle()
    assert "55 00 11 22" in customer.window._system().message.accessibleName()
    assert "SAF-T" in customer.window._system().message.accessibleName()
    assert not customer.window.next.isEnabled()


def read(customer: Customer) -> str:
    return " ".join(read_all(customer.window))
