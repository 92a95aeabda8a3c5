"""Writes WARC files: one event in one append, fsync when asked, sealed with an index beside it."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.capture import Capture, Failure, RecordRef
from archive.errors import StorageError
from archive.version import Run
from archive.warc import files
from archive.warc.exchange import (
    Certificate,
    Exchange,
    FileInfo,
    build,
    build_certificate,
    build_failure,
    build_run,
    build_warcinfo,
)
from archive.warc.files import OpenFile
from archive.warc.members import pack

__all__ = ["FileInfo", "WarcWriter", "Written", "build"]

ODD_IN_NAME = re.compile(r"[^A-Za-z0-9._]+")
TRIES = 100
"""Serial numbers tried for a new file: only a process of the same number in the same millisecond takes names away."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where an event came to lie."""

    ref: RecordRef
    block_digest: str
    """sha256 of the first record's block, hex: of a capture, of the response as it came."""


class WarcWriter:
    """Writes one outlet's captures, failures and runs, one file after another. For one thread.

    What `write` gave back is on disk only after the next `sync`. A file is begun by the first write, and sealed when it
    has grown to `rotate_bytes`, or by `seal`. Files lie in `warc/<outlet>/` of the archive's folder.
    """

    def __init__(
        self,
        folder: Path,
        info: FileInfo,
        *,
        rotate_bytes: int = 1 << 30,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.info = info
        self._root = folder
        self._folder = folder / "warc" / info.outlet
        self._rotate_bytes = rotate_bytes
        self._clock = clock
        self._serial = 0
        self._file: OpenFile | None = None
        self._unsynced: StorageError | None = None

    @property
    def file(self) -> str | None:
        """The file being written, by its final name, relative to the archive's folder; None between files."""
        return self._relative(self._file.path) if self._file else None

    @property
    def size(self) -> int:
        """Bytes of the file being written: all of them whole events."""
        return self._file.size if self._file else 0

    def write(self, what: Capture | Failure | Run, *, record_id: str | None = None) -> Written:
        """Append the records of one event.

        Raises DiskFull or StorageError, with the file cut back to the last whole event, and ArchiveError for a value
        that no WARC header can hold.
        """
        file = self._ready()
        record_id = record_id or str(uuid.uuid4())
        certificate = None
        match what:
            case Capture():
                if what.certificate is not None:
                    certificate = self._certificate(file, what.certificate, what.started)
                exchange = build(what, record_id=record_id, warcinfo_id=file.warcinfo_id, certificate=certificate)
            case Failure():
                exchange = build_failure(what, record_id=record_id, warcinfo_id=file.warcinfo_id)
            case Run():
                exchange = build_run(what, record_id=record_id, warcinfo_id=file.warcinfo_id)
        offset, length = self._append(file, exchange)
        file.events += 1
        ref = RecordRef(self._relative(file.path), offset, length, record_id, exchange.payload_digest)
        return Written(ref, exchange.block_digest)

    def sync(self) -> None:
        """Have everything on disk that was written since the last call, files sealed meanwhile too.

        Raises StorageError; nothing of what it covers may then be reported as kept.
        """
        if self._file is not None:
            try:
                os.fsync(self._file.fd)
            except OSError as error:
                # What the kernel could not write it may have thrown away: this file is left to recovery as it is.
                self._leave(self._file)
                self._unsynced = files.trouble(error, self._folder)
        if self._unsynced is not None:
            unsynced, self._unsynced = self._unsynced, None
            raise unsynced

    def seal(self) -> str | None:
        """Finish the file: fsync, index, final name. Give its name, or None where there was nothing to keep.

        Raises StorageError; the file is then left to recovery.
        """
        if self._file is None:
            return None
        self.sync()
        file = self._file
        try:
            if not file.events:
                files.remove(file.path)
                return None
            files.seal(file.path, file.entries)
        except OSError as error:
            raise files.trouble(error, self._folder) from error
        finally:
            self._leave(file)
        return self._relative(file.path)

    def _ready(self) -> OpenFile:
        if self._file is not None and self._file.size >= self._rotate_bytes:
            try:
                self.seal()
            except StorageError as error:
                self._unsynced = error  # it concerns what was written before, and the next sync answers for that
                raise
        if self._file is None:
            try:
                self._file = self._begin()
            except OSError as error:
                raise files.trouble(error, self._folder) from error
        return self._file

    def _begin(self) -> OpenFile:
        """Make a file that no other process has, hold its lock, and write its first record."""
        now, host = self._clock(), socket.gethostname()
        file = self._create(now, host)
        try:
            first = build_warcinfo(
                self.info, filename=file.path.name, host=host, created=now, record_id=file.warcinfo_id
            )
            file.append([pack(first.data)])
            files.sync_folder(self._folder)
        except BaseException:
            files.remove(file.path)
            file.close()
            raise
        return file

    def _create(self, now: datetime, host: str) -> OpenFile:
        self._folder.mkdir(parents=True, exist_ok=True)
        moment = now.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")[:17]
        for _ in range(TRIES):
            self._serial += 1
            place = f"{ODD_IN_NAME.sub('_', host)}-{os.getpid()}-{self._serial:05}"
            if file := files.create(self._folder / f"{self.info.outlet}-{moment}-{place}{files.WARC}"):
                return file
        raise StorageError(f"{self._folder}: every name for a new file is taken", hint="see who else writes there")

    def _certificate(self, file: OpenFile, certificate: bytes, started: datetime) -> Certificate:
        """Say where a certificate lies in the file; put it there if it is new to it."""
        digest = hashlib.sha256(certificate).hexdigest()
        if digest not in file.certificates:
            piece = build_certificate(certificate, started=started, warcinfo_id=file.warcinfo_id)
            file.certificates[digest], _ = self._append(file, Exchange((piece,)))
        return Certificate(digest, file.certificates[digest])

    def _append(self, file: OpenFile, exchange: Exchange) -> tuple[int, int]:
        """Append an event in one write; give offset and length of its first record."""
        members = [pack(piece.data) for piece in exchange.pieces]
        try:
            offset = first = file.append(members)
        except OSError as error:
            if file.broken:
                self._leave(file)
            raise files.trouble(error, self._folder) from error
        for piece, member in zip(exchange.pieces, members, strict=True):
            if piece.entry is not None:
                file.entries.append(piece.entry.at(file.path.name, offset, len(member)))
            offset += len(member)
        return first, len(members[0])

    def _leave(self, file: OpenFile) -> None:
        self._file = None
        file.close()

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()
