"""Small invented outlets, each on another platform, and a walk through them as the spider makes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urljoin

from crawler.discovery.address import address, article_key
from crawler.discovery.choose import Found, TrapGuard, classify, shapes
from crawler.discovery.feeds import Feed, parse_feed
from crawler.discovery.pages import read_page
from crawler.discovery.probe import Answer, Probe, ProbeResult
from crawler.discovery.sitemaps import NotASitemap, parse_sitemap
from crawler.discovery.walk import SitemapWalk, children
from settings.outlet import Outlet


@dataclass
class Site:
    """An outlet in memory: what each of its addresses answers, and which of them are its articles."""

    home: str
    encoding: str = "utf-8"
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    articles: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def page(self, path: str, body: str, *, head: str = "", kind: str = "") -> None:
        """Put an HTML page at a path."""
        text = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
        self.put(path, text.encode(self.encoding, "xmlcharrefreplace"), kind or f"text/html; charset={self.encoding}")

    def put(self, path: str, body: bytes | str, kind: str) -> None:
        """Put any answer at a path."""
        self.answers[address(urljoin(self.home, path))] = (kind, body if isinstance(body, bytes) else body.encode())

    def article(self, path: str, title: str) -> str:
        """Put an article at a path, and return its path."""
        self.page(path, f"<h1>{escape(title)}</h1><p>{escape(title)}</p>", head=f"<title>{escape(title)}</title>")
        self.articles.add(article_key(urljoin(self.home, path)))
        return path

    def get(self, url: str) -> Answer:
        """Answer as a server would: 404 for what is not there."""
        self.asked.append(url)
        if url not in self.answers:
            return Answer(url, 404, "text/html", b"<html><body>404</body></html>", url)
        kind, body = self.answers[url]
        return Answer(url, 200, kind, body, url)


def rss(items: list[tuple[str, str]], title: str = "T") -> str:
    """Write an RSS feed of (address, title)."""
    rows = "".join(f"<item><title>{escape(name)}</title><link>{escape(url)}</link></item>" for url, name in items)
    return f'<rss version="2.0"><channel><title>{escape(title)}</title>{rows}</channel></rss>'


def urlset(urls: list[str], *, news: bool = False) -> str:
    """Write a sitemap."""
    extra = "<news:news><news:publication_date>2026-05-04</news:publication_date></news:news>" if news else ""
    rows = "".join(f"<url><loc>{escape(url)}</loc>{extra}</url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="n">{rows}</urlset>'


def probe(site: Site) -> ProbeResult:
    """Probe a site by its home address alone."""
    state = Probe(site.home)
    while wanted := state.next_requests():
        for url in wanted:
            answer = site.get(url)
            state.give(url, answer.status, answer.content_type, answer.body)
    return state.conclude()


@dataclass
class Walked:
    """What a walk found: article keys with the reasons, and the list pages that it cost."""

    articles: dict[str, str] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)


def walk(site: Site, outlet: Outlet) -> Walked:
    """Walk feeds, sitemaps and list pages as the spider does, without politeness and limits."""
    walked, named = Walked(), list[str]()
    for url in outlet.feeds:
        feed = parse_feed(site.get(url).body, url)
        assert isinstance(feed, Feed)
        for item in feed.items:
            _take(walked, item.url, outlet, Found(source="feed", page=url))
            named.append(item.url)
    sitemaps = SitemapWalk()
    for url in (*outlet.sitemaps, *outlet.news_sitemaps):
        _sitemap(site, outlet, url, None, (walked, sitemaps))
    _lists(site, outlet, walked, shapes(tuple(named)))
    return walked


def _take(walked: Walked, url: str, outlet: Outlet, found: Found) -> None:
    choice = classify(url, outlet, found)
    if choice.kind == "article":
        walked.articles.setdefault(article_key(url), choice.reason)


def _sitemap(site: Site, outlet: Outlet, url: str, via: str | None, state: tuple[Walked, SitemapWalk]) -> None:
    walked, sitemaps = state
    if sitemaps.enter(url, via):
        return
    sitemap = parse_sitemap(site.get(url).body, url)
    if isinstance(sitemap, NotASitemap):
        return
    for entry in children(sitemap) if sitemap.kind == "index" else sitemap.entries:
        if sitemap.kind == "index":
            _sitemap(site, outlet, entry.url, url, state)
        else:
            _take(walked, entry.url, outlet, Found(source="news-sitemap" if entry.news else "sitemap", page=url))


def _lists(site: Site, outlet: Outlet, walked: Walked, known: frozenset[str]) -> None:
    guard, seen, listed = TrapGuard(), {outlet.home}, set[str]()
    queue = deque([outlet.home])
    while queue:
        url = queue.popleft()
        answer = site.get(url)
        walked.lists.append(url)
        page = read_page(answer.body, url, answer.content_type, requisites=False)
        new = 0
        for link in page.links:
            choice = classify(link, outlet, Found(page=url, shapes=known))
            key = article_key(link.url)
            if choice.kind == "article":
                walked.articles.setdefault(key, choice.reason)
                new += key not in listed
                listed.add(key)
            elif choice.kind in ("listing", "next") and link.url not in seen and not guard.allow(link.url, choice.kind):
                seen.add(link.url)
                queue.append(link.url)
        guard.result(url, new)
