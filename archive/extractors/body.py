"""Which blocks of a page are the article's: trafilatura's opinion, put right by the structure around it."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.extractors.blocks import HEADINGS, Place, TextBlock
from archive.extractors.markup import ASIDE_TAGS, CAPTION_TAGS, LEAD, junk_word
from archive.extractors.page import MOST_DEPTH, Page
from archive.extractors.text import ends_sentence, fold, trails_off

if TYPE_CHECKING:
    from lxml.html import HtmlElement

GAPS = re.compile(r"[\W_]+")
THIN = 250
"""Weight of a text under which the first opinion is doubted."""
MOST_BLOCKS = 15_000
"""A page of more blocks is read by its densest element alone: nothing else here takes time in proportion."""
MOST_SEARCH = 300_000_000
"""Characters that are searched through for blocks that are no line of their own."""
NEAR = 12
"""Blocks under the headline in which an article begins."""
LEAST_LEAD = 40
LEAST_PARAGRAPH = 80
FULL_WITHOUT_STOP = 200
"""Thai and Lao, and some authors, end no sentence with a mark: a block this long is a paragraph all the same."""
SHARE_OF_CONTAINER = 0.8
TEXTLESS = ("script", "noscript", "iframe", "select", "link", "object", "embed", "canvas", "map")
CHROME = "data-chrome"
"""The attribute that marks what is left out of the copy that trafilatura gets."""
CHROME_LINKS = 0.6
CHROME_BLOCKS = 4
LIST_TAGS = frozenset(("ul", "ol", "li", "dl", "dd", "dt"))
QUOTE_TAGS = frozenset(("blockquote",))
TABLE_TAGS = frozenset(("table", "td", "th"))

_QUIET = logging.getLogger("trafilatura")


@dataclass(frozen=True, slots=True)
class Body:
    """The article's blocks by number, with the reason for each, and the element that holds most of them."""

    reasons: dict[int, str]
    container: Place | None


def find_body(page: Page, title: str | None, descriptions: Sequence[str] = ()) -> Body:
    """Choose the article's blocks; boilerplate among them is cut later."""
    chosen = dict.fromkeys(_first_opinion(page), "body")
    dense = _densest(page)
    if not chosen or is_better(page, dense, chosen, title):
        chosen = dict.fromkeys(dense, "densest")
    container = _container(page, chosen)
    if container is not None:
        chosen |= _restored(page, chosen, container)
        chosen |= _lead(page, chosen, title, descriptions)
    return Body(dict(sorted(chosen.items())), container)


def with_credit(page: Page, body: Body, is_credit: Callable[[str], bool]) -> Body:
    """Bring back a credit line that stands right under the last paragraph: it is the article's signature."""
    full = [index for index in body.reasons if is_paragraph(page.blocks[index])]
    if not full:
        return body
    for block in page.blocks[full[-1] + 1 : full[-1] + 3]:
        if (
            block.index not in body.reasons
            and block.link_share < 0.5
            and not block.place.hidden
            and is_credit(block.text)
        ):
            return Body(dict(sorted((body.reasons | {block.index: "credit"}).items())), body.container)
    return body


def is_paragraph(block: TextBlock) -> bool:
    """Tell whether a block is a full paragraph: long, mostly no link, ended as a sentence."""
    if block.link_share >= 0.3 or block.weight < LEAST_PARAGRAPH:
        return False
    return block.weight >= FULL_WITHOUT_STOP or (ends_sentence(block.text) and not trails_off(block.text))


def _weigh(page: Page, indexes: Iterable[int]) -> int:
    return sum(page.blocks[index].weight for index in indexes)


def is_better(page: Page, dense: Sequence[int], chosen: Iterable[int], title: str | None) -> bool:
    """Tell whether the densest element is the article rather than what was chosen: more text, under the headline."""
    if _paragraphs(page, dense) <= max(THIN, 2 * _paragraphs(page, chosen)):
        return False
    key = fold(title or "")
    heads = [
        block.index
        for block in page.blocks
        if key and fold(block.text) == key and (block.link_share < 0.5 or block.is_heading)
    ]
    below = [
        index
        for index in chosen
        if is_paragraph(page.blocks[index]) and any(0 < index - head <= NEAR for head in heads)
    ]
    return not below or any(0 < min(dense) - head <= NEAR for head in heads)


def _paragraphs(page: Page, indexes: Iterable[int]) -> int:
    return _weigh(page, (index for index in indexes if is_paragraph(page.blocks[index])))


def _key(text: str) -> str:
    return GAPS.sub("", text)


