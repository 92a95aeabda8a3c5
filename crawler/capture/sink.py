"""Where the download handler delivers what it caught, so that it need not know the archive."""

from __future__ import annotations

from typing import Protocol

from archive.capture import Capture, Failure, RecordRef

RECORD = "record"
"""Key of `request.meta`: the RecordRef of the answer, once it is kept."""
FAILED = "failed"
"""Key of `request.meta`: the cause, in the words of Failure, when nothing came back."""
PROVENANCE = "provenance"
"""Key of `request.meta`: the Provenance that the asker gives."""
ROBOTS = "robots"
"""Key of `request.meta`: what robots.txt said of the address (allowed | none | ignored), set by RobotsMiddleware."""


class CaptureSink(Protocol):
    """Keeps exchanges; set as `crawler.capture_sink` before the crawl starts.

    The handler awaits it before anybody sees the response. What it raises (DiskFull, StorageError) goes on as it is.
    """

    async def keep(self, capture: Capture) -> RecordRef:
        """Keep one exchange for good and tell where it lies."""

    async def fail(self, failure: Failure) -> None:
        """Keep the news that a request brought no response."""
