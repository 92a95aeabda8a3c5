"""Platforms: what we know of common publishing platforms, read from `platforms.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

Words = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlaces:
    """Where feeds lie and what their addresses say."""

    well_known: tuple[str, ...]
    comments: Words
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapPlaces:
    """Where sitemaps lie, and what their names say of their entries."""

    well_known: tuple[str, ...]
    articles: Words
    other: Words
    news: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Query parameters that do not say which page it is."""

    names: Words
    prefixes: tuple[str, ...]
    soft: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Amp:
    """How addresses ask for AMP copies."""

    query: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryNames:
    """What query parameters ask for."""

    article: Words
    listing: Words
    page: Words
    search: Words
    calendar: Words
    actions: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PathWords:
    """Path segments, by the kind of page that they lead to."""

    tag: Words
    author: Words
    search: Words
    login: Words
    calendar: Words
    print: Words
    share: Words
    comment: Words
    feed: Words
    attachment: Words
    about: Words
    listing: Words
    article: Words
    page: Words
    index: Words
    months: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """File endings: of what is no page, and of pages."""

    files: Words
    pages: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """Words in classes, attributes and link texts of pages."""

    nav: Words
    header: Words
    footer: Words
    aside: Words
    pager: Words
    next: Words
    next_text: Words
    lazy: tuple[str, ...]
    lazy_sets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Titles that say nothing of the outlet."""

    generic: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Countries:
    """How an outlet's country may be read from its address and its declared language."""

    generic: Words
    not_regions: Words
    renamed: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageGroups:
    """Groups of languages that detection confuses."""

    alike: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platforms:
    """Everything in `platforms.toml`, one attribute a table; the file says what each key means."""

    feeds: FeedPlaces
    sitemaps: SitemapPlaces
    tracking: Tracking
    amp: Amp
    query: QueryNames
    words: PathWords
    endings: Endings
    page: PageWords
    names: Names
    countries: Countries
    languages: LanguageGroups


@cache
def platforms() -> Platforms:
    """Return what the package knows of platforms; read once, when first asked for."""
    text = files("settings").joinpath("platforms.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Platforms)
