"""Which headers a replayed answer carries: none of the archived ones but those that say what the bytes are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from archive.http import Head
from archive.replay.address import WRITABLE

MEDIA_TYPE = re.compile(
    r"""
      [\w!#$&^.+-]+ / [\w!#$&^.+-]+                                             # type / subtype
      (?: \s*+ ; \s*+ [\w.+-]+ = (?: "[^"\\]*+" | [\w!#$&'*+.^`|~:/-]++ ) )*+   # parameters, as charset=utf-8
      (?: \s*+ ; )?
    """,
    re.VERBOSE | re.ASCII,
)
LANGUAGE = re.compile(r"[A-Za-z0-9-]+(?:\s*,\s*[A-Za-z0-9-]+)*", re.ASCII)
CODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "identity"})

FONT = re.compile(r"font/|application/(?:x-)?font|application/vnd\.ms-fontobject")


def policy(replay_origin: str, app_origins: tuple[str, ...]) -> str:
    """Return the Content-Security-Policy of everything that is replayed.

    The replay origin is named in full: under `sandbox` a page's own origin is opaque, and 'self' matches nothing.
    """
    ancestors = " ".join(app_origins) or "'none'"
    return "; ".join(
        [
            "sandbox",
            "default-src 'none'",
            f"img-src {replay_origin} data:",
            f"style-src {replay_origin} 'unsafe-inline'",
            f"font-src {replay_origin} data:",
            f"media-src {replay_origin} data:",
            "script-src 'none'",
            "connect-src 'none'",
            "object-src 'none'",
            "frame-src 'none'",
            "worker-src 'none'",
            "manifest-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors {ancestors}",
        ]
    )


def safety(content_security_policy: str) -> dict[str, str]:
    """Return the headers that every answer of the replay origin carries, whatever it is."""
    return {
        "Content-Security-Policy": content_security_policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        "Cache-Control": "private, no-cache",
        # A sandboxed page is of another origin than its own images.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def memento(url: str, when: datetime) -> dict[str, str]:
    """Return what RFC 7089 asks of a memento: when it was captured, the original, and where other times are found."""
    written = quote(url, safe=WRITABLE)
    return {
        "Memento-Datetime": http_date(when),
        "Link": f'<{written}>; rel="original", </{written}>; rel="timegate"',
    }


def http_date(when: datetime) -> str:
    """Return a time as HTTP writes it (RFC 9110 section 5.6.7)."""
    return format_datetime(when.astimezone(UTC).replace(microsecond=0), usegmt=True)


def as_archived(head: Head) -> dict[str, str]:
    """Return what an archived answer says of its bytes, where it says it in a form that can be repeated."""
    kept: dict[str, str] = {}
    content_type = (head.get("content-type") or "").strip()
    if MEDIA_TYPE.fullmatch(content_type):
        kept["Content-Type"] = content_type
    coding = ", ".join(head.all("content-encoding")).lower()
    if coding and all(part.strip() in CODINGS for part in coding.split(",")):
        kept["Content-Encoding"] = coding
    language = (head.get("content-language") or "").strip()
    if LANGUAGE.fullmatch(language):
        kept["Content-Language"] = language
    return kept


def fonts(content_type: str) -> Mapping[str, str]:
    """Return what lets a sandboxed page load a font: browsers ask for one as a stranger. Fonts are no secret."""
    return {"Access-Control-Allow-Origin": "*"} if FONT.match(content_type) else {}
