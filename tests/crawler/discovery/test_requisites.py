"""What a page needs to look as it did."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.pages import read_page
from crawler.discovery.requisites import css_requisites

URL = "http://example.com/a/"


def needed(html: str) -> list[tuple[str, str]]:
    """Return (path, kind) of what a page needs, other sizes marked."""
    return [
        (row.url.removeprefix("http://example.com"), row.kind if row.primary else f"({row.kind})")
        for row in read_page(html.encode(), URL).requisites
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<link rel=stylesheet href=/s.css>", [("/s.css", "style")]),
        ("<link rel='alternate stylesheet' href=/s.css>", [("/s.css", "(style)")]),
        ("<link rel='shortcut icon' href=/f.ico>", [("/f.ico", "icon")]),
        ("<link rel=preload as=font href=/f.woff2>", [("/f.woff2", "font")]),
        ("<img src=i.png>", [("/a/i.png", "image")]),
        ("<img src='data:image/gif;base64,AA' data-src=/real.jpg>", [("/real.jpg", "image")]),
        (
            "<img src=/i.png srcset='/i-300.png 300w, /i-600.png 600w'>",
            [("/i.png", "image"), ("/i-300.png", "(image)"), ("/i-600.png", "(image)")],
        ),
        ("<img srcset='/i-300.png 300w, /i-600.png 600w'>", [("/i-600.png", "image"), ("/i-300.png", "(image)")]),
        ("<img data-srcset='/i,x.png 1x'>", [("/i,x.png", "image")]),
        ("<picture><source srcset=/i.webp><img src=/i.jpg></picture>", [("/i.jpg", "image"), ("/i.webp", "(image)")]),
        ("<script src=/x.js></script>", [("/x.js", "script")]),
        (
            "<video src=/v.mp4 poster=/p.jpg><source src=/v.webm></video>",
            [("/p.jpg", "image"), ("/v.mp4", "media"), ("/v.webm", "media")],
        ),
        ("<body background=/bg.gif>", [("/bg.gif", "image")]),
        ("<p style=\"background:url('/bg.png')\">", [("/bg.png", "image")]),
        (
            "<style>@import '/i.css'; @font-face{src:url(/f.woff2?x)} p{background:url( \"/b.png\" )}/* "
            "url(/no.png) */</style>",
            [("/i.css", "style"), ("/f.woff2?x", "font"), ("/b.png", "image")],
        ),
        ("<img src=''><img><img src='#'><img src='javascript:x'>", []),
        ("<object data=/o.swf></object><embed src=/e.swf>", [("/o.swf", "media"), ("/e.swf", "media")]),
        ("<img src=/z.png><link rel=stylesheet href=/s.css>", [("/s.css", "style"), ("/z.png", "image")]),
    ],
)
def test_what_a_page_needs(html: str, expected: list[tuple[str, str]]) -> None:
    """Style sheets first, pictures however they are loaded, fonts, scripts, media; other sizes last."""
    assert needed(html) == expected


def test_list_pages_need_nothing() -> None:
    """Where nobody wants the requisites, none are sought."""
    assert read_page(b"<img src=/i.png>", URL, requisites=False).requisites == ()


def test_css() -> None:
    """A style sheet's imports, pictures and fonts, relative to itself."""
    body = (
        b'@charset "utf-8"; @import url("sub/x.css") screen; @import "y.css"; '
        b"a{background:url(../i.png)} @font-face{src:url(f.ttf)} "
        b"b{background:url(data:image/png;base64,AA)}"
    )
    found = css_requisites(body, "http://example.com/css/main.css", "text/css")
    assert {(row.url, row.kind) for row in found} == {
        ("http://example.com/css/sub/x.css", "style"),
        ("http://example.com/css/y.css", "style"),
        ("http://example.com/i.png", "image"),
        ("http://example.com/css/f.ttf", "font"),
    }


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_style_sheet(body: bytes) -> None:
    """Any bytes are a style sheet."""
    css_requisites(body, URL)
    css_requisites(b"a{b:url(" + body, URL)
