"""Colours: what can be read on what, by WCAG's own numbers, and the nearest shade that can."""

from __future__ import annotations

import pytest

from wizard.core.colours import (
    BLACK,
    CLEAR,
    READABLE,
    WHITE,
    contrast,
    ink_on,
    is_colour,
    is_dark,
    mix,
    readable,
    rgb,
    tint,
)

ACCENTS = ("#fff7c0", "#000000", "#39ff14", "#808080", "#ffffff", "#0b6e6e", "#ff0000", "#0000ff")


def test_the_numbers_are_those_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(rgb("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(rgb("#777777"), WHITE) < READABLE


def test_a_colour_is_six_digits() -> None:
    assert is_colour("#0b6E6e")
    assert not any(
        is_colour(one) for one in ("", "teal", "#fff", "#0b6e6e ", "#0b6e6g", "0b6e6e", "#0b6e6e\n")
    )


def test_black_or_white_can_be_read_on_anything() -> None:
    greys = [(one, one, one) for one in range(256)]
    assert min(contrast(ink_on(one), one) for one in greys) >= READABLE
    assert (is_dark(BLACK), is_dark(WHITE)) == (True, False)


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("ground", ["#f6f7f9", "#1a1f25", "#000000", "#ffffff"])
def test_a_shade_can_be_read_on_its_grounds(accent: str, ground: str) -> None:
    here = rgb(ground)
    shade = readable(rgb(accent), here, lambda one: [here, mix(one, here, 0.16)])
    assert min(contrast(shade, here), contrast(shade, mix(shade, here, 0.16))) >= READABLE


def test_what_can_be_read_stays_as_it_is() -> None:
    assert readable(rgb("#0b6e6e"), WHITE, lambda _: [WHITE]) == rgb("#0b6e6e")


def test_where_nothing_reaches_it_the_end_is_black_or_white() -> None:
    grey = rgb("#808080")
    assert readable(grey, grey, lambda _: [grey], CLEAR) == ink_on(grey) == BLACK


def test_a_tint_leaves_its_inks_readable() -> None:
    quiet = rgb("#5b6876")
    assert contrast(quiet, mix(BLACK, WHITE, 0.2)) < READABLE
    assert contrast(quiet, tint(BLACK, WHITE, 0.2, [quiet])) >= READABLE
    assert tint(BLACK, WHITE, 0.2, []) == mix(BLACK, WHITE, 0.2)
    assert tint(BLACK, WHITE, 0.2, [WHITE]) == WHITE  # no share helps: none is taken
