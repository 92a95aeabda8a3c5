"""The place in an original text where a query was found, with what matched marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice, pairwise
from typing import NamedTuple

from archive.search.fold import MARKS, PIECE, RUN, TERM_LIMIT, UNIT, letter, letters
from archive.search.query import Phrase, phrases

WIDTH = 160
"""Characters of a snippet when nobody says how many."""

LEAD = 3
"""The match stands after a third of the snippet: what led to it is seen, and more of what follows."""

SCAN_LIMIT = 200_000
"""Characters of a text that are looked through."""

ELLIPSIS = "…"

CHUNK = re.compile(r"\S+")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the original text; `hit` where it is what the query asked for."""

    text: str
    hit: bool = False


class _Term(NamedTuple):
    folded: str
    start: int
    end: int


class _Match(NamedTuple):
    start: int
    end: int
    phrase: Phrase


def snippet(text: str, query_text: str, width: int = WIDTH) -> tuple[Span, ...]:
    """Return about `width` characters of the text around the best place, in reading order whatever the direction.

    Line breaks become spaces; an ellipsis stands where text was left out. Without a match: the text's beginning.
    """
    text = text[:SCAN_LIMIT]
    matches = find(text, phrases(query_text))
    start, end = _window(text, matches, max(width, 1))
    return _cut(text, start, end, matches)


def mark(text: str, query_text: str) -> tuple[Span, ...]:
    """Return the whole text with what the query asked for marked: for titles."""
    return _cut(text, 0, len(text), find(text, phrases(query_text)))


def find(text: str, wanted: Sequence[Phrase]) -> list[_Match]:
    """Return where the phrases stand in the original text, in order, none over another."""
    if not wanted:
        return []
    terms = list(_terms(text))
    firsts = {p.terms[0] for p in wanted if len(p.terms) > 1 or not p.prefix}
    prefixes = tuple(p.terms[0] for p in wanted if len(p.terms) == 1 and p.prefix)
    matches: list[_Match] = []
    for at, term in enumerate(terms):
        if term.folded not in firsts and not (prefixes and term.folded.startswith(prefixes)):
            continue
        found = [p for p in wanted if _stands(p, terms, at)]
        if found:
            longest = max(found, key=lambda p: len(p.terms))
            last = terms[at + len(longest.terms) - 1]
            matches.append(_Match(term.start, last.end, longest))
    return _apart(matches)


def _stands(wanted: Phrase, terms: list[_Term], at: int) -> bool:
    if at + len(wanted.terms) > len(terms):
        return False
    *whole, last = wanted.terms
    if any(terms[at + n].folded != term for n, term in enumerate(whole)):
        return False
    there = terms[at + len(whole)].folded
    return there.startswith(last) if wanted.prefix else there == last


def _apart(matches: list[_Match]) -> list[_Match]:
    apart: list[_Match] = []
    for match in matches:
        if apart and match.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, match.end))
        else:
            apart.append(match)
    return apart


def _terms(text: str) -> Iterator[_Term]:
    """The terms of the index in their order, each with where it stands in the original."""
    for chunk in CHUNK.finditer(text):
        plain, single = _plain(chunk[0])
        if not plain:
            continue
        if single:
            yield _Term(plain[:TERM_LIMIT], *_trimmed(text, chunk.start(), chunk.end()))
        else:
            for start, end in _words(text, chunk.start(), chunk.end()):
                yield from _pieces(text[start:end], start)


@lru_cache(maxsize=1 << 15)
def _plain(word: str) -> tuple[str, bool]:
    """A word's letters, and whether they are one term. Texts repeat their words, so they are remembered."""
    plain = letters(word)
    return plain, " " not in plain and not RUN.search(plain)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while letter(text[start]).isspace():
        start += 1
    while letter(text[end - 1]).isspace():
        end -= 1
    return start, end


def _words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Parts of a chunk between what the fold makes spaces of (apostrophes, hyphens …)."""
    for parts, characters in groupby(range(start, end), key=lambda at: letter(text[at]).isspace()):
        if not parts:
            places = list(characters)
            yield places[0], places[-1] + 1


def _pieces(word: str, offset: int) -> Iterator[_Term]:
    plain, single = _plain(word)
    if single:
        if plain:
            yield _Term(plain[:TERM_LIMIT], offset, offset + len(word))
        return
    folded = [letter(character) for character in word]
    origin = [offset + at for at, plain in enumerate(folded) for _ in plain]
    joined = "".join(folded)
    stray = len(joined) - len(joined.lstrip(MARKS))
    for piece in PIECE.finditer(joined, stray):
        places = origin[piece.start() : piece.end()]
        if not RUN.match(piece[0]):
            yield _Term(piece[0][:TERM_LIMIT], places[0], places[-1] + 1)
            continue
        units = list(UNIT.finditer(piece[0]))
        for first, second in pairwise(units):
            yield _Term(first[0] + second[0], places[first.start()], places[second.end() - 1] + 1)
        for last in units[-1:]:
            yield _Term(last[0], places[last.start()], places[-1] + 1)


def _window(text: str, matches: list[_Match], width: int) -> tuple[int, int]:
    best, most = 0, -1
    for number, match in enumerate(matches):
        near = set()
        for other in islice(matches, number, None):
            if other.end > match.start + width:
                break
            near.add(other.phrase)
        if len(near) > most:
            best, most = match.start, len(near)
    start = max(0, min(best - width // LEAD, len(text) - width))
    end = min(len(text), start + width)
    return _at_word(text, start, best, forward=True), _at_word(text, end, end - width // LEAD, forward=False)


def _at_word(text: str, at: int, limit: int, *, forward: bool) -> int:
    """Move a cut that goes through a word to the word's edge, but not beyond `limit`: unspaced text has none."""
    if at in (0, len(text)) or text[at - 1].isspace() or text[at].isspace():
        return at
    edge = SPACES.search(text, at, max(at, limit)) if forward else None
    if edge:
        return edge.end()
    if not forward and (space := max(text.rfind(" ", limit, at), text.rfind("\n", limit, at))) >= 0:
        return space
    return at


def _cut(text: str, start: int, end: int, matches: list[_Match]) -> tuple[Span, ...]:
    spans, at = list[Span](), start
    if text[:start].strip():
        spans.append(Span(ELLIPSIS))
    for match in matches:
        if match.end <= start or match.start >= end:
            continue
        first, last = max(match.start, start), min(match.end, end)
        spans += [Span(text[at:first]), Span(text[first:last], hit=True)]
        at = last
    spans.append(Span(text[at:end]))
    if text[end:].strip():
        spans.append(Span(ELLIPSIS))
    tidy = (Span(SPACES.sub(" ", span.text), span.hit) for span in spans)
    return tuple(span for span in tidy if span.text)
