"""The one spider: follows any Outlet through feeds, sitemaps and listing pages to its articles and what they need."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TxFailure

from archive.capture import Provenance, Why
from archive.errors import DatabaseError, DiskFull, StorageError
from crawler.capture.sink import PROVENANCE
from crawler.clock import now
from crawler.discovery import choose
from crawler.discovery.address import address
from crawler.discovery.choose import TrapGuard
from crawler.discovery.feeds import Feed, parse_feed
from crawler.discovery.pages import Link, PageLinks, read_page
from crawler.discovery.requisites import css_requisites
from crawler.discovery.sitemaps import NotASitemap, parse_sitemap
from crawler.discovery.walk import SitemapWalk, children
from crawler.frontier import frontier
from crawler.frontier.frontier import Found
from crawler.politeness.robots import POLICY
from crawler.reading import content_type, location, stamp
from crawler.session import Session
from settings.outlet import Outlet

log = logging.getLogger("warraq.spider")

PRIORITY: dict[Why, int] = {
    "feed": 100,
    "home": 90,
    "sitemap": 80,
    "add": 60,
    "article": 50,
    "section": 30,
    "requisite": 10,
}
"""Newest first: feeds name today's articles, pagination last year's; pictures can wait."""

KNOWN = 500
"""Articles from which the pattern of an outlet's addresses is learnt."""

MOST_LINES = 20
"""Lines of trouble that one outlet may print: the counts hold the rest."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class Walk:
    """What one run remembers of one outlet while it follows it."""

    outlet: Outlet
    guard: TrapGuard = field(default_factory=TrapGuard)
    sitemaps: SitemapWalk = field(default_factory=SitemapWalk)
    listings: set[str] = field(default_factory=set)
    """Listing pages asked for in this run."""
    feeds: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    """Articles that listing pages of this run have named."""
    named: list[str] = field(default_factory=list)
    """Articles that feeds and news sitemaps have named: the pattern of their addresses is that of others too."""
    shapes: frozenset[str] = frozenset()
    complete: bool = False
    """Whether an earlier run came to its end: then lists are walked only as far as they bring something new."""

    def learn(self, urls: Iterable[str]) -> None:
        """Learn the pattern of the outlet's articles from those that its feeds name."""
        self.named = [*self.named, *urls][-KNOWN:]
        self.shapes = choose.shapes(tuple(address(url) for url in self.named))


