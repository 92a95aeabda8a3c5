"""Item: a story as one outlet shows it on one day, with its addresses; what pages, feeds and sitemaps are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import quote

from crawler.demo.content import HEADING, Publication, Story

DAY_ZERO = date(2016, 5, 4)
"""The world's first day; its dates are fixed, so that pages are equal from run to run."""

TEASER = 90
"""Characters of a teaser, about."""

SAFE = "/?=&-._~"
"""What stays as it is when an address is percent-encoded."""


def today(day: int) -> date:
    """The date of the world's day."""
    return DAY_ZERO + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Block:
    """One text block of an article."""

    kind: Literal["text", "heading"]
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A story on a day."""

    story: Story
    publication: Publication
    home: str
    """The outlet's address, with the slash at its end."""
    day: int

    @property
    def title(self) -> str:
        return self.story.title_on(self.day)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(
            Block("heading", text.removeprefix(HEADING)) if text.startswith(HEADING) else Block("text", text)
            for text in self.story.paragraphs_on(self.day)
        )

    @property
    def path(self) -> str:
        """The article's target, percent-encoded."""
        return quote(self._filled(self.publication.paths.article), safe=SAFE)

    @property
    def url(self) -> str:
        return self.home + self.path[1:]

    @property
    def tracked_url(self) -> str:
        """The address with the tracking parameters that feeds like to add."""
        return f"{self.url}{'&' if '?' in self.path else '?'}utm_source=feed&utm_medium=rss&utm_campaign=daily"

    @property
    def short_path(self) -> str:
        return self._filled(self.publication.paths.short)

    @property
    def image_path(self) -> str:
        return quote(self._filled(self.publication.paths.image), safe=SAFE)

    @property
    def image_url(self) -> str:
        return self.home + self.image_path[1:]

    @property
    def modified(self) -> datetime:
        """When it was last changed: the morning of the edit, where one is in force."""
        edit = self.story.edit
        if edit is None or self.day < edit.day:
            return self.story.published
        return datetime.combine(today(edit.day), time(6), self.story.published.tzinfo)

    @property
    def teaser(self) -> str:
        """The beginning of the text, ending in an ellipsis."""
        text = self.blocks[0].text[:TEASER]
        return (text.rpartition(" ")[0] or text[: TEASER // 2]).rstrip(" ,،，。") + "…"

    @property
    def section_name(self) -> str:
        return self.publication.section(self.story.section).name

    def _filled(self, pattern: str) -> str:
        story = self.story
        moment = story.published
        return pattern.format(
            id=story.id,
            slug=story.slug,
            key=story.section,
            year=moment.year,
            month=f"{moment.month:02}",
            day=f"{moment.day:02}",
        )
