"""One folding of letters for index and query, so that a word is found however it was typed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

FOLD = "1"
"""Version of the rules below. It is stored with the index; another version means indexing again."""

TERM_LIMIT = 100
"""Characters of a term. Longer ones are cut on both sides alike: PostgreSQL refuses lexemes over 2,046 bytes."""

# Letters that people type one for the other, or cannot type at all on their keyboard.
ALIKE = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىیېئۍے", "ي"),
    "ؤ": "و",
    **dict.fromkeys("ةۀەہھۃ", "ه"),
    "ک": "ك",
    "ګ": "گ",
    **dict.fromkeys("đð", "d"),
    "ł": "l",
    "ø": "o",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ħ": "h",
    "ŧ": "t",
}

WHOLE = frozenset("йї")
"""Letters of their own whose mark is not an accent: й is no и."""

APOSTROPHES = frozenset("\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u02ee\ua78b\ua78c")
"""Letters by category, but typed as often as the punctuation marks that look the same."""

# Invisible, or (tatweel) a mere stretch: gone, so that the word on both sides of them is one.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)

# Blocks whose marks are vowels and so part of the spelling: Thaana, Indic and South-East Asian, kana, Hangul.
MARKS_ARE_LETTERS = (
    (0x0780, 0x07BF),
    (0x0900, 0x11FF),
    (0x1700, 0x18AF),
    (0x1900, 0x1CFF),
    (0x3040, 0x30FF),
    (0xA800, 0xABFF),
    (0x11000, 0x11FFF),
)

# Written without spaces (or, Hangul, with particles grown on): Burmese, Hangul, Thai, Lao, Khmer, kana, bopomofo, Han.
UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003fffd"
)

MARKS = "".join(
    chr(code)
    for first, last in MARKS_ARE_LETTERS
    for code in range(first, last + 1)
    if unicodedata.category(chr(code)).startswith("M")
)

HAS_MARKS = re.compile("[\u0780-\U0010ffff]")
"""Where marks that are letters can be at all; without one of these a text is spared two rules."""

RUN = re.compile(rf"[{UNSPACED}]+")
PIECE = re.compile(rf"[{UNSPACED}]+|[^{UNSPACED}\s]+")

# A letter with its marks; Khmer coeng and Burmese virama also bind the letter that follows.
UNIT = re.compile(rf"[{UNSPACED}](?:[{MARKS}]|(?<=[\u17d2\u1039])[{UNSPACED}])*")


def _nasals() -> str:
    """Alternatives for a nasal with virama before a consonant of its own class, which is anusvara written out.

    The six scripts share one layout of 128 code points; each class is four consonants and their nasal.
    """
    alternatives = []
    for block in (0x0900, 0x0980, 0x0A80, 0x0B00, 0x0C00, 0x0C80):
        for first in (0x15, 0x1A, 0x1F, 0x24, 0x2A):
            consonants = f"{chr(block + first)}-{chr(block + first + 3)}"
            alternatives.append(f"{chr(block + first + 4)}{chr(block + 0x4D)}(?=[{consonants}])")
    return "|".join(alternatives)


NASAL = re.compile(_nasals())


class _Letters(dict[int, str]):
    """What each character becomes, worked out when first met: a letter's plain form, or a space."""

    def __missing__(self, code: int) -> str:
        # Case folding makes capitals of Cherokee, and PostgreSQL small letters: small it is.
        folded = "".join(map(_plain, chr(code).casefold().lower()))
        self[code] = folded
        return folded


_LETTERS = _Letters()


def _plain(character: str) -> str:
    if character in WHOLE:
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Me":
        return ""
    # Numerals that are no decimal digits (No) are words to one database and none to the other.
    if character in APOSTROPHES or category[0] not in "LNM" or category == "No":
        return " "
    if any(first <= ord(character) <= last for first, last in MARKS_ARE_LETTERS):
        return character
    if 0xAC00 <= ord(character) <= 0xD7FF:
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(ALIKE.get(c, c) for c in decomposed if unicodedata.category(c) != "Mn")


def fold(text: str) -> str:
    """Return the index form of a text: folded terms parted by single spaces.

    Scripts written without spaces become overlapping pairs, and the last letter of a run stands once more alone, so
    that a query of that one letter (a prefix) finds it. Terms hold letters, digits and vowel signs only.
    """
    plain = letters(text)
    if RUN.search(plain):
        plain = RUN.sub(lambda run: f" {' '.join(pairs(run[0]))} ", plain)
    terms = plain.split()
    if terms and len(max(terms, key=len)) > TERM_LIMIT:
        terms = [term[:TERM_LIMIT] for term in terms]
    return " ".join(terms)


def letters(text: str) -> str:
    """Return the text with its letters folded, words parted by single spaces, runs left whole. Folding twice = once."""
    if text.isascii():
        return " ".join(text.translate(_LETTERS).split())
    plain = unicodedata.normalize("NFKC", UNSEEN.sub("", text)).translate(_LETTERS)
    plain = unicodedata.normalize("NFC", plain)
    words = plain.split()
    if HAS_MARKS.search(plain):
        # A mark with no letter before it: no two engines agree on where such a word starts.
        words = NASAL.sub(_anusvara, " ".join(word.lstrip(MARKS) for word in words)).split()
    return " ".join(words)


def _anusvara(nasal: re.Match[str]) -> str:
    return chr((ord(nasal[0][0]) & ~0x7F) + 2)


@lru_cache(maxsize=1 << 14)
def letter(character: str) -> str:
    """Return what one character alone becomes: a space where it parts words, nothing where it is invisible."""
    return unicodedata.normalize("NFKC", UNSEEN.sub("", character)).translate(_LETTERS)


def pairs(run: str) -> list[str]:
    """Return the overlapping pairs of an unspaced run, and its last letter."""
    units = list(run) if run.isalpha() else UNIT.findall(run)
    return [first + second for first, second in pairwise(units)] + units[-1:]
