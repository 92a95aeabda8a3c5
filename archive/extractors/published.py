"""When the article was published and changed: the page's machine words first, its address, then what it prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.article import ArticleDate
from archive.extractors import jsonld
from archive.extractors.body import Body
from archive.extractors.dates import plausible, read_machine, read_text, read_url
from archive.extractors.markup import DATED, UPDATED
from archive.extractors.metadata import MODIFIED_KEYS, PUBLISHED_KEYS, Head
from archive.extractors.page import Page, TextBlock, TimeMark
from archive.extractors.phrases import Phrasebook
from archive.extractors.text import fold, squeeze
from settings.language import Language

NEAR = 14
"""Blocks around the headline in which a printed date is the article's."""
LONGEST = 170
"""Weight of the longest line that is read for a date."""


@dataclass(frozen=True, slots=True)
class Dates:
    """What a page says of its times."""

    published: ArticleDate | None
    modified: ArticleDate | None


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read the dates of a page: its languages, its locale, and the time of the capture."""

    languages: tuple[Language, ...]
    codes: tuple[str, ...]
    book: Phrasebook
    latest: datetime | None = None


def dates_of(page: Page, head: Head, body: Body, title: str | None, reader: Reader) -> Dates:
    """Return the dates of the article; None rather than a guess."""
    marks = list(_times_near(page, body, title))
    published = _first(reader, _told(head, "datePublished", PUBLISHED_KEYS, reader), _marked(marks, reader, updated=False))
    coarse = read_url(page.url)
    if published is None and coarse is not None and coarse.precision == "day":
        published = plausible(coarse, reader.latest)
    if published is None or (published.precision == "day" and published.source == "url"):
        printed = _first(reader, _printed(page, body, title, reader))
        if published is None or (printed and printed.day == published.day):
            published = printed or published
    if published is None:
        published = _first(reader, _told(head, "dateCreated", (), reader)) or coarse
    modified = _first(reader, _told(head, "dateModified", MODIFIED_KEYS, reader), _marked(marks, reader, updated=True))
    return Dates(published, modified)


def headline_index(page: Page, body: Body, title: str | None) -> int:
    """Return the number of the block that is the headline; where there is none, of the body's first."""
    first = min(body.reasons, default=0)
    key = squeeze(title or "")
    if not key:
        return first
    same = [block.index for block in page.blocks if block.index <= first and squeeze(block.text) == key]
    heads = [index for index in same if page.blocks[index].is_heading]
    return (heads or same or [first])[-1]


def nearby(page: Page, body: Body, title: str | None) -> list[TextBlock]:
    """Return the blocks around the headline, those after it first: where date, place and author are printed."""
    head, first = headline_index(page, body, title), min(body.reasons, default=0)
    after = page.blocks[head + 1 : min(max(first + 3, head + 4), head + NEAR)]
    before = page.blocks[max(0, head - 6) : head]
    return [*after, *reversed(before)]


def _first(reader: Reader, *sources: Iterable[ArticleDate | None]) -> ArticleDate | None:
    return next((found for source in sources for date in source if (found := plausible(date, reader.latest))), None)


def _told(head: Head, name: str, keys: Sequence[str], reader: Reader) -> Iterator[ArticleDate | None]:
    value = head.node.get(name)
    value = value if isinstance(value, str) else jsonld.text_of(value)
    if value:
        yield read_machine(value, "json-ld", reader.languages)
    for key in keys:
        for content in head.metas.get(key, ())[:2]:
            yield read_machine(content, "meta", reader.languages)


def _times_near(page: Page, body: Body, title: str | None) -> Iterator[TimeMark]:
    """Give the `time` elements that belong to the article: around the headline first, then inside its container."""
    head, first = headline_index(page, body, title), min(body.reasons, default=0)
    last = max(body.reasons, default=0)
    near = [mark for mark in page.times if head - 4 <= mark.block <= max(first + 2, head + 6)]
    named = [mark for mark in page.times if "datepublished" in mark.place.names or "entry-date" in mark.place.names]
    inside = [mark for mark in page.times if head <= mark.block <= last + 3]
    yield from sorted(near, key=lambda mark: mark.block < head)
    yield from (mark for mark in (*named, *inside) if mark not in near)


def _marked(marks: Sequence[TimeMark], reader: Reader, *, updated: bool) -> Iterator[ArticleDate | None]:
    for mark in marks:
        is_update = UPDATED.search(mark.place.names) is not None and "published" not in mark.place.names and "entry-date" not in mark.place.names
        if is_update == updated:
            text = mark.value or mark.text
            yield read_machine(text, "time", reader.languages) or read_text(mark.text, reader.languages, codes=reader.codes, source="time")


def _printed(page: Page, body: Body, title: str | None, reader: Reader) -> Iterator[ArticleDate | None]:
    """Give the dates that are printed near the headline, then right behind the body; never those of the sidebar."""
    last = max(body.reasons, default=0)
    behind = page.blocks[last - 1 : last + 4] if last else ()
    late: list[ArticleDate] = []
    for block in (*nearby(page, body, title), *behind):
        if block.weight > LONGEST or block.link_share > 0.8:
            continue
        found = read_text(block.text, reader.languages, codes=reader.codes)
        if found is None:
            continue
        opened = reader.book.opening(fold(block.text))
        if (opened and opened[0] == "updated_at") or (UPDATED.search(block.place.names) and not DATED.search(block.place.names)):
            late.append(found)
        else:
            yield found
    yield from late
