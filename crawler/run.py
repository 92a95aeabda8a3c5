"""One crawl in this process: locks, archive, Scrapy, extraction beside it, signals, and what came of it."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.archive import Archive
from archive.capture import Capture, RecordRef
from archive.errors import Held
from archive.ingest import Counts, Deriver
from archive.version import Run
from crawler.budget import Bounds
from crawler.discovery.sites import scope
from crawler.exits import Exit
from crawler.gate import Gate
from crawler.politeness.components import scrapy_settings
from crawler.politeness.identity import require_contact
from crawler.session import Session, problem_lines
from crawler.spiders.outlet import OutletSpider
from settings import base
from settings.language import languages
from settings.outlet import Outlet
from settings.site import Site

if TYPE_CHECKING:
    from crawler.discovery.probe import ProbeResult

T = TypeVar("T")
log = logging.getLogger("warraq")

ADDED = "added"
"""The outlet of single addresses that belong to no outlet of the site."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Home:
    """An outlet that is only known by its home address."""

    url: str
    id: str | None = None
    """The id that its owner wants for it; None takes one from its host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What came of one crawl."""

    runs: tuple[Run, ...] = ()
    stopped: str | None = None
    """Why it ended before its time: a bound, `interrupted`, `disk-full`, `storage`."""
    problems: tuple[str, ...] = ()
    """One line each, for people."""
    held: tuple[Held, ...] = ()
    defects: int = 0
    """Exceptions out of our own code: each is in the log with its traceback."""
    derived: Counts = field(default_factory=Counts)

    def exit_code(self, *, fail_if_empty: bool = False) -> Exit:
        """Return the exit code that DESIGN.md promises."""
        stops = {None: None, "interrupted": Exit.INTERRUPTED, "disk-full": Exit.DISK, "storage": Exit.STORAGE}
        if stopped := stops.get(self.stopped, Exit.LIMIT):
            return stopped
        if self.defects:
            return Exit.ERROR
        if self.held:
            return Exit.HELD
        if any(run.outcome == "failed" for run in self.runs):
            return Exit.FAILED
        if fail_if_empty and not any(run.counts.get("articles") for run in self.runs):
            return Exit.NOTHING_NEW
        return Exit.DONE


class Crawling:
    """Runs spiders one after another on one event loop, in the archive that it is given."""

    def __init__(self, site: Site, archive: Archive, process: AsyncCrawlerProcess) -> None:
        self.site = site
        self.archive = archive
        self.defects = 0
        self.gate = Gate(site.crawl.delay)
        self._process = process
        self._session: Session | None = None
        self._interrupted = False

    async def run(self, session: Session, spider: type[Spider], /, **arguments: Any) -> list[Run]:
        """Run one spider to its end; return the runs as they ended."""
        if self._interrupted:
            session.stop("interrupted")
        self._session = session
        crawler = self._process.create_crawler(spider)
        session.attach(crawler)
        session.begin()
        await self._process.crawl(crawler, **arguments)
        self.defects += crawler.stats.get_value("spider_exceptions/count", 0) if crawler.stats else 0
        return session.finish()

    def interrupt(self) -> None:
        """Stop asking; what is under way is finished and kept."""
        self._interrupted = True
        if self._session is not None:
            self._session.stop("interrupted")


def drive(
    site: Site,
    archive: Archive,
    steps: Callable[[Crawling], Awaitable[T]],
    extra: Mapping[str, object] | None = None,
) -> T:
    """Run Scrapy's event loop until the steps are done. A process can do so once: a reactor does not start again.

    SIGINT and SIGTERM end the crawl after what is under way; a second one ends the process at once. `extra` are further
    Scrapy settings.
    """
    settings = Settings()
    settings.setmodule(base, priority="project")
    settings.set("ADDONS", {}, priority="project")  # the site is at hand
    settings.setdict({**scrapy_settings(site), "LOG_INSTALL_ROOT_HANDLER": False, **(extra or {})}, priority="project")
    process = AsyncCrawlerProcess(settings)
    crawling = Crawling(site, archive, process)
    loop = asyncio.get_event_loop()
    task = loop.create_task(_as_coroutine(steps(crawling)))

    def end(_: object) -> None:
        from twisted.internet import reactor

        loop.call_soon(reactor.stop)  # type: ignore[misc]

    task.add_done_callback(end)
    with stopping(lambda: loop.call_soon_threadsafe(crawling.interrupt)):
        process.start(stop_after_crawl=False, install_signal_handlers=False)
    return task.result()


async def _as_coroutine(steps: Awaitable[T]) -> T:
    return await steps


