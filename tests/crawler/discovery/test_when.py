"""Dates as publishers write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.when import from_struct, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-5-4 7:05", datetime(2026, 5, 4, 7, 5, tzinfo=UTC)),
        ("2026-05-04T10:00:00+03:00", datetime(2026, 5, 4, 7, tzinfo=UTC)),
        ("2026-05-04T10:00:00.123456Z", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("2026-05-04T10:00+0300", datetime(2026, 5, 4, 7, tzinfo=UTC)),
        ("2026-05-04 10:00:00 +03", datetime(2026, 5, 4, 7, tzinfo=UTC)),
        ("2026-05", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("Mon, 04 May 2026 10:00:00 GMT", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("2026-05-04T23:59:60Z", datetime(2026, 5, 4, 23, 59, 59, tzinfo=UTC)),
        ("2026-02-30", None),
        ("0000-00-00", None),
        ("9999-12-31", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("2026-05-04T10:00:00+99:99", None),
    ],
)
def test_moment(text: str | None, expected: datetime | None) -> None:
    """A written date is read leniently, and nonsense is no date."""
    assert moment(text) == expected


def test_from_struct() -> None:
    """Feedparser's tuples become UTC datetimes, impossible ones nothing."""
    assert from_struct(time.gmtime(0)) == datetime(1970, 1, 1, tzinfo=UTC)
    assert from_struct(time.struct_time((2026, 2, 30, 0, 0, 0, 0, 0, 0))) is None
    assert from_struct(None) is None


@settings(deadline=None)
@given(st.text(max_size=80))
def test_moment_never_raises(text: str) -> None:
    """Any text is a date or none, and a date is aware and in UTC."""
    found = moment(text)
    assert found is None or found.utcoffset() is not None
