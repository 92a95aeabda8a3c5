"""`warraq crawl` and `warraq add`: fetch what is new, keep it, derive the articles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.commands.options import outlet_ids
from crawler.console import Column, Console
from crawler.context import Context, command
from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from crawler.run import Crawled
    from settings.outlet import Outlet
    from settings.site import Site


class Typed(click.ParamType[Any]):
    """A value that a function reads from what was typed; what it cannot read is a usage error in its own words."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read what was typed."""
        try:
            return self._read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _since(text: str) -> datetime:
    from crawler.budget import parse_since
    from crawler.clock import now

    return parse_since(text, now())


def _seconds(text: str) -> float:
    from crawler.budget import parse_span

    return parse_span(text).total_seconds()


def _size(text: str) -> int:
    from crawler.budget import parse_size

    return parse_size(text)


@command("crawl", examples=("warraq crawl --all --since 7d", "warraq crawl example --max-pages 500 --max-time 50m"))
@click.argument("ids", nargs=-1, metavar="[OUTLET|URL]...", shell_complete=outlet_ids)
@click.option("--all", "everything", is_flag=True, help="Every outlet that is switched on.")
@click.option("--since", type=Typed("span or date", _since), metavar="7d|DATE", help="Articles from then on only.")
@click.option("--max-pages", type=click.IntRange(min=1), metavar="N", help="Stop after so many pages.")
@click.option("--max-time", type=Typed("span", _seconds), metavar="50m", help="Stop after so long.")
@click.option("--max-bytes", type=Typed("size", _size), metavar="5G", help="Stop after so many bytes.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked for; no network.")
@click.option("--fresh", is_flag=True, help="Ask again for what is archived already.")
@click.option("--fail-if-empty", is_flag=True, help="Exit with 6 if there was no new article.")
def crawl(  # noqa: PLR0917 - click hands each option over by name
    context: Context,
    ids: tuple[str, ...],
    everything: bool,
    since: datetime | None,
    max_pages: int | None,
    max_time: float | None,
    max_bytes: int | None,
    dry_run: bool,
    fresh: bool,
    fail_if_empty: bool,
) -> Exit:
    """Crawl outlets: fetch what is new, archive it, extract the articles.

    An address in place of an outlet's id adds the outlet first, as `outlets add` does. A crawl that was stopped by a
    limit or by Ctrl-C goes on where it was when it is called again.
    """
    site = context.site()
    homes = [word for word in ids if "://" in word]
    outlets = _chosen(context, site, [word for word in ids if "://" not in word], everything, bool(homes))
    if dry_run:
        return _plan(context, site, outlets, homes)
    from crawler.budget import Bounds
    from crawler.run import Home
    from crawler.run import crawl as run

    bounds = Bounds(pages=max_pages, seconds=max_time, size=max_bytes, since=since)
    with context.console.progress("crawl", unit="answers") as progress:
        crawled = run(
            site,
            outlets,
            homes=[Home(url) for url in homes],
            bounds=bounds,
            fresh=fresh,
            on_kept=lambda capture, _: progress.advance(1, capture.provenance.outlet),
        )
    report(context.console, crawled)
    return crawled.exit_code(fail_if_empty=fail_if_empty)


@command("add", examples=("warraq add https://www.example.org/2026/05/flood", "cat addresses.txt | warraq add -"))
@click.argument("urls", nargs=-1, required=True, metavar="URL...|-")
def add(context: Context, urls: tuple[str, ...]) -> Exit:
    """Archive single addresses.

    `-` reads addresses from stdin, one a line. An address of a known outlet goes to that outlet; others to `added`.
    """
    from crawler.discovery.address import address
    from crawler.run import crawl as run
    from crawler.run import owner

    typed = [line.strip() for url in urls for line in (sys.stdin if url == "-" else [url])]
    asked = [(url, address(url)) for url in typed if url and not url.startswith("#")]
    if bad := [url for url, spelled in asked if not spelled]:
        raise Stop(Exit.USAGE, f"{bad[0]!r} is no web address", hint="write it whole: https://…")
    if not asked:
        raise Stop(Exit.USAGE, "no address given", hint="see `warraq add --help`")
    site = context.site()
    known = context.outlets(site)
    pages: dict[str, list[str]] = {}
    chosen: dict[str, Outlet] = {}
    for url in dict.fromkeys(spelled for _, spelled in asked):
        outlet = owner(url, known.values())
        chosen[outlet.id] = outlet
        pages.setdefault(outlet.id, []).append(url)
    with context.console.progress("add", unit="answers") as progress:
        crawled = run(site, list(chosen.values()), pages=pages, on_kept=lambda *_: progress.advance(1))
    report(context.console, crawled)
    return crawled.exit_code()


def _chosen(context: Context, site: Site, ids: Iterable[str], everything: bool, homes: bool) -> list[Outlet]:
    named = context.choose(ids, site)
    if everything:
        rest = [outlet for outlet in context.outlets(site).values() if outlet.enabled and outlet not in named]
        named = [*named, *rest]
    if not named and not homes:
        known = context.outlets(site)
        hint = "`warraq crawl --all` crawls every outlet" if known else "`warraq outlets add https://…` adds one"
        raise Stop(Exit.USAGE, "no outlet to crawl", hint=hint)
    return named


def _plan(context: Context, site: Site, outlets: list[Outlet], homes: list[str]) -> Exit:
    from crawler.frontier import frontier

    rows = []
    with context.archive(site) as archive:
        for outlet in outlets:
            counts = frontier.count(archive.engine, outlet.id)
            seeds = [*outlet.feeds, outlet.home, *outlet.news_sitemaps, *outlet.sitemaps, *outlet.sections]
            delay = site.crawl.delay if outlet.politeness.delay is None else outlet.politeness.delay
            waiting = counts.get("waiting", 0)
            rows.append(
                {
                    "outlet": outlet.id,
                    "seeds": seeds,
                    "waiting": waiting,
                    "done": counts.get("done", 0),
                    "seconds": round((len(seeds) + waiting + 1) * delay),
                }
            )
    columns = (
        Column("outlet", lambda row: row["outlet"]),
        Column("seeds", lambda row: len(row["seeds"]), right=True),
        Column("waiting", lambda row: row["waiting"], right=True),
        Column("done", lambda row: row["done"], right=True),
        Column("at least, s", lambda row: row["seconds"], right=True),
    )
    context.console.rows("plan", rows, columns)
    for home in homes:
        context.console.note(f"{home}: would be added first")
    return Exit.DONE


def report(console: Console, crawled: Crawled) -> None:
    """Show the runs, and one line for each kind of trouble."""
    columns = (
        Column("outlet", lambda run: run.outlet),
        Column("outcome", lambda run: run.outcome),
        Column("articles", lambda run: run.counts.get("articles", 0), right=True),
        Column("answers", lambda run: sum(n for key, n in run.counts.items() if key.isdigit()), right=True),
        Column("failures", lambda run: sum(n for key, n in run.counts.items() if key.startswith("failed")), right=True),
        Column("bytes", lambda run: run.counts.get("bytes", 0), right=True),
    )
    console.rows("run", crawled.runs, columns)
    for line in crawled.problems:
        console.warn(line)
    for error in crawled.held:
        console.warn(f"{error.message} ({error.hint})")
    if crawled.stopped:
        console.note(f"stopped: {crawled.stopped}; the next crawl goes on from here")
    made = crawled.derived
    console.note(
        f"{made.articles} pages read as articles, {made.not_articles} are none, {made.errors} could not be read"
    )
