"""`warraq outlets add|probe`: how a news site can be followed, found out from its home address alone."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.context import Context, command
from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from crawler.discovery.probe import ProbeResult
    from settings.site import Site

URL = click.argument("url", metavar="URL")
ID = click.option("--id", "id_", metavar="ID", help="The outlet's id; by default taken from its host.")


@command("add", examples=("warraq outlets add https://www.example.org", "warraq outlets add example.org --id example"))
@URL
@ID
def add_outlet(context: Context, url: str, id_: str | None) -> Exit:
    """Find out how to follow a news site and write its outlet file.

    Needs only the home address: finds name, languages, feeds, sitemaps and sections, politely, keeping what it was
    answered in the archive. The file is TOML for a person to read and change.
    """
    from crawler.probing import known_home, save_found
    from settings.outlet import OUTLET_ID

    site = context.site()
    if id_ is not None and (not OUTLET_ID.fullmatch(id_) or (site.outlets_path / f"{id_}.toml").exists()):
        raise Stop(Exit.USAGE, f"id {id_!r} is taken or no file name", hint="use a-z, 0-9, dot, hyphen, underscore")
    if known := known_home(site, url):
        raise Stop(Exit.USAGE, f"{url} is outlet {known.id!r} already", hint=f"`warraq outlets show {known.id}`")
    result = _probe(context, site, url, id_)
    save_found(site, {result.outlet.id: result})
    path = site.outlets_path / f"{result.outlet.id}.toml"

    def human() -> None:
        _show(context, result)
        context.console.line(f"\nwrote {path}\nNext:\n  warraq crawl {result.outlet.id}")

    context.console.document("outlet", {"outlet": result.outlet, "found": result.found, "file": path}, human)
    return Exit.DONE


@command("probe", examples=("warraq outlets probe https://www.example.org", "warraq outlets probe example.org --json"))
@URL
def probe(context: Context, url: str) -> Exit:
    """Show what `outlets add` would find, and write nothing.

    What was rejected stands there too, with the reason.
    """
    site = context.site()
    with tempfile.TemporaryDirectory() as scratch:
        # the answers must lie somewhere while they are read; neither the site's archive nor its database sees them
        aside = replace(site, archive=replace(site.archive, path=str(Path(scratch) / "archive")))
        result = _probe(context, replace(aside, database=replace(site.database, url="")), url, None)
    document = {"outlet": result.outlet, "found": result.found}
    context.console.document("outlet", document, lambda: _show(context, result))
    return Exit.DONE


def _probe(context: Context, site: Site, url: str, id_: str | None) -> ProbeResult:
    from crawler.discovery.address import address
    from crawler.run import Home, probe_one

    if not address(url if "://" in url else f"https://{url}"):
        raise Stop(Exit.USAGE, f"{url!r} is no web address", hint="write it whole: https://…")
    with context.console.progress("probe", unit="answers") as progress:
        result, trouble, stopped = probe_one(site, Home(url, id_), on_kept=lambda *_: progress.advance(1))
    if stopped:
        raise Stop(stopped, f"{url}: stopped before all was known; nothing was written")
    if result.problem:
        raise Stop(Exit.FAILED, trouble or f"{url}: {result.problem}", hint="is this the home page of a news site?")
    return result


def _show(context: Context, result: ProbeResult) -> None:
    from settings.outlet import render_outlet

    context.console.line(render_outlet(result.outlet).rstrip("\n"))
    rejected = [finding for finding in result.found if not finding.taken]
    for finding in rejected:
        context.console.note(f"not taken: {finding.kind} {finding.value}: {finding.evidence}")
