"""WARC files on disk: names, locks, whole appends, and how a file is sealed."""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import DiskFull, StorageError
from archive.index import cdxj

WARC = ".warc.gz"
OPEN = ".open"
"""What the name of a file ends in while it is written; tables and indexes know it by its final name."""
TORN = ".torn"
"""What recovery cut off a file is kept beside it under this ending."""
INDEX = ".cdxj"

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(slots=True)
class OpenFile:
    """A file that this process writes and holds the lock of. Every append is whole or not there."""

    path: Path
    """Its final name."""
    fd: int
    warcinfo_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    size: int = 0
    events: int = 0
    entries: list[cdxj.Entry] = field(default_factory=list)
    certificates: dict[str, int] = field(default_factory=dict)
    """Digest → offset of the certificates that lie in the file."""
    broken: bool = False
    """What was half written could not be cut off again: nothing may be appended."""

    def append(self, members: Sequence[bytes]) -> int:
        """Append members in one write; give the offset of the first.

        Raises OSError, with the file cut back to what was whole before, or `broken`.
        """
        data, done = memoryview(b"".join(members)), 0
        try:
            while done < len(data):  # once, but where the disk fills up: then the rest brings the reason
                done += os.write(self.fd, data[done:])
        except OSError:
            try:
                os.ftruncate(self.fd, self.size)
            except OSError:
                self.broken = True
            raise
        offset, self.size = self.size, self.size + done
        return offset

    def close(self) -> None:
        """Let go of the file and its lock."""
        os.close(self.fd)


def create(path: Path) -> OpenFile | None:
    """Make a new file, `.open`, and hold its lock; None where the name is taken. Raises OSError."""
    opened = path.with_name(path.name + OPEN)
    if path.exists():
        return None
    try:
        fd = os.open(opened, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return None
    if not hold(fd, opened):  # recovery saw it between the two calls, and removes what is empty
        os.close(fd)
        return None
    return OpenFile(path, fd)


def hold(fd: int, path: Path) -> bool:
    """Take the lock of a file. False where another process has it, or `path` names another file by now."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(fd), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def seal(path: Path, entries: Iterable[cdxj.Entry]) -> None:
    """Give a finished file, on disk already, its index and its final name. Raises OSError."""
    index = index_of(path)
    draft = index.with_name(index.name + OPEN)
    with draft.open("w", encoding="ascii", newline="\n") as out:
        out.write(cdxj.render(entries))
        out.flush()
        os.fsync(out.fileno())
    draft.rename(index)
    path.with_name(path.name + OPEN).rename(path)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Take away a file that holds nothing but its first record."""
    path.with_name(path.name + OPEN).unlink(missing_ok=True)
    sync_folder(path.parent)


def index_of(path: Path) -> Path:
    """Give the place of a file's index."""
    return path.with_name(path.name.removesuffix(OPEN).removesuffix(WARC) + INDEX)


def final(path: Path) -> Path:
    """Give the name that a file has when it is sealed."""
    return path.with_name(path.name.removesuffix(OPEN))


def existing(path: Path) -> Path:
    """Give the place of a file by its final name: it may be written still."""
    opened = path.with_name(path.name + OPEN)
    return opened if not path.exists() and opened.exists() else path


def warc_files(folder: Path) -> Iterator[Path]:
    """Give every WARC file of an archive, those being written too, in order of their names."""
    found = [*(folder / "warc").glob(f"*/*{WARC}"), *(folder / "warc").glob(f"*/*{WARC}{OPEN}")]
    yield from sorted(found)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def trouble(error: OSError, path: Path) -> StorageError:
    """Say what an OSError means for the archive."""
    said = f"{path}: {error.strerror or error}"
    if error.errno in NO_ROOM:
        return DiskFull(said, hint="make room; nothing that was reported as kept is lost")
    return StorageError(said, hint="see whether the disk is there and may be written")