class OutletSpider(Spider):
    """Follows the outlets of its session; alone (`scrapy crawl outlet -a outlet=ID`) it opens a session itself."""

    name = "outlet"

    def __init__(self, session: Session, pages: Mapping[str, Sequence[str]] | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.session = session
        self.pages = pages
        """Only these addresses, by outlet (`warraq add`); None follows the outlets."""
        self.walks = {id_: Walk(outlet) for id_, outlet in session.outlets.items()}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, outlet: str = "", **kwargs: Any) -> OutletSpider:
        """Make one for a crawler, in its session."""
        session: Session | None = getattr(crawler, "session", None)
        if session is None:
            session = Session.own(outlet)
            session.attach(crawler)
        spider = cls(session, *args, **kwargs)
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.opened, signals.spider_opened)
        return spider

    def opened(self) -> None:
        """End the crawl when the session ends it."""
        self.session.when_stopped(self._close)
        if self.session.stopped:
            self._close()

    def _close(self) -> None:
        assert self.crawler.engine is not None
        self._closing = asyncio.ensure_future(
            self.crawler.engine.close_spider_async(reason=self.session.stopped or "stopped")
        )

    # --- where a run begins -------------------------------------------------------------------------------------
    async def start(self) -> AsyncIterator[Any]:
        """Ask for the seeds of each outlet, and for what an earlier run found and did not get to."""
        if self.pages is not None:
            for id_, urls in self.pages.items():
                for url in urls:
                    yield self.ask(self.walks[id_], url, "add", None)
            return
        for id_, walk in self.walks.items():
            walk.complete = (
                any(run.outcome == "done" for run in self.session.archive.runs(id_)) and not self.session.fresh
            )
            for request in self.seeds(walk):
                yield request
        for id_, walk in self.walks.items():
            for item in await asyncio.to_thread(frontier.waiting, self.session.archive.engine, id_):
                yield self.ask(walk, item.url, item.kind, item.via)

    def seeds(self, walk: Walk) -> Iterable[Request]:
        """Give the first requests of an outlet: feeds, home, sitemaps, sections."""
        outlet = walk.outlet
        for url in outlet.feeds:
            yield from self.feed(walk, url, None)
        yield from self.listing(walk, outlet.home, None, "home")
        for url in (*outlet.news_sitemaps, *outlet.sitemaps):
            yield from self.sitemap(walk, url, None)
        for url in outlet.sections:
            yield from self.listing(walk, url, None, "section")

    def ask(self, walk: Walk, url: str, why: Why, via: str | None) -> Request:
        """Make a request for an outlet, with all that the capture and politeness rooms want to know of it."""
        outlet, once = walk.outlet, why in ("article", "requisite")
        return Request(
            url,
            callback=getattr(self, f"on_{why}"),
            errback=self.on_failure,
            priority=PRIORITY[why],
            cb_kwargs={"walk": walk},
            meta={
                PROVENANCE: Provenance(outlet=outlet.id, run=self.session.books[outlet.id].run.id, why=why, via=via),
                POLICY: outlet.politeness.robots,
                "handle_httpstatus_all": True,
                # an article's redirect is an address like any other: the frontier knows whether it is there already
                "dont_redirect": once,
                "dont_merge_cookies": not outlet.politeness.cookies,
            },
        )

    def feed(self, walk: Walk, url: str, via: str | None) -> Iterable[Request]:
        """Ask for a feed, once a run."""
        if address(url) not in walk.feeds and len(walk.feeds) < walk.outlet.limits.listing_pages:
            walk.feeds.add(address(url))
            yield self.ask(walk, url, "feed", via)

    def sitemap(self, walk: Walk, url: str, via: str | None) -> Iterable[Request]:
        """Ask for a sitemap, unless the walk has been there."""
        if (reason := walk.sitemaps.enter(url, via)) is None:
            yield self.ask(walk, url, "sitemap", via)
        else:
            log.debug("%s: sitemap %s: %s", walk.outlet.id, url, reason)

    def listing(self, walk: Walk, url: str, via: str | None, why: Why = "section") -> Iterable[Request]:
        """Ask for a page that lists articles, once a run and within the outlet's limit."""
        key = address(url)
        if not key or key in walk.listings:
            return
        if len(walk.listings) >= walk.outlet.limits.listing_pages:
            self.problem(walk, "listing-limit", f"{url}: not asked for: limits.listing_pages reached")
            return
        if reason := walk.guard.allow(key, "listing", trusted=via is None):
            log.debug("%s: listing %s: %s", walk.outlet.id, url, reason)
            return
        walk.listings.add(key)
        yield self.ask(walk, url, why, via)

    # --- what came back -----------------------------------------------------------------------------------------
    async def on_feed(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Follow what a feed names; what is no feed is said so."""
        if response.status != 200:
            return
        feed = parse_feed(response.body, response.url, content_type(response))
        if not isinstance(feed, Feed):
            self.problem(walk, "not-a-feed", f"{response.url}: not a feed: {feed.reason}")
            return
        if feed.problem:
            self.problem(walk, "broken-feed", f"{response.url}: broken feed, read as far as it goes: {feed.problem}")
        found, old, where = [], 0, choose.Found(source="feed", page=response.url)
        walk.learn(item.url for item in feed.items)
        for item in feed.items:
            if self.too_old(item.published or item.updated):
                old += 1
            elif self.kind(walk, Link(url=item.url), where) == "article":
                changed = item.updated or item.published
                found.append(self.article(item.url, response.url, stamp(changed)))
        async for request in self.follow(walk, found):
            yield request
        if feed.next and not old:
            for request in self.feed(walk, feed.next, response.url):
                yield request

    async def on_sitemap(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Go down an index, or follow what a sitemap names."""
        if response.status != 200:
            return
        sitemap = parse_sitemap(response.body, response.url, content_type(response))
        if isinstance(sitemap, NotASitemap):
            self.problem(walk, "not-a-sitemap", f"{response.url}: not a sitemap: {sitemap.reason}")
            return
        if sitemap.problem:
            self.problem(walk, "broken-sitemap", f"{response.url}: read as far as it goes: {sitemap.problem}")
        since = self.session.budget.bounds.since
        if sitemap.kind == "index":
            for entry in children(sitemap, since):
                for request in self.sitemap(walk, entry.url, response.url):
                    yield request
            return
        found: list[Found] = []
        for entry in sitemap.entries:
            if self.too_old(entry.published or entry.lastmod):
                continue
            where = choose.Found(
                source="news-sitemap" if entry.news else "sitemap", page=response.url, shapes=walk.shapes
            )
            if self.kind(walk, Link(url=entry.url, text=entry.title), where) == "article":
                found.append(self.article(entry.url, response.url, stamp(entry.lastmod)))
        async for request in self.follow(walk, found):
            yield request

    async def on_home(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Follow a page that lists articles: its articles, its next page, further sections."""
        async for request in self.read_listing(response, walk):
            yield request

    async def on_section(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Do the same for a section page."""
        async for request in self.read_listing(response, walk):
            yield request

    async def read_listing(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Follow a listing page."""
        if response.status != 200:
            walk.guard.result(address(response.url), 0)
            return
        page = read_page(response.body, response.url, content_type(response), requisites=False)
        where = choose.Found(page=address(response.url), shapes=walk.shapes)
        by_kind: dict[str, list[Link]] = {"article": [], "listing": [], "next": [], "other": []}
        for link in page.links:
            by_kind[self.kind(walk, link, where)].append(link)
        found = [self.article(link.url, response.url) for link in by_kind["article"]]
        requests = [request async for request in self.follow(walk, found)]
        named = {item.key for item in found}
        brought = len(requests) if walk.complete else len(named - walk.listed)
        walk.listed |= named
        walk.guard.result(address(response.url), brought)
        for request in requests:
            yield request
        if walk.complete and not brought:
            return
        for url in (*page.next, *(link.url for link in by_kind["next"])):
            for request in self.listing(walk, url, response.url):
                yield request
        for link in by_kind["listing"]:
            for request in self.listing(walk, link.url, response.url):
                yield request

    async def on_article(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Ask for what an article's page needs to look as it did; follow a redirect as an address of its own."""
        if response.status in REDIRECTS:
            async for request in self.follow(walk, self.moved(response, walk)):
                yield request
        if response.status != 200 or walk.outlet.follow.requisites == "none":
            return
        page = read_page(response.body, response.url, content_type(response))
        async for request in self.follow(walk, self.needed(page, walk, response.url)):
            yield request

    on_add = on_article

    async def on_requisite(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """A style sheet names pictures and fonts of its own."""
        if response.status in REDIRECTS:
            target = location(response)
            if target:
                async for request in self.follow(walk, [self.requisite(target, response.url)]):
                    yield request
        elif response.status == 200 and b"css" in (response.headers.get("Content-Type") or b""):
            wanted = self.wanted(walk)
            needed = css_requisites(response.body, response.url, content_type(response))
            found = [self.requisite(item.url, response.url) for item in needed if item.kind in wanted]
            async for request in self.follow(walk, found[: walk.outlet.follow.max_requisites]):
                yield request

    async def on_failure(self, failure: TxFailure) -> None:
        """Nothing came back. The download handler has recorded it; only what ends the crawl is said here."""
        if failure.value is not None:
            self.end_on(self.session, failure.value)

    @staticmethod
    def end_on(session: Session, error: BaseException) -> None:
        """Stop the session on an error that leaves no room to keep anything."""
        if isinstance(error, DiskFull):
            log.error("%s", error.message)
            session.stop("disk-full")
        elif isinstance(error, StorageError | DatabaseError):
            log.error("%s", error.message)
            session.stop("storage")
        else:
            log.debug("nothing came back: %s", error)

    # --- decisions ----------------------------------------------------------------------------------------------
    def kind(self, walk: Walk, link: Link, where: choose.Found) -> str:
        """Say what a link leads to: article, listing, next or other."""
        return choose.classify(link, walk.outlet, where).kind

    def too_old(self, when: datetime | None) -> bool:
        """Tell whether an article is known to be older than the crawl goes back."""
        since = self.session.budget.bounds.since
        if since is None or when is None:
            return False
        return (when.replace(tzinfo=UTC) if when.tzinfo is None else when) < since

    def article(self, url: str, via: str, changed: str | None = None) -> Found:
        """Note an article's address for the frontier."""
        key = address(url)
        return Found(key=key, url=key, kind="article", via=via, priority=PRIORITY["article"], changed=changed)

    def requisite(self, url: str, via: str) -> Found:
        """Note the address of something that a page needs."""
        key = address(url)
        return Found(key=key, url=key, kind="requisite", via=via, priority=PRIORITY["requisite"])

    def moved(self, response: Response, walk: Walk) -> list[Found]:
        """Return where an article has moved, if that is an article of the outlet too."""
        target = location(response)
        if not target or target == address(response.url):
            return []
        where = choose.Found(source="feed", page=response.url)  # an article has moved: only a sure sign says it is none
        if self.kind(walk, Link(url=target), where) != "article":
            return []
        return [self.article(target, response.url)]

    def wanted(self, walk: Walk) -> frozenset[str]:
        """Return the kinds of requisites that the outlet's owner wants."""
        images = frozenset({"image", "style", "icon"})
        return images if walk.outlet.follow.requisites == "images" else images | {"font", "script", "media"}

    def needed(self, page: PageLinks, walk: Walk, via: str) -> list[Found]:
        """Return what an article's page needs, primary things first, within the outlet's bound."""
        wanted = self.wanted(walk)
        chosen = sorted((item for item in page.requisites if item.kind in wanted), key=lambda item: not item.primary)
        return [self.requisite(item.url, via) for item in chosen[: walk.outlet.follow.max_requisites]]

    async def follow(self, walk: Walk, found: Sequence[Found]) -> AsyncIterator[Request]:
        """Put addresses into the frontier and ask for those that are new (or have changed)."""
        usable = [item for item in found if item.key]
        if not usable or self.session.stopped:
            return
        engine = self.session.archive.engine
        for item in await asyncio.to_thread(frontier.add, engine, walk.outlet.id, usable, now()):
            yield self.ask(walk, item.url, item.kind, item.via)

    def problem(self, walk: Walk, kind: str, line: str) -> None:
        """Record something that was not understood: one line a kind and outlet, and a count."""
        book = self.session.books[walk.outlet.id]
        book.counts[f"problem:{kind}"] += 1
        if len(book.problems) < MOST_LINES:
            book.problems.setdefault(line, line)
