"""Every error that we know ends in the exit code that the documentation promises."""

import errno

import pytest

from archive import errors as archive
from crawler import errors as crawler
from crawler.exits import MEANING, NAMES, Ending, Exit, Stop, ending
from settings.errors import ConfigError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x", hint="y"), Exit.CONFIG),
        (archive.Held("x", hint="y"), Exit.HELD),
        (archive.DiskFull("x", hint="y"), Exit.DISK),
        (archive.StorageError("x", hint="y"), Exit.STORAGE),
        (archive.DatabaseError("x", hint="y"), Exit.STORAGE),
        (archive.WrongVersion("x", hint="y"), Exit.STORAGE),
        (archive.NotFound("x", hint="y"), Exit.BAD_ANSWER),
        (archive.Damaged("x", hint="y"), Exit.BAD_ANSWER),
        (archive.ArchiveError("x", hint="y"), Exit.USAGE),
        (crawler.ForbiddenAddress("x", hint="y"), Exit.FAILED),
        (crawler.Stopping("x", hint="y"), Exit.INTERRUPTED),
        (crawler.ScrapyChanged("x", hint="y"), Exit.ERROR),
        (Stop(Exit.LIMIT, "x", hint="y"), Exit.LIMIT),
    ],
)
def test_known_errors_keep_their_words(error: Exception, code: Exit) -> None:
    """Our own errors give their code, their message and their hint."""
    assert ending(error) == Ending(code, "x", "y")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, Exit.DISK),
        (errno.EACCES, Exit.STORAGE),
        (errno.EROFS, Exit.STORAGE),
        (errno.ENOENT, Exit.STORAGE),
    ],
)
def test_errors_of_the_system_name_the_file(number: int, code: Exit) -> None:
    """A disk or file that refuses is told with the file's name."""
    found = ending(OSError(number, "no luck", "/a/file"))
    assert found is not None
    assert (found.code, found.message) == (code, "/a/file: no luck")


def test_interruption_and_closed_pipe() -> None:
    """Ctrl-C says so; a closed pipe says nothing."""
    assert ending(KeyboardInterrupt()) == Ending(Exit.INTERRUPTED, "interrupted")
    assert ending(BrokenPipeError()) == Ending(Exit.CLOSED_PIPE, "")


@pytest.mark.parametrize("error", [ValueError("x"), OSError(errno.EDOM, "x"), RuntimeError()])
def test_defects_are_not_explained_away(error: Exception) -> None:
    """What nobody expected has no ending of its own."""
    assert ending(error) is None


def test_every_code_has_a_meaning_and_a_name() -> None:
    """The table is whole, and the codes are those of the design."""
    assert set(MEANING) == set(NAMES) == set(Exit)
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 130, 141]
