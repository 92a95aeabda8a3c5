"""Gives back from WARC files what was kept: captures, failures and runs, put together from their records."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast, get_args

from archive.capture import Capture, Failure, Provenance, RecordRef, Truncated, Why
from archive.errors import Damaged
from archive.http import entity, parse_head, split_interim
from archive.version import Run
from archive.warc import fields, files
from archive.warc.records import Damage, Record, read_record, reading, record_at, records

__all__ = ["Damage", "Event", "Record", "captures", "events", "load", "read", "read_record", "records"]

AHEAD = 32
"""Exchanges that may wait for their records. Ours stand together; some writers put requests far behind."""
AHEAD_BYTES = 64 << 20
"""How much of them may wait."""
FOREIGN = Provenance(outlet="", run="", why="add", robots="none")
"""What is known of an exchange that someone else captured."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was kept, and where it lies."""

    what: Capture | Failure | Run | Damage
    ref: RecordRef
    """Of the first record; of a Damage, the stretch that could not be read."""
    block_digest: str
    """sha256 of the first record's block, hex, as the record says (computed where it says none)."""
    end: int
    """The offset behind the last record of it. A file may be read on from there."""


def captures(path: Path, *, file: str | None = None) -> Iterator[tuple[Capture, RecordRef]]:
    """Read every exchange of a file, ours or anyone's, in the order of the responses; `file` as for `events`."""
    for event in events(path, file=file):
        if isinstance(event.what, Capture):
            yield event.what, event.ref


def events(path: Path, *, file: str | None = None, start: int = 0) -> Iterator[Event]:
    """Read all that was kept in a file, from the beginning of an event on; what cannot be read comes as Damage.

    `file` is the name that references get: relative to the archive's folder; without it the file's own. Raises NotFound
    and StorageError.
    """
    name = file or files.final(path).name
    reader = _Reader(path, name)
    for found, offset, length in records(path, start):
        yield from reader.take(found, offset, length)
    yield from reader.finish()


def read(path: Path, offset: int, length: int | None = None, *, certificate: bool = False) -> Capture:
    """Read one capture by the place of its response. Raises NotFound, Damaged, StorageError.

    Its certificate is looked up only when asked for: it lies elsewhere in the file, and few need it.
    """
    with reading(path) as fd:
        response, end = record_at(fd, offset)
        if length is not None and end - offset != length:
            raise Damaged(f"offset {offset}: has {end - offset} bytes where {length} were written")
        if response.type != "response":
            raise Damaged(f"offset {offset}: a {response.type or 'nameless'} record, no response")
        exchange = _Exchange(response, offset, end - offset, end)
        while not exchange.whole:
            try:
                record, after = record_at(fd, end)
            except Damaged:
                break  # the response is there: what belongs to it is lost with what is broken
            if not exchange.take(record, after):
                break
            end = after
        return exchange.capture(_certificate(fd, path, exchange.said) if certificate else None)


def load(folder: Path, file: str, offset: int) -> Capture:
    """Read one capture whole, certificate too, by its reference; `folder` is the archive's."""
    return read(files.existing(folder / file), offset, certificate=True)


def _certificate(fd: int, path: Path, said: Mapping[str, str]) -> bytes | None:
    """Find a certificate where the metadata says that it lies, else (in a copy of records) anywhere in the file."""
    digest, place = said.get("tls-certificate-sha256"), said.get("tls-certificate-offset", "")
    if digest is None:
        return None
    if place.isascii() and place.isdigit() and len(place) < 18:
        try:
            record, _ = record_at(fd, int(place))
        except Damaged:
            pass
        else:
            if hashlib.sha256(record.block).hexdigest() == digest:
                return record.block
    for found, _, _ in records(path):
        if isinstance(found, Record) and found.type == "resource" and found.uri == f"urn:sha256:{digest}":
            return found.block
    return None


