"""Pages of an outlet as HTML, from its theme's template; what is no part of the article is noted as it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2

from crawler.demo.content import Publication
from crawler.demo.feeds import TYPES
from crawler.demo.item import Item

RELATED = 2
"""Teasers of other stories on an article's page: of the newest, so that no article leads to the oldest ones."""

BLANK: dict[str, Any] = {"items": (), "related": (), "amp": "", "older": "", "newer": "", "linked": None}
"""What templates ask for and a page may not have: a template that names anything else unknown is an error."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, and the texts on it that are no part of its article."""

    html: str
    declared: str
    """The charset that the page claims."""
    junk: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a template shows it."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One outlet on one day."""

    publication: Publication
    home: str
    day: int
    items: tuple[Item, ...]

    @property
    def nav(self) -> tuple[Link, ...]:
        publication = self.publication
        return tuple(
            Link(self.home + publication.paths.section.format(key=section.key)[1:], section.name)
            for section in publication.sections
            if section.nav
        )

    @property
    def extras(self) -> tuple[Link, ...]:
        return tuple(Link(self.home + extra.path[1:], extra.label) for extra in self.publication.extras)

    @property
    def feeds(self) -> tuple[Link, ...]:
        feeds = self.publication.feeds
        return tuple(Link(self.home + feed.path[1:], TYPES[feed.kind]) for feed in feeds if feed.declared)


def article(view: View, item: Item) -> Rendered:
    """The page of an article."""
    related = [other for other in view.items if other.story.id != item.story.id][:RELATED]
    amp = item.url + "amp/" if view.publication.habits.amp else ""
    return _render(
        view, view.publication.theme, item.title, item.url, item=item, related=related, amp=amp, linked=_linked(item)
    )


def amp(view: View, item: Item) -> Rendered:
    """The AMP copy of an article: it names the article as its canonical page."""
    return _render(view, "amp", item.title, item.url, item=item)


def listing(view: View, heading: str, url: str, items: Sequence[Item], *, older: str = "", newer: str = "") -> Rendered:
    """Home or section page, with the addresses of its neighbours in the pagination."""
    return _render(view, view.publication.theme, heading, url, items=items, older=older, newer=newer)


def notice(view: View, heading: str, url: str, *, links: Sequence[Link] = ()) -> Rendered:
    """A page without an article: an error, a calendar's month, a page behind a login."""
    return _render(view, "notice", heading, url, links=links)


def index(heading: str, links: Sequence[Link]) -> str:
    """A bare page of links, of no outlet."""
    return _environment().get_template("index.html").render(heading=heading, links=links)


def _render(view: View, template: str, heading: str, url: str, *, item: Item | None = None, **more: Any) -> Rendered:
    noted: list[str] = []

    def junk(text: str) -> str:
        noted.append(text)
        return text

    declared = (item.story.declared if item else "") or view.publication.declared
    context = {
        **BLANK,
        **more,
        "site": view.publication,
        "words": view.publication.words,
        "view": view,
        "item": item,
        "heading": heading,
        "url": url,
        "declared": declared,
        "junk": junk,
    }
    html = _environment().get_template(f"{template}.html").render(context)
    return Rendered(html, declared, tuple(dict.fromkeys(noted)))


def _linked(item: Item) -> dict[str, Any]:
    """The article as JSON-LD (schema.org NewsArticle)."""
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "datePublished": item.story.published.isoformat(),
        "dateModified": item.modified.isoformat(),
        "author": [{"@type": "Person", "name": author} for author in item.story.authors],
        "publisher": {"@type": "Organization", "name": item.publication.name},
        "image": [item.image_url],
        "articleSection": item.section_name,
        "keywords": list(item.story.tags),
        "inLanguage": item.publication.locale,
        "mainEntityOfPage": item.url,
    }


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("crawler.demo", "themes"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
