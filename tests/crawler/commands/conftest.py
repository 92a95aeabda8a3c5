"""A command runner and a site of its own for each test."""

import json
import os
import shutil
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


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled site, made once; tests get a copy of it, so that none meets what another did."""
    from tests.crawler.commands import filled

    folder = tmp_path_factory.mktemp("filled")
    result = CliRunner().invoke(cli, ["init", str(folder), "--contact", "crawl@example.org"])
    assert result.exit_code == 0, result.stderr
    for id_, name, language in (("jarida", "الجريدة", "ar"), ("example", "The Example", "en")):
        home = "https://www.example.org/" if id_ == "example" else f"https://{id_}.example/"
        text = f'name = "{name}"\nhome = "{home}"\nlanguages = ["{language}"]\n'
        (folder / "outlets" / f"{id_}.toml").write_text(text, "utf-8")
    filled.fill(folder / "warraq.toml")
    return folder


@pytest.fixture
def full(_filled: Path) -> Path:
    """A site with a small archive (tests/crawler/commands/filled.py), in the current folder."""
    shutil.copytree(_filled, Path.cwd(), dirs_exist_ok=True)
    return Path.cwd()
