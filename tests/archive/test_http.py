"""Raw HTTP/1.x bytes are read exactly, and never raise."""

from __future__ import annotations

import gzip
import resource
import time
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.http import decode, decoded, entity, media_type, parse_head, split_interim

TEXT = "ورّاق كان ينسخ الكتب، 中文, français. ".encode() * 40


def response(*headers: str, body: bytes = b"", status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *headers, "", ""]).encode("latin-1") + body


def test_head_keeps_order_case_and_repeats() -> None:
    """Headers stand in their order and case, repeated ones each for itself."""
    head = parse_head(response("sErVer: x", "Set-Cookie: a=1", "set-cookie:b=2"))
    assert head.headers == (("sErVer", "x"), ("Set-Cookie", "a=1"), ("set-cookie", "b=2"))
    assert (head.get("SERVER"), head.all("Set-Cookie"), head.get("etag")) == ("x", ["a=1", "b=2"], None)


@pytest.mark.parametrize(
    ("line", "status", "reason", "protocol"),
    [
        ("HTTP/1.1 404 Not Found", 404, "Not Found", "HTTP/1.1"),
        ("HTTP/1.0 200", 200, "", "HTTP/1.0"),
        ("HTTP/1.1 200 ", 200, "", "HTTP/1.1"),
        ("HTTP/1.1  999  Odd  one", 999, "Odd  one", "HTTP/1.1"),
        ("HTTP/2 200", 200, "", "HTTP/2"),
        ("HTTP/1.1 abc", None, "", ""),
        ("GET /a b HTTP/1.1", None, "", "HTTP/1.1"),
        ("GET /", None, "", ""),
        ("", None, "", ""),
    ],
)
def test_first_line(line: str, status: int | None, reason: str, protocol: str) -> None:
    """Status and request lines are read as far as they are such."""
    head = parse_head(response("A: b", status=line))
    assert (head.start_line, head.status, head.reason, head.protocol) == (line, status, reason, protocol)


def test_odd_headers() -> None:
    """Folded lines are joined, lines without a colon left out, latin-1 bytes kept, bare line feeds understood."""
    raw = b"HTTP/1.1 200 OK\nX: one\n\t two\r\nno colon\nName : v\r\nY:\xe9\r\n: nameless\r\nE:\r\n\nbody"
    head = parse_head(raw)
    assert head.headers == (("X", "one two"), ("Name", "v"), ("Y", "é"), ("E", ""))
    assert raw[head.length :] == b"body"


def test_head_without_end() -> None:
    """A head that was cut is read to where it goes."""
    head = parse_head(b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Le")
    assert (head.status, head.headers, head.length) == (200, (("A", "b"),), 33)


def test_interim_answers_are_parted() -> None:
    """1xx answers come apart from the response, but 101 is the response itself."""
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert split_interim(hints + response(body=b"x")) == (hints, response(body=b"x"))
    assert split_interim(response(body=b"HTTP/1.1 100 Continue\r\n\r\n"))[0] == b""
    switching = response(status="HTTP/1.1 101 Switching Protocols")
    assert split_interim(switching) == (b"", switching)
    assert split_interim(b"HTTP/1.1 103 Early Hi") == (b"HTTP/1.1 103 Early Hi", b"")


def test_many_interim_answers_are_fast() -> None:
    """Twenty thousand 100-continue answers cost no more than a pass over them."""
    begin = time.process_time()
    interim, rest = split_interim(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000 + response(body=b"x"))
    assert (len(interim), rest) == (500_000, response(body=b"x"))
    assert time.process_time() - begin < 1


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b'5\r\nhello\r\n3;ext="a;b";x\r\nabc\r\n0\r\nTrailer: v\r\n\r\n', b"helloabc"),
        (b"5 \nhello\n0\n\n", b"hello"),
        (b"0005\r\nhello\r\n00\r\n\r\n", b"hello"),
        (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"5\r\nhello\r\n5\r\nwo", b"hellowo"),
        (b"5\r\nhello\r\n5", b"hello"),
        (b"5\r\nhello", b"hello"),
        (b"5", b""),
        (b"", b""),
        (b"5\r\nhello3\r\nabc0\r\n\r\n", b"helloabc"),
        (b"5\r\nhello\r\nzzz\r\n", b"hello"),
        (b"0\r\n\r\n", b""),
        (b"ffffffffffffffff\r\nall", b"all"),
        (b"<html>not chunked \xe9</html>", b"<html>not chunked \xe9</html>"),
        (b"\xff\xfe\x00junk", b"\xff\xfe\x00junk"),
        (b"5\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n\r"),
    ],
)
def test_chunks(body: bytes, expected: bytes) -> None:
    """Chunks are taken off whatever their dress; what is cut gives what is there; what is not chunked stands."""
    assert entity(response(CHUNKED, body=body)) == expected


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (["Content-Length: 3"], b"abcdef", b"abc"),
        (["Content-Length: 9"], b"abc", b"abc"),
        (["Content-Length: 3, 3"], b"abcdef", b"abc"),
        (["Content-Length: -1"], b"abc", b"abc"),
        (["Content-Length: x"], b"abc", b"abc"),
        (["Content-Length: ²"], b"abc", b"abc"),
        (["Content-Length: " + "9" * 5000], b"abc", b"abc"),
        (["Content-Length: 2", CHUNKED], b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (["Transfer-Encoding: gzip, Chunked"], b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        ([], b"abc", b"abc"),
    ],
)
def test_framing(headers: list[str], body: bytes, expected: bytes) -> None:
    """Chunks win over Content-Length, which cuts, and is ignored where it is no number."""
    assert entity(response(*headers, body=body)) == expected


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:500]) + gzip.compress(TEXT[500:]),
    "deflate": zlib.compress(TEXT),
    "Deflate": raw_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT[:300]) + zstandard.compress(TEXT[300:]),
}


