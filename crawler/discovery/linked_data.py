"""JSON-LD on a page: the types that it names, the lists of pages that it holds, and who publishes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crawler.discovery.address import join

MAX_BLOCKS = 32
MAX_LENGTH = 1 << 20
MAX_NODES = 5000
"""Objects that are looked at on one page; the largest list measured had a few hundred."""
ARTICLE_TYPES = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "report",
    "backgroundnewsarticle", "reviewnewsarticle", "askpublicnewsarticle", "satiricalarticle", "scholarlyarticle",
    "techarticle", "blogposting", "liveblogposting", "socialmediaposting", "advertisercontentarticle",
})  # fmt: skip
"""schema.org's Article and the types below it."""
PUBLISHERS = frozenset({"organization", "newsmediaorganization", "website", "corporation"})
WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>);?\s*$"
)
"""What templates put around a script to hide it from old browsers and XML parsers."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One member of an ItemList."""

    url: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What a page's JSON-LD says. Types are in lower case, without the schema's address."""

    types: frozenset[str] = frozenset()
    listed: tuple[Listed, ...] = ()
    site_name: str = ""

    @property
    def is_article(self) -> bool:
        return bool(self.types & ARTICLE_TYPES)


def read_linked_data(scripts: Iterable[str], base: str) -> LinkedData:
    """Read the JSON-LD blocks of a page; blocks that are no JSON count for nothing."""
    types = set[str]()
    listed: dict[str, Listed] = {}
    names: dict[str, str] = {}
    nodes = _nodes(_parsed(scripts))
    for node in nodes:
        own = _types(node)
        types |= own
        for kind in own & PUBLISHERS:
            if name := _text(node.get("name")):
                names.setdefault("website" if kind == "website" else "organization", name)
        if own & {"itemlist", "collectionpage"} or "itemListElement" in node:
            if "breadcrumblist" not in own:
                for item in _items(node, base):
                    listed.setdefault(item.url, item)
        elif own & ARTICLE_TYPES and node.get("url") and (url := join(base, _text(node["url"]))) and url != base:
            listed.setdefault(url, Listed(url, _text(node.get("headline") or node.get("name"))))
    return LinkedData(frozenset(types), tuple(listed.values()), names.get("website") or names.get("organization", ""))


def _parsed(scripts: Iterable[str]) -> list[Any]:
    found = []
    for script in list(scripts)[:MAX_BLOCKS]:
        try:
            found.append(json.loads(WRAPPING.sub("", script[:MAX_LENGTH]).rstrip("; \n"), strict=False))
        except (ValueError, RecursionError):
            continue
    return found


def _nodes(values: list[Any]) -> list[dict[str, Any]]:
    """Return every object, at whatever depth, in order of breadth."""
    nodes: list[dict[str, Any]] = []
    queue = list(values)
    for value in queue:  # it grows while it is walked
        if len(nodes) >= MAX_NODES or len(queue) > 20 * MAX_NODES:
            break
        if isinstance(value, dict):
            nodes.append(value)
            queue.extend(inner for inner in value.values() if isinstance(inner, dict | list))
        elif isinstance(value, list):
            queue.extend(inner for inner in value[:MAX_NODES] if isinstance(inner, dict | list))
    return nodes


def _types(node: dict[str, Any]) -> set[str]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return {one.rpartition("/")[2].rpartition(":")[2].lower() for one in kinds if isinstance(one, str)}


def _items(node: dict[str, Any], base: str) -> Iterable[Listed]:
    members = node.get("itemListElement")
    for member in members if isinstance(members, list) else [members]:
        row = {"url": member} if isinstance(member, str) else member
        if not isinstance(row, dict):
            continue
        inner = row.get("item")
        item = inner if isinstance(inner, dict) else {}
        target = row.get("url") or item.get("url") or item.get("@id") or (inner if isinstance(inner, str) else "")
        if url := join(base, _text(target)):
            yield Listed(url, _text(row.get("name") or item.get("headline") or item.get("name")))


def _text(value: Any) -> str:
    return " ".join(value[:4000].split())[:2000] if isinstance(value, str) else ""
