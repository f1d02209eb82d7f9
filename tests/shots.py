"""Pictures of every page: `python3 dev.py shots DIR` renders them offscreen, in both languages and themes.

The pages get made-up findings instead of a vendor's, so that each state is there, also the brief ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_FONTS = Path("/usr/share/fonts/truetype/dejavu")
if _FONTS.is_dir():
    os.environ.setdefault("QT_QPA_FONTDIR", str(_FONTS))

from PySide6.QtCore import QEvent, QEventLoop, QPoint, Qt, QTimer  # noqa: E402  # the platform must be set first
from PySide6.QtGui import QFont, QImage, QPainter  # noqa: E402
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget  # noqa: E402

from tests.gui import systems  # noqa: E402
from tests.gui.imagined import providers as imagined  # noqa: E402
from tests.shots_send import Scenes  # noqa: E402
from wizard.core import errors, flow  # noqa: E402
from wizard.core.connect import Order, Proof, Receipt  # noqa: E402
from wizard.core.drafts import Draft  # noqa: E402
from wizard.core.flow import Walk  # noqa: E402
from wizard.core.ledger import Book, Connection, Credential  # noqa: E402
from wizard.core.own_guide import Own, OwnStep, steps_of  # noqa: E402
from wizard.core.policy import Policy  # noqa: E402
from wizard.core.preset import Preset  # noqa: E402
from wizard.core.preset_files import bundled_names, open_preset  # noqa: E402
from wizard.core.provider import Company, Finding, Looks  # noqa: E402
from wizard.core.pulse import Pulse  # noqa: E402
from wizard.core.registry import Registry, built_in  # noqa: E402
from wizard.core.removal import Tried  # noqa: E402
from wizard.core.rounds import Outcome  # noqa: E402
from wizard.core.secret import Secret  # noqa: E402
from wizard.core.texts import Texts  # noqa: E402
from wizard.gui.affinity import NoAffinity  # noqa: E402
from wizard.gui.app import make_application  # noqa: E402
from wizard.gui.bridge import Bridge  # noqa: E402
from wizard.gui.guide_sheets import NotAdminSheet, OtherScreenSheet  # noqa: E402
from wizard.gui.leave_sheet import LeaveSheet  # noqa: E402
from wizard.gui.look import Scheme  # noqa: E402
from wizard.gui.maker import HOME  # noqa: E402
from wizard.gui.papers import Stored  # noqa: E402
from wizard.gui.practice_panel import PracticePanel  # noqa: E402
from wizard.gui.receipt_sheet import ReceiptSheet  # noqa: E402
from wizard.gui.round_sheet import RoundSheet  # noqa: E402
from wizard.gui.settings_sheet import SettingsSheet  # noqa: E402
from wizard.gui.sheets import ExplainSheet, HistorySheet, ReportSheet  # noqa: E402
from wizard.gui.theme import dress  # noqa: E402
from wizard.gui.walking import UnderWay  # noqa: E402
from wizard.gui.widgets.field_row import SecretRow  # noqa: E402
from wizard.gui.window import Window  # noqa: E402
from wizard.gui.work import Prepared, waiting_of  # noqa: E402

Scene = tuple[str, Callable[[Window], object]]

BANK = Preset(
    partner="Fjordbanken",
    phone="55 00 11 22",
    email="hjelp@fjordbanken.example",
    values={
        "tripletex": {"integration_name": "Fjordbanken_Innsyn"},
        "poweroffice": {
            "integration_name": "Fjordbanken Innsyn",
            "application_key": "0c2f7d1e-5b0a-4a47-9d3b-1f6a2c9e8b40",
        },
        "waits": {"invitation_code": "KX7Q-93MD"},
    },
)
REAL = {
    **BANK.values,
    "xledger": {"integration_user": "fjordbanken.innsyn"},
    "visma_net": {"invitation_code": "KX7Q-93MD-P2"},
    "business_nxt": {"client_id": "isv_fjordbanken_innsyn"},
}
_GIVEN = {
    "client_id": "isv_fjordbanken_innsyn",
    "integration_user": "fjordbanken.innsyn",
    "invitation_code": "KX7Q-93MD",
    "store_search": "Fjordbanken Innsyn",
}
_PASSES = 6
_FORM = {
    "company": "Fjordheim Regnskap AS",
    "version": "18.10.0",
    "partner_name": "Nordavind Data AS",
    "contact_name": "Ola Nordmann",
    "contact_email": "ola@fjordheim.example",
    "contact_phone": "55 00 33 44",
}
FJORDHEIM = Company(id="fjordheim", name="Fjordheim Regnskap AS", orgnr="313000028")
LONG = Company(
    id="long",
    name="Sammenslutningen av Nordnorske Kystfiskebruk og Sjømatforedlingsbedrifter SA, avdeling Øksfjord",
    orgnr="313000036",
)
COMPANIES = (
    FJORDHEIM,
    LONG,
    Company(id="skog", name="Skogstien Barnehage SA", orgnr="313000044", blocked="module_missing"),
    Company(id="prove", name="Prøvebedriften AS", orgnr="313000052", test=True),
    Company(id="stille", name="Stillheten AS"),
)
PASSED = (
    Finding(check="input", stage="input", state="passed"),
    Finding(check="network", stage="name", state="passed", ms=12),
    Finding(check="network", stage="connection", state="passed", ms=21),
    Finding(check="network", stage="proxy", state="skipped"),
    Finding(check="network", stage="tls", state="passed", ms=48),
    Finding(check="network", stage="vendor", state="passed", ms=93),
    Finding(check="sign_in", stage="sign_in", state="passed", ms=141),
    Finding(check="companies", stage="company", state="passed", ms=88, facts={"count": 5}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A language, a theme, how large text is in per cent, and whether the window stands beside a browser."""

    language: str
    theme: Scheme
    text: int = 100
    narrow: bool = False

    @property
    def name(self) -> str:
        """Return its name, as files and arguments have it: `nb.dark-200`, `en.light-narrow`."""
        text = "" if self.text == 100 else f"-{self.text}"
        return f"{self.language}.{self.theme.value}{text}{'-narrow' * self.narrow}"

    @property
    def size(self) -> tuple[int, int]:
        """Return how large the window is."""
        return (400, 700) if self.narrow else (1280, 720)

    def shows(self, scene: str) -> bool:
        """Tell whether a scene is rendered in it: beside a browser, one of each kind is enough."""
        return not self.narrow or scene.startswith(_NARROW)


