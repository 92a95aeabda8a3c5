"""What the demo world is made of: outlets, their habits and stories, read from texts/<outlet>.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Framing = Literal["length", "chunked", "odd-chunks", "close"]
"""How an answer says where it ends: Content-Length, chunks, chunks with extensions and a trailer, end of connection."""

ORDER = ("wadi", "cheshmeh", "valombre", "larkmoor", "liudu", "shaked", "tikhorechye", "maraya")
"""The outlets, in the order in which they take their addresses."""

HEADING = "## "
"""Starts a text block that is a sub-heading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a story says from a day on."""

    day: int
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article, whatever its address."""

    id: int
    slug: str
    title: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    published: datetime
    written: str
    """The date as the page writes it."""
    caption: str
    paragraphs: tuple[str, ...]
    credit: str = ""
    same_as: str = ""
    """`outlet/id` of the agency story whose text this is."""
    declared: str = ""
    """What its page is said to be encoded in, where that differs from the outlet's other pages."""
    from_day: int = 0
    gone_on: int | None = None
    edit: Edit | None = None

    def title_on(self, day: int) -> str:
        return self.edit.title if self.edit and day >= self.edit.day else self.title

    def paragraphs_on(self, day: int) -> tuple[str, ...]:
        """The text blocks as they stand on a day, headings still marked."""
        return self.edit.paragraphs if self.edit and day >= self.edit.day else self.paragraphs


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Patterns of the outlet's addresses; {n} is a page's number, {n0} the same counted from 0."""

    article: str
    page: str
    section: str
    image: str
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the outlet's server behaves."""

    gzip: bool = False
    framing: Framing = "length"
    etag: bool = False
    """Validators are sent, and a request that carries them is answered by 304."""
    lower_case: bool = False
    """Header names in lower case."""
    cookies: bool = False
    amp: bool = False
    leftovers: bool = False
    """See-also box and closed comments stand as plain paragraphs inside the body."""
    busy: int | None = None
    """The story that is answered by 503 and Retry-After: 1 at first."""
    sitemap: str = ""
    sitemap_part: str = ""
    """Where given, the sitemap is an index and this is its gzipped part."""
    news_sitemap: str = ""
    robots: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed: it holds the newest stories only."""

    kind: Literal["rss", "atom", "json"]
    path: str
    utm: bool = False
    """Links carry tracking parameters."""
    declared: bool = True
    """Pages name the feed (rel=alternate)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the outlet."""

    key: str
    name: str
    nav: bool = True
    """Pages link to it; where not, its stories are reached by pagination and sitemap alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A link in the foot of each page that leads somewhere odd."""

    kind: Literal["redirect", "loop", "calendar", "forbidden", "missing", "empty", "binary"]
    path: str
    label: str
    story: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One outlet of the demo world."""

    id: str
    name: str
    tagline: str
    language: str
    locale: str
    direction: Literal["ltr", "rtl"]
    country: str
    theme: Literal["wordpress", "drupal", "react", "portal", "handmade", "tables"]
    colour: str
    mark: str
    """The letter of its icon."""
    paths: Paths
    habits: Habits
    sections: tuple[Section, ...]
    words: dict[str, str]
    stories: tuple[Story, ...]
    """Newest first."""
    feeds: tuple[Feed, ...] = ()
    extras: tuple[Extra, ...] = ()
    charset: str = "utf-8"
    """What the bytes of pages and feeds are."""
    declared: str = "utf-8"
    """What they are said to be."""
    metadata: tuple[Literal["og", "published", "jsonld", "time"], ...] = field(default=())

    def section(self, key: str) -> Section:
        return next(section for section in self.sections if section.key == key)

    def stories_on(self, day: int) -> tuple[Story, ...]:
        """The stories that stand on a day, newest first."""
        return tuple(s for s in self.stories if s.from_day <= day and (s.gone_on is None or day < s.gone_on))


@cache
def publications() -> dict[str, Publication]:
    """Every outlet by its id, in order; agency stories carry the text of their source."""
    read = {name: _read(name) for name in ORDER}
    return {name: _with_agency(publication, read) for name, publication in read.items()}


def _read(name: str) -> Publication:
    text = (files("crawler.demo") / "texts" / f"{name}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Publication)


def _with_agency(publication: Publication, read: dict[str, Publication]) -> Publication:
    def filled(story: Story) -> Story:
        if not story.same_as:
            return story
        outlet, _, number = story.same_as.partition("/")
        source = next(s for s in read[outlet].stories if s.id == int(number))
        return replace(story, paragraphs=source.paragraphs)

    return replace(publication, stories=tuple(filled(s) for s in publication.stories))
