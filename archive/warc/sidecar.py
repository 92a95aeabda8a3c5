"""Makes the index of a WARC file by reading it: ours after a crash, or anyone's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.http import entity_of, parse_head
from archive.index import cdxj
from archive.warc.fields import FIELDS_TYPE, digest, read_date
from archive.warc.files import final
from archive.warc.records import Found, Record, records

HTTP = ("response", "revisit")
OTHER = ("resource", "metadata")


def entries(path: Path) -> Iterator[cdxj.Entry]:
    """Give the index entries of a file's records, in the order of the file. What is damaged has none."""
    return entries_of(records(path), final(path).name)


def entries_of(found: Iterable[Found], filename: str) -> Iterator[cdxj.Entry]:
    """Give the index entries of records that were read: responses, revisits, and what else has content of its own."""
    for record, offset, length in found:
        if isinstance(record, Record) and record.uri and (entry := _entry(record)):
            yield entry.at(filename, offset, length)


def _entry(record: Record) -> cdxj.Entry | None:
    content_type = record.get("Content-Type") or ""
    try:
        started = read_date(record.get("WARC-Date") or "")
    except ValueError:
        return None  # `archive verify` names it
    if record.type in HTTP:
        head = parse_head(record.block)
        payload = record.get("WARC-Payload-Digest") or digest(entity_of(record.block, head))
        return cdxj.response_entry(record.uri, started, head, payload, revisit=record.type == "revisit")
    if record.type in OTHER and content_type != FIELDS_TYPE:
        payload = record.get("WARC-Payload-Digest") or digest(record.block)
        return cdxj.resource_entry(record.uri, started, content_type, payload)
    return None
