"""Tests of keeping and giving back: what is reported is there, whatever happens to process, disk or database."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, text

from archive.archive import Archive, find_site
from archive.capture import RecordRef
from archive.database import reads, store
from archive.database.engine import connect, reading, writing
from archive.database.models import FrontierRecord, HostRecord
from archive.database.store import Also
from archive.errors import ArchiveError, DatabaseError, NotFound, StorageError, WrongVersion
from archive.keep import WAITING_ITEMS
from archive.rows import CaptureRow
from archive.search.query import Query
from settings.errors import ConfigError
from settings.site import DatabaseSettings, Site
from tests.archive.made import START, answer, capture, failure, run
from tests.archive.rows import article, capture_row, dump_of, fill


@pytest.fixture
def archive(site: Site) -> Iterator[Archive]:
    """Give an archive that may be written, once on each database."""
    with Archive.open(site, writable=True) as archive:
        yield archive


def rows_of(archive: Archive) -> list[CaptureRow]:
    return list(archive.captures())


# --- keep and get -----------------------------------------------------------------------------------------------------
def test_what_is_kept_is_given_back_byte_for_byte(archive: Archive) -> None:
    """A capture is the same after the disk, while its file is being written and after it is sealed."""
    original = capture(interim=b"HTTP/1.1 103 Early Hints\r\n\r\n", certificate=b"not really DER", truncated="length")
    ref = archive.keep(original).result()
    assert archive.get(ref.record_id) == original
    archive.settle()
    assert archive.get(ref.record_id) == original


def test_the_row_says_where_it_lies_and_what_it_is(archive: Archive) -> None:
    """Every column follows from the capture and its reference."""
    body = b"<html>moved"
    original = capture(0, "a", answer(body, "302 Found", "Location: /b?x#y"), why="section")
    ref = archive.keep(original).result()
    assert archive.row(ref.record_id) == CaptureRow(
        id=ref.record_id,
        url="https://example.org/a",
        urlkey="org,example)/a",
        outlet="example",
        started=START,
        status=302,
        mime="text/html",
        length=len(body),
        payload_digest=sha256(body).hexdigest(),
        block_digest=sha256(original.response).hexdigest(),
        file=ref.file,
        offset=ref.offset,
        record_length=ref.length,
        truncated=None,
        run="run-example",
        why="section",
        via="https://example.org/",
        robots="allowed",
        peer="192.0.2.1",
        protocol="http/1.1",
        location="https://example.org/b?x#y",
    )


def test_a_capture_that_nobody_awaits_is_kept(archive: Archive) -> None:
    """Whoever asked may have gone: what came over the wire is kept all the same."""
    asked = archive.keep(capture())
    assert not asked.cancel()
    asked.result()
    assert len(rows_of(archive)) == 1


def test_odd_responses_are_kept(archive: Archive) -> None:
    """No bytes at all, no head, a latin-1 location, NUL and half surrogates: each is a row and comes back exactly."""
    odd = [
        b"",
        b"\x00\xff",
        b"HTTP/1.1 301 \r\nLocation: /caf\xe9\x00\r\n\r\n",
        b"HTTP/1.1 301 M\r\nLocation: http://[\r\n\r\n",
    ]
    refs = [archive.keep(capture(n, str(n), response)).result() for n, response in enumerate(odd)]
    assert [archive.get(ref.record_id).response for ref in refs] == odd
    assert [row.status for row in rows_of(archive)] == [None, None, 301, 301]
    assert rows_of(archive)[2].location == "https://example.org/café\ufffd"


def test_failures_and_runs_have_rows(archive: Archive) -> None:
    """A request without an answer and a run's beginning and end are kept and listed."""
    archive.begin(run())
    assert archive.runs() == [run()]
    archive.fail(failure(message="no route\x00 to host\nat all")).result()
    ended = run(ended=START + timedelta(hours=1), outcome="done", counts={"200": 1, "failed:dns": 2})
    archive.finish(ended)
    assert archive.runs("example") == [ended]
    (row,) = archive.failures(outlet="example")
    assert (row.cause, row.message, row.urlkey) == ("refused", "no route\ufffd to host\nat all", "org,example)/gone")


