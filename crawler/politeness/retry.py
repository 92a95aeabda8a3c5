"""Asking again: after what the server says (Retry-After), else backing off; the whole host waits, no other does."""

from __future__ import annotations

import logging
import random
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware as ScrapyRetryMiddleware
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.capture.handler import gate_of, site_of
from crawler.retry_after import wished
from crawler.unasked import NotAsked

logger = logging.getLogger(__name__)

MAX_BACK_OFF = 300.0
"""Seconds."""


class RetryMiddleware(ScrapyRetryMiddleware):
    """Scrapy's retries, with pauses: the gate holds the host, so no request of another host waits."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryMiddleware:
        """Make one that shares the crawler's gate."""
        made = super().from_crawler(crawler)
        site = site_of(crawler)
        made._gate, made._longest = gate_of(crawler, site), site.crawl.max_retry_after
        made._given_up = {}
        return made

    _gate: Any
    _longest: float
    _given_up: dict[str, str]

    def process_request(self, request: Request, spider: Any = None) -> None:
        """Drop the requests of a host that is left for a later run."""
        if reason := self._given_up.get(_host(request)):
            raise NotAsked(f"not asked, for {reason}: {request.url}", cause="host-given-up")

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Any = None,
    ) -> Request | Response:
        """Ask again after a passing failure, when its time has come."""
        if request.meta.get("dont_retry", False) or response.status not in self.retry_http_codes:
            return response
        headers = response.headers
        seconds = wished(response.status, headers.get(b"Retry-After"), headers.get(b"Date"))
        if seconds is not None and seconds > self._longest:
            self._give_up(request, seconds)
            return response
        again = super().process_response(request, response)
        if seconds is None and isinstance(
            again, Request
        ):  # where it is wished, the handler has paused the host already
            self._back_off(again)
        return again

    def process_exception(
        self,
        request: Request,
        exception: Exception,
        spider: Any = None,
    ) -> Request | Response | None:
        """Ask again after an error of the network, backing off."""
        again = super().process_exception(request, exception)
        if isinstance(again, Request):
            self._back_off(again)
        return again

    def _give_up(self, request: Request, seconds: float) -> None:
        host = _host(request)
        reason = f"{host} asked for a pause of {seconds:g} s, longer than crawl.max_retry_after ({self._longest:g} s)"
        logger.warning("%s: left for a later run", reason)
        self._given_up[host] = reason

    def _back_off(self, again: Request) -> None:
        """Pause the host for twice its delay, doubled with each try, and up to half as much more by chance."""
        host, tries = _host(again), again.meta.get("retry_times", 1)
        pause = self._gate.interval(host) * 2.0**tries
        self._gate.pause(host, min(MAX_BACK_OFF, pause * random.uniform(1.0, 1.5)))  # noqa: S311


def _host(request: Request) -> str:
    return (urlparse_cached(request).hostname or "").lower()
