"""The logo: shapes come through, whatever could act or fetch something is refused."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from wizard.core import paths
from wizard.core.errors import BadInput
from wizard.core.logo import MOST, checked, logo_in

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'
LINK = 'xlink:href="https://elsewhere.example/x"'


def svg(inner: str, more: str = "") -> bytes:
    return f"{HEAD} {more}>{inner}</svg>".encode()


def png(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def reason(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        checked(data)
    return str(caught.value.facts["reason"])


@pytest.mark.parametrize(
    "hostile",
    [
        svg("<script>alert(1)</script>"),
        svg('<g><g><script xmlns="urn:other"/></g></g>'),
        svg("", 'onload="go()"'),
        svg('<rect onclick="go()"/>'),
        svg(f"<image {LINK}/>"),
        svg('<image href="data:image/png;base64,AAAA"/>'),
        svg(f"<linearGradient {LINK}/>"),
        svg('<use href="#a"/>'),
        svg("<foreignObject><b/></foreignObject>"),
        svg('<a href="https://elsewhere.example/"><rect/></a>'),
        svg("<style>rect { fill: red }</style>"),
        svg('<rect fill="url(https://elsewhere.example/#x)"/>'),
        svg('<rect fill="url(#a) url( //elsewhere.example/#x )"/>'),
        svg('<rect style="fill:url(\\2f/elsewhere.example)"/>'),
        svg('<rect style="background:url(file:///etc/passwd)"/>'),
        svg('<rect fill="&#117;rl(http://x)"/>'),
        svg('<rect><animate attributeName="href"/></rect>'),
        b"<?xml-stylesheet href='https://elsewhere.example/a.css'?>" + svg(""),
        b"<!DOCTYPE svg SYSTEM 'https://elsewhere.example/a.dtd'>" + svg(""),
        b"<!DOCTYPE svg [<!ENTITY a 'b'><!ENTITY c '&a;&a;&a;&a;'>]>" + svg("<desc>&c;</desc>"),
        b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + svg("<desc>&a;</desc>"),
        svg("<script/>").decode().encode("utf-16"),
    ],
)
def test_what_acts_or_fetches_is_refused(hostile: bytes) -> None:
    assert reason(hostile) in {"preset_logo_hostile", "preset_logo_kind"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "preset_logo_kind"),
        (b"GIF89a", "preset_logo_kind"),
        (b"<html/>", "preset_logo_kind"),
        (b"<svg/>", "preset_logo_kind"),
        (svg("")[:-3], "preset_logo_kind"),
        (b"<", "preset_logo_kind"),
        (b"\x89PNG\r\n\x1a\n", "preset_logo_kind"),
        (png(0, 9), "preset_logo_large"),
        (png(9, 30_000), "preset_logo_large"),
        (svg("<g>" * 30 + "</g>" * 30), "preset_logo_large"),
        (svg("<g/>" * 3_000), "preset_logo_large"),
        (svg("<rect/>" * 20_000), "preset_logo_large"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * MOST, "preset_logo_large"),
    ],
)
def test_what_is_no_logo_is_refused(data: bytes, said: str) -> None:
    assert reason(data) == said


def test_shapes_and_colours_come_through_and_a_drawing_programs_own_words_do_not() -> None:
    inner = (
        "<!-- made by hand --><metadata><who xmlns='urn:x'>me</who></metadata><title>Bank</title>"
        "<defs><linearGradient id='a'><stop offset='0' stop-color='#fff'/></linearGradient></defs>"
        "<rect width='9' height='9' fill='url(#a)'/><path style='fill:#0B5A6B;-x-own:1' d='M0 0' class='q'/>"
        "<extra xmlns='urn:x'><rect id='inside'/></extra>"
    )
    kept = checked(svg(inner, "width='9'")).data.decode()
    assert 'fill="url(#a)"' in kept
    assert 'fill="#0B5A6B"' in kept
    assert 'stop-color="#fff"' in kept
    assert not [word for word in ("metadata", "extra", "inside", "class", "style", "-x-own") if word in kept]
    assert checked(kept.encode()).data.decode() == kept, "what was written once more is the same"


def test_quotes_in_a_value_cannot_end_it() -> None:
    kept = checked(svg("<rect fill='&quot;/&gt;&lt;script&gt;&amp;'/>")).data.decode()
    assert "&quot;/&gt;&lt;script&gt;&amp;" in kept
    assert "<script" not in kept


def test_a_logo_is_a_file_beside_the_preset_or_data(tmp_path: Path) -> None:
    (tmp_path / "bank.png").write_bytes(png(9, 9))
    logo = logo_in("bank.png", tmp_path)
    assert logo.kind == "image/png"
    assert logo_in(logo.address, None) == logo
    shapes = checked(svg("<rect/>"))
    assert logo_in(shapes.address, None) == shapes


@pytest.mark.parametrize("name", ["../bank.png", "/etc/passwd", "absent.png", "folder", "", "a\x00b", 7])
def test_a_logo_is_nowhere_else(name: object, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path.parent / "bank.png").write_bytes(png(9, 9))
    with pytest.raises(BadInput) as caught:
        logo_in(name, tmp_path)
    assert caught.value.facts["reason"] in {"preset_logo_unreadable", "preset_wrong_type"}
    with pytest.raises(BadInput):
        logo_in("bank.png", None)


@pytest.mark.parametrize(
    "data", ["data:image/gif;base64,AAAA", "data:image/png;base64,***", "data:text/html,x", "data:"]
)
def test_data_that_is_no_picture_is_refused(data: str) -> None:
    with pytest.raises(BadInput) as caught:
        logo_in(data, None)
    assert caught.value.facts["reason"] == "preset_logo_kind"


def test_data_is_held_to_the_same_size() -> None:
    large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * MOST).decode()
    with pytest.raises(BadInput) as caught:
        logo_in(f"data:image/png;base64,{large}", None)
    assert caught.value.facts["reason"] == "preset_logo_large"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.svg").write_bytes(svg(""))
    monkeypatch.setattr(type(tmp_path), "open", _refuse)
    with pytest.raises(BadInput) as caught:
        logo_in("a.svg", tmp_path)
    assert caught.value.facts["file"] == "a.svg"


def _refuse(*_: object) -> None:
    raise PermissionError


def test_the_bundled_logos_are_written_as_they_would_be() -> None:
    for file in (paths.resources() / "presets").glob("*.svg"):
        assert checked(file.read_bytes()).kind == "image/svg+xml"
