"""Which links are articles, which lists of articles, and which are neither: every choice with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from crawler.discovery.address import address, article_key, parts
from crawler.discovery.evidence import Evidence, evidence, word_kinds
from crawler.discovery.pages import Link, PageLinks
from crawler.discovery.pagination import same_list
from crawler.discovery.sitemaps import named
from crawler.discovery.sites import scope
from crawler.discovery.traps import TrapGuard, pattern
from settings.outlet import Outlet
from settings.platforms import platforms

__all__ = ["Choice", "Found", "Kind", "TrapGuard", "address", "article_key", "believed_canonical", "classify", "shapes"]

Kind = Literal["article", "listing", "next", "other"]
Source = Literal["page", "feed", "sitemap", "news-sitemap"]

MAX_LENGTH = 2000
HARD = frozenset({"tag", "author", "search", "login", "calendar", "print", "share", "comment", "feed", "attachment"})
"""Kinds of page that are no article, whatever else stands in their address."""
UNLESS_BELOW = frozenset({"tag", "author", "login", "calendar", "share"})
"""Those whose words are also names of sections: a date, or a slug two folders below, leads to an article."""
OUTSIDE = frozenset({"nav", "header", "footer"})
"""Parts of a page that hold its fixed links."""
TEASER = 25
"""Characters from which on a link's text is a headline, no label; one of a script without blanks counts for three."""
HEADLINE = 40
"""Characters from which on a text is a headline wherever it stands in the main part of a list."""
SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
NOT_IN_MENUS = frozenset({"a number in the address", "a number in the query", "a long slug"})
"""What sections and fixed pages have in their addresses as well: in a menu or footer it does not make an article."""
WORDS = {"strong": 4, "medium": 2}
"""Words of a slug that name an article by themselves, or where the link's place agrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a link was found."""

    source: Source = "page"
    page: str = ""
    """The address of the page, feed or sitemap that it stands in."""
    listing: bool = True
    """Whether that page is a list (home, section, their next pages) rather than an article."""
    shapes: frozenset[str] = frozenset()
    """Patterns of the outlet's known articles (`shapes`): an address of the same pattern is an article too."""


ANYWHERE = Found()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a link is taken for, and why."""

    kind: Kind
    reason: str


def classify(link: Link | str, outlet: Outlet, found: Found | None = None) -> Choice:
    """Say whether a link leads to an article of the outlet, to a list of them, to a list's next page, or to neither.

    The outlet's own patterns come first, then what the address says, then where the link stands. What feeds and news
    sitemaps name is an article unless its address says otherwise.
    """
    link = Link(url=link) if isinstance(link, str) else link
    found = found or ANYWHERE
    url = address(link.url)
    said = evidence(url)
    refused = _refused(url, said, outlet, found)
    if refused:
        return Choice("other", refused)
    if _is_home(url, outlet):
        return Choice("listing", "the home page") if found.source == "page" else Choice("other", "the home page")
    if outlet.follow.articles:
        if any(_compiled(rule).search(url) for rule in outlet.follow.articles):
            return Choice("article", "the outlet's own pattern")
        return _list_or_other(link, url, said, found)
    if found.source in ("feed", "news-sitemap"):
        hard = _hard(said)
        return Choice("other", hard) if hard else Choice("article", f"named by a {found.source}")
    if found.source == "sitemap":
        return _in_sitemap(url, said, found)
    return _on_page(link, url, said, found)


def shapes(urls: tuple[str, ...]) -> frozenset[str]:
    """Return the patterns that at least two of an outlet's known articles share and that tell others by."""
    counts: dict[str, int] = {}
    for url in urls:
        shape = pattern(url, slugs=False)
        if ("#" in shape or "*" in shape) and not evidence(url).slug_only:
            counts[shape] = counts.get(shape, 0) + 1
    return frozenset(shape for shape, count in counts.items() if count > 1)


