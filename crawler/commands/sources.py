"""Where `warraq extract` takes pages from: a file, a WARC file, stdin, or an address."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.context import Context
from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from archive.capture import Capture

GZIP = b"\x1f\x8b"
WARC = b"WARC/"
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
    """Return a page from the site's archive: its last capture."""
    with context.archive() as archive:
        row = archive.nearest(url, datetime.now(UTC))
        capture = archive.get(row.id) if row is not None else None
    if row is None or capture is None:
        raise Stop(Exit.BAD_ANSWER, f"{url} is not in the archive", hint=f"`warraq add {url}` archives it")
    page = _page(capture, row.id)
    if page is None:
        raise Stop(
            Exit.BAD_ANSWER,
            f"{url}: status {row.status}, {row.mime or 'no type'}: no page",
            hint=f"`warraq archive ls --url {url}` lists its captures",
        )
    return page


def _page(capture: Capture, record: str) -> Page | None:
    from archive.http import decoded, parse_head

    head = parse_head(capture.response)
    content_type = head.get("content-type")
    mime = (content_type or "").partition(";")[0].strip().lower()
    if head.status != 200 or (mime and mime not in HTML_TYPES):
        return None
    return Page(capture.url, decoded(capture.response), content_type, record)
