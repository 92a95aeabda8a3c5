"""The examples at the end of each `--help` work as they stand."""

import shlex
import shutil
from pathlib import Path

import pytest

from crawler.exits import Exit
from tests.crawler.commands import filled
from tests.crawler.commands.conftest import Run
from tests.crawler.test_cli import COMMANDS, load

ELSEWHERE = {"warraq demo", "warraq crawl", "warraq add", "warraq outlets add", "warraq outlets probe", "warraq serve"}
"""Commands that ask the network or wait for visitors: their own tests run them."""


def parts(line: str) -> list[str]:
    """The words of a command line, without where its output goes."""
    words = shlex.split(line)
    ends = [at for at, word in enumerate(words) if word in (">", ">>", "|")]
    return words[1 : min(ends, default=len(words))]


@pytest.mark.parametrize("path", [path for path in COMMANDS if path not in ELSEWHERE])
def test_examples_work(run: Run, full: Path, path: str) -> None:
    """Each example of a command succeeds on a small archive; those that name a command elsewhere are run there."""
    (full / "page.html").write_bytes(filled.page("en", "Flood", filled.ENGLISH_BODY, "2026-01-10", filled.FLOOD))
    warc = next(file for file in (full / "archive").rglob("*.warc.gz*") if "cdx" not in file.name)
    shutil.copy(warc, full / "crawl.warc.gz")
    for line in load(path).examples:  # type: ignore[attr-defined]
        if any(line.startswith(other) for other in ELSEWHERE):
            continue
        answer = run(*parts(line))
        assert answer.code == Exit.DONE, (line, answer.err)
        assert answer.out, line
