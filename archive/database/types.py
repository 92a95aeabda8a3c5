"""Column types that give the same values on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(when: datetime) -> int:
    """Count the microseconds from 1970 (UTC) to an aware time."""
    return (when - EPOCH) // MICROSECOND


def moment(count: int) -> datetime:
    """Give the UTC time of a count of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=count)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, kept as whole microseconds since 1970.

    SQLite has no time type and PostgreSQL's knows a session's zone; an integer sorts and compares the same on both.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)
