"""Sitemaps of every kind, whole, broken and hostile."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.sitemaps import NotASitemap, Sitemap, named, parse_sitemap

URL = "http://example.com/sitemap.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> http://example.com/خبر </loc><news:news><news:publication><news:name>N</news:name>
<news:language>ar</news:language></news:publication>
<news:publication_date>2026-05-04T10:00:00+03:00</news:publication_date><news:title>عنوان  الخبر</news:title>
</news:news>
<image:image><image:loc>http://example.com/i.png</image:loc>
<image:title>picture</image:title></image:image></url></urlset>"""


def sitemap(body: str | bytes, limit: int = 1000) -> Sitemap:
    """Read what must be a sitemap."""
    found = parse_sitemap(body.encode() if isinstance(body, str) else body, URL, limit=limit)
    assert isinstance(found, Sitemap), found
    return found


def urls(body: str | bytes) -> list[str]:
    """Return the addresses of a sitemap."""
    return [entry.url for entry in sitemap(body).entries]


def test_news_sitemap() -> None:
    """Date, title and language of the news namespace; the picture's address and title are not the page's."""
    found = sitemap(NEWS)
    (entry,) = found.entries
    assert (entry.url, entry.title, entry.language, entry.published) == (
        "http://example.com/%D8%AE%D8%A8%D8%B1",
        "عنوان الخبر",
        "ar",
        datetime(2026, 5, 4, 7, tzinfo=UTC),
    )
    assert found.is_news


def test_urlset_and_index() -> None:
    """A plain url set with lastmod, an index, and an index that calls itself a url set."""
    plain = sitemap(
        "<urlset><url><loc>/a?x=1&amp;y=2</loc><lastmod>2026-05-04</lastmod></url><url><loc>/b</loc><lastmod>"
        "soon</lastmod></url></urlset>"
    )
    assert [(entry.url, entry.lastmod) for entry in plain.entries] == [
        ("http://example.com/a?x=1&y=2", datetime(2026, 5, 4, tzinfo=UTC)),
        ("http://example.com/b", None),
    ]
    assert not plain.is_news
    assert sitemap("<sitemapindex><sitemap><loc>/1.xml.gz</loc></sitemap></sitemapindex>").kind == "index"
    assert sitemap("<urlset><sitemap><loc>/1.xml</loc></sitemap></urlset>").kind == "index"


@pytest.mark.parametrize(
    "body",
    [
        "<urlset xmlns='http://www.google.com/schemas/sitemap/0.84'><url><loc>/a?x=1&amp;y=2</loc></url></urlset>",
        "<s:urlset xmlns:s='http://wrong.example/'><s:url><s:loc>/a?x=1&amp;y=2</s:loc></s:url></s:urlset>",
        "<urlset><url><loc>/a?x=1&y=2</loc></url></urlset>",
        "<urlset><url><loc><![CDATA[/a?x=1&y=2]]></loc></url></urlset>",
        "\n\n<?xml version='1.0'?>\n<urlset><url><loc>\n/a?x=1&amp;y=2\n</loc></url></urlset>",
        "Notice: undefined\n<urlset><url><loc>/a?x=1&amp;y=2</loc></url></urlset>",
        "<urlset><url><loc>/a?x=1&amp;y=2</loc></url>",
        "<urlset><url><loc>/a?x=1&amp;y=2</loc></url><url><loc>/cut-o",
        "<urlset><url><loc>/a?x=1&amp;y=2</loc><b></url></urlset>",
        "<urlset><url><b><lastmod></b><loc>/a?x=1&amp;y=2</loc></url></urlset>",
        "http://example.com/a?x=1&y=2\r\n\r\n",
        "<rss version='2.0'><channel><item><link>/a?x=1&amp;y=2</link></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/a?x=1&amp;y=2'/></entry></feed>",
    ],
)
def test_odd_and_broken_sitemaps(body: str) -> None:
    """Namespaces, bare ampersands, junk, cuts, plain text and feeds: the whole rows come, and none that was cut."""
    assert urls(body) == ["http://example.com/a?x=1&y=2"]


def test_problems_are_told() -> None:
    """A broken sitemap says what was wrong, a whole one nothing."""
    assert sitemap("<urlset><url><loc>/a</loc></url><url><loc>/cut-o").problem.startswith("broken XML")
    assert sitemap("<urlset><url><loc>/a</loc></url></urlset>").problem == ""


@pytest.mark.parametrize(
    "body",
    [
        "<urlset/>",
        "<urlset></urlset>",
        "<?xml version='1.0'?><urlset xmlns='x'>\n</urlset>",
        "<sitemapindex></sitemapindex>",
    ],
)
def test_an_empty_sitemap_is_one(body: str) -> None:
    """A sitemap without entries is a sitemap."""
    assert (sitemap(body).entries, sitemap(body).problem) == ((), "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1256", "gb18030"])
