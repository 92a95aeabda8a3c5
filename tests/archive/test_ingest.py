"""Tests of deriving what is pending: beside a crawl and all at once, with pages that hang or kill their worker."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from archive.archive import Archive
from archive.database import derived, reads
from archive.database.dump import dump
from archive.database.engine import reading, writing
from archive.derivation import Task, may_show_article
from archive.extractors import RULES
from archive.ingest import Counts, Deriver
from archive.rows import CaptureRow
from settings.language import languages
from settings.outlet import Outlet
from settings.site import ExtractSettings, Site
from tests.archive.hostile import hostile
from tests.archive.made import PARAGRAPHS, answer, capture, html, run
from tests.archive.rows import capture_row

OUTLET = Outlet(id="example", name="Example", home="https://example.org/")
SETTINGS = ExtractSettings(workers=2, deadline=10.0, memory=1 << 30)


@pytest.fixture
def archive(site: Site) -> Iterator[Archive]:
    """Give an archive that may be written, once on each database."""
    with Archive.open(site, writable=True) as archive:
        yield archive


@pytest.fixture
def one_archive(sqlite_site: Site) -> Iterator[Archive]:
    """Give an archive on SQLite."""
    with Archive.open(sqlite_site, writable=True) as archive:
        yield archive


def deriver(archive: Archive, **options: object) -> Deriver:
    return Deriver(archive, languages(), {"example": OUTLET}, SETTINGS, **options)  # type: ignore[arg-type]


def pending(archive: Archive) -> int:
    with reading(archive.engine) as connection:
        return derived.count_pending(connection, RULES)


def outcomes(archive: Archive) -> dict[str, tuple[str, str | None]]:
    """Give outcome and reason by the last part of the address."""
    with reading(archive.engine) as connection:
        urls = {row.id: row.url.rsplit("/", 1)[-1] for row in reads.captures(connection)}
    return {urls[row["capture_id"]]: (row["outcome"], row["reason"]) for row in dump(archive.engine)["extractions"]}


# --- which captures ---------------------------------------------------------------------------------------------------
HTML = answer(html("Title"))


@pytest.mark.parametrize(
    ("values", "response", "expected"),
    [
        ({}, HTML, True),
        ({"why": "add"}, HTML, True),
        ({"mime": "application/xhtml+xml"}, HTML, True),
        ({"why": "home"}, HTML, False),
        ({"why": "section"}, HTML, False),
        ({"why": "feed"}, HTML, False),
        ({"why": "requisite"}, HTML, False),
        ({"why": "robots"}, HTML, False),
        ({"status": 404}, HTML, False),
        ({"status": 301}, HTML, False),
        ({"status": None}, HTML, False),
        ({"mime": "image/png"}, HTML, False),
        ({"mime": ""}, HTML, True),
        ({"mime": "text/plain"}, HTML, True),
        ({"mime": "text/plain"}, answer(b"User-agent: *"), False),
        ({"mime": "application/octet-stream"}, answer(b"\x89PNG"), False),
        ({"mime": "text/xml"}, answer(b"<?xml version='1.0'?><rss/>"), False),
        ({"mime": ""}, b"", False),
    ],
)
def test_which_captures_are_extracted(values: dict[str, object], response: bytes, expected: bool) -> None:
    """Answers of 200 that were asked for as articles and are HTML, by type or by their first bytes."""
    row: CaptureRow = capture_row(0, "https://example.org/a", **values)
    assert may_show_article(row, response) is expected


# --- all at once ------------------------------------------------------------------------------------------------------
def test_pending_captures_become_articles(archive: Archive) -> None:
    """Kept captures are extracted in workers; articles, versions and search follow."""
    archive.keep(capture(0, "a", answer(html("The old bridge", published="2026-05-01T10:00:00+02:00"))))
    archive.keep(capture(1, "b", answer(html("The new school"))))
    archive.keep(capture(2, "home", answer(html("Front page")), why="home"))
    archive.keep(capture(3, "c", answer(b"<html><body></body></html>"))).result()
    seen: list[tuple[int, int]] = []
    counts = deriver(archive).run_pending(progress=lambda done, total: seen.append((done, total)))
    assert counts == Counts(articles=2, not_articles=1)
    assert pending(archive) == 0
    assert seen[-1] == (3, 3)
    bridge = archive.article("https://example.org/a")
    assert bridge.title == "The old bridge"
    assert "two middle arches can be saved" in bridge.text
    assert bridge.published is not None
    assert bridge.published.value.startswith("2026-05-01T10:00")
    assert bridge.language.code == "en"
    assert bridge.rules == RULES
    assert deriver(archive).run_pending() == Counts()


def test_inline_gives_the_same(one_archive: Archive) -> None:
    """Without workers, for a few pages, the same rows come out."""
    for number in range(3):
        one_archive.keep(capture(number, f"{number}", answer(html(f"Title {number}")))).result()
    deriver(one_archive).run_pending()
    before = dump(one_archive.engine)
    with writing(one_archive.engine) as connection:
        derived.make_pending(connection)
    assert deriver(one_archive).derive_inline(limit=2).done == 2
    assert deriver(one_archive).derive_inline().done == 1
    assert dump(one_archive.engine) == before


def test_nothing_pending_starts_no_worker(one_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that is up to date costs no process."""
    monkeypatch.setattr("archive.ingest._workers", lambda *_: pytest.fail("a pool was made"))
    assert deriver(one_archive).run_pending() == Counts()


