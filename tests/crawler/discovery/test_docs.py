"""The page on discovery names what there is, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import crawler.discovery

PAGE = Path(__file__).parents[3] / "docs" / "discovery.md"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_file_is_named() -> None:
    """Each file of the room stands in the page's table."""
    text = PAGE.read_text("utf-8")
    folder = Path(str(crawler.discovery.__file__)).parent
    missing = [path.name for path in folder.glob("*.py") if path.stem != "__init__" and f"`{path.name}`" not in text]
    assert missing == []


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The example says what the page says it does."""
    (code,) = EXAMPLE.findall(PAGE.read_text("utf-8"))
    exec(compile(code, str(PAGE), "exec"), {})
    said = re.findall(r"print\(.*?\)  # (.+)", code)
    assert capsys.readouterr().out.splitlines() == said