def believed_canonical(page: PageLinks, outlet: Outlet) -> str:
    """Return the address that an article page is to be known by: its canonical one where that can be, else its own.

    A canonical address is believed within the outlet, and not where it is the home or a list: templates name these by
    mistake.
    """
    own = address(page.url)
    named_by_page = address(page.canonical) if page.canonical else ""
    if not named_by_page or named_by_page == own or not scope(outlet).has(named_by_page):
        return own
    said = evidence(named_by_page)
    if _is_home(named_by_page, outlet) or _hard(said) or (not said.segments and not said.query):
        return own
    return (
        own
        if len(said.segments) < 2 and said.slug_only and said.words < 2 and len(evidence(own).segments) > 1
        else named_by_page
    )


def _refused(url: str, said: Evidence, outlet: Outlet, found: Found) -> str:
    if not url:
        return "no web address"
    if not scope(outlet).has(url, named=found.source != "page"):
        return "another site"
    if any(_compiled(rule).search(url) for rule in outlet.follow.skip):
        return "the outlet's own skip pattern"
    if len(url) > MAX_LENGTH:
        return "too long"
    if said.ending in platforms().endings.files:
        return f"a file: .{said.ending}"
    return ""


@lru_cache(maxsize=512)
def _compiled(rule: str) -> re.Pattern[str]:
    return re.compile(rule)


def _is_home(url: str, outlet: Outlet) -> bool:
    if article_key(url) == article_key(outlet.home):
        return True
    found = parts(url)
    return found is not None and found.path == "/" and not found.query


def _hard(said: Evidence) -> str:
    """Return the kind of page that an address names and that is never an article, or ""."""
    for kind, place in word_kinds(said):
        below = len(said.segments) - 1 - place > 1 and said.last_words >= WORDS["strong"]
        if kind in HARD and not (kind in UNLESS_BELOW and (said.dated or below)):
            return f"a {kind} page"
    names = {name for name, _ in said.query}
    asked = platforms().query
    if names & asked.search and not said.query_id:
        return "a search page"
    if names & asked.calendar and not (said.query_id or said.dated or said.digits > 3):
        return "a calendar page"
    if names & asked.actions:
        return "an action"
    if said.date_only:
        return "the page of a day or month"
    if said.segments and said.segments[-1] in platforms().words.about and len(said.segments) <= 3 and not said.dated:
        return "a page about the outlet"
    return ""


def _in_sitemap(url: str, said: Evidence, found: Found) -> Choice:
    if hard := _hard(said):
        return Choice("other", hard)
    name = named(found.page)
    if name in ("articles", "news"):
        return Choice("article", "named by a sitemap of articles")
    if name == "other":
        return Choice("other", "named by a sitemap of other pages")
    reason = _strong(url, said, found) or _medium(said)
    if reason == "a slug" and (said.words < 3 and len(said.segments) < 2):
        reason = ""  # `/world-news/`
    if reason and not _names_list(said):
        return Choice("article", reason)
    return Choice("other", "nothing in the address says article")


def _on_page(link: Link, url: str, said: Evidence, found: Found) -> Choice:
    fixed = bool(link.where & OUTSIDE) and not link.where & {"heading", "article"}
    # Blogger's older posts lie behind `/search?updated-max=…`
    if (link.next or "next" in link.rel) and found.listing and _hard(said) in ("", "a search page"):
        return Choice("next", "the next page of the list")
    if found.page and found.listing and (link.text.isdecimal() or "pager" in link.where) and same_list(url, found.page):
        return Choice("other", "another page of the same list")
    if hard := _hard(said):
        return Choice("other", hard)
    if "frame" in link.where:
        return Choice("listing", "a frame of the page")
    if "tag" in link.rel or "author" in link.rel:
        return Choice("other", "marked as tag or author")
    listed = _names_list(said)
    strong = _strong(url, said, found)
    if strong and not listed and not (fixed and strong in NOT_IN_MENUS):
        return Choice("article", strong)
    reason = _in_menu(link, said) if fixed else _by_place(link, said)
    if reason and not listed:
        return Choice("article", reason)
    return _list_or_other(link, url, said, found)


