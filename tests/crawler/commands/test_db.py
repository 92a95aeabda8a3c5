"""`warraq db upgrade|check`."""

import sqlite3
from pathlib import Path

import pytest

from archive.database.engine import HEAD
from crawler.commands.db import shown
from crawler.exits import Exit
from tests.crawler.commands.conftest import Run


def test_check_of_a_fresh_database(run: Run, site: Path) -> None:
    """A database that was just made is whole."""
    answer = run("db", "check", "--json")
    assert answer.code == Exit.DONE
    assert (answer.document["ok"], answer.document["version"], answer.document["problems"]) == (True, HEAD, [])


def test_check_finds_a_missing_table(run: Run, site: Path) -> None:
    """A database that lacks a table is a bad answer, with what is wrong on stdout."""
    with sqlite3.connect(site / "archive" / "warraq.db") as database:
        database.execute("DROP TABLE search")
    database.close()
    answer = run("db", "check")
    assert answer.code == Exit.BAD_ANSWER
    assert "search" in answer.out


def test_upgrade_makes_what_is_missing(run: Run, site: Path) -> None:
    """Without a database upgrade makes one; a second time changes nothing."""
    (site / "archive" / "warraq.db").unlink()
    missing = run("db", "check")
    assert missing.code == Exit.STORAGE
    assert "no such database" in missing.err
    for _ in range(2):
        assert run("db", "upgrade").lines == [f"database: version {HEAD}"]
    assert run("db", "check").code == Exit.DONE


def test_database_of_a_newer_version(run: Run, site: Path) -> None:
    """A database from the future is refused with the fix, for scripts too."""
    with sqlite3.connect(site / "archive" / "warraq.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    answer = run("db", "upgrade", "--json")
    assert answer.code == Exit.STORAGE
    assert answer.document["error"]["hint"] == "upgrade warraq"


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "sqlite:////nowhere/at/all/warraq.db"])
def test_database_that_cannot_be_used(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A wrong address of a database is one line and code 12."""
    monkeypatch.setenv("WARRAQ_DATABASE__URL", url)
    answer = run("db", "check")
    assert answer.code == Exit.STORAGE
    assert answer.err.count("\n") == 2


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("sqlite:////srv/a@b/warraq.db", "sqlite:////srv/a@b/warraq.db"),
        ("postgresql+psycopg:///test", "postgresql+psycopg:///test"),
        ("postgresql://me@db/news", "postgresql://me@db/news"),
        ("postgresql://me:p@ss/w@db:5432/news", "postgresql://me:***@db:5432/news"),
        (
            "postgresql://db/news?user=me&password=x&sslmode=require",
            "postgresql://db/news?user=me&password=***&sslmode=require",
        ),
    ],
)
def test_passwords_are_masked(url: str, safe: str) -> None:
    """Whatever form the address has, its password is not shown."""
    assert shown(url) == safe
