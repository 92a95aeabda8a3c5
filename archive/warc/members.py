"""Gzip members: one record each, packed and unpacked in memory."""

from __future__ import annotations

import importlib
import os
import zlib
from collections.abc import Callable
from typing import Any

from archive.errors import Damaged

MAGIC = b"\x1f\x8b\x08"
LIMIT = 160 << 20
"""Bytes of one unpacked record: twice the largest capture that a site may allow, far below a bomb."""
WINDOW = 64 << 10
"""Bytes read at once; a member of a page has about 20,000."""


def _packer() -> Callable[[bytes], bytes]:
    """Choose the deflate to write with, the best that is there. All make standard gzip; docs/warc.md has figures."""
    for name, choose in (("deflate", _libdeflate), ("isal.isal_zlib", _stream(3)), ("zlib", _stream(4))):
        try:
            return choose(importlib.import_module(name))
        except ImportError:
            continue
    raise AssertionError("zlib is part of Python")


def _libdeflate(library: Any) -> Callable[[bytes], bytes]:
    return lambda data: bytes(library.gzip_compress(data, 5))


def _stream(level: int) -> Callable[[Any], Callable[[bytes], bytes]]:
    def choose(library: Any) -> Callable[[bytes], bytes]:
        def pack(data: bytes) -> bytes:
            packer = library.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS | 16)
            return bytes(packer.compress(data) + packer.flush())

        return pack

    return choose


def _unpacker() -> Any:
    """Choose the inflate to read with: isal's is faster where it is there."""
    try:
        return importlib.import_module("isal.isal_zlib")
    except ImportError:
        return zlib


pack = _packer()
"""Compress one record into one gzip member."""
_inflate = _unpacker()


def unpack(fd: int, offset: int, limit: int = LIMIT) -> tuple[bytes, int]:
    """Give the content of the member at `offset`, checked by its CRC, and the offset behind it.

    Raises Damaged where there is no member, or it is cut short, broken, or holds more than `limit` bytes.
    """
    inflater = _inflate.decompressobj(zlib.MAX_WBITS | 16)
    parts, size, at = list[bytes](), 0, offset
    while not inflater.eof:
        piece = os.pread(fd, WINDOW, at)
        if not piece:
            raise Damaged(f"offset {offset}: cut short")
        try:
            plain = inflater.decompress(piece, limit + 1 - size)
        except _inflate.error as error:
            raise Damaged(f"offset {offset}: broken: {error}") from error
        parts.append(plain)
        size += len(plain)
        at += len(piece)
        if size > limit:
            raise Damaged(f"offset {offset}: holds more than {limit} bytes")
    return parts[0] if len(parts) == 1 else b"".join(parts), at - len(inflater.unused_data)
