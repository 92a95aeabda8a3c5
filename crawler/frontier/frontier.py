"""The frontier: which addresses of an outlet wait, are done, or failed; in the database, so that a crash loses none.

Feeds, sitemaps and listing pages are asked for anew by every run and do not stand here; articles and what their pages
need do. An address is done when its capture is on disk: the update travels in the transaction of the capture's row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine, Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

from archive.capture import Why
from archive.database.engine import reading, writing
from archive.database.models import Base, FrontierRecord, HostRecord
from archive.database.store import Also

MAX_ATTEMPTS = 5
"""Runs in which an address may fail in passing before it is given up."""

PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})
"""Answers that say `later`, not `no`: RFC 9110 and RFC 6585, and what CDNs send for an origin that is down."""

PASSING_CAUSES = frozenset({"dns", "refused", "timeout", "tls", "connection", "robots-unreachable", "other"})
"""Failures that the next run may not meet again."""

BATCH = 500
"""Rows a statement: SQLite takes at most 32,766 variables in one."""

Insert = Callable[[Any], postgresql.Insert | sqlite.Insert]
INSERT: dict[str, Insert] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
ROWS: Table = Base.metadata.tables[FrontierRecord.__tablename__]
HOSTS: Table = Base.metadata.tables[HostRecord.__tablename__]
_ROW = (ROWS.c.outlet == bindparam("of"), ROWS.c.key == bindparam("at"))

END = update(ROWS).where(*_ROW).values(state=bindparam("now"), outcome=bindparam("said"))
"""An address has got its answer. One object, so that the archive's writer runs it once for all of a group."""

CHANGED = (
    update(ROWS).where(*_ROW, func.coalesce(ROWS.c.changed, "") < bindparam("then")).values(changed=bindparam("then"))
)
"""A time of change that is only noted: of an address that waits anyhow, or of which none was known before."""

LATER = (
    update(ROWS).where(*_ROW, ROWS.c.state == "waiting").values(attempts=ROWS.c.attempts + 1, outcome=bindparam("said"))
)
"""An address is to be tried again in another run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An address that a feed, a sitemap or a page named."""

    key: str
    """Its one spelling: crawler.discovery.choose.address."""
    url: str
    kind: Why
    via: str | None
    priority: int
    changed: str | None = None
    """When it last changed (UTC, ISO 8601 to the second) by whoever named it; a later one makes a done address due."""


def add(engine: Engine, outlet: str, found: Iterable[Found], now: datetime) -> list[Found]:
    """Put addresses into the frontier; return those to be asked for: the new ones, and the done ones that changed."""
    unique = {item.key: item for item in found}
    due: list[Found] = []
    items = list(unique.values())
    insert = INSERT[engine.dialect.name]
    with writing(engine) as connection:
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            statement = insert(FrontierRecord).values([_row(outlet, item, now) for item in batch])
            old = FrontierRecord
            statement = statement.on_conflict_do_update(
                index_elements=["outlet", "key"],
                set_={"changed": statement.excluded.changed, "state": "waiting", "attempts": 0, "due": now},
                # null on either side says nothing of a change, and is not due
                where=(old.state != "waiting") & (statement.excluded.changed > old.changed),
            )
            keys = connection.execute(statement.returning(FrontierRecord.key)).scalars().all()
            due += [unique[key] for key in keys]
        if later := [{"of": outlet, "at": i.key, "then": i.changed} for i in items if i.changed]:
            connection.execute(CHANGED, later)
    return due


def _row(outlet: str, item: Found, now: datetime) -> dict[str, object]:
    return {
        "outlet": outlet,
        "key": item.key,
        "url": item.url,
        "kind": item.kind,
        "via": item.via,
        "priority": item.priority,
        "found": now,
        "due": now,
        "state": "waiting",
        "attempts": 0,
        "outcome": None,
        "changed": item.changed,
    }


def waiting(engine: Engine, outlet: str, limit: int = 100_000) -> list[Found]:
    """Return what an earlier run found and did not get to, most urgent first."""
    rows = FrontierRecord
    query = (
        select(rows.key, rows.url, rows.kind, rows.via, rows.priority, rows.changed)
        .where(rows.outlet == outlet, rows.state == "waiting")
        .order_by(rows.priority.desc(), rows.found, rows.key)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [
            Found(key=r.key, url=r.url, kind=r.kind, via=r.via, priority=r.priority, changed=r.changed)
            for r in connection.execute(query)
        ]


def count(engine: Engine, outlet: str) -> dict[str, int]:
    """Count an outlet's addresses by state."""
    rows = FrontierRecord
    query = select(rows.state, func.count()).where(rows.outlet == outlet).group_by(rows.state)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def forget(engine: Engine, outlet: str) -> None:
    """Make every address of an outlet due again (`crawl --fresh`)."""
    with writing(engine) as connection:
        connection.execute(
            update(FrontierRecord).where(FrontierRecord.outlet == outlet).values(state="waiting", attempts=0)
        )


def answered(outlet: str, key: str, status: int | None) -> Also:
    """Return the update that goes with an answer: done, or still waiting where it said `later`."""
    if status is None or status in PASSING_STATUS:
        return Also(LATER, {"of": outlet, "at": key, "said": f"{status}"})
    return Also(END, {"of": outlet, "at": key, "now": "done", "said": f"{status}"})


def failed(outlet: str, key: str, cause: str) -> Also:
    """Return the update that goes with a request without answer."""
    if cause in PASSING_CAUSES:
        return Also(LATER, {"of": outlet, "at": key, "said": cause})
    return Also(END, {"of": outlet, "at": key, "now": "failed", "said": cause})


def give_up(engine: Engine, outlet: str) -> int:
    """Mark as failed what failed in passing too often; return how many."""
    rows = FrontierRecord
    with writing(engine) as connection:
        result = connection.execute(
            update(rows)
            .where(rows.outlet == outlet, rows.state == "waiting", rows.attempts >= MAX_ATTEMPTS)
            .values(state="failed")
        )
        return result.rowcount


def host_asked(engine: Engine, host: str, asked: datetime, delay: float) -> Also:
    """Return the row that tells the next process when a host was last asked."""
    return Also(_asked(engine.dialect.name), {"host": host, "asked": asked, "delay": delay})


@cache
def _asked(dialect: str) -> Executable:
    statement = INSERT[dialect](HOSTS)
    return statement.on_conflict_do_update(
        index_elements=["host"], set_={"asked": statement.excluded.asked, "delay": statement.excluded.delay}
    )


def hosts(engine: Engine, since: datetime) -> Sequence[tuple[str, datetime, float]]:
    """Return the hosts that were asked since then, when, and the delay that was in force."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(HostRecord.host, HostRecord.asked, HostRecord.delay).where(HostRecord.asked >= since)
        )
        return [(r.host, r.asked, r.delay) for r in rows]