@dataclass(slots=True)
class _Exchange:
    """A response, and what was found of its request and metadata."""

    response: Record
    offset: int
    length: int
    end: int
    request: bytes | None = None
    said: dict[str, str] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.linked = {fields.read_id(value) for value in self.response.all("WARC-Concurrent-To")}

    @property
    def whole(self) -> bool:
        return self.request is not None and bool(self.said)

    def take(self, record: Record, end: int) -> bool:
        """Take a request or metadata record of this exchange; False for any other."""
        if record.type not in {"request", "metadata"} or not self.owns(record):
            return False
        if record.type == "request" and self.request is None:
            self.request = record.block
        elif record.type == "metadata" and not self.said and _is_fields(record):
            self.said = fields.read_fields(record.block)
        self.end = max(self.end, end)
        return True

    def owns(self, record: Record) -> bool:
        """Tell by the links, either way; of a record without any, by address and date."""
        links = {fields.read_id(value) for value in [*record.all("WARC-Concurrent-To"), *record.all("WARC-Refers-To")]}
        if links or record.id in self.linked:
            return self.response.id in links or record.id in self.linked
        same = ("WARC-Target-URI", "WARC-Date")
        return record.type == "request" and all(record.get(name) == self.response.get(name) for name in same)

    def capture(self, certificate: bytes | None) -> Capture:
        """Put the capture together. Raises Damaged."""
        said, response = self.said, self.response
        ours = {"run", "why"} <= said.keys()
        interim, block = (_interim(said), response.block) if ours else split_interim(response.block)
        return Capture(
            url=(said.get("url") if ours else None) or response.uri,
            started=_date(response, self.offset),
            request=self.request or b"",
            response=block,
            provenance=_provenance(said) if ours else FOREIGN,
            interim=interim,
            peer=response.get("WARC-IP-Address"),
            certificate=certificate,
            protocol=(said.get("protocol") if ours else None) or _protocol(response, block),
            truncated=_truncated(response.get("WARC-Truncated")),
        )

    def event(self, file: str, certificate: bytes | None) -> Event:
        capture = self.capture(certificate)
        payload = _sha256(self.response.get("WARC-Payload-Digest"))
        payload = payload or hashlib.sha256(entity(capture.response)).hexdigest()
        ref = RecordRef(file, self.offset, self.length, self.response.id, payload)
        return Event(capture, ref, _block_digest(self.response), self.end)


class _Reader:
    """Puts records together as they come, and gives events in the order of their first records."""

    def __init__(self, path: Path, file: str) -> None:
        self._path = path
        self._file = file
        self._waiting: list[_Exchange | Event] = []
        self._early: list[tuple[Record, int]] = []
        self._certificates: dict[str, bytes | None] = {}

    def take(self, found: Record | Damage, offset: int, length: int) -> Iterator[Event]:
        """Take the next record; give what is complete by it."""
        if isinstance(found, Damage):
            self._waiting.append(_damage(self._file, offset, length, found.cause))
        elif found.type == "response":
            self._begin(found, offset, length)
        elif found.type in {"request", "metadata"}:
            self._attach(found, offset, length)
        elif found.type == "resource" and found.get("Content-Type") == fields.CERTIFICATE_TYPE:
            self._certificates[hashlib.sha256(found.block).hexdigest()] = found.block
        yield from self._ready()

    def finish(self) -> Iterator[Event]:
        """Give what waits for records that never came."""
        yield from self._ready(all_of_it=True)

    def _begin(self, response: Record, offset: int, length: int) -> None:
        if "http" not in (response.get("Content-Type") or "http"):
            return  # of dns: and the like
        exchange = _Exchange(response, offset, length, offset + length)
        self._early = [(record, end) for record, end in self._early if not exchange.take(record, end)]
        exchange.end = offset + length
        self._waiting.append(exchange)

    def _attach(self, record: Record, offset: int, length: int) -> None:
        for waiting in self._waiting:
            if isinstance(waiting, _Exchange) and waiting.take(record, offset + length):
                return
        if record.type == "metadata" and _is_fields(record) and (event := self._lone(record, offset, length)):
            self._waiting.append(event)
            return
        self._early = [*self._early[-AHEAD:], (record, offset + length)]

    def _lone(self, record: Record, offset: int, length: int) -> Event | None:
        said = fields.read_fields(record.block)
        ref = RecordRef(self._file, offset, length, record.id, "")
        try:
            what = _failure(record, said, offset) or _run(said)
        except (Damaged, ValueError) as error:
            return _damage(self._file, offset, length, str(error))
        return Event(what, ref, _block_digest(record), offset + length) if what else None

    def _ready(self, *, all_of_it: bool = False) -> Iterator[Event]:
        """Give, from the first on, what is complete or has waited for long enough."""
        while self._waiting:
            first = self._waiting[0]
            if isinstance(first, _Exchange) and not first.whole and not all_of_it and not self._crowded():
                return
            del self._waiting[0]
            yield first if isinstance(first, Event) else self._event(first)

    def _crowded(self) -> bool:
        bodies = (len(waiting.response.block) for waiting in self._waiting if isinstance(waiting, _Exchange))
        return len(self._waiting) > AHEAD or sum(bodies) > AHEAD_BYTES

    def _event(self, exchange: _Exchange) -> Event:
        certificate = None
        if digest := exchange.said.get("tls-certificate-sha256"):
            if digest not in self._certificates:  # it lies before the place where reading began
                with reading(self._path) as fd:
                    self._certificates[digest] = _certificate(fd, self._path, exchange.said)
            certificate = self._certificates[digest]
        try:
            return exchange.event(self._file, certificate)
        except Damaged as error:
            return _damage(self._file, exchange.offset, exchange.length, error.message)


