"""Text as it is stored (settled, nothing lost that spelling needs) and as phrases are compared (folded)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff\u00ad\ufeff]")
"""What no text needs: controls, lone surrogates, non-characters, soft hyphens, byte order marks."""
SPACES = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+|(?<=\s)\s+")
"""Runs of blanks become one. A single no-break or ideographic space is the author's and stays."""
MARKS_AT_ENDS = re.compile("^[\u200e\u200f\u061c]+|[\u200e\u200f\u061c]+$")
EMBEDDING = re.compile("[\u202a-\u202e\u2066-\u2069]")
OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"} | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)
SENTENCE_END = re.compile(
    "[.!?\u2026\u061f\u06d4\u0964\u0965\u3002\uff01\uff1f\uff0e\u1362\u104b\u17d4\u0589\u037e\uff61]"
    "[\"'\u2019\u201d\u201c\u00bb\u00ab\u300d\u300f\\])\uff09\u200e\u200f ]*$"
)
"""A sentence's last mark, in any script, with what may close behind it."""
ELLIPSIS = re.compile(r"(?:\u2026|\.{2,}|\u3002{2,})[\s\])\u3011\u00bb\u201d]*$")
UNSEGMENTED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""Letters of scripts that put no spaces between words."""
WORD = re.compile(rf"{UNSEGMENTED.pattern}|[^\W_]+")

LETTERS = {
    **dict.fromkeys("\u0623\u0625\u0622\u0671", "\u0627"),
    **dict.fromkeys("\u0649\u06cc\u0626\u06cd\u06d2\u06d0", "\u064a"),
    **dict.fromkeys("\u0629\u06c0\u06d5\u06c1\u06be\u06c3", "\u0647"),
    "\u0624": "\u0648",
    "\u06a9": "\u0643",
    "\u06ab": "\u06af",
    "\u0131": "i",
    "\u0142": "l",
    "\u0111": "d",
    "\u00f8": "o",
}
"""Letters that one language spells in several ways: Arabic alef, yeh and heh, Latin letters with strokes."""


class _Folding(dict[int, str]):
    """What becomes of each character, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = unicodedata.category(char)
        if char in LETTERS:
            folded = LETTERS[char]
        elif kind in ("Cf", "Cs", "Co", "Cn") or char == "\u0640" or is_accent(code, kind):
            folded = ""
        elif kind == "Nd":
            folded = str(unicodedata.decimal(char))
        elif kind[0] in "PSZC":
            folded = " "
        else:
            folded = char
        self[code] = folded
        return folded


FOLDING = _Folding()


def is_accent(code: int, kind: str) -> bool:
    """Tell whether a character is an ornament of the letter before it, which comparing leaves out."""
    # Marks of Indic and South-East Asian scripts (U+0900 to U+11FF, U+1780 on) are vowels, not ornaments.
    return kind == "Mn" and not (0x0900 <= code <= 0x11FF or 0x1780 <= code <= 0x17FF)


def settle(text: str) -> str:
    """Return text as it is stored: NFC, joiners kept, blanks settled, controls and soft hyphens gone."""
    text = CONTROLS.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if EMBEDDING.search(text):
            text = balance(text)
    text = SPACES.sub(" ", text).strip()
    return MARKS_AT_ENDS.sub("", text).strip()


def balance(text: str) -> str:
    """Return text without the bidirectional embeddings and isolates that are not closed, or close nothing."""
    keep, waiting = set[int](), list[tuple[str, int]]()
    for match in EMBEDDING.finditer(text):
        if closer := OPENERS.get(match.group()):
            waiting.append((closer, match.start()))
        elif waiting and waiting[-1][0] == match.group():
            keep |= {waiting.pop()[1], match.start()}
    return "".join(char for place, char in enumerate(text) if place in keep or not EMBEDDING.match(char))


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return text as it is compared: letters and digits only, one spelling for each, words parted by one space."""
    text = text.casefold() if text.isascii() else unicodedata.normalize("NFKD", text.casefold())
    text = text.translate(FOLDING)
    return " ".join(unicodedata.normalize("NFC", text).split())


def squeeze(text: str) -> str:
    """Return folded text without its spaces: equal whatever broke the line."""
    return fold(text).replace(" ", "")


def words(text: str) -> int:
    """Count words; in scripts without spaces two letters count as one word."""
    if text.isascii():
        return len(text.split())
    letters = len(UNSEGMENTED.findall(text))
    return len(UNSEGMENTED.sub(" ", text).split()) + (letters + 1) // 2


def weight(text: str) -> int:
    """Return the length of a text in letters of an alphabet; a letter of an unsegmented script weighs as two."""
    return len(text) if text.isascii() else len(text) + len(UNSEGMENTED.findall(text))


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends as a sentence does."""
    return SENTENCE_END.search(text[-12:]) is not None


def trails_off(text: str) -> bool:
    """Tell whether a text ends in an ellipsis, as teasers do."""
    return ELLIPSIS.search(text[-12:]) is not None
