"""Progress: a line every ten seconds without a terminal, a bar with one, nothing when quiet."""

import io

import pytest
from rich.console import Console as Rich

from crawler.console import Console
from crawler.progress import Plain, Silent, bar


def test_plain_lines_come_every_ten_seconds() -> None:
    """However often work advances, a line is written at most every ten seconds."""
    now, said = [0.0], list[str]()
    with Plain(said.append, "rebuilding", 200, "pages", clock=lambda: now[0]) as shown:
        for _ in range(100):
            now[0] += 0.25
            shown.advance(text="example.org")
    assert said == ["rebuilding: 40/200 (20%) pages example.org", "rebuilding: 80/200 (40%) pages example.org"]


def test_plain_line_without_a_total() -> None:
    """Work of unknown size is counted; a total that becomes known is used."""
    now, said = [0.0], list[str]()
    shown = Plain(said.append, "crawling", None, "", clock=lambda: now[0])
    now[0] = 11
    shown.advance(3)
    shown.total(6)
    now[0] = 22
    shown.advance(0)
    assert said == ["crawling: 3", "crawling: 3/6 (50%)"]


def test_bar_shows_and_lets_lines_pass_above() -> None:
    """On a terminal the bar shows count and label, and a line said meanwhile stands whole."""
    screen = io.StringIO()
    shown = bar(Rich(file=screen, force_terminal=True, width=100), "rebuilding", 4, "pages")
    assert not shown.say("before")
    with shown:
        shown.advance(2, "example.org")
        shown.advance()
        shown.total(8)
        assert shown.say("a warning")
    text = screen.getvalue()
    assert "rebuilding" in text
    assert "a warning\n" in text
    assert "3/8" in text


def test_console_chooses(capsys: pytest.CaptureFixture[str]) -> None:
    """Quiet shows nothing; without a terminal lines are plain, and notes are still said."""
    assert isinstance(Console(quiet=True).progress("x"), Silent)
    console = Console()
    with console.progress("x", 2) as shown:
        assert isinstance(shown, Plain)
        console.note("heard")
    assert capsys.readouterr().err == "heard\n"
