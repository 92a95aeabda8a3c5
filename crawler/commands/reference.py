"""Writes docs/commands.md from the commands' own help: `python -m crawler.commands.reference [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from crawler.cli import cli
from crawler.exits import MEANING, NAMES

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
WIDTH = 100
"""Columns of the help texts on the page, whatever terminal they are made in."""

INTRODUCTION = """\
# Commands

This page is made from `--help` by `python -m crawler.commands.reference`; a test keeps it true.

Results go to stdout; progress, notes and errors to stderr. Lists are tables on a terminal and tab-separated plain
lines without a heading elsewhere. With `--json` (on every command) a result is one document, a list is JSON Lines:
UTF-8, and each object begins with its `schema` (`warraq.article/1`), which changes when a field changes its meaning.
An error is one line and its hint on stderr; with `--json` it is `{"error": {"code", "name", "message", "hint"}}` on
stdout, where the result would have stood. The common options may stand before the command or after it.

## Exit codes

| code | name | meaning |
|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    codes = "".join(f"| {int(code)} | {NAMES[code]} | {text} |\n" for code, text in MEANING.items())
    sections = [f"## {path}\n\n```text\n{text}```\n" for path, text in helps()]
    return f"{INTRODUCTION}{codes}\n" + "\n".join(sections)


def helps() -> Iterator[tuple[str, str]]:
    """Return each command's words (`warraq outlets list`) and its help."""
    for path, command in walk():
        context = _context(path, command)
        yield path, command.get_help(context).rstrip() + "\n"


def walk(command: click.Command = cli, path: str = "warraq") -> Iterator[tuple[str, click.Command]]:
    """Return every command, groups before their members, in the order of the help."""
    yield path, command
    if isinstance(command, click.Group):
        context = _context(path, command)
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from walk(member, f"{path} {name}")


def _context(path: str, command: click.Command) -> click.Context:
    return click.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH, color=False)


def main(arguments: list[str]) -> int:
    """Write the page, or with --check only say whether it is as it should be."""
    text = page()
    if "--check" in arguments:
        return 0 if PAGE.is_file() and PAGE.read_text("utf-8") == text else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