def _damage(file: str, offset: int, length: int, cause: str) -> Event:
    return Event(Damage(offset, length, cause), RecordRef(file, offset, length, "", ""), "", offset + length)


def _is_fields(record: Record) -> bool:
    return (record.get("Content-Type") or "").partition(";")[0].strip() == fields.FIELDS_TYPE


def _date(record: Record, offset: int) -> datetime:
    try:
        return fields.read_date(record.get("WARC-Date") or "")
    except ValueError as error:
        raise Damaged(f"offset {offset}: {error}") from error


def _failure(record: Record, said: Mapping[str, str], offset: int) -> Failure | None:
    if "cause" not in said:
        return None
    return Failure(
        url=said.get("url") or record.uri,
        started=_date(record, offset),
        provenance=_provenance(said),
        cause=said["cause"],
        message=said.get("message", ""),
    )


def _run(said: Mapping[str, str]) -> Run | None:
    if not {"run", "outlet", "started", "outcome", "counts"} <= said.keys():
        return None
    counts = json.loads(said["counts"])
    if not isinstance(counts, dict) or not all(isinstance(count, int) for count in counts.values()):
        raise ValueError("the counts of a run are no table")
    return Run(
        id=said["run"],
        outlet=said["outlet"],
        started=fields.read_date(said["started"]),
        ended=fields.read_date(said["ended"]) if "ended" in said else None,
        outcome=said["outcome"],
        counts=counts,
    )


def _provenance(said: Mapping[str, str]) -> Provenance:
    why = said.get("why", "")
    return Provenance(
        outlet=said.get("outlet", ""),
        run=said.get("run", ""),
        why=cast(Why, why) if why in get_args(Why) else "add",
        via=said.get("via"),
        robots=said.get("robots", "allowed"),
    )


def _interim(said: Mapping[str, str]) -> bytes:
    try:
        return base64.b64decode(said.get("interim", ""), validate=True)
    except binascii.Error:
        return b""


def _protocol(response: Record, block: bytes) -> str:
    named = [value for value in response.all("WARC-Protocol") if value.startswith(("http/", "h2", "h3"))]
    return named[0] if named else parse_head(block).protocol.lower() or "http/1.1"


def _truncated(value: str | None) -> Truncated | None:
    if value is None:
        return None
    return cast(Truncated, value) if value in get_args(Truncated) else "unspecified"


def _sha256(digest: str | None) -> str | None:
    algorithm, _, value = (digest or "").lower().partition(":")
    return value if algorithm in {"sha256", "sha-256"} and len(value) == 64 else None


def _block_digest(record: Record) -> str:
    return _sha256(record.get("WARC-Block-Digest")) or hashlib.sha256(record.block).hexdigest()
