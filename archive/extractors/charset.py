"""Bytes to text: the charset that was used, whatever was declared."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
IN_PAGE = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
IN_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)", re.IGNORECASE)
DECLARATION = re.compile(
    rb"(<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*|<\?xml[^>]{0,100}?encoding\s*=\s*[\"'])[A-Za-z0-9_.:-]+", re.I
)
"""A detector believes what stands here, so it is masked."""
HEAD = 8192
"""Bytes at the start of a page in which a declaration counts (browsers read 1024; sites are less careful)."""
RATED = 40_000
"""Characters of a reading that are rated."""
SAMPLE = 200_000
"""Bytes that the detector sees; more told nothing new on the pages measured."""

LEAST_CONFIDENCE = 0.1
"""Under this the detector is guessing: a few bad bytes made it rule the right charset out."""
DOUBLE_BYTE = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")

LABELS = {
    "windows-1252": "ascii us-ascii iso-8859-1 latin-1 latin1 iso8859-1",
    "windows-1254": "iso-8859-9",
    "gb18030": "gb2312 gbk gb-2312 hz-gb-2312 x-gbk",
    "cp932": "shift_jis shift-jis sjis x-sjis",
    "cp949": "euc-kr ks_c_5601-1987",
    "cp874": "tis-620 iso-8859-11 windows-874",
    "big5hkscs": "big5 big5-hkscs x-x-big5",
    "utf-8": "utf8",
    "utf-16-le": "unicode",
}
"""Python's names of the charsets that browsers read under other labels (encoding.spec.whatwg.org)."""
WHATWG = {label: name for name, labels in LABELS.items() for label in labels.split()}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text, the charset that was used, and the one that was declared (as it was written)."""

    text: str
    used: str
    declared: str | None


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Read a page's bytes as text. Never raises: what cannot be read becomes U+FFFD."""
    declared = _declared(body, content_type)
    for mark, name in BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), name, declared)
    for name in _signed(body):
        try:
            return Decoded(body.decode(name), name, declared)
        except UnicodeDecodeError:
            continue
    lenient = body.decode("utf-8", "replace")
    if _is_damaged_utf8(lenient):
        return Decoded(lenient, "utf-8", declared)
    return _detected(body, declared)


def canonical(label: str | None) -> str | None:
    """Return Python's name of a declared charset, as browsers understand the label; None if there is none."""
    name = (label or "").strip().lower()
    name = WHATWG.get(name, name)
    try:
        return name if name and codecs.lookup(name)._is_text_encoding else None
    except (LookupError, ValueError):
        return None


def _declared(body: bytes, content_type: str | None) -> str | None:
    if match := IN_HEADER.search(content_type or ""):
        return match.group(1)
    head = body[:HEAD]
    found = IN_PAGE.search(head) or IN_XML.search(head)
    return found.group(1).decode("ascii") if found else None


def _signed(body: bytes) -> tuple[str, ...]:
    """Charsets that show themselves: UTF-16 by its zero bytes, iso-2022-jp by its escapes, UTF-8 by being valid."""
    head = body[:2000]
    if head.count(0) > len(head) // 10:
        return ("utf-16-le", "utf-8") if head[1::2].count(0) > head[::2].count(0) else ("utf-16-be", "utf-8")
    if b"\x1b$" in body and body.isascii():
        return ("iso2022_jp_2", "utf-8")
    return ("utf-8",)


def _is_damaged_utf8(text: str) -> bool:
    # A legacy charset has next to no valid UTF-8 sequences; a UTF-8 page with a few bad bytes has mostly those.
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > 4 * bad


def _detected(body: bytes, declared: str | None) -> Decoded:
    import chardet

    masked = DECLARATION.sub(rb"\1", body[:HEAD]) + body[HEAD:SAMPLE]
    found = chardet.detect(masked)
    guess = canonical(found.get("encoding"))
    doubtful = DOUBLE_BYTE if (found.get("confidence") or 0) < LEAST_CONFIDENCE else ()
    candidates = [name for name in dict.fromkeys((guess, canonical(declared), *doubtful)) if name]
    readings = [(body.decode(name, "replace"), name) for name in candidates] or [
        (body.decode("windows-1252", "replace"), "windows-1252")
    ]
    # Rounded, so that the detector, who comes first, keeps its word unless it is clearly worse.
    text, used = max(
        readings, key=lambda reading: round(_merit(reading[0][:RATED]), 1)
    )  # the detector, unless clearly worse
    return Decoded(text, used, declared)


def _merit(text: str) -> float:
    """Rate a reading from 0 to 1 and far below: letters beyond ASCII speak for it, what no page prints against it.

    By share, not by count: a wrong single-byte reading has twice the characters of a right double-byte one.
    """
    merit = seen = 0
    for char in text:
        if char > "\x7f":
            kind = unicodedata.category(char)
            seen += 1
            merit += 1 if kind[0] == "L" else -5 if kind in ("Cc", "Co", "Cn") or char == "\ufffd" else 0
    return merit / seen if seen else 1.0
