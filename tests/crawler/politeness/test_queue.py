"""The queue: hosts that must wait take no places from those that need not."""

from __future__ import annotations

from pathlib import Path

from tests.crawler.capture.server import RawServer, Script, answer
from tests.crawler.driver import Ask, Job, crawl

DEADLINE = 2.5


def silent_on_slow_hosts(exchange: object) -> list[bytes | float | str]:
    return [30.0] if getattr(exchange, "host", "").startswith("127.0.10.") else [answer(b"", "404 Not Found")]


def test_slow_robots_hold_nobody_up(tmp_path: Path) -> None:
    """Hosts whose robots.txt does not come, with many pages each, leave room for pages found later on other hosts."""
    scripts: dict[str, Script] = {f"/{n}": [answer(b"ok")] for n in range(10)}
    with RawServer({**scripts, "/robots.txt": silent_on_slow_hosts}) as server:
        slow = [Ask(server.url(f"/{n}", f"127.0.10.{host}")) for n in range(10) for host in (1, 2)]
        first = server.url("/0", "127.0.11.1")
        later = [server.url(f"/{n}", "127.0.11.2") for n in range(10)]
        crawl_settings = {"concurrency": 6, "deadline": DEADLINE, "retries": 0}
        result = crawl(Job([*slow, Ask(first)], crawl=crawl_settings, follow={first: later}), tmp_path)
    quick = [result.outcome(url).after for url in later]
    hung = [result.outcome(ask.url).after for ask in slow]
    assert max(quick) < min(hung)
    assert {result.outcome(ask.url).cause for ask in slow} == {"robots-unreachable"}


def test_paused_hosts_hold_nobody_up(tmp_path: Path) -> None:
    """A host that asked for a pause, with many pages, leaves room for others; its own pages come afterwards."""
    busy = iter([[answer(b"", "429 Slow", head=b"Retry-After: 2\r\n")]])
    scripts: dict[str, Script] = {f"/{n}": [answer(b"ok")] for n in range(10)}
    scripts["/busy"] = lambda _: next(busy, [answer(b"ok")])
    with RawServer(scripts) as server:
        paused = [server.url(path, "127.0.12.1") for path in ("/busy", *[f"/{n}" for n in range(10)])]
        first = server.url("/0", "127.0.12.2")
        later = [server.url(f"/{n}", "127.0.12.3") for n in range(10)]
        asks = [Ask(url, {"robots_policy": "ignore"}) for url in (*paused, first)]
        result = crawl(Job(asks, crawl={"concurrency": 4}, follow={first: later}), tmp_path)
    assert max(result.outcome(url).after for url in later) < min(result.outcome(url).after for url in paused)
    assert {outcome.status for outcome in result.outcomes} == {200}
