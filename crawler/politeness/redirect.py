"""Redirects: Scrapy's rules (http and https only, credentials stay at home), with the end of a chain recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware as ScrapyRedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.capture import Failure
from crawler.capture.request import provenance
from crawler.capture.sink import CaptureSink
from crawler.unasked import NotAsked


class TooManyRedirects(NotAsked):
    """A chain of redirects was left at its limit."""


class RedirectMiddleware(ScrapyRedirectMiddleware):
    """Follows up to REDIRECT_MAX_TIMES redirects; each hop is kept by the handler, the one too many is a Failure."""

    async def process_response(  # type: ignore[override]
        self,
        request: Request,
        response: Response,
        spider: Any = None,
    ) -> Request | Response:
        """Follow a redirect. Raises TooManyRedirects."""
        try:
            return super().process_response(request, response)
        except ValueError:  # a Location that is no address (an impossible port, say): the answer is an answer
            return response
        except IgnoreRequest as error:
            message = f"left after {len(request.meta.get('redirect_urls', ()))} redirects: {request.url}"
            await self._record(request, message)
            raise TooManyRedirects(message, cause="too-many-redirects") from error

    async def _record(self, request: Request, message: str) -> None:
        sink: CaptureSink | None = getattr(self.crawler, "capture_sink", None)
        if sink is not None:
            asked, moment = provenance(request, self.crawler), datetime.now(UTC)
            cause = "too-many-redirects"
            await sink.fail(Failure(url=request.url, started=moment, provenance=asked, cause=cause, message=message))
