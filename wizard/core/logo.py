"""The partner's logo: an SVG of shapes only, or a PNG, small, checked, and carried as data in a preset."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST = 100 * 1024
"""The largest logo, in bytes."""

WIDEST = 2_000
"""The largest PNG, in pixels a side: a small file may hold a picture that fills the memory."""

_NODES, _DEEP = 2_000, 24
_PREFIXES = {"image/svg+xml": "data:image/svg+xml;base64,", "image/png": "data:image/png;base64,"}
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = frozenset(
    """
    svg g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop
    clipPath
    """.split()  # noqa: SIM905 - one line a word would be a page
)
_ATTRIBUTES = frozenset(
    """
    id d x y x1 y1 x2 y2 cx cy r rx ry fx fy width height viewBox points transform fill fill-rule fill-
    opacity stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-
    dasharray opacity offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod clip-
    path clip-rule clipPathUnits preserveAspectRatio version
    """.split()  # noqa: SIM905 - one line a word would be a page
)
_LIVE = frozenset(
    """
    script foreignobject image use a animate animatetransform animatemotion animatecolor set style
    iframe embed object audio video handler listener filter feimage font-face-uri mpath discard tref
    """.split()  # noqa: SIM905 - one line a word would be a page
)
_INNER = re.compile(r"url\(\s*#[\w-]+\s*\)")
_FILE = re.compile(r"[A-Za-z0-9][\w.-]{0,79}")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture that was checked; `kind` is its media type."""

    kind: str
    data: bytes

    @property
    def address(self) -> str:
        """The same as data in a text, as a signed preset carries it."""
        return _PREFIXES[self.kind] + base64.b64encode(self.data).decode()


def logo_in(value: object, folder: Path | None) -> Logo:
    """Return a logo from data, or from a file beside the preset; raises `BadInput` saying what is wrong."""
    if not isinstance(value, str):
        raise BadInput(reason="preset_wrong_type", name="logo")
    if value.startswith("data:"):
        return checked(_decoded(value))
    if not folder or not _FILE.fullmatch(value):
        raise BadInput(reason="preset_logo_unreadable", file=value[:80])
    try:
        if not (folder / value).is_file():
            raise FileNotFoundError(value)
        with (folder / value).open("rb") as opened:
            return checked(opened.read(MOST + 1))
    except OSError:
        raise BadInput(reason="preset_logo_unreadable", file=value) from None


def _decoded(value: str) -> bytes:
    prefix = next((one for one in _PREFIXES.values() if value.startswith(one)), None)
    try:
        return base64.b64decode(value.removeprefix(prefix or value), validate=True) if prefix else b""
    except (binascii.Error, ValueError):
        return b""


def checked(data: bytes) -> Logo:
    """Return the logo that these bytes are; raises `BadInput` for what cannot be one."""
    if len(data) > MOST:
        raise BadInput(reason="preset_logo_large", most=MOST // 1024)
    if data.startswith(_PNG):
        return _png(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Logo(kind="image/svg+xml", data=_Cleaner().clean(data))
    raise BadInput(reason="preset_logo_kind")


def _png(data: bytes) -> Logo:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise BadInput(reason="preset_logo_kind")
    width, height = struct.unpack(">II", data[16:24])
    if not 0 < width <= WIDEST or not 0 < height <= WIDEST:
        raise BadInput(reason="preset_logo_large", most=MOST // 1024)
    return Logo(kind="image/png", data=data)


def _hostile(what: str) -> BadInput:
    return BadInput(reason="preset_logo_hostile", what=what[:40])


@dataclass(slots=True)
class _Cleaner:
    """Writes an SVG anew with known shapes only; what could act or fetch something is refused, not left out.

    What drawing programs add in words of their own is left out, with all that is within.
    """

    out: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    nodes: int = 0

    def clean(self, data: bytes) -> bytes:
        """Return the SVG written anew; raises `BadInput`."""
        from xml.parsers import expat  # few presets have a logo

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse("DOCTYPE")
        parser.EntityDeclHandler = lambda *_: self._refuse("ENTITY")
        parser.ProcessingInstructionHandler = lambda target, _: self._refuse(target)
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError):
            raise BadInput(reason="preset_logo_kind") from None
        return "".join(self.out).encode()

    def _refuse(self, what: str) -> Any:
        raise _hostile(what)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.nodes += 1
        if self.nodes > _NODES or len(self.open) >= _DEEP:
            raise BadInput(reason="preset_logo_large", most=MOST // 1024)
        space, _, short = name.rpartition(" ")
        if short.lower() in _LIVE:
            raise _hostile(short)
        known = space == _SVG and short in _SHAPES and "" not in self.open
        if not self.open and (not known or short != "svg"):
            raise BadInput(reason="preset_logo_kind")
        every = {**attributes, **_styled(attributes.get("style", ""))}
        kept = {key: value for key, value in every.items() if self._may_stay(key, value)}
        self.open.append(short if known else "")
        if known:
            space = f" xmlns={_quoted(_SVG)}" if len(self.open) == 1 else ""
            self.out.append(f"<{short}{space}{''.join(f' {k}={_quoted(v)}' for k, v in kept.items())}>")

    def _end(self, _: str) -> None:
        if name := self.open.pop():
            self.out.append(f"</{name}>")

    def _may_stay(self, name: str, value: str) -> bool:
        """Tell whether an attribute is kept; raises `BadInput` for one that acts or leads elsewhere."""
        short = name.rpartition(" ")[2].lower()
        rest = _INNER.sub("", value).lower()
        if short.startswith("on"):
            raise _hostile(short)
        if short in {"href", "src"} and not value.startswith("#"):
            raise _hostile(short)
        if "url(" in rest or "javascript:" in rest or "@import" in rest or "\\" in rest:
            raise _hostile(short)
        return name in _ATTRIBUTES


def _styled(style: str) -> dict[str, str]:
    """Return the declarations of a style attribute by name: drawing programs write colours so."""
    pairs = (one.partition(":") for one in style.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _quoted(value: str) -> str:
    marks = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    return f'"{"".join(marks.get(one, one) for one in value)}"'
