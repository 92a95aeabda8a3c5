"""`warraq rebuild`: the derived tables made again from what is kept, without network."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import click

from crawler.commands.options import outlet_ids
from crawler.console import Console
from crawler.context import Context, command
from crawler.progress import Progress


@command("rebuild", examples=("warraq rebuild", "warraq rebuild --from-warc --outlet example"))
@click.option("--from-warc", is_flag=True, help="Forget the derived tables and read the WARC files again.")
@click.option("--outlet", metavar="ID", shell_complete=outlet_ids, help="Of this outlet only.")
@click.option("--force", is_flag=True, help="Derive also what the present rules have derived already.")
def rebuild(context: Context, *, from_warc: bool, outlet: str | None, force: bool) -> None:
    """Derive articles, versions and search again; no network.

    Without options: the captures whose articles were read by other rules than the present ones. With --from-warc: all
    tables, also when the database was lost. The originals are never touched.
    """
    from archive.rebuild import rebuild as derive

    site = context.site()
    with context.archive(site, writable=True) as archive, Bars(context.console) as bars:
        counts = derive(archive, from_warc=from_warc, outlet=outlet, force=force, progress=bars.show)
    document = {
        "articles": counts.articles,
        "not_articles": counts.not_articles,
        "errors": counts.errors,
        "from_warc": from_warc,
        "outlet": outlet,
    }
    told = (
        f"{counts.articles} pages read as articles, {counts.not_articles} are none, {counts.errors} could not be read"
    )
    context.console.document("rebuild", document, lambda: context.console.line(told))


class Bars:
    """One progress display after another, as the work goes from one phase to the next."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase = ""
        self._done = 0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def show(self, phase: str, done: int, total: int) -> None:
        """Show how far a phase has come: `records` (bytes of WARC files) or `articles` (captures)."""
        if self._bar is None or phase != self._phase:
            self._end()
            unit = "bytes" if phase == "records" else "captures"
            self._phase, self._done = phase, 0
            self._bar = self._console.progress(f"reading {phase}", total, unit=unit)
            self._bar.__enter__()
        self._bar.total(total)
        self._bar.advance(done - self._done)
        self._done = done

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
