"""Makes the WARC records of one event: a capture (response, request, metadata), a failure, a run, a new file."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.capture import Capture, Failure, Provenance
from archive.http import entity_of, parse_head
from archive.index import cdxj
from archive.version import Run
from archive.warc import fields

RESPONSE_TYPE = "application/http; msgtype=response"
REQUEST_TYPE = "application/http; msgtype=request"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """What the first record of a file says of all that follow."""

    outlet: str
    software: str
    """Name and version: `warraq/0.1.0`."""
    contact: str = ""
    user_agent: str = ""
    robots: str = "obey"
    """The outlet's policy: obey | ignore, with its reason."""
    run: str = ""
    """The run that began the file; further runs stand in their own records."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One record, uncompressed, and the line that an index has for it."""

    record_id: str
    data: bytes
    entry: cdxj.Entry | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """The records of one event in the order of the file; the first is the one that a RecordRef names."""

    pieces: tuple[Piece, ...]
    payload_digest: str = ""
    """sha256 of the de-chunked payload, hex; empty where the event has none."""
    block_digest: str = ""
    """sha256 of the first record's block, hex."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where in a file a server's certificate lies."""

    digest: str
    offset: int


def build(capture: Capture, *, record_id: str, warcinfo_id: str, certificate: Certificate | None = None) -> Exchange:
    """Make the records of a capture: response, request and metadata, of one WARC-Date and linked both ways.

    `certificate` says where in the file the capture's certificate lies (`build_certificate`). Raises ArchiveError for a
    value that cannot stand in a header.
    """
    request_id, metadata_id = related_id(record_id, "request"), related_id(record_id, "metadata")
    url, head = fields.uri(capture.url), parse_head(capture.response)
    payload, block = fields.digest(entity_of(capture.response, head)), fields.digest(capture.response)
    shared = _shared(url, capture.started, warcinfo_id)
    response = {
        **shared,
        "WARC-Concurrent-To": [fields.write_id(request_id), fields.write_id(metadata_id)],
        "WARC-IP-Address": capture.peer,
        "WARC-Protocol": [capture.protocol, *(["tls"] if capture.certificate is not None else [])],
        "WARC-Truncated": capture.truncated,
        "WARC-Payload-Digest": payload,
    }
    linked = {**shared, "WARC-Concurrent-To": fields.write_id(record_id)}
    said = {
        **_provenance(capture.provenance),
        "protocol": capture.protocol,
        "url": None if url == capture.url else capture.url,
        "tls-certificate-sha256": certificate.digest if certificate else None,
        "tls-certificate-offset": str(certificate.offset) if certificate else None,
        "interim": base64.b64encode(capture.interim).decode("ascii") or None,
    }
    entry = cdxj.response_entry(url, capture.started, head, payload)
    return Exchange(
        (
            Piece(
                record_id,
                _record("response", record_id, response, RESPONSE_TYPE, capture.response, digest=block),
                entry,
            ),
            Piece(request_id, _record("request", request_id, linked, REQUEST_TYPE, capture.request)),
            Piece(metadata_id, _record("metadata", metadata_id, linked, fields.FIELDS_TYPE, fields.write_fields(said))),
        ),
        payload.removeprefix("sha256:"),
        block.removeprefix("sha256:"),
    )


def build_certificate(certificate: bytes, *, started: datetime, warcinfo_id: str) -> Piece:
    """Make the record of a server's certificate (DER), which captures of a file share: `urn:sha256:<digest>`."""
    digest = fields.digest(certificate)
    url, record_id = f"urn:{digest}", related_id(warcinfo_id, digest)
    headers = {**_shared(url, started, warcinfo_id), "WARC-Payload-Digest": digest}
    data = _record("resource", record_id, headers, fields.CERTIFICATE_TYPE, certificate)
    return Piece(record_id, data, cdxj.resource_entry(url, started, fields.CERTIFICATE_TYPE, digest))


