"""The walk through an outlet's sitemaps."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.discovery.sitemaps import Sitemap, SitemapEntry
from crawler.discovery.walk import SitemapWalk, children


def test_a_circle_ends() -> None:
    """A sitemap that names itself, or its index, is read once, however it is spelt."""
    walk = SitemapWalk()
    assert walk.enter("http://a.b/sitemap.xml") is None
    assert walk.enter("http://a.b/sitemap.xml", "http://a.b/sitemap.xml") == "read before"
    assert walk.enter("http://a.b/1.xml", "http://a.b/sitemap.xml") is None
    assert walk.enter("https://www.a.b/sitemap.xml?utm_source=x", "http://a.b/1.xml") == "read before"


def test_depth_is_bounded() -> None:
    """An index in an index in an index … ends at the fifth."""
    walk = SitemapWalk()
    assert walk.enter("http://a.b/0.xml") is None
    for n in range(1, 6):
        assert walk.enter(f"http://a.b/{n}.xml", f"http://a.b/{n - 1}.xml") is None
    assert walk.enter("http://a.b/6.xml", "http://a.b/5.xml") == "deeper than 5 indexes"


def test_count_is_bounded() -> None:
    """An index without end ends."""
    walk = SitemapWalk(max_sitemaps=3)
    refused = [walk.enter(f"http://a.b/{n}.xml") for n in range(5)]
    assert refused == [None, None, None, "more than 3 sitemaps", "more than 3 sitemaps"]


def test_sitemaps_of_tags_are_left() -> None:
    """What an index names for tags and authors is not read; what the outlet's file names is."""
    walk = SitemapWalk()
    assert walk.enter("http://a.b/tags.xml") is None
    assert walk.enter("http://a.b/author-sitemap.xml", "http://a.b/tags.xml") == "names no articles"
    assert walk.enter("mailto:x") == "no web address"


def test_children_newest_first() -> None:
    """Undated sitemaps first, then the newest; those older than `since` are left, by lastmod or by name."""
    entries = (
        SitemapEntry(url="http://a.b/old.xml", lastmod=datetime(2020, 1, 1, tzinfo=UTC)),
        SitemapEntry(url="http://a.b/2026-04.xml"),
        SitemapEntry(url="http://a.b/sitemap-201912.xml"),
        SitemapEntry(url="http://a.b/any.xml"),
        SitemapEntry(url="http://a.b/new.xml", lastmod=datetime(2026, 5, 4, tzinfo=UTC)),
    )
    index = Sitemap(kind="index", entries=entries)
    assert [entry.url[11:] for entry in children(index)] == [
        "any.xml",
        "new.xml",
        "2026-04.xml",
        "old.xml",
        "sitemap-201912.xml",
    ]
    assert [entry.url[11:] for entry in children(index, datetime(2026, 4, 20, tzinfo=UTC))] == [
        "any.xml",
        "new.xml",
        "2026-04.xml",
    ]
