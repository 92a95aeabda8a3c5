"""Archived bytes as text, in the charset they were meant in as far as that can be told."""

from __future__ import annotations

from typing import Final

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

FALLBACK: Final = "cp1252"
"""What browsers take where nothing is declared, in most of the world."""

GUESS_BYTES: Final = 64 << 10
"""How much of a page is looked at to guess its charset."""


def read(body: bytes, content_type: str | None) -> str:
    """Decode a page or style sheet. Never raises: what cannot be read becomes U+FFFD.

    Byte-order mark first, then Content-Type, then what the document says of itself; a declaration that the bytes
    contradict is passed over.
    """
    marked, mark = read_bom(body)
    if marked and mark:
        return body[len(mark) :].decode(marked, "replace")
    declared = [http_content_type_encoding(content_type) if content_type else None, html_body_declared_encoding(body)]
    candidates = [name for name in (*declared, "utf-8") if name]
    for name in candidates:
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return _guessed(body, next(iter(name for name in declared if name), None))


def _guessed(body: bytes, declared: str | None) -> str:
    import chardet

    guess = chardet.detect(body[:GUESS_BYTES])["encoding"]
    name = resolve_encoding(guess) if guess else None
    # A few broken bytes in a page of the declared charset are commoner than a wrong declaration.
    if declared and body.decode(declared, "replace").count("\ufffd") <= len(body) / 1000:
        name = declared
    return body.decode(name or declared or FALLBACK, "replace")
