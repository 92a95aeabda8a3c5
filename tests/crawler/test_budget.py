"""Bounds of a crawl: counted exactly, read from what people type."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.budget import Bounds, Budget, parse_since, parse_size, parse_span

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def test_each_bound_is_reached_exactly() -> None:
    """A bound holds until it is spent, and the one that ended the crawl is named."""
    clock = iter([0.0, 1.0, 5.0]).__next__
    budget = Budget(Bounds(pages=2, size=100, seconds=5), clock)
    budget.spend(pages=1, size=50)
    assert budget.exceeded() is None
    assert budget.exceeded() == "max-time"
    budget.spend(size=50)
    assert budget.exceeded() == "max-bytes"
    budget.spend(pages=1)
    assert budget.exceeded() == "max-pages"


def test_no_bounds_never_end() -> None:
    """Without bounds nothing is ever reached."""
    budget = Budget(Bounds())
    budget.spend(pages=10**9, size=10**15)
    assert budget.exceeded() is None


@pytest.mark.parametrize(
    ("text", "span"), [("50m", timedelta(minutes=50)), ("7d", timedelta(days=7)), ("1.5h", timedelta(minutes=90))]
)
def test_spans(text: str, span: timedelta) -> None:
    """Spans are written as people write them."""
    assert parse_span(text) == span


@pytest.mark.parametrize(("text", "size"), [("5G", 5 << 30), ("500 MB", 500 << 20), ("1024", 1024), ("1kib", 1024)])
def test_sizes(text: str, size: int) -> None:
    """Sizes are written as people write them."""
    assert parse_size(text) == size


def test_since_is_a_span_back_or_a_date() -> None:
    """`--since` takes both forms, and dates are UTC days."""
    assert parse_since("7d", NOW) == NOW - timedelta(days=7)
    assert parse_since("2016-05-03", NOW) == datetime(2016, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "7", "7x", "-3d", "2016-13-01"])
def test_what_cannot_be_read_says_how_to_write_it(text: str) -> None:
    """A wrong span, size or date raises ValueError with an example."""
    for read in (parse_span, lambda t: parse_since(t, NOW)):
        with pytest.raises(ValueError, match=r"7d|2016|2026"):
            read(text)
