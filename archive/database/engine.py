"""Opens the database: SQLite or PostgreSQL, its version checked, its errors in our words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Executable,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from archive.database.models import Base
from archive.errors import ArchiveError, DatabaseError, DiskFull, StorageError, WrongVersion

T = TypeVar("T")

HEAD = "0001"
"""The newest migration. A constant, so that opening a current database does not load Alembic; a test holds it true."""

BUSY_SECONDS = 30
"""How long a write waits for another process's write to end (SQLite)."""

ATTEMPTS = 5
FREED = frozenset({"40P01", "40001"})
"""PostgreSQL's words for a transaction that was ended so that others could go on: deadlock, serialization failure."""

CONNECT_SECONDS = 10
"""How long a PostgreSQL server may take to answer a connection."""

Statement = Executable
"""What the frontier may hand to Archive.keep, to be run in the transaction of the capture's row."""

Database = Engine
"""An open database."""

Transaction = Connection
"""A connection inside a transaction: what `reading` and `writing` give, and what is handed on to those who query."""

UPGRADE = "run `warraq db upgrade`"
REBUILD = "`warraq rebuild --from-warc` makes it again from the WARC files"


def connect(url: str, *, create: bool = True) -> Engine:
    """Open a database of this version; an empty one is given its tables when `create`.

    Raises WrongVersion for one of an older or newer version, StorageError or DatabaseError for one that cannot be
    used.
    """
    engine = open_engine(url, create=create)
    try:
        require_version(engine, create=create)
    except ArchiveError:
        engine.dispose()
        raise
    return engine


