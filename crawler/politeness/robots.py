"""robots.txt as RFC 9309 has it: by authority, failing closed, with its Crawl-delay, and each refusal recorded."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from archive.capture import Failure
from crawler.capture.handler import PARTIAL, gate_of, site_of
from crawler.capture.request import PORTS, provenance
from crawler.capture.sink import PROVENANCE, ROBOTS, CaptureSink
from crawler.errors import CaptureError, ForbiddenAddress
from crawler.politeness.identity import robots_token
from crawler.politeness.redirect import TooManyRedirects
from crawler.unasked import NotAsked

logger = logging.getLogger(__name__)

MAX_BYTES = 500 << 10
"""Bytes that are read of a robots.txt: RFC 9309 section 2.5 asks for at least 500 KiB."""
MAX_REDIRECTS = 5
"""RFC 9309 section 2.3.1.2."""
MAX_DELAY = 120.0
"""Seconds; a longer Crawl-delay is taken for this (Common Crawl's cap): some sites write a day to mean `go away`."""
MAX_AGE = 24 * 3600.0
"""Seconds for which an answer holds (RFC 9309 section 2.4)."""
UNREACHABLE = (
    CannotResolveHostError,
    CaptureError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,  # a body that unpacks to more than the cap, say
    OSError,  # Scrapy's decompression raises it for a body that is cut
)
POLICY = "robots_policy"
"""Key of `request.meta`: `ignore` where the outlet's file says so, with its reason."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the robots.txt of one authority says."""

    parser: RobotParser | None = None
    """None: no rules, all is allowed."""
    unreachable: str = ""
    """Why the file could not be had, which forbids everything; empty if it could."""
    error: Exception | None = None
    """What each request is refused with, where robots.txt is not the reason."""


class RobotsMiddleware(RobotsTxtMiddleware):
    """Drops what robots.txt forbids and sets `request.meta["robots"]` for what it does not.

    Scrapy's own keys by host without the scheme, and takes a server that fails for one that allows everything.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        site = site_of(crawler)
        self._gate = gate_of(crawler, site)
        self._token = robots_token(site)
        self._known: dict[str, tuple[float, asyncio.Task[Rules]]] = {}

    async def process_request(self, request: Request, spider: Any = None) -> None:
        """Let a request pass, or raise NotAsked (forbidden, or robots.txt unreachable) or ForbiddenAddress."""
        url = urlparse_cached(request)
        if request.meta.get("dont_obey_robotstxt") or url.scheme not in PORTS or not url.hostname:
            return
        if request.meta.get(POLICY) == "ignore":
            request.meta[ROBOTS] = "ignored"
            return
        if url.path == "/robots.txt":
            request.meta[ROBOTS] = "exempt"
            return
        rules = await self._rules(request)
        if rules.error is not None:
            raise rules.error
        if rules.unreachable:
            raise NotAsked(f"not asked, for {rules.unreachable}: {request.url}", cause="robots-unreachable")
        if rules.parser is not None and not rules.parser.allowed(request.url, self._token):
            await self._refuse(request)
        request.meta[ROBOTS] = "none" if rules.parser is None else "allowed"

    async def _refuse(self, request: Request) -> None:
        self._stats.inc_value("robotstxt/forbidden")
        message = f"robots.txt forbids {request.url}"
        await self._fail(request, request.url, "robots", message)
        raise NotAsked(message, cause="robots")

    async def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:
        """Learn from a robots.txt that the spider itself has asked for: it need not be asked for again."""
        url = urlparse_cached(request)
        if url.path == "/robots.txt" and not request.meta.get("dont_obey_robotstxt") and url.hostname:
            authority = _authority(request)
            if authority not in self._known:
                task = asyncio.ensure_future(self._read(request, response, request))
                self._known[authority] = (time.monotonic(), task)
                await asyncio.shield(task)
        return response

    async def _rules(self, request: Request) -> Rules:
        """Give the rules of a request's authority; asked for once, whoever waits for them."""
        authority = _authority(request)
        since, task = self._known.get(authority, (0.0, None))
        if task is None or time.monotonic() - since > MAX_AGE:
            task = asyncio.ensure_future(self._load(authority, request))
            self._known[authority] = (time.monotonic(), task)
        return await asyncio.shield(task)

    async def _load(self, authority: str, request: Request) -> Rules:
        asker = provenance(request, self.crawler)
        robots = Request(
            f"{authority}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={
                "dont_obey_robotstxt": True,
                "redirect_ttl": MAX_REDIRECTS,
                PROVENANCE: replace(asker, why="robots", via=None, robots="exempt"),
            },
        )
        self._stats.inc_value("robotstxt/request_count")
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(robots)
        except TooManyRedirects:
            return Rules()  # RFC 9309: a file behind more than five redirects is no file
        except ForbiddenAddress as error:
            return Rules(error=error)  # recorded by the handler, with the setting that would allow it
        except NotAsked as error:
            return Rules(error=error)
        except UNREACHABLE as error:
            return await self._unreachable(robots, f"{robots.url} could not be had ({error})")
        return await self._read(robots, response, request)

    async def _read(self, robots: Request, response: Response, request: Request) -> Rules:
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status >= 500 or response.status == 429:
            return await self._unreachable(robots, f"{robots.url} answered {response.status}")
        if not 200 <= response.status < 300:
            return Rules()
        if PARTIAL in response.flags and len(response.body) < MAX_BYTES:
            return await self._unreachable(robots, f"{robots.url} came cut short")
        parser: RobotParser = build_from_crawler(self._parserimpl, self.crawler, first_lines(response.body))
        self._slow_down(robots, parser)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return Rules(parser)

    def _slow_down(self, robots: Request, parser: RobotParser) -> None:
        delay, host = parser.crawl_delay(self._token), urlparse_cached(robots).hostname
        if not delay or host is None:
            return
        if delay > MAX_DELAY:
            logger.info("%s asks for a Crawl-delay of %g s: %g s it is", robots.url, delay, MAX_DELAY)
        self._gate.delay(host, min(delay, MAX_DELAY))

    async def _unreachable(self, robots: Request, message: str) -> Rules:
        logger.warning("%s: nothing is asked of it in this run", message)
        self._stats.inc_value("robotstxt/unreachable")
        await self._fail(robots, robots.url, "robots-unreachable", message)
        return Rules(unreachable=message)

    async def _fail(self, request: Request, url: str, cause: str, message: str) -> None:
        sink: CaptureSink | None = getattr(self.crawler, "capture_sink", None)
        if sink is not None:
            asked = provenance(request, self.crawler)
            await sink.fail(Failure(url=url, started=datetime.now(UTC), provenance=asked, cause=cause, message=message))


def first_lines(body: bytes) -> bytes:
    """Return the whole lines in the first MAX_BYTES of a robots.txt."""
    if len(body) <= MAX_BYTES:
        return body
    end = max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))
    return body[: end + 1]


def _authority(request: Request) -> str:
    """Return what a robots.txt holds for: scheme, host and port."""
    url = urlparse_cached(request)
    assert url.hostname is not None
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    port = "" if url.port in {None, PORTS[url.scheme]} else f":{url.port}"
    return f"{url.scheme}://{host}{port}"