def test_what_is_missing_is_not_found(archive: Archive) -> None:
    """An unknown record or article is NotFound, with a hint."""
    for ask in (archive.get, archive.row, archive.article):
        with pytest.raises(NotFound) as caught:
            ask("00000000-0000-4000-8000-000000000000")
        assert caught.value.hint


def test_captures_are_found_by_address_and_time(archive: Archive) -> None:
    """Any spelling of an address finds its captures; the nearest is by real time."""
    for number in range(3):
        archive.keep(capture(number)).result()
    assert len(list(archive.captures("http://www.example.org/a#top"))) == 3
    found = archive.nearest("https://example.org/a", START + timedelta(minutes=95))
    assert found is not None
    assert found.started == START + timedelta(hours=2)
    assert archive.nearest("https://example.org/none", START) is None
    (summary,) = archive.outlets()
    assert (summary.captures, summary.first, summary.last) == (3, START, START + timedelta(hours=2))


def test_a_reader_sees_what_a_writer_has_kept(archive: Archive, site: Site) -> None:
    """A second archive, opened for reading, gives a capture out of a file that is being written; it writes nothing."""
    ref = archive.keep(capture()).result()
    with Archive.open(site) as reader:
        assert reader.get(ref.record_id) == capture()
        with pytest.raises(StorageError, match="for reading"):
            reader.keep(capture())


# --- order, groups, statements that ride along ------------------------------------------------------------------------
def test_a_statement_rides_in_the_same_transaction(archive: Archive) -> None:
    """The frontier's update is there with the capture's row."""
    rides = insert(HostRecord).values(host="a", asked=START, delay=1.0)
    many = insert(HostRecord).values(host=bindparam("h"), asked=START, delay=2.0)
    archive.keep(capture(), also=[rides, Also(many, {"h": "b"}), Also(many, {"h": "c"})]).result()
    with reading(archive.engine) as connection:
        assert connection.execute(select(HostRecord.host).order_by(HostRecord.host)).scalars().all() == ["a", "b", "c"]


def test_records_are_on_disk_before_their_rows_and_come_up_again(site: Site) -> None:
    """When the database fails after the records were written nothing is reported; the next opening adds the rows."""
    archive = Archive.open(site, writable=True)
    first = archive.keep(capture(0)).result()
    twice = insert(FrontierRecord).values(outlet="example", key="a")  # columns are missing: the database refuses it
    with pytest.raises(DatabaseError):
        archive.keep(capture(1), also=[twice]).result()
    with pytest.raises(DatabaseError):  # files and tables differ now: nothing more is taken
        archive.keep(capture(2)).result()
    assert [row.id for row in rows_of(archive)] == [first.record_id]
    archive.close()
    with Archive.open(site, writable=True) as again:
        rows = rows_of(again)
        assert [row.started for row in rows] == [START, START + timedelta(hours=1)]
        assert again.get(rows[1].id) == capture(1)
    before = dump_of(site)
    Archive.open(site, writable=True).close()
    assert dump_of(site) == before


def test_rows_that_another_process_has_added_are_no_harm(archive: Archive) -> None:
    """Whoever opens an archive may take up a file that was sealed a moment before its writer's rows."""
    ref = archive.keep(capture()).result()
    row = archive.row(ref.record_id)
    with writing(archive.engine) as connection:
        store.insert_captures(connection, [replace(row, peer="other"), replace(row, id="new", offset=row.offset + 1)])
    assert archive.row(ref.record_id) == row
    with pytest.raises(DatabaseError), writing(archive.engine) as connection:
        store.insert_captures(connection, [replace(row, id="at the same place")])


