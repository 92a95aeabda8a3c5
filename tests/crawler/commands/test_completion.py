"""`warraq completion`, and what the Tab key is told."""

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from crawler.cli import cli
from crawler.exits import Exit
from tests.crawler.commands.conftest import Run


def candidates(words: list[str], typed: str) -> list[str]:
    return [item.value for item in ShellComplete(cli, {}, "warraq", "_WARRAQ_COMPLETE").get_completions(words, typed)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_call_us(run: Run, shell: str) -> None:
    """Each script asks the command itself, whether or not the shell is installed here."""
    answer = run("completion", shell)
    assert answer.code == Exit.DONE
    assert f"_WARRAQ_COMPLETE={shell}_complete" in answer.out
    assert run("completion", shell, "--json").document["script"].strip() == answer.out.strip()


def test_unknown_shell(run: Run) -> None:
    """A shell that we do not know is a usage error."""
    assert run("completion", "tcsh").code == Exit.USAGE


def test_commands_and_options_complete() -> None:
    """Commands complete without being loaded, options when their command is known."""
    assert candidates([], "se") == ["search", "serve"]
    assert candidates(["outlets"], "en") == ["enable"]
    assert "--origin" in candidates(["config", "show"], "--o")


def test_outlets_complete(run: Run, site: Path) -> None:
    """Ids of the outlets complete where an outlet is asked for."""
    assert candidates(["outlets", "show"], "ja") == ["jarida"]
    (site / "warraq.toml").write_text("broken", "utf-8")
    assert candidates(["outlets", "show"], "ja") == []
