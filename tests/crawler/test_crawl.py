"""Whole crawls of the demo world, through the command as a user calls it: what is found, kept, left alone and told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.archive import Archive
from archive.http import entity, parse_head
from crawler.demo.outlets import demo_outlets
from crawler.demo.server import Served, serve
from crawler.demo.world import DemoWorld
from crawler.exits import Exit
from settings.outlet import Outlet, load_outlets, save_outlet

FAST = "0.02"


def warraq(site: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Call the command in a site's folder, as cron would."""
    return subprocess.run(
        [sys.executable, "-m", "crawler", *words], cwd=site, env=environment(env), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {
        **os.environ,
        "PYTHONPATH": root,
        "WARRAQ_CRAWL__ALLOW_PRIVATE": "1",
        "WARRAQ_CRAWL__DELAY": FAST,
        "WARRAQ_CRAWL__RETRIES": "1",
        "WARRAQ_CRAWL__DEADLINE": "3",
        **(extra or {}),
    }


@pytest.fixture(scope="module")
def world() -> Iterator[Served]:
    """The demo world, served."""
    with serve(DemoWorld()) as served:
        yield served


@pytest.fixture(scope="module")
def crawled(world: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose outlets were added by their home addresses alone, crawled once."""
    site = tmp_path_factory.mktemp("site")
    for id_, home in world.homes.items():
        added = warraq(site, "outlets", "add", home, "--id", id_)
        assert added.returncode == 0, added.stderr
    done = warraq(site, "crawl", "--all", "--json")
    assert done.returncode == 0, done.stderr
    return site


def site_for(folder: Path, *outlets: Outlet) -> Path:
    for outlet in outlets:
        save_outlet(outlet, folder / "outlets" / f"{outlet.id}.toml")
    return folder


def odd(world: Served, **values: tuple[str, ...]) -> Outlet:
    """An outlet whose feeds or sitemaps are odd answers, and whose home leads nowhere."""
    return Outlet(id="odd", name="Odd", home=f"{world.faults}fault/empty-sitemap?home", **values)


def test_every_article_is_found_clean_and_dated(crawled: Path, world: Served) -> None:
    """One crawl finds every article of every outlet, with its title and day, whatever the platform."""
    with Archive.open(crawled / "archive") as archive:
        articles = {row.url: row for row in archive.articles()}
        truths = world.world.truth()
        for truth in truths:
            row = archive.article(truth.url)
            assert row.title == truth.title
            assert row.published is not None, truth.url
            assert row.published.value[:10] == truth.date.isoformat(), truth.url
        unclean = [t.url for t in truths if any(len(x) > 20 and x in archive.article(t.url).text for x in t.must_not)]
        assert len(unclean) <= len(truths) // 5, unclean
        assert not [url for url in unclean if url.startswith(world.homes["wadi"])], "the page that started it all"
        assert len(articles) == len(truths), "nothing but articles is taken for one"


def test_every_exchange_is_kept_byte_for_byte(crawled: Path, world: Served) -> None:
    """Each row of the server's own log is in the archive: head, entity, whole answer and request."""
    kept = {}
    with Archive.open(crawled / "archive") as archive:
        for row in archive.captures():
            capture = archive.get(row.id)
            kept[parse_head(capture.response).get("X-Demo-Id")] = capture
    assert len(world.world.log) > 200
    for exchange in world.world.log:
        capture = kept[exchange.id]
        assert capture.response == exchange.response
        assert entity(capture.response) == exchange.entity
        assert capture.request == exchange.request


def test_traps_are_left_and_wishes_obeyed(crawled: Path, world: Served) -> None:
    """What robots.txt forbids is not asked for; calendars, loops and busy pages cost what they must and no more."""
    log = world.world.log
    what = Counter((row.outlet, row.what) for row in log)
    assert not [key for key in what if key[1] == "forbidden"]
    assert max((n for (_, kind), n in what.items() if kind == "calendar"), default=0) <= 20
    assert max((n for (_, kind), n in what.items() if kind == "loop"), default=0) <= 10
    for busy in (row for row in log if row.status == 503):
        after = [row for row in log if row.host == busy.host and row.time > busy.time]
        assert after, "the busy page is asked for again"
        assert (min(row.time for row in after) - busy.time).total_seconds() >= 1.0
    assert all(b"warraq/" in row.request for row in log), "each request says who asks"


def test_a_page_costs_its_outlet_one_request(crawled: Path, world: Served) -> None:
    """A second crawl asks for feeds, sitemaps and lists again, and for no article that is there already."""
    before = len(world.world.log)
    done = warraq(crawled, "crawl", "--all", "--fail-if-empty")
    assert done.returncode == Exit.NOTHING_NEW, done.stderr
    again = Counter(row.what for row in world.world.log[before:])
    assert again["article"] == 0
    assert len(world.world.log) - before < before / 2


def test_plain_scrapy_archives_the_same_way(world: Served, tmp_path: Path) -> None:
    """`scrapy crawl outlet -a outlet=ID` keeps byte-exact captures in the same archive."""
    outlet = demo_outlets(world)[0]
    site = site_for(tmp_path, outlet)
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "outlet", "-a", f"outlet={outlet.id}"],
        cwd=site, env=environment({"SCRAPY_SETTINGS_MODULE": "settings.base"}), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Archive.open(site / "archive") as archive:
        rows = [row for row in archive.captures() if row.why == "article" and row.status == 200]
        assert len(rows) >= len([t for t in world.world.truth() if t.outlet == outlet.id])
        assert [run.outcome for run in archive.runs(outlet.id)] == ["done"]


def test_what_is_odd_is_told_in_a_line_and_counted(world: Served, tmp_path: Path) -> None:
    """HTML as a feed, broken XML, an empty sitemap and a circle of sitemaps: a line each, and the crawl ends well."""
    at = world.faults + "fault/"
    outlet = odd(
        world,
        feeds=(at + "html-as-feed", at + "broken-xml", at + "zero"),
        sitemaps=(at + "empty-sitemap", at + "sitemap-circle"),
    )
    before = len(world.world.log)
    done = warraq(site_for(tmp_path, outlet), "crawl", "odd")
    assert done.returncode == 0, done.stderr
    assert "html-as-feed: not a feed" in done.stderr
    assert "broken-xml" in done.stderr
    assert "Traceback" not in done.stderr
    circle = [row for row in world.world.log[before:] if "circle" in row.target]
    assert 1 <= len(circle) <= 6


@pytest.mark.parametrize("name", ["zero", "binary", "short-length", "cut-chunk", "reset", "bad-gzip"])
def test_bad_pages_are_kept_and_none_is_an_article(world: Served, tmp_path: Path, name: str) -> None:
    """An empty, binary or broken page is archived as it came; it makes no article and no noise."""
    done = warraq(tmp_path, "add", f"{world.faults}fault/{name}")
    assert done.returncode in (Exit.DONE, Exit.FAILED), done.stderr
    assert "Traceback" not in done.stderr
    with Archive.open(tmp_path / "archive") as archive:
        rows = [row for row in archive.captures() if name in row.url]
        assert rows or archive.failures()
        marks = {row.truncated for row in rows}
        if name in ("short-length", "cut-chunk"):
            assert marks == {"disconnect"}
        if name in ("zero", "binary"):
            assert archive.articles() == []


@pytest.mark.parametrize(
    ("home", "words"),
    [
        ("http://127.0.0.1:1/", "refused"),
        ("http://no-such-host.invalid/", "no-such-host.invalid"),
    ],
)
def test_an_outlet_that_cannot_be_reached_is_a_line_and_code_3(tmp_path: Path, home: str, words: str) -> None:
    """A host that refuses or does not exist ends the run with 3, one line, and a row with the cause."""
    site = site_for(tmp_path, Outlet(id="gone", name="Gone", home=home))
    done = warraq(site, "crawl", "gone")
    assert done.returncode == Exit.FAILED, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    with Archive.open(site / "archive") as archive:
        assert archive.failures(outlet="gone")
        assert [run.outcome for run in archive.runs("gone")] == ["failed"]


def test_private_addresses_are_refused_with_the_setting_that_allows_them(world: Served, tmp_path: Path) -> None:
    """Without crawl.allow_private no loopback outlet is reached, and the line names the setting."""
    site = site_for(tmp_path, demo_outlets(world)[0])
    before = len(world.world.log)
    env = {"WARRAQ_CRAWL__ALLOW_PRIVATE": "0", "WARRAQ_CONTACT": "https://test.example/contact"}
    done = warraq(site, "crawl", "--all", env=env)
    assert done.returncode == Exit.FAILED
    assert "crawl.allow_private" in done.stderr
    assert len(world.world.log) == before


def test_a_real_crawl_needs_a_contact(world: Served, tmp_path: Path) -> None:
    """Nobody is asked anything before outlets are told whom to write to."""
    site = site_for(tmp_path, demo_outlets(world)[0])
    done = warraq(site, "crawl", "--all", env={"WARRAQ_CRAWL__ALLOW_PRIVATE": "0"})
    assert done.returncode == Exit.CONFIG
    assert "WARRAQ_CONTACT" in done.stderr


def test_limits_end_a_crawl_that_the_next_goes_on_with(world: Served, tmp_path: Path) -> None:
    """A bound ends the crawl with 10; the next one fetches the rest and nothing twice."""
    outlet = demo_outlets(world)[1]
    site = site_for(tmp_path, outlet)
    first = warraq(site, "crawl", outlet.id, "--max-pages", "2")
    assert first.returncode == Exit.LIMIT, first.stderr
    second = warraq(site, "crawl", outlet.id)
    assert second.returncode == 0, second.stderr
    with Archive.open(site / "archive") as archive:
        urls = Counter(row.url for row in archive.captures() if row.why == "article" and row.status == 200)
        wanted = {truth.url for truth in world.world.truth() if truth.outlet == outlet.id}
        assert wanted <= set(urls)
        assert set(urls.values()) == {1}
        assert [run.outcome for run in archive.runs(outlet.id)] in (["limit", "done"], ["done", "limit"])


def test_a_dry_run_asks_nothing(world: Served, tmp_path: Path) -> None:
    """`--dry-run` shows the seeds and what waits, without one request."""
    site = site_for(tmp_path, demo_outlets(world)[0])
    warraq(site, "init")
    before = len(world.world.log)
    done = warraq(site, "crawl", "--all", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["waiting"] == 0
    assert len(world.world.log) == before


def start(site: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", *words], cwd=site, env=environment(env), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for_answers(world: Served, number: int) -> None:
    """Wait until the world has answered so many more requests."""
    wanted, patience = len(world.world.log) + number, time.monotonic() + 60
    while len(world.world.log) < wanted and time.monotonic() < patience:
        time.sleep(0.05)
    assert len(world.world.log) >= wanted


def test_one_interrupt_keeps_what_is_under_way(world: Served, tmp_path: Path) -> None:
    """Ctrl-C ends with 130 after the exchanges under way; the next crawl goes on, and nothing is lost or doubled."""
    outlet = demo_outlets(world)[2]
    site = site_for(tmp_path, outlet)
    running = start(site, "crawl", outlet.id, env={"WARRAQ_CRAWL__DELAY": "0.3"})
    wait_for_answers(world, 4)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == Exit.INTERRUPTED, told
    assert "Traceback" not in told
    assert not list((site / "archive").rglob("*.open")), "files are sealed"
    assert warraq(site, "crawl", outlet.id).returncode == 0
    with Archive.open(site / "archive") as archive:
        urls = Counter(row.url for row in archive.captures() if row.why == "article" and row.status == 200)
        assert {truth.url for truth in world.world.truth() if truth.outlet == outlet.id} <= set(urls)
        assert set(urls.values()) == {1}


def test_two_interrupts_end_at_once_and_lose_nothing(world: Served, tmp_path: Path) -> None:
    """A second Ctrl-C ends the process at once; what was reported is there, and the next crawl goes on."""
    outlet = demo_outlets(world)[2]
    site = site_for(tmp_path, outlet)
    running = start(site, "crawl", outlet.id, env={"WARRAQ_CRAWL__DELAY": "2"})
    wait_for_answers(world, 2)
    running.send_signal(signal.SIGINT)
    time.sleep(0.2)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == Exit.INTERRUPTED
    assert time.monotonic() - began < 5
    assert warraq(site, "crawl", outlet.id).returncode == 0
    with Archive.open(site / "archive") as archive:
        assert all(archive.get(row.id).response for row in archive.captures())


def test_a_second_run_of_an_outlet_is_refused(world: Served, tmp_path: Path) -> None:
    """While one process crawls an outlet another is turned away with 5, and says who holds it."""
    outlet = demo_outlets(world)[3]
    site = site_for(tmp_path, outlet)
    running = start(site, "crawl", outlet.id, env={"WARRAQ_CRAWL__DELAY": "0.5"})
    try:
        wait_for_answers(world, 2)
        second = warraq(site, "crawl", outlet.id)
        assert second.returncode == Exit.HELD
        assert str(running.pid) in second.stderr
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)


def test_a_full_disk_ends_with_11_and_leaves_whole_files(world: Served, tmp_path: Path) -> None:
    """The disk guard stops the crawl before the disk is full; what is there stays readable."""
    outlet = demo_outlets(world)[0]
    site = site_for(tmp_path, outlet)
    done = warraq(site, "crawl", outlet.id, env={"WARRAQ_ARCHIVE__MIN_FREE_BYTES": str(1 << 60)})
    assert done.returncode == Exit.DISK, done.stderr
    assert "Traceback" not in done.stderr
    assert warraq(site, "crawl", outlet.id).returncode == 0


def test_a_database_of_another_version_is_named(world: Served, tmp_path: Path) -> None:
    """A database that another version made stops the crawl with 12 and the command that mends it."""
    import sqlite3

    site = site_for(tmp_path, demo_outlets(world)[0])
    warraq(site, "init")
    with sqlite3.connect(site / "archive" / "warraq.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    done = warraq(site, "crawl", "--all")
    assert done.returncode == Exit.STORAGE
    assert "newer warraq" in done.stderr


def test_probe_writes_nothing(world: Served, tmp_path: Path) -> None:
    """`outlets probe` shows what `add` would write and leaves no trace."""
    home = next(iter(world.homes.values()))
    done = warraq(tmp_path, "outlets", "probe", home, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outlet"]["feeds"]
    assert list(tmp_path.iterdir()) == []


def test_what_was_added_can_be_read_and_is_not_added_twice(crawled: Path, world: Served) -> None:
    """The outlets' files hold name, language, feeds and sitemaps; adding a home again names the outlet it has."""
    outlets = load_outlets(crawled / "outlets")
    known = world.world.publications
    assert {id_: outlet.name for id_, outlet in outlets.items()} == {id_: known[id_].name for id_ in outlets}
    assert all(
        outlet.languages[0].split("-")[0] == known[id_].language.split("-")[0] for id_, outlet in outlets.items()
    )
    again = warraq(crawled, "outlets", "add", next(iter(world.homes.values())))
    assert again.returncode == Exit.USAGE
    assert "already" in again.stderr


def test_a_home_that_is_no_outlet_writes_no_file(world: Served, tmp_path: Path) -> None:
    """An address that does not answer, or is no site to follow, is told in one line and leaves no outlet."""
    done = warraq(tmp_path, "outlets", "add", "http://127.0.0.1:1/")
    assert done.returncode == Exit.FAILED
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "outlets").exists() or not list((tmp_path / "outlets").iterdir())
