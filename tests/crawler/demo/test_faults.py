"""The host of odd answers: each does what its name says, the same each time."""

from __future__ import annotations

import collections
import gzip
import socket
import time
import zlib

import feedparser
import httpx
import pytest
from lxml import etree

from crawler.demo.faults import BOMB, HUGE_HEAD, Faults
from crawler.demo.server import Served
from tests.crawler.demo.conftest import Ask

SLOW = {"silence", "drip-body", "drip-head"}
BROKEN = {"reset", "closed", *SLOW}
NAMES = Faults("http://127.0.0.1/").names


def url(served: Served, name: str) -> str:
    return f"{served.faults}fault/{name}"


def open_to(served: Served, name: str) -> socket.socket:
    host, port = served.faults.split("/")[2].split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(f"GET /fault/{name} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BROKEN])
def test_bytes_are_those_of_the_log(name: str, served: Served, ask: Ask) -> None:
    """What comes over the wire is what the log says, and carries the exchange's id."""
    raw = ask(url(served, name))
    row = served.world.log[-1]
    assert raw == row.response
    assert row.what == "fault"
    assert row.head in raw
    assert f": {row.id}\r\n".encode() in row.head


def test_home_lists_every_fault(served: Served, client: httpx.Client) -> None:
    """A person finds all odd answers from the host's home page; robots.txt allows them; what is unknown is a 404."""
    page = client.get(served.faults).text
    assert all(f"/fault/{name}" in page for name in NAMES)
    assert client.get(served.faults + "robots.txt").text.startswith("User-agent: *")
    assert client.get(url(served, "unheard-of")).status_code == 404


def test_short_length(served: Served, ask: Ask) -> None:
    """Content-Length says more than there is."""
    raw = ask(url(served, "short-length"))
    head, _, body = raw.partition(b"\r\n\r\n")
    promised = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
    assert promised // 2 == len(body)
    assert served.world.log[-1].entity == body


def test_cut_chunk(served: Served, client: httpx.Client) -> None:
    """The connection ends inside a chunk; what came of the entity is what the log says."""
    received = bytearray()
    with client.stream("GET", url(served, "cut-chunk")) as response, pytest.raises(httpx.RemoteProtocolError):
        collections.deque(map(received.extend, response.iter_raw()), maxlen=0)
    assert bytes(received) == served.world.log[-1].entity
    assert len(received) > 4000


def test_reset(served: Served) -> None:
    """The connection is reset, not closed."""
    with open_to(served, "reset") as connection, pytest.raises(ConnectionResetError):
        collections.deque(iter(lambda: connection.recv(65536), b""), maxlen=0)


def test_closed_and_silence(served: Served) -> None:
    """One closes without a byte; the other says nothing, and keeps the connection."""
    with open_to(served, "closed") as connection:
        assert connection.recv(10) == b""
    with open_to(served, "silence") as connection:
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(10)


@pytest.mark.parametrize("name", ["drip-body", "drip-head"])
def test_drips(name: str, served: Served) -> None:
    """Bytes come one by one with a pause between."""
    with open_to(served, name) as connection:
        start, got = time.monotonic(), []
        while time.monotonic() - start < 0.6:
            got.append(connection.recv(65536))
    drops = [data for data in got if len(data) == 1]
    assert 2 <= len(drops) <= 7
    assert (b"\r\n\r\n" in b"".join(got)) == (name == "drip-body")


def test_huge_head(served: Served, ask: Ask) -> None:
    """The head alone has about a mebibyte."""
    head = ask(url(served, "huge-head")).partition(b"\r\n\r\n")[0]
    assert len(head) > HUGE_HEAD * 0.99


def test_heads_that_confuse(served: Served, ask: Ask) -> None:
    """A 103 before the answer; and a head with folded, repeated, latin-1 and colonless lines."""
    assert ask(url(served, "early-hints")).startswith(b"HTTP/1.1 103 Early Hints\r\n")
    odd = ask(url(served, "odd-head"))
    for line in (b"\r\n\ttwo\r\n", b"caf\xe9", b"\r\nno colon here\r\n", b"Set-Cookie: a=1\r\nset-cookie: b=2"):
        assert line in odd
    assert odd.startswith(b"HTTP/1.1 200\r\n")


def test_no_feeds_and_no_sitemaps(served: Served, client: httpx.Client) -> None:
    """HTML under a feed's type, XML that ends too early, a sitemap without rows, and two that name each other."""
    page = client.get(url(served, "html-as-feed"))
    assert page.headers["content-type"] == "application/rss+xml"
    assert feedparser.parse(page.content).entries == []
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(client.get(url(served, "broken-xml")).content)
    assert len(etree.fromstring(client.get(url(served, "empty-sitemap")).content)) == 0
    circle = client.get(url(served, "sitemap-circle")).text
    assert url(served, "sitemap-circle-2") in circle
    assert url(served, "sitemap-circle") + "<" in client.get(url(served, "sitemap-circle-2")).text


def test_bodies_that_are_none(served: Served, client: httpx.Client) -> None:
    """Nothing at all, and bytes that are no text."""
    assert client.get(url(served, "zero")).content == b""
    assert b"\x00" in client.get(url(served, "binary")).content


def test_content_coding_that_fails(served: Served) -> None:
    """A gzip body broken in the middle, one that is no gzip, and one that swells beyond any limit."""
    with httpx.Client(trust_env=False) as client:
        for name in ("bad-gzip", "false-gzip"):
            with pytest.raises(httpx.DecodingError):
                client.get(url(served, name))
        with client.stream("GET", url(served, "bomb")) as response:
            small = b"".join(response.iter_raw())
    assert len(small) < 200_000
    assert len(gzip.decompress(small)) == BOMB
    assert zlib.decompressobj(31).decompress(small, 1000) == bytes(1000)


def test_statuses_that_say_when(served: Served, client: httpx.Client) -> None:
    """429 and 503 with Retry-After, one of them for a day; and a 500."""
    got = {name: client.get(url(served, name)) for name in ("429", "503", "503-long", "500")}
    assert [answer.status_code for answer in got.values()] == [429, 503, 503, 500]
    assert [got[name].headers["retry-after"] for name in ("429", "503", "503-long")] == ["1", "1", "86400"]


def test_redirects_to_where_none_should_go(served: Served, client: httpx.Client) -> None:
    """Redirects to private and metadata addresses, to a file, to a closed port, and round in a circle."""
    where = {name: client.get(url(served, name)).headers["location"] for name in NAMES if name.startswith("redirect")}
    assert where["redirect-private"].startswith("http://10.")
    assert where["redirect-metadata"].startswith("http://169.254.")
    assert where["redirect-file"].startswith("file:")
    assert where["redirect-loop"] == url(served, "redirect-loop-2")
    assert where["redirect-loop-2"] == url(served, "redirect-loop")
