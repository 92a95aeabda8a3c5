"""Bodies unpacked within bounds, their charsets, and XML made readable."""

from __future__ import annotations

import gzip
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.payload import charset, decode, inflate, kind_of, mend_xml, without_floods

RUSSIAN = "Мэр города открыл новый мост через реку после многих лет строительства и споров о цене"
ARABIC = "افتتح رئيس البلدية الجسر الجديد فوق النهر بعد سنوات طويلة من الأشغال والخلاف حول الكلفة"


def test_gzip_is_told_by_its_magic() -> None:
    """A gzipped body is unpacked, several members too, and any other comes back as it is."""
    assert inflate(gzip.compress(b"a" * 10) + gzip.compress(b"b")) == (b"a" * 10 + b"b", "")
    assert inflate(b"plain") == (b"plain", "")


def test_a_bomb_is_cut() -> None:
    """What unpacks to more than the limit is cut there, and said so."""
    body, problem = inflate(gzip.compress(b"0" * (4 << 20)), limit=1000)
    assert (len(body), problem) == (1000, "too large")
    assert inflate(b"x" * 11, limit=10) == (b"x" * 10, "too large")


def test_a_cut_gzip_gives_what_is_there() -> None:
    """A gzip whose end is missing gives its beginning; nonsense after the magic gives nothing."""
    packed = gzip.compress(bytes(range(256)) * 40)
    body, problem = inflate(packed[:-30])
    assert problem == "truncated"
    assert bytes(range(256)) * 40 == body or (bytes(range(256)) * 40).startswith(body)
    assert inflate(b"\x1f\x8bnonsense") == (b"", "broken gzip")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b" \n\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html><p>", "html"),
        (b"\n<html>", "html"),
        (b"<?xml version='1.0'?><rss/>", "xml"),
        (b"Warning: x\n<rss>", "xml"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'XHTML'><html>", "html"),
        (b"<urlset/>", "xml"),
        (b'{"a":1}', "json"),
        (b"http://a.b/\n", "text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x01\x02\x03", "binary"),
    ],
)
def test_kind_of(body: bytes, kind: str) -> None:
    """What a body is shows in its first bytes."""
    assert kind_of(body) == kind


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"\xef\xbb\xbfabc", "text/html; charset=latin-1", "utf-8"),
        (ARABIC.encode("utf-16"), None, "utf-16"),
        (f"<meta charset=windows-1256>{ARABIC}".encode(), None, "utf-8"),
        (f"<meta charset=windows-1256>{ARABIC}".encode("cp1256"), None, "cp1256"),
        (f"<meta charset=utf-8>{RUSSIAN}".encode("cp1251"), None, "cp1251"),
        (RUSSIAN.encode("koi8-r"), "text/html; charset=koi8-r", "koi8-r"),
        ("<meta charset=gb2312>新大桥经过多年施工今天正式通车镕".encode("gb18030"), None, "gb18030"),
        (f"<meta charset=utf-8>{ARABIC}".encode() * 3 + b"\xd8 <p>", None, "utf-8"),
        (ARABIC.encode()[:-1], None, "utf-8"),
        (b"<meta charset=no-such-thing>abc", None, "utf-8"),
    ],
)
def test_charset(body: bytes, content_type: str | None, expected: str) -> None:
    """The bytes decide; what is declared counts where it fits them."""
    assert charset(body, content_type).lower().replace("_", "-") == expected


def test_mend_xml() -> None:
    """Bare ampersands and HTML's entities become XML, CDATA stays as it is, control characters go."""
    assert (
        mend_xml(b"<a>x?a=1&b=2 &amp; &nbsp;&eacute;&#233;\x08</a>") == b"<a>x?a=1&#38;b=2 &#38; &#160;&#233;&#233;</a>"
    )
    assert mend_xml(b"<![CDATA[a&b]]>c&d") == b"<![CDATA[a&b]]>c&#38;d"
    assert mend_xml(b"<a>&nosuchname;</a>") == b"<a>&#38;nosuchname;</a>"


@pytest.mark.parametrize("value", [b"", b"='1'", b'=">"'])
def test_a_flood_of_attributes_is_cut(value: bytes) -> None:
    """A tag of 50,000 attributes keeps its name only, and what stands after it stays."""
    body = b"<p " + b" ".join(b"a%d%b" % (n, value) for n in range(50_000)) + b">text</p><a href='/x'>y</a>"
    start = time.process_time()
    tamed = without_floods(body)
    assert time.process_time() - start < 2
    assert len(tamed) < 1000
    assert tamed.endswith(b">text</p><a href='/x'>y</a>")


def test_long_tags_without_a_flood_stay() -> None:
    """A picture within its address, and a script, are long and harmless."""
    body = b"<img src='data:image/png;base64," + b"A" * 20_000 + b"'><script>" + b"var a = b + c; " * 900 + b"</script>"
    assert without_floods(body) == body


@settings(deadline=None)
@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=40)))
def test_nothing_raises(body: bytes, content_type: str | None) -> None:
    """Any bytes have a kind and a charset."""
    inflate(body)
    inflate(b"\x1f\x8b\x08\x00" + body)
    kind_of(body)
    mend_xml(body)
    without_floods(body)
    assert isinstance(decode(body, content_type), str)
