"""`warraq serve`: the archive on the web, until it is told to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.context import Context, command

if TYPE_CHECKING:
    from archive.web.serve import Origins

PORT = click.IntRange(0, 65535)


@command("serve", examples=("warraq serve", "warraq serve --port 9090 --replay-port 9091"))
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="An address of this machine's own."
)
@click.option(
    "--port", type=PORT, default=8080, show_default=True, metavar="N", help="Of the pages; 0 takes a free one."
)
@click.option("--replay-port", type=PORT, default=8081, show_default=True, metavar="N", help="Of the originals.")
def serve(context: Context, *, host: str, port: int, replay_port: int) -> None:
    """Serve the archive on the web: articles beside their originals.

    Originals are replayed from a port of their own, with scripts off and nothing fetched. Ends with Ctrl-C or SIGTERM
    (exit code 0).
    """
    from archive.web.serve import serve as run

    def ready(origins: Origins) -> None:
        document = {"app": origins.app, "replay": origins.replay}
        context.console.document("serving", document, lambda: context.console.line(origins.app))
        context.console.flush()
        context.console.note(f"originals at {origins.replay}; Ctrl-C ends it")

    run(context.site(), host, port, replay_port, ready)