@pytest.mark.parametrize("coding", PACKED)
def test_content_codings(coding: str) -> None:
    """Each content coding is taken off, over chunks too, and with something behind its end."""
    packed = PACKED[coding]
    assert decoded(response(f"Content-Encoding: {coding}", body=packed)) == TEXT
    assert decoded(response(f"Content-Encoding: {coding}", body=packed + b"junk"))[: len(TEXT)] == TEXT
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    assert decoded(response(f"Content-Encoding: {coding}", CHUNKED, body=chunks)) == TEXT


@pytest.mark.parametrize("coding", PACKED)
def test_codings_cut_short(coding: str) -> None:
    """Whatever the place of the cut, what comes out is a beginning of the text; near the end it is most of it."""
    packed = PACKED[coding]
    for cut in range(12, len(packed)):
        plain = decode(packed[:cut], [coding.lower()])
        assert TEXT.startswith(plain) or plain == packed[:cut]
    assert len(decode(packed[:-4], [coding.lower()])) >= (300 if coding != "br" else 40)


def test_broken_gzip_gives_what_stands_before() -> None:
    """A flipped byte costs what follows it, a wrong checksum costs nothing."""
    text = bytes(i * i % 251 for i in range(200_000)) + TEXT
    packed = bytearray(gzip.compress(text))
    packed[-5] ^= 1
    assert decode(bytes(packed), ["gzip"]) == text
    packed[len(packed) // 2] ^= 0xFF
    assert text[:500] == decode(bytes(packed), ["gzip"])[:500]


def test_stacked_unknown_and_untrue_codings() -> None:
    """Stacked codings come off in turn; an unknown or untrue one leaves the body as it is."""
    stacked = brotli.compress(gzip.compress(TEXT))
    assert decoded(response("Content-Encoding: gzip", "Content-Encoding: identity, br", body=stacked)) == TEXT
    assert decoded(response("Transfer-Encoding: gzip", body=gzip.compress(TEXT))) == TEXT
    assert decoded(response("Content-Encoding: sdch", body=TEXT)) == TEXT
    for coding in PACKED:
        for plain in (b"", b"ok", b"<!DOCTYPE html><p>plain</p>", TEXT):
            assert decoded(response(f"Content-Encoding: {coding}", body=plain)) == plain


def test_coded_nothing_is_nothing() -> None:
    """An empty text that was coded is empty again."""
    for coding, packed in {
        "gzip": gzip.compress(b""),
        "deflate": zlib.compress(b""),
        "br": brotli.compress(b""),
        "zstd": zstandard.compress(b""),
    }.items():
        assert decode(packed, [coding]) == b""
    assert decode(raw_deflate(b""), ["deflate"]) == b""


def bomb(coding: str) -> bytes:
    blob = bytes(1 << 20)
    if coding == "gzip":
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        return b"".join(packer.compress(blob) for _ in range(512)) + packer.flush()
    if coding == "br":
        compressor = brotli.Compressor(quality=1)
        return bytes(b"".join(compressor.process(blob) for _ in range(512)) + compressor.finish())
    packer_z = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join(packer_z.compress(blob) for _ in range(512)) + packer_z.flush()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_bombs_are_bounded(coding: str) -> None:
    """Half a gigabyte of zeros gives the limit and no more, in bytes and in memory."""
    packed = bomb(coding)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(decode(packed, [coding], 10 << 20)) == 10 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    assert decode(packed, [coding], 0) == b""


@pytest.mark.parametrize(
    ("value", "expected"),
    [("text/html; charset=utf-8", "text/html"), ("TEXT/HTML", "TEXT/HTML"), ("", ""), (";x", ""), ("a b", "a")],
)
def test_media_type(value: str, expected: str) -> None:
    """The type stands without its parameters."""
    assert media_type(parse_head(response(f"Content-Type: {value}"))) == expected


FRAGMENTS = [
    *(b"HTTP/1.1 200 OK", b"HTTP/1.1 103 x", b"\r\n", b"\n", b"\r\n\r\n", b" ", b":", b"\xff\x00"),
    *(b"Content-Encoding: " + name for name in (b"gzip, br, zstd, deflate", b"br", b"zstd", b"deflate")),
    *(b"Content-Length: 7", b"Transfer-Encoding: chunked", b"5\r\nhello", b"0\r\n", b"f" * 16 + b"\r\n"),
    *(packed[:60] for packed in PACKED.values()),
]
MESSY = st.one_of(
    st.binary(max_size=400),
    st.lists(
        st.sampled_from(FRAGMENTS),
        max_size=12,
    ).map(b"".join),
)


@settings(max_examples=400, deadline=None)
@given(MESSY)
def test_never_raises(raw: bytes) -> None:
    """Whatever the bytes: parting loses none, the entity is no longer than the message, decoding keeps to its limit."""
    interim, rest = split_interim(raw)
    assert interim + rest == raw
    assert split_interim(rest) == (b"", rest)
    assert 0 <= parse_head(raw).length <= len(raw)
    assert len(entity(raw)) <= len(raw)
    assert len(decoded(raw, 1000)) <= 1000


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=8))
def test_chunking_round_trip(body: bytes, sizes: list[int]) -> None:
    """However a body is cut into chunks, it comes back."""
    framed, at = b"", 0
    for size in [*sizes, 1000]:
        if piece := body[at : at + size]:
            framed += b"%X;a=b\r\n%s\r\n" % (len(piece), piece)
        at += size
    assert entity(response(CHUNKED, body=framed + b"0\r\n\r\n")) == body