def test_other_outlets_are_left_to_those_who_know_them(one_archive: Archive) -> None:
    """A deriver works for the outlets that it is given; strangers only where it is told to."""
    one_archive.keep(capture(0, "a"))
    one_archive.keep(capture(1, "b", outlet="stranger")).result()
    assert deriver(one_archive).run_pending() == Counts(articles=1)
    assert deriver(one_archive, only=["nobody"]).run_pending() == Counts()
    assert deriver(one_archive, strangers=True).run_pending() == Counts(articles=1)
    assert {row.outlet for row in one_archive.articles()} == {"example", "stranger"}


def test_a_limit_bounds_what_is_done(one_archive: Archive) -> None:
    """The oldest come first, and no more than asked for."""
    for number in (2, 0, 1):
        one_archive.keep(capture(number, str(number), answer(html(f"Title {number}")))).result()
    assert deriver(one_archive).run_pending(limit=2) == Counts(articles=2)
    assert sorted(row.url[-1] for row in one_archive.articles()) == ["0", "1"]


# --- what goes wrong --------------------------------------------------------------------------------------------------
def test_pages_that_hang_die_or_eat_memory_cost_only_themselves(
    one_archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    """Each gives a row with its cause; the pages beside them become articles, and nothing is tried for ever."""
    for number, path in enumerate(["first", "hangs", "second", "dies", "third", "eats", "defect", "last"]):
        one_archive.keep(capture(number, path, answer(html(f"Title {path}")))).result()
    settings = ExtractSettings(workers=2, deadline=4.0, memory=400 << 20)
    worker = Deriver(one_archive, languages(), {"example": OUTLET}, settings, work=hostile)
    with caplog.at_level(logging.CRITICAL, logger="warraq"):
        counts = worker.run_pending()
    assert counts == Counts(articles=4, errors=4)
    told = outcomes(one_archive)
    assert told["hangs"] == ("error", "timeout: longer than 4 s")
    assert told["dies"] == ("error", "crash: the worker ended with -9")
    assert told["eats"] == ("error", f"memory: more than {400 << 20} bytes")
    assert told["defect"] == ("error", "defect: KeyError: 'defect'")
    assert all(told[path][0] == "article" for path in ("first", "second", "third", "last"))
    assert pending(one_archive) == 0


def test_a_damaged_record_is_an_error_row(one_archive: Archive) -> None:
    """A capture that cannot be read back costs only its own extraction, in a worker and without."""
    refs = [one_archive.keep(capture(n, str(n), answer(html(f"Title {n}")))).result() for n in range(3)]
    one_archive.settle()
    path = one_archive.path_of(refs[1].file)
    content = bytearray(path.read_bytes())
    content[refs[1].offset + refs[1].length // 2] ^= 0xFF
    path.write_bytes(content)
    for work in (lambda d: d.run_pending(), lambda d: d.derive_inline()):
        with writing(one_archive.engine) as connection:
            derived.make_pending(connection)
        assert work(deriver(one_archive)) == Counts(articles=2, errors=1)
        outcome, reason = outcomes(one_archive)["1"]
        assert outcome == "error"
        assert (reason or "").startswith("damaged: ")


# --- beside a crawl ---------------------------------------------------------------------------------------------------
def test_beside_a_crawl_each_new_capture_is_derived(archive: Archive) -> None:
    """Started before anything is there, woken by notify, drained at the end."""
    beside = deriver(archive)
    beside.start()
    for number in range(3):
        archive.keep(capture(number, str(number), answer(html(f"Title {number}")))).result()
        beside.notify()
    until = time.monotonic() + 60
    while pending(archive) and time.monotonic() < until:
        time.sleep(0.05)
    assert pending(archive) == 0
    archive.keep(capture(3, "3", answer(html("Title 3")))).result()
    assert beside.stop(drain=True) == Counts(articles=4)
    assert len(archive.articles()) == 4


def test_stopping_without_draining_leaves_the_rest_pending(one_archive: Archive) -> None:
    """What is not derived stays pending; the next deriver does it."""
    beside = deriver(one_archive)
    beside.start()
    beside.stop(drain=False)
    one_archive.keep(capture()).result()
    assert pending(one_archive) == 1
    assert deriver(one_archive).run_pending() == Counts(articles=1)


def test_cancelling_ends_a_drain_soon(one_archive: Archive) -> None:
    """A signal handler may end the draining; nothing half-made is stored."""
    for number in range(2):
        one_archive.keep(capture(number, f"{number}/hangs")).result()
    slow = Deriver(one_archive, languages(), {"example": OUTLET}, replace(SETTINGS, deadline=60.0), work=hostile)
    threading.Timer(1.0, slow.cancel).start()
    begun = time.monotonic()
    slow.run_pending()
    assert time.monotonic() - begun < 20
    assert pending(one_archive) == 2


def test_two_derivers_at_once_agree(archive: Archive) -> None:
    """Two processes' worth of derivers on one archive do no harm to each other's articles."""
    for number in range(6):
        page = html("The old bridge", *PARAGRAPHS, f"This is what was known in the hour {number} of that long day.")
        archive.keep(capture(number, "a", answer(page))).result()
    derivers = [deriver(archive) for _ in range(2)]
    threads = [threading.Thread(target=one.derive_inline) for one in derivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pending(archive) == 0
    (article,) = archive.articles()
    assert article.versions == 6
    assert [version.ordinal for version in archive.versions(article.id)] == [1, 2, 3, 4, 5, 6]


def test_a_task_and_its_result_are_light_to_load() -> None:
    """What a worker loads first has no SQLAlchemy in it; opening an archive loads neither extractor nor warcio."""
    probe = (
        "import sys, archive.extracting; assert 'sqlalchemy' not in sys.modules;"
        "assert 'trafilatura' not in sys.modules; import archive.archive;"
        "assert not {'trafilatura', 'warcio', 'scrapy', 'pebble', 'alembic'} & sys.modules.keys()"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_a_run_in_the_archive_does_not_disturb(one_archive: Archive) -> None:
    """Runs and failures have nothing to derive."""
    one_archive.begin(run())
    one_archive.finish(run(outcome="done"))
    assert pending(one_archive) == 0
    assert Task.__slots__