def _first_opinion(page: Page) -> set[int]:
    if page.depth > MOST_DEPTH or len(page.blocks) > MOST_BLOCKS:
        return set()
    chosen = _mapped(page, _trafilatura(page, precise=True))
    if _weigh(page, chosen) < THIN:
        wider = _mapped(page, _trafilatura(page, precise=False))
        if _weigh(page, wider) > _weigh(page, chosen):
            return wider
    return chosen


def _trafilatura(page: Page, *, precise: bool) -> list[str]:
    """Return the lines that trafilatura takes for the body. Only which they are counts; the text is the page's."""
    from lxml import etree
    from trafilatura import bare_extraction

    tree = _without_chrome(page)

    if _QUIET.level == logging.NOTSET:
        _QUIET.setLevel(logging.CRITICAL)  # it reports odd trees as errors; here they are everyday
    try:
        found = bare_extraction(
            tree, fast=True, url=page.url or None, favor_precision=precise, include_comments=False, with_metadata=False
        )
    except (
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
        AssertionError,
        RecursionError,
        etree.LxmlError,
    ):
        return []  # its own faults on odd trees: the densest container answers instead
    text = getattr(found, "text", None)
    return text.split("\n") if text else []


def _without_chrome(page: Page) -> HtmlElement:
    """Return a copy of the tree without its menus and link lists.

    They can be no body, and each of trafilatura's copies and searches would go through them. Only elements that hold no
    paragraph go, whatever their names: broken mark-up puts whole articles into `nav` and `form`.
    """
    from lxml import etree

    weights: dict[Place, list[float]] = {}
    for block in page.blocks:
        body = 1 if is_paragraph(block) or (block.link_share < 0.3 and block.weight >= LEAST_LEAD) else 0
        for place in block.place.chain():
            held = weights.setdefault(place, [0, 0, 0, 0])
            held[0] += block.weight
            held[1] += block.weight * block.link_share
            held[2] += 1
            held[3] += body
    for place, (weight, linked, count, bodies) in weights.items():
        if not bodies and count >= CHROME_BLOCKS and linked > CHROME_LINKS * weight:
            place.element.set(CHROME, "")
    assert page.root is not None
    tree = deepcopy(page.root)
    for element in tree.xpath(f"//*[@{CHROME}]"):
        if element.getparent() is not None:
            element.drop_tree()
    etree.strip_elements(tree, *TEXTLESS, with_tail=False)
    return tree


def _mapped(page: Page, lines: list[str]) -> set[int]:
    """Find the blocks that the lines came from: long ones by containment, short ones by equality and neighbourhood."""
    keys = [_key(line) for line in lines]
    stream = "\n".join(keys)
    taken = bytearray(len(stream))
    chosen: set[int] = set()
    short: list[tuple[int, str]] = []
    searches = MOST_SEARCH // max(1, len(stream))
    for block in page.blocks:
        key = _key(block.text)
        if len(key) < 16:
            short.append((block.index, key))
            continue
        start = stream.find(key) if searches > 0 else -1
        searches -= 1
        while start >= 0 and taken[start] and searches > 0:
            start = stream.find(key, start + 1)
            searches -= 1
        if start >= 0:
            taken[start : start + len(key)] = b"\1" * len(key)
            chosen.add(block.index)
    chosen |= _partial(page, stream, taken, chosen)
    if chosen:
        left, right = min(chosen) - 2, max(chosen) + 2
        wanted: dict[str, int] = defaultdict(int)
        for key in keys:
            wanted[key] += 1
        for index, key in short:
            if key and left <= index <= right and wanted[key] > 0:
                wanted[key] -= 1
                chosen.add(index)
    return chosen


