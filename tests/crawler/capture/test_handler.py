"""The handler within a crawl: what it needs, what it waits for, how it ends."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from tests.crawler.capture.server import RawServer, Script, answer
from tests.crawler.driver import Ask, Job, crawl

IGNORE = {"robots_policy": "ignore"}


def many(count: int) -> dict[str, Script]:
    return {f"/{n}": [answer(b"ok")] for n in range(count)}


def gaps(server: RawServer) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(e.arrived for e in server.log))]


def test_no_sink_no_fetch(tmp_path: Path) -> None:
    """Without a sink nothing is fetched, and the error names the fix."""
    with RawServer(many(1)) as server:
        result = crawl(Job([Ask(server.url("/0"), IGNORE)], sink=False), tmp_path)
        assert server.accepted == 0
    [outcome] = result.outcomes
    assert outcome.error == "NotSupported"
    assert "crawler.capture_sink" in outcome.message


def test_disk_full_goes_on_as_it_is(tmp_path: Path) -> None:
    """What the sink raises reaches whoever asked, unchanged, and nobody sees the response."""
    with RawServer(many(1)) as server:
        result = crawl(Job([Ask(server.url("/0"), IGNORE)], keep_fails=True), tmp_path)
    [outcome] = result.outcomes
    assert (outcome.error, outcome.message, outcome.status) == ("DiskFull", "no room", None)


def test_slow_archive_holds_the_crawl_back(tmp_path: Path) -> None:
    """The next page of a host waits until the last one is kept."""
    with RawServer(many(3)) as server:
        asks = [Ask(server.url(path), IGNORE) for path in server.scripts]
        crawl(Job(asks, keep_takes=0.3), tmp_path)
        assert min(gaps(server)) >= 0.28


def test_delay_as_the_server_sees_it(tmp_path: Path) -> None:
    """Over two crawlers in one process that share a gate: no interval at the server is shorter than the delay."""
    with RawServer(many(12)) as server:
        asks = [Ask(server.url(path), IGNORE) for path in server.scripts]
        crawl(Job(asks, crawl={"delay": 0.15}, crawlers=2), tmp_path)
        assert len(server.log) == 12
        assert min(gaps(server)) >= 0.15 * 0.99
        assert sorted(gaps(server))[5] < 0.15 * 1.5  # and it is not much longer either


def test_ports_of_a_host_share_its_pace(tmp_path: Path) -> None:
    """Two servers on one host are one host to the gate."""
    with RawServer(many(4)) as first, RawServer(many(4)) as second:
        asks = [Ask(server.url(path), IGNORE) for path in many(4) for server in (first, second)]
        crawl(Job(asks, crawl={"delay": 0.15}), tmp_path)
        arrived = sorted(e.arrived for server in (first, second) for e in server.log)
    assert min(later - earlier for earlier, later in pairwise(arrived)) >= 0.15 * 0.99


def test_stopping_does_not_wait_for_the_queue(tmp_path: Path) -> None:
    """A crawl that is told to stop ends soon, though requests wait at the gate; those say why they were not asked."""
    with RawServer(many(20)) as server:
        asks = [Ask(server.url(path), IGNORE) for path in server.scripts]
        began = time.monotonic()
        result = crawl(Job(asks, crawl={"delay": 5.0}, stop_after=0.7), tmp_path)
        assert time.monotonic() - began < 12
        assert len(server.log) == 1
    dropped = [outcome for outcome in result.outcomes if outcome.error]
    assert {(outcome.error, outcome.cause) for outcome in dropped} == {("NotAsked", "stopping")}
    assert result.failures == []
    assert result.seconds < 5


def test_counts(tmp_path: Path) -> None:
    """Scrapy's statistics tell what was kept, cut and failed."""
    scripts: dict[str, Script] = {
        "/ok": [answer(b"ok")],
        "/cut": [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n.", "close"],
    }
    with RawServer({**scripts, "/none": ["close"]}) as server:
        asks = [Ask(server.url(path), IGNORE) for path in server.scripts]
        stats = crawl(Job(asks, crawl={"retries": 0}), tmp_path).stats
    assert stats["capture/kept"] == 2
    assert stats["capture/truncated/disconnect"] == 1
    assert stats["capture/failed/connection"] == 1
    assert stats["capture/bytes"] == len(answer(b"ok")) + len(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n.")


def test_secrets_in_an_address(tmp_path: Path) -> None:
    """An address with a password in it is a Failure, and the password is kept nowhere."""
    result = crawl(Job([Ask("http://user:canary@127.0.0.1:1/", IGNORE)]), tmp_path)
    [failure], [outcome] = result.failures, result.outcomes
    assert (failure.cause, outcome.error, outcome.failed) == ("invalid", "InvalidAddress", "invalid")
    assert failure.url == "http://127.0.0.1:1/"
    assert "canary" not in failure.message + outcome.message


def test_proxies_are_refused(tmp_path: Path) -> None:
    """A request through a proxy is refused: what came would be the proxy's words."""
    with RawServer(many(1)) as server:
        meta = {**IGNORE, "proxy": server.url("")}
        result = crawl(Job([Ask("http://page.example/", meta)]), tmp_path)
        assert server.accepted == 0
    assert result.failures[0].cause == "invalid"
    assert "prox" in result.failures[0].message


def test_proxies_of_the_environment_are_not_used(tmp_path: Path) -> None:
    """http_proxy does not lead our requests past the guard."""
    with RawServer(many(1)) as server, RawServer({}) as proxy:
        env = {"http_proxy": proxy.url(""), "HTTP_PROXY": proxy.url("")}
        result = crawl(Job([Ask(server.url("/0"), IGNORE)]), tmp_path, env=env)
        assert proxy.accepted == 0
    assert result.outcomes[0].status == 200


def test_no_listening_sockets(tmp_path: Path) -> None:
    """A crawl listens on nothing: telnet console and remote control are off."""
    job = Job([], settings={"EXTENSIONS": {"tests.crawler.capture.test_handler.Listeners": 0}})
    assert "listening: []" in crawl(job, tmp_path).log


class Listeners:
    """A Scrapy extension that logs the sockets on which its process listens."""

    @classmethod
    def from_crawler(cls, crawler: object) -> Listeners:
        from scrapy import signals

        made = cls()
        crawler.signals.connect(made.look, signals.engine_started)  # type: ignore[attr-defined]
        return made

    def look(self) -> None:
        import logging

        mine = {link.readlink().name for link in Path("/proc/self/fd").iterdir() if link.exists() or link.is_symlink()}
        rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
        listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine]
        logging.getLogger(__name__).info("listening: %s", listening)


def test_plain_scrapy_shell_reads_the_site(tmp_path: Path) -> None:
    """Without attributes on the Crawler, Site and gate come from warraq.toml."""
    (tmp_path / "warraq.toml").write_text('contact = "https://archive.example/"\n[crawl]\ndelay = 7.5\n')
    code = """
from types import SimpleNamespace
from crawler.capture.handler import gate_of, site_of
crawler = SimpleNamespace()
site = site_of(crawler)
gate = gate_of(crawler, site)
assert gate is gate_of(crawler, site) and site is site_of(crawler)
print(site.contact, gate.interval("any.example"))
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["https://archive.example/", "7.5"]
