"""Cutting what is not the article from the blocks that were chosen: each cut has a named rule.

A rule looks at the text, at where it stands and at what is linked. A phrase alone never cuts a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.extractors.body import TABLE_TAGS, Body, is_paragraph
from archive.extractors.dates import spread
from archive.extractors.markup import ASIDE_TAGS, CAPTION_TAGS, junk_word
from archive.extractors.page import Page, TextBlock
from archive.extractors.phrases import Phrasebook
from archive.extractors.text import ends_sentence, fold, squeeze, trails_off, words
from settings.language import Language

TAIL_KINDS = frozenset(
    "see_also read_also related most_read comments comments_closed comments_closed_on share tags follow newsletter "
    "previous_next print".split()
)
"""After a line of these, where no paragraph of the article follows, nothing does."""
LINK_KINDS = frozenset("see_also read_also related most_read previous_next tags".split())
"""Lines of these lead to other articles: what is linked right after them goes with them."""
SENTENCE_KINDS = frozenset("newsletter follow share comments comments_closed copyright advertisement print".split())
"""These are sentences of their own ("Subscribe to our newsletter to …"), not labels before something."""
LINE_KINDS = frozenset("published_at updated_at reading_time views photo by".split())
"""Lines of facts about the article."""
RIGHTS = re.compile("[\u00a9\u24d2\u24b8]|\\(c\\)\\s*(?:19|20)\\d\\d", re.IGNORECASE)
LABEL_END = re.compile("^[^:\uff1a|\u00bb>\u2190\u2192\u25b6\u2022]{0,60}[:\uff1a|\u00bb>\u2190\u2192\u25b6\u2022]")
LETTER = re.compile(r"[^\W\d_]")
WRAPPED = re.compile(r"^\s*[\[\(\u3010\uff08<\u300a*\u2022\u25ba\u25b6\u27a1\u2192\u00bb#-]")
SHORT = 35
"""Weight under which a line without a sentence's end is no paragraph."""
LABEL_WORDS = 8
SENTENCE_WORDS = 22
LEAST_HEADLINE = 24
MOST_HEADLINE = 220
GUARD = 0.4
"""A named place that holds more of the chosen text than this is the article itself, whatever it is called."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the page before its blocks are judged."""

    title: str | None
    authors: tuple[str, ...]
    book: Phrasebook
    languages: tuple[Language, ...]
    repeated: frozenset[str] = frozenset()
    cut: frozenset[int] = frozenset()
    keep: frozenset[int] = frozenset()
    """Blocks that the outlet's own file cuts or keeps."""


def cut_blocks(page: Page, body: Body, facts: Facts) -> dict[int, str]:
    """Return the rule of each chosen block that is cut."""
    return _Judge(page, body, facts).run()


