"""A page read once: its bytes as text, the text as a tree, the tree as numbered blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.extractors.blocks import TextBlock, TimeMark, Walk
from archive.extractors.charset import decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONG_TAG = re.compile(r"<([a-zA-Z][\w:-]*)[^<>]{8000,}>")
MOST_ATTRIBUTES = 1000
"""A tag with more says nothing by them, and parsers take time by their square."""
MOST_DEPTH = 900
"""Nested deeper than this, a page is not given to code that walks trees by recursion."""
MOST_TEXT = 12_000_000
"""Characters of a page that are read; what is beyond is no article."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the extractors see it."""

    url: str
    root: HtmlElement | None
    """None where there is nothing to parse."""
    blocks: tuple[TextBlock, ...]
    times: tuple[TimeMark, ...]
    charset: str
    declared_charset: str | None
    depth: int

    @property
    def declared_language(self) -> str | None:
        return (
            (self.root.get("lang") or self.root.get("{http://www.w3.org/XML/1998/namespace}lang"))
            if self.root is not None
            else None
        )


def read_page(body: bytes, url: str, content_type: str | None = None) -> Page:
    """Read a page's bytes. Never raises; a page that cannot be parsed has no root and no blocks."""
    decoded = decode(body, content_type)
    root = _parse(decoded.text[:MOST_TEXT])
    walk = Walk()
    if root is not None:
        walk.run(root)
    return Page(url, root, tuple(walk.blocks), tuple(walk.times), decoded.used, decoded.declared, walk.depth)


def _parse(text: str) -> HtmlElement | None:
    from lxml import etree
    from lxml.html import HtmlComment, HtmlElement, HtmlProcessingInstruction, document_fromstring

    text = LONG_TAG.sub(_bare_tag, CONTROLS.sub("", text))
    if "<" not in text:
        return None
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    # One class for all elements, looked up in C: lxml.html's own parser asks a Python function at each touch.
    parser.set_element_class_lookup(
        etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction)
    )
    try:
        root = document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    if not isinstance(root.tag, str):
        return None
    # What no one reads costs time in every copy and search of the tree; of the scripts only the data stay.
    for script in list(root.iter("script")):
        if "ld+json" not in (script.get("type") or ""):
            script.text = None
    etree.strip_elements(root, "style", "svg", "template", with_tail=False)
    return root


def _bare_tag(match: re.Match[str]) -> str:
    return match[0] if match[0].count("=") + match[0].count(" ") < MOST_ATTRIBUTES else f"<{match[1]}>"
