"""`warraq init`: a folder that is ready for outlets and a crawl."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

import click
import tomlkit

from crawler.context import Context, command
from crawler.exits import Exit, Stop
from settings.site import CONTACT, FILE_NAME, load_site


@command("init", examples=("warraq init", "warraq init news --contact you@example.org"))
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--contact", metavar="ADDRESS", help="A web page or mail address at which outlets can reach you.")
def init(context: Context, folder: Path, contact: str | None) -> None:
    """Make warraq.toml, the folders and the database.

    What is already there is never overwritten: run it again to make what is missing.
    """
    if contact and not CONTACT.fullmatch(contact):
        raise Stop(
            Exit.USAGE, f"contact {contact!r} is neither a web page nor a mail address", hint="name@host or https://…"
        )
    typed, folder = folder, folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    made = [path] if _write(path, contact) else []
    site = load_site(path)
    made += [part for part in (site.outlets_path, site.archive_path) if _make(part)]
    _database(site.database_url)
    prefix = "" if folder == Path.cwd() else f"cd {shlex.quote(str(typed))} && "
    document = {"folder": folder, "made": made, "contact": site.contact, "next": list(_next(prefix))}

    def human() -> None:
        for part in made:
            context.console.line(f"made {part}")
        if not made:
            context.console.line(f"{path}: all is there already")
        context.console.line("\nNext:")
        for line in _next(prefix):
            context.console.line(f"  {line}")

    context.console.document("site", document, human)
    if not site.contact:
        context.console.note(f"before you crawl, set `contact` in {path}: outlets must be able to reach you")


def _next(prefix: str) -> tuple[str, str]:
    return f"{prefix}warraq outlets add https://www.example.org", "warraq crawl --all"


def _write(path: Path, contact: str | None) -> bool:
    """Write warraq.toml unless there is one; `x` lets no other process come between."""
    text = files("crawler.commands").joinpath("new-site.toml").read_text("utf-8")
    if contact:
        text = text.replace('# contact = ""', f"contact = {tomlkit.item(contact).as_string()}", 1)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _make(folder: Path) -> bool:
    if folder.is_dir():
        return False
    folder.mkdir(parents=True)
    return True


def _database(url: str) -> None:
    from archive.database.engine import connect

    connect(url).dispose()