def _names_list(said: Evidence) -> bool:
    """Tell whether an address is that of a list: `/category/politics`, `/section.php?id=3`, `?cat=4`."""
    last = len(said.segments) - 1
    for kind, place in word_kinds(said):
        if kind != "listing" or said.dated:
            continue
        if last - place <= 1:
            return not (said.after_word and said.digits > 2)  # `/archives/12345` is an article
        return not (said.digits > 2 or said.words >= WORDS["strong"] or said.token)
    asked = platforms()
    if any(value.lower() in asked.words.listing for name, value in said.query if name not in asked.query.article):
        return True
    return any(name in asked.query.listing for name, _ in said.query) and not (said.query_id or said.dated)


def _strong(url: str, said: Evidence, found: Found) -> str:
    """Return why an address is that of an article, wherever it stands, or ""."""
    if found.shapes and pattern(url, slugs=False) in found.shapes:
        return "its pattern is that of known articles"
    if said.dated:
        return "a date in the address"
    if said.words >= WORDS["strong"] and (said.digits >= 3 or said.token):
        return "a number and a long slug"
    if said.digits >= 5 or (said.digits >= 3 and (said.after_word or said.words >= WORDS["medium"])):
        return "a number in the address"
    if said.query_id >= 2:
        return "a number in the query"
    return "a long slug" if said.words >= WORDS["strong"] else ""


def _medium(said: Evidence) -> str:
    if said.digits >= 3 or (said.digits and said.after_word):
        return "a number in the address"
    if said.token:
        return "an id in the address"
    if said.query_id:
        return "a number in the query"
    return "a slug" if said.words >= WORDS["medium"] else ""


def _width(text: str) -> int:
    return len(text) + 2 * len(SPACELESS.findall(text))


def _in_menu(link: Link, said: Evidence) -> str:
    """Return why a link in a menu is an article all the same: many sites call any list a menu. Labels are shorter."""
    told = said.digits >= 3 or said.token or said.query_id or said.words > 2
    if said.query_id > 1 and said.segments and said.segments[-1] in platforms().words.article:
        return "a number in the query of a page of news"
    return "a headline in a menu" if told and _width(link.text) >= TEASER and "footer" not in link.where else ""


def _by_place(link: Link, said: Evidence) -> str:
    """Return why a link's place and text, with what the address says, make it an article's."""
    width = _width(link.text)
    headline = width >= TEASER
    boxed = bool(link.where & {"heading", "article", "data"}) or "bookmark" in link.rel
    if headline and (reason := _medium(said)) and "pager" not in link.where:
        return f"{reason} and a headline"
    if boxed and (said.digits >= 3 or said.token or said.query_id or said.words > 2):
        return "an id or a slug in the address, in an article's box"
    if headline and boxed and (said.segments or said.query):
        return "a headline in an article's box"
    if width >= HEADLINE and "aside" not in link.where and (said.segments or said.query):
        return "a long headline"
    return ""


def _list_or_other(link: Link, url: str, said: Evidence, found: Found) -> Choice:
    if link.next and found.listing:
        return Choice("next", "the next page of the list")
    if found.source != "page":
        return Choice("other", "no article by the outlet's own pattern")
    if hard := _hard(said):
        return Choice("other", hard)
    if "nofollow" in link.rel:
        return Choice("other", "marked nofollow")
    if _names_list(said):
        return Choice("listing", "a section by its address")
    short = len(said.segments) <= 3 and not said.dated and said.words < WORDS["strong"] + 2
    if short and link.where & {"nav", "header"} and "footer" not in link.where:
        return Choice("listing", "a short address in the navigation")
    plain = (
        1 <= len(said.segments) <= 2
        and not (said.digits or said.token or said.query)
        and max(map(len, said.segments)) <= 30
    )
    if plain and found.listing and not link.where & {"footer", "aside"} and link.text and len(link.text) <= 40:
        return Choice("listing", "a short address")
    return Choice("other", "nothing says article")
