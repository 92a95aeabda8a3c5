"""`warraq demo`: the bundled news site on loopback, crawled for real into an archive of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.console import Column
from crawler.context import Context, command
from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from archive.rows import ArticleRow

MARK = "# Made by `warraq demo`; the next `warraq demo` makes it anew.\n"
"""First line of the demo's warraq.toml: only a folder that carries it is ever replaced."""

SETTINGS = """contact = "demo@localhost.example"

[crawl]
allow_private = true   # the demo's outlets stand on loopback
delay = 0.05           # seconds; they are our own and do not mind
"""


@command("demo", examples=("warraq demo", "warraq demo --serve --dir /tmp/demo"))
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-archive"),
              show_default=True, help="Where the demo's archive goes.")  # fmt: skip
@click.option("--serve", is_flag=True, help="Serve the archive afterwards, until Ctrl-C.")
def demo(context: Context, folder: Path, serve: bool) -> Exit:
    """Crawl the bundled news site into an archive of its own.

    Outlets in several languages are served on loopback, added by their home addresses and crawled as any other: exact
    originals in WARC files, clean articles, search, replay. Nothing leaves this machine.
    """
    from crawler.commands.crawl import report
    from crawler.demo.server import serve as serve_world
    from crawler.demo.world import DemoWorld
    from crawler.run import Home
    from crawler.run import crawl as run
    from settings.site import load_site

    _prepare(folder)
    site = load_site(folder / "warraq.toml", env={})
    with serve_world(DemoWorld()) as served, context.console.progress("demo", unit="answers") as progress:
        homes = [Home(url, id_) for id_, url in served.homes.items()]
        crawled = run(site, [], homes=homes, on_kept=lambda capture, _: progress.advance(1, capture.provenance.outlet))
    with context.archive(site) as archive:
        _table(context, archive.articles())
    report(context.console, crawled) if crawled.exit_code() else None
    _next(context, folder)
    if serve:
        from archive.web.serve import serve as serve_archive

        serve_archive(site)
    return crawled.exit_code()


def _prepare(folder: Path) -> None:
    """Make the demo's folder, replacing what an earlier demo made and nothing else."""
    config = folder / "warraq.toml"
    if folder.exists() and any(folder.iterdir()):
        if not config.is_file() or not config.read_text("utf-8").startswith(MARK):
            raise Stop(Exit.USAGE, f"{folder} is not empty and no demo's", hint="name another folder: --dir DIR")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(MARK + SETTINGS, "utf-8")


def _table(context: Context, articles: list[ArticleRow]) -> None:
    context.console.rows(
        "article",
        articles,
        (
            Column("language", lambda row: row.language.code),
            Column("published", lambda row: row.published.value[:10] if row.published else ""),
            Column("outlet", lambda row: row.outlet),
            Column("title", lambda row: row.title, isolate=True),
        ),
    )
    languages = {row.language.code for row in articles}
    context.console.note(f"\n{len(articles)} articles in {len(languages)} languages, their originals in WARC files.")


def _next(context: Context, folder: Path) -> None:
    config = f"--config {folder / 'warraq.toml'}"
    context.console.note("Next:")
    context.console.note(f"  warraq serve {config}")
    context.console.note(f"  warraq search {config} library")
