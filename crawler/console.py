"""The output contract: results on stdout, all else on stderr; JSON for programs, tables and bars for people."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TextIO

from crawler.exits import NAMES, Ending
from crawler.progress import Plain, Progress, Silent, bar

if TYPE_CHECKING:
    from rich.console import Console as Rich

FSI, PDI = "\u2068", "\u2069"
"""First strong isolate and its end: between them a title of any direction leaves its neighbours where they are."""

WHOLE = 20
"""Characters of a cell that a narrow window does not cut: a time, an id."""

UNSAFE = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)))
"""What a page's text must not do to a terminal: controls (escape sequences) and unbalanced bidi marks.

Joiners (U+200C, U+200D) and U+200E/F stay: Persian, Arabic and Indic spelling needs them.
"""
UNSAFE |= dict.fromkeys(map(ord, "\t\n\r\v\f\x85\u2028\u2029"), " ")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. Put text that may be right-to-left in the last one and mark it `isolate`."""

    title: str
    value: Callable[[Any], object]
    isolate: bool = False
    right: bool = False
    """Whether the column is flush right, as numbers are."""


class Console:
    """Where a command says things. Only `row`, `rows`, `document`, `line` and `data` write to stdout."""

    def __init__(
        self, *, json: bool = False, verbose: bool = False, quiet: bool = False, no_color: bool = False
    ) -> None:
        self.json = json
        self.verbose = verbose
        self.quiet = quiet
        self.no_color = no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self._live: Progress | None = None

    # ---- results: stdout

    def document(self, kind: str, value: object, human: Callable[[], None] | None = None) -> None:
        """Give one result: under --json a document of schema `warraq.<kind>/1`, else what `human` prints."""
        if self.json or human is None:
            self._json(versioned(kind, value))
        else:
            human()

    row = document
    """One row of a list that grows as it is made: a line of JSON, or what `human` prints."""

    def rows(self, kind: str, rows: Iterable[Any], columns: Sequence[Column], *, empty: str = "") -> int:
        """Give a list: JSON Lines, a table on a terminal, tab-separated plain lines elsewhere. Return its length.

        `empty` is said on stderr when there is nothing to list.
        """
        count = 0
        if self.json or not self.terminal():
            for row in rows:
                self.document(kind, row, partial(self._tabbed, row, columns))
                count += 1
        elif found := list(rows):
            count = len(found)
            self._table(found, columns)
        if not count and empty:
            self.note(empty)
        return count

    def line(self, text: str = "") -> None:
        """Print one line for people; nothing under --json."""
        if not self.json:
            print(text, file=sys.stdout)

    def data(self, content: bytes) -> None:
        """Write bytes as they are."""
        sys.stdout.flush()
        sys.stdout.buffer.write(content)

    def flush(self) -> None:
        """Hand on what was written so far: for commands that give a result and then stay."""
        sys.stdout.flush()

    def terminal(self) -> bool:
        """Whether results go to a terminal."""
        return sys.stdout.isatty()

    # ---- all else: stderr

    def note(self, text: str) -> None:
        """Say something that is no result; silent under --quiet."""
        if not self.quiet:
            self._stderr(text)

    def warn(self, text: str) -> None:
        """Say what the user should look at, even under --quiet."""
        self._stderr(f"warraq: {text}")

    def fail(self, ending: Ending) -> None:
        """Tell how the command failed: one line and its hint on stderr; under --json one document on stdout."""
        if not ending.message:
            return
        if self.json:
            error = {"code": int(ending.code), "name": NAMES[ending.code], "message": ending.message}
            self._json({"error": {**error, "hint": ending.hint}})
        else:
            self._stderr(f"warraq: {_one_line(ending.message)}")
            if ending.hint:
                self._stderr(f"  {_one_line(ending.hint)}")

    def progress(self, label: str, total: int | None = None, *, unit: str = "") -> Progress:
        """Return a context manager that shows how far long work is: a bar on a terminal, else a line every 10 s."""
        if self.quiet:
            self._live = Silent()
        elif sys.stderr.isatty():
            self._live = bar(self.rich(sys.stderr), label, total, unit)
        else:
            self._live = Plain(self._stderr, label, total, unit)
        return self._live

    def listen(self) -> Callable[[], None]:
        """Send the log to stderr (warnings; under -v everything from info on) and return what ends that."""
        handler = _Log(self)
        level = logging.INFO if self.verbose else logging.ERROR if self.quiet else logging.WARNING
        root, before = logging.getLogger(), logging.getLogger().level
        handler.setLevel(level)
        root.addHandler(handler)
        root.setLevel(min(level, before))

        def end() -> None:
            root.removeHandler(handler)
            root.setLevel(before)

        return end

    def rich(self, stream: TextIO | None = None) -> Rich:
        """Return a rich console for stdout (or another stream), for what lines and tables cannot show."""
        from rich.console import Console as Rich

        return Rich(file=stream or sys.stdout, no_color=self.no_color, highlight=False, markup=False, emoji=False)

    def _stderr(self, text: str) -> None:
        if self._live is not None and self._live.say(text):
            return
        print(text, file=sys.stderr)

    def _json(self, document: Mapping[str, object]) -> None:
        # A lone surrogate (an undecodable file name) becomes its \u escape: the only one that is ever written.
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        self.data(text.encode("utf-8", "backslashreplace") + b"\n")

    def _tabbed(self, row: Any, columns: Sequence[Column]) -> None:
        """Plain lines carry the bare values: isolates would be rubbish in a script's hands."""
        self.line("\t".join(_cell(row, column, isolated=False) for column in columns))

    def _table(self, rows: Sequence[Any], columns: Sequence[Column]) -> None:
        from rich.table import Table
        from rich.text import Text

        screen = self.rich()
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        cells = [[_cell(row, column, isolated=True) for column in columns] for row in rows]
        for at, column in enumerate(columns):
            # In a narrow window long cells give way; short ones (dates, numbers, ids) and titles stay readable.
            longest = max(len(column.title), *(len(line[at]) for line in cells))
            last = column is columns[-1]
            table.add_column(
                column.title,
                justify="right" if column.right else "left",
                no_wrap=not last,
                min_width=min(longest, WHOLE),
                max_width=None if last else max(WHOLE, screen.width // 3),
            )
        for line in cells:
            table.add_row(*map(Text, line))
        screen.print(table)


class _Log(logging.Handler):
    """Log lines go the way of notes, so that they do not tear a bar apart."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._console._stderr(self.format(record))


def versioned(kind: str, value: object) -> dict[str, Any]:
    """Return a value as the object that --json writes, its schema named first."""
    plain = builtins(value)
    return {"schema": f"warraq.{kind}/1", **(plain if isinstance(plain, dict) else {"value": plain})}


def builtins(value: object) -> Any:
    """Return dataclasses, dates, enums, paths and mappings as what JSON knows."""
    import msgspec

    return msgspec.to_builtins(value, enc_hook=_other, str_keys=True)


def _other(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, PurePath):
        return str(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def clean(text: str) -> str:
    """Return text that a terminal shows and does not obey: on one line, without controls and bidi overrides."""
    return text.translate(UNSAFE)


def isolate(text: str) -> str:
    """Return a title so that its direction stays its own."""
    return f"{FSI}{clean(text)}{PDI}" if text else ""


def _cell(row: Any, column: Column, *, isolated: bool) -> str:
    value = column.value(row)
    text = "" if value is None else str(value)
    return isolate(text) if isolated and column.isolate else clean(text)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
