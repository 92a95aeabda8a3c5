"""Dates as people type them."""

from datetime import UTC, date, datetime

import click
import pytest

from crawler.commands.options import DayType, begin, end


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-05-03", date(2026, 5, 3), date(2026, 5, 3)),
        ("2026-05", date(2026, 5, 1), date(2026, 5, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_coarse_dates_are_spans(text: str, first: date, last: date) -> None:
    """As a beginning a month means its first day, as an end its last."""
    assert DayType().convert(text, None, None) == first
    assert DayType(last=True).convert(text, None, None) == last


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13", "2026-02-30", "0000", "03/05/2026", "2026-5-3"])
def test_wrong_dates_are_usage_errors(text: str) -> None:
    """What is no date is refused with the right forms."""
    with pytest.raises(click.BadParameter, match="2026-05-03"):
        DayType().convert(text, None, None)


def test_bounds_of_a_day() -> None:
    """A day lasts from its first microsecond to its last, in UTC."""
    assert begin(date(2026, 5, 3)) == datetime(2026, 5, 3, tzinfo=UTC)
    assert end(date(2026, 5, 3)) == datetime(2026, 5, 3, 23, 59, 59, 999999, tzinfo=UTC)
    assert begin(None) is end(None) is None
