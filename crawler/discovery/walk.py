"""Walking an outlet's sitemaps: which may still be read, so that no circle and no depth catches the crawl."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from crawler.discovery.address import article_key
from crawler.discovery.sitemaps import Sitemap, SitemapEntry, named

MAX_DEPTH = 5
"""Indexes within indexes: the standard knows one level, publishers use up to three."""
MAX_SITEMAPS = 1000
MONTH = re.compile(r"(?<!\d)(19[89]\d|20\d\d)[-_/.]?(0[1-9]|1[0-2])(?!\d)")
"""A year and month in the name of a sitemap: the time of its articles."""


class SitemapWalk:
    """The state of one run's walk. `enter` is asked before each sitemap; it remembers what was let in."""

    def __init__(self, *, max_depth: int = MAX_DEPTH, max_sitemaps: int = MAX_SITEMAPS) -> None:
        self._depths: dict[str, int] = {}
        self._max_depth, self._max_sitemaps = max_depth, max_sitemaps

    def enter(self, url: str, via: str | None = None) -> str | None:
        """Return None if a sitemap is to be read, else the reason why not. `via` is the index that named it."""
        key = article_key(url)
        if not key:
            return "no web address"
        if key in self._depths:
            return "read before"
        depth = self._depths.get(article_key(via), 0) + 1 if via else 0
        if depth > self._max_depth:
            return f"deeper than {self._max_depth} indexes"
        if len(self._depths) >= self._max_sitemaps:
            return f"more than {self._max_sitemaps} sitemaps"
        if via and named(url) == "other":
            return "names no articles"
        self._depths[key] = depth
        return None


def children(index: Sitemap, since: datetime | None = None) -> tuple[SitemapEntry, ...]:
    """Return the sitemaps that an index names, newest first, without those that changed last before `since`.

    A sitemap without a date of its own, in `lastmod` or in its name, always stays.
    """
    dated = [(entry.lastmod or _month_end(entry), entry) for entry in index.entries]
    kept = [(when, entry) for when, entry in dated if since is None or when is None or when >= since]
    kept.sort(key=lambda row: row[0].timestamp() if row[0] else float("inf"), reverse=True)
    return tuple(entry for _, entry in kept)


def _month_end(entry: SitemapEntry) -> datetime | None:
    found = MONTH.search(entry.url.rpartition("/")[2])
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
