"""The one thread that writes: WARC members, then fsync, then rows, for all that waits at once (group commit)."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from archive.capture import Capture, Failure, RecordRef
from archive.database import store
from archive.database.engine import Database, Statement, Transaction, write
from archive.database.store import Also
from archive.derivation import may_show_article
from archive.errors import ArchiveError, DiskFull, StorageError
from archive.rows import CaptureRow, FailureRow, FileRow, capture_row, failure_row
from archive.version import Run
from settings.errors import SettingsError
from settings.site import ArchiveSettings

if TYPE_CHECKING:
    from archive.warc.writer import WarcWriter

T = TypeVar("T")
Kept = Capture | Failure | Run
"""What is kept: an exchange, a request without one, the beginning or end of a run."""
Riders = Sequence[Statement | Also]
"""Statements that are run in the transaction of what they come with."""

WAITING_ITEMS = 256
WAITING_BYTES = 64 << 20
"""How much may wait for the disk; whoever brings more waits with it, so that memory stays bounded."""
GROUP_ITEMS = 128
GROUP_BYTES = 32 << 20
"""The most that shares one fsync and one transaction: nobody's answer waits for more than this."""
GROUP_PAUSE = 0.02
"""Seconds from one group's beginning to the next one's, so that more share the cost of a transaction: a group of one
takes 1.2 ms of computing, one of 128 takes 0.07 ms each. Nobody notices it behind a second's politeness."""


@dataclass(slots=True)
class _Wanted:
    """Something to keep, and where its answer goes."""

    what: Kept
    also: Riders
    answer: Future[RecordRef]
    size: int
    ref: RecordRef | None = None


class _Then(Enum):
    """What the thread is to do after what waits."""

    GO_ON = auto()
    SETTLE = auto()
    END = auto()


@dataclass(slots=True)
class Rows:
    """The rows that follow from WARC records."""

    captures: list[CaptureRow] = field(default_factory=list)
    pending: list[CaptureRow] = field(default_factory=list)
    failures: list[FailureRow] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    files: dict[str, FileRow] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.captures) + len(self.failures) + len(self.runs)

    def add(self, what: Kept, ref: RecordRef, block_digest: str) -> None:
        """Add what follows from one record. The same whether it was just written or is read back."""
        match what:
            case Capture():
                row = capture_row(what, ref, block_digest)
                self.captures.append(row)
                if may_show_article(row, what.response):
                    self.pending.append(row)
            case Failure():
                self.failures.append(failure_row(what, ref.record_id))
            case Run():
                self.runs.append(what)

    def insert(self, transaction: Transaction) -> None:
        """Put the rows into the tables."""
        store.insert_captures(transaction, self.captures)
        store.insert_pending(transaction, self.pending)
        store.insert_failures(transaction, self.failures)
        for run in self.runs:
            store.put_run(transaction, run)
        store.put_files(transaction, list(self.files.values()))


