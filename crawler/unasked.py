"""The error of a request that was dropped before it was sent, with the reason."""

from __future__ import annotations

from typing import Literal

from scrapy.exceptions import IgnoreRequest

Reason = Literal["robots", "robots-unreachable", "too-many-redirects", "host-given-up", "stopping"]


class NotAsked(IgnoreRequest):
    """Scrapy drops the request without noise; an errback gets this and reads `cause`.

    `stopping` and `host-given-up` say nothing of the address: it is still due in a later run.
    """

    def __init__(self, message: str, *, cause: Reason) -> None:
        super().__init__(message)
        self.message = message
        self.cause: Reason = cause
