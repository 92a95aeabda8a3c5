"""Pages: bytes of HTML to links, with where on the page each stands, and to what the page says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from lxml import etree

from crawler.discovery.address import join
from crawler.discovery.linked_data import LinkedData, read_linked_data
from crawler.discovery.pagination import next_pages
from crawler.discovery.payload import charset, inflate, without_floods
from crawler.discovery.places import Places
from crawler.discovery.requisites import Requisite, page_requisites
from settings.platforms import platforms

MAX_BYTES = 10 << 20
"""32 MiB of HTML became 1.2 GB of tree; no news page measured came near this."""
MAX_LINKS = 10_000
MAX_TEXT = 300
"""Characters of a link's text that are kept."""
MAX_NODES = 200
"""Elements within a link that are looked at: what was never closed holds the rest of the page."""
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
JSON_FEED = re.compile(r"json.*feed|feed.*json", re.IGNORECASE)
REFRESH = re.compile(r"^\s*\d*\.?\d*\s*[;,]?\s*(?:url\s*=\s*)?['\"]?\s*(?P<url>[^'\"\s>]+)", re.IGNORECASE)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
NONE = frozenset[str]()
FRAME = frozenset({"frame"})
XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One address that a page leads to, in the spelling of `address`. What stands on the page twice is one link."""

    url: str
    text: str = ""
    rel: frozenset[str] = frozenset()
    where: frozenset[str] = frozenset()
    """Parts of the page: nav, header, footer, aside, main, article, heading, figure, pager, next, frame, data."""
    next: bool = False
    """Whether it leads to the next page of the list that this page is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternateFeed:
    """A feed that the page names (autodiscovery)."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """What a page says that matters for finding others. Addresses are absolute, in the spelling of `address`."""

    url: str
    encoding: str = "utf-8"
    base: str = ""
    title: str = ""
    description: str = ""
    lang: str = ""
    locale: str = ""
    site_name: str = ""
    og_type: str = ""
    canonical: str = ""
    amphtml: str = ""
    links: tuple[Link, ...] = ()
    next: tuple[str, ...] = ()
    """Next pages of the list that this page is, the surest first."""
    feeds: tuple[AlternateFeed, ...] = ()
    hreflang: tuple[tuple[str, str], ...] = ()
    """(language, address) of the same page in other languages."""
    frames: tuple[str, ...] = ()
    """The pages of a frameset; they are among the links too."""
    nofollow: bool = False
    noindex: bool = False
    refresh: str = ""
    """Where `<meta http-equiv=refresh>` leads; never followed here."""
    data: LinkedData = field(default_factory=LinkedData)
    requisites: tuple[Requisite, ...] = ()
    problem: str = ""

    @property
    def is_article(self) -> bool:
        """Whether the page says of itself that it is an article (JSON-LD, og:type)."""
        return self.og_type == "article" or self.data.is_article


def read_page(body: bytes, url: str, content_type: str | None = None, *, requisites: bool = True) -> PageLinks:
    """Read a page. Never raises: of what is no HTML, nothing comes. At most 10 MiB are read.

    Without `requisites` (list pages, of which nobody wants the pictures) it takes two thirds of the time.
    """
    body, problem = inflate(body, MAX_BYTES)
    encoding = charset(body, content_type)
    tree = _tree(body, encoding)
    if tree is None:
        return PageLinks(url=url, encoding=encoding, problem=problem or "no HTML")
    found = _Reader(tree, url, encoding).read(problem)
    return replace(found, requisites=page_requisites(tree, found.base)) if requisites else found


def _tree(body: bytes, encoding: str) -> etree._Element | None:
    body = without_floods(body)
    if encoding.startswith(("utf-16", "utf-32")):
        body = body.decode(encoding, "replace").encode()
        encoding = "utf-8"
    elif encoding not in ("utf-8", "ascii"):
        # not by libxml2: its tables lack codecs that Python has, and it stops at the first byte that does not fit
        body = body.decode(encoding, "replace").encode()
    # NUL ends the text for libxml2; an XML declaration makes it refuse what follows in another charset
    body = body.replace(b"\x00", b"")
    if match := XML_DECLARATION.match(body):
        body = body[match.end() :]
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


class _Reader:
    """One pass over one page's tree."""

    def __init__(self, tree: etree._Element, url: str, encoding: str) -> None:
        self.tree, self.url, self.encoding = tree, url, encoding
        self.base = url
        self.places = Places()
        self.links: dict[str, Link] = {}
        self.meta: dict[str, str] = {}
        self.rels: dict[str, str] = {}
        self.feeds: dict[str, AlternateFeed] = {}
        self.hreflang: dict[tuple[str, str], None] = {}
        self.frames: dict[str, None] = {}
        self.joined: dict[str, str] = {}
        self.refresh = ""
        self.scripts: list[str] = []

    def read(self, problem: str) -> PageLinks:
        for element in self.tree.iter("base"):
            if href := element.get("href"):
                self.base = join(self.url, href, self.encoding) or self.url
                break
        anchors: list[etree._Element] = []
        for element in self.tree.iter("a", "area", "link", "meta", "frame", "script"):
            if element.tag in ("a", "area"):
                anchors.append(element)
            else:
                getattr(self, f"_{element.tag}")(element)
        data = read_linked_data(self.scripts, self.base)
        for element in islice(anchors, MAX_LINKS):
            self._a(element)
        for listed in data.listed:
            self.links.setdefault(
                listed.url, Link(url=listed.url, text=listed.name[:MAX_TEXT], where=frozenset({"data"}))
            )
        return self._page(data, problem or ("more than 10,000 links" if len(anchors) > MAX_LINKS else ""))

    def _page(self, data: LinkedData, problem: str) -> PageLinks:
        found = next_pages(self.url, self.rels.get("next", ""), self.links.values())
        for url in found:
            if link := self.links.get(url):
                self.links[url] = Link(url=url, text=link.text, rel=link.rel, where=link.where, next=True)
        robots = f"{self.meta.get('robots', '')},{self.meta.get('googlebot', '')}".lower()
        root = self.tree if self.tree.tag == "html" else next(self.tree.iter("html"), self.tree)
        return PageLinks(
            url=self.url, encoding=self.encoding, base=self.base, title=self._title(),
            description=self.meta.get("description", "") or self.meta.get("og:description", ""),
            lang=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
                  or self.meta.get("content-language", ""))[:35].strip(),
            locale=self.meta.get("og:locale", "")[:35], site_name=self.meta.get("og:site_name", ""),
            og_type=self.meta.get("og:type", "").lower(),
            canonical=self.rels.get("canonical", ""), amphtml=self.rels.get("amphtml", ""),
            links=tuple(self.links.values()), next=found, feeds=tuple(self.feeds.values()),
            hreflang=tuple(self.hreflang),
            frames=tuple(self.frames), nofollow="nofollow" in robots or "none" in robots,
            noindex="noindex" in robots or "none" in robots, refresh=self.refresh, data=data,
            problem=problem,
        )  # fmt: skip

    def _title(self) -> str:
        for element in self.tree.iter("title"):
            parent = element.getparent()
            if parent is None or parent.tag != "svg":
                return _label(element)[0]
        return ""

    def _join(self, href: str | None) -> str:
        if not href:
            return ""
        url = self.joined.get(href)
        if url is None:
            url = self.joined[href] = join(self.base, href, self.encoding)
        return url

    def _a(self, element: etree._Element) -> None:
        url = self._join(element.get("href"))
        if not url:
            return
        text, heading = _label(element)
        rel = element.get("rel")
        rels = frozenset(rel.lower().split()) if rel else NONE
        where = self.places.of(element)
        if heading:
            where |= {"heading"}
        if before := self.links.get(url):
            # the same address as picture, headline and "read more": the longest text, and all the places
            text, rels, where = max(before.text, text, key=len), before.rel | rels, before.where | where
        self.links[url] = Link(url=url, text=text, rel=rels, where=where)

    def _link(self, element: etree._Element) -> None:
        rel = (element.get("rel") or "").lower().split()
        href = element.get("href")
        if not rel or not href:
            return
        if "alternate" in rel:
            self._alternate(element, href)
        for name in ("canonical", "amphtml", "next"):
            if name in rel and name not in self.rels:
                self.rels[name] = self._join(href)

    def _alternate(self, element: etree._Element, href: str) -> None:
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        title = (element.get("title") or "").strip()[:MAX_TEXT]
        url = self._join(href)
        if not url:
            return
        if kind in FEED_TYPES or (kind == "application/json" and JSON_FEED.search(f"{title} {href}")):
            self.feeds.setdefault(url, AlternateFeed(url=url, title=title))
        elif language := element.get("hreflang"):
            self.hreflang[language.strip().lower()[:35], url] = None

    def _meta(self, element: etree._Element) -> None:
        name = (element.get("property") or element.get("name") or element.get("http-equiv") or "").strip().lower()
        content = element.get("content")
        if not name or content is None:
            return
        if name == "refresh":
            match = REFRESH.match(content)
            self.refresh = self.refresh or (self._join(match["url"]) if match and not match["url"].isdigit() else "")
        else:
            self.meta.setdefault(name, " ".join(content[:2000].split())[:MAX_TEXT])

    def _frame(self, element: etree._Element) -> None:
        if url := self._join(element.get("src")):
            self.frames[url] = None
            self.links.setdefault(url, Link(url=url, text=element.get("title") or "", where=FRAME))

    def _script(self, element: etree._Element) -> None:
        if "ld+json" in (element.get("type") or "").lower() and element.text:
            self.scripts.append(element.text)


def _label(element: etree._Element) -> tuple[str, bool]:
    """Return what a link says, by its text, its title or its picture, and whether it holds a heading."""
    if not len(element):
        return _squeezed(element.text or "") or _squeezed(_title_of(element)), False
    texts, picture, heading = [element.text or ""], "", False
    for node in islice(element.iter(), 1, MAX_NODES):
        texts += (node.text or "", node.tail or "")
        heading = heading or node.tag in HEADINGS
        if node.tag == "img":
            picture = picture or str(node.get("alt") or "")
    return _squeezed("".join(texts)) or _squeezed(_title_of(element) or picture), heading


def _title_of(element: etree._Element) -> str:
    return str(element.get("title") or element.get("aria-label") or "")


def _squeezed(text: str) -> str:
    return " ".join(text[: 4 * MAX_TEXT].split())[:MAX_TEXT]


def feed_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links that look like feeds or lists of feeds, by the words of their address or text."""
    words = platforms().feeds.words
    return tuple(
        link
        for link in links
        if any(word in words for word in re.split(r"[^a-z0-9]+", link.url.lower().partition("//")[2].partition("/")[2]))
        or link.text.lower() in words
    )
