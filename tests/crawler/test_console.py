"""The output contract: what goes to stdout and stderr, as JSON, as plain lines, as a table."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.console import FSI, PDI, Column, Console, builtins, clean, isolate, versioned
from crawler.exits import Ending, Exit


@dataclass(frozen=True, slots=True)
class Thing:
    """A row."""

    name: str
    count: int = 0


COLUMNS = (Column("count", lambda row: row.count, right=True), Column("name", lambda row: row.name, isolate=True))


def test_json_names_the_schema_first_and_keeps_letters(capsys: pytest.CaptureFixture[str]) -> None:
    """A document begins with its schema, and Arabic stays Arabic."""
    Console(json=True).document("thing", Thing("ميناء", 2))
    assert capsys.readouterr().out == '{"schema": "warraq.thing/1", "name": "ميناء", "count": 2}\n'


def test_lists_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Under --json a list is one line a row."""
    assert Console(json=True).rows("thing", iter([Thing("a"), Thing("b")]), COLUMNS) == 2
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == ["a", "b"]


def test_plain_rows_are_tabbed_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal a row is a line of bare values, whatever a title holds."""
    Console().rows("thing", [Thing("a\tb\nc", 1), Thing("مرحبا")], COLUMNS)
    assert capsys.readouterr().out == "1\ta b c\n0\tمرحبا\n"


def test_empty_list_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to list leaves stdout empty."""
    assert Console().rows("thing", [], COLUMNS, empty="nothing here") == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "nothing here\n")


def test_table_isolates_titles_in_the_last_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal a title stands between isolates, and numbers outside of them."""
    monkeypatch.setattr(Console, "terminal", lambda self: True)
    Console(no_color=True).rows("thing", [Thing("ميناء", 12)], COLUMNS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["count", "name"]
    assert lines[1].split() == ["12", f"{FSI}ميناء{PDI}"]


def test_pages_cannot_command_the_terminal() -> None:
    """Escape sequences and bidi overrides in a title are taken out; joiners stay, since spelling needs them."""
    assert clean("a\x1b[31mb\x9b2Jc\u202ed") == "a[31mb2Jcd"
    assert clean("می\u200cشود") == "می\u200cشود"
    assert isolate("a\u2069b") == f"{FSI}ab{PDI}"
    assert isolate("") == ""


@given(st.text())
def test_clean_text_is_one_quiet_line(text: str) -> None:
    """No text breaks out of its cell, and cleaning twice changes nothing."""
    once = clean(text)
    assert once == clean(once)
    assert len(once.splitlines()) <= 1
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in once)


def test_values_become_what_json_knows() -> None:
    """Dates, paths and read-only mappings have a form; what has none is an error, not a repr."""
    assert builtins(
        {"at": datetime(2026, 1, 2, tzinfo=UTC), "in": Path("a/b"), "of": MappingProxyType({"x": (1,)})}
    ) == {
        "at": "2026-01-02T00:00:00Z",
        "in": "a/b",
        "of": {"x": (1,)},
    }
    assert versioned("count", 3) == {"schema": "warraq.count/1", "value": 3}
    with pytest.raises(NotImplementedError):
        builtins(object())


def test_undecodable_names_are_still_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A file name that is no UTF-8 is written as the escape of its half surrogate: the line stays UTF-8."""
    Console(json=True).document("thing", Thing("a\udcff"))
    assert json.loads(capfdbinary.readouterr().out.decode("utf-8"))["name"] == "a\udcff"


def test_errors_go_to_people_on_stderr_and_to_scripts_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """One line and a hint; under --json a document, and only that."""
    found = Ending(Exit.CONFIG, "bad\nkey", "mend it")
    Console().fail(found)
    assert capsys.readouterr() == ("", "warraq: bad key\n  mend it\n")
    Console(json=True).fail(found)
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "error": {"code": 4, "name": "config", "message": "bad\nkey", "hint": "mend it"}
    }
    assert captured.err == ""


def test_an_ending_without_words_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """A bad answer that stands on stdout already needs no error line."""
    Console(json=True).fail(Ending(Exit.BAD_ANSWER, ""))
    assert capsys.readouterr() == ("", "")


def test_quiet_keeps_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """--quiet silences notes, not warnings."""
    console = Console(quiet=True)
    console.note("by the way")
    console.warn("look here")
    assert capsys.readouterr().err == "warraq: look here\n"


@pytest.mark.parametrize(
    ("options", "told"), [({}, ["WARNING"]), ({"verbose": True}, ["INFO", "WARNING"]), ({"quiet": True}, [])]
)
def test_the_log_goes_to_stderr(capsys: pytest.CaptureFixture[str], options: dict[str, bool], told: list[str]) -> None:
    """Warnings are shown, with -v also what was done, with -q neither; afterwards the log is as it was."""
    before = list(logging.getLogger().handlers)
    end = Console(**options).listen()
    logging.getLogger("warraq.test").info("done")
    logging.getLogger("warraq.test").warning("odd")
    end()
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()] == told
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_environment_without_colour(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """NO_COLOR and a dumb terminal switch colour off."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not Console().no_color
    monkeypatch.setenv(variable, value)
    assert Console().no_color