def test_more_than_may_wait_is_kept_from_many_threads(archive: Archive) -> None:
    """Those who bring more than may wait are held up, not refused, and all is kept once."""
    asked: list[Future[RecordRef]] = []

    def bring(part: int) -> None:
        asked.extend(archive.keep(capture(n, f"{part}/{n}", b"x")) for n in range(WAITING_ITEMS // 2))

    threads = [threading.Thread(target=bring, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = {answer.result().record_id for answer in asked}
    assert len(ids) == 2 * WAITING_ITEMS
    assert {row.id for row in rows_of(archive)} == ids


def test_an_answer_may_ask_for_more(sqlite_site: Site) -> None:
    """A callback that keeps something runs in the thread that writes; it must never wait for itself."""
    done = threading.Event()
    with Archive.open(sqlite_site, writable=True) as archive:
        later: list[Future[RecordRef]] = []

        def more(_: Future[RecordRef]) -> None:
            later.extend(archive.keep(capture(n, f"more/{n}", b"x")) for n in range(2 * WAITING_ITEMS))
            done.set()

        archive.keep(capture()).add_done_callback(more)
        assert done.wait(30)
        for answer in later:
            answer.result()
        assert len(rows_of(archive)) == 1 + 2 * WAITING_ITEMS


def test_a_body_larger_than_all_that_may_wait_is_kept(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One huge capture goes in alone rather than never."""
    monkeypatch.setattr("archive.keep.WAITING_BYTES", 1000)
    with Archive.open(sqlite_site, writable=True) as archive:
        asked = [archive.keep(capture(n, str(n), bytes(5000))) for n in range(3)]
        assert [answer.result().length > 0 for answer in asked] == [True] * 3


def test_a_value_that_no_header_can_hold_harms_nobody_else(archive: Archive) -> None:
    """What cannot be written is refused by itself; what waits beside it is kept."""
    bad = replace(capture(1), peer="192.0.2.1\r\nX-Evil: 1")
    asked = [archive.keep(capture(0)), archive.keep(bad), archive.keep(capture(2))]
    with pytest.raises(ArchiveError, match="WARC-IP-Address"):
        asked[1].result()
    others = {asked[0].result().record_id, asked[2].result().record_id}
    assert {row.id for row in rows_of(archive)} == others


def test_files_rotate_and_are_accounted_for(site: Site) -> None:
    """Files are sealed when they have grown; every capture of every file is given back, every file has a row."""
    small = replace(site, archive=replace(site.archive, rotate_bytes=20_000, fsync="record"))
    with Archive.open(small, writable=True) as archive:
        asked = [archive.keep(capture(n, str(n), b"HTTP/1.1 200 OK\r\n\r\n" + os.urandom(9000))) for n in range(7)]
        originals = {answer.result().record_id for answer in asked}
        assert {row.id for row in rows_of(archive) if archive.get(row.id)} == originals
    with Archive.open(small) as archive, reading(archive.engine) as connection:
        files = reads.files(connection)
        assert len(files) > 2
        assert all(file.sealed and file.size == (archive.folder / file.name).stat().st_size for file in files)
        assert {file.outlet for file in files} == {"example"}


def test_closing_twice_is_once_and_nothing_is_taken_after_it(sqlite_site: Site) -> None:
    """A closed archive refuses, and closing it again does nothing."""
    archive = Archive.open(sqlite_site, writable=True)
    archive.keep(capture())
    archive.close()
    archive.close()
    with pytest.raises(StorageError, match="closed"):
        archive.keep(capture()).result()
    with pytest.raises(StorageError, match="closed"):
        archive.settle()
    with Archive.open(sqlite_site) as again:
        assert len(rows_of(again)) == 1


# --- opening ----------------------------------------------------------------------------------------------------------
def test_an_archive_is_opened_by_its_folder_or_its_site(sqlite_site: Site) -> None:
    """The archive's folder, the folder with warraq.toml, as path or text, lead to the same archive."""
    (sqlite_site.root / "warraq.toml").write_text("[archive]\nrotate_bytes = 1000\n")
    with Archive.open(sqlite_site, writable=True) as archive:
        ref = archive.keep(capture()).result()
    for path in (sqlite_site.root, str(sqlite_site.root), sqlite_site.archive_path, str(sqlite_site.archive_path)):
        with Archive.open(path) as archive:
            assert archive.get(ref.record_id) == capture()
            assert archive.site.archive.rotate_bytes == 1000
    copy = sqlite_site.root.parent / "copy"
    shutil.copytree(sqlite_site.archive_path, copy)  # moved elsewhere: every path in it is relative
    with Archive.open(copy) as archive:
        assert archive.get(ref.record_id) == capture()
    assert find_site(copy).archive_path == copy


def test_a_folder_without_archive_is_told(tmp_path: Path) -> None:
    """Reading where nothing is says so and makes nothing; writing makes it."""
    with pytest.raises(StorageError, match="no archive"):
        Archive.open(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatabaseError, match="no such database"):
        Archive.open(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []
    Archive.open(tmp_path / "new", writable=True).close()
    Archive.open(tmp_path / "new").close()


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    """A path that cannot be a folder is StorageError."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        Archive.open(tmp_path / "file" / "archive", writable=True)


def test_databases_that_cannot_be_used(sqlite_site: Site) -> None:
    """An unreachable server is DatabaseError, another version WrongVersion; both before anything is written."""
    away = replace(sqlite_site, database=DatabaseSettings(url="postgresql+psycopg://nobody@127.0.0.1:1/none"))
    with pytest.raises(DatabaseError):
        Archive.open(away, writable=True)
    Archive.open(sqlite_site, writable=True).close()
    engine = connect(sqlite_site.database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for writable in (True, False):
        with pytest.raises(WrongVersion):
            Archive.open(sqlite_site, writable=writable)


def test_an_outlet_that_ignores_robots_is_named_in_its_files(sqlite_site: Site) -> None:
    """A file's first record says what stands in the outlet's settings; settings that are wrong stop the keeping."""
    path = sqlite_site.outlets_path / "example.toml"
    path.write_text(
        'name = "E"\nhome = "https://example.org/"\n[politeness]\nrobots = "ignore"\nrobots_reason = "ours"\n'
    )
    with Archive.open(sqlite_site, writable=True) as archive:
        archive.keep(capture()).result()
    import gzip

    (file,) = sqlite_site.archive_path.glob("warc/example/*.warc.gz")
    assert b"robots: ignore: ours" in gzip.decompress(file.read_bytes())
    path.write_text("nonsense = 1\n")
    with Archive.open(sqlite_site, writable=True) as archive, pytest.raises(ConfigError):
        archive.keep(capture()).result()


# --- articles and search ----------------------------------------------------------------------------------------------
def test_an_article_is_found_by_any_of_its_names(archive: Archive) -> None:
    """By id, the beginning of it, its address in any spelling, and the address of a copy."""
    url = "https://example.org/a"
    copy = capture_row(1, "https://example.org/print/a")
    fill(
        archive.engine,
        (capture_row(0, url), article(url)),
        (copy, article(copy.url, canonical_url=url)),
    )
    (row,) = archive.articles()
    for name in (row.id, row.id[:8], row.id.upper(), url, "http://www.example.org/a/?utm_source=x#y", copy.url):
        assert archive.article(name) == row
    assert [version.ordinal for version in archive.versions(row.id)] == [1]
    assert archive.versions("none") == []
    with pytest.raises(NotFound):
        archive.article("https://example.org/b")
    with pytest.raises(NotFound):
        archive.article(row.id[:7])


def test_articles_by_day(archive: Archive) -> None:
    """Both ends of a range of days are in it."""
    for number in range(3):
        url = f"https://example.org/{number}"
        fill(archive.engine, (capture_row(24 * number, url), article(url, str(number))))
    days = [date(2026, 5, 3) + timedelta(days=n) for n in range(3)]
    assert [row.title for row in archive.articles(since=days[0], until=days[1])] == ["1", "0"]
    assert [row.title for row in archive.articles(since=days[2])] == ["2"]
    assert [row.title for row in archive.articles(limit=1, offset=1)] == ["1"]


def test_a_search_gives_articles_with_what_matched(archive: Archive) -> None:
    """A hit carries its article and a piece of its own text, matches marked."""
    url = "https://example.org/a"
    fill(archive.engine, (capture_row(0, url), article(url, "Weather", "The river rose in the night.")))
    results = archive.search(Query(text="RIVER"))
    assert results.total == 1
    (hit,) = results.hits
    assert hit.article == archive.article(url)
    assert [span.text for span in hit.snippet if span.hit] == ["river"]
    assert archive.search(Query(text="desert")).hits == ()
    assert archive.search(Query(text="river", count_by="outlet")).counts == {"example": 1}