def _partial(page: Page, stream: str, taken: bytearray, chosen: set[int]) -> set[int]:
    """Find blocks of which a line is only a part, as where an inline element was dropped from it."""
    lost = []
    start = 0
    for key in stream.split("\n"):
        if len(key) >= 30 and not any(taken[start : start + len(key)]):
            lost.append(key)
        start += len(key) + 1
    if not lost:
        return set()
    found = set()
    rest = [
        (block.index, _key(block.text)) for block in page.blocks if block.index not in chosen and block.weight >= 30
    ]
    for key in lost[:50]:
        probe = key[:30]
        found |= {index for index, whole in rest if probe in whole and len(key) > len(whole) // 3}
    return found


def _densest(page: Page) -> list[int]:
    """Return the blocks of the element with the most text outside links, near to it counting more than far below."""
    scores: dict[Place, float] = defaultdict(float)
    for block in page.blocks:
        if (
            block.link_share < 0.3
            and block.weight >= LEAST_LEAD
            and not block.place.hidden
            and not block.place.within(ASIDE_TAGS)
        ):
            for share, place in zip((1.0, 1.0, 0.5, 0.25), block.place.chain(), strict=False):
                scores[place] += block.weight * share * (0.3 if junk_word(place.names) else 1.0)
    if not scores:
        return []
    best = max(scores, key=lambda place: (scores[place], place.depth))
    return [block.index for block in page.blocks if block.link_share < 0.5 and best in block.place.chain()]


def _container(page: Page, chosen: Iterable[int]) -> Place | None:
    """Return the deepest element that holds most of the chosen text."""
    held: dict[Place, int] = defaultdict(int)
    total = 0
    for index in chosen:
        block = page.blocks[index]
        total += block.weight
        for place in block.place.chain():
            held[place] += block.weight
    holders = [place for place, weight in held.items() if weight >= SHARE_OF_CONTAINER * total]
    # A single paragraph is no container: its parent is asked instead.
    holders = [place for place in holders if place.tag not in ("p", "li", *HEADINGS)]
    return max(holders, key=lambda place: place.depth) if holders else None


def _signature(place: Place) -> tuple[str, str]:
    return place.tag, place.names if len(place.names) < 80 else ""


def _inside(place: Place, container: Place) -> bool:
    return any(found is container for found in place.chain())


def _set_aside(block: TextBlock, container: Place) -> bool:
    """Tell whether a block stands in a side element or in one with a telling name, below the container."""
    for place in block.place.chain():
        if place is container:
            return False
        if place.tag in ASIDE_TAGS or place.tag in CAPTION_TAGS or junk_word(place.names):
            return True
    return False


def _restored(page: Page, chosen: dict[int, str], container: Place) -> dict[int, str]:
    """Bring back what belongs between the chosen blocks: paragraphs of their kind, headings with text under them."""
    inside = [index for index in chosen if _inside(page.blocks[index].place, container)]
    if not inside:
        return {}
    first, last = min(inside), max(inside)
    kinds = {_signature(page.blocks[i].place) for i in inside if is_paragraph(page.blocks[i])}
    parents = {page.blocks[i].place.parent for i in inside if is_paragraph(page.blocks[i])}
    found: dict[int, str] = {}
    for block in page.blocks[first + 1 : last + 3]:
        if (
            block.index in chosen
            or block.place.hidden
            or not _inside(block.place, container)
            or _set_aside(block, container)
        ):
            continue
        same_kind = _signature(block.place) in kinds and (block.place.parent in parents or block.place is container)
        if is_paragraph(block) and same_kind:
            found[block.index] = "same-kind"
        elif block.index < last and block.link_share < 0.5 and _is_subheading(block, page, chosen):
            found[block.index] = "subheading"
        elif (
            block.index < last
            and same_kind
            and block.link_share < 0.3
            and block.weight >= 20
            and ends_sentence(block.text)
        ):
            found[block.index] = "short-line"
        elif block.index < last and block.link_share < 0.5 and block.weight >= 20 and block.place.within(QUOTE_TAGS):
            found[block.index] = "quote"
    return found


def _is_subheading(block: TextBlock, page: Page, chosen: dict[int, str]) -> bool:
    if not (block.is_heading or block.emphasis > 0.9) or block.weight > 160:
        return False
    following = page.blocks[block.index + 1 : block.index + 3]
    return any(after.index in chosen and (is_paragraph(after) or after.place.within(LIST_TAGS)) for after in following)


def _lead(page: Page, chosen: dict[int, str], title: str | None, descriptions: Sequence[str]) -> dict[int, str]:
    """Bring back the first paragraph: what stands between headline and body, or is the page's description."""
    echo = fold(title or "")
    first = min((index for index in chosen if fold(page.blocks[index].text) != echo), default=min(chosen))
    head = max((b.index for b in page.blocks[:first] if echo and fold(b.text) == echo), default=None)
    start = head + 1 if head is not None else max(0, first - 12)
    openings = [fold(text)[:60] for text in descriptions if len(text) >= LEAST_LEAD]
    found: dict[int, str] = {}
    for block in page.blocks[start:first]:
        if (
            block.index in chosen
            or block.weight < LEAST_LEAD
            or block.link_share >= 0.5
            or block.place.hidden
            or fold(block.text) == echo
        ):
            continue
        if block.place.within(CAPTION_TAGS) or any(junk_word(place.names) for place in _below(block.place, 3)):
            continue
        described = any(fold(block.text).startswith(opening) for opening in openings)
        named = LEAD.search(block.near_names()) is not None
        stands = (
            head is not None
            and first - head <= 12
            and (ends_sentence(block.text) or block.weight >= 120)
            and not trails_off(block.text)
        )
        if described or named or stands:
            found[block.index] = "lead"
    return found


def _below(place: Place, count: int) -> list[Place]:
    return [found for number, found in enumerate(place.chain()) if number < count]