class _Judge:
    """One page's judgement: the chosen blocks in order, and what was decided on each so far."""

    def __init__(self, page: Page, body: Body, facts: Facts) -> None:
        self.page = page
        self.body = body
        self.facts = facts
        self.order: list[TextBlock] = [page.blocks[index] for index in body.reasons]
        self.rules: dict[int, str] = {}
        self.kinds: dict[int, str] = {}
        self.total = sum(block.weight for block in self.order) or 1
        self.title = squeeze(facts.title or "")
        self.authors = {squeeze(name) for name in facts.authors}
        self.elsewhere = {
            squeeze(block.text)
            for block in page.blocks
            if block.link_share > 0.9 and LEAST_HEADLINE <= block.weight <= MOST_HEADLINE and not _leads_home(block, page)
        } - {self.title}
        self.places: dict[int, str] = self._named_places()

    def run(self) -> dict[int, str]:
        """Judge every block alone, then with its neighbours, then the tail."""
        for block in self.order:
            rule = self._alone(block)
            if rule and block.index not in self.facts.keep:
                self.rules[block.index] = rule
        self._follow_markers()
        self._cut_strays()
        self._cut_tail()
        return self.rules

    def _named_places(self) -> dict[int, str]:
        """Find the blocks that stand in a side element or one with a telling name, below the body's container."""
        weights: dict[object, int] = {}
        for block in self.order:
            for place in block.place.chain():
                weights[place] = weights.get(place, 0) + block.weight
        found: dict[int, str] = {}
        for block in self.order:
            for place in block.place.chain():
                if place is self.body.container:
                    break
                word = place.tag if place.tag in ASIDE_TAGS else junk_word(place.names)
                if word and weights[place] <= GUARD * self.total:
                    found[block.index] = f"place:{word}"
                    break
        return found

    def _alone(self, block: TextBlock) -> str | None:
        """Return the rule that cuts a block whatever its neighbours are, or None."""
        facts = self.facts
        if block.index in facts.cut:
            return "outlet"
        key = squeeze(block.text)
        if key in facts.repeated:
            return "template"
        if block.place.hidden:
            return "hidden"
        if block.index in self.places:
            return self.places[block.index]
        if block.place.within(CAPTION_TAGS):
            return "caption"
        if self.title and (key == self.title or (block.weight > 20 and block.weight < MOST_HEADLINE and key in self.title)):
            return "title"
        if key in self.authors:
            return "byline"
        if not LETTER.search(block.text) and block.place.tag not in TABLE_TAGS:
            return "no-letters"
        return self._phrase(block) or self._dated(block) or self._linked(block, key)

    def _phrase(self, block: TextBlock) -> str | None:
        folded = fold(block.text[:400])
        book = self.facts.book
        if kind := book.only_labels(folded):
            return self._marked(block, kind, "label")
        if framed := self._framed(block, folded):
            return self._marked(block, framed, "frame")
        if RIGHTS.search(block.text) and block.weight < 260:
            return self._marked(block, "copyright", "sign")
        if opened := book.opening(folded):
            return self._opened(block, *opened)
        return None

    def _framed(self, block: TextBlock, folded: str) -> str | None:
        found = self.facts.book.framed(folded)
        if found is None:
            return None
        kind, filling = found
        if kind == "comments_closed_on":
            # The hole holds the page's own title, whole or cut; a sentence of prose never does.
            inner = filling.replace(" ", "")
            return kind if self.title and (inner[:20] in self.title or self.title[:20] in inner) else None
        short = words(block.text) <= LABEL_WORDS + 6
        return kind if short and not ends_sentence(block.text) else None

    def _opened(self, block: TextBlock, kind: str, rest: str) -> str | None:
        """Judge a block that begins with a phrase and goes on."""
        count = words(block.text)
        linked = block.link_share > 0.4
        labelled = LABEL_END.match(block.text.lstrip("[(\u3010*-\u2022 ")) is not None
        prose = ends_sentence(block.text) and not trails_off(block.text)
        if kind in LINK_KINDS:
            if linked or (labelled and count <= SENTENCE_WORDS and not (prose and count > LABEL_WORDS + 4)):
                return self._marked(block, kind, "line")
            return None
        if kind in SENTENCE_KINDS:
            alone = self._stands_out(block)
            if linked or (count <= SENTENCE_WORDS and (not prose or alone) and (alone or count <= LABEL_WORDS or labelled)):
                return self._marked(block, kind, "line")
            return None
        if kind in LINE_KINDS and count <= LABEL_WORDS + 4 and not prose and (labelled or count <= 5 or any(c.isdigit() for c in rest)):
            return self._marked(block, kind, "line")
        if kind == "end_mark" and count <= 4:
            return self._marked(block, kind, "line")
        return None

    def _stands_out(self, block: TextBlock) -> bool:
        """Tell whether a block is set apart from the paragraphs: other element, all emphasis, or behind the last of them."""
        if block.emphasis > 0.9 or block.is_heading:
            return True
        paragraphs = [other for other in self.order if other is not block and is_paragraph(other)]
        if not paragraphs:
            return False
        kinds = {(other.place.tag, other.place.names) for other in paragraphs}
        return (block.place.tag, block.place.names) not in kinds or block.index > paragraphs[-1].index

    def _marked(self, block: TextBlock, kind: str, how: str) -> str | None:
        if kind == "source":
            return None if how != "label" else "phrase:source"  # a source line is the article's credit and stays
        self.kinds[block.index] = kind
        return f"phrase:{kind.replace('_', '-')}"

    def _dated(self, block: TextBlock) -> str | None:
        if block.weight > 120 or not any(char.isdigit() for char in block.text):
            return None
        share = spread(block.text, self.facts.languages)
        if share > 0.6 or (share > 0.25 and block.weight < 90 and not ends_sentence(block.text)):
            return "date-line"
        return None

    def _linked(self, block: TextBlock, key: str) -> str | None:
        if block.link_share > 0.7 and not (block.weight > 150 and ends_sentence(block.text) and block.link_share < 0.9):
            return "links"
        if key in self.elsewhere and not is_paragraph(block):
            return "other-headline"
        return None

    def _follow_markers(self) -> None:
        """Cut what a marker announces: links, other headlines and their teasers right after it."""
        open_kind: str | None = None
        before_cut = False
        for place, block in enumerate(self.order):
            rule = self.rules.get(block.index)
            if rule:
                kind = self.kinds.get(block.index)
                open_kind = kind if kind in LINK_KINDS else open_kind if rule in ("links", "other-headline", "caption") else None
                before_cut = kind in LINK_KINDS or rule in ("links", "other-headline")
                continue
            if block.index in self.facts.keep:
                continue
            if before_cut and trails_off(block.text) and not self._more_follows_as_prose(place, block):
                self.rules[block.index] = "teaser"
            elif open_kind and self._is_headline(block) and self._announces_teaser(place):
                self.rules[block.index] = f"after:{open_kind.replace('_', '-')}"
                before_cut = True
            else:
                open_kind, before_cut = None, False

    def _more_follows_as_prose(self, place: int, block: TextBlock) -> bool:
        return block.weight > 400

    def _is_headline(self, block: TextBlock) -> bool:
        return 15 <= block.weight <= MOST_HEADLINE and not (ends_sentence(block.text) and not trails_off(block.text) and block.weight > 120)

    def _announces_teaser(self, place: int) -> bool:
        """Tell whether a line after a marker is a headline by what follows: a teaser, something cut, or nothing."""
        block = self.order[place]
        if block.is_heading or block.link_share > 0.5:
            return True
        if place + 1 >= len(self.order):
            return not ends_sentence(block.text)
        after = self.order[place + 1]
        return (trails_off(after.text) or after.index in self.rules) and not ends_sentence(block.text)

    def _paragraphs_left(self) -> list[int]:
        return [place for place, block in enumerate(self.order) if block.index not in self.rules and is_paragraph(block)]

    def _cut_strays(self) -> None:
        """Cut short lines before the first and after the last paragraph: kickers, counters, labels, names."""
        full = self._paragraphs_left()
        if not full:
            return
        for place, block in enumerate(self.order):
            if block.index in self.rules or block.index in self.facts.keep or self._may_be_credit(place, full[-1]):
                continue
            outside = place < full[0] or place > full[-1]
            if block.weight < SHORT and not ends_sentence(block.text) and outside and self.body.reasons[block.index] != "lead":
                self.rules[block.index] = "stray"
            elif self._heads_nothing(place) and outside:
                self.rules[block.index] = "heading-of-nothing"

    def _may_be_credit(self, place: int, last: int) -> bool:
        block = self.order[place]
        folded = fold(block.text)
        book = self.facts.book
        named = any(part in book.agencies for part in (folded, *folded.split())) or any(
            frame.before and frame.filling(folded) for frame in book.credits
        )
        return place > last and (named or (WRAPPED.match(block.text) is not None and block.text.rstrip()[-1] in ")]\uff09\u3011"))

    def _heads_nothing(self, place: int) -> bool:
        block = self.order[place]
        if not block.is_heading or place < len(self.order) // 2:
            return False
        return all(after.index in self.rules for after in self.order[place + 1 :])

    def _cut_tail(self) -> None:
        """From the first marker after the last paragraph, cut to the end."""
        full = self._paragraphs_left()
        last = full[-1] if full else -1
        marker = None
        for place, block in enumerate(self.order):
            kind = self.kinds.get(block.index)
            if place > last and kind in TAIL_KINDS and marker is None:
                marker = kind
            elif marker and block.index not in self.rules and block.index not in self.facts.keep:
                self.rules[block.index] = f"tail:{marker.replace('_', '-')}"


def _leads_home(block: TextBlock, page: Page) -> bool:
    return bool(block.href) and page.url.rstrip("/").endswith((block.href or "").rstrip("/"))


def layout_only(blocks: Sequence[TextBlock]) -> bool:
    """Tell whether chosen blocks hold no paragraph at all: a list or a table of something, not an article."""
    return not any(is_paragraph(block) for block in blocks)


