"""The text of a tree as numbered blocks, each with its place: one pass, in document order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.extractors.text import settle, weight

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCK_TAGS = frozenset(
    (
        "html", "body", "div", "p", "article", "section", "header", "footer", "aside", "nav", "main", "h1",
        "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody",
        "tfoot", "tr", "td", "th", "caption", "blockquote", "pre", "figure", "figcaption", "form",
        "fieldset", "address", "center", "hr", "br", "details", "summary", "menu", "dir", "legend",
        "hgroup", "search", "button", "iframe", "picture", "video", "audio", "amp-carousel", "amp-iframe",
        "amp-social-share"
    )
)  # fmt: skip
"""Elements before and after which a text breaks; all others run on in their line."""
SILENT_TAGS = frozenset(
    (
        "script", "style", "noscript", "template", "svg", "math", "select", "textarea", "iframe", "object",
        "embed", "head", "title", "canvas", "datalist", "option", "map", "audio", "video", "progress",
        "meter", "dialog"
    )
)  # fmt: skip
"""Elements that say nothing to the reader of the article."""
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
NAMING = frozenset(("class", "id", "role", "itemprop", "data-component", "data-testid", "property"))
"""Attributes that say what an element is for."""
MOST_ID = 32
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


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


class Walk:
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
            # The id of a heading, or a long one, is a slug of its text: it would name what the article is about.
            if key in NAMING and not (key == "id" and (tag in HEADINGS or len(value) > MOST_ID)):
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
        if text.isspace():
            if self._text:
                self._text.append(" ")
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
            text = settle("".join(self._text))
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


def _nearest(place: Place, count: int) -> Iterator[Place]:
    for number, found in enumerate(place.chain()):
        if number == count:
            return
        yield found
