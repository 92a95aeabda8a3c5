"""`warraq db upgrade|check`: the database of derived tables."""

from __future__ import annotations

import re

from crawler.context import Context, command
from crawler.exits import Exit

PASSWORD = re.compile(r"(?P<before>://[^:/@]*:).+(?=@)|(?P<key>[?&]password=)[^&]+", re.IGNORECASE)
"""A password in an address: behind the user's name, or as a parameter."""


@command("upgrade", examples=("warraq db upgrade", "warraq db upgrade --json"))
def upgrade(context: Context) -> None:
    """Bring the database to this program's version, making it if need be.

    The tables are derived from the WARC files: `warraq rebuild --from-warc` can always make them again.
    """
    from archive.database.engine import HEAD, open_engine
    from archive.database.engine import upgrade as migrate

    site = context.site()
    site.archive_path.mkdir(parents=True, exist_ok=True)
    engine = open_engine(site.database_url, create=True)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    document = {"version": HEAD, "database": shown(site.database_url)}
    context.console.document("database", document, lambda: context.console.line(f"database: version {HEAD}"))


@command("check", examples=("warraq db check", "warraq db check --json"))
def check(context: Context) -> Exit:
    """Check that the database is of this version and whole.

    Exit code 7 when something is found.
    """
    from archive.database.engine import HEAD, open_engine
    from archive.database.engine import check as examine

    site = context.site()
    engine = open_engine(site.database_url, create=False)
    try:
        problems = examine(engine)
    finally:
        engine.dispose()
    console = context.console

    def human() -> None:
        for problem in problems:
            console.line(problem)
        if not problems:
            console.line(f"database: version {HEAD}, whole")

    document = {"ok": not problems, "version": HEAD, "database": shown(site.database_url), "problems": problems}
    console.document("database", document, human)
    return Exit.BAD_ANSWER if problems else Exit.DONE


def shown(url: str) -> str:
    """Return a database's address without its password."""
    return PASSWORD.sub(lambda match: f"{match['before'] or match['key']}***", url)