def test_charsets(encoding: str) -> None:
    """Letters in an address are read in the charset of the file, and spelt in UTF-8."""
    letters = "خبر" if encoding != "gb18030" else "新闻"
    body = f"<?xml version='1.0' encoding='{encoding}'?><urlset><url><loc>/{letters}</loc></url></urlset>".encode(
        encoding
    )
    assert urls(body) == urls(f"http://example.com/{letters}")


def test_gzip() -> None:
    """A gzipped sitemap is read, and one that is cut as far as it goes."""
    rows = "".join(f"<url><loc>/{n}</loc></url>" for n in range(900))
    packed = gzip.compress(f"<urlset>{rows}</urlset>".encode())
    assert len(sitemap(packed).entries) == 900
    cut = sitemap(packed[: len(packed) // 2])
    assert 100 < len(cut.entries) < 900
    assert cut.problem


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><p>404", "html"),
        (b"hello world", "not a sitemap"),
        (b"<opml/>", "not a sitemap"),
        (b"\x89PNG\x00\x01\x02", "binary"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>', "entities"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><urlset/>'.encode("utf-16"), "entities"),
        (b"{}", "not a sitemap"),
    ],
)
def test_no_sitemap(body: bytes, reason: str) -> None:
    """What is no sitemap is named for what it is; entities are refused unread."""
    assert parse_sitemap(body, URL) == NotASitemap(reason)  # type: ignore[arg-type]


def test_entries_are_bounded_and_single() -> None:
    """Each address comes once, and no more rows are read than the limit."""
    rows = "".join(f"<url><loc>/{n % 50}</loc></url>" for n in range(100))
    assert len(urls(f"<urlset>{rows}</urlset>")) == 50
    few = sitemap(f"<urlset>{rows}</urlset>", limit=10)
    assert (len(few.entries), few.problem) == (10, "more than 10 entries")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b"<urlset>" + b"<url><loc>http://a.b/</loc></url>" * 900_000),
        gzip.compress(b"0" * (100 << 20)),
        b"<urlset>" + b"<a>" * 500_000,
        b"<urlset>" + b"<a/>" * 500_000,
        b"<urlset><url>" + b"<loc/>" * 500_000,
        b"<urlset><url " + b"".join(b"a%d='' " % n for n in range(50_000)) + b">",
        b"<urlset>" + b"<![CDATA[" * 200_000,
        b"<urlset>" + b"&a" * 500_000,
    ],
    ids=["duplicates", "zeros", "depth", "siblings", "children", "attributes", "cdata", "ampersands"],
)
def test_hostile_sitemaps_take_no_time(body: bytes) -> None:
    """A bomb of any kind is over within a few seconds of CPU."""
    start = time.process_time()
    parse_sitemap(body, URL)
    assert time.process_time() - start < 6


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://x.com/post-sitemap1.xml", "articles"),
        ("http://x.com/post_tag-sitemap.xml", "other"),
        ("http://x.com/news-sitemap.xml", "news"),
        ("http://x.com/sitemap.xml", ""),
        ("http://x.com/wp-sitemap-posts-post-1.xml", "articles"),
        ("http://x.com/wp-sitemap-posts-page-1.xml", "other"),
        ("http://x.com/sitemaps/articles/2026/05.xml.gz", "articles"),
        ("http://news.x.com/sitemap.xml", ""),
        ("http://x.com/sitemap.xml?type=authors", ""),
    ],
)
def test_named(url: str, what: str) -> None:
    """The last telling word of a sitemap's path says what it lists."""
    assert named(url) == what


@settings(deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes(body: bytes) -> None:
    """Any bytes are a sitemap or none."""
    assert isinstance(parse_sitemap(body, URL), Sitemap | NotASitemap)


PARTS = st.sampled_from(
    [
        "<urlset>",
        "<url>",
        "</url>",
        "<loc>",
        "</loc>",
        "http://a.b/c",
        "<sitemap>",
        "<news:news>",
        "<lastmod>2026",
        "&",
        "<![CDATA[",
        "]]>",
        "\x00",
        "<!--",
        "<?x",
        "ا",
        "<a b=",
        "'",
        "<!DOCTYPE",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=25).map("".join))
def test_any_pieces(text: str) -> None:
    """Pieces of sitemaps in any order are a sitemap or none."""
    assert isinstance(parse_sitemap(("<urlset>" + text).encode(), URL), Sitemap | NotASitemap)
