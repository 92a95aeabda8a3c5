"""What is read off an answer's head, and how a time is written for the frontier."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.http import Response

from crawler.discovery.address import address


def content_type(response: Response) -> str | None:
    """Return the Content-Type as the server sent it."""
    value = response.headers.get("Content-Type")
    return value.decode("latin-1") if value else None


def location(response: Response) -> str:
    """Return where a redirect leads, in its one spelling; empty where that is no web address."""
    value = response.headers.get("Location")
    return address(response.urljoin(value.decode("latin-1"))) if value else ""


def stamp(when: datetime | None) -> str | None:
    """Return a time as the frontier compares it: UTC, to the second; one without a zone is taken for UTC."""
    if when is None:
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
