"""Answers as bytes: framing, coding and validators, without a network."""

from __future__ import annotations

import gzip

from hypothesis import given
from hypothesis import strategies as st

from archive import http
from crawler.demo.answer import Answer, Request, chunked, etag, seal, wire
from crawler.demo.content import Framing, Habits

NOW = 1_462_350_000.0
PAGE = Answer(what="article", content_type="text/html", body=b"<p>text</p>" * 100, modified=NOW - 60, validated=True)


def get(*headers: tuple[str, str], method: str = "GET") -> Request:
    return Request(method, "/", headers, b"GET / HTTP/1.1\r\n\r\n")


@given(entity=st.binary(max_size=9000), odd=st.booleans(), size=st.integers(1, 5000))
def test_chunks_hold_the_entity(entity: bytes, odd: bool, size: int) -> None:
    """Whatever the entity and the size of chunks, a reader that takes them off has the entity again."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert http.entity(head + chunked(entity, odd=odd, size=size)) == entity


@given(entity=st.binary(max_size=9000), framing=st.sampled_from(["length", "chunked", "odd-chunks", "close"]))
def test_every_framing_holds_the_entity(entity: bytes, framing: Framing) -> None:
    """Head and body together are an answer from which the entity can be read."""
    sealed = seal(200, [("X-Some", "value")], entity, framing)
    assert http.entity(sealed.head + sealed.body) == entity == sealed.entity


def test_gzip_only_where_it_is_asked_for_and_worth_it() -> None:
    """A compressing outlet sends gzip to those who accept it, and never for a few bytes."""
    habits = Habits(gzip=True)
    asked = wire(PAGE, get(("Accept-Encoding", "br, gzip")), habits, "demo-1", NOW)
    assert gzip.decompress(asked.entity) == PAGE.body
    assert b"Content-Encoding: gzip" in asked.head
    assert wire(PAGE, get(), habits, "demo-1", NOW).entity == PAGE.body
    small = Answer(what="article", body=b"few")
    assert wire(small, get(("Accept-Encoding", "gzip")), habits, "demo-1", NOW).entity == b"few"


def test_equal_requests_get_equal_bytes() -> None:
    """Nothing but the exchange's id and the date tells two answers apart."""
    habits = Habits(gzip=True, etag=True, cookies=True)
    request = get(("Accept-Encoding", "gzip"))
    assert wire(PAGE, request, habits, "demo-1", NOW) == wire(PAGE, request, habits, "demo-1", NOW)


def test_not_modified() -> None:
    """If-None-Match decides before If-Modified-Since; without the habit neither does; 304 has no word on length."""
    habits = Habits(etag=True, gzip=True)
    later = ("If-Modified-Since", "Wed, 04 May 2016 12:00:00 GMT")
    tagged = wire(PAGE, get(("If-None-Match", etag(PAGE.body))), habits, "demo-1", NOW)
    assert (tagged.status, tagged.entity) == (304, b"")
    assert b"Content-" not in tagged.head
    assert etag(PAGE.body).encode() in tagged.head
    assert wire(PAGE, get(later), habits, "demo-1", NOW).status == 304
    assert wire(PAGE, get(later, ("If-None-Match", '"x"')), habits, "demo-1", NOW).status == 200
    assert wire(PAGE, get(later), Habits(), "demo-1", NOW).status == 200
    assert wire(PAGE, get(("If-Modified-Since", "nonsense")), habits, "demo-1", NOW).status == 200


def test_head_has_the_head_of_get() -> None:
    """A HEAD request gets the same head, byte for byte, and no body."""
    whole = wire(PAGE, get(), Habits(), "demo-1", NOW)
    alone = wire(PAGE, get(method="HEAD"), Habits(), "demo-1", NOW)
    assert alone.head == whole.head == alone.response
    assert whole.response == whole.head + PAGE.body


def test_the_connection_ends_when_either_side_wants_it() -> None:
    """Connection: close, HTTP/1.0 and bodies that end with the connection close it; else it stays."""
    assert wire(PAGE, get(), Habits(), "demo-1", NOW).end == "keep"
    assert wire(PAGE, get(("connection", "Close")), Habits(), "demo-1", NOW).end == "close"
    assert wire(PAGE, get(), Habits(framing="close"), "demo-1", NOW).end == "close"
    old = Request("GET", "/", (), b"GET / HTTP/1.0\r\n\r\n")
    assert wire(PAGE, old, Habits(), "demo-1", NOW).end == "close"
