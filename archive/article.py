"""The frozen types of what a page says: the article, its dates, its language, and what was kept or cut and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Precision = Literal["year", "month", "day", "minute", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDate:
    """A date as far as the page tells it, never further."""

    value: str
    """ISO 8601, cut to the precision: `2016`, `2016-05`, `2016-05-03`, `2016-05-03T14:00+01:00`."""
    precision: Precision
    raw: str
    """The text it was read from."""
    source: str
    """Where it was read: json-ld | meta | time | url | text."""
    calendar: str = "gregorian"
    day: str | None = None
    """The UTC day for sorting, `YYYY-MM-DD`; None where the precision is coarser than a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLanguage:
    """The language of the article's text, not of the frame around it."""

    code: str
    """BCP 47 (ISO 639 code, with the script where it parts two written languages: `zh-Hant`); `und` if unknown."""
    script: str
    """ISO 15924: `Arab`, `Latn`, `Hans` …; `Zyyy` if unknown."""
    confidence: float
    """0 to 1."""
    method: str
    """Who decided: detector | declared | letters."""


@dataclass(frozen=True, slots=True)
class Block:
    """One text block of the page in document order, with the rule that decided on it."""

    text: str
    kept: bool
    rule: str
    tag: str = "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one capture of a page says. `text` has a paragraph a line, parted by a blank line."""

    url: str
    canonical_url: str | None
    """As the page claims it (rel=canonical, og:url), absolute; whether it is believed is the archive's decision."""
    title: str | None
    text: str
    language: ArticleLanguage
    authors: tuple[str, ...] = ()
    published: ArticleDate | None = None
    modified: ArticleDate | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    credit: str | None = None
    site_name: str | None = None
    charset: str = "utf-8"
    """The charset that was used to read the page; `declared_charset` is what it claimed."""
    declared_charset: str | None = None
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    rules: str = ""
    """Version of the rules that made this: extractors.RULES."""
    not_article: str | None = None
    """The reason why this page is no article (empty | list | error-page | no-text …); None for an article."""
