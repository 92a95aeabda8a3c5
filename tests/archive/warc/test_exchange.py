"""The records of one event: byte-exact, linked, dated and digested as the standard says, and safe from injection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.capture import Capture
from archive.errors import ArchiveError
from archive.http import parse_head
from archive.warc.exchange import Certificate, Piece, build, build_certificate, build_failure, build_run, build_warcinfo
from archive.warc.fields import read_fields
from archive.warc.records import Record, records
from tests.archive.warc.made import DER, INFO, NOW, capture, failure, provenance, run

ID, FILE_ID = "0c6b4a1e-0000-4000-8000-000000000001", "0c6b4a1e-0000-4000-8000-00000000000f"
BREAKS = ["\r", "\n", "\r\n", "\x00", "\u2028", "\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n", "\r\n Folded: x"]

Reread = Callable[..., list[Record]]


@pytest.fixture
def reread(tmp_path: Path) -> Reread:
    """Write pieces as they are, and read the records back."""

    def read(*pieces: Piece) -> list[Record]:
        path = tmp_path / "pieces.warc"
        path.write_bytes(b"".join(piece.data for piece in pieces))
        found = [record for record, _, _ in records(path)]
        assert all(isinstance(record, Record) for record in found)
        return found  # type: ignore[return-value]

    return read


def built(what: Capture) -> tuple[Piece, ...]:
    return build(what, record_id=ID, warcinfo_id=FILE_ID).pieces


def test_blocks_are_the_bytes_of_the_wire(reread: Reread) -> None:
    """Request and response stand as they came: case, folds, latin-1, chunks, extensions, trailers."""
    for chunked in (False, True):
        what = capture(chunked=chunked)
        response, request, _ = reread(*built(what))
        assert (response.block, request.block) == (what.response, what.request)


def test_one_event_has_one_date_and_links_both_ways(reread: Reread) -> None:
    """Response, request and metadata share date, address and file, and name each other."""
    response, request, metadata = found = reread(*built(capture(7)))
    assert [record.type for record in found] == ["response", "request", "metadata"]
    for name, value in {
        "WARC-Date": "2026-11-23T08:09:17.123463Z",
        "WARC-Target-URI": "https://a.example/2026/7?q=%D8%A3",
        "WARC-Warcinfo-ID": f"<urn:uuid:{FILE_ID}>",
    }.items():
        assert {record.get(name) for record in found} == {value}
    assert response.all("WARC-Concurrent-To") == [f"<urn:uuid:{record.id}>" for record in (request, metadata)]
    assert {request.get("WARC-Concurrent-To"), metadata.get("WARC-Concurrent-To")} == {f"<urn:uuid:{ID}>"}
    assert len({record.id for record in found}) == 3


def test_ids_follow_from_the_response() -> None:
    """The same capture under the same id gives the same records."""
    assert built(capture()) == built(capture())


def test_digests(reread: Reread) -> None:
    """The block's digest is of the bytes, the payload's of the body without chunks; both sha256 in hex."""
    plain, chunked = capture(1), capture(1, chunked=True)
    body = hashlib.sha256(plain.response[parse_head(plain.response).length :]).hexdigest()
    for what in (plain, chunked):
        response, request, metadata = reread(*built(what))
        assert response.get("WARC-Payload-Digest") == f"sha256:{body}"
        for record in (response, request, metadata):
            assert record.get("WARC-Block-Digest") == f"sha256:{hashlib.sha256(record.block).hexdigest()}"
        assert request.get("WARC-Payload-Digest") is metadata.get("WARC-Payload-Digest") is None
        exchange = build(what, record_id=ID, warcinfo_id=FILE_ID)
        assert exchange.payload_digest == body
        assert exchange.block_digest == hashlib.sha256(what.response).hexdigest()


def test_headers_tell_how_it_came(reread: Reread) -> None:
    """Peer, protocols and truncation stand in the response's header, and are absent where there is none."""
    response, *_ = reread(*built(capture(peer="2001:db8::1", certificate=DER, truncated="time")))
    assert response.get("WARC-IP-Address") == "2001:db8::1"
    assert response.all("WARC-Protocol") == ["http/1.1", "tls"]
    assert response.get("WARC-Truncated") == "time"
    response, *_ = reread(*built(capture(peer=None)))
    assert response.get("WARC-IP-Address") is response.get("WARC-Truncated") is None
    assert response.all("WARC-Protocol") == ["http/1.1"]


