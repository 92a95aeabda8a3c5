"""Tests of making the tables again: from the WARC files alone they come out equal, row for row, ids included."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from archive.archive import Archive
from archive.database import store
from archive.database.dump import dump
from archive.database.engine import writing
from archive.database.models import DERIVED, HostRecord
from archive.errors import Held
from archive.ingest import Counts, Deriver
from archive.rebuild import rebuild
from settings.language import languages
from settings.outlet import Outlet, load_outlets, save_outlet
from settings.site import Site
from tests.archive.child import Child
from tests.archive.made import PARAGRAPHS, START, answer, capture, failure, html, run

EDITED = (*PARAGRAPHS[:2], "Traders of the lower town will have a ferry from June, the mayor said after the meeting.")
OUTLETS = (
    Outlet(id="example", name="Example", home="https://example.org/", sections=("https://example.org/news",)),
    Outlet(id="other", name="Other", home="https://other.org/"),
)


def crawl(archive: Archive) -> None:
    """Keep what two crawls of two outlets would: pages of every kind, in an order of no particular kind."""
    for outlet in OUTLETS:
        archive.begin(run(outlet.id))
    bridge = html("The old bridge", published="2026-05-03T09:00:00Z")
    url = "https://example.org/bridge"
    pages: list[Any] = [
        capture(9, "bridge", answer(html("The old bridge", *EDITED, published="2026-05-03T20:00:00Z"))),  # an edit
        capture(0, "robots.txt", answer(b"User-agent: *\nAllow: /", mime="text/plain"), why="robots"),
        capture(1, "", answer(html("Example")), why="home"),
        capture(1, "news", answer(html("News")), why="section"),
        capture(2, "bridge", answer(bridge)),
        capture(3, "bridge", answer(bridge)),  # unchanged
        capture(3, "bridge?utm_source=mail", answer(bridge)),  # another name of it
        capture(4, "print/bridge", answer(html("The old bridge", canonical=url))),  # a copy that names it
        capture(5, "school", answer(html("A new school", canonical=url))),  # a wrong claim
        capture(5, "late", answer(html("A late date", published="2031-01-01"))),  # a date that cannot be
        capture(6, "old", answer(b"", "301 Moved Permanently", "Location: /bridge")),
        capture(6, "none", answer(html("Not here"), "404 Not Found")),
        capture(7, "half", answer(html("Half a page"))[:-300], truncated="disconnect"),
        capture(7, "empty", answer(b"")),
        capture(8, "vague", answer(html("No type"), mime=None)),
        capture(8, "logo.png", answer(b"\x89PNG\r\n", mime="image/png"), why="requisite"),
        capture(9, "odd\u0628", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n\x00\xff\xfe<html>"),
        capture(2, "bridge", answer(bridge), outlet="other", peer=None, certificate=b"not really DER"),
        capture(3, "hint", answer(html("With a hint")), interim=b"HTTP/1.1 103 Early Hints\r\n\r\n", outlet="other"),
        failure(4),
        failure(5, "gone", cause="robots", message="robots.txt forbids it"),
        failure(5, "tls", cause="tls", message='wrong "name"\nin\x00 the certificate'),
    ]
    asked = [archive.fail(page) if hasattr(page, "cause") else archive.keep(page) for page in pages]
    for one in asked:
        one.result()
    for outlet in OUTLETS:
        ended = START + timedelta(hours=10)
        archive.finish(
            run(outlet.id, ended=ended, outcome="done", counts={"200": 12, "failed:dns": 1, "bytes": 10**10})
        )
    archive.begin(run("example", id="run-cut-short", started=START + timedelta(days=1)))


def derive(archive: Archive) -> Counts:
    known = load_outlets(archive.site.outlets_path)
    return Deriver(archive, languages(), known, archive.site.extract, strangers=True).derive_inline()


@pytest.fixture
def lived(site: Site) -> Site:
    """Give a site whose archive was crawled, derived and closed."""
    for outlet in OUTLETS:
        save_outlet(outlet, site.outlets_path / f"{outlet.id}.toml")
    with Archive.open(site, writable=True) as archive:
        crawl(archive)
        derive(archive)
    return site


def tables(site: Site) -> dict[str, list[dict[str, Any]]]:
    with Archive.open(site) as archive:
        return dump(archive.engine)


def assert_equal(left: dict[str, list[dict[str, Any]]], right: dict[str, list[dict[str, Any]]]) -> None:
    """Compare table by table, so that a failure names the rows."""
    assert left.keys() == right.keys() == set(DERIVED)
    for name in DERIVED:
        assert left[name] == right[name], name


def without_database(site: Site) -> None:
    """Delete the database, as a disk or an administrator would."""
    if site.database.url.startswith("postgresql"):
        with Archive.open(site) as archive, writing(archive.engine) as connection:
            for name in (*reversed(DERIVED), "frontier", "hosts", "alembic_version"):
                connection.execute(text(f"DROP TABLE {name}"))
        return
    for path in Path(site.database.url.removeprefix("sqlite:///")).parent.glob("warraq.db*"):
        path.unlink()


def test_the_crawl_is_a_rich_one(lived: Site) -> None:
    """What the other tests compare holds something of everything."""
    rows = tables(lived)
    assert all(rows[name] for name in DERIVED)
    with Archive.open(lived) as archive:
        bridge = archive.article("https://example.org/bridge")
        assert bridge.versions == 2
        assert bridge.published is not None
        assert bridge.published.value.startswith("2026-05-03T09:00")
        assert archive.article("https://example.org/print/bridge").id == bridge.id
        assert archive.article("https://example.org/school").id != bridge.id
        late = archive.article("https://example.org/late")
        assert late.published is None
        assert {row["outcome"] for row in rows["extractions"]} == {"article", "not-article"}
        assert len(rows["fetch_errors"]) == 3
        assert [one.outcome for one in archive.runs("example")] == ["running", "done"]


def test_rebuilt_without_its_database_the_archive_is_equal(lived: Site) -> None:
    """Delete the database, rebuild from the WARC files: every derived table, row for row, ids included."""
    before = tables(lived)
    without_database(lived)
    with Archive.open(lived, writable=True) as archive:
        counts = rebuild(archive, from_warc=True)
    assert counts.articles == sum(row["outcome"] == "article" for row in before["extractions"])
    assert_equal(tables(lived), before)


def test_rebuilding_over_wrong_rows_mends_them(lived: Site) -> None:
    """Whatever the tables say, they are made again; what is no derived row stays."""
    before = tables(lived)
    with Archive.open(lived, writable=True) as archive:
        with writing(archive.engine) as connection:
            connection.execute(text("UPDATE captures SET status = 500, url = 'wrong'"))
            connection.execute(text("UPDATE articles SET title = 'wrong'"))
            connection.execute(text("DELETE FROM versions"))
            connection.execute(text("DELETE FROM search"))
            connection.execute(text("DELETE FROM runs"))
            connection.execute(insert(HostRecord).values(host="stays", asked=START, delay=1.0))
        rebuild(archive, from_warc=True)
        with writing(archive.engine) as connection:
            assert connection.execute(text("SELECT host FROM hosts")).scalar_one() == "stays"
    assert_equal(tables(lived), before)


def test_one_outlet_is_rebuilt_alone(lived: Site) -> None:
    """The rows of the others are neither read again nor touched."""
    before = tables(lived)
    with Archive.open(lived, writable=True) as archive:
        with writing(archive.engine) as connection:
            connection.execute(text("UPDATE captures SET peer = 'mark'"))
        rebuild(archive, from_warc=True, outlet="other")
        peers = {(row.outlet, row.peer) for row in archive.captures()}
        with writing(archive.engine) as connection:
            connection.execute(text("UPDATE captures SET peer = '192.0.2.1' WHERE outlet = 'example'"))
    assert ("example", "mark") in peers
    assert ("other", "mark") not in peers
    assert_equal(tables(lived), before)


def test_an_archive_that_is_open_is_rebuilt_with_what_it_just_kept(site: Site) -> None:
    """What was kept a moment ago, in a file that was being written, is among the rows."""
    with Archive.open(site, writable=True) as archive:
        crawl(archive)
        derive(archive)
        archive.settle()
        before = dump(archive.engine)
        ref = archive.keep(capture(20, "new", answer(html("Just now")))).result()
        rebuild(archive, from_warc=True)
        assert archive.get(ref.record_id).url == "https://example.org/new"
        assert archive.article("https://example.org/new").title == "Just now"
        after = dump(archive.engine)
    assert {row["id"] for row in after["captures"]} == {row["id"] for row in before["captures"]} | {ref.record_id}


def test_files_of_two_crashes_are_rebuilt(lived: Site) -> None:
    """A file that a crash left open and torn is taken up; its rows are those of the opening after the crash."""
    with Archive.open(lived, writable=True) as archive:
        refs = [archive.keep(capture(20 + n, f"more/{n}", answer(html(f"More {n}")))).result() for n in range(3)]
    path = lived.archive_path / refs[-1].file
    path.with_suffix(".cdxj").unlink(missing_ok=True)
    torn = path.read_bytes()[:-7]
    path.unlink()
    path.with_name(path.name + ".open").write_bytes(torn)
    with Archive.open(lived, writable=True) as archive, writing(archive.engine) as connection:
        store.forget(connection)  # whatever the rows said of the torn capture
    with Archive.open(lived, writable=True) as archive:
        derive(archive)
    before = tables(lived)
    assert [row["id"] for row in before["captures"] if "/more/" in row["url"]] == sorted(r.record_id for r in refs[:2])
    without_database(lived)
    with Archive.open(lived, writable=True) as archive:
        rebuild(archive, from_warc=True)
    assert_equal(tables(lived), before)


def test_a_moved_archive_is_rebuilt_equal(lived: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No row depends on where the archive lies."""
    before = tables(lived)
    root = tmp_path_factory.mktemp("moved")
    shutil.copytree(lived.archive_path / "warc", root / "archive" / "warc")
    shutil.copytree(lived.outlets_path, root / "outlets")
    moved = Site(root=root)
    with Archive.open(moved, writable=True) as archive:
        rebuild(archive, from_warc=True)
    after = tables(moved)
    for name in set(DERIVED) - {"search"}:  # the search table is each database's own
        assert after[name] == before[name], name


