"""A small archive for tests of replay and reading room: captures made here, kept by the real archive."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archive.archive import Archive
from archive.article import Article, ArticleDate, ArticleLanguage
from archive.capture import Capture, Provenance, Why
from archive.rows import CaptureRow
from archive.version import Run
from settings.site import Site
from tests.archive.rows import derive, derived
from tests.conftest import make_site

DAY_ONE = datetime(2024, 5, 31, 12, 0, 0, 250_000, tzinfo=UTC)
DAY_TWO = datetime(2024, 6, 2, 9, 30, 0, 750_000, tzinfo=UTC)

ENGLISH = ArticleLanguage(code="en", script="Latn", confidence=1.0, method="detector")
FRENCH = ArticleLanguage(code="fr", script="Latn", confidence=1.0, method="detector")
ARABIC = ArticleLanguage(code="ar", script="Arab", confidence=1.0, method="detector")
CHINESE = ArticleLanguage(code="zh", script="Hans", confidence=1.0, method="detector")

RED_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP8z4APMOGVHbHSAEEsARMfVv4HAAAAAElFTkSuQmCC"
)
"""A picture of 10 by 10 points."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to capture, and what the extraction says of it where it is an article."""

    url: str
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: str = "200 OK"
    started: datetime = DAY_ONE
    headers: tuple[tuple[str, str], ...] = ()
    says: Article | None = None
    why: Why = "article"
    outlet: str = "example"
    chunked: bool = False

    def capture(self) -> Capture:
        """Make the exchange, byte by byte."""
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in self.headers)]
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
            payload = b"".join(
                b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in (self.body[:7], self.body[7:]) if part
            )
            payload += b"0\r\nX-Trailer: 1\r\n\r\n"
        else:
            lines.append(f"Content-Length: {len(self.body)}")
            payload = self.body
        return Capture(
            url=self.url,
            started=self.started,
            request=f"GET {self.url} HTTP/1.1\r\nHost: example.org\r\n\r\n".encode(),
            response="\r\n".join([*lines, "", ""]).encode() + payload,
            provenance=Provenance(outlet=self.outlet, run="run-1", why=self.why),
            peer="192.0.2.1",
        )


@dataclass(frozen=True, slots=True)
class House:
    """An archive that stands, and the rows of its captures in the order they were kept."""

    site: Site
    rows: tuple[CaptureRow, ...] = field(repr=False)

    def row(self, url: str, started: datetime | None = None) -> CaptureRow:
        """Give the first capture of an address (at a time)."""
        return next(row for row in self.rows if row.url == url and started in (None, row.started))

    def article_id(self, url: str) -> str:
        """Give the id of the article at an address."""
        with Archive.open(self.site) as archive:
            return archive.article(url).id


def build(root: Path, pages: Iterable[Page], url: str = "") -> House:
    """Keep pages in an archive of their own, and derive what they say."""
    site = make_site(root, url)
    rows, made = [], []
    with Archive.open(site, writable=True) as archive:
        archive.begin(Run(id="run-1", outlet="example", started=DAY_ONE))
        for page in pages:
            row = archive.row(archive.keep(page.capture()).result().record_id)
            rows.append(row)
            if page.says is not None:
                made.append(derived(row, page.says))
        derive(archive.engine, made)
    return House(site, tuple(rows))


def says(url: str, title: str, text: str, language: ArticleLanguage = ENGLISH, **values: object) -> Article:
    """Make what a page says."""
    return Article(url=url, canonical_url=None, title=title, text=text, language=language, rules="1", **values)  # type: ignore[arg-type]


def on(day: str) -> ArticleDate:
    """Make a date of publication."""
    return ArticleDate(value=day, precision="day", raw=day, source="meta", day=day)


STYLED = "https://example.org/news/harbour"
ARABIC_URL = "https://example.org/أخبار/الميناء"

