"""Archive: the one door to what is kept. Opens it, keeps captures, gives them back, and answers from what they say."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archive.address import article_key
from archive.capture import Capture, Failure, RecordRef
from archive.database import reads
from archive.database.engine import Database, connect, reading, write
from archive.errors import NotFound, StorageError
from archive.index.surt import CANON, urlkey
from archive.lock import lock
from archive.rows import ArticleRow, CaptureRow, FailureRow, OutletSummary, SearchHit, SearchResults
from archive.search.fold import FOLD
from archive.version import Run, Version
from archive.warc.files import existing
from settings.outlet import load_outlet
from settings.site import FILE_NAME, ArchiveSettings, Site, load_site

if TYPE_CHECKING:
    from archive.keep import Keeper, Riders
    from archive.search.query import Query
    from archive.warc.writer import WarcWriter

log = logging.getLogger("warraq")

MADE_WITH = {"canon": CANON, "fold": FOLD}
"""Versions of the rules that keys and search terms are made by; noted in the tables they stand in."""


class Archive:
    """An archive that is open. A context manager: closing keeps what waits and seals the WARC files.

    Readers may be many, in any process, while one writes; their methods may be called from any thread.
    """

    def __init__(self, site: Site, engine: Database, keeper: Keeper | None) -> None:
        self.site = site
        self.folder = site.archive_path
        self.engine = engine
        self._keeper = keeper

    @classmethod
    def open(cls, site: Site | Path | str, *, writable: bool = False) -> Self:
        """Open a site's archive; a path names an archive's folder, or a folder with a warraq.toml.

        Writable: makes what is missing, takes up what a crash left, and starts the thread that writes.
        Raises StorageError, DatabaseError (WrongVersion), ConfigError.
        """
        site = site if isinstance(site, Site) else find_site(Path(site))
        folder = site.archive_path
        if writable:
            _make(folder)
        elif not folder.is_dir():
            raise StorageError(f"{folder}: no archive is there", hint="`warraq init` begins one")
        engine = connect(site.database_url, create=writable)
        try:
            if not writable:
                return cls(site, engine, None)
            from archive.keep import Keeper
            from archive.reconcile import reconcile
            from archive.warc.recover import recover

            recover(folder)
            reconcile(folder, engine)
            _note_rules(engine)
            return cls(site, engine, Keeper(folder, engine, site.archive, lambda *which: _writer_of(site, *which)))
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        """Keep what waits, seal the files, let go of the database. Closing twice is once."""
        try:
            if self._keeper is not None:
                self._keeper.close()
        finally:
            self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- keeping --------------------------------------------------------------------------------------------------
    def keep(self, capture: Capture, *, also: Riders = ()) -> Future[RecordRef]:
        """Keep an exchange. The answer comes when its records are on disk and its row is committed, in that order.

        `also` are statements for the same transaction: all of it is there, or nothing. The answer raises DiskFull,
        StorageError or DatabaseError where it could not be kept. Waits for room if much else waits for the disk.
        """
        return self._writer().keep(capture, also)

    def fail(self, failure: Failure, *, also: Riders = ()) -> Future[RecordRef]:
        """Keep the news that a request brought no response."""
        return self._writer().keep(failure, also)

    def begin(self, run: Run) -> None:
        """Keep the beginning of a run."""
        self._writer().keep(run).result()

    def finish(self, run: Run) -> None:
        """Keep what a run has become. A run ends once."""
        self._writer().keep(run).result()

    def lock(self, outlet: str) -> AbstractContextManager[None]:
        """Hold an outlet against other runs. Raises Held, which says who holds it and since when."""
        return lock(self.folder, outlet)

    def settle(self) -> None:
        """Keep what waits and seal the files that this process writes; what comes later begins new ones."""
        self._writer().settle()

    def _writer(self) -> Keeper:
        if self._keeper is None:
            raise StorageError("the archive was opened for reading", hint="open it with writable=True")
        return self._keeper

    # --- captures -------------------------------------------------------------------------------------------------
    def get(self, record_id: str) -> Capture:
        """Give a capture's bytes, read from its WARC file. Raises NotFound, Damaged."""
        from archive.warc.reader import load

        row = self.row(record_id)
        return load(self.folder, row.file, row.offset)

    def row(self, record_id: str) -> CaptureRow:
        """Give what the index knows of a capture. Raises NotFound."""
        with reading(self.engine) as transaction:
            row = reads.capture(transaction, record_id)
        if row is None:
            raise NotFound(f"no capture {record_id}", hint="`warraq archive ls` lists what there is")
        return row

    def path_of(self, file: str) -> Path:
        """Give the place of a WARC file of the tables: it may be written still."""
        return existing(self.folder / file)

    def captures(
        self,
        url: str | None = None,
        *,
        outlet: str | None = None,
        run: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[CaptureRow]:
        """Give captures by time, the oldest first; `since` and `until` are inclusive. Read while they are asked for."""
        with reading(self.engine) as transaction:
            yield from reads.captures(
                transaction,
                urlkey=None if url is None else urlkey(url),
                outlet=outlet,
                run=run,
                since=since,
                until=until,
                limit=limit,
            )

    def nearest(self, url: str, when: datetime) -> CaptureRow | None:
        """Give the capture of an address nearest to a moment, in real seconds and in either direction.

        Of two equally near ones that with status 200, then the earlier.
        """
        with reading(self.engine) as transaction:
            return reads.nearest(transaction, urlkey(url), when)

    def failures(self, *, outlet: str | None = None, run: str | None = None) -> list[FailureRow]:
        """Give requests that brought no response, by time."""
        with reading(self.engine) as transaction:
            return list(reads.failures(transaction, outlet=outlet, run=run))

    def outlets(self) -> list[OutletSummary]:
        """Give what is held of each outlet, by id."""
        with reading(self.engine) as transaction:
            return reads.outlets(transaction)

    def runs(self, outlet: str | None = None) -> list[Run]:
        """Give runs, the newest first."""
        with reading(self.engine) as transaction:
            return reads.runs(transaction, outlet)

    # --- articles -------------------------------------------------------------------------------------------------
    def articles(
        self,
        *,
        outlet: str | None = None,
        language: str | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[ArticleRow]:
        """Give articles, the newest published first; `since` and `until` are days (UTC), inclusive.

        An article whose day of publication is not known stands on the day it was first seen.
        """
        with reading(self.engine) as transaction:
            return reads.articles(
                transaction,
                outlet=outlet,
                language=language,
                since=None if since is None else _midnight(since),
                until=None if until is None else _midnight(until + timedelta(days=1)),
                limit=limit,
                offset=offset,
            )

    def article(self, article_id_or_url: str) -> ArticleRow:
        """Give an article by its id (or eight digits of it or more), or by any address that it was captured at.

        Raises NotFound, also where the beginning of an id fits several.
        """
        wanted = article_id_or_url.strip()
        with reading(self.engine) as transaction:
            found = reads.article(transaction, wanted.lower(), article_key(wanted))
            if not found and (other := reads.article_of_capture(transaction, [urlkey(wanted)])):
                found = reads.article(transaction, other, "")
        if not found:
            raise NotFound(f"no article {wanted}", hint="`warraq articles list` lists what there is")
        if len(found) > 1 and "/" not in wanted:  # the same address at two outlets is no doubt: the first is given
            raise NotFound(f"{wanted} fits {len(found)} articles", hint="write more of the id")
        return found[0]

    def versions(self, article_id: str) -> list[Version]:
        """Give an article's versions, oldest first; none for an id that is not there."""
        with reading(self.engine) as transaction:
            return reads.versions(transaction, article_id)

    def search(self, query: Query) -> SearchResults:
        """Search the articles' words, best first; without words list what passes the filters, newest first."""
        from archive.database.search import found
        from archive.search.snippet import snippet

        with reading(self.engine) as transaction:
            total, rows, counts = found(transaction, query)
        hits = tuple(SearchHit(row, snippet(row.text, query.text)) for row in rows)
        return SearchResults(total=total, hits=hits, counts=counts)


def find_site(path: Path) -> Site:
    """Give the site of a path: a folder with a warraq.toml, or the archive's own folder."""
    if (path / FILE_NAME).is_file():
        return load_site(path / FILE_NAME)
    for above in path.resolve().parents:
        if (above / FILE_NAME).is_file():
            site = load_site(above / FILE_NAME)
            if site.archive_path.resolve() == path.resolve():
                return site
    return Site(root=path, archive=ArchiveSettings(path="."))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror}", hint="choose another `archive.path`") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        raise StorageError(f"{folder}: cannot be written", hint="give its owner write permission")


def _note_rules(engine: Database) -> None:
    """Note which rules a new archive's rows are made by; say so where they are made by others."""
    from archive.database.store import put_meta

    with reading(engine) as transaction:
        noted = reads.meta(transaction)
    if not noted:
        write(engine, lambda transaction: put_meta(transaction, MADE_WITH))
    elif noted != MADE_WITH:
        log.warning("the tables were made by other rules (%s): run `warraq rebuild --from-warc`", noted)


def _writer_of(site: Site, outlet: str, run: str) -> WarcWriter:
    from importlib.metadata import version

    from archive.warc.writer import FileInfo, WarcWriter

    software = f"warraq/{version('warraq')}"
    info = FileInfo(
        outlet=outlet,
        software=software,
        contact=site.contact,
        user_agent=site.crawl.user_agent,
        robots=_robots_of(site, outlet),
        run=run,
    )
    return WarcWriter(site.archive_path, info, rotate_bytes=site.archive.rotate_bytes)


def _robots_of(site: Site, outlet: str) -> str:
    path = site.outlets_path / f"{outlet}.toml"
    if not path.is_file():
        return "obey"
    politeness = load_outlet(path).politeness
    return "obey" if politeness.robots == "obey" else f"ignore: {politeness.robots_reason}"


def _midnight(day: date) -> datetime:
    if isinstance(day, datetime):
        day = day.astimezone(UTC).date()
    return datetime.combine(day, time(), UTC)
