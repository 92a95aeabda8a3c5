"""Asking again: after what the server says (Retry-After), else backing off; the whole host waits, no other does."""

from __future__ import annotations

import random
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware as ScrapyRetryMiddleware
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.capture.handler import gate_of, site_of
from crawler.gate import Gate
from crawler.unasked import NotAsked

MAX_BACK_OFF = 300.0
"""Seconds."""


class RetryMiddleware(ScrapyRetryMiddleware):
    """Scrapy's retries, with pauses: the gate holds the host, so no request of another host waits.

    Pauses that a server asks for are the handler's: they hold before the next request of the line.
    """

    _gate: Gate

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryMiddleware:
        """Make one that shares the crawler's gate."""
        made = super().from_crawler(crawler)
        made._gate = gate_of(crawler, site_of(crawler))
        return made

    def process_request(self, request: Request, spider: Any = None) -> None:
        """Drop the requests of a host that is left for a later run."""
        if reason := self._gate.given_up(_host(request)):
            raise NotAsked(f"not asked, for {reason}: {request.url}", cause="host-given-up")

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Ask again after a passing failure, when its time has come."""
        if self._gate.given_up(_host(request)):
            return response
        again = super().process_response(request, response)
        if isinstance(again, Request) and not self._gate.paused(_host(request)):
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

    def _back_off(self, again: Request) -> None:
        """Pause the host for twice its delay, doubled with each try, and up to half as much more by chance."""
        host, tries = _host(again), again.meta.get("retry_times", 1)
        pause = self._gate.interval(host) * 2.0**tries
        self._gate.pause(host, min(MAX_BACK_OFF, pause * random.uniform(1.0, 1.5)))  # noqa: S311


def _host(request: Request) -> str:
    return (urlparse_cached(request).hostname or "").lower()
