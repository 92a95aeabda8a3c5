"""Brings tables up to what the WARC files hold: after a crash the records behind the last row, in a rebuild all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from archive.capture import Capture, Failure
from archive.database import reads, store
from archive.database.engine import Database, reading, writing
from archive.keep import Rows
from archive.rows import FileRow
from archive.warc.files import OPEN, final, warc_files
from archive.warc.reader import Damage, Event, events

log = logging.getLogger("warraq")

GROUP = 500
"""Events whose rows are added in one transaction."""


def reconcile(folder: Path, database: Database, progress: Callable[[int], object] | None = None) -> int:
    """Add the rows that are missing of sealed files; give how many events that were.

    Files that are being written are left alone: their writers add their rows. `progress` is called with the bytes read.
    """
    with reading(database) as transaction:
        known = {row.name: row for row in reads.files(transaction)}
    added = 0
    for path in warc_files(folder):
        if path.name.endswith(OPEN):
            continue
        name, size = final(path).relative_to(folder).as_posix(), path.stat().st_size
        row = known.get(name)
        if row is not None and row.sealed and row.size == size:
            continue
        if row is not None and row.size > size:
            log.warning("%s is shorter (%d bytes) than its rows say (%d)", name, size, row.size)
        start = row.size if row is not None and row.size <= size else 0
        found = _take_up(
            path, FileRow(name=name, outlet=path.parent.name, sealed=True, size=size), start, database, progress
        )
        if found:
            log.info("%s: %d records had no rows; added", name, found)
        added += found
    return added


def _take_up(
    path: Path, file: FileRow, start: int, database: Database, progress: Callable[[int], object] | None
) -> int:
    read = events(path, file=file.name, start=start)
    added, at = 0, start
    while group := list(islice(read, GROUP)):
        rows = Rows()
        reached = max(event.end for event in group)
        with writing(database) as transaction:
            known = store.known(transaction, [event.ref.record_id for event in group])
            for event in _new(group, known):
                rows.add(event.what, event.ref, event.block_digest)  # type: ignore[arg-type]  # no Damage among them
            rows.insert(transaction)
        added += len(rows)
        if progress:
            progress(reached - at)
        at = reached
    # The file counts as taken up only at its end: an exchange's records may lie across two groups.
    with writing(database) as transaction:
        store.put_files(transaction, [file])
    return added


def _new(group: list[Event], known: set[str]) -> Iterator[Event]:
    for event in group:
        if isinstance(event.what, Damage):
            log.warning("%s, offset %d: %s", event.ref.file, event.ref.offset, event.what.cause)
        elif event.ref.record_id not in known:
            if isinstance(event.what, Capture | Failure):
                known.add(event.ref.record_id)
            yield event
