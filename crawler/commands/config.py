"""`warraq config show|schema`: the settings in force, and what can be set."""

from __future__ import annotations

import json
from typing import Any

import click

from crawler.console import Column
from crawler.context import Context, command


@command("show", examples=("warraq config show", "warraq config show --origin --json"))
@click.option("--origin", is_flag=True, help="Show also where each value came from.")
def show(context: Context, origin: bool) -> None:
    """Show every setting and its value.

    A password in database.url is not shown. Values come from flags, then WARRAQ_* variables, then warraq.toml, then
    the defaults: --origin says which.
    """
    from settings.site import keys

    site = context.site()
    rows = []
    for key in keys():
        row: dict[str, object] = {"key": key, "value": _value(site, key)}
        if origin:
            row["origin"] = site.origins.get(key, "default")
        rows.append(row)
    columns = [Column("key", lambda row: row["key"]), Column("value", lambda row: _written(row["value"]))]
    if origin:
        columns.insert(1, Column("origin", lambda row: row["origin"]))
    context.console.rows("setting", rows, columns)


@command("schema", examples=("warraq config schema", "warraq config schema outlet"))
@click.argument("kind", type=click.Choice(["all", "site", "outlet"]), default="all")
def schema(context: Context, kind: str) -> None:
    """Write the JSON Schema of warraq.toml and of outlet files.

    `site` or `outlet` gives the schema of one kind, for editors that check and complete TOML files with it.
    """
    from crawler.commands.schema import build

    document = build(kind)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    context.console.document("json-schema", document, lambda: context.console.line(text))


def _value(site: Any, key: str) -> Any:
    value = site
    for part in key.split("."):
        value = getattr(value, part)
    if key == "database.url" and value:
        from crawler.commands.db import shown

        return shown(value)
    return value


def _written(value: object) -> str:
    """Return a value as it would stand in warraq.toml."""
    return json.dumps(value, ensure_ascii=False)