def build_failure(failure: Failure, *, record_id: str, warcinfo_id: str) -> Exchange:
    """Make the record of a request that brought no response: a metadata record with its cause."""
    url = fields.uri(failure.url)
    said = {
        **_provenance(failure.provenance),
        "cause": failure.cause,
        "message": failure.message,
        "url": None if url == failure.url else failure.url,
    }
    return _lone(record_id, _shared(url, failure.started, warcinfo_id), said)


def build_run(run: Run, *, record_id: str, warcinfo_id: str) -> Exchange:
    """Make the record of a run as it stands; of several records of one run the last one counts."""
    said = {
        "run": run.id,
        "outlet": run.outlet,
        "started": fields.write_date(run.started),
        "ended": fields.write_date(run.ended) if run.ended else None,
        "outcome": run.outcome,
        "counts": json.dumps(dict(run.counts), sort_keys=True),
    }
    url = fields.uri(f"urn:warraq:run:{run.id}")
    return _lone(record_id, _shared(url, run.ended or run.started, warcinfo_id), said)


def build_warcinfo(info: FileInfo, *, filename: str, host: str, created: datetime, record_id: str) -> Piece:
    """Make the first record of a file."""
    headers = {"WARC-Date": fields.write_date(created), "WARC-Filename": filename}
    said = {
        "software": info.software,
        "format": "WARC File Format 1.1",
        "conformsTo": CONFORMS_TO,
        "isPartOf": info.outlet,
        "operator": info.contact or None,
        "http-header-user-agent": info.user_agent or None,
        "robots": info.robots,
        "hostname": host,
        "run": info.run or None,
    }
    return Piece(record_id, _record("warcinfo", record_id, headers, fields.FIELDS_TYPE, fields.write_fields(said)))


def related_id(record_id: str, name: str) -> str:
    """Give the id of a record that belongs to another: the same one whenever it is asked for."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uuid:{record_id}#{name}"))


def _shared(url: str, started: datetime, warcinfo_id: str) -> dict[str, Any]:
    return {
        "WARC-Target-URI": url,
        "WARC-Date": fields.write_date(started),
        "WARC-Warcinfo-ID": fields.write_id(warcinfo_id),
    }


def _provenance(provenance: Provenance) -> dict[str, str | None]:
    return {
        "outlet": provenance.outlet,
        "run": provenance.run,
        "why": provenance.why,
        "via": provenance.via,
        "robots": provenance.robots,
    }


def _lone(record_id: str, headers: Mapping[str, Any], said: Mapping[str, str | None]) -> Exchange:
    block = fields.write_fields(said)
    digest = fields.digest(block)
    data = _record("metadata", record_id, headers, fields.FIELDS_TYPE, block, digest=digest)
    return Exchange((Piece(record_id, data),), block_digest=digest.removeprefix("sha256:"))


class _ExactWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """warcio's writer, which else adds SHA-1 digests of its own where it misses one."""

    def ensure_digest(self, record: Any, block: bool = True, payload: bool = True) -> None:
        """Leave the record as it is: our digests stand in its headers where the standard has a place for them."""


def _record(
    kind: str, record_id: str, headers: Mapping[str, Any], content_type: str, block: bytes, *, digest: str = ""
) -> bytes:
    """Write a record with warcio. Its block goes in as it is, since warcio is not told that it is HTTP."""
    lines = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", fields.write_id(record_id)),
        *_checked(headers),
        ("WARC-Block-Digest", digest or fields.digest(block)),
        ("Content-Type", content_type),
    ]
    head = StatusAndHeaders("", lines, protocol=fields.VERSION)
    out = BytesIO()
    record = ArcWarcRecord("warc", kind, head, BytesIO(block), None, None, len(block))
    _ExactWriter(out, gzip=False, warc_version=fields.VERSION).write_record(record)
    return out.getvalue()


def _checked(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield name, fields.safe(name, one)
