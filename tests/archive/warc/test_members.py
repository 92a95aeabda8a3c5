"""Members are standard gzip whichever deflate made them, and are unpacked whole or not at all."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from pathlib import Path

import pytest

from archive.errors import Damaged
from archive.warc import members
from archive.warc.members import unpack

TEXT = "ورّاق ينسخ الكتب ".encode() * 9000


@pytest.mark.parametrize("absent", [(), ("deflate",), ("deflate", "isal", "isal.isal_zlib")])
def test_every_deflate_makes_standard_gzip(monkeypatch: pytest.MonkeyPatch, absent: tuple[str, ...]) -> None:
    """With each library that may be there or not, the member is unpacked by Python's gzip, and by ours."""
    for name in absent:
        monkeypatch.setitem(sys.modules, name, None)
    for data in (b"", b"x", TEXT, os.urandom(100_000)):
        packed = members._packer()(data)
        assert gzip.decompress(packed) == data
        inflater = zlib.decompressobj(31)
        assert (inflater.decompress(packed), inflater.eof, inflater.unused_data) == (data, True, b"")


@pytest.mark.parametrize("absent", [(), ("isal", "isal.isal_zlib")])
def test_unpacking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, absent: tuple[str, ...]) -> None:
    """A member among others is unpacked, and where it ends is told, whichever library reads it."""
    for name in absent:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(members, "_inflate", members._unpacker())
    parts = [gzip.compress(data) for data in (b"before", TEXT, os.urandom(200_000), b"behind")]
    path = tmp_path / "members"
    path.write_bytes(b"".join(parts))
    with path.open("rb") as file:
        at = 0
        for part in parts:
            data, end = unpack(file.fileno(), at)
            assert (data, end) == (gzip.decompress(part), at + len(part))
            at = end
        size = len(TEXT)
        assert unpack(file.fileno(), len(parts[0]), size)[0] == TEXT
        with pytest.raises(Damaged, match="holds more than"):
            unpack(file.fileno(), len(parts[0]), size - 1)
        with pytest.raises(Damaged, match=f"offset {at}: cut short"):
            unpack(file.fileno(), at)
        with pytest.raises(Damaged, match="offset 1: broken"):
            unpack(file.fileno(), 1)
