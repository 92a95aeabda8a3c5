"""What one crawl may cost, and how far back it goes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0, "s": 1.0}
SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits that a user set for one crawl; None is no limit."""

    pages: int | None = None
    seconds: float | None = None
    size: int | None = None
    """Bytes received."""
    since: datetime | None = None
    """Articles known to be older are not asked for."""


class Budget:
    """Counts what a crawl has spent against its bounds."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float] = time.monotonic) -> None:
        self.bounds = bounds
        self.pages = 0
        self.size = 0
        self._clock = clock
        self._started = clock()

    def spend(self, *, pages: int = 0, size: int = 0) -> None:
        """Note what an answer cost."""
        self.pages += pages
        self.size += size

    def exceeded(self) -> str | None:
        """Return the name of the first bound that is reached, or None."""
        bounds = self.bounds
        if bounds.pages is not None and self.pages >= bounds.pages:
            return "max-pages"
        if bounds.size is not None and self.size >= bounds.size:
            return "max-bytes"
        if bounds.seconds is not None and self._clock() - self._started >= bounds.seconds:
            return "max-time"
        return None


def parse_span(text: str) -> timedelta:
    """Read `50m`, `7d`, `1.5h`; raises ValueError for anything else."""
    match = SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no span of time: write 30s, 50m, 12h, 7d or 2w")
    return timedelta(seconds=float(match[1]) * UNITS[match[2]])


def parse_size(text: str) -> int:
    """Read `5G`, `500 MB`, `1024` as bytes (powers of 1,024); raises ValueError for anything else."""
    match = SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no size: write 500M or 5G")
    return int(float(match[1]) * SIZES[match[2].upper()])


def parse_since(text: str, now: datetime) -> datetime:
    """Read a span back from now (`7d`) or an ISO date; raises ValueError for anything else."""
    if SPAN.fullmatch(text.strip()):
        return now - parse_span(text)
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is neither a span (7d) nor a date (2026-05-03)") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
