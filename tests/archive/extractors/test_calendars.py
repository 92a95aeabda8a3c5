"""Days of other calendars."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from archive.extractors.calendars import ethiopic, gregorian, hebrew, hijri, jalali


@pytest.mark.parametrize(
    ("found", "day"),
    [
        (jalali(1357, 11, 22), date(1979, 2, 11)),
        (jalali(1399, 12, 30), date(2021, 3, 20)),
        (jalali(1400, 1, 1), date(2021, 3, 21)),
        (jalali(1403, 12, 30), date(2025, 3, 20)),
        (hijri(1440, 2, 15), date(2018, 10, 24)),
        (ethiopic(2012, 1, 1), date(2019, 9, 12)),
        (ethiopic(2016, 13, 5), date(2024, 9, 10)),
        (hebrew(5784, 7, 1), date(2023, 9, 16)),
        (hebrew(5784, 13, 14), date(2024, 3, 24)),
        (hebrew(5708, 2, 5), date(1948, 5, 14)),
    ],
)
def test_known_days(found: date | None, day: date) -> None:
    """Days whose Gregorian date is known from the almanac."""
    assert found == day


@pytest.mark.parametrize(
    "found",
    [
        jalali(1400, 12, 30), jalali(1400, 7, 31), jalali(1400, 13, 1), jalali(0, 1, 1), hijri(1440, 13, 1),
        hijri(900, 1, 1),
        ethiopic(2012, 13, 6), hebrew(5783, 13, 1), hebrew(100, 1, 1), gregorian(2019, 2, 29),
    ],
)  # fmt: skip
def test_days_that_do_not_exist(found: date | None) -> None:
    """No day is invented: what the calendar does not have is None."""
    assert found is None


@pytest.mark.parametrize(
    ("convert", "months", "years"), [(jalali, 12, range(1300, 1420)), (ethiopic, 13, range(1900, 2030))]
)
def test_days_follow_each_other(convert, months: int, years: range) -> None:  # type: ignore[no-untyped-def]
    """Every day of the calendar is the one after the day before it, over leap years and turns of the year."""
    days = [
        found
        for year in years
        for month in range(1, months + 1)
        for day in range(1, 32)
        if (found := convert(year, month, day))
    ]
    assert all(after - before == timedelta(days=1) for before, after in pairwise(days))


def test_hebrew_days_follow_each_other() -> None:
    """The Hebrew year begins with its seventh month and has no gaps, leap month and all."""
    order = (*range(7, 14), *range(1, 7))
    days = [
        found
        for year in range(5700, 5800)
        for month in order
        for day in range(1, 31)
        if (found := hebrew(year, month, day))
    ]
    assert all(after - before == timedelta(days=1) for before, after in pairwise(days))
