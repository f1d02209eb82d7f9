"""Colours as numbers: how well one can be read on another, and the nearest shade that can."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Rgb = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

READABLE = 4.5
"""The contrast that text needs, as WCAG 2.2 AA has it."""

SEEN = 3.0
"""The contrast that an edge needs which tells what something is."""

CLEAR = 7.0
"""The contrast that text has where the system asks for more of it."""

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 50


def is_colour(text: str) -> bool:
    """Tell whether a text is a colour as `#rrggbb`."""
    return bool(_COLOUR.fullmatch(text))


def rgb(text: str) -> Rgb:
    """Return the colour that `#rrggbb` says."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(over: Rgb, ground: Rgb, share: float) -> Rgb:
    """Return the ground with a share (0 to 1) of another colour over it."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(over, ground, strict=True))
    return red, green, blue


def luminance(colour: Rgb) -> float:
    """Return the relative luminance, 0 to 1, as WCAG 2 has it."""
    parts = (one / 255 for one in colour)
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_dark(ground: Rgb) -> bool:
    """Tell whether white can be read on a ground better than black."""
    return contrast(ground, WHITE) > contrast(ground, BLACK)


def ink_on(ground: Rgb) -> Rgb:
    """Return black or white, whichever can be read better there: one of them always can."""
    return WHITE if is_dark(ground) else BLACK


def readable(ink: Rgb, ground: Rgb, grounds: Callable[[Rgb], Iterable[Rgb]], ratio: float = READABLE) -> Rgb:
    """Return the shade of an ink nearest to it that can be read on all grounds, which may depend on it.

    It grows darker on a light `ground`, lighter on a dark one, of the same hue; at the end it is black or
    white.
    """
    end = ink_on(ground)
    for step in range(_STEPS):
        shade = _lit(ink, end, step / _STEPS)
        if all(contrast(shade, one) >= ratio for one in grounds(shade)):
            return shade
    return end


def _lit(ink: Rgb, end: Rgb, share: float) -> Rgb:
    """Return an ink a share of the way to black or white, as vivid as it was."""
    hue, light, vivid = rgb_to_hls(*(one / 255 for one in ink))
    light += ((1.0 if end == WHITE else 0.0) - light) * share
    red, green, blue = (round(255 * one) for one in hls_to_rgb(hue, light, vivid))
    return red, green, blue


def tint(over: Rgb, ground: Rgb, share: float, inks: Iterable[Rgb], ratio: float = READABLE) -> Rgb:
    """Return the ground with at most that share of a colour over it, such that the inks can still be read."""
    kept = tuple(inks)
    for step in range(_STEPS):
        tinted = mix(over, ground, share * (_STEPS - step) / _STEPS)
        if all(contrast(one, tinted) >= ratio for one in kept):
            return tinted
    return ground
