"""Where `warraq extract` takes pages from: a file, a WARC file, stdin, or an address."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.context import Context
from crawler.exits import Exit, Stop
from settings.site import DatabaseSettings, Site

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.capture import Capture
    from archive.rows import CaptureRow

GZIP = b"\x1f\x8b"
WARC = b"WARC/"
MAX_REDIRECTS = 10
HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Page:
    """A page to extract: its bytes without any coding, and what is known of it."""

    url: str
    body: bytes
    content_type: str | None = None
    record: str | None = None
    """The record id, of a page that came out of a WARC file."""


def is_address(source: str) -> bool:
    """Whether a source is an address rather than a file."""
    return source.lower().startswith(("http://", "https://"))


@contextmanager
def opened(source: str) -> Iterator[Path]:
    """Give a file's path; stdin is laid down as a file that goes away again, since WARC files are read by offset."""
    if source != "-":
        path = Path(source)
        if not path.is_file():
            raise Stop(Exit.USAGE, f"{source}: no such file", hint="an address begins with http:// or https://")
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="warraq-", suffix=".stdin") as file:
        while part := sys.stdin.buffer.read(1 << 20):
            file.write(part)
        file.flush()
        yield Path(file.name)


def is_warc(path: Path) -> bool:
    """Whether a file holds WARC records, gzipped or not, whatever it is called."""
    with path.open("rb") as file:
        start = file.read(len(WARC))
        if not start.startswith(GZIP):
            return start == WARC
        import gzip

        file.seek(0)
        try:
            return gzip.GzipFile(fileobj=file).read(len(WARC)) == WARC
        except (OSError, EOFError):
            return False


def page_of_file(path: Path, source: str, url: str | None) -> Page:
    """Read a saved page. Its address is what the user says, else the file's own."""
    address = url or ("" if source == "-" else path.resolve().as_uri())
    return Page(address, path.read_bytes())


def pages_of_warc(path: Path, on_damage: Callable[[str], None]) -> Iterator[Page]:
    """Return every page of a WARC file that a server gave as HTML with status 200; tell of what cannot be read."""
    from archive.capture import Capture
    from archive.warc.reader import Damage, events

    for event in events(path):
        if isinstance(event.what, Damage):
            on_damage(f"{path.name}, offset {event.what.offset}: {event.what.cause}")
        elif isinstance(event.what, Capture) and (page := _page(event.what, event.ref.record_id)):
            yield page


def page_of_address(context: Context, url: str) -> Page:
    """Return a page from the site's archive (its last capture); one that is not there is fetched and not kept."""
    site = context.site()
    if site.archive_path.is_dir():
        with context.archive(site) as archive:
            found = _last(archive, url)
            if found is not None:
                return _page_of(archive, found, hint=f"`warraq archive ls --url {found.url}` lists its captures")
    with _throwaway(site) as elsewhere:
        problems = _fetch(context, elsewhere, url)
        with context.archive(elsewhere) as archive:
            found = _last(archive, url)
            if found is None:
                raise Stop(Exit.FAILED, problems[0] if problems else f"{url}: nothing came", hint="try again with -v")
            return _page_of(archive, found)


@contextmanager
def _throwaway(site: Site) -> Iterator[Site]:
    """Give a site like this one, whose archive is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="warraq-") as folder:
        yield replace(
            site, root=Path(folder), archive=replace(site.archive, path="archive"), database=DatabaseSettings()
        )


def _fetch(context: Context, site: Site, url: str) -> Sequence[str]:
    """Ask for one address as a crawl does: politely, by robots.txt, from nowhere private. Return what went wrong."""
    from crawler.run import crawl, owner

    outlet = owner(url, ())
    context.console.note(f"fetching {url}; it is not kept (`warraq add` keeps it)")
    return crawl(site, [outlet], pages={outlet.id: [url]}).problems


def _last(archive: Archive, url: str) -> CaptureRow | None:
    """Return the last capture of an address, behind its redirects."""
    row = None
    for _ in range(MAX_REDIRECTS):
        row = archive.nearest(url, datetime.now(UTC))
        if row is None or row.location is None:
            break
        url = row.location
    return row


def _page_of(archive: Archive, row: CaptureRow, *, hint: str = "") -> Page:
    page = _page(archive.get(row.id), row.id)
    if page is None:
        what = f"status {row.status}, {row.mime or 'no type'}"
        raise Stop(Exit.BAD_ANSWER, f"{row.url}: {what}: no page", hint=hint)
    return page


def _page(capture: Capture, record: str) -> Page | None:
    from archive.http import decoded, parse_head

    head = parse_head(capture.response)
    content_type = head.get("content-type")
    mime = (content_type or "").partition(";")[0].strip().lower()
    if head.status != 200 or (mime and mime not in HTML_TYPES):
        return None
    return Page(capture.url, decoded(capture.response), content_type, record)
