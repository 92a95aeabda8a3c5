"""Reads raw HTTP/1.x messages as they came over the wire: head, entity, decoded body. Never raises on any bytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import brotli
import zstandard

LIMIT = 64 << 20
"""Bytes that `decoded` gives at most: a body that unpacks to more is a bomb or no article."""

HEAD_END = re.compile(rb"\n\r?\n")
STATUS_LINE = re.compile(r"(HTTP/\d+(?:\.\d+)?)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.ASCII)
REQUEST_LINE = re.compile(r"\S+[ \t]+.*?[ \t](HTTP/\d+(?:\.\d+)?)", re.ASCII)
INTERIM_LINE = re.compile(rb"HTTP/1\.\d[ \t]+1(?!01)\d\d(?!\d)")
"""A 1xx status line. 101 (Switching Protocols) is no interim answer: nothing in HTTP/1.x follows it."""

CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
CHUNK_SIZE_CUT = re.compile(rb"[ \t]*[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\n]*)?\r?")
"""The same line, cut short by the end of what was received."""
CHUNK_END = re.compile(rb"\r?\n")

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
"""A frame, or a skippable frame before it (RFC 8878)."""
STEP = 1 << 16
"""Compressed bytes given to a decoder at once."""
ZSTD_STEP = 1 << 8
"""The same for zstd, which cannot be told how much to give: a step of this size unpacks to 8 MiB at most."""
ZSTD_WINDOW = 8 << 20
"""The largest window a zstd body may ask for (RFC 9659): it is memory that the sender would spend for us."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request or response. Text is latin-1, as HTTP/1.x defines it, so that no byte is lost."""

    start_line: str
    status: int | None
    """None for a request, or where the first line is no status line."""
    reason: str
    protocol: str
    """As written: `HTTP/1.1`; empty where the first line names none."""
    headers: tuple[tuple[str, str], ...]
    """In their order and case; folded lines joined by one space, lines without a colon left out."""
    length: int
    """Bytes of the head, blank line included."""

    def get(self, name: str) -> str | None:
        """Give the first value of a header, whatever its case."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)

    def all(self, name: str) -> list[str]:
        """Give every value of a header, whatever its case, in order."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]


def split_interim(raw: bytes) -> tuple[bytes, bytes]:
    """Part the 1xx answers before a response from the response itself; both parts together are `raw`."""
    at = 0
    while INTERIM_LINE.match(raw, at):
        end = HEAD_END.search(raw, at)
        at = end.end() if end else len(raw)
    return raw[:at], raw[at:]


def parse_head(raw: bytes) -> Head:
    """Read the head of a message. Without a blank line all of `raw` is head."""
    end = HEAD_END.search(raw)
    length = end.end() if end else len(raw)
    start_line, *lines = (line.removesuffix("\r") for line in raw[:length].decode("latin-1").split("\n"))
    status, reason, protocol = None, "", ""
    if found := STATUS_LINE.fullmatch(start_line.rstrip()):
        protocol, status, reason = found[1], int(found[2]), found[3] or ""
    elif found := REQUEST_LINE.fullmatch(start_line.rstrip()):
        protocol = found[1]
    return Head(start_line, status, reason, protocol, tuple(_headers(lines)), length)


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    name, value = "", list[str]()
    for line in lines:
        if line[:1] in {" ", "\t"}:
            value.append(line.strip(" \t"))
            continue
        if name:
            yield name, " ".join(value)
        name, colon, first = line.partition(":")
        name = name.rstrip(" \t") if colon else ""
        value = [first.strip(" \t")]
    if name:
        yield name, " ".join(value)


def media_type(head: Head) -> str:
    """Give the Content-Type without parameters, as written; empty where there is none."""
    return re.split(r"[;\s]", head.get("content-type") or "", maxsplit=1)[0]


def entity(raw: bytes) -> bytes:
    """Give the body without its chunks, content coding still on: what WARC calls the payload.

    A body that ends early gives what is there. A body that is announced as chunked and is not stands as it is. What
    comes after Content-Length bytes belongs to no entity and is cut.
    """
    return entity_of(raw, parse_head(raw))


def entity_of(raw: bytes, head: Head) -> bytes:
    """Give what `entity` gives, where the head has been read already."""
    if "chunked" in _codings(head, "transfer-encoding"):
        return _without_chunks(raw, head.length)
    length = (head.get("content-length") or "").split(",")[0].strip()
    if length.isascii() and length.isdigit() and len(length) < 20:
        return raw[head.length : head.length + int(length)]
    return raw[head.length :]


def _without_chunks(raw: bytes, at: int) -> bytes:
    start, parts = at, list[bytes]()
    while line := CHUNK_SIZE.match(raw, at):
        size = int(line[1], 16)
        if not size:
            return b"".join(parts)
        at = min(line.end() + size, len(raw))
        parts.append(raw[line.end() : at])
        if end := CHUNK_END.match(raw, at):
            at = end.end()
    if not parts and not CHUNK_SIZE_CUT.fullmatch(raw, start):
        return raw[start:]
    return b"".join(parts)


