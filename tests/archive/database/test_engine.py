"""Tests of opening the database: versions, troubles, transactions."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, make_url, select, text

from archive.database import engine as room
from archive.database.engine import check, connect, open_engine, reading, upgrade, writing
from archive.database.models import HostRecord, Meta
from archive.database.types import microseconds, moment
from archive.errors import DatabaseError, DiskFull, StorageError, WrongVersion


def set_version(url: str, version: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()


def test_an_empty_database_is_given_its_tables_and_is_whole(database_url: str) -> None:
    """A new database holds every table of the models, and `check` finds nothing."""
    engine = connect(database_url)
    assert check(engine) == []
    engine.dispose()


def test_a_database_is_opened_again_as_it_was(database_url: str) -> None:
    """What was written is there after closing and opening."""
    first = connect(database_url)
    with writing(first) as connection:
        connection.execute(insert(Meta).values(key="a", value="1"))
    first.dispose()
    again = connect(database_url, create=False)
    with reading(again) as connection:
        assert connection.execute(select(Meta.value)).scalar_one() == "1"
    again.dispose()


def test_making_a_sqlite_database_is_fast(tmp_path: Path) -> None:
    """A fresh archive costs less than 0.3 s of computing once Alembic is loaded."""
    connect(f"sqlite:///{tmp_path / 'first.db'}").dispose()
    start = time.process_time()
    connect(f"sqlite:///{tmp_path / 'second.db'}").dispose()
    assert time.process_time() - start < 0.3


def test_head_is_the_newest_migration() -> None:
    """The constant that spares loading Alembic names the head of the one history."""
    script = ScriptDirectory.from_config(room._alembic(None))
    assert script.get_heads() == [room.HEAD]


def test_an_older_database_is_refused_with_the_fix(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema that this program knows as past is not used, and the hint says what to run."""
    connect(database_url).dispose()
    monkeypatch.setattr(room, "HEAD", "0002")
    with pytest.raises(WrongVersion, match="schema 0001; this warraq needs 0002") as caught:
        connect(database_url)
    assert "warraq db upgrade" in caught.value.hint


def test_a_newer_database_is_refused(database_url: str) -> None:
    """A schema that this program does not know was made by a newer one; it is neither used nor upgraded."""
    connect(database_url).dispose()
    set_version(database_url, "9999")
    with pytest.raises(WrongVersion, match="newer warraq"):
        connect(database_url)
    engine = open_engine(database_url)
    with pytest.raises(WrongVersion, match="newer warraq"):
        upgrade(engine)
    assert check(engine) == ["schema 9999 where this warraq needs 0001: run `warraq db upgrade`"]
    engine.dispose()


def test_a_database_with_tables_and_no_version_is_refused(database_url: str) -> None:
    """Tables of ours without a version are not written over."""
    connect(database_url).dispose()
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()
    with pytest.raises(WrongVersion, match="unknown"):
        connect(database_url)


def test_an_empty_database_is_not_filled_by_a_reader(database_url: str) -> None:
    """Whoever only reads changes nothing, and is told what to do."""
    engine = open_engine(database_url)
    engine.connect().close()
    engine.dispose()
    with pytest.raises(WrongVersion, match="no tables") as caught:
        connect(database_url, create=False)
    assert "rebuild --from-warc" in caught.value.hint


