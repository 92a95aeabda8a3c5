"""Who an article was taken from: agency and source lines, kept in the text and told apart as metadata."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.extractors.phrases import Phrasebook
from archive.extractors.text import fold, words

BRACKETS = " \t()[]{}\uff08\uff09\u3010\u3011<>/*\u2013\u2014-\u2022."
LAST_BRACKET = re.compile(
    r"[(\uff08\[\u3010/]\s*([^()\uff08\uff09\[\]\u3010\u3011/]{2,60}?)\s*[)\uff09\]\u3011/]\s*[.\u3002]?\s*$"
)
DATELINE = re.compile(r"^.{0,60}?[(\uff08\[\u3010]\s*([^()\uff08\uff09\[\]\u3010\u3011]{2,30})\s*[)\uff09\]\u3011]")
MOST_WORDS = 9
LAST_LINES = 3


def credit_of(lines: Sequence[str], book: Phrasebook, author_agency: str | None = None) -> str | None:
    """Return the credit of an article's lines without the brackets around it, or None."""
    for line in reversed(lines[-LAST_LINES:]):
        if is_credit(line, book):
            return line.strip(BRACKETS)
    for line in reversed(lines[-LAST_LINES:]):
        if (match := LAST_BRACKET.search(line)) and (_is_agency(match[1], book) or is_credit(match[1], book)):
            return match[1].strip(BRACKETS)
    if lines and (match := DATELINE.match(lines[0])) and _is_agency(match[1], book):
        return match[1].strip(BRACKETS)
    return author_agency


def is_credit(line: str, book: Phrasebook) -> bool:
    """Tell whether a short line is a credit: a source's words with a name, or an agency and no more."""
    if words(line) > MOST_WORDS:
        return False
    if _is_agency(line, book):
        return True
    folded = fold(line)
    for frame in book.credits:
        filling = frame.filling(folded)
        if not filling:
            continue
        # A hole with nothing around it takes anything: only an agency may fill it.
        if frame.before or frame.after:
            return True
        if filling in book.agencies:
            return True
    return False


def _is_agency(text: str, book: Phrasebook) -> bool:
    parts = [fold(part) for part in re.split(r"[,/&+=\u060c\u3001-]|\s[-\u2013]\s", text)]
    return any(part in book.agencies for part in (*parts, fold(text)))
