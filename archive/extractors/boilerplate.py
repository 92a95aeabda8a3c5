"""Cutting what is not the article from the blocks that were chosen: each cut has a named rule.

A rule looks at the text, at where it stands and at what is linked. A phrase alone never cuts a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from archive.extractors.blocks import Place, TextBlock
from archive.extractors.body import TABLE_TAGS, Body, is_paragraph
from archive.extractors.credit import is_credit
from archive.extractors.dates import spread
from archive.extractors.markup import ASIDE_TAGS, CAPTION_TAGS, junk_word
from archive.extractors.page import Page
from archive.extractors.phrases import Phrasebook
from archive.extractors.text import UNSEGMENTED, ends_sentence, fold, squeeze, trails_off, words
from settings.language import Language

TAIL_KINDS = frozenset(
    [
        "see_also",
        "read_also",
        "related",
        "most_read",
        "comments",
        "comments_closed",
        "comments_closed_on",
        "share",
        "tags",
        "follow",
        "newsletter",
        "previous_next",
        "print",
    ]
)
"""After a line of these, where no paragraph of the article follows, nothing does."""
LINK_KINDS = frozenset(["see_also", "read_also", "related", "most_read", "previous_next", "tags"])
"""Lines of these lead to other articles: what is linked right after them goes with them."""
SENTENCE_KINDS = frozenset(
    ["newsletter", "follow", "share", "comments", "comments_closed", "copyright", "advertisement", "print"]
)
"""These are sentences of their own ("Subscribe to our newsletter to …"), not labels before something."""
LINE_KINDS = frozenset(["published_at", "updated_at", "reading_time", "views", "photo", "by"])
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
MOST_TEASER = 500
GUARD = 0.4
"""Places of one name that hold more of the chosen text than this are the article itself, whatever they are called."""


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
        # Text that waits for a script to be shown is the article's where most of it waits.
        self.trust_hidden = sum(block.weight for block in self.order if block.place.hidden) <= GUARD * self.total
        self.title = squeeze(facts.title or "")
        self.authors = {squeeze(name) for name in facts.authors}
        self.elsewhere = {
            squeeze(block.text)
            for block in page.blocks
            if block.link_share > 0.9
            and LEAST_HEADLINE <= block.weight <= MOST_HEADLINE
            and not _leads_home(block, page)
        } - {self.title}
        self.places: dict[int, str] = self._named_places()
        paragraphs = [block for block in self.order if is_paragraph(block)]
        self.set_as = Counter((block.place.tag, block.place.names) for block in paragraphs)
        """How the paragraphs are set: tag and names of their elements."""
        self.set_in = {(block.place.tag, block.place.names, block.place.parent) for block in paragraphs}
        self.last_paragraph = paragraphs[-1].index if paragraphs else -1

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
        found: dict[int, str] = {}
        weights: dict[str, int] = {}
        for block in self.order:
            word = self._telling(block.place)
            if word:
                found[block.index] = word
                weights[word] = weights.get(word, 0) + block.weight
        return {index: f"place:{word}" for index, word in found.items() if weights[word] <= GUARD * self.total}

    def _telling(self, place: Place) -> str | None:
        for near in place.chain():
            if near is self.body.container:
                return None
            if word := near.tag if near.tag in ASIDE_TAGS else junk_word(near.names):
                return word
        return None

    def _alone(self, block: TextBlock) -> str | None:
        """Return the rule that cuts a block whatever its neighbours are, or None."""
        facts = self.facts
        if block.index in facts.cut:
            return "outlet"
        key = squeeze(block.text)
        if key in facts.repeated:
            return "template"
        if block.place.hidden and self.trust_hidden:
            return "hidden"
        if block.index in self.places:
            return self.places[block.index]
        if block.place.within(CAPTION_TAGS) and not block.place.within(TABLE_TAGS):
            return "caption"
        if self.title and (
            key == self.title or (block.weight > 20 and block.weight < MOST_HEADLINE and key in self.title)
        ):
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
        if block.weight < MOST_TEASER and (framed := self._framed(block, folded)):
            return self._marked(block, framed, "frame")
        if RIGHTS.search(block.text) and block.weight < 260:
            return self._marked(block, "copyright", "sign")
        if opened := book.opening(folded):
            return self._opened(block, folded, *opened)
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

    def _opened(self, block: TextBlock, folded: str, kind: str, rest: str) -> str | None:
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
            # One word ("Share", "Advertisement") begins many a sentence; a phrase of several seldom does.
            plain = not prose or (alone and _says_much(folded, rest))
            if linked or (count <= SENTENCE_WORDS and plain and (alone or count <= LABEL_WORDS or labelled)):
                return self._marked(block, kind, "line")
            return None
        if (
            kind in LINE_KINDS
            and count <= LABEL_WORDS + 4
            and not prose
            and (labelled or count <= 5 or any(c.isdigit() for c in rest))
        ):
            return self._marked(block, kind, "line")
        if kind == "end_mark" and count <= 4:
            return self._marked(block, kind, "line")
        return None

    def _stands_out(self, block: TextBlock) -> bool:
        """Tell whether a block is set apart from the paragraphs: other element, all emphasis, or behind them all."""
        if block.emphasis > 0.9 or block.is_heading:
            return True
        own = 1 if is_paragraph(block) else 0
        if sum(self.set_as.values()) <= own:
            return False
        return self.set_as[block.place.tag, block.place.names] <= own or block.index > self.last_paragraph

    def _marked(self, block: TextBlock, kind: str, how: str) -> str | None:
        if kind == "source":
            return None if how != "label" else "phrase:source"  # a source line is the article's credit and stays
        self.kinds[block.index] = kind
        return f"phrase:{kind.replace('_', '-')}"

    def _dated(self, block: TextBlock) -> str | None:
        if block.weight > 120 or is_paragraph(block) or not any(char.isdigit() for char in block.text):
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
                open_kind = (
                    kind
                    if kind in LINK_KINDS
                    else open_kind
                    if rule in ("links", "other-headline", "caption")
                    else None
                )
                before_cut = kind in LINK_KINDS or rule in ("links", "other-headline")
                continue
            if block.index in self.facts.keep:
                continue
            if trails_off(block.text) and block.weight <= MOST_TEASER and (before_cut or self._under_link(block)):
                self.rules[block.index] = "teaser"
            elif open_kind and self._is_headline(block) and self._announces_teaser(place):
                self.rules[block.index] = f"after:{open_kind.replace('_', '-')}"
                before_cut = True
            else:
                open_kind, before_cut = None, False

    def _under_link(self, block: TextBlock) -> bool:
        """Tell whether the page has a linked headline right before a block, chosen or not."""
        above = self.page.blocks[block.index - 1] if block.index else None
        return above is not None and above.link_share > 0.7 and above.weight >= LEAST_HEADLINE

    def _is_headline(self, block: TextBlock) -> bool:
        return 15 <= block.weight <= MOST_HEADLINE and not (
            ends_sentence(block.text) and not trails_off(block.text) and block.weight > 120
        )

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
        return [
            place for place, block in enumerate(self.order) if block.index not in self.rules and is_paragraph(block)
        ]

    def _cut_strays(self) -> None:
        """Cut short lines before the first and after the last paragraph: kickers, counters, labels, names."""
        full = self._paragraphs_left()
        if not full:
            return
        for place, block in enumerate(self.order):
            if block.index in self.rules or block.index in self.facts.keep or self._may_be_credit(place, full[-1]):
                continue
            outside = place < full[0] or place > full[-1]
            if (
                block.weight < SHORT
                and not ends_sentence(block.text)
                and outside
                and self.body.reasons[block.index] != "lead"
            ):
                self.rules[block.index] = "stray"
            elif self._heads_nothing(place) and outside:
                self.rules[block.index] = "heading-of-nothing"

    def _may_be_credit(self, place: int, last: int) -> bool:
        block = self.order[place]
        wrapped = WRAPPED.match(block.text) is not None and block.text.rstrip()[-1] in ")]\uff09\u3011"
        return place > last and (wrapped or is_credit(block.text, self.facts.book))

    def _heads_nothing(self, place: int) -> bool:
        block = self.order[place]
        if not block.is_heading or place < len(self.order) // 2:
            return False
        return all(after.index in self.rules for after in self.order[place + 1 :])

    def _cut_tail(self) -> None:
        """From the first marker after the last paragraph, cut to the end. A marker that was not chosen counts too."""
        full = self._paragraphs_left()
        last = self.order[full[-1]].index if full else -1
        chosen = {block.index: block for block in self.order}
        marker = None
        for block in self.page.blocks[last + 1 : self.order[-1].index + 1 if self.order else 0]:
            if marker is None:
                marker = self._ends_article(block)
            elif block.index in chosen and block.index not in self.rules and block.index not in self.facts.keep:
                if marker in LINK_KINDS and self._is_last_word(block):
                    marker = None  # the text goes on behind a link in its midst
                else:
                    self.rules[block.index] = f"tail:{marker.replace('_', '-')}"

    def _ends_article(self, block: TextBlock) -> str | None:
        kind = self.kinds.get(block.index)
        if kind is None and block.index not in self.body.reasons and block.weight <= 60:
            kind = self.facts.book.only_labels(fold(block.text))
        return kind if kind in TAIL_KINDS else None

    def _is_last_word(self, block: TextBlock) -> bool:
        """Tell whether a short line is a sentence set as the paragraphs are, in the same element."""
        same = (block.place.tag, block.place.names, block.place.parent) in self.set_in
        return same and block.link_share < 0.3 and ends_sentence(block.text) and not trails_off(block.text)


def _says_much(folded: str, rest: str) -> bool:
    """Tell whether the phrase that a line begins with has several words."""
    phrase = folded.removesuffix(rest).strip()
    return len(phrase) >= (5 if UNSEGMENTED.match(phrase) else 12 if " " in phrase else 99)


def _leads_home(block: TextBlock, page: Page) -> bool:
    """Tell whether a block links to its own page: to a place in it, as a table of contents does, or to itself."""
    address, _, place = (block.href or "").partition("#")
    return bool(place and not address) or (
        bool(address.strip("/")) and page.url.rstrip("/").endswith(address.rstrip("/"))
    )
