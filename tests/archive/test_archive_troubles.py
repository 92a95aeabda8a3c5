"""The Archive in trouble: full and read-only disks, several processes, sudden death; the same on both databases."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from archive.archive import Archive
from archive.errors import DiskFull, Held, StorageError
from archive.rows import CaptureRow
from settings.site import Site
from tests.archive.child import Child
from tests.archive.made import capture
from tests.archive.rows import dump_of
from tests.conftest import make_site


@pytest.fixture
def archive(site: Site) -> Iterator[Archive]:
    """Give an archive that may be written, once on each database."""
    with Archive.open(site, writable=True) as archive:
        yield archive


def rows_of(archive: Archive) -> list[CaptureRow]:
    return list(archive.captures())


# --- disks ------------------------------------------------------------------------------------------------------------
def test_the_disk_guard_stops_before_the_disk_is_full(site: Site) -> None:
    """With less room than the guard asks for nothing is kept, and all that was is whole."""
    guarded = replace(site, archive=replace(site.archive, min_free_bytes=1 << 62))
    with Archive.open(guarded, writable=True) as archive:
        with pytest.raises(DiskFull, match="min_free_bytes"):
            archive.keep(capture()).result()
        assert rows_of(archive) == []
    with Archive.open(site, writable=True) as archive:
        assert archive.keep(capture()).result().length


def test_a_full_disk_loses_nothing_that_was_reported(sqlite_site: Site) -> None:
    """Where a write fails half-way the file is cut back: what was reported is there, and nothing else."""
    with Child("full", sqlite_site) as process:
        *kept, last = process.rest()
    assert last == "error DiskFull\n"
    assert len(kept) > 10
    with Archive.open(sqlite_site, writable=True) as archive:
        assert {row.id for row in rows_of(archive)} == {line.split()[1] for line in kept}
        assert all(archive.get(row.id).url == row.url for row in rows_of(archive))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Act as a user who owns nothing: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def readable() -> Iterator[Path]:
    """Give a folder that everyone may enter: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_read_only_folder_can_be_read_and_not_written(readable: Path) -> None:
    """Writing is refused with one clear error; reading works, though SQLite can make no file beside the database."""
    site = make_site(readable, "")
    with Archive.open(site, writable=True) as archive:
        ref = archive.keep(capture()).result()
    for path in (site.archive_path, *site.archive_path.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with as_nobody():
            with pytest.raises(StorageError, match="cannot be written"):
                Archive.open(site, writable=True)
            with Archive.open(site) as archive:
                assert archive.get(ref.record_id) == capture()
    finally:
        for path in (site.archive_path, *site.archive_path.rglob("*")):
            path.chmod(0o755)


# --- processes --------------------------------------------------------------------------------------------------------
def test_one_process_holds_an_outlet(site: Site) -> None:
    """A second is told by whom and since when; the lock ends with its process, even if that is killed."""
    with Child("hold", site) as process:
        assert process.out.readline() == "held\n"
        with Archive.open(site, writable=True) as archive:
            with pytest.raises(Held, match=rf"process {process.pid} since 20\d\d-") as caught, archive.lock("example"):
                pass
            assert caught.value.hint
            with archive.lock("other"):
                pass
            process.kill()
            process.rest()
            with archive.lock("example"), pytest.raises(Held), archive.lock("example"):
                pass


def test_two_processes_write_at_once(site: Site) -> None:
    """Two crawls of different outlets share archive and database: nothing is lost, nobody is locked out."""
    with Child("some", site, "one") as one, Child("some", site, "two") as two:
        reported = [[line.strip() for line in process.rest()] for process in (one, two)]
    with Archive.open(site) as archive:
        for outlet, ids in zip(("one", "two"), reported, strict=True):
            assert len(ids) == 40
            assert {row.id for row in archive.captures(outlet=outlet)} == set(ids)
            assert [one.outcome for one in archive.runs(outlet)] == ["done"]


@pytest.mark.slow
def test_killed_at_any_moment_nothing_reported_is_lost(site: Site) -> None:
    """Kill -9 at ten random moments: every capture that was reported is read back, and none is there twice."""
    reported: set[str] = set()
    chance = random.Random(20260503)
    for _ in range(10):
        with Child("forever", site) as process:
            lines = [process.out.readline()]  # it is at work
            time.sleep(chance.uniform(0, 0.3))
            process.kill()
            lines += process.rest()
        reported |= {line.split()[1] for line in lines}
    with Archive.open(site, writable=True) as archive:
        rows = rows_of(archive)
        assert len(reported) >= 10
        assert reported <= {row.id for row in rows}
        assert len({(row.file, row.offset) for row in rows}) == len(rows) == len({row.id for row in rows})
        for row in rows:
            assert sha256(archive.get(row.id).response).hexdigest() == row.block_digest
    before = dump_of(site)
    Archive.open(site, writable=True).close()
    assert dump_of(site) == before