def test_new_rules_are_applied_to_what_is_old(lived: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --from-warc only what other rules made is made again; forced, all of it; either way all is equal."""
    before = tables(lived)
    with Archive.open(lived, writable=True) as archive:
        assert rebuild(archive, from_warc=False) == Counts()
        with writing(archive.engine) as connection:
            connection.execute(text("UPDATE extractions SET rules = '0' WHERE outlet = 'other'"))
        assert rebuild(archive, from_warc=False).done == 2
        assert rebuild(archive, from_warc=False, outlet="other", force=True).done == 2
        assert rebuild(archive, from_warc=False, force=True).done == len(before["extractions"])
    assert_equal(tables(lived), before)


def test_another_folding_indexes_again(lived: Site) -> None:
    """Search terms that another version of the folding made are made again by a plain rebuild, and it is noted."""
    before = tables(lived)
    with Archive.open(lived, writable=True) as archive:
        with writing(archive.engine) as connection:
            connection.execute(text("UPDATE meta SET value = '0' WHERE key = 'fold'"))
        assert rebuild(archive, from_warc=False).done == len(before["extractions"])
    assert_equal(tables(lived), before)


def test_progress_comes_to_its_end(lived: Site) -> None:
    """Bytes of the files first, then captures; each ends at what it announced."""
    seen: dict[str, Sequence[int]] = {}
    with Archive.open(lived, writable=True) as archive:
        rebuild(archive, from_warc=True, progress=lambda what, done, total: seen.update({what: (done, total)}))
        count = len(dump(archive.engine)["extractions"])
    assert seen["records"][0] == seen["records"][1] > 0
    assert seen["articles"] == (count, count)


def test_nothing_is_rebuilt_under_a_running_crawl(lived: Site) -> None:
    """A crawl that holds an outlet, or only has a file open, is not pulled the rows from under."""
    before = tables(lived)
    with Child("hold", lived) as process:
        assert process.out.readline() == "held\n"
        with Archive.open(lived, writable=True) as archive, pytest.raises(Held, match="example is held"):
            rebuild(archive, from_warc=True)
    with Child("forever", lived, "third") as process:
        process.out.readline()
        with Archive.open(lived, writable=True) as archive, pytest.raises(Held, match="being written"):
            rebuild(archive, from_warc=True)
        process.kill()
    after = tables(lived)
    assert after["articles"] == before["articles"]
    assert len(after["captures"]) > len(before["captures"])


def test_a_file_brought_from_elsewhere_is_taken_up(lived: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A sealed WARC file that is copied into the folder has its rows after the next opening, once."""
    elsewhere = Site(root=tmp_path_factory.mktemp("elsewhere"))
    with Archive.open(elsewhere, writable=True) as archive:
        ref = archive.keep(capture(30, "brought", answer(html("Brought along")))).result()
    shutil.copy(elsewhere.archive_path / ref.file, lived.archive_path / ref.file)
    for _ in range(2):
        with Archive.open(lived, writable=True) as archive:
            assert archive.get(ref.record_id) == capture(30, "brought", answer(html("Brought along")))
            derive(archive)
            assert archive.article("https://example.org/brought").title == "Brought along"


def test_the_comparison_sees_every_difference(lived: Site) -> None:
    """The dump that these tests compare by differs when any derived table differs."""
    before = tables(lived)
    for name in DERIVED:
        column, value = next((key, row) for key, row in before[name][0].items() if isinstance(row, str))
        with Archive.open(lived, writable=True) as archive, writing(archive.engine) as connection:
            if name == "search" and lived.database.url.startswith("postgresql"):
                connection.execute(text("UPDATE search SET vector = ''::tsvector"))
            elif name not in ("captures", "articles"):
                connection.execute(text(f"DELETE FROM {name}"))
            else:
                connection.execute(text(f"UPDATE {name} SET url = :v"), {"v": f"{column}{value}"})
        assert tables(lived)[name] != before[name], name