VARIANTS = tuple(
    Variant(language=language, theme=theme, text=text, narrow=narrow)
    for text, narrow in ((100, False), (200, False), (100, True))
    for theme in Scheme
    for language in ("nb", "en")
)
_NARROW = (
    "practice-system",
    "system-picked",
    "system-absent",
    "system-partner-key",
    "company-known",
    "company-invalid",
    "key-fiken",
    "key-tripletex-4",
    "key-filled",
    "paste-found",
    "made-form",
    "made-methods",
    "made-right-missing",
    "real-visma_net",
    "test-running",
    "test-tls",
    "test-details",
    "test-choose",
    "test-long",
    "test-wrong-company",
    "share-letter",
    "closing",
    "send-file",
    "send-home-wrong",
    "receipt",
    "done",
    "home",
    "support-explain",
    "support-report",
)


def main(folder: Path, wanted: Sequence[str] = ()) -> None:
    """Render every scene in every variant into the folder, and a contact sheet a variant.

    `wanted` are beginnings of the names of scenes, all unless told; with two dashes, those of variants:
    `--nb.light` is text of both sizes, and narrow; `--nb.light-200` is one of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    application = make_application()
    font = application.font()
    variants = tuple(one.removeprefix("--") for one in wanted if one.startswith("--"))
    names = tuple(one for one in wanted if not one.startswith("--"))
    for variant in (one for one in VARIANTS if one.name.startswith(variants or "")):
        _render(application, folder, variant, font, wanted=names)


def _render(
    application: QApplication, folder: Path, variant: Variant, font: QFont, *, wanted: Sequence[str]
) -> None:
    dress(application, variant.theme)
    large = QFont(font)
    large.setPointSizeF(font.pointSizeF() * variant.text / 100)
    application.setFont(large)
    made = []
    bridge = Bridge(practice=True)
    for name, arrange in (one for one in scenes() if one[0].startswith(tuple(wanted) or "")):
        if not variant.shows(name):
            continue
        window = _window(bridge, variant.language, name)
        window.resize(*variant.size)
        window.show()
        arrange(window)
        _settle()
        file = folder / f"{name}.{variant.name}.png"
        window.grab().save(str(file))
        made.append(file)
        window.walk = Walk(receipts=(_receipt(FJORDHEIM),))
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bridge.close()
    _sheets(made, folder / f"_sheet.{variant.name}", columns=6 if variant.narrow else 3)


def scenes() -> Iterator[Scene]:
    """Return every page and state, by name."""
    yield from _of_the_choice()
    yield from _every_step()
    yield "real-xledger-user", _key("xledger", 0, "partner_user")
    yield "real-visma_net-code", _key("visma_net", 2)
    yield "real-business_nxt-client", _key("business_nxt", 2)
    yield "real-visma_business-filled", _visma_business
    yield "real-visma_business-done", _visma_business_done
    yield "real-tripletex-rights", _real_rights
    yield "real-visma_net-waiting", _real_waiting
    yield "real-poweroffice-assisted", _real_assisted
    yield "home-test-environment", _home_elsewhere
    yield "key-error", _key_error
    yield "key-warning", _key_warning
    for name, (slug, method, field, text) in _PASTES.items():
        yield f"paste-{name}", _paste(slug, method, field, text)
    yield from _with_a_key()
    yield "test-running", _running
    for code in ("key_refused", "connection_lost", "module_missing", "wrong_company", "tls_untrusted"):
        yield f"test-{code.replace('_', '-')}", _failed(code)
    yield "test-details", _details
    yield "test-choose", _choosing
    yield "test-passed", _proved(FJORDHEIM, expect="313000028")
    yield "test-long", _proved(LONG)
    yield "test-unconfirmed", _proved(COMPANIES[4], expect="313000028")
    yield "test-bug", _bug
    yield "done", _done(_receipt(FJORDHEIM))
    yield "practice-done", _done(_receipt(FJORDHEIM))
    yield "done-several", _done(_receipt(FJORDHEIM), _receipt(LONG))
    yield "done-later", _done(_receipt(FJORDHEIM, tested="later"))
    yield "home", _home
    yield from _shared()
    yield "home-empty", lambda w: w._show_home(Book())
    yield "closing", _closing
    yield from _of_the_list()
    yield from _made_up()
    yield from _for_the_agent()
    yield from Scenes(_to, _receipt, FJORDHEIM, LONG).all()
    yield from _guides()
    yield from _on_paper()
    yield from _of_home()


def _every_step() -> Iterator[Scene]:
    """Return each step of each guide: by number what the bank's customers see, by name what others see."""
    for slug, provider in sorted(built_in().providers.items()):
        for method in [one.name for one in provider.methods] or [""]:
            way = provider.by(method)
            shown = [step.key for step in steps_of(way, BANK, BANK.values.get(slug, {}))]
            begun = "-".join(part for part in ("key", slug, method) if part)
            yield from ((f"{begun}-{at + 1}", _key(slug, at, method)) for at in range(len(shown)))
            for step in (one for one in way.guide if one.key not in shown):
                given = {name: _GIVEN[name] for name in step.needs}
                yield f"{begun}-{step.key}", _given_step(slug, method, step.key, given)


def _given_step(slug: str, method: str, step: str, given: dict[str, str]) -> Callable[[Window], None]:
    """Show a step that is there only where a partner gives these values to copy."""

    def arrange(window: Window) -> None:
        preset = replace(BANK, values={slug: given})
        window.say(replace(window.texts, preset=preset))
        _to(window, "key", slug)
        if method:
            window._key().methods.choose(method)
        window._key().show_mend(step)
        assert window._key().step_key() == step
        window._focus_first()

    return arrange


def _of_the_choice() -> Iterator[Scene]:
    """Return where a system and a company are chosen."""
    yield "practice-system", lambda _: None
    yield "system-picked", _picked("fiken")
    yield "system-partner-key", _partner_key
    yield "system-search", _searched("go.pow")
    yield "system-search-empty", _searched("navision")
    yield "system-search-key", _pasted_key
    yield "system-family", _family
    yield "system-absent", lambda w: w._system().show_absent()
    yield "system-answers", _answering("answers")
    yield "system-silent", _answering("silent")
    yield "system-assisted", _assisted
    yield "system-by-policy", _by_policy
    yield "system-too-old", _too_old
    yield "system-test-environment", _elsewhere
    yield "company-test-environment", _elsewhere_on
    yield from (
        ("company", lambda w: _to(w, "company")),
        ("company-invalid", _invalid),
        ("company-known", _known),
    )
    yield "system-family-real", _picked("visma_net")
    yield "system-seven", lambda _: None
    yield "system-seven-1024", lambda w: w.resize(1024, 700)


