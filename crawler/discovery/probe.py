"""From a home address to an Outlet: which addresses to look at, one step after another, and what their answers say.

Pure: a Probe says what it wants to see (`next_requests`) and is told (`give`); who asks the network is not its affair.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from protego import Protego

from crawler.discovery.address import address, article_key, parts
from crawler.discovery.feeds import Feed, NotAFeed, parse_feed
from crawler.discovery.pages import PageLinks, feed_links, read_page
from crawler.discovery.payload import decode
from crawler.discovery.profile import Seen, describe
from crawler.discovery.sitemaps import NotASitemap, Sitemap, named, parse_sitemap
from crawler.discovery.sites import scope_of
from crawler.discovery.walk import children
from settings.outlet import Outlet
from settings.platforms import platforms

MAX_REQUESTS = 25
MAX_FEEDS = 8
MAX_SITEMAPS = 6
MAX_CHILDREN = 2
"""Sitemaps of one index that are looked at, to tell what it holds."""
MAX_FRAMES = 3
ROBOTS_BYTES = 500 << 10
"""RFC 9309 section 2.5: so much of a robots.txt is read."""

FindingKind = Literal["home", "robots", "feed", "sitemap", "news-sitemap", "section", "name", "language", "country"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: an address, or a value for the outlet's file; taken or not, and why."""

    kind: FindingKind
    value: str
    taken: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe found out."""

    outlet: Outlet
    found: tuple[Finding, ...]
    problem: str = ""
    """Why the outlet could not be followed as it stands; empty if it can."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one address. `status` is 0 where nothing did."""

    url: str
    status: int
    content_type: str | None
    body: bytes
    final_url: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def failure(self) -> str:
        return f"status {self.status}" if self.status else "no answer"


class Robots:
    """What the robots.txt of one origin says; one that the server failed to give forbids everything (RFC 9309)."""

    def __init__(self, answer: Answer | None, agent: str) -> None:
        self.unreachable = answer is not None and (answer.status == 0 or answer.status >= 500)
        text = decode(answer.body[:ROBOTS_BYTES], answer.content_type) if answer and answer.ok else ""
        self._rules = Protego.parse(text)
        self._agent = agent
        base = answer.final_url if answer else ""
        self.sitemaps = tuple(
            dict.fromkeys(filter(None, (address(urljoin(base, url)) for url in self._rules.sitemaps)))
        )

    def allows(self, url: str) -> bool:
        """Tell whether an address of this origin may be asked for."""
        return not self.unreachable and bool(self._rules.can_fetch(url, self._agent))


Steps = Generator[list[str], dict[str, Answer], None]


def plan(home: str) -> tuple[str, str]:
    """Return the first addresses of a probe: robots.txt and the home itself."""
    return urljoin(address(home), "/robots.txt"), address(home)


