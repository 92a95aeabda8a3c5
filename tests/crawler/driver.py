"""Crawls what a job says, in a process of its own (a reactor runs once), and writes down what came of it."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.capture import Capture, Failure, RecordRef
from settings.site import CrawlSettings, Site


@dataclass
class Ask:
    """One request of a job."""

    url: str
    meta: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""


@dataclass
class Job:
    """What to crawl, and how."""

    asks: Sequence[Ask]
    crawl: dict[str, Any] = field(default_factory=dict)
    """Values of CrawlSettings."""
    contact: str = "https://crawler.example/about"
    settings: dict[str, Any] = field(default_factory=dict)
    """Scrapy settings over those of scrapy_settings()."""
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names and the addresses that they have, beside what the machine knows."""
    follow: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Addresses to ask for once another one was answered."""
    stop_after: float | None = None
    """Seconds after which the crawl is told to stop."""
    keep_fails: bool = False
    keep_takes: float = 0.0
    crawlers: int = 1
    sink: bool = True
    base: dict[str, float] = field(default_factory=dict)
    let_through: str = ""
    """An address that stands for one on the public internet."""


@dataclass
class Outcome:
    """What Scrapy's callback or errback got for one request."""

    url: str
    asked: str
    status: int | None = None
    body: bytes = b""
    flags: list[str] = field(default_factory=list)
    error: str = ""
    """The class of the exception."""
    message: str = ""
    cause: str = ""
    """NotAsked.cause or CaptureError.cause."""
    failed: str | None = None
    record: RecordRef | None = None
    ip: str | None = None
    certificate: bool = False
    after: float = 0.0
    """Seconds since the crawl's start."""


@dataclass
class Result:
    captures: list[Capture] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    log: str = ""
    peak: int = 0
    """Most memory that the crawl used, in MiB."""
    sitemaps: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    """`kept <url>` and `seen <url>`, as they happened."""

    def capture(self, url: str) -> Capture:
        [capture] = [capture for capture in self.captures if capture.url == url]
        return capture

    def failure(self, url: str) -> Failure:
        [failure] = [failure for failure in self.failures if failure.url == url]
        return failure

    def outcome(self, asked: str) -> Outcome:
        [outcome] = [outcome for outcome in self.outcomes if outcome.asked == asked]
        return outcome


START = "import sys, pathlib; from tests.crawler.driver import main; main(pathlib.Path(sys.argv[1]))"