@contextmanager
def stopping(first: Callable[[], object]) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM call `first`, and the second end this process at once."""
    seen = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            for child in multiprocessing.active_children():
                child.kill()
            os._exit(Exit.INTERRUPTED)
        seen = True
        log.warning("stopping: what is under way is kept; once more to stop at once")
        first()

    before = {number: signal.signal(number, handle) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def crawl(
    site: Site,
    outlets: Sequence[Outlet],
    *,
    homes: Sequence[Home] = (),
    bounds: Bounds | None = None,
    fresh: bool = False,
    pages: Mapping[str, Sequence[str]] | None = None,
    on_kept: Callable[[Capture, RecordRef], None] | None = None,
    on_derived: Callable[[int, int], None] | None = None,
) -> Crawled:
    """Crawl outlets (or only the given `pages`, by outlet) into the site's archive, and derive their articles.

    `homes` are outlets to be added first. Raises ConfigError without a contact, Held if another run holds every outlet
    asked for, StorageError, DatabaseError.
    """
    require_contact(site)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(site, writable=True))
        free, held = _lock(stack, archive, outlets)
        if held and not free and not homes:
            raise held[0]
        job = _Job(site, archive, stack, free, on_kept)
        try:
            runs = drive(site, archive, lambda crawling: job.steps(crawling, homes, bounds or Bounds(), fresh, pages))
        finally:
            derived = job.stop(on_derived)
        return Crawled(
            runs=tuple(runs),
            stopped=job.stopped,
            problems=tuple(job.problems),
            held=tuple(held),
            defects=job.defects,
            derived=derived,
        )


class _Job:
    """The steps of one crawl, and what they leave to be put away."""

    def __init__(
        self,
        site: Site,
        archive: Archive,
        stack: ExitStack,
        outlets: Sequence[Outlet],
        on_kept: Callable[[Capture, RecordRef], None] | None,
    ) -> None:
        self.site, self.archive, self.stack = site, archive, stack
        self.outlets = {outlet.id: outlet for outlet in outlets}
        self.on_kept = on_kept
        self.stopped: str | None = None
        self.problems: list[str] = []
        self.defects = 0
        self.deriver: Deriver | None = None

    async def steps(
        self,
        crawling: Crawling,
        homes: Sequence[Home],
        bounds: Bounds,
        fresh: bool,
        pages: Mapping[str, Sequence[str]] | None,
    ) -> list[Run]:
        """Add the outlets that are only known by their home, then crawl them all."""
        runs = list[Run]()
        if homes:
            runs += await self._add(crawling, homes)
        if self.outlets and not self.stopped:
            self.deriver = Deriver(self.archive, languages(), self.outlets, self.site.extract)
            session = Session(
                self.site,
                self.archive,
                self.outlets,
                bounds=bounds,
                fresh=fresh,
                gate=crawling.gate,
                on_kept=_notify(self.deriver, self.on_kept),
            )
            self.deriver.start()
            runs = await crawling.run(session, OutletSpider, pages=pages)
            self._note(session)
        self.defects = crawling.defects
        return runs

    async def _add(self, crawling: Crawling, homes: Sequence[Home]) -> list[Run]:
        from crawler.probing import probe_homes, save_found

        session, probes = await probe_homes(crawling, self.site, self.archive, homes, self.on_kept)
        self._note(session)
        for outlet in save_found(self.site, probes):
            self.stack.enter_context(self.archive.lock(outlet.id))
            self.outlets[outlet.id] = outlet
        return [book.close(book.run.started, "failed") for book in session.books.values() if not book.answered]

    def _note(self, session: Session) -> None:
        self.stopped = session.stopped
        self.problems += problem_lines(session.books.values())

    def stop(self, progress: Callable[[int, int], None] | None) -> Counts:
        """Derive what is still pending, unless the crawl was interrupted; Ctrl-C leaves the rest to the next one."""
        if self.deriver is None:
            return Counts()
        drain = self.stopped not in ("interrupted", "disk-full", "storage")
        with stopping(self.deriver.cancel):
            return self.deriver.stop(drain=drain, progress=progress)


def _lock(stack: ExitStack, archive: Archive, outlets: Sequence[Outlet]) -> tuple[list[Outlet], list[Held]]:
    """Take each outlet that no other process holds."""
    free, held = list[Outlet](), list[Held]()
    for outlet in outlets:
        try:
            stack.enter_context(archive.lock(outlet.id))
        except Held as error:
            held.append(error)
        else:
            free.append(outlet)
    return free, held


def _notify(
    deriver: Deriver, then: Callable[[Capture, RecordRef], None] | None
) -> Callable[[Capture, RecordRef], None]:
    def kept(capture: Capture, ref: RecordRef) -> None:
        if capture.provenance.why in ("article", "add"):
            deriver.notify()
        if then is not None:
            then(capture, ref)

    return kept


def owner(url: str, outlets: Iterable[Outlet]) -> Outlet:
    """Return the outlet that a single address belongs to, or the one that holds what belongs to none."""
    for outlet in outlets:
        if scope(outlet).has(url):
            return outlet
    found = urlsplit(url)
    return Outlet(id=ADDED, name=ADDED, home=f"{found.scheme}://{found.netloc}/")


def probe_one(
    site: Site, home: Home, *, on_kept: Callable[[Capture, RecordRef], None] | None = None
) -> tuple[ProbeResult, str, Exit | None]:
    """Find out how to follow one outlet; return the result, the first trouble in one line, and why it was stopped."""
    from crawler.probing import probe_homes

    require_contact(site)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(site, writable=True))
        session, results = drive(site, archive, lambda crawling: probe_homes(crawling, site, archive, [home], on_kept))
    (result,) = results.values()
    stopped = Crawled(stopped=session.stopped).exit_code() if session.stopped else None
    return result, next(iter(problem_lines(session.books.values())), ""), stopped