def after_home(page: PageLinks, robots: Robots) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the feeds and sitemaps that an outlet names itself: by autodiscovery and in robots.txt."""
    feeds = tuple(feed.url for feed in page.feeds)[:MAX_FEEDS]
    return feeds, tuple(sorted(robots.sitemaps, key=lambda url: named(url) != "news"))[:MAX_SITEMAPS]


class Probe:
    """The state of one probe. Ask `next_requests` until it is `done`, and `give` it each answer; then `conclude`."""

    def __init__(self, home: str, *, agent: str = "warraq", taken: Collection[str] = ()) -> None:
        self.home = address(home if "://" in home else f"https://{home}")
        self.agent, self.taken = agent, taken
        self.done = False
        self.asked: dict[str, None] = {}
        self.found: list[Finding] = []
        self.pages: list[PageLinks] = []
        self.feeds: dict[str, Feed] = {}
        self.sitemaps: dict[str, Sitemap] = {}
        self.robots: dict[str, Robots] = {}
        self.problem = "" if self.home else f"{home!r} is no web address"
        self._batch: list[str] = []
        self._answers: dict[str, Answer] = {}
        self._steps = self._walk()
        self._started = False

    def next_requests(self) -> tuple[str, ...]:
        """Return the addresses to ask for now; () while answers are missing, and when the probe is done."""
        while not self.done and not set(self._batch) - self._answers.keys():
            try:
                wanted = (
                    self._steps.send({url: self._answers[url] for url in self._batch})
                    if self._started
                    else next(self._steps)
                )
            except StopIteration:
                self.done = True
                break
            self._started = True
            self._batch = [url for url in dict.fromkeys(wanted) if self._may_ask(url)]
            for url in self._batch:
                self.asked[url] = None
            if self._batch:
                return tuple(self._batch)
        return ()

    def give(
        self, url: str, status: int, content_type: str | None, body: bytes, *, final_url: str | None = None
    ) -> None:
        """Tell what an address answered: status 0 for no answer; `final_url` where redirects led elsewhere."""
        self._answers[url] = Answer(url, status, content_type, body, final_url or url)

    def conclude(self) -> ProbeResult:
        """Return the outlet as far as it is known, with what was found and what was rejected."""
        outlet, more = describe(Seen(self.home, self.pages, self.feeds, self.sitemaps), self.taken, self._allowed)
        found = (*self.found, *(Finding(kind, value, True, why) for kind, value, why in more))
        problem = self.problem
        if not problem and not (self.pages or self.feeds or self.sitemaps):
            problem = "nothing to follow was found"
        return ProbeResult(outlet, found, problem)

    def _may_ask(self, url: str) -> bool:
        if not url or url in self.asked or len(self.asked) >= MAX_REQUESTS:
            return False
        if url.endswith("/robots.txt") or self._allowed(url):
            return True
        self._note("home" if url == self.home else "robots", url, False, "robots.txt forbids it")
        if url == self.home:
            self.problem = "robots.txt forbids the home page"
        return False

    def _allowed(self, url: str) -> bool:
        rules = self.robots.get(_origin(url))
        return rules is None or rules.allows(url)

    def _note(self, kind: FindingKind, value: str, taken: bool, evidence: str) -> None:
        self.found.append(Finding(kind, value, taken, evidence))

    # --- the steps, in their order -------------------------------------------------------------------------------
    def _walk(self) -> Steps:
        if not self.home:
            return
        yield from self._read_robots(self.home)
        yield from self._read_home()
        feeds, sitemaps = after_home(self.pages[0] if self.pages else PageLinks(url=self.home), self._own_robots())
        answers = yield [*feeds, *sitemaps]
        for url, answer in answers.items():
            if url in feeds:
                self._feed(answer, "named by the home page")
            else:
                self._sitemap(answer, "named by robots.txt")
        if not self.feeds:
            yield from self._search_feeds()
        if not self.sitemaps:
            yield from self._search_sitemaps()
        yield from self._look_into_indexes()

    def _own_robots(self) -> Robots:
        return self.robots.get(_origin(self.home)) or Robots(None, self.agent)

    def _read_robots(self, url: str) -> Steps:
        place = plan(url)[0]
        answers = yield [place]
        if place in answers:
            rules = Robots(answers[place], self.agent)
            self.robots[_origin(url)] = rules
            found = answers[place]
            self._note("robots", place, found.ok, f"{len(rules.sitemaps)} sitemaps" if found.ok else found.failure)

    def _read_home(self) -> Steps:
        answers = yield [self.home]
        if self.home not in answers:
            return
        answer = answers[self.home]
        if not answer.ok:
            self.problem = f"the home page gives {answer.failure}"
            self._note("home", self.home, False, answer.failure)
            return
        moved = address(answer.final_url)
        if moved and moved != self.home:
            self._note("home", moved, True, f"{self.home} leads here")
            self.home = moved
            if _origin(moved) not in self.robots:
                yield from self._read_robots(moved)
        page = self._page(answer)
        yield from self._read_inside(page)

    def _page(self, answer: Answer) -> PageLinks:
        page = read_page(answer.body, address(answer.final_url) or answer.url, answer.content_type, requisites=False)
        self.pages.append(page)
        return page

    def _read_inside(self, page: PageLinks) -> Steps:
        """Read the frames of a home made of frames, and where an empty one sends its reader."""
        if len(page.links) > len(page.frames):
            return
        inside = page.frames[:MAX_FRAMES] or ((page.refresh,) if page.refresh else ())
        answers = yield [url for url in inside if scope_of(self.home).has(url)]
        for answer in answers.values():
            if answer.ok:
                self._page(answer)
        if page.refresh in answers and answers[page.refresh].ok:
            self._note("home", page.refresh, True, f"{self.home} is empty and sends its readers here")
            self.home = page.refresh

    def _search_feeds(self) -> Steps:
        """Look at links that say they are feeds, then at the usual addresses, until one is a feed."""
        links = [
            link.url
            for page in self.pages
            for link in feed_links(page.links)
            if scope_of(self.home).has(link.url, named=True)
        ]
        answers = yield links[:4]
        for answer in list(answers.values()):
            if not self._feed(answer, "linked on the home page") and answer.ok:
                yield from self._read_list_of_feeds(answer)
        for path in platforms().feeds.well_known:
            if self.feeds:
                return
            answers = yield [address(urljoin(self.home, path))]
            for answer in answers.values():
                self._feed(answer, "at a usual address")

    def _read_list_of_feeds(self, answer: Answer) -> Steps:
        page = read_page(answer.body, answer.final_url, answer.content_type, requisites=False)
        links = [*(feed.url for feed in page.feeds), *(link.url for link in feed_links(page.links))]
        answers = yield [url for url in dict.fromkeys(links) if url != answer.url][:4]
        for inner in answers.values():
            self._feed(inner, f"linked on {answer.url}")

    def _search_sitemaps(self) -> Steps:
        for path in platforms().sitemaps.well_known:
            if self.sitemaps and (named(path) != "news" or any(sitemap.is_news for sitemap in self.sitemaps.values())):
                continue
            answers = yield [address(urljoin(self.home, path))]
            for answer in answers.values():
                self._sitemap(answer, "at a usual address")
            if self.sitemaps and path not in platforms().sitemaps.well_known[:4]:
                return

    def _look_into_indexes(self) -> Steps:
        for url, sitemap in list(self.sitemaps.items()):
            if sitemap.kind != "index":
                continue
            inner = sorted(
                children(sitemap), key=lambda entry: ("news", "articles", "", "other").index(named(entry.url))
            )
            answers = yield [entry.url for entry in inner if article_key(entry.url) != article_key(url)][:MAX_CHILDREN]
            for answer in answers.values():
                parsed = self._parse_sitemap(answer)
                if isinstance(parsed, Sitemap) and parsed.is_news:
                    self.sitemaps[answer.url] = parsed
                    self._note("news-sitemap", answer.url, True, f"named by {url}; {len(parsed.entries)} news")

    # --- judging an answer ---------------------------------------------------------------------------------------
    def _feed(self, answer: Answer, where: str) -> bool:
        feed = parse_feed(answer.body, answer.final_url, answer.content_type) if answer.ok else None
        reason = self._not_wanted(answer, feed)
        if reason or not isinstance(feed, Feed):
            self._note("feed", answer.url, False, f"{where}: {reason}")
            return False
        self.feeds[answer.url] = feed
        problem = f"; {feed.problem}" if feed.problem else ""
        self._note("feed", answer.url, True, f"{where}: {feed.kind}, {len(feed.items)} items{problem}")
        return True

    def _not_wanted(self, answer: Answer, feed: Feed | NotAFeed | None) -> str:
        if feed is None:
            return answer.failure
        if isinstance(feed, NotAFeed):
            return f"no feed: {feed.reason}"
        if not feed.items:
            return "a feed without items"
        if _is_comments(answer.url, feed):
            return "readers' comments"
        own = [item.url for item in feed.items if scope_of(self.home).has(item.url, named=True)]
        if not own:
            return "all items are of other sites"
        if all(url.rpartition(".")[2].lower() in platforms().endings.files for url in own):
            return "its items are files"
        keys = {article_key(url) for url in own}
        for url, known in self.feeds.items():
            if keys <= {article_key(item.url) for item in known.items}:
                return f"the same items as {url}"
        return ""

    def _parse_sitemap(self, answer: Answer) -> Sitemap | NotASitemap | None:
        return parse_sitemap(answer.body, answer.final_url, answer.content_type) if answer.ok else None

    def _sitemap(self, answer: Answer, where: str) -> None:
        sitemap = self._parse_sitemap(answer)
        reason = ""
        if sitemap is None:
            reason = answer.failure
        elif isinstance(sitemap, NotASitemap):
            reason = f"no sitemap: {sitemap.reason}"
        elif not sitemap.entries:
            reason = "an empty sitemap"
        elif not any(scope_of(self.home).has(entry.url, named=True) for entry in sitemap.entries):
            reason = "all entries are of other sites"
        if reason or not isinstance(sitemap, Sitemap):
            self._note("sitemap", answer.url, False, f"{where}: {reason}")
            return
        self.sitemaps[answer.url] = sitemap
        kind: FindingKind = "news-sitemap" if sitemap.is_news else "sitemap"
        self._note(kind, answer.url, True, f"{where}: {sitemap.kind}, {len(sitemap.entries)} entries")


def _origin(url: str) -> str:
    found = parts(url)
    return f"{found.scheme}://{found.authority}" if found else ""


def _is_comments(url: str, feed: Feed) -> bool:
    words = platforms().feeds.comments
    path = parts(url)
    if path and any(segment in words for segment in path.path.lower().split("/")):
        return True
    marked = sum(1 for item in feed.items if "#comment" in item.id)
    return marked * 2 > len(feed.items)


def replay(probe: Probe, answers: Iterable[Answer]) -> ProbeResult:
    """Drive a probe with answers that are at hand already; what is not among them counts as 404."""
    known = {answer.url: answer for answer in answers}
    while wanted := probe.next_requests():
        for url in wanted:
            answer = known.get(url) or Answer(url, 404, None, b"", url)
            probe.give(url, answer.status, answer.content_type, answer.body, final_url=answer.final_url)
    return probe.conclude()
