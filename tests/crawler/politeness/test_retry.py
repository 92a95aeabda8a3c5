"""Asking again, and how long a host is left alone before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from tests.crawler.capture.server import CLOSE, Exchange, RawServer, Script, Step, answer
from tests.crawler.driver import Ask, Job, Result, crawl

DELAY = 0.2
IGNORE = {"robots_policy": "ignore"}
_seen: dict[str, int] = {}


def first_then(first: list[Step], then: list[Step]) -> Script:
    """Answer the first request on a host in one way, later ones in another."""

    def script(exchange: Exchange) -> list[Step]:
        key = f"{exchange.host}{exchange.path}"
        _seen[key] = _seen.get(key, 0) + 1
        return first if _seen[key] == 1 else then

    return script


def in_two_seconds(exchange: Exchange) -> list[Step]:
    key = f"{exchange.host}{exchange.path}"
    _seen[key] = _seen.get(key, 0) + 1
    moment = format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3), usegmt=True)
    return [answer(b"", "503 Busy", head=f"Retry-After: {moment}\r\n".encode())] if _seen[key] == 1 else OK


OK: list[Step] = [answer(b"ok")]
PLEASE = b"Retry-After: 2\r\n"
SCRIPTS: dict[str, Script] = {
    "/429": first_then([answer(b"", "429 Slow", head=PLEASE)], OK),
    "/date": in_two_seconds,
    "/503": first_then([answer(b"", "503 Busy")], OK),
    "/dies": first_then([CLOSE], OK),
    "/short": [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", CLOSE],
    "/always": [answer(b"still broken", "500 Oh No")],
    "/last-429": [answer(b"", "429 Slow", head=b"Retry-After: 1\r\n")],
    "/long": [answer(b"", "429 Slow", head=b"Retry-After: 86400\r\n")],
    "/404": [answer(b"", "404 Not Found", head=PLEASE)],
    "/page": OK,
}
HOSTS = {path: f"127.0.8.{number}" for number, path in enumerate(SCRIPTS, 1)}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(SCRIPTS) as server:
        yield server


@pytest.fixture(scope="module")
def result(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Result:
    asks = [Ask(server.url(path, host), IGNORE) for path, host in HOSTS.items()]
    asks += [Ask(server.url("/page", HOSTS[path]), IGNORE) for path in HOSTS if path != "/page"]
    asks += [Ask(server.url("/refused", "127.0.8.99").replace(str(server.port), "1"), IGNORE)]
    asks += [Ask("http://no.such.name.example/", IGNORE)]
    job = Job(asks, crawl={"delay": DELAY, "retries": 2, "max_retry_after": 10.0})
    return crawl(job, tmp_path_factory.mktemp("retry"))


def times(server: RawServer, path: str) -> list[float]:
    """When a path's host was asked, in order."""
    return [e.arrived for e in server.log if e.host == HOSTS[path]]


@pytest.mark.parametrize("path", ["/429", "/date", "/503", "/dies"])
def test_passing_failures_are_tried_again(server: RawServer, result: Result, path: str) -> None:
    """What failed in passing is asked again, and each try is kept or recorded."""
    assert result.outcome(server.url(path, HOSTS[path])).status == 200
    url = server.url(path, HOSTS[path])
    tries = [c.url for c in result.captures if c.url == url] + [f.url for f in result.failures if f.url == url]
    assert len(tries) == 2


@pytest.mark.parametrize(("path", "least"), [("/429", 2.0), ("/date", 2.0), ("/last-429", 1.0)])
def test_retry_after_is_waited_for(server: RawServer, result: Result, path: str, least: float) -> None:
    """After Retry-After, in seconds or as a date, nothing at all is asked of the host for that long."""
    first, second, *_ = times(server, path)
    assert second - first >= least * 0.99
    assert second - first < least + 4.0


def test_backing_off(server: RawServer, result: Result) -> None:
    """Without Retry-After the host rests for at least twice its delay, and longer with each try."""
    asked = [e.arrived for e in server.log if e.path == "/always"]
    assert len(asked) == 3
    first, second = (later - earlier for earlier, later in pairwise(asked))
    assert first >= 2 * DELAY
    assert second >= 4 * DELAY


def test_tries_end(server: RawServer, result: Result) -> None:
    """After crawl.retries more tries the spider gets the last answer."""
    outcome = result.outcome(server.url("/always", HOSTS["/always"]))
    assert (outcome.status, outcome.body) == (500, b"still broken")
    assert len([c for c in result.captures if c.url.endswith("/always")]) == 3


def test_what_is_cut_is_not_tried_again(server: RawServer, result: Result) -> None:
    """A cut body is an answer: flagged, kept once, not asked for again."""
    assert len([e for e in server.log if e.path == "/short"]) == 1
    assert result.outcome(server.url("/short", HOSTS["/short"])).flags == ["partial"]


def test_a_404_is_final(server: RawServer, result: Result) -> None:
    """A page that is gone is neither asked for again nor a reason to pause."""
    assert len([e for e in server.log if e.path == "/404"]) == 1


def test_a_long_pause_gives_the_host_up(server: RawServer, result: Result) -> None:
    """Longer than crawl.max_retry_after: the host is left for a later run, the answer is kept, the reason is logged."""
    assert result.outcome(server.url("/long", HOSTS["/long"])).status == 429
    later = result.outcome(server.url("/page", HOSTS["/long"]))
    assert (later.error, later.cause) == ("NotAsked", "host-given-up")
    assert "max_retry_after" in later.message
    assert len(times(server, "/long")) == 1
    assert "left for a later run" in result.log


def test_other_hosts_do_not_wait(server: RawServer, result: Result) -> None:
    """While hosts are paused, the page of another host comes at once."""
    other = result.outcome(server.url("/page", HOSTS["/page"])).after
    assert other < result.outcome(server.url("/429", HOSTS["/429"])).after
    assert other < result.outcome(server.url("/date", HOSTS["/date"])).after


@pytest.mark.parametrize(("start", "cause", "error"), [
    ("http://127.0.8.99:1/", "refused", "DownloadConnectionRefusedError"),
    ("http://no.such.name.example/", "dns", "CannotResolveHostError"),
])  # fmt: skip
def test_hosts_that_are_not_there(result: Result, start: str, cause: str, error: str) -> None:
    """A refused connection and an unknown name are Failures, one for each try."""
    outcomes = [outcome for outcome in result.outcomes if outcome.asked.startswith(start)]
    assert [(outcome.error, outcome.failed) for outcome in outcomes] == [(error, cause)]
    assert [f.cause for f in result.failures if f.url.startswith(start)] == [cause] * 3