def test_metadata_says_what_a_rebuild_needs(reread: Reread) -> None:
    """Outlet, run, reason, robots, interim answers and the certificate's digest and place stand in the metadata."""
    what = capture(interim=b"HTTP/1.1 103 Early Hints\r\n\r\n", provenance=provenance(via=None, robots="exempt"))
    exchange = build(what, record_id=ID, warcinfo_id=FILE_ID, certificate=Certificate("ab" * 32, 1234))
    metadata = reread(*exchange.pieces)[2]
    assert metadata.get("Content-Type") == "application/warc-fields"
    assert read_fields(metadata.block) == {
        "outlet": "demo",
        "run": "run-1",
        "why": "article",
        "robots": "exempt",
        "protocol": "http/1.1",
        "interim": "SFRUUC8xLjEgMTAzIEVhcmx5IEhpbnRzDQoNCg==",
        "tls-certificate-sha256": "ab" * 32,
        "tls-certificate-offset": "1234",
    }


def test_odd_addresses_are_percent_encoded(reread: Reread) -> None:
    """An address that is no URI is written as one, and stands in the metadata as it was asked for."""
    response, _, metadata = reread(*built(capture(url="https://a.example/أ b<\r\nX: y>\ud800")))
    assert response.uri == "https://a.example/%D8%A3%20b%3C%0D%0AX:%20y%3E%ED%A0%80"
    assert read_fields(metadata.block)["url"] == "https://a.example/أ b<\r\nX: y>\ud800"
    assert "url" not in read_fields(reread(*built(capture()))[2].block)


@pytest.mark.parametrize("broken", BREAKS)
def test_no_value_can_begin_a_header_or_record(reread: Reread, broken: str) -> None:
    """What holds a line break is encoded, quoted or refused: there are never more headers or records."""
    names = [[name for name, _ in record.headers] for record in reread(*built(capture()))]
    said = read_fields(reread(*built(capture()))[2].block).keys()
    for what in (
        capture(url=f"https://a.example/{broken}"),
        *(capture(provenance=provenance(**{name: f"a{broken}b"})) for name in ("outlet", "run", "via", "robots")),
    ):
        found = reread(*built(what))
        assert [[name for name, _ in record.headers] for record in found] == names
        assert read_fields(found[2].block).keys() - {"url"} == said
    for refused in (capture(peer=f"192.0.2.1{broken}"), capture(protocol=f"http/1.1{broken}")):
        with pytest.raises(ArchiveError):
            built(refused)
    assert len(reread(*build_failure(failure(message=f"a{broken}b"), record_id=ID, warcinfo_id=FILE_ID).pieces)) == 1
    assert len(reread(*build_run(run(id=f"a{broken}b"), record_id=ID, warcinfo_id=FILE_ID).pieces)) == 1


def test_failure_and_run_are_lone_metadata(reread: Reread) -> None:
    """A failure says its cause, a run its counts; both are fields that indexers pass over."""
    ended = run(ended=NOW, outcome="done", counts={"200": 3, "bytes": 10})
    (lone,) = reread(*build_failure(failure(), record_id=ID, warcinfo_id=FILE_ID).pieces)
    assert (lone.type, lone.uri, lone.get("Content-Type")) == (
        "metadata",
        "https://gone.example/",
        "application/warc-fields",
    )
    assert (read_fields(lone.block)["cause"], read_fields(lone.block)["message"]) == ("dns", "no such name")
    (lone,) = reread(*build_run(ended, record_id=ID, warcinfo_id=FILE_ID).pieces)
    assert (lone.type, lone.uri) == ("metadata", "urn:warraq:run:run-1")
    assert read_fields(lone.block)["counts"] == '{"200": 3, "bytes": 10}'


def test_certificate_is_a_resource_named_by_its_digest(reread: Reread) -> None:
    """The certificate's own bytes stand in a record that is the same for all captures of a file."""
    piece = build_certificate(DER, started=NOW, warcinfo_id=FILE_ID)
    (record,) = reread(piece)
    digest = f"sha256:{hashlib.sha256(DER).hexdigest()}"
    assert (record.type, record.block, record.uri) == ("resource", DER, f"urn:{digest}")
    assert record.get("WARC-Payload-Digest") == record.get("WARC-Block-Digest") == digest
    assert piece == build_certificate(DER, started=NOW, warcinfo_id=FILE_ID)


def test_warcinfo_says_who_wrote_the_file(reread: Reread) -> None:
    """The first record names software, contact, outlet, robots policy and format."""
    (record,) = reread(build_warcinfo(INFO, filename="f.warc.gz", host="h", created=NOW, record_id=FILE_ID))
    assert (record.type, record.id, record.get("WARC-Filename")) == ("warcinfo", FILE_ID, "f.warc.gz")
    said = read_fields(record.block)
    assert said["software"] == "warraq/0.0-test"
    assert said["operator"] == "https://warraq.example/contact"
    assert (said["isPartOf"], said["robots"], said["http-header-user-agent"]) == ("demo", "obey", "w/0")
    assert said["format"] == "WARC File Format 1.1"
