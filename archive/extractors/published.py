"""When the article was published and changed: the page's machine words first, its address, then what it prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.article import ArticleDate
from archive.extractors import jsonld
from archive.extractors.blocks import TextBlock, TimeMark
from archive.extractors.body import Body, is_paragraph
from archive.extractors.dates import plausible, read_machine, read_text, read_url
from archive.extractors.keys import MODIFIED_KEYS, PUBLISHED_KEYS
from archive.extractors.markup import DATED, PUBLISHED, UPDATED
from archive.extractors.metadata import Head
from archive.extractors.page import Page
from archive.extractors.phrases import Phrasebook
from archive.extractors.text import fold, squeeze
from settings.language import Language

BEFORE = 9
NEAR = 14
"""Blocks around the headline in which a printed date is the article's."""
LONGEST = 170
"""Weight of the longest line that is read for a date."""
LONGEST_LINK = 45
"""The same for a line that is a link: a date that leads to the article itself, hardly more."""


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
    near, far = _times(page, body, title)
    coarse = plausible(read_url(page.url), reader.latest)
    day = coarse if coarse and coarse.precision == "day" else None
    printed = [found for found in _printed(page, body, title, reader) if _agrees(found, coarse)]
    published = _first(
        reader,
        _told(head, "datePublished", PUBLISHED_KEYS, reader),
        _marked(near, reader, updated=False),
        (found for found in printed if day and found.day == day.day),
        (day,),
        _marked(far, reader, updated=False),
        printed,
        _told(head, "dateCreated", (), reader),
        (coarse,),
    )
    published = _local(published, (day, *printed[:2]))
    modified = _first(
        reader, _told(head, "dateModified", MODIFIED_KEYS, reader), _marked((*near, *far), reader, updated=True)
    )
    return Dates(published, modified)


def _agrees(found: ArticleDate, coarse: ArticleDate | None) -> bool:
    """Tell whether a printed date lies in the month that the address names, where it names one."""
    return coarse is None or coarse.precision != "month" or found.value.startswith(coarse.value)


def headline_index(page: Page, body: Body, title: str | None) -> int:
    """Return the number of the block that is the headline; where there is none, of the body's first paragraph."""
    first = _opening(page, body)
    key = squeeze(title or "")
    same = [block.index for block in page.blocks[: first + 1] if key and squeeze(block.text) == key]
    heads = [index for index in same if page.blocks[index].is_heading]
    return (heads or same or [first])[-1]


def nearby(page: Page, body: Body, title: str | None) -> list[TextBlock]:
    """Return the blocks around the headline, those after it first: where date, place and author are printed."""
    head, first = headline_index(page, body, title), _opening(page, body)
    after = range(head + 1, min(first + 3, head + NEAR))
    around = [*after, *range(head, max(-1, head - BEFORE), -1), *range(max(head + 1, first - BEFORE), first + 3)]
    return [page.blocks[index] for index in dict.fromkeys(around) if index < len(page.blocks)]


def _opening(page: Page, body: Body) -> int:
    """Return the number of the body's first paragraph."""
    full = (index for index in body.reasons if is_paragraph(page.blocks[index]))
    return next(full, min(body.reasons, default=0))


def _dates_another(page: Page, block: TextBlock) -> bool:
    """Tell whether a block stands under a linked headline: its date is that article's."""
    return any(
        above.link_share > 0.7 and above.weight >= 24 for above in page.blocks[max(0, block.index - 2) : block.index]
    )


def _first(reader: Reader, *sources: Iterable[ArticleDate | None]) -> ArticleDate | None:
    return next((found for source in sources for told in source if (found := plausible(told, reader.latest))), None)


def _local(published: ArticleDate | None, witnesses: Iterable[ArticleDate | None]) -> ArticleDate | None:
    """Return the outlet's own day where the machine's moment is in UTC and the page tells the day beside it."""
    if published is None or not published.value.endswith("+00:00"):
        return published
    moment = datetime.fromisoformat(published.value.removesuffix("+00:00"))
    for witness in witnesses:
        if witness is None or not witness.day or "+" in witness.value:
            continue
        told = datetime.fromisoformat(witness.value)
        apart = abs(told - moment) if witness.precision != "day" else abs(told.date() - moment.date())
        # No zone is further than 14 hours from UTC, and all differ by quarters of an hour.
        if apart <= (timedelta(hours=14) if witness.precision != "day" else timedelta(days=1)) and not (
            witness.precision == "minute" and apart.seconds // 60 % 15
        ):
            return published if told.date() == moment.date() else replace(witness, day=published.day)
    return published


def _told(head: Head, name: str, keys: Sequence[str], reader: Reader) -> Iterator[ArticleDate | None]:
    value = head.node.get(name)
    value = value if isinstance(value, str) else jsonld.text_of(value)
    if value:
        yield read_machine(value, "json-ld", reader.languages)
    for key in keys:
        for content in head.metas.get(key, ())[:2]:
            yield read_machine(content, "meta", reader.languages)


def _times(page: Page, body: Body, title: str | None) -> tuple[list[TimeMark], list[TimeMark]]:
    """Return the `time` elements around the headline, and those that are further away but still the article's."""
    head, first = headline_index(page, body, title), _opening(page, body)
    last = max(body.reasons, default=0)
    near = [mark for mark in page.times if head - BEFORE <= mark.block <= max(first + 2, head + 6)]
    far = [mark for mark in page.times if PUBLISHED.search(mark.place.names) or head <= mark.block <= last + 3]
    return sorted(near, key=lambda mark: mark.block < head), [mark for mark in far if mark not in near]


def _marked(marks: Sequence[TimeMark], reader: Reader, *, updated: bool) -> Iterator[ArticleDate | None]:
    for mark in marks:
        is_update = (
            UPDATED.search(mark.place.names) is not None
            and "published" not in mark.place.names
            and "entry-date" not in mark.place.names
        )
        if is_update == updated:
            text = mark.value or mark.text
            yield read_machine(text, "time", reader.languages) or read_text(
                mark.text, reader.languages, codes=reader.codes, source="time"
            )


def _printed(page: Page, body: Body, title: str | None, reader: Reader) -> Iterator[ArticleDate]:
    """Give the dates that are printed near the headline, then right behind the body; never those of the sidebar."""
    last = max(body.reasons, default=0)
    behind = [block for block in page.blocks[last - 1 : last + 4] if last and not _dates_another(page, block)]
    late: list[ArticleDate] = []
    for block in (*nearby(page, body, title), *behind):
        if block.weight > (LONGEST if block.link_share < 0.8 else LONGEST_LINK):
            continue
        found = read_text(block.text, reader.languages, codes=reader.codes)
        if found is None:
            continue
        opened = reader.book.opening(fold(block.text))
        if (opened and opened[0] == "updated_at") or (
            UPDATED.search(block.place.names) and not DATED.search(block.place.names)
        ):
            late.append(found)
        else:
            yield found
    yield from late
