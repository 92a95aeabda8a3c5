"""Site: one outlet on one day, which answers any target: pages, feeds, sitemaps, pictures, and its traps."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from crawler.demo import feeds, images, pages
from crawler.demo.answer import Answer
from crawler.demo.content import Extra, Feed, Publication
from crawler.demo.item import Item, today

HOME_SIZE = 2
"""Stories on a home page: few, so that a small world has pagination."""

JUNK_BYTES = bytes(range(256)) * 24
"""What a server sends that calls a picture HTML."""

CALENDAR_MONTH = re.compile(r"(?P<year>\d{4})/(?P<month>\d{2})/")

Maker = Callable[[], Answer]


class Site:
    """One outlet on one day; it answers the same to the same target."""

    def __init__(self, publication: Publication, home: str, day: int) -> None:
        self.publication = publication
        self.home = home
        self.day = day
        self.items = tuple(Item(story, publication, home, day) for story in publication.stories_on(day))
        self.view = pages.View(publication=publication, home=home, day=day, items=self.items)
        self._routes: dict[str, Maker] = dict(self._all_routes())

    def answer(self, target: str) -> Answer:
        """What is found at a target (path and query)."""
        key = _key(target)
        if maker := self._routes.get(key):
            return maker()
        if month := self._calendar(key):
            return month
        if key + "/" in self._routes:
            return self._redirect("redirect", self.home + target[1:] + "/", 301)
        return self._notice("missing", self.publication.words["not_found"], target, status=404)

    def article(self, item: Item) -> pages.Rendered:
        """The page of an article."""
        return pages.article(self.view, item)

    def item_at(self, target: str) -> Item | None:
        """The article that has this target, if it stands today."""
        key = _key(target)
        return next((item for item in self.items if _key(item.path) == key), None)

    def _all_routes(self) -> Iterator[tuple[str, Maker]]:
        publication = self.publication
        yield "/robots.txt", self._robots
        yield "/static/site.css", self._style
        yield "/static/pattern.svg", partial(self._picture, images.pattern_svg(publication.colour), "image/svg+xml")
        icon = images.icon_svg(publication.colour, publication.mark)
        yield "/static/icon.svg", partial(self._picture, icon, "image/svg+xml")
        yield from self._listing_routes()
        yield from self._story_routes()
        yield from self._sitemap_routes()
        for feed in publication.feeds:
            yield feed.path, partial(self._feed, feed)
        for extra in publication.extras:
            yield from self._extra_routes(extra)

    def _listing_routes(self) -> Iterator[tuple[str, Maker]]:
        starts = range(0, len(self.items), HOME_SIZE)
        for number, start in enumerate(starts, 1):
            yield _key(self._page_path(number)), partial(self._home_page, number, start, len(starts))
        for section in self.publication.sections:
            path = self.publication.paths.section.format(key=section.key)
            yield _key(path), partial(self._section_page, section.key, section.name, path)

    def _story_routes(self) -> Iterator[tuple[str, Maker]]:
        for story in self.publication.stories:
            item = Item(story, self.publication, self.home, self.day)
            if story.gone_on is not None and self.day >= story.gone_on:
                yield (
                    _key(item.path),
                    partial(self._notice, "gone", self.publication.words["gone"], item.path, status=410),
                )
        for item in self.items:
            yield _key(item.path), partial(self._article, item)
            yield _key(item.short_path), partial(self._redirect, "redirect", item.url, 301)
            yield _key(item.image_path), partial(self._landscape, item)
            if self.publication.habits.amp:
                yield _key(item.path + "amp/"), partial(self._amp, item)

    def _sitemap_routes(self) -> Iterator[tuple[str, Maker]]:
        habits = self.publication.habits
        if habits.sitemap:
            yield habits.sitemap, self._sitemap_index if habits.sitemap_part else self._sitemap
        if habits.sitemap_part:
            yield habits.sitemap_part, self._sitemap_part
        if habits.news_sitemap:
            yield habits.news_sitemap, self._news_sitemap

    def _extra_routes(self, extra: Extra) -> Iterator[tuple[str, Maker]]:
        key, url = _key(extra.path), self.home + extra.path[1:]
        if extra.kind == "redirect":
            target = next(item for item in self.items if item.story.id == extra.story)
            yield key, partial(self._redirect, "redirect", target.url, 302)
        elif extra.kind == "loop":
            yield key, partial(self._redirect, "loop", url + "/start", 302)
            yield key + "/start", partial(self._redirect, "loop", url, 302)
        elif extra.kind == "forbidden":
            yield key, partial(self._notice, "forbidden", extra.label, extra.path)
        elif extra.kind in ("empty", "binary"):
            body = b"" if extra.kind == "empty" else JUNK_BYTES
            yield key, partial(Answer, what=extra.kind, content_type=self._html_type, body=body)

    # -- answers

    @property
    def _html_type(self) -> str:
        return f"text/html; charset={self.publication.declared}"

    def _html(self, what: str, rendered: pages.Rendered, *, status: int = 200, item: Item | None = None) -> Answer:
        return Answer(
            what=what,
            status=status,
            content_type=f"text/html; charset={rendered.declared}",
            body=rendered.html.encode(self.publication.charset, "xmlcharrefreplace"),
            modified=item.modified.timestamp() if item else None,
            validated=status == 200,
        )

    def _article(self, item: Item) -> Answer:
        return self._html("article", self.article(item), item=item)

    def _amp(self, item: Item) -> Answer:
        return self._html("amp", pages.amp(self.view, item), item=item)

    def _notice(self, what: str, heading: str, path: str, *, status: int = 200) -> Answer:
        return self._html(what, pages.notice(self.view, heading, self.home + path[1:]), status=status)

    def _home_page(self, number: int, start: int, last: int) -> Answer:
        older = self.home + self._page_path(number + 1)[1:] if number < last else ""
        newer = self.home + self._page_path(number - 1)[1:] if number > 1 else ""
        url = self.home + self._page_path(number)[1:]
        shown = self.items[start : start + HOME_SIZE]
        rendered = pages.listing(self.view, self.publication.tagline, url, shown, older=older, newer=newer)
        return self._html("home", rendered)

    def _section_page(self, key: str, name: str, path: str) -> Answer:
        shown = [item for item in self.items if item.story.section == key]
        return self._html("section", pages.listing(self.view, name, self.home + path[1:], shown))

    def _calendar(self, key: str) -> Answer | None:
        """A month of the calendar: each links to the next, without end."""
        for extra in self.publication.extras:
            prefix = CALENDAR_MONTH.sub("", extra.path)
            if extra.kind != "calendar" or not key.startswith(prefix):
                continue
            if found := CALENDAR_MONTH.fullmatch(key.removeprefix(prefix)):
                return self._month(extra, prefix, int(found["year"]), int(found["month"]))
        return None

    def _month(self, extra: Extra, prefix: str, year: int, month: int) -> Answer:
        base, count = self.home + prefix[1:], year * 12 + month - 1
        words = self.publication.words
        links = [
            pages.Link(f"{base}{(count + step) // 12:04}/{(count + step) % 12 + 1:02}/", words[word])
            for step, word in ((1, "calendar_next"), (-1, "calendar_previous"))
        ]
        heading = f"{extra.label} {month:02}/{year}"
        return self._html("calendar", pages.notice(self.view, heading, f"{base}{year:04}/{month:02}/", links=links))

    def _redirect(self, what: str, url: str, status: int) -> Answer:
        return Answer(what=what, status=status, content_type="text/html", headers=(("Location", url),))

    def _robots(self) -> Answer:
        habits = self.publication.habits
        lines = ["User-agent: *", *habits.robots, ""]
        lines += [f"Sitemap: {self.home}{path[1:]}" for path in (habits.sitemap, habits.news_sitemap) if path]
        return Answer(what="robots", content_type="text/plain", body="\n".join([*lines, ""]).encode())

    def _feed(self, feed: Feed) -> Answer:
        body = feeds.render_feed(feed, self.publication, self.home, self.items)
        return Answer(what="feed", content_type=feeds.TYPES[feed.kind], body=body, validated=True)

    def _sitemap_rows(self) -> list[tuple[str, str]]:
        return [(item.url, item.modified.date().isoformat()) for item in self.items]

    def _sitemap(self) -> Answer:
        rows = [(self.home, today(self.day).isoformat()), *self._sitemap_rows()]
        return self._xml(feeds.render_sitemap(rows))

    def _sitemap_index(self) -> Answer:
        newest = max(modified for _, modified in self._sitemap_rows())
        return self._xml(feeds.render_index([(self.home + self.publication.habits.sitemap_part[1:], newest)]))

    def _sitemap_part(self) -> Answer:
        body = gzip.compress(feeds.render_sitemap(self._sitemap_rows()), mtime=0)
        return Answer(what="sitemap", content_type="application/gzip", body=body, validated=True)

    def _news_sitemap(self) -> Answer:
        return self._xml(feeds.render_news(self.publication, self.items, self.day))

    def _xml(self, body: bytes) -> Answer:
        return Answer(what="sitemap", content_type="application/xml", body=body, validated=True)

    def _style(self) -> Answer:
        sheet = (files("crawler.demo") / "static" / f"{self.publication.theme}.css").read_bytes()
        body = f":root {{ --accent: {self.publication.colour}; }}\n".encode() + sheet
        return self._picture(body, "text/css")

    def _landscape(self, item: Item) -> Answer:
        png = item.image_path.endswith(".png")
        draw = images.landscape_png if png else images.landscape_svg
        return self._picture(draw(item.story.id, self.publication.colour), "image/png" if png else "image/svg+xml")

    def _picture(self, body: bytes, content_type: str) -> Answer:
        return Answer(what="requisite", content_type=content_type, body=body, validated=True)

    def _page_path(self, number: int) -> str:
        return self.publication.paths.page.format(n=number, n0=number - 1) if number > 1 else "/"


def _key(target: str) -> str:
    """One spelling for a target: percent-decoded path, query without tracking parameters, no fragment."""
    parts = urlsplit(target)
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not name.startswith("utm_")
    ]
    return unquote(parts.path) + (f"?{urlencode(query)}" if query else "")
