"""Every page in every state, and what can be read there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from tests.gui.helpers import good_key, good_number, shown
from wizard.core.preset_files import open_preset
from wizard.gui.widgets.choices import Choices
from wizard.gui.widgets.step_map import StepMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.gui.helpers import Customer
    from wizard.core.preset import Preset


def _picked(customer: Customer, slug: str) -> None:
    customer.choose(slug)
    customer.wait_idle()
    customer.wait_pulse()


def _searched(customer: Customer, slug: str) -> None:
    customer.type("go.pow")


def _not_found(customer: Customer, slug: str) -> None:
    customer.type("navision")


def _key_in_search(customer: Customer, slug: str) -> None:
    customer.paste(good_key(customer.provider("fiken")))
    customer.wait(lambda: customer.window._system().current() == "fiken")
    customer.wait_idle()
    customer.wait_pulse()


def _family(customer: Customer, slug: str) -> None:
    customer.imagine()
    _picked(customer, "fjell")


def _card_assisted(customer: Customer, slug: str) -> None:
    customer.imagine()
    _picked(customer, "egen")


def _silent(customer: Customer, slug: str) -> None:
    customer.refuse("vendor_down", slug)
    _picked(customer, slug)


def _elsewhere(customer: Customer, slug: str) -> None:
    customer.show_test_environments()
    customer.choose("tripletex")
    card = customer.window._system().before.card
    assert card
    card._place.setFocus()
    customer.press(Qt.Key.Key_Down)
    customer.wait_idle()
    customer.wait_pulse()


def _company_elsewhere(customer: Customer, slug: str) -> None:
    _elsewhere(customer, slug)
    customer.click(customer.window.next)
    customer.wait_page("company")


def _company_error(customer: Customer, slug: str) -> None:
    customer.pick(slug)
    customer.type("313000029")
    customer.click(customer.window.next)


def _company_good(customer: Customer, slug: str) -> None:
    customer.pick(slug)
    customer.type(good_number(customer.provider(slug)))


def _filled(customer: Customer, slug: str) -> None:
    customer.to_field(slug)
    customer.paste(good_key(customer.provider(slug)))


def _key_error(customer: Customer, slug: str) -> None:
    customer.to_field(slug)
    customer.paste("x")
    customer.click(customer.window.next)


def _key_refused(customer: Customer, slug: str) -> None:
    customer.refuse("key_refused", slug)
    customer.to_state(slug, "failed")
    customer.click(customer.action)


def _running(customer: Customer, slug: str) -> None:
    customer.slow_down(30.0)
    customer.to_test(slug)


def _failed(customer: Customer, slug: str) -> None:
    customer.refuse("partner_key_refused" if slug != "fiken" else "module_missing", slug)
    customer.to_state(slug, "failed")
    customer.window._testing().checks.fold.click()


def _failed_later(customer: Customer, slug: str) -> None:
    customer.refuse("connection_lost", slug)
    customer.to_state(slug, "failed")
    customer.window._testing().checks.fold.click()


def _choosing(customer: Customer, slug: str) -> None:
    key = good_key(customer.provider(slug), "accountant") if slug == "tripletex" else ""
    customer.to_state(slug, "choosing", key=key)
    rows = customer.window._testing().choosing.companies
    customer.click_row(rows, str(rows.item(1).data(Qt.ItemDataRole.UserRole)))


def _passed(customer: Customer, slug: str) -> None:
    customer.to_state(slug, "passed", good_number(customer.provider(slug)))


def _unconfirmed(customer: Customer, slug: str) -> None:
    customer.to_state(slug, "passed", key=good_key(customer.provider(slug), "hidden_number"))


def _storing(customer: Customer, slug: str) -> None:
    vault = customer.slow_keychain()
    _passed(customer, slug)
    customer.click(customer.window.next)
    customer.wait(lambda: vault.entered)


def _locked(customer: Customer, slug: str) -> None:
    texts = customer.window._texts
    customer.window.say(replace(texts, preset=replace(texts.preset, company="313000214")))
    customer.pick(slug)


def _known(customer: Customer, slug: str) -> None:
    customer.to_done(slug)
    customer.click(customer.window.next)
    _company_good(customer, slug)


def _methods(customer: Customer, slug: str) -> None:
    customer.to_key("methods")


def _other_method(customer: Customer, slug: str) -> None:
    customer.to_key("methods", "313000176")
    customer.choose_method("user")
    customer.click(customer.window._key().following)


def _form_filled(customer: Customer, slug: str) -> None:
    customer.fill_form()


def _form_error(customer: Customer, slug: str) -> None:
    customer.to_key("form", "313000214")
    customer.fill(version="2", hosting="own", helper="Hjelp", contact="Ola", email="ola@x")
    customer.click(customer.window.next)


def _form_done(customer: Customer, slug: str) -> None:
    customer.fill_form()
    customer.click(customer.window.next)
    customer.wait_page("done")


def _assisted(customer: Customer, slug: str) -> None:
    _other_method(customer, slug)
    customer.fill(entity="1234")
    customer.click(customer.window.next)
    customer.wait_page("done")


def _right_missing(customer: Customer, slug: str) -> None:
    customer.test_key("fj-no-read", "313000176")
    customer.wait_test("failed")


def _right_lost(customer: Customer, slug: str) -> None:
    customer.test_key("fj-no-export", "313000176")
    customer.wait_test("passed")


def _twins(customer: Customer, slug: str) -> None:
    customer.test_key("fj-twins", "313000176")
    customer.wait_test("choosing")


def _waiting(customer: Customer, slug: str) -> None:
    customer.wait_for_approval()


def _home_waiting(customer: Customer, slug: str) -> None:
    customer.wait_for_approval()
    customer.to_home()


def _home_expired(customer: Customer, slug: str) -> None:
    customer.wait_for_approval()
    customer.refuse("expired", "waits")
    customer.forget_looks()
    customer.to_home()
    customer.click(customer.window._home().waiting.button)
    customer.wait(lambda: customer.window.page == "done" and not customer.window.is_running())
    customer.to_home()


def _renewal_refused(customer: Customer, slug: str) -> None:
    customer.test_key("fj-good", "313000176")
    customer.wait_test("passed")
    customer.store()
    customer.click(customer.window.next)
    customer.test_key("fj-other", "313000176")
    customer.wait_test("failed")


def _done_later(customer: Customer, slug: str) -> None:
    _failed_later(customer, slug)
    customer.click(customer.later)
    customer.wait_page("done")


def _home(customer: Customer, slug: str) -> None:
    customer.to_done(slug)
    customer.to_home()


def _home_failed(customer: Customer, slug: str) -> None:
    _home(customer, slug)
    customer.refuse("busy", slug)
    customer.click(customer.window._home().test)
    customer.wait_test("failed")
    customer.click(customer.window.next)
    customer.wait_page("home")


def _home_empty(customer: Customer, slug: str) -> None:
    customer.window.go_home()
    customer.wait_page("home")


def _send(customer: Customer, slug: str) -> None:
    texts = customer.window._texts
    customer.window.say(replace(texts, preset=replace(texts.preset, demo=True)))
    customer.to_state(slug, "passed", good_number(customer.provider(slug)))
    customer.click(customer.window.next)
    customer.wait_page("send")


def _home_unsent(customer: Customer, slug: str) -> None:
    _send(customer, slug)
    customer.click(customer.window.cancel)
    customer.wait_page("done")
    customer.to_home()


def _with_preset(customer: Customer, preset: Preset) -> None:
    customer.window.say(replace(customer.window._texts, preset=preset))


def _company_consent(customer: Customer, slug: str) -> None:
    demo = open_preset("demo", practice=True)
    assert demo.consent
    _with_preset(customer, replace(demo, consent=replace(demo.consent, name=True)))
    customer.pick(slug)
    panel = customer.window._company().consent
    customer.click(panel.more)
    panel.name.setFocus()
    customer.type("Kari Brukerhjelp")
    customer.window._company().orgnr.setFocus()


def _done_options(customer: Customer, slug: str) -> None:
    demo = open_preset("demo", practice=True)
    own, options = {slug: demo.own["poweroffice"]}, {slug: demo.options["poweroffice"]}
    _with_preset(customer, replace(demo, consent=None, own=own, options=options))
    customer.to_done(slug)
    customer.click(customer.window._done().afterwards.options.save)


_WAYS: dict[str, Callable[[Customer, str], object]] = {
    "system": lambda customer, slug: None,
    "picked": _picked,
    "searched": _searched,
    "not_found": _not_found,
    "key_in_search": _key_in_search,
    "family": _family,
    "absent": lambda customer, slug: customer.click(customer.window._system().absent),
    "card_assisted": _card_assisted,
    "silent": _silent,
    "test_environment": _elsewhere,
    "company_test_environment": _company_elsewhere,
    "company": lambda customer, slug: customer.pick(slug),
    "company_error": _company_error,
    "company_good": _company_good,
    "guide": lambda customer, slug: customer.to_key(slug),
    "key": lambda customer, slug: customer.to_field(slug),
    "key_filled": _filled,
    "key_error": _key_error,
    "company_locked": _locked,
    "company_known": _known,
    "methods": _methods,
    "other_method": _other_method,
    "letter": lambda customer, slug: customer.to_key("waits", "313000206"),
    "form": lambda customer, slug: customer.to_key("form", "313000214"),
    "form_filled": _form_filled,
    "form_error": _form_error,
    "form_done": _form_done,
    "assisted": _assisted,
    "right_missing": _right_missing,
    "right_lost": _right_lost,
    "twins": _twins,
    "waiting": _waiting,
    "home_waiting": _home_waiting,
    "home_expired": _home_expired,
    "renewal_refused": _renewal_refused,
    "key_refused": _key_refused,
    "running": _running,
    "failed": _failed,
    "failed_later": _failed_later,
    "choosing": _choosing,
    "passed": _passed,
    "unconfirmed": _unconfirmed,
    "storing": _storing,
    "done": lambda customer, slug: customer.to_done(slug),
    "done_later": _done_later,
    "send": _send,
    "home_unsent": _home_unsent,
    "home": _home,
    "home_failed": _home_failed,
    "home_empty": _home_empty,
    "company_consent": _company_consent,
    "done_options": _done_options,
}
STATES = tuple(_WAYS)
ONLY = {"choosing": ("fiken", "tripletex"), "unconfirmed": ("tripletex", "poweroffice")}
"""States that only some systems have."""


def system_for(state: str) -> str:
    """Return a system that has the state."""
    return ONLY.get(state, ("fiken",))[0]


def bring(customer: Customer, state: str, slug: str = "") -> None:
    """Bring the window where it has that state."""
    _WAYS[state](customer, slug or system_for(state))


def read(window: QWidget) -> list[str]:
    """Return every text that can be seen there, or heard from a screen reader."""
    texts: list[str] = []
    for widget in shown(window):
        texts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        texts += [widget.windowTitle(), *_own(widget)]
    return [text for text in texts if text]


def _own(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text().replace("&", "")
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
        yield widget.displayText()
    elif isinstance(widget, QComboBox) and widget.objectName():
        yield from (widget.itemText(at) for at in range(widget.count()))
    elif isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText()
    elif isinstance(widget, StepMap):
        yield from widget._names
    elif isinstance(widget, Choices):
        for item in widget._items():
            yield item.text()
            yield str(item.data(Qt.ItemDataRole.AccessibleTextRole))
