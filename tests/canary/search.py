"""The search for canaries: secrets that were planted, in every encoding, wherever something may have leaked.

It shares no code with what masks, so that what one forgets the other finds.

    search = Search(canaries)
    search.everywhere("fiken, refused", root=home, texts={"stdout": out, "titles": window_titles})
    assert search.hits == []
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from html import escape as html
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as xml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

PIECE = 8
"""The beginning and the end of a secret that are looked for as well."""


@dataclass(frozen=True)
class Canary:
    """A secret that was planted: `value` as it was typed, `parts` what in it is to be found nowhere."""

    name: str
    value: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    flow: str
    channel: str
    canary: str
    encoding: str


@dataclass
class Search:
    """What looks for canaries; `comparisons` counts flow by channel by canary by encoding."""

    canaries: Iterable[Canary]
    hits: list[Hit] = field(default_factory=list)
    comparisons: int = 0

    def __post_init__(self) -> None:
        self._needles = [
            (one.name, name, needle)
            for one in self.canaries
            for name, needle in encodings(one)
            if len(needle) >= 4
        ]

    def everywhere(
        self, flow: str, *, root: Path | None = None, texts: Mapping[str, str | bytes] | None = None
    ) -> list[Hit]:
        """Search every file below the root, its name too, and every text; return the hits of all flows."""
        for channel, hay in (*(texts or {}).items(), *(files(root) if root else ())):
            self._look(flow, channel, _bytes(hay) if isinstance(hay, str) else hay)
        return self.hits

    def _look(self, flow: str, channel: str, hay: bytes) -> None:
        stacks = [hay, *unpacked(hay)]
        lower = [one.lower() for one in stacks]
        self.comparisons += len(self._needles)
        for canary, encoding, needle in self._needles:
            among = lower if encoding == "any case" else stacks
            if any(needle in one for one in among):
                self.hits.append(Hit(flow, channel, canary, encoding))


def files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every name and every content below a folder."""
    for file in sorted(root.rglob("*")):
        yield "file names", _bytes(str(file.relative_to(root)))
        if file.is_file() and not file.is_symlink():
            yield f"file {file.name}", file.read_bytes()


def unpacked(hay: bytes) -> Iterator[bytes]:
    """Yield what is packed in it: a diagnostics file may be a zip."""
    if hay.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(hay)) as pack:
            yield from (_bytes(name) for name in pack.namelist())
            yield from (pack.read(name) for name in pack.namelist())
    if hay.startswith(b"\x1f\x8b"):
        yield zlib.decompress(hay, 31)


ENCODINGS: Mapping[str, Callable[[str], str | bytes]] = {
    "raw": lambda one: one,
    "any case": lambda one: one.lower(),
    "quote": lambda one: quote(one, safe=""),
    "quote path": quote,
    "quote_plus": quote_plus,
    "quote lower": lambda one: quote(one.lower(), safe="").lower(),
    "base64": lambda one: base64.b64encode(_bytes(one)),
    "base64 unpadded": lambda one: base64.b64encode(_bytes(one)).rstrip(b"="),
    "base64 url": lambda one: base64.urlsafe_b64encode(_bytes(one)).rstrip(b"="),
    "base64 after 1": lambda one: shifted(one, 1),
    "base64 after 2": lambda one: shifted(one, 2),
    "base64 url after 1": lambda one: shifted(one, 1).translate(bytes.maketrans(b"+/", b"-_")),
    "base64 url after 2": lambda one: shifted(one, 2).translate(bytes.maketrans(b"+/", b"-_")),
    "basic, as a password": lambda one: base64.b64encode(_bytes(f"0:{one}")),
    "basic, as a user": lambda one: base64.b64encode(_bytes(f"{one}:")),
    "hex": lambda one: _bytes(one).hex(),
    "HEX": lambda one: _bytes(one).hex().upper(),
    "utf-16le": lambda one: one.encode("utf-16-le"),
    "utf-16be": lambda one: one.encode("utf-16-be"),
    "utf-16le hex": lambda one: one.encode("utf-16-le").hex(),
    "utf-16be hex": lambda one: one.encode("utf-16-be").hex(),
    "utf-16le base64": lambda one: base64.b64encode(one.encode("utf-16-le")).rstrip(b"="),
    "latin-1": lambda one: one.encode("latin-1", "replace"),
    "json": lambda one: json.dumps(one)[1:-1],
    "json unicode": lambda one: json.dumps(one, ensure_ascii=False)[1:-1],
    "xml": xml,
    "html": html,
    "html numbered": lambda one: one.encode("ascii", "xmlcharrefreplace"),
    "repr": lambda one: repr(one)[1:-1],
    "repr of bytes": lambda one: repr(_bytes(one))[2:-1],
    "reversed": lambda one: one[::-1],
    "without dashes": lambda one: one.replace("-", ""),
    "beginning": lambda one: one[:PIECE],
    "end": lambda one: one[-PIECE:],
}


def encodings(canary: Canary) -> Iterator[tuple[str, bytes]]:
    """Yield each encoding's name and what to look for; beginnings and ends of the telling parts only."""
    for name, encode in ENCODINGS.items():
        among = canary.parts if name in {"beginning", "end"} else (canary.value, *canary.parts)
        for one in dict.fromkeys(among):
            made = encode(one)
            yield name, made if isinstance(made, bytes) else _bytes(made)


def shifted(value: str, before: int) -> bytes:
    """Return what base64 makes of a text that begins so many bytes into a longer one."""
    made = base64.b64encode(b"x" * before + _bytes(value) + b"x" * 3)
    return made[before + 1 : 8 * (before + len(_bytes(value))) // 6]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
