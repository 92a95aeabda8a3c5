"""`warraq outlets list|show|enable|disable`: the files of the outlets."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from crawler.commands.options import outlet_ids
from crawler.console import Column, versioned
from crawler.context import Context, command
from crawler.exits import Exit, Stop
from settings.outlet import Outlet, load_outlet, render_outlet, set_enabled

IDS = click.argument("ids", nargs=-1, required=True, metavar="OUTLET...", shell_complete=outlet_ids)


@command("list", examples=("warraq outlets list", "warraq outlets list --json"))
def list_outlets(context: Context) -> None:
    """List the outlets.

    One line an outlet: its id, whether `crawl --all` follows it, its languages, its home and its name.
    """
    context.console.rows(
        "outlet",
        context.outlets().values(),
        (
            Column("id", lambda outlet: outlet.id),
            Column("on", lambda outlet: "yes" if outlet.enabled else "no"),
            Column("languages", lambda outlet: " ".join(outlet.languages)),
            Column("home", lambda outlet: outlet.home),
            Column("name", lambda outlet: outlet.name, isolate=True),
        ),
        empty="no outlets yet: `warraq outlets add https://…` adds one",
    )


@command("show", examples=("warraq outlets show example", "warraq outlets show example --json"))
@click.argument("id_", metavar="OUTLET", shell_complete=outlet_ids)
def show(context: Context, id_: str) -> None:
    """Show one outlet's settings.

    Prints the file's values as TOML (what is default stays out); with --json every value, defaults too.
    """
    site = context.site()
    (outlet,) = context.choose([id_], site)
    path = _path(site.outlets_path, outlet)
    document = {**versioned("outlet", outlet), "file": str(path)}

    def human() -> None:
        context.console.line(f"# {path}")
        context.console.line(render_outlet(outlet).rstrip("\n"))

    context.console.document("outlet", document, human)


@command("enable", examples=("warraq outlets enable example", "warraq outlets enable example jarida"))
@IDS
def enable(context: Context, ids: tuple[str, ...]) -> None:
    """Switch outlets on: `crawl --all` follows them."""
    _switch(context, ids, enabled=True)


@command("disable", examples=("warraq outlets disable example", "warraq outlets disable example jarida"))
@IDS
def disable(context: Context, ids: tuple[str, ...]) -> None:
    """Switch outlets off, keeping what is archived."""
    _switch(context, ids, enabled=False)


def _switch(context: Context, ids: tuple[str, ...], *, enabled: bool) -> None:
    site = context.site()
    for outlet in context.choose(ids, site):
        path = _path(site.outlets_path, outlet)
        set_enabled(path, enabled)
        word = "on" if enabled else "off"
        context.console.row("outlet", load_outlet(path), partial(context.console.line, f"{outlet.id} is {word}"))


def _path(folder: Path, outlet: Outlet) -> Path:
    """Return the file that an outlet was read from: named by its id, or by whatever its owner chose."""
    named = folder / f"{outlet.id}.toml"
    for path in (named, *sorted(folder.glob("*.toml"))):
        if path.is_file() and load_outlet(path).id == outlet.id:
            return path
    raise Stop(Exit.CONFIG, f"{named}: the file has gone", hint="see `warraq outlets list`")
