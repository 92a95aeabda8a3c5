"""`warraq doctor`: each check can find something, and says how to mend it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from crawler.commands.doctor import size
from crawler.exits import Exit
from tests.crawler.commands.conftest import Run, write_outlet


def findings(run: Run) -> tuple[Exit, dict[str, dict[str, Any]]]:
    answer = run("doctor", "--json")
    return answer.code, {row["check"]: row for row in answer.documents}


def test_a_ready_site(run: Run, site: Path) -> None:
    """A site with a contact and an outlet is ready: every check is well."""
    code, rows = findings(run)
    assert code == Exit.DONE
    assert all(row["ok"] for row in rows.values())
    assert set(rows) == {"configuration", "contact", "outlets", "languages", "archive", "disk", "database"}


def test_lines_for_people(run: Run, site: Path) -> None:
    """Each line begins with its verdict."""
    assert {line.split("\t")[0] for line in run("doctor").lines} == {"ok"}


def test_without_any_site(run: Run) -> None:
    """In an empty folder each thing that is missing is named with the command that makes it."""
    code, rows = findings(run)
    assert code == Exit.BAD_ANSWER
    wrong = {check for check, row in rows.items() if not row["ok"]}
    assert wrong == {"configuration", "contact", "outlets", "archive", "database"}
    assert "warraq init" in rows["configuration"]["hint"]
    assert not list(Path.cwd().iterdir())


def test_broken_configuration_is_a_finding(run: Run) -> None:
    """What other commands refuse to start with, doctor reports."""
    Path("warraq.toml").write_text("contct = 1", "utf-8")
    code, rows = findings(run)
    assert code == Exit.BAD_ANSWER
    assert rows["configuration"]["hint"] == "did you mean `contact`?"


def test_broken_outlets_are_named_one_by_one(run: Run, site: Path) -> None:
    """Two broken files are two findings; an id that is taken twice is one."""
    write_outlet("one", "name = 1")
    write_outlet("two", "x = 1")
    write_outlet("zz", 'id = "jarida"\nname = "B"\nhome = "https://b.example/"\n')
    wrong = [row for row in run("doctor", "--json").documents if not row["ok"]]
    assert [Path(row["message"].split(":")[0]).name for row in wrong] == ["one.toml", "two.toml", "zz.toml"]


def test_full_disk(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less room than archive.min_free_bytes is a finding."""
    monkeypatch.setenv("WARRAQ_ARCHIVE__MIN_FREE_BYTES", str(1 << 60))
    code, rows = findings(run)
    assert code == Exit.BAD_ANSWER
    assert [check for check, row in rows.items() if not row["ok"]] == ["disk"]


def test_archive_that_is_no_folder(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the archive should lie is a finding."""
    monkeypatch.setenv("WARRAQ_ARCHIVE__PATH", "warraq.toml")
    assert not findings(run)[1]["archive"]["ok"]


def test_missing_archive_and_database(run: Run, site: Path) -> None:
    """Both are named when the archive's folder has gone."""
    shutil.rmtree(site / "archive")
    _, rows = findings(run)
    assert {check for check, row in rows.items() if not row["ok"]} == {"archive", "database"}
    assert "rebuild" in rows["database"]["hint"]


def test_sizes() -> None:
    """Bytes are told in the unit that a person would choose."""
    assert [size(1), size(1023), size(1024), size(5 << 20), size(3 << 40)] == [
        "1 B",
        "1023 B",
        "1.0 KiB",
        "5.0 MiB",
        "3.0 TiB",
    ]
