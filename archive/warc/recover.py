"""Takes up the WARC files that a crash left open: cuts what is torn, keeps it aside, and seals them."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from archive.index import cdxj
from archive.warc import files
from archive.warc.records import Record, records
from archive.warc.sidecar import entries_of

log = logging.getLogger("warraq")

ENDS = frozenset({"warcinfo", "resource", "metadata"})
"""The records that our events end with."""
Entries = list[cdxj.Entry]
COPIED = 1 << 20
"""Bytes of what is cut that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one file."""

    file: str
    """Its name as it is now, relative to the archive's folder."""
    cut_bytes: int
    """What was torn, and now lies beside it under `.torn`."""
    records: int
    """Whole records that it holds; 0 where there was nothing to keep, and the file is gone."""


def recover(folder: Path) -> list[Recovered]:
    """Seal every file of an archive that no live process writes, cut back to its last whole event.

    Files that a writer holds are left alone. Raises StorageError.
    """
    found = list[Recovered]()
    for opened in sorted((folder / "warc").glob(f"*/*{files.WARC}{files.OPEN}")):
        try:
            if done := _recover(opened, folder):
                found.append(done)
                log.warning("%s: taken up after a crash; %d bytes were torn", done.file, done.cut_bytes)
        except OSError as error:
            raise files.trouble(error, opened) from error
    return found


def _recover(opened: Path, folder: Path) -> Recovered | None:
    try:
        fd = os.open(opened, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # its writer has sealed it meanwhile
    try:
        if not files.hold(fd, opened):
            return None
        path = files.final(opened)
        whole = _whole_events(opened)
        cut = _cut(fd, path, whole.end)
        os.fsync(fd)
        if whole.events:
            files.seal(path, whole.entries)
        else:
            files.remove(path)
        return Recovered(path.relative_to(folder).as_posix(), cut, whole.records if whole.events else 0)
    finally:
        os.close(fd)


@dataclass(slots=True)
class _Whole:
    """What a file holds up to the last record that ends an event."""

    end: int = 0
    records: int = 0
    events: int = 0
    entries: list[cdxj.Entry] = field(default_factory=list)


def _whole_events(opened: Path) -> _Whole:
    """Read a file; a response at its end whose request or metadata is torn is not whole, and was reported to nobody.

    Damage before that stays where it is: what stands behind it is good.
    """
    whole, waiting = _Whole(), list[Entries]()
    for found, offset, length in records(opened):
        if not isinstance(found, Record):
            continue
        waiting.append(list(entries_of([(found, offset, length)], files.final(opened).name)))
        if found.type in ENDS:
            whole.end = offset + length
            whole.records += len(waiting)
            whole.events += found.type == "metadata"
            whole.entries += chain.from_iterable(waiting)
            waiting = []
    return whole


def _cut(fd: int, path: Path, end: int) -> int:
    """Cut a file at `end`; what stands behind is kept beside it, on disk before it goes. Give how much that was."""
    size = os.fstat(fd).st_size
    if size <= end:
        return 0
    torn = path.with_name(path.name + files.TORN)
    with torn.open("wb") as out:
        at = end
        while piece := os.pread(fd, COPIED, at):
            out.write(piece)
            at += len(piece)
        out.flush()
        os.fsync(out.fileno())
    files.sync_folder(torn.parent)
    os.ftruncate(fd, end)
    return size - end
