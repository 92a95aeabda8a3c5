"""Redirects: how far, where to, and what goes along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawler.capture.server import RawServer, Script, answer
from tests.crawler.driver import Ask, Job, Result, crawl

IGNORE = {"robots_policy": "ignore"}
CANARY = {"Authorization": "Bearer canary-1", "Cookie": "sid=canary-2"}
ODD_SCHEMES = [
    "file:///etc/hostname",
    "data:text/plain,hi",
    "ftp://127.0.0.1/x",
    "s3://bucket/key",
    "javascript:alert(1)",
]
NO_ADDRESSES = ["http://127.0.0.1:99999/", "http://[::1", "http://127.0.0.1:x/"]


def to(location: str, status: str = "302 Found") -> Script:
    return [answer(b"moved", status, head=f"Location: {location}\r\n".encode())]


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    scripts: dict[str, Script] = {
        "/loop": to("/loop"),
        "/ping": to("/pong"),
        "/pong": to("/ping"),
        "/end": [answer(b"end")],
        "/nowhere": [answer(b"moved", "302 Found")],
        "/refresh": [answer(b'<meta http-equiv="refresh" content="0;url=/end">', head=b"Content-Type: text/html\r\n")],
        **{f"/chain/{n}": to(f"/chain/{n + 1}" if n < 10 else "/end") for n in range(1, 11)},
        **{f"/odd/{n}": to(location) for n, location in enumerate(ODD_SCHEMES)},
        **{f"/bad/{n}": to(location) for n, location in enumerate(NO_ADDRESSES)},
    }
    with RawServer(scripts) as server:
        server.scripts["/away"] = to(server.url("/end", "127.0.9.2"))
        yield server


@pytest.fixture(scope="module")
def result(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Result:
    paths = ["/loop", "/ping", "/chain/1", "/nowhere", "/refresh", *[f"/odd/{n}" for n in range(len(ODD_SCHEMES))]]
    asks = [Ask(server.url(path), IGNORE) for path in paths]
    asks += [Ask(server.url(f"/bad/{n}"), IGNORE) for n in range(len(NO_ADDRESSES))]
    asks += [Ask(server.url("/away"), IGNORE, headers=CANARY)]
    asks += [Ask(location, IGNORE) for location in ODD_SCHEMES[:4]]
    return crawl(Job(asks), tmp_path_factory.mktemp("redirects"))


@pytest.mark.parametrize("path", ["/loop", "/ping"])
def test_loops_are_left(server: RawServer, result: Result, path: str) -> None:
    """A loop is left after ten hops, each of them kept, and the end is a Failure."""
    outcome = result.outcome(server.url(path))
    assert (outcome.error, outcome.cause) == ("TooManyRedirects", "too-many-redirects")
    hops = [e for e in server.log if e.path in {path, "/pong" if path == "/ping" else path}]
    assert len(hops) == 11
    [failure] = [f for f in result.failures if f.url in {server.url(path), server.url("/pong")} and path in f.message]
    assert failure.cause == "too-many-redirects"
    assert failure.provenance.via is not None


def test_ten_hops_arrive(server: RawServer, result: Result) -> None:
    """A chain of ten redirects is followed to its end."""
    assert result.outcome(server.url("/chain/1")).body == b"end"


@pytest.mark.parametrize("number", range(len(ODD_SCHEMES)))
def test_other_schemes_are_not_followed(server: RawServer, result: Result, number: int) -> None:
    """A redirect to anything but http and https is an answer, not a way."""
    assert result.outcome(server.url(f"/odd/{number}")).status == 302


@pytest.mark.parametrize("number", range(len(NO_ADDRESSES)))
def test_no_address_is_not_followed(server: RawServer, result: Result, number: int) -> None:
    """A redirect to what is no address is an answer, or a Failure that says so."""
    outcome = result.outcome(server.url(f"/bad/{number}"))
    assert outcome.status == 302 or outcome.failed == "invalid"


@pytest.mark.parametrize("location", ODD_SCHEMES[:4])
def test_other_schemes_have_no_handler(result: Result, location: str) -> None:
    """Asked for directly, other schemes open nothing either."""
    assert result.outcome(location).error == "NotSupported"


def test_credentials_stay(server: RawServer, result: Result) -> None:
    """Credentials are not sent on to another origin."""
    assert b"canary-1" in server.only("/away").request
    [away] = [e for e in server.log if e.host == "127.0.9.2"]
    assert b"canary" not in away.request
    assert not [c for c in result.captures if b"canary" in c.request]


def test_pages_that_refresh_are_pages(server: RawServer, result: Result) -> None:
    """A meta refresh is not followed: the page is kept as it is."""
    assert b"refresh" in result.outcome(server.url("/refresh")).body


def test_no_location(server: RawServer, result: Result) -> None:
    """A redirect to nowhere is an answer."""
    assert result.outcome(server.url("/nowhere")).status == 302
