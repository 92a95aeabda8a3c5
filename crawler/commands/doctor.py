"""`warraq doctor`: is all ready for a crawl? Each check is a row; what is wrong says how to mend it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError
from crawler.console import Column
from crawler.context import Context, command
from crawler.exits import Exit
from settings.errors import SettingsError
from settings.outlet import load_outlet
from settings.site import Site


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check; `hint` says how to mend what is not well."""

    check: str
    ok: bool
    message: str
    hint: str = ""


@command("doctor", examples=("warraq doctor", "warraq doctor --json"))
def doctor(context: Context) -> Exit:
    """Check that all is ready for a crawl.

    Looks at the configuration, the contact, outlets, languages, the archive's folder and disk, and the database.
    Changes nothing. Exit code 7 when something is wrong.
    """
    findings = list(_examine(context))
    context.console.rows(
        "finding",
        findings,
        (
            Column("", lambda finding: "ok" if finding.ok else "WRONG"),
            Column("check", lambda finding: finding.check),
            Column("", lambda finding: f"{finding.message}; {finding.hint}" if finding.hint else finding.message),
        ),
    )
    return Exit.DONE if all(finding.ok for finding in findings) else Exit.BAD_ANSWER


def _examine(context: Context) -> Iterator[Finding]:
    try:
        site = context.site()
    except SettingsError as error:
        yield Finding("configuration", False, error.message, error.hint)
        yield _languages()
        return
    yield _configuration(site)
    yield _contact(site)
    yield from _outlets(site)
    yield _languages()
    yield _folder(site)
    yield _room(site)
    yield _database(site)


def _configuration(site: Site) -> Finding:
    if site.file is None:
        return Finding("configuration", False, "no warraq.toml here or above", "run `warraq init`")
    return Finding("configuration", True, str(site.file))


def _contact(site: Site) -> Finding:
    if not site.contact:
        return Finding(
            "contact", False, "outlets could not reach you: a crawl refuses to start", "set `contact` in warraq.toml"
        )
    return Finding("contact", True, site.contact)


def _outlets(site: Site) -> Iterator[Finding]:
    paths = sorted(site.outlets_path.glob("*.toml"))
    seen: dict[str, Path] = {}
    broken = 0
    for path in paths:
        try:
            outlet = load_outlet(path)
        except SettingsError as error:
            broken += 1
            yield Finding("outlet", False, error.message, error.hint)
            continue
        if outlet.id in seen:
            broken += 1
            yield Finding(
                "outlet", False, f"{path}: id {outlet.id!r} is that of {seen[outlet.id]}", "change one of them"
            )
        seen[outlet.id] = path
    if not paths:
        yield Finding("outlets", False, f"none in {site.outlets_path}", "`warraq outlets add https://…` adds one")
    elif not broken:
        yield Finding("outlets", True, f"{len(paths)} in {site.outlets_path}")


def _languages() -> Finding:
    from settings.language import languages

    try:
        known = list(languages().values())  # each file is read here, so that a broken one shows
    except SettingsError as error:
        return Finding("languages", False, error.message, error.hint)
    if not known:
        return Finding("languages", False, "no language is known", "the installation is not whole: install it again")
    return Finding("languages", True, f"{len(known)} known")


def _folder(site: Site) -> Finding:
    path = site.archive_path
    if not path.is_dir():
        return Finding("archive", False, f"{path}: no such folder", "`warraq init` makes it")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return Finding("archive", False, f"{path}: cannot be written", "give its owner write permission")
    return Finding("archive", True, f"{path} can be written")


def _room(site: Site) -> Finding:
    path = site.archive_path
    while not path.exists() and path != path.parent:
        path = path.parent
    free, least = shutil.disk_usage(path).free, site.archive.min_free_bytes
    if free < least:
        return Finding("disk", False, f"{size(free)} free, archive.min_free_bytes is {size(least)}", "free some room")
    return Finding("disk", True, f"{size(free)} free")


def _database(site: Site) -> Finding:
    from archive.database.engine import HEAD, open_engine, require_version

    try:
        engine = open_engine(site.database_url, create=False)
        try:
            require_version(engine, create=False)
        finally:
            engine.dispose()
    except ArchiveError as error:
        return Finding("database", False, error.message, error.hint)
    return Finding("database", True, f"version {HEAD}")


def size(count: int) -> str:
    """Return bytes in the largest unit that keeps a digit before the point."""
    value, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
