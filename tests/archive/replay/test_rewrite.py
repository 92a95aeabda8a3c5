"""Archived pages rewritten: what is shown stays, what acts is gone, nothing leads outside."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from archive.replay.address import Links
from archive.replay.rewrite import DROPPED, REMOVED, UNTAGGED, rewrite_html

LINKS = Links("https://example.org/a/b.html", "20240531120000")
PART = "/20240531120000im_/https://example.org"
PAGE = "/20240531120000mp_/https://example.org"


def body(markup: str) -> str:
    """Rewrite a piece of a page and give the body's content."""
    page = rewrite_html(markup.encode(), LINKS, "text/html; charset=utf-8").decode()
    found = re.search(r"<body>(.*)</body>", page, re.DOTALL)
    return found[1] if found else page


def head(markup: str) -> str:
    """Rewrite a piece of a head and give the head's content, without our own meta element."""
    page = rewrite_html(f"<head>{markup}</head>".encode(), LINKS, "text/html; charset=utf-8").decode()
    found = re.search(r'<head><meta charset="utf-8">(.*)</head>', page, re.DOTALL)
    return found[1] if found else page


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="c">x</a>', f'<a href="{PAGE}/a/c">x</a>'),
        ('<a href="c" target="_top" ping="/p">x</a>', f'<a href="{PAGE}/a/c">x</a>'),
        ('<a href="#x">x</a>', '<a href="#x">x</a>'),
        ('<a href="javascript:x()">x</a>', "<a>x</a>"),
        ('<a href="mailto:x@example.org">x</a>', "<a>x</a>"),
        ('<a href="https://other.example/?a=1&amp;b=2">x</a>',
         '<a href="/20240531120000mp_/https://other.example/?a=1&amp;b=2">x</a>'),
        ('<img src="i.png">', f'<img src="{PART}/a/i.png">'),
        ('<img src="">', "<img>"),
        ('<img src="data:image/gif;base64,AA==">', '<img src="data:image/gif;base64,AA==">'),
        ('<img srcset="a.png, b,c.png 2x,data:image/png;base64,AA== 3x">',
         f'<img srcset="{PART}/a/a.png, {PART}/a/b,c.png 2x, data:image/png;base64,AA== 3x">'),
        ('<img srcset="a.png 1x,,b.png (weird, size) 2x">',
         f'<img srcset="{PART}/a/a.png 1x, {PART}/a/b.png (weird, size) 2x">'),
        ('<img src="data:image/gif;base64,AA==" data-src="/i.png">', f'<img src="{PART}/i.png" data-src="/i.png">'),
        ('<img data-lazy-srcset="a.png 2x">', f'<img data-lazy-srcset="a.png 2x" srcset="{PART}/a/a.png 2x">'),
        ('<video poster="p.jpg" src="v.mp4" autoplay></video>',
         f'<video poster="{PART}/a/p.jpg" src="{PART}/a/v.mp4"></video>'),
        ('<table background="t.gif"></table>', f'<table background="{PART}/a/t.gif"></table>'),
        ('<p style="background: url(b.png)">x</p>', f"<p style='background: url(\"{PART}/a/b.png\")'>x</p>"),
        ('<p onclick="x()" ONLOAD="y()">x</p>', "<p>x</p>"),
        ("<script>x()</script>after", "after"),
        ("<iframe src=x>inside</iframe>after", "after"),
        ("<object data=x><embed src=y>instead</object>after", "insteadafter"),
        ("a<embed src=y>b<bgsound src=y>c<portal src=y>d<fencedframe>e", "abcde"),
        ("a<template><img src=x></template>b", "ab"),
        ("a<!-- comment -->b", "ab"),
        ("<form action=/x method=post><button formaction=/y>z</button></form>", "<form><button>z</button></form>"),
        ("<noscript><img src=/i.png></noscript>", f'<span><img src="{PART}/i.png"></span>'),
        ('<img data-src="/i.png"><noscript><img src="/i.png"></noscript>',
         f'<img data-src="/i.png" src="{PART}/i.png">'),
        ("<xmp><b>raw</b></xmp>", "<pre>&lt;b&gt;raw&lt;/b&gt;</pre>"),
        ('<svg><use xlink:href="#i"></use></svg>', '<svg><use xlink:href="#i"></use></svg>'),
        ('<svg><a xlink:href="javascript:x()"><text>x</text></a></svg>', "<svg><a><text>x</text></a></svg>"),
        ('<svg><set attributeName="href" to="javascript:x()"></set></svg>', "<svg></svg>"),
        ('<svg><style/><title/><script href="x"/></svg>after', "<svg><style></style><title></title></svg>after"),
        ('<img src="http://[broken">', "<img>"),
        ("<p dir=rtl lang=ar>نص</p>", '<p dir="rtl" lang="ar">نص</p>'),
        ("<textarea><script>x()</script></textarea>", "<textarea>&lt;script&gt;x()&lt;/script&gt;</textarea>"),
        ('<p title="&lt;script&gt;">x</p>', '<p title="&lt;script&gt;">x</p>'),
        ("<p @click=x v-on:click=y a<b=z>x</p>", '<p v-on:click="y">x</p>'),
    ],
)  # fmt: skip
def test_bodies(before: str, after: str) -> None:
    """Links lead within the archive, parts come from it, whatever acts is gone, text stays."""
    assert body(f"<body>{before}</body>") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<link rel="stylesheet" href="s.css" integrity="sha256-x" crossorigin>',
         f'<link rel="stylesheet" href="{PART}/a/s.css">'),
        ('<link rel="preload" as="style" href="s.css" onload="this.rel=\'stylesheet\'">',
         f'<link rel="stylesheet" href="{PART}/a/s.css">'),
        ('<link rel="stylesheet" media="print" onload="this.media=\'all\'" href="s.css">',
         f'<link rel="stylesheet" href="{PART}/a/s.css">'),
        ('<link rel="stylesheet" media="print" href="s.css">',
         f'<link rel="stylesheet" media="print" href="{PART}/a/s.css">'),
        ('<link rel="shortcut icon" href="/f.ico">', f'<link rel="icon" href="{PART}/f.ico">'),
        *[(f'<link rel="{rel}" href="https://outside.example/">', "") for rel in (
            "preconnect", "dns-prefetch", "prefetch", "prerender", "modulepreload", "preload", "manifest", "import",
            "pingback", "alternate", "canonical", "serviceworker", "")],
        ('<meta http-equiv="refresh" content="0;url=https://outside.example/">', ""),
        ('<meta http-equiv="Set-Cookie" content="a=b">', ""),
        ('<meta http-equiv="Content-Security-Policy" content="img-src *">', ""),
        ('<meta name="referrer" content="unsafe-url">', ""),
        ('<meta charset="windows-1256">', ""),
        ('<meta name="viewport" content="width=device-width">', '<meta name="viewport" content="width=device-width">'),
        ("<style>@import 's.css'; p { background: url(b.png) }</style>",
         f'<style>@import "{PART}/a/s.css"; p {{ background: url("{PART}/a/b.png") }}</style>'),
        ("<style>p::after { content: '<b>' }</style>", r"<style>p::after { content: '\3c b>' }</style>"),
        ("<noscript><link rel=stylesheet href=s.css></noscript>", f'<link rel="stylesheet" href="{PART}/a/s.css">'),
        ("<title>a <b> c</title>", "<title>a &lt;b&gt; c</title>"),
        ("<base href='/c/'><link rel=stylesheet href=s.css>", f'<link rel="stylesheet" href="{PART}/c/s.css">'),
    ],
)  # fmt: skip
def test_heads(before: str, after: str) -> None:
    """Style sheets stay and come from the archive; hints, refreshes and policies are gone."""
    assert head(before) == after


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        ("<p>مرحبا".encode("cp1256"), "text/html; charset=windows-1256"),
        ("<meta charset=windows-1256><p>مرحبا".encode("cp1256"), "text/html"),
        ("<p>مرحبا".encode(), "text/html; charset=utf-8"),
        ("<p>مرحبا".encode(), None),
        ("\ufeff<p>مرحبا".encode(), "text/html; charset=iso-8859-1"),
        ("<p>مرحبا".encode("utf-16"), "text/html"),
        ('<?xml version="1.0" encoding="windows-1256"?><p>مرحبا'.encode("cp1256"), "application/xhtml+xml"),
        (("<p>" + "مرحبا بكم في هذا البلد الجميل وأهلا وسهلا " * 20).encode("cp1256"), "text/html; charset=utf-8"),
    ],
)
def test_any_charset_becomes_utf_8(raw: bytes, content_type: str | None) -> None:
    """The page is read in the charset it was meant in and says that it is UTF-8, once."""
    page = rewrite_html(raw, LINKS, content_type)
    assert "مرحبا" in page.decode()
    assert page.lower().count(b"charset") == 1


