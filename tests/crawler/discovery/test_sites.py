"""Which addresses belong to an outlet."""

from __future__ import annotations

import socket

import pytest

from crawler.discovery.sites import name_of, registrable, scope, scope_of
from settings.outlet import Follow, Outlet


@pytest.mark.parametrize(
    ("home", "url", "belongs"),
    [
        ("https://www.example.com/", "http://example.com/a", True),
        ("https://www.example.com/", "https://sport.example.com/a", True),
        ("https://www.example.co.uk/", "https://other.co.uk/a", False),
        ("https://www.example.com/", "https://example.org/a", False),
        ("https://ar.example.com/", "https://ar.example.com/a", True),
        ("https://ar.example.com/", "https://m.ar.example.com/a", True),
        ("https://ar.example.com/", "https://fr.example.com/a", False),
        ("https://one.blogspot.com/", "https://two.blogspot.com/a", False),
        ("http://alfajr.test/", "http://www.alfajr.test/a", True),
        ("http://alfajr.test/", "http://annahar.test/a", False),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001/a", True),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8002/a", False),
        ("http://[::1]:8001/", "http://[::1]:8001/a", True),
        ("https://example.com/", "mailto:a@example.com", False),
    ],
)
def test_scope(home: str, url: str, belongs: bool) -> None:
    """A registrable domain with all its hosts, a host of its own, or, without a public suffix, host and port."""
    assert scope_of(home).has(url) is belongs


def test_feeds_may_name_neighbouring_hosts() -> None:
    """What an outlet's own feed names on a neighbouring host of the domain is the outlet's."""
    assert scope_of("https://ar.example.com/").has("https://cdn-news.example.com/a", named=True)
    assert not scope_of("https://ar.example.com/").has("https://elsewhere.com/a", named=True)


def test_further_hosts_of_the_outlets_file() -> None:
    """Hosts that the outlet's file names belong to it."""
    outlet = Outlet(id="x", name="x", home="https://x.com/", follow=Follow(hosts=("News.X-media.net",)))
    assert scope(outlet).has("https://news.x-media.net/a")
    assert not scope(outlet).has("https://x-media.net/a")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.bbc.co.uk", "bbc"),
        ("ar.example.com", "ar.example"),
        ("jarida.blogspot.com", "jarida"),
        ("alfajr.test", "alfajr"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
    ],
)
def test_name_of(host: str, name: str) -> None:
    """A host is called by what stands before its public suffix."""
    assert name_of(host) == name


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of public suffixes is the bundled one: nothing is fetched."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert registrable("a.b.example.com.tn") == "example.com.tn"
