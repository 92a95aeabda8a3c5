"""What was written is read back the same, whatever its bytes, and whatever is damaged around it."""

from __future__ import annotations

import gzip
import random
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.capture import Capture, Failure, RecordRef
from archive.errors import Damaged, NotFound
from archive.version import Run
from archive.warc.reader import Damage, captures, events, load, read, read_record, records
from archive.warc.records import Record
from archive.warc.writer import WarcWriter
from tests.archive.warc.any import CAPTURES, FAILURES, RUNS
from tests.archive.warc.made import DER, INFO, capture, failure, file_of, run, writer


def kept(path: Path) -> list[Capture | Failure | Run | Damage]:
    return [event.what for event in events(path)]


@settings(max_examples=80, deadline=None)
@given(st.lists(CAPTURES | FAILURES | RUNS, min_size=1, max_size=4))
def test_write_then_read_gives_the_same(whats: list[Capture | Failure | Run]) -> None:
    """Any captures, failures and runs come back equal, in order, each with the place it was written to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = WarcWriter(folder, INFO)
        written = [out.write(what) for what in whats]
        file = out.seal()
        assert file is not None
        found = list(events(folder / file, file=file))
        assert [event.what for event in found] == whats
        assert [(event.ref, event.block_digest) for event in found] == [(one.ref, one.block_digest) for one in written]
        for what, one in zip(whats, written, strict=True):
            if isinstance(what, Capture):
                assert load(folder, one.ref.file, one.ref.offset) == what


def test_one_capture_by_its_place(tmp_path: Path) -> None:
    """A capture is read by its place, while its file is written and after; the certificate only when asked for."""
    out = writer(tmp_path)
    whats = [capture(number, certificate=DER) for number in range(5)]
    refs = [out.write(what).ref for what in whats]
    out.sync()
    opened = next(tmp_path.glob("warc/demo/*.open"))
    assert [load(tmp_path, ref.file, ref.offset) for ref in refs] == whats
    assert read(opened, refs[3].offset, refs[3].length).certificate is None
    out.seal()
    assert [load(tmp_path, ref.file, ref.offset) for ref in refs] == whats
    assert read(tmp_path / refs[3].file, refs[3].offset, certificate=True) == whats[3]


def test_certificate_is_found_in_a_copy(tmp_path: Path) -> None:
    """Where records were copied to other places, the certificate is looked for in the whole file."""
    path = file_of(tmp_path, run(), capture(certificate=DER))
    parts = [(record, offset, length) for record, offset, length in records(path)]
    data = path.read_bytes()
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(b"".join(data[offset : offset + length] for _, offset, length in parts[2:]))
    place = next(
        offset for record, offset, _ in records(copy) if isinstance(record, Record) and record.type == "response"
    )
    assert read(copy, place, certificate=True) == capture(certificate=DER)
    assert [what for what, _ in captures(copy)] == [capture(certificate=DER)]


def test_places_that_are_wrong(tmp_path: Path) -> None:
    """A missing file, a place between records, a wrong length and a record of another kind are told apart, by name."""
    path = file_of(tmp_path, capture())
    ref = next(captures(path))[1]
    with pytest.raises(NotFound):
        read(tmp_path / "none.warc.gz", 0)
    for offset, length in ((ref.offset + 1, None), (ref.offset, ref.length + 1), (0, None), (10**9, None)):
        with pytest.raises(Damaged, match=rf"{path.name}.*offset {offset}"):
            read(path, offset, length)
    assert read_record(path, 0).type == "warcinfo"
    with pytest.raises(Damaged):
        read_record(path, 0, 1)


def test_reading_on_from_where_an_event_ended(tmp_path: Path) -> None:
    """From the end of any event on, exactly the later ones come, certificates included."""
    path = file_of(tmp_path, run(), *(capture(n, certificate=DER) for n in range(4)), failure())
    all_of_them = list(events(path))
    for at, event in enumerate(all_of_them):
        assert list(events(path, start=event.end)) == all_of_them[at + 1 :]


def test_a_flipped_byte_costs_one_event(tmp_path: Path) -> None:
    """One flipped byte anywhere costs at most the event that it is in, and is named."""
    whats = [capture(number) for number in range(12)]
    path = file_of(tmp_path, *whats)
    data, parts, chance = path.read_bytes(), list(records(path)), random.Random(5)
    for place in chance.sample(range(len(data)), 150):
        broken = bytearray(data)
        broken[place] ^= 1 << chance.randrange(8)
        path.write_bytes(broken)
        found = list(records(path))
        if found == parts:
            continue  # a member's own time and flags, and the idle bits at its end, say nothing
        at = max(at for at, (_, offset, _) in enumerate(parts) if offset <= place)
        assert [*found[:at], *found[at + 1 :]] == [*parts[:at], *parts[at + 1 :]]
        assert isinstance(found[at][0], Damage)
        assert found[at][1:] == parts[at][1:]
        assert sum(what in whats for what in kept(path)) >= len(whats) - 1


def test_a_torn_tail_is_named(tmp_path: Path) -> None:
    """Wherever the last record is cut, all before it is read, and the rest is Damage."""
    path = file_of(tmp_path, *(capture(number) for number in range(6)))
    data, parts = path.read_bytes(), list(records(path))
    _, last, length = parts[-1]
    for cut in range(1, length):
        path.write_bytes(data[: last + cut])
        assert list(records(path)) == [*parts[:-1], (Damage(last, cut, "cut short"), last, cut)]
    assert len(kept(path)) == 7
    assert isinstance(kept(path)[-1], Damage)


def test_what_is_appended_behind_a_torn_record_is_read(tmp_path: Path) -> None:
    """A torn record in the middle of a file costs itself: all that was appended behind it comes."""
    first = file_of(tmp_path / "a", *(capture(number) for number in range(5)))
    second = file_of(tmp_path / "b", *(capture(number) for number in range(5, 10)))
    _, last, length = list(records(first))[-1]
    head, tail, chance = first.read_bytes(), second.read_bytes(), random.Random(6)
    for cut in chance.sample(range(1, length), 60):
        first.write_bytes(head[: last + cut] + tail)
        assert [what for what in kept(first) if isinstance(what, Capture)][-5:] == [capture(n) for n in range(5, 10)]
        assert sum(isinstance(what, Damage) for what in kept(first)) == 1


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(tmp_path_factory.mktemp("good"), capture())


@settings(max_examples=150, deadline=None)
@given(before=st.binary(max_size=300), behind=st.binary(max_size=300))
def test_junk_never_raises(good: Path, before: bytes, behind: bytes) -> None:
    """Whatever bytes lie around it, a good record is found, and the stretches add up to the file."""
    data = before + good.read_bytes() + behind
    path = good.with_name("junk.warc.gz")
    path.write_bytes(data)
    found = list(records(path))
    assert sum({offset: length for _, offset, length in found}.values()) == len(data)
    assert capture() in kept(path)


def plain(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def test_files_without_compression_and_in_one_member(tmp_path: Path) -> None:
    """The same events come from a file that is not compressed, and from one that is a single member."""
    whats: list[Capture | Failure | Run] = [run(), *(capture(n, chunked=n % 2 == 1) for n in range(6)), failure()]
    path = file_of(tmp_path, *whats)
    bare, single = tmp_path / "bare.warc", tmp_path / "single.warc.gz"
    bare.write_bytes(plain(path))
    single.write_bytes(gzip.compress(plain(path)))
    assert kept(bare) == kept(single) == whats
    for what, ref in captures(bare):
        assert read(bare, ref.offset, ref.length) == what


def test_a_broken_header_in_a_bare_file_costs_one_record(tmp_path: Path) -> None:
    """Without compression too, reading goes on at the next record."""
    path = tmp_path / "bare.warc"
    data = plain(file_of(tmp_path, *(capture(n) for n in range(6))))
    length = b"msgtype=response\r\nContent-Length: "
    places = [data.find(length, start) + len(length) for start in range(0, len(data), len(data) // 5 + 1)]
    for place in places:
        path.write_bytes(data[:place] + b"x" + data[place:])
        found = kept(path)
        assert len([what for what in found if isinstance(what, Capture) and what.response in data]) >= 5
        assert any(isinstance(item, Damage) for item, _, _ in records(path))


FOREIGN_RESPONSE = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\nContent-Type: text/html\r\n\r\ngone"


def foreign(kind: str, number: int, block: bytes, *headers: str, version: str = "1.0") -> bytes:
    lines = [
        f"WARC/{version}",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "WARC-Date: 2016-05-03T10:00:00Z",
        f"Content-Length: {len(block)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("link", ["response", "request", "none"])
def test_other_peoples_exchanges(tmp_path: Path, order: tuple[int, int], link: str) -> None:
    """Request before or behind, linked one way, the other or not at all, address in brackets, folded header."""
    http = "Content-Type: application/http;\r\n msgtype=response"
    where = "WARC-Target-URI: <http://b.example/x>"
    to_request = ["WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000002>"] if link == "response" else []
    to_response = ["WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>"] if link == "request" else []
    both = [
        foreign("response", 1, FOREIGN_RESPONSE, http, where, "WARC-Truncated: odd", *to_request),
        foreign("request", 2, b"GET /x HTTP/1.0\r\n\r\n", where, *to_response),
    ]
    path = tmp_path / "theirs.warc"
    path.write_bytes(foreign("warcinfo", 9, b"") + b"".join(both[at] for at in order))
    ((what, ref),) = captures(path)
    assert (what.url, what.request, what.truncated) == ("http://b.example/x", b"GET /x HTTP/1.0\r\n\r\n", "unspecified")
    assert what.interim + what.response == FOREIGN_RESPONSE
    assert (what.protocol, what.started.isoformat()) == ("http/1.0", "2016-05-03T10:00:00+00:00")
    assert (what.provenance.outlet, ref.record_id) == ("", "00000000-0000-4000-8000-000000000001")


def test_exchanges_that_lie_mixed(tmp_path: Path) -> None:
    """Records of several exchanges between each other are put together by their links."""
    path = file_of(tmp_path, *(capture(n) for n in range(8)))
    data = path.read_bytes()
    parts = [data[offset : offset + length] for _, offset, length in records(path)][1:]
    random.Random(3).shuffle(parts)
    path.write_bytes(b"".join(parts))
    found = [what for what, _ in captures(path)]
    assert sorted(found, key=lambda what: what.started) == [capture(n) for n in range(8)]


def test_a_response_whose_request_is_lost_is_still_given(tmp_path: Path) -> None:
    """What is lost is lost alone; what is known of the rest is said."""
    path = file_of(tmp_path, capture(1), capture(2))
    parts = {
        (record.type, offset): (offset, length)
        for record, offset, length in records(path)
        if isinstance(record, Record)
    }
    offset, _ = next(place for (kind, _), place in parts.items() if kind == "request")
    data = bytearray(path.read_bytes())
    data[offset + 40] ^= 0xFF
    path.write_bytes(data)
    first, second = (what for what, _ in captures(path))
    assert (first.request, first.response, first.provenance.run) == (b"", capture(1).response, "run-1")
    assert second == capture(2)
    assert read(path, next(captures(path))[1].offset).response == capture(1).response


def test_records_that_lie_about_their_length(tmp_path: Path) -> None:
    """A Content-Length that is too small, too large, absurd or absent is Damage, and costs no memory."""
    good = foreign("response", 2, FOREIGN_RESPONSE, "WARC-Target-URI: http://b.example/")
    for length in ("5", "100000", "99999999999999999999999", "-1", "x", ""):
        path = tmp_path / "lies.warc.gz"
        lie = good.replace(b"Content-Length: %d" % len(FOREIGN_RESPONSE), b"Content-Length: " + length.encode())
        path.write_bytes(gzip.compress(lie) + gzip.compress(good))
        first, second = (item for item, _, _ in records(path))
        assert isinstance(first, Damage)
        assert isinstance(second, Record)


def test_a_bomb_is_damage(tmp_path: Path) -> None:
    """A member that unpacks to more than a record may have is named, and reading goes on behind it."""
    good = foreign("response", 2, FOREIGN_RESPONSE, "WARC-Target-URI: http://b.example/")
    path = tmp_path / "bomb.warc.gz"
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    head = foreign("response", 1, b"").replace(b"Content-Length: 0", b"Content-Length: 209715200")
    bomb = [packer.compress(head), *(packer.compress(bytes(1 << 20)) for _ in range(200)), packer.flush()]
    path.write_bytes(b"".join(bomb) + gzip.compress(good))
    found = [item for item, _, _ in records(path)]
    assert [type(item) for item in found] == [Damage, Record]
    assert "holds more than" in found[0].cause  # type: ignore[union-attr]


def test_broken_words_of_ours_are_damage(tmp_path: Path) -> None:
    """A run whose counts are no table, a response without a date: named, not raised."""
    fields = "Content-Type: application/warc-fields"
    said = b"run: r\r\noutlet: o\r\nstarted: 2016-05-03T10:00:00Z\r\noutcome: done\r\ncounts: %s\r\n"
    path = tmp_path / "words.warc"
    for counts in (b"[]", b"{", b'{"a": []}', b'{"a": "1"}'):
        path.write_bytes(foreign("metadata", 1, said % counts, fields))
        assert [type(what) for what in kept(path)] == [Damage]
    path.write_bytes(foreign("response", 1, FOREIGN_RESPONSE).replace(b"2016-05-03", b"2016-99-03"))
    assert [type(what) for what in kept(path)] == [Damage]
    assert next(events(path)).ref == RecordRef("words.warc", 0, path.stat().st_size, "", "")
