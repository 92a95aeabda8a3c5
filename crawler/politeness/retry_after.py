"""Retry-After (RFC 9110 section 10.2.3): how long a server asks to be left alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)


def retry_after(value: str | bytes | None, now: datetime) -> float | None:
    """Return seconds from `now` (aware), 0 for a date that has passed; None for none and for what is no value."""
    if value is None:
        return None
    text = (value.decode("latin-1") if isinstance(value, bytes) else value).strip()
    if SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    # A date without a zone is not valid; HTTP dates are always UTC.
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
