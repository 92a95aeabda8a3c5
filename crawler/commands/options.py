"""Options that several commands share: days and moments, and the filters of lists."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from settings.errors import SettingsError

F = TypeVar("F", bound=Callable[..., Any])

DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class DayType(click.ParamType[date]):
    """A day: `2026-05-03`; a month or year stands for its first day, or with `last` for its last."""

    name = "date"

    def __init__(self, *, last: bool = False) -> None:
        self.last = last

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read what was typed."""
        if isinstance(value, date):
            return value
        try:
            return _day(DAY.fullmatch(str(value).strip()), last=self.last)
        except ValueError:
            return self.fail(f"{value!r} is no date: write 2026-05-03, 2026-05 or 2026", param, ctx)


def _day(match: re.Match[str] | None, *, last: bool) -> date:
    if match is None:
        raise ValueError
    year = int(match[1])
    month = int(match[2] or (12 if last else 1))
    if match[3]:
        return date(year, month, int(match[3]))
    return date(year, month, calendar.monthrange(year, month)[1] if last else 1)


def begin(day: date | None) -> datetime | None:
    """Return the first moment of a day, UTC."""
    return None if day is None else datetime.combine(day, time(), UTC)


def end(day: date | None) -> datetime | None:
    """Return the last moment of a day, UTC, to the microsecond that captures are dated by."""
    return None if day is None else datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1)


def outlet_ids(context: click.Context, _param: click.Parameter, typed: str) -> list[str]:
    """Complete an outlet's id from the files of the site in force; none when the configuration cannot be read."""
    from settings.site import load_site

    try:
        folder = load_site(_config(context)).outlets_path
    except SettingsError:
        return []
    return sorted(path.stem for path in folder.glob("*.toml") if path.stem.startswith(typed))


def _config(context: click.Context) -> Path | None:
    found: Path | None = context.meta.get("warraq.config")
    return found


OUTLET = click.option("--outlet", metavar="ID", shell_complete=outlet_ids, help="Of this outlet only.")
LANGUAGE = click.option("--language", metavar="CODE", help="In this language only (ar, fr, zh-Hant …).")
FROM = click.option(
    "--from", "since", type=DayType(), metavar="DATE", help="From this day on (2026-05-03, 2026-05, 2026)."
)
TO = click.option("--to", "until", type=DayType(last=True), metavar="DATE", help="Up to this day, inclusive.")


def limit(default: int | None, text: str = "At most so many.") -> Callable[[F], F]:
    """Return a --limit option."""
    return click.option(
        "--limit", type=click.IntRange(min=1), default=default, show_default=True, metavar="N", help=text
    )


OFFSET = click.option(
    "--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the first so many."
)
