"""Caps and the deadline: what is cut is kept and marked, and the fetch ends in time."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from crawler.capture.tee import MAX_HEAD, MAX_HEAD_LINES
from tests.crawler.capture.server import CLOSE, RawServer, Script, Step, answer
from tests.crawler.driver import Ask, Job, Outcome, Result, crawl

DEADLINE = 1.5
MAX_BODY = 100_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
HINT = b"HTTP/1.1 103 Early Hints\r\n\r\n"


def drip(start: bytes, piece: bytes) -> list[Step]:
    """Say a little, for ever."""
    return [start, *[step for _ in range(200) for step in (piece, 0.1)]]


TOO_LARGE: dict[str, Script] = {
    "/endless-head": [HEAD, *[b"X-%06d: %b\r\n" % (n, b"v" * 1000) for n in range(1200)]],
    "/endless-line": [HEAD, b"X-Endless: ", *[b"v" * 10_000] * 40],
    "/many-lines": [HEAD + b"X: y\r\n" * (MAX_HEAD_LINES + 1) + b"Content-Length: 2\r\n\r\nok"],
    "/many-interim": [HINT * 20_000, answer(b"late")],
    "/endless-body": [HEAD + b"\r\n", *[b"b" * 10_000] * 100],
    "/endless-chunks": [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"3e8\r\n" + b"c" * 1000 + b"\r\n"] * 1000],
    "/long-body": [HEAD + b"Content-Length: 1000000\r\n\r\n", *[b"b" * 10_000] * 100],
    "/one-byte-over": [answer(b"b" * (MAX_BODY + 1))],
}
TOO_LONG: dict[str, Script] = {
    "/drip-body": drip(HEAD + b"Content-Length: 1000\r\n\r\n", b"."),
    "/drip-chunks": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n"),
    "/drip-head": drip(HEAD, b"X: y\r\n"),
    "/drip-status": drip(b"HTTP/1.1 200 ", b"o"),
}
NO_ANSWER: dict[str, Script] = {"/silence": [30.0, CLOSE], "/only-hints": drip(HINT, HINT)}
FITTING: dict[str, Script] = {
    "/head-fits": [answer(b"ok", head=b"X: y\r\n" * (MAX_HEAD_LINES - 3))],
    "/line-fits": [answer(b"ok", head=b"X: " + b"y" * (MAX_HEAD - 200) + b"\r\n")],
}
HOSTS = {path: f"127.0.3.{number}" for number, path in enumerate([*TOO_LARGE, *TOO_LONG, *NO_ANSWER, *FITTING], 1)}
"""A host each, since one host is asked one thing at a time."""


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer({**TOO_LARGE, **TOO_LONG, **NO_ANSWER, **FITTING, "/quick": [answer(b"q")]}) as server:
        yield server


@pytest.fixture(scope="module")
def result(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Result:
    asks = [Ask(server.url(path, host)) for path, host in HOSTS.items()]
    asks += [Ask(server.url(f"/quick?{n}", f"127.0.4.{n % 4}")) for n in range(40)]
    server.scripts |= {f"/quick?{n}": [answer(b"q")] for n in range(40)}
    job = Job(asks, crawl={"max_body": MAX_BODY, "deadline": DEADLINE, "retries": 0})
    return crawl(job, tmp_path_factory.mktemp("limits"))


def outcome(server: RawServer, result: Result, path: str) -> Outcome:
    return result.outcome(server.url(path, HOSTS[path]))


@pytest.mark.parametrize("path", TOO_LARGE)
def test_too_large(server: RawServer, result: Result, path: str) -> None:
    """More than a cap allows is hung up on; the bytes up to the cap are kept, marked `length`."""
    capture, seen = result.capture(server.url(path, HOSTS[path])), server.only(path)
    assert capture.truncated == "length"
    raw = capture.interim + capture.response
    assert bytes(seen.sent).startswith(raw) or raw.startswith(bytes(seen.sent))  # the server may not get rid of it all
    assert len(raw) <= MAX_HEAD + MAX_BODY


@pytest.mark.parametrize("path", ["/endless-body", "/endless-chunks", "/long-body", "/one-byte-over"])
def test_body_up_to_the_cap(server: RawServer, result: Result, path: str) -> None:
    """Exactly crawl.max_body bytes of a body are kept, and the spider gets them flagged."""
    response = result.capture(server.url(path, HOSTS[path])).response
    assert len(response) - (response.index(b"\r\n\r\n") + 4) == MAX_BODY
    assert outcome(server, result, path).flags == ["partial"]
    assert outcome(server, result, path).status == 200


@pytest.mark.parametrize("path", ["/endless-head", "/endless-line", "/many-lines", "/many-interim"])
def test_head_up_to_the_cap(server: RawServer, result: Result, path: str) -> None:
    """A head beyond the cap is an error that is not asked for again; no head grows memory without bound."""
    if path == "/many-interim":
        assert not result.capture(server.url(path, HOSTS[path])).response.startswith(b"HTTP/1.1 200")
    assert outcome(server, result, path).error == "UnreadableAnswer"
    assert outcome(server, result, path).record is not None


@pytest.mark.parametrize("path", TOO_LONG)
def test_too_long(server: RawServer, result: Result, path: str) -> None:
    """What came until the deadline is kept, marked `time`, even where the head never ended."""
    capture = result.capture(server.url(path, HOSTS[path]))
    assert capture.truncated == "time"
    assert len(capture.response) > 10
    assert bytes(server.only(path).sent).startswith(capture.response)
    assert outcome(server, result, path).error == "DownloadTimeoutError"
    assert outcome(server, result, path).record is not None


@pytest.mark.parametrize("path", NO_ANSWER)
def test_no_answer(server: RawServer, result: Result, path: str) -> None:
    """Silence until the deadline is a Failure."""
    assert result.failure(server.url(path, HOSTS[path])).cause == "timeout"
    assert outcome(server, result, path).error == "DownloadTimeoutError"


@pytest.mark.parametrize("path", FITTING)
def test_large_heads_are_read(server: RawServer, result: Result, path: str) -> None:
    """Heads up to the caps are read, also with lines that Twisted alone would hang up on."""
    assert outcome(server, result, path).body == b"ok"
    assert result.capture(server.url(path, HOSTS[path])).truncated is None


def test_ends_in_time(result: Result) -> None:
    """Each fetch ends within a second of the deadline (two exchanges a host: robots.txt and the page)."""
    assert max(outcome.after for outcome in result.outcomes) < 5 + DEADLINE + 1  # 5: start of the process
    assert result.seconds < 5 + DEADLINE + 1


def test_slow_hosts_hold_nobody_up(server: RawServer, result: Result) -> None:
    """While drip hosts hang, the pages of other hosts come."""
    quick = [outcome for outcome in result.outcomes if "/quick" in outcome.asked]
    slow = min(outcome(server, result, path).after for path in TOO_LONG)
    assert len(quick) == 40
    assert max(outcome.after for outcome in quick) < slow


@pytest.mark.parametrize("path", ["/flood", "/endless", "/bomb"])
def test_memory(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    """Floods of headers, bodies and unpacked bytes cost bounded memory with the settings that crawls have."""
    scripts: dict[str, Script] = {
        "/flood": [HEAD, *[b"X: " + b"y" * 60_000 + b"\r\n"] * 2000],
        "/endless": [HEAD + b"\r\n", *[b"b" * 65_536] * 700],
        "/bomb": [answer(gzip.compress(bytes(256 << 20), 1), head=b"Content-Encoding: gzip\r\n")],
    }
    with RawServer(scripts) as server:
        asks = [Ask(server.url(path), meta={"robots_policy": "ignore"})]
        result = crawl(Job(asks, crawl={"retries": 0}), tmp_path_factory.mktemp("memory"))
    assert len(result.captures) == 1
    assert result.peak <= 250
    assert path != "/flood" or result.peak <= 120


def test_waiting_at_the_gate_is_not_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A request that waits longer for its turn than the deadline is still fetched."""
    paths = ["/1", "/2", "/3"]
    with RawServer({path: [answer(b"ok")] for path in paths}) as server:
        asks = [Ask(server.url(path), meta={"robots_policy": "ignore"}) for path in paths]
        job = Job(asks, crawl={"deadline": 0.4, "delay": 0.7, "retries": 0})
        result = crawl(job, tmp_path_factory.mktemp("gate"))
    assert [outcome.status for outcome in result.outcomes] == [200, 200, 200]


def test_shorter_deadline_of_a_request(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A request's own download_timeout may shorten the deadline."""
    with RawServer({"/silence": [30.0, CLOSE]}) as server:
        ask = Ask(server.url("/silence"), meta={"download_timeout": 0.3, "robots_policy": "ignore"})
        result = crawl(Job([ask], crawl={"retries": 0}), tmp_path_factory.mktemp("own"))
        assert result.failure(server.url("/silence")).cause == "timeout"
