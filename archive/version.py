"""The frozen types of an article through time, and of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.article import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An article's text from the capture that first showed it to the last that did."""

    id: str
    """Hash of article id, text digest and ordinal."""
    article_id: str
    ordinal: int
    """1 for the oldest."""
    first_seen: datetime
    last_seen: datetime
    first_capture: str
    """Record id of the capture that it was taken from."""
    last_capture: str
    text_digest: str
    """sha256 of title and text, hex."""
    article: Article
    captures: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one crawl of one outlet did."""

    id: str
    outlet: str
    started: datetime
    ended: datetime | None = None
    outcome: str = "running"
    """running | done | failed | limit | interrupted | disk-full."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Responses by outcome: `200`, `304`, `404`, `articles`, `bytes`, `failed:dns` …"""
