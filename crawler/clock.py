"""What `now` means in decisions: the real time, or WARRAQ_NOW for tests and simulations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from settings.errors import ConfigError


def now(env: Mapping[str, str] | None = None) -> datetime:
    """Return the time that decisions go by, UTC. It never dates a record: WARC-Date is the real time.

    Raises ConfigError if WARRAQ_NOW is no ISO time.
    """
    value = (os.environ if env is None else env).get("WARRAQ_NOW")
    if not value:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ConfigError(f"environment: WARRAQ_NOW={value!r} is no ISO time", hint="2026-05-03T06:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
