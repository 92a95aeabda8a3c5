"""Derives what is pending (captures without an extraction under the current rules) in workers that can be killed."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.articles import put_in
from archive.database import derived
from archive.database.engine import holding, reading, writing
from archive.derivation import Derived, Task
from archive.errors import ArchiveError
from archive.extracting import derive, failed, set_up, work
from settings.language import Languages
from settings.outlet import Outlet
from settings.site import ExtractSettings

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

    from archive.archive import Archive

log = logging.getLogger("warraq")

Progress = Callable[[int, int], object]
"""Called with how many captures are done, and how many there are to do."""

BATCH = 100
"""Captures whose derivations are stored in one transaction at most."""
PATIENCE = 1.0
"""Seconds after which what is ready is stored, however little it is."""
AHEAD = 4
"""Tasks a worker that are handed out beforehand, so that none waits for the next."""
TASKS_A_WORKER = 500
"""A worker is replaced after so many pages: what leaks in parsers stays small."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of captures that were derived."""

    articles: int = 0
    not_articles: int = 0
    errors: int = 0

    @property
    def done(self) -> int:
        return self.articles + self.not_articles + self.errors

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.articles + other.articles, self.not_articles + other.not_articles, self.errors + other.errors
        )


class Deriver:
    """Finds pending captures of the outlets it is given and derives them; whoever finds one does it.

    With `only`, of these outlets; with `strangers`, also of outlets that no file describes. `run_pending` works until
    nothing is pending; `start`, `notify` and `stop` do the same in a thread beside a crawl.
    """

    def __init__(
        self,
        archive: Archive,
        languages: Languages,
        outlets: Mapping[str, Outlet],
        settings: ExtractSettings,
        *,
        only: Sequence[str] | None = None,
        strangers: bool = False,
        work: Callable[[Task], Derived] = work,
    ) -> None:
        self._archive = archive
        self._languages = languages
        self._outlets = dict(outlets)
        self._settings = settings
        self._only = only if only is not None else None if strangers else sorted(outlets)
        self._work = work
        self._wake = threading.Event()
        self._leave = threading.Event()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._total = Counts()
        self._trouble: ArchiveError | None = None

    # --- all at once ----------------------------------------------------------------------------------------------
    def run_pending(self, limit: int | None = None, progress: Progress | None = None) -> Counts:
        """Derive what is pending (at most `limit` captures); return what became of them.

        Raises StorageError or DatabaseError; what was stored by then stays.
        """
        counts = Counts()
        total = self._count(limit) if progress else 0
        for made in self._rounds(limit):
            counts += self._store(made)
            if progress:
                progress(counts.done, max(total, counts.done))
        return counts

    def derive_inline(self, limit: int | None = None) -> Counts:
        """Do the same in this process, without deadline and memory bound: for a handful of pages that are trusted."""
        counts = Counts()
        while not self._cancelled.is_set() and (
            tasks := self._pending(BATCH if limit is None else limit - counts.done)
        ):
            counts += self._store([self._inline(task) for task in tasks])
        return counts

    def _inline(self, task: Task) -> Derived:
        from archive.extractors import RULES

        try:
            capture = self._archive.get(task.capture_id)
        except ArchiveError as error:
            return failed(task, RULES, f"damaged: {error.message}")
        return derive(capture, task.capture_id, self._outlets.get(task.outlet), self._languages)

    # --- beside a crawl -------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Begin to derive beside whatever else this process does."""
        self._thread = threading.Thread(target=self._watch, name="warraq-deriver", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Say that there is something new. Cheap, from any thread."""
        self._wake.set()

    def cancel(self) -> None:
        """Come to an end soon: what is under way is left pending. For signal handlers."""
        self._cancelled.set()
        self._wake.set()

    def stop(self, drain: bool = True, progress: Progress | None = None) -> Counts:
        """End the work beside the crawl; with `drain` only when nothing is pending. Return all that was done.

        Raises what stopped the work, StorageError or DatabaseError.
        """
        self._leave.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._trouble is not None:
            raise self._trouble
        if drain:
            self._total += self.run_pending(progress=progress)
        return self._total

    def _watch(self) -> None:
        try:
            for made in self._rounds(None, watching=True):
                self._total += self._store(made)
        except ArchiveError as error:
            log.error("extraction beside the crawl stopped: %s", error.message)
            self._trouble = error

    # --- rounds ---------------------------------------------------------------------------------------------------
    def _rounds(self, limit: int | None, *, watching: bool = False) -> Iterator[list[Derived]]:
        """Give derivations, some at a time, until nothing is pending; when watching, until told to leave."""
        under_way: dict[ProcessFuture[Derived], Task] = {}
        ready: list[Derived] = []
        handed, stored_at = 0, time.monotonic()
        with self._pool() as pool:
            while not self._cancelled.is_set() and not (watching and self._leave.is_set()):
                self._wake.clear()
                room = AHEAD * self._settings.workers - len(under_way)
                room = 0 if under_way and room < AHEAD else room  # not one query a page
                room = room if limit is None else min(room, limit - handed)
                tasks = self._pending(room, [*under_way.values()], ready) if room > 0 else []
                handed += len(tasks)
                under_way |= {
                    pool().schedule(self._work, [task], timeout=self._settings.deadline): task for task in tasks
                }
                if not under_way and not ready:
                    if not watching:
                        return
                    self._wake.wait()
                    continue
                ready += [self._result(future, under_way.pop(future)) for future in self._first(under_way)]
                if len(ready) >= BATCH or not under_way or time.monotonic() - stored_at > PATIENCE:
                    yield ready
                    ready, stored_at = [], time.monotonic()
            if ready:
                yield ready

    def _first(self, under_way: Mapping[ProcessFuture[Derived], Task]) -> set[ProcessFuture[Derived]]:
        return wait(under_way, timeout=PATIENCE, return_when=FIRST_COMPLETED).done  # type: ignore[return-value]

    @contextmanager
    def _pool(self) -> Iterator[Callable[[], ProcessPool]]:
        """Give what makes the workers when first asked: nothing pending, no process started."""
        made: list[ProcessPool] = []

        def pool() -> ProcessPool:
            if not made:
                made.append(_workers(self._settings, self._outlets, self._languages))
            return made[0]

        try:
            yield pool
        finally:
            for workers in made:
                workers.stop()  # type: ignore[no-untyped-call]
                workers.join()

    def _result(self, future: ProcessFuture[Derived], task: Task) -> Derived:
        from pebble import ProcessExpired

        from archive.extractors import RULES

        error = future.exception()
        if error is None:
            return future.result()
        match error:
            case TimeoutError():
                reason = f"timeout: longer than {self._settings.deadline:g} s"
            case MemoryError():
                reason = f"memory: more than {self._settings.memory} bytes"
            case ProcessExpired():
                reason = f"crash: the worker ended with {error.exitcode}"
            case ArchiveError():
                reason = f"damaged: {error.message}"
            case _:
                reason = f"defect: {type(error).__name__}: {error}"
                log.error("extraction of %s failed", task.url, exc_info=error)
        log.warning("%s: no extraction: %s", task.url, reason)
        return failed(task, RULES, reason)

    # --- the database ---------------------------------------------------------------------------------------------
    def _pending(self, limit: int, under_way: Sequence[Task] = (), ready: Sequence[Derived] = ()) -> list[Task]:
        from archive.extractors import RULES

        beyond = [task.capture_id for task in under_way] + [made.derivation.capture_id for made in ready]
        with reading(self._archive.engine) as transaction:
            found = derived.pending(transaction, RULES, limit, outlets=self._only, beyond=beyond)
        return [
            Task(
                capture_id=row.id,
                url=row.url,
                outlet=row.outlet,
                file=self._archive.path_of(row.file),
                offset=row.offset,
                length=row.record_length,
            )
            for row in found
        ]

    def _count(self, limit: int | None) -> int:
        from archive.extractors import RULES

        with reading(self._archive.engine) as transaction:
            number = derived.count_pending(transaction, RULES, self._only)
        return number if limit is None else min(number, limit)

    def _store(self, made: Sequence[Derived]) -> Counts:
        derivations = [one.derivation for one in made]
        words = {one.derivation.capture_id: one.words for one in made if one.words != ("", "")}
        with writing(self._archive.engine) as transaction:
            # Two processes that put the same article together would meet in the middle: one at a time.
            holding(transaction, "derive")
            put_in(transaction, derivations, words)
        outcomes = [derivation.outcome for derivation in derivations]
        return Counts(outcomes.count("article"), outcomes.count("not-article"), outcomes.count("error"))


def _workers(settings: ExtractSettings, outlets: Mapping[str, Outlet], languages: Languages) -> ProcessPool:
    from pebble import ProcessPool

    # Threads run in this process, so it must not be forked. The server that forks instead has loaded the extractors
    # once, so that a worker in the place of a killed one is there at once. (Each worker loads the main script anew:
    # that of `warraq` is light, and `python -m` spares even that.)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["archive.warmed"])
    return ProcessPool(
        max_workers=settings.workers,
        max_tasks=TASKS_A_WORKER,
        initializer=set_up,
        initargs=(outlets, languages, settings.memory),
        context=context,
    )
