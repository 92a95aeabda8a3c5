"""Retry-After, as seconds and as a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.retry_after import retry_after, wished

NOW = datetime(2026, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (b"120", 120.0),
        (" 0 ", 0.0),
        ("Fri, 06 Nov 2026 08:50:37 GMT", 60.0),
        (b"Fri, 06 Nov 2026 08:50:37 GMT", 60.0),
        ("Friday, 06-Nov-26 08:50:37 GMT", 60.0),
        ("Fri Nov  6 08:50:37 2026", 60.0),
        ("Fri, 06 Nov 2026 09:50:37 +0100", 60.0),
        ("Fri, 06 Nov 2026 07:00:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_values(value: str | bytes, seconds: float) -> None:
    """Seconds, the three date forms of RFC 9110, and dates that have passed."""
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value", [None, "", "soon", "-5", "1.5", "1e3", "10 seconds", "٣٠", "99999999999", "Fri, 99 Nov 2026", b"\xff\xfe"]
)
def test_garbage(value: str | bytes | None) -> None:
    """What is neither is no wish."""
    assert retry_after(value, NOW) is None


def test_a_servers_dates_go_by_its_own_clock() -> None:
    """A date is held against the answer's own Date, however wrong that clock is."""
    assert wished(503, "Sat, 01 Jan 2000 00:01:30 GMT", b"Sat, 01 Jan 2000 00:00:00 GMT") == 90.0
    assert wished(503, "Sat, 01 Jan 2000 00:01:30 GMT", None) == 0.0
    assert wished(429, "90", "no date") == 90.0


@pytest.mark.parametrize("status", [200, 301, 404, 500, 502])
def test_statuses_that_ask_for_nothing(status: int) -> None:
    """Retry-After on other answers says something else, or nothing."""
    assert wished(status, "90", None) is None


@given(st.text() | st.binary())
def test_never_raises(value: str | bytes) -> None:
    """Whatever a server sends gives None or seconds that are not negative."""
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**7))
def test_dates_come_back(seconds: int) -> None:
    """A date that a server computes from a number of seconds means those seconds."""
    moment = NOW + timedelta(seconds=seconds)
    assert retry_after(format_datetime(moment, usegmt=True), NOW) == seconds