def _shared() -> Iterator[Scene]:
    """Return what others may see of names and numbers where the screen is shared."""
    yield "share-home", _hidden(_home)
    yield "share-choose", _hidden(_choosing)
    yield "share-passed", _hidden(_proved(FJORDHEIM, expect="313000028"))
    yield "share-wrong-company", _hidden(_failed("wrong_company"))
    yield "share-company-known", _hidden(_known)
    yield "share-done", _hidden(_done(_receipt(FJORDHEIM), _receipt(LONG)))
    yield "share-letter", _hidden(_visma_business_done)


def _hidden(arrange: Callable[[Window], object]) -> Callable[[Window], None]:
    def hide(window: Window) -> None:
        arrange(window)
        window.hold_share() if window.page == HOME else window.share.tick(True)

    return hide


def _with_a_key() -> Iterator[Scene]:
    """Return what can be done with a key that is in its field."""
    yield "key-filled", _key_filled
    yield "key-compared", _key_compared
    yield "key-shown", _key_shown
    yield "key-show-warning", _key_show_warning
    yield "key-show-refused", _key_show_refused


def _of_the_list() -> Iterator[Scene]:
    """Return what a list of connections may be like that is damaged, newer, or cannot be written."""
    yield "home-damaged", _home_damaged
    yield "home-rebuild", _home_rebuild
    yield "home-found-damaged", _home_found("damaged")
    yield "home-found-newer", _home_found("newer")
    yield "test-disk-full", _disk_full
    yield from _keychain()
    yield from _for_support()


def _keychain() -> Iterator[Scene]:
    """Return what is said of a keychain that asks, is not there, or has lost a key."""
    yield "keychain-asking", lambda w: w._show_asking(True)
    yield "keychain-asking-storing", _asking_while_storing
    yield "keychain-said-no", _no_keychain("keychain_locked", "dismissed")
    yield "keychain-absent", _no_keychain("keychain_absent", "no_session")
    yield "keychain-home-gone", _home_gone
    yield "keychain-test-gone", _gone


def _for_support() -> Iterator[Scene]:
    """Return what is there for somebody who is stuck."""
    yield "support-failed", _failed("key_refused")
    yield "support-home-failed", _home_failed
    yield "support-explain", _explained("tx signin 4x49")
    yield "support-explain-guide", _explained("PO-SIGNIN-4X47")
    yield "support-explain-wrong", _explained("TX-SIGNIN-4X94")
    yield "support-report", _report
    yield "support-history", _history


def _home_failed(window: Window) -> None:
    _home(window)
    window._home_failed(errors.KeychainLocked())


