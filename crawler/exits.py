"""How the command ends: its exit codes, and the one place that maps errors to them."""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import NamedTuple


class Exit(IntEnum):
    """The exit codes of `warraq`; an unknown one that is not 0 means failure."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    FAILED = 3
    CONFIG = 4
    HELD = 5
    NOTHING_NEW = 6
    BAD_ANSWER = 7
    LIMIT = 10
    DISK = 11
    STORAGE = 12
    INTERRUPTED = 130
    CLOSED_PIPE = 141


MEANING: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.ERROR: "unexpected error: a defect of warraq (`-v` shows the traceback)",
    Exit.USAGE: "the command line is wrong: unknown option, command or outlet, bad value",
    Exit.FAILED: "finished, with outlets that wholly failed",
    Exit.CONFIG: "the configuration is invalid: trying again will not help",
    Exit.HELD: "another run holds what was asked for",
    Exit.NOTHING_NEW: "nothing new (only with `--fail-if-empty`)",
    Exit.BAD_ANSWER: "the command worked and the answer is bad: not in the archive, no article, findings of a check",
    Exit.LIMIT: "a limit was reached (pages, time, bytes): the next run goes on",
    Exit.DISK: "the disk has no room: nothing stored was lost",
    Exit.STORAGE: "storage or database cannot be used, or the database is of another version",
    Exit.INTERRUPTED: "interrupted: what was under way is kept",
    Exit.CLOSED_PIPE: "whoever read our output has gone (`| head`)",
}
"""What each code says, as docs/commands.md shows it."""

NAMES: dict[Exit, str] = {code: code.name.lower().replace("_", "-") for code in Exit}
"""The word for each code in `{"error": {"code": …}}`: a script need not know the numbers."""


class Stop(Exception):
    """An end of a command that is no success, with its exit code, in one line; `hint` names the fix.

    Commands raise it for what is no error of a lower room: a bad answer, a limit, an outlet that is not there.
    An empty message ends silently (the command has said all there is to say on stdout).
    """

    def __init__(self, code: Exit, message: str = "", *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Ending(NamedTuple):
    """What is told of an error: its exit code, one line, and the fix (or an empty text)."""

    code: Exit
    message: str
    hint: str = ""


def ending(error: BaseException) -> Ending | None:
    """Return how an error ends the command; None for one that nobody expected (a defect)."""
    if isinstance(error, Stop):
        return Ending(error.code, error.message, error.hint)
    if isinstance(error, KeyboardInterrupt):
        return Ending(Exit.INTERRUPTED, "interrupted")
    if isinstance(error, BrokenPipeError):
        return Ending(Exit.CLOSED_PIPE, "")
    return _of_room(error) or (_of_system(error) if isinstance(error, OSError) else None)


def _of_room(error: BaseException) -> Ending | None:
    from archive import errors as archive  # late: only a command that failed needs to know them
    from crawler import errors as crawler
    from settings import errors as settings

    codes: tuple[tuple[type[BaseException], Exit], ...] = (
        (settings.SettingsError, Exit.CONFIG),
        (archive.Held, Exit.HELD),
        (archive.DiskFull, Exit.DISK),
        (archive.StorageError, Exit.STORAGE),
        (archive.DatabaseError, Exit.STORAGE),
        (archive.NotFound, Exit.BAD_ANSWER),
        (archive.Damaged, Exit.BAD_ANSWER),
        (archive.ArchiveError, Exit.USAGE),  # what has no kind of its own: a host or port that cannot be served on
        (crawler.CaptureError, Exit.FAILED),
        (crawler.Stopping, Exit.INTERRUPTED),
        (crawler.CrawlError, Exit.ERROR),
    )
    for kind, code in codes:
        if isinstance(error, kind):
            return Ending(code, getattr(error, "message", str(error)), getattr(error, "hint", ""))
    return None


def _of_system(error: OSError) -> Ending | None:
    """A file or disk that refuses: the user's to mend, wherever it was met."""
    where = f"{error.filename}: " if error.filename else ""
    message = f"{where}{error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Ending(Exit.DISK, message, "free some room, then run it again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOENT, errno.ENOTDIR, errno.EISDIR):
        return Ending(Exit.STORAGE, message, "see `warraq doctor`")
    return None