def open_engine(url: str, *, create: bool = True) -> Engine:
    """Make the engine without looking at the database's version: for `upgrade`, `check` and `connect`."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, create)
        if parsed.get_backend_name() == "postgresql":
            # A pooled connection may have died with the server's restart: ask before each use.
            return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS})
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseError(
            f"database.url cannot be used: {error}", hint="write sqlite:///… or postgresql+psycopg://…"
        ) from error
    raise DatabaseError(
        f"database.url: {parsed.get_backend_name()} is not supported", hint="use SQLite or postgresql+psycopg://…"
    )


def _sqlite(url: URL, create: bool) -> Engine:
    path = Path(url.database or "")
    if not create and url.database and not path.exists():
        raise DatabaseError(f"{path}: no such database", hint=f"`warraq init` begins an archive; {REBUILD}")
    if create and url.database and not path.parent.is_dir():
        raise StorageError(f"{path.parent}: no such folder", hint="`warraq init` makes it")
    if not create and url.database and _cannot_change(path):
        # A reader of a WAL database makes files beside it. Where it may not, nobody can be writing either.
        url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"immutable": "1", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _cannot_change(path: Path) -> bool:
    return not os.access(path.parent, os.W_OK, effective_ids=True) and not Path(f"{path}-wal").exists()


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions begin at the first write and not before a read: what is read would be of no one
    # moment, and two writers could block each other. So it is set to begin none, and _begin_sqlite says BEGIN.
    connection.isolation_level = None
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = wal")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") not in {"SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY"}:
                raise
    connection.execute("PRAGMA synchronous = full")  # what is reported as kept outlives a power cut
    connection.execute("PRAGMA foreign_keys = on")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    # IMMEDIATE takes the write lock (waiting for it) before anything is read, so that no read goes stale under it.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that writes: committed at the end, undone on an error."""
    with in_our_words(engine.url), engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def write(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do work in a transaction that writes, again where PostgreSQL ended it to free another (a deadlock)."""
    for attempt in range(ATTEMPTS):
        try:
            with writing(engine) as connection:
                return work(connection)
        except DatabaseError as error:
            state = getattr(getattr(error.__cause__, "orig", None), "sqlstate", None)
            if state not in FREED or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that only reads: one state of the database from first to last."""
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with in_our_words(engine.url), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def holding(transaction: Transaction, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it to the end of this one.

    SQLite has one writer at a time as it is.
    """
    if transaction.dialect.name == "postgresql":
        transaction.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"warraq {name}"})


@contextmanager
def in_our_words(url: URL) -> Iterator[None]:
    """Turn what the driver raises into the errors of the archive."""
    try:
        yield
    except DBAPIError as error:
        raise _translated(error, url) from error
    except SQLAlchemyError as error:
        raise DatabaseError(f"database {_shown(url)}: {error}") from error


def _translated(error: DBAPIError, url: URL) -> ArchiveError:
    name = getattr(error.orig, "sqlite_errorname", "")
    told = f"database {_shown(url)}: {str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else error}"
    if name == "SQLITE_FULL" or getattr(error.orig, "sqlstate", None) == "53100":
        return DiskFull(told, hint="make room on the database's disk, then run it again")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return StorageError(told, hint="the archive's folder must exist and be writable")
    if name in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
        return DatabaseError(told, hint=f"put it aside; {REBUILD}")
    if name.startswith("SQLITE_BUSY"):
        return DatabaseError(told, hint="another process has been writing for long: wait for it, or end it")
    if error.connection_invalidated or error.orig.__class__.__name__ == "OperationalError":
        return DatabaseError(told, hint="is the server running, and database.url right?")
    return DatabaseError(told)


def _shown(url: URL) -> str:
    return url.database or "(memory)" if url.get_backend_name() == "sqlite" else url.render_as_string()


def version(connection: Connection) -> str | None:
    """Give the database's migration, None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def require_version(engine: Engine, *, create: bool) -> None:
    """Raise WrongVersion unless the database is of this version; give an empty one its tables when `create`."""
    with reading(engine) as connection:
        found = version(connection)
        foreign = found is None and inspect(connection).has_table(Base.metadata.sorted_tables[0].name)
    if found == HEAD:
        return
    if found is None and not foreign:
        if not create:
            raise WrongVersion(f"database {_shown(engine.url)} has no tables", hint=f"{UPGRADE}; {REBUILD}")
        upgrade(engine)
        return
    if found is not None and found not in _known():
        raise WrongVersion(
            f"database {_shown(engine.url)} was made by a newer warraq (schema {found}; this one knows {HEAD})",
            hint="upgrade warraq",
        )
    raise WrongVersion(
        f"database {_shown(engine.url)} is of schema {found or 'unknown'}; this warraq needs {HEAD}", hint=UPGRADE
    )


def upgrade(engine: Engine) -> None:
    """Bring a database to this version, in one transaction. Raises WrongVersion for one made by a newer warraq."""
    from alembic import command

    with writing(engine) as connection:
        holding(connection, "upgrade")
        found = version(connection)
        if found is not None and found not in _known():
            raise WrongVersion(
                f"database {_shown(engine.url)} was made by a newer warraq (schema {found})", hint="upgrade warraq"
            )
        command.upgrade(_alembic(connection), "head")


def check(engine: Engine) -> list[str]:
    """Hold the tables against the models; give what differs, in words. An empty list is good."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with reading(engine) as connection:
        found = version(connection)
        if found != HEAD:
            return [f"schema {found or 'none'} where this warraq needs {HEAD}: {UPGRADE}"]
        problems = [] if inspect(connection).has_table("search") else ["table search is missing"]
        options = {"include_object": _is_ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        problems += [
            f"tables and models differ: {difference}" for difference in compare_metadata(context, Base.metadata)
        ]
        if engine.dialect.name == "sqlite":
            problems += [row[0] for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
            problems += [f"dangling row: {tuple(row)}" for row in connection.execute(text("PRAGMA foreign_key_check"))]
    return problems


def _is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    # The search table (and those FTS5 keeps beside it) is each database's own and stands in the migrations only.
    return kind != "table" or not (name or "").startswith("search")


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic(None)).walk_revisions()}


def _alembic(connection: Connection | None) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
