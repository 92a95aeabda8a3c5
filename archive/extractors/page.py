"""A page read once: its bytes as text, the text as a tree, the tree as numbered blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.extractors.charset import decode
from archive.extractors.text import settle, weight

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCK_TAGS = frozenset(
    "html body div p article section header footer aside nav main h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody "
    "tfoot tr td th caption blockquote pre figure figcaption form fieldset address center hr br details summary menu dir "
    "legend hgroup search button iframe picture video audio amp-carousel amp-iframe amp-social-share".split()
)
"""Elements before and after which a text breaks; all others run on in their line."""
SILENT_TAGS = frozenset(
    "script style noscript template svg math select textarea iframe object embed head title canvas datalist option map "
    "audio video progress meter dialog".split()
)
"""Elements that say nothing to the reader of the article."""
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
NAMING = frozenset(("class", "id", "role", "itemprop", "data-component", "data-testid", "property"))
"""Attributes that say what an element is for."""
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOST_DEPTH = 900
"""Nested deeper than this, a page is not given to code that walks trees by recursion."""
MOST_TEXT = 12_000_000
"""Characters of a page that are read; what is beyond is no article."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An element in the tree, with what its names say; the chain of parents leads to the root."""

    tag: str
    names: str
    """Class, id, role, itemprop and the like, lower case, parted by spaces."""
    parent: Place | None
    depth: int
    hidden: bool
    element: HtmlElement

    def chain(self) -> Iterator[Place]:
        """Go from this element up to the root."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.parent

    def within(self, tags: frozenset[str]) -> bool:
        """Tell whether this element is one of some tags, or lies in one."""
        return any(place.tag in tags for place in self.chain())


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """A run of text between two breaks, numbered in the order of the document."""

    index: int
    text: str
    place: Place
    """The block element that holds it."""
    link_share: float
    """Of its characters, how many stand in links: 0 to 1."""
    href: str | None
    """Where its first link leads."""
    emphasis: float
    """Of its characters, how many are bold or italic: 0 to 1."""
    weight: int
    """Length in letters of an alphabet: a Han, kana or Thai letter counts as two."""

    @property
    def tag(self) -> str:
        return self.place.tag

    @property
    def is_heading(self) -> bool:
        return any(place.tag in HEADINGS for place in _nearest(self.place, 3))

    def near_names(self) -> str:
        """Return the names of its element and of the two around it."""
        return " ".join(place.names for place in _nearest(self.place, 3))


@dataclass(frozen=True, slots=True)
class TimeMark:
    """A `time` element: the block that it stands before or in, its machine-readable value, its text and names."""

    block: int
    value: str
    text: str
    place: Place


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
        return (self.root.get("lang") or self.root.get("{http://www.w3.org/XML/1998/namespace}lang")) if self.root is not None else None


def read_page(body: bytes, url: str, content_type: str | None = None) -> Page:
    """Read a page's bytes. Never raises; a page that cannot be parsed has no root and no blocks."""
    decoded = decode(body, content_type)
    root = _parse(decoded.text[:MOST_TEXT])
    walk = _Walk()
    if root is not None:
        walk.run(root)
    return Page(url, root, tuple(walk.blocks), tuple(walk.times), decoded.used, decoded.declared, walk.depth)


def _nearest(place: Place, count: int) -> Iterator[Place]:
    for number, found in enumerate(place.chain()):
        if number == count:
            return
        yield found


def _parse(text: str) -> HtmlElement | None:
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    text = CONTROLS.sub("", text)
    if "<" not in text:
        return None
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return root if isinstance(root.tag, str) else None


class _Walk:
    """One pass over the tree: what is open now, and what was found."""

    def __init__(self) -> None:
        self.blocks: list[TextBlock] = []
        self.times: list[TimeMark] = []
        self.depth = 0
        self._text: list[str] = []
        self._linked = 0
        self._stressed = 0
        self._href: str | None = None

    def run(self, root: HtmlElement) -> None:
        from lxml import etree

        place: Place | None = None
        holder: list[Place] = []  # the open block elements
        links: list[str] = []
        stress = 0
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if not isinstance(tag, str) or tag in SILENT_TAGS:
                    walker.skip_subtree()
                    continue
                place = self._enter(element, tag, place)
                if tag in BLOCK_TAGS:
                    self._flush(holder)
                    holder.append(place)
                elif tag == "a":
                    links.append(element.get("href") or "")
                elif tag in ("b", "strong", "em", "i"):
                    stress += 1
                elif tag == "time":
                    value = element.get("datetime") or ""
                    self.times.append(TimeMark(len(self.blocks), value, settle(_inner(element)), place))
                self._add(element.text, links, stress)
                continue
            if isinstance(tag, str) and tag not in SILENT_TAGS and place is not None:
                if tag in BLOCK_TAGS:
                    self._flush(holder)
                    holder.pop()
                elif tag == "a" and links:
                    links.pop()
                elif tag in ("b", "strong", "em", "i"):
                    stress -= 1
                place = place.parent
            self._add(element.tail, links, stress)

    def _enter(self, element: HtmlElement, tag: str, parent: Place | None) -> Place:
        names = ""
        hidden = parent.hidden if parent else False
        for key, value in element.items():
            if key in NAMING:
                names = f"{names} {value}" if names else value
            elif key == "hidden" or (key == "style" and HIDDEN_STYLE.search(value)):
                hidden = True
        if names:
            names = names.lower()[:300]
        depth = parent.depth + 1 if parent else 1
        self.depth = max(self.depth, depth)
        return Place(tag, names, parent, depth, hidden, element)

    def _add(self, text: str | None, links: list[str], stress: int) -> None:
        if not text:
            return
        self._text.append(text)
        if links or stress:
            letters = len(text.strip())
            if links:
                self._linked += letters
                self._href = self._href or (links[-1] if letters else None)
            if stress:
                self._stressed += letters

    def _flush(self, holder: list[Place]) -> None:
        if self._text:
            text = "".join(self._text)
            text = settle(text) if not text.isspace() else ""
            if text and holder:
                size = max(1, len(text))
                self.blocks.append(
                    TextBlock(
                        len(self.blocks),
                        text,
                        holder[-1],
                        min(1.0, self._linked / size),
                        self._href,
                        min(1.0, self._stressed / size),
                        weight(text),
                    )
                )
            self._text = []
        self._linked = self._stressed = 0
        self._href = None


def _inner(element: Any) -> str:
    return "".join(element.itertext())[:200]
