"""A command runner and a site of its own for each test."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.cli import cli
from crawler.exits import Exit


@dataclass(frozen=True)
class Answer:
    """What a command line gave."""

    code: Exit
    out: str
    err: str
    raw: bytes

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def document(self) -> dict[str, Any]:
        (only,) = self.documents
        return only


Run = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test stands in an empty folder, with no WARRAQ_* variable and no personal configuration."""
    import os

    for name in [name for name in os.environ if name.startswith("WARRAQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def run() -> Run:
    """Run a command line in this process; give its exit code and what it wrote."""

    def call(*args: object, stdin: bytes | str | None = None) -> Answer:
        result = CliRunner().invoke(cli, [str(arg) for arg in args], input=stdin)
        return Answer(Exit(result.exit_code), result.stdout, result.stderr, result.stdout_bytes)

    return call


@pytest.fixture
def site(run: Run) -> Path:
    """A fresh site with one Arabic outlet, in the current folder."""
    assert run("init", "--contact", "crawl@example.org").code == Exit.DONE
    write_outlet("jarida", 'name = "الجريدة"\nhome = "https://jarida.example/"\nlanguages = ["ar"]\n')
    return Path.cwd()


def write_outlet(id_: str, text: str) -> Path:
    """Write an outlet's file into the site of the current folder."""
    path = Path("outlets") / f"{id_}.toml"
    path.write_text(text, "utf-8")
    return path
