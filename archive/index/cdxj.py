"""Lines of a CDXJ index, as cdxj-indexer writes them for the same records: key, 14-digit time, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from archive.http import Head
from archive.index.surt import urlkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: where a record lies, and what it is."""

    urlkey: str
    timestamp: str
    """14 digits, UTC."""
    url: str
    mime: str | None = None
    """Without parameters, as written; None where the record names none."""
    status: str | None = None
    digest: str | None = None
    """Of the payload, with its algorithm: as the record says."""
    length: int = 0
    """Of the record in the file (compressed), in bytes."""
    offset: int = 0
    filename: str = ""
    """Without folders."""

    def at(self, filename: str, offset: int, length: int) -> Entry:
        """Give the same entry for where its record came to lie."""
        return replace(self, filename=filename, offset=offset, length=length)


def response_entry(url: str, started: datetime, head: Head, digest: str, *, revisit: bool = False) -> Entry:
    """Give the entry of a response or revisit record; where its head says none, there is neither type nor status."""
    content_type = head.get("content-type")
    status = " ".join(head.start_line.split(" ", 1)[1:]).strip().split(" ", 1)[0]
    return Entry(
        urlkey=urlkey(url),
        timestamp=timestamp(started),
        url=url,
        mime="warc/revisit" if revisit else None if content_type is None else _bare(content_type),
        status=status if head.length else None,
        digest=digest,
    )


def resource_entry(url: str, started: datetime, content_type: str, digest: str) -> Entry:
    """Give the entry of a resource record."""
    return Entry(
        urlkey=urlkey(url), timestamp=timestamp(started), url=url, mime=_bare(content_type) or None, digest=digest
    )


def timestamp(moment: datetime) -> str:
    """Give the 14 digits of a time, cut to the second."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def line(entry: Entry) -> str:
    """Write one line, without its end. Numbers are strings, what is not there is left out."""
    fields = {
        "url": entry.url,
        "mime": entry.mime,
        "status": entry.status,
        "digest": entry.digest,
        "length": str(entry.length),
        "offset": str(entry.offset),
        "filename": entry.filename,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return f"{entry.urlkey} {entry.timestamp} {json.dumps(present)}"


def parse(text: str) -> Entry:
    """Read one line of anyone's. Raises ValueError for what is none; fields that we do not know are passed over."""
    key, moment, block = text.rstrip("\r\n").split(" ", 2)
    fields = json.loads(block)
    if not (isinstance(fields, dict) and len(moment) == 14 and moment.isascii() and moment.isdigit()):
        raise ValueError(f"no CDXJ line: {text[:200]!r}")

    def text_of(name: str) -> str | None:
        return None if fields.get(name) is None else str(fields[name])

    return Entry(
        urlkey=key,
        timestamp=moment,
        url=text_of("url") or "",
        mime=text_of("mime"),
        status=text_of("status"),
        digest=text_of("digest"),
        length=int(text_of("length") or 0),
        offset=int(text_of("offset") or 0),
        filename=text_of("filename") or "",
    )


def render(entries: Iterable[Entry]) -> str:
    """Write a whole index: sorted by bytes (all of it is ASCII), each line once."""
    return "".join(f"{text}\n" for text in sorted({line(entry) for entry in entries}))


def _bare(content_type: str) -> str:
    """Cut the parameters off, reading bytes outside ASCII as cdxj-indexer does: UTF-8 first, then latin-1."""
    for end, letter in enumerate(content_type):
        if letter == ";" or letter.isspace():
            content_type = content_type[:end]
            break
    if content_type.isascii():
        return content_type
    raw = content_type.encode("latin-1", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