HARBOUR = """<!DOCTYPE html><html lang="en"><head><title>Harbour</title><meta charset="utf-8">
<meta http-equiv="refresh" content="1;url=https://outside.example/">
<link rel="stylesheet" href="/style.css" integrity="sha256-x"><link rel="preconnect" href="https://outside.example/">
<script>document.title = "script ran"; fetch("https://outside.example/");</script>
<script src="https://outside.example/x.js"></script></head>
<body onload="document.title='handler ran'"><h1>The harbour opens</h1>
<img id="dot" src="dot.png" alt="dot"><img id="lazy" data-src="dot.png" alt="lazy">
<img src="https://outside.example/pixel.gif" alt="pixel">
<p id="para" style="background:url(https://outside.example/bg.png)">The new harbour of Larkmoor opens on Monday.</p>
<a id="next" href="/news/next">next</a><a id="out" href="https://outside.example/page">out</a>
<iframe src="https://outside.example/frame"></iframe>
<form action="https://outside.example/post" method="post"><input name="q"><button id="send">send</button></form>
</body></html>"""

STYLE = """@import "more.css"; @font-face { font-family: Own; src: url(own.woff2) }
body { background-color: rgb(1, 2, 3); font-family: Own, serif } #dot { width: 33px }"""

FONT = base64.b64decode("d09GMgABAAAAAAAA")  # no real font: only whether it is asked for here matters


def harbour_world() -> list[Page]:
    """Make pages in four languages with their requisites, an edit, redirects, odd encodings."""
    arabic_body = (
        '<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="windows-1256"><title>الميناء</title></head>'
        "<body><h1>افتتاح الميناء</h1><p>يُفتتح ميناء المدينة يوم الإثنين.</p></body></html>"
    )
    english = "The new harbour of Larkmoor opens on Monday.\n\nShips from Valombre will be the first to enter."
    arabic = "يُفتتح ميناء المدينة الجديد يوم الإثنين بحضور الأهالي.\n\nوقال المهندس إن العمل استغرق ثلاث سنوات."
    french = "Le port de Larkmoor ouvre lundi.\n\nLes habitants l’attendaient depuis l’été."
    chinese = "拉克穆尔的新港口将于星期一开放。\n\n来自各地的船只将首先进入港口。"
    port, port_zh = "https://example.org/fr/port", "https://example.org/zh/port"
    return [
        Page(STYLED, HARBOUR.encode(), says=says(STYLED, "The harbour opens", english, ENGLISH,
             authors=("Ada Quill",), published=on("2024-05-30"), tags=("harbour", "ships"), section="Town")),
        Page("https://example.org/style.css", STYLE.encode(), "text/css", why="requisite"),
        Page("https://example.org/more.css", b"#para { color: rgb(4, 5, 6) }", "text/css", why="requisite"),
        Page("https://example.org/own.woff2", FONT, "font/woff2", why="requisite"),
        Page("https://example.org/news/dot.png", RED_DOT, "image/png", why="requisite"),
        Page("https://example.org/news/next", b"<p>The next page</p>", why="section"),
        Page(ARABIC_URL, arabic_body.encode("cp1256"), "text/html; charset=windows-1256",
             says=says(ARABIC_URL, "افتتاح الميناء الجديد", arabic, ARABIC, published=on("2024-05-31"),
                       authors=("سلمى الورّاق",))),
        Page(port, gzip.compress("<p>Le port, l’été</p>".encode(), mtime=0),
             headers=(("Content-Encoding", "gzip"),),
             says=says(port, "Le port de Larkmoor", french, FRENCH, published=on("2024-05-29"))),
        Page(port_zh, "<p>拉克穆尔的新港口</p>".encode(), chunked=True, outlet="second",
             says=says(port_zh, "拉克穆尔的新港口", chinese, CHINESE, published=on("2024-05-28"))),
        Page("http://example.org/moved", b"moved", status="301 Moved Permanently",
             headers=(("Location", "/news/next"),)),
        Page("http://example.org/secure", b"to https", status="301 Moved Permanently",
             headers=(("Location", "https://example.org/secure"),), started=DAY_ONE),
        Page("https://example.org/secure", b"<p>secure</p>", started=DAY_ONE.replace(second=1)),
        Page("https://example.org/gone", b"<p>gone for good</p>", status="410 Gone"),
        Page("https://example.org/deflated", zlib.compress(b"<p>deflated</p>"),
             headers=(("Content-Encoding", "deflate"),), why="section"),
        Page(STYLED, HARBOUR.replace("Monday", "Tuesday").encode(), started=DAY_TWO,
             says=says(STYLED, "The harbour opens later", english.replace("Monday", "Tuesday"), ENGLISH,
                       published=on("2024-05-30"))),
    ]  # fmt: skip