class Keeper:
    """Keeps what it is given, in one thread. What is answered is on disk and in the tables, in that order."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        settings: ArchiveSettings,
        open_writer: Callable[[str, str], WarcWriter],
    ) -> None:
        self._folder = folder
        self._database = database
        self._settings = settings
        self._open = open_writer
        self._writers: dict[str, WarcWriter] = {}
        self._current: dict[str, str] = {}
        self._waiting: queue.SimpleQueue[_Wanted | _Then] = queue.SimpleQueue()
        self._settled = threading.Event()
        self._room = threading.Condition()
        self._items = self._bytes = 0
        self._begun = -GROUP_PAUSE
        self._trouble: ArchiveError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="warraq-keeper", daemon=True)
        self._thread.start()

    def keep(self, what: Kept, also: Riders = ()) -> Future[RecordRef]:
        """Have something kept. Waits only while much else waits already (never in the thread that writes).

        The answer is an error where it could not be kept: DiskFull, StorageError, DatabaseError.
        """
        answer: Future[RecordRef] = Future()
        # Whoever asks may stop waiting, but what came over the wire is kept all the same.
        answer.set_running_or_notify_cancel()
        size = len(what.request) + len(what.response) if isinstance(what, Capture) else 0
        with self._room:
            self._room.wait_for(lambda: self._may_enter(size))
            if trouble := self._trouble or (StorageError("the archive is closed") if self._closed else None):
                answer.set_exception(trouble)
                return answer
            self._items += 1
            self._bytes += size
            self._waiting.put(_Wanted(what, also, answer, size))
        return answer

    def _may_enter(self, size: int) -> bool:
        # What is larger than all the room there is enters alone. An answer's callback that keeps something runs in the
        # thread that writes, which must never wait for itself.
        return (
            self._closed
            or self._trouble is not None
            or not self._items
            or (self._items < WAITING_ITEMS and self._bytes + size <= WAITING_BYTES)
            or threading.current_thread() is self._thread
        )

    def settle(self) -> None:
        """Keep what waits and seal the files; what comes later begins new ones. Raises what stopped the keeping."""
        with self._room:
            if self._closed:
                raise StorageError("the archive is closed")
            self._settled.clear()
            self._waiting.put(_Then.SETTLE)
        self._settled.wait()
        if self._trouble:
            raise self._trouble

    def close(self) -> None:
        """Keep what waits, seal the files, end the thread. Raises StorageError if a file could not be sealed."""
        with self._room:
            first, self._closed = not self._closed, True
            if first:
                self._waiting.put(_Then.END)
            self._room.notify_all()
        self._thread.join()
        if first:
            self._seal()

    # --- the thread -----------------------------------------------------------------------------------------------
    def _run(self) -> None:
        group, after = list[_Wanted](), _Then.GO_ON
        try:
            while after is not _Then.END:
                group, after = self._group()
                if group:
                    self._keep(group)
                if after is _Then.SETTLE:
                    self._seal()
                    self._settled.set()
        finally:
            self._settled.set()
            if after is not _Then.END:  # a defect: whoever waits is told, so that nobody waits for ever
                self._end(StorageError("the archive's writer has stopped", hint="this is a defect: report it"))
            while not self._waiting.empty():
                if isinstance(wanted := self._waiting.get(), _Wanted):
                    group.append(wanted)
            for wanted in group:
                self._answer(wanted, self._trouble)

    def _group(self) -> tuple[list[_Wanted], _Then]:
        """Give what waits, and what to do after it."""
        group: list[_Wanted] = []
        size = 0
        together = self._settings.fsync == "group"
        while len(group) < (GROUP_ITEMS if together else 1) and size < GROUP_BYTES:
            try:
                wanted = self._waiting.get(block=not group)
            except queue.Empty:
                break
            if together and not group:
                time.sleep(max(0.0, self._begun + GROUP_PAUSE - time.monotonic()))
                self._begun = time.monotonic()
            if isinstance(wanted, _Then):
                return group, wanted
            group.append(wanted)
            size += wanted.size
        return group, _Then.GO_ON

    def _keep(self, group: list[_Wanted]) -> None:
        """Keep a group, and answer each: a reference, or why it is not kept."""
        rows, written = Rows(), list[_Wanted]()
        try:
            self._write(group, rows, written)
            if written:
                also = [rider for wanted in written for rider in wanted.also]
                write(self._database, lambda transaction: _record(transaction, rows, also))
        except ArchiveError as error:
            # Files and tables may differ now, and only opening the archive brings them together again.
            self._end(error)
            for wanted in group:
                self._answer(wanted, error)
            return
        for wanted in written:
            self._answer(wanted)

    def _write(self, group: list[_Wanted], rows: Rows, written: list[_Wanted]) -> None:
        """Write what can be written, and have it on disk. What cannot is answered here; the rest comes to `written`.

        Raises StorageError where the disk did not take what it was given.
        """
        trouble = self._no_room()
        for wanted in group:
            outlet = _outlet(wanted.what)
            try:
                if trouble:
                    raise trouble
                done = self._writer(wanted.what).write(wanted.what)
            except (ArchiveError, SettingsError) as error:
                # The writer has cut its file back to the last whole event: what else waits is not touched.
                self._answer(wanted, error)
                continue
            wanted.ref = done.ref
            rows.add(wanted.what, done.ref, done.block_digest)
            # Where the writer went on to a new file, the one before it has been sealed.
            for name in {self._current.get(outlet, done.ref.file), done.ref.file}:
                rows.files[name] = FileRow(name=name, outlet=outlet, sealed=False, size=0)
            self._current[outlet] = done.ref.file
            written.append(wanted)
        for outlet in {row.outlet for row in rows.files.values()}:
            self._writers[outlet].sync()
        rows.files = {name: self._as_it_is(row) for name, row in rows.files.items()}

    def _writer(self, what: Kept) -> WarcWriter:
        outlet = _outlet(what)
        if outlet not in self._writers:
            run = what.id if isinstance(what, Run) else what.provenance.run
            self._writers[outlet] = self._open(outlet, run)
        return self._writers[outlet]

    def _as_it_is(self, row: FileRow) -> FileRow:
        """Say how large a file is that all of `written` is in, and whether it was sealed meanwhile."""
        writer = self._writers[row.outlet]
        if writer.file == row.name:
            return replace(row, size=writer.size)
        return replace(row, size=(self._folder / row.name).stat().st_size, sealed=True)

    def _no_room(self) -> DiskFull | None:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return None  # the writer will meet the trouble, and name it
        least = self._settings.min_free_bytes
        if free >= least:
            return None
        return DiskFull(
            f"{self._folder}: {free >> 20} MiB free, archive.min_free_bytes is {least >> 20} MiB",
            hint="make room, then run it again: it goes on where it stopped",
        )

    def _answer(self, wanted: _Wanted, error: Exception | None = None) -> None:
        if wanted.answer.done():
            return
        with self._room:
            self._items -= 1
            self._bytes -= wanted.size
            self._room.notify_all()
        if error is not None or wanted.ref is None:
            wanted.answer.set_exception(error or StorageError("the archive's writer has stopped"))
        else:
            wanted.answer.set_result(wanted.ref)

    def _end(self, trouble: ArchiveError) -> None:
        """Take nothing more."""
        with self._room:
            self._trouble = self._trouble or trouble
            self._room.notify_all()

    def _seal(self) -> None:
        """Seal every file, and note it."""
        sealed = list[FileRow]()
        self._current.clear()
        for outlet, writer in self._writers.items():
            if (name := writer.seal()) is not None:
                size = (self._folder / name).stat().st_size
                sealed.append(FileRow(name=name, outlet=outlet, sealed=True, size=size))
        if self._trouble is None:
            write(self._database, lambda transaction: store.put_files(transaction, sealed))


def _outlet(what: Kept) -> str:
    return what.outlet if isinstance(what, Run) else what.provenance.outlet


def _record(transaction: Transaction, rows: Rows, also: Riders) -> None:
    rows.insert(transaction)
    store.run_also(transaction, also)
