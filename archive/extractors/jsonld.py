"""schema.org data of a page (JSON-LD): lists, graphs, nested and broken ones too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
FIELD = re.compile(r'"(headline|datePublished|dateModified|articleSection)"\s*:\s*"((?:[^"\\\n]|\\.){1,400})"')
"""What is still worth reading in data that cannot be mended."""
MOST = 2_000_000
"""Characters of one script that are read."""
MOST_NODES = 2000
ARTICLE = re.compile(r"(?:Article|BlogPosting|Reportage|Report|NewsStory|OpinionPiece|Posting)$")

Node = Mapping[str, Any]


def article_node(root: HtmlElement) -> Node:
    """Return the page's article as schema.org tells it; an empty mapping if it does not."""
    found: list[Node] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            found += nodes(script.text)
    articles = [node for node in found if ARTICLE.search(kind(node))]
    return max(articles, key=_told, default={})


def nodes(text: str) -> list[Node]:
    """Return every object of a script, outer ones first. Never raises."""
    text = WRAPPING.sub("", text[:MOST]).strip()
    for draft in (text, TRAILING_COMMA.sub(r"\1", text)):
        try:
            return list(_flat(json.loads(draft, strict=False)))
        except (ValueError, RecursionError):
            continue
    rest = dict(reversed(FIELD.findall(text)))
    return [{"@type": "NewsArticle", **rest}] if rest else []


def kind(node: Node) -> str:
    """Return the type of an object, the last one where it has several."""
    kinds = node.get("@type")
    if isinstance(kinds, list):
        kinds = next((name for name in kinds if isinstance(name, str) and ARTICLE.search(name)), "")
    return kinds if isinstance(kinds, str) else ""


def names(value: Any) -> Iterator[tuple[str, str]]:
    """Go through the names of people and organisations in a value, each with its type."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item, ""
        elif isinstance(item, Mapping):
            name = item.get("name")
            for one in name if isinstance(name, list) else [name]:
                if isinstance(one, str):
                    yield one, kind_of(item)


def kind_of(item: Node) -> str:
    """Return the plain type of an object, such as Person or Organization."""
    value = item.get("@type")
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""


def text_of(value: Any) -> str | None:
    """Return the first text of a value that may be a text, an object or a list of such."""
    if isinstance(value, list):
        return next((text for item in value if (text := text_of(item))), None)
    if isinstance(value, Mapping):
        return text_of(value.get("url") or value.get("@value") or value.get("name") or value.get("@id"))
    return value.strip() or None if isinstance(value, str) else None


def _told(node: Node) -> int:
    return sum(
        bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage")
    )


def _flat(data: Any) -> Iterator[Node]:
    waiting, seen = [data], 0
    while waiting and seen < MOST_NODES:
        item = waiting.pop(0)
        seen += 1
        if isinstance(item, list):
            waiting += item[:200]
        elif isinstance(item, dict):
            yield item
            waiting += [
                item[key]
                for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "hasPart")
                if isinstance(item.get(key), dict | list)
            ]