def crawl(job: Job, folder: Path, *, env: Mapping[str, str] | None = None, timeout: float = 60) -> Result:
    """Run a job in a child process and give its result."""
    (folder / "job.pickle").write_bytes(pickle.dumps(job))
    done = subprocess.run(
        [sys.executable, "-c", START, str(folder)],
        env={**os.environ, "PYTHONWARNINGS": "default", **(env or {})},
        cwd=Path(__file__).parents[2],
        timeout=timeout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: Result = pickle.loads((folder / "result.pickle").read_bytes())
    result.log = done.stderr
    return result


class ListSink:
    """Keeps exchanges in a list, in place of an archive."""

    def __init__(self, result: Result, job: Job) -> None:
        self.result, self.job = result, job

    async def keep(self, capture: Capture) -> RecordRef:
        from archive.errors import DiskFull

        if self.job.keep_fails:
            raise DiskFull("no room", hint="make room")
        await asyncio.sleep(self.job.keep_takes)
        self.result.captures.append(capture)
        self.result.order.append(f"kept {capture.url}")
        number = len(self.result.captures)
        return RecordRef(file="x", offset=number, length=1, record_id=str(number), payload_digest="")

    async def fail(self, failure: Failure) -> None:
        self.result.failures.append(failure)


class MapResolver:
    """Twisted's resolver, with names of the job's own."""

    hosts: Mapping[str, Sequence[str]] = {}

    def __init__(self, reactor: Any) -> None:
        self.reactor, self.original = reactor, reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> MapResolver:
        return cls(reactor)

    def install_on_reactor(self) -> None:
        self.reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        from twisted.internet.address import IPv4Address, IPv6Address

        if hostName not in self.hosts:
            return self.original.resolveHostName(
                resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics
            )
        resolutionReceiver.resolutionBegan(None)
        for address in self.hosts[hostName]:
            kind = IPv6Address if ":" in address else IPv4Address
            resolutionReceiver.addressResolved(kind("TCP", address, portNumber))
        resolutionReceiver.resolutionComplete()
        return resolutionReceiver


def peak() -> int:
    """Give the most memory that this process used, in MiB."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) >> 10


def main(folder: Path) -> None:
    from scrapy import Request, Spider, signals
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.gate import Gate
    from crawler.politeness.components import scrapy_settings

    job: Job = pickle.loads((folder / "job.pickle").read_bytes())
    result = Result()
    site = Site(
        root=folder, contact=job.contact, crawl=replace(CrawlSettings(allow_private=True, delay=0.0), **job.crawl)
    )
    MapResolver.hosts = job.hosts
    began = time.monotonic()
    if job.let_through:
        from ipaddress import IPv4Network

        from crawler.capture import guard

        guard.SPECIAL_4.pop(IPv4Network("127.0.0.0/8"))
        others = IPv4Network("127.0.0.0/8").address_exclude(IPv4Network(job.let_through))
        guard.SPECIAL_4 |= dict.fromkeys(others, "loopback")

    class Asker(Spider):
        name = "asker"
        custom_settings = {"LOG_LEVEL": "INFO"}

        def __init__(self, asks: Sequence[Ask], **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.asks = asks

        def request(self, ask: Ask) -> Request:
            return Request(
                ask.url,
                self.seen,
                method=ask.method,
                headers=ask.headers,
                body=ask.body,
                errback=self.failed,
                dont_filter=True,
                meta={**ask.meta, "asked": ask.url},
            )

        async def start(self) -> AsyncIterator[Any]:
            if job.stop_after is not None:
                asyncio.get_running_loop().call_later(
                    job.stop_after, lambda: asyncio.ensure_future(self.crawler.stop_async())
                )
            for ask in self.asks:
                yield self.request(ask)

        def seen(self, response: Any) -> Any:
            meta = response.meta
            result.order.append(f"seen {response.url}")
            result.outcomes.append(
                Outcome(
                    url=response.url,
                    asked=meta["asked"],
                    status=response.status,
                    body=response.body,
                    flags=response.flags,
                    record=meta.get("record"),
                    ip=str(response.ip_address),
                    certificate=response.certificate is not None,
                    after=time.monotonic() - began,
                )
            )
            for url in job.follow.get(meta["asked"], ()):
                yield self.request(Ask(url))

        def failed(self, failure: Any) -> None:
            request, error = failure.request, failure.value
            result.outcomes.append(
                Outcome(
                    url=request.url,
                    asked=request.meta["asked"],
                    error=type(error).__name__,
                    message=str(error),
                    cause=getattr(error, "cause", ""),
                    failed=request.meta.get("failed"),
                    record=request.meta.get("record"),
                    after=time.monotonic() - began,
                )
            )

    settings = {
        **scrapy_settings(site),
        "TWISTED_DNS_RESOLVER": "tests.crawler.driver.MapResolver",
        "HTTPERROR_ALLOW_ALL": True,
        **job.settings,
    }
    process = AsyncCrawlerProcess(settings)
    gate = Gate(site.crawl.delay)
    for host, seconds in job.base.items():
        gate.base(host, seconds)
    crawlers = []
    for number in range(job.crawlers):
        crawler: Any = process.create_crawler(Asker)
        crawler.site, crawler.gate = site, gate
        if job.sink:
            crawler.capture_sink = ListSink(result, job)

        def parsed(robotparser: Any, **_: Any) -> None:
            result.sitemaps.extend(robotparser.rp.sitemaps)

        crawler.parsed = parsed
        crawler.signals.connect(parsed, signals.robots_parsed)
        crawlers.append(crawler)
        process.crawl(crawler, asks=job.asks[number :: job.crawlers])
    process.start()
    result.seconds = time.monotonic() - began
    result.peak = peak()
    result.stats = {k: v for k, v in crawlers[0].stats.get_stats().items() if isinstance(v, int | float | str)}
    (folder / "result.pickle").write_bytes(pickle.dumps(result))
