"""The frozen types of what the archive answers: captures, articles, outlets, search results. Made of values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from archive.article import ArticleDate, ArticleLanguage
from archive.capture import Capture, Failure, RecordRef
from archive.http import Head, entity_of, media_type, parse_head
from archive.index.surt import urlkey

if TYPE_CHECKING:
    from archive.search.snippet import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """One exchange as the index knows it; `Archive.get(row.id)` gives its bytes."""

    id: str
    url: str
    urlkey: str
    outlet: str
    started: datetime
    status: int | None
    """None where the response has no readable status line."""
    mime: str
    """As the response declares it, lower case, without parameters; empty where it declares none."""
    length: int
    """Bytes of the entity: chunks removed, content coding still on."""
    payload_digest: str
    block_digest: str
    file: str
    offset: int
    record_length: int
    truncated: str | None
    run: str
    why: str
    via: str | None
    robots: str
    peer: str | None
    protocol: str
    location: str | None
    """Where a redirect leads, absolute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """A request that brought no response."""

    id: str
    url: str
    urlkey: str
    outlet: str
    run: str
    started: datetime
    why: str
    via: str | None
    robots: str
    cause: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """One canonical address within an outlet, with the words of its latest version."""

    id: str
    url: str
    canonical_url: str
    """The address that the page calls canonical, where it is believed; else the one it was asked for by."""
    outlet: str
    title: str | None
    authors: tuple[str, ...]
    language: ArticleLanguage
    published: ArticleDate | None
    """The earliest date that can be believed, of all versions."""
    modified: ArticleDate | None
    section: str | None
    tags: tuple[str, ...]
    image: str | None
    credit: str | None
    text: str
    first_seen: datetime
    last_seen: datetime
    versions: int
    version_id: str
    capture_id: str
    """The capture that the latest version was taken from."""
    rules: str
    sha256: str
    """Of title, a blank line and text of the latest version."""
    notes: tuple[str, ...] = ()
    """What was not believed, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletSummary:
    """What the archive holds of one outlet."""

    id: str
    captures: int
    articles: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article that a search found; `snippet` is a piece of its own text with the matches marked."""

    article: ArticleRow
    snippet: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """`total` counts all that match, `hits` is the page asked for; `counts` where the query counts by a field."""

    total: int
    hits: tuple[SearchHit, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A WARC file, and up to which byte its records stand in the tables."""

    name: str
    outlet: str
    sealed: bool
    size: int


def capture_row(capture: Capture, ref: RecordRef, block_digest: str) -> CaptureRow:
    """Make a capture's row: a function of what the WARC holds, so that a rebuild gives the same."""
    head, by = parse_head(capture.response), capture.provenance
    return CaptureRow(
        id=ref.record_id,
        url=capture.url,
        urlkey=urlkey(capture.url),
        outlet=by.outlet,
        started=capture.started,
        status=head.status,
        mime=storable(media_type(head).lower()),
        length=len(entity_of(capture.response, head)),
        payload_digest=ref.payload_digest,
        block_digest=block_digest,
        file=ref.file,
        offset=ref.offset,
        record_length=ref.length,
        truncated=capture.truncated,
        run=by.run,
        why=by.why,
        via=by.via,
        robots=by.robots,
        peer=capture.peer,
        protocol=capture.protocol,
        location=_location(capture.url, head),
    )


def failure_row(failure: Failure, record_id: str) -> FailureRow:
    """Make the row of a request that brought no response."""
    by = failure.provenance
    return FailureRow(
        id=record_id,
        url=failure.url,
        urlkey=urlkey(failure.url),
        outlet=by.outlet,
        run=by.run,
        started=failure.started,
        why=by.why,
        via=by.via,
        robots=by.robots,
        cause=failure.cause,
        message=storable(failure.message),
    )


def storable(text: str) -> str:
    """Give the text as both databases take it: without NUL (PostgreSQL) and without half surrogates (UTF-8)."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _location(url: str, head: Head) -> str | None:
    if head.status is None or not 300 <= head.status < 400:
        return None
    value = head.get("location")
    if value is None:
        return None
    raw = value.encode("latin-1")
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        value = raw.decode("latin-1")
    try:
        return storable(urljoin(url, value))
    except ValueError:
        return storable(value)
