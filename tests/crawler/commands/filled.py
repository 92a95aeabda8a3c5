"""A small archive for the commands' tests: two outlets, an edit, a redirect, a page that has gone, an image.

The addresses are those of the examples in `--help`, which a test runs here.
"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.archive import Archive
from archive.capture import Capture, Provenance
from archive.ingest import Deriver
from settings.language import languages
from settings.outlet import load_outlets
from settings.site import load_site

START = datetime(2026, 1, 10, 8, 0, 0, 250000, tzinfo=UTC)
PORT = "https://jarida.example/2026/01/port"
HOME = "https://www.example.org/"
FLOOD = "https://www.example.org/2026/01/flood"
GONE = "https://www.example.org/2026/01/gone"
MOVED = "https://www.example.org/?p=7"
IMAGE = "https://www.example.org/flood.png"
PIXEL = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"

ARABIC_BODY = (
    "<p>افتتح الميناء الجديد في المدينة صباح أمس بحضور عدد كبير من السكان والصيادين الذين انتظروا هذا اليوم طويلا.</p>"
    "<p>وقال مدير الميناء إن الرصيف الثاني سيكون جاهزا قبل نهاية السنة، وإن العمل يجري ليلا ونهارا بلا توقف.</p>"
    "<p>وأضاف أن السفن الكبيرة ستدخل المرفأ ابتداء من الصيف المقبل، وهو ما ينتظره التجار في الأسواق القريبة.</p>"
)
ENGLISH_BODY = (
    "<p>The river left its bed on Tuesday night and flooded the lower market. "
    "Before the flood came, the traders had moved their goods.</p>"
    "<p>Nobody was hurt. The mayor said that the old dyke had held, "
    "and that the new one would be finished before summer.</p>"
    "<p>Schools stay closed until Friday, and two bridges north of the town can be crossed on foot only.</p>"
)


def page(language: str, title: str, body: str, published: str, url: str) -> bytes:
    """A plain article page."""
    direction = "rtl" if language == "ar" else "ltr"
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="canonical" href="{url}"><meta property="og:title" content="{title}">'
        f'<meta property="article:published_time" content="{published}"></head><body>'
        f'<nav><a href="/">home</a></nav><article><h1>{title}</h1>{body}</article></body></html>'
    ).encode()


def response(body: bytes, *, status: str = "200 OK", kind: str = "text/html; charset=utf-8", extra: str = "") -> bytes:
    """A response as it goes over the wire, gzipped."""
    packed = gzip.compress(body, mtime=0)
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Encoding: gzip\r\n{extra}"
    head += f"Content-Length: {len(packed)}\r\n\r\n"
    return head.encode() + packed


def exchange(url: str, answer: bytes, minutes: int, *, outlet: str, why: str = "article") -> Capture:
    """One exchange, so many minutes after the archive began."""
    host, _, path = url.removeprefix("https://").partition("/")
    return Capture(
        url=url,
        started=START + timedelta(minutes=minutes),
        request=f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: warraq\r\n\r\n".encode(),
        response=answer,
        provenance=Provenance(outlet=outlet, run="run-1", why=why),  # type: ignore[arg-type]
        peer="192.0.2.7",
    )


def exchanges() -> list[Capture]:
    """What the archive holds, in order of time."""
    port = page("ar", "افتتاح الميناء الجديد", ARABIC_BODY, "2026-01-09T18:00:00+01:00", PORT)
    flood = page("en", "River floods the lower market", ENGLISH_BODY, "2026-01-10T06:30:00Z", FLOOD)
    edited = flood.replace(b"Nobody was hurt.", b"Two people were slightly hurt.")
    empty = response(b"", status="301 Moved Permanently", extra=f"Location: {FLOOD}\r\n")
    return [
        exchange(PORT, response(port), 0, outlet="jarida"),
        exchange(FLOOD, response(flood), 1, outlet="example"),
        exchange(MOVED, empty, 2, outlet="example"),
        exchange(GONE, response(b"gone", status="410 Gone"), 3, outlet="example"),
        exchange(IMAGE, response(PIXEL, kind="image/png"), 4, outlet="example", why="requisite"),
        exchange(HOME, response(b"<!doctype html><title>The Example</title>"), 59, outlet="example", why="home"),
        exchange(FLOOD, response(edited), 60, outlet="example"),
    ]


def fill(config: Path) -> None:
    """Keep the exchanges in a site's archive and derive their articles."""
    site = load_site(config, env={})
    with Archive.open(site, writable=True) as archive:
        for waiting in [archive.keep(capture) for capture in exchanges()]:
            waiting.result(timeout=30)
        Deriver(archive, languages(), load_outlets(site.outlets_path), site.extract).derive_inline()
