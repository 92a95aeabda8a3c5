"""Which captures are to be extracted, and what comes of one: values only, so that whoever keeps need not extract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from archive.http import decoded
from archive.rows import CaptureRow

ARTICLE_REASONS = frozenset({"article", "add"})
"""Captures that may give an article. What was asked for as a front, section or feed page never does, whatever it looks
like: its text changes with every visit, and would be one article with endless versions."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
VAGUE_TYPES = frozenset(
    {"", "text/plain", "application/octet-stream", "application/xml", "text/xml", "unknown/unknown"}
)
"""What servers say of pages when they do not know: the first bytes decide."""

HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
SNIFFED = 1024
"""Bytes that the sign of HTML is looked for in, as in the WHATWG's MIME sniffing (1,445 at most)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One capture to derive."""

    capture_id: str
    url: str
    outlet: str
    file: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What the rules made of one capture, as it is stored."""

    capture_id: str
    rules: str
    outcome: str
    """article | not-article | error."""
    reason: str | None
    own_key: str
    claimed_key: str | None = None
    title_fold: str = ""
    text_digest: str = ""
    article: bytes | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A derivation, with the article's folded title and text for the search index."""

    derivation: Derivation
    words: tuple[str, str] = ("", "")


def may_show_article(row: CaptureRow, response: bytes) -> bool:
    """Tell whether a capture is to be extracted: an answer of 200 that is HTML, asked for as an article."""
    if row.status != 200 or row.why not in ARTICLE_REASONS:
        return False
    return row.mime in HTML_TYPES or (row.mime in VAGUE_TYPES and _looks_like_html(response))


def _looks_like_html(response: bytes) -> bool:
    start = decoded(response, SNIFFED).lower()
    return any(sign in start for sign in HTML_STARTS)
