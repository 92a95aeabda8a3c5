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
    """Choose the deflate to write with. Each makes standard gzip members; docs/warc.md has the figures."""
    try:
        libdeflate = importlib.import_module("deflate")
    except ImportError:
        return _pack_with_zlib
    return lambda data: bytes(libdeflate.gzip_compress(data, 4))


def _pack_with_zlib(data: bytes) -> bytes:
    packer = zlib.compressobj(4, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(data) + packer.flush()


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
