"""Retry-After (RFC 9110 section 10.2.3): how long a server asks to be left alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SAYS_WHEN = frozenset({429, 503})
"""Statuses whose Retry-After is a wish to be left alone (RFC 6585 section 4, RFC 9110 section 15.6.4)."""
SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)


def wished(status: int, value: str | bytes | None, date: str | bytes | None) -> float | None:
    """Return the seconds for which an answer asks to be left alone, or None.

    `date` is the answer's Date: a server's dates go by its own clock, which need not be ours (nor is WARRAQ_NOW its).
    """
    if status not in SAYS_WHEN:
        return None
    return retry_after(value, _moment(date) or datetime.now(UTC))


def retry_after(value: str | bytes | None, now: datetime) -> float | None:
    """Return seconds from `now` (aware), 0 for a date that has passed; None for none and for what is no value."""
    text = _text(value)
    if SECONDS.fullmatch(text):
        return float(text)
    moment = _moment(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _text(value: str | bytes | None) -> str:
    return (value.decode("latin-1") if isinstance(value, bytes) else value or "").strip()


def _moment(value: str | bytes | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_text(value))
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # a date without a zone: HTTP's are always UTC
