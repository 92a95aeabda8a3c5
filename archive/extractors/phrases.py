"""What a line says by itself: the languages' phrases, folded, ready to be looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.extractors.text import UNSEGMENTED, fold
from settings.language import Language, phrase_classes

DIGITS = re.compile(r"\d+")
HOLE = "%s"


@dataclass(frozen=True, slots=True)
class Frame:
    """A phrase with a hole: what stands before and after it, folded."""

    kind: str
    before: str
    after: str

    def filling(self, folded: str) -> str | None:
        """Return what stands in the hole of a folded line, or None if the line does not fit."""
        if len(folded) <= len(self.before) + len(self.after):
            return None
        if not (folded.startswith(self.before) and folded.endswith(self.after)):
            return None
        inner = folded[len(self.before) : len(folded) - len(self.after)]
        loose = not (self.before and _runs_on(self.before[-1])) and not (self.after and _runs_on(self.after[0]))
        fits = (not self.before or inner.startswith(" ")) and (not self.after or inner.endswith(" "))
        return inner.strip() if fits or not loose else None


@dataclass(frozen=True, slots=True, eq=False)
class Phrasebook:
    """The phrases of some languages together."""

    labels: dict[str, str]
    """Folded phrase to its class."""
    frames: tuple[Frame, ...]
    credits: tuple[Frame, ...]
    agencies: frozenset[str]
    desks: frozenset[str]
    openings: dict[str, tuple[str, ...]]
    """Folded phrases, longest first, by their first word; those of scripts without spaces by their first letter."""

    def label(self, folded: str) -> str | None:
        """Return the class of a line that is a phrase and nothing else, counters aside; or None."""
        if kind := self.labels.get(folded):
            return kind
        bare = " ".join(DIGITS.sub(" ", folded).split()) if DIGITS.search(folded) else folded
        return self.labels.get(bare)

    def only_labels(self, folded: str) -> str | None:
        """Return the class of the first phrase of a line that is made of phrases only ("Share | Print"); or None."""
        if kind := self.label(folded):
            return kind
        first, rest = None, folded
        for _ in range(12):
            found = self.opening(rest)
            if found is None:
                return None
            first, rest = first or found[0], found[1].lstrip("0123456789 ")
            if not rest:
                return first
        return None

    def opening(self, folded: str) -> tuple[str, str] | None:
        """Return the class of the longest phrase that a line begins with, and the rest of the line; or None."""
        word = folded.partition(" ")[0]
        for label in (*self.openings.get(word, ()), *(self.openings.get(folded[:1], ()) if word != folded[:1] else ())):
            if folded.startswith(label) and (
                len(folded) == len(label) or folded[len(label)] == " " or _runs_on(label[-1])
            ):
                return self.labels[label], folded[len(label) :].strip()
        return None

    def framed(self, folded: str) -> tuple[str, str] | None:
        """Return the class of a phrase with a hole that a line fits, and what fills the hole; or None."""
        for frame in self.frames:
            filling = frame.filling(folded)
            if filling:
                return frame.kind, filling
        return None


@lru_cache(maxsize=64)
def phrasebook(languages: tuple[Language, ...]) -> Phrasebook:
    """Return the phrases of some languages, the first ones ruling where two languages use one phrase differently."""
    labels: dict[str, str] = {}
    frames: list[Frame] = []
    for language in languages:
        for kind in phrase_classes():
            for phrase in getattr(language.phrases, kind):
                if HOLE in phrase:
                    frames.append(_frame(kind, phrase))
                elif folded := fold(phrase):
                    labels.setdefault(folded, kind)
    return Phrasebook(
        labels,
        tuple(frames),
        tuple(_frame("credit", pattern) for language in languages for pattern in language.credits.patterns),
        frozenset(fold(name) for language in languages for name in language.credits.agencies),
        frozenset(fold(name) for language in languages for name in language.credits.desks),
        _openings(labels),
    )


def _frame(kind: str, phrase: str) -> Frame:
    before, _, after = phrase.partition(HOLE)
    return Frame(kind, fold(before), fold(after))


def _openings(labels: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for label in sorted(labels, key=lambda label: (-len(label), label)):
        found.setdefault(label[0] if _runs_on(label[0]) else label.partition(" ")[0], []).append(label)
    return {first: tuple(group) for first, group in found.items()}


def _runs_on(letter: str) -> bool:
    return UNSEGMENTED.match(letter) is not None