def test_the_doctype_is_kept() -> None:
    """Quirks or standards: the page looks as it did."""
    strict = b'<!-- x --><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/x.dtd"><p>x'
    assert rewrite_html(strict, LINKS).startswith(b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"')
    assert rewrite_html(b"<p>no doctype", LINKS).startswith(b"<html>")
    assert b"<script" not in rewrite_html(b'<!DOCTYPE html "><script>x()</script>"><p>x', LINKS)


@pytest.mark.parametrize("raw", [b"", b"   ", b"\0", b"plain text", b"<", b"<!--", b"\xff\xfe", b"<html></html>"])
def test_hardly_a_page(raw: bytes) -> None:
    """Nearly nothing gives a page that is nearly nothing."""
    assert isinstance(rewrite_html(raw, LINKS), bytes)


def test_a_null_byte_does_not_end_the_page() -> None:
    """What stands after U+0000 is shown."""
    assert b"after" in rewrite_html(b"<p>before\0after", LINKS)


@pytest.mark.parametrize(
    "raw",
    [
        b"<div>" * 50_000 + b"deep",
        b"<!-- -->" * 50_000 + b"x",
        b'<img srcset="' + b"," * 1_000_000 + b'">',
        b'<img srcset="' + b"a (" * 300_000 + b'">',
        b"<style>" + b"url(" + b" " * 1_000_000 + b"</style>",
        b"<style>" + b'"\\' * 300_000 + b"</style>",
        b"<style>" + b"/*" * 300_000 + b"</style>",
        b"<style>" + b'url("a' * 200_000 + b"</style>",
        b"<style>" + b"@import " * 100_000 + b"</style>",
        b'<b a="' * 50_000,
        b"<svg><script " * 100_000,
        b"<a href=" + b"../" * 100_000 + b">x</a>",
    ],
    ids=range(12),
)
def test_hostile_pages_take_no_long_time(raw: bytes) -> None:
    """Nothing makes the rewriting go over the same bytes again and again."""
    begun = time.process_time()
    rewrite_html(raw, LINKS)
    assert time.process_time() - begun < 5


SIGNS = [
    "<",
    ">",
    "</",
    "/>",
    '"',
    "'",
    "=",
    " ",
    "&",
    "&lt;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "\0",
    "\n",
    "`",
]
TAGS = ["script", "style", "svg", "math", "title", "textarea", "noscript", "xmp", "iframe", "img", "a", "p", "base"]
TAGS += ["table", "select", "template", "link rel=stylesheet", "meta http-equiv=refresh", "annotation-xml", "desc"]
TRICKS = [" onerror=x()", " onload", " href=", " src=", " srcdoc=", " style=", "javascript:x()", "//outside.example/"]
TRICKS += ["url(", ")", "@import", "\\", "alert(1)", "مرحبا", " xlink:href="]
MARKUP = st.lists(st.sampled_from(SIGNS + TAGS + TRICKS)).map("".join)


@given(MARKUP | st.text())
def test_nothing_that_acts_is_left(markup: str) -> None:
    """However a page is broken, no script, handler, frame or address outside is in what is shown."""
    page = rewrite_html(markup.encode("utf-8", "replace"), LINKS, "text/html; charset=utf-8")
    for node in html.document_fromstring(page or b"<p>").iter():
        assert isinstance(node.tag, str)
        assert node.tag not in REMOVED | UNTAGGED
        for name, value in node.items():
            assert not name.startswith("on")
            assert name not in DROPPED
            if name in {"href", "src", "xlink:href", "background", "poster"}:
                assert value.startswith(("/20240531120000", "#", "data:"))
            assert name != "style" or "<" not in value


@given(MARKUP)
def test_rewriting_is_utf_8(markup: str) -> None:
    """What comes out can be read as what it says it is."""
    rewrite_html(markup.encode("utf-8", "replace"), LINKS).decode("utf-8")


@given(st.binary())
def test_any_bytes_are_taken(raw: bytes) -> None:
    """No bytes raise."""
    rewrite_html(raw, LINKS, "text/html; charset=shift_jis")
