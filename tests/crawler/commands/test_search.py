"""`warraq search`."""

from pathlib import Path

import pytest

from crawler.exits import Exit
from tests.crawler.commands.conftest import Run


def test_hits(run: Run, full: Path) -> None:
    """A line a hit: id, day, language, outlet, address, title and the place in the text."""
    (line,) = run("search", "dyke").lines
    fields = line.split("\t")
    assert fields[1:4] == ["2026-01-10", "en", "example"]
    assert fields[5] == "River floods the lower market"
    assert "dyke" in fields[6]


def test_spelling_variants_are_found(run: Run, full: Path) -> None:
    """Letters are compared as readers do."""
    (hit,) = run("search", "الميناءُ الجديد", "--json").documents
    assert (hit["schema"], hit["outlet"]) == ("warraq.hit/1", "jarida")
    assert any(span["hit"] for span in hit["snippet"])


@pytest.mark.parametrize(("by", "row"), [("outlet", "1\texample"), ("language", "1\ten"), ("day", "1\t2026-01-10")])
def test_counts(run: Run, full: Path, by: str, row: str) -> None:
    """--count-by gives a count for each outlet, language or day."""
    assert run("search", "flooded OR الميناء", "--count-by", by).lines.count(row) == 1
    counts = run("search", "flooded OR الميناء", "--count-by", by, "--json").documents
    assert [count["count"] for count in counts] == [1, 1]
    assert all(by in count for count in counts)


def test_nothing_found(run: Run, full: Path) -> None:
    """Nothing found is an answer: code 0, an empty stdout, a word on stderr."""
    answer = run("search", "xylophone")
    assert (answer.code, answer.out, answer.err) == (Exit.DONE, "", "nothing found\n")


def test_paging(run: Run, full: Path) -> None:
    """A page of the results says how many there are."""
    answer = run("search", "", "--limit", "1", "--offset", "1")
    assert len(answer.lines) == 1
    assert answer.err.startswith("2 to 2 of 2;")


def test_terminal(run: Run, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the title stands between isolates and the matches are marked."""
    monkeypatch.setattr("crawler.console.Console.terminal", lambda self: True)
    shown = run("search", "الميناء").out
    assert "\u2068افتتاح الميناء الجديد\u2069" in shown


@pytest.mark.parametrize("query", ['"', "(", "a AND", "*", "-", "'; DROP TABLE articles; --", "a:b"])
def test_no_query_is_an_error(run: Run, full: Path, query: str) -> None:
    """Whatever is typed is a query, not the engine's syntax."""
    assert run("search", "--", query).code == Exit.DONE
