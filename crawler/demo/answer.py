"""One request and one answer as bytes: header order and case, content coding, transfer coding, exactly as sent."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate, mktime_tz, parsedate_tz
from http import HTTPStatus
from typing import Literal

from crawler.demo.content import Framing, Habits

Headers = tuple[tuple[str, str], ...]
End = Literal["keep", "close", "reset", "hold"]
"""What becomes of the connection: kept for the next request, closed, reset (RST), held open in silence."""

ID_HEADER = "X-Demo-Id"
SMALLEST_GZIP = 200
"""Bytes; below it, answers are sent plain even by outlets that compress."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was read from the connection."""

    method: str
    target: str
    headers: Headers
    raw: bytes
    body: bytes = b""

    def get(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def closing(self) -> bool:
        """The client wants no further answer on this connection."""
        return (self.get("connection") or "").lower() == "close" or self.raw.split(b"\r\n", 1)[0].endswith(b"HTTP/1.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer before it is put into bytes."""

    what: str
    """For the log: article, home, section, feed, sitemap, robots, requisite, redirect, loop, calendar, forbidden, …"""
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    headers: Headers = ()
    modified: float | None = None
    """Seconds since the epoch, for Last-Modified."""
    validated: bool = False
    """An ETag is sent and honoured, where the outlet has the habit."""


@dataclass(frozen=True, slots=True)
class Step:
    """Bytes to write after a pause (seconds)."""

    data: bytes
    pause: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What goes over the connection, and what it holds."""

    status: int
    what: str
    steps: tuple[Step, ...]
    head: bytes = b""
    """From the final status line to the blank line, both included."""
    entity: bytes = b""
    """The body without its transfer coding, content coding still on."""
    end: End = "keep"
    id: str = ""

    @property
    def response(self) -> bytes:
        return b"".join(step.data for step in self.steps)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Head, entity and body bytes of one whole answer."""

    head: bytes
    entity: bytes
    body: bytes = field(repr=False)


def wire(answer: Answer, request: Request, habits: Habits, exchange: str, now: float) -> Wire:
    """Put an answer into the bytes that an outlet of these habits sends."""
    answer = _conditional(answer, request, habits)
    headers: list[tuple[str, str]] = [*habits.headers, ("Date", formatdate(now, usegmt=True))]
    if answer.content_type:
        headers.append(("Content-Type", answer.content_type))
    headers += answer.headers
    if answer.modified is not None and habits.etag:
        headers.append(("Last-Modified", formatdate(answer.modified, usegmt=True)))
    if answer.validated and habits.etag:
        headers.append(("ETag", etag(answer.body)))
    if habits.cookies and answer.what in ("home", "section", "article"):
        headers += [("Set-Cookie", f"visit={exchange}; path=/"), ("Set-Cookie", "theme=day; path=/; HttpOnly")]
    entity, bodiless = answer.body, answer.status == 304
    willing = habits.gzip and len(entity) >= SMALLEST_GZIP and not bodiless
    if willing and "gzip" in (request.get("accept-encoding") or ""):
        entity = gzip.compress(entity, 6, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    headers.append((ID_HEADER, exchange))
    framing = "length" if bodiless else habits.framing
    end: End = "close" if framing == "close" or request.closing else "keep"
    sealed = seal(answer.status, headers, entity, framing, bodiless=bodiless, lower_case=habits.lower_case, end=end)
    if request.method == "HEAD":
        sealed = replace(sealed, entity=b"", body=b"")
    return Wire(
        status=answer.status,
        what=answer.what,
        steps=(Step(sealed.head + sealed.body),),
        head=sealed.head,
        entity=sealed.entity,
        end=end,
        id=exchange,
    )


def seal(
    status: int,
    headers: Sequence[tuple[str, str]],
    entity: bytes,
    framing: Framing = "length",
    *,
    bodiless: bool = False,
    lower_case: bool = False,
    end: End = "keep",
) -> Sealed:
    """Head and body bytes of an answer; `bodiless` leaves out every word on the body's length (304)."""
    lines = list(headers)
    body = entity
    if bodiless:
        entity = body = b""
    elif framing == "chunked":
        lines.append(("Transfer-Encoding", "chunked"))
        body = chunked(entity)
    elif framing == "odd-chunks":
        lines += [("Transfer-Encoding", "chunked"), ("Trailer", "X-Checksum")]
        body = chunked(entity, odd=True)
    elif framing == "length":
        lines.append(("Content-Length", str(len(entity))))
    lines.append(("Connection", "keep-alive" if end == "keep" else "close"))
    return Sealed(head(status, lines, lower_case=lower_case), entity, body)


def head(status: int, headers: Sequence[tuple[str, str]], *, lower_case: bool = False) -> bytes:
    """Status line and headers, to the blank line."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name.lower() if lower_case else name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def chunked(entity: bytes, *, odd: bool = False, size: int = 4000) -> bytes:
    """The entity in chunks; odd: sizes in both cases with leading zeros, chunk extensions, and a trailer at the end."""
    parts = [entity[start : start + size] for start in range(0, len(entity), size)]
    out = bytearray()
    for number, part in enumerate(parts):
        line = f'{len(part):05X};part={number};note="a b"' if odd else f"{len(part):x}"
        out += line.encode() + b"\r\n" + part + b"\r\n"
    out += b"0;last\r\n" if odd else b"0\r\n"
    if odd:
        out += f"X-Checksum: {hashlib.sha256(entity).hexdigest()}\r\n".encode()
    return bytes(out + b"\r\n")


def etag(body: bytes) -> str:
    """A strong validator of a body before its content coding."""
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def _conditional(answer: Answer, request: Request, habits: Habits) -> Answer:
    if habits.etag and answer.validated and answer.status == 200 and _unchanged(answer, request):
        # The body stays on the value, so that the 304 carries the validator of what it stands for; it is never sent.
        return replace(answer, status=304, content_type="")
    return answer


def _unchanged(answer: Answer, request: Request) -> bool:
    """If-None-Match decides; If-Modified-Since only without it (RFC 9110, section 13.2.2)."""
    if (tags := request.get("if-none-match")) is not None:
        return etag(answer.body) in tags
    since = parsedate_tz(request.get("if-modified-since") or "")
    return since is not None and answer.modified is not None and int(answer.modified) <= mktime_tz(since)