def _explained(code: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        window.helper.open_explain()
        (sheet,) = window.findChildren(ExplainSheet)
        sheet.edit.setText(code)
        sheet.show_meaning()
        _settle()
        _paint_over(window, sheet)

    return arrange


def _report(window: Window) -> None:
    _failed("tls_untrusted")(window)
    window.helper.open_report()
    while not window.findChildren(ReportSheet):
        _settle()
    _paint_over(window, window.findChildren(ReportSheet)[0])


def _history(window: Window) -> None:
    row = _row(FJORDHEIM, "passed", label="Hovedregnskapet")
    for day, event, code in (
        (1, "made", "pending_approval"),
        (1, "failed", "pending_approval"),
        (3, "tested", ""),
        (9, "failed", "key_refused"),
        (9, "renewed", ""),
        (12, "call", "GET /companies 200"),
    ):
        row = row.told(f"2026-11-{day:02}T09:41:00+00:00", event, code)
    credential = Credential(provider="fiken", environment="production", items={})
    window._show_home(Book(credentials={"k": credential}, connections={"a1": row}))
    window.helper.open_history("a1")
    _settle()
    _paint_over(window, window.findChildren(HistorySheet)[0])


def _on_paper() -> Iterator[Scene]:
    """Return the receipt, of one connection and of several; whole, and as it is shown to others."""
    yield "receipt", _receipt_of("a1")
    yield "receipt-answers", _receipt_with_answers
    yield "receipt-several", _receipt_of("a1", "b2", "c3")
    yield "receipt-masked", lambda w: (w._set_share(True), _receipt_of("a1")(w))
    yield "practice-receipt", _receipt_of("a1", practice=True)


def _receipt_of(
    *keys: str, practice: bool = False, options: dict[str, str] | None = None
) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _home(window)
        book = window.book
        assert book
        rows = {
            key: replace(row, made_at="2026-11-20T09:41:00+00:00") for key, row in book.connections.items()
        }
        rights = {"rights": {"company": True, "api": True}}
        rows["a1"] = replace(rows["a1"], company={**rows["a1"].company, **rights}, options=options or {})
        credential = replace(book.credentials["k"], items={"token": "x"})
        book = replace(book, connections=rows, credentials={"k": credential})
        window.papers._show(Stored(book=book, place="keychain", practice=practice), keys)
        _settle()
        _paint_over(window, window.findChildren(ReceiptSheet)[-1])

    return arrange


def _receipt_with_answers(window: Window) -> None:
    demo = open_preset("demo", practice=True)
    window.say(replace(window.texts, preset=replace(demo, options={"fiken": demo.options["poweroffice"]})))
    _receipt_of("a1", options={"start": "2026-03-31", "product_25": "A-25"})(window)
    sheet = window.findChildren(ReceiptSheet)[-1]
    sheet.preview.verticalScrollBar().setValue(sheet.preview.verticalScrollBar().maximum())
    _settle()
    _paint_over(window, sheet)


def _made_up() -> Iterator[Scene]:
    """Return what only made-up systems have, as yet."""
    yield "company-locked", lambda w: _to(w, "company")
    yield "made-company-needed", _needed
    yield "made-methods", _method("key")
    yield "made-methods-letter", _method("key", 1)
    yield "made-methods-key", _method("key", 2)
    yield "made-methods-user", _method("user", 1)
    yield "made-code", lambda w: _to(w, "key", "waits")
    yield "made-form", _form
    yield "made-form-error", _form_error
    yield "made-form-done", _form_done
    yield "made-right-missing", _rights("read")
    yield "made-right-lost", _rights("export")
    yield "made-rights", _rights("")
    yield "test-renewal", _renewal
    yield "done-assisted", _done_assisted
    yield "made-waiting", _waiting()
    yield "made-waiting-soon", _waiting(1)
    yield "made-home-waiting", _home_waiting("pending_approval")
    yield "made-home-expired", _home_waiting("invitation_expired")
    yield from _with_presets()


def _for_the_agent() -> Iterator[Scene]:
    """Return what is there for whoever helps a customer: places that are spoken, faults that are planted."""
    yield "agent-place", _key("tripletex", 1)
    yield "agent-page-ahead", _typed("4", _key("tripletex", 1))
    yield "agent-page-none", _typed("steg 3.9", _key("tripletex", 1))
    yield "agent-reply", _typed("0000-0000-0000", _key("tripletex", 1))
    yield "agent-reply-unknown", _reply_unknown
    yield "practice-panel", _panel("tripletex", 1, "rights")
    yield "practice-panel-planted", _panel("fiken", 0, "")
    yield "agent-form-hidden", _hidden(_visma_business)


def _reply_unknown(window: Window) -> None:
    """Show what is said of a reply code where nothing waits for one."""
    _home(window)
    window.show_on_home(errors.ReplyWrong(reason="none_here"))


def _typed(text: str, arrange: Callable[[Window], object]) -> Callable[[Window], None]:
    def show(window: Window) -> None:
        arrange(window)
        _explained(text)(window)

    return show


def _panel(slug: str, at: int, search: str) -> Callable[[Window], None]:
    def show(window: Window) -> None:
        _key(slug, at)(window)
        training = window.helper.training
        training.planted = {"fiken": "key_refused"}
        training.open()
        (panel,) = window.findChildren(PracticePanel)
        panel.search.setText(search)
        panel.rows.setCurrentRow(1)
        _settle()
        _paint_over(window, panel)
        panel.close()

    return show


def _window(bridge: Bridge, language: str, name: str) -> Window:
    made_up = systems.PROVIDERS if name.startswith("made") else {}
    preset = replace(BANK, company="313000028") if name.endswith("locked") else BANK
    preset = replace(preset, values=REAL) if name.startswith("real") else preset
    return Window(
        providers={**built_in().providers, **made_up},
        texts=Texts(language=language, preset=preset),
        bridge=bridge,
        practice=name.startswith("practice"),
        platform="linux",
    )


def _to(window: Window, page: str, slug: str = "fiken") -> None:
    provider = window._providers[slug]
    window.walk = Walk(system=slug, answers={"token": Secret("x")}, expect="313000028")
    window._company().ask_for(provider, {}, required=slug == "form")
    window._key().show_provider(provider)
    window._key().know_number("313000028")
    window._testing().start(provider.by(""))
    window._go(page)


def _searched(text: str) -> Callable[[Window], None]:
    return lambda window: window._system().search.setText(text)


def _pasted_key(window: Window) -> None:
    _picked("fiken")(window)
    window._system()._take_key("fiken")


def _family(window: Window) -> None:
    window.offer(Registry(providers=imagined()))
    _picked("fjell")(window)
    window._system().systems.scrollToBottom()


def _by_policy(window: Window) -> None:
    """Show a machine whose policy lets two systems be connected."""
    window.offer(built_in(), Policy(systems=frozenset({"fiken", "tripletex"})))
    _picked("fiken")(window)


def _too_old(window: Window) -> None:
    """Show a machine whose policy asks for a newer program."""
    window.offer(built_in(), Policy(minimum_version="9.0"))


def _answering(state: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _family(window)
        window._pulse.drop()
        window._system().before.show_pulse(Pulse(system="fjell", environment="production", state=state))

    return arrange


def _assisted(window: Window) -> None:
    _picked("tripletex")(window)
    window._system().before.show_assisted(assisted=True)
    window._pulse.drop()
    window._system().before.show_pulse(Pulse(system="tripletex", environment="production", state="answers"))


def _elsewhere(window: Window) -> None:
    window.say(Texts(language=window._texts.language, preset=replace(BANK, test_environments=True)))
    _picked("tripletex")(window)
    window._prepared["tripletex"] = Prepared(slug="tripletex", known={}, environment="test")
    card = window._system().before.card
    assert card
    card._place.setCurrentIndex(1)
    window._pulse.drop()
    window._system().before.show_pulse(Pulse(system="tripletex", environment="test", state="answers"))


def _elsewhere_on(window: Window) -> None:
    _elsewhere(window)
    window._leave_system()


_FIKEN_KEY = "73195.pRacticeKeyForFiken_8rT2"
_GO_KEY = "5b1d9f3e-7c42-4a86-b0e9-0000000000d1"
_LETTER = "Hei!\n\nBrukernavn: ws@fjordheim.example\nPassord: demo-passord-2\nEier-ID: 23001\n\nHilsen Kari"
_PASTES = {
    "removed": ("fiken", "", "token", f" Bearer {_FIKEN_KEY}\n"),
    "removed-plain": ("business_nxt", "", "customer_number", " 1234 567\u200b"),
    "other-vendor": ("fiken", "", "token", _GO_KEY),
    "other-vendor-plain": ("xledger", "web_service", "user_name", _GO_KEY),
    "wrong-field": ("xledger", "web_service", "password", "ws@fjordheim.example"),
    "split": ("xledger", "web_service", "password", _LETTER),
    "found": ("poweroffice", "", "client_key", f"Hei, her er den:\n{_GO_KEY}\nHilsen Kari"),
    "cut": ("poweroffice", "", "client_key", _GO_KEY[:28]),
    "broken": ("fiken", "", "token", f"{_FIKEN_KEY}\nmore_Of_1t"),
}


def _paste(slug: str, method: str, field: str, text: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _to(window, "key", slug)
        window.walk = replace(window.walk, system=slug)
        page = window._key()
        if method:
            page.methods.choose(method)
        page._dock_now()
        page.show_guide_for(field)
        QApplication.clipboard().setText(text)
        page.fields[field].edit.setFocus()
        page.fields[field].edit.take_clipboard()

    return arrange


def _picked(slug: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        window._prepared[slug] = Prepared(slug=slug, known={})
        window._system().pick(slug)

    return arrange


def _partner_key(window: Window) -> None:
    _picked("tripletex")(window)
    window._system().show_error(errors.PartnerKeyNeeded(fields=("consumer_token",)))


def _invalid(window: Window) -> None:
    _to(window, "company")
    window._company().orgnr.setText("313 000 027")
    window._leave_company()


def _known(window: Window) -> None:
    _to(window, "company")
    known = {"313000028": "Fjordheim Regnskap AS"}
    window._company().ask_for(window._providers["fiken"], known, required=False)
    window._company().orgnr.setText("313000028")
    window._company()._edited()


def _key(slug: str, at: int, method: str = "") -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _to(window, "key", slug)
        if method:
            window._key().methods.choose(method)
        window._key()._walk_to(at)
        assert window._key().spoken_step() == at + 1, "no such step"
        window._focus_first()

    return arrange


def _key_error(window: Window) -> None:
    _to(window, "key", "tripletex")
    window._key().fields["employee_token"].edit._hold("too short")
    window._key().show_error(errors.FieldInvalid(fields=("employee_token",), reason="shape"))


def _key_warning(window: Window) -> None:
    _to(window, "key")
    window._key().fields["token"].edit._hold("something else")
    window._key().show_warnings((("token", "unusual_form"),))


def _key_filled(window: Window) -> Any:
    _key("fiken", 3)(window)
    row = window._key().fields["token"]
    assert isinstance(row, SecretRow)
    row.edit.setFocus()
    QApplication.clipboard().setText("73195.pRacticeKeyForFiken_8rT2")
    row.edit.take_clipboard()
    return row.tools


def _key_compared(window: Window) -> None:
    _key_filled(window).compare.click()


def _key_shown(window: Window) -> None:
    window._key().showing.warned = True
    _key_filled(window).hold.click()
    glance = window._key().showing.glance
    assert glance
    _paint_over(window, glance, glance.pos())


def _key_show_warning(window: Window) -> None:
    _key_filled(window).hold.click()
    _settle()
    for box in window.findChildren(QMessageBox):
        _paint_over(window, box)


def _key_show_refused(window: Window) -> None:
    window._key().showing.warned, window._key().showing.affinity = True, NoAffinity()
    _key_filled(window).hold.click()


def _running(window: Window) -> None:
    _to(window, "test")
    window.under_way = UnderWay(job=window._bridge.start(_never))
    for finding in PASSED[:5]:
        window._testing().show_finding(finding)
    window.refresh()


async def _never(*_: object) -> None:
    """Do nothing: what is shown is made up."""


def _failed(code: str) -> Callable[[Window], None]:
    kind = {one.code: one for one in errors.every_error()}[code]
    facts: dict[str, str] = {"host": "api.fiken.no", "company": "Fjordheim Regnskap AS"}
    more = {"expected": "313000028", "found": "Nordlys Kaffebrenneri AS", "found_as": "313000036"}

    def arrange(window: Window) -> None:
        error = kind({**facts, **more}, fields=("token",))
        _to(window, "test")
        for finding in PASSED[: 1 if error.status == 4 else 6]:
            window._testing().show_finding(finding)
        window._testing().show_finding(
            Finding(check="x", stage=error.stage or "vendor", state="failed", ms=412)
        )
        window._test_failed(error)

    return arrange


def _details(window: Window) -> None:
    _failed("tls_untrusted")(window)
    window._testing().checks.fold.setChecked(True)


def _choosing(window: Window) -> None:
    _to(window, "test")
    for finding in PASSED:
        window._testing().show_finding(finding)
    window._test_passed(_proof(()))
    window._testing().choosing.companies.item(0).setCheckState(Qt.CheckState.Checked)


def _proved(company: Company, expect: str = "") -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _to(window, "test")
        for finding in (*PASSED, Finding(check="access", stage="rights", state="passed")):
            window._testing().show_finding(finding)
        window._test_passed(_proof((company,), expect))

    return arrange


def _bug(window: Window) -> None:
    _to(window, "test")
    window._broke("bug-20261120-101500-4711.txt")


def _done(*receipts: Receipt) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _to(window, "test")
        window._stored(receipts)

    return arrange


def _needed(window: Window) -> None:
    _to(window, "company", "form")


def _method(name: str, at: int = 0) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _to(window, "key", "methods")
        window._key().methods.choose(name)
        _settle()
        window._key()._walk_to(at)
        window._focus_first()

    return arrange


def _form(window: Window) -> None:
    _to(window, "key", "form")
    window._prepared["form"] = Prepared(slug="form", known={}, assisted=True)
    window.refresh()


def _form_error(window: Window) -> None:
    _form(window)
    rows = window._key().fields
    rows["version"].edit.setText("23.1")
    rows["hosting"].edit.setCurrentIndex(2)
    rows["email"].edit.setText("ola")
    _settle()
    window._key().show_error(errors.FieldInvalid(fields=("email",), reason="shape"))
    _settle()


def _form_done(window: Window) -> None:
    _form(window)
    plain = {"version": "23.1", "contact": "Ola Nordmann", "email": "ola@serverhjelpen.example"}
    window._go("test")
    window.walk = replace(window.walk, plain=plain)
    window._stored((_receipt(replace(FJORDHEIM, name=""), tested="not_possible_here"),))


def _rights(missing: str, *, shown: bool = True) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _to(window, "test", "methods")
        for finding in (*PASSED, *_right_findings(missing)):
            window._testing().show_finding(finding)
        if missing == "read":
            fields = {"reason": "right", "right": "read"}
            window._test_failed(errors.RightsMissing(fields, fields=("token",)))
        else:
            window._test_passed(_proof((FJORDHEIM,), FJORDHEIM.orgnr or ""))
        window._testing().rights.fold.setChecked(shown)

    return arrange


def _right_findings(missing: str) -> Iterator[Finding]:
    for name, required in (("read", True), ("export", False), ("extra", False)):
        state = "failed" if name == missing else "skipped" if name == "extra" else "passed"
        facts: dict[str, errors.Fact] = {"right": name, "required": required, "company": "fjordheim"}
        yield Finding(check="right", stage="rights", state=state, facts=facts)


def _visma_business(window: Window) -> None:
    _to(window, "key", "visma_business")
    window._prepared["visma_business"] = Prepared(slug="visma_business", known={}, assisted=True)
    rows = window._key().fields
    for name, text in _FORM.items():
        rows[name].edit.setText(text)
    rows["hosting"].edit.setCurrentIndex(2)
    _settle()
    window._key()._walk_to(3)
    window.refresh()


def _visma_business_done(window: Window) -> None:
    _visma_business(window)
    window._go("test")
    window.walk = replace(window.walk, plain={**_FORM, "hosting": "partner"})
    window._stored((replace(_receipt(FJORDHEIM, "not_possible_here"), provider="visma_business"),))


def _real_rights(window: Window) -> None:
    _to(window, "test", "tripletex")
    for finding in PASSED:
        window._testing().show_finding(finding)
    for at, right in enumerate(built_in().providers["tripletex"].rights):
        facts: dict[str, errors.Fact] = {"right": right.name, "required": right.required, "company": "x"}
        state = "failed" if at == 2 else "passed"  # what the connection does without
        window._testing().show_finding(Finding(check="right", stage="rights", state=state, facts=facts))
    window._test_passed(_proof((FJORDHEIM,), FJORDHEIM.orgnr or ""))


def _real_waiting(window: Window) -> None:
    provider = window._providers["visma_net"]
    tenant = "c0ffee00-1111-2222-3333-444455556666"
    made = Credential(provider="visma_net", environment="production", items={}, plain={"tenant_id": tenant})
    taken = {f"visma_net production {tenant}": (datetime.now(UTC).isoformat(),) * 2}
    rows = {"a1": _waiting_row("pending_approval")}
    book = Book(credentials={"k": made}, connections=rows, looks=taken)
    waiting = waiting_of(book, "a1", provider, datetime.now(UTC))
    assert waiting
    _to(window, "test", "visma_net")
    window._show_waiting(waiting)


def _real_assisted(window: Window) -> None:
    _to(window, "test", "poweroffice")
    window._stored((replace(_receipt(FJORDHEIM, "not_possible_here"), provider="poweroffice"),))


def _home_elsewhere(window: Window) -> None:
    rows = {"a1": _row(FJORDHEIM, "passed"), "b2": replace(_row(LONG, "passed"), credential="t")}
    credentials = {
        "k": Credential(provider="fiken", environment="production", items={}),
        "t": Credential(provider="tripletex", environment="test", items={}),
    }
    window._show_home(Book(credentials=credentials, connections=rows))


def _renewal(window: Window) -> None:
    _to(window, "test")
    facts: dict[str, errors.Fact] = {"reason": "renewal", "expected": "313000028"}
    window._test_failed(errors.WrongCompany(facts, fields=("expect",)))


def _done_assisted(window: Window) -> None:
    _done(_receipt(FJORDHEIM, tested="not_possible_here"))(window)


def _waiting_row(code: str) -> Connection:
    now = datetime.now(UTC)
    made = now.replace(microsecond=0) - timedelta(hours=3)
    return _row(
        Company(id="tenant", name="", orgnr="313000028"),
        "later",
        label="Fjordheim",
        made_at=made.isoformat(),
        until=(made + timedelta(days=5)).isoformat(),
        last_code=code,
    )


def _waiting(looks: int = 0) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        provider = replace(systems.PROVIDERS["waits"], looks=Looks(times=1, seconds=240))
        book = _waiting_book("pending_approval", looks)
        waiting = waiting_of(book, "a1", provider, datetime.now(UTC))
        assert waiting
        _to(window, "test", "waits")
        window._show_waiting(waiting)

    return arrange


def _home_waiting(code: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        window._show_home(_waiting_book(code))

    return arrange


def _waiting_book(code: str, looks: int = 0) -> Book:
    rows = {"a1": _waiting_row(code), "b2": replace(_row(LONG, "passed"), credential="f")}
    credentials = {
        "k": Credential(provider="waits", environment="production", items={}, plain={"tenant": "t-1"}),
        "f": Credential(provider="fiken", environment="production", items={}),
    }
    taken = {"waits production t-1": (datetime.now(UTC).isoformat(),) * looks}
    return Book(credentials=credentials, connections=rows, looks=taken)


def _home(window: Window) -> None:
    rows = {
        "a1": _row(FJORDHEIM, "passed", label="Hovedregnskapet"),
        "b2": _row(LONG, "passed", last_code="key_refused"),
        "c3": _row(Company(id="", name="", orgnr="313000044"), "later"),
    }
    credential = Credential(provider="fiken", environment="production", items={})
    window._show_home(Book(credentials={"k": credential}, connections=rows))


def _home_damaged(window: Window) -> None:
    window._home_failed(errors.LedgerUnreadable(reason="damaged"))


def _home_rebuild(window: Window) -> None:
    _home_damaged(window)
    window._ask_rebuild()
    _settle()
    for box in window.findChildren(QMessageBox):
        _paint_over(window, box)


def _home_found(found: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _home(window)
        window._home().show_found(found)

    return arrange


def _asking_while_storing(window: Window) -> None:
    _proved(FJORDHEIM, expect="313000028")(window)
    window.under_way = UnderWay(job=window._bridge.start(_never), storing=True)
    window._testing().show_storing()
    window._show_asking(True)
    window._focus_first()


def _no_keychain(code: str, reason: str) -> Callable[[Window], None]:
    kind = next(one for one in errors.every_error() if one.code == code)

    def arrange(window: Window) -> None:
        _picked("fiken")(window)
        window._system_failed(kind(reason=reason))

    return arrange


def _disk_full(window: Window) -> None:
    _to(window, "test")
    window._test_failed(errors.LedgerUnwritable(reason="full"))


def _gone(window: Window) -> None:
    _to(window, "test")
    window.walk = replace(window.walk, renews="a1")
    window._test_failed(errors.KeychainMissing(fields=("token",)))


def _home_gone(window: Window) -> None:
    rows = {
        "a1": _row(FJORDHEIM, "passed", label="Hovedregnskapet", last_code="keychain_missing"),
        "b2": _row(LONG, "passed"),
    }
    credential = Credential(provider="fiken", environment="production", items={})
    window._show_home(Book(credentials={"k": credential}, connections=rows))


def _closing(window: Window) -> None:
    _key("fiken", 3)(window)
    window._key().fields["token"].edit._hold("73195.something")
    window.close()
    _settle()
    for box in window.findChildren(QMessageBox):
        _paint_over(window, box)


def _paint_over(window: Window, box: QWidget, at: QPoint | None = None) -> None:
    """Show another window, such as a question, within the picture: a grab leaves other windows out."""
    shown = QLabel(window)
    shown.setPixmap(box.grab())
    shown.adjustSize()
    shown.move(window.mapFromGlobal(at) if at else window.rect().center() - shown.rect().center())
    shown.show()


def _row(company: Company, tested: str, **more: Any) -> Connection:
    when = "2026-11-20T09:41:00+00:00" if tested == "passed" else ""
    return Connection(credential="k", company=company.facts(), tested=tested, tested_at=when, **more)


def _receipt(company: Company, tested: str = "passed") -> Receipt:
    return Receipt(
        connection="a1b2c3d4",
        provider="fiken",
        environment="production",
        company=company.facts(),
        tested=tested,
        delivered="not_needed",
        waiting_for="nobody" if tested == "passed" else "you",
        stored_in="keychain",
    )


def _proof(chosen: tuple[Company, ...], expect: str = "") -> Proof:
    provider = built_in().providers["fiken"]
    order = Order(
        provider=provider, environment=provider.environments[0], answers={}, partner={}, expect=expect
    )
    return Proof(order=order, companies=COMPANIES, chosen=chosen)


def _settle(milliseconds: int = 30) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
    for _ in range(_PASSES):
        QApplication.processEvents()  # texts take their heights one after the other


def _sheets(files: list[Path], base: Path, columns: int = 3, rows: int = 4) -> None:
    """Put the pictures on contact sheets, to be looked at together."""
    count = columns * rows
    for number, at in enumerate(range(0, len(files), count), 1):
        images = [QImage(str(file)) for file in files[at : at + count]]
        width, height = images[0].width() // 2, images[0].height() // 2
        sheet = QImage(
            columns * (width + 6), -(-len(images) // columns) * (height + 6), QImage.Format.Format_RGB32
        )
        sheet.fill(0x777777)
        painter = QPainter(sheet)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, image in enumerate(images):
            left, top = place % columns * (width + 6), place // columns * (height + 6)
            painter.drawImage(
                left, top, image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            )
        painter.end()
        sheet.save(f"{base}.{number}.png")


def _guides() -> Iterator[Scene]:
    """Return what helps at a step: sharing, what often goes wrong, another screen, somebody else."""
    yield "guide-soon", _key("tripletex", 4)
    yield "guide-again", _guide_again
    yield "guide-traps", _guide_traps
    yield "guide-traps-two", _guide_traps_two
    yield "guide-other", _guide_other(kept=False)
    yield "guide-other-kept", _guide_other(kept=True)
    yield "guide-not-admin", _guide_not_admin


def _walked(window: Window, slug: str, steps: int) -> None:
    _to(window, "key", slug)
    for _ in range(steps):
        window._key().following.click()


def _guide_again(window: Window) -> None:
    _walked(window, "tripletex", 5)
    from wizard.core.practice import practice_of

    answers = practice_of(built_in().providers["tripletex"]).good["answers"]
    assert isinstance(answers, dict)
    window._key().fields["employee_token"].edit._hold(str(answers["employee_token"]))


def _guide_traps(window: Window) -> None:
    _walked(window, "tripletex", 1)
    window._key().aids.fold.click()


def _guide_traps_two(window: Window) -> None:
    _key("xledger", 1, "api_token")(window)
    window._key().aids.fold.click()


def _guide_other(*, kept: bool) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _walked(window, "fiken", 1)
        window._key().aids.other.click()
        (sheet,) = window.findChildren(OtherScreenSheet)
        sheet.edit.setPlainText("Knappen heter «Nytt» her.")
        if kept:
            sheet.keep.click()
        _settle()  # until then nothing in it has the focus
        _paint_over(window, sheet)

    return arrange


def _guide_not_admin(window: Window) -> None:
    _to(window, "company", "tripletex")
    window._company().fill_in("313000028", "Fjordheim Regnskap AS")
    window._company().not_admin.click()
    _settle()
    _paint_over(window, window.findChildren(NotAdminSheet)[0])


# what a partner's preset adds


def _with_presets() -> Iterator[Scene]:
    for name in bundled_names():
        yield f"preset-{name}-system", _preset(name)
        yield f"preset-{name}-company", _preset(name, "company")
    yield "preset-demo-consent", _preset_consent
    yield "preset-demo-consent-missing", _consent_missing
    yield "preset-demo-own-step", _preset_steps
    yield "preset-demo-done", _preset_done
    yield "preset-escali-warning", _preset_warning
    yield "preset-unsigned", _preset_unsigned


def _preset(name: str, page: str = "", slug: str = "poweroffice") -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        preset = open_preset(name, practice=True)
        window._providers = preset.offered(window._providers)
        window._system()._providers = window._providers
        window.say(Texts(language=window._texts.language, preset=preset))
        if page:
            _to(window, page, slug)

    return arrange


def _preset_consent(window: Window) -> None:
    preset = open_preset("demo", practice=True)
    assert preset.consent
    preset = replace(preset, consent=replace(preset.consent, name=True))
    window.say(Texts(language=window._texts.language, preset=preset))
    _to(window, "company", "poweroffice")
    window._company().orgnr.setText("313000028")
    window._company().consent.more.click()
    window._company().consent.tick.tick(True)
    window._company().bring_into_view(window._company().consent.name)


def _consent_missing(window: Window) -> None:
    _preset("demo", "company", "poweroffice")(window)
    window._company().orgnr.setText("313000028")
    window.go_next()


def _preset_steps(window: Window) -> None:
    """Show a guide with a step of the partner's own, and its warning."""
    title = {"nb": "Opprett konto for fakturasalg", "en": "Create an account for invoiced sales"}
    text = {"nb": "Velg Kontoplan og Legg til konto.", "en": "Choose Chart of accounts and Add account."}
    warned = {"nb": "Bruk en konto i 19-serien.", "en": "Use an account in the 19 series."}
    own = Own(
        steps=(OwnStep(at="copy_key", late=False, title=title, text=text),),
        warnings=(("add_extension", warned),),
    )
    preset = replace(open_preset("demo", practice=True), own={"poweroffice": own})
    window.say(Texts(language=window._texts.language, preset=preset))
    _to(window, "key", "poweroffice")
    window._key().show_step(3)


def _preset_warning(window: Window) -> None:
    _preset("escali", "key", "business_nxt")(window)


def _preset_done(window: Window) -> None:
    _preset("demo")(window)
    window.walk = Walk(system="poweroffice", environment="production")
    consent = {"text": "demo-1", "name": "Kari Nordmann", "at": "2026-03-31T12:00:00+00:00"}
    receipt = replace(_receipt(FJORDHEIM), consent=consent)
    window._done().show_receipts((receipt,), window._providers["poweroffice"], window.walk)
    window._go("done")
    window._done().afterwards.options.save.click()


def _preset_unsigned(window: Window) -> None:
    preset = Preset(ignored=("partner", "phone", "logo", "handover"))
    window.say(Texts(language=window._texts.language, preset=preset))


def _of_home() -> Iterator[Scene]:
    """Return home with every state, with many connections, its sheets, and what was left half-done."""
    for at in range(0, 24, 6):
        yield f"keep-states-{at // 6 + 1}", _home_states(at)
    yield "keep-many", _home_many("")
    yield "keep-many-found", _home_many("kyst 37")
    yield "keep-many-none", _home_many("navision")
    yield "keep-good", _home_good
    yield "keep-round", _round_sheet({})
    yield "keep-round-running", _round_sheet({"a1": "passed"}, running=True)
    yield "keep-round-done", _round_sheet({"a1": "passed", "b2": "failed", "c3": "skipped"})
    yield "keep-leave", _leave_sheet("")
    for state in ("gone", "works", "unreached"):
        yield f"keep-leave-{state}", _leave_sheet(state)
    yield "keep-settings", _settings_sheet({})
    yield "keep-settings-wrong", _settings_sheet({"contact": "address", "expires": "past"})
    yield "keep-settings-options", _asked_at_home
    yield "keep-renewal", _renewing
    yield "keep-resume", _resume(flow.FIRST)
    yield "keep-resume-home", _resume(HOME)


def _home_rows() -> tuple[dict[str, Connection], dict[str, Credential]]:
    """Return a connection in each state."""
    now = datetime.now(UTC)
    made = replace(_row(FJORDHEIM, "passed"), tested_at=now.isoformat())
    day = now.date()
    rows = {
        "passed": replace(made, contact="kari@fjordheim.example"),
        "stale": replace(made, tested_at=(now - timedelta(days=40)).isoformat()),
        "ending": replace(made, expires=(day + timedelta(days=9)).isoformat()),
        "ended": replace(made, expires=(day - timedelta(days=1)).isoformat()),
        **{name: replace(made, delivered=name, waiting_for="partner") for name in ("sent", "confirmed")},
        **{name: replace(made, delivered=name, waiting_for="you") for name in ("file_made", "refused")},
        "not_possible_here": replace(made, tested="not_possible_here", tested_at="", waiting_for="partner"),
        "later": replace(made, tested="later", tested_at="", waiting_for="you"),
    }
    codes: tuple[str, ...] = (
        "key_refused",
        "rights_missing",
        "module_missing",
        "wrong_company",
        "busy",
        "vendor_down",
    )
    codes += ("timed_out", "partner_key_refused", "keychain_locked", "keychain_missing", "pending_approval")
    codes += ("invitation_expired", "cancelled")
    rows |= {code: replace(made, last_code=code) for code in codes}
    rows["waits"] = replace(_waiting_row("pending_approval"), credential="w")
    credential = Credential(provider="fiken", environment="production", items={"token": "koble x"})
    waits = Credential(provider="visma_net", environment="production", items={}, plain={"tenant_id": "t"})
    return rows, {"k": credential, "w": waits}


def _home_states(first: int) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        rows, credentials = _home_rows()
        part = dict(list(rows.items())[first : first + 6])
        window._show_home(Book(credentials=credentials, connections=part))

    return arrange


def _many_book() -> Book:
    slugs = sorted(built_in().providers)
    credentials = {one: Credential(provider=one, environment="production", items={"x": "y"}) for one in slugs}
    now = datetime.now(UTC).isoformat()
    rows = {
        f"r{at}": replace(
            _row(Company(id=str(at), name=f"Kystbruket {at} AS", orgnr="313000028"), "passed"),
            tested_at=now,
            credential=slugs[at % len(slugs)],
            last_code="key_refused" if at % 17 == 3 else "",
        )
        for at in range(300)
    }
    return Book(credentials=credentials, connections=rows)


def _home_many(text: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        window._show_home(_many_book())
        if text:
            window._home().finder.search.setFocus()
            window._home().finder.search.setText(text)

    return arrange


def _home_good(window: Window) -> None:
    rows, credentials = _home_rows()
    window._show_home(Book(credentials=credentials, connections={"a1": rows["passed"]}))


def _three(window: Window) -> None:
    rows = {"a1": _row(FJORDHEIM, "passed", label="Hovedregnskapet"), "b2": _row(LONG, "passed")}
    rows["c3"] = replace(_row(COMPANIES[2], "passed"), credential="t")
    credentials = {
        "k": Credential(provider="fiken", environment="production", items={"token": "koble x"}),
        "t": Credential(provider="tripletex", environment="production", items={"employee_token": "koble y"}),
    }
    window._show_home(Book(credentials=credentials, connections=rows))


def _round_sheet(came: dict[str, str], *, running: bool = False) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _three(window)
        window.keeper.open_round()
        (sheet,) = window.findChildren(RoundSheet)
        troubles = {"failed": errors.KeyRefused(fields=("token",)), "skipped": errors.Busy(seconds=60)}
        sheet.running = running
        for key, state in came.items():
            sheet.show_outcome(Outcome(connection=key, state=state, error=troubles.get(state)))
        _settle()
        _paint_over(window, sheet)

    return arrange


def _leave_sheet(state: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _three(window)
        window.keeper.open_leave("b2")
        (sheet,) = window.findChildren(LeaveSheet)
        error = errors.Offline() if state == "unreached" else None
        if state:
            sheet.show_tried(Tried(state=state, error=error))
        _settle()
        _paint_over(window, sheet)

    return arrange


def _settings_sheet(wrong: dict[str, str]) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        _three(window)
        window.keeper.open_settings("a1")
        (sheet,) = window.findChildren(SettingsSheet)
        if wrong:
            sheet.show_problems(wrong)
        _settle()
        _paint_over(window, sheet)

    return arrange


def _asked_at_home(window: Window) -> None:
    demo = open_preset("demo", practice=True)
    window.say(replace(window.texts, preset=replace(demo, options={"fiken": demo.options["poweroffice"]})))
    _settings_sheet({"option.start": "needed"})(window)


def _renewing(window: Window) -> None:
    _to(window, "company")
    window._company().fill_in("313000028", "Hovedregnskapet")
    window._company().hold("313000028")


def _resume(page: str) -> Callable[[Window], None]:
    def arrange(window: Window) -> None:
        if page == HOME:
            _three(window)
        window.drafting.found = Draft(system="tripletex", day="2026-11-20", label="Hovedregnskapet")
        window.drafting._add_to(page)

    return arrange


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
