"""One crawl in this process: the archive it keeps into, the outlets it follows, what it may cost and what it did."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import signals

from archive.archive import Archive
from archive.capture import Capture, Failure, Provenance, RecordRef
from archive.database.store import Also
from archive.http import parse_head
from archive.version import Run
from crawler.budget import Bounds, Budget
from crawler.discovery.address import address
from crawler.frontier import frontier
from crawler.gate import Gate
from settings.errors import ConfigError
from settings.outlet import Outlet, load_outlets
from settings.site import Site, load_site

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

LONGEST_DELAY = timedelta(minutes=5)
"""Hosts that were asked longer ago than any delay lasts need no reminder."""

PAGES = frozenset({"home", "section", "article", "add"})
"""Reasons whose answers count as pages against `--max-pages`."""


@dataclass(slots=True)
class RunBook:
    """What the run of one outlet has done so far."""

    run: Run
    counts: Counter[str] = field(default_factory=Counter)
    outcome: str | None = None
    problems: dict[str, str] = field(default_factory=dict)
    """One line for each thing that went wrong, the first of its kind: cause → message."""

    def close(self, ended: datetime, outcome: str) -> Run:
        """Return the run as it ended."""
        return replace(self.run, ended=ended, outcome=self.outcome or outcome, counts=dict(sorted(self.counts.items())))

    @property
    def answered(self) -> bool:
        """Whether the outlet gave anything beside refusals."""
        return any(self.counts[f"{status}"] for status in (200, 203, 206, 304))


class Session:
    """Where the download handler's captures go, and what the spider asks before it asks anyone else."""

    def __init__(
        self,
        site: Site,
        archive: Archive,
        outlets: Mapping[str, Outlet],
        *,
        bounds: Bounds | None = None,
        fresh: bool = False,
        gate: Gate | None = None,
        on_kept: Callable[[Capture, RecordRef], None] | None = None,
    ) -> None:
        self.site = site
        self.archive = archive
        self.outlets = dict(outlets)
        self.budget = Budget(bounds or Bounds())
        self.fresh = fresh
        self.gate = gate or Gate(site.crawl.delay)
        self.stopped: str | None = None
        """Why no further request is made: a bound, an interruption, a full disk."""
        self.books = {id_: RunBook(_new_run(id_)) for id_ in self.outlets}
        self._on_kept = on_kept
        self._hosts: dict[str, str] = {}
        self.owned = False
        """Whether it was opened for a plain `scrapy` command, and is closed with it."""
        self._on_stop: list[Callable[[], object]] = []

    @classmethod
    def own(cls, outlet: str | None = None) -> Session:
        """Open what a plain `scrapy` command needs: the site's own archive, and one outlet or none."""
        site = load_site()
        known = load_outlets(site.outlets_path)
        if outlet and outlet not in known:
            raise ConfigError(f"no outlet {outlet!r}", hint="see `warraq outlets list`")
        session = cls(site, Archive.open(site, writable=True), {outlet: known[outlet]} if outlet else {})
        session.owned = True
        return session

    # --- the run ------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Open a run for each outlet, and remember the hosts that another process asked just now."""
        for id_, outlet in self.outlets.items():
            self.archive.begin(self.books[id_].run)
            host = urlsplit(outlet.home).hostname or ""
            self.claim(host, id_)
            if outlet.politeness.delay is not None:
                self.gate.base(host, outlet.politeness.delay)
            if self.fresh:
                frontier.forget(self.archive.engine, id_)
        now = datetime.now(UTC)
        for host, asked, delay in frontier.hosts(self.archive.engine, now - LONGEST_DELAY):
            wait = (asked + timedelta(seconds=delay) - now).total_seconds()
            if wait > 0:
                self.gate.pause(host, wait)

    def finish(self) -> list[Run]:
        """Close the runs; return them as they ended."""
        ended = []
        for id_, book in self.books.items():
            frontier.give_up(self.archive.engine, id_)
            run = book.close(datetime.now(UTC), self._outcome(book))
            self.archive.finish(run)
            ended.append(run)
        return ended

    def _outcome(self, book: RunBook) -> str:
        if self.stopped:
            return self.stopped if self.stopped in ("interrupted", "disk-full") else "limit"
        return "done" if book.answered else "failed"

    def stop(self, why: str) -> None:
        """Make no further request; what is under way is finished and kept."""
        if self.stopped is None:
            self.stopped = why
            for call in self._on_stop:
                call()

    def when_stopped(self, call: Callable[[], object]) -> None:
        """Call this when the session stops before its time."""
        self._on_stop.append(call)

    # --- what the download handler and the middlewares ask ------------------------------------------------------
    def attach(self, crawler: Crawler) -> None:
        """Put what the capture room looks for onto a Scrapy crawler."""
        found = {
            "session": self,
            "site": self.site,
            "capture_sink": self,
            "gate": self.gate,
            "default_provenance": self.provenance,
        }
        for name, value in found.items():
            setattr(crawler, name, value)

    def claim(self, host: str, outlet: str) -> None:
        """Remember for which outlet a host is asked (the first that did)."""
        self._hosts.setdefault(host, outlet)

    def provenance(self, request: Request) -> Provenance:
        """Say for which outlet a request is made that names none: robots.txt, or a shell's."""
        host = urlsplit(request.url).hostname or ""
        outlet = self._hosts.get(host) or next(iter(self.outlets), "shell")
        robots = urlsplit(request.url).path == "/robots.txt"
        return Provenance(
            outlet=outlet,
            run=self.books[outlet].run.id if outlet in self.books else "",
            why="robots" if robots else "add",
            robots="exempt" if robots else "allowed",
        )

    async def keep(self, capture: Capture) -> RecordRef:
        """Keep an exchange; returns when its record is on disk and its row committed."""
        outlet, why = capture.provenance.outlet, capture.provenance.why
        head = parse_head(capture.response)
        also = [self._asked(capture.url)]
        if why in ("article", "requisite"):
            also.append(frontier.answered(outlet, address(capture.url), head.status))
        ref = await asyncio.wrap_future(self.archive.keep(capture, also=also))
        self._count(capture, head.status)
        if self._on_kept is not None:
            self._on_kept(capture, ref)
        return ref

    async def fail(self, failure: Failure) -> None:
        """Keep the news that a request brought nothing."""
        provenance = failure.provenance
        also = [self._asked(failure.url)] if failure.cause != "robots" else []
        if provenance.why in ("article", "requisite"):
            also.append(frontier.failed(provenance.outlet, address(failure.url), failure.cause))
        await asyncio.wrap_future(self.archive.fail(failure, also=also))
        if book := self.books.get(provenance.outlet):
            book.counts[f"failed:{failure.cause}"] += 1
            book.problems.setdefault(failure.cause, f"{failure.url}: {failure.message}")

    def _asked(self, url: str) -> Also:
        host = urlsplit(url).hostname or ""
        return frontier.host_asked(self.archive.engine, host, datetime.now(UTC), self.gate.interval(host))

    def _count(self, capture: Capture, status: int | None) -> None:
        why = capture.provenance.why
        self.budget.spend(pages=why in PAGES, size=len(capture.response))
        if book := self.books.get(capture.provenance.outlet):
            book.counts[f"{status}"] += why != "robots"
            book.counts["bytes"] += len(capture.response)
            if capture.truncated:
                book.counts[f"truncated:{capture.truncated}"] += 1
            if why == "article" and status == 200:
                book.counts["articles"] += 1
            if why != "robots" and status is not None and status >= 400:
                book.problems.setdefault(f"{status}", f"{capture.url}: answered {status}")
        if not self.stopped and (bound := self.budget.exceeded()):
            self.stop(bound)


def _new_run(outlet: str) -> Run:
    started = datetime.now(UTC)
    return Run(id=f"{started:%Y%m%dT%H%M%S}-{outlet}-{secrets.token_hex(3)}", outlet=outlet, started=started)


class SessionExtension:
    """Gives every Scrapy command that was not started by `warraq` a session of its own, and closes it."""

    def __init__(self, crawler: Crawler) -> None:
        found: Session | None = getattr(crawler, "session", None)
        if found is None:
            found = Session.own()
            found.attach(crawler)
        self.session = found
        if found.owned:
            crawler.signals.connect(self.opened, signals.spider_opened)
            crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SessionExtension:
        """Make one, as Scrapy does."""
        return cls(crawler)

    def opened(self) -> None:
        """Begin the runs when the crawl begins."""
        self.session.begin()

    def closed(self) -> None:
        """End the runs when the crawl ends."""
        self.session.finish()
        self.session.archive.close()


def problem_lines(books: Iterable[RunBook]) -> list[str]:
    """Return one line for each kind of thing that went wrong at each outlet."""
    return [f"{book.run.outlet}: {line}" for book in books for line in book.problems.values()]
