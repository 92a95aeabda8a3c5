"""Pictures made by code are whole pictures, and the same each time."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.demo import images

SEEDS = st.integers(0, 10_000)
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def chunks(png: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by name; each checksum is held against its data."""
    found, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + data),)
        found[name] = data
        at += 12 + length
    return found


@pytest.mark.parametrize("seed", [101, 604])
def test_png_has_a_row_for_each_line(seed: int) -> None:
    """Signature, header, palette and rows of a PNG agree with each other."""
    png = images.landscape_png(seed, "#336699")
    parts = chunks(png)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert list(parts) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">II", parts[b"IHDR"][:8]) == (images.WIDTH, images.HEIGHT)
    rows = zlib.decompress(parts[b"IDAT"])
    assert len(rows) == (images.WIDTH + 1) * images.HEIGHT
    assert set(rows) == set(range(len(parts[b"PLTE"]) // 3)), "every colour of the palette is seen"


@given(seed=SEEDS, colour=COLOURS)
def test_svg_is_xml_and_the_same_each_time(seed: int, colour: str) -> None:
    """Every landscape is well-formed, has three ridges and a sun, and its seed decides it."""
    picture = images.landscape_svg(seed, colour)
    names = [etree.QName(part).localname for part in etree.fromstring(picture)]
    assert names == ["rect", "circle", "polygon", "polygon", "polygon"]
    assert picture == images.landscape_svg(seed, colour)
    assert picture != images.landscape_svg(seed + 1, colour)


def test_icon_and_pattern() -> None:
    """The icon bears its letter, of any script; the pattern is well-formed too."""
    assert etree.fromstring(images.icon_svg("#000000", "و"))[1].text == "و"
    assert len(etree.fromstring(images.pattern_svg("#000000"))) == 2


def test_colours() -> None:
    """A colour's three parts are read in their order."""
    assert images.rgb("#0a10ff") == (10, 16, 255)
