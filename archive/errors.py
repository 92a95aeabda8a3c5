"""What can go wrong in the archive.

ArchiveError
├── NotFound          no such capture, article or record
├── Damaged           a record that is there and cannot be read; says file and offset
├── StorageError      disk or folder unusable (exit code 12)
│   └── DiskFull      no room: the writer cut back to the last whole record (exit code 11)
├── DatabaseError     database unreachable (exit code 12)
│   └── WrongVersion  made by another version: `warraq db upgrade` (exit code 12)
└── Held              another run or process holds what was asked for (exit code 5)
"""


class ArchiveError(Exception):
    """Root of the errors of this room. `hint` names the fix in one line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(ArchiveError):
    """No such capture, article or record."""


class Damaged(ArchiveError):
    """A record is there and cannot be read as what it claims to be."""


class StorageError(ArchiveError):
    """The archive's folder or disk cannot be used."""


class DiskFull(StorageError):
    """There was no room for a record: nothing half-written was left behind."""


class DatabaseError(ArchiveError):
    """The database cannot be reached or used."""


class WrongVersion(DatabaseError):
    """The database's schema is not the one this program works with."""


class Held(ArchiveError):
    """Another process holds what was asked for."""
