"""`warraq archive ls|cat`: the originals, byte for byte."""

import base64
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.commands.archive import split
from crawler.exits import Exit
from tests.crawler.commands import filled
from tests.crawler.commands.conftest import Run

CAPTURES = filled.exchanges()


def test_ls(run: Run, full: Path) -> None:
    """Captures are listed by time, with status, type, size and address."""
    lines = [line.split("\t") for line in run("archive", "ls").lines]
    assert [line[-1] for line in lines] == [capture.url for capture in CAPTURES]
    assert [line[1] for line in lines] == ["200", "200", "301", "410", "200", "200", "200"]
    assert lines[0][0] == "2026-01-10T08:00:00Z"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--url", filled.FLOOD], 2),
        (["--outlet", "jarida"], 1),
        (["--limit", "2"], 2),
        (["--from", "2026-01-11"], 0),
        (["--to", "2026-01-10"], 7),
        (["--to", "2026-01-09"], 0),
        (["--outlet", "example", "--from", "2026", "--to", "2026"], 6),
    ],
)
def test_ls_filters(run: Run, full: Path, options: list[str], count: int) -> None:
    """Address, outlet, days and limit narrow the list; an empty one is no error."""
    answer = run("archive", "ls", "--json", *options)
    assert answer.code == Exit.DONE
    assert len(answer.documents) == count
    assert all(row["schema"] == "warraq.capture/1" for row in answer.documents)


def test_cat_gives_the_very_bytes(run: Run, full: Path) -> None:
    """The whole answer, its head, its entity, its body and the request: each as it was."""
    capture = CAPTURES[0]
    head, _, body = capture.response.partition(b"\r\n\r\n")
    assert run("archive", "cat", filled.PORT, "--raw").raw == capture.response
    assert run("archive", "cat", filled.PORT, "--head").raw == head + b"\r\n\r\n"
    assert run("archive", "cat", filled.PORT, "--entity").raw == body
    assert run("archive", "cat", filled.PORT).raw == gzip.decompress(body)
    assert run("archive", "cat", filled.PORT, "--request").raw == capture.request


def test_cat_by_time_and_by_record(run: Run, full: Path) -> None:
    """@TIME chooses the nearest capture, no time the last, a record id exactly one."""
    first, last = (gzip.decompress(CAPTURES[at].response.partition(b"\r\n\r\n")[2]) for at in (1, -1))
    assert run("archive", "cat", filled.FLOOD).raw == last
    assert run("archive", "cat", f"{filled.FLOOD}@20260110080100").raw == first
    assert run("archive", "cat", f"{filled.FLOOD}@2026-01-10T08:50").raw == last
    assert run("archive", "cat", f"{filled.FLOOD}@2026").raw == first
    rows = run("archive", "ls", "--url", filled.FLOOD, "--json").documents
    assert run("archive", "cat", rows[0]["id"]).raw == first
    assert run("archive", "cat", f"<urn:uuid:{rows[0]['id']}>").raw == first


def test_cat_json(run: Run, full: Path) -> None:
    """With --json the bytes come in base64 beside what is known of them."""
    document = run("archive", "cat", filled.IMAGE, "--json").document
    assert base64.b64decode(document["base64"]) == filled.PIXEL
    assert (document["schema"], document["mime"], document["part"]) == ("warraq.capture/1", "image/png", "body")


@pytest.mark.parametrize(
    "which",
    ["https://www.example.org/none", "https://www.example.org/none@2026", "00000000-0000-4000-8000-000000000000"],
)
def test_cat_of_what_is_not_there(run: Run, full: Path, which: str) -> None:
    """What the archive does not hold is a bad answer, code 7."""
    answer = run("archive", "cat", which)
    assert (answer.code, answer.out) == (Exit.BAD_ANSWER, "")
    assert answer.err.startswith("warraq: no ")


def test_binary_stays_off_the_terminal(run: Run, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image is not written to a terminal, which it could put out of order."""
    monkeypatch.setattr("crawler.console.Console.terminal", lambda self: True)
    answer = run("archive", "cat", filled.IMAGE)
    assert (answer.code, answer.raw) == (Exit.USAGE, b"")
    assert run("archive", "cat", filled.HOME).code == Exit.DONE


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("https://a.example/", ("https://a.example/", None)),
        ("https://a.example/@2026", ("https://a.example/", datetime(2026, 1, 1, tzinfo=UTC))),
        ("https://a.example/@20260131120001", ("https://a.example/", datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC))),
        (
            "https://a.example/@2026-01-31T12:00:01Z",
            ("https://a.example/", datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC)),
        ),
        ("https://a.example/@2026-01-31 12", ("https://a.example/", datetime(2026, 1, 31, 12, tzinfo=UTC))),
        ("https://me@a.example/", ("https://me@a.example/", None)),
        ("https://a.example/@2026-13", ("https://a.example/@2026-13", None)),
        ("https://a.example/@name", ("https://a.example/@name", None)),
    ],
)
def test_address_and_time(which: str, expected: tuple[str, datetime | None]) -> None:
    """Only what is a time is cut off behind the last @."""
    assert split(which) == expected


def test_no_archive(run: Run) -> None:
    """Outside of any site there is no archive: code 12, and the command that makes one."""
    answer = run("archive", "ls")
    assert answer.code == Exit.STORAGE
    assert "warraq init" in answer.err
