"""The frozen types of what was captured: one exchange as it went over the wire, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Truncated = Literal["length", "time", "disconnect", "unspecified"]
"""Why a response is not whole, in the words of WARC 1.1 section 5.13 (WARC-Truncated)."""

Why = Literal["home", "feed", "sitemap", "section", "article", "requisite", "robots", "probe", "add"]
"""What an address was asked for. A redirect's target keeps the reason of the first request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Why and under which rules a request was made; kept in the exchange's WARC metadata record."""

    outlet: str
    run: str
    why: Why
    via: str | None = None
    """The address that led here (a feed, a page, the redirecting address); None for a seed."""
    robots: str = "allowed"
    """allowed | none (no robots.txt: 4xx) | exempt (robots.txt itself) | ignored (by the outlet's written choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One HTTP exchange, byte for byte.

    `request` and `response` are what went over the wire (below content and transfer coding, above TLS): request line or
    status line, headers in their order and case, body with its transfer coding. `response` starts at the final status
    line; informational (1xx) answers before it stand in `interim`.
    """

    url: str
    """As requested, without fragment."""
    started: datetime
    """UTC, microseconds: the start of the exchange."""
    request: bytes
    response: bytes
    provenance: Provenance
    interim: bytes = b""
    peer: str | None = None
    """The address that answered, without port (RFC 5952 for IPv6)."""
    certificate: bytes | None = None
    """The server's TLS certificate, DER; None over plain HTTP."""
    protocol: str = "http/1.1"
    """In the words of WARC-Protocol (iipc/warc-specifications#42): http/1.0, http/1.1."""
    truncated: Truncated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that brought no response at all: kept as a WARC metadata record, so that a rebuild knows of it."""

    url: str
    started: datetime
    provenance: Provenance
    cause: str
    """One word for counting: dns | refused | timeout | tls | connection | forbidden-address | robots |
    robots-unreachable | too-many-redirects | invalid | other."""
    message: str
    """One line for a person."""


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Where a capture's response record lies."""

    file: str
    """Relative to the archive's folder, with forward slashes."""
    offset: int
    length: int
    """Of the (compressed) record in the file, in bytes."""
    record_id: str
    """The UUID of WARC-Record-ID, without `urn:uuid:` and brackets: the id of the capture."""
    payload_digest: str
    """sha256 of the de-chunked payload, hex."""
