"""Dates of feeds and sitemaps, read leniently."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from time import struct_time

W3C = re.compile(
    r"""
    (?P<year>\d{4})
    (?:[-/.](?P<month>\d{1,2})                      # a year and month, or a year alone, are allowed
    (?:[-/.](?P<day>\d{1,2})
    (?:[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?
    \s*(?P<zone>Z|UTC|GMT|(?P<sign>[+-])(?P<zh>\d{2}):?(?P<zm>\d{2})?)?
    )?)?)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""W3C date and time format, and the spellings near it that publishers write."""
EARLIEST, LATEST = 1970, 2100
"""Years outside are mistakes (0000-00-00, 9999-12-31): no date is better than a wrong one."""


def moment(text: str | None) -> datetime | None:
    """Return a written date as an aware UTC datetime, or None. A date without a zone is taken as UTC."""
    text = (text or "").strip()[:64]
    if not text:
        return None
    found = _w3c(text)
    if found is None:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return _utc(found)


def from_struct(value: struct_time | None) -> datetime | None:
    """Return feedparser's UTC time tuple as a datetime, or None for nonsense."""
    if value is None:
        return None
    try:
        return _utc(datetime(*value[:5], min(value[5], 59), tzinfo=UTC))
    except (ValueError, OverflowError, TypeError):
        return None


def _w3c(text: str) -> datetime | None:
    match = W3C.fullmatch(text)
    if match is None:
        return None
    numbers = {name: int(match[name] or 0) for name in ("hour", "minute", "second", "zh", "zm")}
    offset = timedelta(hours=numbers["zh"], minutes=numbers["zm"]) * (-1 if match["sign"] == "-" else 1)
    try:
        return datetime(
            int(match["year"]),
            int(match["month"] or 1),
            int(match["day"] or 1),
            numbers["hour"],
            numbers["minute"],
            min(numbers["second"], 59),
            tzinfo=timezone(offset),
        )
    except (ValueError, OverflowError):
        return None


def _utc(value: datetime) -> datetime | None:
    try:
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return value if EARLIEST <= value.year <= LATEST else None
