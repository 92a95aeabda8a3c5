"""What a Scrapy request means on the wire."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from archive.capture import Provenance
from crawler.capture.request import masked, provenance, target, wire_headers
from crawler.errors import InvalidAddress

GIVEN = Provenance(outlet="herald", run="r1", why="article", via="http://feed.example/")
BARE: Any = SimpleNamespace()


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://a.example", b"a.example", b"/"),
        ("http://A.example/x;y?q=1&r", b"a.example", b"/x;y?q=1&r"),
        ("https://a.example:443/x", b"a.example", b"/x"),
        ("https://a.example:80/x", b"a.example:80", b"/x"),
        ("http://a.example:8080/x#part", b"a.example:8080", b"/x"),
        ("http://a.example?q=1", b"a.example", b"/?q=1"),
        ("http://[::1]:8080//x//", b"[::1]:8080", b"//x//"),
        ("http://xn--mgb.example/%D8%A7", b"xn--mgb.example", b"/%D8%A7"),
    ],
)
def test_target(url: str, authority: bytes, path: bytes) -> None:
    """Host header and request target are the address's own, byte for byte."""
    to = target(Request(url))
    assert (to.authority, to.path) == (authority, path)
    assert "#" not in to.url


@pytest.mark.parametrize("url", ["http:///x", "ftp://a.example/", "data:,x"])
def test_no_target(url: str) -> None:
    """What has no host or another scheme cannot be asked for."""
    with pytest.raises(InvalidAddress):
        target(Request(url))


@pytest.mark.parametrize("url", ["http://user:canary@a.example/", "http://canary@a.example/x?y"])
def test_secrets_in_addresses(url: str) -> None:
    """A name and password in an address is refused, and the message does not repeat it."""
    with pytest.raises(InvalidAddress) as caught:
        target(Request(url))
    assert "canary" not in caught.value.message


def test_host_comes_first() -> None:
    """Host is sent first, unless the request has its own."""
    request = Request("http://a.example/", headers={"X": "1"})
    assert next(iter(wire_headers(request, target(request)).getAllRawHeaders())) == (b"Host", [b"a.example"])
    own = Request("http://a.example/", headers={"Host": "b.example"})
    assert dict(wire_headers(own, target(own)).getAllRawHeaders())[b"Host"] == [b"b.example"]


def test_provenance_as_given() -> None:
    """What the asker says stands."""
    assert provenance(Request("http://a.example/", meta={"provenance": GIVEN}), BARE) == GIVEN


def test_provenance_of_a_redirect() -> None:
    """A redirect's target came by the address before it, for the first reason."""
    meta = {"provenance": GIVEN, "redirect_urls": ["http://a.example/1", "http://a.example/2"], "robots": "none"}
    found = provenance(Request("http://a.example/3", meta=meta), BARE)
    assert found == replace(GIVEN, via="http://a.example/2", robots="none")


def test_provenance_of_robots_txt() -> None:
    """Scrapy's own request for robots.txt is told by its meta; its robots decision stays `exempt`."""
    meta = {"dont_obey_robotstxt": True, "robots": "allowed"}
    found = provenance(Request("http://a.example/robots.txt", meta=meta), BARE)
    assert (found.why, found.robots) == ("robots", "exempt")


def test_default_provenance() -> None:
    """A request without provenance gets the crawler's, or an empty one."""
    crawler: Any = SimpleNamespace(default_provenance=lambda request: replace(GIVEN, via=request.url))
    assert provenance(Request("http://a.example/"), crawler) == replace(GIVEN, via="http://a.example/")
    assert provenance(Request("http://a.example/"), BARE) == Provenance(outlet="", run="", why="add")


def test_masked() -> None:
    """Credentials are masked in any case and number; what only looks like them, and the body, is left."""
    sent = b"POST / HTTP/1.1\r\nauthorization:Basic x\r\nCOOKIE: a=1; b=2\r\nX-Cookie: c\r\n\r\nCookie: in the body"
    kept = b"POST / HTTP/1.1\r\nauthorization:[masked]\r\nCOOKIE: [masked]\r\nX-Cookie: c\r\n\r\nCookie: in the body"
    assert masked(sent) == kept
    assert masked(kept) == kept


@given(st.binary())
def test_masking_twice_is_masking_once(sent: bytes) -> None:
    """Masking never raises, and is done when it is done."""
    assert masked(masked(sent)) == masked(sent)
