"""The next page of a list: by a link's rel, its class, its words, or the number in its address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Protocol
from urllib.parse import unquote

from crawler.discovery.address import article_key, parts
from settings.platforms import platforms

NUMBER = re.compile(r"\d+")
NUMBER_NEAR_END = re.compile(r"\d[^\d]{0,6}$")
LABEL = 30
"""Characters below which a link's text may be that of a next page rather than a headline."""
PAGING = frozenset({"next", "pager"})
ENDING = re.compile(r"\.(?:[sx]?html?|php|aspx?|jsp)$", re.IGNORECASE)
INDEX = re.compile(r"/(?:index|default|list)$", re.IGNORECASE)


class Linked(Protocol):
    """What is asked of a link."""

    @property
    def url(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def rel(self) -> frozenset[str]: ...
    @property
    def where(self) -> frozenset[str]: ...


def next_pages(url: str, named: str, links: Iterable[Linked]) -> tuple[str, ...]:
    """Return the next pages of the list at `url`, the surest first: at most three.

    `named` is the page's own `<link rel=next>`. Nothing is guessed: only addresses that stand on the page are returned.
    """
    here = _split(url)
    ranked: list[tuple[int, int, str]] = [(0, 0, named)] if named and article_key(named) != here.key else []
    for order, link in enumerate(links):
        text = link.text.strip(" .…").lower()
        named_next = text in platforms().page.next_text
        unnamed = len(text) < LABEL and NUMBER_NEAR_END.search(link.url) is not None
        if not (named_next or unnamed or "next" in link.rel or link.where & PAGING):
            continue
        rank = _rank(link, here, _split(link.url), named_next=named_next)
        if rank:
            ranked.append((rank, order, link.url))
    return tuple(dict.fromkeys(address for _, _, address in sorted(ranked)))[:3]


def _rank(link: Linked, here: _List, there: _List, *, named_next: bool) -> int:
    """Return how sure it is that a link leads to the next page, 1 the surest; 0 if it does not seem so."""
    if there.key == here.key:
        return 0
    if "next" in link.rel:
        return 1
    if "next" in link.where and "heading" not in link.where:
        return 2
    further = there.list == here.list and there.number > here.number
    if named_next and ("pager" in link.where or further):
        return 3
    if further and not (there.sure or "pager" in link.where):
        return 0
    numbered = "pager" in link.where or link.text.strip().isdecimal()
    if further and (numbered or (there.number == here.number + 1 and "heading" not in link.where)):
        return 4 + min(there.number - here.number, 1000)  # the nearest number first
    return 0


class _List:
    """An address taken apart into the list that it belongs to and the number of the page."""

    __slots__ = ("key", "list", "number", "sure")

    def __init__(self, key: str, name: str, number: int, sure: bool) -> None:
        self.key, self.list, self.number, self.sure = key, name, number, sure


def _split(url: str) -> _List:
    found = parts(url)
    if found is None:
        return _List("", url, 1, False)
    names = platforms().query.page
    kept, number, sure = list[str](), 1, False
    for pair in filter(None, found.query.split("&")):
        name, _, value = pair.partition("=")
        if name.lower() in names and NUMBER.fullmatch(value) and len(value) < 6:
            number, sure = int(value), True
        else:
            kept.append(pair)
    path = unquote(found.path)
    if not sure and (match := _path_page().match(path)):
        number, sure = int(match["number"] or match["tail"]), bool(match["number"])
        path = match["list"] + (match["end"] if match["end"].startswith(".") else "")
    path = INDEX.sub("", ENDING.sub("", path).rstrip("/"))
    return _List(article_key(url), f"{found.authority}{path.rstrip('/')}?{'&'.join(sorted(kept))}", number, sure)


@cache
def _path_page() -> re.Pattern[str]:
    """Return what finds a page's number: `/news/page/2/`; less surely `/news/index_2.html`, `/news/2`."""
    words = "|".join(sorted(map(re.escape, platforms().words.page), key=len, reverse=True))
    return re.compile(
        rf"""
        ^(?P<list>.*?)
        (?: /(?:{words})[/_-]?(?P<number>\d{{1,5}}) | [/_-](?:page|p)?(?P<tail>\d{{1,4}}) )
        (?P<end>/?|\.\w{{2,5}})$
        """,
        re.IGNORECASE | re.VERBOSE,
    )


def same_list(one: str, other: str) -> bool:
    """Tell whether two addresses are pages of one list."""
    return _split(one).list == _split(other).list
