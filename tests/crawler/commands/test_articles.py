"""`warraq articles list|show`."""

import sqlite3
from pathlib import Path

import pytest

from crawler.exits import Exit
from tests.crawler.commands import filled
from tests.crawler.commands.conftest import Run


def test_list(run: Run, full: Path) -> None:
    """Newest first, a line an article, its title last."""
    lines = [line.split("\t") for line in run("articles", "list").lines]
    assert [line[1:] for line in lines] == [
        ["2026-01-10", "en", "example", "2", "River floods the lower market"],
        ["2026-01-09", "ar", "jarida", "1", "افتتاح الميناء الجديد"],
    ]


@pytest.mark.parametrize(
    ("options", "outlets"),
    [
        (["--language", "ar"], ["jarida"]),
        (["--outlet", "example"], ["example"]),
        (["--from", "2026-01-10"], ["example"]),
        (["--to", "2026-01-09"], ["jarida"]),
        (["--limit", "1"], ["example"]),
        (["--limit", "1", "--offset", "1"], ["jarida"]),
        (["--language", "zh"], []),
    ],
)
def test_list_filters(run: Run, full: Path, options: list[str], outlets: list[str]) -> None:
    """Language, outlet, days, limit and offset narrow the list."""
    rows = run("articles", "list", "--json", *options).documents
    assert [row["outlet"] for row in rows] == outlets
    assert all(row["schema"] == "warraq.article/1" and row["text"] for row in rows)


def test_show_by_address_and_id(run: Run, full: Path) -> None:
    """An article is found by its address, its id, and the shortened id of the list."""
    by_address = run("articles", "show", filled.PORT)
    assert by_address.code == Exit.DONE
    assert by_address.lines[0] == "افتتاح الميناء الجديد"
    assert "الرصيف الثاني" in by_address.out
    document = run("articles", "show", filled.PORT, "--json").document
    assert run("articles", "show", document["id"]).out == by_address.out
    short = run("articles", "list", "--outlet", "jarida").lines[0].split("\t")[0]
    assert run("articles", "show", short).out == by_address.out


def test_show_says_where_it_comes_from(run: Run, full: Path) -> None:
    """Provenance: the record, its file and offset, digests, run and robots decision; for scripts the history too."""
    answer = run("articles", "show", filled.FLOOD)
    for word in ("record", "file", "payload", "block", "run-1", "192.0.2.7", "allowed"):
        assert word in answer.out
    document = run("articles", "show", filled.FLOOD, "--json").document
    assert document["capture"]["id"] == document["capture_id"]
    assert (full / "archive" / document["capture"]["file"]).is_file()
    assert document["versions"] == len(document["history"]) == 2


def test_database_of_another_version(run: Run, full: Path) -> None:
    """A database that this program does not know is code 12 with the fix, and nothing is shown of it."""
    with sqlite3.connect(full / "archive" / "warraq.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    answer = run("articles", "list")
    assert (answer.code, answer.out) == (Exit.STORAGE, "")
    assert answer.err.endswith("upgrade warraq\n")


@pytest.mark.parametrize("which", ["https://www.example.org/none", "ffffffffffffffff", "x"])
def test_show_of_what_is_not_there(run: Run, full: Path, which: str) -> None:
    """No such article is a bad answer, code 7, as a document for scripts."""
    assert run("articles", "show", which).code == Exit.BAD_ANSWER
    answer = run("articles", "show", which, "--json")
    assert answer.code == Exit.BAD_ANSWER
    assert answer.document["error"]["name"] == "bad-answer"
