"""Feeds: bytes to entries, for RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed, well-formed or not.

feedparser reads the XML. It is given a document that is well-formed, small and without a DOCTYPE: its own parser for
broken feeds took 20 s of CPU per MB of unclosed tags, and the texts of the articles, which the crawl does not need,
are most of what it would read.
"""

from __future__ import annotations

import io
import json
import re
import xml.sax
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lxml import etree

from crawler.discovery.address import join
from crawler.discovery.payload import ascii_compatible, charset, decode, inflate, kind_of, mend_xml, without_floods
from crawler.discovery.when import from_struct, moment

FeedKind = Literal["rss", "atom", "json"]
Reason = Literal["empty", "html", "binary", "not a feed", "unreadable"]

MAX_BYTES = 10 << 20
MAX_ITEMS = 2000
"""Newest first is the habit of feeds: what lies deeper is found by their next pages or the sitemap."""
ROOT = re.compile(rb"<(?:[a-z0-9_]+:)?(rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
HTML_ROOT = re.compile(rb"<html[\s>]", re.IGNORECASE)
ITEM_END = re.compile(rb"</(?:[\w-]+:)?(?:item|entry|channel|rss|rdf|feed)\s*>\s*$", re.IGNORECASE)
"""How a feed ends whose last item is whole; the address of an item that was cut off would be a wrong one."""
HEAVY = frozenset({"encoded", "content", "description", "summary", "fulltext", "body", "thumbnail", "group"})
"""Elements of an item that hold its text and pictures: left out before feedparser reads the feed."""
NAMING = frozenset({"link", "guid", "id", "origlink"})
"""Elements that give an item its address."""
ITEMS = frozenset({"item", "entry"})
PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
"""Seconds of sy:updatePeriod (RSS syndication module 1.0)."""
CRASHES = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    AssertionError,
    RecursionError,
    xml.sax.SAXException,
)
"""What feedparser was seen to raise, or may, on input that its authors did not foresee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry that has an address."""

    url: str
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says. Addresses are absolute; items keep their order, foreign addresses among them."""

    kind: FeedKind
    title: str = ""
    language: str = ""
    home: str = ""
    items: tuple[FeedItem, ...] = ()
    next: str = ""
    """The next page of the feed (RFC 5005 section 3, JSON Feed `next_url`)."""
    hub: str = ""
    self_url: str = ""
    interval: int | None = None
    """Seconds between two looks that the feed asks for (`ttl`, `sy:updatePeriod`)."""
    problem: str = ""
    """What was wrong with it, where something was."""


@dataclass(frozen=True, slots=True)
class NotAFeed:
    """A body that is no feed."""

    reason: Reason


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> Feed | NotAFeed:
    """Read a feed. Never raises; what can be read of a broken feed comes with its `problem`."""
    body, problem = inflate(body, MAX_BYTES)
    kind = kind_of(body)
    if kind == "empty":
        return NotAFeed("empty")
    if kind == "json":
        return _json_feed(body, url, content_type, problem)
    if kind == "binary":
        return NotAFeed("binary")
    return _xml_feed(body, url, content_type, problem)


def _xml_feed(body: bytes, url: str, content_type: str | None, problem: str) -> Feed | NotAFeed:
    encoding = charset(body, content_type)
    body = ascii_compatible(body)
    root, html = ROOT.search(body), HTML_ROOT.search(body)
    if html and (root is None or html.start() < root.start()):
        return NotAFeed("html")
    if root is None:
        return NotAFeed("html" if kind_of(body) == "html" else "not a feed")
    # from the root on: what stands before is the XML declaration, a DOCTYPE with its entities, or a script's warnings
    text = without_floods(mend_xml(body[root.start() :]))
    tree, broken = _tree(text, encoding if not encoding.startswith(("utf-16", "utf-32")) else "utf-8")
    if tree is None:
        return NotAFeed("unreadable")
    _slim(tree, cut=bool(broken) and ITEM_END.search(text[-300:]) is None)
    parsed = _feedparser(etree.tostring(tree, encoding="utf-8", xml_declaration=True), url)
    if parsed is None or not (parsed.get("version") or parsed.get("entries")):
        return NotAFeed("not a feed")
    return _from_feedparser(parsed, url, problem or broken)


def _tree(text: bytes, encoding: str) -> tuple[etree._Element | None, str]:
    broken = ""
    for recover in (False, True):
        parser = etree.XMLParser(
            recover=recover, encoding=_xml_name(encoding), resolve_entities=False, no_network=True, load_dtd=False,
            remove_comments=True, remove_pis=True, huge_tree=True,
        )  # fmt: skip
        try:
            tree = etree.fromstring(text, parser)
        except (etree.XMLSyntaxError, LookupError, ValueError) as error:
            broken = f"broken XML: {_line(error)}"
            continue
        return tree, broken
    return None, broken


def _xml_name(encoding: str) -> str:
    return {"cp949": "euc-kr", "cp932": "shift_jis", "big5-hkscs": "big5"}.get(encoding, encoding)


def _line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200]


def _slim(tree: etree._Element, *, cut: bool) -> None:
    """Leave out items above the bound, the last one if it was cut off, and of each what its page is not found by."""
    items = [element for element in tree.iter() if _local(element) in ITEMS]
    if cut and items:
        _drop(items.pop())
    for element in items[MAX_ITEMS:]:
        _drop(element)
    for element in items[:MAX_ITEMS]:
        for child in list(element):
            if _local(child) in HEAVY:
                _drop(child)
        around = next((outer for outer in element.iterancestors() if _local(outer) in ITEMS), None)
        if around is not None:
            around.addnext(element)
        if not any(_local(child) in NAMING for child in element):
            _lift(element)


def _lift(item: etree._Element) -> None:
    """Bring an item's link back to it where an unclosed tag before it has swallowed it."""
    for element in item.iterdescendants():
        if _local(element) in ITEMS:
            return
        if _local(element) in NAMING:
            item.append(element)
            return


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _feedparser(text: bytes, url: str) -> Any:
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        # a stream, as feedparser takes bytes for the name of a file to open
        return feedparser.parse(
            io.BytesIO(text), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except CRASHES:
        return None


def _from_feedparser(parsed: Any, url: str, problem: str) -> Feed:
    feed = parsed.feed
    links = feed.get("links") or []
    items = (_item(entry, url) for entry in parsed.entries)
    return Feed(
        kind="atom" if str(parsed.get("version", "")).startswith("atom") else "rss",
        title=_text(feed.get("title")),
        language=_text(feed.get("language")),
        home=join(url, _text(feed.get("link"))),
        items=tuple(item for item in items if item.url),
        next=_rel(links, "next", url),
        hub=_rel(links, "hub", url),
        self_url=_rel(links, "self", url),
        interval=_interval(feed),
        problem=problem,
    )


def _item(entry: Any, url: str) -> FeedItem:
    ident = _text(entry.get("id"))
    link = _text(entry.get("feedburner_origlink")) or _text(entry.get("link"))
    if not link:
        link = _rel(entry.get("links") or [], "alternate", url) or (
            ident if ident.startswith(("http:", "https:")) else ""
        )
    return FeedItem(
        url=join(url, link) if link else "",
        title=_text(entry.get("title")),
        published=from_struct(entry.get("published_parsed")) or moment(_text(entry.get("published"))),
        # not entry.get: feedparser answers for a missing `updated` with `published`, and warns of it
        updated=from_struct(dict.get(entry, "updated_parsed")) or moment(_text(dict.get(entry, "updated"))),
        id=ident,
    )


def _rel(links: Iterable[Any], rel: str, url: str) -> str:
    return next(
        (found for link in links if link.get("rel") == rel and (found := join(url, _text(link.get("href"))))), ""
    )


def _text(value: Any) -> str:
    return " ".join(value.split())[:2000] if isinstance(value, str) else ""


def _interval(feed: Any) -> int | None:
    minutes = _text(feed.get("ttl"))
    if minutes.isascii() and minutes.isdigit() and 0 < len(minutes) < 8:
        return int(minutes) * 60 or None
    period = PERIODS.get(_text(feed.get("sy_updateperiod")).lower())
    often = _text(feed.get("sy_updatefrequency"))
    return (
        period // max(1, int(often) if often.isascii() and often.isdigit() and len(often) < 8 else 1)
        if period
        else None
    )


def _json_feed(body: bytes, url: str, content_type: str | None, problem: str) -> Feed | NotAFeed:
    try:
        data = json.loads(decode(body, content_type), strict=False)
    except (ValueError, RecursionError):
        return NotAFeed("unreadable")
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return NotAFeed("not a feed")
    if "jsonfeed.org" not in _text(data.get("version")):
        problem = problem or "no JSON Feed version"
    items = (_json_item(entry, url) for entry in data["items"][:MAX_ITEMS] if isinstance(entry, dict))
    hubs = data.get("hubs")
    return Feed(
        kind="json",
        title=_text(data.get("title")),
        language=_text(data.get("language")),
        home=_joined(url, data.get("home_page_url")),
        items=tuple(item for item in items if item.url),
        next=_joined(url, data.get("next_url")),
        hub=next((_joined(url, hub.get("url")) for hub in _list(hubs) if isinstance(hub, dict)), ""),
        self_url=_joined(url, data.get("feed_url")),
        problem=problem,
    )


def _json_item(entry: dict[str, Any], url: str) -> FeedItem:
    ident = str(entry.get("id", ""))[:2000]
    own = ident if ident.startswith(("http://", "https://")) else ""
    return FeedItem(
        url=_joined(url, entry.get("url")) or _joined(url, entry.get("external_url")) or _joined(url, own),
        title=_text(entry.get("title")),
        published=moment(_text(entry.get("date_published"))),
        updated=moment(_text(entry.get("date_modified"))),
        id=ident,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(url: str, value: Any) -> str:
    text = _text(value)
    return join(url, text) if text else ""
