"""What every reader needs first: a body unpacked within bounds, its charset, and what kind of thing it is."""

from __future__ import annotations

import codecs
import re
import zlib
from html.entities import html5
from typing import Literal

import chardet
from w3lib.encoding import http_content_type_encoding, resolve_encoding

Kind = Literal["empty", "html", "xml", "json", "text", "binary"]

UNPACKED = 64 << 20
"""Bytes that a gzipped body may unpack to: sitemaps.org allows 50 MB, the rest is room."""
SAMPLE = 1 << 16
"""Bytes that are looked at to tell what a body is."""
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SPOILT_SHARE = 0.02
"""A page that says UTF-8 and has a smaller share of spoilt non-ASCII characters is UTF-8 with a few cut ones."""

DECLARED = re.compile(
    rb"""<(?:meta\s[^>]{0,200}?charset|\?xml\s[^>]{0,100}?encoding)\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})""", re.I
)
META_CHARSET = re.compile(rb"<meta\s[^>]{0,200}?charset[^>]{0,100}>", re.I)
HTML_START = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|table|div|meta|title|p|h1)\b", re.I)
XML_START = re.compile(rb"<\?xml|<(?:[a-z0-9]+:)?(?:rss|feed|rdf|urlset|sitemapindex|channel)\b", re.I)
BARE_AMPERSAND = re.compile(rb"&(?!#[0-9]{1,7};|#x[0-9a-f]{1,6};|[a-z][a-z0-9]{1,31};)", re.I)
NAMED_ENTITY = re.compile(rb"&([a-zA-Z][a-zA-Z0-9]{1,31});")
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LONG = 3000
"""Bytes from one "<" to the next from which on a tag is looked at: shorter ones hold no flood."""
NO_TAG = re.compile(rb"(?:script|style)[\s>]|[^a-z]", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"""[\s/"'][^\s=<>"'/]""")
QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
QUOTED_END = re.compile(rb"""(=["'])>+""")
MAX_ATTRIBUTES = 400
"""libxml2 needs 0.1 ms for a tag of so many attributes and 16 s for one of 100,000: the cost grows with the square."""


def inflate(body: bytes, limit: int = UNPACKED) -> tuple[bytes, str]:
    """Unpack a body that is gzip by its magic number, whatever its type says.

    Returns the bytes and what was wrong: "" or one of `truncated` (the stream ends early), `too large` (cut at
    `limit`), `broken gzip`. A body that is no gzip comes back as it is, cut at `limit`.
    """
    if not body.startswith(b"\x1f\x8b"):
        return (body, "") if len(body) <= limit else (body[:limit], "too large")
    parts: list[bytes] = []
    room = limit
    while body.startswith(b"\x1f\x8b") and room > 0:
        unzip = zlib.decompressobj(wbits=31)
        try:
            piece = unzip.decompress(body, room)
        except zlib.error:
            return b"".join(parts), "broken gzip"
        parts.append(piece)
        room -= len(piece)
        if unzip.unconsumed_tail:
            return b"".join(parts), "too large"
        if not unzip.eof:
            return b"".join(parts), "truncated"
        body = unzip.unused_data.lstrip(b"\x00")
    return b"".join(parts), ""


def kind_of(body: bytes) -> Kind:
    """Tell what a body is by its first bytes; types that servers send are too often wrong to be asked."""
    head = body[:SAMPLE].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not head:
        return "empty"
    if head[:1] in b"{[":
        return "json"
    start = head.replace(b"\x00", b"")
    html, xml = HTML_START.search(start), XML_START.search(start)
    if (
        xml
        and (not html or xml.start() < html.start())
        and not (html and b"xhtml" in start[: html.end() + 200].lower())
    ):
        return "xml"
    if html:
        return "html"
    if start.startswith(b"<"):
        return "xml"
    controls = len(CONTROLS.findall(head[:1024]))
    return "binary" if controls * 20 > len(head[:1024]) else "text"


def charset(body: bytes, content_type: str | None = None) -> str:
    """Return the Python codec of a body: by BOM, strict UTF-8, what it declares if that fits, else by chardet."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return name
    if _is_utf8(body):
        return "utf-8"
    for name in declared(body, content_type):
        if name == "utf-8":
            if _spoilt_share(body) < SPOILT_SHARE:
                return name
        elif _decodes(body, name):
            return name
    found = chardet.detect(META_CHARSET.sub(b"", body[:SAMPLE]))["encoding"]
    return resolve_encoding(found or "") or "cp1252"


def declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the charsets that the header and then the body itself declare, as Python codecs that exist."""
    names = [http_content_type_encoding(content_type) if content_type else None]
    match = DECLARED.search(body[:4096])
    names.append(resolve_encoding(match[1].decode("ascii")) if match else None)
    return [name for name in names if name]


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return a body as text; what cannot be decoded becomes U+FFFD."""
    return body.decode(charset(body, content_type), "replace").removeprefix("\ufeff")


def ascii_compatible(body: bytes) -> bytes:
    """Return XML bytes in which markup is ASCII: UTF-16 and UTF-32, told by BOM or zeros, become UTF-8."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[3:] if name == "utf-8" else body.decode(name, "replace").encode()
    if body[:1] == b"\x00" or body[1:2] == b"\x00":
        return body.decode("utf-16-be" if body[:1] == b"\x00" else "utf-16-le", "replace").encode()
    return body


def mend_xml(body: bytes) -> bytes:
    """Make XML readable where publishers commonly break it: control characters, bare ampersands, HTML's entities.

    In CDATA sections, where an ampersand means itself, nothing but control characters changes.
    """
    body = CONTROLS.sub(b"", body)
    if b"&" not in body:
        return body
    first, *rest = body.split(b"<![CDATA[")
    pieces = [_escape(first)]
    for part in rest:
        inside, end, after = part.partition(b"]]>")
        pieces.append(inside + end + _escape(after))
    return b"<![CDATA[".join(pieces)


def without_floods(body: bytes) -> bytes:
    """Return markup in which no tag has attributes without number: such a tag keeps its name only."""
    pieces = body.split(b"<")
    long = [n for n, piece in enumerate(pieces) if len(piece) > LONG and not NO_TAG.match(piece)]
    for n in long:
        pieces[n] = _tamed(pieces[n])
    return b"<".join(pieces) if long else body


def _tamed(piece: bytes) -> bytes:
    if piece.count(b'=">') + piece.count(b"='>") > MAX_ATTRIBUTES:
        piece = QUOTED_END.sub(rb"\1", piece)  # values that hold ">" would make one tag look like many short ones
    tag, end, text = piece.partition(b">")
    if len(ATTRIBUTE.findall(QUOTED.sub(b'""', tag))) <= MAX_ATTRIBUTES:
        return piece
    return tag.split(maxsplit=1)[0][:40] + end + text


def _escape(body: bytes) -> bytes:
    return NAMED_ENTITY.sub(_numbered, BARE_AMPERSAND.sub(b"&#38;", body))


def _numbered(match: re.Match[bytes]) -> bytes:
    # numbers for XML's own names too: once a document is broken, libxml2 drops every `&amp;` that follows
    text = html5.get(match[1].decode("ascii") + ";")
    if text is None:
        return b"&#38;" + match[0][1:]
    return b"".join(b"&#%d;" % ord(character) for character in text)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(body) - 3 and error.reason == "unexpected end of data"
    return True


def _decodes(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _spoilt_share(body: bytes) -> float:
    text = body.decode("utf-8", "replace")
    strange = sum(1 for character in text if character > "\x7f")
    return text.count("\ufffd") / strange if strange else 0.0
