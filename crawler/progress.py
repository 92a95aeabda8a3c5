"""How far long work is: a bar on a terminal, a plain line every ten seconds elsewhere, nothing when quiet."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console as Rich
    from rich.progress import Progress as RichProgress

EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """What a command tells of its progress; a context manager. Start it with `Console.progress`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the display; whatever was raised goes on its way."""

    def advance(self, step: int = 1, text: str | None = None) -> None:
        """Tell that `step` more is done; `text` replaces what stands beside the count."""

    def total(self, total: int | None) -> None:
        """Tell how much there is to do, once it is known or has grown."""

    def say(self, text: str) -> bool:
        """Print a line above the display; False if the line must be printed in the ordinary way."""
        return False


class Silent(Progress):
    """Shows nothing."""


class Plain(Progress):
    """A line every ten seconds: what logs of cron and CI can bear."""

    def __init__(
        self,
        say: Callable[[str], None],
        label: str,
        total: int | None,
        unit: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say, self._label, self._total, self._unit = say, label, total, unit
        self._clock, self._said = clock, clock()
        self._done, self._text = 0, ""

    def advance(self, step: int = 1, text: str | None = None) -> None:
        self._done += step
        self._text = self._text if text is None else text
        if self._clock() - self._said >= EVERY:
            self._said = self._clock()
            self._say(self._line())

    def total(self, total: int | None) -> None:
        self._total = total

    def _line(self) -> str:
        of = f"/{self._total} ({100 * self._done // self._total}%)" if self._total else ""
        unit = f" {self._unit}" if self._unit else ""
        text = f" {self._text}" if self._text else ""
        return f"{self._label}: {self._done}{of}{unit}{text}"


class Bar(Progress):
    """A bar with rate and remaining time, on a terminal."""

    def __init__(self, display: RichProgress, label: str, total: int | None, unit: str) -> None:
        self._display = display
        self._task = display.add_task(label, total=total, unit=unit, text="")

    def __enter__(self) -> Self:
        self._display.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._display.stop()

    def advance(self, step: int = 1, text: str | None = None) -> None:
        if text is None:
            self._display.update(self._task, advance=step)
        else:
            self._display.update(self._task, advance=step, text=text)

    def total(self, total: int | None) -> None:
        self._display.update(self._task, total=total)

    def say(self, text: str) -> bool:
        if not self._display.live.is_started:
            return False
        self._display.console.print(text)
        return True


def bar(console: Rich, label: str, total: int | None, unit: str) -> Bar:
    """Return a bar on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    display = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]} {task.fields[text]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    return Bar(display, label, total, unit)
