"""Reads WARC records one by one, going on behind what is damaged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import Damaged, NotFound, StorageError
from archive.warc.fields import header_lines, read_id
from archive.warc.members import LIMIT, MAGIC, WINDOW, unpack

HEAD_LIMIT = 1 << 20
"""Bytes that the header of one record may have."""
VERSION_LINE = re.compile(rb"WARC/[01]\.[0-9]+\r?\n")
HEAD_END = re.compile(rb"\r?\n\r?\n")
BLANK = re.compile(rb"[\r\n]*")
RECORD_START = re.compile(rb"WARC/[01]\.[0-9]+\r?\nWARC-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record, its block as it lies in the file."""

    version: str
    headers: tuple[tuple[str, str], ...]
    block: bytes

    def get(self, name: str) -> str | None:
        """Give the first value of a header, whatever its case."""
        size, lower = len(name), name.lower()
        for key, value in self.headers:
            if len(key) == size and key.lower() == lower:
                return value
        return None

    def all(self, name: str) -> list[str]:
        """Give every value of a header, whatever its case."""
        size, lower = len(name), name.lower()
        return [value for key, value in self.headers if len(key) == size and key.lower() == lower]

    @property
    def type(self) -> str:
        return (self.get("WARC-Type") or "").lower()

    @property
    def id(self) -> str:
        """The bare UUID; empty where the record has no id."""
        return read_id(self.get("WARC-Record-ID") or "")

    @property
    def uri(self) -> str:
        """The address, without the angle brackets that WARC 1.0 let writers put around it."""
        return (self.get("WARC-Target-URI") or "").removeprefix("<").removesuffix(">")


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that could not be read."""

    offset: int
    length: int
    cause: str


Found = tuple[Record | Damage, int, int]
"""What lies there, its offset and its length in the file. Records of one member share both."""


def read_record(path: Path, offset: int, length: int | None = None) -> Record:
    """Read the record at an offset. Raises NotFound for no such file, Damaged where no whole record is there.

    With `length`, a record that ends elsewhere is Damaged too.
    """
    with reading(path) as fd:
        record, end = record_at(fd, offset)
        if length is not None and end - offset != length:
            raise Damaged(f"offset {offset}: has {end - offset} bytes where {length} were written")
    return record


def record_at(fd: int, offset: int) -> tuple[Record, int]:
    """Read the record at an offset of an open file; give the offset behind it. Raises Damaged."""
    if _is_member(fd, offset):
        data, end = unpack(fd, offset)
        return _parse(data, 0, offset)[0], end
    return _plain_record(fd, offset)


def records(path: Path, start: int = 0) -> Iterator[Found]:
    """Read a file from `start` to its end, whatever is damaged in it. Raises NotFound, StorageError.

    Compressed or not, one member a record or many records in one. What cannot be read comes as Damage.
    """
    with reading(path) as fd:
        size, at = os.fstat(fd).st_size, start
        while at < size:
            try:
                found = list(_member(fd, at))
                end = found[0][1]
            except Damaged as error:
                end = _next_record(fd, at + 1)
                yield Damage(at, end - at, error.message.partition(": ")[2]), at, end - at
            else:
                for record, _ in found:
                    yield record, at, end - at
            at = end


@contextmanager
def reading(path: Path) -> Iterator[int]:
    """Open a file to read from. Raises NotFound, StorageError, and names the file in what is Damaged."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound(f"{path}: no such file", hint="`warraq archive verify` finds what is missing") from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}", hint="see whether the disk is there") from error
    try:
        yield fd
    except Damaged as error:
        raise Damaged(f"{path.name}, {error.message}", hint=error.hint) from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}", hint="see whether the disk is there") from error
    finally:
        os.close(fd)


def _is_member(fd: int, offset: int) -> bool:
    start = os.pread(fd, len(MAGIC), offset)
    return bool(start) and MAGIC.startswith(start)  # at the end of a file fewer bytes may be left


def _member(fd: int, offset: int) -> Iterator[tuple[Record, int]]:
    """Give the records of the member at an offset (of a file that is not compressed: the one record there)."""
    if not _is_member(fd, offset):
        yield _plain_record(fd, offset)
        return
    data, end = unpack(fd, offset)
    at = 0
    while at < len(data):
        record, at = _parse(data, at, offset)
        yield record, end
    if not data:
        raise Damaged(f"offset {offset}: a member without a record")


def _parse(data: bytes, at: int, offset: int) -> tuple[Record, int]:
    """Read one record of unpacked bytes; give where the next begins. `offset` is named in errors."""
    version = VERSION_LINE.match(data, at)
    head_end = HEAD_END.search(data, at, at + HEAD_LIMIT) if version else None
    if not version or not head_end:
        raise Damaged(f"offset {offset}: no WARC record")
    headers = _headers(data[version.end() : head_end.start()])
    length = _length(headers, offset)
    block = data[head_end.end() : head_end.end() + length]
    if len(block) < length:
        raise Damaged(f"offset {offset}: shorter than its Content-Length says")
    blank = BLANK.match(data, head_end.end() + length)
    assert blank is not None  # it may be empty
    if not blank[0] or (blank.end() < len(data) and not VERSION_LINE.match(data, blank.end())):
        raise Damaged(f"offset {offset}: longer than its Content-Length says")
    return Record(version[0].decode("ascii").rstrip(), headers, block), blank.end()


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    return tuple(header_lines(text.split("\n")))


def _length(headers: tuple[tuple[str, str], ...], offset: int) -> int:
    value = next((value for name, value in headers if name.lower() == "content-length"), "")
    if not (value.isascii() and value.isdigit()):
        raise Damaged(f"offset {offset}: no Content-Length")
    if len(value) > 15 or int(value) > LIMIT:
        raise Damaged(f"offset {offset}: holds more than {LIMIT} bytes")
    return int(value)


def _plain_record(fd: int, offset: int) -> tuple[Record, int]:
    """Read a record that is not compressed; give the offset behind the blank lines after it."""
    data = os.pread(fd, WINDOW, offset)
    head_end = HEAD_END.search(data) or HEAD_END.search(data := os.pread(fd, HEAD_LIMIT, offset))
    version = VERSION_LINE.match(data)
    if not version or not head_end:
        raise Damaged(f"offset {offset}: no WARC record")
    headers = _headers(data[version.end() : head_end.start()])
    end = head_end.end() + _length(headers, offset)
    while len(data) < end + 4 and (piece := os.pread(fd, end + 4 - len(data), offset + len(data))):
        data += piece
    record, _ = _parse(data[: end + 4], 0, offset) if len(data) >= end else _parse(data, 0, offset)
    blank = BLANK.match(data[: end + 4], end)
    assert blank is not None  # it may be empty
    return record, offset + blank.end()


def _next_record(fd: int, at: int) -> int:
    """Find the offset at or behind `at` where a record begins that can be read; else the end of the file."""
    size = os.fstat(fd).st_size
    while at < size:
        data = os.pread(fd, WINDOW, at)
        for start in _starts(data):
            if _begins_record(fd, at + start):
                return at + start
        if at + len(data) >= size:
            break
        at += max(len(data) - 64, 1)  # a beginning may lie across two windows
    return size


def _starts(data: bytes) -> list[int]:
    """Give where a member or a bare record may begin."""
    return sorted(
        {*(m.start() for m in re.finditer(re.escape(MAGIC), data)), *(m.start() for m in RECORD_START.finditer(data))}
    )


def _begins_record(fd: int, offset: int) -> bool:
    try:
        record_at(fd, offset)
    except Damaged:
        return False
    return True
