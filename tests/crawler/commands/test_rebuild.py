"""`warraq rebuild`: the same answers again, from what is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.lock import lock
from crawler.commands.rebuild import Bars
from crawler.console import Console
from crawler.exits import Exit
from tests.crawler.commands.conftest import Run


def state(run: Run) -> list[str]:
    """What the archive says of its articles and captures."""
    return [*run("articles", "list", "--json").lines, *run("archive", "ls", "--json").lines]


def test_from_warc_after_the_database_was_lost(run: Run, full: Path) -> None:
    """Delete the database, rebuild: articles, captures and search answer as before."""
    before, found = state(run), run("search", "dyke").out
    (full / "archive" / "warraq.db").unlink()
    answer = run("rebuild", "--from-warc", "--json")
    assert answer.code == Exit.DONE, answer.err
    assert (answer.document["schema"], answer.document["articles"]) == ("warraq.rebuild/1", 3)
    assert state(run) == before
    assert run("search", "dyke").out == found


def test_nothing_to_do(run: Run, full: Path) -> None:
    """What the present rules have derived is left alone, unless it is forced."""
    before = state(run)
    assert run("rebuild").lines == ["0 pages read as articles, 0 are none, 0 could not be read"]
    assert run("rebuild", "--force", "--outlet", "example").lines[0].startswith("2 pages read as articles")
    assert state(run) == before


def test_an_outlet_that_is_being_crawled(run: Run, full: Path) -> None:
    """Reading the files again waits for nobody: where a run holds the outlet, it is code 5."""
    with lock(full / "archive", "example"):
        answer = run("rebuild", "--from-warc")
    assert answer.code == Exit.HELD
    assert answer.err.startswith("warraq: ")


def test_one_bar_after_another(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each phase has a display of its own, told how much is done in all."""
    monkeypatch.setattr("crawler.progress.EVERY", 0.0)
    with Bars(Console()) as bars:
        bars.show("records", 10, 40)
        bars.show("records", 40, 40)
        bars.show("articles", 1, 2)
    assert capsys.readouterr().err.splitlines() == [
        "reading records: 10/40 (25%) bytes",
        "reading records: 40/40 (100%) bytes",
        "reading articles: 1/2 (50%) captures",
    ]


@pytest.mark.parametrize("way", ["warraq", "python -m crawler"])
def test_the_folder_archive_does_not_hide_the_package(full: Path, way: str) -> None:
    """From a site's own folder, where `archive` is a folder of WARC files, workers still find our package `archive`."""
    script = Path(sys.executable).with_name("warraq")
    command = [str(script)] if way == "warraq" else [sys.executable, "-m", "crawler"]
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    done = subprocess.run([*command, "rebuild", "--force"], cwd=full, env=env, capture_output=True, check=False)
    assert done.stdout == b"3 pages read as articles, 0 are none, 0 could not be read\n", done.stderr.decode()
