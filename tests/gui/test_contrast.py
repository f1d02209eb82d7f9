"""Every pair of colours that text, a state or an edge is drawn in, in all themes and whatever the accent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QProgressBar, QScrollBar

from tests.gui.test_layout import contrast
from tests.shots import VARIANTS
from wizard import cli
from wizard.core.colours import CLEAR, READABLE, SEEN
from wizard.core.errors import BadInput
from wizard.core.registry import built_in
from wizard.gui import look
from wizard.gui.look import Scheme, Tone
from wizard.gui.theme import WISHES, Theme, dress, scheme_for
from wizard.gui.widgets.badge import DRAWN
from wizard.gui.widgets.parts import Button, Panel, Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gui.helpers import Maker

ROLE = QPalette.ColorRole
PALE, BLACK, NEON, GREY = "#fff7c0", "#000000", "#39ff14", "#808080"
ACCENTS = ("", PALE, BLACK, NEON, GREY, "#ffffff", "#d0021b", "no colour")
GROUNDS = (ROLE.Window, ROLE.Base, ROLE.AlternateBase, ROLE.Button)

Pairs = list[tuple[str, QColor, QColor]]


@pytest.fixture(params=[(scheme, accent) for scheme in Scheme for accent in ACCENTS], ids=str)
def colours(request: pytest.FixtureRequest, qapp: QApplication) -> QPalette:
    scheme, accent = request.param
    return look.palette(scheme, accent=accent)


def texts(colours: QPalette) -> Pairs:
    """Return each text that is drawn somewhere, with its ground."""
    c = colours.color
    inks = {"text": c(ROLE.WindowText), "quiet": look.quiet(colours), "link": c(ROLE.Link)}
    inks |= {tone.value: look.colour_of(tone, colours) for tone in Tone}
    pairs = [(name, ink, c(ground)) for name, ink in inks.items() for ground in GROUNDS]
    for tone in Tone:
        for flush in (False, True):
            ground, _ = look.panel(tone, colours, flush=flush)
            words = ("text", tone.value) if flush else ("text", "quiet", "link", tone.value)
            pairs += [(f"{name} on {tone.value}", inks[name], ground) for name in words]
    for chosen, hovered in ((True, False), (False, True)):
        ground = look.row_ground(colours, chosen=chosen, hovered=hovered)
        pairs += [(f"{name} on a row", inks[name], ground) for name in ("text", "quiet")]
    for state in ({}, {"hovered": True}, {"pressed": True}):
        pairs.append((f"leads {state}", c(ROLE.HighlightedText), look.lead_ground(colours, **state)))
    pairs.append(("selected", c(ROLE.HighlightedText), c(ROLE.Highlight)))
    pairs.append(("placeholder", c(ROLE.PlaceholderText), c(ROLE.Base)))
    pairs.append(("tip", c(ROLE.ToolTipText), c(ROLE.ToolTipBase)))
    lit = look.mix(c(ROLE.Link), c(ROLE.Window), 0.12)
    return [*pairs, ("lit link", c(ROLE.Link), lit)]


def edges(colours: QPalette) -> Pairs:
    """Return each edge and sign that tells something, with what is beside it."""
    c = colours.color
    pairs = [("focus", c(ROLE.Accent), c(ground)) for ground in GROUNDS]
    pairs.append(("focus within the button that leads", c(ROLE.HighlightedText), look.lead_ground(colours)))
    pairs.append(("button that leads", look.lead_ground(colours), c(ROLE.Window)))
    pairs.append(("empty box", c(ROLE.PlaceholderText), c(ROLE.Base)))
    pairs.append(("tick", c(ROLE.HighlightedText), c(ROLE.Accent)))
    chosen = look.row_ground(colours, chosen=True, hovered=False)
    pairs.append(("chosen row", c(ROLE.Accent), chosen))
    line = look.fields_palette(colours).color(ROLE.Window).darker(140)
    pairs += [("line to type in", line, c(ground)) for ground in (ROLE.Window, ROLE.Base)]
    for provider in built_in().providers.values():
        ground, _, ink = look.tile(provider.hue, colours)
        pairs.append((f"badge {provider.slug}", ink, ground))
    return pairs


def poor(pairs: Pairs, least: float) -> list[str]:
    return [
        f"{name}: {ink.name()} on {ground.name()} {contrast(ink, ground):.2f}"
        for name, ink, ground in pairs
        if contrast(ink, ground) < least
    ]


def test_every_text_can_be_read(colours: QPalette) -> None:
    assert poor(texts(colours), CLEAR if look.is_stark(colours) else READABLE) == []


def test_every_edge_and_sign_can_be_seen(colours: QPalette) -> None:
    assert poor(edges(colours), SEEN) == []


def test_what_stands_above_every_page_is_parted_from_it_in_high_contrast(qapp: QApplication) -> None:
    try:
        qapp.setPalette(look.palette(Scheme.CONTRAST))
        band = Panel(tone=Tone.WAIT, flush=True)
        band.resize(40, 20)
        drawn = band.grab().toImage()
        line, page = drawn.pixelColor(20, 19), qapp.palette().color(ROLE.Window)
        assert contrast(line, page) >= SEEN
        assert drawn.pixelColor(20, 10) != line
    finally:
        qapp.setPalette(look.palette())


def test_an_accent_stays_what_it_is_where_it_can_be_read() -> None:
    assert look.palette(accent="#0b4f9e").color(ROLE.Accent).name() == "#0b4f9e"
    assert look.palette(Scheme.DARK, accent=NEON).color(ROLE.Accent).name() == NEON
    assert look.palette(accent="teal") == look.palette()


def test_the_pale_and_the_black_keep_their_hue_as_far_as_may_be() -> None:
    pale = look.palette(accent=PALE).color(ROLE.Accent)
    assert pale.red() >= pale.green() > pale.blue()
    assert look.palette(Scheme.DARK, accent=BLACK).color(ROLE.Accent).saturation() == 0


@pytest.mark.parametrize(
    ("wish", "dark", "stark", "worn"),
    [
        ("system", False, False, Scheme.LIGHT),
        ("system", True, False, Scheme.DARK),
        ("system", True, True, Scheme.CONTRAST),
        ("system", False, True, Scheme.CONTRAST),
        ("light", True, True, Scheme.LIGHT),
        ("dark", False, False, Scheme.DARK),
        ("contrast", False, False, Scheme.CONTRAST),
    ],
)
def test_the_theme_is_the_wished_one_else_the_systems(
    wish: str, worn: Scheme, *, dark: bool, stark: bool
) -> None:
    assert scheme_for(wish, dark=dark, stark=stark) is worn


def test_a_palette_of_high_contrast_is_known_whoever_made_it() -> None:
    assert [look.is_stark(look.palette(one)) for one in Scheme] == [False, False, True]
    windows = look.palette()
    for role, colour in ((ROLE.Window, "#ffffff"), (ROLE.WindowText, "#000000"), (ROLE.Base, "#ffffff")):
        windows.setColor(role, QColor(colour))
    assert look.is_stark(windows)
    assert contrast(look.colour_of(Tone.WAIT, windows), QColor("#ffffff")) >= CLEAR


@pytest.fixture
def undressed(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    dress(qapp)


def test_the_window_follows_the_system_while_it_is_open(undressed: QApplication, make: Maker) -> None:
    customer, theme = make(), Theme(undressed, accent=NEON)
    try:
        for scheme in (Scheme.DARK, Scheme.LIGHT, Scheme.CONTRAST):
            theme._wish = scheme.value  # as if the system had said so
            undressed.styleHints().colorSchemeChanged.emit(undressed.styleHints().colorScheme())
            QApplication.processEvents()
            wished = look.palette(scheme, accent=NEON)
            assert customer.window.palette().color(ROLE.Window) == wished.color(ROLE.Window)
            assert look.lead_ground(customer.window.cancel.palette()) == look.lead_ground(wished)
    finally:
        theme.setParent(None)
        theme.deleteLater()


@pytest.mark.parametrize("scheme", Scheme)
def test_a_line_to_type_in_is_drawn_with_that_edge(undressed: QApplication, scheme: Scheme) -> None:
    dress(undressed, scheme)
    edit = QLineEdit()
    edit.resize(120, 30)
    image = edit.grab().toImage()
    row = [image.pixelColor(60, y) for y in range(3)]
    base, ground = edit.palette().color(ROLE.Base), undressed.palette().color(ROLE.Window)
    assert max(min(contrast(one, base), contrast(one, ground)) for one in row) >= SEEN - 0.3


def test_a_bar_can_be_seen_on_black(undressed: QApplication) -> None:
    dress(undressed, Scheme.CONTRAST)
    window, accent = (undressed.palette().color(role) for role in (ROLE.Window, ROLE.Accent))
    for bar in (QScrollBar(), QProgressBar()):
        bar.ensurePolished()
        c = bar.palette().color
        pairs = [("handle", c(ROLE.Button), window), ("arrow", c(ROLE.ButtonText), c(ROLE.Button))]
        assert poor([*pairs, ("filled", accent, c(ROLE.Base))], SEEN) == []


@pytest.mark.parametrize("scheme", Scheme)
def test_the_button_that_leads_is_filled_and_no_other(undressed: QApplication, scheme: Scheme) -> None:
    dress(undressed, scheme)
    button, fill = Button("ii"), look.lead_ground(undressed.palette())
    button.resize(120, 30)
    assert button.grab().toImage().pixelColor(12, 15) != fill
    button.lead()
    assert button.grab().toImage().pixelColor(12, 15) == fill
    button.setEnabled(False)
    assert button.grab().toImage().pixelColor(12, 15) != fill


@pytest.mark.parametrize("scheme", Scheme)
def test_a_quiet_button_that_is_on_is_lit_and_not_grey(undressed: QApplication, scheme: Scheme) -> None:
    dress(undressed, scheme)
    button = Quiet()
    button.ensurePolished()
    palette = button.palette()
    button.setCheckable(True)
    button.setChecked(True)
    button.resize(120, 30)
    lit = look.mix(palette.color(ROLE.Link), palette.color(ROLE.Window), 0.12)
    seen = button.grab().toImage().pixelColor(12, 15)
    edge = button.grab().toImage().pixelColor(0, 15)
    assert (edge == palette.color(ROLE.Link)) is (scheme is Scheme.CONTRAST), "its ground is faint there"
    parts = ((one.red(), one.green(), one.blue()) for one in (seen, lit))
    assert max(abs(a - b) for a, b in zip(*parts, strict=True)) <= 2


def test_nothing_is_animated(undressed: QApplication) -> None:
    from PySide6.QtCore import Qt

    theme = Theme(undressed)
    effects = (Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_FadeMenu)
    assert not any(QApplication.isEffectEnabled(one) for one in effects)
    theme.deleteLater()


def test_each_of_the_seven_has_a_badge_of_its_own() -> None:
    providers = built_in().providers
    assert providers.keys() == DRAWN
    assert len({one.hue for one in providers.values()}) == len(providers)


def test_the_command_line_knows_the_same_themes() -> None:
    assert cli.THEMES == WISHES
    assert cli.parser().parse_args(["--theme", "contrast"]).theme == "contrast"
    assert cli.command_in(["--theme", "dark"]) is None  # what follows it is no command
    assert cli.command_in(["--theme", "dark", "systems"]) == "systems"
    with pytest.raises(BadInput):
        cli.parser().parse_args(["--theme", "pink"])


def test_every_variant_of_the_pictures_is_named_once() -> None:
    names = [one.name for one in VARIANTS]
    assert len(names) == len(set(names)) == 18
    assert {"nb.contrast-200", "en.dark", "nb.light-narrow"} <= set(names)
    assert all(one.size <= (1280, 720) for one in VARIANTS)