def decoded(raw: bytes, limit: int = LIMIT) -> bytes:
    """Give the body as its sender meant it: chunks and content codings (gzip, deflate, br, zstd, stacked) removed.

    A body that is cut short or broken gives what could be read; one that is not coded as announced, or in a coding that
    is not known, stands as it is. At most `limit` bytes.
    """
    head = parse_head(raw)
    codings = _codings(head, "content-encoding")
    codings += [coding for coding in _codings(head, "transfer-encoding") if coding != "chunked"]
    return decode(entity_of(raw, head), codings, limit)


def decode(body: bytes, codings: list[str], limit: int = LIMIT) -> bytes:
    """Take content codings off a body; `codings` in the order in which they were put on."""
    for coding in reversed(codings) if limit > 0 else ():
        if coding == "identity":
            continue
        decoder = DECODERS.get(coding)
        plain = decoder(body, limit) if decoder else None
        if plain is None:
            break
        body = plain
    return body[: max(limit, 0)]


def _codings(head: Head, header: str) -> list[str]:
    values = ",".join(head.all(header)).lower().split(",")
    return [value for value in (value.strip() for value in values) if value]


# Each decoder gives None where nothing at all could be read, so that the caller keeps the body as it came.


def _gzip(body: bytes, limit: int) -> bytes | None:
    if not body.startswith(GZIP_MAGIC):
        return None
    out, rest = bytearray(), body
    while rest.startswith(GZIP_MAGIC) and len(out) < limit:
        plain, rest, _ = _inflate(rest, zlib.MAX_WBITS | 16, limit - len(out))
        out += plain
    return bytes(out)


def _deflate(body: bytes, limit: int) -> bytes | None:
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # RFC 9110 means zlib; some servers send it bare
        plain, _, finished = _inflate(body, wbits, limit)
        if plain or finished:
            return plain
    return None


def _inflate(body: bytes, wbits: int, limit: int) -> tuple[bytes, bytes, bool]:
    """Give what could be inflated (at most `limit` bytes), what stands behind it, and whether it came to its end."""
    inflater, out = zlib.decompressobj(wbits), bytearray()
    for at in range(0, len(body), STEP):
        before = inflater.copy()
        try:
            out += inflater.decompress(body[at : at + STEP], limit - len(out))
        except zlib.error:
            return bytes(out + _bytewise(before, body[at : at + STEP], limit - len(out))), b"", False
        if inflater.eof:
            return bytes(out), inflater.unused_data + body[at + STEP :], True
        if len(out) >= limit:
            break
    return bytes(out), b"", False


def _bytewise(inflater: zlib._Decompress, piece: bytes, limit: int) -> bytes:
    """Inflate up to the broken byte: zlib throws away what it read before it within one call."""
    out = bytearray()
    for at in range(len(piece)):
        if len(out) >= limit:
            break
        try:
            out += inflater.decompress(piece[at : at + 1], limit - len(out))
        except zlib.error:
            break
    return bytes(out)


def _brotli(body: bytes, limit: int) -> bytes | None:
    decoder, out = brotli.Decompressor(), bytearray()
    for at in range(0, len(body), STEP):
        try:
            out += _brotli_step(decoder, body[at : at + STEP], limit - len(out))
        except brotli.error:
            return _brotli_bytewise(body, at, limit)
        if len(out) >= limit or decoder.is_finished():
            break
    return bytes(out[:limit]) if out or decoder.is_finished() else None


def _brotli_step(decoder: brotli.Decompressor, piece: bytes, limit: int) -> bytes:
    out = bytearray(decoder.process(piece, output_buffer_limit=limit))
    while len(out) < limit and not decoder.can_accept_more_data():
        if not (more := decoder.process(b"", output_buffer_limit=limit - len(out))):
            break
        out += more
    return bytes(out)


def _brotli_bytewise(body: bytes, broken_from: int, limit: int) -> bytes | None:
    """Decode again, up to the broken byte: brotli throws away what it read before it within one call."""
    decoder = brotli.Decompressor()
    out = bytearray(_brotli_step(decoder, body[:broken_from], limit))
    for at in range(broken_from, len(body)):
        if len(out) >= limit or decoder.is_finished():
            return bytes(out[:limit])
        try:
            out += _brotli_step(decoder, body[at : at + 1], limit - len(out))
        except brotli.error:
            break
    return bytes(out[:limit]) or None


def _zstd(body: bytes, limit: int) -> bytes | None:
    if not ZSTD_MAGIC.match(body):
        return None
    out, rest = bytearray(), body
    while ZSTD_MAGIC.match(rest) and len(out) < limit:
        frame = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
        try:
            for at in range(0, len(rest), ZSTD_STEP):
                out += frame.decompress(rest[at : at + ZSTD_STEP])
                if frame.eof or len(out) >= limit:
                    break
        except zstandard.ZstdError:
            break
        rest = frame.unused_data + rest[at + ZSTD_STEP :] if frame.eof else b""
    return bytes(out[:limit])


DECODERS: dict[str, Callable[[bytes, int], bytes | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