def test_a_missing_sqlite_file_is_not_made_by_a_reader(tmp_path: Path) -> None:
    """Reading where no database is says so and leaves no file behind."""
    with pytest.raises(DatabaseError, match="no such database"):
        connect(f"sqlite:///{tmp_path / 'none.db'}", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_sqlite_file_in_no_folder_is_storage_trouble(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(StorageError, match="no such folder"):
        connect(f"sqlite:///{tmp_path / 'none' / 'warraq.db'}")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Rubbish in the place of the database is named, with the way to make it again."""
    path = tmp_path / "warraq.db"
    path.write_bytes(b"this is no database at all, but long enough to be looked at" * 40)
    with pytest.raises(DatabaseError, match="not a database") as caught:
        connect(f"sqlite:///{path}")
    assert "rebuild --from-warc" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "mysql://localhost/x",
        "postgresql+nothing://localhost/x",
        "not a url",
    ],
)
def test_an_address_that_leads_nowhere_is_one_error(url: str) -> None:
    """An unreachable server and an address that cannot be used are DatabaseError, with a hint."""
    with pytest.raises(DatabaseError) as caught:
        connect(url)
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_password_is_not_shown() -> None:
    """The error of an unreachable server does not give its password away."""
    with pytest.raises(DatabaseError) as caught:
        connect("postgresql+psycopg://me:secret-word@127.0.0.1:1/none")
    assert "secret-word" not in caught.value.message


def test_check_names_what_differs(database_url: str) -> None:
    """A column or table that is missing is found."""
    engine = connect(database_url)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE runs DROP COLUMN outcome"))
        connection.execute(text("DROP TABLE search"))
    problems = check(engine)
    engine.dispose()
    assert any("search is missing" in problem for problem in problems)
    assert any("outcome" in problem for problem in problems)


def test_an_error_undoes_the_transaction(database_url: str) -> None:
    """What was written before an error inside a transaction is not there after it."""
    engine = connect(database_url)
    with pytest.raises(DatabaseError), writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(Meta).values(key="a", value="1"))
        connection.execute(insert(Meta).values(key="a", value="2"))
    with reading(engine) as connection:
        assert connection.execute(select(Meta)).all() == []
    engine.dispose()


def test_a_full_disk_under_the_database_is_disk_full(tmp_path: Path) -> None:
    """SQLite's own word for no room is DiskFull, and nothing of the transaction is there."""
    engine = connect(f"sqlite:///{tmp_path / 'warraq.db'}")
    with pytest.raises(DiskFull) as caught, writing(engine) as connection:  # noqa: PT012
        connection.execute(text("PRAGMA max_page_count = 1"))  # SQLite takes it as: as many as there are
        connection.execute(insert(Meta).values(key="a", value="x" * 100_000))
    assert caught.value.hint
    with reading(engine) as connection:
        assert connection.execute(select(Meta)).all() == []
    engine.dispose()


def test_sqlite_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Eight threads that read and then write in one transaction lose nothing and meet no lock error."""
    engine = connect(f"sqlite:///{tmp_path / 'warraq.db'}")
    with writing(engine) as connection:
        connection.execute(insert(Meta).values(key="n", value="0"))

    def count() -> None:
        for _ in range(10):
            with writing(engine) as connection:
                value = int(connection.execute(select(Meta.value)).scalar_one())
                connection.execute(text("UPDATE meta SET value = :v"), {"v": str(value + 1)})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.execute(select(Meta.value)).scalar_one() == "80"
    engine.dispose()


def test_a_reader_sees_one_state(database_url: str) -> None:
    """Two questions in one reading transaction see the same state, whatever is written between them."""
    engine = connect(database_url)
    with reading(engine) as before:
        assert before.execute(select(Meta)).all() == []
        with writing(engine) as connection:
            connection.execute(insert(Meta).values(key="a", value="1"))
        assert before.execute(select(Meta)).all() == []
    engine.dispose()


def test_sqlite_is_set_to_keep_what_it_reports(tmp_path: Path) -> None:
    """WAL, a full fsync at each commit, foreign keys on, half a minute of patience."""
    engine = connect(f"sqlite:///{tmp_path / 'warraq.db'}")
    with reading(engine) as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_damaged_sqlite_file_is_found(tmp_path: Path) -> None:
    """A dangling row is named by `check`."""
    path = tmp_path / "warraq.db"
    connect(f"sqlite:///{path}").dispose()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO versions VALUES ('v', 'nowhere', 1, 0, 0, 'c', 'c', 'd', 1, 'r')",
        )
    connection.close()
    engine = open_engine(f"sqlite:///{path}")
    assert any("dangling" in problem for problem in check(engine))
    engine.dispose()


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])))
def test_times_come_back_to_the_microsecond(when: datetime) -> None:
    """Counting microseconds and reading them back is exact, in any zone."""
    assert moment(microseconds(when)) == when


def test_times_compare_alike_on_both_databases(database_url: str) -> None:
    """A time goes in with any zone and comes back in UTC, to the microsecond."""
    engine = connect(database_url)
    when = datetime(2026, 5, 3, 1, 2, 3, 456789, tzinfo=timezone(timedelta(hours=3)))
    with writing(engine) as connection:
        connection.execute(insert(HostRecord).values(host="a", asked=when, delay=1.5))
        found = connection.execute(
            select(HostRecord.asked).where(HostRecord.asked == when.astimezone(UTC))
        ).scalar_one()
    engine.dispose()
    assert found == when
    assert found.tzinfo is UTC


def test_the_postgres_address_keeps_the_driver(postgres_url: str) -> None:
    """The tests run on psycopg 3."""
    assert make_url(postgres_url).drivername == "postgresql+psycopg"
